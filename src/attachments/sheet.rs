//! What is found in one file, told as it is found: whoever dies over the rest has told that much.

use super::wire::Frame;
use crate::mail::file::{Outcome, Piece};
use rustix::time::{ClockId, clock_gettime};
use std::io::{self, Write};

/// Octets of all pieces of a file, and their number.
const MAX_OCTETS: usize = 512 << 10;
const MAX_PIECES: usize = 3_000;
/// Octets of a link or of what a code holds.
const MAX_LINK: usize = 4_000;
/// Milliseconds of processor time for a file. What is left then is told to be unread, before the kernel ends
/// the process.
const MAX_TIME: i64 = 700;
/// Files within files.
const MAX_DEPTH: usize = 4;
/// Octets of all that is unpacked.
const MAX_UNPACKED: usize = 24 << 20;

/// What is found in one file.
pub(super) struct Sheet<'w> {
    out: &'w mut dyn Write,
    begun: i64,
    octets: usize,
    pieces: usize,
    unpacked: usize,
    depth: usize,
    outcome: Outcome,
    failed: bool,
}

impl<'w> Sheet<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self {
            out,
            begun: milliseconds(),
            octets: 0,
            pieces: 0,
            unpacked: 0,
            depth: 0,
            outcome: Outcome::Read,
            failed: false,
        }
    }

    /// Text that is shown.
    pub(super) fn text(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.add(Piece::Text(text.to_owned()), text.len());
        }
    }

    /// A page as it was written.
    pub(super) fn page(&mut self, source: String) {
        let octets = source.len();
        self.add(Piece::Page(source), octets);
    }

    /// A link, and what is seen of it.
    pub(super) fn link(&mut self, target: &str, label: &str) {
        let target = short(target.trim());
        if target.is_empty() {
            return;
        }
        let label = short(label.trim());
        let octets = target.len() + label.len();
        self.add(Piece::Link { target, label }, octets);
    }

    /// What a QR code holds.
    pub(super) fn code(&mut self, held: &str) {
        let held = short(held);
        let octets = held.len();
        self.add(Piece::Code(held), octets);
    }

    /// Something of the file was not read. What was worst about it counts.
    pub(super) fn spoil(&mut self, outcome: Outcome) {
        let rank = |outcome: Outcome| match outcome {
            Outcome::Read => 0,
            Outcome::Unknown => 1,
            Outcome::Broken => 2,
            Outcome::Limit => 3,
            Outcome::Encrypted => 4,
            Outcome::Died | Outcome::Busy => 5,
        };
        if rank(outcome) > rank(self.outcome) {
            self.outcome = outcome;
        }
    }

    /// Whether there is time to go on. Where there is none the file counts as read in part.
    pub(super) fn has_time(&mut self) -> bool {
        let has_time = milliseconds() - self.begun < MAX_TIME;
        if !has_time {
            self.spoil(Outcome::Limit);
        }
        has_time
    }

    /// How many octets may still be unpacked.
    pub(super) fn room(&self) -> usize {
        MAX_UNPACKED - self.unpacked
    }

    /// So many octets were unpacked.
    pub(super) fn unpacked(&mut self, octets: usize) {
        self.unpacked = MAX_UNPACKED.min(self.unpacked + octets);
    }

    /// Reads something that lies within the file.
    pub(super) fn within(&mut self, read: impl FnOnce(&mut Self)) {
        if self.depth >= MAX_DEPTH || !self.has_time() {
            self.spoil(Outcome::Limit);
            return;
        }
        self.depth += 1;
        read(self);
        self.depth -= 1;
    }

    /// What became of the file.
    ///
    /// # Errors
    ///
    /// Nobody listens.
    pub(super) fn end(self) -> io::Result<Outcome> {
        match self.failed {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(self.outcome),
        }
    }

    fn add(&mut self, piece: Piece, octets: usize) {
        if self.pieces >= MAX_PIECES || self.octets + octets > MAX_OCTETS {
            self.spoil(Outcome::Limit);
            return;
        }
        self.pieces += 1;
        self.octets += octets;
        self.failed |= Frame::Piece(piece).write(self.out).is_err();
    }
}

/// What this process has used so far.
fn milliseconds() -> i64 {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.tv_sec * 1_000 + used.tv_nsec / 1_000_000
}

fn short(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_LINK);
    text.get(..end).unwrap_or_default().to_owned()
}
