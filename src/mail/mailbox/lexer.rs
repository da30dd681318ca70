//! The tokens of RFC 5322 section 3.2, read so that every text gives some.

use crate::mail::decode::encoded_word;
use crate::mail::mailbox::{Irregularity, Odd};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Atoms with the dots between them; anything that is no other token.
    Word,
    /// The content of a quoted string, quoted pairs resolved.
    Quoted,
    /// The content of a comment, inner parentheses included.
    Comment,
    /// `[...]` behind an `@`, brackets included.
    Literal,
    At,
    Comma,
    Colon,
    Semicolon,
    Open,
    Close,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    /// Whether white space stands before it.
    pub(crate) spaced: bool,
}

/// Splits `text`, which is unfolded and in Unicode but still has its encoded words.
///
/// A quotation mark or a parenthesis that nothing closes stands for itself: a parser that let it
/// swallow the rest would show no author at all.
pub(crate) fn tokens(text: &str, odd: &mut Odd) -> Vec<Token> {
    let mut lexer = Lexer {
        rest: text,
        tokens: Vec::new(),
        quotes_close: true,
        comments_close: true,
    };
    while lexer.step(odd) {}
    lexer.tokens
}

struct Lexer<'a> {
    rest: &'a str,
    tokens: Vec<Token>,
    /// False as soon as one was seen that the text doesn't close: neither will it close a later one,
    /// and looking again for each would take quadratic time.
    quotes_close: bool,
    comments_close: bool,
}

impl Lexer<'_> {
    fn step(&mut self, odd: &mut Odd) -> bool {
        let blank_end = self
            .rest
            .find(|c: char| !is_blank(c))
            .unwrap_or(self.rest.len());
        let spaced = blank_end > 0;
        self.advance(blank_end);
        let Some(first) = self.rest.chars().next() else {
            return false;
        };
        let (kind, text, length) = self
            .quoted(first, odd)
            .or_else(|| self.comment(first, odd))
            .or_else(|| self.literal(first))
            .or_else(|| special(first).map(|kind| (kind, first.to_string(), 1)))
            .unwrap_or_else(|| self.word(odd));
        self.advance(length);
        self.tokens.push(Token { kind, text, spaced });
        true
    }

    fn advance(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or("");
    }

    fn quoted(&mut self, first: char, odd: &mut Odd) -> Option<(Kind, String, usize)> {
        if first != '"' || !self.quotes_close {
            return None;
        }
        let mut content = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Some((Kind::Quoted, content, at + 1)),
                '\\' => content.extend(chars.next().map(|(_, c)| c)),
                c => content.push(c),
            }
        }
        self.quotes_close = false;
        odd.add(Irregularity::UnclosedQuote);
        None
    }

    fn comment(&mut self, first: char, odd: &mut Odd) -> Option<(Kind, String, usize)> {
        if first == ')' {
            odd.add(Irregularity::UnclosedComment);
            return None;
        }
        if first != '(' || !self.comments_close {
            return None;
        }
        let mut content = String::new();
        let mut depth = 0usize;
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            match (c, depth) {
                (_, 0) => return Some((Kind::Comment, content, at + 1)),
                ('(', 1) => {}
                ('\\', _) => content.extend(chars.next().map(|(_, c)| c)),
                (c, _) => content.push(c),
            }
        }
        self.comments_close = false;
        odd.add(Irregularity::UnclosedComment);
        None
    }

    fn literal(&self, first: char) -> Option<(Kind, String, usize)> {
        if first != '[' || self.tokens.last().map(|token| token.kind) != Some(Kind::At) {
            return None;
        }
        // RFC 5321 section 4.1.3. Anything else in brackets could hide another address.
        let inside = self.rest.get(1..)?;
        let end = inside.find(|c: char| !(c.is_ascii_alphanumeric() || ".:-".contains(c)))?;
        inside.get(end..)?.strip_prefix(']')?;
        let length = end + 2;
        Some((Kind::Literal, self.rest.get(..length)?.to_owned(), length))
    }

    fn word(&self, odd: &mut Odd) -> (Kind, String, usize) {
        let mut text = String::new();
        let mut rest = self.rest;
        while let Some(c) = rest.chars().next() {
            let length = match encoded_word::Word::at(rest) {
                Some(word) => {
                    // RFC 2047 section 5 (3). A parser that doesn't look for encoded words before it
                    // splits the field may find an address here. An `@` in readable text is common
                    // and gives it none.
                    let breaks = |c: char| "<>,;:\"()\\".contains(c) || is_blank(c);
                    if word.content.contains(breaks) {
                        odd.add(Irregularity::EncodedWordSyntax);
                    }
                    text.push_str(rest.get(..word.length).unwrap_or(""));
                    word.length
                }
                // A quoted pair outside of quotes stands for the character behind the backslash.
                None if c == '\\' => {
                    odd.add(Irregularity::QuotedPair);
                    let escaped = rest.chars().nth(1);
                    text.extend(escaped);
                    1 + escaped.map_or(0, char::len_utf8)
                }
                None if !text.is_empty() && (is_blank(c) || special(c).is_some()) => break,
                None if !text.is_empty() && matches!(c, '"' | '(' | ')') => break,
                None => {
                    text.push(c);
                    c.len_utf8()
                }
            };
            rest = rest.get(length..).unwrap_or("");
        }
        let length = self.rest.len() - rest.len();
        (Kind::Word, text, length)
    }
}

fn special(c: char) -> Option<Kind> {
    Some(match c {
        '@' => Kind::At,
        ',' => Kind::Comma,
        ':' => Kind::Colon,
        ';' => Kind::Semicolon,
        '<' => Kind::Open,
        '>' => Kind::Close,
        _ => return None,
    })
}

/// White space between tokens. Unicode's other spaces are left in the words: a client shows them.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}
