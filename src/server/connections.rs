//! The connections that are open, and what each is doing: where there are too many, the idle make room
//! for the busy, and whoever stops in the middle of a command is let go.
//!
//! The milter library has a limit of its own, at which it stops to accept: idle connections would then
//! keep out all others.

use super::{packets::Packets, seats::Seats};
use crate::metrics::{
    Metrics,
    words::{ConnectionLimit, Fault, Words},
};
use futures_util::task::AtomicWaker;
use std::{
    collections::BTreeMap,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, MissedTickBehavior, interval},
};

/// Who has said something within this time is not idle: it may be about to begin a message, which Postfix
/// would put off where the connection is closed. A new one waits as long at the most; Postfix waits 30 s
/// (milter_connect_timeout).
const FRESH: Duration = Duration::from_secs(2);

/// How often it is looked who is late, and whether there is room by now.
const SWEEP: Duration = Duration::from_millis(250);

/// How often limits that were reached are logged.
const LOG: Duration = Duration::from_secs(1);

/// Bounds of connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Connections at a time.
    pub(super) max: usize,
    /// From the first octet of a command to its last, and from the connection to its first command.
    pub(super) command: Duration,
    /// Between commands.
    pub(super) idle: Duration,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Phase {
    /// It is within a command, or has said none yet.
    command: bool,
    /// A message is under way.
    message: bool,
}

/// All connections that are open.
pub(super) struct Connections {
    bounds: Bounds,
    metrics: Arc<Metrics>,
    began: Instant,
    next: AtomicU64,
    /// By their number, which grows: of two that have been idle for as long the older one comes first.
    open: Mutex<BTreeMap<u64, Arc<Entry>>>,
    /// Who has how many of them. Its tasks are woken where one ends, or where one that was fresh may be idle
    /// by now.
    seats: Seats,
    /// The program is ending, and with it every connection.
    stopping: AtomicBool,
    /// How often each bound was reached since it was last logged.
    reached: [AtomicUsize; ConnectionLimit::ALL.len()],
}

struct Entry {
    phase: AtomicU8,
    /// Milliseconds since the start at which the phase began or something was last said in it; the
    /// octets of one command don't move it.
    since: AtomicU64,
    closed: AtomicBool,
    /// The task that reads or writes.
    task: AtomicWaker,
}

impl Entry {
    fn phase(&self) -> Phase {
        let bits = self.phase.load(Ordering::Acquire);
        Phase {
            command: bits & 1 != 0,
            message: bits & 2 != 0,
        }
    }

