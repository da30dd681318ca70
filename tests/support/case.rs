//! One file of the golden corpus.

use std::time::{SystemTime, UNIX_EPOCH};

use super::sign::{ArcSigner, Canon, DkimSigner, Hash, Key, txt_record};

/// A message, its DNS and its outcome.
#[derive(Clone, Debug)]
pub struct Case {
    /// One sentence that says why the outcome is right.
    pub why: String,
    /// Lines of a configuration.
    pub config: String,
    envelope: Vec<(String, String)>,
    /// A master file.
    pub zone: String,
    /// Octets, CRLF line ends, signatures in place.
    pub message: Vec<u8>,
    /// Lines of the outcome.
    pub expected: String,
    /// What DNS must have been asked, one rule a line (see the README of the corpus).
    pub asked: Vec<String>,
    /// Texts that must not stand in anything that is written or replied.
    pub never: Vec<String>,
}

const SECTIONS: [&str; 9] = [
    "[config]",
    "[envelope]",
    "[zone]",
    "[message]",
    "[written]",
    "[changed]",
    "[expected]",
    "[asked]",
    "[never]",
];

impl Case {
    /// Reads a case: `why:` in the first line, then `[config]`, `[envelope]`, `[zone]`, `[message]`,
    /// `[written]`, `[changed]`, `[expected]`, `[asked]` and `[never]`, each in a line of its own. Config, envelope,
    /// the changes and the last two may be left out. A change is `OLD => NEW`, made in the message after it
    /// was signed; of `[written]`, it is made in the fields of ARC sets before they are signed.
    ///
    /// In the zone `@KEY selector domain [rsa|ed25519|rsa1024|rsa512] [tag=value]...` publishes a key
    /// of the tests, and `@FILL name count length` so many TXT records of so many octets. In the
    /// message `@DKIM d=... s=... [key=...] [h=...] [c=...] [t=...] [x=...] [l=...] ...` becomes a
    /// signature over what follows it, `@ARC i=... d=... s=... | RESULTS` an ARC set, `@REPEAT count LINE` so many lines with `%n` counted from 1,
    /// and `\xNN` an octet. A time may be `now+SECONDS` or `now-SECONDS`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (first, rest) = text.split_once('\n').ok_or("the case is empty")?;
        let why = first
            .strip_prefix("why: ")
            .ok_or("the first line is no `why: `")?;
        let mut case = Self {
            why: why.to_owned(),
            config: String::new(),
            envelope: Vec::new(),
            zone: String::new(),
            message: Vec::new(),
            expected: String::new(),
            asked: Vec::new(),
            never: Vec::new(),
        };
        let mut section = "";
        let mut message = Vec::new();
        let mut changes = Vec::new();
        let mut written = Vec::new();
        for line in rest.lines() {
            if SECTIONS.contains(&line) {
                // Inside a message or a configuration a line in brackets is an ordinary line, but
                // never one of these.
                section = line;
                continue;
            }
            match section {
                "[config]" => case.config.push_str(&format!("{line}\n")),
                "[envelope]" if line.is_empty() => {}
                "[envelope]" => {
                    let (name, value) = line.split_once(": ").ok_or(format!("envelope: {line}"))?;
                    case.envelope.push((name.to_owned(), value.to_owned()));
                }
                "[zone]" => case.zone.push_str(&format!("{}\n", zone_line(line)?)),
                "[message]" => message.extend(repeated(line)?),
                "[written]" | "[changed]" if line.is_empty() => {}
                "[written]" => written.push(replacement(line)?),
                "[changed]" => changes.push(line),
                "[expected]" if line.is_empty() => {}
                "[expected]" => case.expected.push_str(&format!("{line}\n")),
                "[asked]" | "[never]" if line.is_empty() => {}
                "[asked]" => case.asked.push(line.to_owned()),
                "[never]" => case.never.push(line.to_owned()),
                _ if line.is_empty() => {}
                _ => return Err(format!("a line before the first section: {line}")),
            }
        }
        // The empty line before the next section is no part of the message.
        if message.last().is_some_and(String::is_empty) {
            message.pop();
        }
        case.message = build(&message, &written)?;
        for (_, new) in &written {
            let mut parts = case.message.windows(new.len().max(1));
            if !new.is_empty() && !parts.any(|part| part == new.as_bytes()) {
                return Err(format!("nothing was written as {new}"));
            }
        }
        for change in changes {
            case.message = changed(&case.message, change)?;
        }
        Ok(case)
    }

    /// A value of the envelope.
    pub fn envelope(&self, name: &str) -> Option<&str> {
        self.envelope
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// All values of that name.
    pub fn envelopes<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.envelope.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }
}

