//! Binding, accepting, reloading, draining: the life of the program around its connections.

use crate::{
    config::{Config, ConfigError, MilterConfig, Socket},
    history::History,
    http::{self, HttpState},
    log,
    metrics::{
        Metrics, RegisterError,
        words::{Fault, Reload},
    },
    milter,
    shared::{Active, Shared, UnderWay},
    verify::Verifier,
};
use arc_swap::ArcSwap;
use indymilter::Listener;
use std::{
    fmt, fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::{TcpListener, UnixListener},
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::{Sleep, sleep, timeout},
};

/// How long connections may go on after SIGTERM. Below systemd's 90 s, above a DNS deadline.
const DRAIN: Duration = Duration::from_secs(20);

/// How long is waited after a failed accept: with no file descriptor left it fails again at once.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Why the program can't run, or can't go on.
#[derive(Debug)]
pub enum RunError {
    /// The configuration is wrong: mend it.
    Config(Vec<ConfigError>),
    /// Something outside is in the way: look there.
    Environment(String),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(errors) => {
                f.write_str("the configuration is wrong:")?;
                for error in errors {
                    write!(f, "\n  {error}")?;
                }
                Ok(())
            }
            Self::Environment(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for RunError {}

impl From<RegisterError> for RunError {
    fn from(error: RegisterError) -> Self {
        Self::Environment(format!("metrics can't be set up: {error}"))
    }
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
///
/// [`RunError`] where it can't start, or its socket breaks.
pub async fn run(path: Option<PathBuf>) -> Result<(), RunError> {
    let config = Config::load(path.as_deref()).map_err(RunError::Config)?;
    let metrics = Arc::new(Metrics::new()?);
    let counting = Arc::clone(&metrics);
    let on_lost = move || counting.log_line_lost();
    let _log = log::start(config.log_format, config.log_level, on_lost)
        .map_err(|error| RunError::Environment(format!("the log can't be started: {error}")))?;
    let active = activate(config, &metrics)?;
    let milter = active.config.milter.clone();
    metrics.limit_connections(milter.max_connections);
    let (stop, stopped) = watch::channel(false);
    let signals = Signals::new().map_err(RunError::Environment)?;
    let listener = bind(&milter, Arc::clone(&metrics), until(stopped.clone())).await?;
    let http_listener = match &active.config.http {
        Some((host, port)) => Some(bind_tcp(host, *port, "http.listen").await?),
        None => None,
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        milter = listener.name,
        http = http_listener
            .as_ref()
            .map_or("off", |listener| &*listener.1),
        "ready"
    );
    let shared = Arc::new(Shared {
        active: ArcSwap::from_pointee(active),
        metrics,
        history: History::default(),
        under_way: UnderWay::default(),
    });
    let ready = Arc::new(AtomicBool::new(true));
    if let Some((listener, _)) = http_listener {
        let state = HttpState {
            shared: Arc::clone(&shared),
            ready: Arc::clone(&ready),
        };
        tokio::spawn(http::serve(listener, state, until(stopped.clone())));
    }
    let Signals {
        hangup,
        mut terminate,
        mut interrupt,
    } = signals;
    tokio::spawn(reload_on_hangup(hangup, path, Arc::clone(&shared)));
    notify(&[sd_notify::NotifyState::Ready]);
    let socket_path = listener.path.clone();
    let served = indymilter::run(
        listener,
        milter::callbacks(&shared),
        indymilter::Config {
            max_connections: milter.max_connections,
            connection_timeout: milter.idle_timeout,
            ..indymilter::Config::default()
        },
        drained(stopped.clone(), shared.under_way.clone()),
    );
    tokio::pin!(served);
    let result = tokio::select! {
        biased;
        result = &mut served => result,
        _ = terminate.recv() => drain(served, &ready, &stop).await,
        _ = interrupt.recv() => drain(served, &ready, &stop).await,
    };
    if let Some(path) = socket_path {
        let _ = fs::remove_file(path);
    }
    result.map_err(|error| RunError::Environment(format!("the milter socket broke: {error}")))
}

fn activate(config: Config, metrics: &Arc<Metrics>) -> Result<Active, RunError> {
    let observer = Arc::clone(metrics);
    let verifier = Verifier::new(&config, observer)
        .map_err(|error| RunError::Environment(error.to_string()))?;
    metrics.took_over(&config.brand, config.policy.applies());
    Ok(Active { config, verifier })
}

fn notify(states: &[sd_notify::NotifyState<'_>]) {
    // Without systemd there is nobody to tell, which is no fault.
    if let Err(error) = sd_notify::notify(false, states) {
        tracing::warn!(%error, "systemd can't be told of the state");
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Completes when the library may end its sessions. It would end them between two commands of a
/// message, so it hears of the stop only when no message is under way.
async fn drained(stopped: watch::Receiver<bool>, under_way: UnderWay) {
    until(stopped).await;
    under_way.none().await;
}

/// Stops: no new connections, and those with a message go on till its end, or [`DRAIN`] is over.
async fn drain(
    served: Pin<&mut impl Future<Output = io::Result<()>>>,
    ready: &AtomicBool,
    stop: &watch::Sender<bool>,
) -> io::Result<()> {
    tracing::info!("stopping: no new connections, messages under way go on");
    ready.store(false, Ordering::Release);
    notify(&[sd_notify::NotifyState::Stopping]);
    let _ = stop.send(true);
    timeout(DRAIN, served).await.unwrap_or_else(|_| {
        tracing::warn!("some messages did not end in time; the MTA will try them again");
        Ok(())
    })
}

/// Received from before the program says that it is ready: by default each of them would end it.
struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, String> {
        let receive =
            |kind| signal(kind).map_err(|error| format!("signals can't be received: {error}"));
        Ok(Self {
            hangup: receive(SignalKind::hangup())?,
            terminate: receive(SignalKind::terminate())?,
            interrupt: receive(SignalKind::interrupt())?,
        })
    }
}

/// Takes over a new configuration at every SIGHUP: whole, or not at all.
async fn reload_on_hangup(mut hangup: Signal, path: Option<PathBuf>, shared: Arc<Shared>) {
    // What a restart applies stays as it was at the start, however often a file is taken over.
    let started = shared.active.load().config.clone();
    while hangup.recv().await.is_some() {
        let result = Config::load(path.as_deref())
            .map_err(RunError::Config)
            .and_then(|config| activate(config, &shared.metrics));
        shared.metrics.reloaded(match result {
            Ok(_) => Reload::Success,
            Err(_) => Reload::Failure,
        });
        match result {
            Ok(active) => {
                let restart = started.needs_restart(&active.config);
                shared.active.store(Arc::new(active));
                if restart.is_empty() {
                    tracing::info!("the new configuration is in force for new connections");
                } else {
                    let keys = restart.join(", ");
                    tracing::warn!(
                        keys,
                        "the new configuration is in force for new connections, but for these keys, which need a restart"
                    );
                }
            }
            Err(error) => tracing::error!("the old configuration stays in force: {error}"),
        }
    }
}

/// A bound socket that goes on accepting whatever one accept says.
struct Accepting {
    kind: Kind,
    /// For the log.
    name: String,
    /// The file to remove at the end.
    path: Option<PathBuf>,
    /// Counts failed accepts.
    metrics: Arc<Metrics>,
    /// Set after a failed accept.
    pause: Option<Pin<Box<Sleep>>>,
    /// Completes when it is to be closed.
    stop: Pin<Box<dyn Future<Output = ()> + Send>>,
}

enum Kind {
    Tcp(TcpListener),
    Unix(UnixListener),
    Closed,
}

impl Listener for Accepting {
    type Io = indymilter::EitherStream<tokio::net::TcpStream, tokio::net::UnixStream>;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Io>> {
        loop {
            if !matches!(self.kind, Kind::Closed) && self.stop.as_mut().poll(cx).is_ready() {
                self.kind = Kind::Closed;
            }
            if let Some(pause) = &mut self.pause {
                std::task::ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            let accepted = match &self.kind {
                Kind::Tcp(listener) => listener.poll_accept(cx).map_ok(|(stream, _)| {
                    // A reply that waits for more data waits 40 ms for the other side's
                    // delayed acknowledgement.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "TCP_NODELAY can't be set");
                    }
                    Self::Io::Tcp(stream)
                }),
                Kind::Unix(listener) => listener
                    .poll_accept(cx)
                    .map_ok(|(stream, _)| Self::Io::Unix(stream)),
                Kind::Closed => return Poll::Pending,
            };
            match std::task::ready!(accepted) {
                Ok(stream) => return Poll::Ready(Ok(stream)),
                Err(error) => {
                    // The library would end the whole service here.
                    tracing::warn!(%error, "a connection can't be accepted; trying again");
                    self.metrics.protocol_error(Fault::Accept);
                    self.pause = Some(Box::pin(sleep(ACCEPT_RETRY)));
                }
            }
        }
    }
}

async fn bind(
    config: &MilterConfig,
    metrics: Arc<Metrics>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<Accepting, RunError> {
    let (kind, name, path) = match &config.listen {
        Socket::Inet(host, port) => {
            let (listener, name) = bind_tcp(host, *port, "milter.listen").await?;
            (Kind::Tcp(listener), name, None)
        }
        Socket::Unix(path) => {
            let listener = bind_unix(path, config)?;
            let name = format!("unix:{}", path.display());
            (Kind::Unix(listener), name, Some(path.clone()))
        }
    };
    Ok(Accepting {
        kind,
        name,
        path,
        metrics,
        pause: None,
        stop: Box::pin(stop),
    })
}

fn bind_unix(path: &Path, config: &MilterConfig) -> Result<UnixListener, RunError> {
    let fault = |what: &str, error: &dyn fmt::Display| {
        RunError::Environment(format!(
            "milter.listen: {}: {what}: {error}",
            path.display()
        ))
    };
    remove_stale(path).map_err(|error| fault("the socket is in use", &error))?;
    let listener =
        UnixListener::bind(path).map_err(|error| fault("the socket can't be made", &error))?;
    fs::set_permissions(path, fs::Permissions::from_mode(config.socket_mode))
        .map_err(|error| fault("its mode can't be set", &error))?;
    if let Some(group) = &config.socket_group {
        let id = group_id(group).map_err(|error| fault("milter.socket_group", &error))?;
        std::os::unix::fs::chown(path, None, Some(id))
            .map_err(|error| fault("its group can't be set", &error))?;
    }
    Ok(listener)
}

async fn bind_tcp(host: &str, port: u16, key: &str) -> Result<(TcpListener, String), RunError> {
    let fault = |error: io::Error| {
        let hint = match error.kind() {
            io::ErrorKind::AddrInUse => format!(
                "; another program, or another instance of this one, listens there: stop it, or \
                 set another {key}"
            ),
            io::ErrorKind::AddrNotAvailable => {
                format!("; this machine has no such address: set another {key}")
            }
            io::ErrorKind::PermissionDenied => {
                format!("; ports below 1024 are for root: set another {key}")
            }
            _ => String::new(),
        };
        RunError::Environment(format!(
            "{key}: {host}:{port} can't be listened on: {error}{hint}"
        ))
    };
    let listener = TcpListener::bind((host, port)).await.map_err(fault)?;
    let name = listener.local_addr().map_err(fault)?.to_string();
    Ok((listener, name))
}

/// Removes the socket of an instance that is gone. One that answers is left alone.
fn remove_stale(path: &Path) -> io::Result<()> {
    use std::os::unix::{fs::FileTypeExt, net::UnixStream};
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            Err(io::Error::other("there is a file of another kind"))
        }
        Ok(_) => match UnixStream::connect(path) {
            Ok(_) => Err(io::Error::other("another instance answers there")),
            Err(_) => fs::remove_file(path),
        },
    }
}

/// The number of a group in the system's file of groups, or a number as it is.
fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let groups = fs::read_to_string("/etc/group")?;
    groups
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let id = fields.nth(1)?.parse().ok()?;
            (name == group).then_some(id)
        })
        .next()
        .ok_or_else(|| io::Error::other("there is no such group in /etc/group"))
}
