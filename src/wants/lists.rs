//! The lists of phrases that the program is made with, which are TOML.
//!
//! What is read of them is borrowed: into types of ours serde would copy each of twenty thousand texts.

use toml::de::{DeTable, DeValue};

/// The table that a file is.
pub(crate) fn read(text: &str) -> Result<DeTable<'_>, String> {
    let file = DeTable::parse(text).map_err(|error| error.to_string())?;
    Ok(file.into_inner())
}

/// The tables of a file's languages, in its order. But for these there is nothing in it.
pub(crate) fn languages<'t>(file: &'t DeTable<'t>) -> Result<Vec<&'t DeTable<'t>>, String> {
    let mut languages = Vec::new();
    for (key, value) in file {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("language", DeValue::Array(tables)) => {
                for table in tables {
                    let table = table.get_ref().as_table();
                    languages.push(table.ok_or("a language that is no table")?);
                }
            }
            (key, _) => return Err(format!("unknown key: {key}")),
        }
    }
    Ok(languages)
}

/// The text of this key.
pub(crate) fn text<'t>(table: &'t DeTable<'t>, key: &str) -> Result<&'t str, String> {
    let text = table.get(key).and_then(|value| value.get_ref().as_str());
    text.ok_or_else(|| format!("no text under {key}"))
}

/// The texts of this key; none where it isn't there.
pub(crate) fn list<'t>(table: &'t DeTable<'t>, key: &str) -> Result<Vec<&'t str>, String> {
    let value = table.get(key);
    value.map_or(Ok(Vec::new()), |value| texts(key, value.get_ref()))
}

/// The texts that stand under a key.
pub(crate) fn texts<'t>(key: &str, value: &'t DeValue<'t>) -> Result<Vec<&'t str>, String> {
    let texts = value.as_array().and_then(|values| {
        let texts = values.iter().map(|value| value.get_ref().as_str());
        texts.collect()
    });
    texts.ok_or_else(|| format!("no list of texts under {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_list_of_texts_is_told_of() {
        for wrong in [
            "a = 1",
            "language = 1",
            "language = [1]",
            "[[language]\na = 1",
        ] {
            let file = read(wrong);
            assert!(
                file.and_then(|file| languages(&file).map(drop)).is_err(),
                "{wrong}"
            );
        }
        let file = read("[[language]]\nid = \"a\"\nb = [\"c\", \"\\u0064\"]\nf = [1]\ng = \"h\"");
        let file = file.unwrap();
        let [language] = languages(&file).unwrap()[..] else {
            panic!("{file:?}");
        };
        assert_eq!(text(language, "id"), Ok("a"));
        assert_eq!(list(language, "b"), Ok(vec!["c", "d"]));
        assert_eq!(list(language, "x"), Ok(Vec::new()));
        for wrong in ["f", "g"] {
            assert!(list(language, wrong).is_err(), "{wrong}");
        }
        for wrong in ["b", "x"] {
            assert!(text(language, wrong).is_err(), "{wrong}");
        }
    }
}
