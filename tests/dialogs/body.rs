//! How much of a body is taken, where every body is looked into.

use super::{FROM_A_FRIEND, Site, envelope, greet, header, verdict};
use crate::support::sign::{DkimSigner, Key};
use indymilter_test::Status;
use ring::digest::{Context, SHA256};

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

/// A line of a letter, and what it is as it was signed.
const LINE: &str = "a line \t of a long letter  \r\n";
const SIGNED: &str = "a line of a long letter\r\n";

/// Sends a genuine mail of so many lines, whose body is signed with this end. Returns its verdict.
async fn long_letter(site: &Site, lines: usize, signed_end: &str) -> String {
    let head = " \"Amazon.com\" <auto-confirm@amazon.com>";
    let mut hash = Context::new(&SHA256);
    (0..lines).for_each(|_| hash.update(SIGNED.as_bytes()));
    hash.update(signed_end.as_bytes());
    let signer = DkimSigner::new("amazon.com", "demo");
    let message = format!("From:{head}\r\n\r\n");
    let field = signer.field_over(message.as_bytes(), hash.finish().as_ref());
    let field = String::from_utf8(field).expect("text");
    let (name, value) = field.trim_end().split_once(':').expect("a field");
    let value = value.replace("\r\n", "\n");
    // No client for whom SPF says anything good.
    let mut mta = site.greeted().await;
    let fields = [(name, &*value), ("From", head)];
    assert_eq!(header(&mut mta, &fields).await, Status::Continue);
    // Cut anywhere: no chunk ends with a line.
    let chunk = LINE.repeat(2_000).into_bytes();
    let octets = lines * LINE.len();
    let whole = chunk.iter().copied().cycle().take(octets);
    let ends = (0..).map(|nth| nth * (chunk.len() - 3) + 7);
    let mut sent = 0;
    for end in ends.take_while(|end| *end < octets).chain([octets]) {
        let at = sent % LINE.len();
        let part: Vec<u8> = match end - sent {
            some if at + some <= chunk.len() => chunk[at..at + some].to_vec(),
            some => whole.clone().skip(at).take(some).collect(),
        };
        sent = end;
        assert_eq!(mta.body(part).await.expect("BODY"), Status::Continue);
    }
    let end = mta.body("Regards\r\n\r\n \r\n".to_owned()).await;
    assert_eq!(end.expect("BODY"), Status::Continue);
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    verdict(&edits.actions)
        .expect("a verdict")
        .replace("\n ", "")
}

/// The most memory that a process has had, in KiB.
fn peak_memory(id: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("its status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|peak| peak.split_whitespace().next());
    peak.and_then(|peak| peak.parse().ok()).expect("a figure")
}

#[tokio::test]
async fn a_long_genuine_mail_is_proved_by_its_signature_and_not_kept() {
    let site = Site::configured(
        "",
        "[policy]\npreset = \"tag\"\n\n[inspect]\nbody = \"all\"\n",
    );
    let said = long_letter(&site, 4_000, "Regards\r\n").await;
    assert!(said.starts_with(" verified; action=accept;"), "{said}");
    let before = peak_memory(site.milter.id());
    let said = long_letter(&site, 700_000, "Regards\r\n").await;
    assert!(said.starts_with(" verified; action=accept;"), "{said}");
    // The kernel counts in steps: the later figure can be a little smaller.
    let more = peak_memory(site.milter.id()).saturating_sub(before);
    assert!(more < 8 << 10, "{more} KiB for 20 MB");
    // The whole of it is looked at, and nothing but the end is another one.
    let said = long_letter(&site, 4_000, "Regard\r\n").await;
    assert!(said.starts_with(" forged; action=tag;"), "{said}");
}

#[tokio::test]
async fn a_proof_that_only_the_text_asks_for_is_found_in_a_long_body_too() {
    let site = Site::configured(
        "max_message_size = \"100KiB\"\n",
        "[policy]\npreset = \"tag\"\n\n[inspect]\nbody = \"all\"\nmax_body = \"40KiB\"\n\n\
         [trust]\nallow = [\"bulk-sender.example\"]\n",
    );
    let text = "Dear Amazon customer, please confirm your password.\r\n";
    let body = format!("{text}{}", "The minutes of Tuesday.\r\n".repeat(8_000));
    let from = " Jane <jane@bulk-sender.example>";
    let signer = DkimSigner {
        key: Key::Ed25519,
        ..DkimSigner::new("bulk-sender.example", "demo")
    };
    let message = format!("From:{from}\r\n\r\n{body}");
    let field = String::from_utf8(signer.field(message.as_bytes())).expect("text");
    let (name, value) = field.trim_end().split_once(':').expect("a field");
    let value = value.replace("\r\n", "\n");
    for (end, outcome) in [("", "exempt"), ("More.\r\n", "suspicious")] {
        // A client for whom SPF says nothing good.
        let mut mta = site.open().await;
        greet(&mut mta, [203, 0, 113, 99]).await;
        let fields = [(name, &*value), ("From", from)];
        assert_eq!(header(&mut mta, &fields).await, Status::Continue);
        for chunk in format!("{body}{end}").as_bytes().chunks(50_000) {
            let status = mta.body(chunk.to_vec()).await.expect("BODY");
            assert_eq!(status, Status::Continue, "{outcome}");
        }
        mta.eom().await.expect("end of message");
        let action = if end.is_empty() { "accept" } else { "tag" };
        assert_eq!(site.messages(outcome, action), 1.0, "{outcome}");
    }
}
