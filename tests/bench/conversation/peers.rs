//! This program beside OpenDKIM with OpenDMARC, rspamd and the no-op of libmilter, on the same messages and in
//! turn. They have to seem installed (`tests/with-peers.sh`), and the resolver of the system has to be 127.0.0.1.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::client::Socket;
use super::filter::{Filter, Use, build_noop, usage};
use super::letters;
use super::load::{Load, Target, median};
use super::support::dns::{ZoneServer, parse};
use super::support::peers::Peer;
use super::{Line, Options, warmed};

const AUTHSERV_ID: &str = "mx.shop.example";

/// Filters that are asked one behind the other.
struct Chain {
    name: &'static str,
    peers: Vec<Peer>,
}

impl Target for Chain {
    fn sockets(&self) -> Vec<Socket> {
        let socket = |peer: &Peer| Socket::Unix(peer.socket.clone());
        self.peers.iter().map(socket).collect()
    }

    fn used(&self) -> Use {
        // A helper may have ended meanwhile.
        let processes = self.peers.iter().flat_map(Peer::processes);
        processes.filter_map(|process| usage(process).ok()).sum()
    }
}

/// Prints the table of all lines.
pub fn measure(lines: &[Line], options: &Options) {
    let zone = parse(&letters::zone()).expect("the zone");
    let dns = ZoneServer::start_at(SocketAddr::from(([127, 0, 0, 1], 53)), zone)
        .expect("DNS on 127.0.0.1:53");
    let chains = [
        Chain {
            name: "OpenDKIM, OpenDMARC",
            peers: vec![Peer::opendkim(AUTHSERV_ID), Peer::opendmarc(AUTHSERV_ID)],
        },
        Chain {
            name: "rspamd",
            peers: vec![Peer::rspamd(&[])],
        },
    ];
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let noop = build_noop(&target).expect("libmilter's headers and a C compiler");
    let noop = Filter::other(&noop, "unix:{}");
    println!("| message | filter | a second | ours : it | CPU ms | memory MiB |");
    println!("|---|---|---|---|---|---|");
    for line in lines {
        let ours = Filter::milter(
            Path::new(&options.program),
            "unix",
            "",
            dns.addr,
            line.config,
        );
        warmed(&ours, line);
        let targets: Vec<(&str, &dyn Target)> = [
            ("this filter", &ours as &dyn Target),
            ("no-op of libmilter", &noop),
        ]
        .into_iter()
        .chain(
            chains
                .iter()
                .map(|chain| (chain.name, chain as &dyn Target)),
        )
        .collect();
        in_turn(line, &targets, options);
    }
}

/// Every filter has its turn in each round: a slow minute of the machine hits all.
fn in_turn(line: &Line, targets: &[(&str, &dyn Target)], options: &Options) {
    let time = Duration::from_secs_f64(options.seconds);
    let load = |target: &dyn Target, time| Load::run(target, &line.mail, line.at_once, time);
    for (name, target) in &targets[1..] {
        let warm = load(*target, Duration::from_millis(300));
        let late = warm
            .outcomes
            .keys()
            .find(|outcome| matches!(outcome.reply, b't' | b'y'));
        assert!(late.is_none(), "{name}, {}: {:?}", line.name, warm.outcomes);
    }
    let rounds: Vec<Vec<Load>> = (0..options.rounds)
        .map(|_| {
            targets
                .iter()
                .map(|(_, target)| load(*target, time))
                .collect()
        })
        .collect();
    for (nth, (name, target)) in targets.iter().enumerate() {
        let of = |value: fn(&Load) -> f64| median(rounds.iter().map(|round| value(&round[nth])));
        let times = median(
            rounds
                .iter()
                .map(|round| round[0].rate() / round[nth].rate()),
        );
        println!(
            "| {} | {name} | {:.0} | {times:.1} | {:.3} | {:.0} |",
            line.name,
            of(Load::rate),
            of(Load::processor),
            target.used().held as f64 / f64::from(1 << 20),
        );
    }
}
