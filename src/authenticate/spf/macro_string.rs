//! Macros (RFC 7208 section 7): text to pieces, pieces and the facts of a message to text.
//!
//! ```text
//! domain-spec  = macro-string domain-end
//! domain-end   = ( "." toplabel [ "." ] ) / macro-expand
//! macro-string = *( macro-expand / macro-literal )
//! macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
//! transformers = *DIGIT [ "r" ]
//! delimiter    = "." / "-" / "+" / "," / "/" / "_" / "="
//! ```
//!
//! Syntax is checked before anything is expanded, so that no sender can make a record wrong.

use super::record::SyntaxError;
use std::{fmt::Write, net::IpAddr};

/// A name in DNS has so many octets at most, the final dot not counted (RFC 1035 section 2.3.4).
const MAX_NAME: usize = 253;

/// Text with macros in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MacroString(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(Box<str>),
    /// `%%`, `%_`, `%-`: what it stands for.
    Escape(&'static str),
    Macro(Macro),
}

/// What stands between `%{` and `}`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Macro {
    letter: Letter,
    /// An upper-case letter: the value is escaped as in a URL.
    escaped: bool,
    /// How many parts are kept, counted from the right.
    kept: usize,
    reversed: bool,
    /// Where the value is split; at dots where this is empty.
    delimiters: Box<str>,
}

/// What a macro stands for (RFC 7208 section 7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    Sender,
    LocalPart,
    SenderDomain,
    Domain,
    Client,
    ValidatedName,
    Helo,
    AddressFamily,
    /// `c`, `r`, `t`: for explanations only, which are not fetched here.
    Explanation,
}

/// What macros stand for while a record of one domain is evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    /// The client.
    pub(super) ip: IpAddr,
    /// The local part of the sender, `postmaster` where he has none.
    pub(super) local_part: &'a str,
    /// The domain of the sender.
    pub(super) sender_domain: &'a str,
    /// The domain whose record is evaluated.
    pub(super) domain: &'a str,
    /// The argument of HELO or EHLO, which may be anything.
    pub(super) helo: &'a str,
    /// The name of the client that its own address confirms.
    pub(super) validated_name: &'a str,
}

impl MacroString {
    /// Reads a macro-string; an empty one is valid.
    pub(super) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('%') {
            push_literal(&mut pieces, literal)?;
            let (piece, after) = if let Some(body) = after.strip_prefix('{') {
                let (body, after) = body.split_once('}').ok_or(SyntaxError)?;
                (Piece::Macro(Macro::parse(body)?), after)
            } else {
                let mut characters = after.chars();
                let text = match characters.next() {
                    Some('%') => "%",
                    Some('_') => " ",
                    Some('-') => "%20",
                    _ => return Err(SyntaxError),
                };
                (Piece::Escape(text), characters.as_str())
            };
            pieces.push(piece);
            rest = after;
        }
        push_literal(&mut pieces, rest)?;
        Ok(Self(pieces))
    }

    fn macros(&self) -> impl Iterator<Item = &Macro> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Macro(found) => Some(found),
            _ => None,
        })
    }

    fn expand(&self, values: &Values<'_>) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Escape(escape) => text.push_str(escape),
                Piece::Macro(found) => found.expand(values, &mut text),
            }
        }
        text
    }
}

/// macro-literal = %x21-24 / %x26-7E
fn push_literal(pieces: &mut Vec<Piece>, text: &str) -> Result<(), SyntaxError> {
    if !text.bytes().all(|octet| octet.is_ascii_graphic()) {
        return Err(SyntaxError);
    }
    if !text.is_empty() {
        pieces.push(Piece::Literal(text.into()));
    }
    Ok(())
}

impl Macro {
    fn parse(body: &str) -> Result<Self, SyntaxError> {
        let mut characters = body.chars();
        let first = characters.next().ok_or(SyntaxError)?;
        let letter = Letter::from_char(first).ok_or(SyntaxError)?;
        let rest = characters.as_str();
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = rest.strip_suffix(after).unwrap_or_default();
        let kept = match digits.trim_start_matches('0') {
            "" if digits.is_empty() => usize::MAX,
            // RFC 7208 section 7.3: "the value MUST be nonzero".
            "" => return Err(SyntaxError),
            // More than there can be parts means all of them, however long the number is.
            digits => digits.parse().unwrap_or(usize::MAX),
        };
        let delimiters = after.strip_prefix(['r', 'R']);
        let reversed = delimiters.is_some();
        let delimiters = delimiters.unwrap_or(after);
        if !delimiters.bytes().all(|octet| b".-+,/_=".contains(&octet)) {
            return Err(SyntaxError);
        }
        Ok(Self {
            letter,
            escaped: first.is_ascii_uppercase(),
            kept,
            reversed,
            delimiters: delimiters.into(),
        })
    }

