//! What a part shows to a person, whatever it was written in.

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
    /// Stretches of `text` that are set off as quotes are, in order. What is set off needs not be one.
    pub(crate) blocks: Vec<Range<usize>>,
    /// Stretches that are shown so that hardly anybody sees them, in order.
    faint: Vec<Range<usize>>,
    /// Something lay beyond a bound.
    pub(crate) cut: bool,
    /// What is added now stands in such a block.
    pub(crate) in_block: bool,
}

/// Something that leads elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Link {
    /// Where, as written.
    pub(crate) target: String,
    /// What a person sees of it.
    pub(crate) label: String,
    place: Place,
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
#[derive(Debug, Default)]
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
        Self {
            text: with_line_feeds(text),
            ..Self::default()
        }
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
            place,
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
