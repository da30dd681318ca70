//! Reads a TOML text by the table of keys, and collects every error instead of stopping at the
//! first.

use super::{
    error::{ConfigError, nearest},
    files::Text,
    keys::{self, KEYS, Key, Kind, RULE_KEYS},
    units,
};
use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    hash::Hash,
    str::FromStr,
    time::Duration,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A value with the places that it stands in.
struct Given {
    value: toml::Value,
    place: Place,
    /// The places of a list's elements.
    elements: Vec<Place>,
}

/// A line of a file; the default is nowhere.
#[derive(Clone, Copy, Default)]
struct Place {
    file: usize,
    /// Counted from 1.
    line: usize,
}

/// The values of the files, defaults where they are silent. Of a key that several give the last one
/// counts; rows of tables come together.
pub(super) struct Reader {
    /// The names of the files.
    files: Vec<String>,
    /// By path; a key of a table's second row is `policy.rules[2].action`.
    given: BTreeMap<String, Given>,
    /// The places of the rows of each table, by path.
    rows: BTreeMap<String, Vec<Place>>,
    /// What is wrong so far.
    pub(super) errors: Vec<ConfigError>,
}

/// The line in which an octet of a file stands.
struct Lines<'a> {
    file: usize,
    text: &'a str,
}

impl Lines<'_> {
    fn at(&self, offset: usize) -> Place {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        Place {
            file: self.file,
            line: before.iter().filter(|&&byte| byte == b'\n').count() + 1,
        }
    }
}

impl Reader {
    pub(super) fn new(texts: &[Text]) -> Self {
        let mut reader = Self {
            files: texts.iter().map(|text| text.name.clone()).collect(),
            given: BTreeMap::new(),
            rows: BTreeMap::new(),
            errors: Vec::new(),
        };
        for (file, text) in texts.iter().enumerate() {
            let text = &*text.text;
            reader.take(text, &Lines { file, text });
        }
        reader
    }

    /// Takes the sections of a file.
    fn take(&mut self, text: &str, lines: &Lines<'_>) {
        let (table, faults) = DeTable::parse_recoverable(text);
        for fault in &faults {
            let place = fault.span().map(|span| lines.at(span.start));
            let reason = format!("this is no TOML: {}", fault.message());
            self.error(place.unwrap_or_default(), "", reason, String::new());
        }
        // What stands behind a fault of the syntax may be read otherwise than it was meant.
        if !faults.is_empty() {
            return;
        }
        for (section, content) in table.get_ref() {
            let place = lines.at(section.span().start);
            let name = section.get_ref();
            match content.get_ref() {
                DeValue::Table(content) if keys::sections().contains(&&**name) => {
                    self.table(name, content, lines);
                }
                DeValue::Table(_) => self.unknown_section(place, name),
                _ => self.unknown(place, name),
            }
        }
    }

    /// Takes the keys of a section, or of a row of a table.
    fn table(&mut self, prefix: &str, content: &DeTable<'_>, lines: &Lines<'_>) {
        for (key, value) in content {
            let place = lines.at(key.span().start);
            let path = format!("{prefix}.{}", key.get_ref());
            let Some(known) = keys::find(&path) else {
                self.unknown(place, &path);
                continue;
            };
            if known.kind == Kind::Rows {
                self.take_rows(place, &path, value.get_ref(), lines);
                continue;
            }
            let Some(plain) = plain(value.get_ref()) else {
                self.wrong(place, &path, "the value has a wrong type");
                continue;
            };
            let elements = match value.get_ref() {
                DeValue::Array(elements) => elements.iter().collect(),
                _ => Vec::new(),
            };
            let given = Given {
                value: plain,
                place,
                elements: elements
                    .iter()
                    .map(|one| lines.at(one.span().start))
                    .collect(),
            };
            self.given.insert(path, given);
        }
    }

    fn take_rows(&mut self, place: Place, path: &str, value: &DeValue<'_>, lines: &Lines<'_>) {
        let (DeValue::Array(rows), Some(tables)) = (value, tables(value)) else {
            self.wrong(place, path, "the value is no list of tables");
            return;
        };
        for (row, table) in rows.iter().zip(tables) {
            let at = self.rows.entry(path.to_owned()).or_default();
            at.push(lines.at(row.span().start));
            let number = at.len();
            self.table(&format!("{path}[{number}]"), table, lines);
        }
    }

    fn unknown(&mut self, place: Place, path: &str) {
        let known = KEYS.iter().chain(RULE_KEYS).map(|key| key.path);
        let reason = match nearest(&keys::without_row(path), known) {
            Some(near) => format!("there is no such key; did you mean {near}?"),
            None => "there is no such key".to_owned(),
        };
        self.error(place, path, reason, String::new());
    }

