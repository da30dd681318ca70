//! The table of decisions: which are asked for, and how they are shown.

use super::{
    instances::{self, Sight},
    layout,
    text::{grouped, milliseconds, plural, timestamp},
    words,
};
use crate::{
    history::Decided,
    mail::domain::Domain,
    reason::Reason,
    report::{Report, printable::printable},
    verdict::Verdict,
};
use maud::{Markup, html};
use std::sync::Arc;

/// Rows of one page.
const ROWS: usize = 100;

/// Reasons in a row; the rest is told by its number.
const REASONS: usize = 2;

/// Characters of a search that are looked at.
const MAX_SEARCH: usize = 100;

/// Which verdicts are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Verdicts {
    /// Those of messages that present themselves as the brand.
    #[default]
    Claims,
    All,
    Only(Verdict),
}

/// Which decisions are asked for. What a query says beyond its meaning is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    verdicts: Verdicts,
    reason: Option<Reason>,
    /// In lower case.
    search: String,
    /// Counted from 0.
    page: usize,
}

impl Filter {
    /// Reads a query; every text is one.
    pub(super) fn parse(query: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let word = |candidate: &&Reason| candidate.word() == value;
            match &*name {
                "verdict" if value == "all" => filter.verdicts = Verdicts::All,
                "verdict" => {
                    let verdict = Verdict::ALL.into_iter().find(|known| known.word() == value);
                    filter.verdicts = verdict.map_or(Verdicts::Claims, Verdicts::Only);
                }
                "reason" => filter.reason = Reason::ALL.iter().find(word).copied(),
                "q" => {
                    filter.search = value
                        .trim()
                        .chars()
                        .take(MAX_SEARCH)
                        .collect::<String>()
                        .to_lowercase()
                }
                "page" => {
                    filter.page = value
                        .parse::<usize>()
                        .map_or(0, |page| page.saturating_sub(1).min(99))
                }
                _ => {}
            }
        }
        filter
    }

    fn is_default(&self) -> bool {
        let Self {
            verdicts,
            reason,
            search,
            page: _,
        } = self;
        *verdicts == Verdicts::Claims && reason.is_none() && search.is_empty()
    }

    /// The decisions among which it chooses, newest first.
    fn candidates(&self, sight: &Sight) -> Vec<Arc<Decided>> {
        match self.verdicts {
            Verdicts::Claims => sight.latest.clone(),
            Verdicts::Only(Verdict::Unrelated | Verdict::Exempt) => sight.others.clone(),
            Verdicts::Only(_) => sight.latest.clone(),
            Verdicts::All => sight.all(),
        }
    }

    fn matches(&self, decided: &Decided) -> bool {
        let report = &decided.report;
        let verdict = match self.verdicts {
            Verdicts::Claims | Verdicts::All => true,
            Verdicts::Only(verdict) => report.verdict == verdict,
        };
        verdict
            && self
                .reason
                .is_none_or(|reason| report.reasons.contains(&reason))
            && (self.search.is_empty() || self.is_found(decided))
    }

    fn is_found(&self, decided: &Decided) -> bool {
        let report = &decided.report;
        let has = |text: &str| text.to_lowercase().contains(&self.search);
        decided.queue_id.as_deref().is_some_and(has)
            || report.author.as_ref().map(Domain::as_str).is_some_and(has)
            || has(report.verdict.word())
            || has(report.decision.action.word())
            || has(&report.reason_words())
            || report.author_names.iter().any(|name| has(name))
            || report.author_addresses.iter().any(|address| has(address))
            || decided.mail_from.as_deref().is_some_and(has)
            || decided
                .elsewhere
                .as_ref()
                .is_some_and(|elsewhere| has(&elsewhere.instance))
    }

    /// The address of another page of the same.
    fn address(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        match self.verdicts {
            Verdicts::Claims => {}
            Verdicts::All => {
                query.append_pair("verdict", "all");
            }
            Verdicts::Only(verdict) => {
                query.append_pair("verdict", verdict.word());
            }
        }
        if let Some(reason) = self.reason {
            query.append_pair("reason", reason.word());
        }
        if !self.search.is_empty() {
            query.append_pair("q", &self.search);
        }
        if page > 0 {
            query.append_pair("page", &(page + 1).to_string());
        }
        format!("/?{}#decisions", query.finish())
    }
}

