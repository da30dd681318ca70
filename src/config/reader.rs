//! Reads a TOML text by the table of keys, and collects every error instead of stopping at the
//! first.

use super::keys::{self, KEYS, Kind};
use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};
use toml::de::{DeTable, DeValue};

/// One thing that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The line in the file, counted from 1; 0 where the fault is in no line.
    pub line: usize,
    /// The key, as `milter.listen`; empty where there is none.
    pub key: String,
    /// What is wrong.
    pub reason: String,
    /// What would be right; empty where that goes without saying.
    pub allowed: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.reason)?;
        if !self.allowed.is_empty() {
            write!(f, "; allowed is {}", self.allowed)?;
        }
        Ok(())
    }
}

/// A value with the line that it stands in.
struct Given {
    value: toml::Value,
    line: usize,
}

/// The values of a file, defaults where it is silent.
pub(super) struct Reader {
    given: BTreeMap<String, Given>,
    /// What is wrong so far.
    pub(super) errors: Vec<ConfigError>,
}

impl Reader {
    pub(super) fn new(text: &str) -> Self {
        let mut reader = Self {
            given: BTreeMap::new(),
            errors: Vec::new(),
        };
        let line_at = |offset: usize| {
            let before = text.as_bytes().get(..offset).unwrap_or_default();
            before.iter().filter(|&&byte| byte == b'\n').count() + 1
        };
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                reader.errors.push(ConfigError {
                    line: error.span().map_or(0, |span| line_at(span.start)),
                    key: String::new(),
                    reason: format!("this is no TOML: {}", error.message()),
                    allowed: String::new(),
                });
                return reader;
            }
        };
        for (section, content) in table.get_ref() {
            let line = line_at(section.span().start);
            let name = section.get_ref();
            let DeValue::Table(content) = content.get_ref() else {
                reader.unknown(line, name);
                continue;
            };
            if !KEYS.iter().any(|key| key.section() == name) {
                reader.unknown_section(line, name);
                continue;
            }
            for (key, value) in content {
                let line = line_at(key.span().start);
                let path = format!("{name}.{}", key.get_ref());
                if keys::find(&path).is_none() {
                    reader.unknown(line, &path);
                    continue;
                }
                match plain(value.get_ref()) {
                    Some(value) => {
                        reader.given.insert(path, Given { value, line });
                    }
                    None => reader.wrong(line, &path, "the value has a wrong type"),
                }
            }
        }
        reader
    }

    fn unknown(&mut self, line: usize, path: &str) {
        let near = nearest(path, KEYS.iter().map(|key| key.path));
        self.errors.push(ConfigError {
            line,
            key: path.to_owned(),
            reason: match near {
                Some(near) => format!("there is no such key; did you mean {near}?"),
                None => "there is no such key".to_owned(),
            },
            allowed: String::new(),
        });
    }

    fn unknown_section(&mut self, line: usize, name: &str) {
        self.errors.push(ConfigError {
            line,
            key: format!("[{name}]"),
            reason: "there is no such section".to_owned(),
            allowed: format!("[{}]", keys::sections().join("], [")),
        });
    }

    fn wrong(&mut self, line: usize, path: &str, reason: impl Into<String>) {
        self.errors.push(ConfigError {
            line,
            key: path.to_owned(),
            reason: reason.into(),
            allowed: keys::find(path).map_or(String::new(), |key| key.kind.allowed()),
        });
    }

    /// Reports a fault of a key's value.
    pub(super) fn refuse(&mut self, path: &str, reason: impl Into<String>) {
        let line = self.given.get(path).map_or(0, |given| given.line);
        self.wrong(line, path, reason);
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

    /// A list whose elements have their own reading.
    pub(super) fn list<T, E: fmt::Display>(
        &mut self,
        path: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let toml::Value::Array(elements) = self.value(path) else {
            self.refuse(path, "the value is no list in brackets");
            return Vec::new();
        };
        let mut list = Vec::with_capacity(elements.len());
        for element in elements {
            let Some(text) = element.as_str() else {
                self.refuse(path, "an element is no text in quotes");
                continue;
            };
            match parse(text) {
                Ok(value) => list.push(value),
                Err(error) => self.refuse(path, format!("\"{}\": {error}", text.escape_debug())),
            }
        }
        list
    }

    pub(super) fn duration(&mut self, path: &str) -> Duration {
        self.parsed(path, duration)
            .unwrap_or(Duration::from_secs(1))
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
            _ => self.parsed(path, size).unwrap_or(0),
        }
    }

    /// All keys with the values in force, as TOML.
    pub(super) fn effective(&self) -> String {
        let mut text = String::new();
        let mut section = "";
        for key in KEYS {
            if key.section() != section {
                if !section.is_empty() {
                    text.push('\n');
                }
                section = key.section();
                text.push_str(&format!("[{section}]\n"));
            }
            text.push_str(&format!("{} = {}\n", key.name(), self.value(key.path)));
        }
        text
    }
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

fn duration(text: &str) -> Result<Duration, &'static str> {
    let split = text
        .find(|character: char| !character.is_ascii_digit())
        .ok_or("the unit is missing")?;
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| "the number is missing")?;
    let millis = match unit {
        "ms" => number,
        "s" => number.saturating_mul(1_000),
        "m" => number.saturating_mul(60_000),
        "h" => number.saturating_mul(3_600_000),
        _ => return Err("the unit is unknown"),
    };
    match millis {
        1..=86_400_000 => Ok(Duration::from_millis(millis)),
        _ => Err("it is not between 1 ms and 24 h"),
    }
}

fn size(text: &str) -> Result<usize, &'static str> {
    let split = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: usize = number.parse().map_err(|_| "the number is missing")?;
    let factor = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err("the unit is unknown"),
    };
    number.checked_mul(factor).ok_or("it is too large")
}

/// The known word that a mistyped one resembles most, if any does.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (distance(word, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| *distance * 3 <= candidate.len())
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, of keys only.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut next = vec![i + 1];
        let mut left = i + 1;
        for ((&y, &diagonal), &above) in b.iter().zip(&row).zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y))
                .min(above + 1)
                .min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
