//! Clients that are broken, slow or many: messages and other clients do not feel them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::support::http::exchange;
use super::{FORGED, Site};

/// Everything that has to go on whatever HTTP clients do.
fn goes_on(site: &Site) {
    assert_eq!(site.get("/healthz").status, 200);
    assert_eq!(site.get("/").status, 200);
    let before = site.milter.metric(FORGED_COUNT);
    site.hand_in("AA1", FORGED);
    assert_eq!(site.milter.metric(FORGED_COUNT), before + 1.0);
}

const FORGED_COUNT: &str = "amazon_spoof_milter_messages_total{action=\"tag\",verdict=\"forged\"}";

#[test]
fn malformed_requests_are_refused() {
    let site = Site::start("");
    let long = format!(
        "GET /?q={} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "x".repeat(100_000)
    );
    let fields = format!(
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n",
        "a: b\r\n".repeat(5_000)
    );
    let requests: [&[u8]; 12] = [
        b"\r\n\r\n\r\n\r\n",
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost : x\r\n\r\n",
        b"GET /\x80\xff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        long.as_bytes(),
        fields.as_bytes(),
    ];
    for request in requests {
        let mut closing = request.to_vec();
        // What is taken for a whole request must end as well.
        closing.extend_from_slice(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
        if let Some(answer) = exchange(site.milter.http, &closing) {
            let shown = String::from_utf8_lossy(request)
                .chars()
                .take(60)
                .collect::<String>();
            assert!(
                (400..500).contains(&answer.status),
                "{shown:?}: {}",
                answer.head
            );
        }
    }
    goes_on(&site);
}

#[test]
fn a_thousand_connections_that_say_nothing_keep_nobody_out() {
    // Both ends of some are ours.
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            ..limit
        },
    );
    let site = Site::start("");
    let mut open: Vec<TcpStream> = Vec::new();
    for number in 0..1_000 {
        let mut stream = TcpStream::connect(site.milter.http).expect("a connection");
        // Half a header, one octet, or nothing.
        let begun: &[u8] = [&b"GET / HTTP/1.1\r\nHost: 127.0"[..], b"G", b""][number % 3];
        stream.write_all(begun).expect("some octets");
        open.push(stream);
    }
    goes_on(&site);
    let files = site.milter.metric("process_open_fds");
    assert!(files < 300.0, "{files} file descriptors are open");
    // The youngest of them is served when it goes on.
    let last = open.last_mut().expect("a connection");
    last.set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a time-out");
    last.write_all(b".0.1\r\nConnection: close\r\n\r\n")
        .expect("the rest");
    let mut answer = String::new();
    let _ = last.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // And those that gave way are closed, not forgotten.
    let first = open.first_mut().expect("a connection");
    first
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a time-out");
    assert!(matches!(first.read(&mut [0]), Ok(0) | Err(_)));
}

#[test]
fn clients_that_send_or_read_slowly_hold_up_nobody() {
    let site = Site::start("try_messages = true\n");
    let mut slow = Vec::new();
    for path in ["/", "/metrics"].repeat(10) {
        let mut stream = TcpStream::connect(site.milter.http).expect("a connection");
        let host = site.milter.http;
        write!(
            stream,
            "POST /try HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nContent-Length: 4000000\r\n\
             Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
        )
        .expect("a part of a body");
        slow.push(stream);
        let mut stream = TcpStream::connect(site.milter.http).expect("a connection");
        // Many answers that nobody reads.
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").repeat(50);
        stream.write_all(request.as_bytes()).expect("requests");
        slow.push(stream);
    }
    goes_on(&site);
}
