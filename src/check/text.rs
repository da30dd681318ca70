//! A report in sentences, for people: what the mail claims, what was proved, what follows. It is made
//! to be handed on as it stands, so it explains its own words.

use super::trace::Hint;
use crate::{
    brand::Strength,
    mail::domain::Domain,
    proof::{AuthResult, DmarcLookup, Evidence, Existence, Signature, Spf},
    reason::Reason,
    report::{Report, printable::printable},
    verdict::{Verdict, policy::Action},
};
use anstyle::{AnsiColor, Style};

/// How text is made.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// The brand's name for people.
    pub(super) brand: String,
    /// Whether the verdict is coloured.
    pub(super) colour: bool,
}

/// The text of a judged message.
pub(super) fn of(look: &Look, name: &str, report: &Report, hint: Option<&Hint>) -> String {
    let mut text = format!(
        "{}: {} ({})\n",
        printable(name),
        verdict(look, report.verdict),
        report.decision.action
    );
    text.push_str(&format!("  {}\n", report.explanation));
    let silent = report.claims.is_empty() && report.reasons.is_empty();
    if !silent {
        section(&mut text, "What it claims", claimed(look, report));
        section(&mut text, "What was proved", proved(look, report, hint));
        section(&mut text, "What it does", does(look, report));
        section(&mut text, "What follows", follows(report));
        text.push_str(&format!("  Reasons: {}\n", report.reason_words()));
    }
    text.truncate(text.trim_end().len());
    text
}

/// The text of what could not be judged.
pub(super) fn error(name: &str, error: &str) -> String {
    format!("{}: error: {}", printable(name), printable(error))
}

fn verdict(look: &Look, verdict: Verdict) -> String {
    if !look.colour {
        return verdict.to_string();
    }
    let style = match verdict {
        Verdict::Forged | Verdict::Lookalike | Verdict::Impersonation => {
            AnsiColor::Red.on_default().bold()
        }
        Verdict::Suspicious | Verdict::Unverifiable => AnsiColor::Yellow.on_default(),
        Verdict::Verified => AnsiColor::Green.on_default(),
        Verdict::Unrelated | Verdict::Exempt => Style::new().dimmed(),
    };
    format!("{style}{verdict}{style:#}")
}

fn section(text: &mut String, title: &str, sentences: Vec<String>) {
    if sentences.is_empty() {
        return;
    }
    text.push_str(&format!("  {title}:\n"));
    for sentence in sentences {
        text.push_str(&format!("    - {sentence}\n"));
    }
}

/// A sentence of a clause.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// A sentence with the sender's own words behind it.
fn quoted(clause: &str, seen: &str) -> String {
    match seen.trim() {
        "" => format!("{}.", sentence(clause)),
        seen => format!("{}: \u{201c}{}\u{201d}", sentence(clause), printable(seen)),
    }
}

fn claimed(look: &Look, report: &Report) -> Vec<String> {
    let claims = report.claims.iter().map(|claim| {
        let weak = match claim.strength {
            Strength::Strong => "",
            Strength::Weak => " (which alone says little)",
        };
        quoted(&claim.reason.about(&look.brand), &claim.seen) + weak
    });
    let noted = report.reasons.iter().filter(|reason| {
        reason.is_claim() && !report.claims.iter().any(|claim| claim.reason == **reason)
    });
    let noted = noted.map(|reason| quoted(&reason.about(&look.brand), ""));
    claims.chain(noted).collect()
}

fn does(look: &Look, report: &Report) -> Vec<String> {
    let seen = report
        .content
        .iter()
        .map(|detail| quoted(&detail.reason.about(&look.brand), &detail.seen));
    let unseen = report.reasons.iter().filter(|reason| {
        reason.is_deed() && !report.content.iter().any(|one| one.reason == **reason)
    });
    let unseen = unseen.map(|reason| quoted(&reason.about(&look.brand), ""));
    seen.chain(unseen).collect()
}

