//! The dashboard as a file: what Grafana needs of it, and that nothing in it overlaps.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::milter::fresh_folder;
use crate::{DASHBOARD, FLEET, file, text_of};

/// A query of a panel or a variable, with the panel's title.
pub(crate) struct Query {
    pub(crate) panel: String,
    pub(crate) query: String,
}

pub(crate) fn dashboard(path: &str) -> Value {
    serde_json::from_str(&text_of(path)).expect("JSON")
}

fn panels(dashboard: &Value) -> &Vec<Value> {
    dashboard["panels"].as_array().expect("panels")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} in {value}"))
}

/// Every query of a dashboard, with Grafana's variables replaced as it would do for one filter, in the last hour.
pub(crate) fn queries(path: &str, instance: &str) -> Vec<Query> {
    let dashboard = dashboard(path);
    let targets = panels(&dashboard).iter().flat_map(|panel| {
        let targets = panel["targets"].as_array().into_iter().flatten();
        targets.map(|target| (text(panel, "title"), text(target, "expr")))
    });
    let annotations = dashboard["annotations"]["list"].as_array().unwrap().iter();
    let annotations = annotations.filter_map(|annotation| {
        let query = annotation["expr"].as_str()?;
        // It draws a line where something happened, which may be nowhere.
        Some((text(annotation, "name"), query.split(" > 0").next()?))
    });
    targets
        .chain(annotations)
        .map(|(panel, query)| Query {
            panel: panel.to_owned(),
            query: query
                .replace("$__rate_interval", "5m")
                .replace("$__range", "1h")
                .replace("$instance", instance),
        })
        .collect()
}

#[test]
fn every_panel_is_whole_and_in_a_place_of_its_own() {
    assert_eq!(text(&dashboard(DASHBOARD), "uid"), "amazon-spoof-milter");
    assert!(titles_of(DASHBOARD) > 25);
    assert_eq!(text(&dashboard(FLEET), "uid"), "amazon-spoof-milter-fleet");
    assert!(titles_of(FLEET) > 15);
}

/// Looks at every panel of a dashboard; how many titles there are.
fn titles_of(path: &str) -> usize {
    let dashboard = dashboard(path);
    let (mut ids, mut titles, mut cells) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for panel in panels(&dashboard) {
        let title = text(panel, "title");
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: its id");
        assert!(titles.insert(title), "{title} stands twice");
        let side = |key| panel["gridPos"][key].as_u64().expect("a place");
        assert!(side("x") + side("w") <= 24, "{title} is too wide");
        for x in side("x")..side("x") + side("w") {
            for y in side("y")..side("y") + side("h") {
                assert!(cells.insert((x, y)), "{title} covers another panel");
            }
        }
        if text(panel, "type") == "row" {
            continue;
        }
        assert!(!text(panel, "description").is_empty(), "{title}");
        let targets = panel["targets"].as_array().expect("targets");
        let mut references = BTreeSet::new();
        for target in targets {
            assert_eq!(text(&target["datasource"], "uid"), "${datasource}");
            assert!(references.insert(text(target, "refId")), "{title}");
            let query = text(target, "expr");
            assert!(query.contains("instance=~\"$instance"), "{title}: {query}");
        }
        assert!(!targets.is_empty(), "{title}");
    }
    titles.len()
}

#[test]
fn both_ask_for_the_prometheus_and_the_filter() {
    for path in [DASHBOARD, FLEET] {
        asks_for_both(&dashboard(path));
    }
}

fn asks_for_both(dashboard: &Value) {
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    let variables: Vec<_> = variables
        .map(|variable| (text(variable, "name"), text(variable, "type")))
        .collect();
    assert_eq!(
        variables,
        [("datasource", "datasource"), ("instance", "query")]
    );
}

/// What Grafana's types say of these files.
fn types(files: &[PathBuf]) -> (bool, String) {
    let output = Command::new("sh")
        .arg(file("tests/grafana-types.sh"))
        .args(files)
        .output()
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || !said.is_empty(), "{why}");
    (output.status.success(), said)
}

#[test]
fn the_types_of_grafana_take_both() {
    let (passes, said) = types(&[file(DASHBOARD), file(FLEET)]);
    assert!(passes, "{said}");
    // A word that is not known would have been found.
    let folder = fresh_folder();
    for (known, unknown) in [
        ("\"cellHeight\"", "\"cellHeigth\""),
        ("\"drawStyle\": \"line\"", "\"drawStyle\": \"lien\""),
    ] {
        let broken = folder.join("fleet.json");
        let text = text_of(FLEET).replace(known, unknown);
        fs::write(&broken, text).expect("write");
        let (passes, said) = types(std::slice::from_ref(&broken));
        let word = unknown.trim_matches('"').rsplit('"').next().unwrap();
        assert!(!passes && said.contains(word), "{unknown}: {said}");
    }
    let _ = fs::remove_dir_all(&folder);
}
