//! Whether a text speaks as the brand: in its name, not about it.
//!
//! The text may be in any language of `speech/speech.toml`; what is the brand's own stands in the brand
//! file (`[speech]`). Disguises are undone first. docs/content.md lists the forms and what each exception
//! needs; docs/threat-model.md says what they cost an attacker.

mod addressed;
mod belonging;
mod footer;
mod forms;
mod marked;
mod order;
mod sentence;
mod signature;
mod tables;

use std::{cell::LazyCell, collections::BTreeMap};

use memchr::memmem;

use crate::{
    brand::{Brand, OwnMention},
    mail::{quoted_reply::listed, text::normalise::normal, visible_text::prefix},
    wants::{author_name::AuthorName, names::Placed},
};
use sentence::{Sentence, sentences};
use tables::{BRAND, Role, Tables};

/// Sentences about the brand that are read from the one that speaks on: a salutation stands above the threat.
const MORE: usize = 8;

/// Octets of what speaks that are kept.
const MAX_SEEN: usize = 200;

/// Whether a text speaks as the brand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Speech {
    #[default]
    No,
    /// It does unless its author is proved and the mail names him.
    UnlessProved,
    Yes,
}

/// What was found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) speech: Speech,
    /// The sentence or line that speaks, at most 200 octets in the form in which texts are compared: not
    /// escaped. Empty where none does.
    pub(crate) seen: String,
    /// The first sentence that says that the reader's account is at risk, or what is wrong with his order.
    pub(crate) threatens: Option<String>,
    /// A sentence speaks to its reader of what is his and the brand's, whatever it is.
    pub(crate) addresses: bool,
    /// It greets the brand's customer, or signs as the brand.
    pub(crate) is_letter: bool,
    /// A line of it is nothing but the brand's name, as a subject in its name is.
    pub(crate) is_bare: bool,
}

/// Reads a subject or the visible text of a page.
///
/// Total, and linear in the text; without a name of the brand in it only that is looked for.
pub(crate) fn read(brand: &Brand, placed: &Placed<'_>, author: &AuthorName<'_>) -> Spoken {
    let spoken = read_all(brand, placed, author);
    if spoken.speech != Speech::Yes {
        return spoken;
    }
    // A filter's digest lists what others wrote.
    let text = placed.text;
    let listed = listed(text);
    if listed.is_empty() {
        return spoken;
    }
    let mut own = String::with_capacity(text.len());
    let mut taken = 0;
    for range in listed {
        own.push_str(text.get(taken..range.start).unwrap_or_default());
        taken = range.end;
    }
    own.push_str(text.get(taken..).unwrap_or_default());
    let own = read_all(brand, &Placed::new(brand, &own), author);
    match own.speech {
        Speech::Yes => own,
        Speech::No | Speech::UnlessProved => Spoken {
            speech: Speech::UnlessProved,
            threatens: None,
            is_letter: false,
            ..spoken
        },
    }
}

/// How a text speaks by its first line, where that is nothing but the brand. A subject has no such line.
pub(crate) fn letterhead(brand: &Brand, text: &str) -> Speech {
    const BEGINNING: usize = 400;
    let beginning = prefix(text, BEGINNING);
    let placed = Placed::new(brand, beginning);
    let has = || signature::has_letterhead(&marked::mark(brand, &placed), brand.own_words());
    match !placed.places.is_empty() && has() {
        // Shops list where they sell in lines like it.
        true => Speech::UnlessProved,
        false => Speech::No,
    }
}

/// As much of a text as [`says_yours`] is asked of.
pub(crate) fn beginning(text: &str) -> &str {
    const BEGINNING: usize = 2048;
    prefix(text, BEGINNING)
}

/// Whether a text speaks of what is its reader's, in the language of which most of its words are: the Swedish "er" is
/// the German "he".
pub(crate) fn says_yours(text: &str) -> bool {
    let found = Tables::embedded().find(text, 0..text.len());
    let is_yours = |hit: &&tables::Hit| {
        use Role::{Your, YourAccount, YourBehind, YourMember, YourOrder};
        matches!(
            hit.role,
            Your | YourBehind | YourAccount | YourMember | YourOrder
        )
    };
    let mut words: BTreeMap<usize, usize> = BTreeMap::new();
    for hit in found.iter().filter(|hit| hit.language != tables::ANY) {
        *words.entry(hit.language).or_default() += 1;
    }
    let most = words.values().copied().max();
    let mut yours = found.iter().filter(is_yours);
    yours.any(|hit| words.get(&hit.language).copied() == most)
}

