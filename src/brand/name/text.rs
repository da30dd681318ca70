//! A display name or subject, letter by letter.

use std::ops::Range;

use crate::mail::text::{
    letter::{is_alphanumeric, is_mark},
    skeleton::MAX_LETTERS,
};
use crate::{
    brand::{Brand, Name, first_letter::letter_bit, lexicon::Makeup},
    mail::text::{
        confusables::{fold_both, is_apostrophe, is_invisible, is_unspaced, kana, lower, pair},
        drawn::{ARROW, MOST, also, drawn, is_stretch, sign, together},
    },
};

/// Letters of words glued together that are cut into words.
const LONGEST_GLUED: usize = 64;

/// One letter of a text under comparison.
#[derive(Clone, Copy, Debug)]
struct Glyph {
    /// As written, in lower case; kana as katakana.
    raw: char,
    /// Folded from either case.
    folded: [char; 2],
    /// What else it passes for ([`also`]).
    also: [char; MOST],
    /// A capital behind a small letter, with which a word begins within a word ("ContosoLogin").
    humped: bool,
    /// The word that it belongs to.
    word: usize,
    /// Something was put into or over it that the writer of a name has no use for.
    touched: bool,
    /// A sign directly before it, not a letter itself.
    sign: Option<Sign>,
}

impl Glyph {
    fn is(&self, letter: char) -> bool {
        self.raw == letter || self.folded.contains(&letter)
    }
}

/// A sign that passes for a letter ("@" for a).
#[derive(Clone, Copy, Debug)]
struct Sign {
    letter: char,
    /// As written.
    source: char,
    /// It stands directly behind a letter: so does the sign before the domain of an address, where
    /// no name begins with it.
    inside: bool,
}

impl Sign {
    /// Whether it can be a letter of a name, `within` it or before its first letter.
    fn fits(self, within: bool) -> bool {
        self.letter == ARROW || self.inside == within
    }
}

/// What was read before the next letter.
#[derive(Default)]
struct Reading {
    /// A letter stands directly before it.
    inside: bool,
    /// A small one.
    small: bool,
    sign: Option<Sign>,
    gap: Gap,
}

impl Reading {
    /// Reads what is no letter, and may pass for one.
    fn pass_sign(&mut self, source: char, letter: Option<char>) {
        self.sign = letter.map(|letter| Sign {
            letter,
            source,
            inside: self.inside,
        });
        let is_hyphen = matches!(source, '-' | '_' | '\u{2010}' | '\u{2011}');
        // With a blank before it a hyphen is a dash.
        let joins = source.is_whitespace() || is_apostrophe(source) || is_hyphen && self.inside;
        self.gap = Gap {
            parts: self.gap.parts || !joins,
            dot: self.inside && source == '.',
        };
        self.inside = false;
    }
}

/// What stands between a word and the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gap {
    /// A mark that parts them, other than a hyphen within a word.
    pub(crate) parts: bool,
    /// A dot alone, as between the labels of a host.
    pub(crate) dot: bool,
}

/// A text cut into words.
pub(crate) struct Text {
    glyphs: Vec<Glyph>,
    words: Vec<Range<usize>>,
    /// What stands before each word.
    gaps: Vec<Gap>,
    /// The text is not shown as it is stored.
    disguised: bool,
    /// What [`Self::firsts`] says of each letter.
    firsts: Vec<u64>,
}

impl Text {
    pub(crate) fn new(source: &str, disguised: bool) -> Self {
        let mut text = Self {
            glyphs: Vec::with_capacity(source.len().min(MAX_LETTERS)),
            words: Vec::new(),
            gaps: Vec::new(),
            disguised,
            firsts: Vec::new(),
        };
        let mut read = Reading::default();
        let mut rest = source;
        while let Some(c) = rest.chars().next() {
            if text.glyphs.len() >= MAX_LETTERS {
                break;
            }
            if c.is_ascii_alphanumeric() {
                rest = rest.get(1..).unwrap_or_default();
                text.push(c, c, &mut read);
                continue;
            }
            if let Some((length, letter)) = together(rest) {
                rest = rest.get(length..).unwrap_or_default();
                read.pass_sign(c, Some(letter));
                continue;
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            let seen = drawn(c);
            if seen.is_nothing() {
                if read.inside && (is_invisible(c) || is_mark(c) || is_stretch(c)) {
                    text.touch();
                }
                continue;
            }
            for letter in seen {
                if is_alphanumeric(letter) {
                    text.push(letter, c, &mut read);
                    continue;
                }
                // A possessive between two words of a name leaves it the name.
                if read.inside && is_apostrophe(letter) {
                    rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest);
                }
                read.pass_sign(if letter == ARROW { c } else { letter }, sign(letter));
            }
        }
        text.work_out_firsts();
        text
    }

