use super::*;
use crate::brand::sample::contoso;

#[test]
fn the_mark_stands_in_the_place_of_the_name() {
    let brand = contoso();
    let marked = |text: &str| {
        let marked = mark(&brand, &Placed::new(&brand, text));
        marked.replace(BRAND, "_")
    };
    let mut wrong = Vec::new();
    for (text, expected) in [
        ("Your Contoso account", "Your  _  account"),
        ("Your C0ntoso account", "Your  _  account"),
        ("Your Contоsо account", "Your  _  account"),
        ("Your C o n t o s o account", "Your  _  account"),
        ("Your Contoso.com account", "Your  _  account"),
        ("Your Contoso's account", "Your  _  account"),
        ("Contosoaccount", " _ account"),
        // With what is glued to it.
        ("Your xyzContoso account", "Your  _  account"),
        ("Your xyzC0ntoso account", "Your  _  account"),
        ("Your xyzContоsо account", "Your  _  account"),
        ("desk@Contoso", "desk@Contoso"),
        ("the Contoso mountain", "the Contoso mountain"),
        ("コントソのアカウント", " _ のアカウント"),
        ("コ ン ト ソ と コントソ", " _  と  _ "),
        ("コンﾄｿ と コントソ", " _  と  _ "),
        ("コントソン と コントソ", " _ ン と  _ "),
        // What is glued to it is the ending of a case, a noun, or of a script that joins words.
        ("Contosoin account", " _  account"),
        ("Contosos account", " _  account"),
        ("Contosobrakel account", "Contosobrakel account"),
        ("Contoso나무 account", " _ 나무 account"),
        ("コントソbrakel", " _ brakel"),
        ("C0ntosobrakel account", "C0ntosobrakel account"),
        ("Contoso_x and Contoso", "Contoso_x and  _ "),
        ("Contoso@x and Contoso", "Contoso@x and  _ "),
        (
            "_Contoso and .Contoso and Contoso",
            "_Contoso and .Contoso and  _ ",
        ),
        ("C:\\Contoso and Contoso", "C:\\Contoso and  _ "),
        // Its suffix, and what stands behind an apostrophe.
        ("Contoso.co.uk account", " _  account"),
        ("Contoso.brakel account", " _ .brakel account"),
        ("Contoso. Account", " _ . Account"),
        ("Contoso.com. Account", " _ . Account"),
        ("Contoso' account", " _  account"),
        ("Contoso'dan account", " _ dan account"),
        ("Contoso'dank account", " _ dank account"),
        ("Contoso'danks account", " _ 'danks account"),
    ] {
        let found = marked(text);
        if found != expected {
            wrong.push(format!("{text}: {expected:?} wanted, {found:?} found"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn letters_of_other_scripts_than_latin_join_words() {
    for (c, expected) in [
        ('a', false),
        ('~', false),
        ('\u{9F}', true),
        ('\u{A0}', false),
        ('ß', false),
        ('\u{24F}', false),
        ('\u{250}', true),
        ('Д', true),
        ('コ', true),
    ] {
        assert_eq!(joins(c), expected, "{c:?}");
    }
    let brand = contoso();
    // Letters are read once, wherever the next look begins.
    for (text, looks) in [
        (
            "나무나무abc",
            &[
                (0..6, true),
                (0..12, true),
                (3..9, true),
                (0..13, false),
                (12..15, false),
            ][..],
        ),
        (
            "나무나무abc",
            &[(12..15, false), (0..6, true), (6..13, false)],
        ),
        ("나무ДД", &[(0..6, true), (0..8, false), (6..8, false)]),
    ] {
        let mut marker = Marker::new(&brand, text);
        for (stretch, expected) in looks {
            assert_eq!(
                marker.join(stretch.clone()),
                *expected,
                "{text} {stretch:?}"
            );
        }
    }
}

#[test]
fn neighbours_are_one_word_in_front_and_two_behind() {
    for (text, expected) in [
        ("_", "_"),
        ("one two _ three four five", " two _ three four"),
        ("two _ three", "two _ three"),
        ("one, _ three", " _ three"),
        ("one two. _! three", " _"),
        ("one _ three, four", " one _ three"),
        ("one _ three four, five", " one _ three four"),
        ("one\n_\nfour", "_"),
        ("one_three four five", "one_three four"),
    ] {
        let at = text.find('_').unwrap_or_default();
        let found = around(text, &(at..at + 1));
        assert_eq!(
            text.get(found).unwrap().trim_start(),
            expected.trim_start(),
            "{text}"
        );
    }
}
