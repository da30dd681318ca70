//! Tags and their attributes, and what elements are by their names.

use std::ops::Range;

/// A start tag. One is used for all of a page, so that few of them need room of their own.
#[derive(Debug, Default)]
pub(crate) struct StartTag {
    pub(crate) name: String,
    pub(crate) self_closing: bool,
    /// Tags of a page that have the same number are the same. 0: it has none.
    pub(crate) number: u64,
    /// Names and values of the attributes, one behind the other.
    text: String,
    attributes: Vec<Attribute>,
}

/// Where in the tag's text an attribute's name is, and its value.
#[derive(Debug)]
struct Attribute {
    name: Range<usize>,
    value: Range<usize>,
}

impl StartTag {
    /// Begins the next tag.
    pub(crate) fn open(&mut self, number: u64) {
        self.name.clear();
        self.self_closing = false;
        self.number = number;
        self.text.clear();
        self.attributes.clear();
    }

    /// Adds an attribute. The case of its name says nothing.
    pub(crate) fn add_attribute(&mut self, name: &str, value: &str) {
        let start = self.text.len();
        push_name(&mut self.text, name);
        let middle = self.text.len();
        self.text.push_str(value);
        self.attributes.push(Attribute {
            name: start..middle,
            value: middle..self.text.len(),
        });
    }

    /// What is asked of each tag.
    pub(crate) fn asked(&self) -> Asked<'_> {
        let mut asked = Asked::default();
        for attribute in &self.attributes {
            let place = match self.text.get(attribute.name.clone()) {
                Some("id") => &mut asked.id,
                Some("class") => &mut asked.class,
                Some("style") => &mut asked.style,
                Some("hidden") => &mut asked.hidden,
                Some("href") => &mut asked.href,
                Some("color") => &mut asked.color,
                Some("text") => &mut asked.text,
                Some("bgcolor") => &mut asked.bgcolor,
                Some("background") => &mut asked.background,
                Some("dir") => &mut asked.dir,
                Some("open") => &mut asked.open,
                Some("width") => &mut asked.width,
                Some("height") => &mut asked.height,
                _ => continue,
            };
            if place.is_none() {
                *place = self.text.get(attribute.value.clone());
            }
        }
        asked
    }

    /// Names and values, as they stand.
    #[cfg(test)]
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|one| {
            let name = self.text.get(one.name.clone()).unwrap_or_default();
            (name, self.text.get(one.value.clone()).unwrap_or_default())
        })
    }

    /// The value of an attribute; of several with the name the first counts (HTML section 13.2.5.33).
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let is_meant = |one: &&Attribute| self.text.get(one.name.clone()) == Some(name);
        let attribute = self.attributes.iter().find(is_meant)?;
        self.text.get(attribute.value.clone())
    }
}

/// The values of the attributes that say how an element looks, found in one pass.
#[derive(Debug, Default)]
pub(crate) struct Asked<'t> {
    pub(crate) id: Option<&'t str>,
    pub(crate) class: Option<&'t str>,
    pub(crate) style: Option<&'t str>,
    pub(crate) hidden: Option<&'t str>,
    pub(crate) href: Option<&'t str>,
    /// Of `<font>`.
    pub(crate) color: Option<&'t str>,
    /// The colour of text in `<body>`.
    pub(crate) text: Option<&'t str>,
    pub(crate) bgcolor: Option<&'t str>,
    pub(crate) background: Option<&'t str>,
    pub(crate) dir: Option<&'t str>,
    /// Of `<details>` and `<dialog>`.
    pub(crate) open: Option<&'t str>,
    pub(crate) width: Option<&'t str>,
    pub(crate) height: Option<&'t str>,
}

impl Asked<'_> {
    /// Whether an attribute says how the element looks, its style aside.
    pub(crate) fn says_anything(&self) -> bool {
        let all = [
            self.hidden,
            self.color,
            self.text,
            self.bgcolor,
            self.background,
            self.dir,
            self.href,
        ];
        all.iter().any(Option::is_some)
    }
}

/// Adds a name, whose case says nothing.
pub(super) fn push_name(names: &mut String, name: &str) {
    if name.bytes().all(|octet| octet.is_ascii_lowercase()) {
        return names.push_str(name);
    }
    names.extend(name.chars().map(|sign| match sign {
        '\0' => char::REPLACEMENT_CHARACTER,
        sign => sign.to_ascii_lowercase(),
    }));
}

/// Whether an element stands apart from what is before and after it, where no style says otherwise.
pub(crate) fn is_block(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"address"
            | b"article"
            | b"aside"
            | b"blockquote"
            | b"center"
            | b"dd"
            | b"div"
            | b"dl"
            | b"dt"
            | b"fieldset"
            | b"figcaption"
            | b"figure"
            | b"footer"
            | b"form"
            | b"h1"
            | b"h2"
            | b"h3"
            | b"h4"
            | b"h5"
            | b"h6"
            | b"header"
            | b"hr"
            | b"li"
            | b"main"
            | b"nav"
            | b"ol"
            | b"p"
            | b"pre"
            | b"section"
            | b"table"
            | b"tbody"
            | b"td"
            | b"th"
            | b"tr"
            | b"ul"
            | b"dialog"
            | b"details"
            | b"summary"
            | b"hgroup"
            | b"legend"
            | b"menu"
            | b"caption"
            | b"dir"
            | b"optgroup"
            | b"option"
            | b"thead"
            | b"tfoot"
            | b"listing"
            | b"xmp"
            | b"plaintext"
            | b"html"
            | b"search"
            | b"body"
    )
}

pub(crate) fn is_void(name: &str) -> bool {
    matches!(
        name.as_bytes(),
        b"area"
            | b"base"
            | b"br"
            | b"col"
            | b"embed"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"param"
            | b"source"
            | b"track"
            | b"wbr"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::select};

    proptest! {
        #[test]
        fn what_is_asked_of_each_tag_are_its_attributes(
            names in vec(select(vec!["style", "color", "hidden", "colors", "href"]), 0..8),
        ) {
            let mut tag = StartTag::default();
            for (value, name) in names.iter().enumerate() {
                tag.add_attribute(name, &value.to_string());
            }
            let asked = tag.asked();
            let found = [asked.style, asked.color, asked.hidden];
            let expected = ["style", "color", "hidden"].map(|wanted| {
                let first = names.iter().position(|name| *name == wanted);
                first.map(|first| first.to_string())
            });
            prop_assert_eq!(found.map(|value| value.map(str::to_owned)), expected);
        }
    }
}
