//! The log as an operator gets it: one line a message, in each format, and a reader who hangs.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;

use crate::support::dns::ZoneServer;
use crate::support::milter::{Milter, MilterConfig, get};
use crate::support::samples::zone;
use crate::support::wire::{Wire, packet};
use crate::{Folder, begin_claim, end_claim, program};

fn with_log(lines: &str) -> MilterConfig {
    MilterConfig {
        rest: format!("[log]\n{lines}"),
        ..MilterConfig::default()
    }
}

/// A program whose log nobody reads unless a test does.
struct Unread {
    child: Child,
    log: BufReader<ChildStderr>,
    said: String,
}

impl Unread {
    fn start(config: &str) -> Self {
        let mut child = Command::new(program())
            .args(["run", "--config", config])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let log = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut unread = Self {
            child,
            log,
            said: String::new(),
        };
        unread.read_to(" ready ");
        unread
    }

    /// Reads till a line that holds `text`, and returns it.
    fn read_to(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.log.read_line(&mut line).expect("UTF-8");
            assert!(read > 0, "{text:?} did not come:\n{}", self.said);
            self.said.push_str(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    fn word(&self, name: &str) -> std::net::SocketAddr {
        let (_, rest) = self
            .said
            .split_once(&format!("{name}=\""))
            .expect("an address");
        rest.split('"')
            .next()
            .and_then(|word| word.parse().ok())
            .expect("an address")
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A hundred ordinary messages, which are judged soonest, in one piece; the author's name makes their lines long.
fn send_a_hundred(wire: &mut Wire) {
    let label = "a".repeat(60);
    let from = format!("From\0 x@{label}.{label}.{label}.{label}.example\0");
    let message = [
        packet(b'M', b"<x@sender.example>\0"),
        packet(b'R', b"<someone@example.test>\0"),
        packet(b'L', from.as_bytes()),
        packet(b'N', b""),
        packet(b'B', b"hello\r\n"),
        packet(b'E', b""),
    ];
    wire.raw(&message.concat().repeat(100)).expect("messages");
    for _ in 0..100 {
        // To MAIL, the end of the header, the body, and the end.
        for answer in [b'c', b'c', b'c', b'a'] {
            assert_eq!(wire.read().expect("an answer").0, answer);
        }
    }
}

#[test]
fn a_reader_of_the_log_who_hangs_stops_no_message() {
    let dns = ZoneServer::start(&zone());
    let folder = Folder::new();
    let config = folder.file(
        "config.toml",
        format!(
            "[milter]\nlisten = \"inet:127.0.0.1:0\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
             [dns]\nservers = [\"{}\"]\n[log]\nlevel = \"trace\"\n",
            dns.addr
        ),
    );
    let mut milter = Unread::start(&config);
    let (socket, http) = (milter.word("milter"), milter.word("http"));
    let lost = || {
        let (_, text) = get(http, "/metrics");
        let series = "amazon_spoof_milter_log_lines_lost_total ";
        let line = text.lines().find_map(|line| line.strip_prefix(series));
        line.and_then(|count| count.parse::<f64>().ok())
            .expect("a count")
    };
    // Far beyond what a pipe holds (64 KiB), and then beyond what waits in the program (4 MiB).
    let mut messages = 0;
    while lost() == 0.0 {
        let mut wire = Wire::negotiated(socket);
        send_a_hundred(&mut wire);
        messages += 100;
        assert!(messages < 20_000, "nothing is lost");
    }
    // Nor is a message stopped now.
    let mut wire = Wire::negotiated(socket);
    begin_claim(&mut wire);
    assert_eq!(end_claim(&mut wire).0, b'a');
    // The reader wakes up, and is told what he missed.
    let told = milter.read_to("log lines were lost since nobody took them");
    let (_, count) = told.split_once("lines=").expect("a number");
    assert!(count.trim().parse::<u64>().expect("a number") > 0, "{told}");
}

#[test]
fn a_message_is_one_line_of_words_or_of_json() {
    let dns = ZoneServer::start(&zone());
    let judge = |milter: &Milter| {
        let mut wire = Wire::negotiated(milter.addr());
        begin_claim(&mut wire);
        assert_eq!(end_claim(&mut wire).0, b'a');
        let log = milter.wait_for_log("dns_lookups");
        let line = log.lines().find(|line| line.contains("dns_lookups"));
        line.expect("a line").to_owned()
    };
    let milter = Milter::start(program(), dns.addr, &MilterConfig::default());
    let line = judge(&milter);
    let (head, milliseconds) = line.split_once(" milliseconds=").expect("a time");
    let (_, words) = head.split_once("INFO ").expect("a level");
    assert_eq!(
        words,
        "message queue_id=\"-\" verdict=\"forged\" action=\"tag\" applied=true \
         author=\"amazon.com\" \
         reasons=\"official-author-domain,display-name,unauthenticated\""
    );
    let (milliseconds, lookups) = milliseconds.split_once(" dns_lookups=").expect("lookups");
    assert!(milliseconds.parse::<f64>().expect("a number") > 0.0);
    // The policy records of amazon.com and com, whether the domain exists, and the SPF record.
    assert_eq!(lookups, "4");
    drop(milter);

    let milter = Milter::start(program(), dns.addr, &with_log("format = \"json\"\n"));
    let line: Value = serde_json::from_str(&judge(&milter)).expect("JSON");
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["message"], "message");
    assert_eq!(line["verdict"], "forged");
    assert_eq!(line["applied"], true);
    assert_eq!(line["author"], "amazon.com");
    assert_eq!(line["dns_lookups"], 4);
    assert!(line["milliseconds"].as_f64().expect("a number") > 0.0);
}

/// Libraries dump whole DNS messages at these levels, among which nobody finds a line about mail.
#[test]
fn at_every_level_the_log_has_our_own_lines_only() {
    let reference = include_str!("../../docs/log.md");
    let messages = reference.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ").skip(1);
        cells.next()?.strip_prefix('`')?.strip_suffix('`')
    });
    let known: Vec<&str> = messages.chain(["message queue_id="]).collect();
    assert!(known.len() > 15, "{known:?}");
    let dns = ZoneServer::start(&zone());
    for level in ["debug", "trace"] {
        let config = with_log(&format!("level = \"{level}\"\n"));
        let milter = Milter::start(program(), dns.addr, &config);
        let mut wire = Wire::negotiated(milter.addr());
        begin_claim(&mut wire);
        assert_eq!(end_claim(&mut wire).0, b'a');
        let log = milter.wait_for_log("dns_lookups=4");
        let others: Vec<&str> = log
            .lines()
            .filter(|line| !known.iter().any(|known| line.contains(known)))
            .collect();
        assert_eq!(others, [""; 0], "{level}");
    }
}

#[test]
fn a_filter_in_front_that_writes_under_our_name_is_told_of() {
    const TOLD: &str = "every message carries results under our own name";
    let dns = ZoneServer::start(&zone());
    let config = MilterConfig {
        rest: "[headers]\nauthserv_id = \"mx.example.test\"\n".into(),
        ..MilterConfig::default()
    };
    let milter = Milter::start(program(), dns.addr, &config);
    let mut wire = Wire::negotiated(milter.addr());
    let mut send = |results: Option<&[u8]>| {
        wire.send(b'C', b"mail.friend.example\x004\x00\x00203.0.113.30\0");
        wire.send(b'M', b"<jane@friend.example>\0");
        assert_eq!(wire.read().expect("MAIL").0, b'c');
        wire.send(b'R', b"<someone@example.test>\0");
        wire.send(b'L', b"From\0 Jane <jane@friend.example>\0");
        if let Some(results) = results {
            wire.send(
                b'L',
                &[b"Authentication-Results\0 ", results, b"\0"].concat(),
            );
        }
        wire.send(b'N', b"");
        // Where nothing is to be removed it is over here.
        if wire.read().expect("end of header").0 == b'c' {
            wire.send(b'E', b"");
            while wire.read().expect("end of message").0 != b'a' {}
        }
    };
    let ours: Option<&[u8]> = Some(b"MX.example.test; dkim=pass header.d=a.example");
    // A forger is not in every message.
    for _ in 0..49 {
        send(ours);
    }
    send(Some(b"mx.other.test; dkim=none"));
    for _ in 0..49 {
        send(ours);
    }
    send(None);
    assert!(!milter.log().contains(TOLD), "{}", milter.log());
    for _ in 0..50 {
        send(ours);
    }
    milter.wait_for_log(TOLD);
    assert_eq!(milter.log().matches(TOLD).count(), 1);
}
