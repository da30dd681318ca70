//! The mail by which costs are measured, and its DNS.

use amazon_spoof_milter::mail::message::{Envelope, Message, Path};

use super::bodies::{page, text};
use super::support::sign::{DkimSigner, Key};

/// A message and who hands it in.
#[derive(Clone, Debug)]
pub struct Letter {
    pub client_ip: &'static str,
    pub mail_from: &'static str,
    /// Octets, lines ended by CRLF.
    pub raw: Vec<u8>,
}

/// What every client says.
pub const HELO: &str = "mx.sender.example";

impl Letter {
    /// As the program sees it.
    pub fn message(&self) -> Message {
        let mut message = Message::parse(&self.raw).expect("a message");
        message.envelope = Envelope {
            client_ip: self.client_ip.parse().ok(),
            helo: Some(HELO.to_owned()),
            mail_from: Some(Path::parse(self.mail_from)),
            ..Envelope::default()
        };
        message
    }
}

const GENUINE_IP: &str = "192.0.2.10";
const OTHER_IP: &str = "203.0.113.30";

/// Names and keys here are the tests' own; nothing of it is published by anybody.
pub fn zone() -> String {
    let records = [
        "$TTL 3600".to_owned(),
        "amazon.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"".into(),
        "amazon.com. MX 5 smtp.amazon.com.".into(),
        "_dmarc.amazon.com. TXT \"v=DMARC1; p=quarantine; rua=mailto:a@amazon.com\"".into(),
        "bounces.amazon.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"".into(),
        Key::Rsa.record("bench", "amazon.com"),
        Key::Rsa1024.record("short", "amazon.com"),
        Key::Ed25519.record("curve", "amazon.com"),
        Key::Rsa1024.record("bench", "amazonses.com"),
        "security-amazon.com. TXT \"v=spf1 ip4:198.51.100.20 -all\"".into(),
        "security-amazon.com. MX 5 mx.security-amazon.com.".into(),
        "_dmarc.security-amazon.com. TXT \"v=DMARC1; p=reject\"".into(),
        Key::Ed25519.record("bench", "security-amazon.com"),
        "sender.example. TXT \"v=spf1 ip4:203.0.113.30 -all\"".into(),
        "sender.example. MX 5 mx.sender.example.".into(),
        "_dmarc.sender.example. TXT \"v=DMARC1; p=reject\"".into(),
        Key::Rsa.record("bench", "sender.example"),
        "friend.example. TXT \"v=spf1 ip4:203.0.113.30 -all\"".into(),
        "friend.example. MX 5 mx.friend.example.".into(),
    ];
    records.join("\n") + "\n"
}

fn raw(from: &str, subject: &str, kind: &str, body: &str) -> Vec<u8> {
    let mut header = String::new();
    for hop in 1..=4 {
        header.push_str(&format!(
            "Received: from relay{hop}.sender.example (relay{hop}.sender.example [203.0.113.{hop}])\r\n\
             \tby mx{hop}.sender.example (Postfix) with ESMTPS id 4Q{hop}\r\n\tfor <user@shop.example>; \
             Sun, 22 Nov 2026 10:00:0{hop} +0000 (UTC)\r\n"
        ));
    }
    header.push_str(&format!(
        "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nFrom: {from}\r\nReply-To: {from}\r\n\
         To: Joe <user@shop.example>\r\nMessage-ID: <0100019a8f3c@sender.example>\r\n\
         Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/{kind}; charset=UTF-8\r\n\
         Content-Transfer-Encoding: 8bit\r\nFeedback-ID: 1.eu-west-1.abc:SES\r\n\
         List-Unsubscribe: <https://sender.example/u>\r\nX-Mailer: bench\r\n\r\n"
    ));
    [header.as_bytes(), body.as_bytes()].concat()
}

/// A friend's mail, which says nothing of the brand.
pub fn ordinary(octets: usize) -> Letter {
    let raw = raw(
        "Anna Smith <anna@friend.example>",
        "The minutes of Tuesday",
        "plain",
        &text(octets),
    );
    Letter {
        client_ip: OTHER_IP,
        mail_from: "anna@friend.example",
        raw,
    }
}

/// The brand's own mail with one signature, or none.
pub fn signed_once(octets: usize, key: Option<(Key, &str)>) -> Letter {
    let mut raw = shipped(octets);
    if let Some((key, selector)) = key {
        let signer = DkimSigner {
            key,
            ..DkimSigner::new("amazon.com", selector)
        };
        raw = signer.sign(&raw);
    }
    Letter {
        client_ip: GENUINE_IP,
        mail_from: "0100@bounces.amazon.com",
        raw,
    }
}

fn shipped(octets: usize) -> Vec<u8> {
    raw(
        "\"Amazon.com\" <order-update@amazon.com>",
        "Shipped: your order of a garden chair",
        "html",
        &page(octets),
    )
}

/// The brand's own mail with the signatures of its provider and of itself.
pub fn genuine(octets: usize) -> Letter {
    let provider = DkimSigner {
        key: Key::Rsa1024,
        ..DkimSigner::new("amazonses.com", "bench")
    };
    let signed = DkimSigner::new("amazon.com", "bench").sign(&shipped(octets));
    Letter {
        client_ip: GENUINE_IP,
        mail_from: "0100@bounces.amazon.com",
        raw: provider.sign(&signed),
    }
}

/// The brand's address, sent from elsewhere, with a stranger's own signature.
pub fn forged(octets: usize) -> Letter {
    let plain = raw(
        "\"Amazon.com\" <account-update@amazon.com>",
        "Your account is locked",
        "html",
        &page(octets),
    );
    Letter {
        client_ip: OTHER_IP,
        mail_from: "bounce@sender.example",
        raw: DkimSigner::new("sender.example", "bench").sign(&plain),
    }
}

/// A domain that looks like the brand's, all of its own authentication in order.
pub fn lookalike(octets: usize) -> Letter {
    let plain = raw(
        "Customer Service <no-reply@security-amazon.com>",
        "Unusual sign-in",
        "html",
        &page(octets),
    );
    let signer = DkimSigner {
        key: Key::Ed25519,
        ..DkimSigner::new("security-amazon.com", "bench")
    };
    Letter {
        client_ip: "198.51.100.20",
        mail_from: "no-reply@security-amazon.com",
        raw: signer.sign(&plain),
    }
}

/// The brand's name over a stranger's address, all of it authenticated.
pub fn display_name(octets: usize) -> Letter {
    under_the_name("html", &page(octets))
}

/// The same in plain text, which names the brand as well.
pub fn display_name_text(octets: usize) -> Letter {
    let text = format!("Dear Amazon customer,\r\n\r\n{}", text(octets));
    under_the_name("plain", &text)
}

fn under_the_name(kind: &str, body: &str) -> Letter {
    let plain = raw(
        "\"Amazon.com\" <news@sender.example>",
        "You have won a voucher",
        kind,
        body,
    );
    Letter {
        client_ip: OTHER_IP,
        mail_from: "news@sender.example",
        raw: DkimSigner::new("sender.example", "bench").sign(&plain),
    }
}
