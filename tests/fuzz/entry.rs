//! The doors by which foreign octets come in, each with what must hold behind it whatever comes.
//!
//! The fuzz targets and `tests/mutations.rs` share them.

#[path = "grammar.rs"]
mod grammar;
#[path = "network.rs"]
mod network;
#[path = "page.rs"]
mod page;

pub(crate) use network::{arc, dkim, dns, protocol, records};
pub(crate) use page::http;

use amazon_spoof_milter::{
    brand::{Brand, Strength, host, name},
    claim,
    config::Config,
    mail::{
        decode::{self, header_texts, parameter},
        domain::Domain,
        mailbox::{MAX_AUTHORS, authors},
        message::{Header, Message},
        received,
        text::skeleton,
    },
    proof::Evidence,
    report::{HeaderOptions, Judged, ReplyTexts, Report, authentication_results, header_text},
    verdict::{
        self, Case,
        policy::{Policy, Preset},
        trust::Trust,
    },
    wants::{self, Bounds, Content},
};

/// A target: its name, and what is done with the octets.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// Every target.
pub(crate) const TARGETS: [Target; 20] = [
    ("from", from),
    ("encoded_word", encoded_word),
    ("message", message),
    ("mail", mail),
    ("body", body),
    ("html", html),
    ("links", links),
    ("authres", authres),
    ("received", received),
    ("lookalike", lookalike),
    ("names", names),
    ("header_text", header_text),
    ("config", config),
    ("brand", brand),
    ("protocol", protocol),
    ("dns", dns),
    ("records", records),
    ("dkim", dkim),
    ("arc", arc),
    ("http", http),
];

fn field(name: &str, value: &[u8]) -> Header {
    Header {
        name: name.as_bytes().to_vec(),
        value: value.to_vec(),
    }
}

/// The value of a From field.
pub(crate) fn from(data: &[u8]) {
    let found = authors(&[field("From", data)], "From");
    assert!(found.addresses.len() <= MAX_AUTHORS);
    assert!(found.names.len() <= MAX_AUTHORS);
    assert!(found.addresses_in_names.len() <= MAX_AUTHORS);
    // A field that is there always says something: nothing becomes "no author" in silence.
    assert!(
        found.cut
            || !found.addresses.is_empty()
            || !found.names.is_empty()
            || !found.irregularities.is_empty()
    );
}

/// Header text with encoded words.
pub(crate) fn encoded_word(data: &[u8]) {
    let texts = header_texts(data, || None);
    assert!((1..=decode::MAX_READINGS).contains(&texts.len()));
    assert_eq!(texts.first(), Some(&decode::header_text(data)));
    for text in texts {
        assert!(!text.chars().any(char::is_control), "{text:?}");
        // Read twice where raw octets stand in an encoded word, each time at most three for one.
        assert!(text.len() <= 9 * data.len());
    }
    for found in parameter::parse(data).parameters {
        assert!(found.octets.len() <= data.len());
        assert!(found.text().len() <= 9 * data.len());
    }
}

/// A whole message, through everything that the core does with it.
pub(crate) fn message(data: &[u8]) {
    let Ok(message) = Message::parse(data) else {
        return;
    };
    let again = Message::parse(&message.to_bytes());
    assert_eq!(again.as_ref().map(|m| &m.headers), Ok(&message.headers));
    let brand = Brand::embedded();
    let trust = Trust::default();
    let origin = trust.origin(&message);
    let claims = claim::claims(&message, brand);
    let content = wants::inspect(
        &message,
        brand,
        claims.strongest_if_excused(),
        bounds(1 << 16),
    );
    bounded(&content);
    let evidence = Evidence::default();
    let judgement = verdict::decide(Case {
        claims: &claims,
        origin: &origin,
        evidence: &evidence,
        content: &content,
        trust: &trust,
        limits: &message.cut,
    });
    let policy = Policy {
        preset: Preset::Enforce,
        ..Policy::default()
    };
    let decision = policy.act(&judgement, &origin);
    let judged = Judged {
        claims,
        evidence: Some(evidence),
        content,
        judgement,
        decision,
        limits: message.cut.clone(),
    };
    let report = Report::new(brand.name(), judged).with_advice(brand.advice("ja"));
    written(&message, &report);
}

