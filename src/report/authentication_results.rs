//! Authentication-Results (RFC 8601): recognise forged ones, write ours.

use crate::{
    mail::domain::Domain,
    proof::{AuthResult, Evidence, SpfIdentity},
};
use std::fmt::Write;

/// The field name.
pub const FIELD: &str = "Authentication-Results";

/// Who wrote an inbound field, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthservId {
    /// This identifier, decoded and in lower case.
    Is(String),
    /// No identifier can be read, so that some reader may take it for ours.
    Unreadable,
}

/// Reads the identifier at the head of a field value:
///
/// ```text
/// authres-payload = [CFWS] authserv-id [ CFWS authres-version ]
///                   ( no-result / 1*resinfo ) [CFWS] CRLF
/// authserv-id     = value               ; token or quoted-string
/// ```
pub fn authserv_id(value: &[u8]) -> AuthservId {
    let Some(rest) = skip_cfws(value) else {
        return AuthservId::Unreadable;
    };
    let Some((id, rest)) = read_value(rest) else {
        return AuthservId::Unreadable;
    };
    let Some(rest) = skip_cfws(rest) else {
        return AuthservId::Unreadable;
    };
    // What follows is the version, a semicolon or the end. Anything else means that the identifier
    // may go on for a reader who is more lenient than this one.
    let rest = match rest.iter().position(|byte| !byte.is_ascii_digit()) {
        Some(0) => rest,
        Some(end) => skip_cfws(rest.get(end..).unwrap_or_default()).unwrap_or(b"?"),
        None => b"",
    };
    match rest.first() {
        None | Some(b';') => AuthservId::Is(id.to_ascii_lowercase()),
        Some(_) => AuthservId::Unreadable,
    }
}

/// The instance of an ARC-Authentication-Results value whose identifier can be read:
///
/// ```text
/// arc-info = instance [CFWS] ";" authres-payload
/// instance = [CFWS] %s"i" [CFWS] "=" [CFWS] position
/// position = 1*2DIGIT                   ; 1 - 50
/// ```
pub fn instance(value: &[u8]) -> Option<u32> {
    let rest = skip_cfws(value)?.strip_prefix(b"i")?;
    let rest = skip_cfws(rest)?.strip_prefix(b"=")?;
    let rest = skip_cfws(rest)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (position, rest) = rest.split_at(digits);
    let payload = skip_cfws(rest)?.strip_prefix(b";")?;
    let is_readable = digits <= 2 && matches!(authserv_id(payload), AuthservId::Is(_));
    let position: u32 = std::str::from_utf8(position).ok()?.parse().ok()?;
    (is_readable && (1..=50).contains(&position)).then_some(position)
}

/// Skips blanks, folds and (nested) comments; `None` where a comment doesn't end.
fn skip_cfws(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = rest.trim_ascii_start();
        if rest.first() != Some(&b'(') {
            return Some(rest);
        }
        let mut depth = 0_usize;
        let mut escaped = false;
        let end = rest.iter().position(|&byte| {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            depth == 0 && byte == b')'
        })?;
        rest = rest.get(end + 1..)?;
    }
}

/// Reads a token (RFC 2045 section 5.1) or a quoted-string.
fn read_value(rest: &[u8]) -> Option<(String, &[u8])> {
    if let Some(quoted) = rest.strip_prefix(b"\"") {
        let mut text = Vec::new();
        let mut escaped = false;
        for (index, &byte) in quoted.iter().enumerate() {
            match byte {
                _ if escaped => {
                    escaped = false;
                    text.push(byte);
                }
                b'\\' => escaped = true,
                b'"' => {
                    let text = String::from_utf8(text).ok()?;
                    let text = text.trim();
                    // A fold or a blank inside is dropped by some readers and kept by others; in the
                    // place of nothing some put their own.
                    if text.is_empty() || text.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
                        return None;
                    }
                    return Some((text.to_owned(), quoted.get(index + 1..)?));
                }
                _ => text.push(byte),
            }
        }
        return None;
    }
    let special = |byte: &u8| {
        byte.is_ascii_whitespace() || byte.is_ascii_control() || b"()<>@,;:\\\"/[]?=".contains(byte)
    };
    let end = rest.iter().position(special).unwrap_or(rest.len());
    let (token, rest) = rest.split_at(end);
    // RFC 8616 allows U-labels here.
    let token = std::str::from_utf8(token).ok()?;
    (!token.is_empty()).then(|| (token.to_owned(), rest))
}

