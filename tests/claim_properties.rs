//! What holds for every message, whatever stands in it: no disguise makes a strong claim none, and
//! nothing makes the reading fail.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use amazon_spoof_milter::{
    brand::Brand,
    claim::{Claims, claims},
    mail::message::{Envelope, Header, Message, Path},
    proof::Evidence,
    verdict::{
        Case, decide,
        trust::{Origin, Trust},
    },
    wants::Content,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

/// Names that say by themselves that the sender is the brand.
const NAMES: [&str; 12] = [
    "Amazon",
    "Amazon.de Kundenservice",
    "Max Steller von Amazon",
    "Your Amazon account",
    "Prime Video",
    "Seller Central Support",
    "AMAZON.CO.JP",
    "アマゾン カスタマー",
    "亚马逊客服",
    "아마존",
    "أمازون",
    "Амазон поддержка",
];

/// Characters that no client shows.
const INVISIBLE: [char; 10] = [
    '\u{200b}',
    '\u{200c}',
    '\u{200d}',
    '\u{2060}',
    '\u{feff}',
    '\u{ad}',
    '\u{200e}',
    '\u{202d}',
    '\u{2062}',
    '\u{e0061}',
];

/// Marks that are drawn over the letter before them.
const MARKS: [char; 6] = [
    '\u{301}', '\u{308}', '\u{335}', '\u{33f}', '\u{35c}', '\u{20dd}',
];

fn with_fields(fields: &[(&str, &[u8])]) -> Message {
    Message {
        headers: fields
            .iter()
            .map(|(name, value)| Header {
                name: name.as_bytes().to_vec(),
                value: value.to_vec(),
            })
            .collect(),
        ..Message::default()
    }
}

fn from(value: &str) -> Claims {
    claims(
        &with_fields(&[("From", value.as_bytes())]),
        Brand::embedded(),
    )
}

/// `name` with `extra` behind some of its letters.
fn strewn(name: &str, extra: &[char], places: &[usize]) -> String {
    let mut out = String::new();
    for (at, c) in name.chars().enumerate() {
        out.push(c);
        if places.contains(&at) {
            out.push(extra[at % extra.len()]);
        }
    }
    out
}

/// RFC 2047, either encoding, in one word.
fn encoded(text: &str, base64: bool) -> String {
    match base64 {
        true => format!("=?UTF-8?B?{}?=", STANDARD.encode(text)),
        false => {
            let octets: String = text.bytes().map(|b| format!("={b:02X}")).collect();
            format!("=?utf-8?q?{octets}?=")
        }
    }
}

/// `text` cut into encoded words of so many letters, folded between them.
fn encoded_in_pieces(text: &str, size: usize, base64: bool) -> String {
    let letters: Vec<char> = text.chars().collect();
    let words: Vec<_> = letters
        .chunks(size)
        .map(|piece| encoded(&piece.iter().collect::<String>(), base64))
        .collect();
    words.join("\r\n ")
}

