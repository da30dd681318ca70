//! Files of many messages that differ in their bodies: `content-*.bodies`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::verify::Verifier;
use amazon_spoof_milter::{
    brand::{Brand, Strength},
    mail::message::Message,
    reason::Reason,
    wants::{Bounds, Content, inspect},
};

use super::support::bodies::read;

/// Judges a message without DNS: nobody's proof is asked for here.
async fn outcome(config: &str, message: &str) -> String {
    let mut config = Config::from_toml(config).expect("a configuration");
    config.authenticate.dns = None;
    let verifier = Verifier::new(&config, Arc::new(())).expect("no resolver is needed");
    let message = Message::parse(message.as_bytes()).expect("a message");
    let report = verifier.verify(&message).await;
    let reasons: Vec<&str> = report.reasons.iter().map(|reason| reason.word()).collect();
    match reasons.is_empty() {
        true => format!("{}: -", report.verdict),
        false => format!("{}: {}", report.verdict, reasons.join(" ")),
    }
}

pub(crate) fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let entries = fs::read_dir(&folder).expect("the corpus");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "bodies")
        })
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn every_body_comes_out_as_written() {
    let only = std::env::var("CASE").unwrap_or_default();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for file in files() {
        let name = file.file_stem().expect("a name").to_string_lossy();
        let text = fs::read_to_string(&file).expect("a file of bodies");
        for (config, body) in read(&text).into_iter().filter(|_| name.contains(&only)) {
            count += 1;
            let found = outcome(&config, &body.message).await;
            if found != body.expected {
                let (_, shown) = body.message.split_once("\n\n").unwrap_or_default();
                wrong.push(format!(
                    "{name}: {}\n{shown}expected {}\ncame out {found}",
                    body.why, body.expected
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} bodies:\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    assert!(
        count > 300 || !only.is_empty(),
        "only {count} bodies were found"
    );
}

/// A body without a claim is read only where a look at it says so. That look passes over nothing that the
/// whole reading finds, in no body of these and in no two of them one behind the other.
#[test]
fn a_look_at_a_body_says_what_reading_it_says() {
    let bounds = Bounds {
        unclaimed: 60 << 10,
        max_body: 1 << 20,
    };
    let mut messages = Vec::new();
    for file in files() {
        let text = fs::read_to_string(&file).expect("a file of bodies");
        messages.extend(read(&text).into_iter().map(|(_, body)| body.message));
    }
    let behind = messages.iter().cycle().skip(messages.len() / 3);
    let mixtures: Vec<String> = messages
        .iter()
        .zip(behind)
        .filter_map(|(one, other)| Some(format!("{one}\n{}", other.split_once("\n\n")?.1)))
        .collect();
    messages.extend(mixtures);
    let (mut read, mut passed) = (0, 0);
    for raw in &messages {
        let message = Message::parse(raw.as_bytes()).expect("a message");
        let look = |claim| inspect(&message, Brand::embedded(), claim, bounds);
        let whole = look(Some(Strength::Weak));
        let mut links = [Reason::LookalikeLink, Reason::DeceptiveLink].iter();
        let findings = [whole.own.reasons(), whole.quoted.reasons()];
        let concerns = whole.own.names_brand
            || whole.quoted.names_brand
            || links.any(|link| findings.iter().any(|found| found.contains(link)));
        let expected = match concerns {
            true => whole,
            false => Content {
                cut: whole.cut,
                ..Content::default()
            },
        };
        *(if concerns { &mut read } else { &mut passed }) += 1;
        assert_eq!(look(None), expected, "{raw}");
    }
    assert!(read > 200 && passed > 50, "{read} read, {passed} passed");
}
