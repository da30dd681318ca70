//! What all connections and pages share.

use crate::{
    config::Config, history::History, metrics::Metrics, session::Memory, verify::Verifier,
};
use arc_swap::ArcSwap;
use std::sync::Arc;
use tokio::sync::watch;

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
    /// Messages that are neither answered nor given up yet.
    pub under_way: UnderWay,
    /// What messages under way may hold together.
    pub memory: Memory,
    /// The client name of the watchdog's own connections, whose message is none.
    pub probe: String,
    /// Whether the MTA comes over TCP, which wants an answer now and then.
    pub over_tcp: bool,
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