/// The same as [`read`], whoever wrote it.
fn read_all(brand: &Brand, placed: &Placed<'_>, author: &AuthorName<'_>) -> Spoken {
    if !marked::may_name(brand, placed) {
        return Spoken::default();
    }
    let marked = marked::mark(brand, placed);
    let own = brand.own_words();
    let mut spoken = Spoken::default();
    let prose = normal(&marked);
    let warned = LazyCell::new(|| warns(&prose));
    let own_mentions: Vec<OwnMention> = own.mentions(&prose).collect();
    let places = places(&prose, &own_mentions);
    let mut next = places.iter().peekable();
    let mut more = MORE;
    for range in sentences(&prose) {
        if next.peek().is_none() {
            break;
        }
        let mut concerns = false;
        while next.next_if(|place| **place < range.end).is_some() {
            concerns = true;
        }
        if !concerns {
            continue;
        }
        let sentence = Sentence::new(own, &prose, range);
        let said = forms::said(&sentence, brand, author);
        spoken.addresses = spoken.addresses || addressed::is_addressed(&sentence, own);
        spoken.is_bare |= addressed::is_bare(&sentence);
        let speech = match said.speech {
            // Advice about such mail shows what it says.
            Speech::Yes if sentence.is_quoted() && *warned => Speech::UnlessProved,
            speech => speech,
        };
        spoken.is_letter |= said.greets && speech == Speech::Yes;
        if said.threatens && speech == Speech::Yes {
            spoken.threatens = Some(shown(sentence.shown(), brand));
        }
        note(&mut spoken, speech, sentence.shown(), brand);
        if spoken.speech == Speech::Yes {
            more -= 1;
            if spoken.threatens.is_some() || more == 0 {
                return spoken;
            }
        }
    }
    if spoken.speech == Speech::Yes {
        return spoken;
    }
    let products = own_mentions.iter().any(|mention| mention.is_product);
    for line in marked.split('\n').map(str::trim) {
        if !line.contains(BRAND) && !products {
            continue;
        }
        note(
            &mut spoken,
            signature::speech(line, own, author),
            line,
            brand,
        );
        if spoken.speech == Speech::Yes {
            spoken.is_letter = true;
            break;
        }
    }
    spoken
}

/// Makes the tables now that would else be made for the first message.
pub(crate) fn prepare() {
    Tables::embedded();
}

/// Whether a text warns of mail that pretends.
fn warns(prose: &str) -> bool {
    let found = Tables::embedded().find(prose, 0..prose.len());
    found.iter().any(|hit| hit.role == Role::Warn)
}

/// Where a text names the brand, a product or an address of it, in order.
fn places(text: &str, own: &[OwnMention]) -> Vec<usize> {
    let mut mark = [0; 4];
    let brand = memmem::find_iter(text.as_bytes(), BRAND.encode_utf8(&mut mark));
    let mut places: Vec<usize> = brand
        .chain(own.iter().map(|mention| mention.range.start))
        .collect();
    places.sort_unstable();
    places
}

/// Keeps the first of what speaks most.
fn note(spoken: &mut Spoken, speech: Speech, seen: &str, brand: &Brand) {
    if speech > spoken.speech {
        spoken.speech = speech;
        spoken.seen = shown(seen, brand);
    }
}

