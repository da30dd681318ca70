//! What DNS and the signatures prove, as plain data in RFC 8601's words.

use crate::mail::domain::Domain;
use alignment::{Alignment, aligned, are_near};

pub mod alignment;
pub mod list_host;
mod signature;
pub use signature::{Signature, SignatureFault};

/// A result of SPF, DKIM, DMARC or ARC in the words that RFC 8601 section 2.7 registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuthResult {
    /// Nothing was there to check, or the check didn't take place.
    #[default]
    None,
    /// Proved.
    Pass,
    /// Disproved.
    Fail,
    /// SPF: probably not authorised.
    SoftFail,
    /// No statement; for DKIM also a signature that can't be read.
    Neutral,
    /// DKIM: valid, but not acceptable to local policy.
    Policy,
    /// Could not be checked now.
    TempError,
    /// Can't ever be checked as published.
    PermError,
}

impl AuthResult {
    /// The word in Authentication-Results and metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::Neutral => "neutral",
            Self::Policy => "policy",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }

    /// Every result, for tables that list them.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Pass,
        Self::Fail,
        Self::SoftFail,
        Self::Neutral,
        Self::Policy,
        Self::TempError,
        Self::PermError,
    ];
}

/// Which identity SPF was asked about (RFC 7208 section 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpfIdentity {
    /// The domain of MAIL FROM.
    #[default]
    MailFrom,
    /// `postmaster@HELO`, for the null sender (RFC 7208 section 2.4).
    Helo,
}

/// What SPF says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spf {
    /// The result.
    pub result: AuthResult,
    /// Whose.
    pub identity: SpfIdentity,
    /// The domain that was judged.
    pub domain: Option<Domain>,
    /// Whether a lookup failed whose answer could have led to a pass. Any other failure leaves nothing
    /// open, and neither does one of a name that the sender chose.
    pub open: bool,
    /// Whether the client address or the sender was unknown, so that SPF had nothing to judge.
    pub unknown_envelope: bool,
}

/// What a DMARC policy asks for (RFC 9989 section 4.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DmarcPolicy {
    /// Nothing.
    #[default]
    None,
    /// Treat failures with suspicion.
    Quarantine,
    /// Refuse failures.
    Reject,
}

impl DmarcPolicy {
    /// The word of the `p` tag.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

/// The policy record that applies to an author domain, as far as judging needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DmarcRecord {
    /// What the owner asks for.
    pub policy: DmarcPolicy,
    /// How SPF has to align.
    pub spf_alignment: Alignment,
    /// How DKIM has to align.
    pub dkim_alignment: Alignment,
}

/// What the DNS Tree Walk found (RFC 9989 section 4.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DmarcLookup {
    /// It wasn't made.
    #[default]
    NotAsked,
    /// No record applies.
    NoRecord,
    /// This record applies.
    Record(DmarcRecord),
    /// DNS did not answer.
    Temporary,
}

/// Whether the author's domain is known to DNS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existence {
    /// It wasn't asked, or no answer came.
    #[default]
    Unknown,
    /// It exists.
    Exists,
    /// NXDOMAIN.
    Nonexistent,
}

/// What was asked about one author domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorEvidence {
    /// The author domain.
    pub domain: Domain,
    /// Its Organizational Domain, from the tree walk or from the brand's own list.
    pub organizational: Option<Domain>,
    /// Its DMARC policy.
    pub dmarc: DmarcLookup,
    /// Whether it exists.
    pub existence: Existence,
}

/// To which organization an identifier belongs that is not the author domain itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// The domain of a signature, or the one that SPF was asked about.
    pub identifier: Domain,
    /// Its Organizational Domain (RFC 9989 section 4.10.2); `None` where DNS did not answer.
    pub domain: Option<Domain>,
}

/// What an ARC chain says (RFC 8617), looked at only where the operator names sealers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arc {
    /// Whether the chain is whole; `neutral` where the message was not read whole.
    pub result: AuthResult,
    /// Who sealed it last, if the operator named him.
    pub sealer: Option<Domain>,
    /// The domains that he and the named sealers before him saw proved.
    pub vouched: Vec<Domain>,
}

