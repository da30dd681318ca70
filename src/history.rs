//! The last decisions, bounded, for people who look in over HTTP.

use crate::decision::{domain::Domain, report::Report, verdict::Verdict};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

/// Decisions that are kept.
const KEPT: usize = 500;

/// Domains behind impersonation that are counted; those that come later are not.
const MAX_IMPERSONATORS: usize = 1_000;

/// One decision, without anything of the message but domain names.
#[derive(Clone, Debug)]
pub struct Decided {
    /// When.
    pub at: SystemTime,
    /// The MTA's queue id, where it was known.
    pub queue_id: Option<String>,
    /// What was decided.
    pub report: Report,
}

/// The last decisions, and whom an operator may want to allow.
#[derive(Debug, Default)]
pub struct History(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    decisions: VecDeque<Decided>,
    impersonators: HashMap<Domain, u64>,
}

impl History {
    /// Keeps a decision, and drops the oldest one where there are too many. Names and addresses that
    /// a sender wrote are not kept.
    pub fn push(&self, mut decided: Decided) {
        decided.report.author_names.clear();
        decided.report.author_addresses.clear();
        for claim in &mut decided.report.claims {
            claim.seen.clear();
        }
        decided.report.content.clear();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Verdict::Impersonation, Some(author)) =
            (decided.report.verdict, &decided.report.author)
            && (kept.impersonators.len() < MAX_IMPERSONATORS
                || kept.impersonators.contains_key(author))
        {
            *kept.impersonators.entry(author.clone()).or_default() += 1;
        }
        if kept.decisions.len() == KEPT {
            kept.decisions.pop_front();
        }
        kept.decisions.push_back(decided);
    }

    /// The decisions, newest first.
    pub fn latest(&self) -> Vec<Decided> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.decisions.iter().rev().cloned().collect()
    }

    /// The domains that stand most often behind impersonation since the start, the most frequent
    /// first, at most `shown` of them.
    pub fn impersonators(&self, shown: usize) -> Vec<(Domain, u64)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut counts: Vec<_> = kept
            .impersonators
            .iter()
            .map(|(domain, count)| (domain.clone(), *count))
            .collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts.truncate(shown);
        counts
    }
}
