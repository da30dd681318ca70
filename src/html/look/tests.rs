use crate::html::read;

/// How a word is shown that has this style: to whom, and whether with ease.
fn shown(tag: &str, style: &str) -> &'static str {
    let name = tag.split(' ').next().unwrap();
    page(&format!("one <{tag} style='{style}'>two</{name}>"))
}

/// The same of the word "two" in a page.
fn page(html: &str) -> &'static str {
    let pages = read(html);
    let two = pages.seen.text.find("two");
    let without = pages.others.iter().any(|page| !page.text.contains("two"));
    match two {
        None => "hidden",
        Some(_) if without => "doubtful",
        Some(at) if pages.seen.is_faint(at) => "faint",
        Some(_) => "seen",
    }
}

/// Styles, and how a box that has them is shown, and a word in a line.
const STYLES: &[(&str, &str, &str)] = &[
    ("color:black", "seen", "seen"),
    // For all, whatever they are.
    ("display:none", "hidden", "hidden"),
    ("visibility:hidden", "hidden", "hidden"),
    ("opacity:.059", "hidden", "hidden"),
    ("opacity:.06", "seen", "seen"),
    ("opacity:.2;filter:opacity(.2)", "hidden", "hidden"),
    ("opacity:.3;filter:opacity(.3)", "seen", "seen"),
    ("opacity:9;filter:opacity(.1)", "seen", "seen"),
    ("font-size:1.4px", "hidden", "hidden"),
    ("font-size:1.5px", "faint", "faint"),
    ("color:rgba(0 0 0/5.9%)", "hidden", "hidden"),
    ("clip-path:inset(50%)", "hidden", "hidden"),
    ("position:absolute;clip:rect(0 0 0 0)", "hidden", "hidden"),
    ("position:absolute;left:-99px", "hidden", "hidden"),
    ("position:absolute;left:-98px", "seen", "seen"),
    ("position:absolute;top:-99px", "hidden", "hidden"),
    ("position:absolute;top:-98px", "seen", "seen"),
    ("position:absolute;left:999px", "seen", "seen"),
    ("position:absolute;left:1000px", "hidden", "hidden"),
    ("position:absolute;top:1000px", "hidden", "hidden"),
    ("position:absolute;right:-99px", "seen", "seen"),
    ("position:absolute;right:-1000px", "hidden", "hidden"),
    ("position:absolute;bottom:-99px", "seen", "seen"),
    ("position:absolute;bottom:1000px", "hidden", "hidden"),
    // Where nothing is set apart, it only says that it is meant to be unseen.
    ("left:-99px", "faint", "faint"),
    ("left:1000px", "faint", "faint"),
    ("left:999px", "seen", "seen"),
    // For boxes alone.
    ("transform:scale(0)", "hidden", "seen"),
    ("content-visibility:hidden", "hidden", "seen"),
    ("margin-left:-1000px", "hidden", "faint"),
    ("margin-left:-999px", "faint", "faint"),
    ("margin-left:-99px", "faint", "faint"),
    ("margin-left:1000px", "seen", "seen"),
    ("margin-top:-1000px", "hidden", "seen"),
    ("margin-top:1000px", "seen", "seen"),
    ("text-indent:-99px", "hidden", "seen"),
    ("text-indent:-98px", "seen", "seen"),
    ("text-indent:1000px", "seen", "seen"),
    ("overflow:hidden;height:0", "hidden", "faint"),
    ("overflow:hidden;height:1px", "hidden", "faint"),
    ("overflow:hidden;height:1.1px", "seen", "seen"),
    ("overflow:hidden;max-height:1px", "hidden", "faint"),
    ("overflow:hidden;width:1px", "hidden", "faint"),
    ("overflow:hidden;max-width:1px", "hidden", "faint"),
    ("overflow:hidden;max-width:2px", "seen", "seen"),
    ("overflow:hidden;line-height:0", "hidden", "faint"),
    ("overflow:hidden;line-height:1px", "seen", "seen"),
    ("overflow:hidden;line-height:1em", "seen", "seen"),
    ("overflow:hidden;line-height:1%", "seen", "seen"),
    ("height:0", "faint", "faint"),
    // A clip cuts what is set apart only.
    ("clip:rect(0 0 0 0)", "seen", "seen"),
    // What is set apart is a box.
    ("position:absolute;transform:scale(0)", "hidden", "hidden"),
    ("float:left;transform:scale(0)", "hidden", "hidden"),
    ("float:none;transform:scale(0)", "hidden", "seen"),
    ("display:inline;transform:scale(0)", "seen", "seen"),
    ("display:initial;transform:scale(0)", "seen", "seen"),
    ("display:inherit;transform:scale(0)", "hidden", "seen"),
    (
        "display:inline-block;transform:scale(0)",
        "hidden",
        "hidden",
    ),
    ("display:block;transform:scale(0)", "hidden", "hidden"),
    // A program that Outlook is.
    ("mso-hide:all", "doubtful", "doubtful"),
    ("mso-hide:none", "seen", "seen"),
    // Nobody knows what it comes to.
    ("display:var(--x)", "doubtful", "doubtful"),
    ("opacity:var(--x)", "doubtful", "doubtful"),
    ("height:var(--x)", "doubtful", "doubtful"),
    ("max-height:var(--x)", "doubtful", "doubtful"),
    ("width:var(--x)", "doubtful", "doubtful"),
    ("max-width:var(--x)", "doubtful", "doubtful"),
    ("left:var(--x)", "doubtful", "doubtful"),
    ("text-indent:var(--x)", "doubtful", "doubtful"),
    ("transform:var(--x)", "doubtful", "doubtful"),
    ("font-size:var(--x)", "doubtful", "doubtful"),
    ("visibility:var(--x)", "doubtful", "doubtful"),
    ("color:var(--x)", "doubtful", "doubtful"),
    ("margin-left:var(--x)", "seen", "seen"),
];

