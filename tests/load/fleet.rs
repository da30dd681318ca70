//! Three instances behind HAProxy, as deploy/haproxy has it, are replaced one after another under load, while the
//! store that they share is killed, hung and filled.

use crate::support::hand_in::hand_in;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::fates::Load;
use super::support::balancer::{Balancer, Place};
use super::support::dns::ZoneServer;
use super::support::milter::{Milter, MilterConfig};
use super::support::root::{POSTFIX, left_out};
use super::support::samples::zone;
use super::support::store::Store;
use super::{free_addr, judged, number, postfix};

const PATIENCE: Duration = Duration::from_secs(60);

fn instance(name: &str, place: Place, dns: SocketAddr, store: &Store) -> Milter {
    let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    let config = MilterConfig {
        milter: format!("listen = \"inet:{}\"\n", place.milter),
        http: format!("listen = \"{}\"\n", place.http),
        dns: "timeout = \"300ms\"\ndeadline = \"1s\"\n".to_owned(),
        rest: format!(
            "[policy]\npreset = \"enforce\"\n[history]\nstore = \"{}\"\ninstance = \"{name}\"\n",
            store.url()
        ),
        ..MilterConfig::default()
    };
    Milter::start(program, dns, &config)
}

const NAMES: [&str; 3] = ["mx-filter-1", "mx-filter-2", "mx-filter-3"];

#[test]
fn three_instances_are_replaced_one_after_another_while_their_store_fails() {
    if left_out(POSTFIX) {
        return;
    }
    let dns = ZoneServer::start(&zone());
    let mut store = Store::start();
    let places = [(); 3].map(|()| Place {
        milter: free_addr(),
        http: free_addr(),
    });
    let start =
        |which: usize, store: &Store| instance(NAMES[which], places[which], dns.addr, store);
    let mut instances = [0, 1, 2].map(|which| Some(start(which, &store)));
    let balancer = Balancer::start(&places);
    for name in NAMES {
        balancer.ready(name);
    }
    let postfix = postfix(balancer.addr);
    let load = Load::start(postfix.smtp_addr, number("FLEET_MESSAGES", 240));
    for which in 0..3 {
        // Every instance judges, the store fails in another way each time, and an instance goes meanwhile.
        load.wait_for_share(4 * which + 1, 14);
        match which {
            0 => store.kill(),
            1 => store.hang(),
            _ => store.fill(),
        }
        load.wait_for_share(4 * which + 2, 14);
        balancer.drain(NAMES[which]);
        let old = instances[which].take().expect("an instance");
        assert!(judged(&old) > 0.0, "nothing came to {}", NAMES[which]);
        let (code, log) = old.stop();
        assert_eq!(code, Some(0), "{log}");
        instances[which] = Some(start(which, &store));
        balancer.ready(NAMES[which]);
        load.wait_for_share(4 * which + 3, 14);
        match which {
            0 => store.restart(),
            1 => store.go_on(),
            _ => store.empty(),
        }
        load.wait_for_share(4 * which + 4, 14);
    }
    load.finish(&postfix);
    shown_by_all(&instances);
}

/// After all of it every page has the others' decisions, and what was not stored was counted.
fn shown_by_all(instances: &[Option<Milter>; 3]) {
    let [mut stored, mut missing] = [0.0; 2];
    for instance in instances.iter().flatten() {
        let writes = |outcome: &str| {
            instance.metric(&format!(
                "amazon_spoof_milter_history_writes_total{{outcome=\"{outcome}\"}}"
            ))
        };
        let until = Instant::now() + PATIENCE;
        while writes("stored") + writes("failed") + writes("dropped") < judged(instance) {
            assert!(
                Instant::now() < until,
                "some decisions have no fate: {}",
                instance.log()
            );
            thread::sleep(Duration::from_millis(50));
        }
        // The last of the load may have come while the store was away still.
        let until = Instant::now() + PATIENCE;
        while writes("stored") == 0.0 {
            assert!(
                Instant::now() < until,
                "nothing is stored: {}",
                instance.log()
            );
            hand_in(
                instance.addr(),
                "AFTER",
                "\"Amazon.com\" <x@nobody.example>",
                "hello\r\n",
            );
            thread::sleep(Duration::from_millis(200));
        }
        stored += writes("stored");
        missing += writes("failed") + writes("dropped");
        let until = Instant::now() + PATIENCE;
        loop {
            let (_, page) = instance.get("/");
            let is_there = |name: &&str| page.contains(&format!("data-label=\"Instance\">{name}"));
            if NAMES.iter().all(is_there) && !page.contains("can't be read now") {
                break;
            }
            let (_, seen) = page.split_once("instances-title").expect("the instances");
            let seen: String = seen.chars().take(3_000).collect();
            assert!(
                Instant::now() < until,
                "not all are there:\n{seen}\n{}",
                instance.log()
            );
            thread::sleep(Duration::from_millis(500));
        }
    }
    assert!(stored > 0.0, "nothing was stored");
    println!(
        "shared history, of the instances that are left: {stored} decisions stored, {missing} counted as lost"
    );
}
