//! What files make of a message.

use super::*;
use crate::mail::file::{FileKind, Outcome, Piece, ReadFile};

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