#[test]
fn what_hides_a_box_and_what_hides_a_word_in_a_line() {
    for &(style, of_box, of_word) in STYLES {
        let found = (shown("p", style), shown("b", style));
        assert_eq!(found, (of_box, of_word), "{style}");
    }
}

/// The second counts in most programs, and the first in some.
#[test]
fn what_loses_could_hide_in_another_program() {
    for (first, second, expected) in [
        ("visibility:hidden", "visibility:visible", "doubtful"),
        ("font-size:1.4px", "font-size:9px", "doubtful"),
        ("font-size:1.5px", "font-size:9px", "seen"),
        ("color:#eee", "color:black", "doubtful"),
        ("color:#ededed", "color:black", "seen"),
        (
            "-webkit-text-fill-color:white",
            "-webkit-text-fill-color:black",
            "doubtful",
        ),
        ("display:none", "display:block", "doubtful"),
        ("display:inline", "display:block", "seen"),
        ("opacity:.059", "opacity:1", "doubtful"),
        ("opacity:.06", "opacity:1", "seen"),
        ("filter:opacity(0)", "filter:none", "doubtful"),
        ("height:1px", "height:auto", "doubtful"),
        ("height:1.1px", "height:auto", "seen"),
        ("max-height:0", "max-height:none", "doubtful"),
        ("width:0", "width:auto", "doubtful"),
        ("max-width:0", "max-width:none", "doubtful"),
        ("left:-99px", "left:0", "doubtful"),
        ("left:-98px", "left:0", "seen"),
        ("top:-99px", "top:0", "doubtful"),
        ("text-indent:-99px", "text-indent:0", "doubtful"),
        ("clip:rect(0 0 0 0)", "clip:auto", "doubtful"),
        ("clip-path:circle(0)", "clip-path:none", "doubtful"),
        ("transform:scale(0)", "transform:none", "doubtful"),
        (
            "content-visibility:hidden",
            "content-visibility:auto",
            "doubtful",
        ),
        ("mso-hide:all", "mso-hide:none", "doubtful"),
        ("line-height:var(--x)", "line-height:1", "doubtful"),
        ("float:left", "float:none", "seen"),
        ("margin-left:-9999px", "margin-left:0", "seen"),
    ] {
        let found = shown("p", &format!("{first};{second}"));
        assert_eq!(found, expected, "{first};{second}");
    }
}

