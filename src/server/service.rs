//! The program around its connections, whoever brings them and whatever answers it: [`super::run`] gives it
//! this machine's sockets, signals, clock and DNS.

use super::{
    RunError,
    connections::{Bounds, Connections},
    drain, fleet, library_config, notify, pages, reload,
    socket::Accepting,
    until, watchdog,
};
use crate::{
    attachments::Readers,
    authenticate::Authenticator,
    clock::Clock,
    config::{Config, MilterConfig, Socket},
    dns::{Dns, DnsSettings, SetupError, Source},
    history::History,
    metrics::Metrics,
    milter,
    session::Memory,
    shared::{Active, LongWork, Shared, UnderWay},
    verify::Verifier,
};
use arc_swap::ArcSwap;
use futures_util::{future::BoxFuture, stream::BoxStream};
use indymilter::Listener;
use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::DuplexStream,
    sync::{mpsc, watch},
    task::JoinSet,
};
use tracing::Level;

/// What the program takes from the world around it.
pub struct World {
    /// Reads the configuration again, at each reload.
    pub load: Box<dyn Fn() -> Loading + Send + Sync>,
    /// Makes what answers questions to DNS, for each configuration.
    pub source: Box<MakeSource>,
    /// The date.
    pub clock: Clock,
    /// Who opens the files of messages, where anybody can.
    pub readers: Option<Arc<Readers>>,
    /// Changes how much is logged.
    pub log_level: Box<dyn Fn(Level) + Send + Sync>,
    /// How many connections may be open at a time.
    pub max_connections: Box<dyn Fn(&MilterConfig) -> usize + Send + Sync>,
    /// How many loops accept connections, each on a runtime of its own; at least one.
    pub workers: usize,
    /// How often somebody wants to hear that messages get through, and how he is told.
    pub watchdog: Option<(Duration, Box<dyn Fn() + Send + Sync>)>,
}

/// A configuration that is being read.
pub type Loading = BoxFuture<'static, Result<Config, RunError>>;

type MakeSource = dyn Fn(&DnsSettings) -> Result<Arc<dyn Source>, SetupError> + Send + Sync;

/// What somebody wants of the program while it runs.
pub struct Orders {
    /// The configuration is to be read again.
    pub reloads: BoxStream<'static, ()>,
    /// Completes where it is to stop.
    pub stop: BoxFuture<'static, ()>,
}

/// The program, set up, but not serving yet.
pub struct Service {
    /// What all connections share.
    pub shared: Arc<Shared>,
    pub(super) ready: Arc<AtomicBool>,
    connections: Arc<Connections>,
    stop: watch::Sender<bool>,
    world: Arc<World>,
    /// Where a message of the watchdog's own gets in, for each worker.
    probes: Vec<mpsc::Sender<DuplexStream>>,
}

/// A loop that accepts connections, and talks to those that it has accepted.
///
/// It does so on the runtime that it is run on. One runtime of one thread for each of them costs less than one
/// runtime of many threads: no task moves to another core, and none wakes one up.
pub struct Worker {
    place: usize,
    shared: Arc<Shared>,
    connections: Arc<Connections>,
    probes: mpsc::Receiver<DuplexStream>,
    stop: watch::Receiver<bool>,
}

impl World {
    /// Builds what a configuration needs, and says what is to be said of it once.
    pub(super) fn activate(
        &self,
        config: Config,
        metrics: &Arc<Metrics>,
        history: &Arc<History>,
    ) -> Result<Active, RunError> {
        let settings = &config.authenticate;
        let dns = match &settings.dns {
            Some(dns) => {
                let source =
                    (self.source)(dns).map_err(|error| RunError::Environment(error.to_string()))?;
                Some(Dns::over(source, pages::observers(metrics, history)))
            }
            None => None,
        };
        let authenticator = Authenticator::over(settings, dns, self.clock.clone());
        let verifier = Verifier::over(&config, authenticator).with_readers(self.readers.clone());
        verifier.prepare();
        metrics.took_over(&config.brand, config.policy.applies());
        metrics.runs(config.fingerprint.number(), config.list.number());
        reload::warn_of_age(&config, self.clock.now());
        Ok(Active { config, verifier })
    }
}

