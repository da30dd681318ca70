//! A panic over one message ends with it. No message is known that causes one, so the callbacks run
//! here with a log that panics at chosen words and an observer of DNS that panics at every lookup.

use std::sync::Arc;
use std::time::Duration;

use amazon_spoof_milter::{
    clock::Clock,
    config::Config,
    dns::{Observer, Outcome, QueryType},
    metrics::Metrics,
    milter,
    session::Memory,
    shared::{Active, LongWork, Shared, UnderWay},
    verify::Verifier,
};
use arc_swap::ArcSwap;
use indymilter_test::{MacroStage, TestConnection};
use tokio::net::TcpListener;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::support::dns::ZoneServer;
use crate::support::samples::zone;
use crate::{CLIENT, FROM_A_FRIEND, FROM_AMAZON, Status, client, greet, verdict};

/// A log that panics at every line with one of these.
struct Bomb(&'static [&'static str]);

#[derive(Default)]
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

impl Subscriber for Bomb {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let hit = self.0.iter().any(|word| text.0.contains(word));
        assert!(!hit, "the log breaks at {}", text.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Panics at every lookup.
struct Breaks;

impl Observer for Breaks {
    fn looked_up(&self, _: QueryType, _: Outcome, _: bool, _: Duration) {
        panic!("the observer breaks");
    }
}

struct Inside {
    shared: Arc<Shared>,
    addr: std::net::SocketAddr,
    _dns: ZoneServer,
}

impl Inside {
    /// The callbacks in this process, on this thread.
    async fn start(on_internal_error: &str, observer: Arc<dyn Observer>) -> Self {
        let dns = ZoneServer::start(&zone());
        let text = format!(
            "[milter]\non_internal_error = \"{on_internal_error}\"\n[dns]\nservers = [\"{}\"]\n",
            dns.addr
        );
        let config = Config::from_toml(&text).expect("a configuration");
        let verifier = Verifier::new(&config, observer).expect("a verifier");
        let shared = Arc::new(Shared {
            mta_name: std::sync::OnceLock::new(),
            active: ArcSwap::from_pointee(Active { config, verifier }),
            metrics: Arc::new(Metrics::new().expect("metrics")),
            history: Arc::default(),
            fleet: None,
            under_way: UnderWay::default(),
            clock: Clock::default(),
            memory: Memory::new(1 << 20),
            long_work: LongWork::default(),
            readers: None,
            probe: "none".to_owned(),
            over_tcp: true,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        tokio::spawn(indymilter::run(
            listener,
            milter::callbacks(&shared),
            indymilter::Config::default(),
            std::future::pending::<()>(),
        ));
        Self {
            shared,
            addr,
            _dns: dns,
        }
    }

    fn counted(&self) -> usize {
        let text = self.shared.metrics.render();
        let series = "amazon_spoof_milter_protocol_errors_total{kind=\"internal\"} ";
        let line = text.lines().find_map(|line| line.strip_prefix(series));
        line.expect("the series").parse().expect("a number")
    }
}

/// A message with this queue id; the answer, and the verdict field where there is one.
async fn message(mta: &mut TestConnection, id: &str, from: &str) -> (Status, Option<String>) {
    // Of the brand itself: only a lookup can say that the client is not authorised.
    let status = mta.mail(["<bounces@amazon.com>"]).await.expect("MAIL");
    assert_eq!(status, Status::Continue);
    let status = mta.rcpt(["<someone@example.test>"]).await.expect("RCPT");
    assert_eq!(status, Status::Noreply);
    mta.macros(MacroStage::Eoh, [("i", id)])
        .await
        .expect("macros");
    let status = mta.header("From", format!(" {from}")).await;
    assert_eq!(status.expect("a header field"), Status::Noreply);
    let status = mta.eoh().await.expect("end of header");
    if status != Status::Continue {
        return (status, None);
    }
    let (edits, status) = mta.eom().await.expect("end of message");
    (status, verdict(&edits.actions))
}

#[tokio::test]
async fn a_panic_over_a_header_or_a_message_ends_with_it() {
    let _log = tracing::subscriber::set_default(Bomb(&["message=message queue_id=\"BAD"]));
    for (word, expected) in [("accept", Status::Accept), ("defer", tempfail())] {
        let inside = Inside::start(word, Arc::new(())).await;
        let mut mta = client().open_tcp(inside.addr).await.expect("a negotiation");
        greet(&mut mta, CLIENT).await;
        // Ordinary mail is judged by its header; a claim at its end.
        for (number, from) in [FROM_A_FRIEND, FROM_AMAZON].into_iter().enumerate() {
            let (status, said) = message(&mut mta, "BAD1", from).await;
            assert_eq!((status, said), (expected.clone(), None), "{from}");
            assert_eq!(inside.counted(), number + 1, "{from}");
        }
        // The next one on the same connection is judged as ever.
        let (status, said) = message(&mut mta, "GOOD1", FROM_AMAZON).await;
        assert_eq!(status, Status::Accept);
        assert!(said.is_some_and(|said| said.starts_with(" forged;")));
        inside.shared.under_way.none().await;
    }
}

#[tokio::test]
async fn a_panic_in_a_lookup_is_an_answer_that_did_not_come() {
    // The log is whole here, and then breaks where it tells of the lookup: within the judgement.
    for (bad, counted) in [
        (&[] as &'static [_], 0),
        (&["the lookups of a message failed"], 1),
    ] {
        let _log = tracing::subscriber::set_default(Bomb(bad));
        let inside = Inside::start("defer", Arc::new(Breaks)).await;
        let mut mta = client().open_tcp(inside.addr).await.expect("a negotiation");
        greet(&mut mta, CLIENT).await;
        let (status, said) = message(&mut mta, "Q1", FROM_AMAZON).await;
        assert_eq!(inside.counted(), counted);
        match counted {
            0 => {
                let said = said.expect("a verdict");
                assert!(said.starts_with(" unverifiable; action=tag;"), "{said}");
            }
            _ => assert_eq!((status, said), (tempfail(), None)),
        }
        // Others, on another connection.
        let mut other = client().open_tcp(inside.addr).await.expect("a negotiation");
        greet(&mut other, CLIENT).await;
        let (status, _) = message(&mut other, "Q2", FROM_A_FRIEND).await;
        assert_eq!(status, Status::Accept);
    }
}

fn tempfail() -> Status {
    Status::Tempfail { message: None }
}
