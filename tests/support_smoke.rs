//! The shared support tree does what the other tests rely on: signatures verify, and a private
//! Postfix delivers what was sent, octet for octet. (The DNS server has tests/zone_server.rs.)

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use mail_auth::DkimResult;
use support::dns::ZoneServer;
use support::postfix::{HOSTNAME, Postfix, PostfixOptions, without_own_received};
use support::resolver::{block_on, resolver};
use support::root::{POSTFIX, left_out};
use support::sign::{Canon, DkimSigner, Hash, Key};
use support::smtp::{Envelope, SmtpClient, XClient, stuffed};

const MINUTE: Duration = Duration::from_secs(60);

const LETTER: &[u8] = b"From: Sender <news@sender.test>\r\n\
To: reader@recipient.test\r\n\
Subject:  two  blanks\tand a tab,\r\n  folded \r\n\
Date: Sun, 1 Mar 2026 10:00:00 +0000\r\n\
Message-ID: <1@sender.test>\r\n\
MIME-Version: 1.0\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: 8bit\r\n\
\r\n\
.a dot, and trailing blanks \t \r\n\
..two dots\r\n\
8 bit: \xc3\xa9 and \xff\r\n\
\r\n\
From here no mailbox format may quote\r\n\
\r\n\
\r\n";

fn authenticated(server: &ZoneServer, message: &[u8]) -> Vec<DkimResult> {
    block_on(async {
        let authenticator = mail_auth::MessageAuthenticator(resolver(server.addr));
        let message = mail_auth::AuthenticatedMessage::parse(message).unwrap();
        let outputs = authenticator.verify_dkim(&message).await;
        outputs
            .iter()
            .map(|output| output.result().clone())
            .collect()
    })
}

#[test]
fn every_kind_of_signature_verifies_and_none_survives_a_change() {
    let server = ZoneServer::start(
        &[
            Key::Rsa.record("rsa", "sender.test"),
            Key::Ed25519.record("ed", "sender.test"),
        ]
        .concat(),
    );
    for (key, selector) in [(Key::Rsa, "rsa"), (Key::Ed25519, "ed")] {
        for header_canon in [Canon::Simple, Canon::Relaxed] {
            for body_canon in [Canon::Simple, Canon::Relaxed] {
                let signer = DkimSigner {
                    key,
                    header_canon,
                    body_canon,
                    timestamp: Some(1_700_000_000),
                    expiration: Some(4_000_000_000),
                    ..DkimSigner::new("sender.test", selector)
                };
                for body in [
                    LETTER,
                    b"From: a@sender.test\r\n\r\n",
                    b"From: a@b\r\n\r\n\r\n\r\n",
                ] {
                    let signed = signer.sign(body);
                    let results = authenticated(&server, &signed);
                    let shown = String::from_utf8_lossy(&signed);
                    assert_eq!(results, [DkimResult::Pass], "{signer:?}\n{shown}");
                }
                let mut changed = signer.sign(LETTER);
                let at = changed.windows(4).position(|four| four == b"two ").unwrap();
                changed[at] = b'T';
                assert_ne!(authenticated(&server, &changed), [DkimResult::Pass]);
            }
        }
    }
}

/// What must not count as a proof has to be well made, else a test of it shows nothing.
#[test]
fn weak_signatures_are_well_made() {
    let server = ZoneServer::start(
        &[
            Key::Rsa.record("a", "s.test"),
            Key::Rsa1024.record("b", "s.test"),
        ]
        .concat(),
    );
    for (key, hash, selector, algorithm) in [
        (Key::Rsa, Hash::Sha1, "a", "a=rsa-sha1;"),
        (Key::Rsa1024, Hash::Sha256, "b", "a=rsa-sha256;"),
        (Key::Rsa1024, Hash::Sha1, "b", "a=rsa-sha1;"),
    ] {
        let signed = DkimSigner {
            key,
            hash,
            ..DkimSigner::new("s.test", selector)
        }
        .sign(LETTER);
        assert!(String::from_utf8_lossy(&signed).contains(algorithm));
        assert_eq!(
            authenticated(&server, &signed),
            [DkimResult::Pass],
            "{key:?} {hash:?}"
        );
    }
}

#[test]
fn tags_are_the_tests_choice() {
    let signer = DkimSigner {
        headers: vec!["from".to_owned(), "From".to_owned()],
        timestamp: Some(5),
        expiration: Some(7),
        length: Some(3),
        version: None,
        algorithm: Some("rsa-sha1".to_owned()),
        extra: vec![("i".to_owned(), "@sub.sender.test".to_owned())],
        ..DkimSigner::new("sender.test", "s1")
    };
    let field = String::from_utf8(signer.field(LETTER)).unwrap();
    let tags = "DKIM-Signature: a=rsa-sha1;\r\n\tc=relaxed/relaxed;\r\n\td=sender.test;\r\n\ts=s1;\r\n\tt=5;\r\n\tx=7;\r\n\tl=3;\r\n\ti=@sub.sender.test;\r\n\th=from:From;\r\n\tbh=";
    assert!(field.starts_with(tags), "{field}");
    let key = Key::Rsa.record("s1", "sender.test");
    assert!(
        key.starts_with("s1._domainkey.sender.test. TXT \"v=DKIM1; k=rsa; p=MII"),
        "{key}"
    );
}

