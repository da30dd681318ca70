//! What a message costs over the milter protocol, beside a filter on C libmilter that decides nothing:
//!
//! ```text
//! cargo bench --bench conversation -- [--rounds N] [--seconds S] [--program FILE] [--http ADDRESS] [--against OLD] [WORD]...
//! ```
//!
//! Each line is measured in rounds, in each of which both filters take their turn; shown are medians,
//! and medians of the rounds' ratios. With words only lines that contain one of them are measured; `beside` is how
//! long ordinary mail waits while the worst is being judged, `cold` what mail costs of which nothing is in a cache,
//! `files` what opening files costs, `memory` what large mail takes of it. Another build of the program is measured
//! with `--program`. With `--http ADDRESS` its page is there, for a load of requests beside that of mail. `--write FOLDER` writes the mail and its DNS instead.
//!
//! With `--against OLD` another build takes the place of the filter in C: both take their turn in each round,
//! and the exit status is 1 where a line got slower by more than a tenth (`make bench-against`).
//!
//! With `--peers` OpenDKIM with OpenDMARC and rspamd take their turn beside both (`tests/compare-speed.sh`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub
)]

mod against;
mod beside;
#[path = "../bodies.rs"]
mod bodies;
mod client;
mod cold;
mod files;
mod filter;
#[path = "../letters.rs"]
mod letters;
mod load;
mod memory;
mod peers;
#[path = "../../support/mod.rs"]
mod support;
#[path = "../worst/table/mod.rs"]
mod table;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use client::{Mail, Socket};
use filter::{Filter, build_noop};
use letters::Letter;
use load::{Load, Target, median, ratio};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::dns::ZoneServer;
use support::milter::fresh_folder;
use support::wire::{OFFER, Wire, packet};

const PROGRAM: &str = env!("CARGO_BIN_EXE_amazon-spoof-milter");
const DEFAULT: &str = "";
const ALL: &str = "[inspect]\nbody = \"all\"\n";
const NEVER: &str = "[inspect]\nbody = \"never\"\n";

/// One line of the table.
struct Line {
    name: &'static str,
    mail: Mail,
    /// Lines of the configuration.
    config: &'static str,
    listen: &'static str,
    /// Messages under way at the same time.
    at_once: usize,
    /// The fewest edits that show that the message was judged as its name says.
    edits: std::ops::RangeInclusive<u32>,
}

fn lines() -> Vec<Line> {
    let line = |name, letter: Letter, edits| Line {
        name,
        mail: letter.into(),
        config: DEFAULT,
        listen: "unix",
        at_once: 16,
        edits,
    };
    let all = |line: Line| Line {
        config: ALL,
        ..line
    };
    let one_by_one = |line: Line, listen| Line {
        listen,
        at_once: 1,
        ..line
    };
    let many = |line: Line| Line {
        at_once: 64,
        ..line
    };
    let (small, large) = (10_000, 1_000_000);
    let flagged = 3..=9;
    vec![
        line("ordinary 10 KB", letters::ordinary(small), 0..=0),
        all(line("ordinary 10 KB, all", letters::ordinary(small), 0..=0)),
        line("ordinary 1 MB", letters::ordinary(large), 0..=0),
        all(line("ordinary 1 MB, all", letters::ordinary(large), 0..=0)),
        line("genuine 8.5 KB", letters::genuine(7_000), 2..=3),
        line("forged 10 KB", letters::forged(small), flagged.clone()),
        Line {
            config: NEVER,
            ..line(
                "forged 10 KB, never",
                letters::forged(small),
                flagged.clone(),
            )
        },
        line(
            "lookalike 10 KB",
            letters::lookalike(small),
            flagged.clone(),
        ),
        line("display name 10 KB", letters::display_name(small), flagged),
        line("genuine 1 MB", letters::genuine(large), 2..=3),
        one_by_one(
            line("genuine, Unix", letters::genuine(7_000), 2..=3),
            "unix",
        ),
        one_by_one(line("genuine, TCP", letters::genuine(7_000), 2..=3), "tcp"),
        many(line(
            "genuine 8.5 KB, 64 at once",
            letters::genuine(7_000),
            2..=3,
        )),
        many(line(
            "genuine 1 MB, 64 at once",
            letters::genuine(large),
            2..=3,
        )),
    ]
}

