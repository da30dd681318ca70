//! DKIM signatures (RFC 6376, 8301, 8463): which keys to fetch, and what the signatures prove.

use super::{
    canonical::CanonicalBody,
    dmarc::Author,
    key::{Keys, Sought, Tags},
};
use crate::decision::{
    body::Body,
    domain::{Alignment, Domain, aligned},
    evidence::{AuthResult, Signature, SignatureFault},
    message::{Limit, Message},
};
use mail_auth::{
    AuthenticatedMessage, DkimResult, DnsError, Error, MessageAuthenticator, Parameters,
    common::crypto::{Algorithm, HashAlgorithm},
    dkim::{Canonicalization, DkimError, Signature as Parsed},
};
use std::time::{SystemTime, UNIX_EPOCH};

/// Names in `h=` of a signature that is checked. Signers list some dozens; the library compares each with
/// all before it and with all fields.
pub(super) const MAX_NAMES: usize = 256;

/// How far `t=` may lie in the future: clocks differ.
const CLOCK_SKEW: u64 = 15 * 60;

/// Fields that a message has once (RFC 5322 section 3.6). A second one, put in front by anybody, is
/// shown by some reader while the signature covers the other.
const SINGULAR_FIELDS: [&str; 8] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Subject",
    "Date",
    // RFC 2045 section 3: these say how the body is read, so that a second one makes another body.
    "Content-Type",
    "Content-Transfer-Encoding",
];

/// Which keys the signatures of a header need, the author's own signatures first.
pub(super) fn sought(
    parsed: &mut AuthenticatedMessage<'_>,
    authors: &[Author],
    max: usize,
) -> Vec<Sought> {
    select(parsed, authors, max);
    let mut sought: Vec<Sought> = parsed
        .dkim_headers
        .iter()
        .filter_map(|header| Sought::by(&header.header))
        .collect();
    sought.sort_unstable();
    sought.dedup();
    sought
}

/// Who made the signatures that [are checked](sought).
pub(super) fn signers(parsed: &AuthenticatedMessage<'_>) -> impl Iterator<Item = Domain> {
    let signatures = parsed.dkim_headers.iter();
    signatures.filter_map(|header| Domain::parse(&header.header.d).ok())
}

/// Puts the signatures that could prove an author first and drops those beyond `max`, so that a
/// thousand signatures of strangers cost no more than a few and hide nothing. Returns what was
/// dropped.
///
/// `authors` must be the same before and after the lookups, else a signature is chosen whose key
/// nobody has asked for.
fn select(parsed: &mut AuthenticatedMessage<'_>, authors: &[Author], max: usize) -> Vec<Signature> {
    let distance = |signature: &Parsed| {
        let Ok(domain) = Domain::parse(&signature.d) else {
            return 2;
        };
        let proves = |(author, organizational): &Author| {
            aligned(&domain, author, organizational.as_ref(), Alignment::Relaxed)
        };
        // Where only DNS can tell the Organizational Domain, a name above or below may prove, too.
        let may_prove = |(author, organizational): &Author| {
            organizational.is_none() && (domain.is_within(author) || author.is_within(&domain))
        };
        match () {
            () if authors.iter().any(proves) => 0,
            () if authors.iter().any(may_prove) => 1,
            () => 2,
        }
    };
    parsed
        .dkim_headers
        .sort_by_cached_key(|header| distance(&header.header));
    let kept = max.min(parsed.dkim_headers.len());
    parsed
        .dkim_headers
        .split_off(kept)
        .iter()
        .take(max)
        .map(|header| faulty(&header.header, SignatureFault::NotChecked))
        .collect()
}