/// All that was found out about a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// SPF of the envelope.
    pub spf: Spf,
    /// The signatures that were looked at, those that passed first.
    pub dkim: Vec<Signature>,
    /// The ARC chain.
    pub arc: Arc,
    /// What is known of each author domain that was asked about.
    pub authors: Vec<AuthorEvidence>,
    /// The organizations of identifiers within an author's organization.
    pub organizations: Vec<Organization>,
    /// Whose pass says nothing about the host of a mailing list above them.
    pub list_tenants: Vec<list_host::ListTenant>,
    /// Whether there is more than one From field, so that no identifier proves what is shown.
    pub several_from: bool,
    /// Whether DNS was left alone on request, so that nothing here is final.
    pub offline: bool,
    /// How many lookups all of it took, answers from the cache included.
    pub lookups: u32,
    /// Whether our own DNS was dead, so that lookups about strangers failed by no fault of theirs.
    pub dns_dead: bool,
    /// Whether an answer that had expired was used, since nobody gave another one.
    pub dns_stale: bool,
}

/// Why a proof could not be completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pending {
    /// DNS did not answer.
    Dns,
    /// The message was not read whole, so that its signature could not be checked.
    Unread,
    /// DNS was left alone on request.
    Offline,
}

/// What the identifiers of a message say about one author domain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// An aligned signature passed.
    pub dkim: bool,
    /// An aligned SPF identity passed.
    pub spf: bool,
    /// An aligned identifier could not be checked, which could have passed.
    pub pending: Option<Pending>,
}

impl Proof {
    /// Whether an aligned identifier passed.
    pub fn holds(self) -> bool {
        self.dkim || self.spf
    }
}

/// Whether an identifier is aligned with an author.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aligned {
    Yes,
    No,
    /// DNS did not say.
    Unknown,
}

impl Aligned {
    /// Whether an identifier with this result could still prove the author.
    fn is_pending(self, result: AuthResult) -> bool {
        match result {
            AuthResult::TempError => self != Self::No,
            AuthResult::Pass => self == Self::Unknown,
            _ => false,
        }
    }
}

impl Evidence {
    /// What is known of `author`.
    pub fn author(&self, author: &Domain) -> Option<&AuthorEvidence> {
        self.authors.iter().find(|known| known.domain == *author)
    }

    /// What the aligned identifiers prove about `author`. A stranger's pass proves nothing here,
    /// and a stranger's temporary error is worth as little.
    pub fn proof(&self, author: &Domain) -> Proof {
        self.proof_by(author, |_| true)
    }

    /// The same by those identifiers alone that count.
    pub fn proof_by(&self, author: &Domain, counts: impl Fn(&Domain) -> bool) -> Proof {
        // RFC 5322 section 3.6 allows one From field. A signature covers one of several and the
        // reader may be shown the other; whichever it is, waiting for DNS would not tell.
        if self.several_from {
            return Proof::default();
        }
        let record = match self.author(author).map(|known| known.dmarc) {
            Some(DmarcLookup::Record(record)) => record,
            _ => DmarcRecord::default(),
        };
        let mut proof = Proof::default();
        // A HELO pass is none of MAIL FROM (RFC 7208 section 2.3), but with the null sender the
        // identity is postmaster@HELO, which RFC 9989 section 4.4.2 lets align.
        if let Some(domain) = self.spf.domain.as_ref().filter(|domain| counts(domain)) {
            let aligned = self.aligns(domain, author, record.spf_alignment);
            proof.spf = aligned == Aligned::Yes && self.spf.result == AuthResult::Pass;
            let is_settled = self.spf.result == AuthResult::TempError && !self.spf.open;
            if !is_settled && aligned.is_pending(self.spf.result) {
                proof.pending = Some(Pending::Dns);
            }
        }
        for signature in &self.dkim {
            let Some(domain) = signature.domain.as_ref().filter(|domain| counts(domain)) else {
                continue;
            };
            let aligned = self.aligns(domain, author, record.dkim_alignment);
            proof.dkim |= aligned == Aligned::Yes && signature.result == AuthResult::Pass;
            if aligned.is_pending(signature.result) {
                proof.pending = Some(Pending::Dns);
            } else if aligned == Aligned::Yes && signature.fault == Some(SignatureFault::NotRead) {
                proof.pending = proof.pending.or(Some(Pending::Unread));
            }
        }
        if self.offline {
            proof.pending = Some(Pending::Offline);
        }
        proof
    }

