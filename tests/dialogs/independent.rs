//! What we write and what we rebuild, read by programs that know nothing of us: python3-authres,
//! python3-dkim and OpenDKIM.

use std::io::Write;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use amazon_spoof_milter::session::{Limits, Memory, Session};
use indymilter::{Callbacks, MacroStage, ProtoOpts, Status as Answer};
use tokio::net::TcpListener;

use crate::support::milter::fresh_folder;
use crate::support::postfix::{Postfix, PostfixOptions};
use crate::support::root::{POSTFIX, left_out};
use crate::support::sign::{Canon, DkimSigner, Key};
use crate::support::smtp::{Envelope, SmtpClient, XClient};
use crate::support::unpacked::Unpacked;
use crate::{CLIENT, EomAction, Site, Status, TestConnection};

/// What a Python program says to these lines.
fn python(program: &str, lines: &str) -> String {
    let modules = Unpacked::packages("independent", &["python3-authres", "python3-dkim"]);
    let mut child = modules
        .command("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(lines.as_bytes()).expect("write");
    drop(input);
    let output = child.wait_with_output().expect("its output");
    assert!(output.status.success(), "{program}");
    String::from_utf8(output.stdout).expect("text")
}

const PARSE: &str = "
import sys, authres
for line in sys.stdin:
    read = authres.AuthenticationResultsHeader.parse('Authentication-Results: ' + line.strip())
    results = ['%s=%s %s' % (r.method, r.result,
        ' '.join('%s.%s=%s' % (p.type, p.name, p.value) for p in r.properties)) for r in read.results]
    print(read.authserv_id + ': ' + ', '.join(results))
";

/// The Authentication-Results field that a message gets, unfolded.
async fn results(mta: &mut TestConnection, mail_from: &str, fields: &[(&str, &str)]) -> String {
    let status = mta.mail([mail_from]).await.expect("MAIL");
    assert_eq!(status, Status::Continue);
    let status = mta.rcpt(["<someone@example.test>"]).await.expect("RCPT");
    assert_eq!(status, Status::Noreply);
    for (name, value) in fields {
        let status = mta.header(*name, *value).await.expect("a header field");
        assert_eq!(status, Status::Noreply);
    }
    assert_eq!(mta.eoh().await.expect("end of header"), Status::Continue);
    let (edits, _) = mta.eom().await.expect("end of message");
    let value = edits.actions.iter().find_map(|edit| match edit {
        EomAction::InsertHeader { name, value, .. } => (name.to_bytes()
            == b"Authentication-Results")
            .then(|| value.to_string_lossy().replace('\n', "")),
        _ => None,
    });
    value.expect("the field")
}

#[tokio::test]
async fn an_independent_parser_reads_our_results_as_they_are_meant() {
    let site = Site::start("[inspect]\nauthenticate = \"all\"\n");
    let mut mta = site.open().await;
    let helo = "mail.bulk-sender.example";
    let status = mta.connect(helo, CLIENT).await.expect("CONNECT");
    assert_eq!(status, Status::Noreply);
    assert_eq!(mta.helo(helo).await.expect("HELO"), Status::Noreply);
    let brand = ("From", " \"Amazon.com\" <a@amazon.com>");
    let signature = |domain: &str, selector: &str| {
        format!(" v=1; a=rsa-sha256; d={domain}; s={selector}; h=from; bh=YWJj; b=YWJj")
    };
    let plain = signature("bulk-sender.example", "demo");
    // What would end a value, begin a comment or be a result of its own.
    let hostile = signature("bulk-sender.example", "a(b\"c dkim=pass");
    type Case<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);
    let cases: [Case<'_>; 5] = [
        (
            "<x@bulk-sender.example>",
            vec![brand],
            "mx.example.test: spf=pass smtp.mailfrom=bulk-sender.example, dkim=none , \
             dmarc=fail header.from=amazon.com",
        ),
        (
            "<\"a;b dkim=pass (\"@bulk-sender.example>",
            vec![brand],
            "mx.example.test: spf=pass smtp.mailfrom=bulk-sender.example, dkim=none , \
             dmarc=fail header.from=amazon.com",
        ),
        (
            "<>",
            vec![("From", " jane@friend.example")],
            "mx.example.test: spf=none smtp.helo=mail.bulk-sender.example, dkim=none , \
             dmarc=none header.from=friend.example",
        ),
        (
            "<x@bulk-sender.example>",
            vec![("DKIM-Signature", &plain), brand],
            "mx.example.test: spf=pass smtp.mailfrom=bulk-sender.example, dkim=fail \
             header.d=bulk-sender.example header.s=demo, dmarc=fail header.from=amazon.com",
        ),
        (
            "<x@bulk-sender.example>",
            vec![("DKIM-Signature", &hostile), brand],
            "",
        ),
    ];
    let mut fields = String::new();
    for (mail_from, header, _) in &cases {
        fields.push_str(&results(&mut mta, mail_from, header).await);
        fields.push('\n');
    }
    let read = python(PARSE, &fields);
    let read: Vec<_> = read.lines().collect();
    assert_eq!(read.len(), cases.len(), "{fields}");
    for ((_, _, expected), read) in cases.iter().zip(&read).take(4) {
        assert_eq!(read, expected);
    }
    let last = read[4];
    assert!(last.starts_with("mx.example.test: spf=pass "), "{last}");
    assert!(!last.contains("dkim=pass"), "{last}");
    assert!(
        last.ends_with("dmarc=fail header.from=amazon.com"),
        "{last}"
    );
}

