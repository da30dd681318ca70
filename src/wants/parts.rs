//! The parts of a message as texts, in every way in which a mail program could show them.

use crate::{
    html,
    mail::{
        decode::charset::{self, Guesser},
        lines::Lines,
        message::Message,
        mime,
        visible_text::{Page, Pages, prefix},
    },
};
use std::borrow::Cow;

/// Octets of texts that are read besides the likeliest of each part.
const MAX_OTHER_TEXTS: usize = 128 * 1024;

/// A part of a body as text.
pub(crate) struct PartText<'a> {
    pub(crate) text: Cow<'a, str>,
    pub(crate) is_html: bool,
}

/// All of them.
pub(crate) struct Parts<'a> {
    pub(crate) texts: Vec<PartText<'a>>,
    /// The names of all files, as words.
    pub(crate) file_names: String,
    /// Encrypted parts, and files within text, which nobody reads.
    pub(crate) has_unread: bool,
    /// Files that another program shows.
    pub(crate) has_files: bool,
    /// Pictures.
    pub(crate) has_pictures: bool,
    /// Something lay beyond a bound.
    pub(crate) cut: bool,
}

impl PartText<'_> {
    /// What a reader sees of it.
    pub(crate) fn pages(&self) -> Pages {
        let pages = match self.is_html {
            true => html::read(&self.text),
            false => Pages::one(Page::plain(&self.text)),
        };
        pages.with_small_l()
    }

    /// Whether it holds pictures itself.
    pub(crate) fn holds_picture(&self) -> bool {
        self.is_html && mime::holds_picture(&self.text)
    }

    /// Whether a reader sees a word of it.
    fn has_words(&self) -> bool {
        match self.is_html {
            true => html::read(&self.text)
                .seen
                .text
                .contains(char::is_alphabetic),
            false => self.text.contains(char::is_alphabetic),
        }
    }
}

impl<'a> Parts<'a> {
    /// Reads `body`, as much of it as is to be read.
    pub(crate) fn of(message: &Message, body: &'a [u8]) -> Self {
        let values = |name: &'static str| {
            let fields = message.headers_named(name);
            fields.map(|header| &*header.value).collect()
        };
        let mut walk = mime::walk(mime::Fields::of(values), body);
        let mut guesser = Guesser::default();
        let mut room = MAX_OTHER_TEXTS;
        let mut texts = Vec::new();
        for part in std::mem::take(&mut walk.parts) {
            read(part, &mut guesser, &mut room, &mut texts);
        }
        // A message that holds nothing but another is shown as that one.
        if !walk.messages.is_empty() && !texts.iter().any(PartText::has_words) {
            walk.open_messages();
            for part in std::mem::take(&mut walk.parts) {
                read(part, &mut guesser, &mut room, &mut texts);
            }
        }
        let has = |kind| walk.files.iter().any(|part| part.fields.kind == kind);
        Self {
            file_names: as_words(&walk.file_names),
            has_unread: walk.has_unread,
            has_files: has(mime::Kind::File),
            has_pictures: has(mime::Kind::Picture),
            cut: room == 0 || walk.cut,
            texts,
        }
    }
}

/// Every text that a mail program could show of a part. `room`: how many octets of texts are read besides
/// the likeliest ones.
fn read<'a>(
    part: mime::Part<'a>,
    guesser: &mut Guesser,
    room: &mut usize,
    into: &mut Vec<PartText<'a>>,
) {
    let is_html = part.fields.kind == mime::Kind::Html;
    let lines = match is_html {
        true => Lines::Kept,
        false => part.fields.lines,
    };
    let encoding = part.fields.encoding;
    let octets = match part.body {
        Cow::Borrowed(body) => encoding.decode(body),
        Cow::Owned(body) => Cow::Owned(encoding.decode(&body).into_owned()),
    };
    let named = part.fields.charset;
    let charset = named.or_else(|| is_html.then(|| charset::in_page(&octets)).flatten());
    let texts = charset::part_texts(octets, charset.as_deref(), guesser);
    for (nth, text) in texts.into_iter().enumerate() {
        let text = match nth {
            0 => text,
            _ => Cow::Owned(prefix(&text, *room).to_owned()),
        };
        *room -= if nth == 0 { 0 } else { text.len() };
        into.push(PartText {
            text: lines.joined(text),
            is_html,
        });
    }
}

/// Names of files as a reader reads them: `confirm_your-card.pdf` is four words, and no host.
fn as_words(names: &[String]) -> String {
    let words = names.join("\n\n");
    words.replace(['_', '-', '.', '+'], " ")
}
