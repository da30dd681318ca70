//! Reads the lists of phrases that the program is made with.
//!
//! They are TOML, and people write them as TOML; of that they keep to tables of texts, lists of texts and `true` or `false`,
//! without escapes. A reader of all TOML takes ten times as long for them, at each start of the program.

/// A table, and what is in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table<'t> {
    pub(crate) name: &'t str,
    pub(crate) entries: Vec<(&'t str, Value<'t>)>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value<'t> {
    Text(&'t str),
    Texts(Vec<&'t str>),
    Is(bool),
}

impl<'t> Table<'t> {
    /// The text of this key.
    pub(crate) fn text(&self, key: &str) -> Result<&'t str, String> {
        let entry = self.entries.iter().find(|(known, _)| *known == key);
        match entry {
            Some((_, Value::Text(text))) => Ok(text),
            _ => Err(format!("{}: no text under {key}", self.name)),
        }
    }

    /// The lists, by their keys.
    pub(crate) fn lists(&self) -> Vec<(&'t str, &[&'t str])> {
        let entries = self.entries.iter();
        let lists = entries.filter_map(|(key, value)| match value {
            Value::Texts(texts) => Some((*key, texts.as_slice())),
            _ => None,
        });
        let mut lists: Vec<_> = lists.collect();
        lists.sort_unstable();
        lists
    }

    /// The texts of this key; none where it isn't there.
    pub(crate) fn list(&self, key: &str) -> &[&'t str] {
        let lists = self.entries.iter().find(|(known, _)| *known == key);
        match lists {
            Some((_, Value::Texts(texts))) => texts,
            _ => &[],
        }
    }
}

/// The tables of a file, in its order.
pub(crate) fn read(text: &str) -> Result<Vec<Table<'_>>, String> {
    let mut rest = Rest(text);
    let mut tables: Vec<Table<'_>> = Vec::new();
    loop {
        rest.skip_blanks();
        if rest.0.is_empty() {
            return Ok(tables);
        }
        if rest.skip("[") {
            let many = rest.skip("[");
            let name = rest.until(if many { "]]" } else { "]" })?;
            tables.push(Table {
                name,
                entries: Vec::new(),
            });
        } else {
            let key = rest.until("=")?.trim();
            let value = rest.value()?;
            let table = tables.last_mut();
            let table = table.ok_or_else(|| format!("{key} stands in no table"))?;
            if table.entries.iter().any(|(known, _)| *known == key) {
                return Err(format!("{key} comes twice in a {}", table.name));
            }
            table.entries.push((key, value));
        }
    }
}

/// What was not read yet.
struct Rest<'t>(&'t str);

impl<'t> Rest<'t> {
    /// Passes over white space and comments.
    fn skip_blanks(&mut self) {
        loop {
            self.0 = self.0.trim_ascii_start();
            if !self.0.starts_with('#') {
                return;
            }
            let end = self.0.find('\n').unwrap_or(self.0.len());
            self.0 = self.0.get(end..).unwrap_or_default();
        }
    }

    fn skip(&mut self, sign: &str) -> bool {
        let rest = self.0.strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// What stands before `end`.
    fn until(&mut self, end: &str) -> Result<&'t str, String> {
        let parts = self.0.split_once(end);
        let (before, rest) = parts.ok_or_else(|| self.wrong(end))?;
        self.0 = rest;
        Ok(before)
    }

    fn value(&mut self) -> Result<Value<'t>, String> {
        self.skip_blanks();
        for (word, is) in [("true", true), ("false", false)] {
            if self.skip(word) {
                return Ok(Value::Is(is));
            }
        }
        if !self.skip("[") {
            return self.text().map(Value::Text);
        }
        let mut texts = Vec::new();
        loop {
            self.skip_blanks();
            if self.skip("]") {
                return Ok(Value::Texts(texts));
            }
            texts.push(self.text()?);
            self.skip_blanks();
            if !self.skip(",") && !self.0.starts_with(']') {
                return Err(self.wrong(","));
            }
        }
    }

    fn text(&mut self) -> Result<&'t str, String> {
        if !self.skip("\"") {
            return Err(self.wrong("\""));
        }
        // One octet after the other: most texts are shorter than what it takes to prepare a search.
        let end = self
            .0
            .bytes()
            .position(|octet| matches!(octet, b'"' | b'\\' | b'\n'));
        let (text, rest) = self.0.split_at(end.unwrap_or(self.0.len()));
        self.0 = rest;
        match self.skip("\"") {
            true => Ok(text),
            false => Err(self.wrong("\"")),
        }
    }

    fn wrong(&self, expected: &str) -> String {
        let here: String = self.0.chars().take(40).collect();
        format!("{here:?}; expected {expected}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_are_read_as_toml_is() {
        for text in [
            include_str!("requests.toml"),
            include_str!("threats.toml"),
            include_str!("offers.toml"),
            include_str!("speech/speech.toml"),
        ] {
            let value = |value: &Value<'_>| match value {
                Value::Text(text) => toml::Value::from(*text),
                Value::Texts(texts) => toml::Value::from(texts.clone()),
                Value::Is(is) => toml::Value::from(*is),
            };
            let mut file = toml::Table::new();
            for table in read(text).unwrap() {
                let entries = table.entries.iter();
                let entries = entries.map(|(key, it)| ((*key).to_owned(), value(it)));
                let entries = toml::Value::Table(entries.collect());
                match table.name {
                    "services" => drop(file.insert(table.name.into(), entries)),
                    name => {
                        let all = file.entry(name).or_insert(toml::Value::Array(Vec::new()));
                        all.as_array_mut().unwrap().push(entries);
                    }
                }
            }
            assert_eq!(file, toml::from_str(text).unwrap());
        }
    }

    #[test]
    fn what_is_no_list_of_texts_is_told_of() {
        for wrong in [
            "a = \"b\"",
            "[a]\nb = 7",
            "[a]\nb = [\"c\" \"d\"]",
            "[a]\nb = \"c",
            "[a]\nb = \"c\\n\"",
            "[a]\nb = [\"c\",",
            "[a\nb",
            "[a]\nb = true\nb = true",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let table = Table {
            name: "a",
            entries: vec![
                ("b", Value::Texts(vec!["c", "d"])),
                ("e", Value::Text("#")),
                ("f", Value::Is(true)),
            ],
        };
        let text = "# h\n[[a]] # i\nb = [ # j\n \"c\",\"d\" , # k\n]\ne=\"#\"\nf = true";
        assert_eq!(read(text), Ok(vec![table]));
    }
}
