//! The elements that are open at a place of a page.

use super::element::Look;
use std::ops::Range;

/// Elements whose nesting is followed.
const MAX_DEPTH: usize = 512;

#[derive(Default)]
pub(super) struct Stack {
    /// The names of the elements, one behind the other.
    names: Vec<u8>,
    elements: Vec<Element>,
    /// Elements that are open beyond them.
    beyond: usize,
}

struct Element {
    /// Where in the names its own is.
    name: Range<usize>,
    is_table: bool,
    look: Look,
}

impl Stack {
    /// What the innermost element passes on.
    pub(super) fn look(&self) -> Look {
        self.elements
            .last()
            .map(|element| element.look)
            .unwrap_or_default()
    }

    /// Opens an element; false where there is no room left to follow it.
    pub(super) fn open(&mut self, name: &[u8], look: Look) -> bool {
        if self.elements.len() >= MAX_DEPTH {
            self.beyond += 1;
            return false;
        }
        let start = self.names.len();
        self.names.extend_from_slice(name);
        self.elements.push(Element {
            name: start..self.names.len(),
            is_table: is_table(name),
            look,
        });
        true
    }

    /// Closes the innermost element, if this is its name.
    pub(super) fn close_innermost(&mut self, name: &[u8]) {
        let innermost = self.elements.last().map(|element| element.name.clone());
        if self.beyond == 0
            && let Some(range) = innermost
            && self.names.get(range.clone()) == Some(name)
        {
            self.names.truncate(range.start);
            self.elements.pop();
        }
    }

    /// Closes the innermost element of this name and all in it. An end tag doesn't reach out of its
    /// table cell (HTML section 13.2.4.2, "in scope"). False where it is one that isn't followed.
    pub(super) fn close(&mut self, name: &[u8]) -> bool {
        if self.beyond > 0 {
            self.beyond -= 1;
            return false;
        }
        let is_table = is_table(name);
        for (at, open) in self.elements.iter().enumerate().rev() {
            if self.names.get(open.name.clone()) == Some(name) {
                self.names.truncate(open.name.start);
                self.elements.truncate(at);
                break;
            }
            if open.is_table && !is_table {
                break;
            }
        }
        true
    }
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
                        look.quoted = quoted;
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
                prop_assert_eq!((stack.elements.len(), stack.look().quoted), (open.len(), quoted));
            }
        }
    }
}
