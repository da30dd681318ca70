//! What a character is: a letter, a digit, a mark. Worked out once for each, since the tables behind the
//! standard library's answer are searched anew each time, which takes longer than all else that is done with a
//! character of most scripts.

use crate::mail::text::{confusables::is_ideograph, paged::Paged};
use std::sync::LazyLock;
use unicode_normalization::char::is_combining_mark;

const LETTER: u8 = 1;
const NUMBER: u8 = 2;
const MARK: u8 = 4;

/// The same as [`char::is_alphanumeric`].
#[inline]
pub(crate) fn is_alphanumeric(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphanumeric(),
        false => kinds(c) & (LETTER | NUMBER) != 0,
    }
}

/// The same as [`char::is_alphabetic`].
#[inline]
pub(crate) fn is_alphabetic(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphabetic(),
        false => kinds(c) & LETTER != 0,
    }
}

/// Whether a character is combined with the one before it.
#[inline]
pub(crate) fn is_mark(c: char) -> bool {
    !c.is_ascii() && kinds(c) & MARK != 0
}

fn kinds(c: char) -> u8 {
    static KINDS: LazyLock<Paged<u8>> = LazyLock::new(Paged::new);
    if is_ideograph(c) {
        return LETTER;
    }
    // Beyond all scripts only those that choose among variants are any of it.
    let beyond = || bit(matches!(c, '\u{E0100}'..='\u{E01EF}'), MARK);
    KINDS.get(c, work).copied().unwrap_or_else(beyond)
}

fn bit(is: bool, bit: u8) -> u8 {
    if is { bit } else { 0 }
}

fn work(c: char) -> u8 {
    bit(c.is_alphabetic(), LETTER) | bit(c.is_numeric(), NUMBER) | bit(is_combining_mark(c), MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_what_it_is() {
        for c in '\0'..=char::MAX {
            let known = (is_alphanumeric(c), is_alphabetic(c), is_mark(c));
            let is = (c.is_alphanumeric(), c.is_alphabetic(), is_combining_mark(c));
            assert_eq!(known, is, "{c:?}");
        }
    }
}
