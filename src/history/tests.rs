use super::*;
use crate::{
    brand::Strength,
    claim::Claim,
    proof::{AuthResult, Evidence, Signature},
    reason::Reason,
    verdict::policy::{Action, Decision},
    wants::Detail,
};
use std::time::UNIX_EPOCH;

fn report(verdict: Verdict, author: &str) -> Report {
    let signature = Signature {
        result: AuthResult::Fail,
        domain: None,
        selector: "s".repeat(1_000),
        fault: None,
    };
    Report {
        verdict,
        reasons: vec![Reason::DisplayName],
        decision: Decision {
            action: Action::Tag,
            applied: true,
            asked: Action::Tag,
            compromise: None,
            decided_by: None,
        },
        claims: vec![Claim {
            reason: Reason::DisplayName,
            strength: Strength::Strong,
            seen: "what the sender wrote".into(),
            excuse: None,
        }],
        author_addresses: vec!["a".repeat(1_000); 20],
        author_names: vec!["what the sender wrote".into()],
        author: Some(Domain::parse(author).unwrap()),
        list: None,
        evidence: Some(Evidence {
            dkim: vec![signature; 20],
            ..Evidence::default()
        }),
        content: vec![Detail {
            reason: Reason::DeceptiveLink,
            seen: "what the sender wrote".into(),
        }],
        limits: Vec::new(),
        explanation: String::new(),
        advice: String::new(),
        results_in_our_name: false,
        may_be_allowed: false,
    }
}

fn record(history: &History, verdict: Verdict, author: &str, addresses: bool) {
    let at = UNIX_EPOCH + Duration::from_secs(1_000_000);
    let report = report(verdict, author);
    history.record(
        at,
        &report,
        &Envelope::default(),
        Duration::from_millis(3),
        addresses,
    );
}

#[test]
fn what_a_sender_wrote_is_neither_kept_nor_long() {
    let history = History::default();
    record(&history, Verdict::Forged, "a.example", false);
    record(&history, Verdict::Forged, "a.example", true);
    let [shown, hidden] = &history.latest()[..] else {
        panic!("two decisions");
    };
    for decided in [shown, hidden] {
        let text = format!("{:?}", (&decided.report.claims, &decided.report.content));
        assert!(!text.contains("what the sender wrote"), "{text}");
        let signatures = &decided.report.evidence.as_ref().unwrap().dkim;
        assert_eq!(signatures.len(), 16);
        assert_eq!(signatures[0].selector.len(), 200);
    }
    assert!(hidden.report.author_addresses.is_empty() && hidden.report.author_names.is_empty());
    assert_eq!(shown.report.author_addresses, vec!["a".repeat(200); 8]);
    assert_eq!(shown.report.author_names, ["what the sender wrote"]);
}

#[test]
fn thousands_of_messages_leave_five_hundred_of_each_kind() {
    let history = History::default();
    for number in 0..2_000 {
        record(
            &history,
            Verdict::Impersonation,
            &format!("d{number}.example"),
            false,
        );
        record(&history, Verdict::Unrelated, "friend.example", false);
    }
    let numbers: Vec<u64> = history
        .latest()
        .iter()
        .map(|decided| decided.number)
        .collect();
    assert_eq!(
        (numbers.len(), numbers[0], numbers[499]),
        (500, 3_999, 3_001)
    );
    assert_eq!(
        history.others().len(),
        500,
        "ordinary mail drives nothing else out"
    );
    assert!(history.decision(3_999).is_some() && history.decision(2_000).is_none());
    assert_eq!(history.impersonators(usize::MAX).len(), 1_000);
}

#[test]
fn a_domain_may_be_allowed_where_each_of_its_messages_says_so() {
    let history = History::default();
    for (author, may_be_allowed) in [
        ("asks.example", true),
        ("asks.example", false),
        ("shop.example", true),
    ] {
        let report = Report {
            may_be_allowed,
            ..report(Verdict::Impersonation, author)
        };
        let envelope = Envelope::default();
        history.record(UNIX_EPOCH, &report, &envelope, Duration::ZERO, false);
    }
    let found: Vec<_> = history
        .impersonators(9)
        .into_iter()
        .map(|(domain, found)| (domain.to_string(), found.messages, found.may_be_allowed))
        .collect();
    assert_eq!(
        found,
        [
            ("asks.example".to_owned(), 2, false),
            ("shop.example".to_owned(), 1, true)
        ]
    );
}

#[test]
fn the_day_is_counted_by_verdict() {
    let history = History::default();
    for _ in 0..3 {
        record(&history, Verdict::Forged, "a.example", false);
    }
    record(&history, Verdict::Unrelated, "a.example", false);
    let lately = history.lately(UNIX_EPOCH + Duration::from_secs(1_000_120));
    assert_eq!(lately.day.len(), 1_440);
    assert_eq!(lately.day[1_437].of(Verdict::Forged), 3);
    assert_eq!(lately.day[1_437].all(), 4);
    assert_eq!(lately.day[1_439].all(), 0);
    let tomorrow = history.lately(UNIX_EPOCH + Duration::from_secs(1_000_000 + 86_400));
    assert!(tomorrow.day.iter().all(|minute| minute.all() == 0));
}

#[test]
fn dns_is_counted_by_outcome() {
    let history = History::default();
    let millis = Duration::from_millis;
    history.looked_up(QueryType::Txt, Outcome::Answer, false, millis(20));
    history.looked_up(QueryType::Txt, Outcome::Answer, true, millis(0));
    history.looked_up(QueryType::Txt, Outcome::Failure, false, millis(3_000));
    let lookups = history.lately(SystemTime::now()).lookups;
    assert_eq!((lookups.all, lookups.cached, lookups.failed), (3, 1, 1));
    let median = lookups.asked.within(0.5).unwrap();
    assert!(median >= millis(20) && median < millis(30), "{median:?}");
}
