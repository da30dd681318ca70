//! The words of a text, in Latin letters.

use any_ascii::any_ascii;

use crate::mail::text::{
    letter::{is_alphanumeric, is_mark},
    normalise::is_unspaced,
};

/// Octets of a word that are looked at.
const MAX_WORD: usize = 80;

/// One word of a text.
#[derive(Debug)]
pub(super) struct Word {
    /// Latin letters and digits, small.
    pub(super) letters: String,
    /// The same, with each vowel that some write as two of them written as one ("ae" for "ä").
    pub(super) plain: String,
    /// It begins as a name does.
    pub(super) capital: bool,
    /// Written in another script.
    pub(super) foreign: bool,
    /// Written in a script of South East Asia, which puts no spaces between words.
    pub(super) unspaced: bool,
    /// A sign that parts names stands before it, or nothing does.
    pub(super) set_off: bool,
}

/// The Latin letters and digits of a text, small.
pub(super) fn letters(text: &str) -> String {
    let mut latin = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => any_ascii(&text.to_lowercase()).to_ascii_lowercase(),
    };
    if !latin.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        latin.retain(|c| c.is_ascii_alphanumeric());
    }
    latin
}

/// Latin letters with "ae", "oe", "ue" and "aa" as one letter.
pub(super) fn plain(letters: &str) -> String {
    let mut plain = String::with_capacity(letters.len());
    for c in letters.chars() {
        let doubled = match c {
            'e' => plain.ends_with(['a', 'o', 'u']),
            'a' => plain.ends_with('a'),
            _ => false,
        };
        if !doubled {
            plain.push(c);
        }
    }
    plain
}

/// The words of a text without links, hosts and addresses, one after the other.
pub(super) struct Words<'t> {
    /// What is not cut yet.
    rest: &'t str,
    /// What is left of the piece between two blanks.
    chunk: &'t str,
    /// That piece is a link or a host.
    skipped: bool,
    /// Whether hosts count all the same.
    hosts: bool,
    /// A sign that parts names stands before what comes next.
    parted: bool,
}

/// A word as it stands in the text.
pub(super) struct Written<'t> {
    text: &'t str,
    set_off: bool,
}

impl<'t> Words<'t> {
    /// `hosts`: whether hosts count all the same.
    pub(super) fn of(text: &'t str, hosts: bool) -> Self {
        Self {
            rest: text,
            chunk: "",
            skipped: false,
            hosts,
            parted: true,
        }
    }

    fn next_chunk(&mut self) -> Option<()> {
        let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>');
        let mut chunks = self.rest.split_inclusive(ends);
        self.chunk = chunks.next()?;
        self.rest = self.rest.get(self.chunk.len()..).unwrap_or_default();
        // Most chunks are words.
        let odd = |byte| matches!(byte, b'@' | b':' | b'.');
        self.skipped = self.chunk.bytes().any(odd)
            && (is_link(self.chunk) || !self.hosts && is_host(self.chunk));
        Some(())
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Written<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match next_piece(&mut self.chunk) {
                None => self.next_chunk()?,
                Some(Piece::Parts) => self.parted = true,
                Some(Piece::Word(text)) => {
                    let set_off = std::mem::replace(&mut self.parted, false);
                    if !self.skipped {
                        return Some(Written { text, set_off });
                    }
                }
            }
        }
    }
}

enum Piece<'t> {
    Word(&'t str),
    /// What sets a name off.
    Parts,
}

/// Takes the next piece off. Cut is at what is no letter, at the end of a line, and where a script without
/// spaces begins or ends.
fn next_piece<'t>(rest: &mut &'t str) -> Option<Piece<'t>> {
    loop {
        let first = rest.chars().next()?;
        if is_alphanumeric(first) || is_mark(first) {
            let script = Script::of(first);
            let same = |c: char| (is_alphanumeric(c) || is_mark(c)) && Script::of(c).joins(script);
            let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
            let (word, behind) = rest.split_at_checked(end.max(first.len_utf8()))?;
            *rest = behind;
            return Some(Piece::Word(word));
        }
        *rest = rest.get(first.len_utf8()..)?;
        if parts_names(first) {
            return Some(Piece::Parts);
        }
    }
}

