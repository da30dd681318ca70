//! All that is known of one message when it is judged.

use crate::{
    claim::{AuthorDomain, Claims},
    mail::message::Limit,
    proof::{Evidence, Pending},
    reason::Reason,
    verdict::trust::{Origin, Trust},
    wants::Content,
};

/// All that is known of one message.
#[derive(Clone, Copy)]
pub struct Case<'c> {
    /// How it presents itself, and who its authors are.
    pub claims: &'c Claims,
    /// Who handed it in.
    pub origin: &'c Origin,
    /// What DNS and the signatures prove.
    pub evidence: &'c Evidence,
    /// What its text says.
    pub content: &'c Content,
    /// Whom the operator trusts.
    pub trust: &'c Trust,
    /// Limits that its reading ran into.
    pub limits: &'c [Limit],
}

/// What is proved of the authors together: of several the worst holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Authorship {
    /// Nothing, of one of them at least.
    Unproved,
    /// Their own domains, in one of which strangers get addresses at once.
    FreeName,
    /// Their own domains, whose owners answer for them.
    Proved,
}

impl<'c> Case<'c> {
    /// What is proved of the authors.
    pub(crate) fn authorship(&self) -> Authorship {
        let authors = &self.claims.author_domains;
        match () {
            () if authors.is_empty() || !authors.iter().all(|one| self.is_proved(one)) => {
                Authorship::Unproved
            }
            () => self.best_authorship(),
        }
    }

    /// What could be proved of them at best.
    pub(crate) fn best_authorship(&self) -> Authorship {
        let mut authors = self.claims.author_domains.iter();
        match authors.any(|author| author.is_free_name) {
            true => Authorship::FreeName,
            false => Authorship::Proved,
        }
    }

    /// Whether an author's own domain is proved, by an aligned identifier or by the word of a sealer whom
    /// the operator names.
    pub(crate) fn is_proved(&self, author: &AuthorDomain) -> bool {
        self.evidence.proof(&author.domain).holds() || self.evidence.is_vouched_for(&author.domain)
    }

    /// The first author of whom DNS did not say whether he is proved.
    pub(crate) fn unanswered_author(&self) -> Option<&'c AuthorDomain> {
        let mut authors = self.claims.author_domains.iter();
        authors.find(|author| {
            let pending = self.evidence.proof(&author.domain).pending;
            !self.is_proved(author) && pending == Some(Pending::Dns)
        })
    }

    /// Whether the text was read as a whole, so that what wasn't found in it is not there.
    pub(crate) fn is_read_whole(&self) -> bool {
        !self.content.cut && !self.content.is_pictures && !self.limits.contains(&Limit::Body)
    }

    /// Whether the name that is shown as the sender's claims the brand.
    pub(crate) fn name_claims(&self) -> bool {
        let mut claims = self.claims.list.iter();
        claims.any(|claim| matches!(claim.reason, Reason::DisplayName | Reason::DisplayAddress))
    }
}
