//! Rich Text Format: the text between its commands, and the addresses of its fields.

use super::Sheet;
use crate::mail::decode::charset::Charset;
use crate::mail::file::Outcome;

/// Groups within groups.
const MAX_DEPTH: usize = 200;

/// Groups whose text nobody sees.
const UNSEEN: [&str; 15] = [
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "themedata",
    "datastore",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "xmlnstbl",
    "latentstyles",
    "objdata",
    "colorschememapping",
];

#[derive(Clone, Copy, Default)]
struct Group {
    /// Its text is not shown.
    is_unseen: bool,
    /// Its text says where a field leads.
    is_instruction: bool,
    /// Octets that stand for a character by its number, for programs that don't know it.
    skip: usize,
}

struct Rtf {
    groups: Vec<Group>,
    text: String,
    instruction: String,
    /// Octets of the charset that the file names.
    octets: Vec<u8>,
    charset: String,
    /// Of a character beyond U+FFFF the first half.
    high: Option<u16>,
    /// Octets that are still passed over.
    passed: usize,
}

/// Reads a file.
pub(super) fn read(file: &[u8], sheet: &mut Sheet<'_>) {
    let mut rtf = Rtf {
        groups: vec![Group {
            skip: 1,
            ..Group::default()
        }],
        text: String::new(),
        instruction: String::new(),
        octets: Vec::new(),
        charset: "windows-1252".to_owned(),
        high: None,
        passed: 0,
    };
    let mut at = 0;
    while let Some(&octet) = file.get(at) {
        at += 1;
        match octet {
            b'{' => {
                let group = rtf.group();
                rtf.flush();
                if rtf.groups.len() >= MAX_DEPTH {
                    sheet.spoil(Outcome::Limit);
                    break;
                }
                rtf.groups.push(group);
            }
            b'}' => {
                rtf.flush();
                if rtf.groups.len() > 1
                    && rtf.groups.pop().is_some_and(|group| group.is_instruction)
                {
                    rtf.address(sheet);
                }
            }
            b'\\' => at = rtf.command(file, at),
            b'\r' | b'\n' | 0 => {}
            _ if rtf.passed > 0 => rtf.passed -= 1,
            octet => rtf.octets.push(octet),
        }
    }
    rtf.flush();
    sheet.text(&rtf.text);
}

impl Rtf {
    fn group(&self) -> Group {
        self.groups.last().copied().unwrap_or_default()
    }

    fn change(&mut self, change: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.last_mut() {
            change(group);
        }
    }

    /// Reads a command behind its `\`; returns where to go on.
    fn command(&mut self, file: &[u8], at: usize) -> usize {
        let rest = file.get(at..).unwrap_or_default();
        let letters = rest
            .iter()
            .take(32)
            .take_while(|octet| octet.is_ascii_alphabetic())
            .count();
        if letters == 0 {
            return at + self.symbol(rest);
        }
        let (word, rest) = rest.split_at(letters);
        let digits = rest
            .iter()
            .enumerate()
            .take(11)
            .take_while(|(nth, octet)| octet.is_ascii_digit() || *nth == 0 && **octet == b'-')
            .count();
        let (number, rest) = rest.split_at(digits);
        let number: Option<i64> = std::str::from_utf8(number)
            .ok()
            .and_then(|text| text.parse().ok());
        let blank = usize::from(rest.first() == Some(&b' '));
        self.word(&String::from_utf8_lossy(word), number);
        let passed = match word {
            // So many octets are no text.
            b"bin" => usize::try_from(number.unwrap_or_default()).unwrap_or_default(),
            _ => 0,
        };
        at.saturating_add(letters + digits + blank)
            .saturating_add(passed)
    }

    /// A command of one sign; returns how many octets it takes.
    fn symbol(&mut self, rest: &[u8]) -> usize {
        match rest {
            [b'\'', high, low, ..] => {
                let octet = std::str::from_utf8(&[*high, *low])
                    .ok()
                    .and_then(|hex| u8::from_str_radix(hex, 16).ok());
                match octet {
                    _ if self.passed > 0 => self.passed -= 1,
                    Some(octet) => self.octets.push(octet),
                    None => {}
                }
                3
            }
            [b'*', ..] => {
                // What a program doesn't know of what follows it passes over; fields are known.
                self.change(|group| group.is_unseen = true);
                1
            }
            [b'~', ..] => self.sign("\u{A0}"),
            [b'_', ..] => self.sign("-"),
            [b'\r' | b'\n', ..] => self.sign("\n"),
            [octet @ (b'\\' | b'{' | b'}'), ..] => {
                self.octets.push(*octet);
                1
            }
            _ => usize::from(!rest.is_empty()),
        }
    }

    fn sign(&mut self, text: &str) -> usize {
        self.flush();
        self.shown(text);
        1
    }

    fn word(&mut self, word: &str, number: Option<i64>) {
        match word {
            "par" | "line" | "row" | "page" | "sect" => drop(self.sign("\n")),
            "tab" | "cell" | "emspace" | "enspace" => drop(self.sign(" ")),
            "emdash" | "endash" => drop(self.sign("-")),
            "lquote" | "rquote" => drop(self.sign("'")),
            "ldblquote" | "rdblquote" => drop(self.sign("\"")),
            "bullet" => drop(self.sign("*")),
            "uc" => {
                let skip = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(8);
                self.change(|group| group.skip = skip);
            }
            "u" => {
                self.flush();
                self.unit(number.unwrap_or_default());
                self.passed = self.group().skip;
            }
            "ansicpg" => {
                self.flush();
                self.charset = format!("windows-{}", number.unwrap_or(1252));
            }
            "fldinst" => self.change(|group| {
                group.is_unseen = false;
                group.is_instruction = true;
            }),
            "v" => self.change(|group| group.is_unseen = number != Some(0)),
            word if UNSEEN.contains(&word) => self.change(|group| group.is_unseen = true),
            _ => {}
        }
    }

    /// A unit of UTF-16; negative numbers stand for those above 32,767.
    fn unit(&mut self, number: i64) {
        let Ok(unit) = u16::try_from(number.rem_euclid(65_536)) else {
            return;
        };
        let units: Vec<u16> = self.high.take().into_iter().chain([unit]).collect();
        if matches!(units[..], [0xD800..=0xDBFF]) {
            self.high = Some(unit);
            return;
        }
        let text = String::from_utf16_lossy(&units);
        self.shown(&text);
    }

    /// Ends a stretch of octets.
    fn flush(&mut self) {
        let octets = std::mem::take(&mut self.octets);
        if octets.is_empty() {
            return;
        }
        let text = match Charset::named(&self.charset) {
            Some(charset) => charset.decode(&octets).into_owned(),
            None => octets.iter().map(|&octet| char::from(octet)).collect(),
        };
        self.shown(&text);
    }

    fn shown(&mut self, text: &str) {
        match self.group() {
            Group {
                is_instruction: true,
                ..
            } => self.instruction.push_str(text),
            Group {
                is_unseen: true, ..
            } => {}
            _ => self.text.push_str(text),
        }
    }

    /// `HYPERLINK "https://..."`.
    fn address(&mut self, sheet: &mut Sheet<'_>) {
        let instruction = std::mem::take(&mut self.instruction);
        let Some((_, rest)) = instruction.split_once("HYPERLINK") else {
            return;
        };
        let address = rest.split(['"', ' ']).find(|part| part.contains(':'));
        sheet.link(address.unwrap_or_default(), "");
    }
}
