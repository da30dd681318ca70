//! DNS is cut for ten minutes, and answers that have expired may stand in (`dns.stale`): what was proved is proved
//! on, and nothing is called forged by what DNS said once. In a clock of its own, so that it takes no time.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use amazon_spoof_milter::authenticate::Authenticator;
use amazon_spoof_milter::clock::Clock;
use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::dns::{Answer, Dns, Failure, QueryType, Record, Source};
use amazon_spoof_milter::mail::message::{Envelope, Message, Path};
use amazon_spoof_milter::verify::Verifier;
use futures_util::future::BoxFuture;
use support::sign::{ArcSigner, DkimSigner, Key};
use tokio::time::{Instant, sleep};

/// How long each answer holds.
const TTL: Duration = Duration::from_secs(60);

/// How long a resolver tries servers that are silent.
const GIVEN_UP: Duration = Duration::from_secs(6);

const BRANDS: &str = "192.0.2.1";
const STRANGERS: &str = "203.0.113.5";

/// TXT records, and whether anybody answers.
struct Zone {
    records: Mutex<HashMap<String, String>>,
    cut: Mutex<bool>,
}

impl Zone {
    fn new() -> Arc<Self> {
        let signer = |domain, selector| DkimSigner::new(domain, selector).key.txt();
        let records = [
            ("amazon.com", "v=spf1 include:spf1.amazon.com -all"),
            ("spf1.amazon.com", "v=spf1 ip4:192.0.2.0/28 -all"),
            ("_dmarc.amazon.com", "v=DMARC1; p=quarantine"),
            ("s1._domainkey.amazon.com", signer("amazon.com", "s1")),
            ("arc._domainkey.forward.example", Key::Rsa.txt()),
            ("own.example", "v=spf1 ip4:192.0.2.0/28 -all"),
            ("_dmarc.own.example", "v=DMARC1; p=reject"),
            ("shop.example", "v=spf1 ip4:203.0.113.0/24 -all"),
            ("_dmarc.shop.example", "v=DMARC1; p=reject"),
        ];
        let records = records.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Arc::new(Self {
            records: Mutex::new(records.into()),
            cut: Mutex::new(false),
        })
    }

    fn set(&self, name: &str, text: &str) {
        let mut records = self.records.lock().unwrap();
        records.insert(name.to_owned(), text.to_owned());
    }

    fn remove(&self, name: &str) {
        self.records.lock().unwrap().remove(name);
    }

    fn cut(&self, cut: bool) {
        *self.cut.lock().unwrap() = cut;
    }

    fn is_cut(&self) -> bool {
        *self.cut.lock().unwrap()
    }
}

impl Source for Zone {
    fn ask<'a>(&'a self, name: &'a str, query: QueryType) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            if self.is_cut() {
                sleep(GIVEN_UP).await;
                return Answer {
                    records: Err(Failure::Temporary("silence".into())),
                    cached: false,
                    until: None,
                };
            }
            let records = self.records.lock().unwrap();
            let text = records.get(name.trim_end_matches('.'));
            Answer {
                records: match (text, query) {
                    (Some(text), QueryType::Txt) => Ok(vec![Record::Txt(text.as_bytes().into())]),
                    (Some(_), _) => Err(Failure::NoData),
                    (None, _) => Err(Failure::NoSuchName),
                },
                cached: false,
                until: Some(Instant::now() + TTL),
            }
        })
    }

    fn answers_anew<'a>(&'a self, _: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            if self.is_cut() {
                sleep(Duration::from_secs(3)).await;
            }
            !self.is_cut()
        })
    }
}

/// The program around one zone.
struct Site {
    zone: Arc<Zone>,
    verifier: Verifier,
}

impl Site {
    /// Watches whether DNS is dead, as the program does.
    fn start(stale: &str) -> Arc<Self> {
        let config = format!(
            "[dns]\nstale = \"{stale}\"\n[trust]\nown_domains = [\"own.example\"]\n\
             arc_sealers = [\"forward.example\"]\n[policy]\npreset = \"enforce\"\n"
        );
        let config = Config::from_toml(&config).expect("a configuration");
        let zone = Zone::new();
        let dns = Dns::over(Arc::clone(&zone) as Arc<dyn Source>, Arc::new(()));
        let authenticator = Authenticator::over(&config.authenticate, Some(dns), Clock::default());
        let site = Arc::new(Self {
            zone,
            verifier: Verifier::over(&config, authenticator),
        });
        let watched = Arc::clone(&site);
        tokio::spawn(async move {
            loop {
                let pause = watched.verifier.dns().unwrap().watch().await;
                sleep(pause).await;
            }
        });
        site
    }

