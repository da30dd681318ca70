//! Limits: whoever runs into one is counted and named in the log, nobody else feels it, and no claim
//! disappears behind one.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};

use crate::clock::signed;
use crate::nonsense::script;
use crate::support::milter::{MilterConfig, fresh_folder};
use crate::support::postfix::{Postfix, PostfixOptions};
use crate::support::root::{POSTFIX, left_out};
use crate::support::samples::samples;
use crate::support::sign::DkimSigner;
use crate::support::smtp::SmtpClient;
use crate::support::wire::{OFFER, Wire, packet};
use crate::{EomAction, FROM_A_FRIEND, FROM_AMAZON, Site, Status, delete, forged, header, verdict};

impl Site {
    fn limited(milter: &str) -> Self {
        Self::configured(milter, "[policy]\npreset = \"tag\"\n")
    }

    fn reached(&self, limit: &str) -> f64 {
        self.milter.metric(&format!(
            "amazon_spoof_milter_limits_exceeded_total{{limit=\"{limit}\"}}"
        ))
    }

    fn open_connections(&self) -> f64 {
        self.milter.metric("amazon_spoof_milter_open_connections")
    }
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !condition() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A test that opens a thousand connections needs as many files.
fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    setrlimit(Resource::Nofile, raised).expect("the hard limit");
}

/// The first octets of CONNECT, and no more.
fn half_speaking(site: &Site) -> Wire {
    let mut wire = Wire::connect(site.milter.addr());
    wire.raw(&packet(b'O', OFFER)[..9]).expect("send");
    wire
}

/// A message of which only the end is missing.
fn begun(site: &Site) -> Wire {
    let mut wire = Wire::negotiated(site.milter.addr());
    wire.send(b'M', b"<x@bulk-sender.example>\0");
    assert_eq!(wire.read().expect("MAIL").0, b'c');
    wire.send(b'R', b"<someone@example.test>\0");
    wire.send(b'L', b"From\0 \"Amazon.com\" <account-update@amazon.com>\0");
    wire.send(b'N', b"");
    assert_eq!(wire.read().expect("end of header").0, b'c');
    wire
}

fn end(mut wire: Wire) -> u8 {
    wire.send(b'E', b"");
    loop {
        let (command, _) = wire.read().expect("an answer");
        if !b"him".contains(&command) {
            return command;
        }
    }
}

#[tokio::test]
async fn a_thousand_idle_and_two_hundred_half_speaking_make_room() {
    allow_many_files();
    // Longer than this test: nobody goes for being slow.
    let site = Site::limited("command_timeout = \"10m\"\n");
    let idle: Vec<_> = (0..1_000)
        .map(|_| Wire::negotiated(site.milter.addr()))
        .collect();
    let half: Vec<_> = (0..200).map(|_| half_speaking(&site)).collect();
    eventually("room was made", || site.reached("connections") >= 200.0);
    for _ in 0..3 {
        let (edits, status) = forged(&mut site.greeted().await).await;
        assert_eq!((edits.len(), status), (5, Status::Accept));
    }
    let open = site.open_connections();
    assert!((990.0..=1_000.0).contains(&open), "{open}");
    site.milter.wait_for_log("limit=\"connections\"");
    drop((idle, half));
    eventually("all are gone", || site.open_connections() == 0.0);
}

#[tokio::test]
async fn a_message_under_way_is_never_ended_for_another_one() {
    let site = Site::limited("max_connections = 2\n");
    let busy = [begun(&site), begun(&site)];
    let mut third = Wire::connect(site.milter.addr());
    third.raw(&packet(b'O', OFFER)).expect("send");
    eventually("it waits", || site.reached("connections") == 1.0);
    assert_eq!(site.open_connections(), 2.0);
    let [first, second] = busy;
    assert_eq!(end(first), b'a');
    assert_eq!(third.read().expect("its turn").0, b'O');
    assert_eq!(end(second), b'a');
    assert_eq!(site.messages("forged", "tag"), 2.0);
}

#[tokio::test]
async fn the_longest_idle_goes_first_and_who_has_just_spoken_stays() {
    let site = Site::limited("max_connections = 2\n");
    let mut oldest = Wire::negotiated(site.milter.addr());
    std::thread::sleep(Duration::from_millis(500));
    let mut fresh = Wire::negotiated(site.milter.addr());
    let third = Wire::negotiated(site.milter.addr());
    assert!(oldest.is_closed());
    fresh.send(b'M', b"<x@bulk-sender.example>\0");
    assert_eq!(fresh.read().expect("MAIL").0, b'c');
    assert_eq!(site.reached("connections"), 2.0, "it waited, and one went");
    drop(third);
}

