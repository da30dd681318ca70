//! What it is worth that DNS did not answer for a stranger: a reason, and nothing else.
//!
//! His failing zone is worth as little as a zone that proves nothing, or he would let it fail. Only while
//! our own DNS is dead is the silence not his, and the message is judged once more later.

use crate::{mail::domain::Domain, proof::Evidence, reason::Reason};

/// Says that DNS left open what could prove `author`.
pub(crate) fn unanswered(evidence: &Evidence, author: &Domain) -> Option<Reason> {
    let open = evidence.awaits_dns(author) || evidence.is_silenced(author);
    open.then_some(Reason::DnsTemporaryFailure)
}
