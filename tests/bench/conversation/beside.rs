//! How long innocent mail waits while the worst is being judged.

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::client::Mail;
use super::filter::Filter;
use super::letters::{self, Letter};
use super::load::Load;
use super::table;
use super::{ALL, Options};

/// Messages of the worst kinds that are under way all the time.
const AT_ONCE: usize = 2;

/// Prints how soon a message is answered, one after the other, alone and beside the worst.
pub fn measure(dns: SocketAddr, options: &Options) {
    let milter = Filter::milter(Path::new(&options.program), "unix", "", dns, ALL);
    let time = Duration::from_secs_f64(options.seconds * options.rounds as f64);
    let innocent: Mail = letters::ordinary(10_000).into();
    let alone = Load::run(&milter, &innocent, 1, time);
    let worst: Vec<Mail> = table::worst().take(AT_ONCE).map(hostile).collect();
    let (beside, judged) = thread::scope(|scope| {
        let (milter, innocent) = (&milter, &innocent);
        let loads: Vec<_> = worst
            .iter()
            .map(|mail| scope.spawn(move || Load::run(milter, mail, 1, time)))
            .collect();
        let beside = Load::run(milter, innocent, 1, time);
        let loads = loads.into_iter().map(|load| load.join().expect("a load"));
        let judged: u64 = loads.map(|load| load.outcomes.values().sum::<u64>()).sum();
        (beside, judged)
    });
    for (what, load) in [("alone", alone), ("beside", beside)] {
        println!(
            "ordinary 10 KB, {what}: p50 {:.2} ms, p99 {:.2} ms, at most {:.2} ms",
            load.percentile(50),
            load.percentile(99),
            load.percentile(100)
        );
    }
    println!("beside: {AT_ONCE} of the worst messages at a time, {judged} in {time:.0?}");
}

fn hostile(line: table::Line) -> Mail {
    let letter = Letter {
        client_ip: "203.0.113.30",
        mail_from: "sender@worst.example",
        raw: line.raw(),
    };
    letter.into()
}
