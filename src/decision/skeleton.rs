//! What a reader sees, in a form that can be compared.

use super::{
    brand::{Brand, Name, NameStrength},
    confusables::{fold, fold_both, is_invisible, pair, strip},
    edit,
    lexicon::Kind,
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Letters of a text that are looked at. A client shows far fewer.
const MAX_LETTERS: usize = 4096;

/// How much a sign proves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Weighs only together with another sign.
    Weak,
    /// Decides.
    Strong,
}

impl Strength {
    /// The word of all output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Strong => "strong",
        }
    }
}

/// The brand, or a product of it, found in a display name or a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The listed name that was found.
    pub name: String,
    pub strength: Strength,
    /// Written plainly: no disguise, no misspelling.
    pub exact: bool,
    /// The first word of the mention, counted from 0.
    pub start_word: usize,
    /// How many words it takes.
    pub words: usize,
    /// How many words the text has.
    pub word_count: usize,
}

/// The form in which two texts that look the same are the same.
///
/// Invisible, direction and combining characters are taken out, then NFKC; confusables of all scripts are folded
/// before and after lower-casing, look-alike digits and letter pairs too; what is no letter separates
/// words, and single letters that stand apart are put together. The result is for comparing only: it
/// is no spelling of anything.
pub fn skeleton(text: &str) -> String {
    let mut out = String::new();
    let mut single = false;
    let letters: Vec<char> = strip(text).take(MAX_LETTERS).collect();
    for word in letters
        .split(|c| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let was_single = std::mem::replace(&mut single, word.len() == 1);
        if !out.is_empty() && !(single && was_single) {
            out.push(' ');
        }
        let folded: Vec<char> = word.iter().map(|c| fold(*c)).collect();
        let mut rest = folded.iter().copied().peekable();
        while let Some(c) = rest.next() {
            match rest.peek().and_then(|next| pair(c, *next)) {
                Some(one) => {
                    out.push(one);
                    rest.next();
                }
                None => out.push(c),
            }
        }
    }
    out
}

/// One letter of a text under comparison.
#[derive(Clone, Copy, Debug)]
struct Glyph {
    /// As written, in lower case.
    raw: char,
    /// Folded from either case.
    folded: [char; 2],
    /// The word that it belongs to.
    word: usize,
}

/// A text cut into words.
struct Text {
    glyphs: Vec<Glyph>,
    words: usize,
    /// Something invisible was taken out.
    disguised: bool,
    /// Parts of names that mean somebody else.
    foreign: Vec<bool>,
}

/// Scripts that write words without spaces between them.
fn is_unspaced(c: char) -> bool {
    matches!(
        u32::from(c),
        0x0E00..=0x0EFF | 0x1100..=0x11FF | 0x3040..=0x30FF | 0x31F0..=0x31FF | 0x3400..=0x9FFF
            | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF
    )
}

impl Text {
    fn new(text: &str) -> Self {
        let mut glyphs: Vec<Glyph> = Vec::new();
        let (mut words, mut inside, mut unspaced) = (0, false, false);
        for c in strip(text).take(MAX_LETTERS) {
            if !c.is_alphanumeric() {
                inside = false;
                continue;
            }
            if !inside || is_unspaced(c) != unspaced {
                words += 1;
            }
            inside = true;
            unspaced = is_unspaced(c);
            glyphs.push(Glyph {
                raw: c.to_lowercase().next().unwrap_or(c),
                folded: fold_both(c),
                word: words - 1,
            });
        }
        let disguised = text.chars().any(is_invisible) || text.nfc().any(is_combining_mark);
        let foreign = vec![false; glyphs.len()];
        Self {
            glyphs,
            words,
            disguised,
            foreign,
        }
    }

    fn starts_word(&self, at: usize) -> bool {
        let word = |at: usize| self.glyphs.get(at).map(|glyph| glyph.word);
        at == 0 || word(at) != word(at - 1)
    }

