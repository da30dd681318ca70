//! A client that speaks nonsense loses its connection, and nobody else anything.

use std::io;

use crate::support::wire::{OFFER, Wire, packet};
use crate::{Site, Status, forged};

/// Connections that are torn, where the environment doesn't say (`make load`); enough for every packet
/// to be cut at many octets.
const TORN: usize = 200;

/// What Postfix would send for one forged message, packet by packet.
pub(crate) fn script() -> Vec<Vec<u8>> {
    [
        (b'O', OFFER),
        (b'D', b"Cj\0mx.example.test\0v\0Postfix\0".as_slice()),
        (b'C', b"mail.bulk-sender.example\x004\x12\x34203.0.113.30\0"),
        (b'H', b"mail.bulk-sender.example\0"),
        (b'D', b"M"),
        (b'M', b"<x@bulk-sender.example>\0SIZE=100\0"),
        (b'R', b"<someone@example.test>\0"),
        (b'D', b"Ti\x004XyZ\0"),
        (b'T', b""),
        (b'L', b"From\0 \"Amazon.com\" <account-update@amazon.com>\0"),
        (b'L', b"Subject\0 x\0"),
        (b'N', b""),
        (b'B', b"hello\r\n"),
        (b'E', b""),
    ]
    .map(|(command, data)| packet(command, data))
    .to_vec()
}

/// A well-behaved client gets its answer.
async fn assert_serves(site: &Site) {
    let mut mta = site.greeted().await;
    let (edits, status) = forged(&mut mta).await;
    assert_eq!((edits.len(), status), (5, Status::Accept));
}

