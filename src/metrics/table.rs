//! The table of metrics: what there is, and what an operator concludes from it.
//!
//! `docs/metrics.md` is written from it.

/// What all names of our own begin with.
pub const NAMESPACE: &str = "amazon_spoof_milter";

/// One metric with all its series.
#[derive(Debug)]
pub struct Family {
    /// The name after [`NAMESPACE`].
    pub name: &'static str,
    /// What kind of value it is.
    pub kind: Kind,
    /// The names of its labels; the words of each are a closed set.
    pub labels: &'static [&'static str],
    /// The text of `# HELP`.
    pub help: &'static str,
    /// What to conclude from it.
    pub conclusion: &'static str,
}

/// Kinds of values, in Prometheus' words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only grows; look at its rate.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many durations were below each of these bounds, in seconds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// The word of `# TYPE`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// From what an ordinary message takes to beyond the default deadline of DNS, up to the longest time
/// that an MTA with our settings waits.
const MESSAGE_BUCKETS: &[f64] = &[
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0, 20.0, 60.0,
];

/// From a server on the same machine to the default deadline.
const LOOKUP_BUCKETS: &[f64] = &[
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0,
];

/// From a small file to the longest that readers are given.
const FILE_BUCKETS: &[f64] = &[
    0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.5,
];

macro_rules! families {
    ($($name:ident = $kind:expr, $text:literal, [$($label:literal),*], $help:literal, $conclusion:literal;)*) => {
        $(#[doc = $help] pub const $name: Family = Family {
            name: $text,
            kind: $kind,
            labels: &[$($label),*],
            help: $help,
            conclusion: $conclusion,
        };)*

        /// Every metric of our own, in the order of the documentation.
        pub const FAMILIES: &[Family] = &[$($name,)*];
    };
}

