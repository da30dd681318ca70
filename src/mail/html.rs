//! A page as a person sees it: text without style, script, comments and what is hidden; links, forms
//! and input fields with what they show.
//!
//! Only the tokens are read, no tree is built: tree builders take quadratic time on nested tags. What
//! of the tree matters (hidden, quoted, preformatted) is kept on a stack of bounded depth.

mod element;
mod open_elements;
mod references;
mod source;
mod tokens;

use crate::mail::visible_text::{Page, prefix};
use element::{Look, StartTag, attribute, is_block, is_void, look_of};
use html5gum::Tokenizer;
use open_elements::Stack;
use source::Source;
use std::borrow::Cow;
use tokens::Feed;

pub(crate) struct Reader {
    page: Page,
    stack: Stack,
    /// The link whose text is being read.
    link: Option<usize>,
    /// Where the `<blockquote>` that is being read began.
    block: Option<usize>,
    base: Option<String>,
    pending_space: bool,
}

/// Reads a page.
pub(crate) fn read(html: &str) -> Page {
    let mut reader = Reader::new();
    reader.feed(html, false);
    reader.finish()
}

/// A target that only the base address completes. `www.shop.example` is one to a browser too; it is
/// not to mail programs, and is left alone.
fn is_relative(target: &str) -> bool {
    let head = target.split(['/', '?', '#']).next().unwrap_or_default();
    !target.starts_with(['#', '/', '\\']) && !head.contains([':', '.'])
        || target.starts_with('/') && !target.starts_with("//")
}

/// Makes the tables now, and not when they are first needed.
pub(crate) fn prepare() {
    references::prepare();
}

impl Reader {
    fn new() -> Self {
        Self {
            page: Page::default(),
            stack: Stack::default(),
            link: None,
            block: None,
            base: None,
            pending_space: false,
        }
    }

    fn finish(mut self) -> Page {
        self.set_block(false);
        let Self { mut page, base, .. } = self;
        if let Some(base) = base {
            for link in &mut page.links {
                if is_relative(&link.target) {
                    link.target = base.clone();
                }
            }
        }
        page
    }

    pub(crate) fn comment(&mut self, comment: &str) {
        if comment.trim_start().starts_with("[if") {
            let link = self.link.take();
            self.feed(comment, true);
            self.link = link;
        }
    }

    /// `conditional`: the content of a comment that only Outlook shows. Its links lead somewhere, its
    /// tags belong to no tree.
    fn feed(&mut self, html: &str, conditional: bool) {
        let feed = Feed::new(self, conditional);
        let Ok(()) = Tokenizer::new_with_emitter(Source::new(html), feed).finish();
    }

    pub(crate) fn start(&mut self, tag: &StartTag) {
        let name: &[u8] = &tag.name;
        if is_block(name) {
            self.stack.close_innermost(b"p");
            self.break_text("\n\n");
        } else if name == b"br" {
            self.break_text("\n");
        }
        // End tags that may be left out (HTML section 13.1.2.4).
        if matches!(
            name,
            b"li" | b"td" | b"th" | b"tr" | b"option" | b"dt" | b"dd"
        ) {
            self.stack.close_innermost(name);
        }
        let outer = self.stack.look();
        let asked = tag.asked();
        let mut look = look_of(name, &asked, outer);
        look.set_off |= name == b"blockquote";
        let childless = is_void(name) || tag.self_closing && name.contains(&b':');
        if !childless {
            self.page.cut |= !self.stack.open(name, look);
        }
        self.set_block(self.stack.look().set_off || look.set_off);
        self.link_of(tag);
        match name {
            b"input" => self.input(tag, look),
            b"textarea" | b"select" => self.page.add_field(false, &labels(tag)),
            b"img" if look.is_seen() => {
                if let (Some(link), Some(alt)) = (self.link, attribute(tag, "alt")) {
                    self.page.add_label(link, &alt);
                }
            }
            _ => {}
        }
    }

