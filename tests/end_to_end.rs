//! Through a real Postfix: what a sender hands in, what a recipient gets, what is counted.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

#[path = "attachments/whole.rs"]
mod attachments;
#[path = "end_to_end/readers.rs"]
mod readers;

#[path = "end_to_end/actions.rs"]
mod actions;
#[path = "end_to_end/content_filter.rs"]
mod content_filter;
#[path = "end_to_end/files.rs"]
mod files;
#[path = "end_to_end/held.rs"]
mod held;
#[path = "end_to_end/reload.rs"]
mod reload;
#[path = "end_to_end/stray_cr.rs"]
mod stray_cr;
#[path = "end_to_end/unknown_client.rs"]
mod unknown_client;

use std::path::Path;
use std::time::Duration;

use support::dns::ZoneServer;
use support::milter::{Milter, MilterConfig, fresh_folder};
use support::postfix::{Postfix, PostfixOptions, without_own_received};
use support::root::{POSTFIX, left_out};
use support::samples::{Sample, samples, zone};
use support::smtp::{Sent, SmtpClient};

const PATIENCE: Duration = Duration::from_secs(30);

/// The whole of it: DNS, milter, Postfix.
struct Site {
    dns: ZoneServer,
    milter: Milter,
    postfix: Postfix,
}

impl Site {
    fn start(config: &MilterConfig) -> Self {
        let dns = ZoneServer::start(&zone());
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

    fn send(&self, sample: &Sample) -> Sent {
        let mut client =
            SmtpClient::connect_as(self.postfix.smtp_addr, &sample.client).expect("XCLIENT");
        let sent = client
            .send(&sample.envelope(), &sample.message)
            .expect("a dialog");
        client.quit().expect("QUIT");
        sent
    }

    /// What the recipient got, without the Received field of this Postfix.
    fn delivered(&self, sample: &Sample) -> Vec<u8> {
        let mut mailbox = self.postfix.wait_for(&sample.recipient(), 1, PATIENCE);
        without_own_received(&mailbox.remove(0)).expect("a Received field")
    }
}

fn sample(name: &str) -> Sample {
    samples()
        .into_iter()
        .find(|sample| sample.name == name)
        .expect("a sample of that name")
}

/// The value of the first field of that name, unfolded.
fn field(message: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(message);
    let (header, _) = text.split_once("\r\n\r\n")?;
    let unfolded = header.replace("\r\n\t", " ").replace("\r\n ", " ");
    unfolded.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found
            .eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    })
}

#[test]
fn by_default_everything_is_delivered_and_labelled() {
    if left_out(POSTFIX) {
        return;
    }
    delivered_and_labelled(&Site::start(&MilterConfig::default()));
}

/// Postfix is asked for fewer answers there.
#[test]
fn so_it_is_over_a_unix_socket_where_every_body_is_looked_into() {
    if left_out(POSTFIX) {
        return;
    }
    let socket = fresh_folder().join("milter.sock");
    delivered_and_labelled(&Site::start(&MilterConfig {
        milter: format!(
            "listen = \"unix:{}\"\nsocket_mode = \"0666\"\n",
            socket.display()
        ),
        rest: "[inspect]\nbody = \"all\"\n".into(),
        ..MilterConfig::default()
    }));
}

