//! What the MTA and the sender handed us: the envelope, the header fields, the body.

use crate::mail::decode::{self, charset::Charset};
use crate::mail::{
    body::{Body, BodyHashes},
    domain::Domain,
};
use std::net::IpAddr;

/// One header field exactly as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The field name without the colon, as the MTA passed it. It may hold blanks or any octet.
    pub name: Vec<u8>,
    /// Everything after the colon, the leading space and the folds included, lines ended by CRLF,
    /// without the final CRLF. Never decoded.
    pub value: Vec<u8>,
}

impl Header {
    /// Whether the field is called `name`, as the most lenient mail client would read it: any case,
    /// and blanks before the colon or before the name left aside.
    pub fn is(&self, name: &str) -> bool {
        self.name.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
    }
}

/// The path that a client gave in MAIL FROM or RCPT TO, without its angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The address as given; empty for the null sender `<>`.
    pub address: String,
    /// Its domain, where there is one.
    pub domain: Option<Domain>,
}

impl Path {
    /// Reads `<local@domain>` or `local@domain`; a source route before it is dropped (RFC 5321
    /// appendix C).
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let text = text.strip_prefix('<').unwrap_or(text);
        let text = text.strip_suffix('>').unwrap_or(text);
        let address = match text.starts_with('@') {
            true => text.split_once(':').map_or(text, |(_, rest)| rest),
            false => text,
        };
        let domain = address
            .rsplit_once('@')
            .and_then(|(_, domain)| Domain::parse(domain).ok());
        Self {
            address: address.to_owned(),
            domain,
        }
    }

    /// Whether this is the null sender of bounces and replies (RFC 5321 section 4.5.5).
    pub fn is_null(&self) -> bool {
        self.address.is_empty()
    }

    /// The part before the last `@`.
    pub fn local_part(&self) -> &str {
        self.address
            .rsplit_once('@')
            .map_or(&*self.address, |(local, _)| local)
    }
}

/// The envelope (RFC 5321) and what the MTA says about the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// The client's address; `None` where the MTA gave none (mail from the local machine) or, in a
    /// replay, where nobody told it.
    pub client_ip: Option<IpAddr>,
    /// How many Received fields were followed back to this client; 0 where it is the one that
    /// connected. What a field names is told, not seen: no trusted network exempts it.
    pub trace_fields: usize,
    /// The client's name as the MTA found it in DNS; unverified unless the MTA verified it.
    pub client_name: Option<String>,
    /// The argument of HELO or EHLO.
    pub helo: Option<String>,
    /// MAIL FROM; `None` where it is unknown, which is not the null sender.
    pub mail_from: Option<Path>,
    /// The accepted recipients; none where, as in a replay, nobody named them.
    pub recipients: Vec<Path>,
    /// The user that the client authenticated as (`{auth_authen}`).
    pub authenticated_user: Option<String>,
    /// The MTA's own name (`j`), where it gave one that can stand in a header field.
    pub mta_name: Option<Domain>,
    /// The queue id of the MTA (`i`), for the log.
    pub queue_id: Option<String>,
}

/// A message as it came, ready to be judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// Who handed it in.
    pub envelope: Envelope,
    /// The header fields in order, top first.
    pub headers: Vec<Header>,
    /// The body as far as it is kept, lines as they came.
    pub body: Body,
    /// Its hashes, where it was hashed while it came.
    pub body_hashes: BodyHashes,
    /// Some header fields were not kept, so that no signature over them can be checked.
    pub lacks_fields: bool,
    /// Which limits cut something off.
    pub cut: Vec<Limit>,
    /// Among the header fields that were not kept are some that could forge ours: they can't be
    /// removed, so that the message must not be delivered edited.
    pub hides_forgeries: bool,
}

