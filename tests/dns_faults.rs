//! Through a real Postfix, while DNS fails in every way: genuine mail is never refused for good, a
//! message waits no longer than the deadline, and verdicts recover by themselves.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use support::dns::ZoneServer;
use support::milter::{Milter, MilterConfig};
use support::postfix::{Postfix, PostfixOptions};
use support::root::{POSTFIX, left_out};
use support::samples::{Sample, samples, zone};
use support::smtp::SmtpClient;

const PATIENCE: Duration = Duration::from_secs(30);
/// What Postfix and the program take beside DNS, on a machine with other work.
const SLACK: Duration = Duration::from_secs(2);

const LATER: &str = "451 4.4.3 Message refused by policy (unverifiable): the author domain can't be \
    authenticated now, try again later";
const IMPERSONATION_LATER: &str = "451 4.4.3 Message refused by policy (impersonation): the author \
    domain can't be authenticated now, try again later";
const FORGED: &str = "550 5.7.26 Message refused by policy (forged): the author domain could not be \
    authenticated";

/// Every name that could prove the genuine message.
const PROOFS: [&str; 3] = [
    "amazon.com",
    "demo._domainkey.amazon.com",
    "_dmarc.amazon.com",
];

struct Site {
    dns: ZoneServer,
    milter: Milter,
    postfix: Postfix,
}

impl Site {
    fn start(zone: &str, config: &MilterConfig) -> Self {
        let dns = ZoneServer::start(zone);
        let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
        let milter = Milter::start(program, dns.addr, config);
        let postfix = Postfix::start(&PostfixOptions {
            milters: vec![milter.socket.clone()],
            ..PostfixOptions::default()
        });
        Self {
            dns,
            milter,
            postfix,
        }
    }

    /// The last reply to a sample, and how long it took.
    fn send(&self, name: &str) -> (String, Duration) {
        self.hand_in(&sample(name))
    }

    fn hand_in(&self, sample: &Sample) -> (String, Duration) {
        let mut client =
            SmtpClient::connect_as(self.postfix.smtp_addr, &sample.client).expect("XCLIENT");
        let started = Instant::now();
        let sent = client
            .send(&sample.envelope(), &sample.message)
            .expect("a dialog");
        let took = started.elapsed();
        client.quit().expect("QUIT");
        (sent.last().text(), took)
    }

    fn reply(&self, name: &str) -> String {
        self.send(name).0
    }
}

fn sample(name: &str) -> Sample {
    samples()
        .into_iter()
        .find(|sample| sample.name == name)
        .expect("a sample of that name")
}

fn enforcing(dns: &str) -> MilterConfig {
    MilterConfig {
        dns: dns.to_owned(),
        ..MilterConfig::preset("enforce")
    }
}

/// Nothing is kept, so that every message finds DNS as it is at that moment.
fn forgetful() -> String {
    zone().replace("$TTL 300", "$TTL 0")
}

#[test]
fn no_fault_refuses_genuine_mail_and_none_saves_a_forgery() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(
        &forgetful(),
        // One silence takes all the time that there is; asked again, it would take thrice as long.
        &enforcing("timeout = \"1500ms\"\ndeadline = \"1500ms\"\n"),
    );
    // Forwarded, the signature is its only proof; unsigned, the server that sends it.
    let forwarded = Sample {
        mail_from: sample("forged").mail_from,
        client: sample("forged").client,
        ..sample("genuine")
    };
    let unsigned = Sample {
        message: sample("forged").message,
        ..sample("genuine")
    };
    for proof in [&sample("genuine"), &forwarded, &unsigned] {
        assert!(site.hand_in(proof).0.starts_with("250 "));
    }
    for fault in [
        "TIMEOUT",
        "SERVFAIL",
        "REFUSED",
        "TRUNCATE",
        "LAME",
        "DELAY 5000",
    ] {
        let broken: String = PROOFS
            .iter()
            .map(|name| format!("{name}. {fault}\n"))
            .collect();
        site.dns.set(&broken);
        for proof in [&sample("genuine"), &forwarded, &unsigned] {
            let (reply, took) = site.hand_in(proof);
            assert_eq!(reply, LATER, "{fault}");
            assert!(
                took < Duration::from_millis(1500) + SLACK,
                "{fault}: {took:?}"
            );
        }
        // What is no lookup's fault is judged as ever: a forgery has no signature and a stranger's
        // sender, and a name that lies needs no proof.
        assert_eq!(site.reply("forged"), FORGED, "{fault}");
        assert!(site.reply("lookalike").starts_with("550 5.7.1 "), "{fault}");
        assert!(site.reply("ordinary").starts_with("250 "), "{fault}");
        site.dns.set(&forgetful());
        assert!(site.reply("genuine").starts_with("250 "), "after {fault}");
    }
    // A stranger's broken DNS saves nothing either.
    site.dns
        .set("bulk-sender.example. SERVFAIL\ndemo._domainkey.bulk-sender.example. SERVFAIL");
    assert_eq!(site.reply("forged"), FORGED);
    // One proof is enough: with SPF gone the signature holds, and the other way round.
    for name in PROOFS {
        site.dns.set(&forgetful());
        site.dns.set(&format!("{name}. SERVFAIL"));
        assert!(site.reply("genuine").starts_with("250 "), "without {name}");
    }
    let failures = site
        .milter
        .metric("amazon_spoof_milter_dns_lookups_total{outcome=\"failure\",type=\"txt\"}");
    assert!(failures >= 12.0, "{failures}");
    assert!(!site.milter.log().contains("panicked"));
}

