//! The filters that people have already, each started by itself on a Unix socket. They have to seem
//! installed: `tests/with-peers.sh` runs a command so.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::milter::fresh_folder;

/// How long one may take till it listens: the first rspamd compiles its patterns.
const PATIENCE: Duration = Duration::from_secs(180);

/// The distribution's list of public suffixes, as OpenDMARC's package configures it.
const SUFFIXES: &str = "/usr/share/publicsuffix/public_suffix_list.dat";

/// A running filter; dropping it ends it.
pub struct Peer {
    processes: Vec<Child>,
    folder: PathBuf,
    /// Where it listens.
    pub socket: PathBuf,
}

impl Peer {
    /// OpenDKIM as Debian configures it, but that it only verifies and refuses nothing.
    pub fn opendkim(authserv_id: &str) -> Self {
        let folder = fresh_folder();
        let socket = folder.join("socket");
        let config = format!(
            "Mode v\nSocket local:{}\nUMask 000\nAuthservID {authserv_id}\nAlwaysAddARHeader yes\n\
             Nameservers 127.0.0.1\nDNSTimeout 5\nOn-DNSError accept\nSyslog no\n",
            socket.display()
        );
        let mut command = Command::new("opendkim");
        command.arg("-f").arg("-x").arg(written(&folder, &config));
        Self::start(vec![command], folder, socket)
    }

    /// OpenDMARC as Debian configures it, with SPF of its own, and refusing nothing.
    pub fn opendmarc(authserv_id: &str) -> Self {
        let folder = fresh_folder();
        let socket = folder.join("socket");
        let config = format!(
            "Socket local:{}\nUMask 000\nAuthservID {authserv_id}\nTrustedAuthservIDs {authserv_id}\n\
             PublicSuffixList {SUFFIXES}\nSPFIgnoreResults true\nSPFSelfValidate true\n\
             RejectFailures false\nSyslog false\n",
            socket.display()
        );
        let mut command = Command::new("opendmarc");
        command.arg("-f").arg("-c").arg(written(&folder, &config));
        Self::start(vec![command], folder, socket)
    }

    /// rspamd as Debian configures it. `local` are files of `local.d`, by name and text.
    pub fn rspamd(local: &[(&str, &str)]) -> Self {
        let folder = fresh_folder();
        let socket = folder.join("socket");
        fs::create_dir(folder.join("local.d")).expect("a folder");
        let listen = format!("bind_socket = \"{} mode=0666\";\n", socket.display());
        for (name, text) in local.iter().chain(&[("worker-proxy.inc", listen.as_str())]) {
            fs::write(folder.join("local.d").join(name), text).expect("a file of local.d");
        }
        let mut command = Command::new("rspamd");
        // Root may run it here, where it sees nothing but what it is sent.
        command.args(["-f", "-i", "-c", "/etc/rspamd/rspamd.conf"]);
        command
            .arg("--var")
            .arg(format!("LOCAL_CONFDIR={}", folder.display()));
        for name in ["RUNDIR", "LOGDIR"] {
            command
                .arg("--var")
                .arg(format!("{name}={}", folder.display()));
        }
        // What it has compiled once is found again.
        let compiled = std::env::temp_dir().join("rspamd-compiled");
        fs::create_dir_all(&compiled).expect("a folder");
        command
            .arg("--var")
            .arg(format!("DBDIR={}", compiled.display()));
        Self::start(vec![command], folder, socket)
    }

    /// SpamAssassin as Debian configures it, with the tests that ask DNS, asked by spamass-milter. `lines` are of its
    /// configuration.
    pub fn spamassassin(lines: &[&str]) -> Self {
        let folder = fresh_folder();
        let socket = folder.join("socket");
        let mut server = Command::new("spamd");
        server.args([
            "--listen=127.0.0.1:783",
            "--nouser-config",
            "--username=nobody",
        ]);
        server.args(lines.iter().map(|line| format!("--cf={line}")));
        server.arg(format!("--syslog={}", folder.join("spamd.log").display()));
        let mut milter = Command::new("spamass-milter");
        // 255.255.255.255: nobody is left out for his address.
        milter
            .args(["-f", "-i", "255.255.255.255", "-p"])
            .arg(&socket);
        Self::start(vec![server, milter], folder, socket)
    }

    fn start(commands: Vec<Command>, folder: PathBuf, socket: PathBuf) -> Self {
        let mut peer = Self {
            processes: Vec::new(),
            folder,
            socket,
        };
        for mut command in commands {
            let log = fs::File::options()
                .create(true)
                .append(true)
                .open(peer.folder.join("said"))
                .expect("a log");
            let child = command
                .stdin(Stdio::null())
                .stdout(log.try_clone().expect("a log"))
                .stderr(log)
                .spawn()
                .unwrap_or_else(|error| panic!("{command:?}: {error}"));
            peer.processes.push(child);
        }
        let until = Instant::now() + PATIENCE;
        while UnixStream::connect(&peer.socket).is_err() {
            for process in &mut peer.processes {
                let ended = process.try_wait().expect("its state");
                assert!(ended.is_none(), "{ended:?}: {}", said(&peer.folder));
            }
            assert!(Instant::now() < until, "no socket: {}", said(&peer.folder));
            thread::sleep(Duration::from_millis(50));
        }
        // Postfix' smtpd comes as another user.
        fs::set_permissions(&peer.socket, fs::Permissions::from_mode(0o666)).expect("its mode");
        peer
    }

    /// The process ids of all of it, as they are now: helpers too.
    pub fn processes(&self) -> Vec<u32> {
        let mut all: Vec<u32> = self.processes.iter().map(Child::id).collect();
        let mut seen = 0;
        while let Some(parent) = all.get(seen).copied() {
            all.extend(children(parent));
            seen += 1;
        }
        all
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let all = self.processes();
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
        // Helpers that outlive their parent; none of these numbers can be taken so soon.
        for process in all {
            let id = i32::try_from(process)
                .ok()
                .and_then(rustix::process::Pid::from_raw);
            if let Some(id) = id {
                let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
            }
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn written(folder: &Path, text: &str) -> PathBuf {
    let file = folder.join("conf");
    fs::write(&file, text).expect("a configuration");
    file
}

fn said(folder: &Path) -> String {
    fs::read_to_string(folder.join("said")).unwrap_or_default()
}

fn children(parent: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{parent}/task"));
    let mut found = Vec::new();
    for task in tasks.into_iter().flatten().flatten() {
        let text = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        found.extend(
            text.split_whitespace()
                .filter_map(|id| id.parse::<u32>().ok()),
        );
    }
    found
}
