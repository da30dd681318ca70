//! The brand, or a product of it, named in a text that people read.

use std::{
    borrow::Cow,
    ops::{Range, RangeInclusive},
};

use crate::brand::{
    Strength,
    name::{
        beside::Beside,
        text::{Foreign, Text},
    },
};
use crate::{
    brand::{
        Brand, HostWord, Name, NameStrength,
        lexicon::{Kind, Makeup},
    },
    mail::text::{drawn, edit_distance, reading_order, skeleton::MAX_LETTERS},
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
    /// A word of what else is called so stands beside it: the river, the forest.
    pub neighboured: bool,
    /// The same in a sentence, where what lures elsewhere belongs to something else.
    pub by_the_river: bool,
    /// Glued to other words, within one word and without capitals between.
    pub glued: bool,
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
    let stored = mention_in(brand, &Text::new(text, false), beside);
    let is_strong = |found: &Mention| found.strength == Strength::Strong;
    if text.is_ascii() || stored.as_ref().is_some_and(is_strong) {
        return stored;
    }
    // A part of it may stand in another order than the reader sees it in, or upside down.
    let turned = text.contains(drawn::is_turned).then(|| drawn::turned(text));
    let beginning = text.char_indices().nth(MAX_LETTERS);
    let beginning = beginning.map_or(text, |(end, _)| text.get(..end).unwrap_or_default());
    let ordered = match reading_order::reading_order(beginning) {
        Cow::Owned(ordered) => Some(ordered),
        Cow::Borrowed(_) => None,
    };
    let others = ordered.into_iter();
    let others = others.chain(turned.into_iter().flatten());
    let others = others.filter_map(|other| mention_in(brand, &Text::new(&other, true), beside));
    stored
        .into_iter()
        .chain(others)
        .reduce(|best, other| match other.strength > best.strength {
            true => other,
            false => best,
        })
}

fn mention_in(brand: &Brand, text: &Text, with_weak: bool) -> Option<Mention> {
    let mut foreign = Foreign::new(brand, text);
    let beside = Beside::new(brand, text);
    let mut best: Option<Mention> = None;
    for (first, word) in text.words().iter().enumerate() {
        // A strong name is not outdone by any behind its own words.
        let done = |best: &Mention| best.strength == Strength::Strong && first > best.start_word;
        if best.as_ref().is_some_and(done) {
            break;
        }
        for found in occurrences(brand, text, &mut foreign, word, with_weak) {
            let last = text.word_of(found.at.end.saturating_sub(1));
            let words = first..=last;
            let exact = !found.misspelt && text.is_plain(found.at.clone(), found.name);
            let Some(strength) = strength(&beside, &found, &words, exact) else {
                continue;
            };
            // A name with a department is no river's. In running text what lures may belong to anything.
            let is_office = || with_weak && beside.lures(&words);
            let has_neighbour = exact && beside.neighbours(&words);
            let neighboured = has_neighbour && !is_office();
            let strength = match neighboured || found.river {
                true => Strength::Weak,
                false => strength,
            };
            let better = best.as_ref().is_none_or(|best| {
                let size =
                    |from: usize, words: usize, exact| (from == best.start_word, words, exact);
                let here = size(first, last - first + 1, exact);
                strength > best.strength
                    || (strength == best.strength && here > (true, best.words, best.exact))
            });
            if better {
                best = Some(Mention {
                    name: found.name.text.clone(),
                    strength,
                    exact,
                    lured: with_weak && (found.lure || beside.lures(&words)),
                    neighboured: neighboured || found.river,
                    by_the_river: has_neighbour && !beside.is_office(&words) || found.river,
                    glued: found.glued && !found.river,
                    start_word: first,
                    words: last - first + 1,
                    word_count: text.words().len(),
                });
            }
        }
    }
    best
}

/// What a name says that is found at these words.
fn strength(
    beside: &Beside<'_>,
    found: &Occurrence<'_>,
    words: &RangeInclusive<usize>,
    exact: bool,
) -> Option<Strength> {
    let name = found.name;
    if name.drawn && exact {
        return None;
    }
    let lured = || beside.lures(words);
    let whole = match found.stands {
        Stands::Whole => true,
        Stands::Doubtfully => beside.word_count() == 1 || lured(),
        Stands::InPart => false,
    };
    let in_company = name.with_lures != name.strength && lured() && beside.is_all_listed(words);
    match if in_company {
        name.with_lures
    } else {
        name.strength
    } {
        NameStrength::Strong if whole => Some(Strength::Strong),
        NameStrength::Strong | NameStrength::Weak => Some(Strength::Weak),
        NameStrength::NoneAlone => lured().then_some(Strength::Weak),
    }
}

/// How a name stands in its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// A word of its own, inflected or not, or glued to known words only.
    Whole,
    /// Inflected, or another word.
    Doubtfully,
    /// Glued to unknown letters.
    InPart,
}

/// A listed name at some place of a text.
struct Occurrence<'b> {
    at: Range<usize>,
    name: &'b Name,
    stands: Stands,
    /// A lure word is glued to it.
    lure: bool,
    /// A word of the river or the forest is.
    river: bool,
    /// Any word is, or letters that are none.
    glued: bool,
    misspelt: bool,
}

/// Every place where a name begins in this word, in the order of the text. `weak`: the other names are asked for, too.
fn occurrences<'b>(
    brand: &'b Brand,
    text: &Text,
    foreign: &mut Foreign<'_>,
    word: &Range<usize>,
    weak: bool,
) -> Vec<Occurrence<'b>> {
    let mut begun = Vec::new();
    for at in word.clone() {
        let names = brand.names_begun_by(text.firsts(at));
        for name in names.filter(|name| weak || name.strength == NameStrength::Strong) {
            begun.extend(occurrence(brand, text, foreign, at, name, word));
        }
    }
    begun.extend(misspelt(brand, text, foreign, word));
    begun
}

