//! Authentication-Results by RFC 8601: ours read by a parser of its own, and those of strangers that some
//! reader could take for ours.

// In a test a panic is the report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use amazon_spoof_milter::mail::domain::Domain;
use amazon_spoof_milter::proof::{
    AuthResult, AuthorEvidence, DmarcLookup, DmarcRecord, Evidence, Existence, Signature, Spf,
    SpfIdentity,
};
use amazon_spoof_milter::report::authentication_results::{is_forgery, render};
use amazon_spoof_milter::report::header_text::fold;
use proptest::prelude::*;

/// The grammar of RFC 8601 section 2.2, as strict as it is written; nothing of the program's is used.
mod grammar {
    /// Method, result, and properties as `ptype.property` with their values.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct Result {
        pub(super) method: String,
        pub(super) result: String,
        pub(super) properties: Vec<(String, String)>,
    }

    struct Parser<'a> {
        rest: &'a str,
    }

    /// The identifier and the results of a field value; the reason where the value breaks the grammar.
    pub(super) fn parse(value: &str) -> std::result::Result<(String, Vec<Result>), String> {
        let mut parser = Parser { rest: value };
        parser.cfws()?;
        let id = parser.value()?;
        parser.cfws()?;
        let version = parser.take(|c| c.is_ascii_digit());
        if !matches!(version, "" | "1") {
            return Err(format!("version {version}"));
        }
        let mut results = Vec::new();
        loop {
            parser.cfws()?;
            if parser.rest.is_empty() {
                break;
            }
            parser.literal(';')?;
            parser.cfws()?;
            if results.is_empty() && parser.rest == "none" {
                return Ok((id, results));
            }
            results.push(parser.resinfo()?);
        }
        match results.is_empty() {
            true => Err("no result, and not `none`".to_owned()),
            false => Ok((id, results)),
        }
    }

    impl<'a> Parser<'a> {
        fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
            let end = self
                .rest
                .find(|c: char| !wanted(c))
                .unwrap_or(self.rest.len());
            let (taken, rest) = self.rest.split_at(end);
            self.rest = rest;
            taken
        }

        fn literal(&mut self, wanted: char) -> std::result::Result<(), String> {
            self.rest = self
                .rest
                .strip_prefix(wanted)
                .ok_or(format!("{wanted:?} expected at {:?}", self.rest))?;
            Ok(())
        }

        /// Blanks, folds and comments; true where there were some.
        fn cfws(&mut self) -> std::result::Result<bool, String> {
            let before = self.rest.len();
            loop {
                self.take(|c| c == ' ' || c == '\t');
                if let Some(folded) = self.rest.strip_prefix("\r\n") {
                    if !folded.starts_with([' ', '\t']) {
                        return Err("a line end that folds nothing".to_owned());
                    }
                    self.rest = folded;
                } else if self.rest.starts_with('(') {
                    self.comment()?;
                } else {
                    return Ok(self.rest.len() < before);
                }
            }
        }

        fn comment(&mut self) -> std::result::Result<(), String> {
            let mut depth = 0;
            let mut characters = self.rest.char_indices();
            while let Some((at, character)) = characters.next() {
                match character {
                    '\\' => drop(characters.next()),
                    '(' => depth += 1,
                    ')' if depth == 1 => {
                        self.rest = &self.rest[at + 1..];
                        return Ok(());
                    }
                    ')' => depth -= 1,
                    _ => {}
                }
            }
            Err("a comment without end".to_owned())
        }

        /// A token (RFC 2045 section 5.1) or a quoted-string (RFC 5322 section 3.2.4).
        fn value(&mut self) -> std::result::Result<String, String> {
            if self.rest.starts_with('"') {
                let mut text = String::new();
                let mut characters = self.rest.char_indices().skip(1);
                while let Some((at, character)) = characters.next() {
                    match character {
                        '"' => {
                            self.rest = &self.rest[at + 1..];
                            return Ok(text);
                        }
                        '\\' => text.extend(characters.next().map(|(_, c)| c)),
                        ' '..='~' => text.push(character),
                        _ => return Err(format!("{character:?} in quotes")),
                    }
                }
                return Err("a quoted string without end".to_owned());
            }
            let token = self.take(|c| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(c));
            match token {
                "" => Err(format!("a value expected at {:?}", self.rest)),
                token => Ok(token.to_owned()),
            }
        }

        /// Letters, digits and hyphens, no hyphen at the end (RFC 5321 section 4.1.2, Ldh-str).
        fn keyword(&mut self) -> std::result::Result<String, String> {
            let word = self.take(|c| c.is_ascii_alphanumeric() || c == '-');
            match word.is_empty() || word.ends_with('-') {
                true => Err(format!("a keyword expected at {:?}", self.rest)),
                false => Ok(word.to_owned()),
            }
        }

        fn resinfo(&mut self) -> std::result::Result<Result, String> {
            let method = self.keyword()?;
            self.cfws()?;
            self.literal('=')?;
            self.cfws()?;
            let result = self.keyword()?;
            let mut properties = Vec::new();
            loop {
                let apart = self.cfws()?;
                if self.rest.is_empty() || self.rest.starts_with(';') {
                    break;
                }
                if !apart {
                    return Err(format!("a blank expected at {:?}", self.rest));
                }
                let ptype = self.keyword()?;
                self.cfws()?;
                self.literal('.')?;
                self.cfws()?;
                let property = self.keyword()?;
                self.cfws()?;
                self.literal('=')?;
                self.cfws()?;
                properties.push((format!("{ptype}.{property}"), self.value()?));
            }
            Ok(Result {
                method,
                result,
                properties,
            })
        }
    }
}

