//! Five messages and their DNS: what the demonstration sends and the end to end tests expect.

use super::sign::{Canon, DkimSigner, Key};
use super::smtp::{Envelope, XClient};

/// One message with the client that hands it in.
#[derive(Clone, Debug)]
pub struct Sample {
    /// A short name, also the local part of its recipient.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    pub client: XClient,
    pub mail_from: &'static str,
    /// Octets as they are sent, CRLF line ends.
    pub message: Vec<u8>,
}

impl Sample {
    /// Its recipient.
    pub fn recipient(&self) -> String {
        format!("{}@example.test", self.name)
    }

    /// Sender and recipient.
    pub fn envelope(&self) -> Envelope {
        Envelope::new(self.mail_from, &[&self.recipient()])
    }
}

/// A server of the brand's, one of somebody who owns a lookalike, one of anybody.
const GENUINE_IP: &str = "192.0.2.10";
const LOOKALIKE_IP: &str = "198.51.100.20";
const OTHER_IP: &str = "203.0.113.30";

/// The DNS of the demonstration. Keys and addresses are the tests' own; no record here is one that
/// the brand publishes, except that its policy has five character-strings like the real one.
pub fn zone() -> String {
    let records = [
        "$TTL 300".to_owned(),
        "amazon.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"".into(),
        "amazon.com. MX 5 amazon-smtp.amazon.com.".into(),
        "_dmarc.amazon.com. TXT \"v=DMARC1;\" \"p=quarantine;\" \"pct=100;\" \"rua=mailto:report@dmarc.amazon.com;\" \"ruf=mailto:report@dmarc.amazon.com\"".into(),
        Key::Rsa.record("demo", "amazon.com"),
        "security-amazon.com. TXT \"v=spf1 ip4:198.51.100.20 -all\"".into(),
        "_dmarc.security-amazon.com. TXT \"v=DMARC1; p=reject\"".into(),
        Key::Ed25519.record("demo", "security-amazon.com"),
        "bulk-sender.example. TXT \"v=spf1 ip4:203.0.113.30 -all\"".into(),
        "_dmarc.bulk-sender.example. TXT \"v=DMARC1; p=reject\"".into(),
        Key::Ed25519.record("demo", "bulk-sender.example"),
        "friend.example. TXT \"v=spf1 ip4:203.0.113.30 -all\"".into(),
    ];
    records.join("\n") + "\n"
}

fn message(from: &str, subject: &str, id: &str, body: &str) -> Vec<u8> {
    let text = format!(
        "From: {from}\r\nTo: someone@example.test\r\nSubject: {subject}\r\n\
         Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{id}@demo.invalid>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    );
    text.into_bytes()
}

fn signer(domain: &str, key: Key) -> DkimSigner {
    DkimSigner {
        key,
        ..DkimSigner::new(domain, "demo")
    }
}

/// The five messages.
pub fn samples() -> Vec<Sample> {
    let genuine = message(
        "\"Amazon.com\" <auto-confirm@amazon.com>",
        "Your order of a garden hose",
        "genuine",
        "Hello,\r\n\r\nyour order is on its way.",
    );
    let forged = message(
        "\"Amazon.com\" <account-update@amazon.com>",
        "The autumn catalogue",
        "forged",
        "Turn its pages at http://203.0.113.30/catalogue.",
    );
    let lookalike = message(
        "\"Customer Service\" <no-reply@security-amazon.com>",
        "The autumn catalogue",
        "lookalike",
        "Turn its pages at https://security-amazon.com/catalogue.",
    );
    let name = message(
        "\"Amazon.com\" <news@bulk-sender.example>",
        "The autumn catalogue",
        "name",
        "Turn its pages at https://bulk-sender.example/catalogue.",
    );
    let ordinary = message(
        "Jane Doe <jane@friend.example>",
        "Lunch on Thursday?",
        "ordinary",
        "The new place at the corner, at noon?",
    );
    // Canonicalization `simple` breaks by a single changed octet on the way.
    let simple = DkimSigner {
        header_canon: Canon::Simple,
        body_canon: Canon::Simple,
        ..signer("amazon.com", Key::Rsa)
    };
    vec![
        Sample {
            name: "genuine",
            about: "genuine mail, signed by amazon.com",
            client: XClient::new(GENUINE_IP, "smtp-out.amazon.com", "smtp-out.amazon.com"),
            mail_from: "bounces@amazon.com",
            message: simple.sign(&genuine),
        },
        Sample {
            name: "forged",
            about: "an amazon.com address in From, sent from elsewhere",
            client: XClient::new(
                OTHER_IP,
                "mail.bulk-sender.example",
                "mail.bulk-sender.example",
            ),
            mail_from: "x@bulk-sender.example",
            message: forged,
        },
        Sample {
            name: "lookalike",
            about: "security-amazon.com, with SPF, DKIM and DMARC of its own in order",
            client: XClient::new(
                LOOKALIKE_IP,
                "mx.security-amazon.com",
                "mx.security-amazon.com",
            ),
            mail_from: "no-reply@security-amazon.com",
            message: signer("security-amazon.com", Key::Ed25519).sign(&lookalike),
        },
        Sample {
            name: "display-name",
            about: "the name Amazon.com over an address elsewhere, all of it authenticated",
            client: XClient::new(
                OTHER_IP,
                "mail.bulk-sender.example",
                "mail.bulk-sender.example",
            ),
            mail_from: "news@bulk-sender.example",
            message: signer("bulk-sender.example", Key::Ed25519).sign(&name),
        },
        Sample {
            name: "ordinary",
            about: "a friend's mail that has nothing to do with Amazon",
            client: XClient::new(OTHER_IP, "mail.friend.example", "mail.friend.example"),
            mail_from: "jane@friend.example",
            message: ordinary,
        },
    ]
}
