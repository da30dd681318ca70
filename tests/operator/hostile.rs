//! Whatever a sender writes, nothing of it acts on who reads logs, headers or results.

use serde_json::Value;

use crate::support::dns::ZoneServer;
use crate::support::milter::{Milter, MilterConfig};
use crate::support::samples::zone;
use crate::support::wire::Wire;
use crate::{Folder, out, program, run};

/// Ends lines, clears a screen, sets a title, turns the writing around, hides: and a word to find it by.
const NASTY: &str = "EVIL\u{1b}[2J\u{1b}]0;owned\u{7}\r\u{8}\u{7f}\u{9b}31m\u{202e}txt\u{2066}\u{200b}\u{2028}\u{feff}";

fn acts(c: char) -> bool {
    (c.is_control() && c != '\n')
        || ['\u{202e}', '\u{2066}', '\u{200b}', '\u{2028}', '\u{feff}'].contains(&c)
}

fn assert_inert(what: &str, text: &str) {
    let found: Vec<char> = text.chars().filter(|&c| acts(c)).collect();
    assert!(found.is_empty(), "{what}: {found:?} in\n{text}");
}

/// Sends one message with nasty text wherever a sender writes; the fields that came back.
fn send(milter: &Milter, filler: &str) -> Vec<Vec<u8>> {
    let nasty = format!("{NASTY}{filler}");
    let mut wire = Wire::negotiated(milter.addr());
    let packet = |parts: &[&str]| parts.concat().into_bytes();
    wire.send(b'C', &packet(&[&nasty, "\x004\x00\x00203.0.113.30\0"]));
    wire.send(b'H', &packet(&[&nasty, "\0"]));
    wire.send(b'M', &packet(&["<", &nasty, "@bulk-sender.example>\0"]));
    assert_eq!(wire.read().expect("MAIL").0, b'c');
    wire.send(b'R', b"<someone@example.test>\0");
    let name = format!("Amazon {nasty}");
    for (field, value) in [
        ("From", format!(" \"{name}\" <{nasty}@amazon.com>")),
        ("From", format!(" {name} <x@amazon-{nasty}.com>")),
        ("Reply-To", format!(" Amazon <{nasty}@else.example>")),
        (
            "Subject",
            format!(" Amazon {nasty}\n X-Amazon-Spoof-Verdict: verified"),
        ),
        (
            "DKIM-Signature",
            format!(" v=1; a=rsa-sha256; d=amazon.com; s={nasty}; bh=; b=; h=from"),
        ),
        ("X-Spam-Status", format!(" No, {nasty}")),
    ] {
        wire.send(b'L', &packet(&[field, "\0", &value, "\0"]));
    }
    wire.send(b'D', &packet(&["Ni\0", &nasty, "\0"]));
    wire.send(b'N', b"");
    assert_eq!(wire.read().expect("end of header").0, b'c');
    wire.send(
        b'B',
        format!("Amazon {nasty}: your password\r\n").as_bytes(),
    );
    wire.read().expect("BODY");
    wire.send(b'E', b"");
    let mut edits = Vec::new();
    loop {
        match wire.read().expect("end of message") {
            (b'a', _) => return edits,
            (_, data) => edits.push(data),
        }
    }
}

#[test]
fn nothing_of_a_sender_acts_in_a_log_or_a_header() {
    let dns = ZoneServer::start(&zone());
    for (format, level) in [
        ("text", "info"),
        ("json", "info"),
        ("text", "trace"),
        ("json", "trace"),
    ] {
        let config = MilterConfig {
            rest: format!(
                "[log]\nformat = \"{format}\"\nlevel = \"{level}\"\n[headers]\nsubject_prefix = \"[SPOOF]\"\n"
            ),
            ..MilterConfig::default()
        };
        let milter = Milter::start(program(), dns.addr, &config);
        for filler in ["", &"x".repeat(60_000)] {
            let edits = send(&milter, filler);
            let mut written = 0;
            for edit in &edits {
                let text = String::from_utf8_lossy(edit).into_owned();
                // What is only put behind the prefix stays the sender's own field.
                if text.contains("Subject\0") {
                    assert!(text.contains("Subject\0 [SPOOF] "), "{text}");
                    continue;
                }
                written += 1;
                assert!(!text.contains("EVIL"), "{text}");
                // Position, name, value.
                let value = text
                    .trim_end_matches('\0')
                    .rsplit('\0')
                    .next()
                    .expect("a value");
                assert!(value.is_ascii(), "{value:?}");
                assert_inert("a header field", value);
                assert!(
                    value.split('\n').skip(1).all(|line| line.starts_with(' ')),
                    "{value}"
                );
            }
            assert!(written >= 3, "{edits:?}");
        }
        milter.wait_for_log("forged");
        let (_, log) = milter.stop();
        assert_inert(format, &log);
        if level == "info" {
            assert!(!log.contains("EVIL"), "{log}");
            assert!(log.lines().all(|line| line.len() < 1_000), "{log}");
        }
        if format == "json" {
            for line in log.lines() {
                serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("{line}"));
            }
        }
    }
}

#[test]
fn nothing_of_a_sender_acts_in_what_check_shows() {
    let folder = Folder::new();
    for filler in ["", &"x".repeat(60_000)] {
        let nasty = format!("{}{filler}", NASTY.replace('\r', ""));
        let message = format!(
            "From: \"Amazon {nasty}\" <{nasty}@amazon.com>, =?utf-8?q?Amazon_=1B[31m=E2=80=AE?= <x@y.example>\n\
             Sender: Amazon {nasty} <x@y.example>\nReply-To: Amazon {nasty} <a@b.example>\nSubject: Amazon {nasty}\n\
             DKIM-Signature: v=1; a=rsa-sha256; d=amazon.com; s={nasty}; bh=; b=; h=from\n\n\
             Amazon {nasty} enter your password here {nasty}\n"
        );
        let file = folder.file(&format!("a{}.eml", NASTY.replace('\r', "")), &message);
        let text = out(&run(&["check", "--offline", &file], b""));
        assert!(text.contains("EVIL"), "{text}");
        assert_inert("text", &text);
        let json = out(&run(
            &["check", "--offline", "--format", "json", &file],
            b"",
        ));
        assert_eq!(json.lines().count(), 1);
        assert_inert("JSON", &json);
        let object: Value = serde_json::from_str(&json).expect("JSON");
        // For whoever parses it nothing is lost.
        assert!(
            object["file"]
                .as_str()
                .expect("a name")
                .contains(&NASTY.replace('\r', ""))
        );
    }
}
