//! Values with parameters, such as `text/plain; charset=utf-8` (RFC 2045 section 5.1, RFC 2183): the value
//! in front, and each parameter, put together from its pieces and decoded (RFC 2231, and RFC 2047 where
//! senders use it instead).
//!
//! Read as leniently as mail programs do: a blank may stand for a missing `;`, quotation marks may be missing
//! around a name with blanks, comments stand anywhere.

use super::{MAX_VALUE, charset, encoded_word, transfer_encoding::unescape};
use std::collections::BTreeMap;

/// A value and its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WithParameters {
    /// What stands in front, in lower case and without blanks: `text/plain`, `attachment`.
    pub value: String,
    /// The parameters. Those of RFC 2231 come first, since mail programs prefer them.
    pub parameters: Vec<Parameter>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in lower case, without the marks of RFC 2231.
    pub name: String,
    /// Its octets, without quotation marks and escapes; encoded words stand as they came.
    pub octets: Vec<u8>,
    charset: Named,
}

/// What RFC 2231 says of the charset of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    /// The value doesn't carry the marks of RFC 2231, or only those of a value in pieces.
    Unmarked,
    /// It does, with this label.
    Label(String),
}

impl Parameter {
    /// Its text. RFC 2047 section 5 forbids encoded words here; senders write them, and mail programs
    /// decode them.
    pub fn text(&self) -> String {
        match &self.charset {
            Named::Label(label) => charset::labelled(label, &self.octets).into_owned(),
            Named::Unmarked => {
                let readings = charset::readings(&self.octets, || None);
                encoded_word::decode(&readings.into_iter().next().unwrap_or_default())
            }
        }
    }
}

impl WithParameters {
    /// The parameter `name` that most mail programs go by.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
    }

    /// Every parameter `name`: a sender may write it more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Parameter> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.name == name)
    }
}

/// Reads a field's value; octets beyond [`MAX_VALUE`] are left out.
pub fn parse(raw: &[u8]) -> WithParameters {
    let raw: Vec<u8> = without_comments(raw.get(..MAX_VALUE).unwrap_or(raw));
    let mut reader = Reader { rest: &raw };
    let front = reader.until(|octet| octet == b';');
    let (value, pairs) = split_front(front);
    let mut written: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for mut reader in [Reader { rest: pairs }, reader] {
        while let Some(pair) = reader.pair() {
            written.push(pair);
        }
    }
    WithParameters {
        value,
        parameters: together(written),
    }
}

/// The value in front of the first `;`, and parameters that stand there because the `;` is missing.
fn split_front(front: &[u8]) -> (String, &[u8]) {
    let blank = |octet: &u8| octet.is_ascii_whitespace();
    let equals = front.iter().position(|octet| *octet == b'=');
    let end = equals.and_then(|equals| {
        let before = front.get(..equals)?.trim_ascii_end();
        before.iter().rposition(blank)
    });
    let (value, pairs) = front.split_at(end.unwrap_or(front.len()));
    let value = value.iter().filter(|octet| !blank(octet)).copied();
    let value: Vec<u8> = value.collect();
    (String::from_utf8_lossy(&value).to_ascii_lowercase(), pairs)
}

/// Without what stands in parentheses outside of quotation marks (RFC 5322 section 3.2.2) and without line
/// breaks. A parenthesis that nothing closes stands for itself.
fn without_comments(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    let mut quoted = false;
    let mut comments_close = true;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'\r' | b'\n' => {}
            b'\\' => {
                out.push(first);
                if let Some((&escaped, after)) = after.split_first() {
                    out.push(escaped);
                    rest = after;
                }
            }
            b'(' if !quoted && comments_close => match end_of_comment(after) {
                Some(after) => {
                    out.push(b' ');
                    rest = after;
                }
                None => {
                    comments_close = false;
                    out.push(first);
                }
            },
            _ => {
                quoted ^= first == b'"';
                out.push(first);
            }
        }
    }
    out
}