#[test]
fn what_is_around_a_word_hides_it_or_is_undone() {
    for (outer, inner, expected) in [
        ("visibility:hidden", "", "hidden"),
        ("visibility:hidden", "visibility:visible", "seen"),
        ("visibility:hidden", "visibility:initial", "seen"),
        ("visibility:hidden", "visibility:inherit", "hidden"),
        ("display:none", "display:block", "hidden"),
        ("opacity:.2", "opacity:.2", "hidden"),
        ("opacity:.3", "opacity:.3", "seen"),
        ("font-size:0", "font-size:9px", "seen"),
        ("font-size:0", "font-size:initial", "seen"),
        ("font-size:0", "font-size:inherit", "hidden"),
        ("font-size:0", "font-size:2em", "hidden"),
        ("font-size:3px", "font-size:50%", "faint"),
        ("font-size:3px", "font-size:49%", "hidden"),
        ("color:white", "color:initial", "seen"),
        ("color:white", "color:black", "seen"),
        ("color:white", "color:inherit", "hidden"),
        ("background:navy", "color:navy", "hidden"),
        ("background:navy", "color:white", "seen"),
        ("background:navy", "background:white;color:white", "hidden"),
        // The ground below shows through.
        (
            "background:navy",
            "background:rgba(0 0 128/1%);color:navy",
            "hidden",
        ),
        (
            "background:navy",
            "background:rgba(255 255 255/99%);color:white",
            "hidden",
        ),
        (
            "background:url(x)",
            "background:rgba(255 255 255/99%);color:navy",
            "seen",
        ),
        ("background:url(x)", "color:white", "doubtful"),
        ("background:url(x)", "color:rgba(0 0 0/.059)", "hidden"),
        ("background:url(x)", "color:rgba(0 0 0/.06)", "doubtful"),
        ("background:url(x) navy", "color:white", "seen"),
        ("background:url(x) navy", "color:navy", "doubtful"),
        ("", "background:url(x) navy;color:navy", "doubtful"),
        ("", "background:inherit;color:white", "doubtful"),
        ("", "background:var(--x);color:white", "doubtful"),
        ("background:navy", "background:initial;color:navy", "hidden"),
        // Only where a program doesn't say it anew.
        ("font-size:var(--x)", "", "doubtful"),
        ("font-size:var(--x)", "font-size:9px", "seen"),
        ("visibility:var(--x)", "", "doubtful"),
        ("visibility:var(--x)", "visibility:visible", "seen"),
        ("color:var(--x)", "", "doubtful"),
        ("color:var(--x)", "color:black", "seen"),
        ("display:var(--x)", "display:block", "doubtful"),
    ] {
        let html = format!("<div style='{outer}'>one <p style='{inner}'>two</p></div>");
        assert_eq!(page(&html), expected, "{outer} {inner}");
    }
}

/// Elements, and how their text is shown.
const ELEMENTS: &[(&str, &str)] = &[
    ("<rp>two</rp>", "hidden"),
    ("<rp style='display:inline'>two</rp>", "seen"),
    ("<head>two</head>", "hidden"),
    ("<head style='display:block'>two</head>", "seen"),
    ("<p hidden>two</p>", "hidden"),
    ("<p hidden style='display:block'>two</p>", "seen"),
    ("<dialog>two</dialog>", "hidden"),
    ("<dialog open>two</dialog>", "seen"),
    ("<p open>two</p>", "seen"),
    ("<dialog style='display:block'>two</dialog>", "seen"),
    (
        "<dialog open style='overflow:hidden;height:0'>two</dialog>",
        "faint",
    ),
    ("<details>two</details>", "hidden"),
    ("<details open>two</details>", "seen"),
    ("<details><b>two</b></details>", "hidden"),
    ("<details><summary>two</summary></details>", "seen"),
    ("<p open><b>two</b></p>", "seen"),
    ("<canvas>two</canvas>", "hidden"),
    ("<canvas style='display:block'>two</canvas>", "hidden"),
    ("<datalist>two</datalist>", "hidden"),
    ("<video>two</video>", "hidden"),
    ("<audio>two</audio>", "hidden"),
    ("<progress>two</progress>", "hidden"),
    ("<meter>two</meter>", "hidden"),
    ("<metadata>two</metadata>", "hidden"),
    ("<desc>two</desc>", "hidden"),
    ("<defs>two</defs>", "hidden"),
    ("<annotation>two</annotation>", "hidden"),
    ("<annotation-xml>two</annotation-xml>", "hidden"),
    ("<frameset>two</frameset>", "hidden"),
    ("<template>two</template>", "hidden"),
    ("<div hidden><body>two", "seen"),
    // Colours by attributes, which any style overrules.
    ("<font color=white>two</font>", "hidden"),
    ("<b color=white>two</b>", "seen"),
    ("<font color=white style='color:black'>two</font>", "seen"),
    ("<body text=white>two", "hidden"),
    ("<p text=white>two</p>", "seen"),
    ("<p bgcolor=black>two</p>", "hidden"),
    ("<p bgcolor=black style='background:white'>two</p>", "seen"),
    ("<p background=x style='color:white'>two</p>", "doubtful"),
    (
        "<p background=x bgcolor=black style='color:white'>two</p>",
        "seen",
    ),
    ("<p background=x bgcolor=black>two</p>", "doubtful"),
    ("<div style='color:white'><mark>two</mark></div>", "seen"),
    (
        "<div style='color:white'><dialog open>two</dialog></div>",
        "seen",
    ),
    ("<mark style='color:yellow'>two</mark>", "hidden"),
    ("<mark style='color:white'>two</mark>", "seen"),
    ("<dialog open style='color:yellow'>two</dialog>", "seen"),
    ("<dialog open style='color:white'>two</dialog>", "hidden"),
    ("<div style='color:white'><a href=x>two</a></div>", "seen"),
    ("<div style='color:white'><a>two</a></div>", "hidden"),
    ("<div style='color:white'><b href=x>two</b></div>", "hidden"),
    (
        "<p style='background:#0000ee'><a href=x>two</a></p>",
        "hidden",
    ),
    // What browsers draw has a ground of its own, which some program may not draw.
    (
        "<div style='background:black'><button>two</button></div>",
        "doubtful",
    ),
    (
        "<div style='background:black'><textarea>two</textarea></div>",
        "doubtful",
    ),
    (
        "<div style='background:black'><select>two</select></div>",
        "doubtful",
    ),
    (
        "<div style='background:black'><marquee>two</marquee></div>",
        "hidden",
    ),
    ("<button style='background:black'>two</button>", "hidden"),
    // Boxes in a line.
    ("<button style='transform:scale(0)'>two</button>", "hidden"),
    ("<select style='transform:scale(0)'>two</select>", "hidden"),
    (
        "<textarea style='transform:scale(0)'>two</textarea>",
        "hidden",
    ),
    (
        "<marquee style='transform:scale(0)'>two</marquee>",
        "hidden",
    ),
    ("<i style='transform:scale(0)'>two</i>", "seen"),
    // A box without a word on it begins where the one around it says.
    ("<div style='text-indent:-999px'><p>two</p></div>", "hidden"),
    ("<div style='text-indent:-999px'><b>two</b></div>", "hidden"),
    (
        "<div style='text-indent:-999px'><p style='text-indent:0'>two</p></div>",
        "seen",
    ),
    (
        "<div style='text-indent:-999px'><b style='text-indent:0'>two</b></div>",
        "hidden",
    ),
    ("<b style='text-indent:-999px'><p>two</p></b>", "hidden"),
];

