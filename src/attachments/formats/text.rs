//! Text, calendars and pages.

use super::{Sheet, drawn};
use crate::mail::decode::charset::{self, Guesser};

/// Ends of names that a browser opens.
const PAGES: [&str; 6] = [".html", ".htm", ".xhtml", ".svg", ".shtml", ".hta"];

/// Whether a file with this name opens in a browser.
pub(super) fn opens_as_page(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PAGES.iter().any(|end| name.ends_with(end))
}

/// Text in whatever charset it seems to be.
pub(super) fn plain(file: &[u8], sheet: &mut Sheet<'_>) {
    shown(&decoded(file, None), sheet);
}

/// Text as it stands; the lines of a calendar go on (RFC 5545 section 3.1).
pub(super) fn shown(text: &str, sheet: &mut Sheet<'_>) {
    drawn::read(text, sheet);
    match is_calendar(text) {
        true => sheet.text(&unfolded(text)),
        false => sheet.text(text),
    }
}

fn is_calendar(text: &str) -> bool {
    let start = text.trim_start().get(..15).unwrap_or_default();
    start.eq_ignore_ascii_case("BEGIN:VCALENDAR")
        || start
            .get(..11)
            .is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD"))
}

fn unfolded(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = text.replace("\n ", "").replace("\n\t", "");
    text.replace("\\n", "\n").replace("\\,", ",")
}

/// A page. What stands in it is read where the text of the mail is.
pub(super) fn page(file: &[u8], sheet: &mut Sheet<'_>) {
    let named = charset::in_page(file);
    sheet.page(decoded(file, named.as_deref()));
}

/// The likeliest reading.
pub(super) fn decoded(file: &[u8], charset: Option<&str>) -> String {
    let mut guesser = Guesser::default();
    let texts = charset::part_texts(file.into(), charset, &mut guesser);
    texts.into_iter().next().unwrap_or_default().into_owned()
}
