//! The order in which letters are seen, where characters say so that nobody sees (UAX 9).

use crate::mail::text::skeleton::MAX_LETTERS;
use unicode_bidi::{BidiClass, BidiInfo, Level, bidi_class};

/// Whether what follows may be shown in another order than it is stored in: overrides, and embeddings
/// from right to left (UAX 9, X2 to X6).
pub(crate) fn turns(c: char) -> bool {
    matches!(c, '\u{202B}' | '\u{202D}' | '\u{202E}' | '\u{2067}')
}

/// The text in the order in which it is read, where that is not the order in which it is stored. At most
/// 4,096 letters of it.
pub(crate) fn read_order(text: &str) -> Option<String> {
    // Most text is ASCII.
    if text.is_ascii() || !text.contains(turns) {
        return None;
    }
    let text: String = text.chars().take(MAX_LETTERS).collect();
    let info = BidiInfo::new(&text, Some(Level::ltr()));
    let lines = info.paragraphs.iter();
    let seen: String = lines
        .map(|line| info.reorder_line(line, line.range.clone()))
        .collect();
    // From left to right now, in which letters that are read from right to left stand the wrong way.
    let mut out = String::with_capacity(seen.len());
    let mut leftward: Vec<char> = Vec::new();
    for c in seen.chars() {
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
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let visible = |text: String| {
            let shown = |c: &char| !crate::mail::text::confusables::is_invisible(*c);
            text.chars().filter(shown).collect()
        };
        read_order(text).map(visible)
    }

    #[test]
    fn overrides_turn_what_they_hold() {
        let contoso = Some("Contoso".to_owned());
        assert_eq!(read("\u{202E}osotnoC"), contoso);
        assert_eq!(read("C\u{202E}osotno\u{202C}"), contoso);
        assert_eq!(
            read("Con\u{202E}so\u{202D}to\u{202C}\u{202C}").as_deref(),
            Some("Contoos")
        );
        assert_eq!(read("\u{2067}toso\u{200F}Con\u{2069}"), contoso);
        assert_eq!(read("Contoso"), None);
    }

    #[test]
    fn letters_read_from_right_to_left_stay_so() {
        let word = "\u{5D0}\u{5DE}\u{5D6}\u{5D5}\u{5DF}";
        let reversed: String = word.chars().rev().collect();
        assert_eq!(
            read(&format!("\u{202B}{word}\u{202C}")).as_deref(),
            Some(word)
        );
        assert_eq!(
            read(&format!("\u{202D}{reversed}\u{202C}")).as_deref(),
            Some(word)
        );
    }
}
