//! One address that a mail client could show.

use crate::mail::domain::{Domain, DomainError};
use crate::mail::mailbox::{Irregularity, Odd};
use std::fmt;

/// An address as it stands in a field, not yet compared with anything. Everything in it is the
/// sender's text: escape it before showing it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// What stands before the `@`, quotes and comments removed, case kept; empty for `@x`.
    pub local: String,
    /// The domain in its comparable form; `None` where the text behind the `@` is no domain name.
    pub domain: Option<Domain>,
    /// What stands behind the `@`, comments, control characters and trailing dots removed.
    pub domain_text: String,
}

/// How many characters of a local part or a domain are kept. RFC 5321 section 4.5.3.1 allows 64 and
/// 255; a domain that is longer than what is kept is none.
const MAX_PART: usize = 1024;

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain_text)
    }
}

impl Address {
    /// Whether both reach the same mailbox, as far as a stranger can tell: case is left aside, also
    /// in the local part.
    pub fn is_same(&self, other: &Self) -> bool {
        let domains = match (&self.domain, &other.domain) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.domain_text.eq_ignore_ascii_case(&other.domain_text),
            _ => false,
        };
        domains && self.local.to_lowercase() == other.local.to_lowercase()
    }

    pub(crate) fn new(local: &str, domain: &str, odd: &mut Odd) -> Self {
        let visible = |text: &str| -> String {
            text.chars()
                .filter(|c| !c.is_control())
                .take(MAX_PART)
                .collect()
        };
        let local = visible(local);
        let text = visible(domain);
        let trimmed = text.trim_end_matches('.');
        if trimmed.len() < text.len() {
            odd.add(Irregularity::TrailingDot);
        }
        if local.is_empty() {
            odd.add(Irregularity::EmptyLocalPart);
        }
        let domain = match Domain::parse(trimmed) {
            Ok(domain) => Some(domain),
            Err(DomainError::AddressLiteral)
                if !trimmed.starts_with('[') || trimmed.ends_with(']') =>
            {
                odd.add(Irregularity::AddressLiteral);
                None
            }
            Err(_) => {
                odd.add(Irregularity::BadDomain);
                // A dot in front is the one mistake after which clients still show a domain.
                Domain::parse(trimmed.trim_start_matches('.')).ok()
            }
        };
        Self {
            local,
            domain,
            domain_text: trimmed.to_owned(),
        }
    }
}
