//! A sender's text for people.

/// Text that a sender chose, so that nothing in it moves a cursor, hides, or turns the writing around: what is not
/// printable stands there as `\u{202e}`, and a backslash is doubled. HTML and shells have their own escaping, after
/// this one.
pub fn visible(text: &str) -> String {
    text.escape_debug()
        .to_string()
        .replace("\\\"", "\"")
        .replace("\\'", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_sender_moves_the_cursor() {
        assert_eq!(
            visible("a\u{1b}[2J\u{202e}\"b\"\r"),
            "a\\u{1b}[2J\\u{202e}\"b\"\\r"
        );
    }
}
