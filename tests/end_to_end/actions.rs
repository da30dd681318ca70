//! Each action, by preset, verdict, reason and recipient: what the client is told, what arrives, what
//! the log says.

use crate::support::milter::MilterConfig;
use crate::support::root::{POSTFIX, left_out};
use crate::support::samples::Sample;
use crate::support::smtp::{Envelope, Sent, SmtpClient};
use crate::{PATIENCE, Site, field, sample};

/// One recipient for each action, and what refused clients are told.
const BY_RECIPIENT: &str = r#"
[policy]
preset = "enforce"
reject_text = "we take no mail in this name"
defer_text = "come back when you are somebody"
contact = "postmaster@example.test"

[[policy.rules]]
recipients = ["accept@example.test"]
action = "accept"

[[policy.rules]]
recipients = ["tag@example.test"]
action = "tag"

[[policy.rules]]
recipients = ["quarantine@example.test"]
action = "quarantine"

[[policy.rules]]
recipients = ["Defer@Example.Test"]
action = "defer"

[[policy.rules]]
recipients = ["discard@example.test"]
action = "discard"
"#;

fn site(rest: &str) -> Site {
    Site::start(&MilterConfig {
        rest: rest.into(),
        ..MilterConfig::default()
    })
}

impl Site {
    /// Sends a sample to others than its own recipient.
    fn send_to(&self, sample: &Sample, recipients: &[&str]) -> Sent {
        let mut client =
            SmtpClient::connect_as(self.postfix.smtp_addr, &sample.client).expect("XCLIENT");
        let envelope = Envelope::new(sample.mail_from, recipients);
        let sent = client.send(&envelope, &sample.message).expect("a dialog");
        client.quit().expect("QUIT");
        sent
    }

    /// The fields that say what was done, of the only message in a mailbox.
    fn labels(&self, recipient: &str) -> (Option<String>, Option<String>) {
        let mailbox = self.postfix.wait_for(recipient, 1, PATIENCE);
        assert_eq!(mailbox.len(), 1, "{recipient}");
        let of = |name| field(&mailbox[0], name);
        let verdict = of("X-Amazon-Spoof-Verdict").map(|value| {
            let words: Vec<&str> = value.split("; ").take(2).collect();
            words.join("; ")
        });
        (verdict, of("X-Spam-Flag"))
    }

    fn counted(&self, verdict: &str, action: &str) -> f64 {
        self.milter.metric(&format!(
            "amazon_spoof_milter_messages_total{{action=\"{action}\",verdict=\"{verdict}\"}}"
        ))
    }
}

fn labels(verdict: &str, flag: Option<&str>) -> (Option<String>, Option<String>) {
    (Some(verdict.to_owned()), flag.map(str::to_owned))
}

#[test]
fn what_is_accepted_or_tagged_arrives_and_what_is_refused_or_discarded_does_not() {
    if left_out(POSTFIX) {
        return;
    }
    let site = site(BY_RECIPIENT);
    let forged = sample("forged");
    let reply = |recipient: &str| site.send_to(&forged, &[recipient]).last().text();

    assert!(reply("accept@example.test").starts_with("250 "));
    assert_eq!(
        site.labels("accept@example.test"),
        labels("forged; action=accept", None)
    );
    assert!(reply("tag@example.test").starts_with("250 "));
    assert_eq!(
        site.labels("tag@example.test"),
        labels("forged; action=tag", Some("YES"))
    );
    // The text, the verdict's word, whom to ask, and nothing of the sender's.
    assert_eq!(
        reply("anybody@example.test"),
        "550 5.7.26 Message refused by policy (forged): we take no mail in this name; questions to \
         postmaster@example.test"
    );
    assert_eq!(
        reply("defer@example.test"),
        "451 4.7.1 Message refused by policy (forged): come back when you are somebody; questions \
         to postmaster@example.test"
    );
    // Whoever sent it is told that all is well.
    assert!(reply("discard@example.test").starts_with("250 "));
    let log = site.milter.wait_for_log("action=\"discard\"");
    let line = log.lines().find(|line| line.contains("action=\"discard\""));
    let line = line.expect("the line of the message");
    let id = line.split("queue_id=\"").nth(1).expect("a queue id");
    let id = id.split('"').next().expect("its end");
    site.postfix.wait_for_empty_queue(PATIENCE);
    site.postfix
        .wait_for_log(&format!("{id}: milter-discard: END-OF-MESSAGE"), PATIENCE);
    for nobody in ["anybody", "defer", "discard"] {
        let mailbox = site.postfix.mailbox(&format!("{nobody}@example.test"));
        assert!(mailbox.is_empty(), "{nobody}");
    }
    for action in ["accept", "tag", "reject", "defer", "discard"] {
        assert_eq!(site.counted("forged", action), 1.0, "{action}");
    }
}

