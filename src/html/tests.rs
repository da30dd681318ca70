//! That a page is read by its tokens as html5gum cuts them.

use super::*;
use html5gum::{DefaultEmitter, Token, Tokenizer};
use proptest::{collection::vec, prelude::*, sample::select};

/// The same from the library's own tokens.
fn token_by_token(html: &str) -> Pages {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let mut reader = Reader::new();
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::StartTag(found) => {
                let mut tag = StartTag::default();
                tag.name = text(&found.name);
                for (name, value) in &found.attributes {
                    tag.add_attribute(&text(name), &text(value));
                }
                tag.self_closing = found.self_closing;
                reader.start(&tag);
            }
            Token::EndTag(tag) => reader.end(&text(&tag.name)),
            Token::String(found) => reader.text(&text(&found)),
            Token::Comment(comment) => reader.comment(&text(&comment)),
            _ => {}
        }
    }
    reader.finish()
}

fn pages() -> impl Strategy<Value = String> {
    let bits = vec![
        "<a href='u'>",
        "<a HREF=\"v\" href=w>",
        "<a href>",
        "</a>",
        "</a id=x>",
        "<p style='display:none'>",
        "</p>",
        "<blockquote type=cite>",
        "</blockquote>",
        "<div style='color:#FFF'>",
        "</div>",
        "<br/>",
        "<p a=&amp;b c='&quot;d'>",
        "<v:x href=q />",
        "<input type=password name=pin>",
        "<input value",
        "=",
        "'",
        "\"",
        ">",
        "<",
        "</",
        "&amp;",
        "&lt;",
        "&quot;",
        "&nbsp;",
        "&#x430;",
        "&eur",
        "&",
        "&hellip;",
        "&notin;",
        "&not",
        "&Tab;",
        "&NewLine;",
        "&NotEqualTilde;",
        "=",
        ";",
        "\0",
        "\r",
        "\r\n",
        "<style>",
        "</style>",
        "<textarea>",
        "</textarea>",
        "<title>",
        "<!--[if mso]><a href=o>x<![endif]-->",
        "<!-- ",
        "-->",
        "<!doctype html>",
        "<base href='/b'>",
        "<img alt='seen' alt=not>",
        "word",
        "two words",
        " ",
        "é",
    ];
    vec(select(bits), 0..40).prop_map(|bits| bits.concat())
}

#[test]
fn every_reference_is_read_as_the_library_reads_it() {
    for name in references::names() {
        for behind in ["", ";", "=", "x", " ", "&", "<b>"] {
            let bare = format!("<a href=x&{name}{behind}y>z</a>");
            let html = format!("{bare}<a href='&{name}{behind}'>&{name}{behind}</a>&{name}");
            let expected = token_by_token(&html);
            assert_eq!(
                format!("{:?}", read(&html)),
                format!("{expected:?}"),
                "{html}"
            );
        }
    }
}

#[test]
fn a_label_holds_what_is_seen() {
    let marks = "\u{301}".repeat(9);
    let label = |text: &str| {
        read(&format!("<a href=u>{text}</a>")).seen.links[0]
            .label
            .clone()
    };
    assert_eq!(label("é\u{200B}\u{200B}a"), "éa");
    assert_eq!(
        label(&format!("z{marks}a")),
        "z\u{301}\u{301}\u{301}\u{301}a"
    );
    assert_eq!(label("é \u{2800} a"), "é a");
}

#[test]
fn what_some_program_hides_is_read_without_it_too() {
    let others = |rule: &str, style: &str| {
        let html = format!("<style>{rule} {{ i {{ {style} }} }}</style>pass<i>qz</i>word");
        let pages = read(&html);
        assert_eq!(pages.seen.text.trim(), "passqzword", "{style}");
        let mut texts: Vec<String> = pages.others.into_iter().map(|page| page.text).collect();
        texts.retain(|text| text.trim() == "password");
        texts.len()
    };
    for style in [
        "font-size:0",
        "font-size:1px",
        "display:none",
        "visibility:hidden",
        "opacity:0",
        "color:white",
    ] {
        assert_eq!(others("@media print", style), 1, "{style}");
    }
    for style in [
        "font-size:14px",
        "display:block",
        "opacity:1",
        "color:black",
    ] {
        assert_eq!(others("@media print", style), 0, "{style}");
    }
    for rule in [
        "@container (width > 9px)",
        "@scope (div)",
        "@starting-style",
    ] {
        assert_eq!(others(rule, "display:none"), 1, "{rule}");
    }
}

