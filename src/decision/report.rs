//! The one value that comes out: everything that anybody sees is a rendering of it.

use super::{
    authres,
    claim::{Claim, Claims},
    content::{Content, Detail},
    domain::Domain,
    evidence::{AuthResult, Evidence},
    explanation,
    header_text::encode,
    message::{Limit, Message},
    policy::{Action, Decision},
    reason::Reason,
    verdict::{Judgement, Verdict},
};

/// The prefix of the fields that only this program may write.
pub const OWN_PREFIX: &str = "X-Amazon-Spoof-";
/// The verdict in one line, for programs.
pub const VERDICT_FIELD: &str = "X-Amazon-Spoof-Verdict";
/// The verdict in one sentence, for people.
pub const EXPLANATION_FIELD: &str = "X-Amazon-Spoof-Explanation";

/// How reports are rendered into header fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderOptions {
    /// Who we are in Authentication-Results.
    pub authserv_id: String,
    /// Identifiers whose fields stay, even where they equal ours.
    pub keep_authres: Vec<String>,
    /// What the Subject of a spoof is given in front; empty for nothing.
    pub subject_prefix: String,
    /// Whether spoofs get X-Spam-Flag and X-Spam-Status.
    pub spam_flag: bool,
    /// Whether messages without a claim get Authentication-Results, too, where they were
    /// authenticated.
    pub results_for_all: bool,
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
    /// What DNS and the signatures prove; `None` where nobody asked.
    pub evidence: Option<Evidence>,
    /// What in the body gave a reason.
    pub content: Vec<Detail>,
    /// Limits that something ran into.
    pub limits: Vec<Limit>,
    /// One sentence for people: ASCII, printable, without anything that a sender wrote except
    /// domain names.
    pub explanation: String,
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
}

