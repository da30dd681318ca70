//! The same text in every encoding: it gives the same reading, and the same verdict as a name, as a subject and
//! as a body.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::sync::Arc;

use amazon_spoof_milter::{
    config::Config,
    mail::{
        decode::{
            charset::{Charset, Guesser, part_texts},
            header_text, header_texts, parameter,
        },
        message::Message,
    },
    verify::Verifier,
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use encoding_rs::Encoding;
use proptest::prelude::*;

/// The labels that encoding_rs can write, a few of its own and those that it doesn't know.
const LABELS: [&str; 34] = [
    "shift_jis",
    "cp932",
    "windows-31j",
    "euc-jp",
    "cp51932",
    "iso-2022-jp",
    "iso-2022-jp-ext",
    "gbk",
    "cp936",
    "ms936",
    "gb18030",
    "big5",
    "cp950",
    "euc-kr",
    "ms949",
    "windows-1251",
    "cp1251",
    "koi8-r",
    "koi8-ru",
    "iso-8859-5",
    "ibm866",
    "x-mac-cyrillic",
    "windows-1252",
    "iso-8859-15",
    "macintosh",
    "windows-1255",
    "windows-1256",
    "cp1256",
    "utf-8",
    "utf8mb4",
    "utf-7",
    "unicode-1-1-utf-7",
    "utf-16",
    "utf-32",
];

/// What of a label [`Encoding::for_label`] knows.
fn standard(label: &str) -> &str {
    match label {
        "cp932" => "shift_jis",
        "cp51932" => "euc-jp",
        "iso-2022-jp-ext" => "iso-2022-jp",
        "cp936" | "ms936" => "gbk",
        "cp950" => "big5",
        "ms949" => "euc-kr",
        "koi8-ru" => "koi8-u",
        "utf8mb4" => "utf-8",
        known => known,
    }
}

/// `text` in the charset, where it can be written in it.
fn encoded(text: &str, label: &str) -> Option<Vec<u8>> {
    match label {
        "utf-7" | "unicode-1-1-utf-7" => Some(utf_7(text)),
        "utf-16" => {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            Some([0xff, 0xfe].into_iter().chain(units).collect())
        }
        "utf-32" => Some(
            text.chars()
                .flat_map(|c| u32::from(c).to_be_bytes())
                .collect(),
        ),
        _ => {
            let encoding = Encoding::for_label(standard(label).as_bytes()).expect("a label");
            let (octets, _, lost) = encoding.encode(text);
            (!lost).then(|| octets.into_owned())
        }
    }
}

fn utf_7(text: &str) -> Vec<u8> {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            ' ' | 'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | ',' | ':' => out.push(c),
            _ => {
                let units = c.encode_utf16(&mut [0; 2]).to_vec();
                let octets: Vec<u8> = units.into_iter().flat_map(u16::to_be_bytes).collect();
                let digits = BASE64.encode(octets);
                out.push_str(&format!("+{}-", digits.trim_end_matches('=')));
            }
        }
    }
    out.into_bytes()
}

/// Words as software writes them, from the correct to the careless.
fn words(octets: &[u8], label: &str) -> Vec<String> {
    let base64 = BASE64.encode(octets);
    let bare = base64.trim_end_matches('=');
    let (front, back) = bare.split_at(bare.len() / 2);
    let hex: String = octets.iter().map(|octet| format!("={octet:02X}")).collect();
    vec![
        format!("=?{label}?B?{base64}?="),
        format!("=?{}?b?{bare}?=", label.to_uppercase()),
        format!("=?{label}*en?B?{front}!{back}?="),
        format!("=?{label}?B?{front} {back}?="),
        format!("=?{label}?Q?{hex}?="),
        format!("=?{label}?q?{}?=", hex.to_lowercase()),
    ]
}

