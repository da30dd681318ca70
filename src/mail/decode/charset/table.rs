//! Charsets of single octets that encoding_rs doesn't have: code pages of DOS, Macintosh and EBCDIC.

/// The characters of one, by their octets.
#[derive(Debug)]
pub(crate) struct Table {
    /// The character of each octet from `first` on.
    chars: Vec<char>,
    first: u8,
}

/// The first octet that an EBCDIC table says something of; below it are controls.
const EBCDIC: u8 = 0x40;

impl Table {
    /// `chars`: those from 0x80 on, or those from 0x40 on.
    pub(crate) fn new(chars: &str) -> Option<Self> {
        let chars: Vec<char> = chars.chars().collect();
        let first = match chars.len() {
            128 => 0x80,
            192 => EBCDIC,
            _ => return None,
        };
        Some(Self { chars, first })
    }

    /// Whether octets below 128 are ASCII.
    pub(crate) fn holds_ascii(&self) -> bool {
        self.first == 0x80
    }

    pub(crate) fn decode(&self, octets: &[u8]) -> String {
        octets.iter().map(|octet| self.char(*octet)).collect()
    }

    fn char(&self, octet: u8) -> char {
        let is_ebcdic = self.first == EBCDIC && self.chars.first() == Some(&' ');
        match octet.checked_sub(self.first) {
            Some(at) => self
                .chars
                .get(usize::from(at))
                .copied()
                .unwrap_or('\u{fffd}'),
            // New line and line feed; the rest of the controls says nothing in a text.
            None if is_ebcdic => match octet {
                0x05 => '\t',
                0x0d => '\r',
                0x15 | 0x25 => '\n',
                _ => '\0',
            },
            None => char::from(octet),
        }
    }
}
