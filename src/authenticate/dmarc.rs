//! What DMARC says about an author domain: its policy, and which identifiers align with it (RFC 9989).

mod record;
mod walk;

use crate::{
    dns::Dns,
    mail::domain::Domain,
    proof::{
        AuthorEvidence, DmarcLookup, DmarcPolicy, DmarcRecord, Existence, Organization,
        alignment::Alignment, list_host::ListTenant,
    },
};
use mail_auth::dmarc::{Alignment as TagAlignment, Policy};
use tokio::time::{Instant, timeout_at};
use walk::{Found, Walk};

/// An author domain, and its Organizational Domain where the brand's own list tells it, which goes
/// before DNS.
pub(super) type Author = (Domain, Option<Domain>);

/// An identifier of a message that lies below the owner of a mailing list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ListIdentifier {
    pub(super) identifier: Domain,
    pub(super) owner: Domain,
}

/// An author domain and the walk from it, as far as it came in time.
struct Asked {
    deadline: Instant,
    evidence: AuthorEvidence,
    walk: Option<Walk>,
    is_listed: bool,
}

/// Asks all that is to be known of the authors, then to which organizations the `identifiers` of the
/// message belong that could prove one of them; for each author until his own deadline.
pub(super) async fn ask(
    dns: &Dns,
    authors: Vec<(Author, Instant)>,
    identifiers: &[Domain],
) -> (Vec<AuthorEvidence>, Vec<Organization>) {
    let asked = authors
        .into_iter()
        .map(|(known, deadline)| author(dns, known, deadline));
    let asked = futures_util::future::join_all(asked).await;
    let organizations = identifiers.iter().filter_map(|identifier| {
        let author = asked.iter().find(|asked| asked.may_align_with(identifier));
        author.map(|author| organization(dns, author, identifier))
    });
    let organizations = futures_util::future::join_all(organizations).await;
    let evidence = asked.into_iter().map(|asked| asked.evidence).collect();
    (evidence, organizations)
}

/// Which of the identifiers below the owner of a mailing list are, or may be, somebody else's: each until its own
/// deadline.
pub(super) async fn list_tenants(
    dns: &Dns,
    identifiers: Vec<(ListIdentifier, Instant)>,
) -> Vec<ListTenant> {
    let asked = identifiers
        .into_iter()
        .map(|(of_list, deadline)| async move {
            let ListIdentifier { identifier, owner } = of_list;
            let is_apart = timeout_at(deadline, walk::is_apart(dns, &identifier, &owner)).await;
            match is_apart {
                Ok(Ok(false)) => None,
                Ok(Ok(true)) => Some((identifier, true)),
                Ok(Err(_)) | Err(_) => Some((identifier, false)),
            }
        });
    let found = futures_util::future::join_all(asked).await;
    let tenants = found.into_iter().flatten();
    tenants
        .map(|(identifier, is_certain)| ListTenant {
            identifier,
            is_certain,
        })
        .collect()
}

impl Asked {
    /// Whether it depends on the identifier's own organization that it aligns. An identifier that is
    /// the author domain aligns with it anyway, and one outside of the author's organization never.
    fn may_align_with(&self, identifier: &Domain) -> bool {
        let author = &self.evidence;
        let is_strict = matches!(
            author.dmarc,
            DmarcLookup::Record(DmarcRecord {
                spf_alignment: Alignment::Strict,
                dkim_alignment: Alignment::Strict,
                ..
            })
        );
        let top = author.organizational.as_ref();
        *identifier != author.domain
            && !is_strict
            && top.is_some_and(|top| identifier.is_within(top))
    }
}

async fn author(dns: &Dns, (domain, listed): Author, deadline: Instant) -> Asked {
    let walk = timeout_at(deadline, Walk::from(dns, &domain));
    let exists = timeout_at(deadline, dns.exists(&domain));
    let (walk, exists) = tokio::join!(walk, exists);
    let existence = match exists {
        Ok(Ok(true)) => Existence::Exists,
        Ok(Ok(false)) => Existence::Nonexistent,
        _ => Existence::Unknown,
    };
    let walk = walk.ok();
    let (dmarc, found) = match walk.as_ref().map(Walk::records) {
        Some(Ok(records)) => {
            let organization = walk::organization(&domain, &records);
            let applies = applicable(&records, &domain, existence);
            (applies, organization)
        }
        _ => (DmarcLookup::Temporary, None),
    };
    Asked {
        deadline,
        walk,
        is_listed: listed.is_some(),
        evidence: AuthorEvidence {
            organizational: listed.or(found),
            domain,
            dmarc,
            existence,
        },
    }
}

/// To which organization an identifier within the author's belongs: a name between the two may have
/// declared itself another one.
async fn organization(dns: &Dns, author: &Asked, identifier: &Domain) -> Organization {
    let domain = match &author.walk {
        // The list says what is the brand's, and names nobody's but the brand's.
        _ if author.is_listed => author.evidence.organizational.clone(),
        Some(walk) => timeout_at(author.deadline, walk.organization_of(dns, identifier))
            .await
            .ok()
            .and_then(Result::ok),
        None => None,
    };
    Organization {
        identifier: identifier.clone(),
        domain,
    }
}

