//! Ways round the reading of the From field that were found by trying, each with its harmless neighbours.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use amazon_spoof_milter::{
    brand::Brand,
    claim::claims,
    mail::message::{Envelope, Message, Path},
    proof::Evidence,
    verdict::{
        Case, decide,
        trust::{Origin, Trust},
    },
    wants::Content,
};

/// What a name says, where nothing is proved.
fn named(from: &str) -> &'static str {
    let text = format!("From: {from}\r\n\r\nHello.\r\n");
    let message = Message::parse(text.as_bytes()).expect("a message");
    decide(Case {
        // An unknown envelope disproves nothing: here it is known, and proves nothing.
        origin: &Origin {
            envelope: Envelope {
                mail_from: Some(Path::parse("x@shop.example")),
                ..Envelope::default()
            },
            ..Origin::default()
        },
        claims: &claims(&message, Brand::embedded()),
        evidence: &Evidence::default(),
        content: &Content::default(),
        trust: &Trust::default(),
        limits: &message.cut,
    })
    .verdict
    .word()
}

#[test]
fn a_name_with_an_at_that_is_no_address_is_read() {
    for name in [
        "Support@Amazon",
        "Amazon@Support",
        "@Amazon",
        "Amazon@",
        "noreply @amazon.com",
        "Amazon:x@shop.example",
        "Am@zon",
    ] {
        assert_eq!(
            named(&format!("\"{name}\" <x@shop.example>")),
            "impersonation",
            "{name}"
        );
    }
    for name in ["Dance @ Studio", "tom@work", "amazon@smallshop.example"] {
        assert_eq!(
            named(&format!("\"{name}\" <x@shop.example>")),
            "unrelated",
            "{name}"
        );
    }
}

#[test]
fn two_words_never_make_a_third_that_excuses() {
    for name in [
        "Amazon Italia",
        "Amazon.it",
        "Amazon IT Support",
        "Amazon Assistance",
        "Amazon Associates",
        "Amazon Entrega",
        "Amazon E-Gift Card",
        "Amazon Kids",
    ] {
        assert_eq!(
            named(&format!("\"{name}\" <x@shop.example>")),
            "impersonation",
            "{name}"
        );
    }
    for name in [
        "Amazonas",
        "A m a z o n a s",
        "Amazonia Tours",
        "Amazone",
        "Drama Zone",
    ] {
        assert_eq!(
            named(&format!("\"{name}\" <x@shop.example>")),
            "unrelated",
            "{name}"
        );
    }
}

#[test]
fn padding_pushes_no_author_out() {
    let blanks = " ".repeat(70_000);
    let comment = "a".repeat(70_000);
    let strangers: String = (0..9).map(|n| format!("a@d{n}.example, ")).collect();
    for (from, wanted) in [
        (format!("{blanks}Amazon <x@amazon.com>"), "forged"),
        (format!("{blanks}Amazon <x@shop.example>"), "impersonation"),
        (
            format!("({comment}) Amazon <x@shop.example>"),
            "impersonation",
        ),
        (format!("{strangers}x@amazon.com"), "forged"),
    ] {
        assert_eq!(
            named(&from),
            wanted,
            "{}",
            from.trim_start().get(..24).unwrap()
        );
    }
}

#[test]
fn the_name_is_known_in_the_scripts_of_its_customers() {
    for name in [
        "亚馬遜客服",
        "אמאזון",
        "ऐमज़ॉन",
        "అమెజాన్",
        "ഈ ആമസോൺ",
        "อเมซอน",
        "🇦🇲🇦🇿🇴🇳",
        "🇦 🇲 🇦 🇿 🇴 🇳",
    ] {
        assert_eq!(
            named(&format!("\"{name}\" <x@shop.example>")),
            "impersonation",
            "{name}"
        );
    }
}

#[test]
fn a_trade_or_a_country_is_no_surname() {
    for word in ["Reply", "Electronics", "Corporate", "Belgique", "Sverige"] {
        let from = format!("Amazon {word} <amazon{}@gmail.com>", word.to_lowercase());
        assert_eq!(named(&from), "impersonation", "{from}");
    }
}

#[test]
fn a_single_label_is_looked_at() {
    assert_eq!(named("x@amazon-support"), "lookalike");
    assert_eq!(named("x@amazon\u{b7}com"), "lookalike");
    assert_eq!(named("x@localhost"), "unrelated");
}
