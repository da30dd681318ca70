//! `check`: the same judgement over files, folders, mailboxes and standard input.

mod incoming;
mod json;
mod progress;
mod source;
mod summary;
mod text;
mod trace;

use crate::{
    attachments::Readers,
    config::{Config, ConfigError, Files},
    mail::{
        message::{Envelope, NotAMessage, Path as EnvelopePath},
        received,
    },
    report::Report,
    session::Limits,
    verdict::Verdict,
    verify::{Verifier, begin_to_prepare},
};
use incoming::Intake;
use progress::Progress;
use source::{Content, Item, Source};
use std::{
    collections::VecDeque,
    io::{self, IsTerminal, Write},
    net::{IpAddr, SocketAddr},
    panic,
    path::PathBuf,
    sync::Arc,
};
use summary::Summary;
use text::Look;
use tokio::task::JoinHandle;
use trace::Hint;

/// How results are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a message and line.
    Json,
}

/// What is shown of the messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Each of them, and what the run came to.
    #[default]
    All,
    /// The same without those that are unrelated, verified or exempt.
    Spoofs,
    /// What the run came to, alone.
    Summary,
}

impl Shown {
    /// Whether a message of this verdict is shown.
    fn has(self, verdict: Verdict) -> bool {
        match self {
            Self::All => true,
            Self::Spoofs => !matches!(
                verdict,
                Verdict::Unrelated | Verdict::Verified | Verdict::Exempt
            ),
            Self::Summary => false,
        }
    }
}

/// What is checked, and as what.
#[derive(Clone, Debug, Default)]
pub struct CheckOptions {
    /// The configuration, if not the usual one.
    pub config: Files,
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
    /// What is shown of the messages.
    pub shown: Shown,
    /// Files, folders, or `-`.
    pub paths: Vec<PathBuf>,
}

/// Messages that are judged side by side, so that one waits for DNS while others are read.
const MAX_UNDER_WAY: usize = 64;

/// Octets of theirs, so that memory doesn't grow with the messages; a longer one goes alone.
const MAX_OCTETS_UNDER_WAY: u64 = 8 << 20;

/// Judges what the options name and shows it on standard output. Returns whether all could be shown,
/// and the exit code.
///
/// # Errors
///
/// The faults of the configuration. What can't be read is shown as such, and the run goes on.
pub async fn run(options: CheckOptions) -> Result<(io::Result<()>, u8), Vec<ConfigError>> {
    if !options.offline {
        begin_to_prepare();
    }
    let mut config = Config::load(&options.config)?;
    match (&mut config.authenticate.dns, options.dns) {
        (dns, _) if options.offline => *dns = None,
        (Some(dns), Some(server)) => dns.servers = vec![server],
        _ => {}
    }
    let verifier = Verifier::new(&config, Arc::new(())).map_err(|error| {
        vec![ConfigError {
            key: "dns".into(),
            reason: error.to_string(),
            ..ConfigError::default()
        }]
    })?;
    let verifier = verifier.with_readers(readers(&config).await);
    if verifier.dns().is_some() {
        // While they are made nobody takes an answer of DNS, whose time would be up.
        verifier.prepare_all();
    }
    let choice = anstream::AutoStream::choice(&io::stdout());
    let mut run = Run {
        judge: Arc::new(Judge {
            look: Look {
                brand: verifier.brand.name().to_owned(),
                colour: choice != anstream::ColorChoice::Never,
            },
            verifier,
            envelope: envelope(&options),
            trust_received: options.trust_received,
            format: options.format,
            shown: options.shown,
        }),
        under_way: VecDeque::new(),
        octets: 0,
        summary: Summary::default(),
        progress: Progress::new(&options.paths),
        on_terminal: io::stdout().is_terminal(),
    };
    let judge = Arc::clone(&run.judge);
    let intake = Intake {
        limits: Limits::with_body(config.milter.max_message_size),
        keep: run.judge.verifier.octets_read(),
        forms: Arc::new(move |message| judge.verifier.signed_forms(message)),
    };
    let source = Source::new(&options.paths, intake);
    // It reads on a thread of those that judge: from without, each message would wake one of them.
    let ended = tokio::spawn(async move {
        let shown = run.all(source).await;
        run.progress.end();
        (shown, run.summary.exit_code())
    });
    ended
        .await
        .map_err(|error| panic::resume_unwind(error.into_panic()))
}