    /// Adds a letter, written as `source`.
    fn push(&mut self, letter: char, source: char, read: &mut Reading) {
        let at = self.glyphs.len();
        let unspaced = is_unspaced(letter);
        let goes_on = read.inside
            && self
                .glyphs
                .last()
                .is_some_and(|last| is_unspaced(last.raw) == unspaced);
        match self.words.last_mut() {
            Some(word) if goes_on => word.end = at + 1,
            _ => {
                self.words.push(at..at + 1);
                self.gaps.push(read.gap);
            }
        }
        // Full-width letters are common where keyboards make them; accents, circles and the letters
        // of formulas are not.
        let full_width = matches!(u32::from(source), 0xFF00..=0xFFEF);
        self.glyphs.push(Glyph {
            raw: kana(lower(letter)),
            folded: fold_both(letter),
            also: also(letter),
            humped: goes_on && read.small && letter.is_uppercase(),
            word: self.words.len() - 1,
            touched: letter.is_ascii() && letter != source && !full_width,
            sign: read.sign.take(),
        });
        *read = Reading {
            inside: true,
            small: letter.is_lowercase(),
            ..Reading::default()
        };
    }

    /// Marks and joiners belong to many scripts, but not to these: Latin, Greek, Cyrillic.
    fn touch(&mut self) {
        if let Some(last) = self.glyphs.last_mut()
            && u32::from(last.raw) < 0x530
        {
            last.touched = true;
        }
    }

    /// The stretches of the words.
    pub(crate) fn words(&self) -> &[Range<usize>] {
        &self.words
    }

    /// What stands before this word.
    pub(crate) fn gap(&self, word: usize) -> Gap {
        self.gaps.get(word).copied().unwrap_or_default()
    }

    /// The number of the word that holds this letter.
    pub(crate) fn word_of(&self, at: usize) -> usize {
        self.glyphs.get(at).map_or(0, |glyph| glyph.word)
    }

    pub(crate) fn ends_word(&self, end: usize) -> bool {
        match (self.glyphs.get(end), self.glyphs.get(end.wrapping_sub(1))) {
            (Some(next), Some(last)) => next.word != last.word,
            _ => true,
        }
    }

    /// Whether a word begins here within a word, with a capital.
    pub(crate) fn is_hump(&self, at: usize) -> bool {
        self.glyphs.get(at).is_some_and(|glyph| glyph.humped)
    }

    /// A [bit](letter_bit) for each letter with which [`Self::reads`] could begin at `at`, and for others.
    pub(crate) fn firsts(&self, at: usize) -> u64 {
        self.firsts.get(at).copied().unwrap_or_default()
    }

    fn work_out_firsts(&mut self) {
        let next = self.glyphs.iter().skip(1).map(Some).chain([None]);
        let firsts = self.glyphs.iter().zip(next).map(|(glyph, next)| {
            let [first, other] = glyph.folded;
            let mut bits = letter_bit(glyph.raw) | letter_bit(first) | letter_bit(other);
            if let Some(sign) = glyph.sign {
                bits |= letter_bit(sign.letter);
            }
            if let Some(letter) = next.and_then(|next| pair(first, next.folded[0])) {
                bits |= letter_bit(letter);
            }
            for letter in glyph.also.iter().take_while(|letter| **letter != '\0') {
                bits |= letter_bit(*letter);
            }
            bits
        });
        self.firsts = firsts.collect();
    }

