//! Which authors a From field shows, with literal expectations.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use amazon_spoof_milter::mail::{
    mailbox::{
        Authors,
        Irregularity::{self, *},
        authors,
    },
    message::{Header, Message},
};

fn header(name: &[u8], value: &[u8]) -> Header {
    Header {
        name: name.to_vec(),
        value: value.to_vec(),
    }
}

fn from(value: impl AsRef<[u8]>) -> Authors {
    authors(&[header(b"From", value.as_ref())], "From")
}

/// What is expected of one field.
#[derive(Default)]
struct Seen<'a> {
    primary: &'a str,
    addresses: &'a [&'a str],
    in_names: &'a [&'a str],
    names: &'a [&'a str],
    odd: &'a [Irregularity],
}

#[track_caller]
fn expect(authors: &Authors, seen: Seen<'_>) {
    let texts = |list: &[_]| -> Vec<String> { list.iter().map(ToString::to_string).collect() };
    let primary = authors.primary.as_ref().map(ToString::to_string);
    assert_eq!(primary.unwrap_or_default(), seen.primary, "primary");
    assert_eq!(texts(&authors.addresses), seen.addresses, "addresses");
    assert_eq!(
        texts(&authors.addresses_in_names),
        seen.in_names,
        "in names"
    );
    assert_eq!(authors.names, seen.names, "names");
    assert_eq!(authors.irregularities, seen.odd, "irregularities");
}

/// A field whose one address nobody doubts.
#[track_caller]
fn expect_one(value: &str, address: &str, names: &[&str], odd: &[Irregularity]) {
    let seen = Seen {
        primary: address,
        addresses: &[address],
        names,
        odd,
        ..Seen::default()
    };
    expect(&from(value), seen);
}

// --- what mail programs write ---

