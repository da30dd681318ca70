//! What has to come out even at the end: counters, memory, connections.

use crate::site::Site;
use amazon_spoof_milter::server::Service;
use std::collections::{BTreeMap, HashMap};

const NAMESPACE: &str = "amazon_spoof_milter_";

/// The values of all series, by their name with labels.
fn series(service: &Service) -> HashMap<String, u64> {
    let text = service.shared.metrics.render();
    let of_line = |line: &str| {
        let (name, value) = line.strip_prefix(NAMESPACE)?.rsplit_once(' ')?;
        let value: u64 = value.parse().ok()?;
        Some((name.to_owned(), value))
    };
    text.lines().filter_map(of_line).collect()
}

/// The sum of all series of a name.
fn sum(series: &HashMap<String, u64>, name: &str) -> u64 {
    let begin = format!("{name}{{");
    let of_name = series
        .iter()
        .filter(|(series, _)| **series == name || series.starts_with(&begin));
    of_name.map(|(_, value)| value).sum()
}

fn even(site: &Site, what: &str, is: u64, right: u64) {
    if is != right {
        site.trace
            .wrong(&format!("{what}: {is} instead of {right}"));
    }
}

/// Everybody has gone, and nobody was cut off.
pub(crate) fn of_quiet(site: &Site, service: &Service, alive: u64) {
    let series = series(service);
    even(
        site,
        "connections_total",
        sum(&series, "connections_total"),
        site.connections(),
    );
    // What the program knows itself it asks nobody.
    let lookups = sum(&series, "dns_lookups_total");
    let hits = sum(&series, "dns_cache_hits_total");
    let (asked, cached) = site.names.answered();
    even(site, "dns_lookups_total", lookups, asked + hits);
    let known = hits >= cached;
    even(site, "answers from the cache", known.into(), 1);
    even(
        site,
        "open_connections",
        sum(&series, "open_connections"),
        0,
    );
    let held = u64::try_from(service.shared.memory.held()).expect("octets");
    even(site, "octets held", held, 0);
    let (right, wrong) = site.reloaded();
    let name = |result: &str| format!("config_reloads_total{{result=\"{result}\"}}");
    even(site, "reloads", sum(&series, &name("success")), right);
    even(
        site,
        "failed reloads",
        sum(&series, &name("failure")),
        wrong,
    );
    let all: u64 = site.log.counted().values().sum();
    if !site.jumped_since(std::time::Duration::ZERO) {
        let day = service.shared.history.lately(site.date()).day;
        let kept = day.iter().map(|minute| u64::from(minute.all())).sum();
        even(site, "messages of the day", kept, all);
    }
    let due = site.trace.now().as_secs() / 32;
    if alive + 2 < due {
        site.trace.wrong(&format!(
            "the watchdog heard {alive} signs of life, and {due} were due"
        ));
    }
}

/// Whatever happened before.
pub(crate) fn of_all(site: &Site, service: &Service) {
    let series = series(service);
    let internal = sum(&series, "protocol_errors_total{kind=\"internal\"}");
    even(site, "internal errors", internal, 0);
    let mut said = BTreeMap::new();
    for ((verdict, action), count) in site.log.counted() {
        let name = format!("messages_total{{action=\"{action}\",verdict=\"{verdict}\"}}");
        said.insert(name, count);
    }
    for (name, count) in &said {
        even(site, name, series.get(name).copied().unwrap_or(0), *count);
    }
    let all = said.values().sum();
    even(site, "messages_total", sum(&series, "messages_total"), all);
    let timed = "message_duration_seconds_count{stage=\"message\"}";
    even(site, timed, series.get(timed).copied().unwrap_or(0), all);
}
