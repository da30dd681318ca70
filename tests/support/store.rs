//! A real Redis of the test's own on loopback, from the distribution's package, which is unpacked and never installed.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::milter::fresh_folder;
use super::unpacked::Unpacked;
use super::watchdog::Watchdog;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A store; dropping it ends it.
pub struct Store {
    child: Option<Child>,
    watchdog: Option<Watchdog>,
    folder: PathBuf,
    lines: Vec<String>,
    port: u16,
    is_tls: bool,
}

impl Store {
    /// Without a password, in the clear.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// With further lines of its configuration.
    pub fn start_with(lines: &[&str]) -> Self {
        let folder = fresh_folder();
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a port")
            .port();
        let mut store = Self {
            child: None,
            watchdog: None,
            folder,
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            port,
            is_tls: false,
        };
        store.restart();
        store
    }

    /// That speaks nothing but TLS, with a certificate for `localhost`; beside it the authority's file.
    pub fn start_tls() -> (Self, PathBuf) {
        let folder = fresh_folder();
        let file = |name: &str| folder.join(name).display().to_string();
        let openssl = |arguments: &[&str]| {
            let mut command = std::process::Command::new("openssl");
            let output = command.args(arguments).output().expect("openssl");
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
        };
        let (ca, ca_key) = (file("ca.pem"), file("ca.key"));
        let (cert, key, request) = (file("store.pem"), file("store.key"), file("store.csr"));
        let curve = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ];
        let mut arguments = vec![
            "req",
            "-x509",
            "-subj",
            "/CN=authority",
            "-days",
            "2",
            "-keyout",
            &ca_key,
            "-out",
            &ca,
        ];
        arguments.extend(curve);
        openssl(&arguments);
        let mut arguments = vec![
            "req",
            "-subj",
            "/CN=localhost",
            "-keyout",
            &key,
            "-out",
            &request,
        ];
        arguments.extend(curve);
        openssl(&arguments);
        let names = file("names");
        fs::write(&names, "subjectAltName=DNS:localhost\n").expect("write");
        openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &ca,
            "-CAkey",
            &ca_key,
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            &names,
            "-out",
            &cert,
        ]);
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .expect("a port")
            .port();
        let mut store = Self {
            child: None,
            watchdog: None,
            lines: vec![
                format!("tls-port {port}"),
                format!("tls-cert-file {cert}"),
                format!("tls-key-file {key}"),
                format!("tls-ca-cert-file {ca}"),
                "tls-auth-clients no".into(),
            ],
            folder,
            port,
            is_tls: true,
        };
        store.restart();
        (store, ca.into())
    }

    /// As `[history] store` has it.
    pub fn url(&self) -> String {
        match self.is_tls {
            true => format!("rediss://localhost:{}", self.port),
            false => format!("redis://127.0.0.1:{}", self.port),
        }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// A connection of the default user.
    pub fn connect(&self) -> redis::Connection {
        let client = redis::Client::open(self.url()).expect("its address");
        client.get_connection().expect("a connection")
    }

    /// Does one command.
    pub fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = redis::cmd(words[0]);
        for word in &words[1..] {
            command.arg(*word);
        }
        command.query(&mut self.connect()).expect("an answer")
    }

    /// Ends it at once; what it held is gone.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.watchdog = None;
        fs::create_dir_all(&self.folder).expect("its folder");
    }

    /// Starts it at its port.
    pub fn restart(&mut self) {
        let plain = match self.is_tls {
            true => 0,
            false => self.port,
        };
        let text = format!(
            "bind 127.0.0.1\nport {plain}\nsave \"\"\nappendonly no\ndir {}\nenable-debug-command yes\n{}\n",
            self.folder.display(),
            self.lines.join("\n")
        );
        let config = self.folder.join("redis.conf");
        fs::write(&config, text).expect("write redis.conf");
        let programs = Unpacked::packages("redis-pkg", &["redis-server"]);
        let mut child = programs
            .command("redis-server")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server");
        let until = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(self.addr()).is_err() {
            assert!(Instant::now() < until, "the store is not ready");
            if let Ok(Some(status)) = child.try_wait() {
                panic!("the store ended with {status}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.watchdog = Some(Watchdog::over(&child, Path::new("/nonexistent")));
        self.child = Some(child);
    }

    /// Answers nothing from now on, and keeps its connections.
    pub fn hang(&self) {
        self.signal(Signal::STOP);
    }

    /// Goes on.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// Takes no more data.
    pub fn fill(&self) {
        let _: String = self.ask(&["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
        let _: String = self.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    }

    /// Takes data again.
    pub fn empty(&self) {
        let _: String = self.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    }

    fn signal(&self, signal: Signal) {
        let child = self.child.as_ref().expect("a store");
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        kill_process(id.expect("a process id"), signal).expect("send a signal");
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
