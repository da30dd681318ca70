//! One milter connection as a state machine: events in, a message out, limits held.
//!
//! It does no I/O and knows nothing of the milter library, so that every order of events can be
//! tried on it.

use crate::{
    mail::{
        body::Body,
        domain::Domain,
        message::{Envelope, Header, Limit, Message, Path, with_crlf},
    },
    report,
};
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Bounds of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of body that are kept; a longer body is not kept at all.
    pub max_body: usize,
    /// Header fields that are kept.
    pub max_headers: usize,
    /// Octets of header fields that are kept.
    pub max_header_bytes: usize,
    /// Recipients that are kept.
    pub max_recipients: usize,
}

/// What the messages under way on all connections may hold together.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    max: usize,
    held: AtomicUsize,
}

impl Memory {
    /// Room for `max` octets.
    pub fn new(max: usize) -> Self {
        Self(Arc::new(Pool {
            max,
            held: AtomicUsize::new(0),
        }))
    }

    /// Octets that are held now.
    pub fn held(&self) -> usize {
        self.0.held.load(Ordering::Relaxed)
    }
}

/// What one message holds of it; given back when it is dropped.
#[derive(Debug)]
struct Held {
    pool: Arc<Pool>,
    octets: usize,
}

impl Held {
    /// Whether there is room for so many more octets, which are then held.
    fn take(&mut self, octets: usize) -> bool {
        let before = self.pool.held.fetch_add(octets, Ordering::Relaxed);
        let fits = before.saturating_add(octets) <= self.pool.max;
        match fits {
            true => self.octets += octets,
            false => {
                self.pool.held.fetch_sub(octets, Ordering::Relaxed);
            }
        }
        fits
    }

    fn give_back(&mut self, octets: usize) {
        let octets = octets.min(self.octets);
        self.pool.held.fetch_sub(octets, Ordering::Relaxed);
        self.octets -= octets;
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.give_back(self.octets);
    }
}

impl Limits {
    /// The bounds for a body of at most `max_body` octets. Postfix' own bounds are lower: it cuts a
    /// field at about 60,000 octets and takes 1,000 recipients.
    pub fn with_body(max_body: usize) -> Self {
        Self {
            max_body,
            max_headers: 1_000,
            max_header_bytes: 1 << 20,
            max_recipients: 1_000,
        }
    }
}

/// Octets of a recipient's path that are kept; RFC 5321 section 4.5.3.1.3 allows 256.
const MAX_PATH: usize = 4096;

/// Fields that are kept beyond the bounds of others: by which a message claims to be from somebody, what
/// could prove it, and on what way it came. Without them another verdict would come out.
const WEIGHTY_FIELDS: [&str; 11] = [
    "From",
    "Sender",
    "Reply-To",
    "Resent-From",
    "Subject",
    "DKIM-Signature",
    "ARC-Seal",
    "ARC-Message-Signature",
    "ARC-Authentication-Results",
    "Received",
    "List-Id",
];

/// The state of one connection, and of the message that is under way on it.
#[derive(Debug)]
pub struct Session {
    limits: Limits,
    client_ip: Option<IpAddr>,
    client_name: Option<String>,
    helo: Option<String>,
    mta_name: Option<Domain>,
    message: Message,
    header_bytes: usize,
    held: Held,
}

impl Session {
    /// A connection on which nothing was said yet.
    pub fn new(limits: Limits, memory: &Memory) -> Self {
        Self {
            limits,
            client_ip: None,
            client_name: None,
            helo: None,
            mta_name: None,
            message: Message::default(),
            header_bytes: 0,
            held: Held {
                pool: Arc::clone(&memory.0),
                octets: 0,
            },
        }
    }

    /// CONNECT. It can come again on the same connection (after XCLIENT), and then everything that
    /// was known of the client is void.
    pub fn connect(&mut self, name: String, ip: Option<IpAddr>) {
        self.reset();
        self.client_ip = ip;
        self.client_name = Some(name).filter(|name| !name.is_empty());
        self.helo = None;
    }

    /// The name of the MTA (`{j}`). What is no host name is none.
    pub fn mta_name(&mut self, name: Option<String>) {
        self.mta_name = name.and_then(|name| Domain::parse(&name).ok());
    }

    /// HELO or EHLO. It begins anew what follows (RFC 5321 section 4.1.4).
    pub fn helo(&mut self, name: String) {
        self.reset();
        self.helo = Some(name);
    }

    /// MAIL FROM. Whatever an earlier message left is dropped here, since not every end of one is
    /// told to a filter.
    pub fn mail(&mut self, path: &str, authenticated_user: Option<String>) {
        self.reset();
        self.message.envelope = Envelope {
            client_ip: self.client_ip,
            client_name: self.client_name.clone(),
            helo: self.helo.clone(),
            mta_name: self.mta_name.clone(),
            mail_from: Some(Path::parse(path)),
            authenticated_user: authenticated_user.filter(|user| !user.is_empty()),
            ..Envelope::default()
        };
    }

