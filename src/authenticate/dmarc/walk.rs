//! The DNS Tree Walk, and the Organizational Domain that it finds (RFC 9989 section 4.10).

use super::record::only_record;
use crate::{
    dns::{Dns, Failure},
    mail::domain::Domain,
};
use mail_auth::dmarc::{Dmarc, Psd};

/// What stands at the names that a walk asks, longest first.
pub(super) struct Walk {
    start: Domain,
    steps: Vec<Step>,
}

/// A name, and its valid record if it has one.
struct Step {
    name: Domain,
    found: Result<Option<Dmarc>, Failure>,
}

/// A name with a valid record.
pub(super) type Found<'w> = (&'w Domain, &'w Dmarc);

impl Walk {
    /// Walks up from `start`. All names are asked side by side: a walk seldom ends before the top.
    pub(super) async fn from(dns: &Dns, start: &Domain) -> Self {
        Self::beside(dns, start, &[]).await
    }

    /// The same where other walks have asked some of its names already.
    async fn beside(dns: &Dns, start: &Domain, others: &[&Self]) -> Self {
        let names = names(start);
        let steps = names.iter().map(|name| async move {
            let known = others
                .iter()
                .flat_map(|other| &other.steps)
                .find(|step| step.name.as_str() == *name);
            Some(Step {
                name: Domain::parse(name).ok()?,
                found: match known {
                    Some(step) => step.found.clone(),
                    None => ask(dns, name).await,
                },
            })
        });
        let steps = futures_util::future::join_all(steps).await;
        Self {
            start: start.clone(),
            steps: steps.into_iter().flatten().collect(),
        }
    }

    /// The Organizational Domain of `identifier`, which lies near the start of this walk: names that
    /// both walks share are not asked again.
    pub(super) async fn organization_of(
        &self,
        dns: &Dns,
        identifier: &Domain,
    ) -> Result<Domain, Failure> {
        let walk = Self::beside(dns, identifier, &[self]).await;
        let found = organization(&walk.start, &walk.records()?);
        // Without any record the name that the walk began at is its own organization.
        Ok(found.unwrap_or(walk.start))
    }

    /// Every valid record up to the one that ends the walk, longest name first.
    pub(super) fn records(&self) -> Result<Vec<Found<'_>>, Failure> {
        let mut records = Vec::new();
        for step in &self.steps {
            let record = match &step.found {
                Ok(None) => continue,
                Ok(Some(record)) => record,
                Err(failure) => return Err(failure.clone()),
            };
            records.push((&step.name, record));
            // `psd` ends the walk: what lies above is another organization's.
            if matches!(record.psd, Psd::Yes | Psd::No) {
                break;
            }
        }
        Ok(records)
    }
}

/// The names that a walk asks: the domain itself, then, of a name with more than eight labels, the
/// last seven of them, and so on up to the top: at most eight queries (RFC 9989 section 4.10).
fn names(domain: &Domain) -> Vec<&str> {
    let all: Vec<&str> = domain.ancestors().collect();
    let skipped = all.len().saturating_sub(8);
    let mut names: Vec<&str> = all.first().copied().into_iter().collect();
    names.extend(all.iter().skip(1 + skipped));
    names
}

async fn ask(dns: &Dns, name: &str) -> Result<Option<Dmarc>, Failure> {
    match dns.txt(&format!("_dmarc.{name}")).await {
        Ok(records) => Ok(only_record(&records)),
        Err(failure) if failure.is_certain() => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whether a name from `identifier` up to `owner`, without that, says that it is an organization of its own, or
/// a registry of others (RFC 9989 section 4.10.2).
pub(super) async fn is_apart(
    dns: &Dns,
    identifier: &Domain,
    owner: &Domain,
) -> Result<bool, Failure> {
    let names = names(identifier).into_iter();
    let below = names.filter(|name| name.len() > owner.as_str().len());
    let records = futures_util::future::join_all(below.map(|name| ask(dns, name))).await;
    let mut failure = None;
    for record in records {
        match record {
            Ok(Some(record)) if matches!(record.psd, Psd::Yes | Psd::No) => return Ok(true),
            Ok(_) => {}
            Err(failed) => failure = Some(failed),
        }
    }
    failure.map_or(Ok(false), Err)
}

/// The Organizational Domain of `start` by the records that its walk found (RFC 9989 section 4.10.2);
/// `None` where it found none.
pub(super) fn organization(start: &Domain, records: &[Found<'_>]) -> Option<Domain> {
    let (last, record) = records.last()?;
    match record.psd {
        // A registry: the organization is the name one label below it, record or not. Who mails from
        // the registry's own name is not one of its customers.
        Psd::Yes if *last != start => {
            let below = start.ancestors().take_while(|name| *name != last.as_str());
            below.last().and_then(|name| Domain::parse(name).ok())
        }
        _ => Some((*last).clone()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use mail_auth::common::parse::TxtRecordParser;

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    /// The organization of `start` where these records stand above it.
    fn found(start: &str, records: &[(&str, &str)]) -> Option<String> {
        let steps = records.iter().map(|(name, tags)| Step {
            name: domain(name),
            found: Ok(Some(
                Dmarc::parse(format!("v=DMARC1; {tags}").as_bytes()).unwrap(),
            )),
        });
        let walk = Walk {
            start: domain(start),
            steps: steps.collect(),
        };
        organization(&walk.start, &walk.records().unwrap()).map(|name| name.to_string())
    }

    #[test]
    fn a_walk_asks_at_most_eight_names() {
        assert_eq!(
            names(&domain("a.b.example")),
            ["a.b.example", "b.example", "example"]
        );
        assert_eq!(names(&domain("1.2.3.4.5.6.7.example")).len(), 8);
        let long = domain("a.b.c.d.e.f.g.h.i.example");
        assert_eq!(
            names(&long),
            [
                "a.b.c.d.e.f.g.h.i.example",
                "d.e.f.g.h.i.example",
                "e.f.g.h.i.example",
                "f.g.h.i.example",
                "g.h.i.example",
                "h.i.example",
                "i.example",
                "example",
            ]
        );
    }

    #[test]
    fn the_organization_is_the_highest_record_where_nobody_marks_a_registry() {
        let records = [("a.b.example", "p=none"), ("b.example", "p=none")];
        assert_eq!(
            found("x.a.b.example", &records).as_deref(),
            Some("b.example")
        );
        assert_eq!(found("b.example", &[]), None);
    }

    #[test]
    fn below_a_registry_the_organization_is_one_label_longer() {
        let registry = [("example", "psd=y")];
        assert_eq!(found("b.example", &registry).as_deref(), Some("b.example"));
        assert_eq!(
            found("a.b.example", &registry).as_deref(),
            Some("b.example")
        );
        let low = [("a.b.example", "p=none"), ("example", "psd=y")];
        assert_eq!(found("a.b.example", &low).as_deref(), Some("b.example"));
        // The registry's own mail.
        assert_eq!(found("example", &registry).as_deref(), Some("example"));
    }

    #[test]
    fn what_declares_itself_an_organization_is_one() {
        let records = [
            ("a.b.example", "p=none; psd=n"),
            ("b.example", "p=none"),
            ("example", "psd=y"),
        ];
        assert_eq!(
            found("x.a.b.example", &records).as_deref(),
            Some("a.b.example")
        );
        assert_eq!(
            found("a.b.example", &records).as_deref(),
            Some("a.b.example")
        );
    }
}
