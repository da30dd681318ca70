//! The one value that comes out: everything that anybody sees is a rendering of it.

pub mod authentication_results;
mod explanation;
pub mod header_text;
pub mod printable;

use crate::{
    claim::{Claim, Claims},
    mail::{
        domain::Domain,
        message::{Envelope, Header, Limit, Message},
    },
    proof::{AuthResult, Evidence},
    reason::Reason,
    verdict::{
        Judgement, Verdict,
        policy::{Action, Decision},
    },
    wants::{Content, Detail},
};
use header_text::encode;
use std::collections::HashMap;

/// The prefix of the fields that only this program may write.
pub const OWN_PREFIX: &str = "X-Amazon-Spoof-";
/// The field by which mail programs sort out spam.
const SPAM_FLAG: &str = "X-Spam-Flag";
/// The verdict in one line, for programs.
pub const VERDICT_FIELD: &str = "X-Amazon-Spoof-Verdict";
/// The verdict in one sentence, for people.
pub const EXPLANATION_FIELD: &str = "X-Amazon-Spoof-Explanation";

/// How reports are rendered into header fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderOptions {
    /// Who we are in Authentication-Results: the operator's word, or else the machine's name.
    pub authserv_id: String,
    /// The operator gave it. Else the MTA's own name goes before it, since that is the one whose
    /// forged fields arrive.
    pub is_authserv_id_given: bool,
    /// Identifiers whose fields stay, even where they equal ours.
    pub keep_authres: Vec<String>,
    /// What the Subject of a spoof is given in front; empty for nothing.
    pub subject_prefix: String,
    /// Whether spoofs get X-Spam-Flag and X-Spam-Status.
    pub spam_flag: bool,
    /// Whether messages without a claim get Authentication-Results, too, where they were
    /// authenticated.
    pub results_for_all: bool,
    /// The language of the advice in the explanation, one of [`crate::brand::LANGUAGES`]; empty for none.
    pub advice_language: String,
}

impl HeaderOptions {
    /// Who we are in Authentication-Results of a message that came by this envelope.
    pub fn authserv_id<'a>(&'a self, envelope: &'a Envelope) -> &'a str {
        match &envelope.mta_name {
            Some(name) if !self.is_authserv_id_given => name.as_str(),
            _ => &self.authserv_id,
        }
    }
}

/// What refused clients are told beside the verdict's word; empty texts for the built-in ones. All of
/// it is printable ASCII and short enough for one line of SMTP.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyTexts {
    /// Where the message is rejected.
    pub reject: String,
    /// Where it is deferred.
    pub defer: String,
    /// Whom to ask: an address or a URL; empty for nobody.
    pub contact: String,
}

/// What was found out about a message and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The verdict.
    pub verdict: Verdict,
    /// Why, in the order of [`Reason::ALL`].
    pub reasons: Vec<Reason>,
    /// What is done.
    pub decision: Decision,
    /// How the message presents itself as the brand.
    pub claims: Vec<Claim>,
    /// Every address that a client could show as the author's, as written.
    pub author_addresses: Vec<String>,
    /// Every name that a client could show as the author's, decoded.
    pub author_names: Vec<String>,
    /// The author domain that decided, or the first one.
    pub author: Option<Domain>,
    /// The mailing list that brought it, where the list's host is proved.
    pub list: Option<Domain>,
    /// What DNS and the signatures prove; `None` where nobody asked.
    pub evidence: Option<Evidence>,
    /// What in the body gave a reason.
    pub content: Vec<Detail>,
    /// Limits that something ran into.
    pub limits: Vec<Limit>,
    /// One sentence for people: ASCII, printable, without anything that a sender wrote except
    /// domain names.
    pub explanation: String,
    /// What people should do, in the operator's language; empty where nothing needs to be done.
    pub advice: String,
    /// Whether it came with an Authentication-Results field in our name: forged, or by another
    /// filter of the same host.
    pub results_in_our_name: bool,
    /// An impersonation by an author whom an operator might know and allow: his own domain is proved and
    /// no free name, and the mail neither speaks as the brand nor asks for anything.
    pub may_be_allowed: bool,
}

/// A message that was judged: what the parts of the core found, and what they decided.
#[derive(Debug)]
pub struct Judged {
    /// How it presents itself as the brand.
    pub claims: Claims,
    /// What DNS and the signatures prove; `None` where nobody asked.
    pub evidence: Option<Evidence>,
    /// What its text says and asks for.
    pub content: Content,
    /// The verdict, and why.
    pub judgement: Judgement,
    /// What is done.
    pub decision: Decision,
    /// Limits that something ran into, beside those of the claims.
    pub limits: Vec<Limit>,
}

