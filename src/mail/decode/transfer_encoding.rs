//! Transfer encodings (RFC 2045 section 6): Base64 and quoted-printable, for body parts, encoded words and
//! whatever else mail carries in them.
//!
//! What a strict decoder refuses is shown to a person all the same, so nothing is refused.

use std::borrow::Cow;

/// Content-Transfer-Encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransferEncoding {
    /// 7bit, 8bit, binary, or a word that nobody knows.
    #[default]
    Identity,
    /// Base64 (section 6.8).
    Base64,
    /// Quoted-printable (section 6.7).
    QuotedPrintable,
    /// `x-uuencode`, not in any standard and decoded by mail programs.
    Uuencode,
}

impl TransferEncoding {
    /// Reads the field's value. Quotes and comments around the word are left aside.
    pub fn parse(value: &[u8]) -> Self {
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

    /// The octets as they were before transfer. Never longer than `octets`.
    pub fn decode(self, octets: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Identity => Cow::Borrowed(octets),
            Self::Base64 => Cow::Owned(base64(octets)),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(octets)),
            Self::Uuencode => Cow::Owned(uuencode(octets)),
        }
    }
}

const PADDING: u8 = 64;

/// The six bits of each octet of Base64, in either alphabet (RFC 4648 sections 4 and 5).
// Made by the compiler, which would see an index out of bounds.
#[allow(clippy::indexing_slicing)]
const SIX_BITS: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut at = 0;
    while at < table.len() {
        let octet = at as u8;
        table[at] = match octet {
            b'A'..=b'Z' => octet - b'A',
            b'a'..=b'z' => octet - b'a' + 26,
            b'0'..=b'9' => octet - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => PADDING,
            _ => u8::MAX,
        };
        at += 1;
    }
    table
};

/// The six bits that a digit of Base64 stands for.
pub(crate) fn six_bits(octet: u8) -> Option<u8> {
    SIX_BITS
        .get(usize::from(octet))
        .copied()
        .filter(|six| *six < PADDING)
}

/// Base64 as mail programs read it. Characters outside the alphabet are ignored (RFC 2045 section 6.8).
/// Padding may be missing. In the middle, as it stands where two encoded texts were put together, it ends a
/// group and the next one begins; where no group could end it is a stray character.
pub fn base64(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len() / 4 * 3 + 3);
    let mut group = 0u32;
    let mut filled = 0u8;
    for &octet in octets {
        let six = match SIX_BITS.get(usize::from(octet)) {
            Some(&six) if six < PADDING => six,
            Some(&PADDING) if filled > 1 => {
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

/// Adds the whole octets of a group of `filled` digits.
fn flush(out: &mut Vec<u8>, group: u32, filled: u8) {
    let [_, a, b, c] = match filled {
        2 => group << 12,
        3 => group << 6,
        4 => group,
        _ => return,
    }
    .to_be_bytes();
    match filled {
        2 => out.push(a),
        3 => out.extend([a, b]),
        _ => out.extend([a, b, c]),
    }
}

/// Quoted-printable as mail programs read it: an `=` without two hexadecimal digits stands for itself.
pub fn quoted_printable(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    for line in octets.split_inclusive(|&octet| octet == b'\n') {
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
        unescape(text, b'=', &mut out);
        out.extend_from_slice(ending);
    }
    out
}

/// The Q encoding of encoded words (RFC 2047 section 4.2): `_` is a blank, and there are no lines.
pub fn q(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    for (nth, run) in octets.split(|&octet| octet == b'_').enumerate() {
        if nth > 0 {
            out.push(b' ');
        }
        unescape(run, b'=', &mut out);
    }
    out
}

/// Adds `octets`, with each `sign` that two hexadecimal digits follow, and these, made one octet.
pub(crate) fn unescape(octets: &[u8], sign: u8, out: &mut Vec<u8>) {
    let mut rest = octets;
    while let Some(at) = memchr::memchr(sign, rest) {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let octet = match escape {
            [_, high, low, ..] => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match octet {
            Some((high, low)) => out.push(high << 4 | low),
            // Not an escape: shown as it stands.
            None => out.push(sign),
        }
        let length = if octet.is_some() { 3 } else { 1 };
        rest = escape.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn uuencode(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len() / 4 * 3);
    for line in octets.split(|&octet| octet == b'\n') {
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
                .fold(0u32, |bits, &octet| {
                    bits << 6 | u32::from(octet.wrapping_sub(b' ') & 63)
                });
            flush(&mut out, bits, 4);
        }
        let length = usize::from(count.wrapping_sub(b' ') & 63);
        out.truncate(before.saturating_add(length).min(out.len()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoding: &str, text: &str) -> String {
        let decoded = TransferEncoding::parse(encoding.as_bytes())
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
    fn a_digit_has_six_bits() {
        for (digits, value) in [
            ("A", 0),
            ("Z", 25),
            ("a", 26),
            ("z", 51),
            ("0", 52),
            ("9", 61),
            ("+-", 62),
            ("/_", 63),
        ] {
            for digit in digits.bytes() {
                assert_eq!(six_bits(digit), Some(value), "{digits}");
            }
        }
        // Beside them in ASCII, padding, and beyond.
        for none in b"@[`{:,.= \n\x7F\x80\xFF" {
            assert_eq!(six_bits(*none), None, "{none}");
        }
    }

    #[test]
    fn padding_where_no_group_ends_is_stray() {
        assert_eq!(decode("base64", "=c2Vjb25k"), "second");
        assert_eq!(decode("base64", "c=2Vjb25k"), "second");
        assert_eq!(decode("base64", "c2Vj====b25k"), "second");
    }

    #[test]
    fn quoted_printable_survives_what_is_no_escape() {
        assert_eq!(
            decode("Quoted-Printable", "a=3Db=\r\nc =\r\n=4\r\n=zz"),
            "a=bc =4\r\n=zz"
        );
    }

    #[test]
    fn q_knows_no_lines() {
        assert_eq!(q(b"a_b=5Fc=3d=ZZ=4"), b"a b_c==ZZ=4");
        assert_eq!(q(b"a_=\n_"), b"a =\n ");
    }

    #[test]
    fn uuencode_is_read() {
        for (lines, text) in [
            ("begin 644 x\n#0V%T\n`\nend\n", "Cat"),
            ("#0V%T\n#0V%T\n", "CatCat"),
            // The first sign says how many octets a line has.
            ("\"0V%T", "Ca"),
            ("$0V%T", "Cat"),
            // Blanks at the end of a line are digits, and may be lost.
            ("!0P  ", "C"),
            ("!0P", "C"),
            ("\n\n", ""),
        ] {
            assert_eq!(decode("x-uuencode", lines), text, "{lines}");
        }
    }
}
