//! Claims and evidence in, a verdict with its reasons out.

mod answer;
mod case;
mod disowned_prize;
mod dns_failure;
mod excuses;
mod findings;
mod listed_author;
mod mailing_list;
mod shown_sender;
mod weak;

pub use case::Case;
pub use findings::QuotedText;
pub use mailing_list::NamedList;

pub mod policy;
pub mod trust;

use crate::{
    brand::Strength,
    claim::{AuthorDomain, Claims, Standing},
    mail::{domain::Domain, message::Limit},
    proof::Evidence,
    reason::Reason,
};
use answer::Answer;
use dns_failure::unanswered;
use findings::Table;
use listed_author::{unproved, unverifiable};
use mailing_list::MailingLists;
use std::{collections::BTreeSet, fmt};

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
pub fn decide(case: Case<'_>) -> Judgement {
    if let Some(reason) = case.trust.exempts(&case.origin.envelope) {
        return Judgement::exempt(reason);
    }
    let table = Table::of(case);
    let lists = MailingLists(case);
    let mut reasons = presented(case);
    let (mut weak, why) = weak::judge(case);
    reasons.extend(why);
    let disowned = disowned_prize::reasons(case);
    if disowned.is_some() && weak == Verdict::Unrelated {
        weak = Verdict::Suspicious;
    }
    let mut judgement = Judgement {
        verdict: weak,
        reasons: BTreeSet::new(),
        author: None,
        accountable: false,
        list: lists.proved().cloned(),
        named_list: lists.named(),
        excused: false,
        quoted: table.quoted(),
        silenced: false,
    };
    // Without any author domain a strong claim has nobody who could prove it.
    if case.claims.author_domains.is_empty() && case.claims.any_strong() {
        judgement.verdict = Verdict::Impersonation;
    }
    let (mut excused, mut inexcusable) = (false, false);
    for author in &case.claims.author_domains {
        let (verdict, why) = judge_author(case, author);
        // One author who has no excuse is enough.
        inexcusable |= verdict.is_spoof();
        excused |= why.iter().any(|reason| reason.is_excuse());
        reasons.extend(why);
        let verdict = match verdict {
            Verdict::Unrelated => weak,
            other => other,
        };
        // `exempt` stands for one author here; it holds for the message only if no other author
        // is worse, so it is compared like `verified`.
        if rank(verdict) < rank(judgement.verdict) || judgement.author.is_none() {
            judgement.decided_by(author, verdict, case);
        }
    }
    judgement.excused = excused && !inexcusable;
    let by_sender = shown_sender::judge(case);
    if rank(by_sender) < rank(judgement.verdict) {
        judgement.verdict = by_sender;
    }
    // The text of a proved author is his own; of a third party's text behind him it is worth saying.
    if judgement.verdict != Verdict::Verified || reasons.contains(&Reason::UserContent) {
        reasons.extend(table.own_deeds());
        reasons.extend(table.counting().map(|found| found.reason));
    }
    if judgement.verdict == Verdict::Suspicious {
        reasons.extend(disowned.into_iter().flatten());
    }
    judgement.reasons = reasons;
    judgement
}

