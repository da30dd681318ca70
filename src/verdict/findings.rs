//! Which findings count, by who wrote the mail and what is proved of him: the table of docs/claims.md.
//!
//! A proof costs an attacker nothing at a domain of his own. So it spares only what honest senders do as
//! well: those who name themselves and don't speak as the brand.

use crate::{
    reason::Reason,
    verdict::case::{Authorship, Case},
    wants::{Content, Detail, Finding, Speech, Text, Threat},
};

/// Findings that are shown.
const MAX_DETAILS: usize = 16;

/// How much of quoted text counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QuotedText {
    /// Nothing.
    #[default]
    Excused,
    /// Links that lead elsewhere than they show.
    Links,
    /// All of it.
    Counted,
}

impl QuotedText {
    fn counts(self, finding: &Finding) -> bool {
        match self {
            Self::Excused => false,
            Self::Links => finding.is_deceitful_link(),
            Self::Counted => true,
        }
    }

    /// What gave the findings that count, at most 16.
    pub fn details(self, content: Content) -> Vec<Detail> {
        let quoted = content.quoted.findings.into_iter();
        let quoted = quoted.filter(|finding| self.counts(finding));
        let all = content.own.findings.into_iter().chain(quoted);
        let with_words = all.filter(|finding| !finding.seen.is_empty());
        let details = with_words.map(|finding| Detail {
            reason: finding.reason,
            seen: finding.seen,
        });
        details.take(MAX_DETAILS).collect()
    }
}

/// A mail as the table sees it.
#[derive(Clone, Copy)]
pub(crate) struct Table<'c> {
    case: Case<'c>,
    authorship: Authorship,
    /// A strong claim is there that only an excuse can answer.
    asks_excuse: bool,
}

impl<'c> Table<'c> {
    /// With what is proved of the authors.
    pub(crate) fn of(case: Case<'c>) -> Self {
        Self {
            authorship: case.authorship(),
            asks_excuse: false,
            case,
        }
    }

    /// As it would be if all proofs held that can.
    pub(crate) fn at_best(self) -> Self {
        Self {
            authorship: self.case.best_authorship(),
            ..self
        }
    }

    /// Beside a claim that needs an excuse.
    pub(crate) fn for_excuse(self) -> Self {
        Self {
            asks_excuse: true,
            ..self
        }
    }

    pub(crate) fn authorship(self) -> Authorship {
        self.authorship
    }

    /// How much of quoted text counts. A quote costs its sender nothing, and who calls himself the brand
    /// is read as the brand, whoever wrote what he shows.
    pub(crate) fn quoted(self) -> QuotedText {
        match self.authorship {
            _ if self.case.name_claims() => QuotedText::Counted,
            Authorship::Unproved => QuotedText::Counted,
            Authorship::FreeName => QuotedText::Links,
            Authorship::Proved => QuotedText::Excused,
        }
    }

