//! Where in a text the brand could be named: one pass that misses no place at which a close look
//! ([`super::mention`]) would find it strongly, and stops at few others.
//!
//! The names are read letter by letter, all of them at once: each letter of each name is a bit, set
//! while the text, as far as it is read, spells the name up to there (Baeza-Yates and Gonnet,
//! "shift-and"). What stands between letters is passed over, as a close look does.

use std::sync::OnceLock;

use super::super::{
    brand::{HostWord, Name},
    confusables::{pair, strip},
};
use spelling::{Glyph, Kind, Spelling};

mod spelling;
#[cfg(test)]
mod tests;

/// Characters whose reading is worked out at once, when the first of them is met.
const PAGE: u32 = 64;
/// Characters beyond are rare, and worked out each time.
const PAGED: u32 = 0x2_0000;

/// The names to look for, and how each character is read.
#[derive(Clone, Debug)]
pub(crate) struct Sieve {
    spelling: Spelling,
    ascii: Vec<Glyph>,
    /// The octets with which nothing begins.
    idle: Vec<bool>,
    pages: Vec<OnceLock<Vec<Glyph>>>,
    /// The letters that [`pair`] can give.
    pairs: Vec<(char, u128)>,
}

impl Sieve {
    pub(crate) fn new(names: &[Name], host_words: &[HostWord]) -> Self {
        let spelling = Spelling::new(names, host_words);
        let pairs = ['m', 'w', 'd'].map(|letter| (letter, spelling.fitting(letter)));
        let ascii: Vec<Glyph> = (0..128u8).map(|b| spelling.glyph(char::from(b))).collect();
        let pairs_begin = pairs.iter().any(|(_, fits)| fits & spelling.first != 0);
        let is_idle = |octet: u8| {
            let glyph = ascii.get(usize::from(octet));
            glyph.is_some_and(|glyph| !pairs_begin && spelling.is_idle(glyph))
        };
        let idle = (0..=u8::MAX).map(is_idle).collect();
        Self {
            spelling,
            ascii,
            idle,
            pages: vec![OnceLock::new(); usize::try_from(PAGED / PAGE).unwrap_or_default()],
            pairs: pairs.to_vec(),
        }
    }

    /// The first place at or behind octet `from` where a name may end. Takes time linear in the text.
    pub(crate) fn find(&self, text: &str, from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        if self.spelling.overflows {
            return (!rest.is_empty()).then_some(text.len());
        }
        let mut pass = Pass::new(self);
        let bytes = rest.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.is_idle(byte) && pass.is_idle() {
                let run = bytes.get(at..).unwrap_or_default().iter();
                at += run.take_while(|byte| self.is_idle(**byte)).count();
                let last = bytes.get(at - 1).map(|byte| usize::from(*byte));
                if let Some(last) = last.and_then(|last| self.ascii.get(last)) {
                    pass.pass_over(last);
                }
                continue;
            }
            let found = match self.ascii.get(usize::from(byte)) {
                Some(glyph) => {
                    at += 1;
                    pass.read(glyph, char::from(byte))
                }
                None => {
                    let c = rest.get(at..)?.chars().next()?;
                    at += c.len_utf8();
                    pass.character(c)
                }
            };
            if found {
                return Some(from + at);
            }
        }
        pass.ends_word().then_some(text.len())
    }

    #[inline]
    fn is_idle(&self, octet: u8) -> bool {
        self.idle.get(usize::from(octet)) == Some(&true)
    }

    fn with_glyph<R>(&self, c: char, use_it: impl FnOnce(&Glyph) -> R) -> R {
        let code = u32::from(c);
        let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let page = self.pages.get(index(code / PAGE)).map(|page| {
            page.get_or_init(|| {
                (code / PAGE * PAGE..)
                    .take(index(PAGE))
                    .map(|code| char::from_u32(code).map(|c| self.spelling.glyph(c)))
                    .map(Option::unwrap_or_default)
                    .collect()
            })
        });
        match page.and_then(|page| page.get(index(code % PAGE))) {
            Some(glyph) => use_it(glyph),
            None => use_it(&self.spelling.glyph(c)),
        }
    }
}

