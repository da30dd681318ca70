//! A short run of every fuzz target without a fuzzer: messages of the golden corpus, damaged in a
//! fixed sequence. `make fuzz` looks longer and deeper.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

#[path = "fuzz/entry.rs"]
mod entry;
#[path = "fuzz/seeds.rs"]
mod seeds;

use std::panic::catch_unwind;

/// What parsers stumble over.
const PIECES: [&[u8]; 32] = [
    b"<",
    b">",
    b"\"",
    b"\\",
    b"(",
    b")",
    b",",
    b";",
    b":",
    b"@",
    b"=",
    b"=?utf-8?B?",
    b"?=",
    b"=?x?Q?=",
    b"\r\n",
    b"\r\n ",
    b"\0",
    b"\xff",
    b"\xe2\x80\xae",
    b"\xd0\xb0",
    b"xn--",
    b"--",
    b"&#x61;",
    b"%2e",
    b"//",
    b"<a href=",
    b"<!--",
    b"amazon",
    b"password",
    b"[[domain]]\n",
    b"99999999999999999999",
    b"\xf0\x9d\x90\x9a",
];

/// Numbers that look like nothing in particular and are the same in every run (xorshift).
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % end.max(1)
    }

    /// One to four kinds of damage.
    fn damage(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut data = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            let from = self.below(data.len() + 1);
            let to = (from + self.below(40)).min(data.len());
            match self.below(6) {
                0 if from < data.len() => data[from] ^= 1 << self.below(8),
                1 => drop(data.drain(from..to)),
                2 => {
                    let piece = data[from..to].to_vec();
                    data.splice(from..from, piece);
                }
                3 => {
                    let piece = PIECES[self.below(PIECES.len())].repeat(1 + self.below(3));
                    data.splice(from..from, piece);
                }
                4 => {
                    let other = &seeds[self.below(seeds.len())];
                    let cut = self.below(other.len() + 1);
                    data.truncate(from);
                    data.extend_from_slice(&other[cut..]);
                }
                _ => data.truncate(data.len() - (to - from)),
            }
        }
        data
    }
}

/// Feeds a target `rounds` inputs.
fn feed(name: &str, rounds: usize) {
    let (_, target) = entry::TARGETS
        .into_iter()
        .find(|(known, _)| *known == name)
        .expect("a target");
    let seeds = seeds::seeds(name);
    assert!(!seeds.is_empty(), "{name} has no seeds");
    let mut sequence = Sequence(0x9e37_79b9_7f4a_7c15);
    let damaged = (0..rounds).map(|_| sequence.damage(&seeds));
    for data in seeds.iter().cloned().chain(damaged) {
        if catch_unwind(|| target(&data)).is_err() {
            panic!("{name}: b\"{}\"", data.escape_ascii());
        }
    }
}

#[test]
fn every_target_is_fed() {
    let fed = [
        "from",
        "encoded_word",
        "message",
        "mail",
        "body",
        "html",
        "links",
        "authres",
        "received",
        "lookalike",
        "names",
        "header_text",
        "config",
        "brand",
        "protocol",
        "dns",
        "records",
        "dkim",
        "arc",
        "http",
    ];
    assert_eq!(entry::TARGETS.map(|(name, _)| name), fed);
}

#[test]
fn fields() {
    for name in ["from", "encoded_word", "authres", "received", "header_text"] {
        feed(name, 4_000);
    }
}

#[test]
fn names_and_hosts() {
    feed("names", 2_000);
    feed("lookalike", 2_000);
}

#[test]
fn whole_messages() {
    feed("message", 500);
    feed("mail", 1_000);
}

#[test]
fn bodies() {
    feed("body", 500);
    feed("html", 1_000);
}

#[test]
fn addresses_of_links() {
    feed("links", 1_000);
}

#[test]
fn files_of_the_operator() {
    feed("config", 500);
    feed("brand", 500);
}

#[test]
fn what_comes_over_the_milter_socket() {
    feed("protocol", 1_000);
}

#[test]
fn what_dns_and_signatures_say() {
    feed("dns", 100);
    feed("records", 200);
    feed("dkim", 200);
    feed("arc", 200);
}

#[test]
fn what_a_browser_sends() {
    feed("http", 1_000);
}
