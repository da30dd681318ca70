//! What styles and style sheets hide, page by page; tests/visible_text.rs asks a browser about more of them.

use amazon_spoof_milter::html::visible_text;

/// Pages, and the words that they show.
const SHOWN: [(&str, &str); 82] = [
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
    // Which elements are meant.
    (
        "<html><style>:root p{display:none}</style>one <p>two</p></html>",
        "one",
    ),
    (
        "<html class=c><head><style>html.c p{display:none}</style></head>one <p>two</p></html>",
        "one",
    ),
    (
        "<style>:link{display:none}</style>one <a href=x>two</a> <b>three</b>",
        "one three",
    ),
    (
        "<style>:any-link{display:none}</style>one <a href=x>two</a>",
        "one",
    ),
    (
        "<style>p:hover{display:none}</style>one <p>two</p>",
        "one two",
    ),
    (
        "<style>p:first-child{display:none}</style>one <p>two</p>",
        "one two",
    ),
    (
        "<style>p::before{display:none}</style>one <p>two</p>",
        "one two",
    ),
    ("<style>*{display:none}</style>one <p>two</p>", "one"),
    (
        "<style>p[title]{display:none}</style>one <p title>two</p><p>three</p>",
        "one three",
    ),
    (
        "<style>p[title^=a]{display:none}</style>one <p title=ab>two</p><p title=ba>three</p>",
        "one three",
    ),
    (
        "<style>p[title$=a]{display:none}</style>one <p title=ba>two</p><p title=ab>three</p>",
        "one three",
    ),
    (
        "<style>p[title*=a]{display:none}</style>one <p title=bab>two</p><p title=b>three</p>",
        "one three",
    ),
    (
        "<style>p[title|=a]{display:none}</style>one <p title=a-b>two</p><p title=ab>three</p>",
        "one three",
    ),
    (
        "<style>div > p{display:none}</style><div><p>one</p><b><p>two</p></b></div>",
        "two",
    ),
    (
        "<style>.c .d p{display:none}</style><div class=c><div class=d><p>one</p></div></div><div class=d><p>two</p></div>",
        "two",
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

/// Styles, and whether they hide the text of a paragraph.
const STYLES: [(&str, bool); 131] = [
    ("display:none", true),
    ("visibility:hidden", true),
    ("visibility:collapse", true),
    ("visibility:visible", false),
    ("opacity:0", true),
    ("opacity:.05", true),
    ("opacity:5%", true),
    ("opacity:.06", false),
    ("filter:opacity(0)", true),
    ("filter:opacity(50%)", false),
    ("filter:blur(0)", false),
    ("-webkit-filter:opacity(0)", true),
    ("font-size:0", true),
    ("font-size:1.4px", true),
    ("font-size:1.5px", false),
    ("font-size:-1px", false),
    ("font:0 serif", true),
    ("font:bold 1px/2 serif", true),
    ("font:1 12px serif", false),
    ("font:12px/0 serif", false),
    ("color:#fff", true),
    ("color:#eee", true),
    ("color:#ededed", false),
    ("color:rgba(0 0 0/5%)", true),
    ("color:rgba(0 0 0/8%)", false),
    ("color:currentcolor", false),
    ("-webkit-text-fill-color:white", true),
    ("color:white;-webkit-text-fill-color:black", false),
    ("color:white;background:black", false),
    ("color:white;background-color:black", false),
    ("color:white;background-image:url(x)", false),
    ("color:white;background:none", true),
    ("position:absolute;left:-9999px", true),
    ("position:fixed;left:-9999px", true),
    ("position:relative;left:-9999px", false),
    ("position:absolute;left:-98px", false),
    ("position:absolute;top:-9999px", true),
    ("position:absolute;right:9999px", true),
    ("position:absolute;bottom:9999px", true),
    ("position:absolute;inset-inline-start:-9999px", true),
    ("position:absolute;inset-block-start:-9999px", true),
    ("position:absolute;inset:-9999px 0 0 0", true),
    ("position:absolute;inset:0 0 0 -9999px", true),
    ("position:absolute;inset:0 -9999px", true),
    ("position:absolute;inset:0", false),
    ("text-indent:-9999px", true),
    ("text-indent:-99px", true),
    ("text-indent:-98px", false),
    ("margin-left:-9999px", true),
    ("margin-inline-start:-9999px", true),
    ("margin-top:-9999px", true),
    ("margin-block-start:-9999px", true),
    ("margin:-9999px 0 0", true),
    ("margin:0 -9999px", true),
    ("margin:0 0 0 -9999px", true),
    ("margin:0 -9999px 0 0", false),
    ("margin:0 0 -9999px", false),
    ("height:0;overflow:hidden", true),
    ("height:2px;overflow:hidden", false),
    ("block-size:0;overflow:hidden", true),
    ("block-size:2px;overflow:hidden", false),
    ("max-height:0;overflow:hidden", true),
    ("max-height:2px;overflow:hidden", false),
    ("max-block-size:0;overflow:hidden", true),
    ("max-block-size:2px;overflow:hidden", false),
    ("width:0;overflow:hidden", true),
    ("width:2px;overflow:hidden", false),
    ("inline-size:0;overflow:hidden", true),
    ("inline-size:2px;overflow:hidden", false),
    ("max-width:0;overflow:hidden", true),
    ("max-width:2px;overflow:hidden", false),
    ("max-inline-size:0;overflow:hidden", true),
    ("max-inline-size:2px;overflow:hidden", false),
    ("height:1px;overflow:hidden", true),
    ("height:-1px;overflow:hidden", false),
    ("height:0;height:auto;overflow:hidden", false),
    ("max-height:0;max-height:none;overflow:hidden", false),
    ("height:0;overflow:clip", true),
    ("height:0;overflow:auto", true),
    ("height:0;overflow:scroll", true),
    ("height:0;overflow:overlay", true),
    ("height:0;overflow:visible", false),
    ("height:0;overflow-x:hidden", true),
    ("height:0;overflow-y:hidden", true),
    ("line-height:0;overflow:hidden", true),
    ("line-height:0;line-height:normal;overflow:hidden", false),
    ("clip:rect(0 0 0 0)", false),
    ("clip-path:circle(0)", true),
    ("clip-path:circle(.5px)", true),
    ("clip-path:circle(1px)", false),
    ("clip-path:ellipse(0)", true),
    ("clip-path:polygon(0 0,0 0,0 0)", true),
    ("clip-path:polygon(0 0,9px 0,0 9px)", false),
    ("-webkit-clip-path:circle(0)", true),
    ("clip-path:none", false),
    ("transform:scale(0)", true),
    ("transform:scale(.04)", true),
    ("transform:scale(.05)", false),
    ("transform:scale(1,0)", true),
    ("transform:scale3d(1,0,1)", true),
    ("transform:scalex(0)", true),
    ("transform:scaley(0)", true),
    ("transform:translate(-9999px)", true),
    ("transform:translate(0,-9999px)", true),
    ("transform:translatex(-9999px)", true),
    ("transform:translatey(-9999px)", true),
    ("transform:translate3d(0,-9999px,0)", true),
    ("transform:translate(9px)", false),
    ("transform:rotatey(90deg)", true),
    ("transform:rotatex(.25turn)", false),
    ("transform:rotatex(0.25turn)", true),
    ("transform:rotatex(-90deg)", true),
    ("transform:rotatex(270deg)", true),
    ("transform:rotate(90deg)", false),
    ("transform:matrix(0,0,0,1,0,0)", true),
    ("transform:matrix(1,0,0,0,0,0)", true),
    ("transform:matrix(1,0,0,1,0,0)", false),
    ("transform:rotate(1deg) scale(0)", true),
    ("-webkit-transform:scale(0)", true),
    ("scale:0", true),
    ("scale:1", false),
    ("translate:0 -9999px", true),
    ("content-visibility:hidden", true),
    ("content-visibility:auto", false),
    ("mso-hide:all", false),
    ("float:left", false),
    ("display:none!important;display:block", true),
    ("display:block!important;display:none", false),
    ("display:none/**/", true),
    ("/*a:b*/display:none", true),
    ("DISPLAY:NONE", true),
];

#[test]
fn each_property_hides_or_does_not() {
    let mut wrong = Vec::new();
    for (style, hides) in STYLES {
        let text = visible_text(&format!("one <p style='{style}'>two</p>"));
        if text.contains("two") == hides {
            wrong.push(style);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
