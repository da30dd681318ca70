//! The DNS servers of the operator or the system, and what they answered before.
//!
//! This, `answering.rs` and `connected.rs` are the only doors to hickory. Its resolver takes any error for an answer; here another server
//! is asked then, and what says nothing about a name is not taken for "there is none".

use super::{Answer, DnsSettings, Failure, QueryType, Record, Source, answering::Asking};
use futures_util::future::BoxFuture;
use hickory_resolver::{
    Resolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts},
    lookup::Lookup,
    net::{DnsError, NetError},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
    system_conf::read_system_conf,
};
use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// How long "there is nothing" is believed at the most.
const MAX_NEGATIVE_TTL: Duration = Duration::from_secs(900);

/// The resolver could not be set up.
#[derive(Debug)]
pub struct SetupError(NetError);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the DNS resolver can't be set up: {}", self.0)
    }
}

impl std::error::Error for SetupError {}

/// The servers, with a bounded cache.
pub struct Servers {
    /// Asks all servers, the quickest first, and another one where one is silent.
    resolver: Resolver<Asking>,
    /// One for each server, where there are several. For `resolver` an error is an answer; another
    /// server may still know (resolv.conf(5) has the C library ask it as well).
    others: Vec<Resolver<Asking>>,
    known: Known,
    /// How long it takes to see that none answers.
    patience: Duration,
}

/// Servers that are waited for one after the other where a name is asked for anew. Whichever is silent
/// is asked last from then on.
const TRIED: u32 = 3;

impl Servers {
    /// Sets up the resolver. No packet is sent.
    ///
    /// # Errors
    ///
    /// [`SetupError`] where the resolver's own parts can't be built.
    pub fn new(settings: &DnsSettings) -> Result<Self, SetupError> {
        let mut options = ResolverOpts::default();
        options.timeout = settings.timeout;
        options.attempts = 2;
        options.cache_size = settings.cache_size;
        options.edns0 = true;
        // Names here come from strangers' mail; what stands in the machine's own hosts file is
        // none of their business.
        options.use_hosts_file = ResolveHosts::Never;
        options.num_concurrent_reqs = 1;
        options.negative_max_ttl = Some(MAX_NEGATIVE_TTL);
        options.positive_max_ttl = Some(Duration::from_secs(86_400));
        let servers = match settings.servers.is_empty() {
            true => system_servers(),
            false => settings.servers.iter().map(|&at| name_server(at)).collect(),
        };
        let build = |servers: Vec<NameServerConfig>, options: &ResolverOpts| {
            // Without search domains: names are asked as they stand.
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            Resolver::builder_with_config(config, Asking::default())
                .with_options(options.clone())
                .with_tls_config(no_tls()?)
                .build()
                .map_err(SetupError)
        };
        let resolver = build(servers.clone(), &options)?;
        let tried = u32::try_from(servers.len()).unwrap_or(TRIED);
        options.attempts = 0;
        let others = match servers.len() {
            0 | 1 => Vec::new(),
            _ => servers
                .into_iter()
                .map(|server| build(vec![server], &options))
                .collect::<Result<_, _>>()?,
        };
        Ok(Self {
            resolver,
            others,
            known: Known {
                until: Mutex::new(HashMap::new()),
                capacity: usize::try_from(settings.cache_size).unwrap_or(usize::MAX),
            },
            patience: settings.timeout * tried.clamp(1, TRIED),
        })
    }

    /// The answer, and until when the resolver keeps it.
    async fn look_up(
        &self,
        name: &str,
        query: QueryType,
    ) -> (Result<Vec<Record>, Failure>, Option<Instant>) {
        let name = match full_name(name) {
            Ok(name) => name,
            Err(failure) => return (Err(failure), None),
        };
        let wanted = record_type(query);
        let mut answer = self.resolver.lookup(name.clone(), wanted).await;
        for other in &self.others {
            // Silence was met by asking the others already.
            match &answer {
                Err(NetError::Dns(_)) if is_temporary(&answer) => {
                    answer = other.lookup(name.clone(), wanted).await;
                }
                _ => break,
            }
        }
        match answer {
            Ok(lookup) => (
                records(&lookup, wanted),
                Some(Instant::from_std(lookup.valid_until())),
            ),
            Err(error) => (Err(failure(&error)), kept_until(&error)),
        }
    }
}

impl Source for Servers {
    fn ask<'a>(&'a self, name: &'a str, query: QueryType) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let key = (name.to_ascii_lowercase(), query);
            let cached = self.known.holds(&key, Instant::now());
            let (records, until) = self.look_up(name, query).await;
            if let Some(until) = until {
                self.known.keep(key, until);
            }
            Answer {
                records,
                cached,
                until,
            }
        })
    }

    fn answers_anew<'a>(&'a self, zone: &'a str) -> BoxFuture<'a, bool> {
        // Nobody can guess it, so that nobody can have an answer ready.
        let label = RandomState::new().hash_one(zone);
        Box::pin(async move {
            let name = format!("{label:016x}.{zone}");
            let asked = self.look_up(&name, QueryType::A);
            matches!(
                timeout(self.patience, asked).await,
                Ok((Ok(_) | Err(Failure::NoSuchName | Failure::NoData), _))
            )
        })
    }
}

