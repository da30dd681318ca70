//! Prometheus' text format, as far as the demonstration shows it.

use std::collections::BTreeMap;

/// What all names begin with.
pub const PREFIX: &str = "amazon_spoof_milter_";

/// Value by series; the name without the prefix.
pub type Values = BTreeMap<String, f64>;

/// The program's own series; durations and the process' are nothing to compare.
pub fn read(text: &str) -> Values {
    let series = |line: &str| {
        let (series, value) = line.strip_prefix(PREFIX)?.rsplit_once(' ')?;
        let value = value.parse().ok()?;
        (!series.contains("_seconds")).then(|| (series.to_owned(), value))
    };
    text.lines().filter_map(series).collect()
}

/// `messages_total{action="tag",verdict="forged"}` as the name and `verdict=forged`, `action=tag`.
pub fn split(series: &str) -> (&str, Vec<String>) {
    let Some((name, labels)) = series.split_once('{') else {
        return (series, Vec::new());
    };
    let mut labels: Vec<String> = labels
        .trim_end_matches('}')
        .split(',')
        .map(|label| label.replace('"', ""))
        .collect();
    // The format sorts labels by name; verdict and type are what one looks for first.
    labels.sort_by_key(|label| !label.starts_with("verdict=") && !label.starts_with("type="));
    (name, labels)
}
