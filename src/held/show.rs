//! One message that we hold: why, its header, and its text as a reader sees it.

use super::{
    HeldError,
    age::Age,
    message::{OurVerdict, QueueFile},
    postfix::Postfix,
};
use crate::{mail::decode::unfold, report::printable::printable, wants::visible_text};
use std::io::{self, Write};

/// Lines of the text that are shown, and octets of the body that they are looked for in.
const MAX_LINES: usize = 60;
const MAX_BODY: usize = 256 << 10;
/// Characters of one line.
const MAX_LINE: usize = 500;
/// Header fields that are shown.
const MAX_FIELDS: usize = 200;

/// Prints it. Everything a sender wrote is escaped.
pub(super) fn print(
    postfix: &Postfix,
    (file, found): &(QueueFile, OurVerdict),
    now: u64,
) -> Result<(), HeldError> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let age = Age::between(file.arrived, now);
    writeln!(
        out,
        "{}, on hold for {age} at {}",
        found.verdict, postfix.hostname
    )?;
    writeln!(out, "{}", printable(&found.explanation))?;
    writeln!(out, "Reasons: {}", printable(&found.reasons.join(", ")))?;
    writeln!(out, "From: {}", printable(&file.from()))?;
    writeln!(out, "Subject: {}", printable(&file.subject()))?;
    writeln!(out, "Envelope sender: <{}>", printable(&file.sender))?;
    for recipient in &file.recipients {
        writeln!(out, "Envelope recipient: <{}>", printable(recipient))?;
    }
    writeln!(out, "\nIts header:")?;
    let headers = &file.message.headers;
    for header in headers.iter().take(MAX_FIELDS) {
        let name = String::from_utf8_lossy(&header.name).into_owned();
        let value = String::from_utf8_lossy(&header.value).into_owned();
        // Folds are blanks or tabs.
        let value = unfold(&value).replace('\t', " ");
        writeln!(out, "  {}: {}", printable(&name), shown(value.trim()))?;
    }
    if headers.len() > MAX_FIELDS {
        writeln!(out, "  ... {} more", headers.len() - MAX_FIELDS)?;
    }
    writeln!(out, "\nIts text, as a reader sees it:")?;
    let text = visible_text(&file.message, MAX_BODY);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in lines.by_ref().take(MAX_LINES) {
        writeln!(out, "  {}", shown(line))?;
    }
    if lines.next().is_some() {
        writeln!(out, "  ...")?;
    }
    out.flush()?;
    Ok(())
}

fn shown(line: &str) -> String {
    let cut: String = line.chars().take(MAX_LINE).collect();
    let more = if cut.len() < line.len() { " ..." } else { "" };
    printable(&cut) + more
}
