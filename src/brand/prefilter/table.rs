//! The pass over ASCII, worked out beforehand: from each state by each octet to the next one.
//!
//! Most text is ASCII, and one look into a table takes a tenth of the time of a pass.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    ops::Range,
};

use crate::brand::prefilter::{
    pass::Pass,
    spelling::{Glyph, Spelling},
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
    /// For each octet its column; octets that do the same share one. Those of other characters lead
    /// to what is unknown.
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
    /// At an octet that the table doesn't know, or at the end.
    At(usize, Pass),
}

impl Table {
    pub(crate) fn new(spelling: &Spelling, ascii: &[Glyph]) -> Self {
        let (columns, kinds) = columns(ascii);
        let width = kinds.len() + 1;
        let start = Pass::new(spelling);
        let mut states = vec![start];
        let mut numbers = HashMap::<Pass, u32, BuildHasherDefault<Mixed>>::default();
        numbers.insert(start, 0);
        let mut next = Vec::new();
        let mut at = 0;
        let glyph = |octet: &u8| ascii.get(usize::from(*octet)).copied().unwrap_or_default();
        // With each its glyph, and what came of it last, which is mostly what comes of it again.
        let mut kinds: Vec<_> = kinds
            .iter()
            .map(|kind| (*kind, glyph(kind), start, 0))
            .collect();
        while let Some(&state) = states.get(at) {
            for (octet, glyph, known, its_number) in &mut kinds {
                let mut after = state;
                if after.read(spelling, glyph, char::from(*octet)) {
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

/// The column of each octet, and an octet of each column but the last, which is that of all octets
/// beyond ASCII.
fn columns(ascii: &[Glyph]) -> ([u8; 256], Vec<u8>) {
    let mut kinds: Vec<(Glyph, bool, u8)> = Vec::new();
    let mut columns = [u8::MAX; 256];
    for ((octet, glyph), column) in (0..).zip(ascii).zip(&mut columns) {
        // Behind an apostrophe this letter is another than its look-alikes.
        let possessive = matches!(octet, b's' | b'S');
        let known = kinds
            .iter()
            .position(|(kind, is, _)| kind == glyph && *is == possessive);
        let number = known.unwrap_or_else(|| {
            kinds.push((*glyph, possessive, octet));
            kinds.len() - 1
        });
        *column = u8::try_from(number).unwrap_or(u8::MAX);
    }
    let beyond = u8::try_from(kinds.len()).unwrap_or(u8::MAX);
    for column in columns.iter_mut().skip(ascii.len()) {
        *column = beyond;
    }
    (columns, kinds.iter().map(|(.., octet)| *octet).collect())
}