fn zone_line(line: &str) -> Result<String, String> {
    let mut words = line.split_whitespace();
    match words.next() {
        Some("@KEY") => {
            let (Some(selector), Some(domain)) = (words.next(), words.next()) else {
                return Err(format!("@KEY wants a selector and a domain: {line}"));
            };
            key_record(selector, domain, words)
        }
        Some("@FILL") => {
            let words: Vec<&str> = words.collect();
            let [name, count, length] = words.as_slice() else {
                return Err(format!("@FILL wants a name, a count and a length: {line}"));
            };
            let number = |word: &str| word.parse().map_err(|_| format!("no number: {line}"));
            let (count, length): (usize, usize) = (number(count)?, number(length)?);
            // Each record differs, else they would be one and the same.
            let text = |nth| format!("{nth:06}{}", "x".repeat(length.saturating_sub(6)));
            Ok((0..count).map(|nth| txt_record(name, &text(nth))).collect())
        }
        _ => Ok(line.to_owned()),
    }
}

/// The record of a key of the tests, with tags of the case's choice in place of its own or before
/// them; `v=none` leaves `v=` out.
fn key_record<'a>(
    selector: &str,
    domain: &str,
    mut words: impl Iterator<Item = &'a str>,
) -> Result<String, String> {
    let published = key(words.next().unwrap_or("rsa"))?.txt().to_owned();
    let mut tags: Vec<(String, String)> = published
        .split(';')
        .filter_map(|tag| tag.trim().split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for word in words {
        let (name, value) = word.split_once('=').ok_or(format!("no tag: {word}"))?;
        tags.retain(|(known, _)| known != name);
        if value != "none" {
            let at = tags.len().min(usize::from(name != "v"));
            tags.insert(at, (name.to_owned(), value.to_owned()));
        }
    }
    let text: Vec<String> = tags
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    Ok(txt_record(
        &format!("{selector}._domainkey.{domain}."),
        &text.join("; "),
    ))
}

fn repeated(line: &str) -> Result<Vec<String>, String> {
    let Some(rest) = line.strip_prefix("@REPEAT ") else {
        return Ok(vec![line.to_owned()]);
    };
    let (count, line) = rest.split_once(' ').ok_or("@REPEAT wants a count")?;
    let count: usize = count.parse().map_err(|_| format!("no count: {rest}"))?;
    Ok((1..=count)
        .map(|nth| line.replace("%n", &nth.to_string()))
        .collect())
}

fn key(word: &str) -> Result<Key, String> {
    match word {
        "rsa" => Ok(Key::Rsa),
        "rsa1024" => Ok(Key::Rsa1024),
        "rsa512" => Ok(Key::Rsa512),
        "ed25519" => Ok(Key::Ed25519),
        _ => Err(format!("there is no key {word}")),
    }
}

/// Puts the message together from its end, so that a signature covers what follows it.
fn build(lines: &[String], written: &[(String, String)]) -> Result<Vec<u8>, String> {
    let mut message: Vec<u8> = Vec::new();
    for line in lines.iter().rev() {
        let text = || String::from_utf8(octets(line)?).map_err(|error| error.to_string());
        let mut next = match line.split_once(' ') {
            Some(("@DKIM", _)) => signer(&text()?)?.field(&message),
            Some(("@ARC", _)) => {
                let mut sealer = sealer(&text()?)?;
                sealer.rewritten = written.to_vec();
                sealer.fields(&message)
            }
            _ => [octets(line)?, b"\r\n".to_vec()].concat(),
        };
        next.extend_from_slice(&message);
        message = next;
    }
    Ok(message)
}

/// `OLD => NEW`, both of them texts.
fn replacement(change: &str) -> Result<(String, String), String> {
    let (old, new) = change
        .split_once(" => ")
        .ok_or(format!("a change is `OLD => NEW`: {change}"))?;
    let text = |part| String::from_utf8(octets(part)?).map_err(|error| error.to_string());
    Ok((text(old)?, text(new)?))
}

/// The message with one text in the place of another that stands in it once.
fn changed(message: &[u8], change: &str) -> Result<Vec<u8>, String> {
    let (old, new) = change
        .split_once(" => ")
        .ok_or(format!("a change is `OLD => NEW`: {change}"))?;
    let (old, new) = (octets(old)?, octets(new)?);
    let at = |part: &[u8]| part.windows(old.len()).position(|found| found == old);
    let first = at(message).ok_or(format!("not in the message: {change}"))?;
    let (before, found) = message.split_at(first);
    let after = &found[old.len()..];
    match at(after) {
        None => Ok([before, &new, after].concat()),
        Some(_) => Err(format!("more than once in the message: {change}")),
    }
}

fn octets(line: &str) -> Result<Vec<u8>, String> {
    let mut parts = line.split("\\x");
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (hex, rest) = part
            .split_at_checked(2)
            .ok_or(format!("\\x at the end: {line}"))?;
        out.push(u8::from_str_radix(hex, 16).map_err(|_| format!("\\x{hex}: {line}"))?);
        out.extend_from_slice(rest.as_bytes());
    }
    Ok(out)
}

