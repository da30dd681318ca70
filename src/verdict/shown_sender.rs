//! A Sender field that says the brand over another author: mail programs show "X on behalf of Y".

use crate::{
    claim::ShownSender,
    verdict::{
        Verdict,
        case::{Authorship, Case},
    },
};

/// What the Sender field makes of a message whose author nothing proves. It never makes a forgery: the
/// author is who the message says it is from.
pub(super) fn judge(case: Case<'_>) -> Verdict {
    if case.authorship() != Authorship::Unproved {
        return Verdict::Unrelated;
    }
    match &case.claims.sender {
        None => Verdict::Unrelated,
        Some(ShownSender::Name) => Verdict::Impersonation,
        Some(ShownSender::Address(domain)) => match case.evidence.proof_within(domain).holds() {
            true => Verdict::Unrelated,
            false => Verdict::Suspicious,
        },
    }
}
