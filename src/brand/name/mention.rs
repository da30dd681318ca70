//! The brand, or a product of it, named in a text that people read.

use std::{cell::LazyCell, ops::Range};

use crate::brand::{Strength, name::text::Text};
use crate::{
    brand::{
        Brand, HostWord, Name, NameStrength,
        lexicon::{Kind, Makeup},
    },
    mail::text::edit_distance,
};

/// The brand, or a product of it, found in a display name or a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The listed name that was found.
    pub name: String,
    pub strength: Strength,
    /// Written plainly: no disguise, no misspelling.
    pub exact: bool,
    /// A lure word stands beside it, or is glued to it.
    pub lured: bool,
    /// The first word of the mention, counted from 0.
    pub start_word: usize,
    /// How many words it takes.
    pub words: usize,
    /// How many words the text has.
    pub word_count: usize,
}

/// Names shorter than this are compared as whole words only: inside others they stand by chance.
const GLUED: usize = 5;

/// Finds the brand, or a product of it, in a display name or a subject: the strongest mention, and
/// of equally strong ones the first.
///
/// Whole words and runs of words are compared, so that other words with the same letters in them are
/// none. Takes time linear in the text; of a text longer than 4,096 letters the beginning counts.
pub fn mention(brand: &Brand, text: &str) -> Option<Mention> {
    // Most texts name nobody, which shows at once.
    if !brand.may_be_named_in(text) {
        return None;
    }
    look_closely(brand, text, true)
}

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Writing {
    Plain,
    /// In disguise, or misspelt.
    Disguised,
}

/// How the strong name is written that [`mention`] finds. What lures beside it takes longer to find than
/// the name itself, and is not looked for without need.
pub(crate) fn strong_name(brand: &Brand, text: &str) -> Option<Writing> {
    if !brand.may_be_named_in(text) {
        return None;
    }
    let found = look_closely(brand, text, false)?;
    (found.strength == Strength::Strong).then_some(match found.exact {
        true => Writing::Plain,
        false => Writing::Disguised,
    })
}

/// The same as [`mention`], whatever the [prefilter](crate::brand::prefilter::Prefilter) says. `beside`: whether [`Mention::lured`]
/// is asked for.
pub(crate) fn look_closely(brand: &Brand, text: &str, beside: bool) -> Option<Mention> {
    let found = mention_in(brand, Text::new(text, false), beside);
    // Right-to-left override shows the letters in reverse (UAX 9, X5).
    if found.is_none() && text.contains('\u{202E}') {
        let reversed: String = text.chars().rev().collect();
        return mention_in(brand, Text::new(&reversed, true), beside);
    }
    found
}

fn mention_in(brand: &Brand, mut text: Text, beside: bool) -> Option<Mention> {
    text.mark_foreign(brand);
    let is = |word: Option<usize>, test: fn(&Makeup) -> bool| {
        let word = word.and_then(|word| text.words().get(word));
        let made = word.map(|word| text.makeup(brand, word.clone()));
        made.is_some_and(|made| made.whole && test(&made))
    };
    let lures = |word: &usize| is(Some(*word), |made| made.lure);
    let first_lure = LazyCell::new(|| (0..text.words().len()).find(lures));
    let last_lure = LazyCell::new(|| (0..text.words().len()).rfind(lures));
    let mut best: Option<Mention> = None;
    for found in occurrences(brand, &text, beside) {
        let first = text.word_of(found.at.start);
        // A strong name is not outdone by any behind its own words.
        let done = |best: &Mention| best.strength == Strength::Strong && first > best.start_word;
        if best.as_ref().is_some_and(done) {
            break;
        }
        let last = text.word_of(found.at.end.saturating_sub(1));
        // The name's own words lure nobody.
        let lured = || {
            first_lure.is_some_and(|word| word < first) || last_lure.is_some_and(|word| word > last)
        };
        let mut strength = match found.name.strength {
            NameStrength::Strong if found.whole => Strength::Strong,
            NameStrength::Strong | NameStrength::Weak => Strength::Weak,
            NameStrength::NoneAlone if lured() => Strength::Weak,
            NameStrength::NoneAlone => continue,
        };
        // The river or the forest; a lure word outweighs them.
        let neighbour = |word| is(word, |made| made.neighbour);
        if neighbour(first.checked_sub(1)) || neighbour(Some(last + 1)) {
            if !lured() {
                continue;
            }
            strength = Strength::Weak;
        }
        let words = last - first + 1;
        let better = best.as_ref().is_none_or(|best| {
            strength > best.strength
                || (strength == best.strength && first == best.start_word && words > best.words)
        });
        if better {
            best = Some(Mention {
                name: found.name.text.clone(),
                strength,
                exact: !found.misspelt && text.is_plain(found.at, found.name),
                lured: beside && (found.lure || lured()),
                start_word: first,
                words,
                word_count: text.words().len(),
            });
        }
    }
    best
}

/// A listed name at some place of a text.
struct Occurrence<'b> {
    at: Range<usize>,
    name: &'b Name,
    /// A word of its own, or glued to known words only.
    whole: bool,
    /// A lure word is glued to it.
    lure: bool,
    misspelt: bool,
}

/// Every place where a name stands, in the order of the text. `weak`: the other names are asked for, too.
fn occurrences<'t, 'b>(
    brand: &'b Brand,
    text: &'t Text,
    weak: bool,
) -> impl Iterator<Item = Occurrence<'b>> + use<'t, 'b> {
    let names = text.could_hold(brand.names(), |name| &name.letters);
    text.words().iter().flat_map(move |word| {
        let begun = word.clone().flat_map(|at| {
            let names = text.could_begin(at, &names);
            let names = names.filter(|name| weak || name.strength == NameStrength::Strong);
            let names: Vec<&Name> = names.collect();
            names.into_iter().map(move |name| (at, name))
        });
        let begun: Vec<_> = begun
            .filter_map(|(at, name)| occurrence(brand, text, at, name, word))
            .collect();
        begun.into_iter().chain(misspelt(brand, text, word))
    })
}