#[test]
fn ordinary_fields() {
    expect_one(" a@bank.example", "a@bank.example", &[], &[]);
    expect_one("a@bank.example", "a@bank.example", &[], &[]);
    expect_one(" <a@bank.example>", "a@bank.example", &[], &[]);
    expect_one(" Bank <a@bank.example>", "a@bank.example", &["Bank"], &[]);
    expect_one("Bank<a@bank.example>", "a@bank.example", &["Bank"], &[]);
    expect_one(
        r#" "Bank, Inc." <a@bank.example>"#,
        "a@bank.example",
        &["Bank, Inc."],
        &[],
    );
    expect_one(
        r#" "The \"Bank\"" <a@x.example>"#,
        "a@x.example",
        &[r#"The "Bank""#],
        &[],
    );
    expect_one(
        " J. R. Smith <a@x.example>",
        "a@x.example",
        &["J. R. Smith"],
        &[],
    );
    expect_one(" a@x.example (Jim)", "a@x.example", &["Jim"], &[]);
    expect_one(
        " Jim (work (old)) <a@x.example>",
        "a@x.example",
        &["Jim", "work (old)"],
        &[],
    );
    expect_one(" Jim [x] <A@X.example>", "A@X.example", &["Jim [x]"], &[]);
}

#[test]
fn names_are_decoded_and_unfolded() {
    let jim = |value| expect_one(value, "a@x.example", &["Jim Büro"], &[]);
    jim(" =?utf-8?Q?Jim_B=C3=BCro?= <a@x.example>");
    jim(" =?iso-8859-1?B?SmltIEL8cm8=?= <a@x.example>");
    jim(" \"=?utf-8?Q?Jim_B=C3=BCro?=\" <a@x.example>");
    jim(" =?utf-8?Q?Jim_B=C3?=\r\n =?utf-8?Q?=BCro?=\r\n <a@x.example>");
    jim(" a@x.example (=?utf-8?Q?Jim_B=C3=BCro?=)");
    expect_one(
        " Jim\r\n\tSmith\r\n <a@x.example>",
        "a@x.example",
        &["Jim\tSmith".replace('\t', " ").as_str()],
        &[],
    );
}

#[test]
fn several_authors_are_allowed_and_counted() {
    let seen = Seen {
        primary: "a@x.example",
        addresses: &["a@x.example", "b@y.example"],
        names: &["Ann", "Bob"],
        odd: &[MultipleAddresses],
        ..Seen::default()
    };
    let authors = from(" Ann <a@x.example>, , \"Bob\" <b@y.example>");
    assert!(authors.is_multiple());
    assert!(!authors.is_malformed());
    expect(&authors, seen);
}

#[test]
fn groups() {
    expect_one(
        " Bank: a@bank.example;",
        "a@bank.example",
        &["Bank"],
        &[Group],
    );
    let seen = Seen {
        names: &["undisclosed", "undisclosed:;"],
        odd: &[Unreadable, NoAddress, Group],
        ..Seen::default()
    };
    expect(&from(" undisclosed:;"), seen);
}

#[test]
fn raw_text_in_many_charsets() {
    let names = |value: &[u8]| from(value).names;
    assert_eq!(names("アマゾン <a@x.example>".as_bytes()), ["アマゾン"]);
    assert_eq!(from("アマゾン <a@x.example>").irregularities, [RawUtf8]);
    assert!(!from("アマゾン <a@x.example>").is_malformed());
    // GB2312, Shift_JIS, ISO-2022-JP, windows-1252
    assert_eq!(
        names(b"\xd1\xc7\xc2\xed\xd1\xb7 <a@x.example>")[0],
        "亚马逊"
    );
    assert_eq!(
        names(b"\x83A\x83}\x83]\x83\x93 <a@x.example>")[0],
        "アマゾン"
    );
    assert_eq!(names(b"\x1b$B%\"%^%>%s\x1b(B <a@x.example>")[0], "アマゾン");
    assert_eq!(names(b"M\xfcller <a@x.example>")[0], "Müller");
    for raw in [
        &b"\xd1\xc7\xc2\xed\xd1\xb7 <a@x.example>"[..],
        b"\x1b$B%\"%^%>%s\x1b(B <a@x.example>",
    ] {
        let authors = from(raw);
        assert_eq!(authors.irregularities, [RawEightBit]);
        assert_eq!(authors.primary.unwrap().to_string(), "a@x.example");
    }
}

#[test]
fn the_charset_of_the_body_reads_the_name() {
    let headers = [
        header(b"Content-Type", b" text/plain;\r\n charset=\"EUC-KR\""),
        header(b"From", b" \xbe\xc6\xb8\xb6\xc1\xb8 <a@x.example>"),
    ];
    assert_eq!(authors(&headers, "From").names[0], "아마존");
}

#[test]
fn international_addresses() {
    let authors = from(" <a@Bücher.example>");
    let address = authors.primary.unwrap();
    assert_eq!(address.domain.unwrap().as_str(), "xn--bcher-kva.example");
    assert_eq!(address.domain_text, "Bücher.example");
    assert_eq!(authors.irregularities, [RawUtf8]);
}

// --- addresses where names belong ---

#[test]
fn an_address_in_the_name() {
    let seen = || Seen {
        primary: "mary@evil.example",
        addresses: &["mary@evil.example"],
        in_names: &["auto@bank.example"],
        names: &["auto@bank.example"],
        odd: &[AddressInName],
    };
    expect(&from(r#" "auto@bank.example" <mary@evil.example>"#), seen());
    expect(
        &from(" =?utf-8?Q?auto=40bank.example?= <mary@evil.example>"),
        seen(),
    );
    expect(
        &from(" =?utf-8?B?YXV0b0BiYW5rLmV4YW1wbGU=?= <mary@evil.example>"),
        seen(),
    );
    let unquoted = from(" auto@bank.example <mary@evil.example>");
    assert!(unquoted.is_malformed());
    let seen = Seen {
        primary: "",
        addresses: &["mary@evil.example", "auto@bank.example"],
        odd: &[UnquotedAtInName, AddressInName],
        ..seen()
    };
    expect(&unquoted, seen);
}

#[test]
fn the_own_address_in_the_name_says_nothing() {
    let value = r#" "A@bank.example" <a@bank.example>"#;
    expect_one(value, "a@bank.example", &["A@bank.example"], &[]);
    let via = from(r#" "'bob@x.example' via List" <list@y.example>"#);
    assert_eq!(via.addresses_in_names[0].to_string(), "bob@x.example");
    assert!(!via.is_malformed());
}

#[test]
fn an_address_in_a_comment() {
    let seen = Seen {
        primary: "m@evil.example",
        addresses: &["m@evil.example"],
        in_names: &["auto@bank.example"],
        names: &["Bank", "auto@bank.example"],
        odd: &[AddressInComment],
    };
    expect(&from(" Bank (auto@bank.example) <m@evil.example>"), seen);
}

#[test]
fn the_only_address_in_a_comment() {
    let seen = Seen {
        addresses: &["service@evil.example"],
        in_names: &["service@evil.example"],
        names: &[
            "Max von Bank",
            "<service@evil.example>",
            "Max von Bank,(<service@evil.example>)",
        ],
        odd: &[NoAddress, UnquotedComma, AddressInComment],
        ..Seen::default()
    };
    expect(&from(" Max von Bank,(<service@evil.example>)"), seen);
}

#[test]
fn an_address_in_the_local_part() {
    let authors = from(r#" "auto@bank.example"@evil.example"#);
    let address = authors.primary.clone().unwrap();
    assert_eq!(address.local, "auto@bank.example");
    assert_eq!(address.domain.unwrap().as_str(), "evil.example");
    assert_eq!(
        authors.addresses_in_names[0].to_string(),
        "auto@bank.example"
    );
    assert_eq!(authors.irregularities, [AddressInLocalPart]);
    expect_one(
        " a%bank.example@evil.example",
        "a%bank.example@evil.example",
        &[],
        &[],
    );
}

// --- malformed ---

#[test]
fn unquoted_commas() {
    let names = ["Amazon Prime", "jehd", "Amazon Prime, jehd"];
    expect_one(
        " Amazon Prime, jehd <service@x.example>",
        "service@x.example",
        &names,
        &[UnquotedComma],
    );
    expect_one(
        " Xmas Deal, <a@x.example>",
        "a@x.example",
        &["Xmas Deal"],
        &[UnquotedComma],
    );
    expect_one(
        " a@x.example, Bank",
        "a@x.example",
        &["Bank"],
        &[UnquotedComma],
    );
    assert!(UnquotedComma.is_malformed());
}

#[test]
fn unquoted_colons_and_semicolons() {
    let names = ["Notice", "Bank Support", "Notice: Bank Support"];
    expect_one(
        " Notice: Bank Support <a@x.example>",
        "a@x.example",
        &names,
        &[UnquotedColon],
    );
    expect_one(
        " mailto:a@x.example",
        "a@x.example",
        &["mailto"],
        &[UnquotedColon],
    );
    expect_one(
        " Bank; Support <a@x.example>",
        "a@x.example",
        &["Bank", "Support", "Bank, Support"],
        &[UnquotedSemicolon],
    );
}

#[test]
fn a_colon_in_an_address() {
    let seen = Seen {
        addresses: &["mailto:a@bank.example", "a@bank.example"],
        odd: &[UnquotedColon],
        ..Seen::default()
    };
    expect(&from(" <mailto:a@bank.example>"), seen);
}

#[test]
fn two_addresses_without_a_comma() {
    let both = |value: &str, names: &[&str], odd: &[Irregularity]| {
        let seen = Seen {
            addresses: &["a@x.example", "b@y.example"],
            names,
            odd,
            ..Seen::default()
        };
        expect(&from(value), seen);
    };
    both(
        " <a@x.example> <b@y.example>",
        &[],
        &[MultipleAngles, MultipleAddresses],
    );
    both(
        " <a@x.example>b@y.example",
        &["b@y.example"],
        &[TextAfterAddress, MultipleAddresses],
    );
    both(
        " a@x.example b@y.example",
        &[],
        &[MultipleAngles, MultipleAddresses],
    );
    let seen = Seen {
        primary: "a@x.example",
        addresses: &["a@x.example", "b@y.example"],
        odd: &[MultipleAddresses],
        ..Seen::default()
    };
    expect(&from(" <a@x.example, b@y.example>"), seen);
}

#[test]
fn two_ats() {
    let seen = Seen {
        addresses: &[
            "a@bank.example@evil.example",
            "a@bank.example",
            "bank.example@evil.example",
        ],
        in_names: &["a@bank.example"],
        names: &["a @ bank.example"],
        odd: &[MultipleAts],
        ..Seen::default()
    };
    expect(&from(" <a@bank.example@evil.example>"), seen);
}

#[test]
fn what_no_client_can_take_apart_is_a_name_as_well() {
    let names = |value: &str| from(value).names;
    assert_eq!(
        names(r" Last\Bank <a@x.example>"),
        ["LastBank", "Last Bank"]
    );
    assert_eq!(
        names(r#" word"Bank"  a@x.example"#),
        ["wordBank", "word Bank"]
    );
    assert_eq!(names(" [Bank[@"), ["[Bank["]);
    assert_eq!(names(" Bank @ Support"), ["Bank"]);
    assert_eq!(
        names(" x=?utf-8?Q?Bank?= <a@x.example>"),
        ["xBank", "x Bank"]
    );
    assert_eq!(names(" x\u{1}Bank <a@x.example>"), ["xBank", "x Bank"]);
}

#[test]
fn brackets_without_a_partner() {
    expect_one(
        " Bank <a@x.example",
        "a@x.example",
        &["Bank"],
        &[UnpairedAngle],
    );
    expect_one(
        " Bank a@x.example>",
        "a@x.example",
        &["Bank"],
        &[UnpairedAngle, NameWithoutAngles],
    );
    expect_one(
        " Bank <<a@x.example>>",
        "a@x.example",
        &["Bank"],
        &[UnpairedAngle],
    );
    expect_one(
        " \"Bank <a@x.example>",
        "a@x.example",
        &["\"Bank"],
        &[UnclosedQuote],
    );
    expect_one(
        " (Bank <a@x.example>",
        "a@x.example",
        &["(Bank"],
        &[UnclosedComment],
    );
    expect_one(
        " Bank) <a@x.example>",
        "a@x.example",
        &["Bank)"],
        &[UnclosedComment],
    );
    expect_one(
        " Bank Support a@x.example",
        "a@x.example",
        &["Bank Support"],
        &[NameWithoutAngles],
    );
    expect_one(
        " <Bank> <a@x.example>",
        "a@x.example",
        &["Bank"],
        &[MultipleAngles],
    );
}

#[test]
fn quotes_without_a_domain() {
    let seen = |names| Seen {
        addresses: &["auto@bank.example"],
        in_names: &["auto@bank.example"],
        names,
        odd: &[NoAddress, QuotedLocalWithoutDomain],
        ..Seen::default()
    };
    let names = ["auto@bank.example", "\"auto@bank.example\""];
    expect(&from(" \"auto@bank.example\""), seen(&names));
    let names = ["auto@bank.example", "<\"auto@bank.example\">"];
    expect(&from(" <\"auto@bank.example\">"), seen(&names));
    let names = ["Bank auto@bank.example", "\"Bank auto@bank.example\""];
    expect(&from(" \"Bank auto@bank.example\""), seen(&names));
}

#[test]
fn encoded_words_that_are_addresses() {
    let seen = Seen {
        addresses: &["a@bank.example"],
        in_names: &["a@bank.example"],
        names: &["Bank <a@bank.example>"],
        odd: &[NoAddress, EncodedAddress],
        ..Seen::default()
    };
    expect(&from(" =?utf-8?Q?Bank_=3Ca=40bank.example=3E?="), seen);
    let seen = Seen {
        addresses: &["a@=?utf-8?Q?bank.example?=", "a@bank.example"],
        names: &["a"],
        odd: &[EncodedAddress, BadDomain],
        ..Seen::default()
    };
    expect(&from(" <a@=?utf-8?Q?bank.example?=>"), seen);
    // An encoded word must not hold these characters; a parser that splits first finds an address.
    let authors = from(" =?x?B?<a@bank.example>?= <m@evil.example>");
    assert_eq!(authors.addresses[0].to_string(), "m@evil.example");
    assert_eq!(authors.addresses[1].to_string(), "a@bank.example");
    assert_eq!(authors.irregularities, [EncodedWordSyntax]);
}

#[test]
fn nul_ends_the_address_for_some_clients() {
    let seen = Seen {
        addresses: &["a@bank.example.evil.example", "a@bank.example"],
        names: &["Bank", "Bank .evil.example"],
        odd: &[NulOrControl],
        ..Seen::default()
    };
    expect(&from(" Bank <a@bank.example\0.evil.example>"), seen);
    // The same inside encoded words, as in "Mailsploit" (2017).
    let authors = from(
        " =?utf-8?B?YWRtaW5AYmFuay5leGFtcGxl?==?utf-8?Q?=00?==?utf-8?B?YWRtaW5AYmFuay5leGFtcGxl?=@evil.example",
    );
    assert!(
        authors
            .addresses
            .iter()
            .any(|address| address.to_string() == "admin@bank.example")
    );
    assert_eq!(
        authors.irregularities,
        [EncodedAddress, NulOrControl, AddressInLocalPart]
    );
}

#[test]
fn routes() {
    let seen = Seen {
        addresses: &["a@bank.example", "@evil.example", "@relay.example"],
        odd: &[Route],
        ..Seen::default()
    };
    expect(
        &from(" <@evil.example,@relay.example:a@bank.example>"),
        seen,
    );
}

#[test]
fn obsolete_syntax() {
    expect_one(
        " a(c)@(d)b.example",
        "a@b.example",
        &["c", "d"],
        &[CommentInAddress],
    );
    expect_one(
        " a . b @ c . example",
        "a.b@c.example",
        &["a . b"],
        &[BlankInAddress],
    );
    let seen = Seen {
        addresses: &["a@bank.example.evil.example", "a@bank.example"],
        names: &["x"],
        odd: &[BlankInAddress, CommentInAddress],
        ..Seen::default()
    };
    expect(&from(" a@bank.example(x).evil.example"), seen);
}

#[test]
fn blanks_in_an_address() {
    let seen = Seen {
        addresses: &["a@ba", "a@bank.example"],
        names: &["nk.example"],
        odd: &[BlankInAddress],
        ..Seen::default()
    };
    expect(&from(" <a@ba nk.example>"), seen);
}

#[test]
fn odd_domains() {
    expect_one(" <a@bank.example.>", "a@bank.example", &[], &[TrailingDot]);
    expect_one(
        " <a@bank..example>",
        "a@bank..example",
        &["a"],
        &[BadDomain],
    );
    assert_eq!(from(" <a@bank..example>").addresses[0].domain, None);
    let dotted = from(" <a@.bank.example>");
    assert_eq!(
        dotted.addresses[0].domain.as_ref().unwrap().as_str(),
        "bank.example"
    );
    expect_one(" a@[192.0.2.1]", "a@[192.0.2.1]", &[], &[AddressLiteral]);
    expect_one(
        " a@[IPv6:2001:db8::1]",
        "a@[IPv6:2001:db8::1]",
        &[],
        &[AddressLiteral],
    );
    expect_one(
        " a@\"bank.example\"",
        "a@bank.example",
        &["a"],
        &[BadDomain],
    );
    expect_one(
        " a@bank.example\"Shop\"",
        "a@bank.example",
        &["Shop"],
        &[TextAfterAddress],
    );
    expect_one(
        " a@[192.0.2.1]Shop",
        "a@[192.0.2.1]",
        &["Shop"],
        &[TextAfterAddress, AddressLiteral],
    );
    expect_one(" @bank.example", "@bank.example", &[], &[EmptyLocalPart]);
    expect_one(" a@", "a@", &["a"], &[BadDomain]);
    let wide = from(" <a＠bank。example>");
    assert_eq!(
        wide.primary.unwrap().domain.unwrap().as_str(),
        "bank.example"
    );
    assert_eq!(wide.irregularities, [LookalikeAt, RawUtf8]);
}

#[test]
fn without_any_address() {
    let unreadable = |value: &str, names: &[&str], odd: &[Irregularity]| {
        let seen = Seen {
            names,
            odd,
            ..Seen::default()
        };
        expect(&from(value), seen);
    };
    unreadable(" bank.example", &["bank.example"], &[Unreadable, NoAddress]);
    unreadable(
        " root (Cron)",
        &["root", "Cron", "root (Cron)"],
        &[Unreadable, NoAddress],
    );
    unreadable(" Bank <>", &["Bank", "Bank <>"], &[Unreadable, NoAddress]);
    unreadable(" ,,", &[",,"], &[Unreadable, NoAddress]);
    unreadable(" <>", &[], &[Empty]);
    unreadable(" ", &[], &[Empty]);
    unreadable("", &[], &[Empty]);
}

// --- fields ---

#[test]
fn no_field() {
    let none = authors(&[header(b"To", b" a@x.example")], "From");
    expect(
        &none,
        Seen {
            odd: &[NoField],
            ..Seen::default()
        },
    );
    assert!(none.is_malformed());
    expect(&authors(&[], "Reply-To"), Seen::default());
}

#[test]
fn field_names_that_only_some_read() {
    let named = |name: &[u8]| authors(&[header(name, b" a@x.example")], "From").irregularities;
    assert_eq!(named(b"fRoM"), []);
    assert_eq!(named(b"From "), [BlankBeforeColon]);
    assert_eq!(named(b" From"), [BlankBeforeName]);
    assert_eq!(named(b"From\r\n "), [FoldedName, BlankBeforeColon]);
    assert_eq!(named(b"Fr\0om"), [ControlInFieldName]);
    assert_eq!(named(b"From\0"), [ControlInFieldName, BlankBeforeColon]);
    assert_eq!(named(b"X-From"), [NoField]);
    assert_eq!(named(b"Fr om"), [NoField]);
}

#[test]
fn a_field_hidden_in_another() {
    let headers = [
        header(
            b"DKIM-Signature",
            b" v=1; h=to:\r\n\tfrom:subject; i=@x.example",
        ),
        header(b"Subject", b" hello\rFrom: a@bank.example"),
        header(b"From", b" m@evil.example"),
    ];
    let seen = Seen {
        addresses: &["m@evil.example", "a@bank.example"],
        odd: &[MultipleFields, HiddenField],
        ..Seen::default()
    };
    expect(&authors(&headers, "From"), seen);
    expect_one(" m@evil.example", "m@evil.example", &[], &[]);
}

#[test]
fn limits_are_told_and_the_last_author_is_kept() {
    let many: Vec<String> = (0..100).map(|n| format!("a{n}@x.example")).collect();
    let authors = from(many.join(","));
    assert!(authors.cut);
    assert_eq!(authors.addresses.len(), 64);
    assert_eq!(authors.addresses[0].to_string(), "a0@x.example");
    assert_eq!(authors.addresses[63].to_string(), "a99@x.example");
    assert_eq!(authors.irregularities, [Cut, MultipleAddresses]);

    let fields: Vec<Header> = (0..100)
        .map(|n| header(b"From", format!("a{n}@x.example").as_bytes()))
        .collect();
    let authors = amazon_spoof_milter::mail::mailbox::authors(&fields, "From");
    assert!(authors.cut);
    assert_eq!(
        authors.addresses.last().unwrap().to_string(),
        "a99@x.example"
    );

    let long = from([&vec![b' '; 70_000][..], b"a@x.example"].concat());
    assert!(long.cut);
    assert!(!from(format!("{} <a@x.example>", "x".repeat(60_000))).cut);
}

#[test]
fn every_irregularity_has_a_sentence() {
    let all = [
        NoField,
        MultipleFields,
        HiddenField,
        Empty,
        Unreadable,
        NoAddress,
        MultipleAngles,
        TextAfterAddress,
        MultipleAts,
        UnquotedAtInName,
        EncodedAddress,
        QuotedLocalWithoutDomain,
        EncodedWordSyntax,
        NulOrControl,
        QuotedPair,
        UnclosedQuote,
        UnclosedComment,
        UnpairedAngle,
        NameWithoutAngles,
        BlankInAddress,
        LookalikeAt,
        Route,
        EmptyLocalPart,
        BadDomain,
        TrailingDot,
        UnquotedComma,
        UnquotedSemicolon,
        UnquotedColon,
        RawEightBit,
        FoldedName,
        ControlInFieldName,
        BlankBeforeName,
        BlankBeforeColon,
        Cut,
        MultipleAddresses,
        AddressInName,
        AddressInComment,
        AddressInLocalPart,
        CommentInAddress,
        Group,
        AddressLiteral,
        RawUtf8,
    ];
    for odd in all {
        let sentence = odd.sentence();
        assert!(sentence.ends_with('.') && sentence.len() < 80, "{sentence}");
    }
    let sound: Vec<_> = all.into_iter().filter(|odd| !odd.is_malformed()).collect();
    assert_eq!(
        sound,
        [
            Cut,
            MultipleAddresses,
            AddressInName,
            AddressInComment,
            AddressInLocalPart,
            CommentInAddress,
            Group,
            AddressLiteral,
            RawUtf8
        ]
    );
}

#[test]
fn a_message_may_be_resent_several_times() {
    let headers = [
        header(b"Resent-From", b" a@x.example"),
        header(b"Resent-From", b" b@y.example"),
    ];
    let resent = authors(&headers, "Resent-From");
    assert_eq!(resent.addresses.len(), 2);
    assert_eq!(resent.irregularities, []);
}

/// A parser that looks at the rest of the field again for each token takes minutes here.
#[test]
fn the_longest_fields_are_read_in_linear_time() {
    let units = [
        "a@b,",
        "(",
        "\"",
        "<",
        "<a@b.c>",
        "=?",
        "=?a?b?x ",
        "=?utf-8?q?x",
        "@[",
        "a@",
        "a: ",
        "(a)@",
        "\\\"",
    ];
    for unit in units {
        let started = std::time::Instant::now();
        from(unit.repeat(64_000 / unit.len()));
        assert!(started.elapsed().as_secs() < 10, "{unit}");
    }
}

// --- espoofer's 22 cases ("Composition Kills", USENIX Security 2020), under our own names ---

/// A1 to A7 and client A3 play with the envelope and the signature; their From is plain.
#[test]
fn espoofer_server_a1_to_a7_and_client_a3() {
    expect_one(" <admin@bank.example>", "admin@bank.example", &[], &[]);
}

fn parsed(text: &str) -> Authors {
    authors(&Message::parse(text.as_bytes()).unwrap().headers, "From")
}

const BOTH: Seen<'_> = Seen {
    primary: "",
    addresses: &["first@evil.example", "admin@bank.example"],
    in_names: &[],
    names: &[],
    odd: &[],
};

#[test]
fn espoofer_server_a8_and_client_a1_several_from_fields() {
    let authors = parsed("From: <first@evil.example>\r\nFrom: <admin@bank.example>\r\n\r\n");
    assert!(authors.is_multiple() && authors.is_malformed());
    expect(
        &authors,
        Seen {
            odd: &[MultipleFields],
            ..BOTH
        },
    );
}

#[test]
fn espoofer_server_a9_blank_before_from() {
    let authors = parsed(" From: <first@evil.example>\r\nFrom: <admin@bank.example>\r\n\r\n");
    expect(
        &authors,
        Seen {
            odd: &[MultipleFields, BlankBeforeName],
            ..BOTH
        },
    );
    // Behind a field of the MTA's, the first From is that field's continuation.
    let authors = parsed(
        "Received: by mx.example\r\n From: <first@evil.example>\r\nFrom: <admin@bank.example>\r\n\r\n",
    );
    let seen = Seen {
        addresses: &["admin@bank.example", "first@evil.example"],
        odd: &[MultipleFields, HiddenField],
        ..Seen::default()
    };
    expect(&authors, seen);
}

#[test]
fn espoofer_server_a10_blank_behind_from() {
    let authors = parsed("From: <first@evil.example>\r\nFrom : <admin@bank.example>\r\n\r\n");
    expect(
        &authors,
        Seen {
            odd: &[MultipleFields, BlankBeforeColon],
            ..BOTH
        },
    );
}

#[test]
fn espoofer_server_a11_folded_field_name() {
    let headers = [
        header(b"From\r\n ", b" <first@evil.example>"),
        header(b"From", b" <admin@bank.example>"),
    ];
    let seen = Seen {
        odd: &[MultipleFields, FoldedName, BlankBeforeColon],
        ..BOTH
    };
    expect(&authors(&headers, "From"), seen);
}

#[test]
fn espoofer_server_a12_and_a13_folded_from_and_another_author() {
    for other in ["Sender", "Resent-From"] {
        let headers = [
            header(b"From\r\n ", b" <first@evil.example>"),
            header(b"nTo", b" <victim@x.example>"),
            header(other.as_bytes(), b" <admin@bank.example>"),
        ];
        let from = Seen {
            primary: "first@evil.example",
            addresses: &["first@evil.example"],
            odd: &[FoldedName, BlankBeforeColon],
            ..Seen::default()
        };
        expect(&authors(&headers, "From"), from);
        let second = Seen {
            primary: "admin@bank.example",
            addresses: &["admin@bank.example"],
            ..Seen::default()
        };
        expect(&authors(&headers, other), second);
        // An MTA that ends the header at the folded name leaves no From at all.
        let rest = authors(&headers[2..], "From");
        expect(
            &rest,
            Seen {
                odd: &[NoField],
                ..Seen::default()
            },
        );
    }
}

#[test]
fn espoofer_server_a14_and_client_a2_several_addresses() {
    let seen = Seen {
        primary: "first@evil.example",
        odd: &[MultipleAddresses],
        ..BOTH
    };
    expect(&from(" <first@evil.example>, <admin@bank.example>"), seen);
}

#[test]
fn espoofer_server_a15_encoded_address() {
    let seen = Seen {
        primary: "",
        addresses: &["second@evil.example", "admin@bank.example"],
        in_names: &["admin@bank.example"],
        names: &["<admin@bank.example>"],
        odd: &[EncodedAddress],
    };
    let value = "=?utf-8?B?PGFkbWluQGJhbmsuZXhhbXBsZT4=?=,<second@evil.example>";
    expect(&from(value), seen);
}

#[test]
fn espoofer_server_a16_route() {
    let seen = Seen {
        addresses: &["admin@bank.example", "@evil.example", "@any.example"],
        odd: &[Route],
        ..Seen::default()
    };
    expect(
        &from(" <@evil.example,@any.example:admin@bank.example>"),
        seen,
    );
}

#[test]
fn espoofer_server_a17_quoted_pair() {
    let seen = Seen {
        addresses: &["admin@bank.example", "second@evil.example"],
        names: &[","],
        odd: &[
            MultipleAngles,
            TextAfterAddress,
            QuotedPair,
            MultipleAddresses,
        ],
        ..Seen::default()
    };
    expect(&from(r" <admin@bank.example>\,<second@evil.example>"), seen);
}

#[test]
fn espoofer_server_a18_precedence_of_special_characters() {
    let seen = Seen {
        primary: "admin@bank.example",
        addresses: &["admin@bank.example", "second@evil.example"],
        odd: &[MultipleAddresses],
        ..Seen::default()
    };
    expect(&from(" admin@bank.example,<second@evil.example>"), seen);
}

#[test]
fn espoofer_server_a19_text_behind_the_address() {
    let seen = Seen {
        addresses: &["any@evil.example", "admin@bank.example"],
        names: &["admin@bank.example"],
        odd: &[TextAfterAddress, MultipleAddresses],
        ..Seen::default()
    };
    expect(&from(" <any@evil.example>admin@bank.example"), seen);
}