#[test]
fn the_grammar_of_this_test_is_that_of_the_standard() {
    // RFC 8601 appendix B.
    for (value, results) in [
        ("example.org 1; none", 0),
        ("example.com;\r\n spf=pass smtp.mailfrom=example.net", 1),
        (
            "foo.example.net (foobar) 1 (baz);\r\n\tdkim (Because I like it) = (wait for it) fail\r\n\tpolicy (A dot can go here) . (like that) expired\r\n\t(this surprised me) = (as I wasn't expecting it) 1362471462",
            1,
        ),
        (
            "\"a b\"; dkim=pass (good signature) header.d=x; dkim=fail header.d=\"y z\"",
            2,
        ),
    ] {
        let parsed = grammar::parse(value);
        assert_eq!(parsed.map(|(_, found)| found.len()), Ok(results), "{value}");
    }
    for value in [
        "",
        "; none",
        "example.org",
        "example.org none",
        "example.org; ",
        "example.org; spf",
        "example.org; spf=pass; none",
        "example.org; spf=pass smtp.mailfrom=a@b@c",
        "example.org; spf=pass smtp.mailfrom=a(b",
        "example.org; spf=pass smtp.mailfrom",
        "example.org; spf=pa ss",
        "example.org; dkim=pass header.s=a\r\nX: y",
        "example.org 2; none",
    ] {
        assert!(grammar::parse(value).is_err(), "{value:?}");
    }
}

/// The results that are registered for a method (IANA, Email Authentication Result Names).
fn registered(method: &str) -> &'static [&'static str] {
    match method {
        "spf" => &[
            "none",
            "pass",
            "fail",
            "softfail",
            "policy",
            "neutral",
            "temperror",
            "permerror",
        ],
        "dkim" => &[
            "none",
            "pass",
            "fail",
            "policy",
            "neutral",
            "temperror",
            "permerror",
        ],
        "dmarc" => &["none", "pass", "fail", "temperror", "permerror"],
        _ => &[],
    }
}

fn properties(method: &str) -> &'static [&'static str] {
    match method {
        "spf" => &["smtp.mailfrom", "smtp.helo"],
        "dkim" => &["header.d", "header.s"],
        "dmarc" => &["header.from"],
        _ => &[],
    }
}

fn domain() -> impl Strategy<Value = Option<Domain>> {
    prop_oneof![
        "[a-z0-9_-]{1,12}(\\.[a-z]{1,9}){0,3}",
        "[a-zäöüß\u{3b1}]{1,9}\\.example",
        ".{0,20}",
    ]
    .prop_map(|text| Domain::parse(&text).ok())
}

