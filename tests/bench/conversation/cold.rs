//! What mail costs of whose names nothing is in any cache, where DNS takes its time.

use std::collections::BTreeSet;

use super::letters;
use super::support::dns::ZoneServer;
use super::{Line, Options, lines, measure};

/// Milliseconds until DNS answers.
const DELAY: u64 = 20;

/// The zone of the letters, of which nobody may keep anything, and whose names take their time.
fn zone() -> String {
    let zone = letters::zone();
    let names = zone.lines().filter(|line| !line.starts_with('$'));
    let names = names.filter_map(|line| line.split(' ').next());
    let names: BTreeSet<&str> = names.collect();
    let delays = names.iter().map(|name| format!("{name} DELAY {DELAY}\n"));
    let delays: String = delays.collect();
    zone.replace("$TTL 3600", "$TTL 0") + delays.as_str()
}

/// Prints a table of the lines that ask DNS: each message asks it anew.
pub fn measure_all(options: &Options) {
    let dns = ZoneServer::start(&zone());
    println!(
        "| nothing in the cache, DNS takes {DELAY} ms | a second | | CPU ms | | p50 ms | p99 ms | | peak MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let asks = [
        "genuine 8.5 KB, 64 at once",
        "forged 10 KB",
        "lookalike 10 KB",
        "display name 10 KB",
    ];
    let is_meant = |line: &Line| asks.contains(&line.name);
    for line in lines().into_iter().filter(is_meant) {
        let line = Line {
            at_once: 64,
            ..line
        };
        measure(&line, None, &dns, options);
    }
}
