//! DKIM signatures (RFC 6376, RFC 8463) for test mail, every tag at the test's choice.
//!
//! The canonical forms are written here once more and not taken from the library that the program
//! verifies with: a mistake in it would otherwise sign and verify in harmony.

mod arc;
mod weak_rsa;

pub use arc::ArcSigner;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

/// The keys in `keys/`, made for these tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// 2048 bits.
    Rsa,
    /// 1024 bits: the least that RFC 8301 accepts, and much in use.
    Rsa1024,
    /// 512 bits: never to be trusted.
    Rsa512,
    Ed25519,
}

/// With which hash body and headers are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    Sha256,
    /// RFC 8301 forbids it. With an RSA key only.
    Sha1,
}

/// How much a relay may change (RFC 6376 section 3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canon {
    Simple,
    Relaxed,
}

impl Key {
    fn pem(self) -> &'static str {
        match self {
            Self::Rsa => include_str!("keys/rsa2048.pem"),
            Self::Rsa1024 => include_str!("keys/rsa1024.pem"),
            Self::Rsa512 => include_str!("keys/rsa512.pem"),
            Self::Ed25519 => include_str!("keys/ed25519.pem"),
        }
    }

    /// The record to publish: `v=DKIM1; k=rsa; p=...`.
    pub fn txt(self) -> &'static str {
        match self {
            Self::Rsa => include_str!("keys/rsa2048.txt"),
            Self::Rsa1024 => include_str!("keys/rsa1024.txt"),
            Self::Rsa512 => include_str!("keys/rsa512.txt"),
            Self::Ed25519 => include_str!("keys/ed25519.txt"),
        }
    }

    /// A line for a master file that publishes the key.
    pub fn record(self, selector: &str, domain: &str) -> String {
        txt_record(&format!("{selector}._domainkey.{domain}."), self.txt())
    }

    fn algorithm(self, hash: Hash) -> &'static str {
        match (self, hash) {
            (Self::Ed25519, _) => "ed25519-sha256",
            (_, Hash::Sha256) => "rsa-sha256",
            (_, Hash::Sha1) => "rsa-sha1",
        }
    }

    fn der(self) -> Vec<u8> {
        let lines = self
            .pem()
            .lines()
            .skip_while(|line| !line.starts_with("-----BEGIN"));
        let base64: String = lines.filter(|line| !line.starts_with("-----")).collect();
        BASE64.decode(base64).expect("base64 in keys/*.pem")
    }

    fn sign(self, hash: Hash, data: &[u8]) -> Vec<u8> {
        let der = self.der();
        match (self, hash) {
            (Self::Ed25519, _) => {
                let pair =
                    Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).expect("keys/ed25519.pem");
                // RFC 8463 section 3: PureEdDSA over the SHA-256 of the data, not over the data.
                pair.sign(&hash.of(data)).as_ref().to_vec()
            }
            (Self::Rsa, Hash::Sha256) => {
                let pair = RsaKeyPair::from_pkcs8(&der).expect("keys/rsa2048.pem");
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    data,
                    &mut signature,
                )
                .expect("an RSA signature");
                signature
            }
            // The outer envelope of PKCS #8 holds the key as PKCS #1 at octet 26.
            (Self::Rsa, Hash::Sha1) => weak_rsa::sign(&der[26..], weak_rsa::SHA1, &hash.of(data)),
            (_, Hash::Sha1) => weak_rsa::sign(&der, weak_rsa::SHA1, &hash.of(data)),
            (_, Hash::Sha256) => weak_rsa::sign(&der, weak_rsa::SHA256, &hash.of(data)),
        }
    }
}

impl Hash {
    fn of(self, data: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        };
        digest::digest(algorithm, data).as_ref().to_vec()
    }
}

/// A TXT line for a master file, cut into character-strings of at most 255 octets. `owner` as it
/// shall stand in the file; the text is ASCII.
pub fn txt_record(owner: &str, text: &str) -> String {
    let strings: Vec<String> = text
        .as_bytes()
        .chunks(255)
        .map(|chunk| {
            let chunk = String::from_utf8_lossy(chunk);
            format!("\"{}\"", chunk.replace('\\', "\\\\").replace('"', "\\\""))
        })
        .collect();
    format!("{owner} TXT {}\n", strings.join(" "))
}

