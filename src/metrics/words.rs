//! The closed sets of words that labels take. Nothing that a sender chooses is among them.

use crate::{
    dns::{Outcome, QueryType},
    mail::file::{self, FileKind},
    mail::message::Limit,
    proof::AuthResult,
    reason::Reason,
    verdict::{Verdict, policy::Action},
};

/// What became of a file, in a word.
pub(super) type FileOutcome = file::Outcome;

/// A closed set of words.
pub trait Words: Copy + 'static {
    /// All of them, in the order of their positions.
    const ALL: &'static [Self];
    /// The label's value.
    fn word(self) -> &'static str;
    /// Where it stands in [`Self::ALL`].
    fn position(self) -> usize;
}

macro_rules! closed_sets {
    ($($set:ident: $all:expr,)*) => {
        $(impl Words for $set {
            const ALL: &'static [Self] = $all;
            fn word(self) -> &'static str {
                Self::word(self)
            }
            fn position(self) -> usize {
                self as usize
            }
        })*

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn positions_are_those_in_the_table() {
                fn holds<W: Words>() -> bool {
                    let mut numbered = W::ALL.iter().enumerate();
                    numbered.all(|(position, word)| word.position() == position)
                }
                $(assert!(holds::<$set>(), stringify!($set));)*
            }
        }
    };
}

closed_sets! {
    Verdict: &Verdict::ALL,
    Action: &Action::ALL,
    Reason: Reason::ALL,
    Method: &Method::ALL,
    AuthResult: &AuthResult::ALL,
    QueryType: &QueryType::ALL,
    Outcome: &Outcome::ALL,
    Limit: &Limit::ALL,
    FileKind: &FileKind::ALL,
    FileOutcome: &FileOutcome::ALL,
    ConnectionLimit: &ConnectionLimit::ALL,
    Stage: &Stage::ALL,
    Fault: &Fault::ALL,
    Reload: &Reload::ALL,
    HistoryWrite: &HistoryWrite::ALL,
}

/// What can be decided for a verdict.
pub(super) fn actions(verdict: Verdict) -> &'static [Action] {
    match verdict {
        Verdict::Exempt | Verdict::Verified | Verdict::Unrelated => &[Action::Accept],
        _ => &Action::ALL,
    }
}

/// How a message can be authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// RFC 7208.
    Spf,
    /// RFC 6376; each signature counts.
    Dkim,
    /// RFC 9989.
    Dmarc,
    /// RFC 8617; only chains of sealers who are named count.
    Arc,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Spf, Self::Dkim, Self::Dmarc, Self::Arc];

    /// The word, as RFC 8601 has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Spf => "spf",
            Self::Dkim => "dkim",
            Self::Dmarc => "dmarc",
            Self::Arc => "arc",
        }
    }

    /// The results that it can have. Where it is less than RFC 8601 allows, the others never come
    /// from here.
    pub(super) fn results(self) -> &'static [AuthResult] {
        use AuthResult::*;
        match self {
            Self::Spf => &[None, Pass, Fail, SoftFail, Neutral, TempError, PermError],
            Self::Dkim => &[None, Pass, Fail, Neutral, Policy, TempError, PermError],
            Self::Dmarc => &[None, Pass, Fail, TempError, PermError],
            Self::Arc => &[Pass, Fail, Policy, TempError],
        }
    }
}

/// The parts of a message's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// From MAIL to the decision.
    Message,
    /// From the end of the message to the decision: the MTA waits.
    EndOfMessage,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 2] = [Self::Message, Self::EndOfMessage];

    /// The label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::EndOfMessage => "end_of_message",
        }
    }
}