families! {
    // What was decided.
    MESSAGES = Kind::Counter, "messages_total", ["verdict", "action"],
        "Messages by verdict and by what was decided for them.",
        "The rates of `forged`, `lookalike` and `impersonation` are the spoofs. `verified` is genuine mail: if it falls while `forged` or `unverifiable` \
         rises by as much, proofs fail that used to hold, and the fault is yours or DNS'. With the preset `monitor` the action is what `enforce` would do.";
    REASONS = Kind::Counter, "reasons_total", ["reason"],
        "Reasons that reports gave.",
        "By what means spoofs deceive, and why proofs fail. `spf-only` rising beside `verified` means that something in front of the filter breaks signatures.";
    AUTH_RESULTS = Kind::Counter, "auth_results_total", ["method", "result"],
        "Authentication results by method, of messages that were authenticated.",
        "`temperror` is DNS. `permerror` and `fail` of DKIM rising for all mail point at something in front of the filter that changes messages.";
    POLICY_APPLIED = Kind::Gauge, "policy_applied", [],
        "Whether decisions are applied (1), or only counted, as with the preset monitor (0).",
        "0 where you expect 1: a configuration for trials is in production.";

    // How long it took.
    MESSAGE_DURATION = Kind::Histogram(MESSAGE_BUCKETS), "message_duration_seconds", ["stage"],
        "Time of a message in the filter: from MAIL to the decision, and the part of it after the end of the message.",
        "`end_of_message` is what the MTA waits for, so it is what the filter costs; for mail that claims nothing there is none. `message` also holds the \
         time in which the client sent the message.";

    // DNS.
    DNS_LOOKUPS = Kind::Counter, "dns_lookups_total", ["type", "outcome"],
        "DNS lookups, answers from the cache included.",
        "`failure` is a time-out, SERVFAIL or REFUSED: some are normal, since spoofs name domains that are broken. A share that rises for all types is your resolver.";
    DNS_LOOKUP_DURATION = Kind::Histogram(LOOKUP_BUCKETS), "dns_lookup_duration_seconds", [],
        "Time of a DNS lookup that a server had to answer.",
        "What a claim waits for. Above `dns.timeout` servers are asked again; beyond `dns.deadline` genuine mail is `unverifiable`.";
    DNS_DEAD = Kind::Gauge, "dns_dead", [],
        "Whether our own DNS is dead (1): names that no sender chooses are not answered.",
        "1: mend the resolver. Genuine mail is `unverifiable` unless its proof is in the cache; with `enforce` it is deferred, and so is `impersonation`. A stranger's broken zone never makes it 1.";
    CACHE_HITS = Kind::Counter, "dns_cache_hits_total", [],
        "DNS lookups that the cache answered.",
        "Few hits beside many misses: `dns.cache_size` is too small, or all mail comes from domains that are new.";
    CACHE_MISSES = Kind::Counter, "dns_cache_misses_total", [],
        "DNS lookups that a server had to answer.",
        "The load that this filter is to your resolver.";

    STALE_ANSWERS = Kind::Counter, "dns_stale_answers_total", [],
        "Lookups for which an answer that had expired was used (dns.stale), since nobody gave another one.",
        "Rising: genuine mail is proved by what DNS said earlier, and no longer once that is older than `dns.stale`. Mend the resolver before that.";

    // The conversation with the MTA.
    OPEN_CONNECTIONS = Kind::Gauge, "open_connections", [],
        "Milter connections that are open.",
        "One for each SMTP server process of the MTA that has a client. At `max_connections` the one that has been idle for longest goes; while all have a message, further ones wait, and the MTA's mail with them.";
    MAX_CONNECTIONS = Kind::Gauge, "max_connections", [],
        "Milter connections that may be open (milter.max_connections, or fewer where there are too few files).",
        "Above Postfix' `default_process_limit` it is never reached.";
    CONNECTIONS = Kind::Counter, "connections_total", [],
        "Milter connections that were opened.",
        "0 while mail comes in: the MTA doesn't ask this filter, and `milter_default_action = accept` lets everything pass.";
    PROTOCOL_ERRORS = Kind::Counter, "protocol_errors_total", ["kind"],
        "Faults in the conversation with the MTA, and in this program.",
        "Should stay 0; the kinds are below.";
    LIMITS_EXCEEDED = Kind::Counter, "limits_exceeded_total", ["limit"],
        "Limits that a message or a connection ran into.",
        "Now and then is normal. Rising together with spoofs, somebody tries to hide behind size.";
    LOG_LINES_LOST = Kind::Counter, "log_lines_lost_total", [],
        "Lines of the log that nobody took.",
        "Not 0: whoever reads the log hangs, or its disk is full. Mail goes on; what happened meanwhile is only in the counters.";

    // What instances share.
    HISTORY_WRITES = Kind::Counter, "history_writes_total", ["outcome"],
        "Decisions that were to be written to the shared history.",
        "All stay 0 without `history.store`. `failed` and `dropped` are missing on the pages of other instances, and nowhere else: mail doesn't wait for the store.";

    // The files of messages.
    ATTACHMENTS = Kind::Counter, "attachments_total", ["kind", "outcome"],
        "Files of messages that were opened, by what stands in them and what became of that.",
        "`encrypted` and `unknown` are the senders'. `died` and `limit` rising together: somebody sends files that harm their readers. `busy`: more files than readers; mail goes on, and its files are unread.";
    ATTACHMENT_DURATION = Kind::Histogram(FILE_BUCKETS), "attachment_duration_seconds", [],
        "Time that the files of a message took, waiting for a reader aside.",
        "A few milliseconds each. At 1.4 s their reader is ended.";
    ATTACHMENT_CPU = Kind::Counter, "attachment_cpu_seconds_total", [],
        "Processor time of the processes that opened files, in whole hundredths of a second.",
        "Its rate is the share of a core that files take beside the filter itself; 1 s a message at most.";
    ATTACHMENT_MEMORY = Kind::Gauge, "attachment_memory_peak_bytes", [],
        "The most memory that a process which opened files held at a time, since the start.",
        "Never above 192 MiB, which is what each may have.";

    // What is in force.
    CONFIG_RELOADS = Kind::Counter, "config_reloads_total", ["result"],
        "Reloads of the configuration.",
        "`failure`: the file is wrong, and the old configuration is in force. The log has every error.";
    CONFIG_LAST_SUCCESS = Kind::Gauge, "config_last_reload_success_timestamp_seconds", [],
        "When a configuration was last taken over, at the start or by a reload.",
        "Older than your last change of the file: the change isn't in force.";
    CONFIG_SUCCESSFUL = Kind::Gauge, "config_last_reload_successful", [],
        "Whether the last reload, or the start, took the configuration over (1) or not (0).",
        "0 until the file is mended and reloaded. A start with this file would fail.";
    BRAND_DOMAINS = Kind::Gauge, "brand_domains", [],
        "Domains in the list that is in force.",
        "A jump after a reload is a changed `brand.file`; instances that differ run different lists.";
    BRAND_UPDATED = Kind::Gauge, "brand_updated_timestamp_seconds", [],
        "When the list of domains that is in force was compiled (`updated` in it).",
        "Older than half a year: domains are missing, so that genuine mail is taken for spoofs; update the program or `brand.file`.";
    CONFIG_HASH = Kind::Gauge, "config_hash", [],
        "The configuration in force as a number: instances with another one have another number.",
        "What is an instance's own is left out: addresses, its names, user and password file. Instances of one fleet that differ were not all reloaded.";
    BRAND_HASH = Kind::Gauge, "brand_hash", [],
        "The list of domains in force as a number: instances with another one have another number.",
        "It is of the file's text and of `brand.extra_official` and `extra_unrelated`. The page shows it in hexadecimal digits.";
    BUILD_INFO = Kind::Gauge, "build_info", ["version", "revision"],
        "What is running; always 1.",
        "Which instances were not updated.";
}

/// What the process says of itself; the names are those of every Prometheus client.
pub const PROCESS: &[(&str, &str)] = &[
    (
        "process_cpu_seconds_total",
        "Whole seconds of CPU time; its rate is the share of a core that the filter uses.",
    ),
    (
        "process_max_fds",
        "Below two for each of `max_connections`, connections fail before their limit is reached.",
    ),
    (
        "process_open_fds",
        "Near `process_max_fds` connections can't be accepted.",
    ),
    (
        "process_resident_memory_bytes",
        "Grows with the messages under way, at most `milter.max_memory` for all, and with the DNS cache; \
         growing for days is a fault of this program.",
    ),
    (
        "process_start_time_seconds",
        "When it was started; changing often means that it crashes.",
    ),
    (
        "process_threads",
        "Two a core, and some others; it doesn't grow with mail.",
    ),
    (
        "process_virtual_memory_bytes",
        "Address space; nothing follows from it.",
    ),
];
