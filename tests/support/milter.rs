//! The program itself as a process of its own, on ports that the system chooses.

use super::watchdog::Watchdog;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long it may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running milter; dropping it ends it.
#[derive(Debug)]
pub struct Milter {
    child: Child,
    _watchdog: Watchdog,
    folder: PathBuf,
    /// Where Postfix reaches it, as `inet:127.0.0.1:PORT`.
    pub socket: String,
    /// Where metrics are.
    pub http: SocketAddr,
    log: Arc<Mutex<String>>,
    /// Reads its log to the end.
    reader: Option<thread::JoinHandle<()>>,
}

impl Milter {
    /// Starts `program run` with a configuration that gets free ports and the given DNS server.
    /// Sections of `config` must not repeat `milter.listen`, `http.listen` or `dns.servers`; put
    /// further keys of these sections into `milter`, `http`, `dns`.
    pub fn start(program: &Path, dns: SocketAddr, config: &MilterConfig) -> Self {
        let folder = fresh_folder();
        fs::write(folder.join("config.toml"), config.to_toml(dns)).expect("write config.toml");
        let mut child = Command::new(program)
            .arg("run")
            .arg("--config")
            .arg(folder.join("config.toml"))
            .envs(config.environment.iter().cloned())
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} can't be started: {error}", program.display()));
        let log = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().expect("its log"));
        let kept = Arc::clone(&log);
        let reader = thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                kept.lock().expect("the log").push_str(&line);
                line.clear();
            }
        });
        let watchdog = Watchdog::over(&child, &folder);
        let mut milter = Self {
            child,
            _watchdog: watchdog,
            folder,
            socket: String::new(),
            http: SocketAddr::from(([127, 0, 0, 1], 0)),
            log,
            reader: Some(reader),
        };
        milter.await_ready();
        milter
    }

    fn await_ready(&mut self) {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let log = self.log();
            let word = |name: &str| {
                let mut lines = log.lines();
                let line =
                    lines.find(|line| line.contains(" ready ") || line.contains("\"ready\""))?;
                // As text, or as JSON.
                let (_, rest) = line
                    .split_once(&format!("{name}=\""))
                    .or_else(|| line.split_once(&format!("\"{name}\":\"")))?;
                rest.split('"').next().map(str::to_owned)
            };
            if let (Some(milter), Some(http)) = (word("milter"), word("http")) {
                self.socket = match milter.strip_prefix("unix:") {
                    Some(_) => milter,
                    None => format!("inet:{milter}"),
                };
                self.http = http.parse().expect("an address");
                return;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the milter ended with {status}:\n{}", self.log());
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the milter is not ready:\n{}", self.log());
    }

    /// Where it listens; panics for a Unix socket.
    pub fn addr(&self) -> SocketAddr {
        let addr = self.socket.strip_prefix("inet:").expect("a TCP socket");
        addr.parse().expect("an address")
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Waits till a text stands in the log; panics with the log where it doesn't come.
    pub fn wait_for_log(&self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let log = self.log();
            if log.contains(text) {
                return log;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("{text:?} is not in the log:\n{}", self.log());
    }

    /// The body that `GET path` answers, with the status code.
    pub fn get(&self, path: &str) -> (u16, String) {
        get(self.http, path)
    }

    /// The value of a metric's series, as it is written.
    pub fn metric(&self, series: &str) -> f64 {
        let (_, text) = self.get("/metrics");
        text.lines()
            .find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
            .unwrap_or_else(|| panic!("{series} is not in\n{text}"))
    }

    /// Puts another text in the place of its configuration.
    pub fn rewrite_config(&self, text: &str) {
        fs::write(self.folder.join("config.toml"), text).expect("write config.toml");
    }

    /// The text of its configuration.
    pub fn config(&self) -> String {
        fs::read_to_string(self.folder.join("config.toml")).expect("read config.toml")
    }

    /// SIGHUP.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// SIGTERM; returns the exit code and the log.
    pub fn stop(mut self) -> (Option<i32>, String) {
        self.signal(Signal::TERM);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Ok(Some(status)) = self.child.try_wait() {
                // Its last lines may still be in the pipe.
                if let Some(reader) = self.reader.take() {
                    reader.join().expect("its log");
                }
                return (status.code(), self.log());
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the milter doesn't end:\n{}", self.log());
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(id.expect("a process id"), signal).expect("send a signal");
    }
}

impl Drop for Milter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What a test configures beyond addresses; each text is lines of one section.
#[derive(Clone, Debug, Default)]
pub struct MilterConfig {
    /// Lines of `[milter]`; a `listen` among them goes before the free port.
    pub milter: String,
    /// Lines of `[http]`; a `listen` among them goes before the free port.
    pub http: String,
    /// Lines of `[dns]`.
    pub dns: String,
    /// Whole sections.
    pub rest: String,
    /// Variables of the environment.
    pub environment: Vec<(OsString, OsString)>,
}

impl MilterConfig {
    /// The defaults with this preset.
    pub fn preset(preset: &str) -> Self {
        Self {
            rest: format!("[policy]\npreset = \"{preset}\"\n"),
            ..Self::default()
        }
    }

    fn to_toml(&self, dns: SocketAddr) -> String {
        let listen = match self.milter.contains("listen") {
            true => "",
            false => "listen = \"inet:127.0.0.1:0\"\n",
        };
        let http_listen = match self.http.contains("listen") {
            true => "",
            false => "listen = \"127.0.0.1:0\"\n",
        };
        format!(
            "[milter]\n{listen}{}\n[http]\n{http_listen}{}\n[dns]\nservers = [\"{dns}\"]\n{}\n\n{}\n",
            self.milter, self.http, self.dns, self.rest
        )
    }
}

/// The body that `GET path` answers on a port, with the status code.
pub fn get(http: SocketAddr, path: &str) -> (u16, String) {
    let answer = super::http::get(http, path, &[]);
    (answer.status, answer.body)
}

/// A new folder in the system's temporary one, this process' own.
pub fn fresh_folder() -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("spoof-milter-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
