//! What a reload changes beside the policy: the level of the log, the brand file; and what the log says
//! of one that fails.

use std::fs;
use std::net::SocketAddr;

use crate::support::milter::{Milter, MilterConfig};
use crate::support::wire::Wire;
use crate::{Folder, begin_claim, end_claim, eventually, program, silent_dns};

const BRAND: &str = include_str!("../../src/brand/amazon.toml");

fn start(dns: SocketAddr, rest: &str) -> Milter {
    let config = MilterConfig {
        dns: "timeout = \"50ms\"\ndeadline = \"100ms\"\n".into(),
        rest: rest.into(),
        ..MilterConfig::default()
    };
    Milter::start(program(), dns, &config)
}

/// A reload, and the line that ends it.
fn reload(milter: &Milter, config: &str, line: &str) {
    let before = milter.log().matches(line).count();
    milter.rewrite_config(config);
    milter.hang_up();
    eventually(line, || milter.log().matches(line).count() > before);
}

const GOOD: &str = "the new configuration is in force";
const BAD: &str = "the old configuration stays in force";

#[test]
fn the_level_of_the_log_is_taken_over() {
    let (_socket, dns) = silent_dns();
    let milter = start(dns, "");
    let judged = || {
        let mut wire = Wire::negotiated(milter.addr());
        begin_claim(&mut wire);
        assert_eq!(end_claim(&mut wire).0, b'a');
    };
    let told = || milter.log().matches("verdict=\"unverifiable\"").count();
    judged();
    eventually("the first message", || told() == 1);

    let usual = milter.config();
    milter.rewrite_config(&format!("{usual}[log]\nlevel = \"error\"\n"));
    milter.hang_up();
    let series = "amazon_spoof_milter_config_reloads_total{result=\"success\"}";
    eventually("the reload", || milter.metric(series) == 1.0);
    judged();
    // The line of the next reload comes behind whatever came before it.
    reload(&milter, &usual, GOOD);
    assert_eq!(told(), 1);
    judged();
    eventually("the third message", || told() == 2);
}

#[test]
fn each_error_of_a_failed_reload_is_a_record_of_its_own() {
    let (_socket, dns) = silent_dns();
    let folder = Folder::new();
    let brand = folder.file("brand.toml", "brand = \"x\"\nnothing here\n");
    let milter = start(dns, "");
    let wrong = format!(
        "{}[policy]\npreset = \"strict\"\n[brand]\nfile = \"{brand}\"\n",
        milter.config()
    );
    reload(&milter, &wrong, BAD);
    let log = milter.log();
    // No line but those that begin with a time.
    for line in log.lines() {
        assert!(line.starts_with("20") && line.contains("Z "), "{line}");
    }
    let errors: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split_once("the new configuration is wrong error=line "))
        .map(|(_, error)| error.split_once(": ").expect("a key").1)
        .collect();
    assert_eq!(errors.len(), 2, "{log}");
    assert_eq!(
        errors[0],
        "policy.preset: \"strict\": this is none of the words; allowed is \"tag\", \"enforce\" or \
         \"monitor\""
    );
    assert!(
        errors[1].starts_with(&format!("brand.file: {brand}: line 2: ")),
        "{log}"
    );
    assert!(log.contains(&format!("{BAD} errors=2")), "{log}");
}

#[test]
fn the_brand_file_is_taken_over_whole_or_not_at_all() {
    let (_socket, dns) = silent_dns();
    let folder = Folder::new();
    let path = folder.file("brand.toml", BRAND);
    let milter = start(dns, &format!("[brand]\nfile = \"{path}\"\n"));
    let usual = milter.config();
    let domains = || milter.metric("amazon_spoof_milter_brand_domains");
    let listed = domains();
    let source = BRAND.split("id = \"").nth(1).expect("a source");
    let source = source.split('"').next().expect("its id");
    let more = format!(
        "{BRAND}\n[[domain]]\nname = \"parcels.example\"\nclass = \"official-sender\"\ncategory = \
         \"retail\"\nsources = [\"{source}\"]\n"
    );
    fs::write(&path, &more).expect("write");
    reload(&milter, &usual, GOOD);
    assert_eq!(domains(), listed + 1.0);
    // A class that there isn't, at the end of a file that is right up to there.
    fs::write(&path, more.replace("\"retail\"", "5")).expect("write");
    reload(&milter, &usual, BAD);
    assert_eq!(domains(), listed + 1.0);
    fs::write(&path, BRAND).expect("write");
    reload(&milter, &usual, GOOD);
    assert_eq!(domains(), listed);
}

#[test]
fn an_old_list_is_warned_of_at_the_start_and_at_each_reload() {
    const OLD: &str = "the list of domains is old";
    let (_socket, dns) = silent_dns();
    let folder = Folder::new();
    let date = BRAND.lines().find(|line| line.starts_with("updated = "));
    let old = BRAND.replace(date.expect("a date"), "updated = \"2020-02-29\"");
    let path = folder.file("brand.toml", old);
    let milter = start(dns, &format!("[brand]\nfile = \"{path}\"\n"));
    let log = milter.wait_for_log(OLD);
    assert!(log.contains("updated=\"2020-02-29\" days="), "{log}");
    let usual = milter.config();
    reload(&milter, &usual, OLD);
    reload(&milter, &format!("{usual}warn_after_days = 0\n"), GOOD);
    assert_eq!(milter.log().matches(OLD).count(), 2);
}
