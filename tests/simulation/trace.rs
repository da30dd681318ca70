//! What happened, in order, and what of it is wrong.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::Instant;

/// Events that are kept for the report of a fault; of all others only a digest is.
const KEPT: usize = 400;

/// The events of one run. Clones write into the same.
#[derive(Clone)]
pub(crate) struct Trace {
    written: Arc<Mutex<Written>>,
    began: Instant,
    show: bool,
}

#[derive(Default)]
struct Written {
    digest: u64,
    events: u64,
    last: VecDeque<String>,
    faults: Vec<String>,
}

impl Trace {
    /// Needs a runtime, whose clock stamps the events.
    pub(crate) fn begin(show: bool) -> Self {
        Self {
            written: Arc::default(),
            began: Instant::now(),
            show,
        }
    }

    /// Time since the beginning.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    pub(crate) fn say(&self, what: &str) {
        let line = format!("{:>12} {what}", self.now().as_micros());
        let mut written = self.written.lock().expect("the trace");
        written.digest = line.bytes().fold(written.digest ^ 0x9e37, |digest, octet| {
            (digest ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
        });
        written.events += 1;
        if self.show {
            println!("{line}");
        }
        if written.last.len() == KEPT {
            written.last.pop_front();
        }
        written.last.push_back(line);
    }

    /// Something that must not be.
    pub(crate) fn wrong(&self, what: &str) {
        self.say(&format!("WRONG {what}"));
        self.written
            .lock()
            .expect("the trace")
            .faults
            .push(what.to_owned());
    }

    /// Digest, number of events, and the faults with what came before them.
    pub(crate) fn end(&self) -> (u64, u64, Option<String>) {
        let written = self.written.lock().expect("the trace");
        let report = (!written.faults.is_empty()).then(|| {
            let mut text = String::new();
            for line in written.last.iter().rev().take(60).rev() {
                let _ = writeln!(text, "    {line}");
            }
            for fault in written.faults.iter().take(5) {
                let _ = writeln!(text, "  wrong: {fault}");
            }
            text
        });
        (written.digest, written.events, report)
    }
}
