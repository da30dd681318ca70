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
use std::borrow::Cow;

/// Whether a name says the same words as an author domain that is weakly like the brand's, and says the brand
/// by nothing else.
pub(crate) fn is_one(claims: &Claims, brand: &Brand, name: &str) -> bool {
    let own = |author: &AuthorDomain| match &author.standing {
        Standing::Lookalike(found) => found.strength == Strength::Weak,
        Standing::Foreign => true,
        _ => false,
    };
    let rest = without(labels(claims, own), name);
    matches!(rest, Cow::Owned(rest) if mention(brand, &rest).is_none())
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
    let mut kept = Vec::with_capacity(words.len());
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let run = spelling.get(at..).unwrap_or_default();
        match labels.iter().find_map(|label| spelled(label, run)) {
            Some(taken) => at += taken,
            None => {
                kept.push(*word);
                at += 1;
            }
        }
    }
    Cow::Owned(kept.join(" "))
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
}
