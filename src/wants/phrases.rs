//! The phrase tables of `requests.toml`, and what finds them in a text.

use crate::mail::domain::Domain;
use crate::{
    mail::text::normalise::{is_unspaced, normal},
    wants::finder::{Finder, Pattern},
};
use serde::Deserialize;
use std::{collections::HashSet, ops::Range, sync::LazyLock};

/// What a message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Category {
    Password,
    Payment,
    Identity,
}

/// What a phrase does in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Asks the reader to do something with what follows.
    Ask,
    /// What must not be asked for.
    Object(Category),
    /// Asks by itself.
    Whole(Category),
    /// Turns the whole sentence into a warning.
    Never,
    /// Turns its clause into the opposite.
    Not,
    /// Makes its clause a condition, whose "not" threatens.
    If,
    /// A run of words in which none of the others means what it says.
    Spare,
    /// What follows isn't asked for by what stands before.
    Break,
    /// Asks to be called.
    Call,
    /// Gives the reader a reason to call at once.
    Alarm,
    /// The same, in words too common to count without a strong claim.
    Worry,
    /// The team whose call is announced.
    Team,
    /// Announces a call.
    WillCall,
}

impl Role {
    /// Without a phrase of these a sentence says nothing that counts, where the text names no
    /// [`Role::Team`].
    fn is_telling(self) -> bool {
        match self {
            Self::Object(_) | Self::Whole(_) => true,
            Self::Call | Self::Alarm | Self::Worry | Self::Team => true,
            Self::Ask | Self::Never | Self::Not | Self::If => false,
            Self::Spare | Self::Break | Self::WillCall => false,
        }
    }
}

/// A phrase that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) range: Range<usize>,
    pub(crate) role: Role,
    /// Index of the language; [`ANY`] for words that all languages use.
    pub(crate) language: usize,
}

/// The language of words that all languages use.
pub(crate) const ANY: usize = 0;

struct Phrase {
    role: Role,
    language: usize,
    /// Whether a word must begin (end) where the phrase does.
    edges: (bool, bool),
}

/// Services whose hosts stand in links of mail.
#[derive(Debug, Default)]
pub(crate) struct Services {
    /// Count clicks for senders of mail and for shops; they lead to wherever their customer says.
    pub(crate) counters: Hosts,
    /// Rewrite links to check them; the address that they lead to stands in theirs.
    pub(crate) checkers: Hosts,
    /// Names of query parameters that redirect.
    pub(crate) parameters: Vec<String>,
    /// Names of those that say where a reader came from.
    pub(crate) origins: Vec<String>,
}

/// A list of hosts, each with everything below it. `=` before a host: it alone, since its neighbours
/// are open to everyone.
#[derive(Debug, Default)]
pub(crate) struct Hosts(HashSet<String>);

impl Hosts {
    pub(crate) fn hold(&self, name: &Domain) -> bool {
        name.ancestors().any(|part| self.0.contains(part)) || self.0.contains(&format!("={name}"))
    }
}

/// All tables, ready for use.
pub(crate) struct Tables {
    pub(crate) services: Services,
    /// For each language whether the verb may come after what it asks for.
    pub(crate) verb_last: Vec<bool>,
    phrases: Vec<Phrase>,
    all: Finder,
    telling: Finder,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    services: RawServices,
    language: Vec<RawLanguage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawServices {
    counters: Vec<String>,
    checkers: Vec<String>,
    parameters: Vec<String>,
    origins: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawLanguage {
    #[serde(rename = "id")]
    _id: String,
    #[serde(rename = "source")]
    _source: String,
    verb_last: bool,
    verbs: Vec<String>,
    frames: Vec<String>,
    spare_frames: Vec<String>,
    ask: Vec<String>,
    never: Vec<String>,
    not: Vec<String>,
    #[serde(rename = "if")]
    conditions: Vec<String>,
    spare: Vec<String>,
    #[serde(rename = "break")]
    breaks: Vec<String>,
    password: Vec<String>,
    payment: Vec<String>,
    identity: Vec<String>,
    asks_password: Vec<String>,
    asks_payment: Vec<String>,
    asks_identity: Vec<String>,
    call: Vec<String>,
    alarm: Vec<String>,
    worry: Vec<String>,
    team: Vec<String>,
    will_call: Vec<String>,
}

static EMBEDDED: LazyLock<Tables> = LazyLock::new(|| {
    // A test reads the same text; it cannot fail at a user's.
    #[allow(clippy::expect_used)]
    Tables::from_toml(include_str!("requests.toml"))
        .expect("the embedded tables are checked by a test")
});

impl Tables {
    /// The tables that the program is made with.
    pub(crate) fn embedded() -> &'static Self {
        &EMBEDDED
    }

    fn from_toml(text: &str) -> Result<Self, String> {
        let raw: Raw = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut builder = Builder::default();
        let verb_last = raw
            .language
            .iter()
            .map(|language| language.verb_last)
            .collect();
        for (index, language) in raw.language.iter().enumerate() {
            builder.language(index, language);
        }
        let patterns = || {
            let both = builder.phrases.iter().zip(&builder.texts);
            both.enumerate().map(|(index, (phrase, text))| Pattern {
                text,
                index,
                within: !phrase.edges.0,
            })
        };
        let is_telling = |pattern: &Pattern<'_>| {
            let phrase = builder.phrases.get(pattern.index);
            phrase.is_some_and(|phrase| phrase.role.is_telling())
        };
        let (all, telling) = (
            Finder::new(patterns()),
            Finder::new(patterns().filter(is_telling)),
        );
        Ok(Self {
            services: Services {
                counters: Hosts(raw.services.counters.into_iter().collect()),
                checkers: Hosts(raw.services.checkers.into_iter().collect()),
                parameters: raw.services.parameters,
                origins: raw.services.origins,
            },
            verb_last,
            phrases: builder.phrases,
            all,
            telling,
        })
    }

