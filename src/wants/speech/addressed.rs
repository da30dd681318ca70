//! What a subject tells its reader of his order, or of anything that is his, in the brand's name: "your X order",
//! "X: your benefits end". Others write so as well, so that it says little by itself.

use crate::brand::OwnWords;

use super::{
    belonging::{TITLES, is_other_product, is_said_to_be_yours, is_title},
    order::{ORDERS, is_order},
    sentence::Sentence,
    tables::{Hit, Role, role_bit},
};

/// Without any of these nothing is.
const READERS: u64 = ORDERS | TITLES | role_bit(Role::Your);

/// Whether the sentence speaks to its reader of what is his and the brand's.
pub(super) fn is_addressed(sentence: &Sentence<'_>, own: &OwnWords) -> bool {
    // Advice and questions are about such mail, and a bank reports a purchase.
    let is_about = sentence.has(Role::Warn) || sentence.has(Role::Purchase);
    if is_about || !sentence.has_any(READERS) {
        return false;
    }
    sentence.mentions().any(|mention| {
        let is_sold = |hit: &Hit| hit.range.start >= mention.range.end;
        let asks = |hit: &Hit| hit.range.end <= mention.range.start;
        if sentence.all(Role::Sold).any(is_sold) || sentence.all(Role::If).any(asks) {
            return false;
        }
        let is_readers = |language: usize| {
            is_order(sentence, mention, language)
                || is_title(sentence, mention, language)
                || is_other_product(sentence, own, mention)
                    && is_said_to_be_yours(sentence, mention.range.start, language)
        };
        sentence.has(Role::Your) && is_label(sentence, mention)
            || sentence.languages().any(is_readers)
    })
}

/// Whether the sentence is nothing but the brand, perhaps with a department, a membership or a word for a notice
/// behind it, as the subject of a mail in its name is.
pub(super) fn is_bare(sentence: &Sentence<'_>) -> bool {
    const WORDS: usize = 4;
    let names = [Role::Brand, Role::Product];
    let mentions = names.iter().flat_map(|role| sentence.all(*role));
    let Some(mention) = mentions.min_by_key(|hit| hit.range.start) else {
        return false;
    };
    let before = sentence.between(sentence.range.start, mention.range.start);
    if before.contains(char::is_alphanumeric) {
        return false;
    }
    let mut end = mention.range.end;
    // A product alone is what people write about.
    let mut is_named = mention.role == Role::Brand;
    for _ in 0..WORDS {
        let rest = sentence.between(end, sentence.range.end);
        let blank = rest.len() - rest.trim_start().len();
        let follows = |hit: &&Hit| hit.range.start == end + blank;
        let words = [Role::Department, Role::Notice, Role::Between, Role::Member]
            .iter()
            .flat_map(|role| sentence.all(*role))
            .filter(follows);
        match words.max_by_key(|hit| hit.range.end) {
            Some(word) => end = word.range.end,
            None => break,
        }
        is_named = true;
    }
    let rest = sentence.between(end, sentence.range.end);
    is_named && !rest.contains(char::is_alphanumeric)
}

/// The brand, or a product of it, opens the sentence, and a mark sets it off.
fn is_label(sentence: &Sentence<'_>, mention: &Hit) -> bool {
    let before = sentence.between(sentence.range.start, mention.range.start);
    let mut end = mention.range.end;
    let more = [Role::Product, Role::Between];
    while let Some(word) = more
        .iter()
        .flat_map(|role| sentence.all(*role))
        .find(|word| {
            let gap = sentence.between(end, word.range.start);
            word.range.start >= end && gap.trim().is_empty()
        })
    {
        end = word.range.end;
    }
    let rest = sentence.between(end, sentence.range.end).trim_start();
    !before.contains(char::is_alphanumeric)
        && rest.starts_with(|c: char| {
            matches!(
                c,
                ':' | ']' | ')' | '|' | '\u{3011}' | '\u{FF1A}' | '\u{2013}' | '\u{2014}'
            )
        })
}
