//! What one message made DNS say is not held against the next.
//!
//! A cache of parsed records would know a name only as the kind of record that it was first asked for: a
//! stranger's SPF record that includes the name of a key would turn the brand's own signatures into
//! errors for everybody, for as long as the record may be kept. What is kept is what DNS said.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::{Envelope, Message, Path};
use amazon_spoof_milter::verify::Verifier;
use support::dns::ZoneServer;
use support::sign::DkimSigner;

const BODY: &str = "To: joe@example.test\r\nSubject: x\r\n\
    Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@x.example>\r\n\r\nx\r\n";

async fn verdict(verifier: &Verifier, mail_from: &str, octets: &[u8]) -> String {
    let mut message = Message::parse(octets).expect("a message");
    message.envelope = Envelope {
        client_ip: Some("203.0.113.5".parse().expect("an address")),
        helo: Some("mail.evil.example".to_owned()),
        mail_from: Some(Path::parse(mail_from)),
        ..Envelope::default()
    };
    let report = verifier.verify(&message).await;
    format!("{} {}", report.verdict, report.reason_words())
}

#[test]
fn a_strangers_spf_record_spoils_no_key() {
    let signer = DkimSigner::new("amazon.com", "s1");
    let dns = ZoneServer::start(&format!(
        "evil.example. TXT \"v=spf1 include:s1._domainkey.amazon.com -all\"\n\
         _dmarc.amazon.com. TXT \"v=DMARC1; p=quarantine\"\n\
         amazon.com. MX 5 amazon-smtp.amazon.com.\n{}",
        signer.record()
    ));
    let config = format!("[dns]\nservers = [\"{}\"]\ntimeout = \"300ms\"\n", dns.addr);
    let config = Config::from_toml(&config).expect("a configuration");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
        let strange = format!("From: Amazon <x@evil.example>\r\n{BODY}");
        assert_eq!(
            verdict(&verifier, "x@evil.example", strange.as_bytes()).await,
            "impersonation display-name"
        );
        assert!(
            dns.queries()
                .iter()
                .any(|asked| asked.name == "s1._domainkey.amazon.com"),
            "the stranger's record was not followed"
        );
        let genuine = signer.sign(format!("From: <account@amazon.com>\r\n{BODY}").as_bytes());
        assert_eq!(
            verdict(&verifier, "x@evil.example", &genuine).await,
            "verified official-author-domain,dkim-aligned,dmarc-pass"
        );
    });
}
