//! The dashboard of a fleet: what each of its panels asks a real Prometheus that scrapes three instances under load.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use browser::prometheus;
use support::prometheus::Prometheus;

const DASHBOARD: &str = "deploy/grafana/fleet.json";

/// The query of a panel, and what of its answer is drawn apart.
struct Query {
    panel: String,
    text: String,
    by: Option<String>,
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// With Grafana's variables replaced as it would do for all instances in the last hour.
fn queries() -> Vec<Query> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DASHBOARD);
    let file = std::fs::read_to_string(path).expect("the dashboard");
    let dashboard: Value = serde_json::from_str(&file).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut queries = Vec::new();
    for panel in panels {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let legend = target["legendFormat"].as_str().unwrap_or_default();
            let legend = legend.trim_matches(['{', '}']);
            let by = match &panel["type"] {
                kind if kind == "table" => Some("instance".to_owned()),
                kind if kind == "stat" => None,
                _ => Some(legend.to_owned()),
            };
            let text = text(&target["expr"])
                .replace("$__rate_interval", "1m")
                .replace("$__range", "1h")
                .replace("$instance", ".*");
            queries.push(Query {
                panel: panel["title"].as_str().expect("a title").to_owned(),
                text,
                by,
            });
        }
    }
    queries
}

/// What a panel would draw now: a line or row each, named by the label that sets them apart.
fn drawn(prometheus: &Prometheus, query: &Query) -> Option<BTreeSet<String>> {
    let samples = prometheus.query(&query.text);
    let name = |labels: &Value| match &query.by {
        Some(label) => text(&labels[label]),
        None => String::new(),
    };
    let names: BTreeSet<_> = samples.iter().map(|(labels, _)| name(labels)).collect();
    let is_whole = samples.iter().all(|(_, value)| value.is_finite());
    // Two samples of one name would be two lines of one name.
    (is_whole && names.len() == samples.len()).then_some(names)
}

#[test]
fn every_panel_of_a_fleet_shows_each_of_three_instances() {
    let store = Store::start();
    let dns = ZoneServer::start(&zone());
    let all = ["mx1", "mx2", "mx3"].map(|name| {
        let history = format!("store = \"{}\"\ninstance = \"{name}\"\n", store.url());
        Instance::beside(dns.addr, &history, "", "")
    });
    let prometheus = prometheus(&all.each_ref());
    let instances: BTreeSet<_> = all.iter().map(|one| one.milter.http.to_string()).collect();
    let verdicts = ["forged", "impersonation", "lookalike"];
    let outcomes = ["dropped", "failed", "stored"];
    let set = |names: [&str; 3]| names.map(str::to_owned).into();
    let queries = queries();
    assert!(queries.len() > 15, "{}", queries.len());
    for query in &queries {
        let expected: BTreeSet<String> = match query.by.as_deref() {
            Some("instance") => instances.clone(),
            Some("verdict") => set(verdicts),
            Some("outcome") => set(outcomes),
            None => [String::new()].into(),
            Some(other) => panic!("{}: {other}", query.panel),
        };
        let what = format!("{expected:?} in {:?}: {}", query.panel, query.text);
        prometheus.eventually(&what, |prometheus| {
            // A rate needs mail between two scrapes.
            for (number, instance) in all.iter().enumerate() {
                instance.hand_in(&format!("A{number}"), FORGED);
            }
            (drawn(prometheus, query)? == expected).then_some(())
        });
    }
}
