//! Which listed names could stand, as they are written, at a place of a text: a look at few of them.

use std::ops::Range;

use crate::brand::Name;

/// The names by what can be told of them at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// Of the names in ASCII the places in the list, by the small letter with which they end.
    ascii: Vec<Vec<usize>>,
    /// Of the others a bit for each of their characters, and the place in the list.
    others: Vec<(u64, usize)>,
    /// The places of these by the octet with which they end, small where it is a letter.
    other_ends: Vec<Vec<usize>>,
    /// Octets of the longest of these.
    longest: usize,
    /// For each octet whether any name ends with it.
    ends: Vec<bool>,
}

impl Written {
    pub(crate) fn new(names: &[Name]) -> Self {
        let mut written = Self {
            ascii: vec![Vec::new(); 128],
            other_ends: vec![Vec::new(); 256],
            ends: vec![false; 256],
            ..Self::default()
        };
        for (at, name) in names.iter().enumerate() {
            let text = &name.text;
            let ends = match text.is_ascii() {
                true => &mut written.ascii,
                false => {
                    written.others.push((characters(text), at));
                    written.longest = written.longest.max(text.len());
                    &mut written.other_ends
                }
            };
            if let Some(last) = text.bytes().next_back()
                && let Some(same) = ends.get_mut(octet(last))
            {
                same.push(at);
                if let Some(is_end) = written.ends.get_mut(octet(last)) {
                    *is_end = true;
                }
            }
        }
        written
    }

    /// The names in ASCII with which `before` ends, in either case, by their places in the list.
    pub(crate) fn ending<'n>(
        &self,
        names: &'n [Name],
        before: &[u8],
    ) -> impl Iterator<Item = (usize, &'n Name)> {
        ending(&self.ascii, names, before)
    }

    /// The others with which `before` ends.
    pub(crate) fn others_ending<'n>(
        &self,
        names: &'n [Name],
        before: &[u8],
    ) -> impl Iterator<Item = (usize, &'n Name)> {
        ending(&self.other_ends, names, before)
    }

    /// Whether any name ends with this octet, in either case.
    #[inline]
    pub(crate) fn ends_with(&self, last: u8) -> bool {
        self.ends.get(octet(last)) == Some(&true)
    }

    /// Of the others those whose characters all stand near `at`, as far before or behind it as such a name is
    /// long or somewhat further: there they could stand. `around`: what is known of the text near the place
    /// before.
    pub(crate) fn near<'n>(
        &self,
        names: &'n [Name],
        text: &str,
        at: usize,
        around: &mut Around,
    ) -> impl Iterator<Item = (usize, &'n Name)> {
        let from = at.saturating_sub(self.longest);
        let to = (at + self.longest).min(text.len());
        let could_stand = around.could_stand(&self.others, text, from..to).iter();
        could_stand.filter_map(|at| Some((*at, names.get(*at)?)))
    }
}

/// What could stand in a stretch of a text, for all places in it.
#[derive(Debug, Default)]
pub(crate) struct Around {
    stretch: Range<usize>,
    names: Vec<usize>,
}

impl Around {
    /// Octets that are taken at once where one place follows the other.
    const AHEAD: usize = 256;

    /// The names all of whose characters stand in a stretch of `text`, or near it.
    fn could_stand(
        &mut self,
        others: &[(u64, usize)],
        text: &str,
        wanted: Range<usize>,
    ) -> &[usize] {
        let known = &self.stretch;
        if known.start > wanted.start || known.end < wanted.end {
            let ahead = match known.contains(&wanted.start) {
                true => Self::AHEAD,
                false => 0,
            };
            let from = text.floor_char_boundary(wanted.start);
            let to = text.ceil_char_boundary((wanted.end + ahead).min(text.len()));
            let stretch = text.get(from..to).unwrap_or_default();
            let held = match stretch.is_ascii() {
                true => 0,
                false => characters(stretch),
            };
            self.stretch = from..to;
            let names = others.iter().filter(|(own, _)| own & !held == 0);
            self.names.clear();
            self.names.extend(names.map(|(_, at)| *at));
        }
        &self.names
    }
}

/// The names with which `before` ends, in either case, of those that `ends` has by their last octet.
fn ending<'n>(
    ends: &[Vec<usize>],
    names: &'n [Name],
    before: &[u8],
) -> impl Iterator<Item = (usize, &'n Name)> {
    let last = before.last().and_then(|last| ends.get(octet(*last)));
    let ending = last.into_iter().flatten();
    let ending = ending.filter_map(|at| Some((*at, names.get(*at)?)));
    ending.filter(|(_, name)| {
        let start = before.len().checked_sub(name.text.len());
        let own = start.and_then(|start| before.get(start..));
        own.is_some_and(|own| own.eq_ignore_ascii_case(name.text.as_bytes()))
    })
}

fn octet(octet: u8) -> usize {
    usize::from(octet.to_ascii_lowercase())
}

/// A bit for each character, of either case in ASCII; some share one.
fn characters(text: &str) -> u64 {
    let bit = |c: char| 1 << (u32::from(c.to_ascii_lowercase()) % u64::BITS);
    text.chars().fold(0, |all, c| all | bit(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::sample::contoso;
    use proptest::{collection::vec, prelude::*, sample::select};

    proptest! {
        /// Each name compared at each place.
        #[test]
        fn no_name_is_missed(
            bits in vec(select(vec!["Contoso", "CTS", "rain CLUB", "コントソ", "é", " ", "x"]), 0..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let brand = contoso();
            let (names, text) = (brand.names(), bits.concat());
            let written = Written::new(names);
            let at = text.floor_char_boundary(cut.index(text.len() + 1));
            let before = &text.as_bytes()[..at];
            let ends = |name: &&Name| {
                let start = at.checked_sub(name.text.len());
                let own = start.and_then(|start| before.get(start..));
                own.is_some_and(|own| own.eq_ignore_ascii_case(name.text.as_bytes()))
            };
            let ending: Vec<&Name> = written.ending(names, before).map(|(_, name)| name).collect();
            let expected: Vec<&Name> =
                names.iter().filter(|name| name.text.is_ascii()).filter(ends).collect();
            prop_assert_eq!(ending, expected);
            let others: Vec<&Name> =
                written.others_ending(names, before).map(|(_, name)| name).collect();
            let expected: Vec<&Name> =
                names.iter().filter(|name| !name.text.is_ascii()).filter(ends).collect();
            prop_assert_eq!(others, expected);
            let near: Vec<&Name> = written.near(names, &text, at, &mut Around::default()).map(|(_, name)| name).collect();
            for name in names.iter().filter(|name| !name.text.is_ascii()).filter(ends) {
                prop_assert!(near.contains(&name), "{}", name.text);
            }
        }
    }
}
