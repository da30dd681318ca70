//! Letters as people draw them in names: signs and letters of any script that look or sound like a Latin
//! one, marks that only stretch a letter, and letters put together from several signs.
//!
//! Coarser than [`fold`](crate::mail::text::confusables::fold): what is read here are the few letters of
//! a known name, never words of a language.

use crate::mail::text::{
    confusables::{Shown, fold, shown},
    paged::Paged,
};
use std::{collections::HashMap, sync::LazyLock};

/// What every arrow and every curved line below a word is read as.
pub(crate) const ARROW: char = '→';

/// Letters that a character may pass for beside those that it folds to.
pub(crate) const MOST: usize = 3;

/// Signs that together are one letter to a reader; the longer first.
const TOGETHER: [(&str, char); 8] = [
    ("/\\/\\", 'm'),
    ("|\\/|", 'm'),
    ("|\\|", 'n'),
    ("/\\", 'a'),
    ("()", 'o'),
    ("[]", 'o'),
    ("{}", 'o'),
    ("<>", 'o'),
];

/// A letter, and the one that it is when it is turned upside down; the others stay what they are.
const TURNED: [(char, char); 16] = [
    ('n', 'u'),
    ('u', 'n'),
    ('p', 'd'),
    ('d', 'p'),
    ('b', 'q'),
    ('q', 'b'),
    ('m', 'w'),
    ('w', 'm'),
    ('M', 'W'),
    ('W', 'M'),
    ('\u{0250}', 'a'),
    ('\u{026F}', 'm'),
    ('Ɯ', 'm'),
    ('\u{2C6F}', 'A'),
    ('\u{2200}', 'A'),
    ('ɹ', 'r'),
];

#[derive(Default)]
struct Letters {
    also: HashMap<char, [char; MOST]>,
    signs: HashMap<char, char>,
    round: HashMap<char, char>,
}

