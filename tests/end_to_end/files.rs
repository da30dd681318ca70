//! Lures in files, through a real Postfix: what a reader of files finds stands in the header.

use crate::attachments::mail::{code_in_pdf, endless, invitation};
use crate::support::milter::MilterConfig;
use crate::support::root::{POSTFIX, left_out};
use crate::{Sample, Site, field, sample};

/// What a message comes to on its way.
fn verdict(site: &Site, message: Vec<u8>) -> String {
    let sample = Sample {
        message,
        ..sample("forged")
    };
    assert!(site.send(&sample).accepted());
    let delivered = site.delivered(&sample);
    field(&delivered, "X-Amazon-Spoof-Verdict").expect("a verdict")
}

#[test]
fn a_code_in_a_pdf_is_found() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::default());
    let verdict = verdict(&site, code_in_pdf());
    for word in ["suspicious; action=tag", "account-threat", "qr-link"] {
        assert!(verdict.contains(word), "{word}: {verdict}");
    }
    let metrics = crate::support::http::get(site.milter.http, "/metrics", &[]).body;
    let series = "amazon_spoof_milter_attachments_total{kind=\"pdf\",outcome=\"read\"} 1";
    assert!(metrics.contains(series), "{metrics}");
    assert!(metrics.contains("amazon_spoof_milter_attachment_duration_seconds_count 1"));
    assert!(!metrics.contains("amazon_spoof_milter_attachment_memory_peak_bytes 0"));
}

#[test]
fn a_number_in_an_invitation_is_found() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::default());
    let verdict = verdict(&site, invitation());
    assert!(verdict.contains("suspicious"), "{verdict}");
    assert!(verdict.contains("callback-number"), "{verdict}");
}

#[test]
fn a_file_that_harms_its_reader_delays_its_message_alone() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::start(&MilterConfig::default());
    let begun = std::time::Instant::now();
    let verdict = verdict(&site, endless());
    assert!(verdict.contains("unread-attachment"), "{verdict}");
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
}
