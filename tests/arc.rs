//! ARC by the sections of RFC 8617: each case in `tests/arc/` is a chain with real signatures, and what it
//! proves. `tests/arc/README.md` tells how to write one.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::Message;
use amazon_spoof_milter::verify::Verifier;
use support::case::Case;
use support::dns::ZoneServer;
use support::table;
use tokio::runtime::Runtime;

/// How many chains are checked at once.
const WORKERS: usize = 8;

const CONFIG: &str = r#"
[inspect]
authenticate = "all"
[trust]
arc_sealers = ["forward.example", "second.example"]
[dns]
servers = ["127.0.0.1:53"]
timeout = "300ms"
deadline = "2s"
"#;

/// The keys of two sealers who are named and of one who isn't.
const KEYS: &str = "@KEY arc forward.example\n@KEY arc second.example\n@KEY arc stranger.example\n";

/// What stands below the sets of every message.
const HEADER: &str = "From: <account@amazon.com>\nTo: joe@example.test\nSubject: Hello\n\
    Date: Sun, 22 Nov 2026 10:00:00 +0000\nMessage-ID: <1@amazon.com>\n";

/// One sentence with its messages.
#[derive(Default)]
struct Group {
    /// File and sentence.
    name: String,
    zone: String,
    sets: Vec<String>,
    head: String,
    body: String,
    checks: Vec<String>,
}

/// One line that begins with `>`, and its message.
struct Check {
    name: String,
    line: String,
    case: Case,
    result: String,
    vouched: Option<String>,
}

fn groups() -> Vec<Group> {
    let files = table::files("arc", "cases");
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<Group> {
    let text = fs::read_to_string(file).expect("a file of cases");
    let file = file.file_stem().expect("a name").to_string_lossy();
    let mut groups: Vec<Group> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(sentence) = line.strip_prefix("## ") {
            groups.push(Group {
                name: format!("{file}: {sentence}"),
                ..Group::default()
            });
            continue;
        }
        let group = groups
            .last_mut()
            .expect("a sentence before everything else");
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            ">" => group.checks.push(rest.to_owned()),
            "@ARC" => group.sets.push(rest.to_owned()),
            "dns:" => group.zone.push_str(&format!("{rest}\n")),
            "head:" => group.head.push_str(&format!("{rest}\n")),
            "body:" => group.body.push_str(&format!("{rest}\n")),
            _ => panic!("{line}: no line of a case"),
        }
    }
    groups
}

/// A set with what every one has, unless it says otherwise.
fn set(line: &str, more: &str) -> String {
    let (tags, results) = match line.split_once(" | ") {
        Some((tags, results)) => (tags, results),
        None => (line, "forward.example; dkim=pass header.d=amazon.com"),
    };
    let default = |name: &str, value: &str| match tags.split(' ').any(|tag| tag.starts_with(name)) {
        true => String::new(),
        false => format!(" {name}{value}"),
    };
    let (domain, selector) = (default("d=", "forward.example"), default("s=", "arc"));
    format!("@ARC {tags}{domain}{selector} {more} | {results}\n")
}

impl Group {
    fn checks(&self) -> impl Iterator<Item = Check> {
        assert!(!self.checks.is_empty(), "{}: nothing is checked", self.name);
        self.checks.iter().map(|line| self.check(line))
    }

