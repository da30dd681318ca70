use super::*;
use crate::{
    brand::sample::contoso,
    mail::file::{FileKind, Outcome, Piece, ReadFile},
};
use proptest::{collection::vec, prelude::*, sample::select};

proptest! {
    #[test]
    fn blanks_use_up_no_room(
        bits in vec(select(vec!["a", " ", "\n", "\t", "\r", "\x0C", "é", "word", "                    "]), 0..300),
        room in 0..400usize,
    ) {
        let text = bits.concat();
        let (taken, left) = beginning(&text, room);
        let counted = |text: &str| text.bytes().filter(|octet| !octet.is_ascii_whitespace()).count();
        prop_assert!(text.starts_with(taken));
        prop_assert!(counted(taken) <= room);
        match taken.len() == text.len() {
            true => prop_assert_eq!(left, room - counted(&text)),
            // The next letter has no room any more.
            false => {
                let next = text.get(taken.len()..).and_then(|rest| rest.chars().next()).unwrap();
                prop_assert!(!next.is_whitespace() && counted(taken) + next.len_utf8() > room);
                prop_assert_eq!(left, 0);
            }
        }
    }
}

const MANY: Bounds = Bounds {
    unclaimed: 60_000,
    max_body: 256 * 1024,
};

fn message(raw: &str) -> Message {
    Message::parse(raw.as_bytes()).unwrap()
}

/// Parts of a message, each with its type.
fn mixed(parts: &[(&str, &str)]) -> Message {
    let of = |(kind, text): &(&str, &str)| format!("--b\nContent-Type: {kind}\n\n{text}\n");
    let body: String = parts.iter().map(of).collect();
    message(&format!(
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n{body}"
    ))
}

fn reasons(content: &Content) -> String {
    let words: Vec<&str> = content
        .own
        .reasons()
        .into_iter()
        .map(Reason::word)
        .collect();
    words.join(" ")
}

#[test]
fn what_claims_nothing_is_told_by_a_name_or_a_lookalike() {
    let brand = contoso();
    let plain = |text: &str| message(&format!("From: a@b.example\n\n{text}"));
    let bounds = |unclaimed, max_body| Bounds {
        unclaimed,
        max_body,
    };
    let long = "word ".repeat(100);
    // What is found, whether something lay beyond a bound, and whether enough was read.
    for (text, bounds, found) in [
        ("Hello".to_owned(), MANY, (false, false, false)),
        ("Contoso".to_owned(), MANY, (true, false, false)),
        ("contoso-login.com".to_owned(), MANY, (true, false, false)),
        (
            "At conto-parts.example".to_owned(),
            MANY,
            (true, false, false),
        ),
        (long.clone(), MANY, (false, false, false)),
        (long.clone(), bounds(400, 600), (false, false, false)),
        (long.clone(), bounds(399, 600), (false, true, true)),
        (long.clone(), bounds(400, 501), (false, false, false)),
        (long.clone(), bounds(400, 300), (false, true, false)),
        (
            format!("{long}Contoso"),
            bounds(100, 600),
            (false, true, true),
        ),
        (
            format!("{long}Contoso"),
            bounds(407, 600),
            (true, false, false),
        ),
        (
            format!("{long}Contoso"),
            bounds(407, 300),
            (false, true, false),
        ),
        (
            format!("Contoso {long}"),
            bounds(100, 300),
            (true, true, false),
        ),
        // A warning is looked at, and nothing is found.
        (
            "Never trust conto-parts.example".to_owned(),
            MANY,
            (false, false, false),
        ),
        (
            format!("Never trust conto-parts.example. {long}"),
            bounds(100, 300),
            (false, true, true),
        ),
        (
            format!("Never trust conto-parts.example. {long}"),
            bounds(1_000, 300),
            (false, true, false),
        ),
    ] {
        let content = inspect(&plain(&text), &brand, None, bounds);
        let is_found = content.own != Text::default();
        assert_eq!(
            (is_found, content.cut, content.enough),
            found,
            "{bounds:?} {text}"
        );
        let claimed = inspect(&plain(&text), &brand, Some(Strength::Weak), bounds);
        assert!(!claimed.enough && claimed.has_words, "{text}");
        assert_eq!(
            claimed.cut,
            text.len() > bounds.max_body,
            "{bounds:?} {text}"
        );
    }
}

