//! Octets in a declared, undeclared or wrongly declared charset.
//!
//! Each mail program guesses in its own way where the label is missing or wrong, so [`readings`] and
//! [`part_texts`] give every text that one of them could show, likeliest first.

pub(crate) mod guess;
mod labels;
mod multi_octet;
pub(crate) mod seven_bit;
mod table;

use super::{MAX_READ, MAX_READINGS, add};
use encoding_rs::{Encoding, UTF_8};
pub use guess::Guesser;
use seven_bit::SevenBit;
use std::borrow::Cow;
use table::Table;

/// A charset that octets can be read in.
#[derive(Clone, Copy, Debug)]
pub struct Charset(Decoder);

#[derive(Clone, Copy, Debug)]
enum Decoder {
    Standard(&'static Encoding),
    /// What software writes that never looked: octets above 127 are read as if nothing were said
    /// (RFC 2047 section 5 wants the true name).
    UsAscii,
    Table(&'static Table),
    SevenBit(SevenBit),
    ImapUtf7,
    /// Without saying which octet comes first.
    Utf16,
    Utf32,
    Utf32Be,
    Utf32Le,
    Johab,
    EucTw,
}

impl Charset {
    /// The charset that goes by `label`, under any name that is in use.
    pub fn named(label: &str) -> Option<Self> {
        labels::find(label).map(Self)
    }

    /// The text that `octets` are in this charset; what doesn't belong to it becomes U+FFFD.
    pub fn decode(self, octets: &[u8]) -> Cow<'_, str> {
        self.decode_by(octets, &mut Guesser::default())
    }

    fn decode_by<'a>(self, octets: &'a [u8], guesser: &mut Guesser) -> Cow<'a, str> {
        match self.0 {
            Decoder::Standard(encoding) => encoding.decode_without_bom_handling(octets).0,
            Decoder::UsAscii => unlabelled(octets, guesser),
            Decoder::Table(table) => Cow::Owned(table.decode(octets)),
            // ISO-2022 has no octets above 127: whoever writes them means something else.
            Decoder::SevenBit(SevenBit::Iso2022) if is_without_escapes(octets) => {
                unlabelled(octets, guesser)
            }
            Decoder::SevenBit(kind) => Cow::Owned(kind.decode(octets)),
            Decoder::ImapUtf7 => Cow::Owned(seven_bit::imap_utf_7(octets)),
            Decoder::Utf16 => Cow::Owned(multi_octet::utf_16(octets)),
            Decoder::Utf32 => Cow::Owned(multi_octet::utf_32(octets)),
            Decoder::Utf32Be => Cow::Owned(multi_octet::utf_32_be(octets)),
            Decoder::Utf32Le => Cow::Owned(multi_octet::utf_32_le(octets)),
            Decoder::Johab => Cow::Owned(multi_octet::johab(octets)),
            Decoder::EucTw => Cow::Owned(multi_octet::euc_tw(octets)),
        }
    }

    fn decode_strict(self, octets: &[u8]) -> Option<String> {
        match self.0 {
            Decoder::Standard(encoding) => strictly(encoding, octets),
            _ => Some(self.decode(octets).into_owned()).filter(|text| !text.contains('\u{fffd}')),
        }
    }

    /// Whether octets below 128 are ASCII in it, whatever stands around them.
    fn holds_ascii(self) -> bool {
        match self.0 {
            Decoder::Standard(encoding) => encoding.is_ascii_compatible(),
            Decoder::Table(table) => table.holds_ascii(),
            Decoder::UsAscii | Decoder::Johab | Decoder::EucTw => true,
            Decoder::SevenBit(_) | Decoder::ImapUtf7 => false,
            Decoder::Utf16 | Decoder::Utf32 | Decoder::Utf32Be | Decoder::Utf32Le => false,
        }
    }
}

fn strictly(encoding: &'static Encoding, octets: &[u8]) -> Option<String> {
    encoding
        .decode_without_bom_handling_and_without_replacement(octets)
        .map(Cow::into_owned)
}

fn is_without_escapes(octets: &[u8]) -> bool {
    !octets.is_ascii() && memchr::memchr3(0x1b, 0x0e, 0x0f, octets).is_none()
}

/// The text of octets whose charset nothing says.
fn unlabelled<'a>(octets: &'a [u8], guesser: &mut Guesser) -> Cow<'a, str> {
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => guesser.guess(octets).decode_without_bom_handling(octets).0,
    }
}

/// The text of octets with a label, whether or not anybody knows it.
pub(crate) fn labelled<'a>(label: &str, octets: &'a [u8]) -> Cow<'a, str> {
    labelled_by(label, octets, &mut Guesser::default())
}

pub(crate) fn labelled_by<'a>(
    label: &str,
    octets: &'a [u8],
    guesser: &mut Guesser,
) -> Cow<'a, str> {
    match Charset::named(label) {
        Some(charset) => charset.decode_by(octets, guesser),
        None => unlabelled(octets, guesser),
    }
}

