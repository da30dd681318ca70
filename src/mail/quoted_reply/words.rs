//! The words around answered and forwarded mail, and lines that are compared with them.

use crate::mail::text::{confusables::is_invisible, normalise::normal, visible_letter};
use serde::Deserialize;
use std::sync::LazyLock;

/// The words, in their normal form.
#[derive(Debug)]
pub(crate) struct Words {
    /// How the subjects of answers begin.
    pub(crate) answer: Vec<String>,
    /// How the subjects of forwarded mail begin.
    pub(crate) forward: Vec<String>,
    /// Who wrote what stands below: what such a line ends with.
    pub(crate) wrote: Vec<String>,
    /// What such a line begins with.
    pub(crate) opening: Vec<String>,
    /// Words that send a reader below. A `*` at the end lets a word go on.
    pub(crate) below: Vec<String>,
    /// Lines before a message that is forwarded or answered.
    pub(crate) mark: Lines,
    /// Names of the From field in copied headers.
    pub(crate) from: Lines,
    /// Names of the Subject field there.
    pub(crate) subject: Lines,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    answer: Vec<String>,
    forward: Vec<String>,
    wrote: Vec<String>,
    opening: Vec<String>,
    below: Vec<String>,
    mark: Vec<String>,
    from: Vec<String>,
    subject: Vec<String>,
}

static EMBEDDED: LazyLock<Words> = LazyLock::new(|| {
    // A test reads the same text; it cannot fail at a user's.
    #[allow(clippy::expect_used)]
    Words::from_toml(include_str!("words.toml")).expect("the embedded words are checked by a test")
});

impl Words {
    /// The words that the program is made with.
    pub(crate) fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn from_toml(text: &str) -> Result<Self, String> {
        let raw: Raw = toml::from_str(text).map_err(|error| error.to_string())?;
        let normal = |list: &[String]| list.iter().map(|word| normal(word)).collect();
        Ok(Self {
            answer: normal(&raw.answer),
            forward: normal(&raw.forward),
            wrote: normal(&raw.wrote),
            opening: normal(&raw.opening),
            below: normal(&raw.below),
            mark: Lines::new(normal(&raw.mark)),
            from: Lines::new(normal(&raw.from)),
            subject: Lines::new(normal(&raw.subject)),
        })
    }
}

/// Texts that a whole line is compared with.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    texts: Vec<String>,
    /// For each letter that texts begin with the lengths of those, a bit for each.
    lengths: Vec<(char, u64)>,
}

impl Lines {
    fn new(texts: Vec<String>) -> Self {
        let mut lengths: Vec<(char, u64)> = Vec::new();
        for text in &texts {
            let mut signs = text.chars().filter(is_sign);
            let first = signs.next().unwrap_or_default();
            let length = length_bit(signs.count());
            match lengths.iter_mut().find(|(known, _)| *known == first) {
                Some((_, known)) => *known |= length,
                None => lengths.push((first, length)),
            }
        }
        Self { texts, lengths }
    }

    /// Whether `text` in its normal form is one of them.
    pub(crate) fn hold(&self, text: &str) -> bool {
        let could_be = match text.is_ascii() {
            true => self.could_be(text.bytes().map(char::from)),
            false => self.could_be(visible_letter::letters(text)),
        };
        could_be && self.texts.contains(&normal(text))
    }

    /// Whether one of them begins with the same letter and has as many. The normal form of a text has
    /// as many as it has itself.
    fn could_be(&self, letters: impl Iterator<Item = char>) -> bool {
        let mut signs = letters.filter(is_sign);
        let first = signs.next().map(|c| c.to_ascii_lowercase());
        let same = |(known, _): &&(char, u64)| Some(*known) == first;
        self.lengths.iter().find(same).is_some_and(|(_, lengths)| {
            // No further than the longest, and one more.
            let most = usize::try_from(u64::BITS - lengths.leading_zeros()).unwrap_or_default();
            lengths & length_bit(signs.take(most).count()) != 0
        })
    }
}

/// What the normal form keeps of a text.
fn is_sign(c: &char) -> bool {
    match c {
        '-' | '_' => false,
        '!'..='~' => true,
        c => !(c.is_whitespace() || is_invisible(*c)),
    }
}

fn length_bit(signs: usize) -> u64 {
    1 << signs.min(63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_words_are_right() {
        if let Err(error) = Words::from_toml(include_str!("words.toml")) {
            panic!("{error}");
        }
    }

    #[test]
    fn a_line_is_compared_where_it_could_be_one_of_them() {
        let texts = ["original message", "de", "转发的邮件", "x"].map(str::to_owned);
        let lines = Lines::new(texts.to_vec());
        let held = [
            "Original Message",
            "ORIGINAL-MESSAGE",
            "0riginal message",
            "Оriginal\u{200B} mеssage",
            " de ",
            "dé",
            "d",
            "dee",
            "",
            "转发的\n邮件",
            "转发的邮",
            "X",
            "xx",
            "original messages of the day and of all the days that went before it for ever",
        ];
        for text in held {
            assert_eq!(lines.hold(text), texts.contains(&normal(text)), "{text}");
        }
        assert!(lines.hold("ORIGINAL-MESSAGE") && lines.hold("dé") && !lines.hold("d"));
    }
}