/// Postfix keeps a connection for a client's whole session and opens no other one for it.
#[test]
fn a_client_whose_idle_connection_was_closed_is_put_off_by_postfix_and_then_judged() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::limited("max_connections = 1\n");
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![site.milter.socket.clone()],
        ..PostfixOptions::default()
    });
    let all = samples();
    let genuine = all.iter().find(|sample| sample.name == "genuine");
    let genuine = genuine.expect("the genuine sample");
    let mut session = SmtpClient::connect(postfix.smtp_addr).expect("a greeting");
    let xclient = session.xclient(&genuine.client).expect("XCLIENT");
    assert!(xclient.is_positive(), "{xclient}");
    let helo = session.ehlo("mail.example").expect("EHLO");
    assert!(helo.is_positive(), "{helo}");
    // Somebody else takes its place.
    drop(Wire::negotiated(site.milter.addr()));
    let sent = session.send(&genuine.envelope(), &genuine.message);
    let reply = sent.expect("a dialog").last().text();
    assert!(reply.starts_with("451 4.7.1 "), "{reply}");
    drop(session);
    let mut again = SmtpClient::connect(postfix.smtp_addr).expect("a greeting");
    let xclient = again.xclient(&genuine.client).expect("XCLIENT");
    assert!(xclient.is_positive(), "{xclient}");
    let helo = again.ehlo("mail.example").expect("EHLO");
    assert!(helo.is_positive(), "{helo}");
    let sent = again.send(&genuine.envelope(), &genuine.message);
    assert!(sent.expect("a dialog").accepted());
    assert_eq!(site.messages("verified", "accept"), 1.0);
}

#[tokio::test]
async fn who_reads_no_answer_is_let_go_and_holds_up_nobody() {
    let site = Site::limited("idle_timeout = \"1s\"\n");
    let mut deaf = Wire::negotiated(site.milter.addr());
    let message = script()[5..].concat();
    // Until its answers fill what the system keeps for them, we no longer read, and sending ends.
    let mut sent = 0;
    while deaf.raw(&message).is_ok() {
        sent += 1;
    }
    assert!(sent > 100, "{sent}");
    let (edits, status) = forged(&mut site.greeted().await).await;
    assert_eq!((edits.len(), status), (5, Status::Accept));
    eventually("it is let go", || {
        site.reached("idle") + site.reached("command") == 1.0
    });
    eventually("nothing is left", || site.open_connections() == 0.0);
}

