//! Answers about the names of those who are known, kept apart from those about strangers' names.
//!
//! In: what a [`Source`](super::Source) answered, and for how long that holds. Out: the same answer while it holds,
//! and where it may be asked for the answer that has expired (RFC 8767). A reload takes all of it along.
//!
//! Bounds: octets, those of records and those of "there is nothing" by themselves: whoever sends mail can name as
//! many selectors below a known domain as he likes, and what isn't there must not push out what is. Of either the
//! names go first that were not asked for in the longest time.

use super::{Failure, QueryType, Record};
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// What all answers with records may take: some thousand names.
const MAX_RECORDS: usize = 4 << 20;

/// The same for answers that there is nothing.
const MAX_NOTHING: usize = 1 << 20;

/// Records of one answer; larger ones are asked for each time. Keys and policies take some hundred octets.
const MAX_ANSWER: usize = 8 << 10;

/// What an entry takes beside its text, roughly.
const OVERHEAD: usize = 128;

/// How long a name that wasn't answered isn't asked for again where there is an expired answer (RFC 8767 section
/// 5, the failure recheck timer).
const DOUBT: Duration = Duration::from_secs(30);

/// Which answers are kept, and what may be done with them.
pub struct Keeping {
    /// Whether it is a name of somebody who is known.
    pub names: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// How long an answer may still be given after it expired; zero: never.
    pub stale: Duration,
    /// How long an answer is waited for where an expired one is there.
    pub patience: Duration,
}

impl fmt::Debug for Keeping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeping")
            .field("stale", &self.stale)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

/// What is known of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// The answer, which holds.
    Fresh(Result<Vec<Record>, Failure>),
    /// It has expired. `records` is empty where it said that there is nothing, which is never said again.
    Expired {
        records: Vec<Record>,
        /// Nobody answered a moment ago.
        doubted: bool,
    },
}

/// The answers.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    records: Part,
    nothing: Part,
}

/// Answers with a bound of their own.
#[derive(Clone, Debug)]
struct Part {
    names: HashMap<Box<str>, Named>,
    octets: usize,
    bound: usize,
    /// Grows with each use.
    uses: u64,
}

/// All answers about one name.
#[derive(Clone, Debug, Default)]
struct Named {
    used: u64,
    answers: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    query: QueryType,
    answer: Result<Vec<Record>, Failure>,
    until: Instant,
    /// When nobody answered it anew.
    doubted: Option<Instant>,
}

impl Entry {
    fn octets(&self) -> usize {
        let of = |record: &Record| match record {
            Record::Txt(text) => text.len() + OVERHEAD,
            Record::Mx(name) | Record::Ptr(name) => name.len() + OVERHEAD,
            Record::Address(_) => OVERHEAD,
        };
        let records = self.answer.iter().flatten();
        OVERHEAD + records.map(of).sum::<usize>()
    }
}

impl Named {
    fn octets(&self, name: &str) -> usize {
        name.len() + self.answers.iter().map(Entry::octets).sum::<usize>()
    }
}

impl Part {
    fn of(bound: usize) -> Self {
        Self {
            names: HashMap::new(),
            octets: 0,
            bound,
            uses: 0,
        }
    }

    fn find(&mut self, name: &str, query: QueryType) -> Option<&mut Entry> {
        let named = self.names.get_mut(name)?;
        self.uses += 1;
        named.used = self.uses;
        named.answers.iter_mut().find(|entry| entry.query == query)
    }

    fn remove(&mut self, name: &str, query: QueryType) {
        let Some(named) = self.names.get_mut(name) else {
            return;
        };
        let before = named.octets(name);
        named.answers.retain(|entry| entry.query != query);
        let is_empty = named.answers.is_empty();
        self.octets -= before;
        if is_empty {
            self.names.remove(name);
        } else {
            self.octets += named.octets(name);
        }
    }

