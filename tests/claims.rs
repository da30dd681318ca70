//! Which field claims the brand, how strongly, and what decides: the table of `docs/claims.md`, row by
//! row, and the rules of weighing below it.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use amazon_spoof_milter::{
    brand::Brand,
    claim::{Claims, Excuse, claims},
    mail::{
        domain::Domain,
        message::{Envelope, Message, Path},
    },
    proof::{
        AuthResult, AuthorEvidence, DmarcLookup, Evidence, Existence, Signature, Spf, SpfIdentity,
    },
    reason::Reason,
    verdict::{
        Case, Judgement, decide,
        trust::{Origin, Trust},
    },
    wants::{Content, Finding, Text},
};

/// A message of these lines; `MAIL FROM:` among them is the envelope.
fn message(lines: &[&str]) -> Message {
    let mut text = String::new();
    let mut mail_from = None;
    for line in lines {
        match line.strip_prefix("MAIL FROM: ") {
            Some(path) => mail_from = Some(Path::parse(path)),
            None => {
                text.push_str(line);
                text.push_str("\r\n");
            }
        }
    }
    text.push_str("\r\nHello.\r\n");
    let mut message = Message::parse(text.as_bytes()).expect("a message");
    message.envelope.mail_from = mail_from;
    message
}

fn read(lines: &[&str]) -> Claims {
    claims(&message(lines), Brand::embedded())
}

fn domain(text: &str) -> Domain {
    Domain::parse(text).unwrap()
}

/// Nothing was proved, and nobody left open whether something could have been.
fn nothing() -> Evidence {
    Evidence::default()
}

/// A signature of `signer` passes.
fn signed(signer: &str) -> Evidence {
    Evidence {
        dkim: vec![Signature {
            result: AuthResult::Pass,
            domain: Some(domain(signer)),
            selector: "s".to_owned(),
            fault: None,
        }],
        authors: vec![AuthorEvidence {
            domain: domain(signer),
            organizational: Some(domain(signer)),
            dmarc: DmarcLookup::NoRecord,
            existence: Existence::Exists,
        }],
        ..Evidence::default()
    }
}

/// SPF says this about the envelope sender's domain.
fn spf(result: AuthResult, of: &str) -> Evidence {
    Evidence {
        spf: Spf {
            result,
            identity: SpfIdentity::MailFrom,
            domain: Some(domain(of)),
            open: result == AuthResult::TempError,
            unknown_envelope: false,
        },
        ..Evidence::default()
    }
}

/// Something that the text does to its reader, beside the brand's name.
fn finding(reason: Reason) -> Finding {
    Finding {
        names_brand: true,
        ..Finding::new(reason, "")
    }
}

fn judge(lines: &[&str], evidence: &Evidence, findings: &[Reason]) -> Judgement {
    let message = message(lines);
    let content = Content {
        own: Text {
            findings: findings.iter().map(|reason| finding(*reason)).collect(),
            leads_to_stranger: true,
            ..Text::default()
        },
        ..Content::default()
    };
    decide(Case {
        claims: &claims(&message, Brand::embedded()),
        origin: &known_envelope(),
        evidence,
        content: &content,
        trust: &Trust::default(),
        limits: &message.cut,
    })
}

fn verdict(lines: &[&str], evidence: &Evidence, findings: &[Reason]) -> &'static str {
    judge(lines, evidence, findings).verdict.word()
}

