//! The verdict in plain words: what the message claims, what was proved, what follows.

use crate::{
    claim::{Claims, Standing},
    mail::domain::Domain,
    proof::{AuthResult, Evidence, Existence, SpfIdentity},
    reason::Reason,
    verdict::{Judgement, Verdict},
};

/// One or two sentences for people.
///
/// Of what a sender wrote only domain names get in, in A-labels.
pub(crate) fn explain(
    brand: &str,
    judgement: &Judgement,
    claims: &Claims,
    evidence: Option<&Evidence>,
) -> String {
    let author = judgement.author.as_ref().or(claims.first_author());
    let from = author.map_or_else(|| "an unreadable address".to_owned(), Domain::to_string);
    let because = |reason| judgement.reasons.contains(&reason);
    match judgement.verdict {
        Verdict::Exempt => format!(
            "This mail was not judged: {}.",
            listed(brand, judgement, |_| true)
        ),
        Verdict::Unrelated if claims.list.is_empty() => {
            format!("This mail does not present itself as {brand}.")
        }
        Verdict::Unrelated if because(Reason::Partner) => format!(
            "The sender is proved to be {from}, a company that lawfully uses the name {brand}."
        ),
        Verdict::Unrelated if judgement.excused => format!(
            "This mail mentions {brand} ({}), which is no sign of a spoof: {}.",
            listed(brand, judgement, |reason| reason.is_claim()),
            listed(brand, judgement, |reason| reason.is_excuse())
        ),
        Verdict::Unrelated => format!(
            "This mail mentions {brand} ({}), which alone is no sign of a spoof.",
            listed(brand, judgement, |_| true)
        ),
        Verdict::Verified => verified(brand, &from, judgement),
        Verdict::Forged
            if because(Reason::OwnedNotSender) && !because(Reason::OfficialAuthorDomain) =>
        {
            format!(
                "This mail says that it comes from {from}, which {brand} does not send mail from: {}.",
                failures(author, evidence)
            )
        }
        Verdict::Forged => format!(
            "This mail says that it comes from {from}, but nothing proves it: {}.",
            failures(author, evidence)
        ),
        Verdict::Lookalike => lookalike(brand, &from, author, claims),
        Verdict::Impersonation => impersonation(brand, &from, judgement),
        Verdict::Unverifiable => unverifiable(brand, &from, judgement, evidence),
        Verdict::Suspicious if judgement.reasons.iter().all(|reason| reason.is_claim()) => format!(
            "This mail names {brand} in several places without proof of its origin: {}.",
            listed(brand, judgement, |reason| reason.is_claim())
        ),
        // By which field is said by the claim; here it matters what makes the difference.
        Verdict::Suspicious => format!(
            "This mail mentions {brand} without proof of its origin, and {}.",
            listed(brand, judgement, |reason| !reason.is_claim())
        ),
    }
}

fn verified(brand: &str, from: &str, judgement: &Judgement) -> String {
    let because = |reason| judgement.reasons.contains(&reason);
    if because(Reason::ArcTrusted) {
        return format!(
            "This mail comes from {from}, which belongs to {brand}: a forwarder that is trusted here saw the proof."
        );
    }
    let proof = match (because(Reason::DkimAligned), because(Reason::SpfAligned)) {
        (true, true) => "its signature and the sending server prove it",
        (true, false) => "its signature proves it",
        _ => "the sending server proves it, though no signature does",
    };
    let caution = match because(Reason::UserContent) {
        true => " The text was written by a third party, not by the sender's domain.",
        false => "",
    };
    if because(Reason::Subsidiary) {
        return format!("This mail comes from {from}, a company of {brand}: {proof}.{caution}");
    }
    format!("This mail comes from {from}, which belongs to {brand}: {proof}.{caution}")
}

fn lookalike(brand: &str, from: &str, author: Option<&Domain>, claims: &Claims) -> String {
    let how = claims
        .author_domains
        .iter()
        .find(|known| Some(&known.domain) == author)
        .and_then(|known| match &known.standing {
            Standing::Lookalike(found) => Some(found.how.sentence()),
            _ => None,
        })
        .unwrap_or("is built to look like it");
    let how = how.replace("the brand", brand);
    format!("The sender's domain {from} does not belong to {brand}: it {how}.")
}

