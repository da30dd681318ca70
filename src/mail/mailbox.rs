//! From and its kin: every address and every name that a mail client could show.
//!
//! RFC 5322 has one grammar, mail clients have many, and a sender picks the text on which they
//! differ ("Composition Kills", USENIX Security 2020). So nothing here decides which client is
//! right: the field is read by the grammar as far as it goes, and where it stops going, everything
//! that looks like an address is an author as well.

mod address;
mod field;
mod irregularity;
mod lexer;
mod scan;
mod unparsed;

pub use address::Address;
pub use irregularity::Irregularity;

use crate::mail::decode::{self, MAX_GUESSED, charset, encoded_word, header_texts};
use crate::mail::domain::Domain;
use crate::mail::message::{Header, Message, named_charset};
use std::collections::BTreeSet;

/// A text that is shown, with a space for each address in it. What has an `@` and is none, as in
/// `Support@Contoso`, is a text that people read.
pub fn without_addresses(text: &str) -> String {
    scan::without_addresses(text)
}

/// The hosts in a text that is shown.
pub(crate) fn hosts(text: &str) -> impl Iterator<Item = Domain> {
    scan::hosts(text)
}

/// How many addresses, and how many names, are kept of one kind of field.
pub const MAX_AUTHORS: usize = 64;
/// How many fields of one name are read.
pub const MAX_FIELDS: usize = 64;
/// How many octets of all fields of one name are read; an MTA passes no more than about 60,000 of one.
/// Of more than that each field has its share, and of a longer one the beginning and the end are read.
pub const MAX_OCTETS: usize = 64 * 1024;
/// The least share: more than any client shows.
const LEAST_SHARE: usize = MAX_OCTETS / MAX_FIELDS;

/// Who a message says it is from, by one kind of field. All texts are the sender's: escape them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authors {
    /// The address that RFC 5322 gives, where there is one field and mail clients agree about it;
    /// of several well-formed addresses the first.
    pub primary: Option<Address>,
    /// Every address that some client could show as the author's, without duplicates.
    pub addresses: Vec<Address>,
    /// Addresses that stand inside a name, a comment or a quoted local part, unless one of them is
    /// plainly an author's address too.
    pub addresses_in_names: Vec<Address>,
    /// Every text that a client could show as the author's name, decoded, without duplicates; the
    /// pieces that a client may see as well as the whole. Where no address could be read, the whole
    /// field is among them, addresses that stand in it included.
    pub names: Vec<String>,
    /// What is odd about the fields, sorted, without duplicates.
    pub irregularities: Vec<Irregularity>,
    /// Whether something was left out because of a limit.
    pub cut: bool,
}

impl Authors {
    /// Whether the fields break RFC 5322.
    pub fn is_malformed(&self) -> bool {
        self.irregularities.iter().any(|odd| odd.is_malformed())
    }

    /// Whether there are several authors.
    pub fn is_multiple(&self) -> bool {
        self.irregularities.iter().any(|odd| odd.is_multiple())
    }
}

/// Reads all fields called `field` ("From", "Sender", "Reply-To", "Resent-From"), also those whose
/// name has blanks or control characters around it or in it.
///
/// A field that is there always gives an address, a name or an irregularity. Takes linear time in
/// the size of the headers.
pub fn authors(headers: &[Header], field: &str) -> Authors {
    let mut found = Found::default();
    let mut values: Vec<&[u8]> = Vec::new();
    for header in headers {
        if is_named(&header.name, field, &mut found.odd) {
            values.push(&header.value);
        }
    }
    if field.eq_ignore_ascii_case("From") {
        let hidden: Vec<&[u8]> = headers
            .iter()
            .flat_map(|header| hidden(header, field))
            .collect();
        if !hidden.is_empty() {
            found.odd.add(Irregularity::HiddenField);
        }
        values.extend(hidden);
        if values.is_empty() {
            found.odd.add(Irregularity::NoField);
        }
    }
    // RFC 5322 section 3.6.6: each time a message is resent, a block of Resent- fields is added.
    let repeats = field
        .get(..7)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("Resent-"));
    if values.len() > 1 && !repeats {
        found.odd.add(Irregularity::MultipleFields);
    }
    let fields = values.len();
    // Some clients show the first field, some the last.
    let last = values.last().copied().filter(|_| fields > MAX_FIELDS);
    if last.is_some() {
        found.odd.add(Irregularity::Cut);
        values.truncate(MAX_FIELDS - 1);
    }
    values.extend(last);
    let share = share(&values);
    for value in values {
        read_field(value, share, headers, &mut found);
    }
    found.into_authors(fields)
}

impl Message {
    /// The whole text of each From field, decoded as is likeliest: what no mailbox was found in as well.
    pub fn from_texts(&self) -> impl Iterator<Item = String> {
        let fields = self.headers_named("From");
        fields.filter_map(|field| {
            let texts = header_texts(&field.value, || named_charset(&self.headers));
            texts.into_iter().next()
        })
    }
}

