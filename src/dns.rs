//! DNS: who is asked, how long, and what the answers mean.
//!
//! An answer is either there, or it is certain that there is none, or it is a temporary failure.
//! The three are never mixed up: a failure read as "none" would make genuine mail a forgery.
//!
//! Everything that asks DNS goes through [`Dns`], which counts; who answers it is a [`Source`]:
//! [`Servers`], or whatever a test or a simulation puts there. Before anybody is asked, `kept.rs` is looked into.

mod answering;
mod connected;
mod health;
mod kept;
mod servers;

pub use kept::Keeping;
pub use servers::{Servers, SetupError};

use crate::mail::domain::Domain;
use futures_util::future::BoxFuture;
use health::Health;
use kept::{Kept, Known};
use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// Which servers are asked, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsSettings {
    /// The servers; the system's where empty.
    pub servers: Vec<SocketAddr>,
    /// How long one server is waited for before it is asked again or the next one is.
    pub timeout: Duration,
    /// Answers that are kept for as long as their records say.
    pub cache_size: u64,
}

/// Why there are no records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// NXDOMAIN: there is no such name, nor any below it (RFC 8020).
    NoSuchName,
    /// The name exists, without records of the type.
    NoData,
    /// Nobody knows: time-out, SERVFAIL, REFUSED, a cut answer, no network.
    Temporary(String),
}

impl Failure {
    /// Whether the answer is that there are no records.
    pub fn is_certain(&self) -> bool {
        !matches!(self, Self::Temporary(_))
    }
}

/// The record types that are looked up, as metric labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueryType {
    /// SPF, DKIM keys, DMARC policies.
    Txt,
    /// SPF's `a` and `exists`.
    A,
    /// The same over IPv6.
    Aaaa,
    /// SPF's `mx`, and whether an author domain exists.
    Mx,
    /// SPF's `ptr`: the names of an address.
    Ptr,
}

impl QueryType {
    /// Every type, in the order of its counters.
    pub const ALL: [Self; 5] = [Self::Txt, Self::A, Self::Aaaa, Self::Mx, Self::Ptr];

    /// The label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::A => "a",
            Self::Aaaa => "aaaa",
            Self::Mx => "mx",
            Self::Ptr => "ptr",
        }
    }
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// TXT, its character-strings joined without a separator.
    Txt(Vec<u8>),
    /// A or AAAA.
    Address(IpAddr),
    /// The host of an MX; they come in the order of preference.
    Mx(String),
    /// The name of an address.
    Ptr(String),
}

/// What a [`Source`] says to one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The records of the type that was asked for, at least one, mail hosts by their preference; those
    /// of aliases on the way are left out.
    pub records: Result<Vec<Record>, Failure>,
    /// Whether it was known from an earlier question.
    pub cached: bool,
    /// Until when it may be given again without asking, where it may.
    pub until: Option<Instant>,
}

impl Answer {
    /// No answer, and why.
    fn failed(why: &str) -> Self {
        Self {
            records: Err(Failure::Temporary(why.to_owned())),
            cached: false,
            until: None,
        }
    }
}

/// Who answers questions.
pub trait Source: Send + Sync {
    /// The records of a type at a name, which is asked as it stands: no search domain is added. What
    /// can't be a name has no records.
    fn ask<'a>(&'a self, name: &'a str, query: QueryType) -> BoxFuture<'a, Answer>;

    /// Whether there is an answer for a name directly below `zone` (empty for the root) that nobody has
    /// asked for before, so that no cache on the way can give it. It is waited for as long as for a
    /// server, not longer.
    fn answers_anew<'a>(&'a self, zone: &'a str) -> BoxFuture<'a, bool>;
}

/// How a lookup ended, as metric labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Records came.
    Answer,
    /// It is certain that there are none.
    Nothing,
    /// Nobody knows.
    Failure,
}

impl Outcome {
    /// Every outcome, in the order of its counters.
    pub const ALL: [Self; 3] = [Self::Answer, Self::Nothing, Self::Failure];

    /// The label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Nothing => "nothing",
            Self::Failure => "failure",
        }
    }
}

/// Is told of every lookup.
pub trait Observer: Send + Sync {
    /// A lookup ended. What the resolver had in its cache is a lookup, too.
    fn looked_up(&self, query: QueryType, outcome: Outcome, cached: bool, duration: Duration);

    /// Our own DNS died, or came back.
    fn dns_dead(&self, _dead: bool) {}

    /// An answer that had expired was given in the place of the one that nobody gave.
    fn gave_stale(&self, _query: QueryType) {}
}

/// For programs that count nothing.
impl Observer for () {
    fn looked_up(&self, _: QueryType, _: Outcome, _: bool, _: Duration) {}
}

