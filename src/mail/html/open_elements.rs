//! The elements that are open at a place of a page.

use crate::mail::html::element::Look;
use std::{collections::HashMap, ops::Range};

/// Elements whose nesting is followed.
const MAX_DEPTH: usize = 512;
/// Elements that are compared one by one. Few pages have more in one another.
const SHALLOW: usize = 64;

#[derive(Default)]
pub(crate) struct Stack {
    /// The names of the elements, one behind the other.
    names: Vec<u8>,
    elements: Vec<Element>,
    /// Of each element a number made of its name.
    marks: Vec<u64>,
    /// How many of the elements beyond [`SHALLOW`] have such a number: an end tag that ends nothing would
    /// else be compared with all of them, and a sender has room for a quarter of a million of those.
    deep: HashMap<u64, usize>,
    /// Which of them are parts of tables.
    tables: Vec<usize>,
    /// Elements that are open beyond them.
    beyond: usize,
}

struct Element {
    /// Where in the names its own is.
    name: Range<usize>,
    look: Look,
}

impl Stack {
    /// What the innermost element passes on.
    pub(crate) fn look(&self) -> Look {
        self.elements
            .last()
            .map(|element| element.look)
            .unwrap_or_default()
    }

    /// Opens an element; false where there is no room left to follow it.
    pub(crate) fn open(&mut self, name: &[u8], look: Look) -> bool {
        if self.elements.len() >= MAX_DEPTH {
            self.beyond += 1;
            return false;
        }
        let start = self.names.len();
        self.names.extend_from_slice(name);
        if is_table(name) {
            self.tables.push(self.elements.len());
        }
        self.elements.push(Element {
            name: start..self.names.len(),
            look,
        });
        let mark = mark(name);
        if self.marks.len() >= SHALLOW {
            *self.deep.entry(mark).or_default() += 1;
        }
        self.marks.push(mark);
        true
    }

    /// Closes the innermost element, if this is its name.
    pub(crate) fn close_innermost(&mut self, name: &[u8]) {
        let innermost = self.elements.last().map(|element| element.name.clone());
        if self.beyond == 0
            && let Some(range) = innermost
            && self.names.get(range) == Some(name)
        {
            self.truncate(self.elements.len() - 1);
        }
    }

    /// Closes the innermost element of this name and all in it. An end tag doesn't reach out of its
    /// table cell (HTML section 13.2.4.2, "in scope"). False where it is one that isn't followed.
    pub(crate) fn close(&mut self, name: &[u8]) -> bool {
        if self.beyond > 0 {
            self.beyond -= 1;
            return false;
        }
        let innermost = self.tables.last().filter(|_| !is_table(name));
        let outside = innermost.map_or(0, |table| table + 1);
        let wanted = mark(name);
        let is_deep = self.deep.get(&wanted).is_some_and(|count| *count > 0);
        let end = match is_deep {
            true => self.marks.len(),
            false => self.marks.len().min(SHALLOW),
        };
        let mut marks = self.marks.get(outside..end).unwrap_or_default();
        while let Some(at) = marks.iter().rposition(|mark| *mark == wanted) {
            let open = self.elements.get(outside + at);
            if open.is_some_and(|open| self.names.get(open.name.clone()) == Some(name)) {
                self.truncate(outside + at);
                break;
            }
            marks = marks.get(..at).unwrap_or_default();
        }
        true
    }

    fn truncate(&mut self, length: usize) {
        if let Some(first) = self.elements.get(length) {
            self.names.truncate(first.name.start);
        }
        self.elements.truncate(length);
        for mark in self.marks.iter().skip(length.max(SHALLOW)) {
            if let Some(count) = self.deep.get_mut(mark) {
                *count -= 1;
            }
        }
        self.marks.truncate(length);
        let left = self.tables.partition_point(|table| *table < length);
        self.tables.truncate(left);
    }
}

/// The octets of a name of eight at most, and a number that few longer ones share.
fn mark(name: &[u8]) -> u64 {
    let mut first = [0; 8];
    first
        .iter_mut()
        .zip(name)
        .for_each(|(to, from)| *to = *from);
    let rest = name.get(8..).unwrap_or_default();
    rest.iter().fold(u64::from_le_bytes(first), |mark, octet| {
        (mark ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01B3)
    })
}

fn is_table(name: &[u8]) -> bool {
    matches!(name, b"table" | b"tr" | b"td" | b"th" | b"tbody")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};

    #[derive(Clone, Debug)]
    enum Step {
        Open(&'static str, bool),
        CloseInnermost(&'static str),
        Close(&'static str),
    }

    fn steps() -> impl Strategy<Value = Step> {
        let name = || select(vec!["p", "b", "div", "table", "td"]);
        prop_oneof![
            (name(), any::<bool>()).prop_map(|(name, quoted)| Step::Open(name, quoted)),
            name().prop_map(Step::CloseInnermost),
            name().prop_map(Step::Close),
        ]
    }

    /// How many of these stay open behind the end tag.
    fn left(open: &[(&str, bool)], name: &str) -> usize {
        let table = |name: &str| ["table", "tr", "td", "th", "tbody"].contains(&name);
        let within = match table(name) {
            true => 0,
            false => open
                .iter()
                .rposition(|(open, _)| table(open))
                .map_or(0, |at| at + 1),
        };
        let found = open[within..].iter().rposition(|(open, _)| *open == name);
        found.map_or(open.len(), |at| within + at)
    }

    proptest! {
        #[test]
        fn what_is_open_is_known_as_deep_as_is_followed(
            deep in select(vec![0, MAX_DEPTH - 2]),
            steps in vec(steps(), 0..40),
        ) {
            let mut stack = Stack::default();
            let mut open = vec![("i", false); deep];
            let mut beyond = 0;
            for _ in 0..deep {
                stack.open(b"i", Look::default());
            }
            for step in steps {
                match step {
                    Step::Open(name, quoted) => {
                        let mut look = Look::default();
                        look.set_off = quoted;
                        let has_room = open.len() < MAX_DEPTH;
                        prop_assert_eq!(stack.open(name.as_bytes(), look), has_room);
                        match has_room {
                            true => open.push((name, quoted)),
                            false => beyond += 1,
                        }
                    }
                    Step::CloseInnermost(name) => {
                        stack.close_innermost(name.as_bytes());
                        if beyond == 0 && open.last().is_some_and(|(open, _)| *open == name) {
                            open.pop();
                        }
                    }
                    Step::Close(name) => {
                        prop_assert_eq!(stack.close(name.as_bytes()), beyond == 0);
                        match beyond {
                            0 => open.truncate(left(&open, name)),
                            _ => beyond -= 1,
                        }
                    }
                }
                let quoted = open.last().is_some_and(|(_, quoted)| *quoted);
                prop_assert_eq!((stack.elements.len(), stack.look().set_off), (open.len(), quoted));
            }
        }
    }
}