/// The record that applies: the author domain's own, else its organization's, else the registry's above
/// that (RFC 9989 section 4.10.1).
fn applicable(records: &[Found<'_>], author: &Domain, existence: Existence) -> DmarcLookup {
    let at = |name: &Domain| records.iter().find(|(found, _)| *found == name);
    let organization = walk::organization(author, records);
    let Some((name, record)) = at(author)
        .or_else(|| at(organization.as_ref()?))
        .or_else(|| records.last())
    else {
        return DmarcLookup::NoRecord;
    };
    // Without `p` a record counts as `p=none` if it asks for reports, else not at all (RFC 9989
    // section 4.7).
    if record.p == Policy::Unspecified && record.rua.is_empty() {
        return DmarcLookup::NoRecord;
    }
    let asked = match (*name == author, existence) {
        (true, _) => record.p,
        (false, Existence::Nonexistent) => record.np,
        (false, _) => record.sp,
    };
    // `t=y` lowers what is asked for by one level.
    let policy = match (asked, record.t) {
        (Policy::Reject, false) => DmarcPolicy::Reject,
        (Policy::Reject, true) | (Policy::Quarantine, false) => DmarcPolicy::Quarantine,
        _ => DmarcPolicy::None,
    };
    let alignment = |tag| match tag {
        TagAlignment::Relaxed => Alignment::Relaxed,
        TagAlignment::Strict => Alignment::Strict,
    };
    DmarcLookup::Record(DmarcRecord {
        policy,
        spf_alignment: alignment(record.aspf),
        dkim_alignment: alignment(record.adkim),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use mail_auth::dmarc::Dmarc;
    use record::only_record;

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    /// What applies to `author` where these records stand above it.
    fn applies(author: &str, existence: Existence, list: &[(&str, &str)]) -> DmarcLookup {
        let records: Vec<(Domain, Dmarc)> = list
            .iter()
            .map(|(name, text)| {
                let record = only_record(&[format!("v=DMARC1;{text}").into_bytes()]);
                (domain(name), record.unwrap())
            })
            .collect();
        let records: Vec<_> = records
            .iter()
            .map(|(name, record)| (name, record))
            .collect();
        applicable(&records, &domain(author), existence)
    }

    fn policy(author: &str, existence: Existence, list: &[(&str, &str)]) -> Option<DmarcPolicy> {
        match applies(author, existence, list) {
            DmarcLookup::Record(record) => Some(record.policy),
            _ => None,
        }
    }

    #[test]
    fn a_broken_tag_does_not_take_the_record_away() {
        let read =
            |text: &str| match applies("b.example", Existence::Exists, &[("b.example", text)]) {
                DmarcLookup::Record(record) => Some((record.policy, record.spf_alignment)),
                _ => None,
            };
        assert_eq!(
            read("p=reject; fo=x; aspf=s"),
            Some((DmarcPolicy::Reject, Alignment::Strict))
        );
        assert_eq!(
            read("p=reject; aspf=x"),
            Some((DmarcPolicy::Reject, Alignment::Relaxed))
        );
        assert_eq!(
            read("p=rejct; rua=mailto:a@b.example; aspf=s"),
            Some((DmarcPolicy::None, Alignment::Strict))
        );
        assert_eq!(
            read("p=reject; sp=nothing; rua=mailto:a@b.example"),
            Some((DmarcPolicy::None, Alignment::Relaxed))
        );
        assert_eq!(read("p=rejct"), None);
    }

    #[test]
    fn a_subdomain_gets_the_policy_that_was_meant_for_it() {
        let list = [("b.example", "p=reject; sp=quarantine; np=reject; t=y")];
        let exists = Existence::Exists;
        assert_eq!(
            policy("b.example", exists, &list),
            Some(DmarcPolicy::Quarantine)
        );
        assert_eq!(
            policy("a.b.example", exists, &list),
            Some(DmarcPolicy::None)
        );
        assert_eq!(
            policy("a.b.example", Existence::Nonexistent, &list),
            Some(DmarcPolicy::Quarantine)
        );
    }

    #[test]
    fn the_policy_is_the_organizations_before_it_is_the_registrys() {
        let exists = Existence::Exists;
        let both = [("b.example", "p=reject"), ("example", "p=none; psd=y")];
        assert_eq!(
            policy("a.b.example", exists, &both),
            Some(DmarcPolicy::Reject)
        );
        let registry = [("example", "p=none; sp=quarantine; np=reject; psd=y")];
        assert_eq!(
            policy("a.b.example", exists, &registry),
            Some(DmarcPolicy::Quarantine)
        );
        assert_eq!(
            policy("a.b.example", Existence::Nonexistent, &registry),
            Some(DmarcPolicy::Reject)
        );
        assert_eq!(
            policy("example", exists, &registry),
            Some(DmarcPolicy::None)
        );
        // A record between the author and his organization is neither's.
        let between = [("c.b.example", "p=none"), ("b.example", "p=reject")];
        assert_eq!(
            policy("a.c.b.example", exists, &between),
            Some(DmarcPolicy::Reject)
        );
        assert_eq!(policy("a.b.example", exists, &[]), None);
    }
}
