//! A store that is away, hangs, or is full: mail is judged as ever, what is lost is counted, and it comes back.

use super::*;

#[test]
fn a_store_that_is_away_changes_nothing_but_the_page() {
    let mut store = Store::start();
    store.kill();
    let one = Instance::start("mx1", &store);
    one.hand_in("AA1", FORGED);
    one.wait_for_writes("failed", 1.0);
    let page = one.page_when("a word about it", |page| {
        page.contains("The shared history can't be read now: ")
    });
    assert_eq!(rows(&page), [pair("AA1", "this one")]);
    store.restart();
    one.milter.wait_for_log("the shared history is written");
    one.hand_in("BB2", FORGED);
    one.wait_for_writes("stored", 1.0);
    one.page_when("no word about it", |page| {
        !page.contains("can't be read now")
    });

    store.kill();
    one.hand_in("CC3", FORGED);
    one.wait_for_writes("failed", 2.0);
    store.restart();
    one.hand_in("DD4", FORGED);
    one.wait_for_writes("stored", 2.0);
}

#[test]
fn nobody_waits_for_a_store_that_hangs() {
    let store = Store::start();
    let one = Instance::start("mx1", &store);
    one.hand_in("AA1", FORGED);
    one.wait_for_writes("stored", 1.0);
    store.hang();
    // More than may wait to be written.
    let begun = Instant::now();
    for number in 0..20 {
        one.hand_in(&format!("B{number}"), FORGED);
    }
    one.wait_for_writes("failed", 1.0);
    let page = one.page_when("a word about it", |page| page.contains("can't be read now"));
    assert_eq!(rows(&page).len(), 21);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    store.go_on();
    one.page_when("no word about it", |page| {
        !page.contains("can't be read now")
    });
    one.hand_in("CC3", FORGED);
    let stored = one.writes("stored");
    one.wait_for_writes("stored", stored.max(2.0));
}

#[test]
fn a_full_store_is_counted_and_said() {
    let store = Store::start();
    let one = Instance::start("mx1", &store);
    one.hand_in("AA1", FORGED);
    one.wait_for_writes("stored", 1.0);
    store.fill();
    one.hand_in("BB2", FORGED);
    one.wait_for_writes("failed", 1.0);
    one.milter.wait_for_log("error=\"OOM\"");
    store.empty();
    one.hand_in("CC3", FORGED);
    one.wait_for_writes("stored", 2.0);
}
