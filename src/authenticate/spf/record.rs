//! An SPF record: which TXT record is one, and its grammar (RFC 7208 sections 4.5, 4.6.1, 5, 6 and 12).
//!
//! Pure and total: octets in, a record or the fact that it breaks the grammar out.

use super::macro_string::{DomainSpec, MacroString};
use crate::proof::AuthResult;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const VERSION: &str = "v=spf1";

/// The record breaks the grammar somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SyntaxError;

/// The terms of a record, as far as they have a part in the result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// In order.
    pub(super) directives: Vec<Directive>,
    /// Whose record decides where no directive matches.
    pub(super) redirect: Option<DomainSpec>,
}

/// A mechanism and what its match means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive {
    /// Pass, Fail, SoftFail or Neutral.
    pub(super) result: AuthResult,
    pub(super) mechanism: Mechanism,
}

/// What a client is compared with. A missing name is that of the record's own domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mechanism {
    All,
    Network(IpNet),
    Include(DomainSpec),
    A(Option<DomainSpec>, Prefixes),
    Mx(Option<DomainSpec>, Prefixes),
    Ptr(Option<DomainSpec>),
    Exists(DomainSpec),
}

/// How many bits of an address have to agree (dual-cidr-length).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefixes {
    v4: u8,
    v6: u8,
}

impl Prefixes {
    /// Whether `ip` lies in the network around `address`.
    pub(super) fn contain(self, address: IpAddr, ip: IpAddr) -> bool {
        let length = match address {
            IpAddr::V4(_) => self.v4,
            IpAddr::V6(_) => self.v6,
        };
        IpNet::new(address, length).is_ok_and(|network| network.contains(&ip))
    }
}

/// Whether a TXT record is an SPF record (RFC 7208 section 4.5): the version, then a blank or nothing.
pub(super) fn is_spf(record: &[u8]) -> bool {
    let Some((version, rest)) = record.split_at_checked(VERSION.len()) else {
        return false;
    };
    version.eq_ignore_ascii_case(VERSION.as_bytes()) && matches!(rest.first(), None | Some(b' '))
}

impl Record {
    /// Reads what [`is_spf`]. A mistake anywhere is one of the whole record, whatever stands before it
    /// (RFC 7208 section 4.6).
    pub(super) fn parse(record: &[u8]) -> Result<Self, SyntaxError> {
        let text = std::str::from_utf8(record).map_err(|_| SyntaxError)?;
        let mut parsed = Self::default();
        let mut explained = false;
        // Blanks alone part terms: a tab is a mistake.
        let terms = text.split(' ').skip(1).filter(|term| !term.is_empty());
        for term in terms {
            let Some((name, value)) = modifier(term) else {
                parsed.directives.push(Directive::parse(term)?);
                continue;
            };
            // RFC 7208 section 6: these two once each; all others are ignored, however often they come.
            let is_again = if name.eq_ignore_ascii_case("redirect") {
                parsed.redirect.replace(DomainSpec::parse(value)?).is_some()
            } else if name.eq_ignore_ascii_case("exp") {
                // It has to be well-formed. What it explains has no part in the result and is not fetched.
                DomainSpec::parse(value)?;
                std::mem::replace(&mut explained, true)
            } else {
                MacroString::parse(value)?;
                false
            };
            if is_again {
                return Err(SyntaxError);
            }
        }
        Ok(parsed)
    }

    /// Whether a client could still pass after the directive at `position` has not matched: not where
    /// a directive that needs no DNS decides otherwise first.
    pub(super) fn may_pass_after(&self, position: usize, ip: IpAddr) -> bool {
        for directive in self.directives.iter().skip(position + 1) {
            let matches = match &directive.mechanism {
                Mechanism::All => Some(true),
                Mechanism::Network(network) => Some(network.contains(&ip)),
                // An answer could make it match or not.
                _ => None,
            };
            match (matches, directive.result) {
                (None | Some(true), AuthResult::Pass) => return true,
                (Some(true), _) => return false,
                _ => {}
            }
        }
        self.redirect.is_some()
    }
}

/// modifier = name "=" macro-string, where name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )
fn modifier(term: &str) -> Option<(&str, &str)> {
    let (name, value) = term.split_once('=')?;
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet));
    is_name.then_some((name, value))
}

