//! What single HTML elements do to the text in them: hide it, quote it, set it apart.

use std::{borrow::Cow, ops::Range};

/// A start tag. One is used for all of a page, so that few of them need room of their own.
#[derive(Debug, Default)]
pub(super) struct StartTag {
    pub(super) name: Vec<u8>,
    pub(super) self_closing: bool,
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
    pub(super) fn open(&mut self, name: &[u8]) {
        self.name.clear();
        self.name.extend_from_slice(name);
        self.octets.clear();
        self.attributes.clear();
    }

    pub(super) fn add_attribute(&mut self, name: &[u8]) {
        let name = self.add(name);
        let value = name.end..name.end;
        self.attributes.push(Attribute { name, value });
    }

    /// The value of the attribute that was added last.
    pub(super) fn add_value(&mut self, value: &[u8]) {
        let value = self.add(value);
        if let Some(last) = self.attributes.last_mut() {
            last.value = value;
        }
    }

    fn add(&mut self, octets: &[u8]) -> Range<usize> {
        let start = self.octets.len();
        self.octets.extend_from_slice(octets);
        start..self.octets.len()
    }

    /// The value of an attribute; of several with the name the first counts (HTML section 13.2.5.33).
    fn value(&self, name: &[u8]) -> Option<&[u8]> {
        let is_meant = |one: &&Attribute| self.octets.get(one.name.clone()) == Some(name);
        let attribute = self.attributes.iter().find(is_meant)?;
        self.octets.get(attribute.value.clone())
    }
}

/// What an element passes on to those in it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    /// `display: none`, `opacity: 0` and elements that are never shown: nothing within shows it again.
    pub(super) hidden: bool,
    /// `visibility: hidden` and `font-size: 0`, which an element within can undo: newsletters set a
    /// font size of nothing around their columns.
    invisible: bool,
    tiny: bool,
    pub(super) preformatted: bool,
    pub(super) quoted: bool,
}

impl Look {
    pub(super) fn is_seen(self) -> bool {
        !(self.hidden || self.invisible || self.tiny)
    }
}

/// The value of an attribute, where the tag has it.
pub(super) fn attribute<'t>(tag: &'t StartTag, name: &str) -> Option<Cow<'t, str>> {
    let value = tag.value(name.as_bytes())?;
    Some(as_text(value))
}

pub(super) fn as_text(octets: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(octets),
    }
}

/// What of a style is read.
const PROPERTIES: [&str; 4] = ["display", "opacity", "visibility", "font-size"];

pub(super) fn look_of(tag: &StartTag, outer: Look) -> Look {
    let name: &[u8] = &tag.name;
    let mut look = outer;
    look.hidden |= matches!(
        name,
        b"style" | b"script" | b"title" | b"template" | b"head" | b"datalist"
    ) || tag.value(b"hidden").is_some();
    // A page without </head> begins with what only a body has.
    look.hidden &= name != b"body";
    look.preformatted |= matches!(name, b"pre" | b"textarea" | b"plaintext");
    let Some(style) = attribute(tag, "style") else {
        return look;
    };
    for declaration in style.split(';') {
        let Some((property, value)) = declaration.split_once(':') else {
            continue;
        };
        let is_meant = |known: &&&str| property.trim().eq_ignore_ascii_case(known);
        let Some(property) = PROPERTIES.iter().find(is_meant) else {
            continue;
        };
        let value = value.to_ascii_lowercase().replace("!important", "");
        let value = value.trim();
        match *property {
            "display" => look.hidden |= value == "none",
            "opacity" => look.hidden |= value.parse() == Ok(0.0f32),
            "visibility" => look.invisible = matches!(value, "hidden" | "collapse"),
            "font-size" => look.tiny = is_nothing(value),
            _ => {}
        }
    }
    look
}

/// A length of zero in any unit.
fn is_nothing(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    number.trim().parse() == Ok(0.0f32)
}

/// Elements in which mail programs put what they quote: `cite` of Apple Mail and Thunderbird, and the
/// classes that the large web mailers write.
pub(super) fn is_quote(tag: &StartTag, reply: bool) -> bool {
    let name: &[u8] = &tag.name;
    if name == b"blockquote"
        && (reply || attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite")))
    {
        return true;
    }
    let class = attribute(tag, "class").unwrap_or_default();
    class.split_ascii_whitespace().any(|class| {
        matches!(
            class,
            "gmail_quote"
                | "gmail_quote_container"
                | "yahoo_quoted"
                | "moz-forward-container"
                | "protonmail_quote"
                | "tutanota_quote"
                | "zmail_extra"
        )
    })
}

/// Elements behind which Outlook puts the message that is answered or forwarded, without a container.
pub(super) fn opens_forwarded(tag: &StartTag) -> bool {
    attribute(tag, "id").is_some_and(|id| {
        matches!(
            &*id,
            "divRplyFwdMsg"
                | "appendonsend"
                | "stopSpelling"
                | "OLK_SRC_BODY_SECTION"
                | "mail-editor-reference-message-container"
        )
    })
}

pub(super) fn is_block(name: &[u8]) -> bool {
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

pub(super) fn is_void(name: &[u8]) -> bool {
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
