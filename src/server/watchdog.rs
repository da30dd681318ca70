//! Tells systemd that the program is alive, and only while messages really get through.
//!
//! A timer that says "alive" would go on saying it while no message moves. So a message of our own goes
//! the whole way: past the loop that accepts, through the library, the callbacks and the judgement, to
//! the answer. It asks DNS nothing: an outage, which passes, isn't taken for death.

use std::{
    hash::{BuildHasher, RandomState},
    io,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::mpsc,
    time::sleep,
};

/// Enough for a packet; what doesn't fit waits.
const BUFFER: usize = 4096;

/// The first word of a probe's client name.
const NAME: &str = "watchdog-";

/// What MTAs offer: protocol 6, all actions and options.
const OFFER: &[u8] = b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff";

/// Options by which a step is not answered: SMFIP_NR_MAIL, SMFIP_NR_EOH and SMFIP_NR_BODY of
/// libmilter/mfdef.h.
const NO_REPLY_TO_MAIL: u32 = 0x4000;
const NO_REPLY_TO_END_OF_HEADER: u32 = 0x4_0000;
const NO_REPLY_TO_BODY: u32 = 0x8_0000;

/// The client name by which the milter knows a probe, so that it counts as no message. Nobody outside
/// of this process can guess it.
pub(super) fn secret_name() -> String {
    let number = || RandomState::new().hash_one(NAME);
    format!("{NAME}{:016x}{:016x}", number(), number())
}

/// How often systemd wants to hear of us, where it does.
pub(super) fn wanted() -> Option<Duration> {
    let mut microseconds = 0;
    sd_notify::watchdog_enabled(false, &mut microseconds)
        .then(|| Duration::from_micros(microseconds))
}

/// Sends a probe to one worker after the other, and calls `alive` when all have answered. Where one does not
/// answer, nothing more is said, and systemd does what it is told to do then.
pub(super) async fn run(
    every: Duration,
    name: String,
    workers: Vec<mpsc::Sender<DuplexStream>>,
    alive: impl Fn(),
) {
    loop {
        let mut answered = true;
        for worker in &workers {
            let (ours, theirs) = duplex(BUFFER);
            if worker.send(theirs).await.is_err() {
                return;
            }
            if let Err(error) = probe(ours, &name).await {
                tracing::error!(%error, "the watchdog's own message was not answered");
                answered = false;
            }
        }
        if answered {
            alive();
        }
        // Four times within the term, so that a slow answer under load is no death.
        sleep(every / 4).await;
    }
}

/// One whole message; an error where it gets no answer.
async fn probe(mut stream: DuplexStream, name: &str) -> io::Result<()> {
    send(&mut stream, b'O', OFFER).await?;
    let (_, negotiated) = packet(&mut stream).await?;
    let options = negotiated
        .get(8..12)
        .and_then(|octets| octets.try_into().ok());
    let options = u32::from_be_bytes(options.unwrap_or_default());
    let is_answered = |no_reply: u32| options & no_reply == 0;
    send(&mut stream, b'C', &[name.as_bytes(), b"\0U"].concat()).await?;
    send(&mut stream, b'H', &[name.as_bytes(), b"\0"].concat()).await?;
    let fields: [&[u8]; 2] = [
        b"From\0 <watchdog@watchdog.invalid>\0",
        b"Subject\0 watchdog\0",
    ];
    send(&mut stream, b'M', b"<>\0").await?;
    if is_answered(NO_REPLY_TO_MAIL) && is_over(answer(&mut stream).await?) {
        return Ok(());
    }
    // Asked for or not, without a recipient the library takes no header.
    send(&mut stream, b'R', b"<watchdog@watchdog.invalid>\0").await?;
    for field in fields {
        send(&mut stream, b'L', field).await?;
    }
    send(&mut stream, b'N', b"").await?;
    let mut over = false;
    if is_answered(NO_REPLY_TO_END_OF_HEADER) {
        over = is_over(answer(&mut stream).await?);
    } else if is_answered(NO_REPLY_TO_BODY) {
        // The header is judged with the beginning of the body.
        send(&mut stream, b'B', b"watchdog\r\n").await?;
        over = is_over(answer(&mut stream).await?);
    }
    if !over {
        // Where every message is authenticated, its end would wait for DNS. The header is judged.
        send(&mut stream, b'A', b"").await?;
    }
    send(&mut stream, b'Q', b"").await
}

/// Whether an answer ends a message: accept, discard, reject, tempfail, a reply code.
fn is_over(answer: u8) -> bool {
    matches!(answer, b'a' | b'd' | b'r' | b't' | b'y')
}

