//! Documents of office programs: archives of XML, by Microsoft (ECMA-376) and by OASIS (ODF).

mod xml;

use super::{Sheet, archive};
use crate::mail::file::{FileKind, Outcome};

/// Parts of a document that are read.
const MAX_PARTS: usize = 300;

/// Reads a document. The older formats, and encrypted ones, lie in a container of their own.
pub(super) fn read(file: &[u8], sheet: &mut Sheet<'_>) {
    if file.starts_with(b"\xD0\xCF\x11\xE0") {
        // The names of streams are UTF-16.
        let name: Vec<u8> = "EncryptedPackage"
            .bytes()
            .flat_map(|octet| [octet, 0])
            .collect();
        let is_encrypted = memchr::memmem::find(file, &name).is_some();
        return sheet.spoil(match is_encrypted {
            true => Outcome::Encrypted,
            false => Outcome::Unknown,
        });
    }
    let mut archive = match archive::open(file) {
        Ok(archive) => archive,
        Err(outcome) => return sheet.spoil(outcome),
    };
    let mut names: Vec<(usize, String)> = (0..archive.len())
        .filter_map(|nth| Some((nth, archive.name_for_index(nth)?.ok()?.into_owned())))
        .collect();
    names.sort_by(|(_, a), (_, b)| order(a).cmp(&order(b)).then_with(|| a.cmp(b)));
    let mut found = false;
    for (place, (nth, name)) in names
        .into_iter()
        .filter(|(_, name)| order(name) < UNREAD)
        .enumerate()
    {
        if place >= MAX_PARTS {
            sheet.spoil(Outcome::Limit);
        }
        if place >= MAX_PARTS || !sheet.has_time() {
            return;
        }
        match archive::entry(&mut archive, nth, sheet) {
            Ok(octets) => {
                found |= order(&name) == 0;
                part(&name, &octets, sheet);
            }
            Err(outcome) => sheet.spoil(outcome),
        }
    }
    if !found {
        sheet.spoil(Outcome::Broken);
    }
}

const UNREAD: u8 = 9;

/// What is read of a document, and in which order: its text, then what it is attached to, then pictures.
fn order(name: &str) -> u8 {
    let name = name.to_ascii_lowercase();
    let starts = |folders: &[&str]| folders.iter().any(|folder| name.starts_with(folder));
    let is_xml = name.ends_with(".xml");
    if name.ends_with(".rels") {
        return 3;
    }
    if starts(&["word/media/", "xl/media/", "ppt/media/", "pictures/"]) {
        return 4;
    }
    if is_xml
        && starts(&[
            "word/document",
            "xl/sharedstrings",
            "xl/worksheets/",
            "ppt/slides/",
            "content.",
        ])
    {
        return 0;
    }
    let beside = [
        "word/header",
        "word/footer",
        "word/footnotes",
        "word/endnotes",
        "word/comments",
        "word/glossary",
        "xl/comments",
        "xl/drawings/",
        "xl/workbook",
        "xl/richdata",
        "ppt/notesslides/",
        "ppt/comments",
        "ppt/diagrams/",
        "word/diagrams/",
        "styles.",
        "ppt/slidemasters/",
        "ppt/slidelayouts/",
    ];
    match is_xml && starts(&beside) {
        true => 1,
        false => UNREAD,
    }
}

fn part(name: &str, octets: &[u8], sheet: &mut Sheet<'_>) {
    if order(name) == 4 {
        // Drawings in formats of their own are shown by no mail program.
        if FileKind::by_magic(octets) == Some(FileKind::Picture) {
            sheet.within(|sheet| super::picture::read(octets, sheet));
        }
        return;
    }
    match name.to_ascii_lowercase().ends_with(".rels") {
        true => xml::relations(octets, sheet),
        false => xml::text(octets, sheet),
    }
}
