//! What is proved about the host of a mailing list.

use crate::mail::domain::Domain;
use crate::proof::{AuthResult, Evidence, Pending, Proof};

/// An identifier below the owner of a mailing list that has declared itself another organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListTenant {
    /// The domain of a signature, or the one that SPF was asked about.
    pub identifier: Domain,
    /// Whether it is certain; else DNS did not answer.
    pub is_certain: bool,
}

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
        let (holds, pending) = self.result_within(owner, &self.spf.domain, self.spf.result);
        proof.spf = holds;
        proof.pending = pending;
        for signature in &self.dkim {
            let (holds, pending) = self.result_within(owner, &signature.domain, signature.result);
            proof.dkim |= holds;
            proof.pending = proof.pending.or(pending);
        }
        if self.offline {
            proof.pending = Some(Pending::Offline);
        }
        proof
    }

    /// Whether the result of an identifier proves the organization, and whether DNS left that open. A tenant
    /// below it is somebody else.
    fn result_within(
        &self,
        owner: &Domain,
        identifier: &Option<Domain>,
        result: AuthResult,
    ) -> (bool, Option<Pending>) {
        let Some(identifier) = identifier.as_ref().filter(|one| one.is_within(owner)) else {
            return (false, None);
        };
        let mut tenants = self.list_tenants.iter();
        let tenant = tenants.find(|tenant| tenant.identifier == *identifier);
        match (result, tenant.map(|tenant| tenant.is_certain)) {
            (_, Some(true)) => (false, None),
            (AuthResult::Pass, None) => (true, None),
            (AuthResult::Pass, Some(false)) | (AuthResult::TempError, _) => {
                (false, Some(Pending::Dns))
            }
            _ => (false, None),
        }
    }
}
