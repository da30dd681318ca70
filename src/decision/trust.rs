//! Whom the operator trusts, and so doesn't want judged.

use super::{domain::Domain, message::Envelope, reason::Reason};
use ipnet::IpNet;

/// The operator's exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Clients in these networks are not judged.
    pub networks: Vec<IpNet>,
    /// Clients that logged in are not judged.
    pub authenticated: bool,
    /// The operator's own domains: authenticated, they may name the brand.
    pub own_domains: Vec<Domain>,
    /// Foreign domains that may name the brand once they are authenticated.
    pub allow: Vec<Domain>,
}

impl Trust {
    /// The reason not to judge a message at all, known from its envelope alone.
    pub fn exempts(&self, envelope: &Envelope) -> Option<Reason> {
        if self.authenticated && envelope.authenticated_user.is_some() {
            return Some(Reason::AuthenticatedSubmission);
        }
        let ip = envelope.client_ip?.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(&ip))
            .then_some(Reason::TrustedNetwork)
    }

    /// The reason to believe an author in `domain` if, and only if, that domain is proved.
    pub fn believes(&self, domain: &Domain) -> Option<Reason> {
        let listed = |list: &[Domain]| list.iter().any(|trusted| domain.is_within(trusted));
        if listed(&self.own_domains) {
            Some(Reason::OwnDomain)
        } else if listed(&self.allow) {
            Some(Reason::Allowed)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_address_is_the_one_it_maps() {
        let trust = Trust {
            networks: vec!["192.0.2.0/24".parse().unwrap()],
            ..Trust::default()
        };
        let envelope = |ip: &str| Envelope {
            client_ip: Some(ip.parse().unwrap()),
            ..Envelope::default()
        };
        assert_eq!(
            trust.exempts(&envelope("::ffff:192.0.2.9")),
            Some(Reason::TrustedNetwork)
        );
        assert_eq!(trust.exempts(&envelope("198.51.100.1")), None);
        assert_eq!(trust.exempts(&Envelope::default()), None);
    }
}
