//! People who are called like the brand.
//!
//! Catches: "Contoso Support" over any address, which a program that believes in surnames would pass.
//! Must not hurt: Contoso Rodrigues, and C. Ontoso, who are called so.
//! Excuse: `person-name`, where the author is proved; free mail will do.
//! Costs an attacker: a display name that says a stranger's name, beside an address that bears it. With it he
//! may not speak as the brand nor ask for anything.

use crate::claim::{Claims, Standing, words};
use crate::{
    brand::{
        Brand,
        name::{Mention, mention},
    },
    mail::{
        mailbox::Authors,
        text::{confusables::fold_letters, normalise::normal, skeleton::skeleton},
    },
};
use std::cell::OnceCell;

/// Letters that a surname has at least.
const SURNAME: usize = 3;

/// Octets of a name that people have at most.
const NAME: usize = 256;

/// Names of people, one a line.
const NAMES: &str = include_str!("person/names.txt");

/// Whether `name` is a person's: two or three words, of which one is the brand's as a given name or a surname
/// and the others are listed names or initials ("Contoso Rodrigues"); or an initial and a surname that read
/// like the brand together ("C. Ontoso"). Every address has to be one that a person of that name has.
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
    let foreign = claims.author_domains.len() == 1
        && claims
            .author_domains
            .iter()
            .all(|author| matches!(author.standing, Standing::Foreign | Standing::FreeMail));
    let is_capitalised = |word: &&str| is_capitalised(word) || is_initial(word);
    if !foreign || !matches!(words.len(), 2 | 3) || !words.iter().all(is_capitalised) {
        return false;
    }
    let brand_words = found.start_word..found.start_word + found.words;
    let others = words.iter().enumerate();
    let others: Vec<&str> = others
        .filter(|(at, _)| !brand_words.contains(at))
        .map(|(_, word)| *word)
        .collect();
    let named = match found.words {
        // An initial and a surname that are the brand's word together.
        2 => {
            found.start_word == 0
                && words.first().is_some_and(|word| is_initial(word))
                && !authors.addresses.iter().any(|a| spells(brand, &a.local))
                && others.iter().all(|word| is_listed_name(brand, word))
        }
        1 => {
            let mut names = others.iter();
            found.exact
                && others.iter().any(|word| is_listed_name(brand, word))
                && names.all(|word| is_initial(word) || is_listed_name(brand, word))
        }
        _ => false,
    };
    named && {
        let forms = forms(&words);
        let mut addresses = authors.addresses.iter();
        addresses.all(|address| bears(&address.local, &forms))
    }
}

/// Whether the author shows himself as a private person: two or three words that are listed names or initials,
/// none of them the brand's, over the only address, which bears them.
pub(crate) fn is_shown(authors: &Authors, brand: &Brand) -> bool {
    let ([name], [address]) = (&*authors.names, &*authors.addresses) else {
        return false;
    };
    let words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(4)
        .collect();
    let is_one = |word: &&str| is_initial(word) || is_capitalised(word);
    matches!(words.len(), 2 | 3)
        && name.len() <= NAME
        && words.iter().all(is_one)
        && bears(&address.local, &forms(&words))
        && mention(brand, name).is_none()
        && mention(brand, &address.local).is_none()
        && words.iter().any(|word| !is_initial(word))
        && words
            .iter()
            .all(|word| is_initial(word) || is_listed_name(brand, word))
}

fn is_initial(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
}

/// Whether a word is a given name or a surname of the list, and neither lures nor serves.
fn is_listed_name(brand: &Brand, word: &str) -> bool {
    let letters = normal(word);
    let is_plain = letters.len() >= SURNAME && letters.bytes().all(|b| b.is_ascii_lowercase());
    is_plain
        && memchr::memmem::find(NAMES.as_bytes(), format!("\n{letters}\n").as_bytes()).is_some()
        && is_no_common_word(brand, &word.to_lowercase())
        && brand
            .names()
            .iter()
            .all(|name| !name.text.eq_ignore_ascii_case(word))
}

/// The names that explain a local part which reads like the brand, each as it explains one: an initial
/// and a surname ("Clara Ontoso <contoso@...>", "<c.ontoso@...>"). Worked out once for all addresses.
pub(crate) struct Explaining<'a> {
    brand: &'a Brand,
    names: Vec<Explanation<'a>>,
}

struct Explanation<'a> {
    /// The local part that it explains, folded.
    letters: String,
    name: &'a str,
    says: OnceCell<Says>,
}

/// What a name says of the brand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Nothing,
    /// In two words that read like it together.
    InTwoWords,
    Itself,
}

