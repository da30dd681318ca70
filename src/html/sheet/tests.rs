use crate::html::read;

/// Whether the second word of a page is seen: in all programs, in some or in none.
fn page(html: &str) -> &'static str {
    let pages = read(html);
    let without = pages.others.iter().any(|page| !page.text.contains("two"));
    match (pages.seen.text.contains("two"), without) {
        (false, _) => "hidden",
        (true, true) => "doubtful",
        (true, false) => "seen",
    }
}

fn styled(css: &str, paragraph: &str) -> &'static str {
    page(&format!("<style>{css}</style>one <p {paragraph}>two</p>"))
}

const HIDE: &str = "{display:none}";

#[test]
fn rules_hold_in_the_blocks_that_they_stand_in() {
    for (css, expected) in [
        ("p{display:none}", "hidden"),
        ("p{display:none", "hidden"),
        ("p{color:red;display:none}", "hidden"),
        ("p{display:none;color:red;}", "hidden"),
        ("p{}", "seen"),
        ("i{color:red}p{display:none}", "hidden"),
        ("i{color:red};p{display:none}", "hidden"),
        ("}p{display:none}", "hidden"),
        ("<!--p{display:none}-->", "hidden"),
        ("<!-- <!-- p{display:none}", "hidden"),
        ("@import 'x';p{display:none}", "hidden"),
        ("junk;p{display:none}", "hidden"),
        ("/*{*/p{display:none}", "hidden"),
        ("p/**/{display:none}", "hidden"),
        ("p{/*}*/display:none}", "hidden"),
        ("p{content:'}';display:none}", "hidden"),
        // Of two in a block the later counts, but for the one that is marked.
        ("p{display:none;display:block}", "seen"),
        ("p{display:none!important;display:block}", "hidden"),
        // At-rules.
        ("@media screen{p{display:none}}", "hidden"),
        ("@MEDIA screen{p{display:none}}", "hidden"),
        ("@media/**/screen{p{display:none}}", "hidden"),
        ("@media print{p{display:none}}", "doubtful"),
        ("@media print{i{color:red}}p{display:none}", "hidden"),
        ("@media print{@media screen{p{display:none}}}", "doubtful"),
        ("@media screen{@media screen{p{display:none}}}", "hidden"),
        ("@supports (display:grid){p{display:none}}", "hidden"),
        ("@supports not (display:grid){p{display:none}}", "doubtful"),
        ("@supports NOT (display:grid){p{display:none}}", "doubtful"),
        ("@layer x{p{display:none}}", "hidden"),
        ("@layer x,y;p{display:none}", "hidden"),
        ("@container (width>1px){p{display:none}}", "doubtful"),
        ("@scope (div){p{display:none}}", "doubtful"),
        ("@document url(x){p{display:none}}", "doubtful"),
        ("@-moz-document url(x){p{display:none}}", "doubtful"),
        ("@starting-style{p{display:none}}", "doubtful"),
        ("@font-face{p{display:none}}", "seen"),
        ("@font-face{x:y}p{display:none}", "hidden"),
        ("@font-face{x{y{z:1}}}p{display:none}", "hidden"),
        ("@font-face{x{p{display:none}}", "seen"),
        ("@keyframes x{from{display:none}}p{color:red}", "seen"),
        // A rule within a rule: whose it is nobody knows.
        ("i{p{display:none}}", "doubtful"),
        ("p{i{color:red}display:none}", "hidden"),
        ("p{@media screen{display:none}}", "seen"),
        ("p{@media screen{x:y}display:none}", "hidden"),
    ] {
        assert_eq!(styled(css, ""), expected, "{css}");
    }
    // So deep they are followed.
    let nested = |depth: usize| {
        let (open, close) = ("@media screen{".repeat(depth), "}".repeat(depth));
        styled(&format!("{open}p{HIDE}{close}"), "")
    };
    assert_eq!((nested(8), nested(9)), ("hidden", "seen"));
    let within = |depth: usize| {
        let (open, close) = ("i{".repeat(depth), "}".repeat(depth));
        styled(&format!("{open}p{HIDE}{close}"), "")
    };
    assert_eq!((within(8), within(9)), ("doubtful", "seen"));
}

