//! What the body asks: links, requests, numbers (official guidance, rules 01, 02 and 04).
//!
//! A message is never judged by its words alone: what is found here weighs only together with a claim
//! to be the brand ([`crate::verdict`] decides how). Everything is read in linear time and bounded;
//! what lies beyond a bound is said in [`Content::cut`].

mod finder;
mod links;
mod names;
mod phone_number;
pub(crate) mod phrases;
mod requests;

use crate::mail::decode::{
    charset::{self, Guesser},
    header_texts,
};
use crate::mail::html;
use crate::mail::mime;
use crate::mail::quoted_reply::{Quotes, Reference};
use crate::mail::text::normalise::normal;
use crate::mail::text::visible_letter;
use crate::mail::visible_text::{Page, prefix};
use crate::{
    brand::{Brand, Strength},
    mail::message::{Limit, Message, named_charset},
    reason::Reason,
};
use phrases::Category;
use std::{borrow::Cow, cell::RefCell, collections::BTreeSet, rc::Rc};

/// Details that are kept.
pub const MAX_DETAILS: usize = 16;
/// Octets of each.
const MAX_SEEN: usize = 200;

/// What was found in a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The reasons that it gives.
    pub findings: BTreeSet<Reason>,
    /// What gave them, at most 16, the first of each kind first.
    pub details: Vec<Detail>,
    /// The visible text names the brand: a weak claim ([`Reason::BodyText`]).
    pub names_brand: bool,
    /// The same of what the sender quotes or forwards, below words of his own. The verdict says whether it
    /// counts.
    pub quoted: Quoted,
    /// Something lay beyond a bound and was not read.
    pub cut: bool,
}

/// What was found in text that the sender quotes or forwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quoted {
    /// The reasons that it gives.
    pub findings: BTreeSet<Reason>,
    /// What gave them, at most 16.
    pub details: Vec<Detail>,
    /// It names the brand.
    pub names_brand: bool,
}

/// One thing that gave a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The reason that it gives.
    pub reason: Reason,
    /// What was seen, at most 200 octets of the sender's own text: not escaped.
    pub seen: String,
}

/// The findings by which a link leads elsewhere than it shows.
pub const DECEITFUL_LINKS: [Reason; 2] = [Reason::LookalikeLink, Reason::DeceptiveLink];

/// Whether a finding deceives or asks for what the brand never asks for, which turns a weak claim into
/// suspicion.
pub fn deceives(finding: Reason) -> bool {
    DECEITFUL_LINKS.contains(&finding)
        || matches!(
            finding,
            Reason::AsksForPassword
                | Reason::AsksForPaymentData
                | Reason::AsksForIdentity
                | Reason::CallbackNumber
        )
}

impl Content {
    /// Whether nothing was found in what was read.
    pub fn is_nothing(&self) -> bool {
        let quoted = &self.quoted;
        !self.names_brand
            && self.findings.is_empty()
            && !quoted.names_brand
            && quoted.findings.is_empty()
    }

    /// Whether the text names the brand, or links to a host like the brand's.
    fn concerns(&self) -> bool {
        let findings = [&self.findings, &self.quoted.findings];
        let mut links = DECEITFUL_LINKS.iter();
        self.names_brand
            || self.quoted.names_brand
            || links.any(|link| findings.iter().any(|found| found.contains(link)))
    }
}

/// How much of a body is looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Octets where the header claims nothing. What names the brand nowhere in them is done with.
    pub unclaimed: usize,
    /// Octets of any body.
    pub max_body: usize,
}

/// Reads the body of `message`.
///
/// `claim`: how strongly the header alone says that the message is the brand's, if at all. With a strong
/// claim a link that shows nothing but the brand's name counts as deceptive, and hosts that resemble
/// the brand's weakly count too. Without any, the text has to name the brand or link to a host like the
/// brand's before anything else in it counts.
///
/// Attached messages and delivery and abuse reports are somebody else's words and not judged; what is
/// found in quoted text is told apart. Total: no input makes it fail, its time is linear in what is read.
pub fn inspect(
    message: &Message,
    brand: &Brand,
    claim: Option<Strength>,
    bounds: Bounds,
) -> Content {
    let hosts = Rc::default();
    let read = |body| Reading {
        hosts: Rc::clone(&hosts),
        ..Reading::new(message, brand, claim, body)
    };
    let body = |octets| message.body.beginning(octets);
    if claim.is_some() {
        return read(&body(bounds.max_body)).all();
    }
    let octets = body(bounds.unclaimed.min(bounds.max_body));
    let beginning = read(&octets);
    if !beginning.concerns() {
        return Content {
            cut: beginning.cut,
            ..Content::default()
        };
    }
    let content = read(&body(bounds.max_body)).all();
    match content.concerns() {
        true => content,
        false => Content {
            cut: content.cut,
            ..Content::default()
        },
    }
}

