//! DKIM signatures (RFC 6376, 8301, 8463): which keys to fetch, and what the signatures prove.

use crate::{
    decision::{
        domain::{Alignment, Domain, aligned},
        evidence::{AuthResult, Signature, SignatureFault},
        message::{Header, Limit, Message},
    },
    dns::{Dns, Failure},
};
use mail_auth::{
    AuthenticatedMessage, DkimResult, DnsError, Error, MX, MessageAuthenticator, Parameters,
    RecordSet, ResolverCache, Txt,
    common::{
        cache::NoCache, crypto::Algorithm, parse::TxtRecordParser, verify::DomainKey,
        verify::VerifySignature,
    },
    dkim::{DkimError, Signature as Parsed},
};
use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::time::{Instant, timeout_at};

/// How far `t=` may lie in the future: clocks differ.
const CLOCK_SKEW: u64 = 15 * 60;

/// Fields that RFC 5322 section 3.6 allows once. A second one, put in front by anybody, is shown by
/// some reader while the signature covers the other.
const SINGULAR_FIELDS: [&str; 6] = ["From", "Sender", "Reply-To", "To", "Subject", "Date"];

/// An author domain and its Organizational Domain.
type Author = (Domain, Option<Domain>);

/// The name of a key to fetch.
pub(super) struct Sought(String);

impl Sought {
    /// A key by the name at which it is published, with its final dot.
    pub(super) fn new(name: String) -> Self {
        Self(name)
    }
}

/// The keys that were fetched, by name; what is missing was not answered.
#[derive(Default)]
pub(super) struct Keys(HashMap<Box<str>, Key>);

enum Key {
    Good(Arc<DomainKey>),
    Faulty(SignatureFault),
}

/// Which keys the signatures of a header need, the author's own signatures first.
pub(super) fn sought(headers: &[Header], authors: &[Author], max: usize) -> Vec<Sought> {
    let message = Message {
        headers: headers.to_vec(),
        ..Message::default()
    };
    let bytes = message.to_bytes();
    let Some(mut parsed) = AuthenticatedMessage::parse(&bytes) else {
        return Vec::new();
    };
    select(&mut parsed, authors, max);
    let mut names: Vec<String> = parsed
        .dkim_headers
        .iter()
        .map(|header| header.header.domain_key())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(Sought).collect()
}

/// Puts the signatures that could prove an author first and drops those beyond `max`, so that a
/// thousand signatures of strangers cost no more than a few and hide nothing. Returns what was
/// dropped.
fn select(parsed: &mut AuthenticatedMessage<'_>, authors: &[Author], max: usize) -> Vec<Signature> {
    let proves = |signature: &Parsed| {
        Domain::parse(&signature.d).is_ok_and(|domain| {
            authors.iter().any(|(author, organizational)| {
                aligned(&domain, author, organizational.as_ref(), Alignment::Relaxed)
            })
        })
    };
    parsed
        .dkim_headers
        .sort_by_key(|header| !proves(&header.header));
    let kept = max.min(parsed.dkim_headers.len());
    parsed
        .dkim_headers
        .split_off(kept)
        .iter()
        .take(max)
        .map(|header| faulty(&header.header, SignatureFault::NotChecked))
        .collect()
}

/// Fetches keys side by side under one deadline.
pub(super) async fn fetch_keys(dns: &Dns, sought: Vec<Sought>, deadline: Instant) -> Keys {
    let fetched = sought.into_iter().map(|Sought(name)| async move {
        let key = match timeout_at(deadline, dns.txt(&name)).await {
            Ok(Ok(records)) => read_key(&records),
            Ok(Err(Failure::NoSuchName | Failure::NoData)) => Key::Faulty(SignatureFault::KeyGone),
            Ok(Err(Failure::Temporary(_))) | Err(_) => Key::Faulty(SignatureFault::KeyUnreachable),
        };
        (name.into_boxed_str(), key)
    });
    Keys(
        futures_util::future::join_all(fetched)
            .await
            .into_iter()
            .collect(),
    )
}

