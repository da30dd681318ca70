//! Lines that list other mail, as a filter's digest does: its sender, its subject.

use std::ops::Range;

use super::{Line, MAX_LINE, OWN_WORDS, field_name, has_words, lines, sends_below, words::Words};

/// Words in front of the address in a row of a table.
const BEFORE: usize = 4;
/// Words behind it, of the subject.
const BEHIND: usize = 2;

/// The lines of a text that show another mail's sender or subject, where enough of the sender's own words stand
/// above them and none of those sends the reader below.
pub(crate) fn listed(text: &str) -> Vec<Range<usize>> {
    let listing = lines(text).filter(|line| line.text.len() <= MAX_LINE && lists(line.text));
    let shown = |line: Line<'_>| {
        let whole = text.get(line.start..line.end).unwrap_or_default();
        line.start..line.start + whole.trim_end().len()
    };
    let listed: Vec<Range<usize>> = listing.map(shown).collect();
    let first = listed.first().map_or(0, |range| range.start);
    let own = text.get(..first).unwrap_or_default();
    match has_words(own, OWN_WORDS) && !sends_below(own) {
        true => listed,
        false => Vec::new(),
    }
}

/// Whether a line is a copied From or Subject, or begins with an address and goes on with a subject.
fn lists(line: &str) -> bool {
    let tables = Words::embedded();
    if field_name(line).is_some_and(|name| tables.from.hold(name) || tables.subject.hold(name)) {
        return true;
    }
    let Some(at) = line.find('@') else {
        return false;
    };
    let start = line
        .get(..at)
        .and_then(|before| before.rfind(char::is_whitespace));
    let end = line
        .get(at..)
        .and_then(|behind| behind.find(char::is_whitespace));
    let before = line.get(..start.unwrap_or(0)).unwrap_or_default();
    let behind = end.and_then(|end| line.get(at + end..)).unwrap_or_default();
    !has_words(before, BEFORE + 1) && has_words(behind, BEHIND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_goes_on_behind_its_address() {
        assert!(lists("ann.smith.of.the.shop@b.example Your parcel"));
        assert!(!lists("ann.smith.of.the.shop@b.example Hi"));
        // A name of four words is the longest.
        assert!(lists("The Shop of Ann ann@b.example Your parcel"));
        assert!(!lists("It was sent by Ann ann@b.example last week"));
    }

    #[test]
    fn rows_below_own_words_list_other_mail() {
        let found = |text: &str| {
            let ranges = listed(text);
            let lines = ranges.iter().map(|range| text.get(range.clone()).unwrap());
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        let digest = "These mails were held for you today:\n\
            x@evil.example Your account is locked\n\
            Shop <x@evil.example>   Order cancelled today\n\
            Betreff: Ihr Konto\r\n\
            Release them in the portal.";
        let rows = [
            "x@evil.example Your account is locked",
            "Shop <x@evil.example>   Order cancelled today",
            "Betreff: Ihr Konto",
        ];
        assert_eq!(found(digest), rows);
        for text in [
            "x@evil.example Your account is locked",
            "See the list below, it has all of it:\nx@evil.example Your account is locked",
            "Your account is locked, so please write at once to x@evil.example\nWe wait for you here",
            "One two three four five six.\nhelp@evil.example",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
