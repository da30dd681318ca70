//! Claims and evidence in, a verdict with its reasons out.

mod disowned_prize;
mod dns_failure;
mod mailing_list;
mod text;

pub use mailing_list::NamedList;
pub use text::{QuotedText, needs_proof_of_author};

pub mod policy;
pub mod trust;

use crate::{
    brand::Strength,
    claim::{AuthorDomain, Claims, Standing},
    mail::{
        domain::Domain,
        message::{Limit, Message},
    },
    proof::{AuthResult, Evidence, Existence, Pending, SignatureFault},
    reason::Reason,
    wants::Content,
};
use dns_failure::unanswered;
use mailing_list::{Answer, MailingLists};
use std::{collections::BTreeSet, fmt};
use text::Text;
use trust::{Origin, Trust};

/// What a message is. The order is the precedence: of several that could hold, the first one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Not judged: submission, trusted network, own domain, operator's allow entry.
    Exempt,
    /// The author domain is the brand's, and no aligned identifier passed.
    Forged,
    /// The author domain is built to look like the brand's.
    Lookalike,
    /// Name, local part or malformed From claim the brand from somewhere else.
    Impersonation,
    /// A proof was possible but could not be completed.
    Unverifiable,
    /// A weak claim with a deceptive link, or a request that the brand never makes.
    Suspicious,
    /// The author domain is the brand's, and an aligned identifier passed.
    Verified,
    /// Doesn't claim to be the brand, or only weakly and with nothing beside it.
    Unrelated,
}

impl Verdict {
    /// Every verdict, in order of precedence.
    pub const ALL: [Self; 8] = [
        Self::Exempt,
        Self::Forged,
        Self::Lookalike,
        Self::Impersonation,
        Self::Unverifiable,
        Self::Suspicious,
        Self::Verified,
        Self::Unrelated,
    ];

    /// The word in headers, logs and metric labels.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exempt => "exempt",
            Self::Forged => "forged",
            Self::Lookalike => "lookalike",
            Self::Impersonation => "impersonation",
            Self::Unverifiable => "unverifiable",
            Self::Suspicious => "suspicious",
            Self::Verified => "verified",
            Self::Unrelated => "unrelated",
        }
    }

    /// Whether it says that the message lies about who sent it.
    pub fn is_spoof(self) -> bool {
        matches!(self, Self::Forged | Self::Lookalike | Self::Impersonation)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A verdict, why, and about whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Every reason, in the order of [`Reason::ALL`].
    pub reasons: BTreeSet<Reason>,
    /// The author domain that decided, where one did.
    pub author: Option<Domain>,
    /// Whether that domain is proved, whoever it belongs to, and isn't one where anybody gets an
    /// address: an operator may want to be milder with such an author.
    pub accountable: bool,
    /// The mailing list that brought the message, where its host is proved.
    pub list: Option<Domain>,
    /// Whether the operator names such a list.
    pub named_list: NamedList,
    /// Every strong claim had an excuse, and was granted it.
    pub excused: bool,
    /// How much of quoted text counts.
    pub quoted: QuotedText,
    /// Whether our own DNS is dead, so that the same message may be judged in another way later.
    pub silenced: bool,
}

