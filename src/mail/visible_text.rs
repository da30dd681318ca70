//! What a part shows to a person, whatever it was written in.

use crate::mail::text::{
    capital_i::as_small_l,
    confusables::is_invisible,
    reading_order::{forces, reading_order},
};
use std::{borrow::Cow, ops::Range};
use unicode_normalization::char::is_combining_mark;

/// Links of one part that are looked at.
const MAX_LINKS: usize = 2_000;
/// Octets of a link's own text that are kept. An address or a name is at its beginning.
const MAX_LABEL: usize = 600;
/// Octets of a link's target that count as seen: a link may carry a picture.
const MAX_TARGET: usize = 2_000;
/// Input fields of one part that are kept.
const MAX_FIELDS: usize = 200;
/// Marks over one letter of a link's text that are kept.
const MAX_MARKS: usize = 4;
/// Octets before and after a link's own text that are looked at with it.
const AROUND: usize = 120;
/// Words with hidden letters in them that are kept.
const MAX_CUTS: usize = 64;

/// What a part shows to its reader.
#[derive(Debug)]
pub(crate) struct Pages {
    /// What is seen in most mail programs.
    pub(crate) seen: Page,
    /// The same with all that is hidden; and without what some program could hide. Those that differ.
    pub(crate) others: Vec<Page>,
}

impl Pages {
    pub(crate) fn one(seen: Page) -> Self {
        Self {
            seen,
            others: Vec::new(),
        }
    }

    /// With the reading in which a capital I is a small l, where that differs.
    pub(crate) fn with_small_l(mut self) -> Self {
        if let Some(text) = as_small_l(&self.seen.text) {
            self.others.push(Page {
                text,
                ..self.seen.clone()
            });
        }
        self
    }

    /// All of them, what is seen in most programs first.
    pub(crate) fn into_all(self) -> impl Iterator<Item = Page> {
        std::iter::once(self.seen).chain(self.others)
    }
}

/// The visible text of a part and everything in it that leads elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    /// Visible text. One line feed is a line break, two are the end of a paragraph.
    pub(crate) text: String,
    pub(crate) links: Vec<Link>,
    pub(crate) fields: Vec<Field>,
    /// Stretches of `text` that are set off as quotes are, in order. What is set off needs not be one.
    pub(crate) blocks: Vec<Range<usize>>,
    /// Stretches that are shown so that hardly anybody sees them, in order.
    faint: Vec<Range<usize>>,
    /// Stretches of `text` that stand for pictures, in order.
    alts: Vec<Range<usize>>,
    /// Places within words where letters stand that nobody sees.
    cuts: Vec<usize>,
    /// Something lay beyond a bound.
    pub(crate) cut: bool,
    /// What is added now stands in such a block.
    pub(crate) in_block: bool,
}

/// Something that leads elsewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    /// Where, as written.
    pub(crate) target: String,
    /// What a person sees of it.
    pub(crate) label: String,
    /// What stands before and after the label in the same word, where it begins or ends within one.
    pub(crate) around: Option<(String, String)>,
    place: Place,
    /// Where in the text its own ends.
    end: usize,
}

/// Where in a page's text something stands.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    at: usize,
    in_block: bool,
}

impl Place {
    /// Whether it stands in one of `ranges`. At the very beginning of one it does so only from within a
    /// block: what stands right above a quote is the sender's own.
    fn is_in(self, ranges: &[Range<usize>]) -> bool {
        let after = ranges.partition_point(|range| range.end <= self.at);
        let range = ranges.get(after);
        range.is_some_and(|range| range.start < self.at || range.start == self.at && self.in_block)
    }
}

/// A field that can be filled in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Field {
    /// `<input type=password>`.
    pub(crate) secret: bool,
    /// Its name, placeholder and the like, for the phrase tables.
    pub(crate) label: String,
    place: Place,
}

impl Page {
    /// A part of plain text. Its addresses are found later, in what is judged of it.
    pub(crate) fn plain(text: &str) -> Self {
        let text = with_line_feeds(text);
        let text = match reading_order(&text) {
            Cow::Owned(ordered) => ordered,
            Cow::Borrowed(_) => text,
        };
        Self {
            text,
            ..Self::default()
        }
    }

    /// Octets that a reader sees, and those of links: blanks and what is beside them use up no bound.
    pub(crate) fn octets(&self) -> usize {
        let links = self
            .links
            .iter()
            .map(|link| link.target.len().min(MAX_TARGET));
        let links: usize = links.sum();
        links + seen_octets(self.text.as_bytes())
    }

