//! What was found in the text of a message, as plain data. It decides nothing: [`crate::verdict`] says
//! what counts, by who wrote it and what is proved of him.

use crate::{
    mail::visible_text::prefix,
    reason::Reason,
    wants::{phrases::Threat, speech::Speech},
};
use std::collections::BTreeSet;

/// Findings of one text that are kept.
const MAX_FINDINGS: usize = 64;
/// Of equal ones. A flood of one kind hides no other.
const MAX_EQUAL: usize = 2;
/// Octets of the sender's text that are kept of each.
const MAX_SEEN: usize = 200;

/// What the text of a message says, its subject included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// What the sender says himself.
    pub own: Text,
    /// What he quotes or forwards, below words of his own.
    pub quoted: Text,
    /// How his subject speaks.
    pub subject: Speech,
    /// The name that is shown as the sender's bears the name of his own domain.
    pub name_bears_author: bool,
    /// Each alternative of the text that is seen bears the name of its author.
    pub names_author: bool,
    /// It shows pictures, and hardly a word.
    pub is_pictures: bool,
    /// It shows words, beside what stands in pictures and files.
    pub has_words: bool,
    /// A reader of files would have something to look at.
    pub has_files: bool,
    /// Something lay beyond a bound, or a text part could not be read.
    pub cut: bool,
    /// As much was read as is read of a body where nothing claims the brand.
    pub enough: bool,
}

/// What a text says and does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// What it does to its reader, at most 64 findings.
    pub findings: Vec<Finding>,
    /// It names the brand where a reader sees it: a weak claim ([`Reason::BodyText`]).
    pub names_brand: bool,
    /// Whether it speaks as the brand.
    pub speech: Speech,
    /// It sends its reader to a site that is neither the brand's, nor a partner's, nor the author's own.
    pub leads_to_stranger: bool,
    /// It sends its reader to the author's own site.
    pub leads_home: bool,
}

/// One thing that a text does to its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub reason: Reason,
    /// What was seen, at most 200 octets of the sender's own text: not escaped.
    pub seen: String,
    /// Its own sentence names the brand, or the link does.
    pub names_brand: bool,
    /// A link that leads to the author's own site or his click counter.
    pub leads_home: bool,
    /// What it says of an account, where it does.
    pub threat: Option<Threat>,
    /// A number to call about a charge, a failed payment or a locked account.
    pub about_money_or_lock: bool,
    /// Its own sentence names the author.
    pub names_author: bool,
    /// Honest mail does as much: it counts only where the author is unproved or a free name.
    pub plain: bool,
}

/// What gave a reason, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The reason that it gives.
    pub reason: Reason,
    /// What was seen, at most 200 octets of the sender's own text: not escaped.
    pub seen: String,
}

impl Content {
    /// Whether nothing was found in what was read.
    pub fn is_nothing(&self) -> bool {
        self.own.is_nothing() && self.quoted.is_nothing()
    }
}

impl Text {
    /// What it does, each kind once.
    pub fn reasons(&self) -> BTreeSet<Reason> {
        self.findings.iter().map(|finding| finding.reason).collect()
    }

    fn is_nothing(&self) -> bool {
        !self.names_brand && self.findings.is_empty()
    }

    /// Whether it names the brand, or links to a host like the brand's.
    pub(crate) fn concerns_brand(&self) -> bool {
        self.names_brand || self.findings.iter().any(|found| found.is_deceitful_link())
    }

    /// Keeps a finding.
    pub(crate) fn add(&mut self, mut new: Finding) {
        new.seen = prefix(new.seen.trim(), MAX_SEEN).to_owned();
        let kind = |one: &Finding| {
            let links = (one.names_brand, one.leads_home, one.names_author);
            let about = (one.about_money_or_lock, one.plain);
            (one.reason, one.threat, about, links)
        };
        let equal = |known: &&Finding| kind(known) == kind(&new);
        let known = self.findings.iter().filter(equal);
        let is_new = known.clone().count() < MAX_EQUAL && !self.findings.contains(&new);
        if is_new && self.findings.len() < MAX_FINDINGS {
            self.findings.push(new);
        }
    }
}

impl Finding {
    /// One of which nothing else is known.
    pub fn new(reason: Reason, seen: &str) -> Self {
        Self {
            reason,
            seen: seen.to_owned(),
            names_brand: false,
            leads_home: false,
            threat: None,
            about_money_or_lock: false,
            names_author: false,
            plain: false,
        }
    }

    /// Whether it is about a lock, a charge, a failed payment, a sign-in or a verification.
    pub fn presses(&self) -> bool {
        let threat = self.threat;
        use Threat::{Deadline, Ending, Letter, Mentioned};
        self.about_money_or_lock
            || threat
                .is_some_and(|threat| !matches!(threat, Ending | Deadline | Mentioned | Letter))
    }

    /// Whether it is a link that leads elsewhere than it shows.
    pub fn is_deceitful_link(&self) -> bool {
        matches!(self.reason, Reason::LookalikeLink | Reason::DeceptiveLink)
    }

    /// Whether it deceives its reader or asks for what the brand never asks for. Of any other it is only
    /// said that it is there.
    pub fn deceives(&self) -> bool {
        self.is_deceitful_link()
            || matches!(
                self.reason,
                Reason::AsksForPassword
                    | Reason::AsksForPaymentData
                    | Reason::AsksForIdentity
                    | Reason::AsksForCode
                    | Reason::AccountThreat
                    | Reason::Prize
                    | Reason::CallbackNumber
                    | Reason::AttachmentOnly
                    | Reason::UnreadAttachment
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_a_finding_is_something() {
        let named = Text {
            names_brand: true,
            ..Text::default()
        };
        let mut found = Text::default();
        found.add(Finding::new(Reason::Prize, "a"));
        assert!(Content::default().is_nothing());
        for text in [named, found] {
            for (own, quoted) in [(true, false), (false, true), (true, true)] {
                let of = |is: bool| if is { text.clone() } else { Text::default() };
                let content = Content {
                    own: of(own),
                    quoted: of(quoted),
                    ..Content::default()
                };
                assert!(!content.is_nothing());
            }
        }
    }
}