    /// The answer must not be there yet.
    fn add(&mut self, name: &str, entry: Entry) {
        self.uses += 1;
        let named = match self.names.get_mut(name) {
            Some(named) => {
                self.octets -= named.octets(name);
                named
            }
            None => self.names.entry(name.into()).or_default(),
        };
        named.used = self.uses;
        named.answers.push(entry);
        self.octets += named.octets(name);
        if self.octets > self.bound {
            self.make_room();
        }
    }

    /// A quarter at once, so that not each new answer has to look for the oldest.
    fn make_room(&mut self) {
        let mut names: Vec<_> = self
            .names
            .iter()
            .map(|(name, named)| (named.used, name.clone()))
            .collect();
        names.sort_unstable();
        for (_, name) in names {
            if self.octets <= self.bound / 4 * 3 {
                break;
            }
            if let Some(named) = self.names.remove(&name) {
                self.octets -= named.octets(&name);
            }
        }
    }

    fn retain(&mut self, keeping: &Keeping) {
        self.names.retain(|name, _| (keeping.names)(name));
        let octets = self.names.iter().map(|(name, named)| named.octets(name));
        self.octets = octets.sum();
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            records: Part::of(MAX_RECORDS),
            nothing: Part::of(MAX_NOTHING),
        }
    }
}

impl Parts {
    fn find(&mut self, name: &str, query: QueryType) -> Option<&mut Entry> {
        let nothing = &mut self.nothing;
        let found = self.records.find(name, query);
        found.or_else(|| nothing.find(name, query))
    }
}

impl Kept {
    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of a question. An expired answer is forgotten where it may not be given any more.
    pub(super) fn find(&self, name: &str, query: QueryType, stale: Duration) -> Option<Known> {
        let now = Instant::now();
        let mut parts = self.parts();
        let entry = parts.find(name, query)?;
        if now < entry.until {
            return Some(Known::Fresh(entry.answer.clone()));
        }
        if now < entry.until + stale {
            let doubted = entry.doubted.is_some_and(|at| now < at + DOUBT);
            return Some(Known::Expired {
                records: entry.answer.clone().unwrap_or_default(),
                doubted,
            });
        }
        parts.records.remove(name, query);
        parts.nothing.remove(name, query);
        None
    }

    /// Takes an answer in the place of an older one, and keeps it as long as it says. A failure changes nothing.
    pub(super) fn keep(
        &self,
        (name, query): (&str, QueryType),
        answer: &Result<Vec<Record>, Failure>,
        until: Option<Instant>,
    ) {
        if matches!(answer, Err(Failure::Temporary(_))) {
            return;
        }
        let mut parts = self.parts();
        parts.records.remove(name, query);
        parts.nothing.remove(name, query);
        let Some(until) = until.filter(|until| *until > Instant::now()) else {
            return;
        };
        let entry = Entry {
            query,
            answer: answer.clone(),
            until,
            doubted: None,
        };
        match answer {
            Ok(_) if entry.octets() > MAX_ANSWER => {}
            Ok(_) => parts.records.add(name, entry),
            Err(_) => parts.nothing.add(name, entry),
        }
    }

    /// Nobody answered a question whose answer has expired.
    pub(super) fn doubt(&self, name: &str, query: QueryType) {
        if let Some(entry) = self.parts().find(name, query) {
            entry.doubted = Some(Instant::now());
        }
    }

