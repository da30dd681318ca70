//! Which input costs the program most: `make worst`. Measures processor time, tests nothing.
//!
//! ```text
//! cargo bench --bench worst -- [--all] [--write FOLDER] [WORD]...
//! ```
//!
//! Each line of [`table`] is a message, put through the limits of a connection and judged as the milter
//! judges it, with `inspect.body = "claimed"` and `"all"`. Shown are the ten that take the largest part
//! of what a message may cost ([`EACH`], [`A_MEGABYTE`]); with words those whose name has one of them, with
//! `--all` all. `--write` writes the messages instead.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub
)]

mod judged;
#[path = "../../support/mod.rs"]
mod support;
mod table;

use std::path::Path;
use std::time::Duration;

use amazon_spoof_milter::config::Inspect;
use judged::Judge;

/// What any message may cost, in milliseconds of processor time.
const EACH: f64 = 5.0;
/// What each megabyte of it may cost besides.
const A_MEGABYTE: f64 = 50.0;
/// Lines that are shown.
const SHOWN: usize = 10;

struct Cost {
    name: String,
    mode: &'static str,
    megabytes: f64,
    time: f64,
}

impl Cost {
    fn goal(&self) -> f64 {
        EACH + A_MEGABYTE * self.megabytes
    }

    /// What part of the goal it takes.
    fn share(&self) -> f64 {
        self.time / self.goal()
    }
}

struct Options {
    all: bool,
    words: Vec<String>,
}

fn options() -> Options {
    let mut options = Options {
        all: false,
        words: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            // Cargo adds it.
            "--bench" => {}
            "--all" => options.all = true,
            "--write" => {
                let folder = arguments.next().expect("--write FOLDER");
                write(Path::new(&folder));
                std::process::exit(0);
            }
            _ => options.words.push(argument),
        }
    }
    options
}

fn write(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    for line in table::lines() {
        let name = line.name.replace([' ', '/', ':'], "-");
        std::fs::write(folder.join(format!("{name}.eml")), line.raw()).expect("write");
    }
}

/// The least of three runs, or of one that takes long: what else the machine does only adds.
fn measure(judge: &Judge, raw: &[u8]) -> Duration {
    let first = judge.cost(raw);
    if first > Duration::from_secs(1) {
        return first;
    }
    (0..2).fold(first, |least, _| least.min(judge.cost(raw)))
}

fn main() {
    // `cargo test --benches` runs this too, and has no use for it.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let options = options();
    let dns = support::dns::ZoneServer::start(&table::zone());
    let modes = [("claimed", Inspect::Claimed), ("all", Inspect::All)];
    let judges = modes.map(|(mode, inspect)| (mode, Judge::new(inspect, dns.addr)));
    let is_wanted = |name: &str| {
        let words = &options.words;
        words.is_empty() || words.iter().any(|word| name.contains(word.as_str()))
    };
    let mut costs = Vec::new();
    for line in table::lines() {
        if !is_wanted(&line.name) {
            continue;
        }
        let raw = line.raw();
        for (mode, judge) in &judges {
            let time = measure(judge, &raw);
            costs.push(Cost {
                name: line.name.clone(),
                mode,
                megabytes: raw.len() as f64 / 1e6,
                time: time.as_secs_f64() * 1_000.0,
            });
        }
    }
    costs.sort_by(|a, b| b.share().total_cmp(&a.share()));
    let beyond = costs.iter().filter(|cost| cost.share() > 1.0).count();
    let measured = costs.len();
    let shown = match options.all || !options.words.is_empty() {
        true => measured,
        false => SHOWN,
    };
    println!("| input | body | MB | CPU ms | ms a MB | of the goal |");
    println!("|---|---|---|---|---|---|");
    for cost in costs.iter().take(shown) {
        println!(
            "| {} | {} | {:.2} | {:.1} | {:.0} | {:.0} % |",
            cost.name,
            cost.mode,
            cost.megabytes,
            cost.time,
            cost.time / cost.megabytes,
            cost.share() * 100.0
        );
    }
    println!("\n{beyond} of {measured} cost more than {A_MEGABYTE} ms a megabyte and {EACH} ms.");
}
