//! The filters that are measured, each a process of its own, and what they use.

use std::fs;
use std::io;
use std::iter::Sum;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::client::Socket;
use super::load::Target;
use super::support::milter::fresh_folder;

/// How long a filter may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running filter; dropping it ends it.
pub struct Filter {
    child: Child,
    folder: PathBuf,
    pub socket: Socket,
    /// From its start to the moment at which it listened.
    pub start: Duration,
}

/// Processor time and memory of a process, or of several together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Use {
    /// Its children that have ended among it.
    pub processor: Duration,
    /// The most octets that it held at a time.
    pub peak: u64,
    /// The octets that it holds, its part of what it shares with others.
    pub held: u64,
}

impl Sum for Use {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            processor: sum.processor + one.processor,
            peak: sum.peak + one.peak,
            held: sum.held + one.held,
        })
    }
}

impl Filter {
    /// This program with a configuration; `listen` is `unix` or `tcp`, `http` the address of its page
    /// or nothing.
    pub fn milter(program: &Path, listen: &str, http: &str, dns: SocketAddr, config: &str) -> Self {
        let folder = fresh_folder();
        let unix = folder.join("milter.sock");
        let listen = match listen {
            "tcp" => "inet:127.0.0.1:0".to_owned(),
            _ => format!("unix:{}", unix.display()),
        };
        let text = format!(
            "[milter]\nlisten = \"{listen}\"\nmax_connections = 1000\n[http]\nlisten = \"{http}\"\n\
             [dns]\nservers = [\"{dns}\"]\n{config}\n"
        );
        let file = folder.join("config.toml");
        fs::write(&file, text).expect("write config.toml");
        let mut command = Command::new(program);
        command.arg("run").arg("--config").arg(file);
        Self::start(command, folder, unix)
    }

    /// Any other filter that listens on a Unix socket, whose path takes the place of `{}`.
    pub fn other(program: &Path, socket: &str) -> Self {
        let folder = fresh_folder();
        let unix = folder.join("milter.sock");
        let mut command = Command::new(program);
        command.arg(socket.replace("{}", &unix.to_string_lossy()));
        Self::start(command, folder, unix)
    }

    fn start(mut command: Command, folder: PathBuf, unix: PathBuf) -> Self {
        let log = folder.join("log");
        let begun = Instant::now();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).expect("a log"))
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} can't be started: {error}"));
        let mut filter = Self {
            child,
            folder,
            socket: Socket::Unix(unix.clone()),
            start: Duration::ZERO,
        };
        while begun.elapsed() < PATIENCE {
            if std::os::unix::net::UnixStream::connect(&unix).is_ok() {
                filter.start = begun.elapsed();
                return filter;
            }
            if let Some(address) = listening(&fs::read_to_string(&log).unwrap_or_default()) {
                filter.start = begun.elapsed();
                filter.socket = Socket::Tcp(address);
                return filter;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        panic!(
            "{command:?} doesn't listen:\n{}",
            fs::read_to_string(log).unwrap_or_default()
        );
    }
}

impl Target for Filter {
    fn sockets(&self) -> Vec<Socket> {
        vec![self.socket.clone()]
    }

    fn used(&self) -> Use {
        usage(self.child.id()).expect("the process")
    }
}

/// The TCP address in the line that says that the milter is ready.
fn listening(log: &str) -> Option<SocketAddr> {
    let line = log.lines().find(|line| line.contains(" ready "))?;
    let (_, rest) = line.split_once("milter=\"")?;
    rest.split('"').next()?.parse().ok()
}

/// From `/proc` (proc(5)).
pub fn usage(process: u32) -> io::Result<Use> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program, in parentheses, may hold blanks.
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let octets = |text: &str, name: &str| {
        let kilobytes = text
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .and_then(|rest| rest.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kilobytes.unwrap_or_default() * 1_024
    };
    Ok(Use {
        processor: Duration::from_secs_f64(
            ticks as f64 / rustix::param::clock_ticks_per_second() as f64,
        ),
        peak: octets(&status, "VmHWM:"),
        held: octets(&rollup, "Pss:"),
    })
}

impl Drop for Filter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Builds the filter that decides nothing. None without libmilter's headers and a C compiler.
pub fn build_noop(target: &Path) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/conversation/noop.c");
    let program = target.join("bench-noop");
    let unpacked = target.join("milter-pkg/usr");
    let mut compiler = Command::new("cc");
    compiler.args(["-O2", "-o"]).arg(&program).arg(source);
    if unpacked.is_dir() {
        compiler.arg("-I").arg(unpacked.join("include"));
        for folder in libraries(&unpacked.join("lib")) {
            compiler.arg("-L").arg(&folder);
            compiler.arg(format!("-Wl,-rpath,{}", folder.display()));
        }
    }
    compiler.args(["-lmilter", "-lpthread"]);
    match compiler.output() {
        Ok(output) if output.status.success() => Some(program),
        Ok(output) => {
            eprintln!("{}", String::from_utf8_lossy(&output.stderr));
            None
        }
        Err(error) => {
            eprintln!("cc: {error}");
            None
        }
    }
}

/// Folders below `root` that hold libmilter.
fn libraries(root: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(root).into_iter().flatten().flatten();
    folders
        .map(|entry| entry.path())
        .chain([root.to_owned()])
        .filter(|folder| {
            folder.join("libmilter.so").exists() || folder.join("libmilter.a").exists()
        })
        .collect()
}
