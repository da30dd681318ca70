//! Writes what was decided, in batches, and says now and then what this instance is and counted.
//!
//! A batch that fails is lost and counted: written again it could stand there twice, and decisions that come
//! meanwhile would wait for it.

use super::{
    Settings, State, entry,
    pulse::{self, Pulse},
    transport::{Connection, fault},
};
use crate::{
    history::{Decided, History, Messages},
    metrics::{Metrics, words::HistoryWrite},
    verdict::Verdict,
};
use redis::{Cmd, Pipeline};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until},
};

/// How long a first decision waits for others to be written with it.
const GATHER: Duration = Duration::from_millis(10);

/// Decisions in one turn.
const BATCH: usize = 512;

/// How often it says what it is.
const PULSE: Duration = Duration::from_secs(10);

/// Pulses of a day.
const PULSES: usize = 24 * 360;

/// Minutes whose counts are kept for a store that is away.
const MAX_PENDING: usize = 24 * 60;

/// Pulses in one turn.
const PULSE_BATCH: usize = 100;

/// How long keys outlive the last write, in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Names in the index.
const MAX_NAMES: isize = 256;

/// The pauses between tries to connect: doubled from the first to the second.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

pub(super) struct Writer {
    settings: Arc<Settings>,
    history: Arc<History>,
    metrics: Arc<Metrics>,
    states: watch::Receiver<State>,
    connection: Option<Connection>,
    pause: Duration,
    /// Said in the log when it changes.
    well: Option<bool>,
    /// It works again, so that what was not told is due.
    returned: bool,
    pending: VecDeque<Pulse>,
}

impl Writer {
    pub(super) fn new(
        settings: Arc<Settings>,
        history: Arc<History>,
        metrics: Arc<Metrics>,
        states: watch::Receiver<State>,
    ) -> Self {
        Self {
            settings,
            history,
            metrics,
            states,
            connection: None,
            pause: PAUSES[0],
            well: None,
            returned: false,
            pending: VecDeque::new(),
        }
    }

