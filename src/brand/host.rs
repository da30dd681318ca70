//! A host against a brand: its own, built to look like its own, or somebody else's.

use std::borrow::Cow;

use crate::{
    brand::{Brand, Class, Entry, Strength},
    mail::domain::Domain,
};

mod label;
mod line;
mod place;

use label::Label;
pub use line::classify_line;
use place::{Place, Seat};

/// What a host is to the brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostClass<'b> {
    /// The brand writes from it, or at least transports with it.
    Official(&'b Entry),
    /// The brand's, but no sender.
    Owned(&'b Entry),
    /// Built to look like the brand's.
    Lookalike(Lookalike),
    /// Somebody else's, listed or not.
    Unrelated(Option<&'b Entry>),
}

/// How a host resembles the brand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookalike {
    pub how: How,
    pub strength: Strength,
    /// The official domain that a reader takes it for.
    pub resembles: String,
}

/// The ways of building a look-alike host. Where several hold, the strongest is given, and among
/// equals the first of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// An official domain stands in front of a foreign one.
    OfficialPrefix,
    /// Letters of other scripts, or the name in another script, in an internationalised name.
    Idn,
    /// Digits or letter pairs that look like the brand's letters.
    Homoglyph,
    /// The brand's word cut by hyphens or dots.
    SpelledApart,
    /// The brand's word alone under a public suffix where the brand has no listed domain.
    TldSwap,
    /// The brand's word as a label of a foreign domain.
    BrandLabel,
    /// The brand's word as a name on free hosting.
    FreeHosting,
    /// The brand's word with a lure word.
    Combosquat,
    /// The brand's word with nothing but words that official addresses are made of.
    ImitatedAddress,
    /// A listed name of the brand with one letter wrong.
    OfficialMisspelt,
    /// The brand's word with a letter wrong, lost, doubled, added or swapped.
    Typo,
    /// Named as fake.
    NamedAsFake,
    /// The brand's word with letters that are no word.
    RandomLetters,
    /// The brand's word as tenant of a business service.
    Tenant,
    /// The brand's word glued to other words.
    GluedWords,
}

impl How {
    /// Every way, in the order of precedence.
    pub const ALL: [Self; 15] = [
        Self::OfficialPrefix,
        Self::Idn,
        Self::Homoglyph,
        Self::SpelledApart,
        Self::TldSwap,
        Self::BrandLabel,
        Self::FreeHosting,
        Self::Combosquat,
        Self::ImitatedAddress,
        Self::OfficialMisspelt,
        Self::Typo,
        Self::NamedAsFake,
        Self::RandomLetters,
        Self::Tenant,
        Self::GluedWords,
    ];

    /// The stable word of logs and documentation.
    pub fn word(self) -> &'static str {
        match self {
            Self::OfficialPrefix => "official-prefix",
            Self::Idn => "idn",
            Self::Homoglyph => "homoglyph",
            Self::SpelledApart => "spelled-apart",
            Self::TldSwap => "tld-swap",
            Self::BrandLabel => "brand-label",
            Self::FreeHosting => "free-hosting",
            Self::Combosquat => "combosquat",
            Self::ImitatedAddress => "imitated-address",
            Self::OfficialMisspelt => "official-misspelt",
            Self::Typo => "typo",
            Self::NamedAsFake => "named-as-fake",
            Self::RandomLetters => "random-letters",
            Self::Tenant => "tenant",
            Self::GluedWords => "glued-words",
        }
    }

    /// What it means, for people; completes "This host ...".
    pub fn sentence(self) -> &'static str {
        match self {
            Self::OfficialPrefix => "puts an official domain in front of somebody else's",
            Self::Idn => "writes the brand in letters of another script",
            Self::Homoglyph => "writes the brand with digits or letters that look alike",
            Self::SpelledApart => "cuts the brand's name by hyphens or dots",
            Self::TldSwap => "is the brand's name under an ending that the brand does not use",
            Self::BrandLabel => "has the brand's name as a part of somebody else's domain",
            Self::FreeHosting => "has the brand's name on a service where anyone gets any name",
            Self::Combosquat => "joins the brand's name with a word that lures",
            Self::ImitatedAddress => {
                "joins the brand's name with nothing but parts of official addresses"
            }
            Self::OfficialMisspelt => "is an official domain with a letter wrong",
            Self::Typo => "is the brand's name with a letter wrong",
            Self::NamedAsFake => "is named as fake",
            Self::RandomLetters => "joins the brand's name with letters that are no word",
            Self::Tenant => "has the brand's name as a customer of a business service",
            Self::GluedWords => "joins the brand's name with other words",
        }
    }
}

