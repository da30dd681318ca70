//! A Postfix that doesn't know its client, and one that goes by another name than the machine.

use std::fs;
use std::path::Path;

use super::{PATIENCE, field};
use crate::support::dns::ZoneServer;
use crate::support::milter::{Milter, MilterConfig};
use crate::support::postfix::{HOSTNAME, Postfix, PostfixOptions};
use crate::support::root::{POSTFIX, left_out};
use crate::support::samples::zone;
use crate::support::smtp::{Envelope, SmtpClient, XClient};

const FORGED: &str = "From: Amazon <account@amazon.com>\r\nTo: joe@example.test\r\nSubject: Hello\r\n\
     Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@amazon.com>\r\n\r\nHello.\r\n";

/// Sends a message by a client at `ip`, and returns what was delivered and what the filter logged.
fn deliver(ip: &str, message: &str) -> (String, String) {
    let dns = ZoneServer::start(&zone());
    let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    let milter = Milter::start(program, dns.addr, &MilterConfig::default());
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![format!("inet:{}", milter.addr())],
        ..PostfixOptions::default()
    });
    let client = XClient::new(ip, "[UNAVAILABLE]", "mail.bulk-sender.example");
    let mut client = SmtpClient::connect_as(postfix.smtp_addr, &client).expect("XCLIENT");
    let envelope = Envelope::new("bounces@amazon.com", &["joe@example.test"]);
    let sent = client
        .send(&envelope, message.as_bytes())
        .expect("a dialog");
    assert!(sent.accepted(), "{}", sent.last().text());
    let delivered = postfix.wait_for("joe@example.test", 1, PATIENCE).remove(0);
    (
        String::from_utf8_lossy(&delivered).into_owned(),
        milter.log(),
    )
}

#[test]
fn mail_of_a_client_that_postfix_does_not_know_is_judged() {
    if left_out(POSTFIX) {
        return;
    }
    let (delivered, log) = deliver("[UNAVAILABLE]", FORGED);
    let verdict = field(delivered.as_bytes(), "X-Amazon-Spoof-Verdict");
    let verdict = verdict.expect("a verdict");
    assert!(
        verdict.starts_with("forged; action=tag; author=amazon.com"),
        "{verdict}"
    );
    assert!(!log.contains("can't be read, or came out of turn"), "{log}");
}

#[test]
fn forged_results_in_the_name_of_postfix_are_removed() {
    if left_out(POSTFIX) {
        return;
    }
    let kernel = fs::read_to_string("/proc/sys/kernel/hostname").expect("a host name");
    let kernel = kernel.trim();
    assert_ne!(kernel, HOSTNAME);
    let message = format!(
        "Authentication-Results: {HOSTNAME}; dkim=pass header.d=amazon.com\r\n\
         Authentication-Results: {kernel}; dkim=pass header.d=elsewhere.example\r\n{FORGED}"
    );
    let (delivered, log) = deliver("203.0.113.30", &message);
    assert!(
        !delivered.contains("dkim=pass header.d=amazon.com"),
        "{delivered}"
    );
    assert!(
        delivered.contains("dkim=pass header.d=elsewhere.example"),
        "{delivered}"
    );
    let own = format!("Authentication-Results: {HOSTNAME}; spf=");
    assert!(delivered.contains(&own), "{delivered}");
    assert!(
        log.contains(&format!("authserv_id=\"{HOSTNAME}\""))
            || log.contains(&format!("authserv_id={HOSTNAME}")),
        "{log}"
    );
}
