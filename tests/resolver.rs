//! The resolver against a server that fails in every way: an answer, certainly none, or nobody knows.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use amazon_spoof_milter::config::Config;
use amazon_spoof_milter::dns::{Dns, DnsSettings, Failure, Keeping, Observer, Outcome, QueryType};
use amazon_spoof_milter::mail::domain::Domain;
use amazon_spoof_milter::mail::message::{Envelope, Message, Path as EnvelopePath};
use amazon_spoof_milter::verify::Verifier;
use support::dns::{Transport, ZoneServer, parse};
use tokio::runtime::Runtime;

const TIMEOUT: Duration = Duration::from_millis(200);

/// A resolver and a runtime for it; its sockets live no longer than that.
struct Client {
    runtime: Runtime,
    dns: Dns,
}

impl Client {
    fn new(servers: &[SocketAddr]) -> Self {
        let settings = DnsSettings {
            servers: servers.to_vec(),
            timeout: TIMEOUT,
            cache_size: 64,
        };
        Self {
            runtime: Runtime::new().expect("a runtime"),
            dns: Dns::new(&settings, Arc::new(())).expect("a resolver"),
        }
    }

    fn txt(&self, name: &str) -> Result<Vec<String>, Failure> {
        let records = self.runtime.block_on(self.dns.txt(name))?;
        let text = |record: Vec<u8>| String::from_utf8(record).expect("UTF-8");
        Ok(records.into_iter().map(text).collect())
    }

    fn is_temporary(&self, name: &str) -> bool {
        self.txt(name)
            .is_err_and(|failure| matches!(failure, Failure::Temporary(_)))
    }
}

fn served(zone: &str) -> (ZoneServer, Client) {
    let server = ZoneServer::start(zone);
    let client = Client::new(&[server.addr]);
    (server, client)
}

fn asked(server: &ZoneServer, name: &str) -> usize {
    let named = |name: &str| server.queries().iter().filter(|a| a.name == name).count();
    named(name)
}

#[test]
fn every_failure_is_temporary_and_none_is_remembered() {
    let (server, client) = served("");
    for fault in [
        "TIMEOUT", "SERVFAIL", "REFUSED", "LAME", "TRUNCATE", "CIRCLE",
    ] {
        server.set(&format!("a.example. {fault}"));
        assert!(
            client.is_temporary("a.example"),
            "{fault}: {:?}",
            client.txt("a.example")
        );
        // As soon as the server has an answer, it counts.
        server.set("a.example. 0 TXT \"here\"");
        assert_eq!(client.txt("a.example"), Ok(vec!["here".into()]), "{fault}");
    }
}

#[test]
fn an_answer_about_another_name_says_nothing() {
    let (_server, client) = served("a.example. WRONGNAME\na.example. TXT \"there\"");
    assert!(
        client.is_temporary("a.example"),
        "{:?}",
        client.txt("a.example")
    );
}

#[test]
fn a_server_that_is_away_is_temporary_until_it_is_back() {
    let (mut server, client) = served("a.example. 0 TXT \"here\"");
    assert!(client.txt("a.example").is_ok());
    server.stop();
    assert!(client.is_temporary("a.example"));
    server.restart().expect("the same port");
    assert_eq!(client.txt("a.example"), Ok(vec!["here".into()]));
}

