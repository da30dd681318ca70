//! Every call of the program that can fail fails once, by its number: the first open, the second, the third ...
//! The program goes on and answers, or it ends with the right status and says why.
//!
//! strace makes them fail (Debian: strace). `make test` tries the first few of each kind;
//! FAILING_CALLS=40 tries so many, FAILING_CALL=clone3 one kind alone.

// In a test a panic is the report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod support;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use support::dns::ZoneServer;
use support::milter::fresh_folder;
use support::samples::zone;
use support::unpacked::Unpacked;
use support::wire::{OFFER, packet};

/// Calls, and how each fails. What is sent and received is left out: by such calls the runtime tells itself of
/// signals as well, over sockets that can't break.
const CALLS: [(&str, &str); 17] = [
    ("openat", "EMFILE"),
    ("read", "EIO"),
    ("write", "ENOSPC"),
    ("writev", "EPIPE"),
    ("socket", "EMFILE"),
    ("socketpair", "EMFILE"),
    ("bind", "EADDRINUSE"),
    ("listen", "EADDRINUSE"),
    ("getsockname", "ENOBUFS"),
    ("setsockopt", "ENOPROTOOPT"),
    ("accept4", "EMFILE"),
    ("connect", "ENETUNREACH"),
    ("clone3", "EAGAIN"),
    ("epoll_create1", "EMFILE"),
    ("epoll_ctl", "ENOSPC"),
    ("eventfd2", "EMFILE"),
    ("statx", "EACCES"),
];

/// How many of each kind fail in `make test`.
const FEW: u32 = 3;

/// Longer than a start, an answer or an end takes.
const PATIENCE: Duration = Duration::from_secs(40);

/// The program with one call that fails.
struct Failing {
    child: Child,
    folder: PathBuf,
}

/// How it went.
#[derive(Debug, PartialEq, Eq)]
enum Went {
    /// The call was never made so often.
    NotMade,
    /// It served and stopped.
    Served,
    /// It ended before it served, with the reason.
    Refused,
}

