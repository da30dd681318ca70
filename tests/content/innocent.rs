//! What is not the sender's own.

use super::{weak, words};

const BAIT: &str = "Please confirm your password at https://amazon-login.example/x";

#[test]
fn what_somebody_else_wrote_is_not_judged() {
    let head = "From: colleague@work.example\nSubject: Re: your mail\nMIME-Version: 1.0\n";
    for (name, rest) in [
        (
            "a quoted reply",
            format!("\nThat is phish.\n\n> {BAIT}\n> more\n"),
        ),
        (
            "a forwarded text",
            format!(
                "\nFYI\n\n---------- Forwarded message ---------\nFrom: x <x@y.example>\nDate: today\nSubject: z\n\n{BAIT}\n"
            ),
        ),
        (
            "an Outlook forward",
            format!(
                "\nSiehe unten\n\nVon: x@y.example\nGesendet: heute\nAn: z\nBetreff: w\n\n{BAIT}\n"
            ),
        ),
        (
            "an attached message",
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nLook.\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n{BAIT}\n--b--\n"
            ),
        ),
        (
            "a delivery report",
            format!(
                "Content-Type: multipart/report; boundary=b\n\n--b\n\n{BAIT}\n--b\nContent-Type: message/delivery-status\n\nAction: failed\n--b\nContent-Type: message/rfc822\n\nSubject: x\n\n{BAIT}\n--b--\n"
            ),
        ),
        (
            "an abuse report",
            format!(
                "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\n{BAIT}\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n"
            ),
        ),
        (
            "a quoting page",
            format!(
                "Content-Type: text/html\n\n<p>Phish.</p><blockquote>{BAIT} <a href='https://amazon-login.example/'>x</a></blockquote>\n"
            ),
        ),
        (
            "a web mailer's quote",
            format!(
                "Content-Type: text/html\n\n<div>Phish.</div><div class='gmail_quote'><a href='https://amazon-login.example/'>x</a> {BAIT}</div>\n"
            ),
        ),
        (
            "Outlook's quote",
            format!(
                "Content-Type: text/html\n\n<div>Phish.</div><div id='divRplyFwdMsg'>From: x</div><div>{BAIT}</div>\n"
            ),
        ),
        (
            "a text attachment",
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nLook.\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=log.txt\n\n{BAIT}\n--b--\n"
            ),
        ),
    ] {
        let content = weak(&format!("{head}{rest}"));
        assert_eq!(words(&content), "", "{name}");
        assert!(!content.names_brand, "{name}");
    }
}

#[test]
fn a_quote_that_answers_nothing_is_the_senders_own() {
    let head = "From: x@sender.example\nSubject: Your account\nContent-Type: text/html\n\n";
    let found = "lookalike-link asks-for-password";
    // An indented text is no quote where nothing is answered.
    assert_eq!(
        words(&weak(&format!(
            "{head}<p>Dear customer</p><blockquote>{BAIT}</blockquote>"
        ))),
        found
    );
    assert_eq!(
        words(&weak(&format!(
            "{head}<div class='gmail_quote'>{BAIT}</div>"
        ))),
        found
    );
    let plain = "From: x@sender.example\nSubject: Your account\n\n";
    assert_eq!(words(&weak(&format!("{plain}> {BAIT}\n"))), found);
    // Anyone can call his mail a report.
    let report = "From: x@sender.example\nContent-Type: multipart/report; boundary=b\n\n";
    assert_eq!(
        words(&weak(&format!("{report}--b\n\n{BAIT}\n--b--\n"))),
        found
    );
}