#[test]
fn a_look_ends_at_what_concerns_the_brand_or_where_there_is_no_room() {
    let brand = contoso();
    let author = Sender::default();
    const T: &str = "text/plain";
    const H: &str = "text/html";
    let links: String = (0..501)
        .map(|at| format!("<a href='http://h{at}.example'>x</a> "))
        .collect();
    let hosts: String = (0..501)
        .map(|at| format!("http://h{at}.example/ "))
        .collect();
    for (parts, room, concerns, enough) in [
        (vec![(T, "Hello")], 100, false, false),
        (vec![(T, "Contoso")], 100, true, false),
        (vec![(T, "Contoso"), (T, "Hello")], 100, true, false),
        (vec![(H, "Contoso"), (T, "Hello")], 100, true, false),
        (vec![(T, "Hello"), (T, "Contoso")], 100, true, false),
        (vec![(T, "Hello"), (H, "Contoso")], 100, true, false),
        (vec![(H, "Hello"), (H, "Contoso")], 100, true, false),
        (vec![(T, "Hello"), (T, "Contoso")], 12, true, false),
        (vec![(T, "Hello"), (T, "Contoso")], 8, false, true),
        (vec![(T, "Hello"), (H, "Contoso")], 12, true, false),
        (vec![(T, "Hello"), (H, "Contoso")], 8, false, true),
        (vec![(H, "Hello"), (T, "Contoso")], 12, true, false),
        (vec![(H, "Hello"), (T, "Contoso")], 8, false, true),
        (vec![(H, "Hello"), (H, "Contoso")], 12, true, false),
        (vec![(H, "Hello"), (H, "Contoso")], 8, false, true),
        (vec![(H, "Hello Contoso")], 8, false, true),
        (vec![(H, "Contoso Hello")], 7, true, true),
        (vec![(T, "Hello"), (T, "  ")], 4, false, true),
        (vec![(H, "Hello"), (H, "  ")], 4, false, true),
        (
            vec![(H, "<a href='http://contoso-login.com'>x</a>")],
            100,
            true,
            false,
        ),
        (
            vec![(H, "<a href='http://stranger.example'>x</a>")],
            100,
            false,
            false,
        ),
        (vec![(T, "at contoso-login.com")], 100, true, false),
        (vec![(H, "at contoso-login.com")], 100, true, false),
        (vec![(T, "at stranger.example")], 100, false, false),
        // What has more hosts than are compared.
        (vec![(H, &*links)], 60_000, true, false),
        (vec![(T, &*hosts)], 60_000, true, false),
        (
            vec![("application/pdf; name=contoso.pdf", "x"), (T, "Hello")],
            100,
            true,
            false,
        ),
        (
            vec![("application/pdf; name=other.pdf", "x"), (T, "Hello")],
            100,
            false,
            false,
        ),
    ] {
        let message = mixed(&parts);
        let body = message.body.beginning(usize::MAX);
        let look = Reading::new(&message, &brand, &author, &body).look(room);
        assert_eq!(
            (look.concerns, look.enough),
            (concerns, enough),
            "{room} {parts:.80?}"
        );
    }
}

