//! What one text of a message gives: the sender's own, or what he quotes.

use crate::{
    brand::{Brand, name::strong_name},
    mail::{
        message::Message,
        text::{capital_i::as_small_l, normalise::normal, reading_order::reading_order},
        visible_text::Page,
    },
    reason::Reason,
    wants::{
        author_name::AuthorName,
        content::{Finding, Text},
        hidden, links, names, phone_number,
        phrases::Category,
        requests::{self, Requests},
        speech::{self, Speech},
    },
};

/// Reads pages and subjects into one [`Text`].
pub(crate) struct Reader<'b, 'n> {
    brand: &'b Brand,
    author: &'n AuthorName<'b>,
    strong_claim: bool,
    judge: links::Judge<'b>,
    text: Text,
    /// How many octets may still be looked at closely.
    room: usize,
    cut: bool,
}

impl<'b, 'n> Reader<'b, 'n> {
    /// `strong_claim`: the header says that the message is the brand's, and nothing could excuse that.
    pub(crate) fn new(
        brand: &'b Brand,
        author: &'n AuthorName<'b>,
        strong_claim: bool,
        judge: links::Judge<'b>,
    ) -> Self {
        Self {
            brand,
            author,
            strong_claim,
            judge,
            text: Text::default(),
            room: names::MAX_CLOSE,
            cut: false,
        }
    }

    /// A subject asks as well as a text does, and the body may be a picture.
    pub(crate) fn subject(&mut self, message: &Message) -> Speech {
        let mut speech = Speech::No;
        for subject in message.subjects() {
            let subject = reading_order(&subject);
            let small = as_small_l(&subject);
            for subject in small.iter().map(String::as_str).chain([&*subject]) {
                let requests = requests::read(&normal(subject));
                self.requests(&requests);
                speech = speech.max(speech::read(self.brand, subject, self.author).speech);
            }
        }
        self.text.speech = self.text.speech.max(speech);
        speech
    }

    pub(crate) fn page(&mut self, page: &Page) {
        let text = normal(&page.text);
        let requests = requests::read(&text);
        self.requests(&requests);
        for field in &page.fields {
            let category = match field.secret {
                true => Some(Category::Password),
                false => requests::field(&normal(&field.label)),
            };
            if let Some(category) = category {
                self.add(reason(category), &field.label);
            }
        }
        if let Some(number) = phone_number::find(&text, &requests, self.strong_claim) {
            self.add(Reason::CallbackNumber, &number);
        }
        self.judge.links(&page.links);
        self.judge
            .text(&page.text, |line| requests::warns(&normal(line)));
        let spoken = speech::read(self.brand, &page.text, self.author);
        self.text.speech = self.text.speech.max(spoken.speech);
        let names = names::read(self.brand, &page.text, &mut self.room);
        self.text.names_brand |= names.named;
        self.cut |= names.cut;
        if let Some(word) = names.misspelled {
            self.add(Reason::BrandMisspelled, &word);
        }
        let links = self.judge.details.iter().map(|link| &*link.seen);
        let said = self.text.findings.iter().map(|found| &*found.seen);
        if let Some(word) = hidden::in_words_that_count(self.brand, page, said.chain(links)) {
            self.add(Reason::HiddenText, &word);
        }
    }

    fn requests(&mut self, requests: &Requests) {
        for (category, sentence) in &requests.asked {
            self.add(reason(*category), sentence);
        }
    }

    fn add(&mut self, reason: Reason, seen: &str) {
        let names_brand = self.names_brand(seen);
        self.text.add(Finding {
            reason,
            seen: seen.to_owned(),
            names_brand,
            leads_home: false,
            presses: false,
        });
    }

    fn names_brand(&self, sentence: &str) -> bool {
        self.brand.prefilter().find(sentence).is_some()
            && strong_name(self.brand, sentence).is_some()
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut || self.judge.is_cut()
    }

    pub(crate) fn finish(mut self) -> Text {
        let findings = std::mem::take(&mut self.text.findings);
        let mut text = Text {
            findings: Vec::new(),
            leads_to_stranger: self.judge.strangers,
            leads_home: self.judge.home,
            ..self.text
        };
        for detail in self.judge.details {
            text.add(Finding {
                reason: detail.reason,
                seen: detail.seen,
                names_brand: true,
                leads_home: detail.leads_home,
                presses: false,
            });
        }
        for finding in findings {
            text.add(finding);
        }
        text
    }
}

fn reason(category: Category) -> Reason {
    match category {
        Category::Password => Reason::AsksForPassword,
        Category::Payment => Reason::AsksForPaymentData,
        Category::Identity => Reason::AsksForIdentity,
    }
}
