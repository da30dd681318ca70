//! What a browser sends to the page, or a web page behind one: requests to the same server, over a
//! socket on loopback.

use amazon_spoof_milter::{
    http::{self, HttpState},
    mail::message::{Envelope, Message, Path},
};
use std::{
    cell::RefCell,
    net::{SocketAddr, TcpListener},
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, SystemTime},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    time::timeout,
};

/// An element that no page has; the seeds put it wherever text is shown again.
const MARK: &[u8] = b"<b id=zz>";

/// Messages that one server tries in a minute.
const TRIALS: usize = 30;

/// Octets of a request, so that the server reads it at once and its answer is not reset.
const MAX_REQUEST: usize = 6_000;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server; it ends with the value.
struct Page {
    addr: SocketAddr,
    trials: usize,
    _end: oneshot::Sender<()>,
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

/// A request: its first line, its fields, an empty line, its body. Lines end in a line feed.
pub(crate) fn http(data: &[u8]) {
    let request = framed(data.get(..MAX_REQUEST).unwrap_or(data));
    let answer = super::network::wait(async {
        let addr = PAGE.with_borrow_mut(|page| page_for(page, request.starts_with(b"POST /try")));
        timeout(PATIENCE, exchange(addr, &request)).await
    });
    check(&answer.expect("an answer in time"));
}

/// One whole request, after which the connection ends: how requests follow each other is the library's.
fn framed(data: &[u8]) -> Vec<u8> {
    let end = data.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = data.split_at(end.unwrap_or(data.len()));
    let body = body.get(2..).unwrap_or_default();
    let mut lines = head.split(|&octet| octet == b'\n');
    let mut request = lines.next().unwrap_or_default().to_vec();
    request.extend(b" HTTP/1.1\r\n");
    for line in lines {
        let name = line.split(|&octet| octet == b':').next();
        let name = String::from_utf8_lossy(name.unwrap_or_default()).to_ascii_lowercase();
        let framing = [
            "content-length",
            "transfer-encoding",
            "connection",
            "expect",
        ];
        if !framing.contains(&name.trim()) {
            request.extend([line, b"\r\n"].concat());
        }
    }
    let length = body.len();
    request.extend(format!("Connection: close\r\nContent-Length: {length}\r\n\r\n").bytes());
    request.extend(body);
    request
}

async fn exchange(addr: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(addr).await.expect("a connection");
    stream.write_all(request).await.expect("a request");
    let mut answer = Vec::new();
    // Reset where the server left something unread, which is after its answer.
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

fn check(answer: &[u8]) {
    let text = String::from_utf8_lossy(answer);
    let status = text
        .strip_prefix("HTTP/1.1 ")
        .and_then(|text| text.get(..3));
    let status: u16 = status.and_then(|code| code.parse().ok()).expect("a status");
    assert!((200..500).contains(&status), "{text}");
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole header");
    if head.contains("content-type: text/html") {
        assert!(
            head.contains("content-security-policy: default-src 'none';"),
            "{head}"
        );
        let mark = String::from_utf8_lossy(MARK);
        assert!(!body.contains(&*mark), "{body}");
    }
}

/// A server that tries one more message, where it is asked to.
fn page_for(page: &mut Option<Page>, trial: bool) -> SocketAddr {
    let used = page.take_if(|page| page.trials == TRIALS);
    drop(used);
    let page = page.get_or_insert_with(serve);
    page.trials += usize::from(trial);
    page.addr
}

fn serve() -> Page {
    let shared = Arc::new(super::network::shared());
    let active = shared.active.load_full();
    remember(&shared);
    let config = active.config.http.clone().expect("it is on by default");
    let state = HttpState::new(Arc::clone(&shared), Arc::new(AtomicBool::new(true)), config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("its mode");
    let addr = listener.local_addr().expect("its address");
    let (end, ended) = oneshot::channel();
    let shutdown = async {
        let _ = ended.await;
    };
    http::start(listener, state, shutdown).expect("a thread");
    Page {
        addr,
        trials: 0,
        _end: end,
    }
}

/// A message whose sender put the mark wherever he could, so that the page has something to show.
fn remember(shared: &amazon_spoof_milter::shared::Shared) {
    let mark = String::from_utf8_lossy(MARK);
    let raw = format!(
        "From: \"Amazon.com {mark}\" <{mark}@amazon-{mark}.example>\r\nSubject: {mark} Amazon\r\n\
         DKIM-Signature: v=1; a=rsa-sha256; d={mark}; s={mark}; h=from; bh=; b=\r\n\r\n{mark}\r\n"
    );
    let mut message = Message::parse(raw.as_bytes()).expect("a message");
    message.envelope = Envelope {
        client_ip: Some([203, 0, 113, 30].into()),
        helo: Some(mark.to_string()),
        mail_from: Some(Path::parse(&format!("<{mark}@{mark}>"))),
        queue_id: Some(mark.to_string()),
        ..Envelope::default()
    };
    let active = shared.active.load_full();
    let verifier = &active.verifier;
    let report = verifier.conclude(verifier.begin(&message), &message);
    let took = Duration::from_millis(3);
    let history = &shared.history;
    history.record(SystemTime::now(), &report, &message.envelope, took, true);
}
