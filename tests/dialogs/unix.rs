//! Over a Unix socket the answers that only acknowledge are left out.

use std::path::Path;

use super::{FROM_A_FRIEND, FROM_AMAZON, Site, client, greet, verdict};
use crate::support::milter::fresh_folder;
use indymilter_test::{MacroStage, ProtoOpts, Status, TestConnection};

/// The milter at a Unix socket, and a connection on which `ip` has said hello.
async fn on_unix(body: &str, ip: [u8; 4]) -> (Site, TestConnection) {
    let socket = fresh_folder().join("milter.sock");
    let site = Site::configured(
        &format!("listen = \"unix:{}\"\n", socket.display()),
        &format!("[inspect]\nbody = \"{body}\"\n"),
    );
    let path = site.milter.socket.strip_prefix("unix:").expect("a path");
    let mut mta = client()
        .open_unix(Path::new(path))
        .await
        .expect("a negotiation");
    greet(&mut mta, ip).await;
    (site, mta)
}

/// MAIL and header, unanswered; the answer to the end of the header.
async fn header(mta: &mut TestConnection, from: &str) -> Status {
    let status = mta.mail(["<x@bulk-sender.example>"]).await.expect("MAIL");
    assert_eq!(status, Status::Noreply);
    let status = mta.rcpt(["<someone@example.test>"]).await.expect("RCPT");
    assert_eq!(status, Status::Noreply);
    let id = [("i", "4XyZ")];
    mta.macros(MacroStage::Eoh, id).await.expect("macros");
    let status = mta.header("From", format!(" {from}")).await;
    assert_eq!(status.expect("a header field"), Status::Noreply);
    mta.eoh().await.expect("end of header")
}

#[tokio::test]
async fn where_few_bodies_are_looked_into_the_header_is_answered_and_the_body_is_not() {
    for body in ["claimed", "never"] {
        let (site, mut mta) = on_unix(body, super::CLIENT).await;
        let answered = ProtoOpts::NOREPLY_EOH | ProtoOpts::NOREPLY_BODY;
        assert_eq!(mta.negotiated_opts() & answered, ProtoOpts::NOREPLY_BODY);
        assert_eq!(header(&mut mta, FROM_A_FRIEND).await, Status::Accept);
        assert_eq!(header(&mut mta, FROM_AMAZON).await, Status::Continue);
        for _ in 0..3 {
            let status = mta.body("hello\r\n").await.expect("BODY");
            assert_eq!(status, Status::Noreply);
        }
        let (edits, _) = mta.eom().await.expect("end of message");
        assert!(verdict(&edits.actions).is_some_and(|found| found.starts_with(" forged;")));
        assert_eq!(site.messages("forged", "tag"), 1.0);
    }
}

#[tokio::test]
async fn where_all_are_the_body_comes_in_the_same_turn() {
    let (site, mut mta) = on_unix("all", super::CLIENT).await;
    let answered = ProtoOpts::NOREPLY_EOH | ProtoOpts::NOREPLY_BODY;
    assert_eq!(mta.negotiated_opts() & answered, ProtoOpts::NOREPLY_EOH);
    for (from, said) in [
        (FROM_A_FRIEND, None),
        (FROM_AMAZON, Some(" forged; action=tag;")),
    ] {
        assert_eq!(header(&mut mta, from).await, Status::Noreply);
        let status = mta.body("hello\r\n").await.expect("BODY");
        assert_eq!(status, Status::Continue, "{from}");
        let (edits, status) = mta.eom().await.expect("end of message");
        assert_eq!(status, Status::Accept);
        let found = verdict(&edits.actions);
        match said {
            None => assert_eq!(edits.actions, []),
            Some(said) => assert!(found.is_some_and(|found| found.starts_with(said))),
        }
    }
    // Without a body, too.
    assert_eq!(header(&mut mta, FROM_AMAZON).await, Status::Noreply);
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    assert!(verdict(&edits.actions).is_some_and(|found| found.starts_with(" forged;")));
    assert_eq!(site.messages("unrelated", "accept"), 1.0);
    assert_eq!(site.messages("forged", "tag"), 2.0);
}

#[tokio::test]
async fn whom_the_operator_trusts_is_done_with_at_the_beginning_of_the_body() {
    let (site, mut mta) = on_unix("all", [127, 0, 0, 1]).await;
    for _ in 0..2 {
        assert_eq!(header(&mut mta, FROM_AMAZON).await, Status::Noreply);
        let status = mta.body("hello\r\n").await.expect("BODY");
        assert_eq!(status, Status::Accept);
    }
    assert_eq!(site.messages("exempt", "accept"), 2.0);
}
