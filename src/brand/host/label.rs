//! One label of a host against the brand's words.

use std::{cell::OnceCell, ops::Range};

use crate::brand::host::{
    Finding, How,
    place::{Kind, Seat},
};
use crate::{
    brand::{
        Brand, HostWord, Strength,
        lexicon::{Found, Makeup},
        name::strong_name,
    },
    mail::text::{
        confusables::{fold, is_unspaced, pair, strip},
        edit_distance::{self, EDIT},
    },
};

mod beside;
mod product;
#[cfg(test)]
mod tests;
mod typo;

/// A label in the forms that are compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Label {
    /// As written (U-label, lower case, nothing invisible), without separators.
    raw: Vec<char>,
    /// The same, folded; position by position.
    letters: Vec<char>,
    /// Which letters were written as digits.
    digit: Vec<bool>,
    /// The words between separators.
    tokens: Vec<Range<usize>>,
    /// Not all of it was ASCII.
    idn: bool,
    /// What a reader sees then.
    shown: Option<Box<str>>,
    /// Whether it reads like a suffix, worked out when it is first asked for.
    suffix: OnceCell<bool>,
    /// The listed words in it, found when they are first asked for.
    words: OnceCell<Found>,
}

/// A stretch of a label that reads like the brand's word.
#[derive(Clone, Debug)]
struct Match {
    at: Range<usize>,
    how: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// Letter by letter.
    Exact,
    /// By letters that look alike.
    Folded,
}

impl Label {
    pub(crate) fn new(ascii: &str, unicode: &str) -> Self {
        let mut label = Self {
            raw: Vec::with_capacity(unicode.len()),
            letters: Vec::with_capacity(unicode.len()),
            digit: Vec::with_capacity(unicode.len()),
            tokens: Vec::new(),
            words: OnceCell::new(),
            suffix: OnceCell::new(),
            idn: ascii.starts_with("xn--"),
            shown: ascii.starts_with("xn--").then(|| unicode.into()),
        };
        // What punycode can't decode is shown as it stands.
        let undecoded = unicode.starts_with("xn--");
        let text = match ascii.strip_prefix("xn--") {
            Some(rest) if undecoded => rest,
            _ => unicode,
        };
        let (mut start, mut unspaced) = (0, false);
        for c in strip(text) {
            if c.is_alphanumeric() {
                if is_unspaced(c) != unspaced {
                    unspaced = !unspaced;
                    label.end_token(&mut start);
                }
                label.raw.push(c);
                label.letters.push(fold(c));
                label.digit.push(c.is_ascii_digit());
                continue;
            }
            label.end_token(&mut start);
        }
        label.end_token(&mut start);
        label
    }

    fn end_token(&mut self, start: &mut usize) {
        if self.letters.len() > *start {
            self.tokens.push(*start..self.letters.len());
            *start = self.letters.len();
        }
    }

    /// The folded letters without separators.
    pub(crate) fn letters(&self) -> &[char] {
        &self.letters
    }

    fn slice(&self, at: Range<usize>) -> &[char] {
        self.letters.get(at).unwrap_or_default()
    }

    /// Whether the word stands there.
    fn stands(&self, word: &[char], start: usize) -> bool {
        // Most have another first letter.
        self.letters.get(start) == word.first() && self.slice(start..start + word.len()) == word
    }

    /// Whether a word stands there as it is written: "nle" is not "nie". Of letters beyond ASCII the folded
    /// form says enough.
    fn is_written(&self, word: &[char], start: usize) -> bool {
        let raw = self.raw.get(start..start + word.len());
        raw.is_some_and(|raw| {
            raw.iter()
                .zip(word)
                .all(|(raw, c)| raw == c || !raw.is_ascii())
        })
    }

    /// Whether what follows another word leaves it one: nothing, the "s" of many languages, or a word that is no
    /// lure. One or two letters are the end of a longer word.
    fn may_follow_other(&self, brand: &Brand, rest: Range<usize>) -> bool {
        const SHORT: usize = 2;
        match rest.len() {
            0 => true,
            1 if self.raw.get(rest.start) == Some(&'s') => true,
            1..=SHORT => false,
            _ => {
                let made = self.makeup(brand, rest);
                !(made.whole && made.lure)
            }
        }
    }

