//! The whole program on one thread, from one seed: sessions over memory, a clock that jumps, DNS that fails,
//! clients that are slow, hostile or torn, reloads and stops. docs/testing.md says what is looked at.
//!
//! `make simulate SEED=7 MESSAGES=10000` runs more than `make test` does.

// In a test a panic is the report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

#[path = "simulation/chance.rs"]
mod chance;
#[path = "simulation/check.rs"]
mod check;
#[path = "simulation/client.rs"]
mod client;
#[path = "simulation/dialog.rs"]
mod dialog;
#[path = "simulation/epoch.rs"]
mod epoch;
#[path = "simulation/log.rs"]
mod log;
#[path = "simulation/mail.rs"]
mod mail;
#[path = "simulation/right.rs"]
mod right;
#[path = "simulation/site.rs"]
mod site;
#[path = "simulation/sums.rs"]
mod sums;
mod support;
#[path = "simulation/trace.rs"]
mod trace;
#[path = "simulation/weather.rs"]
mod weather;
#[path = "simulation/wire.rs"]
mod wire;

use chance::Chance;
use epoch::Epoch;
use std::time::Instant;

/// The seeds of `make test`, and messages of each.
const SEEDS: std::ops::Range<u64> = 1..13;
const MESSAGES: u64 = 80;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Epochs of one seed until so many messages were answered; the fault that was found, if any.
fn simulate(seed: u64, messages: u64) -> (Epoch, u64) {
    let show = std::env::var_os("SHOW").is_some();
    let only = number("EPOCH");
    let mut chance = Chance::new(seed);
    let mut all = Epoch::default();
    let mut epochs = 0;
    while all.answered < messages {
        epochs += 1;
        let seed_of_epoch = chance.next();
        if only.is_some_and(|only| only != epochs) {
            if only < Some(epochs) {
                break;
            }
            continue;
        }
        let epoch = epoch::run(seed_of_epoch, show);
        all.digest = all.digest.rotate_left(1) ^ epoch.digest;
        all.events += epoch.events;
        all.answered += epoch.answered;
        all.given_up += epoch.given_up;
        all.connections += epoch.connections;
        all.lasted += epoch.lasted;
        if let Some(fault) = epoch.fault {
            all.fault = Some(format!(
                "seed {seed}, epoch {epochs}, after {} messages (SEED={seed} EPOCH={epochs} SHOW=1 shows all of it):\n{fault}",
                all.answered
            ));
            break;
        }
    }
    (all, epochs)
}

#[test]
fn what_is_right_comes_out_whatever_happens() {
    let (first, count, messages) = match number("SEED") {
        Some(seed) => (
            seed,
            number("SEEDS").unwrap_or(1),
            number("MESSAGES").unwrap_or(10_000),
        ),
        None => (SEEDS.start, SEEDS.end - SEEDS.start, MESSAGES),
    };
    let began = Instant::now();
    let (mut answered, mut events, mut epochs, mut lasted) = (0, 0, 0, 0);
    for seed in first..first + count {
        let (all, many) = simulate(seed, messages);
        answered += all.answered;
        events += all.events;
        epochs += many;
        lasted += all.lasted.as_secs();
        if let Some(fault) = all.fault {
            panic!("{fault}");
        }
        if number("SEED").is_some() {
            println!(
                "seed {seed}: {} messages answered, {} given up, {} connections, {many} epochs, digest {:016x}",
                all.answered, all.given_up, all.connections, all.digest
            );
        }
    }
    println!(
        "{count} seeds, {answered} messages answered, {epochs} epochs, {events} events, {lasted} s of their time in {:.1} s",
        began.elapsed().as_secs_f64()
    );
}

#[test]
fn the_same_seed_is_the_same_history() {
    for seed in 100..103 {
        let (first, _) = simulate(seed, 100);
        let (second, _) = simulate(seed, 100);
        assert_eq!(first, second, "seed {seed}");
        assert_eq!(first.fault, None);
        assert!(first.events > 500);
    }
    let (one, _) = simulate(200, 1);
    let (other, _) = simulate(201, 1);
    assert_ne!(one.digest, other.digest);
}
