//! The DMARC policy of an author domain: the DNS Tree Walk (RFC 9989 section 4.10).

use crate::{
    decision::{
        domain::{Alignment, Domain},
        evidence::{AuthorEvidence, DmarcLookup, DmarcPolicy, DmarcRecord, Existence},
    },
    dns::{Dns, Failure},
};
use mail_auth::{
    common::parse::TxtRecordParser,
    dmarc::{Alignment as TagAlignment, Dmarc, Policy, Psd},
};
use tokio::time::{Instant, timeout_at};

/// Asks all that is to be known of one author domain. `organizational` is its Organizational Domain
/// where the brand's own list tells it, which goes before DNS.
pub(super) async fn author(
    dns: &Dns,
    domain: Domain,
    organizational: Option<Domain>,
    deadline: Instant,
) -> AuthorEvidence {
    let walk = timeout_at(deadline, walk(dns, &domain));
    let exists = timeout_at(deadline, dns.exists(&domain));
    let (walk, exists) = tokio::join!(walk, exists);
    let existence = match exists {
        Ok(Ok(true)) => Existence::Exists,
        Ok(Ok(false)) => Existence::Nonexistent,
        _ => Existence::Unknown,
    };
    let (dmarc, found) = match walk {
        Ok(Ok(records)) => (
            applicable(&records, &domain, existence),
            organizational_domain(&records),
        ),
        _ => (DmarcLookup::Temporary, None),
    };
    AuthorEvidence {
        organizational: organizational.or(found),
        domain,
        dmarc,
        existence,
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

/// Every valid record from the domain up, longest name first.
async fn walk(dns: &Dns, domain: &Domain) -> Result<Vec<(Domain, Dmarc)>, Failure> {
    let names = names(domain);
    let answers = futures_util::future::join_all(names.iter().map(|name| async move {
        let record = match dns.txt(&format!("_dmarc.{name}")).await {
            Ok(records) => only_record(&records),
            Err(failure) if failure.is_certain() => None,
            Err(failure) => return Err(failure),
        };
        Ok(record)
    }))
    .await;
    let mut found = Vec::new();
    for (name, answer) in names.into_iter().zip(answers) {
        let Some(record) = answer? else {
            continue;
        };
        // `psd` ends the walk: what lies above is another organization's.
        let last = matches!(record.psd, Psd::Yes | Psd::No);
        if let Ok(name) = Domain::parse(name) {
            found.push((name, record));
        }
        if last {
            break;
        }
    }
    Ok(found)
}

/// The DMARC record of a TXT set. Other records are ignored, and several DMARC records count as
/// none (RFC 9989 section 4.10.1), whereas the library would take the first that it can read. What
/// makes one is its version, so that a second one counts though the rest of it is broken.
fn only_record(records: &[Vec<u8>]) -> Option<Dmarc> {
    let mut policies = records.iter().filter(|record| is_dmarc(record));
    let first = policies.next()?;
    match policies.next() {
        None => Dmarc::parse(first)
            .ok()
            .or_else(|| without_broken_tags(first)),
        Some(_) => None,
    }
}

/// Tags of a record that are looked at; real ones have about ten.
const MAX_TAGS: usize = 64;

/// Reads a record in which the library found a mistake. A broken tag counts as absent (RFC 9989
/// section 4.7); a broken policy makes the whole record `p=none` where it asks for reports, else
/// there is nothing to apply (section 4.10.1).
fn without_broken_tags(record: &[u8]) -> Option<Dmarc> {
    let mut kept = b"v=DMARC1".to_vec();
    let mut is_policy_broken = false;
    for tag in record.split(|&octet| octet == b';').skip(1).take(MAX_TAGS) {
        let alone = [b"v=DMARC1;", tag].concat();
        if Dmarc::parse(&alone).is_ok() {
            kept.push(b';');
            kept.extend_from_slice(tag);
            continue;
        }
        let name = tag.split(|&octet| octet == b'=').next().unwrap_or(tag);
        is_policy_broken |= [&b"p"[..], b"sp", b"np"]
            .iter()
            .any(|policy| name.trim_ascii().eq_ignore_ascii_case(policy));
    }
    let mut read = Dmarc::parse(&kept).ok()?;
    if is_policy_broken {
        (read.p, read.sp, read.np) = (
            Policy::Unspecified,
            Policy::Unspecified,
            Policy::Unspecified,
        );
    }
    Some(read)
}

/// Whether a TXT record is a DMARC record: `v=DMARC1` in this case comes first, blanks aside (RFC
/// 9989 sections 4.7 and 4.8).
fn is_dmarc(record: &[u8]) -> bool {
    let first = record.split(|&octet| octet == b';').next();
    let tag = first.and_then(|tag| std::str::from_utf8(tag).ok());
    tag.and_then(|tag| tag.split_once('='))
        .is_some_and(|(name, value)| name.trim() == "v" && value.trim() == "DMARC1")
}

/// The Organizational Domain that a walk found (RFC 9989 section 4.10.2).
fn organizational_domain(records: &[(Domain, Dmarc)]) -> Option<Domain> {
    let (last, record) = records.last()?;
    match record.psd {
        // The public suffix itself; the organization is the name one label below, which has a
        // record only if the walk met it.
        Psd::Yes => records.iter().rev().nth(1).map(|(name, _)| name.clone()),
        _ => Some(last.clone()),
    }
}

fn applicable(records: &[(Domain, Dmarc)], author: &Domain, existence: Existence) -> DmarcLookup {
    let own = records.iter().find(|(name, _)| name == author);
    let Some((name, record)) = own.or_else(|| records.last()) else {
        return DmarcLookup::NoRecord;
    };
    // Without `p` a record counts as `p=none` if it asks for reports, else not at all (RFC 9989
    // section 4.7).
    if record.p == Policy::Unspecified && record.rua.is_empty() {
        return DmarcLookup::NoRecord;
    }
    let asked = match (name == author, existence) {
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

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    fn records(list: &[(&str, &str)]) -> Vec<(Domain, Dmarc)> {
        list.iter()
            .map(|(name, text)| (domain(name), Dmarc::parse(text.as_bytes()).unwrap()))
            .collect()
    }

    #[test]
    fn a_walk_asks_at_most_eight_names() {
        assert_eq!(
            names(&domain("a.b.example")),
            ["a.b.example", "b.example", "example"]
        );
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
    fn several_records_are_none() {
        let record = |text: &str| text.as_bytes().to_vec();
        let one = [record("unrelated"), record("v=DMARC1; p=reject")];
        assert_eq!(only_record(&one).unwrap().p, Policy::Reject);
        let two = [record("v=DMARC1; p=reject"), record("v=DMARC1; p=none")];
        assert!(only_record(&two).is_none());
        let broken = [record("v=DMARC1; p=reject"), record("v = DMARC1 ; adkim=x")];
        assert!(only_record(&broken).is_none());
        let later = [record("v=DMARC1; p=reject"), record("v=DMARC12; p=none")];
        assert!(only_record(&later).is_some());
    }

    #[test]
    fn a_broken_tag_does_not_take_the_record_away() {
        let read = |text: &str| {
            let found = [(
                domain("b.example"),
                only_record(&[text.as_bytes().to_vec()]).unwrap(),
            )];
            match applicable(&found, &domain("b.example"), Existence::Exists) {
                DmarcLookup::Record(record) => Some((record.policy, record.spf_alignment)),
                _ => None,
            }
        };
        assert_eq!(
            read("v=DMARC1; p=reject; fo=x; aspf=s"),
            Some((DmarcPolicy::Reject, Alignment::Strict))
        );
        assert_eq!(
            read("v=DMARC1; p=reject; aspf=x"),
            Some((DmarcPolicy::Reject, Alignment::Relaxed))
        );
        assert_eq!(
            read("v=DMARC1; p=rejct; rua=mailto:a@b.example; aspf=s"),
            Some((DmarcPolicy::None, Alignment::Strict))
        );
        assert_eq!(
            read("v=DMARC1; p=reject; sp=nothing; rua=mailto:a@b.example"),
            Some((DmarcPolicy::None, Alignment::Relaxed))
        );
        assert_eq!(read("v=DMARC1; p=rejct"), None);
    }

    #[test]
    fn the_organization_is_the_highest_record_below_a_public_suffix() {
        let plain = records(&[
            ("a.b.example", "v=DMARC1; p=none"),
            ("b.example", "v=DMARC1; p=none"),
        ]);
        assert_eq!(organizational_domain(&plain), Some(domain("b.example")));
        let suffix = records(&[
            ("b.example", "v=DMARC1; p=none"),
            ("example", "v=DMARC1; p=none; psd=y"),
        ]);
        assert_eq!(organizational_domain(&suffix), Some(domain("b.example")));
        assert_eq!(organizational_domain(&[]), None);
    }

    #[test]
    fn a_subdomain_gets_the_policy_that_was_meant_for_it() {
        let found = records(&[(
            "b.example",
            "v=DMARC1; p=reject; sp=quarantine; np=reject; t=y; aspf=s",
        )]);
        let applies = |author: &str, existence| match applicable(&found, &domain(author), existence)
        {
            DmarcLookup::Record(record) => (record.policy, record.spf_alignment),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            applies("b.example", Existence::Exists),
            (DmarcPolicy::Quarantine, Alignment::Strict)
        );
        assert_eq!(
            applies("a.b.example", Existence::Exists).0,
            DmarcPolicy::None
        );
        assert_eq!(
            applies("a.b.example", Existence::Nonexistent).0,
            DmarcPolicy::Quarantine
        );
    }
}
