//! Which strong claims are excused, and how far.
//!
//! An excuse has to cost an attacker something. The proof of his own domain costs him nothing, so every
//! excuse asks for it and none rests on it: the text must not speak as the brand, and nothing in it may
//! count against him.

use crate::{
    claim::{AuthorDomain, Excuse},
    reason::Reason,
    verdict::{
        answer::Answer,
        case::{Authorship, Case},
        findings::Table,
        mailing_list::MailingLists,
    },
};

/// Answers all strong claims: the worst answer to one of them holds.
pub(crate) fn answer(case: Case<'_>, author: &AuthorDomain) -> Answer {
    let claims = case.claims.strong();
    let answers = claims.map(|claim| match claim.excuse {
        None => Answer::Refused,
        Some(excuse) => answer_one(case, author, excuse),
    });
    answers.max().unwrap_or(Answer::Refused)
}

fn answer_one(case: Case<'_>, author: &AuthorDomain, excuse: Excuse) -> Answer {
    let lists = MailingLists(case);
    match excuse {
        Excuse::PersonViaList | Excuse::BrandViaList => {
            // Genuine mail and the signatures of employees speak as the brand on lists too; what deceives
            // or asks has no excuse.
            let table = Table::of(case);
            match table.known().next() {
                Some(_) => Answer::Refused,
                None => lists
                    .answer(author, excuse == Excuse::PersonViaList)
                    .beside_unread(table),
            }
        }
        Excuse::GluedAddress => glued_address(case),
        Excuse::PersonName => by_proof(case, Authorship::FreeName, Reason::PersonName),
        Excuse::OwnName => by_proof(case, Authorship::Proved, Reason::OwnName),
        // The name has to say who writes.
        Excuse::BrandMentioned if !case.content.name_bears_author => Answer::Refused,
        Excuse::BrandMentioned => by_proof(case, Authorship::Proved, Reason::BrandMentioned),
    }
}

/// A glued address is a weak claim of an author who is proved, whatever his text says: what counts in it
/// counts beside a weak claim as well.
fn glued_address(case: Case<'_>) -> Answer {
    let table = Table::of(case);
    let is_proved = |table: Table<'_>| table.authorship() == Authorship::Proved;
    if is_proved(table) {
        return Answer::Granted(Reason::LocalPart);
    }
    match case.unanswered_author().is_some() && is_proved(table.at_best()) {
        true => Answer::NotAnswered,
        false => Answer::Refused,
    }
}

/// Grants an excuse to an author of whom at least this much is proved.
fn by_proof(case: Case<'_>, least: Authorship, reason: Reason) -> Answer {
    // What was not read could say anything.
    if !case.is_read_whole() {
        return Answer::Refused;
    }
    let table = Table::of(case).for_excuse();
    if table.authorship() >= least {
        return by_text(table, reason);
    }
    let at_best = table.at_best();
    let could_be_proved = case.unanswered_author().is_some() && at_best.authorship() >= least;
    match could_be_proved && by_text(at_best, reason) < Answer::Refused {
        true => Answer::NotAnswered,
        false => Answer::Refused,
    }
}

fn by_text(table: Table<'_>, reason: Reason) -> Answer {
    let has_finding = table.known().next().is_some();
    match (table.speaks(), has_finding) {
        (true, _) => Answer::Refused,
        (false, false) => Answer::Granted(reason).beside_unread(table),
        // His own site is all that his reader is sent to. Where strangers get names, it is nobody's.
        (false, true) if table.authorship() == Authorship::Proved && !table.leads_to_stranger() => {
            Answer::GrantedBesideFinding(reason)
        }
        (false, true) => Answer::Refused,
    }
}
