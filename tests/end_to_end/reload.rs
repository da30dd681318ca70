//! Reloads while mail comes in: each message is answered once, by one configuration, and arrives as
//! often as it was accepted.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::milter::MilterConfig;
use crate::support::root::{POSTFIX, left_out};
use crate::support::samples::samples;
use crate::support::smtp::{Envelope, SmtpClient};
use crate::{PATIENCE, Site, field};

const MESSAGES: usize = 1_000;
const CLIENTS: usize = 4;
/// Messages of one connection.
const IN_A_ROW: usize = 10;
const RECIPIENT: &str = "many@example.test";

/// How far senders and reloads have come.
#[derive(Default)]
struct Progress {
    sent: AtomicUsize,
    reloads: AtomicUsize,
}

impl Progress {
    /// Messages between two reloads.
    const STEP: usize = MESSAGES / 10;

    fn wait(&self, what: &str, holds: impl Fn(usize, usize) -> bool) {
        let until = Instant::now() + 4 * PATIENCE;
        while !holds(
            self.sent.load(Ordering::Relaxed),
            self.reloads.load(Ordering::Relaxed),
        ) {
            assert!(Instant::now() < until, "{what}");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Sends one client's share; the reply to each message by its number.
fn send(site: &Site, client: usize, progress: &Progress) -> Vec<(usize, String)> {
    let all = samples();
    let share: Vec<usize> = (client..MESSAGES).step_by(CLIENTS).collect();
    let mut replies = Vec::new();
    for (row, numbers) in share.chunks(IN_A_ROW).enumerate() {
        // Half of the clients open no connection while a reload is due, so that each configuration
        // gets its mail; the others open theirs in the middle of it.
        if client.is_multiple_of(2) {
            progress.wait("a reload", |sent, reloads| sent / Progress::STEP <= reloads);
        }
        let sample = &all[(row + client) % all.len()];
        let mut smtp =
            SmtpClient::connect_as(site.postfix.smtp_addr, &sample.client).expect("XCLIENT");
        for number in numbers {
            let head = format!("X-Number: {number}\r\n").into_bytes();
            let message = [head, sample.message.clone()].concat();
            let envelope = Envelope::new(sample.mail_from, &[RECIPIENT]);
            let reply = smtp.send(&envelope, &message).expect("a dialog");
            replies.push((*number, reply.last().text()));
            progress.sent.fetch_add(1, Ordering::Relaxed);
        }
        smtp.quit().expect("QUIT");
    }
    replies
}

/// A reload at each hundredth message, every third with a broken file.
fn reload(site: &Site, progress: &Progress) {
    let tag = site.milter.config();
    let enforce = format!("{tag}\n[policy]\npreset = \"enforce\"\n");
    let broken = format!("{tag}\n[policy]\npreset = \"strict\"\n");
    let steps = [
        &enforce, &broken, &tag, &enforce, &broken, &tag, &enforce, &broken, &tag,
    ];
    for (step, text) in (1..).zip(steps) {
        progress.wait("the messages", |sent, _| sent >= step * Progress::STEP);
        let answer = match *text == broken {
            true => "the old configuration stays in force",
            false => "the new configuration is in force",
        };
        let answers = || site.milter.log().matches(answer).count();
        let before = answers();
        site.milter.rewrite_config(text);
        site.milter.hang_up();
        progress.wait(answer, |_, _| answers() > before);
        progress.reloads.store(step, Ordering::Relaxed);
    }
}

#[test]
fn reloads_in_the_middle_of_a_thousand_messages_lose_and_double_none() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::default());
    let progress = Progress::default();
    let replies: HashMap<usize, String> = thread::scope(|scope| {
        let (site, progress) = (&site, &progress);
        let reloading = scope.spawn(move || reload(site, progress));
        let sending: Vec<_> = (0..CLIENTS)
            .map(|client| scope.spawn(move || send(site, client, progress)))
            .collect();
        let replies = sending
            .into_iter()
            .flat_map(|one| one.join().expect("a client"));
        let replies = replies.collect();
        reloading.join().expect("the reloads");
        replies
    });
    assert_eq!(replies.len(), MESSAGES);
    let metric = |result: &str| {
        site.milter.metric(&format!(
            "amazon_spoof_milter_config_reloads_total{{result=\"{result}\"}}"
        ))
    };
    assert_eq!((metric("success"), metric("failure")), (6.0, 3.0));

    let accepted = replies.values().filter(|reply| reply.starts_with("250 "));
    let accepted = accepted.count();
    site.postfix.wait_for(RECIPIENT, accepted, 4 * PATIENCE);
    site.postfix.wait_for_empty_queue(PATIENCE);
    let mut arrived: HashMap<usize, usize> = HashMap::new();
    for message in site.postfix.mailbox(RECIPIENT) {
        let number = field(&message, "X-Number").and_then(|text| text.parse().ok());
        *arrived.entry(number.expect("its number")).or_default() += 1;
    }
    // Held mail is none of these: the impersonation among the samples proves its own domain.
    assert_eq!(site.postfix.hold_queue(), [""; 0]);
    for (number, reply) in &replies {
        let times = arrived.get(number).copied().unwrap_or(0);
        let expected = match reply.get(..4) {
            Some("250 ") => 1,
            // What is refused is refused for good: no reload is a temporary failure.
            Some("550 ") => 0,
            _ => panic!("{number}: {reply}"),
        };
        assert_eq!(times, expected, "{number}: {reply}");
    }
    // Both configurations decided.
    assert!(accepted < MESSAGES, "none was refused");
    let spoofs = |action: &str| -> f64 {
        let series = |verdict: &str| {
            format!(
                "amazon_spoof_milter_messages_total{{action=\"{action}\",verdict=\"{verdict}\"}}"
            )
        };
        ["forged", "lookalike"]
            .iter()
            .map(|verdict| site.milter.metric(&series(verdict)))
            .sum()
    };
    assert!(spoofs("tag") > 0.0 && spoofs("reject") > 0.0);
}
