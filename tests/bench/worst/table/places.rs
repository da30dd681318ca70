//! The places of a message that a sender fills.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use super::OCTETS;

/// A place, and the message in which it is filled with units.
pub struct Place {
    pub name: &'static str,
    pub make: fn(&str) -> Vec<u8>,
}

/// Octets of one field, about as many as Postfix passes.
const FIELD: usize = 60_000;

pub const PLACES: &[Place] = &[
    place("name", |unit| {
        header(&fields(
            |text| format!("From: \"{text}\" <x@worst.example>"),
            unit,
        ))
    }),
    place("name without quotation marks", |unit| {
        header(&fields(
            |text| format!("From: {text} <x@worst.example>"),
            unit,
        ))
    }),
    place("comment", |unit| {
        header(&fields(
            |text| format!("From: Amazon <x@worst.example> ({text})"),
            unit,
        ))
    }),
    place("encoded name", |unit| {
        header(&fields_of(
            |text| {
                format!(
                    "From: =?utf-8?B?{}?= <x@worst.example>",
                    BASE64.encode(text)
                )
            },
            unit,
            FIELD / 4 * 3,
        ))
    }),
    place("local part", |unit| {
        header(&fields(
            |text| format!("From: Amazon <{text}@worst.example>"),
            unit,
        ))
    }),
    place("domain of From", |unit| {
        let times = 250 / unit.len().max(1);
        let address = |number| format!("Amazon <x@{}{number}.example>,\r\n ", unit.repeat(times));
        let mut from = String::from("From: ");
        let mut number = 0;
        while from.len() < OCTETS {
            if from.len() / FIELD < (from.len() + 300) / FIELD {
                from.push_str("<x@worst.example>\r\nFrom: ");
            }
            from.push_str(&address(number));
            number += 1;
        }
        header(&(from + "<x@worst.example>"))
    }),
    place("reply address", |unit| {
        header(&format!(
            "From: Amazon <x@worst.example>\r\n{}",
            fields(
                |text| format!("Reply-To: \"{text}\" <y@worst.example>"),
                unit
            )
        ))
    }),
    place("subject", |unit| {
        header(&format!(
            "From: Amazon <x@worst.example>\r\n{}",
            fields(|text| format!("Subject: {text}"), unit)
        ))
    }),
    place("trace", |unit| {
        header(&format!(
            "From: Amazon <x@worst.example>\r\n{}",
            fields(|text| format!("Received: from {text}"), unit)
        ))
    }),
    place("list", |unit| {
        header(&format!(
            "From: Amazon <x@worst.example>\r\n{}",
            fields(
                |text| format!("List-Id: {text} <{text}.worst.example>"),
                unit
            )
        ))
    }),
    place("results", |unit| {
        header(&format!(
            "From: Amazon <x@worst.example>\r\n{}",
            fields(|text| format!("Authentication-Results: {text}"), unit)
        ))
    }),
    place("signature", |unit| {
        header(&format!(
            "From: Amazon <x@worst.example>\r\n{}",
            fields(
                |text| format!(
                    "DKIM-Signature: v=1; a=rsa-sha256; d=worst.example; s=worst; h=from:{text}; b={text}; bh={text}"
                ),
                unit
            )
        ))
    }),
    place("other field", |unit| {
        header(&format!(
            "From: Amazon <x@worst.example>\r\n{}",
            fields(|text| format!("X-Other: {text}"), unit)
        ))
    }),
    place("type", |unit| {
        header(&format!(
            "From: Amazon <x@worst.example>\r\n{}",
            fields(
                |text| format!("Content-Type: text/plain; charset={text}; boundary={text}"),
                unit
            )
        ))
    }),
    place("text", |unit| {
        body("text/plain; charset=utf-8", &lines(unit))
    }),
    place("text in one line", |unit| {
        body("text/plain; charset=utf-8", &filled(unit, OCTETS))
    }),
    place("answer", |unit| {
        answer(&format!(
            "Thank you, we look at it on Monday.\r\n\r\nOn Friday Ann wrote:\r\n{}",
            lines(unit)
        ))
    }),
    place("text in base64", |unit| {
        let text = BASE64.encode(filled(unit, OCTETS / 4 * 3));
        body(
            "text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64",
            &text,
        )
    }),
    place("page", |unit| {
        body("text/html; charset=utf-8", &lines(unit))
    }),
    place("page in one line", |unit| {
        body("text/html; charset=utf-8", &filled(unit, OCTETS))
    }),
    place("text of links", |unit| {
        let label = filled(unit, 500);
        links(|number| format!("<a href=\"https://a.example/{number}\">{label}{number}</a>\r\n"))
    }),
    place("host of links", |unit| {
        let host = filled(unit, 200);
        links(|number| format!("<a href=\"https://{host}{number}.example/\">x{number}</a>\r\n"))
    }),
    place("user of links", |unit| {
        let user = filled(unit, 450);
        links(|number| format!("<a href=\"https://{user}{number}@a.example/\">x{number}</a>\r\n"))
    }),
    place("path of links", |unit| {
        let path = filled(unit, 450);
        links(|number| format!("<a href=\"https://a.example/{path}{number}\">x{number}</a>\r\n"))
    }),
    place("query of links", |unit| {
        let path = filled(&format!("&u={unit}"), 450);
        links(|number| {
            format!("<a href=\"https://amazon.com/?{path}{number}\">amazon.com/{number}</a>\r\n")
        })
    }),
    place("one long link", |unit| {
        let path = filled(unit, OCTETS);
        body(
            "text/html; charset=utf-8",
            &format!("<a href=\"https://a.example/?u={path}\">amazon.com</a>"),
        )
    }),
    place("address in text", |unit| {
        body(
            "text/plain; charset=utf-8",
            &format!("https://a.example/{}", filled(unit, OCTETS)),
        )
    }),
    place("attribute", |unit| {
        let value = filled(unit, 900).replace('"', "'");
        links(|number| format!("<p style=\"{value}{number}\" class=\"{value}\">x</p>\r\n"))
    }),
    place("name of tags", |unit| {
        let name = filled(unit, 30).replace([' ', '<', '>'], "");
        links(|number| format!("<a{name}{number} {name}={number}>x</a{name}{number}>"))
    }),
    place("field of a form", |unit| {
        let name = filled(unit, 60).replace('"', "'");
        links(|number| format!("<input type=text name=\"{name}{number}\" placeholder=\"{name}\">"))
    }),
    place("style sheet", |unit| {
        let page = "<p class=\"a b c\">Your account.</p>\r\n".repeat(1_000);
        let sheet = filled(unit, OCTETS - page.len());
        body(
            "text/html; charset=utf-8",
            &format!("<style>{sheet}</style>{page}"),
        )
    }),
    place("text of pictures", |unit| {
        let alt = filled(unit, 450).replace('"', "'");
        links(|number| format!("<img src=\"a\" alt=\"{number} {alt}\">\r\n"))
    }),
    place("hidden text", |unit| {
        let text = filled(unit, 450);
        links(|number| format!("<p>word<i style=\"display:none\">{text}</i>{number}</p>\r\n"))
    }),
    place("page's comment", |unit| {
        body(
            "text/html; charset=utf-8",
            &format!("<!--[if mso]>{}<![endif]-->", filled(unit, OCTETS)),
        )
    }),
    place("header of parts", |unit| {
        let name = filled(unit, 3_000);
        let part = format!(
            "--b\r\nContent-Type: text/plain; name=\"{name}\"; charset={name}\r\nContent-Disposition: {name}\r\n\r\nx\r\n"
        );
        body("multipart/mixed; boundary=b", &filled(&part, OCTETS))
    }),
    place("calendar", |unit| {
        body(
            "text/calendar; charset=utf-8",
            &format!("BEGIN:VCALENDAR\r\nDESCRIPTION:{}", lines(unit)),
        )
    }),
];

