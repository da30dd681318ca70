//! The words of `speech.toml`, and what finds them in a text.

use std::{ops::Range, sync::LazyLock};

use crate::{
    mail::text::{
        letter::is_alphanumeric,
        normalise::{is_unspaced, normal},
        visible_letter::looks_alike_in_capitals,
    },
    wants::{
        finder::{Finder, Pattern, in_order},
        lists,
    },
};

/// Stands for the brand in marked text; private use, so that it is no letter of any word.
pub(super) const BRAND: char = '\u{E000}';

/// Declares the roles with their keys in the file.
macro_rules! roles {
    ($($role:ident = $key:literal,)*) => {
        /// What a word does in a sentence; the file says more.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Role {
            $($role,)*
            /// The brand itself.
            Brand,
            /// A product that has accounts of its own.
            Product,
        }

        fn role(key: &str) -> Option<Role> {
            match key {
                $($key => Some(Role::$role),)*
                _ => None,
            }
        }
    };
}

roles! {
    Your = "your",
    YourBehind = "your_behind",
    NotYour = "not_your",
    Account = "account",
    Member = "member",
    Benefit = "benefit",
    YourAccount = "your_account",
    YourMember = "your_member",
    NotAccount = "not_account",
    Between = "between",
    Of = "of",
    At = "at",
    Filler = "filler",
    Department = "department",
    SignOff = "sign_off",
    Dear = "dear",
    Customer = "customer",
    Trader = "trader",
    Salute = "salute",
    We = "we",
    Order = "order",
    YourOrder = "your_order",
    Purchase = "purchase",
    Sold = "sold",
    Problem = "problem",
    Declined = "declined",
    Locked = "locked",
    Charged = "charged",
    Verify = "verify",
    Invite = "invite",
    Breach = "breach",
    Warn = "warn",
    If = "if",
    Connection = "connection",
    Copyright = "copyright",
    Affiliates = "affiliates",
    Denial = "denial",
    Host = "host",
    Credit = "credit",
    Ending = "ending",
    Notice = "notice",
}

/// One of 64 bits for each role.
pub(super) const fn role_bit(role: Role) -> u64 {
    1 << role as u32
}

/// A word or some that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) range: Range<usize>,
    pub(super) role: Role,
    /// Index of the language; [`ANY`] for words that all languages use.
    pub(super) language: usize,
}

/// The language of words that all languages use.
pub(super) const ANY: usize = 0;

struct Phrase {
    role: Role,
    language: usize,
    /// Whether a word must begin (end) where the phrase does.
    edges: (bool, bool),
    /// The rest of the word that it begins belongs to it.
    goes_on: bool,
}

/// All words, ready for use.
pub(super) struct Tables {
    phrases: Vec<Phrase>,
    finder: Finder,
}

static EMBEDDED: LazyLock<Tables> = LazyLock::new(|| {
    // A test reads the same text; it cannot fail at a user's.
    #[allow(clippy::expect_used)]
    Tables::from_toml(include_str!("speech.toml"))
        .expect("the embedded tables are checked by a test")
});

impl Tables {
    /// The tables that the program is made with.
    pub(super) fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn from_toml(text: &str) -> Result<Self, String> {
        let (mut phrases, mut texts) = (Vec::new(), Vec::new());
        let file = lists::read(text)?;
        for (language, words) in lists::languages(&file)?.into_iter().enumerate() {
            let id = lists::text(words, "id")?;
            lists::text(words, "source")?;
            for (key, list) in words {
                let key = key.get_ref().as_ref();
                if matches!(key, "id" | "source") {
                    continue;
                }
                let role = role(key).ok_or_else(|| format!("{id}: unknown key {key}"))?;
                for phrase in lists::texts(key, list.get_ref())? {
                    let forms = forms(phrase);
                    if forms.iter().any(|(text, _)| text.is_empty()) {
                        return Err(format!("{id}: {key}: an empty phrase"));
                    }
                    for (text, edges) in forms {
                        texts.push(text);
                        phrases.push(Phrase {
                            role,
                            language,
                            edges,
                            goes_on: phrase.ends_with('*'),
                        });
                    }
                }
            }
        }
        let patterns = phrases.iter().zip(&texts).enumerate();
        let patterns = patterns.map(|(index, (phrase, text))| Pattern {
            text,
            index,
            within: !phrase.edges.0,
        });
        Ok(Self {
            finder: Finder::new(&in_order(patterns)),
            phrases,
        })
    }

