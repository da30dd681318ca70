//! The form in which a text is compared with the tables.

use crate::mail::text::confusables::{is_invisible, jamo};
use crate::mail::text::visible_letter::{self, Seen};

/// The text with compatibility characters, accents and invisible characters gone, lower case, letters
/// of other scripts that look Latin made Latin, one space between words, one line feed between
/// paragraphs.
pub(crate) fn normal(text: &str) -> String {
    let mut form = Form {
        text: String::with_capacity(text.len()),
        gap: 0,
    };
    let mut rest = text;
    loop {
        let (words, behind) = rest.split_at(plain(rest));
        form.words(words);
        let behind = match behind.as_bytes().first() {
            // What Hangul syllables begin with in UTF-8.
            Some(0xEA..=0xED) => form.syllables(behind),
            _ => behind,
        };
        let mut chars = behind.chars();
        let Some(c) = chars.next() else {
            return form.text;
        };
        rest = chars.as_str();
        let next = || visible_letter::letters(rest).next();
        let seen = match c.is_ascii() {
            true => seen_ascii(c),
            false => visible_letter::seen(c),
        };
        match seen {
            Seen::Nothing => {}
            Seen::Letter(letter) => form.letter(letter, next),
            Seen::Several => {
                let several = visible_letter::several(c);
                let mut letters = several.letters();
                while let [letter, behind @ ..] = letters {
                    form.letter(*letter, || behind.first().copied().or_else(next));
                    letters = behind;
                }
            }
        }
    }
}

fn seen_ascii(c: char) -> Seen {
    match is_invisible(c) {
        true => Seen::Nothing,
        false => Seen::Letter(c.to_ascii_lowercase()),
    }
}

/// The octets at the beginning of `text` that are words of ASCII with one space between them, in
/// which nothing but the case changes.
fn plain(text: &str) -> usize {
    let bytes = text.as_bytes();
    let kind = |at: usize| {
        let byte = bytes.get(at).map(|byte| usize::from(*byte));
        byte.and_then(|byte| KINDS.get(byte)).copied()
    };
    let is_still = |byte: &u8| {
        let kind = KINDS.get(usize::from(*byte));
        matches!(kind, Some(Kind::Letter | Kind::Sign))
    };
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at += rest.iter().take_while(|byte| is_still(byte)).count();
        let before = || at.checked_sub(1).and_then(kind);
        match kind(at) {
            // Nothing but a letter before it makes a letter of it.
            Some(Kind::Leet) if before().is_some_and(|before| before != Kind::Letter) => at += 1,
            Some(Kind::Space) if at > 0 && kind(at + 1).is_some_and(Kind::is_sign) => at += 1,
            _ => return at,
        }
    }
}

/// What an octet is to [`plain`].
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    /// Stands for itself wherever it stands.
    Sign,
    /// Is read as a letter between letters ([`visible_letter::leet`]).
    Leet,
    Space,
    Other,
}

impl Kind {
    fn is_sign(self) -> bool {
        matches!(self, Self::Letter | Self::Sign | Self::Leet)
    }
}

// Made by the compiler, which would see an index out of bounds.
#[allow(clippy::indexing_slicing)]
const KINDS: [Kind; 256] = {
    let mut table = [Kind::Other; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        table[byte as usize] = match byte {
            b' ' => Kind::Space,
            b'-' | b'_' => Kind::Other,
            b'@' | b'$' | b'0' | b'1' | b'3' | b'4' | b'5' | b'7' => Kind::Leet,
            b'a'..=b'z' | b'A'..=b'Z' => Kind::Letter,
            _ => Kind::Sign,
        };
        byte += 1;
    }
    table
};

/// A text in the making.
struct Form {
    text: String,
    /// What stood since the last letter: 1 for blanks, and [`LINE`] for each end of a line.
    gap: usize,
}

const LINE: usize = 2;

impl Form {
    /// Adds words as [`plain`] finds them.
    fn words(&mut self, words: &str) {
        if words.is_empty() {
            return;
        }
        self.separate(false);
        let start = self.text.len();
        self.text.push_str(words);
        if let Some(added) = self.text.get_mut(start..) {
            added.make_ascii_lowercase();
        }
    }

