//! A message to try in the page.

use super::Site;
use super::support::http::{Answer, post};
use super::support::samples::samples;

/// Sends the form with these parts.
fn submit(site: &Site, parts: &[(&str, &[u8])]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in parts {
        let head = format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b0undary--\r\n");
    let origin = format!("http://{}", site.milter.http);
    let fields = [
        ("Origin", origin.as_str()),
        ("Content-Type", "multipart/form-data; boundary=b0undary"),
    ];
    post(site.milter.http, "/try", &fields, &body)
}

fn genuine() -> Vec<u8> {
    samples().remove(0).message
}

#[test]
fn it_is_off_unless_the_operator_switches_it_on() {
    let site = Site::start("");
    assert_eq!(site.get("/try").status, 404);
    assert_eq!(submit(&site, &[("message", &genuine())]).status, 404);
    assert!(!site.get("/").body.contains("/try"));
}

#[test]
fn a_message_is_judged_and_nothing_of_it_is_kept() {
    let site = Site::start("try_messages = true\n");
    assert_eq!(site.get("/try").status, 200);
    let proved = submit(&site, &[("file", b""), ("message", &genuine())]);
    assert_eq!(proved.status, 200, "{}", proved.body);
    assert!(proved.body.contains("badge v-verified"), "{}", proved.body);
    assert!(
        proved
            .body
            .contains("X-Amazon-Spoof-Verdict: verified; action=accept"),
        "{}",
        proved.body
    );

    let hostile = b"From: \"Amazon <script>alert(1)</script>\" <x@bulk-sender.example>\r\n\
        Received: from a.example (mail.bulk-sender.example [203.0.113.30]) by mx; x\r\n\
        Return-Path: <news@bulk-sender.example>\r\n\r\nhello\r\n";
    let result = submit(&site, &[("message", hostile), ("traced", b"yes")]).body;
    assert!(result.contains("badge v-impersonation"), "{result}");
    assert!(
        result.contains("Amazon &lt;script&gt;alert(1)&lt;/script&gt;"),
        "{result}"
    );
    assert!(!result.contains("<script>alert"), "{result}");
    assert!(
        result.contains("the envelope sender's domain authorises the client"),
        "the client was traced: {result}"
    );
    // What is filled in goes before what the message tells.
    let given: [(&str, &[u8]); 3] = [
        ("message", hostile),
        ("traced", b"yes"),
        ("client_ip", b"192.0.2.99"),
    ];
    let result = submit(&site, &given).body;
    assert!(
        result.contains("the envelope sender's domain does not authorise the client"),
        "{result}"
    );

    let page = site.get("/?verdict=all").body;
    assert!(
        page.contains("No decision matches.") && !page.contains("alert(1)"),
        "{page}"
    );
    let counted = "amazon_spoof_milter_messages_total{action=\"accept\",verdict=\"verified\"}";
    assert_eq!(site.milter.metric(counted), 0.0);
    assert!(
        !site.milter.log().contains("impersonation"),
        "{}",
        site.milter.log()
    );
}

#[test]
fn client_and_envelope_need_not_be_filled_in() {
    let site = Site::start("try_messages = true\n");
    let form = site.get("/try").body;
    for label in [
        "How it came (optional)",
        "Address of the client (optional)",
        "Its HELO (optional)",
        "Envelope sender (optional, &lt;&gt; for none)",
    ] {
        assert!(form.contains(label), "{label} is not in {form}");
    }
    assert!(!form.contains(" required"), "{form}");
    // What only they could prove stays open.
    let unproved = b"From: Amazon <account@amazon.com>\r\n\r\nhello\r\n";
    let empty: [(&str, &[u8]); 4] = [
        ("message", unproved),
        ("client_ip", b""),
        ("helo", b" "),
        ("mail_from", b""),
    ];
    for parts in [&empty[..1], &empty] {
        let result = submit(&site, parts);
        assert_eq!(result.status, 200, "{}", result.body);
        assert!(
            result.body.contains("badge v-unverifiable"),
            "{}",
            result.body
        );
        assert!(result.body.contains("no-envelope"), "{}", result.body);
    }
}

#[test]
fn what_a_trace_field_names_is_never_exempt() {
    let site = Site::start("try_messages = true\n");
    for client in [
        "x[127.0.0.1] (unknown [203.0.113.30])",
        "x[192.0.2.10] (unknown [203.0.113.30])",
        "localhost (localhost [127.0.0.1])",
    ] {
        let message = format!(
            "Return-Path: <bounces@amazon.com>\r\n\
             Received: from {client}\r\n\tby mx.recipient.test (Postfix) with ESMTP id 1; x\r\n\
             From: Amazon <account@amazon.com>\r\n\r\nhello\r\n"
        );
        let parts = [("message", message.as_bytes()), ("traced", b"yes")];
        let result = submit(&site, &parts).body;
        assert!(result.contains("badge v-forged"), "{client}: {result}");
    }
}

#[test]
fn what_is_wrong_with_it_is_said() {
    let site = Site::start("try_messages = true\n");
    for (parts, status, why) in [
        (
            vec![("message", &b"  \r\n"[..])],
            422,
            "There is no message",
        ),
        (
            vec![("message", &genuine()[..]), ("client_ip", b"mail.example")],
            422,
            "is no IP address",
        ),
        (
            vec![("message", &vec![b'x'; (5 << 20) + 1][..])],
            413,
            "larger than 5 MiB",
        ),
    ] {
        let answer = submit(&site, &parts);
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.body.contains(why), "{}", answer.body);
    }
    let origin = format!("http://{}", site.milter.http);
    let plain = post(
        site.milter.http,
        "/try",
        &[("Origin", &origin)],
        b"message=x",
    );
    assert_eq!(plain.status, 400);
    let cut = [
        ("Origin", origin.as_str()),
        ("Content-Type", "multipart/form-data; boundary=b"),
    ];
    assert_eq!(
        post(site.milter.http, "/try", &cut, b"--b\r\nContent-Dis").status,
        400
    );
}

#[test]
fn there_are_only_so_many_in_a_minute() {
    let site = Site::start("try_messages = true\n");
    let message = b"From: a@b.example\r\n\r\nx\r\n";
    let refused = (0..40)
        .map(|_| submit(&site, &[("message", message)]).status)
        .filter(|status| *status == 429);
    assert!(refused.count() >= 5);
}
