//! What a mail client shows for the value of an unstructured field or a phrase: RFC 2047 decoded,
//! unfolded, in Unicode.
//!
//! Clients forgive a lot, so this does as well: an encoded word that only some of them decode is
//! decoded. Invisible characters stay (the skeleton takes them out), control characters don't.

pub mod charset;

use charset::Charset;

/// How many octets of one value are read; an MTA passes no more than about 60,000.
pub const MAX_INPUT: usize = 64 * 1024;

/// The text that a reader sees for `raw`, the octets of a field's value. Octets beyond
/// [`MAX_INPUT`] are left out.
pub fn decode(raw: &[u8]) -> String {
    decode_declared(raw, None)
}

/// Like [`decode`], for a message whose body is in the `declared` charset.
pub fn decode_declared(raw: &[u8], declared: Option<Charset>) -> String {
    let raw = raw.get(..MAX_INPUT).unwrap_or(raw);
    let text = charset::readings(raw, declared)
        .into_iter()
        .next()
        .unwrap_or_default();
    shown(&decode_words(&text))
}

/// `text` as it is displayed: white space and line breaks are blanks, the other control characters
/// are nothing.
pub fn shown(text: &str) -> String {
    // Nearly all are ASCII that is displayed as it stands.
    if text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        return text.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut after_return = false;
    for c in unfolded(text) {
        match c {
            '\n' if after_return => {}
            '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                out.push(' ');
            }
            c if c.is_control() => {}
            c => out.push(c),
        }
        after_return = c == '\r';
    }
    let trimmed = out.trim();
    match trimmed.len() == out.len() {
        true => out,
        false => trimmed.to_owned(),
    }
}

/// RFC 5322 section 2.2.3: a line break before white space is taken out, the white space stays.
pub(super) fn unfold(text: &str) -> String {
    match memchr::memchr2(b'\r', b'\n', text.as_bytes()) {
        Some(_) => unfolded(text).collect(),
        None => text.to_owned(),
    }
}

fn unfolded(text: &str) -> impl Iterator<Item = char> {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            let c = chars.next()?;
            match c {
                '\r' => {
                    let mut after = chars.clone();
                    after.next_if_eq(&'\n');
                    if !matches!(after.peek(), Some(' ' | '\t')) {
                        return Some(c);
                    }
                }
                '\n' if matches!(chars.peek(), Some(' ' | '\t')) => {}
                c => return Some(c),
            }
        }
    })
}

/// Decodes the encoded words in `text`; everything else, control characters included, is left as it
/// stands.
///
/// Words glued to text or to each other are decoded too: RFC 2047 section 5 wants blanks around
/// them, clients don't insist.
pub fn decode_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<Pending<'_>> = None;
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
                word.octets(&mut open.octets);
            }
            _ => {
                let adjacent = pending.is_some() && blank_only;
                flush(&mut pending, &mut out);
                if !adjacent {
                    out.push_str(before);
                }
                let mut octets = Vec::new();
                word.octets(&mut octets);
                pending = Some(Pending {
                    charset: word.charset,
                    octets,
                });
            }
        }
        rest = from_start.get(word.length..).unwrap_or("");
    }
    flush(&mut pending, &mut out);
    out.push_str(rest);
    out
}

/// The encoded words in `text`.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
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

struct Pending<'a> {
    charset: &'a str,
    octets: Vec<u8>,
}

fn flush(pending: &mut Option<Pending<'_>>, out: &mut String) {
    if let Some(open) = pending.take() {
        out.push_str(&charset::decode_labelled(open.charset, &open.octets));
    }
}

/// One encoded word as it stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    charset: &'a str,
    pub(super) base64: bool,
    /// What is encoded.
    pub(super) content: &'a str,
    /// How many octets of the text it takes.
    pub(super) length: usize,
}

impl<'a> Word<'a> {
    /// Reads `=?charset*language?B?content?=` at the start of `text`. The closing `?=` may be
    /// missing where the text or the run of printable characters ends: truncated fields are shown
    /// by some clients.
    pub(super) fn at(text: &'a str) -> Option<Self> {
        let (label, rest) = text.strip_prefix("=?")?.split_once('?')?;
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
            length: text.len() - body.len() + content.len() + closed,
        })
    }

    fn octets(&self, out: &mut Vec<u8>) {
        match self.base64 {
            true => decode_base64(self.content, out),
            false => decode_q(self.content, out),
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

/// Base64 as clients take it: padding may be missing or stand in the middle, blanks and strangers
/// are skipped, the alphabet of RFC 4648 section 5 is understood.
fn decode_base64(content: &str, out: &mut Vec<u8>) {
    let (mut group, mut digits) = (0u32, 0u8);
    for byte in content.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                finish(group, digits, out);
                (group, digits) = (0, 0);
                continue;
            }
            _ => continue,
        };
        group = group << 6 | u32::from(digit);
        digits += 1;
        if digits == 4 {
            let [_, bytes @ ..] = group.to_be_bytes();
            out.extend(bytes);
            (group, digits) = (0, 0);
        }
    }
    finish(group, digits, out);
}

fn finish(group: u32, digits: u8, out: &mut Vec<u8>) {
    match digits {
        2 => out.push((group >> 4) as u8),
        3 => out.extend([(group >> 10) as u8, (group >> 2) as u8]),
        _ => {}
    }
}

/// The Q encoding (RFC 2047 section 4.2); an `=` without two hexadecimal digits stands for itself.
fn decode_q(content: &str, out: &mut Vec<u8>) {
    let mut rest = content.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'_', _) => out.push(b' '),
            (b'=', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = after;
                }
                _ => out.push(b'='),
            },
            _ => out.push(first),
        }
    }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(raw: &str) -> String {
        decode(raw.as_bytes())
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
    fn folds_and_controls() {
        assert_eq!(text(" one\r\n two\r\n\tthree "), "one two three");
        assert_eq!(text("one\rtwo\0three\x7f\u{9b}"), "one twothree");
        assert_eq!(text("=?utf-8?Q?a=0D=0Ab=00c?="), "a bc");
    }

    #[test]
    fn invisible_characters_stay() {
        assert_eq!(text("con\u{200b}to\u{ad}so"), "con\u{200b}to\u{ad}so");
    }

    #[test]
    fn raw_octets_are_read_in_the_declared_charset() {
        let declared = Charset::named("koi8-r");
        assert_eq!(
            decode_declared(b"\xe1\xcd\xc1\xda\xcf\xce", declared),
            "Амазон"
        );
    }

    #[test]
    fn input_beyond_the_limit_is_left_out() {
        assert_eq!(decode(&vec![b'x'; MAX_INPUT + 5]).len(), MAX_INPUT);
    }
}
