//! Files of messages: what is read in them, what harmful ones do, and what mail comes to by them.

// In a test a panic is the report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_possible_truncation
)]

mod support;

#[path = "attachments/build.rs"]
mod build;
#[path = "attachments/corpus.rs"]
mod corpus;
#[path = "attachments/hostile.rs"]
mod hostile;
#[path = "attachments/verdicts.rs"]
mod verdicts;

use amazon_spoof_milter::attachments::{Observer, Readers};
use amazon_spoof_milter::mail::file::{FileKind, Files, Outcome, Piece, ReadFile};
use corpus::Seen;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What readers told of themselves.
#[derive(Default)]
struct Usage {
    memory: AtomicU64,
}

impl Observer for Usage {
    fn opened(&self, _: FileKind, _: Outcome) {}

    fn took(&self, _: Duration) {}

    fn held(&self, octets: u64) {
        self.memory.fetch_max(octets, Ordering::Relaxed);
    }
}

fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
}

async fn readers(observer: Arc<dyn Observer>) -> Readers {
    let readers = Readers::start(program(), observer).await;
    readers.expect("a kernel with Landlock and seccomp")
}

async fn read(readers: &Readers, files: &[Vec<u8>]) -> Vec<ReadFile> {
    match readers.place(None).await.read(files, 0).await {
        Files::Opened(files) => files,
        other => panic!("{other:?}"),
    }
}

/// Text with one blank between its words.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn missing<'s>(file: &ReadFile, wanted: &'s [Seen]) -> Vec<&'s Seen> {
    let has = |seen: &Seen| match seen {
        Seen::Is(outcome) => file.outcome == *outcome,
        Seen::Link(wanted) => file
            .pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Link { target, .. } if target == wanted)),
        Seen::Code(wanted) => file.pieces.contains(&Piece::Code((*wanted).to_owned())),
        Seen::Words(words) => file.pieces.iter().any(|piece| match piece {
            Piece::Text(text) | Piece::Page(text) => flat(text).contains(words),
            _ => false,
        }),
    };
    wanted.iter().filter(|seen| !has(seen)).collect()
}

#[tokio::test]
async fn files_as_scammers_make_them_are_read() {
    let readers = readers(Arc::new(())).await;
    let samples = corpus::all();
    let mut wrong = Vec::new();
    for (name, file, wanted) in &samples {
        let read = read(&readers, std::slice::from_ref(file)).await;
        let missing = missing(&read[0], wanted).len();
        if missing > 0 {
            wrong.push(format!("{name}: {missing} missing in {:?}", read[0]));
        }
    }
    println!(
        "{} of {} files read rightly",
        samples.len() - wrong.len(),
        samples.len()
    );
    assert!(samples.len() >= 60);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What dies over one file takes the others along no more than the time allows.
#[tokio::test]
async fn a_file_that_ends_its_reader_takes_no_other_along() {
    let readers = readers(Arc::new(())).await;
    let invoice = build::Pdf::lines(&["Call 888-555-0142"]);
    let files = [invoice.clone(), build::corners(), invoice];
    let read = read(&readers, &files).await;
    let outcomes: Vec<Outcome> = read.iter().map(|file| file.outcome).collect();
    assert_eq!(outcomes[0], Outcome::Read);
    assert_ne!(outcomes[1], Outcome::Read);
    assert_eq!(read.len(), 3);
    assert!(!read[0].pieces.is_empty());
}

/// What nobody looked at is never clean.
#[tokio::test]
async fn a_picture_beyond_the_bound_leaves_its_file_unread() {
    let readers = readers(Arc::new(())).await;
    for name in ["a picture of a gigabyte", "a fax that never ends"] {
        let (_, file) = hostile::bombs()
            .into_iter()
            .find(|(bomb, _)| bomb == name)
            .expect("a bomb of that name");
        let read = read(&readers, &[file]).await;
        assert_eq!(read[0].outcome, Outcome::Limit, "{name}");
    }
}

/// The kernel says of a reader what it may do.
#[test]
fn a_reader_is_locked_in() {
    let mut child = Command::new(program())
        .arg("read-attachment")
        .env_clear()
        .env("MIMALLOC_DISALLOW_ARENA_ALLOC", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 5];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    assert_eq!(&ready, b"r\0\0\0\0");
    let of = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", child.id())).unwrap();
    let (status, limits) = (of("status"), of("limits"));
    assert_eq!(of("oom_score_adj").trim(), "1000");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    for line in ["Seccomp:\t2", "NoNewPrivs:\t1"] {
        assert!(status.contains(line), "{line}\n{status}");
    }
    for (name, most) in [
        ("Max cpu time", "1"),
        ("Max address space", "201326592"),
        ("Max open files", "0"),
        ("Max processes", "0"),
        ("Max core file size", "0"),
    ] {
        let line = limits
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap();
        let values: Vec<&str> = line.split_whitespace().take(2).collect();
        assert_eq!(values, [most, most], "{name}");
    }
}

/// An allocator that set memory aside before there was a limit would not feel it.
#[test]
fn a_reader_that_holds_too_much_already_opens_nothing() {
    let child = Command::new(program())
        .arg("read-attachment")
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        said.starts_with('n') && said.contains("address space"),
        "{said:?}"
    );
}
