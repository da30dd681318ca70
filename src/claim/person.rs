//! People whose name is, or reads like, the brand's.

use crate::claim::{Claims, Standing, words};
use crate::{
    brand::{
        Brand,
        name::{Mention, mention},
    },
    mail::{
        mailbox::Authors,
        text::{confusables::fold_letters, skeleton::skeleton},
    },
};

/// Letters that a surname has at least.
const SURNAME: usize = 3;

/// Octets of a name that people have at most.
const NAME: usize = 256;

/// Whether `name` is a person's: the brand's word as a given name or a surname ("Contoso Rodrigues"),
/// or an initial and a surname that read like it together ("C. Ontoso"), over an address that people
/// of that name have. Anything that lures, sells or serves beside it makes it none.
pub(crate) fn is_one(
    claims: &Claims,
    authors: &Authors,
    brand: &Brand,
    name: &str,
    found: &Mention,
) -> bool {
    let words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let [first, last] = words.as_slice() else {
        return false;
    };
    let foreign = claims.author_domains.len() == 1
        && claims
            .author_domains
            .iter()
            .all(|author| matches!(author.standing, Standing::Foreign | Standing::FreeMail));
    if !foreign || !(is_capitalised(first) || first.chars().count() == 1) || !is_capitalised(last) {
        return false;
    }
    let named = match (found.words, found.start_word) {
        // The initial and the surname together are the brand's word.
        (2, 0) => {
            first.chars().count() == 1 && !authors.addresses.iter().any(|a| spells(brand, &a.local))
        }
        (1, 0) => found.exact && is_surname(brand, last),
        (1, 1) => found.exact && is_surname(brand, first),
        _ => false,
    };
    named
        && authors
            .addresses
            .iter()
            .all(|address| bears(&address.local, first, last))
}

/// Whether a local part that reads like the brand is an initial and a surname of a name shown with it
/// ("Clara Ontoso <contoso@...>", "<c.ontoso@...>").
pub(crate) fn explains(authors: &Authors, brand: &Brand, local: &str) -> bool {
    let letters = skeleton_letters(local);
    let mut names = authors.names.iter().filter(|name| name.len() <= NAME);
    names.any(|name| {
        let words: Vec<String> = name
            .split(|c: char| !c.is_alphanumeric())
            .map(skeleton_letters)
            .filter(|word| !word.is_empty())
            .collect();
        let [first, .., last] = words.as_slice() else {
            return false;
        };
        // A name that says the brand itself explains nothing, unless it is a person's; that is
        // judged with the name.
        let initial: String = first.chars().take(1).collect();
        last.chars().count() >= SURNAME
            && letters == format!("{initial}{last}")
            && match mention(brand, name) {
                None => true,
                Some(found) => found.words == 2 && !found.exact && !spells(brand, local),
            }
    })
}

/// Whether a local part spells the brand's name plainly.
fn spells(brand: &Brand, local: &str) -> bool {
    mention(brand, local).is_some_and(|found| found.exact)
}

/// Whether a local part bears a name: given name and surname in either order, one of them perhaps as
/// an initial, digits behind.
fn bears(local: &str, first: &str, last: &str) -> bool {
    let (first, last) = (skeleton_letters(first), skeleton_letters(last));
    // The part behind a plus is a note of the owner's (RFC 5233).
    let (local, _) = local.split_once('+').unwrap_or((local, ""));
    let local = skeleton_letters(local.trim_end_matches(|c: char| c.is_ascii_digit()));
    let initial = |word: &str| word.chars().take(1).collect::<String>();
    [
        format!("{first}{last}"),
        format!("{last}{first}"),
        format!("{}{last}", initial(&first)),
        format!("{last}{}", initial(&first)),
        format!("{first}{}", initial(&last)),
    ]
    .contains(&local)
}

fn is_surname(brand: &Brand, word: &str) -> bool {
    let lower = word.to_lowercase();
    word.chars().count() >= SURNAME
        && word.chars().all(char::is_alphabetic)
        && is_no_common_word(brand, &lower)
        && brand
            .names()
            .iter()
            .all(|name| !name.text.eq_ignore_ascii_case(word))
}

/// Whether a word neither lures nor serves, and isn't a common noun by its ending.
pub(crate) fn is_no_common_word(brand: &Brand, lower: &str) -> bool {
    !words::is_trade(lower) && !is_listed(brand, lower) && !words::ends_like_a_noun(lower)
}

/// Whether a word lures, imitates a site, or fills, or holds a lure word that no surname holds by
/// chance.
fn is_listed(brand: &Brand, word: &str) -> bool {
    const TELLING: usize = 6;
    let letters: Vec<char> = fold_letters(word).collect();
    brand.lexicon().kind(&letters).is_some()
        || brand
            .lures()
            .iter()
            .any(|lure| lure.chars().count() >= TELLING && word.contains(lure.as_str()))
}

pub(crate) fn is_capitalised(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase)
}

/// The letters of a text, folded, without anything between them.
fn skeleton_letters(text: &str) -> String {
    skeleton(text).split(' ').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_bears_a_name_or_does_not() {
        for local in [
            "contoso.rodrigues",
            "Rodrigues-Contoso",
            "crodrigues",
            "c.rodrigues81",
            "rodrigues.c+list",
        ] {
            assert!(bears(local, "Contoso", "Rodrigues"), "{local}");
        }
        for local in [
            "contoso",
            "rodrigues",
            "contoso.security",
            "info",
            "contoso.rodrigues.help",
        ] {
            assert!(!bears(local, "Contoso", "Rodrigues"), "{local}");
        }
    }
}
