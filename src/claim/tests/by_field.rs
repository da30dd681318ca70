//! Which field claims, and what excuses it.

use super::*;

#[test]
fn the_part_before_the_at_claims_by_what_stands_with_it() {
    check([
        ("From: contoso@stranger.example", "local-part"),
        ("From: shop-contoso@stranger.example", "local-part"),
        ("From: contoso@post.example", "local-part!"),
        ("From: contoso-login@stranger.example", "local-part!"),
        ("From: contoso.com@stranger.example", "local-part!"),
        ("From: contoso.co.uk@stranger.example", "local-part!"),
        ("From: contoso.info@stranger.example", "local-part"),
        ("From: noreply-contoso@stranger.example", "local-part!"),
        ("From: c0ntoso@stranger.example", "local-part!"),
        ("From: joe+contoso@stranger.example", "local-part"),
        ("From: joe+contoso@post.example", "local-part"),
        ("From: joe+contoso-login@stranger.example", "local-part!"),
        ("From: contoso+joe@post.example", "local-part!"),
        ("From: contoso+joe@stranger.example", "local-part"),
        (
            "From: contosotravel@stranger.example",
            "local-part! (GluedAddress)",
        ),
        ("From: contosotravel@post.example", "local-part!"),
        (
            "From: noreply.contosotravel@stranger.example",
            "local-part!",
        ),
        ("From: joe+contosotravel@stranger.example", "local-part"),
        ("From: contosotravel@x.pages.example", "local-part!"),
        ("From: rain.club@stranger.example", "local-part"),
        ("From: rain.club@post.example", "local-part"),
        ("From: rain.club.login@stranger.example", "local-part"),
        ("From: rain.club.login@post.example", "local-part!"),
        ("From: cotnoso@stranger.example", "local-part!"),
        ("From: cotnoso@post.example", "local-part!"),
        ("From: cotnoso.noreply@stranger.example", "local-part!"),
        ("From: cotnoso-login@stranger.example", "local-part!"),
        ("From: contoso-security@post.example", "local-part!"),
        ("From: anna@stranger.example", ""),
        ("From: contoso@contoso.com", "official-author-domain!"),
        ("From: contoso@contosoumbrellas.com", "owned-not-sender!"),
        ("From: contoso@pay-contoso.com", "owned-not-sender!"),
        ("From: contoso@raincoats.example", "local-part"),
        // What a domain of his own says, the part before it doesn't say again.
        (
            "From: contosofilters@contosofilters.com",
            "lookalike-author-domain",
        ),
        (
            "From: contoso@contosofilters.com",
            "lookalike-author-domain, local-part",
        ),
    ]);
}