#[test]
fn an_element_is_shown_by_what_it_is() {
    let mut wrong = Vec::new();
    for &(html, expected) in ELEMENTS {
        let found = page(&format!("one {html}"));
        if found != expected {
            wrong.push((html, found));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_picture_without_room_has_no_text() {
    for (attributes, is_shown) in [
        ("", true),
        ("width=1", false),
        ("width=2", true),
        ("height=1", false),
        ("height=0", false),
        ("height=2 width=2", true),
        ("height=2 width=1", false),
        ("width=1%", true),
        ("width=0%", false),
        ("width=x", true),
        ("hidden", false),
    ] {
        let html = format!("one <img alt=two {attributes}>");
        let found = read(&html).seen.text.contains("two");
        assert_eq!(found, is_shown, "{attributes}");
    }
}

#[test]
fn letters_stand_in_the_order_that_is_said() {
    for (html, expected) in [
        ("<bdo dir=rtl>abc</bdo>", "cba"),
        ("<bdo dir=' RTL '>abc</bdo>", "cba"),
        ("<bdo>abc</bdo>", "abc"),
        ("<bdo dir=ltr>abc</bdo>", "abc"),
        ("<b dir=rtl>abc</b>", "abc"),
        ("<div dir=rtl><bdo>abc</bdo></div>", "cba"),
        ("<div dir=rtl><bdo dir=ltr>abc</bdo></div>", "abc"),
        (
            "<div dir=rtl><bdo style='direction:ltr'>abc</bdo></div>",
            "abc",
        ),
        (
            "<div dir=rtl><bdo style='direction:initial'>abc</bdo></div>",
            "abc",
        ),
        (
            "<b style='unicode-bidi:bidi-override;direction:rtl'>abc</b>",
            "cba",
        ),
        ("<b style='unicode-bidi:embed;direction:rtl'>abc</b>", "abc"),
        ("<bdo style='unicode-bidi:embed' dir=rtl>abc</bdo>", "abc"),
        ("<bdo style='unicode-bidi:initial' dir=rtl>abc</bdo>", "abc"),
        ("<bdo dir=rtl style='color:red'>abc</bdo>", "cba"),
    ] {
        let text = read(html).seen.text;
        let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
        assert_eq!(letters, expected, "{html}");
    }
}

#[test]
fn an_order_of_letters_begins_once() {
    for dir in ["ltr", "rtl"] {
        let octets = |inner: &str| {
            read(&format!("<bdo dir={dir}>{inner}</bdo>"))
                .seen
                .text
                .len()
        };
        for inner in ["a<b>b</b>c", "a<b style='color:red'>b</b>c"] {
            assert_eq!(octets(inner), octets("abc"), "{dir} {inner}");
        }
        assert!(octets("abc") > 3);
    }
}
