//! A text in which the brand is marked, whatever disguise it wears, in the form of the tables.

use std::ops::Range;

use crate::{
    brand::{
        Brand, NameStrength,
        name::{Writing, strong_name},
    },
    mail::text::{
        confusables::{is_apostrophe, is_invisible},
        normalise::{is_unspaced, normal},
    },
};

use super::tables::{BRAND, Role, Tables};

/// Octets of a message that are looked at closely for disguises. Behind them the plain name counts.
const MAX_CLOSE: usize = 96 * 1024;
/// Octets that a disguised name takes at most.
const LONGEST: usize = 96;
/// Places at which a disguised name could begin that are tried.
const MAX_STARTS: usize = 24;
/// Octets of the word that goes on behind the brand.
const LONGEST_REST: usize = 48;

/// What may be glued to the brand.
const GLUED: [Role; 10] = [
    Role::Ending,
    Role::Account,
    Role::Member,
    Role::Benefit,
    Role::Order,
    Role::Purchase,
    Role::Department,
    Role::Customer,
    Role::Trader,
    Role::Between,
];

/// Puts [`BRAND`] in the place of each mention. Nothing where there is none and no product could stand.
///
/// Line feeds stay as they are.
pub(super) fn mark(brand: &Brand, text: &str) -> Option<String> {
    let mut marked = String::new();
    let (mut taken, mut room) = (0, MAX_CLOSE);
    for place in brand.prefilter().places(text) {
        let within = taken..place.max(taken);
        let Some(found) = mention(brand, text, within, &mut room) else {
            continue;
        };
        push(
            &mut marked,
            text.get(taken..found.start).unwrap_or_default(),
        );
        marked.push(' ');
        marked.push(BRAND);
        marked.push(' ');
        taken = found.end;
    }
    if taken == 0 && !brand.may_be_named_in(text) {
        return None;
    }
    push(&mut marked, text.get(taken..).unwrap_or_default());
    Some(marked)
}

/// A sender's own copy of the mark means nothing; the sign of a copyright is lost in the normal form.
fn push(marked: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            BRAND => {}
            '\u{A9}' | '\u{24B8}' | '\u{24D2}' => marked.push_str(" copyright "),
            c => marked.push(c),
        }
    }
}

/// The mention that ends at the end of `within`, or begins in it, with a suffix of its domain, a possessive
/// or the ending of a case behind it.
fn mention(
    brand: &Brand,
    text: &str,
    within: Range<usize>,
    room: &mut usize,
) -> Option<Range<usize>> {
    let found = plain(brand, text, &within).or_else(|| disguised(brand, text, &within, room))?;
    let Range { start, end } = found;
    let before = text.get(..start)?.chars().next_back();
    let (behind, rest) = (text.get(end..)?, rest_of_word(text, end));
    // An address or the name of a file.
    if before.is_some_and(|c| matches!(c, '@' | '_' | '.' | '\\')) || behind.starts_with(['@', '_'])
    {
        return None;
    }
    if !rest.is_empty() && !may_go_on(brand, text, start..end, rest) {
        return None;
    }
    // The river, or somebody whose name holds the brand's.
    let around = around(text, start..end);
    *room = room.saturating_sub(around.len());
    if *room > 0 && strong_name(brand, around).is_none() {
        return None;
    }
    Some(start..suffix_end(brand, text, end, rest))
}

/// The name, written as the list has it.
fn plain(brand: &Brand, text: &str, within: &Range<usize>) -> Option<Range<usize>> {
    let names = brand.names().iter();
    let mut names = names.filter(|name| name.strength == NameStrength::Strong);
    names.find_map(|name| {
        let (name, length) = (&name.text, name.text.len());
        let start = match name.is_ascii() {
            true => {
                let start = within.end.checked_sub(length)?;
                let own = text.as_bytes().get(start..within.end)?;
                own.eq_ignore_ascii_case(name.as_bytes()).then_some(start)?
            }
            // Of other scripts the search says only that a name is about there.
            false => {
                let from = text.floor_char_boundary(within.end.saturating_sub(length));
                let to = text.floor_char_boundary((within.end + length).min(text.len()));
                from + text.get(from..to)?.find(name.as_str())?
            }
        };
        let before = text.get(..start)?.chars().next_back();
        let apart = !name.is_ascii() || !is_inside_spaced(before);
        (start >= within.start && apart).then_some(start..start + length)
    })
}

