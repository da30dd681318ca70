//! `check` over whatever holds messages, and what it shows of them.

use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::Value;

use crate::support::dns::ZoneServer;
use crate::support::samples::{samples, zone};
use crate::support::sign::DkimSigner;
use crate::{Folder, err, out, program, run};

const FORGED: &str = "From: \"Amazon.com\" <x@amazon.com>\nSubject: x\n\nhi\n";
const ORDINARY: &str = "From: Jane <jane@friend.example>\nSubject: x\n\nhi\n";

/// File (from its last slash on) and verdict of each line.
fn judged(json: &str) -> Vec<(String, String)> {
    json.lines()
        .map(|line| {
            let object: Value = serde_json::from_str(line).expect("JSON");
            let word = |key: &str| object[key].as_str().unwrap_or("-").to_owned();
            let file = word("file");
            let name = file.rsplit('/').next().expect("a name").to_owned();
            (name, word("verdict"))
        })
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(file, verdict): &(&str, &str)| ((*file).to_owned(), (*verdict).to_owned());
    expected.iter().map(owned).collect()
}

#[test]
fn a_maildir_is_its_messages_and_not_what_lies_beside_them() {
    let folder = Folder::new();
    folder.file("Maildir/cur/1.host:2,S", ORDINARY);
    folder.file("Maildir/new/2.host", FORGED);
    folder.file("Maildir/tmp/3.host", "From: half a mess");
    folder.file("Maildir/dovecot.index.log", b"\x01\x02\x03");
    folder.file("Maildir/subscriptions", "V\t2\n\nSent\n");
    folder.file("Maildir/.Sent/cur/4.host:2,S", ORDINARY);
    folder.file("Maildir/.Sent/new/.keep", ORDINARY);
    folder.file("Maildir/.Sent/maildirfolder", "");
    let root = folder.0.join("Maildir").display().to_string();
    let output = run(&["check", "--offline", "--format", "json", &root], b"");
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert_eq!(
        judged(&out(&output)),
        pairs(&[
            ("4.host:2,S", "unrelated"),
            (".keep", "unrelated"),
            ("1.host:2,S", "unrelated"),
            ("2.host", "unverifiable"),
        ])
    );
}

#[test]
fn an_mbox_is_judged_message_by_message_from_a_file_or_a_pipe() {
    let mbox = format!(
        "From a@b Mon Jan  1 00:00:00 2026\n{ORDINARY}\nFrom here on it is text.\n\n\
         From c@d Mon Jan  1 00:00:00 2026\n{FORGED}\n\
         From e@f Mon Jan  1 00:00:00 2026\nno field\n"
    );
    let folder = Folder::new();
    let file = folder.file("inbox", &mbox);
    let expected = |name: &str| {
        let name = |number| format!("{name}:{number}");
        let rows = [(1, "unrelated"), (2, "unverifiable"), (3, "-")];
        rows.map(|(number, verdict)| (name(number), verdict.to_owned()))
            .to_vec()
    };
    for (path, name) in [(&*file, "inbox"), ("-", "-")] {
        let output = run(
            &["check", "--offline", "--format", "json", path],
            mbox.as_bytes(),
        );
        assert_eq!(output.status.code(), Some(2), "{}", out(&output));
        assert_eq!(judged(&out(&output)), expected(name));
    }
}

