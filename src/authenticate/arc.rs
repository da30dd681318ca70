//! ARC chains (RFC 8617), of sealers that the operator names and of nobody else.
//!
//! The library reads these fields as leniently as those of DKIM, and takes what a chain must not have. So
//! they are read here by their grammar; keys and arithmetic are the library's.

mod set;

use super::{
    canonical::write_field,
    dkim,
    key::{Keys, Sought},
    provisional::{Depending, SignedBody},
};
use crate::{
    mail::{domain::Domain, message::Message},
    proof::{Arc, AuthResult, SignatureFault},
    report::authentication_results,
};
use mail_auth::{AuthenticatedMessage, dkim::Canonicalization};
use set::{Field, Set, Signer, Validation};

/// Sets of a chain that is looked at; the standard's bound is 50, and each costs a key.
const MAX_SETS: usize = 10;

/// Who is named, and when it is.
#[derive(Clone, Copy)]
pub(super) struct Sealers<'a> {
    /// Whose seals are looked at.
    pub(super) named: &'a [Domain],
    /// Seconds since 1970.
    pub(super) now: u64,
}

/// The keys that a chain needs. None where its last seal is by nobody whom the operator names, or where
/// it shows without any key that nothing can be proved.
pub(super) fn sought(parsed: &AuthenticatedMessage<'_>, sealers: Sealers<'_>) -> Vec<Sought> {
    if last_sealer(parsed, sealers.named).is_none() {
        return Vec::new();
    }
    let chain = Chain::read(parsed).filter(|chain| chain.is_acceptable(sealers.now));
    let signers = chain.iter().flat_map(Chain::signers);
    signers.filter_map(Sought::by).collect()
}

/// The form of the body that a chain needs, under the same conditions.
pub(super) fn form(
    parsed: &AuthenticatedMessage<'_>,
    sealers: Sealers<'_>,
) -> Option<Canonicalization> {
    last_sealer(parsed, sealers.named)?;
    let chain = Chain::read(parsed).filter(|chain| chain.is_acceptable(sealers.now))?;
    Some(chain.last.signature.body_form)
}

/// Who sealed last, if he is named and the chain is of a size that is looked at.
fn last_sealer(parsed: &AuthenticatedMessage<'_>, sealers: &[Domain]) -> Option<Domain> {
    if sealers.is_empty() {
        return None;
    }
    let seals: Vec<_> = set::seals(parsed).take(MAX_SETS + 1).collect();
    if seals.len() > MAX_SETS {
        return None;
    }
    // Which of them is the last can't be told then, and the chain fails: whoever is named has sealed it.
    if seals.iter().any(Option::is_none) {
        let mut named = set::claimed_sealers(parsed).filter(|domain| sealers.contains(domain));
        return named.next();
    }
    let last = seals
        .into_iter()
        .flatten()
        .max_by_key(|seal| seal.instance)?;
    sealers
        .contains(&last.signer.domain)
        .then_some(last.signer.domain)
}

/// The sets of a message, each whole and none missing.
struct Chain<'x> {
    before: Vec<Set<'x>>,
    last: Set<'x>,
}

impl<'x> Chain<'x> {
    /// Reads the sets of a message; `None` where they make no chain (RFC 8617 section 5.2, step 3).
    fn read(parsed: &AuthenticatedMessage<'x>) -> Option<Self> {
        let mut sets = set::read(parsed)?;
        let last = sets.pop()?;
        let chain = Self { before: sets, last };
        // Who found the chain before him broken said so, and nobody after him can mend it.
        let is_sound = chain.sets().enumerate().all(|(before, set)| {
            let sound = match before {
                0 => Validation::None,
                _ => Validation::Pass,
            };
            set.seal.validation == sound
        });
        is_sound.then_some(chain)
    }

