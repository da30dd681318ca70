//! Charsets in seven bits, which pass for ASCII: ISO-2022, HZ and UTF-7.
//!
//! Some mail programs look for them under any label, others never do. So a reading of plain ASCII in one of
//! them is always one more beside the plain one: what is written for the one must not hide what the other shows.

mod iso_2022;
mod utf_7;

use encoding_rs::GB18030;

pub(crate) use utf_7::imap_utf_7;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SevenBit {
    /// ISO-2022-JP, -KR, -CN and their kin (RFC 1468, 1557, 1922): escape sequences say what follows.
    Iso2022,
    /// HZ (RFC 1843): GB2312 between `~{` and `~}`.
    Hz,
    /// UTF-7 (RFC 2152): UTF-16 in Base64 between `+` and `-`.
    Utf7,
}

impl SevenBit {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Iso2022, Self::Hz, Self::Utf7];

    /// The text of `octets` that are labelled so.
    pub(crate) fn decode(self, octets: &[u8]) -> String {
        match self {
            Self::Iso2022 => iso_2022::decode(octets),
            Self::Hz => hz(octets),
            Self::Utf7 => utf_7::decode(octets),
        }
    }

    /// The text of `octets` that are labelled otherwise, where they could be meant so.
    pub(crate) fn reading(self, octets: &[u8]) -> Option<String> {
        let is_meant = match self {
            Self::Iso2022 => iso_2022::is_meant(octets),
            Self::Hz => memchr::memmem::find(octets, b"~{").is_some(),
            Self::Utf7 => octets.is_ascii() && utf_7::is_meant(octets),
        };
        is_meant.then(|| self.decode(octets)).filter(|text| {
            let means_others = text.chars().any(|c| !c.is_ascii() && c != '\u{fffd}');
            match self {
                // Escapes that choose a set and never use it are shown by nobody.
                Self::Iso2022 => means_others || !text.contains('\u{fffd}'),
                Self::Hz => means_others,
                Self::Utf7 => true,
            }
        })
    }
}

fn hz(octets: &[u8]) -> String {
    let mut eight_bits = Vec::with_capacity(octets.len());
    let mut rest = octets;
    let mut wide = false;
    while let Some((&first, after)) = rest.split_first() {
        let length = match (first, after) {
            (b'~', [b'{', ..]) => {
                wide = true;
                2
            }
            (b'~', [b'}', ..]) => {
                wide = false;
                2
            }
            (b'~', [b'~', ..]) if !wide => {
                eight_bits.push(b'~');
                2
            }
            // A line that goes on in the next.
            (b'~', [b'\n', ..]) if !wide => 2,
            (b'~', [b'\r', b'\n', ..]) if !wide => 3,
            (0x21..=0x7e, [second @ 0x21..=0x7e, ..]) if wide => {
                eight_bits.extend([first | 0x80, second | 0x80]);
                2
            }
            _ => {
                // Every line begins in ASCII.
                wide &= first != b'\n';
                eight_bits.push(first);
                1
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    let (text, _) = GB18030.decode_without_bom_handling(&eight_bits);
    text.into_owned()
}