/// Judges a message.
pub fn decide(
    message: &Message,
    origin: &Origin,
    claims: &Claims,
    evidence: &Evidence,
    content: &Content,
    trust: &Trust,
) -> Judgement {
    if let Some(reason) = trust.exempts(&origin.envelope) {
        return Judgement::exempt(reason);
    }
    let lists = MailingLists {
        claims,
        evidence,
        origin,
        trust,
    };
    let text = text::counted(claims, evidence, content);
    let mut reasons = presented(message, claims, content.cut, text.names_brand);
    let disowned = disowned_prize::reasons(origin, claims, evidence);
    let weak = match disowned {
        Some(_) => Verdict::Suspicious,
        None => {
            let (verdict, why) = judge_weak(claims, &text, trust, evidence.dns_dead);
            reasons.extend(why);
            verdict
        }
    };
    let mut judgement = Judgement {
        verdict: weak,
        reasons: BTreeSet::new(),
        author: None,
        accountable: false,
        list: lists.proved().cloned(),
        named_list: lists.named(),
        excused: false,
        quoted: text.quoted,
        silenced: false,
    };
    // Without any author domain a strong claim has nobody who could prove it.
    if claims.author_domains.is_empty() && claims.any_strong() {
        judgement.verdict = Verdict::Impersonation;
    }
    let (mut excused, mut inexcusable) = (false, false);
    for author in &claims.author_domains {
        let (verdict, why) = judge_author(lists, &text, author);
        // One author who has no excuse is enough.
        inexcusable |= verdict.is_spoof();
        excused |= why.contains(&Reason::ViaList);
        reasons.extend(why);
        let verdict = match verdict {
            Verdict::Unrelated => weak,
            other => other,
        };
        // `exempt` stands for one author here; it holds for the message only if no other author
        // is worse, so it is compared like `verified`.
        if rank(verdict) < rank(judgement.verdict) || judgement.author.is_none() {
            judgement.decided_by(author, verdict, evidence);
        }
    }
    judgement.excused = excused && !inexcusable;
    // The text of a proved author is his own; of a third party's text behind him it is worth saying.
    if judgement.verdict != Verdict::Verified || reasons.contains(&Reason::UserContent) {
        reasons.extend(&text.findings);
    }
    if judgement.verdict == Verdict::Suspicious {
        reasons.extend(disowned.into_iter().flatten());
    }
    judgement.reasons = reasons;
    judgement
}

/// How the message presents itself, and what of it was not read.
fn presented(
    message: &Message,
    claims: &Claims,
    content_cut: bool,
    text_names_brand: bool,
) -> BTreeSet<Reason> {
    let mut reasons: BTreeSet<Reason> = claims.list.iter().map(|claim| claim.reason).collect();
    reasons.extend(&claims.notes);
    let cut = message.cut.iter().any(|&limit| limit != Limit::Body);
    if cut || !claims.cut.is_empty() || content_cut {
        reasons.insert(Reason::LimitReached);
    }
    // Where no field names the brand, the text is what does.
    if text_names_brand && claims.list.is_empty() {
        reasons.insert(Reason::BodyText);
    }
    reasons
}

/// The order of severity between several authors of one message.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Forged => 0,
        Verdict::Lookalike => 1,
        Verdict::Impersonation => 2,
        Verdict::Unverifiable => 3,
        Verdict::Suspicious => 4,
        Verdict::Exempt => 5,
        Verdict::Verified => 6,
        Verdict::Unrelated => 7,
    }
}

impl Judgement {
    /// Whether what a body says could still change this judgement, which was made without it. What a
    /// single proved author writes is his own text, so that nothing in it gives a reason.
    pub fn depends_on_content(&self, claims: &Claims) -> bool {
        self.verdict != Verdict::Verified
            || claims.author_domains.len() != 1
            || self.reasons.contains(&Reason::UserContent)
    }

    /// A message that is not judged, and why.
    pub fn exempt(reason: Reason) -> Self {
        Self {
            verdict: Verdict::Exempt,
            reasons: BTreeSet::from([reason]),
            author: None,
            accountable: false,
            list: None,
            named_list: NamedList::No,
            excused: false,
            quoted: QuotedText::Excused,
            silenced: false,
        }
    }

    fn decided_by(&mut self, author: &AuthorDomain, verdict: Verdict, evidence: &Evidence) {
        let is_proved = evidence.proof(&author.domain).holds();
        self.verdict = verdict;
        self.author = Some(author.domain.clone());
        self.accountable = is_proved && author.standing != Standing::FreeMail;
        self.silenced = verdict == Verdict::Impersonation && evidence.is_silenced(&author.domain);
    }

    /// Whether the same message may get through later because DNS answers then.
    pub fn waits_for_dns(&self) -> bool {
        self.silenced
            || matches!(self.verdict, Verdict::Unverifiable | Verdict::Forged)
                && self.reasons.contains(&Reason::DnsTemporaryFailure)
    }
}

