//! The words beside a brand: which of them lure, which imitate the site, which mean something else.

use crate::mail::text::{confusables::fold_letters, drawn::is_stretch};
use std::{collections::HashMap, ops::Range};

/// What a listed word means beside the brand's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Holds or resembles the brand's word and is not it.
    Other,
    /// Beside the brand's word it makes that another thing.
    Neighbour,
    /// The same, only behind the brand's word.
    NeighbourBehind,
    /// What an impostor puts beside the brand.
    Lure,
    /// Imitates the site: parts of official names, countries, shop words.
    Site,
    /// Neither lures nor imitates.
    Filler,
}

/// What a stretch of text beside the brand is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Makeup {
    /// Nothing but listed words and digits.
    pub(crate) whole: bool,
    /// Letters in no listed word.
    pub(crate) unlisted: usize,
    pub(crate) lure: bool,
    pub(crate) site: bool,
    pub(crate) neighbour: bool,
    /// A word that neither lures nor imitates.
    pub(crate) other_words: bool,
}

impl Makeup {
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            whole: self.whole && other.whole,
            unlisted: self.unlisted + other.unlisted,
            lure: self.lure || other.lure,
            site: self.site || other.site,
            neighbour: self.neighbour || other.neighbour,
            other_words: self.other_words || other.other_words,
        }
    }
}

/// Folded words and their kinds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    words: Words,
    /// Words that hold or resemble the brand's and are not it: in order, each once.
    others: Vec<Vec<char>>,
    /// The same, folded, and as they are written.
    written_others: Vec<(Vec<char>, Vec<char>)>,
    /// What an impostor puts beside the brand, by the first letter.
    lures: HashMap<char, Vec<Vec<char>>>,
}

impl Lexicon {
    /// Letters of the longest word that is looked for.
    pub(crate) const LONGEST: usize = 24;
    /// A lure word of so many letters counts in the midst of unknown letters too; a shorter one is
    /// found there by chance.
    const TELLING: usize = 5;

    pub(crate) fn insert(&mut self, kind: Kind, word: &str) {
        let letters: Vec<char> = fold_letters(word).filter(|c| c.is_alphanumeric()).collect();
        match kind {
            Kind::Other => {
                let written = word.chars().flat_map(char::to_lowercase);
                let written = written.filter(|c| c.is_alphanumeric()).collect();
                self.written_others.push((letters.clone(), written));
                if let Err(place) = self.others.binary_search(&letters) {
                    self.others.insert(place, letters.clone());
                }
            }
            Kind::Lure => {
                let first = letters.first().copied().unwrap_or_default();
                self.lures.entry(first).or_default().push(letters.clone());
            }
            _ => {}
        }
        // Names are read without what only stretches a letter.
        if letters.iter().any(|c| is_stretch(*c)) {
            let short = letters.iter().copied().filter(|c| !is_stretch(*c));
            self.words.add(short.collect(), kind);
        }
        self.words.add(letters, kind);
    }

    pub(crate) fn kind(&self, word: &[char]) -> Option<Kind> {
        self.words.get(word)
    }

    /// Words that hold or resemble the brand's and are not it, in order.
    pub(crate) fn others(&self) -> &[Vec<char>] {
        &self.others
    }

    /// Each of them, folded, and as it is written.
    pub(crate) fn written_others(&self) -> impl Iterator<Item = (&[char], &[char])> {
        let others = self.written_others.iter();
        others.map(|(folded, written)| (&**folded, &**written))
    }

    /// The lure words that begin with a letter.
    pub(crate) fn lures(&self, first: char) -> &[Vec<char>] {
        self.lures.get(&first).map_or(&[], Vec::as_slice)
    }

    /// What `letters` (folded) are made of. `digit` says which of them were written as digits: those
    /// may stand anywhere. The best way to cut the text into words is the one that leaves the least
    /// uncut.
    pub(crate) fn makeup(&self, letters: &[char], digit: &[bool]) -> Makeup {
        self.words_in(letters).makeup(digit, 0..letters.len())
    }

