//! `/metrics`, `/healthz`, `/readyz`, and the last decisions at `/`.

use crate::{history::Decided, shared::Shared};
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use std::{
    fmt::Write,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::UNIX_EPOCH,
};
use tokio::net::TcpListener;

/// What the pages read.
#[derive(Clone)]
pub struct HttpState {
    /// Counters and decisions.
    pub shared: Arc<Shared>,
    /// Whether the milter socket takes connections.
    pub ready: Arc<AtomicBool>,
}

/// Serves until `shutdown` completes.
///
/// # Errors
///
/// Where the listener breaks.
pub async fn serve(
    listener: TcpListener,
    state: HttpState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new()
        .route("/", get(decisions))
        .route("/metrics", get(metrics))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(state);
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
}

async fn metrics(State(state): State<HttpState>) -> Response {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    (
        [(CONTENT_TYPE, content_type)],
        state.shared.metrics.render(),
    )
        .into_response()
}

async fn ready(State(state): State<HttpState>) -> (StatusCode, &'static str) {
    match state.ready.load(Ordering::Acquire) {
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}

/// The last decisions as plain text, newest first: time, queue id, verdict, action, author domain,
/// reasons.
async fn decisions(State(state): State<HttpState>) -> Response {
    let mut text =
        String::from("# seconds since 1970, queue id, verdict, action, author, reasons\n");
    for decided in state.shared.history.latest() {
        let _ = writeln!(text, "{}", line(&decided));
    }
    text.push_str(
        "\n# most often behind `impersonation` since the start; a line in [trust] lets one name the \
         brand once it is authenticated\n",
    );
    for (domain, count) in state.shared.history.impersonators(20) {
        let _ = writeln!(text, "{count:>8}  allow = [\"{domain}\"]");
    }
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

fn line(decided: &Decided) -> String {
    let seconds = decided
        .at
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let report = &decided.report;
    format!(
        "{seconds} {} {} {} {} {}",
        decided.queue_id.as_deref().unwrap_or("-"),
        report.verdict,
        report.decision.action,
        report.author.as_ref().map_or("-", |author| author.as_str()),
        report.reason_words(),
    )
}
