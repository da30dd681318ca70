//! The pass over ASCII and the letters of Western languages, worked out beforehand: from each state by each octet to
//! the next one.
//!
//! Most text is made of them, and one look into a table takes a tenth of the time of a pass.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    ops::{Range, RangeInclusive},
};

use crate::brand::prefilter::{
    pass::Pass,
    spelling::{Glyph, Kind, Spelling},
};

/// States that are worked out, those first that a text comes to after the fewest letters. What lies beyond is passed
/// through step by step: to work out three times as many would save ordinary mail a thousandth, and takes as much of
/// the start as reading the brand file.
const MAX_STATES: usize = 1_024;

/// What an octet leads to: the beginning of the next state's row, or one of these, which is beyond all
/// rows.
const FOUND: u32 = u32::MAX / 2;
const UNKNOWN: u32 = u32::MAX / 2 + 1;

#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// For each octet its column; octets that do the same share one. Those of characters that the table doesn't know
    /// lead to what is unknown.
    columns: [u8; 256],
    width: usize,
    next: Vec<u32>,
    states: Vec<Pass>,
    /// The row of the state within a word in which nothing is spelled, not even in part.
    inside: Option<u32>,
}

/// What a walk through a stretch came to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Walked {
    /// Through, in the state of this row.
    On(u32),
    Stopped(Stop),
}

/// Where a walk through the table ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// Behind an octet with which a name may end.
    Found(usize),
    /// At an octet that the table doesn't know, which may be the second one of a character; or at the end.
    At(usize, Pass),
}

impl Table {
    pub(crate) fn new(spelling: &Spelling, ascii: &[Glyph]) -> Self {
        let (columns, kinds) = columns(spelling, ascii);
        let width = kinds.len() + 2;
        let start = Pass::new(spelling);
        let mut states = vec![start];
        let mut numbers = HashMap::<Pass, u32, BuildHasherDefault<Mixed>>::default();
        numbers.insert(start, 0);
        let mut next = Vec::new();
        let mut at = 0;
        // With each what came of it last, which is mostly what comes of it again.
        let mut kinds: Vec<_> = kinds
            .iter()
            .map(|kind| (kind.sign, kind.glyph, start, 0))
            .collect();
        while let Some(&state) = states.get(at) {
            for (sign, glyph, known, its_number) in &mut kinds {
                let mut after = state;
                if after.read(spelling, glyph, *sign) {
                    next.push(FOUND);
                    continue;
                }
                if after == *known {
                    next.push(*its_number);
                    continue;
                }
                let number = match numbers.get(&after) {
                    Some(number) => *number,
                    None if states.len() >= MAX_STATES => UNKNOWN,
                    None => {
                        let number = u32::try_from(states.len() * width).unwrap_or(UNKNOWN);
                        numbers.insert(after, number);
                        states.push(after);
                        number
                    }
                };
                (*known, *its_number) = (after, number);
                next.push(number);
            }
            next.push(u32::try_from(at * width).unwrap_or(UNKNOWN));
            next.push(UNKNOWN);
            at += 1;
        }
        Self {
            columns,
            width,
            next,
            states,
            inside: numbers.get(&Pass::default()).copied(),
        }
    }

    /// The row of one of the two states in which nothing is spelled, behind a gap or within a word.
    /// Text always comes back to them.
    pub(crate) fn row_of(&self, pass: &Pass) -> Option<u32> {
        match self.states.first() {
            Some(start) if start == pass => Some(0),
            _ => self.inside.filter(|_| *pass == Pass::default()),
        }
    }

    /// Whether this octet begins a character that the table could know.
    pub(crate) fn may_know(octet: u8) -> bool {
        octet.is_ascii() || octet == LEAD
    }

    /// Whether nothing is spelled in the state of this row.
    pub(crate) fn is_settled(&self, row: u32) -> bool {
        row == 0 || self.inside == Some(row)
    }

    /// The row behind this octet. Behind what ends a walk it is beyond all rows, and stays there.
    #[inline]
    pub(crate) fn after(&self, row: u32, octet: u8) -> u32 {
        let column = self.columns.get(usize::from(octet)).copied().unwrap_or(0);
        let next = self.next.get(row as usize + usize::from(column));
        next.copied().unwrap_or(UNKNOWN)
    }

