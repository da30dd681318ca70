//! A page as the tokenizer takes it in.

use html5gum::Reader;
use std::convert::Infallible;

/// The character references that most of mail's are, with what they stand for. The library looks for
/// each among all two thousand, letter by letter. Only such as mean nothing to the tokenizer.
const REFERENCES: [(&[u8], &str); 12] = [
    (b"&nbsp;", "\u{A0}"),
    (b"&zwnj;", "\u{200C}"),
    (b"&euro;", "€"),
    (b"&copy;", "©"),
    (b"&rsquo;", "’"),
    (b"&ndash;", "–"),
    (b"&auml;", "ä"),
    (b"&ouml;", "ö"),
    (b"&uuml;", "ü"),
    (b"&szlig;", "ß"),
    (b"&eacute;", "é"),
    (b"&egrave;", "è"),
];

/// What is left of a page.
pub(super) struct Source<'h> {
    rest: &'h [u8],
    /// It holds NUL somewhere, at which the tokenizer stops.
    has_nul: bool,
}

impl<'h> Source<'h> {
    pub(super) fn new(html: &'h str) -> Self {
        let rest = html.as_bytes();
        let has_nul = memchr::memchr(0, rest).is_some();
        Self { rest, has_nul }
    }

    fn take(&mut self, octets: usize) -> &'h [u8] {
        let all = (self.rest, Default::default());
        let (taken, rest) = self.rest.split_at_checked(octets).unwrap_or(all);
        self.rest = rest;
        taken
    }

    /// Where the next octet of `stops` is. Texts and values end at three of them, and at NUL.
    fn next_stop(&self, stops: &[u8]) -> Option<usize> {
        match stops {
            [one, two, 0, three] if !self.has_nul => memchr::memchr3(*one, *two, *three, self.rest),
            _ => self.rest.iter().position(|octet| stops.contains(octet)),
        }
    }
}

impl Reader for Source<'_> {
    type Error = Infallible;

    fn read_byte(&mut self) -> Result<Option<u8>, Infallible> {
        let Some((octet, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        self.rest = rest;
        Ok(Some(*octet))
    }

    fn try_read_string(&mut self, wanted: &[u8], exactly: bool) -> Result<bool, Infallible> {
        let found = self.rest.get(..wanted.len());
        let found = found.is_some_and(|found| match exactly {
            true => found == wanted,
            false => found.eq_ignore_ascii_case(wanted),
        });
        if found {
            self.take(wanted.len());
        }
        Ok(found)
    }

    /// The text up to the next octet of `stops`, or such an octet. Where a reference is looked for,
    /// what one stands for is text.
    fn read_until<'b>(
        &'b mut self,
        stops: &[u8],
        _: &'b mut [u8; 4],
    ) -> Result<Option<&'b [u8]>, Infallible> {
        let length = self.next_stop(stops);
        match length {
            Some(0) => {}
            Some(length) => return Ok(Some(self.take(length))),
            None if self.rest.is_empty() => return Ok(None),
            None => return Ok(Some(self.take(usize::MAX))),
        }
        let is_here = |(reference, _): &&(&[u8], &str)| self.rest.starts_with(reference);
        if self.rest.first() == Some(&b'&')
            && let Some((reference, text)) = REFERENCES.iter().find(is_here)
        {
            self.take(reference.len());
            return Ok(Some(text.as_bytes()));
        }
        Ok(Some(self.take(1)))
    }
}