    fn unknown_section(&mut self, place: Place, name: &str) {
        let reason = match nearest(name, keys::sections().into_iter()) {
            Some(near) => format!("there is no such section; did you mean [{near}]?"),
            None => "there is no such section".to_owned(),
        };
        let allowed = format!("[{}]", keys::sections().join("], ["));
        self.error(place, &format!("[{name}]"), reason, allowed);
    }

    fn error(&mut self, place: Place, key: &str, reason: String, allowed: String) {
        let file = match place.line {
            0 => None,
            _ => self.files.get(place.file).cloned(),
        };
        self.errors.push(ConfigError {
            file: file.unwrap_or_default(),
            line: place.line,
            key: key.to_owned(),
            reason,
            allowed,
        });
    }

    /// Reports a fault of a key's value in a place.
    fn wrong(&mut self, place: Place, path: &str, reason: impl Into<String>) {
        let allowed = keys::find(path).map_or(String::new(), |key| key.kind.allowed());
        self.error(place, path, reason.into(), allowed);
    }

    /// Reports a fault of a key's value.
    pub(super) fn refuse(&mut self, path: &str, reason: impl Into<String>) {
        self.wrong(self.place(path), path, reason);
    }

    /// Reports that a value, right by itself, doesn't go with another one.
    pub(super) fn contradicts(&mut self, path: &str, reason: impl Into<String>, allowed: &str) {
        let place = self.place(path);
        self.error(place, path, reason.into(), allowed.to_owned());
    }

    /// The same of the elements of a list that `wrong` holds for.
    pub(super) fn contradicting(
        &mut self,
        path: &str,
        wrong: impl Fn(&str) -> bool,
        reason: &str,
        allowed: &str,
    ) {
        for (text, place) in self.elements(path) {
            if wrong(&text) {
                let reason = format!("\"{}\" {reason}", text.escape_debug());
                self.error(place, path, reason, allowed.to_owned());
            }
        }
    }

    /// The texts of a list, with their places.
    fn elements(&self, path: &str) -> Vec<(String, Place)> {
        let Some(given) = self.given.get(path) else {
            return Vec::new();
        };
        let elements = given.value.as_array().into_iter().flatten();
        elements
            .zip(&given.elements)
            .filter_map(|(element, place)| Some((element.as_str()?.to_owned(), *place)))
            .collect()
    }

    /// The place of a key; of its row where it is missing in one; nowhere where it is not given.
    fn place(&self, path: &str) -> Place {
        if let Some(given) = self.given.get(path) {
            return given.place;
        }
        let row = path.split_once('[').and_then(|(table, rest)| {
            let number: usize = rest.split_once(']')?.0.parse().ok()?;
            self.rows.get(table)?.get(number.checked_sub(1)?).copied()
        });
        row.unwrap_or_default()
    }

    /// The names of the files, where there are several.
    pub(super) fn files(&self) -> &[String] {
        match &*self.files {
            [only] if only.is_empty() => &[],
            several => several,
        }
    }

    /// Whether a file gives a key.
    pub(super) fn is_given(&self, path: &str) -> bool {
        self.given.contains_key(path)
    }

    /// Whether a file changes a key from its default, and nothing was found wrong with it. What
    /// `config show` prints has every key, and contradicts nothing.
    pub(super) fn is_changed(&self, path: &str) -> bool {
        let default = keys::find(path).and_then(|key| toml::Value::from_str(key.default).ok());
        self.is_given(path) && !self.is_faulty(path) && default != Some(self.value(path))
    }

    /// Whether something was found wrong with a key.
    pub(super) fn is_faulty(&self, path: &str) -> bool {
        self.errors.iter().any(|error| error.key == path)
    }

    /// Whether a file gives a list without an element.
    pub(super) fn is_empty_list(&self, path: &str) -> bool {
        let given = self.given.get(path);
        given.is_some_and(|given| given.value.as_array().is_some_and(Vec::is_empty))
    }

    /// The elements of a list that are texts, from the file or the table.
    pub(super) fn texts(&self, path: &str) -> Vec<String> {
        let value = self.value(path);
        let elements = value.as_array().into_iter().flatten();
        elements
            .filter_map(|element| element.as_str().map(str::to_owned))
            .collect()
    }

    /// The paths of the rows of a table, as `policy.rules[1]`.
    pub(super) fn rows(&self, path: &str) -> Vec<String> {
        let count = self.rows.get(path).map_or(0, Vec::len);
        (1..=count)
            .map(|number| format!("{path}[{number}]"))
            .collect()
    }

    /// The value of a key, from the file or the table.
    fn value(&self, path: &str) -> toml::Value {
        if let Some(given) = self.given.get(path) {
            return given.value.clone();
        }
        let default = keys::find(path).map_or("\"\"", |key| key.default);
        toml::Value::from_str(default).unwrap_or(toml::Value::String(String::new()))
    }

    pub(super) fn string(&mut self, path: &str) -> String {
        match self.value(path) {
            toml::Value::String(text) => text,
            _ => {
                self.refuse(path, "the value is no text in quotes");
                String::new()
            }
        }
    }