impl Failing {
    fn start(strace: &Unpacked, dns: SocketAddr, (call, error): (&str, &str), nth: u32) -> Self {
        let folder = fresh_folder();
        let config = folder.join("config.toml");
        let text = format!(
            "[milter]\nlisten = \"unix:{}\"\n[http]\nlisten = \"127.0.0.1:0\"\n[dns]\nservers = [\"{dns}\"]\n",
            folder.join("milter").display()
        );
        fs::write(&config, text).expect("write config.toml");
        let child = strace
            .command("strace")
            // The program is our child, and strace somebody else's.
            .args(["-D", "-f", "-qq", "-o"])
            .arg(folder.join("calls"))
            // Of all that is written the log alone can fail so: the rest wakes the program's own threads.
            .args(
                (call == "write")
                    .then(|| ["-P".into(), folder.join("log").into_os_string()])
                    .into_iter()
                    .flatten(),
            )
            .arg("-e")
            .arg(format!("trace={call}"))
            .arg("-e")
            .arg(format!("inject={call}:error={error}:when={nth}"))
            .arg(Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter")))
            .args(["run", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.join("log")).expect("a log"))
            .spawn()
            .expect("strace");
        Self { child, folder }
    }

    fn read(&self, name: &str) -> String {
        let mut text = Vec::new();
        if let Ok(mut file) = File::open(self.folder.join(name)) {
            file.read_to_end(&mut text).expect("a file");
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("milter")
    }

    /// Waits till it listens; the exit code where it ended instead.
    fn ready(&mut self) -> Result<(), Option<i32>> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("its status") {
                return Err(status.code());
            }
            if UnixStream::connect(self.socket()).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it neither starts nor ends:\n{}", self.read("log"));
    }

    /// Looks that messages are answered, three in a row: the call fails once in each thread of the program.
    fn goes_on(&mut self) -> Result<(), Option<i32>> {
        let mut in_a_row = 0;
        for _ in 0..24 {
            in_a_row = match is_answered(&self.socket()) {
                true => in_a_row + 1,
                false => 0,
            };
            if in_a_row == 3 {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait().expect("its status") {
                return Err(status.code());
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("it doesn't answer any more:\n{}", self.read("log"));
    }

    /// Its exit code. Where the call that fails is the one that tells of a signal, the next signal is heard.
    fn stop(&mut self) -> Option<i32> {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let began = Instant::now();
        let mut told = 0;
        while began.elapsed() < PATIENCE {
            if began.elapsed() >= 8 * told * Duration::from_secs(1) {
                let _ = kill_process(id.expect("a process id"), Signal::TERM);
                told += 1;
            }
            if let Some(status) = self.child.try_wait().expect("its status") {
                return status.code();
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it doesn't end:\n{}", self.read("log"));
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Whether a message gets an answer on a connection of its own.
fn is_answered(socket: &Path) -> bool {
    let Ok(mut stream) = UnixStream::connect(socket) else {
        return false;
    };
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let message = [
        packet(b'C', b"mail.client.example\x004\x00\x19203.0.113.30\0"),
        packet(b'H', b"mail.client.example\0"),
        packet(b'M', b"<x@bulk-sender.example>\0"),
        packet(b'R', b"<jane@example.test>\0"),
        packet(b'L', b"From\0 Amazon <x@bulk-sender.example>\0"),
        packet(b'N', b""),
        // What is answered of it, where every body is looked into.
        packet(b'B', b"hello\r\n"),
    ];
    let answer = |stream: &mut UnixStream, octets: &[u8]| {
        let mut length = [0; 4];
        stream.write_all(octets).ok()?;
        stream.read_exact(&mut length).ok()?;
        let length = usize::try_from(u32::from_be_bytes(length)).expect("a length");
        let mut data = vec![0; length];
        stream.read_exact(&mut data).ok()?;
        data.first().copied()
    };
    answer(&mut stream, &packet(b'O', OFFER)) == Some(b'O')
        && matches!(answer(&mut stream, &message.concat()), Some(b'c' | b'a'))
}

fn try_one(strace: &Unpacked, dns: SocketAddr, call: (&str, &str), nth: u32) -> Went {
    let mut failing = Failing::start(strace, dns, call, nth);
    let at = format!("{} {nth}", call.0);
    let started = failing.ready().and_then(|()| failing.goes_on());
    let went = match started {
        Ok(()) => {
            assert_eq!(failing.stop(), Some(0), "{at}: {}", failing.read("log"));
            Went::Served
        }
        Err(code) => {
            let log = failing.read("log");
            let loader = code == Some(127) && log.contains("error while loading shared libraries");
            assert!(
                matches!(code, Some(1 | 2)) || loader,
                "{at}: ended with {code:?}:\n{log}"
            );
            assert!(log.len() > 20, "{at}: it ended without a word");
            Went::Refused
        }
    };
    let log = failing.read("log");
    assert!(
        !log.contains("panicked") && !log.contains("a fault of this program"),
        "{at}:\n{log}"
    );
    match failing.read("calls").contains("(INJECTED)") {
        true => went,
        false => Went::NotMade,
    }
}

#[test]
fn every_call_that_fails_is_survived_or_told() {
    let most = std::env::var("FAILING_CALLS")
        .ok()
        .and_then(|most| most.parse().ok());
    let strace = Unpacked::packages("strace", &["strace"]);
    let dns = ZoneServer::start(&zone());
    let only = std::env::var("FAILING_CALL").ok();
    let (mut served, mut refused) = (0, 0);
    for call in CALLS {
        if only.as_ref().is_some_and(|only| only != call.0) {
            continue;
        }
        let before = (served, refused);
        for nth in 1..=most.unwrap_or(FEW) {
            match try_one(&strace, dns.addr, call, nth) {
                Went::Served => served += 1,
                Went::Refused => refused += 1,
                Went::NotMade => break,
            }
        }
        let (went_on, ended) = (served - before.0, refused - before.1);
        println!(
            "{}: {went_on} times it went on, {ended} times it ended with the reason",
            call.0
        );
    }
    println!("{served} times it went on, {refused} times it ended with the reason");
    assert!(only.is_some() || served > 10 && refused > 5);
}