    /// Where `letters` end that begin at `at`, letter pairs counted as the letter they look like.
    fn reads(&self, at: usize, letters: &[char]) -> Option<usize> {
        let mut here = at;
        for &wanted in letters {
            let glyph = self.glyphs.get(here)?;
            if glyph.folded.contains(&wanted) {
                here += 1;
                continue;
            }
            let next = self.glyphs.get(here + 1)?;
            if next.word != glyph.word || pair(glyph.folded[0], next.folded[0]) != Some(wanted) {
                return None;
            }
            here += 2;
        }
        Some(here)
    }

    /// Marks what belongs to words and names that mean somebody else.
    fn mark_foreign(&mut self, brand: &Brand) {
        let mut marks: Vec<std::ops::Range<usize>> = Vec::new();
        for at in 0..self.glyphs.len() {
            let names = brand
                .other_names()
                .iter()
                .map(|name| (&name.letters, name.latin));
            let words = brand.lexicon().others().iter().map(|word| (word, true));
            for (letters, latin) in names.chain(words) {
                if (!latin || self.starts_word(at))
                    && let Some(end) = self.reads(at, letters)
                {
                    marks.push(at..end);
                }
            }
        }
        for range in marks {
            if let Some(part) = self.foreign.get_mut(range) {
                part.fill(true);
            }
        }
    }

    fn is_foreign(&self, at: usize, end: usize) -> bool {
        self.foreign
            .get(at..end)
            .is_some_and(|part| part.iter().all(|foreign| *foreign))
    }

    fn word_letters(&self, word: usize) -> Vec<char> {
        self.glyphs
            .iter()
            .filter(|glyph| glyph.word == word)
            .map(|glyph| glyph.folded[0])
            .collect()
    }

    fn kind(&self, brand: &Brand, word: usize) -> Option<Kind> {
        brand.lexicon().kind(&self.word_letters(word))
    }

    /// Whether the stretch spells the name as the list does.
    fn is_plain(&self, at: usize, end: usize, name: &Name) -> bool {
        let Some(part) = self.glyphs.get(at..end) else {
            return false;
        };
        let mut words = vec![String::new()];
        let mut last = part.first().map(|glyph| glyph.word);
        for glyph in part {
            if last != Some(glyph.word) {
                words.push(String::new());
                last = Some(glyph.word);
            }
            if let Some(word) = words.last_mut() {
                word.push(glyph.raw);
            }
        }
        !self.disguised
            && words
                .iter()
                .map(|word| super::confusables::strip(word).collect::<String>())
                .eq(name
                    .words
                    .iter()
                    .map(|word| super::confusables::strip(word).collect::<String>()))
    }
}

/// Finds the brand, or a product of it, in a display name or a subject: the strongest mention, and
/// of equally strong ones the first.
///
/// Whole words and runs of words are compared, so that other words with the same letters in them are
/// none. Takes time linear in the text.
pub fn mention(brand: &Brand, text: &str) -> Option<Mention> {
    let found = mention_in(brand, &mut Text::new(text));
    // Right-to-left override shows the letters in reverse (UAX 9, X5).
    if found.is_none() && text.contains('\u{202E}') {
        let reversed: String = text.chars().rev().collect();
        let mut reversed = Text::new(&reversed);
        reversed.disguised = true;
        return mention_in(brand, &mut reversed);
    }
    found
}

