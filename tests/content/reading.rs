//! How the octets of a part become text.

use super::{weak, words};
use amazon_spoof_milter::{
    brand::Brand,
    mail::message::Message,
    reason::Reason,
    wants::{self, Content},
};

const PASSWORD: &str = "asks-for-password";
const PAYMENT: &str = "asks-for-payment-data";

#[test]
fn every_encoding_and_charset_is_read() {
    let head = "From: a@sender.example\nSubject: x\n";
    for (name, raw) in [
        (
            "base64",
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nUGxlYXNlIGNvbmZpcm0geW91ciBw\nYXNzd29yZC4=\n",
        ),
        (
            "base64 cut in the middle",
            "Content-Transfer-Encoding: BASE64\n\nUGxlYXNlIGNvbmZpcm0geW91ciBwYXNzd29yZC4gSGVsbG8gYWdha\n",
        ),
        (
            "quoted-printable",
            "Content-Transfer-Encoding: quoted-printable\n\nPlease con=66irm your pass=\nword.\n",
        ),
        (
            "UTF-7",
            "Content-Type: text/plain; charset=utf-7\n\nPlease confirm your +AHAAYQBzAHM-word.\n",
        ),
        (
            "UTF-16",
            "Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\nUABsAGUAYQBzAGUAIABjAG8AbgBmAGkAcgBtACAAeQBvAHUAcgAgAHAAYQBzAHMAdwBvAHIAZAA=\n",
        ),
        (
            "ISO-2022-JP",
            "Content-Type: text/plain; charset=ISO-2022-JP\nContent-Transfer-Encoding: base64\n\nGyRCJVElOSVvITwlSSRyRn5OTyQ3JEYkLyRAJDUkJBsoQg==\n",
        ),
        (
            "a page that is called a file",
            "Content-Type: application/octet-stream; name=\"invoice.html\"\n\n<b>Please confirm</b> your password\n",
        ),
        (
            "nested parts",
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/related; boundary=\"b c\"\n\n--b c\nContent-Type: text/html\n\n<p>Please confirm your password</p>\n--b c--\n--a--\n",
        ),
        ("no type at all", "\nPlease confirm your password\n"),
    ] {
        assert_eq!(words(&weak(&format!("{head}{raw}"))), PASSWORD, "{name}");
    }
}

#[test]
fn a_subject_asks_too() {
    let raw = "From: a@sender.example\nSubject: =?utf-8?q?Sicherheits-PIN_best=C3=A4tigen?=\n\nx\n";
    assert_eq!(words(&weak(raw)), PAYMENT);
    // What an answer keeps is quoted, below words of one's own.
    let answer = raw.replace("Subject: ", "References: <1@y.example>\nSubject: Re: ");
    assert_eq!(words(&weak(&answer)), PAYMENT);
    let answer = answer.replace("\n\nx\n", "\n\nI did that on Monday, thank you.\n");
    let content = weak(&answer);
    assert_eq!(words(&content), "");
    assert!(
        content
            .quoted
            .reasons()
            .contains(&Reason::AsksForPaymentData)
    );
}

/// What a subject says whose body is none of our business.
fn subject_alone(subject: &str) -> Content {
    let raw = format!(
        "From: a@sender.example\nSubject: {subject}\n\nAmazon: please confirm your password.\n"
    );
    let message = Message::parse(raw.as_bytes()).expect("the case is a message");
    wants::inspect_subject(&message, Brand::embedded(), &wants::Sender::from(None))
}

#[test]
fn a_subject_is_read_where_the_body_is_left_alone() {
    let named = subject_alone("Your Amazon account is locked");
    assert_eq!(
        (named.subject, words(&named)),
        (wants::Speech::Yes, "account-threat".to_owned())
    );
    // Its own sentence names the brand, whatever is kept of it.
    assert!(named.own.findings.iter().all(|found| found.names_brand));
    assert_eq!(
        subject_alone("The meeting of tomorrow").subject,
        wants::Speech::No
    );
}

#[test]
fn the_text_that_a_reader_sees_is_told() {
    let raw = super::html("<p>one <b style='display:none'>two</b></p><p>three</p>");
    let message = Message::parse(raw.as_bytes()).expect("the case is a message");
    assert_eq!(wants::visible_text(&message, 1_000).trim(), "one\n\nthree");
}

#[test]
fn a_reader_of_files_is_told_where_there_is_something_to_look_at() {
    let text = |body: &str| format!("From: a@sender.example\n\n{body}\n");
    let part = |header: &str| {
        format!(
            "From: a@sender.example\nContent-Type: multipart/mixed; boundary=b\n\n\
             --b\n\nLook.\n--b\nContent-Type: {header}\n\nx\n--b--\n"
        )
    };
    for (raw, has_files) in [
        (text("Look."), false),
        (super::html("<p>Look.</p>"), false),
        (text("data:image/png;base64,aGVsbG8="), false),
        (
            super::html("<img src='data:image/png;base64,aGVsbG8='>"),
            true,
        ),
        // A code that is drawn.
        (text(&"\u{2588}".repeat(99)), false),
        (text(&"\u{2588}".repeat(100)), true),
        (super::html(&"&block;".repeat(100)), true),
        (part("application/pdf"), true),
        (part("image/png"), true),
        (part("audio/mpeg"), false),
    ] {
        assert_eq!(super::strong(&raw).has_files, has_files, "{raw}");
    }
}

/// A worry is enough of a reason to call where the subject speaks as the brand; no text stands below these.
#[test]
fn a_subject_wants_to_be_called() {
    let call = "for a refund call us at 0800 555 0123";
    for (subject, found) in [
        ("Your Amazon account,", "callback-number"),
        ("Your Kestlow account,", ""),
        ("Amazon and others,", ""),
    ] {
        let subject = format!("{subject} {call}");
        assert_eq!(words(&subject_alone(&subject)), found, "{subject}");
        let answer = format!(
            "From: a@sender.example\nReferences: <1@y.example>\nSubject: Re: {subject}\n\nx\n"
        );
        assert_eq!(words(&weak(&answer)), found, "{subject}");
    }
}
