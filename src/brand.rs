//! What a brand is: its domains and how far each is trusted, its names, the words of its impostors.
//!
//! All of it is data. The embedded file stands beside this one; an operator can hand in another.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{Arc, LazyLock},
};

mod advice;
mod class;
mod file;
pub(crate) mod first_letter;
mod free_name;
pub mod host;
pub(crate) mod lexicon;
pub mod name;
pub(crate) mod prefilter;
pub(crate) mod prizes;
mod product;
#[cfg(test)]
pub(crate) mod sample;
mod speech;
mod spelling;
mod strength;
#[cfg(test)]
mod tests;
pub(crate) mod written;

pub use advice::LANGUAGES;
pub use class::{Class, Entry, Source};
pub(crate) use product::{Product, Products};
pub(crate) use speech::{OwnMention, OwnWords};
pub(crate) use spelling::HostWord;
pub use spelling::{Name, NameStrength};
pub use strength::Strength;

use crate::mail::{domain::Domain, text::confusables::fold_letters};
use first_letter::ByFirstLetter;
use lexicon::{Kind, Lexicon};
use prefilter::Prefilter;
use written::Written;

/// What is wrong in a brand file: where, what stands there, what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrandError {
    pub at: String,
    pub found: String,
    pub expected: String,
}

impl fmt::Display for BrandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {:?}; expected {}",
            self.at, self.found, self.expected
        )
    }
}

impl std::error::Error for BrandError {}

/// A brand, ready for look-ups. Built once, then only read.
#[derive(Clone, Debug)]
pub struct Brand {
    name: String,
    updated: String,
    updated_at: i64,
    main: Domain,
    entries: Vec<Entry>,
    by_name: HashMap<Box<str>, usize>,
    /// What stands for the names below an entry, where it is not that entry.
    below: HashMap<Box<str>, Entry>,
    sources: Vec<Source>,
    names: Vec<Name>,
    names_by_first: ByFirstLetter,
    written: Written,
    other_names: Vec<Name>,
    other_names_by_first: ByFirstLetter,
    host_words: Vec<HostWord>,
    products: Products,
    /// Shared with all that are made of this one: their tables take long to make, and no entry changes them.
    prefilter: Arc<Prefilter>,
    weak_prefilter: Arc<Prefilter>,
    lexicon: Lexicon,
    lures: Vec<String>,
    own_words: OwnWords,
    tenant: HashSet<Box<str>>,
    own_labels: HashSet<String>,
    bulk_suffixes: HashSet<String>,
    free_hosting: HashSet<Box<str>>,
    dynamic_dns: HashSet<Box<str>>,
    free_mail: HashSet<Box<str>>,
    free_mail_any_suffix: HashSet<String>,
    addresses: HashSet<(String, Domain)>,
    advice: advice::Advice,
    derived: Derived,
}

/// What follows from the entries and is looked up per host.
#[derive(Clone, Debug, Default)]
struct Derived {
    /// Folded registrable labels that hold the brand's word and more, and each with one letter left
    /// out, so that a name one edit away is found without walking the list.
    misspellings: HashMap<Vec<char>, Vec<usize>>,
    /// Registrable labels that hold the brand's word and more, of domains that mail comes from or
    /// customers have names under.
    longer: HashMap<String, usize>,
    /// Letters of the longest of these labels.
    longest: usize,
    /// The same of the shortest, with one left out.
    shortest: usize,
    /// Public suffixes under which the brand has an official domain.
    suffixes: HashSet<String>,
    /// The labels of these suffixes.
    suffix_labels: HashSet<String>,
}

static EMBEDDED: LazyLock<Arc<Brand>> = LazyLock::new(|| {
    // A test parses the same text; it cannot fail at a user's.
    #[allow(clippy::expect_used)]
    let brand = Brand::from_toml(Brand::EMBEDDED_TEXT)
        .expect("the embedded brand file is checked by a test");
    Arc::new(brand)
});

impl Brand {
    /// The brand file that the program holds.
    pub const EMBEDDED_TEXT: &str = include_str!("brand/amazon.toml");

    /// The brand that the program is made for.
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// The same for who keeps it, or another in its place.
    pub(crate) fn embedded_to_keep() -> Arc<Self> {
        Arc::clone(&EMBEDDED)
    }

    /// Reads a brand file.
    ///
    /// # Errors
    ///
    /// Every mistake in it at once; a file that is no TOML of the right shape is one mistake.
    pub fn from_toml(text: &str) -> Result<Self, Vec<BrandError>> {
        file::read(text)
    }