    /// What the tag leads to, if anything.
    pub(crate) fn link_of(&mut self, tag: &StartTag) {
        let target = |name| {
            let target = attribute(tag, name).filter(|target| !target.trim().is_empty());
            target.map(Cow::into_owned)
        };
        let name: &[u8] = &tag.name;
        match name {
            b"a" => {
                self.link = None;
                if let Some(href) = target("href").or_else(|| target("xlink:href")) {
                    self.link = self.page.add_link(href, String::new());
                }
            }
            b"area" => {
                if let Some(href) = target("href") {
                    let alt = attribute(tag, "alt").unwrap_or_default();
                    self.page.add_link(href, prefix(&alt, 600).to_owned());
                }
            }
            b"form" => self.add(target("action")),
            b"button" | b"input" => self.add(target("formaction")),
            b"iframe" | b"embed" => self.add(target("src")),
            b"object" => self.add(target("data")),
            // The first one counts (HTML section 4.2.3).
            b"base" if self.base.is_none() => {
                self.base = target("href");
                self.add(self.base.clone());
            }
            b"meta" => {
                let refresh = attribute(tag, "http-equiv")
                    .is_some_and(|value| value.trim().eq_ignore_ascii_case("refresh"));
                if refresh {
                    self.add(target("content").as_deref().and_then(refresh_target));
                }
            }
            // Outlook's drawn buttons (<v:roundrect href=...>).
            _ if name.starts_with(b"v:") => self.add(target("href")),
            _ => {}
        }
    }

    fn add(&mut self, target: Option<String>) {
        if let Some(target) = target {
            self.page.add_link(target, String::new());
        }
    }

    fn input(&mut self, tag: &StartTag, look: Look) {
        let kind = attribute(tag, "type")
            .unwrap_or_default()
            .to_ascii_lowercase();
        match kind.trim() {
            "hidden" => {}
            "submit" | "button" | "reset" | "image" => {
                if look.is_seen() {
                    let label = attribute(tag, "value").unwrap_or_default();
                    self.text(&label);
                }
            }
            "password" => self.page.add_field(true, &labels(tag)),
            _ => self.page.add_field(false, &labels(tag)),
        }
    }

    pub(crate) fn end(&mut self, name: &[u8]) {
        if is_block(name) {
            self.break_text("\n\n");
        }
        if name == b"a" {
            self.link = None;
        }
        if self.stack.close(name) {
            self.set_block(self.stack.look().set_off);
        }
    }

    fn set_block(&mut self, set_off: bool) {
        let at = self.page.text.len();
        match (self.block, set_off) {
            (None, true) => self.block = Some(at),
            (Some(start), false) => {
                self.page.blocks.push(start..at);
                self.block = None;
            }
            _ => {}
        }
        self.page.in_block = self.block.is_some();
    }

    pub(crate) fn text(&mut self, text: &str) {
        let look = self.stack.look();
        if !look.is_seen() {
            return;
        }
        let start = self.page.text.len();
        match look.preformatted {
            true => self.write(text),
            false => self.words(text),
        }
        let end = self.page.text.len();
        if look.is_faint() && start < end {
            self.page.add_faint(start..end);
        }
    }

    /// Writes text as it flows.
    fn words(&mut self, text: &str) {
        let mut rest = text;
        loop {
            let words = rest.trim_ascii_start();
            // Text between two tags that begins or ends in a blank keeps it apart from its neighbour.
            self.pending_space |= words.len() < rest.len();
            if words.is_empty() {
                return;
            }
            // Where a link's own text is cut, each word is counted by itself.
            let fits = |link| self.page.takes(link, words.len() + 1);
            let several = self.link.is_none_or(fits);
            let (words, behind) = words.split_at(words_length(words, several));
            let text = &self.page.text;
            if self.pending_space && !text.is_empty() && !text.ends_with('\n') {
                self.write(" ");
            }
            self.pending_space = false;
            self.write(words);
            rest = behind;
        }
    }

    fn write(&mut self, text: &str) {
        self.page.text.push_str(text);
        if let Some(link) = self.link {
            self.page.add_label(link, text);
        }
    }

    fn break_text(&mut self, lines: &str) {
        self.pending_space = false;
        let text = &self.page.text;
        if text.is_empty() || text.ends_with("\n\n") {
            return;
        }
        let lines = match text.ends_with('\n') && lines.len() > 1 {
            true => "\n",
            false => lines,
        };
        self.page.text.push_str(lines);
        if let Some(link) = self.link {
            self.page.add_label(link, " ");
        }
    }
}

/// The octets of the word at the beginning of `text`; or of `several`, with one space between them.
fn words_length(text: &str, several: bool) -> usize {
    let bytes = text.as_bytes();
    let is_blank = |at: usize| bytes.get(at).is_none_or(u8::is_ascii_whitespace);
    let mut at = 0;
    loop {
        if !is_blank(at) {
            at += 1;
        } else if several && bytes.get(at) == Some(&b' ') && !is_blank(at + 1) {
            at += 2;
        } else {
            return at;
        }
    }
}