#[test]
fn a_server_whose_port_is_closed_is_not_waited_for() {
    let mut server = ZoneServer::start("a.example. 0 TXT \"here\"");
    server.stop();
    let patient = |servers| {
        let settings = DnsSettings {
            servers,
            timeout: Duration::from_secs(60),
            cache_size: 64,
        };
        Client {
            runtime: Runtime::new().expect("a runtime"),
            dns: Dns::new(&settings, Arc::new(())).expect("a resolver"),
        }
    };
    let alive = ZoneServer::start("a.example. 0 TXT \"here\"");
    let started = Instant::now();
    assert!(patient(vec![server.addr]).is_temporary("a.example"));
    let both = patient(vec![server.addr, alive.addr]);
    for _ in 0..3 {
        assert_eq!(both.txt("a.example"), Ok(vec!["here".into()]));
    }
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[test]
fn it_is_certain_that_there_is_nothing() {
    let (_server, client) = served(
        "a.example. MX 5 mx.example.\n\
         alias.example. CNAME gone.example.\n",
    );
    assert_eq!(client.txt("a.example"), Err(Failure::NoData));
    assert_eq!(client.txt("b.example"), Err(Failure::NoSuchName));
    assert!(client.txt("alias.example").unwrap_err().is_certain());
    // What can't be a name has no records, either.
    for text in ["a..example", "", ".", &"a.".repeat(200)] {
        assert_eq!(client.txt(text), Err(Failure::NoSuchName), "{text}");
    }
    let exists = |name| {
        let name = Domain::parse(name).unwrap();
        client.runtime.block_on(client.dns.exists(&name))
    };
    assert_eq!(exists("a.example"), Ok(true));
    assert_eq!(exists("example"), Ok(true));
    assert_eq!(exists("b.example"), Ok(false));
}

#[test]
fn answers_are_kept_as_long_as_they_say() {
    let (server, client) = served(
        "example. 3600 SOA ns.example. mail.example. 1 3600 600 86400 1\n\
         short.example. 1 TXT \"old\"\n\
         long.example. 3600 TXT \"old\"\n\
         never.example. 0 TXT \"old\"\n",
    );
    for _ in 0..2 {
        for name in ["short.example", "long.example", "never.example"] {
            assert_eq!(client.txt(name), Ok(vec!["old".into()]));
        }
        // RFC 2308 section 5: the SOA's minimum says how long, here a second.
        assert_eq!(client.txt("none.example"), Err(Failure::NoSuchName));
    }
    assert_eq!(asked(&server, "short.example"), 1);
    assert_eq!(asked(&server, "none.example"), 1);
    assert_eq!(asked(&server, "never.example"), 2);
    server.set(
        "short.example. 1 TXT \"new\"\nlong.example. 3600 TXT \"new\"\nnone.example. TXT \"new\"",
    );
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(client.txt("short.example"), Ok(vec!["new".into()]));
    assert_eq!(client.txt("none.example"), Ok(vec!["new".into()]));
    assert_eq!(client.txt("long.example"), Ok(vec!["old".into()]));
}

#[test]
fn the_cache_is_bounded() {
    let zone: String = (0..300)
        .map(|n| format!("n{n}.example. 3600 TXT \"{n}\"\n"))
        .collect();
    let (server, client) = served(&zone);
    for n in 0..300 {
        assert!(client.txt(&format!("n{n}.example")).is_ok());
    }
    server.clear_queries();
    for n in 0..300 {
        assert!(client.txt(&format!("n{n}.example")).is_ok());
    }
    // 64 are kept; what exactly is left out is the cache's own matter.
    assert!(
        server.queries().len() >= 200,
        "{} asked again",
        server.queries().len()
    );
}

#[test]
fn strangers_names_push_nothing_out_that_is_known_of_others() {
    let zone: String = (0..300)
        .map(|n| format!("n{n}.example. 3600 TXT \"{n}\"\n"))
        .collect();
    let (server, client) = served(&format!("{zone}known.test. 3600 TXT \"x\"\n"));
    let client = Client {
        dns: client.dns.keeping(Keeping {
            names: Box::new(|name| name.ends_with("known.test")),
            stale: Duration::ZERO,
            patience: TIMEOUT,
        }),
        ..client
    };
    let names = ["known.test", "none.known.test"];
    assert!(client.txt(names[0]).is_ok() && client.txt(names[1]).is_err());
    for n in 0..300 {
        assert!(client.txt(&format!("n{n}.example")).is_ok());
        // They are in use, too.
        assert!(client.txt(&format!("n{}.example", n / 10)).is_ok());
    }
    assert!(client.txt(names[0]).is_ok() && client.txt(names[1]).is_err());
    for name in names {
        assert_eq!(asked(&server, name), 1, "{name}");
    }
}

#[test]
fn character_strings_are_joined_and_aliases_followed() {
    let (_server, client) = served(
        "a.example. TXT \"one\" \" two\" \"three\"\n\
         b.example. CNAME c.example.\n\
         c.example. CNAME a.example.\n\
         loop.example. CNAME loop.example.\n",
    );
    assert_eq!(client.txt("a.example"), Ok(vec!["one twothree".into()]));
    assert_eq!(client.txt("b.example"), Ok(vec!["one twothree".into()]));
    // Nothing is known of a name that leads nowhere.
    assert!(client.is_temporary("loop.example"));
}

#[test]
fn an_answer_of_a_thousand_octets_comes_by_udp_and_a_longer_one_by_tcp() {
    let text = |count: usize| {
        (0..count).fold(String::new(), |zone, n| {
            format!("{zone}a.example. TXT \"{n:03}{}\"\n", "x".repeat(197))
        })
    };
    let (server, client) = served(&text(5));
    assert_eq!(client.txt("a.example").unwrap().len(), 5);
    assert!(
        server
            .queries()
            .iter()
            .all(|asked| asked.transport == Transport::Udp)
    );
    let (server, client) = served(&text(150));
    assert_eq!(client.txt("a.example").unwrap().len(), 150);
    let transports: Vec<_> = server.queries().iter().map(|a| a.transport).collect();
    assert_eq!(transports, [Transport::Udp, Transport::Tcp]);
}

#[test]
fn names_are_asked_as_they_stand() {
    let (server, client) = served("a.example. TXT \"x\"");
    let _ = client.txt("single");
    let _ = client.txt("a.example");
    let _ = client.txt("b.example");
    let names: Vec<_> = server.queries().into_iter().map(|a| a.name).collect();
    assert_eq!(names, ["single", "a.example", "b.example"]);
}

#[test]
fn a_second_server_answers_where_the_first_is_silent() {
    let silent = ZoneServer::start("");
    silent.pause();
    let alive = ZoneServer::start("a.example. 0 TXT \"here\"");
    let client = Client::new(&[silent.addr, alive.addr]);
    let started = Instant::now();
    assert_eq!(client.txt("a.example"), Ok(vec!["here".into()]));
    // The next ones aren't sent to the silent server first: each would wait for it as long as the first did.
    for _ in 0..50 {
        assert!(client.txt("a.example").is_ok());
    }
    assert!(started.elapsed() < TIMEOUT * 40, "{:?}", started.elapsed());
}

#[test]
fn a_second_server_answers_where_the_first_fails() {
    for fault in ["SERVFAIL", "REFUSED", "LAME"] {
        for name in ["a.example", "b.example"] {
            let failing = ZoneServer::start(&format!("a.example. {fault}\nb.example. {fault}"));
            let alive = ZoneServer::start("a.example. 0 TXT \"here\"");
            for servers in [[failing.addr, alive.addr], [alive.addr, failing.addr]] {
                let client = Client::new(&servers);
                let expected = match name {
                    "a.example" => Ok(vec!["here".into()]),
                    _ => Err(Failure::NoSuchName),
                };
                assert_eq!(client.txt(name), expected, "{fault} {servers:?}");
            }
        }
    }
    let failing = ZoneServer::start("a.example. SERVFAIL");
    let refusing = ZoneServer::start("a.example. REFUSED");
    assert!(Client::new(&[failing.addr, refusing.addr]).is_temporary("a.example"));
}

/// The record, what it includes and the policy are known to the second server only.
#[test]
fn spf_asks_a_second_server_where_the_first_fails() {
    let alive = ZoneServer::start(
        "amazon.com. TXT \"v=spf1 include:spf1.amazon.com -all\"\n\
         spf1.amazon.com. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"\n\
         _dmarc.amazon.com. TXT \"v=DMARC1; p=quarantine\"\n",
    );
    for fault in ["SERVFAIL", "REFUSED"] {
        let names = ["amazon.com", "spf1.amazon.com", "_dmarc.amazon.com"];
        let broken: String = names.map(|name| format!("{name}. {fault}\n")).concat();
        let failing = ZoneServer::start(&broken);
        for [one, other] in [[failing.addr, alive.addr], [alive.addr, failing.addr]] {
            let text = format!("[dns]\nservers = [\"{one}\", \"{other}\"]\ntimeout = \"200ms\"\n");
            let config = Config::from_toml(&text).expect("a configuration");
            let mut message =
                Message::parse(b"From: <account@amazon.com>\r\n\r\n").expect("a message");
            message.envelope = Envelope {
                client_ip: Some("192.0.2.1".parse().expect("an address")),
                mail_from: Some(EnvelopePath::parse("x@amazon.com")),
                ..Envelope::default()
            };
            let report = Runtime::new().expect("a runtime").block_on(async {
                let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
                verifier.verify(&message).await
            });
            assert_eq!(
                report.reason_words(),
                "official-author-domain,spf-aligned,spf-only,dmarc-pass",
                "{fault}"
            );
        }
    }
}

/// The report on a message, and how long its lookups took.
fn judged(config: &str, from: &str, mail_from: &str) -> (String, Duration) {
    let config = Config::from_toml(config).expect("a configuration");
    let text = format!("From: Amazon <{from}>\r\n\r\n");
    let mut message = Message::parse(text.as_bytes()).expect("a message");
    message.envelope = Envelope {
        client_ip: Some("192.0.2.1".parse().expect("an address")),
        mail_from: Some(EnvelopePath::parse(mail_from)),
        ..Envelope::default()
    };
    Runtime::new().expect("a runtime").block_on(async {
        let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
        verifier.prepare();
        let started = Instant::now();
        let report = verifier.verify(&message).await;
        (
            format!("{} {}", report.verdict, report.reason_words()),
            started.elapsed(),
        )
    })
}

#[test]
fn a_strangers_slow_zone_is_not_waited_for_and_one_of_somebody_known_is() {
    let names = [
        "amazon.com",
        "synchronybank.com",
        "own.example",
        "allowed.example",
        // Of an allowed author's parent.
        "parent.example",
    ];
    let zone: String = names
        .iter()
        .map(|name| format!("{name}. DELAY 700\n{name}. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"\n"))
        .collect();
    let server = ZoneServer::start(&format!(
        "{zone}stranger.example. DELAY 60000\n_dmarc.parent.example. TXT \"v=DMARC1; p=none\"\n\
         amazon.de. MX 5 mx.amazon.de.\n"
    ));
    let config = format!(
        "[dns]\nservers = [\"{}\"]\ntimeout = \"40s\"\ndeadline = \"40s\"\nstranger_timeout = \"200ms\"\n[trust]\n\
         own_domains = [\"own.example\"]\nallow = [\"allowed.example\", \"sub.parent.example\"]\n",
        server.addr
    );
    let (verdict, took) = judged(&config, "x@stranger.example", "x@stranger.example");
    assert_eq!(verdict, "impersonation display-name,dns-temporary-failure");
    assert!(took < Duration::from_secs(20), "{took:?}");
    let (verdict, took) = judged(&config, "x@amazon.de", "x@stranger.example");
    assert_eq!(
        verdict,
        "forged official-author-domain,display-name,unauthenticated"
    );
    assert!(took < Duration::from_secs(20), "{took:?}");
    for (author, mail_from, expected) in [
        (
            "amazon.com",
            "amazon.com",
            "verified official-author-domain,display-name,spf-aligned,spf-only",
        ),
        (
            "synchronybank.com",
            "synchronybank.com",
            "unrelated display-name,spf-aligned,partner",
        ),
        (
            "own.example",
            "own.example",
            "exempt display-name,own-domain",
        ),
        (
            "allowed.example",
            "allowed.example",
            "exempt display-name,allowed",
        ),
        (
            "sub.parent.example",
            "parent.example",
            "exempt display-name,allowed",
        ),
    ] {
        let (verdict, _) = judged(&config, &format!("x@{author}"), &format!("x@{mail_from}"));
        assert_eq!(verdict, expected, "{author}");
    }
}

/// What an observer was told of TXT lookups.
#[derive(Default)]
struct Told(Mutex<Vec<(Outcome, bool, Duration)>>);

impl Observer for Told {
    fn looked_up(&self, query: QueryType, outcome: Outcome, cached: bool, duration: Duration) {
        if query == QueryType::Txt {
            self.0.lock().unwrap().push((outcome, cached, duration));
        }
    }
}

/// What SPF looks up is timed and counted, each lookup once.
#[test]
fn observers_are_told_of_the_lookups_of_spf() {
    let told = |zones: &[&str]| {
        let servers: Vec<_> = zones.iter().map(|zone| ZoneServer::start(zone)).collect();
        let addresses: Vec<_> = servers
            .iter()
            .map(|server| server.addr.to_string())
            .collect();
        let config = Config::from_toml(&format!("[dns]\nservers = {addresses:?}\n"));
        let mut message = Message::parse(b"From: <account@amazon.com>\r\n\r\n").unwrap();
        message.envelope = Envelope {
            client_ip: Some("192.0.2.1".parse().unwrap()),
            mail_from: Some(EnvelopePath::parse("x@shop.example")),
            ..Envelope::default()
        };
        let told = Arc::new(Told::default());
        let observer = Arc::clone(&told);
        Runtime::new().unwrap().block_on(async {
            let verifier = Verifier::new(&config.unwrap(), observer).unwrap();
            verifier.verify(&message).await;
        });
        let mut told = told.0.lock().unwrap();
        // DMARC, at two names, is asked at the same time.
        told.sort_by_key(|(_, _, duration)| *duration);
        std::mem::take(&mut *told)
    };
    let zone = "_dmarc.amazon.com. TXT \"v=DMARC1; p=none\"\n\
                shop.example. TXT \"v=spf1 include:slow.example -all\"\n\
                slow.example. TXT \"v=spf1 ip4:192.0.2.0/28 -all\"\n";
    let slow = told(&[&format!("slow.example. DELAY 400\n{zone}")]);
    let [.., (Outcome::Answer, false, duration)] = &slow[..] else {
        panic!("{slow:?}");
    };
    assert!(*duration >= Duration::from_millis(400), "{slow:?}");
    let failing = format!("slow.example. SERVFAIL\n{zone}");
    let outcomes = |zones: &[&str]| {
        let told = told(zones);
        let failed = told.iter().filter(|told| told.0 == Outcome::Failure);
        (failed.count(), told.len())
    };
    assert_eq!(outcomes(&[&failing]), (1, 4));
    assert_eq!(outcomes(&[&failing, zone]), (0, 4));
}

#[test]
fn a_server_may_have_an_ipv6_address() {
    let zone = parse("a.example. TXT \"here\"").unwrap();
    let server = ZoneServer::start_at("[::1]:0".parse().unwrap(), zone).expect("IPv6");
    assert_eq!(
        Client::new(&[server.addr]).txt("a.example"),
        Ok(vec!["here".into()])
    );
}

#[test]
fn a_lookup_of_many_is_one_question() {
    let (server, client) = served("a.example. A DELAY 50\na.example. A 192.0.2.1");
    client.runtime.block_on(async {
        let ask = || client.dns.any("a.example", QueryType::A);
        let (one, other) = tokio::join!(ask(), ask());
        assert!(one.is_ok() && other.is_ok());
    });
    assert_eq!(asked(&server, "a.example"), 1);
}
