//! Where a link leads, read as browsers and mail programs read it and not only as the standards say.

mod redirect;

use crate::mail::domain::{Domain, DomainError};
use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Recipients of one mailto link that are looked at.
const MAX_RECIPIENTS: usize = 10;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// To a web server.
    Web(Web),
    /// To somebody's mailbox: the domains.
    Mail(Vec<Domain>),
    /// To something that the link itself carries (`data:`, `javascript:`) or a file: no host at all.
    Carried,
    /// To no other place: a mark in the page, a telephone, an attached picture.
    Nowhere,
}

/// A web address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Web {
    /// The host; two where programs disagree about a backslash.
    pub(crate) hosts: Vec<Host>,
    /// What stands before an `@`, and only looks like a host.
    pub(crate) user: String,
    /// Path, query and fragment.
    pub(crate) rest: String,
}

/// A host of a web address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Name(Domain),
    /// An IP address, however written.
    Address(String),
    /// No host could be meant by it.
    Unreadable,
}

impl Target {
    /// Reads what stands in an `href` or in plain text.
    pub(crate) fn parse(text: &str) -> Self {
        // The URL Standard takes tabs and line ends out of the middle, and controls off the ends.
        let text = text.trim_matches(|c: char| c <= ' ');
        let is_removed = |c: char| matches!(c, '\t' | '\n' | '\r');
        let text = match text.contains(is_removed) {
            true => Cow::Owned(text.replace(is_removed, "")),
            false => Cow::Borrowed(text),
        };
        if text.is_empty() || text.starts_with('#') {
            return Self::Nowhere;
        }
        let is_slash = |c: char| matches!(c, '/' | '\\');
        if text.get(..2).is_some_and(|two| two.chars().all(is_slash)) {
            return Self::web(&text);
        }
        let Some((scheme, rest)) = scheme(&text) else {
            return match text.starts_with(is_slash) {
                true => Self::Nowhere,
                false => Self::schemeless(&text),
            };
        };
        match &*scheme {
            "http" | "https" | "ftp" | "ws" | "wss" => Self::web(rest),
            "mailto" => Self::mail(rest),
            "data" | "javascript" | "vbscript" | "file" | "blob" | "view-source" | "search-ms" => {
                Self::Carried
            }
            _ => Self::Nowhere,
        }
    }

    /// `www.shop.example/x`, which mail programs complete.
    fn schemeless(text: &str) -> Self {
        let target = Self::web(text);
        let named = |host: &Host| matches!(host, Host::Name(name) if name.as_str().contains('.'));
        match &target {
            Self::Web(web) if web.hosts.iter().any(named) => target,
            _ => Self::Nowhere,
        }
    }

    /// Any number of slashes of either kind comes before the host (URL Standard, "special authority
    /// ignore slashes state").
    fn web(text: &str) -> Self {
        let text = text.trim_start_matches(['/', '\\']);
        let browsers = text.find(['/', '\\', '?', '#']).unwrap_or(text.len());
        // RFC 3986 knows no backslash: there it is part of what stands before the @.
        let standard = text.find(['/', '?', '#']).unwrap_or(text.len());
        let mut web = Web {
            rest: text.get(browsers..).unwrap_or_default().to_owned(),
            ..Web::default()
        };
        let other = (standard != browsers).then_some(standard);
        for end in std::iter::once(browsers).chain(other) {
            let authority = text.get(..end).unwrap_or_default();
            let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
            let host = Host::parse(host);
            if !web.hosts.contains(&host) {
                web.hosts.push(host);
            }
            if web.user.is_empty() {
                web.user = percent_decoded(user);
            }
        }
        if web.hosts.len() > 1 {
            web.hosts.retain(|host| *host != Host::Unreadable);
        }
        Self::Web(web)
    }

    fn mail(text: &str) -> Self {
        let text = percent_decoded(text);
        let (to, _) = text.split_once('?').unwrap_or((&text, ""));
        let domains = to
            .split([',', ';'])
            .take(MAX_RECIPIENTS)
            .filter_map(|address| address.rsplit_once('@'))
            .filter_map(|(_, domain)| {
                let domain = domain.trim_matches(|c: char| c == '>' || c.is_whitespace());
                Domain::parse(domain).ok()
            })
            .collect();
        Self::Mail(domains)
    }
}

/// The scheme, lower case, and what follows its colon. `shop.example:8080` has none.
fn scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'-');
    valid.then(|| (scheme.to_ascii_lowercase(), rest))
}

impl Host {
    fn parse(text: &str) -> Self {
        let text = percent_decoded(text);
        if let Some(rest) = text.strip_prefix('[') {
            let inner = rest.split(']').next().unwrap_or_default();
            return match inner.parse::<Ipv6Addr>() {
                Ok(ip) => Self::Address(ip.to_string()),
                Err(_) => Self::Unreadable,
            };
        }
        let name = match text.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
            _ => &text,
        };
        if let Some(ip) = numeric(name) {
            return Self::Address(ip.to_string());
        }
        match Domain::parse(name) {
            Ok(domain) => Self::Name(domain),
            Err(DomainError::AddressLiteral) => Self::Address(name.to_owned()),
            Err(_) => Self::Unreadable,
        }
    }
}

/// An IPv4 address as browsers read it: one to four numbers, decimal, octal or hexadecimal, the last
/// of which fills what is left (URL Standard, "IPv4 parser").
fn numeric(name: &str) -> Option<Ipv4Addr> {
    let name = name.strip_suffix('.').unwrap_or(name);
    // A number begins with a digit, or with a sign that some readers let pass.
    if !name.starts_with(|c: char| c.is_ascii_digit() || c == '+') {
        return None;
    }
    let parts: Vec<&str> = name.split('.').take(5).collect();
    let numbers: Vec<u64> = parts
        .iter()
        .map(|part| number(part))
        .collect::<Option<_>>()?;
    let (last, first) = numbers.split_last()?;
    if first.len() > 3 || first.iter().any(|part| *part > 255) {
        return None;
    }
    let left = 4 - u32::try_from(first.len()).ok()?;
    if *last >= 256u64.pow(left) {
        return None;
    }
    let high = first
        .iter()
        .zip((0..4).rev())
        .map(|(part, place)| part * 256u64.pow(place))
        .sum::<u64>();
    u32::try_from(high + last).ok().map(Ipv4Addr::from)
}

fn number(part: &str) -> Option<u64> {
    let lower = part.to_ascii_lowercase();
    if part.is_empty() || part.len() > 16 {
        return None;
    }
    if let Some(hex) = lower.strip_prefix("0x") {
        return match hex {
            "" => Some(0),
            _ => u64::from_str_radix(hex, 16).ok(),
        };
    }
    match part.strip_prefix('0') {
        Some(octal) if !octal.is_empty() => u64::from_str_radix(octal, 8).ok(),
        _ => part.parse().ok(),
    }
}

/// `%41` decoded once; what is no escape stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |b: &u8| char::from(*b).to_digit(16);
        let escaped = match (byte, after) {
            (b'%', [high, low, ..]) => digit(high).zip(digit(low)),
            _ => None,
        };
        match escaped.and_then(|(high, low)| u8::try_from(high << 4 | low).ok()) {
            Some(decoded) => {
                out.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl Web {
    /// The names among the hosts.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Domain> {
        self.hosts.iter().filter_map(|host| match host {
            Host::Name(name) => Some(name),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests;
