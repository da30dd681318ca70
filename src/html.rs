//! A page as a person sees it: text without style, script, comments and what is hidden; links, forms
//! and input fields with what they show.
//!
//! Only the tokens are read, no tree is built: tree builders take quadratic time on nested tags. What
//! of the tree matters (hidden, quoted, preformatted) is kept on a stack of bounded depth.

mod declaration;
mod element;
mod inline_styles;
mod known_looks;
mod known_tags;
mod look;
mod open_elements;
mod references;
mod scan;
mod selector;
mod sheet;
mod source;
mod tokenizer;
mod value;
mod writer;

use crate::mail::visible_text::{Pages, prefix};
use element::{StartTag, is_block, is_void};
use inline_styles::InlineStyles;
use known_looks::KnownLooks;
use look::{Look, has_no_room, look_of, plain_look};
use open_elements::{Closed, Stack};
use sheet::{Cascade, Sheet};
use tokenizer::{Token, Tokenizer, preprocessed};
use writer::Writer;

pub(crate) struct Reader {
    /// What is seen in most programs.
    seen: Writer,
    /// All text, from where the first was hidden.
    all: Option<Writer>,
    /// What is seen in every program, from where that first differed.
    sure: Option<Writer>,
    sheet: Sheet,
    /// The sheet is whole, and its text is passed over.
    is_sheet_read: bool,
    /// Something stood before a part of the sheet.
    is_sheet_late: bool,
    /// The sheet whose text is being read, and whether it holds on a screen.
    style: Option<bool>,
    styles: InlineStyles,
    looks: KnownLooks,
    stack: Stack,
    keys: Vec<u64>,
    base: Option<String>,
}

/// Reads a page.
pub(crate) fn read(html: &str) -> Pages {
    let html = preprocessed(html);
    let mut reader = Reader::new();
    reader.page(&html);
    if reader.is_sheet_late {
        // What it says of the text before it is known only now.
        reader = Reader {
            sheet: reader.sheet,
            is_sheet_read: true,
            ..Reader::new()
        };
        reader.page(&html);
    }
    reader.finish()
}

/// The text of a page as a person sees it: one line feed ends a line, two a paragraph. Letters are in the
/// order in which they are read. Total, and linear in the length of the page.
pub fn visible_text(html: &str) -> String {
    read(html).seen.text
}

/// Makes the tables now, and not when they are first needed.
pub(crate) fn prepare() {
    references::prepare();
}

impl Reader {
    fn new() -> Self {
        Self {
            seen: Writer::default(),
            all: None,
            sure: None,
            sheet: Sheet::default(),
            is_sheet_read: false,
            is_sheet_late: false,
            style: None,
            styles: InlineStyles::default(),
            looks: KnownLooks::default(),
            stack: Stack::default(),
            keys: Vec::new(),
            base: None,
        }
    }

    fn finish(self) -> Pages {
        let Self {
            mut seen,
            all,
            sure,
            sheet,
            base,
            ..
        } = self;
        seen.page().cut |= sheet.cut;
        let others = [all, sure].into_iter().flatten();
        Pages {
            others: others
                .map(|writer| writer.finish(base.as_deref()))
                .collect(),
            seen: seen.finish(base.as_deref()),
        }
    }

    #[inline]
    fn each(&mut self, mut work: impl FnMut(&mut Writer)) {
        work(&mut self.seen);
        if let Some(all) = &mut self.all {
            work(all);
        }
        if let Some(sure) = &mut self.sure {
            work(sure);
        }
    }

    /// Begins or ends what is set off as a quote is.
    fn set_block(&mut self, set_off: bool) {
        if self.seen.page().in_block != set_off {
            self.each(|writer| writer.set_block(set_off));
        }
    }

    fn close_orders(&mut self, count: usize) {
        if count > 0 {
            self.each(|writer| writer.close_orders(count));
        }
    }

    /// The reading of all text.
    fn all(&mut self) -> &mut Writer {
        self.all.get_or_insert_with(|| self.seen.clone())
    }

    /// What Outlook alone shows is hidden from most. Its links lead somewhere all the same.
    pub(crate) fn comment(&mut self, comment: &str) {
        let comment = comment.trim_start();
        if !comment.starts_with("[if") {
            return;
        }
        if let Some((_, content)) = comment.split_once("]>") {
            let content = content.trim_end().trim_end_matches("<![endif]");
            self.outlook(content);
            self.each(Writer::close_link);
        }
    }

    fn page(&mut self, html: &str) {
        let mut tokens = Tokenizer::new(html);
        while let Some(token) = tokens.next() {
            match token {
                Token::Text(text) => self.text(text),
                Token::Start(tag) => self.start(tag),
                Token::End(name) => self.end(name),
                Token::Comment(comment) => self.comment(&comment),
            }
        }
    }