/// The edits of a message's header, in the order in which they are to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// Fields to delete: name and position among the fields of that name, counted from 1. The last
    /// comes first, since the MTA renumbers what follows a deletion.
    pub delete: Vec<(String, u32)>,
    /// The new value of the first Subject field, or of one to be added.
    pub subject: Option<Subject>,
    /// Fields to put at the top, the topmost first. Values are ASCII without line ends and without
    /// a leading space.
    pub insert: Vec<(&'static str, String)>,
    /// A field that forges ours can't be deleted, so that the message must be put off.
    pub hides_forgeries: bool,
}

impl Edits {
    /// Whether the message stays as it is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What happens to the Subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The first Subject field gets this value.
    Replace(Vec<u8>),
    /// There was none; this one is added.
    Add(Vec<u8>),
}

/// A reply to the SMTP client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Three digits.
    pub code: &'static str,
    /// The enhanced status code (RFC 3463, RFC 7372).
    pub status: &'static str,
    /// The text: general, nothing of the sender's.
    pub text: String,
}

impl Report {
    /// Puts together what the parts of the core found. `brand`: its name, as people are told it.
    pub fn new(brand: &str, judged: Judged) -> Self {
        let Judged {
            mut claims,
            evidence,
            content,
            judgement,
            decision,
            mut limits,
        } = judged;
        let explanation = explanation::explain(brand, &judgement, &claims, evidence.as_ref());
        if judgement.excused {
            claims.make_excused_weak();
        }
        limits.extend(&claims.cut);
        limits.sort_unstable();
        limits.dedup();
        let asks = judgement.reasons.iter().any(|reason| reason.is_deed());
        let may_be_allowed =
            judgement.verdict == Verdict::Impersonation && judgement.accountable && !asks;
        Self {
            verdict: judgement.verdict,
            reasons: judgement.reasons.into_iter().collect(),
            decision,
            list: judgement.list,
            author: judgement.author.or_else(|| claims.first_author().cloned()),
            author_addresses: claims
                .authors
                .addresses
                .iter()
                .map(ToString::to_string)
                .collect(),
            author_names: claims.authors.names,
            claims: claims.list,
            evidence,
            content: judgement.quoted.details(content),
            limits,
            explanation,
            advice: String::new(),
            results_in_our_name: false,
            may_be_allowed,
        }
    }

    /// Adds whether the message came with results in our name.
    #[must_use]
    pub fn with_results_in_our_name(mut self, message: &Message, options: &HeaderOptions) -> Self {
        let (own, keep) = (
            options.authserv_id(&message.envelope),
            &options.keep_authres,
        );
        let mut fields = message.headers_named(authentication_results::FIELD);
        self.results_in_our_name = fields.any(|field| {
            authentication_results::is_in_our_name(&field.value, own, keep) == Some(true)
        });
        self
    }

    /// Adds what to do, where the message presents itself as the brand without proof.
    #[must_use]
    pub fn with_advice(mut self, advice: &str) -> Self {
        if self.verdict.is_spoof()
            || matches!(self.verdict, Verdict::Suspicious | Verdict::Unverifiable)
        {
            advice.clone_into(&mut self.advice);
        }
        self
    }

    /// The reasons as one comma-separated word list.
    pub fn reason_words(&self) -> String {
        let words: Vec<_> = self.reasons.iter().map(|reason| reason.word()).collect();
        words.join(",")
    }

    /// The value of the verdict field.
    pub fn verdict_value(&self) -> String {
        let mut value = format!("{}; action={}", self.verdict, self.decision.action);
        if let Some(author) = &self.author {
            value.push_str("; author=");
            value.push_str(author.as_str());
        }
        if !self.reasons.is_empty() {
            value.push_str("; reasons=");
            value.push_str(&self.reason_words());
        }
        value
    }

    /// The value of the explanation field. The explanation stays readable in the raw message where
    /// only the advice needs encoded words.
    fn explanation_value(&self) -> String {
        match self.advice.as_str() {
            "" => encode(&self.explanation),
            advice => format!("{} {}", encode(&self.explanation), encode(advice)),
        }
    }

    /// Whether the message gets our fields: it has a verdict that a reader can use, and it is
    /// delivered.
    fn is_labelled(&self) -> bool {
        self.decision.applied && !matches!(self.verdict, Verdict::Unrelated | Verdict::Exempt)
    }

