use crate::html::read;

/// A page's text, with signs of direction left out.
fn text(html: &str) -> String {
    let text = read(html).seen.text;
    text.replace(['\u{202C}', '\u{202D}', '\u{202E}', '\u{2060}'], "")
}

#[test]
fn lines_end_where_a_reader_sees_them_end() {
    for (html, expected) in [
        ("one two", "one two"),
        (" one \n two ", "one two"),
        ("one<b> two</b>", "one two"),
        ("one <b> two</b>", "one two"),
        ("one<b>two</b>", "onetwo"),
        ("one<br>two", "one\ntwo"),
        ("one<br> two", "one\ntwo"),
        ("one<br><br>two", "one\n\ntwo"),
        ("one<br><br><br>two", "one\n\ntwo"),
        ("one<p>two", "one\n\ntwo"),
        ("one<br><p>two", "one\n\ntwo"),
        ("one<p><br>two", "one\n\ntwo"),
        ("<br>one", "one"),
        ("<p>one</p>two", "one\n\ntwo"),
        ("one</p>two", "one\n\ntwo"),
        ("one</i>two", "onetwo"),
        (
            "one<div style='display:inline'>two</div>three",
            "onetwothree",
        ),
        (
            "one<b style='display:block'>two</b>three",
            "one\n\ntwo\n\nthree",
        ),
        ("one<div style='display:none'>two</div>three", "onethree"),
        ("one<br style='display:none'>two", "onetwo"),
        ("<pre>one \n  two</pre>", "one \n  two"),
        ("one<li>two<li>three", "one\n\ntwo\n\nthree"),
        ("one<v:x/>two", "onetwo"),
        ("one <img alt=two> three", "one two three"),
        ("one<img alt=two>three", "one two three"),
        ("one<img alt=' '>three", "onethree"),
        ("one<img>three", "onethree"),
        ("<input type=submit value=one>", "one"),
        ("<input type=button value=one>", "one"),
        ("<input type=reset value=one>", "one"),
        ("<input type=' SUBMIT ' value=one>", "one"),
        ("<input type=text value=one>", ""),
        ("<input type=hidden value=one>", ""),
    ] {
        assert_eq!(text(html).trim_end(), expected, "{html}");
    }
}

#[test]
fn links_lead_where_their_tags_say() {
    for (html, expected) in [
        ("<a href=u>one</a>two", &[("u", "one")][..]),
        ("zero <a href=u>one</a>", &[("u", "one")]),
        (
            "<a href=u>one<a href=v>two</a>three",
            &[("u", "one"), ("v", "two")],
        ),
        ("<a href=' '>one</a>", &[]),
        ("<a>one</a>", &[]),
        ("<a xlink:href=u>one</a>", &[("u", "one")]),
        ("<a href=u>one<br>two</a>", &[("u", "one two")]),
        ("<a href=u>one<p>two</a>", &[("u", "one two")]),
        ("<a href=u><img alt=one></a>", &[("u", "one")]),
        ("<map><area href=u alt=one></map>", &[("u", "one")]),
        ("<map><area alt=one></map>", &[]),
        ("<form action=u>one</form>", &[("u", "")]),
        ("<button formaction=u>one</button>", &[("u", "")]),
        ("<input formaction=u>", &[("u", "")]),
        ("<iframe src=u></iframe>", &[("u", "")]),
        ("<embed src=u>", &[("u", "")]),
        ("<object data=u></object>", &[("u", "")]),
        ("<v:roundrect href=u>one</v:roundrect>", &[("u", "")]),
        ("<img src=u>", &[]),
        (
            "<base href=https://b.example/>",
            &[("https://b.example/", "")],
        ),
        (
            "<base href=https://b.example/><base href=https://c.example/><a href=u>one</a>",
            &[("https://b.example/", ""), ("https://b.example/", "one")],
        ),
        ("<meta http-equiv=refresh content='0;url=u'>", &[("u", "")]),
        (
            "<meta http-equiv=' Refresh ' content='0, URL = \"u\"'>",
            &[("u", "")],
        ),
        ("<meta http-equiv=refresh content='0;u'>", &[("u", "")]),
        ("<meta http-equiv=refresh content=0>", &[]),
        ("<meta http-equiv=other content='0;url=u'>", &[]),
        ("<meta content='0;url=u'>", &[]),
        // What Outlook alone shows leads somewhere as well.
        (
            "<!--[if mso]><a href=u>one</a><![endif]-->two",
            &[("u", "")],
        ),
        ("<!-- <a href=u>one</a> -->two", &[]),
        ("<!--[if mso]><a href=u>one<![endif]-->two", &[("u", "")]),
    ] {
        let page = read(html).seen;
        let links = page.links.iter();
        let found: Vec<_> = links
            .map(|link| (&*link.target, link.label.trim_end()))
            .collect();
        assert_eq!(found, expected, "{html}");
    }
}

