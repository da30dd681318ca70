//! The words beside a brand: which of them lure, which imitate the site, which mean something else.

use std::collections::HashMap;

use super::confusables::fold_letters;

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
    words: HashMap<Vec<char>, Kind>,
    /// For each two letters that words begin with the lengths of those, a bit for each; other letters
    /// may share the place.
    lengths: Lengths,
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
        self.lengths.add(&letters);
        self.words.entry(letters).or_insert(kind);
    }

    pub(crate) fn kind(&self, word: &[char]) -> Option<Kind> {
        self.words.get(word).copied()
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
                if !self.lengths.could_be(word) {
                    continue;
                }
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

/// Says of most stretches of letters that they are no listed word.
#[derive(Clone, Debug)]
struct Lengths(Vec<u64>);

impl Default for Lengths {
    fn default() -> Self {
        Self(vec![0; 1 << 10])
    }
}

impl Lengths {
    fn place(word: &[char]) -> (usize, u64) {
        let letter = |at: usize| word.get(at).map_or(0, |c| u32::from(*c) % 32);
        let place = usize::try_from(letter(0) << 5 | letter(1)).unwrap_or_default();
        (place, 1 << word.len().min(63))
    }

    fn add(&mut self, word: &[char]) {
        let (place, length) = Self::place(word);
        if let Some(lengths) = self.0.get_mut(place) {
            *lengths |= length;
        }
    }

    fn could_be(&self, word: &[char]) -> bool {
        let (place, length) = Self::place(word);
        self.0
            .get(place)
            .is_some_and(|lengths| lengths & length != 0)
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
}
