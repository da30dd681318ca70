//! Does this message present itself as the brand, and by which field?

use super::{
    author::{Address, Authors, Irregularity, authors},
    brand::{Brand, Class},
    domain::Domain,
    encoded_word,
    lookalike::{HostClass, Lookalike, classify},
    message::{Limit, Message},
    reason::Reason,
    skeleton::{Mention, Strength, mention},
};
use std::collections::BTreeSet;

/// Author domains that are judged; a From with more of them is cut off, and says so.
const MAX_AUTHOR_DOMAINS: usize = 8;

/// One way in which the message presents itself as the brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// By which field.
    pub reason: Reason,
    /// Whether it decides alone.
    pub strength: Strength,
    /// What was seen there, decoded. A sender chose it: escape it wherever it is shown.
    pub seen: String,
}

/// What an author domain is to the brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The brand's, and it sends mail from it.
    Official {
        /// The transport is the brand's, the text anybody's.
        user_content: bool,
    },
    /// The brand's, but no sender.
    Owned,
    /// Published as a false sender, whoever owns it.
    Fake,
    /// Built to look like the brand's.
    Lookalike(Lookalike),
    /// One of the brand's own companies.
    Subsidiary,
    /// A company that lawfully uses the name.
    Partner,
    /// A service that rewrites From addresses.
    AliasRelay,
    /// Anybody gets an address there.
    FreeMail,
    /// Anybody else's.
    Foreign,
}

/// A domain of a From address, and what it is to the brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorDomain {
    /// The domain.
    pub domain: Domain,
    /// What it is.
    pub standing: Standing,
    /// Its Organizational Domain where the brand's own list tells it.
    pub organizational: Option<Domain>,
}

/// Everything by which a message claims the brand, and who its authors are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The From field, read as any client could.
    pub authors: Authors,
    /// The domains of its addresses.
    pub author_domains: Vec<AuthorDomain>,
    /// The claims, strongest fields first.
    pub list: Vec<Claim>,
    /// Reasons that are no claims by themselves.
    pub notes: BTreeSet<Reason>,
    /// More than one From field (RFC 5322 section 3.6 allows one).
    pub several_from_fields: bool,
    /// Limits that the reading ran into.
    pub cut: Vec<Limit>,
}

impl Claims {
    /// Whether some claim decides alone.
    pub fn any_strong(&self) -> bool {
        self.list
            .iter()
            .any(|claim| claim.strength == Strength::Strong)
    }

    /// Whether there is a claim that needs something beside it.
    pub fn any_weak(&self) -> bool {
        self.list
            .iter()
            .any(|claim| claim.strength == Strength::Weak)
    }

    /// Whether there is a claim for another reason than `reason`.
    pub fn any_besides(&self, reason: Reason) -> bool {
        self.list.iter().any(|claim| claim.reason != reason)
    }

    /// Whether who sent this has to be proved. Anything else costs no DNS query.
    pub fn need_evidence(&self) -> bool {
        self.any_strong()
            || self.author_domains.iter().any(|author| {
                matches!(author.standing, Standing::Lookalike(_)) && self.list.len() > 1
            })
    }

    /// The author domain that stands for the message where none decided.
    pub fn first_author(&self) -> Option<&Domain> {
        self.author_domains.first().map(|author| &author.domain)
    }
}

/// Finds every claim in the envelope and the header fields of a message.
pub fn claims(message: &Message, brand: &Brand) -> Claims {
    let authors = authors(&message.headers, "From");
    let mut claims = Claims {
        several_from_fields: message.headers_named("From").nth(1).is_some(),
        ..Claims::default()
    };
    if authors.cut {
        claims.cut.push(Limit::Authors);
    }
    claim_by_domain(&mut claims, &authors, brand);
    claim_by_name(&mut claims, &authors, brand, message);
    claim_by_local_part(&mut claims, &authors, brand);
    note_irregular(&mut claims, &authors);
    claim_by_other_fields(&mut claims, &authors, message, brand);
    claims.authors = authors;
    claims.list.sort_by(|a, b| {
        (a.strength != Strength::Strong, a.reason).cmp(&(b.strength != Strength::Strong, b.reason))
    });
    claims
}

impl Claims {
    fn add(&mut self, reason: Reason, strength: Strength, seen: impl Into<String>) {
        match self.list.iter_mut().find(|claim| claim.reason == reason) {
            // One claim a field, the strongest.
            Some(known) if known.strength == Strength::Weak && strength == Strength::Strong => {
                known.strength = strength;
                known.seen = seen.into();
            }
            Some(_) => {}
            None => self.list.push(Claim {
                reason,
                strength,
                seen: seen.into(),
            }),
        }
    }
}

