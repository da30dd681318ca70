//! Finds the phrases of a list in a text.
//!
//! Nearly all of them begin where a word does, and few words begin as a phrase does. So the text is
//! looked at there only, and two small tables tell nearly always that nothing is to be found.

use std::ops::Range;

/// A text to find.
#[derive(Clone, Copy)]
pub(crate) struct Pattern<'t> {
    pub(crate) text: &'t str,
    /// What it is known by.
    pub(crate) index: usize,
    /// It is of interest within a word too.
    pub(crate) within: bool,
}

/// Texts that are found in one pass.
pub(crate) struct Finder {
    /// The first octets of the entries, each once and in order.
    keys: Vec<u32>,
    /// The first entry of each key.
    begins: Vec<usize>,
    entries: Vec<Entry>,
    /// What each octet can be to a phrase: [`LETTER`], [`BEGINS`].
    octets: [u8; 256],
    /// First four octets of what is as long.
    long: Gate,
    /// First two of what is shorter.
    short: Gate,
}

struct Entry {
    text: String,
    /// The longest entry that this one begins with.
    shorter: Option<usize>,
    /// Everything that stands where this text stands: length and index, the shortest first.
    found: Vec<(usize, usize)>,
}

/// A letter or digit of ASCII.
const LETTER: u8 = 1;
/// A phrase may begin with it in the middle of a word.
const BEGINS: u8 = 2;

impl Finder {
    /// `patterns`: in [order](in_order).
    pub(crate) fn new(patterns: &[Pattern<'_>]) -> Self {
        let mut finder = Self {
            keys: Vec::with_capacity(patterns.len()),
            begins: Vec::with_capacity(patterns.len()),
            entries: Vec::with_capacity(patterns.len()),
            octets: LETTERS,
            long: Gate::default(),
            short: Gate::default(),
        };
        for same in patterns.chunk_by(|one, other| one.text == other.text) {
            finder.add(same);
        }
        finder.keys.shrink_to_fit();
        finder.begins.shrink_to_fit();
        finder.entries.shrink_to_fit();
        finder
    }

    /// Adds patterns of one text, which comes behind all that were added before.
    fn add(&mut self, same: &[Pattern<'_>]) {
        let Some(text) = same.first().map(|pattern| pattern.text) else {
            return;
        };
        let bytes = text.as_bytes();
        let key = key(bytes);
        match bytes.len() {
            // Whatever follows it.
            0..2 => (0..=0xFF).for_each(|next| self.short.let_in(key >> 16 | next)),
            2..4 => self.short.let_in(key >> 16),
            _ => self.long.let_in(key),
        }
        let first = bytes.first().copied().unwrap_or_default();
        if let Some(octet) = self.octets.get_mut(usize::from(first))
            && (*octet & LETTER == 0 || same.iter().any(|pattern| pattern.within))
        {
            *octet |= BEGINS;
        }
        let mut shorter = self.entries.len().checked_sub(1);
        while let Some(entry) = shorter.and_then(|at| self.entries.get(at)) {
            if text.starts_with(&entry.text) {
                break;
            }
            shorter = entry.shorter;
        }
        let within = shorter.and_then(|at| self.entries.get(at));
        let within = within.map_or(&[][..], |entry| entry.found.as_slice());
        let mut found = Vec::with_capacity(within.len() + same.len());
        found.extend_from_slice(within);
        found.extend(same.iter().map(|pattern| (text.len(), pattern.index)));
        if self.keys.last() != Some(&key) {
            self.keys.push(key);
            self.begins.push(self.entries.len());
        }
        self.entries.push(Entry {
            text: text.to_owned(),
            shorter,
            found,
        });
    }

    /// Everything that stands in the stretch `within` of `text`, overlapping texts too, by where it
    /// begins, the shorter first. A letter or digit of ASCII before it hides what is of no interest
    /// within a word; whether other letters do is not looked at.
    pub(crate) fn find(&self, text: &str, within: Range<usize>) -> Vec<(Range<usize>, usize)> {
        let mut hits = Vec::new();
        let octet = |byte: &u8| self.octets.get(usize::from(*byte)).copied();
        let before = within.start.checked_sub(1);
        let before = before.and_then(|before| text.as_bytes().get(before));
        let mut before = before.and_then(octet).unwrap_or_default();
        let bytes = text.as_bytes().get(within.clone()).unwrap_or_default();
        for (at, byte) in bytes.iter().enumerate() {
            let here = octet(byte).unwrap_or_default();
            // Behind a letter no word begins.
            let word = LETTER & !before;
            before = here;
            if here & (BEGINS | word) != 0 {
                let rest = bytes.get(at..).unwrap_or_default();
                if let Some(entry) = self.longest(rest) {
                    let start = within.start + at;
                    let found = entry.found.iter();
                    hits.extend(found.map(|(length, index)| (start..start + length, *index)));
                }
            }
        }
        hits
    }

    /// Length and index of each with which `rest` begins, the shortest first.
    pub(crate) fn beginning(&self, rest: &str) -> &[(usize, usize)] {
        let entry = self.longest(rest.as_bytes());
        entry.map_or(&[], |entry| &entry.found)
    }

    /// The longest entry with which `rest` begins.
    fn longest(&self, rest: &[u8]) -> Option<&Entry> {
        let key = key(rest);
        if !(self.long.lets(key) || self.short.lets(key >> 16)) {
            return None;
        }
        let begin = |at: usize| self.begins.get(at).copied().unwrap_or(self.entries.len());
        let before = match self.keys.binary_search(&key) {
            Ok(at) => {
                let from = begin(at);
                let same = self.entries.get(from..begin(at + 1))?;
                from + same.partition_point(|entry| entry.text.as_bytes() <= rest)
            }
            Err(at) => begin(at),
        };
        // Every entry with which `rest` begins is the last one before it, or begins that one.
        let mut entry = self.entries.get(before.checked_sub(1)?)?;
        while !rest.starts_with(entry.text.as_bytes()) {
            entry = self.entries.get(entry.shorter?)?;
        }
        Some(entry)
    }
}

/// Patterns by their texts, those of one text by what they are known by.
pub(crate) fn in_order<'t>(patterns: impl Iterator<Item = Pattern<'t>>) -> Vec<Pattern<'t>> {
    // Nearly all differ in as much as is compared at once.
    let keyed = patterns.map(|pattern| (beginning(pattern.text), pattern));
    let mut keyed: Vec<_> = keyed.collect();
    keyed.sort_unstable_by(|(key, one), (other_key, other)| {
        let by_key = key.cmp(other_key);
        by_key.then_with(|| (one.text, one.index).cmp(&(other.text, other.index)))
    });
    keyed.into_iter().map(|(_, pattern)| pattern).collect()
}

