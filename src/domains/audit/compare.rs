//! What differs between then and now.

use super::{
    ask::Answer,
    facts::{Facts, Kind, Unanswered},
    snapshot::Snapshot,
};
use crate::{
    brand::{Class, Entry},
    mail::domain::Domain,
};

/// How something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Changed,
    Gone,
    Added,
}

impl Change {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::Added => "added",
        }
    }
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) domain: Domain,
    pub(super) class: Class,
    /// The record; `None` is the name itself.
    pub(super) kind: Option<Kind>,
    pub(super) change: Change,
    pub(super) was: Vec<String>,
    pub(super) now: Vec<String>,
    /// The class that the domain could have with what was found.
    pub(super) could_be: Option<Class>,
}

impl Difference {
    /// The word for what differs.
    pub(super) fn subject(&self) -> &'static str {
        self.kind.map_or("name", Kind::word)
    }
}

/// What came of an audit.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome<'a> {
    pub(super) asked: usize,
    /// Domains that were given up, since nothing answered any more.
    pub(super) not_asked: usize,
    pub(super) differences: Vec<Difference>,
    pub(super) unanswered: Vec<Unanswered>,
    /// Records that the snapshot says nothing about.
    pub(super) unknown: usize,
    /// Of each domain what is known now.
    pub(super) facts: Vec<(&'a Domain, Facts)>,
}

impl Outcome<'_> {
    /// 0: the same; 1: something differs; 2: something could not be asked, whatever differs.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self { not_asked: 1.., .. } => 2,
            Self { unanswered, .. } if !unanswered.is_empty() => 2,
            Self { differences, .. } if !differences.is_empty() => 1,
            Self { .. } => 0,
        }
    }

    /// The facts of the domains that differ.
    pub(super) fn patch(&self) -> Vec<(&Domain, Facts)> {
        self.facts
            .iter()
            .filter(|(domain, _)| self.differences.iter().any(|one| one.domain == **domain))
            .map(|(domain, facts)| (*domain, facts.clone()))
            .collect()
    }
}

/// Compares the answers with the snapshot.
pub(super) fn compare<'a>(
    answers: Vec<Answer<'a>>,
    snapshot: &Snapshot,
    listed: usize,
) -> Outcome<'a> {
    let mut outcome = Outcome {
        asked: answers.len(),
        not_asked: listed.saturating_sub(answers.len()),
        ..Outcome::default()
    };
    for answer in answers {
        let known = snapshot.facts(&answer.entry.domain);
        outcome.domain(answer.entry, &known, &answer.facts);
        outcome.unanswered.extend(answer.unanswered);
        // What could not be asked is still known as it was.
        let mut facts = answer.facts;
        for kind in Kind::ALL {
            if facts.of(kind).is_none() {
                facts.set(kind, known.of(kind).cloned());
            }
        }
        facts.exists = facts.exists.or(known.exists);
        outcome.facts.push((&answer.entry.domain, facts));
    }
    outcome
}

impl Outcome<'_> {
    fn domain(&mut self, entry: &Entry, known: &Facts, now: &Facts) {
        let name = |change| Difference {
            domain: entry.domain.clone(),
            class: entry.class,
            kind: None,
            change,
            was: Vec::new(),
            now: Vec::new(),
            could_be: None,
        };
        // A listed name is taken to exist unless the snapshot says that it was gone already.
        match (known.exists.unwrap_or(true), now.exists) {
            (true, Some(false)) => self.differences.push(name(Change::Gone)),
            (false, Some(true)) => self.differences.push(name(Change::Added)),
            _ => {}
        }
        for kind in Kind::ALL {
            // With the name all that stands at it or below it is gone (RFC 8020); one difference
            // says so. The family proof stands elsewhere.
            if now.exists == Some(false) && kind != Kind::FamilyProof {
                continue;
            }
            self.record(entry, kind, known.of(kind), now.of(kind));
        }
    }

    fn record(
        &mut self,
        entry: &Entry,
        kind: Kind,
        known: Option<&Vec<String>>,
        now: Option<&Vec<String>>,
    ) {
        let Some(now) = now else {
            return;
        };
        let could_be = match kind {
            Kind::FamilyProof if !now.is_empty() => better(entry.class),
            _ => None,
        };
        let was = match known {
            Some(was) if was == now => return,
            Some(was) => was.clone(),
            // A proof that nobody knew of and that raises a domain is worth a look; other records
            // that the snapshot says nothing about are no difference to it.
            None if could_be.is_some() => Vec::new(),
            None => {
                self.unknown += 1;
                return;
            }
        };
        self.differences.push(Difference {
            domain: entry.domain.clone(),
            class: entry.class,
            kind: Some(kind),
            change: match (was.is_empty(), now.is_empty()) {
                (_, true) => Change::Gone,
                (true, false) => Change::Added,
                (false, false) => Change::Changed,
            },
            was,
            now: now.clone(),
            could_be,
        });
    }
}

/// What a domain could become once the brand itself says that it belongs to the family. A class that
/// says more than ownership (no sender, text of third parties) stays as it is.
fn better(class: Class) -> Option<Class> {
    match class {
        Class::LikelySender => Some(Class::OfficialSender),
        Class::Unverified => Some(Class::LikelySender),
        _ => None,
    }
}
