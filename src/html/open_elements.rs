//! The elements that are open at a place of a page.

use crate::html::look::Look;
use std::{collections::HashMap, ops::Range};

/// Elements whose nesting is followed.
const MAX_DEPTH: usize = 512;
/// Elements that are compared one by one. Few pages have more in one another.
const SHALLOW: usize = 64;

#[derive(Default)]
pub(crate) struct Stack {
    /// The names of the elements, one behind the other.
    names: String,
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
    /// The names of the elements as selectors ask for them, and how many of the elements have each. Empty where
    /// no selector asks.
    keys: Vec<u64>,
    within: HashMap<u64, usize>,
}

struct Element {
    /// Where in the names its own is.
    name: Range<usize>,
    /// Where in the keys its own are.
    keys: Range<usize>,
    look: Look,
}

/// What an end tag closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Closed {
    /// It is one that is followed.
    pub(crate) followed: bool,
    /// Elements that it closed.
    pub(crate) elements: usize,
    /// One of them stood apart from what came after it.
    pub(crate) block: bool,
    /// How many of them set the direction of their text.
    pub(crate) directed: usize,
}

impl Stack {
    /// What the innermost element passes on.
    pub(crate) fn look(&self) -> Look {
        self.elements
            .last()
            .map(|element| element.look)
            .unwrap_or_default()
    }

    /// How many elements are followed.
    pub(crate) fn depth(&self) -> usize {
        self.elements.len()
    }

    /// How many of the outermost elements only hold the page.
    pub(crate) fn heads(&self) -> usize {
        let is_head = |element: &&Element| {
            let name = self.names.get(element.name.clone());
            matches!(name, Some("html" | "head"))
        };
        self.elements.iter().take_while(is_head).count()
    }

    /// Whether an open element has a name that a selector asks for.
    pub(crate) fn is_within(&self, key: u64) -> bool {
        self.within.get(&key).is_some_and(|count| *count > 0)
    }

    /// The names of an element for selectors.
    pub(crate) fn keys_at(&self, depth: usize) -> &[u64] {
        let range = self.elements.get(depth).map(|element| element.keys.clone());
        range
            .and_then(|range| self.keys.get(range))
            .unwrap_or_default()
    }

