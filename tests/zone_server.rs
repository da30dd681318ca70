//! The DNS server of the tests (and of `cargo run --example zone-server`) answers as DNS does, and
//! fails as it is told to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use support::dns::{Transport, ZoneServer, parse};
use support::resolver::{block_on, resolver};
use support::sign::txt_record;

const SECOND: Duration = Duration::from_secs(1);

const ZONE: &str = r#"
$TTL 1h
$ORIGIN example.org.          ; names without a final dot belong here
@        IN SOA ns hostmaster ( 2026010101 ; serial
                                7200 3600 1209600
                                600 )
         IN NS ns
         MX 10 mx1
         300 IN MX 20 MX2.Example.NET.
         TXT "v=spf1 -all" "; no comment" unquoted "quote \" octet \200 backslash \\"
ns       A 192.0.2.53
         AAAA 2001:db8::53
www      CNAME web.cdn
web.cdn  CNAME ns
lost     CNAME nowhere
round    CNAME about
about    CNAME round
a.b.c    A 192.0.2.1
1.2.0.192.in-addr.arpa. PTR ns
slow     TXT TIMEOUT
slow     A 192.0.2.9
dead     TIMEOUT
sick     ANY SERVFAIL
shut     TXT REFUSED
cut      TXT TRUNCATE
late     TXT DELAY 400
late     TXT "in the end"
word     TXT "TIMEOUT"
alias    CNAME sick
"#;

/// What the resolver prints for a name, sorted.
fn resolved(addr: SocketAddr, name: &str, kind: RecordType) -> Vec<String> {
    block_on(async {
        let lookup = resolver(addr).lookup(name, kind).await.unwrap();
        let mut data: Vec<_> = lookup
            .answers()
            .iter()
            .map(|one| one.data.to_string())
            .collect();
        data.sort();
        data
    })
}

fn question(name: &str, kind: RecordType, payload: Option<u16>) -> Vec<u8> {
    let mut message = Message::query();
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    if let Some(payload) = payload {
        let mut edns = Edns::new();
        edns.set_max_payload(payload);
        message.set_edns(edns);
    }
    message.to_vec().unwrap()
}

/// The answer over UDP as it came; `None` after `patience`.
fn udp(addr: SocketAddr, question: &[u8], patience: Duration) -> Option<Vec<u8>> {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(patience)).unwrap();
    socket.send_to(question, addr).unwrap();
    let mut buffer = vec![0; 65_535];
    let length = socket.recv(&mut buffer).ok()?;
    buffer.truncate(length);
    Some(buffer)
}

/// The answer over TCP; an error where the connection ends or nothing comes.
fn tcp(addr: SocketAddr, question: &[u8], patience: Duration) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(patience))?;
    let mut framed = u16::try_from(question.len())
        .unwrap()
        .to_be_bytes()
        .to_vec();
    framed.extend_from_slice(question);
    stream.write_all(&framed)?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

fn asked(addr: SocketAddr, name: &str, kind: RecordType) -> Message {
    let answer = udp(addr, &question(name, kind, Some(1232)), SECOND).expect("an answer");
    Message::from_vec(&answer).unwrap()
}

#[test]
fn the_server_answers_what_the_file_says() {
    let server = ZoneServer::start(ZONE);
    let of = |name, kind| resolved(server.addr, name, kind);
    assert_eq!(
        of("example.org.", RecordType::MX),
        ["10 mx1.example.org.", "20 MX2.Example.NET."]
    );
    assert_eq!(of("ns.example.org.", RecordType::A), ["192.0.2.53"]);
    assert_eq!(of("NS.EXAMPLE.org.", RecordType::AAAA), ["2001:db8::53"]);
    assert_eq!(
        of("1.2.0.192.in-addr.arpa.", RecordType::PTR),
        ["ns.example.org."]
    );
    assert_eq!(of("example.org.", RecordType::NS), ["ns.example.org."]);
    let chain = ["192.0.2.53", "ns.example.org.", "web.cdn.example.org."];
    assert_eq!(of("www.example.org.", RecordType::A), chain);

    let text = asked(server.addr, "example.org.", RecordType::TXT);
    let hickory_proto::rr::RData::TXT(text) = &text.answers[0].data else {
        panic!("no TXT")
    };
    let strings: Vec<&[u8]> = text.txt_data.iter().map(|one| &**one).collect();
    let expected: [&[u8]; 4] = [
        b"v=spf1 -all",
        b"; no comment",
        b"unquoted",
        b"quote \" octet \xc8 backslash \\",
    ];
    assert_eq!(strings, expected);
}

