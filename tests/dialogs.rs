//! Scripted dialogs with the running program over its milter socket: what it asks an MTA for, what
//! it answers, which edits it makes in which order.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

#[path = "dialogs/body.rs"]
mod body;
#[path = "dialogs/clock.rs"]
mod clock;
#[path = "dialogs/independent.rs"]
mod independent;
#[path = "dialogs/libmilter.rs"]
mod libmilter;
#[path = "dialogs/limits.rs"]
mod limits;
#[path = "dialogs/nonsense.rs"]
mod nonsense;
#[path = "dialogs/panics.rs"]
mod panics;
#[path = "dialogs/signals.rs"]
mod signals;
#[path = "dialogs/stale.rs"]
mod stale;
#[path = "dialogs/unix.rs"]
mod unix;
#[path = "dialogs/watchdog.rs"]
mod watchdog;

use std::path::Path;
use std::time::Duration;

use indymilter_test::{
    Actions, EomAction, MacroStage, ProtoOpts, Status, TestConnection, TestConnectionBuilder,
};
use support::dns::ZoneServer;
use support::milter::{Milter, MilterConfig};
use support::postfix::{Postfix, PostfixOptions};
use support::root::{POSTFIX, left_out};
use support::samples::{samples, zone};
use support::smtp::SmtpClient;
use support::wire::Wire;

/// A client that no rule exempts, and that the demonstration zone authorises for
/// bulk-sender.example.
const CLIENT: [u8; 4] = [203, 0, 113, 30];

const FROM_AMAZON: &str = "\"Amazon.com\" <account-update@amazon.com>";
const FROM_A_FRIEND: &str = "Jane Doe <jane@friend.example>";

/// The milter with the DNS that it asks.
struct Site {
    dns: ZoneServer,
    milter: Milter,
}

impl Site {
    fn start(rest: &str) -> Self {
        Self::configured("", rest)
    }

    /// With lines of `[milter]` and further sections. Where they say nothing of bodies, those of ordinary mail
    /// are left alone, so that its header has the answer.
    fn configured(milter: &str, rest: &str) -> Self {
        let bodies = match rest.contains("[inspect]") {
            true => "",
            false => "[inspect]\nbody = \"claimed\"\n",
        };
        let config = MilterConfig {
            milter: milter.to_owned(),
            rest: format!(
                "{rest}\n{bodies}\n[headers]\nauthserv_id = \"mx.example.test\"\n\n[log]\nlevel = \"debug\"\n"
            ),
            ..MilterConfig::default()
        };
        let program = Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"));
        Self::run(program, &config)
    }

    fn run(program: &Path, config: &MilterConfig) -> Self {
        let dns = ZoneServer::start(&zone());
        let milter = Milter::start(program, dns.addr, config);
        Self { dns, milter }
    }

    fn preset(preset: &str) -> Self {
        Self::start(&format!("[policy]\npreset = \"{preset}\"\n"))
    }

    /// A negotiated connection; header values go as they are given.
    async fn open(&self) -> TestConnection {
        client()
            .open_tcp(self.milter.addr())
            .await
            .expect("a negotiation")
    }

    /// A connection on which a client has said hello.
    async fn greeted(&self) -> TestConnection {
        let mut mta = self.open().await;
        greet(&mut mta, CLIENT).await;
        mta
    }

    fn messages(&self, verdict: &str, action: &str) -> f64 {
        self.milter.metric(&format!(
            "amazon_spoof_milter_messages_total{{action=\"{action}\",verdict=\"{verdict}\"}}"
        ))
    }
}

fn client() -> TestConnectionBuilder {
    TestConnection::configure()
        .exact_leading_space(true)
        .read_timeout(Duration::from_secs(20))
}

async fn greet(mta: &mut TestConnection, ip: [u8; 4]) {
    let status = mta.connect("mail.bulk-sender.example", ip).await;
    assert_eq!(status.expect("CONNECT"), Status::Noreply);
    let status = mta.helo("mail.bulk-sender.example").await;
    assert_eq!(status.expect("HELO"), Status::Noreply);
}

/// MAIL and RCPT.
async fn envelope(mta: &mut TestConnection) {
    let status = mta.mail(["<x@bulk-sender.example>"]).await.expect("MAIL");
    assert_eq!(status, Status::Continue);
    let status = mta.rcpt(["<someone@example.test>"]).await.expect("RCPT");
    assert_eq!(status, Status::Noreply);
}

/// MAIL to end of header; the answer to the latter.
async fn header(mta: &mut TestConnection, fields: &[(&str, &str)]) -> Status {
    envelope(mta).await;
    rest_of_header(mta, fields).await
}