    /// As much of the page as takes so many octets.
    pub(crate) fn beginning(mut self, octets: usize) -> Self {
        if self.octets() <= octets {
            return self;
        }
        let mut room = octets;
        let mut links = self.links.iter().peekable();
        let mut end = 0;
        let mut kept = 0;
        for (at, byte) in self.text.bytes().enumerate() {
            while let Some(link) = links.next_if(|link| link.place.at <= at) {
                room = room.saturating_sub(link.target.len().min(MAX_TARGET));
                kept += 1;
            }
            room = room.saturating_sub(usize::from(!byte.is_ascii_whitespace()));
            if room == 0 {
                break;
            }
            end = at + 1;
        }
        // Links after the last letter.
        if room > 0 {
            kept = self.links.len();
        }
        self.text.truncate(self.text.floor_char_boundary(end));
        self.links.truncate(kept);
        self
    }

    /// Puts links into their words, and letters in the order in which they are read.
    pub(crate) fn finish(&mut self) {
        for link in &mut self.links {
            link.around = around(&self.text, link.place.at..link.end);
            if let Cow::Owned(ordered) = reading_order(&link.label) {
                link.label = ordered;
            }
        }
        if let Cow::Owned(ordered) = reading_order(&self.text) {
            self.text = ordered;
        }
    }

    /// Completes targets that are written in part.
    pub(crate) fn complete_targets(&mut self, base: &str) {
        for link in &mut self.links {
            if is_relative(&link.target) {
                base.clone_into(&mut link.target);
            }
        }
    }

    /// The text without what stands for pictures. That names no author: a lure has to show pictures.
    pub(crate) fn without_pictures(&self) -> Cow<'_, str> {
        if self.alts.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let mut from = 0;
        let mut out = String::with_capacity(self.text.len());
        for alt in &self.alts {
            out.push_str(self.text.get(from..alt.start).unwrap_or_default());
            from = alt.end;
        }
        out.push_str(self.text.get(from..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// Adds the text of a picture.
    pub(crate) fn add_alt(&mut self, range: Range<usize>) {
        self.alts.push(range);
    }

    /// Says that letters which nobody sees stand at a place within a word.
    pub(crate) fn add_cut(&mut self, at: usize) {
        if self.cuts.len() < MAX_CUTS {
            self.cuts.push(at);
        }
    }

    /// The words in which hidden letters stand, as they are seen.
    pub(crate) fn cut_words(&self) -> impl Iterator<Item = &str> {
        self.cuts.iter().map(|at| {
            let from = self.text.floor_char_boundary(at.saturating_sub(AROUND));
            let to = self.text.floor_char_boundary(at + AROUND);
            let before = self.text.get(from..*at).unwrap_or_default();
            let start = before
                .rfind(char::is_whitespace)
                .map_or(from, |blank| from + blank);
            let behind = self.text.get(*at..to).unwrap_or_default();
            let end = behind
                .find(char::is_whitespace)
                .map_or(to, |blank| at + blank);
            self.text.get(start..end).unwrap_or_default().trim()
        })
    }

    fn place(&self) -> Place {
        Place {
            at: self.text.len(),
            in_block: self.in_block,
        }
    }

    pub(crate) fn add_link(&mut self, target: String, label: String) -> Option<usize> {
        if self.links.len() >= MAX_LINKS {
            self.cut = true;
            return None;
        }
        let place = self.place();
        self.links.push(Link {
            target,
            label,
            around: None,
            place,
            end: place.at,
        });
        Some(self.links.len() - 1)
    }

    /// Ends the text of a link.
    pub(crate) fn end_link(&mut self, link: usize) {
        if let Some(link) = self.links.get_mut(link) {
            link.end = self.text.len();
        }
    }

    /// Whether so many octets more of a link's own text are kept.
    pub(crate) fn takes(&self, link: usize, octets: usize) -> bool {
        self.links
            .get(link)
            .is_none_or(|link| link.label.len() + octets <= MAX_LABEL)
    }

    pub(crate) fn add_label(&mut self, link: usize, text: &str) {
        let Some(link) = self.links.get_mut(link) else {
            return;
        };
        let room = MAX_LABEL.saturating_sub(link.label.len());
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~');
        match text.bytes().all(is_plain) {
            true => link.label.push_str(prefix(text, room)),
            false => push_seen(&mut link.label, text),
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
            place: self.place(),
        });
    }

    /// Adds text that hardly anybody sees.
    pub(crate) fn add_faint(&mut self, range: Range<usize>) {
        match self.faint.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.faint.push(range),
        }
    }

