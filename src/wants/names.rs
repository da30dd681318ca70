//! The brand's name in running text: whether it is there, and whether it is written wrongly.

use crate::brand::{
    Brand, Name, NameStrength,
    name::{Writing, strong_name},
};

use crate::mail::visible_text::prefix;
use std::{collections::HashMap, ops::Range};

/// Octets before and behind the end of a name that are looked at with it: its neighbours say what it
/// means.
const AROUND: usize = 240;
/// Octets before it in which it is looked for once more where a look ended.
const LONGEST: usize = 80;
/// Octets of the text of a message that are looked at closely. Only what spells the name is.
pub(crate) const MAX_CLOSE: usize = 128 * 1024;
/// What was looked at before takes a part of that: a flood is made of the same few stretches.
const AGAIN: usize = 16;

/// The brand in a text.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) named: bool,
    /// The first word that is the brand's name, written wrongly or in mixed scripts.
    pub(crate) misspelled: Option<String>,
    pub(crate) cut: bool,
}

/// A text, and where in it the brand could be named: looked for once, for all that ask.
pub(crate) struct Placed<'t> {
    pub(crate) text: &'t str,
    /// Where a name may end.
    pub(crate) places: Vec<usize>,
}

impl<'t> Placed<'t> {
    pub(crate) fn new(brand: &Brand, text: &'t str) -> Self {
        let places = brand.prefilter().places(text).collect();
        Self { text, places }
    }
}

/// Looks for the brand in visible text. `room`: how many octets of the message may still be looked at
/// closely.
pub(crate) fn read(brand: &Brand, placed: &Placed<'_>, room: &mut usize) -> Names {
    let Placed { text, places } = placed;
    let mut names = Names::default();
    let mut known = 0;
    // Stretches that were looked at, whether the name stands plainly there, and whether it was found.
    let mut looks: HashMap<(&str, bool), bool> = HashMap::new();
    for &end in places {
        let plain = is_plain(brand, text, end);
        if plain && (names.named || end <= known) {
            continue;
        }
        let around = match *room {
            0 => 0..0,
            _ => around(text, end),
        };
        let stretch = text.get(around.clone()).unwrap_or_default();
        let look = looks.get(&(stretch, plain)).copied();
        let cost = match look {
            Some(_) => stretch.len() / AGAIN,
            None => stretch.len(),
        };
        *room = room.saturating_sub(cost);
        if *room == 0 {
            // Behind so much that resembles the name, it still counts where it stands plainly.
            names.cut = true;
            names.named |= is_word(brand, text, end);
            if names.named {
                return names;
            }
            continue;
        }
        known = around.end;
        if let Some(named) = look {
            names.named |= named;
            continue;
        }
        let named = strong_name(brand, stretch).is_some();
        names.named |= named;
        if named && !plain {
            let mut words = stretch.split_whitespace();
            let word = words.find(|word| is_misspelled(brand, word));
            names.misspelled = word.map(|word| prefix(word, 80).to_owned());
            if names.misspelled.is_some() {
                return names;
            }
        }
        looks.insert((stretch, plain), named);
    }
    names
}

/// Whether the name ends at `end`, written as the list has it.
fn is_plain(brand: &Brand, text: &str, end: usize) -> bool {
    let before = text.as_bytes().get(..end).unwrap_or_default();
    // A mark over the last letter belongs to it.
    let ascii = text.as_bytes().get(end).is_none_or(u8::is_ascii);
    let mut names = brand.written().ending(brand.names(), before);
    ascii && names.next().is_some()
}

/// Whether a strong name stands plainly in `text`, as a word of its own. A close look finds more.
pub(crate) fn is_plainly_in(brand: &Brand, text: &str) -> bool {
    let mut places = brand.prefilter().places(text);
    places.any(|end| is_word(brand, text, end))
}

/// Whether a strong name, written as the list has it, ends at `end` and is a word of its own.
fn is_word(brand: &Brand, text: &str, end: usize) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let before = text.get(..end).unwrap_or_default();
    let behind = text.get(end..).unwrap_or_default().chars().next();
    let is_apart = |(_, name): (usize, &Name)| {
        let start = before.len().checked_sub(name.text.len());
        let parts = start.and_then(|start| before.split_at_checked(start));
        name.strength == NameStrength::Strong
            && parts.is_some_and(|(before, last)| {
                last.eq_ignore_ascii_case(&name.text) && !is_letter(before.chars().next_back())
            })
    };
    let (written, names) = (brand.written(), brand.names());
    !is_letter(behind)
        && (written.ending(names, before.as_bytes()).any(is_apart)
            || written.near(names, text, end).any(is_apart))
}

/// The text around a place, at blanks where there are any, so that no word is cut.
fn around(text: &str, at: usize) -> Range<usize> {
    let from = text.floor_char_boundary(at.saturating_sub(AROUND));
    let to = text.floor_char_boundary(at + AROUND);
    let before = text.get(from..at).unwrap_or_default();
    let behind = text.get(at..to).unwrap_or_default();
    let room = before.floor_char_boundary(AROUND - LONGEST);
    let cut = before
        .get(..room)
        .and_then(|start| start.find(char::is_whitespace))
        .filter(|_| from > 0);
    let end = behind
        .rfind(char::is_whitespace)
        .filter(|_| to < text.len());
    from + cut.unwrap_or(0)..at + end.unwrap_or(behind.len())
}

/// Whether `word` alone is the brand's name in disguise. Addresses are links, and judged as such.
fn is_misspelled(brand: &Brand, word: &str) -> bool {
    // Invisible characters around a word hide nothing: newsletters fill their previews with them.
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    if word.is_empty() || word.is_ascii() && word.contains(['.', '@', '/', ':', '_', '=']) {
        return false;
    }
    strong_name(brand, word) == Some(Writing::Disguised)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::sample::contoso;

    fn read_all(brand: &Brand, text: &str) -> Names {
        read(brand, &Placed::new(brand, text), &mut { MAX_CLOSE })
    }

    #[test]
    fn a_name_behind_a_flood_is_found() {
        let brand = contoso();
        let flood: String = (0..9_000)
            .map(|number| format!("xcontosox{number} "))
            .collect();
        let found = read_all(&brand, &format!("{flood} Contoso"));
        assert!(found.cut && found.named);
        assert!(!read_all(&brand, &flood).named);
    }

    #[test]
    fn what_nobody_sees_within_a_name_hides_it_not() {
        let brand = contoso();
        let gap = "\u{200B}".repeat(10);
        let letters: Vec<String> = "Contoso".chars().map(String::from).collect();
        let text = format!("Dear customer of {} here", letters.join(&gap));
        assert!(read_all(&brand, &text).named);
    }

    #[test]
    fn what_repeats_uses_up_little() {
        let brand = contoso();
        // Each with what stands around it comes to ten times as much as is looked at closely.
        let flood = "xcontosox ".repeat(3_000);
        let found = read_all(&brand, &format!("{flood} C0ntoso"));
        assert_eq!(found.misspelled.as_deref(), Some("C0ntoso"));
    }
}
