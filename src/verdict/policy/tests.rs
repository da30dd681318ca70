#![allow(clippy::unwrap_used)]

use crate::verdict::{QuotedText, policy::*};
use std::collections::BTreeSet;

fn judged(verdict: Verdict, reasons: &[Reason], accountable: bool) -> Judgement {
    Judgement {
        verdict,
        reasons: BTreeSet::from_iter(reasons.iter().copied()),
        author: None,
        accountable,
        list: None,
        named_list: NamedList::No,
        excused: false,
        quoted: QuotedText::Excused,
        silenced: false,
    }
}

fn action(preset: Preset, judgement: &Judgement) -> Action {
    let policy = Policy {
        preset,
        ..Policy::default()
    };
    policy.act(judgement, &Origin::default()).action
}

#[test]
fn presets_are_the_documented_table() {
    use Action::*;
    let rows = [
        (Verdict::Unrelated, &[][..], false, Accept, Accept),
        (Verdict::Exempt, &[], false, Accept, Accept),
        (Verdict::Verified, &[], true, Accept, Accept),
        (
            Verdict::Unverifiable,
            &[Reason::DnsTemporaryFailure],
            false,
            Tag,
            Defer,
        ),
        (
            Verdict::Unverifiable,
            &[Reason::AliasRelay],
            false,
            Tag,
            Tag,
        ),
        (Verdict::Suspicious, &[], false, Tag, Tag),
        (Verdict::Impersonation, &[], false, Tag, Quarantine),
        (Verdict::Impersonation, &[], true, Tag, Tag),
        (Verdict::Lookalike, &[], true, Tag, Reject),
        (Verdict::Forged, &[], false, Tag, Reject),
        (Verdict::Forged, &[Reason::ViaList], false, Tag, Reject),
    ];
    for (verdict, reasons, accountable, tag, enforce) in rows {
        let judgement = judged(verdict, reasons, accountable);
        assert_eq!(action(Preset::Tag, &judgement), tag, "tag {verdict}");
        assert_eq!(
            action(Preset::Enforce, &judgement),
            enforce,
            "enforce {verdict}"
        );
        assert_eq!(
            action(Preset::Monitor, &judgement),
            enforce,
            "monitor {verdict}"
        );
    }
}

#[test]
fn only_a_list_that_the_operator_names_spares_a_forgery_the_refusal() {
    let by_list = |reasons: &[Reason], named_list| {
        let judgement = Judgement {
            named_list,
            ..judged(Verdict::Forged, reasons, false)
        };
        action(Preset::Enforce, &judgement)
    };
    let via = [Reason::ViaList];
    assert_eq!(by_list(&via, NamedList::Proved), Action::Tag);
    assert_eq!(by_list(&via, NamedList::No), Action::Reject);
    // What is forged in another way than by the list's breaking its proof.
    assert_eq!(by_list(&[], NamedList::Proved), Action::Reject);
    // DNS may still say that the list brought it.
    let open = [Reason::DnsTemporaryFailure];
    assert_eq!(by_list(&open, NamedList::Open), Action::Defer);
    assert_eq!(by_list(&open, NamedList::No), Action::Reject);
}

#[test]
fn a_verdicts_own_action_goes_before_the_preset() {
    let policy = Policy {
        preset: Preset::Enforce,
        forged: Some(Action::Discard),
        ..Policy::default()
    };
    let judgement = judged(Verdict::Forged, &[Reason::ViaList], false);
    let decision = policy.act(&judgement, &Origin::default());
    assert_eq!(decision.action, Action::Discard);
    assert!(decision.applied);
}

fn to(addresses: &[&str]) -> Origin {
    let mut origin = Origin::default();
    origin.envelope.recipients = addresses.iter().map(|text| Path::parse(text)).collect();
    origin
}

fn enforcing(rules: Vec<Rule>) -> Policy {
    Policy {
        preset: Preset::Enforce,
        rules,
        ..Policy::default()
    }
}

fn rule(verdicts: &[Verdict], reasons: &[Reason], recipients: &[&str], action: Action) -> Rule {
    let mut named = Recipients::default();
    for recipient in recipients {
        named.add(recipient).unwrap();
    }
    Rule {
        verdicts: verdicts.iter().copied().collect(),
        reasons: reasons.iter().copied().collect(),
        recipients: named,
        action,
    }
}

