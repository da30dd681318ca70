//! What each page shows of all instances.

use super::*;

#[test]
fn each_page_shows_what_all_instances_decided() {
    let store = Store::start();
    let (one, two) = (
        Instance::start("mx1", &store),
        Instance::start("mx2", &store),
    );
    one.hand_in("AA1", FORGED);
    one.wait_for_writes("stored", 1.0);
    two.hand_in("BB2", LOOKALIKE);
    two.hand_in("CC3", ORDINARY);
    two.wait_for_writes("stored", 2.0);
    let page = two.page_when("both", |page| rows(page).len() == 2);
    assert_eq!(rows(&page), [pair("BB2", "this one"), pair("AA1", "mx1")]);
    let page = one.page_when("both", |page| rows(page).len() == 2);
    assert_eq!(rows(&page), [pair("BB2", "mx2"), pair("AA1", "this one")]);
    let rows_of = |query: &str| rows(&one.get(query));
    assert_eq!(rows_of("/?verdict=unrelated"), [pair("CC3", "mx2")]);
    assert_eq!(rows_of("/?q=MX2"), [pair("BB2", "mx2")]);
    let text = one.get("/decisions.txt");
    assert!(
        text.contains(" BB2 lookalike tag security-amazon.com lookalike-author-domain"),
        "{text}"
    );
    let line = text
        .lines()
        .find(|line| line.contains(" AA1 "))
        .expect("its own");
    assert!(line.ends_with(" mx1"), "{line}");

    // The other one's decision is explained as it was there.
    let (_, rest) = page.split_once("href=\"/decisions/mx2/").expect("a link");
    let id = rest.split('"').next().expect("an id");
    let decision = one.get(&format!("/decisions/mx2/{id}"));
    for part in [
        "Decided by",
        "security-amazon.com",
        "<th scope=\"row\">SPF</th>",
        "BB2",
        "decides alone",
    ] {
        assert!(decision.contains(part), "{part} is not in\n{decision}");
    }
    for nowhere in [
        "/decisions/mx2/0-0",
        "/decisions/mx9/1-1",
        "/decisions/mx2/%3Cb%3E",
    ] {
        assert_eq!(one.milter.get(nowhere).0, 404, "{nowhere}");
    }
}

#[test]
fn charts_and_the_table_of_instances_are_of_all() {
    let store = Store::start();
    let one = Instance::start("mx1", &store);
    one.hand_in("AA1", FORGED);
    one.hand_in("AA2", FORGED);
    one.wait_for_writes("stored", 2.0);
    // What it counted is written when it ends, too.
    let (code, log) = one.milter.stop();
    assert_eq!(code, Some(0), "{log}");
    let two = Instance::start_with(
        &format!("store = \"{}\"\ninstance = \"mx2\"\n", store.url()),
        "",
        "[policy]\npreset = \"enforce\"\n[brand]\nextra_unrelated = [\"amazonian.example\"]\n",
    );
    two.hand_in("BB1", FORGED);
    let page = two.page_when("three spoofs", |page| {
        page.contains(">3<span class=\"unit\"> in the last hour")
    });
    assert!(
        page.contains("Last hour: spoofs and doubtful mail: 3 in all"),
        "{page}"
    );
    let row = instance_row(&page, "mx1");
    assert_eq!(
        row.matches(">differs<").count(),
        2,
        "configuration and list: {row}"
    );
    assert!(row.contains("data-label=\"Spoofs in 1 h\">2<"), "{row}");
    assert!(
        instance_row(&page, "mx2").contains("data-label=\"Spoofs in 1 h\">1<"),
        "{page}"
    );

    // The same instance, started again: what it decided before is still there, and counted once.
    let three = Instance::start("mx1", &store);
    let page = three.page_when("both", |page| rows(page).len() == 3);
    assert!(
        page.contains("Last hour: spoofs and doubtful mail: 2 in all")
            || page.contains(": 3 in all"),
        "{page}"
    );
    assert_eq!(
        page.matches("data-label=\"Instance\">mx1").count(),
        3,
        "its row, and two of its decisions: {page}"
    );
    assert!(
        instance_row(&page, "mx1").contains("data-label=\"Spoofs in 1 h\">2<"),
        "{page}"
    );
}

#[test]
fn addresses_are_shown_where_both_sides_want_it() {
    let store = Store::start();
    let history = |name: &str| format!("store = \"{}\"\ninstance = \"{name}\"\n", store.url());
    let open = Instance::start_with(&history("open"), "show_addresses = true\n", "");
    let shut = Instance::start_with(&history("shut"), "", "");
    let shown = Instance::start_with(&history("shown"), "show_addresses = true\n", "");
    open.hand_in("AA1", FORGED);
    open.wait_for_writes("stored", 1.0);
    shut.hand_in("BB2", LOOKALIKE);
    shut.wait_for_writes("stored", 1.0);
    let page = shown.page_when("both", |page| rows(page).len() == 2);
    assert!(page.contains("shown as “<bdi>Amazon.com</bdi>”"), "{page}");
    assert!(
        !page.contains("<bdi>Service</bdi>"),
        "what wasn't written can't be shown: {page}"
    );
    let page = shut.page_when("both", |page| rows(page).len() == 2);
    assert!(!page.contains("Amazon.com</bdi>"), "{page}");
    let (_, rest) = page.split_once("href=\"/decisions/open/").expect("a link");
    let path = format!("/decisions/open/{}", rest.split('"').next().expect("an id"));
    assert!(!shut.get(&path).contains("account-update@"), "{path}");
    assert!(
        shown.get(&path).contains("account-update@amazon.com"),
        "{path}"
    );
    assert!(
        shown.get(&path).contains("bounce@bulk-sender.example"),
        "{path}"
    );
}
