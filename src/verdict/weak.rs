//! What weak claims come to: by what the text does beside them, or by adding up.

use crate::{
    brand::Strength,
    claim::Claim,
    reason::Reason,
    verdict::{
        Verdict, believed,
        case::{Authorship, Case},
        findings::Table,
        listed_author,
    },
};
use std::collections::BTreeSet;

/// What the weak claims of a message come to.
pub(super) fn judge(case: Case<'_>) -> (Verdict, Vec<Reason>) {
    let table = Table::of(case);
    if !is_suspicious(case, table) {
        return (Verdict::Unrelated, Vec::new());
    }
    // What the operator says of an author holds whatever the text says.
    let authors = case.claims.author_domains.iter();
    let believed: Option<Vec<_>> = authors.map(|author| believed(case, author)).collect();
    if let Some(worst) = believed
        .into_iter()
        .flatten()
        .max_by_key(|(verdict, _)| *verdict)
    {
        return worst;
    }
    let mut authors = case.claims.author_domains.iter();
    if !case.claims.author_domains.is_empty()
        && authors.all(|author| listed_author::is_proved_partner(case, author))
    {
        return (Verdict::Unrelated, Vec::new());
    }
    if case.unanswered_author().is_none() {
        return (Verdict::Suspicious, Vec::new());
    }
    // A stranger's failing zone grants nothing, unless it is our own DNS that fails and a proof could help.
    let could_help = !is_suspicious(case, table.at_best());
    let verdict = match case.evidence.dns_dead && could_help {
        true => Verdict::Unverifiable,
        false => Verdict::Suspicious,
    };
    (verdict, vec![Reason::DnsTemporaryFailure])
}

/// Whether proofs could spare a message that is suspicious without them.
pub(super) fn needs_proof(case: Case<'_>) -> bool {
    let table = Table::of(case);
    let is_listed = |author| case.trust.believes(author).is_some();
    let spares = || {
        let at_best = table.at_best();
        !is_suspicious(case, at_best) || at_best.counting().count() < table.counting().count()
    };
    is_suspicious(case, table)
        && (spares()
            || case
                .claims
                .author_domains
                .iter()
                .any(|author| is_listed(&author.domain) || listed_author::is_partner(author)))
}

fn is_suspicious(case: Case<'_>, table: Table<'_>) -> bool {
    let content = case.content;
    let mentioned = !case.claims.list.is_empty()
        || content.own.names_brand
        || content.quoted.names_brand
        || content
            .own
            .findings
            .iter()
            .any(|found| found.is_deceitful_link());
    mentioned && table.counting().next().is_some() || adds_up(case, table)
}

/// Whether weak claims about the sender add up: two of them in different fields, or one beside a subject
/// that speaks as the brand.
fn adds_up(case: Case<'_>, table: Table<'_>) -> bool {
    if table.authorship() == Authorship::Proved {
        return false;
    }
    let weak = case.claims.list.iter().filter(|claim| {
        claim.strength == Strength::Weak && claim.excuse.is_none() && field(claim).is_some()
    });
    // One mailbox that stands in several fields is one claim.
    let mut seen = BTreeSet::new();
    let distinct = weak.filter(|claim| seen.insert(claim.seen.to_ascii_lowercase()));
    let fields: BTreeSet<u8> = distinct.filter_map(field).collect();
    match fields.len() {
        0 => false,
        1 => table.subject_speaks(),
        _ => true,
    }
}

/// In which field a claim about the sender stands; none for any other claim.
fn field(claim: &Claim) -> Option<u8> {
    match claim.reason {
        Reason::DisplayName | Reason::DisplayAddress => Some(0),
        Reason::LocalPart => Some(1),
        Reason::LookalikeAuthorDomain => Some(2),
        Reason::LookalikeDkimDomain => Some(3),
        Reason::SenderField => Some(4),
        Reason::ReplyTo => Some(5),
        Reason::EnvelopeSender => Some(6),
        _ => None,
    }
}
