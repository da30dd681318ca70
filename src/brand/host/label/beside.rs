//! Letters beside the brand's word that are no listed words: what impostors make when a name is taken.

use std::ops::Range;

use crate::brand::host::label::{Finding, How, Kind as Place, Label, Seat};
use crate::{
    brand::{Brand, Strength, lexicon::Kind},
    mail::text::edit_distance,
};

/// Letters that no company calls itself by, beside a country or where names are registered in bulk.
const FEW: usize = 4;
/// Letters of a lure word that is read with a slip in it, and of a run that has to be no word.
const LONG: usize = 5;

impl Label {
    /// What unlisted letters around the brand's word at `at` of `token` amount to.
    pub(crate) fn among_letters<'b>(
        &self,
        brand: &Brand,
        seat: Seat<'_>,
        token: &Range<usize>,
        at: &Range<usize>,
    ) -> Option<Finding<'b>> {
        let rest = self.rest(brand, token, at);
        let bulk = seat.bulk && !rest.other_words;
        if rest.whole {
            // Digits alone: numbered names of one registration.
            let numbered = self.letters.len() >= at.len() + 3
                && self.digit.iter().filter(|digit| **digit).count() + at.len()
                    == self.letters.len();
            let random = numbered && bulk;
            return random.then(|| Finding::new(How::RandomLetters, Strength::Strong));
        }
        if self.has_misspelt_lure(brand, token) {
            return Some(Finding::new(How::Combosquat, Strength::Strong));
        }
        let runs = || self.runs(brand, token, at);
        let few = rest.unlisted <= FEW && runs().all(|run| run.len() <= 2 * FEW);
        // The "fr" of "fresh" is no country: a short word of the site stands by itself.
        let imitates = rest.site && self.has_site(brand, token, at);
        let random = few && (imitates || bulk)
            || seat.kind == Place::DynamicDns && bulk
            || seat.suffix_follows(brand)
            || self.has_no_word(brand, token, at);
        random.then(|| Finding::new(How::RandomLetters, Strength::Strong))
    }

    /// Whether a word of its own is a lure word with one slip that is overlooked ("logn", "pirme").
    fn has_misspelt_lure(&self, brand: &Brand, token: &Range<usize>) -> bool {
        let mut others = self.tokens.iter().filter(|other| *other != token);
        others.any(|other| {
            let letters = self.slice(other.clone());
            // Readers don't overlook a wrong first letter.
            let lures = || {
                brand
                    .lexicon()
                    .lures(letters.first().copied().unwrap_or_default())
            };
            letters.len() + 1 >= LONG
                && !self.makeup(brand, other.clone()).whole
                && lures()
                    .iter()
                    .any(|lure| lure.len() >= LONG && edit_distance::is_half(lure, letters))
        })
    }

    /// Whether a run of letters around the word is made of words of the site alone, or begins with a long
    /// one.
    fn has_site(&self, brand: &Brand, token: &Range<usize>, at: &Range<usize>) -> bool {
        self.around_word(token, at).any(|run| {
            let made = self.makeup(brand, run.clone());
            let begins = |length: usize| {
                let end = run.end.min(run.start + length);
                brand.lexicon().kind(self.slice(run.start..end)) == Some(Kind::Site)
            };
            made.site && (made.whole || (FEW..=2 * FEW).any(begins))
        })
    }

    /// Whether a run of letters beside the word can be no word of any language: no vowel, a heap of
    /// consonants, or digits among the letters.
    fn has_no_word(&self, brand: &Brand, token: &Range<usize>, at: &Range<usize>) -> bool {
        self.runs(brand, token, at)
            .any(|run| is_no_word(self.raw.get(run).unwrap_or_default()))
    }

    /// The runs of letters around the word at `at` of `token` that are not made of listed words alone.
    fn runs<'l>(
        &'l self,
        brand: &'l Brand,
        token: &'l Range<usize>,
        at: &Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> + 'l {
        self.around_word(token, at)
            .filter(|run| !self.makeup(brand, run.clone()).whole)
    }

    fn around_word<'l>(
        &'l self,
        token: &'l Range<usize>,
        at: &Range<usize>,
    ) -> impl Iterator<Item = Range<usize>> + 'l {
        let glued = [token.start..at.start, at.end..token.end];
        let apart = self.tokens.iter().filter(move |other| *other != token);
        glued.into_iter().chain(apart.cloned())
    }

    /// Whether the label is the word, several times.
    pub(crate) fn repeats(&self, word: &[char]) -> bool {
        self.letters.len() > word.len()
            && self
                .letters
                .chunks(word.len())
                .all(|letters| letters == word)
    }
}

/// Longest heap of consonants in words and their compounds, such as "Herbstschmuck" without its seam.
const HEAP: usize = 4;

fn is_no_word(letters: &[char]) -> bool {
    let latin = letters.iter().all(char::is_ascii_alphanumeric);
    if !latin || letters.len() < HEAP {
        return false;
    }
    let is_vowel = |c: &char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let is_consonant = |c: &char| c.is_ascii_alphabetic() && !is_vowel(c);
    let heap = letters
        .split(|c| !is_consonant(c))
        .map(<[char]>::len)
        .max()
        .unwrap_or_default();
    let digits_within = letters
        .windows(3)
        .any(|w| matches!(w, [a, b, c] if !a.is_ascii_digit() && b.is_ascii_digit() && !c.is_ascii_digit()));
    let no_vowel = letters.iter().all(is_consonant);
    heap > HEAP || no_vowel || digits_within
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_letters() {
        let no_word = |text: &str| is_no_word(&text.chars().collect::<Vec<_>>());
        for text in [
            "xcvbnm",
            "sdfgh",
            "bfdsfas",
            "jhk4amn",
            "kfjsnmcnxjk",
            "wsxc",
        ] {
            assert!(no_word(text), "{text}");
        }
        for text in [
            "parrots",
            "herbst",
            "birthday",
            "worldwide",
            "rhythm",
            "strasse",
            "fba",
            "2024",
            "prague",
            "top10",
            "schrank",
            "пример",
        ] {
            assert!(!no_word(text), "{text}");
        }
    }
}
