//! That a page is cut as html5gum cuts it, which follows HTML section 13.2.5 state by state.

use super::*;
use html5gum::{DefaultEmitter, Token as Theirs, Tokenizer as Library};
use proptest::{collection::vec, prelude::*, sample::select};

fn ours(html: &str) -> Vec<String> {
    let html = preprocessed(html);
    let mut tokens = Tokenizer::new(&html);
    let mut found = Vec::new();
    while let Some(token) = tokens.next() {
        found.push(match token {
            Token::Text(text) => format!("text {text:?}"),
            Token::Start(tag) => format!("start {} {}", shown(tag), tag.self_closing),
            Token::End(name) => format!("end {name:?}"),
            Token::Comment(comment) => format!("comment {comment:?}"),
        });
    }
    found
}

/// Name and attributes, of several with one name the first.
fn shown(tag: &StartTag) -> String {
    let mut attributes = std::collections::BTreeMap::new();
    for (name, value) in tag.attributes() {
        attributes.entry(name).or_insert(value);
    }
    format!("{:?} {attributes:?}", tag.name)
}

fn theirs(html: &str) -> Vec<String> {
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut found = Vec::new();
    for Ok(token) in Library::new_with_emitter(html, emitter) {
        found.push(match token {
            Theirs::String(read) => format!("text {:?}", text(&read)),
            Theirs::StartTag(read) => {
                let mut tag = StartTag::default();
                tag.name = text(&read.name);
                for (name, value) in &read.attributes {
                    tag.add_attribute(&text(name), &text(value));
                }
                format!("start {} {}", shown(&tag), read.self_closing)
            }
            Theirs::EndTag(read) => format!("end {:?}", text(&read.name)),
            Theirs::Comment(read) => format!("comment {:?}", text(&read)),
            Theirs::Doctype(_) | Theirs::Error(_) => continue,
        });
    }
    found
}

const PIECES: [&str; 81] = [
    "<",
    ">",
    "/",
    "=",
    "!",
    "-",
    "--",
    "?",
    "&",
    ";",
    "#",
    "'",
    "\"",
    "\0",
    "\r",
    "\n",
    "\r\n",
    "\t",
    "\x0C",
    " ",
    "a",
    "é",
    "İ",
    "3",
    "</",
    "/>",
    "<!",
    "<?",
    "<!-",
    "<!--",
    "-->",
    "--!>",
    "--!",
    "->",
    "<!-->",
    "<!--->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a \"b>c\">",
    "<!doctype",
    "<a>",
    "<A HREF=u>",
    "<b c='d' C=\"e\">",
    "</a>",
    "</A b=c/>",
    "</>",
    "</3>",
    "<a/b/>",
    "<a =b>",
    "<a b=c/d>",
    "<a b = 'c'd>",
    "<x\0y z\0=\0>",
    "<a b=&amp;c=1>",
    "<a b='&lt&copy=1&#65;'>",
    "&amp;",
    "&amp",
    "&nbsp;",
    "&notit;",
    "&NotEqualTilde;",
    "&#0;",
    "&#x41",
    "&#X4a;",
    "&#128;",
    "&#x110000;",
    "&#xD800;",
    "&#99999999999;",
    "&#;",
    "&#x;",
    "<script>",
    "<script",
    "</script>",
    "</SCRIPT ",
    "</script",
    "<style>",
    "</style>",
    "<textarea>",
    "</textarea>",
    "</textareas>",
    "<title>",
    "</title/x>",
    "<plaintext>",
];

/// What decides where a script ends, and a comment.
const ENDS: [&str; 16] = [
    "<script>",
    "<script",
    "<SCRIPT ",
    "</script>",
    "</script",
    "<!--",
    "-->",
    "--!>",
    "--",
    "-",
    ">",
    "<",
    "/",
    "!",
    " ",
    "a",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    #[test]
    fn tokens_are_those_of_html5gum(pieces in vec(select(PIECES.to_vec()), 0..14)) {
        let html = pieces.concat();
        prop_assert_eq!(ours(&html), theirs(&html));
    }

    #[test]
    fn scripts_and_comments_end_where_html5gum_ends_them(
        first in select(vec![
            "<script>", "<script><!--", "<script><!--<script>", "<!--"]),
        pieces in vec(select(ENDS.to_vec()), 0..12),
    ) {
        let html = format!("{first}{}", pieces.concat());
        prop_assert_eq!(ours(&html), theirs(&html));
    }
}

#[test]
fn what_browsers_read_otherwise_than_html5gum() {
    let text_of = |name: &str| ours(&format!("<{name}><b></{name}>")).get(1).cloned();
    assert_eq!(text_of("noframes").as_deref(), Some("text \"<b>\""));
    // Nobody's mail program runs scripts.
    assert_eq!(text_of("noscript").as_deref(), Some("start \"b\" {} false"));
}

#[test]
fn numbers_are_the_signs_that_they_are_to_html5gum() {
    let odd = [
        0xD7FF,
        0xD800,
        0xDFFF,
        0xE000,
        0xFFFE,
        0x10_FFFF,
        0x11_0000,
        u32::MAX,
    ];
    for code in (0..0x180).chain(odd) {
        for html in [
            format!("&#{code};"),
            format!("&#x{code:x}z"),
            format!("<a b='&#{code}'>"),
        ] {
            assert_eq!(ours(&html), theirs(&html), "{html:?}");
        }
    }
}