#[test]
fn postmaster_and_abuse_are_reached_where_nobody_else_is_written_to() {
    let policy = Policy {
        suspicious: Some(Action::Defer),
        ..enforcing(Vec::new())
    };
    let act = |verdict, reasons: &[Reason], addresses: &[&str]| {
        let decision = policy.act(&judged(verdict, reasons, false), &to(addresses));
        (decision.action, decision.asked, decision.compromise)
    };
    let spared = |asked| (Action::Tag, asked, Some(Compromise::Reserved));
    let refused = (Action::Reject, Action::Reject, None);
    assert_eq!(
        act(
            Verdict::Forged,
            &[],
            &["abuse@shop.example", "Postmaster@shop.example"]
        ),
        spared(Action::Reject)
    );
    // Whoever adds postmaster to the recipients spares nobody the refusal.
    for both in [
        ["joe@shop.example", "postmaster@shop.example"],
        ["abuse@shop.example", "joe@shop.example"],
    ] {
        assert_eq!(act(Verdict::Forged, &[], &both), refused);
    }
    // Nor does one who hides the others beyond what is kept.
    let mut beyond = to(&["abuse@shop.example"]);
    beyond.unknown_recipients = true;
    let forged = judged(Verdict::Forged, &[], false);
    assert_eq!(policy.act(&forged, &beyond).action, Action::Reject);
    assert_eq!(
        act(Verdict::Impersonation, &[], &["abuse@shop.example"]),
        spared(Action::Quarantine)
    );
    // RFC 5321 section 4.5.1 has postmaster without a domain, too.
    assert_eq!(
        act(Verdict::Forged, &[], &["<Postmaster>"]),
        spared(Action::Reject)
    );
    // A defer that waiting can't help ends as a refusal; one that DNS is waited for doesn't.
    assert_eq!(
        act(Verdict::Suspicious, &[], &["abuse@shop.example"]),
        spared(Action::Defer)
    );
    let dns = [Reason::DnsTemporaryFailure];
    assert_eq!(
        act(Verdict::Unverifiable, &dns, &["abuse@shop.example"]),
        (Action::Defer, Action::Defer, None)
    );
    assert_eq!(act(Verdict::Forged, &[], &["joe@shop.example"]), refused);
}

#[test]
fn the_first_rule_that_matches_decides() {
    let policy = enforcing(vec![
        rule(
            &[],
            &[Reason::ReplyDiverted, Reason::KeyGone],
            &[],
            Action::Discard,
        ),
        rule(
            &[Verdict::Forged, Verdict::Lookalike],
            &[],
            &[],
            Action::Quarantine,
        ),
        rule(&[], &[], &[], Action::Tag),
    ]);
    let action = |verdict, reasons: &[Reason]| {
        policy
            .act(&judged(verdict, reasons, false), &Origin::default())
            .action
    };
    assert_eq!(action(Verdict::Forged, &[Reason::KeyGone]), Action::Discard);
    assert_eq!(
        action(Verdict::Forged, &[Reason::ViaList]),
        Action::Quarantine
    );
    assert_eq!(action(Verdict::Impersonation, &[]), Action::Tag);
    // No rule is about what is no spoof.
    assert_eq!(
        action(Verdict::Verified, &[Reason::KeyGone]),
        Action::Accept
    );
    assert_eq!(
        action(Verdict::Unrelated, &[Reason::ReplyDiverted]),
        Action::Accept
    );
    assert_eq!(action(Verdict::Exempt, &[]), Action::Accept);
}

#[test]
fn a_rule_goes_before_the_verdicts_own_action() {
    let policy = Policy {
        forged: Some(Action::Discard),
        ..enforcing(vec![rule(&[], &[Reason::ViaList], &[], Action::Accept)])
    };
    let action = |reasons: &[Reason]| {
        let judgement = judged(Verdict::Forged, reasons, false);
        policy.act(&judgement, &Origin::default()).action
    };
    assert_eq!(action(&[Reason::ViaList]), Action::Accept);
    assert_eq!(action(&[]), Action::Discard);
}

fn by_recipient() -> Policy {
    enforcing(vec![
        rule(
            &[],
            &[],
            &["pilot.example", "Joe@shop.example"],
            Action::Reject,
        ),
        rule(&[], &[], &["shop.example"], Action::Tag),
        rule(&[], &[], &["trap.example"], Action::Accept),
        rule(&[], &[], &["held.example"], Action::Quarantine),
    ])
}

type Decided = (Action, Action, Option<Compromise>, Option<usize>);