    /// Reads the content of a comment that only Outlook shows. Its links lead somewhere, its tags belong to no tree.
    fn outlook(&mut self, html: &str) {
        let mut tokens = Tokenizer::new(html);
        // Whether the text is one for a reader, and none for Outlook.
        let mut is_words = true;
        while let Some(token) = tokens.next() {
            match token {
                Token::Text(text) if is_words => self.outlook_text(text),
                Token::Start(tag) => {
                    self.link_of(tag);
                    let name: &str = &tag.name;
                    is_words = !matches!(name, "style" | "script" | "title" | "xml")
                        && !name.contains(':');
                }
                Token::End(_) => is_words = true,
                Token::Text(_) | Token::Comment(_) => {}
            }
        }
    }

    pub(crate) fn start(&mut self, tag: &StartTag) {
        let name: &str = &tag.name;
        let mut closed = Closed::default();
        if is_block(name) {
            closed = self.stack.close_innermost("p");
        }
        // End tags that may be left out (HTML section 13.1.2.4).
        if matches!(
            name.as_bytes(),
            b"li" | b"td" | b"th" | b"tr" | b"option" | b"dt" | b"dd"
        ) {
            closed = self.stack.close_innermost(name);
        }
        self.close_orders(closed.directed);
        let look = self.look(tag);
        if name == "br" {
            let is_gone = look.is_gone;
            self.break_text("\n", !is_gone);
        } else if is_block(name) || look.is_block() {
            self.break_text("\n\n", look.is_block());
        }
        let childless = is_void(name) || tag.self_closing && name.contains(':');
        if !childless {
            // It is open before the sheet in its head is read.
            let is_page = name == "html";
            if is_page {
                sheet::keys(name, &tag.asked(), &mut self.keys);
            }
            let asks = self.sheet.looks_around || is_page;
            let keys = if asks { &*self.keys } else { &[] };
            let opened = self.stack.open(name, look, keys);
            self.seen.page().cut |= !opened;
            if let Some(order) = look.order.filter(|_| opened) {
                self.each(|writer| writer.open_order(order));
            }
        }
        let set_off = self.stack.look().set_off || look.set_off;
        self.set_block(set_off);
        self.link_of(tag);
        match name.as_bytes() {
            b"style" => self.style = Some(sheet_holds(tag)),
            b"input" => self.input(tag, look),
            b"textarea" | b"select" => self.add_field(false, &labels(tag)),
            b"img" => self.picture(tag, look),
            _ => {}
        }
    }

    fn look(&mut self, tag: &StartTag) -> Look {
        let outer = self.stack.look();
        if self.sheet.looks_around || tag.number == 0 {
            return self.look_in(tag, &outer);
        }
        let mut looks = std::mem::take(&mut self.looks);
        let rules = self.sheet.selectors();
        let look = looks.find(tag.number, rules, &outer, || self.look_in(tag, &outer));
        self.looks = looks;
        look
    }

    fn look_in(&mut self, tag: &StartTag, outer: &Look) -> Look {
        let asked = tag.asked();
        let mut cascade = Cascade::new();
        if !self.sheet.is_empty() {
            sheet::keys(&tag.name, &asked, &mut self.keys);
            self.sheet.style(tag, &self.keys, &self.stack, &mut cascade);
        }
        if let Some(style) = asked.style {
            for declared in self.styles.read(style) {
                cascade.inline(declared);
            }
        }
        if cascade.is_empty()
            && !asked.says_anything()
            && let Some(look) = plain_look(&tag.name, outer)
        {
            return look;
        }
        look_of(&tag.name, &asked, &mut cascade, outer)
    }

    /// What stands for a picture where it isn't shown.
    fn picture(&mut self, tag: &StartTag, look: Look) {
        let alt = tag.value("alt").unwrap_or_default();
        if alt.trim().is_empty() || has_no_room(&tag.asked()) {
            return;
        }
        if !look.is_seen() {
            self.all().picture(alt);
            return;
        }
        self.each(|writer| writer.picture(alt));
    }