/// One signature to be made. Begin with [`DkimSigner::new`] and change what the test is about.
#[derive(Clone, Debug)]
pub struct DkimSigner {
    pub key: Key,
    pub hash: Hash,
    /// `d=`
    pub domain: String,
    /// `s=`
    pub selector: String,
    /// `h=` in this order. A name that occurs n times in the message is signed by naming it n
    /// times; one time more guards against additions (RFC 6376 section 8.15).
    pub headers: Vec<String>,
    pub header_canon: Canon,
    pub body_canon: Canon,
    /// `t=`, seconds since 1970.
    pub timestamp: Option<u64>,
    /// `x=`, seconds since 1970.
    pub expiration: Option<u64>,
    /// `l=`: only so many octets of the canonical body are signed.
    pub length: Option<usize>,
    /// `v=`; none leaves the tag out, which RFC 6376 section 3.5 forbids.
    pub version: Option<String>,
    /// What `a=` says, where it is to differ from what is done.
    pub algorithm: Option<String>,
    /// More tags, as `("i", "@example.com")`, put before `bh=`.
    pub extra: Vec<(String, String)>,
}

impl DkimSigner {
    /// rsa-sha256, relaxed/relaxed, over From, To, Subject, Date and Message-ID, no times.
    pub fn new(domain: &str, selector: &str) -> Self {
        let headers = ["From", "To", "Subject", "Date", "Message-ID"];
        Self {
            key: Key::Rsa,
            hash: Hash::Sha256,
            domain: domain.to_owned(),
            selector: selector.to_owned(),
            headers: headers.map(str::to_owned).to_vec(),
            header_canon: Canon::Relaxed,
            body_canon: Canon::Relaxed,
            timestamp: None,
            expiration: None,
            length: None,
            version: Some("1".to_owned()),
            algorithm: None,
            extra: Vec::new(),
        }
    }

    /// The record of its key, for a master file.
    pub fn record(&self) -> String {
        self.key.record(&self.selector, &self.domain)
    }

    /// The message (CRLF line ends) with the signature above it.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        [self.field(message), message.to_vec()].concat()
    }

    /// The DKIM-Signature field alone, CRLF at its end.
    pub fn field(&self, message: &[u8]) -> Vec<u8> {
        let (_, body) = split(message);
        let mut body = self.body_canon.body(body);
        body.truncate(self.length.unwrap_or(usize::MAX));
        self.field_over(message, &self.hash.of(&body))
    }

    /// The same over the header of `message` and a body of this hash.
    pub fn field_over(&self, message: &[u8], body_hash: &[u8]) -> Vec<u8> {
        let (fields, _) = split(message);
        let hash = BASE64.encode(body_hash);
        let unsigned = self.unsigned(&hash);
        let mut data = Vec::new();
        for field in self.chosen(&fields) {
            data.extend(self.header_canon.header(field));
        }
        // RFC 6376 section 3.7: the field itself comes last, with an empty b= and without CRLF.
        let own = self
            .header_canon
            .header(format!("{unsigned}\r\n").as_bytes());
        data.extend_from_slice(own.strip_suffix(b"\r\n").unwrap_or(&own));
        let signature = BASE64.encode(self.key.sign(self.hash, &data));
        format!("{unsigned}{}\r\n", folded(&signature)).into_bytes()
    }

    /// Everything up to `b=`.
    fn unsigned(&self, body_hash: &str) -> String {
        let mut tags = Vec::new();
        let mut tag = |name: &str, value: String| tags.push(format!("{name}={value}"));
        if let Some(version) = &self.version {
            tag("v", version.clone());
        }
        tag(
            "a",
            self.algorithm
                .clone()
                .unwrap_or_else(|| self.key.algorithm(self.hash).to_owned()),
        );
        tag(
            "c",
            format!("{}/{}", self.header_canon.word(), self.body_canon.word()),
        );
        tag("d", self.domain.clone());
        tag("s", self.selector.clone());
        for (name, time) in [("t", self.timestamp), ("x", self.expiration)] {
            if let Some(time) = time {
                tag(name, time.to_string());
            }
        }
        if let Some(length) = self.length {
            tag("l", length.to_string());
        }
        for (name, value) in &self.extra {
            tag(name, value.clone());
        }
        tag("h", self.headers.join(":"));
        tag("bh", body_hash.to_owned());
        format!("DKIM-Signature: {};\r\n\tb=", tags.join(";\r\n\t"))
    }

    /// The fields that `h=` names, of several with one name the lowest first (RFC 6376 section
    /// 5.4.2); what is not there counts as nothing.
    fn chosen<'m>(&self, fields: &[&'m [u8]]) -> Vec<&'m [u8]> {
        let mut left: Vec<&[u8]> = fields.to_vec();
        let mut chosen = Vec::new();
        for name in &self.headers {
            let at = left.iter().rposition(|field| {
                let own = field
                    .split(|octet| *octet == b':')
                    .next()
                    .unwrap_or_default();
                own.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes())
            });
            chosen.extend(at.map(|at| left.remove(at)));
        }
        chosen
    }
}

