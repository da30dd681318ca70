//! What can't be meant: values that are right by themselves and wrong beside each other, or on this
//! machine.

use super::{Inspect, Reader, Socket, network};
use crate::{
    brand::{Brand, Class},
    mail::domain::Domain,
};
use ipnet::IpNet;
use std::{path::Path, time::Duration};

/// How long Postfix waits for an answer where main.cf says nothing (milter_content_timeout).
const POSTFIX_WAITS: Duration = Duration::from_secs(300);

/// The longest path of a Unix socket (unix(7)): 108 octets with the NUL at the end.
const MAX_SOCKET_PATH: usize = 107;

/// `parts` are dns.timeout and dns.stranger_timeout.
pub(super) fn times(reader: &mut Reader, deadline: Duration, parts: [Duration; 2]) {
    if reader.is_changed("dns.deadline") && deadline >= POSTFIX_WAITS {
        reader.contradicts(
            "dns.deadline",
            "Postfix gives up after 300 s (milter_content_timeout)",
            "less than \"300s\"",
        );
    }
    for (key, part) in ["dns.timeout", "dns.stranger_timeout"]
        .into_iter()
        .zip(parts)
    {
        if reader.is_changed(key) && !reader.is_faulty("dns.deadline") && part > deadline {
            let shown = reader.string("dns.deadline");
            reader.contradicts(
                key,
                format!("it is longer than dns.deadline, \"{shown}\""),
                "at most dns.deadline",
            );
        }
    }
}

pub(super) fn stale(reader: &mut Reader, stale: Duration, cache_size: u64) {
    if !stale.is_zero() && cache_size == 0 && !reader.is_faulty("dns.cache_size") {
        reader.contradicts(
            "dns.stale",
            "dns.cache_size is 0, so that no answer is kept",
            "only with dns.cache_size above 0",
        );
    }
}

pub(super) fn sizes(reader: &mut Reader, inspect: Inspect, max_body: usize, read: usize) {
    if !reader.is_changed("inspect.max_body") {
        return;
    }
    if inspect == Inspect::Never {
        reader.contradicts(
            "inspect.max_body",
            "inspect.body is \"never\", so that no body is looked into",
            "only with inspect.body = \"claimed\" or \"all\"",
        );
    } else if max_body > read {
        reader.contradicts(
            "inspect.max_body",
            "it is more than milter.max_message_size, beyond which no body is kept",
            "at most milter.max_message_size",
        );
    }
}

pub(super) fn socket(reader: &mut Reader, listen: &Socket) {
    match listen {
        Socket::Unix(path) => folder_of(reader, path),
        Socket::Inet(..) => {
            for key in ["milter.socket_mode", "milter.socket_group"] {
                if reader.is_changed(key) {
                    reader.contradicts(
                        key,
                        format!("milter.listen, \"{listen}\", is no Unix socket"),
                        "only with milter.listen = \"unix:/PATH\"",
                    );
                }
            }
        }
    }
}

pub(super) fn addresses(reader: &mut Reader, listen: &Socket, http: &(String, u16)) {
    let (host, port) = http;
    // Port 0 is another one each time.
    if *listen == Socket::Inet(host.clone(), *port) && *port != 0 {
        let key = match reader.is_given("http.listen") {
            true => "http.listen",
            false => "milter.listen",
        };
        reader.contradicts(
            key,
            format!("milter.listen and http.listen are the same, {host}:{port}"),
            "two ports",
        );
    }
}

fn folder_of(reader: &mut Reader, path: &Path) {
    let shown = path.display();
    let fault = match path.parent() {
        _ if path.as_os_str().len() > MAX_SOCKET_PATH => {
            format!("\"{shown}\": the path has more than {MAX_SOCKET_PATH} octets")
        }
        _ if path.is_dir() => format!("\"{shown}\": this is a folder"),
        Some(folder) if folder.is_dir() => return,
        Some(folder) => format!("\"{shown}\": there is no folder {}", folder.display()),
        None => format!("\"{shown}\": this is a folder"),
    };
    reader.contradicts(
        "milter.listen",
        fault,
        "a path of at most 107 octets in a folder that exists",
    );
}

