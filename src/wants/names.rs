//! The brand's name in running text: whether it is there, and whether it is written wrongly.

use crate::brand::{
    Brand, Name, NameStrength,
    name::{Writing, strong_name},
};

use crate::mail::{
    text::{letter::is_alphanumeric, normalise::normal},
    visible_text::prefix,
};
use std::{cell::OnceCell, collections::HashMap, ops::Range};

/// Octets before and behind the end of a name that are looked at with it: its neighbours say what it
/// means.
const AROUND: usize = 240;
/// Octets before it in which it is looked for once more where a look ended.
const LONGEST: usize = 80;
/// Octets of the text of a message that are looked at closely. Only what spells the name is.
pub(crate) const MAX_CLOSE: usize = 32 * 1024;
/// What was looked at before takes a part of that: a flood is made of the same few stretches.
const AGAIN: usize = 16;
/// A look takes as long as one at so many octets at least.
const LEAST: usize = 64;

/// How much room a look at a text takes.
pub(crate) fn cost(text: &str) -> usize {
    text.len().max(LEAST)
}

/// The brand in a text.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) named: bool,
    /// The first word that is the brand's name, written wrongly or in mixed scripts.
    pub(crate) misspelled: Option<String>,
    pub(crate) cut: bool,
}

/// A text, and what is worked out of it once, for all that ask.
pub(crate) struct Placed<'t> {
    pub(crate) text: &'t str,
    /// Where a name of the brand may end.
    pub(crate) places: Vec<usize>,
    normal: OnceCell<String>,
}

impl<'t> Placed<'t> {
    pub(crate) fn new(brand: &Brand, text: &'t str) -> Self {
        Self {
            text,
            places: brand.prefilter().places(text).collect(),
            normal: OnceCell::new(),
        }
    }

    /// The text in normal form.
    pub(crate) fn normal(&self) -> &str {
        self.normal.get_or_init(|| normal(self.text))
    }
}

/// Looks for the brand in visible text. `room`: how many octets of the message may still be looked at
/// closely.
pub(crate) fn read(brand: &Brand, placed: &Placed<'_>, room: &mut usize) -> Names {
    let text = placed.text;
    let mut names = Names::default();
    let mut looks = Looks {
        brand,
        room,
        known: HashMap::new(),
    };
    let mut behind = 0;
    for &end in &placed.places {
        let plain = is_plain(brand, text, end);
        if plain && (names.named || end <= behind) {
            continue;
        }
        if *looks.room == 0 {
            // Behind so much that resembles the name, it still counts where it stands plainly.
            names.cut = true;
            names.named = names.named || is_word(brand, text, end);
            if names.named {
                return names;
            }
            continue;
        }
        // Where it is named already, only how it is written is of interest: by the word that ends here.
        let word = match plain {
            true => None,
            false => looks.misspelled(text, end),
        };
        if names.named && word.is_none() {
            if *looks.room == 0 {
                names.cut = true;
                return names;
            }
            continue;
        }
        let around = around(text, end);
        let Some(found) = looks.look(text.get(around.clone()).unwrap_or_default()) else {
            names.cut = true;
            names.named |= is_word(brand, text, end);
            if names.named {
                return names;
            }
            continue;
        };
        behind = around.end;
        names.named |= found.is_some();
        if found.is_some()
            && let Some(word) = word
        {
            names.misspelled = Some(prefix(word, 80).to_owned());
            return names;
        }
    }
    names
}

/// Close looks, as long as there is room for them.
struct Looks<'a> {
    brand: &'a Brand,
    room: &'a mut usize,
    /// What was looked at, and what was found.
    known: HashMap<&'a str, Option<Writing>>,
}

impl<'a> Looks<'a> {
    /// What is found in a stretch; `None` where there is no room left.
    fn look(&mut self, stretch: &'a str) -> Option<Option<Writing>> {
        let known = self.known.get(stretch).copied();
        let cost = match known {
            Some(_) => cost(stretch) / AGAIN,
            None => cost(stretch),
        };
        *self.room = self.room.saturating_sub(cost);
        if *self.room == 0 {
            return None;
        }
        let found = known.unwrap_or_else(|| strong_name(self.brand, stretch));
        self.known.insert(stretch, found);
        Some(found)
    }

    /// The word about the place `end` that is the brand's name in disguise. The place may lie behind what ends
    /// the word. Addresses are links, and judged as such.
    fn misspelled(&mut self, text: &'a str, end: usize) -> Option<&'a str> {
        // What nobody sees can stand between its letters.
        let from = text.floor_char_boundary(end.saturating_sub(AROUND));
        let to = text.floor_char_boundary((end + LONGEST).min(text.len()));
        // Of a word that stands before signs which ended it, too.
        let before = text.get(from..end)?;
        let before = before.trim_end_matches(|c: char| !is_alphanumeric(c));
        let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let stretch = text.get(text.ceil_char_boundary(from + start)..to)?;
        let words = stretch.split_whitespace().take(2);
        let mut words = words.map(|word| word.trim_matches(|c: char| !is_alphanumeric(c)));
        words.find(|word| {
            let is_address = word.is_ascii() && word.contains(['.', '@', '/', ':', '_', '=']);
            !word.is_empty() && !is_address && self.look(word) == Some(Some(Writing::Disguised))
        })
    }
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
    // Most floods hold none, and to look for that takes a part of the time.
    let written = brand.written();
    let ends = text.bytes().zip(1..);
    let mut ends = ends.filter(|(last, _)| written.ends_with(*last));
    let mut places = brand.prefilter().places(text);
    ends.any(|(_, end)| is_word(brand, text, end)) && places.any(|end| is_word(brand, text, end))
}

/// Whether a strong name, written as the list has it, ends at `end` and is a word of its own.
fn is_word(brand: &Brand, text: &str, end: usize) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(is_alphanumeric);
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
            || written
                .others_ending(names, before.as_bytes())
                .any(is_apart))
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
        let found = read_all(&brand, &text);
        assert!(found.named);
        assert_eq!(
            found.misspelled.map(|word| word.starts_with('C')),
            Some(true)
        );
    }

    #[test]
    fn a_name_stands_plainly_as_a_word_of_its_own() {
        let brand = contoso();
        assert!(is_plainly_in(&brand, "at Contoso, today"));
        for text in ["xcontoso", "contosox", "at xContoso today"] {
            assert!(!is_plainly_in(&brand, text), "{text}");
        }
    }

    #[test]
    fn around_a_place_no_word_is_cut() {
        let words = "x ".repeat(500);
        for (at, stretch) in [
            // Nothing is cut at the ends of a text.
            (0, 0..239),
            (100, 0..339),
            (240, 0..479),
            (242, 3..481),
            (500, 261..739),
            (900, 661..1_000),
            (1_000, 761..1_000),
        ] {
            assert_eq!(around(&words, at), stretch, "{at}");
        }
        // Where there is no blank a word has to be.
        let word = "x".repeat(1_000);
        assert_eq!(around(&word, 500), 260..740);
        // The blank may not be near the place.
        let late = format!("{} {}", "x".repeat(425), "x".repeat(600));
        assert_eq!(around(&late, 500), 260..740);
        let late = format!("{} {}", "x".repeat(415), "x".repeat(600));
        assert_eq!(around(&late, 500), 415..740);
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
