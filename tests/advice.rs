//! The advice for people, as the field of the real brand carries it: in every language, whole, and
//! in lines that mail programs accept.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::sync::Arc;

use amazon_spoof_milter::brand::LANGUAGES;
use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::decode;
use amazon_spoof_milter::mail::message::Message;
use amazon_spoof_milter::report::EXPLANATION_FIELD;
use amazon_spoof_milter::report::header_text::fold;
use amazon_spoof_milter::verify::Verifier;

/// The explanation field of a lookalike, where `language` is configured.
fn field(language: &str) -> String {
    let text = format!("[headers]\nadvice_language = \"{language}\"\n");
    let mut config = Config::from_toml(&text).expect("a language");
    config.authenticate.dns = None;
    let raw = b"From: a@security-amazon.com\r\nSubject: x\r\n\r\nx\r\n";
    let message = Message::parse(raw).expect("a message");
    let report = support::resolver::block_on(async {
        Verifier::new(&config, Arc::new(()))
            .expect("no resolver is needed")
            .verify(&message)
            .await
    });
    assert_eq!(report.verdict.word(), "lookalike");
    report
        .edits(&message, &config.headers)
        .insert
        .into_iter()
        .find(|(name, _)| *name == EXPLANATION_FIELD)
        .expect("the field")
        .1
}

#[test]
fn the_operator_chooses_the_language() {
    let shown = |language: &str| decode::header_text(field(language).as_bytes());
    let explanation = shown("");
    assert_eq!(
        shown("en"),
        format!(
            "{explanation} If in doubt, follow no link in this mail: open the Amazon website yourself \
             or, as a seller, read the performance notifications in Seller Central."
        )
    );
    assert_eq!(
        shown("de"),
        format!(
            "{explanation} Folgen Sie im Zweifel keinem Link in dieser E-Mail: Öffnen Sie die Website \
             von Amazon selbst oder lesen Sie als Verkäufer die Leistungsbenachrichtigungen in Seller \
             Central."
        )
    );
    assert_eq!(
        shown("ja"),
        format!(
            "{explanation} 疑わしい場合は、このメールのリンクを開かず、ご自身でAmazonのサイトを開いてください。\
             出品者の方は、セラーセントラルのパフォーマンス通知をご確認ください。"
        )
    );
}

#[test]
fn every_language_has_a_sentence_of_its_own_in_lines_that_may_be_sent() {
    let explanation = field("");
    let mut seen = Vec::new();
    for language in LANGUAGES {
        let value = field(language);
        let folded = fold(EXPLANATION_FIELD, &value, "\r\n");
        assert!(folded.is_ascii(), "{language}");
        let whole = format!("{EXPLANATION_FIELD}: {folded}");
        assert!(
            whole.split("\r\n").all(|line| line.len() <= 78),
            "{language}: {whole}"
        );
        let shown = decode::header_text(folded.as_bytes());
        let advice = shown.strip_prefix(&explanation).expect("the explanation");
        assert!(
            advice.contains("Amazon") || advice.contains("亚马逊"),
            "{language}: {shown}"
        );
        assert!(!advice.contains("=?"), "{language}: {shown}");
        assert!(!seen.contains(&advice.to_owned()), "{language}: {shown}");
        seen.push(advice.to_owned());
    }
}