/// A bound that a message ran into. What it hides is never taken for "nothing there".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// More header fields, or more octets of them, than are kept.
    Headers,
    /// A body of which less is kept than is of use.
    Body,
    /// More recipients than are kept.
    Recipients,
    /// More DKIM signatures than are checked.
    Signatures,
    /// More addresses or names in the author fields than are read.
    Authors,
    /// More parts, links or text in a body than are looked into.
    Content,
    /// More than all messages under way may hold together.
    Memory,
}

impl Limit {
    /// Every limit, for tables that list them.
    pub const ALL: [Self; 7] = [
        Self::Headers,
        Self::Body,
        Self::Recipients,
        Self::Signatures,
        Self::Authors,
        Self::Content,
        Self::Memory,
    ];

    /// The word in metrics and logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Headers => "headers",
            Self::Body => "body",
            Self::Recipients => "recipients",
            Self::Signatures => "signatures",
            Self::Authors => "authors",
            Self::Content => "content",
            Self::Memory => "memory",
        }
    }
}

impl Message {
    /// All fields called `name`, top first (see [`Header::is`]).
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Header> {
        self.headers.iter().filter(move |header| header.is(name))
    }

    /// The message as its sender signed it: its [header](header_bytes), then the body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = header_bytes(&self.headers);
        self.body
            .pieces()
            .for_each(|piece| bytes.extend_from_slice(piece));
        bytes
    }

    /// Reads a message from a file: header fields up to the first empty line, then the body. Lines
    /// may end in CRLF or LF; they are given CRLF, as they would have had in SMTP.
    ///
    /// # Errors
    ///
    /// [`NotAMessage`] where the text doesn't begin with a header field.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAMessage> {
        let mut message = Self::default();
        let mut rest = bytes;
        // mbox files and archives put a separator line before the first field.
        if rest.starts_with(b"From ") {
            (_, rest) = split_line(rest);
        }
        while !rest.is_empty() {
            let (mut line, mut after) = split_line(rest);
            // A name that is folded before its colon: some readers join it, so it is joined here.
            let (next, beyond) = split_line(after);
            let joined;
            if is_field_name(line)
                && matches!(next.first(), Some(b' ' | b'\t'))
                && next.contains(&b':')
            {
                joined = [line, b"\r\n", next].concat();
                (line, after) = (&joined, beyond);
            }
            if line.is_empty() {
                rest = after;
                message.body = with_crlf(rest).into();
                return message.checked();
            }
            if matches!(line.first(), Some(b' ' | b'\t')) && !message.headers.is_empty() {
                if let Some(header) = message.headers.last_mut() {
                    header.value.extend_from_slice(b"\r\n");
                    header.value.extend_from_slice(line);
                }
            } else if let Some(colon) = line.iter().position(|&b| b == b':') {
                let (name, value) = line.split_at(colon);
                message.headers.push(Header {
                    name: name.to_vec(),
                    value: value.get(1..).unwrap_or_default().to_vec(),
                });
            } else {
                // A line that is no field ends the header, as MTAs read it (Postfix puts an empty
                // line before it).
                message.body = with_crlf(rest).into();
                return message.checked();
            }
            rest = after;
        }
        message.checked()
    }

    fn checked(self) -> Result<Self, NotAMessage> {
        // A field name is printable ASCII (RFC 5322 section 2.2). A file whose first line is
        // anything else is a picture or a program, not a message.
        let first = self.headers.first().ok_or(NotAMessage)?;
        match is_field_name(first.name.trim_ascii()) {
            true => Ok(self),
            false => Err(NotAMessage),
        }
    }
}

/// The charset that the header names for text that doesn't say its own.
pub(crate) fn named_charset(headers: &[Header]) -> Option<Charset> {
    let content_type = headers.iter().find(|header| header.is("Content-Type"));
    decode::named_charset(
        content_type.map(|header| &*header.value),
        headers.iter().map(|header| &*header.value),
    )
}