/// The domains that an ARC-Authentication-Results value says were proved: those of passing DKIM
/// signatures, and the author's where DMARC passed. The caller has to trust who wrote it.
pub fn proved_domains(value: &[u8]) -> Vec<Domain> {
    let text = without_comments(value);
    text.split(';')
        .filter_map(|result| {
            let mut words = result.split_whitespace();
            let property = match words.next()?.to_ascii_lowercase().as_str() {
                "dmarc=pass" => "header.from=",
                "dkim=pass" => "header.d=",
                _ => return None,
            };
            let rest = words.clone();
            let named = |name: &str| {
                rest.clone().find_map(|word| {
                    let (found, value) = word.split_at_checked(name.len())?;
                    found.eq_ignore_ascii_case(name).then_some(value)
                })
            };
            // Some write the identity instead of the domain.
            let domain = named(property).or_else(|| match property {
                "header.d=" => named("header.i=").and_then(|id| id.rsplit('@').next()),
                _ => None,
            })?;
            Domain::parse(domain).ok()
        })
        .collect()
}

/// A field value without comments and folds. Quoted strings are dropped, too: nothing that is looked
/// for in results stands in one.
fn without_comments(value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value);
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_u32;
    let mut quoted = false;
    let mut escaped = false;
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            other => out.push(other),
        }
    }
    out
}

/// Whether an inbound field must go, since it claims to be ours or can't be read.
pub fn is_forgery(value: &[u8], own: &str, keep: &[String]) -> bool {
    is_in_our_name(value, own, keep).unwrap_or(true)
}

/// Whether an inbound field names us as its author; `None` where that can't be read.
pub fn is_in_our_name(value: &[u8], own: &str, keep: &[String]) -> Option<bool> {
    let AuthservId::Is(id) = authserv_id(value) else {
        return None;
    };
    let id = comparable(&id)?;
    let same = |other: &str| comparable(other).is_some_and(|other| other == id);
    Some(same(own) && !keep.iter().any(|kept| same(kept)))
}

/// An identifier as readers compare it: host names without a final dot, in A-labels (RFC 8616 section
/// 3), other tokens in lower case. `None` for a text beyond ASCII that is no host name, which a reader
/// may take for anything.
fn comparable(id: &str) -> Option<String> {
    match Domain::parse(id) {
        Ok(name) => Some(name.to_string()),
        Err(_) if id.is_ascii() => Some(id.trim_end_matches('.').to_ascii_lowercase()),
        Err(_) => None,
    }
}

/// Writes our field value: all that was evaluated for a message whose author is in `author`.
///
/// Only domain names and tokens get in; whatever else a sender chose is left out.
pub fn render(authserv_id: &str, evidence: &Evidence, author: Option<&Domain>) -> String {
    let mut text = authserv_id.to_owned();
    let mut any = false;
    let mut result = |method: &str, result: AuthResult, properties: &[(&str, Option<&str>)]| {
        any = true;
        let _ = write!(text, "; {method}={}", result.word());
        for (name, value) in properties {
            if let Some(value) = value.filter(|value| is_token(value)) {
                let _ = write!(text, " {name}={value}");
            }
        }
    };
    let spf = &evidence.spf;
    let property = match spf.identity {
        SpfIdentity::MailFrom => "smtp.mailfrom",
        SpfIdentity::Helo => "smtp.helo",
    };
    if !spf.unknown_envelope {
        result(
            "spf",
            spf.result,
            &[(property, spf.domain.as_ref().map(Domain::as_str))],
        );
    }
    for signature in &evidence.dkim {
        let properties = [
            ("header.d", signature.domain.as_ref().map(Domain::as_str)),
            ("header.s", Some(signature.selector.as_str())),
        ];
        result("dkim", signature.result, &properties);
    }
    if evidence.dkim.is_empty() {
        result("dkim", AuthResult::None, &[]);
    }
    if evidence.arc.sealer.is_some() {
        result("arc", evidence.arc.result, &[]);
    }
    if let Some(author) = author {
        result(
            "dmarc",
            evidence.dmarc(author),
            &[("header.from", Some(author.as_str()))],
        );
    }
    if !any {
        text.push_str("; none");
    }
    text
}

