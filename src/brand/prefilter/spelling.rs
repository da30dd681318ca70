//! The names as bits, and how each character is read.

use crate::{
    brand::{HostWord, Name},
    mail::text::{
        confusables::{fold_both, is_apostrophe, is_invisible, is_unspaced, kana, lower},
        drawn::{also, begun_by, drawn, is_turned, sign},
        edit_distance,
        reading_order::turns,
    },
};

/// Letters of a name that are looked for; what begins like a name is looked at closely.
const LONGEST: usize = 8;
/// The same for names in scripts other than Latin. Those of one length share their bits.
const LONGEST_FOREIGN: usize = 5;

/// The letters that two others can look like.
const PAIRED: [char; 3] = ['m', 'w', 'd'];

/// The names as sets of letters, a bit for each place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spelling {
    places: Vec<Vec<char>>,
    pub(crate) first: u128,
    pub(crate) last: u128,
    /// Places of the words that are found misspelt too.
    pub(crate) word: u128,
    pub(crate) word_first: u128,
    pub(crate) word_last: u128,
    /// Letters of theirs that can be lost unseen, and places where two can be swapped.
    pub(crate) vowels: u128,
    pub(crate) swaps: u128,
    /// Where the letters stand that two others can look like.
    pairs: [(char, u128); 3],
    /// More names than there are bits: everything is looked at closely.
    pub(crate) overflows: bool,
}

/// How one character is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Glyph {
    pub(crate) kind: Kind,
    pub(crate) unspaced: bool,
    /// Folded, for letter pairs.
    pub(crate) folded: char,
    /// The places that it fits.
    pub(crate) fits: u128,
    /// The places of misspelt words where a reader overlooks it.
    pub(crate) passes: u128,
}

