//! What all pages have in common.

use super::HttpState;
use crate::{shared::Active, verdict::Verdict};
use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

/// Which page is shown, for the navigation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Decision,
    Trial,
    Metrics,
}

/// A page with the navigation.
pub(super) fn page(active: &Active, place: Place, title: &str, content: &Markup) -> Markup {
    let http = active.config.http.as_ref();
    let token = http.is_some_and(|http| http.token.is_some());
    let trial = http.is_some_and(|http| http.try_messages);
    let link = |href: &str, text: &str, is_here: bool| {
        html! { a href=(href) aria-current=[is_here.then_some("page")] { (text) } }
    };
    document(
        title,
        &html! {
            header.top {
                a.name href="/" { span.mark aria-hidden="true" {} "amazon-spoof-milter" }
                span.host { "on " (active.config.headers.authserv_id) }
                nav aria-label="Pages" {
                    (link("/", "Overview", place == Place::Overview))
                    @if trial { (link("/try", "Try a message", place == Place::Trial)) }
                    (link("/metrics.html", "Metrics", place == Place::Metrics))
                    @if token {
                        form method="post" action="/logout" { button.plain type="submit" { "Log out" } }
                    }
                }
            }
            main #main { (content) }
        },
    )
}

/// A page for those who may not see more.
pub(super) fn bare(title: &str, content: &Markup) -> Markup {
    document(
        title,
        &html! {
            header.top { span.name { span.mark aria-hidden="true" {} "amazon-spoof-milter" } }
            main #main { (content) }
        },
    )
}

fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) " · amazon-spoof-milter" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/assets/page.css";
                script src="/assets/page.js" defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (body)
            }
        }
    }
}

/// The class that colours a verdict.
pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Exempt => "v-exempt",
        Verdict::Forged => "v-forged",
        Verdict::Lookalike => "v-lookalike",
        Verdict::Impersonation => "v-impersonation",
        Verdict::Unverifiable => "v-unverifiable",
        Verdict::Suspicious => "v-suspicious",
        Verdict::Verified => "v-verified",
        Verdict::Unrelated => "v-unrelated",
    }
}

/// A verdict as a coloured word.
pub(super) fn badge(verdict: Verdict) -> Markup {
    html! { span.badge.(class(verdict)) { (verdict.word()) } }
}

/// The page for what is not there.
pub(super) fn missing(state: &HttpState, what: &str) -> Response {
    let content = html! {
        section.card {
            h1 { "Not found" }
            p { (what) }
            p { a href="/" { "To the overview" } }
        }
    };
    let active = state.shared.active.load();
    let page = page(&active, Place::Decision, "Not found", &content);
    (StatusCode::NOT_FOUND, page).into_response()
}

pub(super) async fn not_found(
    axum::extract::State(state): axum::extract::State<HttpState>,
) -> Response {
    missing(&state, "There is no such page.")
}

pub(super) async fn style() -> Response {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("page.css"),
    )
        .into_response()
}

pub(super) async fn script() -> Response {
    (
        [(CONTENT_TYPE, "text/javascript; charset=utf-8")],
        include_str!("page.js"),
    )
        .into_response()
}

pub(super) async fn icon() -> Response {
    ([(CONTENT_TYPE, "image/svg+xml")], include_str!("icon.svg")).into_response()
}