    /// Finds the listed words in `letters` once for all that is asked of stretches of them.
    pub(crate) fn words_in(&self, letters: &[char]) -> Found {
        let mut words: Vec<(usize, usize, Kind)> = Vec::new();
        for start in 0..letters.len() {
            let rest = letters.get(start..).unwrap_or_default();
            let found = self.words.beginning(rest);
            words.extend(found.map(|(length, kind)| (start + length, start, kind)));
        }
        words.sort_unstable_by_key(|(end, start, _)| (*end, *start));
        Found { words }
    }
}

/// The listed words in some letters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// End, start and kind, by the ends.
    words: Vec<(usize, usize, Kind)>,
}

impl Found {
    /// What the stretch `at` is made of, see [`Lexicon::makeup`].
    pub(crate) fn makeup(&self, digit: &[bool], at: Range<usize>) -> Makeup {
        let from = self.words.partition_point(|(end, ..)| *end <= at.start);
        let words = self.words.get(from..).unwrap_or_default();
        let mut words = words.iter().filter(|(_, start, _)| *start >= at.start);
        let mut next = words.next();
        // best[i]: the fewest uncovered letters up to there, and what was met on the way.
        let mut best: Vec<(usize, Makeup)> = Vec::with_capacity(at.len() + 1);
        best.push((0, Makeup::default()));
        for here in at.start + 1..=at.end {
            let (uncovered, made) = best.last().copied().unwrap_or_default();
            let is_digit = digit.get(here - 1).copied().unwrap_or(false);
            let mut least = (uncovered + usize::from(!is_digit), made);
            while let Some((_, start, kind)) = next.filter(|(end, ..)| *end == here) {
                next = words.next();
                let Some(&(before, mut made)) = best.get(start - at.start) else {
                    continue;
                };
                // Short words count where everything before them is words as well.
                let telling = here - start >= Lexicon::TELLING || before == 0;
                match kind {
                    Kind::Lure => made.lure |= telling,
                    Kind::Site => made.site |= telling,
                    Kind::Neighbour | Kind::NeighbourBehind => made.neighbour |= telling,
                    Kind::Filler => made.other_words |= telling,
                    Kind::Other => {}
                }
                if before < least.0 {
                    least = (before, made);
                }
            }
            best.push(least);
        }
        let (uncovered, made) = best.last().copied().unwrap_or_default();
        Makeup {
            whole: uncovered == 0,
            unlisted: uncovered,
            ..made
        }
    }
}

/// The words by the two letters that they begin with. Other letters may share a place. Nobody but the
/// brand's own file says what is in it, so it needs no hash that strangers can't guess.
#[derive(Clone, Debug)]
struct Words(Vec<Place>);

#[derive(Clone, Debug, Default)]
struct Place {
    /// A bit for each length.
    lengths: u64,
    words: Vec<(Vec<char>, Kind)>,
}

impl Default for Words {
    fn default() -> Self {
        Self(vec![Place::default(); 1 << 10])
    }
}

impl Words {
    fn place(word: &[char]) -> usize {
        let letter = |at: usize| word.get(at).map_or(0, |c| u32::from(*c) % 32);
        usize::try_from(letter(0) << 5 | letter(1)).unwrap_or_default()
    }

    fn length(word: &[char]) -> u64 {
        1 << word.len().min(63)
    }

    /// Of a word that comes twice the first kind counts.
    fn add(&mut self, word: Vec<char>, kind: Kind) {
        if self.get(&word).is_none()
            && let Some(place) = self.0.get_mut(Self::place(&word))
        {
            place.lengths |= Self::length(&word);
            place.words.push((word, kind));
        }
    }

    /// The words of at most [`Lexicon::LONGEST`] letters with which `letters` begin: length and kind.
    fn beginning(&self, letters: &[char]) -> impl Iterator<Item = (usize, Kind)> {
        let lengths = |word: &[char]| {
            self.0
                .get(Self::place(word))
                .map_or(0, |place| place.lengths)
        };
        let one = letters.get(..1).unwrap_or_default();
        let lengths = lengths(letters) & !Self::length(one) | lengths(one) & Self::length(one);
        let longest = letters.len().min(Lexicon::LONGEST);
        let possible = (1..=longest).filter(move |length| lengths >> length & 1 == 1);
        possible.filter_map(|length| Some((length, self.get(letters.get(..length)?)?)))
    }