fn results(without: &'static [AuthResult]) -> impl Strategy<Value = AuthResult> {
    let all: Vec<_> = AuthResult::ALL
        .into_iter()
        .filter(|result| !without.contains(result))
        .collect();
    proptest::sample::select(all)
}

prop_compose! {
    fn signature()(
        result in results(&[AuthResult::SoftFail, AuthResult::None]),
        domain in domain(),
        selector in prop_oneof!["[a-zA-Z0-9._-]{0,70}", ".{0,30}", "[;()\"\\\\ =\r\n\t\u{0}a-c]{0,12}"],
    ) -> Signature {
        Signature { result, domain, selector, fault: None }
    }
}

prop_compose! {
    fn evidence()(
        result in results(&[AuthResult::Policy]),
        helo in any::<bool>(),
        sender in domain(),
        unknown_envelope in any::<bool>(),
        dkim in proptest::collection::vec(signature(), 0..20),
        author in domain(),
        dmarc in proptest::sample::select(vec![
            DmarcLookup::NotAsked,
            DmarcLookup::NoRecord,
            DmarcLookup::Temporary,
            DmarcLookup::Record(DmarcRecord::default()),
        ]),
        several_from in any::<bool>(),
    ) -> Evidence {
        let identity = match helo {
            true => SpfIdentity::Helo,
            false => SpfIdentity::MailFrom,
        };
        let about = |domain| AuthorEvidence {
            domain,
            organizational: None,
            dmarc,
            existence: Existence::Exists,
        };
        Evidence {
            spf: Spf { result, identity, domain: sender, open: false, unknown_envelope },
            dkim,
            arc: Default::default(),
            authors: author.into_iter().map(about).collect(),
            organizations: Vec::new(),
            list_tenants: Vec::new(),
            several_from,
            offline: false,
            lookups: 0,
            dns_dead: false,
            dns_stale: false,
        }
    }
}

proptest! {
    #[test]
    fn whatever_was_found_ours_keeps_to_the_grammar(evidence in evidence()) {
        let author = evidence.authors.first().map(|author| author.domain.clone());
        let value = render("mx.example.test", &evidence, author.as_ref());
        prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{:?}", value);
        let (id, found) = grammar::parse(&value).map_err(|why| {
            TestCaseError::fail(format!("{why}: {value:?}"))
        })?;
        prop_assert_eq!(id, "mx.example.test");
        for result in &found {
            prop_assert!(
                registered(&result.method).contains(&result.result.as_str()),
                "{:?}", result
            );
            for (name, _) in &result.properties {
                prop_assert!(properties(&result.method).contains(&name.as_str()), "{:?}", result);
            }
        }
        // One result for SPF where there was an envelope, one for each signature or `none`, one for
        // the author: nothing that a sender wrote makes another.
        let count = |method: &str| found.iter().filter(|one| one.method == method).count();
        prop_assert_eq!(count("spf"), usize::from(!evidence.spf.unknown_envelope));
        prop_assert_eq!(count("dkim"), evidence.dkim.len().max(1));
        prop_assert_eq!(count("dmarc"), usize::from(author.is_some()));
        // Folded as it is sent, it says the same.
        let folded = fold("Authentication-Results", &value, "\r\n");
        prop_assert_eq!(grammar::parse(&folded).map(|(_, results)| results), Ok(found));
    }

    #[test]
    fn a_field_that_a_lenient_reader_takes_for_ours_is_removed(
        noise in proptest::collection::vec((0_usize..16, proptest::sample::select(NOISE.to_vec())), 0..4),
        upper in any::<u16>(),
        rest in proptest::sample::select(vec!["; spf=pass", " 1; dkim=pass header.d=a.example", ";", ""]),
    ) {
        let mut id = String::new();
        for (at, character) in OURS.chars().enumerate() {
            for (_, text) in noise.iter().filter(|(place, _)| *place == at) {
                id.push_str(text);
            }
            id.push(match upper >> at & 1 {
                1 => character.to_ascii_uppercase(),
                _ => character,
            });
        }
        for (_, text) in noise.iter().filter(|(place, _)| *place >= OURS.len()) {
            id.push_str(text);
        }
        let value = format!(" {id}{rest}");
        prop_assert!(is_forgery(value.as_bytes(), OURS, &[]), "{:?}", value);
    }
}

