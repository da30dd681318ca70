//! One milter and one Postfix that asks it, and what becomes of a mail there.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use super::mail::{Mail, fields};
use super::metrics::{Values, read};
use super::paper::Paper;
use super::support::lmtp::Delivery;
use super::support::milter::{Milter, MilterConfig};
use super::support::postfix::{HOSTNAME, Postfix, PostfixOptions, without_own_received};
use super::support::smtp::SmtpClient;

/// How long Postfix may take to deliver.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Site {
    pub preset: &'static str,
    pub milter: Milter,
    pub postfix: Postfix,
    /// The metrics before any mail came.
    pub before: Values,
}

/// What became of one mail.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the server answered last.
    pub reply: String,
    pub fate: Fate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Delivered(Difference),
    /// On hold in Postfix' queue under this id.
    Held(String, Difference),
    Refused,
    /// Taken, and neither delivered nor held.
    Missing,
}

/// What a filter did to a message, field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// Whether everything below the added fields is what was sent, octet for octet.
    pub rest_as_sent: bool,
}

/// How far a site's mail has been shown.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    delivered: usize,
    held: Vec<String>,
}

/// Mail that came since.
#[derive(Clone, Debug)]
pub struct News {
    pub delivered: Vec<Delivery>,
    /// Queue ids.
    pub held: Vec<String>,
}

impl Site {
    pub fn start(
        program: &Path,
        dns: SocketAddr,
        preset: &'static str,
        paper: &Paper,
    ) -> Result<Self, String> {
        let mut config = MilterConfig::preset(preset);
        config
            .rest
            .push_str(&format!("\n[headers]\nauthserv_id = \"{HOSTNAME}\"\n"));
        let milter = Milter::start(program, dns, &config);
        paper.step(&format!(
            "milter with preset \"{preset}\" on {}, metrics on http://{}/metrics",
            milter.socket, milter.http
        ));
        let options = PostfixOptions {
            milters: vec![milter.socket.clone()],
            ..PostfixOptions::default()
        };
        let postfix = Postfix::try_start(&options).map_err(|error| format!("Postfix: {error}"))?;
        paper.step(&format!(
            "private Postfix that asks this milter on {}",
            postfix.smtp_addr
        ));
        let before = read(&milter.get("/metrics").1);
        Ok(Self {
            preset,
            milter,
            postfix,
            before,
        })
    }

    /// Hands in a mail as its client would, and waits till its fate is known.
    pub fn send(&self, mail: &Mail) -> Result<Outcome, String> {
        let fault = |error: std::io::Error| format!("SMTP with {}: {error}", mail.name);
        let mut client =
            SmtpClient::connect_as(self.postfix.smtp_addr, &mail.client).map_err(fault)?;
        let sent = client
            .send(&mail.envelope(), &mail.message)
            .map_err(fault)?;
        client.quit().map_err(fault)?;
        let reply = sent.last().text();
        let fate = match sent.accepted() {
            true => self.fate(mail, &reply),
            false => Fate::Refused,
        };
        Ok(Outcome { reply, fate })
    }

    fn fate(&self, mail: &Mail, reply: &str) -> Fate {
        let id = reply.split_once("queued as ").map_or("", |(_, id)| id);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(message) = self.postfix.mailbox(&mail.recipient).pop() {
                return Fate::Delivered(Difference::new(&mail.message, &message));
            }
            if self.postfix.hold_queue().iter().any(|held| held == id) {
                let difference = Difference::new(&mail.message, &self.queued(id));
                return Fate::Held(id.to_owned(), difference);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Fate::Missing
    }

    /// A message on hold, with the line ends that it came with: a queue file has LF.
    pub fn queued(&self, id: &str) -> Vec<u8> {
        let mut message = Vec::new();
        for line in self
            .postfix
            .queued_message(id)
            .split_inclusive(|byte| *byte == b'\n')
        {
            message.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
            message.extend_from_slice(b"\r\n");
        }
        message
    }

    /// What has come since these marks, which are moved on.
    pub fn news(&self, seen: &mut Seen) -> News {
        let delivered = self.postfix.deliveries().split_off(seen.delivered);
        let mut held = self.postfix.hold_queue();
        let all = held.clone();
        held.retain(|id| !seen.held.contains(id));
        seen.delivered += delivered.len();
        seen.held = all;
        News { delivered, held }
    }

    /// The metrics that differ from those before any mail.
    pub fn changes(&self) -> Values {
        let now = read(&self.milter.get("/metrics").1);
        let change = |(series, value): (String, f64)| {
            let change = value - self.before.get(&series).copied().unwrap_or(0.0);
            (change != 0.0).then_some((series, change))
        };
        now.into_iter().filter_map(change).collect()
    }

    /// Postfix first: nobody asks a milter that is gone.
    pub fn stop(self) {
        drop(self.postfix);
        self.milter.stop();
    }
}

impl Difference {
    fn new(sent: &[u8], got: &[u8]) -> Self {
        let got = without_own_received(got).unwrap_or_else(|| got.to_vec());
        let (before, after) = (fields(sent), fields(&got));
        Self {
            added: less(&after, &before),
            removed: less(&before, &after),
            rest_as_sent: got.ends_with(sent),
        }
    }
}

/// What is in the first list beyond the second, in its order.
fn less(first: &[String], second: &[String]) -> Vec<String> {
    let mut second = second.to_vec();
    let mut rest = first.to_vec();
    rest.retain(
        |field| match second.iter().position(|other| other == field) {
            Some(at) => {
                second.swap_remove(at);
                false
            }
            None => true,
        },
    );
    rest
}
