//! Words for what is given for nothing. They are words of languages, not of a brand.

use crate::mail::text::skeleton::skeleton;
use serde::Deserialize;
use std::sync::LazyLock;

/// The words as the data file has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prizes {
    /// How such words begin.
    pub(crate) begin: Vec<String>,
    /// The same in scripts that put no space between words.
    pub(crate) anywhere: Vec<String>,
}

impl Prizes {
    /// Those that the program is made with.
    pub(crate) fn embedded() -> &'static Self {
        static EMBEDDED: LazyLock<Prizes> = LazyLock::new(|| {
            // A test reads the same text; it cannot fail at a user's.
            #[allow(clippy::expect_used)]
            toml::from_str(include_str!("prizes.toml")).expect("the embedded words are right")
        });
        &EMBEDDED
    }
}

/// Whether a text offers something for nothing.
pub(crate) fn are_named_in(text: &str) -> bool {
    static BEGIN: LazyLock<Vec<String>> = LazyLock::new(|| {
        let words = Prizes::embedded().begin.iter();
        words.map(|word| skeleton(word)).collect()
    });
    let anywhere = &Prizes::embedded().anywhere;
    if anywhere.iter().any(|prize| text.contains(prize)) {
        return true;
    }
    let text = skeleton(text);
    let behind_blanks = text.match_indices(' ').map(|(at, _)| at + 1);
    let mut words = std::iter::once(0).chain(behind_blanks);
    words.any(|at| {
        let rest = text.get(at..).unwrap_or_default();
        BEGIN.iter().any(|prize| rest.starts_with(prize))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prize_is_one_in_every_spelling() {
        for text in [
            "Gewinnen Sie",
            "GUTSCHEINE",
            "G\u{200b}utschein",
            "Gutsсhein",
            "ギフト券をプレゼント",
            "Votre chèque-cadeau",
        ] {
            assert!(are_named_in(text), "{text}");
        }
        assert!(!are_named_in("your order 302"));
        assert!(!are_named_in("an oddgift"));
    }
}
