//! One line a message, and where the log goes. `docs/log.md` says what each line means.

mod journald;
mod queue;

use crate::{
    config::LogFormat,
    mail::{domain::Domain, message::Envelope},
    report::{
        Report,
        printable::{printable, printable_json},
    },
    verdict::{Verdict, policy::Compromise},
};
use journald::Journal;
use queue::{Drain, Queue};
use std::{
    io::{self, Write},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tracing::Level;
use tracing_subscriber::{
    Registry, filter::Targets, fmt, layer::SubscriberExt, registry, reload, util::SubscriberInitExt,
};

/// The log; dropped, it waits for what is still to be written, a second at the most.
pub struct Log {
    /// How much is logged.
    pub level: LevelSwitch,
    drain: Drain,
}

/// Changes how much is logged.
#[derive(Clone)]
pub struct LevelSwitch(reload::Handle<Targets, Registry>);

impl LevelSwitch {
    /// From now on this much.
    pub fn set(&self, level: Level) {
        if let Err(error) = self.0.reload(filter(level)) {
            tracing::warn!(%error, "the level of the log can't be changed");
        }
    }
}

/// Our own events of this level. Libraries may warn: what they say beyond that is dumps of DNS messages and
/// of connections, in which nobody finds a line about mail.
fn filter(level: Level) -> Targets {
    let libraries = level.min(Level::WARN);
    Targets::new()
        .with_default(libraries)
        .with_target(env!("CARGO_CRATE_NAME"), level)
}

impl Drop for Log {
    fn drop(&mut self) {
        self.drain.drain();
    }
}

/// Sends the log to standard error, which is what systemd reads and what a person sees, or to
/// journald. Where nobody takes it, lines are lost; `on_lost` is called for each.
///
/// # Errors
///
/// Where the system gives no thread for it.
pub fn start(
    format: LogFormat,
    level: Level,
    on_lost: impl Fn() + Send + Sync + 'static,
) -> io::Result<Log> {
    let journal = match format {
        LogFormat::Journald => Journal::open(Path::new(journald::SOCKET)),
        LogFormat::Text | LogFormat::Json => Err(io::ErrorKind::Unsupported.into()),
    };
    let (filter, level) = reload::Layer::new(filter(level));
    let subscriber = registry().with(filter);
    let lines = fmt::layer().with_target(false).with_ansi(false);
    let on_lost = Box::new(on_lost);
    let (result, drain, missing) = match (format, journal) {
        (LogFormat::Json, _) => {
            let (queue, drain) = Queue::start(StandardError(printable_json), on_lost)?;
            let lines = lines.json().flatten_event(true).with_writer(queue);
            (subscriber.with(lines).try_init(), drain, None)
        }
        (LogFormat::Journald, Ok(journal)) => {
            let (queue, drain) = Queue::start(journal, on_lost)?;
            let lines = lines.event_format(journald::Entry).with_writer(queue);
            (subscriber.with(lines).try_init(), drain, None)
        }
        (_, journal) => {
            let (queue, drain) = Queue::start(StandardError(printable), on_lost)?;
            let missing = journal.err().filter(|_| format == LogFormat::Journald);
            let lines = lines.with_writer(queue);
            (subscriber.with(lines).try_init(), drain, missing)
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "the log was started before");
    }
    if let Some(error) = missing {
        let socket = journald::SOCKET;
        tracing::warn!(socket, %error, "journald is not there, so that the log is text on standard error");
    }
    // By default a panic writes to standard error itself, waits for its reader, and shows what it
    // was at: the text of a mail.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string);
        let at = at.as_deref().unwrap_or("-");
        tracing::error!(at, "a fault of this program; please report it");
    }));
    Ok(Log {
        level: LevelSwitch(level),
        drain,
    })
}

/// Writes each line so that nothing in it acts on a terminal, by a rendering that keeps its format.
struct StandardError(fn(&str) -> String);

