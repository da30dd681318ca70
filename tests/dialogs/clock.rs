//! The machine's clock is set while the program runs: what was begun goes on, and only what a date
//! decides changes. libfaketime (Debian: libfaketime) sets the clock of the process; the monotonic one
//! goes on, as the kernel's does.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::support::milter::{MilterConfig, fresh_folder};
use crate::support::sign::DkimSigner;
use crate::support::unpacked::Unpacked;
use crate::{CLIENT, Site, Status, TestConnection, greet, header, verdict};

/// The verdict on a message that the brand signed and a stranger sent: its signature is all that
/// proves it.
pub(super) async fn signed(site: &Site, signer: &DkimSigner, size: usize) -> String {
    let mut mta = site.open().await;
    greet(&mut mta, CLIENT).await;
    signed_on(&mut mta, signer, size).await
}

/// The same over a connection that is there already.
async fn signed_on(mta: &mut TestConnection, signer: &DkimSigner, size: usize) -> String {
    let body: String = "a line of a long letter\r\n".repeat(size / 25);
    let head = "From: \"Amazon.com\" <auto-confirm@amazon.com>\r\nSubject: x\r\nTo: somebody-with-a-name-of-some-length@a-host-with-a-name-of-some-length.example.test\r\n";
    let signed = signer.sign(format!("{head}\r\n{body}").as_bytes());
    let text = String::from_utf8(signed).expect("text");
    let (fields, body) = text.split_once("\r\n\r\n").expect("a body");
    let fields = fields.replace("\r\n\t", "\n\t").replace("\r\n ", "\n ");
    let fields: Vec<_> = fields
        .split("\r\n")
        .map(|field| field.split_once(':').expect("a field"))
        .collect();
    assert_eq!(header(mta, &fields).await, Status::Continue);
    for chunk in body.as_bytes().chunks(60_000) {
        if mta.body(chunk.to_vec()).await.expect("BODY") == Status::Skip {
            break;
        }
    }
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    verdict(&edits.actions)
        .expect("a verdict")
        .replace("\n ", "")
}

#[tokio::test]
async fn a_clock_that_jumps_decides_nothing_but_what_a_date_decides() {
    let package = Unpacked::packages("faketime", &["libfaketime"]);
    let library = "usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
    let library = library.replace("x86_64", std::env::consts::ARCH);
    let shift = fresh_folder().join("shift");
    let set = |by: &str| std::fs::write(&shift, by).expect("write");
    set("+0");
    let config = MilterConfig {
        rest: "[policy]\npreset = \"tag\"\n".to_owned(),
        environment: vec![
            ("LD_PRELOAD".into(), package.0.join(library).into()),
            ("FAKETIME_TIMESTAMP_FILE".into(), shift.clone().into()),
            ("FAKETIME_NO_CACHE".into(), "1".into()),
            ("FAKETIME_DONT_FAKE_MONOTONIC".into(), "1".into()),
        ],
        ..MilterConfig::default()
    };
    let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
    let site = Site::run(program, &config);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let timeless = DkimSigner::new("amazon.com", "demo");
    let dated = DkimSigner {
        timestamp: Some(now),
        expiration: Some(now + 86_400),
        ..timeless.clone()
    };
    let mut old = site.greeted().await;
    // An hour is beyond every time-out of the dialog; two days are beyond the signature's own term.
    for (by, of_the_dated) in [
        ("+0", " verified;"),
        ("+1h", " verified;"),
        ("+2d", " forged;"),
        ("-10m", " verified;"),
        ("-2d", " forged;"),
        ("+0", " verified;"),
    ] {
        set(by);
        let said = signed_on(&mut old, &timeless, 100).await;
        assert!(said.starts_with(" verified;"), "{by}: {said}");
        let said = signed(&site, &dated, 100).await;
        assert!(said.starts_with(of_the_dated), "{by}: {said}");
        for page in ["/readyz", "/", "/decisions.txt", "/metrics"] {
            assert_eq!(site.milter.get(page).0, 200, "{by}: {page}");
        }
    }
    let log = site.milter.log();
    // The clock was really another one: its lines have the dates of three days.
    let days: std::collections::BTreeSet<_> =
        log.lines().filter_map(|line| line.get(..10)).collect();
    assert!(days.len() >= 3, "{days:?}");
    assert!(
        !log.contains("ERROR") && !log.contains("a limit was reached"),
        "{log}"
    );
    assert_eq!(site.messages("verified", "accept"), 10.0);
    let (code, log) = site.milter.stop();
    assert_eq!(code, Some(0), "{log}");
    let _ = std::fs::remove_dir_all(shift.parent().expect("its folder"));
}