/// How far the names are spelled at one place of a text.
struct Pass<'s> {
    sieve: &'s Sieve,
    /// Behind the last letter, and before it.
    here: u128,
    before: u128,
    /// The last letter, where nothing stands between it and the next.
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

impl<'s> Pass<'s> {
    fn new(sieve: &'s Sieve) -> Self {
        Self {
            sieve,
            here: 0,
            before: 0,
            last: None,
            unspaced: false,
            possessive: false,
            word: 0,
            slipped: 0,
            swapping: 0,
            begins: sieve.spelling.word_first,
        }
    }

    /// Whether nothing is spelled so far, not even in part.
    #[inline]
    fn is_idle(&self) -> bool {
        let begun = self.here | self.before | self.word | self.slipped | self.swapping;
        begun == 0 && !self.possessive && !self.unspaced
    }

    /// Goes on behind characters with which nothing begins, of which `last` was the last.
    #[inline]
    fn pass_over(&mut self, last: &Glyph) {
        let letter = last.kind == Kind::Letter;
        self.last = letter.then_some(last.folded);
        self.begins = match letter {
            true => 0,
            false => self.sieve.spelling.word_first,
        };
    }

    fn character(&mut self, c: char) -> bool {
        self.sieve.with_glyph(c, |glyph| self.read(glyph, c))
    }

    /// Reads a character; whether a name may end with it or, misspelt, before it.
    #[inline]
    fn read(&mut self, glyph: &Glyph, c: char) -> bool {
        match glyph.kind {
            Kind::Letter => self.letter(glyph, c),
            Kind::Gap => self.gap(),
            Kind::Invisible => false,
            Kind::Sign | Kind::Apostrophe => {
                let found = self.gap();
                let spelling = &self.sieve.spelling;
                self.here |= (self.here << 1 | spelling.first) & glyph.fits;
                self.possessive = glyph.kind == Kind::Apostrophe;
                found || self.here & spelling.last != 0
            }
            Kind::Several => {
                let mut buffer = [0; 4];
                strip(c.encode_utf8(&mut buffer)).fold(false, |found, letter| {
                    let glyph = self.sieve.spelling.plain_glyph(letter);
                    self.read(&glyph, letter) || found
                })
            }
            Kind::Reversing => true,
        }
    }

    #[inline]
    fn letter(&mut self, glyph: &Glyph, c: char) -> bool {
        let spelling = &self.sieve.spelling;
        let possessive = self.possessive && matches!(c, 's' | 'S');
        let mut found = false;
        if glyph.unspaced != self.unspaced {
            found = self.gap();
            self.unspaced = glyph.unspaced;
        }
        let mut next = (self.here << 1 | spelling.first) & glyph.fits;
        if let Some(last) = self.last
            && let Some(one) = pair(last, glyph.folded)
        {
            let fits = self.sieve.pairs.iter().find(|(letter, _)| *letter == one);
            let fits = fits.map_or(u128::MAX, |(_, fits)| *fits);
            next |= (self.before << 1 | spelling.first) & fits;
        }
        if possessive {
            next |= self.here;
        }
        if (self.begins & (glyph.fits | glyph.passes)) | self.word | self.slipped | self.swapping
            != 0
        {
            self.slip(glyph);
        }
        // Where the `s` belongs to no name, a word begins behind it.
        self.begins = match possessive {
            true => spelling.word_first,
            false => 0,
        };
        self.possessive = false;
        self.before = self.here;
        self.here = next;
        self.last = Some(glyph.folded);
        found || next & spelling.last != 0
    }

    /// The next letter of a word that may be misspelt, as [`edit::cost`] counts a half of an edit.
    fn slip(&mut self, glyph: &Glyph) {
        let spelling = &self.sieve.spelling;
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
    fn gap(&mut self) -> bool {
        let found = self.ends_word();
        self.word = 0;
        self.slipped = 0;
        self.swapping = 0;
        self.begins = self.sieve.spelling.word_first;
        self.last = None;
        self.possessive = false;
        found
    }

    fn ends_word(&self) -> bool {
        self.slipped & self.sieve.spelling.word_last != 0
    }
}
