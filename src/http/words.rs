//! Verdicts and actions in words for people.

use crate::verdict::{
    Verdict,
    policy::{Action, Decision},
};

/// Those that say that a message lies about who sent it.
pub(super) const SPOOFS: [Verdict; 3] =
    [Verdict::Forged, Verdict::Lookalike, Verdict::Impersonation];

/// Those that leave a doubt.
pub(super) const DOUBTS: [Verdict; 2] = [Verdict::Suspicious, Verdict::Unverifiable];

/// What a verdict says about a message.
pub(super) fn about(verdict: Verdict, brand: &str) -> String {
    match verdict {
        Verdict::Forged => {
            format!("says that it comes from one of {brand}'s domains, and does not prove it")
        }
        Verdict::Lookalike => format!("comes from a domain that is built to look like {brand}'s"),
        Verdict::Impersonation => format!("calls itself {brand}, and comes from somewhere else"),
        Verdict::Suspicious => {
            format!("mentions {brand}, and deceives or asks for what {brand} never asks for")
        }
        Verdict::Unverifiable => {
            "could have been proved, but the proof could not be completed".to_owned()
        }
        Verdict::Verified => format!("comes from one of {brand}'s domains, and proves it"),
        Verdict::Exempt => "was not judged: its sender is trusted here".to_owned(),
        Verdict::Unrelated => format!("does not present itself as {brand}"),
    }
}

/// What became of a message.
pub(super) fn done(decision: Decision) -> &'static str {
    match (decision.applied, decision.action) {
        (true, Action::Accept) => "delivered",
        (true, Action::Tag) => "delivered, labelled",
        (true, Action::Quarantine) => "held",
        (true, Action::Defer) => "put off",
        (true, Action::Reject) => "refused",
        (true, Action::Discard) => "discarded",
        // Nothing is applied, so that all were delivered as they came.
        (false, Action::Accept) => "delivered",
        (false, Action::Tag) => "would be labelled",
        (false, Action::Quarantine) => "would be held",
        (false, Action::Defer) => "would be put off",
        (false, Action::Reject) => "would be refused",
        (false, Action::Discard) => "would be discarded",
    }
}

/// The same in a sentence.
pub(super) fn done_sentence(decision: Decision) -> &'static str {
    match (decision.applied, decision.action) {
        (false, Action::Accept) | (true, Action::Accept) => "It was delivered.",
        (true, Action::Tag) => "It was delivered with a label in its header.",
        (true, Action::Quarantine) => {
            "It is held in the mail server's hold queue until somebody releases or deletes it."
        }
        (true, Action::Defer) => "The sender's server was asked to try again later.",
        (true, Action::Reject) => "It was refused: the sender's server was told why.",
        (true, Action::Discard) => "It was taken and thrown away: nobody was told.",
        (false, Action::Tag) => {
            "It was delivered as it came; in force, the policy would have labelled it."
        }
        (false, Action::Quarantine) => {
            "It was delivered as it came; in force, the policy would have held it."
        }
        (false, Action::Defer) => {
            "It was delivered as it came; in force, the policy would have put it off."
        }
        (false, Action::Reject) => {
            "It was delivered as it came; in force, the policy would have refused it."
        }
        (false, Action::Discard) => {
            "It was delivered as it came; in force, the policy would have thrown it away."
        }
    }
}
