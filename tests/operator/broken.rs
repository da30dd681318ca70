//! Broken configurations, each with every error that it is told, word for word.

use crate::{Folder, err, out, run};

/// What is wrong, the file, and the errors; `{folder}` stands for the test's own folder.
#[rustfmt::skip]
const BROKEN: [(&str, &str, &[&str]); 29] = [
    (
        "unknown keys",
        r#"[milter]
lisen = "inet:8895"
colour = "red"

[polcy]
preset = "tag"

[metrics]
"#,
        &[
            r#"line 2: milter.lisen: there is no such key; did you mean milter.listen?"#,
            r#"line 3: milter.colour: there is no such key"#,
            r#"line 5: [polcy]: there is no such section; did you mean [policy]?; allowed is [milter], [http], [dns], [brand], [trust], [inspect], [policy], [headers], [history], [log]"#,
            r#"line 8: [metrics]: there is no such section; allowed is [milter], [http], [dns], [brand], [trust], [inspect], [policy], [headers], [history], [log]"#,
        ],
    ),
    (
        "syntax",
        r#"[milter]
listen = 
max_connections = 5 5

[policy
preset = "tag"
"#,
        &[
            r#"line 2: this is no TOML: string values must be quoted, expected literal string"#,
            r#"line 3: this is no TOML: string values must be quoted, expected literal string"#,
            r#"line 5: this is no TOML: unclosed table, expected `]`"#,
        ],
    ),
    (
        "types",
        r#"[milter]
listen = 8895
max_connections = "many"

[dns]
servers = "192.0.2.53"
timeout = 3

[trust]
authenticated = "yes"
allow = [1, 2]

[brand]
file = 1979-05-27
"#,
        &[
            r#"line 2: milter.listen: the value is no text in quotes; allowed is "inet:HOST:PORT", "inet:PORT@HOST" or "unix:/PATH""#,
            r#"line 3: milter.max_connections: the value is no whole number; allowed is a whole number from 1 to 65535"#,
            r#"line 6: dns.servers: the value is no list in brackets; allowed is a list of "IP" or "IP:PORT"; empty for the system's"#,
            r#"line 7: dns.timeout: the value is no text in quotes; allowed is a duration from "1ms" to "24h", such as "10s""#,
            r#"line 10: trust.authenticated: the value is neither true nor false; allowed is true or false"#,
            r#"line 11: trust.allow: 1 is no text in quotes; allowed is a list of domain names"#,
            r#"line 11: trust.allow: 2 is no text in quotes; allowed is a list of domain names"#,
            r#"line 14: brand.file: the value has a wrong type; allowed is the path of a brand file, or "" for the built-in one"#,
        ],
    ),
    (
        "ranges",
        r#"[milter]
max_connections = 0
socket_mode = "0999"
max_message_size = "50 MB"
idle_timeout = "3 minutes"

[dns]
cache_size = -1
timeout = "0s"
"#,
        &[
            r#"line 2: milter.max_connections: 0 is out of range; allowed is a whole number from 1 to 65535"#,
            r#"line 3: milter.socket_mode: "0999": this is no octal mode up to 0777; allowed is an octal mode such as "0660""#,
            r#"line 4: milter.max_message_size: "50 MB": the unit is unknown; allowed is a number of octets, or a size such as "50MiB""#,
            r#"line 5: milter.idle_timeout: "3 minutes": the unit is unknown; allowed is a duration from "1ms" to "24h", such as "10s""#,
            r#"line 8: dns.cache_size: -1 is out of range; allowed is a whole number from 0 to 1000000"#,
            r#"line 9: dns.timeout: "0s": it is not between 1 ms and 24 h; allowed is a duration from "1ms" to "24h", such as "10s""#,
        ],
    ),
    (
        "words",
        r#"[inspect]
body = "some"
authenticate = "never"

[policy]
preset = "strict"
forged = "bounce"

[log]
level = "verbose"
format = "syslog"
"#,
        &[
            r#"line 2: inspect.body: "some": this is none of the words; allowed is "all", "claimed" or "never""#,
            r#"line 3: inspect.authenticate: "never": this is none of the words; allowed is "claimed" or "all""#,
            r#"line 6: policy.preset: "strict": this is none of the words; allowed is "tag", "enforce" or "monitor""#,
            r#"line 7: policy.forged: "bounce": this is none of the words; allowed is "", "accept", "tag", "quarantine", "defer", "reject" or "discard""#,
            r#"line 10: log.level: "verbose": this is none of the words; allowed is "error", "warn", "info", "debug" or "trace""#,
            r#"line 11: log.format: "syslog": this is none of the words; allowed is "text", "json" or "journald""#,
        ],
    ),
    (
        "sockets",
        r#"[milter]
listen = "inet:::1:8895"

[http]
listen = "9895@localhost:x"
"#,
        &[
            r#"line 2: milter.listen: "inet:::1:8895": an IPv6 address stands in brackets, as [::1]; allowed is "inet:HOST:PORT", "inet:PORT@HOST" or "unix:/PATH""#,
            r#"line 5: http.listen: "9895@localhost:x": the host is neither an IP address nor a name; allowed is "HOST:PORT", or "" for none"#,
        ],
    ),
    (
        "unix options without unix socket",
        r#"[milter]
listen = "inet:127.0.0.1:8895"
socket_mode = "0666"
socket_group = "mail"
"#,
        &[
            r#"line 3: milter.socket_mode: milter.listen, "inet:127.0.0.1:8895", is no Unix socket; allowed is only with milter.listen = "unix:/PATH""#,
            r#"line 4: milter.socket_group: milter.listen, "inet:127.0.0.1:8895", is no Unix socket; allowed is only with milter.listen = "unix:/PATH""#,
        ],
    ),
    (
        "no such folder",
        r#"[milter]
listen = "unix:/nowhere/milter.sock"
socket_group = "nobodys-group"
"#,
        &[
            r#"line 2: milter.listen: "/nowhere/milter.sock": there is no folder /nowhere; allowed is a path of at most 107 octets in a folder that exists"#,
            r#"line 3: milter.socket_group: "nobodys-group": there is no such group in /etc/group; allowed is a group's name, or "" for the process' own"#,
        ],
    ),
    (
        "one address for both",
        r#"[milter]
listen = "inet:127.0.0.1:9895"
"#,
        &[
            r#"line 2: milter.listen: milter.listen and http.listen are the same, 127.0.0.1:9895; allowed is two ports"#,
        ],
    ),
    (
        "times",
        r#"[dns]
timeout = "20s"
deadline = "10s"
stranger_timeout = "11s"
"#,
        &[
            r#"line 2: dns.timeout: it is longer than dns.deadline, "10s"; allowed is at most dns.deadline"#,
            r#"line 4: dns.stranger_timeout: it is longer than dns.deadline, "10s"; allowed is at most dns.deadline"#,
        ],
    ),
    (
        "longer than postfix",
        r#"[dns]
deadline = "5m"
"#,
        &[
            r#"line 2: dns.deadline: Postfix gives up after 300 s (milter_content_timeout); allowed is less than "300s""#,
        ],
    ),
    (
        "sizes",
        r#"[milter]
max_message_size = "1MiB"

[inspect]
max_body = "2MiB"
"#,
        &[
            r#"line 5: inspect.max_body: it is more than milter.max_message_size, beyond which no body is kept; allowed is at most milter.max_message_size"#,
        ],
    ),
    (
        "a bound of nothing",
        r#"[inspect]
body = "never"
max_body = "2MiB"
"#,
        &[
            r#"line 3: inspect.max_body: inspect.body is "never", so that no body is looked into; allowed is only with inspect.body = "claimed" or "all""#,
        ],
    ),
    (
        "twice",
        r#"[dns]
servers = ["192.0.2.53", "192.0.2.53:53"]

[trust]
networks = [
  "192.0.2.0/24",
  "198.51.100.0/24",
  "192.0.2.0/24",
]
allow = ["Shop.example", "shop.example."]
"#,
        &[
            r#"line 2: dns.servers: "192.0.2.53:53" stands twice; allowed is each element once"#,
            r#"line 8: trust.networks: "192.0.2.0/24" stands twice; allowed is each element once"#,
            r#"line 10: trust.allow: "shop.example." stands twice; allowed is each element once"#,
        ],
    ),
    (
        "networks",
        r#"[trust]
networks = ["0.0.0.0/0", "192.0.2.7/24", "10.0.0.0/33"]
forwarders = ["a b"]
"#,
        &[
            r#"line 2: trust.networks: "192.0.2.7/24": it is an address within a network; did you mean "192.0.2.0/24" or "192.0.2.7"?; allowed is a list of networks such as "192.0.2.0/24""#,
            r#"line 2: trust.networks: "10.0.0.0/33": this is no network; allowed is a list of networks such as "192.0.2.0/24""#,
            r#"line 2: trust.networks: "0.0.0.0/0" is everybody: no message would be judged; allowed is the networks of your own machines"#,
            r#"line 3: trust.forwarders: "a b": this is neither a network nor a name; allowed is a list of networks, or of names that DNS confirms in both directions"#,
        ],
    ),
    (
        "trusted and relay",
        r#"[trust]
networks = ["192.0.2.0/24"]
relays = ["192.0.2.25", "198.51.100.0/28"]
forwarders = ["198.51.100.7"]
own_domains = ["shop.example"]
allow = [
  "shop.example",
  "amazon.co.jp",
]
"#,
        &[
            r#"line 3: trust.relays: "192.0.2.25" lies within trust.networks, whose clients are not judged; allowed is each network in one of the two"#,
            r#"line 4: trust.forwarders: "198.51.100.7" lies within trust.relays, in front of which the client is looked for; allowed is each network in one of the two"#,
            r#"line 7: trust.allow: "shop.example" is one of trust.own_domains, too; allowed is each domain in one of the two"#,
            r#"line 8: trust.allow: "amazon.co.jp" is the brand's own by its list, and needs no permission; allowed is domains of others"#,
        ],
    ),
    (
        "relays that are everybody, and this machine",
        r#"[trust]
relays = [
  "0.0.0.0/0",
  "127.0.0.1",
  "127.0.0.0/8",
]
networks = ["127.0.0.1"]
"#,
        &[
            r#"line 3: trust.relays: "0.0.0.0/0" is everybody: the client would be looked for in what the sender wrote; allowed is the networks of your own gateways"#,
            r#"line 4: trust.relays: "127.0.0.1" is this machine, which trust.networks exempts: what a content filter hands back would not be judged; allowed is it here and trust.networks without it, such as networks = []"#,
            r#"line 5: trust.relays: "127.0.0.0/8" is this machine, which trust.networks exempts: what a content filter hands back would not be judged; allowed is it here and trust.networks without it, such as networks = []"#,
        ],
    ),
    (
        "this machine as a relay, with the default networks",
        r#"[trust]
relays = ["127.0.0.1", "::1"]
"#,
        &[
            r#"line 2: trust.relays: "127.0.0.1" is this machine, which trust.networks exempts: what a content filter hands back would not be judged; allowed is it here and trust.networks without it, such as networks = []"#,
            r#"line 2: trust.relays: "::1" is this machine, which trust.networks exempts: what a content filter hands back would not be judged; allowed is it here and trust.networks without it, such as networks = []"#,
        ],
    ),
    (
        "lists of anybody",
        r#"[trust]
lists = [
  "users.lists.example",
  "com",
  "mail.ru",
  "onmicrosoft.com",
  "googlegroups.com",
  "gardeners.googlegroups.com",
]
"#,
        &[
            r#"line 4: trust.lists: "com" is a name below which anybody can send: no list there would be known from another; allowed is the List-Ids of lists, or hosts on which strangers can't create lists"#,
            r#"line 5: trust.lists: "mail.ru" is a name below which anybody can send: no list there would be known from another; allowed is the List-Ids of lists, or hosts on which strangers can't create lists"#,
            r#"line 6: trust.lists: "onmicrosoft.com" is a name below which anybody can send: no list there would be known from another; allowed is the List-Ids of lists, or hosts on which strangers can't create lists"#,
            r#"line 7: trust.lists: "googlegroups.com" is a name below which anybody can send: no list there would be known from another; allowed is the List-Ids of lists, or hosts on which strangers can't create lists"#,
        ],
    ),
    (
        "official and unrelated",
        r#"[brand]
extra_official = ["parcels.example", "not a name"]
extra_unrelated = ["parcels.example"]
file = "/nowhere/brand.toml"
"#,
        &[
            r#"line 2: brand.extra_official: "not a name": a label is empty, longer than 63 octets, or has a character that no host name has; allowed is a list of domain names"#,
            r#"line 2: brand.extra_official: "parcels.example" is one of brand.extra_unrelated, too; allowed is each domain in one of the two"#,
            r#"line 4: brand.file: /nowhere/brand.toml can't be read: No such file or directory (os error 2); allowed is the path of a brand file, or "" for the built-in one"#,
        ],
    ),
    (
        "rules",
        r#"[[policy.rules]]
verdicts = ["verified", "fake"]
reasons = ["via-lists", "trusted-network"]
action = "drop"

[[policy.rules]]
verdict = ["forged"]
recipients = ["@shop.example", "no name"]

[[policy.rules]]
reasons = []
action = "tag"
"#,
        &[
            r#"line 2: policy.rules[1].verdicts: "verified": mail with this verdict is always accepted; allowed is a list of "unverifiable", "suspicious", "impersonation", "lookalike" or "forged""#,
            r#"line 2: policy.rules[1].verdicts: "fake": this is no verdict; allowed is a list of "unverifiable", "suspicious", "impersonation", "lookalike" or "forged""#,
            r#"line 3: policy.rules[1].reasons: "via-lists": this is no reason; did you mean "via-list"?; allowed is a list of reasons, such as "via-list""#,
            r#"line 3: policy.rules[1].reasons: "trusted-network": mail with this reason is always accepted; allowed is a list of reasons, such as "via-list""#,
            r#"line 4: policy.rules[1].action: "drop": this is none of the words; allowed is "accept", "tag", "quarantine", "defer", "reject" or "discard""#,
            r#"line 6: policy.rules[2].action: it is missing; allowed is "accept", "tag", "quarantine", "defer", "reject" or "discard""#,
            r#"line 7: policy.rules[2].verdict: there is no such key; did you mean policy.rules.verdicts?"#,
            r#"line 8: policy.rules[2].recipients: "@shop.example": this is no address; allowed is a list of domains, each with all below it, or addresses"#,
            r#"line 8: policy.rules[2].recipients: "no name": this is no domain name; allowed is a list of domains, each with all below it, or addresses"#,
            r#"line 11: policy.rules[3].reasons: it is empty, which nothing matches: leave it out for any; allowed is a list of reasons, such as "via-list""#,
        ],
    ),
    (
        "rules that never decide",
        r#"[policy]
lookalike = "reject"

[[policy.rules]]
recipients = ["shop.example"]
action = "reject"

[[policy.rules]]
verdicts = ["forged"]
recipients = ["joe@shop.example"]
action = "tag"

[[policy.rules]]
verdicts = ["lookalike"]
action = "tag"

[[policy.rules]]
recipients = ["postmaster@shop.example", "abuse@shop.example"]
action = "discard"
"#,
        &[
            r#"line 2: policy.lookalike: it never applies: policy.rules[3] decides for every lookalike message; allowed is one of the two"#,
            r#"line 8: policy.rules[2]: it never decides: policy.rules[1] matches all that it matches, and comes first; allowed is the narrower rule before the wider one"#,
            r#"line 19: policy.rules[4].action: discard never applies to postmaster@ and abuse@, which have to be reachable; allowed is "accept", "tag" or "defer""#,
        ],
    ),
    (
        "replies",
        r#"[policy]
reject_text = "Gehen Sie weg, bitte schön"
defer_text = "100% later"
contact = "the postmaster"
"#,
        &[
            r#"line 2: policy.reject_text: "Gehen Sie weg, bitte schön": it has a character that a reply can't have; allowed is printable ASCII without % and at most 200 characters, or "" for the built-in text"#,
            r#"line 3: policy.defer_text: "100% later": it has a character that a reply can't have; allowed is printable ASCII without % and at most 200 characters, or "" for the built-in text"#,
            r#"line 4: policy.contact: "the postmaster": this is neither an address nor a URL with https://; allowed is an address, or a URL with https://; printable ASCII without % and at most 100 characters; "" for none"#,
        ],
    ),
    (
        "header",
        r#"[headers]
authserv_id = "mail server"
subject_prefix = "[SPOOF]\nBcc: x@example.org"
advice_language = "tlh"
spam_flag = 1
"#,
        &[
            r#"line 2: headers.authserv_id: "mail server": a label is empty, longer than 63 octets, or has a character that no host name has; allowed is a host name, or "" for the MTA's own"#,
            r#"line 3: headers.subject_prefix: "[SPOOF]\nBcc: x@example.org": it is too long, or has control characters; allowed is a text of at most 60 characters, or "" for none"#,
            r#"line 4: headers.advice_language: "tlh": there is no advice in this language; allowed is "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr", "ar", "ja", "zh-hans", "zh-hant" or """#,
            r#"line 5: headers.spam_flag: the value is neither true nor false; allowed is true or false"#,
        ],
    ),
    (
        "brand file",
        r#"[brand]
file = "{folder}/brand.toml"
"#,
        &[
            r#"line 2: brand.file: {folder}/brand.toml: updated: "2026-02-31"; expected a date, YYYY-MM-DD; allowed is the path of a brand file, or "" for the built-in one"#,
            r#"line 2: brand.file: {folder}/brand.toml: main: "parcels.example"; expected one of the listed domains; allowed is the path of a brand file, or "" for the built-in one"#,
        ],
    ),
    (
        "unreadable names",
        r#"[trust]
allow = ["shop", "a..b", "", "user@shop.example"]
arc_sealers = ["*.example"]
own_domains = ["пример.example", "under_score.example"]

[headers]
keep_authres = ["mx 1"]
"#,
        &[
            r#"line 2: trust.allow: "a..b": a label is empty, longer than 63 octets, or has a character that no host name has; allowed is a list of domain names"#,
            r#"line 2: trust.allow: "": a domain name is empty; allowed is a list of domain names"#,
            r#"line 2: trust.allow: "user@shop.example": a label is empty, longer than 63 octets, or has a character that no host name has; allowed is a list of domain names"#,
            r#"line 3: trust.arc_sealers: "*.example": a label is empty, longer than 63 octets, or has a character that no host name has; allowed is a list of domain names"#,
            r#"line 7: headers.keep_authres: "mx 1": a label is empty, longer than 63 octets, or has a character that no host name has; allowed is a list of host names"#,
        ],
    ),
    (
        "a shared history with a secret in its address",
        r#"[history]
store = "redis://:hunter2@store.example"
entries = 5
instance = "a:b"
"#,
        &[
            r#"line 2: history.store: name and password don't belong here, but into history.user and history.password_file; allowed is "redis://HOST:PORT", "rediss://HOST:PORT" (TLS), "unix:///PATH", or "" for none"#,
            r#"line 3: history.entries: 5 is out of range; allowed is a whole number from 10 to 10000"#,
            r#"line 4: history.instance: "a:b": it has other characters than letters, digits, ".", "_", "-", or more than 64; allowed is 1 to 64 letters, digits, ".", "_", "-", or "" for the host's name"#,
        ],
    ),
    (
        "a shared history whose keys don't go together",
        r#"[history]
store = "redis://store.example"
user = "mx1"
tls_ca = "{folder}/ca.pem"
"#,
        &[
            r#"line 3: history.user: a user needs a password; allowed is only with history.password_file"#,
            r#"line 4: history.tls_ca: history.store, "redis://store.example:6379", is not asked by TLS; allowed is only with history.store = "rediss://...""#,
        ],
    ),
    (
        "an instance of no shared history",
        r#"[history]
instance = "mx1"
"#,
        &[
            r#"line 2: history.instance: history.store is empty, so that nothing is shared; allowed is only with history.store = "redis://...""#,
        ],
    ),
];

/// A brand file with a day that no calendar has, and a main domain that it doesn't list.
const BRAND: &str = r#"
brand = "Parcels"
main = "parcels.example"
updated = "2026-02-31"
"#;

#[test]
fn a_broken_configuration_is_told_every_error_with_line_key_reason_and_what_is_allowed() {
    let folder = Folder::new();
    folder.file("brand.toml", BRAND);
    let here = folder.0.display().to_string();
    for (what, text, errors) in BROKEN {
        let file = folder.file("config.toml", text.replace("{folder}", &here));
        let output = run(&["config", "check", "--config", &file], b"");
        let said = err(&output);
        let mut lines = said.lines();
        assert_eq!(
            lines.next(),
            Some("amazon-spoof-milter: the configuration is wrong:"),
            "{what}"
        );
        let found: Vec<String> = lines
            .map(|line| line.trim_start().replace(&here, "{folder}"))
            .collect();
        assert_eq!(found, errors, "{what}");
        assert_eq!(
            (output.status.code(), out(&output).as_str()),
            (Some(2), ""),
            "{what}"
        );
    }
}