static LETTERS: LazyLock<Letters> = LazyLock::new(|| {
    let mut letters = Letters::default();
    for line in include_str!("letters.txt").lines() {
        let mut parts = line.split(' ');
        let (Some(kind), Some(letter), Some(characters)) =
            (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let Some(letter) = letter.chars().next().map(fold) else {
            continue;
        };
        for c in characters.chars() {
            match kind {
                "look" | "sound" => letters.add(c, letter),
                "sign" => drop(letters.signs.insert(c, letter)),
                "round" => drop(letters.round.insert(c, letter)),
                _ => {}
            }
        }
    }
    letters
});

impl Letters {
    fn add(&mut self, c: char, letter: char) {
        let mut seen = shown(c).into_iter();
        let (Some(c), None) = (seen.next(), seen.next()) else {
            return;
        };
        // Latin letters are what they are.
        if c.is_ascii() {
            return;
        }
        let known = self.also.entry(c).or_default();
        if !known.contains(&letter)
            && let Some(place) = known.iter_mut().find(|place| **place == '\0')
        {
            *place = letter;
        }
    }
}

/// The letters that a reader of a name sees in one character: as [`shown`], but for marks that only
/// stretch or stress the letter before them, of which nothing is left, and signs that are drawn for a
/// letter.
#[inline]
pub(crate) fn drawn(c: char) -> Shown {
    static DRAWN: LazyLock<Paged<Shown>> = LazyLock::new(Paged::new);
    match c.is_ascii() {
        true => shown(c),
        false => DRAWN.get(c, draw).copied().unwrap_or_else(|| draw(c)),
    }
}

fn draw(c: char) -> Shown {
    if let Some(letter) = LETTERS.signs.get(&c) {
        return Shown::one(*letter);
    }
    match c {
        _ if is_arrow(c) => Shown::one(ARROW),
        _ if is_stretch(c) => Shown::default(),
        _ => {
            let mut seen = shown(c).into_iter();
            match (seen.next(), seen.next()) {
                (Some(letter), None) if is_stretch(letter) => Shown::default(),
                _ => shown(c),
            }
        }
    }
}

/// Whether `c` only stretches, stresses or repeats the letter before it: the modifier letters (Lm in
/// UnicodeData.txt) that stand for no letter of their own. The first is what draws Arabic words apart, and
/// the long mark of kana is among them.
pub(crate) fn is_stretch(c: char) -> bool {
    matches!(
        u32::from(c),
        0x640
            | 0x2B9..=0x2C1
            | 0x2C6..=0x2D1
            | 0x2EC
            | 0x2EE
            | 0x559
            | 0x6E5..=0x6E6
            | 0x7FA
            | 0x971
            | 0xE46
            | 0xEC6
            | 0x3005
            | 0x3031..=0x3035
            | 0x303B
            | 0x309D..=0x309E
            | 0x30FC..=0x30FE
            | 0xA4F8..=0xA4FD
            | 0xA717..=0xA71F
            | 0xA788
    )
}

/// The arrows of all blocks, and lines curved like a smile below what they join.
fn is_arrow(c: char) -> bool {
    matches!(
        u32::from(c),
        0x362
            | 0x203F..=0x2040
            | 0x2190..=0x21FF
            | 0x2322..=0x2323
            | 0x23DC..=0x23DD
            | 0x2794
            | 0x2798..=0x27AF
            | 0x27B1..=0x27BE
            | 0x27F0..=0x27FF
            | 0x2900..=0x297F
            | 0x2B00..=0x2B11
            | 0x2B30..=0x2B4F
            | 0x2B5A..=0x2BB8
            | 0x1F800..=0x1F8FF
    )
}

/// The letters that a letter may pass for in a name, beside those that it folds to: `\0` where there is
/// none.
#[inline]
pub(crate) fn also(letter: char) -> [char; MOST] {
    static ALSO: LazyLock<Paged<[char; MOST]>> = LazyLock::new(Paged::new);
    match letter.is_ascii() {
        true => ['\0'; MOST],
        false => {
            let known = |c: char| LETTERS.also.get(&c).copied().unwrap_or_default();
            let both = |c: char| match known(c) {
                ['\0', ..] => known(c.to_lowercase().next().unwrap_or(c)),
                found => found,
            };
            let found = ALSO.get(letter, both).copied();
            found.unwrap_or_else(|| both(letter))
        }
    }
}

/// The letter that a sign passes for between letters ("@" for a).
pub(crate) fn sign(c: char) -> Option<char> {
    match c {
        // Most signs are blanks.
        ' ' => return None,
        ARROW => return Some(c),
        _ => {}
    }
    let folded = fold(c);
    if folded.is_ascii_alphanumeric() {
        return Some(folded);
    }
    let [first, ..] = also(c);
    let passes = LETTERS.round.get(&c).copied();
    passes.or((first != '\0').then_some(first))
}

/// The signs at the beginning of a text that are one letter together: how many octets they take, and the
/// letter.
#[inline]
pub(crate) fn together(text: &str) -> Option<(usize, char)> {
    // Most characters begin none.
    if !text.starts_with(['/', '|', '(', '[', '{', '<']) {
        return None;
    }
    let found = TOGETHER.iter().find(|(signs, _)| text.starts_with(signs));
    found.map(|(signs, letter)| (signs.len(), *letter))
}

/// The letters that signs may be together which begin with this one.
pub(crate) fn begun_by(c: char) -> impl Iterator<Item = char> {
    let begun = TOGETHER
        .iter()
        .filter(move |(signs, _)| signs.starts_with(c));
    begun.map(|(_, letter)| *letter)
}

/// Whether a letter is seen only where text is turned upside down, whatever it says.
pub(crate) fn is_turned(c: char) -> bool {
    matches!(
        c,
        'ɐ' | 'ɯ' | '\u{2C6F}' | 'Ɯ' | 'ʞ' | 'ɹ' | 'ʇ' | 'ʎ' | 'ɥ' | 'ᴉ' | 'ʍ' | '∀' | '⅄'
    )
}

/// The text as it is read by who turns it upside down, and by who turns each letter of it.
pub(crate) fn turned(text: &str) -> [String; 2] {
    let turned = |c: char| {
        let known = TURNED.iter().find(|(turned, _)| *turned == c);
        known.map_or(c, |(_, letter)| *letter)
    };
    let reversed = text.chars().rev().map(turned).collect();
    [reversed, text.chars().map(turned).collect()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(text: &str) -> String {
        text.chars().flat_map(drawn).collect()
    }

    #[test]
    fn what_only_stretches_is_nothing() {
        assert_eq!(letters("Conː\u{640}toʹso"), "Contoso");
        assert_eq!(letters("コーント"), "コント");
        // A letter raised above the line is one.
        assert_eq!(letters("ᶜᵒ"), "co");
    }

    #[test]
    fn letters_pass_for_what_they_look_and_sound_like() {
        for (c, letter) in [
            ('ค', 'a'),
            ('爪', 'm'),
            ('の', 'o'),
            ('з', 'z'),
            ('З', 'z'),
            ('ჳ', 'z'),
            ('н', 'n'),
            ('ν', 'n'),
        ] {
            assert!(also(c).contains(&letter), "{c}");
        }
        assert_eq!(also('a'), ['\0'; MOST]);
        assert_eq!(
            (sign('•'), sign('$'), sign('→')),
            (Some('o'), Some('s'), Some('→'))
        );
        assert_eq!(sign(','), None);
        assert_eq!(letters("₦∀⤻"), "na→");
    }

    #[test]
    fn signs_together_are_one_letter() {
        assert_eq!(together("()n"), Some((2, 'o')));
        assert_eq!(together("/\\/\\"), Some((4, 'm')));
        assert_eq!(together("(x)"), None);
        assert_eq!(begun_by('/').collect::<String>(), "ma");
    }

    #[test]
    fn turned_text_is_turned_back() {
        assert_eq!(turned("uoɯ"), ["mon", "nom"]);
        assert!(is_turned('ɯ') && !is_turned('m'));
    }
}