/// The records of the type that was asked for: the aliases on the way stand in the answer, too.
fn records(lookup: &Lookup, wanted: RecordType) -> Result<Vec<Record>, Failure> {
    let answers = lookup.answers().iter();
    let mut answers: Vec<_> = answers
        .filter(|record| record.record_type() == wanted)
        .collect();
    // The most preferred mail host first, so that an evaluation doesn't depend on a server's turns.
    answers.sort_by_key(|record| match &record.data {
        RData::MX(mx) => mx.preference,
        _ => 0,
    });
    let found: Vec<_> = answers
        .into_iter()
        .filter_map(|record| match &record.data {
            RData::TXT(txt) => Some(Record::Txt(txt.txt_data.concat())),
            RData::A(address) => Some(Record::Address(address.0.into())),
            RData::AAAA(address) => Some(Record::Address(address.0.into())),
            RData::MX(mx) => Some(Record::Mx(text(&mx.exchange))),
            RData::PTR(name) => Some(Record::Ptr(text(&name.0))),
            _ => None,
        })
        .collect();
    match found.is_empty() {
        true => Err(Failure::NoData),
        false => Ok(found),
    }
}

fn record_type(query: QueryType) -> RecordType {
    match query {
        QueryType::Txt => RecordType::TXT,
        QueryType::A => RecordType::A,
        QueryType::Aaaa => RecordType::AAAA,
        QueryType::Mx => RecordType::MX,
        QueryType::Ptr => RecordType::PTR,
    }
}

/// Until when the resolver keeps the answer that there is nothing (RFC 2308 section 5).
fn kept_until(error: &NetError) -> Option<Instant> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(nothing)) => nothing.negative_ttl.map(|seconds| {
            Instant::now() + MAX_NEGATIVE_TTL.min(Duration::from_secs(u64::from(seconds)))
        }),
        _ => None,
    }
}

/// Which answers the resolver has in its cache, which it doesn't tell.
struct Known {
    until: Mutex<HashMap<(String, QueryType), Instant>>,
    capacity: usize,
}

impl Known {
    fn holds(&self, key: &(String, QueryType), now: Instant) -> bool {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(key).is_some_and(|until| *until > now)
    }

    fn keep(&self, key: (String, QueryType), until: Instant) {
        let mut known = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= self.capacity {
            let now = Instant::now();
            known.retain(|_, until| *until > now);
        }
        if known.len() < self.capacity {
            known.insert(key, until);
        }
    }
}

/// Where the names of an address are asked for (RFC 1035 section 3.5, RFC 3596 section 2.5).
pub(super) fn reverse_name(address: IpAddr) -> String {
    Name::from(address).to_ascii()
}

/// A name as [`full_name`] reads it again. One with octets that can't be shown stays escaped, and is no
/// name any more.
fn text(name: &Name) -> String {
    let is_plain = name.iter().flatten().all(u8::is_ascii_graphic);
    match is_plain && !name.is_root() {
        true => name.iter().fold(String::new(), |mut text, label| {
            text.push_str(&String::from_utf8_lossy(label));
            text.push('.');
            text
        }),
        false => name.to_ascii(),
    }
}

/// The labels of a text, whatever octets they hold: SPF's macros put a sender's words into names, and a
/// sign such as `@` is no mistake there. A name that can't be one has no records, now or later.
fn full_name(text: &str) -> Result<Name, Failure> {
    let labels = text.strip_suffix('.').unwrap_or(text).split('.');
    // The name ends in the root, so that no search domain is added.
    Name::from_labels(labels.map(str::as_bytes)).map_err(|_| Failure::NoSuchName)
}

fn is_temporary<T>(answer: &Result<T, NetError>) -> bool {
    answer
        .as_ref()
        .is_err_and(|error| !failure(error).is_certain())
}

fn failure(error: &NetError) -> Failure {
    match error {
        // A lame server knows nothing and points elsewhere (RFC 1912 section 2.8): its empty answer
        // says nothing about the name. Only that of a zone's own says so by its SOA (RFC 2308
        // section 2.2), though forwarders may leave both out.
        NetError::Dns(DnsError::NoRecordsFound(nothing))
            if nothing.soa.is_none()
                && nothing.ns.is_some()
                && nothing.response_code == ResponseCode::NoError =>
        {
            Failure::Temporary("a lame answer".to_owned())
        }
        NetError::Dns(DnsError::NoRecordsFound(nothing)) => match nothing.response_code {
            ResponseCode::NXDomain => Failure::NoSuchName,
            ResponseCode::NoError => Failure::NoData,
            code => Failure::Temporary(code.to_string()),
        },
        other => Failure::Temporary(other.to_string()),
    }
}

/// The resolver is built with the TLS that mail-auth asks for. Plain DNS is all that is spoken here.
fn no_tls() -> Result<rustls::ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| SetupError(NetError::Msg(error.to_string())))?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(config)
}

fn name_server(at: SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(at.ip());
    server.connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
        .into_iter()
        .map(|mut connection| {
            connection.port = at.port();
            connection
        })
        .collect();
    server
}

fn system_servers() -> Vec<NameServerConfig> {
    let servers = read_system_conf()
        .map(|(config, _)| config.name_servers().to_vec())
        .unwrap_or_default();
    match servers.is_empty() {
        // What the C library does without a `nameserver` line (resolv.conf(5)).
        true => vec![name_server((IpAddr::V4(Ipv4Addr::LOCALHOST), 53).into())],
        false => servers,
    }
}
