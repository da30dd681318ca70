//! Each class of author with each outcome of SPF, DKIM and the DMARC lookup, with real records, real
//! signatures and each fault of DNS. What must come out stands in `tests/proof_matrix/rules.md`.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::{Envelope, Message, Path};
use amazon_spoof_milter::verify::Verifier;
use support::dns::ZoneServer;
use support::sign::DkimSigner;
use support::table;
use tokio::runtime::Runtime;

const RULES: &str = include_str!("proof_matrix/rules.md");

/// How many cells are judged at once: most of the time is spent waiting for servers that fail.
const WORKERS: usize = 24;

/// Class, From, and the domain of it.
const AUTHORS: [(&str, &str, &str); 6] = [
    ("official", "account@amazon.com", "amazon.com"),
    ("owned", "account@aboutamazon.com", "aboutamazon.com"),
    ("partner", "Amazon <news@affirm.com>", "affirm.com"),
    (
        "allowed",
        "Amazon <news@reseller.example>",
        "reseller.example",
    ),
    (
        "stranger",
        "Amazon <news@stranger.example>",
        "stranger.example",
    ),
    ("free mail", "Amazon <news@gmail.com>", "gmail.com"),
];
const SPF: [&str; 6] = ["none", "pass", "other", "fail", "fault", "other fault"];
const DKIM: [&str; 6] = ["none", "pass", "other", "broken", "fault", "other fault"];
const DMARC: [&str; 3] = ["none", "policy", "fault"];

const FAULTS: [&str; 5] = ["SERVFAIL", "REFUSED", "LAME", "TRUNCATE", "TIMEOUT"];
const CONFIG: &str = r#"
[trust]
networks = []
allow = ["reseller.example"]
[policy]
preset = "enforce"
[dns]
servers = ["127.0.0.1:53"]
timeout = "300ms"
deadline = "2s"
"#;

const BULK: &str = "bulk.example";

/// A row of the table: which cells it fits, and what must come out.
struct Rule {
    cells: Vec<&'static str>,
    outcome: Vec<&'static str>,
}

fn rules() -> Vec<Rule> {
    let table = RULES.lines().skip_while(|line| !line.starts_with("|---"));
    let rules = table.skip(1).map(|line| {
        let columns: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(columns.len(), 7, "{line}");
        Rule {
            cells: columns[..4].to_vec(),
            outcome: columns[4..].to_vec(),
        }
    });
    rules.collect()
}

impl Rule {
    fn fits(&self, cell: &Cell) -> bool {
        let values = [cell.author.0, cell.spf, cell.dkim, cell.dmarc];
        let mut pairs = self.cells.iter().zip(values);
        pairs.all(|(allowed, value)| *allowed == "*" || allowed.split('/').any(|one| one == value))
    }
}

#[derive(Clone, Copy)]
struct Cell {
    author: (&'static str, &'static str, &'static str),
    spf: &'static str,
    dkim: &'static str,
    dmarc: &'static str,
    /// Which fault a fault is; any where none is.
    fault: &'static str,
}

/// All cells; those with a fault once for each.
fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for author in AUTHORS {
        for spf in SPF {
            for (dkim, dmarc) in DKIM
                .iter()
                .flat_map(|dkim| DMARC.map(|dmarc| (*dkim, dmarc)))
            {
                let is_faulty = [spf, dkim, dmarc]
                    .iter()
                    .any(|state| state.ends_with("fault"));
                let faults = FAULTS
                    .into_iter()
                    .take(if is_faulty { FAULTS.len() } else { 1 });
                cells.extend(faults.map(|fault| Cell {
                    author,
                    spf,
                    dkim,
                    dmarc,
                    fault,
                }));
            }
        }
    }
    cells
}

