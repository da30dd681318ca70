//! The last decisions, bounded, for people who look in over HTTP.

use crate::decision::report::Report;
use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// Decisions that are kept.
const KEPT: usize = 500;

/// One decision, without anything of the message but domain names.
#[derive(Clone, Debug)]
pub struct Decided {
    /// When.
    pub at: SystemTime,
    /// The MTA's queue id, where it was known.
    pub queue_id: Option<String>,
    /// What was decided.
    pub report: Report,
    /// How long it took.
    pub duration: Duration,
}

/// The last decisions.
#[derive(Debug, Default)]
pub struct History(Mutex<VecDeque<Decided>>);

impl History {
    /// Keeps a decision, and drops the oldest one where there are too many. Names and addresses that
    /// a sender wrote are not kept.
    pub fn push(&self, mut decided: Decided) {
        decided.report.author_names.clear();
        decided.report.author_addresses.clear();
        decided
            .report
            .claims
            .iter_mut()
            .for_each(|claim| claim.seen.clear());
        decided.report.content.clear();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(decided);
    }

    /// The decisions, newest first.
    pub fn latest(&self) -> Vec<Decided> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().cloned().collect()
    }
}
