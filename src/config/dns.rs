//! `[dns]`: who is asked, how long, and for whom.

use super::{Reader, contradictions};
use crate::{
    authenticate::AuthenticateSettings,
    brand::{Brand, Class},
    dns::DnsSettings,
    mail::domain::Domain,
    verdict::trust::Trust,
};
use std::net::{IpAddr, SocketAddr};

/// Signatures of one message that are checked. Genuine mail has two or three.
const MAX_SIGNATURES: usize = 8;

pub(super) fn authenticate(
    reader: &mut Reader,
    trust: &Trust,
    brand: Option<&Brand>,
) -> AuthenticateSettings {
    let timeout = reader.duration("dns.timeout");
    let deadline = reader.duration("dns.deadline");
    let stranger_timeout = reader.duration("dns.stranger_timeout");
    contradictions::times(reader, deadline, [timeout, stranger_timeout]);
    let cache_size = reader.number("dns.cache_size");
    let stale = reader.duration_or_none("dns.stale");
    contradictions::stale(reader, stale, cache_size);
    AuthenticateSettings {
        dns: Some(DnsSettings {
            servers: reader.list("dns.servers", server),
            timeout,
            cache_size,
        }),
        deadline,
        stranger_timeout,
        stale,
        probed: brand.map(probed).unwrap_or_default(),
        max_signatures: MAX_SIGNATURES,
        arc_sealers: trust.arc_sealers.clone(),
    }
}

/// The brand's own domains, its main one first.
fn probed(brand: &Brand) -> Vec<Domain> {
    let senders = brand
        .entries()
        .filter(|entry| entry.class == Class::OfficialSender)
        .map(|entry| &entry.domain)
        .filter(|domain| *domain != brand.main());
    [brand.main()].into_iter().chain(senders).cloned().collect()
}

fn server(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse::<SocketAddr>()
        .or_else(|_| text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)))
        .map_err(|_| "this is no IP address")
}
