//! The words beside a brand: which of them lure, which imitate the site, which mean something else.

use crate::mail::text::confusables::fold_letters;

/// What a listed word means beside the brand's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Holds or resembles the brand's word and is not it.
    Other,
    /// Beside the brand's word it makes that another thing.
    Neighbour,
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
    pub(crate) lure: bool,
    pub(crate) site: bool,
    pub(crate) neighbour: bool,
}

impl Makeup {
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            whole: self.whole && other.whole,
            lure: self.lure || other.lure,
            site: self.site || other.site,
            neighbour: self.neighbour || other.neighbour,
        }
    }
}

/// Folded words and their kinds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    words: Words,
    others: Vec<Vec<char>>,
}

impl Lexicon {
    /// Letters of the longest word that is looked for.
    pub(crate) const LONGEST: usize = 24;
    /// A lure word of so many letters counts in the midst of unknown letters too; a shorter one is
    /// found there by chance.
    const TELLING: usize = 5;

    pub(crate) fn insert(&mut self, kind: Kind, word: &str) {
        let letters: Vec<char> = fold_letters(word).filter(|c| c.is_alphanumeric()).collect();
        if kind == Kind::Other {
            self.others.push(letters.clone());
        }
        self.words.add(letters, kind);
    }

    pub(crate) fn kind(&self, word: &[char]) -> Option<Kind> {
        self.words.get(word)
    }

    /// Words that hold or resemble the brand's and are not it.
    pub(crate) fn others(&self) -> &[Vec<char>] {
        &self.others
    }

    /// What `letters` (folded) are made of. `digit` says which of them were written as digits: those
    /// may stand anywhere. The best way to cut the text into words is the one that leaves the least
    /// uncut.
    pub(crate) fn makeup(&self, letters: &[char], digit: &[bool]) -> Makeup {
        // best[i]: the fewest uncovered letters up to i, and what was met on the way.
        let mut best: Vec<(usize, Makeup)> = Vec::with_capacity(letters.len() + 1);
        best.push((
            0,
            Makeup {
                whole: true,
                ..Makeup::default()
            },
        ));
        for end in 1..=letters.len() {
            let Some(&(uncovered, made)) = best.last() else {
                break;
            };
            let is_digit = digit.get(end - 1).copied().unwrap_or(false);
            let mut here = (uncovered + usize::from(!is_digit), made);
            for start in end.saturating_sub(Self::LONGEST)..end {
                let Some(word) = letters.get(start..end) else {
                    continue;
                };
                let Some(kind) = self.kind(word) else {
                    continue;
                };
                let Some(&(before, mut made)) = best.get(start) else {
                    continue;
                };
                // Short words count where everything before them is words as well.
                let telling = word.len() >= Self::TELLING || before == 0;
                match kind {
                    Kind::Lure => made.lure |= telling,
                    Kind::Site => made.site |= telling,
                    Kind::Neighbour => made.neighbour |= telling,
                    Kind::Other | Kind::Filler => {}
                }
                if before < here.0 {
                    here = (before, made);
                }
            }
            best.push(here);
        }
        let (uncovered, made) = best.last().copied().unwrap_or_default();
        Makeup {
            whole: uncovered == 0,
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

    proptest::proptest! {
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
