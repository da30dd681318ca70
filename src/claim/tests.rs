mod by_field;

use super::*;
use crate::brand::sample::contoso;
use std::sync::LazyLock;

static BRAND: LazyLock<Brand> = LazyLock::new(contoso);

fn claims_of(fields: &str) -> Claims {
    let message = Message::parse(format!("{fields}\n\n").as_bytes()).unwrap();
    claims(&message, &BRAND)
}

/// The claims in their order: a strong one with a mark, an excuse in brackets.
fn shown(claims: &Claims) -> String {
    let shown = claims.list.iter().map(|claim| {
        let mark = match claim.strength {
            Strength::Strong => "!",
            Strength::Weak => "",
        };
        let excuse = claim.excuse.map(|excuse| format!(" ({excuse:?})"));
        format!(
            "{}{mark}{}",
            claim.reason.word(),
            excuse.unwrap_or_default()
        )
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Compares all rows, so that one run says what is wrong with each.
fn check<'r>(rows: impl IntoIterator<Item = (&'r str, &'r str)>) {
    let wrong: Vec<String> = rows
        .into_iter()
        .map(|(fields, expected)| (fields, expected, shown(&claims_of(fields))))
        .filter(|(_, expected, found)| expected != found)
        .map(|(fields, expected, found)| format!("{fields}: {expected:?} wanted, {found:?} found"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_domain_claims_by_what_it_is_to_the_brand() {
    check([
        ("From: a@contoso.com", "official-author-domain!"),
        ("From: a@mail.contoso.co.uk", "official-author-domain!"),
        ("From: a@relay.contoso.com", "official-author-domain!"),
        ("From: a@contosoumbrellas.com", "owned-not-sender!"),
        ("From: a@pay-contoso.com", "owned-not-sender!"),
        ("From: a@secure-contoso.com", "lookalike-author-domain!"),
        ("From: a@contosofilters.com", "lookalike-author-domain"),
        ("From: a@raincoats.example", ""),
        ("From: a@cardbank.example", ""),
        ("From: a@contoso.test", ""),
        ("From: a@contosocloud.com", ""),
        ("From: a@post.example", ""),
        ("From: a@stranger.example", ""),
        (
            "From: a@stranger.example, b@contoso.com",
            "official-author-domain!",
        ),
        (
            "From: a@contosofilters.com, b@contoso.com",
            "official-author-domain!, lookalike-author-domain",
        ),
        (
            "From: a@contoso.com\nFrom: b@stranger.example",
            "official-author-domain!",
        ),
        // No domain says whose it is.
        ("From: Anna <contoso@[192.0.2.1]>", "malformed-from!"),
        ("From: Anna <contoso>", "display-name!"),
        ("From: Anna <anna@[192.0.2.1]>", ""),
        ("From: Anna <anna>", ""),
    ]);
}

#[test]
fn what_a_domain_is_to_the_brand() {
    let official = |user_content| Standing::Official { user_content };
    for (domain, wanted) in [
        ("contoso.com", official(false)),
        ("contoso.co.uk", official(false)),
        ("relay.contoso.com", official(true)),
        ("alerts.contosocloud.com", official(true)),
        ("contosoumbrellas.com", Standing::Owned),
        ("pay-contoso.com", Standing::Fake),
        ("raincoats.example", Standing::Subsidiary),
        ("cardbank.example", Standing::Partner),
        ("contoso.test", Standing::Partner),
        ("contosocloud.com", Standing::FreeMail),
        ("post.example", Standing::FreeMail),
        ("webpost.de", Standing::FreeMail),
        ("stranger.example", Standing::Foreign),
    ] {
        assert_eq!(
            standing(&Domain::parse(domain).unwrap(), &BRAND),
            wanted,
            "{domain}"
        );
    }
}

#[test]
fn more_than_one_author_and_a_malformed_from_are_noted() {
    use Reason::{MalformedFrom, MultipleFrom};
    for (fields, wanted) in [
        ("From: a@stranger.example", &[][..]),
        (
            "From: a@stranger.example, b@stranger.example",
            &[MultipleFrom],
        ),
        (
            "From: a@stranger.example, b@kestlow.example",
            &[MultipleFrom],
        ),
        (
            "From: a@stranger.example\nFrom: a@stranger.example",
            &[MultipleFrom, MalformedFrom],
        ),
        (
            "From: a@stranger.example\nFrom:",
            &[MultipleFrom, MalformedFrom],
        ),
        ("From: Anna", &[MalformedFrom]),
        ("From: Anna <a@stranger.example> x", &[MalformedFrom]),
    ] {
        let claims = claims_of(fields);
        let noted = [MultipleFrom, MalformedFrom];
        let found: Vec<Reason> = noted
            .into_iter()
            .filter(|one| claims.notes.contains(one))
            .collect();
        assert_eq!(found, wanted, "{fields}");
        assert_eq!(
            claims.several_from_fields,
            fields.contains("\nFrom"),
            "{fields}"
        );
    }
}

#[test]
fn strangers_in_front_push_no_one_out_who_says_that_he_is_the_brand() {
    let many = |domain: &str, count: usize| {
        let all = (0..count).map(|at| format!("a@h{at}.{domain}"));
        all.collect::<Vec<_>>().join(", ")
    };
    let most = MAX_AUTHOR_DOMAINS;
    for (strangers, branded, kept, cut) in [
        (most, 0, most, false),
        (most + 1, 0, most, true),
        (0, most, most, false),
        (0, most + 1, most, true),
        (most, 1, most + 1, false),
        (most, most, 2 * most, false),
        (most + 1, most + 1, 2 * most, true),
        (1, most, most + 1, false),
        (1, most + 1, most + 1, true),
    ] {
        let [strangers, branded] = [
            many("stranger.example", strangers),
            many("contoso.com", branded),
        ];
        let of = |first: &str, second: &str| {
            let both: Vec<&str> = [first, second]
                .into_iter()
                .filter(|all| !all.is_empty())
                .collect();
            claims_of(&format!("From: {}", both.join(", ")))
        };
        for claims in [of(&strangers, &branded), of(&branded, &strangers)] {
            assert_eq!(claims.author_domains.len(), kept, "{strangers} {branded}");
            let limits = if cut { vec![Limit::Authors] } else { vec![] };
            assert_eq!(claims.cut, limits, "{strangers} {branded}");
        }
    }
}

fn claim(reason: Reason, strength: Strength, excuse: Option<Excuse>) -> Claim {
    Claim {
        reason,
        strength,
        seen: format!("{strength:?} {excuse:?}"),
        excuse,
    }
}

#[test]
fn of_a_field_the_claim_is_kept_that_is_hardest_to_excuse() {
    let of = |(strength, excuse): (Strength, Option<Excuse>)| {
        claim(Reason::DisplayName, strength, excuse)
    };
    // From the mildest on.
    let all = [
        (Strength::Weak, Some(Excuse::GluedAddress)),
        (Strength::Weak, Some(Excuse::BrandViaList)),
        (Strength::Weak, None),
        (Strength::Strong, Some(Excuse::GluedAddress)),
        (Strength::Strong, Some(Excuse::PersonName)),
        (Strength::Strong, Some(Excuse::BrandViaList)),
        (Strength::Strong, None),
    ];
    for (first, known) in all.iter().enumerate() {
        for (second, new) in all.iter().enumerate() {
            let mut claims = Claims::default();
            claims.add(Reason::Subject, Strength::Weak, "x");
            claims.put(of(*known));
            claims.put(of(*new));
            let kept = all.get(first.max(second)).unwrap();
            assert_eq!(
                claims.list.get(1..),
                Some(&[of(*kept)][..]),
                "{known:?} {new:?}"
            );
        }
    }
    // Of two alike the first stays.
    let mut claims = Claims::default();
    claims.add(Reason::Subject, Strength::Weak, "first");
    claims.add(Reason::Subject, Strength::Weak, "second");
    assert_eq!(claims.list.len(), 1);
    assert_eq!(claims.list[0].seen, "first");
}

#[test]
fn what_claims_amount_to_together() {
    use Strength::{Strong, Weak};
    let of = |list: &[(Strength, Option<Excuse>)]| {
        let reasons = [Reason::DisplayName, Reason::LocalPart, Reason::Subject];
        let all = list.iter().zip(reasons);
        let list = all.map(|((strength, excuse), reason)| claim(reason, *strength, *excuse));
        Claims {
            list: list.collect(),
            ..Claims::default()
        }
    };
    let person = Some(Excuse::PersonName);
    for (list, strong, weak, if_excused) in [
        (&[][..], false, false, None),
        (&[(Strong, None)], true, false, Some(Strong)),
        (&[(Strong, person)], true, false, Some(Weak)),
        (&[(Weak, None)], false, true, Some(Weak)),
        (
            &[(Strong, person), (Strong, None)],
            true,
            false,
            Some(Strong),
        ),
        (&[(Weak, None), (Strong, None)], true, true, Some(Strong)),
    ] {
        let claims = of(list);
        assert_eq!(
            (claims.any_strong(), claims.any_weak()),
            (strong, weak),
            "{list:?}"
        );
        assert_eq!(claims.strongest_if_excused(), if_excused, "{list:?}");
        let strengths = claims.strong().map(|claim| claim.strength);
        assert!(
            strengths.eq(list
                .iter()
                .filter(|(one, _)| *one == Strong)
                .map(|_| Strong))
        );
        assert!(
            !claims.any_besides(Reason::DisplayName) || list.len() > 1,
            "{list:?}"
        );
        assert_eq!(
            claims.any_besides(Reason::Subject),
            !list.is_empty(),
            "{list:?}"
        );
        assert_eq!(claims.need_evidence(), strong, "{list:?}");
    }
    let list = Some(Excuse::BrandViaList);
    let mut claims = of(&[(Strong, None), (Strong, person), (Strong, list)]);
    claims.make_excused_weak();
    let strengths: Vec<Strength> = claims.list.iter().map(|claim| claim.strength).collect();
    assert_eq!(strengths, [Strong, Weak, Strong]);
}

#[test]
fn who_sent_it_has_to_be_proved_where_it_could_change_something() {
    for (fields, wanted) in [
        ("From: a@stranger.example", false),
        ("From: a@contoso.com", true),
        ("From: Contoso <a@stranger.example>", true),
        ("From: Rain Club <a@stranger.example>", false),
        ("From: a@contosofilters.com", false),
        ("From: a@contosofilters.com\nSubject: Contoso", true),
        ("From: a@stranger.example\nSubject: Contoso", false),
        (
            "From: Rain Club <a@stranger.example>\nSubject: Contoso",
            false,
        ),
        (
            "From: a@stranger.example\nSubject: Win a Contoso gift card",
            true,
        ),
        ("From: a@stranger.example\nSender: b@contoso.com", true),
    ] {
        assert_eq!(claims_of(fields).need_evidence(), wanted, "{fields}");
    }
    let first = |fields: &str| claims_of(fields).first_author().map(Domain::to_string);
    assert_eq!(
        first("From: a@b.example, c@contoso.com").as_deref(),
        Some("b.example")
    );
    assert_eq!(first("From: Anna"), None);
}

#[test]
fn a_person_is_shown_only_where_something_claims() {
    for (fields, wanted) in [
        ("From: Karl Weber <karl.weber@gmx.de>", false),
        (
            "From: Karl Weber <karl.weber@gmx.de>\nSubject: Contoso",
            true,
        ),
        ("From: Karl <karl.weber@gmx.de>\nSubject: Contoso", false),
    ] {
        assert_eq!(claims_of(fields).shows_person, wanted, "{fields}");
    }
}

#[test]
fn the_lists_that_a_message_names_are_kept() {
    assert_eq!(claims_of("From: a@stranger.example").lists.len(), 0);
    let fields = "From: a@stranger.example\nList-Id: <users.kestlow.example>";
    assert_eq!(claims_of(fields).lists.len(), 1);
}

#[test]
fn a_name_is_looked_for_at_the_end_of_a_long_one() {
    for (name, found) in [("Contoso", true), ("Kestlow", false)] {
        let fields = format!(
            "From: {} {name} <a@stranger.example>",
            "word ".repeat(1_000)
        );
        assert_eq!(!claims_of(&fields).list.is_empty(), found, "{name}");
    }
}
