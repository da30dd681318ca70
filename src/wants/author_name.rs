//! Whether a mail names its author: whether a reader sees the word of the organisation whose domain it
//! comes from, in any script.
//!
//! It costs an attacker with a domain of his own that the reader sees a stranger's name
//! (docs/threat-model.md). So nothing counts that a lure shows anyway: links and hosts, words that lure,
//! words of trades, and, in running text, words that anybody writes.

mod abbreviation;
mod common;
mod word;

use std::collections::VecDeque;

use crate::{
    brand::Brand,
    mail::{
        domain::Domain,
        text::{edit_distance, skeleton::skeleton},
    },
};
use word::{Word, Words, letters, plain};

/// Octets of a text in which the name is looked for.
const MAX_TEXT: usize = 512 * 1024;
/// Words that spell one label together.
const MAX_RUN: usize = 8;
/// Letters of a word of one's own from which on it may have an ending, and letters of that.
const INFLECTED: usize = 5;
const ENDING: usize = 3;
/// Letters of a part of a label that counts by itself.
const PART: usize = 5;

/// What names the author of a mail.
#[derive(Debug, Default)]
pub(crate) struct AuthorName<'b> {
    brand: Option<&'b Brand>,
    words: Vec<OwnWord>,
}

/// The organisation's word of one domain.
#[derive(Debug)]
struct OwnWord {
    letters: String,
    plain: String,
    kind: Kind,
    /// Parts of it that count by themselves.
    parts: Vec<String>,
    /// What stands before a word that anybody writes ("kelvor" of kelvorprep): counts in a display name, set off.
    stem: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A word of one's own: counts anywhere.
    Own,
    /// Anybody writes it: counts in a display name, at its beginning or set off.
    Common,
    /// Lures, or belongs to a trade.
    Nothing,
}

/// Where a name is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    DisplayName,
    Text,
}

impl<'b> AuthorName<'b> {
    /// `domains`: those of the author's addresses.
    pub(crate) fn new(brand: &'b Brand, domains: &[&Domain]) -> Self {
        let words = domains
            .iter()
            .take(8)
            .filter_map(|domain| OwnWord::new(brand, domain));
        Self {
            brand: Some(brand),
            words: words.collect(),
        }
    }

    /// Whether a display name bears the author's name.
    pub(crate) fn named_by(&self, display_name: &str) -> bool {
        self.is_in(display_name, Place::DisplayName)
    }

    /// Whether text that a reader sees bears it.
    pub(crate) fn named_in(&self, text: &str) -> bool {
        self.is_in(text, Place::Text)
    }

    fn is_in(&self, text: &str, place: Place) -> bool {
        let Some(brand) = self.brand.filter(|_| !self.words.is_empty()) else {
            return false;
        };
        let text = text
            .get(..text.floor_char_boundary(MAX_TEXT))
            .unwrap_or_default();
        let named = place == Place::DisplayName;
        let initials: Vec<u8> = self.words.iter().flat_map(OwnWord::initials).collect();
        if !named && initials.is_empty() {
            return false;
        }
        let mut rest = Words::of(text, named);
        // Words that were read, each once, however many words begin as the name does.
        let mut run: VecDeque<Word> = VecDeque::with_capacity(MAX_RUN);
        let mut follows_by = false;
        loop {
            if run.is_empty() {
                let Some(first) = rest.find(|word| named || !word.begins_otherwise(&initials))
                else {
                    return false;
                };
                run.extend(first.read());
            }
            if run
                .front()
                .is_some_and(|first| named || first.may_begin(&initials))
            {
                while run.len() < MAX_RUN
                    && let Some(word) = rest.next()
                {
                    run.extend(word.read());
                }
                let words = run.make_contiguous();
                // What follows "by" is set off: "Card by Kestlow".
                if let Some(first) = words.first_mut() {
                    first.set_off |= follows_by;
                }
                if self.words.iter().any(|own| own.begins(brand, words, place)) {
                    return true;
                }
            }
            if let Some(first) = run.pop_front() {
                follows_by = named && common::sets_off(&first.letters);
            }
        }
    }
}

