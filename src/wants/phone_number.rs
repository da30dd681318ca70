//! Messages whose call to action is a telephone number.
//!
//! Half of all ordinary mail carries a number in its footer. One counts where the text asks to call it
//! and gives an alarming reason beside it ("if you did not authorise this order, call ...").

use crate::wants::requests::Requests;
use std::ops::Range;

/// Octets between the word that asks to call and the number.
const REACH: usize = 80;
/// Octets between the number and the reason to call it.
const ALARM_REACH: usize = 400;
/// Digits of a telephone number (ITU-T E.164: 15 at most; shorter than 7 is an extension).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// The number to call, as the text has it; or the team whose call it announces.
pub(crate) fn find(text: &str, requests: &Requests, strong_claim: bool) -> Option<String> {
    if requests.team && requests.will_call && requests.asks {
        return Some("an announced call of a support team".to_owned());
    }
    let mut calls = requests.calls.iter().filter(|call| {
        let worries = requests.worries.iter().filter(|_| strong_claim);
        let mut reasons = requests.alarms.iter().chain(worries);
        reasons.any(|reason| reason.abs_diff(call.start) <= ALARM_REACH)
    });
    calls
        .find_map(|call| number_near(text, call))
        .map(str::to_owned)
}

/// A number after the word that asks to call; before it only where it is the same line's.
fn number_near<'t>(text: &'t str, call: &Range<usize>) -> Option<&'t str> {
    let end = text.floor_char_boundary(call.end + REACH + 24);
    let after = text.get(call.end..end)?;
    let found = number(after).filter(|range| range.start <= REACH)?;
    // A number of the next sentence is something else: a registration, an order.
    let between = after.get(..found.start)?;
    let same = !between.contains(['\n', '?', '!', '。']) && !between.contains(". ");
    same.then(|| after.get(found)).flatten()
}

/// The first telephone number in a text.
fn number(text: &str) -> Option<Range<usize>> {
    let mut start = None;
    let (mut end, mut digits, mut gap) = (0, 0, 0);
    let mut before = ' ';
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        // "8O0 555 O123", to escape those who look for digits.
        let disguised = c == 'o' && start.is_some() && !before.is_alphabetic();
        if c.is_ascii_digit() || disguised {
            // Part of an identifier such as B08N5WRWNW.
            if start.is_none() && (before.is_alphabetic() || before == '#') {
                before = c;
                continue;
            }
            if start.is_none() && before.is_ascii_digit() {
                continue;
            }
            start = start.or(Some(at));
            (end, gap) = (at + 1, 0);
            digits += 1;
        } else if start.is_some() {
            let separator = matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{A0}');
            gap += 1;
            if !separator || gap > 2 {
                if DIGITS.contains(&digits) && !c.is_alphabetic() | (gap > 1) {
                    return start.map(|start| start..end);
                }
                (start, digits, gap) = (None, 0, 0);
            }
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_prices_and_identifiers() {
        let found = |text: &'static str| number(text).and_then(|range| text.get(range));
        assert_eq!(
            found("us at +1 (888) 555 0123 now"),
            Some("1 (888) 555 0123")
        );
        assert_eq!(found("0800 123456."), Some("0800 123456"));
        assert_eq!(found("order b08n51234567x for 499.99"), None);
        assert_eq!(found("id 114 1234567 1234567"), None);
        assert_eq!(found("call 911"), None);
        assert_eq!(found("call 8o0 555 o123."), Some("8o0 555 o123"));
    }
}
