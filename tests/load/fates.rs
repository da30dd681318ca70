//! Messages that come to a Postfix as from an MTA: what is put off comes again, till each has its fate.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::support::postfix::Postfix;
use crate::support::samples::{Sample, samples};
use crate::support::smtp::{Envelope, SmtpClient};

/// For all that is waited for; a machine may have much else to do.
const PATIENCE: Duration = Duration::from_secs(600);

const CLIENTS: usize = 8;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Accepted,
    Refused(String),
}

/// What has to become of each sample, whatever happens on the way.
const EXPECTED: [(&str, &str); 5] = [
    ("genuine", "250 "),
    ("forged", "550 5.7.26 "),
    ("lookalike", "550 5.7.1 "),
    ("display-name", "250 "),
    ("ordinary", "250 "),
];

struct State {
    addr: SocketAddr,
    samples: Vec<Sample>,
    total: usize,
    /// Ids that wait for a first or a further try.
    waiting: Mutex<Vec<usize>>,
    fates: Mutex<BTreeMap<usize, Fate>>,
    deferrals: AtomicUsize,
}

impl State {
    fn sample(&self, id: usize) -> &Sample {
        &self.samples[id % self.samples.len()]
    }

    /// One try; `None` where it is to come again.
    fn try_once(&self, id: usize) -> Option<Fate> {
        let sample = self.sample(id);
        let envelope = Envelope::new(sample.mail_from, &[&recipient(id)]);
        let mut client = SmtpClient::connect_as(self.addr, &sample.client).ok()?;
        let sent = client.send(&envelope, &sample.message).ok()?;
        let reply = sent.last();
        match reply.code {
            // The final dot's: a 250 to RCPT delivers nothing.
            250 if sent.accepted() => Some(Fate::Accepted),
            500..=599 => Some(Fate::Refused(reply.text())),
            _ => None,
        }
    }

    fn work(&self) {
        while self.decided() < self.total {
            let id = self.waiting.lock().expect("ids").pop();
            let Some(id) = id else {
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            match self.try_once(id) {
                Some(fate) => {
                    let before = self.fates.lock().expect("fates").insert(id, fate);
                    assert_eq!(before, None, "message {id} has two fates");
                }
                None => {
                    self.deferrals.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(50));
                    // Behind all others.
                    self.waiting.lock().expect("ids").insert(0, id);
                }
            }
        }
    }

    fn decided(&self) -> usize {
        self.fates.lock().expect("fates").len()
    }
}

fn recipient(id: usize) -> String {
    format!("m{id}@example.test")
}

/// Messages under way.
pub(crate) struct Load {
    state: Arc<State>,
    clients: Vec<JoinHandle<()>>,
    started: Instant,
}

impl Load {
    /// Begins to send; the kinds take turns.
    pub(crate) fn start(addr: SocketAddr, total: usize) -> Self {
        let state = Arc::new(State {
            addr,
            samples: samples(),
            total,
            waiting: Mutex::new((0..total).rev().collect()),
            fates: Mutex::default(),
            deferrals: AtomicUsize::new(0),
        });
        let clients = (0..CLIENTS)
            .map(|_| {
                let state = Arc::clone(&state);
                thread::spawn(move || state.work())
            })
            .collect();
        Self {
            state,
            clients,
            started: Instant::now(),
        }
    }

    fn wait(&self, what: &str, condition: impl Fn(&State) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !condition(&self.state) {
            assert!(Instant::now() < until, "{what}");
            assert!(!self.clients.iter().all(JoinHandle::is_finished) || condition(&self.state));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits till `part` of `whole` have their fate.
    pub(crate) fn wait_for_share(&self, part: usize, whole: usize) {
        let share = self.state.total * part / whole;
        self.wait("messages get through", |state| state.decided() >= share);
    }

    /// Waits till so many more tries were put off.
    pub(crate) fn wait_for_deferrals(&self, more: usize) {
        let from = self.state.deferrals.load(Ordering::Relaxed);
        self.wait("messages are put off", |state| {
            state.deferrals.load(Ordering::Relaxed) >= from + more
        });
    }

    /// Waits for the end, and accounts for every message.
    pub(crate) fn finish(self, postfix: &Postfix) {
        self.wait_for_share(1, 1);
        for client in self.clients {
            client.join().expect("a client");
        }
        let state = &self.state;
        let fates = state.fates.lock().expect("fates");
        let mut accepted = 0;
        for id in 0..state.total {
            let name = state.sample(id).name;
            let (_, reply) = EXPECTED.iter().find(|(known, _)| *known == name).unwrap();
            match &fates[&id] {
                Fate::Accepted => {
                    assert_eq!(*reply, "250 ", "{name} {id} was let through");
                    accepted += 1;
                }
                Fate::Refused(text) => {
                    assert!(text.starts_with(reply), "{name} {id}: {text}");
                }
            }
        }
        // What was put into quarantine is on hold, and comes once it is released.
        let held = postfix.hold_queue().len();
        postfix.postsuper("-H", "ALL");
        postfix.wait_for_empty_queue(PATIENCE);
        let mut delivered: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for delivery in postfix.deliveries() {
            delivered
                .entry(delivery.rcpt_to)
                .or_default()
                .push(delivery.octets);
        }
        for (id, fate) in fates.iter() {
            let got = delivered.remove(&recipient(*id)).unwrap_or_default();
            let expected = usize::from(*fate == Fate::Accepted);
            assert_eq!(got.len(), expected, "message {id}: {fate:?}");
            for octets in got {
                self::said(state.sample(*id).name, &octets);
            }
        }
        assert!(delivered.is_empty(), "{:?}", delivered.keys());
        println!(
            "{} messages: {accepted} accepted ({held} of them held and released), {} refused, {} \
             tries put off, none lost, none twice; {:.0} s",
            state.total,
            state.total - accepted,
            state.deferrals.load(Ordering::Relaxed),
            self.started.elapsed().as_secs_f64(),
        );
    }
}

/// Nothing is let through unjudged, and nothing as verified that is not.
fn said(name: &str, octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    let verdict = text
        .lines()
        .find_map(|line| line.strip_prefix("X-Amazon-Spoof-Verdict: "));
    let expected = match name {
        "genuine" => Some("verified; action=accept;"),
        "display-name" => Some("impersonation; action="),
        _ => None,
    };
    match expected {
        Some(expected) => {
            let verdict = verdict.unwrap_or_else(|| panic!("{name}: {text}"));
            assert!(verdict.starts_with(expected), "{name}: {verdict}");
        }
        None => assert_eq!(verdict, None, "{name}"),
    }
}