#[test]
fn a_text_on_a_picture_is_read_without_it_where_the_colour_below_hides_it() {
    for (style, texts) in [
        ("background:url(x)", 0),
        ("background:url(x);color:white", 1),
        ("background:url(x) navy;color:white", 0),
        ("background:url(x) navy;color:navy", 1),
        ("background:navy;color:white", 0),
    ] {
        let pages = read(&format!("pass<i style='{style}'>qz</i>word"));
        assert_eq!(pages.seen.text.trim(), "passqzword", "{style}");
        assert_eq!(pages.others.len(), texts, "{style}");
    }
}

/// Some programs give such a text no room; most show it.
#[test]
fn a_text_without_room_is_faint() {
    for (style, faint) in [
        ("", false),
        ("height:0", true),
        ("height:1px", true),
        ("height:2px", false),
        ("max-height:0", true),
        ("width:0", true),
        ("max-width:1px", true),
        ("width:2px", false),
        ("line-height:0", true),
        ("line-height:1px", false),
        ("line-height:.1em", false),
        ("line-height:1%", false),
        ("left:-99px", true),
        ("left:-98px", false),
        ("margin-left:-99px", true),
        ("margin-left:-98px", false),
        ("font-size:4.9px", true),
        ("font-size:5px", false),
    ] {
        let page = read(&format!("one <b style='{style}'>two</b>")).seen;
        assert_eq!(page.text.trim(), "one two", "{style}");
        assert_eq!(
            (page.is_faint(0), page.is_faint(4)),
            (false, faint),
            "{style}"
        );
    }
}

#[test]
fn so_many_selectors_are_read_and_no_more() {
    let cut = |rules: usize| {
        let rules = ".a{color:red}".repeat(rules);
        read(&format!("<style>{rules}</style><p class=b>one</p>"))
            .seen
            .cut
    };
    assert!(!cut(20_000));
    assert!(cut(20_001));
}

#[test]
fn a_media_query_holds_on_a_screen_or_does_not() {
    for (query, holds) in [
        ("", true),
        ("all", true),
        ("screen", true),
        ("SCREEN", true),
        ("print", false),
        ("print, screen", true),
        ("print, speech", false),
        ("only screen", true),
        ("not print", true),
        ("not screen", false),
        ("screen and (min-width:1000px)", true),
        ("screen and (min-width:1001px)", false),
        ("print and (min-width:1000px)", false),
        ("not screen and (min-width:1001px)", true),
        ("(max-width:1000px)", true),
        ("(max-width:999px)", false),
        ("(min-device-width:1000px)", true),
        ("(min-device-width:1001px)", false),
        ("(max-device-width:1000px)", true),
        ("(max-device-width:999px)", false),
        ("(min-height:800px)", true),
        ("(min-height:801px)", false),
        ("(max-height:800px)", true),
        ("(max-height:799px)", false),
        ("(min-device-height:800px)", true),
        ("(min-device-height:801px)", false),
        ("(max-device-height:800px)", true),
        ("(max-device-height:799px)", false),
        ("(min-width:nonsense)", false),
        ("(prefers-color-scheme:light)", true),
        ("(prefers-color-scheme:dark)", false),
        ("(orientation:landscape)", true),
        ("(orientation:portrait)", false),
        ("(color)", true),
        ("(hover:hover)", true),
        ("(hover:none)", false),
        ("(width > 9px)", true),
        ("(nonsense)", false),
    ] {
        assert_eq!(sheet::holds_on_screen(query), holds, "{query}");
    }
}

#[test]
fn a_links_text_is_cut_word_by_word() {
    // There is no room for the second word, but for the blank behind it.
    let page = read(&format!("<a href=u>{} é z</a>", "x".repeat(598)));
    let label = page
        .seen
        .links
        .first()
        .map(|link| link.label.trim_start_matches('x'));
    assert_eq!(label, Some("  "));
}

/// An element without a text may stand before the sheet.
#[test]
fn what_a_sheet_says_holds_for_tags_that_are_known() {
    for (between, expected) in [("", "one"), ("<style>.a{display:none}</style>", "")] {
        let page = read(&format!("<p class=a></p>{between}<p class=a>one</p>"));
        assert_eq!(page.seen.text.trim_end(), expected, "{between}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn a_page_is_read_as_by_its_tokens(html in pages()) {
        let read = read(&html);
        prop_assert_eq!(format!("{read:?}"), format!("{:?}", token_by_token(&html)));
    }
}