const fn place(name: &'static str, make: fn(&str) -> Vec<u8>) -> Place {
    Place { name, make }
}

/// `unit` over and over, whole, in about so many octets.
pub fn filled(unit: &str, octets: usize) -> String {
    unit.repeat((octets / unit.len()).max(1))
}

/// The same in lines of mail.
pub fn lines(unit: &str) -> String {
    let line = filled(unit, 900) + "\r\n";
    filled(&line, OCTETS)
}

/// As many fields as come to the octets of an input, each with its number in it.
fn fields(field: impl Fn(&str) -> String, unit: &str) -> String {
    fields_of(field, unit, FIELD)
}

fn fields_of(field: impl Fn(&str) -> String, unit: &str, octets: usize) -> String {
    let one = |number| field(&format!("{number} {}", filled(unit, octets)));
    let size = one(0).len();
    let fields: Vec<String> = (0..(OCTETS / size).max(1)).map(one).collect();
    fields.join("\r\n")
}

/// As many links as come to the octets of an input, in a page.
fn links(link: impl Fn(usize) -> String) -> Vec<u8> {
    let mut page = String::new();
    let mut number = 0;
    while page.len() < OCTETS {
        page.push_str(&link(number));
        number += 1;
    }
    body("text/html; charset=utf-8", &page)
}

/// A message of which the header is what counts.
pub fn header(fields: &str) -> Vec<u8> {
    format!("{fields}\r\nTo: user@shop.example\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nYour Amazon account.\r\n").into_bytes()
}

/// The same in answer to another.
fn answer(text: &str) -> Vec<u8> {
    format!(
        "From: Amazon <x@worst.example>\r\nTo: user@shop.example\r\nSubject: Re: Your account\r\n\
         In-Reply-To: <1@shop.example>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    )
    .into_bytes()
}

/// A message that claims the brand, of which the body is what counts.
pub fn body(kind: &str, text: &str) -> Vec<u8> {
    body_of(kind, text.as_bytes())
}

pub fn body_of(kind: &str, octets: &[u8]) -> Vec<u8> {
    let head = format!(
        "From: Amazon <x@worst.example>\r\nTo: user@shop.example\r\nSubject: Your account\r\n\
         Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: {kind}\r\n\r\n"
    );
    [head.as_bytes(), octets].concat()
}
