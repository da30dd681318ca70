//! An SMTP client that sends what it is given, octet for octet, and returns every reply as it came.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One reply, all of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub code: u16,
    /// Each line without its CRLF, code included: `250-PIPELINING`.
    pub lines: Vec<String>,
}

impl Reply {
    /// 2xx or 3xx.
    pub fn is_positive(&self) -> bool {
        (200..400).contains(&self.code)
    }

    /// The lines joined by a line feed, as they came.
    pub fn text(&self) -> String {
        self.lines.join("\n")
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Whom the MTA shall believe the client to be (Postfix' XCLIENT). What is `None` is not sent and
/// stays as the connection has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct XClient {
    /// `192.0.2.1`, `2001:db8::1` (its prefix `IPV6:` is added) or `[UNAVAILABLE]`.
    pub addr: Option<String>,
    /// Verified host name; `[UNAVAILABLE]` where the address has none, `[TEMPUNAVAIL]` where DNS
    /// failed.
    pub name: Option<String>,
    pub helo: Option<String>,
    /// SASL user: the session counts as authenticated.
    pub login: Option<String>,
}

impl XClient {
    /// A client at this address, with that host name and HELO.
    pub fn new(addr: &str, name: &str, helo: &str) -> Self {
        Self {
            addr: Some(addr.to_owned()),
            name: Some(name.to_owned()),
            helo: Some(helo.to_owned()),
            login: None,
        }
    }
}

/// Who sends to whom; an empty sender is the null sender `<>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    pub mail_from: String,
    pub rcpt_to: Vec<String>,
}

impl Envelope {
    pub fn new(mail_from: &str, rcpt_to: &[&str]) -> Self {
        let rcpt_to = rcpt_to.iter().map(|rcpt| (*rcpt).to_owned()).collect();
        Self {
            mail_from: mail_from.to_owned(),
            rcpt_to,
        }
    }
}

/// The replies to one message, as far as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub mail: Reply,
    /// One for each recipient, in their order; empty where MAIL was refused.
    pub rcpt: Vec<Reply>,
    /// The reply to DATA; `None` where no recipient was accepted.
    pub data: Option<Reply>,
    /// The reply to the final dot; `None` where DATA was refused or not reached.
    pub end: Option<Reply>,
}

impl Sent {
    /// The reply that decided: the last one that came.
    pub fn last(&self) -> &Reply {
        let early = || self.rcpt.last().unwrap_or(&self.mail);
        self.end
            .as_ref()
            .or(self.data.as_ref())
            .unwrap_or_else(early)
    }

    /// The message is the server's now.
    pub fn accepted(&self) -> bool {
        self.end.as_ref().is_some_and(Reply::is_positive)
    }
}

/// One connection.
#[derive(Debug)]
pub struct SmtpClient {
    stream: BufReader<TcpStream>,
    /// The 220 line.
    pub greeting: Reply,
}

/// No test server may take longer than this for a reply; a milter's own time-outs are shorter.
const PATIENCE: Duration = Duration::from_secs(120);

