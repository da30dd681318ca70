//! Words that ask, spelt so that programs don't know them: `p.a.s.s.w.o.r.d`, `p@$$w0rd`, `p a s s w o r d`.
//!
//! Letters of other scripts and characters that nobody sees are undone before, in
//! [`normal`](crate::mail::text::normalise::normal).

use crate::{mail::text::letter::is_alphanumeric, wants::phrases::Tables};
use std::ops::Range;

/// Octets of a word that is looked at.
const MAX_WORD: usize = 48;
/// Letters that a disguised word has at least.
const FEWEST: usize = 3;
/// Letters that stand apart, in which words are looked for.
const MAX_APART: usize = 120;

/// The text, which is in normal form, with the words that ask as a reader reads them.
pub(crate) fn undone(text: String) -> String {
    let mut out = String::new();
    let mut from = 0;
    let mut replace = |range: Range<usize>, words: &str| {
        out.push_str(text.get(from..range.start).unwrap_or_default());
        out.push_str(words);
        from = range.end;
    };
    let mut apart: Option<Range<usize>> = None;
    let bytes = text.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let (length, is_odd) = word(bytes.get(start..).unwrap_or_default());
        let range = start..start + length;
        start = range.end + 1;
        if length == 1 && !is_odd {
            apart = Some(apart.map_or(range.start, |apart| apart.start)..range.end);
            continue;
        }
        if let Some(range) = apart.take() {
            spelt_apart(&text, range, &mut replace);
        }
        if is_odd
            && (FEWEST + 1..=MAX_WORD).contains(&length)
            && let Some((part, word)) = text.get(range.clone()).and_then(spelt)
        {
            replace(range.start + part.start..range.start + part.end, word);
        }
    }
    if let Some(range) = apart {
        spelt_apart(&text, range, &mut replace);
    }
    if from == 0 {
        return text;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// The length of the word with which `rest` begins, and whether it has other signs in it than Latin letters; at its
/// end, others than those that end words.
fn word(rest: &[u8]) -> (usize, bool) {
    let parts = |octet: &u8| matches!(octet, b' ' | b'\n');
    let letters = rest.iter().take_while(|octet| octet.is_ascii_lowercase());
    let letters = letters.count();
    let mark = match rest.get(letters) {
        Some(b'.' | b',' | b':' | b';' | b'?' | b'!') if letters > 0 => 1,
        _ => 0,
    };
    if rest.get(letters + mark).is_none_or(parts) {
        return (letters + mark, false);
    }
    (rest.iter().position(parts).unwrap_or(rest.len()), true)
}

/// What a character inside a disguised word stands for.
enum Sign {
    Letter(char),
    /// Only cuts the word apart.
    Cut,
    /// [`STROKE`].
    Stroke,
}

/// i or l.
const STROKE: char = '1';

fn sign(c: char) -> Option<Sign> {
    Some(match c {
        'a'..='z' => Sign::Letter(c),
        '0' => Sign::Letter('o'),
        '3' | '€' => Sign::Letter('e'),
        '4' | '@' => Sign::Letter('a'),
        '5' | '$' => Sign::Letter('s'),
        '7' => Sign::Letter('t'),
        '8' => Sign::Letter('b'),
        '1' | '!' | '|' => Sign::Stroke,
        c if is_alphanumeric(c) => return None,
        _ => Sign::Cut,
    })
}

/// The part of a word that is a disguised one, and what it stands for.
fn spelt(word: &str) -> Option<(Range<usize>, &'static str)> {
    let plain = |word: &str| word.bytes().filter(u8::is_ascii_lowercase).count();
    // Most words of other scripts end here.
    if plain(word) < FEWEST {
        return None;
    }
    // A stop or a quote at either end cuts nothing apart.
    let edge = |c: char| matches!(sign(c), Some(Sign::Cut));
    let inner = word.trim_end_matches(|c: char| edge(c) || c == '!');
    let end = inner.len();
    let inner = inner.trim_start_matches(edge);
    if plain(inner) == inner.len() {
        return None;
    }
    let words = &Tables::embedded().words;
    let mut letters = String::with_capacity(inner.len());
    for c in inner.chars() {
        // An address, say.
        if letters.len() > words.longest_disguised {
            return None;
        }
        match sign(c)? {
            Sign::Letter(letter) => letters.push(letter),
            Sign::Stroke => letters.push(STROKE),
            Sign::Cut => {}
        }
    }
    let with = |letter| words.disguised.get(&letters.replace(STROKE, letter));
    let word = match letters.contains(STROKE) {
        true => with("i").or_else(|| with("l")),
        false => words.disguised.get(&letters),
    };
    Some((end - inner.len()..end, word?))
}

/// Words of a stretch in which every letter stands apart.
fn spelt_apart(text: &str, range: Range<usize>, replace: &mut impl FnMut(Range<usize>, &str)) {
    /// Letters of the longest word.
    const LONGEST: usize = 16;
    let known = &Tables::embedded().words.disguised;
    let stretch = text.get(range.clone()).unwrap_or_default();
    let letters: String = stretch.split([' ', '\n']).take(MAX_APART).collect();
    let mut at = 0;
    while at + FEWEST < letters.len() {
        let longest = LONGEST.min(letters.len() - at);
        let mut lengths = (FEWEST + 1..=longest).rev();
        let found = lengths.find_map(|length| known.get_key_value(letters.get(at..at + length)?));
        let Some((spelt, word)) = found else {
            at += 1;
            continue;
        };
        // Each letter has a blank after it.
        let start = range.start + 2 * at;
        at += spelt.len();
        replace(start..range.start + 2 * at - 1, word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::text::normalise::normal;

    #[test]
    fn disguised_words_are_read_as_people_read_them() {
        for (text, read) in [
            ("your p@$$w0rd here", "your password here"),
            ("your p.a.s.s.w.o.r.d here.", "your password here."),
            ("your p a s s w o r d here", "your password here"),
            ("your p-a-s-s-w-o-r-d", "your password"),
            ("y o u r p a s s w o r d", "your password"),
            ("P*ssword!", "password!"),
            ("pa55w0rd, now", "password, now"),
            ("(cr3dit) c@rd", "(credit) card"),
            ("b1lling", "billing"),
            ("Kredit*kartennummer", "kreditkartennummer"),
            (
                "K.r.e.d.i.t.k.a.r.t.e.n.n.u.m.m.e.r!",
                "kreditkartennummer!",
            ),
            ("Ihr P.a.s.s.w.o.r.t", "ihr passwort"),
            ("ραѕѕωοrd ᴘᴀꜱꜱᴡᴏʀᴅ", "password password"),
        ] {
            assert_eq!(undone(normal(text)), read, "{text}");
        }
    }

    #[test]
    fn a_word_is_odd_by_other_signs_than_those_that_end_words() {
        for (rest, found) in [
            ("ab cd", (2, false)),
            ("ab\ncd", (2, false)),
            ("ab", (2, false)),
            ("ab, cd", (3, false)),
            ("ab.", (3, false)),
            ("ab: ", (3, false)),
            ("ab; ", (3, false)),
            ("ab? ", (3, false)),
            ("ab! ", (3, false)),
            ("ab- cd", (3, true)),
            ("ab.. cd", (4, true)),
            ("a.b cd", (3, true)),
            ("4b cd", (2, true)),
            // A sign alone is no word.
            (", cd", (1, true)),
            ("! cd", (1, true)),
            (" cd", (0, false)),
            ("", (0, false)),
        ] {
            assert_eq!(word(rest.as_bytes()), found, "{rest}");
        }
    }

    #[test]
    fn other_words_stay() {
        for text in [
            "b08n5wrwnw for 19.99, order 112-1234567",
            "don't e.g. i.e. o'clock",
            "see www.passwords.example/a.b and ann@card.example",
            "a b c d e f g",
            "密码 пароль",
        ] {
            let text = normal(text);
            assert_eq!(undone(text.clone()), text);
        }
    }
}
