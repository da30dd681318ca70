//! A Received field parted into what every server's form is made of: a word after `from`, comments,
//! `by` and what follows it (RFC 5321 section 4.4).
//!
//! Parts are told by where they stand. The word after `from` ends at the first blank, whatever it
//! holds: none of the servers lets HELO have a blank (Postfix, Haraka and Sendmail end it there,
//! Courier writes `_`, qmail `?`), while parentheses and brackets come through as the client sent
//! them. A tab within a line is no blank: a server writes one only behind a line end, so that within
//! a line it is the client's.

use std::net::IpAddr;

/// The longest name that is taken for a HELO (RFC 1035 section 2.3.4, and the dot behind it).
const MAX_NAME: usize = 255;

/// The parts of a field that begins with `from`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Clause<'a> {
    /// The word after `from`: HELO, a verified name or an address, as the form has it.
    pub(crate) first: &'a str,
    /// The comments between it and `by`, without their parentheses.
    pub(crate) comments: Vec<&'a str>,
    /// The host after `by`: the server itself.
    pub(crate) by: &'a str,
    /// What stands behind it.
    pub(crate) rest: &'a str,
}

impl<'a> Clause<'a> {
    /// Parts an [unfolded] field; `None` where it doesn't begin with `from` or has another order.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (_, rest) = word(text).filter(|(from, _)| from.eq_ignore_ascii_case("from"))?;
        let (first, mut rest) = word(rest).filter(|(first, _)| !first.starts_with('('))?;
        let mut comments = Vec::new();
        while let Some((comment, after)) = comment(rest) {
            comments.push(comment);
            rest = after;
        }
        let (_, rest) = word(rest).filter(|(by, _)| is_by(by))?;
        let (by, rest) = word(rest).filter(|(host, _)| !host.starts_with('('))?;
        // Each clause comes once. Of two, a client has written one, and nobody knows which.
        let clause = Self {
            first,
            comments,
            // No blank has to stand before the semicolon.
            by: by.trim_end_matches(';'),
            rest,
        };
        (!has_by(rest)).then_some(clause)
    }
}

/// A field on one line: each fold becomes a blank. A line end that is none stays.
pub(crate) fn unfolded(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for (number, line) in value.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let shown = line.trim_start_matches([' ', '\t']);
        match number {
            0 => {}
            _ if shown.len() < line.len() => text.push(' '),
            _ => text.push('\n'),
        }
        text.push_str(shown);
    }
    text
}

/// The words of a comment.
pub(crate) fn words(comment: &str) -> Vec<&str> {
    comment.split(' ').filter(|word| !word.is_empty()).collect()
}

/// An address in brackets: `[192.0.2.1]`, `[IPv6:2001:db8::1]` (RFC 5321 section 4.1.3), and without
/// that prefix as Exim, Courier and OpenSMTPD write it.
pub(crate) fn literal(word: &str) -> Option<IpAddr> {
    address(word.strip_prefix('[')?.strip_suffix(']')?)
}

/// An address without brackets. IPv6 may have a zone (RFC 4007 section 11), and IPv4 may be mapped.
pub(crate) fn address(word: &str) -> Option<IpAddr> {
    let six = word
        .split_at_checked(5)
        .filter(|(prefix, _)| prefix.eq_ignore_ascii_case("IPv6:"))
        .map(|(_, six)| six)
        .or_else(|| word.contains(':').then_some(word));
    let ip = match six {
        Some(six) => {
            let (six, zone) = six.split_once('%').unwrap_or((six, "0"));
            let is_zone =
                !zone.is_empty() && zone.bytes().all(|octet| octet.is_ascii_alphanumeric());
            IpAddr::V6(six.parse().ok().filter(|_| is_zone)?)
        }
        None => IpAddr::V4(word.parse().ok()?),
    };
    Some(ip.to_canonical())
}

