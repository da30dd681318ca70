//! The start tags that a page had last. The same few stand at most places of a page, and each is read once as long as
//! it is among them.

use super::element::StartTag;

/// Tags that are kept, one at each place. Most pages have a few dozen.
const KEPT: usize = 256;
/// Octets in which the first `>` is looked for.
const NEAR: usize = 256;

pub(crate) struct KnownTags<'h> {
    /// For each place where in `known` its tag is.
    places: [Option<u8>; KEPT],
    known: Vec<Known<'h>>,
    /// The place of the tag that was asked for last.
    place: usize,
    /// How many were read.
    read: u64,
    none: StartTag,
}

struct Known<'h> {
    /// The tag as it stands in the page.
    source: &'h str,
    tag: StartTag,
}

impl Default for KnownTags<'_> {
    fn default() -> Self {
        Self {
            places: [None; KEPT],
            known: Vec::new(),
            place: 0,
            read: 0,
            none: StartTag::default(),
        }
    }
}

impl<'h> KnownTags<'h> {
    /// How long the tag is that begins a text, if it is known. It is the last one then. Another one can't begin with
    /// the same octets, since they say where the tag ends.
    pub(crate) fn find(&mut self, text: &str) -> Option<usize> {
        self.place = place(text.as_bytes());
        let known = self.known.get(self.at_place()?)?;
        text.starts_with(known.source).then_some(known.source.len())
    }

    /// Reads the tag that wasn't found into an empty one, makes it the last one, and says how long it is. `read` says
    /// how it stands in the page.
    pub(crate) fn add(
        &mut self,
        read: impl FnOnce(&mut StartTag) -> Option<&'h str>,
    ) -> Option<usize> {
        let at = self.at_place().unwrap_or(self.known.len());
        let place = self.places.get_mut(self.place)?;
        *place = None;
        if at == self.known.len() {
            self.known.push(Known {
                source: "",
                tag: StartTag::default(),
            });
        }
        self.read += 1;
        let known = self.known.get_mut(at)?;
        known.tag.open(self.read);
        known.source = read(&mut known.tag)?;
        *place = u8::try_from(at).ok();
        Some(known.source.len())
    }

    /// The tag that was found or added last.
    pub(crate) fn last(&self) -> &StartTag {
        let known = self.at_place().and_then(|at| self.known.get(at));
        known.map_or(&self.none, |known| &known.tag)
    }

    fn at_place(&self) -> Option<usize> {
        self.places
            .get(self.place)
            .copied()
            .flatten()
            .map(usize::from)
    }
}

/// The place of the tag that begins a text, by its first octets.
fn place(text: &[u8]) -> usize {
    let near = text.get(..NEAR).unwrap_or(text);
    let length = memchr::memchr(b'>', near).unwrap_or(near.len());
    let (eights, rest) = near.get(..length).unwrap_or_default().as_chunks::<8>();
    let number = |octets: &[u8]| {
        let shifted = octets.iter().map(|octet| u64::from(*octet));
        shifted.fold(0, |number, octet| number << 8 | octet)
    };
    let eights = eights.iter().map(|eight| u64::from_le_bytes(*eight));
    let mixed = eights.chain([number(rest)]).fold(0, |mixed: u64, eight| {
        // Fibonacci hashing: the golden ratio in 64 bits.
        (mixed.rotate_left(23) ^ eight).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    });
    (mixed >> (u64::BITS - KEPT.ilog2())) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'h>(tags: &mut KnownTags<'h>, source: &'h str) {
        assert_eq!(tags.find(source), None, "{source}");
        tags.add(|tag| {
            tag.name.push_str(source);
            Some(source)
        });
        assert_eq!(tags.last().name, source);
    }

    #[test]
    fn a_tag_is_known_until_another_takes_its_place() {
        let sources: Vec<String> = (0..500)
            .map(|number| format!("<a href=\"{number}\" title=x>"))
            .collect();
        let mut tags = KnownTags::default();
        for source in &sources {
            read(&mut tags, source);
            let behind = format!("{source}<a>");
            assert_eq!(tags.find(&behind), Some(source.len()));
            assert_eq!(tags.last().name, *source);
        }
        let mut known = Vec::new();
        for source in &sources {
            if tags.find(source).is_some() {
                assert_eq!(tags.last().name, *source);
                known.push(tags.last().number);
            }
        }
        assert!((128..=KEPT).contains(&known.len()), "{}", known.len());
        assert!(known.is_sorted() && known.last() == Some(&500));
        assert!(tags.known.len() <= KEPT);
    }

    #[test]
    fn a_tag_without_an_end_is_not_known() {
        let mut tags = KnownTags::default();
        read(&mut tags, "<b>");
        assert_eq!(tags.find("<b"), None);
        assert_eq!(tags.add(|_| None), None);
        for begun in ["<b", "<b>", "<b><b>"] {
            assert_eq!(tags.find(begun), None, "{begun}");
        }
    }
}