/// A number, or a time relative to now.
fn time(text: &str) -> Option<u64> {
    let Some(offset) = text.strip_prefix("now") else {
        return text.parse().ok();
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    match offset.strip_prefix('+') {
        Some(later) => now.checked_add(later.parse().ok()?),
        None => now.checked_sub(offset.strip_prefix('-')?.parse().ok()?),
    }
}

fn signer(tags: &str) -> Result<DkimSigner, String> {
    let mut signer = DkimSigner::new("unset.invalid", "unset");
    for tag in tags.split_whitespace().skip(1) {
        let (name, value) = tag.split_once('=').ok_or(format!("no tag: {tag}"))?;
        let number = || time(value).ok_or(format!("no number: {tag}"));
        match name {
            "d" => signer.domain = value.to_owned(),
            "s" => signer.selector = value.to_owned(),
            "key" => signer.key = key(value)?,
            "h" => signer.headers = value.split(':').map(str::to_owned).collect(),
            "t" => signer.timestamp = Some(number()?),
            "x" => signer.expiration = Some(number()?),
            "l" => signer.length = usize::try_from(number()?).ok(),
            "v" => signer.version = Some(value.to_owned()).filter(|value| value != "none"),
            "a" => signer.algorithm = Some(value.to_owned()),
            "hash" => {
                signer.hash = if value == "sha1" {
                    Hash::Sha1
                } else {
                    Hash::Sha256
                }
            }
            "c" => {
                let canon = |word: &str| match word {
                    "simple" => Ok(Canon::Simple),
                    "relaxed" => Ok(Canon::Relaxed),
                    _ => Err(format!("no canonicalization: {tag}")),
                };
                let (header, body) = value
                    .split_once('/')
                    .ok_or(format!("c= wants two: {tag}"))?;
                signer.header_canon = canon(header)?;
                signer.body_canon = canon(body)?;
            }
            _ => signer.extra.push((name.to_owned(), value.to_owned())),
        }
    }
    Ok(signer)
}

/// `@ARC i=1 d=... s=... [key=...] [signature.NAME=VALUE]... [seal.NAME=VALUE]... | RESULTS`
fn sealer(line: &str) -> Result<ArcSigner, String> {
    let (tags, results) = line
        .split_once(" | ")
        .ok_or(format!("@ARC wants `| RESULTS`: {line}"))?;
    let tags: Vec<(&str, &str)> = tags
        .split_whitespace()
        .skip(1)
        .map(|tag| tag.split_once('=').ok_or(format!("no tag: {tag}")))
        .collect::<Result<_, _>>()?;
    let given = |wanted: &str| {
        let mut tags = tags.iter().filter(|(name, _)| *name == wanted);
        tags.next().map_or("", |(_, value)| value)
    };
    let mut signer = ArcSigner::new(given("i"), given("d"), given("s"), results);
    for (name, value) in &tags {
        let value = match value.starts_with("now") {
            true => time(value).ok_or(format!("no time: {value}"))?.to_string(),
            false => (*value).to_owned(),
        };
        match name.split_once('.') {
            Some(("signature", tag)) => ArcSigner::set(&mut signer.signature, tag, &value),
            Some(("seal", tag)) => ArcSigner::set(&mut signer.seal, tag, &value),
            _ if *name == "key" => signer.key = key(&value)?,
            _ if (*name, &*value) == ("hash", "sha1") => signer.hash = Hash::Sha1,
            _ if ["i", "d", "s"].contains(name) => {}
            _ => return Err(format!("no tag of @ARC: {name}")),
        }
    }
    Ok(signer)
}
