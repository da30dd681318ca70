//! The brand's word with slips of fingers or tricks of impostors in it.

use std::ops::Range;

use crate::brand::host::label::{Finding, How, Label, Seat};
use crate::{
    brand::{Brand, HostWord, Strength},
    mail::text::{
        confusables::pair,
        edit_distance::{self, EDIT, UNLIKE},
    },
};

/// Letters of the word of which the label has none: no more than there are slips, each half an edit.
fn missing(word: &[char], letters: &[char]) -> u32 {
    let set = |letters: &[char]| {
        let bits = letters.iter().map(|c| 1u64 << (u32::from(*c) % 64));
        bits.fold(0, |set, bit| set | bit)
    };
    (set(word) & !set(letters)).count_ones()
}

impl Label {
    /// The word with slips or tricks in it.
    pub(crate) fn misspelt<'b>(
        &self,
        brand: &Brand,
        word: &HostWord,
        seat: Seat<'_>,
        token: &Range<usize>,
    ) -> Option<Finding<'b>> {
        let letters = self.slice(token.clone());
        // Before the suffix of an official domain twice as much is taken.
        let edits = if seat.next.is_some() { 4 } else { 2 };
        if letters.len() + 1 < word.letters.len() || missing(&word.letters, letters) > edits {
            return None;
        }
        let how = if self.idn { How::Idn } else { How::Typo };
        let whole = edit_distance::cost(&word.letters, letters);
        if !brand
            .lexicon()
            .others()
            .iter()
            .any(|other| letters == other.as_slice())
        {
            let lured = whole <= UNLIKE && self.rest(brand, token, token).lure;
            let followed = whole <= 2 * EDIT && seat.suffix_follows(brand);
            if whole <= EDIT || lured || followed {
                return Some(Finding::new(how, Strength::Strong));
            }
            if whole == UNLIKE && edit_distance::one_edit_apart(letters, &word.letters) {
                return Some(Finding::new(how, Strength::Weak));
            }
            // A first letter is rarely mistyped; where the official name stands under this very
            // suffix, it still is.
            if seat.official_suffix
                && self.tokens.len() == 1
                && edit_distance::one_edit_apart(letters, &word.letters)
            {
                return Some(Finding::new(how, Strength::Weak));
            }
        }
        self.misspelt_inside(brand, word, seat, token, how)
    }

    /// A misspelling glued to other words.
    fn misspelt_inside<'b>(
        &self,
        brand: &Brand,
        word: &HostWord,
        seat: Seat<'_>,
        token: &Range<usize>,
        how: How,
    ) -> Option<Finding<'b>> {
        let mut best: Option<Finding<'b>> = None;
        for hit in edit_distance::find(&word.letters, self.slice(token.clone()), EDIT) {
            let at = token.start + hit.start..token.start + hit.end;
            if self.means_other(brand, word, token, &at) {
                continue;
            }
            let left = self.makeup(brand, token.start..at.start);
            let rest = self.rest(brand, token, &at);
            if rest.neighbour && !rest.lure {
                continue;
            }
            let listed = rest.whole && (rest.lure || rest.site);
            // What a reader overlooks may stand before unknown letters, and behind them where the
            // rest of the name points to the brand; more than that only among known words.
            let beside = self.beside(brand, token);
            let pointed = beside.lure || beside.site || seat.suffix_follows(brand);
            let plain = hit.cost == 1 && (left.whole || (at.end == token.end && pointed));
            if !(listed || plain) {
                continue;
            }
            let shown = seat.suffix_follows(brand) && at.start == token.start;
            let strength = if listed || rest.lure || shown {
                Strength::Strong
            } else {
                Strength::Weak
            };
            best = Some(Finding::new(how, strength).better(best.take()));
            // The others are found in the same way, and at most as strong.
            if strength == Strength::Strong {
                break;
            }
        }
        best
    }

    /// The label with letter pairs read as single letters, where there are any.
    pub(crate) fn paired(&self) -> Option<Self> {
        let mut paired = Self {
            idn: self.idn,
            ..Self::default()
        };
        for token in &self.tokens {
            let mut start = paired.letters.len();
            let mut at = token.start;
            while at < token.end {
                let one = self
                    .letters
                    .get(at)
                    .zip(self.letters.get(at + 1).filter(|_| at + 1 < token.end))
                    .and_then(|(a, b)| pair(*a, *b));
                let letter = one.or_else(|| self.letters.get(at).copied())?;
                paired.letters.push(letter);
                paired.raw.push(letter);
                paired
                    .digit
                    .push(one.is_none() && self.digit.get(at) == Some(&true));
                at += if one.is_some() { 2 } else { 1 };
            }
            paired.end_token(&mut start);
        }
        (paired.letters.len() < self.letters.len()).then_some(paired)
    }
}