/// How many octets of each field are read.
fn share(values: &[&[u8]]) -> usize {
    match values.iter().map(|value| value.len()).sum::<usize>() {
        0..=MAX_OCTETS => MAX_OCTETS,
        _ => (MAX_OCTETS / values.len()).max(LEAST_SHARE),
    }
}

/// The beginning and the end of a value that is longer than `octets`, else all of it. A reader sees
/// nothing of a long run of blanks or of a comment: the end is as good as the beginning.
fn parts(value: &[u8], octets: usize) -> impl Iterator<Item = &[u8]> {
    let parts = match value.len() > octets {
        true => [
            value.get(..whole(value, octets / 2)),
            value.get(whole(value, value.len() - octets / 2)..),
        ],
        false => [Some(value), None],
    };
    parts.into_iter().flatten()
}

/// The beginning of the character that `at` lies in, where the octets are UTF-8.
fn whole(value: &[u8], at: usize) -> usize {
    let continues = |at: &usize| value.get(*at).is_some_and(|octet| octet & 0xC0 == 0x80);
    let mut before = (at.saturating_sub(3)..=at).rev();
    before.find(|at| !continues(at)).unwrap_or(at)
}

fn read_field(value: &[u8], octets: usize, headers: &[Header], found: &mut Found) {
    if value.len() > octets {
        found.odd.add(Irregularity::Cut);
    }
    // What is read in many ways has a smaller share.
    let guessed = (octets / 16).clamp(LEAST_SHARE / 4, MAX_GUESSED);
    for part in parts(value, octets) {
        read_part(part, guessed, headers, found);
    }
}

fn read_part(kept: &[u8], guessed: usize, headers: &[Header], found: &mut Found) {
    match std::str::from_utf8(kept) {
        // ISO-2022 is in seven bits, begun by ESC.
        _ if kept.contains(&0x1b) => found.odd.add(Irregularity::RawEightBit),
        Err(_) => found.odd.add(Irregularity::RawEightBit),
        Ok(text) if !text.is_ascii() => found.odd.add(Irregularity::RawUtf8),
        Ok(_) => {}
    }
    let readings = |part| charset::readings(part, || named_charset(headers)).into_iter();
    read_text(&readings(kept).next().unwrap_or_default(), found);
    for part in parts(kept, guessed) {
        for text in readings(part).skip(1) {
            // What another client reads there; its oddities may come from reading it wrongly.
            let odd = found.odd.clone();
            read_text(&text, found);
            found.odd = odd;
        }
    }
}

fn read_text(text: &str, found: &mut Found) {
    let text = decode::unfold(text);
    if text.trim().is_empty() {
        return found.odd.add(Irregularity::Empty);
    }
    let outer = std::mem::take(&mut found.odd);
    let before = found.structural_count;
    let decoded = encoded_word::decode(&text);
    if decoded.chars().any(|c| c.is_control() && c != '\t') {
        found.odd.add(Irregularity::NulOrControl);
    }
    // Base64 has no `@`: a client that takes this for no encoded word shows the address in it.
    if encoded_word::words(&text).any(|word| word.base64 && word.content.contains('@')) {
        found.odd.add(Irregularity::EncodedWordSyntax);
    }
    let tokens = lexer::tokens(&text, &mut found.odd);
    field::read(tokens, found);
    match found.structural_count - before {
        0 if text.trim() == "<>" => found.odd.add(Irregularity::Empty),
        0 => found.odd.add(Irregularity::NoAddress),
        1 => {}
        _ => found.odd.add(Irregularity::MultipleAddresses),
    }
    if found.odd.is_ambiguous() {
        found.ambiguous = true;
        found.candidates(scan::addresses(&decoded));
    }
    if found.odd.0.contains(&Irregularity::EncodedWordSyntax) {
        found.candidates(scan::addresses(&text));
    }
    // What a client can't take apart it shows whole.
    if found.odd.0.contains(&Irregularity::NoAddress) {
        found.name(&text);
    }
    let unparsed = [
        unparsed::apart(&text),
        unparsed::in_front(&text, &found.odd),
    ];
    for shown in unparsed.into_iter().flatten() {
        found.name(&shown);
    }
    found.odd.extend(outer);
}

/// Whether a client could take a field with this name for `field`.
fn is_named(name: &[u8], field: &str, odd: &mut Odd) -> bool {
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let ignored = |b: &u8| blank(b) || b.is_ascii_control();
    let bare = name.trim_ascii();
    let mut visible = bare.iter().filter(|b| !b.is_ascii_control());
    let mut wanted = field.bytes();
    loop {
        match (visible.next(), wanted.next()) {
            (None, None) => break,
            (Some(a), Some(b)) if a.eq_ignore_ascii_case(&b) => {}
            _ => return false,
        }
    }
    let line_break = |b: &u8| matches!(b, b'\r' | b'\n');
    if name.iter().any(line_break) {
        odd.add(Irregularity::FoldedName);
    }
    if name.first().is_some_and(ignored) {
        odd.add(Irregularity::BlankBeforeName);
    }
    if name.last().is_some_and(ignored) {
        odd.add(Irregularity::BlankBeforeColon);
    }
    if name
        .iter()
        .any(|b| ignored(b) && !line_break(b) && !blank(b))
    {
        odd.add(Irregularity::ControlInFieldName);
    }
    true
}

