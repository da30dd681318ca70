//! A domain that abbreviates a name: `harbourcu` for Harbour Credit Union.

use crate::brand::Brand;

use super::{
    common::{is_in_dictionary, is_lure},
    word::Word,
};

/// Letters of the shortest abbreviation.
const SHORTEST: usize = 3;
/// Letters of a word that tell by themselves.
const TELLING: usize = 4;
/// Ways to spell it that are followed at once.
const MAX_WAYS: usize = 32;
/// Letters of a word from which on it may be glued of two ("Landesbank").
const GLUED: usize = 8;

/// A way to spell the beginning of it with some words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Way {
    /// Letters that are spelled.
    spelled: usize,
    /// Words that took part and are no lures.
    counted: usize,
    /// Of these, words that are not in the dictionary.
    own: usize,
    /// The most letters that a counted word gave; one of the dictionary needs one more.
    longest: usize,
    /// A word was left out: "Ashdown Consumer Watch" is `ashdownwatch` all the same.
    left_out: bool,
}

/// Whether `letters` abbreviate the first of these words and some behind it. Lure words and the brand give
/// letters, but tell nothing. `text`: in running text names are written with capitals, and words of the
/// dictionary alone are none.
pub(super) fn is_one(brand: &Brand, letters: &str, words: &[Word], text: bool) -> bool {
    if letters.len() < SHORTEST || !letters.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return false;
    }
    let begins = |word: &&Word| letters.as_bytes().first() == word.letters.as_bytes().first();
    if words.first().filter(begins).is_none() {
        return false;
    }
    let mut ways = vec![Way::default()];
    for (count, word) in words.iter().enumerate() {
        // "of", "and": left out, but where the abbreviation has them.
        let small = count > 0 && word.letters.len() <= 3 && !(word.capital && text);
        if text && !word.capital && !small {
            return false;
        }
        let mut next: Vec<Way> = if small { ways.clone() } else { Vec::new() };
        let whole = ways
            .iter()
            .filter(|way| !way.left_out && way.longest >= TELLING);
        next.extend(whole.map(|way| Way {
            left_out: true,
            ..*way
        }));
        for way in &ways {
            let rest = letters.get(way.spelled..).unwrap_or_default();
            next.extend(given(word, rest).map(|given| way.with(brand, word, given)));
        }
        let done = |way: &Way| way.spelled == letters.len() && count > 0 && way.tells(text);
        if next.iter().any(done) {
            return true;
        }
        next.retain(|way| way.spelled < letters.len());
        next.sort_unstable_by_key(|way| {
            (way.spelled, usize::MAX - way.own, usize::MAX - way.counted)
        });
        next.dedup();
        next.truncate(MAX_WAYS);
        if next.is_empty() {
            return false;
        }
        ways = next;
    }
    false
}

/// How many letters of `rest` a word gives: its first few, or its first and that of the word glued to it.
fn given(word: &Word, rest: &str) -> impl Iterator<Item = usize> {
    let common = word.letters.bytes().zip(rest.bytes());
    let common = common.take_while(|(one, other)| one == other).count();
    let mut bytes = rest.bytes();
    let initials = (bytes.next(), bytes.next());
    let inner = || {
        let (Some(first), Some(second)) = initials else {
            return false;
        };
        let glued = |at: usize| {
            let tail = word.letters.get(at..).unwrap_or_default();
            tail.len() >= SHORTEST && tail.bytes().next() == Some(second) && is_in_dictionary(tail)
        };
        word.letters.len() >= GLUED
            && word.letters.bytes().next() == Some(first)
            && (SHORTEST..word.letters.len()).any(glued)
    };
    let glued = (common < 2 && inner()).then_some(2);
    (1..=common).chain(glued)
}

impl Way {
    fn with(self, brand: &Brand, word: &Word, given: usize) -> Self {
        let spelled = self.spelled + given;
        let is_brand = brand.name().eq_ignore_ascii_case(&word.letters);
        if is_brand || is_lure(brand, &word.letters) {
            return Self { spelled, ..self };
        }
        let known = is_in_dictionary(&word.letters);
        Self {
            left_out: self.left_out,
            spelled,
            counted: self.counted + 1,
            own: self.own + usize::from(!known),
            longest: self.longest.max(given.saturating_sub(usize::from(known))),
        }
    }

    fn tells(self, text: bool) -> bool {
        self.longest >= TELLING || self.counted >= 2 && (self.own > 0 || !text)
    }
}
