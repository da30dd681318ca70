//! The golden corpus: each file in `tests/corpus/` is a message, its DNS and its whole outcome, with
//! one sentence why. `tests/corpus/README.md` tells how to write one.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "corpus/bodies.rs"]
mod bodies;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::{Envelope, Message, Path as EnvelopePath};
use amazon_spoof_milter::report::authentication_results;
use amazon_spoof_milter::report::{ReplyTexts, Report};
use amazon_spoof_milter::verify::Verifier;
use support::case::Case;
use support::dns::{Asked, Transport, ZoneServer};
use support::table;

/// How many cases are judged at once.
const WORKERS: usize = 4;

/// Judges a case as it would be judged in the milter.
async fn judge(case: &Case, dns: &ZoneServer) -> (Report, Config) {
    let text = format!(
        "{}\n[dns]\nservers = [\"{}\"]\ntimeout = \"300ms\"\ndeadline = \"2s\"\n",
        case.config, dns.addr
    );
    let config = Config::from_toml(&text).unwrap_or_else(|errors| panic!("{errors:?}"));
    let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
    let mut message = Message::parse(&case.message).expect("a message");
    message.envelope = Envelope {
        client_ip: case
            .envelope("client-ip")
            .map(|ip| ip.parse().expect("an IP address")),
        client_name: case.envelope("client-name").map(str::to_owned),
        helo: case.envelope("helo").map(str::to_owned),
        mail_from: case.envelope("mail-from").map(EnvelopePath::parse),
        recipients: case.envelopes("rcpt").map(EnvelopePath::parse).collect(),
        authenticated_user: case.envelope("user").map(str::to_owned),
        ..Envelope::default()
    };
    (verifier.verify(&message).await, config)
}

/// What came out, in the words and the order of an `[expected]` section.
fn outcome(report: &Report, enforced: &Report) -> String {
    let mut lines = vec![
        format!("verdict: {}", report.verdict),
        format!("tag: {}", report.decision.action),
        format!("enforce: {}", enforced.decision.action),
        format!("reasons: {}", report.reason_words()),
    ];
    if let Some(evidence) = &report.evidence {
        let value = authentication_results::render("mx", evidence, report.author.as_ref());
        lines.push(format!("results: {}", value.trim_start_matches("mx; ")));
    }
    lines.push(format!("explanation: {}", report.explanation));
    lines.join("\n") + "\n"
}

/// What is wrong with the questions that reached the server.
fn wrongly_asked(rules: &[String], asked: &[Asked]) -> Vec<String> {
    let by = |name: &str, tcp: bool| {
        let found = |asked: &&Asked| !tcp || asked.transport == Transport::Tcp;
        asked.iter().filter(found).any(|asked| asked.name == name)
    };
    let broken = |rule: &str| match rule.split_once(' ') {
        Some(("at", most)) => {
            let most = most.trim_start_matches("most ").parse::<usize>();
            asked.len() > most.expect("`at most N`")
        }
        Some(("not", name)) => by(name, false),
        Some((name, "over tcp")) => !by(name, true),
        None => !by(rule, false),
        _ => panic!("no rule: {rule}"),
    };
    rules
        .iter()
        .filter(|rule| broken(rule))
        .map(|rule| format!("asked: not so: {rule}"))
        .collect()
}

/// The texts that stand somewhere in what is written, replied or explained though they must not.
fn leaked(never: &[String], report: &Report, case: &Case, config: &Config) -> Vec<String> {
    let message = Message::parse(&case.message).expect("a message");
    let written = format!(
        "{:?} {:?} {} {}",
        report.edits(&message, &config.headers).insert,
        report.reply(&ReplyTexts::default()),
        report.explanation,
        report.verdict_value()
    );
    never
        .iter()
        .filter(|text| written.contains(text.as_str()))
        .map(|text| format!("never: {text} is written"))
        .collect()
}

/// What is wrong with the outcome of a case; nothing where it is as written.
fn failure(file: &Path) -> Option<String> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let name = file.file_stem().expect("a name").to_string_lossy();
    let text = fs::read_to_string(file).expect("a case");
    let case = Case::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let dns = ZoneServer::start(&case.zone);
    let mut enforcing = case.clone();
    enforcing
        .config
        .push_str("\n[policy]\npreset = \"enforce\"\n");
    let (report, config) = runtime.block_on(judge(&case, &dns));
    let asked = dns.queries();
    let (enforced, _) = runtime.block_on(judge(&enforcing, &dns));
    let outcome = outcome(&report, &enforced);
    let mut wrong = wrongly_asked(&case.asked, &asked);
    wrong.extend(leaked(&case.never, &report, &case, &config));
    if outcome != case.expected {
        wrong.push(format!(
            "--- expected\n{}--- came out\n{outcome}",
            case.expected
        ));
    }
    (!wrong.is_empty()).then(|| format!("{name}: {}\n{}", case.why, wrong.join("\n")))
}

#[test]
fn every_case_comes_out_as_written() {
    let only = std::env::var("CASE").unwrap_or_default();
    let mut files = table::files("corpus", "case");
    files.retain(|path| path.to_string_lossy().contains(&only));
    assert!(!files.is_empty(), "no case with {only} in its name");
    let judge = || |file: &PathBuf| failure(file).into_iter().collect();
    let failures = table::failures(&files, WORKERS, judge);
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n\n{}",
        failures.len(),
        files.len(),
        failures.join("\n")
    );
}