/// The way to DNS. Clones count as one, and ask the same source.
#[derive(Clone)]
pub struct Dns {
    source: Arc<dyn Source>,
    observer: Arc<dyn Observer>,
    health: Arc<Health>,
    kept: Arc<Kept>,
    /// What is kept, where anything is.
    keeping: Option<Arc<Keeping>>,
    lookups: Arc<AtomicU32>,
    /// Whether an answer that had expired was given, where that may be.
    gave_stale: Option<Arc<AtomicBool>>,
}

impl Dns {
    /// Asks servers. No packet is sent.
    ///
    /// # Errors
    ///
    /// [`SetupError`] where the resolver's own parts can't be built. A machine without
    /// `resolv.conf` is none of these: it is asked to itself, as the C library does.
    pub fn new(settings: &DnsSettings, observer: Arc<dyn Observer>) -> Result<Self, SetupError> {
        Ok(Self::over(Arc::new(Servers::new(settings)?), observer))
    }

    /// Asks any source.
    pub fn over(source: Arc<dyn Source>, observer: Arc<dyn Observer>) -> Self {
        Self {
            source,
            observer,
            health: Arc::default(),
            kept: Arc::default(),
            keeping: None,
            lookups: Arc::default(),
            gave_stale: None,
        }
    }

    /// The same, which keeps answers itself.
    #[must_use]
    pub fn keeping(self, keeping: Keeping) -> Self {
        Self {
            keeping: Some(Arc::new(keeping)),
            ..self
        }
    }

    /// The same, which gives an answer that has expired where nobody gives one, if they are kept for so long. It
    /// may prove something, and disproves nothing: ask [`Self::gave_stale`] afterwards.
    #[must_use]
    pub fn or_stale(&self) -> Self {
        Self {
            gave_stale: Some(Arc::default()),
            ..self.clone()
        }
    }

    /// Whether an answer that had expired was given through this value.
    pub fn gave_stale(&self) -> bool {
        let gave_stale = self.gave_stale.as_ref();
        gave_stale.is_some_and(|gave| gave.load(Ordering::Relaxed))
    }

    /// The same, which asks below these zones, beside the root, whether it is dead.
    #[must_use]
    pub fn probing(self, zones: Vec<String>) -> Self {
        Self {
            health: Arc::new(Health::of(zones)),
            ..self
        }
    }

    /// Whether our own DNS was dead when that was last found out.
    pub fn is_dead(&self) -> bool {
        self.health.is_dead()
    }

    /// Finds out once more whether our own DNS is dead. Returns after what time that is to be done again.
    pub async fn watch(&self) -> Duration {
        self.health.watch(&*self.source, &*self.observer).await
    }

    /// Whether our own DNS is dead, for a message of which a lookup failed. `time` is that from its first
    /// lookup to its deadline; what isn't known from it is found out in it.
    pub async fn is_dead_now(&self, time: Range<Instant>) -> bool {
        self.health
            .examine(&*self.source, &*self.observer, time)
            .await
    }

    /// Begins with what another one found out, which this one replaces.
    pub fn continue_from(&self, other: &Self) {
        self.health.continue_from(&other.health);
    }

    /// Begins with the answers that another one kept, who asked the same servers.
    pub fn keep_from(&self, other: &Self) {
        if let Some(keeping) = &self.keeping {
            self.kept.take_over(&other.kept, keeping);
        }
    }

    /// The same for one message more, whose lookups are counted from zero.
    #[must_use]
    pub fn for_message(&self) -> Self {
        Self {
            lookups: Arc::default(),
            ..self.clone()
        }
    }

    /// The lookups that were made through this value, answers from the cache included.
    pub fn lookups(&self) -> u32 {
        self.lookups.load(Ordering::Relaxed)
    }

    /// The TXT records at a name, each with its character-strings joined without a separator (RFC
    /// 7208 section 3.3, RFC 6376 section 3.6.2.2).
    ///
    /// # Errors
    ///
    /// [`Failure`] where there are none, or nobody knows.
    pub async fn txt(&self, name: &str) -> Result<Vec<Vec<u8>>, Failure> {
        let records = self.lookup(name, QueryType::Txt).await?;
        let text = |record| match record {
            Record::Txt(text) => Some(text),
            _ => None,
        };
        Ok(records.into_iter().filter_map(text).collect())
    }

    /// The mail hosts of a domain, the most preferred first. The root says that there is none (RFC
    /// 7505).
    ///
    /// # Errors
    ///
    /// [`Failure`] where there are none, or nobody knows.
    pub async fn mx(&self, name: &str) -> Result<Vec<String>, Failure> {
        let records = self.lookup(name, QueryType::Mx).await?;
        let host = |record| match record {
            Record::Mx(host) => Some(host),
            _ => None,
        };
        Ok(records.into_iter().filter_map(host).collect())
    }