/// The values of lines inside another field that read as `field`: an MTA took them for the
/// continuation of the field above, because of a blank before them or a bare CR, and some clients
/// don't.
fn hidden<'a>(header: &'a Header, field: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let name = header.name.trim_ascii();
    let is_like = |part: Option<&[u8]>, wanted: &[u8]| {
        part.is_some_and(|part| part.eq_ignore_ascii_case(wanted))
    };
    // The tag `h=` of signatures lists field names with colons between them, folded anywhere.
    let signature = is_like(
        name.last_chunk::<14>().map(|end| &end[..]),
        b"dkim-signature",
    ) || is_like(name.get(..4), b"arc-")
        || name.eq_ignore_ascii_case(field.as_bytes());
    let value = match signature {
        true => &[],
        false => &*header.value,
    };
    memchr::memchr2_iter(b'\r', b'\n', value)
        .filter_map(|at| {
            let rest = value.get(at + 1..)?;
            let end = memchr::memchr2(b'\r', b'\n', rest);
            rest.get(..end.unwrap_or(rest.len()))
        })
        .filter_map(move |line| {
            let colon = line
                .iter()
                .take(field.len() + 16)
                .position(|b| *b == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            let same = name.trim_ascii().eq_ignore_ascii_case(field.as_bytes());
            // A line without any address is prose.
            (same && value.contains(&b'@')).then(|| value.get(1..).unwrap_or_default())
        })
}

/// The irregularities of a field so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Odd(BTreeSet<Irregularity>);

impl Odd {
    fn add(&mut self, irregularity: Irregularity) {
        self.0.insert(irregularity);
    }

    fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    fn is_ambiguous(&self) -> bool {
        self.0.iter().any(|odd| odd.is_ambiguous())
    }
}

/// What was read so far.
#[derive(Debug, Default)]
struct Found {
    /// Addresses where the grammar puts them.
    structural: Vec<Address>,
    /// How many there were, those included that were not kept.
    structural_count: usize,
    /// Addresses that a client could take for the author's.
    candidates: Vec<Address>,
    in_names: Vec<Address>,
    names: Vec<String>,
    odd: Odd,
    ambiguous: bool,
}

impl Found {
    fn structural(&mut self, address: Address) {
        self.structural_count += 1;
        keep(&mut self.structural, address, &mut self.odd, |a, b| a == b);
    }

    fn candidates(&mut self, addresses: impl Iterator<Item = Address>) {
        for address in addresses {
            keep(&mut self.candidates, address, &mut self.odd, |a, b| a == b);
        }
    }

    fn in_names(&mut self, addresses: impl Iterator<Item = Address>) {
        for address in addresses {
            keep(&mut self.in_names, address, &mut self.odd, |a, b| a == b);
        }
    }

    /// Takes a text, encoded words not yet decoded, that could be shown as a name.
    fn name(&mut self, text: &str) {
        let first = std::iter::once(encoded_word::decode(text));
        for decoded in first.chain(encoded_word::other_readings(text)) {
            let name = decode::shown(&decoded);
            if name.is_empty() {
                continue;
            }
            self.in_names(scan::addresses(&decoded));
            keep(&mut self.names, name, &mut self.odd, |a, b| a == b);
        }
    }

    fn into_authors(mut self, fields: usize) -> Authors {
        let mut addresses: Vec<Address> = Vec::new();
        let same = |a: &Address, b: &Address| a.is_same(b);
        let agreed = fields == 1 && !self.ambiguous;
        let first = self.structural.first().cloned();
        for address in self.structural.iter().chain(&self.candidates) {
            keep(&mut addresses, address.clone(), &mut self.odd, same);
        }
        if addresses.is_empty() && self.odd.0.contains(&Irregularity::NoAddress) {
            self.odd.add(Irregularity::Unreadable);
        }
        let mut in_names = std::mem::take(&mut self.in_names);
        in_names.retain(|inside| !self.structural.iter().any(|author| author.is_same(inside)));
        if in_names.is_empty() {
            // The author's own address as the name says nothing else than the address.
            self.odd.0.remove(&Irregularity::AddressInName);
            self.odd.0.remove(&Irregularity::AddressInComment);
        }
        Authors {
            primary: first.filter(|_| agreed || (fields == 1 && addresses.len() == 1)),
            addresses,
            addresses_in_names: in_names,
            names: self.names,
            cut: self.odd.0.contains(&Irregularity::Cut),
            irregularities: self.odd.0.into_iter().collect(),
        }
    }
}

/// Adds what is not there yet. Of more than [`MAX_AUTHORS`] the first and the very last are kept:
/// clients that show one author show one of these.
fn keep<T>(list: &mut Vec<T>, item: T, odd: &mut Odd, same: impl Fn(&T, &T) -> bool) {
    if list.iter().any(|known| same(known, &item)) {
        return;
    }
    if list.len() >= MAX_AUTHORS {
        odd.add(Irregularity::Cut);
        list.truncate(MAX_AUTHORS - 1);
    }
    list.push(item);
}

#[cfg(test)]
mod tests;
