//! What somebody else wrote: answered and forwarded text in a message.
//!
//! Quoting costs a sender nothing, and a program believes an element or a class that no reader sees. So text
//! is a quote only where its reader sees that it is one: below a line that says who wrote it, or from a
//! block of copied header fields on; and only in a message that answers or forwards another. Whether a
//! quote takes anything away is the verdict's to say.

mod listed;
mod words;

use crate::mail::{
    decode::header_text,
    message::Message,
    text::{
        letter::{is_alphabetic, is_alphanumeric},
        normalise::{is_unspaced, normal},
    },
    visible_text::{Page, prefix},
};
pub(crate) use listed::listed;
use std::ops::Range;
use words::Words;

/// Lines after a forwarding mark, or after a sender's line, in which the rest of a copied header is
/// looked for.
const HEADER_LINES: usize = 8;
/// A longer line is no line of a header, and says of nobody that he wrote.
const MAX_LINE: usize = 300;
/// Prefixes of a subject that are looked at, and the octets that hold them.
const MAX_PREFIXES: usize = 8;
const MAX_PREFIX_OCTETS: usize = 128;
/// Words of his own that a sender has to put above a quote.
const OWN_WORDS: usize = 5;
/// Octets of own text above a quote that are looked at, from its end back.
const MAX_OWN: usize = 16 * 1024;
/// Lines that could say who wrote, of which one is looked for.
const MAX_LINES: usize = 200;

/// How a message refers to an earlier one, by its header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Its subject begins as an answer's does, and it names the message that it answers.
    pub(crate) answers: bool,
    /// Its subject begins as that of forwarded mail does.
    pub(crate) forwards: bool,
}

impl Reference {
    pub(crate) fn of(message: &Message) -> Self {
        let mut subjects = message.headers_named("Subject");
        // Of two subjects a reader may be shown the other.
        let (Some(subject), None) = (subjects.next(), subjects.next()) else {
            return Self::default();
        };
        let names_another = ["In-Reply-To", "References"].iter().any(|name| {
            let mut fields = message.headers_named(name);
            fields.any(|field| !field.value.trim_ascii().is_empty())
        });
        let tables = Words::embedded();
        let mut found = Self::default();
        for prefix in prefixes(&header_text(&subject.value)) {
            found.answers |= names_another && tables.answer.contains(&prefix);
            found.forwards |= tables.forward.contains(&prefix);
        }
        found
    }

    pub(crate) fn any(self) -> bool {
        self.answers || self.forwards
    }
}

/// What mail programs put before a subject, in normal form: of "[dev] Re[2]: Fwd: Lunch" "re" and "fwd".
fn prefixes(subject: &str) -> Vec<String> {
    let tables = Words::embedded();
    let mut rest = prefix(subject.trim_start(), MAX_PREFIX_OCTETS);
    let mut found = Vec::new();
    while found.len() < MAX_PREFIXES {
        rest = rest.trim_start();
        // The tag of a mailing list.
        if let Some(tag) = rest.strip_prefix('[')
            && let Some((_, behind)) = tag.split_once(']')
        {
            rest = behind;
            continue;
        }
        let Some((word, behind)) = rest.split_once([':', '：']) else {
            break;
        };
        let word = word.split(['[', '(']).next().unwrap_or_default();
        let word = normal(word.trim());
        if !tables.answer.contains(&word) && !tables.forward.contains(&word) {
            break;
        }
        found.push(word);
        rest = behind;
    }
    found
}

/// The quotes of a part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Quotes {
    /// Stretches of its text, in order, not overlapping.
    pub(crate) ranges: Vec<Range<usize>>,
    /// Where the sender's own text above them ends.
    own_end: usize,
}

impl Quotes {
    /// Finds them.
    pub(crate) fn of(page: &Page, reference: Reference) -> Self {
        let text = &*page.text;
        let all = text.len();
        let header = reference.any().then(|| header_block(page)).flatten();
        let header = header.unwrap_or(all);
        let line = reference.answers.then(|| attribution(page)).flatten();
        let Some(line) = line.filter(|line| line.start < header) else {
            return Self {
                ranges: (header < all).then_some(header..all).into_iter().collect(),
                own_end: header,
            };
        };
        let below = line.end..header;
        let mut ranges = merged(
            page.blocks
                .iter()
                .cloned()
                .chain(marked(text))
                .map(|range| range.start.max(below.start)..range.end.min(below.end))
                .filter(|range| range.start < range.end)
                .collect(),
        );
        // Some mail programs mark nothing, and put nothing of one's own below.
        if ranges.is_empty() && below.start < below.end {
            ranges.push(below);
        }
        if header < all {
            ranges.push(header..all);
        }
        Self {
            ranges,
            own_end: line.start,
        }
    }

