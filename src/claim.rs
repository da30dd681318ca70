//! Does this message present itself as the brand, and by which field?

mod cut_from;
mod fields;
mod host_in_name;
mod local_label;
mod local_part;
pub mod mailing_list;
mod mentioned;
mod names;
mod own_name;
mod person;
#[cfg(test)]
mod tests;
mod via_list;
mod words;

use crate::{
    brand::{
        Brand, Class, Strength,
        host::{HostClass, Lookalike, classify},
        name::mention,
    },
    mail::{
        domain::Domain,
        mailbox::{Address, Authors, authors},
        message::{Limit, Message},
    },
    reason::Reason,
};
use mailing_list::{MailingList, lists};
use std::collections::BTreeSet;

/// Author domains that are judged, of the brand's and of others' each; a From with more of them is cut
/// off, and says so.
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
    /// What makes a strong claim milder, where all that it needs is proved. That is the verdict's to find
    /// out.
    pub excuse: Option<Excuse>,
}

/// What can make a strong claim milder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excuse {
    /// The name is glued to other words in the address: of a proved author's own it says little.
    GluedAddress,
    /// It is a person's name, and the address bears it.
    PersonName,
    /// It is the name of the author's own domain.
    OwnName,
    /// It mentions the brand, and names its own sender as well.
    BrandMentioned,
    /// A mailing list rewrote the name of a person who says whom he works for: a weak claim.
    PersonViaList,
    /// A mailing list rewrote a name that says the brand: nobody can prove who wrote to the list.
    BrandViaList,
}

/// What the Sender field says of the brand where the author is somebody else. Some mail programs show both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownSender {
    /// Its name says the brand.
    Name,
    /// Its address is in this domain of the brand's.
    Address(Domain),
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
    /// Somebody else who lawfully uses the name: a partner, or an organisation that is called so.
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
    /// Strangers get an address in it at once.
    pub is_free_name: bool,
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
    /// The mailing lists that the message says it came through.
    pub lists: Vec<MailingList>,
    /// More than one From field (RFC 5322 section 3.6 allows one).
    pub several_from_fields: bool,
    /// What the Sender field says of the brand.
    pub sender: Option<ShownSender>,
    /// The subject offers a prize of the brand's: vouchers, gift cards, draws.
    pub prize: bool,
    /// The author shows himself as a person with an address that bears the name, and says nothing of the brand
    /// there. Not looked at where nothing claims.
    pub shows_person: bool,
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

    /// How much the strongest claim proves, if all excuses are granted; nothing where there is none.
    pub fn strongest_if_excused(&self) -> Option<Strength> {
        let claims = self.list.iter();
        let if_excused = claims.map(|claim| match claim.excuse {
            Some(_) => Strength::Weak,
            None => claim.strength,
        });
        if_excused.max()
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
            || self.prize
            || self.sender.is_some()
            || self.author_domains.iter().any(|author| {
                matches!(author.standing, Standing::Lookalike(_)) && self.list.len() > 1
            })
    }

    /// How many author domains are the brand's, or are like the brand's.
    fn branded_authors(&self) -> usize {
        let branded = |author: &&AuthorDomain| {
            matches!(
                author.standing,
                Standing::Official { .. }
                    | Standing::Owned
                    | Standing::Fake
                    | Standing::Lookalike(_)
            )
        };
        self.author_domains.iter().filter(branded).count()
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
        lists: lists(message, brand),
        ..Claims::default()
    };
    if authors.cut {
        claims.cut.push(Limit::Authors);
    }
    claim_by_domain(&mut claims, &authors, brand);
    names::claim(&mut claims, &authors, brand);
    if authors.cut {
        cut_from::claim(&mut claims, message, brand);
    }
    local_part::claim(&mut claims, &authors, brand);
    note_irregular(&mut claims, &authors);
    fields::claim(&mut claims, &authors, message, brand);
    claims.shows_person = !claims.list.is_empty() && person::is_shown(&authors, brand);
    claims.authors = authors;
    claims.list.sort_by(|a, b| {
        (a.strength != Strength::Strong, a.reason).cmp(&(b.strength != Strength::Strong, b.reason))
    });
    claims
}

impl Claims {
    fn add(&mut self, reason: Reason, strength: Strength, seen: impl Into<String>) {
        self.put(Claim {
            reason,
            strength,
            seen: seen.into(),
            excuse: None,
        });
    }

    /// One claim a field: the strongest, and of equally strong ones the one that is hardest to excuse.
    fn put(&mut self, new: Claim) {
        let weight = |claim: &Claim| (claim.strength, claim.excuse.is_none(), claim.excuse);
        let known = self
            .list
            .iter_mut()
            .find(|claim| claim.reason == new.reason);
        match known {
            Some(known) if weight(&new) > weight(known) => *known = new,
            Some(_) => {}
            None => self.list.push(new),
        }
    }

    /// The strong claims.
    pub(super) fn strong(&self) -> impl Iterator<Item = &Claim> {
        self.list
            .iter()
            .filter(|claim| claim.strength == Strength::Strong)
    }

    /// Makes weak what the verdict excused.
    pub(super) fn make_excused_weak(&mut self) {
        for claim in &mut self.list {
            if claim
                .excuse
                .is_some_and(|excuse| excuse != Excuse::BrandViaList)
            {
                claim.strength = Strength::Weak;
            }
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
            Some(Class::Partner | Class::Unrelated) => Standing::Partner,
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
            // So may what stands before it, where no domain says whose it is.
            if let Some(found) = mention(brand, &address.to_string()) {
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
        let standing = standing(domain, brand);
        // Strangers in front never push one out who says that he is the brand.
        let concerns = named_by(&standing).is_some();
        let strangers = claims.author_domains.len() - claims.branded_authors();
        let room = match concerns {
            true => claims.branded_authors() < MAX_AUTHOR_DOMAINS,
            false => strangers < MAX_AUTHOR_DOMAINS,
        };
        if !room {
            if !claims.cut.contains(&Limit::Authors) {
                claims.cut.push(Limit::Authors);
            }
            continue;
        }
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
            is_free_name: brand.is_free_name(domain),
            domain: domain.clone(),
            standing,
        });
    }
}

/// How strongly an address names the brand by its domain: in one of its own, or in one that looks like
/// it.
fn names_the_brand(address: &Address, brand: &Brand) -> Option<Strength> {
    named_by(&standing(address.domain.as_ref()?, brand))
}

/// How strongly a domain of this standing names the brand.
fn named_by(standing: &Standing) -> Option<Strength> {
    match standing {
        Standing::Official { .. } | Standing::Owned | Standing::Fake => Some(Strength::Strong),
        Standing::Lookalike(found) => Some(found.strength),
        _ => None,
    }
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