    /// Writes until it is stopped, and then what still waits.
    pub(super) async fn run(
        mut self,
        mut waiting: mpsc::Receiver<Arc<Decided>>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut next_pulse = Instant::now();
        loop {
            tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => break,
                () = sleep_until(next_pulse) => {
                    next_pulse = Instant::now() + PULSE;
                    self.tell().await;
                }
                received = waiting.recv_many(&mut batch, BATCH) => {
                    if received == 0 {
                        return;
                    }
                    sleep(GATHER).await;
                    fill(&mut batch, &mut waiting);
                    self.write(&mut batch).await;
                    if std::mem::take(&mut self.returned) {
                        next_pulse = Instant::now();
                    }
                }
            }
        }
        fill(&mut batch, &mut waiting);
        while !batch.is_empty() {
            if !self.write(&mut batch).await {
                return;
            }
            fill(&mut batch, &mut waiting);
        }
        self.tell().await;
    }

    /// Writes a batch; whether all of it is stored.
    async fn write(&mut self, batch: &mut Vec<Arc<Decided>>) -> bool {
        let count = batch.len();
        let mut commands = Pipeline::new();
        for decided in batch.drain(..) {
            let stream = match decided.report.verdict {
                Verdict::Unrelated | Verdict::Exempt => "others",
                _ => "decisions",
            };
            let words = entry::words(&decided, &self.settings.run);
            commands.add_command(self.add(stream, self.settings.entries, &words));
        }
        for stream in ["decisions", "others"] {
            commands.add_command(self.expire(stream));
        }
        let stored = self.turn(commands, count).await;
        self.metrics.history_written(HistoryWrite::Stored, stored);
        self.metrics
            .history_written(HistoryWrite::Failed, count - stored);
        stored == count
    }

    /// Says what this instance is, and what it counted since it last did.
    async fn tell(&mut self) {
        let messages = self.history.take_untold();
        self.remember(messages);
        let state = self.states.borrow().clone();
        let instance = self.settings.store.instance.clone();
        let seconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        let index = self.settings.index();
        let mut commands = Pipeline::new();
        let pulses: Vec<_> = self.pending.iter().take(PULSE_BATCH).cloned().collect();
        for pulse in &pulses {
            let words = pulse::words(pulse, &state, &self.settings.run);
            commands.add_command(self.add("pulse", PULSES, &words));
        }
        commands.add_command(self.expire("pulse"));
        // A name stays for a day; one whose clock is ahead would stay for longer than any other.
        commands
            .cmd("ZREMRANGEBYSCORE")
            .arg(&index)
            .arg("-inf")
            .arg(seconds.saturating_sub(DAY));
        commands
            .cmd("ZREMRANGEBYSCORE")
            .arg(&index)
            .arg(seconds + 600)
            .arg("+inf");
        commands.cmd("ZADD").arg(&index).arg(seconds).arg(instance);
        commands
            .cmd("ZREMRANGEBYRANK")
            .arg(&index)
            .arg(0)
            .arg(-1 - MAX_NAMES);
        commands.cmd("EXPIRE").arg(&index).arg(DAY);
        let told = self.turn(commands, pulses.len()).await;
        self.pending.drain(..told.min(self.pending.len()));
    }

    /// Keeps what is to be told by the minute, so that a chart stays right where the store was away.
    fn remember(&mut self, messages: Messages) {
        let now = SystemTime::now();
        let minute =
            |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / 60;
        match self.pending.back_mut() {
            Some(last) if minute(last.at) == minute(now) => last.messages.add(&messages),
            _ => self.pending.push_back(Pulse { at: now, messages }),
        }
        while self.pending.len() > MAX_PENDING {
            self.pending.pop_front();
        }
    }

    fn add(&self, stream: &str, length: usize, words: &[(&'static str, String)]) -> Cmd {
        let mut command = redis::cmd("XADD");
        let key = self.settings.key(&self.settings.store.instance, stream);
        command.arg(key).arg("MAXLEN").arg("~").arg(length).arg("*");
        for (name, value) in words {
            command.arg(*name).arg(value);
        }
        command
    }

    fn expire(&self, stream: &str) -> Cmd {
        let mut command = redis::cmd("EXPIRE");
        let key = self.settings.key(&self.settings.store.instance, stream);
        command.arg(key).arg(DAY);
        command
    }

    /// Does these commands; how many of the first `count` were done without an error.
    async fn turn(&mut self, mut commands: Pipeline, count: usize) -> usize {
        commands.ignore_errors();
        if self.connection.is_none() {
            match Connection::open(&self.settings.store).await {
                Ok(connection) => self.connection = Some(connection),
                Err(error) => {
                    self.went_wrong(&error);
                    sleep(self.pause).await;
                    self.pause = (self.pause * 2).min(PAUSES[1]);
                    return 0;
                }
            }
        }
        let Some(connection) = &mut self.connection else {
            return 0;
        };
        match connection.ask(&commands).await {
            Ok(replies) => {
                self.pause = PAUSES[0];
                match replies.iter().find_map(|reply| reply.as_ref().err()) {
                    Some(error) => self.went_wrong(&fault(error)),
                    None => self.went_well(),
                }
                replies
                    .iter()
                    .take(count)
                    .filter(|reply| reply.is_ok())
                    .count()
            }
            Err(error) => {
                self.connection = None;
                self.went_wrong(&error);
                0
            }
        }
    }

    fn went_well(&mut self) {
        if self.well.replace(true) != Some(true) {
            self.returned = true;
            tracing::info!(
                store = %self.settings.store.address,
                instance = self.settings.store.instance,
                "the shared history is written"
            );
        }
    }

    fn went_wrong(&mut self, error: &str) {
        if self.well.replace(false) != Some(false) {
            tracing::warn!(
                store = %self.settings.store.address,
                error,
                "the shared history can't be written: the page shows what this instance decided, and mail goes on"
            );
        }
    }
}

/// Takes what waits, up to a whole batch.
fn fill(batch: &mut Vec<Arc<Decided>>, waiting: &mut mpsc::Receiver<Arc<Decided>>) {
    while batch.len() < BATCH {
        match waiting.try_recv() {
            Ok(decided) => batch.push(decided),
            Err(_) => return,
        }
    }
}
