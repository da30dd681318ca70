//! Zip archives, within bounds on each entry, on all of them, and on their number.

use super::{Sheet, read_within};
use crate::mail::file::Outcome;
use std::io::{Cursor, Read};
use zip::{ZipArchive, result::ZipError};

/// Entries that are read, octets of one when it is unpacked.
const MAX_ENTRIES: usize = 200;
const MAX_ENTRY: usize = 8 << 20;

/// An archive that is held in memory.
pub(super) type Archive<'f> = ZipArchive<Cursor<&'f [u8]>>;

/// Opens one.
pub(super) fn open(file: &[u8]) -> Result<Archive<'_>, Outcome> {
    ZipArchive::new(Cursor::new(file)).map_err(|_| Outcome::Broken)
}

/// Whether an archive is a document of an office program.
pub(super) fn is_office(file: &[u8]) -> bool {
    let Ok(archive) = open(file) else {
        return false;
    };
    let mut names = archive.file_names_raw().take(MAX_ENTRIES);
    names
        .any(|name| name == b"[Content_Types].xml" || name == b"mimetype" || name == b"content.xml")
}

/// Reads every file in an archive.
pub(super) fn read(file: &[u8], sheet: &mut Sheet<'_>) {
    let mut archive = match open(file) {
        Ok(archive) => archive,
        Err(outcome) => return sheet.spoil(outcome),
    };
    if archive.is_empty() {
        sheet.spoil(Outcome::Broken);
    }
    if archive.len() > MAX_ENTRIES {
        sheet.spoil(Outcome::Limit);
    }
    let comment = String::from_utf8_lossy(archive.comment()).into_owned();
    sheet.text(&comment);
    for nth in 0..archive.len().min(MAX_ENTRIES) {
        if !sheet.has_time() {
            return;
        }
        let name = archive.name_for_index(nth).and_then(Result::ok);
        let name = name.map(std::borrow::Cow::into_owned).unwrap_or_default();
        if name.ends_with('/') {
            continue;
        }
        match entry(&mut archive, nth, sheet) {
            Ok(octets) => read_within(&name, &octets, sheet),
            Err(outcome) => {
                // Its name is seen all the same.
                sheet.text(&name.replace(['_', '-', '.', '+', '/'], " "));
                sheet.spoil(outcome);
            }
        }
    }
}

/// Unpacks one entry. The size that it says is not believed.
pub(super) fn entry(
    archive: &mut Archive<'_>,
    nth: usize,
    sheet: &mut Sheet<'_>,
) -> Result<Vec<u8>, Outcome> {
    let room = sheet.room().min(MAX_ENTRY);
    let mut file = archive.by_index(nth).map_err(|error| match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Outcome::Encrypted,
        ZipError::UnsupportedArchive(_) => Outcome::Unknown,
        _ => Outcome::Broken,
    })?;
    let mut octets = Vec::new();
    let limit = u64::try_from(room).unwrap_or(u64::MAX).saturating_add(1);
    let read = file.by_ref().take(limit).read_to_end(&mut octets);
    sheet.unpacked(octets.len());
    match read {
        Ok(_) if octets.len() > room => Err(Outcome::Limit),
        Ok(_) => Ok(octets),
        // What came before a fault is what a lenient program shows.
        Err(_) if octets.is_empty() => Err(Outcome::Broken),
        Err(_) => {
            sheet.spoil(Outcome::Broken);
            Ok(octets)
        }
    }
}
