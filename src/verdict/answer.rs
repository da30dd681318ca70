//! What becomes of strong claims that an excuse could answer.

use crate::{reason::Reason, verdict::findings::Table};

/// What becomes of the strong claims beside one author. The order is from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// They become weak, for this reason.
    Granted(Reason),
    /// The same, and something in the text is suspicious all the same.
    GrantedBesideFinding(Reason),
    /// A list rewrote who wrote to it, so that nobody can prove him.
    Unverifiable,
    /// They stay strong, since DNS did not answer.
    NotAnswered,
    /// They stay strong.
    Refused,
}

impl Answer {
    /// The same beside a file that nobody could read, where there is one: it takes no excuse away, and is
    /// suspicious.
    pub(crate) fn beside_unread(self, table: Table<'_>) -> Self {
        match self {
            Self::Granted(reason) if table.has_unread_file() => Self::GrantedBesideFinding(reason),
            answer => answer,
        }
    }

    pub(crate) fn reasons(self) -> Vec<Reason> {
        match self {
            Self::Granted(reason) | Self::GrantedBesideFinding(reason) => vec![reason],
            Self::Unverifiable => vec![Reason::ViaList],
            Self::NotAnswered => vec![Reason::DnsTemporaryFailure],
            Self::Refused => Vec::new(),
        }
    }
}
