//! What the body asks: links, requests, numbers (official guidance, rules 01, 02 and 04).
//!
//! A message is never judged by its words alone: what is found here weighs only together with a claim
//! to be the brand ([`super::verdict`] decides how). Everything is read in linear time and bounded;
//! what lies beyond a bound is said in [`Content::cut`].

mod callback;
mod element;
mod html;
mod links;
mod look;
mod mime;
mod names;
mod page;
mod phrases;
mod quote;
mod requests;
mod transfer;
mod url;

use super::{
    brand::Brand,
    message::{Limit, Message},
    reason::Reason,
};
use page::{Page, prefix};
use phrases::{Category, normal};
use std::collections::BTreeSet;

/// Details that are kept.
const MAX_DETAILS: usize = 16;
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
    /// Something lay beyond a bound and was not read.
    pub cut: bool,
}

/// One thing that gave a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The reason that it gives.
    pub reason: Reason,
    /// What was seen, at most 200 octets of the sender's own text: not escaped.
    pub seen: String,
}

impl Content {
    /// Whether it deceives or asks for what the brand never asks for, which turns a weak claim into
    /// suspicion.
    pub fn is_deceptive(&self) -> bool {
        self.findings.iter().any(|reason| {
            matches!(
                reason,
                Reason::LookalikeLink
                    | Reason::DeceptiveLink
                    | Reason::AsksForPassword
                    | Reason::AsksForPaymentData
                    | Reason::AsksForIdentity
                    | Reason::CallbackNumber
            )
        })
    }
}

/// Reads the body of `message`, at most `max_body` octets of it.
///
/// `strong_claim`: the header alone says that the message is the brand's. Then a link that shows
/// nothing but the brand's name counts as deceptive, and hosts that resemble the brand's weakly count
/// too.
///
/// Attached messages, delivery and abuse reports and quoted text are somebody else's words and not
/// judged. Total: no input makes it fail, its time is linear in what is read.
pub fn inspect(message: &Message, brand: &Brand, strong_claim: bool, max_body: usize) -> Content {
    let body = message.body.get(..max_body).unwrap_or(&message.body);
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
    let reply = quote::is_reply(message);
    let mut reader = Reader {
        brand,
        strong_claim,
        judge: links::Judge::new(message, brand, strong_claim),
        details: Vec::new(),
        names_brand: false,
        cut: walk.cut || body.len() < message.body.len() || message.cut.contains(&Limit::Body),
    };
    if !reply {
        reader.subject(message);
    }
    for part in &walk.parts {
        reader.part(part, reply);
    }
    reader.finish()
}

struct Reader<'b> {
    brand: &'b Brand,
    strong_claim: bool,
    judge: links::Judge<'b>,
    details: Vec<Detail>,
    names_brand: bool,
    cut: bool,
}

impl Reader<'_> {
    /// A subject asks as well as a text does, and the body may be a picture.
    fn subject(&mut self, message: &Message) {
        for header in message.headers_named("Subject").take(4) {
            let requests = requests::read(&normal(&transfer::header_text(&header.value)));
            for (category, sentence) in &requests.asked {
                self.note(reason(*category), sentence);
            }
        }
    }

    fn part(&mut self, part: &mime::Part<'_>, reply: bool) {
        let is_html = part.fields.kind == mime::Kind::Html;
        let bytes = part.fields.encoding.decode(part.body);
        let text = transfer::to_text(&bytes, part.fields.charset.as_deref(), is_html);
        let mut page = match is_html {
            true => html::read(&text, reply),
            false => Page::plain(&text),
        };
        // Nothing but a quote, in a message that answers nothing: the quote is what it says.
        if reply || page.has_own_text() {
            page.leave_out_quotes();
        }
        self.cut |= page.cut;
        self.page(&page);
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
        if let Some(number) = callback::find(&text, &requests, self.strong_claim) {
            self.note(Reason::CallbackNumber, &number);
        }
        for link in &page.links {
            self.judge.link(link);
        }
        self.judge.text(&page.text, |line| {
            !requests::read(&normal(line)).warnings.is_empty()
        });
        let names = names::read(self.brand, &page.text);
        self.names_brand |= names.named;
        self.cut |= names.cut;
        if let Some(word) = names.misspelled {
            self.note(Reason::BrandMisspelled, &word);
        }
    }

    fn note(&mut self, reason: Reason, seen: &str) {
        note(&mut self.details, reason, seen);
    }

    fn finish(self) -> Content {
        let mut details = self.judge.details;
        details.extend(self.details);
        let findings = details.iter().map(|detail| detail.reason).collect();
        details.truncate(MAX_DETAILS);
        Content {
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
