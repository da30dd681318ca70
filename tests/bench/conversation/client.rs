//! An MTA's side of the milter protocol: one SMTP session with one message, as Postfix tells it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use super::letters::{HELO, Letter};

/// Where a filter listens.
#[derive(Clone, Debug)]
pub enum Socket {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Stream for T {}

/// A letter as an MTA hands it over.
#[derive(Clone, Debug)]
pub struct Mail {
    client_ip: &'static str,
    mail_from: &'static str,
    /// Name and value, lines ended by LF, without the leading space.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl From<Letter> for Mail {
    fn from(letter: Letter) -> Self {
        let end = letter.raw.windows(4).position(|four| four == b"\r\n\r\n");
        let (header, body) = letter.raw.split_at(end.expect("a body"));
        let header = String::from_utf8_lossy(header);
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in header.split("\r\n") {
            match line.split_once(": ") {
                Some((name, value)) if !line.starts_with([' ', '\t']) => {
                    headers.push((name.to_owned(), value.to_owned()));
                }
                _ => {
                    let (_, value) = headers.last_mut().expect("a field before its fold");
                    value.push('\n');
                    value.push_str(line);
                }
            }
        }
        Self {
            client_ip: letter.client_ip,
            mail_from: letter.mail_from,
            headers,
            body: body[4..].to_vec(),
        }
    }
}

/// What a filter said at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// The reply that ended the message: `a` accept, `c` continue, `r`, `t`, `d`, `y`.
    pub reply: u8,
    /// Edits before it.
    pub edits: u32,
}

// Options of the negotiation (libmilter/mfdef.h): steps left out, and steps without an answer.
const NO_CONNECT: u32 = 0x1;
const NO_HELO: u32 = 0x2;
const NO_MAIL: u32 = 0x4;
const NO_RCPT: u32 = 0x8;
const NO_BODY: u32 = 0x10;
const NO_HEADER: u32 = 0x20;
const NO_EOH: u32 = 0x40;
const NR_HEADER: u32 = 0x80;
const NO_DATA: u32 = 0x200;
const NR_CONNECT: u32 = 0x1000;
const NR_HELO: u32 = 0x2000;
const NR_MAIL: u32 = 0x4000;
const NR_RCPT: u32 = 0x8000;
const NR_DATA: u32 = 0x1_0000;
const NR_EOH: u32 = 0x4_0000;
const NR_BODY: u32 = 0x8_0000;
const LEADING_SPACE: u32 = 0x10_0000;
/// What Postfix offers.
const OFFERED: u32 = 0x1f_ffff;
const ACTIONS: u32 = 0x1ff;

/// As much of a body as Postfix sends at once.
const CHUNK: usize = 65_535;
/// As much as Postfix gathers before it writes.
const BUFFER: usize = 4_096;

/// Tells filters one session, one behind the other. A later one gets the message with the fields that those before it
/// added, and none where one of them ended it: the outcome is the last one's.
pub async fn converse(sockets: &[Socket], mail: &Mail, queue_id: &str) -> io::Result<Outcome> {
    let (first, others) = sockets.split_first().expect("a filter");
    let (mut outcome, mut added) = ask(first, mail, queue_id).await?;
    if others.is_empty() {
        return Ok(outcome);
    }
    let mut mail = mail.clone();
    for socket in others {
        if !matches!(outcome.reply, b'a' | b'c') {
            break;
        }
        mail.headers.splice(..0, added);
        (outcome, added) = ask(socket, &mail, queue_id).await?;
    }
    Ok(outcome)
}

/// One filter. Where it ends the message early, the rest is not sent.
async fn ask(
    socket: &Socket,
    mail: &Mail,
    queue_id: &str,
) -> io::Result<(Outcome, Vec<(String, String)>)> {
    let stream: Box<dyn Stream> = match socket {
        Socket::Unix(path) => Box::new(UnixStream::connect(path).await?),
        Socket::Tcp(address) => {
            let stream = TcpStream::connect(address).await?;
            // Postfix sets it on its side, too.
            stream.set_nodelay(true)?;
            Box::new(stream)
        }
    };
    let mut session = Session {
        stream,
        out: Vec::with_capacity(2 * BUFFER),
        read: Vec::with_capacity(512),
        options: 0,
        edits: 0,
        added: Vec::new(),
    };
    session.negotiate().await?;
    let ended = session.tell(mail, queue_id).await?;
    let reply = match ended {
        Some(reply) => reply,
        None => session.end_of_message(queue_id).await?,
    };
    session.command(b'Q', &[]);
    session.flush().await?;
    let outcome = Outcome {
        reply,
        edits: session.edits,
    };
    Ok((outcome, session.added))
}

struct Session {
    stream: Box<dyn Stream>,
    out: Vec<u8>,
    read: Vec<u8>,
    options: u32,
    edits: u32,
    /// Fields that were added or inserted.
    added: Vec<(String, String)>,
}

impl Session {
    fn command(&mut self, kind: u8, parts: &[&[u8]]) {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let length = u32::try_from(length + 1).expect("a short command");
        self.out.extend_from_slice(&length.to_be_bytes());
        self.out.push(kind);
        for part in parts {
            self.out.extend_from_slice(part);
        }
    }

