//! A container of the image, under runc.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::tools;

const PATIENCE: Duration = Duration::from_secs(60);

/// A container; dropping it ends it.
pub(crate) struct Container {
    child: Child,
    bundle: PathBuf,
    name: String,
}

impl Container {
    /// Runs a bundle with this configuration.
    pub(crate) fn run(bundle: PathBuf, config: &Value) -> Self {
        fs::write(bundle.join("config.json"), config.to_string()).expect("write");
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let nth = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("spoof-milter-{}-{nth}", std::process::id());
        let log = fs::File::create(bundle.join("log")).expect("a log");
        let child = tools()
            .command("runc")
            .arg("--root")
            .arg(bundle.join("state"))
            .args(["run", "--no-pivot", "--bundle"])
            .arg(&bundle)
            .arg(&name)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("runc");
        Self {
            child,
            bundle,
            name,
        }
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.bundle.join("log")).expect("the log")
    }

    /// The program's process, as this machine numbers it.
    pub(crate) fn id(&self) -> u64 {
        let state = self.runc(&["state", &self.name]).stdout;
        let state: Value = serde_json::from_slice(&state).expect("JSON");
        assert_eq!(state["status"], "running", "{}", self.log());
        state["pid"].as_u64().expect("a process id")
    }

    fn runc(&self, words: &[&str]) -> std::process::Output {
        let mut command = tools().command("runc");
        let command = command.arg("--root").arg(self.bundle.join("state"));
        command.args(words).output().expect("runc")
    }

    pub(crate) fn wait_for(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.log().contains(text) {
            let ended = self.child.try_wait().expect("its state");
            assert!(
                ended.is_none() && Instant::now() < until,
                "{text} is not in\n{}",
                self.log()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// SIGTERM, and its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let name = self.name.clone();
        self.runc(&["kill", &name, "TERM"]);
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                return status.code();
            }
            assert!(Instant::now() < until, "it doesn't end:\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let name = self.name.clone();
        self.runc(&["delete", "--force", &name]);
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.bundle);
    }
}
