//! What DNS says about a domain of the list, and what it said before.

use crate::mail::domain::Domain;

/// What is asked about each domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Where its mail goes.
    Mx,
    /// Who may send for it (RFC 7208).
    Spf,
    /// What its owner asks for (RFC 9989).
    Dmarc,
    /// That the brand takes the reports about it.
    FamilyProof,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Mx, Self::Spf, Self::Dmarc, Self::FamilyProof];

    /// The word in all output.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Mx => "mx",
            Self::Spf => "spf",
            Self::Dmarc => "dmarc",
            Self::FamilyProof => "family-proof",
        }
    }

    /// Whether a TXT record is one of this kind. A name holds others, too.
    pub(super) fn is_one(self, record: &str) -> bool {
        let version = match self {
            Self::Mx => return true,
            // RFC 7208 section 4.5: "v=spf1" and then a space or nothing, so that "v=spf10" is none.
            Self::Spf => record.split(' ').next(),
            Self::Dmarc | Self::FamilyProof => record.split(';').next(),
        };
        let version: String = version
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_ascii_whitespace())
            .collect();
        version.eq_ignore_ascii_case(match self {
            Self::Spf => "v=spf1",
            _ => "v=DMARC1",
        })
    }

    /// Records in one spelling, so that only a change of meaning is one: blanks, the case of host
    /// names and the order of an answer say nothing.
    pub(super) fn normal(self, records: Vec<String>) -> Vec<String> {
        let mut records: Vec<String> = records
            .into_iter()
            .map(|record| match self {
                Self::Mx => host(&record),
                Self::Spf => record.split_whitespace().collect::<Vec<_>>().join(" "),
                Self::Dmarc | Self::FamilyProof => tags(&record),
            })
            .collect();
        records.sort_unstable();
        records.dedup();
        records
    }
}

/// A host in lower case without the final dot; the root, which says "no mail" (RFC 7505), stays.
fn host(written: &str) -> String {
    let lower = written.to_ascii_lowercase();
    match lower.strip_suffix('.') {
        Some(host) if !host.is_empty() => host.to_owned(),
        _ => lower,
    }
}

/// A tag list with one blank between its tags.
fn tags(record: &str) -> String {
    let tags: Vec<String> = record
        .split(';')
        .map(|tag| match tag.split_once('=') {
            Some((name, value)) => format!("{}={}", name.trim(), value.trim()),
            None => tag.trim().to_owned(),
        })
        .filter(|tag| !tag.is_empty())
        .collect();
    tags.join("; ")
}

/// What is known of a domain. `None` is not known, an empty list is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) exists: Option<bool>,
    pub(super) mx: Option<Vec<String>>,
    pub(super) spf: Option<Vec<String>>,
    pub(super) dmarc: Option<Vec<String>>,
    pub(super) family_proof: Option<Vec<String>>,
}

impl Facts {
    pub(super) fn of(&self, kind: Kind) -> Option<&Vec<String>> {
        match kind {
            Kind::Mx => self.mx.as_ref(),
            Kind::Spf => self.spf.as_ref(),
            Kind::Dmarc => self.dmarc.as_ref(),
            Kind::FamilyProof => self.family_proof.as_ref(),
        }
    }

    pub(super) fn set(&mut self, kind: Kind, records: Option<Vec<String>>) {
        match kind {
            Kind::Mx => self.mx = records,
            Kind::Spf => self.spf = records,
            Kind::Dmarc => self.dmarc = records,
            Kind::FamilyProof => self.family_proof = records,
        }
    }
}

/// A lookup that brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unanswered {
    pub(super) domain: Domain,
    pub(super) kind: Kind,
    pub(super) error: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_a_kind_are_told_from_others() {
        for (kind, record, is_one) in [
            (Kind::Spf, "v=spf1 -all", true),
            (Kind::Spf, "V=SPF1", true),
            (Kind::Spf, "v=spf10 -all", false),
            (Kind::Spf, "spf2.0/pra -all", false),
            (Kind::Dmarc, "v=DMARC1;p=none", true),
            (Kind::Dmarc, "v = DMARC1 ; p=none", true),
            (Kind::Dmarc, "v=DMARC12;p=none", false),
            (Kind::FamilyProof, "v=DMARC1", true),
            (Kind::FamilyProof, "", false),
        ] {
            assert_eq!(kind.is_one(record), is_one, "{kind:?} {record}");
        }
    }

    #[test]
    fn spelling_is_no_difference() {
        let normal = |kind: Kind, records: &[&str]| {
            kind.normal(records.iter().map(|&record| record.to_owned()).collect())
        };
        assert_eq!(
            normal(Kind::Dmarc, &["v=DMARC1;p = quarantine ;; pct=100;"]),
            ["v=DMARC1; p=quarantine; pct=100"]
        );
        assert_eq!(
            normal(Kind::Spf, &["v=spf1  include:a.example  -all "]),
            ["v=spf1 include:a.example -all"]
        );
        assert_eq!(
            normal(Kind::Mx, &["MX2.Example.", "mx1.example", "."]),
            [".", "mx1.example", "mx2.example"]
        );
    }
}
