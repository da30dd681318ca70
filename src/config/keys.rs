//! Every configuration key: one table for the reader, the reference and `config show`.

/// One key.
pub struct Key {
    /// Section and name, as `milter.listen`.
    pub path: &'static str,
    /// The value where none is given, as TOML.
    pub default: &'static str,
    /// What values are allowed, for people.
    pub allowed: &'static str,
    /// Whether a reload applies it; the others need a restart.
    pub reloads: bool,
    /// What it is for.
    pub about: &'static str,
}

const fn key(
    path: &'static str,
    default: &'static str,
    allowed: &'static str,
    about: &'static str,
) -> Key {
    Key {
        path,
        default,
        allowed,
        reloads: true,
        about,
    }
}

const fn at_start(key: Key) -> Key {
    Key {
        reloads: false,
        ..key
    }
}

const SOCKET: &str = "\"inet:HOST:PORT\", \"inet:PORT@HOST\" or \"unix:/PATH\"";
const NETWORKS: &str = "a list of networks such as \"192.0.2.0/24\"";
const DOMAINS: &str = "a list of domain names";
const DURATION: &str = "a duration such as \"10s\", \"500ms\" or \"5m\"";
const SIZE: &str = "a number of octets, or a size such as \"50MiB\"";
const ACTION: &str =
    "\"\", \"accept\", \"tag\", \"quarantine\", \"defer\", \"reject\" or \"discard\"";
const SWITCH: &str = "true or false";

