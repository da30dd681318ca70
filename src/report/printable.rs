//! Text of a stranger's where people and programs read it: in logs, on terminals, on the page. HTML and
//! shells have their own escaping, after this one.

use crate::mail::text::confusables::is_invisible;
use std::fmt::Write;

/// Whether a character does something else than being shown: moves the cursor, ends the line, turns
/// the writing around, or can't be seen at all.
fn acts(c: char) -> bool {
    c.is_control() || is_invisible(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The text with such characters shown as `\n`, `\u{1b}`. A backslash stays as it is: nobody reads
/// the text back.
pub fn printable(text: &str) -> String {
    // Nearly every line is ASCII that acts on nothing.
    if text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match acts(c) {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    out
}

/// JSON with such characters written as `\u001b` (RFC 8259 section 7), which means the same to whoever
/// parses it. Outside of strings JSON of one line has none.
pub fn printable_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match acts(c) {
            true => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            false => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor_or_turns_the_writing() {
        assert_eq!(
            printable("a\u{1b}[2J\u{202e}\"b\"\r\n\u{200b}\u{9b}1m \\ ü नमस्ते"),
            "a\\u{1b}[2J\\u{202e}\"b\"\\r\\n\\u{200b}\\u{9b}1m \\ ü नमस्ते"
        );
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let json = "{\"a\":\"x\u{202e}y\u{7f}\u{e0041}ü\"}";
        assert_eq!(
            printable_json(json),
            "{\"a\":\"x\\u202ey\\u007f\\udb40\\udc41ü\"}"
        );
    }
}