async fn send(stream: &mut DuplexStream, command: u8, data: &[u8]) -> io::Result<()> {
    let length = u32::try_from(data.len() + 1).map_err(io::Error::other)?;
    let packet = [&length.to_be_bytes(), [command].as_slice(), data].concat();
    stream.write_all(&packet).await
}

/// The command of the next answer.
async fn answer(stream: &mut DuplexStream) -> io::Result<u8> {
    packet(stream).await.map(|(command, _)| command)
}

/// Command and data of the next packet.
async fn packet(stream: &mut DuplexStream) -> io::Result<(u8, Vec<u8>)> {
    let length = stream.read_u32().await?;
    let command = stream.read_u8().await?;
    let mut data = Vec::new();
    let rest = u64::from(length.saturating_sub(1));
    stream.take(rest).read_to_end(&mut data).await?;
    Ok((command, data))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    use tokio::time::timeout;

    const EVERY: Duration = Duration::from_millis(4);

    /// For what must come.
    const PATIENCE: Duration = Duration::from_secs(30);

    /// A watchdog whose connections come out here, and how often it said "alive".
    fn watchdog() -> (mpsc::Receiver<DuplexStream>, Arc<AtomicUsize>) {
        let (connect, connections) = mpsc::channel(1);
        let alive = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&alive);
        tokio::spawn(run(EVERY, secret_name(), vec![connect], move || {
            counted.fetch_add(1, Ordering::Relaxed);
        }));
        (connections, alive)
    }

    /// Answers the first commands of a connection, each by one octet, and returns it.
    async fn answer_with(mut stream: DuplexStream, answers: &[u8]) -> DuplexStream {
        let mut answers = answers.iter();
        let mut next = answers.next();
        while let Some(&with) = next {
            let command = answer(&mut stream).await.unwrap();
            if matches!(command, b'O' | b'M' | b'N') {
                send(&mut stream, with, b"").await.unwrap();
                next = answers.next();
            }
        }
        stream
    }

    #[tokio::test]
    async fn whole_dialogs_are_life() {
        let (mut connections, alive) = watchdog();
        let mut open = Vec::new();
        for answers in [b"Oca", b"Occ"] {
            let stream = connections.recv().await.unwrap();
            open.push(answer_with(stream, answers).await);
        }
        // The third begins once the second was told of.
        connections.recv().await.unwrap();
        assert_eq!(alive.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn an_answer_that_was_negotiated_away_is_not_waited_for() {
        let (mut connections, alive) = watchdog();
        let mut stream = connections.recv().await.unwrap();
        answer(&mut stream).await.unwrap();
        let without = b"\0\0\0\x06\0\0\0\0\0\0\x40\0";
        send(&mut stream, b'O', without).await.unwrap();
        while answer(&mut stream).await.unwrap() != b'N' {}
        send(&mut stream, b'a', b"").await.unwrap();
        connections.recv().await.unwrap();
        assert_eq!(alive.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn where_the_header_is_not_answered_the_beginning_of_the_body_is() {
        let (mut connections, alive) = watchdog();
        let mut stream = connections.recv().await.unwrap();
        answer(&mut stream).await.unwrap();
        let without = b"\0\0\0\x06\0\0\0\0\0\x04\x40\0";
        send(&mut stream, b'O', without).await.unwrap();
        while answer(&mut stream).await.unwrap() != b'B' {}
        assert_eq!(alive.load(Ordering::Relaxed), 0);
        send(&mut stream, b'c', b"").await.unwrap();
        connections.recv().await.unwrap();
        assert_eq!(alive.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_dialog_that_stands_still_is_none() {
        for answers in [b"".as_slice(), b"O", b"Oc"] {
            let (mut connections, alive) = watchdog();
            let stream = connections.recv().await.unwrap();
            let _still = answer_with(stream, answers).await;
            let next = timeout(EVERY * 25, connections.recv()).await;
            assert!(next.is_err());
            assert_eq!(alive.load(Ordering::Relaxed), 0, "{answers:?}");
        }
    }

    #[tokio::test]
    async fn where_one_worker_of_two_stands_still_there_is_no_life() {
        let (one, mut first) = mpsc::channel(1);
        let (other, mut second) = mpsc::channel(1);
        let (alive, mut told) = mpsc::unbounded_channel();
        tokio::spawn(run(EVERY, secret_name(), vec![one, other], move || {
            let _ = alive.send(());
        }));
        let _done = answer_with(first.recv().await.unwrap(), b"Oca").await;
        let still = timeout(PATIENCE, second.recv()).await.unwrap().unwrap();
        assert!(timeout(EVERY * 25, told.recv()).await.is_err());
        let _done = answer_with(still, b"Oca").await;
        assert_eq!(told.recv().await, Some(()));
    }

    #[test]
    fn no_two_names_are_the_same() {
        assert_ne!(secret_name(), secret_name());
    }
}
