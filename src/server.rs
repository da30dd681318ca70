//! Binding, accepting, draining: the life of the program around its connections.

mod client_address;
mod connections;
mod gathered;
mod packets;
mod pages;
mod reload;
mod socket;
mod watchdog;

use crate::{
    config::{Config, ConfigError, MilterConfig, Socket},
    history::History,
    log,
    metrics::{Metrics, RegisterError},
    milter,
    session::Memory,
    shared::{LongWork, Shared, UnderWay},
};
use arc_swap::ArcSwap;
use connections::{Bounds, Connections};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    fmt, fs, io,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::DuplexStream,
    signal::unix::{Signal, SignalKind, signal},
    sync::{Semaphore, mpsc, watch},
    time::timeout,
};

/// How long connections may go on after SIGTERM. Below systemd's 90 s, above a DNS deadline.
const DRAIN: Duration = Duration::from_secs(20);

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
    let log = log::start(config.log_format, config.log_level, on_lost)
        .map_err(|error| RunError::Environment(format!("the log can't be started: {error}")))?;
    let history = Arc::new(History::default());
    let active = reload::activate(config, &metrics, &history)?;
    let milter = active.config.milter.clone();
    let (stop, stopped) = watch::channel(false);
    let signals = Signals::new().map_err(RunError::Environment)?;
    let connections = Connections::new(bounds(&milter), Arc::clone(&metrics));
    let (probe, probes) = mpsc::channel(1);
    let listener = socket::bind(
        &milter,
        Arc::clone(&connections),
        Arc::clone(&metrics),
        probes,
        until(stopped.clone()),
    )
    .await?;
    let http_listener = pages::bind(&active.config).await?;
    let http_name = http_listener.as_ref().map_or("off", |bound| &bound.name);
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, milter = listener.name, http = http_name, "ready");
    let shared = Arc::new(Shared {
        active: ArcSwap::from_pointee(active),
        metrics,
        history,
        under_way: UnderWay::default(),
        memory: Memory::new(milter.max_memory),
        long_work: LongWork::default(),
        mta_name: OnceLock::new(),
        probe: watchdog::secret_name(),
        over_tcp: matches!(milter.listen, Socket::Inet(..)),
    });
    let ready = Arc::new(AtomicBool::new(true));
    if let Some(listener) = http_listener {
        pages::serve(listener, &shared, &ready, until(stopped.clone()))?;
    }
    let Signals {
        hangup,
        mut terminate,
        mut interrupt,
    } = signals;
    let level = log.level.clone();
    tokio::spawn(reload::on_hangup(hangup, path, Arc::clone(&shared), level));
    tokio::spawn(reload::watch_dns(Arc::clone(&shared)));
    tokio::spawn(connections.sweep());
    start_watchdog(&shared, probe);
    notify(&[sd_notify::NotifyState::Ready]);
    let socket_path = listener.path.clone();
    let served = indymilter::run(
        listener,
        milter::callbacks(&shared),
        library_config(&milter),
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

/// Where systemd wants one (WatchdogSec).
fn start_watchdog(shared: &Shared, connect: mpsc::Sender<DuplexStream>) {
    if let Some(every) = watchdog::wanted() {
        let alive = || notify(&[sd_notify::NotifyState::Watchdog]);
        tokio::spawn(watchdog::run(every, shared.probe.clone(), connect, alive));
    }
}

/// The library would stop to accept at a limit of its own; [`connections`] has a better way, and
/// time-outs that are shorter than these.
fn library_config(config: &MilterConfig) -> indymilter::Config {
    indymilter::Config {
        max_connections: Semaphore::MAX_PERMITS,
        connection_timeout: 2 * config.idle_timeout,
        ..indymilter::Config::default()
    }
}

/// What the configuration says, and what file descriptors there are for it.
fn bounds(config: &MilterConfig) -> Bounds {
    let files = raise_file_limit();
    // DNS, the metrics and the log need some, too.
    let reserve = (files / 4).clamp(24, 512);
    let max = config
        .max_connections
        .min(files.saturating_sub(reserve))
        .max(1);
    if max < config.max_connections {
        tracing::warn!(
            files,
            configured = config.max_connections,
            max,
            "fewer connections than configured are served at a time: raise the limit of open files (LimitNOFILE in the systemd unit, or ulimit -n)"
        );
    }
    Bounds {
        max,
        command: config.command_timeout,
        idle: config.idle_timeout,
    }
}

/// Lets this process open as many files as it may, and says how many that are. What a process starts
/// with, often 1,024, is low for the sake of programs that use select(2).
fn raise_file_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    current.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    })
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
