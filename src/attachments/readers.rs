//! The readers of a program: how many there are, and what they saw.

use super::{
    process::{self, NoReader},
    queue::{Origin, Queue, Turn},
};
use crate::mail::file::{FileKind, Files, Outcome, ReadFile};
use std::{
    net::IpAddr,
    num::NonZero,
    path::PathBuf,
    sync::Arc,
    thread::available_parallelism,
    time::{Duration, Instant},
};

/// Readers at a time: a core each, but never one alone, which one sender could keep busy, and no more than
/// memory is set aside for.
const READERS: std::ops::RangeInclusive<usize> = 2..=4;

/// Hears of files that were opened.
pub trait Observer: Send + Sync {
    /// What became of a file.
    fn opened(&self, kind: FileKind, outcome: Outcome);

    /// How long the files of a message took, waiting aside.
    fn took(&self, duration: Duration);

    /// The most octets of memory that a reader held.
    fn held(&self, octets: u64);
}

/// For programs that count nothing.
impl Observer for () {
    fn opened(&self, _: FileKind, _: Outcome) {}

    fn took(&self, _: Duration) {}

    fn held(&self, _: u64) {}
}

/// Opens the files of messages, a few at a time.
pub struct Readers {
    program: PathBuf,
    queue: Queue,
    observer: Arc<dyn Observer>,
}

/// A reader that is there for one message.
pub struct Place<'r> {
    readers: &'r Readers,
    turn: Option<Turn>,
}

impl Readers {
    /// Readers that are `program` started anew. One is started now to see whether it can be locked in.
    ///
    /// # Errors
    ///
    /// Why it can't.
    pub async fn start(program: PathBuf, observer: Arc<dyn Observer>) -> Result<Self, NoReader> {
        process::probe(&program).await?;
        let cores = available_parallelism().map_or(1, NonZero::get);
        Ok(Self {
            program,
            queue: Queue::new(cores.clamp(*READERS.start(), *READERS.end())),
            observer,
        })
    }

    /// This very program, as the kernel knows it: what lies under its name may be a newer one.
    pub fn this_program() -> PathBuf {
        PathBuf::from("/proc/self/exe")
    }

    /// Waits for a reader. `client`: who sent the message.
    pub async fn place(&self, client: Option<IpAddr>) -> Place<'_> {
        Place {
            turn: self.queue.turn(Origin::from(client)).await,
            readers: self,
        }
    }
}

impl Place<'_> {
    /// Whether there is a reader; else files are unread.
    pub fn is_free(&self) -> bool {
        self.turn.is_some()
    }

    /// Reads files. `beyond`: how many more there are that nobody reads.
    pub async fn read(self, files: &[Vec<u8>], beyond: usize) -> Files {
        let begun = Instant::now();
        let observer = &self.readers.observer;
        let mut read = match self.turn {
            Some(_) => process::read(&self.readers.program, files, observer.as_ref()).await,
            None => vec![ReadFile::unread(FileKind::Other, Outcome::Busy)],
        };
        read.extend((beyond > 0).then(|| ReadFile::unread(FileKind::Other, Outcome::Limit)));
        for file in &read {
            observer.opened(file.kind, file.outcome);
        }
        if self.turn.is_some() {
            observer.took(begun.elapsed());
        }
        Files::Opened(read)
    }
}
