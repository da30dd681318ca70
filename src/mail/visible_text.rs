//! What a part shows to a person, whatever it was written in.

use crate::mail::quoted_reply;
use std::ops::Range;

/// Links of one part that are looked at.
const MAX_LINKS: usize = 2_000;
/// Octets of a link's own text that are kept. An address or a name is at its beginning.
const MAX_LABEL: usize = 600;
/// Input fields of one part that are kept.
const MAX_FIELDS: usize = 200;

/// The visible text of a part and everything in it that leads elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Visible text. One line feed is a line break, two are the end of a paragraph.
    pub(crate) text: String,
    pub(crate) links: Vec<Link>,
    pub(crate) fields: Vec<Field>,
    /// Stretches of `text` that somebody else wrote, in order, not overlapping.
    pub(crate) quotes: Vec<Range<usize>>,
    /// Something lay beyond a bound.
    pub(crate) cut: bool,
    /// What is added now stands in a quote.
    pub(crate) quoting: bool,
}

/// Something that leads elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// Where, as written.
    pub(crate) target: String,
    /// What a person sees of it.
    pub(crate) label: String,
    /// Where in the page's text it begins.
    pub(crate) at: usize,
    quoted: bool,
}

/// A field that can be filled in.
#[derive(Debug, Default)]
pub(crate) struct Field {
    /// `<input type=password>`.
    pub(crate) secret: bool,
    /// Its name, placeholder and the like, for the phrase tables.
    pub(crate) label: String,
    at: usize,
    quoted: bool,
}

impl Page {
    /// A part of plain text. Its addresses are found later, in what is judged of it.
    pub(crate) fn plain(text: &str) -> Self {
        let mut page = Self {
            text: with_line_feeds(text),
            ..Self::default()
        };
        page.quotes = quoted_reply::in_plain(&page.text);
        page
    }

    pub(crate) fn add_link(&mut self, target: String, label: String) -> Option<usize> {
        if self.links.len() >= MAX_LINKS {
            self.cut = true;
            return None;
        }
        let at = self.text.len();
        let quoted = self.quoting;
        self.links.push(Link {
            target,
            label,
            at,
            quoted,
        });
        Some(self.links.len() - 1)
    }

    /// Whether so many octets more of a link's own text are kept.
    pub(crate) fn takes(&self, link: usize, octets: usize) -> bool {
        self.links
            .get(link)
            .is_none_or(|link| link.label.len() + octets <= MAX_LABEL)
    }

    pub(crate) fn add_label(&mut self, link: usize, text: &str) {
        if let Some(link) = self.links.get_mut(link) {
            let room = MAX_LABEL.saturating_sub(link.label.len());
            link.label.push_str(prefix(text, room));
        }
    }

    pub(crate) fn add_field(&mut self, secret: bool, label: &str) {
        if self.fields.len() >= MAX_FIELDS {
            self.cut = true;
            return;
        }
        self.fields.push(Field {
            secret,
            label: prefix(label, MAX_LABEL).to_owned(),
            at: self.text.len(),
            quoted: self.quoting,
        });
    }

    /// Whether the sender wrote anything beside what is quoted.
    pub(crate) fn has_own_text(&self) -> bool {
        let mut from = 0;
        let ends = self.quotes.iter().map(|quote| (quote.start, quote.end));
        for (start, end) in ends.chain([(self.text.len(), self.text.len())]) {
            let own = self.text.get(from..start).unwrap_or_default();
            if own.chars().filter(|c| c.is_alphanumeric()).nth(2).is_some() {
                return true;
            }
            from = end;
        }
        false
    }

    /// Takes out what somebody else wrote: text, links and fields.
    pub(crate) fn leave_out_quotes(&mut self) {
        if self.quotes.is_empty() {
            return;
        }
        let quotes = std::mem::take(&mut self.quotes);
        let quoted = |at: usize| {
            let after = quotes.partition_point(|quote| quote.end <= at);
            quotes.get(after).is_some_and(|quote| quote.start <= at)
        };
        self.links.retain(|link| !(link.quoted || quoted(link.at)));
        self.fields
            .retain(|field| !(field.quoted || quoted(field.at)));
        let mut text = String::with_capacity(self.text.len());
        let mut from = 0;
        for quote in &quotes {
            text.push_str(self.text.get(from..quote.start).unwrap_or_default());
            text.push_str("\n\n");
            from = quote.end;
        }
        text.push_str(self.text.get(from..).unwrap_or_default());
        self.text = text;
    }
}

/// The text with `\n` for each `\r\n`.
fn with_line_feeds(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for at in memchr::memchr_iter(b'\r', text.as_bytes()) {
        if text.as_bytes().get(at + 1) == Some(&b'\n') {
            out.push_str(text.get(from..at).unwrap_or_default());
            from = at + 1;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// The first `length` octets of `text` at most, cut at a character.
pub(crate) fn prefix(text: &str, length: usize) -> &str {
    text.get(..text.floor_char_boundary(length))
        .unwrap_or_default()
}
