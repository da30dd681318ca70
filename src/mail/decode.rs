//! The one decoder of mail: octets in, and out comes every text that a mail program shows for them.
//!
//! In: the value of a header field as it came, or the octets of a body part. Out: text in Unicode,
//! likeliest first where mail programs differ. Nothing else turns octets into text.
//!
//! Mail programs forgive a lot, so this does as well: what only some of them decode is decoded. Total
//! and in linear time. Of a header field's value [`MAX_VALUE`] octets are read, whatever stands in it.

pub mod charset;
pub mod encoded_word;
pub mod parameter;
pub mod transfer_encoding;

use charset::Charset;
use std::borrow::Cow;

/// How many octets of one field's value are read; an MTA passes no more than about 60,000.
pub const MAX_VALUE: usize = 64 * 1024;

/// How many texts one value gives at most. Octets that nothing names give fewer where they are many: all
/// readings together take no more than three of the longest value.
pub const MAX_READINGS: usize = 12;
const MAX_READ: usize = 3 * MAX_VALUE;

/// How many octets of a value are read in other ways than the likeliest: each of them is a text more.
pub const MAX_GUESSED: usize = 4 * 1024;

/// The text that a reader most likely sees for `raw`, the value of an unstructured field such as Subject:
/// RFC 2047 decoded, unfolded, in Unicode.
///
/// Invisible characters stay (who compares names takes them out), control characters don't.
pub fn header_text(raw: &[u8]) -> String {
    let texts = charset::readings(within_limit(raw), || None);
    shown(&encoded_word::decode(
        &texts.into_iter().next().unwrap_or_default(),
    ))
}

/// Every text that some mail program shows for `raw`, likeliest first; at least one, at most
/// [`MAX_READINGS`]. Those behind the first are of the first [`MAX_GUESSED`] octets. `declared` gives the charset that the rest of the message names; it is asked only
/// where octets stand that are no UTF-8, or that could be in seven bits.
pub fn header_texts(raw: &[u8], declared: impl FnOnce() -> Option<Charset>) -> Vec<String> {
    let mut texts = Vec::new();
    let guessed = match raw.len() > MAX_GUESSED {
        true => {
            texts.push(header_text(raw));
            raw.get(..MAX_GUESSED).unwrap_or(raw)
        }
        false => raw,
    };
    for text in charset::readings(guessed, declared) {
        add(&mut texts, shown(&encoded_word::decode(&text)));
        for other in encoded_word::other_readings(&text) {
            add(&mut texts, shown(&other));
        }
    }
    texts
}

fn within_limit(raw: &[u8]) -> &[u8] {
    raw.get(..MAX_VALUE).unwrap_or(raw)
}

/// Adds a reading that is not there yet.
fn add(texts: &mut Vec<String>, text: String) {
    if texts.len() < MAX_READINGS && !texts.contains(&text) {
        texts.push(text);
    }
}

/// The charset that the header of a message names: that of its body, which many mail programs take for
/// its header fields too, else that of the first encoded word in any field.
pub fn named_charset<'a>(
    content_type: Option<&[u8]>,
    mut values: impl Iterator<Item = &'a [u8]>,
) -> Option<Charset> {
    let of_body = content_type.and_then(|value| {
        let value = parameter::parse(value);
        Charset::named(&value.get("charset")?.text())
    });
    of_body.or_else(|| values.find_map(encoded_word::first_charset))
}

/// `text` as it is displayed: white space and line breaks are blanks, the other control characters
/// are nothing.
pub fn shown(text: &str) -> String {
    // Nearly all are ASCII that is displayed as it stands.
    if text.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
        return text.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut after_return = false;
    for c in unfolded(text) {
        match c {
            '\n' if after_return => {}
            '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                out.push(' ');
            }
            c if c.is_control() => {}
            c => out.push(c),
        }
        after_return = c == '\r';
    }
    let trimmed = out.trim();
    match trimmed.len() == out.len() {
        true => out,
        false => trimmed.to_owned(),
    }
}

/// RFC 5322 section 2.2.3: a line break before white space is taken out, the white space stays.
pub fn unfold(text: &str) -> Cow<'_, str> {
    match memchr::memchr2(b'\r', b'\n', text.as_bytes()) {
        Some(_) => Cow::Owned(unfolded(text).collect()),
        None => Cow::Borrowed(text),
    }
}

fn unfolded(text: &str) -> impl Iterator<Item = char> {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        loop {
            let c = chars.next()?;
            match c {
                '\r' => {
                    let mut after = chars.clone();
                    after.next_if_eq(&'\n');
                    if !matches!(after.peek(), Some(' ' | '\t')) {
                        return Some(c);
                    }
                }
                '\n' if matches!(chars.peek(), Some(' ' | '\t')) => {}
                c => return Some(c),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_and_controls() {
        assert_eq!(header_text(b" one\r\n two\r\n\tthree "), "one two three");
        assert_eq!(
            header_text("one\rtwo\0three\x7f\u{9b}".as_bytes()),
            "one twothree"
        );
        assert_eq!(header_text(b"=?utf-8?Q?a=0D=0Ab=00c?="), "a bc");
    }

    #[test]
    fn invisible_characters_stay() {
        let text = "con\u{200b}to\u{ad}so";
        assert_eq!(header_text(text.as_bytes()), text);
    }

    #[test]
    fn raw_octets_are_read_in_the_charset_that_the_message_names() {
        let koi8 = b"\xe1\xcd\xc1\xda\xcf\xce";
        let read = |content_type: Option<&[u8]>, other: &'static [u8]| {
            let values = [other];
            let texts = header_texts(koi8, || named_charset(content_type, values.into_iter()));
            texts.into_iter().next().unwrap()
        };
        assert_eq!(read(Some(b"text/plain; charset=\"koi8-r\""), b""), "Амазон");
        assert_eq!(read(None, b"=?KOI8-R?Q?=C1?="), "Амазон");
        assert_eq!(read(Some(b"text/plain; charset=big5"), b""), "慴邁玴");
    }

    #[test]
    fn seven_bit_charsets_hide_no_plain_text() {
        let texts = |raw: &[u8]| header_texts(raw, || None);
        assert_eq!(texts(b"~{QGBmQ7~}"), ["~{QGBmQ7~}", "亚马逊"]);
        assert_eq!(texts(b"+TpqabJAK-"), ["+TpqabJAK-", "亚马逊"]);
        assert_eq!(
            texts(b"=?utf-8?Q?=1B$B%\"%^%>%s=1B(B?="),
            ["$B%\"%^%>%s(B", "アマゾン"]
        );
        assert_eq!(texts(b"a+b-c 1+1=2 ~{~"), ["a+b-c 1+1=2 ~{~"]);
    }

    #[test]
    fn input_beyond_the_limit_is_left_out() {
        assert_eq!(header_text(&vec![b'x'; MAX_VALUE + 5]).len(), MAX_VALUE);
    }
}