/// Whether a sign sets off the name behind it.
fn parts_names(c: char) -> bool {
    matches!(
        c,
        ',' | '|'
            | '-'
            | ':'
            | '/'
            | '('
            | '['
            | ';'
            | '\n'
            | '@'
            | '\u{B7}'
            | '\u{2022}'
            | '\u{2013}'
            | '\u{2014}'
            | '\u{3010}'
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Spaced,
    Hiragana,
    Katakana,
    Han,
    Mark,
}

impl Script {
    fn of(c: char) -> Self {
        match u32::from(c) {
            0..0x80 => Self::Spaced,
            0x30FC => Self::Mark,
            0x3041..=0x309F => Self::Hiragana,
            0x30A0..=0x30FF => Self::Katakana,
            _ if is_mark(c) => Self::Mark,
            _ if is_unspaced(c) => Self::Han,
            _ => Self::Spaced,
        }
    }

    fn joins(self, other: Self) -> bool {
        self == other || self == Self::Mark
    }
}

impl Word {
    /// Whether a name could begin with it that begins with one of these letters. One in another script is spelled
    /// otherwise each time.
    pub(super) fn may_begin(&self, initials: &[u8]) -> bool {
        let first = self.letters.bytes().next();
        self.foreign || self.unspaced || first.is_some_and(|first| initials.contains(&first))
    }
}

impl Written<'_> {
    /// Whether it is Latin throughout, and begins with none of these letters.
    pub(super) fn begins_otherwise(&self, initials: &[u8]) -> bool {
        let first = self
            .text
            .bytes()
            .next()
            .map(|byte| byte.to_ascii_lowercase());
        self.text.is_ascii() && first.is_none_or(|first| !initials.contains(&first))
    }

    /// None where nothing of it can be written in Latin letters.
    pub(super) fn read(&self) -> Option<Word> {
        let end = self.text.floor_char_boundary(MAX_WORD);
        let word = self.text.get(..end).unwrap_or_default();
        let letters = letters(word);
        let first = word.chars().next()?;
        (!letters.is_empty()).then(|| Word {
            plain: plain(&letters),
            letters,
            capital: first.is_uppercase() || !first.is_lowercase(),
            unspaced: matches!(u32::from(first), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF),
            foreign: !word.is_ascii() && word.chars().any(|c| u32::from(c) > 0x24F),
            set_off: self.set_off,
        })
    }
}

fn is_link(chunk: &str) -> bool {
    chunk.contains('@') || chunk.contains("://") || chunk.contains("www.")
}

/// Whether a chunk holds a name of the DNS: labels with a dot between, the last of them in small letters
/// ("...Books.The next sentence" is none).
fn is_host(chunk: &str) -> bool {
    let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    chunk
        .char_indices()
        .filter(|(_, c)| *c == '.')
        .any(|(at, _)| {
            let before = chunk.get(..at).and_then(|text| text.chars().next_back());
            let behind = chunk.get(at + 1..).unwrap_or_default();
            let label: Vec<char> = behind.chars().take_while(|c| c.is_alphanumeric()).collect();
            inside(before) && label.len() >= 2 && label.iter().all(|c| !c.is_uppercase())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vowel_that_some_write_as_two_is_one() {
        for (letters, one) in [
            ("mueller", "muller"),
            ("boeing", "boing"),
            ("kaese", "kase"),
            ("haakon", "hakon"),
            ("aaaa", "a"),
            ("ea", "ea"),
            ("oo", "oo"),
            ("ee", "ee"),
            ("a", "a"),
            ("", ""),
        ] {
            assert_eq!(plain(letters), one, "{letters}");
        }
    }

    #[test]
    fn links_are_no_words() {
        for chunk in ["a@shop.example", "http://shop", "www.shop.example"] {
            assert!(is_link(chunk), "{chunk}");
        }
        for chunk in ["shop.example", "www", "a:b"] {
            assert!(!is_link(chunk), "{chunk}");
        }
    }
}
