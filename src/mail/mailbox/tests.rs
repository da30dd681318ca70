use super::*;

fn header(name: &[u8], value: &[u8]) -> Header {
    Header {
        name: name.to_vec(),
        value: value.to_vec(),
    }
}

fn from(value: impl AsRef<[u8]>) -> Authors {
    authors(&[header(b"From", value.as_ref())], "From")
}

/// The addresses of a field, those within its names, its names, and what is odd.
fn read(value: &str) -> [String; 4] {
    let authors = from(value);
    let texts = |list: &[Address]| {
        let texts = list.iter().map(ToString::to_string);
        texts.collect::<Vec<_>>().join("; ")
    };
    let odd: Vec<String> = authors
        .irregularities
        .iter()
        .map(|one| format!("{one:?}"))
        .collect();
    [
        texts(&authors.addresses),
        texts(&authors.addresses_in_names),
        authors.names.join("; "),
        odd.join(" "),
    ]
}

/// Fields; their addresses, those within their names, their names, and what is odd.
const FIELDS: &[(&str, &str, &str, &str, &str)] = &[
    // Blanks and comments beside an @ are allowed, beside a dot they were; hardly a client knows it.
    ("a @ x.example", "a@x.example", "", "a", ""),
    ("a @x.example", "a@x.example", "", "a", ""),
    ("a@ x.example", "a@x.example", "", "a", ""),
    (
        "a . b@x.example",
        "a.b@x.example; b@x.example",
        "",
        "",
        "BlankInAddress",
    ),
    (
        "<a(c)@x.example>",
        "a@x.example",
        "",
        "c",
        "CommentInAddress",
    ),
    (
        "<a@(c)x.example>",
        "a@x.example",
        "",
        "c",
        "CommentInAddress",
    ),
    ("Shop (c) <a@x.example>", "a@x.example", "", "Shop; c", ""),
    ("<a@x.example> (c)", "a@x.example", "", "c", ""),
    (
        "<(c)a@x.example>",
        "a@x.example",
        "",
        "c",
        "CommentInAddress",
    ),
    // Quotes.
    (r#""a b"@x.example"#, "a b@x.example", "", "", ""),
    (r#""a".b@x.example"#, "a.b@x.example", "", "", ""),
    (r#""a\"b" <a@x.example>"#, "a@x.example", "", r#"a"b"#, ""),
    (r#""Shop:" <a@x.example>"#, "a@x.example", "", "Shop:", ""),
    (r#""Shop," <a@x.example>"#, "a@x.example", "", "Shop,", ""),
    (
        r#"(a\)b) <a@x.example>"#,
        "a@x.example",
        "",
        "a)b; (a )b)",
        "",
    ),
    ("((a) b) <a@x.example>", "a@x.example", "", "(a) b", ""),
    // Brackets.
    ("<> <a@x.example>", "a@x.example", "", "", ""),
    (
        "Shop <> b@y.example",
        "b@y.example",
        "",
        "Shop; b@y.example",
        "TextAfterAddress",
    ),
    (
        "<a@x.example> Shop",
        "a@x.example",
        "",
        "Shop",
        "TextAfterAddress",
    ),
    (
        "<a@x.example;b@y.example>",
        "a@x.example; b@y.example",
        "",
        "",
        "MultipleAddresses",
    ),
    // Commas, colons and semicolons.
    ("a@x.example,", "a@x.example", "", "", ""),
    ("a@x.example;", "a@x.example", "", "", "UnquotedSemicolon"),
    (
        "Shop: a@x.example; b@y.example;",
        "a@x.example; b@y.example",
        "",
        "Shop",
        "UnquotedSemicolon MultipleAddresses Group",
    ),
    (
        "a@x.example; Shop: b@y.example",
        "a@x.example; b@y.example",
        "",
        "Shop",
        "UnquotedSemicolon UnquotedColon MultipleAddresses",
    ),
    (
        "Shop: Team <a@x.example>;",
        "a@x.example",
        "",
        "Shop; Team",
        "Group",
    ),
    (
        "A, B, C <a@x.example>",
        "a@x.example",
        "",
        "A; B; C; A, B, C",
        "UnquotedComma",
    ),
    // Of one address that blanks split a client may show all.
    (
        "a@exam ple.com",
        "a@exam",
        "a@example.com",
        "ple.com",
        "TextAfterAddress",
    ),
    (
        "a@x.example Shop",
        "a@x.example",
        "",
        "Shop",
        "TextAfterAddress",
    ),
    // Routes.
    (
        "<@r.example:a@x.example>",
        "a@x.example; @r.example",
        "",
        "",
        "Route",
    ),
    ("<@r.example>", "@r.example", "", "", "EmptyLocalPart"),
    // Literals.
    ("a@[192.0.2.1]", "a@[192.0.2.1]", "", "", "AddressLiteral"),
    (
        "a@[x@y.example]",
        "a@[x@y.example]; x@y.example",
        "",
        "a @ [x",
        "MultipleAts BadDomain",
    ),
    ("[a] <a@x.example>", "a@x.example", "", "[a]", ""),
    // Encoded words.
    (
        "=?utf-8?Q?a=40y.example?= <a@x.example>",
        "a@x.example",
        "a@y.example",
        "a@y.example",
        "AddressInName",
    ),
    (
        "=?utf-8?Q?Shop?= <a@x.example>",
        "a@x.example",
        "",
        "Shop",
        "",
    ),
    (
        "=?utf-8?Q?Shop,_Inc?= <a@x.example>",
        "a@x.example",
        "",
        "Shop, Inc",
        "EncodedWordSyntax",
    ),
    (
        "=?utf-8?Q?a@y?= <a@x.example>",
        "a@x.example",
        "",
        "a@y",
        "",
    ),
    (
        "(=?utf-8?Q?a=40y.example?=) a@x.example",
        "a@x.example",
        "a@y.example",
        "a@y.example",
        "AddressInComment",
    ),
    // What is left open.
    (
        "Shop ( <a@x.example>",
        "a@x.example",
        "",
        "Shop (",
        "UnclosedComment",
    ),
    (
        "Shop \" <a@x.example>",
        "a@x.example",
        "",
        "Shop \"",
        "UnclosedQuote",
    ),
    (
        "a\" b\" (c <a@x.example>",
        "a@x.example",
        "",
        "a b (c",
        "UnclosedComment",
    ),
    (
        "Shop > <a@x.example>",
        "a@x.example",
        "",
        "Shop",
        "UnpairedAngle",
    ),
    ("@", "", "", "@", "Unreadable NoAddress"),
    ("<@>", "", "", "@; <@>", "Unreadable NoAddress"),
];

#[test]
fn a_field_is_read_by_its_grammar_and_beyond_it() {
    let mut wrong = Vec::new();
    for &(value, addresses, in_names, names, odd) in FIELDS {
        let found = read(value);
        if found != [addresses, in_names, names, odd] {
            wrong.push((value, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn one_address_is_the_primary_one_where_clients_agree() {
    for (value, primary) in [
        ("a@x.example", "a@x.example"),
        ("a@x.example, b@y.example", "a@x.example"),
        ("Shop a@x.example", "a@x.example"),
        ("<a@x.example> b@y.example", ""),
        ("Shop", ""),
    ] {
        let found = from(value).primary.map(|one| one.to_string());
        assert_eq!(found.unwrap_or_default(), primary, "{value}");
    }
    let two = [
        header(b"From", b"a@x.example"),
        header(b"From", b"a@x.example"),
    ];
    let found = authors(&two, "From");
    assert_eq!((found.primary, found.addresses.len()), (None, 1));
}

#[test]
fn the_name_of_a_field_is_its_own() {
    let odd = |name: &[u8]| {
        let mut odd = Odd::default();
        let is_it = is_named(name, "From", &mut odd);
        is_it.then(|| odd.0.into_iter().collect::<Vec<_>>())
    };
    use Irregularity::{BlankBeforeColon, BlankBeforeName, ControlInFieldName, FoldedName};
    for (name, expected) in [
        (&b"From"[..], Some(vec![])),
        (b"FROM", Some(vec![])),
        (b"Form", None),
        (b"Fro", None),
        (b"Froms", None),
        (b"", None),
        (b"\tFrom", Some(vec![BlankBeforeName])),
        (b"\x01From", Some(vec![ControlInFieldName, BlankBeforeName])),
        (b"From\t", Some(vec![BlankBeforeColon])),
        (b"Fr\x01om", Some(vec![ControlInFieldName])),
        (b"Fr\rom", Some(vec![FoldedName])),
        (b"Fr\nom", Some(vec![FoldedName])),
        (b"Fr om", None),
    ] {
        assert_eq!(odd(name), expected, "{}", name.escape_ascii());
    }
}

#[test]
fn a_line_within_another_field_may_be_one_itself() {
    let lines = |name: &[u8], value: &[u8]| {
        let header = header(name, value);
        let found = hidden(&header, "From");
        found
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect::<Vec<_>>()
    };
    for (name, value, expected) in [
        (&b"Subject"[..], &b"x\n From: a@b"[..], &[" a@b"][..]),
        (b"Subject", b"x\r From : a@b\r\n y", &[" a@b"]),
        (b"Subject", b"x\n From:a@b\n From:c@d", &["a@b", "c@d"]),
        (b"Subject", b"From: a@b", &[]),
        (b"Subject", b"x\n From: a", &[]),
        (b"Subject", b"x\n From a@b", &[]),
        (b"Subject", b"x\n X-From: a@b", &[]),
        (b"From", b"x\n From: a@b", &[]),
        (b" fROM ", b"x\n From: a@b", &[]),
        (b"DKIM-Signature", b"x\n From: a@b", &[]),
        (b"X-DKIM-Signature", b"x\n From: a@b", &[]),
        (b"ARC-Seal", b"x\n From: a@b", &[]),
        (b"Arcs", b"x\n From: a@b", &[" a@b"]),
        // So far a name may be indented.
        (b"Subject", b"x\n               From: a@b", &[" a@b"]),
        (b"Subject", b"x\n                From: a@b", &[]),
    ] {
        let shown = value.escape_ascii();
        assert_eq!(
            lines(name, value),
            expected,
            "{} {shown}",
            name.escape_ascii()
        );
    }
}

#[test]
fn of_too_many_octets_each_field_has_its_share() {
    let value = |octets: usize| vec![b'x'; octets];
    for (octets, expected) in [
        (&[][..], MAX_OCTETS),
        (&[MAX_OCTETS], MAX_OCTETS),
        (&[MAX_OCTETS + 1], MAX_OCTETS),
        (&[MAX_OCTETS, 1], MAX_OCTETS / 2),
        (&[MAX_OCTETS - 1, 1], MAX_OCTETS),
        (&[MAX_OCTETS, 1, 1, 1], MAX_OCTETS / 4),
        (&[MAX_OCTETS / 8; 65], LEAST_SHARE),
    ] {
        let values: Vec<Vec<u8>> = octets.iter().map(|octets| value(*octets)).collect();
        let values: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
        assert_eq!(share(&values), expected, "{octets:?}");
    }
    let parts = |text: &'static str, octets| {
        let parts = parts(text.as_bytes(), octets);
        parts
            .map(|part| std::str::from_utf8(part).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(parts("abcdef", 6), ["abcdef"]);
    assert_eq!(parts("abcdefg", 6), ["abc", "efg"]);
    assert_eq!(parts("abcdefgh", 4), ["ab", "gh"]);
    // No letter is cut in two.
    assert_eq!(parts("aéééb", 4), ["a", "éb"]);
    assert_eq!(parts("aaéééb", 6), ["aa", "éb"]);
    assert_eq!(parts("€€€€", 10), ["€", "€€"]);
    let octets = "€€€€".as_bytes();
    let ends = [0, 0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12];
    for (at, end) in ends.into_iter().enumerate() {
        assert_eq!(whole(octets, at), end, "{at}");
    }
    // What is no UTF-8 is cut where it is.
    assert_eq!(whole(&[0x80; 9], 5), 5);
}

#[test]
fn a_long_field_is_read_at_both_ends() {
    let long = |blanks: usize| {
        let blanks = " ".repeat(blanks);
        from(format!("a@x.example,{blanks}b@y.example"))
    };
    // Twelve octets stand before the blanks, and eleven behind them.
    let whole = long(MAX_OCTETS - 23);
    assert_eq!((whole.addresses.len(), whole.cut), (2, false));
    let cut = long(MAX_OCTETS - 22);
    assert_eq!((cut.addresses.len(), cut.cut), (2, true));
    assert!(cut.irregularities.contains(&Irregularity::Cut));
}

#[test]
fn so_many_fields_and_authors_are_kept() {
    let fields = |count: usize| {
        let fields: Vec<Header> = (0..count)
            .map(|nth| header(b"From", format!("a{nth}@x.example").as_bytes()))
            .collect();
        let found = authors(&fields, "From");
        let last = found.addresses.last().map(ToString::to_string);
        (found.addresses.len(), last.unwrap_or_default(), found.cut)
    };
    assert_eq!(fields(64), (64, "a63@x.example".to_owned(), false));
    assert_eq!(fields(65), (64, "a64@x.example".to_owned(), true));
    let list = |count: usize| {
        let list: Vec<String> = (0..count).map(|nth| format!("a{nth}@x.example")).collect();
        let found = from(list.join(","));
        (found.addresses.len(), found.cut)
    };
    assert_eq!(list(64), (64, false));
    assert_eq!(list(65), (64, true));
    let mut odd = Odd::default();
    let mut kept: Vec<usize> = (0..MAX_AUTHORS).collect();
    keep(&mut kept, 7, &mut odd, |a, b| a == b);
    assert_eq!((kept.len(), odd.0.len()), (MAX_AUTHORS, 0));
    keep(&mut kept, 99, &mut odd, |a, b| a == b);
    assert_eq!(kept[MAX_AUTHORS - 2..], [62, 99]);
}

#[test]
fn raw_octets_are_told_by_what_they_are() {
    let odd = |value: &[u8]| from(value).irregularities;
    assert_eq!(odd("é <a@x.example>".as_bytes()), [Irregularity::RawUtf8]);
    assert_eq!(odd(b"\xE9 <a@x.example>"), [Irregularity::RawEightBit]);
    let escapes = odd(b"\x1B$B$\"\x1B(B <a@x.example>");
    assert!(escapes.contains(&Irregularity::RawEightBit));
    assert_eq!(odd(b"e <a@x.example>"), []);
}

#[test]
fn what_stands_before_an_at_is_a_name_where_no_client_can_know_the_address() {
    let shown = |text: &str, odd: &[Irregularity]| {
        let mut all = Odd::default();
        odd.iter().for_each(|one| all.add(*one));
        unparsed::in_front(text, &all)
    };
    for (text, odd, expected) in [
        ("Shop @ Team", &[][..], Some("Shop")),
        ("Shop @Team", &[], Some("Shop")),
        ("Shop@ Team", &[], Some("Shop")),
        ("Shop@Team", &[], None),
        ("a @ x.example", &[], Some("a")),
        ("a@x.example", &[], None),
        ("a@b@x", &[Irregularity::MultipleAts], Some("a @ b")),
        ("<a@x..y>", &[Irregularity::BadDomain], Some("a")),
        ("a@x", &[Irregularity::UnquotedComma], None),
        ("Shop", &[Irregularity::BadDomain], None),
    ] {
        assert_eq!(shown(text, odd).as_deref(), expected, "{text}");
    }
}