    /// Whether `identifier` is aligned with `author`: in relaxed mode both belong to the same
    /// organization, which depends on either of them (RFC 9989 section 4.10.2).
    fn aligns(&self, identifier: &Domain, author: &Domain, mode: Alignment) -> Aligned {
        let known = self.author(author);
        let organizational = known.and_then(|known| known.organizational.as_ref());
        if identifier == author {
            return Aligned::Yes;
        }
        if organizational.is_some() {
            if !aligned(identifier, author, organizational, mode) {
                return Aligned::No;
            }
            let mut found = self.organizations.iter();
            return match found.find(|found| found.identifier == *identifier) {
                Some(found) if found.domain.is_none() => Aligned::Unknown,
                Some(found) if found.domain.as_ref() == organizational => Aligned::Yes,
                _ => Aligned::No,
            };
        }
        // With the Organizational Domain unknown, an identifier of a name nearby might be aligned.
        let open = known.is_some_and(|known| known.dmarc == DmarcLookup::Temporary);
        match open && are_near(identifier, author) {
            true => Aligned::Unknown,
            false => Aligned::No,
        }
    }

    /// Whether DNS left open what would prove `author`.
    pub fn awaits_dns(&self, author: &Domain) -> bool {
        let proof = self.proof(author);
        !proof.holds() && proof.pending == Some(Pending::Dns)
    }

    /// Whether our own DNS is dead, and nothing is known of `author` for that.
    pub fn is_silenced(&self, author: &Domain) -> bool {
        let unknown = self
            .author(author)
            .is_some_and(|known| known.dmarc == DmarcLookup::Temporary);
        self.dns_dead
            && !self.several_from
            && !self.proof(author).holds()
            && (unknown || self.awaits_dns(author))
    }

    /// Whether a named sealer vouches that this is how the message reached him.
    pub fn arc_is_trusted(&self) -> bool {
        self.arc.sealer.is_some() && self.arc.result == AuthResult::Pass
    }

    /// What the chain of a named sealer lacks to be checked.
    pub fn arc_pending(&self) -> Option<Pending> {
        match self.arc.result {
            AuthResult::TempError => Some(Pending::Dns),
            AuthResult::Neutral => Some(Pending::Unread),
            _ => None,
        }
    }

    /// Whether a named ARC sealer saw `author` proved.
    pub fn is_vouched_for(&self, author: &Domain) -> bool {
        let organizational = self
            .author(author)
            .and_then(|known| known.organizational.as_ref());
        self.arc_is_trusted()
            && self
                .arc
                .vouched
                .iter()
                .any(|domain| aligned(domain, author, organizational, Alignment::Relaxed))
    }

    /// The DMARC result for `author` (RFC 9989 section 5.3.6).
    pub fn dmarc(&self, author: &Domain) -> AuthResult {
        let Some(known) = self.author(author) else {
            return AuthResult::None;
        };
        if self.several_from {
            return AuthResult::PermError;
        }
        match known.dmarc {
            DmarcLookup::NotAsked | DmarcLookup::NoRecord => AuthResult::None,
            DmarcLookup::Temporary => AuthResult::TempError,
            DmarcLookup::Record(_) => {
                let proof = self.proof(author);
                match (proof.holds(), proof.pending) {
                    (true, _) => AuthResult::Pass,
                    (false, Some(_)) => AuthResult::TempError,
                    (false, None) => AuthResult::Fail,
                }
            }
        }
    }

