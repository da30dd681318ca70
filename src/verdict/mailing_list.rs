//! What the word of a mailing list is worth: nothing unless its host is proved, since anybody can write its
//! List-Id; and where its host is proved, as much as whoever named it believes.

use crate::{
    claim::{AuthorDomain, mailing_list::MailingList},
    mail::domain::Domain,
    proof::Pending,
    reason::Reason,
    verdict::{answer::Answer, case::Case},
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

/// The mailing lists of a message, and all that says what their word is worth.
#[derive(Clone, Copy)]
pub(crate) struct MailingLists<'c>(pub(crate) Case<'c>);

impl<'c> MailingLists<'c> {
    /// Whether the operator names one, and what is proved of it.
    pub(crate) fn named(self) -> NamedList {
        let lists = self.0.claims.lists.iter();
        let named = lists.filter(|list| self.0.trust.names_list(list));
        let found = named.map(|list| {
            let proof = self.0.evidence.proof_within(&list.owner);
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
        let is_proved = |list: &&MailingList| self.0.evidence.proof_within(&list.owner).holds();
        let found = self.0.claims.lists.iter().find(is_proved);
        found.map(|list| &list.id)
    }

    /// Answers a name that a list may have rewritten.
    ///
    /// The author has to be the list's own address: a list that leaves From alone rewrote nothing.
    /// `is_person`: a person who says whom he works for, not the brand.
    pub(crate) fn answer(self, author: &AuthorDomain, is_person: bool) -> Answer {
        let lists = self.0.claims.lists.iter();
        let mut answer = Answer::Refused;
        for list in lists.filter(|list| author.domain.is_within(&list.owner)) {
            let granted = match is_person {
                true => Answer::Granted(Reason::ViaList),
                false if self.is_vouched_for(list) => Answer::Unverifiable,
                false => continue,
            };
            let proof = self.0.evidence.proof_within(&list.owner);
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
    fn is_vouched_for(self, list: &MailingList) -> bool {
        self.0.trust.names_list(list) || self.0.origin.is_list_of_all_recipients(list)
    }
}
