//! Whom a gateway took a message from, as eight servers write it into Received: with whatever a client
//! says in HELO, in its DNS and by its ident server. 192.0.2.10 is an address that it would like to
//! have, 203.0.113.9 the one that it has.

use amazon_spoof_milter::mail::message::{Envelope, Header, Message};
use amazon_spoof_milter::verdict::trust::{Origin, Trust};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    /// HELO is what the server lets through of `x([192.0.2.10])`.
    HostileHelo,
    SixLiteral,
    /// The client's address has a name in DNS with brackets in it.
    NameWithBrackets,
    /// A comment, or what stands in its place, looks like an address.
    Comment,
}
use Kind::{Comment, HostileHelo, NameWithBrackets, Plain, SixLiteral};

const KINDS: [Kind; 5] = [Plain, HostileHelo, SixLiteral, NameWithBrackets, Comment];

/// Server, kind, the field, and the client: address, then HELO. "" where nobody is named.
#[rustfmt::skip]
const FIELDS: [(&str, Kind, &str, &str); 40] = [
    // Postfix puts ? for blanks and parentheses; a name with brackets is no name to it.
    ("Postfix", Plain,
        " from mx.a.example (out.a.example [203.0.113.9])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits))\r\n\t(No client certificate requested)\r\n\tby gw.example.net (Postfix) with ESMTPS id 4Zq1\r\n\tfor <joe@example.net>; Sun, 22 Nov 2026 10:00:00 +0000 (UTC)",
        "203.0.113.9 mx.a.example"),
    ("Postfix", HostileHelo,
        " from x?[192.0.2.10]? (unknown [203.0.113.9])\r\n\tby gw.example.net (Postfix) with ESMTP id 4Zq1; Sun, 22 Nov 2026 10:00:00 +0000 (UTC)",
        "203.0.113.9 x?[192.0.2.10]?"),
    ("Postfix", SixLiteral,
        " from [IPv6:2001:db8::10] (unknown [IPv6:2001:db8::9])\r\n\tby gw.example.net (Postfix) with ESMTP id 4Zq1; x",
        "2001:db8::9 [IPv6:2001:db8::10]"),
    ("Postfix", NameWithBrackets,
        " from mx.a.example ([192.0.2.10].a.example [203.0.113.9])\r\n\tby gw.example.net (Postfix) with ESMTP id 4Zq1; x",
        ""),
    ("Postfix", Comment,
        " from mx.a.example (out.a.example [203.0.113.9])\r\n\t(Client CN \"x (localhost [192.0.2.10])\", Issuer \"x\" (not verified))\r\n\t(Authenticated sender: [192.0.2.10])\r\n\tby gw.example.net (Postfix) with ESMTPSA id 4Zq1; x",
        "203.0.113.9 mx.a.example"),

    // Exim has HELO behind the address.
    ("Exim", Plain,
        " from out.a.example ([203.0.113.9] helo=mx.a.example)\r\n\tby gw.example.net with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\r\n\t(Exim 4.96)\r\n\t(envelope-from <x@a.example>)\r\n\tid 1tEa-0001\r\n\tfor joe@example.net;\r\n\tSun, 22 Nov 2026 10:00:00 +0000",
        "203.0.113.9 mx.a.example"),
    ("Exim", HostileHelo,
        " from [203.0.113.9] (port=4711 helo=[192.0.2.10])\r\n\tby gw.example.net with esmtp (Exim 4.96)\r\n\tid 1tEa-0001; x",
        "203.0.113.9 [192.0.2.10]"),
    ("Exim", SixLiteral,
        " from [2001:db8::9] (helo=[IPv6:2001:db8::10])\r\n\tby gw.example.net with esmtp (Exim 4.96)\r\n\tid 1tEa-0001; x",
        "2001:db8::9 [IPv6:2001:db8::10]"),
    ("Exim", NameWithBrackets,
        " from [192.0.2.10].a.example ([203.0.113.9] helo=mx.a.example)\r\n\tby gw.example.net with esmtp (Exim 4.96)\r\n\tid 1tEa-0001; x",
        ""),
    ("Exim", Comment,
        " from out.a.example\r\n\t([203.0.113.9]:4711 helo=mx.a.example ident=([192.0.2.10]))\r\n\tby gw.example.net with esmtp (Exim 4.96)\r\n\tid 1tEa-0001; x",
        "203.0.113.9 mx.a.example"),

    // Sendmail refuses a HELO with parentheses, and takes one with brackets.
    ("Sendmail", Plain,
        " from mx.a.example (out.a.example [203.0.113.9] (may be forged))\r\n\t(authenticated bits=0)\r\n\tby gw.example.net (8.17.1/8.17.1) with ESMTPSA id 2AMA\r\n\t(version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384 bits=256 verify=NO)\r\n\tfor <joe@example.net>; Sun, 22 Nov 2026 10:00:00 GMT",
        "203.0.113.9 mx.a.example"),
    ("Sendmail", HostileHelo,
        " from x[192.0.2.10] ([203.0.113.9])\r\n\tby gw.example.net (8.17.1/8.17.1) with ESMTP id 2AMA; x",
        "203.0.113.9 x[192.0.2.10]"),
    ("Sendmail", SixLiteral,
        " from [IPv6:2001:db8::10] (out.a.example [IPv6:2001:db8:0:0:0:0:0:9])\r\n\tby gw.example.net (8.17.1/8.17.1) with ESMTP id 2AMA; x",
        "2001:db8::9 [IPv6:2001:db8::10]"),
    ("Sendmail", NameWithBrackets,
        " from mx.a.example (x[192.0.2.10] [203.0.113.9] (may be forged))\r\n\tby gw.example.net (8.17.1/8.17.1) with ESMTP id 2AMA; x",
        ""),
    ("Sendmail", Comment,
        " from mx.a.example (IDENT:[192.0.2.10]@out.a.example [203.0.113.9])\r\n\tby gw.example.net (8.17.1/8.17.1) with ESMTP id 2AMA; x",
        "203.0.113.9 mx.a.example"),

    // qmail puts ? for all that is no letter of a name.
    ("qmail", Plain,
        " from out.a.example (HELO mx.a.example) (203.0.113.9)\r\n  by gw.example.net with SMTP; 22 Nov 2026 10:00:00 -0000",
        "203.0.113.9 mx.a.example"),
    ("qmail", HostileHelo,
        " from unknown (HELO 192.0.2.10) (203.0.113.9)\r\n  by gw.example.net with SMTP; x",
        "203.0.113.9 192.0.2.10"),
    ("qmail", SixLiteral,
        " from unknown (HELO ?IPv6:2001:db8::10?) (2001:db8::9)\r\n  by gw.example.net with ESMTPS; x",
        "2001:db8::9 ?IPv6:2001:db8::10?"),
    ("qmail", NameWithBrackets,
        " from ?192.0.2.10?.a.example (HELO mx.a.example) (203.0.113.9)\r\n  by gw.example.net with SMTP; x",
        "203.0.113.9 mx.a.example"),
    ("qmail", Comment,
        " from out.a.example (192.0.2.10@203.0.113.9)\r\n  by gw.example.net with SMTP; x",
        "203.0.113.9 out.a.example"),

    // Courier puts _ for blanks, and leaves parentheses and brackets.
    ("Courier", Plain,
        " from mx.a.example (out.a.example [::ffff:203.0.113.9])\r\n  (TLS: TLSv1.3,256bits,TLS_AES_256_GCM_SHA384)\r\n  by gw.example.net with ESMTPS\r\n  id 00000000000A1B2C; Sun, 22 Nov 2026 10:00:00 +0000",
        "203.0.113.9 mx.a.example"),
    ("Courier", HostileHelo,
        " from x([192.0.2.10]) ([::ffff:203.0.113.9])\r\n  by gw.example.net with ESMTP\r\n  id 00000000000A1B2C; x",
        "203.0.113.9 x([192.0.2.10])"),
    ("Courier", SixLiteral,
        " from [IPv6:2001:db8::10] (out.a.example [2001:db8::9])\r\n  by gw.example.net with ESMTP\r\n  id 00000000000A1B2C; x",
        "2001:db8::9 [IPv6:2001:db8::10]"),
    ("Courier", NameWithBrackets,
        " from mx.a.example ([192.0.2.10] [::ffff:203.0.113.9])\r\n  by gw.example.net with ESMTP\r\n  id 00000000000A1B2C; x",
        ""),
    ("Courier", Comment,
        " from mx.a.example (out.a.example [::ffff:203.0.113.9])\r\n  (IDENT: localhost [192.0.2.10])\r\n  by gw.example.net with ESMTP\r\n  id 00000000000A1B2C; x",
        "203.0.113.9 mx.a.example"),

    // OpenSMTPD refuses a HELO that is no domain and no literal.
    ("OpenSMTPD", Plain,
        " from mx.a.example (out.a.example [203.0.113.9])\r\n\tby gw.example.net (OpenSMTPD) with ESMTPS id 1a2b3c4d (TLSv1.3:TLS_AES_256_GCM_SHA384:256:NO)\r\n\tfor <joe@example.net>;\r\n\tSun, 22 Nov 2026 10:00:00 +0000 (UTC)",
        "203.0.113.9 mx.a.example"),
    ("OpenSMTPD", HostileHelo,
        " from [192.0.2.10] (<unknown> [203.0.113.9])\r\n\tby gw.example.net (OpenSMTPD) with ESMTP id 1a2b3c4d; x",
        "203.0.113.9 [192.0.2.10]"),
    ("OpenSMTPD", SixLiteral,
        " from [IPv6:2001:db8::10] (out.a.example [2001:db8::9])\r\n\tby gw.example.net (OpenSMTPD) with ESMTP id 1a2b3c4d; x",
        "2001:db8::9 [IPv6:2001:db8::10]"),
    ("OpenSMTPD", NameWithBrackets,
        " from mx.a.example (a[192.0.2.10] [203.0.113.9])\r\n\tby gw.example.net (OpenSMTPD) with ESMTP id 1a2b3c4d; x",
        ""),
    ("OpenSMTPD", Comment,
        " from mx.a.example (out.a.example [203.0.113.9])\r\n\tby gw.example.net (OpenSMTPD) with ESMTPSA id 1a2b3c4d (192.0.2.10) auth=yes user=[192.0.2.10]; x",
        "203.0.113.9 mx.a.example"),

    // Haraka parts EHLO at blanks, and leaves all else.
    ("Haraka", Plain,
        " from mx.a.example (out.a.example [203.0.113.9])\r\n\tby gw.example.net (Haraka/3.0.3) with ESMTPS id 4F2A.1\r\n\tenvelope-from <x@a.example>\r\n\ttls TLS_AES_256_GCM_SHA384;\r\n\tSun, 22 Nov 2026 10:00:00 +0000",
        "203.0.113.9 mx.a.example"),
    ("Haraka", HostileHelo,
        " from x\t([192.0.2.10]) ([203.0.113.9])\r\n\tby gw.example.net (Haraka/3.0.3) with ESMTP id 4F2A.1; x",
        ""),
    ("Haraka", SixLiteral,
        " from [IPv6:2001:db8::10] ([2001:db8::9])\r\n\tby gw.example.net (Haraka/3.0.3) with ESMTP id 4F2A.1; x",
        "2001:db8::9 [IPv6:2001:db8::10]"),
    ("Haraka", NameWithBrackets,
        " from mx.a.example (([192.0.2.10]) [203.0.113.9])\r\n\tby gw.example.net (Haraka/3.0.3) with ESMTP id 4F2A.1; x",
        ""),
    ("Haraka", Comment,
        " from mx.a.example (out.a.example [203.0.113.9])\r\n\tby gw.example.net (Haraka/3.0.3) with ESMTP id 4F2A.1\r\n\tenvelope-from <\"([192.0.2.10])\"@a.example>; x",
        "203.0.113.9 mx.a.example"),

    // Exchange has no name of the client's, and its own address behind `by`.
    ("Exchange", Plain,
        " from mx.a.example (203.0.113.9) by\r\n gw.example.net (192.0.2.1) with Microsoft SMTP Server\r\n (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id\r\n 15.2.1544.11 via Frontend Transport; Sun, 22 Nov 2026 10:00:00 +0000",
        "203.0.113.9 mx.a.example"),
    ("Exchange", HostileHelo,
        " from [192.0.2.10] (203.0.113.9) by gw.example.net (192.0.2.1)\r\n with Microsoft SMTP Server id 15.2.1544.11; x",
        "203.0.113.9 [192.0.2.10]"),
    ("Exchange", SixLiteral,
        " from [IPv6:2001:db8::10] (2001:db8::9) by gw.example.net\r\n (2001:db8::1) with Microsoft SMTP Server id 15.2.1544.11; x",
        "2001:db8::9 [IPv6:2001:db8::10]"),
    ("Exchange", NameWithBrackets,
        " from x[192.0.2.10].a.example (203.0.113.9) by gw.example.net (192.0.2.1)\r\n with Microsoft SMTP Server id 15.2.1544.11; x",
        "203.0.113.9 x[192.0.2.10].a.example"),
    ("Exchange", Comment,
        " from inner.example.net ([fe80::9%10]) by gw.example.net\r\n ([192.0.2.10]) with mapi id 15.02.1544.011; x",
        "fe80::9 inner.example.net"),
];

