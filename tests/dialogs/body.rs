//! How much of a body is taken, where every body is looked into.

use super::{FROM_A_FRIEND, Site, envelope, header, verdict};
use indymilter_test::Status;

const INSPECTING: &str =
    "[policy]\npreset = \"tag\"\n\n[inspect]\nbody = \"all\"\nmax_unclaimed = \"2KiB\"\n";

/// A part of a body of a little over 1 KiB.
fn part(text: &str) -> String {
    format!("{text}\r\n{}", "The minutes of Tuesday.\r\n".repeat(60))
}

#[tokio::test]
async fn what_names_the_brand_nowhere_in_its_beginning_is_done_with() {
    let site = Site::start(INSPECTING);
    let mut mta = site.greeted().await;
    let from = format!(" {FROM_A_FRIEND}");
    for _ in 0..2 {
        let status = header(&mut mta, &[("From", &from)]).await;
        assert_eq!(status, Status::Continue);
        let status = mta.body(part("Hello")).await.expect("BODY");
        assert_eq!(status, Status::Continue);
        let status = mta.body(part("Regards")).await.expect("BODY");
        assert_eq!(status, Status::Accept);
    }
    mta.close().await.expect("QUIT");
    assert_eq!(site.messages("unrelated", "accept"), 2.0);
    assert!(
        site.dns.queries_of_mail().is_empty(),
        "{:?}",
        site.dns.queries_of_mail()
    );
}

#[tokio::test]
async fn a_header_that_is_to_be_edited_is_edited_at_the_end() {
    let site = Site::start(INSPECTING);
    let mut mta = site.greeted().await;
    let from = format!(" {FROM_A_FRIEND}");
    let fields = [("From", &*from), ("X-Amazon-Spoof-Verdict", " verified")];
    assert_eq!(header(&mut mta, &fields).await, Status::Continue);
    for expected in [Status::Continue, Status::Skip] {
        let status = mta.body(part("Hello")).await.expect("BODY");
        assert_eq!(status, expected);
    }
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    assert_eq!(edits.actions, [super::delete("X-Amazon-Spoof-Verdict", 1)]);
}

#[tokio::test]
async fn what_names_the_brand_is_read_to_its_end() {
    let site = Site::start(INSPECTING);
    let mut mta = site.greeted().await;
    let from = format!(" {FROM_A_FRIEND}");
    assert_eq!(header(&mut mta, &[("From", &from)]).await, Status::Continue);
    let last = "Please confirm your password.\r\n".to_owned();
    for chunk in [
        part("Your Amazon account"),
        part("More"),
        part("More"),
        last,
    ] {
        let status = mta.body(chunk).await.expect("BODY");
        assert_eq!(status, Status::Continue);
    }
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    let verdict = verdict(&edits.actions).expect("a verdict");
    assert!(
        verdict.contains("suspicious") && verdict.contains("asks-for-password"),
        "{verdict}"
    );
}

#[tokio::test]
async fn a_body_that_ends_before_is_judged_at_its_end() {
    let site = Site::start(INSPECTING);
    let mut mta = site.greeted().await;
    envelope(&mut mta).await;
    let from = format!(" {FROM_A_FRIEND}");
    let status = super::rest_of_header(&mut mta, &[("From", &from)]).await;
    assert_eq!(status, Status::Continue);
    let status = mta
        .body("Dear Amazon customer, confirm your password.\r\n")
        .await;
    assert_eq!(status.expect("BODY"), Status::Continue);
    let (edits, _) = mta.eom().await.expect("end of message");
    assert!(verdict(&edits.actions).is_some_and(|verdict| verdict.contains("suspicious")));
}