/// Makes the tables now that would else be made for the first message.
pub fn prepare() {
    phrases::Tables::embedded();
    visible_letter::prepare();
    html::prepare();
}

/// A part of a body as text.
struct Text<'a> {
    text: Cow<'a, str>,
    is_html: bool,
}

/// Octets of texts that are read besides the likeliest of each part.
const MAX_OTHER_TEXTS: usize = 128 * 1024;

/// Every text that a mail program could show of a part. `room`: how many octets of texts are read besides
/// the likeliest ones.
fn texts<'a>(part: &mime::Part<'a>, guesser: &mut Guesser, room: &mut usize) -> Vec<Text<'a>> {
    let is_html = part.fields.kind == mime::Kind::Html;
    let octets = part.fields.encoding.decode(part.body);
    let named = part.fields.charset.clone();
    let charset = named.or_else(|| is_html.then(|| charset::in_page(&octets)).flatten());
    charset::part_texts(octets, charset.as_deref(), guesser)
        .into_iter()
        .enumerate()
        .map(|(nth, text)| {
            let text = match nth {
                0 => text,
                _ => Cow::Owned(prefix(&text, *room).to_owned()),
            };
            *room -= if nth == 0 { 0 } else { text.len() };
            Text { text, is_html }
        })
        .collect()
}

/// A message whose body is being read.
struct Reading<'a> {
    message: &'a Message,
    brand: &'a Brand,
    claim: Option<Strength>,
    reference: Reference,
    parts: Vec<Text<'a>>,
    hosts: Rc<RefCell<links::Hosts<'a>>>,
    cut: bool,
}

impl<'a> Reading<'a> {
    /// `body`: as much of it as is to be read.
    fn new(
        message: &'a Message,
        brand: &'a Brand,
        claim: Option<Strength>,
        body: &'a [u8],
    ) -> Self {
        let value = |name| {
            message
                .headers_named(name)
                .next()
                .map(|header| &*header.value)
        };
        let fields = mime::Fields::new(
            value("Content-Type"),
            value("Content-Transfer-Encoding"),
            value("Content-Disposition"),
        );
        let walk = mime::walk(fields, body);
        let mut guesser = Guesser::default();
        let parts = walk.parts.iter();
        let mut room = MAX_OTHER_TEXTS;
        let parts = parts.flat_map(|part| texts(part, &mut guesser, &mut room));
        let parts = parts.collect();
        Self {
            message,
            brand,
            claim,
            reference: Reference::of(message),
            parts,
            hosts: Rc::default(),
            cut: room == 0
                || walk.cut
                || body.len() < message.body.len()
                || message.cut.contains(&Limit::Body),
        }
    }

    fn page(&self, part: &Text<'_>) -> Page {
        match part.is_html {
            true => html::read(&part.text),
            false => Page::plain(&part.text),
        }
    }

