//! Where the private Postfix delivers to: an LMTP server (RFC 2033) that keeps every message in
//! memory, octet for octet. Mailbox files would not do: they hold LF instead of CRLF, and headers
//! that the delivery agent adds.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One message for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Envelope sender, empty for the null sender.
    pub mail_from: String,
    pub rcpt_to: String,
    /// The message with CRLF line ends, as it came over the line, dots unstuffed.
    pub octets: Vec<u8>,
}

#[derive(Debug, Default)]
struct Store {
    deliveries: Mutex<Vec<Delivery>>,
    arrived: Condvar,
    ended: AtomicBool,
}

/// A running server; dropping it stops accepting.
#[derive(Debug)]
pub struct LmtpServer {
    pub addr: SocketAddr,
    store: Arc<Store>,
}

impl LmtpServer {
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        let store = Arc::new(Store::default());
        let shared = Arc::clone(&store);
        std::thread::Builder::new()
            .name("lmtp-server".to_owned())
            .spawn(move || {
                for stream in listener.incoming() {
                    if shared.ended.load(Ordering::Relaxed) {
                        break;
                    }
                    let store = Arc::clone(&shared);
                    if let Ok(stream) = stream {
                        // A connection that breaks off is Postfix' matter: it tries again.
                        std::thread::spawn(move || session(stream, &store));
                    }
                }
            })?;
        Ok(Self { addr, store })
    }

    /// All that was delivered so far, in the order of arrival.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.store
            .deliveries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits till `enough` holds for the deliveries or the time is over; what is there by then.
    pub fn wait_until(
        &self,
        timeout: Duration,
        enough: impl Fn(&[Delivery]) -> bool,
    ) -> Vec<Delivery> {
        let deadline = Instant::now() + timeout;
        let mut deliveries = self
            .store
            .deliveries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while !enough(&deliveries) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.store.arrived.wait_timeout(deliveries, left);
            deliveries = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        deliveries.clone()
    }
}

impl Drop for LmtpServer {
    fn drop(&mut self) {
        self.store.ended.store(true, Ordering::Relaxed);
        // Wakes the thread out of accept(); there is nothing to do where it is gone already.
        let _ = TcpStream::connect(self.addr);
    }
}

fn session(stream: TcpStream, store: &Store) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    let (mut mail_from, mut rcpt_to) = (String::new(), Vec::new());
    writer.write_all(b"220 mailbox.test LMTP\r\n")?;
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let reply: &[u8] = match verb.as_str() {
            // Without 8BITMIME Postfix would recode the body, and no signature would survive.
            "LHLO" => {
                b"250-mailbox.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250 SIZE 0\r\n"
            }
            "MAIL" => {
                mail_from = path(&line);
                b"250 2.1.0 ok\r\n"
            }
            "RCPT" => {
                rcpt_to.push(path(&line));
                b"250 2.1.5 ok\r\n"
            }
            "RSET" => {
                rcpt_to.clear();
                b"250 2.0.0 ok\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go ahead\r\n")?;
                let octets = message(&mut reader)?;
                // One reply for each recipient (RFC 2033 section 4.2), after the message is kept.
                let replies = b"250 2.0.0 kept\r\n".repeat(rcpt_to.len());
                store.keep(&mail_from, rcpt_to.drain(..), &octets);
                writer.write_all(&replies)?;
                continue;
            }
            "QUIT" => {
                return writer.write_all(b"221 2.0.0 bye\r\n");
            }
            _ => b"500 5.5.2 unknown\r\n",
        };
        writer.write_all(reply)?;
    }
}

impl Store {
    fn keep(&self, mail_from: &str, rcpt_to: impl Iterator<Item = String>, octets: &[u8]) {
        let mut deliveries = self
            .deliveries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for rcpt_to in rcpt_to {
            let (mail_from, octets) = (mail_from.to_owned(), octets.to_vec());
            deliveries.push(Delivery {
                mail_from,
                rcpt_to,
                octets,
            });
        }
        self.arrived.notify_all();
    }
}

/// The address between the angle brackets of MAIL or RCPT.
fn path(line: &str) -> String {
    let path = line
        .split_once('<')
        .and_then(|(_, rest)| rest.rsplit_once('>'));
    path.map(|(path, _)| path.to_owned()).unwrap_or_default()
}

/// Up to CRLF . CRLF; a dot at the start of a line is taken away. Bare LF ends no line.
fn message(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let mut line = Vec::new();
    loop {
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if !line.ends_with(b"\r\n") {
            continue;
        }
        if line == b".\r\n" {
            return Ok(octets);
        }
        octets.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        line.clear();
    }
}
