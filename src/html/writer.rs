//! Writes one reading of a page: its text as it flows, and what links and fields show of it.

use super::look::Order;
use crate::mail::visible_text::Page;

/// Orders of letters in one another that are followed.
const MAX_ORDERS: usize = 8;

#[derive(Clone, Default)]
pub(crate) struct Writer {
    page: Page,
    /// The link whose text is being read.
    link: Option<usize>,
    /// Where the `<blockquote>` that is being read began.
    block: Option<usize>,
    pending_space: bool,
    /// The orders that letters are put in, the innermost last.
    orders: Vec<char>,
    /// Orders beyond those that are followed.
    beyond: usize,
    /// Where hidden letters stood right after a letter.
    hidden_at: Option<usize>,
}

/// The sign that begins an order (Unicode UAX #9, section 2.2), and the one that ends it.
fn sign(order: Order) -> char {
    match order {
        Order::LeftToRight => '\u{202D}',
        Order::RightToLeft => '\u{202E}',
    }
}
const END: &str = "\u{202C}";

impl Writer {
    pub(crate) fn is_empty(&self) -> bool {
        self.page.text.is_empty()
    }

    pub(crate) fn page(&mut self) -> &mut Page {
        &mut self.page
    }

    /// Ends the page. `base`: where targets begin that are written in part.
    pub(crate) fn finish(mut self, base: Option<&str>) -> Page {
        self.set_block(false);
        if let Some(base) = base {
            self.page.complete_targets(base);
        }
        self.page.finish();
        self.page
    }

    /// Begins a link.
    pub(crate) fn open_link(&mut self, target: &str) {
        // What stood before it is no part of it.
        self.space();
        let label = self.orders.last().map(char::to_string);
        let label = label.unwrap_or_default();
        self.link = self.page.add_link(target.to_owned(), label);
    }

    pub(crate) fn close_link(&mut self) {
        if let Some(link) = self.link.take() {
            self.page.end_link(link);
        }
    }

    /// Begins an order of letters.
    pub(crate) fn open_order(&mut self, order: Order) {
        if self.orders.len() >= MAX_ORDERS {
            self.beyond += 1;
            return;
        }
        self.space();
        let sign = sign(order);
        self.orders.push(sign);
        self.write(sign.encode_utf8(&mut [0; 4]));
    }

    /// Ends the innermost ones.
    pub(crate) fn close_orders(&mut self, count: usize) {
        for _ in 0..count {
            if self.beyond > 0 {
                self.beyond -= 1;
            } else if self.orders.pop().is_some() {
                self.write(END);
            }
        }
    }

    pub(crate) fn set_block(&mut self, set_off: bool) {
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

    /// Adds text. `faint`: hardly anybody sees it.
    pub(crate) fn text(&mut self, text: &str, preformatted: bool, faint: bool) {
        let start = self.page.text.len();
        match preformatted {
            true => self.write(text),
            false => self.words(text),
        }
        let end = self.page.text.len();
        if faint && start < end {
            self.page.add_faint(start..end);
        }
    }

    /// Adds text that is hidden. Several words are no part of those around them.
    pub(crate) fn hidden_text(&mut self, text: &str, preformatted: bool) {
        let is_apart = text.trim().contains(char::is_whitespace);
        self.pending_space |= is_apart;
        self.text(text, preformatted, true);
        self.pending_space |= is_apart;
    }

    /// Adds the text that stands for a picture.
    pub(crate) fn picture(&mut self, alt: &str) {
        self.pending_space = true;
        let start = self.page.text.len();
        self.words(alt);
        let end = self.page.text.len();
        if start < end {
            self.page.add_alt(start..end);
        }
        self.pending_space = true;
    }

    /// Passes over text that isn't seen in this reading.
    pub(crate) fn pass(&mut self, text: &str) {
        let ends_word = self.page.text.ends_with(char::is_alphanumeric) && !self.pending_space;
        if ends_word && text.contains(|c: char| c.is_alphanumeric()) {
            self.hidden_at = Some(self.page.text.len());
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
            self.space();
            self.write(words);
            rest = behind;
        }
    }

    /// Writes the blank that is due.
    fn space(&mut self) {
        let text = &self.page.text;
        if self.pending_space && !text.is_empty() && !text.ends_with('\n') {
            self.write(" ");
        }
        self.pending_space = false;
    }

    fn write(&mut self, text: &str) {
        let end = self.page.text.len();
        if self.hidden_at.take() == Some(end) && text.starts_with(char::is_alphanumeric) {
            self.page.add_cut(end);
        }
        self.page.text.push_str(text);
        if let Some(link) = self.link {
            self.page.add_label(link, text);
        }
    }

    pub(crate) fn break_text(&mut self, lines: &str) {
        self.pending_space = false;
        let text = &self.page.text;
        if text.is_empty() || text.ends_with("\n\n") {
            return;
        }
        let lines = match text.ends_with('\n') && lines.len() > 1 {
            true => "\n",
            false => lines,
        };
        // An order of letters ends with its line, and begins again in the next.
        for _ in &self.orders {
            self.page.text.push_str(END);
        }
        self.page.text.push_str(lines);
        self.page.text.extend(&self.orders);
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

#[cfg(test)]
mod tests;
