//! The part before the @, read as hosts are.
//!
//! Catches: the brand misspelt, in letters that look alike, or glued to other words ("c0ntoso-login",
//! "cotnosoupdate"). Must not hurt: people whose name resembles it, and a word of its own. Strength: strong
//! beside a lure word, else weak. Costs an attacker: that his reader sees no such word.

use crate::{
    brand::{
        Brand, Strength,
        host::{HostClass, How, Lookalike, classify},
    },
    mail::{domain::Domain, text::confusables::fold_letters},
};

/// Letters of a label (RFC 1035 section 2.3.4).
const LONGEST: usize = 63;

/// How strongly a local part, in which no name was found, resembles the brand.
pub(crate) fn strength(brand: &Brand, local: &str) -> Option<Strength> {
    let found = resemblance(brand, local)?;
    match (found.strength, found.how) {
        (_, How::GluedWords) => Some(Strength::Weak),
        (Strength::Strong, _) if lures(brand, local) => Some(Strength::Strong),
        (Strength::Strong, _) => Some(Strength::Weak),
        // People's names are as near.
        (Strength::Weak, _) => None,
    }
}

/// How a local part resembles the brand, as the registered label of a host would.
pub(crate) fn resemblance(brand: &Brand, local: &str) -> Option<Lookalike> {
    // What follows a plus is a note of the owner's to himself (RFC 5233).
    let (user, _) = local.split_once('+').unwrap_or((local, ""));
    let letters: Vec<char> = fold_letters(user).filter(|c| c.is_alphanumeric()).collect();
    if !could_resemble(brand, &letters) {
        return None;
    }
    if brand
        .other_names()
        .iter()
        .any(|name| name.letters == letters)
    {
        return None;
    }
    let label: String = user
        .chars()
        .take(LONGEST)
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    // Nobody registers names there, and no list has one (RFC 2606).
    let host = Domain::parse(&format!("{}.invalid", label.trim_matches('-'))).ok()?;
    match classify(brand, &host) {
        HostClass::Lookalike(found) => Some(found),
        _ => None,
    }
}

/// Whether a closer look could find anything: two pairs of neighbouring letters are those of a word of the
/// brand. Most local parts have none, and a look costs as much as one at a host.
fn could_resemble(brand: &Brand, letters: &[char]) -> bool {
    let is_there = |two: &&[char]| letters.windows(2).any(|here| here == *two);
    let mut words = brand.host_words().iter();
    words.any(|word| word.letters.windows(2).filter(is_there).nth(1).is_some())
}

/// Whether a lure word stands in it.
fn lures(brand: &Brand, local: &str) -> bool {
    let words = local.split(|c: char| !c.is_alphanumeric());
    words.into_iter().any(|word| {
        let letters: Vec<char> = fold_letters(word).take(LONGEST).collect();
        let digits = vec![false; letters.len()];
        brand.lexicon().makeup(&letters, &digits).lure
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::sample::contoso;

    #[test]
    fn what_resembles_the_brand_is_seen() {
        let strong = Some(Strength::Strong);
        for (local, expected) in [
            ("cotnoso-login", strong),
            ("conzoso-login", strong),
            ("c0ntoso.security", strong),
            ("cotnoso", Some(Strength::Weak)),
            ("mycontosotravel", Some(Strength::Weak)),
            ("joe+cotnoso", None),
            ("conzoso", None),
            ("joe", None),
            ("contosonia", None),
            ("", None),
        ] {
            assert_eq!(strength(&contoso(), local), expected, "{local}");
        }
    }
}
