//! Every configuration key: one table for the reader, the reference, the man page, the example file
//! and `config show`.

/// What a key's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text, and which one.
    Text(&'static str),
    /// One of these words.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
    /// A whole number from the first to the second.
    Number(u64, u64),
    /// A number with `ms`, `s`, `m` or `h`, from 1 ms to 24 h.
    Duration,
    /// The same, or `0s` for none.
    DurationOrNone,
    /// Octets: a number, or a text with `KiB`, `MiB` or `GiB`.
    Size,
    /// A list of texts, and of which ones.
    List(&'static str),
    /// A list of tables, whose keys have lines of their own: [`RULE_KEYS`].
    Rows,
}

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Section and name, as `milter.listen`.
    pub path: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The value where none is given, as TOML.
    pub default: &'static str,
    /// Whether a reload applies it; the others need a restart.
    pub reloads: bool,
    /// What it is for, as a clause without a final stop.
    pub about: &'static str,
    /// Why the default is what it is, or when another is right; whole sentences.
    pub why: &'static str,
}

impl Key {
    /// The section, as `milter`; of a row's key the table, as `policy.rules`.
    pub fn section(&self) -> &'static str {
        self.path
            .rsplit_once('.')
            .map_or("", |(section, _)| section)
    }

    /// The name within its section, as `listen`.
    pub fn name(&self) -> &'static str {
        self.path.rsplit_once('.').map_or("", |(_, name)| name)
    }

    const fn at_start(self) -> Self {
        Self {
            reloads: false,
            ..self
        }
    }
}

impl Kind {
    /// The type, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Word(_) => "word",
            Self::Switch => "switch",
            Self::Number(..) => "number",
            Self::Duration | Self::DurationOrNone => "duration",
            Self::Size => "size",
            Self::List(_) => "list",
            Self::Rows => "tables",
        }
    }

    /// What values are allowed, for people.
    pub fn allowed(self) -> String {
        match self {
            Self::Text(what) => what.to_owned(),
            Self::Word(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                match quoted.split_last() {
                    Some((last, others)) => format!("{} or {last}", others.join(", ")),
                    None => String::new(),
                }
            }
            Self::Switch => "true or false".to_owned(),
            Self::Number(least, most) => format!("a whole number from {least} to {most}"),
            Self::Duration => "a duration from \"1ms\" to \"24h\", such as \"10s\"".to_owned(),
            Self::DurationOrNone => {
                "a duration up to \"24h\", such as \"10m\"; \"0s\" for none".to_owned()
            }
            Self::Size => "a number of octets, or a size such as \"50MiB\"".to_owned(),
            Self::List(of) => format!("a list of {of}"),
            Self::Rows => "tables with the keys below".to_owned(),
        }
    }
}

/// One line of the table: path, kind, default, what it is for, why so. `.at_start()` behind it says
/// that a reload doesn't apply it.
const fn key(
    path: &'static str,
    kind: Kind,
    default: &'static str,
    about: &'static str,
    why: &'static str,
) -> Key {
    Key {
        path,
        kind,
        default,
        reloads: true,
        about,
        why,
    }
}

const NETWORKS: Kind = Kind::List("networks such as \"192.0.2.0/24\"");
const DOMAINS: Kind = Kind::List("domain names");
const ACTION: Kind = Kind::Word(&[
    "",
    "accept",
    "tag",
    "quarantine",
    "defer",
    "reject",
    "discard",
]);
const REPLY: Kind = Kind::Text(
    "printable ASCII without % and at most 200 characters, or \"\" for the built-in text",
);
const OWN_ACTION: &str = "the action for this verdict, where not the preset's";

