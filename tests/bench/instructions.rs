//! One thing of the program for a counter of instructions: `tests/instructions.sh` runs it and compares
//! the counts with `instructions.txt`.
//!
//! ```text
//! instructions NAME        without arguments: the names
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    dead_code,
    unreachable_pub
)]

mod bodies;
mod letters;
#[path = "../support/mod.rs"]
mod support;
#[path = "worst/table/mod.rs"]
mod table;

use std::hint::black_box;
use std::sync::Arc;

use amazon_spoof_milter::config::{Config, Inspect};
use amazon_spoof_milter::verify::Verifier;
use amazon_spoof_milter::{
    brand::{Brand, host::classify},
    claim::claims,
    mail::{domain::Domain, mailbox::authors, message::Message, text::skeleton::skeleton},
};
use letters::Letter;
use support::dns::ZoneServer;

/// Does it once.
type Work = Box<dyn FnMut()>;

/// A name, and what makes the work.
type Counted = (&'static str, fn() -> Work);

/// What is counted; each makes what it needs before.
fn works() -> Vec<Counted> {
    vec![
        ("claims-ordinary", || {
            let message = letters::ordinary(10_000).message();
            Box::new(move || drop(black_box(claims(&message, Brand::embedded()))))
        }),
        ("claims-genuine", || {
            let message = letters::genuine(7_000).message();
            Box::new(move || drop(black_box(claims(&message, Brand::embedded()))))
        }),
        ("from-field", || {
            let message = letters::ordinary(10).message();
            Box::new(move || drop(black_box(authors(&message.headers, "From"))))
        }),
        ("skeleton", || {
            Box::new(|| {
                drop(black_box(skeleton(
                    "Your Аmаzon.соm order could not be sent",
                )))
            })
        }),
        ("classify", || {
            let domain = Domain::parse("mail.friend.example").expect("a name");
            Box::new(move || {
                black_box(classify(Brand::embedded(), &domain));
            })
        }),
        ("parse-10k", || {
            let raw = letters::ordinary(10_000).raw;
            Box::new(move || drop(black_box(Message::parse(&raw))))
        }),
        ("ordinary-10k", || {
            judged(letters::ordinary(10_000), Inspect::Claimed)
        }),
        ("ordinary-10k-all", || {
            judged(letters::ordinary(10_000), Inspect::All)
        }),
        ("genuine-offline", || {
            judged(letters::genuine(7_000), Inspect::Claimed)
        }),
        ("display-name-10k", || {
            judged(letters::display_name(10_000), Inspect::Claimed)
        }),
        ("display-name-text-10k", || {
            judged(letters::display_name_text(10_000), Inspect::Claimed)
        }),
        ("worst-1", || worst(0)),
        ("worst-2", || worst(1)),
        ("worst-3", || worst(2)),
        ("worst-4", || worst(3)),
        ("worst-5", || worst(4)),
        ("genuine-dkim-8k", || proved(letters::genuine(7_000))),
        ("genuine-dkim-1m", || proved(letters::genuine(1_000_000))),
    ]
}

/// The way of a message without DNS, whose answers take their own ways.
fn judged(letter: Letter, inspect: Inspect) -> Work {
    let mut config = Config::from_toml("").expect("a configuration");
    config.authenticate.dns = None;
    config.inspect = inspect;
    work(&config, letter)
}

/// The way of one of the messages that cost most, of whose kind `make worst` has thousands.
fn worst(nth: usize) -> Work {
    let line = table::worst().nth(nth).expect("a line of the table");
    judged(
        Letter {
            client_ip: "203.0.113.30",
            mail_from: "sender@worst.example",
            raw: line.raw(),
        },
        Inspect::Claimed,
    )
}

/// The way of a message with all answers of DNS in the cache, its signatures checked.
fn proved(letter: Letter) -> Work {
    let dns = ZoneServer::start(&letters::zone());
    let config = format!("[dns]\nservers = [\"{}\"]\n", dns.addr);
    let mut work = work(
        &Config::from_toml(&config).expect("a configuration"),
        letter,
    );
    work();
    // From here on it is in the cache or nowhere.
    drop(dns);
    work
}

fn work(config: &Config, letter: Letter) -> Work {
    let message = letter.message();
    let verifier = Verifier::new(config, Arc::new(())).expect("a resolver");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    Box::new(move || {
        runtime.block_on(async {
            let begun = verifier.begin(&message);
            let report = match verifier.needs_body(&begun) {
                true => verifier.finish(begun, &message).await,
                false => verifier.conclude(begun, &message),
            };
            black_box(report.edits(&message, &verifier.headers));
        });
    })
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(name) = arguments.first() else {
        for (name, _) in works() {
            println!("{name}");
        }
        return;
    };
    let (_, make) = works()
        .into_iter()
        .find(|(known, _)| known == name)
        .expect("a name");
    let mut work = make();
    // What is made when it is first needed is there then.
    work();
    ten_times(&mut work);
}

/// The counter looks in here and nowhere else, and knows it by this name.
#[inline(never)]
fn ten_times(work: &mut Work) {
    for _ in 0..10 {
        work();
    }
}
