//! What the body asks: links, requests, numbers (official guidance, rules 01, 02 and 04).
//!
//! A message is never judged by its words alone: what is found here weighs only together with a claim
//! to be the brand ([`crate::verdict`] decides how). Everything is read in linear time and bounded;
//! what lies beyond a bound is said in [`Content::cut`].

pub(crate) mod author_name;
mod bare_host;
mod content;
mod disguise;
mod files;
mod finder;
mod hidden;
mod links;
mod lists;
mod names;
mod parts;
mod phone_number;
pub(crate) mod phrases;
mod prize;
mod reader;
mod requests;
mod sentences;
pub(crate) mod speech;
#[cfg(test)]
mod tests;
mod threats;

pub use phrases::Threat;
pub use speech::Speech;

pub use content::{Content, Detail, Finding, Text};
pub use files::{Letter, octets_read, to_open};

use crate::html;
use crate::mail::quoted_reply::{Quotes, Reference, has_words};
use crate::mail::text::{letter::is_alphanumeric, visible_letter};
use crate::mail::visible_text::{Page, Pages, prefix, seen_octets};
use crate::mail::{domain::Domain, file::Files, mime};
use crate::{
    brand::{Brand, Strength},
    mail::message::{Limit, Message},
    reason::Reason,
};
use author_name::AuthorName;
use names::Placed;
use parts::Parts;
use reader::Reader;
use std::{cell::RefCell, rc::Rc};

/// How much of a body is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Octets of what is seen where the header claims nothing. What names the brand nowhere in them is done
    /// with.
    pub unclaimed: usize,
    /// Octets of any body.
    pub max_body: usize,
}

/// Who writes a message, by its header.
#[derive(Clone, Debug, Default)]
pub struct Sender<'a> {
    /// The domains of his addresses.
    pub domains: Vec<&'a Domain>,
    /// The names that are shown as his.
    pub names: &'a [String],
    /// How strongly the header alone says that the message is the brand's, with every excuse granted; none
    /// where it says nothing.
    pub claim: Option<Strength>,
}

impl From<Option<Strength>> for Sender<'_> {
    /// Somebody unknown who claims this much.
    fn from(claim: Option<Strength>) -> Self {
        Self {
            claim,
            ..Self::default()
        }
    }
}

/// The text that a reader sees of `message`, of its first part that has words; read are so many octets of its
/// body.
pub fn visible_text(message: &Message, octets: usize) -> String {
    let body = message.body.beginning(octets);
    let parts = Parts::of(message, &body);
    let mut texts = parts.texts.iter().map(|part| part.pages().seen.text);
    let found = texts.find(|text| text.contains(char::is_alphanumeric));
    found.unwrap_or_default()
}

/// Reads the body of `message`.
///
/// `sender`: who writes it. With a strong
/// claim a link that shows nothing but the brand's name counts as deceptive, and hosts that resemble
/// the brand's weakly count too. Without any, the text has to name the brand or link to a host like the
/// brand's before anything else in it counts.
///
/// Attached messages and delivery and abuse reports are somebody else's words and not judged; what is
/// found in quoted text is told apart. Total: no input makes it fail, its time is linear in what is read.
pub fn inspect<'a>(
    letter: impl Into<Letter<'a>>,
    brand: &Brand,
    sender: impl Into<Sender<'a>>,
    bounds: Bounds,
) -> Content {
    let sender = &sender.into();
    let Letter { message, files } = letter.into();
    let hosts = Rc::default();
    let read = |body| Reading {
        hosts: Rc::clone(&hosts),
        files,
        ..Reading::new(message, brand, sender, body)
    };
    let body = |octets| message.body.beginning(octets);
    if sender.claim.is_some() {
        return read(&body(bounds.max_body)).all();
    }
    let octets = body(bounds.max_body);
    let reading = read(&octets);
    let look = reading.look(bounds.unclaimed);
    if !look.concerns {
        return Content {
            cut: reading.cut || look.enough,
            enough: look.enough,
            ..Content::default()
        };
    }
    let content = reading.all();
    match content.own.concerns_brand() || content.quoted.concerns_brand() {
        true => content,
        false => Content {
            cut: content.cut,
            enough: look.enough,
            ..Content::default()
        },
    }
}

/// Reads the subject of `message`, where its body is none of our business.
pub fn inspect_subject(message: &Message, brand: &Brand, sender: &Sender<'_>) -> Content {
    let content = Reading {
        cut: false,
        ..Reading::new(message, brand, sender, b"")
    }
    .all();
    Content {
        has_files: false,
        ..content
    }
}

/// Makes the tables now that would else be made for the first message that needs them. No configuration changes
/// them.
pub fn prepare() {
    phrases::Tables::embedded();
    speech::prepare();
    author_name::prepare();
    visible_letter::prepare();
    html::prepare();
}

/// A text of fewer words leaves to a file what the mail is about.
const FEW_WORDS: usize = 20;

/// Octets of names and subjects that are read with a text.
const MAX_HEADING: usize = 2_000;