impl Directive {
    fn parse(term: &str) -> Result<Self, SyntaxError> {
        let mut characters = term.chars();
        let (result, mechanism) = match characters.next() {
            Some('+') => (AuthResult::Pass, characters.as_str()),
            Some('-') => (AuthResult::Fail, characters.as_str()),
            Some('~') => (AuthResult::SoftFail, characters.as_str()),
            Some('?') => (AuthResult::Neutral, characters.as_str()),
            _ => (AuthResult::Pass, term),
        };
        Ok(Self {
            result,
            mechanism: Mechanism::parse(mechanism)?,
        })
    }
}

impl Mechanism {
    fn parse(text: &str) -> Result<Self, SyntaxError> {
        let end = text.find([':', '/']).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end).ok_or(SyntaxError)?;
        let value = rest.strip_prefix(':');
        match (name.to_ascii_lowercase().as_str(), value) {
            ("all", None) if rest.is_empty() => Ok(Self::All),
            ("include", Some(value)) => Ok(Self::Include(DomainSpec::parse(value)?)),
            ("exists", Some(value)) => Ok(Self::Exists(DomainSpec::parse(value)?)),
            ("a", _) => domain_and_prefixes(rest).map(|(domain, bits)| Self::A(domain, bits)),
            ("mx", _) => domain_and_prefixes(rest).map(|(domain, bits)| Self::Mx(domain, bits)),
            ("ptr", None) if rest.is_empty() => Ok(Self::Ptr(None)),
            ("ptr", Some(value)) => Ok(Self::Ptr(Some(DomainSpec::parse(value)?))),
            ("ip4", Some(value)) => {
                let (address, length) = network(value, 32)?;
                let address: Ipv4Addr = address.parse().map_err(|_| SyntaxError)?;
                let network = Ipv4Net::new(address, length).map_err(|_| SyntaxError)?;
                Ok(Self::Network(network.into()))
            }
            ("ip6", Some(value)) => {
                let (address, length) = network(value, 128)?;
                let address: Ipv6Addr = address.parse().map_err(|_| SyntaxError)?;
                let network = Ipv6Net::new(address, length).map_err(|_| SyntaxError)?;
                Ok(Self::Network(network.into()))
            }
            _ => Err(SyntaxError),
        }
    }
}

/// An address and the length after it, or `longest`.
fn network(value: &str, longest: u8) -> Result<(&str, u8), SyntaxError> {
    match value.split_once('/') {
        Some((address, length)) => Ok((address, prefix(length, longest)?)),
        None => Ok((value, longest)),
    }
}

/// [ ":" domain-spec ] [ dual-cidr-length ], where dual-cidr-length = [ "/" ip4 ] [ "//" ip6 ]. A name may
/// hold slashes, so lengths are looked for from the end.
fn domain_and_prefixes(rest: &str) -> Result<(Option<DomainSpec>, Prefixes), SyntaxError> {
    let (rest, v6) = match split_length(rest) {
        Some((before, length)) => match before.strip_suffix('/') {
            Some(before) => (before, prefix(length, 128)?),
            None => (rest, 128),
        },
        None => (rest, 128),
    };
    let (rest, v4) = match split_length(rest) {
        Some((before, length)) => (before, prefix(length, 32)?),
        None => (rest, 32),
    };
    let domain = match rest {
        "" => None,
        rest => {
            let spec = rest.strip_prefix(':').ok_or(SyntaxError)?;
            Some(DomainSpec::parse(spec)?)
        }
    };
    Ok((domain, Prefixes { v4, v6 }))
}

/// What stands before and after the last slash, where only digits follow it.
fn split_length(text: &str) -> Option<(&str, &str)> {
    let (before, length) = text.rsplit_once('/')?;
    let is_number = !length.is_empty() && length.bytes().all(|octet| octet.is_ascii_digit());
    is_number.then_some((before, length))
}