fn act(verdict: Verdict, addresses: &[&str]) -> Decided {
    let decision = by_recipient().act(&judged(verdict, &[], false), &to(addresses));
    (
        decision.action,
        decision.asked,
        decision.compromise,
        decision.decided_by,
    )
}

fn same(action: Action) -> Decided {
    (action, action, None, None)
}

#[test]
fn of_several_recipients_the_mildest_rule_applies() {
    let lookalike = |addresses: &[&str]| act(Verdict::Lookalike, addresses);
    let mildest = |action, asked, by: usize| (action, asked, Some(Compromise::Mildest), Some(by));
    assert_eq!(
        lookalike(&["a@pilot.example", "b@mail.pilot.example"]),
        same(Action::Reject)
    );
    assert_eq!(lookalike(&["joe@SHOP.example"]), same(Action::Reject));
    assert_eq!(
        lookalike(&["jane@shop.example", "jane@mx.shop.example"]),
        same(Action::Tag)
    );
    assert_eq!(
        lookalike(&["a@pilot.example", "a@held.example"]),
        mildest(Action::Quarantine, Action::Reject, 1)
    );
    // What is no spoof is delivered to all for the sake of one.
    assert_eq!(
        act(
            Verdict::Suspicious,
            &["a@pilot.example", "jane@shop.example"]
        ),
        mildest(Action::Tag, Action::Reject, 1)
    );
    // A domain that only ends in the same letters is another one, and the preset decides there.
    assert_eq!(lookalike(&["a@notheld.example"]), same(Action::Reject));
    // Nobody is known, as in a replay.
    assert_eq!(lookalike(&[]), same(Action::Reject));
}

#[test]
fn a_rule_that_delivers_a_spoof_has_to_be_every_recipients() {
    use Action::*;
    let void = |action, by: usize| (action, action, Some(Compromise::MildRuleVoid), Some(by));
    for (verdict, action) in [
        (Verdict::Forged, Reject),
        (Verdict::Lookalike, Reject),
        (Verdict::Impersonation, Quarantine),
    ] {
        let trapped = act(verdict, &["a@trap.example", "x@other.example"]);
        assert_eq!(trapped, void(action, 1));
        let tagged = act(verdict, &["x@other.example", "a@shop.example"]);
        assert_eq!(tagged, void(action, 0));
        let alone = act(verdict, &["a@trap.example", "b@trap.example"]);
        assert_eq!(alone, same(Accept));
    }
    // A harsher rule stands where a milder one beside it doesn't count.
    let held = act(Verdict::Forged, &["a@trap.example", "a@held.example"]);
    assert_eq!(held, void(Quarantine, 1));
    // Both are delivered to, and neither gets less of a warning than its rule asks for.
    let both = act(Verdict::Forged, &["a@trap.example", "a@shop.example"]);
    assert_eq!(both, void(Tag, 1));
    // Those beyond what is kept have no rule that is known.
    let mut beyond = to(&["a@trap.example"]);
    beyond.unknown_recipients = true;
    let forged = judged(Verdict::Forged, &[], false);
    assert_eq!(by_recipient().act(&forged, &beyond).action, Reject);
    // A rule that names no recipients is everybody's.
    let policy = enforcing(vec![rule(&[Verdict::Forged], &[], &[], Tag)]);
    assert_eq!(policy.act(&forged, &beyond).action, Tag);
}

#[test]
fn a_policy_that_never_holds_asks_for_no_quarantine() {
    assert!(!Policy::default().may_quarantine());
    let holding = Policy {
        rules: vec![rule(&[], &[], &[], Action::Quarantine)],
        ..Policy::default()
    };
    assert!(holding.may_quarantine() && enforcing(Vec::new()).may_quarantine());
}

#[test]
fn a_rule_that_can_never_decide_is_found() {
    let all = rule(&[], &[], &[], Action::Tag);
    let forged = rule(&[Verdict::Forged], &[], &[], Action::Tag);
    let both = rule(
        &[Verdict::Forged, Verdict::Lookalike],
        &[],
        &[],
        Action::Tag,
    );
    let list = rule(&[Verdict::Forged], &[Reason::ViaList], &[], Action::Tag);
    let shop = rule(&[], &[], &["shop.example"], Action::Tag);
    let joe = rule(&[], &[], &["joe@mail.shop.example"], Action::Tag);
    for (first, later) in [
        (&all, &forged),
        (&both, &forged),
        (&forged, &list),
        (&shop, &joe),
        (&all, &joe),
    ] {
        assert!(first.covers(later), "{first:?} {later:?}");
        assert!(!later.covers(first), "{later:?} {first:?}");
    }
    assert!(!forged.covers(&shop) && !shop.covers(&forged));
}

