//! One decision with all that led to it.

use super::{
    HttpState,
    decisions::breakable,
    instances,
    layout::{self, Place},
    text::{milliseconds, timestamp},
    words,
};
use crate::{
    brand::Strength,
    history::{Decided, Elsewhere},
    mail::domain::Domain,
    proof::{AuthResult, DmarcLookup, Evidence, Existence, Signature, SpfIdentity},
    report::{Report, printable::printable},
    verdict::{Verdict, policy::Compromise},
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use maud::{Markup, html};

/// `GET /decisions/NUMBER`.
pub(super) async fn page(State(state): State<HttpState>, Path(number): Path<String>) -> Response {
    let decided = number
        .parse()
        .ok()
        .and_then(|number| state.shared.history.decision(number));
    match decided {
        Some(decided) => show(&state, &decided),
        None => layout::missing(&state, GONE),
    }
}

const GONE: &str = "This decision is not kept here, or not any more: the page has the last ones only (history.entries). \
                    The log has all of them.";

/// `GET /decisions/INSTANCE/ID`.
pub(super) async fn elsewhere(
    State(state): State<HttpState>,
    Path((instance, id)): Path<(String, String)>,
) -> Response {
    match instances::decision(&state, &instance, &id).await {
        Some(decided) => show(&state, &decided),
        None => layout::missing(&state, GONE),
    }
}

fn show(state: &HttpState, decided: &Decided) -> Response {
    let active = state.shared.active.load_full();
    let brand = active.config.brand.name();
    let content = html! {
        p.back { a href="/#decisions" { "‹ All decisions" } }
        (heading(&decided.report, brand))
        div.columns {
            div {
                (explanation(&decided.report, brand))
                @match &decided.elsewhere {
                    Some(elsewhere) => (proofs_elsewhere(elsewhere)),
                    None => (proofs(&decided.report)),
                }
            }
            aside.card aria-label="About the message" { (facts(decided)) }
        }
    };
    let title = format!("{} mail", decided.report.verdict);
    layout::page(&active, Place::Decision, &title, &content).into_response()
}

/// The verdict in large.
pub(super) fn heading(report: &Report, brand: &str) -> Markup {
    html! {
        header.verdict {
            h1 { (layout::badge(report.verdict)) span.hidden { ": " } span.says {
                @match &report.author {
                    Some(author) => (breakable(author)),
                    None => "no readable author",
                }
            } }
            p { "A message that " (words::about(report.verdict, brand)) "." }
        }
    }
}

fn facts(decided: &Decided) -> Markup {
    let report = &decided.report;
    let stamp = timestamp(decided.at);
    html! {
        dl {
            dt { "What became of it" } dd { (words::done_sentence(report.decision)) }
            @match report.decision.compromise {
                Some(Compromise::Reserved) => dd.muted { "Milder than usual, since every recipient is postmaster or abuse." },
                Some(Compromise::MildRuleVoid) => dd.muted { "Harsher than one of its recipients asks for, since a rule that delivers a spoof has to be every recipient's." },
                Some(Compromise::Mildest) => dd.muted { "Milder than one of its recipients asks for, since another asks for less." },
                None => {}
            }
            dt { "When" } dd { time datetime=(stamp) data-full { (stamp) } }
            @if let Some(elsewhere) = &decided.elsewhere { dt { "Decided by" } dd { (elsewhere.instance) } }
            dt { "Queue id" } dd.id { (decided.queue_id.as_deref().unwrap_or("not known")) }
            dt { "Took" } dd { (milliseconds(decided.duration)) " ms, from MAIL FROM to the decision" }
            @if let Some(sender) = &decided.mail_from {
                dt { "Envelope sender" } dd { bdi { (printable(sender)) } }
            }
        }
    }
}

/// Why the verdict is what it is.
pub(super) fn explanation(report: &Report, brand: &str) -> Markup {
    html! {
        section.card {
            h2 { "In short" }
            p.big { (report.explanation) }
            @if !report.advice.is_empty() { p { (report.advice) } }
            @if report.verdict == Verdict::Impersonation && let Some(author) = &report.author {
                p.muted { "If you know " (author) " and it may name " (brand) ", let it by "
                    code { "allow = [\"" (author) "\"]" } " in " code { "[trust]" } "." }
            }
        }
        @if !report.reasons.is_empty() {
            section.card {
                h2 { "Why" }
                ul.reasons {
                    @for reason in &report.reasons {
                        li { (capital(reason.sentence())) ". " code { (reason.word()) }
                            @if let Some(claim) = report.claims.iter().find(|claim| claim.reason == *reason) {
                                " " span.tag { (match claim.strength { Strength::Strong => "decides alone", Strength::Weak => "needs something beside it" }) }
                            }
                        }
                    }
                    @for limit in &report.limits {
                        li { "A limit was reached: what lies beyond was not read. " code { (limit.word()) } }
                    }
                }
            }
        }
        @if !report.author_addresses.is_empty() || !report.author_names.is_empty() {
            section.card {
                h2 { "Who it says it is from" }
                p.muted { "Every name and address that a mail client could show, as far as they are kept." }
                ul.seen {
                    @for name in &report.author_names { li { span.kind { "name" } bdi { (printable(name)) } } }
                    @for address in &report.author_addresses { li { span.kind { "address" } bdi { (printable(address)) } } }
                }
            }
        }
    }
}

fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    rest.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(rest).collect()
    })
}

