//! What styles and style sheets hide, page by page; tests/visible_text.rs asks a browser about more of them.

use amazon_spoof_milter::html::visible_text;

/// Pages, and the words that they show.
const SHOWN: [(&str, &str); 67] = [
    // Sizes by name, where the letters around have none.
    (
        "<div style='font-size:0'>one <b style='font-size:x-large'>two</b></div>",
        "two",
    ),
    (
        "<div style='font-size:0'>one <b style='font-size:xx-small'>two</b></div>",
        "two",
    ),
    (
        "<div style='font-size:0'>one <b style='font-size:xxx-large'>two</b></div>",
        "two",
    ),
    (
        "<div style='font-size:0'>one <b style='font-size:larger'>two</b></div>",
        "",
    ),
    (
        "<div style='font-size:0'>one <b style='font-size:enormous'>two</b></div>",
        "",
    ),
    // What moves a box away, or makes it nothing.
    ("one <p style='transform:scale(0)'>two</p>", "one"),
    ("one <p style='transform:scale(1)'>two</p>", "one two"),
    ("one <p style='transform:rotatex(90deg)'>two</p>", "one"),
    ("one <p style='translate:-9999px'>two</p>", "one"),
    ("one <b style='transform:scale(0)'>two</b>", "one two"),
    ("one <p style='height:0;overflow:hidden'>two</p>", "one"),
    ("one <p style='height:0'>two</p>", "one two"),
    (
        "one <p style='position:absolute;clip:rect(0 0 0 0)'>two</p>",
        "one",
    ),
    (
        "one <p style='position:absolute;clip:rect(0 90px 90px 0)'>two</p>",
        "one two",
    ),
    (
        "one <p style='position:absolute;clip:rect(0 0 90px 0)'>two</p>",
        "one",
    ),
    (
        "one <p style='position:absolute;clip:rect(0 90px 1px 0)'>two</p>",
        "one",
    ),
    (
        "one <p style='position:absolute;clip:rect(8px 90px 10px 0)'>two</p>",
        "one two",
    ),
    (
        "one <p style='position:absolute;clip:rect(0 10px 90px 9px)'>two</p>",
        "one",
    ),
    ("one <p style='clip-path:inset(50%)'>two</p>", "one"),
    ("one <p style='clip-path:inset(50% 0)'>two</p>", "one"),
    ("one <p style='clip-path:inset(0 50%)'>two</p>", "one"),
    ("one <p style='clip-path:inset(5% 5%)'>two</p>", "one two"),
    ("one <p style='margin:0 0 0 -9999px'>two</p>", "one"),
    // Colours.
    ("one <p style='background:navy;color:navy'>two</p>", "one"),
    (
        "one <p style='background:navy;color:white'>two</p>",
        "one two",
    ),
    ("one <p style='color:white'>two</p>", "one"),
    // What is reckoned.
    ("one <p style='opacity:calc(2 - 1.99)'>two</p>", "one"),
    ("one <p style='opacity:calc(1 - .5)'>two</p>", "one two"),
    (
        "one <p style='font-size:max(calc(calc(0px)), min(1px, 0px))'>two</p>",
        "one",
    ),
    // By themselves.
    ("one <p hidden>two</p>", "one"),
    ("one <template>two</template>", "one"),
    ("one <dialog>two</dialog>", "one"),
    ("one <dialog open>two</dialog>", "one two"),
    (
        "one <details><summary>two</summary><p>three</p></details>",
        "one two",
    ),
    (
        "one <details open><summary>two</summary><p>three</p></details>",
        "one two three",
    ),
    // Style sheets.
    (
        "<style>.c{display:none}</style>one <p class='b c'>two</p>",
        "one",
    ),
    (
        "<style>@container (width > 9px){.c{display:none}} .d{display:none}</style>one <p class=c>two</p><p class=d>three</p>",
        "one two",
    ),
    (
        "<style>/* a */.a\\:b{display:none}</style>one <p class='a:b'>two</p>",
        "one",
    ),
    (
        "<style>p[title=x]{display:none}</style>one <p title=x>two</p><p title=y>three</p>",
        "one three",
    ),
    (
        "<style>p[title~=x]{display:none}</style>one <p title='a x'>two</p><p title='a y'>three</p>",
        "one three",
    ),
    (
        "<style>p:is(.c){display:none}</style>one <p class=c>two</p><p class=d>three</p>",
        "one three",
    ),
    (
        "<style>p:is(.c, .d){display:none}</style>one <p class=e>two</p>",
        "one two",
    ),
    (
        "<style>div p{display:none}</style>one <p>two</p><div><p>three</p></div>",
        "one two",
    ),
    // What is passed on from outside, and what isn't.
    (
        "<div style='visibility:hidden'>one <b style='visibility:unset'>two</b></div>",
        "",
    ),
    (
        "<div style='visibility:hidden'>one <b style='visibility:initial'>two</b></div>",
        "two",
    ),
    (
        "<div style='font-size:0'>one <b style='font-size:unset'>two</b></div>",
        "",
    ),
    (
        "<div style='font-size:0'>one <b style='font-size:initial'>two</b></div>",
        "two",
    ),
    (
        "<div style='background:navy;color:navy'>one <b style='color:unset'>two</b></div>",
        "",
    ),
    (
        "<div style='background:navy;-webkit-text-fill-color:navy'>one <b style='-webkit-text-fill-color:unset'>two</b></div>",
        "",
    ),
    ("<p style='display:none;display:unset'>one</p>two", "onetwo"),
    ("<p style='opacity:0;opacity:unset'>one</p>two", "one two"),
    // Attributes.
    (
        "<body text=white>one <font color=black>two</font></body>",
        "two",
    ),
    (
        "<body bgcolor=black>one <font color=white>two</font></body>",
        "two",
    ),
    ("one <font color=white>two</font>", "one"),
    (
        "<table><tr><td background=x.png><font color=white>one</font></td></tr></table>",
        "one",
    ),
    (
        "<div style='background:#0000ee'><a>one</a> <a href=x>two</a></div>",
        "one",
    ),
    ("<bdo dir=rtl>eno</bdo>", "\u{2060}one\u{202C}"),
    (
        "<img alt=one width=1> <img alt=two height=1> <img alt=three width=2 height=2>",
        "three",
    ),
    (
        "<style>#c{display:none}</style>one <p id=c>two</p><p id=d>three</p>",
        "one three",
    ),
    // What asks for more counts more.
    (
        "<style>[title]{display:none} p{display:block}</style>one <p title=x>two</p>",
        "one",
    ),
    (
        "<style>.c{display:none} p{display:block}</style>one <p class=c>two</p>",
        "one",
    ),
    (
        "<style>#c{display:none} .c.d.e{display:block}</style>one <p id=c class='c d e'>two</p>",
        "one",
    ),
    (
        "<style>p.c{display:none} .c{display:block}</style>one <p class=c>two</p>",
        "one",
    ),
    (
        "<style>[title]{display:none} .c{display:block}</style>one <p class=c title=x>two</p>",
        "one two",
    ),
    (
        "<style>p:is(#c){display:none} .c{display:block}</style>one <p id=c class=c>two</p>",
        "one",
    ),
    (
        "<style>p:where(#c){display:none} .c{display:block}</style>one <p id=c class=c>two</p>",
        "one two",
    ),
    (
        "<style>.c{display:none!important} #c{display:block}</style>one <p id=c class=c>two</p>",
        "one",
    ),
];