impl Write for StandardError {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let shown = (self.0)(text.trim_end_matches('\n')) + "\n";
        io::stderr().write_all(shown.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Logs what became of a message. Ordinary mail is told at debug level only.
///
/// Only words of closed sets, domain names, the MTA's own queue id and, where the rules of recipients
/// differ, one recipient get in; all else that a sender wrote stays out.
pub fn message(report: &Report, envelope: &Envelope, duration: Duration) {
    let queue_id = envelope.queue_id.as_deref().unwrap_or("-");
    let author = report.author.as_ref().map_or("-", Domain::as_str);
    let reasons = report.reason_words();
    let list = report.list.as_ref().map(Domain::as_str);
    let milliseconds = duration.as_secs_f64() * 1_000.0;
    let milliseconds = (milliseconds * 1_000.0).round() / 1_000.0;
    let dns_lookups = report
        .evidence
        .as_ref()
        .map_or(0, |evidence| evidence.lookups);
    let is_stale = report.evidence.as_ref().map(|evidence| evidence.dns_stale);
    let dns_stale = is_stale.filter(|&stale| stale);
    macro_rules! line {
        ($level:expr) => {
            tracing::event!(
                $level,
                queue_id,
                verdict = report.verdict.word(),
                action = report.decision.action.word(),
                applied = report.decision.applied,
                author,
                reasons,
                list,
                milliseconds,
                dns_lookups,
                dns_stale,
                "message"
            )
        };
    }
    match report.verdict {
        Verdict::Unrelated | Verdict::Exempt => line!(Level::DEBUG),
        _ => line!(Level::INFO),
    }
    compromise(report, envelope, queue_id);
    for limit in &report.limits {
        tracing::warn!(queue_id, limit = limit.word(), "a limit was reached");
    }
    warn_of_results_in_our_name(report);
}

/// Octets of a recipient's address that are logged. RFC 5321 section 4.5.3.1.3 allows 256.
const MAX_RECIPIENT: usize = 256;

/// Logs why not every recipient got what a rule asks for, and which recipient decided.
fn compromise(report: &Report, envelope: &Envelope, queue_id: &str) {
    let asked = report.decision.asked.word();
    let decided_by = report.decision.decided_by;
    let recipient = decided_by.and_then(|at| envelope.recipients.get(at));
    let recipient = recipient.map_or("-", |path| &path.address);
    let end = recipient.floor_char_boundary(MAX_RECIPIENT);
    let recipient = printable(recipient.get(..end).unwrap_or_default());
    match report.decision.compromise {
        Some(Compromise::Reserved) => tracing::info!(
            queue_id,
            asked,
            "a milder action was taken since every recipient is postmaster or abuse"
        ),
        Some(Compromise::Mildest) => tracing::info!(
            queue_id,
            asked,
            recipient,
            "a milder action was taken since the rules of the recipients differ"
        ),
        Some(Compromise::MildRuleVoid) => tracing::info!(
            queue_id,
            asked,
            recipient,
            "a rule that delivers a spoof did not count since not every recipient has one"
        ),
        None => {}
    }
}

/// Messages one after the other that came with results in our name.
static IN_OUR_NAME: AtomicU64 = AtomicU64::new(0);

/// How many of them are no forgers any more, and how often that is said again.
const FILTER_IN_FRONT: u64 = 50;
const SAID_AGAIN: u64 = 10_000;

/// A filter in front that writes under the same name as we do loses all its results. A forger is not
/// in every message.
fn warn_of_results_in_our_name(report: &Report) {
    // Of exempt mail the header was not read.
    if report.verdict == Verdict::Exempt {
        return;
    }
    if !report.results_in_our_name {
        IN_OUR_NAME.store(0, Ordering::Relaxed);
        return;
    }
    let messages = IN_OUR_NAME.fetch_add(1, Ordering::Relaxed) + 1;
    if messages == FILTER_IN_FRONT || messages.is_multiple_of(SAID_AGAIN) {
        tracing::warn!(
            messages,
            "every message carries results under our own name, which are removed; name who writes them in headers.keep_authres, or set another headers.authserv_id"
        );
    }
}
