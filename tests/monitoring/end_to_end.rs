//! Mail through a real Postfix, the filter, a real Prometheus that scrapes it: a wave of spoofs makes
//! its alert fire, every metric is moved by something, every query of the dashboard has data.

use std::time::Duration;

use amazon_spoof_milter::metrics::table::{FAMILIES, Kind, NAMESPACE};

use crate::attachments::mail;
use crate::dashboard::queries;
use crate::support::dns::ZoneServer;
use crate::support::milter::{Milter, MilterConfig};
use crate::support::postfix::{Postfix, PostfixOptions};
use crate::support::prometheus::Prometheus;
use crate::support::root::{POSTFIX, left_out};
use crate::support::samples::{Sample, samples, zone};
use crate::support::smtp::SmtpClient;
use crate::support::wire::Wire;
use crate::{DASHBOARD, FLEET, RULES, program, text_of};

const PATIENCE: Duration = Duration::from_secs(30);

/// The job of the example, scraped far more often.
fn prometheus_config(target: &str) -> String {
    format!(
        "global:\n  scrape_interval: 500ms\n  scrape_timeout: 500ms\n  evaluation_interval: 500ms\n\
         rule_files: [rules.yml]\n\
         scrape_configs:\n  - job_name: amazon-spoof-milter\n    static_configs:\n      - targets: ['{target}']\n"
    )
}

/// The rules as they are delivered, but that an alert doesn't wait for minutes.
fn impatient_rules() -> String {
    let lines = text_of(RULES);
    let lines = lines.lines().map(|line| match line.trim_start() {
        waits if waits.starts_with("for: ") => {
            line.split("for: ").next().unwrap().to_owned() + "for: 0s"
        }
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn send(postfix: &Postfix, sample: &Sample, times: usize) {
    let mut client = SmtpClient::connect_as(postfix.smtp_addr, &sample.client).expect("XCLIENT");
    for _ in 0..times {
        let sent = client.send(&sample.envelope(), &sample.message);
        let sent = sent.expect("a dialog");
        assert!(sent.accepted(), "{}: {}", sample.name, sent.last().text());
    }
    client.quit().expect("QUIT");
}

fn sample(name: &str) -> Sample {
    let found = samples().into_iter().find(|sample| sample.name == name);
    found.expect("a sample of that name")
}

/// Alerts that don't depend on the day on which the test runs.
fn firing(prometheus: &Prometheus) -> Vec<String> {
    let mut firing = prometheus.firing();
    firing.retain(|name| name != "AmazonSpoofMilterDomainListOld");
    firing
}

/// What no mail does: a reload that works and one that doesn't, an MTA that can do too little, more
/// signatures than are looked at, files.
fn move_the_rest(milter: &Milter, postfix: &Postfix) {
    let config = milter.config();
    milter.hang_up();
    milter.wait_for_log("the new configuration is in force");
    milter.rewrite_config("[milter]\nlisten = 5\n");
    milter.hang_up();
    milter.wait_for_log("the old configuration stays in force");
    milter.rewrite_config(&config);
    let mut wire = Wire::connect(milter.addr());
    wire.send(b'O', b"\0\0\0\x06\0\0\0\0\0\0\0\0");
    milter.wait_for_log("set milter_protocol = 6");
    let forged = sample("forged");
    let signature =
        b"DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=s; h=from; bh=YWJj; b=YWJj\r\n";
    let message = [signature.repeat(20), forged.message.clone()].concat();
    send(postfix, &Sample { message, ..forged }, 1);
    let message = mail::code_in_pdf();
    let forged = sample("forged");
    send(postfix, &Sample { message, ..forged }, 5);
}

#[test]
fn a_real_prometheus_sees_the_wave_and_every_panel_has_data() {
    if left_out(POSTFIX) {
        return;
    }
    let dns = ZoneServer::start(&zone());
    let milter = Milter::start(program(), dns.addr, &MilterConfig::default());
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![milter.socket.clone()],
        ..PostfixOptions::default()
    });
    let target = milter.http.to_string();
    let prometheus = Prometheus::start(&prometheus_config(&target), &impatient_rules());
    let spoofs = "instance:amazon_spoof_milter_spoofs:increase10m";

    // A day like any other.
    for sample in samples() {
        send(&postfix, &sample, 1);
        postfix.wait_for(&sample.recipient(), 1, PATIENCE);
    }
    prometheus.eventually("scrape of the first messages", |prometheus| {
        let query = "sum(amazon_spoof_milter_messages_total)";
        prometheus
            .query(query)
            .iter()
            .any(|(_, value)| *value == 5.0)
            .then_some(())
    });
    prometheus.eventually("value of the recording rule", |prometheus| {
        let value = prometheus.query(spoofs).first().map(|(_, value)| *value)?;
        (firing(prometheus).is_empty() && value < 20.0).then_some(())
    });

    // A wave, and nothing else that anybody should be woken for.
    send(&postfix, &sample("lookalike"), 30);
    prometheus.eventually("alert of a wave", |prometheus| {
        (firing(prometheus) == ["AmazonSpoofMilterSpoofWave"]).then_some(())
    });

    move_the_rest(&milter, &postfix);
    prometheus.eventually("alert of a failed reload", |prometheus| {
        let alert = "AmazonSpoofMilterReloadFailed".to_owned();
        firing(prometheus).contains(&alert).then_some(())
    });
    milter.hang_up();
    let _open = Wire::negotiated(milter.addr());
    for family in FAMILIES {
        // Moved where a log that nobody reads, dead DNS, and several instances are the test's matter.
        if matches!(
            family.name,
            "log_lines_lost_total"
                | "dns_dead"
                | "dns_stale_answers_total"
                | "history_writes_total"
        ) {
            continue;
        }
        let suffix = match family.kind {
            Kind::Histogram(_) => "_count",
            Kind::Counter | Kind::Gauge => "",
        };
        let query = format!("sum({NAMESPACE}_{}{suffix}) > 0", family.name);
        prometheus.eventually(&query, |prometheus| {
            (!prometheus.query(&query).is_empty()).then_some(())
        });
    }

    let panels = [DASHBOARD, FLEET]
        .into_iter()
        .flat_map(|path| queries(path, &target));
    for panel in panels {
        let what = format!("data in {:?}: {}", panel.panel, panel.query);
        prometheus.eventually(&what, |prometheus| {
            let samples = prometheus.query(&panel.query);
            samples
                .iter()
                .any(|(_, value)| value.is_finite())
                .then_some(())
        });
    }
    let instances = prometheus.api("label/instance/values?match[]=amazon_spoof_milter_build_info");
    assert_eq!(instances, serde_json::json!([target]));
}
