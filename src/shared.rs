//! What all connections and pages share.

use crate::{
    attachments::Readers, clock::Clock, config::Config, fleet::Fleet, history::History,
    metrics::Metrics, report::printable::printable, session::Memory, verify::Verifier,
};
use arc_swap::ArcSwap;
use std::{
    num::NonZero,
    sync::{Arc, OnceLock},
    thread::available_parallelism,
};
use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{Semaphore, watch},
    task::block_in_place,
};

/// What is in force now; swapped whole by a reload.
pub struct Active {
    /// The configuration.
    pub config: Config,
    /// What was built from it.
    pub verifier: Verifier,
}

/// What all connections and pages share.
pub struct Shared {
    /// What a new connection begins with.
    pub active: ArcSwap<Active>,
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// What happened lately.
    pub history: Arc<History>,
    /// The other instances, where a store is shared with them.
    pub fleet: Option<Fleet>,
    /// Messages that are neither answered nor given up yet.
    pub under_way: UnderWay,
    /// What messages under way may hold together.
    pub memory: Memory,
    /// Room for what takes long.
    pub long_work: LongWork,
    /// The date.
    pub clock: Clock,
    /// Who opens files, where anybody can.
    pub readers: Option<Arc<Readers>>,
    /// The client name of the watchdog's own connections, whose message is none.
    pub probe: String,
    /// The MTA's name, once it has been said in the log.
    pub mta_name: OnceLock<String>,
    /// Whether the MTA comes over TCP, which wants an answer now and then.
    pub over_tcp: bool,
}

impl Shared {
    /// Says in the log, once, under which name results are written and forged ones removed.
    pub fn say_who_we_are(&self, active: &Active, mta: Option<&str>) {
        let headers = &active.verifier.headers;
        let own = headers.authserv_id.as_str();
        let name = mta.filter(|_| !headers.is_authserv_id_given).unwrap_or(own);
        if self.mta_name.set(name.to_owned()).is_ok() {
            tracing::info!(
                authserv_id = %printable(name),
                "results are written, and forged ones removed, under this name; headers.authserv_id sets another"
            );
        }
    }
}

/// Room for work that takes more than a few milliseconds, as much of it at once as there are cores.
///
/// A thread of the runtime that does such work serves nobody else meanwhile, and with one message for
/// each thread everybody would wait. So the thread is taken out of the runtime for it, and another one
/// takes its place; the kernel divides the cores among them. What finds no room waits and holds no
/// thread.
#[derive(Debug)]
pub struct LongWork(Semaphore);

impl Default for LongWork {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, NonZero::get);
        Self(Semaphore::new(cores))
    }
}

impl LongWork {
    /// Octets of a message that are done with at once. To step aside costs some 20 µs, and reading so
    /// much at most 8 ms.
    const AT_ONCE: usize = 64 << 10;

    /// Does work over so many octets of a message. It should wait for nothing, since it keeps its room.
    pub async fn run<R>(&self, octets: usize, work: impl Future<Output = R>) -> R {
        let runtime = Handle::current();
        // Only a runtime of several threads can give one away.
        if octets <= Self::AT_ONCE || runtime.runtime_flavor() != RuntimeFlavor::MultiThread {
            return work.await;
        }
        // Nobody closes it.
        let _room = self.0.acquire().await;
        block_in_place(|| runtime.block_on(work))
    }
}

/// Counts the messages under way, so that a stop can wait for their end.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(watch::Sender<usize>);

impl UnderWay {
    /// A message begins; it ends with the value.
    pub fn begin(&self) -> Ongoing {
        self.0.send_modify(|count| *count += 1);
        Ongoing(self.clone())
    }

    /// Completes when there is none.
    pub async fn none(&self) {
        // The sender is ours, so this can't fail.
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }
}

/// One message under way.
#[derive(Debug)]
pub struct Ongoing(UnderWay);

impl Drop for Ongoing {
    fn drop(&mut self) {
        self.0
            .0
            .send_modify(|count| *count = count.saturating_sub(1));
    }
}