    /// The edits for a message that is delivered or held.
    ///
    /// A message that gets no label is left as it is, apart from fields that forge ours.
    pub fn edits(&self, message: &Message, options: &HeaderOptions) -> Edits {
        let mut edits = Edits::default();
        if !self.decision.applied {
            return edits;
        }
        // What is on hold reaches a reader only once somebody released it, and then it is no spam.
        let spoof =
            self.is_labelled() && self.verdict.is_spoof() && self.decision.action == Action::Tag;
        let flag = spoof && options.spam_flag;
        edits.delete = forgeries(message, options, flag);
        edits.hides_forgeries = message.hides_forgeries;
        if let Some(evidence) = &self.evidence
            && (self.is_labelled() || options.results_for_all)
        {
            let author = match self.is_labelled() {
                true => self.author.as_ref(),
                false => unproved_author(evidence).or(self.author.as_ref()),
            };
            let value = authentication_results::render(
                options.authserv_id(&message.envelope),
                evidence,
                author,
            );
            edits.insert.push((authentication_results::FIELD, value));
        }
        if !self.is_labelled() {
            return edits;
        }
        edits.insert.push((VERDICT_FIELD, self.verdict_value()));
        edits
            .insert
            .push((EXPLANATION_FIELD, self.explanation_value()));
        if flag {
            edits.insert.push((SPAM_FLAG, "YES".into()));
            if message.headers_named("X-Spam-Status").next().is_none() {
                edits.insert.push((
                    "X-Spam-Status",
                    format!("Yes, tests={}", self.reason_words()),
                ));
            }
        }
        if spoof && !options.subject_prefix.is_empty() {
            edits.subject = Some(prefixed_subject(message, &options.subject_prefix));
        }
        edits
    }

    /// The reply to the client, where the action is one.
    pub fn reply(&self, texts: &ReplyTexts) -> Option<Reply> {
        let dns = self.reasons.contains(&Reason::DnsTemporaryFailure);
        let (code, status, built_in, own) = match (self.decision.action, self.verdict) {
            (Action::Reject, Verdict::Forged) => (
                "550",
                "5.7.26",
                "the author domain could not be authenticated",
                &texts.reject,
            ),
            (Action::Reject, _) => (
                "550",
                "5.7.1",
                "the sender presents itself as somebody it is not",
                &texts.reject,
            ),
            (Action::Defer, _) if dns => (
                "451",
                "4.4.3",
                "the author domain can't be authenticated now, try again later",
                &texts.defer,
            ),
            (Action::Defer, _) => (
                "451",
                "4.7.1",
                "this message can't be taken now, try again later",
                &texts.defer,
            ),
            _ => return None,
        };
        let text = if own.is_empty() { built_in } else { own };
        let mut text = format!("Message refused by policy ({}): {text}", self.verdict);
        if !texts.contact.is_empty() {
            text.push_str("; questions to ");
            text.push_str(&texts.contact);
        }
        Some(Reply { code, status, text })
    }
}

/// Of several authors the first that did not pass DMARC. A reader is shown all of them, so that a pass
/// of one must not stand for the message (RFC 9989 section 5.3.1).
fn unproved_author(evidence: &Evidence) -> Option<&Domain> {
    let mut authors = evidence.authors.iter().map(|author| &author.domain);
    authors.find(|author| evidence.dmarc(author) != AuthResult::Pass)
}

/// Whether a field has a name that we write ourselves, so that what a sender wrote there may have to go.
pub fn could_forge_ours(header: &Header) -> bool {
    has_own_prefix(header) || header.is(SPAM_FLAG) || header.is(authentication_results::FIELD)
}

fn has_own_prefix(header: &Header) -> bool {
    let start = header.name.trim_ascii().get(..OWN_PREFIX.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(OWN_PREFIX.as_bytes()))
}

/// The fields that forge ours, from the last one up.
fn forgeries(message: &Message, options: &HeaderOptions, flag: bool) -> Vec<(String, u32)> {
    // Counted by a table: a sender can give each of two thousand such fields a name of its own.
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut delete = Vec::new();
    for header in &message.headers {
        let ours = has_own_prefix(header) || (flag && header.is(SPAM_FLAG));
        if !ours && !header.is(authentication_results::FIELD) {
            continue;
        }
        let name = String::from_utf8_lossy(header.name.trim_ascii()).into_owned();
        // MTAs count the fields of one name whatever their case.
        let count = seen.entry(name.to_ascii_lowercase()).or_default();
        *count += 1;
        let index = *count;
        if ours
            || authentication_results::is_forgery(
                &header.value,
                options.authserv_id(&message.envelope),
                &options.keep_authres,
            )
        {
            delete.push((name, index));
        }
    }
    delete.reverse();
    delete
}

fn prefixed_subject(message: &Message, prefix: &str) -> Subject {
    let prefix = encode(prefix);
    match message.headers_named("Subject").next() {
        Some(field) => {
            let mut value = format!(" {prefix} ").into_bytes();
            value.extend_from_slice(field.value.trim_ascii_start());
            Subject::Replace(value)
        }
        None => Subject::Add(prefix.into_bytes()),
    }
}

#[cfg(test)]
mod tests;