fn delivered_and_labelled(site: &Site) {
    for sample in samples() {
        let sent = site.send(&sample);
        assert!(sent.accepted(), "{}: {}", sample.name, sent.last().text());
    }
    let verdict = |name| field(&site.delivered(&sample(name)), "X-Amazon-Spoof-Verdict");
    assert_eq!(
        verdict("genuine").as_deref(),
        Some(
            "verified; action=accept; author=amazon.com; \
             reasons=official-author-domain,display-name,dkim-aligned,spf-aligned,dmarc-pass"
        )
    );
    assert_eq!(
        verdict("forged").as_deref(),
        Some(
            "forged; action=tag; author=amazon.com; \
             reasons=official-author-domain,display-name,unauthenticated"
        )
    );
    assert!(verdict("lookalike").is_some_and(|value| {
        value.starts_with(
            "lookalike; action=tag; author=security-amazon.com; reasons=lookalike-author-domain",
        )
    }));
    assert!(verdict("display-name").is_some_and(|value| {
        value.starts_with(
            "impersonation; action=tag; author=bulk-sender.example; reasons=display-name",
        )
    }));
    assert_eq!(verdict("ordinary"), None);

    let flags = samples()
        .iter()
        .map(|sample| field(&site.delivered(sample), "X-Spam-Flag").is_some())
        .collect::<Vec<_>>();
    assert_eq!(flags, [false, true, true, true, false]);
    for (series, count) in [
        ("{action=\"accept\",verdict=\"verified\"}", 1.0),
        ("{action=\"tag\",verdict=\"forged\"}", 1.0),
        ("{action=\"tag\",verdict=\"lookalike\"}", 1.0),
        ("{action=\"tag\",verdict=\"impersonation\"}", 1.0),
        ("{action=\"accept\",verdict=\"unrelated\"}", 1.0),
    ] {
        let series = format!("amazon_spoof_milter_messages_total{series}");
        assert_eq!(site.milter.metric(&series), count, "{series}");
    }
}

#[test]
fn what_a_sender_signed_arrives_octet_for_octet() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::default());
    for name in ["genuine", "ordinary"] {
        let sample = sample(name);
        assert!(site.send(&sample).accepted());
        let delivered = site.delivered(&sample);
        assert!(
            delivered.ends_with(&sample.message),
            "{name}: {}",
            String::from_utf8_lossy(&delivered)
        );
    }
    // Ordinary mail is touched by nothing, and nobody is asked about it.
    let ordinary = sample("ordinary");
    assert_eq!(site.delivered(&ordinary), ordinary.message);
    let asked = site.dns.queries_of_mail();
    assert!(
        !asked
            .iter()
            .any(|asked| asked.name.contains("friend.example")),
        "{asked:?}"
    );
}

#[test]
fn our_fields_stand_at_the_top_and_say_who_we_are() {
    if left_out(POSTFIX) {
        return;
    }
    let config = MilterConfig {
        rest: "[headers]\nauthserv_id = \"mx.example.test\"\nsubject_prefix = \"[SPOOF]\"\n".into(),
        ..MilterConfig::default()
    };
    let site = Site::start(&config);
    let forged = sample("forged");
    assert!(site.send(&forged).accepted());
    let delivered = site.delivered(&forged);
    assert_eq!(
        field(&delivered, "Authentication-Results").as_deref(),
        Some(
            "mx.example.test; spf=pass smtp.mailfrom=bulk-sender.example; dkim=none; \
             dmarc=fail header.from=amazon.com"
        )
    );
    assert_eq!(
        field(&delivered, "X-Amazon-Spoof-Explanation").as_deref(),
        Some(
            "This mail says that it comes from amazon.com, but nothing proves it: it has no \
             signature, and the sending server is authorised by bulk-sender.example only. If in \
             doubt, follow no link in this mail: open the Amazon website yourself or, as a seller, \
             read the performance notifications in Seller Central."
        )
    );
    assert_eq!(
        field(&delivered, "Subject").as_deref(),
        Some("[SPOOF] The autumn catalogue")
    );
    assert!(delivered.starts_with(b"Authentication-Results: mx.example.test;"));
}

#[test]
fn fields_that_forge_ours_are_removed_and_those_of_others_stay() {
    if left_out(POSTFIX) {
        return;
    }
    let config = MilterConfig {
        rest: "[headers]\nauthserv_id = \"mx.example.test\"\n".into(),
        ..MilterConfig::default()
    };
    let site = Site::start(&config);
    let ordinary = sample("ordinary");
    let forged = [
        b"Authentication-Results: MX.Example.Test; dkim=pass header.d=amazon.com\r\n".as_slice(),
        b"X-Amazon-Spoof-Verdict: verified\r\n",
        b"Authentication-Results: mx.other.test; spf=none\r\n",
        b"x-amazon-spoof-explanation: all is well\r\n",
        b"authentication-results: (a) \"mx.example.test\" 1; spf=pass\r\n",
        &ordinary.message,
    ]
    .concat();
    let sample = Sample {
        message: forged,
        ..ordinary.clone()
    };
    assert!(site.send(&sample).accepted());
    let expected = [
        b"Authentication-Results: mx.other.test; spf=none\r\n".as_slice(),
        &ordinary.message,
    ]
    .concat();
    assert_eq!(
        String::from_utf8_lossy(&site.delivered(&sample)),
        String::from_utf8_lossy(&expected)
    );
}

