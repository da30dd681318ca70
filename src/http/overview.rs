//! The first page: how much there was of what, and the last decisions.

use super::{
    HttpState, chart,
    decisions::{self, Filter},
    health, instances,
    layout::{self, Place},
    text::{IMPERSONATORS, grouped},
    words,
};
use crate::{
    history::{Impersonator, Messages},
    mail::domain::Domain,
    verdict::Verdict,
};
use axum::extract::{RawQuery, State};
use maud::{Markup, html};
use std::time::SystemTime;

/// `GET /`.
pub(super) async fn page(State(state): State<HttpState>, RawQuery(query): RawQuery) -> Markup {
    let now = SystemTime::now();
    let filter = Filter::parse(query.as_deref().unwrap_or_default());
    let active = state.shared.active.load_full();
    let brand = active.config.brand.name();
    let sight = instances::look(&state, &active, now).await;
    let lately = &sight.lately;
    let up = now
        .duration_since(state.shared.history.started)
        .unwrap_or_default();
    let impersonators = state.shared.history.impersonators(IMPERSONATORS);
    let content = html! {
        h1.hidden { "Mail that presents itself as " (brand) }
        (tiles(&lately.day, brand))
        (allow(&impersonators, brand))
        section.charts #charts data-live aria-label="Verdicts over time" {
            (chart::chart(&chart::HOUR, &lately.day, sight.up))
            (chart::chart(&chart::DAY, &lately.day, sight.up))
        }
        (health::section(&state, &active, lately, now, up))
        (instances::section(&state, &active, &sight, now))
        (decisions::section(&filter, &sight, brand))
    };
    layout::page(&active, Place::Overview, "Overview", &content)
}

/// The numbers to look at first.
fn tiles(day: &[Messages], brand: &str) -> Markup {
    let today = chart::sum(day);
    let hour = chart::sum(day.get(day.len().saturating_sub(60)..).unwrap_or_default());
    let tiles = [
        (
            "spoof",
            "Spoofs",
            &words::SPOOFS[..],
            format!("not from {brand}, though they say so"),
        ),
        (
            "doubt",
            "Doubtful",
            &words::DOUBTS[..],
            "suspicious, or not to be checked".to_owned(),
        ),
        (
            "genuine",
            "Verified",
            &[Verdict::Verified][..],
            format!("proved to be {brand}'s"),
        ),
        (
            "other",
            "Other mail",
            &[Verdict::Unrelated, Verdict::Exempt][..],
            format!("no claim to be {brand}, or trusted"),
        ),
    ];
    html! {
        section.tiles #tiles data-live aria-label="Messages in the last hour" {
            @for (kind, name, verdicts, about) in &tiles {
                div.card.tile.(kind) {
                    h2 { (name) }
                    p.figure { (grouped(chart::count(&hour, verdicts).into())) span.unit { " in the last hour" } }
                    p.muted { (grouped(chart::count(&today, verdicts).into())) " in 24 hours" }
                    p.about { (about) }
                }
            }
        }
    }
}

/// Domains that are seen at once; the others stand below a line that opens.
const AT_ONCE: usize = 3;

/// Who stands behind impersonation, and whom of them an operator may want to allow. It is always there, so
/// that the script finds its place once there is something to show.
fn allow(impersonators: &[(Domain, Impersonator)], brand: &str) -> Markup {
    let (first, rest) = impersonators.split_at(AT_ONCE.min(impersonators.len()));
    html! {
        section.card #impersonators data-live hidden[first.is_empty()] aria-labelledby="impersonators-title" {
            div.heading {
                h2 #impersonators-title { "Most often behind impersonation" }
                p.muted { "since the start" }
            }
            p { "Is one of them a sender that you know and that may name " (brand) "? Its line in "
                code { "[trust]" } " lets it, once it is authenticated." }
            (rows(first))
            @if !rest.is_empty() {
                details {
                    summary { (rest.len()) " more" }
                    (rows(rest))
                }
            }
        }
    }
}

fn rows(impersonators: &[(Domain, Impersonator)]) -> Markup {
    html! {
        ul.allow {
            @for (domain, found) in impersonators {
                li {
                    span.domain { (decisions::breakable(domain)) }
                    span.number { (grouped(found.messages)) " ×" }
                    @if found.may_be_allowed {
                        code { "allow = [\"" (domain) "\"]" }
                    } @else {
                        span.muted { "no proposal: unproved, a free name, or it asks for something" }
                    }
                }
            }
        }
    }
}
