//! Encoded words (RFC 2047), as mail programs take them.

use super::{
    charset::{self, Charset, guess::Guesser, seven_bit::SevenBit},
    transfer_encoding,
};

/// Decodes the encoded words in `text`; everything else, control characters included, is left as it
/// stands.
///
/// Words glued to text or to each other are decoded too: RFC 2047 section 5 wants blanks around
/// them, clients don't insist.
pub fn decode(text: &str) -> String {
    let mut guesser = Guesser::default();
    decode_with(text, |label, octets| {
        charset::labelled_by(label, octets, &mut guesser).into_owned()
    })
}

/// What other mail programs make of `text`: those that look for a seven-bit charset in a word that names
/// another.
pub fn other_readings(text: &str) -> impl Iterator<Item = String> {
    let is_there = |kind: &SevenBit| words(text).any(|word| kind.reading(&word.octets()).is_some());
    let mut guesser = Guesser::default();
    SevenBit::ALL.into_iter().filter(is_there).map(move |kind| {
        decode_with(text, |label, octets| {
            kind.reading(octets)
                .unwrap_or_else(|| charset::labelled_by(label, octets, &mut guesser).into_owned())
        })
    })
}

/// The charset that the first encoded words in the value of a field name.
pub(crate) fn first_charset(value: &[u8]) -> Option<Charset> {
    /// Octets and words that are looked at.
    const BEGINNING: (usize, usize) = (1024, 4);
    let beginning = value.get(..BEGINNING.0).unwrap_or(value);
    memchr::memmem::find(beginning, b"=?")?;
    words(&String::from_utf8_lossy(beginning))
        .take(BEGINNING.1)
        .find_map(|word| Charset::named(word.charset))
}

fn decode_with(text: &str, mut read: impl FnMut(&str, &[u8]) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<Pending<'_>> = None;
    let mut flush = |pending: &mut Option<Pending<'_>>, out: &mut String| {
        if let Some(open) = pending.take() {
            out.push_str(&read(open.charset, &open.octets));
        }
    };
    let mut rest = text;
    while let Some(start) = opening(rest) {
        let (before, from_start) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let Some(word) = Word::at(from_start) else {
            flush(&mut pending, &mut out);
            out.push_str(before);
            let (opening, after) = from_start.split_at_checked(2).unwrap_or((from_start, ""));
            out.push_str(opening);
            rest = after;
            continue;
        };
        // RFC 2047 section 6.2: blanks between two encoded words are not displayed.
        let blank_only = before.chars().all(char::is_whitespace);
        match &mut pending {
            // Section 5 forbids to split a character over two words; senders do it, and clients
            // join the octets.
            Some(open) if blank_only && open.charset.eq_ignore_ascii_case(word.charset) => {
                open.octets.append(&mut word.octets());
            }
            _ => {
                let adjacent = pending.is_some() && blank_only;
                flush(&mut pending, &mut out);
                if !adjacent {
                    out.push_str(before);
                }
                pending = Some(Pending {
                    charset: word.charset,
                    octets: word.octets(),
                });
            }
        }
        rest = from_start.get(word.length..).unwrap_or("");
    }
    flush(&mut pending, &mut out);
    out.push_str(rest);
    out
}

/// Words whose octets are read together.
struct Pending<'a> {
    charset: &'a str,
    octets: Vec<u8>,
}

/// The encoded words in `text`.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            rest = rest.get(opening(rest)?..)?;
            let word = Word::at(rest);
            rest = rest.get(word.map_or(2, |word| word.length)..)?;
            if word.is_some() {
                return word;
            }
        }
    })
}

/// Where an encoded word could begin.
fn opening(text: &str) -> Option<usize> {
    memchr::memmem::find(text.as_bytes(), b"=?")
}

/// One encoded word as it stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    charset: &'a str,
    pub(crate) base64: bool,
    /// What is encoded.
    pub(crate) content: &'a str,
    /// How many octets of the text it takes.
    pub(crate) length: usize,
}

impl<'a> Word<'a> {
    /// Reads `=?charset*language?B?content?=` at the start of `text`. The closing `?=` may be
    /// missing where the text or the run of printable characters ends: truncated fields are shown
    /// by some clients.
    #[inline]
    pub(crate) fn at(text: &'a str) -> Option<Self> {
        // It is asked at each letter, and hardly one begins a word.
        text.strip_prefix("=?").and_then(Self::opened)
    }

