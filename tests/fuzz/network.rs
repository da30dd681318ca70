//! The doors behind which something waits: the milter protocol, DNS answers and what stands in them,
//! signatures and seals whose keys DNS gives.
//!
//! All of it runs on one thread; a DNS server of its own answers what a target tells it to.

use amazon_spoof_milter::{
    authenticate::{AuthenticateSettings, Authenticator},
    clock::Clock,
    config::Config,
    mail::{
        domain::Domain,
        message::{Envelope, Header, Message, Path},
    },
    metrics::Metrics,
    milter,
    proof::{AuthResult, Evidence},
    session::Memory,
    shared::{Active, LongWork, Shared, UnderWay},
    verdict::Verdict,
    verify::Verifier,
};
use arc_swap::ArcSwap;
use indymilter::Listener;
use std::{
    io,
    net::UdpSocket,
    sync::{Arc, Mutex, OnceLock},
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    runtime::{Builder, Runtime},
};

/// An Ed25519 key that none of the seeds is signed with (RFC 8032 section 7.1, test 2).
const KEY: &[u8] = b"v=DKIM1; k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
}

pub(super) fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.with(|runtime| runtime.block_on(work))
}

/// What DNS answers to everything.
#[derive(Clone)]
enum Answer {
    /// One TXT record with this text.
    Txt(Vec<u8>),
    /// These octets behind the number and the question, whatever they are.
    Octets(Vec<u8>),
}

/// The server's answer, and its port.
static ANSWER: Mutex<Answer> = Mutex::new(Answer::Octets(Vec::new()));
static PORT: OnceLock<u16> = OnceLock::new();

fn answer(answer: Answer) {
    *ANSWER.lock().expect("the answer") = answer;
}

fn dns_port() -> u16 {
    *PORT.get_or_init(|| {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let port = socket.local_addr().expect("its address").port();
        std::thread::spawn(move || {
            let mut query = [0; 512];
            while let Ok((length, from)) = socket.recv_from(&mut query) {
                let answer = ANSWER.lock().expect("the answer").clone();
                let packet = response(&query[..length], &answer);
                let _ = socket.send_to(&packet, from);
            }
        });
        port
    })
}

/// RFC 1035 section 4.1: number, flags, counts, the question as it came, and the answer.
fn response(query: &[u8], answer: &Answer) -> Vec<u8> {
    let name = query.iter().skip(12).position(|&octet| octet == 0);
    let question = query
        .get(12..12 + name.unwrap_or_default() + 5)
        .unwrap_or_default();
    let number = query.get(..2).unwrap_or_default();
    match answer {
        Answer::Octets(octets) => [number, octets].concat(),
        Answer::Txt(text) => {
            let strings: Vec<u8> = text
                .chunks(255)
                .flat_map(|part| [&[u8::try_from(part.len()).unwrap_or(0)], part].concat())
                .collect();
            let length = u16::try_from(strings.len()).unwrap_or(u16::MAX);
            [
                number,
                &[0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0],
                question,
                &[0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0],
                &length.to_be_bytes(),
                &strings,
            ]
            .concat()
        }
    }
}

/// Everything that DNS and the signatures say about a message.
fn evidence(message: &Message) -> Evidence {
    let text = format!(
        "[dns]\nservers = [\"127.0.0.1:{}\"]\ntimeout = \"30ms\"\ndeadline = \"60ms\"\ncache_size = 0\n\
         [trust]\narc_sealers = [\"sealer.example\"]\n[policy]\npreset = \"enforce\"\n",
        dns_port()
    );
    let config = Config::from_toml(&text).expect("a configuration");
    wait(async {
        let verifier = Verifier::new(&config, Arc::new(())).expect("a verifier");
        let report = verifier.verify(message).await;
        assert_ne!(report.verdict, Verdict::Unrelated);
        report.evidence.expect("what was asked")
    })
}

/// A message from the brand with these fields in front.
fn claim(fields: Vec<Header>) -> Message {
    let mut message = Message {
        envelope: Envelope {
            client_ip: Some([203, 0, 113, 30].into()),
            helo: Some("mail.amazon.com".to_owned()),
            mail_from: Some(Path::parse("<x@amazon.com>")),
            ..Envelope::default()
        },
        headers: fields,
        body: b"hello\r\n".to_vec().into(),
        ..Message::default()
    };
    message.headers.push(super::field("From", b" a@amazon.com"));
    message
}

/// The value of a DKIM-Signature field. Its key is none of those that the seeds are signed with.
pub(crate) fn dkim(data: &[u8]) {
    answer(Answer::Txt(KEY.to_vec()));
    let found = evidence(&claim(vec![super::field("DKIM-Signature", data)]));
    let passed = |result: AuthResult| result == AuthResult::Pass;
    assert!(!found.dkim.iter().any(|signature| passed(signature.result)));
}

