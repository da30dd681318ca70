//! What an instance says of itself every ten seconds: what it runs, and what it counted since.

use super::entry::Entry;
use crate::{config::Fingerprint, history::Messages, verdict::Verdict};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Characters of a version.
const MAX_VERSION: usize = 40;

/// What an instance runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Version and revision of the program.
    pub version: String,
    /// Its configuration.
    pub configuration: Fingerprint,
    /// Its list of domains.
    pub list: Fingerprint,
    /// When it was started, in seconds since 1970.
    pub started: u64,
    /// Whether its own DNS is dead.
    pub dns_dead: bool,
}

/// What it counted in one minute, or since it last told.
#[derive(Clone, Debug)]
pub(super) struct Pulse {
    /// The minute that they belong to.
    pub(super) at: SystemTime,
    /// The messages.
    pub(super) messages: Messages,
}

/// The words for XADD.
pub(super) fn words(pulse: &Pulse, state: &State, run: &str) -> Vec<(&'static str, String)> {
    let since = pulse.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut words = vec![
        ("run", run.to_owned()),
        ("at", since.as_secs().to_string()),
        ("version", state.version.clone()),
        ("configuration", state.configuration.to_string()),
        ("list", state.list.to_string()),
        ("started", state.started.to_string()),
        ("dns-dead", u8::from(state.dns_dead).to_string()),
    ];
    for verdict in Verdict::ALL {
        let count = pulse.messages.of(verdict);
        if count > 0 {
            words.push((verdict.word(), count.to_string()));
        }
    }
    words
}

/// What an entry counted.
pub(super) fn counted(entry: &Entry<'_>) -> Pulse {
    let mut messages = Messages::default();
    for verdict in Verdict::ALL {
        let count = entry.number(verdict.word()).unwrap_or_default();
        messages.count_many(verdict, u32::try_from(count).unwrap_or(u32::MAX));
    }
    let told = entry.id.millis / 1_000;
    let seconds = entry.number("at").map_or(told, |at| at.min(told));
    Pulse {
        at: UNIX_EPOCH + Duration::from_secs(seconds),
        messages,
    }
}

/// What an entry says of its instance.
pub(super) fn state(entry: &Entry<'_>) -> State {
    let fingerprint = |name| {
        entry
            .word(name)
            .and_then(Fingerprint::parse)
            .unwrap_or_default()
    };
    let version = entry.word("version").unwrap_or_default();
    State {
        version: version
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_'))
            .take(MAX_VERSION)
            .collect(),
        configuration: fingerprint("configuration"),
        list: fingerprint("list"),
        started: entry.number("started").unwrap_or_default(),
        dns_dead: entry.word("dns-dead") == Some("1"),
    }
}
