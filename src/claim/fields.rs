//! Claims by the other fields of the header and by the envelope: weak, unless a reader is shown them
//! in place of a From.

use crate::claim::{Claims, ShownSender, Standing, names_the_brand, own_name, standing, words};
use crate::{
    brand::{Brand, Strength, name::mention},
    mail::{
        domain::Domain,
        mailbox::{Address, Authors, Irregularity, authors},
        message::Message,
        tag_list,
    },
    reason::Reason,
};

/// Signatures that are looked at.
const MAX_SIGNATURES: usize = 16;

pub(crate) fn claim(claims: &mut Claims, from: &Authors, message: &Message, brand: &Brand) {
    let own = claims.author_domains.iter().any(|author| {
        matches!(
            author.standing,
            Standing::Official { .. } | Standing::Owned | Standing::Fake
        )
    });
    let reply_to = authors(&message.headers, "Reply-To");
    if own {
        note_diverted(claims, &reply_to, brand);
    } else {
        by_addresses(claims, &reply_to, Reason::ReplyTo, Strength::Weak, brand);
        let sender = authors(&message.headers, "Sender");
        match from.irregularities.iter().any(|&odd| hides_the_field(odd)) {
            false => {
                by_addresses(claims, &sender, Reason::SenderField, Strength::Weak, brand);
                claims.sender = shown_sender(claims, &sender, brand);
            }
            // Who reads no From shows whom else the header names as the sender.
            true => {
                let resent = authors(&message.headers, "Resent-From");
                for found in [&sender, &resent] {
                    by_addresses(claims, found, Reason::SenderField, Strength::Strong, brand);
                }
            }
        }
        by_envelope(claims, message, brand);
    }
    by_subject(claims, message, brand);
    by_signatures(claims, message, brand);
}

/// What a Sender field says of the brand that some mail programs show beside the author: "X on behalf of Y".
fn shown_sender(claims: &Claims, sender: &Authors, brand: &Brand) -> Option<ShownSender> {
    let is_strong = |name: &String| {
        mention(brand, &own_name::removed(claims, name))
            .is_some_and(|found| found.strength == Strength::Strong)
    };
    if sender.names.iter().any(is_strong) {
        return Some(ShownSender::Name);
    }
    let domains = sender
        .addresses
        .iter()
        .filter_map(|address| address.domain.as_ref());
    let mut domains = domains;
    let official = domains.find(|domain| {
        matches!(
            standing(domain, brand),
            Standing::Official { .. } | Standing::Owned
        )
    });
    official.map(|domain| ShownSender::Address(domain.clone()))
}

/// Replies to the brand's own author that go to somebody else.
fn note_diverted(claims: &mut Claims, reply_to: &Authors, brand: &Brand) {
    let diverted = reply_to.addresses.iter().any(|address| {
        !address.domain.as_ref().is_some_and(|domain| {
            matches!(
                standing(domain, brand),
                Standing::Official { .. } | Standing::Owned | Standing::Subsidiary
            )
        })
    });
    if diverted {
        claims.notes.insert(Reason::ReplyDiverted);
    }
}

/// Whether some mail client takes a message with such a From for one without.
fn hides_the_field(odd: Irregularity) -> bool {
    matches!(
        odd,
        Irregularity::NoField
            | Irregularity::Empty
            | Irregularity::Unreadable
            | Irregularity::NoAddress
            | Irregularity::FoldedName
            | Irregularity::ControlInFieldName
            | Irregularity::BlankBeforeName
            | Irregularity::BlankBeforeColon
    )
}

fn by_addresses(
    claims: &mut Claims,
    found: &Authors,
    reason: Reason,
    strength: Strength,
    brand: &Brand,
) {
    for address in found.addresses.iter().chain(&found.addresses_in_names) {
        if claims.is_foreign(address) && names_the_brand(address, brand).is_some() {
            claims.add(reason, strength, address.to_string());
        }
    }
    for name in &found.names {
        if let Some(named) = mention(brand, &own_name::removed(claims, name)) {
            claims.add(reason, strength.min(named.strength), name.as_str());
        }
    }
}

fn by_envelope(claims: &mut Claims, message: &Message, brand: &Brand) {
    let Some(path) = &message.envelope.mail_from else {
        return;
    };
    let address = Address {
        local: path.local_part().to_owned(),
        domain_text: path
            .domain
            .as_ref()
            .map(Domain::to_string)
            .unwrap_or_default(),
        domain: path.domain.clone(),
    };
    if claims.is_foreign(&address) && names_the_brand(&address, brand).is_some() {
        claims.add(Reason::EnvelopeSender, Strength::Weak, address.to_string());
    }
}

fn by_subject(claims: &mut Claims, message: &Message, brand: &Brand) {
    for subject in message.subjects() {
        let text = own_name::removed(claims, &subject);
        let text = words::with_number_as_word(&text, brand);
        // A subject that says "river" beside the name is about the river.
        if mention(brand, &text).is_some_and(|found| !found.by_the_river) {
            claims.add(Reason::Subject, Strength::Weak, subject.trim());
            claims.prize |= words::offers_a_prize(&text);
        }
    }
}

fn by_signatures(claims: &mut Claims, message: &Message, brand: &Brand) {
    for field in message.headers_named("DKIM-Signature").take(MAX_SIGNATURES) {
        if let Some(domain) = signing_domain(&field.value)
            && !claims
                .author_domains
                .iter()
                .any(|author| author.domain == domain)
            && let Standing::Lookalike(_) = standing(&domain, brand)
        {
            claims.add(Reason::LookalikeDkimDomain, Strength::Weak, domain.as_str());
        }
    }
}

/// The `d=` tag of a signature, read loosely: it is only looked at, never believed.
fn signing_domain(value: &[u8]) -> Option<Domain> {
    let domain = std::str::from_utf8(tag_list::value(value, "d")?).ok()?;
    Domain::parse(domain.trim()).ok()
}
