//! HTTP octet for octet, as no library would send it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Status line and fields, as they came.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The value of the first field of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// What these octets are answered till the connection ends; `None` where it ends without an answer.
pub fn exchange(server: SocketAddr, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(server).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    // The server may have answered and gone before it has read all.
    let _ = stream.write_all(request);
    let octets = read_answer(&mut stream);
    let text = String::from_utf8_lossy(&octets);
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some(Answer {
        status: head.get(9..12)?.parse().ok()?,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// Octets till the end of the connection, or of the body where its length is told: some servers keep
/// the connection whatever they are asked for.
fn read_answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut part = [0; 16_384];
    while let Ok(read @ 1..) = stream.read(&mut part) {
        octets.extend_from_slice(&part[..read]);
        let end = octets.windows(4).position(|four| four == b"\r\n\r\n");
        let length = end.and_then(|end| {
            let head = String::from_utf8_lossy(&octets[..end]).to_ascii_lowercase();
            let (_, rest) = head.split_once("\r\ncontent-length:")?;
            Some(end + 4 + rest.lines().next()?.trim().parse::<usize>().ok()?)
        });
        if length.is_some_and(|length| octets.len() >= length) {
            break;
        }
    }
    octets
}

/// `GET path` with these fields beside Host and Connection. A Host among them goes before ours.
pub fn get(server: SocketAddr, path: &str, fields: &[(&str, &str)]) -> Answer {
    send(server, "GET", path, fields, b"")
}

/// `POST path`, the same.
pub fn post(server: SocketAddr, path: &str, fields: &[(&str, &str)], body: &[u8]) -> Answer {
    send(server, "POST", path, fields, body)
}

fn send(
    server: SocketAddr,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if !fields.iter().any(|(name, _)| *name == "Host") {
        request.push_str(&format!("Host: {server}\r\n"));
    }
    for (name, value) in fields {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    let octets = [format!("{request}\r\n").as_bytes(), body].concat();
    exchange(server, &octets).unwrap_or_else(|| panic!("{method} {path} is not answered"))
}
