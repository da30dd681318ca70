//! A text in which the brand is marked, whatever disguise it wears, in the form of the tables.

use std::{collections::HashMap, ops::Range};

use crate::{
    brand::{
        Brand, Name, NameStrength,
        name::{Writing, strong_name},
        written::Around,
    },
    mail::text::{
        confusables::{is_apostrophe, is_invisible},
        letter::{is_alphabetic, is_alphanumeric},
        normalise::{is_unspaced, normal},
    },
};

use super::tables::{BRAND, Role, Tables};
use crate::wants::names::{Placed, cost};

#[cfg(test)]
mod tests;

/// Octets of a text that are looked at closely, each stretch once. Behind them the name still counts where it
/// stands plainly, or with what is known to be glued to it, so that no flood hides it.
const MAX_CLOSE: usize = 32 * 1024;
/// To look for where a disguised name could begin takes a part of the time of a close look.
const LOOK_FOR: usize = 8;
/// Octets that a disguised name takes at most.
const LONGEST: usize = 96;
/// Places at which a disguised name could begin that are tried.
const MAX_STARTS: usize = 24;
/// Octets of the word that goes on behind the brand.
const LONGEST_REST: usize = 48;
/// Words of which it is kept what they begin with.
const MAX_KEPT: usize = 2_048;

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

/// Whether a text could name the brand or what is its own.
pub(super) fn may_name(brand: &Brand, placed: &Placed<'_>) -> bool {
    // In a text with such a sign more could stand once it is marked.
    let own = || {
        SIGNS.iter().any(|sign| placed.text.contains(*sign))
            || brand.own_words().are_mentioned(placed.normal())
    };
    !placed.places.is_empty() || own() && brand.may_be_weakly_named_in(placed.text)
}