    /// Takes over what another one kept, as far as it is kept here.
    pub(super) fn take_over(&self, other: &Self, keeping: &Keeping) {
        let mut parts = other.parts().clone();
        parts.records.retain(keeping);
        parts.nothing.retain(keeping);
        *self.parts() = parts;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TXT: QueryType = QueryType::Txt;

    fn text(octets: usize) -> Result<Vec<Record>, Failure> {
        Ok(vec![Record::Txt(vec![b'x'; octets])])
    }

    fn in_a_minute() -> Option<Instant> {
        Some(Instant::now() + Duration::from_secs(60))
    }

    fn is_fresh(kept: &Kept, name: &str) -> bool {
        let known = kept.find(name, TXT, Duration::ZERO);
        matches!(known, Some(Known::Fresh(_)))
    }

    fn octets(kept: &Kept) -> (usize, usize) {
        let parts = kept.parts();
        (parts.records.octets, parts.nothing.octets)
    }

    #[tokio::test(start_paused = true)]
    async fn selectors_that_are_not_there_push_nothing_out_that_is() {
        let kept = Kept::default();
        kept.keep(("real", TXT), &text(500), in_a_minute());
        for n in 0..50_000 {
            let name = format!("s{n}._domainkey.shop.example");
            kept.keep((&name, TXT), &Err(Failure::NoSuchName), in_a_minute());
            assert!(octets(&kept).1 <= MAX_NOTHING);
        }
        assert!(is_fresh(&kept, "real"));
        assert!(is_fresh(&kept, "s49999._domainkey.shop.example"));
        assert!(!is_fresh(&kept, "s0._domainkey.shop.example"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_asked_for_stays_and_the_rest_makes_room() {
        let kept = Kept::default();
        kept.keep(("used", TXT), &text(500), in_a_minute());
        kept.keep(("unused", TXT), &text(500), in_a_minute());
        for n in 0..20_000 {
            kept.keep((&format!("n{n}"), TXT), &text(1_000), in_a_minute());
            assert!(octets(&kept).0 <= MAX_RECORDS);
            assert!(n % 1_000 != 0 || is_fresh(&kept, "used"), "{n}");
        }
        assert!(!is_fresh(&kept, "unused"));
        // An answer of its own size keeps its place for itself.
        kept.keep(("large", TXT), &text(MAX_ANSWER), in_a_minute());
        assert!(!is_fresh(&kept, "large"));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_counted_is_what_is_there() {
        let kept = Kept::default();
        for round in 0..3 {
            for query in QueryType::ALL {
                kept.keep(("a", query), &text(100 + round), in_a_minute());
                kept.keep(("b", query), &Err(Failure::NoData), in_a_minute());
            }
        }
        assert_eq!(
            octets(&kept),
            (1 + 5 * (2 * OVERHEAD + 102), 1 + 5 * OVERHEAD)
        );
        for query in QueryType::ALL {
            kept.keep(("a", query), &Err(Failure::NoData), None);
            kept.keep(("b", query), &text(1), None);
        }
        assert_eq!(octets(&kept), (0, 0));
        assert!(kept.parts().records.names.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn an_expired_answer_is_given_so_long_and_ended_by_any_that_is_certain() {
        let (kept, stale) = (Kept::default(), Duration::from_secs(600));
        let expired = |records, doubted| Some(Known::Expired { records, doubted });
        let old = text(3).unwrap();
        kept.keep(("a", TXT), &text(3), in_a_minute());
        tokio::time::advance(Duration::from_secs(60)).await;
        kept.keep(("a", TXT), &Err(Failure::Temporary("".into())), None);
        assert_eq!(kept.find("a", TXT, stale), expired(old.clone(), false));
        kept.doubt("a", TXT);
        assert_eq!(kept.find("a", TXT, stale), expired(old.clone(), true));
        tokio::time::advance(DOUBT).await;
        assert_eq!(kept.find("a", TXT, stale), expired(old, false));
        tokio::time::advance(stale - DOUBT).await;
        assert_eq!(kept.find("a", TXT, stale), None);
        for end in [Failure::NoData, Failure::NoSuchName] {
            kept.keep(("a", TXT), &text(3), in_a_minute());
            kept.keep(("a", TXT), &Err(end), in_a_minute());
            tokio::time::advance(Duration::from_secs(60)).await;
            assert_eq!(kept.find("a", TXT, stale), expired(Vec::new(), false));
        }
        // One that must not be kept ends it as well.
        kept.keep(("a", TXT), &text(3), in_a_minute());
        kept.keep(("a", TXT), &text(4), Some(Instant::now()));
        assert_eq!(kept.find("a", TXT, stale), None);
    }
}
