//! What the body asks: links and requests (official guidance, rules 01 and 04).

use super::reason::Reason;
use std::collections::BTreeSet;

/// What was found in a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The reasons that it gives.
    pub findings: BTreeSet<Reason>,
}

impl Content {
    /// Whether it deceives or asks for what the brand never asks for, which turns a weak claim into
    /// suspicion.
    pub fn is_deceptive(&self) -> bool {
        self.findings.iter().any(|reason| {
            matches!(
                reason,
                Reason::LookalikeLink
                    | Reason::DeceptiveLink
                    | Reason::AsksForPassword
                    | Reason::AsksForPaymentData
                    | Reason::AsksForIdentity
            )
        })
    }
}
pub fn inspect(_: &super::message::Message, _: &super::brand::Brand, _: bool, _: usize) -> Content {
    Content::default()
}
