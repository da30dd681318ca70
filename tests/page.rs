//! The page and the rest of the HTTP side of the running program: what it shows, to whom, what it
//! withstands, and how it looks in a browser.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

#[path = "page/access.rs"]
mod access;
#[path = "page/browser.rs"]
mod browser;
#[path = "page/load.rs"]
mod load;
#[path = "page/shown.rs"]
mod shown;
#[path = "page/trial.rs"]
mod trial;

use std::path::Path;

use support::dns::ZoneServer;
use support::hand_in::hand_in;
use support::http::{Answer, get};
use support::milter::{Milter, MilterConfig};
use support::samples::zone;

/// The milter with the DNS that it asks.
struct Site {
    _dns: ZoneServer,
    milter: Milter,
}

impl Site {
    /// Starts both with these lines of `[http]`.
    fn start(http: &str) -> Self {
        Self::start_at("127.0.0.1:0", http)
    }

    /// The same, with HTTP on this address.
    fn start_at(listen: &str, http: &str) -> Self {
        let dns = ZoneServer::start(&zone());
        let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
        let config = MilterConfig {
            http: format!("listen = \"{listen}\"\n{http}"),
            rest: "[headers]\nauthserv_id = \"mx.example.test\"\n".into(),
            ..MilterConfig::default()
        };
        let milter = Milter::start(program, dns.addr, &config);
        Self { _dns: dns, milter }
    }

    fn get(&self, path: &str) -> Answer {
        get(self.milter.http, path, &[])
    }

    /// Hands in a message with this From field, as an MTA does.
    fn hand_in(&self, queue_id: &str, from: &str) {
        hand_in(self.milter.addr(), queue_id, from, "hello\r\n");
    }

    /// The same with another text.
    fn hand_in_text(&self, queue_id: &str, from: &str, text: &str) {
        hand_in(self.milter.addr(), queue_id, from, text);
    }
}

/// Of the brand's own domain, and not proved.
const FORGED: &str = "\"Amazon.com\" <account-update@amazon.com>";
/// The brand's name over a domain elsewhere.
const IMPERSONATION: &str = "\"Amazon.com\" <news@bulk-sender.example>";
const LOOKALIKE: &str = "Service <x@security-amazon.com>";
const ORDINARY: &str = "Jane <jane@friend.example>";
