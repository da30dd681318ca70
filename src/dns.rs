//! The resolver: who is asked, how long, and what its answers mean.
//!
//! An answer is either there, or it is certain that there is none, or it is a temporary failure.
//! The three are never mixed up: a failure read as "none" would make genuine mail a forgery.

use crate::decision::domain::Domain;
use hickory_resolver::{
    TokioResolver,
    config::{
        ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
        ResolverOpts,
    },
    net::{DnsError, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
    system_conf::read_system_conf,
};
use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// Which servers are asked, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DnsSettings {
    /// The servers; the system's where empty.
    pub servers: Vec<SocketAddr>,
    /// How long one server is waited for before it is asked again or the next one is.
    pub timeout: Duration,
    /// Answers that are kept for as long as their records say.
    pub cache_size: u64,
}

/// Why there are no records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// NXDOMAIN: there is no such name, nor any below it (RFC 8020).
    NoSuchName,
    /// The name exists, without records of the type.
    NoData,
    /// Nobody knows: time-out, SERVFAIL, REFUSED, a cut answer, no network.
    Temporary(String),
}

impl Failure {
    /// Whether the answer is that there are no records.
    pub fn is_certain(&self) -> bool {
        !matches!(self, Self::Temporary(_))
    }
}

/// The record types that are looked up, as metric labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueryType {
    /// SPF, DKIM keys, DMARC policies.
    Txt,
    /// SPF's `a` and `exists`.
    A,
    /// The same over IPv6.
    Aaaa,
    /// SPF's `mx`, and whether an author domain exists.
    Mx,
}

impl QueryType {
    /// Every type, in the order of its counters.
    pub const ALL: [Self; 4] = [Self::Txt, Self::A, Self::Aaaa, Self::Mx];

    /// The label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::A => "a",
            Self::Aaaa => "aaaa",
            Self::Mx => "mx",
        }
    }

    fn record_type(self) -> RecordType {
        match self {
            Self::Txt => RecordType::TXT,
            Self::A => RecordType::A,
            Self::Aaaa => RecordType::AAAA,
            Self::Mx => RecordType::MX,
        }
    }
}

/// How a lookup ended, as metric labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Records came.
    Answer,
    /// It is certain that there are none.
    Nothing,
    /// Nobody knows.
    Failure,
}

impl Outcome {
    /// Every outcome, in the order of its counters.
    pub const ALL: [Self; 3] = [Self::Answer, Self::Nothing, Self::Failure];

    /// The label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Nothing => "nothing",
            Self::Failure => "failure",
        }
    }
}

/// Is told of every lookup.
pub trait Observer: Send + Sync {
    /// A lookup ended. What the resolver had in its cache is a lookup, too.
    fn looked_up(&self, query: QueryType, outcome: Outcome, cached: bool, duration: Duration);
}

/// For programs that count nothing.
impl Observer for () {
    fn looked_up(&self, _: QueryType, _: Outcome, _: bool, _: Duration) {}
}

/// The resolver with its bounded cache. Clones are one resolver.
#[derive(Clone)]
pub struct Dns {
    shared: Arc<Resolvers>,
    lookups: Arc<AtomicU32>,
    /// How long the same was waited for before.
    spent: Duration,
}

struct Resolvers {
    /// Asks all servers, the quickest first, and another one where one is silent.
    resolver: TokioResolver,
    /// One for each server, where there are several. For `resolver` an error is an answer; another
    /// server may still know (resolv.conf(5) has the C library ask it as well).
    others: Vec<TokioResolver>,
    known: Known,
    observer: Arc<dyn Observer>,
}

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

