//! Nothing that a close look finds is missed.

use crate::brand::prefilter::{
    Prefilter,
    pass::Pass,
    spelling::{Glyph, Kind},
};
use crate::{
    brand::{Brand, NameStrength, Strength, name::mention::look_closely, sample::contoso},
    mail::text::{
        confusables::{fold, fold_both},
        drawn::drawn,
        paged::BEYOND,
    },
};
use proptest::{
    prelude::*,
    sample::{Index, select},
};
use std::{collections::HashMap, sync::LazyLock};

fn found(text: &str) -> bool {
    contoso().prefilter().find(text).is_some()
}

#[test]
fn names_are_found_in_every_disguise() {
    for text in [
        "Contoso",
        "dear contoso customer",
        "C o n t o s o",
        "Con\n\ntoso",
        "Cont\u{200b}o\u{301}so",
        "СОΝТОЅО",
        "ｃ０ｎｔ０ｓ０",
        "conto$o",
        "Contosso.",
        "a cntoso",
        "the cotnoso team",
        "Contsо",
        "\u{202e}osotnoc",
        "mycontosologin",
        "お客様のコントソアカウント",
    ] {
        assert!(found(text), "{text}");
    }
}

#[test]
fn ordinary_text_is_not_looked_at() {
    for text in [
        "",
        "The contour of the cotton is so so.",
        "Contest, contact, control, constant",
        "Kosten und Konto: 100 €, größer",
        "コントロール",
    ] {
        assert!(!found(text), "{text}");
    }
}

/// Half of the alphabets of the world fold to a few Latin letters; that must make no words of names.
#[test]
fn common_words_are_no_names() {
    let words = "Now 129,00 € instead of 149,00 €. Weatherproof, folds flat, and delivered to your door within three \
                 days. Look at it. It will look like all the little things, only littler. Grüße aus Köln, à bientôt, año.";
    assert_eq!(Brand::embedded().prefilter().find(words), None);
}

#[test]
fn the_place_is_behind_the_name() {
    let brand = contoso();
    let places = brand.prefilter().places("at Contoso, or contoso");
    assert_eq!(places.collect::<Vec<_>>(), [10, 22]);
}

/// For each folded letter the characters that are read as it.
static LOOKALIKES: LazyLock<HashMap<char, Vec<char>>> = LazyLock::new(|| {
    let mut found: HashMap<char, Vec<char>> = HashMap::new();
    let codes = (0x21..0x2FFF).chain(0xFF01..0xFFEF).chain(0x1D400..0x1D7FF);
    for c in codes.filter_map(char::from_u32) {
        for folded in [fold(c), fold_both(c)[0], fold_both(c)[1]] {
            found.entry(folded).or_default().push(c);
        }
    }
    found
});

/// What may happen to one letter of a name.
fn disguised(letter: char, how: u8, which: usize) -> String {
    let like = LOOKALIKES
        .get(&letter)
        .map_or(letter, |like| like[which % like.len()]);
    let gap = [
        " ", "-", ".", "\n", "\u{200d}", "\u{301}", "' ", "'s ", "_", "@",
    ][which % 10];
    match how {
        0..6 => letter.to_string(),
        6 => letter.to_uppercase().to_string(),
        7..11 => like.to_string(),
        11 | 12 => format!("{letter}{gap}"),
        13 => format!("{gap}{like}"),
        14 => format!("{letter}{letter}"),
        15 => String::new(),
        16 => ["a", "e", "o", "u", "i", "n", "r", "é", "ж"][which % 9].to_owned(),
        _ => match letter {
            'm' => ["rn", "nn", "RN"][which % 3].to_owned(),
            'w' => "vv".to_owned(),
            'd' => "cl".to_owned(),
            _ => letter.to_string(),
        },
    }
}

fn disguise() -> impl Strategy<Value = String> {
    let names: Vec<Vec<char>> = Brand::embedded()
        .names()
        .iter()
        .map(|name| name.letters.clone())
        .collect();
    let letter = (0..18u8, 0..10_000usize);
    let around = select(vec![
        "",
        " ",
        "dear ",
        "my",
        "login",
        ", account",
        "ご",
        "x",
        "The ",
    ]);
    let swap = (0..30usize, any::<bool>());
    (
        select(names),
        proptest::collection::vec(letter, 24),
        around.clone(),
        around,
        swap,
    )
        .prop_map(|(mut letters, how, before, behind, (at, swaps))| {
            if swaps && at + 1 < letters.len() {
                letters.swap(at, at + 1);
            }
            let name = letters.iter().zip(how);
            let name: String = name
                .map(|(c, (how, which))| disguised(*c, how, which))
                .collect();
            format!("{before}{name}{behind}")
        })
}

