//! Names that mention the brand by grammar, and say who writes as well: "Freight to Contoso by Oceanlane",
//! "Contoso Store Card by Meadow Bank".
//!
//! Catches: "Support for Contoso" over a stranger's address, which names nobody.
//! Must not hurt: hauliers, makers of tools for sellers, banks with a card of the brand's.
//! Excuse: `brand-mentioned`, where the author is proved and no free name, and the name bears the name of his
//! own domain; the verdict asks for that.
//! Costs an attacker: his reader sees the name of his domain; and with it he may not speak as the brand nor
//! ask for anything.

use crate::brand::{Brand, name::Mention};
use crate::claim::words::{self, lower_words};

/// Marks between the brand and somebody else's name.
const MARKS: [char; 10] = ['-', '–', '—', '|', '·', ',', '/', '(', ':', '@'];

/// Whether a name mentions the brand, as an object or as something of somebody else's.
pub(crate) fn is_one(brand: &Brand, name: &str, found: &Mention) -> bool {
    // Whoever stands in front may be whose it is: "Meadowbank X Visa". Whether he is the author, the verdict
    // asks.
    found.start_word > 0 || is_object(brand, name, found) || is_of_another(name, found)
}

/// Whether other words follow the brand after a word or a mark that says whose it is: "X Team at Y".
fn is_of_another(name: &str, found: &Mention) -> bool {
    let all = lower_words(name);
    let behind = all
        .get(found.start_word + found.words..)
        .unwrap_or_default();
    let marker = behind
        .iter()
        .position(|word| words::marks_place(word) || words::marks_maker(word));
    let by_word = marker.is_some_and(|at| at + 1 < behind.len());
    by_word || name.contains(MARKS)
}

/// Whether a name mentions the brand as the object of something ("Freight to X"): who writes so
/// speaks about it. A greeting ("Welcome to X"), a prize ("Voucher for X") and what readers have with
/// the brand themselves ("Your order on X", "Refund for X") speak for it, unless it is for those who
/// sell there ("Support for X sellers").
fn is_object(brand: &Brand, name: &str, found: &Mention) -> bool {
    let all = lower_words(name);
    let before = all.get(..found.start_word).unwrap_or_default();
    let behind = all
        .get(found.start_word + found.words..)
        .unwrap_or_default();
    let Some((marker, rest)) = before.split_last() else {
        return false;
    };
    let is_about = (words::marks_object(marker) && !rest.is_empty())
        || words::turns_against(marker)
        || (words::marks_place(marker) && rest.iter().any(|word| words::is_topic(word)));
    let for_traders = behind.iter().any(|word| words::is_trader(word));
    let for_the_reader = rest.last().is_some_and(|word| brand.is_lure(word))
        || rest.iter().any(|word| words::is_yours(word));
    is_about
        && (for_traders || !for_the_reader)
        && !rest.iter().any(|word| words::is_greeting(word))
        && !words::offers_a_prize(name)
}