/// One way that was found in a host.
#[derive(Clone, Debug)]
struct Finding<'b> {
    how: How,
    strength: Strength,
    /// `None` is the brand's main domain.
    resembles: Option<&'b Entry>,
}

impl<'b> Finding<'b> {
    fn new(how: How, strength: Strength) -> Self {
        Self {
            how,
            strength,
            resembles: None,
        }
    }

    fn better(self, other: Option<Self>) -> Self {
        match other {
            Some(other)
                if (other.strength, std::cmp::Reverse(other.how))
                    > (self.strength, std::cmp::Reverse(self.how)) =>
            {
                other
            }
            _ => self,
        }
    }

    fn into_lookalike(self, brand: &Brand) -> Lookalike {
        Lookalike {
            how: self.how,
            strength: self.strength,
            resembles: self
                .resembles
                .map_or(brand.main(), |entry| &entry.domain)
                .to_string(),
        }
    }
}

/// Judges a host name. The longest listed domain decides; only what no trusted entry covers is
/// compared with the brand. Linear in the length of the name.
pub fn classify<'b>(brand: &'b Brand, host: &Domain) -> HostClass<'b> {
    let nearest = brand.entry(host);
    // What one weak source says neither adds trust nor takes away what stands above it.
    let entry = brand
        .entries_above(host)
        .find(|entry| entry.class != Class::Unverified);
    let found = |place| {
        place_findings(brand, host, place)
            .map(|finding| HostClass::Lookalike(finding.into_lookalike(brand)))
    };
    let Some(entry) = entry else {
        let place = Place::of(brand, host);
        return found(place).unwrap_or(HostClass::Unrelated(nearest));
    };
    match entry.class {
        Class::OfficialSender | Class::LikelySender | Class::UserContent | Class::EnvelopeOnly => {
            HostClass::Official(entry)
        }
        Class::Owned => HostClass::Owned(entry),
        Class::Fake if entry.owned => HostClass::Owned(entry),
        Class::Fake => found(Place::of(brand, host)).unwrap_or_else(|| {
            let finding = Finding::new(How::NamedAsFake, Strength::Strong);
            HostClass::Lookalike(finding.into_lookalike(brand))
        }),
        Class::Subsidiary | Class::Partner | Class::Unrelated => HostClass::Unrelated(Some(entry)),
        Class::Never | Class::AliasRelay | Class::Unverified => {
            let labels = entry.domain.labels().count();
            found(Place::customer(labels)).unwrap_or(HostClass::Unrelated(Some(entry)))
        }
    }
}

fn place_findings<'b>(brand: &'b Brand, host: &Domain, place: Place) -> Option<Finding<'b>> {
    let unicode = if host.as_str().contains("xn--") {
        Cow::Owned(host.to_unicode())
    } else {
        Cow::Borrowed(host.as_str())
    };
    let total = host.labels().count();
    let scanned = total.saturating_sub(place.tail);
    // An undecodable A-label keeps its place, so the two forms go side by side.
    let labels: Vec<Label> = host
        .labels()
        .zip(unicode.split('.'))
        .take(scanned)
        .map(|(ascii, unicode)| Label::new(ascii, unicode))
        .collect();
    let mut best: Option<Finding<'b>> = official_prefix(brand, host, &labels);
    let mut keep = |finding: Option<Finding<'b>>| {
        if let Some(finding) = finding {
            best = Some(finding.better(best.take()));
        }
    };
    for (at, label) in labels.iter().enumerate() {
        let seat = Seat {
            next: labels.get(at + 1),
            ..place.seat(at, labels.len(), brand, host)
        };
        keep(label.judge(brand, seat));
        let written = host
            .labels()
            .nth(at)
            .filter(|_| seat.registrable && seat.is_registered());
        let entry = written.and_then(|label| brand.under_another_ending(label));
        keep(entry.map(|entry| Finding {
            how: How::TldSwap,
            strength: Strength::Strong,
            resembles: Some(entry),
        }));
    }
    let words = brand.host_words().iter().filter(|word| word.typos);
    keep(
        dotted_apart(words.map(|word| &*word.letters), &labels)
            .then(|| Finding::new(How::SpelledApart, Strength::Strong)),
    );
    let products = brand.products().own();
    keep(
        dotted_apart(products.map(|product| &*product.letters), &labels)
            .then(|| Finding::new(How::SpelledApart, Strength::Weak)),
    );
    best
}

