//! From the octets of a part to its text: transfer encoding, then charset.
//!
//! Both are read as leniently as mail programs read them: what a strict decoder refuses is shown to a
//! person all the same.

use encoding_rs::{Encoding as Charset, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// Content-Transfer-Encoding (RFC 2045 section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 7bit, 8bit, binary, or a word that nobody knows.
    #[default]
    Identity,
    Base64,
    QuotedPrintable,
    /// `x-uuencode`, not in any standard and decoded by mail programs.
    Uuencode,
}

impl Encoding {
    /// Reads the field's value. Quotes and comments around the word are left aside.
    pub(super) fn parse(value: &[u8]) -> Self {
        let value = String::from_utf8_lossy(value).to_ascii_lowercase();
        let word = value
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .find(|word| !word.is_empty())
            .unwrap_or_default();
        match word {
            "base64" => Self::Base64,
            "quoted-printable" => Self::QuotedPrintable,
            "x-uuencode" | "x-uue" | "uuencode" => Self::Uuencode,
            _ => Self::Identity,
        }
    }

    /// The octets as they were before transfer. Never longer than `bytes`.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Identity => Cow::Borrowed(bytes),
            Self::Base64 => Cow::Owned(base64(bytes)),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(bytes)),
            Self::Uuencode => Cow::Owned(uuencode(bytes)),
        }
    }
}

const PADDING: u8 = 64;

/// The six bits of each octet of base64, in either alphabet (RFC 4648 sections 4 and 5).
// Made by the compiler, which would see an index out of bounds.
#[allow(clippy::indexing_slicing)]
const SIX_BITS: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut at = 0;
    while at < table.len() {
        let byte = at as u8;
        table[at] = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => PADDING,
            _ => u8::MAX,
        };
        at += 1;
    }
    table
};

/// Characters outside the alphabet are ignored (RFC 2045 section 6.8), and padding in the middle, as
/// it stands where two encoded texts were put together, starts anew.
fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    let mut group = 0u32;
    let mut filled = 0u8;
    for &byte in bytes {
        let six = match SIX_BITS.get(usize::from(byte)) {
            Some(&six) if six < 64 => six,
            Some(&PADDING) => {
                flush(&mut out, group, filled);
                (group, filled) = (0, 0);
                continue;
            }
            _ => continue,
        };
        group = group << 6 | u32::from(six);
        filled += 1;
        if filled == 4 {
            flush(&mut out, group, filled);
            (group, filled) = (0, 0);
        }
    }
    // Cut in the middle: the whole octets of the last group are still text.
    flush(&mut out, group, filled);
    out
}

fn flush(out: &mut Vec<u8>, group: u32, filled: u8) {
    let [_, a, b, c] = match filled {
        2 => group << 12,
        3 => group << 6,
        4 => group,
        _ => return,
    }
    .to_be_bytes();
    out.extend([a, b, c].iter().take(usize::from(filled).saturating_sub(1)));
}

fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|&b| b == b'\n') {
        let (text, ending) = match line.strip_suffix(b"\n") {
            Some(text) => (text.strip_suffix(b"\r").unwrap_or(text), &b"\r\n"[..]),
            None => (line, &b""[..]),
        };
        // Blanks at the end were put there by transport (RFC 2045 section 6.7, rule 3).
        let text = text.trim_ascii_end();
        let (text, ending) = match text.strip_suffix(b"=") {
            Some(text) => (text, &b""[..]),
            None => (text, ending),
        };
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'=', rest) {
            let (before, escape) = rest.split_at(at);
            out.extend_from_slice(before);
            let byte = match escape {
                [_, high, low, ..] => hex(*high).zip(hex(*low)),
                _ => None,
            };
            match byte {
                Some((high, low)) => out.push(high << 4 | low),
                // Not an escape: shown as it stands.
                None => out.push(b'='),
            }
            rest = escape
                .get(if byte.is_some() { 3 } else { 1 }..)
                .unwrap_or_default();
        }
        out.extend_from_slice(rest);
        out.extend_from_slice(ending);
    }
    out
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn uuencode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3);
    for line in bytes.split(|&b| b == b'\n') {
        if line.starts_with(b"begin ") || line.starts_with(b"end") {
            continue;
        }
        let Some((&count, data)) = line.split_first() else {
            continue;
        };
        let before = out.len();
        for group in data.trim_ascii_end().chunks(4) {
            let bits = group
                .iter()
                .chain(std::iter::repeat_n(&b' ', 4 - group.len()))
                .fold(0u32, |bits, &b| {
                    bits << 6 | u32::from(b.wrapping_sub(b' ') & 63)
                });
            flush(&mut out, bits, 4);
        }
        let length = usize::from(count.wrapping_sub(b' ') & 63);
        out.truncate(before.saturating_add(length).min(out.len()));
    }
    out
}

