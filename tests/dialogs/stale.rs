//! What is kept of names of those who are known: over a reload, and beyond its time where nobody answers.

use std::time::Duration;

use crate::support::milter::MilterConfig;
use crate::support::samples::zone;
use crate::support::sign::DkimSigner;
use crate::{Site, clock::signed};
use std::path::Path;

fn site(dns: &str) -> Site {
    let config = MilterConfig {
        dns: dns.to_owned(),
        rest: "[policy]\npreset = \"tag\"\n".to_owned(),
        ..MilterConfig::default()
    };
    Site::run(
        Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter")),
        &config,
    )
}

fn reload(site: &Site) {
    site.milter.hang_up();
    site.milter.wait_for_log("is in force for new connections");
}

/// Names that were asked for since the last call.
fn asked(site: &Site) -> Vec<String> {
    let queries = site.dns.queries_of_mail();
    site.dns.clear_queries();
    queries.into_iter().map(|asked| asked.name).collect()
}

#[tokio::test]
async fn a_reload_keeps_what_is_known_of_those_who_are_known() {
    let site = site("");
    let signer = DkimSigner::new("amazon.com", "demo");
    let said = signed(&site, &signer, 100).await;
    assert!(said.starts_with(" verified;"), "{said}");
    assert!(asked(&site).contains(&"demo._domainkey.amazon.com".to_owned()));
    reload(&site);
    let said = signed(&site, &signer, 100).await;
    assert!(said.starts_with(" verified;"), "{said}");
    assert_eq!(asked(&site), ["bulk-sender.example"]);
}

#[tokio::test]
async fn without_a_resolver_genuine_mail_stays_verified_for_so_long() {
    let mut site = site("timeout = \"300ms\"\ndeadline = \"3s\"\nstale = \"3s\"\n");
    site.dns.set(&zone().replace("$TTL 300", "$TTL 1"));
    let signer = DkimSigner::new("amazon.com", "demo");
    let said = signed(&site, &signer, 100).await;
    assert!(said.starts_with(" verified;"), "{said}");
    let stale = || {
        site.milter
            .metric("amazon_spoof_milter_dns_stale_answers_total")
    };
    assert_eq!(stale(), 0.0);
    assert!(!site.milter.log().contains("dns_stale"));
    site.dns.pause();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let said = signed(&site, &signer, 100).await;
    assert!(said.starts_with(" verified;"), "{said}");
    assert!(stale() >= 1.0);
    site.milter.wait_for_log("dns_stale=true");
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let said = signed(&site, &signer, 100).await;
    assert!(said.starts_with(" unverifiable;"), "{said}");
    // It ends with an answer, too.
    site.dns.resume();
    let said = signed(&site, &signer, 100).await;
    assert!(said.starts_with(" verified;"), "{said}");
    site.dns.stop();
}
