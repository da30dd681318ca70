//! The charset of octets that nothing names: chardetng's guess, and what else they could be.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, KOI8_R, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252,
    WINDOWS_1253, WINDOWS_1256,
};

/// Octets of a header field that are guessed from. The detector takes 0.6 µs an octet, and a few words are
/// enough for it.
const OF_VALUE: usize = 96;
/// Octets of a part that are guessed from.
const OF_PART: usize = 512;
/// Texts of one message that are guessed, each by itself.
const MAX_GUESSES: u8 = 8;

/// Guesses the charset of the texts of one message; those after the first few are taken for the same as the
/// one before.
#[derive(Debug, Default)]
pub struct Guesser {
    guesses: u8,
    last: Option<&'static Encoding>,
}

impl Guesser {
    /// The likeliest charset of `octets`, which are no UTF-8.
    pub(crate) fn guess(&mut self, octets: &[u8]) -> &'static Encoding {
        match self.last {
            Some(last) if self.guesses >= MAX_GUESSES => last,
            _ => {
                self.guesses += 1;
                self.last.insert(likeliest(octets, OF_PART))
            }
        }
    }
}

/// Charsets in which the value of a header field could be meant, which is no UTF-8, likeliest first.
pub(crate) fn candidates(octets: &[u8]) -> impl Iterator<Item = &'static Encoding> {
    std::iter::once(likeliest(octets, OF_VALUE)).chain([
        GB18030,
        EUC_KR,
        BIG5,
        SHIFT_JIS,
        EUC_JP,
        WINDOWS_1251,
        KOI8_R,
        WINDOWS_1252,
        WINDOWS_1256,
        WINDOWS_1253,
    ])
}

/// Looks at the octets from the first one above 127 on, and at a few before it: whether an accent stands in a
/// word or alone says much.
fn likeliest(octets: &[u8], most: usize) -> &'static Encoding {
    const BEFORE: usize = 16;
    let first = octets.iter().position(|octet| !octet.is_ascii());
    let from = first.unwrap_or_default().saturating_sub(BEFORE);
    let rest = octets.get(from..).unwrap_or_default();
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(rest.get(..most).unwrap_or(rest), rest.len() <= most);
    match detector.guess(None, Utf8Detection::Deny) {
        // It has all that GBK has, and four octets.
        encoding if encoding == GBK => GB18030,
        encoding => encoding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ninth_text_is_taken_for_the_same_as_the_one_before() {
        let (russian, ..) = WINDOWS_1251.encode("Пожалуйста, подтвердите ваш пароль");
        let (japanese, ..) = SHIFT_JIS.encode("パスワードを確認してください");
        for (before, expected) in [(7, SHIFT_JIS), (8, WINDOWS_1251)] {
            let mut guesser = Guesser::default();
            for _ in 0..before {
                assert_eq!(guesser.guess(&russian), WINDOWS_1251);
            }
            assert_eq!(guesser.guess(&japanese), expected, "{before}");
        }
    }
}
