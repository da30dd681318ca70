//! The page of one instance, and the console that Prometheus serves, in a real browser with data of three instances.

use serde_json::json;

use super::*;
use support::browser::Browser;
use support::prometheus::Prometheus;

pub(crate) fn prometheus(instances: &[&Instance]) -> Prometheus {
    let targets: Vec<_> = instances
        .iter()
        .map(|one| format!("'{}'", one.milter.http))
        .collect();
    let config = format!(
        "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s\nrule_files: [rules.yml]\n\
         scrape_configs:\n  - job_name: amazon-spoof-milter\n    static_configs:\n      - targets: [{}]\n",
        targets.join(", ")
    );
    let rules = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy/prometheus/amazon-spoof-milter.rules.yml");
    let rules = std::fs::read_to_string(rules).expect("the rules");
    // Nobody waits for half an hour here.
    let patience = |line: &str| match line.trim_start().starts_with("for: ") {
        true => line.split("for: ").next().unwrap_or_default().to_owned() + "for: 0s",
        false => line.to_owned(),
    };
    let rules: Vec<_> = rules.lines().map(patience).collect();
    Prometheus::start(&config, &(rules.join("\n") + "\n"))
}

fn is_usable(browser: &Browser, name: &str) {
    for scheme in ["light", "dark"] {
        for width in [1280, 390] {
            browser.look(scheme, width);
            assert_eq!(browser.barriers(), [""; 0], "{name}, {scheme}, {width}");
            let beside = browser
                .run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assert_eq!(beside, json!(0), "{name} is wider than {width}");
            browser.save(&format!("{name}-{scheme}-{width}"));
        }
    }
    browser.look("light", 1280);
}

/// The text of each cell of a table's rows.
fn cells(browser: &Browser, table: &str) -> Vec<Vec<String>> {
    let script = format!(
        "return Array.from(document.querySelectorAll('{table} tbody tr'),
             row => Array.from(row.children, cell => cell.innerText.trim()))"
    );
    serde_json::from_value(browser.run(&script)).expect("texts")
}

#[test]
fn three_instances_are_seen_on_one_page() {
    let store = Store::start();
    let dns = ZoneServer::start(&zone());
    let start = |name: &str, rest: &str| {
        let history = format!("store = \"{}\"\ninstance = \"{name}\"\n", store.url());
        Instance::beside(dns.addr, &history, "", rest)
    };
    let (one, two) = (start("mx1", ""), start("mx2", ""));
    let three = start("mx3", "[policy]\npreset = \"enforce\"\n");
    let prometheus = prometheus(&[&one, &two, &three]);
    let browser = Browser::start();
    let home = format!("http://{}/", one.milter.http);
    browser.open(&home);
    browser.wait_for("return document.querySelectorAll('#instances tbody tr').length === 3");
    assert_eq!(cells(&browser, "#rows").len(), 0);

    // What is counted before the first scrape is no increase.
    let count = |query: &'static str| {
        prometheus.eventually(query, |prometheus| {
            let samples = prometheus.query(query);
            samples.iter().any(|(_, value)| *value == 3.0).then_some(())
        });
    };
    count("count(amazon_spoof_milter_build_info)");

    // Mail comes to all of them, and the page of the first follows.
    for (number, instance) in [&one, &two, &three, &two].into_iter().enumerate() {
        instance.hand_in(&format!("A{number}"), FORGED);
        instance.hand_in(&format!("B{number}"), ORDINARY);
    }
    three.hand_in("C1", LOOKALIKE);
    browser.wait_for("return document.querySelectorAll('#rows tbody tr').length === 5");
    let rows = cells(&browser, "#rows");
    let mut by: Vec<_> = rows
        .iter()
        .map(|row| (row[5].as_str(), row[6].as_str()))
        .collect();
    by.sort_unstable();
    assert_eq!(
        by,
        [
            ("A0", "this one"),
            ("A1", "mx2"),
            ("A2", "mx3"),
            ("A3", "mx2"),
            ("C1", "mx3")
        ]
    );
    browser.wait_for(
        "return document.querySelector('.tile.spoof .figure').textContent.startsWith('5 ')",
    );
    let instances = cells(&browser, "#instances");
    assert_eq!(instances[0][0], "mx1 this one");
    assert!(!instances[1][3].contains("differs"), "{instances:?}");
    assert!(
        instances[2][3].contains("differs") && !instances[2][4].contains("differs"),
        "{instances:?}"
    );
    is_usable(&browser, "page");
    browser.run("document.querySelector('#rows a[href^=\"/decisions/mx3/\"]').click()");
    browser.wait_for("return location.pathname.startsWith('/decisions/mx3/')");
    is_usable(&browser, "decision");
    browser.requests();

    // The same by Prometheus: who differs, and what each of them sees.
    let alert = "AmazonSpoofMilterConfigurationsDiffer".to_owned();
    prometheus.eventually("alert of a configuration that differs", |prometheus| {
        prometheus.firing().contains(&alert).then_some(())
    });
    count(
        "count(sum by (instance) (increase(amazon_spoof_milter_messages_total{verdict=\"forged\"}[1h])) > 0)",
    );
    browser.open(&prometheus.url("/consoles/amazon-spoof-milter-fleet.html"));
    let instances = cells(&browser, "#instances");
    assert_eq!(instances.len(), 3, "{instances:?}");
    let different: Vec<_> = instances
        .iter()
        .filter(|row| row[3].contains("differs"))
        .collect();
    assert_eq!(different.len(), 1, "{instances:?}");
    assert_eq!(different[0][0], three.milter.http.to_string());
    for row in &instances {
        assert_eq!(
            (row[1].as_str(), row[5].as_str(), row[7].as_str()),
            ("yes", "answers", "0"),
            "{row:?}"
        );
    }
    assert_eq!(cells(&browser, "#verdicts").len(), 3);
    let widths = browser.run(
        "return Array.from(document.querySelectorAll('#verdicts .spoof[style]'), bar => bar.getBoundingClientRect().width)",
    );
    assert!(
        widths.as_array().is_some_and(|all| all.len() == 3),
        "{widths}"
    );
    for row in cells(&browser, "#saturation") {
        assert!(
            row[1].ends_with('%') && row[2].ends_with('%') && row[4].ends_with('B'),
            "{row:?}"
        );
    }
    let firing = browser.run("return document.querySelector('#alerts').innerText");
    assert!(
        firing.as_str().unwrap_or_default().contains(&alert),
        "{firing}"
    );
    is_usable(&browser, "console");
    let home = prometheus.url("/");
    for url in browser.requests() {
        assert!(url.starts_with(&home) || url.starts_with("data:"), "{url}");
    }
}