#[test]
fn the_server_tells_no_name_from_no_data() {
    let server = ZoneServer::start(ZONE);
    let code = |name, kind| asked(server.addr, name, kind).metadata.response_code;
    assert_eq!(
        code("nothing.example.org.", RecordType::A),
        ResponseCode::NXDomain
    );
    assert_eq!(
        code("ns.example.org.", RecordType::TXT),
        ResponseCode::NoError
    );
    // Nothing stands at b.c itself, but under it something does.
    assert_eq!(
        code("b.c.example.org.", RecordType::A),
        ResponseCode::NoError
    );
    assert_eq!(
        code("x.b.c.example.org.", RecordType::A),
        ResponseCode::NXDomain
    );
    assert_eq!(
        code("lost.example.org.", RecordType::A),
        ResponseCode::NXDomain
    );
    assert_eq!(
        code("round.example.org.", RecordType::A),
        ResponseCode::ServFail
    );
    assert_eq!(
        code("elsewhere.test.", RecordType::A),
        ResponseCode::NXDomain
    );

    let own = asked(server.addr, "nothing.example.org.", RecordType::A);
    assert_eq!(own.authorities[0].name.to_string(), "example.org.");
    assert_eq!(own.authorities[0].ttl, 600);
    assert!(own.metadata.authoritative);
    let foreign = asked(server.addr, "elsewhere.test.", RecordType::A);
    assert_eq!(foreign.authorities[0].record_type(), RecordType::SOA);
    assert_eq!(foreign.authorities[0].name.to_string(), ".");
}

#[test]
fn what_is_too_long_for_udp_is_cut_and_comes_whole_over_tcp() {
    let text = "x".repeat(30_000);
    let middle = "y".repeat(700);
    let zone = txt_record("long.test.", &text) + &txt_record("middle.test.", &middle);
    let server = ZoneServer::start(&zone);

    for payload in [None, Some(4096)] {
        let cut = udp(
            server.addr,
            &question("long.test.", RecordType::TXT, payload),
            SECOND,
        );
        let cut = cut.unwrap();
        assert!(cut.len() <= 512, "{} octets", cut.len());
        let cut = Message::from_vec(&cut).unwrap();
        assert!(cut.metadata.truncation);
        assert_eq!(cut.answers.len(), 0);
        assert_eq!(cut.edns.is_some(), payload.is_some());
    }
    let middle_question = |payload| question("middle.test.", RecordType::TXT, payload);
    let plain = udp(server.addr, &middle_question(None), SECOND).unwrap();
    assert!(Message::from_vec(&plain).unwrap().metadata.truncation);
    let extended = udp(server.addr, &middle_question(Some(1232)), SECOND).unwrap();
    assert!(!Message::from_vec(&extended).unwrap().metadata.truncation);
    assert!(extended.len() > 700);

    let whole = tcp(
        server.addr,
        &question("long.test.", RecordType::TXT, None),
        SECOND,
    )
    .unwrap();
    assert!(whole.len() > 30_000);
    assert_eq!(resolved(server.addr, "long.test.", RecordType::TXT), [text]);
    let transports: Vec<_> = server.queries().iter().map(|one| one.transport).collect();
    assert!(
        transports.ends_with(&[Transport::Udp, Transport::Tcp]),
        "{transports:?}"
    );
}

#[test]
fn faults_are_values() {
    let server = ZoneServer::start(ZONE);
    let addr = server.addr;
    let ask = |name: &str, kind| question(name, kind, None);
    let blink = Duration::from_millis(300);
    for (name, kind) in [("slow", RecordType::TXT), ("dead", RecordType::A)] {
        let question = ask(&format!("{name}.example.org."), kind);
        assert_eq!(udp(addr, &question, blink), None);
        assert!(tcp(addr, &question, blink).is_err());
    }
    let code = |name, kind| asked(addr, name, kind).metadata.response_code;
    assert_eq!(
        asked(addr, "slow.example.org.", RecordType::A)
            .answers
            .len(),
        1
    );
    assert_eq!(
        code("sick.example.org.", RecordType::MX),
        ResponseCode::ServFail
    );
    assert_eq!(
        code("alias.example.org.", RecordType::TXT),
        ResponseCode::ServFail
    );
    assert_eq!(
        code("shut.example.org.", RecordType::TXT),
        ResponseCode::Refused
    );
    assert_eq!(
        asked(addr, "word.example.org.", RecordType::TXT)
            .answers
            .len(),
        1
    );

    let cut = asked(addr, "cut.example.org.", RecordType::TXT);
    assert!(cut.metadata.truncation);
    let ended = tcp(addr, &ask("cut.example.org.", RecordType::TXT), SECOND).unwrap_err();
    assert_ne!(
        ended.kind(),
        std::io::ErrorKind::WouldBlock,
        "the connection is cut, not silent"
    );

    let start = Instant::now();
    let late = asked(addr, "late.example.org.", RecordType::TXT);
    assert!(start.elapsed() >= Duration::from_millis(400));
    assert_eq!(late.answers[0].data.to_string(), "in the end");
}

