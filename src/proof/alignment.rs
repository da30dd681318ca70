//! Whether an identifier speaks for an author (RFC 9989 section 4.4).

use crate::mail::domain::Domain;

/// How strictly a DMARC record wants identifiers to align (RFC 9989, `adkim` and `aspf`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    /// The Organizational Domains must be equal.
    #[default]
    Relaxed,
    /// The names must be equal.
    Strict,
}

/// Whether `identifier` is aligned with `author` (RFC 9989 section 4.4).
///
/// `organizational` is the Organizational Domain of the author as far as it is known. Without it
/// only equal names align: a guess here would hand a stranger's pass to the author.
pub fn aligned(
    identifier: &Domain,
    author: &Domain,
    organizational: Option<&Domain>,
    mode: Alignment,
) -> bool {
    if identifier == author {
        return true;
    }
    match (mode, organizational) {
        (Alignment::Relaxed, Some(top)) => author.is_within(top) && identifier.is_within(top),
        _ => false,
    }
}

/// Whether two names can be of one organization: both lie below a name of two labels or more. One of a
/// single label is a top-level domain, where strangers meet.
pub(super) fn are_near(one: &Domain, other: &Domain) -> bool {
    let common = one
        .labels()
        .rev()
        .zip(other.labels().rev())
        .take_while(|(one, other)| one == other);
    common.count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    #[test]
    fn alignment_without_an_organizational_domain_is_equality() {
        let (a, b, top) = (
            domain("mail.shop.example"),
            domain("bounces.shop.example"),
            domain("shop.example"),
        );
        assert!(aligned(&b, &a, Some(&top), Alignment::Relaxed));
        assert!(!aligned(&b, &a, Some(&top), Alignment::Strict));
        assert!(!aligned(&b, &a, None, Alignment::Relaxed));
        assert!(aligned(&a, &a, None, Alignment::Strict));
        assert!(!aligned(
            &domain("other.example"),
            &a,
            Some(&top),
            Alignment::Relaxed
        ));
    }
}