/// Networks that the operator trusts, against each other.
pub(super) fn trusted_networks(reader: &mut Reader) {
    let networks = |reader: &Reader, path: &str| -> Vec<IpNet> {
        let texts = reader.texts(path).into_iter();
        texts.filter_map(|text| network(&text).ok()).collect()
    };
    let trusted = networks(reader, "trust.networks");
    let within = |networks: &[IpNet], text: &str| {
        let own = network(text);
        own.is_ok_and(|own| networks.iter().any(|wide| wide.contains(&own)))
    };
    reader.contradicting(
        "trust.networks",
        |text| network(text).is_ok_and(|network| network.prefix_len() == 0),
        "is everybody: no message would be judged",
        "the networks of your own machines",
    );
    let overlap = |text: &str| {
        let other = |own: IpNet| {
            let overlaps = |wide: &IpNet| wide.contains(&own) || own.contains(wide);
            own.addr().is_loopback() && trusted.iter().any(overlaps)
        };
        network(text).is_ok_and(other)
    };
    reader.contradicting(
        "trust.relays",
        |text| network(text).is_ok_and(|network| network.prefix_len() == 0),
        "is everybody: the client would be looked for in what the sender wrote",
        "the networks of your own gateways",
    );
    // Behind a content filter every client is the filter, which is on loopback.
    reader.contradicting(
        "trust.relays",
        overlap,
        "is this machine, which trust.networks exempts: what a content filter hands back would not be judged",
        "it here and trust.networks without it, such as networks = []",
    );
    for path in ["trust.relays", "trust.forwarders"] {
        reader.contradicting(
            path,
            |text| within(&trusted, text) && !overlap(text),
            "lies within trust.networks, whose clients are not judged",
            "each network in one of the two",
        );
    }
    let relays = networks(reader, "trust.relays");
    reader.contradicting(
        "trust.forwarders",
        |text| within(&relays, text),
        "lies within trust.relays, in front of which the client is looked for",
        "each network in one of the two",
    );
}

/// Domains and lists that the operator trusts, against the brand's list and each other.
pub(super) fn trusted_names(reader: &mut Reader, brand: Option<&Brand>) {
    if let Some(brand) = brand {
        reader.contradicting(
            "trust.lists",
            |text| Domain::parse(text).is_ok_and(|list| is_anybodys(&list, brand)),
            "is a name below which anybody can send: no list there would be known from another",
            "the List-Ids of lists, or hosts on which strangers can't create lists",
        );
    }
    let own = reader.texts("trust.own_domains");
    reader.contradicting(
        "trust.allow",
        |text| own.contains(&text.to_owned()),
        "is one of trust.own_domains, too",
        "each domain in one of the two",
    );
    if let Some(brand) = brand {
        reader.contradicting(
            "trust.allow",
            |text| {
                Domain::parse(text).is_ok_and(|domain| {
                    brand.entry(&domain).is_some_and(|entry| {
                        matches!(entry.class, Class::OfficialSender | Class::LikelySender)
                    })
                })
            },
            "is the brand's own by its list, and needs no permission",
            "domains of others",
        );
    }
}

/// Services on which anybody creates lists, by their own documentation.
const LIST_SERVICES: [&str; 4] = [
    "googlegroups.com",
    "groups.io",
    "freelists.org",
    "framalistes.org",
];

/// Whether strangers send, or create lists, right below a name.
fn is_anybodys(name: &Domain, brand: &Brand) -> bool {
    brand.owner_of(name).is_none()
        || brand.is_free_mail(name)
        || LIST_SERVICES.contains(&name.as_str())
}

pub(super) fn brand(reader: &mut Reader) {
    let unrelated: Vec<Domain> = reader
        .texts("brand.extra_unrelated")
        .iter()
        .filter_map(|text| Domain::parse(text).ok())
        .collect();
    reader.contradicting(
        "brand.extra_official",
        |text| Domain::parse(text).is_ok_and(|domain| unrelated.contains(&domain)),
        "is one of brand.extra_unrelated, too",
        "each domain in one of the two",
    );
}
