//! UTF-7 (RFC 2152), and the one of IMAP's folder names (RFC 3501 section 5.1.3).

use super::super::super::transfer_encoding::six_bits;

/// The two signs in which the kinds of UTF-7 differ.
struct Alphabet {
    shift: u8,
    sixty_three: u8,
}

const MAIL: Alphabet = Alphabet {
    shift: b'+',
    sixty_three: b'/',
};
const IMAP: Alphabet = Alphabet {
    shift: b'&',
    sixty_three: b',',
};

pub(crate) fn decode(octets: &[u8]) -> String {
    MAIL.decode(octets)
}

pub(crate) fn imap_utf_7(octets: &[u8]) -> String {
    IMAP.decode(octets)
}

/// Whether runs stand in `octets` that were written to be such: exact to the bit, and of more than a single
/// character unless that is Latin. `a+b-c`, sums and Base64 have none, or by a rare chance.
pub(crate) fn is_meant(octets: &[u8]) -> bool {
    // Digits of a run that are looked at: a whole number of characters.
    const LONG: usize = 64;
    let mut rest = octets;
    let mut characters = 0;
    while let Some(at) = memchr::memchr(MAIL.shift, rest) {
        let after = rest.get(at + 1..).unwrap_or_default();
        let run = MAIL.run(after);
        rest = after.get(run.len()..).unwrap_or_default();
        let (units, left) = units(run.get(..LONG).unwrap_or(run));
        let text = String::from_utf16(&units).unwrap_or_default();
        let is_sign = |c: char| c.is_control() && !c.is_whitespace();
        if !text.is_empty() && !text.chars().any(is_sign) && (left == 0 || run.len() >= LONG) {
            let latin = units.first().is_some_and(|unit| *unit < 0x250);
            characters += if latin { 2 } else { units.len() };
        }
        if characters > 1 {
            return true;
        }
    }
    false
}

impl Alphabet {
    fn decode(&self, octets: &[u8]) -> String {
        let mut out = String::with_capacity(octets.len());
        let mut rest = octets;
        while let Some(at) = memchr::memchr(self.shift, rest) {
            let (before, shifted) = rest.split_at(at);
            out.push_str(&String::from_utf8_lossy(before));
            let after = shifted.get(1..).unwrap_or_default();
            let run = self.run(after);
            let (units, _) = units(run);
            rest = after.get(run.len()..).unwrap_or_default();
            // `-` ends a run and belongs to it; anything else ends it and is text.
            let closed = rest.strip_prefix(b"-");
            match (units.is_empty(), closed) {
                (false, _) => out.push_str(&String::from_utf16_lossy(&units)),
                (true, Some(_)) if run.is_empty() => out.push(char::from(self.shift)),
                // Too short for a character: as it stands.
                (true, _) => {
                    out.push(char::from(self.shift));
                    out.push_str(&String::from_utf8_lossy(run));
                    continue;
                }
            }
            rest = closed.unwrap_or(rest);
        }
        out.push_str(&String::from_utf8_lossy(rest));
        out
    }

    /// The digits of Base64 at the beginning of `octets`.
    fn run<'a>(&self, octets: &'a [u8]) -> &'a [u8] {
        let is_digit = |octet: &u8| {
            octet.is_ascii_alphanumeric() || *octet == b'+' || *octet == self.sixty_three
        };
        let end = octets.iter().position(|octet| !is_digit(octet));
        octets
            .get(..end.unwrap_or(octets.len()))
            .unwrap_or_default()
    }
}

/// The UTF-16 in a run of Base64, and the bits that are left over, zero where the run is exact.
fn units(run: &[u8]) -> (Vec<u16>, u32) {
    let mut units = Vec::with_capacity(run.len() * 6 / 16);
    let (mut bits, mut filled) = (0u32, 0u32);
    for octet in run {
        // IMAP's comma is the 63rd digit.
        bits = bits << 6 | u32::from(six_bits(*octet).unwrap_or(63));
        filled += 6;
        if filled >= 16 {
            filled -= 16;
            units.push((bits >> filled) as u16);
            bits &= (1 << filled) - 1;
        }
    }
    // Six or more would be a digit too many.
    let left = if filled >= 6 { u32::MAX } else { bits };
    (units, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_letter_is_meant_if_it_is_latin() {
        for (octets, expected) in [
            (&b"+Ak8-"[..], true),
            (b"+AlA-", false),
            (b"+AlACUA-", true),
            (b"+AlA- +AlA-", true),
            (b"+AlB-", false),
            (b"a+b-c", false),
            (b"+-", false),
            (b"+AAE-", false),
        ] {
            assert_eq!(is_meant(octets), expected, "{}", octets.escape_ascii());
        }
    }
}