/// Parameters that carry the octets.
fn parameters(octets: &[u8], label: &str) -> Vec<String> {
    let hex: Vec<String> = octets.iter().map(|octet| format!("%{octet:02X}")).collect();
    let (front, back) = hex.split_at(hex.len() / 2);
    let mut parameters = vec![
        format!("name*={label}'en'{}", hex.concat()),
        format!(
            "name*1*={}; name*0*={label}''{}",
            back.concat(),
            front.concat()
        ),
    ];
    for word in words(octets, label) {
        parameters.push(format!("name=\"{word}\""));
    }
    parameters
}

/// A body in each transfer encoding: its name, its octets.
fn bodies(octets: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let base64 = BASE64.encode(octets);
    let bare = base64.trim_end_matches('=').to_owned();
    let (front, back) = bare.split_at(bare.len() / 2);
    let hex: Vec<String> = octets.iter().map(|octet| format!("={octet:02x}")).collect();
    vec![
        ("8bit", octets.to_vec()),
        ("base64", base64.clone().into_bytes()),
        ("base64", format!("{front}\r\n!{back}").into_bytes()),
        (
            "quoted-printable",
            hex.chunks(20)
                .map(<[_]>::concat)
                .collect::<Vec<_>>()
                .join("=\r\n")
                .into_bytes(),
        ),
    ]
}

fn read_part(octets: &[u8], label: &str) -> String {
    let texts = part_texts(octets.into(), Some(label), &mut Guesser::default());
    // Letters can be a byte order mark, which some programs believe; others believe the label.
    let is_marked = [b"\xFE\xFF", b"\xFF\xFE"]
        .iter()
        .any(|mark| octets.starts_with(*mark));
    let believed = usize::from(is_marked && texts.len() > 1);
    texts[believed].to_string()
}

#[test]
fn letters_that_are_a_byte_order_mark_are_read_as_letters_too() {
    for (octets, label, text) in [
        (b"\xFE\xFF\xC1\xC2".as_slice(), "koi8-r", "ЧЪаб"),
        (b"\xFF\xFE\xE0", "windows-1251", "яюа"),
    ] {
        let texts = part_texts(octets.into(), Some(label), &mut Guesser::default());
        assert_eq!(texts[1], text, "{label}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_same_text_gives_the_same_reading(
        text in prop_oneof![
            "[ぁ-んァ-ヴ]{1,12}",
            "[一-丠亚马逊亞馬遜]{1,12}",
            "[가-각아마존고객]{1,12}",
            "[А-Яа-яё]{1,12}",
            "[A-Za-zäöüßéèñ]{1,12}",
            "[א-ת]{1,12}",
            "[ء-غ]{1,12}",
        ],
    ) {
        let mut tried = 0;
        for label in LABELS {
            let Some(octets) = encoded(&text, label) else {
                continue;
            };
            tried += 1;
            for word in words(&octets, label) {
                prop_assert_eq!(&header_text(word.as_bytes()), &text, "{}", word);
            }
            for pair in parameters(&octets, label) {
                let found = parameter::parse(format!("attachment; {pair}").as_bytes());
                let read = found.get("name").map(parameter::Parameter::text);
                prop_assert_eq!(read.as_ref(), Some(&text), "{}", pair);
            }
            prop_assert_eq!(&read_part(&octets, label), &text, "{}", label);
            // Raw in a field, where the message names the charset. What is UTF-8 by chance is read so.
            let declared = header_texts(&octets, || Charset::named(label));
            let is_utf8 = !octets.is_ascii() && std::str::from_utf8(&octets).is_ok();
            if !["utf-16", "utf-32"].contains(&label) && !is_utf8 {
                prop_assert!(declared.contains(&text), "{} {:?}", label, declared);
            }
        }
        prop_assert!(tried >= 6, "{} could be written in {tried} charsets", text);
    }

    #[test]
    fn any_octets_are_read(octets in prop::collection::vec(any::<u8>(), 0..200), at in 0..LABELS.len()) {
        let label = LABELS[at];
        let texts = part_texts(octets.as_slice().into(), Some(label), &mut Guesser::default());
        prop_assert!(!texts.is_empty() && texts.len() <= 4);
        for text in texts {
            prop_assert!(text.len() <= 3 * octets.len() + 3);
        }
    }
}

/// Judges without DNS: nobody's proof is asked for here.
fn verifier() -> Verifier {
    let mut config = Config::from_toml("[inspect]\nbody = \"all\"\n").expect("a configuration");
    config.authenticate.dns = None;
    Verifier::new(&config, Arc::new(())).expect("no resolver is needed")
}

async fn verdict(verifier: &Verifier, raw: &[u8]) -> &'static str {
    let message = Message::parse(raw).expect("a message");
    verifier.verify(&message).await.verdict.word()
}

