//! The files of a message: parts that another program shows.

use super::{Kind, Part, fields::Fields, walk};
use crate::mail::{file::FileKind, message::Message};

/// Octets of a body in which files are looked for.
pub(crate) const MAX_BODY: usize = 24 << 20;
/// Files that are handed out, and the octets of one.
const MAX_FILES: usize = 24;
const MAX_FILE: usize = 12 << 20;
/// Octets of a part by which it is told that it is a file, whatever it is called.
const MAX_LOOK: usize = 64;
/// Pictures within pages that are handed out.
const MAX_EMBEDDED: usize = 8;

/// The files of a message, decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Attached {
    pub(crate) files: Vec<Vec<u8>>,
    /// More files, or larger ones, than are handed out.
    pub(crate) beyond: usize,
}

/// Takes the files out of a message. Its body may be longer than what is read of it as text.
pub(crate) fn attached(message: &Message) -> Attached {
    let body = message.body.beginning(MAX_BODY);
    let values = |name: &'static str| {
        let fields = message.headers_named(name);
        fields.map(|header| &*header.value).collect()
    };
    let mut found = walk(Fields::of(values), &body);
    let is_blank = |part: &Part<'_>| part.body.trim_ascii().is_empty();
    if found.parts.iter().all(is_blank) {
        found.open_messages();
    }
    let mut attached = Attached {
        beyond: usize::from(found.cut || body.len() < message.body.len()),
        ..Attached::default()
    };
    for part in &found.files {
        attached.add(part.fields.encoding.decode(&part.body).into_owned());
    }
    for part in found
        .parts
        .iter()
        .filter(|part| part.fields.kind == Kind::Html)
    {
        let page = part.fields.encoding.decode(&part.body);
        embedded_pictures(&page, |picture| attached.add(picture));
    }
    attached
}

/// A text of a message, decoded for transfer.
pub(crate) struct RawText {
    pub(crate) octets: Vec<u8>,
    pub(crate) charset: Option<String>,
    pub(crate) is_html: bool,
}

/// The texts of a message that lies in a file.
pub(crate) fn texts(message: &Message) -> Vec<RawText> {
    let body = message.body.beginning(MAX_BODY);
    let values = |name: &'static str| {
        let fields = message.headers_named(name);
        fields.map(|header| &*header.value).collect()
    };
    let parts = walk(Fields::of(values), &body).parts;
    let texts = parts.into_iter().map(|part| RawText {
        octets: part.fields.encoding.decode(&part.body).into_owned(),
        is_html: part.fields.kind == Kind::Html,
        charset: part.fields.charset,
    });
    texts.collect()
}

impl Attached {
    fn add(&mut self, file: Vec<u8>) {
        match file.len() <= MAX_FILE && self.files.len() < MAX_FILES {
            true if file.is_empty() => {}
            true => self.files.push(file),
            false => self.beyond += 1,
        }
    }
}

/// Whether a page holds pictures itself.
pub(crate) fn holds_picture(page: &str) -> bool {
    memchr::memmem::find(page.as_bytes(), PICTURE).is_some()
}

/// What a part is for whoever opens it. Its first octets tell it, whatever it is called; what they don't tell is
/// what its label says.
pub(super) fn kind(fields: &Fields, body: &[u8]) -> Option<Kind> {
    let start = body.get(..MAX_LOOK.min(body.len())).unwrap_or_default();
    match FileKind::by_magic(&fields.encoding.decode(start)) {
        Some(FileKind::Picture) => Some(Kind::Picture),
        Some(_) => Some(Kind::File),
        None => matches!(fields.kind, Kind::File | Kind::Picture).then_some(fields.kind),
    }
}

const PICTURE: &[u8] = b"data:image/";

/// Pictures that stand in a page themselves (RFC 2397).
fn embedded_pictures(page: &[u8], mut take: impl FnMut(Vec<u8>)) {
    const MARK: &[u8] = b";base64,";
    for at in memchr::memmem::find_iter(page, PICTURE).take(MAX_EMBEDDED) {
        let rest = page.get(at..).unwrap_or_default();
        let head = rest.get(..100.min(rest.len())).unwrap_or_default();
        let Some(mark) = memchr::memmem::find(head, MARK) else {
            continue;
        };
        let data = rest.get(mark + MARK.len()..).unwrap_or_default();
        let is_data = |octet: &u8| {
            octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=' | b'\r' | b'\n')
        };
        let end = data.iter().position(|octet| !is_data(octet));
        let data = data.get(..end.unwrap_or(data.len())).unwrap_or_default();
        let decoder = crate::mail::decode::transfer_encoding::TransferEncoding::Base64;
        take(decoder.decode(data).into_owned());
    }
}

/// Whether a text draws with blocks, by which QR codes are drawn in text.
pub(crate) fn draws(text: &str) -> bool {
    /// Blocks of the smallest code: 21 by 21 squares, half of them dark, two to a character.
    const FEWEST: usize = 100;
    // U+2580 to U+25BF begin with these octets in UTF-8.
    let blocks = memchr::memmem::find_iter(text.as_bytes(), b"\xE2\x96").take(FEWEST);
    blocks.count() == FEWEST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attached_of(message: &str) -> Attached {
        attached(&Message::parse(message.as_bytes()).unwrap())
    }

    #[test]
    fn files_come_decoded_whatever_they_are_called() {
        let found = attached_of(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nHello\n\
             --b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQ=\n\
             --b\nContent-Type: text/plain; name=a.txt\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjU=\n\
             --b\nContent-Type: image/png\n\nx\n\
             --b\nContent-Type: audio/mpeg\n\ny\n--b--\n",
        );
        let files: Vec<&[u8]> = found.files.iter().map(|file| file.trim_ascii()).collect();
        let wanted: [&[u8]; 3] = [b"%PDF-1.4", b"%PDF-1.5", b"x"];
        assert_eq!(files, wanted);
        assert_eq!(found.beyond, 0);
    }

    #[test]
    fn pictures_in_a_page_are_files() {
        let found = attached_of(
            "Content-Type: text/html\n\n<img src=\"data:image/png;base64,aGVsbG8=\"><p>data:image/x\n",
        );
        assert_eq!(found.files, [b"hello"]);
    }

    #[test]
    fn a_hundred_blocks_draw() {
        for block in ["\u{2580}", "\u{2588}", "\u{25BF}"] {
            assert!(draws(&block.repeat(100)), "{block}");
            assert!(!draws(&block.repeat(99)), "{block}");
        }
        for other in ["\u{257F}", "\u{25C0}", "x"] {
            assert!(!draws(&other.repeat(1_000)), "{other}");
        }
        assert!(draws(&" \u{2588}\n".repeat(100)));
    }

    #[test]
    fn what_a_message_within_a_message_holds_is_handed_out_where_there_is_nothing_else() {
        let inner = "Content-Type: multipart/mixed; boundary=i\n\n--i\nContent-Type: application/pdf\n\nx\n--i--\n";
        let alone = format!("Content-Type: message/rfc822\n\n{inner}");
        let files = attached_of(&alone).files;
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].trim_ascii(), b"x");
        let beside = format!(
            "Content-Type: multipart/mixed; boundary=o\n\n--o\n\nSee below.\n--o\n\
             Content-Type: message/rfc822\n\n{inner}\n--o--\n"
        );
        assert_eq!(attached_of(&beside), Attached::default());
    }
}
