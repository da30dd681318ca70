//! A telephone number in a text, however it is spelt.

use crate::{mail::text::normalise::is_unspaced, wants::phrases::Tables};
use std::ops::Range;

/// Digits of a telephone number (ITU-T E.164: 15 at most; shorter than 7 is an extension).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Characters between two groups of digits.
const MAX_GAP: usize = 4;
/// Prefixes of numbers that are free to call, or dear, behind which letters are dialled by the keys that
/// bear them.
const LETTERED: [&str; 10] = [
    "800", "888", "877", "866", "855", "844", "833", "900", "0800", "0900",
];

/// The first telephone number in a text in normal form.
pub(super) fn number(text: &str) -> Option<Range<usize>> {
    let mut run = Run::default();
    let mut end = 0;
    for word in words(text) {
        let gap = text.get(end..word.start).unwrap_or_default();
        let spelt = text.get(word.clone()).unwrap_or_default();
        let group = group(spelt, !run.groups.is_empty());
        if !(run.joins(gap) && group.is_some()) {
            if let Some(found) = run.number(text, &word) {
                return Some(found);
            }
            run = Run::default();
        }
        match group {
            // An amount, a percentage or an order's number is no telephone's.
            Some(_) if run.groups.is_empty() && gap.ends_with(['#', '$', '€', '£', '¥']) => {}
            Some(group) => run.add(group, word.clone()),
            None => {}
        }
        end = word.end;
    }
    run.number(text, &(end..end))
}

/// The words of a text. Characters of scripts that put no space between words are words of their own.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = chars.find(|(_, c)| c.is_alphanumeric())?;
        let mut end = start + first.len_utf8();
        if is_alone(first) {
            return Some(start..end);
        }
        while let Some((at, c)) = chars.next_if(|(_, c)| c.is_alphanumeric() && !is_alone(*c)) {
            end = at + c.len_utf8();
        }
        Some(start..end)
    })
}

/// Whether a letter of this script may stand right beside a number.
fn is_alone(c: char) -> bool {
    is_unspaced(c) || matches!(u32::from(c), 0x0E00..=0x0E4F | 0x1100..=0x11FF)
}

/// A word that is digits.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    digits: usize,
    /// Those of them that are written as digits, or whole words for one.
    real: usize,
    is_word: bool,
}

/// The digits of a word, if it has nothing else. `inside`: digits stand before it, so that letters which
/// look like digits may be some.
fn group(word: &str, inside: bool) -> Option<Group> {
    let mut group = Group::default();
    if Tables::embedded().words.digits.contains_key(word) {
        return Some(Group {
            digits: 1,
            real: 1,
            is_word: true,
        });
    }
    for c in word.chars() {
        let real = digit(c).is_some();
        if !(real || is_like_a_digit(c)) {
            return None;
        }
        group.digits += 1;
        group.real += usize::from(real);
    }
    // A word of such letters alone is a word, unless it is short and stands in a number.
    const SHORT: usize = 4;
    (group.real > 0 || inside && group.digits <= SHORT).then_some(group)
}

/// The digit that a character is, in any script.
fn digit(c: char) -> Option<u32> {
    /// Where the digits of scripts begin (Unicode's general category Nd).
    const ZEROS: [u32; 16] = [
        0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6,
        0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040,
    ];
    /// Where the circled ones begin, with one.
    const ONES: [u32; 4] = [0x2776, 0x2780, 0x278A, 0x24F5];
    const CHINESE: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let code = u32::from(c);
    let from = |first: &u32| code.checked_sub(*first).filter(|digit| *digit <= 9);
    let zero = ZEROS.iter().find_map(from);
    let one = || {
        ONES.iter()
            .find_map(from)
            .filter(|digit| *digit < 9)
            .map(|digit| digit + 1)
    };
    let chinese = || match c {
        '〇' => Some(0),
        _ => (0..)
            .zip(CHINESE)
            .find(|(_, known)| *known == c)
            .map(|(digit, _)| digit),
    };
    zero.or_else(one).or_else(chinese)
}

/// Letters that pass for digits, and what [`normal`](crate::mail::text::normalise::normal) makes of digits
/// between such letters.
fn is_like_a_digit(c: char) -> bool {
    matches!(c, 'o' | 'i' | 'l' | 's' | 'b' | 'z' | 'e' | 'g' | 'q' | '|')
}

