//! Names that strangers get at once, without anybody asking who they are.

use crate::brand::{Brand, Class};
use crate::mail::domain::Domain;

impl Brand {
    /// Whether anyone can get an address at this domain.
    pub fn is_free_mail(&self, domain: &Domain) -> bool {
        domain.ancestors().any(|name| self.free_mail.contains(name))
            || domain
                .as_str()
                .split_once('.')
                .is_some_and(|(label, suffix)| {
                    self.free_mail_any_suffix.contains(label)
                        && psl::suffix_str(domain.as_str()) == Some(suffix)
                })
    }

    /// Whether an address in this domain is one that strangers get at once: free mail, a tenant's name,
    /// free hosting, dynamic DNS, what is given away under a private suffix of the Public Suffix List, and
    /// what any customer of the brand can send from. Such a domain may be proved; that says little about
    /// who wrote. What the list gives another class is none, wherever it stands.
    pub fn is_free_name(&self, domain: &Domain) -> bool {
        match self.entry(domain).map(|entry| entry.class) {
            Some(Class::Never) => return true,
            None | Some(Class::Unverified) => {}
            Some(_) => return false,
        }
        let is_private = || {
            psl::domain(domain.as_str().as_bytes())
                .is_some_and(|found| found.suffix().typ() == Some(psl::Type::Private))
        };
        self.is_free_mail(domain) || self.customer_of_a_service(domain).is_some() || is_private()
    }

    /// The domain whose owner answers for `host`: a registrable one, or a customer's at a service that
    /// gives away names. `None` for names under which strangers meet.
    pub fn owner_of(&self, host: &Domain) -> Option<Domain> {
        if self.is_service(host.as_str()) {
            return None;
        }
        let owner = self
            .customer_of_a_service(host)
            .or_else(|| psl::domain_str(host.as_str()))?;
        Domain::parse(owner).ok()
    }

    /// The name right below that of a service of the list, on the way to `host`. A business service keeps
    /// some of its labels for itself.
    fn customer_of_a_service<'h>(&self, host: &'h Domain) -> Option<&'h str> {
        let names = host.ancestors();
        let mut pairs = names.zip(host.ancestors().skip(1));
        let (customer, service) = pairs.find(|(_, service)| self.is_service(service))?;
        let label = customer.split('.').next().unwrap_or_default();
        let is_own = self.is_tenant_service(service) && self.own_labels.contains(label);
        (!is_own).then_some(customer)
    }

    fn is_service(&self, name: &str) -> bool {
        self.is_tenant_service(name) || self.is_free_hosting(name) || self.is_dynamic_dns(name)
    }
}
