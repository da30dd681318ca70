//! Whether our own DNS is dead: found by questions that no stranger chooses.
//!
//! A lookup that fails says nothing about our DNS, since whoever sends mail can name a zone that nobody
//! answers for. So names are asked for that the program makes up below zones of its own choice: the root and the
//! domains of the list. Such a name is in no cache on the way; "there is no such name" is an answer.

use super::{Observer, Source};
use futures_util::future::join_all;
use std::{
    ops::Range,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// Rounds in a row that have to say the contrary before the state changes, either way.
const ROUNDS: u32 = 2;

/// How long it is believed that DNS is dead where nobody watches it; each round without an answer takes
/// time, for which not every message shall wait.
const BELIEVED: Duration = Duration::from_secs(15);

/// From one round to the next: while all is well, while DNS is dead, and while a change is in the air.
const WELL: Duration = Duration::from_secs(30);
const DEAD: Duration = Duration::from_secs(5);
const DOUBT: Duration = Duration::from_secs(1);

/// The state, and what speaks against it.
#[derive(Default)]
pub(super) struct Health {
    /// Zones below which names are made up, beside the root.
    zones: Vec<String>,
    dead: AtomicBool,
    rounds: Mutex<Rounds>,
    /// Whoever comes while a round is under way waits for its end.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Default)]
struct Rounds {
    /// So many rounds there were.
    count: usize,
    /// So many of the last ones said the contrary of the state.
    against: u32,
    /// When the last one ended.
    ended: Option<Instant>,
    /// When DNS died.
    died: Option<Instant>,
}

impl Health {
    pub(super) fn of(zones: Vec<String>) -> Self {
        Self {
            zones,
            ..Self::default()
        }
    }

    fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
    }

    /// Goes on with what another one found, whose servers may have been others.
    pub(super) fn continue_from(&self, other: &Self) {
        self.rounds().died = other.rounds().died;
        self.dead.store(other.is_dead(), Ordering::Release);
    }

    /// One round. Returns when the next one is due.
    pub(super) async fn watch(&self, source: &dyn Source, observer: &dyn Observer) -> Duration {
        let _turn = self.turn.lock().await;
        let quiet = !self.is_dead() && self.rounds().against == 0;
        // While all is well, one name is enough.
        if !(quiet && self.is_one_answered(source).await) {
            let answered = self.is_any_answered(source).await;
            self.note(answered, observer);
        } else {
            self.note(true, observer);
        }
        match (self.rounds().against, self.is_dead()) {
            (0, false) => WELL,
            (0, true) => DEAD,
            _ => DOUBT,
        }
    }

    /// Whether DNS is dead, asked by a message of which a lookup failed, in the time from its first lookup
    /// to its deadline. That DNS is alive has to have been seen in this time. Where the deadline comes first,
    /// one round without an answer says that it isn't.
    pub(super) async fn examine(
        &self,
        source: &dyn Source,
        observer: &dyn Observer,
        time: Range<Instant>,
    ) -> bool {
        let settled = timeout_at(time.end, async {
            let _turn = self.turn.lock().await;
            while !self.is_settled(time.start) {
                let answered = self.is_any_answered(source).await;
                self.note(answered, observer);
            }
        });
        let in_time = settled.await.is_ok();
        self.is_dead() || !in_time && self.rounds().against > 0
    }

    fn is_settled(&self, since: Instant) -> bool {
        let rounds = self.rounds();
        let believed = |ended: Instant| self.is_dead() && ended.elapsed() < BELIEVED;
        let known = |ended| ended >= since || believed(ended);
        rounds.against == 0 && rounds.ended.is_some_and(known)
    }

    /// The zone whose turn it is; they take turns, so that no server of the brand's is asked often.
    fn zone(&self) -> &str {
        let zones = self.zones.len().max(1);
        let turn = self.rounds().count % zones;
        self.zones.get(turn).map_or("", String::as_str)
    }

    async fn is_one_answered(&self, source: &dyn Source) -> bool {
        source.answers_anew(self.zone()).await
    }

    /// Asks below the root, the first zone and the one whose turn it is.
    async fn is_any_answered(&self, source: &dyn Source) -> bool {
        let first = self.zones.first().map_or("", String::as_str);
        let mut zones = vec!["", first, self.zone()];
        zones.dedup();
        let answers = zones.into_iter().map(|zone| source.answers_anew(zone));
        join_all(answers).await.contains(&true)
    }

    /// Notes how a round ended.
    fn note(&self, answered: bool, observer: &dyn Observer) {
        let now = Instant::now();
        let mut rounds = self.rounds();
        rounds.count = rounds.count.wrapping_add(1);
        rounds.ended = Some(now);
        if answered != self.is_dead() {
            rounds.against = 0;
            return;
        }
        rounds.against += 1;
        if rounds.against < ROUNDS {
            return;
        }
        rounds.against = 0;
        let dead = !answered;
        self.dead.store(dead, Ordering::Release);
        observer.dns_dead(dead);
        if dead {
            rounds.died = Some(now);
            tracing::warn!(
                "DNS is dead: names below the root and below domains of the list are not answered; what needs it is put off or tagged"
            );
        } else {
            let seconds = rounds
                .died
                .take()
                .map_or(0, |died| died.elapsed().as_secs());
            tracing::info!(seconds, "DNS answers again");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::dns::{Answer, Failure, QueryType};
    use futures_util::future::BoxFuture;

    /// Answers for some zones, each answer after a second of the clock that tests wind on.
    #[derive(Default)]
    struct Scripted {
        answering: Mutex<Vec<&'static str>>,
        asked: Mutex<Vec<String>>,
    }

    impl Source for Scripted {
        fn ask<'a>(&'a self, _: &'a str, _: QueryType) -> BoxFuture<'a, Answer> {
            let records = Err(Failure::NoData);
            Box::pin(std::future::ready(Answer {
                records,
                cached: false,
                until: None,
            }))
        }

        fn answers_anew<'a>(&'a self, zone: &'a str) -> BoxFuture<'a, bool> {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.asked.lock().unwrap().push(zone.to_owned());
                self.answering.lock().unwrap().contains(&zone)
            })
        }
    }

    fn health() -> Health {
        Health::of(
            ["a.example", "b.example", "c.example"]
                .map(String::from)
                .into(),
        )
    }

    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
            .block_on(test);
    }

    #[test]
    fn it_takes_two_rounds_to_die_and_two_to_come_back() {
        run(async {
            let (health, source) = (health(), Scripted::default());
            let all = ["", "a.example", "b.example", "c.example"];
            let mut states = Vec::new();
            for answering in [&all[..], &[], &[], &[], &all, &[], &all, &all, &all] {
                *source.answering.lock().unwrap() = answering.to_vec();
                let pause = health.watch(&source, &()).await;
                states.push((health.is_dead(), pause.as_secs()));
            }
            assert_eq!(
                states,
                [
                    (false, 30),
                    (false, 1),
                    (true, 5),
                    (true, 5),
                    (true, 1),
                    (true, 5),
                    (true, 1),
                    (false, 30),
                    (false, 30),
                ]
            );
        });
    }

    #[test]
    fn the_root_or_the_main_zone_is_enough_and_while_all_is_well_one_is_asked() {
        run(async {
            let (health, source) = (health(), Scripted::default());
            for only in ["", "a.example"] {
                *source.answering.lock().unwrap() = vec![only];
                for _ in 0..6 {
                    health.watch(&source, &()).await;
                    assert!(!health.is_dead(), "{only:?}");
                }
            }
            *source.answering.lock().unwrap() = vec!["", "a.example", "b.example", "c.example"];
            for _ in 0..2 {
                health.watch(&source, &()).await;
            }
            source.asked.lock().unwrap().clear();
            for _ in 0..4 {
                health.watch(&source, &()).await;
            }
            let mut asked = source.asked.lock().unwrap().clone();
            assert_eq!(asked.len(), 4);
            asked.sort_unstable();
            asked.dedup();
            assert_eq!(asked, ["a.example", "b.example", "c.example"]);
        });
    }

    #[test]
    fn a_message_finds_out_at_once_and_others_are_told_the_same() {
        run(async {
            let (health, source) = (health(), Scripted::default());
            let soon = || Instant::now()..Instant::now() + Duration::from_secs(10);
            let began = Instant::now();
            let examine = || health.examine(&source, &(), soon());
            let (one, other) = tokio::join!(examine(), examine());
            assert!(one && other);
            assert_eq!(began.elapsed(), Duration::from_secs(2));
            // What was found out a moment ago is not asked again.
            source.asked.lock().unwrap().clear();
            assert!(health.examine(&source, &(), soon()).await);
            assert!(source.asked.lock().unwrap().is_empty());
            tokio::time::advance(BELIEVED).await;
            *source.answering.lock().unwrap() = vec![""];
            assert!(!health.examine(&source, &(), soon()).await);
            // That it was alive before the message came says nothing.
            *source.answering.lock().unwrap() = Vec::new();
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(health.examine(&source, &(), soon()).await);
        });
    }

    #[test]
    fn where_time_is_short_one_round_decides_and_without_one_nothing_is_dead() {
        run(async {
            let source = Scripted::default();
            let within = |millis| Instant::now()..Instant::now() + Duration::from_millis(millis);
            assert!(!health().examine(&source, &(), within(500)).await);
            assert!(health().examine(&source, &(), within(1_500)).await);
        });
    }

    #[test]
    fn a_reload_forgets_nothing() {
        run(async {
            let (old, source) = (health(), Scripted::default());
            old.watch(&source, &()).await;
            old.watch(&source, &()).await;
            let new = health();
            new.continue_from(&old);
            assert!(new.is_dead());
        });
    }
}
