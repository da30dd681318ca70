use super::*;

fn all(list: &str) -> Vec<Selector> {
    let mut found = Vec::new();
    read(list, |selector| found.push(selector));
    found
}

#[test]
fn selectors_are_read_from_their_end() {
    let found = all("div > p.Q#a .r, \\71");
    let [first, second] = &*found else {
        panic!("{found:?}");
    };
    assert_eq!(first.last.names, [key(CLASS, b"r")]);
    let around: Vec<_> = first
        .around
        .iter()
        .map(|(one, parent)| (one.tag, *parent))
        .collect();
    assert_eq!(
        around,
        [
            (Some(key(TAG, b"p")), false),
            (Some(key(TAG, b"div")), true)
        ]
    );
    assert!(first.is_exact);
    assert_eq!(second.last.tag, Some(key(TAG, b"q")));
}

#[test]
fn what_a_mail_at_rest_never_shows_is_left_out() {
    assert_eq!(all(".a:hover, .a::before, .a:visited").len(), 0);
    assert!(all("u + .b").iter().all(|selector| !selector.is_exact));
}

#[test]
fn attributes_are_compared() {
    let mut tag = StartTag::default();
    tag.name.push('i');
    tag.add_attribute("data-x", "one Two");
    let holds = |list: &str| all(list).iter().all(|one| one.last.has_attributes(&tag));
    assert!(holds(
        "[data-x],[data-x~=two],[data-x^='one'],[data-x$=two i],[data-x*=\"e t\"]"
    ));
    assert!(!holds("[data-x=one]"));
    assert!(!holds("[data-y]"));
}

/// Whether a selector is of an element with this name and these attributes, what it stands in aside.
fn is_of(list: &str, name: &str, attributes: &[(&str, &str)]) -> bool {
    let mut tag = StartTag::default();
    tag.name.push_str(name);
    for (name, value) in attributes {
        tag.add_attribute(name, value);
    }
    let mut keys = Vec::new();
    crate::html::sheet::keys(name, &tag.asked(), &mut keys);
    let mut found = all(list).into_iter().map(|one| one.last);
    found.any(|last| last.has_names(&keys) && last.has_attributes(&tag))
}

/// Selectors, and whether they are of the paragraph that is asked of.
const SELECTORS: &[(&str, bool)] = &[
    ("*", true),
    ("p", true),
    ("P", true),
    ("div", false),
    (".b", true),
    (".B", true),
    (".c.b", true),
    (".d", false),
    (".b.d", false),
    ("#q", true),
    ("#b", false),
    (".q", false),
    ("p#q.b", true),
    ("i#q.b", false),
    ("[title]", true),
    ("[TITLE]", true),
    ("[ title ]", true),
    ("[href]", false),
    ("[title='one-two three']", true),
    ("[title=one-two]", false),
    ("[title='']", false),
    ("[title~=one-two]", true),
    ("[title~=THREE]", true),
    ("[title~=two]", false),
    ("[title|=one]", true),
    ("[title|='one-two three']", true),
    ("[title|=on]", false),
    ("[title|=two]", false),
    ("[title^=one]", true),
    ("[title^=two]", false),
    ("[title^='']", false),
    ("[title$=three]", true),
    ("[title$=two]", false),
    ("[title$='']", false),
    ("[title*=two]", true),
    ("[title*=four]", false),
    ("[title*='']", false),
    ("[title*=TWO i]", true),
    ("[title*=TWO s]", true),
    ("[title*='two t']", true),
    ("p:is(.b)", true),
    ("p:is(.d)", false),
    (":is(p)", true),
    (":is(i)", false),
    (":where([title])", true),
    (":matches([href])", false),
    (":-webkit-any(.b)", true),
    (":root", false),
    (":link", false),
    ("p:hover", false),
    ("p::first-line", false),
    ("p:before", false),
    ("", false),
    ("!", false),
    ("p!", false),
    ("div p", true),
];

#[test]
fn a_selector_is_of_an_element_or_is_not() {
    let attributes = [("id", "q"), ("class", "b c"), ("title", "one-two Three")];
    for &(selector, is_it) in SELECTORS {
        assert_eq!(is_of(selector, "p", &attributes), is_it, "{selector}");
    }
    assert!(is_of(":root", "html", &[]));
    assert!(is_of(":link", "a", &[]));
    assert!(is_of(":any-link", "a", &[]));
    for state in [
        "hover",
        "active",
        "focus",
        "visited",
        "checked",
        "target",
        "focus-within",
    ] {
        assert_eq!(all(&format!("p:{state}")).len(), 0, "{state}");
    }
}

#[test]
fn a_selector_weighs_what_it_asks_for() {
    for (selector, ids, names, tags) in [
        ("*", 0, 0, 0),
        ("p", 0, 0, 1),
        ("div p", 0, 0, 2),
        (".a", 0, 1, 0),
        ("#a", 1, 0, 0),
        ("p#a.b.c", 1, 2, 1),
        ("[a]", 0, 1, 0),
        ("p[a][b]", 0, 2, 1),
        (":root", 0, 1, 0),
        (":is(#a)", 1, 0, 0),
        (":is(p)", 0, 0, 1),
        (":where(#a)", 0, 0, 0),
        ("p:nth-child(2)", 0, 1, 1),
    ] {
        let [found] = &all(selector)[..] else {
            panic!("{selector}");
        };
        let weight = ids << 16 | names << 8 | tags;
        assert_eq!(found.specificity, weight, "{selector}");
    }
}

#[test]
fn what_is_not_understood_is_said() {
    for (selector, around, is_exact) in [
        ("p", 0, true),
        ("a b c", 2, true),
        ("a>b > c", 2, true),
        ("a + b", 0, false),
        ("a ~ b", 0, false),
        ("a + b c", 1, false),
        ("a || b", 0, false),
        ("&.a", 0, false),
        ("p:nth-child(1)", 0, false),
        ("p:not(.a)", 0, false),
        ("p:is(.a, .b)", 0, false),
        ("[a] p", 1, false),
        ("p[a]", 0, true),
        ("a b c d e f g", 6, true),
        ("a b c d e f g h", 6, false),
        (&"[a]".repeat(8), 0, true),
        (&"[a]".repeat(9), 0, false),
    ] {
        let [found] = &all(selector)[..] else {
            panic!("{selector}");
        };
        let found = (found.around.len(), found.is_exact);
        assert_eq!(found, (around, is_exact), "{selector}");
    }
    // No element of mail has more names.
    assert_eq!(all(&".a".repeat(17)).len(), 1);
    assert_eq!(all(&".a".repeat(18)).len(), 0);
    let plain = |selector: &str| all(selector)[0].last.is_plain();
    assert!(plain("p") && plain(".a") && plain("#a") && plain("*"));
    assert!(!plain("p.a") && !plain(".a.b") && !plain("[a]") && !plain(".a[b]"));
    let strongest = |selector: &str| all(selector)[0].last.strongest();
    assert_eq!(strongest("p.a#b"), Some(key(ID, b"b")));
    assert_eq!(strongest("p.a.b"), Some(key(CLASS, b"a")));
    assert_eq!(strongest("p"), Some(key(TAG, b"p")));
    assert_eq!(strongest("*"), None);
    assert_eq!(all("a, b,, c").len(), 3);
    assert_eq!(all("\\000070 #b")[0].last.tag, Some(key(TAG, b"p")));
    assert_eq!(all("\\.#b")[0].last.tag, Some(key(TAG, b".")));
}
