//! Selectors of style sheets: tags, ids, classes, attributes, and what they stand in (Selectors Level 4).

use super::{
    element::StartTag,
    scan::{until, words},
};

/// Elements around the last one that a selector can ask for.
const MAX_AROUND: usize = 6;
/// Conditions on one element.
const MAX_CONDITIONS: usize = 8;

/// A name of an element, as a number: its tag, its id or a class. Case makes no difference, as in pages
/// that don't say what they are.
pub(crate) fn key(kind: u8, name: &[u8]) -> u64 {
    let octets = std::iter::once(kind).chain(name.iter().map(u8::to_ascii_lowercase));
    octets.fold(0xCBF2_9CE4_8422_2325, |key, octet| {
        (key ^ u64::from(octet)).wrapping_mul(0x0100_0000_01B3)
    })
}

pub(crate) const TAG: u8 = b'<';
pub(crate) const ID: u8 = b'#';
pub(crate) const CLASS: u8 = b'.';

/// What is asked of one element.
#[derive(Clone, Debug, Default)]
pub(crate) struct Compound {
    pub(crate) tag: Option<u64>,
    pub(crate) names: Vec<u64>,
    attributes: Vec<Attribute>,
}

/// What is asked of an attribute.
#[derive(Clone, Debug)]
struct Attribute {
    name: String,
    /// `=`, or what stands before it (`~`, `|`, `^`, `$`, `*`); a blank where any value will do.
    how: char,
    value: String,
}

/// One selector of a rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    pub(crate) last: Compound,
    /// What it stands in, from within; whether that must be the parent.
    pub(crate) around: Vec<(Compound, bool)>,
    pub(crate) specificity: u32,
    /// All of it is understood.
    pub(crate) is_exact: bool,
}

impl Compound {
    /// The strongest of its names.
    pub(crate) fn strongest(&self) -> Option<u64> {
        self.names.first().copied().or(self.tag)
    }

    /// Whether it asks for no more than one name.
    pub(crate) fn is_plain(&self) -> bool {
        self.attributes.is_empty() && self.names.len() + usize::from(self.tag.is_some()) <= 1
    }

    /// Whether an element with these names is one, attributes aside.
    pub(crate) fn has_names(&self, keys: &[u64]) -> bool {
        let mut all = self.tag.iter().chain(&self.names);
        all.all(|name| keys.contains(name))
    }

    pub(crate) fn asks_attributes(&self) -> bool {
        !self.attributes.is_empty()
    }

    pub(crate) fn has_attributes(&self, tag: &StartTag) -> bool {
        self.attributes.iter().all(|asked| {
            let value = tag.value(&asked.name);
            value.is_some_and(|value| asked.is(&value.to_ascii_lowercase()))
        })
    }
}

impl Attribute {
    fn is(&self, value: &str) -> bool {
        let asked = &*self.value;
        match self.how {
            ' ' => true,
            '=' => value == asked,
            '~' => value.split_ascii_whitespace().any(|word| word == asked),
            '|' => {
                let rest = value.strip_prefix(asked);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            }
            _ if asked.is_empty() => false,
            '^' => value.starts_with(asked),
            '$' => value.ends_with(asked),
            _ => value.contains(asked),
        }
    }
}

/// Reads a list of selectors; those that no mail at rest fulfils are left out.
pub(crate) fn read(list: &str, mut each: impl FnMut(Selector)) {
    let mut rest = list;
    loop {
        let end = until(rest, b",");
        if let Some(selector) = one(rest.get(..end).unwrap_or_default()) {
            each(selector);
        }
        match rest.get(end + 1..) {
            Some(behind) => rest = behind,
            None => return,
        }
    }
}

fn one(text: &str) -> Option<Selector> {
    let mut selector = Selector {
        is_exact: true,
        ..Selector::default()
    };
    let mut reader = Reader {
        rest: text.trim(),
        selector: &mut selector,
    };
    if reader.rest.is_empty() {
        return None;
    }
    let mut compounds: Vec<(Compound, bool)> = Vec::new();
    let mut by_parent = false;
    loop {
        let compound = reader.compound()?;
        compounds.push((compound, by_parent));
        let before = reader.rest.len();
        reader.rest = reader.rest.trim_start();
        let blank = reader.rest.len() < before;
        by_parent = match reader.rest.chars().next() {
            None => break,
            Some('>') => true,
            Some('+' | '~' | '|') => {
                reader.selector.is_exact = false;
                // What stands before a sibling says nothing of what is around it.
                compounds.pop();
                false
            }
            Some(_) if blank => false,
            Some(_) => return None,
        };
        reader.rest = reader
            .rest
            .trim_start_matches(['>', '+', '~', '|', ' ', '\n', '\t', '\r']);
        if compounds.len() > MAX_AROUND {
            compounds.remove(0);
            reader.selector.is_exact = false;
        }
    }
    let mut from_last = compounds.into_iter().rev();
    let (last, mut by_parent) = from_last.next()?;
    selector.last = last;
    for (compound, next) in from_last {
        selector.is_exact &= !compound.asks_attributes();
        selector.around.push((compound, by_parent));
        by_parent = next;
    }
    Some(selector)
}

struct Reader<'t, 's> {
    rest: &'t str,
    selector: &'s mut Selector,
}