    fn makeup(&self, brand: &Brand, at: Range<usize>) -> Makeup {
        let words = || brand.lexicon().words_in(&self.letters);
        self.words.get_or_init(words).makeup(&self.digit, at)
    }

    /// Whether this label reads like a part of an official suffix: `co`, `jp`, and `ip`, `jjp` or
    /// `cco` for them.
    pub(crate) fn reads_like_suffix(&self, brand: &Brand) -> bool {
        *self.suffix.get_or_init(|| self.is_like_suffix(brand))
    }

    fn is_like_suffix(&self, brand: &Brand) -> bool {
        let Some(first) = self.tokens.first().cloned() else {
            return false;
        };
        let raw: String = self
            .raw
            .get(first.clone())
            .unwrap_or_default()
            .iter()
            .collect();
        if brand.is_suffix_label(&raw) {
            return true;
        }
        let mut single: Vec<char> = raw.chars().collect();
        single.dedup();
        let single: String = single.into_iter().collect();
        if brand.is_suffix_label(&single) || brand.is_suffix_label(&single.replacen('i', "j", 1)) {
            return true;
        }
        let made = self.makeup(brand, first);
        made.whole && made.site
    }

    /// The best way in which this label resembles the brand.
    pub(crate) fn judge<'b>(&self, brand: &'b Brand, seat: Seat<'_>) -> Option<Finding<'b>> {
        let mut best: Option<Finding<'b>> = None;
        let paired = self.paired();
        let words = brand.host_words().iter();
        let found = words.filter_map(|word| self.resembles(brand, word, seat, paired.as_ref()));
        let products = [
            self.product(brand, seat),
            paired
                .as_ref()
                .and_then(|paired| paired.product(brand, seat)),
        ];
        for finding in found.chain(products.into_iter().flatten()) {
            best = Some(finding.better(best.take()));
        }
        // As in a name that people read: in other scripts, drawn by signs, turned upside down.
        if self
            .shown
            .as_ref()
            .is_some_and(|shown| strong_name(brand, shown).is_some())
        {
            best = Some(Finding::new(How::Idn, Strength::Strong).better(best.take()));
        }
        if seat.registrable
            && seat.kind == Kind::Registry
            && let Some(entry) = brand.misspelt(&self.letters)
        {
            let finding = Finding {
                how: How::OfficialMisspelt,
                strength: Strength::Strong,
                resembles: Some(entry),
            };
            best = Some(finding.better(best.take()));
        }
        best
    }

    /// What the label is made of beside the match.
    fn rest(&self, brand: &Brand, token: &Range<usize>, at: &Range<usize>) -> Makeup {
        let made = self
            .makeup(brand, token.start..at.start)
            .and(self.makeup(brand, at.end..token.end));
        made.and(self.beside(brand, token))
    }

    /// What the other tokens of the label are made of.
    fn beside(&self, brand: &Brand, token: &Range<usize>) -> Makeup {
        let nothing = Makeup {
            whole: true,
            ..Makeup::default()
        };
        self.tokens
            .iter()
            .filter(|other| *other != token)
            .fold(nothing, |made, other| {
                made.and(self.makeup(brand, other.clone()))
            })
    }

