//! One milter connection as a state machine: events in, a message out, limits held.
//!
//! It does no I/O and knows nothing of the milter library, so that every order of events can be
//! tried on it.

mod memory;

use crate::{
    authenticate::BodyHasher,
    mail::{
        body::{Forms, Wanted},
        domain::Domain,
        message::{Envelope, Header, Limit, Message, Path, with_crlf},
    },
    report,
};
use memory::Held;
use std::net::IpAddr;

pub use memory::Memory;

/// Bounds of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of a body that are kept at most, whatever is [wanted](Session::want) of it.
    pub max_body: usize,
    /// Header fields that are kept.
    pub max_headers: usize,
    /// Octets of header fields that are kept.
    pub max_header_bytes: usize,
    /// Recipients that are kept.
    pub max_recipients: usize,
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
    /// What of the body is of use.
    wanted: Wanted,
    hasher: BodyHasher,
}

/// Before anybody knows what a message is, its body is kept.
const ANYTHING: Wanted = Wanted {
    forms: Forms {
        simple: false,
        relaxed: false,
    },
    keep: usize::MAX,
};

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
            held: memory.begin(),
            wanted: ANYTHING,
            hasher: BodyHasher::default(),
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
                self.message.lacks_fields = true;
                return;
            }
        }
        self.header_bytes += size;
        self.message.headers.push(header);
    }

    /// Says what of the body is of use, which can become less while it comes. A hash that was not asked for
    /// before is made of the octets that are kept, where none are missing.
    pub fn want(&mut self, wanted: Wanted) {
        self.wanted = wanted;
        self.hasher.keep(wanted.forms);
        let body = &mut self.message.body;
        let missing = wanted.forms.without(self.hasher.forms());
        if missing.any() && body.is_whole() {
            let mut added = BodyHasher::new(missing);
            body.pieces().for_each(|piece| added.push(piece));
            self.hasher.add(added);
        }
        if wanted.keep < body.kept() {
            let before = body.kept();
            body.truncate(wanted.keep);
            self.held.give_back(before - body.kept());
        }
    }

    /// A part of the body. Returns whether more of it is wanted.
    pub fn body(&mut self, chunk: Vec<u8>) -> bool {
        self.hasher.push(&chunk);
        self.keep(chunk);
        self.hasher.forms().any() || self.message.body.is_whole()
    }

    /// Keeps as much of a part of the body as is of use and fits.
    fn keep(&mut self, mut chunk: Vec<u8>) {
        let length = chunk.len();
        let body = &mut self.message.body;
        if !body.is_whole() {
            return body.skip(length);
        }
        let max = self.wanted.keep.min(self.limits.max_body);
        let room = max.saturating_sub(body.kept());
        if length > room {
            chunk.truncate(room);
            chunk.shrink_to_fit();
        }
        if !chunk.is_empty() && !self.held.take(chunk.len()) {
            // Whoever comes next needs it for his header.
            self.held.give_back(body.kept());
            body.truncate(0);
            body.skip(length);
            self.cut(Limit::Memory);
            return self.cut(Limit::Body);
        }
        let kept = chunk.len();
        if kept > 0 {
            body.push(chunk);
        }
        body.skip(length - kept);
        if length > room && self.limits.max_body < self.wanted.keep {
            self.cut(Limit::Body);
        }
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
        self.header_bytes + self.message.body.kept()
    }

    /// Hands out the message, which is over for the connection. Its memory is held till
    /// [`Self::reset`].
    pub fn take_message(&mut self) -> Message {
        self.header_bytes = 0;
        self.wanted = ANYTHING;
        self.message.body_hashes = std::mem::take(&mut self.hasher).finish();
        std::mem::take(&mut self.message)
    }

    /// The message is over, however it ended: what was kept of it goes.
    pub fn reset(&mut self) {
        self.message = Message::default();
        self.header_bytes = 0;
        self.wanted = ANYTHING;
        self.hasher = BodyHasher::default();
        self.held.give_back(usize::MAX);
    }

    fn cut(&mut self, limit: Limit) {
        if !self.message.cut.contains(&limit) {
            self.message.cut.push(limit);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