/// How the message presents itself, and what of it was not read.
fn presented(case: Case<'_>) -> BTreeSet<Reason> {
    let claims = case.claims;
    let mut reasons: BTreeSet<Reason> = claims.list.iter().map(|claim| claim.reason).collect();
    reasons.extend(&claims.notes);
    let cut = case.limits.iter().any(|&limit| limit != Limit::Body);
    if cut || !claims.cut.is_empty() || case.content.cut {
        reasons.insert(Reason::LimitReached);
    }
    // Where no field names the brand, the text is what does.
    if case.content.own.names_brand && claims.list.is_empty() {
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

    fn decided_by(&mut self, author: &AuthorDomain, verdict: Verdict, case: Case<'_>) {
        let table = Table::of(case).for_excuse();
        let is_proved = case.evidence.proof(&author.domain).holds();
        self.verdict = verdict;
        self.author = Some(author.domain.clone());
        self.accountable = is_proved
            && !author.is_free_name
            && author.standing != Standing::FreeMail
            && !table.speaks()
            && table.counting().next().is_none();
        self.silenced =
            verdict == Verdict::Impersonation && case.evidence.is_silenced(&author.domain);
    }

    /// Whether the same message may get through later because DNS answers then.
    pub fn waits_for_dns(&self) -> bool {
        self.silenced
            || matches!(self.verdict, Verdict::Unverifiable | Verdict::Forged)
                && self.reasons.contains(&Reason::DnsTemporaryFailure)
    }
}

/// Whether what the text says can change what a message is. What a single proved author of the brand
/// writes is the brand's own text.
pub fn needs_text(claims: &Claims, evidence: Option<&Evidence>) -> bool {
    let [author] = &*claims.author_domains else {
        return true;
    };
    let is_brand = author.standing
        == Standing::Official {
            user_content: false,
        };
    let is_proved = evidence.is_some_and(|evidence| {
        evidence.proof(&author.domain).holds() || evidence.is_vouched_for(&author.domain)
    });
    claims.several_from_fields || !is_brand || !is_proved
}

/// Whether a proof of the authors could change what a message is that nobody asked a proof for so far.
pub fn needs_proof(case: Case<'_>) -> bool {
    weak::needs_proof(case)
}

/// What strong claims come to beside an author who is nobody of the brand's, nor of those whom the
/// brand's list names.
fn judge_stranger(case: Case<'_>, author: &AuthorDomain) -> (Verdict, Vec<Reason>) {
    let answer = excuses::answer(case, author);
    let mut reasons = answer.reasons();
    let verdict = match answer {
        // While our own DNS is dead, its silence is not the author's.
        Answer::NotAnswered if case.evidence.dns_dead => Verdict::Unverifiable,
        Answer::Refused | Answer::NotAnswered => {
            reasons.extend(unanswered(case.evidence, &author.domain));
            match author.standing {
                Standing::Lookalike(_) => Verdict::Lookalike,
                _ => Verdict::Impersonation,
            }
        }
        Answer::Granted(_) => Verdict::Unrelated,
        Answer::GrantedBesideFinding(_) => Verdict::Suspicious,
        Answer::Unverifiable => Verdict::Unverifiable,
    };
    (verdict, reasons)
}

fn judge_author(case: Case<'_>, author: &AuthorDomain) -> (Verdict, Vec<Reason>) {
    let claims = case.claims;
    let concerns = match &author.standing {
        Standing::Official { .. } | Standing::Owned | Standing::Fake => true,
        Standing::Lookalike(found) => found.strength == Strength::Strong || claims.any_strong(),
        _ => claims.any_strong(),
    };
    let by_two_fields = matches!(author.standing, Standing::Lookalike(_))
        && claims.any_besides(Reason::LookalikeAuthorDomain)
        && !case.is_proved(author);
    if !concerns && !by_two_fields {
        return (Verdict::Unrelated, Vec::new());
    }
    if let Some((verdict, reasons)) = believed(case, author) {
        return (verdict, reasons);
    }
    match &author.standing {
        Standing::Official { .. } | Standing::Owned => listed_author::judge(case, author),
        Standing::Fake => (Verdict::Forged, unproved(case.evidence, &author.domain)),
        Standing::Lookalike(found) if found.strength == Strength::Strong || !concerns => (
            Verdict::Lookalike,
            unanswered(case.evidence, &author.domain)
                .into_iter()
                .collect(),
        ),
        Standing::Subsidiary | Standing::Partner | Standing::AliasRelay => {
            listed_author::judge_listed(case, author)
        }
        Standing::FreeMail | Standing::Foreign | Standing::Lookalike(_) => {
            judge_stranger(case, author)
        }
    }
}

/// What an author comes to whom the operator believes, once he is proved.
fn believed(case: Case<'_>, author: &AuthorDomain) -> Option<(Verdict, Vec<Reason>)> {
    let reason = case.trust.believes(&author.domain)?;
    let covered = |by: &Domain| case.trust.may_prove(by, &author.domain);
    let proof = case.evidence.proof_by(&author.domain, covered);
    match (proof.holds(), proof.pending) {
        (true, _) => Some((Verdict::Exempt, vec![reason])),
        (false, Some(pending)) => Some(unverifiable(pending)),
        (false, None) => None,
    }
}
