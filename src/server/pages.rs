//! The HTTP side: who tells it of DNS, and its start.

use super::{RunError, socket};
use crate::{
    config::{Config, HttpConfig},
    dns::{Observer, Outcome, QueryType},
    history::History,
    http::{self, HttpState},
    metrics::Metrics,
    shared::Shared,
};
use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::net::TcpListener;

/// Those who are told of DNS lookups.
pub(super) fn observers(metrics: &Arc<Metrics>, history: &Arc<History>) -> Arc<dyn Observer> {
    Arc::new(Observers(Arc::clone(metrics), Arc::clone(history)))
}

struct Observers(Arc<Metrics>, Arc<History>);

impl Observer for Observers {
    fn looked_up(&self, query: QueryType, outcome: Outcome, cached: bool, duration: Duration) {
        self.0.looked_up(query, outcome, cached, duration);
        self.1.looked_up(query, outcome, cached, duration);
    }

    fn dns_dead(&self, dead: bool) {
        self.0.dns_dead(dead);
    }

    fn gave_stale(&self, query: QueryType) {
        self.0.gave_stale(query);
    }
}

/// The bound socket of the HTTP side.
pub(super) struct Bound {
    listener: TcpListener,
    /// For the log.
    pub(super) name: String,
    config: HttpConfig,
}

/// Binds it, where it is not switched off.
pub(super) async fn bind(config: &Config) -> Result<Option<Bound>, RunError> {
    let Some(config) = &config.http else {
        return Ok(None);
    };
    let (host, port) = &config.listen;
    let (listener, name) = socket::bind_tcp(host, *port, "http.listen").await?;
    Ok(Some(Bound {
        listener,
        name,
        config: config.clone(),
    }))
}

/// Starts the HTTP side.
pub(super) fn serve(
    bound: Bound,
    shared: &Arc<Shared>,
    ready: &Arc<AtomicBool>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), RunError> {
    if bound.config.is_exposed() {
        tracing::warn!(
            http = bound.name,
            "other machines reach the page and the metrics; whoever knows the token sees them"
        );
    }
    let state = HttpState::new(Arc::clone(shared), Arc::clone(ready), bound.config);
    bound
        .listener
        .into_std()
        .and_then(|listener| http::start(listener, state, stop))
        .map_err(|error| RunError::Environment(format!("HTTP can't be served: {error}")))
}
