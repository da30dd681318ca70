//! How many questions a message costs DNS, with nothing known before: as many as version 0.1.0 asked.
//!
//! `QUERIES_OF=program cargo test --test queries` counts those of another build: the figures are those of 0.1.0.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use support::dns::ZoneServer;
use support::sign::DkimSigner;

const ZONE: &str = r#"
amazon.com. MX 5 mx.amazon.com.
amazon.com. TXT "v=spf1 include:spf1.amazon.com include:spf2.amazon.com -all"
spf1.amazon.com. TXT "v=spf1 ip4:198.51.100.0/24 -all"
spf2.amazon.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
bounces.amazon.com. TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.amazon.com. TXT "v=DMARC1; p=quarantine"
shop.example. MX 5 mx.shop.example.
shop.example. TXT "v=spf1 mx a:www.shop.example -all"
mx.shop.example. A 203.0.113.1
mx.shop.example. AAAA 2001:db8::1
www.shop.example. A 203.0.113.9
_dmarc.shop.example. TXT "v=DMARC1; p=none"
affirm.com. TXT "v=spf1 ip4:203.0.113.9 -all"
_dmarc.affirm.com. TXT "v=DMARC1; p=reject"
lists.board.example. TXT "v=spf1 ip4:203.0.113.9 -all"
"#;

/// A message, and what it costs at the most.
struct Cost {
    what: &'static str,
    client: &'static str,
    sender: &'static str,
    from: &'static str,
    /// Who signed it.
    signed: &'static [&'static str],
    more: &'static str,
    /// What 0.1.0 asked as well.
    asks: usize,
}

#[rustfmt::skip]
const COSTS: &[Cost] = &[
    Cost { what: "genuine", client: "192.0.2.1", sender: "x@bounces.amazon.com", from: "account@amazon.com", signed: &["amazon.com"], more: "", asks: 5 },
    Cost { what: "genuine, by a name below", client: "192.0.2.1", sender: "x@bounces.amazon.com", from: "account@mail.amazon.com", signed: &["mail.amazon.com", "amazon.com"], more: "", asks: 7 },
    Cost { what: "genuine, by SPF with includes", client: "192.0.2.1", sender: "x@amazon.com", from: "account@amazon.com", signed: &[], more: "", asks: 6 },
    Cost { what: "forged", client: "203.0.113.9", sender: "x@amazon.com", from: "account@amazon.com", signed: &[], more: "", asks: 6 },
    Cost { what: "forged, by a stranger who is in order", client: "203.0.113.9", sender: "x@shop.example", from: "account@amazon.com", signed: &["shop.example"], more: "", asks: 8 },
    Cost { what: "forged, signed by many", client: "203.0.113.9", sender: "x@shop.example", from: "account@amazon.com", signed: &["a.example", "b.example", "c.example", "shop.example"], more: "", asks: 11 },
    Cost { what: "a name that lies", client: "203.0.113.9", sender: "x@shop.example", from: "Amazon <x@shop.example>", signed: &["shop.example"], more: "", asks: 7 },
    Cost { what: "a name that lies, from deep below", client: "203.0.113.9", sender: "x@a.b.c.shop.example", from: "Amazon <x@a.b.c.shop.example>", signed: &["shop.example"], more: "", asks: 8 },
    Cost { what: "a lookalike", client: "203.0.113.9", sender: "x@security-amazon.com", from: "x@security-amazon.com", signed: &["security-amazon.com"], more: "", asks: 5 },
    Cost { what: "a partner", client: "203.0.113.9", sender: "x@affirm.com", from: "Amazon <x@affirm.com>", signed: &["affirm.com"], more: "", asks: 5 },
    Cost { what: "free mail", client: "203.0.113.9", sender: "x@gmail.com", from: "Amazon <x@gmail.com>", signed: &["gmail.com"], more: "", asks: 5 },
    Cost { what: "forged, through a mailing list", client: "203.0.113.9", sender: "b@lists.board.example", from: "account@amazon.com", signed: &["lists.board.example"], more: "List-Id: <board.lists.board.example>\r\n", asks: 5 },
    Cost { what: "ordinary", client: "203.0.113.9", sender: "x@shop.example", from: "Jane <x@shop.example>", signed: &["shop.example"], more: "", asks: 0 },
    Cost { what: "ordinary, about the brand", client: "203.0.113.9", sender: "x@shop.example", from: "Jane <x@shop.example>", signed: &["shop.example"], more: "Subject: Parcel from Amazon\r\n", asks: 0 },
];

impl Cost {
    fn message(&self) -> Vec<u8> {
        let text = format!(
            "From: {}\r\nTo: joe@example.test\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\
             Message-ID: <1@mail.example>\r\n{}\r\nHello.\r\n",
            self.from, self.more
        );
        let signed = |message: Vec<u8>, by: &&str| DkimSigner::new(by, "s").sign(&message);
        self.signed.iter().rev().fold(text.into_bytes(), signed)
    }

    /// The questions that a program asks about it.
    fn asked_by(&self, program: &str) -> usize {
        let keys: String = COSTS
            .iter()
            .flat_map(|cost| cost.signed)
            .map(|domain| DkimSigner::new(domain, "s").record())
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect();
        let dns = ZoneServer::start(&format!("{ZONE}{keys}"));
        let address = dns.addr.to_string();
        let mut run = Command::new(program)
            .args(["check", "--dns", &address, "--client-ip", self.client])
            .args(["--helo", "mail.example", "--mail-from", self.sender, "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program");
        let mut input = run.stdin.take().expect("a pipe");
        input.write_all(&self.message()).expect("a message is read");
        drop(input);
        let ended = run.wait().expect("an end");
        assert!(
            ended.code().is_some_and(|code| code < 2),
            "{}: {ended}",
            self.what
        );
        dns.queries_of_mail().len()
    }
}

#[test]
fn every_message_costs_as_many_questions_as_in_0_1_0() {
    let other = std::env::var("QUERIES_OF").ok();
    let program = other
        .as_deref()
        .unwrap_or(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    let mut wrong = Vec::new();
    for cost in COSTS {
        let asked = cost.asked_by(program);
        if asked != cost.asks {
            wrong.push(format!(
                "{}: {asked} questions, not {}",
                cost.what, cost.asks
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
