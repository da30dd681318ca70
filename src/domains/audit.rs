//! `domains audit`: whether DNS still says about the listed domains what it said when the list was
//! made.

mod ask;
mod compare;
mod facts;
mod show;
mod snapshot;

use crate::{
    brand::{Brand, Class, Entry},
    config::{Config, ConfigError, Files},
    dns::Dns,
};
use snapshot::Snapshot;
use std::{
    fs,
    io::{self, BufWriter},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Files beyond this are no snapshot.
const MAX_FILE_SIZE: u64 = 16 << 20;

/// How the result is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuditFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// What DNS says now, as a whole snapshot.
    Toml,
}

/// Whom to ask, and what to compare with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditOptions {
    /// The configuration, if not the usual one.
    pub config: Files,
    /// The DNS server to ask instead of the configured ones.
    pub dns: Option<SocketAddr>,
    /// The snapshot to compare with, if not the shipped one.
    pub snapshot: Option<PathBuf>,
    /// How the result is shown.
    pub format: AuditFormat,
}

/// Asks DNS about each domain of the list that the brand owns or may own, compares with the snapshot
/// and prints what differs. Returns the exit code: 0 for the same, 1 for a difference, 2 where
/// something could not be asked; and whether the output could be written.
///
/// # Errors
///
/// The faults of the configuration or of the snapshot.
pub async fn audit(options: AuditOptions) -> Result<(io::Result<()>, u8), Vec<ConfigError>> {
    let config = Config::load(&options.config)?;
    let mut settings = config
        .authenticate
        .dns
        .ok_or_else(|| wrong("dns", "there is no DNS to ask".into()))?;
    if let Some(server) = options.dns {
        settings.servers = vec![server];
    }
    let brand = &*config.brand;
    let snapshot = match &options.snapshot {
        Some(path) => read(path, brand).map_err(|error| {
            let reason = format!("{}: {error}", path.display());
            wrong("--snapshot", reason)
        })?,
        None => Snapshot::shipped(brand),
    };
    let dns = Dns::new(&settings, Arc::new(())).map_err(|error| wrong("dns", error.to_string()))?;

    let entries = entries(brand);
    let family_proof = snapshot.family_proof.as_ref();
    let answers = ask::ask(&dns, &entries, family_proof).await;
    let outcome = compare::compare(answers, &snapshot, entries.len());
    let mut out = BufWriter::new(io::stdout().lock());
    let written = match options.format {
        AuditFormat::Text => show::text(&outcome, &mut out),
        AuditFormat::Json => show::json(&outcome, brand, &mut out),
        AuditFormat::Toml => show::toml(
            &snapshot::whole(brand, family_proof, &outcome.facts),
            &mut out,
        ),
    };
    Ok((written, outcome.code()))
}

/// The domains to ask about, in the order of their names.
fn entries(brand: &Brand) -> Vec<&Entry> {
    let mut entries: Vec<&Entry> = brand
        .entries()
        .filter(|entry| is_asked(entry.class))
        .collect();
    entries.sort_by(|a, b| a.domain.cmp(&b.domain));
    entries
}

/// Whether what DNS says about domains of a class can change the list. What any customer sends from,
/// other companies, fakes and namesakes are no statement of the brand's.
fn is_asked(class: Class) -> bool {
    match class {
        Class::OfficialSender
        | Class::LikelySender
        | Class::Subsidiary
        | Class::UserContent
        | Class::EnvelopeOnly
        | Class::Owned
        | Class::Unverified => true,
        Class::Never | Class::Partner | Class::AliasRelay | Class::Fake | Class::Unrelated => false,
    }
}

fn read(path: &Path, brand: &Brand) -> Result<Snapshot, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_FILE_SIZE {
        return Err("it is larger than 16 MiB".to_owned());
    }
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    Snapshot::parse(&text, brand)
}

fn wrong(key: &str, reason: String) -> Vec<ConfigError> {
    vec![ConfigError {
        key: key.to_owned(),
        reason,
        ..ConfigError::default()
    }]
}