impl Canon {
    fn word(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Relaxed => "relaxed",
        }
    }

    /// One field with its CRLF (RFC 6376 sections 3.4.1 and 3.4.2).
    fn header(self, field: &[u8]) -> Vec<u8> {
        if self == Self::Simple {
            return field.to_vec();
        }
        let colon = field
            .iter()
            .position(|octet| *octet == b':')
            .unwrap_or(field.len());
        let (name, value) = field.split_at(colon);
        // Only CRLF is a fold; a CR alone is an octet like any other.
        let unfolded = lines(value.strip_prefix(b":").unwrap_or(value)).concat();
        let value = reduced(&unfolded);
        let value = value.strip_prefix(b" ").unwrap_or(&value);
        [
            &name.trim_ascii_end().to_ascii_lowercase(),
            &b":"[..],
            value,
            b"\r\n",
        ]
        .concat()
    }

    /// The body (RFC 6376 sections 3.4.3 and 3.4.4).
    fn body(self, body: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(body.len() + 2);
        for line in lines(body) {
            match self {
                Self::Simple => out.extend_from_slice(line),
                Self::Relaxed => out.extend(reduced(line)),
            }
            out.extend_from_slice(b"\r\n");
        }
        while out.ends_with(b"\r\n\r\n") || (out == b"\r\n" && self == Self::Relaxed) {
            out.truncate(out.len() - 2);
        }
        if out.is_empty() && self == Self::Simple {
            out.extend_from_slice(b"\r\n");
        }
        out
    }
}

/// Runs of blanks become one space, those at the end go.
fn reduced(line: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(line.len());
    for octet in line {
        match octet {
            b' ' | b'\t' if out.last() == Some(&b' ') => {}
            b' ' | b'\t' => out.push(b' '),
            octet => out.push(*octet),
        }
    }
    if out.last() == Some(&b' ') {
        out.pop();
    }
    out
}

/// What lies between CRLFs; nothing follows a last CRLF.
fn lines(body: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        lines.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    if !rest.is_empty() {
        lines.push(rest);
    }
    lines
}

/// Header fields, continuation lines and CRLF included, and the body after the empty line.
fn split(message: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut fields = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        if let Some(body) = rest.strip_prefix(b"\r\n") {
            return (fields, body);
        }
        let (field, after) = rest.split_at(super::smtp::field_end(rest));
        fields.push(field);
        rest = after;
    }
    (fields, rest)
}

/// Base64 in lines of 72, the later ones indented.
fn folded(base64: &str) -> String {
    let chunks: Vec<String> = base64
        .as_bytes()
        .chunks(72)
        .map(|c| String::from_utf8_lossy(c).into_owned())
        .collect();
    chunks.join("\r\n\t ")
}
