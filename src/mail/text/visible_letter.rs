//! Letters as a reader sees them, for phrases: the accents off, the look-alikes made Latin.
//!
//! Host names and sender names are compared in a coarser form, where `l`, `i` and `1` are one. Here a
//! zloty (PLN) must not become a PIN.

use crate::mail::text::{
    confusables::{Shown, cured, is_ideograph, is_invisible, shown, strip_each},
    paged::Paged,
};
use std::{borrow::Cow, sync::LazyLock};

/// What a reader sees in a character.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Seen {
    #[default]
    Nothing,
    Letter(char),
    /// A ligature, a fraction, a syllable: [`several`] tells which.
    Several,
}

/// What a reader sees in `c`, the same as [`letters`] give.
pub(crate) fn seen(c: char) -> Seen {
    static SEEN: LazyLock<Paged<Seen>> = LazyLock::new(Paged::new);
    if is_ideograph(c) {
        return Seen::Letter(c);
    }
    match SEEN.get(c, look_closely) {
        Some(seen) => *seen,
        None => beyond(c),
    }
}

/// The letters of a character that is several.
pub(crate) fn several(c: char) -> Shown {
    static SEVERAL: LazyLock<Paged<Shown>> = LazyLock::new(Paged::new);
    let work = |c| shown(c).map(fold);
    SEVERAL.get(c, work).copied().unwrap_or_else(|| work(c))
}

/// Of what is beyond all scripts each is itself.
#[inline(never)]
fn beyond(c: char) -> Seen {
    match is_invisible(c) {
        true => Seen::Nothing,
        false => Seen::Letter(c),
    }
}

/// Works out most of what mail has beyond ASCII now, and not when it is first met: Latin with accents,
/// Greek and Cyrillic, punctuation and currencies, kana.
pub(crate) fn prepare() {
    const COMMON: [std::ops::Range<u32>; 3] = [0x80..0x530, 0x2000..0x20D0, 0x3000..0x3100];
    for c in COMMON.into_iter().flatten().filter_map(char::from_u32) {
        seen(c);
    }
}

/// Whether a reader sees the same in the capitals of `text`, letter by letter. One letter that is written with
/// two in capitals is said to look different.
pub(crate) fn looks_alike_in_capitals(text: &str) -> bool {
    text.is_ascii()
        || text.chars().filter(|c| !c.is_ascii()).all(|c| {
            let mut capitals = c.to_uppercase();
            match (capitals.next(), capitals.next()) {
                (Some(capital), None) if capital == c => true,
                (Some(capital), None) => seen(c) != Seen::Several && seen(capital) == seen(c),
                _ => false,
            }
        })
}

fn look_closely(c: char) -> Seen {
    let mut buffer = [0; 4];
    let mut found = letters(c.encode_utf8(&mut buffer));
    match (found.next(), found.next()) {
        (None, _) => Seen::Nothing,
        (Some(letter), None) => Seen::Letter(letter),
        _ => Seen::Several,
    }
}

/// The letters of `text` folded, invisible and combining characters left out.
pub(crate) fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    letters_of(text.chars())
}

/// The same of single characters.
pub(crate) fn letters_of(characters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    strip_each(characters).map(fold)
}

fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    static FOLDED: LazyLock<Paged<char>> = LazyLock::new(Paged::new);
    match is_own_script(u32::from(c)) {
        true => c,
        false => FOLDED.get(c, prototype).copied().unwrap_or(c),
    }
}

/// Scripts that messages are written in and whose letters are no disguise: Arabic, Hebrew, the scripts
/// of India and South East Asia, Chinese, Japanese, Korean.
fn is_own_script(code: u32) -> bool {
    matches!(
        code,
        0x0590..=0x10FF | 0x1100..=0x11FF | 0x2E80..=0xA4CF | 0xA960..=0xA97F | 0xAC00..=0xD7FF
            | 0xF900..=0xFDFF | 0xFE30..=0xFEFF | 0x20000..=0x3FFFF
    )
}