/// What is shown of a marked sentence.
fn shown(sentence: &str, brand: &Brand) -> String {
    let seen = sentence.replace(BRAND, brand.name());
    let seen = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    prefix(&seen, MAX_SEEN).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{brand::sample::contoso, mail::domain::Domain};
    use proptest::{prelude::*, sample::select};

    /// Wanted, the author's domain, the text.
    fn table() -> impl Iterator<Item = (Speech, &'static str, String)> {
        let lines = include_str!("speech/sentences.tsv").lines();
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(|line| {
            let mut fields = line.split('\t');
            let mut next = || fields.next().unwrap_or_else(|| panic!("{line}"));
            let wanted = match next() {
                "yes" => Speech::Yes,
                "unless" => Speech::UnlessProved,
                "no" => Speech::No,
                other => panic!("{other}"),
            };
            let author = match next() {
                "-" => "stranger.example",
                author => author,
            };
            (wanted, author, next().replace('|', "\n"))
        })
    }

    fn wrong(
        brand: &Brand,
        sentences: impl Iterator<Item = (Speech, &'static str, String)>,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for (wanted, author, text) in sentences {
            let domain = Domain::parse(author).unwrap();
            let author = AuthorName::new(brand, &[&domain]);
            let found = read(brand, &Placed::new(brand, &text), &author);
            let found = Spoken {
                speech: found.speech.max(letterhead(brand, &text)),
                ..found
            };
            if found.speech != wanted {
                wrong.push(format!(
                    "{wanted:?} wanted, {:?} found: {text:?}",
                    found.speech
                ));
            }
        }
        wrong
    }

    #[test]
    fn sentences_speak_or_do_not() {
        let wrong = wrong(Brand::embedded(), table());
        assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    }

    /// The table with an invented brand in the place of the other: nothing but data knows which it is.
    #[test]
    fn they_speak_for_an_invented_brand_as_well() {
        let brand = contoso();
        let real = Brand::embedded().name();
        let invented = |text: String| {
            let mut text = text
                .replace(real, "Contoso")
                .replace(&real.to_uppercase(), "CONTOSO")
                .replace("アマゾン", "コントソ")
                .replace("Prime", "Rain Club")
                .replace("Web Services", "Cloud Services")
                .replace("410 Terry Avenue North", "12 Umbrella Street");
            for suffix in ["de", "fr", "es", "it", "nl", "pl", "co.jp"] {
                text = text.replace(&format!("Contoso.{suffix}"), "Contoso.com");
            }
            text
        };
        let sentences = table().map(|(wanted, author, text)| (wanted, author, invented(text)));
        // Those with other names of the brand, or with products and disguises that the invented one lacks.
        let named = |text: &str| {
            text.contains("Contoso") || text.contains("コントソ") || text.contains("Rain Club")
        };
        let other = [
            "Kennedy",
            "Luxembourg",
            "\u{4E0B}\u{76EE}",
            "river",
            "プライム",
            "ジャパン",
        ];
        let sentences: Vec<_> = sentences
            .filter(|(wanted, _, text)| {
                *wanted == Speech::No
                    || named(text) && !other.iter().any(|other| text.contains(other))
            })
            .collect();
        assert!(sentences.len() > 250, "{}", sentences.len());
        let wrong = wrong(&brand, sentences.into_iter());
        assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    }

    fn texts() -> impl Strategy<Value = String> {
        let bits = vec![
            "Contoso",
            "CONT0SO",
            "Rain Club",
            "your",
            " ",
            " ",
            "\n",
            ". ",
            ", ",
            "account",
            "konto",
            "locked",
            "Dear",
            "customer",
            "Team",
            "©",
            "2026",
            "order",
            "112-2938475-5647382",
            "\u{E000}",
            "\u{200B}",
            "コントソ",
            "アカウント",
            "停止",
            "é",
            "-",
            "'s",
            ".com",
            "ß",
            "İ",
            "\u{301}",
            "if",
            "support",
        ];
        let bit = prop_oneof![
            6 => select(bits).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(bit, 0..60).prop_map(|bits| bits.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn any_text_is_read(text in texts()) {
            let brand = contoso();
            let domain = Domain::parse("kestlow.example").unwrap();
            let placed = Placed::new(&brand, &text);
            let found = read(&brand, &placed, &AuthorName::new(&brand, &[&domain]));
            prop_assert_eq!(found.speech == Speech::No, found.seen.is_empty());
            prop_assert!(found.seen.len() <= MAX_SEEN);
        }

        #[test]
        fn what_speaks_speaks_behind_other_words(text in texts()) {
            let brand = contoso();
            let author = AuthorName::default();
            let text = format!("{text}.\n\nYour Contoso account is locked.");
            prop_assert!(read(&brand, &Placed::new(&brand, &text), &author).speech > Speech::No);
        }
    }

    /// No flood hides what stands behind it, whether it is made of the same few words or of many, which use
    /// up what is looked at closely.
    #[test]
    fn what_stands_behind_a_flood_speaks() {
        let brand = contoso();
        let author = AuthorName::default();
        let same = |bit: &str| bit.repeat(60_000 / bit.len());
        let many = |bit: &str| {
            let words = (0..60_000 / (bit.len() + 6)).map(|number| format!("{bit}{number:05} "));
            words.collect::<String>()
        };
        for bit in [
            "Contoso ",
            "C o n t o s o ",
            "account ",
            "Contoso@",
            "Cont\u{200B}os0",
            "contosx",
            "コントソ",
            "ContosoAccount",
            "xContosox ",
            "osoʇuoƆ ",
        ] {
            for flood in [same(bit), many(bit)] {
                let text = format!("{flood}\n\nYour Contoso account is locked.");
                assert_eq!(
                    read(&brand, &Placed::new(&brand, &text), &author).speech,
                    Speech::Yes,
                    "{bit}"
                );
            }
        }
    }
}