#[test]
fn fields_are_called_what_their_tags_say() {
    for (html, expected) in [
        ("<input name=pin>", &[(false, "pin\n")][..]),
        ("<input type=password name=pin>", &[(true, "pin\n")]),
        ("<input type=' PASSWORD '>", &[(true, "")]),
        ("<input type=hidden name=pin>", &[]),
        ("<input type=submit name=pin>", &[]),
        ("<input type=image name=pin>", &[]),
        ("<textarea name=pin></textarea>", &[(false, "pin\n")]),
        ("<select id=pin></select>", &[(false, "pin\n")]),
        (
            "<input title=6 aria-label=5 autocomplete=4 placeholder=3 id=2 name=1>",
            &[(false, "1\n2\n3\n4\n5\n6\n")],
        ),
    ] {
        let page = read(html).seen;
        let fields = page.fields.iter();
        let found: Vec<_> = fields.map(|one| (one.secret, &*one.label)).collect();
        assert_eq!(found, expected, "{html}");
    }
}

#[test]
fn what_is_set_off_as_a_quote_is_is_known() {
    for (html, expected) in [
        ("one<blockquote>two</blockquote>three", &["two"][..]),
        (
            "<blockquote>one</blockquote>two<blockquote>three</blockquote>",
            &["one", "three"],
        ),
        ("<blockquote>one<p>two</blockquote>three", &["one\n\ntwo"]),
        (
            "<blockquote>one<blockquote>two</blockquote>three</blockquote>four",
            &["one\n\ntwo\n\nthree"],
        ),
        ("one<blockquote>two", &["two"]),
        ("one<b>two</b>", &[]),
    ] {
        let page = read(html).seen;
        let blocks = page.blocks.iter();
        let found: Vec<_> = blocks
            .map(|range| page.text.get(range.clone()).unwrap().trim())
            .collect();
        assert_eq!(found, expected, "{html}");
    }
}

#[test]
fn hidden_text_stands_in_the_reading_of_all() {
    let all = |html: &str| {
        let others = read(html).others;
        others
            .first()
            .map(|page| page.text.trim().to_owned())
            .unwrap_or_default()
    };
    for (html, expected) in [
        ("one", ""),
        ("one<b hidden>two</b>", "onetwo"),
        ("one<b hidden>two three</b>four", "one two three four"),
        ("one<b hidden> </b>", ""),
        ("one<script>two</script>", ""),
        ("one<img hidden alt=two>", "one two"),
        ("<b hidden>one</b><br hidden>two", "one\ntwo"),
        ("one<!--[if mso]>two<![endif]-->", "onetwo"),
        ("one<!-- two -->", ""),
        (
            "one<!--[if mso]><style>two</style>three<![endif]-->",
            "onethree",
        ),
        (
            "one<!--[if mso]><xml>two</xml>three<![endif]-->",
            "onethree",
        ),
        (
            "one<!--[if mso]><o:p>two</o:p>three<![endif]-->",
            "onethree",
        ),
    ] {
        assert_eq!(all(html), expected, "{html}");
    }
}

#[test]
fn hidden_letters_within_a_word_are_marked() {
    for (html, expected) in [
        ("pass<i hidden>x</i>word", &["password"][..]),
        ("pass<i hidden>.</i>word", &[]),
        ("pass<i hidden>x</i> word", &[]),
        ("pass <i hidden>x</i>word", &[]),
        ("pass<i hidden>x</i>.", &[]),
        ("pass<i hidden>x</i>", &[]),
        ("<i hidden>x</i>word", &[]),
        ("pass<i hidden>x</i><br>word", &[]),
        ("a<i hidden>x</i>b c<i hidden>y</i>d", &["ab", "cd"]),
    ] {
        let page = read(html).seen;
        assert_eq!(page.cut_words().collect::<Vec<_>>(), expected, "{html}");
    }
}

#[test]
fn orders_in_one_another_are_followed_so_deep() {
    let page = |depth: usize| {
        let (open, close) = ("<bdo dir=ltr>".repeat(depth), "</bdo>".repeat(depth));
        format!("{open}one{close} two <bdo dir=rtl>abc</bdo>")
    };
    for depth in [0, 1, 7, 8, 9, 10, 20] {
        assert_eq!(text(&page(depth)), "one two cba", "{depth}");
    }
    assert_eq!(text("<bdo dir=rtl>abc<br>def</bdo>ghi"), "cba\nfedghi");
    assert_eq!(text("<bdo dir=rtl>abc<p>def</bdo>ghi"), "cba\n\nfed\n\nghi");
}
