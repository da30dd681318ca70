//! SPF of the envelope (RFC 7208).

use super::Asked;
use crate::{
    decision::{
        domain::Domain,
        evidence::{AuthResult, Spf, SpfIdentity},
        message::Envelope,
    },
    dns::{Dns, QueryType, Servers},
};
use mail_auth::{
    MessageAuthenticator, Parameters, ResolverCache, SpfResult, spf::verify::SpfParameters,
};
use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
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
        if result.is_ok() {
            break;
        }
        result = run(other, dns, &parameters).await;
    }
    result.unwrap_or_else(|unanswered| {
        if let Some(lookup) = unanswered {
            dns.unanswered(lookup.query, lookup.spent);
        }
        AuthResult::TempError
    })
}

/// One evaluation by the library, and what it lets through. The error is a temporary one, with the
/// lookup that had no answer.
async fn run<'a>(
    library: &MessageAuthenticator,
    dns: &Dns,
    parameters: &impl Fn() -> SpfParameters<'a>,
) -> Result<AuthResult, Option<Lookup>> {
    let trail = Trail::default();
    let noted = |query| Noted {
        query,
        trail: &trail,
    };
    let output = library
        .verify_spf(Parameters {
            params: parameters(),
            cache_txt: Some(&noted(Some(QueryType::Txt))),
            cache_mx: Some(&noted(Some(QueryType::Mx))),
            cache_ptr: Some(&noted(None)),
            cache_ipv4: Some(&noted(Some(QueryType::A))),
            cache_ipv6: Some(&noted(Some(QueryType::Aaaa))),
        })
        .await;
    let mut lookups = trail.lookups(Instant::now());
    let result = match output.result() {
        SpfResult::Pass => AuthResult::Pass,
        SpfResult::Fail => AuthResult::Fail,
        SpfResult::SoftFail => AuthResult::SoftFail,
        SpfResult::Neutral => AuthResult::Neutral,
        // What a macro makes of a sender's text may be no name at all. The library calls that
        // temporary, with which a sender could choose between a forgery and a deferral.
        SpfResult::TempError if !lookups.iter().all(|lookup| Dns::is_name(&lookup.name)) => {
            return Ok(AuthResult::PermError);
        }
        // It ends at the lookup that fails.
        SpfResult::TempError => return Err(lookups.pop()),
        SpfResult::PermError => AuthResult::PermError,
        SpfResult::None => AuthResult::None,
    };
    // The library takes a lame answer for none, which ends in `none`, `fail` or `permerror`.
    if result != AuthResult::Pass {
        for lookup in &lookups {
            let answer = Servers::ask_alone(library.resolver(), &lookup.name, lookup.query).await;
            if answer.is_err_and(|failure| !failure.is_certain()) {
                return Err(Some(lookup.clone()));
            }
        }
    }
    Ok(checked(result, dns, &lookups).await)
}

/// The result after what the library doesn't look at. What it asked is in the resolver's cache, and
/// is counted here with the time that it took then.
async fn checked(result: AuthResult, dns: &Dns, lookups: &[Lookup]) -> AuthResult {
    if result == AuthResult::PermError {
        return result;
    }
    let mut void = 0;
    for (position, lookup) in lookups.iter().enumerate() {
        let dns = dns.after(lookup.spent);
        let failure = match lookup.query {
            QueryType::Txt => match dns.txt(&lookup.name).await {
                Ok(records) if !is_well_published(&records) => return AuthResult::PermError,
                Ok(_) => continue,
                Err(failure) => failure,
            },
            query => match dns.any(&lookup.name, query).await {
                Ok(()) => continue,
                Err(failure) => failure,
            },
        };
        // The first lookup is that of the record itself, no term's.
        if failure.is_certain() && position > 0 {
            void += 1;
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

/// A lookup of the library's own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lookup {
    query: QueryType,
    name: String,
    /// How long the library waited for it.
    spent: Duration,
}

/// What the library asked, in order, and when it began to.
#[derive(Default)]
struct Trail(Mutex<Vec<(Option<QueryType>, String, Instant)>>);

impl Trail {
    /// Each once, in order. The library asks one after the other, so that each took until the next
    /// one began, the last one until `end`. Names of addresses (PTR) take their time and are left out.
    fn lookups(self, end: Instant) -> Vec<Lookup> {
        let is_address = |query| matches!(query, QueryType::A | QueryType::Aaaa);
        let asked = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let ends: Vec<_> = asked.iter().skip(1).map(|(_, _, at)| *at).collect();
        let mut lookups: Vec<Lookup> = Vec::new();
        for ((query, name, at), end) in asked.into_iter().zip(ends.into_iter().chain([end])) {
            let Some(query) = query else { continue };
            let spent = end.saturating_duration_since(at);
            // `exists` notes its name for both families, asks for A, and is one term.
            let before = lookups.iter_mut().find(|before| {
                before.name == name
                    && (before.query == query || is_address(before.query) && is_address(query))
            });
            match before {
                Some(before) => {
                    before.spent += spent;
                    if query == QueryType::A {
                        before.query = query;
                    }
                }
                None => lookups.push(Lookup { query, name, spent }),
            }
        }
        lookups
    }
}

/// Stands where the library would keep a cache, keeps nothing, and notes what was asked.
///
/// A real cache here would hold records as the kind they were first read as, so that a stranger's
/// SPF record could spoil the brand's DKIM keys for everybody by including them.
struct Noted<'a> {
    query: Option<QueryType>,
    trail: &'a Trail,
}

impl<K, V> ResolverCache<K, V> for Noted<'_> {
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
        let trail = self.trail.0.lock();
        trail
            .unwrap_or_else(PoisonError::into_inner)
            .push((self.query, name, Instant::now()));
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
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::decision::message::Path;
    use mail_auth::Txt;

    #[test]
    fn the_trail_knows_what_was_asked_and_how_long_it_took() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let [txt, a, aaaa] = [QueryType::Txt, QueryType::A, QueryType::Aaaa].map(Some);
        let asked = [
            (txt, "shop.example.", at(0)),
            (None, "192.0.2.1", at(1)),
            (aaaa, "shop.example.", at(4)),
            (a, "shop.example.", at(4)),
            (txt, "shop.example.", at(6)),
        ];
        let asked = asked.map(|(query, name, at)| (query, name.to_owned(), at));
        let lookup = |query, seconds| Lookup {
            query,
            name: "shop.example.".into(),
            spent: Duration::from_secs(seconds),
        };
        assert_eq!(
            Trail(Mutex::new(asked.into())).lookups(at(7)),
            [lookup(QueryType::Txt, 2), lookup(QueryType::A, 2)]
        );
    }

    #[test]
    fn a_name_is_noted_as_it_is_asked() {
        let trail = Trail::default();
        let noted = Noted {
            query: Some(QueryType::Mx),
            trail: &trail,
        };
        let none: Option<Txt> = ResolverCache::<Box<str>, Txt>::get(&noted, "a.example.");
        assert!(none.is_none());
        let lookups = trail.lookups(Instant::now());
        assert_eq!(lookups[0].query, QueryType::Mx);
        assert_eq!(lookups[0].name, "a.example.");
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
