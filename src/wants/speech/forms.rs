//! The forms in which a sentence speaks as the brand (docs/content.md numbers them).

use std::ops::Range;

use crate::{brand::Brand, wants::author_name::AuthorName};

use super::{
    Speech,
    belonging::{account, locked_by},
    footer::footer,
    order::{ORDERS, order},
    sentence::{MAX_BETWEEN, Sentence},
    tables::{Hit, Role, role_bit},
};

/// How a sentence speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Said {
    pub(super) speech: Speech,
    /// It says that the reader's account is at risk, or what is wrong with his order.
    pub(super) threatens: bool,
    /// It greets the brand's customer.
    pub(super) greets: bool,
}

impl From<Speech> for Said {
    fn from(speech: Speech) -> Self {
        Self {
            speech,
            ..Self::default()
        }
    }
}

impl Said {
    /// The same sentence by another form.
    fn and(self, other: impl Into<Self>) -> Self {
        let other = other.into();
        Self {
            speech: self.speech.max(other.speech),
            threatens: self.threatens || other.threatens,
            greets: self.greets || other.greets,
        }
    }
}

/// What the reader can have with the brand.
const ACCOUNTS: u64 = role_bit(Role::Account)
    | role_bit(Role::Member)
    | role_bit(Role::YourAccount)
    | role_bit(Role::YourMember)
    | role_bit(Role::Benefit)
    | role_bit(Role::Product);
/// Whom a salutation greets.
const GREETED: u64 = role_bit(Role::Customer) | role_bit(Role::Trader);
/// Without any of these a sentence has none of the forms of a mention.
const MENTIONED: u64 = ACCOUNTS | GREETED | ORDERS | role_bit(Role::Salute);

/// How the sentence speaks.
pub(super) fn said(sentence: &Sentence<'_>, brand: &Brand, author: &AuthorName<'_>) -> Said {
    let own = brand.own_words();
    let mut said = Said::from(footer(sentence, own).max(introduction(sentence)));
    let languages = sentence.roles();
    let mentions = sentence.has_any(MENTIONED).then(|| sentence.mentions());
    for mention in mentions.into_iter().flatten() {
        for &(language, roles) in languages {
            // Most sentences lack the nouns of most forms.
            if roles & ACCOUNTS != 0 {
                said = said.and(account(sentence, own, mention, language));
            }
            if roles & GREETED != 0 || sentence.has(Role::Salute) {
                let greeting = salutation(sentence, mention, language);
                said = said.and(Said {
                    greets: greeting == Speech::Yes,
                    ..greeting.into()
                });
            }
            if roles & ORDERS != 0 || sentence.has(Role::Order) {
                said = said.and(order(sentence, own, mention, language, author));
            }
        }
    }
    said = said.and(locked_by(sentence));
    match said.speech {
        // Whoever warns of such mail quotes it.
        Speech::Yes if sentence.has(Role::Warn) => Speech::UnlessProved.into(),
        _ => said,
    }
}

/// Form 4: a salutation.
fn salutation(sentence: &Sentence<'_>, mention: &Hit, language: usize) -> Speech {
    if sentence
        .all(Role::Salute)
        .any(|hit| within(&mention.range, &hit.range))
    {
        return Speech::Yes;
    }
    let (mut end, mut start) = (mention.range.end, mention.range.start);
    if let Some(between) = sentence.behind(end, &[Role::Between], language)
        && sentence
            .behind(end, &[Role::Customer, Role::Trader], language)
            .is_none()
    {
        end = between.range.end;
    }
    let whom = [Role::Customer, Role::Trader];
    let mut greeted = sentence.behind(end, &whom, language);
    if greeted.is_none() {
        let of = [Role::Of, Role::Filler, Role::At];
        let tie = sentence
            .before(start, &of, language)
            .map_or(start, |of| of.range.start);
        greeted = sentence.before(tie, &whom, language);
        start = greeted.map_or(start, |noun| noun.range.start);
    }
    let Some(greeted) = greeted else {
        return Speech::No;
    };
    for _ in 0..MAX_BETWEEN {
        if sentence.before(start, &[Role::Dear], language).is_some() {
            // Those who sell there are greeted by others, too.
            return match greeted.role {
                Role::Trader => Speech::UnlessProved,
                _ => Speech::Yes,
            };
        }
        match sentence.before(start, &[Role::Filler, Role::Customer], language) {
            Some(word) => start = word.range.start,
            None => break,
        }
    }
    Speech::No
}

/// Form 5: the brand says who it is.
fn introduction(sentence: &Sentence<'_>) -> Speech {
    let others = |hit: &Hit| {
        let whom = [Role::Trader, Role::Customer];
        let ends = sentence
            .all(Role::Brand)
            .any(|brand| brand.range.end == hit.range.end);
        ends && sentence
            .behind(hit.range.end, &whom, hit.language)
            .is_some()
    };
    let Some(said) = sentence.all(Role::We).find(|hit| !others(hit)) else {
        return Speech::No;
    };
    let own = |hit: &Hit| hit.language == said.language && hit.range.end <= said.range.start;
    match sentence.all(Role::If).any(own) {
        true => Speech::UnlessProved,
        false => Speech::Yes,
    }
}

pub(super) fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