fn message(from: &[u8], subject: &[u8], content: &str, body: &[u8]) -> Vec<u8> {
    [
        b"From: ",
        from,
        b" <x@sender.example>\r\nSubject: ",
        subject,
        b"\r\nMIME-Version: 1.0\r\n",
        content.as_bytes(),
        b"\r\n\r\n",
        body,
        b"\r\n",
    ]
    .concat()
}

const PLAIN: &str = "Content-Type: text/plain; charset=utf-8";

/// The brand, and a request for a password.
const TEXTS: [(&str, &str); 5] = [
    ("アマゾン", "パスワードを入力してください"),
    ("亚马逊", "请输入您的密码"),
    ("亞馬遜", "請輸入您的密碼"),
    ("Amazon", "Bitte bestätigen Sie Ihr Passwort"),
    ("أمازون", "يرجى إدخال كلمة المرور"),
];

#[tokio::test]
async fn the_same_text_gives_the_same_verdict() {
    let verifier = verifier();
    let mut tried = 0;
    for (name, request) in TEXTS {
        let text = format!("{name} {request}");
        for label in LABELS {
            let Some(octets) = encoded(&text, label) else {
                continue;
            };
            let short = encoded(name, label).expect("a part of what could be written");
            for (word, name) in words(&octets, label).iter().zip(words(&short, label)) {
                tried += 1;
                let as_name = message(name.as_bytes(), b"x", PLAIN, b"Hello.");
                assert_eq!(
                    verdict(&verifier, &as_name).await,
                    "impersonation",
                    "{name}"
                );
                let as_subject = message(b"News", word.as_bytes(), PLAIN, b"Hello.");
                assert_eq!(
                    verdict(&verifier, &as_subject).await,
                    "suspicious",
                    "{word}"
                );
            }
            for (encoding, body) in bodies(&octets) {
                if encoding == "8bit" && ["utf-16", "utf-32"].contains(&label) {
                    // Its octets would be line ends.
                    continue;
                }
                let content = format!(
                    "Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: {encoding}"
                );
                let as_body = message(b"News", b"x", &content, &body);
                assert_eq!(
                    verdict(&verifier, &as_body).await,
                    "suspicious",
                    "{label} {encoding} {text}"
                );
            }
        }
    }
    assert!(tried > 300, "{tried}");
}

/// Raw octets in a field: the message may name the charset, or nothing does.
#[tokio::test]
async fn raw_text_in_a_field_gives_the_same_verdict() {
    let verifier = verifier();
    for (name, request) in TEXTS {
        for label in LABELS {
            // These two can't stand in a field.
            if ["utf-16", "utf-32"].contains(&label) {
                continue;
            }
            let (Some(name), Some(text)) = (
                encoded(name, label),
                encoded(&format!("{name} {request}"), label),
            ) else {
                continue;
            };
            let declared = format!("Content-Type: text/plain; charset={label}");
            let contents = match label {
                // Nobody guesses this one.
                "macintosh" => vec![&*declared],
                _ => vec![&*declared, PLAIN, "X-Nothing: x"],
            };
            for content in contents {
                let as_name = message(&name, b"x", content, b"Hello.");
                assert_eq!(
                    verdict(&verifier, &as_name).await,
                    "impersonation",
                    "{label} {content}"
                );
                let as_subject = message(b"News", &text, content, b"Hello.");
                assert_eq!(
                    verdict(&verifier, &as_subject).await,
                    "suspicious",
                    "{label} {content}"
                );
            }
        }
    }
}
