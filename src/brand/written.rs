//! Which listed names could stand, as they are written, at a place of a text: a look at few of them.

use crate::brand::Name;

/// The names by what can be told of them at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    /// Of the names in ASCII the places in the list, by the small letter with which they end.
    ascii: Vec<Vec<usize>>,
    /// Of the others a bit for each of their characters, and the place in the list.
    others: Vec<(u64, usize)>,
    /// Octets of the longest of these.
    longest: usize,
}

impl Written {
    pub(crate) fn new(names: &[Name]) -> Self {
        let mut written = Self {
            ascii: vec![Vec::new(); 128],
            ..Self::default()
        };
        for (at, name) in names.iter().enumerate() {
            let text = &name.text;
            if !text.is_ascii() {
                written.others.push((characters(text), at));
                written.longest = written.longest.max(text.len());
            } else if let Some(same) = text.bytes().next_back()
                && let Some(same) = written.ascii.get_mut(octet(same))
            {
                same.push(at);
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
        let last = before.last().and_then(|last| self.ascii.get(octet(*last)));
        let ending = last.into_iter().flatten();
        let ending = ending.filter_map(|at| Some((*at, names.get(*at)?)));
        ending.filter(|(_, name)| {
            let start = before.len().checked_sub(name.text.len());
            let own = start.and_then(|start| before.get(start..));
            own.is_some_and(|own| own.eq_ignore_ascii_case(name.text.as_bytes()))
        })
    }

    /// Of the others those whose characters all stand near `at`, as far before or behind it as such a name is
    /// long: there they could stand.
    pub(crate) fn near<'n>(
        &self,
        names: &'n [Name],
        text: &str,
        at: usize,
    ) -> impl Iterator<Item = (usize, &'n Name)> {
        let from = text.floor_char_boundary(at.saturating_sub(self.longest));
        let to = text.floor_char_boundary((at + self.longest).min(text.len()));
        let around = text.get(from..to).unwrap_or_default();
        let held = match around.is_ascii() {
            true => 0,
            false => characters(around),
        };
        let held = self.others.iter().filter(move |(own, _)| own & !held == 0);
        held.filter_map(|(_, at)| Some((*at, names.get(*at)?)))
    }
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
            let near: Vec<&Name> = written.near(names, &text, at).map(|(_, name)| name).collect();
            for name in names.iter().filter(|name| !name.text.is_ascii()).filter(ends) {
                prop_assert!(near.contains(&name), "{}", name.text);
            }
        }
    }
}
