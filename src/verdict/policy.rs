//! Verdict in, action out: the only place that knows what the operator wants.

mod rule;
#[cfg(test)]
mod tests;

pub use rule::{Recipients, Rule};

use crate::{
    mail::message::Path,
    reason::Reason,
    verdict::{Judgement, NamedList, Verdict, trust::Origin},
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The set that applies where nothing else is given.
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
    /// Exceptions from all these; the first that matches decides.
    pub rules: Vec<Rule>,
}

/// Why the action is another than one that a recipient's rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compromise {
    /// Milder: every recipient is postmaster or abuse.
    Reserved,
    /// Milder: another recipient's rule is.
    Mildest,
    /// Harsher: a rule that delivers a spoof has to be every recipient's.
    MildRuleVoid,
}

/// What is to be done, and what is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the policy asks for. Log and metrics show this.
    pub action: Action,
    /// Whether it is applied; not so in [`Preset::Monitor`].
    pub applied: bool,
    /// The harshest action that a recipient's rule asks for.
    pub asked: Action,
    /// Why some recipient's rule asks for another action, where one does.
    pub compromise: Option<Compromise>,
    /// Where the rules of the recipients differ: who decided, by the place among the recipients.
    pub decided_by: Option<usize>,
}

impl Decision {
    fn applied(self, applied: bool) -> Self {
        Self { applied, ..self }
    }
}

impl Policy {
    /// The action for a judged message.
    ///
    /// A message has one reply and one header, so the mildest action of its recipients applies. The
    /// sender chooses the recipients, so two exceptions count only where all of them have it: a rule
    /// that delivers a spoof, and an address that gets everything.
    pub fn act(&self, judgement: &Judgement, origin: &Origin) -> Decision {
        let envelope = &origin.envelope;
        // Nobody is known in a replay, and not everybody beyond the limit: no rule about recipients
        // holds for whoever is unknown.
        let unknown = envelope.recipients.is_empty() || origin.unknown_recipients;
        let recipients: Vec<Option<&Path>> = envelope
            .recipients
            .iter()
            .map(Some)
            .chain(unknown.then_some(None))
            .collect();
        let mend = |action| mend(action, judgement, origin);
        let own = self.own_action(judgement);
        let rules: Vec<Option<Action>> = recipients
            .iter()
            .map(|recipient| self.rule_for(judgement, *recipient, Action::Accept))
            .collect();
        let asked: Vec<Action> = rules.iter().map(|rule| mend(rule.unwrap_or(own))).collect();
        let is_mild = |rule: &Option<Action>| rule.is_some_and(|action| !action.withholds());
        let counted: Vec<Action> = match judgement.verdict.is_spoof() && rules.iter().any(is_mild) {
            // Each gets what every recipient's rule delivers.
            true if rules.iter().all(is_mild) => {
                let harshest = rules.iter().flatten().max().copied();
                vec![mend(harshest.unwrap_or(own)); recipients.len()]
            }
            true => recipients
                .iter()
                .map(|recipient| self.rule_for(judgement, *recipient, Action::Quarantine))
                .map(|rule| mend(rule.unwrap_or(own)))
                .collect(),
            false => asked.clone(),
        };
        settle(&recipients, &asked, &counted, judgement).applied(self.applies())
    }

    /// Whether what is decided is done, too.
    pub fn applies(&self) -> bool {
        self.preset != Preset::Monitor
    }

    /// What the first rule asks for that matches a recipient and is not milder than `least`.
    fn rule_for(
        &self,
        judgement: &Judgement,
        recipient: Option<&Path>,
        least: Action,
    ) -> Option<Action> {
        // No rule is about what is accepted.
        if !Rule::VERDICTS.contains(&judgement.verdict) {
            return None;
        }
        let mut rules = self.rules.iter().filter(|rule| rule.action >= least);
        let rule = rules.find(|rule| rule.matches(judgement, recipient));
        rule.map(|rule| rule.action)
    }

