//! What all connections and pages share.

use crate::{config::Config, history::History, metrics::Metrics, verify::Verifier};
use arc_swap::ArcSwap;
use std::sync::Arc;

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
    /// The last decisions.
    pub history: History,
}
