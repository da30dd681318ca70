//! How the data files become tables.

use super::{Category, Hosts, Phrase, Role, Services, Tables, Threat, Words};
use crate::{
    brand::prizes::Prizes,
    mail::text::normalise::{is_unspaced, normal},
};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// The lists of the data files, each with what its phrases do.
const LISTS: [(&str, Role); 45] = [
    ("ask", Role::Ask),
    ("never", Role::Never),
    ("not", Role::Not),
    ("if", Role::If),
    ("spare", Role::Spare),
    ("break", Role::Break),
    ("through", Role::Through),
    ("passive", Role::Passive),
    ("password", Role::Object(Category::Password)),
    ("payment", Role::Object(Category::Payment)),
    ("identity", Role::Object(Category::Identity)),
    ("key", Role::Object(Category::Code)),
    ("code", Role::Told(Category::Code)),
    ("asks_password", Role::Whole(Category::Password)),
    ("asks_payment", Role::Whole(Category::Payment)),
    ("asks_identity", Role::Whole(Category::Identity)),
    ("asks_code", Role::Whole(Category::Code)),
    ("call", Role::Call),
    ("alarm", Role::Alarm),
    ("worry", Role::Worry),
    ("team", Role::Team),
    ("will_call", Role::WillCall),
    ("account", Role::Account),
    ("lock", Role::State(Threat::Locked)),
    ("limit", Role::State(Threat::Limited)),
    ("end", Role::State(Threat::Ending)),
    ("verify", Role::State(Threat::Verify)),
    ("locked", Role::Threat(Threat::Locked)),
    ("limited", Role::Threat(Threat::Limited)),
    ("ending", Role::Threat(Threat::Ending)),
    ("verifying", Role::Threat(Threat::Verify)),
    ("charged", Role::Threat(Threat::Charged)),
    ("failed", Role::Threat(Threat::PaymentFailed)),
    ("sign", Role::State(Threat::SignIn)),
    ("sign_in", Role::Threat(Threat::SignIn)),
    ("odd", Role::State(Threat::Mentioned)),
    ("yours", Role::Threat(Threat::Mentioned)),
    ("due", Role::Due),
    ("money", Role::Money),
    ("prize", Role::Prize),
    ("offer", Role::Offer),
    ("gift", Role::Gift),
    ("free", Role::Free),
    ("ware", Role::Ware),
    ("hand_over", Role::HandOver),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    services: RawServices,
    language: Vec<RawLanguage>,
}

/// A file that has more phrases of the same languages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMore {
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
#[serde(default)]
struct RawLanguage {
    id: String,
    #[serde(rename = "source")]
    _source: String,
    verb_last: bool,
    verbs: Vec<String>,
    frames: Vec<String>,
    spare_frames: Vec<String>,
    tells: Vec<String>,
    tell_frames: Vec<String>,
    passives: Vec<String>,
    passive_frames: Vec<String>,
    misspelt: Vec<String>,
    digits: Vec<String>,
    labels: Vec<String>,
    owners: Vec<String>,
    months: Vec<String>,
    /// Those of [`LISTS`].
    #[serde(flatten)]
    lists: BTreeMap<String, Vec<String>>,
}

/// The tables of the embedded files.
pub(super) fn read() -> Result<Tables, String> {
    let message = |error: toml::de::Error| error.to_string();
    let raw: Raw = toml::from_str(include_str!("../requests.toml")).map_err(message)?;
    let mut builder = Builder::default();
    let (mut verb_last, mut places) = (Vec::new(), HashMap::new());
    for (index, language) in raw.language.iter().enumerate() {
        verb_last.push(language.verb_last);
        places.insert(language.id.clone(), index);
        builder.language(index, language)?;
    }
    for more in [
        include_str!("../threats.toml"),
        include_str!("../offers.toml"),
    ] {
        let more: RawMore = toml::from_str(more).map_err(message)?;
        for language in &more.language {
            let index = places.get(&language.id);
            let index = index.ok_or_else(|| format!("unknown language: {}", language.id))?;
            builder.language(*index, language)?;
        }
    }
    builder.prizes(places.get("any").copied().unwrap_or_default());
    builder.disguises();
    let services = Services {
        counters: Hosts(raw.services.counters.into_iter().collect()),
        checkers: Hosts(raw.services.checkers.into_iter().collect()),
        parameters: raw.services.parameters,
        origins: raw.services.origins,
    };
    let Builder { phrases, words } = builder;
    Ok(Tables::new(services, verb_last, words, phrases))
}

#[derive(Default)]
struct Builder {
    phrases: Vec<(String, Phrase)>,
    words: Words,
}

