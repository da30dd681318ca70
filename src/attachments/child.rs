//! The reader itself: this program, started anew for one message, with nothing but two pipes.

use super::{formats, jail, sheet::Sheet, wire};
use crate::mail::file::{FileKind, Outcome};
use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Octets of a file that is taken.
const MAX_FILE: usize = 16 << 20;

/// Locks the process in, then reads files from standard input and tells on standard output what they show.
///
/// # Errors
///
/// The other end went away, or said what nobody says.
pub fn run() -> io::Result<()> {
    let (mut from, mut out) = (io::stdin().lock(), io::stdout());
    // Opened while files can be, and never closed, which a reader may not ask for in every version.
    let status: Option<&File> = File::open("/proc/self/status")
        .ok()
        .map(|file| &*Box::leak(Box::new(file)));
    if let Err(error) = jail::enter() {
        return wire::Frame::NoJail(error.to_string()).write(&mut out);
    }
    wire::Frame::Ready.write(&mut out)?;
    while let Some(file) = wire::next_file(&mut from, MAX_FILE)? {
        let (kind, outcome) = read(&file, &mut out)?;
        wire::Frame::End(kind, outcome).write(&mut out)?;
        if let Some(octets) = status.and_then(memory) {
            wire::Frame::Memory(octets).write(&mut out)?;
        }
    }
    Ok(())
}

/// The most memory that this process held (`VmHWM`, proc_pid_status(5)).
fn memory(status: &File) -> Option<u64> {
    let mut text = [0; 4096];
    let length = status.read_at(&mut text, 0).ok()?;
    let text = str::from_utf8(text.get(..length)?).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes << 10)
}

/// Reads one file. Libraries that panic over it have not read it.
fn read(file: &[u8], out: &mut dyn Write) -> io::Result<(FileKind, Outcome)> {
    let kind = formats::kind(file);
    let mut sheet = Sheet::new(out);
    let done = catch_unwind(AssertUnwindSafe(|| formats::read(kind, file, &mut sheet)));
    if done.is_err() {
        sheet.spoil(Outcome::Broken);
    }
    Ok((kind, sheet.end()?))
}
