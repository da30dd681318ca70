//! TOML -> checked, immutable [`Config`]. Every error at once: line, key, reason, allowed values.

mod contradictions;
mod dns;
mod error;
mod files;
mod fingerprint;
pub mod history;
mod http;
mod keys;
mod policy;
mod reader;
pub mod reference;
mod socket;
mod units;

pub use error::ConfigError;
pub use files::Files;
pub use fingerprint::Fingerprint;
pub use history::{HistoryConfig, StoreAddress, StoreConfig};
pub use http::{HttpConfig, Token};
pub use keys::{KEYS, Key, Kind};

pub use socket::Socket;

use crate::{
    authenticate::AuthenticateSettings,
    brand::{self, Brand},
    mail::domain::Domain,
    report::{HeaderOptions, ReplyTexts},
    verdict::{policy::Policy, trust::Trust},
    wants::Bounds,
};
use files::{Text, read};
use reader::Reader;
use std::{fs, net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

/// Where a configuration is looked for when none is named.
pub const DEFAULT_PATH: &str = "/etc/amazon-spoof-milter/config.toml";

/// The folder of the files that are read after it.
pub const DEFAULT_FOLDER: &str = "/etc/amazon-spoof-milter/config.d";

/// What happens to a message on which the filter itself fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnInternalError {
    /// It is delivered unjudged.
    #[default]
    Accept,
    /// It is refused for now.
    Defer,
}

/// The milter socket and its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MilterConfig {
    /// Where it listens.
    pub listen: Socket,
    /// The mode of a Unix socket.
    pub socket_mode: u32,
    /// The number of a Unix socket's group, if not the process' own.
    pub socket_group: Option<u32>,
    /// Connections at a time.
    pub max_connections: usize,
    /// From the first octet of a command to its last.
    pub command_timeout: Duration,
    /// How long a connection may say nothing.
    pub idle_timeout: Duration,
    /// Octets that all messages under way may hold together.
    pub max_memory: usize,
    /// Octets of a body that are kept at most.
    pub max_message_size: usize,
    /// What a failure of our own does to a message.
    pub on_internal_error: OnInternalError,
}

/// Which bodies are looked into for links and requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Inspect {
    /// All.
    #[default]
    All,
    /// Those of messages with a claim, a weak one included.
    Claimed,
    /// None. An official author's body is still read for its signature.
    Never,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// `word=value` pairs.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
    /// Entries with fields, sent to systemd-journald itself.
    Journald,
}

/// A checked configuration.
#[derive(Clone)]
pub struct Config {
    /// The milter socket.
    pub milter: MilterConfig,
    /// Where pages are served and to whom, if anywhere.
    pub http: Option<HttpConfig>,
    /// How messages are authenticated.
    pub authenticate: AuthenticateSettings,
    /// Whether every message is authenticated and labelled.
    pub authenticate_all: bool,
    /// The brand, the operator's own entries included.
    pub brand: Arc<Brand>,
    /// The age at which its list is called old, if any.
    pub brand_warn_after: Option<Duration>,
    /// Whom the operator trusts.
    pub trust: Trust,
    /// Which bodies are looked into.
    pub inspect: Inspect,
    /// How much of a body is looked into.
    pub inspect_bounds: Bounds,
    /// Whether files of messages that claim the brand are opened.
    pub open_files: bool,
    /// What the operator wants done.
    pub policy: Policy,
    /// What refused clients are told.
    pub replies: ReplyTexts,
    /// How header fields are written.
    pub headers: HeaderOptions,
    /// What is remembered of decisions, and where.
    pub history: HistoryConfig,
    /// The format of log lines.
    pub log_format: LogFormat,
    /// How much is logged.
    pub log_level: tracing::Level,
    /// Of everything that is in force, what is an instance's own left out.
    pub fingerprint: Fingerprint,
    /// Of the list of domains, the operator's own entries included.
    pub list: Fingerprint,
    /// Everything that is in force, as TOML.
    pub effective: String,
    /// The files that it was read from, where there are several.
    pub read_from: Vec<String>,
}