    /// RCPT TO.
    pub fn recipient(&mut self, path: &str) {
        let fits = self.message.envelope.recipients.len() < self.limits.max_recipients
            && path.len() <= MAX_PATH;
        if fits {
            self.message.envelope.recipients.push(Path::parse(path));
        } else {
            self.cut(Limit::Recipients);
        }
    }

    /// One header field as the MTA passed it: the value with its leading space, lines ended by LF.
    pub fn header(&mut self, name: Vec<u8>, value: Vec<u8>) {
        let size = name.len() + value.len();
        let header = Header {
            name,
            // Postfix passes the folds of a value as LF; on the wire, and in a signature, they are CRLF.
            value: match value.contains(&b'\n') {
                true => with_crlf(&value),
                false => value,
            },
        };
        let fits = |factor: usize| {
            self.message.headers.len() < self.limits.max_headers * factor
                && self.header_bytes + size <= self.limits.max_header_bytes * factor
        };
        let (kept, much) = (fits(1), !fits(2));
        let memory = self.held.take(size);
        if !kept || !memory {
            self.cut(match kept {
                true => Limit::Memory,
                false => Limit::Headers,
            });
            // A claim must not hide behind a thousand other fields, nor behind other messages, and
            // neither must a field that forges ours. What they may hold beyond the bound is itself
            // bound.
            let forges = report::could_forge_ours(&header);
            if much && forges {
                self.message.hides_forgeries = true;
            }
            if much || !forges && !WEIGHTY_FIELDS.iter().any(|name| header.is(name)) {
                return;
            }
        }
        self.header_bytes += size;
        self.message.headers.push(header);
    }

    /// A part of the body. Returns whether more of it is wanted.
    pub fn body(&mut self, chunk: Vec<u8>) -> bool {
        if self.message.cut.contains(&Limit::Body) {
            return false;
        }
        let fits = self.message.body.len() + chunk.len() <= self.limits.max_body;
        if !fits || !self.held.take(chunk.len()) {
            if fits {
                self.cut(Limit::Memory);
            }
            // A part of a body proves nothing, so none of it is worth its memory.
            self.cut(Limit::Body);
            self.held.give_back(self.message.body.len());
            self.message.body = Body::default();
            return false;
        }
        self.message.body.push(chunk);
        true
    }

    /// The queue id, known by the MTA from the end of the header on at the latest.
    pub fn queue_id(&mut self, id: Option<String>) {
        let plain =
            |id: &String| id.len() <= 40 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if let Some(id) = id.filter(plain) {
            self.message.envelope.queue_id = Some(id);
        }
    }

    /// The message as far as it is known.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The octets of header and body that are kept of the message.
    pub fn octets(&self) -> usize {
        self.header_bytes + self.message.body.len()
    }

    /// Hands out the message, which is over for the connection. Its memory is held till
    /// [`Self::reset`].
    pub fn take_message(&mut self) -> Message {
        self.header_bytes = 0;
        std::mem::take(&mut self.message)
    }

    /// The message is over, however it ended: what was kept of it goes.
    pub fn reset(&mut self) {
        self.message = Message::default();
        self.header_bytes = 0;
        self.held.give_back(self.held.octets);
    }

