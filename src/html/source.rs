//! A page as the tokenizer takes it in.

use super::references;
use html5gum::Reader;
use std::convert::Infallible;

/// The character reference at the beginning of `text`, if it is one of those that most of mail's are:
/// its length, and what it stands for.
fn common(text: &[u8]) -> Option<(usize, &'static str)> {
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

/// A sign as a reference by number, without its ampersand.
fn number(sign: u8) -> Option<&'static [u8]> {
    Some(match sign {
        b'&' => b"#38;",
        b'<' => b"#60;",
        b'>' => b"#62;",
        b'"' => b"#34;",
        b'\'' => b"#39;",
        b'=' => b"#61;",
        b'`' => b"#96;",
        b'\t' => b"#9;",
        b'\n' => b"#10;",
        _ => return None,
    })
}

/// What is left of a page.
pub(crate) struct Source<'h> {
    rest: &'h [u8],
    /// What is read before the rest: a reference by number in the place of one by name.
    number: &'static [u8],
    /// It holds NUL somewhere, at which the tokenizer stops.
    has_nul: bool,
}

impl<'h> Source<'h> {
    pub(crate) fn new(html: &'h str) -> Self {
        let rest = html.as_bytes();
        let has_nul = memchr::memchr(0, rest).is_some();
        Self {
            rest,
            number: &[],
            has_nul,
        }
    }

    fn take(&mut self, octets: usize) -> &'h [u8] {
        let all = (self.rest, Default::default());
        let (taken, rest) = self.rest.split_at_checked(octets).unwrap_or(all);
        self.rest = rest;
        taken
    }

    /// What the reference stands for that begins here. Of one by number its first octet, from which on
    /// the library reads it; and of an ampersand that begins none the text that it is.
    fn take_reference<'b>(&mut self, stops: &[u8], buffer: &'b mut [u8; 4]) -> &'b [u8]
    where
        'h: 'b,
    {
        // Text ends at a tag; values don't.
        let attribute = !stops.contains(&b'<') || stops.contains(&b'"');
        let found = common(self.rest).or_else(|| references::named(self.rest, attribute));
        let Some((length, meaning)) = found else {
            return self.take(self.plain(stops, attribute));
        };
        match meaning.as_bytes() {
            // It would mean to the tokenizer what it means in its own place; a line end could be half
            // of one.
            [sign] if stops.contains(sign) || *sign == b'\n' => match number(*sign) {
                Some(number) => {
                    self.take(length);
                    self.number = number;
                    let [first, ..] = buffer;
                    *first = b'&';
                    buffer.get(..1).unwrap_or_default()
                }
                None => self.take(1),
            },
            meaning => {
                self.take(length);
                meaning
            }
        }
    }

    /// How many octets of an ampersand that begins no reference by name, and of what follows it, are text.
    /// One alone says that the library has to look at it.
    fn plain(&self, stops: &[u8], attribute: bool) -> usize {
        let mut length = 1;
        loop {
            match self.rest.get(length) {
                Some(b'&') => {
                    let rest = self.rest.get(length..).unwrap_or_default();
                    let is_one =
                        rest.get(1) == Some(&b'#') || references::named(rest, attribute).is_some();
                    if is_one {
                        return length;
                    }
                    length += 1;
                }
                Some(b'#') if length == 1 => return 1,
                Some(next) if !stops.contains(next) => return length + 1,
                _ => return length,
            }
        }
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
        if let Some((octet, rest)) = self.number.split_first() {
            self.number = rest;
            return Ok(Some(*octet));
        }
        let Some((octet, rest)) = self.rest.split_first() else {
            return Ok(None);
        };
        self.rest = rest;
        Ok(Some(*octet))
    }

    fn try_read_string(&mut self, wanted: &[u8], exactly: bool) -> Result<bool, Infallible> {
        if !self.number.is_empty() {
            return Ok(false);
        }
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
        if !self.number.is_empty() {
            return Ok(Some(std::mem::take(&mut self.number)));
        }
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