    fn judge(&self) -> links::Judge<'a> {
        let strong = self.claim == Some(Strength::Strong);
        links::Judge::new(self.message, self.brand, strong, &self.hosts)
    }

    /// Whether any part names the brand or links to a host like the brand's. It may say yes where
    /// [`Self::all`] finds nothing; never the other way.
    fn concerns(&self) -> bool {
        self.parts.iter().any(|part| {
            if !part.is_html && !self.reference.any() {
                return self.text_concerns(&part.text);
            }
            let page = self.page(part);
            // Names and addresses can come together where a quote between them goes.
            self.page_concerns(&page) || {
                let quotes = Quotes::of(&page, self.reference);
                !quotes.ranges.is_empty() && {
                    let (own, quoted) = page.split(&quotes.ranges);
                    self.page_concerns(&own) || self.page_concerns(&quoted)
                }
            }
        })
    }

    fn page_concerns(&self, page: &Page) -> bool {
        let mut judge = self.judge();
        judge.links(&page.links);
        !judge.details.is_empty() || judge.cut || page.cut || self.text_concerns(&page.text)
    }

    fn text_concerns(&self, text: &str) -> bool {
        let names = names::read(self.brand, text, &mut { names::MAX_CLOSE });
        let mut judge = self.judge();
        judge.text(text, |_| false);
        names.named || names.cut || !judge.details.is_empty() || judge.cut
    }

    /// Everything that is found.
    fn all(&self) -> Content {
        let mut own = self.reader();
        let mut quoted = self.reader();
        let mut cut = self.cut;
        // What an answer keeps in its subject is quoted as its text is: below words of one's own.
        let mut answered = false;
        let mut bare = false;
        for part in &self.parts {
            let page = self.page(part);
            cut |= page.cut;
            let quotes = Quotes::of(&page, self.reference);
            let stands = self.reference.any() && quotes.stand_below_own_words(&page);
            answered |= stands;
            bare |= !stands && !quotes.ranges.is_empty();
            if !stands || quotes.ranges.is_empty() {
                own.page(&page);
                continue;
            }
            let (outside, inside) = page.split(&quotes.ranges);
            own.page(&outside);
            quoted.page(&inside);
        }
        match answered && !bare {
            true => quoted.subject(self.message),
            false => own.subject(self.message),
        }
        let (own, quoted) = (own.finish(), quoted.finish());
        Content {
            findings: own.findings,
            details: own.details,
            names_brand: own.names_brand,
            quoted: Quoted {
                findings: quoted.findings,
                details: quoted.details,
                names_brand: quoted.names_brand,
            },
            cut: cut || own.cut || quoted.cut,
        }
    }

    fn reader(&self) -> Reader<'a> {
        Reader {
            brand: self.brand,
            strong_claim: self.claim == Some(Strength::Strong),
            judge: self.judge(),
            details: Vec::new(),
            names_brand: false,
            room: names::MAX_CLOSE,
            cut: false,
        }
    }
}

struct Reader<'b> {
    brand: &'b Brand,
    strong_claim: bool,
    judge: links::Judge<'b>,
    details: Vec<Detail>,
    names_brand: bool,
    /// How many octets may still be looked at closely.
    room: usize,
    cut: bool,
}

/// What one reader found.
struct Found {
    findings: BTreeSet<Reason>,
    details: Vec<Detail>,
    names_brand: bool,
    cut: bool,
}

impl Reader<'_> {
    /// A subject asks as well as a text does, and the body may be a picture.
    fn subject(&mut self, message: &Message) {
        for header in message.headers_named("Subject").take(4) {
            for subject in header_texts(&header.value, || named_charset(&message.headers)) {
                let requests = requests::read(&normal(&subject));
                for (category, sentence) in &requests.asked {
                    self.note(reason(*category), sentence);
                }
            }
        }
    }

    fn page(&mut self, page: &Page) {
        let text = normal(&page.text);
        let requests = requests::read(&text);
        for (category, sentence) in &requests.asked {
            self.note(reason(*category), sentence);
        }
        for field in &page.fields {
            let category = match field.secret {
                true => Some(Category::Password),
                false => requests::field(&normal(&field.label)),
            };
            if let Some(category) = category {
                self.note(reason(category), &field.label);
            }
        }
        if let Some(number) = phone_number::find(&text, &requests, self.strong_claim) {
            self.note(Reason::CallbackNumber, &number);
        }
        self.judge.links(&page.links);
        self.judge
            .text(&page.text, |line| requests::warns(&normal(line)));
        let names = names::read(self.brand, &page.text, &mut self.room);
        self.names_brand |= names.named;
        self.cut |= names.cut;
        if let Some(word) = names.misspelled {
            self.note(Reason::BrandMisspelled, &word);
        }
    }

    fn note(&mut self, reason: Reason, seen: &str) {
        note(&mut self.details, reason, seen);
    }

    fn finish(self) -> Found {
        let mut details = self.judge.details;
        details.extend(self.details);
        let findings = details.iter().map(|detail| detail.reason).collect();
        details.truncate(MAX_DETAILS);
        Found {
            findings,
            details,
            names_brand: self.names_brand,
            cut: self.cut || self.judge.cut,
        }
    }
}

fn reason(category: Category) -> Reason {
    match category {
        Category::Password => Reason::AsksForPassword,
        Category::Payment => Reason::AsksForPaymentData,
        Category::Identity => Reason::AsksForIdentity,
    }
}

/// Keeps a detail: the first few of each reason, so that no flood of one hides the others.
fn note(details: &mut Vec<Detail>, reason: Reason, seen: &str) {
    const EACH: usize = 2;
    let same = details.iter().filter(|detail| detail.reason == reason);
    let seen = prefix(seen.trim(), MAX_SEEN);
    if same.clone().count() < EACH && !same.clone().any(|detail| detail.seen == seen) {
        details.push(Detail {
            reason,
            seen: seen.to_owned(),
        });
    }
}
