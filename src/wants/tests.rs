mod files_shown;

use super::*;
use crate::brand::sample::contoso;
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
    let many = "<a href='http://x.example'>y</a>".repeat(2_001);
    let hosts: String = (0..501)
        .map(|at| format!("http://h{at}.example/ "))
        .collect();
    for (parts, room, concerns, enough) in [
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
        (vec![(H, "Con<b>to</b>so")], 100, true, false),
        (vec![(H, "<!-- Contoso -->Hello")], 100, false, false),
        (vec![(H, &*many)], 60_000, true, false),
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
        (&asks_in_subject, "Hi".to_owned(), true, false),
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

#[test]
fn a_subject_is_read_where_the_body_is_none_of_our_business() {
    let brand = contoso();
    let raw = "From: a@b.example\nSubject: Please confirm your password\n\nYour Contoso account";
    let content = inspect_subject(&message(raw), &brand, &Sender::default());
    assert_eq!(reasons(&content), "asks-for-password");
    assert!(!content.own.names_brand && !content.cut);
}

#[test]
fn what_stands_above_a_text_is_the_name_and_the_subject() {
    let brand = contoso();
    let names = ["Kestlow".to_owned()];
    let sender = Sender {
        names: &names,
        ..Sender::default()
    };
    for (subject, heading) in [
        ("Hello".to_owned(), "Kestlow\n\nHello".to_owned()),
        (
            "x".repeat(MAX_HEADING),
            format!("Kestlow\n\n{}", "x".repeat(MAX_HEADING - 9)),
        ),
    ] {
        let message = message(&format!("From: a@b.example\nSubject: {subject}\n\nx"));
        let reading = Reading::new(&message, &brand, &sender, b"x");
        assert_eq!(reading.heading(), heading);
    }
}
