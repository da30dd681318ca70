//! Lines on their way to whoever keeps the log. A reader who hangs must not stop mail: what he doesn't
//! take waits here up to a bound, and what exceeds that is counted and lost.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};
use tracing_subscriber::fmt::MakeWriter;

/// Octets that may wait. At some 250 octets a line this is as much as a pipe's reader of an hour's
/// pause needs at four messages a second.
const MAX_WAITING: usize = 4 << 20;

/// How long lines gather behind others before they are written. To wake the thread for each costs more than
/// to write it.
const GATHERED: Duration = Duration::from_millis(5);

/// How long the end of the program waits for the reader.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Is told of each line that is lost.
pub(super) type OnLost = Box<dyn Fn() + Send + Sync>;

/// The entrance. A write never waits.
pub(super) struct Queue {
    sender: Sender<Entry>,
    state: Arc<State>,
}

enum Entry {
    Line(Box<[u8]>),
    /// Everything before it has been written when the other end hears of it.
    End(Sender<()>),
}

struct State {
    /// Octets that wait.
    waiting: AtomicUsize,
    /// Lines that were lost and not yet told of in the log itself.
    untold: AtomicU64,
    on_lost: OnLost,
}

impl State {
    fn lose(&self) {
        self.untold.fetch_add(1, Ordering::Relaxed);
        (self.on_lost)();
    }
}

/// The other end of a queue, for the end of the program.
pub(super) struct Drain(Sender<Entry>);

impl Queue {
    /// Starts the thread that writes to `sink`, each line by one call.
    ///
    /// # Errors
    ///
    /// Where the system gives no thread.
    pub(super) fn start(
        sink: impl Write + Send + 'static,
        on_lost: OnLost,
    ) -> io::Result<(Self, Drain)> {
        let (sender, receiver) = channel();
        let state = Arc::new(State {
            waiting: AtomicUsize::new(0),
            untold: AtomicU64::new(0),
            on_lost,
        });
        let queue = Self {
            sender: sender.clone(),
            state: Arc::clone(&state),
        };
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write(&receiver, sink, &state))?;
        Ok((queue, Drain(sender)))
    }
}

fn write(receiver: &Receiver<Entry>, mut sink: impl Write, state: &State) {
    while let Ok(first) = receiver.recv() {
        for entry in std::iter::once(first).chain(receiver.try_iter()) {
            match entry {
                Entry::Line(line) => write_line(&line, &mut sink, state),
                Entry::End(heard) => drop(heard.send(())),
            }
        }
        // What comes next gathers, and wakes nobody; a line that comes alone is written at once.
        thread::sleep(GATHERED);
    }
}

fn write_line(line: &[u8], sink: &mut impl Write, state: &State) {
    let written = sink.write_all(line);
    state.waiting.fetch_sub(line.len(), Ordering::Relaxed);
    match written {
        // Only now: whoever takes nothing would lose this line, too, and so without end.
        Ok(()) => match state.untold.swap(0, Ordering::Relaxed) {
            0 => {}
            lines => tracing::warn!(lines, "log lines were lost since nobody took them"),
        },
        Err(_) => state.lose(),
    }
}

impl Drain {
    /// Waits till everything has been written, or nobody takes it.
    pub(super) fn drain(&self) {
        let (heard, hear) = channel();
        if self.0.send(Entry::End(heard)).is_ok() {
            let _ = hear.recv_timeout(LAST_WAIT);
        }
    }
}

impl<'a> MakeWriter<'a> for Queue {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

impl Write for &Queue {
    /// Takes one line whole, or loses it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let room = |waiting: usize| {
            let after = waiting + line.len();
            (after <= MAX_WAITING).then_some(after)
        };
        let order = Ordering::Relaxed;
        let fits = self.state.waiting.fetch_update(order, order, room).is_ok();
        if !fits || self.sender.send(Entry::Line(line.into())).is_err() {
            self.state.lose();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
