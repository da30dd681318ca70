//! A prize of the brand's in the subject that its author's own domain disowns.

use super::listed_author::unproved;
use crate::{
    mail::domain::Domain,
    proof::{AuthResult, Existence},
    reason::Reason,
    verdict::case::Case,
};

/// Returns why a prize in the subject counts as a finding: the author's own domain disowns the mail, or
/// the From field shows different authors to different readers and nothing
/// proves one of them.
///
/// Many who are no impostors draw such prizes, under their own name, from their own servers. The
/// missing proof alone says nothing, as small clubs have none.
pub(super) fn reasons(case: Case<'_>) -> Option<Vec<Reason>> {
    let Case {
        origin,
        claims,
        evidence,
        ..
    } = case;
    // Who forwards breaks proofs. Without the envelope nothing was denied.
    let unknown = origin.via_forwarder
        || evidence.arc_is_trusted()
        || evidence.spf.unknown_envelope
        || claims.author_domains.is_empty();
    if !claims.prize || unknown {
        return None;
    }
    let malformed = claims.notes.contains(&Reason::MalformedFrom);
    let denied = |author: &Domain| {
        let proof = evidence.proof(author);
        let spf = evidence.spf.domain.as_ref().is_some_and(|domain| {
            let refused = matches!(evidence.spf.result, AuthResult::Fail | AuthResult::SoftFail);
            refused && (domain.is_within(author) || author.is_within(domain))
        });
        let known = evidence.author(author);
        let unknown = known.is_some_and(|known| known.existence == Existence::Nonexistent);
        !proof.holds()
            && proof.pending.is_none()
            && (malformed || spf || unknown || evidence.dmarc(author) == AuthResult::Fail)
    };
    let authors = || claims.author_domains.iter().map(|author| &author.domain);
    authors().all(denied).then(|| {
        authors()
            .flat_map(|author| unproved(evidence, author))
            .collect()
    })
}