/// The same with mail by its grammar, which the octets choose.
pub(crate) fn mail(data: &[u8]) {
    let raw = grammar::message(&mut grammar::Choices::of(data));
    message(&raw);
    // It is no less mail with line ends as Unix has them.
    let unix = String::from_utf8_lossy(&raw).replace("\r\n", "\n");
    message(unix.as_bytes());
}

/// Nothing but printable ASCII is ever put into a header or a reply.
fn written(message: &Message, report: &Report) {
    let options = HeaderOptions {
        is_authserv_id_given: true,
        authserv_id: "mx.example".to_owned(),
        keep_authres: Vec::new(),
        subject_prefix: "[!]".to_owned(),
        spam_flag: true,
        results_for_all: true,
        advice_language: "ja".to_owned(),
    };
    let edits = report.edits(message, &options);
    for (name, value) in &edits.insert {
        let printable = value.bytes().all(|octet| (32..127).contains(&octet));
        assert!(printable, "{name}: {value:?}");
    }
    assert!(edits.delete.iter().all(|(_, index)| *index > 0));
    if let Some(reply) = report.reply(&ReplyTexts::default()) {
        assert!(reply.text.bytes().all(|octet| (32..127).contains(&octet)));
    }
}

fn bounded(content: &Content) {
    for text in [&content.own, &content.quoted] {
        assert!(text.findings.len() <= 64);
        assert!(text.findings.iter().all(|found| found.seen.len() <= 200));
    }
}

fn bounds(max_body: usize) -> Bounds {
    Bounds {
        unclaimed: max_body / 4,
        max_body,
    }
}

fn inspect(content_type: &str, body: Vec<u8>, max_body: usize) {
    let message = Message {
        headers: vec![
            field("From", b" a@sender.example"),
            field("Subject", b" Your account"),
            field("Content-Type", content_type.as_bytes()),
        ],
        body: body.into(),
        ..Message::default()
    };
    for claim in [None, Some(Strength::Weak), Some(Strength::Strong)] {
        bounded(&wants::inspect(
            &message,
            Brand::embedded(),
            claim,
            bounds(max_body),
        ));
    }
}

/// The fields and the body of a message: parts, encodings, charsets.
pub(crate) fn body(data: &[u8]) {
    let raw = [b"From: a@sender.example\r\n".as_slice(), data].concat();
    let Ok(message) = Message::parse(&raw) else {
        return;
    };
    let strong = Some(Strength::Strong);
    for (claim, max_body) in [(None, 1 << 16), (strong, 1 << 16), (strong, data.len() / 2)] {
        bounded(&wants::inspect(
            &message,
            Brand::embedded(),
            claim,
            bounds(max_body),
        ));
    }
}

/// A page.
pub(crate) fn html(data: &[u8]) {
    inspect("text/html; charset=utf-8", data.to_vec(), 1 << 16);
}

/// An address, as a link of a page and in plain text.
pub(crate) fn links(data: &[u8]) {
    let page = [
        b"<base href=\"https://sender.example/\"><a href=\"".as_slice(),
        data,
        b"\">https://www.amazon.com/</a><form action='",
        data,
        b"'></form>",
    ]
    .concat();
    inspect("text/html; charset=utf-8", page, 1 << 16);
    let text = [b"https://".as_slice(), data, b" www.", data].concat();
    inspect("text/plain; charset=utf-8", text, 1 << 16);
}

/// The value of an Authentication-Results field.
pub(crate) fn authres(data: &[u8]) {
    authentication_results::authserv_id(data);
    let proved = authentication_results::proved_domains(data);
    assert!(proved.len() <= data.len());
    // Whoever puts our name in front is found out, whatever follows.
    let forged = [b" mx.example; ".as_slice(), data].concat();
    assert!(authentication_results::is_forgery(
        &forged,
        "mx.example",
        &[]
    ));
}

