//! Verdict in, action out: the only place that knows what the operator wants.

use super::{
    reason::Reason,
    trust::Origin,
    verdict::{Judgement, Verdict},
};
use std::{fmt, str::FromStr};

/// What is done with a message. The order is from mild to harsh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Delivered as it came.
    Accept,
    /// Delivered with our header fields.
    Tag,
    /// Held in the MTA's queue until somebody releases or removes it.
    Quarantine,
    /// Refused for now (451): the sender tries again.
    Defer,
    /// Refused (550): the sender is told.
    Reject,
    /// Taken and thrown away: nobody is told.
    Discard,
}

impl Action {
    /// Every action, from mild to harsh.
    pub const ALL: [Self; 6] = [
        Self::Accept,
        Self::Tag,
        Self::Quarantine,
        Self::Defer,
        Self::Reject,
        Self::Discard,
    ];

    /// The word in configuration, headers, logs and metric labels.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Tag => "tag",
            Self::Quarantine => "quarantine",
            Self::Defer => "defer",
            Self::Reject => "reject",
            Self::Discard => "discard",
        }
    }

    /// Whether the message doesn't reach its recipient now.
    pub fn withholds(self) -> bool {
        self > Self::Tag
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Action {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|action| action.word() == text)
            .ok_or(())
    }
}

/// A set of actions that fits a stage of trust in the filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// Deliver everything, say what it is.
    #[default]
    Tag,
    /// Refuse what is certain, hold what is nearly so.
    Enforce,
    /// Decide as [`Preset::Enforce`], apply nothing.
    Monitor,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::Tag, Self::Enforce, Self::Monitor];

    /// The word in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Enforce => "enforce",
            Self::Monitor => "monitor",
        }
    }
}

/// What the operator wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The set that applies where no verdict's own action is given.
    pub preset: Preset,
    /// The action for `unverifiable`, if not the preset's.
    pub unverifiable: Option<Action>,
    /// The action for `suspicious`, if not the preset's.
    pub suspicious: Option<Action>,
    /// The action for `impersonation`, if not the preset's.
    pub impersonation: Option<Action>,
    /// The action for `lookalike`, if not the preset's.
    pub lookalike: Option<Action>,
    /// The action for `forged`, if not the preset's.
    pub forged: Option<Action>,
}

/// What is to be done, and what is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the policy asks for. Log and metrics show this.
    pub action: Action,
    /// Whether it is applied; not so in [`Preset::Monitor`].
    pub applied: bool,
    /// Whether a recipient who has to be reachable made it milder.
    pub softened: bool,
}

impl Policy {
    /// The action for a judged message.
    pub fn act(&self, judgement: &Judgement, origin: &Origin) -> Decision {
        let wanted = self.wanted(judgement);
        let wanted = match wanted {
            // What is refused to a gateway of our own is bounced by it, to whomever the spoof named.
            Action::Reject | Action::Defer if origin.via_relay => Action::Tag,
            // Waiting gives a forwarded message no proof.
            Action::Defer if judgement.reasons.contains(&Reason::Forwarder) => Action::Tag,
            wanted => wanted,
        };
        // Who complains about our mail or asks for help must get through (RFC 2142, RFC 5321
        // section 4.5.1). A message has one reply, so the mildest action of its recipients applies.
        let softened = matches!(
            wanted,
            Action::Reject | Action::Quarantine | Action::Discard
        ) && origin.envelope.recipients.iter().any(|recipient| {
            let local = recipient.local_part();
            local.eq_ignore_ascii_case("postmaster") || local.eq_ignore_ascii_case("abuse")
        });
        Decision {
            action: if softened { Action::Tag } else { wanted },
            applied: self.applies(),
            softened,
        }
    }

    /// Whether what is decided is done, too.
    pub fn applies(&self) -> bool {
        self.preset != Preset::Monitor
    }

    fn wanted(&self, judgement: &Judgement) -> Action {
        let own = match judgement.verdict {
            Verdict::Unrelated | Verdict::Exempt => return Action::Accept,
            // Accepted with headers: what tells readers that it is genuine is a tag too, but the
            // word for "let through" is what operators look for.
            Verdict::Verified => return Action::Accept,
            Verdict::Unverifiable => self.unverifiable,
            Verdict::Suspicious => self.suspicious,
            Verdict::Impersonation => self.impersonation,
            Verdict::Lookalike => self.lookalike,
            Verdict::Forged => self.forged,
        };
        own.unwrap_or(match self.preset {
            Preset::Tag => Action::Tag,
            Preset::Enforce | Preset::Monitor => enforce(judgement),
        })
    }

    /// Whether some verdict may keep a message from its recipients, so that recipients matter.
    pub fn may_withhold(&self) -> bool {
        self.preset != Preset::Tag
            || [
                self.unverifiable,
                self.suspicious,
                self.impersonation,
                self.lookalike,
                self.forged,
            ]
            .into_iter()
            .flatten()
            .any(Action::withholds)
    }
}

