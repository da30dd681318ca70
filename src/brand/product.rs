//! The names of the brand's products as they stand in host names, and which of them a label could hold.

use crate::{brand::Strength, mail::domain::Domain};

/// A product's name as it stands in host names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    /// As written, lower case.
    pub(crate) text: String,
    /// Folded letters.
    pub(crate) letters: Vec<char>,
    /// Nobody else's: it counts by itself too, and misspelt.
    pub(crate) own: bool,
    /// Words of the trade count as lure words do.
    pub(crate) trade: bool,
    /// What it proves beside a lure word.
    pub(crate) lured: Strength,
    /// The lure words, folded, beside which it counts; all where there are none.
    pub(crate) with: Vec<Vec<char>>,
    /// What it resembles.
    pub(crate) domain: Option<Domain>,
}

impl Product {
    /// Letters of a name that is looked for misspelt too: half a dictionary is one edit away from shorter
    /// ones.
    pub(crate) const LONG: usize = 6;

    /// The parts of the name of which one stands as it is where the name has at most one edit in it.
    pub(crate) fn thirds(&self) -> impl Iterator<Item = &[char]> {
        let third = match self.letters.len() {
            ..Self::LONG => self.letters.len(),
            long => long.div_ceil(3),
        };
        self.letters.chunks(third.max(1))
    }
}

/// All products, and for each pair of letters those that have it at the beginning of a part.
#[derive(Clone, Debug, Default)]
pub(crate) struct Products {
    list: Vec<Product>,
    /// A bit for each product.
    by_pair: Vec<u64>,
}

impl Products {
    /// As many as there are bits.
    pub(crate) const MOST: usize = 64;
    const PAIRS: usize = 1 << 10;

    pub(crate) fn new(list: Vec<Product>) -> Self {
        let mut by_pair = vec![0; Self::PAIRS];
        let bits = (0..Self::MOST).map(|at| 1u64 << at);
        for (product, bit) in list.iter().zip(bits) {
            for part in product.thirds() {
                if let Some(place) = by_pair.get_mut(Self::pair(part)) {
                    *place |= bit;
                }
            }
        }
        Self { list, by_pair }
    }

    /// The place of the first two letters. Others may share it.
    fn pair(letters: &[char]) -> usize {
        let letter = |at: usize| letters.get(at).map_or(0, |c| u32::from(*c) % 32);
        usize::try_from(letter(0) << 5 | letter(1)).unwrap_or_default()
    }

    /// The names that are nobody else's.
    pub(crate) fn own(&self) -> impl Iterator<Item = &Product> + Clone {
        self.list.iter().filter(|product| product.own)
    }

    /// Those of which folded `letters` could hold the name, with one edit in it at most.
    pub(crate) fn near(&self, letters: &[char]) -> impl Iterator<Item = &Product> {
        let pairs = letters.windows(2);
        let near = pairs.fold(0, |near, pair| {
            near | self.by_pair.get(Self::pair(pair)).copied().unwrap_or(0)
        });
        Bits(near).filter_map(|at| self.list.get(at))
    }
}

/// The places of the bits that are set.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let at = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        match at {
            u64::BITS => None,
            at => usize::try_from(at).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::text::confusables::fold_letters;

    #[test]
    fn a_name_is_near_with_any_one_edit_in_it() {
        let product = |text: &str| Product {
            text: text.to_owned(),
            letters: fold_letters(text).collect(),
            own: true,
            trade: false,
            lured: Strength::Strong,
            with: Vec::new(),
            domain: None,
        };
        let names = ["umbrellaplus", "raincoat", "cts"];
        let products = Products::new(names.map(product).to_vec());
        let near = |text: &str, name: &str| {
            let letters: Vec<char> = fold_letters(text).collect();
            products.near(&letters).any(|found| found.text == name)
        };
        for name in &names[..2] {
            for at in 0..name.len() {
                let (before, after) = name.split_at(at);
                let behind = after.get(1..).unwrap_or_default();
                assert!(
                    near(&format!("my{before}{behind}shop"), name),
                    "{name} {at}"
                );
                assert!(near(&format!("{before}q{behind}"), name), "{name} {at}");
                assert!(near(&format!("{before}q{after}"), name), "{name} {at}");
            }
        }
        assert!(near("mycts", "cts") && !near("stranger", "cts"));
    }
}