#[test]
fn a_walk_ends_where_links_go_round_and_leaves_pipes_alone() {
    let folder = Folder::new();
    folder.file("a/1.eml", ORDINARY);
    symlink(&folder.0, folder.0.join("a/back")).expect("a link");
    symlink(folder.0.join("a/1.eml"), folder.0.join("b.eml")).expect("a link");
    let pipe = folder.0.join("a/pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let root = folder.0.display().to_string();
    let output = run(&["check", "--offline", "--format", "json", &root], b"");
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert_eq!(
        judged(&out(&output)),
        pairs(&[("1.eml", "unrelated"), ("b.eml", "unrelated")])
    );
}

#[test]
fn a_body_beyond_what_the_milter_keeps_is_judged_as_the_milter_would() {
    let dns = ZoneServer::start(&zone());
    let folder = Folder::new();
    let config = folder.file("config.toml", "[milter]\nmax_message_size = \"1KiB\"\n");
    let body = "a line of a long letter\r\n".repeat(120_000);
    let message = format!("From: \"Amazon.com\" <auto-confirm@amazon.com>\r\n\r\n{body}");
    let genuine = DkimSigner::new("amazon.com", "demo").sign(message.as_bytes());
    let changed = [genuine.as_slice(), b"more\r\n"].concat();
    // An unknown envelope disproves nothing.
    for (message, verdict, fault) in [
        (genuine, "verified", None),
        (changed, "unverifiable", Some("does not match the body")),
    ] {
        let file = folder.file("long.eml", message);
        let check = ["check", "--format", "json", "--config", &config, "--dns"];
        let output = run(&[&check[..], &[&dns.addr.to_string(), &file]].concat(), b"");
        let object: Value = serde_json::from_str(&out(&output)).expect("JSON");
        assert_eq!(object["verdict"], verdict, "{object}");
        let said = object.to_string();
        assert!(fault.is_none_or(|fault| said.contains(fault)), "{said}");
    }
}

#[test]
fn the_envelope_is_taken_from_as_many_trace_fields_as_are_trusted() {
    let dns = ZoneServer::start(&zone());
    let dns = dns.addr.to_string();
    let message = "Return-Path: <bounces@amazon.com>\n\
        Received: from edge.recipient.test (edge.recipient.test [198.51.100.1])\n\tby mda\n\
        Received: from smtp-out.amazon.com (smtp-out.amazon.com [192.0.2.10])\n\tby edge\n\
        Received: from liar (liar [203.0.113.30]) by nobody\n"
        .to_owned()
        + FORGED;
    let check = |more: &[&str]| {
        let arguments = ["check", "--format", "json", "--dns", &dns];
        let output = run(&[&arguments[..], more, &["-"]].concat(), message.as_bytes());
        let object: Value = serde_json::from_str(&out(&output)).expect("JSON");
        let spf = object["auth"]["spf"]["result"].as_str().expect("a result");
        format!("{} {spf}", object["verdict"].as_str().expect("a verdict"))
    };
    // An unknown envelope disproves nothing.
    assert_eq!(check(&[]), "unverifiable none");
    assert_eq!(check(&["--trust-received", "1"]), "forged fail");
    assert_eq!(check(&["--trust-received", "2"]), "verified pass");
    assert_eq!(check(&["--trust-received", "3"]), "forged fail");
    assert_eq!(check(&["--trust-received", "4"]), "forged none");
    // What is given goes before it.
    let given = ["--trust-received", "2", "--client-ip", "203.0.113.30"];
    assert_eq!(check(&given), "forged fail");
}

/// Without an envelope the trace says what SPF would say, and the verdict is the same without it.
#[test]
fn the_trace_of_a_delivered_mail_is_a_hint() {
    let dns = ZoneServer::start(&zone());
    let dns = dns.addr.to_string();
    let outside = "Received: from smtp-out.amazon.com (smtp-out.amazon.com [192.0.2.10])\n\tby mx.recipient.test (Postfix) with ESMTP id 1; x\n";
    let inside = "Received: from mx.recipient.test ([203.0.113.9]) by mx.recipient.test with LMTP; x\n\
        Received: by mx.recipient.test (Postfix, from userid 0)\tid 2; x\n\
        Received: from localhost (localhost [127.0.0.1]) by mx.recipient.test (Postfix) with ESMTP id 3; x\n";
    let liar = "Received: from liar (liar [203.0.113.30]) by nobody; x\n";
    let check = |trace: &str, format: &str, more: &[&str]| {
        let message = format!("{trace}{FORGED}");
        let arguments = ["check", "--format", format, "--dns", &dns];
        let output = run(&[&arguments[..], more, &["-"]].concat(), message.as_bytes());
        out(&output)
    };
    let object =
        |trace: &str| -> Value { serde_json::from_str(&check(trace, "json", &[])).expect("JSON") };
    let path = "Return-Path: <bounces@amazon.com>\n";
    for (trace, ip, result) in [
        (format!("{path}{outside}{liar}"), "192.0.2.10", "pass"),
        (
            format!("{path}{inside}{outside}{liar}"),
            "192.0.2.10",
            "pass",
        ),
        (format!("{path}{liar}{outside}"), "203.0.113.30", "fail"),
    ] {
        let object = object(&trace);
        assert_eq!(object["verdict"], "unverifiable", "{object}");
        let reasons = object["reasons"].as_array().expect("a list");
        assert!(reasons.contains(&"no-envelope".into()), "{object}");
        assert_eq!(object["auth"]["spf"]["result"], "none");
        let hint = &object["auth"]["spf"]["by_trace"];
        assert_eq!(hint["client_ip"], ip, "{trace}");
        assert_eq!(hint["result"], result, "{trace}");
        assert_eq!(hint["mail_from"], "bounces@amazon.com");
        let text = check(&trace, "text", &[]);
        let sentence = format!("By its trace it was handed in by {ip}, which amazon.com ");
        assert!(text.contains(&sentence), "{text}");
        assert!(text.contains(&format!("(SPF {result}): a hint")), "{text}");
    }
    // No trace, a part of one, or a field above the client's that can't be read: nothing to say.
    let unreadable = "Received: from nobody knows whom\n";
    for trace in ["", path, outside, &format!("{path}{unreadable}{outside}")] {
        assert_eq!(
            object(trace)["auth"]["spf"].get("by_trace"),
            None,
            "{trace}"
        );
    }
    // Who says the envelope, or believes the trace, needs no hint; offline there is none.
    let trace = format!("{path}{outside}");
    let given = ["--client-ip", "192.0.2.10", "--mail-from", "x@amazon.com"];
    for more in [&given[..], &["--trust-received", "1"]] {
        assert!(!check(&trace, "text", more).contains("By its trace"));
    }
}

/// Neither HELO nor an address in a field is the client that connected.
#[test]
fn what_a_trace_field_names_is_judged() {
    let dns = ZoneServer::start(&zone());
    let dns = dns.addr.to_string();
    let folder = Folder::new();
    let config = folder.file(
        "config.toml",
        "[trust]\nnetworks = [\"203.0.113.0/24\", \"127.0.0.0/8\"]\n",
    );
    let check = |client: &str, more: &[&str]| {
        let message = format!(
            "Return-Path: <bounces@amazon.com>\n\
             Received: from {client}\n\tby mx.recipient.test (Postfix) with ESMTP id 1; x\n{FORGED}"
        );
        let arguments = [
            "check", "--format", "json", "--config", &config, "--dns", &dns,
        ];
        let output = run(&[&arguments[..], more, &["-"]].concat(), message.as_bytes());
        let object: Value = serde_json::from_str(&out(&output)).expect("JSON");
        object["verdict"].as_str().expect("a verdict").to_owned()
    };
    let traced = ["--trust-received", "1"];
    for client in [
        "x[192.0.2.10] (unknown [203.0.113.30])",
        "x[127.0.0.1] (unknown [203.0.113.30])",
        "localhost (localhost [127.0.0.1])",
        "[192.0.2.10] (unknown)",
    ] {
        assert_eq!(check(client, &traced), "forged", "{client}");
    }
    let genuine = "x[203.0.113.30] (smtp-out.amazon.com [192.0.2.10])";
    assert_eq!(check(genuine, &traced), "verified");
    // What is given is as if it had connected.
    let given = ["--trust-received", "1", "--client-ip", "203.0.113.30"];
    assert_eq!(check(genuine, &given), "exempt");
}

#[test]
fn the_text_says_what_is_claimed_what_was_proved_and_what_follows() {
    let dns = ZoneServer::start(&zone());
    let dns = dns.addr.to_string();
    let client = [
        "--client-ip",
        "203.0.113.30",
        "--mail-from",
        "x@bulk-sender.example",
    ];
    let arguments = [&["check", "--dns", &dns], &client[..], &["-"]].concat();
    let output = run(&arguments, FORGED.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        out(&output),
        "-: forged (tag)\n  \
           This mail says that it comes from amazon.com, but nothing proves it: it has no signature, \
           and the sending server is authorised by bulk-sender.example only.\n  \
           What it claims:\n    \
             - The From address is in a domain of Amazon: \u{201c}amazon.com\u{201d}\n    \
             - The name shown as the sender is Amazon's: \u{201c}Amazon.com\u{201d}\n  \
           What was proved:\n    \
             - The sending server is authorised by bulk-sender.example, which says nothing about \
               amazon.com (SPF pass).\n    \
             - It has no signature (DKIM none).\n    \
             - That doesn't prove amazon.com, whose policy for such mail is \u{201c}quarantine\u{201d} \
               (DMARC fail).\n    \
             - Neither a signature nor the sending server proves the From domain.\n  \
           What follows:\n    \
             - It is delivered with a warning in its header (tag).\n    \
             - If in doubt, follow no link in this mail: open the Amazon website yourself or, as a \
               seller, read the performance notifications in Seller Central.\n  \
           Reasons: official-author-domain,display-name,unauthenticated\n"
    );
}

#[test]
fn a_run_shows_what_is_asked_for() {
    let dns = ZoneServer::start(&zone());
    let dns = dns.addr.to_string();
    let folder = Folder::new();
    for sample in samples() {
        folder.file(&format!("{}.eml", sample.name), &sample.message);
    }
    folder.file("binary.eml", b"\0\x01\x02");
    let root = folder.0.display().to_string();
    let client = [
        "--client-ip",
        "203.0.113.30",
        "--mail-from",
        "x@bulk-sender.example",
    ];
    let check = |more: &[&str]| {
        let arguments = [
            &["check", "--dns", &dns],
            &client[..],
            more,
            &[root.as_str()],
        ]
        .concat();
        let output = run(&arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{}", err(&output));
        out(&output)
    };
    let summary = "6 messages: 1 forged, 1 lookalike, 1 impersonation, 1 verified, 1 unrelated, 1 unreadable\n\
        Most often behind `impersonation`:\n       1  allow = [\"bulk-sender.example\"]\n\
        A line `allow` in [trust] lets one name the brand once it is authenticated. There is none for an \
        author who was unproved, has a free name or asks for something.\n";
    assert_eq!(check(&["--summary"]), summary);
    let object: Value =
        serde_json::from_str(&check(&["--summary", "--format", "json"])).expect("JSON");
    assert_eq!(
        object,
        serde_json::json!({
            "messages": 6,
            "verdicts": { "forged": 1, "lookalike": 1, "impersonation": 1, "verified": 1, "unrelated": 1 },
            "unreadable": 1,
            "impersonators": [{ "domain": "bulk-sender.example", "messages": 1, "may_be_allowed": true }],
        })
    );
    let spoofs = judged(&check(&["--only-spoofs", "--format", "json"]));
    assert_eq!(
        spoofs,
        pairs(&[
            ("binary.eml", "-"),
            ("display-name.eml", "impersonation"),
            ("forged.eml", "forged"),
            ("lookalike.eml", "lookalike"),
        ])
    );
    let text = check(&["--only-spoofs"]);
    assert!(text.ends_with(&format!("\n\n{summary}")), "{text}");
    assert!(
        !text.contains("genuine.eml") && !text.contains("ordinary.eml"),
        "{text}"
    );
    // One or the other.
    let both = run(&["check", "--summary", "--only-spoofs", &root], b"");
    assert_eq!(both.status.code(), Some(2));
    assert!(err(&both).contains("cannot be used with"), "{}", err(&both));
}

/// Runs the program with a terminal of 80 columns as its output and its errors; what the terminal got.
fn on_a_terminal(variables: &str, arguments: &str) -> String {
    let command = format!(
        "stty cols 80 && {variables} {} {arguments}",
        program().display()
    );
    let output = Command::new("script")
        .args(["-q", "-e", "-c", &command, "/dev/null"])
        .env_remove("NO_COLOR")
        .env("TERM", "xterm")
        .output()
        .expect("script(1)");
    out(&output)
}

#[test]
fn progress_and_colour_are_for_terminals_that_want_them() {
    let folder = Folder::new();
    let mbox: String = (0..300).map(|_| format!("From a@b\n{FORGED}\n")).collect();
    let mbox = folder.file("mbox", mbox);
    let one = folder.file("one.eml", FORGED);
    let many = format!("check --offline {mbox}");
    let shown = on_a_terminal("", &many);
    assert!(shown.contains("messages, "), "{shown}");
    assert!(shown.contains("\u{1b}[33munverifiable\u{1b}[0m"), "{shown}");
    assert!(shown.contains("300 messages: 300 unverifiable"), "{shown}");
    let plain = on_a_terminal("NO_COLOR=1", &many);
    assert!(!plain.contains("\u{1b}[33m"), "{plain}");
    // Nothing to wait for.
    let single = on_a_terminal("", &format!("check --offline {one}"));
    assert!(!single.contains("messages"), "{single}");
    // A file gets the results, the terminal the progress.
    let file = folder.0.join("results");
    let divided = on_a_terminal("", &format!("{many} > {}", file.display()));
    assert!(divided.contains("messages, "), "{divided}");
    assert!(!divided.contains("unverifiable"), "{divided}");
    let results = std::fs::read_to_string(file).expect("the results");
    assert!(!results.contains('\u{1b}'), "{results}");
    // No terminal at all.
    let piped = run(&["check", "--offline", &mbox], b"");
    assert_eq!(err(&piped), "");
    assert!(!out(&piped).contains('\u{1b}'));
}

#[test]
fn a_full_disk_is_told() {
    let folder = Folder::new();
    let file = folder.file("one.eml", ORDINARY);
    let full = std::fs::File::options().write(true).open("/dev/full");
    let output = Command::new(program())
        .args(["check", "--offline", &file])
        .stdout(full.expect("/dev/full"))
        .output()
        .expect("the program");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        err(&output),
        "amazon-spoof-milter: No space left on device (os error 28)\n"
    );
}
