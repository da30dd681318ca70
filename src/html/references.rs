//! Character references by name, as browsers read them (HTML section 13.2.5.73).
//!
//! The tokenizer looks for each among all that begin with its letter, one after the other: a sender who
//! writes nothing else would make it compare a hundred names for every three octets.

use std::sync::LazyLock;

/// What a name stands for.
type Meaning = Box<str>;

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(include_str!("references.txt")));

struct Table {
    /// Names that end at a semicolon, without it.
    closed: Names,
    /// Names that need none.
    open: Names,
}

/// Names and what they stand for, by their octets.
struct Names {
    names: Vec<(&'static str, Meaning)>,
    /// For each first letter where those with it begin.
    letters: [usize; 129],
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
            match name.strip_suffix(';') {
                Some(name) => closed.push((name, meaning)),
                None => open.push((name, meaning)),
            }
        }
        Self {
            closed: Names::new(closed),
            open: Names::new(open),
        }
    }
}

impl Names {
    fn new(mut names: Vec<(&'static str, Meaning)>) -> Self {
        names.sort_unstable();
        let mut letters = [0; 129];
        for (letter, start) in letters.iter_mut().enumerate() {
            *start =
                names.partition_point(|(name, _)| usize::from(first(name.as_bytes())) < letter);
        }
        Self { names, letters }
    }

    fn meaning(&self, name: &[u8]) -> Option<&str> {
        let letter = usize::from(first(name));
        let range = *self.letters.get(letter)?..*self.letters.get(letter + 1)?;
        let names = self.names.get(range)?;
        let at = names.binary_search_by(|(known, _)| known.as_bytes().cmp(name));
        names.get(at.ok()?).map(|(_, meaning)| &**meaning)
    }
}

fn first(name: &[u8]) -> u8 {
    name.first().copied().unwrap_or_default()
}

/// Makes the table now, and not when it is first needed.
pub(super) fn prepare() {
    LazyLock::force(&TABLE);
}

/// The reference at the beginning of `text`, the ampersand included: its length and its meaning.
/// `attribute`: it stands in the value of one, where a name without a semicolon is none if the text goes on
/// behind it as the parameters of an address do.
pub(super) fn named(text: &[u8], attribute: bool) -> Option<(usize, &'static str)> {
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
    both.map(|(name, _)| *name)
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
