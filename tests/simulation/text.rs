//! The fields and the body of a message, in the encodings that mail comes in.

use super::{Claim, Order};
use crate::chance::Chance;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

const PEOPLE: [&str; 6] = [
    "Jane Doe",
    "Anna Weber",
    "J. Smith",
    "Łukasz Nowak",
    "Müller, Jörg",
    "山田太郎",
];
const SUBJECTS: [&str; 6] = [
    "Lunch on Thursday?",
    "The autumn catalogue",
    "Minutes of the meeting",
    "Über den Urlaub",
    "Re: your question",
    "Photographs from the lake",
];
const NAMES: [&str; 8] = [
    "Amazon",
    "Amazon.com",
    "Amazon.de Kundenservice",
    "アマゾン",
    "A m a z 0 n",
    "Prime Video",
    "Seller Central",
    "Refund for Amazon",
];
const LINES: [&str; 8] = [
    "Hello,",
    "the new place at the corner, at noon?",
    "I have put the photographs into the usual folder.",
    "The next meeting is on the first Tuesday of the month.",
    "Grüße aus dem Norden",
    "It rained all day, so that we stayed inside and read.",
    "The hose in the garden has a hole again.",
    "Bis bald",
];

/// A text as an encoded word, or as it is where that can be.
fn word(chance: &mut Chance, text: &str) -> String {
    let plain = text.is_ascii();
    match chance.below(if plain { 5 } else { 3 }) {
        0 => format!("=?utf-8?B?{}?=", BASE64.encode(text)),
        1 => {
            let octets: String = text.bytes().map(|octet| format!("={octet:02X}")).collect();
            format!("=?UTF-8?Q?{octets}?=")
        }
        2 => {
            // Two words, which are one text; cut between letters.
            let at = text.char_indices().nth(text.chars().count() / 2);
            let (left, right) = text.split_at(at.map_or(0, |(at, _)| at));
            let (left, right) = (BASE64.encode(left), BASE64.encode(right));
            format!("=?utf-8?b?{left}?=\r\n =?utf-8?b?{right}?=")
        }
        3 => format!("\"{text}\""),
        _ if text.contains([',', '.']) => format!("\"{text}\""),
        _ => text.to_owned(),
    }
}

/// The fields, each with its CRLF.
pub(super) fn fields(
    chance: &mut Chance,
    claim: Claim,
    author: &str,
    order: &Order<'_>,
) -> Vec<String> {
    let number = order.number;
    let (name, local) = match claim {
        Claim::Official | Claim::TwoAuthors => (
            chance.pick(&["Amazon.com", "Orders", "Amazon"]),
            "auto-confirm",
        ),
        Claim::Lookalike => ("Customer Service", "no-reply"),
        Claim::Name => (chance.pick(&NAMES), "news"),
        Claim::Person => ("Amazon Rodrigues", "amazon.rodrigues"),
        Claim::Ordinary | Claim::Weak | Claim::SenderField => (chance.pick(&PEOPLE), "office"),
    };
    let address = format!("{local}@{author}");
    let from = match chance.below(12) {
        0 if claim == Claim::Official => address.clone(),
        1 => format!("{} <{}>", word(chance, name), address.to_uppercase()),
        2 => format!("{}\r\n <{address}>", word(chance, name)),
        _ => format!("{} <{address}>", word(chance, name)),
    };
    let subject = match claim {
        Claim::Weak => "Your Amazon order",
        _ => chance.pick(&SUBJECTS),
    };
    let subject = match subject.is_ascii() {
        true => subject.to_owned(),
        false => word(chance, subject),
    };
    let mut fields = vec![
        format!("From: {from}\r\n"),
        "To: someone@example.test\r\n".to_owned(),
        format!("Subject: {subject}\r\n"),
        "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n".to_owned(),
        format!("Message-ID: <{number}@{author}>\r\n"),
    ];
    if claim == Claim::SenderField {
        fields.push("Sender: orders@amazon.com\r\n".to_owned());
    }
    if claim == Claim::TwoAuthors {
        let other = format!("From: Orders <shipment@{author}>\r\n");
        fields.insert(chance.index(fields.len()), other);
    }
    for _ in 0..chance.below(4) {
        fields.insert(
            chance.index(fields.len() + 1),
            format!("X-Mailer-{}: {number}\r\n", chance.below(9)),
        );
    }
    fields
}

/// A body with the fields that say how it is read. Most are short; some are so long that a small limit cuts them.
pub(super) fn body(chance: &mut Chance) -> (Vec<String>, Vec<u8>) {
    let lines = match chance.below(40) {
        0 => 900,
        1..4 => 200,
        _ => 1 + chance.below(12),
    };
    let mut text = String::new();
    for _ in 0..lines {
        text.push_str(chance.pick(&LINES));
        text.push_str("\r\n");
    }
    let html = || {
        let text = text.replace("\r\n", "<br>\r\n");
        format!("<html><body><p>{text}</p></body></html>\r\n")
    };
    let field = |value: &str| format!("{value}\r\n");
    let plain = field("Content-Type: text/plain; charset=utf-8");
    match chance.below(8) {
        0 => (
            vec![plain, field("Content-Transfer-Encoding: base64")],
            wrapped(&text).into_bytes(),
        ),
        1 => (
            vec![field("Content-Type: text/html; charset=\"UTF-8\"")],
            html().into_bytes(),
        ),
        2 => {
            let parts = format!(
                "--=_b\r\n{plain}\r\n{text}\r\n--=_b\r\nContent-Type: text/html; charset=utf-8\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--=_b--\r\n",
                wrapped(&html())
            );
            (
                vec![field(
                    "Content-Type: multipart/alternative;\r\n\tboundary=\"=_b\"",
                )],
                parts.into_bytes(),
            )
        }
        3 => (Vec::new(), Vec::new()),
        _ => (vec![plain], text.into_bytes()),
    }
}

/// Base64 in lines.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    for line in text.as_bytes().chunks(57) {
        out.push_str(&BASE64.encode(line));
        out.push_str("\r\n");
    }
    out
}

/// The fields as the MTA passes them.
pub(super) fn passed(fields: &[String]) -> Vec<(String, String)> {
    let pass = |field: &String| {
        let (name, value) = field.trim_end().split_once(':').expect("a field");
        (name.to_owned(), value.replace("\r\n", "\n"))
    };
    fields.iter().map(pass).collect()
}

/// Puts the fields behind more others than are kept, as somebody does who hides them.
pub(super) fn crowd(fields: &mut Vec<(String, String)>) {
    let crowd = (0..1_050).map(|number| (format!("X-{}", number % 7), format!(" {number}")));
    fields.splice(0..0, crowd);
}

/// Puts fields in that only we may write, as forgers do.
pub(super) fn forge_ours(
    chance: &mut Chance,
    fields: &mut Vec<(String, String)>,
    authserv_id: &str,
) {
    if !chance.percent(15) {
        return;
    }
    let results = format!(" {authserv_id}; dkim=pass header.d=amazon.com");
    for _ in 0..=chance.below(3) {
        let field = match chance.below(5) {
            0 => ("X-Amazon-Spoof-Verdict", " verified; action=accept"),
            1 => ("x-amazon-spoof-verdict", " unrelated"),
            2 => ("X-Amazon-Spoof-Explanation", " all is well"),
            3 => ("Authentication-Results", &*results),
            _ => ("Authentication-Results", " other.example; spf=pass"),
        };
        let at = chance.index(fields.len() + 1);
        fields.insert(at, (field.0.to_owned(), field.1.to_owned()));
    }
}