    /// Opens an element; false where there is no room left to follow it. `keys`: its names for selectors.
    pub(crate) fn open(&mut self, name: &str, look: Look, keys: &[u64]) -> bool {
        if self.elements.len() >= MAX_DEPTH {
            self.beyond += 1;
            return false;
        }
        let start = self.names.len();
        self.names.push_str(name);
        if is_table(name) {
            self.tables.push(self.elements.len());
        }
        let first = self.keys.len();
        self.keys.extend_from_slice(keys);
        for key in keys {
            *self.within.entry(*key).or_default() += 1;
        }
        self.elements.push(Element {
            name: start..self.names.len(),
            keys: first..self.keys.len(),
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
    pub(crate) fn close_innermost(&mut self, name: &str) -> Closed {
        let innermost = self.elements.last().map(|element| element.name.clone());
        if self.beyond == 0
            && let Some(range) = innermost
            && self.names.get(range) == Some(name)
        {
            return self.truncate(self.elements.len() - 1);
        }
        Closed::default()
    }

    /// Closes the innermost element of this name and all in it. An end tag doesn't reach out of its
    /// table cell (HTML section 13.2.4.2, "in scope").
    pub(crate) fn close(&mut self, name: &str) -> Closed {
        if self.beyond > 0 {
            self.beyond -= 1;
            return Closed::default();
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
                return self.truncate(outside + at);
            }
            marks = marks.get(..at).unwrap_or_default();
        }
        Closed {
            followed: true,
            ..Closed::default()
        }
    }

    fn truncate(&mut self, length: usize) -> Closed {
        let mut closed = Closed {
            followed: true,
            ..Closed::default()
        };
        for element in self.elements.get(length..).unwrap_or_default() {
            closed.elements += 1;
            closed.block |= element.look.is_block();
            closed.directed += usize::from(element.look.is_directed());
        }
        if let Some(first) = self.elements.get(length) {
            self.names.truncate(first.name.start);
            for key in self.keys.get(first.keys.start..).unwrap_or_default() {
                if let Some(count) = self.within.get_mut(key) {
                    *count -= 1;
                }
            }
            self.keys.truncate(first.keys.start);
        }
        self.elements.truncate(length);
        for mark in self.marks.get(length.max(SHALLOW)..).unwrap_or_default() {
            if let Some(count) = self.deep.get_mut(mark) {
                *count -= 1;
            }
        }
        self.marks.truncate(length);
        while self.tables.last().is_some_and(|table| *table >= length) {
            self.tables.pop();
        }
        closed
    }
}

/// The octets of a name of eight at most, and a number that few longer ones share.
fn mark(name: &str) -> u64 {
    let octets = name.as_bytes();
    let (first, rest) = octets.split_at(octets.len().min(8));
    let first = first
        .iter()
        .fold(0, |mark, octet| mark << 8 | u64::from(*octet));
    rest.iter().fold(first, |mark, octet| {
        (mark ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01B3)
    })
}

fn is_table(name: &str) -> bool {
    matches!(name.as_bytes(), b"table" | b"tr" | b"td" | b"th" | b"tbody")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};
    use std::collections::HashSet;

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

    #[test]
    fn names_have_numbers_of_their_own() {
        let names = ["b", "a", "ab", "ba", "abcdefgh", "abcdefgi", "bbcdefgh"].map(str::to_owned);
        let longer = (0..1_000).map(|number| format!("abcdefgh{number}"));
        let names: Vec<String> = names.into_iter().chain(longer).collect();
        let numbers: HashSet<u64> = names.iter().map(|name| mark(name)).collect();
        assert_eq!(numbers.len(), names.len());
    }

    #[test]
    fn what_is_closed_is_counted_no_more() {
        let mut stack = Stack::default();
        let key = 7;
        assert!(!stack.is_within(key));
        for depth in 0..SHALLOW + 3 {
            stack.open("b", Look::default(), &[key]);
            assert_eq!((stack.depth(), stack.is_within(key)), (depth + 1, true));
        }
        assert_eq!(stack.keys_at(SHALLOW), [key]);
        assert_eq!(stack.deep.values().sum::<usize>(), 3);
        stack.close("b");
        assert_eq!(stack.deep.values().sum::<usize>(), 2);
        for _ in 0..SHALLOW + 2 {
            assert!(stack.is_within(key));
            assert_eq!(stack.close_innermost("b").elements, 1);
        }
        assert!(!stack.is_within(key) && stack.deep.values().all(|count| *count == 0));
    }

    #[test]
    fn the_outermost_elements_may_only_hold_the_page() {
        let mut stack = Stack::default();
        for (name, heads) in [("html", 1), ("head", 2), ("b", 2), ("head", 2)] {
            stack.open(name, Look::default(), &[]);
            assert_eq!(stack.heads(), heads, "{name}");
        }
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
                stack.open("i", Look::default(), &[]);
            }
            for step in steps {
                match step {
                    Step::Open(name, quoted) => {
                        let mut look = Look::default();
                        look.set_off = quoted;
                        let has_room = open.len() < MAX_DEPTH;
                        prop_assert_eq!(stack.open(name, look, &[]), has_room);
                        match has_room {
                            true => open.push((name, quoted)),
                            false => beyond += 1,
                        }
                    }
                    Step::CloseInnermost(name) => {
                        stack.close_innermost(name);
                        if beyond == 0 && open.last().is_some_and(|(open, _)| *open == name) {
                            open.pop();
                        }
                    }
                    Step::Close(name) => {
                        prop_assert_eq!(stack.close(name).followed, beyond == 0);
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