/// DATA to end of header.
async fn rest_of_header(mta: &mut TestConnection, fields: &[(&str, &str)]) -> Status {
    assert_eq!(mta.data().await.expect("DATA"), Status::Continue);
    let id = [("i", "4XyZ")];
    mta.macros(MacroStage::Eoh, id).await.expect("macros");
    for (name, value) in fields {
        let status = mta.header(*name, *value).await.expect("a header field");
        assert_eq!(status, Status::Noreply);
    }
    mta.eoh().await.expect("end of header")
}

/// A whole message that claims to be from the brand, forged.
async fn forged(mta: &mut TestConnection) -> (Vec<EomAction>, Status) {
    let fields = [("From", &*format!(" {FROM_AMAZON}")), ("Subject", " x")];
    assert_eq!(header(mta, &fields).await, Status::Continue);
    assert_eq!(mta.body("hello\r\n").await.expect("BODY"), Status::Continue);
    let (edits, status) = mta.eom().await.expect("end of message");
    (edits.actions, status)
}

fn insert(name: &str, value: &str) -> EomAction {
    EomAction::InsertHeader {
        index: 0,
        name: text(name),
        value: text(value),
    }
}

fn delete(name: &str, index: i32) -> EomAction {
    EomAction::DeleteHeader {
        name: text(name),
        index,
    }
}

fn text(text: &str) -> std::ffi::CString {
    std::ffi::CString::new(text).expect("no NUL")
}

/// The verdict field among the edits.
fn verdict(edits: &[EomAction]) -> Option<String> {
    edits.iter().find_map(|edit| match edit {
        EomAction::InsertHeader { name, value, .. } => (name.to_bytes()
            == b"X-Amazon-Spoof-Verdict")
            .then(|| value.to_string_lossy().into_owned()),
        _ => None,
    })
}

#[test]
fn it_asks_for_what_it_uses() {
    // Protocol 6; add and change, and quarantine where an action is that. Options, named in the order
    // of their bits: NR_HDR, NO_UNKNOWN, SKIP, NR_CONN, NR_HELO, NR_RCPT, LEADSPC. Recipients are always
    // wanted, since a mailing list of their own domain is known by them.
    let rule = |condition: &str, action: &str| {
        format!("[[policy.rules]]\n{condition}\naction = \"{action}\"\n")
    };
    for (policy, actions, options) in [
        (String::new(), 0x11_u32, 0x10_b580_u32),
        ("[policy]\npreset = \"monitor\"\n".into(), 0x31, 0x10_b580),
        ("[policy]\npreset = \"enforce\"\n".into(), 0x31, 0x10_b580),
        (rule("reasons = [\"via-list\"]", "accept"), 0x11, 0x10_b580),
        (
            rule("recipients = [\"example.test\"]", "accept"),
            0x11,
            0x10_b580,
        ),
        (
            rule("reasons = [\"via-list\"]", "quarantine"),
            0x31,
            0x10_b580,
        ),
    ] {
        let site = Site::start(&policy);
        let mut wire = Wire::connect(site.milter.addr());
        wire.send(b'O', support::wire::OFFER);
        let (command, answer) = wire.read().expect("an answer");
        assert_eq!(command, b'O');
        let expected = [6_u32, actions, options].map(u32::to_be_bytes).concat();
        assert_eq!(answer[..12], expected, "{policy}: {answer:x?}");
    }
}

