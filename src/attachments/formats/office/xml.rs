//! Text and links of the XML in documents.

use super::super::text::decoded;
use super::Sheet;
use crate::mail::file::Outcome;
use quick_xml::{
    Reader, XmlVersion,
    escape::unescape,
    events::{BytesStart, Event},
};

/// Elements that end a line, by their local names: paragraphs, rows, breaks, items of spreadsheets.
const LINES: [&str; 9] = [
    "p",
    "h",
    "br",
    "cr",
    "line-break",
    "tr",
    "row",
    "si",
    "table-row",
];
/// Elements that end a cell or skip a place.
const BLANKS: [&str; 6] = ["tc", "table-cell", "ta", "s", "c", "is"];

/// The text of a part, its fields and its formulas.
pub(super) fn text(octets: &[u8], sheet: &mut Sheet<'_>) {
    let source = decoded(octets, None);
    let mut reader = Reader::from_str(&source);
    reader.config_mut().check_end_names = false;
    let mut text = String::new();
    // Instructions of fields come in pieces (`HYPERLINK "https://..."`), and so may formulas.
    let mut instruction = String::new();
    let mut within = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                start.local_name().as_ref().clone_into(&mut within);
                attributes(&start, sheet);
            }
            Ok(Event::Empty(start)) => {
                attributes(&start, sheet);
                separate(start.local_name().as_ref(), &mut text);
            }
            Ok(Event::Text(piece)) => {
                let piece = unescape(&piece).unwrap_or(std::borrow::Cow::Borrowed(&piece));
                match within.as_str() {
                    "instrText" | "f" => instruction.push_str(&piece),
                    _ => text.push_str(&piece),
                }
            }
            Ok(Event::CData(piece)) => text.push_str(&piece),
            Ok(Event::GeneralRef(name)) => text.push_str(&reference(&name)),
            Ok(Event::End(end)) => {
                let name = end.local_name();
                let name = name.as_ref();
                if matches!(name, "f" | "p") {
                    addresses(&std::mem::take(&mut instruction), sheet);
                }
                separate(name, &mut text);
                within.clear();
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => {
                sheet.spoil(Outcome::Broken);
                break;
            }
        }
    }
    addresses(&instruction, sheet);
    sheet.text(&text);
}

/// The links that a part keeps beside its text.
pub(super) fn relations(octets: &[u8], sheet: &mut Sheet<'_>) {
    let source = decoded(octets, None);
    let mut reader = Reader::from_str(&source);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(start) | Event::Empty(start) => {
                let mut is_outside = false;
                let mut target = String::new();
                for attribute in start.attributes().flatten() {
                    let value = attribute
                        .normalized_value(XmlVersion::Implicit1_0)
                        .unwrap_or_default()
                        .into_owned();
                    match attribute.key.local_name().as_ref() {
                        "TargetMode" => is_outside = value.eq_ignore_ascii_case("external"),
                        "Target" => target = value,
                        _ => {}
                    }
                }
                if is_outside {
                    sheet.link(&target, "");
                }
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

/// Attributes that lead elsewhere, and texts that stand for pictures.
fn attributes(start: &BytesStart<'_>, sheet: &mut Sheet<'_>) {
    for attribute in start.attributes().flatten() {
        let key = attribute.key;
        let (local, whole) = (key.local_name(), key.as_ref());
        let is_link = matches!(whole, "xlink:href" | "w:instr" | "table:formula");
        let is_alt = local.as_ref() == "descr";
        if !is_link && !is_alt {
            continue;
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .unwrap_or_default();
        match whole {
            "xlink:href" if value.contains(':') => sheet.link(&value, ""),
            "w:instr" | "table:formula" => addresses(&value, sheet),
            _ if is_alt => sheet.text(&value),
            _ => {}
        }
    }
}

/// Addresses between quotation marks in an instruction or a formula: `=HYPERLINK("https://...", "label")`.
fn addresses(instruction: &str, sheet: &mut Sheet<'_>) {
    let mut label = "";
    let quoted = instruction
        .split(['"', '\u{201C}', '\u{201D}'])
        .skip(1)
        .step_by(2);
    let quoted: Vec<&str> = quoted.collect();
    if let Some(last) = quoted.last().filter(|last| !last.contains(':')) {
        label = last;
    }
    for address in quoted.iter().filter(|one| one.contains(':')) {
        sheet.link(address, label);
    }
    if quoted.is_empty()
        && let Some((_, address)) = instruction.split_once("HYPERLINK ")
    {
        sheet.link(address.split_whitespace().next().unwrap_or_default(), "");
    }
}

fn separate(name: &str, text: &mut String) {
    if LINES.contains(&name) {
        text.push('\n');
    } else if BLANKS.contains(&name) {
        text.push(' ');
    }
}

/// A character that is written by its name or number.
fn reference(name: &str) -> String {
    let written = format!("&{name};");
    unescape(&written).map_or_else(|_| String::new(), |text| text.into_owned())
}
