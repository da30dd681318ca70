//! What happened lately, bounded, for people who look in over HTTP.

mod minutes;

pub use minutes::{Durations, Minutes};

use crate::{
    dns::{Observer, Outcome, QueryType},
    mail::{domain::Domain, message::Envelope},
    proof::AuthResult,
    report::Report,
    verdict::Verdict,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

/// Domains behind impersonation that are counted; those that come later are not.
const MAX_IMPERSONATORS: usize = 1_000;

/// Minutes of a day.
const DAY: usize = 24 * 60;

/// Minutes for which it is known how long things took.
const HOUR: usize = 60;

/// A sender chooses how many signatures there are, and what their selectors are called.
pub(crate) const MAX_SIGNATURES: usize = 16;
/// In characters, of all that a sender wrote.
const MAX_TEXT: usize = 200;
/// Author addresses and names of one message.
pub(crate) const MAX_AUTHORS: usize = 8;

/// One decision.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Counts up from 1 since the start.
    pub number: u64,
    /// When.
    pub at: SystemTime,
    /// From MAIL to the decision.
    pub duration: Duration,
    /// The MTA's queue id, where it was known.
    pub queue_id: Option<String>,
    /// What was decided. Of what the sender wrote it holds domain names and selectors, and the author's names and
    /// addresses only where the operator wants to see addresses.
    pub report: Report,
    /// The envelope sender, where the operator wants to see addresses.
    pub mail_from: Option<String>,
    /// Where it was decided, if not in this process.
    pub elsewhere: Option<Elsewhere>,
}

/// Where a decision was made, if not in this process, and what is known of its proofs.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// The name of the instance.
    pub instance: Arc<str>,
    /// What it is called there.
    pub id: String,
    /// What was proved, and of whom.
    pub proofs: Vec<ProofShown>,
}

/// One result, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofShown {
    /// `SPF`, `DKIM`, `DMARC` or `ARC`.
    pub method: &'static str,
    /// The result.
    pub result: AuthResult,
    /// Whose.
    pub domain: Option<Domain>,
}

/// Messages of one minute, or of several.
#[derive(Clone, Debug, Default)]
pub struct Messages {
    verdicts: [u32; Verdict::ALL.len()],
}

impl Messages {
    /// How many had this verdict.
    pub fn of(&self, verdict: Verdict) -> u32 {
        self.verdicts
            .get(verdict as usize)
            .copied()
            .unwrap_or_default()
    }

    /// How many there were.
    pub fn all(&self) -> u32 {
        self.verdicts
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Adds others to these.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.verdicts.iter_mut().zip(&other.verdicts) {
            *count = count.saturating_add(*more);
        }
    }

    fn count(&mut self, verdict: Verdict) {
        self.count_many(verdict, 1);
    }

    /// Adds so many of one verdict.
    pub fn count_many(&mut self, verdict: Verdict, more: u32) {
        if let Some(count) = self.verdicts.get_mut(verdict as usize) {
            *count = count.saturating_add(more);
        }
    }
}

/// DNS lookups of one minute, or of several.
#[derive(Clone, Debug, Default)]
pub struct Lookups {
    /// All.
    pub all: u32,
    /// Those that the cache answered.
    pub cached: u32,
    /// Those that nobody answered.
    pub failed: u32,
    /// How long those took that a server had to answer.
    pub asked: Durations,
}

/// A reload of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Reload {
    /// When.
    pub at: SystemTime,
    /// Whether the new configuration is in force.
    pub success: bool,
}

/// The last hour and the last day.
#[derive(Clone, Debug)]
pub struct Lately {
    /// Messages of the day, minute by minute, the oldest first.
    pub day: Vec<Messages>,
    /// How long the messages of the last hour took.
    pub durations: Durations,
    /// DNS in the last quarter of an hour.
    pub lookups: Lookups,
}

