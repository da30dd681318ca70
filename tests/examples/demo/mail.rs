//! What is sent: the samples that the tests know too, or the user's own files.

use std::fs;
use std::path::Path;

use super::options::Options;
use super::support::samples::{Sample, samples};
use super::support::smtp::{Envelope, XClient, field_end};

/// The DNS that the samples need.
pub use super::support::samples::zone;

/// Files beyond this are refused by Postfix' default.
const MAX_SIZE: u64 = 10_240_000;

/// One mail with whoever hands it in.
#[derive(Clone, Debug)]
pub struct Mail {
    pub name: String,
    pub about: String,
    pub client: XClient,
    pub mail_from: String,
    pub recipient: String,
    /// CRLF line ends.
    pub message: Vec<u8>,
}

impl Mail {
    pub fn envelope(&self) -> Envelope {
        Envelope::new(&self.mail_from, &[&self.recipient])
    }

    /// The first field of that name, unfolded, escaped.
    pub fn field(&self, name: &str) -> String {
        let found = fields(&self.message).into_iter().find(|field| {
            field
                .split_once(':')
                .is_some_and(|(own, _)| own.trim_end().eq_ignore_ascii_case(name))
        });
        found.unwrap_or_else(|| format!("{name}: (none)"))
    }
}

impl From<Sample> for Mail {
    fn from(sample: Sample) -> Self {
        Self {
            name: sample.name.to_owned(),
            about: sample.about.to_owned(),
            recipient: sample.recipient(),
            client: sample.client,
            mail_from: sample.mail_from.to_owned(),
            message: sample.message,
        }
    }
}

/// The user's files, or else the samples.
pub fn all(options: &Options) -> Result<Vec<Mail>, String> {
    if options.mails.is_empty() {
        let mut mails: Vec<Mail> = samples().into_iter().map(Mail::from).collect();
        mails.extend(unproved(&mails));
        return Ok(mails);
    }
    let numbered = (1..).zip(&options.mails);
    numbered
        .map(|(number, path)| own(number, path, options))
        .collect()
}

/// A display name that names the brand, from an address that nobody answers for: what `enforce`
/// holds for the postmaster.
fn unproved(samples: &[Mail]) -> Option<Mail> {
    let model = samples.iter().find(|mail| mail.name == "display-name")?;
    let message = "From: \"Amazon.com\" <support@nobody.example>\r\n\
        To: someone@example.test\r\nSubject: Refund for your order\r\n\
        Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <unproved@demo.invalid>\r\n\
        \r\nReply with your bank details.\r\n";
    Some(Mail {
        name: "unproved".to_owned(),
        about: "the same name over an address that nothing authenticates".to_owned(),
        mail_from: "support@nobody.example".to_owned(),
        recipient: "unproved@example.test".to_owned(),
        message: message.as_bytes().to_vec(),
        ..model.clone()
    })
}

fn own(number: usize, path: &Path, options: &Options) -> Result<Mail, String> {
    let shown = path.display();
    let fault = |what: &dyn std::fmt::Display| format!("MAIL={shown}: {what}");
    let metadata = fs::metadata(path).map_err(|error| fault(&error))?;
    if metadata.is_dir() {
        return Err(fault(&"this is a folder; name the files in it"));
    }
    if metadata.len() > MAX_SIZE {
        return Err(fault(&"this is more than Postfix accepts (10 MB)"));
    }
    let message = on_the_line(&fs::read(path).map_err(|error| fault(&error))?);
    let first = message.get(..field_end(&message)).unwrap_or_default();
    let name = first.split(|byte| *byte == b':').next().unwrap_or_default();
    if name.len() == first.len() || name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
        return Err(fault(
            &"this is no message: it doesn't begin with a header field such as From: ...",
        ));
    }
    let ip = options.client_ip.to_string();
    Ok(Mail {
        name: format!("{number}"),
        about: printable(&path.display().to_string()),
        client: XClient::new(&ip, &options.client_name, &options.client_name),
        mail_from: options.mail_from.clone(),
        recipient: format!("mail{number}@example.test"),
        message,
    })
}

/// Line ends as SMTP has them; without the separator line that an mbox has in front.
fn on_the_line(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let separator = bytes.starts_with(b"From ");
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if separator && number == 0 {
            continue;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        out.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// The header fields of a message, each unfolded and escaped, as `Name: value`.
pub fn fields(message: &[u8]) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = message;
    while !rest.is_empty() && !rest.starts_with(b"\r\n") {
        let (field, next) = rest.split_at(field_end(rest));
        let text = String::from_utf8_lossy(field).replace("\r\n", "");
        fields.push(printable(&text.replace('\t', " ")));
        rest = next;
    }
    fields
}

/// Text of a sender's for a terminal: nothing in it can move the cursor or turn the writing round.
pub fn printable(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character == ' ' || character.is_ascii_graphic() || character.is_alphanumeric() {
            out.push(character);
        } else {
            out.extend(character.escape_unicode());
        }
    }
    out
}