const VERIFY: &str = "
import sys, base64, dkim
key = sys.stdin.readline().strip().encode()
for line in sys.stdin:
    message = base64.b64decode(line)
    print(dkim.verify(message, dnsfunc=lambda name, timeout=5: key))
";

/// What OpenDKIM says to each message, a line each.
fn opendkim(messages: &[Vec<u8>]) -> String {
    let package = Unpacked::packages("opendkim-pkg", &["opendkim"]);
    let folder = fresh_folder();
    let path = |name: &str| folder.join(name).display().to_string();
    std::fs::write(
        path("keys"),
        format!("demo._domainkey.amazon.com {}\n", Key::Rsa.txt()),
    )
    .expect("write");
    std::fs::write(path("conf"), format!("TestDNSData file:{}\n", path("keys"))).expect("write");
    let mut said = String::new();
    for (number, message) in messages.iter().enumerate() {
        let name = path(&number.to_string());
        std::fs::write(&name, message).expect("write");
        let output = package
            .command("opendkim")
            .args(["-x", &path("conf"), "-t", &name])
            .output()
            .expect("opendkim");
        let text = [output.stdout, output.stderr].concat();
        said.push_str(&String::from_utf8_lossy(&text).replace(&name, "message"));
    }
    let _ = std::fs::remove_dir_all(folder);
    said
}