impl<'a> Explaining<'a> {
    pub(crate) fn new(authors: &'a Authors, brand: &'a Brand) -> Self {
        let short = authors.names.iter().filter(|name| name.len() <= NAME);
        let names = short.filter_map(|name| {
            let mut words = name
                .split(|c: char| !c.is_alphanumeric())
                .map(skeleton_letters)
                .filter(|word| !word.is_empty());
            let (first, last) = (words.next()?, words.next_back()?);
            let initial: String = first.chars().take(1).collect();
            (last.chars().count() >= SURNAME).then(|| Explanation {
                letters: format!("{initial}{last}"),
                name,
                says: OnceCell::new(),
            })
        });
        Self {
            brand,
            names: names.collect(),
        }
    }

    /// Whether a name that is shown with this local part explains it.
    pub(crate) fn explains(&self, local: &str) -> bool {
        let letters = skeleton_letters(local);
        let mut same = self.names.iter().filter(|name| name.letters == letters);
        let spelled = OnceCell::new();
        // A name that says the brand itself explains nothing, unless it is a person's; that is
        // judged with the name.
        same.any(|name| match name.says(self.brand) {
            Says::Nothing => true,
            Says::InTwoWords => !spelled.get_or_init(|| spells(self.brand, local)),
            Says::Itself => false,
        })
    }
}

impl Explanation<'_> {
    fn says(&self, brand: &Brand) -> Says {
        *self.says.get_or_init(|| match mention(brand, self.name) {
            None => Says::Nothing,
            Some(found) if found.words == 2 && !found.exact => Says::InTwoWords,
            Some(_) => Says::Itself,
        })
    }
}

/// Whether a local part spells the brand's name plainly.
fn spells(brand: &Brand, local: &str) -> bool {
    mention(brand, local).is_some_and(|found| found.exact)
}

/// How local parts write a name, folded: all its words, or the first and the last, in either order, one of
/// them perhaps as an initial.
fn forms(words: &[&str]) -> Vec<String> {
    let words: Vec<String> = words.iter().map(|word| skeleton_letters(word)).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return Vec::new();
    };
    let initial = |word: &str| word.chars().take(1).collect::<String>();
    vec![
        words.concat(),
        format!("{first}{last}"),
        format!("{last}{first}"),
        format!("{}{last}", initial(first)),
        format!("{last}{}", initial(first)),
        format!("{first}{}", initial(last)),
    ]
}

/// Whether a local part bears a name in one of these [`forms`], perhaps with digits behind it.
fn bears(local: &str, forms: &[String]) -> bool {
    // The part behind a plus is a note of the owner's (RFC 5233).
    let (local, _) = local.split_once('+').unwrap_or((local, ""));
    let local = skeleton_letters(local.trim_end_matches(|c: char| c.is_ascii_digit()));
    forms.contains(&local)
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
    fn a_person_shows_himself_or_does_not() {
        let brand = crate::brand::sample::contoso();
        let shown = |from: &str| {
            let message = format!("From: {from}\r\n\r\n");
            let message = crate::mail::message::Message::parse(message.as_bytes()).unwrap();
            is_shown(
                &crate::mail::mailbox::authors(&message.headers, "From"),
                &brand,
            )
        };
        for from in [
            "Karl Weber <karl.weber@gmx.de>",
            "\"Lena Kruse\" <lena.kruse7@gmx.de>",
            "K. Weber <k.weber@gmx.de>",
        ] {
            assert!(shown(from), "{from}");
        }
        for from in [
            "Karl Weber <service@gmx.de>",
            "karl weber <karl.weber@gmx.de>",
            "Karl <karl@gmx.de>",
            "Client Desk <client.desk@gmx.de>",
            "K. W. <kw@gmx.de>",
            "Karl Contoso <karl.contoso@gmx.de>",
            "Karl Weber <karl.weber@gmx.de>, Karl Weber <karl.weber@web.de>",
            "karl.weber@gmx.de",
        ] {
            assert!(!shown(from), "{from}");
        }
    }

    #[test]
    fn an_address_bears_a_name_or_does_not() {
        for local in [
            "contoso.rodrigues",
            "Rodrigues-Contoso",
            "crodrigues",
            "c.rodrigues81",
            "rodrigues.c+list",
        ] {
            assert!(bears(local, &forms(&["Contoso", "Rodrigues"])), "{local}");
        }
        for local in [
            "contoso",
            "rodrigues",
            "contoso.security",
            "info",
            "contoso.rodrigues.help",
        ] {
            assert!(!bears(local, &forms(&["Contoso", "Rodrigues"])), "{local}");
        }
    }
}
