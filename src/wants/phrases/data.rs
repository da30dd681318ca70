//! How the data files become tables.

use super::{Category, Hosts, Phrase, Role, Services, Tables, Threat, Words};
use crate::{
    brand::prizes::Prizes,
    mail::text::{
        letter::is_alphanumeric,
        normalise::{is_unspaced, normal},
        visible_letter::looks_alike_in_capitals,
    },
    wants::{finder::beginning, lists},
};
use serde::Deserialize;
use std::collections::HashSet;
use toml::de::{DeTable, DeValue, ValueDeserializer};

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

/// The lists that something is made of; the others are those of [`LISTS`].
const MADE_OF: [&str; 12] = [
    "verbs",
    "frames",
    "spare_frames",
    "tells",
    "tell_frames",
    "passives",
    "passive_frames",
    "misspelt",
    "digits",
    "labels",
    "owners",
    "months",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawServices {
    counters: HashSet<String>,
    checkers: HashSet<String>,
    parameters: Vec<String>,
    origins: Vec<String>,
}

/// The tables of the embedded files.
pub(super) fn read() -> Result<Tables, String> {
    let mut requests = lists::read(include_str!("../requests.toml"))?;
    let services = requests.remove("services").ok_or("no services")?;
    let services = RawServices::deserialize(ValueDeserializer::from(services));
    let services = services.map_err(|error| error.to_string())?;
    let mut builder = Builder::default();
    let (mut verb_last, mut ids) = (Vec::new(), Vec::new());
    for (index, language) in lists::languages(&requests)?.into_iter().enumerate() {
        let is = language.get("verb_last");
        verb_last.push(is.and_then(|is| is.get_ref().as_bool()).unwrap_or_default());
        ids.push(lists::text(language, "id")?);
        builder.language(index, language)?;
    }
    for more in [
        include_str!("../threats.toml"),
        include_str!("../offers.toml"),
    ] {
        for language in lists::languages(&lists::read(more)?)? {
            let id = lists::text(language, "id")?;
            let index = ids.iter().position(|known| *known == id);
            let index = index.ok_or_else(|| format!("unknown language: {id}"))?;
            builder.language(index, language)?;
        }
    }
    let any = ids.iter().position(|id| *id == "any");
    builder.prizes(any.unwrap_or_default());
    builder.disguises();
    let services = Services {
        counters: Hosts(services.counters),
        checkers: Hosts(services.checkers),
        parameters: services.parameters,
        origins: services.origins,
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
    fn language(&mut self, index: usize, raw: &DeTable<'_>) -> Result<(), String> {
        for (name, value) in raw {
            let list = LISTS.iter().find(|(known, _)| known == name.get_ref());
            match (name.get_ref().as_ref(), value.get_ref()) {
                ("id" | "source", DeValue::String(_)) | ("verb_last", DeValue::Boolean(_)) => {}
                (name, _) if MADE_OF.contains(&name) => {}
                (name, value) => {
                    let (_, role) = list.ok_or_else(|| format!("unknown key: {name}"))?;
                    for phrase in lists::texts(name, value)? {
                        self.add(phrase, *role, index);
                    }
                }
            }
        }
        let list = |key: &str| lists::list(raw, key);
        let framed = [
            ("verbs", "frames", Role::Ask),
            ("verbs", "spare_frames", Role::Spare),
            ("tells", "tell_frames", Role::Tell),
            ("passives", "passive_frames", Role::Passive),
        ];
        for (verbs, frames, role) in framed {
            let frames = list(frames)?;
            for (verb, frame) in list(verbs)?
                .into_iter()
                .flat_map(|v| frames.iter().map(move |f| (v, f)))
            {
                self.add(&frame.replace("{}", verb), role, index);
            }
        }
        for word in list("misspelt")?.into_iter().map(normal) {
            for variant in misspelt(&word) {
                self.add(
                    &format!("{variant}*"),
                    Role::Object(Category::Password),
                    index,
                );
                self.words.disguised.insert(variant, word.clone());
            }
        }
        for (digit, words) in (0..).zip(list("digits")?) {
            let words = words.split('|').map(|word| (normal(word), digit));
            self.words.digits.extend(words);
        }
        let normals = |key: &str| Ok::<_, String>(list(key)?.into_iter().map(normal));
        self.words.labels.extend(normals("labels")?);
        self.words.owners.extend(normals("owners")?);
        self.words.months.extend(normals("months")?);
        Ok(())
    }

    /// A phrase, and the same at the beginning of a sentence and in capitals, where these look like
    /// other letters than the small ones: Cyrillic `В` is a `B`, `в` is none.
    /// A `*` at either end: the word may go on there.
    fn add(&mut self, phrase: &str, role: Role, language: usize) {
        let ends = (!phrase.starts_with('*'), !phrase.ends_with('*'));
        let written = phrase.trim_matches('*');
        let text = normal(written);
        if !looks_alike_in_capitals(written) {
            let capitals = normal(&written.to_uppercase());
            if capitals != text {
                // Where a `*` stands first, nothing is written large at the beginning.
                let first = phrase.chars().next().map(char::to_uppercase);
                let rest = phrase.chars().skip(1);
                let first: String = first.into_iter().flatten().chain(rest).collect();
                let first = normal(first.trim_matches('*'));
                for text in [text, first, capitals] {
                    self.add_text(text, ends, role, language);
                }
                return;
            }
        }
        self.add_text(text, ends, role, language);
    }

    /// A text in normal form, at whose ends words begin and end where `edges` says so.
    fn add_text(&mut self, text: String, edges: (bool, bool), role: Role, language: usize) {
        // Scripts without spaces between words have no edges to look for.
        let spaced = |c: Option<char>| c.is_some_and(|c| is_alphanumeric(c) && !is_unspaced(c));
        let edges = (
            edges.0 && spaced(text.chars().next()),
            edges.1 && spaced(text.chars().next_back()),
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
        let words = told.flat_map(|(text, _)| text.split(' '));
        let is_word = |word: &&str| {
            word.len() >= SHORTEST && word.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        let words = words.filter(is_word);
        // Nearly all come often: they are sorted by as much of them as is compared at once.
        let mut words: Vec<_> = words.map(|word| (beginning(word), word)).collect();
        words.sort_unstable_by_key(|(beginning, _)| *beginning);
        words.dedup();
        self.words.disguised.reserve(words.len());
        for (_, word) in words {
            let known = self.words.disguised.entry(word.to_owned());
            known.or_insert_with_key(String::clone);
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
