//! `held`: what this filter put on hold, and nothing else, is listed, shown, released, deleted and sent by
//! mail, with a real Postfix.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use serde_json::Value;

use crate::support::dns::ZoneServer;
use crate::support::milter::{Milter, MilterConfig};
use crate::support::postfix::{Postfix, PostfixOptions};
use crate::support::root::{POSTFIX, left_out};
use crate::support::samples::{Sample, zone};
use crate::support::smtp::{Envelope, SmtpClient};
use crate::{PATIENCE, Site, field, sample};

const RULES: &str = r#"
[policy]
preset = "enforce"

[[policy.rules]]
recipients = ["tag@example.test"]
action = "tag"

[[policy.rules]]
verdicts = ["forged"]
action = "quarantine"
"#;

/// What another filter of this host puts on hold.
const OTHER_FILTER: (&str, &str) = (
    "header_checks",
    "regexp:{{/^X-Other: hold/ HOLD by another}}",
);

/// A subject that ends the line, colours the terminal, names its window, turns the writing around, begins a
/// field, and is a link.
const HOSTILE: &str = "\u{1b}[31m\u{1b}]0;owned\u{7}=?utf-8?q?=E2=80=AE=0D=0ABcc:_x=1B[2J?= https://evil.example/login?a=b";

fn site(postfix: Vec<(String, String)>) -> Site {
    let dns = ZoneServer::start(&zone());
    let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    let config = MilterConfig {
        rest: RULES.into(),
        ..MilterConfig::default()
    };
    let milter = Milter::start(program, dns.addr, &config);
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![milter.socket.clone()],
        extra_main_cf: postfix,
        ..PostfixOptions::default()
    });
    Site {
        dns,
        milter,
        postfix,
    }
}

impl Site {
    fn held(&self, arguments: &[&str]) -> Output {
        let (command, rest) = arguments.split_first().expect("a command");
        let config = self.postfix.config_dir.display().to_string();
        let whole = [&["held", command, "--postfix-config", &config], rest].concat();
        let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
        self.postfix.run(program, &whole)
    }

