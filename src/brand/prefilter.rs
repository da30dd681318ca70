//! Where in a text the brand could be named: one pass that misses no place at which a close look
//! ([`crate::brand::name::mention`]) would find one of its names, and stops at few others.
//!
//! The names are read letter by letter, all of them at once: each letter of each name is a bit, set
//! while the text, as far as it is read, spells the name up to there (Baeza-Yates and Gonnet,
//! "shift-and"). What stands between letters is passed over, as a close look does.

use std::sync::OnceLock;

use crate::{
    brand::{HostWord, Name, NameStrength},
    mail::text::{drawn::drawn, paged::Paged},
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

    /// The first place where a name may end. Takes time linear in the text.
    pub(crate) fn find(&self, text: &str) -> Option<usize> {
        self.places(text).next()
    }

    /// Places where a name may end, each looked for as if the text began at the one before it.
    pub(crate) fn places<'t>(&'t self, text: &'t str) -> Places<'t> {
        Places {
            prefilter: self,
            text,
            at: 0,
            ahead: Ahead::default(),
        }
    }

    /// How a character is read; nothing of one that is beyond all scripts.
    #[inline]
    fn glyph(&self, c: char) -> Option<&Glyph> {
        match self.ascii.get(c as usize) {
            None => self.others.get(c, |c| self.spelling.glyph(c)),
            known => known,
        }
    }

    #[inline]
    fn read(&self, pass: &mut Pass, c: char) -> bool {
        match self.glyph(c) {
            Some(glyph) if glyph.kind == Kind::Several => self.read_several(pass, c),
            glyph => self.read_one(pass, glyph, c),
        }
    }

    /// Reads the letters of a character. None of them stands for several, and the pass has to read each.
    fn read_several(&self, pass: &mut Pass, c: char) -> bool {
        let mut found = false;
        for letter in drawn(c).letters() {
            found |= self.read_one(pass, self.glyph(*letter), *letter);
        }
        found
    }

    #[inline]
    fn read_one(&self, pass: &mut Pass, glyph: Option<&Glyph>, c: char) -> bool {
        match glyph {
            Some(glyph) => pass.read(&self.spelling, glyph, c),
            None => pass.read(&self.spelling, &Glyph::beyond(c), c),
        }
    }
}

/// The search for places in one text. What it has seen ahead it doesn't look at again.
pub(crate) struct Places<'t> {
    prefilter: &'t Prefilter,
    text: &'t str,
    at: usize,
    ahead: Ahead,
}

impl Iterator for Places<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let rest = self.text.get(self.at..)?;
        let found = match self.prefilter.spelling.overflows {
            true => (!rest.is_empty()).then_some(self.text.len()),
            false => self.search(),
        };
        self.at = found.unwrap_or(self.text.len());
        self.ahead.begin_at(self.at);
        found
    }
}

impl Places<'_> {
    fn search(&mut self) -> Option<usize> {
        let Self {
            prefilter, text, ..
        } = *self;
        let table = prefilter.table();
        let (mut at, mut row) = (self.at, 0);
        loop {
            let mut pass = match self.ahead.walk(table, text.as_bytes(), at, row) {
                Stop::Found(end) => return Some(end),
                Stop::At(stop, pass) => {
                    at = text.floor_char_boundary(stop);
                    pass
                }
            };
            // What the table doesn't know, and what follows till nothing is spelled any more.
            for c in text.get(at..)?.chars() {
                at += c.len_utf8();
                if prefilter.read(&mut pass, c) {
                    return Some(at);
                }
                // Back to the table where it knows what comes.
                let next = text.as_bytes().get(at);
                if next.is_none_or(|next| Table::may_know(*next))
                    && let Some(known) = table.row_of(&pass)
                {
                    row = known;
                    break;
                }
            }
            if at >= text.len() {
                return pass.ends_word(&prefilter.spelling).then_some(text.len());
            }
        }
    }
}
