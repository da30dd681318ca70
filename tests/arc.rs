//! ARC (RFC 8617): a forwarder that the operator names saw the proof and sealed that. Chains are
//! sealed by the library here, since what is tested is whom the program believes.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::{Limit, Message, Path};
use amazon_spoof_milter::report::Report;
use amazon_spoof_milter::verify::Verifier;
use mail_auth::arc::ArcSealer;
use mail_auth::common::crypto::{RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::Signature;
use mail_auth::{ArcOutput, AuthenticatedMessage, AuthenticationResults, DkimOutput};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use support::dns::ZoneServer;
use support::sign::Key;

/// As the forwarder hands it on: the brand's signature is gone, the Subject has a list's prefix.
const MAIL: &str = "From: \"Amazon.com\" <auto-confirm@amazon.com>\r\nTo: joe@example.test\r\nSubject: [fwd] Your order\r\n\
     Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@amazon.com>\r\n\r\nIt is on its way.\r\n";

/// The ARC set of `sealer` above the mail; it saw the signature of `seen` pass, if of anybody.
fn sealed(sealer: &str, seen: Option<&str>) -> String {
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("support/keys/rsa2048.pem")).unwrap();
    let key = RsaKey::<Sha256>::from_key_der(key).unwrap();
    let parsed = AuthenticatedMessage::parse(MAIL.as_bytes()).unwrap();
    let signature = Signature {
        d: seen.unwrap_or("nobody.example").to_owned(),
        s: "s".to_owned(),
        ..Signature::default()
    };
    let output = match seen {
        Some(_) => DkimOutput::pass(),
        None => DkimOutput::fail(mail_auth::Error::ParseError),
    };
    let results = AuthenticationResults::new(sealer)
        .with_dkim_result(&output.with_signature(&signature), "amazon.com");
    let set = ArcSealer::from_key(key)
        .domain(sealer)
        .selector("arc")
        .headers(["From", "To", "Subject", "Date"])
        .seal(&parsed, &results, &ArcOutput::default())
        .unwrap();
    format!("{}{MAIL}", set.to_header())
}

/// What comes of a mail that the forwarder hands in, with these sealers named.
fn judge(mail: &str, sealers: &str) -> Report {
    judge_cut(mail, sealers, None)
}

/// The same of a mail of which a limit cut something off.
fn judge_cut(mail: &str, sealers: &str, cut: Option<Limit>) -> Report {
    let zone = format!(
        "$TTL 60\namazon.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"\n\
         _dmarc.amazon.com. TXT \"v=DMARC1; p=quarantine\"\narc._domainkey.silent.example. SERVFAIL\n{}{}",
        Key::Rsa.record("arc", "forward.example"),
        Key::Rsa.record("arc", "evil.example"),
    );
    let dns = ZoneServer::start(&zone);
    let config = format!(
        "[trust]\narc_sealers = [{sealers}]\n[dns]\nservers = [\"{}\"]\n",
        dns.addr
    );
    let config = Config::from_toml(&config).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut message = Message::parse(mail.as_bytes()).unwrap();
    message.cut.extend(cut);
    message.envelope.client_ip = Some("198.51.100.7".parse().unwrap());
    message.envelope.mail_from = Some(Path::parse("joe@forward.example"));
    support::resolver::block_on(async {
        Verifier::new(&config, Arc::new(()))
            .unwrap()
            .verify(&message)
            .await
    })
}

fn outcome(mail: &str, sealers: &str) -> String {
    let report = judge(mail, sealers);
    format!("{}: {}", report.verdict, report.reason_words())
}

#[test]
fn a_named_sealer_who_saw_the_proof_verifies() {
    let mail = sealed("forward.example", Some("amazon.com"));
    let report = judge(&mail, "\"forward.example\"");
    assert_eq!(
        format!("{}: {}", report.verdict, report.reason_words()),
        "verified: official-author-domain,display-name,arc-trusted"
    );
    assert_eq!(
        report.explanation,
        "This mail comes from amazon.com, which belongs to Amazon: a forwarder that is trusted here \
         saw the proof."
    );
}

#[test]
fn a_named_sealer_who_saw_no_proof_only_softens() {
    let without = sealed("forward.example", None);
    assert_eq!(
        outcome(&without, "\"forward.example\""),
        "unverifiable: official-author-domain,display-name,unauthenticated,forwarder"
    );
    let strangers = sealed("forward.example", Some("evil.example"));
    assert_eq!(
        outcome(&strangers, "\"forward.example\""),
        "unverifiable: official-author-domain,display-name,unauthenticated,forwarder"
    );
}

#[test]
fn nobody_elses_seal_counts() {
    let forged = "forged: official-author-domain,display-name,unauthenticated";
    let evil = sealed("evil.example", Some("amazon.com"));
    assert_eq!(outcome(&evil, "\"forward.example\""), forged);
    let named = sealed("forward.example", Some("amazon.com"));
    assert_eq!(outcome(&named, ""), forged);
}

#[test]
fn a_sealer_whose_key_dns_does_not_answer_for_is_waited_for() {
    let mail = sealed("silent.example", Some("amazon.com"));
    assert_eq!(
        outcome(&mail, "\"silent.example\""),
        "unverifiable: official-author-domain,display-name,dns-temporary-failure"
    );
    // Nobody waits for the key of a stranger.
    assert_eq!(
        outcome(&mail, "\"forward.example\""),
        "forged: official-author-domain,display-name,unauthenticated"
    );
}

#[test]
fn a_seal_over_what_was_not_read_whole_proves_and_disproves_nothing() {
    let mail = sealed("forward.example", Some("amazon.com"));
    for (cut, expected) in [
        (Limit::Body, "unverifiable: no-body-verification"),
        (Limit::Memory, "unverifiable: no-body-verification"),
        // Who fills a header chose to.
        (Limit::Headers, "forged: unauthenticated"),
        (Limit::Recipients, "verified: arc-trusted"),
    ] {
        let report = judge_cut(&mail, "\"forward.example\"", Some(cut));
        let reasons = report.reason_words();
        let (verdict, reason) = expected.split_once(": ").unwrap();
        assert_eq!(report.verdict.word(), verdict, "{cut:?}");
        assert!(reasons.split(',').any(|word| word == reason), "{reasons}");
    }
}

#[test]
fn what_was_changed_after_the_seal_is_forged() {
    let forged = "forged: official-author-domain,display-name,unauthenticated";
    let mail = sealed("forward.example", Some("amazon.com"));
    for (old, new) in [
        ("on its way", "lost, pay now"),
        ("Subject: [fwd]", "Subject: [x]"),
        ("header.s=s", "header.s=t"),
    ] {
        assert_ne!(mail.replace(old, new), mail);
        assert_eq!(
            outcome(&mail.replace(old, new), "\"forward.example\""),
            forged,
            "{new}"
        );
    }
}
