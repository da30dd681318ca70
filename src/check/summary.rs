//! What a run came to: the counts, and whom an operator may want to allow.

use crate::{mail::domain::Domain, report::Report, verdict::Verdict};
use std::collections::{BTreeMap, HashMap};

/// Domains that are counted; the rest of a huge archive is told by its number.
const MAX_DOMAINS: usize = 10_000;
/// Domains that are shown.
const SHOWN: usize = 10;

/// Counts over all messages of a run.
#[derive(Default)]
pub(super) struct Summary {
    verdicts: BTreeMap<Verdict, u64>,
    impersonators: HashMap<Domain, u64>,
    unreadable: u64,
}

impl Summary {
    pub(super) fn count(&mut self, report: &Report) {
        *self.verdicts.entry(report.verdict).or_default() += 1;
        if report.verdict != Verdict::Impersonation {
            return;
        }
        let Some(author) = &report.author else {
            return;
        };
        if self.impersonators.len() < MAX_DOMAINS || self.impersonators.contains_key(author) {
            *self.impersonators.entry(author.clone()).or_default() += 1;
        }
    }

    pub(super) fn count_unreadable(&mut self) {
        self.unreadable += 1;
    }

    /// 0: no spoof; 1: at least one; 2: something could not be read, whatever else there was.
    pub(super) fn exit_code(&self) -> u8 {
        if self.unreadable > 0 {
            2
        } else {
            u8::from(self.verdicts.keys().any(|verdict| verdict.is_spoof()))
        }
    }

    /// How many messages there were.
    fn messages(&self) -> u64 {
        self.verdicts.values().sum::<u64>() + self.unreadable
    }

    /// The end of a run in text, for more than one message.
    pub(super) fn to_text(&self) -> Option<String> {
        if self.messages() < 2 {
            return None;
        }
        let mut counts: Vec<String> = self
            .verdicts
            .iter()
            .map(|(verdict, count)| format!("{count} {verdict}"))
            .collect();
        if self.unreadable > 0 {
            counts.push(format!("{} unreadable", self.unreadable));
        }
        let mut text = format!("{} messages: {}", self.messages(), counts.join(", "));
        let mut frequent: Vec<_> = self.impersonators.iter().collect();
        frequent.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        if !frequent.is_empty() {
            text.push_str(
                "\nMost often behind `impersonation`; a line in [trust] lets one name the brand once it is authenticated:",
            );
        }
        for (domain, count) in frequent.iter().take(SHOWN) {
            text.push_str(&format!("\n  {count:>6}  allow = [\"{domain}\"]"));
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_unreadable_goes_before_a_spoof() {
        let code = |spoofs: u64, unreadable| {
            let mut summary = Summary {
                unreadable,
                ..Summary::default()
            };
            if spoofs > 0 {
                summary.verdicts.insert(Verdict::Forged, spoofs);
            }
            summary.exit_code()
        };
        assert_eq!(
            [code(0, 0), code(3, 0), code(3, 1), code(0, 1)],
            [0, 1, 2, 2]
        );
    }

    #[test]
    fn the_end_of_a_run_says_whom_to_allow() {
        let mut summary = Summary::default();
        summary.verdicts.insert(Verdict::Impersonation, 3);
        summary.verdicts.insert(Verdict::Unrelated, 1);
        for (name, count) in [("b.example", 1), ("a.example", 2)] {
            if let Ok(domain) = Domain::parse(name) {
                summary.impersonators.insert(domain, count);
            }
        }
        assert_eq!(
            summary.to_text().unwrap_or_default(),
            "4 messages: 3 impersonation, 1 unrelated\n\
             Most often behind `impersonation`; a line in [trust] lets one name the brand once it is \
             authenticated:\n       2  allow = [\"a.example\"]\n       1  allow = [\"b.example\"]"
        );
    }
}
