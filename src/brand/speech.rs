//! What of the brand's own shows that a text speaks as the brand: its products, its footers, the form of
//! its order numbers.

use std::ops::Range;

use aho_corasick::{AhoCorasick, packed};
use serde::Deserialize;

use crate::mail::text::normalise::normal;

/// Groups of digits that an order number has at most.
const MAX_GROUPS: usize = 6;
/// Digits of a group.
const MAX_DIGITS: usize = 16;

/// The brand's own words, in the [normal form](crate::mail::text::normalise).
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnWords {
    /// Have accounts, customers and departments of their own.
    pub(crate) products: Vec<String>,
    /// Are memberships: "your X membership" is one of the brand's.
    pub(crate) memberships: Vec<String>,
    /// Stand between the brand and what the reader has with it.
    pub(crate) between: Vec<String>,
    /// Registered addresses and numbers.
    pub(crate) footers: Vec<String>,
    /// Stand behind the brand in credits of pictures.
    pub(crate) credits: Vec<String>,
    /// The digits of each group of an order number.
    pub(crate) order_numbers: Vec<Vec<usize>>,
    /// Finds products and footers, in this order.
    mentions: Option<AhoCorasick>,
    /// Tells faster whether there is any of them: most texts have none. Not every processor can.
    any: Option<packed::Searcher>,
}

/// Where a product or a footer stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnMention {
    pub(crate) range: Range<usize>,
    pub(crate) is_product: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawOwnWords {
    products: Vec<String>,
    memberships: Vec<String>,
    between: Vec<String>,
    footers: Vec<String>,
    credits: Vec<String>,
    order_numbers: Vec<String>,
}

impl OwnWords {
    /// `wrong(where, what stands there, what would be right)` hears of every mistake.
    pub(super) fn read(raw: &RawOwnWords, mut wrong: impl FnMut(&str, &str, &str)) -> Self {
        let mut words = |at: &str, list: &[String]| -> Vec<String> {
            let mut words = Vec::with_capacity(list.len());
            for word in list {
                match normal(word) {
                    empty if empty.is_empty() => wrong(at, word, "a word, or some"),
                    word => words.push(word),
                }
            }
            words
        };
        let mut own = Self {
            products: words("speech.products", &raw.products),
            memberships: words("speech.memberships", &raw.memberships),
            between: words("speech.between", &raw.between),
            footers: words("speech.footers", &raw.footers),
            credits: words("speech.credits", &raw.credits),
            order_numbers: Vec::new(),
            mentions: None,
            any: None,
        };
        own.any = packed::Searcher::new(own.products.iter().chain(&own.footers));
        match AhoCorasick::new(own.products.iter().chain(&own.footers)) {
            Ok(finder) => own.mentions = Some(finder),
            Err(error) => wrong(
                "speech.products",
                &error.to_string(),
                "fewer or shorter words",
            ),
        }
        for form in &raw.order_numbers {
            match groups(form) {
                Some(groups) => own.order_numbers.push(groups),
                None => wrong(
                    "speech.order_numbers",
                    form,
                    "how many digits each group has, such as \"3-7-7\"",
                ),
            }
        }
        own
    }

    /// The products and footers in a text in normal form, overlapping ones too, by where they end. They may
    /// stand within words.
    pub(crate) fn mentions<'t>(&'t self, text: &'t str) -> impl Iterator<Item = OwnMention> + 't {
        let finder = self.mentions.iter().filter(|_| self.are_mentioned(text));
        let found = finder.flat_map(move |finder| finder.find_overlapping_iter(text));
        found.map(|found| OwnMention {
            range: found.range(),
            is_product: found.pattern().as_usize() < self.products.len(),
        })
    }

    /// Whether there is any of them.
    pub(crate) fn are_mentioned(&self, text: &str) -> bool {
        match &self.any {
            Some(any) => any.find(text).is_some(),
            None => self.mentions.iter().any(|finder| finder.is_match(text)),
        }
    }

    /// Whether `text` holds a number of an order's form, its groups parted by hyphens.
    pub(crate) fn has_order_number(&self, text: &str) -> bool {
        // Without a hyphen there is none, and most texts have few.
        memchr::memchr(b'-', text.as_bytes()).is_some()
            && text
                .split(|c: char| !(c.is_ascii_digit() || c == '-'))
                .any(|word| self.order_numbers.iter().any(|form| has_form(word, form)))
    }
}

/// `3-7-7` as numbers.
fn groups(form: &str) -> Option<Vec<usize>> {
    let digits = |group: &str| group.parse::<usize>().ok();
    let groups: Vec<usize> = form.split('-').map(digits).collect::<Option<_>>()?;
    let right = (2..=MAX_GROUPS).contains(&groups.len())
        && groups
            .iter()
            .all(|digits| (1..=MAX_DIGITS).contains(digits));
    right.then_some(groups)
}

fn has_form(word: &str, form: &[usize]) -> bool {
    let mut groups = word.split('-').map(str::len);
    form.iter().all(|digits| groups.next() == Some(*digits)) && groups.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};

    #[test]
    fn only_the_form_of_an_order_number_is_one() {
        let own = OwnWords {
            order_numbers: vec![vec![3, 7, 7]],
            ..OwnWords::default()
        };
        assert!(own.has_order_number("#302-1234567-7654321."));
        for text in [
            "302-1234567",
            "1302-1234567-7654321",
            "2026-11-22",
            "302-1234567-7654321-1",
            "",
        ] {
            assert!(!own.has_order_number(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_mentioned_is_found_either_way(
            bits in vec(select(vec!["rain", " ", "club", "umbrella", "12", "street", "é", "x"]), 0..20),
        ) {
            let text = bits.concat();
            let raw = RawOwnWords {
                products: vec!["Rain Club".into(), "Umbrella".into(), "é".into()],
                footers: vec!["12 Umbrella Street".into()],
                ..RawOwnWords::default()
            };
            let own = OwnWords::read(&raw, |at, found, _| panic!("{at}: {found}"));
            let all = own.products.iter().chain(&own.footers);
            let found = all.map(|words| text.matches(words.as_str()).count()).sum::<usize>();
            prop_assert_eq!(own.mentions(&text).count(), found);
            prop_assert_eq!(own.are_mentioned(&text), found > 0);
        }
    }

    #[test]
    fn mistakes_are_reported() {
        let raw = RawOwnWords {
            products: vec!["Umbrella".into(), " \u{200B}".into()],
            order_numbers: vec!["3-7-7".into(), "7".into(), "3-x".into(), "3-0-99".into()],
            ..RawOwnWords::default()
        };
        let mut mistakes = Vec::new();
        let own = OwnWords::read(&raw, |at, found, _| {
            mistakes.push(format!("{at}: {found}"));
        });
        assert_eq!(own.products, ["umbrella"]);
        assert_eq!(own.order_numbers, [[3, 7, 7]]);
        let wanted = [
            "speech.products:  \u{200B}",
            "speech.order_numbers: 7",
            "speech.order_numbers: 3-x",
            "speech.order_numbers: 3-0-99",
        ];
        assert_eq!(mistakes, wanted);
    }
}
