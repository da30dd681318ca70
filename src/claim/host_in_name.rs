//! Hosts within the name that is shown as the sender.
//!
//! Catches: a name that is a host of the brand, or one that is built to look like it ("news.contoso.net"),
//! where its words alone are no strong name. Must not hurt: somebody who shows his own domain, and names
//! with a dot in them. Strength: that of the host. Costs an attacker: that his reader sees no such host.

use crate::{
    brand::{Brand, Strength},
    claim::{Claims, named_by, standing},
    mail::{domain::Domain, mailbox::hosts},
};

/// Hosts of one name that are looked at. A reader sees the first.
const MAX_HOSTS: usize = 16;

/// How strongly the hosts in a name say the brand.
pub(crate) fn strongest(claims: &Claims, brand: &Brand, name: &str) -> Option<Strength> {
    let hosts = hosts(name).take(MAX_HOSTS);
    let foreign = hosts.filter(|host| !is_own(claims, host));
    foreign
        .filter_map(|host| named_by(&standing(&host, brand)))
        .max()
}

/// Whether the host is the author's own: what his address says already is no second claim.
fn is_own(claims: &Claims, host: &Domain) -> bool {
    let registrable = |domain: &Domain| psl::domain_str(domain.as_str()).map(str::to_owned);
    let mut authors = claims.author_domains.iter();
    authors.any(|author| {
        author.domain == *host
            || registrable(host).is_some_and(|own| Some(own) == registrable(&author.domain))
    })
}