    /// Whether the sender wrote enough of his own above them, and sends nobody below.
    pub(crate) fn stand_below_own_words(&self, page: &Page) -> bool {
        let start = page
            .text
            .ceil_char_boundary(self.own_end.saturating_sub(MAX_OWN));
        let own = page.text.get(start..self.own_end).unwrap_or_default();
        let seen: String = own
            .char_indices()
            // What can hardly be seen is no text above a quote.
            .map(|(at, c)| if page.is_faint(start + at) { ' ' } else { c })
            .collect();
        has_words(&seen, OWN_WORDS) && !sends_below(&seen)
    }
}

/// Ranges in order, those that overlap made one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// Whether a text has so many words. Scripts without blanks have about one in two characters.
pub(crate) fn has_words(text: &str, wanted: usize) -> bool {
    let (mut spaced, mut unspaced, mut in_word) = (0, 0, false);
    for c in text.chars() {
        if spaced + unspaced / 2 >= wanted {
            return true;
        }
        let letter = is_alphabetic(c);
        if !letter && !is_alphanumeric(c) {
            in_word = false;
        } else if !c.is_ascii() && is_unspaced(c) {
            in_word = false;
            unspaced += 1;
        } else if letter && !in_word {
            in_word = true;
            spaced += 1;
        }
    }
    spaced + unspaced / 2 >= wanted
}

fn sends_below(own: &str) -> bool {
    if own.contains(['↓', '⬇', '👇', '⤵', '▼']) {
        return true;
    }
    let own = normal(own);
    let phrases = &Words::embedded().below;
    phrases.iter().any(|phrase| match phrase.strip_suffix('*') {
        Some(beginning) => holds(&own, beginning, true),
        None => holds(&own, phrase, false),
    })
}

/// Whether `phrase` stands in a text in normal form, at the edges of words. `goes_on`: a word may go on
/// behind it.
fn holds(text: &str, phrase: &str, goes_on: bool) -> bool {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || is_unspaced(c));
    text.match_indices(phrase).any(|(at, found)| {
        let before = text.get(..at).unwrap_or_default();
        let behind = text.get(at + found.len()..).unwrap_or_default();
        let first = phrase.chars().next();
        (is_edge(before.chars().next_back()) || first.is_some_and(is_unspaced))
            && (goes_on || is_edge(behind.chars().next()) || first.is_some_and(is_unspaced))
    })
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

/// The lines that a reader sees.
fn seen_lines(page: &Page) -> impl Iterator<Item = Line<'_>> {
    lines(&page.text).filter(|line| !page.has_faint(&(line.start..line.end)))
}

/// The line that says who wrote what stands below: "On Monday Ann wrote:". Mail programs break long ones
/// into two.
fn attribution(page: &Page) -> Option<Range<usize>> {
    let mut before: Option<Line<'_>> = None;
    let mut looked_at = 0;
    for line in seen_lines(page) {
        let ends = line.text.len() <= MAX_LINE && line.text.ends_with([':', '：']);
        if ends {
            looked_at += 1;
            if looked_at > MAX_LINES {
                return None;
            }
            let above = before.filter(|above| above.end == line.start && !above.text.is_empty());
            if let Some(start) = attribution_start(above.as_ref(), &line) {
                return Some(start..line.end);
            }
        }
        before = Some(line);
    }
    None
}

/// Where the attribution begins that ends with `line`.
fn attribution_start(above: Option<&Line<'_>>, line: &Line<'_>) -> Option<usize> {
    let tables = Words::embedded();
    let opens = |text: &str| {
        let mut opening = tables.opening.iter();
        opening.any(|word| text.starts_with(word.as_str()) && holds(text, word, false))
            || text.starts_with(|c: char| c.is_ascii_digit())
    };
    let wrote = |text: &str| tables.wrote.iter().any(|word| holds(text, word, false));
    let last = normal(line.text.trim_end_matches([':', '：']));
    let says_who = wrote(&last) || has_address(line.text);
    if opens(&last) && says_who {
        return Some(line.start);
    }
    let above = above
        .filter(|above| above.text.len() <= MAX_LINE)
        .map(|above| (normal(above.text), above.start))
        .filter(|(text, _)| opens(text));
    if let Some((text, start)) = above
        && (says_who || wrote(&text) && line.text.contains('@'))
    {
        return Some(start);
    }
    let ends = |word: &String| last.ends_with(word.as_str()) && holds(&last, word, false);
    (tables.wrote.iter().any(ends) || has_address(line.text)).then_some(line.start)
}

/// Whether a line says when and who, which is all that some languages put there:
/// "2026-11-16 9:12 Ann <ann@shop.example>:".
fn has_address(line: &str) -> bool {
    let line = line.trim_end_matches([':', '：', ' ']);
    line.ends_with('>') && line.contains('@') && line.contains(|c: char| c.is_ascii_digit())
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

/// Where a copied message begins: a mark such as "Begin forwarded message:" with a copied From line
/// after it, or a copied From line with a Subject line after it.
fn header_block(page: &Page) -> Option<usize> {
    let tables = Words::embedded();
    let mut open: Option<(usize, usize, bool)> = None;
    for line in seen_lines(page).filter(|line| !line.text.is_empty()) {
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
mod tests;
