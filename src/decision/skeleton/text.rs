//! A display name or subject, letter by letter.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::super::{
    brand::{Brand, Name},
    confusables::{fold, fold_both, is_invisible, is_unspaced, kana, lower, pair, strip},
    lexicon::Makeup,
};
use super::MAX_LETTERS;

/// Letters of words glued together that are cut into words.
const LONGEST_GLUED: usize = 64;

/// One letter of a text under comparison.
#[derive(Clone, Copy, Debug)]
struct Glyph {
    /// As written, in lower case; kana as katakana.
    raw: char,
    /// Folded from either case.
    folded: [char; 2],
    /// The word that it belongs to.
    word: usize,
    /// A sign directly before it, not a letter itself.
    sign: Option<Sign>,
}

/// A sign that passes for a letter ("Am@zon").
#[derive(Clone, Copy, Debug)]
struct Sign {
    letter: char,
    /// It stands directly behind a letter: so does the sign before the domain of an address, where
    /// no name begins with it.
    inside: bool,
}

/// A text cut into words.
pub(super) struct Text {
    glyphs: Vec<Glyph>,
    words: Vec<Range<usize>>,
    /// Something was put in or over the letters.
    disguised: bool,
    /// Parts of words and names that mean somebody else.
    foreign: Vec<bool>,
}

impl Text {
    pub(super) fn new(text: &str, disguised: bool) -> Self {
        let mut glyphs: Vec<Glyph> = Vec::new();
        let mut words: Vec<Range<usize>> = Vec::new();
        let (mut inside, mut unspaced) = (false, false);
        let mut sign = None;
        for c in strip(text).take(MAX_LETTERS) {
            if !c.is_alphanumeric() {
                let letter = fold(c);
                sign = letter
                    .is_ascii_alphanumeric()
                    .then_some(Sign { letter, inside });
                inside = false;
                continue;
            }
            let at = glyphs.len();
            match words.last_mut() {
                Some(word) if inside && is_unspaced(c) == unspaced => word.end = at + 1,
                _ => words.push(at..at + 1),
            }
            inside = true;
            unspaced = is_unspaced(c);
            glyphs.push(Glyph {
                raw: kana(lower(c)),
                folded: fold_both(c),
                word: words.len() - 1,
                sign: sign.take(),
            });
        }
        Self {
            foreign: vec![false; glyphs.len()],
            glyphs,
            words,
            disguised: disguised || is_disguised(text),
        }
    }

    /// The stretches of the words.
    pub(super) fn words(&self) -> &[Range<usize>] {
        &self.words
    }

    /// The number of the word that holds this letter.
    pub(super) fn word_of(&self, at: usize) -> usize {
        self.glyphs.get(at).map_or(0, |glyph| glyph.word)
    }

    pub(super) fn ends_word(&self, end: usize) -> bool {
        match (self.glyphs.get(end), self.glyphs.get(end.wrapping_sub(1))) {
            (Some(next), Some(last)) => next.word != last.word,
            _ => true,
        }
    }

    /// Where `letters` end that begin at `at`, letter pairs counted as the letter they look like.
    pub(super) fn reads(&self, at: usize, letters: &[char]) -> Option<usize> {
        let mut here = at;
        let mut signed = None;
        for &wanted in letters {
            let glyph = self.glyphs.get(here)?;
            if glyph.raw == wanted || glyph.folded.contains(&wanted) {
                here += 1;
                continue;
            }
            let passes = glyph
                .sign
                .is_some_and(|sign| sign.letter == wanted && sign.inside == (here > at));
            if passes && signed != Some(here) {
                signed = Some(here);
                continue;
            }
            let next = self.glyphs.get(here + 1)?;
            let [first, _] = glyph.folded;
            let [second, _] = next.folded;
            if next.word != glyph.word || pair(first, second) != Some(wanted) {
                return None;
            }
            here += 2;
        }
        Some(here)
    }

    /// Marks what belongs to words and names that mean somebody else.
    pub(super) fn mark_foreign(&mut self, brand: &Brand) {
        let mut marks: Vec<Range<usize>> = Vec::new();
        for at in 0..self.glyphs.len() {
            let starts = self
                .words
                .get(self.word_of(at))
                .is_some_and(|word| word.start == at);
            for name in brand.other_names() {
                if let Some(end) = self.reads(at, &name.letters)
                    && (!name.latin || (starts && self.ends_word(end)))
                {
                    marks.push(at..end);
                }
            }
            if starts {
                let others = brand.lexicon().others().iter();
                marks.extend(others.filter_map(|word| Some(at..self.reads(at, word)?)));
            }
        }
        for range in marks {
            if let Some(part) = self.foreign.get_mut(range) {
                part.fill(true);
            }
        }
    }

    /// Whether all of the stretch belongs to somebody else's words.
    pub(super) fn is_foreign(&self, at: Range<usize>) -> bool {
        self.foreign
            .get(at)
            .is_some_and(|part| part.iter().all(|foreign| *foreign))
    }

    /// The folded letters of a stretch.
    pub(super) fn letters(&self, at: Range<usize>) -> Vec<char> {
        let part = self.glyphs.get(at).unwrap_or_default();
        part.iter().map(|glyph| glyph.folded[0]).collect()
    }

    /// What a stretch is made of. A stretch longer than any words glued in earnest counts as unknown
    /// letters, which keeps the whole linear.
    pub(super) fn makeup(&self, brand: &Brand, at: Range<usize>) -> Makeup {
        if at.len() > LONGEST_GLUED {
            return Makeup::default();
        }
        let part = self.glyphs.get(at.clone()).unwrap_or_default();
        let digits: Vec<bool> = part
            .iter()
            .map(|glyph| glyph.raw.is_ascii_digit())
            .collect();
        brand.lexicon().makeup(&self.letters(at), &digits)
    }

    /// Whether the stretch spells the name as the list does.
    pub(super) fn is_plain(&self, at: Range<usize>, name: &Name) -> bool {
        if self.disguised {
            return false;
        }
        let words = self.words.iter().filter_map(|word| {
            let part = self
                .glyphs
                .get(word.start.max(at.start)..word.end.min(at.end))?;
            (!part.is_empty()).then(|| part.iter().map(|glyph| glyph.raw).collect::<String>())
        });
        words.eq(name.words.iter().cloned())
    }
}

/// Whether something was put in or over the letters that the writer of a name has no use for.
fn is_disguised(text: &str) -> bool {
    let mut base = ' ';
    text.nfd().any(|c| {
        // Marks and joiners belong to many scripts, but not to these: Latin, Greek, Cyrillic.
        let odd = u32::from(base) < 0x530 && (is_combining_mark(c) || is_invisible(c));
        if !is_combining_mark(c) {
            base = c;
        }
        // Letters in circles, letters of formulas.
        odd || matches!(u32::from(c), 0x2460..=0x24FF | 0x1D400..=0x1D7FF)
    })
}