    /// The verdict on a message, with what it rests on, and how long that took.
    async fn judged(&self, mail: &Mail) -> (String, Duration) {
        let mut message = Message::parse(&mail.octets).expect("a message");
        message.envelope = Envelope {
            client_ip: Some(mail.client.parse().expect("an address")),
            helo: Some("mail.shop.example".to_owned()),
            mail_from: Some(Path::parse(mail.sender)),
            ..Envelope::default()
        };
        let began = Instant::now();
        let report = self.verifier.verify(&message).await;
        let action = report.decision.action.word();
        (format!("{} {action}", report.verdict), began.elapsed())
    }

    async fn verdict(&self, mail: &Mail) -> String {
        self.judged(mail).await.0
    }
}

/// One message.
struct Mail {
    client: &'static str,
    sender: &'static str,
    octets: Vec<u8>,
}

fn mail(client: &'static str, sender: &'static str, from: &str) -> Mail {
    let octets = format!(
        "From: {from}\r\nTo: joe@example.test\r\nSubject: x\r\n\
         Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@x.example>\r\n\r\nx\r\n"
    );
    Mail {
        client,
        sender,
        octets: octets.into_bytes(),
    }
}

impl Mail {
    fn signed(self, signer: &DkimSigner) -> Self {
        Self {
            octets: signer.sign(&self.octets),
            ..self
        }
    }
}

const FROM: &str = "<account@amazon.com>";

