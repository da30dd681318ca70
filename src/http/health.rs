//! Whether the program and what it depends on are well.

use super::{
    HttpState,
    text::{grouped, milliseconds, percent, plural, seconds, span, timestamp},
};
use crate::{
    history::{Lately, Lookups},
    shared::Active,
    verdict::policy::Preset,
};
use maud::{Markup, html};
use std::time::{Duration, SystemTime};

/// Lookups that failed, in per cent, from which on DNS is not well; and how many there have to be.
const FAILED: u32 = 5;
const ENOUGH: u32 = 20;

/// One thing that is well or not.
struct Sign {
    name: &'static str,
    well: bool,
    value: String,
    notes: Vec<String>,
}

/// The row of signs.
pub(super) fn section(
    state: &HttpState,
    active: &Active,
    lately: &Lately,
    now: SystemTime,
    up: Duration,
) -> Markup {
    let signs = [
        connections(state, lately),
        dns(&lately.lookups),
        list(active, now),
        program(state, active, up),
    ];
    html! {
        section.signs #health data-live aria-label="Health" {
            @for sign in &signs {
                div.card.sign.ill[!sign.well] {
                    h2 { (sign.name) }
                    p.value { (mark(sign.well)) (sign.value) }
                    @for note in &sign.notes { p.muted { (note) } }
                }
            }
        }
    }
}

fn mark(well: bool) -> Markup {
    match well {
        true => html! { span.mark.good role="img" aria-label="well:" { "✓" } },
        false => html! { span.mark.bad role="img" aria-label="look here:" { "!" } },
    }
}

fn connections(state: &HttpState, lately: &Lately) -> Sign {
    let open = state.shared.metrics.connections_open();
    let most = state.shared.metrics.connections_limit();
    let mut notes = vec![format!("of {} that are served at a time", grouped(most))];
    if let (Some(half), Some(most)) = (lately.durations.within(0.5), lately.durations.within(0.95))
    {
        notes.push(format!(
            "half of the messages took under {} ms, 95 % under {} ms",
            milliseconds(half),
            milliseconds(most)
        ));
    }
    Sign {
        name: "Connections",
        well: open * 5 < most * 4,
        value: format!("{} open", grouped(open)),
        notes,
    }
}

fn dns(lookups: &Lookups) -> Sign {
    let Lookups {
        all,
        cached,
        failed,
        asked,
    } = lookups;
    let mut notes = vec![match all {
        0 => "in the last 15 minutes; mail without a claim needs none".to_owned(),
        _ => format!(
            "of {} in 15 minutes; {} from the cache",
            plural((*all).into(), "lookup"),
            percent(*cached, *all)
        ),
    }];
    if let (Some(half), Some(most)) = (asked.within(0.5), asked.within(0.95)) {
        notes.push(format!(
            "half of the answers took under {} ms, 95 % under {} ms",
            milliseconds(half),
            milliseconds(most)
        ));
    }
    Sign {
        name: "DNS",
        well: *all < ENOUGH || u64::from(*failed) * 100 < u64::from(*all) * u64::from(FAILED),
        value: match all {
            0 => "no lookups".into(),
            _ => format!("{} unanswered", percent(*failed, *all)),
        },
        notes,
    }
}

fn list(active: &Active, now: SystemTime) -> Sign {
    let brand = &active.config.brand;
    let updated = u64::try_from(brand.updated_at()).unwrap_or_default();
    let age = Duration::from_secs(seconds(now).saturating_sub(updated));
    let old = active
        .config
        .brand_warn_after
        .is_some_and(|limit| age > limit);
    let days = match age.as_secs() / 86_400 {
        0 => "today".to_owned(),
        days => format!("{} old", plural(days, "day")),
    };
    Sign {
        name: "Domain list",
        well: !old,
        value: plural(brand.entries().count() as u64, "domain"),
        notes: vec![format!("as of {}, {days}", brand.updated())],
    }
}

fn program(state: &HttpState, active: &Active, up: Duration) -> Sign {
    let history = &state.shared.history;
    let policy = match active.config.policy.preset {
        Preset::Tag => "policy \"tag\": labels, refuses nothing",
        Preset::Enforce => "policy \"enforce\": refuses what is certain",
        Preset::Monitor => "policy \"monitor\": decides, applies nothing",
    };
    let mut notes = vec![format!("version {}, {policy}", env!("CARGO_PKG_VERSION"))];
    let reload = history.reload();
    notes.extend(reload.map(|reload| {
        let at = timestamp(reload.at);
        match reload.success {
            true => format!("configuration taken over {at}"),
            false => format!(
                "a new configuration was refused {at}: the log says why, the old one is in force"
            ),
        }
    }));
    Sign {
        name: "Program",
        well: reload.is_none_or(|reload| reload.success),
        value: format!("up {}", span(up)),
        notes,
    }
}
