//! What holds for every author field, whatever stands in it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use amazon_spoof_milter::mail::{
    decode::{MAX_READINGS, header_text},
    mailbox::{Authors, MAX_AUTHORS, authors},
    message::Header,
};
use proptest::prelude::*;

const TARGET: &str = "auto@bank.example";

fn from(value: &[u8]) -> Authors {
    let header = Header {
        name: b"From".to_vec(),
        value: value.to_vec(),
    };
    authors(&[header], "From")
}

fn shows(authors: &Authors, wanted: &str) -> bool {
    authors
        .addresses
        .iter()
        .any(|address| address.to_string() == wanted)
}

fn holds(authors: &Authors, wanted: &str) -> bool {
    let inside = &authors.addresses_in_names;
    shows(authors, wanted) || inside.iter().any(|address| address.to_string() == wanted)
}

/// Text that is full of what parsers stumble over.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[<>@,;:\"()\\\\\\[\\]. =?a\r\n\t\0＠。-]{0,4}",
        1 => "[a-zA-Z ]{0,8}",
        1 => Just("=?utf-8?Q?".to_owned()),
        1 => Just("=?x?B?".to_owned()),
        1 => Just("?=".to_owned()),
        1 => Just("\x1b$B".to_owned()),
        1 => Just("\r\n ".to_owned()),
        1 => Just("b@evil.example".to_owned()),
        1 => "\\PC{0,3}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// From fields whose author is `TARGET` beyond doubt or for some client, around a name.
fn with_name(form: usize, name: &str) -> String {
    match form {
        0 => format!(" {name} <{TARGET}>"),
        1 => format!(" \"{name}\" <{TARGET}>"),
        2 => format!(" {TARGET} ({name})"),
        3 => format!(" {name}, {name} <{TARGET}>"),
        4 => format!(" {name} {TARGET}"),
        5 => format!(" {name}: <{TARGET}>"),
        6 => format!(" <{TARGET}>{name}"),
        7 => format!(" {name} <b@evil.example> <{TARGET}>"),
        _ => format!(" {name},(<{TARGET}>)"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_give_a_bounded_answer(
        name in prop::collection::vec(any::<u8>(), 0..12),
        value in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let headers = [
            Header { name, value: value.clone() },
            Header { name: b"From".to_vec(), value: value.clone() },
            Header { name: b"Content-Type".to_vec(), value: value.clone() },
        ];
        let found = authors(&headers, "From");
        prop_assert!(found.addresses.len() <= MAX_AUTHORS);
        prop_assert!(found.names.len() <= MAX_AUTHORS);
        prop_assert!(found.addresses_in_names.len() <= MAX_AUTHORS);
        let named: usize = found.names.iter().map(String::len).sum();
        // Each reading in up to four pieces and three octets for one.
        prop_assert!(named <= MAX_READINGS * 4 * 3 * (value.len() + 1), "{named} octets of names");
    }

    #[test]
    fn a_field_that_is_there_always_says_something(value in nasty()) {
        let found = from(value.as_bytes());
        let silent = found.addresses.is_empty()
            && found.names.is_empty()
            && found.irregularities.is_empty();
        prop_assert!(!silent, "{found:?}");
    }

    #[test]
    fn nothing_around_it_hides_an_address(before in nasty(), after in nasty()) {
        let found = from(format!("{before}<{TARGET}>{after}").as_bytes());
        prop_assert!(found.cut || holds(&found, TARGET), "{found:?}");
    }

    #[test]
    fn the_name_hides_no_address(
        form in 0usize..9,
        name in "[a-zA-Z]{1,8}( [a-zA-Z]{1,8}){0,3}",
        upper in any::<bool>(),
        fold in any::<bool>(),
        encode in 0usize..3,
    ) {
        let plain = with_name(form, &name);
        prop_assert!(shows(&from(plain.as_bytes()), TARGET), "{plain}");
        let cased = if upper { name.to_uppercase() } else { name.to_lowercase() };
        let encoded = match encode {
            0 => cased,
            1 => cased.split(' ').map(|word| format!("=?utf-8?q?{word}?=")).collect::<Vec<_>>().join(" "),
            _ => format!("=?UTF-8?B?{}?=", base64(cased.as_bytes())),
        };
        let value = with_name(form, &encoded);
        let value = if fold { value.replace(' ', "\r\n ") } else { value };
        prop_assert!(shows(&from(value.as_bytes()), TARGET), "{value}");
    }

    #[test]
    fn decoding_is_total_and_shows_no_controls(raw in prop::collection::vec(any::<u8>(), 0..400)) {
        let text = header_text(&raw);
        prop_assert!(!text.chars().any(char::is_control), "{text:?}");
        // Read twice where raw octets stand in an encoded word, each time at most three for one.
        prop_assert!(text.len() <= 9 * raw.len(), "{} of {}", text.len(), raw.len());
    }

    #[test]
    fn what_is_encoded_comes_back(text in "[^\\s\\p{C}](\\P{C}{0,40}[^\\s\\p{C}])?", size in 1usize..12, base in any::<bool>()) {
        let words: Vec<String> = text
            .as_bytes()
            .chunks(size)
            .map(|octets| match base {
                true => format!("=?utf-8?B?{}?=", base64(octets)),
                false => {
                    let hex: String = octets.iter().map(|b| format!("={b:02X}")).collect();
                    format!("=?utf-8?Q?{hex}?=")
                }
            })
            .collect();
        let shown = text.replace(['\u{2028}', '\u{2029}'], " ");
        prop_assert_eq!(header_text(words.join("\r\n ").as_bytes()), shown);
    }
}

/// Found by the fuzzer: raw octets are read in a charset that is guessed, and what comes out again in
/// the charset of the word that they stand in.
#[test]
fn raw_octets_in_an_encoded_word_are_read_twice_and_no_more() {
    let raw = [b" =?cp437?Q?Paczk".as_slice(), &[0xbb; 55], b"a\xd1"].concat();
    let text = header_text(&raw);
    assert!(text.len() > 3 * raw.len(), "{}", text.len());
    assert!(text.len() <= 9 * raw.len(), "{}", text.len());
}

fn base64(octets: &[u8]) -> String {
    use ::base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.encode(octets)
}