/// All words that say what a field is for.
fn labels(tag: &StartTag) -> String {
    [
        "name",
        "id",
        "placeholder",
        "autocomplete",
        "aria-label",
        "title",
    ]
    .iter()
    .filter_map(|name| attribute(tag, name))
    .fold(String::new(), |all, one| all + prefix(&one, 80) + "\n")
}

fn refresh_target(content: &str) -> Option<String> {
    let (_, rest) = content.split_once([';', ','])?;
    let rest = rest.trim_start();
    let rest = match rest.get(..3) {
        Some(head) if head.eq_ignore_ascii_case("url") => rest
            .get(3..)
            .unwrap_or_default()
            .trim_start()
            .trim_start_matches('='),
        _ => rest,
    };
    Some(rest.trim().trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use html5gum::{DefaultEmitter, Token};
    use proptest::{collection::vec, prelude::*, sample::select};

    /// The same from the library's own tokens.
    fn token_by_token(html: &str) -> Page {
        let mut reader = Reader::new();
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(found) => {
                    let mut tag = StartTag::default();
                    tag.name.extend_from_slice(&found.name);
                    for (name, value) in &found.attributes {
                        tag.add_attribute();
                        tag.extend_attribute(name);
                        tag.extend_value(value);
                    }
                    tag.self_closing = found.self_closing;
                    reader.start(&tag);
                }
                Token::EndTag(tag) => reader.end(&tag.name),
                Token::String(text) => reader.text(&String::from_utf8_lossy(&text)),
                Token::Comment(comment) => reader.comment(&String::from_utf8_lossy(&comment)),
                _ => {}
            }
        }
        reader.finish()
    }

    fn pages() -> impl Strategy<Value = String> {
        let bits = vec![
            "<a href='u'>",
            "<a HREF=\"v\" href=w>",
            "<a href>",
            "</a>",
            "</a id=x>",
            "<p style='display:none'>",
            "</p>",
            "<blockquote type=cite>",
            "</blockquote>",
            "<div style='color:#FFF'>",
            "</div>",
            "<br/>",
            "<p a=&amp;b c='&quot;d'>",
            "<v:x href=q />",
            "<input type=password name=pin>",
            "<input value",
            "=",
            "'",
            "\"",
            ">",
            "<",
            "</",
            "&amp;",
            "&lt;",
            "&quot;",
            "&nbsp;",
            "&#x430;",
            "&eur",
            "&",
            "&hellip;",
            "&notin;",
            "&not",
            "&Tab;",
            "&NewLine;",
            "&NotEqualTilde;",
            "=",
            ";",
            "\0",
            "\r",
            "\r\n",
            "<style>",
            "</style>",
            "<textarea>",
            "</textarea>",
            "<title>",
            "<!--[if mso]><a href=o>x<![endif]-->",
            "<!-- ",
            "-->",
            "<!doctype html>",
            "<base href='/b'>",
            "<img alt='seen' alt=not>",
            "word",
            "two words",
            " ",
            "é",
        ];
        vec(select(bits), 0..40).prop_map(|bits| bits.concat())
    }

    #[test]
    fn every_reference_is_read_as_the_library_reads_it() {
        for name in references::names() {
            for behind in ["", ";", "=", "x", " ", "&", "<b>"] {
                let html = format!("<a href='&{name}{behind}'>&{name}{behind}</a>&{name}");
                let expected = token_by_token(&html);
                assert_eq!(
                    format!("{:?}", read(&html)),
                    format!("{expected:?}"),
                    "{html}"
                );
            }
        }
    }

    #[test]
    fn a_links_text_is_cut_word_by_word() {
        // There is no room for the second word, but for the blank behind it.
        let page = read(&format!("<a href=u>{} é z</a>", "x".repeat(598)));
        let label = page
            .links
            .first()
            .map(|link| link.label.trim_start_matches('x'));
        assert_eq!(label, Some("  "));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_500))]

        #[test]
        fn a_page_is_read_as_by_its_tokens(html in pages()) {
            let read = read(&html);
            prop_assert_eq!(format!("{read:?}"), format!("{:?}", token_by_token(&html)));
        }
    }
}
