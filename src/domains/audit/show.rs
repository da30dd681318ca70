//! An audit as people and programs read it.
//!
//! Records are other people's texts: nothing of them reaches a terminal unescaped.

use super::{
    compare::{Difference, Outcome},
    facts::{Facts, Kind},
    snapshot,
};
use crate::{brand::Brand, mail::domain::Domain};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Prints the summary, then what differs, what could not be asked, and what to append to the snapshot.
pub(super) fn text(outcome: &Outcome<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", summary(outcome))?;
    for one in &outcome.differences {
        writeln!(
            out,
            "{}\t{} {}\t{}",
            one.change.word(),
            one.domain,
            one.subject(),
            one.class.word()
        )?;
        for (word, records) in [("was", &one.was), ("now", &one.now)] {
            for record in records {
                writeln!(out, "  {word}: {}", record.escape_debug())?;
            }
        }
        if let Some(class) = one.could_be {
            writeln!(
                out,
                "  could be {}: the brand takes its DMARC reports",
                class.word()
            )?;
        }
    }
    for one in &outcome.unanswered {
        writeln!(
            out,
            "no answer\t{} {}\t{}",
            one.domain,
            one.kind.word(),
            one.error.escape_debug()
        )?;
    }
    let patch = outcome.patch();
    if !patch.is_empty() {
        writeln!(out, "\n# to be appended to the snapshot\n")?;
        write!(out, "{}", snapshot::entries(&patch))?;
    }
    out.flush()
}

fn summary(outcome: &Outcome<'_>) -> String {
    let mut parts = vec![
        format!("{} asked", count(outcome.asked, "domain")),
        match outcome.differences.len() {
            0 => "no difference".to_owned(),
            many => count(many, "difference"),
        },
    ];
    if outcome.unknown > 0 {
        let records = count(outcome.unknown, "record");
        parts.push(format!("{records} that the snapshot says nothing about"));
    }
    if !outcome.unanswered.is_empty() {
        let lookups = count(outcome.unanswered.len(), "lookup");
        parts.push(format!("{lookups} without an answer"));
    }
    if outcome.not_asked > 0 {
        let domains = count(outcome.not_asked, "domain");
        parts.push(format!("{domains} given up since nothing answers"));
    }
    parts.join(", ")
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// Prints a whole snapshot.
pub(super) fn toml(snapshot: &str, out: &mut impl Write) -> io::Result<()> {
    out.write_all(snapshot.as_bytes())?;
    out.flush()
}

/// Prints one object.
pub(super) fn json(outcome: &Outcome<'_>, brand: &Brand, out: &mut impl Write) -> io::Result<()> {
    let unanswered: Vec<Value> = outcome
        .unanswered
        .iter()
        .map(|one| {
            json!({
                "domain": one.domain.as_str(),
                "record": one.kind.word(),
                "error": one.error,
            })
        })
        .collect();
    let value = json!({
        "brand": brand.name(),
        "list": brand.updated(),
        "asked": outcome.asked,
        "not_asked": outcome.not_asked,
        "unknown": outcome.unknown,
        "differences": outcome.differences.iter().map(difference).collect::<Vec<_>>(),
        "unanswered": unanswered,
        "domains": outcome.facts.iter().map(|(domain, facts)| found(domain, facts)).collect::<Vec<_>>(),
        "patch": match outcome.patch() {
            patch if patch.is_empty() => String::new(),
            patch => snapshot::entries(&patch),
        },
    });
    writeln!(out, "{value}")?;
    out.flush()
}

fn difference(one: &Difference) -> Value {
    let mut value = json!({
        "domain": one.domain.as_str(),
        "class": one.class.word(),
        "record": one.subject(),
        "change": one.change.word(),
        "was": one.was,
        "now": one.now,
    });
    if let (Some(class), Some(fields)) = (one.could_be, value.as_object_mut()) {
        fields.insert("could_be".to_owned(), class.word().into());
    }
    value
}

/// What is known of a domain; `null` is not known.
fn found(domain: &Domain, facts: &Facts) -> Value {
    let mut fields = Map::new();
    fields.insert("domain".to_owned(), domain.as_str().into());
    fields.insert("exists".to_owned(), facts.exists.into());
    for kind in Kind::ALL {
        fields.insert(kind.word().to_owned(), facts.of(kind).cloned().into());
    }
    fields.insert("policy".to_owned(), policy(facts).into());
    Value::Object(fields)
}

/// What the DMARC record asks for: the value of `p` (RFC 9989 section 4.7).
fn policy(facts: &Facts) -> Option<String> {
    let [record] = facts.dmarc.as_deref()? else {
        // None, or several, which count as none (RFC 9989 section 4.10).
        return None;
    };
    record
        .split(';')
        .filter_map(|tag| tag.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("p"))
        .map(|(_, value)| value.trim().to_ascii_lowercase())
}