    /// Adds the Hangul syllables at the beginning of `text`, and gives what stands behind them. No part of the loop
    /// over other text, which would be slower for it.
    #[inline(never)]
    fn syllables<'t>(&mut self, text: &'t str) -> &'t str {
        let mut letters = text.chars();
        loop {
            let rest = letters.as_str();
            let Some((two, third)) = letters.next().and_then(jamo) else {
                return rest;
            };
            self.separate(false);
            self.text.extend(two);
            self.text.extend(third);
        }
    }

    /// Adds a letter, or what stands between letters. `next`: the letter behind it.
    fn letter(&mut self, c: char, next: impl FnOnce() -> Option<char>) {
        match c {
            '\n' => self.gap = self.gap.saturating_add(LINE),
            '-' | '_' | '\u{AD}' => self.gap |= 1,
            c if c.is_whitespace() => self.gap |= 1,
            c => {
                // What is asked is whether it is a letter of ASCII, and no octet of another character is one.
                let last = || self.text.bytes().next_back().map(char::from);
                let before = || last().filter(|_| self.gap == 0);
                let letter = visible_letter::leet(c, before, next);
                if self.gap != 0 {
                    self.separate(is_unspaced(c));
                }
                self.text.push(letter);
            }
        }
    }

    /// Puts what stood since the last letter before the next one.
    fn separate(&mut self, unspaced: bool) {
        let gap = std::mem::take(&mut self.gap);
        if gap == 0 {
            return;
        }
        let Some(last) = self.text.chars().next_back() else {
            return;
        };
        if gap >= 2 * LINE {
            self.text.push('\n');
        } else if !(unspaced && is_unspaced(last)) {
            self.text.push(' ');
        }
    }
}

/// Chinese and Japanese characters.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x3005..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::select};

    #[test]
    fn disguises_fall_off() {
        assert_eq!(normal("Pаss\u{200B}wоrd"), "password");
        assert_eq!(normal("ＰＡＳＳＷＯＲＤ"), "password");
        assert_eq!(normal("p\u{0301}assw0rd"), "password");
        assert_eq!(normal("ΡΙΝ"), "pin");
        assert_eq!(normal("Straße  ü\u{308}ber"), "straße uber");
        assert_eq!(normal("one\ntwo\n\n\nthree"), "one two\nthree");
        assert_eq!(normal("パス\nワード"), normal("パスワード"));
        assert_eq!(normal("200 PLN 1st"), "200 pln 1st");
    }

    /// What a short text may grow to: else a megabyte of one character would be read as twenty.
    #[test]
    fn no_character_becomes_many_letters() {
        for c in '\0'..=char::MAX {
            let grown = normal(&c.to_string()).chars().count();
            assert!(grown <= 4, "{c:?} becomes {grown} letters");
        }
        let flood = "\u{fdfa}\u{3316}\u{bd}".repeat(1_000);
        assert!(normal(&flood).chars().count() <= 8 * 1_000);
        assert!(normal(&format!("{flood} Раsswоrd")).ends_with("password"));
    }

    /// The same, letter by letter.
    fn letter_by_letter(text: &str) -> String {
        let letters: Vec<char> = visible_letter::letters(text).collect();
        let mut out = String::new();
        let (mut blank, mut lines) = (false, 0);
        for (at, c) in letters.iter().copied().enumerate() {
            let last = out.chars().next_back();
            match c {
                '\n' => lines += 1,
                '-' | '_' | '\u{AD}' => blank = true,
                c if c.is_whitespace() => blank = true,
                c => {
                    let glued = last.is_some_and(is_unspaced) && is_unspaced(c);
                    let joined = last.filter(|_| !blank && lines == 0);
                    if lines > 1 && last.is_some() {
                        out.push('\n');
                    } else if (blank || lines > 0) && last.is_some() && !glued {
                        out.push(' ');
                    }
                    (blank, lines) = (false, 0);
                    out.push(visible_letter::leet(
                        c,
                        || joined,
                        || letters.get(at + 1).copied(),
                    ));
                }
            }
        }
        out
    }

    fn texts() -> impl Strategy<Value = String> {
        let bits = vec![
            "a", "Z", "word", "p@ss", "w0rd", "1", "8", "$", ".", ":", " ", " ", "  ", "\t",
            "\r\n", "\n", "\n\n", "-", "_", "\u{AD}", "\u{200B}", "\u{301}", "é", "ß", "Я", "Ι",
            "½", "ﬁ", "№", "€", "\u{A0}", "’", "…", "\u{2028}", "パ", "が", "ー", "密", "码",
            "\u{3000}", "〇", "각", "가", "힣", "ﷺ", "𝗽", "İ", "\0", "\u{7F}", "\u{85}",
        ];
        let bit = prop_oneof![
            4 => select(bits).prop_map(str::to_owned),
            1 => any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(bit, 0..40).prop_map(|bits| bits.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]

        #[test]
        fn whole_runs_are_read_as_letter_by_letter(text in texts()) {
            prop_assert_eq!(normal(&text), letter_by_letter(&text));
        }

        #[test]
        fn a_character_is_seen_alike_wherever_it_is_looked_up(c in any::<char>()) {
            let letters: String = visible_letter::letters(&c.to_string()).collect();
            let seen = match visible_letter::seen(c) {
                Seen::Nothing => String::new(),
                Seen::Letter(letter) => letter.to_string(),
                Seen::Several => letters.clone(),
            };
            prop_assert_eq!(seen, letters);
        }
    }
}
