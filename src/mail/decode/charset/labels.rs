//! The names of charsets: `charsets.toml` as a table.

use super::{Decoder, seven_bit::SevenBit, table::Table};
use encoding_rs::Encoding;
use serde::Deserialize;
use std::{collections::HashMap, sync::LazyLock};

/// A label is no longer than this, whatever stands in its place.
const MAX_LABEL: usize = 64;

/// `charsets.toml` as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    cns11643: Cns11643,
    charset: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    labels: String,
    reads: Option<String>,
    table: Option<String>,
}

/// For each plane of CNS 11643 that is known the runs that stand in the same order in Big5: first place in
/// the plane, first place in Big5, length.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cns11643 {
    pub(crate) plane_1: Vec<(u16, u16, u16)>,
    pub(crate) plane_2: Vec<(u16, u16, u16)>,
}

#[derive(Debug, Default)]
struct Charsets {
    cns11643: Cns11643,
    tables: Vec<Table>,
    by_label: HashMap<String, Reads>,
}

#[derive(Clone, Copy, Debug)]
enum Reads {
    Known(Decoder),
    /// The table at this place.
    Table(usize),
}

static CHARSETS: LazyLock<Charsets> =
    LazyLock::new(|| read(include_str!("charsets.toml")).unwrap_or_default());

/// Reads the embedded file; a test holds that it can be read.
fn read(text: &str) -> Option<Charsets> {
    let file: File = toml::from_str(text).ok()?;
    let mut charsets = Charsets {
        cns11643: file.cns11643,
        ..Charsets::default()
    };
    for entry in file.charset {
        let reads = match (entry.reads, entry.table) {
            (Some(name), None) => Reads::Known(decoder(&name)?),
            (None, Some(table)) => {
                charsets.tables.push(Table::new(&table)?);
                Reads::Table(charsets.tables.len() - 1)
            }
            _ => return None,
        };
        for label in entry.labels.split_whitespace() {
            charsets.by_label.insert(label.to_owned(), reads);
        }
    }
    Some(charsets)
}

fn decoder(name: &str) -> Option<Decoder> {
    Some(match name {
        "us-ascii" => Decoder::UsAscii,
        "utf-7" => Decoder::SevenBit(SevenBit::Utf7),
        "hz" => Decoder::SevenBit(SevenBit::Hz),
        "iso-2022" => Decoder::SevenBit(SevenBit::Iso2022),
        "imap-utf-7" => Decoder::ImapUtf7,
        "utf-16" => Decoder::Utf16,
        "utf-32" => Decoder::Utf32,
        "utf-32be" => Decoder::Utf32Be,
        "utf-32le" => Decoder::Utf32Le,
        "johab" => Decoder::Johab,
        "euc-tw" => Decoder::EucTw,
        standard => Decoder::Standard(Encoding::for_label_no_replacement(standard.as_bytes())?),
    })
}

/// The decoder that goes by `label`.
pub(crate) fn find(label: &str) -> Option<Decoder> {
    let key = comparable(label.get(..MAX_LABEL).unwrap_or(label));
    let known = |key: &str| CHARSETS.by_label.get(key).copied();
    let reads = known(&key)
        // `x-` and `cs` are put in front of any name.
        .or_else(|| known(key.strip_prefix('x')?))
        .or_else(|| known(key.strip_prefix("cs")?))
        // A code page by its number, whatever its owner is called.
        .or_else(|| {
            let number = key.trim_start_matches(|c: char| c.is_ascii_alphabetic());
            let is_page = (3..=5).contains(&number.len());
            known(&format!("cp{number}")).filter(|_| is_page)
        })?;
    match reads {
        Reads::Known(decoder) => Some(decoder),
        Reads::Table(at) => CHARSETS.tables.get(at).map(Decoder::Table),
    }
}

/// The runs of CNS 11643.
pub(crate) fn cns11643() -> &'static Cns11643 {
    &CHARSETS.cns11643
}

/// A label as Unicode's UTS 22 compares names (section 1.4): lower case, letters and digits alone, zeros in
/// front of a number left out.
fn comparable(label: &str) -> String {
    let mut key = String::with_capacity(label.len());
    let mut letters = label
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .peekable();
    while let Some(c) = letters.next() {
        let begins_number = !key.ends_with(|before: char| before.is_ascii_digit());
        let number_goes_on = letters.peek().is_some_and(char::is_ascii_digit);
        if !(c == '0' && begins_number && number_goes_on) {
            key.push(c);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_whole() {
        let charsets = read(include_str!("charsets.toml")).unwrap();
        assert_eq!(charsets.tables.len(), 151);
        assert!(charsets.by_label.len() > 1400);
        for label in charsets.by_label.keys() {
            assert_eq!(comparable(label), *label);
        }
    }

    #[test]
    fn names_are_compared_by_their_letters_and_digits() {
        assert_eq!(comparable("ISO_8859-1:1987"), "iso885911987");
        assert_eq!(comparable("IBM 037"), "ibm37");
        assert_eq!(comparable("x-utf_16"), "xutf16");
        assert_eq!(comparable("cp1006"), "cp1006");
    }
}
