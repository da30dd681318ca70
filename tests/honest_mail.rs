//! Honest mail that names the brand: 120 messages of ten kinds of sender in nine languages
//! (`tests/honest/mails.txt`), judged with every body read. None of it may be flagged.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::{Envelope, Message, Path};
use amazon_spoof_milter::verdict::Verdict;
use amazon_spoof_milter::verify::Verifier;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use support::dns::ZoneServer;

struct Mail<'t> {
    kind: &'t str,
    language: &'t str,
    /// Whether the author's domain says who sends for it.
    proved: bool,
    /// Header fields by name, in order.
    fields: Vec<(&'t str, &'t str)>,
    body: &'t str,
}

impl<'t> Mail<'t> {
    fn field(&self, name: &str) -> &'t str {
        let mut fields = self.fields.iter().filter(|(known, _)| *known == name);
        fields.next().expect("the field is there").1
    }

    fn domain(&self) -> &'t str {
        let from = self.field("From");
        let (_, domain) = from.rsplit_once('@').expect("an address");
        domain.trim_end_matches('>')
    }

    /// The message as its sender's program writes it.
    fn message(&self) -> Message {
        let mut raw = String::new();
        for (name, value) in &self.fields {
            writeln!(raw, "{name}: {}\r", encoded(value)).unwrap();
        }
        let kind = match self.body.starts_with('<') {
            true => "html",
            false => "plain",
        };
        let domain = self.domain();
        write!(
            raw,
            "To: reader@recipient.example\r\nDate: Fri, 13 Nov 2026 09:12:00 +0100\r\n\
             Message-ID: <1@{domain}>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            self.body.replace('\n', "\r\n")
        )
        .unwrap();
        let mut message = Message::parse(raw.as_bytes()).expect("a message");
        message.envelope = Envelope {
            client_ip: Some("192.0.2.10".parse().unwrap()),
            helo: Some(format!("mail.{domain}")),
            mail_from: Some(Path::parse(&format!("bounce@{domain}"))),
            recipients: vec![Path::parse("reader@recipient.example")],
            ..Envelope::default()
        };
        message
    }
}

/// A value whose words beyond ASCII are encoded words (RFC 2047 section 4.2), the address left as it is.
fn encoded(value: &str) -> String {
    if value.is_ascii() {
        return value.to_owned();
    }
    let (text, address) = match value.rsplit_once(" <") {
        Some((name, address)) => (name.trim_matches('"'), format!(" <{address}")),
        None => (value, String::new()),
    };
    let words: Vec<String> = text
        .chars()
        .collect::<Vec<_>>()
        .chunks(8)
        .map(|some| {
            let octets: String = some.iter().collect();
            let octets = octets.bytes().map(|octet| format!("={octet:02X}"));
            format!("=?utf-8?Q?{}?=", octets.collect::<String>())
        })
        .collect();
    words.join("\r\n ") + address.as_str()
}

fn mails(text: &str) -> Vec<Mail<'_>> {
    let blocks = text.split("\n# ").skip(1);
    blocks
        .map(|block| {
            let (head, rest) = block.split_once('\n').expect("a first line");
            let (fields, body) = rest.split_once("\n\n").expect("a body");
            let mut words = head.split(' ');
            let fields = fields.lines().map(|line| line.split_once(": ").unwrap());
            Mail {
                kind: words.next().expect("a kind"),
                language: words.next().expect("a language"),
                proved: words.next() != Some("unproved"),
                fields: fields.collect(),
                body: body.trim_end(),
            }
        })
        .collect()
}

fn zone(mails: &[Mail<'_>]) -> String {
    let mut zone = String::from("$TTL 300\n");
    for mail in mails {
        let domain = mail.domain();
        writeln!(zone, "{domain}. A 192.0.2.10\n{domain}. MX 10 {domain}.").unwrap();
        if mail.proved {
            writeln!(zone, "{domain}. TXT \"v=spf1 ip4:192.0.2.10 -all\"").unwrap();
            writeln!(zone, "_dmarc.{domain}. TXT \"v=DMARC1; p=reject\"").unwrap();
        }
    }
    zone
}

const TEXT: &str = include_str!("honest/mails.txt");

#[test]
fn they_are_of_ten_kinds_in_eight_languages_and_more() {
    let mails = mails(TEXT);
    assert_eq!(mails.len(), 120);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut languages: BTreeMap<&str, usize> = BTreeMap::new();
    for mail in &mails {
        *kinds.entry(mail.kind).or_default() += 1;
        *languages.entry(mail.language).or_default() += 1;
    }
    assert_eq!(kinds.into_values().collect::<Vec<_>>(), [12; 10]);
    assert_eq!(languages.len(), 9);
    assert!(languages.into_values().all(|count| count >= 10));
}

#[tokio::test]
async fn none_of_it_is_flagged() {
    let mails = mails(TEXT);
    let dns = ZoneServer::start(&zone(&mails));
    let config = format!(
        "[inspect]\nbody = \"all\"\n[dns]\nservers = [\"{}\"]\n",
        dns.addr
    );
    let config = Config::from_toml(&config).expect("a configuration");
    let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
    let mut flagged = Vec::new();
    for mail in &mails {
        let report = verifier.verify(&mail.message()).await;
        let subject = mail.field("Subject");
        if report.verdict != Verdict::Unrelated {
            flagged.push(format!(
                "{} {}: {subject}: {} [{}]",
                mail.kind,
                mail.language,
                report.verdict,
                report.reason_words()
            ));
        }
    }
    assert!(
        flagged.is_empty(),
        "{} of 120:\n{}",
        flagged.len(),
        flagged.join("\n")
    );
}