/// What weak claims come to by the text beside them.
fn judge_weak(
    claims: &Claims,
    text: &Text,
    trust: &Trust,
    dns_dead: bool,
) -> (Verdict, Option<Reason>) {
    let mentioned = claims.any_weak() || text.names_brand;
    if !mentioned || !text.is_deceptive() {
        return (Verdict::Unrelated, None);
    }
    let unanswered = text
        .unanswered
        .and_then(|author| claims.author_domains.get(author));
    match unanswered {
        None => (Verdict::Suspicious, None),
        // A stranger's failing zone grants nothing, unless it is ours that fails.
        Some(author) => match trust.believes(&author.domain) {
            None if !dns_dead => (Verdict::Suspicious, Some(Reason::DnsTemporaryFailure)),
            _ => (Verdict::Unverifiable, Some(Reason::DnsTemporaryFailure)),
        },
    }
}

/// What strong claims come to beside an author who is nobody of the brand's, nor of those whom the
/// brand's list names.
fn judge_stranger(
    lists: MailingLists<'_>,
    text: &Text,
    author: &AuthorDomain,
) -> (Verdict, Vec<Reason>) {
    // Whoever asks for what the brand never asks for has no excuse.
    let answer = match text.is_deceptive() {
        true => Answer::Strong,
        false => lists.answer(author),
    };
    let mut reasons = answer.reasons();
    let verdict = match answer {
        // While our own DNS is dead, the list's silence is not its own.
        Answer::NotAnswered if lists.evidence.dns_dead => Verdict::Unverifiable,
        Answer::Strong | Answer::NotAnswered => {
            reasons.extend(unanswered(lists.evidence, &author.domain));
            Verdict::Impersonation
        }
        Answer::Weak => Verdict::Unrelated,
        Answer::Unverifiable => Verdict::Unverifiable,
    };
    (verdict, reasons)
}

fn judge_author(
    lists: MailingLists<'_>,
    text: &Text,
    author: &AuthorDomain,
) -> (Verdict, Vec<Reason>) {
    let MailingLists {
        claims,
        evidence,
        trust,
        ..
    } = lists;
    let concerns = match &author.standing {
        Standing::Official { .. } | Standing::Owned | Standing::Fake => true,
        Standing::Lookalike(found) => {
            found.strength == Strength::Strong
                || claims.any_besides(Reason::LookalikeAuthorDomain)
                || claims.any_strong()
        }
        _ => claims.any_strong(),
    };
    if !concerns {
        return (Verdict::Unrelated, Vec::new());
    }
    if let Some(reason) = trust.believes(&author.domain) {
        let covered = |by: &Domain| trust.may_prove(by, &author.domain);
        let proof = evidence.proof_by(&author.domain, covered);
        match (proof.holds(), proof.pending) {
            (true, _) => return (Verdict::Exempt, vec![reason]),
            (false, Some(pending)) => return unverifiable(pending),
            (false, None) => {}
        }
    }
    let proof = evidence.proof(&author.domain);
    match &author.standing {
        Standing::Official { .. } | Standing::Owned => judge_claimed_owner(lists, author),
        Standing::Fake => (Verdict::Forged, unproved(evidence, &author.domain)),
        Standing::Lookalike(_) => (
            Verdict::Lookalike,
            unanswered(evidence, &author.domain).into_iter().collect(),
        ),
        Standing::Subsidiary | Standing::Partner | Standing::AliasRelay => {
            let (verdict, reason) = match author.standing {
                Standing::Subsidiary => (Verdict::Verified, Reason::Subsidiary),
                Standing::Partner => (Verdict::Unrelated, Reason::Partner),
                _ => (Verdict::Unverifiable, Reason::AliasRelay),
            };
            match (proof.holds(), proof.pending) {
                (true, _) => (verdict, with_proof(evidence, &author.domain, reason)),
                (false, Some(pending)) => unverifiable(pending),
                (false, None) => (Verdict::Impersonation, unproved(evidence, &author.domain)),
            }
        }
        Standing::FreeMail | Standing::Foreign => judge_stranger(lists, text, author),
    }
}

