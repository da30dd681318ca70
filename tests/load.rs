//! Under load: through a real Postfix while the filter is killed, restarted, reloaded, and its DNS cut;
//! with two instances behind HAProxy; with three that are replaced one after another; and straight over the milter socket for as long as one likes.
//! Every message is accounted for by its id.
//!
//! `make test` sends a few hundred; `make load` and `make soak` set the numbers of their own.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

#[path = "load/balancer.rs"]
mod balancer;
#[path = "load/fates.rs"]
mod fates;
#[path = "load/fleet.rs"]
mod fleet;
#[path = "load/soak.rs"]
mod soak;

use std::path::Path;

use fates::Load;
use support::balancer::free_addr;
use support::dns::ZoneServer;
use support::milter::{Milter, MilterConfig};
use support::postfix::{Postfix, PostfixOptions};
use support::root::{POSTFIX, left_out};
use support::samples::zone;

/// How many messages, where the environment doesn't say.
fn number(variable: &str, otherwise: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => otherwise,
    }
}

/// The program at this address; what a message may wait for DNS is short, so that many can.
fn milter(addr: std::net::SocketAddr, dns: std::net::SocketAddr) -> Milter {
    let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    let config = MilterConfig {
        milter: format!("listen = \"inet:{addr}\"\n"),
        dns: "timeout = \"300ms\"\ndeadline = \"1s\"\n".to_owned(),
        ..MilterConfig::preset("enforce")
    };
    Milter::start(program, dns, &config)
}

fn postfix(milter: std::net::SocketAddr) -> Postfix {
    Postfix::start(&PostfixOptions {
        milters: vec![format!("inet:{milter}")],
        ..PostfixOptions::default()
    })
}

#[test]
fn whatever_befalls_the_filter_each_message_has_one_fate() {
    if left_out(POSTFIX) {
        return;
    }
    let mut dns = ZoneServer::start(&zone().replace("$TTL 300", "$TTL 0"));
    let addr = free_addr();
    let mut running = Some(milter(addr, dns.addr));
    let postfix = postfix(addr);
    let load = Load::start(postfix.smtp_addr, number("LOAD_MESSAGES", 300));
    for step in 1..=11 {
        load.wait_for_share(step, 12);
        match step % 6 {
            1 => {
                drop(running.take());
                load.wait_for_deferrals(5);
                running = Some(milter(addr, dns.addr));
            }
            2 => {
                let (code, log) = running.take().expect("a milter").stop();
                assert_eq!(code, Some(0), "{log}");
                load.wait_for_deferrals(5);
                running = Some(milter(addr, dns.addr));
            }
            3 => {
                let running = running.as_ref().expect("a milter");
                for _ in 0..3 {
                    running.hang_up();
                    running.wait_for_log("is in force for new connections");
                }
            }
            4 => {
                dns.stop();
                load.wait_for_deferrals(3);
                dns.restart().expect("the same port");
            }
            5 => {
                dns.pause();
                load.wait_for_deferrals(3);
                dns.resume();
            }
            _ => {
                // Killed and there again at once.
                drop(running.take());
                running = Some(milter(addr, dns.addr));
            }
        }
    }
    load.finish(&postfix);
    let (code, log) = running.take().expect("a milter").stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("a fault of this program"), "{log}");
}

#[test]
fn behind_a_balancer_one_of_two_instances_may_die() {
    if left_out(POSTFIX) {
        return;
    }
    let dns = ZoneServer::start(&zone());
    let addrs = [free_addr(), free_addr()];
    let mut instances = addrs.map(|addr| Some(milter(addr, dns.addr)));
    let balancer = balancer::HaProxy::start(&addrs);
    let postfix = postfix(balancer.addr);
    let load = Load::start(postfix.smtp_addr, number("BALANCED_MESSAGES", 200));
    for (step, which) in [(1, 0), (3, 1)] {
        load.wait_for_share(step, 5);
        let dead = instances[which].take().expect("an instance");
        assert!(judged(&dead) > 0.0, "nothing came to instance {which}");
        drop(dead);
        // The other one goes on alone.
        load.wait_for_share(step + 1, 5);
        instances[which] = Some(milter(addrs[which], dns.addr));
    }
    load.finish(&postfix);
}

/// Messages that an instance has judged.
fn judged(milter: &Milter) -> f64 {
    let series = "amazon_spoof_milter_message_duration_seconds_count{stage=\"message\"}";
    milter.metric(series)
}