    /// What the tag leads to, if anything.
    pub(crate) fn link_of(&mut self, tag: &StartTag) {
        let target = |name| tag.value(name).filter(|target| !target.trim().is_empty());
        match tag.name.as_bytes() {
            b"a" => {
                self.each(Writer::close_link);
                if let Some(href) = target("href").or_else(|| target("xlink:href")) {
                    self.each(|writer| writer.open_link(href));
                }
            }
            b"area" => {
                if let Some(href) = target("href") {
                    let alt = tag.value("alt").unwrap_or_default();
                    let label = prefix(alt, 600);
                    self.each(|writer| {
                        writer.page().add_link(href.to_owned(), label.to_owned());
                    });
                }
            }
            b"form" => self.add(target("action")),
            b"button" | b"input" => self.add(target("formaction")),
            b"iframe" | b"embed" => self.add(target("src")),
            b"object" => self.add(target("data")),
            // The first one counts (HTML section 4.2.3).
            b"base" if self.base.is_none() => {
                self.base = target("href").map(str::to_owned);
                self.add(target("href"));
            }
            b"meta" => {
                let header = tag.value("http-equiv").unwrap_or_default();
                if header.trim().eq_ignore_ascii_case("refresh") {
                    self.add(target("content").and_then(refresh_target));
                }
            }
            // Outlook's drawn buttons (<v:roundrect href=...>).
            name if name.starts_with(b"v:") => self.add(target("href")),
            _ => {}
        }
    }

    fn add(&mut self, target: Option<&str>) {
        if let Some(target) = target {
            self.each(|writer| {
                writer.page().add_link(target.to_owned(), String::new());
            });
        }
    }

    fn add_field(&mut self, secret: bool, labels: &str) {
        self.each(|writer| writer.page().add_field(secret, labels));
    }

    fn input(&mut self, tag: &StartTag, look: Look) {
        let kind = tag.value("type").unwrap_or_default().trim();
        match &*kind.to_ascii_lowercase() {
            "hidden" => {}
            "submit" | "button" | "reset" | "image" => {
                let label = tag.value("value").unwrap_or_default();
                self.write(label, look);
            }
            "password" => self.add_field(true, &labels(tag)),
            _ => self.add_field(false, &labels(tag)),
        }
    }

    pub(crate) fn end(&mut self, name: &str) {
        if name == "style" {
            self.style = None;
        }
        let closed = self.stack.close(name);
        self.close_orders(closed.directed);
        let by_name = is_block(name);
        if by_name || closed.block {
            // An end tag without a beginning breaks the line as well.
            let breaks = closed.block || closed.elements == 0;
            self.break_text("\n\n", breaks);
        }
        if name == "a" {
            self.each(Writer::close_link);
        }
        if closed.followed {
            let set_off = self.stack.look().set_off;
            self.set_block(set_off);
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        if let Some(holds) = self.style {
            self.sheet_text(text, holds);
            return;
        }
        let look = self.stack.look();
        self.write(text, look);
    }

    fn sheet_text(&mut self, text: &str, holds: bool) {
        if self.is_sheet_read {
            return;
        }
        let outside = self.stack.depth().saturating_sub(1);
        let in_head = self.seen.is_empty() && self.all.is_none() && outside <= self.stack.heads();
        self.is_sheet_late |= !in_head;
        self.sheet.add(text, holds);
    }

    /// Writes text into the readings in which it is seen.
    fn write(&mut self, text: &str, look: Look) {
        if look.is_code {
            return;
        }
        let pre = look.preformatted;
        let is_blank = || text.trim().is_empty();
        if !look.is_seen() {
            if is_blank() {
                return;
            }
            self.all().hidden_text(text, pre);
            self.seen.pass(text);
            if let Some(sure) = &mut self.sure {
                sure.pass(text);
            }
            return;
        }
        let is_sure = !look.is_doubtful();
        let faint = !is_sure || look.is_small();
        if !is_sure && self.sure.is_none() && !is_blank() {
            self.sure = Some(self.seen.clone());
        }
        self.seen.text(text, pre, faint);
        if let Some(all) = &mut self.all {
            all.text(text, pre, faint);
        }
        if let Some(sure) = self.sure.as_mut().filter(|_| is_sure) {
            sure.text(text, pre, faint);
        }
    }

    /// Text that only Outlook shows.
    pub(crate) fn outlook_text(&mut self, text: &str) {
        if !text.trim().is_empty() && !self.stack.look().is_code {
            self.all().hidden_text(text, false);
        }
    }

    /// Ends the line in the reading of all text; and, if `seen`, in all.
    fn break_text(&mut self, lines: &str, seen: bool) {
        if seen {
            self.each(|writer| writer.break_text(lines));
        } else if let Some(all) = &mut self.all {
            all.break_text(lines);
        }
    }
}

/// Whether a `<style>` is one of a screen.
fn sheet_holds(tag: &StartTag) -> bool {
    let media = tag.value("media").unwrap_or_default();
    let kind = tag.value("type").unwrap_or_default();
    let kind = kind.trim();
    sheet::holds_on_screen(media) && (kind.is_empty() || kind.eq_ignore_ascii_case("text/css"))
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
    .filter_map(|name| tag.value(name))
    .fold(String::new(), |all, one| all + prefix(one, 80) + "\n")
}

fn refresh_target(content: &str) -> Option<&str> {
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
    Some(rest.trim().trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests;