#[tokio::test]
async fn it_asks_for_few_macros() {
    let site = Site::preset("tag");
    let mta = site.open().await;
    let mut asked: Vec<(i32, String)> = mta
        .requested_macros()
        .iter()
        .map(|(stage, names)| ((*stage).into(), names.to_string_lossy().into_owned()))
        .collect();
    asked.sort();
    let expected = [
        (0, "j"),
        (1, ""),
        (2, "{auth_authen}"),
        (3, ""),
        (4, ""),
        (5, "i"),
        (6, "i"),
    ];
    let asked: Vec<(i32, &str)> = asked.iter().map(|(at, names)| (*at, &**names)).collect();
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn ordinary_mail_is_accepted_at_end_of_header_and_asks_nobody() {
    let site = Site::preset("enforce");
    let mut mta = site.greeted().await;
    for _ in 0..2 {
        let from = format!(" {FROM_A_FRIEND}");
        let status = header(&mut mta, &[("From", &from), ("Subject", " Lunch?")]).await;
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
async fn whom_the_operator_trusts_is_accepted_at_mail() {
    let site = Site::preset("enforce");
    let mut local = site.open().await;
    greet(&mut local, [127, 0, 0, 1]).await;
    let status = local.mail(["<x@bulk-sender.example>"]).await;
    assert_eq!(status.expect("MAIL"), Status::Accept);
    let mut user = site.greeted().await;
    let login = [("{auth_authen}", "jane")];
    user.macros(MacroStage::Mail, login).await.expect("macros");
    let status = user.mail(["<x@bulk-sender.example>"]).await;
    assert_eq!(status.expect("MAIL"), Status::Accept);
    // Others are judged.
    let (_, status) = forged(&mut site.greeted().await).await;
    assert!(matches!(status, Status::Reject { .. }), "{status:?}");
    assert_eq!(site.messages("exempt", "accept"), 2.0);
}

#[tokio::test]
async fn edits_come_in_the_order_that_keeps_their_indices_right() {
    let site = Site::start("");
    let mut mta = site.greeted().await;
    let from = format!(" {FROM_AMAZON}");
    let fields = [
        (
            "Authentication-Results",
            " mx.example.test; dkim=pass header.d=amazon.com",
        ),
        ("From", &from),
        ("authentication-results", " mx.other.test; spf=pass"),
        ("X-Amazon-Spoof-Verdict", " verified"),
        ("Authentication-Results", " mx.example.test; spf=pass"),
        ("Subject", " Your account\n is locked"),
        ("x-amazon-spoof-verdict", "verified"),
    ];
    assert_eq!(header(&mut mta, &fields).await, Status::Continue);
    assert_eq!(mta.body("hello\r\n").await.expect("BODY"), Status::Continue);
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    // Deletions from the last field up: an index never moves before it is used. Each new field goes
    // to the very top, so the topmost comes last; values begin with their own blank.
    let expected = [
        delete("x-amazon-spoof-verdict", 2),
        delete("Authentication-Results", 3),
        delete("X-Amazon-Spoof-Verdict", 1),
        delete("Authentication-Results", 1),
        insert(
            "X-Spam-Status",
            " Yes, tests=official-author-domain,display-name,unauthenticated",
        ),
        insert("X-Spam-Flag", " YES"),
        insert(
            "X-Amazon-Spoof-Explanation",
            " This mail says that it comes from amazon.com, but\n nothing proves it: it has no \
             signature, and the sending server is authorised\n by bulk-sender.example only. If in doubt, follow no link in this mail: open\n \
             the Amazon website yourself or, as a seller, read the performance\n \
             notifications in Seller Central.",
        ),
        insert(
            "X-Amazon-Spoof-Verdict",
            " forged; action=tag; author=amazon.com;\n \
             reasons=official-author-domain,display-name,unauthenticated",
        ),
        insert(
            "Authentication-Results",
            " mx.example.test; spf=pass\n smtp.mailfrom=bulk-sender.example; dkim=none; dmarc=fail\n \
             header.from=amazon.com",
        ),
    ];
    assert_eq!(edits.actions, expected, "{:#?}", edits.actions);
}

#[tokio::test]
async fn a_refusal_is_an_answer_with_text_and_no_edit() {
    let site = Site::preset("enforce");
    let mut mta = site.greeted().await;
    let (edits, status) = forged(&mut mta).await;
    assert_eq!(edits, []);
    assert_eq!(
        status,
        Status::Reject {
            message: Some(text(
                "550 5.7.26 Message refused by policy (forged): the author domain could not be \
                 authenticated"
            ))
        }
    );
}

#[tokio::test]
async fn what_is_held_says_why_to_the_mta_after_all_edits() {
    let site = Site::preset("enforce");
    let mut mta = site.greeted().await;
    let fields = [("From", " \"Amazon.com\" <x@nobody.example>")];
    assert_eq!(header(&mut mta, &fields).await, Status::Continue);
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    assert_eq!(
        edits.actions.last(),
        Some(&EomAction::Quarantine {
            reason: text("impersonation: display-name")
        })
    );
    // What is released is no spam: no X-Spam-Flag, no X-Spam-Status.
    assert_eq!(edits.actions.len(), 4, "{edits:?}");
}

#[tokio::test]
async fn recipients_who_must_get_everything_soften_a_refusal() {
    let site = Site::preset("enforce");
    let mut mta = site.greeted().await;
    let status = mta.mail(["<x@bulk-sender.example>"]).await.expect("MAIL");
    assert_eq!(status, Status::Continue);
    for rcpt in ["<abuse@example.test>", "<Postmaster@example.test>"] {
        assert_eq!(mta.rcpt([rcpt]).await.expect("RCPT"), Status::Noreply);
    }
    let from = format!(" {FROM_AMAZON}");
    let status = rest_of_header(&mut mta, &[("From", &from)]).await;
    assert_eq!(status, Status::Continue);
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!(status, Status::Accept);
    assert_eq!(
        verdict(&edits.actions).as_deref(),
        Some(
            " forged; action=tag; author=amazon.com;\n \
             reasons=official-author-domain,display-name,unauthenticated"
        )
    );
    // The next message has recipients of its own.
    let (_, status) = forged(&mut mta).await;
    assert!(matches!(status, Status::Reject { .. }), "{status:?}");
}

#[tokio::test]
async fn messages_of_one_connection_know_nothing_of_each_other() {
    let site = Site::preset("tag");
    let mut mta = site.greeted().await;
    let from = format!(" {FROM_A_FRIEND}");
    for _ in 0..3 {
        let (edits, status) = forged(&mut mta).await;
        assert_eq!((edits.len(), status), (5, Status::Accept));
        let status = header(&mut mta, &[("From", &from)]).await;
        assert_eq!(status, Status::Accept);
    }
    assert_eq!(site.messages("forged", "tag"), 3.0);
    assert_eq!(site.messages("unrelated", "accept"), 3.0);
    assert_eq!(
        site.milter.metric("amazon_spoof_milter_connections_total"),
        1.0
    );
}

#[tokio::test]
async fn an_abort_forgets_the_message_at_whatever_stage() {
    let site = Site::preset("tag");
    let mut mta = site.greeted().await;
    let claim = format!(" {FROM_AMAZON}");
    let friend = format!(" {FROM_A_FRIEND}");
    for stage in 0..4 {
        let status = mta.mail(["<x@bulk-sender.example>"]).await.expect("MAIL");
        assert_eq!(status, Status::Continue);
        if stage > 0 {
            let status = mta.rcpt(["<someone@example.test>"]).await.expect("RCPT");
            assert_eq!(status, Status::Noreply);
            let status = mta.header("From", &*claim).await.expect("a header field");
            assert_eq!(status, Status::Noreply);
        }
        if stage > 1 {
            assert_eq!(mta.eoh().await.expect("end of header"), Status::Continue);
        }
        if stage > 2 {
            let status = mta.body("hello\r\n").await.expect("BODY");
            assert_eq!(status, Status::Continue);
        }
        mta.abort().await.expect("ABORT");
        let status = header(&mut mta, &[("From", &friend)]).await;
        assert_eq!(status, Status::Accept, "stage {stage}");
    }
    assert_eq!(site.messages("unrelated", "accept"), 4.0);
    assert_eq!(site.messages("forged", "tag"), 0.0);
}

#[tokio::test]
async fn mail_without_connect_is_judged_as_from_an_unknown_client() {
    let site = Site::preset("tag");
    let mut mta = site.open().await;
    let (edits, status) = forged(&mut mta).await;
    assert_eq!(status, Status::Accept);
    assert!(
        verdict(&edits).is_some_and(|value| value.starts_with(" forged; action=tag;")),
        "{edits:?}"
    );
    // SPF has nothing to judge, and says nothing.
    assert_eq!(
        edits.last(),
        Some(&insert(
            "Authentication-Results",
            " mx.example.test; dkim=none; dmarc=fail\n header.from=amazon.com"
        ))
    );
}

#[tokio::test]
async fn an_end_without_any_header_is_answered() {
    let site = Site::preset("enforce");
    let mut mta = site.greeted().await;
    envelope(&mut mta).await;
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!((edits.actions, status), (vec![], Status::Accept));
    let (_, status) = forged(&mut mta).await;
    assert!(matches!(status, Status::Reject { .. }), "{status:?}");
}

#[tokio::test]
async fn without_macros_a_message_is_judged_and_has_no_queue_id() {
    let site = Site::preset("tag");
    let mut mta = site.greeted().await;
    envelope(&mut mta).await;
    let from = format!(" {FROM_AMAZON}");
    let status = mta.header("From", &*from).await.expect("a header field");
    assert_eq!(status, Status::Noreply);
    assert_eq!(mta.eoh().await.expect("end of header"), Status::Continue);
    let (edits, status) = mta.eom().await.expect("end of message");
    assert_eq!((edits.actions.len(), status), (5, Status::Accept));
    site.milter
        .wait_for_log("queue_id=\"-\" verdict=\"forged\" action=\"tag\"");
}

#[tokio::test]
async fn signatures_beyond_those_that_are_checked_are_counted() {
    let site = Site::preset("tag");
    let mut mta = site.greeted().await;
    let counted = || {
        site.milter
            .metric("amazon_spoof_milter_limits_exceeded_total{limit=\"signatures\"}")
    };
    let from = format!(" {FROM_AMAZON}");
    let signature = " v=1; a=rsa-sha256; d=x.example; s=s; h=from; bh=YWJj; b=YWJj";
    for (number, expected) in [(8, 0.0), (9, 1.0)] {
        let mut fields = vec![("From", &*from)];
        fields.extend(std::iter::repeat_n(("DKIM-Signature", signature), number));
        assert_eq!(header(&mut mta, &fields).await, Status::Continue);
        mta.eom().await.expect("end of message");
        assert_eq!(counted(), expected, "{number} signatures");
    }
}

#[test]
fn who_takes_over_an_smtp_session_by_xclient_is_judged_as_himself() {
    if left_out(POSTFIX) {
        return;
    }
    let site = Site::preset("enforce");
    let postfix = Postfix::start(&PostfixOptions {
        milters: vec![site.milter.socket.clone()],
        ..PostfixOptions::default()
    });
    let all = samples();
    let forged = all.iter().find(|sample| sample.name == "forged");
    let forged = forged.expect("the forged sample");
    let mut session = SmtpClient::connect(postfix.smtp_addr).expect("a greeting");
    assert!(session.ehlo("localhost").expect("EHLO").is_positive());
    let sent = session.send(&forged.envelope(), &forged.message);
    assert!(sent.expect("a dialog").accepted());
    // The same SMTP session, somebody else: Postfix begins anew with the filter.
    let xclient = session.xclient(&forged.client).expect("XCLIENT");
    assert!(xclient.is_positive(), "{xclient}");
    assert!(session.ehlo("other.example").expect("EHLO").is_positive());
    let sent = session.send(&forged.envelope(), &forged.message);
    let reply = sent.expect("a dialog").last().text();
    assert!(reply.starts_with("550 5.7.26 "), "{reply}");
    assert_eq!(site.messages("exempt", "accept"), 1.0);
}

#[tokio::test]
async fn an_mta_that_can_do_less_is_told_and_its_mail_not_lost_in_silence() {
    let site = Site::preset("tag");
    let refused = client()
        .available_opts(ProtoOpts::all() & !ProtoOpts::LEADING_SPACE)
        .open_tcp(site.milter.addr())
        .await;
    assert!(refused.is_err(), "{refused:?}");
    site.milter.wait_for_log("set milter_protocol = 6");
    let series = "amazon_spoof_milter_protocol_errors_total{kind=\"negotiation\"}";
    assert_eq!(site.milter.metric(series), 1.0);
}

#[tokio::test]
async fn without_a_hold_queue_what_is_to_be_held_waits_and_other_mail_goes_on() {
    let site = Site::start("[policy]\nforged = \"quarantine\"\n");
    let mut mta = client()
        .available_actions(Actions::all() & !Actions::QUARANTINE)
        .open_tcp(site.milter.addr())
        .await
        .expect("a negotiation");
    site.milter.wait_for_log("the MTA can't put mail on hold");
    greet(&mut mta, CLIENT).await;
    let ordinary = [("From", &*format!(" {FROM_A_FRIEND}")), ("Subject", " x")];
    assert_eq!(header(&mut mta, &ordinary).await, Status::Accept);
    let (_, status) = forged(&mut mta).await;
    assert_eq!(status, Status::Tempfail { message: None });
}

#[tokio::test]
async fn where_no_field_can_be_changed_what_needs_it_waits_and_other_mail_goes_on() {
    let site = Site::preset("tag");
    let mut mta = client()
        .available_actions(Actions::all() & !Actions::CHANGE_HEADER & !Actions::ADD_HEADER)
        .open_tcp(site.milter.addr())
        .await
        .expect("a negotiation");
    site.milter.wait_for_log("set milter_protocol = 6");
    greet(&mut mta, CLIENT).await;
    let ordinary = [("From", &*format!(" {FROM_A_FRIEND}")), ("Subject", " x")];
    assert_eq!(header(&mut mta, &ordinary).await, Status::Accept);
    let (edits, status) = forged(&mut mta).await;
    assert_eq!(
        (edits, status),
        (vec![], Status::Tempfail { message: None })
    );
    let series = "amazon_spoof_milter_protocol_errors_total{kind=\"reply\"}";
    assert_eq!(site.milter.metric(series), 1.0);
}
