//! What all instances decided: each writes what it decides to a Redis or Valkey, and reads what the others wrote.
//!
//! In goes a decision ([`Fleet::offer`]), which never waits; out comes a [`View`] for the page. Keys, `P` the
//! prefix, `I` an instance:
//!
//! | key | what | bound |
//! |---|---|---|
//! | `P:instances` | a sorted set: names by the second of their last word | 256 names, a day |
//! | `P:I:decisions` | a stream: mail that presents itself as the brand | `history.entries`, a day without a write |
//! | `P:I:others` | a stream: other mail | the same |
//! | `P:I:pulse` | a stream: counts and state, every ten seconds | a day |
//!
//! An instance writes below its own name and into the index only, which an ACL can enforce. Whatever is read is a
//! stranger's: replies are bounded, unknown words skipped, texts cut.

mod entry;
mod pulse;
mod question;
mod reader;
mod transport;
mod writer;

pub use pulse::State;
pub use reader::{Instance, View};

use crate::{
    config::StoreConfig,
    history::{Decided, History},
    metrics::Metrics,
    runtime,
};
use reader::Reader;
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use writer::Writer;

/// Decisions that wait to be written; of more the newest are lost, and counted.
const QUEUE: usize = 4_096;

/// How long a stop waits for the last decisions to be written.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// As of the HTTP thread: messages come first.
const NICENESS: i32 = 10;

/// What may be in one key of the store.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where it is, and as whom.
    pub(crate) store: StoreConfig,
    /// Entries of a stream of decisions.
    pub(crate) entries: usize,
    /// Tells this process from an earlier one of the same name.
    pub(crate) run: String,
}

impl Settings {
    fn key(&self, instance: &str, stream: &str) -> String {
        format!("{}:{instance}:{stream}", self.store.prefix)
    }

    fn index(&self) -> String {
        format!("{}:instances", self.store.prefix)
    }
}

/// This instance among the others.
pub struct Fleet {
    queue: mpsc::Sender<Arc<Decided>>,
    metrics: Arc<Metrics>,
    reader: Reader,
    state: watch::Sender<State>,
    stop: watch::Sender<bool>,
    written: Mutex<Option<oneshot::Receiver<()>>>,
    /// The name of this instance.
    pub instance: String,
}

impl Fleet {
    /// Starts to write, in a thread of its own. `state` is what the others are shown of this instance.
    ///
    /// # Errors
    ///
    /// Where the thread or its runtime can't be made. A store that is not there is no error.
    pub fn start(
        store: StoreConfig,
        entries: usize,
        history: Arc<History>,
        metrics: Arc<Metrics>,
    ) -> io::Result<Self> {
        let settings = Arc::new(Settings {
            run: run_id()?,
            store,
            entries,
        });
        let (queue, waiting) = mpsc::channel(QUEUE);
        let (state, states) = watch::channel(State::default());
        let (stop, stopped) = watch::channel(false);
        let (done, written) = oneshot::channel();
        let writer = Writer::new(Arc::clone(&settings), history, Arc::clone(&metrics), states);
        runtime::in_own_thread("history", move || async move {
            // On Linux a thread has its own. Where it can't be set, it writes all the same.
            if let Err(error) = rustix::process::nice(NICENESS) {
                tracing::debug!(%error, "the thread of the shared history has no lower priority");
            }
            writer.run(waiting, stopped).await;
            let _ = done.send(());
        })?;
        Ok(Self {
            queue,
            metrics,
            instance: settings.store.instance.clone(),
            reader: Reader::new(settings),
            state,
            stop,
            written: Mutex::new(Some(written)),
        })
    }

    /// Hands over a decision to be written; it is lost, and counted, where too many wait.
    pub fn offer(&self, decided: Arc<Decided>) {
        if self.queue.try_send(decided).is_err() {
            self.metrics.history_dropped();
        }
    }

    /// What the others are shown of this instance from now on.
    pub fn is_now(&self, state: State) {
        self.state.send_replace(state);
    }

    /// What the other instances wrote, at most some seconds old. `addresses` says whether names and addresses are
    /// shown here, whoever wrote them.
    pub async fn view(&self, addresses: bool) -> Arc<View> {
        self.reader.view(addresses).await
    }

    /// Writes what still waits, for a second at most.
    pub async fn finish(&self) {
        self.stop.send_replace(true);
        let written = {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            written.take()
        };
        if let Some(written) = written {
            let _ = timeout(LAST_WORDS, written).await;
        }
    }
}

/// Sixteen digits that no other process has.
fn run_id() -> io::Result<String> {
    use ring::rand::{SecureRandom, SystemRandom};
    let mut octets = [0; 8];
    SystemRandom::new()
        .fill(&mut octets)
        .map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(format!("{:016x}", u64::from_be_bytes(octets)))
}
