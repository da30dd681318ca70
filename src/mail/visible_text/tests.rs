use super::*;

/// A page whose link of so many octets stands before the last word.
fn page(before: &str, target: usize, behind: &str) -> Page {
    let mut page = Page::plain(before);
    page.add_link("x".repeat(target), String::new());
    page.text.push_str(behind);
    page
}

#[test]
fn a_beginning_has_the_links_that_stand_in_it() {
    for (octets, text, links) in [
        (0, "", 0),
        (1, "", 0),
        (2, "o", 0),
        (3, "on", 0),
        // The link's own octets are used up before the word behind it.
        (4, "one ", 1),
        (14, "one ", 1),
        (15, "one t", 1),
        (16, "one two", 1),
    ] {
        let begun = page("one ", 10, "two").beginning(octets);
        assert_eq!((&*begun.text, begun.links.len()), (text, links), "{octets}");
    }
    let begun = page("one", 10, "").beginning(12);
    assert_eq!((&*begun.text, begun.links.len()), ("one", 1));
}

#[test]
fn of_a_long_target_so_much_is_counted() {
    assert_eq!(page("one ", 2_000, "two").octets(), 2_006);
    assert_eq!(page("one ", 2_001, "two").octets(), 2_006);
    let begun = page("one ", 9_000, "two").beginning(2_005);
    assert_eq!(begun.text, "one t");
}

#[test]
fn blanks_and_bounds_say_how_much_is_seen() {
    for (text, seen) in [
        ("", 0),
        ("one", 3),
        (" one\ttwo\r\n\x0cé ", 8),
        (&"x".repeat(255), 255),
        (&"x".repeat(256), 256),
        (&"x ".repeat(300), 300),
    ] {
        assert_eq!(seen_octets(text.as_bytes()), seen, "{text}");
    }
    assert_eq!(with_line_feeds("a\r\nb\rc\nd\r"), "a\nb\rc\nd\r");
    assert_eq!(prefix("aé", 3), "aé");
    assert_eq!(prefix("aé", 2), "a");
    assert_eq!(prefix("aé", 0), "");
}

#[test]
fn a_small_l_is_read_where_a_capital_i_stands() {
    let texts = |text: &str| {
        let pages = Pages::one(Page::plain(text)).with_small_l();
        pages.into_all().map(|page| page.text).collect::<Vec<_>>()
    };
    assert_eq!(texts("PayPaI"), ["PayPaI", "PayPal"]);
    assert_eq!(texts("PayPal"), ["PayPal"]);
    assert_eq!(texts("a\r\nb"), ["a\nb"]);
}

#[test]
fn what_stands_at_the_beginning_of_a_quote_is_in_it_if_it_was_written_there() {
    let ranges = [2..4, 6..8];
    for (at, in_block, is_in) in [
        (1, true, false),
        (2, false, false),
        (2, true, true),
        (3, false, true),
        (4, true, false),
        (5, true, false),
        (6, false, false),
        (6, true, true),
        (7, false, true),
        (8, true, false),
        (9, true, false),
    ] {
        let place = Place { at, in_block };
        assert_eq!(place.is_in(&ranges), is_in, "{at} {in_block}");
    }
}

#[test]
fn a_word_around_a_link_is_read_with_it() {
    let pair = |before: &str, behind: &str| Some((before.to_owned(), behind.to_owned()));
    let long = "x".repeat(130);
    let kept = "x".repeat(120);
    for (before, own, behind, expected) in [
        ("", "own", "", None),
        ("one ", "own", " two", None),
        ("one a", "own", "", pair("a", "")),
        ("", "own", "b two", pair("", "b")),
        ("one a", "own", "b two", pair("a", "b")),
        ("a", "", "b", None),
        ("a", " ", "b", None),
        (&long, "own", &long, pair(&kept, &kept)),
        ("one\u{a0}a", "own", "b\ntwo", pair("a", "b")),
    ] {
        let text = [before, own, behind].concat();
        let range = before.len()..before.len() + own.len();
        assert_eq!(around(&text, range), expected, "{text}");
    }
}