    fn texts(self) -> impl Iterator<Item = &'c Text> {
        let content = self.case.content;
        let quoted = (self.quoted() == QuotedText::Counted).then_some(&content.quoted);
        std::iter::once(&content.own).chain(quoted)
    }

    /// Whether subject or text speak as the brand.
    pub(crate) fn speaks(self) -> bool {
        let speech = self.texts().map(|text| text.speech).max();
        self.is_the_brands(speech.unwrap_or_default())
    }

    /// Whether the subject does.
    pub(crate) fn subject_speaks(self) -> bool {
        self.is_the_brands(self.case.content.subject)
    }

    fn is_the_brands(self, speech: Speech) -> bool {
        match speech {
            Speech::No => false,
            Speech::UnlessProved => self.authorship != Authorship::Proved || !self.names_author(),
            Speech::Yes => true,
        }
    }

    /// Whether a reader sees who the author is. Where the name that is shown claims the brand, that name
    /// alone can say it.
    pub(crate) fn names_author(self) -> bool {
        let content = self.case.content;
        content.name_bears_author || !self.case.name_claims() && content.names_author
    }

    /// Whether the mail sends its reader to a site of nobody who is known here.
    pub(crate) fn leads_to_stranger(self) -> bool {
        self.texts().any(|text| text.leads_to_stranger)
    }

    /// The findings that count.
    pub(crate) fn counting(self) -> impl Iterator<Item = &'c Finding> {
        let own = self.case.content.own.findings.iter();
        let quoted = self.case.content.quoted.findings.iter();
        let quoted = quoted.filter(move |finding| self.quoted().counts(finding));
        own.chain(quoted)
            .filter(|finding| finding.deceives())
            .filter(move |finding| self.is_about_brand(finding))
            .filter(move |finding| self.counts(finding))
    }

    /// The same without what is only not known. That takes nobody's excuse away.
    pub(crate) fn known(self) -> impl Iterator<Item = &'c Finding> {
        let is_known = |finding: &&Finding| finding.reason != Reason::UnreadAttachment;
        self.counting().filter(is_known)
    }

    /// Whether a file of the mail could not be read.
    pub(crate) fn has_unread_file(self) -> bool {
        let mut own = self.case.content.own.findings.iter();
        own.any(|finding| finding.reason == Reason::UnreadAttachment)
    }

    /// Whether the brand has to do with a finding. Many a mail names it somewhere and asks for something of
    /// its own.
    fn is_about_brand(self, finding: &Finding) -> bool {
        finding.names_brand || !self.case.claims.list.is_empty() || self.speaks()
    }

    fn counts(self, finding: &Finding) -> bool {
        let (speaks, named) = (self.speaks(), self.names_author());
        let by_name = self.case.name_claims();
        if !self.does_harm(finding) {
            return false;
        }
        match self.authorship {
            Authorship::Unproved => return true,
            Authorship::FreeName => return !self.is_friends(finding),
            Authorship::Proved => {}
        }
        if finding.plain {
            return false;
        }
        match finding.reason {
            Reason::LookalikeLink | Reason::DeceptiveLink => {
                !finding.leads_home || speaks || by_name && !named
            }
            Reason::AsksForPassword | Reason::AsksForPaymentData | Reason::AsksForCode => {
                self.asks_excuse || speaks || !named
            }
            Reason::AccountThreat => self.asks_excuse || speaks || !named,
            Reason::AsksForIdentity | Reason::Prize => speaks || !named,
            Reason::CallbackNumber => {
                speaks || finding.presses() && (self.asks_excuse || by_name && !named)
            }
            Reason::AttachmentOnly => !self.case.content.has_words,
            Reason::UnreadAttachment => true,
            _ => false,
        }
    }

    /// Whether it is what friends write to each other: of one's account, and where they saw something nice.
    fn is_friends(self, finding: &Finding) -> bool {
        match finding.threat {
            Some(Threat::Letter) => true,
            Some(Threat::Mentioned) => self.case.claims.shows_person,
            _ => false,
        }
    }

    /// Whether a finding is what its name says: a threat that leads to a stranger, an offer that leads
    /// anywhere.
    fn does_harm(self, finding: &Finding) -> bool {
        match finding.reason {
            Reason::AccountThreat => self.leads_astray(finding),
            Reason::Prize => self.leads_anywhere(),
            // Most mail has files; these say something where the subject speaks for them.
            Reason::AttachmentOnly | Reason::UnreadAttachment => self.subject_speaks(),
            _ => true,
        }
    }

    /// What the sender's own text does, whether it counts or not.
    pub(crate) fn own_deeds(self) -> impl Iterator<Item = Reason> {
        let own = self.case.content.own.findings.iter();
        let any_strong = self.case.claims.any_strong();
        // What honest mail does as well is told where it counts alone.
        let is_told = move |finding: &&Finding| {
            !finding.plain || self.is_about_brand(finding) && self.counts(finding)
        };
        let deeds = own.filter(move |finding| {
            // A claim that needs an excuse is suspicious beside a file that can't be read.
            let is_unread = any_strong && finding.reason == Reason::UnreadAttachment;
            (self.does_harm(finding) || is_unread) && is_told(finding)
        });
        deeds.map(|finding| finding.reason)
    }

    fn leads_anywhere(self) -> bool {
        let leads = |text: &Text| text.leads_to_stranger || text.leads_home;
        self.texts().any(leads)
    }

    /// Whether a threat to an account leads to a stranger. The author's own site is one to whoever was told
    /// that the brand writes.
    fn leads_astray(self, threat: &Finding) -> bool {
        // "Log in at Meadow Bank" says whose account it is.
        let is_plain_sign_in = threat.threat == Some(Threat::SignIn) && threat.names_author;
        let home_is_strange = self.authorship == Authorship::Unproved
            || self.speaks()
            || self.asks_excuse && !is_plain_sign_in
            || threat.presses() && self.case.name_claims() && !self.names_author();
        let links_home = self.texts().any(|text| text.leads_home);
        self.leads_to_stranger() || links_home && home_is_strange
    }
}
