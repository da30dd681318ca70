//! One letter for everything that looks like it.

use crate::mail::text::paged::{BEYOND, Paged};
use decancer::Translation;
use std::sync::LazyLock;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Letters that a character may stand for. What stands for more (a phrase of eighteen letters, U+FDFA;
/// units and dates in squares) is a word of its own, with which nobody spells another, and stands for
/// itself: else a short text would become a long one.
const MOST_LETTERS: usize = 4;

/// Whether a reader sees nothing of `c`: formatting, joining, direction, variation, fillers.
///
/// The ranges are Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt), the interlinear
/// annotation marks and the control characters other than white space.
#[inline]
pub(crate) fn is_invisible(c: char) -> bool {
    // Most text is this.
    !matches!(c, '\n' | ' '..='~') && is_ignored(c)
}

fn is_ignored(c: char) -> bool {
    matches!(
        u32::from(c),
        0x00..=0x08
            | 0x0E..=0x1F
            | 0x7F..=0x84
            | 0x86..=0x9F
            | 0xAD
            | 0x34F
            | 0x61C
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180F
            | 0x200B..=0x200F
            | 0x202A..=0x202E
            | 0x2060..=0x206F
            | 0x3164
            | 0xFE00..=0xFE0F
            | 0xFEFF
            | 0xFFA0
            | 0xFFF0..=0xFFFB
            | 0x1BCA0..=0x1BCA3
            | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF
    )
}

/// The text in compatibility form (NFKD) without invisible and combining characters.
pub(crate) fn strip(text: &str) -> impl Iterator<Item = char> + '_ {
    strip_each(text.chars())
}

/// The same of single characters.
pub(crate) fn strip_each(characters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    Strip {
        rest: characters,
        letters: None,
    }
}

/// Most characters are one letter: they go by what begins and ends a list of them.
struct Strip<I> {
    rest: I,
    /// What is left of a character that is several.
    letters: Option<<Shown as IntoIterator>::IntoIter>,
}

impl<I: Iterator<Item = char>> Iterator for Strip<I> {
    type Item = char;

    #[inline]
    fn next(&mut self) -> Option<char> {
        loop {
            if let Some(letters) = &mut self.letters {
                match letters.next() {
                    Some(letter) => return Some(letter),
                    None => self.letters = None,
                }
            }
            let c = self.rest.next()?;
            if is_plain(c) {
                return Some(c);
            }
            let shown = shown(c);
            match (shown.length, shown.letters.first()) {
                (0, _) => {}
                (1, Some(letter)) => return Some(*letter),
                _ => self.letters = Some(shown.into_iter()),
            }
        }
    }
}

/// Whether `c` is what it is without a look into any table.
#[inline]
fn is_plain(c: char) -> bool {
    matches!(c, '\n' | ' '..='~') || is_ideograph(c)
}

/// The letters that a reader sees in one character.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown {
    letters: [char; MOST_LETTERS],
    length: u8,
}

impl IntoIterator for Shown {
    type Item = char;
    type IntoIter = std::iter::Take<std::array::IntoIter<char, MOST_LETTERS>>;

    fn into_iter(self) -> Self::IntoIter {
        self.letters.into_iter().take(usize::from(self.length))
    }
}

impl Shown {
    pub(crate) fn one(letter: char) -> Self {
        Self {
            letters: [letter; MOST_LETTERS],
            length: 1,
        }
    }

    /// One behind the other.
    #[inline]
    pub(crate) fn letters(&self) -> &[char] {
        let letters = self.letters.get(..usize::from(self.length));
        letters.unwrap_or_default()
    }

    /// The same with each of them changed.
    pub(crate) fn map(self, change: impl Fn(char) -> char) -> Self {
        Self {
            letters: self.letters.map(change),
            ..self
        }
    }

    /// Whether a reader sees nothing of it.
    pub(crate) fn is_nothing(self) -> bool {
        self.length == 0
    }
}

/// What [`strip`] leaves of one character.
#[inline]
pub(crate) fn shown(c: char) -> Shown {
    static SHOWN: LazyLock<Paged<Shown>> = LazyLock::new(Paged::new);
    if is_plain(c) {
        return Shown::one(c);
    }
    let known = SHOWN.get(c, shown_closely);
    known.copied().unwrap_or_else(|| shown_closely(c))
}