const NAMES: &[(&str, &str)] = &[
    ("From: Contoso <a@stranger.example>", "display-name!"),
    (
        "From: Contoso Support <a@stranger.example>",
        "display-name!",
    ),
    ("From: CTS <a@stranger.example>", ""),
    ("From: CTS Login <a@stranger.example>", "display-name!"),
    ("From: Rain Club <a@stranger.example>", "display-name"),
    ("From: Anna <a@stranger.example>", ""),
    (
        "From: The Contoso Mountain <a@stranger.example>",
        "display-name",
    ),
    // "The X" is the river.
    ("From: The Contoso <a@stranger.example>", "display-name"),
    (
        "From: Along the Contoso <a@stranger.example>",
        "display-name",
    ),
    (
        "From: The Contoso Shop <a@stranger.example>",
        "display-name! (BrandMentioned)",
    ),
    (
        "From: The Contoso Login <a@stranger.example>",
        "display-name! (BrandMentioned)",
    ),
    (
        "From: A Contoso <a@stranger.example>",
        "display-name! (BrandMentioned)",
    ),
    // Mentioned.
    (
        "From: Freight to Contoso <a@stranger.example>",
        "display-name! (BrandMentioned)",
    ),
    (
        "From: Contoso Team at Kestlow <a@stranger.example>",
        "display-name! (BrandMentioned)",
    ),
    (
        "From: Contoso Card by Kestlow <a@stranger.example>",
        "display-name! (BrandMentioned)",
    ),
    (
        "From: Contoso - Kestlow <a@stranger.example>",
        "display-name! (BrandMentioned)",
    ),
    (
        "From: Contoso Team at <a@stranger.example>",
        "display-name!",
    ),
    (
        "From: Contoso Card by <a@stranger.example>",
        "display-name!",
    ),
    (
        "From: Contoso at Kestlow <a@stranger.example>",
        "display-name! (BrandMentioned)",
    ),
    // A host in the name.
    (
        "From: \"contoso.com\" <a@stranger.example>",
        "display-name!",
    ),
    ("From: \"ontoso.com\" <a@stranger.example>", "display-name"),
    (
        "From: \"cotnoso.com\" <a@stranger.example>",
        "display-name!",
    ),
    (
        "From: \"ontoso.com\" <a@ontoso.com>",
        "lookalike-author-domain",
    ),
    (
        "From: \"ontoso.com\" <a@www.ontoso.com>",
        "lookalike-author-domain",
    ),
    (
        "From: \"www.ontoso.com\" <a@ontoso.com>",
        "lookalike-author-domain",
    ),
    ("From: \"ontoso.com\" <a@stranger.com>", "display-name"),
    ("From: \"stranger.com\" <a@kestlow.example>", ""),
    // An address in it.
    (
        "From: \"a@contoso.com\" <a@stranger.example>",
        "display-address!",
    ),
    (
        "From: \"contoso@shop.example\" <a@stranger.example>",
        "display-address",
    ),
    ("From: \"a@shop.example\" <a@stranger.example>", ""),
    // The name of his own domain.
    (
        "From: Contoso Filters <a@contosofilters.com>",
        "display-name! (OwnName), lookalike-author-domain",
    ),
    (
        "From: Contoso Support <a@contosofilters.com>",
        "display-name!, lookalike-author-domain",
    ),
    (
        "From: Contoso Login <a@contoso-login.com>",
        "lookalike-author-domain!, display-name!",
    ),
    // A mailing list wrote it.
    (
        "From: Contoso via Users <a@stranger.example>",
        "display-name! (BrandViaList)",
    ),
    (
        "From: \"Jane Doe (Contoso) via Users\" <a@stranger.example>",
        "display-name! (PersonViaList)",
    ),
    (
        "From: Jane via Contoso <a@stranger.example>",
        "display-name! (BrandMentioned)",
    ),
    // A person.
    (
        "From: Contoso Rodrigues <contoso.rodrigues@stranger.example>",
        "display-name! (PersonName), local-part (PersonName)",
    ),
    (
        "From: Contoso Rodrigues <crodrigues@stranger.example>",
        "display-name! (PersonName)",
    ),
    (
        "From: Contoso Rodrigues <info@stranger.example>",
        "display-name!",
    ),
    (
        "From: contoso rodrigues <crodrigues@stranger.example>",
        "display-name!",
    ),
    (
        "From: Anna Contoso <anna.contoso@stranger.example>",
        "display-name! (PersonName), local-part (PersonName)",
    ),
    (
        "From: Anna K. Contoso <anna.contoso@post.example>",
        "display-name! (PersonName), local-part! (PersonName)",
    ),
    (
        "From: A. Contoso <a.contoso@stranger.example>",
        "display-name! (BrandMentioned), local-part",
    ),
    (
        "From: Anna Maria K. Contoso <anna.contoso@stranger.example>",
        "display-name! (BrandMentioned), local-part",
    ),
    (
        "From: Anna C0ntoso <anna.c0ntoso@stranger.example>",
        "display-name! (BrandMentioned), local-part!",
    ),
    (
        "From: C. Ontoso <c.ontoso@stranger.example>",
        "display-name! (PersonName), local-part (PersonName)",
    ),
    ("From: C. Ontoso <ontoso@stranger.example>", "display-name!"),
    ("From: Co Ntoso <c.ntoso@stranger.example>", "display-name!"),
    (
        "From: C. Ontoso <contoso@stranger.example>",
        "display-name!, local-part",
    ),
    (
        "From: X Contoso Me <a@xcontosome.org>",
        "display-name! (OwnName)",
    ),
    (
        "From: Clara Ontoso <c.ontoso@stranger.example>",
        "local-part",
    ),
    ("From: Clara <c.ontoso@stranger.example>", "local-part"),
    (
        "From: Contoso Rodrigues <crodrigues@contosofilters.com>",
        "display-name!, lookalike-author-domain",
    ),
    (
        "From: Contoso Rodrigues <crodrigues@raincoats.example>",
        "display-name!",
    ),
    (
        "From: Contoso Rodrigues <crodrigues@stranger.example>, b@kestlow.example",
        "display-name!",
    ),
];

#[test]
fn a_name_claims_and_is_excused_by_what_it_says_besides() {
    check(NAMES.iter().copied());
}

