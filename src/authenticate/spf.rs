//! SPF of the envelope (RFC 7208).

use super::Asked;
use crate::{
    decision::{
        domain::Domain,
        evidence::{AuthResult, Spf, SpfIdentity},
        message::Envelope,
    },
    dns::{Dns, QueryType},
};
use mail_auth::{
    MessageAuthenticator, Parameters, ResolverCache, SpfResult, spf::verify::SpfParameters,
};
use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// Void lookups that an evaluation may have (RFC 7208 section 4.6.4).
const MAX_VOID_LOOKUPS: usize = 2;

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
        unknown_envelope: envelope.client_ip.is_none() || envelope.mail_from.is_none(),
    }
}

/// Evaluates SPF for the envelope.
pub(super) async fn check(asked: &Asked, dns: &Dns, envelope: &Envelope) -> Spf {
    let subject = subject(envelope);
    let (Some(ip), Some(domain)) = (envelope.client_ip, &subject.domain) else {
        return subject;
    };
    if subject.unknown_envelope {
        return subject;
    }
    let identity = subject.identity;
    let result = evaluate(asked, dns, ip.to_canonical(), domain, envelope, identity).await;
    Spf { result, ..subject }
}

async fn evaluate(
    asked: &Asked,
    dns: &Dns,
    ip: IpAddr,
    domain: &Domain,
    envelope: &Envelope,
    identity: SpfIdentity,
) -> AuthResult {
    let helo = envelope.helo.as_deref().unwrap_or_default();
    let local = envelope
        .mail_from
        .as_ref()
        .map(|path| path.local_part())
        .filter(|local| !local.is_empty())
        .unwrap_or("postmaster");
    let sender = format!("{local}@{domain}");
    let parameters = || match identity {
        SpfIdentity::MailFrom => {
            SpfParameters::verify_mail_from(ip, helo, domain.as_str(), &sender)
        }
        SpfIdentity::Helo => SpfParameters::verify_ehlo(ip, domain.as_str(), domain.as_str()),
    };
    let mut result = run(&asked.mail_auth, dns, &parameters).await;
    // The library's resolver takes an error for an answer where another server may know better.
    for other in &asked.others {
        if result != AuthResult::TempError {
            break;
        }
        result = run(other, dns, &parameters).await;
    }
    result
}

/// One evaluation by the library, and what it lets through.
async fn run<'a>(
    library: &MessageAuthenticator,
    dns: &Dns,
    parameters: &impl Fn() -> SpfParameters<'a>,
) -> AuthResult {
    let [txt, mx, a, aaaa] = [(); 4].map(|()| Trail::default());
    let ptr = Trail::default();
    let output = library
        .verify_spf(Parameters {
            params: parameters(),
            cache_txt: Some(&txt),
            cache_mx: Some(&mx),
            cache_ptr: Some(&ptr),
            cache_ipv4: Some(&a),
            cache_ipv6: Some(&aaaa),
        })
        .await;
    let result = match output.result() {
        SpfResult::Pass => AuthResult::Pass,
        SpfResult::Fail => AuthResult::Fail,
        SpfResult::SoftFail => AuthResult::SoftFail,
        SpfResult::Neutral => AuthResult::Neutral,
        SpfResult::TempError => AuthResult::TempError,
        SpfResult::PermError => AuthResult::PermError,
        SpfResult::None => AuthResult::None,
    };
    let (a, mut aaaa) = (a.names(), aaaa.names());
    // `exists` notes its name for both families, and is one term.
    aaaa.retain(|name| !a.contains(name));
    let trail = [
        (QueryType::Txt, txt.names()),
        (QueryType::A, a),
        (QueryType::Aaaa, aaaa),
        (QueryType::Mx, mx.names()),
    ];
    // The library takes a lame answer for none, which ends in `none`, `fail` or `permerror`.
    if !matches!(result, AuthResult::Pass | AuthResult::TempError) {
        for (query, names) in &trail {
            for name in names {
                let answer = Dns::ask_alone(library.resolver(), name, *query).await;
                if answer.is_err_and(|failure| !failure.is_certain()) {
                    return AuthResult::TempError;
                }
            }
        }
    }
    checked(result, dns, &trail).await
}

/// The result after what the library doesn't look at. What it asked is in the resolver's cache.
async fn checked(result: AuthResult, dns: &Dns, trail: &[(QueryType, Vec<String>)]) -> AuthResult {
    match result {
        AuthResult::PermError => return result,
        // What a macro makes of a sender's text may be no name at all. The library calls that
        // temporary, with which a sender could choose between a forgery and a deferral.
        AuthResult::TempError => {
            let mut names = trail.iter().flat_map(|(_, names)| names);
            return match names.all(|name| Dns::is_name(name)) {
                true => result,
                false => AuthResult::PermError,
            };
        }
        _ => {}
    }
    let mut void = 0;
    for (query, names) in trail {
        for (position, name) in names.iter().enumerate() {
            let failure = match query {
                QueryType::Txt => match dns.txt(name).await {
                    Ok(records) if !is_well_published(&records) => return AuthResult::PermError,
                    Ok(_) => continue,
                    Err(failure) => failure,
                },
                _ => match dns.any(name, *query).await {
                    Ok(()) => continue,
                    Err(failure) => failure,
                },
            };
            // The first TXT lookup is that of the record itself, no term's.
            if failure.is_certain() && !(*query == QueryType::Txt && position == 0) {
                void += 1;
            }
        }
    }
    match void > MAX_VOID_LOOKUPS {
        true => AuthResult::PermError,
        false => result,
    }
}