/// Example (`++` between its lines), claim, strength, verdict where nothing is proved and the body asks for
/// nothing.
const TABLE: &str = r#"
From: x@amazon.com => official-author-domain strong forged
From: x@marketplace.amazon.com => official-author-domain strong forged
From: x@aboutamazon.de => owned-not-sender strong forged
From: seller-performance@payments-amazon.com => owned-not-sender strong forged
From: x@amazon.com.biz => lookalike-author-domain strong lookalike
From: x@amazon-konto.example => lookalike-author-domain strong lookalike
From: x@amazon.weebly.com => lookalike-author-domain strong lookalike
From: x@amazonfilters.example => lookalike-author-domain weak unrelated
From: x@amazon.zendesk.com => lookalike-author-domain weak unrelated
From: x@audible.com => none none unrelated
From: x@affirm.com => none none unrelated
From: x@amazonwatch.org => none none unrelated
From: Amazon <x@shop.example> => display-name strong impersonation
From: "Amazon.de Kundenservice" <x@shop.example> => display-name strong impersonation
From: アマゾン <x@shop.example> => display-name strong impersonation
From: A m a z 0 n <x@shop.example> => display-name strong impersonation
From: "Max Steller von Amazon" <x@shop.example> => display-name strong impersonation
From: "Amazon Gutschein" <x@shop.example> => display-name strong impersonation
From: "Welcome to Amazon" <x@shop.example> => display-name strong impersonation
From: "Prime Video" <x@shop.example> => display-name strong impersonation
From: "Seller Central" <x@shop.example> => display-name strong impersonation
From: "Amazon via Mail" <x@shop.example> => display-name strong impersonation
From: AWS <x@shop.example> => display-name weak unrelated
From: Kindle <x@shop.example> => display-name weak unrelated
From: "Prime membership" <x@shop.example> => display-name weak unrelated
From: "Prime account" <x@shop.example> => display-name weak unrelated
From: "Prime 113-1234567-1234567" <x@shop.example> => display-name weak unrelated
From: "Bradesco Prime" <x@shop.example> => none none unrelated
From: "Freight to Amazon FBA" <x@shop.example> => display-name strong impersonation
From: "Joe's Guide to Amazon" <x@shop.example> => display-name strong impersonation
From: "Support for Amazon Sellers" <x@shop.example> => display-name strong impersonation
From: "Refund for Amazon" <x@shop.example> => display-name strong impersonation
From: "Your order on Amazon" <x@shop.example> => display-name strong impersonation
From: "Besser als Amazon" <x@shop.example> => display-name strong impersonation
From: "Beyond Amazon" <x@shop.example> => display-name strong impersonation
From: "About Amazon" <x@shop.example> => display-name strong impersonation
From: "Lost City of the Amazon" <x@shop.example> => display-name weak unrelated
From: "Make Amazon Pay" <x@shop.example> => none none unrelated
From: "Jobs at Amazon" <x@shop.example> => display-name strong impersonation
From: "Anna at Amazon" <x@shop.example> => display-name strong impersonation
From: "Amazon Rodrigues" <a.rodrigues@shop.example> => display-name strong impersonation
From: "Amazon Rodrigues" <info@shop.example> => display-name strong impersonation
From: "Amazon Kundschaft" <amazon.kundschaft@shop.example> => display-name strong impersonation
From: "Amazon Filters" <x@amazonfilters.example> => display-name strong lookalike
From: "Amazon Logistik" <x@amazonlogistik.example> => display-name strong lookalike
From: "Amazon Watch" <x@shop.example> => display-name weak unrelated
From: "Amazon Watchdog" <x@shop.example> => display-name strong impersonation
From: "Watch Amazon" <x@shop.example> => display-name strong impersonation
From: "Amazon Region" <x@shop.example> => display-name weak unrelated
From: "Amazon / Region" <x@shop.example> => display-name strong impersonation
From: "Region Amazon.de" <x@shop.example> => display-name strong impersonation
From: "Amaz0n Region" <x@shop.example> => display-name strong impersonation
From: "Amazon Rainforest Support" <x@shop.example> => display-name strong impersonation
From: "AmazonAssurance" <x@shop.example> => display-name strong impersonation
From: "Amazonasgebiet" <x@shop.example> => display-name weak unrelated
From: "Amazons Versand" <x@shop.example> => display-name strong impersonation
From: "Sheffield Amazons" <x@shop.example> => display-name weak unrelated
From: "Podpora Amazonu" <x@shop.example> => display-name strong impersonation
From: "AMAZ[]N" <x@shop.example> => display-name strong impersonation
From: "ₐ⤷ᶻ Security" <x@shop.example> => display-name strong impersonation
From: "A→Z Delivery" <x@shop.example> => none none unrelated
From: "AMZN Returns" <x@shop.example> => display-name strong impersonation
From: "AMZN Coffee Returns" <x@shop.example> => display-name weak unrelated
From: "Amazonas" <x@shop.example> => none none unrelated
From: "Amazing" <x@shop.example> => none none unrelated
From: "Amazon" <x@audible.com> => display-name strong impersonation
From: "Amazon" <x@affirm.com> => display-name strong impersonation
From: "Amazon" <x@duck.com> => display-name strong impersonation
From: "x@amazon.com" <x@shop.example> => display-address strong impersonation
From: "no-reply@amazon" <x@shop.example> => display-name strong impersonation
From: x@shop.example (y@amazon.com) => display-address strong impersonation
From: "x@amazon-konto.example" <x@shop.example> => display-address strong impersonation
From: "amazon-security@hotmail.com" <x@shop.example> => display-address strong impersonation
From: "x@amazonfilters.example" <x@shop.example> => display-address weak unrelated
From: "amazon@smallshop.example" <x@shop.example> => display-address weak unrelated
From: <amazon@gmail.com> => local-part strong impersonation
From: <amazonsecurity@gmail.com> => local-part strong impersonation
From: <amazontravel@gmail.com> => local-part strong impersonation
From: <amazontravel@shop.example> => local-part strong impersonation
From: <amazonn@shop.example> => local-part strong impersonation
From: <amozon-billing@shop.example> => local-part strong impersonation
From: <noreplyamazon@shop.example> => local-part strong impersonation
From: <amazonriver@gmail.com> => local-part weak unrelated
From: <account-amazon@shop.example> => local-part strong impersonation
From: <amazonsecurity@shop.example> => local-part strong impersonation
From: <amazon.co.jp@shop.example> => local-part strong impersonation
From: <noreply-amazon@shop.example> => local-part strong impersonation
From: <amazon-payments@msn.com> => local-part strong impersonation
From: <aws-billing@gmail.com> => local-part strong impersonation
From: <amazon@smallshop.example> => local-part weak unrelated
From: <aws-billing@smallshop.example> => local-part weak unrelated
From: <joe+amazon@gmail.com> => local-part weak unrelated
From: "Alberto Mazon" <a.mazon@gmail.com> => local-part weak unrelated
From: <amazonas@gmail.com> => none none unrelated
From: Amazon => display-name strong impersonation
From: <x@amazon..example> => malformed-from strong impersonation
From: Help\Amazon <x@y.example> => display-name strong impersonation
From: [Amazon[@ => display-name strong impersonation
From: Scanner => none none unrelated
From: x@shop.example ++ Sender: Amazon <y@other.example> => sender-field weak impersonation
From: ++ Sender: Amazon <y@other.example> => sender-field strong impersonation
From: x@shop.example ++ Sender: y@amazon.com => sender-field weak suspicious
From: x@shop.example ++ Reply-To: Amazon <y@other.example> => reply-to weak unrelated
From: x@shop.example ++ Reply-To: y@amazon.com => reply-to weak unrelated
From: x@shop.example ++ MAIL FROM: y@amazon.com => envelope-sender weak unrelated
From: x@shop.example ++ MAIL FROM: y@amazonses.com => none none unrelated
From: x@shop.example ++ Subject: Your Amazon order => subject weak unrelated
From: x@shop.example ++ Subject: The Amazon river => none none unrelated
From: x@shop.example ++ Subject: Confirmed: an Amazon rainforest walk => none none unrelated
From: x@shop.example ++ Subject: Amazon Region Support => subject weak unrelated
From: x@shop.example ++ DKIM-Signature: v=1; d=amazon-konto.example; s=x => lookalike-dkim-domain weak unrelated
"#;

fn rows() -> Vec<[&'static str; 4]> {
    let rows: Vec<_> = TABLE
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (example, outcome) = line.split_once(" => ").unwrap();
            let words: Vec<_> = outcome.split(' ').collect();
            [example, words[0], words[1], words[2]]
        })
        .collect();
    assert_eq!(rows.len(), 111);
    rows
}

