//! What we hold, by mail to whoever looks after it.
//!
//! The mail goes through mail programs, filters and telephones, all of which make links of what looks like
//! one. So it is plain ASCII, whatever senders wrote; no address and no host in it can be followed; and its
//! own subject says nothing that a filter such as this one would look at twice.

use super::{
    HeldError,
    age::Age,
    list::recipients,
    postfix::Postfix,
    queue::{Held, HoldQueue, messages},
};
use std::{
    fmt,
    io::{self, Write},
    str::FromStr,
};

/// Messages that are listed.
const MAX_ROWS: usize = 200;
/// Characters of a subject and of a From field.
const MAX_SUBJECT: usize = 60;
const MAX_FROM: usize = 100;
/// Characters of everything else that stands in one line.
const MAX_TEXT: usize = 300;

/// Whom a digest goes to: an address or the name of a mailbox here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient(String);

/// The text is no address that mail could be sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongRecipient;

impl fmt::Display for WrongRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no address such as ops@example.org, in ASCII")
    }
}

impl std::error::Error for WrongRecipient {}

impl FromStr for Recipient {
    type Err = WrongRecipient;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_sign = |octet: u8| octet.is_ascii_alphanumeric() || b".@_+-=".contains(&octet);
        let is_address = (1..=254).contains(&text.len())
            && text.bytes().all(is_sign)
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.matches('@').count() <= 1
            && !text.ends_with('@');
        is_address
            .then(|| Self(text.to_owned()))
            .ok_or(WrongRecipient)
    }
}

/// Sends the list to `to`, or else to postmaster; nothing where nothing is on hold. Says what was done.
pub(super) fn send(
    postfix: &Postfix,
    held: &HoldQueue,
    to: Option<&Recipient>,
    now: u64,
) -> Result<(), HeldError> {
    let count = held.ours.len() as u64;
    let mut out = io::stdout().lock();
    if count == 0 {
        writeln!(out, "nothing is on hold: no digest is sent")?;
        return Ok(());
    }
    let to = to.map_or("postmaster", |to| &to.0);
    let host = Host {
        name: &postfix.hostname,
        origin: &postfix.origin,
    };
    postfix.send(&mail(&host, held, to, now), to)?;
    writeln!(out, "{} on hold: a digest is sent to {to}", messages(count))?;
    Ok(())
}

/// The machine that writes.
struct Host<'h> {
    name: &'h str,
    /// The domain of mail that is written there.
    origin: &'h str,
}

/// The mail. Postfix adds Date and Message-ID, as to every mail that is written on its own machine.
fn mail(host: &Host<'_>, held: &HoldQueue, to: &str, now: u64) -> String {
    let count = held.ours.len();
    let program = env!("CARGO_PKG_NAME");
    let mut mail = format!(
        "From: Postmaster <postmaster@{}>\n\
         To: {to}\n\
         Subject: {} on hold at {}\n\
         Auto-Submitted: auto-generated\n\
         MIME-Version: 1.0\n\
         Content-Type: text/plain; charset=us-ascii\n\
         Content-Transfer-Encoding: 7bit\n\
         \n\
         {program} holds {} at {}. Nobody is told, and nothing of it expires: somebody has to\n\
         release or delete each. To see one whole, as root on that machine:\n\
         \n\
         \x20   {program} held show ID\n\
         \n\
         What senders wrote is shown in ASCII, and what looks like a link with brackets in it.\n\n",
        ascii(host.origin),
        messages(count as u64),
        ascii(host.name),
        messages(count as u64),
        ascii(host.name),
    );
    for held in held.ours.iter().take(MAX_ROWS) {
        mail.push_str(&row(program, held, now));
    }
    if count > MAX_ROWS {
        mail.push_str(&format!(
            "{} more on hold. All of them: {program} held list\n",
            messages((count - MAX_ROWS) as u64)
        ));
    }
    mail
}

fn row(program: &str, held: &Held, now: u64) -> String {
    format!(
        "{}, {}, {} octets\n\
         \x20   From:    {}\n\
         \x20   Subject: {}\n\
         \x20   For:     {}\n\
         \x20   Why:     {}\n\
         \x20   {program} held release {}\n\n",
        held.found.verdict,
        Age::between(held.id.arrived(), now),
        held.size,
        harmless(&held.from, MAX_FROM),
        harmless(&held.subject, MAX_SUBJECT),
        harmless(&recipients(held), MAX_TEXT),
        harmless(&held.found.reasons.join(", "), MAX_TEXT),
        held.id,
    )
}

/// A stranger's text, its first `most` characters, in ASCII and without anything to follow.
fn harmless(text: &str, most: usize) -> String {
    let cut: String = text.chars().take(most).collect();
    let more = if cut.len() < text.len() { "..." } else { "" };
    defanged(&ascii(&cut)) + more
}

/// The text in letters of ASCII that come close to its own. What acts on a terminal is left out, and a
/// character becomes few, so that a short text stays one.
fn ascii(text: &str) -> String {
    text.chars()
        .flat_map(|c| any_ascii::any_ascii_char(c).chars().take(8))
        .map(|c| if c == '\t' || c == '\n' { ' ' } else { c })
        .filter(|c| matches!(c, ' '..='~'))
        .collect()
}