    fn enter(&self, phase: Phase, now: u64) {
        let bits = u8::from(phase.command) | u8::from(phase.message) << 1;
        self.since.store(now, Ordering::Release);
        self.phase.store(bits, Ordering::Release);
    }

    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl Connections {
    pub(super) fn new(bounds: Bounds, workers: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        metrics.limit_connections(bounds.max);
        Arc::new(Self {
            bounds,
            metrics,
            began: Instant::now(),
            next: AtomicU64::new(0),
            open: Mutex::default(),
            seats: Seats::new(workers),
            stopping: AtomicBool::new(false),
            reached: Default::default(),
        })
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Entry>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether a worker may take in one more connection; an idle one is closed for it where need be. If not,
    /// the task is woken once it is worth asking again. `waits` is set for who has to.
    pub(super) fn poll_room(
        &self,
        place: usize,
        cx: &mut Context<'_>,
        waits: &mut bool,
    ) -> Poll<()> {
        let has_room = || self.open().len() < self.bounds.max || self.make_room();
        let may = has_room() || {
            self.seats.wait(place, cx);
            // What ended before it waited woke nobody.
            has_room()
        };
        if may {
            *waits = false;
            return Poll::Ready(());
        }
        if !std::mem::replace(waits, true) {
            self.count(ConnectionLimit::Connections);
        }
        Poll::Pending
    }

    /// Whether it is a worker's turn to accept a connection. If not, its task is woken once it is worth
    /// asking again.
    pub(super) fn poll_turn(&self, place: usize, cx: &mut Context<'_>) -> Poll<()> {
        self.seats.poll_turn(place, cx)
    }

    /// Closes the connection that has been idle for longest; false where none is. A message under way
    /// is never ended for another one.
    pub(super) fn make_room(&self) -> bool {
        let now = self.now();
        let longest = self
            .open()
            .values()
            .filter(|entry| !entry.phase().message && !entry.is_closed())
            .min_by_key(|entry| entry.since.load(Ordering::Acquire))
            .filter(|entry| silent(entry, now) >= FRESH)
            .cloned();
        if let Some(entry) = &longest {
            self.close(entry, ConnectionLimit::Connections);
        }
        longest.is_some()
    }

    fn close(&self, entry: &Entry, why: ConnectionLimit) {
        self.count(why);
        entry.close();
    }

    fn count(&self, why: ConnectionLimit) {
        self.metrics.limit_exceeded(why);
        if let Some(reached) = self.reached.get(why.position()) {
            reached.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Follows a new connection of a worker to its end.
    pub(super) fn watch<S>(self: &Arc<Self>, place: usize, stream: S) -> Watched<S> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let entry = Arc::new(Entry {
            phase: AtomicU8::new(0),
            since: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            task: AtomicWaker::new(),
        });
        let nothing_said = Phase {
            command: true,
            message: false,
        };
        entry.enter(nothing_said, self.now());
        self.open().insert(id, Arc::clone(&entry));
        self.seats.take(place);
        self.metrics.connection_opened();
        Watched {
            stream,
            id,
            place,
            entry,
            connections: Arc::clone(self),
            read: Packets::default(),
            written: Packets::default(),
            message: false,
            last: None,
            ended: false,
        }
    }

    /// From now on connections end because the program does.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
    }

    /// Lets go who takes too long, and logs what limits were reached. Never ends.
    pub(super) async fn sweep(self: Arc<Self>) {
        let mut ticks = interval(SWEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut logged = Instant::now();
        loop {
            ticks.tick().await;
            self.time_out();
            self.seats.sweep();
            if logged.elapsed() >= LOG {
                self.log();
                logged = Instant::now();
            }
        }
    }

    fn time_out(&self) {
        let now = self.now();
        let late: Vec<_> = self
            .open()
            .values()
            .filter_map(|entry| {
                let (bound, why) = match entry.phase().command {
                    true => (self.bounds.command, ConnectionLimit::Command),
                    false => (self.bounds.idle, ConnectionLimit::Idle),
                };
                let late = silent(entry, now) > bound && !entry.is_closed();
                late.then(|| (Arc::clone(entry), why))
            })
            .collect();
        for (entry, why) in late {
            self.close(&entry, why);
        }
    }

    /// One line a limit and second, however many connections ran into it.
    fn log(&self) {
        for why in ConnectionLimit::ALL {
            let Some(reached) = self.reached.get(why.position()) else {
                continue;
            };
            let times = reached.swap(0, Ordering::Relaxed);
            if times == 0 {
                continue;
            }
            let (limit, open) = (why.word(), self.open().len());
            match why {
                ConnectionLimit::Connections => tracing::warn!(
                    limit,
                    times,
                    open,
                    "a limit was reached: no room for a new connection; one without a message is closed for it, or it waits"
                ),
                ConnectionLimit::Command => tracing::warn!(
                    limit,
                    times,
                    open,
                    "a limit was reached: a client didn't end its command and is let go"
                ),
                ConnectionLimit::Idle => tracing::info!(
                    limit,
                    times,
                    open,
                    "a limit was reached: a client said nothing for too long and is let go"
                ),
            }
        }
    }
}

fn silent(entry: &Entry, now: u64) -> Duration {
    Duration::from_millis(now.saturating_sub(entry.since.load(Ordering::Acquire)))
}

/// A connection that is followed from its begin to its end.
pub(super) struct Watched<S> {
    stream: S,
    id: u64,
    /// Its worker.
    place: usize,
    entry: Arc<Entry>,
    connections: Arc<Connections>,
    read: Packets,
    written: Packets,
    /// Whether a message is under way.
    message: bool,
    /// The last whole command.
    last: Option<u8>,
    /// The client closed its side.
    ended: bool,
}

impl<S> Watched<S> {
    fn follow_read(&mut self, octets: &[u8]) {
        let began = self.read.within();
        let mut ended = false;
        let message = &mut self.message;
        let last = &mut self.last;
        self.read.follow(octets, |command| {
            ended = true;
            *last = Some(command);
            match command {
                b'M' => *message = true,
                b'A' | b'Q' | b'K' => *message = false,
                _ => {}
            }
        });
        // The octets of one command have one time, however slowly they drip.
        if !began || ended {
            self.enter_phase();
        }
    }

    fn follow_written(&mut self, octets: &[u8]) {
        let message = &mut self.message;
        self.written.follow(octets, |reply| {
            // Accept, discard, reject, tempfail, reply code: the message is over.
            if matches!(reply, b'a' | b'd' | b'r' | b't' | b'y') {
                *message = false;
            }
        });
        if !self.read.within() {
            self.enter_phase();
        }
    }

    fn enter_phase(&self) {
        let phase = Phase {
            command: self.read.within(),
            message: self.message,
        };
        self.entry.enter(phase, self.connections.now());
    }
}

impl<S> Watched<S> {
    /// No connection ends without a word: the library closes one whose command it can't read, and
    /// says so to nobody.
    fn say_how_it_ended(&self) {
        let quit = matches!(self.last, Some(b'Q' | b'K'));
        let stopping = self.connections.stopping.load(Ordering::Acquire);
        if self.entry.is_closed() {
            return;
        }
        if stopping {
            tracing::debug!("a connection ended since the filter stops");
            return;
        }
        if quit && !self.read.within() {
            tracing::debug!("the MTA ended a connection with QUIT");
            return;
        }
        let command = self
            .last
            .map_or('-', char::from)
            .escape_default()
            .to_string();
        match (self.ended, self.read.within()) {
            (true, false) => tracing::debug!(command, "the MTA closed a connection without QUIT"),
            (true, true) => {
                self.connections.metrics.protocol_error(Fault::Command);
                tracing::warn!(command, "a connection ended within a command of the MTA's");
            }
            (false, _) => {
                self.connections.metrics.protocol_error(Fault::Command);
                tracing::warn!(
                    command,
                    "a connection was closed since a command of the MTA's can't be read, or came out of turn"
                );
            }
        }
    }
}

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        self.say_how_it_ended();
        self.connections.open().remove(&self.id);
        self.connections.metrics.connection_closed();
        self.connections.seats.give_back(self.place);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.entry.task.register(cx.waker());
        if this.entry.is_closed() {
            // As if the client had closed.
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let result = Pin::new(&mut this.stream).poll_read(cx, buf);
        this.ended |= match &result {
            Poll::Ready(Ok(())) => buf.filled().len() == before && buf.remaining() > 0,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if let Some(octets) = buf.filled().get(before..)
            && !octets.is_empty()
        {
            this.follow_read(octets);
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.entry.task.register(cx.waker());
        if this.entry.is_closed() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let result = Pin::new(&mut this.stream).poll_write(cx, octets);
        this.ended |= matches!(&result, Poll::Ready(Err(_)));
        if let Poll::Ready(Ok(written)) = &result
            && let Some(octets) = octets.get(..*written)
        {
            this.follow_written(octets);
        }
        result
    }

    /// Waits where the client reads nothing.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.entry.task.register(cx.waker());
        if this.entry.is_closed() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let result = Pin::new(&mut this.stream).poll_flush(cx);
        this.ended |= matches!(&result, Poll::Ready(Err(_)));
        result
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.entry.task.register(cx.waker());
        if this.entry.is_closed() {
            // What is left would wait for the client, too.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}