/// Groups of digits that stand together.
#[derive(Debug, Default)]
struct Run {
    groups: Vec<(Group, Range<usize>)>,
}

impl Run {
    /// Whether what follows such a gap still belongs to it.
    fn joins(&self, gap: &str) -> bool {
        let Some((last, _)) = self.groups.last() else {
            return true;
        };
        let mut count = 0;
        gap.chars().all(|c| {
            count += 1;
            let parts = matches!(c, ',' | ';' | ':' | '%' | '#' | '$' | '€' | '£' | '=' | '@');
            count <= MAX_GAP && (!parts || c == ',' && last.is_word)
        })
    }

    fn add(&mut self, group: Group, at: Range<usize>) {
        /// More make no number.
        const MOST: usize = 40;
        if self.groups.len() < MOST {
            self.groups.push((group, at));
        }
    }

    /// The number that it is, before a word of `text` that isn't of it.
    fn number(&self, text: &str, next: &Range<usize>) -> Option<Range<usize>> {
        let start = self.groups.first()?.1.start;
        let last = self.groups.last()?.1.clone();
        let sum = |of: fn(&Group) -> usize| self.groups.iter().map(|(group, _)| of(group)).sum();
        let digits: usize = sum(|group| group.digits);
        let real: usize = sum(|group| group.real);
        let is_number = DIGITS.contains(&digits) && 2 * real >= digits && !self.is_date();
        if is_number {
            return Some(start..last.end);
        }
        // 1 800 FLOWERS
        let word = text.get(next.clone()).unwrap_or_default();
        let letters = word.chars().filter(char::is_ascii_alphabetic).count();
        let is_lettered = (4..=8).contains(&letters)
            && DIGITS.contains(&(digits + letters))
            && next.start <= last.end + 1
            && text.get(last).is_some_and(|last| LETTERED.contains(&last));
        is_lettered.then_some(start..next.end)
    }

    /// 30.11.2026, 2026-11-30
    fn is_date(&self) -> bool {
        let lengths: Vec<usize> = self.groups.iter().map(|(group, _)| group.digits).collect();
        matches!(lengths.as_slice(), [1..=2, 1..=2, 4] | [4, 1..=2, 1..=2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::text::normalise::normal;

    #[test]
    fn numbers_are_told_from_prices_and_identifiers() {
        let found = |text: &str| {
            let text = normal(text);
            number(&text).and_then(|range| text.get(range).map(str::to_owned))
        };
        assert_eq!(
            found("us at +1 (888) 555 0123 now").as_deref(),
            Some("1 (888) 555 0123")
        );
        assert_eq!(found("0800 123456.").as_deref(), Some("0800 123456"));
        for none in [
            "order b08n51234567x for 499.99",
            "id 114 1234567 1234567",
            "call 911",
            "by 30.11.2026",
            "$1,299.00",
            "one of our two shops",
            "#1234567",
            "100, 200, 300",
        ] {
            assert_eq!(found(none), None, "{none}");
        }
    }

    #[test]
    fn numbers_are_read_in_every_spelling() {
        for text in [
            "8O8 555 O123",
            "8O8 555 O1l2",
            "+1⋅(8O8)⋅555⋅O1l2",
            "888•555•0123",
            "1–888–555–0123",
            "1 . 888 . 555 . 0123",
            "8 8 8 5 5 5 0 1 2 3",
            "８８８－５５５－０１２３",
            "❽❽❽ ❺❺❺ 0❶❷❸",
            "⑧⑧⑧-⑤⑤⑤-⓪①②③",
            "8\u{200B}88-5\u{AD}55-0123",
            "𝟖𝟖𝟖 𝟓𝟓𝟓 𝟎𝟏𝟐𝟑",
            "٨٨٨ ٥٥٥ ٠١٢٣",
            "८८८ ५५५ ०१२३",
            "eight eight eight, five five five, zero one two three",
            "acht acht acht fünf fünf fünf null eins",
            "1-800-FLOWERS",
            "電話番号0120-555-018まで",
            "八八八五五五〇一二三",
            "전화 1588-0000으로",
            "888_555_0123",
            "888/555/0123",
            "888*555*0123",
            "888~555~0123",
        ] {
            let text = normal(text);
            assert!(number(&text).is_some(), "{text}");
        }
    }
}