#[test]
fn a_word_with_hidden_letters_is_read_as_it_is_seen() {
    let word = |before: &str, behind: &str| {
        let mut page = Page::plain(&[before, behind].concat());
        page.add_cut(before.len());
        page.cut_words().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(word("pass", "word"), ["password"]);
    assert_eq!(word("one pass", "word two"), ["password"]);
    assert_eq!(word("one ", "word two"), ["word"]);
    assert_eq!(word("one\npass", "word\ntwo"), ["password"]);
    let long = "x".repeat(130);
    assert_eq!(word(&long, &long), ["x".repeat(240)]);
    let long = format!("ab{}", "x".repeat(118));
    assert_eq!(word(&format!("one {long}"), "y"), [format!("{long}y")]);
    assert_eq!(word(&format!("one z{long}"), "y"), [format!("{long}y")]);

    let mut page = Page::plain("password");
    for _ in 0..65 {
        page.add_cut(4);
    }
    assert_eq!(page.cut_words().count(), 64);
}

#[test]
fn a_target_that_is_written_in_part_is_completed() {
    for (target, is_completed) in [
        ("", true),
        ("a", true),
        ("a/b", true),
        ("a/b:c", true),
        ("a?b=c.d", true),
        ("a#b.c", true),
        ("/a", true),
        ("/", true),
        ("/a.b", true),
        ("//a", false),
        ("//a.example/b", false),
        ("#a", false),
        ("\\a", false),
        ("?a", true),
        ("https:a", false),
        ("mailto:a@x.example", false),
        ("www.shop.example", false),
        ("www.shop.example/a", false),
    ] {
        let mut page = Page::default();
        page.add_link(target.to_owned(), String::new());
        page.complete_targets("https://b.example");
        let expected = match is_completed {
            true => "https://b.example",
            false => target,
        };
        assert_eq!(page.links[0].target, expected, "{target}");
    }
}

#[test]
fn a_label_has_so_much_room() {
    let label = |texts: &[&str]| {
        let mut page = Page::default();
        let link = page.add_link(String::new(), String::new()).unwrap();
        for text in texts {
            page.add_label(link, text);
        }
        page.links[0].label.clone()
    };
    let (long, short) = ("x".repeat(600), "x".repeat(599));
    let shorter = "x".repeat(598);
    for (texts, expected) in [
        (&["one", " two"][..], "one two"),
        (&[&long, "y"], &*long),
        (&[&format!("{long}y")], &*long),
        (&[&short, "y", "z"], &format!("{short}y")),
        // An é takes two octets.
        (&[&shorter, "é"], &format!("{shorter}é")),
        (&[&short, "é"], &short),
        (&["é  é"], "é é"),
        (&["é\u{2800}\u{a0} é"], "é é"),
        (&["\u{200B}é\u{200B}"], "é"),
        (
            &["e\u{301}\u{301}\u{301}\u{301}\u{301}a"],
            "e\u{301}\u{301}\u{301}\u{301}a",
        ),
        // Signs of direction are kept: they say in which order the letters are seen.
        (&["\u{202E}ab\u{202C}"], "\u{202E}ab\u{202C}"),
    ] {
        assert_eq!(label(texts), expected, "{texts:?}");
    }
    let mut page = Page::default();
    page.add_link(String::new(), "x".repeat(500)).unwrap();
    assert!(page.takes(0, 100));
    assert!(!page.takes(0, 101));
    assert!(page.takes(1, 1_000), "there is no such link");
}

#[test]
fn so_many_links_and_fields_are_kept() {
    let mut page = Page::default();
    for _ in 0..2_000 {
        assert!(page.add_link(String::new(), String::new()).is_some());
    }
    for _ in 0..200 {
        page.add_field(false, "pin");
    }
    assert!(!page.cut);
    page.add_field(false, "pin");
    assert_eq!((page.fields.len(), page.cut), (200, true));
    page.cut = false;
    assert_eq!(page.add_link(String::new(), String::new()), None);
    assert_eq!((page.links.len(), page.cut), (2_000, true));
}

#[test]
fn faint_stretches_that_touch_are_one() {
    let mut page = Page::plain("one two three");
    page.add_faint(2..4);
    page.add_faint(4..6);
    page.add_faint(8..9);
    assert_eq!(page.faint, [2..6, 8..9]);
    let faint: Vec<usize> = (0..12).filter(|at| page.is_faint(*at)).collect();
    assert_eq!(faint, [2, 3, 4, 5, 8]);
    for (range, is_faint) in [
        (0..2, false),
        (0..3, true),
        (5..7, true),
        (6..8, false),
        (6..9, true),
        (9..12, false),
    ] {
        assert_eq!(page.has_faint(&range), is_faint, "{range:?}");
    }
}

#[test]
fn the_text_of_pictures_can_be_left_out() {
    let mut page = Page::plain("one two three");
    assert_eq!(page.without_pictures(), "one two three");
    page.add_alt(0..4);
    page.add_alt(7..9);
    assert_eq!(page.without_pictures(), "twohree");
}

#[test]
fn a_page_is_split_at_its_quotes() {
    let mut page = Page::default();
    for (text, target, in_block) in [
        ("own ", "a", false),
        ("quote", "b", true),
        (" own", "c", false),
    ] {
        page.in_block = in_block;
        page.add_link(target.to_owned(), String::new());
        page.add_field(in_block, target);
        page.text.push_str(text);
    }
    page.cut = true;
    let (outside, inside) = page.split(std::slice::from_ref(&(4..9)));
    let targets = |page: &Page| -> Vec<String> {
        let links = page.links.iter().map(|link| link.target.clone());
        links
            .chain(page.fields.iter().map(|field| field.label.clone()))
            .collect()
    };
    assert_eq!((&*outside.text, outside.cut), ("own \n\n own", true));
    assert_eq!(&*inside.text, "quote\n\n");
    assert_eq!(targets(&outside), ["a", "c", "a", "c"]);
    assert_eq!(targets(&inside), ["b", "b"]);
}