/// Faults in the conversation with the MTA, and in this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The MTA's milter protocol lacks what is needed.
    Negotiation,
    /// The MTA did not take an edit.
    Reply,
    /// A connection could not be accepted.
    Accept,
    /// The MTA sent a command that can't be read, or closed the connection within one.
    Command,
    /// Judging a message panicked.
    Internal,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 5] = [
        Self::Negotiation,
        Self::Reply,
        Self::Accept,
        Self::Command,
        Self::Internal,
    ];

    /// The label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Negotiation => "negotiation",
            Self::Reply => "reply",
            Self::Accept => "accept",
            Self::Command => "command",
            Self::Internal => "internal",
        }
    }

    /// What an operator concludes, for the documentation.
    pub fn conclusion(self) -> &'static str {
        match self {
            Self::Negotiation => {
                "the MTA's milter protocol lacks what is needed: set `milter_protocol = 6`"
            }
            Self::Reply => {
                "the MTA didn't take an edit, and the message was deferred; its log has more"
            }
            Self::Accept => {
                "a connection could not be accepted: no file descriptor was left (`LimitNOFILE`)"
            }
            Self::Command => {
                "the MTA sent a command that can't be read, or closed the connection within one; the log names it"
            }
            Self::Internal => {
                "judging a message failed, `milter.on_internal_error` decided: please report it"
            }
        }
    }
}

/// Limits of connections; those of a message are [`Limit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionLimit {
    /// There was no room for one more.
    Connections,
    /// A command took too long to arrive.
    Command,
    /// Nothing was said for too long.
    Idle,
}

impl ConnectionLimit {
    /// Every limit.
    pub const ALL: [Self; 3] = [Self::Connections, Self::Command, Self::Idle];

    /// The label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Command => "command",
            Self::Idle => "idle",
        }
    }

    /// What an operator concludes, for the documentation.
    pub fn conclusion(self) -> &'static str {
        match self {
            Self::Connections => {
                "more connections than `milter.max_connections`, or than there are files for; the one that was idle for longest was closed, or the new one waited"
            }
            Self::Command => {
                "a client stopped within a command, or said none, for `milter.command_timeout`: no MTA does"
            }
            Self::Idle => {
                "a client said nothing for `milter.idle_timeout`: a vanished MTA, or a time-out below the MTA's own"
            }
        }
    }
}

/// How a reload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// The new configuration is in force.
    Success,
    /// The old one stays.
    Failure,
}

impl Reload {
    /// Both ends.
    pub const ALL: [Self; 2] = [Self::Success, Self::Failure];

    /// The label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// What became of a decision that was to be written to the shared history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryWrite {
    /// The store has it.
    Stored,
    /// The store refused it, was away, or didn't answer.
    Failed,
    /// Too many waited.
    Dropped,
}

impl HistoryWrite {
    /// Every fate.
    pub const ALL: [Self; 3] = [Self::Stored, Self::Failed, Self::Dropped];

    /// The label.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }

    /// What an operator concludes, for the documentation.
    pub fn conclusion(self) -> &'static str {
        match self {
            Self::Stored => "the store has it",
            Self::Failed => {
                "the store refused it (full, or not for this user), was away, or didn't answer in time: it may or may not be there"
            }
            Self::Dropped => {
                "4,096 decisions waited already: the store is away, or slower than the mail"
            }
        }
    }
}

/// What an operator concludes from a limit, for the documentation.
pub fn limit_conclusion(limit: Limit) -> &'static str {
    match limit {
        Limit::Headers => {
            "more header fields, or octets of them, than are kept; those that name an author are kept all the same"
        }
        Limit::Body => {
            "of a body above `milter.max_message_size`, or while memory was short, less was kept than is looked into; its signatures were checked all the same"
        }
        Limit::Recipients => "more recipients than are kept",
        Limit::Signatures => "more DKIM signatures than are checked",
        Limit::Authors => "more addresses or names in the author fields than are read",
        Limit::Content => {
            "more parts, links or text in a body than are looked into (`inspect.max_body`)"
        }
        Limit::Memory => {
            "all messages under way together held `milter.max_memory`, and a body was not looked into, or header fields were not kept: raise it, or admit fewer connections"
        }
    }
}
