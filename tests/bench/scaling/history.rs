//! What the shared history costs an answer, and how much of it is stored.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use amazon_spoof_milter::config::{StoreAddress, StoreConfig};
use amazon_spoof_milter::fleet::Fleet;
use amazon_spoof_milter::history::{Decided, History};
use amazon_spoof_milter::metrics::Metrics;

use super::client::Socket;
use super::mix::Mix;
use super::support::balancer::{Balancer, Place};
use super::support::dns::ZoneServer;
use super::support::store::Store;
use super::{Options, SESSIONS, instance, others};

/// Decisions a second of all writers together.
const GOAL: f64 = 10_000.0;

pub fn measure(options: &Options, dns: &ZoneServer, mix: &Mix) {
    answers(options, dns, mix);
    writers(options, dns);
    println!("\n{}", others());
}

/// The p99 of an answer at half the rate that saturates: store on, off, hung, by turns.
fn answers(options: &Options, dns: &ZoneServer, mix: &Mix) {
    let store = Store::start();
    let url = store.url();
    let fleets: Vec<_> = [url.as_str(), ""]
        .into_iter()
        .map(|history| {
            let running: Vec<_> = (1..=3)
                .map(|n| instance(&format!("mx{n}"), options, dns, history))
                .collect();
            let places: Vec<Place> = running.iter().map(|(_, place)| *place).collect();
            let balancer = Balancer::start(&places);
            (1..=3).for_each(|number| balancer.ready(&format!("mx-filter-{number}")));
            (running, balancer)
        })
        .collect();
    let socket = |which: usize| Socket::Tcp(fleets[which].1.addr);
    let time = Duration::from_secs_f64(options.seconds);
    let full = mix.run(&socket(1), SESSIONS, time).rate();
    let pause = Duration::from_secs_f64(2.0 * SESSIONS as f64 / full);
    println!(
        "without a store {full:.0} messages/s saturate; half of it, p99 in ms of {} rounds:\n",
        options.rounds
    );
    println!("| round | store on | off | hung |\n|---|---|---|---|");
    let mut all: [Vec<f64>; 3] = Default::default();
    for round in 1..=options.rounds {
        let on = mix.send(&socket(0), SESSIONS, time, pause).percentile(99);
        let off = mix.send(&socket(1), SESSIONS, time, pause).percentile(99);
        store.hang();
        let hung = mix.send(&socket(0), SESSIONS, time, pause).percentile(99);
        store.go_on();
        println!("| {round} | {on:.1} | {off:.1} | {hung:.1} |");
        for (list, value) in all.iter_mut().zip([on, off, hung]) {
            list.push(value);
        }
        // What is left of the hang is written first.
        thread::sleep(Duration::from_secs(1));
    }
    let medians = all.map(|mut list| {
        list.sort_by(f64::total_cmp);
        list[list.len() / 2]
    });
    println!(
        "| median | {:.1} | {:.1} | {:.1} |",
        medians[0], medians[1], medians[2]
    );
}

/// Three writers, each the program's own with its queue, thread, connection and stream, which get decisions that the
/// program made, at a rate, from a thread of their own. What stands before the queue (the milter protocol, judging)
/// is left out: on a small machine it would take all of it.
fn writers(options: &Options, dns: &ZoneServer) {
    let decided = decision(options, dns);
    let store = Store::start();
    let each = GOAL / 3.0;
    let begun = Instant::now();
    let time = Duration::from_secs_f64(options.seconds);
    let threads: Vec<_> = (1..=3)
        .map(|number| {
            let (store, decided) = (settings(&store, number), Arc::clone(&decided));
            thread::spawn(move || {
                let metrics = Arc::new(Metrics::new().expect("metrics"));
                let fleet = Fleet::start(
                    store,
                    500,
                    Arc::new(History::default()),
                    Arc::clone(&metrics),
                );
                let fleet = fleet.expect("a writer");
                let mut offered = 0_u64;
                while begun.elapsed() < time {
                    let due = (begun.elapsed().as_secs_f64() * each) as u64;
                    while offered < due {
                        fleet.offer(Arc::clone(&decided));
                        offered += 1;
                    }
                    thread::sleep(Duration::from_millis(2));
                }
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime");
                runtime.block_on(fleet.finish());
                let text = metrics.render();
                let stored = text.lines().find_map(|line| {
                    line.strip_prefix(
                        "amazon_spoof_milter_history_writes_total{outcome=\"stored\"} ",
                    )
                });
                let stored: f64 = stored.expect("a counter").parse().expect("a number");
                (offered as f64, stored)
            })
        })
        .collect();
    let results: Vec<_> = threads
        .into_iter()
        .map(|one| one.join().expect("a writer"))
        .collect();
    let offered: f64 = results.iter().map(|(offered, _)| offered).sum();
    let stored: f64 = results.iter().map(|(_, stored)| stored).sum();
    let memory: String = store.ask(&["INFO", "memory"]);
    let memory = memory
        .lines()
        .find_map(|line| line.strip_prefix("used_memory_human:"))
        .unwrap_or("?");
    println!(
        "\nthree writers: {:.0} decisions/s offered, {:.2} % of {offered:.0} stored; the store holds {memory}",
        offered / options.seconds,
        100.0 * stored / offered
    );
}

fn settings(store: &Store, number: usize) -> StoreConfig {
    StoreConfig {
        address: StoreAddress::Tcp("127.0.0.1".into(), store.addr().port()),
        database: 0,
        prefix: "amazon-spoof-milter".into(),
        instance: format!("mx{number}"),
        user: String::new(),
        password_file: None,
        tls_ca: None,
    }
}

/// A genuine message's, as the program keeps it.
fn decision(_: &Options, dns: &ZoneServer) -> Arc<Decided> {
    let text = format!("[dns]\nservers = [\"{}\"]\n", dns.addr);
    let config = amazon_spoof_milter::config::Config::from_toml(&text).expect("a configuration");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let observer = Arc::new(History::default());
        let verifier =
            amazon_spoof_milter::verify::Verifier::new(&config, observer).expect("a verifier");
        let message = super::letters::genuine(7_000).message();
        let report = verifier.verify(&message).await;
        let history = History::default();
        history.record(
            SystemTime::now(),
            &report,
            &message.envelope,
            Duration::from_millis(1),
            false,
        )
    })
}
