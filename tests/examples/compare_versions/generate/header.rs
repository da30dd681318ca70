//! From, Subject and the fields around them.

use super::words::{ADDRESSES, NAMES, PEOPLE, PREFIXES, SUBJECTS};
use super::{Draft, Sender, charset};

/// The From field or fields, each with its line end.
pub fn from(draft: &mut Draft, sender: &Sender) -> Vec<u8> {
    let (name_label, name) = match draft.chance.one_in(2) {
        true => ("person", draft.chance.pick(&PEOPLE)),
        false => draft.chance.pick(&NAMES),
    };
    let (address_label, address) = match draft.chance.one_in(4) {
        true => draft.chance.pick(&ADDRESSES),
        false => ("own", sender.author),
    };
    draft.label(&format!("from-{name_label}-{address_label}"));
    let plain = charset::in_header(draft, name);
    let name = |before: &str, after: &str| [before.as_bytes(), &plain, after.as_bytes()].concat();
    let quoted = |after: &str| name("From: \"", &format!("\"{after}\r\n"));
    let (kind, field) = match draft.chance.below(64) {
        0 => ("bare", format!("From: {address}\r\n").into_bytes()),
        1 => ("comment", name(&format!("From: {address} ("), ")\r\n")),
        2 => (
            "comments",
            name("From: (a (b) ", &format!(") <{address}> (c)\r\n")),
        ),
        3 => (
            "group",
            name("From: ", &format!(": {address}, jane@friend.example;\r\n")),
        ),
        4 => ("group-empty", name("From: ", ":;\r\n")),
        5 => (
            "two",
            quoted(&format!(" <{address}>, Jane <jane@friend.example>")),
        ),
        6 => (
            "two-first",
            name(
                "From: Jane <jane@friend.example>, ",
                &format!(" <{address}>\r\n"),
            ),
        ),
        7 => (
            "twice",
            [
                quoted(&format!(" <{address}>")),
                b"From: jane@friend.example\r\n".to_vec(),
            ]
            .concat(),
        ),
        8 => (
            "twice-last",
            [
                b"From: jane@friend.example\r\n".to_vec(),
                quoted(&format!(" <{address}>")),
            ]
            .concat(),
        ),
        9 => (
            "folded",
            name("From:\r\n\t", &format!("\r\n <{address}>\r\n")),
        ),
        10 => (
            "route",
            quoted(&format!(" <@amazon.com,@relay.example:{address}>")),
        ),
        11 => ("unclosed", quoted(&format!(" <{address}"))),
        12 => ("unopened", quoted(&format!(" {address}>"))),
        13 => (
            "unquoted-end",
            name("From: \"", &format!(" <{address}>\r\n")),
        ),
        14 => (
            "two-angles",
            quoted(&format!(" <no-reply@amazon.com> <{address}>")),
        ),
        15 => (
            "blanks",
            quoted(&format!(" < {} >", address.replace('@', " @ "))),
        ),
        16 => ("no-address", name("From: ", "\r\n")),
        17 => ("empty", b"From:\r\n".to_vec()),
        18 => ("null", name("From: ", " <>\r\n")),
        19 => ("none", Vec::new()),
        20 => ("colon-blank", name("From : ", &format!(" <{address}>\r\n"))),
        21 => ("lower", name("from:", &format!("<{address}>\r\n"))),
        22 => (
            "names",
            name("From: \"Jane\" ", &format!(" <{address}>\r\n")),
        ),
        23 => (
            "trailing",
            quoted(&format!(" <{address}> no-reply@amazon.com")),
        ),
        24 => (
            "semicolon",
            quoted(&format!(" <{address}>; jane@friend.example")),
        ),
        25 => (
            "backslash",
            name("From: \"A\\", &format!("\" <{address}>\r\n")),
        ),
        26 => (
            "domain-comment",
            quoted(&format!(" <{}>", address.replace('@', "(x)@(y)"))),
        ),
        27 => ("dot-end", quoted(&format!(" <{address}.>"))),
        28 if draft.chance.one_in(4) => {
            let filler = "Jane Doe, ".repeat(400);
            (
                "long",
                name(&format!("From: {filler}"), &format!(" <{address}>\r\n")),
            )
        }
        29..=41 => ("", name("From: ", &format!(" <{address}>\r\n"))),
        _ => ("", quoted(&format!(" <{address}>"))),
    };
    if !kind.is_empty() {
        draft.label(&format!("from-{kind}"));
    }
    field
}