const FIELDS: &[(&str, &str)] = &[
    (
        "From: a@stranger.example\nReply-To: b@contoso.com",
        "reply-to",
    ),
    (
        "From: a@stranger.example\nReply-To: Contoso <b@kestlow.example>",
        "reply-to",
    ),
    ("From: a@stranger.example\nReply-To: b@kestlow.example", ""),
    (
        "From: a@contosofilters.com\nReply-To: b@contosofilters.com",
        "lookalike-author-domain",
    ),
    (
        "From: a@contosofilters.com\nReply-To: b@contosofilters.de",
        "lookalike-author-domain, reply-to",
    ),
    (
        "From: a@contoso.com\nReply-To: b@contoso.co.uk",
        "official-author-domain!",
    ),
    (
        "From: a@stranger.example\nSender: b@contoso.com",
        "sender-field",
    ),
    (
        "From: a@stranger.example\nSender: Contoso <b@kestlow.example>",
        "sender-field",
    ),
    ("From: a@stranger.example\nSender: b@kestlow.example", ""),
    // Who reads no From shows the other.
    ("Sender: b@contoso.com", "sender-field!"),
    ("Sender: b@contosofilters.com", "sender-field!"),
    ("Resent-From: b@contoso.com", "sender-field!"),
    ("From: a@stranger.example\nResent-From: b@contoso.com", ""),
    (
        "From: Anna <a@stranger.example> x\nSender: b@contoso.com",
        "sender-field",
    ),
    (
        "From: a@stranger.example\nSubject: Your Contoso account",
        "subject",
    ),
    (
        "From: a@stranger.example\nSubject: Boats on the Contoso mountain",
        "",
    ),
    ("From: a@stranger.example\nSubject: Hello", ""),
    ("From: a@stranger.example\nSubject: CTS", ""),
    (
        "From: a@stranger.example\nSubject: CTS 123-1234567-1234567",
        "subject",
    ),
    (
        "From: a@contoso.com\nSubject: Your Contoso account",
        "official-author-domain!, subject",
    ),
    (
        "From: a@stranger.example\nDKIM-Signature: v=1; d=contoso-login.com; s=x",
        "lookalike-dkim-domain",
    ),
    (
        "From: a@stranger.example\nDKIM-Signature: v=1; d=contoso.com; s=x",
        "",
    ),
    (
        "From: a@stranger.example\nDKIM-Signature: v=1; d=stranger.example; s=x",
        "",
    ),
    (
        "From: a@contosofilters.com\nDKIM-Signature: v=1; d=contosofilters.com; s=x",
        "lookalike-author-domain",
    ),
];

#[test]
fn other_fields_claim_where_the_author_is_not_the_brand() {
    check(FIELDS.iter().copied());
}

#[test]
fn who_gets_replies_and_who_is_shown_beside_the_author_is_told() {
    let diverted = |fields: &str| claims_of(fields).notes.contains(&Reason::ReplyDiverted);
    for (from, to, wanted) in [
        ("contoso.com", "stranger.example", true),
        ("contoso.com", "contoso-login.com", true),
        ("contoso.com", "pay-contoso.com", true),
        ("contoso.com", "cardbank.example", true),
        ("contoso.com", "contoso.co.uk", false),
        ("contoso.com", "contosoumbrellas.com", false),
        ("contoso.com", "raincoats.example", false),
        ("contosoumbrellas.com", "stranger.example", true),
        ("pay-contoso.com", "stranger.example", true),
        ("stranger.example", "kestlow.example", false),
        ("contoso-login.com", "kestlow.example", false),
    ] {
        let fields = format!("From: a@{from}\nReply-To: b@{to}");
        assert_eq!(diverted(&fields), wanted, "{fields}");
    }
    assert!(!diverted("From: a@contoso.com"));
    let address = |domain: &str| Some(ShownSender::Address(Domain::parse(domain).unwrap()));
    for (sender, wanted) in [
        ("Contoso <b@kestlow.example>", Some(ShownSender::Name)),
        ("Contoso <b@contoso.com>", Some(ShownSender::Name)),
        ("Rain Club <b@kestlow.example>", None),
        ("b@contoso.com", address("contoso.com")),
        ("b@contosoumbrellas.com", address("contosoumbrellas.com")),
        ("b@kestlow.example, c@contoso.com", address("contoso.com")),
        ("b@pay-contoso.com", None),
        ("b@contoso-login.com", None),
        ("b@kestlow.example", None),
    ] {
        let fields = format!("From: a@stranger.example\nSender: {sender}");
        assert_eq!(claims_of(&fields).sender, wanted, "{sender}");
    }
    assert_eq!(
        claims_of("From: a@contoso.com\nSender: Contoso <b@contoso.com>").sender,
        None
    );
    let mut message = Message::parse(b"From: a@stranger.example\n\n").unwrap();
    for (path, wanted) in [
        ("<b@contoso.com>", "envelope-sender"),
        ("<b@contosofilters.com>", "envelope-sender"),
        ("<contoso@kestlow.example>", ""),
        ("<b@stranger.example>", ""),
        ("<>", ""),
    ] {
        message.envelope.mail_from = Some(crate::mail::message::Path::parse(path));
        assert_eq!(shown(&claims(&message, &BRAND)), wanted, "{path}");
    }
}
