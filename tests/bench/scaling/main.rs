//! The small end of docs/scaling.md, measured here, with what its model predicts beside it:
//!
//! ```text
//! cargo bench --bench scaling -- [--program FILE] [--seconds S] [--rounds N] [history]
//! ```
//!
//! One, two and three instances behind HAProxy get a day's mix of mail as fast as it goes. The model has one constant,
//! the processor time of a message, and takes it from the first line; that it holds for the others is what is shown.
//!
//! With `history` three instances share a history instead: how long an answer takes at half the rate that saturates,
//! with the store there, away and hung by turns, and how much of what was decided is stored.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub
)]

#[path = "../bodies.rs"]
mod bodies;
#[path = "../conversation/client.rs"]
mod client;
mod history;
#[path = "../letters.rs"]
mod letters;
mod mix;
#[path = "../../support/mod.rs"]
mod support;

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use client::Socket;
use mix::{Load, Mix};
use support::balancer::{Balancer, Place, free_addr};
use support::dns::ZoneServer;
use support::milter::{Milter, MilterConfig};

/// Sessions side by side.
const SESSIONS: usize = 24;

pub struct Options {
    pub program: PathBuf,
    pub seconds: f64,
    pub rounds: usize,
    history: bool,
}

fn options() -> Options {
    let mut options = Options {
        program: env!("CARGO_BIN_EXE_amazon-spoof-milter").into(),
        seconds: 5.0,
        rounds: 5,
        history: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().expect("a value");
        match word.as_str() {
            "--program" => options.program = value().into(),
            "--seconds" => options.seconds = value().parse().expect("seconds"),
            "--rounds" => options.rounds = value().parse().expect("a number"),
            "history" => options.history = true,
            // What cargo adds.
            _ => {}
        }
    }
    options
}

/// A running instance and where it is.
pub fn instance(name: &str, options: &Options, dns: &ZoneServer, history: &str) -> (Milter, Place) {
    let place = Place {
        milter: free_addr(),
        http: free_addr(),
    };
    let config = MilterConfig {
        milter: format!("listen = \"inet:{}\"\n", place.milter),
        http: format!("listen = \"{}\"\n", place.http),
        rest: match history {
            "" => String::new(),
            store => format!("[history]\nstore = \"{store}\"\ninstance = \"{name}\"\n"),
        },
        ..MilterConfig::default()
    };
    (Milter::start(&options.program, dns.addr, &config), place)
}

/// Processor time of a process so far (proc(5)).
pub fn processor(id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("a process");
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    let fields = fields.split_whitespace().skip(11).take(2);
    let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

fn memory(id: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("VmRSS");
    let kilobytes: f64 = line
        .split_whitespace()
        .nth(1)
        .expect("a number")
        .parse()
        .expect("a number");
    kilobytes / 1_024.0
}

/// The machine's load, since whatever else runs takes its part.
pub fn others() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{cores} cores, load {}",
        load.split(' ').next().unwrap_or("?")
    )
}

/// What a message cost in milliseconds of processor time.
struct Cost {
    filter: f64,
    balancer: f64,
    client: f64,
}

impl Cost {
    fn whole(&self) -> f64 {
        self.filter + self.balancer + self.client
    }
}

struct Measured {
    rate: f64,
    p99: f64,
    cost: Cost,
    memory: f64,
    lookups: f64,
}

fn measure(count: usize, options: &Options, dns: &ZoneServer, mix: &Mix) -> Measured {
    let running: Vec<_> = (0..count)
        .map(|n| instance(&format!("mx{n}"), options, dns, ""))
        .collect();
    let places: Vec<_> = running.iter().map(|(_, place)| *place).collect();
    let balancer = Balancer::start(&places);
    for number in 1..=count {
        balancer.ready(&format!("mx-filter-{number}"));
    }
    let own = std::process::id();
    let used = || -> [Duration; 3] {
        let filters = running
            .iter()
            .map(|(milter, _)| processor(milter.id()))
            .sum();
        [filters, processor(balancer.id()), processor(own)]
    };
    let socket = Socket::Tcp(balancer.addr);
    mix.run(&socket, SESSIONS, Duration::from_millis(500));
    let before = used();
    let load: Load = mix.run(&socket, SESSIONS, Duration::from_secs_f64(options.seconds));
    let after = used();
    let each = |at: usize| (after[at] - before[at]).as_secs_f64() * 1_000.0 / load.count() as f64;
    let lookups = running
        .iter()
        .map(|(milter, _)| milter.metric("amazon_spoof_milter_dns_cache_misses_total"));
    Measured {
        rate: load.rate(),
        p99: load.percentile(99),
        // The zone server of the trial runs in this process, too.
        cost: Cost {
            filter: each(0),
            balancer: each(1),
            client: each(2),
        },
        memory: running.iter().map(|(milter, _)| memory(milter.id())).sum(),
        lookups: lookups.sum(),
    }
}

fn main() {
    let options = options();
    let dns = ZoneServer::start(&letters::zone());
    let mix = Mix::of_a_day();
    println!(
        "{}; {}, rounds of {} s\n",
        others(),
        options.program.display(),
        options.seconds
    );
    if options.history {
        history::measure(&options, &dns, &mix);
        return;
    }
    println!(
        "| instances | messages/s | predicted | p99 ms | CPU ms a message: filter | predicted | HAProxy | client | memory MiB | predicted | DNS asked |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let mut first: Option<Measured> = None;
    for count in 1..=3 {
        let now = measure(count, &options, &dns, &mix);
        let base = first.as_ref().unwrap_or(&now);
        // All share these cores, so that another instance adds none: the rate stays, and so does what a message costs.
        let rate = base.rate * base.cost.whole() / now.cost.whole();
        println!(
            "| {count} | {:.0} | {:.0} | {:.1} | {:.3} | {:.3} | {:.3} | {:.3} | {:.0} | {:.0} | {:.0} |",
            now.rate,
            rate,
            now.p99,
            now.cost.filter,
            base.cost.filter,
            now.cost.balancer,
            now.cost.client,
            now.memory,
            base.memory * count as f64,
            now.lookups,
        );
        first.get_or_insert(now);
    }
    println!("\n{}", others());
}