#[test]
fn dns_dies_and_comes_back() {
    if left_out(POSTFIX) {
        return;
    }
    let mut site = Site::start(
        &zone(),
        &enforcing("timeout = \"200ms\"\ndeadline = \"1500ms\"\n"),
    );
    site.dns.stop();
    assert_eq!(site.reply("genuine"), LATER);
    site.dns.restart().expect("the same port");
    assert!(site.reply("genuine").starts_with("250 "));
    // What was answered is kept as long as it said: genuine mail goes on without DNS.
    site.dns.stop();
    for _ in 0..2 {
        let (reply, took) = site.send("genuine");
        assert!(reply.starts_with("250 "), "{reply}");
        assert!(took < SLACK, "{took:?}");
    }
    // Silence, too, ends by itself.
    site.dns.restart().expect("the same port");
    site.dns.pause();
    let (reply, _) = site.send("display-name");
    assert!(!reply.starts_with("55"), "{reply}");
    site.dns.resume();
    assert!(site.reply("genuine").starts_with("250 "));
}

#[test]
fn a_resolver_whose_port_is_closed_costs_no_time() {
    if left_out(POSTFIX) {
        return;
    }
    let mut site = Site::start(
        &zone(),
        &enforcing("timeout = \"60s\"\ndeadline = \"60s\"\n"),
    );
    site.dns.stop();
    for (name, expected) in [("genuine", LATER), ("display-name", IMPERSONATION_LATER)] {
        let (reply, took) = site.send(name);
        assert_eq!(reply, expected);
        assert!(took < Duration::from_secs(20), "{name}: {took:?}");
    }
}

#[test]
fn while_our_own_dns_is_dead_an_impersonation_waits_and_everybody_is_told() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(
        &forgetful(),
        &enforcing("timeout = \"200ms\"\ndeadline = \"1500ms\"\nstranger_timeout = \"500ms\"\n"),
    );
    let dead = || site.milter.metric("amazon_spoof_milter_dns_dead");
    let ready = || site.milter.get("/readyz");
    assert!(site.reply("display-name").starts_with("250 "));
    // That a stranger's zone fails says nothing about ours.
    site.dns.set(
        "bulk-sender.example. TIMEOUT\n_dmarc.bulk-sender.example. TIMEOUT\n\
         demo._domainkey.bulk-sender.example. TIMEOUT\n",
    );
    assert!(site.reply("display-name").starts_with("250 "));
    assert_eq!((dead(), ready()), (0.0, (200, "ready\n".into())));
    site.dns.set(&forgetful());
    site.dns.pause();
    let (reply, took) = site.send("display-name");
    assert_eq!(reply, IMPERSONATION_LATER);
    assert!(took < Duration::from_millis(1500) + SLACK, "{took:?}");
    assert!(site.reply("lookalike").starts_with("550 5.7.1 "));
    assert_eq!(site.reply("genuine"), LATER);
    let told = (200, "ready, but DNS is dead\n".to_owned());
    assert_eq!((dead(), ready()), (1.0, told.clone()));
    assert!(site.milter.get("/").1.contains("dead: nobody answers"));
    let log = site.milter.log();
    assert!(log.contains("WARN DNS is dead: "), "{log}");
    // A reload doesn't forget it.
    site.milter.hang_up();
    site.milter.wait_for_log("is in force for new connections");
    assert_eq!((dead(), ready()), (1.0, told));
    site.dns.resume();
    site.milter.wait_for_log("INFO DNS answers again");
    assert_eq!((dead(), ready()), (0.0, (200, "ready\n".into())));
    assert!(!site.milter.get("/").1.contains("dead: nobody answers"));
    assert!(site.reply("display-name").starts_with("250 "));
}

#[test]
fn an_answer_after_eight_seconds_meets_the_deadline_as_it_is_by_default() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&forgetful(), &enforcing(""));
    site.dns.set(&format!(
        "demo._domainkey.amazon.com. DELAY 8000\namazon.com. DELAY 8000\n{}",
        zone()
    ));
    let (reply, took) = site.send("genuine");
    // Late is not wrong: whether the answer still came in time or not, nothing is refused for good.
    assert!(reply == LATER || reply.starts_with("250 "), "{reply}");
    assert!(
        took > Duration::from_secs(3),
        "the server was not slow: {took:?}"
    );
    assert!(took < Duration::from_secs(10) + SLACK, "{took:?}");
}

#[test]
fn by_default_genuine_mail_is_delivered_and_says_what_could_not_be_checked() {
    if left_out(POSTFIX) {
        return;
    }
    let config = MilterConfig {
        dns: "timeout = \"200ms\"\ndeadline = \"1500ms\"\n".into(),
        ..MilterConfig::default()
    };
    let site = Site::start(&zone(), &config);
    site.dns.pause();
    assert!(site.reply("genuine").starts_with("250 "));
    let delivered = site
        .postfix
        .wait_for(&sample("genuine").recipient(), 1, PATIENCE);
    let text = String::from_utf8_lossy(&delivered[0]);
    assert!(
        text.contains("X-Amazon-Spoof-Verdict: unverifiable; action=tag;"),
        "{text}"
    );
    assert!(!text.contains("X-Spam-Flag"), "{text}");
}
