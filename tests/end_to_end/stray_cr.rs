//! A CR without LF on its way through Postfix: what `cleanup_replace_stray_cr_lf` makes of it.

use crate::support::milter::{Milter, MilterConfig};
use crate::support::postfix::{Postfix, PostfixOptions};
use crate::support::root::{POSTFIX, left_out};
use crate::support::samples::zone;
use crate::support::sign::DkimSigner;
use crate::{Path, Sample, Site, ZoneServer, field, sample};

/// A Postfix with this setting.
fn site(replaced: &str) -> Site {
    let dns = ZoneServer::start(&zone());
    let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    let milter = Milter::start(program, dns.addr, &MilterConfig::default());
    let setting = ("cleanup_replace_stray_cr_lf", replaced);
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![milter.socket.clone()],
        extra_main_cf: vec![(setting.0.to_owned(), setting.1.to_owned())],
        ..PostfixOptions::default()
    });
    Site {
        dns,
        milter,
        postfix,
    }
}

/// What became of the brand's signature, and the body that arrived.
fn outcome(site: &Site, message: Vec<u8>) -> (String, String) {
    let sample = Sample {
        message,
        ..sample("genuine")
    };
    assert!(site.send(&sample).accepted());
    let delivered = site.delivered(&sample);
    let results = field(&delivered, "Authentication-Results").expect("our results");
    let dkim = results
        .split("; ")
        .find_map(|result| result.strip_prefix("dkim="));
    let dkim = dkim.and_then(|result| result.split(' ').next());
    let text = String::from_utf8_lossy(&delivered);
    let (_, body) = text.split_once("\r\n\r\n").expect("a body");
    (dkim.expect("a result").to_owned(), body.to_owned())
}

const HEADER: &str = "From: <auto-confirm@amazon.com>\r\nTo: joe@example.test\r\nSubject: x\r\n\
    Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <stray@amazon.com>\r\n\r\n";

#[test]
fn postfix_puts_a_space_in_its_place_before_the_filter_sees_it() {
    if left_out(POSTFIX) {
        return;
    }
    let signer = DkimSigner::new("amazon.com", "demo");
    let signed = signer.sign(format!("{HEADER}one\rtwo\r\n").as_bytes());
    let replacing = site("yes");
    let (dkim, body) = outcome(&replacing, signed.clone());
    assert_eq!((&*dkim, &*body), ("fail", "one two\r\n"));
    let leaving = site("no");
    let (dkim, _) = outcome(&leaving, signed);
    assert_eq!(dkim, "pass");
}
