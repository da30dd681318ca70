//! Sends the messages of `tests/compare/messages.txt` through two Postfixes, one with this milter and
//! one with OpenDKIM and OpenDMARC behind each other, and prints the results side by side, as a table
//! for `docs/comparison.md`. `tests/compare-opendkim.sh` starts it; by hand:
//!
//! ```text
//! tests/with-peers.sh compare MILTER
//! ```
//!
//! It answers DNS on 127.0.0.1:53, which has to be the resolver of /etc/resolv.conf: OpenDMARC asks no
//! other. Exit status 1: a difference is not explained in the file, or an explained one is gone.

// A program for measurements: what it can't do ends it, with the reason.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use support::case::Case;
use support::dns::{ZoneServer, parse};
use support::milter::{Milter, MilterConfig};
use support::peers::Peer;
use support::postfix::{HOSTNAME, Postfix, PostfixOptions};
use support::sign::{Key, txt_record};
use support::smtp::{Envelope, SmtpClient, XClient};

const PATIENCE: Duration = Duration::from_secs(60);

const MESSAGES: &str = include_str!("../compare/messages.txt");

/// What several messages rely on: a company whose servers send for others.
const COMMON: &str = "mailer.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [milter] = arguments.as_slice() else {
        eprintln!("usage: compare MILTER");
        return ExitCode::from(2);
    };
    let messages = messages();
    let zone: String = messages.iter().map(|one| one.case.zone.as_str()).collect();
    let zone = parse(&format!("{COMMON}{zone}")).unwrap_or_else(|error| panic!("{error}"));
    let dns = ZoneServer::start_at(SocketAddr::from(([127, 0, 0, 1], 53)), zone)
        .unwrap_or_else(|error| panic!("DNS on 127.0.0.1:53: {error}"));

    let config = MilterConfig {
        dns: "timeout = \"2s\"\ndeadline = \"10s\"\n".into(),
        rest: format!(
            "[headers]\nauthserv_id = \"{HOSTNAME}\"\n[inspect]\nauthenticate = \"all\"\n"
        ),
        ..MilterConfig::default()
    };
    let ours = Milter::start(Path::new(milter), dns.addr, &config);
    let (dkim, dmarc) = (Peer::opendkim(HOSTNAME), Peer::opendmarc(HOSTNAME));
    let theirs = [&dkim, &dmarc].map(|peer| format!("unix:{}", peer.socket.display()));

    let ours = Results::collect(vec![ours.socket.clone()], &messages);
    let theirs = Results::collect(theirs.to_vec(), &messages);
    report(&messages, &ours, &theirs)
}

/// One message of the file.
struct Message {
    name: String,
    case: Case,
}

impl Message {
    fn client(&self) -> XClient {
        let value = |name| self.case.envelope(name).expect(name);
        XClient::new(value("client-ip"), "[UNAVAILABLE]", value("helo"))
    }

    fn envelope(&self) -> Envelope {
        let sender = self.case.envelope("mail-from").expect("mail-from");
        Envelope::new(sender.trim_matches(['<', '>']), &[&self.recipient()])
    }

    fn recipient(&self) -> String {
        format!("{}@recipient.test", self.name)
    }
}

fn messages() -> Vec<Message> {
    // What stands above the first one is for the reader.
    let mut blocks = MESSAGES.split("\n=== ");
    blocks.next();
    blocks
        .map(|block| {
            let (name, text) = block.split_once('\n').expect("a name");
            let text: String = text.lines().map(|line| tagged_key(line) + "\n").collect();
            let mut case = Case::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let signed = String::from_utf8(case.message).expect("text");
            case.message = signed.replace("[as signed]", "[changed]").into_bytes();
            Message {
                name: name.to_owned(),
                case,
            }
        })
        .collect()
}

