//! What is not the sender's own.

use super::{weak, words};

const BAIT: &str = "Please confirm your password at https://amazon-login.example/x";
const FOUND: &str = "lookalike-link asks-for-password";
const ANSWER: &str = "From: colleague@work.example\nSubject: Re: your mail\nIn-Reply-To: <1@y.example>\nMIME-Version: 1.0\n";
const FORWARD: &str = "From: colleague@work.example\nSubject: Fwd: your mail\nMIME-Version: 1.0\n";
const OWN: &str = "That one is a fake, I think.";
const WROTE: &str = "On Mon, 16 Nov 2026 at 09:12, x <x@y.example> wrote:";
const COPIED: &str =
    "---------- Forwarded message ---------\nFrom: x <x@y.example>\nDate: today\nSubject: z\n";

fn quoted(raw: &str) -> String {
    let content = weak(raw);
    let words: Vec<&str> = content
        .quoted
        .reasons()
        .iter()
        .map(|reason| reason.word())
        .collect();
    words.join(" ")
}

#[test]
fn what_somebody_else_wrote_is_told_apart() {
    for (name, raw) in [
        (
            "a quoted answer",
            format!("{ANSWER}\n{OWN}\n\n{WROTE}\n> {BAIT}\n> more\n"),
        ),
        (
            "a forwarded text",
            format!("{FORWARD}\n{OWN}\n\n{COPIED}\n{BAIT}\n"),
        ),
        (
            "an answer of Outlook's",
            format!(
                "{ANSWER}\n{OWN}\n\nVon: x@y.example\nGesendet: heute\nAn: z\nBetreff: w\n\n{BAIT}\n"
            ),
        ),
        (
            "a web mailer's quote",
            format!(
                "{ANSWER}Content-Type: text/html\n\n<div>{OWN}</div><div class='gmail_quote'><div>On Monday x wrote:<br></div><blockquote><a href='https://amazon-login.example/'>x</a> {BAIT}</blockquote></div>\n"
            ),
        ),
        (
            "an answer with its line in the quote",
            format!(
                "{ANSWER}Content-Type: text/html\n\n<div>{OWN}</div><blockquote type=cite><div>On Monday x wrote:</div><div>{BAIT}</div></blockquote>\n"
            ),
        ),
        (
            "an answer that marks nothing",
            format!(
                "{ANSWER}Content-Type: text/html\n\n<p>{OWN}</p><div>Am Montag schrieb x:</div><div>{BAIT}</div>\n"
            ),
        ),
    ] {
        assert_eq!(quoted(&raw), FOUND, "{name}");
        assert_eq!(words(&weak(&raw)), "", "{name}");
        // Without words of one's own above it, it is what the sender has to say.
        for own in ["", "Look!", "Please read the message below at once"] {
            let bare = raw.replace(OWN, own);
            assert_eq!(words(&weak(&bare)), FOUND, "{name}: {own}");
            assert_eq!(quoted(&bare), "", "{name}: {own}");
        }
        // Nor where nothing is answered.
        let answers = raw
            .replace("Subject: Re:", "Subject: About")
            .replace("Subject: Fwd:", "Subject: About");
        assert_eq!(words(&weak(&answers)), FOUND, "{name}");
    }
}

#[test]
fn what_a_machine_or_another_mail_says_is_not_judged() {
    for (name, rest) in [
        (
            "an attached message",
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nLook.\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n{BAIT}\n--b--\n"
            ),
        ),
        (
            "an abuse report",
            format!(
                "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\n{BAIT}\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nUser-Agent: x\n--b--\n"
            ),
        ),
        (
            "a log, attached",
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nLook.\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=build.log\n\n{BAIT}\n--b--\n"
            ),
        ),
    ] {
        let content = weak(&format!("{ANSWER}{rest}"));
        assert_eq!(words(&content), "", "{name}");
        assert!(
            !content.own.names_brand && content.quoted == Default::default(),
            "{name}"
        );
    }
}

#[test]
fn what_no_reader_sees_to_be_a_quote_is_none() {
    let page = |body: &str| format!("{ANSWER}Content-Type: text/html\n\n<p>{OWN}</p>{body}");
    let from = "From: x@y.example<br>Subject: z<br>";
    for body in [
        format!("<blockquote type=cite>{BAIT}</blockquote>"),
        format!("<div class=gmail_quote>{BAIT}</div>"),
        format!("<span class=protonmail_quote>{BAIT}</span>"),
        format!("<div id=divRplyFwdMsg></div>{BAIT}"),
        format!(
            "<div style='display:none'>On Monday x wrote:</div><blockquote>{BAIT}</blockquote>"
        ),
        format!("<div style='display:none'>{from}</div>{BAIT}"),
        format!("<div style='color:#fff'>{from}</div>{BAIT}"),
        format!("<div style='font-size:1px'>{from}</div>{BAIT}"),
        format!("<div style='max-height:0; overflow:hidden'>{from}</div>{BAIT}"),
        format!("<font color=white>{from}</font>{BAIT}"),
        // Of one's own, whatever stands above.
        format!("<div>On Monday x wrote:</div><blockquote>Hi.</blockquote><p>{BAIT}</p>"),
    ] {
        assert_eq!(words(&weak(&page(&body))), FOUND, "{body}");
    }
    // Nor are words that hardly anybody sees one's own.
    let hidden = format!(
        "{ANSWER}Content-Type: text/html\n\n<p style='color:#ffffff'>{OWN}</p><div>On Monday x wrote:</div><blockquote>{BAIT}</blockquote>"
    );
    assert_eq!(words(&weak(&hidden)), FOUND);
    // A link right above a quote is the sender's.
    let above = page(
        "<div>On Monday x wrote:</div><a href='https://amazon-login.example/'></a><blockquote>Hi.</blockquote>",
    );
    assert_eq!(words(&weak(&above)), "lookalike-link");
}

#[test]
fn anyone_can_call_his_mail_a_report() {
    let report = "From: x@sender.example\nContent-Type: multipart/report; boundary=b\n\n";
    assert_eq!(
        words(&weak(&format!("{report}--b\n\n{BAIT}\n--b--\n"))),
        FOUND
    );
}