/// A filter that does nothing but what ours does with the events: feed a session.
fn recorder(kept: &Arc<Mutex<Vec<Vec<u8>>>>) -> Callbacks<Session> {
    let kept = Arc::clone(kept);
    Callbacks::new()
        .on_negotiate(move |cx, _, _| {
            cx.requested_opts = ProtoOpts::LEADING_SPACE;
            cx.requested_macros.insert(MacroStage::Eom, c"i".to_owned());
            let limits = Limits::with_body(1 << 20);
            cx.data = Some(Session::new(limits, &Memory::new(1 << 22)));
            Box::pin(std::future::ready(Answer::Continue))
        })
        .on_mail(move |cx, arguments| {
            let path = arguments.first().map(|path| path.to_string_lossy());
            let session = cx.data.as_mut().expect("a session");
            session.mail(&path.unwrap_or_default(), None);
            Box::pin(std::future::ready(Answer::Continue))
        })
        .on_header(move |cx, name, value| {
            let session = cx.data.as_mut().expect("a session");
            session.header(name.into_bytes(), value.to_bytes().to_vec());
            Box::pin(std::future::ready(Answer::Continue))
        })
        .on_body(move |cx, chunk| {
            cx.data.as_mut().expect("a session").body(chunk.into());
            Box::pin(std::future::ready(Answer::Continue))
        })
        .on_eom(move |cx| {
            let message = cx.data.as_mut().expect("a session").take_message();
            kept.lock().expect("messages").push(message.to_bytes());
            Box::pin(std::future::ready(Answer::Accept))
        })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_independent_verifier_accepts_what_was_rebuilt_from_events() {
    if left_out(POSTFIX) {
        return;
    }
    let kept = Arc::new(Mutex::new(Vec::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("its address");
    tokio::spawn(indymilter::run(
        listener,
        recorder(&kept),
        indymilter::Config::default(),
        std::future::pending::<()>(),
    ));
    let head = "From: \"Amazon.com\" <a@amazon.com>\r\nTo: b@example.test\r\n\
        Subject: folded\r\n\twith a tab,\r\n  two blanks and one at the end \r\n\
        Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@amazon.com>\r\nX-Empty:\r\nX-Close:no blank\r\n\r\n";
    let bodies = [
        "hello\r\n".to_owned(),
        String::new(),
        "\r\n\r\n".to_owned(),
        ".dot\r\n..\r\n trailing \t \r\nend\r\n\r\n\r\n".to_owned(),
        "8 bit: \u{e4}\u{20ac}\r\n".to_owned(),
        format!("{}\r\n", "x".repeat(990)).repeat(200),
    ];
    let mut messages = Vec::new();
    for canon in [Canon::Simple, Canon::Relaxed] {
        let signer = DkimSigner {
            key: Key::Rsa,
            header_canon: canon,
            body_canon: canon,
            ..DkimSigner::new("amazon.com", "demo")
        };
        messages.extend(
            bodies
                .iter()
                .map(|body| signer.sign(format!("{head}{body}").as_bytes())),
        );
    }
    let count = messages.len();
    tokio::task::spawn_blocking(move || {
        let postfix = Postfix::start(&PostfixOptions {
            milters: vec![format!("inet:{addr}")],
            ..PostfixOptions::default()
        });
        let client = XClient::new("203.0.113.30", "mx.example", "mx.example");
        let mut client = SmtpClient::connect_as(postfix.smtp_addr, &client).expect("XCLIENT");
        let envelope = Envelope::new("a@amazon.com", &["b@example.test"]);
        for message in &messages {
            let sent = client.send(&envelope, message).expect("a dialog");
            assert!(sent.accepted(), "{}", sent.last());
        }
    })
    .await
    .expect("the client");
    use base64::Engine as _;
    let kept = kept.lock().expect("messages").clone();
    let encode = |octets: &Vec<u8>| base64::engine::general_purpose::STANDARD.encode(octets);
    let mut lines = format!("{}\n", Key::Rsa.txt());
    let mut all: Vec<_> = kept.iter().map(encode).collect();
    // One changed octet: the verifier can say no.
    let mut changed = kept[0].clone();
    let last = changed.len() - 3;
    changed[last] ^= 1;
    all.push(encode(&changed));
    lines.push_str(&all.join("\n"));
    let said = python(VERIFY, &lines);
    assert_eq!(said, "True\n".repeat(count) + "False\n");
    let mut all = kept;
    all.push(changed);
    let said = opendkim(&all);
    let key = "opendkim: message: verification (s=demo, d=amazon.com, 2048-bit key)";
    let good = format!("{key} succeeded\n").repeat(count);
    let rest = said.strip_prefix(&good);
    assert_eq!(
        rest,
        Some(
            "opendkim: message: verification (s=demo d=amazon.com, 2048-bit key, unknown) failed: \
             signature verification failed\n"
        ),
        "{said}"
    );
}