/// Whether a value can stand in the field as it is.
fn is_token(value: &str) -> bool {
    (1..=255).contains(&value.len())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::{Arc, AuthorEvidence, DmarcLookup, DmarcRecord, Signature, Spf};

    fn forged(value: &str) -> bool {
        is_forgery(value.as_bytes(), "mx.shop.example", &[])
    }

    #[test]
    fn comments_in_comments_are_passed_over() {
        assert_eq!(skip_cfws(b" (a (b) \\) c) x"), Some(&b"x"[..]));
        assert_eq!(skip_cfws(b"(a (b) x"), None);
    }

    #[test]
    fn whatever_may_be_read_as_ours_is_a_forgery() {
        for value in [
            " mx.shop.example; spf=pass",
            " MX.Shop.Example; spf=pass",
            " mx.shop.example. ; spf=pass",
            " \"mx.shop.example\"; spf=pass",
            " \"mx.\\shop.example\" 1; spf=pass",
            " (a (nested) comment \\) ) mx.shop.example (c) 1 ; spf=pass",
            "\r\n\tmx.shop.example\r\n\t1; none",
            "mx.shop.example",
            // Beyond parsing.
            " ; spf=pass",
            " (never closed mx.shop.example; spf=pass",
            " \"mx.shop.example; spf=pass",
            " mx.shop.example spf=pass",
            " mx.shop.example/1; spf=pass",
            " mx.shop.example\u{0}; spf=pass",
            " mx.shop.exam\u{ad}ple; spf=pass",
            " mx.sh\u{ff4f}p.example; spf=pass",
            " mx.shop\u{3002}example; spf=pass",
            " \u{202e}mx.shop.example; spf=pass",
            " \"mx.shop\r\n .example\"; spf=pass",
            "",
        ] {
            assert!(forged(value), "{value:?}");
        }
    }

    #[test]
    fn fields_of_others_stay() {
        for value in [
            " mx.google.example; spf=pass",
            " notmx.shop.example; spf=pass",
            " shop.example 1; none",
        ] {
            assert!(!forged(value), "{value:?}");
        }
        assert!(!is_forgery(
            b" mx.shop.example; x=y",
            "mx.shop.example",
            &["mx.shop.example".into()]
        ));
    }

    #[test]
    fn proved_domains_are_those_of_passing_results() {
        let value =
            b" i=1; mx.example; spf=pass smtp.mailfrom=a.example;\r\n\tdkim=pass (2048-bit; \
            header.d=evil.example) header.i=@B.example header.s=x; DKIM=Pass header.d=c.example; \
            dkim=fail header.d=d.example; x=\"; dkim=pass header.d=evil.example\"; \
            dmarc=pass (p=NONE) header.from=e.example";
        let domains: Vec<_> = proved_domains(value)
            .iter()
            .map(Domain::to_string)
            .collect();
        assert_eq!(domains, ["b.example", "c.example", "e.example"]);
    }

    #[test]
    fn nothing_in_a_comment_or_in_quotes_is_a_result() {
        let proved = "dkim=pass header.d=a.example";
        let found = |value: &str| {
            let domains = proved_domains(value.as_bytes());
            domains.iter().map(Domain::to_string).collect::<String>()
        };
        for (value, domain) in [
            (format!("x; {proved}"), "a.example"),
            (format!("x (c); {proved}"), "a.example"),
            (format!("x ((c) (d)); {proved}"), "a.example"),
            (format!("x (c); (d {proved})"), ""),
            (format!("x (c\\); {proved}"), ""),
            (format!("x (c\\\\); {proved}"), "a.example"),
            (format!("x (\"); {proved}"), "a.example"),
            (format!("x (c; (d); {proved})"), ""),
            (format!("x=\"c\"; {proved}"), "a.example"),
            (format!("x=\"c\\\"; {proved}\""), ""),
            (format!("x=\"(\"; {proved}"), "a.example"),
            (format!("x); {proved}"), "a.example"),
        ] {
            assert_eq!(found(&value), domain, "{value}");
        }
    }

    #[test]
    fn an_instance_is_a_number_up_to_fifty() {
        for (value, found) in [
            ("i=1; mx.example; none", Some(1)),
            (" (c) i (c) = (c) 9 (c) ; mx.example; none", Some(9)),
            ("i=50; mx.example; none", Some(50)),
            ("i=51; mx.example; none", None),
            ("i=0; mx.example; none", None),
            ("i=01; mx.example; none", Some(1)),
            ("i=001; mx.example; none", None),
            ("i=; mx.example; none", None),
            ("i=-1; mx.example; none", None),
            ("I=1; mx.example; none", None),
            ("i 1; mx.example; none", None),
            ("i=1 mx.example; none", None),
            ("i=1; mx.example none", None),
            ("i=1;", None),
            ("mx.example; none", None),
        ] {
            assert_eq!(instance(value.as_bytes()), found, "{value}");
        }
    }

    #[test]
    fn ours_says_all_that_was_evaluated_and_nothing_raw() {
        let domain = |text: &str| Domain::parse(text).unwrap();
        let evidence = Evidence {
            spf: Spf {
                result: AuthResult::SoftFail,
                domain: Some(domain("bounce.example")),
                ..Spf::default()
            },
            dkim: vec![
                Signature {
                    result: AuthResult::Pass,
                    domain: Some(domain("shop.example")),
                    selector: "s1".into(),
                    fault: None,
                },
                Signature {
                    result: AuthResult::Neutral,
                    domain: None,
                    selector: "x; dmarc=pass".into(),
                    fault: None,
                },
            ],
            arc: Arc::default(),
            authors: vec![AuthorEvidence {
                domain: domain("shop.example"),
                organizational: None,
                dmarc: DmarcLookup::Record(DmarcRecord::default()),
                existence: Default::default(),
            }],
            ..Evidence::default()
        };
        assert_eq!(
            render("mx.example", &evidence, Some(&domain("shop.example"))),
            "mx.example; spf=softfail smtp.mailfrom=bounce.example; \
             dkim=pass header.d=shop.example header.s=s1; dkim=neutral; \
             dmarc=pass header.from=shop.example"
        );
    }
}