impl Reader<'_, '_> {
    fn compound(&mut self) -> Option<Compound> {
        let mut compound = Compound::default();
        let mut any = false;
        for _ in 0..=2 * MAX_CONDITIONS {
            let Some(sign) = self.rest.chars().next() else {
                break;
            };
            let behind = self.rest.get(sign.len_utf8()..).unwrap_or_default();
            match sign {
                '*' => self.rest = behind,
                '.' | '#' => {
                    self.rest = behind;
                    let name = self.name()?;
                    self.selector.specificity += if sign == '#' { 1 << 16 } else { 1 << 8 };
                    let kind = if sign == '#' { ID } else { CLASS };
                    let key = key(kind, name.as_bytes());
                    match kind {
                        ID => compound.names.insert(0, key),
                        _ => compound.names.push(key),
                    }
                }
                '[' => self.attribute(&mut compound)?,
                ':' => self.pseudo(&mut compound)?,
                '&' => {
                    self.rest = behind;
                    self.selector.is_exact = false;
                }
                c if is_name(c) => {
                    let name = self.name()?;
                    self.selector.specificity += 1;
                    compound.tag = Some(key(TAG, name.as_bytes()));
                }
                _ => break,
            }
            any = true;
        }
        any.then_some(compound)
    }

    fn name(&mut self) -> Option<String> {
        let mut end = 0;
        let bytes = self.rest.as_bytes();
        while let Some(byte) = bytes.get(end) {
            match byte {
                // An escape and the blank that ends it.
                b'\\' => {
                    let rest = bytes.get(end + 1..).unwrap_or_default();
                    let digits = rest
                        .iter()
                        .take(6)
                        .take_while(|b| b.is_ascii_hexdigit())
                        .count();
                    let blank = digits > 0 && rest.get(digits).is_some_and(u8::is_ascii_whitespace);
                    end += 1 + digits.max(1) + usize::from(blank);
                }
                byte if byte.is_ascii_alphanumeric()
                    || matches!(byte, b'-' | b'_')
                    || *byte > 127 =>
                {
                    end += 1;
                }
                _ => break,
            }
        }
        let (name, rest) = self
            .rest
            .split_at_checked(self.rest.ceil_char_boundary(end))?;
        self.rest = rest;
        (!name.is_empty()).then(|| words(name).into_owned())
    }

    fn attribute(&mut self, compound: &mut Compound) -> Option<()> {
        self.selector.specificity += 1 << 8;
        let inner = self.rest.get(1..)?;
        let end = until(inner, b"]");
        let text = words(inner.get(..end)?).into_owned();
        self.rest = inner.get(end + 1..)?;
        let (name, value) = text.split_once('=').unwrap_or((&text, ""));
        let how = match text.contains('=') {
            false => ' ',
            true => name
                .chars()
                .last()
                .filter(|c| "~|^$*".contains(*c))
                .unwrap_or('='),
        };
        // `[class="x" i]` says that case makes no difference.
        let value = value.trim();
        let value = match value.rsplit_once(' ') {
            Some((value, "i" | "s" | "I" | "S")) => value.trim(),
            _ => value,
        };
        if compound.attributes.len() >= MAX_CONDITIONS {
            self.selector.is_exact = false;
            return Some(());
        }
        compound.attributes.push(Attribute {
            name: name
                .trim_end_matches(['~', '|', '^', '$', '*'])
                .trim()
                .to_ascii_lowercase(),
            how,
            value: value.trim_matches(['"', '\'']).to_ascii_lowercase(),
        });
        Some(())
    }

    /// Reads a pseudo-class; `None` where it makes the selector one of text that the sheet itself writes,
    /// or of what its reader does.
    fn pseudo(&mut self, compound: &mut Compound) -> Option<()> {
        let is_element = self.rest.starts_with("::");
        self.rest = self.rest.trim_start_matches(':');
        let name = self.name()?.to_ascii_lowercase();
        let mut arguments = "";
        if let Some(inner) = self.rest.strip_prefix('(') {
            let end = until(inner, b")");
            arguments = inner.get(..end)?;
            self.rest = inner.get(end + 1..).unwrap_or_default();
        }
        let before = self.selector.specificity;
        self.selector.specificity += 1 << 8;
        let only_then = [
            "hover",
            "active",
            "focus",
            "visited",
            "checked",
            "target",
            "focus-within",
        ];
        if is_element || only_then.contains(&&*name) || matches!(&*name, "before" | "after") {
            return None;
        }
        match &*name {
            "root" => compound.tag = Some(key(TAG, b"html")),
            "link" | "any-link" => compound.tag = Some(key(TAG, b"a")),
            // One name in brackets is that name.
            "is" | "where" | "matches" | "-webkit-any" if !arguments.contains([',', ' ']) => {
                // It counts as what stands in its brackets does; `:where()` as nothing.
                self.selector.specificity = before;
                let mut inner = Reader {
                    rest: arguments,
                    selector: self.selector,
                };
                let found = inner.compound()?;
                compound.tag = found.tag.or(compound.tag);
                compound.names.extend(found.names);
                compound.attributes.extend(found.attributes);
                if name == "where" {
                    self.selector.specificity = before;
                }
            }
            _ => self.selector.is_exact = false,
        }
        Some(())
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '\\') || !c.is_ascii()
}

#[cfg(test)]
mod tests;