#[test]
fn a_wildcard_stands_for_names_that_are_not_there() {
    let server = ZoneServer::start(
        "*.example. A 192.0.2.1\nthere.example. A 192.0.2.2\nx.deep.example. A 192.0.2.3\n\
         *.sick.example. SERVFAIL\n",
    );
    let of = |name| resolved(server.addr, name, RecordType::A);
    assert_eq!(of("any.example."), ["192.0.2.1"]);
    assert_eq!(of("a.b.example."), ["192.0.2.1"]);
    assert_eq!(of("there.example."), ["192.0.2.2"]);
    // A name with something below it is there (RFC 4592 section 2.2.2).
    let deep = asked(server.addr, "deep.example.", RecordType::A);
    assert!(deep.answers.is_empty());
    let code = |name| {
        asked(server.addr, name, RecordType::TXT)
            .metadata
            .response_code
    };
    assert_eq!(code("any.example."), ResponseCode::NoError);
    assert_eq!(code("any.sick.example."), ResponseCode::ServFail);
    assert_eq!(code("any.test."), ResponseCode::NXDomain);
}

#[test]
fn the_server_dies_comes_back_and_changes() {
    let mut server = ZoneServer::start("a.test. A 192.0.2.1\nb.a.test. A 192.0.2.2\n");
    let addr = server.addr;
    let question = question("A.test.", RecordType::A, None);
    let blink = Duration::from_millis(300);

    server.pause();
    assert_eq!(udp(addr, &question, blink), None);
    server.resume();
    assert!(udp(addr, &question, SECOND).is_some());
    let log = server.queries();
    assert_eq!(log.len(), 2);
    assert_eq!(
        (log[0].name.as_str(), log[0].kind, log[0].transport),
        ("a.test", RecordType::A, Transport::Udp)
    );

    server.stop();
    let refused = TcpStream::connect(addr).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    server.restart().unwrap();
    assert!(tcp(addr, &question, SECOND).is_ok());

    server.set("a.test. A 192.0.2.7\na.test. A 192.0.2.8\n");
    assert_eq!(asked(addr, "a.test.", RecordType::A).answers.len(), 2);
    assert_eq!(asked(addr, "b.a.test.", RecordType::A).answers.len(), 1);
    server.remove("a.test.");
    server.remove("b.a.test.");
    let gone = asked(addr, "a.test.", RecordType::A).metadata.response_code;
    assert_eq!(gone, ResponseCode::NXDomain);
    server.clear_queries();
    assert_eq!(server.queries(), []);
}

#[test]
fn a_wrong_zone_names_the_line_and_what_would_be_right() {
    for (text, line, part) in [
        ("\n\na.test. A 192.0.2.300\n", 3, "IPv4 address"),
        ("a.test. AAAA 192.0.2.3\n", 1, "IPv6 address"),
        ("a.test. MX mail.test.\n", 1, "PREFERENCE HOST"),
        ("a.test. MX 70000 mail.test.\n", 1, "up to 65535"),
        (
            "; note\na.test. SPF \"v=spf1\"\n",
            2,
            "type SPF is not served; A, AAAA",
        ),
        ("a.test.\n", 1, "type is missing"),
        ("  A 192.0.2.1\n", 1, "needs a name"),
        ("a.test. TXT \"open\n", 1, "quote"),
        ("a.test. SOA a. b. (\n1 2 3 4 5\n", 1, "never closed"),
        ("a.test. TXT )\n", 1, ") without ("),
        (
            "a.test. CNAME b.test.\na.test. A 192.0.2.1\n",
            2,
            "stands alone",
        ),
        ("a.test. TXT TIMEOUT 5\n", 1, "takes no value"),
        ("a.test. TXT DELAY\n", 1, "takes milliseconds"),
        ("a.test. ANY 192.0.2.1\n", 1, "ANY takes a fault"),
        ("$INCLUDE other\n", 1, "$TTL and $ORIGIN"),
        ("$TTL soon\n", 1, "seconds"),
        ("a..test. A 192.0.2.1\n", 1, "no domain name"),
        ("a.test. CH TXT x\n", 1, "only IN"),
        ("a.test. TXT \"\\999\"\n", 1, "\\000 to \\255"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.line, line, "{text:?}: {error}");
        assert!(error.text.contains(part), "{text:?}: {error}");
    }
    let long = format!("a.test. TXT \"{}\"\n", "x".repeat(256));
    assert!(parse(&long).unwrap_err().text.contains("255 are allowed"));
}