    /// The same brand with what the operator adds; an operator's domain replaces a listed one.
    pub fn with_operator(mut self, extra_official: &[Domain], extra_unrelated: &[Domain]) -> Self {
        if extra_official.is_empty() && extra_unrelated.is_empty() {
            return self;
        }
        let added = extra_official
            .iter()
            .map(|domain| (domain, Class::OfficialSender))
            .chain(
                extra_unrelated
                    .iter()
                    .map(|domain| (domain, Class::Unrelated)),
            );
        for (domain, class) in added {
            // The operator means the names below it as well.
            self.below.remove(domain.as_str());
            self.insert(Entry {
                domain: domain.clone(),
                class,
                category: "operator".to_owned(),
                guidance: false,
                shortener: false,
                owned: false,
                sources: vec!["operator".to_owned()],
                note: "added in the configuration".to_owned(),
            });
        }
        self.derive();
        self
    }

    fn insert(&mut self, entry: Entry) {
        match self.by_name.get(entry.domain.as_str()) {
            Some(&at) => {
                if let Some(old) = self.entries.get_mut(at) {
                    *old = entry;
                }
            }
            None => {
                self.by_name
                    .insert(entry.domain.as_str().into(), self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    fn derive(&mut self) {
        let mut derived = Derived::default();
        for (at, entry) in self.entries.iter().enumerate() {
            let Some(registrable) = psl::domain_str(entry.domain.as_str()) else {
                continue;
            };
            let Some((label, suffix)) = registrable.split_once('.') else {
                continue;
            };
            if matches!(entry.class, Class::OfficialSender | Class::LikelySender) {
                derived.suffixes.insert(suffix.to_owned());
                derived
                    .suffix_labels
                    .extend(suffix.split('.').map(str::to_owned));
            }
            let folded: Vec<char> = fold_letters(label).collect();
            let longer_than_its_word = self
                .host_words
                .iter()
                .any(|word| label.contains(&word.text) && folded.len() >= word.letters.len() + 4);
            let branded = self
                .host_words
                .iter()
                .any(|word| label.contains(&word.text) && label.len() >= word.text.len() + 3);
            let busy = entry.class.speaks_for_the_group() || entry.class == Class::Never;
            if busy && branded && entry.domain.as_str() == registrable {
                derived.longer.insert(label.to_owned(), at);
            }
            let ours = entry.class.speaks_for_the_group() || entry.class == Class::Owned;
            if ours && longer_than_its_word && entry.domain.as_str() == registrable {
                derived.longest = derived.longest.max(folded.len());
                for variant in with_one_left_out(&folded) {
                    derived.misspellings.entry(variant).or_default().push(at);
                }
            }
        }
        let lengths = derived.misspellings.keys().map(Vec::len);
        derived.shortest = lengths.min().unwrap_or_default();
        self.derived = derived;
    }

    /// The brand's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day on which the list was compiled, `YYYY-MM-DD`.
    pub fn updated(&self) -> &str {
        &self.updated
    }

    /// The beginning of that day in UTC, in seconds since 1970.
    pub fn updated_at(&self) -> i64 {
        self.updated_at
    }

    /// What to do with mail that is not proved to be the brand's, in one of [`LANGUAGES`]; empty where
    /// the file has nothing to say in it.
    pub fn advice(&self, language: &str) -> &str {
        self.advice.sentence(language)
    }

    /// The domain that a bare look-alike of the name is said to resemble.
    pub fn main(&self) -> &Domain {
        &self.main
    }

    /// Every listed domain, in the order of the file, then the operator's.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Where entries are known from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The longest listed match on label boundaries: one look-up for each label.
    pub fn entry(&self, domain: &Domain) -> Option<&Entry> {
        self.entries_above(domain).next()
    }

    /// What is listed of this domain and of those above it, the longest first.
    pub(crate) fn entries_above(&self, domain: &Domain) -> impl Iterator<Item = &Entry> {
        let whole = domain.as_str().len();
        domain.ancestors().filter_map(move |name| {
            let below = match name.len() < whole {
                true => self.below.get(name),
                false => None,
            };
            below.or_else(|| self.listed(name))
        })
    }

    /// The entry of exactly this name.
    pub(crate) fn listed(&self, name: &str) -> Option<&Entry> {
        self.by_name.get(name).and_then(|&at| self.entries.get(at))
    }

    /// The domain within which identifiers align with `domain` (RFC 9989 section 4.4), where the list
    /// knows better than DNS: the topmost listed domain above it that speaks for the group, as long
    /// as nothing foreign lies between.
    pub fn organizational(&self, domain: &Domain) -> Option<Domain> {
        let mut top = None;
        for entry in self.entries_above(domain) {
            if entry.class.speaks_for_the_group() {
                top = Some(&entry.domain);
            } else if entry.class != Class::Unverified {
                break;
            }
        }
        // Where the names below belong to customers, only the name itself speaks.
        top.filter(|top| {
            self.below
                .get(top.as_str())
                .is_none_or(|below| below.class.speaks_for_the_group())
        })
        .cloned()
    }

    /// Whether this address is named as fake. The local part is compared without case.
    pub fn is_fake_address(&self, local: &str, domain: &Domain) -> bool {
        // Only addresses of the list's size are looked up; a sender's may have any.
        local.len() <= 64
            && self
                .addresses
                .contains(&(local.to_lowercase(), domain.clone()))
    }

    /// Words that an impostor puts beside the brand, as the file has them.
    pub fn lures(&self) -> &[String] {
        &self.lures
    }

    /// What shows that a text speaks as the brand.
    pub(crate) fn own_words(&self) -> &OwnWords {
        &self.own_words
    }

    /// Whether `word` is a lure word, in its folded form.
    pub fn is_lure(&self, word: &str) -> bool {
        let folded: Vec<char> = fold_letters(word).take(64).collect();
        self.lexicon.kind(&folded) == Some(Kind::Lure)
    }

    /// The listed names.
    pub fn names(&self) -> &[Name] {
        &self.names
    }

    /// Which of them could stand, as they are written, at a place.
    pub(crate) fn written(&self) -> &Written {
        &self.written
    }

    /// Those of them whose first letter has one of these [bits](first_letter::letter_bit).
    pub(crate) fn names_begun_by(&self, bits: u64) -> impl Iterator<Item = &Name> {
        let places = self.names_by_first.begun_by(bits);
        places.filter_map(|place| self.names.get(place))
    }

    /// Names that somebody else has.
    pub(crate) fn other_names(&self) -> &[Name] {
        &self.other_names
    }

    /// Those of them whose first letter has one of these bits.
    pub(crate) fn other_names_begun_by(&self, bits: u64) -> impl Iterator<Item = &Name> {
        let places = self.other_names_by_first.begun_by(bits);
        places.filter_map(|place| self.other_names.get(place))
    }

    pub(crate) fn host_words(&self) -> &[HostWord] {
        &self.host_words
    }

    pub(crate) fn products(&self) -> &Products {
        &self.products
    }

    /// Whether names under this ending are registered in bulk.
    pub(crate) fn is_bulk_suffix(&self, suffix: &str) -> bool {
        self.bulk_suffixes.contains(suffix)
    }

    /// Makes what would else be made when it is first needed.
    pub(crate) fn prepare(&self) {
        self.weak_prefilter.prepare();
        self.prefilter.prepare();
    }

    /// The same beginning with the other end, for a thread beside one that is at [`Self::prepare`].
    pub(crate) fn prepare_beside(&self) {
        self.prefilter.prepare();
        self.weak_prefilter.prepare();
    }

    /// Finds where a text could hold one of the strong names.
    pub(crate) fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// Whether a close look at a text could find any name in it.
    pub(crate) fn may_be_named_in(&self, text: &str) -> bool {
        self.prefilter.find(text).is_some() || self.may_be_weakly_named_in(text)
    }

    /// The same of the names that say little alone.
    pub(crate) fn may_be_weakly_named_in(&self, text: &str) -> bool {
        self.weak_prefilter.find(text).is_some()
    }

    pub(crate) fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Whether a tenant of this service may lawfully be called like the brand.
    pub(crate) fn is_tenant_service(&self, name: &str) -> bool {
        self.tenant.contains(name)
    }

    pub(crate) fn is_dynamic_dns(&self, name: &str) -> bool {
        self.dynamic_dns.contains(name)
    }

    pub(crate) fn is_free_hosting(&self, name: &str) -> bool {
        self.free_hosting.contains(name)
    }

    /// Whether the brand has an official domain under this public suffix.
    pub(crate) fn has_suffix(&self, suffix: &str) -> bool {
        self.derived.suffixes.contains(suffix)
    }

    pub(crate) fn is_suffix_label(&self, label: &str) -> bool {
        self.derived.suffix_labels.contains(label)
    }

    /// The listed domain of the same registrable label, which holds more than the brand's word, under
    /// another ending.
    pub(crate) fn under_another_ending(&self, label: &str) -> Option<&Entry> {
        let at = self.derived.longer.get(label)?;
        self.entries.get(*at)
    }

    /// The listed domain whose folded registrable label is one edit away from `label`.
    pub(crate) fn misspelt(&self, label: &[char]) -> Option<&Entry> {
        // Longer or shorter labels than any listed one can't be near one; this bounds the copies below.
        if !(self.derived.shortest..=self.derived.longest + 1).contains(&label.len()) {
            return None;
        }
        with_one_left_out(label)
            .filter_map(|variant| self.derived.misspellings.get(&variant))
            .flatten()
            .filter_map(|&at| self.entries.get(at))
            .find(|entry| {
                let listed: Vec<char> = entry
                    .domain
                    .labels()
                    .next()
                    .map(|label| fold_letters(label).collect())
                    .unwrap_or_default();
                listed != label && crate::mail::text::edit_distance::one_edit_apart(label, &listed)
            })
    }
}

/// The word itself and every word that is left when one letter is taken out.
fn with_one_left_out(word: &[char]) -> impl Iterator<Item = Vec<char>> + '_ {
    std::iter::once(word.to_vec()).chain((0..word.len()).map(|out| {
        word.iter()
            .enumerate()
            .filter(|(at, _)| *at != out)
            .map(|(_, c)| *c)
            .collect()
    }))
}