impl Edits {
    /// Whether the message stays as it is.
    pub fn is_empty(&self) -> bool {
        self.delete.is_empty() && self.insert.is_empty() && self.subject.is_none()
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
    /// Puts together what the parts of the core found.
    pub fn new(
        brand: &str,
        claims: Claims,
        evidence: Option<Evidence>,
        content: Content,
        judgement: Judgement,
        decision: Decision,
        mut limits: Vec<Limit>,
    ) -> Self {
        let explanation = explanation::explain(brand, &judgement, &claims, evidence.as_ref());
        limits.extend(&claims.cut);
        limits.sort_unstable();
        limits.dedup();
        Self {
            verdict: judgement.verdict,
            reasons: judgement.reasons.into_iter().collect(),
            decision,
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
            content: content.details,
            limits,
            explanation,
        }
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
        let flag = self.is_labelled()
            && options.spam_flag
            && self.verdict.is_spoof()
            && self.decision.action != Action::Accept;
        edits.delete = forgeries(message, options, flag);
        if let Some(evidence) = &self.evidence
            && (self.is_labelled() || options.results_for_all)
        {
            let author = match self.is_labelled() {
                true => self.author.as_ref(),
                false => unproved_author(evidence).or(self.author.as_ref()),
            };
            let value = authres::render(&options.authserv_id, evidence, author);
            edits.insert.push((authres::FIELD, value));
        }
        if !self.is_labelled() {
            return edits;
        }
        edits.insert.push((VERDICT_FIELD, self.verdict_value()));
        edits
            .insert
            .push((EXPLANATION_FIELD, encode(&self.explanation)));
        if flag {
            edits.insert.push(("X-Spam-Flag", "YES".into()));
            if message.headers_named("X-Spam-Status").next().is_none() {
                edits.insert.push((
                    "X-Spam-Status",
                    format!("Yes, tests={}", self.reason_words()),
                ));
            }
            if !options.subject_prefix.is_empty() {
                edits.subject = Some(prefixed_subject(message, &options.subject_prefix));
            }
        }
        edits
    }

    /// The reply to the client, where the action is one.
    pub fn reply(&self) -> Option<Reply> {
        let dns = self.reasons.contains(&Reason::DnsTemporaryFailure);
        let (code, status, text) = match (self.decision.action, self.verdict) {
            (Action::Reject, Verdict::Forged) => (
                "550",
                "5.7.26",
                "the author domain could not be authenticated",
            ),
            (Action::Reject, _) => (
                "550",
                "5.7.1",
                "the sender presents itself as somebody it is not",
            ),
            (Action::Defer, _) if dns => (
                "451",
                "4.4.3",
                "the author domain can't be authenticated now, try again later",
            ),
            (Action::Defer, _) => (
                "451",
                "4.7.1",
                "this message can't be taken now, try again later",
            ),
            _ => return None,
        };
        Some(Reply {
            code,
            status,
            text: format!("Message refused by policy ({}): {text}", self.verdict),
        })
    }
}

/// Of several authors the first that did not pass DMARC. A reader is shown all of them, so that a pass
/// of one must not stand for the message (RFC 9989 section 5.3.1).
fn unproved_author(evidence: &Evidence) -> Option<&Domain> {
    let mut authors = evidence.authors.iter().map(|author| &author.domain);
    authors.find(|author| evidence.dmarc(author) != AuthResult::Pass)
}

/// The fields that forge ours, from the last one up.
fn forgeries(message: &Message, options: &HeaderOptions, flag: bool) -> Vec<(String, u32)> {
    let mut seen: Vec<(String, u32)> = Vec::new();
    let mut delete = Vec::new();
    for header in &message.headers {
        let name = String::from_utf8_lossy(header.name.trim_ascii()).into_owned();
        let lower = name.to_ascii_lowercase();
        let ours =
            lower.starts_with(&OWN_PREFIX.to_ascii_lowercase()) || (flag && lower == "x-spam-flag");
        let authres = lower.eq_ignore_ascii_case(authres::FIELD);
        if !ours && !authres {
            continue;
        }
        // MTAs count the fields of one name whatever their case.
        let index = match seen.iter_mut().find(|(known, _)| *known == lower) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                seen.push((lower, 1));
                1
            }
        };
        if ours || authres::is_forgery(&header.value, &options.authserv_id, &options.keep_authres) {
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
mod tests {
    use super::*;
    use crate::decision::{
        evidence::{AuthorEvidence, DmarcLookup, DmarcRecord, Existence, Spf},
        message::Header,
    };

    fn message(fields: &[(&str, &str)]) -> Message {
        Message {
            headers: fields
                .iter()
                .map(|(name, value)| Header {
                    name: name.as_bytes().to_vec(),
                    value: value.as_bytes().to_vec(),
                })
                .collect(),
            ..Message::default()
        }
    }

    fn options() -> HeaderOptions {
        HeaderOptions {
            authserv_id: "mx.shop.example".into(),
            keep_authres: Vec::new(),
            subject_prefix: "[SPOOF]".into(),
            spam_flag: true,
            results_for_all: false,
        }
    }

    fn report(verdict: Verdict, action: Action) -> Report {
        Report {
            verdict,
            reasons: vec![Reason::LookalikeAuthorDomain, Reason::AsksForPassword],
            decision: Decision {
                action,
                applied: true,
                softened: false,
            },
            claims: Vec::new(),
            author_addresses: Vec::new(),
            author_names: Vec::new(),
            author: Some(Domain::parse("evil.example").unwrap()),
            evidence: Some(Evidence::default()),
            content: Vec::new(),
            limits: Vec::new(),
            explanation: "It lies.".into(),
        }
    }

    /// Two author domains with a policy each, and SPF that passes for the first.
    fn two_authors(first: &str, second: &str) -> Evidence {
        let author = |domain: &str| AuthorEvidence {
            domain: Domain::parse(domain).unwrap(),
            organizational: None,
            dmarc: DmarcLookup::Record(DmarcRecord::default()),
            existence: Existence::Exists,
        };
        Evidence {
            spf: Spf {
                result: AuthResult::Pass,
                domain: Some(Domain::parse(first).unwrap()),
                ..Spf::default()
            },
            authors: vec![author(first), author(second)],
            ..Evidence::default()
        }
    }

    #[test]
    fn forged_fields_go_from_the_last_one_up() {
        let message = message(&[
            ("Authentication-Results", " mx.shop.example; spf=pass"),
            ("x-amazon-spoof-verdict", " verified"),
            ("authentication-results", " mx.other.example; spf=pass"),
            ("AUTHENTICATION-RESULTS ", " MX.shop.example; dkim=pass"),
            ("X-Spam-Flag", " NO"),
        ]);
        let edits = report(Verdict::Unrelated, Action::Accept).edits(&message, &options());
        assert_eq!(
            edits.delete,
            [
                ("AUTHENTICATION-RESULTS".to_owned(), 3),
                ("x-amazon-spoof-verdict".to_owned(), 1),
                ("Authentication-Results".to_owned(), 1),
            ]
        );
        assert!(edits.insert.is_empty() && edits.subject.is_none());
    }

    #[test]
    fn a_spoof_gets_the_documented_fields() {
        let message = message(&[("X-Spam-Flag", " NO"), ("Subject", " Hi\r\n\tyou")]);
        let edits = report(Verdict::Lookalike, Action::Tag).edits(&message, &options());
        assert_eq!(edits.delete, [("X-Spam-Flag".to_owned(), 1)]);
        assert_eq!(
            edits.insert,
            [
                ("Authentication-Results", "mx.shop.example; spf=none; dkim=none; dmarc=none header.from=evil.example".to_owned()),
                (
                    "X-Amazon-Spoof-Verdict",
                    "lookalike; action=tag; author=evil.example; reasons=lookalike-author-domain,asks-for-password".to_owned()
                ),
                ("X-Amazon-Spoof-Explanation", "It lies.".to_owned()),
                ("X-Spam-Flag", "YES".to_owned()),
                ("X-Spam-Status", "Yes, tests=lookalike-author-domain,asks-for-password".to_owned()),
            ]
        );
        assert_eq!(
            edits.subject,
            Some(Subject::Replace(b" [SPOOF] Hi\r\n\tyou".to_vec()))
        );
    }

    #[test]
    fn mail_without_a_claim_gets_its_results_where_all_is_to_get_them() {
        let all = HeaderOptions {
            results_for_all: true,
            ..options()
        };
        let edits = |options: &HeaderOptions| {
            report(Verdict::Unrelated, Action::Accept).edits(&message(&[]), options)
        };
        assert!(edits(&options()).is_empty());
        assert_eq!(
            edits(&all).insert,
            [(
                "Authentication-Results",
                "mx.shop.example; spf=none; dkim=none; dmarc=none header.from=evil.example"
                    .to_owned()
            )]
        );
        // A pass of one author is no pass of the other.
        let mut two = report(Verdict::Unrelated, Action::Accept);
        two.author = Some(Domain::parse("one.example").unwrap());
        two.evidence = Some(two_authors("one.example", "two.example"));
        assert_eq!(
            two.edits(&message(&[]), &all).insert,
            [(
                "Authentication-Results",
                "mx.shop.example; spf=pass smtp.mailfrom=one.example; dkim=none; \
                 dmarc=fail header.from=two.example"
                    .to_owned()
            )]
        );
        // Nobody asked: there is nothing to tell.
        let mut exempt = report(Verdict::Exempt, Action::Accept);
        exempt.evidence = None;
        assert!(exempt.edits(&message(&[]), &all).is_empty());
    }

    #[test]
    fn genuine_mail_gets_a_verdict_and_no_spam_flag() {
        let edits = report(Verdict::Verified, Action::Accept).edits(&message(&[]), &options());
        let names: Vec<_> = edits.insert.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                "Authentication-Results",
                "X-Amazon-Spoof-Verdict",
                "X-Amazon-Spoof-Explanation"
            ]
        );
    }

    #[test]
    fn replies_are_the_documented_ones() {
        let reply = |verdict, action| {
            report(verdict, action)
                .reply()
                .map(|reply| (reply.code, reply.status))
        };
        assert_eq!(
            reply(Verdict::Forged, Action::Reject),
            Some(("550", "5.7.26"))
        );
        assert_eq!(
            reply(Verdict::Lookalike, Action::Reject),
            Some(("550", "5.7.1"))
        );
        assert_eq!(
            reply(Verdict::Impersonation, Action::Reject),
            Some(("550", "5.7.1"))
        );
        assert_eq!(
            reply(Verdict::Suspicious, Action::Defer),
            Some(("451", "4.7.1"))
        );
        assert_eq!(reply(Verdict::Forged, Action::Tag), None);
        let mut dns = report(Verdict::Unverifiable, Action::Defer);
        dns.reasons = vec![Reason::DnsTemporaryFailure];
        assert_eq!(dns.reply().map(|reply| reply.status), Some("4.4.3"));
        assert_eq!(
            report(Verdict::Lookalike, Action::Reject)
                .reply()
                .unwrap()
                .text,
            "Message refused by policy (lookalike): the sender presents itself as somebody it is not"
        );
    }
}