/// The Subject field, or none.
pub fn subject(draft: &mut Draft) -> Vec<u8> {
    let (label, text) = draft.chance.pick(&SUBJECTS);
    let mut text = draft.filled(text);
    draft.label(&format!("subject-{label}"));
    if draft.chance.one_in(5) {
        let prefix = draft.chance.pick(&PREFIXES);
        draft.label("subject-prefixed");
        text.insert_str(0, prefix);
    }
    if draft.chance.one_in(60) {
        draft.label("subject-none");
        return Vec::new();
    }
    let value = charset::in_header(draft, &text);
    let folded = draft.chance.one_in(12);
    let begin: &[u8] = if folded {
        b"Subject:\r\n "
    } else {
        b"Subject: "
    };
    [begin, &value, b"\r\n"].concat()
}

/// Fields that come and go: lists, answers, other senders, results and marks of others.
pub fn others(draft: &mut Draft) -> Vec<u8> {
    const FIELDS: [(&str, &str); 25] = [
        (
            "list",
            "List-Id: Garden <garden.list.example>\r\nPrecedence: list\r\n",
        ),
        (
            "list",
            "List-Id: garden.list.example\r\nList-Unsubscribe: <mailto:leave@list.example>\r\nList-Post: <mailto:list@list.example>\r\n",
        ),
        ("list-brand", "List-Id: Amazon Deals <deals.amazon.com>\r\n"),
        (
            "list-brand",
            "List-Id: \"Amazon Sellers\" <sellers.list.example>\r\n",
        ),
        (
            "reply",
            "In-Reply-To: <1@friend.example>\r\nReferences: <1@friend.example>\r\n",
        ),
        (
            "reply",
            "References: <0@shop.example> <1@friend.example>\r\n",
        ),
        (
            "reply-to-brand",
            "Reply-To: Amazon <no-reply@amazon.com>\r\n",
        ),
        ("reply-to", "Reply-To: amazon.help@mail.example\r\n"),
        ("reply-to", "Reply-To: jane@friend.example\r\n"),
        ("sender", "Sender: no-reply@amazon.com\r\n"),
        ("sender", "Sender: Amazon <news@sender.example>\r\n"),
        (
            "resent",
            "Resent-From: jane@friend.example\r\nResent-To: user@shop.example\r\n",
        ),
        ("own-mark", "X-Amazon-Spoof-Verdict: verified\r\n"),
        ("own-mark", "X-Amazon-Spoof-Explanation: It is fine.\r\n"),
        (
            "authres",
            "Authentication-Results: mx.shop.example; dkim=pass header.d=amazon.com\r\n",
        ),
        (
            "received",
            "Received: from smtp-out.amazon.com (smtp-out.amazon.com [192.0.2.10])\r\n\tby mx.shop.example (Postfix) with ESMTPS id 4Q1; Sun, 22 Nov 2026 10:00:00 +0000\r\n",
        ),
        (
            "received",
            "Received: from list.example (list.example [203.0.113.40]) by mx.shop.example; Sun, 22 Nov 2026 10:00:00 +0000\r\n",
        ),
        ("auto", "Auto-Submitted: auto-replied\r\n"),
        (
            "auto",
            "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n",
        ),
        (
            "spam-mark",
            "X-Spam-Flag: YES\r\nX-Spam-Status: Yes, score=9.1\r\n",
        ),
        ("organisation", "Organization: Amazon.com\r\n"),
        ("mailer", "X-Mailer: Amazon Simple Email Service\r\n"),
        ("to-brand", "Cc: Amazon <no-reply@amazon.com>\r\n"),
        ("no-colon", "This is no field\r\n"),
        (
            "thread",
            "Thread-Topic: Your Amazon account\r\nThread-Index: AQHa\r\n",
        ),
    ];
    let mut out = Vec::new();
    while draft.chance.one_in(2) {
        let (label, field) = draft.chance.pick(&FIELDS);
        draft.label(label);
        out.extend_from_slice(field.as_bytes());
    }
    out
}