/// Who opens files, where they are wanted and anybody can.
async fn readers(config: &Config) -> Option<Arc<Readers>> {
    if !config.open_files {
        return None;
    }
    let started = Readers::start(Readers::this_program(), Arc::new(())).await;
    if let Err(why) = &started {
        eprintln!("amazon-spoof-milter: files can't be opened here, and count as unread: {why}");
    }
    started.ok().map(Arc::new)
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

/// How each message is judged and shown.
struct Judge {
    verifier: Verifier,
    envelope: Envelope,
    trust_received: usize,
    format: Format,
    shown: Shown,
    look: Look,
}

impl Judge {
    /// The report, and what is shown of it.
    async fn judge(
        &self,
        name: &str,
        content: Content,
    ) -> Result<(Report, Option<String>), NotAMessage> {
        let mut message = content.message()?;
        let given = self.envelope.clone();
        message.envelope = received::envelope(&message, self.trust_received, given);
        let report = self.verifier.verify(&message).await;
        if !self.shown.has(report.verdict) {
            return Ok((report, None));
        }
        let hint = Hint::of(&message, &report, &self.verifier).await;
        let text = match self.format {
            Format::Json => {
                let edits = report.edits(&message, &self.verifier.headers);
                json::line(name, &report, &edits, hint.as_ref())
            }
            Format::Text => text::of(&self.look, name, &report, hint.as_ref()),
        };
        Ok((report, Some(text)))
    }

    fn error(&self, name: &str, error: &str) -> Option<String> {
        match (self.shown, self.format) {
            (Shown::Summary, _) => None,
            (_, Format::Json) => Some(json::error(name, error)),
            (_, Format::Text) => Some(text::error(name, error)),
        }
    }
}

/// A message under way: the task ends with its report and what is shown of it, or why it can't be read.
struct UnderWay {
    name: String,
    size: u64,
    octets: u64,
    task: JoinHandle<Result<(Report, Option<String>), String>>,
}

struct Run {
    judge: Arc<Judge>,
    /// Shown in the order in which they came.
    under_way: VecDeque<UnderWay>,
    /// What they hold together.
    octets: u64,
    summary: Summary,
    progress: Progress,
    on_terminal: bool,
}

impl Run {
    async fn all(&mut self, source: Source) -> io::Result<()> {
        for item in source {
            self.begin(item).await?;
        }
        while !self.under_way.is_empty() {
            self.finish_one().await?;
        }
        let summary = &self.summary;
        match (self.judge.shown, self.judge.format) {
            (Shown::Summary, Format::Text) => self.show(&summary.to_text()),
            (Shown::Summary, Format::Json) => self.show(&json::summary(summary)),
            (_, Format::Text) if summary.messages() > 1 => {
                self.show(&format!("\n{}", summary.to_text()))
            }
            _ => Ok(()),
        }
    }

    async fn begin(&mut self, item: Item) -> io::Result<()> {
        let octets = item.content.as_ref().map_or(0, Content::octets);
        while self.under_way.len() >= MAX_UNDER_WAY
            || (!self.under_way.is_empty() && self.octets + octets > MAX_OCTETS_UNDER_WAY)
        {
            self.finish_one().await?;
        }
        let judge = Arc::clone(&self.judge);
        let name = item.name.clone();
        let task = tokio::spawn(async move {
            let content = item.content.map_err(|error| error.to_string())?;
            let judged = judge.judge(&name, content).await;
            judged.map_err(|error| error.to_string())
        });
        self.octets += octets;
        self.under_way.push_back(UnderWay {
            name: item.name,
            size: item.size,
            octets,
            task,
        });
        Ok(())
    }

    async fn finish_one(&mut self) -> io::Result<()> {
        let Some(message) = self.under_way.pop_front() else {
            return Ok(());
        };
        let judged = message.task.await.unwrap_or_else(|_| {
            Err("judging it failed; please report this with the message".to_owned())
        });
        self.octets -= message.octets;
        self.progress.advance(message.size);
        match judged {
            Ok((report, text)) => {
                self.summary.count(&report);
                text.map_or(Ok(()), |text| self.show(&text))
            }
            Err(error) => {
                self.summary.count_unreadable();
                let text = self.judge.error(&message.name, &error);
                text.map_or(Ok(()), |text| self.show(&text))
            }
        }
    }

    fn show(&self, line: &str) -> io::Result<()> {
        // In one piece: standard output would write what ends before the last line, and then that.
        let write = || {
            io::stdout()
                .lock()
                .write_all(format!("{line}\n").as_bytes())
        };
        match self.on_terminal {
            true => self.progress.suspend(write),
            false => write(),
        }
    }
}
