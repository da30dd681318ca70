//! `[policy]`: the actions, the rules that are exceptions from them, the texts of replies.

use super::{choice, error::nearest, reader::Reader};
use crate::{
    mail::domain::Domain,
    reason::Reason,
    report::ReplyTexts,
    verdict::{
        Verdict,
        policy::{Action, Policy, Preset, Recipients, Rule},
    },
};

/// Rules beyond this number are no table that a person oversees.
const MAX_RULES: usize = 100;

const MAX_TEXT: usize = 200;
const MAX_CONTACT: usize = 100;

pub(super) fn policy(reader: &mut Reader) -> Option<Policy> {
    let presets = Preset::ALL.map(|preset| (preset.word(), preset));
    let preset = choice(reader, "policy.preset", &presets);
    let mut own = |verdict: Verdict| {
        let path = format!("policy.{verdict}");
        match reader.string(&path).as_str() {
            "" => None,
            _ => action(reader, &path),
        }
    };
    let policy = Policy {
        unverifiable: own(Verdict::Unverifiable),
        suspicious: own(Verdict::Suspicious),
        impersonation: own(Verdict::Impersonation),
        lookalike: own(Verdict::Lookalike),
        forged: own(Verdict::Forged),
        rules: rules(reader),
        preset: preset.unwrap_or_default(),
    };
    preset.map(|_| policy)
}

fn action(reader: &mut Reader, path: &str) -> Option<Action> {
    let words = Action::ALL.map(|action| (action.word(), action));
    choice(reader, path, &words)
}

/// The rules in their order, and what in them can never come to be.
fn rules(reader: &mut Reader) -> Vec<Rule> {
    let rows = reader.rows("policy.rules");
    if let Some(row) = rows.get(MAX_RULES) {
        reader.contradicts(
            row,
            format!("there are {} rules", rows.len()),
            "at most 100",
        );
        return Vec::new();
    }
    let mut rules: Vec<(&str, Rule)> = Vec::with_capacity(rows.len());
    for row in &rows {
        let faults = reader.errors.len();
        let rule = rule(reader, row);
        // What is wrong in itself would only be told of twice.
        let Some(rule) = rule.filter(|_| reader.errors.len() == faults) else {
            continue;
        };
        let earlier = rules.iter().find(|(_, earlier)| earlier.covers(&rule));
        if let Some((earlier, _)) = earlier {
            reader.contradicts(
                row,
                format!("it never decides: {earlier} matches all that it matches, and comes first"),
                "the narrower rule before the wider one",
            );
        }
        rules.push((row, rule));
    }
    for (row, rule) in &rules {
        for verdict in Rule::VERDICTS {
            let path = format!("policy.{verdict}");
            if reader.is_changed(&path) && rule.decides_all(verdict) {
                reader.contradicts(
                    &path,
                    format!("it never applies: {row} decides for every {verdict} message"),
                    "one of the two",
                );
            }
        }
    }
    rules.into_iter().map(|(_, rule)| rule).collect()
}

fn rule(reader: &mut Reader, row: &str) -> Option<Rule> {
    let at = |name: &str| format!("{row}.{name}");
    let verdicts = reader.list(&at("verdicts"), |text| {
        let mut verdicts = Verdict::ALL.into_iter();
        match verdicts.find(|verdict| verdict.word() == text) {
            Some(verdict) if Rule::VERDICTS.contains(&verdict) => Ok(verdict),
            Some(_) => Err("mail with this verdict is always accepted"),
            None => Err("this is no verdict"),
        }
    });
    let reasons = reader.list(&at("reasons"), reason);
    let texts = reader.list(&at("recipients"), |text| {
        Recipients::default()
            .add(text)
            .map(|()| text.to_lowercase())
    });
    let mut recipients = Recipients::default();
    for text in texts {
        // It was read above.
        let _ = recipients.add(&text);
    }
    for name in ["verdicts", "reasons", "recipients"] {
        if reader.is_empty_list(&at(name)) {
            reader.refuse(
                &at(name),
                "it is empty, which nothing matches: leave it out for any",
            );
        }
    }
    let path = at("action");
    if !reader.is_given(&path) {
        reader.refuse(&path, "it is missing");
        return None;
    }
    let action = action(reader, &path)?;
    if recipients.are_reserved() && action.withholds() && action != Action::Defer {
        reader.contradicts(
            &path,
            format!("{action} never applies to postmaster@ and abuse@, which have to be reachable"),
            "\"accept\", \"tag\" or \"defer\"",
        );
    }
    Some(Rule {
        verdicts: verdicts.into_iter().collect(),
        reasons: reasons.into_iter().collect(),
        recipients,
        action,
    })
}

fn reason(text: &str) -> Result<Reason, String> {
    let reason = Reason::ALL.iter().find(|reason| reason.word() == text);
    match reason {
        Some(Reason::AuthenticatedSubmission | Reason::TrustedNetwork) => {
            Err("mail with this reason is always accepted".to_owned())
        }
        Some(reason) => Ok(*reason),
        None => {
            let near = nearest(text, Reason::ALL.iter().map(|reason| reason.word()));
            Err(near.map_or("this is no reason".to_owned(), |near| {
                format!("this is no reason; did you mean \"{near}\"?")
            }))
        }
    }
}

pub(super) fn reply_texts(reader: &mut Reader) -> Option<ReplyTexts> {
    let text = |text: &str| plain(text, MAX_TEXT).map(|()| text.to_owned());
    let reject = reader.parsed("policy.reject_text", text);
    let defer = reader.parsed("policy.defer_text", text);
    let contact = reader.parsed("policy.contact", |text| {
        plain(text, MAX_CONTACT)?;
        let is_address = text
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && Domain::parse(domain).is_ok());
        let is_url = text
            .strip_prefix("https://")
            .is_some_and(|rest| !rest.is_empty());
        match (text.is_empty() || is_address || is_url) && !text.contains(' ') {
            true => Ok(text.to_owned()),
            false => Err("this is neither an address nor a URL with https://"),
        }
    });
    Some(ReplyTexts {
        reject: reject?,
        defer: defer?,
        contact: contact?,
    })
}

/// What fits into one line of a reply (RFC 5321 section 4.5.3.1.5) whatever stands before it. To
/// libmilter `%` is the sign of a format.
fn plain(text: &str, longest: usize) -> Result<(), &'static str> {
    if text.len() > longest {
        return Err("it is too long");
    }
    match text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'%') {
        true => Ok(()),
        false => Err("it has a character that a reply can't have"),
    }
}