    /// Where `letters` end that begin at `at`, letter pairs counted as the letter they look like.
    pub(crate) fn reads(&self, at: usize, letters: &[char]) -> Option<usize> {
        let mut here = at;
        let mut signed = None;
        for &wanted in letters {
            let glyph = self.glyphs.get(here)?;
            if glyph.is(wanted) || glyph.also.contains(&wanted) {
                here += 1;
                continue;
            }
            let passes = glyph
                .sign
                .is_some_and(|sign| sign.letter == wanted && sign.fits(here > at));
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

    /// The same for what somebody else is called, who has no need of a disguise.
    fn reads_plainly(&self, at: usize, letters: &[char]) -> Option<usize> {
        let part = self.glyphs.get(at..at + letters.len())?;
        let is =
            |(glyph, wanted): (&Glyph, &char)| !glyph.raw.is_ascii_digit() && glyph.is(*wanted);
        part.iter()
            .zip(letters)
            .all(is)
            .then_some(at + letters.len())
    }

    /// The same for each of these words, which are in order and begin with what is `read`.
    fn each_plain_word(
        &self,
        read: Range<usize>,
        words: &[Vec<char>],
        found: &mut impl FnMut(Range<usize>),
    ) {
        let length = read.len();
        // In order the shorter stands before what it begins.
        let words = match words.first() {
            Some(word) if word.len() == length => {
                found(read.clone());
                words.get(1..).unwrap_or_default()
            }
            Some(_) => words,
            None => return,
        };
        let Some(glyph) = self.glyphs.get(read.end) else {
            return;
        };
        let [folded, other] = glyph.folded;
        let mut letters = [glyph.raw, folded, other];
        letters.sort_unstable();
        for (nth, letter) in letters.iter().enumerate() {
            let again = letters
                .get(..nth)
                .is_some_and(|known| known.contains(letter));
            if again || glyph.raw.is_ascii_digit() {
                continue;
            }
            let next = |word: &Vec<char>| word.get(length).copied();
            let from = words.partition_point(|word| next(word) < Some(*letter));
            let to = words.partition_point(|word| next(word) <= Some(*letter));
            let words = words.get(from..to).unwrap_or_default();
            self.each_plain_word(read.start..read.end + 1, words, found);
        }
    }

    /// The words and names that mean somebody else and begin at `at`.
    fn foreign_at(&self, brand: &Brand, at: usize, found: &mut impl FnMut(Range<usize>)) {
        let word = self.words.get(self.word_of(at));
        let starts = word.is_some_and(|word| word.start == at);
        for name in brand.other_names_begun_by(self.firsts(at)) {
            if (starts || !name.latin)
                && let Some(end) = self.reads_plainly(at, &name.letters)
                && (!name.latin || self.ends_word(end))
                && (!name.latin || self.keeps_words(at..end, name.words.len()))
            {
                found(at..end);
            }
        }
        if starts {
            let others = brand.lexicon().others();
            self.each_plain_word(at..at, others, &mut |range| {
                if self.keeps_words(range.clone(), 1) && self.is_another(brand, range.end) {
                    found(range);
                }
            });
        }
    }

    /// Whether a word that means somebody else ends here: it is whole, or another word of the river or
    /// the forest is glued to it.
    fn is_another(&self, brand: &Brand, end: usize) -> bool {
        let word = self.words.get(self.word_of(end));
        self.ends_word(end)
            || word.is_some_and(|word| {
                let made = self.makeup(brand, end..word.end);
                made.whole && made.neighbour && !made.lure
            })
    }

    /// Whether the stretch takes so many words, or is spelled apart letter by letter: of the brand and
    /// the word behind it no third word is made ("Contoso" and "Nia" are no "Contosonia").
    fn keeps_words(&self, at: Range<usize>, words: usize) -> bool {
        let first = self.word_of(at.start);
        let taken = self.word_of(at.end.saturating_sub(1)) - first + 1;
        taken == words || taken == at.len()
    }

    /// The folded letters of a stretch.
    pub(crate) fn letters(&self, at: Range<usize>) -> Vec<char> {
        let part = self.glyphs.get(at).unwrap_or_default();
        part.iter().map(|glyph| glyph.folded[0]).collect()
    }

    /// Whether a stretch holds nothing but digits.
    pub(crate) fn is_number(&self, at: Range<usize>) -> bool {
        let part = self.glyphs.get(at).unwrap_or_default();
        part.iter().all(|glyph| glyph.raw.is_ascii_digit())
    }

    /// What a stretch is made of. A stretch longer than any words glued in earnest counts as unknown
    /// letters, which keeps the whole linear.
    pub(crate) fn makeup(&self, brand: &Brand, at: Range<usize>) -> Makeup {
        if at.len() > LONGEST_GLUED {
            return Makeup::default();
        }
        let part = self.glyphs.get(at.clone()).unwrap_or_default();
        let digit = |glyph: &Glyph| glyph.raw.is_ascii_digit();
        let digits: Vec<bool> = part.iter().map(digit).collect();
        brand.lexicon().makeup(&self.letters(at), &digits)
    }

    /// Whether the stretch spells the name as the list does.
    pub(crate) fn is_plain(&self, at: Range<usize>, name: &Name) -> bool {
        let part = self.glyphs.get(at.clone()).unwrap_or_default();
        let is_drawn = |glyph: &Glyph| {
            let arrow = glyph.sign.filter(|sign| sign.letter == ARROW);
            arrow.is_some_and(|sign| sign.source != ARROW)
        };
        let is_odd = |glyph: &Glyph| glyph.touched || is_drawn(glyph);
        if self.disguised || part.iter().any(is_odd) {
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

/// The letters of a text that belong to words and names which mean somebody else, looked for as far as is asked.
pub(crate) struct Foreign<'a> {
    brand: &'a Brand,
    text: &'a Text,
    letters: Vec<bool>,
    /// What begins before this letter is known.
    known: usize,
}

impl<'a> Foreign<'a> {
    pub(crate) fn new(brand: &'a Brand, text: &'a Text) -> Self {
        Self {
            brand,
            text,
            letters: vec![false; text.glyphs.len()],
            known: 0,
        }
    }

    /// Whether all of the stretch belongs to them.
    pub(crate) fn covers(&mut self, at: Range<usize>) -> bool {
        let letters = &mut self.letters;
        for start in self.known..at.end.min(letters.len()) {
            self.text.foreign_at(self.brand, start, &mut |range| {
                if let Some(part) = letters.get_mut(range) {
                    part.fill(true);
                }
            });
        }
        self.known = self.known.max(at.end);
        let part = letters.get(at);
        part.is_some_and(|part| part.iter().all(|foreign| *foreign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_mark_nothing_is_a_letter() {
        for c in ('\0'..=char::MAX).filter(|c| is_invisible(*c) || is_mark(*c)) {
            let mut letters = drawn(c).into_iter();
            assert!(letters.all(|letter| !letter.is_alphanumeric()), "{c:?}");
        }
    }
}
