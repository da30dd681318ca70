//! SPF of the envelope (RFC 7208).

mod check_host;
mod macro_string;
mod record;

use crate::{
    dns::Dns,
    mail::{domain::Domain, message::Envelope},
    proof::{AuthResult, Spf, SpfIdentity},
};
use check_host::{Evaluation, Sender, Stop};
use tokio::time::Instant;

/// Whom SPF is asked about, without asking.
pub(super) fn subject(envelope: &Envelope) -> Spf {
    let helo = || {
        envelope
            .helo
            .as_deref()
            .and_then(|helo| Domain::parse(helo).ok())
    };
    let (identity, domain) = match &envelope.mail_from {
        // RFC 7208 section 2.4: without a reverse-path the identity is postmaster@HELO.
        Some(path) if path.is_null() => (SpfIdentity::Helo, helo()),
        Some(path) => (SpfIdentity::MailFrom, path.domain.clone()),
        None => (SpfIdentity::MailFrom, None),
    };
    Spf {
        result: AuthResult::None,
        identity,
        domain,
        open: false,
        unknown_envelope: envelope.client_ip.is_none() || envelope.mail_from.is_none(),
    }
}

/// Evaluates SPF for the envelope, and says whether an answer that has expired helped. A lookup that has no answer at
/// `deadline` has failed.
pub(super) async fn check(dns: &Dns, envelope: &Envelope, deadline: Instant) -> (Spf, bool) {
    let subject = subject(envelope);
    let (Some(ip), Some(domain)) = (envelope.client_ip, &subject.domain) else {
        return (subject, false);
    };
    if subject.unknown_envelope {
        return (subject, false);
    }
    let local_part = envelope
        .mail_from
        .as_ref()
        .map(|path| path.local_part())
        // RFC 7208 section 4.3.
        .filter(|local| !local.is_empty())
        .unwrap_or("postmaster");
    let sender = Sender {
        // RFC 7208 section 5: an IPv4 address in IPv6's form is an IPv4 address.
        ip: ip.to_canonical(),
        helo: envelope.helo.as_deref().unwrap_or_default(),
        local_part,
        domain: domain.as_str(),
    };
    let dns = dns.or_stale();
    let mut evaluation = Evaluation::new(&dns, sender, deadline);
    let (result, open) = match evaluation.check_host(domain.as_str()).await {
        Ok(result) => (result, false),
        Err(Stop::Permanent) => (AuthResult::PermError, false),
        Err(Stop::SendersFailure) => (AuthResult::TempError, false),
        Err(Stop::Temporary { open }) => (AuthResult::TempError, open),
    };
    let is_stale = dns.gave_stale();
    let (result, open) = match result {
        // The record of today may allow what one that has expired doesn't.
        result if is_stale && result != AuthResult::Pass => (AuthResult::TempError, true),
        result => (result, open),
    };
    let spf = Spf {
        result,
        open,
        ..subject
    };
    (spf, is_stale)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::mail::message::Path;

    #[test]
    fn the_null_sender_is_judged_by_helo_and_an_unknown_one_by_nothing() {
        let mut envelope = Envelope {
            client_ip: Some("192.0.2.1".parse().unwrap()),
            helo: Some("Mail.Shop.Example".into()),
            mail_from: Some(Path::parse("<>")),
            ..Envelope::default()
        };
        let spf = subject(&envelope);
        assert_eq!(spf.identity, SpfIdentity::Helo);
        assert_eq!(spf.domain.unwrap().as_str(), "mail.shop.example");
        envelope.mail_from = None;
        assert!(subject(&envelope).unknown_envelope);
    }
}
