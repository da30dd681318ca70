//! What judging a message costs: `cargo bench`, or `make bench`. Prints tables of medians, and
//! measures nothing that could fail. `docs/performance.md` has figures.

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

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use amazon_spoof_milter::config::{Config, Inspect};
use amazon_spoof_milter::metrics::{Metrics, words::Stage};
use amazon_spoof_milter::verify::Verifier;
use amazon_spoof_milter::{
    brand::{Brand, host::classify, name::mention},
    claim::claims,
    html::visible_text,
    mail::{
        domain::Domain,
        mailbox::authors,
        message::{Header, Message},
        text::skeleton::skeleton,
    },
};
use bodies::{page, text};
use letters::Letter;
use linkify::LinkFinder;
use mail_auth::common::{
    crypto::{Algorithm, HashAlgorithm},
    parse::TxtRecordParser,
    verify::DomainKey,
};
use mail_auth::dkim::Canonicalization;
use ring::digest::{SHA256, digest};
use support::dns::ZoneServer;
use support::sign::Key;
use tokio::runtime::Runtime;

/// How long each line is measured.
const PATIENCE: Duration = Duration::from_millis(600);

/// The median time of one run, over as many as fit.
fn median(mut run: impl FnMut()) -> Duration {
    let begun = Instant::now();
    run();
    // Short runs are measured many at a time: the clock itself takes some 50 ns.
    let batch = (50_000 / begun.elapsed().as_nanos().max(1)).clamp(1, 1_000);
    let batch = u32::try_from(batch).unwrap_or(1);
    let begun = Instant::now();
    let mut times = Vec::new();
    while times.len() < 5 || (begun.elapsed() < PATIENCE && times.len() < 2_000) {
        let start = Instant::now();
        for _ in 0..batch {
            run();
        }
        times.push(start.elapsed() / batch);
    }
    times.sort();
    times[times.len() / 2]
}

fn shown(time: Duration) -> String {
    match time.as_nanos() {
        nanos @ ..10_000 => format!("{nanos} ns"),
        nanos @ ..10_000_000 => format!("{} µs", nanos / 1_000),
        nanos => format!("{} ms", nanos / 1_000_000),
    }
}

fn message(from: &str, kind: &str, body: &str) -> Message {
    let raw = format!(
        "Received: from mx.friend.example (mx.friend.example [203.0.113.5]) by mx.shop.example with ESMTPS id 4; \
         Sun, 22 Nov 2026 10:00:00 +0000\r\nFrom: {from}\r\nTo: Joe <joe@shop.example>\r\nSubject: The minutes of Tuesday\r\n\
         Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@friend.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}"
    );
    Message::parse(raw.as_bytes()).expect("a message")
}

/// A verifier that leaves DNS alone.
fn verifier(inspect: Inspect) -> Verifier {
    let mut config =
        Config::from_toml("[inspect]\nmax_body = \"2MiB\"\n").expect("a configuration");
    config.authenticate.dns = None;
    config.inspect = inspect;
    Verifier::new(&config, Arc::new(())).expect("no resolver is needed")
}

fn whole_messages(runtime: &Runtime) {
    const MODES: [(&str, Inspect); 3] = [
        ("never", Inspect::Never),
        ("claimed", Inspect::Claimed),
        ("all", Inspect::All),
    ];
    println!("| message | size | body | `never` | `claimed` | `all` |");
    println!("|---|---|---|---|---|---|");
    for (what, from) in [
        ("ordinary", "Anna Smith <anna@friend.example>"),
        ("claims", "\"Amazon.com\" <anna@friend.example>"),
    ] {
        for (size, octets) in [("10 KB", 10_000), ("1 MB", 1_000_000)] {
            for (kind, body) in [("plain", text(octets)), ("html", page(octets))] {
                let message = message(from, kind, &body);
                let times = MODES.map(|(_, inspect)| {
                    let verifier = verifier(inspect);
                    shown(median(|| {
                        black_box(runtime.block_on(judge(&verifier, &message)));
                    }))
                });
                println!("| {what} | {size} | {kind} | {} |", times.join(" | "));
            }
        }
    }
}

/// The way of a message through the milter: the body is waited for only where it can matter.
async fn judge(verifier: &Verifier, message: &Message) -> usize {
    let begun = verifier.begin(message);
    let report = match verifier.needs_body(&begun) {
        true => verifier.finish(begun, message).await,
        false => verifier.conclude(begun, message),
    };
    report.reasons.len()
}

