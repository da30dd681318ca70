//! Two builds of the program on the same lines, in turn: so a slow minute of the machine hits both.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::filter::Filter;
use super::load::{Load, median};
use super::{ALL, DEFAULT, Line, Options, checked, warmed};

/// How much slower a line may be: a tenth.
const MOST: f64 = 1.10;

/// Measures each line with the program `old` and with that of the options. Returns the names of the
/// lines that got slower by more than a tenth, in messages a second or in processor time.
pub fn measure(lines: &[Line], old: &str, dns: SocketAddr, options: &Options) -> Vec<String> {
    println!("| message | old a second | new | new : old | old CPU ms | new | new : old |");
    println!("|---|---|---|---|---|---|---|");
    let mut slower = Vec::new();
    for line in lines {
        let programs = [old, options.program.as_str()];
        let rounds = rounds(line, programs, dns, options);
        let rate = Compared::of(&rounds, Load::rate);
        let processor = Compared::of(&rounds, Load::processor);
        println!(
            "| {} | {:.0} | {:.0} | {:.2} | {:.3} | {:.3} | {:.2} |",
            line.name,
            rate.old,
            rate.new,
            rate.ratio,
            processor.old,
            processor.new,
            processor.ratio
        );
        if rate.ratio < 1.0 / MOST || processor.ratio > MOST {
            slower.push(line.name.to_owned());
        }
    }
    slower
}

/// Start to ready and messages of `check --offline`, which have no conversation.
pub fn measure_alone(old: &str, dns: SocketAddr, options: &Options) -> Vec<String> {
    let new = options.program.as_str();
    let mut slower = Vec::new();
    let start = |program: &str| {
        let milter = Filter::milter(Path::new(program), "unix", "", dns, DEFAULT);
        milter.start.as_secs_f64() * 1_000.0
    };
    let starts = in_turn(options.rounds, |nth| start([old, new][nth]));
    let start = Compared::of(&starts, |ms| *ms);
    println!(
        "\nstart to ready, ms: old {:.1}, new {:.1}, new : old {:.2}",
        start.old, start.new, start.ratio
    );
    // A few milliseconds are not worth a failure.
    if start.ratio > MOST && start.new - start.old > 5.0 {
        slower.push("start to ready".to_owned());
    }
    // Bodies are looked into by default since 0.2, so that both are told to.
    let once = |nth: usize| checked([old, new][nth], ALL, 1);
    let rates = in_turn(options.rounds, once);
    let rate = Compared::of(&rates, |rate| *rate);
    println!(
        "check --offline, all, messages of 10 KB a second: old {:.0}, new {:.0}, new : old {:.2}",
        rate.old, rate.new, rate.ratio
    );
    if rate.ratio < 1.0 / MOST {
        slower.push("check --offline".to_owned());
    }
    slower
}

fn rounds(line: &Line, programs: [&str; 2], dns: SocketAddr, options: &Options) -> Vec<[Load; 2]> {
    let filters = programs.map(|program| {
        let filter = Filter::milter(Path::new(program), line.listen, "", dns, line.config);
        warmed(&filter, line);
        filter
    });
    let time = Duration::from_secs_f64(options.seconds);
    in_turn(options.rounds, |nth| {
        Load::run(&filters[nth], &line.mail, line.at_once, time)
    })
}

/// Each round has both; who is first changes from one to the next.
fn in_turn<T>(rounds: usize, mut run: impl FnMut(usize) -> T) -> Vec<[T; 2]> {
    let round = |number: usize| match number % 2 {
        0 => {
            let old = run(0);
            [old, run(1)]
        }
        _ => {
            let new = run(1);
            [run(0), new]
        }
    };
    (0..rounds).map(round).collect()
}

/// Medians of a value, and the median of its ratios within the rounds.
struct Compared {
    old: f64,
    new: f64,
    ratio: f64,
}

impl Compared {
    fn of<T>(rounds: &[[T; 2]], value: impl Fn(&T) -> f64) -> Self {
        Self {
            old: median(rounds.iter().map(|[old, _]| value(old))),
            new: median(rounds.iter().map(|[_, new]| value(new))),
            ratio: median(rounds.iter().map(|[old, new]| value(new) / value(old))),
        }
    }
}
