//! Asks DNS about the domains of the list, several at a time.

use super::facts::{Facts, Kind, Unanswered};
use crate::{
    brand::Entry,
    dns::{Dns, Failure},
    mail::domain::Domain,
};
use futures_util::{StreamExt, future::join_all, stream};
use indicatif::{ProgressBar, ProgressStyle};

/// Domains that are asked about at a time; each has four lookups.
const SIDE_BY_SIDE: usize = 8;

/// Domains in a row without any answer, after which the rest is given up: DNS is out of reach, and
/// two hundred time-outs would say no more.
const SILENT: usize = 2 * SIDE_BY_SIDE;

/// What DNS says about one domain.
#[derive(Clone, Debug)]
pub(super) struct Answer<'a> {
    pub(super) entry: &'a Entry,
    pub(super) facts: Facts,
    pub(super) unanswered: Vec<Unanswered>,
}

impl Answer<'_> {
    /// Whether nothing at all was answered.
    fn is_silent(&self) -> bool {
        Kind::ALL.iter().all(|&kind| self.facts.of(kind).is_none())
    }
}

/// Asks about each domain. The answers come in the order of the entries; where DNS is out of reach
/// the last ones are missing.
pub(super) async fn ask<'a>(
    dns: &Dns,
    entries: &[&'a Entry],
    family_proof: Option<&Domain>,
) -> Vec<Answer<'a>> {
    let progress = progress(entries.len());
    let mut answers = Vec::with_capacity(entries.len());
    let mut silent = 0;
    let mut under_way = stream::iter(entries)
        .map(|&entry| one(dns, entry, family_proof))
        .buffered(SIDE_BY_SIDE);
    while let Some(answer) = under_way.next().await {
        progress.set_message(answer.entry.domain.as_str().to_owned());
        progress.inc(1);
        silent = if answer.is_silent() { silent + 1 } else { 0 };
        answers.push(answer);
        if silent == SILENT {
            break;
        }
    }
    progress.finish_and_clear();
    answers
}

/// On standard error, and only where that is a terminal.
fn progress(length: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

async fn one<'a>(dns: &Dns, entry: &'a Entry, family_proof: Option<&Domain>) -> Answer<'a> {
    let lookups = Kind::ALL.map(|kind| async move {
        let name = entry.domain.as_str();
        let records = match (kind, family_proof) {
            (Kind::Mx, _) => dns.mx(name).await,
            (Kind::Spf, _) => text(dns, kind, name).await,
            (Kind::Dmarc, _) => text(dns, kind, &format!("_dmarc.{name}")).await,
            (Kind::FamilyProof, Some(zone)) => text(dns, kind, &format!("{name}.{zone}")).await,
            // This brand publishes none.
            (Kind::FamilyProof, None) => Ok(Vec::new()),
        };
        (kind, records)
    });
    let mut answer = Answer {
        entry,
        facts: Facts::default(),
        unanswered: Vec::new(),
    };
    for (kind, records) in join_all(lookups).await {
        if kind == Kind::Mx {
            // A name that has no mail host exists all the same; NXDOMAIN says that it doesn't.
            answer.facts.exists = match &records {
                Ok(_) | Err(Failure::NoData) => Some(true),
                Err(Failure::NoSuchName) => Some(false),
                Err(Failure::Temporary(_)) => None,
            };
        }
        match records {
            Ok(records) => answer.facts.set(kind, Some(kind.normal(records))),
            Err(Failure::NoSuchName | Failure::NoData) => answer.facts.set(kind, Some(Vec::new())),
            Err(Failure::Temporary(error)) => answer.unanswered.push(Unanswered {
                domain: entry.domain.clone(),
                kind,
                error,
            }),
        }
    }
    answer
}

/// The TXT records of a kind at a name.
async fn text(dns: &Dns, kind: Kind, name: &str) -> Result<Vec<String>, Failure> {
    let records = dns.txt(name).await?;
    Ok(records
        .iter()
        .map(|record| String::from_utf8_lossy(record).into_owned())
        .filter(|record| kind.is_one(record))
        .collect())
}