#[tokio::test]
async fn who_does_not_end_a_command_is_let_go_and_who_thinks_between_two_is_not() {
    let site = Site::limited("command_timeout = \"500ms\"\n");
    let thinking = begun(&site);
    let mut silent = Wire::connect(site.milter.addr());
    let mut half = half_speaking(&site);
    // An octet now and then doesn't help.
    let mut dripping = Wire::connect(site.milter.addr());
    let drip = std::thread::spawn(move || {
        for octet in packet(b'O', OFFER).iter().cycle() {
            if dripping.raw(&[*octet]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    assert!(silent.is_closed() && half.is_closed());
    eventually("the dripping one is let go", || drip.is_finished());
    assert_eq!(site.reached("command"), 3.0);
    site.milter.wait_for_log("limit=\"command\"");
    assert_eq!(end(thinking), b'a');
}

#[tokio::test]
async fn who_says_nothing_for_too_long_is_let_go() {
    let site = Site::limited("idle_timeout = \"500ms\"\n");
    let mut idle = Wire::negotiated(site.milter.addr());
    let mut vanished = begun(&site);
    assert!(idle.is_closed() && vanished.is_closed());
    assert_eq!(site.reached("idle"), 2.0);
    // A message that has no end was none.
    assert_eq!(site.messages("forged", "tag"), 0.0);
    eventually("nothing is left", || site.open_connections() == 0.0);
}

/// A program that runs these lines of shell and becomes the milter.
pub(crate) fn wrapper(folder: &Path, lines: &str) -> PathBuf {
    let script = folder.join("wrapper");
    let program = env!("CARGO_BIN_EXE_amazon-spoof-milter");
    let text = format!("#!/bin/sh\n{lines}exec {program} \"$@\"\n");
    let mut file = std::fs::File::create(&script).expect("a script");
    file.write_all(text.as_bytes()).expect("write");
    file.set_permissions(std::fs::Permissions::from_mode(0o755))
        .expect("its mode");
    script
}

#[tokio::test]
async fn with_64_files_it_serves_fewer_and_recovers() {
    allow_many_files();
    let folder = fresh_folder();
    let site = Site::run(
        &wrapper(&folder, "ulimit -n 64\n"),
        &MilterConfig::preset("tag"),
    );
    let log = site.milter.log();
    assert!(log.contains("files=64 configured=1000 max=40"), "{log}");
    let crowd: Vec<_> = (0..150)
        .map(|_| Wire::negotiated(site.milter.addr()))
        .collect();
    // There are files left for DNS: the verdict is the same.
    let (edits, status) = forged(&mut site.greeted().await).await;
    assert_eq!((edits.len(), status), (5, Status::Accept));
    assert!(site.reached("connections") >= 111.0);
    // None at all, and some again.
    let id = Pid::from_raw(site.milter.id().try_into().expect("a process id"));
    let set = |files| {
        let limit = Rlimit {
            current: Some(files),
            maximum: Some(64),
        };
        prlimit(id, Resource::Nofile, limit).expect("the milter's limit");
    };
    set(0);
    let mut late = Wire::connect(site.milter.addr());
    late.raw(&packet(b'O', OFFER)).expect("send");
    site.milter.wait_for_log("a connection can't be accepted");
    set(64);
    assert_eq!(late.read().expect("in the end").0, b'O');
    drop(crowd);
    let (edits, status) = forged(&mut site.greeted().await).await;
    assert_eq!((edits.len(), status), (5, Status::Accept));
    std::fs::remove_dir_all(folder).expect("the folder");
}

/// A forged message with further fields in front, and a body; its edits.
async fn sent(site: &Site, fields: &[(&str, &str)], from: &str, body: &[u8]) -> Vec<EomAction> {
    let mut mta = site.greeted().await;
    let all = [fields, [("From", from), ("Subject", " x")].as_slice()].concat();
    assert_eq!(header(&mut mta, &all).await, Status::Continue);
    for chunk in body.chunks(65_535) {
        match mta.body(chunk.to_vec()).await.expect("BODY") {
            Status::Continue => {}
            Status::Skip => break,
            other => panic!("{other:?}"),
        }
    }
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    edits.actions
}

#[tokio::test]
async fn no_limit_of_a_message_hides_a_claim() {
    let site = Site::configured(
        "max_message_size = \"100KiB\"\n",
        "[inspect]\nmax_body = \"40KiB\"\n",
    );
    let from = format!(" {FROM_AMAZON}");
    let crowd: String = (0..100)
        .map(|n| format!(" P{n} <p{n}@friend.example>,\n"))
        .collect();
    let crowded = format!("{crowd} {FROM_AMAZON}");
    let field = ("X-Other", " 1");
    let long = format!(" {}", "x".repeat(60_000));
    let signature = " v=1; a=rsa-sha256; d=x.example; s=s; h=from; bh=YWJj; b=YWJj";
    let parts = "--b\r\n\r\nhello\r\n".repeat(300) + "--b--\r\n";
    let multipart = ("Content-Type", " multipart/mixed; boundary=b");
    let links = "http://friend.example/ ".repeat(3_000);
    let large = vec![b'x'; 100 * 1024 + 1];
    type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str, &'a [u8]);
    let cases: [Case<'_>; 8] = [
        ("headers", vec![field; 1_500], &from, b"hello"),
        ("headers", vec![("X-Other", &*long); 20], &from, b"hello"),
        ("authors", vec![], &crowded, b"hello"),
        (
            "signatures",
            vec![("DKIM-Signature", signature); 30],
            &from,
            b"hello",
        ),
        ("content", vec![multipart], &from, parts.as_bytes()),
        ("content", vec![], &from, links.as_bytes()),
        ("content", vec![], &from, &large[1..]),
        ("body", vec![], &from, &large),
    ];
    for (number, (limit, fields, from, body)) in cases.into_iter().enumerate() {
        let before = site.reached(limit);
        let edits = sent(&site, &fields, from, body).await;
        let said = verdict(&edits).expect("a verdict");
        // Where the body was cut a signature could not be checked, had there been one.
        assert!(
            said.starts_with(" forged; action=tag;"),
            "{number} {limit}: {said}"
        );
        let said = said.replace("\n ", "");
        assert!(
            said.contains("official-author-domain"),
            "{number} {limit}: {said}"
        );
        // A signature that was not checked has proved nothing, and that is all there is to say.
        let reason = said.contains("limit-reached");
        assert_eq!(reason, limit != "signatures", "{number} {limit}: {said}");
        assert_eq!(site.reached(limit), before + 1.0, "{number} {limit}");
        site.milter.wait_for_log(&format!("limit=\"{limit}\""));
    }
}

#[tokio::test]
async fn recipients_beyond_the_limit_change_no_verdict() {
    let site = Site::preset("enforce");
    let mut mta = site.greeted().await;
    let status = mta.mail(["<x@bulk-sender.example>"]).await.expect("MAIL");
    assert_eq!(status, Status::Continue);
    for number in 0..1_001 {
        let path = format!("<r{number}@example.test>");
        assert_eq!(mta.rcpt([&*path]).await.expect("RCPT"), Status::Noreply);
    }
    let from = format!(" {FROM_AMAZON}");
    let status = crate::rest_of_header(&mut mta, &[("From", &from)]).await;
    assert_eq!(status, Status::Continue);
    let (_, status) = mta.eom().await.expect("end of message");
    assert!(matches!(status, Status::Reject { .. }), "{status:?}");
    assert_eq!(site.reached("recipients"), 1.0);
}

#[tokio::test]
async fn what_others_hold_in_memory_costs_a_message_its_body_and_not_its_claim() {
    let site = Site::limited("max_memory = \"1MiB\"\n");
    let chunk = [b'x'; 60_000];
    // It holds nearly everything.
    let mut greedy = begun(&site);
    for _ in 0..17 {
        greedy.send(b'B', &chunk);
        assert_eq!(greedy.read().expect("BODY").0, b'c');
    }
    let from = format!(" {FROM_AMAZON}");
    let edits = sent(&site, &[], &from, &chunk).await;
    let said = verdict(&edits).expect("a verdict");
    assert!(said.starts_with(" forged; action=tag;"), "{said}");
    assert_eq!((site.reached("memory"), site.reached("body")), (1.0, 1.0));
    // Whoever claims nothing needs none.
    let friend = format!(" {FROM_A_FRIEND}");
    let mut mta = site.greeted().await;
    let status = header(&mut mta, &[("From", &friend)]).await;
    assert_eq!(status, Status::Accept);
    // It gives back what it had.
    assert_eq!(end(greedy), b'a');
    sent(&site, &[], &from, &chunk).await;
    assert_eq!(site.reached("memory"), 1.0);
}

fn brands() -> DkimSigner {
    DkimSigner::new("amazon.com", "demo")
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_hashed_all_the_same() {
    let site = Site::limited("max_message_size = \"100KiB\"\n");
    for size in [50_000, 150_000] {
        let said = signed(&site, &brands(), size).await;
        assert!(
            said.starts_with(" verified; action=accept;"),
            "{size}: {said}"
        );
        assert!(!said.contains("limit-reached"), "{size}: {said}");
    }
    assert_eq!(site.reached("body"), 0.0);
}

#[tokio::test]
async fn while_memory_is_short_a_signature_is_checked_all_the_same() {
    // The header fits, the body doesn't.
    let site = Site::limited("max_memory = \"2KiB\"\n");
    let said = signed(&site, &brands(), 50_000).await;
    assert!(said.starts_with(" verified; action=accept;"), "{said}");
    assert_eq!((site.reached("memory"), site.reached("body")), (1.0, 1.0));
}

#[tokio::test]
async fn what_others_hold_in_memory_makes_no_forgery_of_genuine_mail() {
    let site = Site::limited("max_memory = \"1MiB\"\n");
    let mut greedy = begun(&site);
    for size in [60_000; 17].into_iter().chain([28_500]) {
        greedy.send(b'B', &vec![b'x'; size]);
        assert_eq!(greedy.read().expect("BODY").0, b'c');
    }
    // Its body may fit, or be cut as well.
    for size in [0, 50_000] {
        let said = signed(&site, &brands(), size).await;
        assert!(said.starts_with(" unverifiable; action=tag;"), "{said}");
        assert!(
            said.contains("no-body-verification,limit-reached"),
            "{said}"
        );
    }
    assert_eq!(end(greedy), b'a');
    let said = signed(&site, &brands(), 50_000).await;
    assert!(said.starts_with(" verified; action=accept;"), "{said}");
}

#[tokio::test]
async fn what_forges_our_fields_behind_a_crowd_of_others_goes_or_the_message_does() {
    let site = Site::limited("");
    let crowd = vec![("X-Other", " 1"); 1_500];
    let forgery = ("X-Amazon-Spoof-Verdict", " verified");
    let friend = ("From", &*format!(" {FROM_A_FRIEND}"));
    let mut mta = site.greeted().await;
    let fields = [&crowd[..], &[forgery, friend]].concat();
    assert_eq!(header(&mut mta, &fields).await, Status::Continue);
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    assert_eq!(edits.actions, [delete("X-Amazon-Spoof-Verdict", 1)]);
    // Beyond twice the bound it can't be removed any more.
    let mut mta = site.greeted().await;
    let subjects = vec![("Subject", " x"); 2_000];
    let fields = [&[friend], &subjects[..], &[forgery]].concat();
    assert_eq!(header(&mut mta, &fields).await, Status::Continue);
    let (edits, status) = mta.eom().await.expect("end of message");
    assert!(matches!(status, Status::Tempfail { .. }), "{status:?}");
    assert_eq!(edits.actions, []);
    site.milter.wait_for_log("a message was put off");
}
