//! Somebody whose own domain holds the brand's word among others writes under that name: the name says
//! nothing that the domain doesn't say.
//!
//! Catches: "Contoso Support" at contosofilters.example, which is another name.
//! Must not hurt: Contoso Filters at contosofilters.example.
//! Excuse: `own-name`, where the author is proved and no free name.
//! Costs an attacker: a domain of that name, which is no strong look-alike; and with it he may not speak as the
//! brand nor ask for anything.

use crate::brand::{Brand, Strength, name::mention};
use crate::claim::{AuthorDomain, Claims, Standing, words};
use any_ascii::any_ascii;
use std::borrow::Cow;

/// Whether a name says the same words as an author domain that is weakly like the brand's, and says the brand
/// by nothing else.
pub(crate) fn is_one(claims: &Claims, brand: &Brand, name: &str) -> bool {
    let own = |author: &AuthorDomain| match &author.standing {
        Standing::Lookalike(found) => found.strength == Strength::Weak,
        Standing::Foreign => true,
        _ => false,
    };
    match without(labels(claims, own), name) {
        // What says the brand stands there still.
        Cow::Borrowed(_) => false,
        Cow::Owned(rest) => mention(brand, &rest).is_none(),
    }
}

/// `text` without the words that spell the registrable label of an author domain which is weakly
/// like the brand's ("Contoso Filters" at contosofilters.example). Strong look-alikes need no help.
pub(crate) fn removed<'t>(claims: &Claims, text: &'t str) -> Cow<'t, str> {
    let is_weakly_like = |author: &AuthorDomain| matches!(&author.standing, Standing::Lookalike(found) if found.strength == Strength::Weak);
    let mut labels = labels(claims, is_weakly_like);
    labels.retain(|label| !words::holds_a_trade(label));
    without(labels, text)
}

/// The registrable labels of the author domains that are wanted, in letters alone.
fn labels(claims: &Claims, wanted: impl Fn(&AuthorDomain) -> bool) -> Vec<String> {
    let authors = claims.author_domains.iter().filter(|author| wanted(author));
    let labels = authors.filter_map(|author| {
        let registrable = psl::domain_str(author.domain.as_str())?;
        let (label, _) = registrable.split_once('.')?;
        Some(letters(label))
    });
    labels.collect()
}

/// `text` without the words that spell one of these labels.
fn without(labels: Vec<String>, text: &str) -> Cow<'_, str> {
    if labels.is_empty() {
        return Cow::Borrowed(text);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    // Of each word once: a sender chooses how many of them could begin a label.
    let spelling: Vec<String> = words.iter().map(|word| letters(word)).collect();
    // Names in other scripts stand in domains in Latin letters.
    let latin: Vec<String> = match text.is_ascii() {
        true => Vec::new(),
        false => words
            .iter()
            .map(|word| with_one_vowel(&letters(&any_ascii(&word.to_lowercase()))))
            .collect(),
    };
    let mut kept = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let run = spelling.get(at..).unwrap_or_default();
        let other = latin.get(at..).unwrap_or_default();
        let spelled =
            |label: &String| spelled(label, run).or_else(|| spelled(&with_one_vowel(label), other));
        match labels.iter().find_map(spelled) {
            Some(taken) => at += taken,
            None => {
                kept.push(*word);
                at += 1;
            }
        }
    }
    match kept.len() == words.len() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(kept.join(" ")),
    }
}

/// How many words with these letters, put together, spell `label`.
fn spelled(label: &str, words: &[String]) -> Option<usize> {
    // Signs spell nothing: they stand between words, and begin no label.
    if words.first().is_none_or(String::is_empty) {
        return None;
    }
    let mut rest = label;
    for (at, word) in words.iter().enumerate() {
        rest = rest.strip_prefix(word.as_str())?;
        if rest.is_empty() {
            return Some(at + 1);
        }
        // A label has 63 letters, so more words don't spell one either.
        if at > 63 {
            return None;
        }
    }
    None
}

fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The letters with "ae", "oe" and "ue", which some write for umlauts, as one.
fn with_one_vowel(letters: &str) -> String {
    let mut one = String::with_capacity(letters.len());
    for c in letters.chars() {
        if !(c == 'e' && one.ends_with(['a', 'o', 'u'])) {
            one.push(c);
        }
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_spell_a_label_whole_or_not_at_all() {
        let spelled = |label, words: &[&str]| {
            let words: Vec<String> = words.iter().map(|word| letters(word)).collect();
            spelled(label, &words)
        };
        let label = "contosofilters";
        assert_eq!(spelled(label, &["Contoso", "Filters", "Ltd"]), Some(2));
        assert_eq!(spelled(label, &["ContosoFilters"]), Some(1));
        assert_eq!(spelled(label, &["Contoso"]), None);
        assert_eq!(spelled(label, &["Contoso", "Support"]), None);
        assert_eq!(spelled(label, &["Contoso", "-", "Filters,"]), Some(3));
        assert_eq!(spelled(label, &["-", "Contoso", "Filters"]), None);
    }

    #[test]
    fn names_in_other_scripts_are_those_of_their_domains() {
        for (label, text, wanted) in [
            ("contosokeramika", "Contoso Κεραμικά", ""),
            ("contosohaengematten", "Contoso Hängematten Kiel", "Kiel"),
            ("contosohaengematten", "Contoso Haengematten", ""),
            (
                "contosohaengematten",
                "Contoso Gutscheine",
                "Contoso Gutscheine",
            ),
        ] {
            assert_eq!(without(vec![label.to_owned()], text), wanted, "{text}");
        }
    }
}