impl Builder {
    fn language(&mut self, index: usize, raw: &RawLanguage) -> Result<(), String> {
        for (name, phrases) in &raw.lists {
            let list = LISTS.iter().find(|(known, _)| known == name);
            let (_, role) = list.ok_or_else(|| format!("unknown list: {name}"))?;
            for phrase in phrases {
                self.add(phrase, *role, index);
            }
        }
        let framed = [
            (&raw.verbs, &raw.frames, Role::Ask),
            (&raw.verbs, &raw.spare_frames, Role::Spare),
            (&raw.tells, &raw.tell_frames, Role::Tell),
            (&raw.passives, &raw.passive_frames, Role::Passive),
        ];
        for (verbs, frames, role) in framed {
            for (verb, frame) in verbs
                .iter()
                .flat_map(|v| frames.iter().map(move |f| (v, f)))
            {
                self.add(&frame.replace("{}", verb), role, index);
            }
        }
        for word in raw.misspelt.iter().map(|word| normal(word)) {
            for variant in misspelt(&word) {
                self.add(
                    &format!("{variant}*"),
                    Role::Object(Category::Password),
                    index,
                );
                self.words.disguised.insert(variant, word.clone());
            }
        }
        for (digit, words) in (0..).zip(&raw.digits) {
            let words = words.split('|').map(|word| (normal(word), digit));
            self.words.digits.extend(words);
        }
        let normals = |words: &[String]| words.iter().map(|word| normal(word)).collect::<Vec<_>>();
        self.words.labels.extend(normals(&raw.labels));
        self.words.owners.extend(normals(&raw.owners));
        self.words.months.extend(normals(&raw.months));
        Ok(())
    }

    /// A phrase, and the same at the beginning of a sentence and in capitals, where these look like
    /// other letters than the small ones: Cyrillic `В` is a `B`, `в` is none.
    fn add(&mut self, phrase: &str, role: Role, language: usize) {
        self.add_written(phrase, role, language);
        if phrase.is_ascii() {
            return;
        }
        let capitals = phrase.to_uppercase();
        if normal(&capitals) != normal(phrase) {
            let first = phrase.chars().next().map(char::to_uppercase);
            let rest = phrase.chars().skip(1);
            let first: String = first.into_iter().flatten().chain(rest).collect();
            self.add_written(&first, role, language);
            self.add_written(&capitals, role, language);
        }
    }

    /// A `*` at either end: the word may go on there.
    fn add_written(&mut self, phrase: &str, role: Role, language: usize) {
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
            let phrase = Phrase {
                role,
                language,
                edges,
            };
            self.phrases.push((text, phrase));
        }
    }

    /// The words for what is given, which the subject is looked through for as well.
    fn prizes(&mut self, language: usize) {
        let Prizes { begin, anywhere } = Prizes::embedded();
        for word in begin {
            self.add(&format!("{word}*"), Role::Prize, language);
        }
        for word in anywhere {
            self.add(&format!("*{word}*"), Role::Prize, language);
        }
    }

    /// The words that make a request, a threat or a call, by which their disguises are known.
    fn disguises(&mut self) {
        const SHORTEST: usize = 3;
        let tells = |role: Role| {
            use Role::{Alarm, Ask, Call, Object, Passive, State, Threat, Told, Whole};
            matches!(role, Object(_) | Told(_) | Whole(_) | Ask | Passive)
                || matches!(role, Call | Alarm | State(_) | Threat(_) | Role::Account)
        };
        let told = self.phrases.iter().filter(|(_, phrase)| tells(phrase.role));
        for word in told.flat_map(|(text, _)| text.split(' ')) {
            let is_word = word.len() >= SHORTEST && word.bytes().all(|b| b.is_ascii_lowercase());
            if is_word && !self.words.disguised.contains_key(word) {
                let word = word.to_owned();
                self.words.disguised.insert(word.clone(), word);
            }
        }
        let lengths = self.words.disguised.keys().map(String::len);
        self.words.longest_disguised = lengths.max().unwrap_or_default();
    }
}

/// The word with one letter left out, doubled, changed, or in its neighbour's place: so that a reader
/// doesn't see it. The first letter stays, by which people read.
fn misspelt(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let spelt = |letters: Vec<char>| letters.into_iter().collect::<String>();
    let mut found = Vec::new();
    for at in 1..letters.len() {
        let mut left_out = letters.clone();
        left_out.remove(at);
        let mut swapped = letters.clone();
        swapped.swap(at, letters.len().min(at + 2) - 1);
        found.extend([left_out, swapped]);
        for other in 'a'..='z' {
            let (mut added, mut changed) = (letters.clone(), letters.clone());
            added.insert(at, other);
            if let Some(letter) = changed.get_mut(at) {
                *letter = other;
            }
            // Another last letter is another form of the word.
            found.push(added);
            if at + 1 < letters.len() {
                found.push(changed);
            }
        }
    }
    let mut found: Vec<String> = found.into_iter().map(spelt).collect();
    for (letter, pair) in [("w", "vv"), ("m", "rn"), ("d", "cl")] {
        found.push(word.replace(letter, pair));
    }
    found.retain(|variant| !word.starts_with(variant.as_str()) && !variant.starts_with(word));
    found.extend(word.chars().next_back().map(|last| format!("{word}{last}")));
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_is_near() {
        let found = misspelt("password");
        for word in [
            "pasword",
            "passwrd",
            "passwrod",
            "passsword",
            "pessword",
            "passward",
            "passvvord",
            "passwordd",
        ] {
            assert!(found.iter().any(|known| known == word), "{word}");
        }
        for word in ["password", "passwords", "passport", "assword", "passwor"] {
            assert!(!found.iter().any(|known| known == word), "{word}");
        }
    }
}