#[test]
fn every_row_of_the_table_holds() {
    let mut wrong = Vec::new();
    for [example, by, strength, wanted] in rows() {
        let lines: Vec<&str> = example.split(" ++ ").collect();
        let read = read(&lines);
        let got = read.list.first().map_or(("none", "none"), |claim| {
            (claim.reason.word(), claim.strength.word())
        });
        let came = verdict(&lines, &nothing(), &[]);
        if got != (by, strength) || came != wanted {
            wrong.push(format!(
                "{example}: wanted {by} {strength} {wanted}, got {got:?} {came}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_documentation_has_the_same_table() {
    let text = include_str!("../docs/claims.md");
    let documented: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `From:"))
        .collect();
    let tested: Vec<String> = rows()
        .iter()
        .map(|[example, by, strength, verdict]| {
            let example = example.replace(" ++ ", "` + `");
            match *by {
                "none" => format!("| `{example}` | none | | `{verdict}` |"),
                _ => format!("| `{example}` | `{by}` | {strength} | `{verdict}` |"),
            }
        })
        .collect();
    assert_eq!(documented, tested);
}

#[test]
fn a_claim_is_listed_once_and_the_strongest_first() {
    let read = read(&[
        "From: Amazon <amazon@shop.example>, AWS <y@other.example>",
        "Subject: Amazon",
    ]);
    let listed: Vec<_> = read
        .list
        .iter()
        .map(|claim| (claim.reason.word(), claim.strength.word(), &*claim.seen))
        .collect();
    assert_eq!(
        listed,
        [
            ("display-name", "strong", "Amazon"),
            ("local-part", "weak", "amazon@shop.example"),
            ("subject", "weak", "Amazon"),
        ]
    );
}

#[test]
fn a_proof_decides_about_the_brands_own_domains() {
    let from = ["From: Amazon <x@amazon.de>"];
    assert_eq!(verdict(&from, &signed("amazon.de"), &[]), "verified");
    assert_eq!(
        verdict(&from, &spf(AuthResult::Pass, "amazon.de"), &[]),
        "verified"
    );
    // A stranger's pass, a customer's pass, and a failure prove nothing.
    for evidence in [
        signed("shop.example"),
        signed("amazonses.com"),
        spf(AuthResult::Fail, "amazon.de"),
    ] {
        assert_eq!(verdict(&from, &evidence, &[]), "forged");
    }
    // What doesn't send proves nothing either.
    let owned = ["From: x@payments-amazon.com"];
    assert_eq!(
        verdict(&owned, &signed("payments-amazon.com"), &[]),
        "forged"
    );
    // Two From fields: a signature covers one of them.
    let two = ["From: x@amazon.de", "From: x@amazon.de"];
    assert_eq!(verdict(&two, &signed("amazon.de"), &[]), "forged");
}

#[test]
fn a_proof_does_not_excuse_who_is_not_the_brand() {
    for (from, signer, wanted) in [
        (
            "From: x@amazon-konto.example",
            "amazon-konto.example",
            "lookalike",
        ),
        (
            "From: Amazon <x@shop.example>",
            "shop.example",
            "impersonation",
        ),
        ("From: amazon-help@gmail.com", "gmail.com", "impersonation"),
    ] {
        assert_eq!(verdict(&[from], &signed(signer), &[]), wanted, "{from}");
    }
    let accountable = |from: &str, signer| judge(&[from], &signed(signer), &[]).accountable;
    assert!(accountable("From: Amazon <x@shop.example>", "shop.example"));
    assert!(!accountable("From: Amazon <x@gmail.com>", "gmail.com"));
    assert!(!accountable(
        "From: Amazon <x@shop.example>",
        "other.example"
    ));
}

#[test]
fn who_may_use_the_name_has_to_be_proved() {
    for (domain, wanted) in [
        ("audible.com", "verified"),
        ("affirm.com", "unrelated"),
        ("amazonwatch.org", "unrelated"),
        ("duck.com", "unverifiable"),
    ] {
        let from = format!("From: \"Amazon\" <x@{domain}>");
        assert_eq!(verdict(&[&from], &signed(domain), &[]), wanted, "{domain}");
        assert_eq!(
            verdict(&[&from], &nothing(), &[]),
            "impersonation",
            "{domain}"
        );
        let error = spf(AuthResult::TempError, domain);
        assert_eq!(verdict(&[&from], &error, &[]), "unverifiable", "{domain}");
    }
}

#[test]
fn a_weak_lookalike_needs_another_claim() {
    let from = "From: x@amazonfilters.example";
    for other in [
        "Subject: Your Amazon order",
        "Reply-To: y@amazon.com",
        "Sender: Amazon <y@other.example>",
        "MAIL FROM: y@amazon-konto.example",
    ] {
        assert_eq!(
            verdict(&[from, other], &nothing(), &[]),
            "lookalike",
            "{other}"
        );
    }
    // Its own name is no other claim.
    for own in [
        "Subject: Amazon Filters in spring",
        "Reply-To: AmazonFilters <y@amazonfilters.example>",
    ] {
        assert_eq!(verdict(&[from, own], &nothing(), &[]), "unrelated", "{own}");
    }
}

#[test]
fn a_weak_claim_needs_something_in_the_body() {
    let lines = ["From: x@shop.example", "Subject: Your Amazon order"];
    for finding in [
        Reason::LookalikeLink,
        Reason::DeceptiveLink,
        Reason::AsksForPassword,
        Reason::AsksForPaymentData,
        Reason::AsksForIdentity,
        Reason::CallbackNumber,
    ] {
        assert_eq!(
            verdict(&lines, &nothing(), &[finding]),
            "suspicious",
            "{finding}"
        );
        // The same without any claim is none of our business; but a link that shows the brand is a claim.
        let other = ["From: x@shop.example", "Subject: Your order"];
        let shows_brand = [Reason::LookalikeLink, Reason::DeceptiveLink].contains(&finding);
        assert_eq!(
            verdict(&other, &nothing(), &[finding]),
            if shows_brand {
                "suspicious"
            } else {
                "unrelated"
            },
            "{finding}"
        );
    }
    assert_eq!(
        verdict(&lines, &nothing(), &[Reason::BrandMisspelled]),
        "unrelated"
    );
    // Two weak claims about the sender add up, where nothing proves him.
    let many = [
        "From: x@shop.example",
        "Subject: Amazon",
        "Reply-To: y@amazon.com",
        "MAIL FROM: z@amazon.co.jp",
    ];
    assert_eq!(verdict(&many, &nothing(), &[]), "suspicious");
    assert_eq!(verdict(&many, &signed("shop.example"), &[]), "unrelated");
    // One mailbox that stands in two fields is one claim.
    let one = [
        "From: x@shop.example",
        "Subject: Amazon",
        "MAIL FROM: y@amazon.com",
        "Reply-To: y@amazon.com",
    ];
    assert_eq!(verdict(&one, &nothing(), &[]), "unrelated");
}

#[test]
fn a_prize_needs_an_author_who_stands_for_it() {
    let prize = "Subject: Win an Amazon gift card";
    let shop = ["From: Shop <x@shop.example>", prize];
    assert!(read(&shop).need_evidence());
    // No proof alone says nothing; a proof settles it.
    assert_eq!(verdict(&shop, &nothing(), &[]), "unrelated");
    assert_eq!(verdict(&shop, &signed("shop.example"), &[]), "unrelated");
    // The author's own domain denies the sender.
    let denied = judge(&shop, &spf(AuthResult::Fail, "shop.example"), &[]);
    assert_eq!(denied.verdict.word(), "suspicious");
    let reasons: Vec<_> = denied.reasons.iter().map(|reason| reason.word()).collect();
    assert_eq!(reasons, ["subject", "unauthenticated"]);
    // Another domain's failure denies nothing about the author.
    let stranger = spf(AuthResult::Fail, "other.example");
    assert_eq!(verdict(&shop, &stranger, &[]), "unrelated");
    // A From that readers see differently, and nobody proved.
    let hidden = ["From: Deal, <x@shop.example>", prize];
    assert_eq!(verdict(&hidden, &nothing(), &[]), "suspicious");
    assert_eq!(verdict(&hidden, &signed("shop.example"), &[]), "unrelated");
    let error = spf(AuthResult::TempError, "shop.example");
    assert_eq!(verdict(&hidden, &error, &[]), "unrelated");
    // In a replay without an envelope nothing was denied.
    let mut unknown = nothing();
    unknown.spf.unknown_envelope = true;
    assert_eq!(verdict(&hidden, &unknown, &[]), "unrelated");
    // Without a prize the same is nothing.
    let plain = ["From: Deal, <x@shop.example>", "Subject: Your Amazon order"];
    assert!(!read(&plain).need_evidence());
    assert_eq!(
        verdict(&plain, &spf(AuthResult::Fail, "shop.example"), &[]),
        "unrelated"
    );
}

#[test]
fn replies_elsewhere_are_a_reason_and_no_claim() {
    let lines = ["From: x@amazon.de", "Reply-To: y@shop.example"];
    let judged = judge(&lines, &signed("amazon.de"), &[]);
    assert_eq!(judged.verdict.word(), "verified");
    assert!(judged.reasons.contains(&Reason::ReplyDiverted));
    let inside = ["From: x@amazon.de", "Reply-To: y@amazon.com"];
    let judged = judge(&inside, &signed("amazon.de"), &[]);
    assert!(!judged.reasons.contains(&Reason::ReplyDiverted));
}

#[test]
fn of_several_authors_the_worst_counts() {
    let lines = ["From: Jane <jane@shop.example>, x@amazon.de"];
    let judged = judge(&lines, &signed("shop.example"), &[]);
    assert_eq!(judged.verdict.word(), "forged");
    assert_eq!(judged.author, Some(domain("amazon.de")));
    assert!(judged.reasons.contains(&Reason::MultipleFrom));
}

#[test]
fn a_list_whose_host_is_proved_excuses_a_person_and_nobody_else() {
    let list = "List-Id: Users <users.lists.example>";
    let proved = spf(AuthResult::Pass, "bounces.lists.example");
    for (from, wanted) in [
        (
            "From: \"Doe, Jane (Amazon) via Users\" <users@lists.example>",
            "unrelated",
        ),
        (
            "From: \"Amazon via Users\" <users@lists.example>",
            "impersonation",
        ),
        (
            "From: \"Account Amazon via Users\" <users@lists.example>",
            "impersonation",
        ),
        (
            "From: \"Doe, Jane (Amazon) via Users\" <x@shop.example>",
            "impersonation",
        ),
        (
            "From: \"Jane via Amazon\" <users@lists.example>",
            "impersonation",
        ),
    ] {
        assert_eq!(verdict(&[from, list], &proved, &[]), wanted, "{from}");
        // Anybody can write the field.
        for unproved in [
            nothing(),
            spf(AuthResult::Fail, "lists.example"),
            spf(AuthResult::Pass, "mailer.example"),
            spf(AuthResult::Pass, "notlists.example"),
        ] {
            let found = verdict(&[from, list], &unproved, &[]);
            assert_eq!(found, "impersonation", "{from}");
        }
    }
    let alone = "From: \"Doe, Jane (Amazon) via Users\" <users@lists.example>";
    assert_eq!(verdict(&[alone], &proved, &[]), "impersonation");
    // What it asks for takes the excuse away.
    let asks = [Reason::AsksForPassword];
    assert_eq!(verdict(&[alone, list], &proved, &asks), "impersonation");
    // A second strong claim has none.
    let beside = alone.replace("users@", "amazon-security@");
    assert_eq!(verdict(&[&beside, list], &proved, &[]), "impersonation");
    // A second name that is the brand's is what some client shows.
    let twice = alone.replace("From: ", "From: \"Amazon\" <users@lists.example>, ");
    assert_eq!(verdict(&[&twice, list], &proved, &[]), "impersonation");
}

#[test]
fn ordinary_mail_needs_no_evidence() {
    for lines in [
        &["From: Jane <jane@friend.example>", "Subject: Lunch"][..],
        &[
            "From: Jane <jane@friend.example>",
            "Subject: Re: Your Amazon order",
        ],
        &["From: x@amazonfilters.example"],
        &["From: amazon@smallshop.example"],
    ] {
        assert!(!read(lines).need_evidence(), "{lines:?}");
    }
}

/// An envelope that is known and proves nothing: an unknown one disproves nothing.
fn known_envelope() -> Origin {
    Origin {
        envelope: Envelope {
            mail_from: Some(Path::parse("bounce@elsewhere.example")),
            ..Envelope::default()
        },
        ..Origin::default()
    }
}

/// "Prime Video" over prime.video@ at a domain of that name is no person, however it is written.
#[test]
fn no_product_is_a_person() {
    let brand = Brand::embedded();
    let mut tried = 0;
    for name in brand.names() {
        let words: Vec<&str> = name.text.split_whitespace().collect();
        let shown = [
            name.text.clone(),
            words.join("."),
            format!("{} {}", brand.name(), name.text),
            format!("{} {}", name.text, brand.name()),
        ];
        for shown in shown {
            let local: String = shown
                .chars()
                .map(|c| if c.is_whitespace() { '.' } else { c })
                .collect();
            let from = format!("From: \"{shown}\" <{local}@{}.example>", words.concat());
            for claim in claims(&message(&[&from]), brand).list {
                assert_ne!(claim.excuse, Some(Excuse::PersonName), "{from}");
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}
