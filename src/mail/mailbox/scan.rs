//! Addresses in running text: names, comments, and fields that no grammar fits.

use std::ops::Range;

use crate::mail::{
    domain::Domain,
    mailbox::{Address, Odd},
};

/// How many characters before an `@` can belong to an address (RFC 5321 section 4.5.3.1.1 allows 64).
const MAX_LOCAL: usize = 128;
/// How many characters after it (RFC 1035 allows 253).
const MAX_DOMAIN: usize = 255;

/// Characters that are shown much like an `@`: fullwidth and small commercial at.
pub(crate) fn is_lookalike_at(c: char) -> bool {
    matches!(c, '\u{ff20}' | '\u{fe6b}')
}

/// Dots that UTS 46 takes for the dot between labels.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// Every `local@domain` in `text` whose domain has a dot, in order. Each character is looked at a
/// bounded number of times.
pub(crate) fn addresses(text: &str) -> impl Iterator<Item = Address> {
    let chars = match text.contains(is_at) {
        true => text.chars().collect(),
        false => Vec::new(),
    };
    spans(chars).map(|(_, address)| address)
}

/// `text` with a space for each of its addresses. One whose domain is none stays a text that people read.
pub(crate) fn without_addresses(text: &str) -> String {
    if !text.contains(is_at) {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    let readable = |(_, address): &(Range<usize>, Address)| address.domain.is_some();
    for (span, _) in spans(chars.clone()).filter(readable) {
        kept.extend(chars.get(from..span.start).unwrap_or_default());
        kept.push(' ');
        from = span.end;
    }
    kept.extend(chars.get(from..).unwrap_or_default());
    kept
}

/// The hosts in a text that stand in no address: at least two labels, the last of them a public suffix's,
/// as nobody ends a sentence or a name.
pub(crate) fn hosts(text: &str) -> impl Iterator<Item = Domain> {
    let apart = |c: char| !(c.is_alphanumeric() || is_dot(c) || matches!(c, '-' | '_'));
    let words = text.split(apart).filter(|word| word.contains(is_dot));
    words.filter_map(|word| {
        let word = word.trim_matches(|c| is_dot(c) || matches!(c, '-' | '_'));
        let host = Domain::parse(word).ok()?;
        (word.contains(is_dot) && has_known_suffix(&host)).then_some(host)
    })
}

/// Whether a domain ends as registered ones do.
pub(crate) fn has_known_suffix(domain: &Domain) -> bool {
    psl::suffix(domain.as_str().as_bytes()).is_some_and(|suffix| suffix.is_known())
}

/// The addresses in a text, with the characters that each of them takes.
fn spans(chars: Vec<char>) -> impl Iterator<Item = (Range<usize>, Address)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = from + chars.get(from..)?.iter().position(|c| is_at(*c))?;
            from = at + 1;
            let (before, after) = (chars.get(..at)?, chars.get(from..)?);
            let local: String = before
                .iter()
                .rev()
                .take(MAX_LOCAL)
                .take_while(|c| in_local(**c))
                .collect();
            let start = at - local.chars().count();
            let local: String = local.chars().rev().collect();
            let local = local.trim_matches(|c| matches!(c, '\'' | '`' | '.' | '*' | '_' | '='));
            let domain: String = after
                .iter()
                .take(MAX_DOMAIN)
                .take_while(|c| in_domain(**c))
                .collect();
            let end = from + domain.chars().count();
            let domain = domain.trim_matches(|c| is_dot(c) || matches!(c, '-' | '_'));
            if !local.is_empty() && domain.contains(is_dot) {
                // What is odd about text that may be no address at all is not told.
                return Some((start..end, Address::new(local, domain, &mut Odd::default())));
            }
        }
    })
}

fn is_at(c: char) -> bool {
    c == '@' || is_lookalike_at(c)
}

fn in_local(c: char) -> bool {
    !is_at(c)
        && !c.is_whitespace()
        && !c.is_control()
        && !"<>()[]{},;:\"\\/|“”„‟«»‹›「」『』【】〈〉《》（）［］＜＞，、：；。".contains(c)
}

fn in_domain(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'),
        false => is_dot(c) || (in_local(c) && !matches!(c, '‘' | '’' | '‚' | '…')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        addresses(text).map(|address| address.to_string()).collect()
    }

    #[test]
    fn addresses_are_found_in_text() {
        assert_eq!(found("'bob@shop.example' via list"), ["bob@shop.example"]);
        assert_eq!(
            found("(a@shop.example),<b@evil.example>."),
            ["a@shop.example", "b@evil.example"]
        );
        assert_eq!(
            found("a@shop.example@evil.example"),
            ["a@shop.example", "shop.example@evil.example"]
        );
        assert_eq!(found("info＠shop．example"), ["info@shop．example"]);
    }

    #[test]
    fn hosts_are_found_in_text() {
        let found = |text| hosts(text).map(|host| host.to_string()).collect::<Vec<_>>();
        assert_eq!(
            found("Shop (www.shop.co.uk), shop。com."),
            ["www.shop.co.uk", "shop.com"]
        );
        assert_eq!(
            found("Mr. Shop, v2.0, a.b.qqqq, St.Gallen, shop.js"),
            [""; 0]
        );
    }

    #[test]
    fn an_at_alone_is_no_address() {
        assert_eq!(
            found("meet @ shop.example, @shop, bob@home, a@, @"),
            [""; 0]
        );
    }
}
