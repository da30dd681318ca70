//! A message on the way that it takes through the milter.

use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use amazon_spoof_milter::config::{Config, Inspect};
use amazon_spoof_milter::mail::message::{Message, header_bytes};
use amazon_spoof_milter::session::{Limits, Memory, Session};
use amazon_spoof_milter::verify::Verifier;
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};

/// As much of a body as Postfix sends at once.
const CHUNK: usize = 65_535;

/// One configuration.
pub struct Judge {
    verifier: Verifier,
    limits: Limits,
    memory: Memory,
    runtime: Runtime,
}

impl Judge {
    pub fn new(inspect: Inspect, dns: SocketAddr) -> Self {
        let config = format!("[dns]\nservers = [\"{dns}\"]\n");
        let mut config = Config::from_toml(&config).expect("a configuration");
        config.inspect = inspect;
        let verifier = Verifier::new(&config, Arc::new(())).expect("a resolver");
        verifier.prepare();
        Self {
            limits: Limits::with_body(config.milter.max_message_size),
            memory: Memory::new(config.milter.max_memory),
            verifier,
            runtime: Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
        }
    }

    /// The processor time that this thread takes to judge a message.
    pub fn cost(&self, raw: &[u8]) -> Duration {
        let mut parts = split(raw);
        let body = std::mem::take(&mut parts.body).into_pieces().next();
        let mut chunks = Vec::new();
        for chunk in body.unwrap_or_default().chunks(CHUNK) {
            chunks.push(chunk.to_vec());
        }
        let begun = spent();
        black_box(self.judge(parts, chunks));
        spent() - begun
    }

    fn judge(&self, parts: Message, chunks: Vec<Vec<u8>>) -> usize {
        let mut session = Session::new(self.limits, &self.memory);
        session.connect("mx.worst.example".to_owned(), "203.0.113.30".parse().ok());
        session.helo("mx.worst.example".to_owned());
        session.mail("<sender@worst.example>", None);
        for header in parts.headers {
            session.header(header.name, header.value);
        }
        let verifier = &self.verifier;
        self.runtime.block_on(async {
            let mut begun = verifier.begin(session.message());
            let mut settled = !verifier.needs_body(&begun);
            for chunk in chunks {
                let wanted = verifier.wanted(&mut begun, session.message(), chunk.len());
                session.want(wanted);
                if settled || !session.body(chunk) {
                    break;
                }
                settled = verifier.settles(&mut begun, session.message());
            }
            let message = session.take_message();
            let report = match settled {
                true => verifier.conclude(begun, &message),
                false => verifier.finish(begun, &message).await,
            };
            report.edits(&message, &verifier.headers).insert.len()
        })
    }
}

/// The fields, which may hold any octets, and the body.
fn split(raw: &[u8]) -> Message {
    let message = Message::parse(raw).expect("a message");
    assert!(header_bytes(&message.headers).len() > 4);
    message
}

fn spent() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
