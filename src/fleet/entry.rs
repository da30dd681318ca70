//! A decision as words of a stream, and back.
//!
//! What is read was written by somebody else, be it another version or who broke into a store: a word that is not
//! known is skipped, a text is cut, and an entry without a verdict is none.

use crate::{
    brand::Strength,
    claim::Claim,
    history::{Decided, Elsewhere, MAX_AUTHORS, MAX_SIGNATURES, ProofShown, cut},
    mail::{domain::Domain, message::Limit},
    proof::{AuthResult, Evidence},
    reason::Reason,
    report::{Report, printable::printable},
    verdict::{
        Verdict,
        policy::{Action, Compromise, Decision},
    },
};
use redis::Value;
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Words of one entry that are looked at: names and addresses stand several times.
const MAX_WORDS: usize = 64;

/// Octets of a word that are looked at; ours are shorter.
const MAX_WORD: usize = 4_096;

/// Characters of an explanation.
const MAX_EXPLANATION: usize = 1_000;

/// One entry of a stream: its id and its words, in their order.
pub(super) struct Entry<'a> {
    pub(super) id: Id,
    words: Vec<(&'a str, &'a str)>,
}

/// The id of an entry: milliseconds since 1970 by the store's clock, and a number among those of one millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id {
    pub(super) millis: u64,
    number: u64,
}

impl Id {
    fn parse(text: &str) -> Option<Self> {
        let (millis, number) = text.split_once('-')?;
        Some(Self {
            millis: millis.parse().ok()?,
            number: number.parse().ok()?,
        })
    }

    /// As commands have it.
    pub(super) fn text(self) -> String {
        format!("{}-{}", self.millis, self.number)
    }
}

impl<'a> Entry<'a> {
    /// The entries of a reply to XREVRANGE, newest first; what is none is left out.
    pub(super) fn of_reply(reply: &'a Value) -> Vec<Self> {
        let Value::Array(entries) = reply else {
            return Vec::new();
        };
        entries.iter().filter_map(Self::read).collect()
    }

    fn read(value: &'a Value) -> Option<Self> {
        let Value::Array(parts) = value else {
            return None;
        };
        let [id, Value::Array(words)] = &parts[..] else {
            return None;
        };
        let text = |value: &'a Value| match value {
            Value::BulkString(octets) if octets.len() <= MAX_WORD => {
                std::str::from_utf8(octets).ok()
            }
            _ => None,
        };
        let words = words.chunks_exact(2).take(MAX_WORDS);
        Some(Self {
            id: Id::parse(text(id)?)?,
            words: words
                .filter_map(|pair| match pair {
                    [name, value] => Some((text(name)?, text(value)?)),
                    _ => None,
                })
                .collect(),
        })
    }

    /// The first word of that name; none for an empty one.
    pub(super) fn word(&self, name: &str) -> Option<&'a str> {
        self.words(name).next().filter(|word| !word.is_empty())
    }

    fn words(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.words.iter().filter(move |(known, _)| *known == name);
        named.map(|(_, value)| *value)
    }

    /// The words of a list with commas that `known` knows.
    fn list<T>(&self, name: &str, known: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let text = self.word(name).unwrap_or_default();
        text.split(',').filter_map(known).collect()
    }

    /// Texts of a sender's.
    fn texts(&self, name: &str) -> Vec<String> {
        self.words(name).take(MAX_AUTHORS).map(cut).collect()
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.word(name)?.parse().ok()
    }
}

/// The words of a decision, for XADD.
pub(super) fn words(decided: &Decided, run: &str) -> Vec<(&'static str, String)> {
    let report = &decided.report;
    let decision = report.decision;
    let since = decided.at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut words = vec![
        ("run", run.to_owned()),
        ("at", since.as_millis().to_string()),
        ("took", decided.duration.as_micros().to_string()),
        ("verdict", report.verdict.word().to_owned()),
        ("action", decision.action.word().to_owned()),
        ("applied", u8::from(decision.applied).to_string()),
        ("reasons", report.reason_words()),
    ];
    let mut add = |name, text: String| {
        if !text.is_empty() {
            words.push((name, text));
        }
    };
    add(
        "queue",
        decided.queue_id.as_deref().map(cut).unwrap_or_default(),
    );
    add(
        "author",
        report
            .author
            .as_ref()
            .map(Domain::to_string)
            .unwrap_or_default(),
    );
    add(
        "compromise",
        decision
            .compromise
            .map(compromise_word)
            .unwrap_or_default()
            .to_owned(),
    );
    add("strong", claims(report, Strength::Strong));
    add("weak", claims(report, Strength::Weak));
    add(
        "limits",
        joined(report.limits.iter().map(|limit| limit.word())),
    );
    if !matches!(report.verdict, Verdict::Unrelated) {
        add(
            "explanation",
            report.explanation.chars().take(MAX_EXPLANATION).collect(),
        );
        add(
            "advice",
            report.advice.chars().take(MAX_EXPLANATION).collect(),
        );
    }
    add(
        "proofs",
        report
            .evidence
            .as_ref()
            .map(|all| proofs(all, report))
            .unwrap_or_default(),
    );
    add("sender", decided.mail_from.clone().unwrap_or_default());
    for name in &report.author_names {
        add("name", name.clone());
    }
    for address in &report.author_addresses {
        add("address", address.clone());
    }
    words
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(",")
}