fn parts() {
    let brand = Brand::embedded();
    let line = |what: &str, time: Duration| println!("| {what} | {} |", shown(time));
    println!("\n| part | time |");
    println!("|---|---|");
    let ordinary = message("Anna Smith <anna@friend.example>", "plain", &text(10_000));
    let raw = ordinary.to_bytes();
    line(
        "`Message::parse`, 10 KB (`check` only)",
        median(|| drop(black_box(Message::parse(&raw)))),
    );
    line(
        "`claims` of ordinary mail",
        median(|| drop(black_box(claims(&ordinary, brand)))),
    );
    let claiming = message("\"Amazon.com\" <anna@friend.example>", "plain", "x");
    line(
        "`claims` of a claim",
        median(|| drop(black_box(claims(&claiming, brand)))),
    );
    for (what, value) in [
        (
            "a plain From field",
            " Anna Smith <anna@friend.example>".to_owned(),
        ),
        (
            "an encoded name",
            " =?utf-8?B?R3LDvMOfZSBhdXMgS8O2bG4=?= <anna@friend.example>".to_owned(),
        ),
        ("1,000 addresses", " a <a@friend.example>,".repeat(1_000)),
    ] {
        let field = [Header {
            name: b"From".to_vec(),
            value: value.into_bytes(),
        }];
        line(
            &format!("`authors`: {what}"),
            median(|| drop(black_box(authors(&field, "From")))),
        );
    }
    let subject = "The minutes of Tuesday, and the offer for the new office";
    let disguised = "Your Аmаzon.соm order 4711 could not be delivered";
    line(
        "`skeleton` of a subject",
        median(|| drop(black_box(skeleton(subject)))),
    );
    line(
        "`mention` in a subject",
        median(|| drop(black_box(mention(brand, subject)))),
    );
    line(
        "`mention` of a disguised name",
        median(|| drop(black_box(mention(brand, disguised)))),
    );
    let long = text(4_096);
    line(
        "`mention` in 4 KB",
        median(|| drop(black_box(mention(brand, &long)))),
    );
    for host in [
        "mail.friend.example",
        "aws.amazon.com",
        "arnazon-security-login.com",
        "xn--mazon-3ve.com",
    ] {
        let domain = Domain::parse(host).expect("a name");
        line(
            &format!("`classify` {host}"),
            median(|| {
                black_box(classify(brand, &domain));
            }),
        );
    }
}

/// Messages with everything that proves them, their DNS in the cache.
fn with_dns(runtime: &Runtime) {
    let dns = ZoneServer::start(&letters::zone());
    let config = format!("[dns]\nservers = [\"{}\"]\n", dns.addr);
    let config = Config::from_toml(&config).expect("a configuration");
    let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
    println!("\n| message, DNS warm | time |");
    println!("|---|---|");
    let line = |what: &str, letter: Letter| {
        let message = letter.message();
        let time = median(|| {
            black_box(runtime.block_on(judge(&verifier, &message)));
        });
        println!("| {what} | {} |", shown(time));
    };
    let size = 7_000;
    for (what, key) in [
        ("genuine by SPF alone", None),
        ("genuine, signed by RSA-1024", Some((Key::Rsa1024, "short"))),
        ("genuine, signed by RSA-2048", Some((Key::Rsa, "bench"))),
        ("genuine, signed by Ed25519", Some((Key::Ed25519, "curve"))),
    ] {
        line(what, letters::signed_once(size, key));
    }
    line("genuine, RSA-1024 and RSA-2048", letters::genuine(size));
    line("genuine, both, 1 MB", letters::genuine(1_000_000));
    line("forged", letters::forged(size));
    line("lookalike", letters::lookalike(size));
    line("display name", letters::display_name(size));
}

