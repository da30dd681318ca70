use crate::brand::{sample::contoso, *};

fn domain(text: &str) -> Domain {
    Domain::parse(text).unwrap()
}

fn class(brand: &Brand, host: &str) -> Option<Class> {
    brand.entry(&domain(host)).map(|entry| entry.class)
}

#[test]
fn the_longest_match_decides_and_ends_at_a_label() {
    let brand = contoso();
    assert_eq!(class(&brand, "a.b.contosocloud.com"), Some(Class::Never));
    assert_eq!(
        class(&brand, "x.alerts.contosocloud.com"),
        Some(Class::UserContent)
    );
    assert_eq!(class(&brand, "mycontosocloud.com"), None);
    assert_eq!(class(&brand, "com"), None);
}

#[test]
fn the_organizational_domain_is_the_topmost_of_the_group() {
    let brand = contoso();
    let top = |host: &str| {
        brand
            .organizational(&domain(host))
            .map(|top| top.to_string())
    };
    assert_eq!(top("a.relay.contoso.com").as_deref(), Some("contoso.com"));
    assert_eq!(top("about.contoso.com").as_deref(), Some("contoso.com"));
    assert_eq!(
        top("x.alerts.contosocloud.com").as_deref(),
        Some("alerts.contosocloud.com")
    );
    assert_eq!(top("x.contosocloud.com"), None);
    assert_eq!(top("contosoumbrellas.com"), None);
    assert_eq!(top("stranger.example"), None);
}

#[test]
fn a_free_name_is_one_that_strangers_get_at_once() {
    let brand = contoso();
    for (host, free) in [
        ("post.example", true),
        ("webpost.com", true),
        ("joe.pages.example", true),
        ("x.shop.helpdesk.example", true),
        // The service itself writes from its own name.
        ("helpdesk.example", false),
        ("shop.example", false),
        ("joe.github.io", true),
        ("mail.joe.github.io", true),
        ("joe.co.uk", false),
        ("example", false),
    ] {
        assert_eq!(brand.is_free_name(&domain(host)), free, "{host}");
    }
}

#[test]
fn free_mail_is_exact_or_under_any_suffix() {
    let brand = contoso();
    for (host, free) in [
        ("post.example", true),
        ("vip.post.example", true),
        ("webpost.com", true),
        ("webpost.co.jp", true),
        ("mail.webpost.com", false),
        ("mypost.example", false),
    ] {
        assert_eq!(brand.is_free_mail(&domain(host)), free, "{host}");
    }
    assert!(brand.is_fake_address("CONTOSO-Security", &domain("post.example")));
    assert!(!brand.is_fake_address("security", &domain("post.example")));
    assert!(brand.is_lure("Konto") && brand.is_lure("l0gin") && !brand.is_lure("umbrella"));
}

#[test]
fn the_operator_has_the_last_word() {
    let brand = contoso().with_operator(
        &[domain("contoso-events.example")],
        &[domain("contoso.com")],
    );
    assert_eq!(
        class(&brand, "mail.contoso-events.example"),
        Some(Class::OfficialSender)
    );
    assert_eq!(class(&brand, "contoso.com"), Some(Class::Unrelated));
    assert_eq!(brand.entries().count(), contoso().entries().count() + 1);
}

#[test]
fn every_mistake_is_reported_at_once() {
    let broken = sample::CONTOSO
        .replace("2026-01-31", "soon")
        .replace("class = \"likely-sender\"", "class = \"trusted\"")
        .replace("name = \"relay.contoso.com\"", "name = \"relay..contoso\"")
        .replace("strength = \"weak\"", "strength = \"feeble\"");
    let errors: Vec<String> = Brand::from_toml(&broken)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        errors,
        [
            "updated: \"soon\"; expected a date, YYYY-MM-DD",
            "domain contoso.co.uk: \"trusted\"; expected class = one of official-sender, \
                 likely-sender, subsidiary, user-content, envelope-only, owned, unverified, never, \
                 partner, alias-relay, fake, unrelated",
            "domain relay..contoso: \"relay..contoso\"; expected a domain name (a label is empty, \
                 longer than 63 octets, or has a character that no host name has)",
            "name Rain Club: \"feeble\"; expected strength = strong, weak or none-alone",
        ]
    );
}

#[test]
fn an_unknown_key_is_a_mistake_with_its_line() {
    let broken = sample::CONTOSO.replace("typos = true", "typos = true\ncolour = \"red\"");
    let errors = Brand::from_toml(&broken).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].at, "line 9");
    assert!(errors[0].found.contains("colour"), "{errors:?}");
}

#[test]
fn the_day_of_the_list_is_told() {
    let brand = contoso();
    assert_eq!(brand.updated(), "2026-01-31");
    assert_eq!(brand.updated_at(), 1_769_817_600);
}

#[test]
fn the_day_of_a_source_may_be_a_month_or_a_year() {
    for (date, is_right) in [
        ("", true),
        ("2026", true),
        ("2026-02", true),
        ("2026-02-28", true),
        ("2026-02-29", false),
        ("2026-13", false),
        ("202", false),
        ("20260", false),
        ("soon", false),
        ("last week", false),
    ] {
        let file = sample::CONTOSO.replace(
            "description = \"Contoso's own list\"",
            &format!("description = \"Contoso's own list\"\ndate = \"{date}\""),
        );
        assert_eq!(Brand::from_toml(&file).is_ok(), is_right, "{date}");
    }
}

#[test]
fn a_word_has_at_most_so_many_letters() {
    let errors = |word: &str| {
        let file = sample::CONTOSO.replace("\"mountain\"", &format!("\"{word}\""));
        let errors = Brand::from_toml(&file).err().unwrap_or_default();
        errors.iter().map(ToString::to_string).collect::<String>()
    };
    assert_eq!(errors(&"x".repeat(24)), "");
    let long = "x".repeat(25);
    assert_eq!(
        errors(&long),
        format!("words: \"{long}\"; expected 1 to 24 letters")
    );
    assert_eq!(errors(""), "words: \"\"; expected 1 to 24 letters");
}

/// The longest listed label is `contosoumbrellas`, and no shorter one counts.
#[test]
fn a_listed_label_is_known_with_one_slip() {
    let brand = contoso();
    let listed = |label: &str| {
        let label: Vec<char> = fold_letters(label).collect();
        brand.misspelt(&label).map(|entry| entry.domain.to_string())
    };
    for (label, is_near) in [
        ("contosoumbrella", true),
        ("contosoumbrellsa", true),
        ("contosoumbrellazs", true),
        ("contosoumbrellasx", true),
        ("xcontosoumbrellas", true),
        ("contosoumbrellas", false),
        ("contosoumbrellasxx", false),
        ("contosoumbrell", false),
        ("", false),
    ] {
        let expected = is_near.then(|| "contosoumbrellas.com".to_owned());
        assert_eq!(listed(label), expected, "{label}");
    }
}