#[test]
fn the_texts_of_an_answer_are_looked_at_with_and_without_their_quote() {
    let brand = contoso();
    let author = Sender::default();
    for (text, concerns) in [
        ("On Monday Ann wrote:\n> Contoso", true),
        ("Contoso\n\nOn Monday Ann wrote:\n> Hello", true),
        ("Hello\n\nOn Monday Ann wrote:\n> Hello", false),
        ("On Monday Ann wrote:\n> C o n\nHello\n> t o s o", true),
        ("On Monday Ann wrote:\nC o n\n> Hello\nt o s o", true),
    ] {
        let raw = format!("From: a@b.example\nSubject: Re: x\nIn-Reply-To: <a@b>\n\n{text}\n");
        let message = message(&raw);
        let body = message.body.beginning(usize::MAX);
        let reading = Reading::new(&message, &brand, &author, &body);
        assert_eq!(reading.look(100).concerns, concerns, "{text}");
    }
}

#[test]
fn a_text_has_no_words_few_or_many() {
    for (text, amount) in [
        (String::new(), Amount::None),
        ("... --".to_owned(), Amount::None),
        ("one".to_owned(), Amount::Few),
        ("7".to_owned(), Amount::Few),
        ("word ".repeat(FEW_WORDS - 1), Amount::Few),
        ("word ".repeat(FEW_WORDS), Amount::Many),
    ] {
        assert_eq!(Amount::of(&text), amount, "{text}");
    }
}

#[test]
fn each_alternative_that_is_shown_has_to_name_the_author() {
    let brand = contoso();
    let domain = Domain::parse("kestlow.example").unwrap();
    let author = AuthorName::new(&brand, &[&domain]);
    for (parts, everywhere, pictures, words) in [
        (&[][..], false, false, Amount::None),
        (&[(false, "")], false, false, Amount::None),
        (&[(false, "Kestlow")], true, false, Amount::Few),
        (&[(false, "Hello")], false, false, Amount::Few),
        (&[(true, "Kestlow")], true, false, Amount::Few),
        (&[(true, "")], false, true, Amount::None),
        (
            &[(true, "Kestlow"), (false, "Kestlow")],
            true,
            false,
            Amount::Few,
        ),
        (
            &[(true, "Kestlow"), (false, "Hello")],
            false,
            false,
            Amount::Few,
        ),
        (
            &[(true, "Hello"), (false, "Kestlow")],
            false,
            false,
            Amount::Few,
        ),
        (&[(true, "Kestlow"), (false, "")], true, false, Amount::Few),
        (&[(true, ""), (false, "Kestlow")], false, false, Amount::Few),
        (&[(true, ""), (false, "")], false, true, Amount::None),
        (
            &[(false, "Kestlow"), (false, "Hello")],
            true,
            false,
            Amount::Few,
        ),
        (
            &[(false, "Hello"), (false, "Kestlow")],
            true,
            false,
            Amount::Few,
        ),
        (&[(false, "Hello"), (false, "")], false, false, Amount::Few),
    ] {
        let mut named = Named::default();
        for (is_html, text) in parts {
            named.read(*is_html, &Page::plain(text), &author);
        }
        let found = (named.everywhere(), named.is_pictures(), named.words);
        assert_eq!(found, (everywhere, pictures, words), "{parts:?}");
    }
}