/// The name that begins at `at` in this word.
fn occurrence<'b>(
    brand: &Brand,
    text: &Text,
    foreign: &mut Foreign<'_>,
    at: usize,
    name: &'b Name,
    word: &Range<usize>,
) -> Option<Occurrence<'b>> {
    let end = text.reads(at, &name.letters)?;
    let found = |stands, rest: Makeup| Occurrence {
        at: at..end,
        name,
        stands,
        lure: rest.lure,
        river: rest.neighbour && !rest.lure,
        glued: false,
        misspelt: false,
    };
    let starts = at == word.start;
    if !name.latin || (starts && text.ends_word(end)) {
        let whole = found(Stands::Whole, Makeup::default());
        return (!foreign.covers(at..end)).then_some(whole);
    }
    // Glued: within one word only, and where known words make up the rest of it, or capitals part them.
    if end > word.end {
        return None;
    }
    let another = foreign.covers(at..end)
        || foreign.covers(word.clone())
        || brand.lexicon().kind(&text.letters(word.clone())) == Some(Kind::Other);
    if another {
        return None;
    }
    let behind = text.makeup(brand, end..word.end);
    let rest = text.makeup(brand, word.start..at).and(behind);
    if (starts || text.is_hump(at)) && (text.ends_word(end) || text.is_hump(end)) {
        return Some(found(Stands::Whole, rest));
    }
    if name.letters.len() < GLUED {
        return None;
    }
    let ending = text.letters(end..word.end);
    let stands = match starts {
        true if name.endings.contains(&ending) => Stands::Whole,
        true if name.doubtful_endings.contains(&ending) => Stands::Doubtfully,
        _ if rest.whole => Stands::Whole,
        true => Stands::InPart,
        false => return None,
    };
    // Digits alone tell one of several from the others.
    let is_number = text.is_number(word.start..at) && text.is_number(end..word.end);
    Some(Occurrence {
        glued: !is_number && stands != Stands::Doubtfully && !name.endings.contains(&ending),
        ..found(stands, rest)
    })
}

/// A word that reads like a word of the brand with what a reader overlooks.
fn misspelt<'b>(
    brand: &'b Brand,
    text: &Text,
    foreign: &mut Foreign<'_>,
    word: &Range<usize>,
) -> Option<Occurrence<'b>> {
    // A letter too many or too few costs as much.
    let near = |listed: &&HostWord| listed.typos && listed.letters.len().abs_diff(word.len()) <= 1;
    let mut near = brand.host_words().iter().filter(near).peekable();
    near.peek()?;
    let letters = text.letters(word.clone());
    let listed = near.find(|listed| edit_distance::is_half(&listed.letters, &letters))?;
    if foreign.covers(word.start..word.start + 1) {
        return None;
    }
    let name = brand
        .names()
        .iter()
        .find(|name| name.letters == listed.letters)?;
    Some(Occurrence {
        at: word.clone(),
        name,
        stands: Stands::Whole,
        lure: false,
        river: false,
        glued: false,
        misspelt: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brand::{first_letter::letter_bit, sample::contoso};

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
            ("C\u{202e}osotno\u{202c} Mail", false),
            ("osoʇuoƆ", false),
            ("C()nt()so", false),
            ("C•ntoso", false),
            ("Conˈtoːso", false),
            ("Сonтoso", false),
            ("匚ㄖ几ㄒㄖ丂ㄖ", false),
            ("FilterContoso", true),
            ("ContosoFilters", true),
            ("Contosos Konto", true),
            ("Contosoin tiimi", true),
            ("Contoso, Mountain", true),
            ("Mountain contoso.fr", true),
            ("C0ntoso Mountain", false),
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
            "コントソ山",
            "Club",
            "Book Club",
            "x@con-tour",
            // @ passes for a, not for o.
            "Cont@so",
            "Contosonia Mountain",
            "Contosoniamountain",
            "c→o login",
            "CTS",
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
            ("Contoso Mountain", "Contoso"),
            ("Mountain Contoso", "Contoso"),
            ("ContosoMountain", "Contoso"),
            // Another word only where it is whole.
            ("Contosoniait", "Contoso"),
        ] {
            let wanted = Some((name.to_owned(), Strength::Weak, true));
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_department_leaves_a_name_no_river_and_running_text_has_none() {
        let brand = contoso();
        let found = mention(&brand, "Contoso Mountain login").unwrap();
        assert_eq!(
            (found.strength, found.neighboured),
            (Strength::Strong, false)
        );
        assert_eq!(strong_name(&brand, "Contoso Mountain login"), None);
    }

    #[test]
    fn short_names_and_logos_are_strong_among_lures() {
        for (text, strength) in [
            ("CTS Login", Strength::Strong),
            ("CTS Weavers Login", Strength::Weak),
            ("ᶜ⤻ᵒ Login", Strength::Strong),
            ("c⤻o Security", Strength::Strong),
        ] {
            let strong = mention(&contoso(), text).map(|found| found.strength);
            assert_eq!(strong, Some(strength), "{text}");
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
            for at in text.words().iter().cloned().flatten() {
                for word in &words {
                    let read = text.reads(at, word).is_some();
                    let could = text.firsts(at) & letter_bit(word[0]) != 0;
                    proptest::prop_assert!(!read || could, "{word:?}");
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