#[tokio::test]
async fn each_kind_of_nonsense_ends_its_connection_only() {
    let site = Site::preset("tag");
    let mut bystander = site.greeted().await;
    let nonsense: [(&str, &[u8]); 8] = [
        ("another protocol", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a length of four gigabytes", b"\xff\xff\xff\xffO"),
        ("a length beyond the limit", b"\x00\x10\x00\x01M"),
        ("an unknown command", b"\0\0\0\x01?"),
        ("an empty offer", b"\0\0\0\x01O"),
        ("an offer that is too short", b"\0\0\0\x05O\0\0\0\x06"),
        (
            "protocol 1",
            b"\0\0\0\x0dO\0\0\0\x01\0\0\x01\xff\0\x1f\xff\xff",
        ),
        ("MAIL without its path", b"\0\0\0\x01M"),
    ];
    for (what, octets) in nonsense {
        let mut wire = Wire::connect(site.milter.addr());
        wire.raw(octets).expect(what);
        assert!(wire.is_closed(), "{what}");
    }
    // After the negotiation too.
    let nonsense: [(&str, u8, &[u8]); 4] = [
        ("an unknown command", b'?', b""),
        ("CONNECT without data", b'C', b""),
        ("HELO without an end", b'H', b"x"),
        ("MAIL without an end", b'M', b"<x@y>"),
    ];
    for (what, command, data) in nonsense {
        let mut wire = Wire::negotiated(site.milter.addr());
        if command == b'H' {
            wire.send(b'C', b"x\x004\x12\x34203.0.113.30\0");
        }
        wire.send(command, data);
        assert!(wire.is_closed(), "{what}");
    }
    let (edits, status) = forged(&mut bystander).await;
    assert_eq!((edits.len(), status), (5, Status::Accept));
    assert_serves(&site).await;
    // None of them ended without a word.
    let said = site
        .milter
        .wait_for_log("a command of the MTA's can't be read, or came out of turn");
    assert!(said.contains("WARN"), "{said}");
    let series = "amazon_spoof_milter_protocol_errors_total{kind=\"command\"}";
    assert_eq!(site.milter.metric(series), 12.0);
}

/// Every command of the protocol with contents that it has not: how many packets of the script come
/// before it, the packet, and whether the connection ends for it.
const ODD: &[(usize, u8, &[u8], bool)] = &[
    (1, b'?', b"", true),
    (1, b'D', b"", true),
    (1, b'D', b"C", false),
    (1, b'D', b"Cj", false),
    (1, b'D', b"\xffj\0x\0", false),
    (2, b'C', b"", true),
    (2, b'C', b"x", false),
    (2, b'C', b"\0\0\0\0", false),
    (3, b'H', b"", true),
    (3, b'H', b"x", true),
    (3, b'H', b"\0", false),
    (5, b'M', b"", true),
    (5, b'M', b"<x@shop.example>", true),
    (5, b'M', b"\0", false),
    (6, b'R', b"", true),
    (6, b'R', b"<x@shop.example>", true),
    (8, b'T', b"x", false),
    (9, b'L', b"", true),
    (9, b'L', b"Subject", true),
    (9, b'L', b"Subject\0", true),
    (9, b'L', b"Subject\0 x", true),
    (9, b'L', b"\0 x\0", true),
    (9, b'L', b"Subject\0\0", false),
    (11, b'N', b"x", false),
    (12, b'B', b"", true),
    (12, b'B', b"\0", false),
    (13, b'E', b"x", false),
    (9, b'A', b"x", false),
    (3, b'U', b"", true),
    (3, b'U', b"x", false),
    (9, b'O', OFFER, false),
];

#[tokio::test]
async fn whatever_ends_a_connection_is_said_once() {
    let site = Site::preset("tag");
    let before = |packets: usize| script().into_iter().take(packets).skip(1);
    for (packets, command, data, _) in ODD {
        let mut wire = Wire::negotiated(site.milter.addr());
        for packet in before(*packets) {
            wire.raw(&packet).expect("send");
        }
        wire.send(*command, data);
        wire.say_no_more();
        assert!(wire.is_closed(), "{command} {data:?}");
    }
    // Cut within a packet.
    for packets in 1..script().len() {
        let mut wire = Wire::negotiated(site.milter.addr());
        for packet in before(packets) {
            wire.raw(&packet).expect("send");
        }
        let cut = &script()[packets];
        wire.raw(&cut[..cut.len() - 1]).expect("send");
        wire.say_no_more();
        assert!(wire.is_closed(), "cut after {packets}");
    }
    let broken = ODD.iter().filter(|(.., broken)| *broken).count();
    let cut = script().len() - 1;
    let closed = ODD.len() - broken;
    let count = |log: &str, text: &str| log.lines().filter(|line| line.contains(text)).count();
    let said = || {
        let log = site.milter.log();
        [
            count(&log, "a command of the MTA's can't be read"),
            count(&log, "ended within a command of the MTA's"),
            count(&log, "the MTA closed a connection without QUIT"),
        ]
    };
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while said() != [broken, cut, closed] {
        let late = std::time::Instant::now() > until;
        assert!(!late, "{:?}, not {:?}", said(), [broken, cut, closed]);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let series = "amazon_spoof_milter_protocol_errors_total{kind=\"command\"}";
    let counted = u32::try_from(broken + cut).expect("a number");
    assert_eq!(site.milter.metric(series), f64::from(counted));
    assert_serves(&site).await;
}

/// Postfix has no address of some clients, and says so in ways that the protocol doesn't know.
#[tokio::test]
async fn a_client_whose_address_cannot_be_read_is_judged() {
    let site = Site::preset("enforce");
    for client in [
        &b"unknown\x004\0\0unknown\0"[..],
        b"unknown\x006\0\0unknown\0",
        b"unknown\0U",
        b"x\0Q\0\0x\0",
        b"x\x004\x12",
        b"x",
    ] {
        let mut wire = Wire::negotiated(site.milter.addr());
        let mut packets = script();
        packets[2] = packet(b'C', client);
        for packet in &packets[1..] {
            wire.raw(packet).expect("send");
        }
        let answer = loop {
            let (command, data) = wire.read().expect("an answer");
            if command != b'c' {
                break (command, data);
            }
        };
        assert_eq!(answer.0, b'y');
        assert!(answer.1.starts_with(b"550 5.7.26 "), "{:?}", answer.1);
    }
}

#[tokio::test]
async fn commands_out_of_order_are_no_way_past_the_filter() {
    let site = Site::preset("enforce");
    let mut wire = Wire::negotiated(site.milter.addr());
    // A body, an end and a header field before any message: nothing to answer.
    for (command, data) in [(b'B', b"x".as_slice()), (b'E', b""), (b'L', b"From\0 x\0")] {
        wire.send(command, data);
    }
    // MAIL in the middle of a message begins another one.
    for packet in &script()[1..11] {
        wire.raw(packet).expect("send");
    }
    wire.send(b'M', b"<x@bulk-sender.example>\0");
    for packet in &script()[6..14] {
        wire.raw(packet).expect("send");
    }
    let mut answers = Vec::new();
    loop {
        let (command, data) = wire.read().expect("an answer");
        answers.push(char::from(command));
        if command == b'y' {
            assert!(data.starts_with(b"550 5.7.26 "), "{data:?}");
            break;
        }
    }
    // MAIL, DATA; MAIL, DATA, end of header, body, end of message.
    assert_eq!(answers.iter().collect::<String>(), "ccccccy");
}

#[tokio::test]
async fn connections_torn_anywhere_leave_nothing_behind() {
    let site = Site::preset("tag");
    let whole = script().concat();
    let mut random = Random(0x5eed);
    let torn = std::env::var("TORN").map_or(TORN, |text| text.parse().expect("a number"));
    assert_serves(&site).await;
    let held = || {
        let open = site.milter.metric("amazon_spoof_milter_open_connections");
        let files = site.milter.metric("process_open_fds ");
        let octets = site.milter.metric("process_resident_memory_bytes ");
        (open, files, octets / 1_048_576.0)
    };
    let (_, files, memory) = held();
    for _ in 0..torn {
        let mut wire = Wire::connect(site.milter.addr());
        let mut octets = whole[..random.below(whole.len())].to_vec();
        // Half of them are also damaged at one place.
        if random.below(2) == 0 && !octets.is_empty() {
            let at = random.below(octets.len());
            octets[at] = u8::try_from(random.below(256)).expect("an octet");
        }
        match wire.raw(&octets) {
            Ok(()) => {}
            // It was closed on us already.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_serves(&site).await;
    // What they held is given back.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while held().0 > 0.0 || held().1 > files + 2.0 {
        assert!(std::time::Instant::now() < until, "{:?}", held());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let after = held().2;
    println!("{torn} connections torn: {memory:.1} MiB before, {after:.1} MiB after");
    assert!(after < memory + 24.0, "{memory} MiB, then {after} MiB");
    let (code, log) = site.milter.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}

/// The same numbers in every run (xorshift, period 2^64 - 1).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % limit
    }
}