fn proved(look: &Look, report: &Report, hint: Option<&Hint>) -> Vec<String> {
    let mut sentences = Vec::new();
    match &report.evidence {
        None => {}
        Some(evidence) if evidence.offline => {
            sentences.push("DNS was not asked (--offline), so nothing could be proved.".into());
        }
        Some(evidence) => {
            sentences.push(spf(&evidence.spf, report.author.as_ref()));
            sentences.extend(hint.map(Hint::sentence));
            sentences.extend(evidence.dkim.iter().map(signature));
            if evidence.dkim.is_empty() {
                sentences.push("It has no signature (DKIM none).".into());
            }
            if let Some(author) = &report.author {
                sentences.extend(policy(evidence, author));
            }
            if let Some(sealer) = &evidence.arc.sealer {
                let result = evidence.arc.result.word();
                sentences.push(format!(
                    "The chain of forwarders that {sealer} sealed was checked (ARC {result})."
                ));
            }
        }
    }
    let aged = [Reason::SignatureExpired, Reason::KeyGone];
    if aged.iter().any(|reason| report.reasons.contains(reason)) {
        sentences.push(
            "That is so today: when the mail was delivered the proof may still have been there."
                .into(),
        );
    }
    // What the lines above don't say by themselves.
    let told = |reason: &&Reason| {
        !reason.is_claim()
            && !reason.is_deed()
            && !matches!(
                reason,
                Reason::DkimAligned
                    | Reason::SpfAligned
                    | Reason::DmarcPass
                    | Reason::SignatureExpired
                    | Reason::KeyGone
                    | Reason::NonexistentDomain
            )
    };
    let reasons = report.reasons.iter().filter(told);
    sentences.extend(reasons.map(|reason| quoted(&reason.about(&look.brand), "")));
    sentences
}

fn spf(spf: &Spf, author: Option<&Domain>) -> String {
    let result = spf.result.word();
    let Some(domain) = spf.domain.as_ref().filter(|_| !spf.unknown_envelope) else {
        return "Who sent it is not known, so SPF has nothing to judge (give --client-ip and \
                --mail-from, or --trust-received)."
            .into();
    };
    let clause = match spf.result {
        AuthResult::Pass => format!("The sending server is authorised by {domain}"),
        AuthResult::Fail | AuthResult::SoftFail => {
            format!("The sending server is not authorised by {domain}")
        }
        AuthResult::TempError => {
            format!("DNS did not answer which servers are authorised by {domain}")
        }
        AuthResult::PermError => format!("What {domain} publishes of its servers can't be used"),
        AuthResult::None | AuthResult::Neutral | AuthResult::Policy => {
            format!("{domain} doesn't say which servers are its own")
        }
    };
    let other = match author {
        Some(author)
            if spf.result == AuthResult::Pass
                && !author.is_within(domain)
                && !domain.is_within(author) =>
        {
            format!(", which says nothing about {author}")
        }
        _ => String::new(),
    };
    format!("{clause}{other} (SPF {result}).")
}

fn signature(signature: &Signature) -> String {
    let domain = signature
        .domain
        .as_ref()
        .map_or("a domain that can't be read", Domain::as_str);
    let clause = match signature.fault {
        Some(fault) => fault.clause(),
        None if signature.result == AuthResult::Pass => "is valid".into(),
        None => "proves nothing".into(),
    };
    let result = signature.result.word();
    format!("The signature of {domain} {clause} (DKIM {result}).")
}

fn policy(evidence: &Evidence, author: &Domain) -> Vec<String> {
    let known = evidence.author(author);
    let mut sentences = Vec::new();
    if known.is_some_and(|known| known.existence == Existence::Nonexistent) {
        sentences.push(format!("DNS knows no domain {author}."));
    }
    let result = evidence.dmarc(author);
    let asks = match known.map(|known| known.dmarc) {
        Some(DmarcLookup::Record(record)) => record.policy.word(),
        _ => "none",
    };
    sentences.push(match result {
        AuthResult::Pass => {
            format!("That proves {author}, by its own policy (DMARC pass).")
        }
        AuthResult::Fail => format!(
            "That doesn't prove {author}, whose policy for such mail is \u{201c}{asks}\u{201d} (DMARC fail)."
        ),
        AuthResult::TempError => {
            format!("Whether that proves {author} could not be found out (DMARC temperror).")
        }
        AuthResult::PermError => {
            format!("More than one From field: nothing proves {author} (DMARC permerror).")
        }
        _ => format!("{author} has no policy for mail in its name (DMARC none)."),
    });
    sentences
}

fn follows(report: &Report) -> Vec<String> {
    let labelled = !matches!(report.verdict, Verdict::Unrelated | Verdict::Exempt);
    let done = match report.decision.action {
        Action::Accept if labelled => "It is delivered, and its header says what was found",
        Action::Accept => "It is delivered as it came",
        Action::Tag => "It is delivered with a warning in its header",
        Action::Quarantine => "It is held until the postmaster releases or removes it",
        Action::Defer => "Its sender is told to try again later",
        Action::Reject => "It is refused, and its sender is told so",
        Action::Discard => "It is taken and thrown away",
    };
    let action = report.decision.action.word();
    let mut sentences = vec![match report.decision.applied {
        true => format!("{done} ({action})."),
        false => format!("{done} ({action}), once the policy is applied: now it only monitors."),
    }];
    if !report.advice.is_empty() {
        sentences.push(report.advice.clone());
    }
    sentences
}
