//! Messages made up from a seed: claims, names in disguise, charsets and encodings, MIME structures,
//! pages with links and requests in several languages, forms of From, lists, quotes, and proofs by a
//! zone. The same seed and number give the same octets.

mod body;
mod chance;
mod charset;
mod header;
mod words;

use super::support::sign::{Canon, DkimSigner, Key};
use chance::Chance;
use words::NAMES;

/// A generated message.
pub struct Generated {
    /// What went into it, for a file name: `from-brand-official.subject-order.q`.
    pub labels: String,
    /// Which of [`senders`] hands it in.
    pub sender: usize,
    pub message: Vec<u8>,
}

/// Who hands mail in, and in whose name such mail is mostly written.
pub struct Sender {
    /// Options of `check`.
    pub options: &'static [&'static str],
    author: &'static str,
}

/// Clients with good, bad and no names.
pub fn senders() -> &'static [Sender] {
    &[
        Sender {
            options: &[
                "--client-ip",
                "192.0.2.10",
                "--helo",
                "smtp-out.amazon.com",
                "--mail-from",
                "bounces@amazon.com",
            ],
            author: "no-reply@amazon.com",
        },
        Sender {
            options: &[
                "--client-ip",
                "203.0.113.30",
                "--helo",
                "mx.sender.example",
                "--mail-from",
                "bounces@amazon.com",
            ],
            author: "no-reply@amazon.com",
        },
        Sender {
            options: &[
                "--client-ip",
                "203.0.113.30",
                "--helo",
                "mx.sender.example",
                "--mail-from",
                "news@sender.example",
                "--rcpt",
                "user@shop.example",
            ],
            author: "news@sender.example",
        },
        Sender {
            options: &[
                "--client-ip",
                "198.51.100.20",
                "--helo",
                "amazon-login.example",
                "--mail-from",
                "x@amazon-login.example",
            ],
            author: "x@amazon-login.example",
        },
        Sender {
            options: &[
                "--client-ip",
                "203.0.113.31",
                "--helo",
                "mx.friend.example",
                "--mail-from",
                "jane@friend.example",
            ],
            author: "jane@friend.example",
        },
        Sender {
            options: &[
                "--client-ip",
                "203.0.113.30",
                "--helo",
                "mx.sender.example",
                "--mail-from",
                "<>",
            ],
            author: "news@sender.example",
        },
        Sender {
            options: &[
                "--client-ip",
                "203.0.113.40",
                "--helo",
                "list.example",
                "--mail-from",
                "list-bounces@list.example",
            ],
            author: "jane@friend.example",
        },
        Sender {
            options: &[
                "--client-ip",
                "203.0.113.50",
                "--helo",
                "mx.sick.example",
                "--mail-from",
                "x@sick.example",
            ],
            author: "x@sick.example",
        },
        Sender {
            options: &[],
            author: "no-reply@amazon.com",
        },
    ]
}

/// What DNS says. Names and keys are the tests' own.
pub fn zone() -> String {
    let records = [
        "amazon.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"".to_owned(),
        "amazon.com. MX 5 smtp.amazon.com.".into(),
        "_dmarc.amazon.com. TXT \"v=DMARC1; p=quarantine\"".into(),
        "amazon.de. TXT \"v=spf1 include:amazon.com -all\"".into(),
        "_dmarc.amazon.de. TXT \"v=DMARC1; p=reject\"".into(),
        "bounces.amazon.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"".into(),
        Key::Rsa.record("good", "amazon.com"),
        Key::Ed25519.record("curve", "amazon.com"),
        Key::Ed25519.record("good", "audible.com"),
        "amazon-login.example. TXT \"v=spf1 ip4:198.51.100.20 -all\"".into(),
        "_dmarc.amazon-login.example. TXT \"v=DMARC1; p=reject\"".into(),
        Key::Ed25519.record("good", "amazon-login.example"),
        "sender.example. TXT \"v=spf1 ip4:203.0.113.30 ~all\"".into(),
        "_dmarc.sender.example. TXT \"v=DMARC1; p=none\"".into(),
        Key::Ed25519.record("good", "sender.example"),
        "friend.example. TXT \"v=spf1 ip4:203.0.113.31 -all\"".into(),
        "friend.example. MX 5 mx.friend.example.".into(),
        Key::Ed25519.record("good", "friend.example"),
        "list.example. TXT \"v=spf1 ip4:203.0.113.40 -all\"".into(),
        Key::Ed25519.record("good", "list.example"),
        "sick.example. SERVFAIL".into(),
        "_dmarc.sick.example. SERVFAIL".into(),
    ];
    records
        .map(|record| record.trim_end().to_owned() + "\n")
        .concat()
}

/// Message `number` of a seed.
pub fn message(seed: u64, number: u64) -> Generated {
    let mut draft = Draft {
        chance: Chance::new(seed, number),
        labels: Vec::new(),
    };
    let sender = draft.chance.below(senders().len());
    let from = header::from(&mut draft, &senders()[sender]);
    let subject = header::subject(&mut draft);
    let others = header::others(&mut draft);
    let body = body::body(&mut draft);
    let fixed = format!(
        "To: user@shop.example\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{number}@sender.example>\r\n"
    );
    let mut parts = vec![from, subject, others, fixed.into_bytes()];
    if draft.chance.one_in(4) {
        parts.rotate_left(2);
    }
    parts.push(body);
    let message = signed(&mut draft, parts.concat());
    Generated {
        labels: draft.labels.join("."),
        sender,
        message,
    }
}

/// With a signature, good or bad, or without.
fn signed(draft: &mut Draft, message: Vec<u8>) -> Vec<u8> {
    const DOMAINS: [&str; 6] = [
        "amazon.com",
        "amazon.com",
        "sender.example",
        "friend.example",
        "amazon-login.example",
        "list.example",
    ];
    let kind = draft.chance.below(16);
    if kind > 5 {
        return message;
    }
    let mut signer = DkimSigner::new(draft.chance.pick(&DOMAINS), "good");
    signer.key = Key::Ed25519;
    if signer.domain == "amazon.com" {
        match draft.chance.one_in(2) {
            true => signer.selector = "curve".to_owned(),
            false => signer.key = Key::Rsa,
        }
    }
    let label = match kind {
        0 => "signed-changed",
        1 => {
            signer.selector = "gone".to_owned();
            "signed-no-key"
        }
        2 => {
            signer.expiration = Some(1_700_000_000);
            signer.timestamp = Some(1_600_000_000);
            "signed-expired"
        }
        3 => {
            signer.length = Some(0);
            signer.header_canon = Canon::Simple;
            "signed-partly"
        }
        _ => "signed",
    };
    draft.label(&format!("{label}-{}", signer.domain));
    let mut message = signer.sign(&message);
    if label == "signed-changed" {
        message.extend_from_slice(b"changed on the way\r\n");
    }
    message
}

/// A message in the making: the choices left, and what was chosen.
struct Draft {
    chance: Chance,
    labels: Vec<String>,
}

impl Draft {
    /// Labels end in file names: letters, digits and hyphens.
    fn label(&mut self, text: &str) {
        let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let label: String = text.chars().map(safe).collect();
        if !self.labels.contains(&label) {
            self.labels.push(label);
        }
    }

    /// A sentence with a name in the place of its `%`; `3 %` stays.
    fn filled(&mut self, text: &str) -> String {
        match text.contains('%') {
            true => {
                let (label, name) = self.chance.pick(&NAMES);
                self.label(&format!("names-{label}"));
                text.replacen('%', name, 1)
            }
            false => text.to_owned(),
        }
    }
}