fn claims(report: &Report, strength: Strength) -> String {
    let claims = report
        .claims
        .iter()
        .filter(|claim| claim.strength == strength);
    joined(claims.map(|claim| claim.reason.word()))
}

fn compromise_word(compromise: Compromise) -> &'static str {
    match compromise {
        Compromise::Reserved => "reserved",
        Compromise::Mildest => "mildest",
        Compromise::MildRuleVoid => "mild-rule-void",
    }
}

const COMPROMISES: [Compromise; 3] = [
    Compromise::Reserved,
    Compromise::Mildest,
    Compromise::MildRuleVoid,
];

const METHODS: [&str; 4] = ["SPF", "DKIM", "DMARC", "ARC"];

/// As `SPF pass a.example,DKIM none -`.
fn proofs(evidence: &Evidence, report: &Report) -> String {
    let mut all = vec![("SPF", evidence.spf.result, evidence.spf.domain.as_ref())];
    if evidence.dkim.is_empty() {
        all.push(("DKIM", AuthResult::None, None));
    }
    for signature in &evidence.dkim {
        all.push(("DKIM", signature.result, signature.domain.as_ref()));
    }
    if let Some(author) = &report.author {
        all.push(("DMARC", evidence.dmarc(author), Some(author)));
    }
    if let Some(sealer) = &evidence.arc.sealer {
        all.push(("ARC", evidence.arc.result, Some(sealer)));
    }
    let proofs: Vec<_> = all
        .iter()
        .map(|(method, result, domain)| {
            let domain = domain.map_or("-", Domain::as_str);
            format!("{method} {} {domain}", result.word())
        })
        .collect();
    proofs.join(",")
}

fn proof(text: &str) -> Option<ProofShown> {
    let mut words = text.split(' ');
    let (method, result, domain) = (words.next()?, words.next()?, words.next()?);
    Some(ProofShown {
        method: METHODS.into_iter().find(|known| *known == method)?,
        result: AuthResult::ALL
            .into_iter()
            .find(|known| known.word() == result)?,
        domain: Domain::parse(domain).ok().filter(|_| domain != "-"),
    })
}

/// The decision that an entry tells of; none where it has no verdict, or is one of this very process.
/// `addresses` says whether names and addresses are kept.
pub(super) fn decided(
    entry: &Entry<'_>,
    instance: &Arc<str>,
    run: &str,
    addresses: bool,
) -> Option<Decided> {
    if entry.word("run") == Some(run) {
        return None;
    }
    let mut report = report(entry)?;
    if addresses {
        report.author_addresses = entry.texts("address");
        report.author_names = entry.texts("name");
    }
    let mut proofs = entry.list("proofs", proof);
    proofs.truncate(MAX_SIGNATURES + 3);
    Some(Decided {
        number: 0,
        at: at(entry),
        duration: Duration::from_micros(entry.number("took").unwrap_or_default()),
        queue_id: entry.word("queue").map(|id| printable(&cut(id))),
        report,
        mail_from: entry.word("sender").filter(|_| addresses).map(cut),
        elsewhere: Some(Elsewhere {
            instance: Arc::clone(instance),
            id: entry.id.text(),
            proofs,
        }),
    })
}

/// What the entry says of the report, without names and addresses.
fn report(entry: &Entry<'_>) -> Option<Report> {
    let verdict = entry.word("verdict")?;
    let text = |name: &str| {
        let text = entry.word(name).unwrap_or_default();
        printable(&text.chars().take(MAX_EXPLANATION).collect::<String>())
    };
    let author = entry.word("author");
    let limit = |word: &str| Limit::ALL.into_iter().find(|known| known.word() == word);
    Some(Report {
        verdict: Verdict::ALL
            .into_iter()
            .find(|known| known.word() == verdict)?,
        reasons: entry.list("reasons", reason),
        decision: decision(entry)?,
        claims: claims_of(entry),
        author_addresses: Vec::new(),
        author_names: Vec::new(),
        author: author.and_then(|author| Domain::parse(author).ok()),
        list: None,
        evidence: None,
        content: Vec::new(),
        limits: entry.list("limits", limit),
        explanation: text("explanation"),
        advice: text("advice"),
        results_in_our_name: false,
        // Its own instance proposes it.
        may_be_allowed: false,
    })
}

fn reason(word: &str) -> Option<Reason> {
    Reason::ALL
        .iter()
        .find(|known| known.word() == word)
        .copied()
}

fn decision(entry: &Entry<'_>) -> Option<Decision> {
    let action: Action = entry.word("action")?.parse().ok()?;
    let compromise = entry.word("compromise");
    Some(Decision {
        action,
        applied: entry.word("applied") != Some("0"),
        asked: action,
        compromise: COMPROMISES
            .into_iter()
            .find(|known| compromise == Some(compromise_word(*known))),
        decided_by: None,
    })
}