impl OwnWord {
    fn new(brand: &Brand, domain: &Domain) -> Option<Self> {
        let unicode = domain.to_unicode();
        let registrable = psl::domain_str(domain.as_str())?;
        let labels = registrable.split('.').count();
        let label = unicode
            .rsplit('.')
            .nth(labels.checked_sub(1)?)?
            .to_lowercase();
        let own = without_brand(brand, &label)?;
        let letters = letters(&own);
        let kind = kind(brand, &letters);
        let parts = own.split('-').map(word::letters);
        let parts = parts.filter(|part| {
            own.contains('-') && part.len() >= PART && self::kind(brand, part) == Kind::Own
        });
        Some(Self {
            plain: plain(&letters),
            stem: stem(brand, &letters).map(plain),
            kind,
            parts: parts.map(|part| plain(&part)).collect(),
            letters,
        })
    }

    /// The letters with which it begins where it stands in running text, in Latin letters.
    fn initials(&self) -> impl Iterator<Item = u8> {
        let whole = (self.kind == Kind::Own).then_some(&self.letters);
        let parts = self.parts.iter().filter(|_| self.kind != Kind::Nothing);
        whole
            .into_iter()
            .chain(parts)
            .filter_map(|word| word.bytes().next())
    }

    /// Whether these words begin with the author's name.
    fn begins(&self, brand: &Brand, words: &[Word], place: Place) -> bool {
        let Some(first) = words.first() else {
            return false;
        };
        let counts = match (self.kind, place) {
            (Kind::Own, _) => true,
            (Kind::Common, Place::DisplayName) => first.set_off,
            (Kind::Common, Place::Text) | (Kind::Nothing, _) => false,
        };
        let abbreviates =
            |letters| abbreviation::is_one(brand, letters, words, place == Place::Text);
        counts
            && (self.is_spelled(brand, words, place)
                || abbreviates(&self.letters)
                || self.plain != self.letters && abbreviates(&self.plain))
            || self.kind != Kind::Nothing && self.parts.iter().any(|part| is_word(part, first))
            || place == Place::DisplayName
                && first.set_off
                && self.stem.as_ref().is_some_and(|stem| first.plain == *stem)
    }

    /// Whether the first word, or the first few put together, are the organisation's.
    fn is_spelled(&self, brand: &Brand, words: &[Word], place: Place) -> bool {
        let Some(first) = words.first() else {
            return false;
        };
        if match self.kind {
            Kind::Own => is_word(&self.plain, first),
            _ => first.plain == self.plain,
        } {
            return true;
        }
        // What is put together begins with the first.
        if !self.plain.starts_with(&*first.plain) && !first.foreign {
            return false;
        }
        let mut glued = String::new();
        for (count, word) in words.iter().enumerate() {
            glued.push_str(&word.plain);
            if glued.len() > self.plain.len() + ENDING {
                return false;
            }
            let spells =
                glued == self.plain || word.foreign && is_transliterated(&self.plain, &glued);
            if count > 0 && spells {
                let run = words.get(..=count).unwrap_or_default();
                return place == Place::DisplayName || is_name(brand, run);
            }
        }
        false
    }
}

/// Whether words that spell a label together are a name in running text: one is nobody else's, or all
/// begin with a capital and one is no lure ("Harbour Trust", not "last chance").
fn is_name(brand: &Brand, run: &[Word]) -> bool {
    let own = |word: &Word| kind(brand, &word.letters) == Kind::Own && word.letters.len() >= 4;
    let names = |word: &Word| !common::is_lure(brand, &word.letters) && word.letters.len() >= 3;
    run.iter().any(own) || run.iter().all(|word| word.capital) && run.iter().any(names)
}

/// Whether a word is `own`, perhaps with an ending, perhaps written in another script.
fn is_word(own: &str, word: &Word) -> bool {
    let ending = word.plain.strip_prefix(own);
    ending.is_some_and(|ending| {
        ending.is_empty()
            || own.len() >= INFLECTED
                && ending.len() <= ENDING
                && ending.bytes().all(|byte| byte.is_ascii_alphabetic())
    }) || word.foreign && is_transliterated(own, &word.plain)
        || word.unspaced && is_held(own, word)
}

/// Whether a word in another script is `own`: they have the same consonants, or nearly so, which is what
/// transliterations agree about.
fn is_transliterated(own: &str, other: &str) -> bool {
    const LETTERS: usize = 4;
    const SOUNDS: usize = 3;
    const MANY_SOUNDS: usize = 5;
    if own.len() < LETTERS || other.len() < LETTERS || own.len().abs_diff(other.len()) > 4 {
        return false;
    }
    let (one, other) = (sounds(own), sounds(other));
    let same = one == other && one.len() >= SOUNDS;
    same || one.len() >= MANY_SOUNDS && edit_distance::one_edit_apart(&one, &other)
}

