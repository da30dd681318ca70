mod bounds;

use super::*;
use crate::{brand::sample::contoso, mail::visible_text::Page};

const AUTHOR: &str = "kestlow.example";
pub(super) const WEAK: Option<Strength> = Some(Strength::Weak);
pub(super) const STRONG: Option<Strength> = Some(Strength::Strong);

fn links<'l>(all: impl IntoIterator<Item = (&'l str, &'l str)>) -> Vec<Link> {
    let mut page = Page::default();
    for (target, label) in all {
        page.add_link(target.to_owned(), label.to_owned());
    }
    page.links
}

/// A judge of mail by [`AUTHOR`].
pub(super) fn judge(brand: &Brand, claim: Option<Strength>) -> Judge<'_> {
    let author = Domain::parse(&format!("mail.{AUTHOR}")).unwrap();
    let sender = Sender {
        domains: vec![&author],
        ..Sender::from(claim)
    };
    Judge::new(brand, &sender, &Rc::default())
}

/// What is found, with "home" where it leads to the author.
pub(super) fn found(judge: &Judge<'_>) -> String {
    let found = judge.details.iter().map(|deceit| {
        let home = if deceit.leads_home { " home" } else { "" };
        format!("{}{home}", deceit.reason.word())
    });
    found.collect::<Vec<_>>().join(", ")
}

fn of_one(brand: &Brand, claim: Option<Strength>, target: &str, label: &str) -> String {
    let mut judge = judge(brand, claim);
    judge.links(&links([(target, label)]));
    assert!(!judge.is_cut(), "{target}");
    found(&judge)
}

const D: &str = "deceptive-link";
const HOME: &str = "deceptive-link home";

