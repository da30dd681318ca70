//! The messages that we hold, as a list.

use super::{
    Format, HeldError,
    age::Age,
    queue::{Held, HoldQueue, messages},
};
use crate::report::printable::{printable, printable_json};
use serde_json::json;
use std::io::{self, Write};

/// Prints them, the newest first.
pub(super) fn print(held: &HoldQueue, format: Format, now: u64) -> Result<(), HeldError> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for one in &held.ours {
        match format {
            Format::Text => write!(out, "{}", text(one, now))?,
            Format::Json => writeln!(out, "{}", line(one))?,
        }
    }
    if format == Format::Text {
        let said = match held.ours.len() as u64 {
            0 => "nothing is on hold".to_owned(),
            count => format!("{} on hold", messages(count)),
        };
        writeln!(out, "{said}")?;
    }
    out.flush()?;
    Ok(())
}

/// A message for people. Everything a sender wrote is escaped.
fn text(held: &Held, now: u64) -> String {
    let age = Age::between(held.id.arrived(), now);
    format!(
        "{}  {}  {age}\n  From: {}\n  Subject: {}\n  For: {}, from <{}>\n  Why: {}\n\n",
        held.id,
        held.found.verdict,
        printable(&held.from),
        printable(&held.subject),
        printable(&recipients(held)),
        printable(&held.sender),
        printable(&held.found.reasons.join(", ")),
    )
}

/// Whom a message is for: the first ones, and the number of the others.
pub(super) fn recipients(held: &Held) -> String {
    let named = held.recipients.join(", ");
    match held.recipient_count.saturating_sub(held.recipients.len()) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// A message for programs.
fn line(held: &Held) -> String {
    let object = json!({
        "id": held.id.to_string(),
        "queue_id": held.id.queue_id().as_str(),
        "arrived": held.id.arrived(),
        "verdict": held.found.verdict.word(),
        "author": held.found.author,
        "reasons": held.found.reasons,
        "explanation": held.found.explanation,
        "mail_from": held.sender,
        "recipients": held.recipients,
        "recipient_count": held.recipient_count,
        "size": held.size,
        "from": held.from,
        "subject": held.subject,
    });
    printable_json(&object.to_string())
}