impl Cell {
    fn zone(&self) -> String {
        let (_, _, domain) = self.author;
        let fault = self.fault;
        let spf = match self.spf {
            "pass" => format!("{domain}. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"),
            "fail" => format!("{domain}. TXT \"v=spf1 -all\"\n"),
            "fault" => format!("{domain}. TXT {fault}\n"),
            _ => String::new(),
        };
        let key = match self.dkim {
            "fault" => format!("s._domainkey.{domain}. {fault}\n"),
            _ => DkimSigner::new(domain, "s").record(),
        };
        let dmarc = match self.dmarc {
            "policy" => format!("_dmarc.{domain}. TXT \"v=DMARC1; p=quarantine\"\n"),
            "fault" => format!("_dmarc.{domain}. {fault}\n"),
            _ => String::new(),
        };
        let bulk_spf = match self.spf {
            "other fault" => format!("{BULK}. TXT {fault}\n"),
            _ => format!("{BULK}. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n"),
        };
        let bulk_key = match self.dkim {
            "other fault" => format!("s._domainkey.{BULK}. {fault}\n"),
            _ => DkimSigner::new(BULK, "s").record(),
        };
        format!("{domain}. MX 5 mx.{domain}.\n{spf}{key}{dmarc}{bulk_spf}{bulk_key}")
    }

    fn message(&self) -> Message {
        let (_, from, domain) = self.author;
        let text = format!(
            "From: {from}\r\nTo: joe@example.test\r\nSubject: Hello\r\n\
             Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@mail.example>\r\n\r\nHello.\r\n"
        );
        let signed = |by: &str| DkimSigner::new(by, "s").sign(text.as_bytes());
        let octets = match self.dkim {
            "none" => text.into_bytes(),
            "other" | "other fault" => signed(BULK),
            "broken" => [signed(domain), b"More.\r\n".to_vec()].concat(),
            _ => signed(domain),
        };
        let sender = match self.spf {
            "other" | "other fault" => BULK,
            _ => domain,
        };
        let mut message = Message::parse(&octets).expect("a message");
        message.envelope = Envelope {
            client_ip: Some("192.0.2.1".parse().expect("an address")),
            helo: Some("mail.example".into()),
            mail_from: Some(Path::parse(&format!("bounce@{sender}"))),
            ..Envelope::default()
        };
        message
    }

    /// Verdict, action and reasons.
    fn judge(&self, config: &Config, runtime: &Runtime) -> Vec<String> {
        let dns = ZoneServer::start(&self.zone());
        let mut config = config.clone();
        let asked = config.authenticate.dns.as_mut().expect("DNS is asked");
        asked.servers = vec![dns.addr];
        let report = runtime.block_on(async {
            let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
            verifier.verify(&self.message()).await
        });
        vec![
            report.verdict.to_string(),
            report.decision.action.to_string(),
            report.reason_words(),
        ]
    }

    /// What is wrong with what comes out.
    fn failure(&self, rules: &[Rule], config: &Config, runtime: &Runtime) -> Option<String> {
        let rule = rules.iter().find(|rule| rule.fits(self)).expect("a rule");
        let outcome = self.judge(config, runtime);
        (outcome != rule.outcome).then(|| {
            let Self {
                author,
                spf,
                dkim,
                dmarc,
                fault,
            } = self;
            format!(
                "{}, SPF {spf}, DKIM {dkim}, DMARC {dmarc}, {fault}:\n  wanted {}\n  got    {}",
                author.0,
                rule.outcome.join(" | "),
                outcome.join(" | ")
            )
        })
    }
}

#[test]
fn every_cell_comes_out_by_the_rules() {
    let (rules, cells) = (rules(), cells());
    let config = Config::from_toml(CONFIG).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut failures = table::failures(&cells, WORKERS, || {
        let runtime = Runtime::new().expect("a runtime");
        let (rules, config) = (&rules, &config);
        move |cell: &Cell| {
            let failure = cell.failure(rules, config, &runtime);
            failure.into_iter().collect()
        }
    });
    let count = failures.len();
    failures.truncate(20);
    assert!(
        count == 0,
        "{count} of {} cells:\n{}",
        cells.len(),
        failures.join("\n")
    );
}

#[test]
fn the_rules_are_whole_and_none_is_idle() {
    let (rules, cells) = (rules(), cells());
    let distinct = cells.iter().filter(|cell| cell.fault == FAULTS[0]);
    assert_eq!((distinct.count(), cells.len()), (648, 2472));
    for (at, rule) in rules.iter().enumerate() {
        let first = |cell: &&Cell| rules.iter().position(|rule| rule.fits(cell)) == Some(at);
        assert!(
            cells.iter().any(|cell| first(&cell)),
            "no cell for {:?}",
            rule.cells
        );
    }
    assert!(
        cells
            .iter()
            .all(|cell| rules.iter().any(|rule| rule.fits(cell)))
    );
}
