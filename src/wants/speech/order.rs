//! Form 6: the reader's order, with its number or with what is wrong with it.

use crate::{brand::OwnWords, wants::author_name::AuthorName};

use super::{
    Speech,
    belonging::is_said_to_be_yours,
    forms::Said,
    sentence::{MAX_BETWEEN, Sentence},
    tables::{Hit, Role, role_bit},
};

/// Octets behind the sentence in which an order's number counts.
const NUMBER_REACH: usize = 80;

/// What he bought.
pub(super) const ORDERS: u64 =
    role_bit(Role::Order) | role_bit(Role::YourOrder) | role_bit(Role::Purchase);

/// Form 6: the reader's order, with its number or with what is wrong with it.
pub(super) fn order(
    sentence: &Sentence<'_>,
    own: &OwnWords,
    mention: &Hit,
    language: usize,
    author: &AuthorName<'_>,
) -> Said {
    if mention.role != Role::Brand || !is_order(sentence, mention, language) {
        return Said::default();
    }
    if sentence.has(Role::Problem) || sentence.has(Role::Declined) {
        return Said {
            speech: Speech::Yes,
            threatens: true,
            ..Said::default()
        };
    }
    let to = (sentence.range.end + NUMBER_REACH).min(sentence.text.len());
    let near = sentence.between(sentence.range.start, sentence.text.floor_char_boundary(to));
    if !has_number(near, &own.order_numbers) {
        return Said::default();
    }
    match sentence.has(Role::Sold) && author.named_in(sentence.shown()) {
        true => Speech::UnlessProved.into(),
        false => Speech::Yes.into(),
    }
}

/// Whether the mention belongs to an order of the reader's.
pub(super) fn is_order(sentence: &Sentence<'_>, mention: &Hit, language: usize) -> bool {
    if !sentence.has_any(ORDERS) {
        return false;
    }
    let nouns = [Role::Order, Role::YourOrder, Role::Purchase];
    let mut end = mention.range.end;
    for _ in 0..=MAX_BETWEEN {
        if let Some(noun) = sentence.behind(end, &nouns, language) {
            return noun.role == Role::YourOrder
                || is_said_to_be_yours(sentence, mention.range.start, language);
        }
        let roles = [Role::Between, Role::Product, Role::At, Role::Of];
        match sentence.behind(end, &roles, language) {
            Some(between) => end = between.range.end,
            None => break,
        }
    }
    if opens(sentence, mention) {
        return true;
    }
    // A purchase "at" the brand is what banks write.
    let tight = sentence.before(mention.range.start, &[Role::Of], language);
    let loose = sentence.before(mention.range.start, &[Role::At], language);
    let tie = tight
        .or(loose)
        .map_or(mention.range.start, |tie| tie.range.start);
    let nouns: &[Role] = match loose.is_some() {
        true => &[Role::Order, Role::YourOrder],
        false => &nouns,
    };
    sentence.before(tie, nouns, language).is_some_and(|noun| {
        noun.role == Role::YourOrder || is_said_to_be_yours(sentence, noun.range.start, language)
    })
}

/// Whether the brand opens the sentence and a colon hands over to the reader's order ("X: confirmation of
/// your order").
fn opens(sentence: &Sentence<'_>, mention: &Hit) -> bool {
    let before = sentence.between(sentence.range.start, mention.range.start);
    let behind = sentence.between(mention.range.end, sentence.range.end);
    let leads = !before.contains(char::is_alphanumeric) && behind.trim_start().starts_with(':');
    leads
        && sentence
            .all(Role::Order)
            .any(|noun| is_said_to_be_yours(sentence, noun.range.start, noun.language))
}

/// Whether a number of an order's form stands in text of the normal form, in which hyphens are blanks,
/// or one of about as many digits in as many groups.
fn has_number(text: &str, forms: &[Vec<usize>]) -> bool {
    const SLACK: usize = 3;
    let mut groups: Vec<usize> = Vec::new();
    let fits = |groups: &mut Vec<usize>| {
        let groups = std::mem::take(groups);
        let digits: usize = groups.iter().sum();
        let count = groups.len();
        forms.iter().any(|form| {
            let wanted: usize = form.iter().sum();
            (count == form.len() && digits.abs_diff(wanted) <= SLACK)
                || (count == 1 && digits == wanted)
                // Another number may follow it.
                || groups.windows(form.len()).any(|window| window == form)
        })
    };
    for line in text.lines() {
        for word in line.split(' ') {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            let number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
            if number {
                groups.push(word.len());
            }
            if !number && fits(&mut groups) {
                return true;
            }
        }
        // A line may hold nothing but the number.
        if fits(&mut groups) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_an_orders_by_its_groups() {
        let forms = [vec![3, 7, 7]];
        for (text, expected) in [
            ("112 2938475 5647382", true),
            ("order 112 2938475 5647382 of today", true),
            ("order (112 2938475 5647382).", true),
            ("order\n112 2938475 5647382\nof today", true),
            // Another number beside it.
            ("2026 112 2938475 5647382", true),
            ("112 2938475 5647382 2026", true),
            ("2026 112 2938475", true),
            // A few digits more or less in as many groups.
            ("1122 29384755 56473822", true),
            ("1122 29384755 564738222", false),
            ("11 293847 564738", true),
            ("11 293847 56473", false),
            // In one group so many exactly.
            ("11229384755647382", true),
            ("1122938475564738", false),
            ("112293847556473822", false),
            ("112 2938475", false),
            ("112 2938475\n5647382", false),
            ("112 x 2938475 5647382", false),
            ("112 2938475 564738a", false),
            ("", false),
            ("order", false),
        ] {
            assert_eq!(has_number(text, &forms), expected, "{text}");
        }
        assert!(has_number("12 34", &[vec![3, 7, 7], vec![2, 2]]));
        assert!(!has_number("112 2938475 5647382", &[]));
    }
}