#[test]
fn enforced_spoofs_are_refused_or_held_and_genuine_mail_is_not() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::preset("enforce"));
    let reply = |name: &str| site.send(&sample(name)).last().text();
    assert!(reply("genuine").starts_with("250 "));
    assert!(reply("ordinary").starts_with("250 "));
    assert_eq!(
        reply("forged"),
        "550 5.7.26 Message refused by policy (forged): the author domain could not be authenticated"
    );
    assert_eq!(
        reply("lookalike"),
        "550 5.7.1 Message refused by policy (lookalike): the sender presents itself as somebody \
         it is not"
    );
    // Whoever answers for the address is only tagged: its own DMARC passes.
    assert!(reply("display-name").starts_with("250 "));
    let tagged = field(
        &site.delivered(&sample("display-name")),
        "X-Amazon-Spoof-Verdict",
    );
    assert!(tagged.is_some_and(|value| value.starts_with("impersonation; action=tag;")));
    // Without that proof it is held, where the operator finds it.
    let unproved = Sample {
        name: "held",
        mail_from: "someone@friend.example",
        message: b"From: \"Amazon.com\" <x@nobody.example>\r\nSubject: x\r\n\r\nx\r\n".to_vec(),
        ..sample("display-name")
    };
    assert!(site.send(&unproved).accepted());
    let held = site.postfix.hold_queue();
    assert_eq!(held.len(), 1, "{held:?}");
    site.milter.wait_for_log(&format!(
        "queue_id=\"{}\" verdict=\"impersonation\" action=\"quarantine\"",
        held[0]
    ));
}

#[test]
fn postmaster_gets_what_others_are_spared() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::preset("enforce"));
    let forged = sample("forged");
    let mut client =
        SmtpClient::connect_as(site.postfix.smtp_addr, &forged.client).expect("XCLIENT");
    let envelope = support::smtp::Envelope::new(forged.mail_from, &["postmaster@example.test"]);
    let sent = client.send(&envelope, &forged.message).expect("a dialog");
    assert!(sent.accepted(), "{}", sent.last().text());
    let delivered = site
        .postfix
        .wait_for("postmaster@example.test", 1, PATIENCE);
    assert!(
        field(&delivered[0], "X-Amazon-Spoof-Verdict")
            .is_some_and(|value| value.starts_with("forged; action=tag;"))
    );
}

#[test]
fn monitoring_shows_what_would_have_happened_and_touches_nothing() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::preset("monitor"));
    let forged = sample("forged");
    assert!(site.send(&forged).accepted());
    assert_eq!(site.delivered(&forged), forged.message);
    site.milter
        .wait_for_log("verdict=\"forged\" action=\"reject\" applied=false");
    let series = "amazon_spoof_milter_messages_total{action=\"reject\",verdict=\"forged\"}";
    assert_eq!(site.milter.metric(series), 1.0);
    // Whom the operator may want to allow before anything is enforced.
    assert!(site.send(&sample("display-name")).accepted());
    let (_, page) = site.milter.get("/decisions.txt");
    assert!(
        page.contains("       1  allow = [\"bulk-sender.example\"]\n"),
        "{page}"
    );
}

#[test]
fn a_temporary_failure_of_dns_is_never_a_reject() {
    if left_out(POSTFIX) {
        return;
    }
    let config = MilterConfig {
        dns: "timeout = \"300ms\"\ndeadline = \"2s\"\n".into(),
        ..MilterConfig::preset("enforce")
    };
    let site = Site::start(&config);
    let genuine = sample("genuine");
    site.dns.pause();
    let sent = site.send(&genuine);
    assert_eq!(
        sent.last().text(),
        "451 4.4.3 Message refused by policy (unverifiable): the author domain can't be \
         authenticated now, try again later"
    );
    // A name that lies needs no DNS to be told.
    site.dns.resume();
    assert!(site.send(&genuine).accepted());
}