    /// All phrases in the stretch `within` of `text` (normal form), overlapping ones too, by where they
    /// begin, the shorter first.
    pub(crate) fn find<'t>(
        &'t self,
        text: &'t str,
        within: Range<usize>,
    ) -> impl Iterator<Item = Hit> + 't {
        let found = self.all.find(text, within);
        found.into_iter().filter_map(|found| self.hit(text, found))
    }

    /// The same of the whole text, of those roles alone without which nothing is said.
    pub(crate) fn find_telling<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Hit> + 't {
        let found = self.telling.find(text, 0..text.len());
        found.into_iter().filter_map(|found| self.hit(text, found))
    }

    /// The phrase of this index, where words begin and end as it asks for.
    fn hit(&self, text: &str, (range, index): (Range<usize>, usize)) -> Option<Hit> {
        let phrase = self.phrases.get(index)?;
        let before = || text.get(..range.start)?.chars().next_back();
        let after = || text.get(range.end..)?.chars().next();
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let stands = !(phrase.edges.0 && inside(before()) || phrase.edges.1 && inside(after()));
        stands.then_some(Hit {
            range,
            role: phrase.role,
            language: phrase.language,
        })
    }
}

#[derive(Default)]
struct Builder {
    phrases: Vec<Phrase>,
    texts: Vec<String>,
}

impl Builder {
    fn language(&mut self, index: usize, raw: &RawLanguage) {
        let lists: [(Role, &[String]); 17] = [
            (Role::Ask, &raw.ask),
            (Role::Never, &raw.never),
            (Role::Not, &raw.not),
            (Role::If, &raw.conditions),
            (Role::Spare, &raw.spare),
            (Role::Break, &raw.breaks),
            (Role::Object(Category::Password), &raw.password),
            (Role::Object(Category::Payment), &raw.payment),
            (Role::Object(Category::Identity), &raw.identity),
            (Role::Whole(Category::Password), &raw.asks_password),
            (Role::Whole(Category::Payment), &raw.asks_payment),
            (Role::Whole(Category::Identity), &raw.asks_identity),
            (Role::Call, &raw.call),
            (Role::Alarm, &raw.alarm),
            (Role::Worry, &raw.worry),
            (Role::Team, &raw.team),
            (Role::WillCall, &raw.will_call),
        ];
        for (role, list) in lists {
            for phrase in list {
                self.add(phrase, role, index);
            }
        }
        for verb in &raw.verbs {
            for frame in &raw.frames {
                self.add(&frame.replace("{}", verb), Role::Ask, index);
            }
            for frame in &raw.spare_frames {
                self.add(&frame.replace("{}", verb), Role::Spare, index);
            }
        }
    }

    /// A `*` at either end: the word may go on there.
    fn add(&mut self, phrase: &str, role: Role, language: usize) {
        let begins = !phrase.starts_with('*');
        let ends = !phrase.ends_with('*');
        let text = normal(phrase.trim_matches('*'));
        // Scripts without spaces between words have no edges to look for.
        let spaced = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_unspaced(c));
        let edges = (
            begins && spaced(text.chars().next()),
            ends && spaced(text.chars().next_back()),
        );
        if !text.is_empty() {
            self.texts.push(text);
            self.phrases.push(Phrase {
                role,
                language,
                edges,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_tables_are_right() {
        if let Err(error) = Tables::from_toml(include_str!("requests.toml")) {
            panic!("{error}");
        }
    }

    #[test]
    fn words_are_whole_and_compounds_are_found() {
        let found = |text: &str| {
            let objects = Tables::embedded()
                .find(text, 0..text.len())
                .filter(|hit| matches!(hit.role, Role::Object(_)));
            objects
                .map(|hit| text.get(hit.range).unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(found("a spin, a pint, pinned"), [""; 0]);
        assert_eq!(found("ihr kontopasswort"), ["passwort"]);
    }
}
