//! What stands beside a name in its text.

use crate::brand::{
    Brand,
    lexicon::{Kind, Makeup},
    name::text::Text,
};
use std::{cell::OnceCell, ops::RangeInclusive};

/// What the words of a text are beside a name.
pub(crate) struct Beside<'a> {
    brand: &'a Brand,
    text: &'a Text,
    first_lure: OnceCell<Option<usize>>,
    last_lure: OnceCell<Option<usize>>,
}

impl<'a> Beside<'a> {
    pub(crate) fn new(brand: &'a Brand, text: &'a Text) -> Self {
        Self {
            brand,
            text,
            first_lure: OnceCell::new(),
            last_lure: OnceCell::new(),
        }
    }

    /// How many words the text has.
    pub(crate) fn word_count(&self) -> usize {
        self.text.words().len()
    }

    /// Whether this word is made of listed words of which this holds.
    fn is(&self, word: usize, test: fn(&Makeup) -> bool) -> bool {
        let at = self.text.words().get(word);
        let made = at.map(|at| self.text.makeup(self.brand, at.clone()));
        made.is_some_and(|made| made.whole && test(&made))
    }

    /// Whether a lure word stands in the text. The words of the name itself lure nobody.
    pub(crate) fn lures(&self, name: &RangeInclusive<usize>) -> bool {
        let lures = |word: &usize| self.is(*word, |made| made.lure);
        let words = self.word_count();
        let first = self.first_lure.get_or_init(|| (0..words).find(lures));
        let Some(first) = *first else {
            return false;
        };
        let last = self.last_lure.get_or_init(|| (0..words).rfind(lures));
        first < *name.start() || last.is_some_and(|word| word > *name.end())
    }

    /// Whether nothing stands in the text but the name and listed words.
    pub(crate) fn is_all_listed(&self, name: &RangeInclusive<usize>) -> bool {
        let mut others = (0..self.text.words().len()).filter(|word| !name.contains(word));
        others.all(|word| self.is(word, |_| true))
    }

    /// Whether a word of the river or the forest stands beside the name. A mark between them parts them,
    /// and of a host it says nothing.
    pub(crate) fn neighbours(&self, name: &RangeInclusive<usize>) -> bool {
        let behind = name.end() + 1;
        let (gap_before, gap_behind) = (self.text.gap(*name.start()), self.text.gap(behind));
        // A word of its own: a watchdog is no watch.
        let kind = |word: usize| {
            let at = self.text.words().get(word).cloned();
            at.and_then(|at| self.brand.lexicon().kind(&self.text.letters(at)))
        };
        let goes_before = |word: usize| kind(word) == Some(Kind::Neighbour);
        let goes_behind =
            |word: usize| goes_before(word) || kind(word) == Some(Kind::NeighbourBehind);
        let before = name.start().checked_sub(1);
        !gap_behind.dot
            && (!gap_before.parts && before.is_some_and(goes_before)
                || !gap_behind.parts && goes_behind(behind))
    }

    /// Whether the word behind the one behind the name lures: "X River Support".
    pub(crate) fn is_office(&self, name: &RangeInclusive<usize>) -> bool {
        [1, 2]
            .iter()
            .any(|more| self.is(name.end() + more, |made| made.lure))
    }
}
