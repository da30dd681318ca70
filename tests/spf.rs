//! SPF by the sections of RFC 7208: each case in `tests/spf/` is DNS, an envelope and a result.
//! `tests/spf/README.md` tells how to write one.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::{Envelope, Message, Path as EnvelopePath};
use amazon_spoof_milter::verify::Verifier;
use support::dns::ZoneServer;
use support::table;
use tokio::runtime::Runtime;

/// How many cases are judged at once: most of the time is spent waiting for servers that fail.
const WORKERS: usize = 8;

/// One sentence with its DNS and what is asked under it.
struct Case {
    /// File and sentence.
    name: String,
    zone: String,
    checks: Vec<Check>,
}

/// One line that begins with `>`.
struct Check {
    line: String,
    envelope: Envelope,
    result: String,
    open: Option<bool>,
    asks: Option<usize>,
}

fn cases() -> Vec<Case> {
    let files = table::files("spf", "cases");
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<Case> {
    let text = fs::read_to_string(file).expect("a file of cases");
    let file = file.file_stem().expect("a name").to_string_lossy();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(sentence) = line.strip_prefix("## ") {
            cases.push(Case {
                name: format!("{file}: {sentence}"),
                zone: String::new(),
                checks: Vec::new(),
            });
            continue;
        }
        let case = cases.last_mut().expect("a sentence before everything else");
        match line.strip_prefix("> ") {
            Some(check) => case.checks.push(Check::parse(check)),
            None => case.zone.push_str(&format!("{line}\n")),
        }
    }
    cases
}

impl Case {
    fn failures(&self) -> Vec<String> {
        assert!(!self.checks.is_empty(), "{}: nothing is checked", self.name);
        let dns = ZoneServer::start(&self.zone);
        let wrong = self.checks.iter().filter_map(|check| check.failure(&dns));
        wrong
            .map(|wrong| format!("{}\n{wrong}", self.name))
            .collect()
    }
}

impl Check {
    fn parse(line: &str) -> Self {
        let (who, what) = line.split_once(" = ").expect("who = what");
        let mut who = who.splitn(3, ' ');
        let client = who.next().expect("a client").parse().expect("an address");
        let sender = who.next().expect("a sender");
        let mut words = what.split(' ');
        let mut check = Self {
            line: line.to_owned(),
            envelope: Envelope {
                client_ip: Some(client),
                mail_from: Some(EnvelopePath::parse(sender)),
                helo: who.next().map(str::to_owned),
                ..Envelope::default()
            },
            result: words.next().expect("a result").to_owned(),
            open: None,
            asks: None,
        };
        while let Some(word) = words.next() {
            match word {
                "open" => check.open = Some(true),
                "settled" => check.open = Some(false),
                "asks" => {
                    let number = words.next().expect("asks N").parse();
                    check.asks = Some(number.expect("a number"));
                }
                _ => panic!("{line}: {word} is nothing that can be expected"),
            }
        }
        check
    }

    /// What is wrong with the outcome; nothing where it is as written.
    fn failure(&self, dns: &ZoneServer) -> Option<String> {
        // A resolver of its own: nothing is known from the line before.
        let text = format!(
            "[inspect]\nauthenticate = \"all\"\n[trust]\nnetworks = []\n\
             [dns]\nservers = [\"{}\"]\ntimeout = \"300ms\"\ndeadline = \"2s\"\n",
            dns.addr
        );
        let config = Config::from_toml(&text).unwrap_or_else(|errors| panic!("{errors:?}"));
        let mut message = Message::parse(b"From: <x@author.test>\r\n\r\n").expect("a message");
        message.envelope = self.envelope.clone();
        dns.clear_queries();
        let report = Runtime::new().expect("a runtime").block_on(async {
            let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
            verifier.verify(&message).await
        });
        let spf = report.evidence.expect("evidence").spf;
        let ours = |name: &str| name != "author.test" && !name.starts_with("_dmarc.");
        let queries = dns.queries();
        let asked = queries.iter().filter(|asked| ours(&asked.name)).count();
        let mut wrong = Vec::new();
        if spf.result.word() != self.result {
            wrong.push(format!("it is {}", spf.result.word()));
        }
        if self.open.is_some_and(|open| open != spf.open) {
            wrong.push(format!("open is {}", spf.open));
        }
        if self.asks.is_some_and(|asks| asks != asked) {
            wrong.push(format!("it asks {asked}"));
        }
        (!wrong.is_empty()).then(|| format!("> {}\n  {}", self.line, wrong.join(", ")))
    }
}

#[test]
fn every_check_comes_out_as_written() {
    let cases = cases();
    let checks: usize = cases.iter().map(|case| case.checks.len()).sum();
    assert!(checks >= 120, "only {checks} checks were found");
    let failures = table::failures(&cases, WORKERS, || Case::failures);
    assert!(
        failures.is_empty(),
        "{} of {checks} checks:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}