impl Service {
    /// Sets up the program with its first configuration, and the workers that are to be run for it.
    ///
    /// # Errors
    ///
    /// [`RunError`] where something that it needs can't be built.
    pub fn new(
        world: World,
        config: Config,
        metrics: Arc<Metrics>,
    ) -> Result<(Self, Vec<Worker>), RunError> {
        let history = Arc::new(History::new(config.history.entries));
        let active = world.activate(config, &metrics, &history)?;
        let fleet = fleet::start(&active.config.history, &history, &metrics)?;
        let milter = &active.config.milter;
        let bounds = Bounds {
            max: (world.max_connections)(milter),
            command: milter.command_timeout,
            idle: milter.idle_timeout,
        };
        let connections = Connections::new(bounds, world.workers, Arc::clone(&metrics));
        let shared = Shared {
            metrics,
            history,
            fleet,
            under_way: UnderWay::default(),
            memory: Memory::new(milter.max_memory),
            long_work: LongWork::default(),
            mta_name: OnceLock::new(),
            clock: world.clock.clone(),
            readers: world.readers.clone(),
            probe: watchdog::secret_name(),
            over_tcp: matches!(milter.listen, Socket::Inet(..)),
            active: ArcSwap::from_pointee(active),
        };
        let shared = Arc::new(shared);
        fleet::tell(&shared);
        let (stop, stopped) = watch::channel(false);
        let (probes, workers) = (0..world.workers)
            .map(|place| {
                let (probe, probes) = mpsc::channel(1);
                let worker = Worker {
                    place,
                    shared: Arc::clone(&shared),
                    connections: Arc::clone(&connections),
                    probes,
                    stop: stopped.clone(),
                };
                (probe, worker)
            })
            .unzip();
        let service = Self {
            shared,
            ready: Arc::new(AtomicBool::new(true)),
            connections,
            stop,
            world: Arc::new(world),
            probes,
        };
        Ok((service, workers))
    }

    /// Completes when it begins to stop.
    pub(super) fn stops(&self) -> impl Future<Output = ()> + Send + 'static {
        until(self.stop.subscribe())
    }

    /// Looks after what goes on beside the workers till it is told to stop, and lets messages under way go on
    /// to their end. `workers` is done when all of them are.
    ///
    /// # Errors
    ///
    /// Where a listener breaks.
    pub async fn serve(
        &self,
        workers: impl Future<Output = io::Result<()>>,
        orders: Orders,
    ) -> io::Result<()> {
        let shared = &self.shared;
        // They end with the service.
        let mut beside = JoinSet::new();
        let world = Arc::clone(&self.world);
        beside.spawn(reload::on_order(orders.reloads, world, Arc::clone(shared)));
        beside.spawn(reload::watch_dns(Arc::clone(shared)));
        beside.spawn(Arc::clone(&self.connections).sweep());
        if let Some((every, _)) = &self.world.watchdog {
            let (every, name) = (*every, shared.probe.clone());
            let world = Arc::clone(&self.world);
            let alive = move || {
                if let Some((_, alive)) = &world.watchdog {
                    alive();
                }
            };
            beside.spawn(watchdog::run(every, name, self.probes.clone(), alive));
        }
        notify(&[sd_notify::NotifyState::Ready]);
        tokio::pin!(workers);
        tokio::select! {
            biased;
            result = &mut workers => result,
            () = orders.stop => {
                tracing::info!("stopping: no new connections, messages under way go on");
                self.ready.store(false, Ordering::Release);
                notify(&[sd_notify::NotifyState::Stopping]);
                let _ = self.stop.send(true);
                drain(workers).await
            }
        }
    }
}

impl Worker {
    /// Serves connections till the service stops and no message is under way.
    ///
    /// # Errors
    ///
    /// Where the listener breaks.
    pub async fn run<L>(self, listener: L) -> io::Result<()>
    where
        L: Listener + Send + Unpin + 'static,
    {
        let shared = self.shared;
        let library = library_config(&shared.active.load().config.milter);
        let metrics = Arc::clone(&shared.metrics);
        let accepting = Accepting::new(listener, self.place, self.connections, metrics)
            .with_probes(self.probes)
            .until(until(self.stop.clone()));
        let under_way = shared.under_way.clone();
        let stopped = until(self.stop);
        // The library would end its sessions between two commands of a message, so it hears of the stop
        // only when no message is under way.
        let drained = async move {
            stopped.await;
            under_way.none().await;
        };
        indymilter::run(accepting, milter::callbacks(&shared), library, drained).await
    }
}
