//! What all clients of one epoch share: the program's door, DNS, the clock, and what is in force.

use crate::{log::Log, right::Rules, trace::Trace, weather::Names};
use amazon_spoof_milter::shared::UnderWay;
use futures_util::FutureExt;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{io::DuplexStream, sync::mpsc, time::sleep};

/// Lookups of a message whose client has gone go on to their deadline.
const LINGERING: Duration = Duration::from_secs(15);

/// A date, in seconds since 1970, at which every epoch begins.
const BEGIN: u64 = 1_795_000_000;

pub(crate) struct Site {
    pub(crate) trace: Trace,
    pub(crate) log: Log,
    pub(crate) names: Arc<Names>,
    pub(crate) connect: mpsc::Sender<DuplexStream>,
    /// Whether more may want to connect than there is room for.
    is_crowded: bool,
    /// Each configuration that came into force, and when.
    in_force: Mutex<Vec<(Duration, Arc<Rules>)>>,
    /// By how much the clock is off, and since when.
    jumps: Mutex<Vec<(Duration, i64)>>,
    stopped: Mutex<Option<Duration>>,
    /// Orders to reload: with a right file, with a wrong one.
    reloads: Mutex<(u64, u64)>,
    /// What the program itself counts.
    pub(crate) program: OnceLock<UnderWay>,
    /// Till then messages of clients that are gone may go on.
    lingering: Mutex<Duration>,
    /// Clients that keep a message under way for as long as they like.
    pub(crate) holding: AtomicU64,
    /// Connections whose message was begun at this time and isn't over.
    under_way: Mutex<BTreeMap<u64, Duration>>,
    connections: AtomicU64,
    messages: AtomicU64,
    pub(crate) tally: Tally,
}

/// What clients saw.
#[derive(Default)]
pub(crate) struct Tally {
    /// Messages that got an answer.
    pub(crate) answered: AtomicU64,
    /// Those that were given up, or torn.
    pub(crate) given_up: AtomicU64,
}

impl Site {
    pub(crate) fn new(
        trace: Trace,
        names: Arc<Names>,
        connect: mpsc::Sender<DuplexStream>,
        is_crowded: bool,
    ) -> Self {
        Self {
            log: Log::new(trace.clone()),
            trace,
            names,
            connect,
            is_crowded,
            in_force: Mutex::default(),
            jumps: Mutex::default(),
            stopped: Mutex::default(),
            reloads: Mutex::default(),
            program: OnceLock::new(),
            lingering: Mutex::default(),
            holding: AtomicU64::new(0),
            under_way: Mutex::default(),
            connections: AtomicU64::new(0),
            messages: AtomicU64::new(0),
            tally: Tally::default(),
        }
    }

    pub(crate) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How many were opened.
    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn next_message(&self) -> u64 {
        self.messages.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// From now on these rules are in force.
    pub(crate) fn takes_over(&self, rules: Arc<Rules>) {
        self.trace.say(&format!("in force: {}", rules.authserv_id));
        self.in_force
            .lock()
            .expect("rules")
            .push((self.trace.now(), rules));
    }

    /// The rules that were in force at some moment from then on.
    pub(crate) fn in_force_since(&self, from: Duration) -> Vec<Arc<Rules>> {
        let all = self.in_force.lock().expect("rules");
        let before = all
            .iter()
            .rposition(|(since, _)| *since < from)
            .unwrap_or(0);
        all[before..]
            .iter()
            .map(|(_, rules)| Arc::clone(rules))
            .collect()
    }

    /// Sets the clock ahead or back.
    pub(crate) fn jump(&self, seconds: i64) {
        self.trace.say(&format!("the clock jumps by {seconds} s"));
        self.jumps
            .lock()
            .expect("jumps")
            .push((self.trace.now(), seconds));
    }

    pub(crate) fn date(&self) -> SystemTime {
        let off: i64 = self
            .jumps
            .lock()
            .expect("jumps")
            .iter()
            .map(|(_, by)| by)
            .sum();
        let begin = BEGIN.saturating_add_signed(off);
        UNIX_EPOCH + Duration::from_secs(begin) + self.trace.now()
    }

    /// Whether the clock was set, from then on or ever.
    pub(crate) fn jumped_since(&self, from: Duration) -> bool {
        self.jumps
            .lock()
            .expect("jumps")
            .iter()
            .any(|(at, _)| *at >= from)
    }

    /// MAIL was said on a connection.
    pub(crate) fn begins(&self, connection: u64) {
        let mut under_way = self.under_way.lock().expect("messages");
        under_way.insert(connection, self.trace.now());
    }

    /// Its message is over.
    pub(crate) fn ends(&self, connection: u64) {
        self.under_way.lock().expect("messages").remove(&connection);
    }

    /// Somebody has gone in the middle.
    pub(crate) fn lingers(&self) {
        *self.lingering.lock().expect("a time") = self.trace.now() + LINGERING;
    }

    /// Whether nobody has a message under way.
    pub(crate) fn is_quiet(&self) -> bool {
        self.under_way().is_empty()
            && self.holding.load(Ordering::Relaxed) == 0
            && self.trace.now() > *self.lingering.lock().expect("a time")
    }

    /// Looks that the program has no message under way where nobody has one.
    pub(crate) async fn compare_under_way(&self) {
        let Some(program) = self.program.get() else {
            return;
        };
        // The watchdog's own message is over in the next moment.
        for _ in 0..3 {
            if !self.is_quiet() || program.none().now_or_never().is_some() {
                return;
            }
            sleep(Duration::from_millis(1)).await;
        }
        self.trace.wrong("a message is under way that nobody sends");
    }

    /// Connections with a message, and since when.
    pub(crate) fn under_way(&self) -> BTreeMap<u64, Duration> {
        self.under_way.lock().expect("messages").clone()
    }

    /// The configuration is to be read again.
    pub(crate) fn reloads(&self, is_right: bool) {
        let mut reloads = self.reloads.lock().expect("reloads");
        match is_right {
            true => reloads.0 += 1,
            false => reloads.1 += 1,
        }
    }

    pub(crate) fn reloaded(&self) -> (u64, u64) {
        *self.reloads.lock().expect("reloads")
    }

    pub(crate) fn is_crowded(&self) -> bool {
        self.is_crowded
    }

    /// The program was told to stop.
    pub(crate) fn stop(&self) {
        self.trace.say("stop");
        *self.stopped.lock().expect("the stop") = Some(self.trace.now());
    }

    pub(crate) fn stopped(&self) -> Option<Duration> {
        *self.stopped.lock().expect("the stop")
    }
}