fn mention_in(brand: &Brand, text: &mut Text) -> Option<Mention> {
    text.mark_foreign(brand);
    let kinds: Vec<Option<Kind>> = (0..text.words).map(|word| text.kind(brand, word)).collect();
    let lured = kinds.contains(&Some(Kind::Lure));
    let beside = |word: Option<usize>| {
        word.and_then(|word| kinds.get(word)).copied().flatten() == Some(Kind::Neighbour)
    };
    let mut best: Option<Mention> = None;
    let mut keep = |at: usize, end: usize, name: &Name, strength: Strength, exact: bool| {
        let first = text.glyphs.get(at).map_or(0, |glyph| glyph.word);
        let last = text
            .glyphs
            .get(end.saturating_sub(1))
            .map_or(first, |glyph| glyph.word);
        let other = beside(first.checked_sub(1)) || beside(Some(last + 1));
        // A lure beside it outweighs the river.
        let strength = match (other, lured) {
            (false, _) => strength,
            (true, true) => Strength::Weak,
            (true, false) => return,
        };
        if best.as_ref().is_none_or(|best| strength > best.strength) {
            best = Some(Mention {
                name: name.text.clone(),
                strength,
                exact,
                start_word: first,
                words: last - first + 1,
                word_count: text.words,
            });
        }
    };
    for at in 0..text.glyphs.len() {
        for name in brand.names() {
            let Some((end, whole)) = occurrence(brand, text, at, name) else {
                continue;
            };
            let strength = match name.strength {
                NameStrength::Strong if whole => Strength::Strong,
                NameStrength::Strong | NameStrength::Weak => Strength::Weak,
                NameStrength::NoneAlone if lured => Strength::Weak,
                NameStrength::NoneAlone => continue,
            };
            keep(at, end, name, strength, text.is_plain(at, end, name));
        }
    }
    for (at, end) in misspelt_words(brand, text) {
        if let Some(name) = brand.names().first() {
            keep(at, end, name, Strength::Strong, false);
        }
    }
    best
}

/// Where a name that begins at `at` ends, and whether it stands there as a word of its own.
fn occurrence(brand: &Brand, text: &Text, at: usize, name: &Name) -> Option<(usize, bool)> {
    let end = text.reads(at, &name.letters)?;
    if text.is_foreign(at, end) {
        return None;
    }
    if !name.latin {
        return Some((end, true));
    }
    let glyph = |at: usize| text.glyphs.get(at);
    let (starts, ends) = (
        text.starts_word(at),
        end == text.glyphs.len() || text.starts_word(end),
    );
    if starts && ends {
        return Some((end, true));
    }
    // Glued: only within one word, and where known words make up the rest of it.
    let word = glyph(at)?.word;
    if glyph(end - 1)?.word != word || name.letters.len() < 5 {
        return None;
    }
    let part = |from: usize, to: usize| {
        let part = text.glyphs.get(from..to).unwrap_or_default();
        let letters: Vec<char> = part.iter().map(|glyph| glyph.folded[0]).collect();
        let digits: Vec<bool> = part
            .iter()
            .map(|glyph| glyph.raw.is_ascii_digit())
            .collect();
        brand.lexicon().makeup(&letters, &digits)
    };
    let from = (0..=at).rev().find(|at| text.starts_word(*at)).unwrap_or(0);
    let to = (end..text.glyphs.len())
        .find(|at| text.starts_word(*at))
        .unwrap_or(text.glyphs.len());
    let rest = part(from, at).and(part(end, to));
    if rest.neighbour && !rest.lure {
        return None;
    }
    (rest.whole || starts).then_some((end, rest.whole))
}

/// Words that read like a word of the brand with what a reader overlooks.
fn misspelt_words(brand: &Brand, text: &Text) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let starts: Vec<usize> = (0..text.glyphs.len())
        .filter(|at| text.starts_word(*at))
        .collect();
    for (index, &at) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(text.glyphs.len());
        let letters: Vec<char> = text
            .glyphs
            .get(at..end)
            .unwrap_or_default()
            .iter()
            .map(|glyph| glyph.folded[0])
            .collect();
        let misspelt = brand
            .host_words()
            .iter()
            .any(|word| word.typos && edit::cost(&word.letters, &letters) == 1);
        if misspelt && !text.foreign.get(at).copied().unwrap_or(false) {
            found.push((at, end));
        }
    }
    found
}
