//! Hostile sizes and shapes: bounded, said, and never a panic.

use super::{html, strong, weak, words};
use amazon_spoof_milter::{
    brand::{Brand, Strength},
    mail::message::{Header, Message},
    wants::{Bounds, Content},
};

fn inspect(message: &Message, claim: Strength, max_body: usize) -> Content {
    let bounds = Bounds {
        unclaimed: max_body,
        max_body,
    };
    super::inspect(message, Brand::embedded(), Some(claim), bounds)
}

#[test]
fn fifty_thousand_nested_tags() {
    for tag in [
        "div",
        "a href=x",
        "table><tr><td",
        "blockquote",
        "form",
        "b",
        "svg",
    ] {
        let page = format!(
            "{}Please confirm your password",
            format!("<{tag}>").repeat(50_000)
        );
        let content = strong(&html(&page));
        assert!(content.cut, "{tag}");
    }
    let closing = format!("{}{}", "<div>".repeat(50_000), "</b></div>".repeat(50_000));
    assert!(strong(&html(&format!("{closing} Please confirm your password"))).cut);
}

#[test]
fn ten_thousand_parts() {
    let body =
        "--b\nContent-Type: text/html\n\n<a href='https://evil.example'>x</a>\n".repeat(10_000);
    let raw = format!("From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n{body}");
    assert!(weak(&raw).cut);
    let mut nested = String::new();
    for level in 0..10_000 {
        nested += format!(
            "--b{level}\nContent-Type: multipart/mixed; boundary=b{}\n\n",
            level + 1
        )
        .as_str();
    }
    let raw = format!("From: a@b.example\nContent-Type: multipart/mixed; boundary=b0\n\n{nested}");
    assert!(weak(&raw).cut);
}

/// Mail that claims nothing is looked at as far as a bound, which blanks don't use up.
#[test]
fn a_page_of_blanks_hides_nothing() {
    let ask = "Your Amazon account is locked. Please confirm your password.";
    let found = |body: &str| {
        let raw = format!("From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n{body}");
        let message = Message::parse(raw.as_bytes()).expect("the case is a message");
        let content = super::inspect(&message, Brand::embedded(), None, super::BOUNDS);
        (
            words(&content).contains("asks-for-password"),
            content.enough,
        )
    };
    let part = |text: &str| format!("--b\nContent-Type: text/plain\n\n{text}\n");
    let blanks = " \n".repeat(30_700);
    let filler = "A word or two of a friend. ".repeat(40);
    assert_eq!(
        found(&part(&format!("{blanks}{blanks}{ask}"))),
        (true, false)
    );
    let second = format!("{}{}", part(&blanks), part(&format!("{filler}{ask}")));
    assert_eq!(found(&second), (true, false));
    let behind = format!("{}{ask}", "A word or two of a friend. ".repeat(4_000));
    assert_eq!(found(&part(&behind)), (false, true));
}

fn message(content_type: &str, body: Vec<u8>) -> Message {
    Message {
        headers: vec![
            Header {
                name: b"From".to_vec(),
                value: b" a@b.example".to_vec(),
            },
            Header {
                name: b"Content-Type".to_vec(),
                value: content_type.as_bytes().to_vec(),
            },
        ],
        body: body.into(),
        ..Message::default()
    }
}

#[test]
fn twenty_megabytes_of_one_line() {
    for unit in [
        "x",
        "a.b ",
        "https://a.example/",
        "<",
        "<a href=\"",
        "&amp",
        "> ",
        "please confirm ",
        "amazon ",
        "@",
        "パスワード",
        "1 ",
        "=?",
        "://",
    ] {
        let mut message = message("", unit.repeat(20 * 1024 * 1024 / unit.len()).into_bytes());
        for content_type in ["text/plain", "text/html", "multipart/mixed; boundary=x"] {
            if let Some(header) = message.headers.last_mut() {
                header.value = content_type.as_bytes().to_vec();
            }
            let content = inspect(&message, Strength::Strong, 16 * 1024);
            assert!(content.cut, "{content_type} {unit}");
            assert!(content.own.findings.len() <= 64);
        }
    }
}

#[test]
fn what_lies_beyond_the_bound_is_said_and_not_read() {
    let raw = format!(
        "From: a@b.example\n\n{}\nPlease confirm your password\n",
        "x ".repeat(60_000)
    );
    let message = Message::parse(raw.as_bytes()).expect("a message");
    let content = inspect(&message, Strength::Weak, 64 * 1024);
    assert!(content.cut && content.own.findings.is_empty());
    let content = inspect(&message, Strength::Weak, 1 << 20);
    assert!(!content.cut);
    assert_eq!(words(&content), "asks-for-password");
}

#[test]
fn any_octets_at_all() {
    // A fixed sequence of octets that looks like nothing in particular (xorshift).
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut octets = Vec::new();
    for _ in 0..12 * 1024 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        octets.push(state.to_le_bytes()[0]);
    }
    for charset in [
        "utf-8",
        "utf-16",
        "iso-2022-jp",
        "gb18030",
        "utf-7",
        "shift_jis",
        "big5",
        "x-nothing",
    ] {
        for kind in ["text/html", "text/plain"] {
            let content_type = format!("{kind}; charset={charset}");
            inspect(
                &message(&content_type, octets.clone()),
                Strength::Strong,
                1 << 20,
            );
        }
    }
}

/// What can't be read whole could name the brand; what was read of it counts only where it does.
#[test]
fn what_is_cut_counts_where_it_names_the_brand() {
    let found = |text: &str| {
        let raw = html(&format!("<p>{text}</p>{}", "<div>".repeat(50_000)));
        let message = Message::parse(raw.as_bytes()).expect("the case is a message");
        let content = super::inspect(&message, Brand::embedded(), None, super::BOUNDS);
        (words(&content), content.cut)
    };
    let ask = "Please confirm your password.";
    assert_eq!(found(ask), (String::new(), true));
    assert_eq!(
        found(&format!("Your Amazon order is here. {ask}")),
        ("asks-for-password".to_owned(), true)
    );
}