impl Config {
    /// Reads the named files; without one the file in its usual place and those of the folder beside
    /// it, or the defaults where there is none.
    ///
    /// # Errors
    ///
    /// Every fault that they have, in the order of files and lines.
    pub fn load(files: impl Into<Files>) -> Result<Self, Vec<ConfigError>> {
        Self::of(&files.into().read()?)
    }

    /// Reads a configuration text.
    ///
    /// # Errors
    ///
    /// Every fault that it has, in the order of its lines.
    pub fn from_toml(text: &str) -> Result<Self, Vec<ConfigError>> {
        Self::of(&[Text::only(text)])
    }

    fn of(texts: &[Text]) -> Result<Self, Vec<ConfigError>> {
        let mut reader = Reader::new(texts);
        let config = Self::build(&mut reader);
        let mut errors = reader.errors;
        let position = |name: &str| texts.iter().position(|text| text.name == name);
        errors.sort_by_key(|error| (position(&error.file), error.line));
        match (config, errors.is_empty()) {
            (Some(config), true) => Ok(config),
            _ => Err(errors),
        }
    }

    fn build(reader: &mut Reader) -> Option<Self> {
        let (brand, list) = brand(reader).unzip();
        let milter = milter(reader);
        let http = http::http(reader);
        if let (Some(milter), Some(http)) = (&milter, &http) {
            contradictions::addresses(reader, &milter.listen, &http.listen);
        }
        let trust = trust(reader, brand.as_deref());
        let authenticate = dns::authenticate(reader, &trust, brand.as_deref());
        let inspect = inspect(reader);
        let open_files = choice(
            reader,
            "inspect.attachments",
            &[("claimed", true), ("never", false)],
        );
        let authenticate_all = choice(
            reader,
            "inspect.authenticate",
            &[("claimed", false), ("all", true)],
        );
        let log_format = log_format(reader);
        let log_level = log_level(reader);
        let inspect_bounds = inspect_bounds(reader);
        if let (Some(inspect), Some(milter)) = (inspect, &milter) {
            contradictions::sizes(
                reader,
                inspect,
                inspect_bounds.max_body,
                milter.max_message_size,
            );
        }
        let policy = policy::policy(reader);
        let replies = policy::reply_texts(reader);
        let warn_after = Duration::from_secs(reader.number("brand.warn_after_days") * 24 * 60 * 60);
        let headers = headers(reader).map(|headers| HeaderOptions {
            results_for_all: authenticate_all == Some(true),
            ..headers
        });
        let history = history::history(reader);
        let effective = reader.effective();
        Some(Self {
            milter: milter?,
            http,
            authenticate,
            authenticate_all: authenticate_all?,
            brand: brand?,
            trust,
            inspect: inspect?,
            inspect_bounds,
            open_files: open_files?,
            policy: policy?,
            replies: replies?,
            brand_warn_after: Some(warn_after).filter(|age| !age.is_zero()),
            headers: headers?,
            history: history?,
            log_format: log_format?,
            log_level: log_level?,
            fingerprint: fingerprint::of_configuration(&effective),
            list: list?,
            effective,
            read_from: reader.files().to_vec(),
        })
    }

    /// The keys that differ between two configurations and that a reload can't apply.
    pub fn needs_restart(&self, new: &Self) -> Vec<&'static str> {
        let value = |text: &str, path: &str| {
            toml::from_str::<toml::Table>(text).ok().and_then(|table| {
                let (section, name) = path.split_once('.')?;
                table.get(section)?.get(name).cloned()
            })
        };
        KEYS.iter()
            .filter(|key| !key.reloads)
            .map(|key| key.path)
            .filter(|path| value(&self.effective, path) != value(&new.effective, path))
            .collect()
    }
}

