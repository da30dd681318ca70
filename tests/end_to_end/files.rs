//! Lures in files, through a real Postfix: what a reader of files finds stands in the header.

use crate::attachments::{Pdf, code, pdf_with_picture};
use crate::support::milter::MilterConfig;
use crate::support::root::{POSTFIX, left_out};
use crate::{Sample, Site, field, sample};
use base64::{Engine, engine::general_purpose::STANDARD};

const HEADER: &str = "From: Order desk <desk@elsewhere.example>\r\nTo: joe@example.test\r\n\
    Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <file@elsewhere.example>\r\nMIME-Version: 1.0\r\n";

/// A message with a text and a file.
fn with_file(subject: &str, text: &str, label: &str, file: &[u8]) -> Vec<u8> {
    let lines: Vec<String> = STANDARD
        .encode(file)
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    format!(
        "{HEADER}Subject: {subject}\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n{text}\r\n\
         --b\r\nContent-Type: {label}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--b--\r\n",
        lines.join("\r\n")
    )
    .into_bytes()
}

/// What a message comes to on its way.
fn verdict(site: &Site, message: Vec<u8>) -> String {
    let sample = Sample {
        message,
        ..sample("forged")
    };
    assert!(site.send(&sample).accepted());
    let delivered = site.delivered(&sample);
    field(&delivered, "X-Amazon-Spoof-Verdict").expect("a verdict")
}

#[test]
fn a_code_in_a_pdf_is_found() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::default());
    let picture = code("https://verify.account-help.example/start", 6);
    let file = pdf_with_picture(&picture, "Scan the code to verify your account");
    let message = with_file(
        "Your Amazon account is on hold",
        "Please see the file.",
        "application/octet-stream; name=\"notice.pdf\"",
        &file,
    );
    let verdict = verdict(&site, message);
    for word in ["suspicious; action=tag", "account-threat", "qr-link"] {
        assert!(verdict.contains(word), "{word}: {verdict}");
    }
    let metrics = crate::support::http::get(site.milter.http, "/metrics", &[]).body;
    let series = "amazon_spoof_milter_attachments_total{kind=\"pdf\",outcome=\"read\"} 1";
    assert!(metrics.contains(series), "{metrics}");
    assert!(metrics.contains("amazon_spoof_milter_attachment_duration_seconds_count 1"));
    assert!(!metrics.contains("amazon_spoof_milter_attachment_memory_peak_bytes 0"));
}

#[test]
fn a_number_in_an_invitation_and_one_in_a_pdf_are_found() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::default());
    let event = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Your Amazon order 112-9876543-1234567\r\n\
        DESCRIPTION:USD 499.99 was charged. If you did not place this order call +1 (8\r\n 88) 555-0142 today.\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";
    let label = "text/calendar; method=REQUEST; charset=utf-8";
    let invitation = with_file("Amazon order confirmation", "", label, event.as_bytes());
    let verdict = verdict(&site, invitation);
    assert!(verdict.contains("suspicious"), "{verdict}");
    assert!(verdict.contains("callback-number"), "{verdict}");
}

#[test]
fn a_file_that_harms_its_reader_delays_its_message_alone() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::default());
    let forms = "/XObject << /A 5 0 R >>";
    let bomb = Pdf::page("/A Do ", forms, "", |pdf| {
        let resources = format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << {forms} >>");
        pdf.stream(&resources, "/A Do ".repeat(400).as_bytes());
    });
    let label = "application/pdf; name=\"notice.pdf\"";
    let begun = std::time::Instant::now();
    let verdict = verdict(&site, with_file("Your Amazon account is on hold", "Hello", label, &bomb));
    assert!(verdict.contains("unread-attachment"), "{verdict}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
}