impl Glyph {
    /// The same as [`Spelling::glyph`] for what is beyond all scripts: it spells nothing.
    pub(crate) fn beyond(c: char) -> Self {
        let kind = match is_invisible(c) {
            true => Kind::Invisible,
            false => Kind::Gap,
        };
        Self {
            kind,
            ..Self::default()
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    Letter,
    /// Separates words.
    #[default]
    Gap,
    /// The same, and can stand for a letter.
    Sign,
    Apostrophe,
    Invisible,
    /// Stands for several letters.
    Several,
    /// Shows something in another order, or upside down.
    Reversing,
}

impl Spelling {
    /// `misspellable`: words that are looked for with a slip as well.
    pub(crate) fn new(names: &[&Name], misspellable: &[&HostWord]) -> Self {
        let names = || {
            names
                .iter()
                .map(|name| (name.letters.as_slice(), name.latin))
        };
        let words = || misspellable.iter();
        let mut fitting = (3..=LONGEST).rev().map(|longest| {
            let mut spelling = Self::default();
            for word in words() {
                spelling.add_misspellable(&word.letters);
            }
            let is_misspellable =
                |letters: &[char]| words().any(|word| letters.starts_with(&word.letters));
            for (letters, _) in
                names().filter(|(letters, latin)| *latin && !is_misspellable(letters))
            {
                let start: Vec<char> = letters.iter().copied().take(longest).collect();
                spelling.add(&start.into_iter().map(|c| vec![c]).collect::<Vec<_>>());
            }
            let foreign = || {
                let foreign = names().filter(|(_, latin)| !latin);
                foreign.map(|(letters, _)| letters)
            };
            for length in 1..=LONGEST_FOREIGN {
                spelling.add(&alike(foreign(), length));
            }
            spelling
        });
        let fitting = fitting.find(|spelling| !spelling.overflows);
        let mut spelling = fitting.unwrap_or(Self {
            overflows: true,
            ..Self::default()
        });
        spelling.pairs = PAIRED.map(|letter| (letter, spelling.fitting(letter)));
        spelling
    }

    /// Adds a name, given by the letters that may stand at each of its places.
    fn add(&mut self, places: &[Vec<char>]) {
        let start = self.places.len();
        // The topmost bit stays free, so that no shift loses one.
        if places.is_empty() || start + places.len() > 127 {
            self.overflows |= !places.is_empty();
            return;
        }
        self.first |= 1 << start;
        self.places.extend_from_slice(places);
        self.last |= 1 << (self.places.len() - 1);
    }

    fn add_misspellable(&mut self, letters: &[char]) {
        let start = self.places.len();
        let places: Vec<Vec<char>> = letters.iter().map(|c| vec![*c]).collect();
        self.add(&places);
        if self.overflows {
            return;
        }
        self.word_first |= 1 << start;
        self.word_last |= 1 << (self.places.len() - 1);
        for (at, two) in letters.windows(2).enumerate() {
            self.vowels |=
                u128::from(edit_distance::can_be_lost(letters, at + 1)) << (start + at + 1);
            // The first two are not swapped unseen.
            self.swaps |= u128::from(at > 0 && two.first() != two.last()) << (start + at + 1);
        }
        let end = self.places.len();
        self.word |= (1u128 << end) - (1u128 << start);
    }

    /// The places where `letter` stands.
    pub(crate) fn fitting(&self, letter: char) -> u128 {
        let fits = |place: &Vec<char>| u128::from(place.contains(&letter));
        self.places
            .iter()
            .rev()
            .fold(0, |bits, place| bits << 1 | fits(place))
    }

    /// The places of a letter that two others look like ([`pair`](crate::mail::text::confusables::pair)).
    pub(crate) fn fitting_pair(&self, letter: char) -> u128 {
        let known = self.pairs.iter().find(|(known, _)| *known == letter);
        known.map_or(u128::MAX, |(_, places)| *places)
    }

    /// The places of misspellable words where `letter` is overlooked.
    fn passing(&self, letter: char) -> u128 {
        let places = self.places.iter().enumerate().rev();
        let passes = places.map(|(at, place)| {
            let first = self.word_first >> at & 1 == 1;
            self.word >> at & 1 == 1
                && place
                    .iter()
                    .any(|wanted| edit_distance::passes(*wanted, letter, first))
        });
        passes.fold(0, |bits, passes| bits << 1 | u128::from(passes))
    }

    pub(crate) fn glyph(&self, c: char) -> Glyph {
        if turns(c) || is_turned(c) {
            return Glyph {
                kind: Kind::Reversing,
                ..Glyph::default()
            };
        }
        let mut letters = drawn(c).into_iter();
        match (letters.next(), letters.next()) {
            (None, _) => Glyph {
                kind: Kind::Invisible,
                ..Glyph::default()
            },
            (Some(letter), None) => self.plain_glyph(letter),
            (Some(_), Some(_)) => Glyph {
                kind: Kind::Several,
                ..Glyph::default()
            },
        }
    }

    /// The reading of a character in compatibility form.
    pub(crate) fn plain_glyph(&self, letter: char) -> Glyph {
        if letter.is_alphanumeric() {
            let [folded, upper] = fold_both(letter);
            let raw = kana(lower(letter));
            return Glyph {
                kind: Kind::Letter,
                unspaced: is_unspaced(raw),
                folded,
                fits: [raw, folded, upper]
                    .into_iter()
                    .chain(also(letter))
                    .fold(0, |all, one| all | self.fitting(one)),
                passes: self.passing(folded),
            };
        }
        let mut passes = sign(letter).into_iter().chain(begun_by(letter)).peekable();
        let kind = match passes.peek() {
            _ if is_apostrophe(letter) => Kind::Apostrophe,
            Some(_) => Kind::Sign,
            None => Kind::Gap,
        };
        let fits = passes.fold(0, |all, one| all | self.fitting(one));
        Glyph {
            kind,
            fits,
            ..Glyph::default()
        }
    }
}

/// The first letters of all names of one length, place by place. Longer ones than are looked for
/// count with those of the greatest length.
fn alike<'n>(names: impl Iterator<Item = &'n [char]>, length: usize) -> Vec<Vec<char>> {
    let mut places: Vec<Vec<char>> = Vec::new();
    for letters in names.filter(|letters| letters.len().min(LONGEST_FOREIGN) == length) {
        places.resize(length, Vec::new());
        for (place, letter) in places.iter_mut().zip(letters) {
            place.push(*letter);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_all_bits_but_the_topmost() {
        let fits = |lengths: &[usize]| {
            let mut spelling = Spelling::default();
            for length in lengths {
                spelling.add(&vec![vec!['a']; *length]);
            }
            !spelling.overflows
        };
        assert!(fits(&[127]) && fits(&[100, 27]) && fits(&[127, 0]));
        assert!(!fits(&[128]) && !fits(&[100, 28]) && !fits(&[127, 1]));
    }
}