/// `@KEYTAG selector domain tag` publishes a key with one more tag.
fn tagged_key(line: &str) -> String {
    let Some(words) = line.strip_prefix("@KEYTAG ") else {
        return line.to_owned();
    };
    let words: Vec<&str> = words.split_whitespace().collect();
    let [selector, domain, tag] = words.as_slice() else {
        panic!("@KEYTAG wants a selector, a domain and a tag: {line}");
    };
    let record = Key::Rsa
        .txt()
        .replacen("v=DKIM1;", &format!("v=DKIM1; {tag};"), 1);
    assert!(record.contains(tag), "the key has no v=DKIM1");
    let line = txt_record(&format!("{selector}._domainkey.{domain}."), &record);
    line.trim_end().to_owned()
}

/// The results of each message: method to words, in the order of the header.
struct Results(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Results {
    fn collect(milters: Vec<String>, messages: &[Message]) -> Self {
        let postfix = Postfix::start(&PostfixOptions {
            milters,
            ..PostfixOptions::default()
        });
        let mut results = BTreeMap::new();
        for message in messages {
            let mut client =
                SmtpClient::connect_as(postfix.smtp_addr, &message.client()).expect("XCLIENT");
            let sent = client
                .send(&message.envelope(), &message.case.message)
                .expect("a dialog");
            let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
            if sent.accepted() {
                let mailbox = postfix.wait_for(&message.recipient(), 1, PATIENCE);
                let text = String::from_utf8_lossy(&mailbox[0]).into_owned();
                for (method, word) in authentication_results(&text) {
                    words.entry(method).or_default().push(word);
                }
            } else {
                let reply = sent.last().text();
                words.insert("reply".to_owned(), vec![reply]);
            }
            // Several results of a method have no order that means anything.
            words.values_mut().for_each(|words| words.sort());
            results.insert(message.name.clone(), words);
        }
        Self(results)
    }

    fn of(&self, message: &Message, method: &str) -> String {
        let words = &self.0[&message.name];
        match words.get("reply") {
            Some(reply) => reply.join(" "),
            None => words
                .get(method)
                .map_or("–".to_owned(), |words| words.join(", ")),
        }
    }
}

/// `method` and `result` of every field that this host wrote.
fn authentication_results(message: &str) -> Vec<(String, String)> {
    let header = message.split("\r\n\r\n").next().unwrap_or_default();
    let header = header.replace("\r\n\t", " ").replace("\r\n ", " ");
    let mut found = Vec::new();
    for line in header.lines() {
        let Some(value) = line.strip_prefix("Authentication-Results:") else {
            continue;
        };
        let mut parts = value.split(';').map(str::trim);
        if parts.next() != Some(HOSTNAME) {
            continue;
        }
        for part in parts {
            let result = part.split_whitespace().next().unwrap_or_default();
            if let Some((method, word)) = result.split_once('=') {
                found.push((method.to_owned(), word.to_owned()));
            }
        }
    }
    found
}

/// Prints the table and what the differences mean.
fn report(messages: &[Message], ours: &Results, theirs: &Results) -> ExitCode {
    let mut wrong = Vec::new();
    let mut notes = String::new();
    let mut different = 0;
    println!("| message | SPF | DKIM | DMARC |\n|---|---|---|---|");
    for message in messages {
        let mut row = format!(
            "| `{}`: {} |",
            message.name,
            message.case.envelope("about").unwrap_or_default()
        );
        let mut same = true;
        for method in ["spf", "dkim", "dmarc"] {
            let (own, other) = (ours.of(message, method), theirs.of(message, method));
            if own == other {
                row.push_str(&format!(" {own} |"));
            } else {
                same = false;
                row.push_str(&format!(" **{own}** / {other} |"));
            }
        }
        println!("{row}");
        match (same, message.case.why.as_str()) {
            (true, "same") => {}
            (true, _) => wrong.push(format!("{}: the difference is gone", message.name)),
            (false, "same") => wrong.push(format!("{}: not explained", message.name)),
            (false, why) => {
                different += 1;
                notes.push_str(&format!("- `{}`: {why}\n", message.name));
            }
        }
    }
    println!(
        "\n{} messages, {} with the same results, {different} with a difference:\n\n{notes}",
        messages.len(),
        messages.len() - different
    );
    for one in &wrong {
        eprintln!("compare: {one}");
    }
    ExitCode::from(u8::from(!wrong.is_empty()))
}