/// Reads the key record at a name.
fn read_key(records: &[Vec<u8>]) -> Key {
    // RFC 6376 section 3.6.2.2: with several records the result is undefined. Taking the first one
    // would let the order of an answer decide.
    let [record] = records else {
        return Key::Faulty(SignatureFault::KeyUnusable);
    };
    let tags = Tags(record);
    let lists = |tag: &str, wanted: &[&str]| {
        tags.get(tag).is_none_or(|value| {
            value.split(':').any(|word| {
                wanted
                    .iter()
                    .any(|wanted| word.trim().eq_ignore_ascii_case(wanted))
            })
        })
    };
    let testing = tags.get("t").is_some_and(|value| {
        value
            .split(':')
            .any(|flag| flag.trim().eq_ignore_ascii_case("y"))
    });
    match DomainKey::parse(record) {
        Err(Error::Dkim(DkimError::RevokedPublicKey)) => Key::Faulty(SignatureFault::KeyGone),
        Err(_) => Key::Faulty(SignatureFault::KeyUnusable),
        Ok(_) if !lists("s", &["*", "email"]) || !lists("h", &["sha256"]) => {
            Key::Faulty(SignatureFault::KeyNotForThis)
        }
        Ok(_) if testing => Key::Faulty(SignatureFault::KeyTesting),
        Ok(key) => Key::Good(Arc::new(key)),
    }
}

/// A tag list (RFC 6376 section 3.2), read for the tags that the library doesn't show.
struct Tags<'a>(&'a [u8]);

impl Tags<'_> {
    fn get(&self, name: &str) -> Option<String> {
        let text = String::from_utf8_lossy(self.0);
        text.split(';')
            .filter_map(|tag| tag.split_once('='))
            .find(|(found, _)| found.trim() == name)
            .map(|(_, value)| value.trim().to_owned())
    }
}

/// Checks the signatures of a whole message with keys that were fetched before. Nothing is asked.
pub(super) async fn verify(
    library: &MessageAuthenticator,
    message: &Message,
    authors: &[Author],
    keys: &Keys,
    max: usize,
) -> Vec<Signature> {
    let bytes = message.to_bytes();
    let Some(mut parsed) = AuthenticatedMessage::parse(&bytes) else {
        return Vec::new();
    };
    let mut found = unreadable(&mut parsed, max);
    found.extend(select(&mut parsed, authors, max));
    let cut = message.cut.contains(&Limit::Body);
    let doubled = SINGULAR_FIELDS
        .into_iter()
        .any(|name| message.headers_named(name).nth(1).is_some());
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    parsed.dkim_headers.retain(|header| {
        let signature = &header.header;
        let fault = match () {
            () if cut => Some(SignatureFault::NoBody),
            () => unacceptable(signature, &Tags(header.value), now)
                .or_else(|| keys.fault(signature))
                .or(doubled.then_some(SignatureFault::DuplicateField)),
        };
        if let Some(fault) = fault {
            found.push(faulty(signature, fault));
        }
        fault.is_none()
    });
    let outputs = library
        .verify_dkim(Parameters {
            params: &parsed,
            cache_txt: Some(keys),
            cache_mx: None::<&NoCache<Box<str>, RecordSet<MX>>>,
            cache_ptr: None::<&NoCache<IpAddr, RecordSet<Box<str>>>>,
            cache_ipv4: None::<&NoCache<Box<str>, RecordSet<Ipv4Addr>>>,
            cache_ipv6: None::<&NoCache<Box<str>, RecordSet<Ipv6Addr>>>,
        })
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
    // What could prove the author comes first in reports, too.
    found.sort_by_key(|signature| signature.fault.is_some());
    found
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

/// Why a signature can't count, whatever its key says. All of these pass in the library.
fn unacceptable(signature: &Parsed, tags: &Tags<'_>, now: u64) -> Option<SignatureFault> {
    // RFC 6376 section 3.5: `v=` is required, though the library fills it in.
    if tags.get("v").as_deref() != Some("1") {
        return Some(SignatureFault::Malformed);
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
        | SignatureFault::NoBody
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

impl Keys {
    fn fault(&self, signature: &Parsed) -> Option<SignatureFault> {
        match self.0.get(signature.domain_key().as_str()) {
            Some(Key::Good(_)) => None,
            Some(Key::Faulty(fault)) => Some(*fault),
            None => Some(SignatureFault::KeyUnreachable),
        }
    }
}

/// Hands the library the keys of this one message. It asks for nothing that isn't here: what it
/// looks up beside keys (reports, third-party signers) is answered with "there is none".
impl ResolverCache<Box<str>, Txt> for Keys {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(match self.0.get(name) {
            Some(Key::Good(key)) => Txt::DomainKey(Arc::clone(key)),
            _ => Txt::Error(Error::Dns(DnsError::InvalidRecordType)),
        })
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}