/// The table, in the order of the reference.
#[rustfmt::skip]
pub const KEYS: &[Key] = &[
    key(
        "milter.listen", Kind::Text("\"inet:HOST:PORT\", \"inet:PORT@HOST\" or \"unix:/PATH\""), "\"inet:127.0.0.1:8895\"",
        "where Postfix reaches the filter",
        "The protocol has no password: listen where only the MTA gets in. Spellings of Postfix and of OpenDKIM (inet:8895@127.0.0.1, local:/PATH) are understood; IPv6 stands in brackets. inet6:PORT is IPv6 and nothing else.",
    ).at_start(),
    key(
        "milter.socket_mode", Kind::Text("an octal mode such as \"0660\""), "\"0660\"",
        "the mode of a Unix socket",
        "Postfix' smtpd connects as the user postfix, who has to be able to write to it.",
    ).at_start(),
    key(
        "milter.socket_group", Kind::Text("a group's name, or \"\" for the process' own"), "\"\"",
        "the group of a Unix socket",
        "With \"postfix\" and the mode 0660 nobody else gets in. The program has to be a member of the group.",
    ).at_start(),
    key(
        "milter.max_connections", Kind::Number(1, 65_535), "1000",
        "connections that are served at a time",
        "Above Postfix' default_process_limit (100), since each of its smtpd has a connection of its own. Of more, the one that has been idle for longest goes; while all have a message, a new one waits. A quarter of the files that the process may open (24 to 512) is kept for DNS and the pages.",
    ).at_start(),
    key(
        "milter.command_timeout", Kind::Duration, "\"30s\"",
        "how long one command may take to arrive, and the first one to begin",
        "An MTA sends a command in one piece. Who stops in the middle of one is let go.",
    ).at_start(),
    key(
        "milter.idle_timeout", Kind::Duration, "\"10m\"",
        "how long a connection may say nothing",
        "Above Postfix' smtpd_timeout (300 s), else a slow client's connection is closed under it.",
    ).at_start(),
    key(
        "milter.max_message_size", Kind::Size, "\"50MiB\"",
        "how much of a body is kept at most",
        "Signatures are checked over the whole body, however long it is. What is looked into bounds what is kept as well: inspect.max_body, and up to 24 MiB where files are opened. What lies beyond a smaller max_message_size is not looked into.",
    ),
    key(
        "milter.max_memory", Kind::Size, "\"512MiB\"",
        "what all messages under way may hold together",
        "A body beyond it is not kept, so that nothing in it is found; its signatures are checked all the same. The program itself takes some 50 MiB, and a few times inspect.max_body for each body that is being looked into, one a processor.",
    ).at_start(),
    key(
        "milter.on_internal_error", Kind::Word(&["accept", "defer"]), "\"accept\"",
        "what happens to a message on which the filter itself fails",
        "A fault of the filter is not the sender's. \"defer\" lets none through unjudged, and may delay the same message for ever.",
    ),
    key(
        "http.listen", Kind::Text("\"HOST:PORT\", or \"\" for none"), "\"127.0.0.1:9895\"",
        "where the page, metrics and health are served",
        "On loopback nobody else gets in. Any other address needs a token; put TLS in front of it, or use a tunnel.",
    ).at_start(),
    key(
        "http.token_file", Kind::Text("a path, or \"\" for none"), "\"\"",
        "the file whose first line is the token that clients have to know",
        "Needed where other machines reach http.listen. 16 to 1024 characters, in a file that only its owner and its group read; browsers get a form, programs send Authorization: Bearer. /healthz and /readyz ask for none.",
    ),
    key(
        "http.host_names", DOMAINS, "[]",
        "names by which browsers may ask for the page where there is no token",
        "Beside addresses and localhost, which always work: a name of somebody else's that points here must not (DNS rebinding). For a proxy in front that keeps the name.",
    ),
    key(
        "http.show_addresses", Kind::Switch, "false",
        "whether the page shows addresses and names of senders",
        "By default it keeps their domains only. Takes effect for the mail that comes after.",
    ),
    key(
        "http.try_messages", Kind::Switch, "false",
        "whether the page judges messages that are uploaded or pasted there",
        "Nothing of them is kept. Off by default, since whoever sees the page makes the program ask DNS so.",
    ),
    key(
        "dns.servers", Kind::List("\"IP\" or \"IP:PORT\"; empty for the system's"), "[]",
        "the DNS servers",
        "The system's are read from /etc/resolv.conf. A resolver on the same machine that validates DNSSEC is the best one.",
    ),
    key(
        "dns.timeout", Kind::Duration, "\"3s\"",
        "how long one server is waited for",
        "Some lookups run one after the other, so that the deadline should hold several of these.",
    ),
    key(
        "dns.deadline", Kind::Duration, "\"10s\"",
        "the time for everything that DNS is asked about one message",
        "Keep it below Postfix' milter_content_timeout, else Postfix gives up first. What is unanswered by then is a temporary failure.",
    ),
    key(
        "dns.stranger_timeout", Kind::Duration, "\"2s\"",
        "the part of the deadline for names of strangers",
        "A stranger is whoever is named neither in the list nor by you (trust.own_domains, allow, arc_sealers). All lookups of strangers' names of one message together take no longer, so that a zone that is slow on purpose holds up nothing. What is unanswered by then proves nothing.",
    ),
    key(
        "dns.cache_size", Kind::Number(0, 1_000_000), "8192",
        "answers that are kept",
        "A few hundred octets each. 0 asks anew each time. What is said of names of the list and of those that you name (trust.own_domains, allow, arc_sealers) is kept apart, up to 5 MiB of it, and over a reload: strangers' names can't push it out.",
    ),
    key(
        "dns.stale", Kind::DurationOrNone, "\"0s\"",
        "how long an answer that has expired may still prove something where nobody gives another one",
        "Off by default: unbound's serve-expired does it for everything that asks it, so set that up first. For keys and SPF records of names of the list and of those that you name. It is used while our own DNS is dead, or where a lookup fails or takes more than 1.8 s, and it never disproves anything: what it doesn't prove is unverifiable. A key that is withdrawn meanwhile goes on for so long.",
    ),
    key(
        "brand.file", Kind::Text("the path of a brand file, or \"\" for the built-in one"), "\"\"",
        "which brand is protected, and what is official for it",
        "The built-in list is as old as the program. A newer one can be put in its place between releases.",
    ),
    key(
        "brand.warn_after_days", Kind::Number(0, 3650), "180",
        "the age in days at which start and reload warn of an old list; 0 for never",
        "The brand adds domains, and genuine mail from one that the list misses is called a spoof.",
    ),
    key(
        "brand.extra_official", DOMAINS, "[]",
        "further domains that the brand sends from",
        "For what the list misses. An entry replaces the listed one of the same name.",
    ),
    key(
        "brand.extra_unrelated", DOMAINS, "[]",
        "domains that are never called a lookalike",
        "For an honest name that resembles the brand's.",
    ),
    key(
        "trust.networks", NETWORKS, "[\"127.0.0.0/8\", \"::1/128\"]",
        "clients that are not judged where they connect themselves",
        "What the machine itself sends. Put in networks whose mail is your own. Whom a gateway of relays names is judged; where a content filter hands mail back over loopback, leave loopback out.",
    ),
    key(
        "trust.authenticated", Kind::Switch, "true",
        "whether clients that logged in are not judged",
        "Their mail is your own users'. Switch it off to find a stolen account that sends spoofs.",
    ),
    key(
        "trust.own_domains", DOMAINS, "[]",
        "domains of one's own: authenticated, they may name the brand",
        "A shop's own mail speaks of its orders at the brand. Proofs of the domain itself count, of names below it, and of the organisation above it; others under the same registry prove nothing for it.",
    ),
    key(
        "trust.allow", DOMAINS, "[]",
        "foreign domains that may name the brand once they are authenticated",
        "For a service that lawfully uses the brand's name, found as a false alarm. Without SPF or DKIM of its own it stays what it was; whose proof counts is as for own_domains.",
    ),
    key(
        "trust.relays", NETWORKS, "[]",
        "gateways and backup MX of one's own: the client is taken from their Received fields, and nothing is refused back at them",
        "What is refused to them they would bounce, to whomever the spoof named. Behind a content filter of your own, \"127.0.0.1\" is one.",
    ),
    key(
        "trust.forwarders", Kind::List("networks, or of names that DNS confirms in both directions"), "[]",
        "servers that forward mail and break its proofs: what they bring is unverifiable where it would be forged",
        "SPF can't pass behind a forwarder, and a changed body breaks signatures.",
    ),
    key(
        "trust.lists", Kind::List("List-Ids, or of hosts of mailing lists, each with all below it"), "[]",
        "mailing lists whose word counts once their host is proved",
        "A forgery that came by way of one is tagged and not refused, since lists break the proofs of honest mail. Name a host only where strangers can't create lists on it.",
    ),
    key(
        "trust.arc_sealers", DOMAINS, "[]",
        "whose ARC seals are believed where they say that the origin was proved",
        "A seal proves who says it, not that it is true: name only whom you would believe.",
    ),
    key(
        "trust.demand_dkim", Kind::Switch, "false",
        "whether an author that only SPF proves is unverifiable",
        "SPF alone is as strong as the weakest server that the domain lets send.",
    ),
    key(
        "inspect.body", Kind::Word(&["all", "claimed", "never"]), "\"all\"",
        "which bodies are looked into for links and requests",
        "\"all\" finds spoofs that only the text gives away. \"claimed\" leaves mail alone whose header says nothing of the brand. With \"never\" the subject alone decides whether a name is excused.",
    ),
    key(
        "inspect.max_body", Kind::Size, "\"1MiB\"",
        "how much of a body is looked into",
        "Text and links of a spoof stand at the beginning. Files are taken out of the whole body, up to 24 MiB of it.",
    ),
    key(
        "inspect.max_unclaimed", Kind::Size, "\"60KiB\"",
        "how much of a body is looked into where the header claims nothing (body = \"all\")",
        "Octets of text that is seen, and of links; style, markup and pictures don't count. Where the brand isn't named in them, the MTA is told to keep the rest. Postfix sends 65,535 octets at a time, so for most mail the first turn suffices.",
    ),
    key(
        "inspect.attachments", Kind::Word(&["claimed", "never"]), "\"claimed\"",
        "which messages have their files opened",
        "\"claimed\" opens the files of mail that names the brand in its header, its text or a file's name: PDFs, pictures (for QR codes), office files, archives. A process of its own does it, locked in by the kernel, for at most 1.5 s and 192 MiB a message. With \"never\" files count for nothing.",
    ),
    key(
        "inspect.authenticate", Kind::Word(&["claimed", "all"]), "\"claimed\"",
        "which messages get SPF, DKIM and DMARC results",
        "\"all\" costs DNS lookups for ordinary mail and gives all of it Authentication-Results.",
    ),
    key(
        "policy.preset", Kind::Word(&["tag", "enforce", "monitor"]), "\"tag\"",
        "the actions for all verdicts",
        "\"tag\" refuses nothing. \"monitor\" decides as \"enforce\" and applies nothing: log and metrics show what would have happened.",
    ),
    key(
        "policy.unverifiable", ACTION, "\"\"",
        OWN_ACTION,
        "Waiting helps where DNS failed, and nowhere else.",
    ),
    key(
        "policy.suspicious", ACTION, "\"\"",
        OWN_ACTION,
        "It rests on what the text asks for, the least certain of the verdicts.",
    ),
    key(
        "policy.impersonation", ACTION, "\"\"",
        OWN_ACTION,
        "A name can be an honest one: look at what is held before it is refused.",
    ),
    key(
        "policy.lookalike", ACTION, "\"\"",
        OWN_ACTION,
        "Whoever owns such a domain can authenticate it, so that no proof excuses it.",
    ),
    key(
        "policy.forged", ACTION, "\"\"",
        OWN_ACTION,
        "The brand itself asks receivers for a quarantine; \"reject\" is harsher.",
    ),
    key(
        "policy.reject_text", REPLY, "\"\"",
        "what a client is told behind the verdict where its message is rejected",
        "The sender reads it in the bounce of their own server. Keep it general: it tells a forger as much as an honest sender.",
    ),
    key(
        "policy.defer_text", REPLY, "\"\"",
        "the same where the message is deferred",
        "The sending server tries again, and tells its user after some days.",
    ),
    key(
        "policy.contact", Kind::Text("an address, or a URL with https://; printable ASCII without % and at most 100 characters; \"\" for none"), "\"\"",
        "whom a refused sender can ask, told at the end of the reply",
        "postmaster@ of your own domain is never refused by this filter, so that an honest sender gets through there.",
    ),
    key(
        "policy.rules", Kind::Rows, "[]",
        "exceptions from the actions above, for a verdict, a reason or a recipient",
        "Each is a [[policy.rules]] of its own, at most 100. The first that matches decides; where none does, the verdict's own action or the preset's.",
    ),
    key(
        "headers.authserv_id", Kind::Text("a host name, or \"\" for the MTA's own"), "\"\"",
        "who we are in Authentication-Results",
        "Fields of others that use it are removed, since they could be forged. Filters in front of this one need another identifier.",
    ),
    key(
        "headers.keep_authres", Kind::List("host names"), "[]",
        "identifiers whose Authentication-Results stay, even where they equal ours",
        "For a filter in front of this one that writes under the same name.",
    ),
    key(
        "headers.subject_prefix", Kind::Text("a text of at most 60 characters, or \"\" for none"), "\"\"",
        "what the Subject of a spoof gets in front",
        "Readers see it everywhere. It breaks signatures that cover the Subject, which matters where mail is forwarded.",
    ),
    key(
        "headers.advice_language",
        Kind::Word(&["en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr", "ar", "ja", "zh-hans", "zh-hant", ""]), "\"en\"",
        "the language of the advice that ends the explanation of mail that isn't proved to be the brand's; \"\" for no advice",
        "It is written for the people who read the mail.",
    ),
    key(
        "headers.spam_flag", Kind::Switch, "true",
        "whether spoofs get X-Spam-Flag and X-Spam-Status",
        "Most mail clients and delivery agents file by these without further rules.",
    ),
    key(
        "history.entries", Kind::Number(10, 10_000), "500",
        "decisions that the page remembers, of mail that presents itself as the brand and of other mail each",
        "In the process, and in the shared store for each instance. An entry takes about half a kilobyte.",
    ).at_start(),
    key(
        "history.store", Kind::Text("\"redis://HOST:PORT\", \"rediss://HOST:PORT\" (TLS), \"unix:///PATH\", or \"\" for none"), "\"\"",
        "the Redis or Valkey in which all instances remember what they decided, so that each of their pages shows all of them",
        "Without it the page shows what its own process decided since it started. Nothing waits for it: while it is away, mail goes on and the page shows its own process. A number after a / chooses the database.",
    ).at_start(),
    key(
        "history.instance", Kind::Text("1 to 64 letters, digits, \".\", \"_\", \"-\", or \"\" for the host's name"), "\"\"",
        "the name of this instance in the shared store",
        "Each instance needs one of its own; two on one host don't get it from the host's name.",
    ).at_start(),
    key(
        "history.prefix", Kind::Text("1 to 64 letters, digits, \".\", \"_\", \"-\""), "\"amazon-spoof-milter\"",
        "what all keys in the shared store begin with",
        "Two fleets that share a store are kept apart by it.",
    ).at_start(),
    key(
        "history.user", Kind::Text("a user of the store, or \"\" for its default one"), "\"\"",
        "who logs in to the shared store",
        "A user who may write to keys of this instance only can't change what others wrote; the documentation has his rights.",
    ).at_start(),
    key(
        "history.password_file", Kind::Text("a path, or \"\" for none"), "\"\"",
        "the file whose first line is the password for the shared store",
        "It stands in no other place, and is read again at each connection.",
    ).at_start(),
    key(
        "history.tls_ca", Kind::Text("a path, or \"\" for the system's authorities"), "\"\"",
        "the file of certificates by which the shared store's own is checked (rediss://)",
        "For an authority of one's own.",
    ).at_start(),
    key(
        "log.format", Kind::Word(&["text", "json", "journald"]), "\"text\"",
        "the format of the log",
        "\"text\" and \"json\", one object a line, go to standard error. \"journald\" sends the same fields to systemd-journald itself, so that journalctl can search by them.",
    ).at_start(),
    key(
        "log.level", Kind::Word(&["error", "warn", "info", "debug", "trace"]), "\"info\"",
        "how much is logged",
        "\"info\" has a line for each message that concerns the brand, \"debug\" for every message.",
    ),
];

