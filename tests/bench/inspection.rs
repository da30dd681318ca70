//! What judging a message costs: `cargo bench`, or `make bench`. Prints tables of medians, and
//! measures nothing that could fail. `docs/performance.md` has figures.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use amazon_spoof_milter::config::{Config, Inspect};
use amazon_spoof_milter::decision::{
    author::authors,
    brand::Brand,
    claim::claims,
    domain::Domain,
    lookalike::classify,
    message::{Header, Message},
    skeleton::{mention, skeleton},
};
use amazon_spoof_milter::verify::Verifier;
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

/// Text as people write it, about `octets` long.
fn text(octets: usize) -> String {
    let paragraph = "Hello Joe,\r\n\r\nthank you for the minutes of Tuesday. I put the figures of the third \
        quarter into the folder\r\n(https://files.friend.example/q3/figures.pdf), and Anna will send the offer for the \
        new office before Friday. Could you\r\nplease look through the contract once more? We should tell them by Monday, \
        12 October, that we want to renew it.\r\nCall me at +1 555 0100 if anything is unclear. Grüße aus Köln!\r\n\r\n";
    paragraph.repeat(octets / paragraph.len() + 1)
}

/// A newsletter's page, about `octets` long.
fn page(octets: usize) -> String {
    let row = "<tr><td style=\"padding:0 12px;font-family:Arial\"><a href=\"https://click.sender.example/ls/click?upn=a1b2c3\"\
        ><img src=\"https://img.sender.example/1.png\" alt=\"Garden chair\" width=\"120\"></a></td><td><h3>Garden chair &amp; \
        table</h3><p class=\"price\">Now 129,00&nbsp;&euro; instead of 149,00&nbsp;&euro;. Weatherproof, folds flat, and \
        delivered to your door within three days.</p><a href=\"https://click.sender.example/ls/click?upn=d4e5f6\">Look at it</a></td></tr>\r\n";
    let rows = row.repeat(octets / row.len() + 1);
    format!(
        "<!DOCTYPE html><html><head><style>p{{margin:0}} .price{{color:#c00}}</style></head><body><table>\r\n{rows}</table></body></html>\r\n"
    )
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

fn main() {
    // `cargo test --benches` runs this too, and has no use for it.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    whole_messages(&runtime);
    parts();
}
