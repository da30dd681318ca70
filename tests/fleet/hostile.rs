//! A store into which somebody else wrote: wrong types, huge words, markup, lies, a stream without an end.

use super::*;

/// Kilobytes of memory that a process holds.
fn memory(instance: &Instance) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", instance.milter.id()))
        .expect("its status");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("VmRSS");
    line.split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .expect("a number")
}

fn key(instance: &str, stream: &str) -> String {
    format!("amazon-spoof-milter:{instance}:{stream}")
}

const MARKUP: &str = "<script>document.title='owned'</script><img src=x onerror=alert(1)>\u{202e}";

#[test]
fn what_somebody_else_wrote_harms_neither_page_nor_memory() {
    let store = Store::start();
    let one = Instance::start_with(
        &format!("store = \"{}\"\ninstance = \"mx1\"\n", store.url()),
        "show_addresses = true\n",
        "",
    );
    one.hand_in("AA1", FORGED);
    one.wait_for_writes("stored", 1.0);
    one.get("/");
    let before = memory(&one);

    let far = "99999999999999999999";
    let index = "amazon-spoof-milter:instances";
    for name in [
        "wrong-type",
        "huge",
        "markup",
        "endless",
        "liar",
        MARKUP,
        "a:b",
        "",
        &"x".repeat(70_000),
    ] {
        let _: i64 = store.ask(&["ZADD", index, "1", name]);
        // As young as the others, and as one whose clock is wrong.
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let _: i64 = store.ask(&["ZADD", index, &now.to_string(), name]);
    }
    for (stream, word) in [("decisions", "SET"), ("others", "LPUSH"), ("pulse", "SADD")] {
        let _: redis::Value = store.ask(&[word, &key("wrong-type", stream), "x"]);
    }
    let megabyte = "x".repeat(1 << 20);
    for stream in ["decisions", "others", "pulse"] {
        for _ in 0..8 {
            let words = [
                "XADD",
                &key("huge", stream),
                "*",
                "verdict",
                "forged",
                "action",
                "tag",
                "name",
                &megabyte,
            ];
            let _: String = store.ask(&words);
        }
    }
    let decisions = key("markup", "decisions");
    let _: String = store.ask(&[
        "XADD",
        &decisions,
        "*",
        "verdict",
        "forged",
        "action",
        "tag",
        "author",
        "amazon.com",
        "name",
        MARKUP,
        "address",
        MARKUP,
        "queue",
        MARKUP,
        "explanation",
        MARKUP,
        "advice",
        MARKUP,
        "sender",
        MARKUP,
        "reasons",
        "display-name,<b>,unheard-of",
        "proofs",
        "SPF pass <b>,DKIM <b> x,SPF fail a.example",
        "new-word",
        "x",
        "took",
        far,
        "at",
        far,
    ]);
    for nonsense in [["verdict", "<b>"], ["action", "tag"], ["\u{0}", "\u{0}"]] {
        let _: String = store.ask(&["XADD", &decisions, "*", nonsense[0], nonsense[1]]);
    }
    let version = format!("9.9{MARKUP}");
    let _: String = store.ask(&[
        "XADD",
        &key("liar", "pulse"),
        "*",
        "version",
        &version,
        "configuration",
        "zzz",
        "started",
        far,
        "forged",
        far,
        "at",
        far,
        "verified",
        "-1",
    ]);
    let _: String = store.ask(&[
        "XADD",
        &key("liar", "decisions"),
        "18446744073709551615-18446744073709551615",
        "verdict",
        "verified",
        "action",
        "accept",
    ]);
    let mut pipe = redis::pipe();
    for _ in 0..1_000 {
        pipe.cmd("XADD")
            .arg(key("endless", "pulse"))
            .arg("*")
            .arg("forged")
            .arg(1)
            .ignore();
    }
    for stream in ["decisions", "others"] {
        for _ in 0..1_000 {
            let words = ["verdict", "suspicious", "action", "tag", "queue", "E"];
            pipe.cmd("XADD")
                .arg(key("endless", stream))
                .arg("*")
                .arg(&words)
                .ignore();
        }
    }
    for _ in 0..endless() {
        pipe.query::<()>(&mut store.connect()).expect("entries");
    }

    // Which of the others' decisions are on the first page is their own choice.
    one.page_when("all of it", |page| {
        one.get("/?verdict=forged").contains("/decisions/markup/")
            && !page.contains("can't be read now")
    });
    let page = format!("{}{}", one.get("/"), one.get("/?verdict=forged"));
    let (_, markup) = page.split_once("href=\"/decisions/markup/").expect("a row");
    assert!(markup.contains("&lt;script&gt;document.title"), "{markup}");
    assert!(
        !page.contains("<script>d") && !page.contains("<img") && !page.contains('\u{202e}'),
        "{page}"
    );
    assert!(
        instance_row(&page, "wrong-type").contains("partly unreadable"),
        "{page}"
    );
    assert!(
        instance_row(&page, "huge").contains("partly unreadable"),
        "{page}"
    );
    assert!(
        rows(&one.get("/?q=AA1")) == [pair("AA1", "this one")],
        "what is its own is still there"
    );
    let (_, rest) = page
        .split_once("href=\"/decisions/markup/")
        .expect("a link");
    let decision = one.get(&format!(
        "/decisions/markup/{}",
        rest.split('"').next().unwrap()
    ));
    assert!(
        decision.contains("&lt;img src=x") && decision.contains(">a.example<"),
        "{decision}"
    );
    assert!(
        !decision.contains("<script>d")
            && !decision.contains("<img")
            && !decision.contains('\u{202e}')
    );
    for _ in 0..5 {
        thread::sleep(Duration::from_millis(2_100));
        one.get("/?verdict=all");
    }
    let grown = memory(&one).saturating_sub(before);
    println!(
        "{} entries; memory {before} kB, and {grown} kB more afterwards",
        3_000 * endless()
    );
    assert!(grown < 48 << 10, "{grown} kB more than {before}");
}

/// Thousands of entries in each stream of the instance that never ends.
fn endless() -> usize {
    match std::env::var("FLEET_ENDLESS") {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => 30,
    }
}