/// An official domain, followed by more labels. It begins in one of `labels`, those that are judged.
fn official_prefix<'b>(brand: &'b Brand, host: &Domain, labels: &[Label]) -> Option<Finding<'b>> {
    // The longest listed names of interest have a handful of labels.
    const LABELS: usize = 6;
    let text = host.as_str();
    let mut starts: Vec<usize> = vec![0];
    starts.extend(text.match_indices('.').map(|(at, _)| at + 1));
    let scanned = labels.len();
    for (at, (&start, letters)) in starts.iter().zip(labels).enumerate() {
        let label = text.get(start..).and_then(|rest| rest.split('.').next())?;
        let branded = brand
            .host_words()
            .iter()
            .any(|word| label.contains(&word.text));
        let mut near = brand.products().near(letters.letters());
        let mut product = || near.any(|product| label.contains(&product.text));
        if !branded && !product() {
            continue;
        }
        // A short name is some company's under every ending ("ring.com.au"): there all of the domain has
        // to stand before what was registered.
        let ends = starts.get(scanned).copied().unwrap_or(usize::MAX);
        for &next in starts.iter().skip(at + 2).take(LABELS) {
            if !branded && next > ends {
                break;
            }
            let listed = text
                .get(start..next - 1)
                .and_then(|name| brand.listed(name))
                .filter(|entry| {
                    !matches!(
                        entry.class,
                        Class::Unrelated | Class::Partner | Class::Fake | Class::Unverified
                    )
                });
            if let Some(entry) = listed {
                return Some(Finding {
                    how: How::OfficialPrefix,
                    strength: Strength::Strong,
                    resembles: Some(entry),
                });
            }
        }
    }
    None
}