fn log_level(reader: &mut Reader) -> Option<tracing::Level> {
    choice(
        reader,
        "log.level",
        &[
            ("error", tracing::Level::ERROR),
            ("warn", tracing::Level::WARN),
            ("info", tracing::Level::INFO),
            ("debug", tracing::Level::DEBUG),
            ("trace", tracing::Level::TRACE),
        ],
    )
}

fn inspect(reader: &mut Reader) -> Option<Inspect> {
    let words = [
        ("claimed", Inspect::Claimed),
        ("all", Inspect::All),
        ("never", Inspect::Never),
    ];
    choice(reader, "inspect.body", &words)
}

fn log_format(reader: &mut Reader) -> Option<LogFormat> {
    let words = [
        ("text", LogFormat::Text),
        ("json", LogFormat::Json),
        ("journald", LogFormat::Journald),
    ];
    choice(reader, "log.format", &words)
}

fn inspect_bounds(reader: &mut Reader) -> Bounds {
    Bounds {
        unclaimed: reader.size("inspect.max_unclaimed"),
        max_body: reader.size("inspect.max_body"),
    }
}

fn milter(reader: &mut Reader) -> Option<MilterConfig> {
    let listen = reader.parsed("milter.listen", Socket::parse);
    let socket_mode = reader.parsed("milter.socket_mode", |text| {
        match u32::from_str_radix(text, 8) {
            Ok(mode) if mode <= 0o777 => Ok(mode),
            _ => Err("this is no octal mode up to 0777"),
        }
    });
    let on_internal_error = choice(
        reader,
        "milter.on_internal_error",
        &[
            ("accept", OnInternalError::Accept),
            ("defer", OnInternalError::Defer),
        ],
    );
    let max_connections = reader.number("milter.max_connections");
    let socket_group = reader.parsed("milter.socket_group", |group| match group {
        "" => Ok(None),
        group => group_id(group).map(Some),
    });
    if let Some(listen) = &listen {
        contradictions::socket(reader, listen);
    }
    Some(MilterConfig {
        socket_group: socket_group?,
        max_connections: usize::try_from(max_connections).unwrap_or(usize::MAX),
        command_timeout: reader.duration("milter.command_timeout"),
        idle_timeout: reader.duration("milter.idle_timeout"),
        max_memory: reader.size("milter.max_memory"),
        max_message_size: reader.size("milter.max_message_size"),
        listen: listen?,
        socket_mode: socket_mode?,
        on_internal_error: on_internal_error?,
    })
}

/// The brand, and which list it is.
fn brand(reader: &mut Reader) -> Option<(Arc<Brand>, Fingerprint)> {
    let file = reader.string("brand.file");
    let official = reader.list("brand.extra_official", Domain::parse);
    let unrelated = reader.list("brand.extra_unrelated", Domain::parse);
    contradictions::brand(reader);
    let mut list = format!("{official:?} {unrelated:?}\n");
    let brand = match file.as_str() {
        "" => {
            list.push_str(Brand::EMBEDDED_TEXT);
            Brand::embedded_to_keep()
        }
        path => {
            let path = PathBuf::from(path);
            let text = match read(&path) {
                Ok(text) => text,
                Err(error) => {
                    reader.refuse(
                        "brand.file",
                        format!("{} can't be read: {error}", path.display()),
                    );
                    return None;
                }
            };
            list.push_str(&text);
            match Brand::from_toml(&text) {
                Ok(brand) => Arc::new(brand),
                Err(errors) => {
                    for error in errors {
                        reader.refuse("brand.file", format!("{}: {error}", path.display()));
                    }
                    return None;
                }
            }
        }
    };
    let brand = match official.is_empty() && unrelated.is_empty() {
        true => brand,
        false => Arc::new(Arc::unwrap_or_clone(brand).with_operator(&official, &unrelated)),
    };
    Some((brand, Fingerprint::of(&list)))
}

