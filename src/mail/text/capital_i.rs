//! A capital I that stands for a small l: `PIease confirm your biIIing address`.

/// The text with an l for each capital I that stands where none belongs: within a word of small letters, or
/// before a vowel at its beginning. `None` where there is none. Of the same length.
///
/// It is a reading of its own, beside the text as it is: `userId` and `Iowa` are words too.
pub(crate) fn as_small_l(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    for at in memchr::memchr_iter(b'I', bytes) {
        let written = out.as_deref().unwrap_or(bytes);
        let octet = |at: Option<usize>| at.and_then(|at| written.get(at)).copied();
        let before = octet(at.checked_sub(1)).unwrap_or(b' ');
        let next = octet(Some(at + 1)).unwrap_or(b' ');
        // Letters beyond ASCII are taken for small ones.
        let is_small = |octet: u8| octet.is_ascii_lowercase() || octet > 127;
        let stands_for_l = match before.is_ascii_alphabetic() || before > 127 {
            true => {
                is_small(before)
                    || is_small(next)
                    || next == b'I' && is_small(octet(Some(at + 2)).unwrap_or(b' '))
            }
            false => matches!(next, b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | 0xC3),
        };
        if stands_for_l {
            let out = out.get_or_insert_with(|| bytes.to_vec());
            if let Some(octet) = out.get_mut(at) {
                *octet = b'l';
            }
        }
    }
    out.and_then(|out| String::from_utf8(out).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_within_words_are_small_letters() {
        let read = |text: &str| as_small_l(text).unwrap_or_default();
        assert_eq!(
            read("PIease confirm your biIIing"),
            "Please confirm your billing"
        );
        assert_eq!(
            read("Iog in: réguIier, AII, CIick"),
            "log in: régulier, AII, Click"
        );
        assert_eq!(as_small_l("BILLING IN DETAIL. I am In Italy. AI"), None);
    }
}
