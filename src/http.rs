//! What people and monitoring see: `/metrics`, `/healthz`, `/readyz`, and the page.
//!
//! It runs in a thread of its own with a low priority, so that nothing a client does here slows a
//! message.

mod access;
mod chart;
mod connections;
mod counters;
mod decision;
mod decisions;
mod health;
mod instances;
mod layout;
mod overview;
mod text;
mod trial;
mod words;

use crate::{config::HttpConfig, runtime, shared::Shared};
use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    middleware::{from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::{
    io,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::runtime::Handle;
use trial::Trials;

/// How much milder the scheduler is asked to be with this thread than with those of messages; 19
/// would be all (setpriority(2)).
const NICENESS: i32 = 10;

/// What the pages read.
#[derive(Clone)]
pub struct HttpState {
    /// Counters and decisions.
    pub shared: Arc<Shared>,
    /// Whether the milter socket takes connections.
    pub ready: Arc<AtomicBool>,
    /// What was configured at the start: the socket stays as it was, whatever a reload says.
    pub started: Arc<HttpConfig>,
    /// Where messages are judged.
    pub messages: Handle,
    trials: Arc<Trials>,
}

impl HttpState {
    /// What the pages read.
    pub fn new(shared: Arc<Shared>, ready: Arc<AtomicBool>, started: HttpConfig) -> Self {
        Self {
            shared,
            ready,
            started: Arc::new(started),
            messages: Handle::current(),
            trials: Arc::default(),
        }
    }
}

impl HttpState {
    fn is_dns_dead(&self) -> bool {
        let active = self.shared.active.load();
        active.verifier.dns().is_some_and(|dns| dns.is_dead())
    }
}

/// Serves in a thread of its own until `shutdown` completes.
///
/// # Errors
///
/// Where the thread or its runtime can't be made.
pub fn start(
    listener: TcpListener,
    state: HttpState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    runtime::in_own_thread("http", move || async move {
        // On Linux a thread has its own. Where it can't be set, it serves all the same.
        if let Err(error) = rustix::process::nice(NICENESS) {
            tracing::debug!(%error, "the HTTP thread has no lower priority");
        }
        let served = connections::serve(listener, router(state), shutdown).await;
        if let Err(error) = served {
            tracing::error!(%error, "HTTP is not served any more");
        }
    })
}

fn router(state: HttpState) -> Router {
    Router::new()
        .route("/", get(overview::page))
        .route("/decisions/{number}", get(decision::page))
        .route("/decisions/{instance}/{id}", get(decision::elsewhere))
        .route("/decisions.txt", get(text::decisions))
        .route("/try", get(trial::form).post(trial::submit))
        .route("/login", get(access::form).post(access::login))
        .route("/logout", post(access::logout))
        .route("/metrics", get(metrics))
        .route("/metrics.html", get(counters::page))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/assets/page.css", get(layout::style))
        .route("/assets/page.js", get(layout::script))
        .route("/assets/icon.svg", get(layout::icon))
        .fallback(layout::not_found)
        .layer(trial::body_limit())
        .layer(from_fn_with_state(state.clone(), access::guard))
        .layer(map_response(harden))
        .with_state(state)
}

/// No page runs, loads, embeds or keeps anything but what is ours.
async fn harden(mut response: Response) -> Response {
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
             connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
        // "no-referrer" would make the Origin of our own forms "null".
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn metrics(State(state): State<HttpState>) -> Response {
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    (
        [(header::CONTENT_TYPE, content_type)],
        state.shared.metrics.render(),
    )
        .into_response()
}

async fn ready(State(state): State<HttpState>) -> (StatusCode, &'static str) {
    match state.ready.load(Ordering::Acquire) {
        // Mail goes on without DNS: taken out of service, this instance would judge none of it.
        true if state.is_dns_dead() => (StatusCode::OK, "ready, but DNS is dead\n"),
        true => (StatusCode::OK, "ready\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}
