//! A report as one JSON object on one line, for programs.

use super::{summary::Summary, trace::Hint};
use crate::{
    mail::domain::Domain,
    proof::{AuthResult, Evidence},
    report::{Edits, Report, printable::printable_json},
};
use serde_json::{Map, Value, json};

/// The line of a judged message.
pub(super) fn line(name: &str, report: &Report, edits: &Edits, hint: Option<&Hint>) -> String {
    let headers: Vec<String> = edits
        .insert
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let claims = report.claims.iter().map(|claim| {
        json!({
            "by": claim.reason.word(),
            "strength": claim.strength.word(),
            "seen": claim.seen,
        })
    });
    let content = report
        .content
        .iter()
        .map(|detail| json!({ "reason": detail.reason.word(), "seen": detail.seen }));
    let object = json!({
        "file": name,
        "verdict": report.verdict.word(),
        "action": report.decision.action.word(),
        "explanation": report.explanation,
        "advice": report.advice,
        "reasons": report.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(),
        "claims": claims.collect::<Vec<_>>(),
        "content": content.collect::<Vec<_>>(),
        "author": { "addresses": report.author_addresses, "names": report.author_names },
        "list": report.list.as_ref().map(Domain::as_str),
        "auth": auth(report, hint),
        "headers": headers,
    });
    printable_json(&object.to_string())
}

/// The line of what could not be judged.
pub(super) fn error(name: &str, error: &str) -> String {
    printable_json(&json!({ "file": name, "error": error }).to_string())
}

/// What a run came to.
pub(super) fn summary(summary: &Summary) -> String {
    let verdicts = summary.verdicts();
    let verdicts = verdicts.map(|(verdict, count)| (verdict.word().to_owned(), count.into()));
    let impersonators: Vec<Value> = summary
        .impersonators()
        .iter()
        .map(|(domain, found)| {
            json!({
                "domain": domain.as_str(),
                "messages": found.messages,
                "may_be_allowed": found.may_be_allowed,
            })
        })
        .collect();
    let object = json!({
        "messages": summary.messages(),
        "verdicts": verdicts.collect::<Map<String, Value>>(),
        "unreadable": summary.unreadable(),
        "impersonators": impersonators,
    });
    printable_json(&object.to_string())
}

/// Four keys in any case; null where nobody asked.
fn auth(report: &Report, hint: Option<&Hint>) -> Value {
    let asked = report
        .evidence
        .as_ref()
        .filter(|evidence| !evidence.offline);
    let Some(evidence) = asked else {
        return json!({ "spf": null, "dkim": null, "dmarc": null, "arc": null });
    };
    let word = |result: AuthResult| Value::from(result.word());
    let mut spf = json!({
        "result": word(evidence.spf.result),
        "domain": evidence.spf.domain.as_ref().map(Domain::as_str),
    });
    if let (Some(hint), Some(spf)) = (hint, spf.as_object_mut()) {
        spf.insert("by_trace".to_owned(), hint.value());
    }
    json!({
        "spf": spf,
        "dkim": signatures(evidence),
        "dmarc": report.author.as_ref().map(|author| word(evidence.dmarc(author))),
        "arc": word(evidence.arc.result),
    })
}

fn signatures(evidence: &Evidence) -> Vec<Value> {
    evidence
        .dkim
        .iter()
        .map(|signature| {
            json!({
                "result": signature.result.word(),
                "domain": signature.domain.as_ref().map(Domain::as_str),
                "selector": signature.selector,
                "why": signature.fault.map(|fault| fault.clause()),
            })
        })
        .collect()
}
