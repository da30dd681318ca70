//! DKIM signatures (RFC 6376, 8301, 8463): which keys to fetch, and what the signatures prove.

use super::{
    canonical::write_field,
    dmarc::Author,
    key::{Keys, PublicKey, Sought, Tags},
    provisional::{Depending, SignedBody},
};
use crate::{
    mail::{
        domain::Domain,
        message::{Limit, Message},
    },
    proof::{
        AuthResult, Signature, SignatureFault,
        alignment::{Alignment, aligned},
    },
};
use mail_auth::{
    AuthenticatedMessage, Error,
    common::{crypto::Algorithm, headers::Header as Field},
    dkim::{Canonicalization, DkimError, Signature as Parsed},
};

/// Names in `h=` of a signature that is checked. Signers list some dozens; the library compares each with
/// all before it and with all fields.
pub(super) const MAX_NAMES: usize = 256;

/// How far `t=` may lie in the future: clocks differ.
pub(super) const CLOCK_SKEW: u64 = 15 * 60;

/// What is asked of signatures, whatever their keys say.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// So many are checked.
    pub(super) max: usize,
    /// The moment at which they have to hold, in seconds since 1970.
    pub(super) now: u64,
}

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

/// The forms of the bodies by which the signatures that [are checked](sought) could count, whatever their
/// keys say.
pub(super) fn forms<'p>(
    parsed: &'p AuthenticatedMessage<'_>,
    message: &Message,
    now: u64,
) -> impl Iterator<Item = Canonicalization> + use<'p> {
    let can_count = unread(message).is_none() && !is_doubled(message);
    let signatures = parsed.dkim_headers.iter().filter(move |field| {
        can_count && unacceptable(&field.header, &Tags(field.value), now).is_ok()
    });
    signatures.map(|field| field.header.cb)
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
            return authors.len() + 1;
        };
        let proves = |(author, organizational): &Author| {
            aligned(&domain, author, organizational.as_ref(), Alignment::Relaxed)
        };
        // Where only DNS can tell the Organizational Domain, a name above or below may prove, too.
        let may_prove = |(author, organizational): &Author| {
            organizational.is_none() && (domain.is_within(author) || author.is_within(&domain))
        };
        // Each in its turn: what a sender writes into a List-Id pushes no author's signature out.
        match authors.iter().position(proves) {
            Some(at) => at,
            None if authors.iter().any(may_prove) => authors.len(),
            None => authors.len() + 1,
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

/// Checks the signatures over a header with keys that were fetched before. Nothing is asked, and nothing is
/// said of the body: what depends on it says how.
pub(super) fn check(
    parsed: &mut AuthenticatedMessage<'_>,
    message: &Message,
    authors: &[Author],
    keys: &Keys,
    terms: Terms,
) -> Vec<Depending<Signature>> {
    let mut found = unreadable(parsed, terms.max);
    found.extend(select(parsed, authors, terms.max));
    let mut found: Vec<_> = found.into_iter().map(Depending::on_nothing).collect();
    let unread = unread(message);
    let is_doubled = is_doubled(message);
    for field in &parsed.dkim_headers {
        let signature = &field.header;
        let checked = match unread {
            Some(fault) => Err(fault),
            None => unacceptable(signature, &Tags(field.value), terms.now)
                .and_then(|()| usable_key(signature, keys, is_doubled))
                .and_then(|key| signed(field, key, parsed)),
        };
        let body = SignedBody {
            form: signature.cb,
            hash: signature.bh.clone(),
        };
        found.push(match checked {
            Ok(()) => Depending {
                result: Signature {
                    result: AuthResult::Pass,
                    fault: None,
                    ..faulty(signature, SignatureFault::Invalid)
                },
                body: Some(body),
            },
            // Only a key that could have made the signature pass is worth waiting for.
            Err(fault @ SignatureFault::KeyUnreachable) => Depending {
                result: faulty(signature, fault),
                body: Some(body),
            },
            Err(fault) => Depending::on_nothing(faulty(signature, fault)),
        });
    }
    found
}

/// The same, now that it is known whether the body is the one that was signed; `None`: it can't be known.
pub(super) fn with_body(signature: Signature, is_same: Option<bool>) -> Signature {
    let fault = match is_same {
        Some(true) => return signature,
        Some(false) => SignatureFault::BodyChanged,
        None if signature.fault.is_some() => return signature,
        None => SignatureFault::NotRead,
    };
    Signature {
        result: result_of(fault),
        fault: Some(fault),
        ..signature
    }
}

/// Whether a field stands twice that a message has once, so that what is shown need not be what was
/// signed.
pub(super) fn is_doubled(message: &Message) -> bool {
    SINGULAR_FIELDS
        .into_iter()
        .any(|name| message.headers_named(name).nth(1).is_some())
}

/// Whether the header is the one that was signed, and with this key (RFC 6376 section 6.1.3).
///
/// Other tags change nothing: a third party that `atps=` names (RFC 6541) is not looked up, and the
/// signature is judged as one of its own domain.
fn signed(
    field: &Field<'_, Parsed>,
    key: &PublicKey,
    parsed: &AuthenticatedMessage<'_>,
) -> Result<(), SignatureFault> {
    let signature = &field.header;
    if !is_for_agent(signature, key) {
        return Err(key.mismatch());
    }
    let own = unsigned(field.value);
    let mut data = Vec::new();
    for (name, value) in parsed.signed_headers(&signature.h, field.name, &own) {
        write_field(signature.ch, name, value, &mut data);
    }
    match key.signed(&data, signature) {
        true => Ok(()),
        false => Err(key.mismatch()),
    }
}

/// Whether `i=` names the signing domain or, where the key allows it, a name below it (RFC 6376 sections
/// 3.5 and 3.6.1).
fn is_for_agent(signature: &Parsed, key: &PublicKey) -> bool {
    if signature.i.is_empty() {
        return true;
    }
    let Some((_, agent)) = signature.i.split_once('@') else {
        return false;
    };
    match agent.to_ascii_lowercase().strip_suffix(&*signature.d) {
        Some("") => true,
        Some(below) => !key.is_exact && below.ends_with('.'),
        None => false,
    }
}

/// The value of a signature field as its own signature covers it: `b=` is empty, and no CRLF follows (RFC
/// 6376 section 3.7).
pub(super) fn unsigned(value: &[u8]) -> Vec<u8> {
    let value = value.strip_suffix(b"\r\n").unwrap_or(value);
    let mut text = Vec::with_capacity(value.len());
    for (index, tag) in value.split(|&octet| octet == b';').enumerate() {
        if index > 0 {
            text.push(b';');
        }
        let kept = match memchr::memchr(b'=', tag).and_then(|at| tag.split_at_checked(at)) {
            Some((name, _)) if name.trim_ascii().eq_ignore_ascii_case(b"b") => {
                text.extend_from_slice(name);
                &b"="[..]
            }
            _ => tag,
        };
        text.extend_from_slice(kept);
    }
    text
}

/// Why nothing can be said of any signature over a header of which something was cut off.
pub(super) fn unread(message: &Message) -> Option<SignatureFault> {
    match () {
        // What fills a header so far hides by it a second field of a name that is signed once.
        () if message.cut.contains(&Limit::Headers) => Some(SignatureFault::NotChecked),
        () if message.lacks_fields => Some(SignatureFault::NotRead),
        () => None,
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

/// The key of a signature, or why none can prove anything.
fn usable_key<'k>(
    signature: &Parsed,
    keys: &'k Keys,
    is_doubled: bool,
) -> Result<&'k PublicKey, SignatureFault> {
    match keys.find(signature) {
        Ok(_) | Err(SignatureFault::KeyUnreachable) if is_doubled => {
            Err(SignatureFault::DuplicateField)
        }
        key => key,
    }
}

/// Why a signature can't count, whatever its key says. All of these pass in the library.
fn unacceptable(signature: &Parsed, tags: &Tags<'_>, now: u64) -> Result<(), SignatureFault> {
    // RFC 6376 section 3.5: `v=` is required, though the library fills it in.
    if tags.get("v").as_deref() != Some("1") {
        return Err(SignatureFault::Malformed);
    }
    // RFC 6376 section 3.5: `d=` and `s=` are names in DNS.
    if Sought::by(signature).is_none() {
        return Err(SignatureFault::Malformed);
    }
    if signature.h.len() > MAX_NAMES {
        return Err(SignatureFault::NotChecked);
    }
    // RFC 8301 section 3.1: rsa-sha1 must not be used.
    if signature.a == Algorithm::RsaSha1 {
        return Err(SignatureFault::Sha1);
    }
    // RFC 6376 section 5.4: From must be signed.
    if !signature
        .h
        .iter()
        .any(|name| name.eq_ignore_ascii_case("from"))
    {
        return Err(SignatureFault::FromUnsigned);
    }
    if signature.t > now.saturating_add(CLOCK_SKEW) {
        return Err(SignatureFault::Future);
    }
    if signature.x != 0 && signature.x <= now {
        return Err(SignatureFault::Expired(signature.x));
    }
    // RFC 6376 section 3.5: `x=` must be later than `t=`.
    if signature.x != 0 && signature.x <= signature.t {
        return Err(SignatureFault::Invalid);
    }
    Ok(())
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
