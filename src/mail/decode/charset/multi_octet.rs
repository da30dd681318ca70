//! Charsets of several octets a character that encoding_rs doesn't have.

use super::labels::cns11643;
use encoding_rs::{BIG5, EUC_KR, UTF_16BE, UTF_16LE};
use std::collections::HashSet;

/// UTF-16 by its byte order mark. Without one the order is taken in which more of it is Latin, or
/// else the characters are of fewer scripts.
/// Where that says nothing it is little-endian, as most software writes it (RFC 2781 section 4.3 has the other).
pub(crate) fn utf_16(octets: &[u8]) -> String {
    let high = |first: usize| octets.iter().skip(first).step_by(2).take(512);
    let latin = |first| high(first).filter(|octet| **octet == 0).count();
    let scripts = |first| high(first).map(script).collect::<HashSet<_>>().len();
    let encoding = match octets {
        [0xfe, 0xff, ..] => UTF_16BE,
        [0xff, 0xfe, ..] => UTF_16LE,
        _ if latin(0) > latin(1) => UTF_16BE,
        _ if latin(0) == latin(1) && scripts(0) < scripts(1) => UTF_16BE,
        _ => UTF_16LE,
    };
    encoding.decode_with_bom_removal(octets).0.into_owned()
}

/// The script of most characters with this high octet, by any one octet of it.
fn script(high: &u8) -> u8 {
    match *high {
        0x00..=0x02 => 0x00,
        0x30..=0x9f => 0x30,
        0xac..=0xd7 => 0xac,
        0xf9..=0xff => 0xf9,
        other => other,
    }
}

/// UTF-32 by its byte order mark, or as what most of it can be.
pub(crate) fn utf_32(octets: &[u8]) -> String {
    let (big, little) = (utf_32_be(octets), utf_32_le(octets));
    let broken = |text: &str| text.matches('\u{fffd}').count();
    match broken(&big) <= broken(&little) {
        true => big,
        false => little,
    }
}

pub(crate) fn utf_32_be(octets: &[u8]) -> String {
    utf_32_by(octets, u32::from_be_bytes)
}

pub(crate) fn utf_32_le(octets: &[u8]) -> String {
    utf_32_by(octets, u32::from_le_bytes)
}

fn utf_32_by(octets: &[u8], number: fn([u8; 4]) -> u32) -> String {
    let (fours, _) = octets.as_chunks::<4>();
    let char = |four: &[u8; 4]| char::from_u32(number(*four)).unwrap_or('\u{fffd}');
    let text: String = fours.iter().map(char).collect();
    text.trim_start_matches('\u{feff}').to_owned()
}

/// EUC-TW: ASCII, pairs of plane 1, and pairs of another plane after 0x8E and the plane's number.
pub(crate) fn euc_tw(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((&first, after)) = rest.split_first() {
        let (char, length) = match rest {
            [0..=0x7f, ..] => (char::from(first), 1),
            [
                0x8e,
                plane @ 0xa1..=0xb0,
                a @ 0xa1..=0xfe,
                b @ 0xa1..=0xfe,
                ..,
            ] => (cns(plane - 0xa0, a & 0x7f, b & 0x7f), 4),
            [a @ 0xa1..=0xfe, b @ 0xa1..=0xfe, ..] => (cns(1, a & 0x7f, b & 0x7f), 2),
            _ => ('\u{fffd}', 1),
        };
        out.push(char);
        rest = rest.get(length..).unwrap_or(after);
    }
    out
}

/// A character of CNS 11643 by its seven-bit octets, by way of Big5, whose two levels stand in the same order
/// as the first two planes.
pub(crate) fn cns(plane: u8, row: u8, column: u8) -> char {
    let runs = match plane {
        1 => &cns11643().plane_1,
        2 => &cns11643().plane_2,
        _ => return '\u{fffd}',
    };
    let place = u16::from(row.wrapping_sub(0x21)) * 94 + u16::from(column.wrapping_sub(0x21));
    let in_big5 = runs
        .iter()
        .find(|(from, _, length)| (*from..from + length).contains(&place))
        .map(|(from, in_big5, _)| in_big5 + (place - from));
    let Some(place) = in_big5 else {
        return '\u{fffd}';
    };
    let (row, column) = ((place / 157) as u8, (place % 157) as u8);
    let trail = if column < 63 {
        column + 0x40
    } else {
        column - 63 + 0xa1
    };
    let pair = [row + 0xa1, trail];
    let (text, _) = BIG5.decode_without_bom_handling(&pair);
    text.chars().next().unwrap_or('\u{fffd}')
}

/// Johab (KS X 1001, annex 3): Korean syllables by their three letters, five bits each; behind them the
/// other characters of the standard, two of its rows to a first octet.
pub(crate) fn johab(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after.split_first()) {
            (0..=0x7f, _) => out.push(char::from(first)),
            (_, Some((&second, after))) => {
                out.push(match first {
                    0xd9..=0xf9 => ksx1001(first, second),
                    _ => syllable(u16::from_be_bytes([first, second])),
                });
                rest = after;
            }
            (_, None) => out.push('\u{fffd}'),
        }
    }
    out
}

fn ksx1001(first: u8, second: u8) -> char {
    let row = match first {
        0xd9..=0xde => (first - 0xd9) * 2,
        0xe0..=0xf9 => (first - 0xe0) * 2 + 41,
        _ => return '\u{fffd}',
    };
    let place = match second {
        0x31..=0x7e => second - 0x31,
        0x91..=0xfe => second - 0x43,
        _ => return '\u{fffd}',
    };
    let pair = [0xa1 + row + place / 94, 0xa1 + place % 94];
    let (text, _) = EUC_KR.decode_without_bom_handling(&pair);
    text.chars().next().unwrap_or('\u{fffd}')
}

fn syllable(pair: u16) -> char {
    let letter = |shift: u16| u32::from(pair >> shift & 0x1f);
    // Each of the three has gaps in its numbers.
    let initial = letter(10).checked_sub(2).filter(|nth| *nth < 19);
    let medial = match letter(5) {
        nth @ 3..=7 => Some(nth - 3),
        nth @ 10..=15 => Some(nth - 5),
        nth @ 18..=23 => Some(nth - 7),
        nth @ 26..=29 => Some(nth - 9),
        _ => None,
    };
    let last = match letter(0) {
        nth @ 1..=17 => Some(nth - 1),
        nth @ 19..=29 => Some(nth - 2),
        _ => None,
    };
    // Unicode's order of syllables (section 3.12).
    let place = initial
        .zip(medial)
        .zip(last)
        .map(|((initial, medial), last)| (initial * 21 + medial) * 28 + last);
    place
        .and_then(|place| char::from_u32(0xac00 + place))
        .unwrap_or('\u{fffd}')
}
