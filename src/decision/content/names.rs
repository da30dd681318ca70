//! The brand's name in running text: whether it is there, and whether it is written wrongly.

use crate::decision::{
    brand::Brand,
    skeleton::{Strength, mention},
};

use super::page::prefix;

/// Octets of text that are compared at once.
const CHUNK: usize = 400;
/// Octets of text that are searched.
const MAX_TEXT: usize = 256 * 1024;
/// Words that are looked at one by one because something in their line is written oddly.
const MAX_WORDS: usize = 2_000;

/// The brand in a text.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) named: bool,
    /// The first word that is the brand's name, written wrongly or in mixed scripts.
    pub(super) misspelled: Option<String>,
    pub(super) cut: bool,
}

/// Looks for the brand in visible text.
pub(super) fn read(brand: &Brand, text: &str) -> Names {
    let mut names = Names {
        cut: text.len() > MAX_TEXT,
        ..Names::default()
    };
    let mut words = 0;
    let mut rest = prefix(text, MAX_TEXT);
    while !rest.is_empty() && (!names.named || names.misspelled.is_none()) {
        let (chunk, after) = rest.split_at(chunk_end(rest));
        rest = after;
        let Some(found) = mention(brand, chunk).filter(|found| found.strength == Strength::Strong)
        else {
            continue;
        };
        names.named = true;
        if found.exact || names.misspelled.is_some() {
            continue;
        }
        for word in chunk.split_whitespace() {
            words += 1;
            if words > MAX_WORDS {
                names.cut = true;
                return names;
            }
            if is_misspelled(brand, word) {
                names.misspelled = Some(prefix(word, 80).to_owned());
                break;
            }
        }
    }
    names
}

/// At a line's end or a blank where there is one, so that no name is cut.
fn chunk_end(text: &str) -> usize {
    let head = prefix(text, CHUNK);
    if head.len() == text.len() {
        return text.len();
    }
    let at = head.rfind('\n').or_else(|| head.rfind(char::is_whitespace));
    match at {
        Some(at) if at > 0 => at,
        _ => head.len().max(1),
    }
}

/// Whether `word` alone is the brand's name in disguise. Addresses are links, and judged as such.
fn is_misspelled(brand: &Brand, word: &str) -> bool {
    // Invisible characters around a word hide nothing: newsletters fill their previews with them.
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    if word.is_empty() || word.is_ascii() && word.contains(['.', '@', '/', ':', '_', '=']) {
        return false;
    }
    mention(brand, word).is_some_and(|found| found.strength == Strength::Strong && !found.exact)
}