/// Every text that a mail program could make of octets which an encoded word doesn't label, likeliest
/// first; at least one, at most [`MAX_READINGS`]. `declared` gives the charset that the rest of the message
/// names; it is asked only where the octets are no UTF-8, or could be in seven bits.
pub fn readings(octets: &[u8], declared: impl FnOnce() -> Option<Charset>) -> Vec<String> {
    let mut texts = Vec::new();
    // Seven bits, so it passes for ASCII (RFC 1468); nobody writes its escapes by chance.
    if let Some(text) = SevenBit::Iso2022.reading(octets) {
        add(&mut texts, text);
    }
    match std::str::from_utf8(octets) {
        Ok(text) => {
            add(&mut texts, text.to_owned());
            if has_signs(octets)
                && let Some(Charset(Decoder::SevenBit(kind))) = declared()
            {
                add(&mut texts, kind.decode(octets));
            }
        }
        Err(_) => add_eight_bit(&mut texts, octets, declared()),
    }
    for kind in [SevenBit::Hz, SevenBit::Utf7] {
        if let Some(text) = kind.reading(octets) {
            add(&mut texts, text);
        }
    }
    texts
}

/// Whether one of the signs is there by which charsets in seven bits begin what is no ASCII.
fn has_signs(octets: &[u8]) -> bool {
    memchr::memchr3(b'+', b'~', 0x0e, octets).is_some()
}

fn add_eight_bit(texts: &mut Vec<String>, octets: &[u8], declared: Option<Charset>) {
    // UTF-8 that a filter or a fold broke somewhere: a client that trusts UTF-8 still shows the rest.
    let lossy = || String::from_utf8_lossy(octets).into_owned();
    if is_mostly_utf8(octets) {
        add(texts, lossy());
    }
    let of_message = declared.and_then(|charset| charset.decode_strict(octets));
    let guesses = guess::candidates(octets);
    let guesses = guesses.filter_map(|encoding| strictly(encoding, octets));
    for text in of_message.into_iter().chain(guesses) {
        if texts.len() == MAX_READINGS || texts.len() * octets.len() >= MAX_READ {
            return;
        }
        add(texts, text);
    }
    if texts.is_empty() {
        add(texts, lossy());
    }
}

fn is_mostly_utf8(octets: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in octets.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    good > bad
}

/// Every text that a mail program could make of the octets of a body part, likeliest first, at least one.
/// One `guesser` serves all parts of a message.
pub fn part_texts<'a>(
    octets: Cow<'a, [u8]>,
    label: Option<&str>,
    guesser: &mut Guesser,
) -> Vec<Cow<'a, str>> {
    match octets {
        Cow::Borrowed(octets) => texts_of_part(octets, label, guesser),
        Cow::Owned(octets) => texts_of_part(&octets, label, guesser)
            .into_iter()
            .map(|text| Cow::Owned(text.into_owned()))
            .collect(),
    }
}

fn texts_of_part<'a>(
    octets: &'a [u8],
    label: Option<&str>,
    guesser: &mut Guesser,
) -> Vec<Cow<'a, str>> {
    let charset = label.and_then(Charset::named);
    // Browsers believe a byte order mark more than any label. That of UTF-32 begins with UTF-16's.
    let marked =
        Encoding::for_bom(octets).filter(|_| charset.is_none_or(|charset| !charset.is_utf_32()));
    let mut texts = vec![match (marked, charset) {
        (Some((encoding, mark)), _) => {
            let rest = octets.get(mark..).unwrap_or_default();
            encoding.decode_without_bom_handling(rest).0
        }
        (None, Some(charset)) => charset.decode_by(octets, guesser),
        (None, None) => unlabelled(octets, guesser),
    }];
    // Two octets that are letters elsewhere ("ЧЪ" in KOI8-R): who believes the label reads on.
    if marked.is_some_and(|(encoding, _)| encoding != UTF_8)
        && let Some(charset) = charset.filter(|charset| charset.holds_ascii())
    {
        texts.push(charset.decode_by(octets, guesser));
    }
    if !octets.is_ascii() {
        return texts;
    }
    match charset.filter(|charset| !charset.holds_ascii()) {
        // Whoever doesn't know the charset shows its octets as they are. All know ISO-2022.
        Some(Charset(Decoder::SevenBit(SevenBit::Iso2022))) => {}
        Some(_) => add_plain(&mut texts, octets),
        None => {
            // Few programs look for them, and a long part would take the time of several.
            let beginning = octets.get(..MAX_READ).unwrap_or(octets);
            let kinds = SevenBit::ALL.into_iter();
            texts.extend(kinds.filter_map(|kind| kind.reading(beginning).map(Cow::Owned)));
        }
    }
    texts
}

fn add_plain<'a>(texts: &mut Vec<Cow<'a, str>>, octets: &'a [u8]) {
    let plain = String::from_utf8_lossy(octets);
    if !texts.contains(&plain) {
        texts.push(plain);
    }
}

impl Charset {
    fn is_utf_32(self) -> bool {
        matches!(self.0, Decoder::Utf32 | Decoder::Utf32Be | Decoder::Utf32Le)
    }
}

/// The charset that a page names in its head (`<meta charset=...>`), looked for as far as the HTML
/// standard does (section 13.2.3.2: 1,024 octets).
pub fn in_page(octets: &[u8]) -> Option<String> {
    let head = octets.get(..octets.len().min(1024)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let (_, after) = head.split_once("charset=")?;
    let word = after.trim_start_matches(['"', '\'', ' ']);
    let end = word.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c));
    let label = word.get(..end.unwrap_or(word.len()))?;
    // What could be read so far is no UTF-16 (section 13.2.3.2, last step of the prescan).
    let is_wide = Charset::named(label).is_some_and(|charset| {
        charset.is_utf_32()
            || matches!(charset.0, Decoder::Utf16)
            || matches!(charset.0, Decoder::Standard(encoding) if !encoding.is_ascii_compatible())
    });
    Some(match is_wide {
        true => UTF_8.name().to_owned(),
        false => label.to_owned(),
    })
}

#[cfg(test)]
mod tests;