    /// The same behind its beginning.
    fn opened(text: &'a str) -> Option<Self> {
        let (label, rest) = text.split_once('?')?;
        // RFC 2231 section 5: a language may follow the charset.
        let charset = label.split_once('*').map_or(label, |(charset, _)| charset);
        let token = |c: char| c.is_ascii_graphic() && !"()<>@,;:\"/[]?=".contains(c);
        if charset.is_empty() || charset.len() > 64 || !charset.chars().all(token) {
            return None;
        }
        let base64 = match rest.as_bytes() {
            [b'B' | b'b', b'?', ..] => true,
            [b'Q' | b'q', b'?', ..] => false,
            _ => return None,
        };
        let body = rest.get(2..)?;
        let (content, closed) = match end_of_content(body) {
            End::Closed(end) => (body.get(..end)?, 2),
            End::Open(next) => {
                let content = body.get(..next)?;
                let stop = content
                    .find(|c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c));
                match (stop, next == body.len()) {
                    (Some(stop), _) => (content.get(..stop)?, 0),
                    (None, true) => (content, 0),
                    // Another word begins inside: the first one is none.
                    (None, false) => return None,
                }
            }
        };
        Some(Self {
            charset,
            base64,
            content,
            length: "=?".len() + text.len() - body.len() + content.len() + closed,
        })
    }

    fn octets(&self) -> Vec<u8> {
        match self.base64 {
            true => transfer_encoding::base64(self.content.as_bytes()),
            false => transfer_encoding::q(self.content.as_bytes()),
        }
    }
}

enum End {
    /// `?=` stands here.
    Closed(usize),
    /// Another word begins here, or the text ends here, before any `?=`.
    Open(usize),
}

/// Looks no further than the next `=?`, so that a text full of words that nothing closes is read once
/// and not once for each of them.
fn end_of_content(body: &str) -> End {
    for (at, pair) in body.as_bytes().windows(2).enumerate() {
        match pair {
            b"?=" => return End::Closed(at),
            // `=?=` is padding and then the end.
            b"=?" if body.as_bytes().get(at + 2) != Some(&b'=') => return End::Open(at),
            _ => {}
        }
    }
    End::Open(body.len())
}

#[cfg(test)]
mod tests {
    use super::super::header_text;

    fn text(raw: &str) -> String {
        header_text(raw.as_bytes())
    }

    #[test]
    fn both_encodings_are_read() {
        assert_eq!(text("=?UTF-8?B?QsO8cm8=?="), "Büro");
        assert_eq!(text("=?iso-8859-1?q?B=FCro_am_Markt?="), "Büro am Markt");
        assert_eq!(text("=?iso-8859-1*de?Q?B=fcro?="), "Büro");
    }

    #[test]
    fn blanks_between_words_vanish_and_others_stay() {
        assert_eq!(text("=?utf-8?Q?con?= =?utf-8?Q?toso?="), "contoso");
        assert_eq!(
            text("=?utf-8?Q?con?=\r\n =?us-ascii?B?dG9zbw==?="),
            "contoso"
        );
        assert_eq!(text("a =?utf-8?Q?b?= c"), "a b c");
        assert_eq!(text("x=?utf-8?Q?b?=y=?utf-8?Q?c?=z"), "xbycz");
    }

    #[test]
    fn a_character_may_be_split_over_two_words() {
        assert_eq!(text("=?utf-8?B?4w==?= =?utf-8?B?gqI=?="), "ア");
        assert_eq!(text("=?utf-8?Q?=E3=82?==?utf-8?Q?=A2?="), "ア");
    }

    #[test]
    fn sloppy_words_are_read() {
        assert_eq!(text("=?utf-8?B?Y29udG9zbyE?="), "contoso!");
        assert_eq!(text("=?utf-8?B?Y29u dG9z bw==?="), "contoso");
        assert_eq!(text("=?utf-8?B?!Y29u!dG9zbw?="), "contoso");
        assert_eq!(text("=?utf-8?Q?con toso?="), "con toso");
        assert_eq!(text("=?utf-8?Q?a=ZZ=4?="), "a=ZZ=4");
        assert_eq!(text("=?utf-8?Q?=41?="), "A");
        assert_eq!(text("=?nonsense?Q?B=FCro?="), "Büro");
        assert_eq!(text("=?nonsense?Q?B=C3=BCro?="), "Büro");
        assert_eq!(text("=?us-ascii?Q?B=C3=BCro?="), "Büro");
        assert_eq!(text("=?utf-8?B?Y29udG9zbw"), "contoso");
    }

    #[test]
    fn what_is_no_word_stays() {
        assert_eq!(text("=?utf-8?X?abc?="), "=?utf-8?X?abc?=");
        assert_eq!(text("2 =? 3"), "2 =? 3");
        assert_eq!(text("=??Q?abc?="), "=??Q?abc?=");
        assert_eq!(text("=?utf-8?Q?a=?utf-8?Q?b?="), "=?utf-8?Q?ab");
    }

    #[test]
    fn each_word_of_an_unknown_charset_is_read() {
        let words = "=?x1?Q?=FC?= =?x2?Q?=FC?= ".repeat(40);
        assert_eq!(text(&words), "ü".repeat(80));
    }
}
