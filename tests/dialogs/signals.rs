//! SIGHUP and SIGTERM at every stage of a dialog: no message is lost or judged by half.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::Site;
use crate::nonsense::script;
use crate::support::wire::Wire;

/// The packet of the script that begins the message.
const MAIL: usize = 5;

/// Sends packets and reads the answers that they ask for; the last of these.
fn play(wire: &mut Wire, packets: &[Vec<u8>]) -> Option<u8> {
    let mut last = None;
    for packet in packets {
        wire.raw(packet).expect("send");
        match packet[4] {
            b'O' | b'M' | b'T' | b'N' | b'B' => last = Some(wire.read().expect("an answer").0),
            b'E' => loop {
                let (answer, _) = wire.read().expect("an answer");
                if !b"him".contains(&answer) {
                    last = Some(answer);
                    break;
                }
            },
            _ => {}
        }
    }
    last
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_reload_at_any_stage_touches_no_message() {
    let site = Site::preset("tag");
    let script = script();
    for stage in 0..=script.len() {
        let mut wire = Wire::connect(site.milter.addr());
        let (before, after) = script.split_at(stage);
        let begun = play(&mut wire, before);
        site.milter.hang_up();
        eventually("the reload", || {
            let log = site.milter.log();
            log.matches("is in force for new connections").count() == stage + 1
        });
        assert_eq!(
            play(&mut wire, after).or(begun),
            Some(b'a'),
            "stage {stage}"
        );
    }
    let messages = site.messages("forged", "tag");
    assert_eq!(messages, 15.0);
}

#[test]
fn a_stop_at_any_stage_ends_the_message_and_nothing_before_it() {
    let script = script();
    for stage in 0..=script.len() {
        let site = Site::preset("tag");
        let mut wire = Wire::connect(site.milter.addr());
        let (before, after) = script.split_at(stage);
        play(&mut wire, before);
        // What was sent last has arrived.
        eventually("it is served", || {
            site.milter.metric("amazon_spoof_milter_open_connections") == 1.0
        });
        let addr = site.milter.addr();
        let milter = site.milter;
        let stopping = std::thread::spawn(move || milter.stop());
        eventually("the socket is closed", || TcpStream::connect(addr).is_err());
        if (MAIL + 1..script.len()).contains(&stage) {
            assert_eq!(play(&mut wire, after), Some(b'a'), "stage {stage}");
        }
        assert!(wire.is_closed(), "stage {stage}");
        let (code, log) = stopping.join().expect("its end");
        assert_eq!(code, Some(0), "stage {stage}: {log}");
        assert!(!log.contains("did not end in time"), "stage {stage}: {log}");
        let judged = log.contains("verdict=\"forged\"");
        assert_eq!(judged, stage > MAIL, "stage {stage}: {log}");
    }
}
