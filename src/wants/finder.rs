//! Finds the phrases of a list in a text.
//!
//! Nearly all of them begin where a word does, and few words begin as a phrase does. So the text is
//! looked at there only, and two small tables tell nearly always that nothing is to be found. Where
//! something could be, a third has the few texts that begin with the same four octets.

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
    /// In the order of their texts.
    entries: Vec<Entry>,
    /// Their texts, one behind the other.
    texts: Vec<u8>,
    /// What stands where an entry's text stands, for one entry behind that of the other.
    found: Vec<Found>,
    begun: Begun,
    /// What each octet can be to a phrase: [`LETTER`], [`BEGINS`], [`ALONE`].
    octets: [u8; 256],
    /// First four octets of what is as long.
    long: Gate,
    /// First three of what has two or three.
    short: Gate,
}

/// A text. There are tens of thousands, so they are kept small.
struct Entry {
    /// How it begins.
    head: u64,
    text: Stretch,
    found: Stretch,
    /// The longest entry that this one begins with.
    shorter: Option<u32>,
}

/// Where something is among what is kept one behind the other.
#[derive(Clone, Copy)]
struct Stretch {
    start: u32,
    end: u32,
}

impl Stretch {
    fn new(range: Range<usize>) -> Self {
        Self {
            start: short(range.start),
            end: short(range.end),
        }
    }

    fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A pattern that stands where an entry's text stands.
#[derive(Clone, Copy)]
struct Found {
    length: u32,
    index: u32,
}

/// The lists of a program come nowhere near four gigabytes; what lay beyond would not be found.
fn short(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A letter or digit of ASCII.
const LETTER: u8 = 1;
/// A phrase may begin with it in the middle of a word.
const BEGINS: u8 = 2;
/// It is one by itself.
const ALONE: u8 = 4;

impl Finder {
    /// `patterns`: in [order](in_order).
    pub(crate) fn new(patterns: &[Pattern<'_>]) -> Self {
        let mut finder = Self {
            entries: Vec::with_capacity(patterns.len()),
            texts: Vec::new(),
            found: Vec::with_capacity(patterns.len()),
            begun: Begun::default(),
            octets: LETTERS,
            long: Gate::default(),
            short: Gate::default(),
        };
        for same in patterns.chunk_by(|one, other| one.text == other.text) {
            finder.add(same);
        }
        finder.entries.shrink_to_fit();
        finder.texts.shrink_to_fit();
        finder.found.shrink_to_fit();
        finder.begun = Begun::new(&finder.entries);
        finder
    }

    /// Adds patterns of one text, which comes behind all that were added before.
    fn add(&mut self, same: &[Pattern<'_>]) {
        let Some(text) = same.first().map(|pattern| pattern.text) else {
            return;
        };
        let bytes = text.as_bytes();
        let key = key(head(bytes));
        match bytes.len() {
            0..2 => {}
            // Whatever follows it.
            2 => (0..=0xFF).for_each(|next| self.short.let_in(key >> 8 | next)),
            3 => self.short.let_in(key >> 8),
            _ => self.long.let_in(key),
        }
        let first = bytes.first().copied().unwrap_or_default();
        if let Some(octet) = self.octets.get_mut(usize::from(first)) {
            if *octet & LETTER == 0 || same.iter().any(|pattern| pattern.within) {
                *octet |= BEGINS;
            }
            if bytes.len() == 1 {
                *octet |= ALONE;
            }
        }
        let mut shorter = self.entries.len().checked_sub(1);
        while let Some(entry) = shorter.and_then(|at| self.entries.get(at)) {
            if bytes.starts_with(self.text(entry)) {
                break;
            }
            shorter = entry.shorter.map(|at| at as usize);
        }
        let within = shorter.and_then(|at| self.entries.get(at));
        let within = within.map_or(0..0, |entry| entry.found.range());
        let first = self.found.len();
        self.found.extend_from_within(within);
        self.found.extend(same.iter().map(|pattern| Found {
            length: short(text.len()),
            index: short(pattern.index),
        }));
        let start = self.texts.len();
        self.texts.extend_from_slice(bytes);
        self.entries.push(Entry {
            head: head(bytes),
            text: Stretch::new(start..self.texts.len()),
            found: Stretch::new(first..self.found.len()),
            shorter: shorter.map(short),
        });
    }

    fn text(&self, entry: &Entry) -> &[u8] {
        self.texts.get(entry.text.range()).unwrap_or_default()
    }

    /// Length and index of each pattern that stands where an entry's text stands, the shortest first.
    fn found(&self, entry: &Entry) -> impl Iterator<Item = (usize, usize)> {
        let found = self.found.get(entry.found.range()).unwrap_or_default();
        found
            .iter()
            .map(|found| (found.length as usize, found.index as usize))
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
                    let found = self.found(entry);
                    hits.extend(found.map(|(length, index)| (start..start + length, index)));
                }
            }
        }
        hits
    }

    /// Length and index of each with which `rest` begins, the shortest first.
    pub(crate) fn beginning(&self, rest: &str) -> impl Iterator<Item = (usize, usize)> {
        let entry = self.longest(rest.as_bytes());
        entry.into_iter().flat_map(|entry| self.found(entry))
    }

    #[cfg(test)]
    pub(crate) fn longest_look(&self) -> usize {
        self.begun.longest_look()
    }

    /// The longest entry with which `rest` begins.
    #[inline]
    fn longest(&self, rest: &[u8]) -> Option<&Entry> {
        let head = head(rest);
        let key = key(head);
        let first = rest
            .first()
            .and_then(|first| self.octets.get(usize::from(*first)));
        let could_begin = self.long.lets(key)
            || self.short.lets(key >> 8)
            || first.is_some_and(|first| first & ALONE != 0);
        could_begin.then(|| self.begun_by(rest, head)).flatten()
    }

    /// The same where one could. Few words come here, so that it is no part of the loop.
    #[inline(never)]
    fn begun_by(&self, rest: &[u8], head: u64) -> Option<&Entry> {
        let key = key(head);
        if let Some(same) = self.begun.with(key) {
            let from = same.start;
            let same = self.entries.get(same)?;
            let is_before = |entry: &Entry| match entry.head == head {
                true => self.text(entry) <= rest,
                false => entry.head < head,
            };
            let before = from + same.partition_point(is_before);
            // Every entry with which `rest` begins is the last one before it, or begins that one.
            let mut entry = self.entries.get(before.checked_sub(1)?)?;
            while !rest.starts_with(self.text(entry)) {
                entry = self.entries.get(entry.shorter? as usize)?;
            }
            return Some(entry);
        }
        let shorter = [0xFFFF_FF00, 0xFFFF_0000, 0xFF00_0000];
        let shorter = shorter
            .iter()
            .find_map(|octets| self.begun.with(key & octets));
        self.entries.get(shorter?.start)
    }
}

/// Where the entries stand that begin with the same four octets. Who wrote the list says alone what is in it, and so
/// how far one has to look: it needs no hash that strangers can't guess.
#[derive(Default)]
struct Begun {
    /// What finds its own place taken stands in the next free one.
    places: Vec<Place>,
    /// The bits of a hash that say no place.
    unused: u32,
}

#[derive(Clone, Copy, Default)]
struct Place {
    key: u32,
    start: u32,
    /// 0 in a free one.
    end: u32,
}

impl Begun {
    fn new(entries: &[Entry]) -> Self {
        let first = |entry: &Entry| key(entry.head);
        let same = || entries.chunk_by(|one, other| first(one) == first(other));
        // Half of the places stay free.
        let bits = same().count().max(1).ilog2() + 2;
        let mut begun = Self {
            places: vec![Place::default(); 1 << bits],
            unused: u32::BITS - bits,
        };
        let mut start = 0;
        for same in same() {
            let (Some(key), Ok(length)) = (same.first().map(first), u32::try_from(same.len()))
            else {
                continue;
            };
            begun.put(Place {
                key,
                start,
                end: start + length,
            });
            start += length;
        }
        begun
    }

