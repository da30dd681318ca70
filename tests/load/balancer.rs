//! HAProxy in front of instances of the filter: two milters in main.cf are two filters in a row, and no
//! fallback for each other.

use std::fmt::Write;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::free_addr;
use crate::support::milter::fresh_folder;
use crate::support::unpacked::Unpacked;

/// A running HAProxy; dropping it ends it.
pub(crate) struct HaProxy {
    child: Child,
    folder: PathBuf,
    /// Where it listens.
    pub(crate) addr: SocketAddr,
}

impl HaProxy {
    /// In front of these; it asks each of them five times a second whether it is there.
    pub(crate) fn start(backends: &[SocketAddr]) -> Self {
        let programs = Unpacked::packages("haproxy", &["haproxy"]);
        let folder = fresh_folder();
        let addr = free_addr();
        let mut text = format!(
            "global\n  log stderr local0 warning\ndefaults\n  mode tcp\n  timeout connect 1s\n  \
             timeout client 10m\n  timeout server 10m\n  retries 3\n  option redispatch 1\n\
             listen milter\n  bind {addr}\n  balance roundrobin\n"
        );
        for (number, backend) in backends.iter().enumerate() {
            let _ = writeln!(
                text,
                "  server m{number} {backend} check inter 200ms fall 1 rise 1"
            );
        }
        fs::write(folder.join("haproxy.cfg"), text).expect("write haproxy.cfg");
        let child = programs
            .command("haproxy")
            .args(["-db", "-f"])
            .arg(folder.join("haproxy.cfg"))
            .stdin(Stdio::null())
            .spawn()
            .expect("haproxy");
        let mut balancer = Self {
            child,
            folder,
            addr,
        };
        balancer.await_ready();
        balancer
    }

    fn await_ready(&mut self) {
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(self.addr).is_err() {
            assert!(Instant::now() < until, "haproxy is not ready");
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("haproxy ended with {status}");
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for HaProxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