#[test]
fn what_counts_more_wins_and_what_loses_stays_in_doubt() {
    let (hide, show) = ("{display:none}", "{display:block}");
    for (first, second, how_shown, how_hidden) in [
        // Whether the first selector, or the second, is the one that shows.
        ("p", "p", "hidden", "doubtful"),
        ("p", ".a", "hidden", "doubtful"),
        (".a", "p", "doubtful", "hidden"),
        (".a", "#i", "hidden", "doubtful"),
        ("#i", ".a", "doubtful", "hidden"),
        ("#i", "p.a.a.a", "doubtful", "hidden"),
        ("p.a", ".a", "doubtful", "hidden"),
        ("p[class]", "p.a", "hidden", "doubtful"),
        ("*", "p", "hidden", "doubtful"),
        ("p", "*", "doubtful", "hidden"),
    ] {
        let css = format!("{first}{show}{second}{hide}");
        assert_eq!(styled(&css, "class=a id=i"), how_shown, "{css}");
        let css = format!("{first}{hide}{second}{show}");
        assert_eq!(styled(&css, "class=a id=i"), how_hidden, "{css}");
    }
    for (css, style, expected) in [
        ("#i{display:none}", "display:block", "doubtful"),
        ("#i{display:block}", "display:none", "hidden"),
        ("p{display:none!important}", "display:block", "hidden"),
        (
            "p{display:none!important}",
            "display:block!important",
            "doubtful",
        ),
        ("p{display:block!important}", "display:none", "doubtful"),
        ("p{display:block!important}#i{display:none}", "", "doubtful"),
        ("p{display:none!important}#i{display:block}", "", "hidden"),
        ("p{display:block!important}", "", "seen"),
    ] {
        let found = styled(css, &format!("id=i style='{style}'"));
        assert_eq!(found, expected, "{css} {style}");
    }
}

#[test]
fn a_selector_asks_for_what_an_element_stands_in() {
    for (selector, expected) in [
        ("div p", "hidden"),
        ("div>p", "hidden"),
        ("body p", "hidden"),
        ("body>p", "seen"),
        ("body div>p", "hidden"),
        ("body>div p", "hidden"),
        ("body>div>p", "hidden"),
        ("html>p", "seen"),
        ("i p", "seen"),
        (".x p", "hidden"),
        ("#y p", "hidden"),
        ("div.x#y p", "hidden"),
        ("div.z p", "seen"),
        ("p div", "seen"),
        ("p p", "seen"),
        ("div div p", "seen"),
        ("i + p", "doubtful"),
        ("div i ~ p", "doubtful"),
        ("b i ~ p", "seen"),
        ("[x] p", "doubtful"),
        ("p:not(.q)", "doubtful"),
        ("p.q:not(.r)", "seen"),
        ("p:hover", "seen"),
    ] {
        let html = format!(
            "<style>{selector}{HIDE}</style><body>one <div class='w x' id=y><p>two</p></div></body>"
        );
        assert_eq!(page(&html), expected, "{selector}");
    }
}

#[test]
fn so_many_rules_with_conditions_are_compared() {
    let css = |before: usize| {
        let mut css = String::new();
        for _ in 0..before {
            css += ".a[x]{color:red}";
        }
        css + ".a[title]{display:none}"
    };
    assert_eq!(styled(&css(23), "class=a title=x"), "hidden");
    // There is no room to look, so that some program could.
    assert_eq!(styled(&css(24), "class=a title=x"), "doubtful");
    assert_eq!(styled(&css(24), "class=b title=x"), "seen");
}

#[test]
fn an_elements_names_are_those_of_its_attributes() {
    for (paragraph, selector, expected) in [
        ("class='a b'", ".b", "hidden"),
        ("class='a  b'", ".a", "hidden"),
        ("class='a a'", ".a", "hidden"),
        ("class=ab", ".a", "seen"),
        ("id=' a '", "#a", "hidden"),
        ("id='a b'", "#a", "seen"),
        ("id=a", ".a", "seen"),
        ("class=a", "#a", "seen"),
        ("class=p", "p.p", "hidden"),
    ] {
        let found = styled(&format!("{selector}{HIDE}"), paragraph);
        assert_eq!(found, expected, "{paragraph} {selector}");
    }
}

#[test]
fn a_sheet_of_another_kind_holds_nowhere_but_in_doubt() {
    for (attributes, expected) in [
        ("", "hidden"),
        ("type=text/css", "hidden"),
        ("type=' TEXT/CSS '", "hidden"),
        ("type=text/less", "doubtful"),
        ("media=screen", "hidden"),
        ("media=print", "doubtful"),
        ("media=print type=text/css", "doubtful"),
        ("media=screen type=text/less", "doubtful"),
    ] {
        let html = format!("<style {attributes}>p{HIDE}</style>one <p>two</p>");
        assert_eq!(page(&html), expected, "{attributes}");
    }
    // Wherever it stands it holds for all of the page.
    for html in [
        "<head><title>x</title><style>p{display:none}</style></head>one <p>two</p>",
        "one <p>two</p><style>p{display:none}</style>",
        "<div><style>p{display:none}</style></div>one <p>two</p>",
        "<style>i{color:red}</style>one <p>two</p><style>p{display:none}</style>",
        "<p hidden>x</p><style>p{display:none}</style>one <p>two</p>",
    ] {
        assert_eq!(page(html), "hidden", "{html}");
    }
}