/// The part of the page with the filter and the table.
pub(super) fn section(filter: &Filter, sight: &Sight, brand: &str) -> Markup {
    let candidates = filter.candidates(sight);
    let found: Vec<_> = candidates
        .iter()
        .filter(|decided| filter.matches(decided))
        .collect();
    let pages = found.len().div_ceil(ROWS).max(1);
    let page = filter.page.min(pages - 1);
    html! {
        section.card #decisions aria-labelledby="decisions-title" {
            div.heading {
                h2 #decisions-title { "Decisions" }
                p.muted #count data-live { (summary(filter, found.len(), candidates.len())) }
            }
            (form(filter, &candidates, brand))
            div #rows data-live {
                @if found.is_empty() {
                    (nothing(filter, candidates.is_empty(), brand))
                } @else {
                    table {
                        caption.hidden { "The last decisions, newest first" }
                        thead { tr {
                            th scope="col" { "Time" } th scope="col" { "Verdict" } th scope="col" { "Why" }
                            th scope="col" { "Author domain" } th scope="col" { "Action" }
                            th scope="col" { "Queue id" }
                            @if sight.is_shared() { th scope="col" { "Instance" } }
                            th.number scope="col" { "ms" }
                        } }
                        tbody { @for decided in found.iter().skip(page * ROWS).take(ROWS) { (row(decided, sight)) } }
                    }
                    @if pages > 1 { (pager(filter, page, pages)) }
                }
            }
        }
    }
}

fn summary(filter: &Filter, found: usize, all: usize) -> String {
    match (filter.is_default(), all) {
        (true, 0) => "none so far".to_owned(),
        (true, _) => format!("the last {}", plural(all as u64, "decision")),
        (false, _) => format!(
            "{} of {}",
            grouped(found as u64),
            plural(all as u64, "decision")
        ),
    }
}

fn nothing(filter: &Filter, none_at_all: bool, brand: &str) -> Markup {
    html! {
        div.nothing {
            @if none_at_all && filter.is_default() {
                p.big { "No mail that presents itself as " (brand) " so far." }
                p { "The first one appears here. Other mail is counted above and needs no attention." }
            } @else {
                p.big { "No decision matches." }
                p { "Only the last ones are kept here (history.entries); the log has all of them. " a href="/#decisions" { "Show all" } }
            }
        }
    }
}

fn form(filter: &Filter, candidates: &[Arc<Decided>], brand: &str) -> Markup {
    let chosen = |verdicts: Verdicts| filter.verdicts == verdicts;
    let reasons = Reason::ALL.iter().copied().filter(|reason| {
        filter.reason == Some(*reason)
            || candidates
                .iter()
                .any(|decided| decided.report.reasons.contains(reason))
    });
    html! {
        form.filter method="get" action="/#decisions" role="search" {
            div { label for="verdict" { "Verdict" }
                select #verdict name="verdict" {
                    option value="" selected[chosen(Verdicts::Claims)] { "all that claim to be " (brand) }
                    @for verdict in Verdict::ALL {
                        option value=(verdict.word()) selected[chosen(Verdicts::Only(verdict))] { (verdict.word()) }
                    }
                    option value="all" selected[chosen(Verdicts::All)] { "everything" }
                }
            }
            div { label for="reason" { "Reason" }
                select #reason name="reason" {
                    option value="" { "any" }
                    @for reason in reasons {
                        option value=(reason.word()) selected[filter.reason == Some(reason)] { (reason.word()) }
                    }
                }
            }
            div { label for="q" { "Search" }
                input #q type="search" name="q" value=(filter.search) maxlength=(MAX_SEARCH)
                    placeholder="queue id, domain, word" autocomplete="off";
            }
            button type="submit" { "Show" }
            @if !filter.is_default() { a.reset href="/#decisions" { "Show all" } }
        }
    }
}

