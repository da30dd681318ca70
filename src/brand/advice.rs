//! What people are advised to do with mail that is not proved to be the brand's.

use std::collections::{BTreeMap, HashMap};

/// The languages that advice can be given in, as BCP 47 tags in lower case: those of the brand's
/// marketplaces in which bodies are read, too.
pub const LANGUAGES: [&str; 14] = [
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr", "ar", "ja", "zh-hans", "zh-hant",
];

/// Longer sentences make a header field that nobody reads.
const MAX_CHARACTERS: usize = 300;

/// One sentence for each language.
#[derive(Clone, Debug, Default)]
pub(crate) struct Advice(HashMap<Box<str>, String>);

impl Advice {
    /// Takes a brand file's table; `wrong` is told of each mistake: place, what stands there, what
    /// should.
    pub(crate) fn read(
        raw: BTreeMap<String, String>,
        mut wrong: impl FnMut(&str, &str, String),
    ) -> Self {
        let mut sentences = HashMap::with_capacity(raw.len());
        for (language, text) in raw {
            if !LANGUAGES.contains(&language.as_str()) {
                let expected = format!("one of the languages {}", LANGUAGES.join(", "));
                wrong("advice", &language, expected);
                continue;
            }
            // "=?" would begin an encoded word (RFC 2047 section 2) in a field that is plain ASCII.
            let valid = !text.trim().is_empty()
                && text.chars().count() <= MAX_CHARACTERS
                && !text.chars().any(char::is_control)
                && !text.contains("=?");
            match valid {
                true => {
                    sentences.insert(language.into(), text.trim().to_owned());
                }
                false => wrong(
                    &format!("advice.{language}"),
                    &text,
                    format!("one line of at most {MAX_CHARACTERS} characters, without =?"),
                ),
            }
        }
        Self(sentences)
    }

    /// The sentence in a language; empty where there is none.
    pub(crate) fn sentence(&self, language: &str) -> &str {
        self.0.get(language).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use crate::brand::{Brand, sample::CONTOSO};

    fn with(advice: &str) -> String {
        format!("{CONTOSO}\n[advice]\n{advice}\n")
    }

    #[test]
    fn a_file_gives_advice_in_the_languages_that_it_has() {
        let file = with("en = \" Ask us. \"\nzh-hans = \"请打开我们的网站。\"");
        let brand = Brand::from_toml(&file).unwrap();
        assert_eq!(brand.advice("en"), "Ask us.");
        assert_eq!(brand.advice("zh-hans"), "请打开我们的网站。");
        assert_eq!(brand.advice("de"), "");
        assert_eq!(brand.advice(""), "");
        assert_eq!(Brand::from_toml(CONTOSO).unwrap().advice("en"), "");
    }

    #[test]
    fn mistakes_are_told_at_once() {
        let long = "x".repeat(301);
        let file = with(&format!(
            "ar = \"=?utf-8?q?x?=\"\nde = \" \"\nen = \"a\\nX: b\"\nfr = \"{long}\"\nxx = \"x\""
        ));
        let places: Vec<String> = Brand::from_toml(&file)
            .unwrap_err()
            .iter()
            .map(|error| error.at.clone())
            .collect();
        assert_eq!(
            places,
            ["advice.ar", "advice.de", "advice.en", "advice.fr", "advice"]
        );
        let number = Brand::from_toml(&with("en = 5")).unwrap_err();
        assert_eq!(number.len(), 1);
    }
}