/// Puts [`BRAND`] in the place of each mention.
///
/// Line feeds stay as they are.
pub(super) fn mark(brand: &Brand, placed: &Placed<'_>) -> String {
    let Placed { text, places, .. } = placed;
    let mut marked = String::new();
    let mut marker = Marker::new(brand, text);
    let mut taken = 0;
    for &place in places {
        let Some(found) = marker.mention(taken..place.max(taken)) else {
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
    push(&mut marked, text.get(taken..).unwrap_or_default());
    marked
}

/// What stays in no marked text: copies of the mark, and signs of a copyright.
const SIGNS: [char; 4] = [BRAND, '\u{A9}', '\u{24B8}', '\u{24D2}'];

/// A sender's own copy of the mark means nothing; the sign of a copyright is lost in the normal form.
fn push(marked: &mut String, text: &str) {
    // The octets with which they begin in UTF-8.
    let could_be = memchr::memchr3_iter(0xEE, 0xC2, 0xE2, text.as_bytes());
    let letters = could_be.filter_map(|at| Some((at, text.get(at..)?.chars().next()?)));
    let mut from = 0;
    for (at, sign) in letters.filter(|(_, c)| SIGNS.contains(c)) {
        marked.push_str(text.get(from..at).unwrap_or_default());
        marked.push_str(if sign == BRAND { "" } else { " copyright " });
        from = at + sign.len_utf8();
    }
    marked.push_str(text.get(from..).unwrap_or_default());
}

/// Looks for mentions in one text, and keeps what it worked out: a flood is made of the same few stretches.
struct Marker<'a> {
    brand: &'a Brand,
    text: &'a str,
    /// Octets that may still be looked at closely.
    room: usize,
    looks: HashMap<&'a str, Option<Writing>>,
    /// Where in a stretch a disguised name begins that ends with it; and whether a letter stands before the
    /// stretch.
    disguises: HashMap<(&'a str, bool), Option<usize>>,
    rests: HashMap<&'a str, Begun>,
    /// The letters behind the last mention, as far as they were read, and whether they could go on.
    run: (Range<usize>, bool),
    /// Which of them join words, as far as that was looked at.
    joined: Range<usize>,
    around: Around,
    /// The last look, the last word that was begun and the last neighbours: most often the next are the same.
    last_look: Option<(&'a str, Option<Writing>)>,
    last_rest: Option<(&'a str, Begun)>,
    last_neighbours: Neighbours<'a>,
}

/// What a word begins with that goes on behind the brand.
#[derive(Clone, Copy, Debug, Default)]
struct Begun {
    glued: bool,
    ending: bool,
}

/// A stretch about a name, and where in it the mention stands with its neighbours.
#[derive(Default)]
struct Neighbours<'a> {
    stretch: &'a str,
    name: Range<usize>,
    found: Range<usize>,
}

impl<'a> Marker<'a> {
    fn new(brand: &'a Brand, text: &'a str) -> Self {
        Self {
            brand,
            text,
            room: MAX_CLOSE,
            looks: HashMap::new(),
            disguises: HashMap::new(),
            rests: HashMap::new(),
            run: (0..0, false),
            joined: 0..0,
            around: Around::default(),
            last_look: None,
            last_rest: None,
            last_neighbours: Neighbours::default(),
        }
    }

    /// How the name is written that a close look finds in a stretch of the text. None where there is no room
    /// left to look.
    fn look(&mut self, stretch: &'a str) -> Option<Option<Writing>> {
        if let Some((last, found)) = self.last_look
            && last == stretch
        {
            return Some(found);
        }
        if let Some(known) = self.looks.get(stretch) {
            self.last_look = Some((stretch, *known));
            return Some(*known);
        }
        self.room = self.room.saturating_sub(cost(stretch));
        if self.room == 0 {
            return None;
        }
        let found = strong_name(self.brand, stretch);
        self.looks.insert(stretch, found);
        Some(found)
    }

    /// The mention with its neighbours, one word in front and two behind it.
    fn around(&mut self, name: Range<usize>) -> &'a str {
        const REACH: usize = 40;
        let text = self.text;
        let from = text.ceil_char_boundary(name.start.saturating_sub(REACH));
        let to = text.floor_char_boundary((name.end + REACH).min(text.len()));
        let stretch = text.get(from..to).unwrap_or_default();
        let name = name.start - from..name.end - from;
        let last = &mut self.last_neighbours;
        if last.stretch != stretch || last.name != name {
            *last = Neighbours {
                stretch,
                found: around(stretch, &name),
                name,
            };
        }
        stretch.get(last.found.clone()).unwrap_or_default()
    }

    /// The mention that ends at the end of `within`, or begins in it, with a suffix of its domain, a possessive
    /// or the ending of a case behind it.
    fn mention(&mut self, within: Range<usize>) -> Option<Range<usize>> {
        let text = self.text;
        let found = self.plain(&within).or_else(|| self.disguised(&within))?;
        let Range { start, end } = found;
        let before = text.get(..start)?.chars().next_back();
        let behind = text.get(end..)?;
        // An address or the name of a file.
        if before.is_some_and(|c| matches!(c, '@' | '_' | '.' | '\\'))
            || behind.starts_with(['@', '_'])
        {
            return None;
        }
        let rest = self.rest_of_word(end);
        if !rest.is_empty() && !self.may_go_on(start..end, rest) {
            return None;
        }
        // The river, or somebody whose name holds the brand's.
        let around = self.around(start..end);
        if self.look(around) == Some(None) {
            return None;
        }
        let end = match self.begun(rest).ending {
            true => end + rest.len(),
            false => end,
        };
        Some(start..suffix_end(self.brand, text, end))
    }

    /// The name, written as the list has it.
    fn plain(&mut self, within: &Range<usize>) -> Option<Range<usize>> {
        let (text, names) = (self.text, self.brand.names());
        let is_strong = |(_, name): &(usize, &Name)| name.strength == NameStrength::Strong;
        let written = self.brand.written();
        let own = text.as_bytes().get(..within.end)?;
        let ending = written.ending(names, own).filter(is_strong);
        let mut ending = ending.filter_map(|(at, name)| {
            let start = within.end - name.text.len();
            let before = text.get(..start)?.chars().next_back();
            let stands = start >= within.start && !is_inside_spaced(before);
            stands.then_some((at, start..within.end))
        });
        // Of other scripts the search says only that a name is about there.
        let near = written.near(names, text, within.end, &mut self.around);
        let near = near.filter(is_strong);
        let mut near = near.filter_map(|(at, name)| {
            let length = name.text.len();
            let from = text.floor_char_boundary(within.end.saturating_sub(length));
            let to = text.floor_char_boundary((within.end + length).min(text.len()));
            let mut places = text.as_bytes().get(from..to)?.windows(length);
            let name = name.text.as_bytes();
            let stands = |place: &[u8]| place.first() == name.first() && place == name;
            let start = from + places.position(stands)?;
            (start >= within.start).then_some((at, start..start + length))
        });
        // The first of the list counts.
        let both = ending.next().into_iter().chain(near.next());
        both.min_by_key(|(at, _)| *at).map(|(_, found)| found)
    }

    /// A name that is written otherwise and ends there.
    fn disguised(&mut self, within: &Range<usize>) -> Option<Range<usize>> {
        if self.room == 0 {
            return None;
        }
        let text = self.text;
        let from = within.end.saturating_sub(LONGEST).max(within.start);
        let from = text.ceil_char_boundary(from);
        let stretch = text.get(from..within.end)?;
        let goes_on = is_inside_spaced(text.get(..from)?.chars().next_back());
        let found = match self.disguises.get(&(stretch, goes_on)) {
            Some(known) => *known,
            None => {
                self.room = self.room.saturating_sub(stretch.len() / LOOK_FOR);
                let found = self.disguise(stretch, goes_on)?;
                self.disguises.insert((stretch, goes_on), found);
                found
            }
        };
        found.map(|at| from + at..within.end)
    }

    /// Where in a stretch a name begins that ends with it. None where there is no room left to look.
    fn disguise(&mut self, stretch: &'a str, goes_on: bool) -> Option<Option<usize>> {
        let mut letters = stretch.char_indices().rev().peekable();
        let mut tried = 0;
        while let Some((at, c)) = letters.next() {
            let before = letters.peek().map(|(_, c)| *c);
            let inside = before.map_or(goes_on, |c| is_inside_spaced(Some(c)));
            if inside || c.is_whitespace() || is_invisible(c) {
                continue;
            }
            if tried == MAX_STARTS {
                break;
            }
            tried += 1;
            if self.look(stretch.get(at..).unwrap_or_default())?.is_some() {
                return Some(Some(at));
            }
        }
        Some(None)
    }

    /// The letters that follow without a gap, as many as matter: a text can be one word, and the name stand in
    /// it again and again, so that none of them is read twice.
    fn rest_of_word(&mut self, at: usize) -> &'a str {
        let text = self.text;
        let most = text.floor_char_boundary(at + 2 * LONGEST_REST);
        let (run, open) = &mut self.run;
        if !(run.start..=run.end).contains(&at) {
            (*run, *open) = (at..at, true);
        }
        if *open && run.end < most {
            let behind = text.get(run.end..most).unwrap_or_default();
            let end = behind.find(|c: char| !is_alphabetic(c) || is_unspaced(c));
            *open = end.is_none();
            run.end += end.unwrap_or(behind.len());
        }
        text.get(at..run.end.min(most)).unwrap_or_default()
    }

    /// Whether the word that goes on behind the brand is still the brand's: a noun glued to it, the ending of a
    /// case, or a word of a script that joins words.
    fn may_go_on(&mut self, name: Range<usize>, rest: &'a str) -> bool {
        if self.join(name.end..name.end + rest.len()) {
            return true;
        }
        let own = self.text.get(name.clone()).unwrap_or_default();
        if own.chars().any(joins) && self.look(own) != Some(Some(Writing::Disguised)) {
            return true;
        }
        if rest.len() > LONGEST_REST {
            return false;
        }
        if self.begun(rest).glued {
            return true;
        }
        let word = self.text.get(name.start..name.end + rest.len());
        matches!(self.look(word.unwrap_or_default()), Some(Some(_)))
    }

    /// Whether all letters of a stretch join words, each of them read once.
    fn join(&mut self, stretch: Range<usize>) -> bool {
        let known = &mut self.joined;
        if !(known.start..=known.end).contains(&stretch.start) {
            *known = stretch.start..stretch.start;
        }
        let more = self.text.get(known.end..stretch.end).unwrap_or_default();
        let is_spaced = |c: char| matches!(u32::from(c), 0x370..=0x52F);
        let end = more.find(|c: char| !joins(c) || is_spaced(c));
        known.end += end.unwrap_or(more.len());
        known.end >= stretch.end
    }

    fn begun(&mut self, rest: &'a str) -> Begun {
        if rest.is_empty() {
            return Begun::default();
        }
        if let Some((last, begun)) = self.last_rest
            && last == rest
        {
            return begun;
        }
        if let Some(known) = self.rests.get(rest) {
            self.last_rest = Some((rest, *known));
            return *known;
        }
        let word = normal(rest);
        let mut begun = Begun::default();
        for role in Tables::embedded().beginning(&word) {
            begun.glued |= GLUED.contains(&role);
            begun.ending |= role == Role::Ending;
        }
        if self.rests.len() < MAX_KEPT {
            self.rests.insert(rest, begun);
        }
        begun
    }
}

/// Whether it is of a script whose words are glued to names, or could be.
fn joins(c: char) -> bool {
    !c.is_ascii() && !matches!(u32::from(c), 0xA0..=0x24F)
}

fn is_inside_spaced(c: Option<char>) -> bool {
    c.is_some_and(|c| is_alphanumeric(c) && !is_unspaced(c))
}

/// Where a name's neighbours begin and end, one word in front and two behind it.
fn around(text: &str, name: &Range<usize>) -> Range<usize> {
    let before = text.get(..name.start).unwrap_or_default();
    let behind = text.get(name.end..).unwrap_or_default();
    // What ends a sentence parts the name from its neighbours.
    let parts = |c: char| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '|' | '\n');
    let mut begun = false;
    let edge = before.char_indices().rev().find_map(|(at, c)| {
        if parts(c) {
            return Some(at + 1);
        }
        let blank = c.is_whitespace();
        let found = (begun && blank).then_some(at);
        begun |= !blank;
        found
    });
    let before = edge.unwrap_or(0);
    let (mut end, mut blanks, mut last) = (behind.len(), 0, behind.len());
    for (at, c) in behind.char_indices() {
        if end == behind.len() && parts(c) {
            end = at;
        }
        if at > 0 && c.is_whitespace() {
            blanks += 1;
            last = at;
        }
        if blanks == 2 {
            break;
        }
    }
    before..name.end + end.min(last)
}

/// Where what belongs to the mention ends behind the ending of a case: ".com", "'s".
fn suffix_end(brand: &Brand, text: &str, mut end: usize) -> usize {
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
        let word = letters.take_while(|c| c.is_alphabetic() && !is_unspaced(*c));
        let word: Vec<char> = word.take(5).collect();
        // Turkish sets endings off that say from whom ("dan").
        end += match &*word {
            [] => mark.len_utf8(),
            [one] => mark.len_utf8() + one.len_utf8(),
            [_, _] | [_, _, _] | [_, _, _, _] => mark.len_utf8(),
            _ => 0,
        };
    }
    end
}