#[test]
fn what_is_held_is_found_by_its_queue_id_and_arrives_once_it_is_released() {
    if left_out(POSTFIX) {
        return;
    }
    let site = site(BY_RECIPIENT);
    let forged = sample("forged");
    assert!(
        site.send_to(&forged, &["quarantine@example.test"])
            .accepted()
    );
    // The operator finds it by the line of the log.
    let log = site
        .milter
        .wait_for_log("verdict=\"forged\" action=\"quarantine\"");
    let held = site.postfix.hold_queue();
    assert_eq!(held.len(), 1, "{held:?}");
    let line = log
        .lines()
        .find(|line| line.contains(&format!("queue_id=\"{}\"", held[0])));
    let line = line.expect("a line with the queue id");
    assert!(
        line.contains("reasons=\"official-author-domain,display-name,unauthenticated\""),
        "{line}"
    );
    assert!(site.postfix.mailbox("quarantine@example.test").is_empty());

    let shown = site.postfix.queued_message(&held[0]);
    let shown = String::from_utf8_lossy(&shown).replace('\n', "\r\n");
    assert!(
        field(shown.as_bytes(), "X-Amazon-Spoof-Verdict")
            .is_some_and(|value| value.starts_with("forged; action=quarantine; author=amazon.com;")),
        "{shown}"
    );
    site.postfix.postsuper("-H", &held[0]);
    // Somebody looked at it and let it go: it is no spam.
    assert_eq!(
        site.labels("quarantine@example.test"),
        labels("forged; action=quarantine", None)
    );
    assert_eq!(site.postfix.hold_queue(), [""; 0]);
}

#[test]
fn of_several_recipients_the_mildest_rule_applies_to_all_unless_it_delivers_a_spoof() {
    if left_out(POSTFIX) {
        return;
    }
    let site = site(BY_RECIPIENT);
    let forged = sample("forged");
    let both = ["discard@example.test", "quarantine@example.test"];
    assert!(site.send_to(&forged, &both).accepted());
    let log = site
        .milter
        .wait_for_log("a milder action was taken since the rules of the recipients differ");
    assert!(
        log.contains("asked=\"discard\" recipient=\"quarantine@example.test\""),
        "{log}"
    );
    let held = site.postfix.hold_queue();
    assert_eq!(held.len(), 1, "{held:?}");

    // A recipient who wants to see spoofs, or has to be reachable, opens no door to the others.
    for beside in ["tag@example.test", "Postmaster@example.test"] {
        let sent = site.send_to(&forged, &[beside, "anybody@example.test"]);
        assert!(sent.last().text().starts_with("550 5.7.26 "), "{beside}");
    }
    let log = site
        .milter
        .wait_for_log("a rule that delivers a spoof did not count");
    assert!(
        log.contains("asked=\"reject\" recipient=\"anybody@example.test\""),
        "{log}"
    );

    // Where all have to be reachable, they are.
    let reserved = ["Abuse@example.test", "postmaster@example.test"];
    assert!(site.send_to(&forged, &reserved).accepted());
    for recipient in reserved {
        assert_eq!(
            site.labels(recipient),
            labels("forged; action=tag", Some("YES"))
        );
    }
    let log = site
        .milter
        .wait_for_log("since every recipient is postmaster or abuse");
    assert!(log.contains("asked=\"reject\""), "{log}");
}

#[test]
fn a_rule_about_a_reason_or_a_verdict_goes_before_the_preset() {
    if left_out(POSTFIX) {
        return;
    }
    let site = site(
        r#"
[policy]
preset = "enforce"
lookalike = "defer"

[[policy.rules]]
verdicts = ["forged"]
reasons = ["display-name", "via-list"]
action = "tag"
"#,
    );
    let reply = |sample: &Sample| site.send(sample).last().text();
    // It has a name, and the rule is about that.
    assert!(reply(&sample("forged")).starts_with("250 "));
    assert_eq!(
        site.labels("forged@example.test"),
        labels("forged; action=tag", Some("YES"))
    );
    // The same without the name.
    let nameless = Sample {
        message: String::from_utf8_lossy(&sample("forged").message)
            .replace(
                "\"Amazon.com\" <account-update@amazon.com>",
                "account-update@amazon.com",
            )
            .into_bytes(),
        ..sample("forged")
    };
    assert!(reply(&nameless).starts_with("550 5.7.26 "));
    // The verdict's own action.
    assert!(reply(&sample("lookalike")).starts_with("451 4.7.1 "));
    assert!(reply(&sample("genuine")).starts_with("250 "));
}

#[test]
fn monitoring_shows_what_the_rules_would_have_done_and_touches_nothing() {
    if left_out(POSTFIX) {
        return;
    }
    let site = site(&BY_RECIPIENT.replace("\"enforce\"", "\"monitor\""));
    let forged = sample("forged");
    for recipient in [
        "discard@example.test",
        "quarantine@example.test",
        "defer@example.test",
    ] {
        assert!(site.send_to(&forged, &[recipient]).accepted());
        let action = recipient.split('@').next().expect("a name");
        site.milter.wait_for_log(&format!(
            "verdict=\"forged\" action=\"{action}\" applied=false"
        ));
        assert_eq!(site.counted("forged", action), 1.0);
        let delivered = site.postfix.wait_for(recipient, 1, PATIENCE);
        assert!(delivered[0].ends_with(&forged.message), "{recipient}");
        assert_eq!(site.labels(recipient), (None, None));
    }
    // Of several recipients too.
    assert!(
        site.send_to(&forged, &["a@example.test", "tag@example.test"])
            .accepted()
    );
    site.milter
        .wait_for_log("verdict=\"forged\" action=\"reject\" applied=false");
    site.milter
        .wait_for_log("a rule that delivers a spoof did not count");
}
