//! Form 2: a line of the brand with a department of it.

use std::ops::Range;

use crate::{brand::OwnWords, mail::text::normalise::normal, wants::author_name::AuthorName};

use super::{
    Speech,
    sentence::Sentence,
    tables::{ANY, BRAND, Role},
};

/// Octets of a line that signs.
const MAX_LINE: usize = 160;
/// Words of it beside the brand and its department.
const MAX_OTHERS: usize = 8;

/// What parts of a signature are set off by, hyphens with blanks around them as well.
const MARKS: [char; 9] = [',', '|', '·', '•', '/', ';', '–', '—', '\u{FF5C}'];

/// How strongly one line of marked text speaks.
pub(super) fn speech(line: &str, own: &OwnWords, author: &AuthorName<'_>) -> Speech {
    if line.len() > MAX_LINE {
        return Speech::No;
    }
    let line = line.replace(" - ", "|");
    let parts: Vec<String> = line.split(MARKS).map(normal).collect();
    let words: usize = parts.iter().map(|part| part.split(' ').count()).sum();
    let signs = parts.iter().any(|part| signs(part, own));
    if !signs || words > MAX_OTHERS + MAX_OTHERS {
        return Speech::No;
    }
    // A sentence with commas is no signature.
    let long = parts
        .iter()
        .any(|part| part.split(' ').count() > MAX_OTHERS);
    match long {
        true => Speech::No,
        false if author.named_in(&line) => Speech::UnlessProved,
        false => Speech::Yes,
    }
}

/// Whether a text of several lines begins with one that is nothing but the brand, as a letter of its own would:
/// the picture of its logo says no more.
pub(super) fn has_letterhead(marked: &str, own: &OwnWords) -> bool {
    let mut lines = marked.split('\n').map(str::trim);
    let is_said = |line: &&str| line.contains(|c: char| c == BRAND || c.is_alphanumeric());
    let Some(first) = lines.find(is_said) else {
        return false;
    };
    let is_head = || {
        let line = normal(first);
        let sentence = Sentence::new(own, &line, 0..line.len());
        let behind = [Role::Brand, Role::Product, Role::Between];
        let mut at = line.find(BRAND).unwrap_or(line.len());
        let before = sentence.between(0, at);
        while let Some(word) = sentence.behind(at, &behind, ANY) {
            at = word.range.end;
        }
        let left = sentence.between(at, line.len());
        !before.contains(char::is_alphanumeric) && !left.contains(char::is_alphanumeric)
    };
    first.len() <= MAX_LINE
        && first.contains(BRAND)
        && is_head()
        && lines.any(|line| is_said(&line))
}

/// Whether a part of a line is nothing but the brand and a department, perhaps with where it is.
fn signs(part: &str, own: &OwnWords) -> bool {
    let product = || own.mentions(part).any(|mention| mention.is_product);
    if !part.contains(BRAND) && !product() {
        return false;
    }
    let sentence = Sentence::new(own, part, 0..part.len());
    let named = sentence.has(Role::Brand) || sentence.has(Role::Product);
    if !named || !sentence.has(Role::Department) {
        return false;
    }
    let mut languages = sentence.languages().chain([ANY]);
    languages.any(|language| covers(&sentence, language))
}

/// Whether words of this language, the brand's and those of a signature take all of it.
fn covers(sentence: &Sentence<'_>, language: usize) -> bool {
    const SIGNING: [Role; 9] = [
        Role::Brand,
        Role::Product,
        Role::Department,
        Role::Between,
        Role::Filler,
        Role::Of,
        Role::Your,
        Role::SignOff,
        Role::Account,
    ];
    let (mut at, mut brand, mut department) = (sentence.range.start, false, false);
    let mut rest: Range<usize> = at..sentence.range.end;
    while let Some(word) = sentence.behind(at, &SIGNING, language) {
        // Of words as long as each other the department counts.
        let same = |role| {
            let found = sentence.behind(at, &[role], language);
            found.is_some_and(|found| found.range == word.range)
        };
        brand |= same(Role::Brand) || same(Role::Product);
        department |= same(Role::Department);
        at = word.range.end;
        rest.start = at;
    }
    // "Support for X sellers" is somebody else's.
    if sentence.all(Role::Trader).any(|hit| hit.range.end == at) {
        return false;
    }
    let left = sentence.between(rest.start, rest.end);
    let left = left.trim_matches(|c: char| !c.is_alphanumeric());
    if !(brand && department) {
        return false;
    }
    // "X team at Quayline" signs as well.
    let placed = sentence.behind(rest.start, &[Role::At], language).is_some()
        && left.split(' ').count() <= 4;
    left.is_empty() || placed
}
