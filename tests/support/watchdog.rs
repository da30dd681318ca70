//! What ends a process of a test that is killed itself.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A shell, in a group that no Ctrl-C reaches. It waits for the end of a pipe that only the test holds: a
/// test that is killed drops nothing, and then the shell kills the process and removes its folder.
#[derive(Debug)]
pub(super) struct Watchdog(Option<Child>);

impl Watchdog {
    /// Watches over `child`. Where no shell can be started nothing watches, and the test goes on.
    pub(super) fn over(child: &Child, folder: &Path) -> Self {
        let shell = Command::new("/bin/sh")
            .args([
                "-c",
                r#"read -r word && exit; kill -KILL "$0"; rm -rf "$1""#,
            ])
            .arg(child.id().to_string())
            .arg(folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(shell.ok())
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(mut shell) = self.0.take() {
            // A word tells it that all is well.
            if let Some(mut pipe) = shell.stdin.take() {
                let _ = std::io::Write::write_all(&mut pipe, b"done\n");
            }
            let _ = shell.wait();
        }
    }
}
