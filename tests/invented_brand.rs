//! The engine with an invented brand: what it knows of a brand is in a data file, and nowhere else.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::{Message, Path};
use amazon_spoof_milter::report::Report;
use amazon_spoof_milter::verify::Verifier;
use support::dns::ZoneServer;
use support::sign::{DkimSigner, Key};

const BRAND: &str = r#"
brand = "Zorblatt"
main = "zorblatt.example"
updated = "2026-01-01"

[[host_word]]
text = "zorblatt"
typos = true

[words]
lure = ["account", "security"]

[services]
free_mail = ["freemail.example"]

[[name]]
text = "Zorblatt"
strength = "strong"

[[source]]
id = "T"
description = "invented for this test"

[[domain]]
name = "zorblatt.example"
class = "official-sender"
category = "shop"
guidance = true
sources = ["T"]
"#;

/// Judges a message that comes from an unknown server.
fn judge(from: &str, signed: bool) -> Report {
    let zone = format!(
        "$TTL 60\nzorblatt.example. MX 5 mx.zorblatt.example.\n{}",
        Key::Rsa.record("s", "zorblatt.example")
    );
    let dns = ZoneServer::start(&zone);
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("invented-brand-{}-{number}.toml", std::process::id());
    let file = std::env::temp_dir().join(name);
    fs::write(&file, BRAND).unwrap();
    let config = format!(
        "[brand]\nfile = \"{}\"\n[dns]\nservers = [\"{}\"]\n",
        file.display(),
        dns.addr
    );
    let config = Config::from_toml(&config).unwrap_or_else(|errors| panic!("{errors:?}"));
    fs::remove_file(&file).unwrap();
    let mut octets = format!(
        "From: {from}\r\nTo: joe@shop.example\r\nSubject: x\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\
         Message-ID: <1@x.example>\r\n\r\nx\r\n"
    )
    .into_bytes();
    if signed {
        octets = DkimSigner::new("zorblatt.example", "s").sign(&octets);
    }
    let mut message = Message::parse(&octets).unwrap();
    message.envelope.client_ip = Some("203.0.113.5".parse().unwrap());
    message.envelope.mail_from = Some(Path::parse("x@elsewhere.example"));
    support::resolver::block_on(async {
        Verifier::new(&config, Arc::new(()))
            .unwrap()
            .verify(&message)
            .await
    })
}

#[test]
fn another_brand_is_another_file() {
    let outcome = |from, signed| {
        let report = judge(from, signed);
        format!("{}: {}", report.verdict, report.reason_words())
    };
    assert_eq!(
        outcome("Zorblatt <a@zorblatt.example>", true),
        "verified: official-author-domain,display-name,dkim-aligned"
    );
    assert_eq!(
        outcome("<a@zorblatt.example>", false),
        "forged: official-author-domain,unauthenticated"
    );
    assert_eq!(
        outcome("<a@security-zorblatt.test>", false),
        "lookalike: lookalike-author-domain"
    );
    assert_eq!(
        outcome("Zorblatt <a@elsewhere.example>", false),
        "impersonation: display-name"
    );
    assert_eq!(
        outcome("<zorblatt-account@freemail.example>", false),
        "impersonation: local-part"
    );
    // The brand that the program is made for means nothing here.
    assert_eq!(outcome("Amazon <a@amazon.com.biz>", false), "unrelated: ");
}

#[test]
fn a_brand_without_advice_gives_none() {
    assert_eq!(judge("<a@zorblatt.example>", false).advice, "");
}

#[test]
fn its_name_stands_in_the_explanation() {
    assert_eq!(
        judge("<a@zorblatt.example>", false).explanation,
        "This mail says that it comes from zorblatt.example, but nothing proves it: it has no \
         signature, and the sending server is not authorised."
    );
}