impl SmtpClient {
    /// Connects and reads the greeting.
    pub fn connect(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&addr, Duration::from_secs(10))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let greeting = Reply {
            code: 0,
            lines: Vec::new(),
        };
        let mut client = Self {
            stream: BufReader::new(stream),
            greeting,
        };
        client.greeting = client.reply()?;
        Ok(client)
    }

    /// Connects, plays the client (XCLIENT, EHLO) and is ready for [`Self::send`]. Fails where the
    /// server refuses either.
    pub fn connect_as(addr: SocketAddr, client: &XClient) -> io::Result<Self> {
        let mut connection = Self::connect(addr)?;
        let helo = client
            .helo
            .clone()
            .unwrap_or_else(|| "client.test".to_owned());
        // XCLIENT is allowed after EHLO only, and begins the session anew: EHLO comes twice.
        let replies = [
            connection.ehlo(&helo)?,
            connection.xclient(client)?,
            connection.ehlo(&helo)?,
        ];
        match replies.iter().find(|reply| !reply.is_positive()) {
            Some(refused) => Err(io::Error::other(refused.to_string())),
            None => Ok(connection),
        }
    }

    /// Sends one line, CRLF added, and reads the reply.
    pub fn command(&mut self, line: &str) -> io::Result<Reply> {
        self.raw(format!("{line}\r\n").as_bytes())?;
        self.reply()
    }

    /// Sends octets as they are, without reading.
    pub fn raw(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(octets)
    }

    /// Reads one reply, continuation lines included (RFC 5321 section 4.2.1).
    pub fn reply(&mut self) -> io::Result<Reply> {
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = String::from_utf8_lossy(&line)
                .trim_end_matches(['\r', '\n'])
                .to_owned();
            let code = line.get(..3).and_then(|code| code.parse().ok());
            let code = code.ok_or_else(|| io::Error::other(format!("no reply: {line:?}")))?;
            let more = line.as_bytes().get(3) == Some(&b'-');
            lines.push(line);
            if !more {
                return Ok(Reply { code, lines });
            }
        }
    }

    pub fn ehlo(&mut self, name: &str) -> io::Result<Reply> {
        self.command(&format!("EHLO {name}"))
    }

    /// XCLIENT with the attributes that are given. Values are xtext (RFC 3461 section 4). The
    /// server answers with a new greeting.
    pub fn xclient(&mut self, client: &XClient) -> io::Result<Reply> {
        let addr = client.addr.as_ref().map(|addr| match addr.parse() {
            Ok(std::net::IpAddr::V6(ip)) => format!("IPV6:{ip}"),
            _ => addr.clone(),
        });
        let mut line = "XCLIENT".to_owned();
        for (key, value) in [
            ("ADDR", &addr),
            ("NAME", &client.name),
            ("HELO", &client.helo),
            ("LOGIN", &client.login),
        ] {
            if let Some(value) = value {
                line.push_str(&format!(" {key}={}", xtext(value)));
            }
        }
        self.command(&line)
    }

    /// One message: MAIL, every RCPT, DATA where at least one recipient was accepted. Dots are
    /// stuffed; lines are sent as they are, and only a missing final CRLF is added. A refused
    /// message is reset, so that the next can follow on this connection.
    pub fn send(&mut self, envelope: &Envelope, message: &[u8]) -> io::Result<Sent> {
        let mail = self.command(&format!("MAIL FROM:<{}>", envelope.mail_from))?;
        let mut sent = Sent {
            mail,
            rcpt: Vec::new(),
            data: None,
            end: None,
        };
        if sent.mail.is_positive() {
            for rcpt in &envelope.rcpt_to {
                let reply = self.command(&format!("RCPT TO:<{rcpt}>"))?;
                sent.rcpt.push(reply);
            }
        }
        if sent.rcpt.iter().any(Reply::is_positive) {
            let data = self.command("DATA")?;
            let ready = data.is_positive();
            sent.data = Some(data);
            if ready {
                self.raw(&stuffed(message))?;
                sent.end = Some(self.reply()?);
            }
        }
        if sent.end.is_none() {
            self.command("RSET")?;
        }
        Ok(sent)
    }

    pub fn quit(mut self) -> io::Result<Reply> {
        self.command("QUIT")
    }
}

/// What goes over the line after DATA: dots doubled at the start of lines (RFC 5321 section
/// 4.5.2), the end marked. A line starts after CRLF only.
pub fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 5);
    for (at, octet) in message.iter().enumerate() {
        if *octet == b'.' && (at == 0 || message[..at].ends_with(b"\r\n")) {
            out.push(b'.');
        }
        out.push(*octet);
    }
    if !message.is_empty() && !message.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}

/// The length of the header field at the beginning: up to the CRLF that no blank follows.
pub fn field_end(message: &[u8]) -> usize {
    let mut at = 0;
    while let Some(line) = message[at..].windows(2).position(|two| two == b"\r\n") {
        at += line + 2;
        if !matches!(message.get(at), Some(b' ' | b'\t')) {
            return at;
        }
    }
    message.len()
}

/// Printable ASCII but `+` and `=`; the rest as `+XX`.
fn xtext(value: &str) -> String {
    let mut out = String::new();
    for octet in value.bytes() {
        match octet {
            b'!'..=b'~' if octet != b'+' && octet != b'=' => out.push(char::from(octet)),
            _ => out.push_str(&format!("+{octet:02X}")),
        }
    }
    out
}
