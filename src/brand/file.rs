//! The brand file: TOML as people write it, checked as a whole.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

use mail_parser::DateTime;
use serde::Deserialize;

use crate::brand::{
    Brand, BrandError, Class, Derived, Entry, Name, NameStrength, Products, Source, advice::Advice,
};
use crate::{
    brand::{
        first_letter::ByFirstLetter,
        lexicon::{Kind, Lexicon},
        prefilter::Prefilter,
        speech::{OwnWords, RawOwnWords},
        written::Written,
    },
    mail::{domain::Domain, text::confusables::fold_letters},
};

mod words;

use words::{RawHostWord, RawProduct};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    brand: String,
    main: String,
    updated: String,
    #[serde(default)]
    host_word: Vec<RawHostWord>,
    #[serde(default)]
    product: Vec<RawProduct>,
    #[serde(default)]
    words: RawWords,
    #[serde(default)]
    services: RawServices,
    #[serde(default)]
    name: Vec<RawName>,
    #[serde(default)]
    other_name: Vec<RawOtherName>,
    #[serde(default)]
    source: Vec<RawSource>,
    #[serde(default)]
    domain: Vec<RawDomain>,
    #[serde(default)]
    address: Vec<RawAddress>,
    #[serde(default)]
    advice: BTreeMap<String, String>,
    #[serde(default)]
    speech: RawOwnWords,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawWords {
    other: Vec<String>,
    neighbours: Vec<String>,
    neighbours_behind: Vec<String>,
    lure: Vec<String>,
    site: Vec<String>,
    filler: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawServices {
    tenant: Vec<String>,
    own_labels: Vec<String>,
    free_hosting: Vec<String>,
    dynamic_dns: Vec<String>,
    bulk_suffixes: Vec<String>,
    free_mail: Vec<String>,
    free_mail_any_suffix: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawName {
    text: String,
    strength: String,
    with_lures: Option<String>,
    #[serde(default)]
    drawn: bool,
    #[serde(default)]
    endings: Vec<String>,
    #[serde(default)]
    doubtful_endings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOtherName {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSource {
    id: String,
    description: String,
    #[serde(default)]
    date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDomain {
    name: String,
    class: String,
    #[serde(default)]
    below: Option<String>,
    category: String,
    #[serde(default)]
    guidance: bool,
    #[serde(default)]
    shortener: bool,
    #[serde(default)]
    owned: bool,
    sources: Vec<String>,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAddress {
    address: String,
    sources: Vec<String>,
    // For the reader of the file.
    #[serde(default, rename = "note")]
    _note: String,
}

/// Reads and checks a brand file; every mistake is reported at once.
pub(crate) fn read(text: &str) -> Result<Brand, Vec<BrandError>> {
    let raw: Raw = toml::from_str(text).map_err(|error| {
        vec![BrandError {
            at: place(text, error.span()),
            found: error.message().to_owned(),
            expected: "TOML of the shape of the embedded brand file".to_owned(),
        }]
    })?;
    let mut check = Check::default();
    let brand = check.brand(raw);
    match brand {
        Some(brand) if check.errors.is_empty() => Ok(brand),
        _ => Err(check.errors),
    }
}

fn place(text: &str, span: Option<Range<usize>>) -> String {
    span.map_or_else(
        || "file".to_owned(),
        |span| {
            let line = text
                .bytes()
                .take(span.start)
                .filter(|b| *b == b'\n')
                .count()
                + 1;
            format!("line {line}")
        },
    )
}

/// Collects mistakes while the parts are read.
#[derive(Default)]
struct Check {
    errors: Vec<BrandError>,
}

impl Check {
    fn wrong(&mut self, at: impl Into<String>, found: &str, expected: impl Into<String>) {
        self.errors.push(BrandError {
            at: at.into(),
            found: found.to_owned(),
            expected: expected.into(),
        });
    }

    fn domain(&mut self, at: &str, text: &str) -> Option<Domain> {
        match Domain::parse(text) {
            Ok(domain) => Some(domain),
            Err(error) => {
                self.wrong(at, text, format!("a domain name ({error})"));
                None
            }
        }
    }

    fn brand(&mut self, raw: Raw) -> Option<Brand> {
        if raw.brand.trim().is_empty() {
            self.wrong("brand", &raw.brand, "the name of the brand");
        }
        let updated = day(&raw.updated);
        if updated.is_none() {
            self.wrong("updated", &raw.updated, "a date, YYYY-MM-DD");
        }
        let main = self.domain("main", &raw.main);
        let sources = self.sources(raw.source);
        let entries = self.entries(raw.domain, &sources);
        let addresses = self.addresses(raw.address, &sources);
        let (host_words, lured_words) = self.host_words(raw.host_word);
        let mut products = self.products(raw.product);
        products.extend(lured_words);
        let names = self.names(raw.name);
        let lexicon = self.lexicon(&raw.words);
        let other_names = other_names(&raw.other_name);
        let advice = Advice::read(raw.advice, |at, found, expected| {
            self.wrong(at, found, expected);
        });
        let own_words = OwnWords::read(&raw.speech, |at, found, expected| {
            self.wrong(at, found, expected);
        });
        let mut brand = Brand {
            name: raw.brand,
            updated: raw.updated,
            updated_at: updated.unwrap_or(0),
            main: main?,
            written: Written::new(&names),
            prefilter: Arc::new(Prefilter::strong(&names, &host_words)),
            weak_prefilter: Arc::new(Prefilter::weak(&names)),
            entries: Vec::new(),
            by_name: HashMap::new(),
            below: HashMap::new(),
            sources,
            names_by_first: ByFirstLetter::new(&names),
            names,
            other_names_by_first: ByFirstLetter::new(&other_names),
            other_names,
            host_words,
            products: Products::new(products),
            lexicon,
            lures: raw.words.lure,
            own_words,
            tenant: self.services("services.tenant", &raw.services.tenant),
            own_labels: raw.services.own_labels.into_iter().collect(),
            bulk_suffixes: raw.services.bulk_suffixes.into_iter().collect(),
            free_hosting: self.services("services.free_hosting", &raw.services.free_hosting),
            dynamic_dns: self.services("services.dynamic_dns", &raw.services.dynamic_dns),
            free_mail: self.services("services.free_mail", &raw.services.free_mail),
            free_mail_any_suffix: raw.services.free_mail_any_suffix.into_iter().collect(),
            addresses,
            advice,
            derived: Derived::default(),
        };
        for (entry, below) in entries {
            if let Some(class) = below {
                let below = Entry {
                    class,
                    note: String::new(),
                    ..entry.clone()
                };
                brand.below.insert(entry.domain.as_str().into(), below);
            }
            brand.insert(entry);
        }
        if brand.listed(brand.main.as_str()).is_none() {
            self.wrong("main", brand.main.as_str(), "one of the listed domains");
        }
        brand.derive();
        Some(brand)
    }

    fn sources(&mut self, raw: Vec<RawSource>) -> Vec<Source> {
        let mut seen = HashSet::new();
        for source in &raw {
            if !seen.insert(source.id.clone()) {
                self.wrong("source", &source.id, "each id once");
            }
            if !source.date.is_empty() && !is_date(&source.date) {
                let at = format!("source {}", source.id);
                self.wrong(at, &source.date, "a date: YYYY, YYYY-MM or YYYY-MM-DD");
            }
        }
        raw.into_iter()
            .map(|source| Source {
                id: source.id,
                description: source.description,
                date: source.date,
            })
            .collect()
    }

    fn known_sources(&mut self, at: &str, ids: &[String], sources: &[Source]) {
        if ids.is_empty() {
            self.wrong(at, "sources = []", "at least one source");
        }
        for id in ids {
            if !sources.iter().any(|source| source.id == *id) {
                self.wrong(at, id, "the id of a [[source]] of this file");
            }
        }
    }

    fn class(&mut self, at: &str, key: &str, word: &str) -> Option<Class> {
        let class = Class::ALL.into_iter().find(|class| class.word() == word);
        if class.is_none() {
            let classes = Class::ALL.map(Class::word).join(", ");
            self.wrong(at, word, format!("{key} = one of {classes}"));
        }
        class
    }

    /// Each entry, and the class of the names below it where that is another one.
    fn entries(&mut self, raw: Vec<RawDomain>, sources: &[Source]) -> Vec<(Entry, Option<Class>)> {
        let mut seen = HashSet::new();
        let mut entries = Vec::with_capacity(raw.len());
        for row in raw {
            let at = format!("domain {}", row.name);
            let class = self.class(&at, "class", &row.class);
            let below = row.below.and_then(|word| self.class(&at, "below", &word));
            self.known_sources(&at, &row.sources, sources);
            let domain = self.domain(&at, &row.name);
            let (Some(class), Some(domain)) = (class, domain) else {
                continue;
            };
            if !seen.insert(domain.clone()) {
                self.wrong(at, &row.name, "each domain once");
                continue;
            }
            let entry = Entry {
                domain,
                class,
                category: row.category,
                guidance: row.guidance,
                shortener: row.shortener,
                owned: row.owned,
                sources: row.sources,
                note: row.note,
            };
            entries.push((entry, below));
        }
        entries
    }

    fn addresses(&mut self, raw: Vec<RawAddress>, sources: &[Source]) -> HashSet<(String, Domain)> {
        let mut addresses = HashSet::new();
        for row in raw {
            self.known_sources(&format!("address {}", row.address), &row.sources, sources);
            let parts = row.address.rsplit_once('@').and_then(|(local, domain)| {
                Some((local.to_lowercase(), Domain::parse(domain).ok()?))
            });
            match parts {
                Some(parts) => {
                    addresses.insert(parts);
                }
                None => self.wrong("address", &row.address, "an address, local@domain"),
            }
        }
        addresses
    }

    fn names(&mut self, raw: Vec<RawName>) -> Vec<Name> {
        let mut names = Vec::with_capacity(raw.len());
        for raw in raw {
            let Some(strength) = self.strength(&raw.text, &raw.strength) else {
                continue;
            };
            let with_lures = raw.with_lures.as_deref();
            let with_lures = with_lures.and_then(|word| self.strength(&raw.text, word));
            let endings = |list: &[String]| {
                let folded = list.iter().map(|ending| fold_letters(ending).collect());
                folded.collect::<Vec<Vec<char>>>()
            };
            let name = Name {
                with_lures: with_lures.unwrap_or(strength),
                drawn: raw.drawn,
                endings: endings(&raw.endings),
                doubtful_endings: endings(&raw.doubtful_endings),
                ..Name::new(&raw.text, strength)
            };
            if name.letters.is_empty() {
                self.wrong("name", &raw.text, "a name with letters");
            } else {
                names.push(name);
            }
        }
        names
    }

    fn strength(&mut self, name: &str, word: &str) -> Option<NameStrength> {
        match word {
            "strong" => Some(NameStrength::Strong),
            "weak" => Some(NameStrength::Weak),
            "none-alone" => Some(NameStrength::NoneAlone),
            other => {
                let expected = "strength = strong, weak or none-alone";
                self.wrong(format!("name {name}"), other, expected);
                None
            }
        }
    }

    fn lexicon(&mut self, raw: &RawWords) -> Lexicon {
        let mut lexicon = Lexicon::default();
        // The first kind that a word is given stays.
        let kinds = [
            (Kind::Other, &raw.other),
            (Kind::Neighbour, &raw.neighbours),
            (Kind::NeighbourBehind, &raw.neighbours_behind),
            (Kind::Lure, &raw.lure),
            (Kind::Site, &raw.site),
            (Kind::Filler, &raw.filler),
        ];
        for (kind, words) in kinds {
            for word in words {
                if word.chars().count() > Lexicon::LONGEST || word.is_empty() {
                    self.wrong("words", word, format!("1 to {} letters", Lexicon::LONGEST));
                }
                lexicon.insert(kind, word);
            }
        }
        lexicon
    }

    fn services(&mut self, at: &str, names: &[String]) -> HashSet<Box<str>> {
        names
            .iter()
            .filter_map(|name| self.domain(at, name))
            .map(|domain| domain.as_str().into())
            .collect()
    }
}

fn other_names(raw: &[RawOtherName]) -> Vec<Name> {
    let texts = raw.iter().map(|name| &name.text);
    texts
        .map(|text| Name::new(text, NameStrength::NoneAlone))
        .collect()
}

/// Whether `text` is a year, a month or a day.
fn is_date(text: &str) -> bool {
    let rest = "-01-01"
        .get(text.len().saturating_sub(4)..)
        .unwrap_or_default();
    text.len() >= 4 && day(&format!("{text}{rest}")).is_some()
}

/// Midnight UTC of `YYYY-MM-DD` in seconds since 1970, where there is such a day.
fn day(text: &str) -> Option<i64> {
    let digits = |text: &str, count: usize| {
        (text.len() == count && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<u16>().ok())
            .flatten()
    };
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let date = DateTime {
        year: digits(year, 4)?,
        month: u8::try_from(digits(month, 2)?).ok()?,
        day: u8::try_from(digits(day, 2)?).ok()?,
        hour: 0,
        minute: 0,
        second: 0,
        tz_before_gmt: false,
        tz_hour: 0,
        tz_minute: 0,
    };
    let seconds = date.to_timestamp();
    // The 31st of February comes back as a day in March.
    let same = DateTime::from_timestamp(seconds);
    (date.is_valid() && (same.month, same.day) == (date.month, date.day)).then_some(seconds)
}