const RELAY: &str = "198.51.100.1";

/// The client in front of our gateway, whose topmost field is this one.
fn origin(field: &str) -> Origin {
    let trust = Trust {
        relays: vec![format!("{RELAY}/32").parse().unwrap()],
        ..Trust::default()
    };
    let below = " from a (a [192.0.2.10]) by b (Postfix) with ESMTP id 1; x";
    trust.origin(&Message {
        envelope: Envelope {
            client_ip: RELAY.parse().ok(),
            helo: Some("gw.example.net".into()),
            ..Envelope::default()
        },
        headers: [field, below]
            .map(|value| Header {
                name: b"Received".to_vec(),
                value: value.as_bytes().to_vec(),
            })
            .into(),
        ..Message::default()
    })
}

fn client(field: &str) -> String {
    let envelope = origin(field).envelope;
    match envelope.client_ip {
        Some(ip) => format!("{ip} {}", envelope.helo.unwrap_or_default()),
        None => envelope.helo.unwrap_or_default(),
    }
}

#[test]
fn every_server_with_whatever_a_client_says() {
    let wrong: Vec<_> = FIELDS
        .iter()
        .map(|(server, kind, field, expected)| (server, kind, client(field), expected))
        .filter(|(.., found, expected)| found != *expected)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_server_with_every_kind() {
    let servers = [
        "Postfix",
        "Exim",
        "Sendmail",
        "qmail",
        "Courier",
        "OpenSMTPD",
        "Haraka",
        "Exchange",
    ];
    for server in servers {
        for kind in KINDS {
            let rows = FIELDS.iter().filter(|row| (row.0, row.1) == (server, kind));
            assert_eq!(rows.count(), 1, "{server} {kind:?}");
        }
    }
}

/// Neither of the two below is told by a field that has lost a part or has one too many.
#[test]
fn a_field_in_no_form_names_nobody() {
    for field in [
        // A HELO with blanks, from a server that would let it through.
        " from x ([192.0.2.10]) by y (unknown [203.0.113.9])\r\n\tby gw.example.net (Postfix) with ESMTP id 1; x",
        " from x ([192.0.2.10]) by y (\r\n\tby gw.example.net) with ESMTP id 1; x by z",
        " from unknown (HELO x) (192.0.2.10) (203.0.113.9)\r\n  by gw.example.net with SMTP; x",
        // What connected has no address for the server.
        " from x[192.0.2.10] (unknown [unknown])\r\n\tby gw.example.net (Postfix) with ESMTP id 1; x",
        " from [192.0.2.10] (local [local])\r\n\tby gw.example.net (OpenSMTPD) with ESMTP id 1; x",
        // Only HELO is told.
        " from [192.0.2.10] by gw.example.net with ESMTP id 1; x",
        " from [192.0.2.10] () by gw.example.net with ESMTP id 1; x",
        " from x ()\r\n\tby gw.example.net (Postfix) with ESMTP id 1; x",
        " from (unknown [192.0.2.10])\r\n\tby gw.example.net (Postfix) with ESMTP id 1; x",
        " from x (unknown [192.0.2.10])",
        " from x (unknown [192.0.2.10]) with ESMTP id 1; x",
        " (qmail [192.0.2.10] invoked from network); x",
        " x from y (y [192.0.2.10]) by gw.example.net; x",
    ] {
        let found = origin(field);
        assert!(found.via_relay, "{field}");
        assert_eq!(found.envelope.client_ip, None, "{field}");
        assert_eq!(found.envelope.helo, None, "{field}");
    }
}
