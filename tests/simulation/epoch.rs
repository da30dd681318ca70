//! The program from its start to its end, with all that happens to it meanwhile, on one thread and in no time.

use crate::{
    chance::Chance,
    client,
    right::Rules,
    site::Site,
    sums,
    trace::Trace,
    weather::{Names, Servers, Spell, Weather},
};
use amazon_spoof_milter::{
    clock::Clock,
    config::{Config, ConfigError},
    metrics::Metrics,
    server::{Orders, RunError, Service, World},
};
use futures_util::{future::ready, stream};
use indymilter::Listener;
use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::DuplexStream,
    runtime::Builder,
    sync::{mpsc, oneshot},
    task::{JoinSet, yield_now},
    time::{sleep, timeout},
};

/// Turns of all tasks within which a client hears what it was answered.
const TURNS: usize = 200;

/// Hostile clients at the most.
const HOSTILE: u64 = 3;

/// How often somebody wants to hear that the program lives.
const WATCHDOG: Duration = Duration::from_secs(120);

/// What became of an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Epoch {
    pub(crate) digest: u64,
    pub(crate) events: u64,
    pub(crate) answered: u64,
    pub(crate) given_up: u64,
    pub(crate) connections: u64,
    /// Of the clock in it.
    pub(crate) lasted: Duration,
    /// What was wrong, with what came before.
    pub(crate) fault: Option<String>,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// Everybody has gone; then the program is stopped.
    Quiet,
    /// It is stopped in the middle.
    Stopped,
    /// It is killed in the middle.
    Killed,
}

/// Connections that come over memory.
struct Door(mpsc::Receiver<DuplexStream>);