/// The name that begins at `at` in this word.
fn occurrence<'b>(
    brand: &Brand,
    text: &Text,
    at: usize,
    name: &'b Name,
    word: &Range<usize>,
) -> Option<Occurrence<'b>> {
    let end = text.reads(at, &name.letters)?;
    let found = |whole, lure| Occurrence {
        at: at..end,
        name,
        whole,
        lure,
        misspelt: false,
    };
    let starts = at == word.start;
    if !name.latin || (starts && text.ends_word(end)) {
        return (!text.is_foreign(at..end)).then(|| found(true, false));
    }
    // Glued: within one word only, and where known words make up the rest of it.
    if end > word.end || name.letters.len() < GLUED {
        return None;
    }
    let behind = text.makeup(brand, end..word.end);
    let rest = text.makeup(brand, word.start..at).and(behind);
    // "Italy" behind the brand leaves no stone ("...ite") of it; of a word that is listed whole no
    // part is taken.
    let another = text.is_foreign(at..end) && (end == word.end || !behind.whole)
        || text.is_foreign(word.clone())
        || brand.lexicon().kind(&text.letters(word.clone())) == Some(Kind::Other);
    if another || (rest.neighbour && !rest.lure) || !(rest.whole || starts) {
        return None;
    }
    Some(found(rest.whole, rest.lure))
}

/// A word that reads like a word of the brand with what a reader overlooks.
fn misspelt<'b>(brand: &'b Brand, text: &Text, word: &Range<usize>) -> Option<Occurrence<'b>> {
    if text.is_foreign(word.start..word.start + 1) {
        return None;
    }
    // A letter too many or too few costs as much.
    let near = |listed: &&HostWord| listed.letters.len().abs_diff(word.len()) <= 1;
    let mut near = brand.host_words().iter().filter(near).peekable();
    near.peek()?;
    let letters = text.letters(word.clone());
    let listed =
        near.find(|listed| listed.typos && edit_distance::is_half(&listed.letters, &letters))?;
    let name = brand
        .names()
        .iter()
        .find(|name| name.letters == listed.letters)?;
    Some(Occurrence {
        at: word.clone(),
        name,
        whole: true,
        lure: false,
        misspelt: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::sample::contoso;

    fn found(text: &str) -> Option<(String, Strength, bool)> {
        let brand = contoso();
        let found = mention(&brand, text).map(|found| (found.name, found.strength, found.exact));
        let strong = match &found {
            Some((_, Strength::Strong, true)) => Some(Writing::Plain),
            Some((_, Strength::Strong, false)) => Some(Writing::Disguised),
            _ => None,
        };
        assert_eq!(strong_name(&brand, text), strong, "{text}");
        found
    }

    #[test]
    fn plain_and_disguised_names_are_strong() {
        for (text, exact) in [
            ("Contoso", true),
            ("CONTOSO.fr", true),
            ("my contoso account", true),
            ("Contoso's sécurité", true),
            ("Ｃｏｎｔｏｓｏ", true),
            ("Contosó", false),
            ("C o n t o s o", false),
            ("C.o.n.t.o.s.o", false),
            ("Con toso", false),
            ("Cont\u{200b}oso", false),
            ("C\u{33f}onto\u{35c}so", false),
            ("СОΝТОЅО", false),
            ("C0nt0s0", false),
            ("Contosso", false),
            ("ContosoLogin", true),
            ("\u{202e}osotnoC", false),
        ] {
            let wanted = Some(("Contoso".to_owned(), Strength::Strong, exact));
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn other_words_and_the_river_are_none() {
        for text in [
            "",
            "Contosonia",
            "Xcontoso",
            "a con tosome",
            "Contoso Mountain",
            "Mountain Contoso",
            "コントソ山",
            "Club",
            "Book Club",
            "x@con-tour",
            // @ passes for a, not for o.
            "Cont@so",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn weak_names_stay_weak() {
        for (text, name) in [
            ("Rain Club", "Rain Club"),
            ("Club account", "Club"),
            ("Contosofilters", "Contoso"),
            ("Contoso Mountain login", "Contoso"),
        ] {
            let wanted = Some((name.to_owned(), Strength::Weak, true));
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn scripts_without_spaces_hide_no_name() {
        for text in ["コントソ", "コントソサポート", "ｺﾝﾄｿ", "こんとそ"] {
            let (name, strength, _) = found(text).unwrap();
            assert_eq!(
                (name.as_str(), strength),
                ("コントソ", Strength::Strong),
                "{text}"
            );
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(1_500))]

        #[test]
        fn what_is_read_could_begin(text in "[Contosvnrcl m@0аКコﬁ.']{0,24}") {
            let words = ["co", "om", "mo", "dn", "wo", "a", "コ", "л", "fi"];
            let words = words.map(|word| word.chars().collect::<Vec<char>>());
            let text = Text::new(&text, false);
            let held = text.could_hold(&words, |word| word);
            for at in text.words().iter().cloned().flatten() {
                let could: Vec<_> = text.could_begin(at, &held).collect();
                for word in &words {
                    let read = text.reads(at, word).is_some();
                    proptest::prop_assert!(!read || could.contains(&word), "{word:?}");
                }
            }
        }
    }

    #[test]
    fn the_place_is_given_in_words() {
        let found = mention(&contoso(), "Freight to C-o-n-t-o-s-o by sea").unwrap();
        assert_eq!(
            (found.start_word, found.words, found.word_count),
            (2, 7, 11)
        );
    }
}