    /// The signatures aligned with `author` that prove nothing, with the reason why.
    pub fn faults<'a>(
        &'a self,
        author: &'a Domain,
    ) -> impl Iterator<Item = (&'a Domain, SignatureFault)> {
        let organizational = self
            .author(author)
            .and_then(|known| known.organizational.as_ref());
        self.dkim.iter().filter_map(move |signature| {
            let domain = signature.domain.as_ref()?;
            let fault = signature.fault?;
            aligned(domain, author, organizational, Alignment::Relaxed).then_some((domain, fault))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    fn known(author: &str, organizational: &str, dmarc: DmarcLookup) -> AuthorEvidence {
        AuthorEvidence {
            domain: domain(author),
            organizational: Some(domain(organizational)),
            dmarc,
            existence: Existence::Exists,
        }
    }

    fn signed(by: &str, result: AuthResult) -> Signature {
        Signature {
            result,
            domain: Some(domain(by)),
            selector: "s".into(),
            fault: None,
        }
    }

    fn belongs(identifier: &str, to: Option<&str>) -> Organization {
        Organization {
            identifier: domain(identifier),
            domain: to.map(domain),
        }
    }

    #[test]
    fn what_lies_within_the_authors_organization_may_be_another_one() {
        let record = DmarcLookup::Record(DmarcRecord::default());
        let mut evidence = Evidence {
            dkim: vec![signed("tenant.shop.example", AuthResult::Pass)],
            authors: vec![known("shop.example", "shop.example", record)],
            ..Evidence::default()
        };
        let author = domain("shop.example");
        evidence.organizations = vec![belongs("tenant.shop.example", Some("tenant.shop.example"))];
        assert_eq!(evidence.proof(&author), Proof::default());
        evidence.organizations = vec![belongs("tenant.shop.example", Some("shop.example"))];
        assert!(evidence.proof(&author).dkim);
        assert!(!evidence.proof_by(&author, |by| *by == author).holds());
        // DNS did not answer, and only a pass or a key that is missing leaves it open.
        evidence.organizations = vec![belongs("tenant.shop.example", None)];
        assert_eq!(evidence.proof(&author).pending, Some(Pending::Dns));
        assert!(!evidence.proof(&author).holds());
        evidence.dkim = vec![signed("tenant.shop.example", AuthResult::Fail)];
        assert_eq!(evidence.proof(&author), Proof::default());
    }

    #[test]
    fn a_strangers_pass_and_a_strangers_error_prove_nothing() {
        let evidence = Evidence {
            dkim: vec![
                signed("mailer.example", AuthResult::Pass),
                signed("evil.example", AuthResult::TempError),
            ],
            spf: Spf {
                result: AuthResult::TempError,
                domain: Some(domain("evil.example")),
                ..Spf::default()
            },
            authors: vec![known("shop.example", "shop.example", DmarcLookup::NoRecord)],
            ..Evidence::default()
        };
        assert_eq!(evidence.proof(&domain("shop.example")), Proof::default());
    }

    #[test]
    fn the_owner_can_demand_strict_alignment() {
        let strict = DmarcRecord {
            dkim_alignment: Alignment::Strict,
            ..DmarcRecord::default()
        };
        let mut evidence = Evidence {
            dkim: vec![signed("shop.example", AuthResult::Pass)],
            authors: vec![known(
                "mail.shop.example",
                "shop.example",
                DmarcLookup::Record(strict),
            )],
            ..Evidence::default()
        };
        let author = domain("mail.shop.example");
        assert!(!evidence.proof(&author).holds());
        assert_eq!(evidence.dmarc(&author), AuthResult::Fail);
        evidence.authors[0].dmarc = DmarcLookup::Record(DmarcRecord::default());
        evidence.organizations = vec![belongs("shop.example", Some("shop.example"))];
        assert!(evidence.proof(&author).dkim);
        assert_eq!(evidence.dmarc(&author), AuthResult::Pass);
    }
}
