//! What an author comes to whose domain is the brand's own, or of somebody whom its list names.

use super::{
    Verdict,
    mailing_list::{MailingLists, NamedList},
};
use crate::{
    claim::{AuthorDomain, Standing},
    mail::domain::Domain,
    proof::{AuthResult, Evidence, Existence, Pending, SignatureFault},
    reason::Reason,
    verdict::case::Case,
};

/// An author in the brand's own domains: proved, or forged.
pub(super) fn judge(case: Case<'_>, author: &AuthorDomain) -> (Verdict, Vec<Reason>) {
    let Case {
        claims,
        evidence,
        origin,
        trust,
        ..
    } = case;
    let lists = MailingLists(case);
    let proof = evidence.proof(&author.domain);
    // RFC 5322 section 3.6 allows one From field. With two of them a signature covers one and the
    // reader may be shown the other, so that no identifier proves what is shown.
    if claims.several_from_fields {
        return (Verdict::Forged, unproved(evidence, &author.domain));
    }
    match (proof.holds(), proof.pending) {
        (true, _) if trust.demand_dkim && !proof.dkim => (
            Verdict::Unverifiable,
            vec![Reason::SpfAligned, Reason::SpfOnly],
        ),
        // A domain that never sends mail may have lapsed: its new owner proves it as well.
        (true, _) if author.standing == Standing::Owned => (
            Verdict::Unverifiable,
            with_proof(evidence, &author.domain, Reason::OwnedNotSender),
        ),
        (true, _) => (Verdict::Verified, proofs(case, author)),
        (false, Some(pending)) => unverifiable(pending),
        (false, None) if evidence.is_vouched_for(&author.domain) => {
            let verdict = match author.standing {
                Standing::Owned => Verdict::Unverifiable,
                _ => Verdict::Verified,
            };
            (verdict, vec![Reason::ArcTrusted])
        }
        // A named sealer's word could have proved it.
        (false, None) if let Some(pending) = evidence.arc_pending() => unverifiable(pending),
        (false, None) => {
            let mut reasons = unproved(evidence, &author.domain);
            // Who forwards breaks SPF, and often signatures: what is missing may have been there.
            if origin.via_forwarder || evidence.arc_is_trusted() {
                reasons.push(Reason::Forwarder);
                return (Verdict::Unverifiable, reasons);
            }
            // Where nobody says who sent a message, what SPF would have proved is not disproved. In
            // SMTP the envelope is always known, so that no sender can choose this.
            if origin.envelope.mail_from.is_none() {
                reasons.push(Reason::NoEnvelope);
                return (Verdict::Unverifiable, reasons);
            }
            if lists.proved().is_some() {
                reasons.push(Reason::ViaList);
            } else if lists.named() == NamedList::Open {
                reasons.push(Reason::DnsTemporaryFailure);
            }
            (Verdict::Forged, reasons)
        }
    }
}

/// What proves an author of the brand's.
fn proofs(case: Case<'_>, author: &AuthorDomain) -> Vec<Reason> {
    let proof = case.evidence.proof(&author.domain);
    let mut reasons = Vec::new();
    if let Standing::Official { user_content: true } = author.standing {
        reasons.push(Reason::UserContent);
    }
    if proof.dkim {
        reasons.push(Reason::DkimAligned);
    }
    if proof.spf {
        reasons.push(Reason::SpfAligned);
    }
    if !proof.dkim {
        reasons.push(Reason::SpfOnly);
    }
    if case.evidence.dmarc(&author.domain) == AuthResult::Pass {
        reasons.push(Reason::DmarcPass);
    }
    reasons
}

/// An author whom the brand's list names: one of its companies, a partner, a service that rewrites authors.
pub(super) fn judge_listed(case: Case<'_>, author: &AuthorDomain) -> (Verdict, Vec<Reason>) {
    let proof = case.evidence.proof(&author.domain);
    let (verdict, reason) = match author.standing {
        Standing::Subsidiary => (Verdict::Verified, Reason::Subsidiary),
        Standing::Partner => (Verdict::Unrelated, Reason::Partner),
        _ => (Verdict::Unverifiable, Reason::AliasRelay),
    };
    match (proof.holds(), proof.pending) {
        (true, _) => (verdict, with_proof(case.evidence, &author.domain, reason)),
        (false, Some(pending)) => unverifiable(pending),
        (false, None) => (
            Verdict::Impersonation,
            unproved(case.evidence, &author.domain),
        ),
    }
}

/// Whether the brand's list names an author as somebody else who lawfully uses the name, or as one of the
/// brand's companies.
pub(super) fn is_partner(author: &AuthorDomain) -> bool {
    matches!(author.standing, Standing::Subsidiary | Standing::Partner)
}

/// The same, and he is proved.
pub(super) fn is_proved_partner(case: Case<'_>, author: &AuthorDomain) -> bool {
    is_partner(author) && case.is_proved(author)
}

pub(super) fn unverifiable(pending: Pending) -> (Verdict, Vec<Reason>) {
    let reasons = match pending {
        Pending::Dns => vec![Reason::DnsTemporaryFailure],
        Pending::Unread => vec![Reason::NoBodyVerification],
        Pending::Offline => Vec::new(),
    };
    (Verdict::Unverifiable, reasons)
}

fn with_proof(evidence: &Evidence, author: &Domain, reason: Reason) -> Vec<Reason> {
    let proof = evidence.proof(author);
    let mut reasons = vec![reason];
    if proof.dkim {
        reasons.push(Reason::DkimAligned);
    }
    if proof.spf {
        reasons.push(Reason::SpfAligned);
    }
    reasons
}

/// Why nothing proves `author`.
pub(super) fn unproved(evidence: &Evidence, author: &Domain) -> Vec<Reason> {
    let mut reasons = vec![Reason::Unauthenticated];
    for (_, fault) in evidence.faults(author) {
        match fault {
            SignatureFault::Expired(_) => reasons.push(Reason::SignatureExpired),
            SignatureFault::KeyGone => reasons.push(Reason::KeyGone),
            SignatureFault::DuplicateField => reasons.push(Reason::DuplicateField),
            _ => {}
        }
    }
    if evidence
        .author(author)
        .is_some_and(|known| known.existence == Existence::Nonexistent)
    {
        reasons.push(Reason::NonexistentDomain);
    }
    reasons
}
