//! What single HTML elements do to the text in them: hide it, set it off, set it apart.

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
                Some(b"color") => &mut asked.color,
                Some(b"hidden") => &mut asked.hidden,
                _ => continue,
            };
            if place.is_none() {
                *place = self.octets.get(attribute.value.clone());
            }
        }
        asked
    }

    /// The value of an attribute; of several with the name the first counts (HTML section 13.2.5.33).
    fn value(&self, name: &[u8]) -> Option<&[u8]> {
        let is_meant = |one: &&Attribute| self.octets.get(one.name.clone()) == Some(name);
        let attribute = self.attributes.iter().find(is_meant)?;
        self.octets.get(attribute.value.clone())
    }
}

/// The values of the attributes that any tag can have and that matter, found in one pass.
#[derive(Debug, Default)]
pub(crate) struct Asked<'t> {
    style: Option<&'t [u8]>,
    /// Of `<font>`.
    color: Option<&'t [u8]>,
    hidden: Option<&'t [u8]>,
}

/// What an element passes on to those in it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// `display: none`, `opacity: 0` and elements that are never shown: nothing within shows it again.
    pub(crate) hidden: bool,
    /// `visibility: hidden` and `font-size: 0`, which an element within can undo: newsletters set a
    /// font size of nothing around their columns.
    invisible: bool,
    tiny: bool,
    pub(crate) preformatted: bool,
    /// Within a `<blockquote>`.
    pub(crate) set_off: bool,
    /// White letters, tiny ones, a box without room or beside the screen: some programs show such text, and
    /// nobody reads it.
    pale: bool,
    minute: bool,
    crammed: bool,
}

impl Look {
    pub(crate) fn is_seen(self) -> bool {
        !(self.hidden || self.invisible || self.tiny)
    }

    /// Whether hardly anybody sees what is shown so.
    pub(crate) fn is_faint(self) -> bool {
        self.pale || self.minute || self.crammed
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

/// What of a style is read.
const PROPERTIES: [&str; 14] = [
    "display",
    "opacity",
    "visibility",
    "font-size",
    "color",
    "height",
    "max-height",
    "width",
    "max-width",
    "line-height",
    "text-indent",
    "left",
    "top",
    "margin-left",
];

pub(crate) fn look_of(name: &[u8], asked: &Asked<'_>, outer: Look) -> Look {
    let mut look = outer;
    look.hidden |= matches!(
        name,
        b"style" | b"script" | b"title" | b"template" | b"head" | b"datalist"
    ) || asked.hidden.is_some();
    // A page without </head> begins with what only a body has.
    look.hidden &= name != b"body";
    look.preformatted |= matches!(name, b"pre" | b"textarea" | b"plaintext");
    if name == b"font"
        && let Some(color) = asked.color
    {
        look.pale = is_pale(&as_text(color));
    }
    let Some(style) = asked.style.map(as_text) else {
        return look;
    };
    for (property, value) in declarations(&style) {
        let property = property.trim();
        let is_meant = |known: &&&str| property.eq_ignore_ascii_case(known);
        let Some(property) = PROPERTIES.iter().find(is_meant) else {
            continue;
        };
        let value = match value.contains('!') {
            true => Cow::Owned(value.to_ascii_lowercase().replace("!important", "")),
            false => Cow::Borrowed(value),
        };
        let value = value.trim();
        let is = |known: &str| value.eq_ignore_ascii_case(known);
        match *property {
            "display" => look.hidden |= is("none"),
            "opacity" => look.hidden |= value.parse() == Ok(0.0f32),
            "visibility" => look.invisible = is("hidden") || is("collapse"),
            "font-size" => {
                look.tiny = is_nothing(value);
                look.minute = is_minute(value);
            }
            "color" => look.pale = is_pale(value),
            "height" | "max-height" | "width" | "max-width" | "line-height" => {
                look.crammed |= length(value).is_some_and(|(size, unit)| {
                    size == 0.0 || (0.0..=1.0).contains(&size) && matches!(unit, "px" | "pt")
                });
            }
            _ => look.crammed |= length(value).is_some_and(|(size, _)| size <= FAR),
        }
    }
    look
}

/// Properties of a style and their values.
fn declarations(style: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = style;
    std::iter::from_fn(move || {
        loop {
            let at = memchr::memchr2(b':', b';', rest.as_bytes())?;
            let (before, mark) = rest.split_at_checked(at)?;
            let is_property = mark.starts_with(':');
            rest = mark.get(1..)?;
            if is_property {
                let end = memchr::memchr(b';', rest.as_bytes()).unwrap_or(rest.len());
                let (value, behind) = rest.split_at_checked(end)?;
                rest = behind.get(1..).unwrap_or_default();
                return Some((before, value));
            }
        }
    })
}

/// So far to the left or to the top nothing is on the screen.
const FAR: f32 = -99.0;

/// A number and its unit.
fn length(value: &str) -> Option<(f32, &str)> {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let unit = value.get(number.len()..).unwrap_or_default();
    Some((number.trim().parse().ok()?, unit))
}

/// A length of zero in any unit.
fn is_nothing(value: &str) -> bool {
    length(value).is_some_and(|(size, _)| size == 0.0)
}

/// Letters of a few pixels.
fn is_minute(value: &str) -> bool {
    length(value).is_some_and(|(size, unit)| match unit {
        "em" | "rem" => size < 0.4,
        "%" => size < 40.0,
        _ => size < 5.0,
    })
}

/// White, or nearly, or no colour at all. What stands on a dark ground is taken for hidden, too.
fn is_pale(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    if let Some(digits) = value.strip_prefix('#') {
        return match digits.len() {
            3 => digits.bytes().all(|digit| digit == b'f'),
            6 => digits.bytes().step_by(2).all(|digit| digit == b'f'),
            _ => false,
        };
    }
    if let Some((kind, numbers)) = value.split_once('(') {
        let numbers = numbers.trim_end_matches(')').split([',', ' ', '/']);
        let numbers: Vec<f32> = numbers.filter_map(|one| one.trim().parse().ok()).collect();
        return kind.starts_with("rgb")
            && (numbers.iter().take(3).all(|number| *number >= 240.0)
                || numbers.get(3).is_some_and(|opacity| *opacity < 0.2));
    }
    matches!(
        &*value,
        "white" | "transparent" | "snow" | "ivory" | "ghostwhite" | "whitesmoke" | "floralwhite"
    )
}

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

    fn texts(bits: &[&'static str]) -> impl Strategy<Value = String> + use<> {
        vec(select(bits.to_vec()), 0..12).prop_map(|bits| bits.concat())
    }

    proptest! {
        #[test]
        fn declarations_end_at_semicolons(style in texts(&["a", ":", ";", " ", "é", "display"])) {
            let expected: Vec<_> = style.split(';').filter_map(|one| one.split_once(':')).collect();
            prop_assert_eq!(declarations(&style).collect::<Vec<_>>(), expected);
        }

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
