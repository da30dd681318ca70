//! What happens in a PDF at a click, or when it is opened: links (ISO 32000-2 section 12.6), and the text of
//! fields and notes.

use super::{Sheet, lines::Lines};
use hayro_interpret::{
    hayro_syntax::{
        Pdf,
        object::{Array, Dict, Object, Rect as Area, String as Text},
        page::Page,
    },
    kurbo::Rect,
};

/// Actions that follow one another, and notes of a page.
const MAX_CHAIN: usize = 8;
const MAX_NOTES: usize = 1_000;

/// What is done when the document is opened.
pub(super) fn of_document(pdf: &Pdf, sheet: &mut Sheet<'_>) {
    let xref = pdf.xref();
    let Some(root) = xref.get::<Dict<'_>>(xref.root_id()) else {
        return;
    };
    if let Some(action) = root.get::<Dict<'_>>(b"OpenAction") {
        follow(&action, "", MAX_CHAIN, sheet);
    }
    additional(&root, sheet);
}

/// The links, fields and notes of a page, with what is seen of them.
pub(super) fn of_page(page: &Page<'_>, lines: &Lines, sheet: &mut Sheet<'_>) {
    additional(page.raw(), sheet);
    let Some(notes) = page.raw().get::<Array<'_>>(b"Annots") else {
        return;
    };
    for note in notes.iter::<Dict<'_>>().take(MAX_NOTES) {
        let area = note.get::<Area>(b"Rect");
        let label = area.map(|area| {
            let (x, y) = ((area.x0, area.x1), (area.y0, area.y1));
            lines.label(Rect::new(
                x.0.min(x.1),
                y.0.min(y.1),
                x.0.max(x.1),
                y.0.max(y.1),
            ))
        });
        let label = label.unwrap_or_default().replace('\n', " ");
        if let Some(action) = note.get::<Dict<'_>>(b"A") {
            follow(&action, &label, MAX_CHAIN, sheet);
        }
        additional(&note, sheet);
        for key in [&b"Contents"[..], b"V", b"TU"] {
            if let Some(text) = note.get::<Text<'_>>(key) {
                sheet.text(&decoded(text.as_bytes()));
            }
        }
    }
}

/// Actions that wait for an event.
fn additional(of: &Dict<'_>, sheet: &mut Sheet<'_>) {
    let Some(events) = of.get::<Dict<'_>>(b"AA") else {
        return;
    };
    for key in events.keys().take(MAX_CHAIN) {
        if let Some(action) = events.get::<Dict<'_>>(&key) {
            follow(&action, "", MAX_CHAIN, sheet);
        }
    }
}

fn follow(action: &Dict<'_>, label: &str, room: usize, sheet: &mut Sheet<'_>) {
    if room == 0 {
        return;
    }
    if let Some(uri) = action.get::<Text<'_>>(b"URI") {
        sheet.link(&decoded(uri.as_bytes()), label);
    }
    // A script opens addresses that stand in it.
    match action.get::<Object<'_>>(b"JS") {
        Some(Object::String(script)) => sheet.text(&decoded(script.as_bytes())),
        Some(Object::Stream(script)) => {
            if let Ok(script) = script.decoded() {
                sheet.text(&decoded(&script));
            }
        }
        _ => {}
    }
    // A form is sent, a file opened.
    if let Some(file) = action.get::<Object<'_>>(b"F") {
        match file {
            Object::String(name) => sheet.link(&decoded(name.as_bytes()), label),
            Object::Dict(file) => {
                if let Some(name) = file.get::<Text<'_>>(b"F") {
                    sheet.link(&decoded(name.as_bytes()), label);
                }
            }
            _ => {}
        }
    }
    match action.get::<Object<'_>>(b"Next") {
        Some(Object::Dict(next)) => follow(&next, label, room - 1, sheet),
        Some(Object::Array(all)) => {
            for next in all.iter::<Dict<'_>>().take(MAX_CHAIN) {
                follow(&next, label, room / 2, sheet);
            }
        }
        _ => {}
    }
}

/// Text as the format writes it: UTF-16 or UTF-8 behind a mark, else Latin (section 7.9.2).
fn decoded(octets: &[u8]) -> String {
    match octets {
        [0xFE, 0xFF, rest @ ..] => {
            let (units, _) = rest.as_chunks::<2>();
            let units = units.iter().map(|&unit| u16::from_be_bytes(unit));
            char::decode_utf16(units)
                .map(|c| c.unwrap_or('\u{FFFD}'))
                .collect()
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        octets => octets.iter().map(|&octet| char::from(octet)).collect(),
    }
}