#[test]
fn what_dns_has_said_is_not_asked_again() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::default());
    let genuine = sample("genuine");
    let counts = || {
        let metric = |name: &str| {
            site.milter
                .metric(&format!("amazon_spoof_milter_dns_cache_{name}_total"))
        };
        (metric("hits"), metric("misses"))
    };
    assert!(site.send(&genuine).accepted());
    let (hits, misses) = counts();
    assert_eq!(hits, 0.0);
    assert!(misses > 0.0);
    let asked = site.dns.queries_of_mail().len();
    assert!(site.send(&genuine).accepted());
    assert_eq!(counts(), (misses, misses));
    assert_eq!(site.dns.queries_of_mail().len(), asked);
}

#[test]
fn spam_fields_of_others_stay_but_for_the_flag_that_ours_replaces() {
    if left_out(POSTFIX) {
        return;
    }
    let config = MilterConfig {
        rest:
            "[headers]\nauthserv_id = \"mx.example.test\"\nkeep_authres = [\"mx.example.test\"]\n"
                .into(),
        ..MilterConfig::default()
    };
    let site = Site::start(&config);
    let theirs = [
        b"X-Spam-Flag: NO\r\nX-Spam-Status: No, score=0\r\nX-Spam-Score: 0\r\n".as_slice(),
        b"Authentication-Results: mx.example.test; spf=none\r\n",
        // Nobody can tell whose this is.
        b"Authentication-Results: ; dkim=pass\r\n",
    ]
    .concat();
    let with_theirs = |name| {
        let sample = sample(name);
        Sample {
            message: [&*theirs, &sample.message].concat(),
            ..sample
        }
    };
    let fields = |sample: &Sample| {
        assert!(site.send(sample).accepted());
        let delivered = site.delivered(sample);
        let text = String::from_utf8_lossy(&delivered).into_owned();
        let (header, _) = text.split_once("\r\n\r\n").expect("a body");
        let unfolded = header.replace("\r\n ", " ");
        let names = ["X-Spam", "Authentication-Results"];
        let lines = unfolded.lines();
        lines
            .filter(|line| names.iter().any(|name| line.starts_with(name)))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        fields(&with_theirs("forged")),
        [
            "Authentication-Results: mx.example.test; spf=pass smtp.mailfrom=bulk-sender.example; \
             dkim=none; dmarc=fail header.from=amazon.com",
            "X-Spam-Flag: YES",
            "X-Spam-Status: No, score=0",
            "X-Spam-Score: 0",
            "Authentication-Results: mx.example.test; spf=none",
        ]
    );
    assert_eq!(
        fields(&with_theirs("ordinary")),
        [
            "X-Spam-Flag: NO",
            "X-Spam-Status: No, score=0",
            "X-Spam-Score: 0",
            "Authentication-Results: mx.example.test; spf=none",
        ]
    );
}

#[test]
fn the_prefix_needs_no_spam_flag() {
    if left_out(POSTFIX) {
        return;
    }
    let config = MilterConfig {
        rest: "[headers]\nspam_flag = false\nsubject_prefix = \"[VORSICHT, F\u{c4}LSCHUNG]\"\n"
            .into(),
        ..MilterConfig::default()
    };
    let site = Site::start(&config);
    for name in ["forged", "genuine"] {
        assert!(site.send(&sample(name)).accepted());
    }
    let forged = site.delivered(&sample("forged"));
    // "[VORSICHT, FÄLSCHUNG]" in UTF-8 and Base64 (RFC 2047).
    assert_eq!(
        field(&forged, "Subject").as_deref(),
        Some("=?UTF-8?B?W1ZPUlNJQ0hULCBGw4RMU0NIVU5HXQ==?= The autumn catalogue")
    );
    assert_eq!(field(&forged, "X-Spam-Flag"), None);
    assert_eq!(field(&forged, "X-Spam-Status"), None);
    let genuine = site.delivered(&sample("genuine"));
    assert_eq!(
        field(&genuine, "Subject").as_deref(),
        Some("Your order of a garden hose")
    );
}