    /// The IPv4 addresses of a host (`A`), or its IPv6 addresses (`Aaaa`).
    ///
    /// # Errors
    ///
    /// [`Failure`] where there are none, or nobody knows.
    pub async fn addresses(&self, name: &str, query: QueryType) -> Result<Vec<IpAddr>, Failure> {
        let records = self.lookup(name, query).await?;
        let address = |record| match record {
            Record::Address(address) => Some(address),
            _ => None,
        };
        Ok(records.into_iter().filter_map(address).collect())
    }

    /// The names of an address. Its owner writes what he likes there: ask whether a name has the
    /// address, too.
    ///
    /// # Errors
    ///
    /// [`Failure`] where there are none, or nobody knows.
    pub async fn names(&self, address: IpAddr) -> Result<Vec<String>, Failure> {
        let name = servers::reverse_name(address);
        let records = self.lookup(&name, QueryType::Ptr).await?;
        let name = |record| match record {
            Record::Ptr(name) => Some(name),
            _ => None,
        };
        Ok(records.into_iter().filter_map(name).collect())
    }

    /// Whether there are records of a type at a name.
    ///
    /// # Errors
    ///
    /// [`Failure`] where there are none, or nobody knows.
    pub async fn any(&self, name: &str, query: QueryType) -> Result<(), Failure> {
        self.lookup(name, query).await.map(drop)
    }

    /// Whether a domain exists.
    ///
    /// # Errors
    ///
    /// [`Failure::Temporary`] where nobody knows.
    pub async fn exists(&self, domain: &Domain) -> Result<bool, Failure> {
        match self.any(domain.as_str(), QueryType::Mx).await {
            Ok(()) | Err(Failure::NoData) => Ok(true),
            Err(Failure::NoSuchName) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn lookup(&self, name: &str, query: QueryType) -> Result<Vec<Record>, Failure> {
        let started = Instant::now();
        let stale = self.keeping.as_ref().map(|keeping| keeping.stale);
        let known = stale.and_then(|stale| self.kept.find(&comparable(name), query, stale));
        let mut old = Vec::new();
        let Answer {
            records, cached, ..
        } = match known {
            Some(Known::Fresh(records)) => Answer {
                records,
                cached: true,
                until: None,
            },
            Some(Known::Expired { records, doubted }) => {
                old = records;
                self.ask_anew(name, query, doubted).await
            }
            None => self.ask(name, query).await,
        };
        let outcome = match &records {
            Ok(_) => Outcome::Answer,
            Err(Failure::Temporary(_)) => Outcome::Failure,
            Err(_) => Outcome::Nothing,
        };
        self.lookups.fetch_add(1, Ordering::Relaxed);
        self.observer
            .looked_up(query, outcome, cached, started.elapsed());
        match &self.gave_stale {
            Some(gave) if outcome == Outcome::Failure && !old.is_empty() => {
                gave.store(true, Ordering::Relaxed);
                self.observer.gave_stale(query);
                Ok(old)
            }
            _ => records,
        }
    }

    /// Asks, and keeps the answer where that is to be done.
    async fn ask(&self, name: &str, query: QueryType) -> Answer {
        let answer = self.source.ask(name, query).await;
        let name = &*comparable(name);
        if let Some(keeping) = &self.keeping
            && (keeping.names)(name)
        {
            self.kept.keep((name, query), &answer.records, answer.until);
        }
        answer
    }

    /// Asks where an answer is there that has expired. Nobody is asked while our own DNS is dead, nor at once again
    /// where nobody answered.
    async fn ask_anew(&self, name: &str, query: QueryType, doubted: bool) -> Answer {
        let unasked = |why| Answer {
            cached: true,
            ..Answer::failed(why)
        };
        match (&self.keeping, &self.gave_stale) {
            _ if self.is_dead() => unasked("our own DNS is dead"),
            (Some(keeping), Some(_)) => {
                if doubted {
                    return unasked("nobody answered a moment ago");
                }
                let (asking, named) = (self.clone(), name.to_owned());
                // Whoever waits takes the old answer after a while; the new one is kept whenever it comes.
                let asked = tokio::spawn(async move { asking.ask(&named, query).await });
                let answer = match timeout(keeping.patience, asked).await {
                    Ok(Ok(answer)) => answer,
                    Ok(Err(_)) => Answer::failed("the resolver failed"),
                    Err(_) => Answer::failed("no answer so far"),
                };
                if matches!(answer.records, Err(Failure::Temporary(_))) {
                    self.kept.doubt(&comparable(name), query);
                }
                answer
            }
            _ => self.ask(name, query).await,
        }
    }
}

/// A name as it is compared: lower case, without the final dot.
fn comparable(name: &str) -> Cow<'_, str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    match name.bytes().any(|octet| octet.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