/// An author in the brand's own domains: proved, or forged.
fn judge_claimed_owner(lists: MailingLists<'_>, author: &AuthorDomain) -> (Verdict, Vec<Reason>) {
    let MailingLists {
        claims,
        evidence,
        origin,
        trust,
    } = lists;
    let proof = evidence.proof(&author.domain);
    // RFC 5322 section 3.6 allows one From field. With two of them a signature covers one and the
    // reader may be shown the other, so that no identifier proves what is shown.
    if claims.several_from_fields {
        return (Verdict::Forged, unproved(evidence, &author.domain));
    }
    match (proof.holds(), proof.pending) {
        (true, _) if trust.demand_dkim && !proof.dkim => (
            Verdict::Unverifiable,
            vec![Reason::SpfAligned, Reason::SpfOnly],
        ),
        // A domain that never sends mail may have lapsed: its new owner proves it as well.
        (true, _) if author.standing == Standing::Owned => (
            Verdict::Unverifiable,
            with_proof(evidence, &author.domain, Reason::OwnedNotSender),
        ),
        (true, _) => {
            let mut reasons = Vec::new();
            if let Standing::Official { user_content: true } = author.standing {
                reasons.push(Reason::UserContent);
            }
            if proof.dkim {
                reasons.push(Reason::DkimAligned);
            }
            if proof.spf {
                reasons.push(Reason::SpfAligned);
            }
            if !proof.dkim {
                reasons.push(Reason::SpfOnly);
            }
            if evidence.dmarc(&author.domain) == AuthResult::Pass {
                reasons.push(Reason::DmarcPass);
            }
            (Verdict::Verified, reasons)
        }
        (false, Some(pending)) => unverifiable(pending),
        (false, None) if evidence.is_vouched_for(&author.domain) => {
            let verdict = match author.standing {
                Standing::Owned => Verdict::Unverifiable,
                _ => Verdict::Verified,
            };
            (verdict, vec![Reason::ArcTrusted])
        }
        // A named sealer's word could have proved it.
        (false, None) if let Some(pending) = evidence.arc_pending() => unverifiable(pending),
        (false, None) => {
            let mut reasons = unproved(evidence, &author.domain);
            // Who forwards breaks SPF, and often signatures: what is missing may have been there.
            if origin.via_forwarder || evidence.arc_is_trusted() {
                reasons.push(Reason::Forwarder);
                return (Verdict::Unverifiable, reasons);
            }
            // Where nobody says who sent a message, what SPF would have proved is not disproved. In
            // SMTP the envelope is always known, so that no sender can choose this.
            if origin.envelope.mail_from.is_none() {
                reasons.push(Reason::NoEnvelope);
                return (Verdict::Unverifiable, reasons);
            }
            if lists.proved().is_some() {
                reasons.push(Reason::ViaList);
            } else if lists.named() == NamedList::Open {
                reasons.push(Reason::DnsTemporaryFailure);
            }
            (Verdict::Forged, reasons)
        }
    }
}

fn unverifiable(pending: Pending) -> (Verdict, Vec<Reason>) {
    let reasons = match pending {
        Pending::Dns => vec![Reason::DnsTemporaryFailure],
        Pending::Unread => vec![Reason::NoBodyVerification],
        Pending::Offline => Vec::new(),
    };
    (Verdict::Unverifiable, reasons)
}

fn with_proof(evidence: &Evidence, author: &Domain, reason: Reason) -> Vec<Reason> {
    let proof = evidence.proof(author);
    let mut reasons = vec![reason];
    if proof.dkim {
        reasons.push(Reason::DkimAligned);
    }
    if proof.spf {
        reasons.push(Reason::SpfAligned);
    }
    reasons
}

/// Why nothing proves `author`.
pub(crate) fn unproved(evidence: &Evidence, author: &Domain) -> Vec<Reason> {
    let mut reasons = vec![Reason::Unauthenticated];
    for (_, fault) in evidence.faults(author) {
        match fault {
            SignatureFault::Expired(_) => reasons.push(Reason::SignatureExpired),
            SignatureFault::KeyGone => reasons.push(Reason::KeyGone),
            SignatureFault::DuplicateField => reasons.push(Reason::DuplicateField),
            _ => {}
        }
    }
    if evidence
        .author(author)
        .is_some_and(|known| known.existence == Existence::Nonexistent)
    {
        reasons.push(Reason::NonexistentDomain);
    }
    reasons
}
