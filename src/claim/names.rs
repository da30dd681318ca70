//! Claims by the name shown as the sender.

use crate::claim::{
    Claim, Claims, Excuse, host_in_name, local_part, mentioned, names_the_brand, own_name, person,
    via_list, words, words::lower_words,
};
use crate::{
    brand::{
        Brand, Strength,
        name::{Mention, mention},
    },
    mail::mailbox::{Authors, without_addresses},
    reason::Reason,
};

pub(crate) fn claim(claims: &mut Claims, authors: &Authors, brand: &Brand) {
    for name in &authors.names {
        // An address in a name is looked at as an address, below: `brand@shop.example` is no name.
        let text = without_addresses(name);
        let numbered = words::with_number_as_word(&text, brand);
        let found = mention(brand, &numbered).or_else(|| mention(brand, end(&numbered)));
        let is_strong = |found: &Mention| found.strength == Strength::Strong;
        if !found.as_ref().is_some_and(is_strong)
            && let Some(strength) = host_in_name::strongest(claims, brand, &text)
        {
            claims.add(Reason::DisplayName, strength, name.as_str());
        }
        let Some(found) = found else {
            continue;
        };
        let strength = match is_the_river(&text, &found) {
            true => Strength::Weak,
            false => found.strength,
        };
        let excuse = match strength {
            Strength::Strong => excuse(claims, authors, brand, &text, &found),
            Strength::Weak => None,
        };
        claims.put(Claim {
            reason: Reason::DisplayName,
            strength,
            seen: name.clone(),
            excuse,
        });
    }
    for address in &authors.addresses_in_names {
        let by_local = local_part::of_address(claims, brand, address);
        let strength = names_the_brand(address, brand).max(by_local);
        if let Some(strength) = strength {
            claims.add(Reason::DisplayAddress, strength, address.to_string());
        }
    }
}

/// What could excuse a name that says the brand. The first that fits is the one.
fn excuse(
    claims: &Claims,
    authors: &Authors,
    brand: &Brand,
    name: &str,
    found: &Mention,
) -> Option<Excuse> {
    if let Some(excuse) = via_list::excuse(brand, name) {
        return Some(excuse);
    }
    if own_name::is_one(claims, brand, name) {
        return Some(Excuse::OwnName);
    }
    if person::is_one(claims, authors, brand, name, found) {
        return Some(Excuse::PersonName);
    }
    mentioned::is_one(name, found).then_some(Excuse::BrandMentioned)
}

/// The end of a name so long that no [`Mention`] is looked for there. What stands in front of it need not
/// be shown: a comment, or a name in front of another.
fn end(name: &str) -> &str {
    const LONG: usize = 4096;
    let from = name.len().saturating_sub(LONG);
    match from {
        0 => "",
        _ => (from..name.len())
            .find_map(|from| name.get(from..))
            .unwrap_or_default(),
    }
}

/// Whether a name ends with "the X", which is the river, or the people of the myth. That needs no proof, since
/// whoever means the shop leaves the article out.
fn is_the_river(name: &str, found: &Mention) -> bool {
    let all = lower_words(name);
    let before = found.start_word.checked_sub(1);
    let article = before.and_then(|at| all.get(at));
    article.is_some_and(|word| words::is_article(word))
        && all.len() == found.start_word + found.words
        && !found.lured
}
