//! What becomes of SPF, DKIM, DMARC and the verdict while DNS is lame, slow or strange: each case at the SPF
//! record, at the key and at the policy. What must come out is written here, none of it is computed.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::net::SocketAddr;
use std::sync::Arc;

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::{Envelope, Message, Path};
use amazon_spoof_milter::verify::Verifier;
use support::dns::ZoneServer;
use support::sign::{DkimSigner, Key, txt_record};
use support::table;
use tokio::runtime::Runtime;

/// Where the case stands, and for what. The message is signed in the last two, and its server is not
/// authorised there, so that everything depends on the record.
const SPF: usize = 0;
const KEY: usize = 1;
const NAMES: [&str; 3] = [
    "bounces.amazon.com.",
    "s._domainkey.amazon.com.",
    "_dmarc.amazon.com.",
];

/// SPF, DKIM, DMARC and verdict.
type Cell = &'static str;

/// Where the record is had.
const HAD: [Cell; 3] = [
    "pass none pass verified",
    "fail pass pass verified",
    "fail pass pass verified",
];

/// Where it is certain that there is none.
const NONE: [Cell; 3] = [
    "none none fail forged",
    "fail permerror fail forged",
    "fail pass none verified",
];

/// Where nobody knows.
const OPEN: [Cell; 3] = [
    "temperror none temperror unverifiable",
    "fail temperror temperror unverifiable",
    "fail pass temperror verified",
];

/// Where nothing at all is known.
const DEAD: [Cell; 3] = [
    "temperror none temperror unverifiable",
    "temperror temperror temperror unverifiable",
    "temperror temperror temperror unverifiable",
];

/// What stands at a name: `NAME` is the name, `RECORD` its TXT record as it should be, `VALUE` what stands
/// in it, `ABOVE` the name with `*` for its first label.
#[rustfmt::skip]
const TABLE: &[(&str, &str, [Cell; 3])] = &[
    ("the record", "RECORD", HAD),
    ("no such name", "", NONE),
    ("other records alone", "NAME A 192.0.2.9", NONE),
    ("another text", "NAME TXT \"hello\"", NONE),
    ("an empty text", "NAME TXT \"\"", NONE),
    ("SERVFAIL", "NAME SERVFAIL", OPEN),
    ("SERVFAIL for the type alone", "NAME TXT SERVFAIL", OPEN),
    ("REFUSED", "NAME REFUSED", OPEN),
    ("silence", "NAME TIMEOUT", OPEN),
    ("an answer that points up the tree", "NAME LAME", OPEN),
    ("truncation, and TCP cut off", "NAME TRUNCATE", OPEN),
    ("an answer about another name", "NAME WRONGNAME\nRECORD", OPEN),
    ("an answer about another name without records", "NAME WRONGNAME", NONE),
    ("a little late", "NAME DELAY 50\nRECORD", HAD),
    ("too late", "NAME DELAY 5000\nRECORD", OPEN),
    ("an alias", "NAME CNAME a.keys.example.\na.keys.example. TXT VALUE", HAD),
    ("a chain of aliases", "NAME CNAME a.keys.example.\na.keys.example. CNAME b.keys.example.\nb.keys.example. CNAME c.keys.example.\nc.keys.example. TXT VALUE", HAD),
    ("a chain of aliases that the server doesn't follow", "NAME CNAME a.keys.example.\n@CHAIN\nz.keys.example. TXT VALUE", OPEN),
    ("an alias of nothing", "NAME CNAME gone.keys.example.", NONE),
    ("an alias of a name without texts", "NAME CNAME a.keys.example.\na.keys.example. A 192.0.2.9", NONE),
    ("an alias of a name whose server fails", "NAME CNAME a.keys.example.\na.keys.example. SERVFAIL", OPEN),
    ("an alias of a name whose server is silent", "NAME CNAME a.keys.example.\na.keys.example. TIMEOUT", OPEN),
    ("a circle that the server sees", "NAME CNAME a.keys.example.\na.keys.example. CNAME NAME", OPEN),
    ("a circle that the server hands out", "NAME CIRCLE", OPEN),
    ("a wildcard", "ABOVE TXT VALUE", HAD),
    ("a wildcard with another text", "ABOVE TXT \"hello\"", NONE),
    ("a wildcard whose server fails", "ABOVE SERVFAIL", OPEN),
    ("a name in capitals", "UPPER TXT VALUE", HAD),
    ("several character-strings", "NAME TXT PIECES", HAD),
    ("an answer that needs TCP", "RECORD\n@FILL 8 250", ["pass none pass verified", "fail permerror fail forged", "fail pass pass verified"]),
    ("an answer of fifty kilobytes", "RECORD\n@FILL 200 250", ["pass none pass verified", "fail permerror fail forged", "fail pass pass verified"]),
    ("more than a message of DNS can hold", "RECORD\n@FILL 300 250", OPEN),
    ("the record twice", "RECORD\nNAME TXT OTHER", ["permerror none fail forged", "fail permerror fail forged", "fail pass none verified"]),
];

/// The texts that should stand at each name, and others of their kind.
fn value(place: usize) -> (String, String) {
    let (text, other) = match place {
        SPF => ("v=spf1 ip4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.2 -all"),
        KEY => (Key::Rsa.txt(), Key::Rsa1024.txt()),
        _ => ("v=DMARC1; p=quarantine", "v=DMARC1; p=none"),
    };
    (text.to_owned(), other.to_owned())
}

/// The part of a master file that a text takes.
fn strings(text: &str, length: usize) -> String {
    let pieces = text.as_bytes().chunks(length);
    let quoted = pieces.map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece)));
    quoted.collect::<Vec<_>>().join(" ")
}

