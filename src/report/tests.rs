use crate::report::*;
use crate::{
    mail::message::Header,
    proof::{AuthorEvidence, DmarcLookup, DmarcRecord, Existence, Spf},
};

fn message(fields: &[(&str, &str)]) -> Message {
    Message {
        headers: fields
            .iter()
            .map(|(name, value)| Header {
                name: name.as_bytes().to_vec(),
                value: value.as_bytes().to_vec(),
            })
            .collect(),
        ..Message::default()
    }
}

fn options() -> HeaderOptions {
    HeaderOptions {
        authserv_id: "mx.shop.example".into(),
        is_authserv_id_given: true,
        keep_authres: Vec::new(),
        subject_prefix: "[SPOOF]".into(),
        spam_flag: true,
        results_for_all: false,
        advice_language: "en".into(),
    }
}

fn report(verdict: Verdict, action: Action) -> Report {
    Report {
        verdict,
        reasons: vec![Reason::LookalikeAuthorDomain, Reason::AsksForPassword],
        decision: Decision {
            action,
            applied: true,
            asked: action,
            compromise: None,
            decided_by: None,
        },
        claims: Vec::new(),
        author_addresses: Vec::new(),
        author_names: Vec::new(),
        author: Some(Domain::parse("evil.example").unwrap()),
        list: None,
        evidence: Some(Evidence::default()),
        content: Vec::new(),
        limits: Vec::new(),
        explanation: "It lies.".into(),
        advice: String::new(),
        results_in_our_name: false,
        may_be_allowed: false,
    }
}

/// Two author domains with a policy each, and SPF that passes for the first.
fn two_authors(first: &str, second: &str) -> Evidence {
    let author = |domain: &str| AuthorEvidence {
        domain: Domain::parse(domain).unwrap(),
        organizational: None,
        dmarc: DmarcLookup::Record(DmarcRecord::default()),
        existence: Existence::Exists,
    };
    Evidence {
        spf: Spf {
            result: AuthResult::Pass,
            domain: Some(Domain::parse(first).unwrap()),
            ..Spf::default()
        },
        authors: vec![author(first), author(second)],
        ..Evidence::default()
    }
}

#[test]
fn forged_fields_go_from_the_last_one_up() {
    let message = message(&[
        ("Authentication-Results", " mx.shop.example; spf=pass"),
        ("x-amazon-spoof-verdict", " verified"),
        ("authentication-results", " mx.other.example; spf=pass"),
        ("AUTHENTICATION-RESULTS ", " MX.shop.example; dkim=pass"),
        ("X-Spam-Flag", " NO"),
    ]);
    let edits = report(Verdict::Unrelated, Action::Accept).edits(&message, &options());
    assert_eq!(
        edits.delete,
        [
            ("AUTHENTICATION-RESULTS".to_owned(), 3),
            ("x-amazon-spoof-verdict".to_owned(), 1),
            ("Authentication-Results".to_owned(), 1),
        ]
    );
    assert!(edits.insert.is_empty() && edits.subject.is_none());
}

#[test]
fn a_spoof_gets_the_documented_fields() {
    let message = message(&[("X-Spam-Flag", " NO"), ("Subject", " Hi\r\n\tyou")]);
    let edits = report(Verdict::Lookalike, Action::Tag).edits(&message, &options());
    assert_eq!(edits.delete, [("X-Spam-Flag".to_owned(), 1)]);
    assert_eq!(
        edits.insert,
        [
            ("Authentication-Results", "mx.shop.example; spf=none; dkim=none; dmarc=none header.from=evil.example".to_owned()),
            (
                "X-Amazon-Spoof-Verdict",
                "lookalike; action=tag; author=evil.example; reasons=lookalike-author-domain,asks-for-password".to_owned()
            ),
            ("X-Amazon-Spoof-Explanation", "It lies.".to_owned()),
            ("X-Spam-Flag", "YES".to_owned()),
            ("X-Spam-Status", "Yes, tests=lookalike-author-domain,asks-for-password".to_owned()),
        ]
    );
    assert_eq!(
        edits.subject,
        Some(Subject::Replace(b" [SPOOF] Hi\r\n\tyou".to_vec()))
    );
}

