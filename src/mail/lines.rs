//! Lines that are cut for transport and go on in the next one.

use std::borrow::Cow;

/// Where a text's lines are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Where its author ended them.
    Kept,
    /// After a blank that is no part of the text (RFC 3676 with `delsp=yes`).
    Flowed,
    /// Before a blank that is no part of it, with the line ends of the text written as `\n` (RFC 5545
    /// section 3.1 and 3.3.11).
    Folded,
}

impl Lines {
    /// The text with its lines joined.
    pub(crate) fn joined(self, text: Cow<'_, str>) -> Cow<'_, str> {
        match self {
            Self::Kept => text,
            Self::Flowed => Cow::Owned(joined(&text)),
            Self::Folded => Cow::Owned(unfolded(&text)),
        }
    }
}

/// A calendar as its reader is shown it.
fn unfolded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'\n', b'\\', rest.as_bytes()) {
        let (before, sign) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let after = sign.get(1..).unwrap_or_default();
        if sign.starts_with('\n') {
            out.push_str(before.strip_suffix('\r').unwrap_or(before));
            rest = match after.strip_prefix([' ', '\t']) {
                Some(rest) => rest,
                None => {
                    out.push_str("\n\n");
                    after
                }
            };
            continue;
        }
        out.push_str(before);
        rest = match after.chars().next() {
            Some('n' | 'N') => {
                out.push('\n');
                after.get(1..).unwrap_or_default()
            }
            Some(',' | ';' | '\\') => {
                out.push_str(after.get(..1).unwrap_or_default());
                after.get(1..).unwrap_or_default()
            }
            // Programs write it before other signs, too.
            _ => after,
        };
    }
    out.push_str(rest);
    out
}

/// The text with the lines of RFC 3676 joined. Only a line that ends in a blank goes on, and not the mark of a signature.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        match bare.strip_suffix(' ') {
            Some(start) if bare != "-- " && line.len() > bare.len() => out.push_str(start),
            _ => out.push_str(line),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_are_one() {
        assert_eq!(
            unfolded("SUMMARY:a\r\n b\r\nDESCRIPTION:x\\, y\\nz\r\n"),
            "SUMMARY:ab\n\nDESCRIPTION:x, y\nz\n\n"
        );
        assert_eq!(unfolded("a\n\tb\\;c\\\\d\\Ne\\f\\"), "ab;c\\d\nef");
    }

    #[test]
    fn lines_that_end_in_a_blank_go_on() {
        assert_eq!(joined("pass \r\nword \r\n\r\nx\n"), "password\r\nx\n");
        assert_eq!(joined("-- \nAnn \n"), "-- \nAnn");
        // The last line has none to go on in.
        assert_eq!(joined("pass \nword "), "password ");
        assert_eq!(joined("-- "), "-- ");
    }
}
