//! What is proved about the host of a mailing list.

use crate::mail::domain::Domain;
use crate::proof::{AuthResult, Evidence, Pending, Proof};

impl Evidence {
    /// What the identifiers prove about the organization that owns `owner` and every name below it. Authors
    /// have [`Self::proof`], which holds what their DMARC policy asks for; the host of a mailing list has
    /// no policy.
    pub fn proof_within(&self, owner: &Domain) -> Proof {
        let mut proof = Proof::default();
        // As for an author: a signature covers one of several From fields.
        if self.several_from {
            return proof;
        }
        let within = |domain: &Option<Domain>| {
            let domain = domain.as_ref();
            domain.is_some_and(|domain| domain.is_within(owner))
        };
        if within(&self.spf.domain) {
            proof.spf = self.spf.result == AuthResult::Pass;
            if self.spf.result == AuthResult::TempError {
                proof.pending = Some(Pending::Dns);
            }
        }
        for signature in self.dkim.iter().filter(|found| within(&found.domain)) {
            proof.dkim |= signature.result == AuthResult::Pass;
            if signature.result == AuthResult::TempError {
                proof.pending = Some(Pending::Dns);
            }
        }
        if self.offline {
            proof.pending = Some(Pending::Offline);
        }
        proof
    }
}
