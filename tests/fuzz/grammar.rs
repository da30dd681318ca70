//! Mail by its grammar: the octets of an input choose among fields, words, parts and encodings, so that a
//! fuzzer that changes one octet changes one choice, and what comes out is mail nearly always.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

/// Parts within parts.
const DEPTH: u8 = 4;

/// Octets of a message, about.
const LENGTH: usize = 64 << 10;

const WORDS: [&str; 24] = [
    "Amazon",
    "amazon.com",
    "AMAZ0N",
    "ama\u{200b}zon",
    "\u{430}mazon",
    "Prime",
    "order",
    "account",
    "Your",
    "is locked",
    "password",
    "confirm",
    "Jane Doe",
    "via",
    "List",
    "\u{202e}nozama",
    "gift card",
    "=",
    "?=",
    "\"",
    "\\",
    "(x)",
    "https://amazon.com.evil.example/",
    "+1 888 555 0100",
];
const HOSTS: [&str; 12] = [
    "amazon.com",
    "shop.example",
    "amazon-konto.example",
    "xn--mazon-3ve.com",
    "gmail.com",
    "amazon.de",
    "[192.0.2.1]",
    "a..example",
    "AMAZON.COM.",
    "amazonses.com",
    "lists.example",
    "m.media-amazon.com",
];
const NAMES: [&str; 14] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Subject",
    "Received",
    "List-Id",
    "In-Reply-To",
    "Authentication-Results",
    "DKIM-Signature",
    "ARC-Seal",
    "X-Amazon-Spoof-Verdict",
    "Resent-From",
    "Content-Disposition",
];
const TAGS: [&str; 16] = [
    "<p>",
    "</p>",
    "<b>",
    "<a href=\"https://evil.example/x\">",
    "</a>",
    "<span style=\"display:none\">",
    "</span>",
    "<!--",
    "-->",
    "<style>.a{color:#fff}</style>",
    "<div class=a>",
    "</div>",
    "<form action=//e.example>",
    "<input type=password>",
    "<blockquote type=cite>",
    "</blockquote>",
];

/// The octets that choose.
pub(crate) struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    pub(crate) fn of(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    fn octet(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn below(&mut self, bound: u8) -> u8 {
        self.octet() % bound
    }

    fn one<'t>(&mut self, among: &[&'t str]) -> &'t str {
        let at = usize::from(self.octet()) % among.len();
        among.get(at).copied().unwrap_or_default()
    }

    fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}

/// A whole message.
pub(crate) fn message(choices: &mut Choices<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..=choices.below(12) {
        let name = choices.one(&NAMES);
        field(choices, name, &mut out);
    }
    part(choices, DEPTH, &mut out);
    out
}

fn field(choices: &mut Choices<'_>, name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(choices.one(&[": ", ":", ":\t", " : ", ":\r\n "]).as_bytes());
    match name {
        "From" | "Sender" | "Reply-To" | "To" | "Resent-From" => mailboxes(choices, out),
        _ => text(choices, out),
    }
    out.extend_from_slice(b"\r\n");
}

fn mailboxes(choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    for nth in 0..=choices.below(3) {
        if nth > 0 {
            out.extend_from_slice(choices.one(&[", ", ",", ";", ": ", "\r\n "]).as_bytes());
        }
        let quoted = choices.below(3) == 0;
        if quoted {
            out.push(b'"');
        }
        text(choices, out);
        if quoted {
            out.push(b'"');
        }
        let (open, close) = match choices.below(5) {
            0 => ("", ""),
            1 => (" <", ""),
            2 => (" <@relay.example:", ">"),
            _ => (" <", ">"),
        };
        let local = choices.one(&[
            "no-reply",
            "amazon",
            "\"a b\"",
            "joe+amazon",
            "",
            "a.b",
            "=?utf-8?q?x?=",
        ]);
        let host = choices.one(&HOSTS);
        out.extend_from_slice(format!("{open}{local}@{host}{close}").as_bytes());
    }
}

/// Words in the encodings of headers.
fn text(choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    for _ in 0..=choices.below(4) {
        let word = choices.one(&WORDS);
        let encoded = match choices.below(7) {
            0 => format!("=?utf-8?B?{}?=", BASE64.encode(word)),
            1 => format!(
                "=?{}?Q?{}?=",
                choices.one(&["utf-8", "latin1", "x-unknown", "utf-7"]),
                quoted_printable(word)
            ),
            2 => format!("{word}\r\n "),
            3 => format!("({word})"),
            _ => format!("{word} "),
        };
        out.extend_from_slice(encoded.as_bytes());
    }
}

fn quoted_printable(text: &str) -> String {
    text.bytes().map(|octet| format!("={octet:02X}")).collect()
}

/// The fields and the body of a part.
fn part(choices: &mut Choices<'_>, depth: u8, out: &mut Vec<u8>) {
    let is_over = depth == 0 || out.len() > LENGTH || choices.is_over();
    match if is_over { 0 } else { choices.below(6) } {
        0..3 => leaf(choices, out),
        3 => {
            out.extend_from_slice(b"Content-Type: message/rfc822\r\n\r\nFrom: ");
            mailboxes(choices, out);
            out.extend_from_slice(b"\r\n");
            part(choices, depth - 1, out);
        }
        _ => several(choices, depth, out),
    }
}

fn several(choices: &mut Choices<'_>, depth: u8, out: &mut Vec<u8>) {
    let kind = choices.one(&["mixed", "alternative", "related", "digest", "report"]);
    // At times the same as that of the part around it.
    let boundary = format!("b{}", choices.below(3));
    let said = choices.one(&["boundary=", "boundary*0=", "Boundary = "]);
    out.extend_from_slice(
        format!("Content-Type: multipart/{kind}; {said}\"{boundary}\"\r\n\r\n").as_bytes(),
    );
    for _ in 0..=choices.below(3) {
        out.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
        part(choices, depth - 1, out);
    }
    if choices.below(4) > 0 {
        out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    }
}

fn leaf(choices: &mut Choices<'_>, out: &mut Vec<u8>) {
    let kind = choices.one(&[
        "text/plain",
        "text/html",
        "text/calendar",
        "application/pdf; name=\"Amazon.pdf\"",
        "image/png",
    ]);
    let charset = choices.one(&[
        "utf-8",
        "iso-8859-1",
        "utf-7",
        "iso-2022-jp",
        "windows-1252",
        "nonsense",
    ]);
    let encoding = choices.one(&["7bit", "base64", "quoted-printable", "8bit", "x-uuencode"]);
    let mut body = Vec::new();
    for _ in 0..choices.below(24) {
        match choices.below(3) {
            0 => body.extend_from_slice(choices.one(&TAGS).as_bytes()),
            1 => body.extend_from_slice(
                choices
                    .one(&["\r\n", " ", "\t", "&nbsp;", "> ", "\r\n\r\n", "-- \r\n"])
                    .as_bytes(),
            ),
            _ => body.extend_from_slice(choices.one(&WORDS).as_bytes()),
        }
    }
    let said = format!(
        "Content-Type: {kind}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    );
    out.extend_from_slice(said.as_bytes());
    match encoding {
        "base64" => out.extend_from_slice(BASE64.encode(&body).as_bytes()),
        "quoted-printable" => {
            out.extend_from_slice(quoted_printable(&String::from_utf8_lossy(&body)).as_bytes())
        }
        _ => out.extend_from_slice(&body),
    }
    out.extend_from_slice(b"\r\n");
}