impl Listener for Door {
    type Io = DuplexStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Io>> {
        match self.0.poll_recv(cx) {
            Poll::Ready(Some(stream)) => Poll::Ready(Ok(stream)),
            // Nobody is left who could connect.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

/// The operator's files, one after the other; `None` is one with a mistake.
type Files = Mutex<VecDeque<Option<Rules>>>;

/// Runs one.
pub(crate) fn run(seed: u64, show: bool) -> Epoch {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(live(seed, show))
}

async fn live(seed: u64, show: bool) -> Epoch {
    let mut chance = Chance::new(seed);
    let trace = Trace::begin(show);
    let clients = 2 + chance.below(8);
    let max_connections = chance.pick(&[4, 6, 1_000, 1_000]);
    let names = Names::new(seed, spells(&mut chance), trace.clone());
    let (connect, door) = mpsc::channel(64);
    let is_crowded = 2 * clients + HOSTILE > max_connections;
    let site = Arc::new(Site::new(trace.clone(), names, connect, is_crowded));
    let _log = tracing::subscriber::set_default(site.log.clone());
    let files: Arc<Files> = Arc::new(Mutex::new(VecDeque::from([Some(rules(&mut chance, 0))])));
    let listen = chance.pick(&["inet:127.0.0.1:8895", "unix:/run/x"]);
    let load = {
        let (files, site) = (Arc::clone(&files), Arc::clone(&site));
        move || load(&files, &site, listen, max_connections)
    };
    let alive = Arc::new(AtomicU64::new(0));
    let world = world(&site, load.clone(), Arc::clone(&alive));
    let metrics = Arc::new(Metrics::new().expect("metrics"));
    let config = load().expect("the first file is right");
    let (service, mut workers) = Service::new(world, config, metrics).expect("a service");
    let worker = workers.pop().expect("one worker");
    let service = Arc::new(service);
    let program = service.shared.under_way.clone();
    site.program.set(program).expect("it is set once");
    let (reload, mut reloads) = mpsc::channel(1);
    let (stop, stopped) = oneshot::channel::<()>();
    let orders = Orders {
        reloads: Box::pin(stream::poll_fn(move |cx| reloads.poll_recv(cx))),
        stop: Box::pin(async move { drop(stopped.await) }),
    };
    let serving = Arc::clone(&service);
    let served = tokio::spawn(async move { serving.serve(worker.run(Door(door)), orders).await });
    let mut beside = JoinSet::new();
    beside.spawn(operator(Arc::clone(&site), chance.fork(), files, reload));
    beside.spawn(clock(Arc::clone(&site), chance.fork()));
    let mut all = JoinSet::new();
    for _ in 0..clients {
        all.spawn(client::honest(
            Arc::clone(&site),
            chance.fork(),
            5 + chance.below(30),
        ));
    }
    for _ in 0..chance.below(HOSTILE + 1) {
        all.spawn(client::hostile(Arc::clone(&site), chance.fork()));
    }
    let last = chance.weigh(&[(65, Last::Quiet), (25, Last::Stopped), (10, Last::Killed)]);
    let early = Duration::from_millis(chance.below(90_000));
    match last {
        Last::Killed => sleep(early).await,
        Last::Stopped => {
            sleep(early).await;
            stops(&site, stop, served).await;
        }
        Last::Quiet => {
            everybody_goes(&site, &mut all).await;
            // Lookups of messages that were torn go on to their deadline.
            sleep(Duration::from_secs(30)).await;
            beside.abort_all();
            sums::of_quiet(&site, &service, alive.load(Ordering::Relaxed));
            stops(&site, stop, served).await;
        }
    }
    if last != Last::Killed {
        sums::of_all(&site, &service);
    }
    let (digest, events, fault) = trace.end();
    Epoch {
        digest,
        events,
        answered: site.tally.answered.load(Ordering::Relaxed),
        given_up: site.tally.given_up.load(Ordering::Relaxed),
        connections: site.connections(),
        lasted: trace.now(),
        fault,
    }
}

fn world(
    site: &Arc<Site>,
    load: impl Fn() -> Result<Config, Vec<ConfigError>> + Send + Sync + 'static,
    alive: Arc<AtomicU64>,
) -> World {
    let (names, dating) = (Arc::clone(&site.names), Arc::clone(site));
    let told = move || {
        alive.fetch_add(1, Ordering::Relaxed);
    };
    World {
        load: Box::new(move || Box::pin(ready(load().map_err(RunError::Config)))),
        source: Box::new(move |_| Ok(Arc::new(Servers::new(Arc::clone(&names))))),
        clock: Clock::new(move || dating.date()),
        // Files are opened by other processes, whose time is the machine's.
        readers: None,
        log_level: Box::new(|_| {}),
        max_connections: Box::new(|config| config.max_connections),
        workers: 1,
        watchdog: Some((WATCHDOG, Box::new(told))),
    }
}

fn load(
    files: &Files,
    site: &Site,
    listen: &str,
    max_connections: u64,
) -> Result<Config, Vec<ConfigError>> {
    let file = files.lock().expect("files").pop_front().flatten();
    let Some(rules) = file else {
        return Config::from_toml("[policy]\npreset = \"enforced\"\n");
    };
    let config = Config::from_toml(&rules.to_toml(listen, max_connections))?;
    // It comes into force in the same turn.
    site.takes_over(Arc::new(rules));
    Ok(config)
}

fn rules(chance: &mut Chance, generation: u64) -> Rules {
    Rules {
        preset: chance.pick(&["tag", "enforce", "enforce", "monitor"]),
        authserv_id: format!("mx{generation}.example.test"),
        max_body: chance.pick(&[50 << 20, 50 << 20, 20 << 10, 2 << 10]),
        prefix: chance.pick(&["", "", "[spoof?]"]),
        held_for_it: chance.percent(30),
    }
}

fn spells(chance: &mut Chance) -> Vec<Spell> {
    let mut spells = Vec::new();
    while chance.percent(25) {
        let begin = Duration::from_millis(chance.below(240_000));
        let end = begin + Duration::from_millis(2_000 + chance.below(60_000));
        let weather = chance.pick(&[Weather::Dead, Weather::Failing, Weather::Slow]);
        spells.push((begin, end, weather));
    }
    spells
}

/// Reloads now and then, at times with a file that is wrong.
async fn operator(
    site: Arc<Site>,
    mut chance: Chance,
    files: Arc<Files>,
    reload: mpsc::Sender<()>,
) {
    for generation in 1..2 + chance.below(4) {
        sleep(Duration::from_millis(chance.below(40_000))).await;
        let file = (!chance.percent(20)).then(|| rules(&mut chance, generation));
        site.reloads(file.is_some());
        files.lock().expect("files").push_back(file);
        if reload.send(()).await.is_err() {
            return;
        }
    }
    // Without it no more orders come, and it stays.
    std::future::pending().await
}

/// Sets the clock now and then.
async fn clock(site: Arc<Site>, mut chance: Chance) {
    while chance.percent(30) {
        sleep(Duration::from_millis(chance.below(200_000))).await;
        let days = i64::try_from(chance.below(60)).expect("days") - 30;
        site.jump(days * 86_400 + 17);
    }
}

async fn everybody_goes(site: &Site, all: &mut JoinSet<()>) {
    while let Some(ended) = all.join_next().await {
        if let Err(error) = ended {
            site.trace.wrong(&format!("a client panicked: {error}"));
        }
    }
}

/// Tells the program to stop, and looks that it does. A process would be gone then, and with it all that is
/// left of its connections.
async fn stops(
    site: &Site,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<io::Result<()>>,
) {
    site.stop();
    let _ = stop.send(());
    // Twenty seconds for messages under way.
    match timeout(Duration::from_secs(21), served).await {
        Ok(Ok(Ok(()))) => site.trace.say("it has stopped"),
        other => site.trace.wrong(&format!("it doesn't stop: {other:?}")),
    }
    if site.log.says_cut_off() && site.is_quiet() {
        site.trace
            .wrong("a message stayed under way that nobody sent");
    }
    let ended = site.trace.now();
    // What was answered is heard. No timer would end here: where messages were cut off, the library's sessions turn
    // round and round, since nobody is left to tell them the end.
    for _ in 0..TURNS {
        yield_now().await;
    }
    if !site.log.says_cut_off() {
        for (connection, since) in site.under_way() {
            // Begun in the same moment, it crossed with the end.
            if since < ended {
                let about = format!(
                    "c{connection}: a message begun at {since:?} was left without an answer"
                );
                site.trace.wrong(&about);
            }
        }
    }
}
