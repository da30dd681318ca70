//! A name or a word of the brand, prepared for comparison.

use crate::mail::text::{
    confusables::{fold, kana, lower},
    drawn::{ARROW, drawn},
};

/// What a listed name proves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameStrength {
    Strong,
    Weak,
    /// Nothing by itself.
    NoneAlone,
}

/// A name as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub text: String,
    pub strength: NameStrength,
    /// What it proves where everything else in the text is a lure word or the like ("CTSO Order Desk").
    pub(crate) with_lures: NameStrength,
    /// Counts only where it is not written plainly: a logo that letters draw.
    pub(crate) drawn: bool,
    /// How it is inflected: endings of one word with it.
    pub(crate) endings: Vec<Vec<char>>,
    /// Endings that make another word of it by chance; beside a lure word, or alone, they don't.
    pub(crate) doubtful_endings: Vec<Vec<char>>,
    /// The letters to compare, without separators: folded where they are Latin ones.
    pub(crate) letters: Vec<char>,
    /// The words as written, in lower case, kana as katakana.
    pub(crate) words: Vec<String>,
    /// Written in Latin letters: compared as whole words. Other scripts join words, so a name counts
    /// inside a run of letters too.
    pub(crate) latin: bool,
}

impl Name {
    pub(crate) fn new(text: &str, strength: NameStrength) -> Self {
        let seen: Vec<char> = text.chars().flat_map(drawn).collect();
        let plain: Vec<char> = seen.iter().map(|c| kana(lower(*c))).collect();
        let latin = plain.iter().all(|c| c.is_ascii() || !c.is_alphanumeric());
        // Folding would make Latin words of names in other scripts, and one letter of many.
        let letters = match latin {
            true => seen.iter().map(|c| fold(*c)).collect(),
            false => plain.clone(),
        };
        let is_letter = |c: &char| c.is_alphanumeric() || *c == ARROW;
        let letters: Vec<char> = letters.into_iter().filter(is_letter).collect();
        Self {
            text: text.to_owned(),
            strength,
            with_lures: strength,
            drawn: false,
            endings: Vec::new(),
            doubtful_endings: Vec::new(),
            letters,
            latin,
            words: plain
                .split(|c| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(|word| word.iter().collect())
                .collect(),
        }
    }
}

/// A word that stands for the brand inside host names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostWord {
    /// As written, lower case.
    pub(crate) text: String,
    /// Folded letters.
    pub(crate) letters: Vec<char>,
    pub(crate) typos: bool,
}
