//! Verdicts over time as bars: drawn here, so that they are there without a script.

use super::{layout, text::grouped, words};
use crate::{history::Messages, verdict::Verdict};
use maud::{Markup, html};
use std::time::Duration;

/// Units of the picture's height; its size on the screen is the style sheet's.
const HEIGHT: u32 = 1_000;

/// A bar that is not nothing is seen, in the same units.
const LEAST: u32 = 14;

/// What a chart shows.
pub(super) struct Span {
    /// Its heading.
    pub(super) title: &'static str,
    /// Minutes in one bar.
    pub(super) minutes: u16,
    /// How long the whole is, in one of `units`.
    pub(super) length: u16,
    /// `min` or `h`.
    pub(super) unit: &'static str,
}

/// The last hour, in minutes.
pub(super) const HOUR: Span = Span {
    title: "Last hour",
    minutes: 1,
    length: 60,
    unit: "min",
};

/// The last day, in quarters of an hour.
pub(super) const DAY: Span = Span {
    title: "Last 24 hours",
    minutes: 15,
    length: 24,
    unit: "h",
};

impl Span {
    /// How many bars there are.
    fn bars(&self) -> usize {
        let minutes = match self.unit {
            "h" => self.length * 60,
            _ => self.length,
        };
        usize::from(minutes / self.minutes)
    }

    /// The messages of each bar, the oldest first.
    fn counts(&self, day: &[Messages]) -> Vec<Messages> {
        let minutes = self.bars() * usize::from(self.minutes);
        let from = day.len().saturating_sub(minutes);
        day.get(from..)
            .unwrap_or_default()
            .chunks(usize::from(self.minutes))
            .map(sum)
            .collect()
    }

    /// How many bars lie before the start.
    fn before(&self, up: Duration) -> usize {
        let covered = up.as_secs() / 60 / u64::from(self.minutes) + 1;
        self.bars()
            .saturating_sub(usize::try_from(covered).unwrap_or(usize::MAX))
    }

    /// When a bar was, for people.
    fn when(&self, bar: usize) -> String {
        let ago = (self.bars() - bar - 1) * usize::from(self.minutes);
        match (ago, self.minutes) {
            (0, 1) => "this minute".into(),
            (0, minutes) => format!("the last {minutes} minutes"),
            (ago, _) if ago < 120 => format!("{ago} min ago"),
            (ago, _) => format!("{} h {} min ago", ago / 60, ago % 60),
        }
    }
}

/// All of these together.
pub(super) fn sum(messages: &[Messages]) -> Messages {
    let mut all = Messages::default();
    for some in messages {
        all.add(some);
    }
    all
}

/// How many messages had one of these verdicts.
pub(super) fn count(messages: &Messages, verdicts: &[Verdict]) -> u32 {
    verdicts
        .iter()
        .fold(0, |sum, verdict| sum.saturating_add(messages.of(*verdict)))
}

/// What is suspected above, what is proved below it, on scales of their own: genuine mail is often a
/// hundred times as much.
/// `up` is for how long there is anything to tell.
pub(super) fn chart(span: &Span, day: &[Messages], up: Duration) -> Markup {
    let bars = span.counts(day);
    let before = span.before(up);
    let all = sum(&bars);
    let doubtful = [&words::SPOOFS[..], &words::DOUBTS].concat();
    let name = format!("{}: spoofs and doubtful mail", span.title);
    let genuine = format!("{}: verified mail", span.title);
    html! {
        figure.card.chart {
            figcaption {
                h2 { (span.title) }
                ul.legend {
                    @for verdict in doubtful.iter().chain(&[Verdict::Verified]) {
                        li.none[all.of(*verdict) == 0] { span.swatch.(layout::class(*verdict)) {}
                            (verdict.word()) " " b { (grouped(all.of(*verdict).into())) } }
                    }
                }
            }
            (panel(span, &bars, before, &doubtful, "tall", &name))
            (panel(span, &bars, before, &[Verdict::Verified], "low", &genuine))
            (times(span))
        }
    }
}

/// One row of bars with its scale.
fn panel(
    span: &Span,
    bars: &[Messages],
    before: usize,
    verdicts: &[Verdict],
    size: &str,
    name: &str,
) -> Markup {
    let highest = bars
        .iter()
        .map(|bar| count(bar, verdicts))
        .max()
        .unwrap_or_default();
    let top = scale(highest);
    let total = count(&sum(bars), verdicts);
    let per = match span.minutes {
        1 => "a minute".to_owned(),
        minutes => format!("in {minutes} minutes"),
    };
    let summary = format!("{name}: {total} in all, at most {highest} {per}");
    html! {
        div.panel.(size) {
            div.scale aria-hidden="true" {
                span { (grouped(top.into())) }
                span { "0" }
            }
            svg viewBox=(format!("0 0 {} {HEIGHT}", bars.len() * 10)) preserveAspectRatio="none"
                role="img" aria-label=(summary) {
                @if before > 0 {
                    g { title { "before the program started" }
                        rect.before x="0" y="0" width=(before * 10) height=(HEIGHT) {} }
                }
                @for (at, bar) in bars.iter().enumerate().filter(|(_, bar)| count(bar, verdicts) > 0) {
                    g {
                        title { (tooltip(span, at, bar, verdicts)) }
                        // The whole height, so that the pointer finds a low bar, too.
                        rect.reach x=(at * 10) y="0" width="10" height=(HEIGHT) {}
                        @for (verdict, y, height) in stack(bar, verdicts, top) {
                            rect.(layout::class(verdict)) x=(at * 10 + 1) y=(y) width="8" height=(height) {}
                        }
                    }
                }
            }
        }
    }
}

fn tooltip(span: &Span, at: usize, bar: &Messages, verdicts: &[Verdict]) -> String {
    let parts: Vec<_> = verdicts
        .iter()
        .filter(|verdict| bar.of(**verdict) > 0)
        .map(|verdict| format!("{} {verdict}", bar.of(*verdict)))
        .collect();
    format!("{}: {}", span.when(at), parts.join(", "))
}

/// The pieces of a bar from the bottom up: verdict, upper edge, height.
fn stack(bar: &Messages, verdicts: &[Verdict], top: u32) -> Vec<(Verdict, u32, u32)> {
    let mut edge = HEIGHT;
    let mut pieces = Vec::new();
    for verdict in verdicts {
        let share = u64::from(bar.of(*verdict)) * u64::from(HEIGHT) / u64::from(top.max(1));
        let height = u32::try_from(share).unwrap_or(HEIGHT).min(edge);
        if bar.of(*verdict) > 0 {
            let height = height.max(LEAST).min(edge);
            edge -= height;
            pieces.push((*verdict, edge, height));
        }
    }
    pieces
}

/// The least round number that is not below `highest`.
fn scale(highest: u32) -> u32 {
    let mut unit: u32 = 1;
    loop {
        for factor in [1, 2, 3, 4, 5, 6, 8] {
            let round = unit.saturating_mul(factor);
            if round >= highest.max(4) {
                return round;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

fn times(span: &Span) -> Markup {
    let ago = |quarters: u16| span.length * quarters / 4;
    html! {
        div.times aria-hidden="true" {
            span { (ago(4)) " " (span.unit) " ago" }
            @for quarters in [3, 2, 1] { span { (ago(quarters)) } }
            span { "now" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_never_too_low() {
        for (highest, round) in [
            (0, 4),
            (4, 4),
            (7, 8),
            (11, 20),
            (31, 40),
            (4_100_000_000, u32::MAX),
        ] {
            assert_eq!(scale(highest), round, "{highest}");
        }
    }
}