    fn get(&self, word: &[char]) -> Option<Kind> {
        let place = self.0.get(Self::place(word))?;
        if place.lengths & Self::length(word) == 0 {
            return None;
        }
        let mut words = place.words.iter();
        words
            .find(|(known, _)| known == word)
            .map(|(_, kind)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        let mut lexicon = Lexicon::default();
        lexicon.insert(Kind::Lure, "login");
        lexicon.insert(Kind::Lure, "id");
        lexicon.insert(Kind::Site, "co");
        lexicon.insert(Kind::Site, "jp");
        lexicon.insert(Kind::Neighbour, "river");
        lexicon
    }

    fn makeup(text: &str) -> Makeup {
        let letters: Vec<char> = fold_letters(text).collect();
        let digits: Vec<bool> = text.chars().map(|c| c.is_ascii_digit()).collect();
        lexicon().makeup(&letters, &digits)
    }

    #[test]
    fn glued_words_are_cut() {
        let made = makeup("cojplogin52");
        assert!(made.whole && made.lure && made.site && !made.neighbour);
        assert!(makeup("river").neighbour);
        assert!(makeup("").whole);
    }

    #[test]
    fn a_long_lure_tells_in_unknown_letters_and_a_short_one_does_not() {
        let made = makeup("xqzlogin");
        assert!(made.lure && !made.whole);
        let made = makeup("xqzid");
        assert!(!made.lure && !made.whole);
    }

    /// Each stretch looked up by itself.
    fn letter_by_letter(lexicon: &Lexicon, letters: &[char], digit: &[bool]) -> Makeup {
        let whole = Makeup {
            whole: true,
            ..Makeup::default()
        };
        let mut best = vec![(0, whole)];
        for end in 1..=letters.len() {
            let (uncovered, made) = best[end - 1];
            let mut here = (uncovered + usize::from(!digit[end - 1]), made);
            for start in 0..end {
                let Some(kind) = lexicon.kind(&letters[start..end]) else {
                    continue;
                };
                let (before, mut made) = best[start];
                let telling = end - start >= Lexicon::TELLING || before == 0;
                made.lure |= telling && kind == Kind::Lure;
                made.site |= telling && kind == Kind::Site;
                made.neighbour |= telling && kind == Kind::Neighbour;
                made.other_words |= telling && kind == Kind::Filler;
                if before < here.0 {
                    here = (before, made);
                }
            }
            best.push(here);
        }
        let (uncovered, made) = best[letters.len()];
        Makeup {
            whole: uncovered == 0,
            unlisted: uncovered,
            ..made
        }
    }

    proptest::proptest! {
        #[test]
        fn words_that_are_found_once_make_up_every_stretch(
            text in "(login|id|co|jp|river|x|5|l|o){0,9}",
            cut in 0..6usize,
        ) {
            let letters: Vec<char> = fold_letters(&text).collect();
            let digits: Vec<bool> = text.chars().map(|c| c.is_ascii_digit()).collect();
            let at = cut.min(letters.len())..letters.len().saturating_sub(cut).max(cut.min(letters.len()));
            let lexicon = lexicon();
            let expected = letter_by_letter(&lexicon, &letters[at.clone()], &digits[at.clone()]);
            proptest::prop_assert_eq!(lexicon.words_in(&letters).makeup(&digits, at), expected);
        }

        #[test]
        fn the_first_kind_of_a_word_is_found(listed in proptest::collection::vec("[abAé\u{101}]{0,4}", 0..30)) {
            let kinds = [Kind::Lure, Kind::Site, Kind::Filler];
            let (mut words, mut known) = (Words::default(), std::collections::HashMap::new());
            for (word, kind) in listed.iter().zip(kinds.into_iter().cycle()) {
                let letters: Vec<char> = word.chars().collect();
                // One that another one shares its place with, and is not listed.
                let other: Vec<char> = letters.iter().map(|c| if *c == 'a' { 'A' } else { *c }).collect();
                proptest::prop_assert_eq!(words.get(&other), known.get(&other).copied());
                words.add(letters.clone(), kind);
                known.entry(letters).or_insert(kind);
            }
            for (word, kind) in &known {
                proptest::prop_assert_eq!(words.get(word), Some(*kind));
            }
        }
    }
}