impl Dns {
    /// Sets up the resolver. No packet is sent.
    ///
    /// # Errors
    ///
    /// [`SetupError`] where the resolver's own parts can't be built. A machine without
    /// `resolv.conf` is none of these: it is asked to itself, as the C library does.
    pub fn new(settings: &DnsSettings, observer: Arc<dyn Observer>) -> Result<Self, SetupError> {
        let mut options = ResolverOpts::default();
        options.timeout = settings.timeout;
        options.attempts = 2;
        options.cache_size = settings.cache_size;
        options.edns0 = true;
        // Names here come from strangers' mail; what stands in the machine's own hosts file is
        // none of their business.
        options.use_hosts_file = ResolveHosts::Never;
        options.num_concurrent_reqs = 1;
        // RFC 7208 section 5.7: `exists` asks for an A record, whatever the client's address is. It
        // is the one term for which the library uses this.
        options.ip_strategy = LookupIpStrategy::Ipv4Only;
        options.negative_max_ttl = Some(MAX_NEGATIVE_TTL);
        options.positive_max_ttl = Some(Duration::from_secs(86_400));
        let servers = match settings.servers.is_empty() {
            true => system_servers(),
            false => settings.servers.iter().map(|&at| name_server(at)).collect(),
        };
        let build = |servers: Vec<NameServerConfig>, options: &ResolverOpts| {
            // Without search domains: names are asked as they stand.
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
                .with_options(options.clone())
                .with_tls_config(no_tls()?)
                .build()
                .map_err(SetupError)
        };
        let resolver = build(servers.clone(), &options)?;
        options.attempts = 0;
        let others = match servers.len() {
            0 | 1 => Vec::new(),
            _ => servers
                .into_iter()
                .map(|server| build(vec![server], &options))
                .collect::<Result<_, _>>()?,
        };
        let shared = Resolvers {
            resolver,
            others,
            known: Known {
                until: Mutex::new(HashMap::new()),
                capacity: usize::try_from(settings.cache_size).unwrap_or(usize::MAX),
            },
            observer,
        };
        Ok(Self {
            shared: Arc::new(shared),
            lookups: Arc::default(),
            spent: Duration::ZERO,
        })
    }

