//! `check`: the same judgement over files, folders, mailboxes and standard input.

use crate::{
    config::{Config, ConfigError},
    decision::{
        domain::Domain,
        evidence::{AuthResult, Evidence},
        message::{Envelope, Message, Path as EnvelopePath},
        report::Report,
    },
    verify::Verifier,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{self, Read, Write},
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// Files beyond this are not read as messages.
const MAX_FILE_SIZE: u64 = 256 << 20;

/// How results are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a message and line.
    Json,
}

/// What is checked, and as what.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// The configuration, if not the usual one.
    pub config: Option<PathBuf>,
    /// The client that is to be assumed.
    pub client_ip: Option<IpAddr>,
    /// Its HELO.
    pub helo: Option<String>,
    /// MAIL FROM; `<>` is the null sender.
    pub mail_from: Option<String>,
    /// RCPT TO.
    pub recipients: Vec<String>,
    /// The DNS server to ask instead of the configured ones.
    pub dns: Option<SocketAddr>,
    /// Whether DNS is left alone.
    pub offline: bool,
    /// How results are shown.
    pub format: Format,
    /// Files, folders, or `-`.
    pub paths: Vec<PathBuf>,
}

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outcome {
    spoofs: usize,
    unreadable: usize,
}

impl Outcome {
    /// 0: no spoof; 1: at least one; 2: something could not be read, whatever else there was.
    fn code(self) -> u8 {
        match self {
            Self {
                unreadable: 1.., ..
            } => 2,
            Self { spoofs: 1.., .. } => 1,
            Self { .. } => 0,
        }
    }
}

/// Judges what the options name and shows it on standard output.
///
/// # Errors
///
/// The faults of the configuration. What can't be read is shown as such, and the run goes on.
pub async fn run(options: CheckOptions) -> Result<ExitCode, Vec<ConfigError>> {
    let mut config = Config::load(options.config.as_deref())?;
    match (&mut config.authenticate.dns, options.dns) {
        (dns, _) if options.offline => *dns = None,
        (Some(dns), Some(server)) => dns.servers = vec![server],
        _ => {}
    }
    let verifier = Verifier::new(&config, Arc::new(())).map_err(|error| {
        vec![ConfigError {
            line: 0,
            key: "dns".into(),
            reason: error.to_string(),
            allowed: String::new(),
        }]
    })?;
    let mut run = Run {
        verifier,
        envelope: envelope(&options),
        format: options.format,
        outcome: Outcome::default(),
    };
    for path in &options.paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            let read = io::stdin()
                .lock()
                .take(MAX_FILE_SIZE)
                .read_to_end(&mut bytes);
            run.bytes("-", read.map(|_| bytes)).await;
        } else {
            run.path(path).await;
        }
    }
    Ok(ExitCode::from(run.outcome.code()))
}

fn envelope(options: &CheckOptions) -> Envelope {
    Envelope {
        client_ip: options.client_ip,
        helo: options.helo.clone(),
        mail_from: options.mail_from.as_deref().map(EnvelopePath::parse),
        recipients: options
            .recipients
            .iter()
            .map(|address| EnvelopePath::parse(address))
            .collect(),
        ..Envelope::default()
    }
}

struct Run {
    verifier: Verifier,
    envelope: Envelope,
    format: Format,
    outcome: Outcome,
}

impl Run {
    /// A file, or all files below a folder in the order of their names.
    async fn path(&mut self, path: &Path) {
        let mut waiting = vec![path.to_owned()];
        while let Some(path) = waiting.pop() {
            let name = path.display().to_string();
            let metadata = match fs::metadata(&path) {
                Ok(metadata) => metadata,
                Err(error) => {
                    self.show_error(&name, &error.to_string());
                    continue;
                }
            };
            if !metadata.is_dir() {
                let bytes = match metadata.len() {
                    ..=MAX_FILE_SIZE => fs::read(&path),
                    _ => Err(io::Error::other("the file is larger than 256 MiB")),
                };
                self.bytes(&name, bytes).await;
                continue;
            }
            match fs::read_dir(&path).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
                Ok(mut entries) => {
                    entries.sort_by_key(fs::DirEntry::file_name);
                    waiting.extend(entries.into_iter().rev().map(|entry| entry.path()));
                }
                Err(error) => self.show_error(&name, &error.to_string()),
            }
        }
    }

    /// One message, or the messages of an mbox.
    async fn bytes(&mut self, name: &str, bytes: io::Result<Vec<u8>>) {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return self.show_error(name, &error.to_string()),
        };
        let parts = split_mbox(&bytes);
        let several = parts.len() > 1;
        for (number, part) in (1..).zip(parts) {
            let name = match several {
                true => format!("{name}:{number}"),
                false => name.to_owned(),
            };
            match Message::parse(part) {
                Ok(mut message) => {
                    message.envelope = self.envelope.clone();
                    self.judge(&name, &message).await;
                }
                Err(error) => self.show_error(&name, &error.to_string()),
            }
        }
    }

    async fn judge(&mut self, name: &str, message: &Message) {
        let report = self.verifier.verify(message).await;
        if report.verdict.is_spoof() {
            self.outcome.spoofs += 1;
        }
        let edits = report.edits(message, &self.verifier.headers);
        let headers: Vec<String> = edits
            .insert
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        match self.format {
            Format::Json => show(&to_json(name, &report, &headers).to_string()),
            Format::Text => show(&to_text(name, &report)),
        }
    }

    fn show_error(&mut self, name: &str, error: &str) {
        self.outcome.unreadable += 1;
        match self.format {
            Format::Json => show(&json!({ "file": name, "error": error }).to_string()),
            Format::Text => show(&format!("{}: error: {error}", escape(name))),
        }
    }
}