    pub(super) fn switch(&mut self, path: &str) -> bool {
        match self.value(path) {
            toml::Value::Boolean(on) => on,
            _ => {
                self.refuse(path, "the value is neither true nor false");
                false
            }
        }
    }

    /// A number in the range that the table gives it.
    pub(super) fn number(&mut self, path: &str) -> u64 {
        let range = match keys::find(path).map(|key| key.kind) {
            Some(Kind::Number(least, most)) => least..=most,
            _ => 0..=u64::MAX,
        };
        match self.value(path) {
            toml::Value::Integer(number) => match u64::try_from(number) {
                Ok(number) if range.contains(&number) => number,
                _ => {
                    self.refuse(path, format!("{number} is out of range"));
                    *range.start()
                }
            },
            _ => {
                self.refuse(path, "the value is no whole number");
                *range.start()
            }
        }
    }

    /// A value of another type, by its own reading.
    pub(super) fn parsed<T, E: fmt::Display>(
        &mut self,
        path: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<T> {
        let toml::Value::String(text) = self.value(path) else {
            self.refuse(path, "the value is no text in quotes");
            return None;
        };
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.refuse(path, format!("\"{}\": {error}", text.escape_debug()));
                None
            }
        }
    }

    /// A list whose elements have their own reading, each once.
    pub(super) fn list<T: Clone + Eq + Hash, E: fmt::Display>(
        &mut self,
        path: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let toml::Value::Array(elements) = self.value(path) else {
            self.refuse(path, "the value is no list in brackets");
            return Vec::new();
        };
        let places = self
            .given
            .get(path)
            .map_or(Vec::new(), |given| given.elements.clone());
        let mut seen = HashSet::new();
        let mut list = Vec::with_capacity(elements.len());
        for (at, element) in elements.iter().enumerate() {
            let place = places.get(at).copied().unwrap_or_default();
            let Some(text) = element.as_str() else {
                self.wrong(place, path, format!("{element} is no text in quotes"));
                continue;
            };
            let shown = text.escape_debug();
            match parse(text) {
                Ok(value) if seen.insert(value.clone()) => list.push(value),
                Ok(_) => {
                    let reason = format!("\"{shown}\" stands twice");
                    self.error(place, path, reason, "each element once".to_owned());
                }
                Err(error) => self.wrong(place, path, format!("\"{shown}\": {error}")),
            }
        }
        list
    }

    pub(super) fn duration(&mut self, path: &str) -> Duration {
        self.parsed(path, units::duration)
            .unwrap_or(Duration::from_secs(1))
    }

    pub(super) fn duration_or_none(&mut self, path: &str) -> Duration {
        self.parsed(path, units::duration_or_none)
            .unwrap_or_default()
    }

    pub(super) fn size(&mut self, path: &str) -> usize {
        match self.value(path) {
            toml::Value::Integer(number) => match usize::try_from(number) {
                Ok(number) => number,
                Err(_) => {
                    self.refuse(path, format!("{number} is no size"));
                    0
                }
            },
            _ => self.parsed(path, units::size).unwrap_or(0),
        }
    }

    /// All keys with the values in force, as TOML.
    pub(super) fn effective(&self) -> String {
        let mut text = String::new();
        for section in keys::sections() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&format!("[{section}]\n"));
            let keys = || KEYS.iter().filter(|key| key.section() == section);
            for key in keys().filter(|key| !self.rows.contains_key(key.path)) {
                text.push_str(&format!("{} = {}\n", key.name(), self.value(key.path)));
            }
            // A row ends the section that it stands in, so that it comes last.
            for key in keys() {
                for row in self.rows(key.path) {
                    text.push_str(&format!("\n[[{}]]\n{}", key.path, self.row(key, &row)));
                }
            }
        }
        text
    }

    /// The keys of a row, as TOML.
    fn row(&self, table: &Key, row: &str) -> String {
        RULE_KEYS
            .iter()
            .filter(|key| key.section() == table.path)
            .filter_map(|key| {
                let given = self.given.get(&format!("{row}.{}", key.name()))?;
                Some(format!("{} = {}\n", key.name(), given.value))
            })
            .collect()
    }
}

/// The elements of a list, where all of them are tables.
fn tables<'a, 'i>(value: &'a DeValue<'i>) -> Option<Vec<&'a DeTable<'i>>> {
    let table = |element: &'a Spanned<DeValue<'i>>| match element.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    };
    value.as_array()?.iter().map(table).collect()
}

/// The plain value of a parsed one, where it is of a type that some key has.
fn plain(value: &DeValue<'_>) -> Option<toml::Value> {
    Some(match value {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Boolean(on) => toml::Value::Boolean(*on),
        DeValue::Integer(number) => {
            toml::Value::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
        }
        DeValue::Array(elements) => toml::Value::Array(
            elements
                .iter()
                .map(|element| plain(element.get_ref()))
                .collect::<Option<_>>()?,
        ),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => return None,
    })
}