#[test]
fn a_file_beside_few_words_is_what_the_mail_is_about() {
    let brand = contoso();
    let read = |kind, outcome| Files::Opened(vec![ReadFile::unread(kind, outcome)]);
    let pdf = || read(FileKind::Pdf, Outcome::Read);
    let picture = || read(FileKind::Picture, Outcome::Read);
    let few = "word ".repeat(FEW_WORDS - 1);
    let many = "word ".repeat(FEW_WORDS);
    const PDF: &str = "application/pdf";
    const PICTURE: &str = "image/png";
    let encrypted = || read(FileKind::Pdf, Outcome::Encrypted);
    const ONLY: &str = "attachment-only";
    const UNREAD: &str = "unread-attachment";
    const BOTH: &str = "attachment-only unread-attachment";
    for (text, kind, files, found) in [
        (&*many, PDF, Files::Closed, UNREAD),
        (&*few, PDF, Files::Closed, BOTH),
        ("", PDF, Files::Closed, BOTH),
        (&*few, PDF, Files::Ignored, ""),
        ("", PICTURE, Files::Ignored, ""),
        (&*many, PDF, pdf(), ""),
        (&*few, PDF, pdf(), ONLY),
        (&*many, PDF, encrypted(), UNREAD),
        (&*few, PDF, encrypted(), BOTH),
        (&*few, PICTURE, Files::Closed, ""),
        ("", PICTURE, Files::Closed, ONLY),
        (&*few, PICTURE, picture(), ""),
        ("", PICTURE, picture(), ONLY),
        (&*few, PICTURE, pdf(), ONLY),
        (&*few, "audio/ogg", Files::Closed, ""),
        ("", "audio/ogg", Files::Closed, ""),
    ] {
        let message = mixed(&[("text/plain", text), (kind, "x")]);
        let letter = Letter {
            message: &message,
            files: &files,
        };
        let content = inspect(letter, &brand, Some(Strength::Weak), MANY);
        assert_eq!(reasons(&content), found, "{kind} {files:?} {text}");
        assert_eq!(content.has_words, !text.is_empty(), "{text}");
        assert!(!content.cut && !content.is_pictures);
        // Whoever reads files has something to look at, and nothing where only the subject is asked about.
        assert_eq!(content.has_files, kind != "audio/ogg", "{kind}");
        assert!(!inspect_subject(&message, &brand, &Sender::default()).has_files);
    }
}

#[test]
fn what_files_show_is_text_of_the_mail_as_far_as_there_is_room() {
    let brand = contoso();
    let message = mixed(&[
        ("text/plain", &"word ".repeat(FEW_WORDS)),
        ("application/pdf", "x"),
    ]);
    let of = |pieces: Vec<Piece>| {
        let read = ReadFile {
            pieces,
            ..ReadFile::unread(FileKind::Pdf, Outcome::Read)
        };
        let files = Files::Opened(vec![read]);
        let letter = Letter {
            message: &message,
            files: &files,
        };
        let content = inspect(letter, &brand, Some(Strength::Weak), MANY);
        (content.own.names_brand, reasons(&content), content.cut)
    };
    let text = |text: &str| Piece::Text(text.to_owned());
    let page = |text: &str| Piece::Page(text.to_owned());
    let code = |text: &str| Piece::Code(text.to_owned());
    for (pieces, names, found, cut) in [
        (vec![], false, "", false),
        (vec![text("Hello")], false, "", false),
        (vec![text("Contoso")], true, "", false),
        (vec![page("<b>Contoso</b>")], true, "", false),
        (
            vec![page(&"<a href=x>y</a>".repeat(3_000))],
            false,
            "",
            true,
        ),
        (
            vec![code("https://stranger.example/")],
            false,
            "qr-link",
            false,
        ),
        (vec![code("Hello")], false, "", false),
        (
            vec![text(&"x ".repeat(files::MAX_TEXT / 2 - 1))],
            false,
            "",
            false,
        ),
        (
            vec![text(&"x ".repeat(files::MAX_TEXT / 2 + 1))],
            false,
            "",
            true,
        ),
    ] {
        assert_eq!(of(pieces), (names, found.to_owned(), cut), "{found}");
    }
}