/// The lines of a case at a name.
fn lines(case: &str, place: usize) -> String {
    let name = NAMES[place];
    let (text, other) = value(place);
    let above = name.split_once('.').expect("a name of labels").1;
    let mut out = String::new();
    for line in case.lines() {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["@CHAIN"] => {
                let labels: Vec<char> = ('a'..='z').collect();
                let pairs = labels.windows(2);
                out.extend(pairs.map(|two| {
                    format!("{}.keys.example. CNAME {}.keys.example.\n", two[0], two[1])
                }));
            }
            ["@FILL", count, length] => {
                let length: usize = length.parse().expect("a length");
                let count = 0..count.parse::<usize>().expect("a count");
                out.extend(count.map(|nth| txt_record(name, &format!("{nth:0length$}"))));
            }
            _ => {
                let word = |word: &str| match word {
                    "NAME" => name.to_owned(),
                    "ABOVE" => format!("*.{above}"),
                    "UPPER" => name.to_ascii_uppercase(),
                    "VALUE" => strings(&text, 255),
                    "PIECES" => strings(&text, 7),
                    "OTHER" => strings(&other, 255),
                    "RECORD" => format!("{name} TXT {}", strings(&text, 255)),
                    word => word.to_owned(),
                };
                let line = line.split(' ').map(word).collect::<Vec<_>>().join(" ");
                out.push_str(&format!("{line}\n"));
            }
        }
    }
    out
}

/// The DNS of a case: everything in order but at one place.
fn zone(case: &str, place: usize) -> String {
    let mut zone = "amazon.com. MX 5 mx.amazon.com.\n".to_owned();
    for other in (0..NAMES.len()).filter(|other| *other != place) {
        let text = match other {
            // The server is authorised only where that is the question.
            SPF => "v=spf1 -all".to_owned(),
            _ => value(other).0,
        };
        zone.push_str(&txt_record(NAMES[other], &text));
    }
    zone.push_str(&lines(case, place));
    zone
}

fn message(place: usize) -> Message {
    let text = "From: account@amazon.com\r\nTo: joe@example.test\r\nSubject: Hello\r\n\
        Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@amazon.com>\r\n\r\nHello.\r\n";
    let octets = match place {
        SPF => text.as_bytes().to_vec(),
        _ => DkimSigner::new("amazon.com", "s").sign(text.as_bytes()),
    };
    let mut message = Message::parse(&octets).expect("a message");
    message.envelope = Envelope {
        client_ip: Some("192.0.2.1".parse().expect("an address")),
        helo: Some("mail.example".into()),
        mail_from: Some(Path::parse("x@bounces.amazon.com")),
        ..Envelope::default()
    };
    message
}

fn config() -> Config {
    let text = "[trust]\nnetworks = []\n[dns]\nservers = [\"127.0.0.1:53\"]\ntimeout = \"300ms\"\n\
        deadline = \"2s\"\n";
    Config::from_toml(text).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// SPF, DKIM, DMARC and the verdict.
fn outcome(config: &Config, servers: &[SocketAddr], place: usize) -> String {
    let mut config = config.clone();
    config
        .authenticate
        .dns
        .as_mut()
        .expect("DNS is asked")
        .servers = servers.to_vec();
    let report = Runtime::new().expect("a runtime").block_on(async {
        let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
        verifier.verify(&message(place)).await
    });
    let evidence = report.evidence.as_ref().expect("evidence");
    let author = report.author.as_ref().expect("an author");
    let dkim = evidence.dkim.first();
    [
        evidence.spf.result.word(),
        dkim.map_or("none", |signature| signature.result.word()),
        evidence.dmarc(author).word(),
        report.verdict.word(),
    ]
    .join(" ")
}

fn compare(wrong: &mut Vec<String>, what: &str, place: usize, expected: Cell, found: String) {
    if found != expected {
        let name = NAMES[place];
        wrong.push(format!(
            "{what}, {name}\n  wanted {expected}\n  got    {found}"
        ));
    }
}

#[test]
fn every_strangeness_of_dns_at_each_record() {
    let config = config();
    let judge = |row: &(&str, &str, [Cell; 3])| {
        let (what, case, expected) = row;
        let mut wrong = Vec::new();
        for (place, expected) in expected.iter().enumerate() {
            let dns = ZoneServer::start(&zone(case, place));
            let found = outcome(&config, &[dns.addr], place);
            compare(&mut wrong, what, place, expected, found);
        }
        wrong
    };
    let wrong = table::failures(TABLE, TABLE.len().div_ceil(3), || judge);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One of two servers is dead or fails, the first or the second; then both.
#[test]
fn one_of_two_servers_is_enough() {
    let config = config();
    let mut wrong = Vec::new();
    for place in 0..NAMES.len() {
        let alive = ZoneServer::start(&zone("RECORD", place));
        let silent = ZoneServer::start("");
        silent.pause();
        let failing = ZoneServer::start("*. SERVFAIL");
        let refusing = ZoneServer::start("*. REFUSED");
        let lame = ZoneServer::start("*. LAME");
        let mut closed = ZoneServer::start("");
        closed.stop();
        let others = [
            ("silent", &silent),
            ("failing", &failing),
            ("refusing", &refusing),
            ("lame", &lame),
            ("closed", &closed),
        ];
        for (what, other) in others {
            for servers in [[alive.addr, other.addr], [other.addr, alive.addr]] {
                let found = outcome(&config, &servers, place);
                compare(&mut wrong, what, place, HAD[place], found);
            }
            let found = outcome(&config, &[other.addr, other.addr], place);
            compare(
                &mut wrong,
                &format!("two {what}"),
                place,
                DEAD[place],
                found,
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