/// The text with blanks for the letters and marks of scripts that put no space between an address and
/// the words around it. Of the same length, so that places stay.
pub(crate) fn own_scripts_blanked(text: &str) -> Cow<'_, str> {
    // The first octet of U+0590 and everything above it in UTF-8.
    const FIRST: u8 = 0xD6;
    // Many octets at a time.
    const PART: usize = 32;
    const BLANKS: &str = "                                ";
    let highest = |part: &[u8]| part.iter().fold(0, |most, byte| *byte.max(&most));
    let parts = (0..).step_by(PART).zip(text.as_bytes().chunks(PART));
    let foreign = parts.filter(|(_, part)| highest(part) >= FIRST);
    let could_be = foreign.flat_map(|(start, part)| {
        let places = part.iter().enumerate();
        places.filter_map(move |(at, byte)| (*byte >= FIRST).then_some(start + at))
    });
    let is_blanked = |c: char| {
        let code = u32::from(c);
        is_own_script(code) || matches!(code, 0x2000..=0x206F | 0xFF00..=0xFFEF)
    };
    let mut out = String::new();
    let mut from = 0;
    for at in could_be {
        // What stands before it is done.
        if at < from {
            continue;
        }
        let rest = text.get(at..).unwrap_or_default();
        let blanked = rest.chars().take_while(|c| is_blanked(*c));
        let octets = blanked.map(char::len_utf8).sum::<usize>();
        if octets > 0 {
            out.push_str(text.get(from..at).unwrap_or_default());
            from = at + octets;
            while out.len() < from {
                let left = BLANKS.len().min(from - out.len());
                out.push_str(BLANKS.get(..left).unwrap_or_default());
            }
        }
    }
    if from == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// The Latin letter that Unicode's confusables.txt (UTS 39 section 4) gives for `c`, else its small
/// letter.
fn prototype(c: char) -> char {
    let quote = matches!(c, '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{00B4}');
    if quote {
        return '\'';
    }
    let mut buffer = [0; 4];
    let mut found = strip_marks(unicode_security::skeleton(c.encode_utf8(&mut buffer)));
    match (found.next(), found.next()) {
        // confusables.txt gives l for a capital I of any script.
        (Some('l'), None) if c.is_uppercase() => 'i',
        (Some(letter), None) if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase(),
        _ => stylised(c).unwrap_or_else(|| c.to_lowercase().next().unwrap_or(c)),
    }
}

/// The letter of a stylised one that confusables.txt doesn't know: small capitals, boxes, phonetic signs.
/// Letters in which languages are written are none.
fn stylised(c: char) -> Option<char> {
    let is_stylised = matches!(
        u32::from(c),
        0x0250..=0x02AF | 0x1D00..=0x1DBF | 0x2C60..=0x2C7F | 0xA720..=0xA7FF | 0x1F100..=0x1F1FF
            | 0x13A0..=0x16FF | 0x1950..=0x197F | 0xAB30..=0xABBF
    ) || matches!(c, 'ω' | 'ϖ' | 'η' | 'τ' | 'κ' | 'ε' | 'μ');
    is_stylised.then(|| cured(c)).flatten()
}

fn strip_marks(letters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    letters.filter(|c| !unicode_normalization::char::is_combining_mark(*c))
}

/// A digit or sign between two letters stands for a letter: `passw0rd`, `p@ssword`.
#[inline]
pub(crate) fn leet(
    c: char,
    before: impl FnOnce() -> Option<char>,
    after: impl FnOnce() -> Option<char>,
) -> char {
    let letter = match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => return c,
    };
    let between = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    match between(before()) && between(after()) {
        true => letter,
        false => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};

    fn texts() -> impl Strategy<Value = String> {
        let bits = vec![
            "www.shop.example",
            " ",
            "é",
            "€",
            "’",
            "я",
            "密",
            "ー",
            "ａ",
            "\u{5D0}",
            "\u{200B}",
            "𠀀",
            "\u{1F600}",
            "a word of more letters than are looked at in one go",
        ];
        vec(select(bits), 0..20).prop_map(|bits| bits.concat())
    }

    proptest! {
        #[test]
        fn own_scripts_are_blanked_letter_by_letter(text in texts()) {
            let blanked = |c: char| match c {
                '密' | 'ー' | 'ａ' | '\u{5D0}' | '𠀀' | '’' | '\u{200B}' => " ".repeat(c.len_utf8()),
                c => c.to_string(),
            };
            let expected: String = text.chars().map(blanked).collect();
            prop_assert_eq!(&*own_scripts_blanked(&text), expected);
        }
    }

    #[test]
    fn capitals_look_like_their_small_letters_or_do_not() {
        for (text, is_alike) in [
            ("", true),
            ("shop", true),
            ("é", true),
            ("中", true),
            ("½", true),
            ("ß", false),
            ("shopß", false),
            ("µ", false),
            ("ǆ", false),
        ] {
            assert_eq!(looks_alike_in_capitals(text), is_alike, "{text}");
        }
    }
}