/// What happened lately.
#[derive(Debug)]
pub struct History {
    /// When the program began.
    pub started: SystemTime,
    /// Decisions that are kept, and as many again of messages that are not the brand's business.
    kept: usize,
    decisions: Mutex<Decisions>,
    traffic: Mutex<Traffic>,
    lookups: Mutex<Minutes<Lookups>>,
    reload: Mutex<Option<Reload>>,
}

#[derive(Debug, Default)]
struct Decisions {
    last: u64,
    about_the_brand: VecDeque<Arc<Decided>>,
    others: VecDeque<Arc<Decided>>,
    impersonators: HashMap<Domain, Impersonator>,
}

/// How often a domain stood behind impersonation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impersonator {
    /// Messages.
    pub messages: u64,
    /// Whether each of them was one after which an operator might allow the domain
    /// ([`Report::may_be_allowed`]).
    pub may_be_allowed: bool,
}

#[derive(Debug)]
struct Traffic {
    messages: Minutes<Messages>,
    durations: Minutes<Durations>,
    /// Messages that the other instances were not told of yet.
    untold: Messages,
}

impl Default for History {
    fn default() -> Self {
        Self::new(500)
    }
}

impl History {
    /// Keeps so many decisions, and as many again of messages that are not the brand's business.
    pub fn new(kept: usize) -> Self {
        Self {
            started: SystemTime::now(),
            kept,
            decisions: Mutex::default(),
            traffic: Mutex::new(Traffic {
                messages: Minutes::new(DAY),
                durations: Minutes::new(HOUR),
                untold: Messages::default(),
            }),
            lookups: Mutex::new(Minutes::new(HOUR)),
            reload: Mutex::default(),
        }
    }
}

/// What is kept here is whole after every step, so that a panic elsewhere spoils nothing.
fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl History {
    /// Counts a decision and keeps it, and drops the oldest one where there are too many.
    /// `addresses` says whether addresses and names are kept. Returns what is kept.
    pub fn record(
        &self,
        at: SystemTime,
        report: &Report,
        envelope: &Envelope,
        duration: Duration,
        addresses: bool,
    ) -> Arc<Decided> {
        {
            let mut traffic = lock(&self.traffic);
            traffic.untold.count(report.verdict);
            if let Some(messages) = traffic.messages.at(at) {
                messages.count(report.verdict);
            }
            if let Some(durations) = traffic.durations.at(at) {
                durations.record(duration);
            }
        }
        let mail_from = envelope.mail_from.as_ref().filter(|_| addresses);
        let mut decided = Decided {
            number: 0,
            at,
            duration,
            queue_id: envelope.queue_id.clone(),
            report: without_content(report, addresses),
            mail_from: mail_from.map(|path| format!("<{}>", cut(&path.address))),
            elsewhere: None,
        };
        let mut decisions = lock(&self.decisions);
        decisions.last += 1;
        decided.number = decisions.last;
        if let (Verdict::Impersonation, Some(author)) = (report.verdict, &report.author) {
            decisions.impersonator(author, report.may_be_allowed);
        }
        let kept = match report.verdict {
            Verdict::Unrelated | Verdict::Exempt => &mut decisions.others,
            _ => &mut decisions.about_the_brand,
        };
        if kept.len() >= self.kept {
            kept.pop_front();
        }
        let decided = Arc::new(decided);
        kept.push_back(Arc::clone(&decided));
        decided
    }

    /// Messages that were counted since this was last asked.
    pub fn take_untold(&self) -> Messages {
        std::mem::take(&mut lock(&self.traffic).untold)
    }

    /// The decisions about messages that present themselves as the brand, newest first.
    pub fn latest(&self) -> Vec<Arc<Decided>> {
        let decisions = lock(&self.decisions);
        decisions.about_the_brand.iter().rev().cloned().collect()
    }

    /// The decisions about messages that were not the brand's business or not judged, newest first.
    pub fn others(&self) -> Vec<Arc<Decided>> {
        let decisions = lock(&self.decisions);
        decisions.others.iter().rev().cloned().collect()
    }

    /// The decision with this number, where it is still kept.
    pub fn decision(&self, number: u64) -> Option<Arc<Decided>> {
        let decisions = lock(&self.decisions);
        let mut all = decisions.about_the_brand.iter().chain(&decisions.others);
        all.find(|decided| decided.number == number).cloned()
    }

    /// The domains that stand most often behind impersonation since the start, the most frequent
    /// first, at most `shown` of them.
    pub fn impersonators(&self, shown: usize) -> Vec<(Domain, Impersonator)> {
        let decisions = lock(&self.decisions);
        let mut counts: Vec<_> = decisions
            .impersonators
            .iter()
            .map(|(domain, count)| (domain.clone(), *count))
            .collect();
        drop(decisions);
        counts.sort_by(|(a, of_a), (b, of_b)| {
            let by_count = of_b.messages.cmp(&of_a.messages);
            by_count.then_with(|| a.cmp(b))
        });
        counts.truncate(shown);
        counts
    }

    /// What was counted lately.
    pub fn lately(&self, now: SystemTime) -> Lately {
        let (day, minutes) = {
            let traffic = lock(&self.traffic);
            (
                traffic.messages.last(now, 24 * 60),
                traffic.durations.last(now, 60),
            )
        };
        let mut durations = Durations::default();
        for minute in &minutes {
            durations.add(minute);
        }
        let mut lookups = Lookups::default();
        for minute in lock(&self.lookups).last(now, 15) {
            lookups.all = lookups.all.saturating_add(minute.all);
            lookups.cached = lookups.cached.saturating_add(minute.cached);
            lookups.failed = lookups.failed.saturating_add(minute.failed);
            lookups.asked.add(&minute.asked);
        }
        Lately {
            day,
            durations,
            lookups,
        }
    }

    /// A reload was tried.
    pub fn reloaded(&self, success: bool) {
        *lock(&self.reload) = Some(Reload {
            at: SystemTime::now(),
            success,
        });
    }

    /// The last reload, if there was one.
    pub fn reload(&self) -> Option<Reload> {
        *lock(&self.reload)
    }
}