    fn put(&mut self, new: Place) {
        let mut at = self.place(new.key);
        while self.places.get(at).is_some_and(|place| place.end > 0) {
            at += 1;
        }
        match self.places.get_mut(at) {
            Some(free) => *free = new,
            None => self.places.push(new),
        }
    }

    fn place(&self, key: u32) -> usize {
        (mixed(key) >> self.unused) as usize
    }

    /// Places that a look could go through.
    #[cfg(test)]
    fn longest_look(&self) -> usize {
        let taken = self.places.split(|place| place.end == 0);
        taken.map(<[Place]>::len).max().unwrap_or_default() + 1
    }

    /// The entries that begin with these four octets.
    fn with(&self, key: u32) -> Option<Range<usize>> {
        let places = self.places.get(self.place(key)..)?;
        let mut taken = places.iter().take_while(|place| place.end > 0);
        let place = taken.find(|place| place.key == key)?;
        Some(place.start as usize..place.end as usize)
    }
}

/// Fibonacci hashing: the golden ratio in 32 bits.
fn mixed(key: u32) -> u32 {
    key.wrapping_mul(0x9E37_79B9)
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

/// The first eight octets in the order of texts.
#[inline]
fn head(bytes: &[u8]) -> u64 {
    let eight = bytes.first_chunk().copied().unwrap_or_else(|| {
        let mut octets = bytes.iter().copied();
        std::array::from_fn(|_| octets.next().unwrap_or_default())
    });
    u64::from_be_bytes(eight)
}

/// The first four of them.
fn key(head: u64) -> u32 {
    (head >> 32) as u32
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
        let place = mixed(key) >> 16;
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

    #[test]
    fn the_first_octets_are_in_the_order_of_texts() {
        assert_eq!(head(b""), 0);
        assert_eq!(head(b"ab"), 0x6162_0000_0000_0000);
        assert_eq!(head(b"abcdefgh"), 0x6162_6364_6566_6768);
        assert_eq!(head(b"abcdefghi"), 0x6162_6364_6566_6768);
        assert_eq!(key(head(b"abcdefgh")), 0x6162_6364);
        assert_eq!(beginning("ab"), 0x6162 << 112);
        assert_eq!(
            beginning("abcdefghabcdefghi"),
            0x6162_6364_6566_6768_6162_6364_6566_6768
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]

        #[test]
        fn nothing_is_missed(
            patterns in vec((texts(5), any::<bool>()), 1..30),
            text in texts(40),
            holes in any::<bool>(),
            cut in any::<prop::sample::Index>(),
        ) {
            // A sender may write octets that fill what is short.
            let text = if holes { text.replace('7', "\0") } else { text };
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
