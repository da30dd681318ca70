//! Where the pieces of a style end: past comments, strings and brackets (CSS Syntax Module Level 3).

use std::borrow::Cow;

/// Where the first of `stops` is that stands in no comment, string or bracket; else where the text ends.
/// Each octet is looked at once.
pub(crate) fn until(text: &str, stops: &[u8]) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut depth = 0usize;
    while let Some(byte) = bytes.get(at) {
        match byte {
            _ if depth == 0 && stops.contains(byte) => return at,
            b'\\' => at += 1,
            b'"' | b'\'' => at = string_end(bytes, at),
            b'/' if bytes.get(at + 1) == Some(&b'*') => at = comment_end(bytes, at),
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The last octet of the string that begins at `start`. One that is not closed ends with its line.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes.get(start).copied().unwrap_or_default();
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' => return at,
            byte if *byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// The last octet of the comment that begins at `start`.
fn comment_end(bytes: &[u8], start: usize) -> usize {
    let inner = bytes.get(start + 2..).unwrap_or_default();
    memchr::memmem::find(inner, b"*/").map_or(bytes.len(), |at| start + 2 + at + 1)
}

/// The text without comments, and with its escapes read.
pub(crate) fn words(text: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'\\', b'/', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'\\', b'/', rest.as_bytes()) {
        let (before, mark) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        if mark.starts_with("/*") {
            let end = comment_end(mark.as_bytes(), 0) + 1;
            // `dis/**/play` is two words.
            out.push(' ');
            rest = mark.get(end..).unwrap_or_default();
        } else if let Some(escape) = mark.strip_prefix('\\') {
            rest = unescaped(escape, &mut out);
        } else {
            out.push('/');
            rest = mark.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The text without comments, and with its escapes as they stand: an escaped sign of a name is none of the syntax.
pub(crate) fn without_comments(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'\\', b'/', rest.as_bytes()) {
        let (before, mark) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let end = match mark.starts_with("/*") {
            true => comment_end(mark.as_bytes(), 0) + 1,
            false => {
                let signs = if mark.starts_with('\\') { 2 } else { 1 };
                let behind = mark.char_indices().nth(signs);
                let end = behind.map_or(mark.len(), |(at, _)| at);
                out.push_str(mark.get(..end).unwrap_or_default());
                end
            }
        };
        rest = mark.get(end..).unwrap_or_default();
    }
    if out.is_empty() && rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Reads what a backslash stands before; returns what is behind it.
fn unescaped<'t>(text: &'t str, out: &mut String) -> &'t str {
    let digits = text
        .bytes()
        .take(6)
        .take_while(u8::is_ascii_hexdigit)
        .count();
    let (number, rest) = text.split_at_checked(digits).unwrap_or(("", text));
    if number.is_empty() {
        let mut chars = rest.chars();
        out.extend(chars.next().filter(|c| *c != '\n'));
        return chars.as_str();
    }
    let code = u32::from_str_radix(number, 16).ok();
    out.push(code.and_then(char::from_u32).unwrap_or('\u{FFFD}'));
    let blank = rest.starts_with([' ', '\t', '\n', '\r', '\u{C}']);
    rest.get(usize::from(blank)..).unwrap_or_default()
}

/// The pieces of a value between blanks; brackets keep theirs together.
pub(crate) fn pieces(value: &str) -> impl Iterator<Item = &str> {
    let mut rest = value;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let end = until(rest, b" \t\n\r");
        let (piece, behind) = rest.split_at_checked(end)?;
        rest = behind;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_in_strings_comments_and_brackets_are_none() {
        let style = "a:url(x;y)/*;*/;b";
        assert_eq!(until(style, b";"), 15);
        assert_eq!(until("';';x", b";"), 3);
        assert_eq!(until("'\n;", b";"), 2);
        assert_eq!(until("\\;;", b";"), 2);
        assert_eq!(until("(;", b";"), 2);
        assert_eq!(until("/*;", b";"), 3);
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(words("d\\69 splay/* x */none"), "display none");
        assert_eq!(words("\\.a/b"), ".a/b");
    }

    #[test]
    fn names_keep_their_escapes_beside_comments() {
        assert_eq!(without_comments("/* x */.a\\:b/**/.c"), ".a\\:b.c");
        assert_eq!(without_comments(".a\\/*b"), ".a\\/*b");
        assert_eq!(without_comments(".ä\\ö/b/* x"), ".ä\\ö/b");
        assert_eq!(without_comments(".a"), ".a");
    }

    #[test]
    fn pieces_keep_their_brackets() {
        let found: Vec<_> = pieces(" 0/0  calc(1px - 1px) x ").collect();
        assert_eq!(found, ["0/0", "calc(1px - 1px)", "x"]);
    }

    #[test]
    fn a_text_ends_at_its_first_stop() {
        for (text, end) in [
            ("", 0),
            ("a;b", 1),
            (";", 0),
            ("ab", 2),
            ("\"a;b\";", 5),
            ("'a\";';", 5),
            ("'a\\';b';c", 7),
            ("'a\\\\';b", 5),
            ("'a\n;b", 3),
            ("'a", 2),
            ("/*;*/;", 5),
            ("/* ;", 4),
            ("/**/;", 4),
            ("/*/;*/;", 6),
            ("/;", 1),
            ("(;);", 3),
            ("[;];", 3),
            ("((;););", 6),
            (");", 1),
            ("();", 2),
            ("a\\;;", 3),
            ("a\\", 2),
            ("a:b}", 3),
        ] {
            assert_eq!(until(text, b";}"), end, "{text}");
        }
    }

    #[test]
    fn escapes_and_comments_are_undone() {
        for (text, expected) in [
            ("a", "a"),
            ("a/b/c", "a/b/c"),
            ("a/**/b", "a b"),
            ("a/*x", "a "),
            ("\\61", "a"),
            ("\\61 b", "ab"),
            ("\\61  b", "a b"),
            ("\\61\nb", "ab"),
            ("\\61\tb", "ab"),
            ("\\0000617", "a7"),
            ("\\000061 7", "a7"),
            ("\\110000", "\u{FFFD}"),
            ("\\d800", "\u{FFFD}"),
            ("\\gb", "gb"),
            ("a\\\nb", "ab"),
            ("a\\", "a"),
            ("\\\\61", "\\61"),
        ] {
            assert_eq!(words(text), expected, "{text:?}");
        }
        for (text, expected) in [
            ("a/b", "a/b"),
            ("a/*b*/c", "ac"),
            ("a/*b*/c/*d*/", "ac"),
            ("/*a*/", ""),
            ("a\\", "a\\"),
            ("a\\é/*b*/c", "a\\éc"),
            ("a/é/*b*/c", "a/éc"),
            ("/*a", ""),
        ] {
            assert_eq!(without_comments(text), expected, "{text:?}");
        }
        let pieces = |text| pieces(text).collect::<Vec<_>>();
        assert_eq!(pieces(""), [""; 0]);
        assert_eq!(pieces(" a\tb\r\nc\nd "), ["a", "b", "c", "d"]);
        assert_eq!(pieces("'a b' c"), ["'a b'", "c"]);
    }
}