    /// The same resolver for one message more, whose lookups it counts from zero.
    #[must_use]
    pub fn for_message(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            lookups: Arc::default(),
            spent: Duration::ZERO,
        }
    }

    /// The same, for asking again what somebody else waited for already: observers are told of both
    /// as one lookup.
    #[must_use]
    pub fn after(&self, spent: Duration) -> Self {
        Self {
            spent,
            ..self.clone()
        }
    }

    /// Counts a lookup of somebody else's that had no answer.
    pub fn unanswered(&self, query: QueryType, spent: Duration) {
        self.lookups.fetch_add(1, Ordering::Relaxed);
        let observer = &self.shared.observer;
        observer.looked_up(query, Outcome::Failure, false, spent);
    }

    /// The lookups that were made through this value, answers from the cache included.
    pub fn lookups(&self) -> u32 {
        self.lookups.load(Ordering::Relaxed)
    }

    /// The resolver for the library that evaluates SPF.
    pub fn resolver(&self) -> &TokioResolver {
        &self.shared.resolver
    }

    /// One resolver for each server, where there are several.
    pub fn others(&self) -> &[TokioResolver] {
        &self.shared.others
    }

    /// Whether a text can be a name in DNS at all.
    pub fn is_name(text: &str) -> bool {
        Name::from_ascii(text).is_ok()
    }

    /// The TXT records at a name, each with its character-strings joined without a separator (RFC
    /// 7208 section 3.3, RFC 6376 section 3.6.2.2).
    ///
    /// # Errors
    ///
    /// [`Failure`] where there are none, or nobody knows.
    pub async fn txt(&self, name: &str) -> Result<Vec<Vec<u8>>, Failure> {
        let mut records = Vec::new();
        self.lookup(name, QueryType::Txt, |data| {
            if let RData::TXT(txt) = data {
                records.push(txt.txt_data.concat());
            }
        })
        .await?;
        Ok(records)
    }

    /// The mail hosts of a domain, without their preferences, in the order of the answer. The root
    /// says that there is none (RFC 7505).
    ///
    /// # Errors
    ///
    /// [`Failure`] where there are none, or nobody knows.
    pub async fn mx(&self, name: &str) -> Result<Vec<String>, Failure> {
        let mut hosts = Vec::new();
        self.lookup(name, QueryType::Mx, |data| {
            if let RData::MX(mx) = data {
                hosts.push(mx.exchange.to_ascii());
            }
        })
        .await?;
        Ok(hosts)
    }

    /// Whether there are records of a type at a name.
    ///
    /// # Errors
    ///
    /// [`Failure`] where there are none, or nobody knows.
    pub async fn any(&self, name: &str, query: QueryType) -> Result<(), Failure> {
        self.lookup(name, query, |_| {}).await
    }

    /// Whether a domain exists.
    ///
    /// # Errors
    ///
    /// [`Failure::Temporary`] where nobody knows.
    pub async fn exists(&self, domain: &Domain) -> Result<bool, Failure> {
        match self.any(domain.as_str(), QueryType::Mx).await {
            Ok(()) | Err(Failure::NoData) => Ok(true),
            Err(Failure::NoSuchName) => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    async fn lookup(
        &self,
        name: &str,
        query: QueryType,
        mut each: impl FnMut(&RData),
    ) -> Result<(), Failure> {
        let started = Instant::now();
        let key = (name.to_ascii_lowercase(), query);
        let cached = self.shared.known.holds(&key, started);
        let (result, until) = self.ask(name, query, &mut each).await;
        if let Some(until) = until {
            self.shared.known.keep(key, until);
        }
        let outcome = match &result {
            Ok(()) => Outcome::Answer,
            Err(Failure::Temporary(_)) => Outcome::Failure,
            Err(_) => Outcome::Nothing,
        };
        self.lookups.fetch_add(1, Ordering::Relaxed);
        self.shared
            .observer
            .looked_up(query, outcome, cached, self.spent + started.elapsed());
        result
    }

    /// The result, and until when the resolver keeps it.
    async fn ask(
        &self,
        name: &str,
        query: QueryType,
        each: &mut impl FnMut(&RData),
    ) -> (Result<(), Failure>, Option<Instant>) {
        let name = match full_name(name) {
            Ok(name) => name,
            Err(failure) => return (Err(failure), None),
        };
        let wanted = query.record_type();
        let mut answer = self.shared.resolver.lookup(name.clone(), wanted).await;
        for other in &self.shared.others {
            // Silence was met by asking the others already.
            match &answer {
                Err(NetError::Dns(_)) if is_temporary(&answer) => {
                    answer = other.lookup(name.clone(), wanted).await;
                }
                _ => break,
            }
        }
        let lookup = match answer {
            Ok(lookup) => lookup,
            Err(error) => return (Err(failure(&error)), kept_until(&error)),
        };
        let mut any = false;
        for record in lookup.answers() {
            // The aliases on the way stand in the answer, too.
            if record.record_type() == wanted {
                any = true;
                each(&record.data);
            }
        }
        let result = any.then_some(()).ok_or(Failure::NoData);
        (result, Some(lookup.valid_until()))
    }

    /// What one resolver says, whatever others know: whether an evaluation that used it could rely on
    /// it. Observers are not told.
    ///
    /// # Errors
    ///
    /// [`Failure`] where there are no records, or nobody knows.
    pub async fn ask_alone(
        resolver: &TokioResolver,
        name: &str,
        query: QueryType,
    ) -> Result<(), Failure> {
        let answer = resolver.lookup(full_name(name)?, query.record_type()).await;
        answer.map(drop).map_err(|error| failure(&error))
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

/// Which answers the resolver has in its cache, which it doesn't tell. What the library looks up by
/// itself while it evaluates SPF is noted when that is checked afterwards, with the time that it took.
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

/// A name that can't be one has no records, now or later. The final dot keeps search domains out.
fn full_name(text: &str) -> Result<Name, Failure> {
    let mut name = Name::from_ascii(text).map_err(|_| Failure::NoSuchName)?;
    name.set_fqdn(true);
    Ok(name)
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