    /// `paired`: the label with letter pairs read as single letters.
    fn resembles<'b>(
        &self,
        brand: &Brand,
        word: &HostWord,
        seat: Seat<'_>,
        paired: Option<&Self>,
    ) -> Option<Finding<'b>> {
        let mut best: Option<Finding<'b>> = None;
        let mut keep = |finding: Option<Finding<'b>>| {
            if let Some(finding) = finding {
                best = Some(finding.better(best.take()));
            }
        };
        let mut is_spelled = false;
        for token in &self.tokens {
            let spelled = self.spelled(brand, word, token);
            // Where it is a part of another word, the letters before that make no slip of it either.
            let is_none = spelled.is_empty();
            let found = spelled
                .into_iter()
                .filter(|found| !self.means_other(brand, word, token, &found.at))
                .collect::<Vec<_>>();
            for found in &found {
                keep(self.finding(brand, word, seat, token, found));
            }
            is_spelled |= !found.is_empty();
            if is_none && word.typos {
                keep(self.misspelt(brand, word, seat, token));
            }
        }
        if self.tokens.len() > 1 {
            if self.apart(word) {
                keep(Some(Finding::new(How::SpelledApart, Strength::Strong)));
            }
            if word.typos && edit_distance::cost(&word.letters, &self.letters) <= EDIT {
                keep(Some(Finding::new(How::Typo, Strength::Weak)));
            }
        }
        // A pair elsewhere ("cl" of "clothing") says nothing of a name that stands there as it is.
        if word.typos
            && !is_spelled
            && let Some(paired) = paired
        {
            for token in &paired.tokens {
                keep(paired.misspelt(brand, word, seat, token));
            }
        }
        best
    }

    /// Every stretch of the token that spells the word, by its letters or by look-alikes.
    fn spelled(&self, brand: &Brand, word: &HostWord, token: &Range<usize>) -> Vec<Match> {
        let letters = self.slice(token.clone());
        let size = word.letters.len();
        let mut matches: Vec<Match> = letters
            .windows(size)
            .enumerate()
            .filter(|(_, window)| {
                window.first() == word.letters.first() && *window == word.letters.as_slice()
            })
            .map(|(at, _)| {
                let at = token.start + at..token.start + at + size;
                let raw = self.raw.get(at.clone()).unwrap_or_default();
                let exact = raw.iter().copied().eq(word.text.chars()) && !self.idn;
                Match {
                    at,
                    how: if exact {
                        Reading::Exact
                    } else {
                        Reading::Folded
                    },
                }
            })
            .collect();
        if matches.is_empty() {
            matches.extend(self.spelled_in_pairs(brand, word, token));
        }
        matches
    }

    /// The word with letter pairs for single letters, where the token or a listed word begins or ends:
    /// elsewhere pairs fall together by chance.
    fn spelled_in_pairs(
        &self,
        brand: &Brand,
        word: &HostWord,
        token: &Range<usize>,
    ) -> Option<Match> {
        (token.start..token.end).find_map(|start| {
            let mut at = start;
            let mut pairs = 0;
            for &wanted in &word.letters {
                let here = self.letters.get(at).copied();
                let next = self.letters.get(at + 1).copied();
                if here == Some(wanted) {
                    at += 1;
                } else if here
                    .zip(next)
                    .is_some_and(|(a, b)| looks_like(a, b) == Some(wanted))
                {
                    at += 2;
                    pairs += 1;
                } else if wanted == 'm' && self.slice(at..at + 3) == STROKES {
                    at += 3;
                    pairs += 1;
                } else {
                    return None;
                }
            }
            let fits = at <= token.end
                && pairs > 0
                && (at == token.end || self.makeup(brand, token.start..start).whole);
            fits.then_some(Match {
                at: start..at,
                how: Reading::Folded,
            })
        })
    }

    /// Whether the match is a part of a word that means something else.
    fn means_other(
        &self,
        brand: &Brand,
        word: &HostWord,
        token: &Range<usize>,
        at: &Range<usize>,
    ) -> bool {
        // A word that begins before the match has it only from the beginning of the token: "your" and
        // the brand, glued, hold words of the list by chance.
        let covers = |other: &[char], written: &[char]| {
            [token.start, at.start].iter().any(|&start| {
                let end = start + other.len();
                (at.end..=token.end).contains(&end)
                    && self.stands(other, start)
                    && self.is_written(written, start)
                    && self.may_follow_other(brand, end..token.end)
            })
        };
        // A word that runs out of the match ("zone") has the better claim to these letters where
        // nothing says that the match begins there.
        let runs_out = |other: &[char]| {
            !other.starts_with(&word.letters)
                && (at.start + 1..at.end).any(|start| {
                    start + other.len() > at.end
                        && start + other.len() <= token.end
                        && self.stands(other, start)
                })
        };
        let others = brand.lexicon().others();
        // Known words behind the match leave the other word no letters of its own: the brand and
        // "italy", not a stone and "aly". Another word that ends there is itself, but behind a lure.
        let before = self.makeup(brand, token.start..at.start);
        let begins = !(before.lure || before.site);
        let is_other = || {
            let rest = self.slice(at.start..token.end);
            begins && others.iter().any(|other| rest == other.as_slice())
        };
        let words_follow =
            at.end < token.end && self.makeup(brand, at.end..token.end).whole && !is_other();
        if words_follow {
            return false;
        }
        let mut written = brand.lexicon().written_others();
        written.any(|(other, written)| other.len() >= at.len() && covers(other, written))
            || (at.start > token.start
                && others.iter().any(|other| runs_out(other))
                && !before.whole)
    }

    /// What a match amounts to, from what surrounds it.
    fn finding<'b>(
        &self,
        brand: &Brand,
        word: &HostWord,
        seat: Seat<'_>,
        token: &Range<usize>,
        found: &Match,
    ) -> Option<Finding<'b>> {
        let disguised = if self.idn { How::Idn } else { How::Homoglyph };
        if found.how == Reading::Folded {
            return Some(Finding::new(disguised, Strength::Strong));
        }
        let beside = self.letters.len() - found.at.len();
        if beside == 0 || self.repeats(&word.letters) {
            return Some(match seat.kind {
                Kind::Tenant => Finding::new(How::Tenant, Strength::Weak),
                Kind::FreeHosting | Kind::DynamicDns => {
                    Finding::new(How::FreeHosting, Strength::Strong)
                }
                Kind::Registry if seat.registrable => Finding::new(How::TldSwap, Strength::Strong),
                Kind::Registry | Kind::Customer => Finding::new(How::BrandLabel, Strength::Strong),
            });
        }
        let rest = self.rest(brand, token, &self.with_plural(token, &found.at));
        if rest.neighbour && !rest.lure {
            return None;
        }
        if seat.kind == Kind::Tenant {
            return Some(Finding::new(How::Tenant, Strength::Weak));
        }
        if beside == 1 && word.typos {
            return Some(Finding::new(How::Typo, Strength::Strong));
        }
        Some(if rest.lure {
            Finding::new(How::Combosquat, Strength::Strong)
        } else if rest.whole && rest.site {
            Finding::new(How::ImitatedAddress, Strength::Strong)
        } else {
            let letters = word
                .typos
                .then(|| self.among_letters(brand, seat, token, &found.at));
            let weak = Finding::new(How::GluedWords, Strength::Weak);
            letters.flatten().unwrap_or(weak)
        })
    }

    /// The match with an s of the plural or the genitive, where the word is longer than that.
    fn with_plural(&self, token: &Range<usize>, at: &Range<usize>) -> Range<usize> {
        let plural = at.end + 1 == token.end && self.letters.get(at.end) == Some(&'s');
        at.start..at.end + usize::from(plural)
    }

    /// The word cut by separators: some run of whole tokens spells it.
    fn apart(&self, word: &HostWord) -> bool {
        (0..self.tokens.len()).any(|first| {
            let start = self.tokens.get(first).map_or(0, |token| token.start);
            self.tokens
                .iter()
                .skip(first + 1)
                .any(|last| self.slice(start..last.end) == word.letters.as_slice())
        })
    }
}

/// An m drawn by its strokes: ivl, folded.
const STROKES: [char; 3] = ['l', 'v', 'l'];

/// Pairs in host names: those of names, and those that small type makes an m.
fn looks_like(first: char, second: char) -> Option<char> {
    match (first, second) {
        // i is folded to l.
        ('l', 'n') | ('n' | 'r', 'r') => Some('m'),
        (first, second) => pair(first, second),
    }
}
