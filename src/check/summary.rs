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
    impersonators: HashMap<Domain, Impersonator>,
    unreadable: u64,
}

/// How often a domain stood behind impersonation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Impersonator {
    pub(super) messages: u64,
    /// Whether an operator might allow it after each of them.
    pub(super) may_be_allowed: bool,
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
            let known = self.impersonators.entry(author.clone());
            let known = known.or_insert(Impersonator {
                messages: 0,
                may_be_allowed: true,
            });
            known.messages += 1;
            known.may_be_allowed &= report.may_be_allowed;
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
    pub(super) fn messages(&self) -> u64 {
        self.verdicts.values().sum::<u64>() + self.unreadable
    }

    /// How many had each verdict that occurred, in the order of precedence.
    pub(super) fn verdicts(&self) -> impl Iterator<Item = (Verdict, u64)> {
        self.verdicts
            .iter()
            .map(|(verdict, count)| (*verdict, *count))
    }

    /// How many could not be read.
    pub(super) fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The domains that stood most often behind impersonation, the most frequent first.
    pub(super) fn impersonators(&self) -> Vec<(&Domain, Impersonator)> {
        let all = self.impersonators.iter();
        let mut frequent: Vec<_> = all.map(|(domain, found)| (domain, *found)).collect();
        frequent.sort_by(|(a, of_a), (b, of_b)| {
            let by_count = of_b.messages.cmp(&of_a.messages);
            by_count.then_with(|| a.cmp(b))
        });
        frequent.truncate(SHOWN);
        frequent
    }

    /// The end of a run in text.
    pub(super) fn to_text(&self) -> String {
        let counts = self.verdicts();
        let mut counts: Vec<String> = counts
            .map(|(verdict, count)| format!("{count} {verdict}"))
            .collect();
        if self.unreadable > 0 {
            counts.push(format!("{} unreadable", self.unreadable));
        }
        let mut text = match self.messages() {
            0 => "no message".to_owned(),
            1 => format!("1 message: {}", counts.join(", ")),
            many => format!("{many} messages: {}", counts.join(", ")),
        };
        let frequent = self.impersonators();
        if !frequent.is_empty() {
            text.push_str("\nMost often behind `impersonation`:");
        }
        for (domain, found) in &frequent {
            let count = found.messages;
            text.push_str(&match found.may_be_allowed {
                true => format!("\n  {count:>6}  allow = [\"{domain}\"]"),
                false => format!("\n  {count:>6}  {domain}"),
            });
        }
        if frequent.iter().any(|(_, found)| found.may_be_allowed) {
            text.push_str(
                "\nA line `allow` in [trust] lets one name the brand once it is authenticated. There is none \
                 for an author who was unproved, has a free name or asks for something.",
            );
        }
        text
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
    fn the_end_of_a_run_says_whom_to_allow_and_proposes_nobody_else() {
        let mut summary = Summary::default();
        assert_eq!(summary.to_text(), "no message");
        summary.verdicts.insert(Verdict::Impersonation, 3);
        summary.verdicts.insert(Verdict::Unrelated, 1);
        for (name, messages, may_be_allowed) in [("b.example", 1, false), ("a.example", 2, true)] {
            let found = Impersonator {
                messages,
                may_be_allowed,
            };
            if let Ok(domain) = Domain::parse(name) {
                summary.impersonators.insert(domain, found);
            }
        }
        assert_eq!(
            summary.to_text(),
            "4 messages: 3 impersonation, 1 unrelated\n\
             Most often behind `impersonation`:\n       2  allow = [\"a.example\"]\n       1  b.example\n\
             A line `allow` in [trust] lets one name the brand once it is authenticated. There is none for an \
             author who was unproved, has a free name or asks for something."
        );
    }
}
