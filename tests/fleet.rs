//! Several instances that share their history in a real Redis: what each page shows of all, who may write what, and
//! what a store that is away, full, slow or full of somebody else's entries changes: nothing about mail.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

#[path = "fleet/browser.rs"]
mod browser;
#[path = "fleet/dashboard.rs"]
mod dashboard;
#[path = "fleet/faults.rs"]
mod faults;
#[path = "fleet/hostile.rs"]
mod hostile;
#[path = "fleet/rights.rs"]
mod rights;
#[path = "fleet/shown.rs"]
mod shown;

use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use support::dns::ZoneServer;
use support::hand_in::hand_in;
use support::milter::{Milter, MilterConfig};
use support::samples::zone;
use support::store::Store;

/// Of the brand's own domain, and not proved.
const FORGED: &str = "\"Amazon.com\" <account-update@amazon.com>";
const LOOKALIKE: &str = "Service <x@security-amazon.com>";
const ORDINARY: &str = "Jane <jane@friend.example>";

/// How long something may take to be seen.
const PATIENCE: Duration = Duration::from_secs(60);

/// An instance with the DNS that it asks.
struct Instance {
    /// None where several ask the same.
    _dns: Option<ZoneServer>,
    milter: Milter,
}

impl Instance {
    fn start(name: &str, store: &Store) -> Self {
        let history = format!("store = \"{}\"\ninstance = \"{name}\"\n", store.url());
        Self::start_with(&history, "", "")
    }

    /// With these lines of `[history]` and `[http]`, and further sections.
    fn start_with(history: &str, http: &str, rest: &str) -> Self {
        let dns = ZoneServer::start(&zone());
        let milter = Self::beside(dns.addr, history, http, rest).milter;
        Self {
            _dns: Some(dns),
            milter,
        }
    }

    /// With a DNS server that others ask, too: what they ask is a part of their configuration.
    fn beside(dns: SocketAddr, history: &str, http: &str, rest: &str) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
        let config = MilterConfig {
            http: http.into(),
            rest: format!(
                "[history]\n{history}\n[headers]\nauthserv_id = \"mx.example.test\"\n{rest}"
            ),
            ..MilterConfig::default()
        };
        Self {
            _dns: None,
            milter: Milter::start(program, dns, &config),
        }
    }

    fn hand_in(&self, queue_id: &str, from: &str) {
        hand_in(self.milter.addr(), queue_id, from, "hello\r\n");
    }

    fn get(&self, path: &str) -> String {
        let (status, body) = self.milter.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Asks for the page until it is as it has to be.
    fn page_when(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let page = self.get("/");
            if is_so(&page) {
                return page;
            }
            let beginning: String = page.chars().take(20_000).collect();
            assert!(
                Instant::now() < until,
                "{what}:\n{beginning}\n{}",
                self.milter.log()
            );
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn writes(&self, outcome: &str) -> f64 {
        self.milter.metric(&format!(
            "amazon_spoof_milter_history_writes_total{{outcome=\"{outcome}\"}}"
        ))
    }

    fn wait_for_writes(&self, outcome: &str, count: f64) {
        let until = Instant::now() + PATIENCE;
        while self.writes(outcome) < count {
            assert!(
                Instant::now() < until,
                "{count} {outcome}:\n{}",
                self.milter.log()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Queue id and instance of each row, in their order.
fn rows(page: &str) -> Vec<(String, String)> {
    let after = |row: &str, label: &str| {
        let (_, rest) = row.split_once(label).expect("a cell");
        rest.split('<').next().expect("its text").to_owned()
    };
    let rows = page.split("<td class=\"time\">").skip(1);
    rows.map(|row| {
        (
            after(row, "data-label=\"Queue id\">"),
            after(row, "data-label=\"Instance\">"),
        )
    })
    .collect()
}

fn pair(id: &str, instance: &str) -> (String, String) {
    (id.into(), instance.into())
}

/// The row of an instance in the table of instances.
fn instance_row<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, table) = page
        .split_once("<h2 id=\"instances-title\">")
        .expect("the instances");
    let table = table.split("</section>").next().expect("its end");
    let start = format!("data-label=\"Instance\">{name}");
    let (_, row) = table
        .split_once(&start)
        .unwrap_or_else(|| panic!("{name} is not in\n{table}"));
    row.split("</tr>").next().expect("a row")
}
