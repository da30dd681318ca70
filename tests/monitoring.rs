//! What a monitor sees: the metrics, the alerts on them, a real Prometheus that scrapes them, the
//! dashboard.

// In a test a panic is the report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

#[path = "attachments/whole.rs"]
mod attachments;
#[path = "monitoring/dashboard.rs"]
mod dashboard;
#[path = "monitoring/end_to_end.rs"]
mod end_to_end;
#[path = "monitoring/exposition.rs"]
mod exposition;
#[path = "monitoring/reference.rs"]
mod reference;
#[path = "monitoring/rules.rs"]
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
}

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text_of(path: &str) -> String {
    fs::read_to_string(file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const RULES: &str = "deploy/prometheus/amazon-spoof-milter.rules.yml";
const DASHBOARD: &str = "deploy/grafana/dashboard.json";
const FLEET: &str = "deploy/grafana/fleet.json";

/// The series of an exposition, without their values.
fn series(exposition: &str) -> BTreeSet<&str> {
    let series: BTreeSet<_> = exposition
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.rsplit_once(' ')?.0))
        .collect();
    assert!(series.len() > 100, "{exposition}");
    series
}