/// Whether a word can be a name that the server found in DNS (`?` for what it masks), or its word for
/// "none".
pub(crate) fn is_host(word: &str) -> bool {
    let of_a_name = |octet: u8| octet.is_ascii_alphanumeric() || b".-_?".contains(&octet);
    word == "<unknown>" || (!word.is_empty() && word.bytes().all(of_a_name))
}

/// A HELO, if it isn't longer than a name can be.
pub(crate) fn name(word: &str) -> Option<String> {
    (word.len() <= MAX_NAME).then(|| word.to_owned())
}

/// The next word and what stands behind it. No server writes a control character into one.
fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(' ');
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (!word.is_empty() && !word.contains(char::is_control)).then_some((word, rest))
}

/// The next comment, which may hold others, and what stands behind it.
fn comment(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(' ').strip_prefix('(')?;
    let mut depth = 1_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (inside, rest) = text.split_at_checked(at)?;
            let rest = rest.strip_prefix(')')?;
            return (rest.is_empty() || rest.starts_with(' ')).then_some((inside, rest));
        }
    }
    None
}

fn is_by(word: &str) -> bool {
    word.eq_ignore_ascii_case("by")
}

/// Whether `by` stands in the text outside of comments.
fn has_by(text: &str) -> bool {
    let mut depth = 0_usize;
    text.split(' ').any(|word| {
        if depth == 0 && is_by(word) {
            return true;
        }
        let count = |of| word.bytes().filter(|octet| *octet == of).count();
        depth = (depth + count(b'(')).saturating_sub(count(b')'));
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_ends_at_the_first_blank_whatever_it_holds() {
        let text = "from x([192.0.2.1]) (a.example [203.0.113.5]) (using (TLS)) by gw (Postfix); x";
        let clause = Clause::parse(text).unwrap();
        assert_eq!(clause.first, "x([192.0.2.1])");
        assert_eq!(clause.comments, ["a.example [203.0.113.5]", "using (TLS)"]);
        assert_eq!(clause.rest, "(Postfix); x");
    }

    #[test]
    fn another_order_is_no_clause() {
        for text in [
            "from x\t([192.0.2.1]) (a.example [203.0.113.5]) by gw; x",
            "from x\n([192.0.2.1]) by gw; x",
            "from ([203.0.113.5]) by gw; x",
            "from x ([203.0.113.5]); x",
            "from x ([203.0.113.5]) by (gw); x",
            "from x ([203.0.113.5]) by",
            "from x ([203.0.113.5] by gw; x",
            "from x ([203.0.113.5]) y by gw; x",
            "from x ([192.0.2.1]) by y (a.example [203.0.113.5]) BY gw; x",
            "by gw; x",
            "",
        ] {
            assert_eq!(Clause::parse(text), None, "{text:?}");
        }
        assert!(Clause::parse("from x ([203.0.113.5]) by gw (not by us); x").is_some());
    }

    #[test]
    fn only_a_fold_is_a_blank() {
        assert_eq!(
            unfolded("\r\n\tfrom a\r\n \t (b)\n by c"),
            " from a (b) by c"
        );
        assert_eq!(unfolded(" from a\tb\r\nc"), "from a\tb\nc");
    }

    #[test]
    fn addresses_as_servers_write_them() {
        let read = |word| literal(word).map(|ip| ip.to_string());
        assert_eq!(read("[192.0.2.1]").as_deref(), Some("192.0.2.1"));
        assert_eq!(read("[::ffff:192.0.2.1]").as_deref(), Some("192.0.2.1"));
        assert_eq!(read("[ipv6:2001:db8::1]").as_deref(), Some("2001:db8::1"));
        assert_eq!(read("[fe80::1%10]").as_deref(), Some("fe80::1"));
        for none in [
            "192.0.2.1",
            "[192.0.2.1",
            "[IPv6:192.0.2.1]",
            "[192.0.2.1%1]",
            "[::1%]",
            "[192.0.2.010]",
            "[unknown]",
            "[]",
            "[é]",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