/// Whether `c` is one of the common Chinese characters, of which each is a letter and itself in every form. They
/// are so many that a text meets a page of them with every second word.
#[inline]
pub(crate) fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4DBF | 0x4E00..=0x9FFF)
}

/// The letters of a Hangul syllable, two or three, which are in no other form either (Unicode, section 3.12).
#[inline]
pub(crate) fn jamo(c: char) -> Option<([char; 2], Option<char>)> {
    const VOWELS: u32 = 21;
    const LAST: u32 = 28;
    let nth = u32::from(c)
        .checked_sub(0xAC00)
        .filter(|nth| *nth < 11_172)?;
    let letter = char::from_u32;
    let first = letter(0x1100 + nth / (VOWELS * LAST))?;
    let vowel = letter(0x1161 + nth / LAST % VOWELS)?;
    let last = Some(nth % LAST).filter(|last| *last > 0);
    Some(([first, vowel], last.and_then(|last| letter(0x11A7 + last))))
}

fn shown_closely(c: char) -> Shown {
    match c {
        // These go first: normalisation would turn some of them into spaces.
        c if is_invisible(c) => Shown::default(),
        // Private characters, of which nothing is kept: no table says anything of them.
        c if u32::from(c) >= BEYOND => Shown::one(c),
        c if is_mark_sign(c) => Shown::one(' '),
        c => flag_letter(c).map_or_else(|| compatible(c), Shown::one),
    }
}

/// The compatibility form of one character. The order of marks behind a letter, which alone takes more
/// than one character to tell, is of no use to who leaves them out.
fn compatible(c: char) -> Shown {
    let mut form = Shown::default();
    let mut length = 0;
    decompose_compatible(c, |letter| {
        if !is_invisible(letter) && !is_combining_mark(letter) {
            if let Some(place) = form.letters.get_mut(length) {
                *place = letter;
            }
            length += 1;
        }
    });
    match u8::try_from(length) {
        Ok(length) if usize::from(length) <= MOST_LETTERS => Shown { length, ..form },
        _ => Shown::one(c),
    }
}

/// The letter of a regional indicator: where no flag is drawn of two of them, they are shown as letters
/// in boxes (UTS 51, section 1.4.3).
fn flag_letter(c: char) -> Option<char> {
    let nth = u32::from(c).checked_sub(0x1F1E6).filter(|nth| *nth < 26)?;
    char::from_u32(u32::from('a') + nth)
}

/// Trade mark signs, which compatibility forms would glue to the word as letters.
fn is_mark_sign(c: char) -> bool {
    matches!(c, '™' | '℠' | '®' | '©')
}

/// Every letter of `text` folded, nothing else changed.
pub(crate) fn fold_letters(text: &str) -> impl Iterator<Item = char> + '_ {
    strip(text).map(fold)
}

/// The letter that a reader takes `c` for: confusables of all scripts, case, and digits that pass
/// for letters.
///
/// Confusables are looked up before the case is folded (a capital Mu looks like M, a small one does
/// not) and once more after it.
pub(crate) fn fold(c: char) -> char {
    static FOLDED: LazyLock<Paged<char>> = LazyLock::new(Paged::new);
    match c.is_ascii() {
        true => fold_ascii(c),
        false => FOLDED.get(c, fold_closely).copied().unwrap_or(c),
    }
}

/// The same, looked up in the tables of all scripts.
fn fold_closely(c: char) -> char {
    if let Some(found) = prototype(c).or_else(|| cured(c)) {
        return fold_ascii(found);
    }
    let lower = lower(c);
    if lower != c
        && let Some(found) = prototype(lower).or_else(|| cured(lower))
    {
        return fold_ascii(found);
    }
    lower
}

/// What `c` folds to in either case, so that a change of case never changes what is found.
pub(crate) fn fold_both(c: char) -> [char; 2] {
    if c.is_ascii() {
        let folded = fold_ascii(c);
        return [folded, folded];
    }
    static FOLDED: LazyLock<Paged<[char; 2]>> = LazyLock::new(Paged::new);
    let both = |c: char| {
        let upper = c.to_uppercase().next().unwrap_or(c);
        [fold(lower(c)), fold(upper)]
    };
    FOLDED.get(c, both).copied().unwrap_or([c, c])
}

