//! A real Prometheus of the test's own on loopback, and its tools, from the distribution's package,
//! which is unpacked where it is missing and never installed.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::milter::fresh_folder;
use super::unpacked::Unpacked;
use super::watchdog::Watchdog;

/// How long it may take to start, to scrape, to see an alert.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program of the package, able to find its libraries.
fn command(program: &str) -> Command {
    static FOUND: OnceLock<Unpacked> = OnceLock::new();
    FOUND
        .get_or_init(|| Unpacked::packages("prometheus-pkg", &["prometheus"]))
        .command(program)
}

/// Runs promtool(1) in a folder, `input` on its standard input.
pub fn promtool(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = command("promtool")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(input.as_bytes()).expect("its input");
    drop(pipe);
    child.wait_with_output().expect("its end")
}

/// A running Prometheus; dropping it ends it.
#[derive(Debug)]
pub struct Prometheus {
    child: Child,
    _watchdog: Watchdog,
    folder: PathBuf,
    addr: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Prometheus {
    /// Starts it with a configuration that may name `rules.yml`, which gets the given text.
    pub fn start(config: &str, rules: &str) -> Self {
        let folder = fresh_folder();
        fs::write(folder.join("prometheus.yml"), config).expect("write");
        fs::write(folder.join("rules.yml"), rules).expect("write");
        let consoles = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/prometheus/consoles");
        let mut child = command("prometheus")
            .arg("--config.file=prometheus.yml")
            .arg("--storage.tsdb.path=data")
            .arg(format!("--web.console.templates={}", consoles.display()))
            .arg("--web.console.libraries=none")
            .arg("--web.listen-address=127.0.0.1:0")
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("prometheus");
        let watchdog = Watchdog::over(&child, &folder);
        let log = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().expect("its log"));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                kept.lock().expect("the log").push_str(&line);
                line.clear();
            }
        });
        let mut prometheus = Self {
            child,
            _watchdog: watchdog,
            folder,
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            log,
        };
        prometheus.addr = prometheus.eventually("an address", |prometheus| {
            let log = prometheus.log();
            let (_, rest) = log.split_once("msg=\"Listening on\" address=")?;
            rest.split_whitespace().next()?.parse().ok()
        });
        prometheus.eventually("readiness", |prometheus| {
            prometheus
                .get("/-/ready")
                .filter(|answer| answer.starts_with("HTTP/1.0 200"))
        });
        prometheus
    }

    /// The address of one of its pages.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Asks until there is an answer; panics with the log where none comes.
    pub fn eventually<T>(&self, what: &str, ask: impl Fn(&Self) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = ask(self) {
                return answer;
            }
            assert!(Instant::now() < until, "no {what}:\n{}", self.log());
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// The whole answer to a GET, with its header.
    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.addr).ok()?;
        // Version 1.0: the answer comes in one piece and ends with the connection.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: prometheus\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// `data` of an answer of the API; panics with the answer where it isn't one of success.
    pub fn api(&self, path: &str) -> Value {
        let answer = self.get(&format!("/api/v1/{path}")).expect("an answer");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        let mut value: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(value["status"], "success", "{path}: {answer}");
        value["data"].take()
    }

    /// The samples that a query has now: labels, value.
    pub fn query(&self, query: &str) -> Vec<(Value, f64)> {
        let data = self.api(&format!("query?query={}", percent_encoded(query)));
        let samples = data["result"].as_array().expect("a vector").iter();
        samples
            .map(|sample| {
                let value = sample["value"][1].as_str().expect("a value");
                (sample["metric"].clone(), value.parse().expect("a number"))
            })
            .collect()
    }

    /// The names of the alerts that fire, sorted.
    pub fn firing(&self) -> Vec<String> {
        let data = self.api("alerts");
        let alerts = data["alerts"].as_array().expect("alerts").iter();
        let mut names: Vec<_> = alerts
            .filter(|alert| alert["state"] == "firing")
            .map(|alert| {
                let name = &alert["labels"]["alertname"];
                name.as_str().expect("a name").to_owned()
            })
            .collect();
        names.sort();
        names
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// As RFC 3986 wants a query.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