fn trust(reader: &mut Reader, brand: Option<&Brand>) -> Trust {
    let mut forwarders = Vec::new();
    let mut forwarder_names = Vec::new();
    for forwarder in reader.list("trust.forwarders", forwarder) {
        match forwarder {
            Forwarder::Network(network) => forwarders.push(network),
            Forwarder::Name(name) => forwarder_names.push(name),
        }
    }
    let trust = Trust {
        networks: reader.list("trust.networks", network),
        authenticated: reader.switch("trust.authenticated"),
        own_domains: reader.list("trust.own_domains", Domain::parse),
        allow: reader.list("trust.allow", Domain::parse),
        relays: reader.list("trust.relays", network),
        forwarders,
        forwarder_names,
        lists: reader.list("trust.lists", Domain::parse),
        arc_sealers: reader.list("trust.arc_sealers", Domain::parse),
        demand_dkim: reader.switch("trust.demand_dkim"),
    };
    contradictions::trusted_networks(reader);
    contradictions::trusted_names(reader, brand);
    trust
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Forwarder {
    Network(ipnet::IpNet),
    Name(Domain),
}

fn forwarder(text: &str) -> Result<Forwarder, String> {
    match (network(text), Domain::parse(text)) {
        (Ok(network), _) => Ok(Forwarder::Network(network)),
        (Err(_), Ok(name)) => Ok(Forwarder::Name(name)),
        (Err(error), _) if text.contains('/') => Err(error),
        _ => Err("this is neither a network nor a name".to_owned()),
    }
}

fn headers(reader: &mut Reader) -> Option<HeaderOptions> {
    let host_name = |text: &str| Domain::parse(text).map(|domain| domain.to_string());
    let given = reader.string("headers.authserv_id");
    let authserv_id = match given.as_str() {
        "" => Some(own_host_name()),
        _ => reader.parsed("headers.authserv_id", host_name),
    };
    let subject_prefix = reader.parsed("headers.subject_prefix", |text| {
        match text.chars().count() <= 60 && !text.chars().any(char::is_control) {
            true => Ok(text.to_owned()),
            false => Err("it is too long, or has control characters"),
        }
    });
    let advice_language = reader.parsed("headers.advice_language", |text| {
        match text.is_empty() || brand::LANGUAGES.contains(&text) {
            true => Ok(text.to_owned()),
            false => Err("there is no advice in this language"),
        }
    });
    Some(HeaderOptions {
        keep_authres: reader.list("headers.keep_authres", host_name),
        spam_flag: reader.switch("headers.spam_flag"),
        results_for_all: false,
        authserv_id: authserv_id?,
        is_authserv_id_given: !given.is_empty(),
        subject_prefix: subject_prefix?,
        advice_language: advice_language?,
    })
}

/// The machine's name; `localhost` where it has none that could stand in a header field.
fn own_host_name() -> String {
    let name = gethostname::gethostname();
    match Domain::parse(&name.to_string_lossy()) {
        Ok(domain) => domain.to_string(),
        Err(_) => "localhost".to_owned(),
    }
}

/// The number of a group in the system's file of groups, or a number as it is.
fn group_id(group: &str) -> Result<u32, String> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let groups = fs::read_to_string("/etc/group")
        .map_err(|error| format!("/etc/group can't be read: {error}"))?;
    groups
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let id = fields.nth(1)?.parse().ok()?;
            (name == group).then_some(id)
        })
        .next()
        .ok_or_else(|| "there is no such group in /etc/group".to_owned())
}

fn choice<T: Copy>(reader: &mut Reader, path: &str, choices: &[(&str, T)]) -> Option<T> {
    reader.parsed(path, |text| {
        choices
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value)
            .ok_or("this is none of the words")
    })
}

fn network(text: &str) -> Result<ipnet::IpNet, String> {
    let network = text
        .parse::<ipnet::IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(ipnet::IpNet::from))
        .map_err(|_| "this is no network")?;
    match network.trunc() {
        meant if meant == network => Ok(network),
        // Of 192.0.2.7/24 nobody knows whether the address or the network was meant.
        meant => Err(format!(
            "it is an address within a network; did you mean \"{meant}\" or \"{}\"?",
            network.addr()
        )),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
