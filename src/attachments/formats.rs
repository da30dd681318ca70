//! The formats of files, by what stands in them. Runs in the reader's own process only.

mod archive;
mod code;
mod drawn;
mod message;
mod office;
mod pdf;
mod picture;
mod rtf;
mod text;
mod winmail;

use super::sheet::Sheet;
use crate::mail::file::{FileKind, Outcome};

/// Octets below which a file of no known kind holds nothing: the rests of other programs.
const NOTHING: usize = 32;

/// What a file is, an office document told from an archive.
pub(super) fn kind(file: &[u8]) -> FileKind {
    match FileKind::of(file) {
        FileKind::Archive if archive::is_office(file) => FileKind::Office,
        FileKind::Text if message::is_one(file) => FileKind::Message,
        kind => kind,
    }
}

/// Reads a file, and the files in it.
pub(super) fn read(kind: FileKind, file: &[u8], sheet: &mut Sheet<'_>) {
    match kind {
        FileKind::Pdf => pdf::read(file, sheet),
        FileKind::Picture => picture::read(file, sheet),
        FileKind::Office => office::read(file, sheet),
        FileKind::Archive => archive::read(file, sheet),
        FileKind::Rtf => rtf::read(file, sheet),
        FileKind::Winmail => winmail::read(file, sheet),
        FileKind::Page => text::page(file, sheet),
        FileKind::Message => message::read(file, sheet),
        FileKind::Text => text::plain(file, sheet),
        FileKind::Other if file.len() < NOTHING => {}
        FileKind::Other => sheet.spoil(Outcome::Unknown),
    }
}

/// Reads a file that lies in another. Its name is text like all names.
fn read_within(name: &str, file: &[u8], sheet: &mut Sheet<'_>) {
    sheet.text(&name.replace(['_', '-', '.', '+', '/'], " "));
    let kind = match kind(file) {
        FileKind::Text if text::opens_as_page(name) => FileKind::Page,
        kind => kind,
    };
    sheet.within(|sheet| read(kind, file, sheet));
}
