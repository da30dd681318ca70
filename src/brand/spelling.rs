//! A name or a word of the brand, prepared for comparison.

use crate::mail::text::confusables::{fold_letters, is_unspaced, kana, lower, strip};

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
    /// The letters to compare, without separators: folded, except in scripts without spaces.
    pub(crate) letters: Vec<char>,
    /// The words as written, in lower case, kana as katakana.
    pub(crate) words: Vec<String>,
    /// Written in Latin letters: compared as whole words. Other scripts join words, so a name counts
    /// inside a run of letters too.
    pub(crate) latin: bool,
}

impl Name {
    pub(crate) fn new(text: &str, strength: NameStrength) -> Self {
        let plain: Vec<char> = strip(text).map(|c| kana(lower(c))).collect();
        let unspaced = plain.iter().any(|c| is_unspaced(*c));
        let letters: Vec<char> = if unspaced {
            // Folding would make one letter of many here.
            plain
                .iter()
                .copied()
                .filter(|c| c.is_alphanumeric())
                .collect()
        } else {
            fold_letters(text).filter(|c| c.is_alphanumeric()).collect()
        };
        Self {
            text: text.to_owned(),
            strength,
            letters,
            latin: plain.iter().all(|c| c.is_ascii() || !c.is_alphanumeric()),
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
