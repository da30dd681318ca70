//! What is written of the metrics is what the program knows of them.

use std::fs;

use amazon_spoof_milter::metrics::reference::markdown;

use crate::{RULES, file, text_of};

/// The line of docs/metrics.md after which the list stands.
const MADE: &str = "<!-- From here on made from src/metrics/ by `make reference`. -->\n\n";

#[test]
fn the_page_is_what_the_table_says() {
    let page = text_of("docs/metrics.md");
    let (prose, _) = page.split_once(MADE).expect("the line before the list");
    let expected = format!("{prose}{MADE}{}", markdown());
    if std::env::var_os("WRITE_REFERENCE").is_some() {
        // At one stroke: the other test reads it meanwhile.
        fs::write(file("target/metrics.md"), &expected).expect("write");
        fs::rename(file("target/metrics.md"), file("docs/metrics.md")).expect("rename");
    }
    assert_eq!(
        text_of("docs/metrics.md"),
        expected,
        "docs/metrics.md is not what the table of metrics says: make reference"
    );
    // Entries as a reader finds them there.
    for line in [
        "### amazon_spoof_milter_messages_total",
        "A counter by `verdict` and `action`. Messages by verdict and by what was decided for them.",
        "| `process_open_fds` | Near `process_max_fds` connections can't be accepted. |",
        "- `result` of `arc`: `pass`, `fail`, `policy`, `temperror`",
        "| `negotiation` | the MTA's milter protocol lacks what is needed: set `milter_protocol = 6` |",
    ] {
        assert!(expected.lines().any(|found| found == line), "{line}");
    }
}

#[test]
fn the_page_tells_what_to_do_about_each_alert() {
    let page = text_of("docs/metrics.md");
    let documented: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `AmazonSpoof")?.split('`').next())
        .collect();
    let rules = text_of(RULES);
    let alerts: Vec<_> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: AmazonSpoof"))
        .collect();
    assert!(alerts.len() >= 17, "{alerts:?}");
    assert_eq!(documented, alerts);
}
