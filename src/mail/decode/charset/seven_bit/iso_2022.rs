//! ISO-2022: escape sequences say which set of characters the octets after them are of.

use super::super::multi_octet;
use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, ISO_8859_7, WINDOWS_1252};

const ESC: u8 = 0x1b;
const SHIFT_OUT: u8 = 0x0e;
const SHIFT_IN: u8 = 0x0f;

/// A set of characters (ISO-IR numbers of the registry in brackets).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    /// ASCII (6), or the Roman set of JIS X 0201 (14), which differs in two signs.
    Ascii,
    /// Katakana of JIS X 0201 (13).
    Kana,
    /// JIS X 0208 (42, 87), and JIS X 0213's first plane (228, 233), which has the same characters and more.
    Jis0208,
    /// JIS X 0212 (159).
    Jis0212,
    /// GB2312 (58).
    Gb2312,
    /// KS X 1001 (149).
    Ksx1001,
    /// A plane of CNS 11643 (171, 172).
    Cns(u8),
    /// The right half of ISO-8859-1 (100).
    Latin1,
    /// The right half of ISO-8859-7 (126).
    Greek,
}

impl Set {
    fn is_wide(self) -> bool {
        !matches!(self, Self::Ascii | Self::Kana | Self::Latin1 | Self::Greek)
    }
}

/// Whether `octets` have an escape sequence that begins such a charset.
pub(crate) fn is_meant(octets: &[u8]) -> bool {
    memchr::memchr_iter(ESC, octets).any(|at| {
        let after = octets.get(at + 1..).unwrap_or_default();
        matches!(after, [b'$' | b'(' | b')' | b'.', ..])
    })
}

pub(crate) fn decode(octets: &[u8]) -> String {
    let mut reader = Reader {
        designated: [Set::Ascii; 4],
        left: 0,
        out: String::with_capacity(octets.len()),
        run: Vec::new(),
        of: Set::Ascii,
    };
    let mut rest = octets;
    while let Some((&first, after)) = rest.split_first() {
        rest = match first {
            ESC => reader.escape(after),
            SHIFT_OUT | SHIFT_IN => {
                reader.left = usize::from(first == SHIFT_OUT);
                after
            }
            _ => {
                // Each line begins with the first set (RFC 1557, RFC 1922).
                if first == b'\n' {
                    reader.left = 0;
                }
                reader.char(reader.in_force(), rest)
            }
        };
    }
    reader.flush();
    reader.out
}

struct Reader {
    /// The sets G0 to G3.
    designated: [Set; 4],
    /// Which of them octets are of.
    left: usize,
    out: String,
    /// Octets of one set that are not yet decoded, in eight bits.
    run: Vec<u8>,
    of: Set,
}

impl Reader {
    fn in_force(&self) -> Set {
        self.designated
            .get(self.left)
            .copied()
            .unwrap_or(Set::Ascii)
    }

    /// Reads what follows ESC; returns what is left.
    fn escape<'a>(&mut self, after: &'a [u8]) -> &'a [u8] {
        let (place, set, length) = match after {
            [b'$', b'(', set, ..] => (0, wide(*set), 3),
            [b'$', b')', set, ..] => (1, wide(*set), 3),
            [b'$', b'*', set, ..] => (2, wide(*set), 3),
            [b'$', b'+', set, ..] => (3, wide(*set), 3),
            [b'$', set, ..] => (0, wide(*set), 2),
            [b'(', set, ..] => (0, narrow(*set), 2),
            [b')', set, ..] => (1, narrow(*set), 2),
            [b'.', b'A', ..] => (2, Set::Latin1, 2),
            [b'.', b'F', ..] => (2, Set::Greek, 2),
            [b'&', b'@', rest @ ..] => return rest,
            // One character of another set.
            [shift @ (b'N' | b'O'), rest @ ..] => {
                let place = if *shift == b'N' { 2 } else { 3 };
                let set = self.designated.get(place).copied().unwrap_or(Set::Ascii);
                return self.char(set, rest);
            }
            _ => return after,
        };
        if let Some(designated) = self.designated.get_mut(place) {
            *designated = set;
        }
        after.get(length..).unwrap_or_default()
    }

    /// Reads one character of `set`; returns what is left.
    fn char<'a>(&mut self, set: Set, octets: &'a [u8]) -> &'a [u8] {
        match octets {
            [a @ 0x21..=0x7e, b @ 0x21..=0x7e, rest @ ..] if set.is_wide() => {
                self.push(set, &[*a, *b]);
                rest
            }
            [a @ 0x20..=0x7f, rest @ ..] if !set.is_wide() => {
                self.push(set, &[*a]);
                rest
            }
            // JIS8 has the katakana above 127.
            [a @ 0xa1..=0xdf, rest @ ..] => {
                self.push(Set::Kana, &[a & 0x7f]);
                rest
            }
            // Blanks, line ends and controls are the same in every set; half a pair is nothing.
            [a, rest @ ..] => {
                let char = match a {
                    0..=0x20 | 0x7f => char::from(*a),
                    _ => '\u{fffd}',
                };
                self.flush();
                self.out.push(char);
                rest
            }
            [] => octets,
        }
    }

    fn push(&mut self, set: Set, octets: &[u8]) {
        if set != self.of {
            self.flush();
            self.of = set;
        }
        match (set, octets) {
            (Set::Ascii, [a]) => self.out.push(char::from(*a)),
            (Set::Cns(plane), [a, b]) => self.out.push(multi_octet::cns(plane, *a, *b)),
            (Set::Kana, [a]) => self.run.extend([0x8e, a | 0x80]),
            (Set::Jis0212, [a, b]) => self.run.extend([0x8f, a | 0x80, b | 0x80]),
            _ => self.run.extend(octets.iter().map(|octet| octet | 0x80)),
        }
    }

    fn flush(&mut self) {
        let encoding: &'static Encoding = match self.of {
            Set::Kana | Set::Jis0208 | Set::Jis0212 => EUC_JP,
            Set::Gb2312 => GBK,
            Set::Ksx1001 => EUC_KR,
            Set::Greek => ISO_8859_7,
            Set::Latin1 | Set::Ascii | Set::Cns(_) => WINDOWS_1252,
        };
        let (text, _) = encoding.decode_without_bom_handling(&self.run);
        self.out.push_str(&text);
        self.run.clear();
    }
}

/// The set of two octets a character that a final octet of an escape sequence stands for.
fn wide(last: u8) -> Set {
    match last {
        b'A' => Set::Gb2312,
        b'C' => Set::Ksx1001,
        b'D' => Set::Jis0212,
        b'G' => Set::Cns(1),
        b'H' => Set::Cns(2),
        _ => Set::Jis0208,
    }
}

/// The set of one octet a character.
fn narrow(last: u8) -> Set {
    match last {
        b'I' => Set::Kana,
        _ => Set::Ascii,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_is_of_another_set() {
        for (octets, expected) in [
            (&b"\x1b.A\x1bNix"[..], "éx"),
            (b"\x1b.F\x1bNax", "αx"),
            (b"\x1b&@x", "x"),
            (b"x\x1b", "x"),
            (b"\x1b(Bx", "x"),
        ] {
            assert_eq!(decode(octets), expected, "{}", octets.escape_ascii());
        }
    }
}
