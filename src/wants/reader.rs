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
        hidden, links,
        names::{self, Placed},
        phone_number,
        phrases::{Category, Threat},
        requests,
        speech::{self, Speech},
    },
};

use std::ops::Range;

/// Reads pages and subjects into one [`Text`].
pub(crate) struct Reader<'b, 'n> {
    brand: &'b Brand,
    author: &'n AuthorName<'b>,
    strong_claim: bool,
    /// What stands above the text, in the form in which requests are read.
    heading: String,
    /// How that speaks.
    heading_speech: Speech,
    /// It speaks to its reader of what is his and the brand's.
    addresses: bool,
    /// What below it greets the brand's customer or signs as the brand.
    letter: Option<String>,
    /// What stands above is nothing but the brand's name.
    bare_heading: bool,
    /// How the pages below it begin, before one greets or signs: whether they speak of what is the reader's is
    /// asked where nothing says more.
    beginnings: Vec<String>,
    /// It answers, or came by a mailing list.
    converses: bool,
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
            heading: String::new(),
            heading_speech: Speech::No,
            addresses: false,
            letter: None,
            bare_heading: false,
            beginnings: Vec::new(),
            converses: false,
            judge,
            text: Text::default(),
            room: names::MAX_CLOSE,
            cut: false,
        }
    }

    /// The same below a heading: a number in the text can belong to what the subject says.
    pub(crate) fn below(self, heading: &str) -> Self {
        let placed = Placed::new(self.brand, heading);
        let spoken = speech::read(self.brand, &placed, self.author);
        Self {
            heading: requests::readable_of(&placed),
            heading_speech: spoken.speech,
            addresses: spoken.addresses || spoken.speech > Speech::No,
            bare_heading: spoken.is_bare,
            ..self
        }
    }

    /// The same in a conversation: many a list's post speaks of accounts and amounts. The sender can claim to be
    /// in one, and wins nothing by it but what honest mail says as well.
    pub(crate) fn in_conversation(self, converses: bool) -> Self {
        Self { converses, ..self }
    }

    /// A subject asks as well as a text does, and the body may be a picture.
    pub(crate) fn subject(&mut self, message: &Message) -> Speech {
        let mut speech = Speech::No;
        for subject in message.subjects() {
            let subject = reading_order(&subject);
            let small = as_small_l(&subject);
            for subject in small.iter().map(String::as_str).chain([&*subject]) {
                let placed = Placed::new(self.brand, subject);
                let spoken = self.spoken(&placed);
                self.requests(&requests::readable_of(&placed), &[], spoken > Speech::No);
                speech = speech.max(spoken);
            }
        }
        speech
    }

    /// Whether a text speaks as the brand, and what it says of the account or the order that it speaks of.
    fn spoken(&mut self, text: &Placed<'_>) -> Speech {
        let spoken = speech::read(self.brand, text, self.author);
        self.text.speech = self.text.speech.max(spoken.speech);
        if let Some(sentence) = &spoken.threatens {
            self.text.add(Finding {
                threat: Some(Threat::Locked),
                names_brand: true,
                ..Finding::new(Reason::AccountThreat, sentence)
            });
        }
        if spoken.is_letter {
            self.letter.get_or_insert(spoken.seen);
        }
        spoken.speech
    }

    pub(crate) fn page(&mut self, page: &Page) {
        let links = page.links.iter();
        let links = links.map(|link| (link.target.as_str(), link.label.as_str()));
        let dialled = phone_number::dialled(links);
        let placed = Placed::new(self.brand, &page.text);
        let text = requests::readable_of(&placed);
        let text = match self.heading.as_str() {
            "" => text,
            heading => format!("{heading}\n\n{text}"),
        };
        self.text.speech = (self.text.speech).max(speech::letterhead(self.brand, &page.text));
        let spoken = self.spoken(&placed).max(self.heading_speech);
        self.requests(&text, &dialled, spoken > Speech::No);
        let below = text.get(self.heading.len()..).unwrap_or_default();
        if self.bare_heading && self.letter.is_none() {
            self.beginnings.push(speech::beginning(below).to_owned());
        }
        for field in &page.fields {
            let category = match field.secret {
                true => Some(Category::Password),
                false => requests::field(&normal(&field.label)),
            };
            if let Some(category) = category {
                self.add(reason(category), &field.label);
            }
        }
        self.judge.links(&page.links);
        self.judge
            .text(&page.text, |line| requests::warns(&normal(line)));
        let names = names::read(self.brand, &placed, &mut self.room);
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

    /// What a text in its readable form asks for, says of accounts, offers, and wants to be called.
    /// `dialled`: the numbers that its links dial. `speaks`: it, or what stands above it, speaks as the brand.
    fn requests(&mut self, text: &str, dialled: &[(String, String)], speaks: bool) {
        let found = requests::read(text);
        let sentence = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
        for (category, range) in &found.asked {
            self.add(reason(*category), sentence(range));
        }
        for (threat, range) in &found.threats {
            let plain = *threat == Threat::Mentioned;
            // A heading says too little for it.
            if plain && (self.converses || range.start < self.heading.len()) {
                continue;
            }
            let sentence = sentence(range);
            self.text.add(Finding {
                threat: Some(*threat),
                plain,
                ..self.finding(Reason::AccountThreat, sentence)
            });
        }
        for range in &found.prizes {
            let offer = self.finding(Reason::Prize, sentence(range));
            if !offer.names_brand {
                self.hint(text, range.clone(), &offer);
            }
            self.text.add(offer);
        }
        for range in &found.hints {
            let offer = self.finding(Reason::Prize, sentence(range));
            self.hint(text, range.clone(), &offer);
        }
        let presumes = self.strong_claim || speaks;
        let call = phone_number::find(text, &found, presumes, dialled);
        if let Some(call) = call.filter(|call| !(call.plain && self.converses)) {
            self.text.add(Finding {
                about_money_or_lock: call.about_money_or_lock,
                plain: call.plain,
                names_brand: self.names_brand(text.get(call.around).unwrap_or_default()),
                ..self.finding(Reason::CallbackNumber, &call.number)
            });
        }
    }

    /// An offer beside the brand's name. Lures name the brand in one sentence and what they give in the next; so does
    /// honest mail.
    fn hint(&mut self, text: &str, range: Range<usize>, offer: &Finding) {
        const BESIDE: usize = 160;
        let start = text.floor_char_boundary(range.start.saturating_sub(BESIDE));
        let end = text.ceil_char_boundary((range.end + BESIDE).min(text.len()));
        let beside = text.get(start..end).unwrap_or_default();
        if !self.converses && self.names_brand(beside) {
            self.text.add(Finding {
                names_brand: true,
                plain: true,
                ..offer.clone()
            });
        }
    }

    /// Notes what the mail does by no words.
    pub(crate) fn note(&mut self, reason: Reason, seen: &str) {
        self.text.add(Finding::new(reason, seen));
    }

    fn add(&mut self, reason: Reason, seen: &str) {
        let finding = self.finding(reason, seen);
        self.text.add(finding);
    }

    fn finding(&self, reason: Reason, sentence: &str) -> Finding {
        Finding {
            names_brand: self.names_brand(sentence),
            names_author: self.author.named_in(sentence),
            ..Finding::new(reason, sentence)
        }
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
                names_brand: true,
                leads_home: detail.leads_home,
                ..Finding::new(detail.reason, &detail.seen)
            });
        }
        for finding in findings {
            text.add(finding);
        }
        // A better reason makes it needless.
        let deceives = text.findings.iter().any(Finding::deceives);
        if self.converses || deceives {
            return text;
        }
        let mentioned = |threat, seen: &str| Finding {
            threat: Some(threat),
            names_brand: true,
            plain: true,
            ..Finding::new(Reason::AccountThreat, seen)
        };
        if self.addresses {
            text.add(mentioned(Threat::Mentioned, &self.heading));
            return text;
        }
        let mut beginnings = self.beginnings.iter();
        let letter = match beginnings.any(|text| speech::says_yours(text)) {
            true => Some(&self.heading),
            false => self.letter.as_ref(),
        };
        if let Some(letter) = letter.filter(|_| !self.heading.is_empty()) {
            text.add(mentioned(Threat::Letter, letter));
        }
        text
    }
}

fn reason(category: Category) -> Reason {
    match category {
        Category::Password => Reason::AsksForPassword,
        Category::Payment => Reason::AsksForPaymentData,
        Category::Identity => Reason::AsksForIdentity,
        Category::Code => Reason::AsksForCode,
    }
}