impl Claims {
    /// Whether an address is in another domain than the author's: what the From says already is no
    /// second claim.
    fn is_foreign(&self, address: &Address) -> bool {
        !self
            .author_domains
            .iter()
            .any(|author| Some(&author.domain) == address.domain.as_ref())
    }
}

/// What `domain` is to the brand.
fn standing(domain: &Domain, brand: &Brand) -> Standing {
    match classify(brand, domain) {
        HostClass::Official(entry) => Standing::Official {
            user_content: entry.class == Class::UserContent,
        },
        HostClass::Owned(entry) if entry.class == Class::Fake => Standing::Fake,
        HostClass::Owned(_) => Standing::Owned,
        HostClass::Lookalike(found) => Standing::Lookalike(found),
        HostClass::Unrelated(entry) => match entry.map(|entry| entry.class) {
            Some(Class::Subsidiary) => Standing::Subsidiary,
            Some(Class::Partner) => Standing::Partner,
            Some(Class::AliasRelay) => Standing::AliasRelay,
            // Whoever pays sends from it: its proof names nobody who could answer for the mail.
            Some(Class::Never) => Standing::FreeMail,
            _ if brand.is_free_mail(domain) => Standing::FreeMail,
            _ => Standing::Foreign,
        },
    }
}

fn claim_by_domain(claims: &mut Claims, authors: &Authors, brand: &Brand) {
    for address in &authors.addresses {
        let Some(domain) = &address.domain else {
            // A domain that is none may still name the brand to a reader.
            if let Some(found) = mention(brand, &address.domain_text) {
                claims.add(Reason::MalformedFrom, found.strength, address.to_string());
            }
            continue;
        };
        if claims
            .author_domains
            .iter()
            .any(|known| known.domain == *domain)
        {
            continue;
        }
        if claims.author_domains.len() == MAX_AUTHOR_DOMAINS {
            claims.cut.push(Limit::Authors);
            break;
        }
        let standing = standing(domain, brand);
        match &standing {
            Standing::Official { .. } => {
                claims.add(
                    Reason::OfficialAuthorDomain,
                    Strength::Strong,
                    domain.as_str(),
                );
            }
            Standing::Owned | Standing::Fake => {
                claims.add(Reason::OwnedNotSender, Strength::Strong, domain.as_str());
            }
            Standing::Lookalike(found) => {
                claims.add(
                    Reason::LookalikeAuthorDomain,
                    found.strength,
                    domain.as_str(),
                );
            }
            _ => {}
        }
        claims.author_domains.push(AuthorDomain {
            organizational: brand.organizational(domain),
            domain: domain.clone(),
            standing,
        });
    }
}

fn claim_by_name(claims: &mut Claims, authors: &Authors, brand: &Brand, message: &Message) {
    let through_list = message.headers_named("List-Id").next().is_some();
    for name in &authors.names {
        // An address in a name is looked at as an address, below: `brand@shop.example` is no name.
        let words = without_addresses(name);
        let Some(found) = mention(brand, &words) else {
            continue;
        };
        if is_object(&words, &found) || (through_list && is_person_via_list(&words, &found)) {
            continue;
        }
        claims.add(Reason::DisplayName, found.strength, name.as_str());
    }
    for address in &authors.addresses_in_names {
        if names_the_brand(address, brand) {
            claims.add(
                Reason::DisplayAddress,
                Strength::Strong,
                address.to_string(),
            );
        }
    }
}

/// Whether an address is in a domain of the brand's or in one that looks like it.
fn names_the_brand(address: &Address, brand: &Brand) -> bool {
    address.domain.as_ref().is_some_and(|domain| {
        matches!(
            standing(domain, brand),
            Standing::Official { .. } | Standing::Owned | Standing::Fake | Standing::Lookalike(_)
        )
    })
}

/// Words after which the brand is what something is about, not who speaks.
const OBJECT_MARKERS: [&str; 16] = [
    "to", "for", "on", "about", "vs", "versus", "against", "like", "beyond", "für", "auf", "über",
    "sur", "pour", "para", "su",
];

/// Whether a name mentions the brand as the object of something ("Freight to X").
fn is_object(name: &str, found: &Mention) -> bool {
    let Some(before) = found.start_word.checked_sub(1) else {
        return false;
    };
    name.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .nth(before)
        .is_some_and(|word| OBJECT_MARKERS.contains(&word.to_lowercase().as_str()))
}

/// A name without the words that are addresses.
fn without_addresses(name: &str) -> String {
    let words: Vec<_> = name
        .split_whitespace()
        .filter(|word| !word.contains(['@', '\u{ff20}', '\u{fe6b}']))
        .collect();
    words.join(" ")
}

