//! Tags and their attributes, and what elements are by their names.

use std::{borrow::Cow, ops::Range};

/// A start tag. One is used for all of a page, so that few of them need room of their own.
#[derive(Debug, Default)]
pub(crate) struct StartTag {
    pub(crate) name: Vec<u8>,
    pub(crate) self_closing: bool,
    /// Names and values of the attributes, one behind the other.
    octets: Vec<u8>,
    attributes: Vec<Attribute>,
}

/// Where in the tag's octets an attribute's name is, and its value.
#[derive(Debug, Default)]
struct Attribute {
    name: Range<usize>,
    value: Range<usize>,
}

impl StartTag {
    /// Begins the next tag.
    pub(crate) fn open(&mut self) {
        self.name.clear();
        self.self_closing = false;
        self.octets.clear();
        self.attributes.clear();
    }

    /// Begins the next attribute.
    pub(crate) fn add_attribute(&mut self) {
        let end = self.octets.len();
        let (name, value) = (end..end, end..end);
        self.attributes.push(Attribute { name, value });
    }

    /// More of the name of the last attribute.
    pub(crate) fn extend_attribute(&mut self, name: &[u8]) {
        self.octets.extend_from_slice(name);
        if let Some(last) = self.attributes.last_mut() {
            last.name.end = self.octets.len();
            last.value = last.name.end..last.name.end;
        }
    }

    /// More of its value.
    pub(crate) fn extend_value(&mut self, value: &[u8]) {
        self.octets.extend_from_slice(value);
        if let Some(last) = self.attributes.last_mut() {
            last.value.end = self.octets.len();
        }
    }

    /// What is asked of each tag.
    pub(crate) fn asked(&self) -> Asked<'_> {
        let mut asked = Asked::default();
        for attribute in &self.attributes {
            let place = match self.octets.get(attribute.name.clone()) {
                Some(b"style") => &mut asked.style,
                Some(b"hidden") => &mut asked.hidden,
                Some(b"href") => &mut asked.href,
                Some(b"color") => &mut asked.color,
                Some(b"text") => &mut asked.text,
                Some(b"bgcolor") => &mut asked.bgcolor,
                Some(b"background") => &mut asked.background,
                Some(b"dir") => &mut asked.dir,
                Some(b"open") => &mut asked.open,
                Some(b"width") => &mut asked.width,
                Some(b"height") => &mut asked.height,
                _ => continue,
            };
            if place.is_none() {
                *place = self.octets.get(attribute.value.clone());
            }
        }
        asked
    }

    /// The value of an attribute; of several with the name the first counts (HTML section 13.2.5.33).
    pub(crate) fn value(&self, name: &[u8]) -> Option<&[u8]> {
        let is_meant = |one: &&Attribute| self.octets.get(one.name.clone()) == Some(name);
        let attribute = self.attributes.iter().find(is_meant)?;
        self.octets.get(attribute.value.clone())
    }
}

/// The values of the attributes that say how an element looks, found in one pass.
#[derive(Debug, Default)]
pub(crate) struct Asked<'t> {
    pub(crate) style: Option<&'t [u8]>,
    pub(crate) hidden: Option<&'t [u8]>,
    pub(crate) href: Option<&'t [u8]>,
    /// Of `<font>`.
    pub(crate) color: Option<&'t [u8]>,
    /// The colour of text in `<body>`.
    pub(crate) text: Option<&'t [u8]>,
    pub(crate) bgcolor: Option<&'t [u8]>,
    pub(crate) background: Option<&'t [u8]>,
    pub(crate) dir: Option<&'t [u8]>,
    /// Of `<details>` and `<dialog>`.
    pub(crate) open: Option<&'t [u8]>,
    pub(crate) width: Option<&'t [u8]>,
    pub(crate) height: Option<&'t [u8]>,
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

/// The value of an attribute, where the tag has it.
pub(crate) fn attribute<'t>(tag: &'t StartTag, name: &str) -> Option<Cow<'t, str>> {
    let value = tag.value(name.as_bytes())?;
    Some(as_text(value))
}

pub(crate) fn as_text(octets: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(octets),
    }
}

/// Whether an element stands apart from what is before and after it, where no style says otherwise.
pub(crate) fn is_block(name: &[u8]) -> bool {
    matches!(
        name,
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

pub(crate) fn is_void(name: &[u8]) -> bool {
    matches!(
        name,
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
                tag.add_attribute();
                tag.extend_attribute(name.as_bytes());
                tag.extend_value(value.to_string().as_bytes());
            }
            let asked = tag.asked();
            let found = [asked.style, asked.color, asked.hidden];
            let expected = ["style", "color", "hidden"].map(|wanted| {
                let first = names.iter().position(|name| *name == wanted);
                first.map(|first| first.to_string())
            });
            prop_assert_eq!(found.map(|value| value.map(|value| as_text(value).into_owned())), expected);
        }
    }
}
