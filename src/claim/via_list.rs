//! Names that a mailing list rewrote: "Jane Doe (X) via Users", "X via Users".
//!
//! Lists do so where the author's own domain would refuse what they changed (RFC 7960).
//!
//! Anybody can write "via". So this excuses nothing: it says which excuse a claim has, and the verdict grants
//! it where the host of the list is proved.

use crate::brand::{Brand, name::mention};
use crate::claim::{
    Excuse, person,
    words::{self, lower_words},
};

/// Words that the name of a person has.
const NAME: std::ops::RangeInclusive<usize> = 2..=5;

/// Lower-case words within the names of people.
const PARTICLES: [&str; 24] = [
    "af", "al", "av", "bin", "da", "dal", "de", "del", "della", "den", "der", "di", "do", "dos",
    "du", "el", "la", "le", "ter", "van", "von", "y", "zu", "zur",
];

/// What could excuse a display name that says the brand.
pub(crate) fn excuse(brand: &Brand, name: &str) -> Option<Excuse> {
    let at = name.to_ascii_lowercase().rfind(" via ")?;
    let writer = name.get(..at)?;
    // "Jane via X" says that the brand is the list.
    mention(brand, writer)?;
    Some(match is_person_of_the_brand(brand, writer) {
        true => Excuse::PersonViaList,
        false => Excuse::BrandViaList,
    })
}

/// Whether this is a person's name with the brand in brackets: "Doe, Jane (X)".
fn is_person_of_the_brand(brand: &Brand, writer: &str) -> bool {
    let quotes = ['\'', '"', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}'];
    let writer = writer.trim().trim_matches(quotes).trim();
    let Some((person, firm)) = writer
        .strip_suffix([')', ']'])
        .and_then(|rest| rest.rsplit_once(['(', '[']))
    else {
        return false;
    };
    is_the_brand_alone(brand, firm) && mention(brand, person).is_none() && is_name(brand, person)
}

/// Whether these words are the brand, and no department of it.
fn is_the_brand_alone(brand: &Brand, firm: &str) -> bool {
    let words = lower_words(firm);
    mention(brand, firm).is_some_and(|found| {
        let behind = words.get(found.words..).unwrap_or_default();
        found.start_word == 0
            && !behind
                .iter()
                .any(|word| brand.is_lure(word) || words::is_trade(word))
    })
}

/// Whether these words are a person's name: capitalised words, initials and particles, and none that
/// lures, serves, greets or is a common noun by its ending.
fn is_name(brand: &Brand, text: &str) -> bool {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let is_initial = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
    };
    let is_part = |word: &&&str| {
        let lower = word.to_lowercase();
        person::is_capitalised(word)
            && word.chars().all(char::is_alphabetic)
            && person::is_no_common_word(brand, &lower)
            && !words::is_greeting(&lower)
            && !words::is_yours(&lower)
            && !words::marks_object(&lower)
            && !words::marks_place(&lower)
            && !words::is_article(&lower)
    };
    let parts = words.iter().filter(is_part).count();
    let others = words
        .iter()
        .filter(|word| is_initial(word) || PARTICLES.contains(&word.to_lowercase().as_str()))
        .filter(|word| !is_part(word))
        .count();
    NAME.contains(&words.len()) && parts >= 1 && parts + others == words.len() && {
        let initials = words.iter().filter(|word| is_initial(word)).count();
        parts + initials >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_says_whom_he_works_for_and_the_brand_speaks_for_itself() {
        use Excuse::*;
        let brand = crate::brand::sample::contoso();
        for (name, wanted) in [
            ("Doe, Jane (Contoso) via Users", Some(PersonViaList)),
            ("'Jane Doe (Contoso)' via Procurement", Some(PersonViaList)),
            ("Ludwig van der Rohe [Contoso] via x", Some(PersonViaList)),
            ("J. Roe (contoso.com) VIA dev", Some(PersonViaList)),
            ("Jean-Luc O'Neill (Contoso) via dev", Some(PersonViaList)),
            ("Contoso via Users", Some(BrandViaList)),
            ("Contoso (Contoso) via Users", Some(BrandViaList)),
            ("Konto (Contoso) via Users", Some(BrandViaList)),
            ("Jane (Contoso) via Users", Some(BrandViaList)),
            ("Jane Konto (Contoso) via Users", Some(BrandViaList)),
            ("Jane Doe (Contoso Konto) via Users", Some(BrandViaList)),
            ("jane doe (Contoso) via Users", Some(BrandViaList)),
            ("Jane Doe Contoso via Users", Some(BrandViaList)),
            ("Jane Doe via Contoso", None),
            ("Jane Doe (Contoso)", None),
            ("Jane Doe (Contoso) viaduct", None),
        ] {
            assert_eq!(excuse(&brand, name), wanted, "{name}");
        }
    }
}
