//! Mail with files, whole, for tests that hand it to a mail server.

use super::build::{code, corners, pdf_with_picture};
use base64::{Engine, engine::general_purpose::STANDARD};

const HEADER: &str = "From: Order desk <desk@elsewhere.example>\r\nTo: joe@example.test\r\n\
    Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <file@elsewhere.example>\r\nMIME-Version: 1.0\r\n";

/// A message with a text and a file.
pub(crate) fn with_file(subject: &str, text: &str, label: &str, file: &[u8]) -> Vec<u8> {
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

/// A QR code in a PDF that is called something else.
pub(crate) fn code_in_pdf() -> Vec<u8> {
    let picture = code("https://verify.account-help.example/start", 6);
    with_file(
        "Your Amazon account is on hold",
        "Please see the file.",
        "application/octet-stream; name=\"notice.pdf\"",
        &pdf_with_picture(&picture, "Scan the code to verify your account"),
    )
}

/// An invitation with a number to call.
pub(crate) fn invitation() -> Vec<u8> {
    let event = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Your Amazon order 112-9876543-1234567\r\n\
        DESCRIPTION:USD 499.99 was charged. If you did not place this order call +1 (8\r\n 88) 555-0142 today.\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";
    let label = "text/calendar; method=REQUEST; charset=utf-8";
    with_file("Amazon order confirmation", "", label, event.as_bytes())
}

/// A picture that no reader of codes ends with.
pub(crate) fn endless() -> Vec<u8> {
    let label = "image/png; name=\"notice.png\"";
    with_file("Your Amazon account is on hold", "Hello", label, &corners())
}
