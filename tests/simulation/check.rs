//! Whether an answer is the one that the construction of the message demands.

use crate::{
    dialog::Ended,
    log::Said,
    mail::Mail,
    right::{Outcome, Rules},
    site::Site,
};
use std::{sync::Arc, time::Duration};

/// A field of ours.
const VERDICT: &str = "X-Amazon-Spoof-Verdict";

/// One message that was answered.
pub(crate) struct Answered<'a> {
    pub(crate) site: &'a Site,
    pub(crate) mail: &'a Mail,
    pub(crate) began: Duration,
    /// Whether the MTA takes every edit.
    pub(crate) whole: bool,
    pub(crate) ended: &'a Ended,
}

/// The answer to a message.
struct Answer<'a> {
    command: u8,
    text: String,
    edits: &'a [(u8, Vec<u8>)],
}

impl Answered<'_> {
    /// Compares it with what is right by each of the rules that could be in force on the connection, and
    /// leaves those by which it is.
    pub(crate) fn check(&self, rules: &mut Vec<Arc<Rules>>) {
        let Ended::Answer {
            command,
            data,
            edits,
            early,
        } = self.ended
        else {
            return self.nothing_is_said();
        };
        if self.mail.login && *early {
            // Whom the operator trusts is done with before the queue id is known.
            return self.is_let_through(*command);
        }
        let Some(said) = self.said_once() else { return };
        if *early && !edits.is_empty() {
            self.wrong("edits before the end of the message");
        }
        let text = String::from_utf8_lossy(data)
            .trim_end_matches('\0')
            .to_owned();
        let answer = Answer {
            command: *command,
            text,
            edits,
        };
        let mut why = Vec::new();
        rules.retain(|rules| match self.fits(rules, &said, &answer) {
            Ok(()) => true,
            Err(error) => {
                why.push(error);
                false
            }
        });
        if rules.is_empty() {
            let command = char::from(answer.command);
            self.wrong(&format!(
                "{said:?}, answer {command} {:?}: {}",
                answer.text,
                why.join("; ")
            ));
        }
        if matches!(self.mail.claim, crate::mail::Claim::Ordinary) && said.lookups > 0 {
            self.wrong("ordinary mail cost a lookup");
        }
    }

    fn wrong(&self, what: &str) {
        self.site
            .trace
            .wrong(&format!("[{}] {what}", self.mail.about()));
    }

    fn is_let_through(&self, command: u8) {
        self.site.log.take(&self.mail.queue_id());
        if command != b'a' {
            self.wrong("a message of somebody who logged in was not accepted");
        }
    }

    fn nothing_is_said(&self) {
        let said = self.site.log.take(&self.mail.queue_id());
        if !said.is_empty() {
            self.wrong(&format!("it was given up, and the log says {said:?}"));
        }
    }

    fn said_once(&self) -> Option<Said> {
        let mut said = self.site.log.take(&self.mail.queue_id());
        match said.len() {
            1 => said.pop(),
            many => {
                self.wrong(&format!("the log has {many} lines of it"));
                None
            }
        }
    }

    /// All that may come out by these rules.
    fn right(&self, rules: &Rules) -> Vec<Outcome> {
        let site = self.site;
        let mut right = match site.names.was_bad(self.began, site.trace.now()) {
            true => self.mail.right_without_dns(rules.max_body),
            false => vec![self.mail.right(rules.max_body)],
        };
        // A date decides, and it was another one meanwhile.
        if self.mail.is_dated() && site.jumped_since(self.began) {
            for dkim in [crate::mail::Dkim::Dated, crate::mail::Dkim::Expired] {
                let mut mail = self.mail.clone();
                mail.proofs.dkim = dkim;
                right.push(mail.right(rules.max_body));
            }
        }
        // Of a text that was not read it isn't known whether it speaks as the brand.
        let is_cut = self.mail.body.len() > rules.max_body;
        let unaccountable = is_cut && right.iter().any(|right| right.verdict == "impersonation");
        right.extend(unaccountable.then(|| Outcome::of("impersonation")));
        right
    }

    fn fits(&self, rules: &Rules, said: &Said, answer: &Answer<'_>) -> Result<(), String> {
        let right = self.right(rules);
        let recipients = &self.mail.recipients;
        let fit = right.iter().find(|right| {
            right.verdict == said.verdict && right.action(rules, recipients) == said.action
        });
        let Some(outcome) = fit else {
            let name = &rules.authserv_id;
            let right: Vec<_> = right
                .iter()
                .map(|right| format!("{} {}", right.verdict, right.action(rules, recipients)))
                .collect();
            return Err(format!("by {name} {right:?} is right"));
        };
        if said.applied != rules.is_applied() {
            return Err("applied, or not".to_owned());
        }
        let action = match rules.is_applied() {
            true => &*said.action,
            false => "accept",
        };
        self.is_answer(action, *outcome, answer)?;
        match (answer.command, action) {
            (b'a', _) => self.edited(rules, *outcome, answer),
            _ => Ok(()),
        }
    }

    fn is_answer(&self, action: &str, outcome: Outcome, answer: &Answer<'_>) -> Result<(), String> {
        let Answer {
            command,
            text,
            edits,
        } = answer;
        // What an MTA doesn't take puts the message off.
        let is_put_off = *command == b't' && !self.whole;
        let verdict = outcome.verdict;
        let is_right = match action {
            "reject" => *command == b'y' && text.starts_with("550 5.7.") && edits.is_empty(),
            "defer" => *command == b'y' && text.starts_with("451 4.") && edits.is_empty(),
            "quarantine" => *command == b'a' || is_put_off,
            _ => *command == b'a' || is_put_off,
        };
        let holds = edits.iter().any(|(command, _)| *command == b'q');
        let is_held = holds == (action == "quarantine") || is_put_off;
        let names_it = *command != b'y' || text.contains(&format!("({verdict})"));
        match is_right && is_held && names_it {
            true => Ok(()),
            false => Err(format!("{} {text:?} is no {action}", char::from(*command))),
        }
    }

    /// The header after the edits, as Postfix makes them.
    fn edited(&self, rules: &Rules, outcome: Outcome, answer: &Answer<'_>) -> Result<(), String> {
        let mut fields: Vec<(String, String)> = self.mail.fields.clone();
        let before = fields.clone();
        for (command, data) in answer.edits {
            edit(&mut fields, *command, data)?;
        }
        if !rules.is_applied() {
            return match answer.edits.is_empty() {
                true => Ok(()),
                false => Err("an edit where nothing is applied".to_owned()),
            };
        }
        let is_labelled = !matches!(outcome.verdict, "unrelated" | "exempt");
        let name = |field: &(String, String)| field.0.to_ascii_lowercase();
        let ours = |field: &(String, String)| {
            let results = field
                .1
                .trim_start()
                .starts_with(&format!("{};", rules.authserv_id));
            name(field).starts_with("x-amazon-spoof-")
                || name(field) == "authentication-results" && results
        };
        let label: Vec<_> = fields.iter().filter(|field| ours(field)).collect();
        let verdicts: Vec<_> = label.iter().filter(|field| field.0 == VERDICT).collect();
        let action = outcome.action(rules, &self.mail.recipients);
        // What is released from the hold queue is no spam.
        let is_marked = outcome.is_spoof() && action != "quarantine";
        if is_labelled {
            let begin = format!(" {}; action={action}", outcome.verdict);
            let [(_, value)] = verdicts.as_slice() else {
                return Err(format!("{} verdict fields", verdicts.len()));
            };
            if !value
                .replace("\n\t", " ")
                .replace("\n", "")
                .starts_with(&begin)
            {
                return Err(format!("the verdict field says {value:?}"));
            }
            let flagged = fields.iter().any(|field| name(field) == "x-spam-flag");
            if flagged != is_marked {
                return Err("the flag of spam".to_owned());
            }
        } else if !label.is_empty() {
            return Err(format!("fields that forge ours are left: {label:?}"));
        }
        // All else is as it was, in its order, and what is new stands above it.
        let is_kept = |field: &&(String, String)| !ours(field);
        let kept: Vec<_> = before.iter().filter(is_kept).collect();
        let Some(at) = fields.len().checked_sub(kept.len()) else {
            return Err("a field is lost".to_owned());
        };
        let prefix = match is_marked && !rules.prefix.is_empty() {
            true => format!(" {} ", rules.prefix),
            false => String::new(),
        };
        for (was, is) in kept.iter().zip(&fields[at..]) {
            let prefixed = name(was) == "subject" && !prefix.is_empty();
            let wanted = match prefixed {
                true => format!("{prefix}{}", was.1.trim_start()),
                false => was.1.clone(),
            };
            if was.0 != is.0 || wanted != is.1 {
                return Err(format!("{was:?} became {is:?}"));
            }
        }
        Ok(())
    }
}

