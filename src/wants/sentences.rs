//! Where the sentences of a text end.

use crate::{mail::visible_text::prefix, wants::phrases::Tables};
use std::ops::Range;

/// Octets of one sentence. A longer run without a stop is cut here.
pub(crate) const MAX_SENTENCE: usize = 800;
/// A paragraph that is no longer is an item of a list.
const MAX_ITEM: usize = 80;

/// Cuts a text in normal form after stops and paragraphs. Short paragraphs after a colon belong to what
/// stands before it.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let range = start..sentence_end(text, start)?;
        start = range.end;
        Some(range)
    })
}

/// The first octets of what can end a sentence; `。`, `؟` and `।` have more.
// Made by the compiler, which would see an index out of bounds.
#[allow(clippy::indexing_slicing)]
const STOPS: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < table.len() {
        table[at] = matches!(at as u8, b'\n' | b'.' | b'!' | b'?' | 0xE3 | 0xD8 | 0xE0);
        at += 1;
    }
    table
};

/// Where the sentence ends that begins at `start`.
fn sentence_end(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let longest = rest.ceil_char_boundary(MAX_SENTENCE);
    let octets = rest.as_bytes().get(..longest).unwrap_or_default();
    let could_stop = |octet: &u8| STOPS.get(usize::from(*octet)) == Some(&true);
    let mut listing = false;
    let mut from = 0;
    while let Some(at) = octets.get(from..)?.iter().position(could_stop) {
        from += at + 1;
        let at = start + from - 1;
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else {
            continue;
        };
        let end = at + c.len_utf8();
        let next = || text.get(end..).and_then(|rest| rest.chars().next());
        let stop = match c {
            '\n' => {
                let before = text.get(..at).unwrap_or_default().trim_end();
                listing = before.ends_with(':') || listing && is_item(text, end);
                !listing
            }
            '。' | '؟' | '।' => true,
            '.' | '!' | '?' => {
                next().is_none_or(|c| c.is_whitespace() || !c.is_ascii())
                    && !(c == '.' && is_in_date(text, start, at))
            }
            _ => false,
        };
        if stop {
            return Some(end);
        }
    }
    Some(start + longest)
}

fn is_item(text: &str, at: usize) -> bool {
    let rest = prefix(text.get(at..).unwrap_or_default(), MAX_ITEM + 4);
    rest.find('\n').unwrap_or(rest.len()) <= MAX_ITEM
}

/// Whether the full stop at `at` belongs to a date: "Nov. 30", "4. Dezember".
fn is_in_date(text: &str, start: usize, at: usize) -> bool {
    /// Letters of a month's name that are compared.
    const LETTERS: usize = 3;
    let months = &Tables::embedded().words.months;
    let is_month = |word: &str| {
        let beginning: String = word.chars().take(LETTERS).collect();
        months.contains(&beginning)
    };
    let before = text.get(start..at).unwrap_or_default();
    let before = before.rsplit([' ', '\n']).next().unwrap_or_default();
    let behind = text.get(at + 1..).unwrap_or_default();
    let Some(behind) = behind.strip_prefix(' ') else {
        return false;
    };
    let behind = prefix(behind, 16);
    let is_day = (1..=2).contains(&before.len()) && before.bytes().all(|b| b.is_ascii_digit());
    match is_day {
        true => is_month(behind),
        false => {
            let short = before.chars().count() <= LETTERS + 1;
            short && is_month(before) && behind.starts_with(|c: char| c.is_ascii_digit())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::text::normalise::normal;
    use proptest::{collection::vec, prelude::*, sample::select};

    #[test]
    fn dates_end_no_sentence() {
        let count = |text: &str| sentences(&normal(text)).count();
        assert_eq!(count("Confirm by Nov. 30 your card"), 1);
        assert_eq!(count("Bis zum 4. Dezember bestätigen"), 1);
        assert_eq!(count("It costs 20. Pay now"), 2);
        assert_eq!(count("We met in Nov. Then we left"), 2);
    }

    /// Where sentences end, letter by letter.
    fn ends(text: &str) -> Vec<usize> {
        let (mut start, mut listing, mut last) = (0, false, ' ');
        let mut chars = text.char_indices().peekable();
        let mut found = Vec::new();
        while let Some((at, c)) = chars.next() {
            let end = at + c.len_utf8();
            let next = chars.peek().map(|(_, next)| *next);
            let stop = match c {
                '\n' => {
                    listing = last == ':' || listing && is_item(text, end);
                    !listing
                }
                '。' | '؟' | '।' => true,
                '.' | '!' | '?' => next.is_none_or(|c| c.is_whitespace() || !c.is_ascii()),
                _ => false,
            };
            if !c.is_whitespace() {
                last = c;
            }
            if stop || end - start >= MAX_SENTENCE || next.is_none() {
                listing = false;
                found.push(end);
                start = end;
            }
        }
        found
    }

    fn texts() -> impl Strategy<Value = String> {
        let bits = vec![
            "please confirm",
            "+1 888 555 0123",
            "パスワードを入力してください",
            "密码",
            ":\n\n",
            ".",
            ". ",
            "\n\n",
            "? ",
            "。",
            "।",
            ", ",
            "; ",
            "lorem ipsum dolor sit amet",
        ];
        vec(select(bits), 1..60).prop_map(|bits| normal(&bits.join(" ")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn sentences_end_as_letter_by_letter(text in texts(), long in 0..300usize) {
            let text = format!("{text}{}\n{text}", "x密".repeat(long));
            let found: Vec<usize> = sentences(&text).map(|range| range.end).collect();
            prop_assert_eq!(found, ends(&text));
        }
    }
}