/// Checks the signatures of a whole message with keys that were fetched before. Nothing is asked.
pub(super) async fn verify(
    library: &MessageAuthenticator,
    parsed: &mut AuthenticatedMessage<'_>,
    message: &Message,
    authors: &[Author],
    keys: &Keys,
    max: usize,
) -> Vec<Signature> {
    let mut found = unreadable(parsed, max);
    found.extend(select(parsed, authors, max));
    let unread = unread(&message.cut);
    let doubled = SINGULAR_FIELDS
        .into_iter()
        .any(|name| message.headers_named(name).nth(1).is_some());
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let body_hashes = std::mem::take(&mut parsed.body_hashes);
    parsed.dkim_headers.retain(|header| {
        let signature = &header.header;
        let fault = match unread {
            Some(fault) => Some(fault),
            None => unacceptable(signature, &Tags(header.value), now)
                .or_else(|| key_fault(signature, keys, doubled, &body_hashes)),
        };
        if let Some(fault) = fault {
            found.push(faulty(signature, fault));
        }
        fault.is_none()
    });
    parsed.body_hashes = body_hashes;
    let outputs = library
        .verify_dkim(Parameters::new(&*parsed).with_txt_cache(keys))
        .await;
    for output in outputs {
        let Some(signature) = output.signature() else {
            continue;
        };
        found.push(match output.result() {
            DkimResult::Pass => Signature {
                result: AuthResult::Pass,
                fault: None,
                ..faulty(signature, SignatureFault::Invalid)
            },
            DkimResult::Neutral(error)
            | DkimResult::Fail(error)
            | DkimResult::PermError(error)
            | DkimResult::TempError(error) => faulty(signature, fault_of(error)),
            DkimResult::None => continue,
        });
    }
    // What passed comes first in reports.
    found.sort_by_key(|signature| signature.fault.is_some());
    found
}

/// Why nothing can be said of any signature over a message of which something was cut off.
pub(super) fn unread(cut: &[Limit]) -> Option<SignatureFault> {
    let is_cut = |limit| cut.contains(&limit);
    match () {
        // What fills a header so far hides by it a second field of a name that is signed once.
        () if is_cut(Limit::Headers) => Some(SignatureFault::NotChecked),
        () if is_cut(Limit::Body) || is_cut(Limit::Memory) => Some(SignatureFault::NotRead),
        () => None,
    }
}

/// Hashes a body in each of the ways that the signatures over it ask for. The library would hash what
/// follows the header in one text, and a large body needs not be there twice. Signatures over a part of
/// it are [faulty](SignatureFault::PartialBody) and ask for nothing.
pub(super) fn hash_body(parsed: &mut AuthenticatedMessage<'_>, body: &Body) {
    for (form, algorithm, _, hash) in &mut parsed.body_hashes {
        let form = *form;
        *hash = algorithm
            .hash(CanonicalBody { form, body })
            .as_ref()
            .to_vec();
    }
}

/// Takes the signatures that the library could not read out of the message.
fn unreadable(parsed: &mut AuthenticatedMessage<'_>, max: usize) -> Vec<Signature> {
    parsed
        .errors
        .drain(..)
        .filter(|header| {
            header
                .name
                .trim_ascii()
                .eq_ignore_ascii_case(b"DKIM-Signature")
        })
        .take(max)
        .map(|header| {
            let fault = match header.header {
                Error::Dkim(DkimError::SignatureLength) => SignatureFault::PartialBody,
                _ => SignatureFault::Malformed,
            };
            Signature {
                result: result_of(fault),
                domain: Tags(header.value)
                    .get("d")
                    .and_then(|domain| Domain::parse(&domain).ok()),
                selector: Tags(header.value).get("s").unwrap_or_default(),
                fault: Some(fault),
            }
        })
        .collect()
}

/// Why the key of a signature can't prove anything, or nothing can that it would prove.
fn key_fault(
    signature: &Parsed,
    keys: &Keys,
    doubled: bool,
    body_hashes: &BodyHashes,
) -> Option<SignatureFault> {
    let key = keys.fault(signature);
    let doubled = doubled.then_some(SignatureFault::DuplicateField);
    match key {
        // Only a key that could have made the signature pass is worth waiting for.
        Some(SignatureFault::KeyUnreachable) => doubled
            .or_else(|| other_body(signature, body_hashes))
            .or(key),
        _ => key.or(doubled),
    }
}

