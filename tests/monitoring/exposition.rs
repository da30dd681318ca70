//! `/metrics` itself: what stands there, in which form, and that no mail can make it grow.

use std::collections::BTreeMap;

use amazon_spoof_milter::metrics::Metrics;
use amazon_spoof_milter::metrics::table::{FAMILIES, NAMESPACE, PROCESS};

use crate::support::dns::ZoneServer;
use crate::support::milter::{Milter, MilterConfig};
use crate::support::prometheus::promtool;
use crate::support::samples::zone;
use crate::support::wire::Wire;
use crate::{file, program, series};

/// Names that rules and dashboards of others rely on, each with one of its series.
const CONTRACT: [&str; 19] = [
    "messages_total{action=\"reject\",verdict=\"lookalike\"}",
    "reasons_total{reason=\"display-name\"}",
    "auth_results_total{method=\"dkim\",result=\"none\"}",
    "message_duration_seconds_bucket{stage=\"end_of_message\",le=\"0.0001\"}",
    "message_duration_seconds_bucket{stage=\"message\",le=\"60\"}",
    "dns_lookups_total{outcome=\"nothing\",type=\"mx\"}",
    "dns_lookup_duration_seconds_bucket{le=\"10\"}",
    "dns_lookup_duration_seconds_sum",
    "dns_cache_hits_total",
    "dns_cache_misses_total",
    "open_connections",
    "max_connections",
    "connections_total",
    "protocol_errors_total{kind=\"internal\"}",
    "limits_exceeded_total{limit=\"body\"}",
    "config_reloads_total{result=\"failure\"}",
    "config_last_reload_success_timestamp_seconds",
    "config_last_reload_successful",
    "brand_domains",
];

#[test]
fn names_that_others_rely_on_are_there() {
    let text = Metrics::new().expect("a table without fault").render();
    let series = series(&text);
    for name in CONTRACT {
        let name = format!("amazon_spoof_milter_{name}");
        assert!(series.contains(&*name), "{name} is missing in\n{text}");
    }
    let info = "amazon_spoof_milter_build_info{revision=\"";
    assert!(series.iter().any(|series| series.starts_with(info)));
}

#[test]
fn the_table_is_what_is_exposed() {
    let text = Metrics::new().expect("a table without fault").render();
    let lines = |sign: &str| -> BTreeMap<String, String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(sign));
        let pairs = lines.map(|line| line.split_once(' ').expect("a name and a text"));
        pairs
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect()
    };
    let (mut help, mut kinds) = (lines("# HELP "), lines("# TYPE "));
    for family in FAMILIES {
        let name = format!("{NAMESPACE}_{}", family.name);
        assert_eq!(help.remove(&name).as_deref(), Some(family.help), "{name}");
        let kind = kinds.remove(&name);
        assert_eq!(kind.as_deref(), Some(family.kind.word()), "{name}");
        for series in series(&text) {
            let Some((owner, labels)) = series.split_once('{') else {
                continue;
            };
            if owner.trim_end_matches("_bucket").trim_end_matches("_sum") != name {
                continue;
            }
            let labels = labels.trim_end_matches("\"}").split("\",");
            let labels = labels.filter_map(|label| Some(label.split_once("=\"")?.0));
            let mut labels: Vec<_> = labels.filter(|label| *label != "le").collect();
            labels.sort_unstable();
            let mut documented = family.labels.to_vec();
            documented.sort_unstable();
            assert_eq!(labels, documented, "{series}");
        }
    }
    let process: Vec<_> = PROCESS.iter().map(|(name, _)| *name).collect();
    assert_eq!(kinds.keys().collect::<Vec<_>>(), process, "the process'");
    assert_eq!(help.keys().collect::<Vec<_>>(), process, "the process'");
}

#[test]
fn promtool_finds_no_fault() {
    let text = Metrics::new().expect("a table without fault").render();
    let check = |text: &str| {
        let output = promtool(&file("."), &["check", "metrics"], text);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        (output.status.success(), said)
    };
    assert_eq!(check(&text), (true, String::new()));
    // It would have said so.
    let worse = text.replace("connections_total", "connections");
    let (passes, said) = check(&worse);
    assert!(!passes && said.contains("_total"), "{said}");
}

