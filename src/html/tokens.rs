//! What hands the tokens of a page to its reader.

use crate::html::{
    Reader,
    element::{StartTag, as_text},
};
use html5gum::{Emitter, Error, State, naive_next_state};
use std::convert::Infallible;

/// Collects what the tokenizer reads. The library has such things of its own; they copy each name and
/// value once more.
pub(crate) struct Feed<'r> {
    reader: &'r mut Reader,
    /// Of the content of a comment that only Outlook shows, nothing but links is read.
    conditional: bool,
    /// What stands between two tags, as far as it is read.
    text: Vec<u8>,
    comment: Vec<u8>,
    tag: StartTag,
    end_name: Vec<u8>,
    /// The tag that is being read is an end tag, and what it has of attributes nobody's.
    is_end: bool,
    /// No end tag has come since the last start tag.
    within: bool,
}

impl<'r> Feed<'r> {
    pub(crate) fn new(reader: &'r mut Reader, conditional: bool) -> Self {
        Self {
            reader,
            conditional,
            text: Vec::new(),
            comment: Vec::new(),
            tag: StartTag::default(),
            end_name: Vec::new(),
            is_end: false,
            within: false,
        }
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            match self.conditional {
                false => self.reader.text(&as_text(&self.text)),
                true if self.is_words() => self.reader.outlook_text(&as_text(&self.text)),
                true => {}
            }
        }
        self.text.clear();
    }

    /// Whether what stands in a conditional comment is text for a reader, and none for Outlook.
    fn is_words(&self) -> bool {
        let name = &*self.tag.name;
        let is_code =
            matches!(name, b"style" | b"script" | b"title" | b"xml") || name.contains(&b':');
        !(self.within && is_code)
    }

    /// What the text behind the tag is, by its name alone. Without it, the text of <style> and <script>
    /// would be read as tags.
    fn next_state(&self) -> Option<State> {
        // Mail programs run no scripts, and show what stands in for them.
        let is_tags = self.tag.name == b"noscript";
        (self.within && !is_tags).then(|| naive_next_state(&self.tag.name))?
    }
}

impl Emitter for Feed<'_> {
    type Token = Infallible;

    fn set_last_start_tag(&mut self, _: Option<&[u8]>) {}

    fn emit_eof(&mut self) {
        self.end_text();
    }

    fn emit_error(&mut self, _: Error) {}

    /// Nobody asks for them, and they take time.
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_string(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
    }

    fn init_start_tag(&mut self) {
        self.is_end = false;
        self.tag.open();
    }

    fn init_end_tag(&mut self) {
        self.is_end = true;
        self.end_name.clear();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.end_text();
        self.within = !self.is_end;
        match (self.is_end, self.conditional) {
            (true, true) => {}
            (true, false) => self.reader.end(&self.end_name),
            (false, true) => self.reader.link_of(&self.tag),
            (false, false) => self.reader.start(&self.tag),
        }
        self.next_state()
    }

    fn init_comment(&mut self) {
        self.end_text();
        self.comment.clear();
    }

    fn push_comment(&mut self, text: &[u8]) {
        self.comment.extend_from_slice(text);
    }

    fn emit_current_comment(&mut self) {
        if !self.conditional {
            self.reader.comment(&as_text(&self.comment));
        }
    }

    fn set_self_closing(&mut self) {
        self.tag.self_closing = true;
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        match self.is_end {
            true => &mut self.end_name,
            false => &mut self.tag.name,
        }
        .extend_from_slice(name);
    }

    fn init_attribute(&mut self) {
        self.tag.add_attribute();
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        self.tag.extend_attribute(name);
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        self.tag.extend_value(value);
    }

    /// Whether the end tag ends a text that holds no tags.
    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.within && self.is_end && self.tag.name == self.end_name
    }

    fn init_doctype(&mut self) {
        self.end_text();
    }

    fn emit_current_doctype(&mut self) {}
    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn set_force_quirks(&mut self) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}
}
