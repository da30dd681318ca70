//! Claims by the part before the @.

use crate::claim::{Claim, Claims, Excuse, Standing, local_label, own_name, person, words};
use crate::{
    brand::{
        Brand, Strength,
        host::{HostClass, How, classify},
        name::mention,
    },
    mail::{
        domain::Domain,
        mailbox::{Address, Authors},
    },
    reason::Reason,
};
use std::cell::OnceCell;

pub(crate) fn claim(claims: &mut Claims, authors: &Authors, brand: &Brand) {
    // Where every name is a person's, the address bears it: what excuses the one excuses the other.
    let is_person = OnceCell::new();
    let explaining = OnceCell::new();
    let is_explained = |local: &str| {
        let explaining = explaining.get_or_init(|| person::Explaining::new(authors, brand));
        explaining.explains(local)
    };
    for address in &authors.addresses {
        let Some(domain) = &address.domain else {
            continue;
        };
        let own = claims.author_domains.iter().any(|known| {
            known.domain == *domain
                && matches!(
                    known.standing,
                    Standing::Official { .. } | Standing::Owned | Standing::Fake
                )
        });
        if own && !brand.is_fake_address(&address.local, domain) {
            continue;
        }
        let Some(strength) = of_address(claims, brand, address) else {
            continue;
        };
        // Glued to other words it is a shop's own address, where the shop is proved.
        let is_glued = strength == Strength::Weak && is_glued(claims, brand, &address.local);
        let is_person = *is_person.get_or_init(|| is_every_name_a_persons(claims, authors, brand));
        let strength = match !is_person && is_explained(&address.local) {
            true => Strength::Weak,
            false if is_glued => Strength::Strong,
            false => strength,
        };
        let excuse = match is_person {
            true => Some(Excuse::PersonName),
            false => is_glued.then_some(Excuse::GluedAddress),
        };
        claims.put(Claim {
            reason: Reason::LocalPart,
            strength,
            seen: address.to_string(),
            excuse,
        });
    }
}

/// Whether the authors have names, and every one is a person's.
fn is_every_name_a_persons(claims: &Claims, authors: &Authors, brand: &Brand) -> bool {
    let is_persons = |name: &String| {
        mention(brand, name)
            .is_some_and(|found| person::is_one(claims, authors, brand, name, &found))
    };
    !authors.names.is_empty() && authors.names.iter().all(is_persons)
}

/// Whether a local part begins with the brand's name, glued to words that say nothing ("contosotravel").
fn is_glued(claims: &Claims, brand: &Brand, local: &str) -> bool {
    let (user, _) = local.split_once('+').unwrap_or((local, ""));
    let text = own_name::removed(claims, user);
    mention(brand, &text).is_some_and(|found| found.glued)
}

/// What the local part of an address says of the brand.
pub(crate) fn of_address(claims: &Claims, brand: &Brand, address: &Address) -> Option<Strength> {
    let domain = address.domain.as_ref()?;
    match brand.is_fake_address(&address.local, domain) {
        true => Some(Strength::Strong),
        false => strength(claims, brand, &address.local, domain),
    }
}

/// What a local part says of the brand.
///
/// `brand@smallshop.example` is how customers name an alias for one shop; on free mail, or with a word
/// that lures, somebody wants to be taken for the brand. A product's name has to have both: operators
/// keep `product-billing@` for its bills.
fn strength(claims: &Claims, brand: &Brand, local: &str, domain: &Domain) -> Option<Strength> {
    // `brand.co.jp@elsewhere.example` shows the brand's whole domain where readers begin to read.
    if local.contains('.')
        && let Ok(host) = Domain::parse(local)
        && let HostClass::Official(_) = classify(brand, &host)
    {
        return Some(Strength::Strong);
    }
    let text = own_name::removed(claims, local);
    let Some(found) = mention(brand, &text) else {
        // What a domain of his own says, the part before it doesn't say again.
        let resembles = local_label::strength(brand, &text)?;
        return Some(match words::is_automatic(local) {
            true => Strength::Strong,
            false => resembles,
        });
    };
    // What follows a plus is a note of the owner's to himself (RFC 5233).
    if let Some((user, _)) = local.split_once('+')
        && !found.lured
        && mention(brand, user).is_none()
    {
        return Some(Strength::Weak);
    }
    let free = brand.is_free_mail(domain);
    // Nobody gives an alias a misspelt name.
    let is_misspelt = !found.exact && found.words == 1;
    let strong = match found.strength {
        Strength::Strong => free || found.lured || is_misspelt || words::is_automatic(local),
        Strength::Weak if found.glued => {
            // Glued to letters that are no words.
            let lures = || local_label::resemblance(brand, &text);
            brand.is_free_name(domain)
                || free
                || words::is_automatic(local)
                || lures().is_some_and(|found| found.how == How::Combosquat)
        }
        Strength::Weak => free && found.lured,
    };
    Some(match strong {
        true => Strength::Strong,
        false => Strength::Weak,
    })
}
