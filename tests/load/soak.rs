//! As many messages as fast as they go, straight over the milter socket: memory and files stay flat.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::number;
use crate::support::dns::ZoneServer;
use crate::support::milter::{Milter, MilterConfig};
use crate::support::samples::{Sample, samples, zone};
use crate::support::wire::{OFFER, Wire, packet};

/// Connections side by side; each is opened anew after so many messages.
const CONNECTIONS: usize = 4;
const MESSAGES_EACH: usize = 20;

/// How often the program is looked at.
const LOOKS: usize = 20;

/// The packets of one message, after the negotiation.
struct Dialog {
    packets: Vec<Vec<u8>>,
}

impl Dialog {
    /// As Postfix would send it. `number` makes some of them different from all others: a name that
    /// DNS was never asked for, a body of another length.
    fn new(sample: &Sample, number: usize) -> Self {
        let ip = sample.client.addr.as_deref().unwrap_or("203.0.113.30");
        let helo = sample.client.helo.as_deref().unwrap_or("x.example");
        let fresh = number.is_multiple_of(3);
        let mail_from = match fresh {
            true => format!("<x@d{number}.friend.example>"),
            false => format!("<{}>", sample.mail_from),
        };
        let text = String::from_utf8_lossy(&sample.message).into_owned();
        let (fields, body) = text.split_once("\r\n\r\n").expect("a body");
        let connect = format!("{helo}\x004\x12\x34{ip}\0");
        let mut packets = vec![
            packet(b'C', connect.as_bytes()),
            packet(b'H', format!("{helo}\0").as_bytes()),
            packet(b'M', format!("{mail_from}\0").as_bytes()),
            packet(b'R', b"<someone@example.test>\0"),
            packet(b'D', format!("Ni\0S{number}\0").as_bytes()),
        ];
        let fields = fields.replace("\r\n\t", "\n\t").replace("\r\n ", "\n ");
        for field in fields.split("\r\n") {
            let (name, value) = field.split_once(':').expect("a field");
            packets.push(packet(b'L', format!("{name}\0{value}\0").as_bytes()));
        }
        packets.push(packet(b'N', b""));
        let mut body = body.as_bytes().to_vec();
        if number.is_multiple_of(50) {
            body.extend(b"a line that makes it long\r\n".repeat(number % 4_000));
        }
        packets.extend(body.chunks(65_535).map(|chunk| packet(b'B', chunk)));
        packets.push(packet(b'E', b""));
        Self { packets }
    }

    /// Sends it; the final answer.
    fn play(&self, wire: &mut Wire) -> u8 {
        for packet in &self.packets {
            wire.raw(packet).expect("send");
            if !matches!(packet[4], b'M' | b'N' | b'B' | b'E') {
                continue;
            }
            loop {
                let (answer, _) = wire.read().expect("an answer");
                match answer {
                    b'c' | b's' => break,
                    b'a' | b'y' | b'r' | b't' | b'd' => return answer,
                    _ => {}
                }
            }
        }
        panic!("no final answer");
    }
}

/// The answers of one connection after the other, till `total` messages are sent.
fn send(addr: SocketAddr, samples: &[Sample], next: &AtomicUsize, total: usize) {
    loop {
        let mut wire = Wire::connect(addr);
        wire.raw(&packet(b'O', OFFER)).expect("send");
        assert_eq!(wire.read().expect("an answer").0, b'O');
        for _ in 0..MESSAGES_EACH {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= total {
                return;
            }
            let sample = &samples[number % samples.len()];
            // Tagged or accepted: the preset refuses nothing.
            let answer = Dialog::new(sample, number).play(&mut wire);
            assert_eq!(char::from(answer), 'a', "{} {number}", sample.name);
        }
        wire.send(b'Q', b"");
    }
}

struct Look {
    messages: usize,
    memory: f64,
    files: f64,
}

fn look(milter: &Milter, messages: usize) -> Look {
    Look {
        messages,
        memory: milter.metric("process_resident_memory_bytes ") / 1_048_576.0,
        files: milter.metric("process_open_fds "),
    }
}

#[test]
fn memory_and_files_stay_flat() {
    let total = number("SOAK_MESSAGES", 1_000);
    let dns = ZoneServer::start(&zone());
    let config = MilterConfig {
        dns: "cache_size = 1000\n".to_owned(),
        ..MilterConfig::default()
    };
    let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    let milter = Milter::start(program, dns.addr, &config);
    let (samples, next) = (samples(), AtomicUsize::new(0));
    let started = Instant::now();
    let mut looks = Vec::new();
    // In parts: the DNS server of the tests remembers what it was asked.
    for part in 1..=LOOKS {
        thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| send(milter.addr(), &samples, &next, total * part / LOOKS));
            }
        });
        next.store(total * part / LOOKS, Ordering::Relaxed);
        dns.clear_queries();
        looks.push(look(&milter, total * part / LOOKS));
    }
    println!("messages      MiB  files");
    for look in &looks {
        println!("{:8} {:8.1} {:6}", look.messages, look.memory, look.files);
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("{:.0} messages a second", total as f64 / seconds);
    let counted =
        milter.metric("amazon_spoof_milter_message_duration_seconds_count{stage=\"message\"}");
    assert_eq!(counted, total as f64);
    // A quarter of it fills caches and pools; from there on nothing grows.
    let (warm, last) = (&looks[LOOKS / 4], &looks[LOOKS - 1]);
    assert!(last.files <= warm.files + 4.0, "{} files", last.files);
    assert!(
        last.memory <= warm.memory * 1.1 + 8.0,
        "{:.1} MiB after {:.1} MiB",
        last.memory,
        warm.memory
    );
    let (code, log) = milter.stop();
    assert_eq!(code, Some(0), "{log}");
    // The longest bodies are longer than what is looked at.
    let is_wrong = |line: &&str| {
        (line.contains("WARN") || line.contains("ERROR")) && !line.contains("limit=\"content\"")
    };
    assert_eq!(log.lines().find(is_wrong), None);
}