    fn sets(&self) -> impl DoubleEndedIterator<Item = &Set<'x>> {
        self.before.iter().chain([&self.last])
    }

    /// Who has to be asked for a key: every sealer, and who signed the message last.
    fn signers(&self) -> impl Iterator<Item = &Signer> {
        let seals = self.sets().map(|set| &set.seal.signer);
        seals.chain([&self.last.signature.signer])
    }

    /// Whether the message can have been signed so, whatever the keys say. What holds for signatures holds
    /// here: From is covered, and no time lies in the future.
    fn is_acceptable(&self, now: u64) -> bool {
        let latest = now.saturating_add(dkim::CLOCK_SKEW);
        let signature = &self.last.signature;
        let covers = |field: &str| {
            let mut covered = signature.covered.iter();
            covered.any(|name| name.eq_ignore_ascii_case(field))
        };
        covers("From")
            // RFC 8617 section 4.1.2: the fields of a chain are sealed, and never signed.
            && !set::FIELDS.into_iter().any(covers)
            && signature.expires.is_none_or(|at| at > now)
            && self.sets().all(|set| {
                let times = [set.seal.time, set.signature.time];
                times.into_iter().flatten().all(|time| time <= latest)
            })
    }

    /// The octets that the seal of one of the sets is made over (RFC 8617 section 5.1.1).
    fn sealed(&self, instance: u32) -> Vec<u8> {
        let mut data = Vec::new();
        for set in self.sets().filter(|set| set.seal.instance <= instance) {
            let mut write = |(name, value): Field<'_>| {
                write_field(Canonicalization::Relaxed, name, value, &mut data);
            };
            write(set.results);
            write(set.signature.field);
            match set.seal.field {
                (name, value) if set.seal.instance == instance => {
                    write((name, &dkim::unsigned(value)));
                }
                sealed => write(sealed),
            }
        }
        data
    }

    /// The octets that the last message signature is made over.
    fn signed(&self, parsed: &AuthenticatedMessage<'_>) -> Vec<u8> {
        let signature = &self.last.signature;
        let (name, value) = signature.field;
        let own = dkim::unsigned(value);
        let mut data = Vec::new();
        for (name, value) in parsed.signed_headers(&signature.covered, name, &own) {
            write_field(signature.header_form, name, value, &mut data);
        }
        data
    }

    /// The body that was signed last.
    fn body(&self) -> SignedBody {
        let signature = &self.last.signature;
        SignedBody {
            form: signature.body_form,
            hash: signature.body_hash.clone(),
        }
    }

    /// What the keys say. Only a named sealer's own key is worth waiting for: a stranger would choose
    /// whether his is answered.
    fn check(
        &self,
        parsed: &AuthenticatedMessage<'_>,
        keys: &Keys,
        sealers: &[Domain],
    ) -> AuthResult {
        let seals = self.sets().rev().map(|set| {
            let signer = &set.seal.signer;
            (signer, self.sealed(set.seal.instance))
        });
        let signature = (&self.last.signature.signer, self.signed(parsed));
        let mut result = AuthResult::Pass;
        for (signer, data) in std::iter::once(signature).chain(seals) {
            let fault = match keys.find(signer) {
                Ok(key) if key.signed(&data, signer) => continue,
                Ok(key) => key.mismatch(),
                Err(fault) => fault,
            };
            match fault {
                SignatureFault::KeyUnreachable if sealers.contains(&signer.domain) => {
                    result = AuthResult::TempError;
                }
                _ => return AuthResult::Fail,
            }
        }
        result
    }

    /// The domains that were proved, from the last set back as long as the sealer is one who is named: what
    /// an unnamed one wrote is worth no more than what the sender himself could have written.
    fn vouched(&self, sealers: &[Domain]) -> Vec<Domain> {
        let named = self.sets().rev();
        named
            .take_while(|set| sealers.contains(&set.seal.signer.domain))
            .flat_map(|set| authentication_results::proved_domains(set.results.1))
            .collect()
    }
}

/// Checks the chain over a header with keys that were fetched before. Nothing is asked, and nothing is said of
/// the body: what depends on it says how.
pub(super) fn check(
    parsed: &AuthenticatedMessage<'_>,
    message: &Message,
    keys: &Keys,
    sealers: Sealers<'_>,
) -> Depending<Arc> {
    let unread = dkim::unread(message);
    if unread == Some(SignatureFault::NotChecked) {
        return Depending::on_nothing(Arc::default());
    }
    let Sealers {
        named: sealers,
        now,
    } = sealers;
    let Some(sealer) = last_sealer(parsed, sealers) else {
        return Depending::on_nothing(Arc::default());
    };
    let chain = Chain::read(parsed).filter(|chain| chain.is_acceptable(now));
    let result = match &chain {
        // Two of a field that a message has once: the reader is shown one, and the other was sealed.
        Some(_) if dkim::is_doubled(message) => AuthResult::Policy,
        Some(chain) => match (chain.check(parsed, keys, sealers), unread) {
            (AuthResult::Fail, _) => AuthResult::Fail,
            (_, Some(_)) => AuthResult::Neutral,
            (result, None) => result,
        },
        None => AuthResult::Fail,
    };
    let open = matches!(result, AuthResult::Pass | AuthResult::TempError);
    let chain = chain.filter(|_| open);
    let vouched = chain
        .as_ref()
        .filter(|_| result == AuthResult::Pass)
        .map(|chain| chain.vouched(sealers));
    Depending {
        result: Arc {
            result,
            sealer: Some(sealer),
            vouched: vouched.unwrap_or_default(),
        },
        body: chain.as_ref().map(Chain::body),
    }
}

/// The same, now that it is known whether the body is the one that was signed last; `None`: it can't be known.
pub(super) fn with_body(arc: Arc, is_same: Option<bool>) -> Arc {
    let result = match is_same {
        Some(true) => return arc,
        Some(false) => AuthResult::Fail,
        None => AuthResult::Neutral,
    };
    Arc {
        result,
        vouched: Vec::new(),
        ..arc
    }
}