    fn check(&self, line: &str) -> Check {
        let (what, expected) = match line.strip_prefix("= ") {
            Some(expected) => ("", expected),
            None => line.rsplit_once(" = ").expect("what = result"),
        };
        let (how, change) = what.split_once(' ').unwrap_or((what, ""));
        let changes = change.replace(" && ", "\n");
        let (mut tags, mut written, mut changed, mut zone) = ("", "", "", self.zone.clone());
        match how {
            "" => {}
            "tags" => tags = change,
            "written" => written = &changes,
            "changed" => changed = &changes,
            "key" => zone.push_str(&format!("@KEY arc forward.example rsa {change}\n")),
            "dns" => zone.push_str(&format!("arc._domainkey.forward.example. {change}\n")),
            _ => panic!("{line}: {how} is nothing that can be done"),
        }
        let mut sets = String::new();
        for (nth, line) in self.sets.iter().enumerate() {
            sets.push_str(&set(line, if nth == 0 { tags } else { "" }));
        }
        let body = match self.body.as_str() {
            "" => "Hello.\n",
            body => body,
        };
        // The last of several records at a name would not take the place of ours.
        let keys = match zone.contains("arc._domainkey") || zone.contains("@KEY arc ") {
            true => "",
            false => KEYS,
        };
        let text = format!(
            "why: {}\n[zone]\namazon.com. MX 5 mx.amazon.com.\n{keys}{zone}[message]\n{sets}{}{HEADER}\n{body}\n\
             [written]\n{written}\n[changed]\n{changed}\n",
            self.name, self.head
        );
        let case =
            Case::parse(&text).unwrap_or_else(|error| panic!("{}: {line}: {error}", self.name));
        let (result, vouched) = match expected.split_once(" vouches ") {
            Some((result, vouched)) => (result, Some(vouched.to_owned())),
            None => (expected, None),
        };
        Check {
            name: self.name.clone(),
            line: line.to_owned(),
            case,
            result: result.to_owned(),
            vouched,
        }
    }
}

impl Check {
    /// What is wrong with the outcome; nothing where it is as written.
    fn failure(&self, config: &Config, runtime: &Runtime) -> Option<String> {
        let dns = ZoneServer::start(&self.case.zone);
        let mut config = config.clone();
        config
            .authenticate
            .dns
            .as_mut()
            .expect("DNS is asked")
            .servers = vec![dns.addr];
        let message = Message::parse(&self.case.message).expect("a message");
        let report = runtime.block_on(async {
            let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
            verifier.verify(&message).await
        });
        let arc = report.evidence.expect("evidence").arc;
        let vouched: Vec<_> = arc.vouched.iter().map(ToString::to_string).collect();
        let vouched = match vouched.is_empty() {
            true => "nobody".to_owned(),
            false => vouched.join(","),
        };
        let wrong_domains = self
            .vouched
            .as_ref()
            .is_some_and(|wanted| *wanted != vouched);
        (arc.result.word() != self.result || wrong_domains).then(|| {
            format!(
                "{}\n> {}\n  it is {} and vouches for {vouched}",
                self.name,
                self.line,
                arc.result.word()
            )
        })
    }

    /// For other programs: the message, its DNS and a line that says what they are.
    fn write(&self, folder: &Path, number: usize) -> String {
        let file = |end: &str| folder.join(format!("{number:03}.{end}"));
        fs::write(file("eml"), &self.case.message).expect("a message is written");
        fs::write(file("zone"), &self.case.zone).expect("a zone is written");
        format!(
            "{number:03}\t{}\t{}\t{}\n",
            self.name, self.line, self.result
        )
    }
}

#[test]
fn every_check_comes_out_as_written() {
    let checks: Vec<Check> = groups()
        .iter()
        .flat_map(|group| group.checks().collect::<Vec<_>>())
        .collect();
    assert!(
        checks.len() >= 100,
        "only {} checks were found",
        checks.len()
    );
    if let Some(folder) = std::env::var_os("ARC_CASES").map(PathBuf::from) {
        fs::create_dir_all(&folder).expect("a folder");
        let lines = checks.iter().enumerate();
        let index: String = lines
            .map(|(number, check)| check.write(&folder, number))
            .collect();
        fs::write(folder.join("index.tsv"), index).expect("an index is written");
    }
    let config = Config::from_toml(CONFIG).unwrap_or_else(|errors| panic!("{errors:?}"));
    let failures = table::failures(&checks, WORKERS, || {
        let runtime = Runtime::new().expect("a runtime");
        let config = &config;
        move |check: &Check| check.failure(config, &runtime).into_iter().collect()
    });
    let count = failures.len();
    assert!(
        count == 0,
        "{count} of {} checks:\n\n{}",
        checks.len(),
        failures.join("\n\n")
    );
}