pub(crate) fn lower(c: char) -> char {
    match c.is_ascii() {
        true => c.to_ascii_lowercase(),
        false => c.to_lowercase().next().unwrap_or(c),
    }
}

/// Digits and signs that pass for letters, and the letters that pass for each other.
fn fold_ascii(c: char) -> char {
    match c.to_ascii_lowercase() {
        '0' => 'o',
        '1' | 'i' | '|' | '!' => 'l',
        '2' => 'z',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        '9' => 'g',
        other => other,
    }
}

/// The prototype of Unicode's confusables.txt (UTS 39 section 4), where it is one Latin letter.
fn prototype(c: char) -> Option<char> {
    let mut buffer = [0; 4];
    let mut letters = unicode_security::skeleton(c.encode_utf8(&mut buffer))
        .filter(|c| !is_combining_mark(*c))
        .take(4);
    one_letter([letters.next(), letters.next(), letters.next()])
}

/// decancer's reading, which knows stylised letters that confusables.txt does not.
pub(super) fn cured(c: char) -> Option<char> {
    let read = match decancer::cure_char!(c) {
        Translation::Character(letter) => return one_letter([Some(letter), None, None]),
        Translation::String(read) => read,
        Translation::None => return None,
    };
    let mut letters = read.chars();
    one_letter([letters.next(), letters.next(), letters.next()])
}

fn one_letter(letters: [Option<char>; 3]) -> Option<char> {
    match letters {
        [Some(c), None, None] if c.is_ascii_alphanumeric() => Some(c),
        // UTS 39 writes m as its look-alike pair.
        [Some('r'), Some('n'), None] => Some('m'),
        [Some('v'), Some('v'), None] => Some('w'),
        _ => None,
    }
}

/// The letter that two neighbouring folded letters pass for.
#[inline]
pub(crate) fn pair(first: char, second: char) -> Option<char> {
    match (first, second) {
        ('r' | 'n', 'n') => Some('m'),
        ('v', 'v') => Some('w'),
        ('c', 'l') => Some('d'),
        _ => None,
    }
}

/// Scripts that write words without spaces between them.
pub(crate) fn is_unspaced(c: char) -> bool {
    // Most letters stand before all of them.
    u32::from(c) >= 0x0E00
        && matches!(
            u32::from(c),
            0x0E00..=0x0EFF | 0x1100..=0x11FF | 0x3040..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x9FFF
                | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF
        )
}

/// Kana in one form: hiragana as katakana, small ones as large ones, and the two that differ by the
/// slant of a stroke as one.
pub(crate) fn kana(c: char) -> char {
    let katakana = match u32::from(c) {
        code @ 0x3041..=0x3096 => char::from_u32(code + 0x60).unwrap_or(c),
        _ => c,
    };
    match katakana {
        'ァ' => 'ア',
        'ィ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' => 'エ',
        'ォ' => 'オ',
        'ン' => 'ソ',
        other => other,
    }
}

pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_stands_for_few_letters() {
        for c in '\0'..=char::MAX {
            assert!(strip(&c.to_string()).count() <= 4, "{c:?}");
        }
        let shown = |text| strip(text).collect::<String>();
        assert_eq!(shown("a\u{fdfa}b"), "a\u{fdfa}b");
        assert_eq!(shown("⑽"), "(10)");
        assert_eq!(shown("ﬃ é"), "ffi e");
        assert_eq!(shown("㌔"), "キロ");
    }

    #[test]
    fn an_ideograph_is_itself() {
        for c in ('\0'..=char::MAX).filter(|c| is_ideograph(*c)) {
            assert!(shown_closely(c).into_iter().eq([c]), "{c:?}");
        }
    }

    #[test]
    fn a_syllable_is_its_letters() {
        for c in '\0'..=char::MAX {
            match jamo(c) {
                Some((two, third)) => {
                    assert!(
                        shown_closely(c)
                            .into_iter()
                            .eq(two.into_iter().chain(third)),
                        "{c:?}"
                    );
                }
                None => assert!(!('가'..='힣').contains(&c)),
            }
        }
    }

    #[test]
    fn beyond_all_scripts_nothing_is_folded() {
        for c in (BEYOND..=0x10_FFFF).filter_map(char::from_u32) {
            assert_eq!((fold_closely(c), c.is_alphanumeric()), (c, false), "{c:?}");
            let is_itself = compatible(c).into_iter().eq([c]) && !is_mark_sign(c);
            assert!(is_invisible(c) || is_itself, "{c:?}");
        }
    }

    #[test]
    fn a_letter_is_folded_to_what_it_looks_like() {
        for (letters, folded) in [
            ("oO0", 'o'),
            ("lLiI1|!", 'l'),
            ("zZ2", 'z'),
            ("eE3éÉ", 'e'),
            ("aA4@", 'a'),
            ("sS5$", 's'),
            ("tT7", 't'),
            ("bB8", 'b'),
            ("gG9", 'g'),
            ("mMМ", 'm'),
            ("сС", 'c'),
            ("6", '6'),
            ("-", '-'),
        ] {
            for letter in letters.chars() {
                let found = fold_letters(&letter.to_string()).collect::<String>();
                assert_eq!(found, folded.to_string(), "{letter}");
            }
        }
        assert_eq!(fold_both('I'), ['l', 'l']);
        assert_eq!(fold_both('0'), ['o', 'o']);
        // A small Cyrillic te is no T, and a capital is.
        assert_eq!(fold_both('т'), [fold('т'), fold('Т')]);
        assert_eq!(fold_both('С'), ['c', 'c']);
        for c in ('\0'..=char::MAX).filter(|c| prototype(*c).or_else(|| cured(*c)).is_none()) {
            assert_eq!(fold(c), fold(lower(c)), "{c}");
        }
        for (two, one) in [
            ("rn", Some('m')),
            ("nn", Some('m')),
            ("vv", Some('w')),
            ("cl", Some('d')),
            ("nr", None),
            ("ci", None),
        ] {
            let letters: Vec<char> = two.chars().collect();
            assert_eq!(pair(letters[0], letters[1]), one, "{two}");
        }
        assert!("'’`".chars().all(is_apostrophe) && !"\"´a".contains(is_apostrophe));
    }

    #[test]
    fn the_scripts_that_are_written_without_spaces() {
        for (first, last) in [
            (0x0E00, 0x0EFF),
            (0x1100, 0x11FF),
            (0x3040, 0x30FF),
            (0x31F0, 0x31FF),
            (0x3400, 0x9FFF),
            (0xAC00, 0xD7AF),
            (0xF900, 0xFAFF),
            (0x20000, 0x3FFFF),
        ] {
            let is_one = |code: u32| char::from_u32(code).is_some_and(is_unspaced);
            assert!(is_one(first) && is_one(last), "{first:x}");
            assert!(!is_one(first - 1) && !is_one(last + 1), "{first:x}");
        }
        assert!(!is_unspaced('a') && !is_unspaced('é'));
        for (kana_of, expected) in [
            ("ぁァあア", "アアアア"),
            ("ぃぅぇぉ", "イウエオ"),
            ("ィゥェォ", "イウエオ"),
            ("んンそソ", "ソソソソ"),
            ("ゖ", "ヶ"),
            ("ゐ", "ヰ"),
            ("゜a一", "゜a一"),
        ] {
            let found: String = kana_of.chars().map(kana).collect();
            assert_eq!(found, expected, "{kana_of}");
        }
    }

    #[test]
    fn a_flag_is_two_letters_and_a_sign_of_trade_is_none() {
        for (c, expected) in [
            ('🇦', "a"),
            ('🇿', "z"),
            ('\u{1F1E5}', "\u{1F1E5}"),
            ('\u{1F200}', "ほか"),
            ('™', " "),
            ('®', " "),
            ('©', " "),
            ('℠', " "),
            ('\u{200B}', ""),
            ('½', "1⁄2"),
        ] {
            let found: String = strip(&c.to_string()).collect();
            assert_eq!(found, expected, "{c}");
        }
    }
}
