//! Where in a text the brand could be named: one pass that misses no place at which a close look
//! ([`crate::brand::name::mention`]) would find one of its names, and stops at few others.
//!
//! The names are read letter by letter, all of them at once: each letter of each name is a bit, set
//! while the text, as far as it is read, spells the name up to there (Baeza-Yates and Gonnet,
//! "shift-and"). What stands between letters is passed over, as a close look does.

use std::sync::OnceLock;

use crate::{
    brand::{HostWord, Name, NameStrength},
    mail::text::{confusables::strip, paged::Paged},
};
use ahead::Ahead;
use pass::Pass;
use spelling::{Glyph, Kind, Spelling};
use table::{Stop, Table};

mod ahead;
mod pass;
mod spelling;
mod table;
#[cfg(test)]
mod tests;

/// The names to look for, and how each character is read.
#[derive(Clone, Debug)]
pub(crate) struct Prefilter {
    spelling: Spelling,
    ascii: Vec<Glyph>,
    /// Made when it is first needed.
    table: OnceLock<Table>,
    others: Paged<Glyph>,
}

impl Prefilter {
    /// Finds the strong names, and the words that are found misspelt too.
    pub(crate) fn strong(names: &[Name], host_words: &[HostWord]) -> Self {
        let strong = names
            .iter()
            .filter(|name| name.strength == NameStrength::Strong);
        let misspellable = host_words.iter().filter(|word| word.typos);
        Self::new(
            &strong.collect::<Vec<_>>(),
            &misspellable.collect::<Vec<_>>(),
        )
    }

    /// Finds the other names, spelled rightly.
    pub(crate) fn weak(names: &[Name]) -> Self {
        let weak = names
            .iter()
            .filter(|name| name.strength != NameStrength::Strong);
        Self::new(&weak.collect::<Vec<_>>(), &[])
    }

    fn new(names: &[&Name], misspellable: &[&HostWord]) -> Self {
        let spelling = Spelling::new(names, misspellable);
        let ascii = (0..128u8).map(|octet| spelling.glyph(char::from(octet)));
        Self {
            ascii: ascii.collect(),
            spelling,
            table: OnceLock::new(),
            others: Paged::new(),
        }
    }

    /// Makes the table now, and not when it is first needed.
    pub(crate) fn prepare(&self) {
        let _ = self.table();
    }

    fn table(&self) -> &Table {
        self.table
            .get_or_init(|| Table::new(&self.spelling, &self.ascii))
    }

    /// The first place at or behind octet `from` where a name may end. Takes time linear in the text.
    pub(crate) fn find(&self, text: &str, from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        if self.spelling.overflows {
            return (!rest.is_empty()).then_some(text.len());
        }
        let table = self.table();
        let mut ahead = Ahead::default();
        let (mut at, mut row) = (0, 0);
        loop {
            let mut pass = match ahead.walk(table, rest.as_bytes(), at, row) {
                Stop::Found(end) => return Some(from + end),
                Stop::At(stop, pass) => {
                    at = stop;
                    pass
                }
            };
            // What the table doesn't know, and what follows till nothing is spelled any more.
            for c in rest.get(at..)?.chars() {
                at += c.len_utf8();
                if self.read(&mut pass, c) {
                    return Some(from + at);
                }
                if let Some(known) = table.row_of(&pass) {
                    row = known;
                    break;
                }
            }
            if at >= rest.len() {
                return pass.ends_word(&self.spelling).then_some(text.len());
            }
        }
    }

    #[inline]
    fn read(&self, pass: &mut Pass, c: char) -> bool {
        match self.ascii.get(c as usize) {
            Some(glyph) => pass.read(&self.spelling, glyph, c),
            None => self.read_other(pass, c),
        }
    }

    /// Reads a character beyond ASCII.
    fn read_other(&self, pass: &mut Pass, c: char) -> bool {
        let spelling = &self.spelling;
        let known = self.others.get(c, |c| spelling.glyph(c));
        let glyph = known.copied().unwrap_or_else(|| spelling.glyph(c));
        if glyph.kind != Kind::Several {
            return pass.read(spelling, &glyph, c);
        }
        let mut buffer = [0; 4];
        // None of these stands for several, and the pass has to read each.
        let mut found = false;
        for letter in strip(c.encode_utf8(&mut buffer)) {
            found |= self.read(pass, letter);
        }
        found
    }
}
