//! What a client shows that doesn't take a field apart as the grammar does.
//!
//! Where the grammar removes a quotation mark, a backslash or a control character, the words beside it become
//! one: `word"Shop"` reads `wordShop`. A client that shows the character, or a blank for it, shows two.

use crate::mail::{
    decode::encoded_word,
    mailbox::{Irregularity, Odd, scan, without_addresses},
};

/// The text, addresses left out, with a blank for each character that is removed elsewhere; `None` where that makes no word
/// that the grammar doesn't make, too.
pub(super) fn apart(text: &str) -> Option<String> {
    let mut apart = String::with_capacity(text.len());
    let mut differs = false;
    let mut quoted = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        let after = rest.get(length..).unwrap_or_default();
        match c {
            '"' => {
                quoted = !quoted;
                differs |= match quoted {
                    true => apart.ends_with(is_of_a_word),
                    false => after.starts_with(is_of_a_word),
                };
                apart.push(' ');
            }
            // RFC 5322 section 3.2.4: in quotes these two need the backslash.
            '\\' if quoted && after.starts_with(['"', '\\']) => {
                length += 1;
                apart.push(' ');
            }
            '\\' => {
                differs = true;
                apart.push(' ');
            }
            c if c.is_control() && c != '\t' => {
                differs = true;
                apart.push(' ');
            }
            _ => match encoded_word::Word::at(rest) {
                // RFC 2047 section 5: a blank stands between an encoded word and other text.
                Some(word) => {
                    length = word.length;
                    let behind = rest.get(length..).unwrap_or_default();
                    differs |= apart.ends_with(is_of_a_word) || behind.starts_with(is_of_a_word);
                    apart.push(' ');
                    apart.push_str(rest.get(..length).unwrap_or_default());
                    apart.push(' ');
                }
                None => apart.push(c),
            },
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    differs.then(|| shown(&without_addresses(&apart)))
}

/// What stands in front of the last `@`, where no client can know which address that is: it is a text to
/// readers, as is what stands behind it, which is kept as the domain of an address.
pub(super) fn in_front(text: &str, odd: &Odd) -> Option<String> {
    let is_broken = [Irregularity::BadDomain, Irregularity::MultipleAts]
        .iter()
        .any(|broken| odd.0.contains(broken));
    // RFC 5322 section 3.4.1 allows blanks beside the `@`, and hardly a client knows it.
    let is_split = || {
        let text = text.trim();
        let (before, after) = text.split_once('@').unwrap_or_default();
        (before.ends_with(char::is_whitespace) || after.starts_with(char::is_whitespace))
            && scan::addresses(text).next().is_none()
    };
    let (before, _) = text.rsplit_once('@')?;
    (is_broken || is_split()).then(|| shown(&before.replace('@', " @ ")))
}

/// One blank between two words, and no angle brackets.
fn shown(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_grammar_glues_stands_apart() {
        for (text, expected) in [
            (r"Last\Shop", "Last Shop"),
            (r#"word"Shop""#, "word Shop"),
            (r#""Shop"word"#, "Shop word"),
            (r#""x"Shop"y""#, "x Shop y"),
            (r#"Last"\Shop""#, "Last Shop"),
            ("x\u{1}Shop", "x Shop"),
            ("x=?utf-8?Q?Shop?=", "x =?utf-8?Q?Shop?="),
            ("=?utf-8?Q?Shop?=x", "=?utf-8?Q?Shop?= x"),
        ] {
            assert_eq!(apart(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_the_grammar_allows_is_not_read_twice() {
        for text in [
            "Shop <a@x.example>",
            r#""The \"Shop\"" <a@x.example>"#,
            r#""Shop"<a@x.example>"#,
            r#""a b"@x.example"#,
            r#""=?utf-8?Q?Shop?=" <a@x.example>"#,
            "a@x.example (=?utf-8?Q?Shop?=)",
            "Shop\tInc <a@x.example>",
        ] {
            assert_eq!(apart(text), None, "{text}");
        }
    }
}