/// One row of the table of proofs: method, result, whose, and what there is to say.
type Proof = (&'static str, AuthResult, Option<String>, String);

/// What was checked, and what came of it.
pub(super) fn proofs(report: &Report) -> Markup {
    let Some(evidence) = &report.evidence else {
        return html! {
            section.card { h2 { "Proofs" } p { "None was looked for: nothing here had to be proved." } }
        };
    };
    html! {
        section.card {
            h2 { "Proofs" }
            @if evidence.offline { p { "DNS was not asked." } }
            table.proofs {
                caption.hidden { "Results of SPF, DKIM, DMARC and ARC" }
                thead { tr { th scope="col" { "Method" } th scope="col" { "Result" } th scope="col" { "Of" } th scope="col" { "What it means" } } }
                tbody {
                    @for (method, result, domain, note) in rows(evidence, report.author.as_ref()) {
                        tr {
                            th scope="row" { (method) }
                            td data-label="Result" { span.result.(result.word()) { (result.word()) } }
                            td.domain data-label="Of" { (domain.as_deref().unwrap_or("–")) }
                            td data-label="What it means" { (note) }
                        }
                    }
                }
            }
        }
    }
}

/// The results as another instance wrote them.
fn proofs_elsewhere(elsewhere: &Elsewhere) -> Markup {
    if elsewhere.proofs.is_empty() {
        return html! {
            section.card { h2 { "Proofs" } p { "None was looked for: nothing here had to be proved." } }
        };
    }
    html! {
        section.card {
            h2 { "Proofs" }
            p.muted { "As " (elsewhere.instance) " wrote them into the shared history." }
            table.proofs {
                caption.hidden { "Results of SPF, DKIM, DMARC and ARC" }
                thead { tr { th scope="col" { "Method" } th scope="col" { "Result" } th scope="col" { "Of" } } }
                tbody {
                    @for proof in &elsewhere.proofs {
                        tr {
                            th scope="row" { (proof.method) }
                            td data-label="Result" { span.result.(proof.result.word()) { (proof.result.word()) } }
                            td.domain data-label="Of" { (proof.domain.as_ref().map_or("–", Domain::as_str)) }
                        }
                    }
                }
            }
        }
    }
}

fn rows(evidence: &Evidence, author: Option<&Domain>) -> Vec<Proof> {
    let name = |domain: &Option<Domain>| domain.as_ref().map(Domain::to_string);
    let spf = &evidence.spf;
    let mut rows = vec![(
        "SPF",
        spf.result,
        name(&spf.domain),
        spf_note(evidence, author),
    )];
    if evidence.dkim.is_empty() {
        rows.push(("DKIM", AuthResult::None, None, "it has no signature".into()));
    }
    for signature in &evidence.dkim {
        let note = dkim_note(evidence, signature, author);
        rows.push(("DKIM", signature.result, name(&signature.domain), note));
    }
    if let Some(author) = author {
        let note = dmarc_note(evidence, author);
        rows.push((
            "DMARC",
            evidence.dmarc(author),
            Some(author.to_string()),
            note,
        ));
    }
    if evidence.arc.result != AuthResult::None || evidence.arc.sealer.is_some() {
        let note = "a chain of servers that says what the earlier ones saw proved";
        rows.push((
            "ARC",
            evidence.arc.result,
            name(&evidence.arc.sealer),
            note.into(),
        ));
    }
    rows
}

fn spf_note(evidence: &Evidence, author: Option<&Domain>) -> String {
    let spf = &evidence.spf;
    let whose = match spf.identity {
        SpfIdentity::MailFrom => "the envelope sender's domain",
        SpfIdentity::Helo => "the client's own name, since the envelope sender is empty,",
    };
    match spf.result {
        _ if spf.unknown_envelope => "the client or the envelope sender is not known".into(),
        AuthResult::Pass => match author {
            Some(author) if !evidence.proof(author).spf => {
                format!("{whose} authorises the client, which says nothing about {author}")
            }
            _ => format!("{whose} authorises the client"),
        },
        AuthResult::Fail => format!("{whose} does not authorise the client"),
        AuthResult::SoftFail => format!("{whose} probably does not authorise the client"),
        AuthResult::None => format!("{whose} publishes nothing about its servers"),
        AuthResult::Neutral | AuthResult::Policy => {
            format!("{whose} makes no statement about the client")
        }
        AuthResult::TempError => "DNS did not answer".into(),
        AuthResult::PermError => format!("{whose} publishes a record that can't be used"),
    }
}

fn dkim_note(evidence: &Evidence, signature: &Signature, author: Option<&Domain>) -> String {
    let selector = printable(&signature.selector);
    if let Some(fault) = signature.fault {
        return format!("the signature {} (selector {selector})", fault.clause());
    }
    // Asked of this one alone.
    let alone = Evidence {
        dkim: vec![signature.clone()],
        ..evidence.clone()
    };
    match author {
        Some(author) if !alone.proof(author).dkim => {
            format!(
                "the signature is valid, which says nothing about {author} (selector {selector})"
            )
        }
        _ => format!("the signature is valid (selector {selector})"),
    }
}

fn dmarc_note(evidence: &Evidence, author: &Domain) -> String {
    let Some(known) = evidence.author(author) else {
        return "was not asked".into();
    };
    if known.existence == Existence::Nonexistent {
        return "the author's domain does not exist".into();
    }
    match known.dmarc {
        DmarcLookup::NotAsked => "was not asked".into(),
        DmarcLookup::NoRecord => "the author's domain publishes no policy".into(),
        DmarcLookup::Temporary => "DNS did not answer".into(),
        DmarcLookup::Record(record) => format!(
            "the owner of the author's domain asks for \"{}\" where neither SPF nor DKIM of it passes",
            record.policy.word()
        ),
    }
}