/// The beginning of a text that has so many octets, and how many it leaves. Blanks use up none, so that what stands
/// behind a page of them is looked at.
fn beginning(text: &str, octets: usize) -> (&str, usize) {
    let (mut left, mut rest) = (octets, text.as_bytes());
    // What has no more octets than are left is counted as a whole, many at once.
    while left > 0 && !rest.is_empty() {
        let (counted, after) = rest.split_at(left.min(rest.len()));
        left -= seen_octets(counted);
        rest = after;
    }
    let end = text.len() - rest.trim_ascii_start().len();
    (prefix(text, end), left)
}

/// What a look at a body says.
struct Look {
    concerns: bool,
    /// More was there than is looked at.
    enough: bool,
}

/// What the texts of a message say of its author: its pages and its plain texts, of which a reader is shown
/// the ones or the others.
#[derive(Default)]
struct Named {
    html: Option<bool>,
    plain: Option<bool>,
    /// How much the longest text says that a reader sees.
    words: Amount,
}

/// How many words a text has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Amount {
    #[default]
    None,
    /// Fewer than [`FEW_WORDS`].
    Few,
    Many,
}

impl Amount {
    fn of(text: &str) -> Self {
        match has_words(text, FEW_WORDS) {
            true => Self::Many,
            false if text.contains(is_alphanumeric) => Self::Few,
            false => Self::None,
        }
    }
}

impl Named {
    /// Reads a page as most programs show it.
    fn read(&mut self, is_html: bool, page: &Page, author: &AuthorName<'_>) {
        let text = page.without_pictures();
        let words = Amount::of(&text);
        self.words = self.words.max(words);
        let named = match is_html {
            true => &mut self.html,
            false => &mut self.plain,
        };
        // A part without words says nothing, whoever is shown it: but a page of pictures is one.
        if words > Amount::None || is_html {
            *named = Some(named.unwrap_or(false) || author.named_in(&text));
        }
    }

    /// Whether whichever alternative a reader is shown names the author.
    fn everywhere(&self) -> bool {
        let mut shown = [self.html, self.plain].into_iter().flatten().peekable();
        shown.peek().is_some() && shown.all(|is_named| is_named)
    }

    fn is_pictures(&self) -> bool {
        self.html.is_some() && self.words == Amount::None
    }
}

/// A message whose body is being read.
struct Reading<'a> {
    message: &'a Message,
    brand: &'a Brand,
    sender: &'a Sender<'a>,
    reference: Reference,
    parts: Parts<'a>,
    files: &'a Files,
    /// How much of the body is read.
    octets: usize,
    hosts: Rc<RefCell<links::Hosts<'a>>>,
    cut: bool,
}

impl<'a> Reading<'a> {
    /// `body`: as much of it as is to be read.
    fn new(message: &'a Message, brand: &'a Brand, sender: &'a Sender<'a>, body: &'a [u8]) -> Self {
        let parts = Parts::of(message, body);
        Self {
            message,
            brand,
            sender,
            reference: Reference::of(message),
            files: &Files::Closed,
            octets: body.len(),
            hosts: Rc::default(),
            cut: parts.cut || body.len() < message.body.len() || message.cut.contains(&Limit::Body),
            parts,
        }
    }

