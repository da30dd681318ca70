//! What somebody else wrote: answered and forwarded text in a message.

mod words;

use crate::mail::{decode::header_text, message::Message, text::normalise::normal};
use std::ops::Range;
use words::Words;

/// Lines after a forwarding mark, or after a sender's line, in which the rest of a copied header is
/// looked for.
const HEADER_LINES: usize = 8;
/// A longer line is no line of a header.
const MAX_LINE: usize = 300;

/// Whether the message says that it answers or forwards another.
///
/// Anyone can say so, and a forger who wraps his text in a quote escapes the reading of it; what is
/// said in the header of his mail is judged all the same.
pub(crate) fn is_reply(message: &Message) -> bool {
    answers(message)
        || message
            .headers_named("Subject")
            .any(|header| has_prefix(&header.value))
}

/// Whether it names a message that it answers or forwards: only then is its subject somebody else's. `Re:`
/// alone is the sender's own word.
pub(crate) fn answers(message: &Message) -> bool {
    [
        "In-Reply-To",
        "References",
        "X-Forwarded-Message-Id",
        "Resent-From",
    ]
    .iter()
    .any(|name| {
        message
            .headers_named(name)
            .any(|h| !h.value.trim_ascii().is_empty())
    })
}

fn has_prefix(subject: &[u8]) -> bool {
    let subject = header_text(subject);
    let Some((prefix, _)) = subject.split_once([':', '：']) else {
        return false;
    };
    let prefix = normal(prefix.trim());
    Words::embedded().prefix.contains(&prefix)
}

/// The quoted stretches of a plain text.
pub(crate) fn in_plain(text: &str) -> Vec<Range<usize>> {
    let mut quotes = marked(text);
    add_forwarded(text, &mut quotes);
    quotes
}

/// The lines that begin with `>`.
pub(crate) fn marked(text: &str) -> Vec<Range<usize>> {
    let mut quotes: Vec<Range<usize>> = Vec::new();
    if !text.contains('>') {
        return quotes;
    }
    for line in lines(text) {
        if !line.text.starts_with('>') {
            continue;
        }
        match quotes.last_mut() {
            Some(last) if last.end == line.start => last.end = line.end,
            _ => quotes.push(line.start..line.end),
        }
    }
    quotes
}

struct Line<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |at| at + 1);
        let line = Line {
            text: rest.get(..end)?.trim(),
            start,
            end: start + end,
        };
        start = line.end;
        Some(line)
    })
}

/// The name of a field of a header, if the line is one.
fn field_name(line: &str) -> Option<&str> {
    // The first octet of `：` in UTF-8.
    const WIDE: u8 = 0xEF;
    let is_colon = |at: &usize| {
        let rest = line.get(*at..);
        rest.is_some_and(|rest| rest.starts_with([':', '：']))
    };
    let end = memchr::memchr2_iter(b':', WIDE, line.as_bytes()).find(is_colon)?;
    Some(line.get(..end)?.trim_matches(['*', ' ', '_']))
}

/// Adds what is forwarded by words alone to the quotes that are known: from the first copied header
/// on, everything is somebody else's.
pub(crate) fn add_forwarded(text: &str, quotes: &mut Vec<Range<usize>>) {
    let Some(start) = forwarded_from(text) else {
        return;
    };
    quotes.retain_mut(|quote| {
        quote.end = quote.end.min(start);
        quote.start < quote.end
    });
    quotes.push(start..text.len());
}

/// Where a forwarded message begins: a mark such as "Begin forwarded message:" with a copied From line
/// after it, or a copied From line with a Subject line after it.
fn forwarded_from(text: &str) -> Option<usize> {
    let tables = Words::embedded();
    let mut open: Option<(usize, usize, bool)> = None;
    for line in lines(text).filter(|line| !line.text.is_empty()) {
        let is_line = line.text.len() <= MAX_LINE;
        let name = is_line.then(|| field_name(line.text)).flatten();
        let is_from = name.is_some_and(|name| tables.from.hold(name));
        if let Some((start, left, marked)) = open {
            let done = match marked {
                true => is_from,
                false => name.is_some_and(|name| tables.subject.hold(name)),
            };
            if done {
                return Some(start);
            }
            open = (left > 1).then_some((start, left - 1, marked));
        }
        let is_mark = is_line && {
            let words = line.text.trim_matches(|c: char| !c.is_alphanumeric());
            tables.mark.hold(words)
        };
        if is_mark {
            open = Some((line.start, HEADER_LINES, true));
        } else if is_from && open.is_none() {
            open = Some((line.start, HEADER_LINES, false));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(text: &str) -> Vec<&str> {
        in_plain(text)
            .into_iter()
            .map(|range| text.get(range).unwrap())
            .collect()
    }

    #[test]
    fn quoted_lines_and_forwarded_messages_are_somebody_elses() {
        assert_eq!(quoted("one\n> two\n>three\nfour\n"), ["> two\n>three\n"]);
        assert_eq!(
            quoted("FYI\n\n-------- Forwarded Message --------\nSubject: x\nFrom: a@b\n\ntext\n"),
            ["-------- Forwarded Message --------\nSubject: x\nFrom: a@b\n\ntext\n"]
        );
        assert_eq!(
            quoted("Siehe unten\nVon: a\nGesendet: heute\nAn: b\nBetreff: c\n\ntext"),
            ["Von: a\nGesendet: heute\nAn: b\nBetreff: c\n\ntext"]
        );
    }

    #[test]
    fn a_list_of_facts_is_no_copied_header() {
        assert_eq!(
            quoted("Order: 1\nDate: today\nTotal: 5\nFrom: our shop\nHello"),
            [""; 0]
        );
        assert_eq!(
            quoted("this is the original message of the day\nhello"),
            [""; 0]
        );
    }

    #[test]
    fn a_fields_name_ends_at_the_first_colon_of_any_width() {
        assert_eq!(field_name("From: a: b"), Some("From"));
        assert_eq!(field_name("*差出人*：a: b"), Some("差出人"));
        assert_eq!(field_name("ｆｒｏｍ: a"), Some("ｆｒｏｍ"));
        assert_eq!(field_name("no field of ｍａｉｌ"), None);
    }
}
