use super::*;

fn hosts(text: &str) -> Vec<String> {
    match Target::parse(text) {
        Target::Web(web) => web
            .hosts
            .iter()
            .map(|host| match host {
                Host::Name(name) => name.to_string(),
                Host::Address(ip) => ip.clone(),
                Host::Unreadable => "?".to_owned(),
            })
            .collect(),
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn every_spelling_of_a_host_is_read_as_browsers_read_it() {
    for (text, expected) in [
        ("https://Shop.Example/x", "shop.example"),
        (" ht\ntps://shop.example:8443?q", "shop.example"),
        ("https:shop.example", "shop.example"),
        ("https:\\\\shop.example\\x", "shop.example"),
        ("//shop.example/x", "shop.example"),
        ("\\/shop.example", "shop.example"),
        ("www.shop.example/x", "www.shop.example"),
        ("shop.example:8080/x", "shop.example"),
        ("https://%73hop.example%2Fx", "?"),
        ("https://%73hop.example/x", "shop.example"),
        ("https://contoso.com@evil.example/", "evil.example"),
        ("https://contoso.com:pw@evil.example", "evil.example"),
        ("https://ｓhop。example", "shop.example"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("http://3232235777/x", "192.168.1.1"),
        ("http://0xc0.0250.1.1", "192.168.1.1"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
    ] {
        assert_eq!(hosts(text), [expected], "{text}");
    }
}

#[test]
fn a_backslash_before_an_at_has_two_readings() {
    assert_eq!(
        hosts("https://contoso.com\\@evil.example/"),
        ["contoso.com", "evil.example"]
    );
}

#[test]
fn what_has_no_host_is_told_apart() {
    assert_eq!(Target::parse("data:text/html,x"), Target::Carried);
    assert_eq!(Target::parse("JavaScript:alert(1)"), Target::Carried);
    for nowhere in ["#top", "tel:+1234", "cid:logo", "", "/path", "index"] {
        assert_eq!(Target::parse(nowhere), Target::Nowhere, "{nowhere}");
    }
    let domain = Domain::parse("shop.example").unwrap();
    assert_eq!(
        Target::parse("mailto:a%40shop.example?subject=x@y"),
        Target::Mail(vec![domain])
    );
}

#[test]
fn numbers_are_addresses_as_browsers_read_them() {
    for (name, expected) in [
        ("1.2.3.4", Some("1.2.3.4")),
        ("1.2.3.4.", Some("1.2.3.4")),
        ("1.2.3", Some("1.2.0.3")),
        ("1.2.256", Some("1.2.1.0")),
        ("1.2", Some("1.0.0.2")),
        ("1.65536", Some("1.1.0.0")),
        ("1", Some("0.0.0.1")),
        ("0", Some("0.0.0.0")),
        ("4294967295", Some("255.255.255.255")),
        ("4294967296", None),
        ("255.255.255.255", Some("255.255.255.255")),
        ("256.2.3.4", None),
        ("1.256.3.4", None),
        ("1.2.3.256", None),
        ("1.2.65535", Some("1.2.255.255")),
        ("1.2.65536", None),
        ("1.16777215", Some("1.255.255.255")),
        ("1.16777216", None),
        ("1.2.3.4.5", None),
        ("1.2.3.4.5.6", None),
        ("0x7f.1", Some("127.0.0.1")),
        ("0X7F.1", Some("127.0.0.1")),
        ("1.0x", Some("1.0.0.0")),
        ("0177.1", Some("127.0.0.1")),
        ("08.1", None),
        ("+1.2.3.4", Some("1.2.3.4")),
        ("1.2..4", None),
        ("1.x", None),
        ("x.1", None),
        ("", None),
        ("0000000000000001", Some("0.0.0.1")),
        ("00000000000000001", None),
    ] {
        let found = numeric(name).map(|ip| ip.to_string());
        assert_eq!(found.as_deref(), expected, "{name}");
    }
}

#[test]
fn a_link_leads_to_a_host_a_mailbox_or_nowhere() {
    for (text, expected) in [
        ("HTTP://shop.example", "shop.example"),
        ("ftp://shop.example", "shop.example"),
        ("ws:shop.example", "shop.example"),
        ("wss:shop.example", "shop.example"),
        ("\u{1}https://shop.example\u{1f} ", "shop.example"),
        ("https://shop.example:80", "shop.example"),
        ("https://shop.example:", "shop.example"),
        ("https://shop.example:x", "?"),
        ("https://shop.example#x@y.example", "shop.example"),
        ("https://shop.example?x@y.example", "shop.example"),
        ("https://a@b@shop.example", "shop.example"),
        ("https://[2001:db8::1", "2001:db8::1"),
        ("https://[shop.example]", "?"),
        ("https:///shop.example", "shop.example"),
        ("shop.example", "shop.example"),
        ("shop", "Nowhere"),
        ("shop/x.example", "Nowhere"),
        ("1.2.3.4/x", "Nowhere"),
        ("/shop.example", "Nowhere"),
        ("\\shop.example", "Nowhere"),
        ("#shop.example", "Nowhere"),
        (" \t", "Nowhere"),
        ("vbscript:x", "Carried"),
        ("file:///x", "Carried"),
        ("blob:x", "Carried"),
        ("view-source:x", "Carried"),
        ("search-ms:x", "Carried"),
        ("1http:shop.example", "Nowhere"),
        ("mailto:", "Mail([])"),
    ] {
        assert_eq!(hosts(text), [expected], "{text}");
    }
    let Target::Web(web) = Target::parse("https://u%40v:p@shop.example/a?b#c") else {
        panic!("it is a web address");
    };
    assert_eq!((&*web.user, &*web.rest), ("u@v:p", "/a?b#c"));
    let mail = |text: &str| match Target::parse(text) {
        Target::Mail(domains) => domains.iter().map(ToString::to_string).collect::<Vec<_>>(),
        other => vec![format!("{other:?}")],
    };
    assert_eq!(
        mail("mailto:a@x.example,b@y.example;c@z.example"),
        ["x.example", "y.example", "z.example"]
    );
    assert_eq!(mail("mailto:A <a@x.example >"), ["x.example"]);
    assert_eq!(mail("mailto:x.example,a@"), [""; 0]);
    assert_eq!(
        mail(&format!("mailto:{}", "a@x.example,".repeat(11))).len(),
        10
    );
}

#[test]
fn escapes_are_decoded_once() {
    for (text, expected) in [
        ("a%41", "aA"),
        ("%2541", "%41"),
        ("%4a%4A", "JJ"),
        ("%", "%"),
        ("%4", "%4"),
        ("%4x", "%4x"),
        ("%x4", "%x4"),
        ("%C3%A9", "é"),
        ("%C3", "\u{FFFD}"),
        ("%f0x", "\u{FFFD}x"),
        ("é%20", "é "),
    ] {
        assert_eq!(percent_decoded(text), expected, "{text}");
    }
}