    /// Whether a walk ends here.
    pub(crate) fn is_beyond(row: u32) -> bool {
        row >= FOUND
    }

    /// Reads the octets `within` in the state of this row; that of the beginning of a text is 0.
    pub(crate) fn walk(&self, bytes: &[u8], within: Range<usize>, row: u32) -> Walked {
        let (mut before, mut here) = (row, row);
        let mut at = within.start;
        for octet in bytes.get(within).unwrap_or_default() {
            let column = self.columns.get(usize::from(*octet)).copied().unwrap_or(0);
            // That there is no such row is all that is asked in each turn.
            let Some(next) = self.next.get(here as usize + usize::from(column)) else {
                break;
            };
            (before, here) = (here, *next);
            at += 1;
        }
        match here {
            FOUND => Walked::Stopped(Stop::Found(at)),
            UNKNOWN => Walked::Stopped(Stop::At(at - 1, self.state(before))),
            row => Walked::On(row),
        }
    }

    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.states.len()
    }

    pub(crate) fn state(&self, row: u32) -> Pass {
        let state = self.states.get(row as usize / self.width.max(1));
        state.copied().unwrap_or_default()
    }
}

/// Hashes states while the table is made. They come from the brand's own names, so nobody chooses them, and
/// what keeps strangers from choosing takes longer than all the rest.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes
            .iter()
            .for_each(|byte| self.write_u128(u128::from(*byte)));
    }

    fn write_u128(&mut self, number: u128) {
        let [low, high] = [number, number >> 64].map(|half| half as u64);
        // Fibonacci hashing: the golden ratio in 64 bits.
        let mixed = (self.0 ^ low ^ high.rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ mixed >> 32;
    }
}

/// The first octet of the letters from U+00C0 to U+00FF in UTF-8. It changes no state: each of the octets behind it
/// is known for the letter that both are, and behind all others that are no ASCII nothing is known.
const LEAD: u8 = 0xC3;
/// The octets that may stand behind it.
const BEHIND: RangeInclusive<u8> = 0x80..=0xBF;

/// What the octets of one column do.
struct Column {
    glyph: Glyph,
    /// Behind an apostrophe `s` is another letter than its look-alikes.
    possessive: bool,
    /// One of those that do so.
    sign: char,
}

/// The column of each octet, and what each column does but the last two: the one changes nothing, behind the other
/// nothing is known.
fn columns(spelling: &Spelling, ascii: &[Glyph]) -> ([u8; 256], Vec<Column>) {
    let letter = |octet: u8| (octet, char::from(octet - BEHIND.start() + 0xC0));
    let western = BEHIND.map(letter);
    let western = western.map(|(octet, sign)| (octet, sign, spelling.glyph(sign)));
    let ascii = (0..).zip(ascii);
    let ascii = ascii.map(|(octet, glyph)| (octet, char::from(octet), *glyph));
    let mut columns = [u8::MAX; 256];
    let mut kinds: Vec<Column> = Vec::new();
    for (octet, sign, glyph) in ascii.chain(western) {
        if !octet.is_ascii() && matches!(glyph.kind, Kind::Several | Kind::Reversing) {
            continue;
        }
        let possessive = matches!(sign, 's' | 'S');
        let is_same = |kind: &Column| kind.glyph == glyph && kind.possessive == possessive;
        let number = kinds.iter().position(is_same).unwrap_or_else(|| {
            kinds.push(Column {
                glyph,
                possessive,
                sign,
            });
            kinds.len() - 1
        });
        if let Some(column) = columns.get_mut(usize::from(octet)) {
            *column = u8::try_from(number).unwrap_or(u8::MAX);
        }
    }
    let (stays, beyond) = (kinds.len(), kinds.len() + 1);
    for (octet, column) in columns
        .iter_mut()
        .enumerate()
        .filter(|(_, column)| **column == u8::MAX)
    {
        let number = if octet == usize::from(LEAD) {
            stays
        } else {
            beyond
        };
        *column = u8::try_from(number).unwrap_or(u8::MAX);
    }
    (columns, kinds)
}
