//! A page as the tokenizer takes it in.

use html5gum::Reader;
use std::convert::Infallible;

/// The character reference at the beginning of `text`, if it is one of those that most of mail's are:
/// its length, and what it stands for. The library looks for each among all two thousand, letter by
/// letter.
fn reference(text: &[u8]) -> Option<(usize, &'static str)> {
    const LONGEST: usize = 8;
    let length = 1 + text.iter().take(LONGEST).position(|octet| *octet == b';')?;
    let meaning = match text.get(..length)? {
        b"&amp;" => "&",
        b"&lt;" => "<",
        b"&gt;" => ">",
        b"&quot;" => "\"",
        b"&nbsp;" => "\u{A0}",
        b"&zwnj;" => "\u{200C}",
        b"&euro;" => "€",
        b"&copy;" => "©",
        b"&rsquo;" => "’",
        b"&ndash;" => "–",
        b"&auml;" => "ä",
        b"&ouml;" => "ö",
        b"&uuml;" => "ü",
        b"&szlig;" => "ß",
        b"&eacute;" => "é",
        b"&egrave;" => "è",
        _ => return None,
    };
    Some((length, meaning))
}

/// What is left of a page.
pub(crate) struct Source<'h> {
    rest: &'h [u8],
    /// It holds NUL somewhere, at which the tokenizer stops.
    has_nul: bool,
}

impl<'h> Source<'h> {
    pub(crate) fn new(html: &'h str) -> Self {
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

    /// What the reference stands for that begins here, or its first octet, from which on the library
    /// reads it.
    fn take_reference<'b>(&mut self, stops: &[u8], buffer: &'b mut [u8; 4]) -> &'b [u8]
    where
        'h: 'b,
    {
        let Some((length, meaning)) = reference(self.rest) else {
            return self.take(1);
        };
        let meaning = meaning.as_bytes();
        let [sign] = meaning else {
            self.take(length);
            return meaning;
        };
        // A sign alone would mean to the tokenizer what it means in its own place; with what follows
        // it, it is text.
        let next = self.rest.get(length).filter(|next| !stops.contains(next));
        let Some(next) = next else {
            return self.take(1);
        };
        let [first, second, ..] = buffer;
        (*first, *second) = (*sign, *next);
        self.take(length + 1);
        buffer.get(..2).unwrap_or_default()
    }

    /// Where the next octet of `stops` is. Texts and values end at three of them, and at NUL; names at
    /// more, but never at a letter or digit.
    #[inline]
    fn next_stop(&self, stops: &[u8]) -> Option<usize> {
        match stops {
            [one, two, 0, three] if !self.has_nul => memchr::memchr3(*one, *two, *three, self.rest),
            _ => {
                let is_stop = |octet: &u8| !octet.is_ascii_alphanumeric() && stops.contains(octet);
                self.rest.iter().position(is_stop)
            }
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
    // Each state of the tokenizer asks for stops of its own, which the compiler then knows.
    #[inline(always)]
    fn read_until<'b>(
        &'b mut self,
        stops: &[u8],
        buffer: &'b mut [u8; 4],
    ) -> Result<Option<&'b [u8]>, Infallible> {
        let Some(first) = self.rest.first() else {
            return Ok(None);
        };
        if !stops.contains(first) {
            let length = self.next_stop(stops).unwrap_or(usize::MAX);
            return Ok(Some(self.take(length)));
        }
        match first {
            b'&' => Ok(Some(self.take_reference(stops, buffer))),
            _ => Ok(Some(self.take(1))),
        }
    }
}
