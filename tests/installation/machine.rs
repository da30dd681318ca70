//! A fresh system that has booted: its own processes, disk, network, and DNS.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::support::dns::{ZoneServer, parse};
use crate::support::root;
use crate::support::samples::zone;

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(180);

/// Without these a root inside could reach the kernel of this machine, which is the same.
const TAKEN_AWAY: &str = "-sys_module,-sys_time,-sys_boot,-sys_rawio";

/// A mailing list that sends from the machine itself.
const LIST: &str = "users.lists.example. TXT \"v=spf1 ip4:198.51.100.7 -all\"\n";
/// What programs of the documents look up of their own accord, and complain of where it isn't there.
const OTHERS: &str = "fuzzy1.rspamd.com. A 198.51.100.99\nfuzzy2.rspamd.com. A 198.51.100.99\n";

/// A booted system; it ends with its value.
#[derive(Debug)]
pub(crate) struct Machine {
    unshare: Child,
    /// Its first process, as this machine counts.
    init: u32,
    cgroup: Option<PathBuf>,
    /// Answers on 127.0.0.1:53 of the system.
    _dns: ZoneServer,
}

/// What a command said, both streams in one.
#[derive(Debug, Default)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) text: String,
}

impl Machine {
    /// Boots one. `None` only where the test is to be left out: it is said why.
    pub(crate) fn boot() -> Option<Self> {
        Self::boot_with(&[])
    }

    /// As [`Self::boot`], with packages that `apt-get install` finds there without a network.
    pub(crate) fn boot_with(packages: &[&str]) -> Option<Self> {
        if std::env::var_os("WITHOUT_SYSTEMD").is_some() {
            root::say("WITHOUT_SYSTEMD is set, so no system is booted");
            return None;
        }
        if root::left_out(root::SYSTEM) {
            return None;
        }
        match Self::try_boot(packages) {
            Ok(machine) => Some(machine),
            Err(error) => panic!(
                "no system could be booted here: {error}\nThis needs root, namespaces and cgroups. \
                 Where they can't be had, WITHOUT_SYSTEMD=1 leaves these tests out."
            ),
        }
    }

    fn try_boot(packages: &[&str]) -> Result<Self, String> {
        let archive = fresh_tree(packages)?;
        let cgroup = own_cgroup();
        let mut unshare = Command::new("sh")
            .arg("-c")
            // Whatever ends this test ends the system too.
            .arg(
                "test -z \"$0\" || echo $$ >\"$0/cgroup.procs\"; \
                 exec setpriv --pdeathsig KILL --bounding-set \"$1\" \
                 unshare --fork --kill-child --pid --mount --uts --ipc --net --cgroup sh \"$2\" \"$3\"",
            )
            .arg(cgroup.clone().unwrap_or_default())
            .arg(TAKEN_AWAY)
            .arg(script("boot-tree.sh"))
            .arg(archive)
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let up = await_boot(&mut unshare).and_then(|init| {
            Ok((
                init,
                dns(init).map_err(|error| format!("its DNS: {error}"))?,
            ))
        });
        match up {
            Ok((init, dns)) => Ok(Self {
                unshare,
                init,
                cgroup,
                _dns: dns,
            }),
            Err(error) => {
                end(&mut unshare, cgroup.as_deref());
                Err(error)
            }
        }
    }

