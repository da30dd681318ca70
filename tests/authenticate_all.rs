//! `inspect.authenticate = "all"`: one milter in the place of a verifying DKIM and DMARC filter.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::path::Path;
use std::time::Duration;

use support::dns::ZoneServer;
use support::milter::{Milter, MilterConfig};
use support::postfix::{Postfix, PostfixOptions, without_own_received};
use support::root::{POSTFIX, left_out};
use support::samples::{Sample, samples, zone};
use support::smtp::SmtpClient;

const PATIENCE: Duration = Duration::from_secs(30);

fn ordinary() -> Sample {
    samples()
        .into_iter()
        .find(|sample| sample.name == "ordinary")
        .unwrap()
}

#[test]
fn ordinary_mail_gets_our_results_and_nothing_else() {
    if left_out(POSTFIX) {
        return;
    }
    let config = MilterConfig {
        rest: "[headers]\nauthserv_id = \"mx.example.test\"\n\
               [inspect]\nauthenticate = \"all\"\n"
            .into(),
        ..MilterConfig::default()
    };
    let dns = ZoneServer::start(&zone());
    let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    let milter = Milter::start(program, dns.addr, &config);
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![milter.socket.clone()],
        ..PostfixOptions::default()
    });
    let sample = ordinary();
    let mut client = SmtpClient::connect_as(postfix.smtp_addr, &sample.client).unwrap();
    // A forged one of ours goes, as ever.
    let forged = [
        b"Authentication-Results: mx.example.test; dmarc=pass header.from=friend.example\r\n"
            .as_slice(),
        &sample.message,
    ]
    .concat();
    let sent = client.send(&sample.envelope(), &forged).unwrap();
    assert!(sent.accepted(), "{}", sent.last().text());
    let mailbox = postfix.wait_for(&sample.recipient(), 1, PATIENCE);
    let delivered = without_own_received(&mailbox[0]).expect("a Received field");
    let expected = [
        b"Authentication-Results: mx.example.test; spf=pass\r\n \
          smtp.mailfrom=friend.example; dkim=none; dmarc=none\r\n \
          header.from=friend.example\r\n"
            .as_slice(),
        &sample.message,
    ]
    .concat();
    assert_eq!(
        String::from_utf8_lossy(&delivered),
        String::from_utf8_lossy(&expected)
    );
}
