//! A Postfix of the test's own: private configuration, queue and port, nothing of the system's
//! touched, everything delivered to an LMTP server in this process.
//!
//! Postfix' master starts as root only. Its programs come from the system or, unpacked, from
//! `tests/install-postfix.sh`, which is run where they are missing.

mod config;
mod master;
mod programs;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use super::lmtp::{Delivery, LmtpServer};
use super::smtp::field_end;
use master::Master;
use programs::Programs;

/// The name by which the private Postfix goes in its greeting, in Received and to milters (`j`).
pub const HOSTNAME: &str = "mx.recipient.test";

const NEEDS_ROOT: &str = "its master starts as root only. Run the tests as root, or let cargo run \
    just the test programs so: cargo --config \"target.'cfg(unix)'.runner='sudo -E'\" test";

/// What differs from one test to the next; `..Default::default()` for the rest.
#[derive(Clone, Debug)]
pub struct PostfixOptions {
    /// Entries of `smtpd_milters`: `inet:127.0.0.1:8895`, `unix:/path`.
    pub milters: Vec<String>,
    /// What Postfix does where a milter is away or speaks nonsense: `accept`, `reject`,
    /// `tempfail`, `quarantine`.
    pub milter_default_action: String,
    /// Where what comes in by the entrance past the milters is filtered: an SMTP server, which hands it
    /// back to the other entrance.
    pub content_filter: Option<SocketAddr>,
    /// More lines of main.cf; a later one of the same name wins.
    pub extra_main_cf: Vec<(String, String)>,
}

impl Default for PostfixOptions {
    fn default() -> Self {
        Self {
            milters: Vec::new(),
            milter_default_action: "tempfail".to_owned(),
            content_filter: None,
            extra_main_cf: Vec::new(),
        }
    }
}

/// A running Postfix; dropping it stops it and removes its folder.
#[derive(Debug)]
pub struct Postfix {
    /// Where mail comes in and the milters are asked.
    pub smtp_addr: SocketAddr,
    /// A second entrance, past the milters.
    pub unfiltered_addr: SocketAddr,
    pub queue_dir: PathBuf,
    /// The folder with main.cf and master.cf, for Postfix' own tools (`-c`).
    pub config_dir: PathBuf,
    folder: PathBuf,
    programs: Programs,
    mailboxes: LmtpServer,
    /// `None` only while the value is dropped: the folder goes after the processes.
    master: Option<Master>,
}

impl Postfix {
    /// Starts it and waits till it greets. Panics, saying what is needed, where it cannot: a test
    /// without Postfix must fail.
    pub fn start(options: &PostfixOptions) -> Self {
        Self::try_start(options).unwrap_or_else(|error| panic!("Postfix: {error}"))
    }