/// What a sender can write, one after another: names, domains, addresses, signatures and results
/// that try to be labels, lines or words of their own.
fn hostile(number: usize) -> Vec<(u8, Vec<u8>)> {
    let tricks = [
        "\"} 1\namazon_spoof_milter_evil 1\n#",
        "verdict=\"evil\",",
        "\\\"\\n\\\\",
        "\u{202e}moc.nozama",
        "{{7*7}}",
        "$(reboot)",
        "%00%0a",
        "é\u{301}\u{fffd}",
    ];
    let trick = tricks[number % tricks.len()];
    let domain = format!("d{number}.evil{}.example", number % 7);
    let from = match number % 8 {
        0 => format!("\"Amazon.com{trick}\" <x@{domain}>"),
        1 => format!("x@security-amazon{number}.com"),
        2 => format!("<{trick}@amazon.com>, <b@{domain}>"),
        _ => format!("\"{trick}\" <{trick}@{domain}>"),
    };
    let field = |name: &str, value: &str| {
        let value = value.replace('\0', "");
        (b'L', format!("{name}\0 {value}\0").into_bytes())
    };
    vec![
        (
            b'C',
            format!("{domain}\x004\x00\x00203.0.113.{}\0", number % 250).into_bytes(),
        ),
        (b'H', format!("{trick}{number}\0").into_bytes()),
        (
            b'D',
            format!("Mi\0{trick}{number}\0{{auth_type}}\0{trick}\0").into_bytes(),
        ),
        (b'M', format!("<{trick}{number}@{domain}>\0").into_bytes()),
        (
            b'R',
            format!("<{trick}{number}@example.test>\0").into_bytes(),
        ),
        field("From", &from),
        field("Subject", &format!("{trick} {number}")),
        field("Reply-To", &format!("{trick}@{domain}")),
        field(
            "Authentication-Results",
            &format!("x{number}; spf={trick} dkim=evil{number}"),
        ),
        field(
            "DKIM-Signature",
            &format!(
                "v=1; a=rsa-sha{number}; d={domain}; s={trick}; h=from; bh=YWJj; b=YWJj; c={trick}"
            ),
        ),
        field("List-Id", &format!("<{trick}.{domain}>")),
    ]
}

#[test]
fn ten_thousand_hostile_messages_make_not_one_new_series() {
    const MESSAGES: usize = 10_000;
    const CONNECTIONS: usize = 8;
    let dns = ZoneServer::start(&zone());
    let milter = Milter::start(program(), dns.addr, &MilterConfig::preset("enforce"));
    let (_, before) = milter.get("/metrics");
    let addr = milter.addr();
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            scope.spawn(move || {
                let mut wire = Wire::negotiated(addr);
                for number in (connection..MESSAGES).step_by(CONNECTIONS) {
                    send(&mut wire, number);
                }
            });
        }
    });
    let (_, after) = milter.get("/metrics");
    let judged: f64 = after
        .lines()
        .filter_map(|line| line.strip_prefix("amazon_spoof_milter_messages_total{"))
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap())
        .sum();
    assert_eq!(judged, MESSAGES as f64, "{after}");
    assert_eq!(series(&before), series(&after));
}

/// One message to its end; what the filter answers is read, whatever it is.
fn send(wire: &mut Wire, number: usize) {
    for (command, data) in hostile(number) {
        wire.send(command, &data);
        // Only MAIL is answered, the rest is negotiated away.
        if command == b'M' {
            assert_eq!(wire.read().expect("MAIL").0, b'c');
        }
    }
    wire.send(b'N', b"");
    if wire.read().expect("end of header").0 != b'c' {
        return;
    }
    wire.send(b'B', b"call +1 555 0100 and tell your password\r\n");
    wire.read().expect("BODY");
    wire.send(b'E', b"");
    while b"hmiq".contains(&wire.read().expect("end of message").0) {}
}