/// What stands after the comment that has just begun.
fn end_of_comment(inside: &[u8]) -> Option<&[u8]> {
    let mut depth = 1u32;
    let mut escaped = false;
    let end = inside.iter().position(|octet| {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    inside.get(end + 1..)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn until(&mut self, stop: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.rest.iter().position(|octet| stop(*octet));
        let (before, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        before
    }

    /// The next `name=value`, name in lower case.
    fn pair(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        loop {
            self.until(|octet| octet != b';' && !octet.is_ascii_whitespace());
            if self.rest.is_empty() {
                return None;
            }
            let name = self.until(|octet| octet == b'=' || octet == b';');
            let Some(value) = self.rest.strip_prefix(b"=") else {
                continue;
            };
            self.rest = value.trim_ascii_start();
            let value = match self.rest.strip_prefix(b"\"") {
                Some(inside) => self.quoted(inside),
                None => self.bare(),
            };
            return Some((name.trim_ascii().to_ascii_lowercase(), value));
        }
    }

    /// The content of a quoted string; one that nothing closes takes in the rest.
    fn quoted(&mut self, inside: &'a [u8]) -> Vec<u8> {
        let mut value = Vec::new();
        let mut rest = inside;
        while let Some((&first, after)) = rest.split_first() {
            rest = after;
            match (first, after.split_first()) {
                (b'"', _) => break,
                (b'\\', Some((&escaped, after))) => {
                    value.push(escaped);
                    rest = after;
                }
                _ => value.push(first),
            }
        }
        self.rest = rest;
        value
    }

    /// A value without quotation marks, up to the next `;` or to a blank with another parameter after it.
    fn bare(&mut self) -> Vec<u8> {
        let mut end = 0;
        while let Some(octet) = self.rest.get(end) {
            if *octet == b';' {
                break;
            }
            if !octet.is_ascii_whitespace() {
                end += 1;
                continue;
            }
            let blanks = self.count(end, u8::is_ascii_whitespace);
            let name = self.count(end + blanks, |octet| {
                octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'*')
            });
            let after = end + blanks + name;
            if name > 0 && self.rest.get(after) == Some(&b'=') {
                break;
            }
            end = after;
        }
        let (value, rest) = self.rest.split_at(end.min(self.rest.len()));
        self.rest = rest;
        value.trim_ascii_end().to_vec()
    }

    /// How many octets from `at` on are such.
    fn count(&self, at: usize, is_such: impl Fn(&u8) -> bool) -> usize {
        let rest = self.rest.get(at..).unwrap_or_default();
        rest.iter().take_while(|octet| is_such(octet)).count()
    }
}

/// A piece of a parameter that RFC 2231 cut (section 3): its place, whether it is percent-encoded, its octets.
type Piece = (u32, bool, Vec<u8>);

fn together(written: Vec<(Vec<u8>, Vec<u8>)>) -> Vec<Parameter> {
    let mut plain = Vec::new();
    let mut pieces: BTreeMap<String, Vec<Piece>> = BTreeMap::new();
    for (name, octets) in written {
        let name = String::from_utf8_lossy(&name).into_owned();
        match marks(&name) {
            Some((base, place, encoded)) => {
                let of_name = pieces.entry(base.to_owned()).or_default();
                of_name.push((place, encoded, octets));
            }
            None => plain.push(Parameter {
                name,
                octets,
                charset: Named::Unmarked,
            }),
        }
    }
    let mut parameters: Vec<Parameter> = pieces
        .into_iter()
        .map(|(name, pieces)| from_pieces(name, pieces))
        .collect();
    parameters.append(&mut plain);
    parameters
}

/// The marks of RFC 2231 in a name: `name*`, `name*0`, `name*0*`.
fn marks(name: &str) -> Option<(&str, u32, bool)> {
    let (base, place) = name.split_once('*')?;
    match place.strip_suffix('*') {
        Some(place) => Some((base, place.trim().parse().ok()?, true)),
        None if place.trim().is_empty() => Some((base, 0, true)),
        None => Some((base, place.trim().parse().ok()?, false)),
    }
}

fn from_pieces(name: String, mut pieces: Vec<Piece>) -> Parameter {
    pieces.sort_by_key(|(place, _, _)| *place);
    // Written twice: one of them, or the value would be neither.
    pieces.dedup_by_key(|(place, _, _)| *place);
    let mut charset = Named::Unmarked;
    let mut octets = Vec::new();
    for (nth, (_, encoded, piece)) in pieces.iter().enumerate() {
        let mut piece = &**piece;
        // Section 4: the charset and the language stand in front of the first piece.
        if nth == 0
            && *encoded
            && let Some((label, rest)) = split_once(piece)
            && let Some((_, text)) = split_once(rest)
        {
            charset = Named::Label(String::from_utf8_lossy(label).into_owned());
            piece = text;
        }
        match encoded {
            true => unescape(piece, b'%', &mut octets),
            false => octets.extend_from_slice(piece),
        }
    }
    Parameter {
        name,
        octets,
        charset,
    }
}

fn split_once(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(b'\'', octets)?;
    Some((octets.get(..at)?, octets.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> (String, Vec<(String, String)>) {
        let found = parse(raw.as_bytes());
        let pair = |parameter: Parameter| (parameter.name.clone(), parameter.text());
        (
            found.value,
            found.parameters.into_iter().map(pair).collect(),
        )
    }

    fn one(raw: &str) -> String {
        let (_, mut parameters) = read(raw);
        assert_eq!(parameters.len(), 1, "{raw}");
        parameters.remove(0).1
    }

    #[test]
    fn values_and_parameters_are_read() {
        assert_eq!(
            read(" Text/ HTML (a; page); Charset = \"UTF-8\";\r\n\tformat=flowed"),
            (
                "text/html".to_owned(),
                vec![
                    ("charset".to_owned(), "UTF-8".to_owned()),
                    ("format".to_owned(), "flowed".to_owned())
                ]
            )
        );
        let nested = "text/html (a (page) of (two)); charset=UTF-8";
        assert_eq!(read(nested).0, "text/html");
        assert_eq!(one(nested), "UTF-8");
        assert_eq!(read("inline"), ("inline".to_owned(), vec![]));
        assert_eq!(read(""), (String::new(), vec![]));
        assert_eq!(read(";;"), (String::new(), vec![]));
    }

    #[test]
    fn what_is_written_carelessly_is_read() {
        let charset = |raw| {
            let (value, parameters) = read(raw);
            assert_eq!(value, "text/html", "{raw}");
            let (_, text) = parameters
                .into_iter()
                .find(|(name, _)| name == "charset")
                .unwrap();
            text
        };
        assert_eq!(charset("text/html charset=utf-8"), "utf-8");
        assert_eq!(charset("text/html; charset=utf-8 format=flowed"), "utf-8");
        assert_eq!(charset("text/html; x=\"a;b\" charset=utf-8"), "utf-8");
        assert_eq!(charset("text/html; charset=utf-8 (so it is)"), "utf-8");
        assert_eq!(charset("text/html; charset=\"utf-8"), "utf-8");
        assert_eq!(
            one("attachment; filename=your order.html"),
            "your order.html"
        );
        assert_eq!(one(r#"x; name="a \"b\" (c)""#), "a \"b\" (c)");
    }

    #[test]
    fn pieces_are_put_together() {
        assert_eq!(
            one("x; name*1=\"tl\"; name*0=\"page.h\"; name*2=x"),
            "page.htlx"
        );
        assert_eq!(one("x; name*=UTF-8'de'B%C3%BCro.html"), "Büro.html");
        assert_eq!(
            one("x; name*0*=iso-8859-1''B%FC; name*1=ro%; name*2*=%2Ehtml"),
            "Büro%.html"
        );
        assert_eq!(one("x; name*=windows-31j''%83A%83%7D"), "アマ");
        assert_eq!(one("x; name*=page%2Ehtml"), "page.html");
        assert_eq!(one("x; name*0=a; name*0=b"), "a");
    }

    #[test]
    fn encoded_words_are_decoded() {
        assert_eq!(one("x; name=\"=?utf-8?B?QsO8cm8uaHRtbA==?=\""), "Büro.html");
        assert_eq!(
            one("x; name==?utf-8?Q?B=C3=BC?=\r\n =?utf-8?Q?ro.html?="),
            "Büro.html"
        );
        assert_eq!(
            one("x; name*0=\"=?utf-8?Q?B=C3\"; name*1=\"=BCro.html?=\""),
            "Büro.html"
        );
    }

    #[test]
    fn a_boundary_keeps_its_octets() {
        let found = parse(b"multipart/mixed; boundary=\"\xff=?utf-8?Q?x?=\"");
        assert_eq!(found.get("boundary").unwrap().octets, b"\xff=?utf-8?Q?x?=");
    }
}
