//! The tokens of a page, as browsers cut them (HTML section 13.2.5).
//!
//! Nothing is copied that needn't be: most texts are stretches of the page. Each octet is looked at once, and a few
//! octets again where a reference or an end tag might have begun.

use super::{
    element::{StartTag, push_name},
    known_tags::KnownTags,
    references,
    source::{Source, is_blank, without_nul},
};
use crate::mail::visible_text::with_line_feeds;
use std::borrow::Cow;

/// What a page consists of.
#[derive(Debug)]
pub(crate) enum Token<'t> {
    /// Text between two of the others, its references read.
    Text(&'t str),
    Start(&'t StartTag),
    /// The name of an end tag.
    End(&'t str),
    Comment(Cow<'t, str>),
}

/// A page, and how far it is read.
pub(crate) struct Tokenizer<'h> {
    html: Source<'h>,
    at: usize,
    content: Content,
    tags: KnownTags<'h>,
    end_name: String,
    /// Text that isn't a stretch of the page.
    text: String,
}

/// What stands behind a tag, by its name alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Markup,
    /// Text with references.
    Escapable,
    /// Text without.
    Raw,
    /// Text whose end depends on comments in it.
    Script,
    /// Text to the end of the page.
    Plain,
}

/// What was read where no text is.
enum Markup<'h> {
    Start,
    End,
    Comment(&'h str),
    /// It says nothing to a reader.
    Doctype,
}

/// A page with line feeds alone, as the tokenizer wants it (HTML section 13.2.3.5).
pub(crate) fn preprocessed(html: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', html.as_bytes()).is_none() {
        return Cow::Borrowed(html);
    }
    let html = with_line_feeds(html);
    Cow::Owned(match memchr::memchr(b'\r', html.as_bytes()) {
        Some(_) => html.replace('\r', "\n"),
        None => html,
    })
}

impl<'h> Tokenizer<'h> {
    /// `html`: preprocessed.
    pub(crate) fn new(html: &'h str) -> Self {
        Self {
            html: Source(html),
            at: 0,
            content: Content::Markup,
            tags: KnownTags::default(),
            end_name: String::new(),
            text: String::new(),
        }
    }

    pub(crate) fn next(&mut self) -> Option<Token<'_>> {
        loop {
            self.text.clear();
            let last = match std::mem::replace(&mut self.content, Content::Markup) {
                Content::Markup => self.text(),
                content => self.text_of(content),
            };
            if !self.text.is_empty() {
                self.text.push_str(last);
                return Some(Token::Text(&self.text));
            }
            if !last.is_empty() {
                return Some(Token::Text(last));
            }
            match self.markup()? {
                Markup::Start => return Some(Token::Start(self.tags.last())),
                Markup::End => return Some(Token::End(&self.end_name)),
                Markup::Comment(comment) => return Some(Token::Comment(without_nul(comment))),
                Markup::Doctype => {}
            }
        }
    }

    /// Reads text up to where a tag or a comment begins. What isn't returned is in `self.text`.
    fn text(&mut self) -> &'h str {
        let mut from = self.at;
        while let Some(octet) = self.html.octet(self.at) {
            match (
                octet,
                self.html.octet(self.at + 1),
                self.html.octet(self.at + 2),
            ) {
                // An end tag without a name is nothing at all.
                (b'<', Some(b'/'), Some(b'>')) => {
                    self.text.push_str(self.html.slice(from..self.at));
                    self.at += "</>".len();
                    from = self.at;
                }
                (b'<', Some(b'/'), Some(_))
                | (b'<', Some(b'a'..=b'z' | b'A'..=b'Z' | b'!' | b'?'), _) => break,
                (b'&', Some(_), _) => {
                    let before = self.html.slice(from..self.at);
                    let text = &mut self.text;
                    let rest = self.html.from(self.at);
                    let length = references::read(rest, false, |meaning| {
                        text.push_str(before);
                        text.push_str(meaning);
                    });
                    self.at += length.unwrap_or(1);
                    if length.is_some() {
                        from = self.at;
                    }
                }
                _ => {
                    let behind = self.html.octets(self.at + 1);
                    let next = memchr::memchr2(b'<', b'&', behind);
                    self.at = next.map_or(self.html.len(), |next| self.at + 1 + next);
                }
            }
        }
        self.html.slice(from..self.at)
    }

    /// The same of text in which no tag is one but the end tag of its element.
    fn text_of(&mut self, content: Content) -> &'h str {
        let rest = self.html.from(self.at);
        let length = match content {
            Content::Plain => rest.len(),
            Content::Script => script_length(rest),
            _ => {
                let mut places = memchr::memchr_iter(b'<', rest.as_bytes());
                let end = places.find(|at| is_tag(rest, *at, "/", &self.tags.last().name));
                end.unwrap_or(rest.len())
            }
        };
        self.at += length;
        let text = without_nul(rest.get(..length).unwrap_or_default());
        let text = match content {
            Content::Escapable => references::without(text, false),
            _ => text,
        };
        match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => {
                self.text = text;
                ""
            }
        }
    }

    /// A tag, a comment or a document type. `None` where the page ends, in the middle of a tag too.
    fn markup(&mut self) -> Option<Markup<'h>> {
        let octets = self.html.octets(self.at);
        match octets {
            [b'<', b'a'..=b'z' | b'A'..=b'Z', ..] => return self.start_tag(),
            [b'<', b'/', b'a'..=b'z' | b'A'..=b'Z', ..] => return self.end_tag(),
            [b'<', b'!', b'-', b'-', ..] => return Some(self.comment()),
            _ => {}
        }
        // What stands for nothing else is a comment, up to the next ">".
        let begins = self.at + if octets.get(1)? == &b'?' { 1 } else { 2 };
        let length = memchr::memchr(b'>', octets).unwrap_or(octets.len());
        let comment = self.html.slice(begins..self.at + length);
        self.at = self.html.len().min(self.at + length + 1);
        let doctype = octets.get(2..9).unwrap_or_default();
        Some(match doctype.eq_ignore_ascii_case(b"doctype") {
            true => Markup::Doctype,
            false => Markup::Comment(comment),
        })
    }

    fn comment(&mut self) -> Markup<'h> {
        let rest = self.html.from(self.at + "<!--".len());
        let (length, end) = comment_length(rest);
        self.at += "<!--".len() + length + end;
        Markup::Comment(rest.get(..length).unwrap_or_default())
    }

    /// A start tag, which is read where it isn't known.
    fn start_tag(&mut self) -> Option<Markup<'h>> {
        let (html, start) = (self.html, self.at);
        let length = match self.tags.find(html.from(start)) {
            Some(length) => length,
            None => self.tags.add(|tag| {
                let end = html.start_tag(start + "<".len(), tag)?;
                Some(html.slice(start..end))
            })?,
        };
        self.at = start + length;
        self.content = content_of(&self.tags.last().name);
        Some(Markup::Start)
    }

    /// An end tag. Its attributes say nothing.
    fn end_tag(&mut self) -> Option<Markup<'h>> {
        let start = self.at + "</".len();
        let name = self.html.tag_name(start);
        self.end_name.clear();
        push_name(&mut self.end_name, name);
        self.at = self.html.tag_end(start + name.len(), None)?;
        Some(Markup::End)
    }
}

