//! Postfix' master as a child of the test: started, watched, and ended with all of its daemons.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::programs::Programs;

/// The running master; dropping it ends it and its daemons.
#[derive(Debug)]
pub struct Master {
    process: Child,
    watchdog: Child,
}

impl Master {
    /// Starts it with the configuration in `folder`/etc and waits for the greeting.
    pub fn start(
        folder: &Path,
        programs: &Programs,
        smtp_addr: SocketAddr,
    ) -> Result<Self, String> {
        let mut master = Self::spawn(folder, programs).map_err(|error| error.to_string())?;
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut probe = None;
        let complaint = loop {
            if greets(&mut probe, smtp_addr) {
                return Ok(master);
            }
            if let Ok(Some(status)) = master.process.try_wait() {
                break format!("master ended with {status}");
            }
            // A daemon that cannot start is tried for ever; its reason is in the log at once.
            if said(folder, "maillog").contains(": fatal: ") {
                break "a daemon gave up".to_owned();
            }
            if Instant::now() > deadline {
                break format!("no greeting on {smtp_addr} after 30 s");
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        drop(master);
        let said = |name| {
            let text = fs::read(folder.join(name)).unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        };
        Err(format!(
            "{complaint}\n{}{}",
            said("stderr"),
            said("maillog")
        ))
    }

    fn spawn(folder: &Path, programs: &Programs) -> io::Result<Self> {
        let errors = fs::File::create(folder.join("stderr"))?;
        let mut process = programs
            .command(&programs.daemons().join("master"))
            // -d: stay in the foreground, as our child. Then master makes no process group, but at
            // its end kills the group that bears its number: it must have one of its own.
            .arg("-d")
            .arg("-c")
            .arg(folder.join("etc"))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()?;
        match watchdog(&process, folder) {
            Ok(watchdog) => Ok(Self { process, watchdog }),
            Err(error) => {
                stop(&mut process);
                Err(error)
            }
        }
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        stop(&mut self.process);
        // A word tells the watchdog that all is well.
        if let Some(mut pipe) = self.watchdog.stdin.take() {
            let _ = pipe.write_all(b"done\n");
        }
        let _ = self.watchdog.wait();
    }
}

fn said(folder: &Path, name: &str) -> String {
    let text = fs::read(folder.join(name)).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

/// Master listens long before its first smtpd is able to answer, so the connection is kept.
fn greets(probe: &mut Option<TcpStream>, smtp_addr: SocketAddr) -> bool {
    let Some(stream) = probe else {
        *probe = TcpStream::connect(smtp_addr).ok();
        return false;
    };
    let mut code = [0; 4];
    let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
    match stream.read(&mut code) {
        // The greeting is one segment; four octets of it come at once or not at all.
        Ok(4) => code == *b"220 ",
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
        _ => {
            *probe = None;
            false
        }
    }
}

/// A test that is killed drops nothing, and master, in a group of its own, would live on: this
/// shell waits for the end of a pipe that only we hold, and then does what drop would have done.
fn watchdog(master: &Child, folder: &Path) -> io::Result<Child> {
    // No `--` before the group's number: dash has none in its kill.
    const WATCH: &str = r#"read -r word && exit
kill -TERM "-$0"; sleep 1; kill -KILL "-$0"; rm -rf "$1""#;
    Command::new("/bin/sh")
        .args(["-c", WATCH, &master.id().to_string()])
        .arg(folder)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// TERM to master, which ends its daemons; what is left after two seconds is killed.
fn stop(master: &mut Child) {
    let Some(pid) = i32::try_from(master.id()).ok().and_then(Pid::from_raw) else {
        return;
    };
    let _ = kill_process(pid, Signal::TERM);
    let deadline = Instant::now() + Duration::from_secs(2);
    while matches!(master.try_wait(), Ok(None)) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
    }
    // Daemons outlive master by a moment; the group's number cannot be taken while one is in it.
    let _ = kill_process_group(pid, Signal::KILL);
    let _ = master.wait();
}