    /// Runs a script there, as root in its home, to its end.
    pub(crate) fn run(&self, script: &str) -> Said {
        let mut child = inside(self.init)
            .args(["timeout", "120", "sh", "-eu"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nsenter");
        let whole = format!("exec 2>&1\n{script}\n");
        child
            .stdin
            .take()
            .expect("its input")
            .write_all(whole.as_bytes())
            .expect("write");
        let output = child.wait_with_output().expect("its end");
        said(&output)
    }

    /// As [`Self::run`]; panics where it fails. Returns what it said.
    pub(crate) fn sh(&self, script: &str) -> String {
        let said = self.run(script);
        assert!(
            said.code == Some(0),
            "{script}\nended with {:?}:\n{}",
            said.code,
            said.text
        );
        said.text
    }

    /// Waits till a script succeeds; panics with what it said last.
    pub(crate) fn wait_for(&self, script: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let said = self.run(script);
            if said.code == Some(0) {
                return said.text;
            }
            assert!(
                Instant::now() < until,
                "{script}\nnever succeeded:\n{}",
                said.text
            );
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Writes a file there.
    pub(crate) fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let there = PathBuf::from(format!("/proc/{}/root{path}", self.init));
        fs::create_dir_all(there.parent().expect("a folder")).expect("a folder");
        fs::write(there, content).expect(path);
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        end(&mut self.unshare, self.cgroup.as_deref());
    }
}

/// Ends the system: its first process goes with `unshare`, and all others with that one.
fn end(unshare: &mut Child, cgroup: Option<&Path>) {
    let _ = unshare.kill();
    let _ = unshare.wait();
    let until = Instant::now() + PATIENCE;
    while let Some(folder) = cgroup
        && folder.exists()
        && Instant::now() < until
    {
        remove_cgroup(folder);
        thread::sleep(Duration::from_millis(50));
    }
}

/// From the innermost: a group of processes goes when it has no member and no group in it.
fn remove_cgroup(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_cgroup(&entry.path());
        }
    }
    let _ = fs::remove_dir(folder);
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

/// The archive to boot from, made where it isn't there.
fn fresh_tree(packages: &[&str]) -> Result<PathBuf, String> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let output = Command::new("sh")
        .arg(script("fresh-tree.sh"))
        .args(packages)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    let archive = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if output.status.success() {
        Ok(archive.into())
    } else {
        Err("tests/fresh-tree.sh failed (above)".to_owned())
    }
}

/// A group of processes of its own, so that the system sees no other as its own. A kernel without
/// the unified hierarchy shows it an empty one.
fn own_cgroup() -> Option<PathBuf> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    let mount = mounts
        .lines()
        .map(|line| line.split(' ').collect::<Vec<_>>())
        .find(|fields| fields.get(2) == Some(&"cgroup2"))?[1]
        .to_owned();
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("amazon-spoof-milter-test-{}-{number}", std::process::id());
    let folder = Path::new(&mount).join(own).join(name);
    fs::create_dir(&folder).ok().map(|()| folder)
}

/// Waits till everything that starts at boot has started.
fn await_boot(unshare: &mut Child) -> Result<u32, String> {
    let until = Instant::now() + PATIENCE;
    let mut last = String::new();
    while Instant::now() < until {
        if let Some(status) = unshare.try_wait().map_err(|error| error.to_string())? {
            return Err(format!("its first process ended with {status}"));
        }
        let children = format!("/proc/{0}/task/{0}/children", unshare.id());
        let init = fs::read_to_string(children).unwrap_or_default();
        if let Ok(init) = init.trim().parse() {
            let output = inside(init)
                .args(["systemctl", "is-system-running", "--wait"])
                .output()
                .map_err(|error| error.to_string())?;
            let state = said(&output);
            if state.text.trim() == "running" {
                return Ok(init);
            }
            last = state.text;
        }
        thread::sleep(Duration::from_millis(100));
    }
    Err(format!("it has not started in time: {last}"))
}

/// A DNS server in this process that listens in the network of the system. Whoever makes a socket
/// makes it in the network of his thread.
fn dns(init: u32) -> Result<ZoneServer, String> {
    let start = move || {
        let network = fs::File::open(format!("/proc/{init}/ns/net")).map_err(|e| e.to_string())?;
        move_into_link_name_space(
            std::os::fd::AsFd::as_fd(&network),
            Some(LinkNameSpaceType::Network),
        )
        .map_err(|error| error.to_string())?;
        let addr = SocketAddr::from(([127, 0, 0, 1], 53));
        let zone = zone() + LIST + OTHERS;
        let zone = parse(&zone).map_err(|error| error.to_string())?;
        ZoneServer::start_at(addr, zone).map_err(|error| error.to_string())
    };
    thread::spawn(start)
        .join()
        .map_err(|_| "panicked".to_owned())?
}

/// A command in all of the system's namespaces.
fn inside(init: u32) -> Command {
    let mut command = Command::new("nsenter");
    command
        .args(["--target", &init.to_string(), "--all"])
        .args(["env", "-i", "-C", "/root", "HOME=/root", "LANG=C.UTF-8"])
        .arg("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

fn said(output: &Output) -> Said {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    Said {
        code: output.status.code(),
        text: String::from_utf8_lossy(&text).into_owned(),
    }
}
