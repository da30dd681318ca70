//! The alerts: valid, each seen firing and not firing, and about metrics that exist.

use std::collections::BTreeSet;

use amazon_spoof_milter::metrics::Metrics;

use crate::support::prometheus::promtool;
use crate::{RULES, file, text_of};

const TESTS: [&str; 4] = [
    "alerts.test.yml",
    "alerts-of-days.test.yml",
    "alerts-of-months.test.yml",
    "alerts-of-fleets.test.yml",
];

/// Runs promtool; panics with what it says where it finds a fault.
fn passes(folder: &str, arguments: &[&str]) {
    let output = promtool(&file(folder), arguments, "");
    assert!(
        output.status.success(),
        "promtool {arguments:?}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn rules_and_the_example_of_a_configuration_are_valid() {
    // The configuration names the rules, so both are looked at.
    passes(
        "deploy/prometheus",
        &["check", "config", "--lint-fatal", "prometheus.yml"],
    );
}

#[test]
fn alerts_fire_when_they_should_and_not_else() {
    passes(
        "tests/monitoring",
        &[&["test", "rules"], &TESTS[..]].concat(),
    );
}

#[test]
fn every_alert_is_tested_both_ways() {
    let tests: String = TESTS
        .iter()
        .map(|name| text_of(&format!("tests/monitoring/{name}")))
        .collect();
    let (mut firing, mut quiet) = (BTreeSet::new(), BTreeSet::new());
    for case in tests.split("- alertname: ").skip(1) {
        let name = case.lines().next().unwrap();
        let expected = case.lines().find(|line| line.contains("exp_alerts:"));
        match expected.unwrap().contains("[]") {
            true => quiet.insert(name),
            false => firing.insert(name),
        };
    }
    let rules = text_of(RULES);
    let alerts: BTreeSet<_> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
        .collect();
    assert!(alerts.len() >= 17, "{alerts:?}");
    assert_eq!(firing, alerts, "firing");
    assert_eq!(quiet, alerts, "not firing");
}

#[test]
fn rules_and_dashboard_name_metrics_that_exist() {
    let exposition = Metrics::new().expect("a table without fault").render();
    let recorded: Vec<_> = text_of(RULES)
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- record: "))
        .map(str::to_owned)
        .collect();
    for path in [RULES, crate::DASHBOARD, crate::FLEET] {
        let text = text_of(path);
        let names = text.split(|c: char| !c.is_ascii_alphanumeric() && !"_:".contains(c));
        let names: BTreeSet<_> = names
            .map(|name| name.trim_end_matches(':'))
            .filter(|name| name.contains("amazon_spoof_milter_") || name.starts_with("process_"))
            .collect();
        assert!(names.len() > 10, "{path}: {names:?}");
        for name in names {
            let family = format!("\n# TYPE {} ", name.trim_end_matches("_bucket"));
            let exists = exposition.contains(&family) || recorded.iter().any(|one| one == name);
            assert!(exists, "{path}: {name}");
        }
    }
}

#[test]
fn rules_and_dashboard_name_labels_that_exist() {
    let exposition = Metrics::new().expect("a table without fault").render();
    for path in [RULES, crate::DASHBOARD, crate::FLEET] {
        let text = text_of(path).replace("\\\"", "\"");
        let mut words = 0;
        for label in [
            "verdict", "action", "reason", "method", "result", "stage", "type", "outcome", "kind",
            "limit",
        ] {
            for operator in ["=\"", "=~\"", "!=\"", "!~\""] {
                let matcher = format!("{label}{operator}");
                for found in text.split(&*matcher).skip(1) {
                    let value = found.split('"').next().unwrap();
                    for word in value.split('|') {
                        words += 1;
                        let series = format!("{label}=\"{word}\"");
                        assert!(exposition.contains(&series), "{path}: {series}");
                    }
                }
            }
        }
        assert!(words > 10, "{path}: {words}");
    }
}
