//! winmail.dat, in which Outlook packs files and formatted text (MS-OXTNEF section 2.1.3).

use super::{Sheet, read_within};
use crate::mail::file::Outcome;

/// Attributes that are looked at.
const MAX_ATTRIBUTES: usize = 2_000;
/// The identifiers of a file's name, its octets, and of plain text.
const FILE_NAME: u32 = 0x0001_8010;
const FILE: u32 = 0x0006_800F;
const BODY: u32 = 0x0002_800C;

/// Reads the text and the files in it.
pub(super) fn read(file: &[u8], sheet: &mut Sheet<'_>) {
    let mut rest = file.get(6..).unwrap_or_default();
    let mut name = String::new();
    for _ in 0..MAX_ATTRIBUTES {
        // A level, an identifier, a length, as many octets, a checksum.
        let Some((head, more)) = rest.split_at_checked(9) else {
            return;
        };
        let number = |at: usize| {
            let octets = head.get(at..at + 4)?.try_into().ok()?;
            Some(u32::from_le_bytes(octets))
        };
        let (Some(attribute), Some(length)) = (number(1), number(5)) else {
            return;
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some((octets, more)) = more.split_at_checked(length) else {
            return sheet.spoil(Outcome::Broken);
        };
        match attribute {
            BODY => super::text::plain(octets.trim_ascii_end(), sheet),
            FILE_NAME => {
                name = String::from_utf8_lossy(octets)
                    .trim_end_matches('\0')
                    .to_owned()
            }
            FILE => read_within(&std::mem::take(&mut name), octets, sheet),
            _ => {}
        }
        rest = more.get(2..).unwrap_or_default();
    }
    sheet.spoil(Outcome::Limit);
}