struct Options {
    rounds: usize,
    seconds: f64,
    program: String,
    http: String,
    /// Another build to measure beside the program.
    against: Option<String>,
    /// Whether other filters take their turn.
    peers: bool,
    words: Vec<String>,
}

impl Options {
    /// Whether what is called so is measured: one of the words is in its name, or there are none.
    fn asks_for(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }
}

fn options() -> Options {
    let mut options = Options {
        rounds: 5,
        seconds: 1.0,
        program: PROGRAM.to_owned(),
        http: String::new(),
        against: None,
        peers: false,
        words: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|text| text.parse::<f64>().ok());
        match argument.as_str() {
            // Cargo adds it.
            "--bench" => {}
            "--rounds" => options.rounds = number().expect("--rounds N") as usize,
            "--seconds" => options.seconds = number().expect("--seconds S"),
            "--program" => options.program = arguments.next().expect("--program FILE"),
            "--http" => options.http = arguments.next().expect("--http ADDRESS"),
            "--peers" => options.peers = true,
            "--against" => options.against = Some(arguments.next().expect("--against FILE")),
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

/// Writes the mail and its zone for other tools.
fn write(folder: &Path) {
    let files = [
        ("zone", letters::zone().into_bytes()),
        ("ordinary.eml", letters::ordinary(10_000).raw),
        ("genuine.eml", letters::genuine(7_000).raw),
        ("genuine-large.eml", letters::genuine(1_000_000).raw),
        ("forged.eml", letters::forged(10_000).raw),
    ];
    std::fs::create_dir_all(folder).expect("a folder");
    for (name, octets) in files {
        std::fs::write(folder.join(name), octets).expect("write");
    }
}

/// Fills the filter's cache of DNS answers, and sees that the mail is judged as the line's name says.
fn warmed(filter: &Filter, line: &Line) {
    let warm = Load::run(filter, &line.mail, line.at_once, Duration::from_millis(300));
    assert!(
        warm.outcomes
            .keys()
            .all(|outcome| outcome.reply == b'a' && line.edits.contains(&outcome.edits)),
        "{}: {:?}",
        line.name,
        warm.outcomes
    );
}

fn measure(line: &Line, noop: Option<&Filter>, dns: &ZoneServer, options: &Options) {
    let milter = Filter::milter(
        Path::new(&options.program),
        line.listen,
        &options.http,
        dns.addr,
        line.config,
    );
    let time = Duration::from_secs_f64(options.seconds);
    let load = |filter: &Filter, time| Load::run(filter, &line.mail, line.at_once, time);
    warmed(&milter, line);
    let mut rounds = Vec::new();
    for _ in 0..options.rounds {
        let limit = noop.map(|noop| load(noop, time));
        rounds.push((limit, load(&milter, time)));
    }
    let own = |value: fn(&Load) -> f64| median(rounds.iter().map(|(_, own)| value(own)));
    let times = |value: fn(&Load) -> f64| {
        let pairs = rounds
            .iter()
            .filter_map(|(limit, own)| Some((limit.as_ref()?, own)));
        ratio(pairs.map(|(limit, own)| value(own) / value(limit)))
    };
    println!(
        "| {} | {:.0} | {} | {:.3} | {} | {:.2} | {:.2} | {} | {:.0} |",
        line.name,
        own(Load::rate),
        times(Load::rate),
        own(Load::processor),
        times(Load::processor),
        own(|load| load.percentile(50)),
        own(|load| load.percentile(99)),
        times(|load| load.percentile(99)),
        milter.used().peak as f64 / f64::from(1 << 20),
    );
}

/// Messages that `check --offline` reads a second. `config`: lines of the configuration.
fn checked(program: &str, config: &str, rounds: usize) -> f64 {
    const FILES: usize = 5_000;
    let (folder, beside) = (fresh_folder(), fresh_folder());
    let settings = beside.join("config.toml");
    std::fs::write(&settings, config).expect("write a configuration");
    let raw = letters::ordinary(10_000).raw;
    for number in 0..FILES {
        std::fs::write(folder.join(format!("{number}.eml")), &raw).expect("write a message");
    }
    let rates = (0..rounds).map(|_| {
        let begun = Instant::now();
        let status = Command::new(program)
            .args(["check", "--offline", "--config"])
            .args([&settings, &folder])
            .stdout(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "check failed");
        FILES as f64 / begun.elapsed().as_secs_f64()
    });
    let rate = median(rates);
    for folder in [folder, beside] {
        let _ = std::fs::remove_dir_all(folder);
    }
    rate
}

/// A message after the other while a thousand connections say nothing and two hundred have stopped in
/// the middle of a word, more together than are served at a time.
fn crowded(dns: &ZoneServer, options: &Options) -> Load {
    let program = Path::new(&options.program);
    let milter = Filter::milter(program, "tcp", "", dns.addr, DEFAULT);
    let Socket::Tcp(addr) = milter.socket else {
        panic!("a TCP socket was asked for");
    };
    let files = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: files.maximum,
        ..files
    };
    setrlimit(Resource::Nofile, raised).expect("the hard limit");
    let _idle: Vec<_> = (0..1_000).map(|_| Wire::negotiated(addr)).collect();
    let _half: Vec<_> = (0..200)
        .map(|_| {
            let mut wire = Wire::connect(addr);
            wire.raw(&packet(b'O', OFFER)[..9]).expect("send");
            wire
        })
        .collect();
    let time = Duration::from_secs_f64(options.seconds * options.rounds as f64);
    Load::run(&milter, &letters::genuine(7_000).into(), 1, time)
}

fn main() -> ExitCode {
    let options = options();
    // `cargo test --benches` runs this too, and has no use for it.
    if std::env::args().any(|argument| argument == "--test") {
        return ExitCode::SUCCESS;
    }
    match &options.against {
        Some(old) => two_builds(old, &options),
        None if options.peers => {
            peers::measure(&wanted(&options), &options);
            ExitCode::SUCCESS
        }
        None => {
            beside_the_noop(&options);
            ExitCode::SUCCESS
        }
    }
}

/// The lines that are asked for: those with one of the words, or all.
fn wanted(options: &Options) -> Vec<Line> {
    let is_wanted = |line: &Line| options.asks_for(line.name);
    lines().into_iter().filter(is_wanted).collect()
}

fn two_builds(old: &str, options: &Options) -> ExitCode {
    let dns = ZoneServer::start(&letters::zone());
    let mut slower = against::measure(&wanted(options), old, dns.addr, options);
    if options.words.is_empty() {
        slower.extend(against::measure_alone(old, dns.addr, options));
    }
    match slower.is_empty() {
        true => println!("\nno line is more than a tenth slower"),
        false => println!("\nmore than a tenth slower: {}", slower.join("; ")),
    }
    ExitCode::from(u8::from(!slower.is_empty()))
}

fn beside_the_noop(options: &Options) {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let noop = build_noop(&target).map(|program| Filter::other(&program, "unix:{}"));
    if noop.is_none() {
        eprintln!(
            "without libmilter's headers (Debian: libmilter-dev) there is nothing to compare with"
        );
    }
    let dns = ZoneServer::start(&letters::zone());
    println!(
        "| message | a second | x no-op | CPU ms | x no-op | p50 ms | p99 ms | x no-op | peak MiB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for line in wanted(options) {
        measure(&line, noop.as_ref(), &dns, options);
    }
    if options.asks_for("beside the worst") {
        println!();
        beside::measure(dns.addr, options);
    }
    if options.asks_for("cold") {
        println!();
        cold::measure_all(options);
    }
    if options.asks_for("files") {
        println!();
        files::measure(options);
    }
    if options.asks_for("memory") {
        println!();
        memory::measure(options);
    }
    // With words only those lines are asked for.
    if !options.words.is_empty() {
        return;
    }
    let mut starts: Vec<f64> = Vec::new();
    for _ in 0..options.rounds {
        let milter = Filter::milter(Path::new(&options.program), "unix", "", dns.addr, DEFAULT);
        starts.push(milter.start.as_secs_f64() * 1_000.0);
    }
    let crowd = crowded(&dns, options);
    println!(
        "\namong 1,000 idle and 200 half-speaking connections: {:.2} ms, at most {:.2} ms",
        crowd.percentile(50),
        crowd.percentile(100)
    );
    println!("start to ready: {:.0} ms", median(starts.into_iter()));
    println!(
        "check --offline: {:.0} messages of 10 KB a second",
        checked(&options.program, DEFAULT, options.rounds)
    );
}