/// Mail that is genuine by its signature, by its sender, and from a domain of the operator's.
fn genuine() -> [(Mail, &'static str); 3] {
    let signer = DkimSigner::new("amazon.com", "s1");
    [
        (
            mail(STRANGERS, "x@shop.example", FROM).signed(&signer),
            "verified accept",
        ),
        (mail(BRANDS, "x@amazon.com", FROM), "verified accept"),
        (
            mail(BRANDS, "x@own.example", "Amazon <x@own.example>"),
            "exempt accept",
        ),
    ]
}

/// Spoofs that DNS is needed for to know them.
fn spoofs() -> [Mail; 3] {
    let other_key = DkimSigner {
        key: Key::Ed25519,
        ..DkimSigner::new("amazon.com", "s1")
    };
    let other_name = DkimSigner::new("amazon.com", "s2");
    [
        mail(STRANGERS, "x@amazon.com", FROM),
        mail(STRANGERS, "x@shop.example", FROM).signed(&other_key),
        mail(STRANGERS, "x@shop.example", FROM).signed(&other_name),
    ]
}

async fn all_is_well(site: &Site) {
    for (mail, right) in genuine() {
        assert_eq!(site.verdict(&mail).await, right);
    }
    for spoof in spoofs() {
        assert_eq!(site.verdict(&spoof).await, "forged reject");
    }
}

#[tokio::test(start_paused = true)]
async fn through_ten_minutes_without_dns_what_was_proved_is_proved_and_nothing_is_forged() {
    let site = Site::start("15m");
    all_is_well(&site).await;
    site.zone.cut(true);
    let began = Instant::now();
    let mut longest = Duration::ZERO;
    while began.elapsed() < Duration::from_secs(600) {
        for (mail, right) in genuine() {
            let (verdict, took) = site.judged(&mail).await;
            assert_eq!(verdict, right, "after {:?}", began.elapsed());
            longest = longest.max(took);
        }
        // They are put off as soon as nothing that is known disproves them.
        let fresh = began.elapsed() < TTL;
        for spoof in spoofs() {
            let verdict = site.verdict(&spoof).await;
            let is_right = verdict == "unverifiable defer" || fresh && verdict == "forged reject";
            assert!(is_right, "{verdict} after {:?}", began.elapsed());
        }
        // A name that lies needs no proof, and nothing that expired excuses it.
        let name = mail(STRANGERS, "x@shop.example", "Amazon <x@shop.example>");
        let verdict = site.verdict(&name).await;
        assert!(verdict.starts_with("impersonation "), "{verdict}");
        sleep(Duration::from_secs(20)).await;
    }
    assert!(longest <= Duration::from_secs(10), "{longest:?}");
    // As soon as it is known that DNS is dead nobody waits for it.
    let [(signed, _), ..] = genuine();
    let (verdict, took) = site.judged(&signed).await;
    assert_eq!(verdict, "verified accept");
    assert!(took < Duration::from_secs(3), "{took:?}");
    // Beyond its own time and the one that was set an answer is none.
    sleep(Duration::from_secs(6 * 60 + 10)).await;
    for (mail, _) in genuine() {
        assert_eq!(site.verdict(&mail).await, "unverifiable defer");
    }
    site.zone.cut(false);
    sleep(Duration::from_secs(60)).await;
    all_is_well(&site).await;
}

#[tokio::test(start_paused = true)]
async fn off_it_ends_with_the_time_of_the_answers() {
    let site = Site::start("0s");
    all_is_well(&site).await;
    site.zone.cut(true);
    sleep(TTL).await;
    for _ in 0..3 {
        for (mail, _) in genuine() {
            assert_eq!(site.verdict(&mail).await, "unverifiable defer");
        }
        for spoof in spoofs() {
            assert_eq!(site.verdict(&spoof).await, "unverifiable defer");
        }
        sleep(Duration::from_secs(60)).await;
    }
    site.zone.cut(false);
    sleep(Duration::from_secs(60)).await;
    all_is_well(&site).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_withdrawn_proves_nothing_even_when_dns_dies_afterwards() {
    const KEY: &str = "s1._domainkey.amazon.com";
    for (withdrawn, said) in [
        (Some("v=DKIM1; p="), "forged reject"),
        (Some(Key::Ed25519.txt()), "forged reject"),
        (None, "forged reject"),
    ] {
        let site = Site::start("1h");
        all_is_well(&site).await;
        match withdrawn {
            Some(text) => site.zone.set(KEY, text),
            None => site.zone.remove(KEY),
        }
        let [(signed, _), ..] = genuine();
        // It holds as long as DNS said.
        assert_eq!(site.verdict(&signed).await, "verified accept");
        sleep(TTL).await;
        assert_eq!(site.verdict(&signed).await, said, "{withdrawn:?}");
        site.zone.cut(true);
        sleep(TTL).await;
        // Who knows what holds today?
        assert_eq!(site.verdict(&signed).await, "unverifiable defer");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_came_since_is_not_disproved_by_the_one_before() {
    let site = Site::start("1h");
    all_is_well(&site).await;
    site.zone.cut(true);
    sleep(TTL).await;
    let rotated = DkimSigner {
        key: Key::Ed25519,
        ..DkimSigner::new("amazon.com", "s1")
    };
    let genuine = mail(STRANGERS, "x@shop.example", FROM).signed(&rotated);
    site.zone
        .set("s1._domainkey.amazon.com", Key::Ed25519.txt());
    assert_eq!(site.verdict(&genuine).await, "unverifiable defer");
    // A new server of the brand's.
    site.zone
        .set("spf1.amazon.com", "v=spf1 ip4:203.0.113.5 -all");
    let moved = mail(STRANGERS, "x@amazon.com", FROM);
    assert_eq!(site.verdict(&moved).await, "unverifiable defer");
    site.zone.cut(false);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(site.verdict(&genuine).await, "verified accept");
    assert_eq!(site.verdict(&moved).await, "verified accept");
}

#[tokio::test(start_paused = true)]
async fn a_sealer_whom_the_operator_names_is_believed_and_never_disproved() {
    const RESULTS: &str = "forward.example; dkim=pass header.d=amazon.com";
    let sealer = ArcSigner::new("1", "forward.example", "arc", RESULTS);
    let other_key = ArcSigner {
        key: Key::Rsa1024,
        ..sealer.clone()
    };
    let sealed = |signer: &ArcSigner| {
        let mail = mail(STRANGERS, "x@shop.example", FROM);
        let octets = [signer.fields(&mail.octets), mail.octets.clone()].concat();
        Mail { octets, ..mail }
    };
    let site = Site::start("1h");
    assert_eq!(site.verdict(&sealed(&sealer)).await, "verified accept");
    assert_eq!(site.verdict(&sealed(&other_key)).await, "forged reject");
    site.zone.cut(true);
    sleep(TTL).await;
    assert_eq!(site.verdict(&sealed(&sealer)).await, "verified accept");
    let verdict = site.verdict(&sealed(&other_key)).await;
    assert_eq!(verdict, "unverifiable defer");
}

#[tokio::test(start_paused = true)]
async fn a_changed_body_is_forged_whatever_the_key() {
    let site = Site::start("1h");
    all_is_well(&site).await;
    site.zone.cut(true);
    sleep(TTL).await;
    let [(mut changed, _), ..] = genuine();
    changed.octets.extend_from_slice(b"and more\r\n");
    assert_eq!(site.verdict(&changed).await, "forged reject");
}

#[tokio::test(start_paused = true)]
async fn strangers_names_are_never_stale() {
    let site = Site::start("1h");
    let stranger = mail(STRANGERS, "x@shop.example", "Anna Amazon <x@shop.example>");
    let before = site.verdict(&stranger).await;
    site.zone.cut(true);
    sleep(TTL).await;
    let after = site.verdict(&stranger).await;
    assert!(
        before != after && after.ends_with(" defer"),
        "{before}, {after}"
    );
}
