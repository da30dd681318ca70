//! The last decisions as plain text, and how times and numbers are written.

use super::{HttpState, instances};
use crate::history::Decided;
use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use mail_parser::DateTime;
use std::{
    fmt::Write,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Domains behind impersonation that are shown.
pub(super) const IMPERSONATORS: usize = 20;

/// `/decisions.txt`, newest first: time, queue id, verdict, action, author domain, reasons.
pub(super) async fn decisions(State(state): State<HttpState>) -> Response {
    let mut text =
        String::from("# seconds since 1970, queue id, verdict, action, author, reasons\n");
    let active = state.shared.active.load_full();
    let sight = instances::look(&state, &active, SystemTime::now()).await;
    if let Some(fleet) = state.shared.fleet.as_ref() {
        text = text.replace("reasons\n", "reasons, instance\n");
        for decided in &sight.latest {
            let elsewhere = decided.elsewhere.as_ref();
            let instance =
                elsewhere.map_or(fleet.instance.as_str(), |elsewhere| &elsewhere.instance);
            let _ = writeln!(text, "{} {instance}", line(decided));
        }
    } else {
        for decided in &sight.latest {
            let _ = writeln!(text, "{}", line(decided));
        }
    }
    text.push_str(
        "\n# most often behind `impersonation` since the start; a line in [trust] lets one name the \
         brand once it is authenticated; there is none for an author who was unproved, has a free name \
         or asks for something\n",
    );
    for (domain, found) in state.shared.history.impersonators(IMPERSONATORS) {
        let count = found.messages;
        let _ = match found.may_be_allowed {
            true => writeln!(text, "{count:>8}  allow = [\"{domain}\"]"),
            false => writeln!(text, "{count:>8}  {domain}"),
        };
    }
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

fn line(decided: &Decided) -> String {
    let report = &decided.report;
    format!(
        "{} {} {} {} {} {}",
        seconds(decided.at),
        decided.queue_id.as_deref().unwrap_or("-"),
        report.verdict,
        report.decision.action,
        report.author.as_ref().map_or("-", |author| author.as_str()),
        report.reason_words(),
    )
}

/// Seconds since 1970.
pub(super) fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// In UTC, as `2026-11-25T22:17:09Z`.
pub(super) fn timestamp(at: SystemTime) -> String {
    DateTime::from_timestamp(i64::try_from(seconds(at)).unwrap_or(i64::MAX)).to_rfc3339()
}

/// In the largest unit that fits, for people: `3 days`.
pub(super) fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    plural(count, unit)
}

/// `1 spoof`, `1,234 spoofs`.
pub(super) fn plural(count: u64, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{} {noun}s", grouped(count)),
    }
}

/// With a comma between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// In milliseconds with as many digits as tell something: `0.21`, `3.4`, `1,250`.
pub(super) fn milliseconds(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1_000.0;
    match millis {
        ..1.0 => format!("{millis:.2}"),
        ..10.0 => format!("{millis:.1}"),
        _ => grouped(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)),
    }
}

/// A share of a whole in per cent; of nothing it is none.
pub(super) fn percent(part: u32, whole: u32) -> String {
    let share = match whole {
        0 => 0.0,
        _ => f64::from(part) * 100.0 / f64::from(whole),
    };
    match share {
        ..=0.0 => "0 %".into(),
        ..0.1 => "under 0.1 %".into(),
        ..10.0 => format!("{share:.1} %"),
        _ => format!("{share:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_written_for_people() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(plural(1, "spoof"), "1 spoof");
        assert_eq!(plural(1_000, "spoof"), "1,000 spoofs");
        assert_eq!(milliseconds(Duration::from_micros(213)), "0.21");
        assert_eq!(milliseconds(Duration::from_micros(3_400)), "3.4");
        assert_eq!(milliseconds(Duration::from_millis(1_250)), "1,250");
        assert_eq!(span(Duration::from_secs(119)), "119 seconds");
        assert_eq!(span(Duration::from_secs(3 * 86_400)), "3 days");
        assert_eq!(percent(1, 2_000), "under 0.1 %");
        assert_eq!(percent(0, 0), "0 %");
        assert_eq!(percent(1, 3), "33 %");
        let at = UNIX_EPOCH + Duration::from_secs(1_795_645_029);
        assert_eq!(timestamp(at), "2026-11-25T22:17:09Z");
    }
}
