//! A message that lies in a file.

use super::{Sheet, read_within, text};
use crate::mail::{file::Outcome, message::Message, mime};

/// Whether a text is a message: its first lines are fields of one.
pub(super) fn is_one(file: &[u8]) -> bool {
    let start = file.get(..2_000.min(file.len())).unwrap_or_default();
    let is_field = |line: &&[u8]| {
        let names: [&[u8]; 7] = [
            b"from:",
            b"received:",
            b"return-path:",
            b"subject:",
            b"mime-version:",
            b"delivered-to:",
            b"to:",
        ];
        names.iter().any(|name| {
            line.get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name))
        })
    };
    start
        .split(|&octet| octet == b'\n')
        .take(20)
        .filter(is_field)
        .count()
        >= 2
}

/// Subject, texts and files, all as text of the message that carries it.
pub(super) fn read(file: &[u8], sheet: &mut Sheet<'_>) {
    let Ok(message) = Message::parse(file) else {
        return text::plain(file, sheet);
    };
    for subject in message.subjects() {
        sheet.text(&subject);
    }
    let attached = mime::attached(&message);
    for part in mime::texts(&message) {
        let text = text::decoded(&part.octets, part.charset.as_deref());
        match part.is_html {
            true => sheet.page(text),
            false => text::shown(&text, sheet),
        }
    }
    if attached.beyond > 0 {
        sheet.spoil(Outcome::Limit);
    }
    for file in attached.files {
        read_within("", &file, sheet);
    }
}