/// What stands in an element, as far as its name tells. Mail programs run no scripts, and show what `<noscript>`
/// has in the place of one.
fn content_of(name: &str) -> Content {
    match name {
        "textarea" | "title" => Content::Escapable,
        "style" | "iframe" | "xmp" | "noembed" | "noframes" => Content::Raw,
        "script" => Content::Script,
        "plaintext" => Content::Plain,
        _ => Content::Markup,
    }
}

/// Whether `<`, `slash` and the name stand at a place, and end there as the name of a tag does.
fn is_tag(text: &str, at: usize, slash: &str, name: &str) -> bool {
    let rest = text.as_bytes().get(at + 1..).unwrap_or_default();
    let Some(rest) = rest.strip_prefix(slash.as_bytes()) else {
        return false;
    };
    let found = rest.get(..name.len()).unwrap_or_default();
    let next = rest.get(name.len());
    found.eq_ignore_ascii_case(name.as_bytes())
        && next.is_some_and(|next| is_blank(*next) || matches!(next, b'/' | b'>'))
}

/// The length of a comment's text, and of what ends it. `rest`: what stands behind `<!--`.
fn comment_length(rest: &str) -> (usize, usize) {
    for abrupt in [">", "->"] {
        if rest.starts_with(abrupt) {
            return (0, abrupt.len());
        }
    }
    for at in memchr::memchr_iter(b'>', rest.as_bytes()) {
        let before = rest.get(..at).unwrap_or_default();
        for end in ["--", "--!"] {
            if before.ends_with(end) {
                return (at - end.len(), end.len() + 1);
            }
        }
    }
    // Where the page ends, so does the comment, without what could have been a part of its end.
    let end = ["--!", "--", "-"].iter().find(|end| rest.ends_with(**end));
    let end = end.map_or(0, |end| end.len());
    (rest.len() - end, end)
}

/// The length of a script, up to its end tag. In a comment in it, a script within the script keeps the end tag of the
/// outer one from being seen (HTML section 13.2.5.15 and on).
fn script_length(text: &str) -> usize {
    enum Within {
        Script,
        Comment,
        Inner,
    }
    let mut within = Within::Script;
    let mut comment = 0;
    for at in memchr::memchr2_iter(b'<', b'>', text.as_bytes()) {
        let is_close = text.as_bytes().get(at) == Some(&b'>');
        match within {
            // The dashes that begin a comment may end it as well.
            Within::Comment | Within::Inner if is_close => {
                let body = text.get(comment..at).unwrap_or_default();
                if body.ends_with("--") {
                    within = Within::Script;
                }
            }
            _ if is_close => {}
            Within::Script | Within::Comment if is_tag(text, at, "/", "script") => return at,
            Within::Script => {
                let rest = text.get(at..).unwrap_or_default();
                if rest.starts_with("<!--") {
                    (within, comment) = (Within::Comment, at + "<!".len());
                }
            }
            Within::Comment if is_tag(text, at, "", "script") => within = Within::Inner,
            Within::Inner if is_tag(text, at, "/", "script") => within = Within::Comment,
            Within::Comment | Within::Inner => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests;
