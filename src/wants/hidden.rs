//! Letters that nobody sees, put into the words that count.
//!
//! Catches: `pass<i style="display:none">qz</i>word`, which only a program reads as two words.
//! Must not hurt: lines for the preview of a newsletter, and whatever else is hidden as a whole.
//! It says how a mail is made, and decides nothing: what it hides is found without it.

use crate::{
    brand::{Brand, name::strong_name},
    mail::{text::normalise::normal, visible_text::Page},
};

/// The first word with hidden letters in it that names the brand or stands in one of these sentences.
pub(crate) fn in_words_that_count<'s>(
    brand: &Brand,
    page: &Page,
    sentences: impl Iterator<Item = &'s str> + Clone,
) -> Option<String> {
    let counts = |word: &&str| {
        let normal_word = normal(word);
        let is_named = || strong_name(brand, word).is_some();
        let is_said = || {
            sentences
                .clone()
                .any(|sentence| normal(sentence).contains(&normal_word))
        };
        !normal_word.is_empty() && (is_said() || is_named())
    };
    page.cut_words().find(counts).map(str::to_owned)
}
