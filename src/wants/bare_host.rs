//! Hosts in running text, told from file names, names of classes and sentences without a blank.
//!
//! Programs that make links of text take anything with a dot in it; a reader does not.

use crate::brand::Brand;
use serde::Deserialize;
use std::{collections::HashSet, ops::Range, sync::LazyLock};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    file_endings: HashSet<String>,
    sentence_words: HashSet<String>,
    reversed: HashSet<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    // A test parses the same text; it cannot fail at a user's.
    #[allow(clippy::expect_used)]
    toml::from_str(include_str!("bare_host.toml")).expect("the embedded file is checked by a test")
});

/// Endings that no registry has and that documents use as if (RFC 2606 section 2).
const RESERVED: [&str; 2] = ["example", "test"];

/// Whether a reader sees a host or an address at `at` of `text`, where a finder of links saw one.
pub(crate) fn is_one(brand: &Brand, text: &str, at: Range<usize>) -> bool {
    let after = text.get(at.end..).unwrap_or_default();
    let Some(found) = text.get(at) else {
        return false;
    };
    // A line end of quoted-printable (RFC 2045 section 6.7) that nobody decoded cuts it.
    if after.starts_with('=') {
        return false;
    }
    if found.contains(['/', '@', '?', '#']) {
        return true;
    }
    let host = match found.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => found,
    };
    let labels: Vec<&str> = host.split('.').collect();
    let Some((last, before)) = labels.split_last() else {
        return false;
    };
    let lower = last.to_lowercase();
    let is_www = before
        .first()
        .is_some_and(|label| label.eq_ignore_ascii_case("www"));
    let is_code = || is_file(&lower, before) || is_reversed(brand, &labels);
    is_ending(&lower) && (is_www || !(is_code() || is_sentence(last, &lower, after)))
}

/// Whether names are registered under it.
fn is_ending(label: &str) -> bool {
    // Registries of other scripts are in the list by their A-labels.
    let ascii = crate::mail::domain::Domain::parse(label);
    RESERVED.contains(&label)
        || ascii.is_ok_and(|ascii| {
            psl::suffix(ascii.as_str().as_bytes()).is_some_and(|suffix| suffix.is_known())
        })
}

fn is_file(ending: &str, before: &[&str]) -> bool {
    before.len() == 1 && WORDS.file_endings.contains(ending)
}

/// `com.shop.device.ads`: the brand's domain backwards, and more.
fn is_reversed(brand: &Brand, labels: &[&str]) -> bool {
    let [first, second, _, ..] = labels else {
        return false;
    };
    let is_brands = |second: &str| {
        let words = brand.host_words().iter();
        words.map(|word| &*word.text).any(|word| word == second)
            || brand.listed(&format!("{second}.{first}")).is_some()
    };
    WORDS.reversed.contains(*first) && is_brands(&second.to_ascii_lowercase())
}

/// The next sentence, after a full stop and no blank.
fn is_sentence(last: &str, lower: &str, after: &str) -> bool {
    let mut letters = last.chars();
    let capital = letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase);
    let goes_on = after
        .strip_prefix([' ', '\u{a0}', '\n'])
        .is_some_and(|next| next.starts_with(char::is_alphanumeric));
    capital && goes_on && WORDS.sentence_words.contains(lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::sample::contoso;

    fn hosts(text: &str) -> Vec<&str> {
        let brand = contoso();
        let mut finder = linkify::LinkFinder::new();
        finder.url_must_have_scheme(false);
        finder
            .links(text)
            .filter(|found| is_one(&brand, text, found.start()..found.end()))
            .map(|found| found.as_str())
            .collect()
    }

    #[test]
    fn files_classes_and_sentences_are_no_hosts() {
        for text in [
            "Changed: contosoapi.php, contoso.py, contoso.json, contoso.js",
            "contoso-login.zip and contoso.rs:12",
            "at com.contoso.services.s3.ContosoClient.put(ContosoClient.java:12)",
            "import com.contoso.device.ads;",
            "package com.contoso.mshop.android.shopping",
            "software.contoso.sdk.services",
            "Many sell at Contoso.The others do not.",
            "I went to Contoso.So we met.",
            "Ich war bei Contoso.Es war gut.",
            "on Contoso.co=\nm.</p>",
            "Contoso.NextStep",
            "contoso-1.2.3.tar.gz, libcontoso.so.1",
        ] {
            assert_eq!(hosts(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn hosts_and_addresses_are() {
        for (text, found) in [
            ("see contoso-login.com today", "contoso-login.com"),
            ("see Contoso-Login.Com today", "Contoso-Login.Com"),
            ("see CONTOSO.CC", "CONTOSO.CC"),
            ("see contoso.example.", "contoso.example"),
            ("https://contoso.zip", "https://contoso.zip"),
            ("www.contoso.py", "www.contoso.py"),
            ("contoso.py/login", "contoso.py/login"),
            ("com.contoso.top/a", "com.contoso.top/a"),
            ("log in at contoso.is", "contoso.is"),
            ("contoso.login.zip", "contoso.login.zip"),
            ("help@contoso.zip", "help@contoso.zip"),
            ("contoso-login.com:8443", "contoso-login.com:8443"),
        ] {
            assert_eq!(hosts(text), [found], "{text}");
        }
    }
}