/// Whether the SPF record of a TXT set can be believed to say what its owner means.
fn is_well_published(records: &[Vec<u8>]) -> bool {
    let mut policies = records.iter().filter(|text| is_spf(text));
    let only = policies.next();
    // RFC 7208 section 4.5: several records are an error; the library takes the first.
    policies.next().is_none()
        && only.is_none_or(|text| knows_its_terms(text))
        // RFC 7208 section 7.3: `p` is a name of the client that its own address confirms, and
        // should not be published. The library takes whatever the client's reverse DNS says.
        && !only.is_some_and(|text| {
            text.windows(3)
                .any(|three| three.eq_ignore_ascii_case(b"%{p"))
        })
}

/// Whether each term is a mechanism or a modifier. Any other is a syntax error, wherever it stands
/// (RFC 7208 section 4.6); the library takes it for a modifier and goes on.
fn knows_its_terms(record: &[u8]) -> bool {
    const MECHANISMS: [&str; 8] = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"];
    let text = String::from_utf8_lossy(record);
    let mut terms = text.split(' ').skip(1).filter(|term| !term.is_empty());
    terms.all(|term| match term.split_once([':', '/', '=']) {
        // Modifiers that nobody knows are ignored (RFC 7208 section 6).
        Some((name, _))
            if term
                .get(name.len()..)
                .is_some_and(|rest| rest.starts_with('=')) =>
        {
            name.starts_with(|first: char| first.is_ascii_alphabetic())
        }
        parts => {
            let name = parts.map_or(term, |(name, _)| name);
            let name = name.strip_prefix(['+', '-', '~', '?']).unwrap_or(name);
            MECHANISMS
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
        }
    })
}

/// Whether a TXT record is an SPF record (RFC 7208 section 4.5): the version, then a blank or
/// nothing.
fn is_spf(record: &[u8]) -> bool {
    match record.split_at_checked(6) {
        Some((version, rest)) => {
            version.eq_ignore_ascii_case(b"v=spf1") && matches!(rest.first(), None | Some(b' '))
        }
        None => false,
    }
}

/// Stands where the library would keep a cache, keeps nothing, and notes what was asked.
///
/// A real cache here would hold records as the kind they were first read as, so that a stranger's
/// SPF record could spoil the brand's DKIM keys for everybody by including them.
#[derive(Default)]
struct Trail(Mutex<Vec<String>>);

impl Trail {
    /// The names that were asked, each once, in order.
    fn names(self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

impl<K, V> ResolverCache<K, V> for Trail {
    fn get<Q>(&self, name: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        // The trait hands out a name of which nothing is known but that it can be hashed, and it
        // is only here that names without records come by. Hashing a string feeds its octets.
        let mut octets = Octets::default();
        name.hash(&mut octets);
        let name = String::from_utf8_lossy(&octets.0);
        let name = name.trim_end_matches('\u{fffd}').to_owned();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(name);
        None
    }

    fn remove<Q>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: K, _: V, _: Instant) {}
}

/// A hasher that keeps what it is fed.
#[derive(Default)]
struct Octets(Vec<u8>);

impl Hasher for Octets {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::decision::message::Path;
    use mail_auth::Txt;

    #[test]
    fn the_trail_knows_the_names_that_were_asked() {
        let trail = Trail::default();
        for name in ["a.example.", "b.example.", "a.example."] {
            let none: Option<Txt> = ResolverCache::<Box<str>, Txt>::get(&trail, name);
            assert!(none.is_none());
        }
        assert_eq!(trail.names(), ["a.example.", "b.example."]);
    }

    #[test]
    fn a_record_is_spf_by_its_whole_version() {
        assert!(is_spf(b"v=spf1"));
        assert!(is_spf(b"V=SPF1 -all"));
        assert!(!is_spf(b"v=spf10 -all"));
        assert!(!is_spf(b"v=spf2.0/pra -all"));
    }

    #[test]
    fn one_record_without_the_macro_of_reverse_dns_is_believed() {
        let set = |records: &[&str]| {
            let records: Vec<_> = records
                .iter()
                .map(|text| text.as_bytes().to_vec())
                .collect();
            is_well_published(&records)
        };
        assert!(set(&["v=spf1 -all", "spf2.0/pra -all", "%{p}"]));
        assert!(set(&[]));
        assert!(!set(&["v=spf1 -all", "V=SPF1 +all"]));
        assert!(!set(&["v=spf1 exists:%{i}.a.%{Pr}.shop.example -all"]));
    }

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

    #[test]
    fn what_is_no_term_is_a_syntax_error() {
        for record in [
            "v=spf1",
            "v=spf1 +A:shop.example/24 mx//64 ?exists:%{i}.x=y.example  IP4:192.0.2.1 ip6:2001:db8::/32 ptr -all",
            "v=spf1 redirect=shop.example exp=why.shop.example new-thing=x",
        ] {
            assert!(knows_its_terms(record.as_bytes()), "{record}");
        }
        for record in [
            "v=spf1 ipv4:192.0.2.1 -all",
            "v=spf1 ip4:192.0.2.1 --all",
            "v=spf1 ip4:192.0.2.1 , -all",
            "v=spf1 shop.example -all",
            "v=spf1 -redirect=shop.example",
            "v=spf1 a\tmx -all",
        ] {
            assert!(!knows_its_terms(record.as_bytes()), "{record}");
        }
    }
}