fn enforce(judgement: &Judgement) -> Action {
    let because = |reason| judgement.reasons.contains(&reason);
    match judgement.verdict {
        Verdict::Forged if because(Reason::ViaList) => Action::Tag,
        Verdict::Forged | Verdict::Lookalike => Action::Reject,
        Verdict::Impersonation if judgement.accountable => Action::Tag,
        Verdict::Impersonation => Action::Quarantine,
        // Only DNS gets better by waiting.
        Verdict::Unverifiable if because(Reason::DnsTemporaryFailure) => Action::Defer,
        Verdict::Unverifiable | Verdict::Suspicious => Action::Tag,
        Verdict::Verified | Verdict::Unrelated | Verdict::Exempt => Action::Accept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::message::Path;
    use std::collections::BTreeSet;

    fn judged(verdict: Verdict, reasons: &[Reason], accountable: bool) -> Judgement {
        Judgement {
            verdict,
            reasons: BTreeSet::from_iter(reasons.iter().copied()),
            author: None,
            accountable,
        }
    }

    fn action(preset: Preset, judgement: &Judgement) -> Action {
        let policy = Policy {
            preset,
            ..Policy::default()
        };
        policy.act(judgement, &Origin::default()).action
    }

    #[test]
    fn presets_are_the_documented_table() {
        use Action::*;
        let rows = [
            (Verdict::Unrelated, &[][..], false, Accept, Accept),
            (Verdict::Exempt, &[], false, Accept, Accept),
            (Verdict::Verified, &[], true, Accept, Accept),
            (
                Verdict::Unverifiable,
                &[Reason::DnsTemporaryFailure],
                false,
                Tag,
                Defer,
            ),
            (
                Verdict::Unverifiable,
                &[Reason::AliasRelay],
                false,
                Tag,
                Tag,
            ),
            (Verdict::Suspicious, &[], false, Tag, Tag),
            (Verdict::Impersonation, &[], false, Tag, Quarantine),
            (Verdict::Impersonation, &[], true, Tag, Tag),
            (Verdict::Lookalike, &[], true, Tag, Reject),
            (Verdict::Forged, &[], false, Tag, Reject),
            (Verdict::Forged, &[Reason::ViaList], false, Tag, Tag),
        ];
        for (verdict, reasons, accountable, tag, enforce) in rows {
            let judgement = judged(verdict, reasons, accountable);
            assert_eq!(action(Preset::Tag, &judgement), tag, "tag {verdict}");
            assert_eq!(
                action(Preset::Enforce, &judgement),
                enforce,
                "enforce {verdict}"
            );
            assert_eq!(
                action(Preset::Monitor, &judgement),
                enforce,
                "monitor {verdict}"
            );
        }
    }

    #[test]
    fn a_verdicts_own_action_goes_before_the_preset() {
        let policy = Policy {
            preset: Preset::Enforce,
            forged: Some(Action::Discard),
            ..Policy::default()
        };
        let judgement = judged(Verdict::Forged, &[Reason::ViaList], false);
        let decision = policy.act(&judgement, &Origin::default());
        assert_eq!(decision.action, Action::Discard);
        assert!(decision.applied);
    }

    #[test]
    fn postmaster_and_abuse_are_reached() {
        let policy = Policy {
            preset: Preset::Enforce,
            ..Policy::default()
        };
        let to = |addresses: &[&str]| {
            let mut origin = Origin::default();
            origin.envelope.recipients = addresses.iter().map(|text| Path::parse(text)).collect();
            origin
        };
        let judgement = judged(Verdict::Forged, &[], false);
        let mild = policy.act(
            &judgement,
            &to(&["joe@shop.example", "Postmaster@shop.example"]),
        );
        assert_eq!((mild.action, mild.softened), (Action::Tag, true));
        let harsh = policy.act(&judgement, &to(&["joe@shop.example"]));
        assert_eq!((harsh.action, harsh.softened), (Action::Reject, false));
    }

    #[test]
    fn nothing_is_refused_to_a_gateway_of_our_own() {
        let origin = Origin {
            via_relay: true,
            ..Origin::default()
        };
        let policy = Policy {
            preset: Preset::Enforce,
            suspicious: Some(Action::Defer),
            impersonation: Some(Action::Quarantine),
            ..Policy::default()
        };
        let action = |verdict| policy.act(&judged(verdict, &[], false), &origin).action;
        assert_eq!(action(Verdict::Forged), Action::Tag);
        assert_eq!(action(Verdict::Suspicious), Action::Tag);
        assert_eq!(action(Verdict::Impersonation), Action::Quarantine);
    }

    #[test]
    fn monitor_applies_nothing() {
        let policy = Policy {
            preset: Preset::Monitor,
            ..Policy::default()
        };
        let decision = policy.act(&judged(Verdict::Forged, &[], false), &Origin::default());
        assert_eq!(decision.action, Action::Reject);
        assert!(!decision.applied);
    }
}