    fn cut(&mut self, limit: Limit) {
        if !self.message.cut.contains(&limit) {
            self.message.cut.push(limit);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        max_body: 10,
        max_headers: 2,
        max_header_bytes: 40,
        max_recipients: 1,
    };

    #[test]
    fn a_second_client_on_the_connection_inherits_nothing() {
        let mut session = Session::new(LIMITS, &Memory::new(1_000));
        session.connect("a.example".into(), Some("192.0.2.1".parse().unwrap()));
        session.helo("a.example".into());
        session.mail("<joe@a.example>", Some("joe".into()));
        session.connect("b.example".into(), None);
        session.mail("<>", None);
        let envelope = &session.message().envelope;
        assert_eq!(envelope.client_ip, None);
        assert_eq!(envelope.helo, None);
        assert_eq!(envelope.authenticated_user, None);
        assert!(envelope.mail_from.as_ref().unwrap().is_null());
    }

    #[test]
    fn a_second_message_inherits_nothing() {
        let mut session = Session::new(LIMITS, &Memory::new(1_000));
        session.connect(String::new(), None);
        session.mail("<joe@a.example>", None);
        session.recipient("<x@b.example>");
        session.header(b"From".to_vec(), b" joe@a.example".to_vec());
        session.body(b"hello".to_vec());
        session.mail("<jane@a.example>", None);
        let message = session.message();
        assert!(message.headers.is_empty() && message.body.is_empty());
        assert!(message.envelope.recipients.is_empty());
    }

    #[test]
    fn folds_become_what_was_on_the_wire() {
        let mut session = Session::new(LIMITS, &Memory::new(1_000));
        session.header(b"Subject".to_vec(), b" a\n\tb".to_vec());
        assert_eq!(session.message().headers[0].value, b" a\r\n\tb");
    }

    #[test]
    fn a_from_field_behind_a_thousand_others_is_kept() {
        let mut session = Session::new(LIMITS, &Memory::new(1_000));
        for _ in 0..3 {
            session.header(b"X".to_vec(), b" 1".to_vec());
        }
        session.header(b"From".to_vec(), b" joe@a.example".to_vec());
        let message = session.message();
        assert_eq!(message.headers.len(), 3);
        assert!(message.headers[2].is("From"));
        assert_eq!(message.cut, [Limit::Headers]);
    }

    #[test]
    fn limits_are_held_and_said_once() {
        let mut session = Session::new(LIMITS, &Memory::new(1_000));
        for _ in 0..3 {
            session.header(b"A".to_vec(), b" 1".to_vec());
            session.recipient("<x@b.example>");
        }
        assert!(session.body(b"0123456789".to_vec()));
        assert!(!session.body(b"x".to_vec()));
        assert!(!session.body(b"x".to_vec()));
        let message = session.message();
        assert_eq!(message.headers.len(), 2);
        assert_eq!(message.envelope.recipients.len(), 1);
        assert!(message.body.is_empty());
        assert_eq!(
            message.cut,
            [Limit::Recipients, Limit::Headers, Limit::Body]
        );
    }

    #[test]
    fn what_other_messages_hold_is_not_there_for_this_one_and_a_claim_is_kept() {
        let memory = Memory::new(30);
        let limits = Limits {
            max_headers: 10,
            max_body: 100,
            ..LIMITS
        };
        let mut other = Session::new(limits, &memory);
        assert!(other.body(b"01234567890123456789".to_vec()));
        let mut session = Session::new(limits, &memory);
        session.header(b"X".to_vec(), b" 0123456789".to_vec());
        session.header(b"From".to_vec(), b" joe@a.example".to_vec());
        assert!(!session.body(b"01234567890".to_vec()));
        let message = session.message();
        assert_eq!(message.headers.len(), 1);
        assert!(message.headers[0].is("From"));
        assert_eq!(message.cut, [Limit::Memory, Limit::Body]);
        // What is over gives its memory back: by an end, or with its connection.
        other.reset();
        session.reset();
        session.header(b"X".to_vec(), b" 0123456789".to_vec());
        assert!(session.body(b"0123456789".to_vec()));
        assert_eq!(session.message().cut, []);
        drop(session);
        assert!(other.body(b"012345678901234567890123456789".to_vec()));
    }

    #[test]
    fn where_memory_is_short_what_could_prove_a_claim_is_kept() {
        let memory = Memory::new(0);
        let limits = Limits {
            max_headers: 10,
            max_header_bytes: 1_000,
            ..LIMITS
        };
        let mut session = Session::new(limits, &memory);
        for name in ["X", "dkim-signature", "Received", "ARC-Seal", "To"] {
            session.header(name.into(), b" 1".to_vec());
        }
        let message = session.message();
        let names: Vec<_> = message.headers.iter().map(|field| &*field.name).collect();
        assert_eq!(names, [&b"dkim-signature"[..], b"Received", b"ARC-Seal"]);
        assert_eq!(message.cut, [Limit::Memory]);
    }

    #[test]
    fn a_field_that_forges_ours_is_kept_or_said_to_be_there() {
        for hidden in [
            "X-Spam-Flag",
            "Authentication-Results\t",
            "X-Amazon-Spoof-Verdict ",
        ] {
            forged_beyond_the_bounds(hidden);
        }
    }

    fn forged_beyond_the_bounds(hidden: &str) {
        let mut session = Session::new(LIMITS, &Memory::new(1_000));
        for _ in 0..2 {
            session.header(b"X".to_vec(), b" 1".to_vec());
        }
        session.header(b"x-amazon-spoof-Verdict ".to_vec(), b" v".to_vec());
        session.header(b"Authentication-Results".to_vec(), b" v".to_vec());
        assert_eq!(session.message().headers.len(), 4);
        assert!(!session.message().hides_forgeries);
        session.header(b"Subject".to_vec(), b" 1".to_vec());
        assert!(!session.message().hides_forgeries);
        session.header(hidden.into(), b" 1".to_vec());
        assert_eq!(session.message().headers.len(), 4);
        assert!(session.message().hides_forgeries, "{hidden}");
    }

    #[test]
    fn a_path_of_many_pages_is_no_recipient() {
        let mut session = Session::new(LIMITS, &Memory::new(1_000));
        session.recipient(&"x".repeat(5_000));
        assert!(session.message().envelope.recipients.is_empty());
        assert_eq!(session.message().cut, [Limit::Recipients]);
    }

    #[test]
    fn a_queue_id_is_letters_and_digits() {
        let mut session = Session::new(Limits::with_body(1024), &Memory::new(1024));
        let mut after = |id: &str| {
            session.reset();
            session.queue_id(Some(id.to_owned()));
            session.message().envelope.queue_id.clone()
        };
        assert_eq!(after("4XyZ0Abc"), Some("4XyZ0Abc".to_owned()));
        assert_eq!(after(&"a".repeat(40)), Some("a".repeat(40)));
        for id in ["ALL", "a b", "a\"b", "a\nb", "-", "\u{e9}"] {
            assert_eq!(after(id).as_deref(), (id == "ALL").then_some("ALL"), "{id}");
        }
        assert_eq!(after(&"a".repeat(41)), None);
    }
}