/// Whether one of the words is cut by dots, or by dots and hyphens.
fn dotted_apart<'w>(words: impl Iterator<Item = &'w [char]> + Clone, labels: &[Label]) -> bool {
    (0..labels.len()).any(|start| {
        words.clone().any(|word| {
            let mut rest = word;
            for (at, label) in labels.iter().enumerate().skip(start) {
                let letters = label.letters();
                match rest.strip_prefix(letters) {
                    Some([]) => return at > start,
                    Some(left) if !letters.is_empty() => rest = left,
                    _ => return false,
                }
            }
            false
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::sample::contoso;

    fn seen(host: &str) -> String {
        let (class, why) = classify_line(&contoso(), host);
        let how = why.split(':').next().unwrap_or_default();
        if class == "lookalike" {
            how.to_owned()
        } else {
            class.to_owned()
        }
    }

    #[test]
    fn listed_domains_are_what_the_list_says() {
        for (host, class) in [
            ("contoso.com", "official"),
            ("mail.contoso.co.uk", "official"),
            ("about.contoso.com", "official"),
            ("relay.contoso.com", "official"),
            ("contosoumbrellas.com", "owned"),
            ("pay-contoso.com", "owned"),
            ("mail.raincoats.example", "unrelated"),
            ("contoso.raincoats.example", "unrelated"),
            ("contoso.cardbank.example", "unrelated"),
            ("contoso.test", "unrelated"),
            ("a8-1.smtp-out.contosocloud.com", "unrelated"),
            ("alerts.contosocloud.com", "official"),
        ] {
            assert_eq!(seen(host), class, "{host}");
        }
    }

    #[test]
    fn each_way_has_its_name_and_strength() {
        for (host, how) in [
            ("contoso.com.biz", "official-prefix (strong)"),
            ("www.contoso.co.uk.qiuu.buzz", "official-prefix (strong)"),
            ("xn--contos-1qf.com", "idn (strong)"),
            ("c0ntoso.com", "homoglyph (strong)"),
            ("con-toso.com", "spelled-apart (strong)"),
            ("con.toso.com", "spelled-apart (strong)"),
            ("contoso.club", "tld-swap (strong)"),
            ("contoso.login-user.info", "brand-label (strong)"),
            ("contoso.x1.contosocloud.com", "brand-label (strong)"),
            ("contoso.pages.example", "free-hosting (strong)"),
            ("contoso.github.io", "free-hosting (strong)"),
            ("contoso-login.com", "combosquat (strong)"),
            ("mycontosokonto.de", "combosquat (strong)"),
            ("cts-login.com", "combosquat (strong)"),
            ("www-contoso-co-uk.top", "imitated-address (strong)"),
            ("contosoit.com", "imitated-address (strong)"),
            ("contosoumbrela.com", "glued-words (weak)"),
            ("ontosoumbrellas.com", "official-misspelt (strong)"),
            ("cotnoso.com", "typo (strong)"),
            ("contosso.xyz", "typo (strong)"),
            ("contosox.com", "typo (strong)"),
            ("ontoso.com", "typo (weak)"),
            ("conto-parts.example", "named-as-fake (strong)"),
            ("secure-contoso.com", "combosquat (strong)"),
            ("contososecure.com", "combosquat (strong)"),
            ("contoso.helpdesk.example", "tenant (weak)"),
            ("contosofilters.com", "glued-words (weak)"),
            ("ctsofilters.com", "glued-words (weak)"),
        ] {
            assert_eq!(seen(host), how, "{host}");
        }
    }

    #[test]
    fn other_words_and_neighbours_are_unrelated() {
        for host in [
            "stranger.example",
            "contosonia.example",
            "contosoniareal.com",
            "contoso-mountain.org",
            "xcontosome.org",
            "cts.example",
            "cts.login.example",
            "ontoso.example",
            "contour.com",
            "xn--bcher-kva.example",
            "xn--.example",
        ] {
            assert_eq!(seen(host), "unrelated", "{host}");
        }
    }

    #[test]
    fn a_letter_pair_or_a_misspelling_counts_among_known_words() {
        for (host, how) in [
            ("mycotnosologin.com", "typo (strong)"),
            ("conttosoqzpvk.com", "typo (weak)"),
            ("qzpvkconttoso.com", "unrelated"),
            ("conzoso.top", "typo (weak)"),
            ("conzoso-login.top", "typo (strong)"),
            ("contzos.co.uk.qiuu.buzz", "typo (strong)"),
        ] {
            assert_eq!(seen(host), how, "{host}");
        }
    }

    #[test]
    fn the_strongest_is_given_and_among_equals_the_first_of_the_list() {
        use Strength::{Strong, Weak};
        let of = |(how, strength)| Finding::new(how, strength);
        let all = [
            (How::OfficialPrefix, Strong),
            (How::Typo, Strong),
            (How::GluedWords, Strong),
            (How::OfficialPrefix, Weak),
            (How::Typo, Weak),
        ];
        for (at, first) in all.into_iter().enumerate() {
            assert_eq!(of(first).better(None).how, first.0);
            for (other, second) in all.into_iter().enumerate() {
                let found = of(first).better(Some(of(second)));
                let wanted = all.get(at.min(other)).unwrap();
                assert_eq!((found.how, found.strength), *wanted, "{first:?} {second:?}");
            }
        }
    }

    #[test]
    fn words_and_sentences_are_unique() {
        for of in [How::word, How::sentence] {
            let mut words: Vec<&str> = How::ALL.into_iter().map(of).collect();
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), How::ALL.len());
        }
    }
}
