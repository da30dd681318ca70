//! What is kept, and what becomes of it while nobody answers.

use super::*;
use std::sync::Mutex;

/// How it answers a name, which holds for a minute each.
#[derive(Clone)]
enum Says {
    Text(&'static str),
    Nothing,
    NoSuchName,
    Failing,
    /// Like the first, after so many seconds.
    Late(&'static str, u64),
    Panics,
}

const MINUTE: Duration = Duration::from_secs(60);

/// Answers every name as it was told to at last.
struct Scripted {
    says: Mutex<Says>,
    asked: AtomicU32,
}

impl Scripted {
    fn new(says: Says) -> Arc<Self> {
        Arc::new(Self {
            says: Mutex::new(says),
            asked: AtomicU32::new(0),
        })
    }

    fn say(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    /// How often it was asked since that was asked for.
    fn asked(&self) -> u32 {
        self.asked.swap(0, Ordering::Relaxed)
    }
}

impl Source for Scripted {
    fn ask<'a>(&'a self, _: &'a str, _: QueryType) -> BoxFuture<'a, Answer> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let says = self.says.lock().unwrap().clone();
        Box::pin(async move {
            if let Says::Late(_, seconds) = says {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
            }
            let records = match says {
                Says::Text(text) | Says::Late(text, _) => Ok(vec![Record::Txt(text.into())]),
                Says::Nothing => Err(Failure::NoData),
                Says::NoSuchName => Err(Failure::NoSuchName),
                Says::Failing => Err(Failure::Temporary("SERVFAIL".into())),
                Says::Panics => panic!("on purpose"),
            };
            Answer {
                records,
                cached: false,
                until: Some(Instant::now() + MINUTE),
            }
        })
    }

    fn answers_anew<'a>(&'a self, _: &'a str) -> BoxFuture<'a, bool> {
        let is_well = !matches!(*self.says.lock().unwrap(), Says::Failing);
        Box::pin(std::future::ready(is_well))
    }
}

/// What an observer was told.
#[derive(Default)]
struct Told {
    stale: AtomicU32,
    cached: AtomicU32,
    failed: AtomicU32,
}

impl Observer for Told {
    fn looked_up(&self, _: QueryType, outcome: Outcome, cached: bool, _: Duration) {
        self.cached.fetch_add(cached.into(), Ordering::Relaxed);
        let failed = outcome == Outcome::Failure;
        self.failed.fetch_add(failed.into(), Ordering::Relaxed);
    }

    fn gave_stale(&self, _: QueryType) {
        self.stale.fetch_add(1, Ordering::Relaxed);
    }
}

fn keeping(stale: Duration) -> Keeping {
    Keeping {
        names: Box::new(|name| name.ends_with("known.example")),
        stale,
        patience: Duration::from_secs(2),
    }
}

fn over(source: &Arc<Scripted>, stale: Duration) -> Dns {
    Dns::over(Arc::clone(source) as Arc<dyn Source>, Arc::new(())).keeping(keeping(stale))
}

async fn text(dns: &Dns, name: &str) -> Result<String, Failure> {
    let records = dns.txt(name).await?;
    Ok(String::from_utf8(records.concat()).unwrap())
}

fn is(text: &str) -> Result<String, Failure> {
    Ok(text.to_owned())
}

fn is_temporary(answer: &Result<String, Failure>) -> bool {
    matches!(answer, Err(Failure::Temporary(_)))
}

/// The answer, and whether it was one that had expired.
async fn or_stale(dns: &Dns) -> (Result<String, Failure>, bool) {
    let dns = dns.or_stale();
    let answer = text(&dns, "known.example").await;
    (answer, dns.gave_stale())
}

#[tokio::test(start_paused = true)]
async fn names_of_those_who_are_known_are_asked_for_once_in_their_time() {
    let source = Scripted::new(Says::Text("one"));
    let dns = over(&source, Duration::ZERO);
    for name in ["known.example", "Known.Example", "known.example."] {
        assert_eq!(text(&dns, name).await, is("one"));
    }
    assert_eq!(source.asked(), 1);
    for name in [
        "x.example",
        "x.example",
        "known.example..",
        "known.example..",
    ] {
        assert_eq!(text(&dns, name).await, is("one"));
    }
    // The last one is no name, and another one than it begins with.
    assert_eq!(source.asked(), 4);
    assert!(dns.any("known.example", QueryType::Mx).await.is_ok());
    assert_eq!(source.asked(), 1);
    tokio::time::advance(MINUTE).await;
    source.say(Says::Failing);
    assert!(is_temporary(&text(&dns, "known.example").await));
    source.say(Says::NoSuchName);
    for _ in 0..3 {
        let answer = text(&dns, "known.example").await;
        assert_eq!(answer, Err(Failure::NoSuchName));
    }
    assert_eq!(source.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_has_expired_is_given_where_a_lookup_fails_and_counted() {
    let (source, told) = (Scripted::new(Says::Text("old")), Arc::new(Told::default()));
    let observer = Arc::clone(&told) as Arc<dyn Observer>;
    let dns = Dns::over(Arc::clone(&source) as Arc<dyn Source>, observer);
    let dns = dns.keeping(keeping(10 * MINUTE));
    assert_eq!(or_stale(&dns).await, (is("old"), false));
    tokio::time::advance(MINUTE).await;
    source.say(Says::Failing);
    source.asked();
    assert_eq!(or_stale(&dns).await, (is("old"), true));
    // Nobody is asked again at once, and whoever wants what holds today gets nothing.
    assert_eq!(or_stale(&dns).await, (is("old"), true));
    assert_eq!(source.asked(), 1);
    assert!(is_temporary(&text(&dns, "known.example").await));
    assert_eq!(source.asked(), 1);
    let count = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
    assert_eq!(
        (count(&told.stale), count(&told.cached), count(&told.failed)),
        (2, 1, 3)
    );
    tokio::time::advance(10 * MINUTE).await;
    let (answer, gave) = or_stale(&dns).await;
    assert!(is_temporary(&answer) && !gave);
}

#[tokio::test(start_paused = true)]
async fn off_nothing_is_given_that_has_expired() {
    let source = Scripted::new(Says::Text("old"));
    let dns = over(&source, Duration::ZERO);
    assert_eq!(or_stale(&dns).await, (is("old"), false));
    tokio::time::advance(MINUTE).await;
    source.say(Says::Failing);
    for _ in 0..3 {
        let (answer, gave) = or_stale(&dns).await;
        assert!(is_temporary(&answer) && !gave);
    }
    assert_eq!(source.asked(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_answer_ends_it_whatever_it_says() {
    for (says, expected) in [
        (Says::Text("new"), is("new")),
        (Says::Nothing, Err(Failure::NoData)),
        (Says::NoSuchName, Err(Failure::NoSuchName)),
    ] {
        let source = Scripted::new(Says::Text("old"));
        let dns = over(&source, 10 * MINUTE);
        assert_eq!(or_stale(&dns).await, (is("old"), false));
        tokio::time::advance(MINUTE).await;
        source.say(says);
        assert_eq!(or_stale(&dns).await, (expected.clone(), false));
        source.say(Says::Failing);
        assert_eq!(or_stale(&dns).await, (expected.clone(), false));
        tokio::time::advance(MINUTE).await;
        let (answer, _) = or_stale(&dns).await;
        match expected {
            Ok(_) => assert_eq!(answer, expected),
            // It isn't said again that there is nothing.
            Err(_) => assert!(is_temporary(&answer), "{answer:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_isnt_waited_for_and_holds_when_it_comes() {
    let source = Scripted::new(Says::Text("old"));
    let dns = over(&source, 10 * MINUTE);
    assert_eq!(or_stale(&dns).await, (is("old"), false));
    tokio::time::advance(MINUTE).await;
    source.say(Says::Late("new", 5));
    let began = Instant::now();
    assert_eq!(or_stale(&dns).await, (is("old"), true));
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    assert_eq!(or_stale(&dns).await, (is("old"), true));
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(or_stale(&dns).await, (is("new"), false));
    // One that comes soon is the better one, and a resolver that breaks is none.
    tokio::time::advance(MINUTE).await;
    source.say(Says::Late("newer", 1));
    assert_eq!(or_stale(&dns).await, (is("newer"), false));
    tokio::time::advance(MINUTE).await;
    source.say(Says::Panics);
    assert_eq!(or_stale(&dns).await, (is("newer"), true));
}

#[tokio::test(start_paused = true)]
async fn while_our_own_dns_is_dead_nobody_is_asked_for_what_has_expired() {
    let source = Scripted::new(Says::Text("old"));
    let dns = over(&source, 10 * MINUTE).probing(vec!["known.example".into()]);
    assert_eq!(or_stale(&dns).await, (is("old"), false));
    tokio::time::advance(MINUTE).await;
    source.say(Says::Failing);
    for _ in 0..2 {
        dns.watch().await;
    }
    assert!(dns.is_dead());
    source.asked();
    assert_eq!(or_stale(&dns).await, (is("old"), true));
    assert!(is_temporary(&text(&dns, "known.example").await));
    assert_eq!(source.asked(), 0);
    // What was never asked for is asked for.
    assert!(is_temporary(&text(&dns, "new.known.example").await));
    assert_eq!(source.asked(), 1);
    source.say(Says::Text("new"));
    for _ in 0..2 {
        dns.watch().await;
    }
    assert_eq!(or_stale(&dns).await, (is("new"), false));
}

#[tokio::test(start_paused = true)]
async fn a_reload_takes_along_what_is_still_kept() {
    let source = Scripted::new(Says::Text("old"));
    let old = over(&source, Duration::ZERO);
    for name in ["known.example", "other.known.example"] {
        assert_eq!(text(&old, name).await, is("old"));
    }
    let other = Scripted::new(Says::Failing);
    let new = Dns::over(Arc::clone(&other) as Arc<dyn Source>, Arc::new(())).keeping(Keeping {
        names: Box::new(|name| name == "known.example"),
        ..keeping(MINUTE)
    });
    new.keep_from(&old);
    assert_eq!(text(&new, "known.example").await, is("old"));
    assert_eq!(other.asked(), 0);
    assert!(is_temporary(&text(&new, "other.known.example").await));
    // What it says from then on is its own.
    tokio::time::advance(MINUTE).await;
    assert_eq!(or_stale(&new).await, (is("old"), true));
}
