//! What DNS said at another time: a file beside the brand's.

use super::facts::{Facts, Kind};
use crate::{brand::Brand, mail::domain::Domain};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The snapshot of this release. It is about the embedded brand.
const SHIPPED: &str = include_str!("../snapshot.toml");

/// What was known of each domain, and where the brand publishes its family proofs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Snapshot {
    /// The name under which `DOMAIN.` stands for each domain of the family; `None` where this brand
    /// publishes no such proof.
    pub(super) family_proof: Option<Domain>,
    domains: BTreeMap<Domain, Facts>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    brand: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    family_proof: Option<String>,
    #[serde(default)]
    domain: Vec<Row>,
}

/// The entries of a file alone.
#[derive(Serialize)]
struct Entries {
    domain: Vec<Row>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    exists: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mx: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spf: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dmarc: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family_proof: Option<Vec<String>>,
}

impl Snapshot {
    /// The one of this release; empty for a brand that it is not about.
    pub(super) fn shipped(brand: &Brand) -> Self {
        Self::parse(SHIPPED, brand).unwrap_or_default()
    }

    /// Reads a snapshot.
    ///
    /// # Errors
    ///
    /// One sentence: no TOML of this shape, no domain name where one must be, another brand's.
    pub(super) fn parse(text: &str, brand: &Brand) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        if file.brand != brand.name() {
            return Err(format!(
                "it is about {:?}, and the list about {:?}",
                file.brand,
                brand.name()
            ));
        }
        let name = |text: &str| Domain::parse(text).map_err(|error| format!("{text:?}: {error}"));
        let mut domains = BTreeMap::new();
        for row in file.domain {
            // The last entry of a name counts, so that a patch can be appended.
            domains.insert(name(&row.name)?, row.into());
        }
        Ok(Self {
            family_proof: file.family_proof.as_deref().map(name).transpose()?,
            domains,
        })
    }

    /// What was known of a domain; nothing where it isn't mentioned.
    pub(super) fn facts(&self, domain: &Domain) -> Facts {
        self.domains.get(domain).cloned().unwrap_or_default()
    }
}

/// A whole snapshot as TOML.
pub(super) fn whole(
    brand: &Brand,
    family_proof: Option<&Domain>,
    facts: &[(&Domain, Facts)],
) -> String {
    let file = File {
        brand: brand.name().to_owned(),
        family_proof: family_proof.map(|name| name.as_str().to_owned()),
        domain: rows(facts),
    };
    toml::to_string(&file).unwrap_or_default()
}

/// Entries of a snapshot as TOML, to be appended to one.
pub(super) fn entries(facts: &[(&Domain, Facts)]) -> String {
    let entries = Entries {
        domain: rows(facts),
    };
    toml::to_string(&entries).unwrap_or_default()
}

fn rows(facts: &[(&Domain, Facts)]) -> Vec<Row> {
    facts
        .iter()
        .map(|(domain, facts)| Row::new(domain, facts.clone()))
        .collect()
}

impl Row {
    fn new(domain: &Domain, facts: Facts) -> Self {
        Self {
            name: domain.as_str().to_owned(),
            // A name that is listed is there unless it is said to be gone.
            exists: facts.exists.filter(|exists| !exists),
            mx: facts.mx,
            spf: facts.spf,
            dmarc: facts.dmarc,
            family_proof: facts.family_proof,
        }
    }
}

impl From<Row> for Facts {
    fn from(row: Row) -> Self {
        let normal = |kind: Kind, records: Option<Vec<String>>| records.map(|all| kind.normal(all));
        Self {
            exists: row.exists,
            mx: normal(Kind::Mx, row.mx),
            spf: normal(Kind::Spf, row.spf),
            dmarc: normal(Kind::Dmarc, row.dmarc),
            family_proof: normal(Kind::FamilyProof, row.family_proof),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn brand() -> Brand {
        Brand::from_toml(
            "brand = \"Contoso\"\nmain = \"contoso.example\"\nupdated = \"2026-01-01\"\n\
             [[source]]\nid = \"S\"\ndescription = \"x\"\n\
             [[domain]]\nname = \"contoso.example\"\nclass = \"official-sender\"\n\
             category = \"x\"\nsources = [\"S\"]\n",
        )
        .unwrap()
    }

    #[test]
    fn a_later_entry_replaces_an_earlier_one() {
        let text = "brand = \"Contoso\"\nfamily_proof = \"_r.contoso.example\"\n\
                    [[domain]]\nname = \"contoso.example\"\nmx = [\"A.example.\"]\nspf = []\n\
                    [[domain]]\nname = \"contoso.example\"\nspf = [\"v=spf1   -all\"]\n";
        let snapshot = Snapshot::parse(text, &brand()).unwrap();
        let facts = snapshot.facts(&Domain::parse("contoso.example").unwrap());
        assert_eq!(facts.mx, None);
        assert_eq!(facts.spf, Some(vec!["v=spf1 -all".to_owned()]));
        assert_eq!(
            snapshot.family_proof.unwrap().as_str(),
            "_r.contoso.example"
        );
    }

    #[test]
    fn a_snapshot_of_another_brand_is_refused() {
        let error = Snapshot::parse("brand = \"Other\"\n", &brand()).unwrap_err();
        assert_eq!(
            error,
            "it is about \"Other\", and the list about \"Contoso\""
        );
        assert_eq!(Snapshot::shipped(&brand()), Snapshot::default());
    }

    #[test]
    fn what_is_shipped_can_be_read() {
        assert!(Snapshot::parse(SHIPPED, Brand::embedded()).is_ok_and(|all| all.domains.len() > 5));
    }

    #[test]
    fn what_is_written_can_be_read_again() {
        let domain = Domain::parse("contoso.example").unwrap();
        let facts = Facts {
            spf: Some(vec!["v=spf1 \"\u{1b}\\".to_owned()]),
            dmarc: Some(Vec::new()),
            exists: Some(false),
            ..Facts::default()
        };
        let text = whole(&brand(), None, &[(&domain, facts.clone())]);
        let read = Snapshot::parse(&text, &brand()).unwrap();
        assert_eq!(read.facts(&domain), facts);
    }
}
