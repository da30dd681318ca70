//! Whom the operator trusts: whom not to judge, and whom to believe.

use crate::{
    claim::mailing_list::MailingList,
    mail::{
        domain::Domain,
        message::{Envelope, Limit, Message, Path},
        received,
    },
    reason::Reason,
};
use ipnet::IpNet;
use std::net::IpAddr;

/// Gateways in a row that a message is followed back through.
const MAX_RELAYS: usize = 8;

/// The operator's exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Clients in these networks are not judged where they connect themselves.
    pub networks: Vec<IpNet>,
    /// Clients that logged in are not judged.
    pub authenticated: bool,
    /// The operator's own domains: authenticated, they may name the brand.
    pub own_domains: Vec<Domain>,
    /// Foreign domains that may name the brand once they are authenticated.
    pub allow: Vec<Domain>,
    /// Our own gateways and backup MX: who handed them a message stands in their Received fields.
    pub relays: Vec<IpNet>,
    /// Servers that forward mail to us and break its proofs on the way, by network.
    pub forwarders: Vec<IpNet>,
    /// The same by name: the client's, as the MTA confirmed it in both directions of DNS.
    pub forwarder_names: Vec<Domain>,
    /// Mailing lists whose word counts once their host is proved: List-Ids, or hosts of lists.
    pub lists: Vec<Domain>,
    /// Whose ARC seals are believed.
    pub arc_sealers: Vec<Domain>,
    /// Whether an author needs a signature: SPF alone then proves none.
    pub demand_dkim: bool,
}

/// Who really handed a message in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The envelope, with the client in front of our own gateways.
    pub envelope: Envelope,
    /// It came through a gateway of our own, which must not be left with it.
    pub via_relay: bool,
    /// It came from a server that the operator knows to forward.
    pub via_forwarder: bool,
    /// There are more recipients than the envelope holds.
    pub unknown_recipients: bool,
}

impl Origin {
    /// Whether every recipient is in the domain that a mailing list lives in. At free mail that says nothing:
    /// strangers send from there as well.
    pub fn is_list_of_all_recipients(&self, list: &MailingList) -> bool {
        let recipients = &self.envelope.recipients;
        let is_theirs = |path: &Path| {
            let domain = path.domain.as_ref();
            domain.is_some_and(|domain| list.host.is_within(domain))
        };
        !list.is_free_mail
            && !recipients.is_empty()
            && !self.unknown_recipients
            && recipients.iter().all(is_theirs)
    }
}

impl Trust {
    /// The reason not to judge a message at all, known from its envelope alone.
    pub fn exempts(&self, envelope: &Envelope) -> Option<Reason> {
        if self.authenticated && envelope.authenticated_user.is_some() {
            return Some(Reason::AuthenticatedSubmission);
        }
        // Our own machines hand their mail in themselves. An address that a Received field names was
        // somebody else's client.
        let connected = envelope.client_ip.filter(|_| envelope.trace_fields == 0)?;
        within(&self.networks, connected).then_some(Reason::TrustedNetwork)
    }

    /// Follows a message back through our own gateways.
    pub fn origin(&self, message: &Message) -> Origin {
        let mut origin = Origin {
            envelope: message.envelope.clone(),
            unknown_recipients: message.cut.contains(&Limit::Recipients),
            ..Origin::default()
        };
        let mut gateways = 0;
        while origin
            .envelope
            .client_ip
            .is_some_and(|ip| within(&self.relays, ip))
        {
            gateways += 1;
            origin.via_relay = true;
            let followed = received::follow(message, origin.envelope.trace_fields);
            // A gateway that doesn't say whom it took the message from leaves the client unknown.
            let hop = followed.hop.filter(|_| gateways <= MAX_RELAYS);
            origin.envelope.client_ip = hop.as_ref().map(|hop| hop.ip);
            origin.envelope.trace_fields = followed.fields;
            // What connected to us is the gateway, and this was the gateway's name.
            origin.envelope.client_name = None;
            origin.envelope.helo = hop.and_then(|hop| hop.helo);
        }
        let named = origin
            .envelope
            .client_name
            .as_deref()
            .and_then(|name| Domain::parse(name).ok());
        let listed = |name: &Domain| {
            self.forwarder_names
                .iter()
                .any(|known| name.is_within(known))
        };
        origin.via_forwarder = origin
            .envelope
            .client_ip
            .is_some_and(|ip| within(&self.forwarders, ip))
            || named.as_ref().is_some_and(listed);
        origin
    }

    /// Whether the operator names a mailing list.
    pub fn names_list(&self, list: &MailingList) -> bool {
        self.lists.iter().any(|named| list.id.is_within(named))
    }

    /// The reason to believe an author in `domain` if, and only if, an identifier proves that domain
    /// which [counts](Self::may_prove) for it.
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

    /// Whether the operator's word for `author` covers a proof by `identifier`. He named a domain, and
    /// whoever is in it; DNS may align siblings outside of it, where strangers get names. What lies above
    /// the author speaks for him only where it is no registry: the tree walk aligns none that is marked
    /// (`psd=y`), and the public suffix list knows most that are not.
    pub fn may_prove(&self, identifier: &Domain, author: &Domain) -> bool {
        let mut listed = self.own_domains.iter().chain(&self.allow);
        let name = identifier.as_str();
        listed.any(|trusted| author.is_within(trusted) && identifier.is_within(trusted))
            || author.is_within(identifier) && psl::suffix_str(name) != Some(name)
    }
}

