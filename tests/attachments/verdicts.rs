//! What mail comes to by its files: lures whose text is elsewhere, and honest mail with the same kinds of files.

use super::build::{
    Pdf, archive, bare_code, code, docx, link_note, pdf_with_picture, protected_archive, text_of,
};
use super::readers;
use crate::support::dns::ZoneServer;
use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::mail::message::{Envelope, Message, Path};
use amazon_spoof_milter::verify::Verifier;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::Arc;

const URL: &str = "https://verify.account-help.example/start?id=4471";
const PROTECTED: &[u8] = include_bytes!("protected.pdf");

/// A mail with files, each under a label that may be wrong.
struct Mail {
    from: &'static str,
    subject: &'static str,
    text: String,
    files: Vec<(&'static str, Vec<u8>)>,
}

impl Mail {
    fn new(
        from: &'static str,
        subject: &'static str,
        text: &str,
        files: Vec<(&'static str, Vec<u8>)>,
    ) -> Self {
        Self {
            from,
            subject,
            text: text.to_owned(),
            files,
        }
    }

    /// From a domain whose owner answers for it: all that costs an attacker is a domain.
    fn message(&self) -> Message {
        let domain = self.from.rsplit_once('@').unwrap().1.trim_end_matches('>');
        let mut raw = format!(
            "From: {}\r\nTo: reader@recipient.example\r\nSubject: {}\r\nDate: Fri, 13 Nov 2026 09:12:00 +0100\r\n\
             Message-ID: <1@{domain}>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            self.from, self.subject, self.text
        );
        for (label, file) in &self.files {
            let lines: Vec<String> = STANDARD
                .encode(file)
                .as_bytes()
                .chunks(76)
                .map(|line| String::from_utf8_lossy(line).into_owned())
                .collect();
            raw.push_str(&format!(
                "--b\r\nContent-Type: {label}\r\nContent-Transfer-Encoding: base64\r\n\
                 Content-Disposition: attachment\r\n\r\n{}\r\n",
                lines.join("\r\n")
            ));
        }
        raw.push_str("--b--\r\n");
        let mut message = Message::parse(raw.as_bytes()).unwrap();
        message.envelope = Envelope {
            client_ip: Some("192.0.2.10".parse().unwrap()),
            helo: Some(format!("mail.{domain}")),
            mail_from: Some(Path::parse(&format!("bounce@{domain}"))),
            recipients: vec![Path::parse("reader@recipient.example")],
            ..Envelope::default()
        };
        message
    }
}

const STRANGER: &str = "Order desk <desk@quick-billing.example>";
const SHOP: &str = "Kestlow Books <shop@kestlow.example>";
const BANK: &str = "Harbour Credit Union <notice@harbourcu.example>";

fn zone() -> String {
    let domains = ["quick-billing", "kestlow", "harbourcu"];
    let records = domains.map(|domain| {
        format!(
            "{domain}.example. A 192.0.2.10\n{domain}.example. MX 10 {domain}.example.\n\
             {domain}.example. TXT \"v=spf1 ip4:192.0.2.10 -all\"\n_dmarc.{domain}.example. TXT \"v=DMARC1; p=reject\"\n"
        )
    });
    format!("$TTL 300\n{}", records.concat())
}

fn invoice() -> Vec<u8> {
    Pdf::lines(&[
        "Your Amazon order 112-9876543-1234567",
        "MacBook Pro 16, $2,499.00, was charged to your card.",
        "If you did not place this order call +1 (888) 555-0142",
    ])
}

fn locked() -> Vec<u8> {
    docx(
        "<w:p><w:r><w:t>Your Amazon account has been locked. Please verify your account.</w:t></w:r></w:p>",
        &format!("<Relationship TargetMode=\"External\" Target=\"{URL}\"/>"),
    )
}

/// Each mail with the verdict and the reasons that have to be there.
fn lures() -> Vec<(&'static str, Mail, &'static [&'static str])> {
    let pdf = "application/pdf; name=\"invoice.pdf\"";
    let call = &["suspicious", "callback-number"][..];
    let threat = &["suspicious", "account-threat"][..];
    let scan = &["suspicious", "account-threat", "qr-link"][..];
    let unread = &["suspicious", "unread-attachment"][..];
    let ask = "Please scan the code to verify your Amazon account.";
    let linked = Pdf::page(
        &text_of(&[
            "Your Amazon account has been locked.",
            "www.amazon.com/unlock",
        ]),
        "",
        &format!("/Annots [{}]", link_note(URL, 706)),
        |_| {},
    );
    vec![
        (
            "a number in a PDF beside nothing",
            Mail::new(
                STRANGER,
                "Amazon order confirmation",
                "",
                vec![(pdf, invoice())],
            ),
            call,
        ),
        (
            "the same behind octets",
            Mail::new(
                STRANGER,
                "Amazon order confirmation",
                "Hello",
                vec![(pdf, [b"\0\xFFjunk\r\n".repeat(9), invoice()].concat())],
            ),
            call,
        ),
        (
            "the same as anything",
            Mail::new(
                STRANGER,
                "Amazon order confirmation",
                "Hello",
                vec![("application/octet-stream; name=scan", invoice())],
            ),
            call,
        ),
        (
            "the same as text",
            Mail::new(
                STRANGER,
                "Amazon order confirmation",
                "Hello",
                vec![("text/plain; name=\"invoice.pdf\"", invoice())],
            ),
            call,
        ),
        (
            "the same as a picture",
            Mail::new(
                STRANGER,
                "Amazon order confirmation",
                "Hello",
                vec![("image/jpeg; name=\"invoice.pdf\"", invoice())],
            ),
            call,
        ),
        (
            "the same in an archive",
            Mail::new(
                STRANGER,
                "Amazon order confirmation",
                "Hello",
                vec![(
                    "application/zip; name=\"a.zip\"",
                    archive(&[("invoice.pdf", &invoice())]),
                )],
            ),
            call,
        ),
        (
            "a code as a picture",
            Mail::new(
                STRANGER,
                "Your Amazon account is on hold",
                ask,
                vec![("image/png; name=\"code.png\"", code(URL, 6).png())],
            ),
            scan,
        ),
        (
            "a code in a PDF",
            Mail::new(
                STRANGER,
                "Your Amazon account is on hold",
                ask,
                vec![(pdf, pdf_with_picture(&code(URL, 6), "Scan me"))],
            ),
            scan,
        ),
        (
            "a code of blocks",
            Mail::new(
                STRANGER,
                "Your Amazon account is on hold",
                &format!(
                    "{ask}\r\n\r\n{}",
                    code(URL, 1).half_blocks().replace('\n', "\r\n")
                ),
                vec![],
            ),
            scan,
        ),
        (
            "a letter with a link",
            Mail::new(
                STRANGER,
                "Amazon account notice",
                "Please see the attached letter.",
                vec![(
                    "application/vnd.openxmlformats-officedocument.wordprocessingml.document; name=\"letter.docx\"",
                    locked(),
                )],
            ),
            threat,
        ),
        (
            "a link in a PDF under another name",
            Mail::new(
                STRANGER,
                "Amazon account notice",
                "See the file.",
                vec![(pdf, linked)],
            ),
            &["suspicious", "deceptive-link", "account-threat"],
        ),
        (
            "a file whose name alone says it",
            Mail::new(
                STRANGER,
                "Your order",
                "Hello",
                vec![(
                    "application/pdf; name=\"Amazon_order_confirmation.pdf\"",
                    invoice(),
                )],
            ),
            call,
        ),
        (
            "a PDF with a password",
            Mail::new(
                STRANGER,
                "Your Amazon account has been locked",
                "How to unlock it stands in the file, whose password is 4711. Please read it today, since we close the account tomorrow at noon.",
                vec![(pdf, PROTECTED.to_vec())],
            ),
            unread,
        ),
        (
            "an archive with a password",
            Mail::new(
                STRANGER,
                "Your Amazon account has been locked",
                "How to unlock it stands in the file, whose password is 4711. Please read it today, since we close the account tomorrow at noon.",
                vec![(
                    "application/zip; name=\"a.zip\"",
                    protected_archive("unlock.html"),
                )],
            ),
            unread,
        ),
        (
            "a file alone",
            Mail::new(
                STRANGER,
                "Your Amazon account has been locked",
                "",
                vec![(pdf, Pdf::lines(&["See you soon"]))],
            ),
            &["suspicious", "attachment-only"],
        ),
    ]
}

/// Honest mail with the same kinds of files.
fn honest() -> Vec<(&'static str, Mail)> {
    let pdf = "application/pdf; name=\"invoice.pdf\"";
    let paid = Pdf::lines(&[
        "Kestlow Books",
        "Invoice 4711",
        "Paid with Amazon Pay: 24.90 EUR",
        "Questions? Call +49 30 5550142",
    ]);
    let statement = "Harbour Credit Union: your statement of October is attached. The password is your date of birth. Among your \
                     purchases: AMAZON.COM 49.99 on the 3rd, fuel on the 5th, groceries on the 9th. Thank you for banking with us.";
    let note = "Kestlow Books here: thank you for your order, which you paid with Amazon Pay. The books leave our house tomorrow; \
                the invoice is attached, and so is a picture of the shelf that you asked for.";
    vec![
        (
            "an invoice that was paid by the brand's service",
            Mail::new(SHOP, "Your invoice 4711", note, vec![(pdf, paid)]),
        ),
        (
            "a picture without a code",
            Mail::new(
                SHOP,
                "Paid with Amazon Pay: thank you",
                note,
                vec![(
                    "image/png; name=\"shelf.png\"",
                    bare_code(URL, 1).negative().with_contrast(200, 202).png(),
                )],
            ),
        ),
        (
            "a code to the shop's own site",
            Mail::new(
                SHOP,
                "Our books are on Amazon, too",
                note,
                vec![(
                    "image/png; name=\"code.png\"",
                    code("https://www.kestlow.example/new", 6).png(),
                )],
            ),
        ),
        (
            "a statement with a password",
            Mail::new(
                BANK,
                "Your statement: a purchase at Amazon",
                statement,
                vec![(pdf, PROTECTED.to_vec())],
            ),
        ),
        (
            "a contract in an archive with a password",
            Mail::new(
                SHOP,
                "Amazon contract, second draft",
                note,
                vec![(
                    "application/zip; name=\"draft.zip\"",
                    protected_archive("draft.docx"),
                )],
            ),
        ),
        (
            "a file that nobody reads",
            Mail::new(
                SHOP,
                "Catalogue for Amazon sellers",
                note,
                vec![("application/x-dwg; name=\"shelf.dwg\"", vec![7; 5_000])],
            ),
        ),
    ]
}

fn config(more: &str, dns: &ZoneServer) -> Config {
    let text = format!("{more}\n[dns]\nservers = [\"{}\"]\n", dns.addr);
    Config::from_toml(&text).unwrap()
}

async fn judged(verifier: &Verifier, mail: &Mail) -> Vec<String> {
    let report = verifier.verify(&mail.message()).await;
    let reasons = report.reasons.iter().map(|reason| reason.word().to_owned());
    std::iter::once(report.verdict.word().to_owned())
        .chain(reasons)
        .collect()
}

/// One that asks this DNS and opens files.
async fn verifier(dns: &ZoneServer) -> Verifier {
    let readers = Arc::new(readers(Arc::new(())).await);
    Verifier::new(&config("", dns), Arc::new(()))
        .unwrap()
        .with_readers(Some(readers))
}

#[tokio::test]
async fn lures_whose_text_is_in_a_file_are_found_though_their_sender_is_proved() {
    let dns = ZoneServer::start(&zone());
    let verifier = verifier(&dns).await;
    let mut wrong = Vec::new();
    for (name, mail, wanted) in lures() {
        let found = judged(&verifier, &mail).await;
        if !wanted
            .iter()
            .all(|word| found.iter().any(|found| found == word))
        {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn honest_mail_with_files_is_not_flagged() {
    let dns = ZoneServer::start(&zone());
    let verifier = verifier(&dns).await;
    let mut wrong = Vec::new();
    for (name, mail) in honest() {
        let found = judged(&verifier, &mail).await;
        if found[0] != "unrelated" {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn files_count_for_nothing_where_the_operator_says_so_and_as_unread_where_nobody_opens_them()
{
    let dns = ZoneServer::start(&zone());
    let readers = Some(Arc::new(readers(Arc::new(())).await));
    let never = Verifier::new(
        &config("[inspect]\nattachments = \"never\"", &dns),
        Arc::new(()),
    )
    .unwrap();
    let never = never.with_readers(readers);
    let nobody = Verifier::new(&config("", &dns), Arc::new(())).unwrap();
    let pdf = "application/pdf; name=\"file.pdf\"";
    let mail = Mail::new(
        STRANGER,
        "Your Amazon account has been locked",
        "",
        vec![(pdf, invoice())],
    );
    assert_eq!(judged(&never, &mail).await, ["unrelated", "subject"]);
    let found = judged(&nobody, &mail).await;
    assert_eq!(found[0], "suspicious");
    assert!(found.contains(&"unread-attachment".to_owned()), "{found:?}");
    assert!(!found.contains(&"callback-number".to_owned()), "{found:?}");
}