/// A name that is written otherwise and ends there.
fn disguised(
    brand: &Brand,
    text: &str,
    within: &Range<usize>,
    room: &mut usize,
) -> Option<Range<usize>> {
    let from = within.end.saturating_sub(LONGEST).max(within.start);
    let from = text.ceil_char_boundary(from);
    let stretch = text.get(from..within.end)?;
    let letters = stretch.char_indices().rev();
    let begins = letters.filter(|(at, c)| {
        let before = text
            .get(..from + at)
            .and_then(|text| text.chars().next_back());
        !c.is_whitespace() && !is_invisible(*c) && !is_inside_spaced(before)
    });
    for (at, _) in begins.take(MAX_STARTS) {
        let name = stretch.get(at..).unwrap_or_default();
        *room = room.saturating_sub(name.len());
        if *room == 0 {
            return None;
        }
        if strong_name(brand, name).is_some() {
            return Some(from + at..within.end);
        }
    }
    None
}

fn is_inside_spaced(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() && !is_unspaced(c))
}

/// The letters that follow without a gap, as many as matter: a text can be one word, and the name stand in it
/// again and again.
fn rest_of_word(text: &str, at: usize) -> &str {
    let end = text.floor_char_boundary(at + 2 * LONGEST_REST);
    let behind = text.get(at..end).unwrap_or_default();
    let goes_on = |c: char| c.is_alphabetic() && !is_unspaced(c);
    let end = behind.find(|c| !goes_on(c)).unwrap_or(behind.len());
    behind.get(..end).unwrap_or_default()
}

/// Whether the word that goes on behind the brand is still the brand's: a noun glued to it, the ending
/// of a case, or a word of a script that joins words.
fn may_go_on(brand: &Brand, text: &str, name: Range<usize>, rest: &str) -> bool {
    let own = text.get(name.clone()).unwrap_or_default();
    let joins = |c: char| !c.is_ascii() && !matches!(u32::from(c), 0xA0..=0x24F);
    if own.chars().any(joins) && strong_name(brand, own) != Some(Writing::Disguised)
        || rest
            .chars()
            .all(|c| joins(c) && !matches!(u32::from(c), 0x370..=0x52F))
    {
        return true;
    }
    if rest.len() > LONGEST_REST {
        return false;
    }
    let word = text
        .get(name.start..name.end + rest.len())
        .unwrap_or_default();
    let rest = normal(rest);
    Tables::embedded().begins(&rest, &GLUED) || strong_name(brand, word).is_some()
}

/// The mention with its neighbours, one word in front and two behind it.
fn around(text: &str, name: Range<usize>) -> &str {
    const REACH: usize = 40;
    let from = text.ceil_char_boundary(name.start.saturating_sub(REACH));
    let to = text.floor_char_boundary((name.end + REACH).min(text.len()));
    let before = text.get(from..name.start).unwrap_or_default();
    let behind = text.get(name.end..to).unwrap_or_default();
    let blank = |c: char| c.is_whitespace();
    // What ends a sentence parts the name from its neighbours.
    let parts = |c: char| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '|' | '\n');
    let before = before
        .rfind(parts)
        .map_or(0, |at| at + 1)
        .max(before.trim_end().rfind(blank).unwrap_or(0));
    let words = behind
        .char_indices()
        .filter(|(at, c)| *at > 0 && blank(*c))
        .map(|(at, _)| at);
    let behind = behind
        .find(parts)
        .unwrap_or(behind.len())
        .min(words.take(2).last().unwrap_or(behind.len()));
    text.get(text.ceil_char_boundary(from + before)..name.end + behind)
        .unwrap_or_default()
}

/// Where what belongs to the mention ends: ".com", "'s", the ending of a case.
fn suffix_end(brand: &Brand, text: &str, end: usize, rest: &str) -> usize {
    let mut end = match Tables::embedded().begins(&normal(rest), &[Role::Ending]) {
        true => end + rest.len(),
        false => end,
    };
    let behind = text.get(end..text.floor_char_boundary(end + 2 * LONGEST_REST));
    let behind = behind.unwrap_or_default();
    if let Some(suffix) = behind.strip_prefix('.') {
        let is_label = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let label = suffix.get(..suffix.find(|c| !is_label(c)).unwrap_or(suffix.len()));
        let label = label
            .unwrap_or_default()
            .trim_end_matches('.')
            .to_ascii_lowercase();
        if label.len() <= 16 && brand.has_suffix(&label) {
            end += 1 + label.len();
        }
    }
    let behind = text.get(end..).unwrap_or_default();
    let mut letters = behind.chars();
    if let Some(mark) = letters.next().filter(|c| is_apostrophe(*c)) {
        let word = rest_of_word(behind, mark.len_utf8());
        if word.chars().count() <= 4 {
            // Turkish sets endings off that say from whom ("dan").
            end += mark.len_utf8()
                + if word.chars().count() <= 1 {
                    word.len()
                } else {
                    0
                };
        }
    }
    end
}