#[test]
fn a_reader_of_files_is_asked_for_what_may_hold_one() {
    let brand = contoso();
    let blocks = "\u{2588}".repeat(100);
    let few_blocks = "\u{2588}".repeat(99);
    let data = "<img src='data:image/png;base64,eA=='>";
    for (kind, text, has_files) in [
        ("text/plain", "Hello", false),
        ("text/plain", &*blocks, true),
        ("text/plain", &*few_blocks, false),
        ("text/plain", data, false),
        ("text/html", "Hello", false),
        ("text/html", data, true),
        ("application/pdf", "x", true),
        ("image/png", "x", true),
        ("audio/ogg", "x", false),
    ] {
        let message = mixed(&[("text/plain", "Hello there"), (kind, text)]);
        let content = inspect(&message, &brand, Some(Strength::Weak), MANY);
        assert_eq!(content.has_files, has_files, "{kind} {text}");
        let letter = to_open(&message, MANY.max_body);
        let opens = kind != "text/html" && has_files;
        assert_eq!(letter.0.len(), usize::from(has_files), "{opens} {kind}");
    }
    // In what is not read may be one.
    let message = mixed(&[("text/plain", "Hello")]);
    let all = message.body.len();
    for (max_body, has_files) in [(all, false), (all - 1, true)] {
        let bounds = Bounds { max_body, ..MANY };
        let content = inspect(&message, &brand, Some(Strength::Weak), bounds);
        assert_eq!((content.has_files, content.cut), (has_files, has_files));
    }
}

#[test]
fn what_is_quoted_below_own_words_is_told_apart() {
    let brand = contoso();
    let own = "five words of my own";
    let ask = "Please confirm your password.";
    let wrote = "On Monday Ann wrote:";
    let asks_in_subject = format!("Re: {ask}");
    for (subject, text, own_asks, quoted_asks) in [
        ("Re: x", format!("{own}\n\n{wrote}\n> {ask}"), false, true),
        ("Re: x", format!("{wrote}\n> {ask}"), true, false),
        ("Re: x", format!("{own}\n\n> {ask}"), true, false),
        ("Re: x", format!("{ask}\n\n{wrote}\n> {own}"), true, false),
        ("x", format!("{own}\n\n{wrote}\n> {ask}"), true, false),
        (
            &asks_in_subject,
            format!("{own}\n\n{wrote}\n> Hello"),
            false,
            true,
        ),
        (&asks_in_subject, format!("{wrote}\n> Hello"), true, false),
        (&asks_in_subject, own.to_owned(), false, true),
        (ask, format!("{own}\n\n{wrote}\n> Hello"), true, false),
    ] {
        let raw = format!("From: a@b.example\nIn-Reply-To: <a@b>\nSubject: {subject}\n\n{text}\n");
        let content = inspect(&message(&raw), &brand, Some(Strength::Weak), MANY);
        let asks = |text: &Text| text.reasons().contains(&Reason::AsksForPassword);
        let found = (asks(&content.own), asks(&content.quoted));
        assert_eq!(found, (own_asks, quoted_asks), "{subject} {text}");
    }
}

#[test]
fn how_strongly_the_header_claims_decides_what_a_link_may_show() {
    let brand = contoso();
    let page = "<a href='https://stranger.example/'>Contoso</a>";
    let message = mixed(&[("text/html", page)]);
    for (claim, found) in [
        (None, ""),
        (Some(Strength::Weak), ""),
        (Some(Strength::Strong), "deceptive-link"),
    ] {
        let content = inspect(&message, &brand, claim, MANY);
        assert_eq!(reasons(&content), found, "{claim:?}");
        assert!(content.own.names_brand && content.own.leads_to_stranger);
    }
}

#[test]
fn the_text_that_is_shown_is_that_of_the_first_part_with_words() {
    for (parts, text) in [
        (&[("text/plain", "One")][..], "One"),
        (
            &[
                ("text/plain", "..."),
                ("text/plain", "One"),
                ("text/plain", "Two"),
            ],
            "One",
        ),
        (&[("text/html", "<b>One</b>"), ("text/plain", "Two")], "One"),
        (&[("text/plain", "...")], ""),
    ] {
        assert_eq!(
            visible_text(&mixed(parts), 10_000).trim(),
            text,
            "{parts:?}"
        );
    }
    let message = message("From: a@b.example\n\nOne Two");
    assert_eq!(visible_text(&message, 3).trim(), "One");
}
