//! One reader at work: started, handed the files of a message, ended.

use super::{
    Observer,
    wire::{self, Frame, Garbled},
};
use crate::mail::file::{FileKind, Outcome, ReadFile};
use std::{fmt, io, path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
    time::{Instant, timeout_at},
};

/// How long the files of one message are read, with every reader that it takes.
const PATIENCE: Duration = Duration::from_millis(1_400);
/// Readers of one message: whoever dies over a file is followed by another for the files after it.
const MAX_READERS: usize = 4;
/// Octets that a reader may tell of all files.
const MAX_TOLD: u64 = 8 << 20;

/// Why there can be no reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoReader(String);

impl fmt::Display for NoReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoReader {}

/// What one reader told.
#[derive(Default)]
struct Told {
    is_ready: bool,
    /// Octets of memory that it held at most.
    memory: u64,
    no_jail: Option<String>,
    files: Vec<ReadFile>,
    /// What was told of a file that was not done.
    begun: Option<ReadFile>,
}

/// Whether a reader can be started and locked in here.
pub(super) async fn probe(program: &Path) -> Result<(), NoReader> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let files = [b"A file to try.".to_vec()];
    let told = ask(program, &files, Instant::now() + PATIENCE).await;
    let told = told.map_err(|error| NoReader(format!("it can't be started: {error}")))?;
    let why = match (told.files.first(), told.no_jail) {
        (Some(file), _) if file.outcome == Outcome::Read => return Ok(()),
        (_, Some(why)) => why,
        (_, None) if told.is_ready => "it was ended over its first file".to_owned(),
        (_, None) => "it was ended when it locked itself in".to_owned(),
    };
    Err(NoReader(why))
}

/// Reads files, each of which comes back with what is known of it.
pub(super) async fn read(
    program: &Path,
    files: &[Vec<u8>],
    observer: &dyn Observer,
) -> Vec<ReadFile> {
    let deadline = Instant::now() + PATIENCE;
    let mut known: Vec<ReadFile> = Vec::new();
    for _ in 0..MAX_READERS {
        let rest = files.get(known.len()..).unwrap_or_default();
        if rest.is_empty() || Instant::now() >= deadline {
            break;
        }
        let told = ask(program, rest, deadline).await.unwrap_or_default();
        observer.held(told.memory);
        let begun = told.begun;
        known.extend(told.files.into_iter().take(rest.len()));
        // The one at which it died is not tried again.
        if let Some(file) = files.get(known.len()) {
            known.push(begun.unwrap_or_else(|| ReadFile::unread(kind(file), Outcome::Died)));
        }
    }
    let rest = files.get(known.len()..).unwrap_or_default();
    known.extend(
        rest.iter()
            .map(|file| ReadFile::unread(kind(file), Outcome::Died)),
    );
    known
}

fn kind(file: &[u8]) -> FileKind {
    FileKind::of(file)
}

/// Starts a reader, hands it the files, and hears it out.
async fn ask(program: &Path, files: &[Vec<u8>], deadline: Instant) -> io::Result<Told> {
    let mut child = Command::new(program)
        .arg0("amazon-spoof-milter")
        .arg("read-attachment")
        .env_clear()
        // The allocator would set a gigabyte of address space aside, which no limit could bound then.
        .env("MIMALLOC_DISALLOW_ARENA_ALLOC", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(io::ErrorKind::BrokenPipe.into());
    };
    let hand_over = async move {
        for file in files {
            // Whoever died takes no more.
            let length = wire::length(file);
            if to.write_all(&length).await.is_err() || to.write_all(file).await.is_err() {
                return;
            }
        }
    };
    let mut octets = Vec::new();
    let mut from = from.take(MAX_TOLD);
    let hear = from.read_to_end(&mut octets);
    let both = async { tokio::join!(hand_over, hear) };
    // What was told till then counts.
    let _ = timeout_at(deadline, both).await;
    let _ = child.start_kill();
    child.wait().await?;
    let mut told = Told::default();
    if told.hear(&octets, files).is_err() {
        told.begun = None;
    }
    Ok(told)
}

impl Told {
    fn hear(&mut self, mut octets: &[u8], files: &[Vec<u8>]) -> Result<(), Garbled> {
        while let Some(frame) = Frame::take(&mut octets)? {
            match frame {
                Frame::Ready => self.is_ready = true,
                Frame::NoJail(why) => self.no_jail = Some(why),
                Frame::Memory(octets) => self.memory = octets,
                Frame::Piece(piece) => {
                    let file = files.get(self.files.len()).ok_or(Garbled)?;
                    let unread = || ReadFile::unread(kind(file), Outcome::Died);
                    self.begun.get_or_insert_with(unread).pieces.push(piece);
                }
                Frame::End(kind, outcome) => {
                    let pieces = self.begun.take().map(|begun| begun.pieces);
                    self.files.push(ReadFile {
                        kind,
                        outcome,
                        pieces: pieces.unwrap_or_default(),
                    });
                }
            }
        }
        Ok(())
    }
}
