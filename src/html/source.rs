//! A page as it is written: its octets by their places, and how a tag stands in it.

use super::{
    element::{StartTag, push_name},
    references,
};
use std::{borrow::Cow, ops::Range};

#[derive(Clone, Copy)]
pub(super) struct Source<'h>(pub(super) &'h str);

/// What stands for NUL, but between tags.
const UNREADABLE: &str = "\u{FFFD}";

impl<'h> Source<'h> {
    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    pub(super) fn from(self, at: usize) -> &'h str {
        self.0.get(at..).unwrap_or_default()
    }

    pub(super) fn octets(self, at: usize) -> &'h [u8] {
        self.0.as_bytes().get(at..).unwrap_or_default()
    }

    pub(super) fn slice(self, range: Range<usize>) -> &'h str {
        self.0.get(range).unwrap_or_default()
    }

    pub(super) fn octet(self, at: usize) -> Option<u8> {
        self.0.as_bytes().get(at).copied()
    }

    /// The first octet from `at` on that `stops`, or where the page ends.
    #[inline]
    fn until(self, at: usize, stops: impl Fn(u8) -> bool) -> usize {
        let found = self.octets(at).iter().position(|octet| stops(*octet));
        found.map_or(self.len(), |found| at + found)
    }

    /// The name of a tag, which begins at `start`.
    pub(super) fn tag_name(self, start: usize) -> &'h str {
        let ends_name = |octet| is_blank(octet) || matches!(octet, b'/' | b'>');
        self.slice(start..self.until(start, ends_name))
    }

    /// Reads the start tag whose name begins at `start`, and says where it ends. One that doesn't end is none.
    pub(super) fn start_tag(self, start: usize, tag: &mut StartTag) -> Option<usize> {
        let name = self.tag_name(start);
        push_name(&mut tag.name, name);
        self.tag_end(start + name.len(), Some(tag))
    }

    /// Where a tag ends whose name ends at a place. Its attributes come into `tag`, if it has one.
    pub(super) fn tag_end(self, mut at: usize, mut tag: Option<&mut StartTag>) -> Option<usize> {
        loop {
            match self.octet(at)? {
                b'>' => return Some(at + 1),
                b'/' => {
                    at += 1;
                    if let Some(tag) = &mut tag {
                        tag.self_closing |= self.octet(at) == Some(b'>');
                    }
                }
                octet if is_blank(octet) => at += 1,
                _ => at = self.attribute(at, tag.as_deref_mut()),
            }
        }
    }

    /// Reads the attribute that begins at `start` into `tag`, and says where it ends.
    fn attribute(self, start: usize, tag: Option<&mut StartTag>) -> usize {
        // "=" may begin a name.
        let ends_name = |octet| is_blank(octet) || matches!(octet, b'/' | b'>' | b'=');
        let end = self.until(start + 1, ends_name);
        let (mut value, mut behind) = ("", end);
        let equals = self.until(end, |octet| !is_blank(octet));
        if self.octet(equals) == Some(b'=') {
            let begins = self.until(equals + 1, |octet| !is_blank(octet));
            let quote = self.octet(begins);
            let quote = quote.filter(|octet| matches!(octet, b'"' | b'\''));
            let range = match quote {
                Some(quote) => {
                    let within = self.octets(begins + 1);
                    let length = memchr::memchr(quote, within).unwrap_or(within.len());
                    begins + 1..begins + 1 + length
                }
                None => begins..self.until(begins, |octet| is_blank(octet) || octet == b'>'),
            };
            behind = range.end + usize::from(quote.is_some());
            value = self.slice(range);
        }
        if let Some(tag) = tag {
            let name = self.slice(start..end);
            match memchr::memchr2(b'&', 0, value.as_bytes()) {
                Some(_) => tag.add_attribute(name, &references::without(without_nul(value), true)),
                None => tag.add_attribute(name, value),
            }
        }
        behind
    }
}

pub(super) fn is_blank(octet: u8) -> bool {
    matches!(octet, b'\t' | b'\n' | 0x0C | b' ')
}

/// The text with the sign for what can't be read in the place of NUL.
pub(super) fn without_nul(text: &str) -> Cow<'_, str> {
    match memchr::memchr(0, text.as_bytes()) {
        Some(_) => Cow::Owned(text.replace('\0', UNREADABLE)),
        None => Cow::Borrowed(text),
    }
}
