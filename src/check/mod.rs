//! `check`: the same judgement over files, folders, mailboxes and standard input.

mod show;
mod source;
mod summary;

use crate::{
    config::{Config, ConfigError},
    decision::{
        message::{Envelope, Message, NotAMessage, Path as EnvelopePath},
        received,
        report::Report,
    },
    verify::Verifier,
};
use indicatif::ProgressBar;
use serde_json::json;
use source::{Item, Source};
use std::{
    collections::VecDeque,
    io::{self, IsTerminal, Write},
    net::{IpAddr, SocketAddr},
    num::NonZero,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};
use summary::Summary;
use tokio::task::JoinHandle;

/// How results are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a message and line.
    Json,
}

/// What is checked, and as what.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// The configuration, if not the usual one.
    pub config: Option<PathBuf>,
    /// The client that is to be assumed.
    pub client_ip: Option<IpAddr>,
    /// Its HELO.
    pub helo: Option<String>,
    /// MAIL FROM; `<>` is the null sender.
    pub mail_from: Option<String>,
    /// RCPT TO.
    pub recipients: Vec<String>,
    /// How many Received fields at the top trusted servers wrote; 0 to leave trace fields alone.
    pub trust_received: usize,
    /// The DNS server to ask instead of the configured ones.
    pub dns: Option<SocketAddr>,
    /// Whether DNS is left alone.
    pub offline: bool,
    /// How results are shown.
    pub format: Format,
    /// Files, folders, or `-`.
    pub paths: Vec<PathBuf>,
}

/// Judges what the options name and shows it on standard output.
///
/// # Errors
///
/// The faults of the configuration. What can't be read is shown as such, and the run goes on.
pub async fn run(options: CheckOptions) -> Result<ExitCode, Vec<ConfigError>> {
    let mut config = Config::load(options.config.as_deref())?;
    match (&mut config.authenticate.dns, options.dns) {
        (dns, _) if options.offline => *dns = None,
        (Some(dns), Some(server)) => dns.servers = vec![server],
        _ => {}
    }
    let verifier = Verifier::new(&config, Arc::new(())).map_err(|error| {
        vec![ConfigError {
            line: 0,
            key: "dns".into(),
            reason: error.to_string(),
            allowed: String::new(),
        }]
    })?;
    let mut run = Run {
        verifier: Arc::new(verifier),
        envelope: envelope(&options),
        trust_received: options.trust_received,
        format: options.format,
        under_way: VecDeque::new(),
        width: std::thread::available_parallelism().map_or(1, NonZero::get) * 2,
        summary: Summary::default(),
        bar: progress_bar(&options.paths),
    };
    for item in Source::new(&options.paths) {
        run.add(item).await;
    }
    run.end().await;
    Ok(ExitCode::from(run.summary.exit_code()))
}

fn envelope(options: &CheckOptions) -> Envelope {
    Envelope {
        client_ip: options.client_ip,
        helo: options.helo.clone(),
        mail_from: options.mail_from.as_deref().map(EnvelopePath::parse),
        recipients: options
            .recipients
            .iter()
            .map(|address| EnvelopePath::parse(address))
            .collect(),
        ..Envelope::default()
    }
}

/// A bar on standard error where that is a terminal and there is more than one file to wait for.
fn progress_bar(paths: &[PathBuf]) -> ProgressBar {
    match io::stderr().is_terminal() {
        true => match source::count(paths) {
            ..2 => ProgressBar::hidden(),
            files => ProgressBar::new(files),
        },
        false => ProgressBar::hidden(),
    }
}

/// A message under way: the task ends with its report and what is shown of it.
struct UnderWay {
    name: String,
    task: JoinHandle<Result<(Report, String), NotAMessage>>,
}

struct Run {
    verifier: Arc<Verifier>,
    envelope: Envelope,
    trust_received: usize,
    format: Format,
    /// Messages that are judged side by side; shown in the order in which they came.
    under_way: VecDeque<UnderWay>,
    /// How many at the most, so that memory doesn't grow with the archive.
    width: usize,
    summary: Summary,
    bar: ProgressBar,
}

impl Run {
    async fn add(&mut self, item: Item) {
        if self.under_way.len() >= self.width {
            self.finish_one().await;
        }
        let octets = match item.octets {
            Ok(octets) => octets,
            Err(error) => {
                // In its order among the others.
                while !self.under_way.is_empty() {
                    self.finish_one().await;
                }
                return self.show_error(&item.name, &error.to_string());
            }
        };
        let verifier = Arc::clone(&self.verifier);
        let envelope = self.envelope.clone();
        let trust_received = self.trust_received;
        let format = self.format;
        let name = item.name.clone();
        let task = tokio::spawn(async move {
            let mut message = Message::parse(&octets)?;
            drop(octets);
            message.envelope = match trust_received {
                0 => envelope,
                // What is given goes before what the message tells.
                trusted => {
                    let traced = received::envelope(&message, trusted);
                    Envelope {
                        client_ip: envelope.client_ip.or(traced.client_ip),
                        helo: envelope.helo.clone().or(traced.helo),
                        mail_from: envelope.mail_from.clone().or(traced.mail_from),
                        ..envelope
                    }
                }
            };
            let report = verifier.verify(&message).await;
            let edits = report.edits(&message, &verifier.headers);
            let text = match format {
                Format::Json => show::to_json(&name, &report, &edits).to_string(),
                Format::Text => show::to_text(&name, &report),
            };
            Ok((report, text))
        });
        self.under_way.push_back(UnderWay {
            name: item.name,
            task,
        });
    }

    async fn finish_one(&mut self) {
        let Some(UnderWay { name, task }) = self.under_way.pop_front() else {
            return;
        };
        match task.await {
            Ok(Ok((report, text))) => {
                self.summary.count(&report);
                self.show(&text);
            }
            Ok(Err(error)) => self.show_error(&name, &error.to_string()),
            Err(_) => self.show_error(
                &name,
                "judging it failed; please report this with the message",
            ),
        }
        self.bar.inc(1);
    }

    async fn end(&mut self) {
        while !self.under_way.is_empty() {
            self.finish_one().await;
        }
        self.bar.finish_and_clear();
        if self.format == Format::Text
            && let Some(text) = self.summary.to_text()
        {
            self.show(&format!("\n{text}"));
        }
    }

    fn show_error(&mut self, name: &str, error: &str) {
        self.summary.count_unreadable();
        match self.format {
            Format::Json => self.show(&json!({ "file": name, "error": error }).to_string()),
            Format::Text => self.show(&format!("{}: error: {error}", show::escape(name))),
        }
    }

    /// Prints a line; a reader who went away (`| head`) is no fault.
    fn show(&self, line: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(io::stdout().lock(), "{line}");
        });
    }
}