    fn expand(&self, values: &Values<'_>, text: &mut String) {
        let value = self.letter.value(values);
        let is_delimiter = |character: char| match &*self.delimiters {
            "" => character == '.',
            delimiters => delimiters.contains(character),
        };
        let mut parts: Vec<&str> = value.split(is_delimiter).collect();
        if self.reversed {
            parts.reverse();
        }
        let kept = parts.iter().skip(parts.len().saturating_sub(self.kept));
        for (position, part) in kept.enumerate() {
            if position > 0 {
                text.push('.');
            }
            match self.escaped {
                true => push_escaped(text, part),
                false => text.push_str(part),
            }
        }
    }
}

/// Escapes all but the unreserved characters of RFC 3986 section 2.3.
fn push_escaped(text: &mut String, part: &str) {
    for octet in part.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            text.push(char::from(octet));
        } else {
            let _ = write!(text, "%{octet:02X}");
        }
    }
}

impl Letter {
    fn from_char(character: char) -> Option<Self> {
        Some(match character.to_ascii_lowercase() {
            's' => Self::Sender,
            'l' => Self::LocalPart,
            'o' => Self::SenderDomain,
            'd' => Self::Domain,
            'i' => Self::Client,
            'p' => Self::ValidatedName,
            'h' => Self::Helo,
            'v' => Self::AddressFamily,
            'c' | 'r' | 't' => Self::Explanation,
            _ => return None,
        })
    }

    fn value(self, values: &Values<'_>) -> String {
        match (self, values.ip) {
            (Self::Sender, _) => format!("{}@{}", values.local_part, values.sender_domain),
            (Self::LocalPart, _) => values.local_part.to_owned(),
            (Self::SenderDomain, _) => values.sender_domain.to_owned(),
            (Self::Domain, _) => values.domain.to_owned(),
            (Self::Client, IpAddr::V4(ip)) => ip.to_string(),
            // RFC 7208 section 7.3: an IPv6 address is its hexadecimal digits, each a part.
            (Self::Client, IpAddr::V6(ip)) => {
                let digits = ip.octets().map(|octet| {
                    let (high, low) = (octet >> 4, octet & 0xf);
                    format!("{high:x}.{low:x}")
                });
                digits.join(".")
            }
            (Self::ValidatedName, _) => values.validated_name.to_owned(),
            (Self::Helo, _) => values.helo.to_owned(),
            (Self::AddressFamily, IpAddr::V4(_)) => "in-addr".to_owned(),
            (Self::AddressFamily, IpAddr::V6(_)) => "ip6".to_owned(),
            (Self::Explanation, _) => String::new(),
        }
    }
}

/// The name that a term asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DomainSpec(MacroString);

impl DomainSpec {
    /// Reads a domain-spec, which is never empty.
    pub(super) fn parse(text: &str) -> Result<Self, SyntaxError> {
        let spec = MacroString::parse(text)?;
        let ends_well = match spec.0.last() {
            None => false,
            Some(Piece::Literal(tail)) => {
                let tail = tail.strip_suffix('.').unwrap_or(tail);
                tail.rsplit_once('.')
                    .is_some_and(|(_, label)| is_toplabel(label))
            }
            Some(Piece::Escape(_) | Piece::Macro(_)) => true,
        };
        // RFC 7208 section 7.2: `c`, `r` and `t` are for the text of explanations only.
        let explains = spec
            .macros()
            .any(|found| found.letter == Letter::Explanation);
        match ends_well && !explains {
            true => Ok(Self(spec)),
            false => Err(SyntaxError),
        }
    }

    /// Whether the confirmed name of the client is needed.
    pub(super) fn wants_validated_name(&self) -> bool {
        let mut macros = self.0.macros();
        macros.any(|found| found.letter == Letter::ValidatedName)
    }

    /// Whether the sender's own words are the end of the name, so that he may choose whose DNS is asked.
    pub(super) fn ends_in_senders_words(&self) -> bool {
        match self.0.0.last() {
            Some(Piece::Macro(last)) => !matches!(
                last.letter,
                Letter::Domain | Letter::Client | Letter::AddressFamily
            ),
            _ => false,
        }
    }

