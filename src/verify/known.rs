//! Who is no stranger here: the brand, and those whom its list or the operator names.
//!
//! For the names of others nobody waits long, and what DNS says of them is kept with that of all others.

use crate::{
    brand::{Brand, Class},
    mail::domain::Domain,
    verdict::trust::Trust,
};
use std::{collections::HashSet, sync::Arc};

/// Whether a domain's owner is no stranger.
pub(super) fn is_known(brand: &Brand, trust: &Trust, domain: &Domain) -> bool {
    trust.believes(domain).is_some()
        || trust.arc_sealers.contains(domain)
        || brand
            .entry(domain)
            .is_some_and(|entry| is_owners(entry.class))
}

fn is_owners(class: Class) -> bool {
    match class {
        Class::OfficialSender
        | Class::LikelySender
        | Class::Subsidiary
        | Class::UserContent
        | Class::EnvelopeOnly
        | Class::Owned
        | Class::Partner
        | Class::AliasRelay
        | Class::Unrelated => true,
        // Anybody sends from there, or it isn't known who does.
        Class::Never | Class::Unverified | Class::Fake => false,
    }
}

/// The names in DNS of those who are no strangers.
pub(super) struct Names {
    brand: Arc<Brand>,
    trust: Trust,
    /// What lies above them: registries, which every walk for a policy ends at.
    above: HashSet<Box<str>>,
}

impl Names {
    pub(super) fn new(brand: Arc<Brand>, trust: Trust) -> Self {
        let listed = brand.entries().filter(|entry| is_owners(entry.class));
        let listed = listed.map(|entry| &entry.domain);
        let named = trust.own_domains.iter().chain(&trust.allow);
        let named = named.chain(&trust.arc_sealers);
        let above = listed.chain(named).flat_map(|domain| {
            let above = domain.ancestors().skip(1);
            above.map(Box::from)
        });
        let above = above.collect();
        Self {
            brand,
            trust,
            above,
        }
    }

    /// Whether a name is one of theirs, lies below one or, for policies, above one.
    pub(super) fn contains(&self, name: &str) -> bool {
        let above = name.strip_prefix("_dmarc.").unwrap_or(name);
        self.above.contains(above) || Domain::parse(name).is_ok_and(|domain| self.is_below(&domain))
    }

    fn is_below(&self, domain: &Domain) -> bool {
        let sealers = &self.trust.arc_sealers;
        is_known(&self.brand, &self.trust, domain)
            || sealers.iter().any(|sealer| domain.is_within(sealer))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_are_theirs_at_below_and_above() {
        let domain = |text| Domain::parse(text).unwrap();
        let brand = Brand::embedded();
        let names = Names::new(
            Arc::new(brand.clone()),
            Trust {
                own_domains: vec![domain("office.shop.example")],
                allow: vec![domain("partner.test")],
                arc_sealers: vec![domain("lists.other.invalid")],
                ..Trust::default()
            },
        );
        let main = brand.main().as_str();
        for name in [
            main,
            &format!("s1._domainkey.{main}"),
            &format!("_dmarc.{main}"),
            &format!("spf1.{main}"),
            "_dmarc.com",
            "office.shop.example",
            "s._domainkey.office.shop.example",
            "_dmarc.shop.example",
            "_dmarc.example",
            "partner.test",
            "s._domainkey.lists.other.invalid",
        ] {
            assert!(names.contains(name), "{name}");
        }
        let of_anybody = brand.entries().find(|entry| entry.class == Class::Never);
        let of_anybody = of_anybody.unwrap().domain.as_str();
        for name in [
            &format!("{main}.evil.example"),
            &format!("evil-{main}"),
            &format!("_dmarc.{main}.evil.example"),
            &format!("s._domainkey.{of_anybody}"),
            "s1._domainkey.evil.com",
            "_dmarc.evil.example",
            "other.example",
            "4.3.2.1.in-addr.arpa",
            "",
        ] {
            assert!(!names.contains(name), "{name}");
        }
    }
}
