//! Text as it may stand in a header field: ASCII, in encoded words where it has to be, folded.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

/// Text for a header field: as it is where it is printable ASCII, else as encoded words of RFC 2047
/// (at most 75 characters each, whole characters in each).
pub fn encode(text: &str) -> String {
    if text.bytes().all(|byte| (32..127).contains(&byte)) {
        return text.to_owned();
    }
    // 75 - len("=?UTF-8?B?" "?=") = 63 characters of Base64 hold 45 octets.
    const OCTETS: usize = 45;
    let mut words: Vec<String> = Vec::new();
    let mut chunk = String::new();
    let flush = |chunk: &mut String, words: &mut Vec<String>| {
        if !chunk.is_empty() {
            words.push(format!("=?UTF-8?B?{}?=", BASE64.encode(&*chunk)));
            chunk.clear();
        }
    };
    for character in text.chars().filter(|character| !character.is_control()) {
        if chunk.len() + character.len_utf8() > OCTETS {
            flush(&mut chunk, &mut words);
        }
        chunk.push(character);
    }
    flush(&mut chunk, &mut words);
    words.join(" ")
}

/// Folds a field value so that no line exceeds 78 characters where a blank allows it (RFC 5322
/// section 2.2.3), or 76 with encoded words in it (RFC 2047 section 2), counting the field's name.
/// Lines are separated by `line_end`.
///
/// Never elsewhere than at a blank: unfolded, the value is again what it was.
pub fn fold(name: &str, value: &str, line_end: &str) -> String {
    let width = match value.contains("=?") {
        true => 76,
        false => 78,
    };
    let mut folded = String::with_capacity(value.len() + 16);
    let mut column = name.len() + 1;
    for (position, word) in value.split(' ').enumerate() {
        if position > 0 && column + 1 + word.len() > width {
            folded.push_str(line_end);
            column = 0;
        }
        // The fold goes before the blank, which stays.
        if position > 0 {
            folded.push(' ');
        }
        folded.push_str(word);
        column += 1 + word.len();
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_beyond_ascii_becomes_encoded_words() {
        assert_eq!(encode("plain"), "plain");
        assert_eq!(encode("Grüße"), "=?UTF-8?B?R3LDvMOfZQ==?=");
        let long = encode(&"ü".repeat(60));
        assert!(long.split(' ').all(|word| word.len() <= 75), "{long}");
        assert_eq!(encode("a\r\nX: é"), "=?UTF-8?B?YVg6IMOp?=");
    }

    #[test]
    fn lines_with_encoded_words_are_shorter() {
        let words = "a bb =?UTF-8?B?w6k=?=";
        let name = "X".repeat(76 - words.len() - 2);
        assert_eq!(fold(&name, words, "\n"), words);
        let name = "X".repeat(76 - words.len() - 1);
        assert_eq!(fold(&name, words, "\n"), "a bb\n =?UTF-8?B?w6k=?=");
        assert_eq!(
            fold(&name, "a bb ccccccccccccccccccc", "\n"),
            "a bb\n ccccccccccccccccccc"
        );
    }

    #[test]
    fn long_values_are_folded_at_blanks_only() {
        let value = "lookalike; action=tag; author=security.example; reasons=lookalike-author-domain,asks-for-password";
        assert_eq!(
            fold("X-Amazon-Spoof-Verdict", value, "\n"),
            "lookalike; action=tag; author=security.example;\n reasons=lookalike-author-domain,asks-for-password"
        );
    }
}