/// The first octets of a text, in the order of texts.
pub(crate) fn beginning(text: &str) -> u128 {
    const OCTETS: usize = 16;
    let octets = text.as_bytes();
    let first = octets.first_chunk::<OCTETS>().copied();
    u128::from_be_bytes(first.unwrap_or_else(|| {
        let mut first = [0; OCTETS];
        for (place, octet) in first.iter_mut().zip(octets) {
            *place = *octet;
        }
        first
    }))
}

// Made by the compiler, which would see an index out of bounds.
#[allow(clippy::indexing_slicing)]
const LETTERS: [u8; 256] = {
    let mut table = [0; 256];
    let mut at = 0;
    while at < table.len() {
        if (at as u8).is_ascii_alphanumeric() {
            table[at] = LETTER;
        }
        at += 1;
    }
    table
};

/// The first four octets in the order of texts.
fn key(bytes: &[u8]) -> u32 {
    let four = bytes.first_chunk().copied().unwrap_or_else(|| {
        let octet = |at: usize| bytes.get(at).copied().unwrap_or_default();
        [octet(0), octet(1), octet(2), octet(3)]
    });
    u32::from_be_bytes(four)
}

/// Says of most keys that none such was let in.
struct Gate(Box<[u64; GATE]>);

/// Words of 64 bits.
const GATE: usize = 1 << (16 - 6);

impl Default for Gate {
    fn default() -> Self {
        Self(Box::new([0; GATE]))
    }
}

impl Gate {
    /// A word and a bit in it.
    fn place(key: u32) -> (usize, u64) {
        // Fibonacci hashing: the golden ratio in 32 bits.
        let place = key.wrapping_mul(0x9E37_79B9) >> 16;
        let word = usize::try_from(place >> 6).unwrap_or_default();
        (word, 1 << (place & 63))
    }

    fn let_in(&mut self, key: u32) {
        let (word, bit) = Self::place(key);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn lets(&self, key: u32) -> bool {
        let (word, bit) = Self::place(key);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};

    fn texts(longest: usize) -> impl Strategy<Value = String> {
        let bits = vec!["a", "b", "ab", "z", "7", " ", ".", "é", "密", "密码", "aba"];
        vec(select(bits), 1..longest).prop_map(|bits| bits.concat())
    }

    /// Each pattern looked for at each place.
    fn place_by_place(
        patterns: &[(String, bool)],
        text: &str,
        stretch: Range<usize>,
    ) -> Vec<(Range<usize>, usize)> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric();
        let mut found = Vec::new();
        for start in stretch.clone() {
            let inside = start > 0 && letter(text.as_bytes()[start - 1]);
            for (index, (pattern, _)) in patterns.iter().enumerate() {
                let stands = text.as_bytes()[start..stretch.end].starts_with(pattern.as_bytes());
                let hidden = letter(pattern.as_bytes()[0])
                    && !patterns.iter().any(|(other, within)| {
                        *within && other.as_bytes()[0] == pattern.as_bytes()[0]
                    });
                if stands && !(inside && hidden) {
                    found.push((start..start + pattern.len(), index));
                }
            }
        }
        found.sort_by_key(|(range, index)| (range.start, range.end, *index));
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]

        #[test]
        fn nothing_is_missed(
            patterns in vec((texts(5), any::<bool>()), 1..30),
            text in texts(40),
            cut in any::<prop::sample::Index>(),
        ) {
            let finder = Finder::new(&in_order(patterns.iter().enumerate().map(
                |(index, (text, within))| Pattern { text, index, within: *within },
            )));
            let whole = 0..text.len();
            prop_assert_eq!(
                finder.find(&text, whole.clone()),
                place_by_place(&patterns, &text, whole)
            );
            let part = text.floor_char_boundary(cut.index(text.len()))..text.len();
            prop_assert_eq!(
                finder.find(&text, part.clone()),
                place_by_place(&patterns, &text, part)
            );
        }
    }
}
