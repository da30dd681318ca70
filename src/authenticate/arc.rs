//! ARC chains (RFC 8617), of sealers that the operator names and of nobody else.

use super::{
    dkim,
    key::{Keys, Sought},
};
use crate::decision::{
    authres,
    domain::Domain,
    evidence::{Arc, AuthResult, SignatureFault},
    message::Limit,
};
use mail_auth::{
    AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, common::crypto::Algorithm,
};

/// Sets of a chain that is looked at; the standard's bound is 50, and each costs a key.
const MAX_SETS: usize = 10;

/// The keys that a chain needs. None where its last seal is by nobody whom the operator names.
pub(super) fn sought(parsed: &AuthenticatedMessage<'_>, sealers: &[Domain]) -> Vec<Sought> {
    if last_sealer(parsed, sealers).is_none() {
        return Vec::new();
    }
    let seals = parsed
        .as_headers
        .iter()
        .filter_map(|seal| Sought::by(&seal.header));
    let signature = parsed
        .ams_headers
        .last()
        .and_then(|signature| Sought::by(&signature.header));
    seals.chain(signature).collect()
}

/// Who sealed last, if he is named and the chain is of a size that is looked at.
fn last_sealer(parsed: &AuthenticatedMessage<'_>, sealers: &[Domain]) -> Option<Domain> {
    if sealers.is_empty()
        || parsed.as_headers.len() > MAX_SETS
        || parsed.ams_headers.len() > MAX_SETS
    {
        return None;
    }
    named(&parsed.as_headers.last()?.header.d, sealers)
}

fn named(domain: &str, sealers: &[Domain]) -> Option<Domain> {
    Domain::parse(domain)
        .ok()
        .filter(|domain| sealers.contains(domain))
}

/// Checks the chain of a whole message with keys that were fetched before. Nothing is asked.
pub(super) async fn verify(
    library: &MessageAuthenticator,
    parsed: &AuthenticatedMessage<'_>,
    cut: &[Limit],
    keys: &Keys,
    sealers: &[Domain],
) -> Arc {
    let unread = dkim::unread(cut);
    if unread == Some(SignatureFault::NotChecked) {
        return Arc::default();
    }
    let Some(sealer) = last_sealer(parsed, sealers) else {
        return Arc::default();
    };
    if unread.is_some() {
        return Arc {
            result: AuthResult::Neutral,
            sealer: Some(sealer),
            vouched: Vec::new(),
        };
    }
    // What holds for signatures holds for seals: SHA-1 and a From that isn't covered prove nothing.
    let sound = parsed.ams_headers.last().is_some_and(|signature| {
        let signature = &signature.header;
        signature.a != Algorithm::RsaSha1
            && signature
                .h
                .iter()
                .any(|name| name.eq_ignore_ascii_case("from"))
    }) && parsed
        .as_headers
        .iter()
        .all(|seal| seal.header.a != Algorithm::RsaSha1);
    let output = library
        .verify_arc(Parameters::new(parsed).with_txt_cache(keys))
        .await;
    // The library can't tell a key that is gone from one that DNS did not answer for.
    let unreachable = |fault| fault == Some(SignatureFault::KeyUnreachable);
    let pending = parsed
        .as_headers
        .iter()
        .any(|seal| unreachable(keys.fault(&seal.header)))
        || parsed
            .ams_headers
            .last()
            .is_some_and(|signature| unreachable(keys.fault(&signature.header)));
    let result = match output.result() {
        _ if pending => AuthResult::TempError,
        DkimResult::Pass if sound => AuthResult::Pass,
        DkimResult::Pass => AuthResult::Policy,
        DkimResult::TempError(_) => AuthResult::TempError,
        DkimResult::None => AuthResult::None,
        _ => AuthResult::Fail,
    };
    // From the last set back, as long as the sealer is one who is named: what an unnamed one wrote
    // is worth no more than what the sender himself could have written.
    let vouched = output
        .sets()
        .iter()
        .rev()
        .take_while(|set| named(&set.seal.header.d, sealers).is_some())
        .flat_map(|set| authres::proved_domains(set.results.value))
        .collect();
    Arc {
        result,
        sealer: Some(sealer),
        vouched,
    }
}
