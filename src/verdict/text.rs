//! What of a message's text counts: the sender's own always, and what he quotes or forwards unless that is
//! excused.
//!
//! A quote costs its sender nothing. It is excused where his domain is proved and strangers don't get
//! addresses in it at once; of an author at free mail the links count all the same.

use crate::{
    claim::{AuthorDomain, Claims},
    proof::{Evidence, Pending},
    reason::Reason,
    wants::{Content, DECEITFUL_LINKS, Detail, MAX_DETAILS, deceives},
};
use std::collections::BTreeSet;

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
    fn counts(self, finding: Reason) -> bool {
        match self {
            Self::Excused => false,
            Self::Links => DECEITFUL_LINKS.contains(&finding),
            Self::Counted => true,
        }
    }

    /// What gave the findings that count, at most 16.
    pub fn details(self, content: Content) -> Vec<Detail> {
        let quoted = content.quoted.details.into_iter();
        let counted = quoted.filter(|detail| self.counts(detail.reason));
        let all = content.details.into_iter().chain(counted);
        all.take(MAX_DETAILS).collect()
    }
}

/// The text as far as it counts.
pub(crate) struct Text {
    pub(crate) findings: BTreeSet<Reason>,
    pub(crate) names_brand: bool,
    pub(crate) quoted: QuotedText,
    /// It deceives by nothing but quotes, which count since DNS did not answer for this author.
    pub(crate) unanswered: Option<usize>,
}

impl Text {
    pub(crate) fn is_deceptive(&self) -> bool {
        self.findings.iter().any(|finding| deceives(*finding))
    }
}

/// What of the text counts.
pub(crate) fn counted(claims: &Claims, evidence: &Evidence, content: &Content) -> Text {
    let mut text = Text {
        findings: content.findings.clone(),
        names_brand: content.names_brand,
        quoted: QuotedText::Excused,
        unanswered: None,
    };
    let alone = !text.is_deceptive();
    let counts = quoted_text(claims, evidence);
    let quoted = content.quoted.findings.iter().copied();
    let quoted: Vec<Reason> = quoted.filter(|finding| counts.counts(*finding)).collect();
    // A quote that deceives nobody changes nothing, and is somebody else's.
    if !quoted.iter().any(|finding| deceives(*finding)) {
        return text;
    }
    text.findings.extend(quoted);
    text.names_brand |= content.quoted.names_brand;
    text.quoted = counts;
    if alone && !claims_by_name(claims) {
        let mut authors = claims.author_domains.iter();
        text.unanswered = authors.position(|author| {
            let proof = evidence.proof(&author.domain);
            !is_proved(author, evidence) && proof.pending == Some(Pending::Dns)
        });
    }
    text
}

/// Whether a proof of the author could still excuse what the text deceives by, where nobody asked for one.
pub fn needs_proof_of_author(claims: &Claims, content: &Content) -> bool {
    let found = |findings: &BTreeSet<Reason>| findings.iter().any(|finding| deceives(*finding));
    let named = claims.any_weak() || content.names_brand || content.quoted.names_brand;
    named && !claims_by_name(claims) && !found(&content.findings) && found(&content.quoted.findings)
}

fn quoted_text(claims: &Claims, evidence: &Evidence) -> QuotedText {
    let authors = &claims.author_domains;
    let proved = |author: &AuthorDomain| is_proved(author, evidence);
    match () {
        // Who calls himself the brand is read as the brand, whoever wrote what he shows.
        () if claims_by_name(claims) => QuotedText::Counted,
        () if authors.is_empty() || !authors.iter().all(proved) => QuotedText::Counted,
        () if authors.iter().any(|author| author.is_free_name) => QuotedText::Links,
        () => QuotedText::Excused,
    }
}

fn is_proved(author: &AuthorDomain, evidence: &Evidence) -> bool {
    evidence.proof(&author.domain).holds() || evidence.is_vouched_for(&author.domain)
}

/// Whether the name that is shown as the sender's claims the brand.
fn claims_by_name(claims: &Claims) -> bool {
    let mut claims = claims.list.iter();
    claims.any(|claim| matches!(claim.reason, Reason::DisplayName | Reason::DisplayAddress))
}
