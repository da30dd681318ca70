//! A real content filter on loopback: proxsmtp, from the distribution's package, which is unpacked
//! where it is missing and never installed. It takes mail over SMTP, gives its text to a program
//! (here cat(1)), and hands it on over SMTP.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::milter::fresh_folder;
use super::unpacked::Unpacked;
use super::watchdog::Watchdog;

const PATIENCE: Duration = Duration::from_secs(30);

/// What it adds to the header of all that goes through it.
pub const MARK: &str = "X-Filtered: by the content filter";

/// A port that nothing listens on, for a filter whose MTA has to know it beforehand.
pub fn free_port() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    listener.local_addr().expect("its address")
}

/// A running filter; dropping it ends it.
#[derive(Debug)]
pub struct ContentFilter {
    child: Child,
    _watchdog: Watchdog,
    folder: PathBuf,
}

impl ContentFilter {
    /// Starts it, from `listen` to `next`, and waits till it takes connections.
    pub fn start(listen: SocketAddr, next: SocketAddr) -> Self {
        let package = Unpacked::packages("proxsmtp-pkg", &["proxsmtp"]);
        let folder = fresh_folder();
        let config = folder.join("proxsmtpd.conf");
        let text = format!(
            "Listen: {listen}\nOutAddress: {next}\nFilterCommand: cat\nFilterType: pipe\n\
             Header: {MARK}\nTempDirectory: {}\n",
            folder.display()
        );
        fs::write(&config, text).expect("write proxsmtpd.conf");
        let log = fs::File::create(folder.join("log")).expect("a log");
        let child = package
            .command(package.0.join("usr/sbin/proxsmtpd"))
            .args(["-d", "3", "-f"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("proxsmtpd");
        let watchdog = Watchdog::over(&child, &folder);
        let filter = Self {
            child,
            _watchdog: watchdog,
            folder,
        };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(listen).is_err() {
            assert!(Instant::now() < until, "the filter: {}", filter.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        filter
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for ContentFilter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