/// The value of a Received field.
pub(crate) fn received(data: &[u8]) {
    received::read(&field("Received", data));
    // Whatever a client says, in HELO or by its ident server, the server saw where it comes from. None
    // of them lets a blank or a control character through.
    let said: Vec<u8> = data
        .iter()
        .map(|octet| {
            if octet.is_ascii_graphic() {
                *octet
            } else {
                b'?'
            }
        })
        .collect();
    let said = String::from_utf8_lossy(&said);
    for text in [
        format!(" from {said} (unknown [203.0.113.9])\r\n\tby gw (Postfix) with ESMTP id 1; x"),
        format!(" from x ({said}@a.example [203.0.113.9])\r\n\tby gw (8.18.1/8.18.1) id 1; x"),
        format!(
            " from {said} ([::ffff:203.0.113.9])\r\n  (IDENT: {said})\r\n  by gw with ESMTP; x"
        ),
        format!(
            " from [203.0.113.9] (helo={said} ident={said})\r\n\tby gw with esmtp (Exim 4.96); x"
        ),
        format!(
            " from a.example ([203.0.113.9]:25 helo={said})\r\n\tby gw with esmtp (Exim 4.96); x"
        ),
        format!(" from a.example (HELO {said}) ({said}@203.0.113.9)\r\n  by gw with SMTP; x"),
        format!(" from {said} (203.0.113.9) by gw (192.0.2.1) with Microsoft SMTP Server id 1; x"),
    ] {
        if let received::Trace::Client(hop) = received::read(&field("Received", text.as_bytes())) {
            assert_eq!(hop.ip.to_string(), "203.0.113.9", "{text}");
        }
    }
}

/// A host name.
pub(crate) fn lookalike(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(host) = Domain::parse(&text) {
        let name = host.as_str();
        assert!(name.len() <= 253 && name.bytes().all(|octet| (33..127).contains(&octet)));
        assert_eq!(Domain::parse(name).as_ref(), Ok(&host));
        host::classify(Brand::embedded(), &host);
    }
    host::classify_line(Brand::embedded(), &text);
}

/// A name or a subject.
pub(crate) fn names(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let skeleton = skeleton::skeleton(&text);
    assert!(skeleton.len() <= 4 * (text.len() + 1) * 6);
    if let Some(mention) = name::mention(Brand::embedded(), &text) {
        assert!(mention.start_word + mention.words <= mention.word_count);
    }
}

/// Text that we put into a header.
pub(crate) fn header_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let encoded = header_text::encode(&text);
    assert!(encoded.bytes().all(|octet| (32..127).contains(&octet)));
    // Of a longer one the rest is not read.
    if !text.is_ascii() && encoded.len() <= decode::MAX_VALUE {
        let plain: String = text.chars().filter(|c| !c.is_control()).collect();
        let shown = decode::shown(&plain);
        assert_eq!(decode::header_text(encoded.as_bytes()), shown);
    }
    let folded = header_text::fold("X-Field", &encoded, "\r\n");
    assert_eq!(folded.replace("\r\n", ""), encoded);
}

/// A configuration.
pub(crate) fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    // Only what the text says is tried, not what files it names.
    let table = toml::from_str::<toml::Table>(text).unwrap_or_default();
    if table
        .get("brand")
        .is_some_and(|brand| brand.get("file").is_some())
    {
        return;
    }
    match Config::from_toml(text) {
        Ok(config) => {
            let again = Config::from_toml(&config.effective).map(|again| again.effective);
            assert_eq!(again, Ok(config.effective));
        }
        Err(errors) => assert!(!errors.is_empty()),
    }
}

/// A brand file.
pub(crate) fn brand(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match Brand::from_toml(text) {
        Ok(brand) => {
            name::mention(&brand, "Zorblatt security account");
            if let Ok(host) = Domain::parse("security-zorblatt.example") {
                host::classify(&brand, &host);
            }
        }
        Err(errors) => assert!(!errors.is_empty()),
    }
}