/// "0" or a number without a leading zero, up to `longest`.
fn prefix(text: &str, longest: u8) -> Result<u8, SyntaxError> {
    let is_number = text.bytes().all(|octet| octet.is_ascii_digit());
    let leads = text.len() > 1 && text.starts_with('0');
    match text.parse() {
        Ok(length) if is_number && !leads && length <= longest => Ok(length),
        _ => Err(SyntaxError),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_spf_by_its_whole_version() {
        for record in ["v=spf1", "V=SPF1 -all", "v=spf1  "] {
            assert!(is_spf(record.as_bytes()), "{record}");
        }
        for record in [
            "v=spf10 -all",
            "v=spf2.0/pra -all",
            "v=spf",
            " v=spf1",
            "v=spf1\t-all",
            "",
        ] {
            assert!(!is_spf(record.as_bytes()), "{record}");
        }
    }

    #[test]
    fn what_the_grammar_allows_is_read() {
        for record in [
            "v=spf1",
            "v=spf1 +A:shop.example/24 mx//64 ?exists:%{i}.x=y.example  IP4:192.0.2.1 ip6:2001:db8::/32 ptr -all ",
            "v=spf1 redirect=shop.example exp=why.shop.example new-thing=x a.b_c-d= a.b_c-d=",
            "v=spf1 a/0 a//0 a/32//128 mx:shop.example/0//0 ip4:0.0.0.0/0 ip6:::/0 ip6:::ffff:192.0.2.1/96",
            "v=spf1 a:x/y.shop.example/24 ptr:%{d} ip4=192.0.2.1 moo=%{r}%_",
        ] {
            assert!(Record::parse(record.as_bytes()).is_ok(), "{record}");
        }
    }

    #[test]
    fn a_term_that_is_none_breaks_the_record() {
        for term in [
            "ipv4:192.0.2.1",
            "--all",
            ",",
            "shop.example",
            "-redirect=shop.example",
            "a\tmx",
            "\u{e9}",
            "all:x.example",
            "all/8",
            "all.",
            "include",
            "include:",
            "include/24",
            "include:x.example/24",
            "exists",
            "exists:",
            "exists:x.example/24",
            "a:",
            "a:/24",
            "a/",
            "a//",
            "a/33",
            "a//129",
            "a/024",
            "a/24/64",
            "a/24//",
            "a///64",
            "a24",
            "a.x",
            "mx:x.example/",
            "ptr/24",
            "ptr:",
            "ptr:x.example/24",
            "ip4",
            "ip4:",
            "ip4:192.0.2",
            "ip4:192.0.2.1/",
            "ip4:192.0.2.1/33",
            "ip4:192.0.2.1/+8",
            "ip4:192.0.2.01",
            "ip4:192.0.2.1//24",
            "ip4:2001:db8::1",
            "ip6:192.0.2.1",
            "ip6:::1/129",
            "ip6:::1%eth0",
            "ip6:[::1]",
            "redirect=",
            "exp=",
            "exp=%{r}.x.example",
            "redirect=example",
            "redirect=x.example redirect=x.example",
            "exp=x.example EXP=y.example",
            "m/o=x",
            "=x",
            "1a=x",
            "moo=%",
        ] {
            for record in [format!("v=spf1 {term}"), format!("v=spf1 +all {term}")] {
                assert_eq!(
                    Record::parse(record.as_bytes()),
                    Err(SyntaxError),
                    "{record}"
                );
            }
        }
        assert!(Record::parse(b"v=spf1 \xff").is_err());
    }

    #[test]
    fn networks_have_the_client_s_family() {
        let matches = |record: &str, ip: &str| {
            let record = Record::parse(record.as_bytes()).unwrap();
            let Mechanism::Network(network) = &record.directives[0].mechanism else {
                panic!("{record:?}");
            };
            network.contains(&ip.parse::<IpAddr>().unwrap())
        };
        assert!(matches("v=spf1 ip4:192.0.2.200/25", "192.0.2.129"));
        assert!(!matches("v=spf1 ip4:192.0.2.200/25", "192.0.2.127"));
        assert!(matches("v=spf1 ip4:192.0.2.1/0", "203.0.113.9"));
        assert!(!matches("v=spf1 ip6:::/0", "203.0.113.9"));
        assert!(matches("v=spf1 ip6:::/0", "2001:db8::1"));
        assert!(!matches("v=spf1 ip4:0.0.0.0/0", "2001:db8::1"));
    }

    #[test]
    fn what_follows_says_whether_a_pass_is_possible() {
        let client = "192.0.2.1".parse().unwrap();
        let may_pass = |record: &str| {
            Record::parse(record.as_bytes())
                .unwrap()
                .may_pass_after(0, client)
        };
        for record in [
            "v=spf1 a +all",
            "v=spf1 a ip4:192.0.2.0/24 -all",
            "v=spf1 a mx -all",
            "v=spf1 a redirect=x.example",
        ] {
            assert!(may_pass(record), "{record}");
        }
        for record in [
            "v=spf1 a",
            "v=spf1 a -all",
            "v=spf1 mx:%{d} ip4:203.0.113.1 ?a -all",
            "v=spf1 a -ip4:192.0.2.1 +all",
        ] {
            assert!(!may_pass(record), "{record}");
        }
    }
}