/// One edit, as Postfix makes it (cleanup_milter.c): fields of one name are counted from 1.
fn edit(fields: &mut Vec<(String, String)>, command: u8, data: &[u8]) -> Result<(), String> {
    let text = |octets: &[u8]| -> Result<(String, String), String> {
        let mut parts = octets.split(|octet| *octet == 0);
        let mut part = || {
            let part = parts.next().ok_or("a part is missing")?;
            String::from_utf8(part.to_vec()).map_err(|error| error.to_string())
        };
        Ok((part()?, part()?))
    };
    let number = data.first_chunk().map(|octets| u32::from_be_bytes(*octets));
    let rest = data.get(4..).unwrap_or_default();
    match command {
        b'i' => {
            let at = usize::try_from(number.ok_or("no place")?).expect("a place");
            fields.insert(at.min(fields.len()), text(rest)?);
        }
        b'h' => fields.push(text(data)?),
        b'm' => {
            let (name, value) = text(rest)?;
            let mut places =
                (0..fields.len()).filter(|at| fields[*at].0.eq_ignore_ascii_case(&name));
            let nth = usize::try_from(number.ok_or("no place")?).expect("a place");
            let at = places
                .nth(nth.max(1) - 1)
                .ok_or(format!("there is no {nth}th {name}"))?;
            match value.is_empty() {
                true => drop(fields.remove(at)),
                false => fields[at].1 = value,
            }
        }
        b'q' => {}
        other => return Err(format!("an edit {}", char::from(other))),
    }
    Ok(())
}