/// The keys of a row of `policy.rules`.
#[rustfmt::skip]
pub(super) const RULE_KEYS: &[Key] = &[
    key(
        "policy.rules.verdicts", Kind::List("\"unverifiable\", \"suspicious\", \"impersonation\", \"lookalike\" or \"forged\""), "[]",
        "the verdict is one of these",
        "Without the key any of the five. Mail with another verdict is always accepted.",
    ),
    key(
        "policy.rules.reasons", Kind::List("reasons, such as \"via-list\""), "[]",
        "one of these is among the reasons",
        "The words are those of the header field and of the log. Without the key any.",
    ),
    key(
        "policy.rules.recipients", Kind::List("domains, each with all below it, or addresses"), "[]",
        "the recipient is one of these",
        "As the client named it in RCPT TO, before aliases. Where the rules of a message's recipients differ, the mildest action applies to all; a spoof is delivered only where the rules of all recipients deliver it. Without the key any.",
    ),
    key(
        "policy.rules.action", Kind::Word(&["accept", "tag", "quarantine", "defer", "reject", "discard"]), "\"\"",
        "what is done",
        "It has no default: each rule has one.",
    ),
];

/// The key at a path, `policy.rules[2].action` included.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    let path = without_row(path);
    KEYS.iter().chain(RULE_KEYS).find(|key| key.path == path)
}

/// A path without the number of the row: `policy.rules.action` of `policy.rules[2].action`.
pub(super) fn without_row(path: &str) -> String {
    let row = path
        .split_once('[')
        .and_then(|(table, rest)| Some((table, rest.split_once(']')?.1)));
    row.map_or(path.to_owned(), |(table, name)| format!("{table}{name}"))
}

/// The sections in the order of the table.
pub(super) fn sections() -> Vec<&'static str> {
    let mut sections: Vec<&str> = KEYS.iter().map(Key::section).collect();
    sections.dedup();
    sections
}
