//! Words that name nobody by themselves.

use std::{collections::HashSet, sync::LazyLock};

use serde::Deserialize;

use crate::{brand::Brand, mail::text::confusables::fold_letters};

use super::word::letters;

/// Sorted, one a line, below its head.
const WORDS: &str = include_str!("words.txt");

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // A test reads the same text; it cannot fail at a user's.
    #[allow(clippy::expect_used)]
    Table::from_toml(include_str!("trades.toml"))
        .expect("the embedded trades are checked by a test")
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    by: Vec<String>,
    language: Vec<RawLanguage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLanguage {
    #[serde(rename = "id")]
    _id: String,
    #[serde(rename = "source")]
    _source: String,
    words: Vec<String>,
}

/// The words of `trades.toml`, in Latin letters.
struct Table {
    trades: HashSet<String>,
    by: HashSet<String>,
}

impl Table {
    fn from_toml(text: &str) -> Result<Self, String> {
        let raw: Raw = toml::from_str(text).map_err(|error| error.to_string())?;
        let words = raw.language.into_iter().flat_map(|language| language.words);
        Ok(Self {
            trades: words.map(|word| letters(&word)).collect(),
            by: raw.by.iter().map(|word| letters(word)).collect(),
        })
    }
}

/// Whether a word sets off what follows it in a display name.
pub(super) fn sets_off(word: &str) -> bool {
    TABLE.by.contains(word)
}

/// Makes the tables now that would else be made for the first message.
pub(super) fn prepare() {
    LazyLock::force(&TABLE);
}

/// Endings that make one word of another.
const ENDINGS: [&str; 9] = ["s", "es", "n", "en", "e", "ed", "ing", "er", "ly"];
/// Letters of the word that they are put to.
const STEM: usize = 4;

/// Whether a word is one of the commonest of its language, or a given name, perhaps with an ending.
pub(super) fn is_in_dictionary(word: &str) -> bool {
    let mut stems = ENDINGS
        .iter()
        .filter_map(|ending| word.strip_suffix(ending));
    is_listed(word) || stems.any(|stem| stem.len() >= STEM && is_listed(stem))
}

fn is_listed(word: &str) -> bool {
    let mut rest = WORDS.as_bytes();
    while !rest.is_empty() {
        // The line in the middle.
        let half = rest.get(..rest.len() / 2).unwrap_or_default();
        let start = memchr::memrchr(b'\n', half).map_or(0, |feed| feed + 1);
        let line = rest.get(start..).unwrap_or_default();
        let line = line.get(..memchr::memchr(b'\n', line).unwrap_or(line.len()));
        let line = line.unwrap_or_default();
        // Comments come before every word, as octets do.
        match line.cmp(word.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Greater => rest = rest.get(..start).unwrap_or_default(),
            std::cmp::Ordering::Less => {
                rest = rest.get(start + line.len() + 1..).unwrap_or_default();
            }
        }
    }
    false
}

/// Whether a word lures, imitates a site, fills, or is that of a trade.
pub(super) fn is_lure(brand: &Brand, word: &str) -> bool {
    if TABLE.trades.contains(word) {
        return true;
    }
    let folded: Vec<char> = fold_letters(word).collect();
    brand.lexicon().kind(&folded).is_some()
}

/// Whether a word is glued of nothing but such words and digits ("loginhub", "checkdesk7").
pub(super) fn is_glued_of_lures(brand: &Brand, word: &str) -> bool {
    // Letters of the longest word that is looked for; a label has 63.
    const LONGEST: usize = 20;
    let ends = (1..=word.len().min(63)).filter(|end| word.is_char_boundary(*end));
    let mut reached = vec![0];
    for end in ends {
        let digit = word.as_bytes().get(end - 1).is_some_and(u8::is_ascii_digit);
        let near = |start: &&usize| end - **start <= LONGEST;
        let is_one = |start: &usize| {
            let part = word.get(*start..end).unwrap_or_default();
            digit && part.len() == 1 || part.len() >= 2 && is_lure(brand, part)
        };
        if reached.iter().filter(near).any(is_one) {
            reached.push(end);
        }
    }
    reached.last() == Some(&word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_list_is_found_and_no_other() {
        let words: Vec<&str> = WORDS
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect();
        assert!(words.is_sorted());
        assert!(words.len() > 20_000);
        for word in &words {
            assert!(is_listed(word), "{word}");
        }
        for word in ["", "#", "qqq", "zzzzzz", "thez", "# Words that name nobody"] {
            assert!(!is_listed(word), "{word}");
        }
        assert!(WORDS.len() < 200_000);
        assert!(is_in_dictionary("gardening") && is_in_dictionary("andrea"));
        assert!(!is_in_dictionary("sandhoop"));
    }

    #[test]
    fn the_embedded_trades_are_right() {
        let table = Table::from_toml(include_str!("trades.toml")).unwrap();
        assert!(table.trades.contains("lagerhaus") && !table.trades.contains(""));
        assert!(table.by.contains("fran") && !table.by.contains(""));
    }
}