/// Prints a line; a reader who went away (`| head`) is no fault.
fn show(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// The messages of an mbox, or the whole as one message. A separator is a line that begins with
/// `From ` after an empty one.
fn split_mbox(bytes: &[u8]) -> Vec<&[u8]> {
    if !bytes.starts_with(b"From ") {
        return vec![bytes];
    }
    let mut parts = Vec::new();
    let mut rest = bytes;
    let mut from = 0;
    while let Some(found) = rest
        .get(from..)
        .and_then(|rest| rest.windows(6).position(|window| window == b"\nFrom "))
    {
        let end = from + found + 1;
        let (part, next) = rest.split_at(end);
        if part.ends_with(b"\n\n") || part.ends_with(b"\r\n\r\n") {
            parts.push(part);
            (rest, from) = (next, 0);
        } else {
            from = end;
        }
    }
    parts.push(rest);
    parts
}

/// Text of a sender's for a terminal: nothing in it can move the cursor or turn the writing around.
fn escape(text: &str) -> String {
    text.escape_debug()
        .to_string()
        .replace("\\\"", "\"")
        .replace("\\'", "'")
}

fn to_text(name: &str, report: &Report) -> String {
    let mut lines = vec![format!(
        "{}: {} ({})",
        escape(name),
        report.verdict,
        report.decision.action
    )];
    lines.push(format!("  {}", report.explanation));
    for claim in &report.claims {
        lines.push(format!(
            "  claim: {} ({:?}): {}",
            claim.reason,
            claim.strength,
            escape(&claim.seen)
        ));
    }
    for detail in &report.content {
        lines.push(format!(
            "  body: {}: {}",
            detail.reason,
            escape(&detail.seen)
        ));
    }
    if let Some(evidence) = &report.evidence {
        lines.push(format!(
            "  proof: {}",
            auth_text(evidence, report.author.as_ref())
        ));
    }
    let reasons = report.reason_words();
    if !reasons.is_empty() {
        lines.push(format!("  reasons: {reasons}"));
    }
    lines.join("\n")
}

fn auth_text(evidence: &Evidence, author: Option<&Domain>) -> String {
    if evidence.offline {
        return "DNS was not asked".into();
    }
    let mut parts = Vec::new();
    let spf = &evidence.spf;
    parts.push(match &spf.domain {
        _ if spf.unknown_envelope => "spf=none (client or MAIL FROM not given)".to_owned(),
        Some(domain) => format!("spf={} ({domain})", spf.result.word()),
        None => format!("spf={}", spf.result.word()),
    });
    for signature in &evidence.dkim {
        let domain = signature.domain.as_ref().map_or("?", Domain::as_str);
        let why = signature
            .fault
            .map_or_else(String::new, |fault| format!(": {}", fault.clause()));
        parts.push(format!("dkim={} ({domain}{why})", signature.result.word()));
    }
    if let Some(author) = author {
        parts.push(format!(
            "dmarc={} ({author})",
            evidence.dmarc(author).word()
        ));
    }
    parts.join(", ")
}

fn to_json(name: &str, report: &Report, headers: &[String]) -> Value {
    let words = |result: AuthResult| Value::from(result.word());
    let auth = report.evidence.as_ref().map(|evidence| {
        let dkim: Vec<Value> = evidence
            .dkim
            .iter()
            .map(|signature| {
                json!({
                    "result": words(signature.result),
                    "domain": signature.domain.as_ref().map(Domain::as_str),
                    "selector": signature.selector,
                    "why": signature.fault.map(|fault| fault.clause()),
                })
            })
            .collect();
        json!({
            "spf": {
                "result": words(evidence.spf.result),
                "domain": evidence.spf.domain.as_ref().map(Domain::as_str),
            },
            "dkim": dkim,
            "dmarc": report.author.as_ref().map(|author| words(evidence.dmarc(author))),
            "arc": words(evidence.arc.result),
        })
    });
    json!({
        "file": name,
        "verdict": report.verdict.word(),
        "action": report.decision.action.word(),
        "explanation": report.explanation,
        "reasons": report.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(),
        "claims": report.claims.iter().map(|claim| json!({
            "by": claim.reason.word(),
            "strength": format!("{:?}", claim.strength).to_lowercase(),
            "seen": claim.seen,
        })).collect::<Vec<_>>(),
        "content": report.content.iter().map(|detail| json!({
            "reason": detail.reason.word(),
            "seen": detail.seen,
        })).collect::<Vec<_>>(),
        "author": { "addresses": report.author_addresses, "names": report.author_names },
        "auth": auth,
        "headers": headers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_mbox_is_split_at_separator_lines_only() {
        let mbox = b"From a\nA: 1\n\nFrom here on\n\nFrom b\nB: 2\n\nx\nFrom c\n";
        let parts: Vec<String> = split_mbox(mbox)
            .into_iter()
            .map(|part| String::from_utf8_lossy(part).into_owned())
            .collect();
        assert_eq!(
            parts,
            [
                "From a\nA: 1\n\n",
                "From here on\n\n",
                "From b\nB: 2\n\nx\nFrom c\n"
            ]
        );
        assert_eq!(split_mbox(b"A: 1\n\nFrom b\n").len(), 1);
    }

    #[test]
    fn something_unreadable_goes_before_a_spoof() {
        let code = |spoofs, unreadable| Outcome { spoofs, unreadable }.code();
        assert_eq!(
            [code(0, 0), code(3, 0), code(3, 1), code(0, 1)],
            [0, 1, 2, 2]
        );
    }

    #[test]
    fn nothing_of_a_sender_moves_the_cursor() {
        assert_eq!(
            escape("a\u{1b}[2J\u{202e}\"b\"\r"),
            "a\\u{1b}[2J\\u{202e}\"b\"\\r"
        );
    }
}
