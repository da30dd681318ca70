//! A domain name as mail compares it: A-labels, lower case, no trailing dot.

use std::{fmt, net::IpAddr, str::FromStr};

/// A host or domain name in its comparable form.
///
/// Always ASCII, lower case, without a trailing dot, 1 to 253 octets in labels of 1 to 63 octets
/// (RFC 1035 section 2.3.4). Internationalised names are held as A-labels (RFC 5890), so that two
/// spellings of one name are equal. Underscores are allowed: DNS has them, and a sender can put one
/// into a From address, where refusing it would make the claim unreadable.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Domain(Box<str>);

/// Why a text is no domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainError {
    /// Nothing is left after the trailing dot is removed.
    Empty,
    /// An address literal such as `[192.0.2.1]`, or a bare IP address, which no brand owns.
    AddressLiteral,
    /// A label is empty, too long, or holds a character that no host name has.
    Label,
    /// The name exceeds 253 octets.
    TooLong,
}

impl fmt::Display for DomainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a domain name is empty",
            Self::AddressLiteral => "an IP address is no domain name",
            Self::Label => {
                "a label is empty, longer than 63 octets, or has a character that no host name has"
            }
            Self::TooLong => "a domain name is longer than 253 octets",
        })
    }
}

impl std::error::Error for DomainError {}

impl Domain {
    /// Reads a name as a person or a header gives it: any case, one trailing dot, U-labels or
    /// A-labels.
    ///
    /// # Errors
    ///
    /// [`DomainError`] if no host could be meant by it.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.is_empty() {
            return Err(DomainError::Empty);
        }
        let numeric = text.starts_with(|c: char| c.is_ascii_digit()) || text.contains(':');
        if text.starts_with('[') || numeric && text.parse::<IpAddr>().is_ok() {
            return Err(DomainError::AddressLiteral);
        }
        // A name of more than a few hundred characters can't be one; UTS 46 is not run over it.
        if text.len() > 1024 {
            return Err(DomainError::TooLong);
        }
        // They stand for phrases of up to eighteen letters with blanks between them, which no name has;
        // UTS 46 would write them out.
        if text.contains(['\u{FDFA}', '\u{FDFB}']) {
            return Err(DomainError::Label);
        }
        let ascii = if text.is_ascii() {
            text.to_ascii_lowercase()
        } else {
            idna::domain_to_ascii(text).map_err(|_| DomainError::Label)?
        };
        let ascii = ascii.strip_suffix('.').unwrap_or(&ascii);
        if ascii.len() > 253 {
            return Err(DomainError::TooLong);
        }
        let valid = |label: &str| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !ascii.split('.').all(valid) {
            return Err(DomainError::Label);
        }
        Ok(Self(ascii.into()))
    }

    /// The name in A-labels.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as a reader sees it, in U-labels where they decode.
    pub fn to_unicode(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }

    /// The labels, leftmost first.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> + Clone {
        self.0.split('.')
    }

    /// Whether this is `parent` or a name below it. Compared on label boundaries: a name that
    /// merely ends in the same letters is a stranger.
    pub fn is_within(&self, parent: &Self) -> bool {
        match self.0.strip_suffix(&*parent.0) {
            Some(rest) => rest.is_empty() || rest.ends_with('.'),
            None => false,
        }
    }

    /// The name without its leftmost label, if one remains.
    pub fn parent(&self) -> Option<Self> {
        self.0
            .split_once('.')
            .map(|(_, rest)| Self(rest.to_owned().into_boxed_str()))
    }

    /// This name and every name above it, longest first.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |name| {
            name.split_once('.').map(|(_, rest)| rest)
        })
    }
}

impl FromStr for Domain {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(text: &str) -> Domain {
        Domain::parse(text).unwrap()
    }

    #[test]
    fn spellings_of_one_name_are_equal() {
        assert_eq!(domain("Shop.Example."), domain("shop.example"));
        assert_eq!(domain("bücher.example").as_str(), "xn--bcher-kva.example");
        assert_eq!(
            domain("xn--bcher-kva.example").to_unicode(),
            "bücher.example"
        );
    }

    #[test]
    fn what_is_no_domain_says_why() {
        assert_eq!(Domain::parse("."), Err(DomainError::Empty));
        assert_eq!(
            Domain::parse("[192.0.2.1]"),
            Err(DomainError::AddressLiteral)
        );
        assert_eq!(
            Domain::parse("2001:db8::1"),
            Err(DomainError::AddressLiteral)
        );
        assert_eq!(Domain::parse("a..b"), Err(DomainError::Label));
        assert_eq!(Domain::parse("a b.example"), Err(DomainError::Label));
        assert_eq!(Domain::parse(&"a.".repeat(200)), Err(DomainError::TooLong));
    }

    #[test]
    fn subdomains_end_at_a_label() {
        assert!(domain("mail.shop.example").is_within(&domain("shop.example")));
        assert!(domain("shop.example").is_within(&domain("shop.example")));
        assert!(!domain("myshop.example").is_within(&domain("shop.example")));
        assert!(!domain("example").is_within(&domain("shop.example")));
    }
}
