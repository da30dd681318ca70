//! One line of the operator's table of exceptions.

use crate::{
    mail::{domain::Domain, message::Path},
    reason::Reason,
    verdict::{
        Judgement, Verdict,
        policy::{Action, is_reserved},
    },
};
use std::collections::BTreeSet;

/// An action for the messages that meet every condition; a condition that is empty is met by all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The verdict is one of these.
    pub verdicts: BTreeSet<Verdict>,
    /// One of these is among the reasons.
    pub reasons: BTreeSet<Reason>,
    /// The recipient is one of these.
    pub recipients: Recipients,
    /// What is done.
    pub action: Action,
}

/// Recipients by domain or by address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    /// Domains, each with every name below it.
    domains: BTreeSet<Box<str>>,
    /// Addresses in lower case. RFC 5321 section 2.4 leaves the case of a local part to its host,
    /// and no host that people use makes a difference.
    addresses: BTreeSet<String>,
}

impl Rule {
    /// The verdicts that a rule can be about. What is unrelated, exempt or verified is accepted.
    pub const VERDICTS: [Verdict; 5] = [
        Verdict::Unverifiable,
        Verdict::Suspicious,
        Verdict::Impersonation,
        Verdict::Lookalike,
        Verdict::Forged,
    ];

    pub(crate) fn matches(&self, judgement: &Judgement, recipient: Option<&Path>) -> bool {
        (self.verdicts.is_empty() || self.verdicts.contains(&judgement.verdict))
            && (self.reasons.is_empty() || !self.reasons.is_disjoint(&judgement.reasons))
            && (self.recipients.is_empty()
                || recipient.is_some_and(|recipient| self.recipients.contain(recipient)))
    }

    /// Whether it matches every message with this verdict.
    pub fn decides_all(&self, verdict: Verdict) -> bool {
        (self.verdicts.is_empty() || self.verdicts.contains(&verdict))
            && self.reasons.is_empty()
            && self.recipients.is_empty()
    }

    /// Whether it matches whatever `later` matches, so that `later` behind it never decides.
    pub fn covers(&self, later: &Self) -> bool {
        fn wider<T: Ord>(mine: &BTreeSet<T>, theirs: &BTreeSet<T>) -> bool {
            mine.is_empty() || (!theirs.is_empty() && theirs.is_subset(mine))
        }
        wider(&self.verdicts, &later.verdicts)
            && wider(&self.reasons, &later.reasons)
            && (self.recipients.is_empty()
                || (!later.recipients.is_empty() && self.recipients.cover(&later.recipients)))
    }
}

impl Recipients {
    /// Adds a domain, or an address where there is an `@`.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn add(&mut self, text: &str) -> Result<(), &'static str> {
        match text.split_once('@') {
            None => {
                let domain = Domain::parse(text).map_err(|_| "this is no domain name")?;
                self.domains.insert(domain.as_str().into());
            }
            Some((local, domain)) => {
                let domain = Domain::parse(domain).map_err(|_| "this is no address")?;
                if local.is_empty() || local.chars().any(char::is_whitespace) {
                    return Err("this is no address");
                }
                self.addresses.insert(address(local, &domain));
            }
        }
        Ok(())
    }

    /// Whether all of them are addresses that have to be reachable.
    pub fn are_reserved(&self) -> bool {
        let mut addresses = self.addresses.iter();
        self.domains.is_empty()
            && !self.addresses.is_empty()
            && addresses.all(|address| is_reserved(&Path::parse(address)))
    }

    fn is_empty(&self) -> bool {
        self.domains.is_empty() && self.addresses.is_empty()
    }

    fn contain(&self, recipient: &Path) -> bool {
        let Some(domain) = &recipient.domain else {
            return false;
        };
        self.contain_domain(domain.as_str())
            || (!self.addresses.is_empty()
                && self
                    .addresses
                    .contains(&address(recipient.local_part(), domain)))
    }

    /// Whether a domain or one above it is listed.
    fn contain_domain(&self, domain: &str) -> bool {
        let mut names = std::iter::successors(Some(domain), |name| {
            name.split_once('.').map(|(_, rest)| rest)
        });
        names.any(|name| self.domains.contains(name))
    }

    fn cover(&self, others: &Self) -> bool {
        let domain_of = |address: &str| address.rsplit_once('@').map_or("", |(_, d)| d).to_owned();
        others
            .domains
            .iter()
            .all(|domain| self.contain_domain(domain))
            && others.addresses.iter().all(|address| {
                self.addresses.contains(address) || self.contain_domain(&domain_of(address))
            })
    }
}

fn address(local: &str, domain: &Domain) -> String {
    format!("{}@{domain}", local.to_lowercase())
}