#[test]
fn what_is_held_is_no_spam_once_it_is_released() {
    let message = message(&[("X-Spam-Flag", " NO"), ("Subject", " Hi")]);
    let edits = report(Verdict::Lookalike, Action::Quarantine).edits(&message, &options());
    let names: Vec<_> = edits.insert.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "Authentication-Results",
            "X-Amazon-Spoof-Verdict",
            "X-Amazon-Spoof-Explanation"
        ]
    );
    assert_eq!((edits.delete.len(), edits.subject), (0, None));
}

#[test]
fn the_explanation_ends_with_the_advice_unless_the_origin_is_proved() {
    let field = |verdict: Verdict, advice: &str| {
        let report = report(verdict, Action::Accept).with_advice(advice);
        let fields = report.edits(&message(&[]), &options()).insert;
        let named = fields
            .into_iter()
            .find(|(name, _)| *name == EXPLANATION_FIELD);
        named.map(|(_, value)| value).unwrap_or_default()
    };
    for verdict in Verdict::ALL {
        let expected = match verdict.word() {
            "forged" | "lookalike" | "impersonation" | "suspicious" | "unverifiable" => {
                "It lies. Ask us."
            }
            "verified" => "It lies.",
            _ => "",
        };
        assert_eq!(field(verdict, "Ask us."), expected, "{verdict}");
    }
    assert_eq!(field(Verdict::Forged, ""), "It lies.");
    assert_eq!(
        field(Verdict::Forged, "Öffne uns."),
        "It lies. =?UTF-8?B?w5ZmZm5lIHVucy4=?="
    );
}

#[test]
fn mail_without_a_claim_gets_its_results_where_all_is_to_get_them() {
    let all = HeaderOptions {
        results_for_all: true,
        ..options()
    };
    let edits = |options: &HeaderOptions| {
        report(Verdict::Unrelated, Action::Accept).edits(&message(&[]), options)
    };
    assert!(edits(&options()).is_empty());
    assert_eq!(
        edits(&all).insert,
        [(
            "Authentication-Results",
            "mx.shop.example; spf=none; dkim=none; dmarc=none header.from=evil.example".to_owned()
        )]
    );
    // A pass of one author is no pass of the other.
    let mut two = report(Verdict::Unrelated, Action::Accept);
    two.author = Some(Domain::parse("one.example").unwrap());
    two.evidence = Some(two_authors("one.example", "two.example"));
    assert_eq!(
        two.edits(&message(&[]), &all).insert,
        [(
            "Authentication-Results",
            "mx.shop.example; spf=pass smtp.mailfrom=one.example; dkim=none; \
             dmarc=fail header.from=two.example"
                .to_owned()
        )]
    );
    // Nobody asked: there is nothing to tell.
    let mut exempt = report(Verdict::Exempt, Action::Accept);
    exempt.evidence = None;
    assert!(exempt.edits(&message(&[]), &all).is_empty());
}

#[test]
fn genuine_mail_gets_a_verdict_and_no_spam_flag() {
    let edits = report(Verdict::Verified, Action::Accept).edits(&message(&[]), &options());
    let names: Vec<_> = edits.insert.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "Authentication-Results",
            "X-Amazon-Spoof-Verdict",
            "X-Amazon-Spoof-Explanation"
        ]
    );
}

#[test]
fn replies_are_the_documented_ones() {
    let reply = |verdict, action| {
        report(verdict, action)
            .reply(&ReplyTexts::default())
            .map(|reply| (reply.code, reply.status))
    };
    assert_eq!(
        reply(Verdict::Forged, Action::Reject),
        Some(("550", "5.7.26"))
    );
    assert_eq!(
        reply(Verdict::Lookalike, Action::Reject),
        Some(("550", "5.7.1"))
    );
    assert_eq!(
        reply(Verdict::Impersonation, Action::Reject),
        Some(("550", "5.7.1"))
    );
    assert_eq!(
        reply(Verdict::Suspicious, Action::Defer),
        Some(("451", "4.7.1"))
    );
    assert_eq!(reply(Verdict::Forged, Action::Tag), None);
    let mut dns = report(Verdict::Unverifiable, Action::Defer);
    dns.reasons = vec![Reason::DnsTemporaryFailure];
    assert_eq!(
        dns.reply(&ReplyTexts::default()).map(|reply| reply.status),
        Some("4.4.3")
    );
    assert_eq!(
        report(Verdict::Lookalike, Action::Reject)
            .reply(&ReplyTexts::default())
            .unwrap()
            .text,
        "Message refused by policy (lookalike): the sender presents itself as somebody it is not"
    );
}