const OURS: &str = "mx.shop.example";

/// What some reader drops or ignores.
const NOISE: [&str; 16] = [
    " ",
    "\t",
    "\r\n ",
    "\n\t",
    "()",
    "(c (d) \\) )",
    "(",
    "\"",
    "\\",
    "\0",
    "\u{b}",
    "\u{200b}",
    "\u{ad}",
    "\u{feff}",
    "\u{2060}",
    "\u{7f}",
];

#[test]
fn what_some_reader_could_take_for_ours_is_removed() {
    for value in [
        // As the standard has it.
        "mx.shop.example; spf=pass",
        " mx.shop.example 1; spf=pass",
        " MX.SHOP.EXAMPLE; spf=pass",
        " \"mx.shop.example\" 1; spf=pass",
        " \"m\\x.shop.exampl\\e\"; spf=pass",
        "\r\n (a) mx.shop.example\r\n (b) 1 (c) ; none",
        // Another spelling of the same host.
        " mx.shop.example.; spf=pass",
        " mx\u{3002}shop\u{ff0e}example; spf=pass",
        " \u{ff4d}\u{ff58}.shop.example; spf=pass",
        // Without what follows, or with something else.
        " mx.shop.example",
        " mx.shop.example;",
        " mx.shop.example 1",
        " mx.shop.example 2; spf=pass",
        " mx.shop.example 999999999999999999999999; spf=pass",
        " mx.shop.example 1.0; spf=pass",
        " mx.shop.example, spf=pass",
        " mx.shop.example: spf=pass",
        " mx.shop.example=1; spf=pass",
        " mx.shop.example spf=pass",
        " mx.shop.example\u{a0}; spf=pass",
        " mx.shop.example(; spf=pass",
        " <mx.shop.example>; spf=pass",
        " @mx.shop.example; spf=pass",
        " [mx.shop.example]; spf=pass",
        " mx.shop.example/1; spf=pass",
        " mx.other.example, mx.shop.example; spf=pass",
        " mx.other.example mx.shop.example; spf=pass",
        " \"\"mx.shop.example; spf=pass",
        " \"\"; spf=pass",
        " ; mx.shop.example; spf=pass",
        " ; spf=pass",
        "",
        " ",
        // No identifier at all: some reader supplies his own.
        " spf=pass smtp.mailfrom=x.example",
        " (mx.shop.example) ; spf=pass",
        " (never closed; mx.shop.example; spf=pass",
        " \"never closed; spf=pass",
        " =?utf-8?q?mx=2Eshop=2Eexample?=; spf=pass",
        " \u{202e}mx.shop.example; spf=pass",
        " mx.shop.exam\u{200d}ple; spf=pass",
    ] {
        assert!(is_forgery(value.as_bytes(), OURS, &[]), "{value:?}");
    }
    for octets in [
        &b" mx.shop.example\xff; spf=pass"[..],
        b" \xffmx.shop.example;",
        b"\x80",
    ] {
        assert!(is_forgery(octets, OURS, &[]), "{octets:?}");
    }
}

#[test]
fn what_others_wrote_stays() {
    for value in [
        " mx.google.example; spf=pass smtp.mailfrom=a@b.example",
        " mx.shop.example.org; spf=pass",
        " notmx.shop.example; spf=pass",
        " shop.example 1; none",
        " mx-shop.example (mx.shop.example); dkim=pass",
        " mx.b\u{fc}cher.example; spf=pass",
        " \"mx.google.example\"; spf=pass",
        " relay_7; none",
        "\r\n\tmx.google.example 1;\r\n\tspf=pass",
    ] {
        assert!(!is_forgery(value.as_bytes(), OURS, &[]), "{value:?}");
    }
    // Those that the operator keeps, in any spelling of theirs; what can't be read is nobody's.
    let keep = ["MX.Shop.Example.".to_owned()];
    assert!(!is_forgery(b" mx.shop.example; spf=pass", OURS, &keep));
    assert!(is_forgery(b" mx.shop.example spf=pass", OURS, &keep));
}
