//! A real content filter on loopback, behind which the client is never the one that connects.

use std::path::Path;

use super::{PATIENCE, field};
use crate::support::content_filter::{ContentFilter, MARK, free_port};
use crate::support::dns::ZoneServer;
use crate::support::milter::{Milter, MilterConfig};
use crate::support::postfix::{Postfix, PostfixOptions};
use crate::support::root::{POSTFIX, left_out};
use crate::support::samples::zone;
use crate::support::smtp::{Envelope, SmtpClient, XClient};

const SENDER: &str = "bounces@amazon.com";

/// Who hands in a message without a signature, and its verdict, which only SPF can make better. The
/// brand's own server is 192.0.2.10.
const CLIENTS: [(&str, &str, &str, &str, &str); 4] = [
    (
        "genuine",
        "192.0.2.10",
        "smtp-out.amazon.com",
        "smtp-out.amazon.com",
        "verified; action=accept; author=amazon.com; \
         reasons=official-author-domain,display-name,spf-aligned,spf-only,dmarc-pass",
    ),
    (
        "brackets",
        "203.0.113.30",
        "[UNAVAILABLE]",
        "x[192.0.2.10]",
        "forged; action=tag; author=amazon.com; \
         reasons=official-author-domain,display-name,unauthenticated",
    ),
    (
        "loopback",
        "203.0.113.30",
        "mail.bulk-sender.example",
        "x[127.0.0.1]",
        "forged; action=tag; author=amazon.com; \
         reasons=official-author-domain,display-name,unauthenticated",
    ),
    (
        "six",
        "2001:db8::9",
        "[UNAVAILABLE]",
        "[IPv6:::1]",
        "forged; action=tag; author=amazon.com; \
         reasons=official-author-domain,display-name,unauthenticated",
    ),
];

fn milter(dns: &ZoneServer, relay: &str) -> Milter {
    let config = MilterConfig {
        rest: format!("[trust]\nrelays = [\"{relay}\"]\nnetworks = []\n"),
        ..MilterConfig::default()
    };
    let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    Milter::start(program, dns.addr, &config)
}

/// Hands in one message by each client at `entrance`, and compares the verdicts with which they
/// arrive, through the filter.
fn every_client(entrance: &Postfix, store: &Postfix) {
    for (name, ip, host, helo, verdict) in CLIENTS {
        let recipient = format!("{name}@example.test");
        let message = "From: Amazon <account@amazon.com>\r\nTo: joe@example.test\r\nSubject: Hello\r\n\
             Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@amazon.com>\r\n\r\nHello.\r\n";
        let client = XClient::new(ip, host, helo);
        let mut client =
            SmtpClient::connect_as(entrance.unfiltered_addr, &client).expect("XCLIENT");
        let sent = client
            .send(&Envelope::new(SENDER, &[&recipient]), message.as_bytes())
            .expect("a dialog");
        assert!(sent.accepted(), "{name}: {}", sent.last().text());
        let delivered = store.wait_for(&recipient, 1, PATIENCE).remove(0);
        let shown = String::from_utf8_lossy(&delivered);
        assert!(shown.contains(MARK), "not filtered: {shown}");
        assert!(
            shown.contains(helo),
            "Postfix wrote HELO as it came: {shown}"
        );
        let found = field(&delivered, "X-Amazon-Spoof-Verdict");
        assert_eq!(found.as_deref(), Some(verdict), "{name}: {shown}");
    }
}

/// The milter is asked by the smtpd that takes mail back from the filter.
#[test]
fn behind_our_own_content_filter_loopback_is_a_relay() {
    if left_out(POSTFIX) {
        return;
    }
    let dns = ZoneServer::start(&zone());
    let milter = milter(&dns, "127.0.0.1");
    let port = free_port();
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![milter.socket.clone()],
        content_filter: Some(port),
        ..PostfixOptions::default()
    });
    let _filter = ContentFilter::start(port, postfix.smtp_addr);
    every_client(&postfix, &postfix);
}

/// The filter is the gateway's: it is on the gateway's loopback, and the gateway is the relay.
#[test]
fn a_gateways_content_filter_is_passed_over() {
    if left_out(POSTFIX) {
        return;
    }
    let dns = ZoneServer::start(&zone());
    let milter = milter(&dns, "127.0.0.2");
    let store = Postfix::start(&PostfixOptions {
        milters: vec![milter.socket.clone()],
        ..PostfixOptions::default()
    });
    let port = free_port();
    let setting = |name: &str, value: String| (name.to_owned(), value);
    let gateway = Postfix::start(&PostfixOptions {
        content_filter: Some(port),
        extra_main_cf: vec![
            setting("myhostname", "gw.recipient.test".into()),
            setting("smtp_bind_address", "127.0.0.2".into()),
            setting(
                "virtual_transport",
                format!("smtp:[127.0.0.1]:{}", store.smtp_addr.port()),
            ),
        ],
        ..PostfixOptions::default()
    });
    let _filter = ContentFilter::start(port, gateway.smtp_addr);
    every_client(&gateway, &store);
}