/// Whether a word of a script without spaces holds `own` ("ร้านสมชาย" has Somchai in it).
fn is_held(own: &str, word: &Word) -> bool {
    const SOUNDS: usize = 3;
    let long = own.len() >= INFLECTED;
    let own = sounds(own);
    long && own.len() >= SOUNDS
        && sounds(&word.plain)
            .windows(own.len())
            .any(|part| part == own)
}

/// The consonants of a word, those that transliterations confuse as one.
fn sounds(word: &str) -> Vec<char> {
    let mut sounds: Vec<char> = Vec::new();
    let mut letters = word.chars().peekable();
    while let Some(c) = letters.next() {
        let h_follows = letters.peek() == Some(&'h');
        let sound = match c {
            // The Cyrillic х is written "kh" or "h".
            'k' if h_follows => continue,
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'w' => continue,
            'p' if h_follows => 'f',
            'q' | 'c' | 'k' | 'x' => 'k',
            'p' | 'v' | 'b' => 'b',
            'j' | 'g' => 'g',
            'z' | 's' => 's',
            'l' | 'r' => 'r',
            other => other,
        };
        if sounds.last() != Some(&sound) {
            sounds.push(sound);
        }
        if c == 'x' {
            sounds.push('s');
        }
    }
    sounds
}

fn kind(brand: &Brand, letters: &str) -> Kind {
    let is_product = || {
        let glued = |product: &String| product.split(' ').collect::<String>() == letters;
        brand.own_words().products.iter().any(glued)
    };
    if letters.len() < 2
        || common::is_lure(brand, letters)
        || is_product()
        || common::is_glued_of_lures(brand, letters)
    {
        return Kind::Nothing;
    }
    let digit = letters.bytes().any(|byte| byte.is_ascii_digit());
    match digit || common::is_in_dictionary(letters) {
        true => Kind::Common,
        false => Kind::Own,
    }
}

/// The word of one's own with which these letters begin, where the others are a word that anybody writes.
fn stem<'l>(brand: &Brand, letters: &'l str) -> Option<&'l str> {
    const REST: usize = 4;
    let ends = PART..(letters.len() + 1).saturating_sub(REST);
    ends.rev().find_map(|end| {
        let (stem, rest) = letters.split_at_checked(end)?;
        let is_stem = kind(brand, stem) == Kind::Own && kind(brand, rest) != Kind::Own;
        is_stem.then_some(stem)
    })
}

/// What is left of a label when the brand is taken out. None where the brand stands in it in disguise.
fn without_brand(brand: &Brand, label: &str) -> Option<String> {
    let mut rest = label.to_owned();
    for word in brand.host_words() {
        rest = rest.replace(&word.text, "-");
        let letters: String = word.letters.iter().collect();
        if skeleton(&rest)
            .split(' ')
            .collect::<String>()
            .contains(&letters)
        {
            return None;
        }
    }
    let rest = rest.trim_matches('-');
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// Makes the tables now that would else be made for the first message.
pub(crate) fn prepare() {
    common::prepare();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_name_their_authors_or_do_not() {
        let lines = include_str!("author_name/sentences.tsv").lines();
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut wrong = Vec::new();
        for line in lines {
            let mut fields = line.split('\t');
            let mut next = || fields.next().unwrap_or_else(|| panic!("{line}"));
            let (wanted, place) = (next() == "yes", next());
            let domain = Domain::parse(next()).unwrap();
            let text = next().replace('|', "\n");
            let author = AuthorName::new(Brand::embedded(), &[&domain]);
            let found = match place {
                "name" => author.named_by(&text),
                _ => author.named_in(&text),
            };
            if found != wanted {
                wrong.push(format!("{line}: {:?}", author.words));
            }
        }
        assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]

        #[test]
        fn any_text_is_read(text in "(Kestlow|kest low|Bank|\\.|, |\n|@|www\\.|[a-zé]{1,4}| |\\PC){0,30}", label in "[a-z0-9-]{1,20}") {
            let Ok(domain) = Domain::parse(&format!("{label}.example")) else {
                return Ok(());
            };
            let author = AuthorName::new(Brand::embedded(), &[&domain]);
            // A display name is looked at more kindly than a text.
            if author.named_in(&text) {
                proptest::prop_assert!(author.named_by(&text));
            }
        }
    }
}
