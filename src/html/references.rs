//! Character references, as browsers read them (HTML section 13.2.5.72 and on).

use std::{borrow::Cow, sync::LazyLock};

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(include_str!("references.txt")));

struct Table {
    /// Names that end at a semicolon, without it.
    closed: Names,
    /// Names that need none.
    open: Names,
}

/// Names and what they stand for.
struct Names {
    /// The octets at the beginnings of the names, in order. They lie by themselves, since a search goes through them
    /// alone.
    keys: Vec<u64>,
    names: Vec<Name>,
}

struct Name {
    text: &'static str,
    meaning: Box<str>,
}

impl Table {
    fn new(text: &'static str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let read = |line: &'static str| {
            let (name, codes) = line.split_once(' ')?;
            let codes = codes.split(' ').map(|code| u32::from_str_radix(code, 16));
            let chars = codes.filter_map(|code| char::from_u32(code.ok()?));
            Some((name, chars.collect::<String>().into_boxed_str()))
        };
        let (mut closed, mut open) = (Vec::new(), Vec::new());
        for (name, meaning) in lines.filter_map(read) {
            let (names, text) = match name.strip_suffix(';') {
                Some(name) => (&mut closed, name),
                None => (&mut open, name),
            };
            names.push(Name { text, meaning });
        }
        Self {
            closed: Names::new(closed),
            open: Names::new(open),
        }
    }
}

impl Names {
    fn new(mut names: Vec<Name>) -> Self {
        let key = |name: &Name| key(name.text.as_bytes());
        names.sort_by_cached_key(key);
        Self {
            keys: names.iter().map(key).collect(),
            names,
        }
    }

    fn meaning(&self, wanted: &[u8]) -> Option<&str> {
        let key = key(wanted);
        let first = self.keys.partition_point(|known| *known < key);
        let keys = self.keys.get(first..)?;
        let same = keys.iter().take_while(|known| **known == key).count();
        let mut same = self.names.get(first..first + same)?.iter();
        let name = same.find(|name| name.text.as_bytes() == wanted)?;
        Some(&name.meaning)
    }
}

/// The first eight octets of a name. No more than a dozen names share them.
fn key(name: &[u8]) -> u64 {
    let first = name.iter().take(8);
    first.fold(0, |key, octet| key << 8 | u64::from(*octet))
}

/// Makes the table now, and not when it is first needed.
pub(super) fn prepare() {
    LazyLock::force(&TABLE);
}

/// Hands over what the reference at the beginning of `text` means, and says how long it is, the ampersand included.
/// `attribute`: it stands in the value of one.
pub(super) fn read(text: &str, attribute: bool, mut meaning: impl FnMut(&str)) -> Option<usize> {
    if let [b'&', b'#', ..] = text.as_bytes() {
        let (length, sign) = numbered(text.get("&#".len()..)?)?;
        meaning(sign.encode_utf8(&mut [0; 4]));
        return Some("&#".len() + length);
    }
    let (length, text) = named(text.as_bytes(), attribute)?;
    meaning(text);
    Some(length)
}

/// The text with what its references mean in their place.
pub(super) fn without(text: Cow<'_, str>, attribute: bool) -> Cow<'_, str> {
    let mut out = String::new();
    let mut from = 0;
    for at in memchr::memchr_iter(b'&', text.as_bytes()) {
        // An ampersand is no part of a reference but of the one that it begins.
        let rest = text.get(at..).unwrap_or_default();
        let before = text.get(from..at).unwrap_or_default();
        let length = read(rest, attribute, |meaning| {
            out.push_str(before);
            out.push_str(meaning);
        });
        if let Some(length) = length {
            from = at + length;
        }
    }
    if from == 0 {
        return text;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// The sign with the number at the beginning of `text`, and the length of the number with its semicolon, which may
/// be missing.
fn numbered(text: &str) -> Option<(usize, char)> {
    let hex = text.strip_prefix(['x', 'X']);
    let (digits, radix) = hex.map_or((text, 10), |digits| (digits, 16));
    let count = digits
        .bytes()
        .take_while(|digit| char::from(*digit).is_digit(radix));
    let count = count.count();
    let number = digits.get(..count).filter(|digits| !digits.is_empty())?;
    let length = text.len() - digits.len() + count;
    let length = length + usize::from(digits.as_bytes().get(count) == Some(&b';'));
    Some((length, sign(number, radix)))
}

/// What old pages mean by the numbers of control characters, 0x80 and on: the signs of Windows (HTML section
/// 13.2.5.80).
const OF_WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// The sign with a number.
fn sign(number: &str, radix: u32) -> char {
    // Digits alone, so all that can be wrong is their number.
    let code = u32::from_str_radix(number, radix).unwrap_or_default();
    let of_windows = code
        .checked_sub(0x80)
        .and_then(|place| OF_WINDOWS.get(place as usize));
    match of_windows {
        Some(sign) => *sign,
        None => char::from_u32(code)
            .filter(|sign| *sign != '\0')
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// The reference by name at the beginning of `text`: its length, the ampersand included, and its meaning.
/// `attribute`: it stands in the value of one, where a name without a semicolon is none if the text goes on
/// behind it as the parameters of an address do.
fn named(text: &[u8], attribute: bool) -> Option<(usize, &'static str)> {
    /// Octets of the longest name, and of the longest that needs no semicolon.
    const LONGEST: (usize, usize) = (32, 6);
    let name = text.get(1..)?;
    let letters = name.iter().take(LONGEST.0);
    let letters = letters
        .take_while(|octet| octet.is_ascii_alphanumeric())
        .count();
    if letters < 2 {
        return None;
    }
    let table: &'static Table = &TABLE;
    if name.get(letters) == Some(&b';')
        && let Some(meaning) = table.closed.meaning(name.get(..letters)?)
    {
        return Some((letters + 2, meaning));
    }
    let mut shorter = (2..=letters.min(LONGEST.1)).rev();
    let (length, meaning) = shorter.find_map(|length| {
        let meaning = table.open.meaning(name.get(..length)?)?;
        Some((length, meaning))
    })?;
    let goes_on = |next: &u8| *next == b'=' || next.is_ascii_alphanumeric();
    let is_parameter = attribute && name.get(length).is_some_and(goes_on);
    (!is_parameter).then_some((length + 1, meaning))
}

#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let table: &'static Table = &TABLE;
    let both = table.closed.names.iter().chain(&table.open.names);
    both.map(|name| name.text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_read_as_far_as_they_go() {
        for (text, attribute, expected) in [
            ("&hellip;x", false, Some((8, "…"))),
            ("&notin;", false, Some((7, "∉"))),
            ("&notit;", false, Some((4, "¬"))),
            ("&notit;", true, None),
            ("&copy=1", true, None),
            ("&copy=1", false, Some((5, "©"))),
            ("&copy ", true, Some((5, "©"))),
            ("&NotEqualTilde;", false, Some((15, "\u{2242}\u{338}"))),
            ("&u=1", true, None),
            ("&hellip", false, None),
            ("&;", false, None),
            ("&", false, None),
        ] {
            assert_eq!(super::named(text.as_bytes(), attribute), expected, "{text}");
        }
        assert_eq!(super::names().count(), 2_231);
    }
}
