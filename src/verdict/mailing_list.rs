//! What the word of a mailing list is worth: nothing unless its host is proved, since anybody can write its
//! List-Id; and where its host is proved, as much as whoever named it believes.

use crate::{
    claim::{AuthorDomain, Claims, Excuse, list_id::ListId},
    mail::domain::Domain,
    proof::{Evidence, Pending},
    reason::Reason,
    verdict::trust::{Origin, Trust},
};

/// Whether the operator names the mailing list that brought a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamedList {
    /// He names none that the message came through.
    #[default]
    No,
    /// He names one, and DNS didn't say whether the message came from its host.
    Open,
    /// He names one, and its host is proved.
    Proved,
}

/// What becomes of strong claims that a list could excuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// They stay strong.
    Strong,
    /// The same, since DNS did not answer.
    NotAnswered,
    /// They become weak.
    Weak,
    /// The list rewrote who wrote to it, so that nobody can prove him.
    Unverifiable,
}

impl Answer {
    pub(crate) fn reasons(self) -> Vec<Reason> {
        match self {
            Self::Strong => Vec::new(),
            Self::NotAnswered => vec![Reason::DnsTemporaryFailure],
            Self::Weak | Self::Unverifiable => vec![Reason::ViaList],
        }
    }
}

/// The mailing lists of a message, and all that says what their word is worth.
#[derive(Clone, Copy)]
pub(crate) struct MailingLists<'c> {
    pub(crate) claims: &'c Claims,
    pub(crate) evidence: &'c Evidence,
    pub(crate) origin: &'c Origin,
    pub(crate) trust: &'c Trust,
}

impl<'c> MailingLists<'c> {
    /// Whether the operator names one, and what is proved of it.
    pub(crate) fn named(self) -> NamedList {
        let lists = self.claims.lists.iter();
        let named = lists.filter(|list| self.trust.names_list(list));
        let found = named.map(|list| {
            let proof = self.evidence.proof_within(&list.owner);
            match (proof.holds(), proof.pending) {
                (true, _) => NamedList::Proved,
                (false, Some(Pending::Dns)) => NamedList::Open,
                (false, _) => NamedList::No,
            }
        });
        found.max().unwrap_or_default()
    }

    /// The first whose host is proved, named or not.
    pub(crate) fn proved(self) -> Option<&'c Domain> {
        let is_proved = |list: &&ListId| self.evidence.proof_within(&list.owner).holds();
        let found = self.claims.lists.iter().find(is_proved);
        found.map(|list| &list.id)
    }

    /// Answers the strong claims beside an author who is nobody of the brand's.
    ///
    /// He has to be the list's own address: a list that leaves From alone rewrote nothing.
    pub(crate) fn answer(self, author: &AuthorDomain) -> Answer {
        let Some(hardest) = hardest_excuse(self.claims) else {
            return Answer::Strong;
        };
        let lists = self.claims.lists.iter();
        let mut answer = Answer::Strong;
        for list in lists.filter(|list| author.domain.is_within(&list.owner)) {
            let granted = match hardest {
                Excuse::PersonViaList => Answer::Weak,
                Excuse::BrandViaList if self.is_vouched_for(list) => Answer::Unverifiable,
                Excuse::BrandViaList => continue,
            };
            let proof = self.evidence.proof_within(&list.owner);
            if proof.holds() {
                return granted;
            }
            // A stranger's failing zone grants nothing.
            if proof.pending == Some(Pending::Dns) {
                answer = Answer::NotAnswered;
            }
        }
        answer
    }

    /// Whether the operator or the recipients' own domain stands for a list.
    fn is_vouched_for(self, list: &ListId) -> bool {
        self.trust.names_list(list) || self.origin.is_list_of_all_recipients(list)
    }
}

/// Of the excuses of all strong claims the one that asks for the most; none where a strong claim has none.
fn hardest_excuse(claims: &Claims) -> Option<Excuse> {
    let mut hardest = None;
    for claim in claims.strong() {
        hardest = hardest.max(Some(claim.excuse?));
    }
    hardest
}
