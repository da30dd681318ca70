//! A report in text for people and in JSON for programs.

use crate::decision::{
    domain::Domain,
    evidence::{AuthResult, Evidence},
    report::{Edits, Report},
};
use serde_json::{Value, json};

/// Text of a sender's for a terminal: nothing in it can move the cursor or turn the writing around.
pub(super) fn escape(text: &str) -> String {
    text.escape_debug()
        .to_string()
        .replace("\\\"", "\"")
        .replace("\\'", "'")
}

pub(super) fn to_text(name: &str, report: &Report) -> String {
    let mut lines = vec![format!(
        "{}: {} ({})",
        escape(name),
        report.verdict,
        report.decision.action
    )];
    lines.push(format!("  {}", report.explanation));
    if !report.advice.is_empty() {
        lines.push(format!("  advice: {}", report.advice));
    }
    for claim in &report.claims {
        lines.push(format!(
            "  claim: {} ({:?}): {}",
            claim.reason,
            claim.strength,
            escape(&claim.seen)
        ));
    }
    for detail in &report.content {
        lines.push(format!(
            "  body: {}: {}",
            detail.reason,
            escape(&detail.seen)
        ));
    }
    if let Some(evidence) = &report.evidence {
        lines.push(format!(
            "  proof: {}",
            auth_text(evidence, report.author.as_ref())
        ));
    }
    let reasons = report.reason_words();
    if !reasons.is_empty() {
        lines.push(format!("  reasons: {reasons}"));
    }
    lines.join("\n")
}

fn auth_text(evidence: &Evidence, author: Option<&Domain>) -> String {
    if evidence.offline {
        return "DNS was not asked".into();
    }
    let mut parts = Vec::new();
    let spf = &evidence.spf;
    parts.push(match &spf.domain {
        _ if spf.unknown_envelope => "spf=none (client or MAIL FROM not given)".to_owned(),
        Some(domain) => format!("spf={} ({domain})", spf.result.word()),
        None => format!("spf={}", spf.result.word()),
    });
    for signature in &evidence.dkim {
        let domain = signature.domain.as_ref().map_or("?", Domain::as_str);
        let why = signature
            .fault
            .map_or_else(String::new, |fault| format!(": {}", fault.clause()));
        parts.push(format!("dkim={} ({domain}{why})", signature.result.word()));
    }
    if let Some(author) = author {
        parts.push(format!(
            "dmarc={} ({author})",
            evidence.dmarc(author).word()
        ));
    }
    parts.join(", ")
}

pub(super) fn to_json(name: &str, report: &Report, edits: &Edits) -> Value {
    let headers: Vec<String> = edits
        .insert
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let words = |result: AuthResult| Value::from(result.word());
    let auth = report.evidence.as_ref().map(|evidence| {
        let dkim: Vec<Value> = evidence
            .dkim
            .iter()
            .map(|signature| {
                json!({
                    "result": words(signature.result),
                    "domain": signature.domain.as_ref().map(Domain::as_str),
                    "selector": signature.selector,
                    "why": signature.fault.map(|fault| fault.clause()),
                })
            })
            .collect();
        json!({
            "spf": {
                "result": words(evidence.spf.result),
                "domain": evidence.spf.domain.as_ref().map(Domain::as_str),
            },
            "dkim": dkim,
            "dmarc": report.author.as_ref().map(|author| words(evidence.dmarc(author))),
            "arc": words(evidence.arc.result),
        })
    });
    json!({
        "file": name,
        "verdict": report.verdict.word(),
        "action": report.decision.action.word(),
        "explanation": report.explanation,
        "advice": report.advice,
        "reasons": report.reasons.iter().map(|reason| reason.word()).collect::<Vec<_>>(),
        "claims": report.claims.iter().map(|claim| json!({
            "by": claim.reason.word(),
            "strength": format!("{:?}", claim.strength).to_lowercase(),
            "seen": claim.seen,
        })).collect::<Vec<_>>(),
        "content": report.content.iter().map(|detail| json!({
            "reason": detail.reason.word(),
            "seen": detail.seen,
        })).collect::<Vec<_>>(),
        "author": { "addresses": report.author_addresses, "names": report.author_names },
        "auth": auth,
        "headers": headers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_sender_moves_the_cursor() {
        assert_eq!(
            escape("a\u{1b}[2J\u{202e}\"b\"\r"),
            "a\\u{1b}[2J\\u{202e}\"b\"\\r"
        );
    }
}