    async fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.out).await?;
        self.out.clear();
        Ok(())
    }

    async fn packet(&mut self) -> io::Result<(u8, Vec<u8>)> {
        loop {
            if let Some((length, rest)) = self.read.split_first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                if rest.len() >= length && length > 0 {
                    let packet = rest[1..length].to_vec();
                    let kind = rest[0];
                    self.read.drain(..4 + length);
                    return Ok((kind, packet));
                }
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn negotiate(&mut self) -> io::Result<()> {
        let offer = [6_u32, ACTIONS, OFFERED].map(u32::to_be_bytes);
        self.command(b'O', &[&offer.concat()]);
        self.flush().await?;
        let (kind, answer) = self.packet().await?;
        let options = answer.get(8..12).and_then(|octets| octets.try_into().ok());
        match (kind, options) {
            (b'O', Some(options)) => self.options = u32::from_be_bytes(options),
            _ => return Err(io::Error::other("no negotiation")),
        }
        Ok(())
    }

    /// One step: left out, unanswered, or answered. Returns the reply that ends the message.
    async fn step(
        &mut self,
        left_out: u32,
        unanswered: u32,
        kind: u8,
        parts: &[&[u8]],
    ) -> io::Result<Option<u8>> {
        if self.options & left_out != 0 {
            return Ok(None);
        }
        self.command(kind, parts);
        if self.options & unanswered != 0 {
            // A filter that reads all the time gets what there is.
            if self.out.len() >= BUFFER {
                self.flush().await?;
            }
            return Ok(None);
        }
        self.flush().await?;
        match self.packet().await?.0 {
            b'c' => Ok(None),
            other => Ok(Some(other)),
        }
    }

    /// Everything before the end of the message. Returns the reply that ended it early.
    async fn tell(&mut self, mail: &Mail, queue_id: &str) -> io::Result<Option<u8>> {
        let connect = format!("unknown\0{}\0\0{}\0", 4, mail.client_ip);
        let helo = format!("{HELO}\0");
        let from = format!("<{}>\0", mail.mail_from);
        let steps: [(u32, u32, u8, &[u8]); 5] = [
            (NO_CONNECT, NR_CONNECT, b'C', connect.as_bytes()),
            (NO_HELO, NR_HELO, b'H', helo.as_bytes()),
            (NO_MAIL, NR_MAIL, b'M', from.as_bytes()),
            (NO_RCPT, NR_RCPT, b'R', b"<user@shop.example>\0"),
            (NO_DATA, NR_DATA, b'T', b""),
        ];
        for (left_out, unanswered, kind, text) in steps {
            if self.options & left_out == 0 {
                self.macros(kind, &[]);
            }
            if let Some(reply) = self.step(left_out, unanswered, kind, &[text]).await? {
                return Ok(Some(reply));
            }
        }
        let blank: &[u8] = match self.options & LEADING_SPACE {
            0 => b"",
            _ => b" ",
        };
        for (name, value) in &mail.headers {
            let parts = [name.as_bytes(), b"\0", blank, value.as_bytes(), b"\0"];
            if let Some(reply) = self.step(NO_HEADER, NR_HEADER, b'L', &parts).await? {
                return Ok(Some(reply));
            }
        }
        self.macros(b'N', &[("i", queue_id)]);
        if let Some(reply) = self.step(NO_EOH, NR_EOH, b'N', &[]).await? {
            return Ok(Some(reply));
        }
        for chunk in mail.body.chunks(CHUNK) {
            match self.step(NO_BODY, NR_BODY, b'B', &[chunk]).await? {
                None => {}
                Some(b's') => break,
                ended => return Ok(ended),
            }
        }
        Ok(None)
    }

    fn macros(&mut self, stage: u8, values: &[(&str, &str)]) {
        let mut text = vec![stage];
        for (name, value) in values {
            for word in [name, value] {
                text.extend_from_slice(word.as_bytes());
                text.push(0);
            }
        }
        self.command(b'D', &[&text]);
    }

    async fn end_of_message(&mut self, queue_id: &str) -> io::Result<u8> {
        self.macros(b'E', &[("i", queue_id)]);
        self.command(b'E', &[]);
        self.flush().await?;
        loop {
            let (kind, packet) = self.packet().await?;
            match kind {
                // Edits, quarantine and progress come before the reply.
                b'p' => {}
                b'h' | b'i' | b'm' | b'q' | b'b' | b'e' | b'+' | b'2' | b'-' => self.edits += 1,
                reply => return Ok(reply),
            }
            match kind {
                b'h' => self.added.extend(field(&packet)),
                // Its place stands before it.
                b'i' => self.added.extend(packet.get(4..).and_then(field)),
                _ => {}
            }
        }
    }
}

/// Name and value, each ended by NUL.
fn field(octets: &[u8]) -> Option<(String, String)> {
    let mut words = octets.split(|octet| *octet == 0);
    let mut word = || Some(String::from_utf8_lossy(words.next()?).into_owned());
    Some((word()?, word()?.trim_start().to_owned()))
}
