//! What files show, as pages like those of the text.

use crate::mail::{
    file::{FileKind, Files, Outcome, Piece, ReadFile},
    mime,
    visible_text::{Page, Pages, prefix},
};
use crate::{html, mail::message::Message, wants::parts::Parts};

/// Octets that are read of all that the files of a message show.
pub(crate) const MAX_TEXT: usize = 1 << 20;

/// What is read of a message: what came, and what is known of its files.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// As it came.
    pub message: &'a Message,
    /// Its files.
    pub files: &'a Files,
}

impl<'a> From<&'a Message> for Letter<'a> {
    /// One whose files nobody opened.
    fn from(message: &'a Message) -> Self {
        Self {
            message,
            files: &Files::Closed,
        }
    }
}

/// The files of a message that a reader of files should open, decoded, and how many more there are. What is
/// drawn in its texts, of which at most `max_body` octets are read, is one as well.
pub fn to_open(message: &Message, max_body: usize) -> (Vec<Vec<u8>>, usize) {
    let mut attached = mime::attached(message);
    let body = message.body.beginning(max_body);
    for part in Parts::of(message, &body).texts {
        let page = part.pages().seen;
        if mime::draws(&page.text) {
            attached.files.push(page.text.into_bytes());
        }
    }
    (attached.files, attached.beyond)
}

/// Octets of a body that are read: at most `max_body` as text, more where somebody reads its files.
pub fn octets_read(max_body: usize, reads_files: bool) -> usize {
    match reads_files {
        true => max_body.max(mime::MAX_BODY),
        false => max_body,
    }
}

/// What a QR code holds.
pub(crate) struct Code<'a>(pub(crate) &'a str);

impl Code<'_> {
    /// Whether who scans it is led somewhere: to a page, a call, a message.
    pub(crate) fn leads(&self) -> bool {
        const SCHEMES: [&str; 10] = [
            "http:",
            "https:",
            "tel:",
            "sms:",
            "smsto:",
            "mailto:",
            "whatsapp:",
            "data:",
            "javascript:",
            "intent:",
        ];
        let start = prefix(self.0.trim_start(), 16).to_ascii_lowercase();
        SCHEMES.iter().any(|scheme| start.starts_with(scheme)) || start.starts_with("www.")
    }
}

/// What a file shows: its own text with all links, and each page in it. `room`: octets that are still read of
/// all files.
pub(crate) fn pages(file: &ReadFile, room: &mut usize) -> Vec<Pages> {
    let mut text = String::new();
    let mut links = Vec::new();
    let mut pages = Vec::new();
    for piece in &file.pieces {
        let octets = match piece {
            Piece::Text(text) | Piece::Page(text) | Piece::Code(text) => text.len(),
            Piece::Link { target, label } => target.len() + label.len(),
        };
        if octets > *room {
            *room = 0;
            break;
        }
        *room -= octets;
        match piece {
            Piece::Page(source) => pages.push(html::read(source).with_small_l()),
            Piece::Link { target, label } => links.push((target.as_str(), label.as_str())),
            Piece::Code(held) if Code(held).leads() => links.push((held.trim(), "")),
            Piece::Text(more) | Piece::Code(more) => {
                text.push_str(more);
                text.push_str("\n\n");
            }
        }
    }
    let mut page = Page::plain(&text);
    for (target, label) in links {
        if let Some(link) = page.add_link(target.to_owned(), String::new()) {
            page.add_label(link, label);
            page.end_link(link);
        }
    }
    pages.insert(0, Pages::one(page).with_small_l());
    pages
}

/// The codes in files that lead somewhere.
pub(crate) fn leading_codes(files: &Files) -> impl Iterator<Item = &str> {
    opened(files).iter().flat_map(|file| {
        file.pieces.iter().filter_map(|piece| match piece {
            Piece::Code(held) if Code(held).leads() => Some(held.trim()),
            _ => None,
        })
    })
}

/// The files that were opened.
pub(crate) fn opened(files: &Files) -> &[ReadFile] {
    match files {
        Files::Opened(files) => files,
        Files::Closed | Files::Ignored => &[],
    }
}

/// Whether what is in a file is not known.
pub(crate) fn is_unread(file: &ReadFile) -> bool {
    file.outcome != Outcome::Read
}

/// Whether it is more than a picture.
pub(crate) fn is_document(file: &ReadFile) -> bool {
    !matches!(file.kind, FileKind::Picture | FileKind::Text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::file::{FileKind, Outcome};

    #[test]
    fn a_file_is_read_as_far_as_there_is_room() {
        let piece = |text: &str| Piece::Text(text.to_owned());
        let file = ReadFile {
            pieces: vec![piece("four"), piece("five5"), piece("six")],
            ..ReadFile::unread(FileKind::Pdf, Outcome::Read)
        };
        let shown = |mut room: usize| {
            let text = pages(&file, &mut room).remove(0).seen.text;
            let words: Vec<&str> = text.split_whitespace().collect();
            (words.join(" "), room)
        };
        assert_eq!(shown(20), ("four five5 six".to_owned(), 8));
        assert_eq!(shown(9), ("four five5".to_owned(), 0));
        assert_eq!(shown(8), ("four".to_owned(), 0));
    }
}