fn within(networks: &[IpNet], ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    networks.iter().any(|network| network.contains(&ip))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::message::Header;

    fn message(ip: &str, received: &[&str]) -> Message {
        Message {
            envelope: Envelope {
                client_ip: ip.parse().ok(),
                helo: Some("gw.shop.example".into()),
                ..Envelope::default()
            },
            headers: received
                .iter()
                .map(|value| Header {
                    name: b"Received".to_vec(),
                    value: value.as_bytes().to_vec(),
                })
                .collect(),
            ..Message::default()
        }
    }

    #[test]
    fn the_client_is_who_handed_the_message_to_our_gateway() {
        let trust = Trust {
            relays: vec!["192.0.2.0/28".parse().unwrap()],
            ..Trust::default()
        };
        let traces = [
            " from gw1 (gw1 [192.0.2.1]) by gw2.shop.example",
            " from mx.a.example (a.example [203.0.113.5]) by gw1.shop.example",
            " from forged (forged [192.0.2.2]) by nowhere",
        ];
        let origin = trust.origin(&message("192.0.2.3", &traces));
        assert!(origin.via_relay);
        assert_eq!(origin.envelope.client_ip, "203.0.113.5".parse().ok());
        assert_eq!(origin.envelope.helo.as_deref(), Some("mx.a.example"));
        // Nobody else's trace field is believed.
        let direct = trust.origin(&message("203.0.113.9", &traces));
        assert!(!direct.via_relay);
        assert_eq!(direct.envelope.client_ip, "203.0.113.9".parse().ok());
        // A gateway that tells nothing leaves the client unknown, and not trusted for it.
        let silent = trust.origin(&message("192.0.2.3", &[]));
        assert_eq!((silent.via_relay, silent.envelope.client_ip), (true, None));
    }

    #[test]
    fn the_operators_word_covers_the_domain_that_he_named() {
        let domain = |text| Domain::parse(text).unwrap();
        let trust = Trust {
            own_domains: vec![domain("office.shop.example")],
            allow: vec![domain("shop.co.uk"), domain("printer.github.io")],
            ..Trust::default()
        };
        let covers = |by, author| trust.may_prove(&domain(by), &domain(author));
        assert!(covers("office.shop.example", "office.shop.example"));
        assert!(covers("mail.office.shop.example", "office.shop.example"));
        assert!(covers(
            "mail.office.shop.example",
            "news.office.shop.example"
        ));
        // Above, but a registry.
        assert!(covers("shop.example", "office.shop.example"));
        assert!(!covers("example", "office.shop.example"));
        assert!(!covers("co.uk", "shop.co.uk"));
        assert!(!covers("github.io", "printer.github.io"));
        // Beside.
        assert!(!covers("till.shop.example", "office.shop.example"));
        assert!(!covers("other.co.uk", "shop.co.uk"));
        // In another domain that he named.
        assert!(!covers("shop.co.uk", "office.shop.example"));
    }

    #[test]
    fn gateways_in_a_row_are_followed_so_far_and_no_further() {
        let trust = Trust {
            relays: vec!["192.0.2.0/28".parse().unwrap()],
            ..Trust::default()
        };
        let hop = " from gw (gw [192.0.2.1]) by gw.shop.example";
        let client = " from mx.a.example (a.example [203.0.113.5]) by gw.shop.example";
        let found = |gateways: usize| {
            let traces = [vec![hop; gateways], vec![client]].concat();
            trust
                .origin(&message("192.0.2.3", &traces))
                .envelope
                .client_ip
        };
        assert_eq!(found(7), "203.0.113.5".parse().ok());
        assert_eq!(found(8), None);
    }

    #[test]
    fn what_a_field_names_is_not_exempt() {
        let trust = Trust {
            networks: vec!["198.51.100.0/24".parse().unwrap()],
            relays: vec!["192.0.2.3/32".parse().unwrap()],
            ..Trust::default()
        };
        let traces = [" from desk (desk.shop.example [198.51.100.7]) by gw.shop.example"];
        let behind = trust.origin(&message("192.0.2.3", &traces)).envelope;
        assert_eq!(behind.client_ip, "198.51.100.7".parse().ok());
        assert_eq!(trust.exempts(&behind), None);
        let itself = trust.origin(&message("198.51.100.7", &[])).envelope;
        assert_eq!(trust.exempts(&itself), Some(Reason::TrustedNetwork));
    }

    /// Else a name in `forwarders` that covers the gateway would soften whatever it hands on.
    #[test]
    fn a_gateways_name_is_not_its_clients() {
        let trust = Trust {
            relays: vec!["192.0.2.3/32".parse().unwrap()],
            forwarder_names: vec![Domain::parse("shop.example").unwrap()],
            ..Trust::default()
        };
        let traces = [" from mx.a.example (a.example [203.0.113.5]) by gw.shop.example"];
        let mut message = message("192.0.2.3", &traces);
        message.envelope.client_name = Some("gw.shop.example".into());
        assert!(!trust.origin(&message).via_forwarder);
    }

    #[test]
    fn forwarders_are_known_by_network_or_by_confirmed_name() {
        let trust = Trust {
            forwarders: vec!["198.51.100.7/32".parse().unwrap()],
            forwarder_names: vec![Domain::parse("forward.example").unwrap()],
            ..Trust::default()
        };
        assert!(trust.origin(&message("198.51.100.7", &[])).via_forwarder);
        let mut named = message("203.0.113.5", &[]);
        assert!(!trust.origin(&named).via_forwarder);
        named.envelope.client_name = Some("out1.forward.example".into());
        assert!(trust.origin(&named).via_forwarder);
        named.envelope.client_name = Some("unknown".into());
        assert!(!trust.origin(&named).via_forwarder);
    }

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