fn client() -> XClient {
    XClient::new("192.0.2.7", "mail.sender.test", "helo.sender.test")
}

#[test]
fn what_the_sender_signed_is_what_the_recipient_gets() {
    if left_out(POSTFIX) {
        return;
    }
    let server = ZoneServer::start(&Key::Rsa.record("s1", "sender.test"));
    let signer = DkimSigner {
        header_canon: Canon::Simple,
        body_canon: Canon::Simple,
        ..DkimSigner::new("sender.test", "s1")
    };
    let long = [&b"X-Long: "[..], &b"x".repeat(5_000), b"\r\n", LETTER].concat();
    let with_nul = [
        LETTER,
        b"NUL \0 in the body, and a long line ",
        &b"y".repeat(70_000),
        b"\r\n",
    ]
    .concat();
    let letters = [
        signer.sign(LETTER),
        signer.sign(&long),
        signer.sign(&with_nul),
    ];

    let postfix = Postfix::start(&PostfixOptions::default());
    let mut connection = SmtpClient::connect_as(postfix.smtp_addr, &client()).unwrap();
    let rcpt = ["reader@recipient.test", "other@else.test"];
    for letter in &letters {
        let sent = connection
            .send(&Envelope::new("news@sender.test", &rcpt), letter)
            .unwrap();
        assert!(sent.accepted(), "{sent:?}");
        assert_eq!(
            (sent.mail.code, sent.rcpt.len(), sent.last().code),
            (250, 2, 250)
        );
    }
    assert_eq!(connection.quit().unwrap().lines, ["221 2.0.0 Bye"]);

    postfix.wait_for(rcpt[1], letters.len(), MINUTE);
    let got = postfix.wait_for(rcpt[0], letters.len(), MINUTE);
    for letter in &letters {
        let same = |message: &&Vec<u8>| without_own_received(message).as_ref() == Some(letter);
        let message = got.iter().find(same).expect("the octets that were sent");
        let shown = String::from_utf8_lossy(message);
        let trace = "Received: from helo.sender.test (mail.sender.test [192.0.2.7])\r\n";
        assert!(shown.starts_with(trace), "{shown}");
        assert_eq!(
            authenticated(&server, message),
            [DkimResult::Pass],
            "{shown}"
        );
    }
    assert_eq!(postfix.deliveries().len(), 2 * letters.len());
    assert_eq!(postfix.deliveries()[0].mail_from, "news@sender.test");
    postfix.wait_for_empty_queue(MINUTE);
}

#[test]
fn nothing_is_added_to_what_lacks_a_date_or_an_id() {
    if left_out(POSTFIX) {
        return;
    }
    let postfix = Postfix::start(&PostfixOptions::default());
    let mut connection = SmtpClient::connect_as(postfix.smtp_addr, &client()).unwrap();
    let bare = b"From: someone\r\n\r\nhello\r\n";
    let sent = connection
        .send(&Envelope::new("", &["a@b.test"]), bare)
        .unwrap();
    assert!(sent.accepted(), "{sent:?}");
    let got = postfix.wait_for("a@b.test", 1, MINUTE);
    assert_eq!(without_own_received(&got[0]).unwrap(), bare);
    assert_eq!(postfix.deliveries()[0].mail_from, "");
}

#[test]
fn a_milter_that_is_away_shows_and_the_second_entrance_goes_past_it() {
    if left_out(POSTFIX) {
        return;
    }
    // A port on which nothing listens: bound, never listened on, and given back.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let options = PostfixOptions {
        milters: vec![format!("inet:{nobody}")],
        ..Default::default()
    };
    let postfix = Postfix::start(&options);
    assert_eq!(postfix.postconf("smtpd_milters"), format!("inet:{nobody}"));
    assert_eq!(postfix.postconf("milter_default_action"), "tempfail");
    let envelope = Envelope::new("a@sender.test", &["b@recipient.test"]);

    let mut connection = SmtpClient::connect(postfix.smtp_addr).unwrap();
    connection.ehlo("client.test").unwrap();
    let refused = connection.send(&envelope, LETTER).unwrap();
    assert!(!refused.accepted());
    let late = "451 4.7.1 Service unavailable - try again later";
    assert_eq!(refused.last().lines, [late], "{refused:?}");
    assert!(
        postfix.log().contains("connect to Milter service"),
        "{}",
        postfix.log()
    );

    let mut connection = SmtpClient::connect_as(postfix.unfiltered_addr, &client()).unwrap();
    assert!(connection.send(&envelope, LETTER).unwrap().accepted());
    postfix.wait_for("b@recipient.test", 1, MINUTE);
}

