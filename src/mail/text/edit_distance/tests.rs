use super::*;

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn contoso(text: &str) -> u8 {
    cost(&letters("contoso"), &letters(text))
}

#[test]
fn what_a_reader_overlooks_costs_half_an_edit() {
    assert_eq!(contoso("contoso"), 0);
    assert_eq!(contoso("conttoso"), 1);
    assert_eq!(contoso("contso"), 1);
    assert_eq!(contoso("contaso"), 1);
    assert_eq!(contoso("cotnoso"), 1);
    assert_eq!(contoso("comtoso"), 1);
}

#[test]
fn other_edits_cost_more_and_the_first_letter_most() {
    assert_eq!(contoso("contxoso"), 2);
    assert_eq!(contoso("conoso"), 2);
    assert_eq!(contoso("contoao"), 2);
    assert_eq!(contoso("conzoso"), 3);
    assert_eq!(contoso("ontoso"), 8);
    assert_eq!(contoso("xontoso"), 8);
    // The word's own letter again, behind one that is wrong or swapped.
    assert_eq!(contoso("xcontoso"), 9);
    assert_eq!(contoso("ocontoso"), 3);
}

#[test]
fn a_stretch_is_found_inside_a_longer_text() {
    let hits = find(&letters("contoso"), &letters("mycontosaxy"), 1);
    assert!(hits.contains(&Hit {
        start: 2,
        end: 9,
        cost: 1
    }));
    assert!(find(&letters("contoso"), &letters("unrelated"), 2).is_empty());
}

#[test]
fn one_edit_anywhere() {
    let apart = |a: &str, b: &str| one_edit_apart(&letters(a), &letters(b));
    assert!(apart("ontoso", "contoso"));
    assert!(apart("contosox", "contoso"));
    assert!(apart("cotnoso", "contoso"));
    assert!(!apart("contoso", "contoso"));
    assert!(!apart("ontos", "contoso"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(5_000))]

    #[test]
    fn half_an_edit_is_told_at_once(text in "[contsoamelé]{0,9}", place in 0..8usize, how in 0..5u8) {
        let word = letters("contoso");
        let mut near = word.clone();
        let c = text.chars().next().unwrap_or('o');
        match how {
            0 => near.insert(place.min(7), c),
            1 => drop(near.remove(place.min(6))),
            2 => near[place.min(6)] = c,
            3 => near.swap(place.min(5), place.min(5) + 1),
            _ => {}
        }
        for text in [letters(&text), near] {
            proptest::prop_assert_eq!(is_half(&word, &text), cost(&word, &text) == 1, "{:?}", text);
        }
    }
}

#[test]
fn letters_that_are_alike_pass_for_each_other() {
    let alike = [
        "mn", "nr", "nh", "nu", "uv", "vy", "vw", "co", "ce", "oq", "gq", "hb", "ae", "al", "ao",
        "au", "ay", "eo", "lu", "oy", "uy",
    ];
    for pair in alike {
        let [a, b] = letters(pair)[..] else {
            panic!("{pair}");
        };
        assert!(passes(a, b, false) && passes(b, a, false), "{pair}");
        assert!(!passes(a, b, true), "{pair}");
    }
    for pair in ["mr", "bn", "ac", "gc", "dn", "tl", "sa"] {
        let [a, b] = letters(pair)[..] else {
            panic!("{pair}");
        };
        assert!(!passes(a, b, false), "{pair}");
    }
    assert!(
        passes('m', 'м', true),
        "another script's letter was chosen for its looks"
    );
    assert!(!passes('m', 'm', false));
}

#[test]
fn keys_that_touch_are_slipped_on() {
    // In the middle of a word that has no other letter like it.
    let cost_of = |wanted: char, c: char| cost(&['x', wanted, 'x'], &['x', c, 'x']);
    for (wanted, touching, apart) in [
        ('g', "fhtybv", "djrucn4"),
        ('q', "wa", "esz"),
        ('p', "ol", "ikm"),
        ('s', "adwezx", "fqrc"),
        ('t', "rygf", "eudhv"),
        ('b', "vng", "cfjt"),
        ('k', "jliom", "nhup"),
        ('l', "kp", "jmn"),
    ] {
        for c in touching.chars() {
            assert_eq!(cost_of(wanted, c), EDIT, "{wanted} {c}");
        }
        for c in apart.chars() {
            assert_eq!(cost_of(wanted, c), UNLIKE, "{wanted} {c}");
        }
    }
}

#[test]
fn each_edit_has_its_price() {
    for (word, text, expected) in [
        ("contoso", "ocntoso", 2),
        ("contoso", "conotso", 1),
        ("contoso", "contoos", 1),
        ("contoso", "cnotoso", 1),
        ("contoso", "contosoo", 1),
        ("contoso", "ccontoso", 1),
        ("contoso", "contosox", 2),
        ("contoso", "contos", 1),
        ("contoso", "conoso", 2),
        ("contoso", "cntoso", 1),
        ("contoso", "xontoso", 8),
        ("contoso", "сontoso", 1),
        ("contoso", "contosоо", 2),
        // Two letters change places beside a third like one of them.
        ("xaba", "xbaa", 1),
        ("xabb", "xbab", 1),
        ("xaab", "xaba", 1),
        // So much longer or shorter it could be.
        ("contoso", "ccoonnttoso", 4),
        ("contoso", "ccoonnttooso", 100),
        ("baeou", "b", 4),
        ("baeouy", "b", 100),
    ] {
        assert_eq!(
            cost(&letters(word), &letters(text)),
            expected,
            "{word} {text}"
        );
    }
    let hits = |text: &str, limit| {
        let hits = find(&letters("contoso"), &letters(text), limit);
        hits.iter()
            .map(|hit| (hit.start, hit.end, hit.cost))
            .collect::<Vec<_>>()
    };
    assert_eq!(hits("contoso", 0), [(0, 7, 0)]);
    assert_eq!(hits("xcontosox", 0), [(1, 8, 0)]);
    assert_eq!(hits("contosocontoso", 0), [(0, 7, 0), (7, 14, 0)]);
    assert_eq!(hits("contosso", 1), [(0, 6, 1), (0, 8, 1)]);
    assert_eq!(hits("conttosso", 1), []);
    assert!(can_be_lost(&letters("contoso"), 1) && !can_be_lost(&letters("contoso"), 2));
    assert!(
        !can_be_lost(&letters("ontoso"), 0),
        "nobody misses the first"
    );
}

#[test]
fn two_words_are_one_edit_apart_or_they_are_not() {
    for (a, b, is_apart) in [
        ("abc", "abc", false),
        ("abc", "ab", true),
        ("ab", "abc", true),
        ("abc", "abd", true),
        ("abc", "bac", true),
        ("abc", "acb", true),
        ("abc", "cba", false),
        ("abcd", "badc", false),
        ("abcd", "bacd", true),
        ("abc", "bca", false),
        ("abc", "a", false),
        ("ab", "cd", false),
        ("ab", "bc", false),
        ("ab", "ca", false),
        ("aab", "ab", true),
        ("", "a", true),
        ("", "", false),
    ] {
        assert_eq!(
            one_edit_apart(&letters(a), &letters(b)),
            is_apart,
            "{a} {b}"
        );
    }
}