/// Text of which some names are cut by the stretches in which it is read.
fn long_text() -> impl Strategy<Value = String> {
    let bits = vec![
        "a",
        "am",
        "amaz",
        "azon",
        "on",
        "ama",
        "zo",
        "a m a",
        "z o n",
        "m",
        "rn",
        "kin",
        "dle",
        "al",
        "exa",
        "pr",
        "ime",
        "amzn",
        "amzaon",
        "the",
        "minutes of Tuesday",
        "and",
        "word,",
        "figures",
        "x",
        "https://files.example/q3",
        "'s",
        "'",
        "-",
        "@",
        "$",
        "0",
        "\n",
        "\r\n",
        "\t",
        "ü",
        "é",
        "à",
        "\u{a0}",
        "Æ",
        "ß",
        "×",
        "а",
        "\u{200b}",
        "\u{301}",
        "密码",
        "ア",
        "。",
    ];
    let gap = select(vec!["", " ", " ", " ", " ", "\n", "\r\n", ". "]);
    let filler = (select(bits), gap).prop_map(|(bit, gap)| format!("{bit}{gap}"));
    let bit = prop_oneof![
        60 => filler,
        1 => disguise(),
        3 => Just(" and there is nothing to be seen in so long a line of words, which goes on for a while, ".to_owned()),
        1 => Just("x".repeat(150)),
    ];
    proptest::collection::vec(bit, 0..400).prop_map(|bits| bits.concat())
}

/// The same as [`Prefilter::find`], by the pass alone.
fn letter_by_letter(prefilter: &Prefilter, text: &str, from: usize) -> Option<usize> {
    let mut pass = Pass::new(&prefilter.spelling);
    for (at, c) in text.get(from..)?.char_indices() {
        if prefilter.read(&mut pass, c) {
            return Some(from + at + c.len_utf8());
        }
    }
    pass.ends_word(&prefilter.spelling).then_some(text.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// Nothing that a close look finds is missed.
    #[test]
    fn no_name_is_missed(text in disguise()) {
        let brand = Brand::embedded();
        let found = look_closely(brand, &text, true);
        let strong = look_closely(brand, &text, false);
        if strong.is_some_and(|found| found.strength == Strength::Strong) {
            prop_assert!(brand.prefilter().find(&text).is_some(), "{text:?}");
        }
        if found.is_some() {
            prop_assert!(brand.may_be_named_in(&text), "{text:?}");
        }
    }

    /// Long texts are read in stretches, and what is found is found at the same place.
    #[test]
    fn stretches_are_read_as_letter_by_letter(text in long_text(), from in any::<Index>()) {
        let prefilter = Brand::embedded().prefilter();
        let start = text.floor_char_boundary(from.index(text.len() + 1));
        let text = text.get(start..).unwrap_or_default();
        let mut from = 0;
        for place in prefilter.places(text).map(Some).chain([None]) {
            prop_assert_eq!(place, letter_by_letter(prefilter, text, from), "{:?}", text);
            from = place.unwrap_or_default();
        }
    }

    #[test]
    fn nothing_is_missed_in_any_text(text in "\\PC{0,40}") {
        let brand = Brand::embedded();
        let prefilter = brand.prefilter();
        for name in brand.names().iter().filter(|name| name.strength == NameStrength::Strong) {
            let text = format!("{text} {} {text}", name.text);
            prop_assert!(prefilter.find(&text).is_some(), "{text:?}");
        }
        for name in brand.names() {
            let text = format!("{text} {} {text}", name.text);
            prop_assert!(brand.may_be_named_in(&text), "{text:?}");
        }
    }
}

/// A table that holds the states of all that is common, and is small enough for a processor's caches.
#[test]
fn the_table_stays_small() {
    let states = Brand::embedded().prefilter().table().size();
    assert!((1_000..2_048).contains(&states), "{states} states");
}

#[test]
fn beyond_all_scripts_nothing_spells() {
    let brand = contoso();
    let spelling = &brand.prefilter().spelling;
    for c in (BEYOND..=0x10_FFFF).filter_map(char::from_u32) {
        assert_eq!(spelling.glyph(c), Glyph::beyond(c), "{c:?}");
    }
}

/// What is read letter by letter comes to an end.
#[test]
fn no_letter_of_several_stands_for_several() {
    let brand = contoso();
    let spelling = &brand.prefilter().spelling;
    let kind = |c: char| spelling.glyph(c).kind;
    for c in ('\0'..=char::MAX).filter(|c| kind(*c) == Kind::Several) {
        for letter in drawn(c).letters() {
            assert_ne!(kind(*letter), Kind::Several, "{c:?}");
        }
    }
}