    /// What is asked for whomever no rule is about.
    fn own_action(&self, judgement: &Judgement) -> Action {
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

    /// Whether a message may be put on hold.
    pub fn may_quarantine(&self) -> bool {
        self.preset != Preset::Tag || self.actions().any(|action| action == Action::Quarantine)
    }

    /// Every action that the operator gave by itself.
    fn actions(&self) -> impl Iterator<Item = Action> {
        let own = [
            self.unverifiable,
            self.suspicious,
            self.impersonation,
            self.lookalike,
            self.forged,
        ];
        let rules = self.rules.iter().map(|rule| rule.action);
        own.into_iter().flatten().chain(rules)
    }
}

/// The one action for all recipients, of what each asks for and what of it counts.
fn settle(
    recipients: &[Option<&Path>],
    asked: &[Action],
    counted: &[Action],
    judgement: &Judgement,
) -> Decision {
    let harshest = asked.iter().max().copied().unwrap_or(Action::Accept);
    let mildest = counted.iter().min().copied().unwrap_or(Action::Accept);
    let all_reserved = recipients
        .iter()
        .all(|recipient| recipient.is_some_and(is_reserved));
    let spared = all_reserved && refuses(mildest, judgement);
    let action = if spared { Action::Tag } else { mildest };
    let compromise = if spared {
        Some(Compromise::Reserved)
    } else if action < harshest {
        Some(Compromise::Mildest)
    } else if asked.iter().any(|asked| *asked < action) {
        Some(Compromise::MildRuleVoid)
    } else {
        None
    };
    let differ = compromise.is_some() && !spared;
    // Whoever asked for what is done, before those whose own rule didn't count.
    let both = || asked.iter().zip(counted);
    let decided_by = both()
        .position(|pair| pair == (&mildest, &mildest))
        .or_else(|| both().position(|(_, counted)| *counted == mildest));
    Decision {
        action,
        applied: true,
        asked: harshest,
        compromise,
        decided_by: decided_by.filter(|_| differ),
    }
}

/// Milder where harshness would hit somebody else, or not help.
fn mend(wanted: Action, judgement: &Judgement, origin: &Origin) -> Action {
    match wanted {
        // What is refused to a gateway of our own is bounced by it, to whomever the spoof named.
        Action::Reject | Action::Defer if origin.via_relay => Action::Tag,
        // Waiting gives a forwarded message no proof.
        Action::Defer if judgement.reasons.contains(&Reason::Forwarder) => Action::Tag,
        // What an operator refuses may be genuine once DNS answers.
        Action::Reject | Action::Discard if is_open(judgement) => match origin.via_relay {
            true => Action::Tag,
            false => Action::Defer,
        },
        wanted => wanted,
    }
}

/// Whether it could turn out to be milder once DNS answers.
fn is_open(judgement: &Judgement) -> bool {
    match judgement.verdict {
        Verdict::Forged => judgement.named_list == NamedList::Open,
        _ => judgement.waits_for_dns(),
    }
}

/// Whether an action keeps the message from its recipient for good. To defer what waiting can't
/// help refuses it some days later.
fn refuses(action: Action, judgement: &Judgement) -> bool {
    match action {
        Action::Accept | Action::Tag => false,
        Action::Defer => !judgement.waits_for_dns(),
        Action::Quarantine | Action::Reject | Action::Discard => true,
    }
}

/// Who complains about our mail or asks for help must get through (RFC 2142, RFC 5321 section
/// 4.5.1).
fn is_reserved(recipient: &Path) -> bool {
    let local = recipient.local_part();
    local.eq_ignore_ascii_case("postmaster") || local.eq_ignore_ascii_case("abuse")
}

fn enforce(judgement: &Judgement) -> Action {
    let because = |reason| judgement.reasons.contains(&reason);
    match judgement.verdict {
        // A list breaks the proofs of honest mail. The sender chooses the List-Id, so only a list that the
        // operator names is spared, and only where the mail comes from its host.
        Verdict::Forged
            if because(Reason::ViaList) && judgement.named_list == NamedList::Proved =>
        {
            Action::Tag
        }
        // Only DNS gets better by waiting.
        _ if is_open(judgement) => Action::Defer,
        Verdict::Forged | Verdict::Lookalike => Action::Reject,
        Verdict::Impersonation if judgement.accountable => Action::Tag,
        Verdict::Impersonation => Action::Quarantine,
        Verdict::Unverifiable | Verdict::Suspicious => Action::Tag,
        Verdict::Verified | Verdict::Unrelated | Verdict::Exempt => Action::Accept,
    }
}
