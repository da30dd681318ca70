//! DNS as it is at times: the names of each message with what was planned for them, names that all messages
//! share, and hours in which nothing answers.

use crate::{chance::Chance, trace::Trace};
use amazon_spoof_milter::dns::{Answer, Failure, QueryType, Record, Source};
use futures_util::future::BoxFuture;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// What becomes of one question.
#[derive(Clone, Debug)]
pub(crate) struct Fate {
    pub(crate) after: Duration,
    pub(crate) answer: Result<Vec<Record>, Failure>,
}

/// The names of one message.
pub(crate) type Plan = Vec<(String, QueryType, Fate)>;

/// How DNS is for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// No answer to anything.
    Dead,
    /// SERVFAIL to everything.
    Failing,
    /// Each answer takes up to three seconds longer.
    Slow,
}

/// From when to when.
pub(crate) type Spell = (Duration, Duration, Weather);

/// How long a resolver waits before it gives up on servers that are silent.
const GIVEN_UP: Duration = Duration::from_secs(6);

/// How long answers that all messages share are kept.
const KEPT: Duration = Duration::from_secs(300);

/// For so long after bad weather the program may still believe that its DNS is dead.
const DOUBT: Duration = Duration::from_secs(45);

/// All that there is to know in DNS, in one epoch.
pub(crate) struct Names {
    seed: u64,
    plans: Mutex<HashMap<u64, Plan>>,
    shared: HashMap<(&'static str, QueryType), Vec<Record>>,
    pub(crate) spells: Vec<Spell>,
    /// Questions that were answered, be it by a failure: by servers, and from their cache.
    answered: Mutex<(u64, u64)>,
    trace: Trace,
}

impl Names {
    pub(crate) fn new(seed: u64, spells: Vec<Spell>, trace: Trace) -> Arc<Self> {
        let txt = |text: &str| vec![Record::Txt(text.as_bytes().to_vec())];
        let shared = HashMap::from([
            (
                ("amazon.com", QueryType::Mx),
                vec![Record::Mx("mx.amazon.com.".into())],
            ),
            (("amazon.com", QueryType::Txt), txt("v=spf1 -all")),
            (
                ("_dmarc.amazon.com", QueryType::Txt),
                txt("v=DMARC1; p=quarantine; rua=mailto:report@amazon.com"),
            ),
            (
                ("amazon.de", QueryType::Mx),
                vec![Record::Mx("mx.amazon.com.".into())],
            ),
            (
                ("_dmarc.amazon.de", QueryType::Txt),
                txt("v=DMARC1; p=quarantine; rua=mailto:report@amazon.com"),
            ),
        ]);
        Arc::new(Self {
            seed,
            plans: Mutex::default(),
            shared,
            spells,
            answered: Mutex::default(),
            trace,
        })
    }

    /// Puts the names of a message into DNS.
    pub(crate) fn publish(&self, number: u64, plan: Plan) {
        self.plans.lock().expect("plans").insert(number, plan);
    }

    /// Takes them away again.
    pub(crate) fn forget(&self, number: u64) {
        self.plans.lock().expect("plans").remove(&number);
    }

    pub(crate) fn answered(&self) -> (u64, u64) {
        *self.answered.lock().expect("the count")
    }

    /// Whether the weather was bad, or its end in doubt, at some moment between these.
    pub(crate) fn was_bad(&self, from: Duration, to: Duration) -> bool {
        let mut spells = self.spells.iter();
        spells.any(|(begin, end, _)| from <= *end + DOUBT && *begin <= to)
    }

    /// Whether messages share it: the names of one are nobody else's, and only what is asked again has to be kept.
    fn is_shared(&self, name: &str) -> bool {
        self.shared.keys().any(|(shared, _)| *shared == name)
    }

    fn weather(&self) -> Option<Weather> {
        let now = self.trace.now();
        let mut spells = self.spells.iter();
        let now = spells.find(|(begin, end, _)| *begin <= now && now < *end);
        now.map(|(_, _, weather)| *weather)
    }

    fn fate(&self, name: &str, query: QueryType) -> Fate {
        let number = name.split('.').find_map(|label| {
            let digits = label.strip_prefix('m')?;
            digits.parse::<u64>().ok()
        });
        if let Some(number) = number {
            let plans = self.plans.lock().expect("plans");
            let mut plan = plans.get(&number).into_iter().flatten();
            let planned = plan.find(|(planned, kind, _)| planned == name && *kind == query);
            if let Some((_, _, fate)) = planned {
                return fate.clone();
            }
        }
        let mut chance = Chance::named(self.seed, name);
        let known = self.shared.get(&(name, query)).cloned();
        Fate {
            after: Duration::from_micros(200 + chance.below(60_000)),
            answer: known.ok_or(Failure::NoSuchName),
        }
    }
}

/// The servers of one configuration, with their cache.
pub(crate) struct Servers {
    pub(crate) names: Arc<Names>,
    /// Until when an answer is kept.
    cache: Mutex<HashMap<(String, QueryType), Duration>>,
}

impl Servers {
    pub(crate) fn new(names: Arc<Names>) -> Self {
        Self {
            names,
            cache: Mutex::default(),
        }
    }

    fn is_kept(&self, key: &(String, QueryType)) -> bool {
        let cache = self.cache.lock().expect("the cache");
        let now = self.names.trace.now();
        cache.get(key).is_some_and(|until| now < *until)
    }

    fn keep(&self, key: (String, QueryType)) {
        if self.names.is_shared(&key.0) {
            let until = self.names.trace.now() + KEPT;
            self.cache.lock().expect("the cache").insert(key, until);
        }
    }
}

impl Source for Servers {
    fn ask<'a>(&'a self, name: &'a str, query: QueryType) -> BoxFuture<'a, Answer> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        Box::pin(async move {
            let names = &self.names;
            let key = (name, query);
            let Fate {
                mut after,
                mut answer,
            } = names.fate(&key.0, query);
            let cached = self.is_kept(&key);
            match names.weather() {
                _ if cached => after = Duration::ZERO,
                None => {}
                Some(Weather::Dead) => {
                    (after, answer) = (GIVEN_UP, Err(Failure::Temporary("silence".into())));
                }
                Some(Weather::Failing) => answer = Err(Failure::Temporary("SERVFAIL".into())),
                Some(Weather::Slow) => {
                    let mut chance = Chance::named(names.seed ^ 1, &key.0);
                    after += Duration::from_micros(chance.below(3_000_000));
                }
            }
            if !after.is_zero() {
                sleep(after).await;
            }
            names
                .trace
                .say(&format!("dns {} {query:?} {}", key.0, answer.is_ok()));
            let mut answered = names.answered.lock().expect("the count");
            match cached {
                true => answered.1 += 1,
                false => answered.0 += 1,
            }
            drop(answered);
            let is_shared = names.is_shared(&key.0);
            if answer.is_ok() && !cached {
                self.keep(key);
            }
            Answer {
                until: (is_shared && answer.is_ok()).then(|| Instant::now() + KEPT),
                records: answer,
                cached,
            }
        })
    }

    fn answers_anew<'a>(&'a self, _zone: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let bad = matches!(self.names.weather(), Some(Weather::Dead | Weather::Failing));
            let after = if bad {
                Duration::from_secs(3)
            } else {
                Duration::from_millis(20)
            };
            sleep(after).await;
            !bad
        })
    }
}
