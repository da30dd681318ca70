//! The order in which letters are read, where characters that nobody sees put them in another (UAX 9).
//!
//! Text without such characters is left as it is: scripts that are written from right to left are stored in
//! the order in which they are read.

use std::borrow::Cow;
use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};

/// What the signs become that were followed: as long as they are, and seen by nobody either.
const FOLLOWED: char = '\u{2060}';

/// Whether what follows may be shown in another order than it is stored in: overrides, and embeddings
/// from right to left (UAX 9, X2 to X6).
pub(crate) fn turns(c: char) -> bool {
    matches!(c, '\u{202B}' | '\u{202D}' | '\u{202E}' | '\u{2067}')
}

/// Whether any letters of a text may be shown in another order.
pub(crate) fn forces(text: &str) -> bool {
    // What all these signs begin with in UTF-8; most text has none.
    let mut places = memchr::memchr_iter(0xE2, text.as_bytes());
    places.any(|at| {
        let sign = text.get(at..).and_then(|rest| rest.chars().next());
        sign.is_some_and(turns)
    })
}

/// The text with its letters in the order in which a reader reads them. Of the same length: the signs stay
/// in it.
pub(crate) fn reading_order(text: &str) -> Cow<'_, str> {
    if !forces(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        match forces(line) {
            true => ordered(line, &mut out),
            false => out.push_str(line),
        }
    }
    Cow::Owned(out)
}

fn ordered(line: &str, out: &mut String) {
    let (line, end) = match line.strip_suffix('\n') {
        Some(line) => (line, "\n"),
        None => (line, ""),
    };
    let info = BidiInfo::new(line, Some(Level::ltr()));
    let seen: String = info
        .paragraphs
        .iter()
        .map(|part| info.reorder_line(part, part.range.clone()))
        .collect();
    // From left to right now, in which letters that are read from right to left stand the wrong way.
    let mut leftward: Vec<char> = Vec::new();
    for c in seen.chars().map(|c| if turns(c) { FOLLOWED } else { c }) {
        match bidi_class(c) {
            BidiClass::R | BidiClass::AL => leftward.push(c),
            BidiClass::NSM | BidiClass::BN if !leftward.is_empty() => leftward.push(c),
            _ => {
                out.extend(leftward.drain(..).rev());
                out.push(c);
            }
        }
    }
    out.extend(leftward.drain(..).rev());
    out.push_str(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let signs = |c: &char| !matches!(u32::from(*c), 0x202A..=0x202E | 0x2060..=0x2069);
        reading_order(text).chars().filter(signs).collect()
    }

    #[test]
    fn letters_are_put_in_the_order_of_their_signs() {
        assert_eq!(read("C\u{202e}osotno\u{202c} Shop"), "Contoso Shop");
        assert_eq!(read("\u{202e}moc.osotnoc"), "contoso.com");
        assert_eq!(read("\u{202e}ba\u{202d}12\u{202c}dc\u{202c}"), "cd12ab");
        assert_eq!(read("\u{202d}ab\u{202c}"), "ab");
        // Signs end with their line.
        assert_eq!(read("\u{202e}ba\ncd"), "ab\ncd");
    }

    #[test]
    fn scripts_from_right_to_left_are_read_as_they_are() {
        assert_eq!(read("אבג abc"), "אבג abc");
        assert_eq!(read("\u{202e}אבג\u{202c}"), "אבג");
        assert_eq!(read("\u{202d}גבא\u{202c}"), "אבג");
        // Each point stays behind its letter.
        assert_eq!(read("\u{202d}ab\u{202c} שָׁלוֹם"), "ab שָׁלוֹם");
    }

    #[test]
    fn the_length_stays() {
        let text = format!("{}x\u{202c}y\nz", "\u{202e}\u{202d}".repeat(200));
        assert_eq!(reading_order(&text).len(), text.len());
        assert!(reading_order(&text).ends_with("\nz"));
    }

    #[test]
    fn embeddings_turn_what_they_hold() {
        assert_eq!(read("Con\u{202E}so\u{202D}to\u{202C}\u{202C}"), "Contoos");
        assert_eq!(
            read("\u{2067}toso\u{200F}Con\u{2069}").replace('\u{200F}', ""),
            "Contoso"
        );
        assert_eq!(read("\u{202B}אמז\u{202C}"), "אמז");
    }
}
