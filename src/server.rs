//! Binding, accepting, draining: the life of the program around its connections.

mod account;
mod client_address;
mod connections;
mod fleet;
mod gathered;
mod packets;
mod pages;
mod reload;
mod seats;
mod service;
mod socket;
mod surroundings;
mod unused_memory;
mod watchdog;
mod workers;

pub use account::take_on as take_on_account;
pub use service::{Loading, Orders, Service, Worker, World};
pub use surroundings::faults as faults_of_surroundings;
pub use workers::Runtimes;

use crate::{
    attachments::Readers,
    clock::Clock,
    config::{Config, ConfigError, Files, MilterConfig},
    dns::Servers,
    log::{self, LevelSwitch},
    metrics::{Metrics, RegisterError},
    shared::Shared,
    verify::{begin_to_prepare, begin_to_prepare_brand},
};
use futures_util::stream;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{fmt, fs, io, path::PathBuf, pin::Pin, sync::Arc, time::Duration};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Semaphore, watch},
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

/// Runs until SIGTERM or SIGINT, with a worker on each of these runtimes.
///
/// # Errors
///
/// [`RunError`] where it can't start, or its socket breaks.
pub async fn run(files: Files, runtimes: Runtimes) -> Result<(), RunError> {
    begin_to_prepare();
    let config = Config::load(&files).map_err(RunError::Config)?;
    begin_to_prepare_brand(&config.brand);
    let metrics = Arc::new(Metrics::new()?);
    let counting = Arc::clone(&metrics);
    let on_lost = move || counting.log_line_lost();
    let log = log::start(config.log_format, config.log_level, on_lost)
        .map_err(|error| RunError::Environment(format!("the log can't be started: {error}")))?;
    let milter = config.milter.clone();
    let readers = readers(&config, &metrics).await;
    let world = machine(files, log.level.clone(), readers, runtimes.count());
    let (service, workers) = Service::new(world, config, metrics)?;
    let orders = orders().map_err(RunError::Environment)?;
    let socket = socket::bind(&milter).await?;
    let http_listener = pages::bind(&service.shared.active.load().config).await?;
    let http_name = http_listener
        .as_ref()
        .map_or_else(|| "off".to_owned(), |bound| bound.name.clone());
    unused_memory::give_back();
    if let Some(listener) = http_listener {
        pages::serve(listener, &service.shared, &service.ready, service.stops())?;
    }
    let shared = Arc::clone(&service.shared);
    let workers = runtimes.start(workers, socket.listener).map_err(|error| {
        RunError::Environment(format!("the milter socket can't be shared: {error}"))
    })?;
    // Nothing that could still end the start comes behind this.
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, milter = socket.name, http = http_name, "ready");
    let result = service.serve(workers.done(), orders).await;
    leave(socket.path, &shared).await;
    result.map_err(|error| RunError::Environment(format!("the milter socket broke: {error}")))
}

/// Removes the socket, and writes what the other instances were not told yet.
async fn leave(socket: Option<PathBuf>, shared: &Shared) {
    if let Some(path) = socket {
        let _ = fs::remove_file(path);
    }
    if let Some(fleet) = &shared.fleet {
        fleet.finish().await;
    }
}

/// Who opens files. Without them the program runs all the same.
async fn readers(config: &Config, metrics: &Arc<Metrics>) -> Option<Arc<Readers>> {
    let observer = Arc::clone(metrics);
    match Readers::start(Readers::this_program(), observer).await {
        Ok(readers) => Some(Arc::new(readers)),
        Err(why) => {
            if config.open_files {
                tracing::warn!(%why, "files of messages can't be opened, and count as unread");
            }
            None
        }
    }
}

/// What this machine gives: files, name servers, its clock, systemd.
fn machine(
    files: Files,
    level: LevelSwitch,
    readers: Option<Arc<Readers>>,
    workers: usize,
) -> World {
    World {
        load: Box::new(move || Box::pin(reload::load(files.clone()))),
        source: Box::new(|settings| Ok(Arc::new(Servers::new(settings)?))),
        clock: Clock::default(),
        readers,
        log_level: Box::new(move |wanted| level.set(wanted)),
        max_connections: Box::new(max_connections),
        workers,
        watchdog: watchdog::wanted().map(|every| {
            let alive = || notify(&[sd_notify::NotifyState::Watchdog]);
            (every, Box::new(alive) as Box<_>)
        }),
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
fn max_connections(config: &MilterConfig) -> usize {
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
    max
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

/// What is left of messages under way has [`DRAIN`] to end.
async fn drain(served: Pin<&mut impl Future<Output = io::Result<()>>>) -> io::Result<()> {
    timeout(DRAIN, served).await.unwrap_or_else(|_| {
        tracing::warn!("some messages did not end in time; the MTA will try them again");
        Ok(())
    })
}

/// Signals are received from before the program says that it is ready: by default each of them would end it.
fn orders() -> Result<Orders, String> {
    let receive =
        |kind| signal(kind).map_err(|error| format!("signals can't be received: {error}"));
    let mut hangup = receive(SignalKind::hangup())?;
    let mut terminate = receive(SignalKind::terminate())?;
    let mut interrupt = receive(SignalKind::interrupt())?;
    Ok(Orders {
        reloads: Box::pin(stream::poll_fn(move |cx| hangup.poll_recv(cx))),
        stop: Box::pin(async move {
            tokio::select! {
                biased;
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }),
    })
}
