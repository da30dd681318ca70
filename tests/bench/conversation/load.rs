//! One round: so many sessions at a time for so long, and what it cost the filter.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use super::client::{Mail, Outcome, Socket, converse};
use super::filter::Use;

/// A filter, or several one behind the other, that can be loaded.
pub trait Target {
    /// Where they listen, in their order.
    fn sockets(&self) -> Vec<Socket>;
    /// What they have used since their start.
    fn used(&self) -> Use;
}

/// What came out of a round.
pub struct Load {
    /// Of each message, in order.
    latencies: Vec<Duration>,
    took: Duration,
    used: Duration,
    pub outcomes: BTreeMap<Outcome, u64>,
}

impl Load {
    /// Sends `mail` over and over, in `at_once` sessions side by side.
    pub fn run(
        filter: &(impl Target + ?Sized),
        mail: &Mail,
        at_once: usize,
        time: Duration,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let before = filter.used();
        let begun = Instant::now();
        let seen = Rc::new(RefCell::new((Vec::new(), BTreeMap::new())));
        let number = Rc::new(Cell::new(0_u32));
        let local = LocalSet::new();
        for _ in 0..at_once {
            let (mail, sockets) = (mail.clone(), filter.sockets());
            let (seen, number) = (Rc::clone(&seen), Rc::clone(&number));
            local.spawn_local(async move {
                while begun.elapsed() < time {
                    let queue_id = format!("4Q{:010X}", number.replace(number.get() + 1));
                    let start = Instant::now();
                    let outcome = converse(&sockets, &mail, &queue_id).await;
                    let outcome = outcome.expect("a conversation");
                    let mut seen = seen.borrow_mut();
                    seen.0.push(start.elapsed());
                    *seen.1.entry(outcome).or_default() += 1;
                }
            });
        }
        runtime.block_on(local);
        let took = begun.elapsed();
        let used = filter.used().processor - before.processor;
        let (mut latencies, outcomes) = seen.take();
        latencies.sort();
        Self {
            latencies,
            took,
            used,
            outcomes,
        }
    }

    /// Messages a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// Milliseconds of processor time a message.
    pub fn processor(&self) -> f64 {
        self.used.as_secs_f64() * 1_000.0 / self.latencies.len() as f64
    }

    /// Milliseconds within which so many of a hundred messages were answered.
    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.latencies.len() * percent / 100).min(self.latencies.len() - 1);
        self.latencies[at].as_secs_f64() * 1_000.0
    }
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median of ratios; a dash where there is nothing to compare with.
pub fn ratio(values: impl Iterator<Item = f64>) -> String {
    let values: Vec<f64> = values.collect();
    match values.is_empty() {
        true => "-".to_owned(),
        false => format!("{:.2}", median(values.into_iter())),
    }
}