/// Octets that parsers stumble over, with the brand among them.
fn nasty() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[<>@,;:\"()\\\\\\[\\]. =?a\r\n\t\0＠。-]{0,4}".prop_map(String::into_bytes),
        2 => prop::sample::select(&NAMES[..]).prop_map(|name| name.as_bytes().to_vec()),
        1 => prop::sample::select(vec![
            "via", "to", "Welcome", "=?utf-8?Q?", "?=", "\x1b$B", "x@amazon.com", "a.mazon@gmail.com",
            "113-1234567-1234567", "+", "xn--", "Gutschein",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => "\\PC{0,4}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn an_invisible_character_hides_no_name(
        name in prop::sample::select(&NAMES[..]),
        places in prop::collection::vec(0..24usize, 1..8),
    ) {
        let name = strewn(name, &INVISIBLE, &places);
        prop_assert!(from(&format!(" \"{name}\" <x@shop.example>")).any_strong(), "{name:?}");
        let word = encoded(&name, true);
        prop_assert!(from(&format!(" {word} <x@shop.example>")).any_strong(), "{word}");
    }

    #[test]
    fn a_mark_over_a_letter_hides_no_name(
        // In other scripts a mark makes another letter.
        name in prop::sample::select(&NAMES[..7]),
        places in prop::collection::vec(0..24usize, 1..8),
    ) {
        let name = strewn(name, &MARKS, &places);
        prop_assert!(from(&format!(" \"{name}\" <x@shop.example>")).any_strong(), "{name:?}");
    }

    #[test]
    fn an_encoding_hides_no_name(
        name in prop::sample::select(&NAMES[..]),
        size in 1..30usize,
        base64 in any::<bool>(),
    ) {
        let word = encoded(name, base64);
        prop_assert!(from(&format!(" {word} <x@shop.example>")).any_strong(), "{word}");
        let words = encoded_in_pieces(name, size, base64);
        prop_assert!(from(&format!(" {words}\r\n <x@shop.example>")).any_strong(), "{words}");
    }

    #[test]
    fn folding_hides_no_name(
        name in prop::sample::select(&NAMES[..]),
        line in prop::sample::select(vec!["\r\n ", "\r\n\t", "\n ", "\r\n  \t"]),
        quoted in any::<bool>(),
    ) {
        let folded = name.replace(' ', line);
        let value = match quoted {
            true => format!("{line}\"{folded}\"{line}<x@shop.example>"),
            false => format!("{line}{folded}{line}<x@shop.example>"),
        };
        prop_assert!(from(&value).any_strong(), "{value:?}");
    }

    #[test]
    fn a_change_of_case_hides_no_name(
        name in prop::sample::select(&NAMES[..]),
        upper in any::<u32>(),
    ) {
        let name: String = name
            .chars()
            .enumerate()
            .map(|(at, c)| match upper >> (at % 32) & 1 == 1 {
                true => c.to_uppercase().next().unwrap(),
                false => c.to_lowercase().next().unwrap(),
            })
            .collect();
        prop_assert!(from(&format!(" \"{name}\" <x@shop.example>")).any_strong(), "{name}");
    }

    #[test]
    fn neither_case_nor_encoding_hides_a_local_part_or_an_address_in_a_name(upper in any::<u32>()) {
        let case = |text: &str| -> String {
            text.chars()
                .enumerate()
                .map(|(at, c)| match upper >> (at % 32) & 1 == 1 {
                    true => c.to_ascii_uppercase(),
                    false => c,
                })
                .collect()
        };
        let local = case("amazon-security@hotmail.com");
        prop_assert!(from(&format!(" <{local}>")).any_strong(), "{local}");
        let shown = case("auto-confirm@amazon.com");
        for name in [format!("\"{shown}\""), encoded(&shown, true), encoded(&shown, false)] {
            prop_assert!(from(&format!(" {name} <x@shop.example>")).any_strong(), "{name}");
        }
    }

    #[test]
    fn nothing_makes_the_reading_or_the_judging_fail(
        author in nasty(),
        second in nasty(),
        other in nasty(),
        path in nasty(),
    ) {
        let mut message = with_fields(&[
            ("From", &author),
            ("From ", &second),
            ("Sender", &other),
            ("Reply-To", &author),
            ("Subject", &other),
            ("List-Id", &second),
            ("DKIM-Signature", &other),
        ]);
        message.envelope.mail_from = Some(Path::parse(&String::from_utf8_lossy(&path)));
        let found = claims(&message, Brand::embedded());
        // One claim a reason, strong ones first.
        let strong = found.list.iter().rev().skip_while(|claim| claim.strength.word() == "weak");
        prop_assert!(strong.into_iter().all(|claim| claim.strength.word() == "strong"));
        let mut reasons: Vec<_> = found.list.iter().map(|claim| claim.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        prop_assert_eq!(reasons.len(), found.list.len());
        // The same message gives the same claims, and a strong one is never unrelated to them.
        prop_assert_eq!(&claims(&message, Brand::embedded()), &found);
        let judged = decide(Case {
            claims: &found,
            origin: &known_envelope(),
            evidence: &Evidence::default(),
            content: &Content::default(),
            trust: &Trust::default(),
            limits: &message.cut,
        });
        prop_assert_eq!(found.any_strong(), judged.verdict.is_spoof() && found.any_strong());
    }

    #[test]
    fn an_unreadable_from_without_the_brand_is_nothing(value in "[<>,;:\"()\\[\\] .=?bc-]{0,60}") {
        prop_assert!(!from(&value).any_strong(), "{value:?}");
    }
}

/// Twice the input takes about twice the steps; a quadratic reading of this much would take hours.
#[test]
fn long_fields_are_read_in_linear_time() {
    for piece in [
        "Amazon ",
        "a ",
        "\u{200b}",
        "\"",
        "(",
        "<x@amazon.com>",
        "=?utf-8?Q?=41?=",
        "via to ",
    ] {
        let long = piece.repeat(1_000_000 / piece.len());
        let message = with_fields(&[
            ("From", long.as_bytes()),
            ("Reply-To", long.as_bytes()),
            ("Subject", long.as_bytes()),
        ]);
        let _ = claims(&message, Brand::embedded());
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