/// The table, in the order of the reference.
pub const KEYS: &[Key] = &[
    at_start(key(
        "milter.listen",
        "\"inet:127.0.0.1:8895\"",
        SOCKET,
        "where Postfix reaches the filter",
    )),
    at_start(key(
        "milter.socket_mode",
        "\"0660\"",
        "an octal mode such as \"0660\"",
        "the mode of a Unix socket",
    )),
    at_start(key(
        "milter.socket_group",
        "\"\"",
        "a group's name, or \"\" for the process' own",
        "the group of a Unix socket",
    )),
    at_start(key(
        "milter.max_connections",
        "1000",
        "a number from 1 to 65535",
        "connections that are served at a time",
    )),
    at_start(key(
        "milter.idle_timeout",
        "\"10m\"",
        DURATION,
        "how long a connection may say nothing; above Postfix' smtpd_timeout",
    )),
    key(
        "milter.max_message_size",
        "\"50MiB\"",
        SIZE,
        "bodies up to this size are read; set it above Postfix' message_size_limit",
    ),
    key(
        "milter.on_internal_error",
        "\"accept\"",
        "\"accept\" or \"defer\"",
        "what happens to a message on which the filter itself fails",
    ),
    at_start(key(
        "http.listen",
        "\"127.0.0.1:9895\"",
        "\"HOST:PORT\", or \"\" for none",
        "where metrics and health are served",
    )),
    key(
        "dns.servers",
        "[]",
        "a list of \"IP\" or \"IP:PORT\"; empty for the system's",
        "the DNS servers",
    ),
    key(
        "dns.timeout",
        "\"3s\"",
        DURATION,
        "how long one server is waited for",
    ),
    key(
        "dns.deadline",
        "\"10s\"",
        DURATION,
        "the time for everything that DNS is asked about one message; below Postfix' milter_content_timeout",
    ),
    key(
        "dns.cache_size",
        "8192",
        "a number from 0 to 1000000",
        "answers that are kept",
    ),
    key(
        "brand.file",
        "\"\"",
        "the path of a brand file, or \"\" for the built-in one",
        "which brand is protected, and what is official for it",
    ),
    key(
        "brand.extra_official",
        "[]",
        DOMAINS,
        "further domains that the brand sends from",
    ),
    key(
        "brand.extra_unrelated",
        "[]",
        DOMAINS,
        "domains that are never called a lookalike",
    ),
    key(
        "trust.networks",
        "[\"127.0.0.0/8\", \"::1/128\"]",
        NETWORKS,
        "clients that are not judged",
    ),
    key(
        "trust.authenticated",
        "true",
        SWITCH,
        "whether clients that logged in are not judged",
    ),
    key(
        "trust.own_domains",
        "[]",
        DOMAINS,
        "domains of one's own: authenticated, they may name the brand",
    ),
    key(
        "trust.allow",
        "[]",
        DOMAINS,
        "foreign domains that may name the brand once they are authenticated",
    ),
    key(
        "trust.relays",
        "[]",
        NETWORKS,
        "gateways and backup MX of one's own: the client is taken from their Received fields, and nothing is refused back at them",
    ),
    key(
        "trust.forwarders",
        "[]",
        "a list of networks, or of names that DNS confirms in both directions",
        "servers that forward mail and break its proofs: what they bring is unverifiable where it would be forged",
    ),
    key(
        "trust.arc_sealers",
        "[]",
        DOMAINS,
        "whose ARC seals are believed where they say that the origin was proved",
    ),
    key(
        "trust.demand_dkim",
        "false",
        SWITCH,
        "whether an author that only SPF proves is unverifiable",
    ),
    key(
        "inspect.body",
        "\"claimed\"",
        "\"claimed\", \"all\" or \"never\"",
        "which bodies are looked into for links and requests",
    ),
    key(
        "inspect.max_body",
        "\"1MiB\"",
        SIZE,
        "how much of a body is looked into",
    ),
    key(
        "inspect.authenticate",
        "\"claimed\"",
        "\"claimed\" or \"all\"",
        "which messages get SPF, DKIM and DMARC results",
    ),
    key(
        "policy.preset",
        "\"tag\"",
        "\"tag\", \"enforce\" or \"monitor\"",
        "the actions for all verdicts",
    ),
    key(
        "policy.unverifiable",
        "\"\"",
        ACTION,
        "the action for this verdict, where not the preset's",
    ),
    key(
        "policy.suspicious",
        "\"\"",
        ACTION,
        "the action for this verdict, where not the preset's",
    ),
    key(
        "policy.impersonation",
        "\"\"",
        ACTION,
        "the action for this verdict, where not the preset's",
    ),
    key(
        "policy.lookalike",
        "\"\"",
        ACTION,
        "the action for this verdict, where not the preset's",
    ),
    key(
        "policy.forged",
        "\"\"",
        ACTION,
        "the action for this verdict, where not the preset's",
    ),
    key(
        "headers.authserv_id",
        "\"\"",
        "a host name, or \"\" for the machine's",
        "who we are in Authentication-Results",
    ),
    key(
        "headers.keep_authres",
        "[]",
        "a list of host names",
        "identifiers whose Authentication-Results stay, even where they equal ours",
    ),
    key(
        "headers.subject_prefix",
        "\"\"",
        "a text of at most 60 characters, or \"\" for none",
        "what the Subject of a spoof gets in front",
    ),
    key(
        "headers.advice_language",
        "\"en\"",
        "\"en\", \"de\", \"fr\", \"es\", \"it\", \"pt\", \"nl\", \"pl\", \"sv\", \"tr\", \"ar\", \"ja\", \"zh-hans\", \"zh-hant\", or \"\" for none",
        "the language of the advice that ends the explanation of mail that isn't proved to be the brand's",
    ),
    key(
        "headers.spam_flag",
        "true",
        SWITCH,
        "whether spoofs get X-Spam-Flag and X-Spam-Status",
    ),
    at_start(key(
        "log.format",
        "\"text\"",
        "\"text\" or \"json\"",
        "the format of the log",
    )),
    at_start(key(
        "log.level",
        "\"info\"",
        "\"error\", \"warn\", \"info\", \"debug\" or \"trace\"",
        "how much is logged",
    )),
];

/// The key at a path.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}