/// The fields of an ARC set, one a line.
pub(crate) fn arc(data: &[u8]) {
    answer(Answer::Txt(KEY.to_vec()));
    let fields = data.split(|&octet| octet == b'\n').take(64);
    let fields = fields.filter_map(|line| {
        let colon = line.iter().position(|&octet| octet == b':')?;
        let (name, value) = line.split_at(colon);
        Some(Header {
            name: name.to_vec(),
            value: value.get(1..)?.to_vec(),
        })
    });
    let found = evidence(&claim(fields.collect()));
    assert_ne!(found.arc.result, AuthResult::Pass);
    let author = Domain::parse("amazon.com").expect("a name");
    assert!(!found.is_vouched_for(&author));
}

/// A TXT record: SPF, DMARC and the key of a signature at once.
pub(crate) fn records(data: &[u8]) {
    answer(Answer::Txt(data.get(..4_000).unwrap_or(data).to_vec()));
    let signature = b" v=1; a=ed25519-sha256; c=relaxed/relaxed; d=amazon.com; s=s; h=from; \
        bh=YIYsvhKDkJEqRvCl8uVvQDvKMBxTKsAGZeY0nCMoE1M=; b=aGVsbG8=";
    let found = evidence(&claim(vec![super::field("DKIM-Signature", signature)]));
    let passed = |result: AuthResult| result == AuthResult::Pass;
    assert!(!found.dkim.iter().any(|signature| passed(signature.result)));
}

/// A DNS answer behind its number.
pub(crate) fn dns(data: &[u8]) {
    answer(Answer::Octets(data.get(..1_200).unwrap_or(data).to_vec()));
    evidence(&claim(Vec::new()));
}

/// What comes over the milter socket.
pub(crate) fn protocol(data: &[u8]) {
    thread_local! {
        static SHARED: Arc<Shared> = Arc::new(shared());
    }
    let shared = SHARED.with(Arc::clone);
    wait(async {
        let (mut client, stream) = duplex(1 << 14);
        let (reader, mut writer) = tokio::io::split(&mut client);
        let mut reader = reader.take(64 << 20);
        let served = indymilter::run(
            Once(Some(stream)),
            milter::callbacks(&shared),
            indymilter::Config::default(),
            // The conversation ends by itself.
            std::future::pending::<()>(),
        );
        let talk = async {
            let mut answers = Vec::new();
            let send = async {
                // It may have been closed on us already.
                let _ = writer.write_all(data).await;
                let _ = writer.shutdown().await;
            };
            let (_, read) = tokio::join!(send, reader.read_to_end(&mut answers));
            read.expect("its answers");
            answers
        };
        tokio::pin!(served, talk);
        let answers = tokio::select! {
            answers = &mut talk => answers,
            result = &mut served => panic!("it ended: {result:?}"),
        };
        check_answers(&answers);
        // Whatever was begun has ended with the connection.
        shared.under_way.none().await;
    });
}

/// Whole packets of known commands.
fn check_answers(mut answers: &[u8]) {
    while !answers.is_empty() {
        let (length, rest) = answers.split_first_chunk().expect("a length");
        let length = usize::try_from(u32::from_be_bytes(*length)).expect("a length");
        let (packet, rest) = rest.split_at_checked(length).expect("a whole packet");
        let command = packet.first().expect("a command");
        assert!(b"Oacrtdyshimqp".contains(command), "{packet:?}");
        answers = rest;
    }
}

/// A listener with one connection.
struct Once(Option<DuplexStream>);

impl Listener for Once {
    type Io = DuplexStream;

    fn poll_accept(&mut self, _: &mut Context<'_>) -> Poll<io::Result<DuplexStream>> {
        self.0
            .take()
            .map_or(Poll::Pending, |stream| Poll::Ready(Ok(stream)))
    }
}

/// A filter that leaves DNS alone, refuses what it can, and looks at everything.
pub(super) fn shared() -> Shared {
    let text = "[milter]\nmax_message_size = 4096\n[inspect]\nbody = \"all\"\nauthenticate = \"all\"\n\
        [policy]\npreset = \"enforce\"\n[headers]\nauthserv_id = \"mx.example\"\n\
        subject_prefix = \"[!]\"\nadvice_language = \"ja\"\n\
        [http]\ntry_messages = true\nshow_addresses = true\n";
    let config = Config::from_toml(text).expect("a configuration");
    let settings = AuthenticateSettings {
        dns: None,
        ..config.authenticate.clone()
    };
    let mut verifier = Verifier::new(&config, Arc::new(())).expect("a verifier");
    let authenticator = Authenticator::new(&settings, Arc::new(())).expect("no resolver");
    verifier.authenticator = Arc::new(authenticator);
    Shared {
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
    }
}