    /// Whether hardly anybody sees what stands at a place.
    pub(crate) fn is_faint(&self, at: usize) -> bool {
        self.has_faint(&(at..at + 1))
    }

    /// Whether something that hardly anybody sees stands in a stretch.
    pub(crate) fn has_faint(&self, range: &Range<usize>) -> bool {
        let after = self.faint.partition_point(|faint| faint.end <= range.start);
        self.faint
            .get(after)
            .is_some_and(|faint| faint.start < range.end)
    }

    /// The page in two: what stands outside of these stretches, and what stands in them.
    pub(crate) fn split(self, ranges: &[Range<usize>]) -> (Self, Self) {
        let (mut outside, mut inside) = (Self::default(), Self::default());
        outside.cut = self.cut;
        for link in self.links {
            let page = match link.place.is_in(ranges) {
                true => &mut inside,
                false => &mut outside,
            };
            page.links.push(link);
        }
        for field in self.fields {
            let page = match field.place.is_in(ranges) {
                true => &mut inside,
                false => &mut outside,
            };
            page.fields.push(field);
        }
        let mut from = 0;
        let text = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        for range in ranges {
            outside.text.push_str(text(from..range.start));
            outside.text.push_str("\n\n");
            inside.text.push_str(text(range.clone()));
            inside.text.push_str("\n\n");
            from = range.end;
        }
        outside.text.push_str(text(from..self.text.len()));
        (outside, inside)
    }
}

/// How many octets of a text are no blanks.
pub(crate) fn seen_octets(text: &[u8]) -> usize {
    // Compared without a branch, and added up in an octet, so that many are counted at once.
    let is_seen = |octet: &u8| {
        let is_blank = (*octet == b' ') | (*octet == b'\n') | (*octet == b'\r');
        u8::from(!(is_blank | (*octet == b'\t') | (*octet == 0x0C)))
    };
    let stretches = text.chunks(usize::from(u8::MAX));
    let counts = stretches.map(|stretch| stretch.iter().map(is_seen).sum::<u8>());
    counts.map(usize::from).sum()
}

/// Adds what is seen of a text: signs that nobody sees would else use up the room.
fn push_seen(label: &mut String, text: &str) {
    let mut marks = 0;
    for c in text.chars() {
        let is_blank = c.is_whitespace() || c == '\u{2800}';
        let repeats = is_blank && label.ends_with(char::is_whitespace);
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        // Signs of direction say in which order letters are seen.
        let is_order = || forces(c.encode_utf8(&mut [0; 4])) || c == '\u{202C}';
        if repeats || marks > MAX_MARKS || is_invisible(c) && !is_order() {
            continue;
        }
        if label.len() + c.len_utf8() > MAX_LABEL {
            return;
        }
        label.push(if is_blank { ' ' } else { c });
    }
}

/// What stands before and after a stretch of a text in the same word.
fn around(text: &str, range: Range<usize>) -> Option<(String, String)> {
    let own = text.get(range.clone())?;
    if own.is_empty() || own.trim().is_empty() {
        return None;
    }
    let from = text.floor_char_boundary(range.start.saturating_sub(AROUND));
    let to = text.floor_char_boundary(range.end + AROUND);
    let before = text.get(from..range.start)?;
    let start = before.rfind(char::is_whitespace);
    let before = match start {
        Some(blank) => before.get(blank..)?.trim_start(),
        None => before,
    };
    let behind = text.get(range.end..to)?;
    let behind = behind.split(char::is_whitespace).next().unwrap_or_default();
    (!before.is_empty() || !behind.is_empty()).then(|| (before.to_owned(), behind.to_owned()))
}

/// A target that only the base address completes. `www.shop.example` is one to a browser too; it is
/// not to mail programs, and is left alone.
fn is_relative(target: &str) -> bool {
    let head = target.split(['/', '?', '#']).next().unwrap_or_default();
    !target.starts_with(['#', '/', '\\']) && !head.contains([':', '.'])
        || target.starts_with('/') && !target.starts_with("//")
}

/// The text with `\n` for each `\r\n`.
pub(crate) fn with_line_feeds(text: &str) -> String {
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

#[cfg(test)]
mod tests;
