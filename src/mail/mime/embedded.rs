//! Messages and saved pages within a message: a header and a body of their own.

use super::{Fields, Part, Walk, fields::Machine, line_end, walk};
use crate::mail::decode::header_text;
use std::borrow::Cow;

/// Messages within messages that are read.
const MAX_NESTED: usize = 3;

/// Reads something that has a header of its own: its parts, and its subject as a text before them. `depth`: how
/// many others it lies in.
pub(super) fn walk_entity(octets: &[u8], depth: usize) -> Walk<'_> {
    let (header, body) = halves(octets);
    let mut found = walk(Fields::read(header), body);
    if let Some(subject) = field(header, b"subject") {
        let text = header_text(&subject);
        found.parts.insert(
            0,
            Part {
                fields: Fields::new(Some(b"text/plain; charset=utf-8"), None, None),
                body: Cow::Owned(text.into_bytes()),
            },
        );
    }
    match depth < MAX_NESTED {
        true => {
            for message in std::mem::take(&mut found.messages) {
                let octets = message.fields.encoding.decode(&message.body);
                let inner = walk_entity(&octets, depth + 1).into_owned();
                found.add(inner);
            }
        }
        false => found.cut |= !found.messages.is_empty(),
    }
    found
}

/// Header and body, which an empty line parts.
fn halves(octets: &[u8]) -> (&[u8], &[u8]) {
    let octets = octets.trim_ascii_start();
    let mut at = 0;
    while at < octets.len() {
        let end = line_end(octets, at);
        let line = octets.get(at..end).unwrap_or_default();
        if line.trim_ascii().is_empty() {
            let (header, body) = octets.split_at_checked(end).unwrap_or((octets, b""));
            return (header, body);
        }
        at = end;
    }
    (octets, b"")
}

/// The value of a field, unfolded.
fn field(header: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let mut value: Option<Vec<u8>> = None;
    for line in header.split_inclusive(|&b| b == b'\n') {
        match &mut value {
            Some(value) if matches!(line.first(), Some(b' ' | b'\t')) => {
                value.extend_from_slice(line)
            }
            Some(_) => break,
            None => {
                let colon = memchr::memchr(b':', line).unwrap_or(0);
                let (found, rest) = line.split_at_checked(colon)?;
                if found.trim_ascii().eq_ignore_ascii_case(name) {
                    value = rest.get(1..).map(<[u8]>::to_vec);
                }
            }
        }
    }
    value
}

/// Whether octets begin with a field of a header.
pub(super) fn begins_as_header(octets: &[u8]) -> bool {
    const LONGEST: usize = 80;
    let start = octets.get(..LONGEST.min(octets.len())).unwrap_or_default();
    let Some(colon) = memchr::memchr(b':', start) else {
        return false;
    };
    let name = start.get(..colon).unwrap_or_default().trim_ascii_end();
    let is_name = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.');
    !name.is_empty() && name.iter().all(is_name)
}

/// Whether a machine's part says what its kind has to say (RFC 3464 section 2.3, RFC 5965 section 3.1).
pub(super) fn is_machines(machine: Machine, body: &[u8]) -> bool {
    let says = |name: &[u8]| field(body, name).is_some();
    match machine {
        Machine::No => false,
        Machine::Delivery => true,
        Machine::Abuse => says(b"feedback-type") && says(b"user-agent") && says(b"version"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::mime::Kind;

    fn texts(octets: &[u8]) -> Vec<(Kind, String)> {
        let found = walk_entity(octets, 0);
        let text = |part: Part<'_>| String::from_utf8_lossy(&part.body).trim().to_owned();
        found
            .parts
            .into_iter()
            .map(|part| (part.fields.kind, text(part)))
            .collect()
    }

    #[test]
    fn a_message_within_is_read_with_its_subject() {
        let message = b"Subject: =?utf-8?q?H=C3=A9?=\n llo\nContent-Type: text/html\n\n<p>x\n";
        assert_eq!(
            texts(message),
            [
                (Kind::Plain, "H\u{e9} llo".to_owned()),
                (Kind::Html, "<p>x".to_owned())
            ]
        );
        let nested = b"Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nX: y\n\nz";
        assert_eq!(texts(nested), [(Kind::Plain, "z".to_owned())]);
    }

    #[test]
    fn headers_begin_with_a_name() {
        assert!(begins_as_header(b"Content-Type: x\n"));
        assert!(!begins_as_header(b"Dear customer: hello\n"));
        assert!(!begins_as_header(b"https\n"));
    }

    #[test]
    fn an_empty_line_parts_header_and_body() {
        for (octets, header, body) in [
            ("A: b\n\nc", "A: b\n\n", "c"),
            ("A: b\r\n \r\nc\n\nd", "A: b\r\n \r\n", "c\n\nd"),
            ("\n\nA: b\n\nc", "A: b\n\n", "c"),
            ("A: b", "A: b", ""),
            ("A: b\n", "A: b\n", ""),
            ("A: b\n\n", "A: b\n\n", ""),
            ("", "", ""),
        ] {
            let expected = (header.as_bytes(), body.as_bytes());
            assert_eq!(halves(octets.as_bytes()), expected, "{octets:?}");
        }
        for (header, expected) in [
            ("A: b\nC: d\n", Some(" d\n")),
            ("c : d\n", Some(" d\n")),
            ("C: d\n e\n\tf\nA: b\n", Some(" d\n e\n\tf\n")),
            ("C: d\nC: e\n", Some(" d\n")),
            ("CC: d\n", None),
            ("C\nC: d\n", Some(" d\n")),
            ("", None),
        ] {
            let found = field(header.as_bytes(), b"c");
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{header:?}");
        }
        let name =
            |length: usize| begins_as_header(format!("{}: x", "x".repeat(length)).as_bytes());
        assert!(name(1) && name(79) && !name(80) && !name(0));
        assert!(begins_as_header(b"X_a.b-1 : x") && !begins_as_header(b"a(b): x"));
    }

    #[test]
    fn a_machines_part_says_what_its_kind_has_to_say() {
        let all = ["Feedback-Type: abuse\n", "User-Agent: x\n", "Version: 1\n"];
        assert!(is_machines(Machine::Abuse, all.concat().as_bytes()));
        for missing in 0..3 {
            let mut some = all.to_vec();
            some.remove(missing);
            assert!(
                !is_machines(Machine::Abuse, some.concat().as_bytes()),
                "{missing}"
            );
        }
        assert!(is_machines(Machine::Delivery, b"") && !is_machines(Machine::No, b""));
    }
}
