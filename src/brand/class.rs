//! How far a listed domain is trusted, and where that is known from.

use crate::mail::domain::Domain;

/// How far a listed domain is trusted. The longest listed match decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Accepted as Author Domain if an aligned identifier passes.
    OfficialSender,
    /// The same check; owned and seen in mail, but no statement by the owner was found.
    LikelySender,
    /// Own brand of the group: its own notices only.
    Subsidiary,
    /// Authentic transport, text written by third parties.
    UserContent,
    /// Seen as MAIL FROM of genuine mail, never as author.
    EnvelopeOnly,
    /// Fine as a link, no sender.
    Owned,
    /// One weak source: listed, not trusted.
    Unverified,
    /// Any customer can send from or host on it: proves nothing.
    Never,
    /// Foreign company that lawfully uses the name.
    Partner,
    /// Forwards mail under rewritten addresses.
    AliasRelay,
    /// Named as fake.
    Fake,
    /// Another organisation whose name resembles the brand's.
    Unrelated,
}

impl Class {
    /// Every class, in the order of the documentation.
    pub const ALL: [Self; 12] = [
        Self::OfficialSender,
        Self::LikelySender,
        Self::Subsidiary,
        Self::UserContent,
        Self::EnvelopeOnly,
        Self::Owned,
        Self::Unverified,
        Self::Never,
        Self::Partner,
        Self::AliasRelay,
        Self::Fake,
        Self::Unrelated,
    ];

    /// The stable word of the data file and of all output.
    pub fn word(self) -> &'static str {
        match self {
            Self::OfficialSender => "official-sender",
            Self::LikelySender => "likely-sender",
            Self::Subsidiary => "subsidiary",
            Self::UserContent => "user-content",
            Self::EnvelopeOnly => "envelope-only",
            Self::Owned => "owned",
            Self::Unverified => "unverified",
            Self::Never => "never",
            Self::Partner => "partner",
            Self::AliasRelay => "alias-relay",
            Self::Fake => "fake",
            Self::Unrelated => "unrelated",
        }
    }

    /// Whether the brand itself speaks, or at least transports, under such a domain.
    pub(crate) fn speaks_for_the_group(self) -> bool {
        matches!(
            self,
            Self::OfficialSender
                | Self::LikelySender
                | Self::Subsidiary
                | Self::UserContent
                | Self::EnvelopeOnly
        )
    }
}

/// One listed domain. It stands for every name below it that is not listed itself, unless the file
/// gives those another class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub domain: Domain,
    pub class: Class,
    pub category: String,
    /// The owner's official guidance names it as a genuine sender.
    pub guidance: bool,
    /// Redirects that anyone can create, or short links of the brand.
    pub shortener: bool,
    /// The brand owns it although its class says nothing of that (a [`Class::Fake`] sender whose web
    /// host is the brand's own).
    pub owned: bool,
    /// Ids of [`Brand::sources`].
    pub sources: Vec<String>,
    pub note: String,
}

/// Where entries are known from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub id: String,
    pub description: String,
    /// Of which day, month or year it is, or when it was looked at; empty where the file doesn't say.
    pub date: String,
}