fn impersonation(brand: &str, from: &str, judgement: &Judgement) -> String {
    let by = [
        (Reason::DisplayName, "shows the name"),
        (Reason::DisplayAddress, "shows an address of"),
        (Reason::LocalPart, "has an address that names"),
        (Reason::SenderField, "has a Sender field that names"),
        (
            Reason::MalformedFrom,
            "has a malformed From field that names",
        ),
    ]
    .into_iter()
    .find(|(reason, _)| judgement.reasons.contains(reason))
    .map_or("claims to be", |(_, how)| how);
    let open = match judgement.reasons.contains(&Reason::DnsTemporaryFailure) {
        true => " DNS did not answer for it.",
        false => "",
    };
    format!(
        "This mail {by} {brand}, but its sender is {from}, which does not belong to {brand}.{open}"
    )
}

fn unverifiable(
    brand: &str,
    from: &str,
    judgement: &Judgement,
    evidence: Option<&Evidence>,
) -> String {
    let because = |reason| judgement.reasons.contains(&reason);
    let why = if evidence.is_some_and(|evidence| evidence.offline) {
        "DNS was not asked"
    } else if because(Reason::DnsTemporaryFailure) {
        "DNS did not answer"
    } else if because(Reason::Forwarder) {
        "the server that forwarded it breaks the proof"
    } else if because(Reason::SpfOnly) {
        "only the sending server proves it, and a signature is demanded here"
    } else if because(Reason::AliasRelay) {
        "it came through a service that rewrites addresses"
    } else if because(Reason::ViaList) {
        "a mailing list put its own address in the place of the sender's"
    } else if because(Reason::NoEnvelope) {
        "nobody said which server sent it"
    } else if because(Reason::OwnedNotSender) {
        "its owner sends no mail from there"
    } else if because(Reason::NoBodyVerification) {
        "it was not read whole, which checking the signature needs"
    } else {
        "the proof could not be completed"
    };
    format!(
        "This mail presents itself as {brand} with the sender {from}, which could not be checked: {why}."
    )
}

/// What each possible proof of `author` lacks.
fn failures(author: Option<&Domain>, evidence: Option<&Evidence>) -> String {
    let (Some(author), Some(evidence)) = (author, evidence) else {
        return "there is nothing that could".to_owned();
    };
    let mut parts = Vec::new();
    for (domain, fault) in evidence.faults(author).take(3) {
        parts.push(format!("the signature of {domain} {}", fault.clause()));
    }
    if parts.is_empty() {
        parts.push(match signers(evidence).as_slice() {
            [] => "it has no signature".to_owned(),
            others => format!(
                "the signature of {} says nothing about it",
                others.join(" and ")
            ),
        });
    }
    let spf = &evidence.spf;
    let domain = spf
        .domain
        .as_ref()
        .map_or("an unknown sender", Domain::as_str);
    parts.push(match spf.result {
        _ if spf.unknown_envelope => "the sending server is not known".to_owned(),
        AuthResult::Pass if spf.identity == SpfIdentity::Helo => {
            format!("the sending server is that of {domain}")
        }
        AuthResult::Pass => format!("the sending server is authorised by {domain} only"),
        AuthResult::Fail | AuthResult::SoftFail => {
            format!("the sending server is not authorised by {domain}")
        }
        AuthResult::TempError if spf.open => format!("DNS does not answer for {domain}"),
        _ => "the sending server is not authorised".to_owned(),
    });
    if evidence
        .author(author)
        .is_some_and(|known| known.existence == Existence::Nonexistent)
    {
        parts.push(format!("DNS knows no {author}"));
    }
    parts.join(", and ")
}

/// Up to two domains whose signatures pass.
fn signers(evidence: &Evidence) -> Vec<&str> {
    evidence
        .dkim
        .iter()
        .filter(|signature| signature.result == AuthResult::Pass)
        .filter_map(|signature| signature.domain.as_ref().map(Domain::as_str))
        .take(2)
        .collect()
}

/// Some reasons as one clause.
fn listed(brand: &str, judgement: &Judgement, wanted: impl Fn(&Reason) -> bool) -> String {
    let reasons = judgement.reasons.iter().filter(|reason| wanted(reason));
    let mut clauses: Vec<String> = reasons.map(|reason| reason.about(brand)).collect();
    match clauses.pop() {
        Some(last) if clauses.is_empty() => last,
        Some(last) => format!("{} and {last}", clauses.join(", ")),
        None => "nothing more".to_owned(),
    }
}