/// What cryptography alone costs, and the libraries that read a body: less is not to be had with them.
fn floors() {
    println!("\n| alone | time |");
    println!("|---|---|");
    let line = |what: &str, time: Duration| println!("| {what} | {} |", shown(time));
    let body = page(1_000_000);
    let body = body.as_bytes();
    line(
        "SHA-256 of a page of 1 MB",
        median(|| {
            black_box(digest(&SHA256, black_box(body)));
        }),
    );
    for (what, canonicalization) in [
        ("simple", Canonicalization::Simple),
        ("relaxed", Canonicalization::Relaxed),
    ] {
        line(
            &format!("the same in its `{what}` form"),
            median(|| {
                let canonical = canonicalization.canonical_body(black_box(body), 0);
                black_box(HashAlgorithm::Sha256.hash(canonical));
            }),
        );
    }
    let html = page(10_000);
    line(
        "a page of 10 KB, as it is seen",
        median(|| {
            black_box(visible_text(black_box(&html)));
        }),
    );
    let plain = text(10_000);
    line(
        "linkify over a text of 10 KB",
        median(|| {
            let mut finder = LinkFinder::new();
            finder.url_must_have_scheme(false);
            black_box(finder.links(black_box(&plain)).count());
        }),
    );
    for (what, key, algorithm, octets) in [
        ("RSA-1024", Key::Rsa1024, Algorithm::RsaSha256, 128),
        ("RSA-2048", Key::Rsa, Algorithm::RsaSha256, 256),
        ("Ed25519", Key::Ed25519, Algorithm::Ed25519Sha256, 64),
    ] {
        let key = DomainKey::parse(key.txt().as_bytes()).expect("a key");
        // A wrong signature takes the same steps to be found wrong.
        let signature = vec![1; octets];
        line(
            &format!("a signature by {what}"),
            median(|| {
                let verified = key.p.verify_bytes(b"a header", &signature, algorithm);
                assert!(black_box(verified).is_err());
            }),
        );
    }
}

/// What grows tenfold, and what its judgement then costs.
fn growth(runtime: &Runtime) {
    let time = |config: &str, message: &Message| {
        let mut config = Config::from_toml(config).expect("a configuration");
        config.authenticate.dns = None;
        let verifier = Verifier::new(&config, Arc::new(())).expect("no resolver is needed");
        shown(median(|| {
            black_box(runtime.block_on(judge(&verifier, message)));
        }))
    };
    println!("\n| what grows | x 1 | x 10 | x 100 |");
    println!("|---|---|---|---|");
    let line = |what: &str, of: &dyn Fn(usize) -> String| {
        println!("| {what} | {} | {} | {} |", of(1), of(10), of(100));
    };
    let ordinary = "Anna Smith <anna@friend.example>";
    let named = "\"Amazon.com\" <anna@friend.example>";
    line("10 header fields", &|times| {
        let mut message = message(ordinary, "plain", "x");
        for number in 0..10 * times {
            message.headers.push(Header {
                name: format!("X-Field-{number}").into_bytes(),
                value: b" some value of forty octets or about that".to_vec(),
            });
        }
        time("", &message)
    });
    line("a claim's body of 5 KB", &|times| {
        time("", &message(named, "plain", &text(5_000 * times)))
    });
    line("10 links in a claim", &|times| {
        let link = "<a href=\"https://click.sender.example/x\">Look</a>\r\n";
        time("", &message(named, "html", &link.repeat(10 * times)))
    });
    line("100 more official domains", &|times| {
        let domains: Vec<String> = (0..100 * times)
            .map(|number| format!("\"shop-{number}.example\""))
            .collect();
        let config = format!("[brand]\nextra_official = [{}]\n", domains.join(", "));
        time(&config, &message(ordinary, "plain", "x"))
    });
}

/// What counting costs a message, alone and beside somebody who scrapes without a pause.
fn counting(runtime: &Runtime) {
    let metrics = Metrics::new().expect("a table without fault");
    let message = message("\"Amazon.com\" <anna@friend.example>", "plain", "x");
    let report = runtime.block_on(verifier(Inspect::Claimed).verify(&message));
    let count = || {
        metrics.observe(&report);
        metrics.timed(Stage::EndOfMessage, Duration::from_millis(1));
    };
    println!("\n| counting | time |");
    println!("|---|---|");
    println!("| a message | {} |", shown(median(count)));
    println!(
        "| a scrape | {} |",
        shown(median(|| drop(black_box(metrics.render()))))
    );
    let ended = AtomicBool::new(false);
    let beside = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                black_box(metrics.render());
            }
        });
        let beside = median(count);
        ended.store(true, Ordering::Relaxed);
        beside
    });
    println!(
        "| a message, while another thread scrapes all the time | {} |",
        shown(beside)
    );
}

fn main() {
    // `cargo test --benches` runs this too, and has no use for it.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    whole_messages(&runtime);
    with_dns(&runtime);
    floors();
    growth(&runtime);
    parts();
    counting(&runtime);
}
