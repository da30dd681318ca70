//! Form 3: the owner's footer.

use crate::brand::OwnWords;

use super::{
    Speech,
    sentence::Sentence,
    tables::{Hit, Role},
};

/// Octets between a picture's source and its copyright.
const NEAR: usize = 60;

/// Form 3: the owner's footer.
pub(super) fn footer(sentence: &Sentence<'_>, own: &OwnWords) -> Speech {
    for copyright in sentence.all(Role::Copyright) {
        let owner = sentence
            .all(Role::Brand)
            .find(|brand| brand.range.start >= copyright.range.end);
        let Some(owner) = owner else {
            continue;
        };
        let between = sentence.between(copyright.range.end, owner.range.start);
        let years = |c: char| c.is_ascii_digit() || !c.is_alphanumeric();
        let by = between
            .replace("by", "")
            .replace("(c)", "")
            .replace("copyright", "");
        let before = sentence.between(sentence.range.start, copyright.range.start);
        let pictured = sentence
            .all(Role::Credit)
            .any(|hit| hit.range.end <= copyright.range.start)
            && before.len() < NEAR;
        if by.chars().all(years)
            && between.len() <= 40
            && !pictured
            && !is_credit(sentence, own, owner)
        {
            return Speech::Yes;
        }
    }
    let leads = sentence.all(Role::Brand).next().is_some_and(|owner| {
        let before = sentence.between(sentence.range.start, owner.range.start);
        let behind = sentence.between(owner.range.end, sentence.range.end);
        let sign = behind.find("copyright").unwrap_or(usize::MAX);
        before.trim().is_empty() && sign <= 12
    });
    let denied = sentence.has(Role::Denial);
    let affiliates = sentence.all(Role::Affiliates).any(|hit| {
        sentence.all(Role::Brand).any(|brand| {
            brand.range.end <= hit.range.start && hit.range.start - brand.range.end <= 24
        })
    });
    if leads || affiliates && !denied {
        return Speech::Yes;
    }
    match sentence.gives_address && !denied {
        // Who keeps data there, or bills it, gives the address as well.
        true if sentence.has(Role::Host) => Speech::UnlessProved,
        true => Speech::Yes,
        false => Speech::No,
    }
}

fn is_credit(sentence: &Sentence<'_>, own: &OwnWords, owner: &Hit) -> bool {
    let behind = sentence
        .between(owner.range.end, sentence.range.end)
        .trim_start();
    own.credits
        .iter()
        .any(|credit| behind.starts_with(credit.as_str()))
}
