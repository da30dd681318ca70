//! A message of a file, taken in while it is read, within the bounds of the milter: of a large one no more is
//! held than the milter would keep.

use crate::{
    mail::{
        body::{Forms, Wanted},
        message::{Message, NotAMessage, with_crlf},
    },
    session::{Limits, Memory, Session},
};
use std::sync::Arc;

/// Octets of header that are read; more than a message may have.
const MAX_HEADER: usize = 4 << 20;

/// How messages are taken in.
#[derive(Clone)]
pub(super) struct Intake {
    pub(super) limits: Limits,
    /// Octets of a body that are of use.
    pub(super) keep: usize,
    /// The forms in which a body has to be hashed of which not all is kept, by its header.
    pub(super) forms: Arc<dyn Fn(&Message) -> Forms + Send + Sync>,
}

/// A message of which more may come.
pub(super) struct Incoming {
    intake: Intake,
    session: Session,
    state: State,
}

enum State {
    /// `line_is_empty`: nothing of the last line has come but its end could.
    Header {
        octets: Vec<u8>,
        line_is_empty: bool,
    },
    Body {
        is_hashed: bool,
        /// The last octet was a CR.
        after_cr: bool,
    },
    /// No more of it is of use.
    Enough,
    NoMessage(NotAMessage),
}

impl Incoming {
    pub(super) fn new(intake: &Intake) -> Self {
        Self {
            // How much is under way together is bounded where messages are begun.
            session: Session::new(intake.limits, &Memory::new(usize::MAX)),
            intake: intake.clone(),
            state: State::Header {
                octets: Vec::new(),
                line_is_empty: true,
            },
        }
    }

    /// Octets that are held of it.
    pub(super) fn octets(&self) -> usize {
        match &self.state {
            State::Header { octets, .. } => octets.len(),
            _ => self.session.octets(),
        }
    }

    /// Takes in what follows, lines as they stand in the file.
    pub(super) fn push(&mut self, octets: &[u8]) {
        match &mut self.state {
            State::Header {
                octets: header,
                line_is_empty,
            } => {
                let end = header_end(octets, line_is_empty);
                let (of_header, body) = octets.split_at(end.unwrap_or(octets.len()));
                let room = MAX_HEADER.saturating_sub(header.len());
                header.extend_from_slice(of_header.get(..room).unwrap_or(of_header));
                if end.is_some() {
                    self.begin_body();
                    self.push_body(body);
                }
            }
            State::Body { .. } => self.push_body(octets),
            State::Enough | State::NoMessage(_) => {}
        }
    }

    /// The message, which is over.
    pub(super) fn finish(mut self) -> Result<Message, NotAMessage> {
        if matches!(self.state, State::Header { .. }) {
            self.begin_body();
        }
        match self.state {
            State::NoMessage(error) => Err(error),
            _ => Ok(self.session.take_message()),
        }
    }

    fn begin_body(&mut self) {
        let State::Header { octets, .. } = &mut self.state else {
            return;
        };
        let read = match Message::parse(&std::mem::take(octets)) {
            Ok(read) => read,
            Err(error) => {
                self.state = State::NoMessage(error);
                return;
            }
        };
        for header in read.headers {
            self.session.header(header.name, header.value);
        }
        self.session.want(Wanted {
            forms: Forms::default(),
            keep: self.intake.keep,
        });
        self.state = State::Body {
            is_hashed: false,
            after_cr: false,
        };
        // A line that is no field ends the header before an empty line does.
        read.body.into_pieces().for_each(|piece| self.take(piece));
    }

    fn push_body(&mut self, octets: &[u8]) {
        let State::Body { after_cr, .. } = &mut self.state else {
            return;
        };
        let ends_line = *after_cr && octets.starts_with(b"\n");
        *after_cr = octets.last().map_or(*after_cr, |&last| last == b'\r');
        let mut piece = with_crlf(octets);
        if ends_line {
            // Its CR came with the piece before.
            piece.remove(0);
        }
        if !piece.is_empty() {
            self.take(piece);
        }
    }

    fn take(&mut self, piece: Vec<u8>) {
        let State::Body { is_hashed, .. } = &mut self.state else {
            return;
        };
        let Intake {
            limits,
            keep,
            forms,
        } = &self.intake;
        let message = self.session.message();
        // What is kept whole can be hashed when somebody asks.
        if !*is_hashed && message.body.len() + piece.len() > limits.max_body.min(*keep) {
            *is_hashed = true;
            let forms = forms(message);
            self.session.want(Wanted { forms, keep: *keep });
        }
        if !self.session.body(piece) {
            self.state = State::Enough;
        }
    }
}

/// Where the empty line ends that ends a header. `line_is_empty`: whether nothing stands before `octets` in
/// their first line, and after them in the last.
fn header_end(octets: &[u8], line_is_empty: &mut bool) -> Option<usize> {
    for (at, octet) in octets.iter().enumerate() {
        match octet {
            b'\n' if *line_is_empty => return Some(at + 1),
            b'\n' => *line_is_empty = true,
            b'\r' => {}
            _ => *line_is_empty = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"A: 1\r\nB: 2\n 3\n\nx\ny\r\n\r\nz\r";

    fn taken(pieces: &[&[u8]], keep: usize) -> Message {
        let intake = Intake {
            limits: Limits::with_body(1_000),
            keep,
            forms: Arc::new(|message| {
                assert_eq!(message.headers.len(), 2);
                Forms {
                    simple: true,
                    relaxed: false,
                }
            }),
        };
        let mut incoming = Incoming::new(&intake);
        pieces.iter().for_each(|piece| incoming.push(piece));
        incoming.finish().unwrap()
    }

    #[test]
    fn wherever_a_file_is_cut_it_is_the_same_message() {
        for at in 0..=TEXT.len() {
            let (head, tail) = TEXT.split_at(at);
            let message = taken(&[head, tail], 100);
            assert_eq!(
                message.to_bytes(),
                b"A: 1\r\nB: 2\r\n 3\r\n\r\nx\r\ny\r\n\r\nz\r",
                "{at}"
            );
            assert_eq!(message.body_hashes.simple, None);
        }
    }

    #[test]
    fn of_a_longer_body_the_beginning_and_the_hash_are_there() {
        // Of "x\r\ny\r\n\r\nz\r\r\n", by sha256sum.
        const HASH: &str = "acdfe276eb3d653b4b3034e551c854910caccf0bd6262db280cbc53386fd0053";
        for at in 0..=TEXT.len() {
            let (head, tail) = TEXT.split_at(at);
            let message = taken(&[head, tail], 4);
            assert_eq!(
                (&*message.body.beginning(9), message.body.len()),
                (&b"x\r\ny"[..], 10)
            );
            let hash = message.body_hashes.simple.unwrap();
            let hash: String = hash.iter().map(|octet| format!("{octet:02x}")).collect();
            assert_eq!(hash, HASH, "{at}");
        }
    }

    #[test]
    fn a_header_without_an_end_is_read_as_far_as_one_may_be() {
        let line = "A: 1\n".repeat(1 << 18).into_bytes();
        let pieces = [&*line, &*line, &*line, &*line, &*line, b"\nbody"];
        let intake = Intake {
            limits: Limits::with_body(1_000),
            keep: 10,
            forms: Arc::new(|_| Forms::default()),
        };
        let mut incoming = Incoming::new(&intake);
        for piece in pieces {
            incoming.push(piece);
            assert!(incoming.octets() <= MAX_HEADER);
        }
        let message = incoming.finish().unwrap();
        assert_eq!(*message.body.beginning(9), *b"body");
    }
}