#[test]
fn what_is_put_on_hold_can_be_read_and_released() {
    if left_out(POSTFIX) {
        return;
    }
    let hold = (
        "smtpd_data_restrictions".to_owned(),
        "check_client_access static:HOLD".to_owned(),
    );
    let options = PostfixOptions {
        extra_main_cf: vec![hold],
        ..Default::default()
    };
    let postfix = Postfix::start(&options);
    let mut connection = SmtpClient::connect_as(postfix.smtp_addr, &client()).unwrap();
    let envelope = Envelope::new("a@sender.test", &["b@recipient.test"]);
    assert!(connection.send(&envelope, LETTER).unwrap().accepted());

    postfix.wait_for_empty_queue(MINUTE);
    let held = postfix.hold_queue();
    assert_eq!((held.len(), postfix.deliveries().len()), (1, 0));
    let message = String::from_utf8_lossy(&postfix.queued_message(&held[0])).into_owned();
    assert!(
        message.contains("\nMessage-ID: <1@sender.test>\n"),
        "{message}"
    );

    postfix.postsuper("-H", &held[0]);
    postfix.wait_for("b@recipient.test", 1, MINUTE);
    assert_eq!(postfix.hold_queue(), Vec::<String>::new());
}

#[test]
fn a_configuration_that_postfix_refuses_is_told_with_its_reason() {
    if left_out(POSTFIX) {
        return;
    }
    let wrong = ("smtpd_relay_restrictions".to_owned(), "permit".to_owned());
    let options = PostfixOptions {
        extra_main_cf: vec![wrong],
        ..Default::default()
    };
    let error = Postfix::try_start(&options).expect_err("an open relay");
    assert!(
        error.contains("specify at least one working instance"),
        "{error}"
    );
}

#[test]
fn a_stopped_postfix_leaves_nothing_behind() {
    if left_out(POSTFIX) {
        return;
    }
    let postfix = Postfix::start(&PostfixOptions::default());
    // postlogd writes on its own time.
    let until = Instant::now() + MINUTE;
    while !postfix.log().contains("daemon started") {
        assert!(Instant::now() < until, "{}", postfix.log());
        thread::sleep(Duration::from_millis(50));
    }
    let (addr, folder) = (postfix.smtp_addr, postfix.queue_dir.clone());
    let mut open = SmtpClient::connect(addr).unwrap();
    assert_eq!(
        open.greeting.lines,
        [format!("220 {HOSTNAME} ESMTP Postfix")]
    );
    drop(postfix);
    assert!(TcpStream::connect(addr).is_err());
    assert!(open.command("NOOP").is_err());
    assert!(!folder.exists());
}

#[test]
fn dots_are_stuffed_at_the_start_of_lines_only() {
    assert_eq!(
        stuffed(b".a\r\n..b\r\nc.\n.d"),
        b"..a\r\n...b\r\nc.\n.d\r\n.\r\n"
    );
    assert_eq!(stuffed(b""), b".\r\n");
    assert_eq!(stuffed(b"a\r\n"), b"a\r\n.\r\n");
}

#[test]
fn xclient_decides_what_postfix_believes() {
    if left_out(POSTFIX) {
        return;
    }
    let postfix = Postfix::start(&PostfixOptions::default());
    for (client, trace) in [
        (
            XClient {
                login: Some("joe".to_owned()),
                ..client()
            },
            "Received: from helo.sender.test (mail.sender.test [192.0.2.7])",
        ),
        (
            XClient::new("2001:db8::7", "[UNAVAILABLE]", "h.test"),
            "Received: from h.test (unknown [IPv6:2001:db8::7])",
        ),
    ] {
        let mut connection = SmtpClient::connect_as(postfix.smtp_addr, &client).unwrap();
        let rcpt = format!("{}@recipient.test", client.helo.clone().unwrap());
        let sent = connection
            .send(&Envelope::new("a@b.test", &[&rcpt]), LETTER)
            .unwrap();
        assert!(sent.accepted(), "{sent:?}");
        let got = postfix.wait_for(&rcpt, 1, MINUTE);
        let got = String::from_utf8_lossy(&got[0]).into_owned();
        assert!(got.starts_with(trace), "{got}");
    }
    // What a milter sees as {auth_authen}, and what exempts a user's own mail.
    assert!(
        postfix.log().contains("sasl_username=joe"),
        "{}",
        postfix.log()
    );
}
