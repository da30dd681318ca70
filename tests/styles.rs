//! What styles and style sheets hide, page by page; tests/visible_text.rs asks a browser about more of them.

use amazon_spoof_milter::html::visible_text;

/// Pages, and the words that they show.
const SHOWN: [(&str, &str); 39] = [
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
];

#[test]
fn what_a_style_hides_is_not_read() {
    for (page, shown) in SHOWN {
        let text = visible_text(page);
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(words.join(" "), shown, "{page}");
    }
}
