//! This instance's part in a fleet: its start, and what the others are shown of it.

use super::RunError;
use crate::{
    config::HistoryConfig,
    fleet::{Fleet, State},
    history::History,
    metrics::Metrics,
    shared::Shared,
};
use std::{sync::Arc, time::UNIX_EPOCH};

/// Starts to share what is decided, where a store is named.
pub(super) fn start(
    config: &HistoryConfig,
    history: &Arc<History>,
    metrics: &Arc<Metrics>,
) -> Result<Option<Fleet>, RunError> {
    let Some(store) = &config.store else {
        return Ok(None);
    };
    let fleet = Fleet::start(
        store.clone(),
        config.entries,
        Arc::clone(history),
        Arc::clone(metrics),
    );
    fleet.map(Some).map_err(|error| {
        RunError::Environment(format!("the shared history can't be started: {error}"))
    })
}

/// Tells the others what this instance runs now.
pub(super) fn tell(shared: &Shared) {
    let Some(fleet) = &shared.fleet else {
        return;
    };
    let active = shared.active.load();
    let started = shared.history.started.duration_since(UNIX_EPOCH);
    fleet.is_now(State {
        version: version(),
        configuration: active.config.fingerprint,
        list: active.config.list,
        started: started.unwrap_or_default().as_secs(),
        dns_dead: active.verifier.dns().is_some_and(|dns| dns.is_dead()),
    });
}

fn version() -> String {
    match option_env!("BUILD_REVISION") {
        Some(revision) => format!("{}+{revision}", env!("CARGO_PKG_VERSION")),
        None => env!("CARGO_PKG_VERSION").to_owned(),
    }
}