/// Where it leads; what is found where it shows the name, a host and an address of the brand's: below a weak
/// claim, and below a strong one.
type Row = (&'static str, [&'static str; 3], [&'static str; 3]);
const LEADS: &[Row] = &[
    ("https://stranger.example/", ["", D, D], [D, D, D]),
    ("https://192.0.2.1/", ["", D, D], [D, D, D]),
    ("https://contoso.test/", ["", D, D], [D, D, D]),
    ("https://contosocloud.com/", ["", D, D], [D, D, D]),
    (
        "https://kestlow.example/",
        ["", "", HOME],
        [HOME, HOME, HOME],
    ),
    (
        "https://www.kestlow.example/",
        ["", "", HOME],
        [HOME, HOME, HOME],
    ),
    (
        "https://list-manage.com/abc",
        ["", "", ""],
        [HOME, HOME, HOME],
    ),
    (
        "https://www.google.com/abc",
        ["", "", ""],
        [HOME, HOME, HOME],
    ),
    ("javascript:go()", ["", D, D], [D, D, D]),
    ("mailto:a@stranger.example", ["", "", D], ["", "", D]),
    ("mailto:a@kestlow.example", ["", "", HOME], ["", "", HOME]),
    // The brand's own, of its companies and of those who lawfully use its name.
    ("https://contoso.com/", ["", "", ""], ["", "", ""]),
    ("https://about.contoso.com/", ["", "", ""], ["", "", ""]),
    ("https://relay.contoso.com/", ["", "", ""], ["", "", ""]),
    ("https://contosoumbrellas.com/", ["", "", ""], ["", "", ""]),
    ("https://raincoats.example/", ["", "", ""], ["", "", ""]),
    ("https://cardbank.example/", ["", "", ""], ["", "", ""]),
    ("mailto:a@contoso.com", ["", "", ""], ["", "", ""]),
    ("tel:+18885550123", ["", "", ""], ["", "", ""]),
    ("#below", ["", "", ""], ["", "", ""]),
    // Where what it leads to leads on.
    (
        "https://contoso.com/?url=https://stranger.example/",
        ["", D, D],
        [D, D, D],
    ),
    (
        "https://contoso.com/?url=https://192.0.2.1/",
        ["", D, D],
        [D, D, D],
    ),
    (
        "https://contoso.com/https://stranger.example/",
        ["", D, D],
        [D, D, D],
    ),
    (
        "https://contoso.com/?url=https://contoso.co.uk/",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://contoso.com/?url=stranger.example",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://contoso.com/?ref=https://stranger.example/",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://www.google.com/?q=https://stranger.example/",
        ["", D, D],
        [D, D, D],
    ),
    (
        "https://www.google.com/?q=https://kestlow.example/",
        ["", "", HOME],
        [HOME, HOME, HOME],
    ),
    (
        "https://www.google.com/?q=https://contoso.com/",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://list-manage.com/?q=https://contoso.com/",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://www.google.com/?q=contoso.com",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://www.google.com/?any=https://contoso.com/",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://www.google.com/?any=contoso.com",
        ["", "", ""],
        [HOME, HOME, HOME],
    ),
    (
        "https://www.google.com/?ref=https://contoso.com/",
        ["", "", ""],
        [HOME, HOME, HOME],
    ),
    (
        "https://www.google.com/?https://contoso.com/",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://www.google.com/amp/s/contoso.com/",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://www.google.com/amp/s/stranger.example/",
        ["", D, D],
        [D, D, D],
    ),
    (
        "https://urldefense.com/v3/__https://contoso.com/__;",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://www.google.com/?q=https://contoso.com/?url=https://stranger.example/",
        ["", D, D],
        [D, D, D],
    ),
    (
        "https://www.google.com/?q=https://contoso.com/&url=https://stranger.example/",
        ["", D, D],
        [D, D, D],
    ),
    (
        "https://www.google.com/?q=https://kestlow.example/&url=https://stranger.example/",
        ["", D, D],
        [D, D, D],
    ),
    // Programs disagree where it leads.
    (
        "https://contoso.com\\@stranger.example/",
        [D, D, D],
        [D, D, D],
    ),
    ("https://contoso.com\\@192.0.2.1/", [D, D, D], [D, D, D]),
    (
        "https://cardbank.example\\@contoso.com/",
        ["", "", ""],
        ["", "", ""],
    ),
    (
        "https://kestlow.example\\@stranger.example/",
        ["", D, D],
        [D, D, D],
    ),
    (
        "https://kestlow.example\\@192.0.2.1/",
        ["", D, D],
        [D, D, D],
    ),
];

#[test]
fn a_link_deceives_by_what_it_shows_and_whom_it_leads_to() {
    let brand = contoso();
    for (target, weak, strong) in LEADS {
        let labels = ["Contoso", "contoso.com", "https://contoso.com/help"];
        for (claim, expected) in [(WEAK, weak), (STRONG, strong)] {
            let seen = labels.map(|label| of_one(&brand, claim, target, label));
            assert_eq!(seen, *expected, "{claim:?} {target}");
        }
    }
}

#[test]
fn what_a_label_shows_of_the_brand() {
    let brand = contoso();
    for (label, shows) in [
        ("", Shows::Nothing),
        ("click here", Shows::Nothing),
        ("stranger.example", Shows::Nothing),
        ("https://stranger.example/", Shows::Nothing),
        ("xn--bcher-kva.example", Shows::Nothing),
        ("raincoats.example", Shows::Nothing),
        ("contosocloud.com", Shows::Nothing),
        ("Rain Club", Shows::Nothing),
        ("Contoso", Shows::Name),
        ("C0ntoso", Shows::Name),
        ("All of it at Contoso today", Shows::Name),
        ("contoso-login.com", Shows::Name),
        ("secure-contoso.com", Shows::Name),
        ("pay-contoso.com", Shows::Name),
        ("https://pay-contoso.com/", Shows::Name),
        ("contoso.com", Shows::Host),
        ("at contoso.com", Shows::Host),
        ("at Contoso.com", Shows::Name),
        ("Contoso.com", Shows::Host),
        ("go and look at contoso.com", Shows::Name),
        ("contosoumbrellas.com", Shows::Host),
        ("c0ntoso.com", Shows::Host),
        ("xn--contos-1qf.com", Shows::Host),
        ("contoso.com.biz", Shows::Host),
        ("www.contoso.com", Shows::Address),
        ("contoso.com/help", Shows::Address),
        ("desk@contoso.com", Shows::Address),
        ("go and look at https://contoso.com/help", Shows::Address),
        (
            "https://stranger.example/ https://contoso.com/",
            Shows::Address,
        ),
        (
            "https://contoso.com/ https://stranger.example/",
            Shows::Address,
        ),
        ("contoso.com https://contoso.com/", Shows::Address),
        ("https://contoso.com/ contoso.com", Shows::Address),
    ] {
        assert_eq!(judge(&brand, WEAK).shows(label), shows, "{label}");
    }
}

#[test]
fn two_links_side_by_side_show_one_address() {
    let brand = contoso();
    let with = |before: &str, label: &str, behind: &str| {
        let mut links = links([("https://stranger.example/", label)]);
        links[0].around = Some((before.to_owned(), behind.to_owned()));
        let mut judge = judge(&brand, WEAK);
        judge.links(&links);
        let seen = judge.details.first().map(|deceit| deceit.seen.clone());
        seen.unwrap_or_default()
    };
    for (before, label, behind, seen) in [
        ("", "con", "toso.com", "contoso.com -> stranger.example"),
        ("con", "toso.com", "", "contoso.com -> stranger.example"),
        ("con", " toso ", ".com", "contoso.com -> stranger.example"),
        (
            "https://con",
            "toso",
            ".com/",
            "https://contoso.com/ -> stranger.example",
        ),
        // One of them does so by itself, and says where it leads.
        ("contoso.com", "/help", "", ""),
        ("", "help", "/contoso.com", ""),
        (
            "",
            "contoso.com",
            "/help",
            "contoso.com -> stranger.example",
        ),
        ("", "stran", "ger.example", ""),
        ("", "con", "toso", ""),
    ] {
        assert_eq!(
            with(before, label, behind),
            seen,
            "{before} {label} {behind}"
        );
    }
}

#[test]
fn what_stands_before_an_at_poses_as_the_host() {
    let brand = contoso();
    for (target, seen) in [
        (
            "https://contoso.com@stranger.example/",
            "contoso.com -> stranger.example",
        ),
        (
            "https://contoso@stranger.example/",
            "contoso -> stranger.example",
        ),
        (
            "https://C0nt%6Fso@stranger.example/",
            "C0ntoso -> stranger.example",
        ),
        ("https://contoso@192.0.2.1/", "contoso -> 192.0.2.1"),
        ("https://contoso@a b/", "contoso -> ?"),
        (
            "https://xn--contos-1qf.com@stranger.example/",
            "xn--contos-1qf.com -> stranger.example",
        ),
        ("https://contoso@contoso.com/", ""),
        ("https://anna@stranger.example/", ""),
        ("https://anna@contoso.com/", ""),
        ("https://stranger.example/contoso@", ""),
    ] {
        for label in ["here", "contoso.com"] {
            let mut judge = judge(&brand, WEAK);
            judge.links(&links([(target, label)]));
            let shown = match (seen, label) {
                ("", "contoso.com") if !target.ends_with("contoso.com/") => {
                    "contoso.com -> stranger.example"
                }
                _ => seen,
            };
            let found = judge.details.first().map(|deceit| &*deceit.seen);
            assert_eq!(found.unwrap_or_default(), shown, "{target} {label}");
        }
    }
}

#[test]
fn a_host_that_resembles_the_brands_counts_by_its_strength() {
    let brand = contoso();
    const L: &str = "lookalike-link";
    const BOTH: &str = "lookalike-link, deceptive-link";
    // Below a weak claim without and with the name in the label, and below a strong one without.
    for (target, plain, named, strong) in [
        ("https://contoso-login.com/", L, L, L),
        ("https://contosofilters.com/", "", L, L),
        ("https://contoso.helpdesk.example/", "", "", L),
        ("https://contoso.list-manage.com/", "", "", L),
        ("https://stranger.example/", "", "", ""),
        ("https://contoso.com/", "", "", ""),
        ("mailto:a@contoso-login.com", L, L, L),
        ("mailto:a@contosofilters.com", "", "", L),
        ("mailto:a@stranger.example", "", "", ""),
        ("mailto:a@stranger.example,b@contoso-login.com", L, L, L),
        (
            "https://stranger.example/?any=https://contoso-login.com/",
            L,
            L,
            L,
        ),
        (
            "https://stranger.example/?any=https://contosofilters.com/",
            "",
            "",
            L,
        ),
        ("https://stranger.example\\@contoso-login.com/", L, L, L),
    ] {
        assert_eq!(of_one(&brand, WEAK, target, "here"), plain, "{target}");
        assert_eq!(of_one(&brand, WEAK, target, "Contoso"), named, "{target}");
        assert_eq!(of_one(&brand, STRONG, target, "here"), strong, "{target}");
    }
    let label = "contoso.com";
    assert_eq!(
        of_one(&brand, WEAK, "https://contoso-login.com/", label),
        BOTH
    );
    let owner = Domain::parse("contoso-login.com").unwrap();
    let sender = Sender {
        domains: vec![&owner],
        ..Sender::default()
    };
    for target in [
        "https://shop.contoso-login.com/",
        "mailto:a@contoso-login.com",
        "https://contoso-login.com/?any=https://contoso-login.com/x",
    ] {
        let mut judge = Judge::new(&brand, &sender, &Rc::default());
        judge.links(&links([(target, "here")]));
        assert_eq!(found(&judge), "lookalike-link home", "{target}");
    }
}

#[test]
fn whether_links_lead_home_or_to_strangers() {
    let brand = contoso();
    for (target, home, strangers) in [
        ("https://kestlow.example/", true, false),
        ("https://www.kestlow.example/x", true, false),
        (
            "https://kestlow.example/?url=https://stranger.example/",
            true,
            false,
        ),
        ("https://contoso.com/", false, false),
        ("https://contosoumbrellas.com/", false, false),
        ("https://raincoats.example/", false, false),
        ("https://cardbank.example/", false, false),
        ("https://contoso.com\\@cardbank.example/", false, false),
        (
            "https://contoso.com/?url=https://stranger.example/",
            false,
            true,
        ),
        (
            "https://cardbank.example/?url=https://stranger.example/",
            false,
            true,
        ),
        ("https://contoso.com\\@192.0.2.1/", false, true),
        ("https://kestlow.example\\@192.0.2.1/", false, true),
        ("https://kestlow.example\\@stranger.example/", false, true),
        (
            "https://kestlow.example\\@www.kestlow.example/",
            true,
            false,
        ),
        ("https://stranger.example/", false, true),
        ("https://contoso.test/", false, true),
        ("https://contosocloud.com/", false, true),
        ("https://contoso-login.com/", false, true),
        ("https://192.0.2.1/", false, true),
        ("data:text/html,x", false, true),
        ("mailto:a@stranger.example", false, false),
        ("mailto:a@kestlow.example", false, false),
        ("tel:+18885550123", false, false),
    ] {
        for (before, also_home, also_strangers) in [
            ("#below", false, false),
            ("https://kestlow.example/a", true, false),
            ("https://stranger.example/a", false, true),
        ] {
            let mut judge = judge(&brand, None);
            judge.links(&links([(before, "here"), (target, "here")]));
            assert_eq!(judge.home, home || also_home, "{before} {target}");
            assert_eq!(
                judge.strangers,
                strangers || also_strangers,
                "{before} {target}"
            );
        }
    }
    let mut nobodys = Judge::new(&brand, &Sender::default(), &Rc::default());
    nobodys.links(&links([("https://kestlow.example/", "here")]));
    assert!(!nobodys.home && nobodys.strangers);
}
