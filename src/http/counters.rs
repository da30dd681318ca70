//! The metrics for people: the same text as at `/metrics`, with the way back.

use super::{
    HttpState,
    layout::{self, Place},
};
use axum::extract::State;
use maud::{Markup, html};

/// `GET /metrics.html`.
pub(super) async fn page(State(state): State<HttpState>) -> Markup {
    let active = state.shared.active.load_full();
    let content = html! {
        section.card {
            h1 { "Metrics" }
            p { "As Prometheus reads them at " a href="/metrics" { code { "/metrics" } } ", which is plain text without a way back." }
            pre tabindex="0" role="region" aria-label="All metrics" { (state.shared.metrics.render()) }
        }
    };
    layout::page(&active, Place::Metrics, "Metrics", &content)
}
