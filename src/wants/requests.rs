//! What a text asks for, sentence by sentence.
//!
//! A request is a word that asks ("please confirm your ...") with what it asks for near it. Neither
//! alone is one, and a warning never to give it is the opposite.

mod sentence;

use crate::{
    mail::text::normalise::normal,
    wants::{
        disguise,
        names::Placed,
        phrases::{Category, Hit, Role, Tables, Threat},
        sentences::sentences,
    },
};
use sentence::Sentence;
use std::ops::Range;

/// What was found in a text.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    /// What is asked for, and the sentences that ask for it. One may name the brand where another doesn't.
    pub(crate) asked: Vec<(Category, Range<usize>)>,
    /// What sentences say about an account, and where in the text they stand.
    pub(crate) threats: Vec<(Threat, Range<usize>)>,
    /// The sentences that offer a prize.
    pub(crate) prizes: Vec<Range<usize>>,
    /// Those that may.
    pub(crate) hints: Vec<Range<usize>>,
    /// The words that ask to call, and where a reason to do so stands.
    pub(crate) calls: Vec<Range<usize>>,
    pub(crate) alarms: Vec<usize>,
    pub(crate) worries: Vec<usize>,
    /// A team is named whose call is bait. Where it is: a call is announced, and something, anything, is
    /// asked of the reader.
    pub(crate) team: bool,
    pub(crate) will_call: bool,
    pub(crate) asks: bool,
}

/// A text as a person sees it in the form that everything here reads: in normal form, disguises undone.
pub(crate) fn readable(text: &str) -> String {
    disguise::undone(normal(text))
}

/// The same of a text of which more is asked.
pub(crate) fn readable_of(placed: &Placed<'_>) -> String {
    disguise::undone(placed.normal().to_owned())
}

/// Reads a text in that form: its sentences that hold a telling phrase. Where it names a team all are
/// read, since its call may be announced in any.
pub(crate) fn read(text: &str) -> Requests {
    let tables = Tables::embedded();
    let mut found = Requests::default();
    let mut telling = tables.find_telling(text).peekable();
    if telling.peek().is_none() {
        return found;
    }
    let telling: Vec<Hit> = telling.collect();
    let all = telling.iter().any(|hit| hit.role == Role::Team);
    let mut places = telling.iter().map(|hit| hit.range.start).peekable();
    for range in sentences(text) {
        let mut is_read = all;
        while places.next_if(|place| *place < range.end).is_some() {
            is_read = true;
        }
        if is_read {
            Sentence::new(tables, text, range).judge(tables, &mut found);
        }
        if !all && places.peek().is_none() {
            break;
        }
    }
    found
}

/// Whether a sentence of a text in normal form warns.
pub(crate) fn warns(text: &str) -> bool {
    let tables = Tables::embedded();
    sentences(text).any(|range| Sentence::new(tables, text, range).warns())
}

/// What the labels of an input field name.
pub(crate) fn field(labels: &str) -> Option<Category> {
    let hits = Tables::embedded().find(labels, 0..labels.len());
    let objects = hits.filter_map(|hit| match hit.role {
        Role::Object(category) => Some((hit.range, category)),
        _ => None,
    });
    let first = objects.min_by_key(|(range, _)| (range.end, range.start));
    first.map(|(_, category)| category)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::text::normalise::normal;
    use crate::wants::phone_number;
    use proptest::{collection::vec, prelude::*, sample::select};

    fn all_sentences(text: &str) -> Requests {
        let tables = Tables::embedded();
        let mut found = Requests::default();
        for range in sentences(text) {
            Sentence::new(tables, text, range).judge(tables, &mut found);
        }
        found
    }

    fn texts() -> impl Strategy<Value = String> {
        let bits = vec![
            "please confirm",
            "enter",
            "your password",
            "card number",
            "never",
            "not",
            "if",
            "we",
            "the minutes",
            "call us at",
            "+1 888 555 0123",
            "did not authorise",
            "cancel",
            "account health",
            "will call you",
            "enter password",
            "geben sie",
            "ihr kontopasswort",
            "wir",
            "パスワードを入力してください",
            "密码",
            "your account",
            "within 24 hours",
            "is locked",
            "was charged",
            "must be confirmed",
            "one time code",
            "tell us",
            "gift card",
            "win",
            "free",
            "a pint",
            ":\n\n",
            ".",
            ". ",
            "\n\n",
            "? ",
            "。",
            ", ",
            "; ",
            "lorem ipsum dolor sit amet consectetur adipiscing",
        ];
        vec(select(bits), 1..60).prop_map(|bits| normal(&bits.join(" ")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]

        #[test]
        fn what_tells_nothing_need_not_be_read(text in texts(), strong in any::<bool>()) {
            let (some, all) = (read(&text), all_sentences(&text));
            prop_assert_eq!(&some.asked, &all.asked);
            prop_assert_eq!(&some.threats, &all.threats);
            prop_assert_eq!(&some.prizes, &all.prizes);
            let call = |found| phone_number::find(&text, found, strong, &[]);
            prop_assert_eq!(call(&some), call(&all));
        }
    }
}