/// ASCII in which nothing is an address any more: `hxxp[:]//shop[.]example`, `me[at]shop[.]example`.
fn defanged(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let is_followed = rest.peek().is_some_and(|next| !next.is_whitespace());
        match c {
            '@' => out.push_str("[at]"),
            ':' if is_followed && before.is_ascii_alphabetic() => out.push_str("[:]"),
            '.' if is_followed && !before.is_whitespace() => out.push_str("[.]"),
            other => out.push(other),
        }
        before = c;
    }
    // A scheme by another name, for programs that know it without its colon.
    out.replace("http", "hxxp").replace("HTTP", "HXXP")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        held::{id::HeldId, message::OurVerdict},
        verdict::Verdict,
    };

    fn held(number: usize, subject: &str) -> Held {
        let id: HeldId = format!("4F2A9E{number:05}-1795645029").parse().unwrap();
        Held {
            id,
            found: OurVerdict {
                verdict: Verdict::Impersonation,
                author: Some("shop.example".into()),
                reasons: vec!["display-name".into(), "unauthenticated".into()],
                explanation: String::new(),
            },
            sender: "news@shop.example".into(),
            recipients: vec!["you@example.org".into()],
            recipient_count: 3,
            size: 1_234,
            from: "\"Сontoso\" <news@shop.example>".into(),
            subject: subject.into(),
        }
    }

    fn sent(ours: Vec<Held>) -> String {
        let queue = HoldQueue {
            ours,
            ..HoldQueue::default()
        };
        let host = Host {
            name: "mx1.example.org",
            origin: "example.org",
        };
        mail(&host, &queue, "ops@example.org", 1_795_645_029 + 7_200)
    }

    #[test]
    fn a_digest_is_ascii_and_holds_nothing_to_follow() {
        let hostile = "\u{1b}]0;x\u{7}\u{202e}\r\nBcc: x@evil.example\r\n\r\nhttps://evil.example/a?b アマゾン www.evil.example mailto:x tel:123 1.2";
        let mail = sent(vec![held(1, hostile)]);
        assert!(
            mail.bytes()
                .all(|octet| octet == b'\n' || matches!(octet, b' '..=b'~')),
            "{mail}"
        );
        let (header, body) = mail.split_once("\n\n").unwrap();
        assert_eq!(
            header,
            "From: Postmaster <postmaster@example.org>\nTo: ops@example.org\n\
             Subject: 1 message on hold at mx1.example.org\nAuto-Submitted: auto-generated\n\
             MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n\
             Content-Transfer-Encoding: 7bit"
        );
        let row = "\
impersonation, 2 hours, 1234 octets
    From:    \"Sontoso\" <news[at]shop[.]example>
    Subject: ]0;x Bcc: x[at]evil[.]example  hxxps[:]//evil[.]example/a?b amazo...
    For:     you[at]example[.]org and 2 more
    Why:     display-name, unauthenticated
    amazon-spoof-milter held release 4F2A9E00001-1795645029
";
        assert!(body.contains(row), "{body}");
    }

    #[test]
    fn a_subject_is_sixty_letters_and_a_digest_two_hundred_rows() {
        let long = "x".repeat(61);
        let mail = sent(vec![held(1, &long)]);
        assert!(
            mail.contains(&format!("Subject: {}...\n", "x".repeat(60))),
            "{mail}"
        );
        let mail = sent((0..203).map(|number| held(number, "x")).collect());
        assert_eq!(mail.matches(" held release ").count(), 200);
        assert!(
            mail.ends_with(
                "\n3 messages more on hold. All of them: amazon-spoof-milter held list\n"
            )
        );
        assert!(mail.contains("\nSubject: 203 messages on hold at mx1.example.org\n"));
        assert!(mail.lines().all(|line| line.len() < 998));
    }

    #[test]
    fn what_a_mail_program_would_make_a_link_of_is_none() {
        assert_eq!(defanged("a.example"), "a[.]example");
        assert_eq!(defanged("Dear you. Yes: no."), "Dear you. Yes: no.");
        assert_eq!(defanged("mailto:a@b.example"), "mailto[:]a[at]b[.]example");
        assert_eq!(defanged("http://a.example"), "hxxp[:]//a[.]example");
        assert_eq!(
            defanged("HTTPS://A.EXAMPLE:8080/x.y"),
            "HXXPS[:]//A[.]EXAMPLE[:]8080/x[.]y"
        );
        assert_eq!(defanged("at 12:30, 1.50 EUR"), "at 12:30, 1[.]50 EUR");
    }

    #[test]
    fn a_digest_goes_to_an_address_and_to_nothing_else() {
        for address in ["root", "ops@example.org", "ops+held@example.org"] {
            assert_eq!(address.parse(), Ok(Recipient(address.to_owned())));
        }
        for wrong in [
            "",
            "-t",
            "@",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\nBcc: c",
            "ä@b",
            "<a@b>",
            "a,b",
        ] {
            assert_eq!(wrong.parse::<Recipient>(), Err(WrongRecipient), "{wrong:?}");
        }
    }
}