fn row(decided: &Decided, sight: &Sight) -> Markup {
    let report = &decided.report;
    let stamp = timestamp(decided.at);
    html! {
        tr {
            td.time { a href=(instances::address(decided)) {
                time datetime=(stamp) { (clock(&stamp)) } span.hidden { " show this decision" } } }
            td data-label="Verdict" { (layout::badge(report.verdict)) }
            td.why data-label="Why" {
                (reasons(report))
                @if report.verdict != Verdict::Verified && let Some(name) = report.author_names.first() { div.muted { "shown as “" bdi { (printable(name)) } "”" } }
            }
            td.domain data-label="Author domain" {
                @match &report.author {
                    Some(author) => (breakable(author)),
                    None => span.muted { "none readable" },
                }
            }
            td data-label="Action" { (words::done(report.decision)) }
            td.id data-label="Queue id" { (decided.queue_id.as_deref().unwrap_or("–")) }
            @if sight.is_shared() {
                td data-label="Instance" { @match &decided.elsewhere { Some(elsewhere) => (elsewhere.instance), None => "this one" } }
            }
            td.number data-label="Milliseconds" { (milliseconds(decided.duration)) }
        }
    }
}

/// The reasons that tell most, in words.
fn reasons(report: &Report) -> Markup {
    let mut reasons = report.reasons.clone();
    // What proves, or lacks to prove, an official author says more than that it is one. The sort is stable.
    reasons.sort_by_key(|reason| !decides(report.verdict, *reason));
    let more = reasons.len().saturating_sub(REASONS);
    html! {
        @if reasons.is_empty() { span.muted { "it names the brand nowhere that counts" } }
        @for (at, reason) in reasons.iter().take(REASONS).enumerate() {
            @if at > 0 { "; " } (reason.sentence())
        }
        @if more > 0 { span.muted { "; " (plural(more as u64, "more reason")) } }
    }
}

fn decides(verdict: Verdict, reason: Reason) -> bool {
    match verdict {
        Verdict::Verified => matches!(
            reason,
            Reason::DkimAligned | Reason::SpfAligned | Reason::ArcTrusted
        ),
        Verdict::Forged => matches!(
            reason,
            Reason::Unauthenticated
                | Reason::SignatureExpired
                | Reason::KeyGone
                | Reason::NonexistentDomain
        ),
        Verdict::Unverifiable => matches!(
            reason,
            Reason::DnsTemporaryFailure
                | Reason::Forwarder
                | Reason::NoBodyVerification
                | Reason::NoEnvelope
                | Reason::OwnedNotSender
                | Reason::AliasRelay
        ),
        _ => false,
    }
}

/// A domain that a narrow screen may break after a dot.
pub(super) fn breakable(domain: &Domain) -> Markup {
    let labels = domain.as_str().split('.').enumerate();
    html! { @for (at, label) in labels { @if at > 0 { "." wbr; } (label) } }
}

/// The hours, minutes and seconds of a timestamp; the script says them in the reader's own zone.
fn clock(timestamp: &str) -> &str {
    timestamp.get(11..19).unwrap_or(timestamp)
}

fn pager(filter: &Filter, page: usize, pages: usize) -> Markup {
    html! {
        nav.pager aria-label="Pages of the table" {
            @if page > 0 { a rel="prev" href=(filter.address(page - 1)) { "Newer" } }
            span { "page " (page + 1) " of " (pages) }
            @if page + 1 < pages { a rel="next" href=(filter.address(page + 1)) { "Older" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_and_written_alike() {
        let filter = Filter::parse("verdict=forged&reason=reply-to&q=+%3CB%3E%26x+&page=2&other=1");
        assert_eq!(filter.verdicts, Verdicts::Only(Verdict::Forged));
        assert_eq!(filter.reason, Some(Reason::ReplyTo));
        assert_eq!(filter.search, "<b>&x");
        assert_eq!(filter.page, 1);
        let address = filter.address(filter.page);
        assert_eq!(
            address,
            "/?verdict=forged&reason=reply-to&q=%3Cb%3E%26x&page=2#decisions"
        );
        let query = address
            .trim_start_matches("/?")
            .trim_end_matches("#decisions");
        assert_eq!(Filter::parse(query), filter);
    }

    #[test]
    fn nonsense_asks_for_what_no_query_asks_for() {
        for query in [
            "",
            "verdict=&reason=&q=&page=",
            "verdict=%ff&reason=x&page=-1",
            "&&=&%",
        ] {
            assert_eq!(Filter::parse(query), Filter::default(), "{query}");
        }
        assert_eq!(Filter::parse("page=99999999999999999999").page, 0);
        assert_eq!(
            Filter::parse(&format!("q={}", "x".repeat(9_999)))
                .search
                .len(),
            100
        );
    }
}
