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
    mark: Mark,
    value: String,
    notes: Vec<String>,
}

/// How it is with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// It is known to be good.
    Well,
    /// Too little is known to say, or nobody says what would be good.
    Open,
    Ill,
}

impl From<bool> for Mark {
    fn from(well: bool) -> Self {
        match well {
            true => Self::Well,
            false => Self::Ill,
        }
    }
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
        dns(&lately.lookups, state.is_dns_dead()),
        list(active, now),
        program(state, active, up),
    ];
    html! {
        section.signs #health data-live aria-label="Health" {
            @for sign in &signs {
                div.card.sign.ill[sign.mark == Mark::Ill] {
                    h2 { (sign.name) }
                    p.value { (shown(sign.mark)) (sign.value) }
                    @for note in &sign.notes { p.muted { (note) } }
                }
            }
        }
    }
}

fn shown(mark: Mark) -> Markup {
    match mark {
        Mark::Well => html! { span.mark.good role="img" aria-label="well:" { "✓" } },
        Mark::Open => html! {},
        Mark::Ill => html! { span.mark.bad role="img" aria-label="look here:" { "!" } },
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
        mark: (open * 5 < most * 4).into(),
        value: format!("{} open", grouped(open)),
        notes,
    }
}

/// Lookups of strangers' names may fail by their own fault; whether ours is dead is known better.
fn dns(lookups: &Lookups, dead: bool) -> Sign {
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
        mark: match u64::from(*failed) * 100 < u64::from(*all) * u64::from(FAILED) {
            _ if dead => Mark::Ill,
            _ if *all == 0 => Mark::Open,
            true => Mark::Well,
            false if *failed == 0 => Mark::Well,
            false if *all < ENOUGH => Mark::Open,
            false => Mark::Ill,
        },
        value: match all {
            _ if dead => "dead: nobody answers".into(),
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
        mark: match active.config.brand_warn_after {
            None => Mark::Open,
            Some(_) => (!old).into(),
        },
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
        mark: match active.config.policy.preset {
            _ if reload.is_some_and(|reload| !reload.success) => Mark::Ill,
            // It runs, and nothing that it finds out has an effect.
            Preset::Monitor => Mark::Open,
            Preset::Tag | Preset::Enforce => Mark::Well,
        },
        value: format!("up {}", span(up)),
        notes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_tick_beside_lookups_that_nobody_answers() {
        let mark = |all, failed, dead| {
            let lookups = Lookups {
                all,
                failed,
                ..Lookups::default()
            };
            match dns(&lookups, dead).mark {
                Mark::Well => "tick",
                Mark::Open => "nothing",
                Mark::Ill => "mark",
            }
        };
        // Nobody asked anything.
        assert_eq!(mark(0, 0, false), "nothing");
        assert_eq!(mark(3, 0, false), "tick");
        assert_eq!(mark(0, 0, true), "mark");
        // Three names of strangers say nothing about us.
        assert_eq!(mark(3, 3, false), "nothing");
        assert_eq!(mark(19, 1, false), "nothing");
        assert_eq!(mark(20, 1, false), "mark");
        assert_eq!(mark(100, 4, false), "tick");
        assert_eq!(mark(100, 4, true), "mark");
    }
}
