//! One line a message, and where the log goes.

use crate::{
    config::LogFormat,
    decision::{domain::Domain, message::Envelope, report::Report, verdict::Verdict},
};
use std::time::Duration;
use tracing::Level;

/// Sends the log to standard error in the given format. Standard error is what systemd reads and
/// what a person sees; a second call does nothing.
pub fn start(format: LogFormat, level: Level) {
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_target(false);
    let result = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if let Err(error) = result {
        tracing::debug!(%error, "the log was started before");
    }
}

/// Logs what became of a message. Ordinary mail is told at debug level only.
///
/// Only words of closed sets, domain names and the MTA's own queue id get in; all else that a sender
/// wrote stays out.
pub fn message(report: &Report, envelope: &Envelope, duration: Duration) {
    let queue_id = envelope.queue_id.as_deref().unwrap_or("-");
    let author = report.author.as_ref().map_or("-", Domain::as_str);
    let reasons = report.reason_words();
    let milliseconds = duration.as_secs_f64() * 1_000.0;
    let milliseconds = (milliseconds * 1_000.0).round() / 1_000.0;
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
                milliseconds,
                "message"
            )
        };
    }
    match report.verdict {
        Verdict::Unrelated | Verdict::Exempt => line!(Level::DEBUG),
        _ => line!(Level::INFO),
    }
    if report.decision.softened {
        tracing::info!(
            queue_id,
            "a milder action was taken since postmaster or abuse is among the recipients"
        );
    }
    for limit in &report.limits {
        tracing::warn!(queue_id, limit = limit.word(), "a limit was reached");
    }
}