    /// The target-name (RFC 7208 section 4.8); `None` where no name in DNS can come of it.
    pub(super) fn target_name(&self, values: &Values<'_>) -> Option<String> {
        let expanded = self.0.expand(values);
        let mut name = expanded.strip_suffix('.').unwrap_or(&expanded);
        // RFC 7208 section 7.3: labels are removed on the left until the rest fits.
        while name.len() > MAX_NAME {
            (_, name) = name.split_once('.')?;
        }
        is_askable(name).then(|| name.to_owned())
    }
}

/// Whether a text can be asked in DNS as a name. One that is not ASCII can't: RFC 8616 section 4 has
/// a term with such a local part match nothing.
pub(super) fn is_askable(name: &str) -> bool {
    name.is_ascii()
        && name.len() <= MAX_NAME
        && name.split('.').all(|label| (1..=63).contains(&label.len()))
}

/// toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
fn is_toplabel(label: &str) -> bool {
    label
        .bytes()
        .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
        && label.starts_with(|first: char| first.is_ascii_alphanumeric())
        && label.ends_with(|last: char| last.is_ascii_alphanumeric())
        && !label.bytes().all(|octet| octet.is_ascii_digit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn expanded(text: &str, ip: &str) -> String {
        let values = Values {
            ip: ip.parse().unwrap(),
            local_part: "strong-bad",
            sender_domain: "email.shop.example",
            domain: "email.shop.example",
            helo: "out 1/a",
            validated_name: "unknown",
        };
        MacroString::parse(text).unwrap().expand(&values)
    }

    #[test]
    fn values_are_split_reversed_and_cut() {
        for (text, expected) in [
            ("%{s}", "strong-bad@email.shop.example"),
            ("%{d}", "email.shop.example"),
            ("%{d4}", "email.shop.example"),
            ("%{d2}", "shop.example"),
            ("%{d1}", "example"),
            ("%{dr}", "example.shop.email"),
            ("%{d2R}", "shop.email"),
            ("%{l-}", "strong.bad"),
            ("%{l1r-}", "strong"),
            ("%{l0001-}", "bad"),
            ("%{d99999999999999999999}", "email.shop.example"),
            (
                "%{ir}.%{v}._spf.%{o2}",
                "3.2.0.192.in-addr._spf.shop.example",
            ),
            ("%{H}%%%_%-", "out%201%2Fa% %20"),
        ] {
            assert_eq!(expanded(text, "192.0.2.3"), expected, "{text}");
        }
    }

    #[test]
    fn an_ipv6_client_is_its_digits() {
        assert_eq!(
            expanded("%{i}.%{v}", "2001:db8::cb01"),
            "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1.ip6"
        );
    }

    #[test]
    fn what_is_no_macro_is_an_error() {
        for text in [
            "%", "%a", "%{", "%{}", "%{x}", "%{d0}", "%{dr1}", "%{d:}", "%{s@}", "%{ d}", "a b",
            "\u{e9}",
        ] {
            assert!(MacroString::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_domain_ends_in_a_label_or_a_macro() {
        for text in [
            "a.example",
            "a.example.",
            "%{d}",
            "a.%{h}",
            "a%%",
            "_x/y:z.example",
            "a.b-1",
            "%{d}.x1",
        ] {
            assert!(DomainSpec::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            ".",
            "example",
            "example.",
            "%{d}example",
            "a.example..",
            "a.1",
            "a.-b",
            "a.b-",
            "a.b_c",
            "a.ex}",
            "%{r}",
            "a.%{t}",
        ] {
            assert!(DomainSpec::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_long_name_is_cut_on_the_left_and_an_impossible_one_is_none() {
        let name = |text: &str, helo: &str| {
            let values = Values {
                ip: "192.0.2.1".parse().unwrap(),
                local_part: "a",
                sender_domain: "shop.example",
                domain: "shop.example",
                helo,
                validated_name: "unknown",
            };
            DomainSpec::parse(text).unwrap().target_name(&values)
        };
        let long = "abcdefghi.".repeat(30);
        let cut = name("%{h}shop.example", &long).unwrap();
        assert_eq!(cut.len(), 252);
        assert!(cut.starts_with("abcdefghi.abc"));
        assert_eq!(
            name("%{s}.x.example.", "").unwrap(),
            "a@shop.example.x.example"
        );
        for helo in ["a..b", ".", "", "\u{e9}", &"a".repeat(64)] {
            assert_eq!(name("%{h}.x.example", helo), None, "{helo}");
        }
        assert_eq!(name("x.%{h}", &"a".repeat(300)), None);
    }
}
