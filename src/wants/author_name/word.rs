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

/// The words of a text without links, hosts and addresses. `hosts`: whether hosts count all the same.
pub(super) fn words(text: &str, hosts: bool) -> impl Iterator<Item = Word> + '_ {
    let chunks = text.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
    let mut parted = true;
    chunks.flat_map(move |chunk| {
        let mut found = Vec::new();
        // Most chunks are words.
        let odd = chunk.bytes().any(|byte| matches!(byte, b'@' | b':' | b'.'));
        let skipped = odd && (is_link(chunk) || !hosts && is_host(chunk));
        for piece in pieces(chunk) {
            match piece {
                Piece::Parts => parted = true,
                Piece::Word(_) if skipped => parted = false,
                Piece::Word(word) => {
                    found.extend(read(word, parted));
                    parted = false;
                }
            }
        }
        found.into_iter()
    })
}

enum Piece<'t> {
    Word(&'t str),
    /// What sets a name off.
    Parts,
}

/// Cuts at what is no letter, at the end of a line, and where a script without spaces begins or ends.
fn pieces(chunk: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = chunk;
    std::iter::from_fn(move || {
        loop {
            let first = rest.chars().next()?;
            if !is_alphanumeric(first) && !is_mark(first) {
                rest = rest.get(first.len_utf8()..)?;
                let sets_off = matches!(
                    first,
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
                );
                if sets_off {
                    return Some(Piece::Parts);
                }
                continue;
            }
            let script = Script::of(first);
            let same = |c: char| (is_alphanumeric(c) || is_mark(c)) && Script::of(c).joins(script);
            let end = rest
                .find(|c| !same(c))
                .unwrap_or(rest.len())
                .max(first.len_utf8());
            let (word, behind) = rest.split_at_checked(end)?;
            rest = behind;
            return Some(Piece::Word(word));
        }
    })
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

fn read(word: &str, set_off: bool) -> Option<Word> {
    let word = word
        .get(..word.floor_char_boundary(MAX_WORD))
        .unwrap_or_default();
    let letters = letters(word);
    let first = word.chars().next()?;
    (!letters.is_empty()).then(|| Word {
        plain: plain(&letters),
        letters,
        capital: first.is_uppercase() || !first.is_lowercase(),
        unspaced: matches!(u32::from(first), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF),
        foreign: !word.is_ascii() && word.chars().any(|c| u32::from(c) > 0x24F),
        set_off,
    })
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