/// The hashes of the body that the signatures of a message ask for.
type BodyHashes = [(Canonicalization, HashAlgorithm, u64, Vec<u8>)];

/// Whether the body is another one than was signed, which shows without any key.
fn other_body(signature: &Parsed, hashes: &BodyHashes) -> Option<SignatureFault> {
    let (.., hash) = hashes.iter().find(|(canonicalization, algorithm, ..)| {
        *canonicalization == signature.cb && matches!(algorithm, HashAlgorithm::Sha256)
    })?;
    (*hash != signature.bh).then_some(SignatureFault::BodyChanged)
}

/// Why a signature can't count, whatever its key says. All of these pass in the library.
fn unacceptable(signature: &Parsed, tags: &Tags<'_>, now: u64) -> Option<SignatureFault> {
    // RFC 6376 section 3.5: `v=` is required, though the library fills it in.
    if tags.get("v").as_deref() != Some("1") {
        return Some(SignatureFault::Malformed);
    }
    // RFC 6376 section 3.5: `d=` and `s=` are names in DNS.
    if Sought::by(signature).is_none() {
        return Some(SignatureFault::Malformed);
    }
    if signature.h.len() > MAX_NAMES {
        return Some(SignatureFault::NotChecked);
    }
    // RFC 8301 section 3.1: rsa-sha1 must not be used.
    if signature.a == Algorithm::RsaSha1 {
        return Some(SignatureFault::Sha1);
    }
    // RFC 6376 section 5.4: From must be signed.
    if !signature
        .h
        .iter()
        .any(|name| name.eq_ignore_ascii_case("from"))
    {
        return Some(SignatureFault::FromUnsigned);
    }
    if signature.t > now.saturating_add(CLOCK_SKEW) {
        return Some(SignatureFault::Future);
    }
    if signature.x != 0 && signature.x <= now {
        return Some(SignatureFault::Expired(signature.x));
    }
    None
}

fn faulty(signature: &Parsed, fault: SignatureFault) -> Signature {
    Signature {
        result: result_of(fault),
        domain: Domain::parse(&signature.d).ok(),
        selector: signature.s.clone(),
        fault: Some(fault),
    }
}

/// The word of RFC 8601 section 2.7.1 for a fault.
fn result_of(fault: SignatureFault) -> AuthResult {
    match fault {
        SignatureFault::KeyUnreachable => AuthResult::TempError,
        SignatureFault::KeyGone | SignatureFault::KeyUnusable => AuthResult::PermError,
        SignatureFault::BodyChanged | SignatureFault::Invalid => AuthResult::Fail,
        SignatureFault::KeyTesting
        | SignatureFault::KeyNotForThis
        | SignatureFault::WeakKey
        | SignatureFault::Sha1
        | SignatureFault::FromUnsigned
        | SignatureFault::PartialBody
        | SignatureFault::DuplicateField => AuthResult::Policy,
        SignatureFault::Expired(_)
        | SignatureFault::Future
        | SignatureFault::Malformed
        | SignatureFault::NotRead
        | SignatureFault::NotChecked => AuthResult::Neutral,
    }
}

fn fault_of(error: &Error) -> SignatureFault {
    match error {
        Error::Dkim(DkimError::FailedBodyHashMatch) => SignatureFault::BodyChanged,
        Error::Dkim(DkimError::SignatureLength) => SignatureFault::PartialBody,
        Error::Dkim(DkimError::RevokedPublicKey) => SignatureFault::KeyGone,
        Error::Dkim(DkimError::UnsupportedKeyType) => SignatureFault::KeyUnusable,
        Error::Dns(DnsError::Resolver(_)) => SignatureFault::KeyUnreachable,
        _ => SignatureFault::Invalid,
    }
}