impl Decisions {
    fn impersonator(&mut self, author: &Domain, may_be_allowed: bool) {
        if self.impersonators.len() < MAX_IMPERSONATORS || self.impersonators.contains_key(author) {
            let known = self.impersonators.entry(author.clone());
            let known = known.or_insert(Impersonator {
                messages: 0,
                may_be_allowed: true,
            });
            known.messages += 1;
            known.may_be_allowed &= may_be_allowed;
        }
    }
}

impl Observer for History {
    fn looked_up(&self, _: QueryType, outcome: Outcome, cached: bool, duration: Duration) {
        let mut lookups = lock(&self.lookups);
        let Some(minute) = lookups.at(SystemTime::now()) else {
            return;
        };
        minute.all = minute.all.saturating_add(1);
        if outcome == Outcome::Failure {
            minute.failed = minute.failed.saturating_add(1);
        }
        match cached {
            true => minute.cached = minute.cached.saturating_add(1),
            false => minute.asked.record(duration),
        }
    }
}

/// A report without what the message says, and without what would make it long.
fn without_content(report: &Report, addresses: bool) -> Report {
    let written = |texts: &[String]| match addresses {
        true => texts
            .iter()
            .take(MAX_AUTHORS)
            .map(|text| cut(text))
            .collect(),
        false => Vec::new(),
    };
    let mut kept = Report {
        author_names: written(&report.author_names),
        author_addresses: written(&report.author_addresses),
        content: Vec::new(),
        ..report.clone()
    };
    for claim in &mut kept.claims {
        claim.seen = String::new();
    }
    if let Some(evidence) = &mut kept.evidence {
        evidence.dkim.truncate(MAX_SIGNATURES);
        for signature in &mut evidence.dkim {
            signature.selector = cut(&signature.selector);
        }
    }
    kept
}

/// The beginning of a text that a sender wrote.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
