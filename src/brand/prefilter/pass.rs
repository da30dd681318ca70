//! How far the names are spelled at one place of a text.

use std::hash::{Hash, Hasher};

use crate::{
    brand::prefilter::spelling::{Glyph, Kind, Spelling},
    mail::text::confusables::pair,
};

/// Everything that the text so far means for what comes. Two equal ones go on equally.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pass {
    /// Behind the last letter, and before it: the latter only where the last can begin a pair.
    here: u128,
    before: u128,
    /// The last letter, where nothing stands between it and the next and it can begin a pair.
    last: Option<char>,
    unspaced: bool,
    /// An apostrophe stood here: the `s` behind it may belong to no name.
    possessive: bool,
    /// Within one word: spelled rightly, with one slip, and with the first letter of two swapped ones.
    word: u128,
    slipped: u128,
    swapping: u128,
    begins: u128,
}

impl Hash for Pass {
    /// Of tens of thousands of passes most differ in these; to hash all of each takes ten times as long.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let spelled = self.here ^ self.before.rotate_left(31);
        let slipped = self.word.rotate_left(53) ^ self.slipped.rotate_left(71);
        (spelled ^ slipped).hash(state);
    }
}

impl Pass {
    /// At the beginning of a text, and behind a gap that ended whatever was spelled.
    pub(crate) fn new(spelling: &Spelling) -> Self {
        Self {
            begins: spelling.word_first,
            ..Self::default()
        }
    }

    /// Reads a character; whether a name may end with it or, misspelt, before it.
    #[inline]
    pub(crate) fn read(&mut self, spelling: &Spelling, glyph: &Glyph, c: char) -> bool {
        match glyph.kind {
            Kind::Letter => self.letter(spelling, glyph, c),
            Kind::Gap => self.gap(spelling),
            Kind::Invisible => false,
            Kind::Sign | Kind::Apostrophe => {
                let found = self.gap(spelling);
                self.here |= (self.here << 1 | spelling.first) & glyph.fits;
                self.possessive = glyph.kind == Kind::Apostrophe;
                found || self.here & spelling.last != 0
            }
            // Read letter by letter, and not here.
            Kind::Several => true,
            Kind::Reversing => true,
        }
    }

    #[inline]
    fn letter(&mut self, spelling: &Spelling, glyph: &Glyph, c: char) -> bool {
        let possessive = self.possessive && matches!(c, 's' | 'S');
        let mut found = false;
        if glyph.unspaced != self.unspaced {
            found = self.gap(spelling);
            self.unspaced = glyph.unspaced;
        }
        let mut next = (self.here << 1 | spelling.first) & glyph.fits;
        if let Some(last) = self.last
            && let Some(one) = pair(last, glyph.folded)
        {
            next |= (self.before << 1 | spelling.first) & spelling.fitting_pair(one);
        }
        if possessive {
            next |= self.here;
        }
        if (self.begins & (glyph.fits | glyph.passes)) | self.word | self.slipped | self.swapping
            != 0
        {
            self.slip(spelling, glyph);
        }
        // Where the `s` belongs to no name, a word begins behind it.
        self.begins = match possessive {
            true => spelling.word_first,
            false => 0,
        };
        self.possessive = false;
        self.last = begins_pair(glyph.folded).then_some(glyph.folded);
        self.before = self.last.map_or(0, |_| self.here);
        self.here = next;
        found || next & spelling.last != 0
    }

    /// The next letter of a word that may be misspelt, as [`edit::cost`] counts a half of an edit.
    ///
    /// [`edit::cost`]: super::super::super::edit::cost
    fn slip(&mut self, spelling: &Spelling, glyph: &Glyph) {
        let reached = self.word << 1 & !spelling.word_first | self.begins;
        let word = reached & glyph.fits;
        self.slipped = self.slipped << 1 & !spelling.word_first & glyph.fits
            // Another letter in its place, a doubled one, the second of two swapped ones, a lost one.
            | reached & glyph.passes
            | self.word & glyph.fits
            | self.swapping & glyph.fits << 1
            | word << 1 & spelling.vowels;
        self.swapping = self.word << 2 & spelling.swaps & glyph.fits;
        self.word = word & spelling.word;
    }

    /// A word ends here; whether it may be a misspelt one.
    #[inline]
    fn gap(&mut self, spelling: &Spelling) -> bool {
        let found = self.ends_word(spelling);
        self.word = 0;
        self.slipped = 0;
        self.swapping = 0;
        self.begins = spelling.word_first;
        self.last = None;
        self.before = 0;
        self.possessive = false;
        found
    }

    /// Whether the text may end in a misspelt word, if it ends here.
    pub(crate) fn ends_word(&self, spelling: &Spelling) -> bool {
        self.slipped & spelling.word_last != 0
    }
}

/// Whether `letter` and another one can look like a third.
#[inline]
fn begins_pair(letter: char) -> bool {
    matches!(letter, 'r' | 'n' | 'v' | 'c')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_a_pair_is_known() {
        for letter in '\0'..='\u{ffff}' {
            let begins = ('a'..='z').any(|next| pair(letter, next).is_some());
            assert_eq!(begins_pair(letter), begins, "{letter:?}");
        }
    }
}
