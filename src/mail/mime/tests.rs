use super::*;

fn parts(content_type: &str, body: &str) -> (Vec<(Kind, String)>, bool) {
    let fields = Fields::new(Some(content_type.as_bytes()), None, None);
    let walk = walk(vec![fields], body.as_bytes());
    let text = |part: &Part<'_>| String::from_utf8_lossy(&part.body).trim().to_owned();
    let found = walk.parts.iter().map(|part| (part.fields.kind, text(part)));
    (found.collect(), walk.cut)
}

#[test]
fn nested_parts_come_in_order() {
    let (found, cut) = parts(
        " multipart/mixed; boundary=\"a b\"",
        "preamble\r\n--a b\r\nContent-Type: multipart/alternative;\r\n boundary=c\r\n\r\n--c\r\n\r\none\r\n\
         --c\r\nContent-Type: text/html\r\n\r\ntwo\r\n--c--\r\n--a b\r\nContent-Type: image/png\r\n\r\nx\r\n\
         --a b\r\nContent-Type: application/octet-stream; name=\"In.HTML\"\r\n\r\nthree\r\n--a b--\r\nafter\r\n",
    );
    let expected = [
        (Kind::Plain, "one"),
        (Kind::Html, "two"),
        (Kind::Html, "three"),
    ];
    assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_owned())));
    assert!(!cut);
}

#[test]
fn what_came_back_or_is_complained_about_is_no_part() {
    let (found, _) = parts(
        "multipart/report; report-type=delivery-status; boundary=r",
        "--r\r\n\r\nnot delivered\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\
         --r\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ninner\r\n--r--\r\n",
    );
    assert_eq!(found, [(Kind::Plain, "not delivered".to_owned())]);
    let (found, _) = parts(
        "multipart/report; report-type=feedback-report; boundary=r",
        "--r\r\n\r\ncomplained\r\n--r\r\nContent-Type: message/feedback-report\r\n\r\n\
         Feedback-Type: abuse\r\nVersion: 1\r\nUser-Agent: x\r\n\
         --r\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ninner\r\n--r--\r\n",
    );
    assert_eq!(found, []);
    let (found, _) = parts(
        "multipart/report; boundary=r",
        "--r\r\n\r\nonly called a report\r\n--r--\r\n",
    );
    assert_eq!(found, [(Kind::Plain, "only called a report".to_owned())]);
}

#[test]
fn a_part_is_read_once_for_each_way_to_read_it() {
    let base64 = "Content-Transfer-Encoding: base64";
    for (header, kinds) in [
        (
            "Content-Type: text/plain\r\nContent-Type: text/plain; charset=x",
            vec![Kind::Plain],
        ),
        (
            "Content-Type: text/plain\r\nContent-Type: text/html",
            vec![Kind::Plain, Kind::Html],
        ),
        (base64, vec![Kind::Plain]),
        (
            "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64",
            vec![Kind::Plain; 2],
        ),
        // Of nothing that is in it.
        ("Content-Type: multipart/mixed; boundary=c", vec![]),
    ] {
        let body = format!("--b\r\n{header}\r\n\r\nx\r\n--b--\r\n");
        let (found, _) = parts("multipart/mixed; boundary=b", &body);
        let found: Vec<Kind> = found.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(found, kinds, "{header}");
    }
}

#[test]
fn a_boundary_in_pieces_is_found() {
    let (found, _) = parts(
        "multipart/mixed; boundary*0=ab; boundary*1=cd",
        "--abcd\r\n\r\nx\r\n--abcd--",
    );
    assert_eq!(found, [(Kind::Plain, "x".to_owned())]);
}

#[test]
fn a_multipart_without_its_boundary_is_text() {
    let (found, _) = parts("multipart/mixed; boundary=x", "all there is");
    assert_eq!(found, [(Kind::Plain, "all there is".to_owned())]);
}

#[test]
fn depth_and_number_are_bounded() {
    let mut deep = String::new();
    for level in 0..50 {
        let next = level + 1;
        deep.push_str(&format!(
            "--b{level}\r\nContent-Type: multipart/mixed; boundary=b{next}\r\n\r\n"
        ));
    }
    assert_eq!(parts("multipart/mixed; boundary=b0", &deep), (vec![], true));
    let many = "--b\r\n\r\nx\r\n".repeat(10_000);
    let (found, cut) = parts("multipart/mixed; boundary=b", &many);
    assert_eq!((found.len(), cut), (256, true));
}

#[test]
fn a_delimiter_is_a_line_of_its_own() {
    for (body, expected) in [
        ("--b\n\none\n--b--\n", &["one"][..]),
        ("--b  \n\none\n--b--", &["one"]),
        ("x\n--b\n\none", &["one"]),
        ("--b\n\none\n--bc\n--b--", &["one\n--bc"]),
        ("--b\n\none\n --b\ntwo\n--b--", &["one\n --b\ntwo"]),
        ("--b\n\none\n--b--\n--b\n\ntwo\n", &["one"]),
        ("--b\n\none\n--b\n\ntwo\n", &["one", "two"]),
        // Without a header a part begins with its text, and without an empty line it has none.
        ("--b\none: two\n--b--", &[""]),
        (
            "--b\nDear customer\nhello\n--b--",
            &["Dear customer\nhello"],
        ),
        ("--b\n--b\n\none\n--b--", &["", "one"]),
    ] {
        let (found, _) = parts("multipart/mixed; boundary=b", body);
        let found: Vec<&str> = found.iter().map(|(_, text)| &**text).collect();
        assert_eq!(found, expected, "{body:?}");
    }
}

#[test]
fn a_boundary_that_is_not_said_is_guessed() {
    let texts = |body: &str| {
        let (found, _) = parts("multipart/mixed", body);
        found.into_iter().map(|(_, text)| text).collect::<Vec<_>>()
    };
    for (body, expected) in [
        (
            "--x\nContent-Type: text/plain\n\none\n--x--\n",
            &["one"][..],
        ),
        ("a\n--x\nCONTENT-Type: text/plain\n\none\n--x--\n", &["one"]),
        (
            "--\nContent-Type: a\n--x\nContent-Type: text/plain\n\none\n--x--\n",
            &["one"],
        ),
        (
            "--y\nhello\n--x\nContent-Type: text/plain\n\none\n--x--\n",
            &["one"],
        ),
    ] {
        assert_eq!(texts(body), expected, "{body:?}");
    }
}

#[test]
fn so_many_files_have_their_names_kept() {
    let names = |count: usize| {
        let part = |nth| format!("--b\nContent-Type: image/png; name=a{nth}\n\nx\n");
        let body: String = (0..count).map(part).collect();
        let fields = Fields::new(Some(b"multipart/mixed; boundary=b"), None, None);
        walk(vec![fields], body.as_bytes()).file_names
    };
    assert_eq!(names(2), ["a0", "a1"]);
    assert_eq!((names(64).len(), names(65).len()), (64, 64));
    let twice = "--b\nContent-Type: image/png; name=a\n\nx\n".repeat(2);
    let fields = Fields::new(Some(b"multipart/mixed; boundary=b"), None, None);
    assert_eq!(walk(vec![fields], twice.as_bytes()).file_names, ["a"]);
}