    /// Everything in the stretch `within` of `text` (marked), by where it begins, the shorter first.
    pub(super) fn find(&self, text: &str, within: Range<usize>) -> Vec<Hit> {
        let found = self.finder.find(text, within).into_iter();
        let hit = |(range, index): (Range<usize>, usize)| {
            let phrase = self.phrases.get(index)?;
            let (begins, ends) = phrase.edges;
            let stands = !(begins && is_inside(text.get(..range.start)?.chars().next_back())
                || ends && is_inside(text.get(range.end..)?.chars().next()));
            let end = match phrase.goes_on {
                true => range.end + rest_of_word(text.get(range.end..)?),
                false => range.end,
            };
            (stands && phrase.role != Role::Ending).then_some(Hit {
                range: range.start..end,
                role: phrase.role,
                language: phrase.language,
            })
        };
        found.filter_map(hit).collect()
    }

    /// The roles of the words with which `rest` begins, what is glued to the brand ("...konto").
    pub(super) fn beginning<'t>(&'t self, rest: &'t str) -> impl Iterator<Item = Role> + 't {
        self.finder.beginning(rest).filter_map(|(length, index)| {
            let phrase = self.phrases.get(index)?;
            let ends = !is_inside(rest.get(length..).and_then(|rest| rest.chars().next()));
            (ends || !phrase.edges.1).then_some(phrase.role)
        })
    }
}

pub(super) fn is_inside(c: Option<char>) -> bool {
    c.is_some_and(is_alphanumeric)
}

/// Octets of the word that goes on, as far as words go on: a text can be one word, in which phrases stand again
/// and again.
fn rest_of_word(text: &str) -> usize {
    const LONGEST: usize = 96;
    let text = text
        .get(..text.floor_char_boundary(LONGEST))
        .unwrap_or_default();
    let goes_on = |c: char| is_alphanumeric(c) && !is_unspaced(c);
    text.find(|c| !goes_on(c)).unwrap_or(text.len())
}

/// A phrase of the file in the forms that marked text has it in: capitals of other scripts look like other
/// letters than small ones do, and are read as these.
fn forms(phrase: &str) -> Vec<(String, (bool, bool))> {
    let mut forms = vec![pattern(phrase)];
    if !looks_alike_in_capitals(phrase) {
        let mut letters = phrase.chars();
        let first: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        forms.push(pattern(&format!("{first}{}", letters.as_str())));
        forms.push(pattern(&phrase.to_uppercase()));
        forms.sort();
        forms.dedup();
    }
    forms
}

/// A phrase as marked text has it, and whether words begin and end at its ends.
fn pattern(phrase: &str) -> (String, (bool, bool)) {
    let (begins, ends) = (!phrase.starts_with('*'), !phrase.ends_with('*'));
    let marked = phrase
        .trim_matches('*')
        .replace("{}", &format!(" {BRAND} "));
    let text = normal(&marked);
    // Scripts without spaces between words have no edges to look for.
    let spaced = |c: Option<char>| c.is_some_and(|c| is_alphanumeric(c) && !is_unspaced(c));
    let edges = (
        begins && spaced(text.chars().next()),
        ends && spaced(text.chars().next_back()),
    );
    (text, edges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_are_right() {
        if let Err(error) = Tables::from_toml(include_str!("speech.toml")) {
            panic!("{error}");
        }
    }

    #[test]
    fn phrases_are_read_as_texts_are() {
        let spaced = |text: &str| pattern(text).0;
        assert_eq!(spaced("we at {}"), "we at \u{E000}");
        assert_eq!(spaced("いつも{}を"), "いつも \u{E000} を");
        assert_eq!(pattern("konto*"), ("konto".to_owned(), (true, false)));
        let wrong = "[[language]]\nid = \"x\"\nsource = \"y\"\nyuor = [\"your\"]";
        assert_eq!(
            Tables::from_toml(wrong).err().as_deref(),
            Some("x: unknown key yuor")
        );
    }
}