#[test]
fn nothing_forwarded_waits_for_a_proof() {
    let policy = Policy {
        unverifiable: Some(Action::Defer),
        ..Policy::default()
    };
    let act = |reasons: &[Reason]| {
        let judgement = judged(Verdict::Unverifiable, reasons, false);
        policy.act(&judgement, &Origin::default()).action
    };
    assert_eq!(act(&[Reason::Unauthenticated]), Action::Defer);
    assert_eq!(act(&[Reason::Forwarder]), Action::Tag);
}

#[test]
fn nothing_is_refused_to_a_gateway_of_our_own() {
    let origin = Origin {
        via_relay: true,
        ..Origin::default()
    };
    let policy = Policy {
        preset: Preset::Enforce,
        suspicious: Some(Action::Defer),
        impersonation: Some(Action::Quarantine),
        ..Policy::default()
    };
    let action = |verdict| policy.act(&judged(verdict, &[], false), &origin).action;
    assert_eq!(action(Verdict::Forged), Action::Tag);
    assert_eq!(action(Verdict::Suspicious), Action::Tag);
    assert_eq!(action(Verdict::Impersonation), Action::Quarantine);
}

#[test]
fn monitor_applies_nothing() {
    let policy = Policy {
        preset: Preset::Monitor,
        ..Policy::default()
    };
    let decision = policy.act(&judged(Verdict::Forged, &[], false), &Origin::default());
    assert_eq!(decision.action, Action::Reject);
    assert!(!decision.applied);
}

#[test]
fn what_dns_left_open_is_never_refused_for_good() {
    let open = judged(Verdict::Unverifiable, &[Reason::DnsTemporaryFailure], false);
    let settled = judged(Verdict::Unverifiable, &[Reason::AliasRelay], false);
    let listed = |named_list| Judgement {
        named_list,
        ..judged(Verdict::Forged, &[Reason::ViaList], false)
    };
    let silenced = Judgement {
        silenced: true,
        ..judged(Verdict::Impersonation, &[Reason::DisplayName], false)
    };
    let origin = Origin::default();
    let relayed = Origin {
        via_relay: true,
        ..Origin::default()
    };
    for harsh in [Action::Reject, Action::Discard] {
        let own = Policy {
            preset: Preset::Tag,
            unverifiable: Some(harsh),
            impersonation: Some(harsh),
            forged: Some(harsh),
            ..Policy::default()
        };
        let ruled = enforcing(vec![rule(&[Verdict::Unverifiable], &[], &[], harsh)]);
        let here = |policy: &Policy, judgement: &Judgement| policy.act(judgement, &origin).action;
        for policy in [&own, &ruled] {
            assert_eq!(here(policy, &open), Action::Defer, "{harsh}");
            assert_eq!(here(policy, &settled), harsh);
            assert_eq!(policy.act(&open, &relayed).action, Action::Tag, "{harsh}");
        }
        assert_eq!(here(&own, &silenced), Action::Defer);
        assert_eq!(here(&own, &listed(NamedList::Open)), Action::Defer);
        assert_eq!(here(&own, &listed(NamedList::No)), harsh);
    }
}

/// That a rule has to be every recipient's holds for spoofs alone.
#[test]
fn the_mildest_rule_counts_where_nobody_is_deceived_about_the_sender() {
    let decided = |verdict, second| {
        let policy = enforcing(vec![
            rule(&[], &[], &["ann@shop.example"], Action::Accept),
            rule(&[], &[], &["bob@shop.example"], second),
        ]);
        let both = to(&["ann@shop.example", "bob@shop.example"]);
        let decision = policy.act(&judged(verdict, &[], false), &both);
        (decision.action, decision.asked)
    };
    let suspicious = |second| decided(Verdict::Suspicious, second);
    assert_eq!(suspicious(Action::Tag), (Action::Accept, Action::Tag));
    assert_eq!(
        suspicious(Action::Quarantine),
        (Action::Accept, Action::Quarantine)
    );
    let forged = |second| decided(Verdict::Forged, second);
    assert_eq!(forged(Action::Tag), (Action::Tag, Action::Tag));
    assert_eq!(
        forged(Action::Quarantine),
        (Action::Quarantine, Action::Quarantine)
    );
}
