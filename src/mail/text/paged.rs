//! What is worked out for characters, once for each.

use std::sync::OnceLock;

/// Characters that are worked out at once, when the first of them is met.
const PAGE: u32 = 32;
/// The first character beyond all that are in any script: what follows are formatting and private ones
/// (Unicode, chapter 23).
pub(crate) const BEYOND: u32 = 0x3_3480;

/// A value for each character below [`BEYOND`]. Whatever a sender makes it work out, it holds no more
/// than that.
#[derive(Clone, Debug)]
pub(crate) struct Paged<T> {
    pages: Vec<OnceLock<Box<[T]>>>,
}

impl<T: Default + Clone> Paged<T> {
    pub(crate) fn new() -> Self {
        Self {
            pages: vec![OnceLock::new(); index(BEYOND / PAGE)],
        }
    }

    /// What was worked out for `c`; nothing beyond.
    #[inline]
    pub(crate) fn get(&self, c: char, work: impl Fn(char) -> T) -> Option<&T> {
        let code = u32::from(c);
        let page = self.pages.get(index(code / PAGE))?;
        let page = page.get_or_init(|| {
            let codes = (code / PAGE * PAGE..).take(index(PAGE));
            let chars = codes.map(char::from_u32);
            chars.map(|c| c.map(&work).unwrap_or_default()).collect()
        });
        page.get(index(code % PAGE))
    }
}

#[inline]
fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
