//! What is proved of a message while its body is still on its way: the header's part of each signature, and the
//! body that it was made over.

use super::{BodyHasher, arc, body_hash, dkim};
use crate::{
    mail::{
        body::{BodyHashes, Forms},
        message::Message,
    },
    proof::{Arc, Evidence, Signature},
};
use mail_auth::dkim::Canonicalization;

/// The body over which a signature was made.
pub(super) struct SignedBody {
    pub(super) form: Canonicalization,
    pub(super) hash: Vec<u8>,
}

/// What holds if the body is the one that was signed.
pub(super) struct Depending<T> {
    pub(super) result: T,
    /// `None` where no body changes it.
    pub(super) body: Option<SignedBody>,
}

impl<T> Depending<T> {
    pub(super) fn on_nothing(result: T) -> Self {
        Self { result, body: None }
    }
}

/// What is proved of a message if its body is the one that was signed.
pub(super) struct Provisional {
    evidence: Evidence,
    /// Whether and on what each of its signatures depends, in their order.
    dkim: Vec<Option<SignedBody>>,
    arc: Option<SignedBody>,
}

impl Provisional {
    /// `known`: what doesn't depend on the body.
    pub(super) fn new(
        known: Evidence,
        dkim: Vec<Depending<Signature>>,
        arc: Depending<Arc>,
    ) -> Self {
        let (signatures, bodies) = dkim.into_iter().map(|one| (one.result, one.body)).unzip();
        Self {
            evidence: Evidence {
                dkim: signatures,
                arc: arc.result,
                ..known
            },
            dkim: bodies,
            arc: arc.body,
        }
    }

    /// What is proved if the body is the one that was signed.
    pub(super) fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The forms in which the body has to be hashed to know that.
    pub(super) fn forms(&self) -> Forms {
        let bodies = self.dkim.iter().chain([&self.arc]).flatten();
        body_hash::forms(bodies.map(|body| body.form))
    }

    /// What is proved, now that the body is there.
    pub(super) fn finish(self, message: &Message) -> Evidence {
        let hashes = hashes(message, self.forms());
        let is_same = |body: &SignedBody| {
            let found = match body.form {
                Canonicalization::Simple => hashes.simple,
                Canonicalization::Relaxed => hashes.relaxed,
            };
            found.map(|found| *body.hash == found)
        };
        let Evidence { dkim, arc, .. } = self.evidence;
        let dkim = dkim.into_iter().zip(&self.dkim);
        let mut dkim: Vec<_> = dkim
            .map(|(signature, body)| match body {
                Some(body) => dkim::with_body(signature, is_same(body)),
                None => signature,
            })
            .collect();
        // What passed comes first in reports.
        dkim.sort_by_key(|signature| signature.fault.is_some());
        let arc = match &self.arc {
            Some(body) => arc::with_body(arc, is_same(body)),
            None => arc,
        };
        Evidence {
            dkim,
            arc,
            ..self.evidence
        }
    }
}

/// The hashes of a body in some forms: those that were made while it came, and where all of it is kept, the
/// others.
fn hashes(message: &Message, forms: Forms) -> BodyHashes {
    let known = message.body_hashes;
    let missing = forms.without(Forms {
        simple: known.simple.is_some(),
        relaxed: known.relaxed.is_some(),
    });
    if !missing.any() || !message.body.is_whole() {
        return known;
    }
    let made = BodyHasher::hash(missing, &message.body);
    BodyHashes {
        simple: known.simple.or(made.simple),
        relaxed: known.relaxed.or(made.relaxed),
    }
}