    /// As [`Self::held`], where all could be done; what it printed.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.held(arguments);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}",
            err(&output)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The IDs of the list, newest first.
    fn ids(&self) -> Vec<String> {
        let list = self.done(&["list", "--format", "json"]);
        let lines = list.lines();
        lines
            .map(|line| {
                let object: Value = serde_json::from_str(line).expect("JSON");
                object["id"].as_str().expect("an ID").to_owned()
            })
            .collect()
    }
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The sample with another subject, and a field more.
fn with(name: &str, subject: &str, more: &str) -> Sample {
    let sample = sample(name);
    let text = String::from_utf8(sample.message.clone()).expect("UTF-8");
    let message = text
        .lines()
        .map(|line| match line.starts_with("Subject: ") {
            true => format!("{more}Subject: {subject}\r\n"),
            false => format!("{line}\r\n"),
        })
        .collect::<String>()
        .into_bytes();
    Sample { message, ..sample }
}

fn hand_in(addr: std::net::SocketAddr, sample: &Sample, recipient: &str) {
    let mut client = SmtpClient::connect_as(addr, &sample.client).expect("XCLIENT");
    let envelope = Envelope::new(sample.mail_from, &[recipient]);
    let sent = client.send(&envelope, &sample.message).expect("a dialog");
    assert!(sent.accepted(), "{}", sent.last().text());
    client.quit().expect("QUIT");
}

/// Every file of the hold queue but those of these queue ids.
fn others(site: &Site, ours: &[String]) -> Vec<(String, Vec<u8>)> {
    let folder = site.postfix.queue_dir.join("hold");
    let all = site.postfix.hold_queue().into_iter();
    all.filter(|id| !ours.iter().any(|ours| ours.starts_with(&format!("{id}-"))))
        .map(|id| {
            let octets = fs::read(folder.join(&id)).expect("a queue file");
            (id, octets)
        })
        .collect()
}

#[test]
fn fifty_of_ours_are_listed_and_released_and_nothing_else_is_touched() {
    if left_out(POSTFIX) {
        return;
    }
    let (name, value) = OTHER_FILTER;
    let site = site(vec![(name.into(), value.into())]);
    let smtp = site.postfix.smtp_addr;
    for number in 0..48 {
        hand_in(
            smtp,
            &with("forged", &format!("number {number}"), ""),
            "a@example.test",
        );
    }
    hand_in(smtp, &with("forged", HOSTILE, ""), "hostile@example.test");
    // Five that another filter holds: without a verdict, with one that asks for a label only, and with a
    // verdict that its sender wrote.
    let more = "X-Other: hold\r\n";
    hand_in(smtp, &with("ordinary", "other 1", more), "b@example.test");
    hand_in(smtp, &with("genuine", "other 2", more), "b@example.test");
    hand_in(smtp, &with("forged", "other 3", more), "tag@example.test");
    let forged_field =
        "X-Amazon-Spoof-Verdict: forged; action=quarantine; author=amazon.com\r\nX-Other: hold\r\n";
    for subject in ["other 4", "other 5"] {
        let unjudged = with("ordinary", subject, forged_field);
        hand_in(site.postfix.unfiltered_addr, &unjudged, "b@example.test");
    }
    // Queue ids are compared with a time in seconds.
    std::thread::sleep(Duration::from_millis(1_100));
    hand_in(
        smtp,
        &with("forged", "the last one", ""),
        "last@example.test",
    );
    assert_eq!(site.postfix.hold_queue().len(), 55);

    let ids = site.ids();
    assert_eq!(ids.len(), 50);
    let theirs = others(&site, &ids);
    assert_eq!(theirs.len(), 5);
    let warned = err(&site.held(&["list"]));
    assert!(
        warned.contains("5 messages on hold by something else than this filter: left alone"),
        "{warned}"
    );

    nothing_hostile_is_shown(&site, &ids);
    the_digest_comes(&site);
    only_names_are_taken(&site, &ids);
    what_another_holds_is_left_alone(&site);
    let left = a_queue_id_that_is_used_again_is_another_message(&site, &ids);

    // One by one, then the rest.
    let hostile = left
        .iter()
        .find(|id| is_hostile(&site, id))
        .expect("the hostile one");
    let said = site.done(&["release", hostile]);
    assert_eq!(said, format!("{hostile}: released\n"));
    let released = site.postfix.wait_for("hostile@example.test", 1, PATIENCE);
    let value = |name| field(&released[0], name);
    assert!(value("X-Amazon-Spoof-Verdict").is_some_and(|verdict| {
        verdict.starts_with("forged; action=quarantine; author=amazon.com; reasons=")
    }));
    assert_eq!((value("X-Spam-Flag"), value("X-Spam-Status")), (None, None));
    let again = site.held(&["release", hostile]);
    assert_eq!(again.status.code(), Some(1));
    assert!(
        err(&again).contains("it is not on hold (any more)"),
        "{}",
        err(&again)
    );

    assert_eq!(site.done(&["release", "--older-than", "9d"]), "");
    let said = site.done(&["release", "--older-than", "0s"]);
    assert_eq!(said.lines().count(), left.len() - 1, "{said}");
    site.postfix.wait_for("a@example.test", 47, PATIENCE);
    assert_eq!(site.ids(), [""; 0]);
    assert_eq!(
        others(&site, &[]),
        theirs,
        "nothing of another filter's changed"
    );
    assert_eq!(site.done(&["list"]), "nothing is on hold\n");
    assert_eq!(
        site.done(&["digest"]),
        "nothing is on hold: no digest is sent\n"
    );
}

fn is_hostile(site: &Site, id: &str) -> bool {
    site.done(&["show", id]).contains("evil.example/login")
}

fn nothing_hostile_is_shown(site: &Site, ids: &[String]) {
    let list = site.done(&["list"]);
    assert!(list.ends_with("\n50 messages on hold\n"), "{list}");
    let json = site.done(&["list", "--format", "json"]);
    let hostile = ids
        .iter()
        .find(|id| is_hostile(site, id))
        .expect("the hostile one");
    let show = site.done(&["show", hostile]);
    for text in [&list, &json, &show] {
        let acts = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
        assert!(!text.contains(acts), "{text:?}");
        assert!(
            !text.contains("\nBcc:") && !text.contains("\n  Bcc:"),
            "{text}"
        );
    }
    let subject = "\n  Subject: [31m]0;owned\\u{202e} Bcc: x[2J https://evil.example/login?a=b\n";
    assert!(list.contains(subject), "{list}");
    for line in [
        "forged, on hold for ",
        "Reasons: official-author-domain, display-name, unauthenticated",
        "From: \"Amazon.com\" <account-update@amazon.com>",
        "Envelope sender: <",
        "Envelope recipient: <hostile@example.test>",
        "  X-Amazon-Spoof-Verdict: forged; action=quarantine; author=amazon.com",
        "  Subject: \\u{1b}[31m\\u{1b}]0;owned\\u{7}=?utf-8?q?",
        "  Turn its pages at http://203.0.113.30/catalogue.",
    ] {
        assert!(
            show.lines().any(|shown| shown.starts_with(line)),
            "{line}\n{show}"
        );
    }
}

fn the_digest_comes(site: &Site) {
    let said = site.done(&["digest", "--to", "ops@example.test"]);
    assert_eq!(
        said,
        "50 messages on hold: a digest is sent to ops@example.test\n"
    );
    site.done(&["digest"]);
    let digest = site.postfix.wait_for("ops@example.test", 1, PATIENCE);
    site.postfix
        .wait_for("postmaster@mx.recipient.test", 1, PATIENCE);
    let text = String::from_utf8(digest[0].clone()).expect("ASCII");
    assert!(text.is_ascii());
    assert_eq!(
        field(&digest[0], "Auto-Submitted").as_deref(),
        Some("auto-generated")
    );
    assert_eq!(
        field(&digest[0], "Subject").as_deref(),
        Some("50 messages on hold at mx.recipient.test")
    );
    assert_eq!(text.matches(" held release ").count(), 50);
    assert!(
        !text.contains("://") && !text.contains("evil.example"),
        "{text}"
    );
    assert!(
        text.contains(
            "    Subject: [31m]0;owned Bcc: x[2J https[:]//evil[.]example/login"
                .replace("https", "hxxps")
                .as_str()
        ),
        "{text}"
    );
}

fn only_names_are_taken(site: &Site, ids: &[String]) {
    let (queue_id, _) = ids[0].split_once('-').expect("an ID");
    for wrong in ["ALL", "-", "ALL-1", queue_id, "", "--", "hold", "../hold-1"] {
        for command in ["release", "delete"] {
            let output = site.held(&[command, wrong]);
            assert_eq!(
                output.status.code(),
                Some(2),
                "{command} {wrong:?}: {}",
                err(&output)
            );
        }
    }
    assert_eq!(site.ids(), ids);
}

fn what_another_holds_is_left_alone(site: &Site) {
    let ours = site.ids();
    let mut tried = 0;
    for (queue_id, arrived) in site.postfix.on_hold() {
        let id = format!("{queue_id}-{arrived}");
        if ours.contains(&id) {
            continue;
        }
        tried += 1;
        for command in ["show", "release", "delete"] {
            let output = site.held(&[command, &id]);
            assert_eq!(output.status.code(), Some(1), "{command}");
            assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{command}");
            let said = err(&output);
            assert!(
                said.contains("on hold by something else than this filter: left alone"),
                "{said}"
            );
        }
    }
    assert_eq!(tried, 5);
}

/// Two of ours, one of which gets the queue id of the other. Returns what is left.
fn a_queue_id_that_is_used_again_is_another_message(site: &Site, ids: &[String]) -> Vec<String> {
    // Of those that came in the same second any may be the last one, and the hostile one is still needed.
    let oldest = ids.iter().rfind(|id| !is_hostile(site, id));
    let (newest, oldest) = (&ids[0], oldest.expect("a harmless one"));
    let (new_queue_id, new_time) = newest.split_once('-').expect("an ID");
    let (old_queue_id, old_time) = oldest.split_once('-').expect("an ID");
    assert_ne!(new_time, old_time);
    assert_eq!(
        site.done(&["delete", oldest]),
        format!("{oldest}: deleted\n")
    );
    let hold = site.postfix.queue_dir.join("hold");
    fs::rename(hold.join(new_queue_id), hold.join(old_queue_id)).expect("another name");
    for command in ["show", "release", "delete"] {
        let output = site.held(&[command, oldest]);
        assert_eq!(output.status.code(), Some(1), "{command}");
        let said = err(&output);
        assert!(
            said.contains("another message has its queue id now: left alone"),
            "{said}"
        );
    }
    assert!(hold.join(old_queue_id).exists());
    let there = format!("{old_queue_id}-{new_time}");
    assert_eq!(site.ids()[0], there);
    assert_eq!(
        site.done(&["delete", &there]),
        format!("{there}: deleted\n")
    );
    let left = site.ids();
    assert_eq!(left.len(), 48);
    left
}

/// Postfix returns what it could not deliver within the queue's lifetime; a message that was held as long
/// gets a new one.
#[test]
fn after_a_long_hold_a_message_is_queued_anew_with_a_life_of_its_own() {
    if left_out(POSTFIX) {
        return;
    }
    let long = ("maximal_queue_lifetime".to_owned(), "4s".to_owned());
    let site = site(vec![long]);
    let forged = with("forged", "held for long", "");
    hand_in(site.postfix.smtp_addr, &forged, "a@example.test");
    std::thread::sleep(Duration::from_millis(3_100));
    let [id] = site.ids().try_into().expect("one message");
    let said = site.done(&["release", &id]);
    assert_eq!(
        said,
        format!("{id}: released, as a new message of the queue\n")
    );
    // Whatever mail is written on the machine wakes who takes it in.
    hand_in(
        site.postfix.smtp_addr,
        &with("forged", "another", ""),
        "b@example.test",
    );
    site.done(&["digest", "--to", "ops@example.test"]);
    let delivered = site.postfix.wait_for("a@example.test", 1, PATIENCE);
    let value = |name| field(&delivered[0], name);
    assert_eq!(value("Subject").as_deref(), Some("held for long"));
    assert!(
        value("X-Amazon-Spoof-Verdict")
            .is_some_and(|verdict| { verdict.starts_with("forged; action=quarantine") })
    );
    // No milter was asked again.
    let text = String::from_utf8_lossy(&delivered[0]).into_owned();
    assert_eq!(text.matches("X-Amazon-Spoof-Verdict:").count(), 1, "{text}");
}