#[test]
fn what_a_style_hides_is_not_read() {
    for (page, shown) in SHOWN {
        let text = visible_text(page);
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words.join(" "), shown, "{page}");
    }
}

/// Every word of `display`, by what stands beside the text, and by what only a box can do.
#[test]
fn a_word_of_display_says_how_a_text_stands() {
    let none: &[&str] = &["none"];
    let inline = &[
        "inline",
        "contents",
        "ruby",
        "ruby-text",
        "ruby-base",
        "run-in",
        "inline flow",
        "initial",
        "unset",
        "nonsense",
    ];
    let boxes = &[
        "inline-block",
        "inline-flex",
        "inline-grid",
        "inline-table",
        "-webkit-inline-box",
        "-webkit-inline-flex",
        "inline flow-root",
        "inline flex",
        "inline grid",
    ];
    let blocks = &[
        "block",
        "flex",
        "grid",
        "list-item",
        "flow-root",
        "table",
        "table-row",
        "table-cell",
        "table-caption",
        "table-row-group",
        "table-header-group",
        "table-footer-group",
        "table-column",
        "table-column-group",
        "-webkit-box",
        "-webkit-flex",
        "block flow",
        "block flex",
    ];
    for (words, shown, scaled) in [
        (none, "onethree", "onethree"),
        (inline, "onetwothree", "onetwothree"),
        (boxes, "onetwothree", "onethree"),
        (blocks, "one two three", "one three"),
    ] {
        for word in words {
            let text = |style: &str| {
                let page = format!("one<b style='display:{word}{style}'>two</b>three");
                let text = visible_text(&page);
                text.split_whitespace().collect::<Vec<_>>().join(" ")
            };
            assert_eq!(text(""), shown, "{word}");
            assert_eq!(text(";transform:scale(0)"), scaled, "{word}");
        }
    }
}