/// The fields as their sender signed them, each as `name:value` and CRLF, and the empty line after
/// them.
///
/// The colon stands directly behind the name and the value keeps its own leading space, so that
/// `simple` header canonicalization (RFC 6376 section 3.4.1) sees the signed octets.
pub fn header_bytes(headers: &[Header]) -> Vec<u8> {
    let size: usize = headers
        .iter()
        .map(|header| header.name.len() + header.value.len() + 3)
        .sum();
    let mut bytes = Vec::with_capacity(size + 2);
    for header in headers {
        bytes.extend_from_slice(&header.name);
        bytes.push(b':');
        bytes.extend_from_slice(&header.value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// The text doesn't begin with a header field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMessage;

impl std::fmt::Display for NotAMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "this is no mail message: it doesn't begin with a header field such as \"From: \"",
        )
    }
}

impl std::error::Error for NotAMessage {}

/// Whether a line is a field name and nothing else (RFC 5322 section 2.2).
fn is_field_name(line: &[u8]) -> bool {
    !line.is_empty()
        && line
            .iter()
            .all(|byte| (33..=126).contains(byte) && *byte != b':')
}

fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match bytes.iter().position(|&b| b == b'\n') {
        Some(end) => (
            bytes.get(..end).unwrap_or_default(),
            bytes.get(end + 1..).unwrap_or_default(),
        ),
        None => (bytes, &[][..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

/// The text with the line ends of SMTP: CRLF for each LF that stands alone.
pub(crate) fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut copied = 0;
    for feed in memchr::memchr_iter(b'\n', bytes) {
        let before = feed.checked_sub(1).and_then(|before| bytes.get(before));
        if before != Some(&b'\r') {
            out.extend_from_slice(bytes.get(copied..feed).unwrap_or_default());
            out.push(b'\r');
            copied = feed;
        }
    }
    out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_their_words() {
        assert_eq!(
            Limit::ALL.map(Limit::word),
            [
                "headers",
                "body",
                "recipients",
                "signatures",
                "authors",
                "content",
                "memory"
            ]
        );
    }

    #[test]
    fn a_field_comes_back_octet_for_octet() {
        let text = b"Subject:  two\r\n\tlines \r\nFrom:x@shop.example\r\n\r\nbody\r\n";
        let message = Message::parse(text).unwrap();
        assert_eq!(message.headers[0].value, b"  two\r\n\tlines ");
        assert_eq!(message.to_bytes(), text);
    }

    #[test]
    fn bare_line_feeds_become_what_smtp_would_carry() {
        let message = Message::parse(b"A: 1\n 2\n\nx\ny\r\n").unwrap();
        assert_eq!(message.to_bytes(), b"A: 1\r\n 2\r\n\r\nx\r\ny\r\n");
    }

    #[test]
    fn a_picture_is_no_message() {
        assert_eq!(Message::parse(b"\x89PNG\r\n\x1a\n"), Err(NotAMessage));
        assert_eq!(Message::parse(b""), Err(NotAMessage));
        assert_eq!(Message::parse(b"\xff\xd8\xff:\n"), Err(NotAMessage));
    }

    #[test]
    fn a_name_folded_before_its_colon_is_one_field() {
        let message = Message::parse(b"From\n : a@shop.example\nTo: b\n\nbody\n").unwrap();
        assert_eq!(message.headers[0].name, b"From\r\n ");
        assert!(message.headers[0].is("From"));
        assert_eq!(message.headers[0].value, b" a@shop.example");
        assert_eq!(message.headers.len(), 2);
    }

    #[test]
    fn paths_lose_brackets_and_routes() {
        assert_eq!(Path::parse("<>").address, "");
        assert!(Path::parse("<>").is_null());
        let routed = Path::parse("<@relay.example:joe@Shop.Example>");
        assert_eq!(routed.address, "joe@Shop.Example");
        assert_eq!(routed.domain.unwrap().as_str(), "shop.example");
    }

    #[test]
    fn a_blank_before_the_colon_hides_no_field() {
        let header = Header {
            name: b"From ".to_vec(),
            value: b" a@b".to_vec(),
        };
        assert!(header.is("from"));
    }
}