/// Whether a list rewrote the name of a person who writes from the brand ("Jane Doe (X) via list"):
/// there the brand doesn't begin the name. "X via list" is somebody who calls himself the brand.
fn is_person_via_list(name: &str, found: &Mention) -> bool {
    found.start_word > 0
        && name
            .split_whitespace()
            .any(|word| word.eq_ignore_ascii_case("via"))
}

fn claim_by_local_part(claims: &mut Claims, authors: &Authors, brand: &Brand) {
    for address in &authors.addresses {
        let Some(domain) = &address.domain else {
            continue;
        };
        if brand.is_fake_address(&address.local, domain) {
            claims.add(Reason::LocalPart, Strength::Strong, address.to_string());
            continue;
        }
        let own = claims.author_domains.iter().any(|known| {
            known.domain == *domain
                && matches!(
                    known.standing,
                    Standing::Official { .. } | Standing::Owned | Standing::Fake
                )
        });
        if own || mention(brand, &address.local).is_none() {
            continue;
        }
        // `brand@smallshop.example` is how customers name an alias for one shop; on free mail, or
        // with a word that lures, somebody wants to be taken for the brand.
        let strength = match brand.is_free_mail(domain) || has_lure_word(brand, &address.local) {
            true => Strength::Strong,
            false => Strength::Weak,
        };
        claims.add(Reason::LocalPart, strength, address.to_string());
    }
}

/// Whether a word that impostors put beside a brand stands in a local part.
fn has_lure_word(brand: &Brand, local: &str) -> bool {
    local
        .split(|character: char| !character.is_alphanumeric())
        .any(|word| brand.is_lure(word))
}

fn note_irregular(claims: &mut Claims, authors: &Authors) {
    // Two addresses of one domain are two authors as well: its owner's proof holds for both, and
    // which of them wrote is open.
    if claims.several_from_fields || claims.author_domains.len() > 1 || authors.is_multiple() {
        claims.notes.insert(Reason::MultipleFrom);
    }
    if authors
        .irregularities
        .iter()
        .any(|found| found.is_malformed())
    {
        claims.notes.insert(Reason::MalformedFrom);
    }
}

fn claim_by_other_fields(claims: &mut Claims, from: &Authors, message: &Message, brand: &Brand) {
    let own = claims.author_domains.iter().any(|author| {
        matches!(
            author.standing,
            Standing::Official { .. } | Standing::Owned | Standing::Fake
        )
    });
    let reply_to = authors(&message.headers, "Reply-To");
    if own {
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
    } else {
        claim_by_addresses(claims, &reply_to, Reason::ReplyTo, Strength::Weak, brand);
        let sender = authors(&message.headers, "Sender");
        match from.irregularities.iter().any(|&odd| hides_the_field(odd)) {
            false => {
                claim_by_addresses(claims, &sender, Reason::SenderField, Strength::Weak, brand);
            }
            // Who reads no From shows whom else the header names as the sender.
            true => {
                let resent = authors(&message.headers, "Resent-From");
                for found in [&sender, &resent] {
                    claim_by_addresses(claims, found, Reason::SenderField, Strength::Strong, brand);
                }
            }
        }
        if let Some(path) = &message.envelope.mail_from {
            let address = Address {
                local: path.local_part().to_owned(),
                domain_text: path
                    .domain
                    .as_ref()
                    .map(Domain::to_string)
                    .unwrap_or_default(),
                domain: path.domain.clone(),
            };
            if claims.is_foreign(&address) && names_the_brand(&address, brand) {
                claims.add(Reason::EnvelopeSender, Strength::Weak, address.to_string());
            }
        }
    }
    for field in message.headers_named("Subject").take(4) {
        let subject = encoded_word::decode(&field.value);
        if mention(brand, &subject).is_some() {
            claims.add(Reason::Subject, Strength::Weak, subject.trim());
        }
    }
    for field in message.headers_named("DKIM-Signature").take(16) {
        let domain = signing_domain(&field.value);
        if let Some(domain) = domain
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

fn claim_by_addresses(
    claims: &mut Claims,
    found: &Authors,
    reason: Reason,
    strength: Strength,
    brand: &Brand,
) {
    for address in found.addresses.iter().chain(&found.addresses_in_names) {
        if claims.is_foreign(address) && names_the_brand(address, brand) {
            claims.add(reason, strength, address.to_string());
        }
    }
    for name in &found.names {
        if mention(brand, name).is_some() {
            claims.add(reason, Strength::Weak, name.as_str());
        }
    }
}

/// The `d=` tag of a signature, read loosely: it is only looked at, never believed.
fn signing_domain(value: &[u8]) -> Option<Domain> {
    let value = String::from_utf8_lossy(value);
    value
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .find(|(name, _)| name.trim() == "d")
        .and_then(|(_, domain)| Domain::parse(domain.trim()).ok())
}
