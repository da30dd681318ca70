//! A day's mix of mail, sent as fast as it goes or at a rate.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use super::client::{Mail, Socket, converse};
use super::letters;

/// Of a hundred messages 90 are ordinary, six genuine and four spoofs.
pub struct Mix(Vec<Mail>);

/// What came of it.
pub struct Load {
    latencies: Vec<Duration>,
    took: Duration,
}

impl Mix {
    pub fn of_a_day() -> Self {
        let mut all: Vec<Mail> = vec![letters::ordinary(10_000).into(); 90];
        // Spread, so that no second has only one kind.
        for at in 0..6 {
            all.insert(at * 16, letters::genuine(7_000).into());
        }
        for at in 0..2 {
            all.insert(at * 40 + 7, letters::forged(10_000).into());
            all.insert(at * 40 + 23, letters::display_name(10_000).into());
        }
        Self(all)
    }

    /// Mail that claims something, and so is kept among the decisions about the brand.
    pub fn of_claims() -> Self {
        Self(vec![letters::genuine(7_000).into()])
    }

    /// As fast as it goes, in so many sessions.
    pub fn run(&self, socket: &Socket, sessions: usize, time: Duration) -> Load {
        self.send(socket, sessions, time, Duration::ZERO)
    }

    /// The same, each session with such a pause from the beginning of a message to that of the next.
    pub fn send(&self, socket: &Socket, sessions: usize, time: Duration, pause: Duration) -> Load {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let begun = Instant::now();
        let seen = Rc::new(RefCell::new(Vec::new()));
        let number = Rc::new(Cell::new(0_usize));
        let local = LocalSet::new();
        for session in 0..sessions {
            let (mails, socket) = (self.0.clone(), socket.clone());
            let (seen, number) = (Rc::clone(&seen), Rc::clone(&number));
            local.spawn_local(async move {
                let share = pause.mul_f64(session as f64 / sessions as f64);
                let mut next = tokio::time::Instant::now() + share;
                while begun.elapsed() < time {
                    if !pause.is_zero() {
                        tokio::time::sleep_until(next).await;
                        next += pause;
                    }
                    let at = number.replace(number.get() + 1);
                    let start = Instant::now();
                    let outcome = converse(
                        std::slice::from_ref(&socket),
                        &mails[at % mails.len()],
                        &format!("4Q{at:010X}"),
                    )
                    .await;
                    outcome.expect("a conversation");
                    seen.borrow_mut().push(start.elapsed());
                }
            });
        }
        runtime.block_on(local);
        let mut latencies = seen.take();
        latencies.sort();
        Load {
            latencies,
            took: begun.elapsed(),
        }
    }
}

impl Load {
    pub fn count(&self) -> usize {
        self.latencies.len()
    }

    /// Messages a second.
    pub fn rate(&self) -> f64 {
        self.count() as f64 / self.took.as_secs_f64()
    }

    /// Milliseconds within which so many of a hundred were answered.
    pub fn percentile(&self, percent: usize) -> f64 {
        let at = (self.count() * percent / 100).min(self.count() - 1);
        self.latencies[at].as_secs_f64() * 1_000.0
    }
}
