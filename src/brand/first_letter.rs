//! Listed names by the letter with which they begin, so that at a letter of a text few of them are tried.

use crate::brand::Name;

/// One of 64 bits; letters far from one another may share it.
pub(crate) fn letter_bit(c: char) -> u64 {
    1 << (u32::from(c) % u64::BITS)
}

/// Where in a list the names stand whose first letter has a bit.
#[derive(Clone, Debug)]
pub(crate) struct ByFirstLetter {
    places: Box<[Vec<usize>]>,
    /// The bits of all first letters.
    all: u64,
}

impl ByFirstLetter {
    pub(crate) fn new(names: &[Name]) -> Self {
        let first = |name: &Name| name.letters.first().map_or(0, |c| letter_bit(*c));
        let of_bit = |bit: u32| {
            let has = |(_, name): &(usize, &Name)| first(name) == 1 << bit;
            let names = names.iter().enumerate().filter(has);
            names.map(|(place, _)| place).collect()
        };
        Self {
            places: (0..u64::BITS).map(of_bit).collect(),
            all: names.iter().fold(0, |all, name| all | first(name)),
        }
    }

    /// The places of the names whose first letter has one of these bits.
    pub(crate) fn begun_by(&self, bits: u64) -> impl Iterator<Item = usize> {
        let mut left = bits & self.all;
        let bits = std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            usize::try_from(bit).ok()
        });
        let places = bits.filter_map(|bit| self.places.get(bit));
        places.flatten().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::NameStrength;

    #[test]
    fn names_are_found_by_their_first_letter() {
        let names = ["Contoso", "Umbrella", "Club", "コントソ"];
        let names = names.map(|name| Name::new(name, NameStrength::Strong));
        let by_first = ByFirstLetter::new(&names);
        let begun = |bits| by_first.begun_by(bits).collect::<Vec<_>>();
        assert_eq!(begun(letter_bit('c')), [0, 2]);
        assert_eq!(begun(letter_bit('コ') | letter_bit('u')), [3, 1]);
        assert_eq!(begun(letter_bit('x')), [0; 0]);
    }
}