    fn judge(&self) -> links::Judge<'a> {
        links::Judge::new(self.brand, self.sender, &self.hosts)
    }

    /// Whether any part names the brand or links to a host like the brand's, in the first `octets` of what is
    /// seen. It may say yes where [`Self::all`] finds nothing; never the other way.
    fn look(&self, octets: usize) -> Look {
        let mut look = Look {
            concerns: self.text_concerns(&self.parts.file_names),
            enough: false,
        };
        let mut judge = self.judge();
        let mut room = octets;
        for part in &self.parts.texts {
            if look.concerns || look.enough {
                break;
            }
            // Without a quote each reading of a plain text shows the same.
            if !part.is_html && !self.reference.any() {
                let (text, left) = beginning(&part.text, room);
                look.concerns = self.text_concerns(text);
                look.enough = text.len() < part.text.len();
                room = left;
                continue;
            }
            let pages = part.pages();
            let seen = pages.seen.octets();
            look.enough = seen > room;
            look.concerns = pages
                .into_all()
                .any(|page| self.any_concerns(&mut judge, page.beginning(room)));
            room = room.saturating_sub(seen);
        }
        look
    }

    /// `judge`: one for all readings of all parts, which knows the links that gave nothing.
    fn any_concerns(&self, judge: &mut links::Judge<'a>, page: Page) -> bool {
        // Names and addresses can come together where a quote between them goes.
        self.page_concerns(judge, &page) || {
            let quotes = Quotes::of(&page, self.reference);
            !quotes.ranges.is_empty() && {
                let (own, quoted) = page.split(&quotes.ranges);
                self.page_concerns(judge, &own) || self.page_concerns(judge, &quoted)
            }
        }
    }

    fn page_concerns(&self, judge: &mut links::Judge<'a>, page: &Page) -> bool {
        judge.links(&page.links);
        !judge.details.is_empty() || judge.is_cut() || page.cut || self.text_concerns(&page.text)
    }

    fn text_concerns(&self, text: &str) -> bool {
        let names = names::read(self.brand, &Placed::new(self.brand, text), &mut {
            names::MAX_CLOSE
        });
        let mut judge = self.judge();
        judge.text(text, |_| false);
        names.named || names.cut || !judge.details.is_empty() || judge.is_cut()
    }

    /// Everything that is found.
    fn all(&self) -> Content {
        let author = AuthorName::new(self.brand, &self.sender.domains);
        // What an answer keeps in its subject belongs to its quote.
        let heading = match self.reference.any() {
            true => String::new(),
            false => self.heading(),
        };
        let mut own = self.reader(&author, heading);
        let mut quoted = self.reader(&author, String::new());
        let mut cut = self.cut;
        // What an answer keeps in its subject is quoted as its text is: below words of one's own.
        let mut answered = false;
        let mut bare = false;
        let mut named = Named::default();
        let parts = self.parts.texts.iter();
        let pages = parts.flat_map(|part| {
            let pages = part.pages().into_all().enumerate();
            pages.map(|(nth, page)| (page, part.is_html, nth == 0))
        });
        let mut draws = false;
        for (page, is_html, is_seen) in pages {
            cut |= page.cut;
            draws |= mime::draws(&page.text);
            let quotes = Quotes::of(&page, self.reference);
            let stands = self.reference.any() && quotes.stand_below_own_words(&page);
            answered |= stands;
            bare |= !stands && !quotes.ranges.is_empty();
            let page = match !stands || quotes.ranges.is_empty() {
                true => page,
                false => {
                    let (outside, inside) = page.split(&quotes.ranges);
                    quoted.page(&inside);
                    outside
                }
            };
            own.page(&page);
            // What most programs show comes first.
            if is_seen {
                named.read(is_html, &page, &author);
            }
        }
        if !self.parts.file_names.is_empty() {
            own.page(&Page::plain(&self.parts.file_names));
        }
        cut |= self.read_files(&mut own, named.words);
        let subject = match answered && !bare {
            true => {
                quoted.subject(self.message);
                Speech::No
            }
            false => own.subject(self.message),
        };
        cut |= own.is_cut() || quoted.is_cut();
        Content {
            own: own.finish(),
            quoted: quoted.finish(),
            subject,
            name_bears_author: self.sender.names.iter().any(|name| author.named_by(name)),
            names_author: named.everywhere(),
            is_pictures: named.is_pictures(),
            has_words: named.words > Amount::None,
            has_files: draws || self.has_files_to_open(),
            cut,
            enough: false,
        }
    }

    /// What files show is text of the mail. Returns whether something in them lay beyond a bound.
    fn read_files(&self, own: &mut Reader<'_, '_>, words: Amount) -> bool {
        let parts = &self.parts;
        let opened = files::opened(self.files);
        let mut cut = false;
        let mut room = files::MAX_TEXT;
        let pages = opened.iter().flat_map(|file| files::pages(file, &mut room));
        for page in pages.flat_map(Pages::into_all) {
            cut |= page.cut;
            own.page(&page);
        }
        cut |= room == 0;
        for code in files::leading_codes(self.files) {
            own.note(Reason::QrLink, code);
        }
        let closed = *self.files == Files::Closed && parts.has_files;
        let (unread, documents) = match self.files {
            Files::Ignored => (false, false),
            _ => (
                closed || parts.has_unread || opened.iter().any(files::is_unread),
                parts.has_files || parts.has_unread || opened.iter().any(files::is_document),
            ),
        };
        if unread {
            own.note(Reason::UnreadAttachment, "");
        }
        let shows =
            documents && words < Amount::Many || parts.has_pictures && words == Amount::None;
        if shows && *self.files != Files::Ignored {
            own.note(Reason::AttachmentOnly, "");
        }
        cut
    }

    /// Whether a reader of files has something to look at. In what is not read as text may be more of it.
    fn has_files_to_open(&self) -> bool {
        let parts = &self.parts;
        parts.has_files
            || parts.has_pictures
            || self.octets < self.message.body.len()
            || parts.texts.iter().any(parts::PartText::holds_picture)
    }

    /// The sender's names and the subjects: what stands above the text when it is read.
    fn heading(&self) -> String {
        let names = self.sender.names.iter().cloned();
        let lines: Vec<String> = names.chain(self.message.subjects()).collect();
        prefix(&lines.join("\n\n"), MAX_HEADING).to_owned()
    }

    fn reader<'n>(&self, author: &'n AuthorName<'a>, heading: String) -> Reader<'a, 'n> {
        let strong = self.sender.claim == Some(Strength::Strong);
        let has = |name: &&str| self.message.headers_named(name).next().is_some();
        let converses = ["List-Id", "In-Reply-To", "References"].iter().any(has);
        Reader::new(self.brand, author, strong, self.judge())
            .below(&heading)
            .in_conversation(converses)
    }
}