/// The text that a mail program makes of `bytes`.
pub(super) fn to_text<'a>(bytes: Cow<'a, [u8]>, charset: Option<&str>, html: bool) -> Cow<'a, str> {
    match bytes {
        Cow::Borrowed(bytes) => decoded(bytes, charset, html),
        Cow::Owned(bytes) => Cow::Owned(decoded(&bytes, charset, html).into_owned()),
    }
}

fn decoded<'a>(bytes: &'a [u8], charset: Option<&str>, html: bool) -> Cow<'a, str> {
    let declared = charset
        .map(str::to_owned)
        .or_else(|| html.then(|| in_page(bytes)).flatten());
    let label = declared.as_deref().unwrap_or_default().trim();
    if label.eq_ignore_ascii_case("utf-7")
        && let Some(decoder) = mail_parser::decoders::charsets::map::charset_decoder(b"utf-7")
    {
        return Cow::Owned(decoder(bytes));
    }
    // encoding_rs has US-ASCII for windows-1252; UTF-8 that is only called ASCII is shown as UTF-8.
    let charset = match Charset::for_label(label.as_bytes()) {
        Some(charset) if charset.name() == "replacement" => None,
        Some(charset) if label.to_ascii_lowercase().contains("ascii") => {
            std::str::from_utf8(bytes).is_err().then_some(charset)
        }
        found => found,
    };
    let charset = charset.unwrap_or(match std::str::from_utf8(bytes) {
        Ok(_) => UTF_8,
        Err(_) => WINDOWS_1252,
    });
    charset.decode(bytes).0
}

/// Octets of a header field that are read as text.
const MAX_FIELD: usize = 4096;

/// The text of an unstructured header field such as Subject, encoded words decoded (RFC 2047).
pub(super) fn header_text(value: &[u8]) -> String {
    let mut value = value
        .get(..value.len().min(MAX_FIELD))
        .unwrap_or_default()
        .to_vec();
    value.push(b'\n');
    match mail_parser::parsers::MessageStream::new(&value).parse_unstructured() {
        mail_parser::HeaderValue::Text(text) => text.into_owned(),
        _ => String::new(),
    }
}

/// The charset that a page names in its head (`<meta charset=...>`), looked for as far as the HTML
/// standard does (section 13.2.3.2: 1,024 octets).
fn in_page(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=")?;
    let word = after.trim_start_matches(['"', '\'', ' ']);
    let end = word.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c));
    word.get(..end.unwrap_or(word.len())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoding: &str, text: &str) -> String {
        let decoded = Encoding::parse(encoding.as_bytes())
            .decode(text.as_bytes())
            .into_owned();
        String::from_utf8(decoded).unwrap()
    }

    #[test]
    fn base64_survives_line_ends_junk_and_cuts() {
        assert_eq!(decode(" BASE64", "Zmly\r\nc3Qg!c2Vjb25k"), "first second");
        assert_eq!(decode("base64", "YQ==YmI=Y2Nj"), "abbccc");
        assert_eq!(decode("base64", "c2Vjb25kI"), "second");
        assert_eq!(decode("base64", "c2Vjb24"), "secon");
    }

    #[test]
    fn quoted_printable_survives_what_is_no_escape() {
        assert_eq!(
            decode("Quoted-Printable", "a=3Db=\r\nc =\r\n=4\r\n=zz"),
            "a=bc =4\r\n=zz"
        );
    }

    #[test]
    fn uuencode_is_read() {
        assert_eq!(decode("x-uuencode", "begin 644 x\n#0V%T\n`\nend\n"), "Cat");
    }

    #[test]
    fn charsets_are_read_as_browsers_read_them() {
        let to_text = |bytes: &'static [u8], charset, html| {
            to_text(Cow::Borrowed(bytes), charset, html).into_owned()
        };
        assert_eq!(
            to_text(b"\x83A\x83}\x83]\x83\x93", Some("shift_jis"), false),
            "アマゾン"
        );
        assert_eq!(
            to_text(b"\x1b$B%\"%^\x1b(B", Some("ISO-2022-JP"), false),
            "アマ"
        );
        assert_eq!(to_text("grün".as_bytes(), Some("us-ascii"), false), "grün");
        assert_eq!(to_text(b"gr\xfcn", None, false), "grün");
        assert_eq!(to_text(b"gr\xfcn", Some("no-such-charset"), false), "grün");
        assert_eq!(
            to_text(b"<meta charset='big5'>\xb1K", None, true),
            "<meta charset='big5'>密"
        );
        assert_eq!(to_text(b"a+ZeVnLA-b", Some("UTF-7"), false), "a日本b");
    }
}
