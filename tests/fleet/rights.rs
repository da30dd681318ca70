//! Who may write what, and that no secret is told.

use super::*;
use support::milter::fresh_folder;

/// As docs/shared-history.md has it for a host of its own.
fn user(name: &str) -> String {
    format!(
        "user {name} on >secret-of-{name} resetchannels %W~amazon-spoof-milter:{name}:* %W~amazon-spoof-milter:instances \
         %R~amazon-spoof-milter:* -@all +xadd +expire +xrevrange +zadd +zremrangebyscore +zremrangebyrank +zrevrange"
    )
}

fn instance(name: &str, store: &Store, secret: &str) -> Instance {
    let file = fresh_folder().join("password");
    std::fs::write(&file, format!("{secret}\n")).expect("write");
    let history = format!(
        "store = \"{}\"\ninstance = \"{name}\"\nuser = \"mx1\"\npassword_file = \"{}\"\n",
        store.url(),
        file.display()
    );
    Instance::start_with(&history, "", "")
}

#[test]
fn an_instance_needs_no_right_but_to_its_own_keys() {
    let (one, two) = (user("mx1"), user("mx2"));
    let store = Store::start_with(&[&one, &two]);
    let right = instance("mx1", &store, "secret-of-mx1");
    right.hand_in("AA1", FORGED);
    right.wait_for_writes("stored", 1.0);
    let log = right.milter.wait_for_log("the shared history is written");
    assert!(!log.contains("secret-of-mx1"), "{log}");
    let page = right.page_when("itself", |page| page.contains("id=\"instances-title\""));
    assert!(!page.contains("can't be read"), "{page}");
    let names: Vec<String> = store.ask(&["ZRANGE", "amazon-spoof-milter:instances", "0", "-1"]);
    assert_eq!(names, ["mx1"]);
    let left: i64 = store.ask(&["TTL", "amazon-spoof-milter:mx1:decisions"]);
    assert!((86_000..=86_400).contains(&left), "it expires: {left}");

    // With the same rights as another one.
    let wrong = instance("mx2", &store, "secret-of-mx1");
    wrong.hand_in("BB2", FORGED);
    wrong.wait_for_writes("failed", 1.0);
    wrong.milter.wait_for_log("error=\"NOPERM\"");
    let length: i64 = store.ask(&["XLEN", "amazon-spoof-milter:mx2:decisions"]);
    assert_eq!(length, 0);

    let wrong = instance("mx1", &store, "not-the-secret");
    wrong.hand_in("CC3", FORGED);
    let log = wrong.milter.wait_for_log("can't be written");
    assert!(!log.contains("not-the-secret"), "{log}");
}

#[test]
fn tls_is_checked_by_the_named_authority() {
    let (store, ca) = Store::start_tls();
    let history = |ca: &str| format!("store = \"{}\"\ninstance = \"mx1\"\n{ca}", store.url());
    let right = Instance::start_with(
        &history(&format!("tls_ca = \"{}\"\n", ca.display())),
        "",
        "",
    );
    right.hand_in("AA1", FORGED);
    right.wait_for_writes("stored", 1.0);
    let page = right.page_when("itself", |page| page.contains("id=\"instances-title\""));
    assert!(!page.contains("can't be read"), "{page}");
    // The system's authorities don't know it.
    let stranger = Instance::start_with(&history(""), "", "");
    stranger.milter.wait_for_log("can't be written");
    stranger.hand_in("BB2", FORGED);
    thread::sleep(Duration::from_secs(1));
    assert_eq!(stranger.writes("stored"), 0.0);
}