    /// As [`Self::start`], with the reason instead of a panic.
    pub fn try_start(options: &PostfixOptions) -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err(NEEDS_ROOT.to_owned());
        }
        let programs = Programs::find()?;
        let mailboxes = LmtpServer::start().map_err(|error| format!("LMTP server: {error}"))?;
        let folder = config::folder().map_err(|error| format!("temporary folder: {error}"))?;
        match Self::launch(&folder, &programs, mailboxes.addr, options) {
            Ok((master, [smtp_addr, unfiltered_addr])) => Ok(Self {
                smtp_addr,
                unfiltered_addr,
                queue_dir: folder.join("queue"),
                config_dir: folder.join("etc"),
                folder,
                programs,
                mailboxes,
                master: Some(master),
            }),
            Err(error) => {
                let _ = fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }

    /// Another program may take the free port before Postfix does; then it tries another.
    fn launch(
        folder: &Path,
        programs: &Programs,
        lmtp_addr: SocketAddr,
        options: &PostfixOptions,
    ) -> Result<(Master, [SocketAddr; 2]), String> {
        let mut attempts = 3;
        loop {
            let [smtp_addr, unfiltered_addr] = free_ports().map_err(|error| error.to_string())?;
            let setup = config::Setup {
                folder,
                programs,
                smtp_addr,
                unfiltered_addr,
                lmtp_addr,
                options,
            };
            setup
                .write()
                .map_err(|error| format!("{}: {error}", folder.display()))?;
            attempts -= 1;
            // Ready is what the second entrance says: no milter sees a connection that no test made.
            match Master::start(folder, programs, unfiltered_addr) {
                Err(error) if attempts > 0 && error.contains("Address already in use") => {}
                outcome => return outcome.map(|master| (master, [smtp_addr, unfiltered_addr])),
            }
        }
    }

    /// What Postfix has logged so far.
    pub fn log(&self) -> String {
        read_log(&self.folder)
    }

    /// Waits till its log has a text; Postfix writes some lines after the reply that they tell of.
    pub fn wait_for_log(&self, text: &str, timeout: Duration) -> String {
        let deadline = Instant::now() + timeout;
        loop {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            assert!(Instant::now() < deadline, "no {text:?} in the log:\n{log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The messages that one recipient got, octet for octet, in the order of arrival.
    pub fn mailbox(&self, rcpt: &str) -> Vec<Vec<u8>> {
        of(rcpt, self.mailboxes.deliveries())
    }

    /// Everything delivered, with its envelope; bounces to senders too.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.mailboxes.deliveries()
    }

    /// Waits till the recipient has `n` messages; panics with the log where they don't come.
    pub fn wait_for(&self, rcpt: &str, n: usize, timeout: Duration) -> Vec<Vec<u8>> {
        let count = |all: &[Delivery]| all.iter().filter(|one| one.rcpt_to == rcpt).count();
        let messages = of(
            rcpt,
            self.mailboxes.wait_until(timeout, |all| count(all) >= n),
        );
        assert!(
            messages.len() >= n,
            "{} of {n} messages for {rcpt} after {timeout:?}; the log:\n{}",
            messages.len(),
            self.log()
        );
        messages
    }

    /// Queue ids of the messages on hold: what a milter has put into quarantine.
    pub fn hold_queue(&self) -> Vec<String> {
        let mut ids: Vec<String> = files(&self.queue_dir.join("hold"))
            .iter()
            .filter_map(|file| Some(file.file_name()?.to_str()?.to_owned()))
            .collect();
        ids.sort();
        ids
    }

    /// A message in the queue, by its id, with LF line ends as postcat(1) prints it.
    pub fn queued_message(&self, id: &str) -> Vec<u8> {
        self.tool("postcat", &["-bhq", id])
    }

    /// Releases, deletes or requeues by postsuper(1): `("-H", id)`, `("-d", id)`, `("-r", id)`.
    pub fn postsuper(&self, option: &str, id: &str) {
        self.tool("postsuper", &[option, id]);
    }

    /// The value in effect of a main.cf parameter.
    pub fn postconf(&self, parameter: &str) -> String {
        let out = self.tool("postconf", &["-xh", parameter]);
        String::from_utf8_lossy(&out).trim().to_owned()
    }

    /// Waits till nothing is under way any more (what is on hold stays); panics where it doesn't
    /// come to that.
    pub fn wait_for_empty_queue(&self, timeout: Duration) {
        let deadline = Instant::now() + timeout;
        loop {
            let under_way = ["maildrop", "incoming", "active", "deferred"]
                .iter()
                .flat_map(|queue| files(&self.queue_dir.join(queue)))
                .count();
            if under_way == 0 {
                return;
            }
            let log = || {
                format!(
                    "{under_way} messages still queued; the log:\n{}",
                    self.log()
                )
            };
            assert!(Instant::now() < deadline, "{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs a program that finds this Postfix' tools first in its PATH, and their libraries.
    pub fn run(&self, program: &Path, arguments: &[&str]) -> Output {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.programs.sbin()).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).expect("a path");
        let mut command = self.programs.command(program);
        let output = command.args(arguments).env("PATH", path).output();
        output.unwrap_or_else(|error| panic!("{}: {error}", program.display()))
    }

    /// Queue id and time of arrival of what is on hold, as postqueue(1) says them.
    pub fn on_hold(&self) -> Vec<(String, u64)> {
        let said = self.tool("postqueue", &["-j"]);
        let lines = String::from_utf8_lossy(&said).into_owned();
        let entries = lines
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
            .filter(|entry| entry["queue_name"] == "hold");
        entries
            .map(|entry| {
                let id = entry["queue_id"].as_str().expect("an id").to_owned();
                (id, entry["arrival_time"].as_u64().expect("a time"))
            })
            .collect()
    }

    fn tool(&self, name: &str, arguments: &[&str]) -> Vec<u8> {
        let mut command = self.programs.command(&self.programs.sbin().join(name));
        let output = command
            .arg("-c")
            .arg(&self.config_dir)
            .args(arguments)
            .output();
        let output = output.unwrap_or_else(|error| panic!("{name}: {error}"));
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{name} {arguments:?}: {complaint}");
        output.stdout
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        drop(self.master.take());
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The message without the Received field that the private Postfix put above it; what a milter
/// inserted above that stays. `None` where there is no such field.
pub fn without_own_received(message: &[u8]) -> Option<Vec<u8>> {
    let mut start = 0;
    while start < message.len() {
        let end = start + field_end(&message[start..]);
        let field = &message[start..end];
        if field == b"\r\n" {
            break;
        }
        let shown = String::from_utf8_lossy(field);
        if shown.starts_with("Received: ") && shown.contains(&format!("by {HOSTNAME} (Postfix)")) {
            return Some([&message[..start], &message[end..]].concat());
        }
        start = end;
    }
    None
}

fn of(rcpt: &str, deliveries: Vec<Delivery>) -> Vec<Vec<u8>> {
    deliveries
        .into_iter()
        .filter(|one| one.rcpt_to == rcpt)
        .map(|one| one.octets)
        .collect()
}

/// Regular files under a folder; Postfix hashes some queues into subfolders.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Bound at the same time, else the system might give the same one twice.
fn free_ports() -> io::Result<[SocketAddr; 2]> {
    let any = (Ipv4Addr::LOCALHOST, 0);
    let (one, other) = (TcpListener::bind(any)?, TcpListener::bind(any)?);
    Ok([one.local_addr()?, other.local_addr()?])
}

fn read_log(folder: &Path) -> String {
    let log = fs::read(folder.join("maillog")).unwrap_or_default();
    String::from_utf8_lossy(&log).into_owned()
}