fn claims_of(entry: &Entry<'_>) -> Vec<Claim> {
    let of = |name, strength| {
        let claim = move |reason| Claim {
            reason,
            strength,
            seen: String::new(),
            excuse: None,
        };
        entry.list(name, reason).into_iter().map(claim)
    };
    of("strong", Strength::Strong)
        .chain(of("weak", Strength::Weak))
        .collect()
}

/// When it was decided: never after it was written, and never in the future.
fn at(entry: &Entry<'_>) -> SystemTime {
    let millis = entry
        .number("at")
        .map_or(entry.id.millis, |at| at.min(entry.id.millis));
    let at = UNIX_EPOCH.checked_add(Duration::from_millis(millis));
    let now = SystemTime::now();
    at.unwrap_or(now).min(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reply to XREVRANGE with one entry.
    fn reply(id: &str, words: &[(&str, &str)]) -> Value {
        let text = |text: &str| Value::BulkString(text.as_bytes().to_vec());
        let words = words
            .iter()
            .flat_map(|(name, value)| [text(name), text(value)]);
        let entry = Value::Array(vec![text(id), Value::Array(words.collect())]);
        Value::Array(vec![entry])
    }

    fn read(words: &[(&str, &str)], addresses: bool) -> Option<Decided> {
        let reply = reply("1795928381367-5", words);
        let entries = Entry::of_reply(&reply);
        decided(&entries[0], &Arc::from("mx2"), "own", addresses)
    }

    const WORDS: [(&str, &str); 12] = [
        ("run", "theirs"),
        ("at", "1795928380000"),
        ("took", "1500"),
        ("verdict", "impersonation"),
        ("action", "quarantine"),
        ("applied", "0"),
        ("reasons", "display-name,unheard-of,asks-for-code"),
        ("strong", "display-name"),
        ("author", "Shop.Example"),
        (
            "proofs",
            "SPF pass shop.example,DKIM none -,XYZ pass a,DKIM maybe a",
        ),
        ("name", "A\u{202e}mazon"),
        ("name", "Two"),
    ];

    #[test]
    fn what_is_written_is_read_and_unknown_words_are_skipped() {
        let decided = read(&WORDS, true).unwrap();
        let since = decided.at.duration_since(UNIX_EPOCH).unwrap();
        assert_eq!(since.as_millis(), 1_795_928_380_000);
        assert_eq!(decided.duration, Duration::from_micros(1_500));
        let report = &decided.report;
        assert_eq!(report.verdict, Verdict::Impersonation);
        assert_eq!(
            (report.decision.action, report.decision.applied),
            (Action::Quarantine, false)
        );
        assert_eq!(report.reasons, [Reason::DisplayName, Reason::AsksForCode]);
        assert_eq!(report.claims[0].strength, Strength::Strong);
        assert_eq!(report.author.as_ref().unwrap().as_str(), "shop.example");
        assert_eq!(report.author_names, ["A\u{202e}mazon", "Two"]);
        let elsewhere = decided.elsewhere.unwrap();
        assert_eq!(
            (&*elsewhere.instance, &*elsewhere.id),
            ("mx2", "1795928381367-5")
        );
        let shown: Vec<_> = elsewhere
            .proofs
            .iter()
            .map(|one| (one.method, one.result.word()))
            .collect();
        assert_eq!(shown, [("SPF", "pass"), ("DKIM", "none")]);
    }

    #[test]
    fn what_is_our_own_or_no_decision_is_none() {
        let with = |name: &'static str, value: &'static str| {
            let mut words = WORDS.to_vec();
            words.retain(|(known, _)| *known != name);
            words.push((name, value));
            read(&words, false)
        };
        assert!(with("run", "own").is_none());
        assert!(with("verdict", "<b>").is_none());
        assert!(with("action", "").is_none());
        // Later than it was written, or in the future, nothing was decided.
        let late = with("at", "99999999999999").unwrap();
        assert_eq!(
            late.at.duration_since(UNIX_EPOCH).unwrap().as_millis(),
            1_795_928_381_367
        );
        let names = with("took", "99999999999999999999")
            .unwrap()
            .report
            .author_names;
        assert!(names.is_empty(), "not wanted here");
    }

    #[test]
    fn what_is_no_entry_is_left_out() {
        for strange in [
            Value::Nil,
            Value::Int(3),
            Value::Array(vec![Value::Int(3), Value::Array(Vec::new())]),
            reply("x", &[]),
            reply("1-x", &[]),
            reply("99999999999999999999999-1", &[]),
        ] {
            assert!(Entry::of_reply(&strange).is_empty(), "{strange:?}");
        }
        let long = "x".repeat(5_000);
        let reply = reply("1-1", &[("verdict", &long), ("action", "tag")]);
        let entries = Entry::of_reply(&reply);
        assert_eq!(
            (entries[0].word("verdict"), entries[0].word("action")),
            (None, Some("tag"))
        );
    }
}
