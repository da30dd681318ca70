//! HAProxy with the configuration that is shipped, in front of instances of the filter.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::milter::fresh_folder;
use super::unpacked::Unpacked;

const PATIENCE: Duration = Duration::from_secs(60);

/// An address of loopback that nobody listens on.
pub fn free_addr() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address")
}

/// Where an instance takes messages, and where it is asked how it is.
#[derive(Clone, Copy)]
pub struct Place {
    pub milter: SocketAddr,
    pub http: SocketAddr,
}

/// HAProxy with the configuration that is shipped, at ports of the test's own.
pub struct Balancer {
    child: Child,
    folder: PathBuf,
    /// Where it listens.
    pub addr: SocketAddr,
}

impl Balancer {
    /// In front of these, up to three.
    pub fn start(places: &[Place]) -> Self {
        let folder = fresh_folder();
        let addr = free_addr();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/haproxy/haproxy.cfg");
        let mut text = fs::read_to_string(shipped).expect("the configuration");
        let mut replace = |old: &str, new: String| {
            assert!(text.contains(old), "{old} is not in\n{text}");
            text = text.replace(old, &new);
        };
        replace("127.0.0.1:8890", addr.to_string());
        replace(
            "/run/haproxy/milter.sock",
            folder.join("admin").display().to_string(),
        );
        for number in 0..3 {
            let server = format!("192.0.2.{}:8895 port 9895", number + 1);
            let taken = match places.get(number) {
                Some(place) => format!("{} port {}", place.milter, place.http.port()),
                None => "127.0.0.1:1 disabled".to_owned(),
            };
            replace(&server, taken);
        }
        fs::write(folder.join("haproxy.cfg"), text).expect("write haproxy.cfg");
        let child = Unpacked::packages("haproxy", &["haproxy"])
            .command("haproxy")
            .args(["-db", "-f"])
            .arg(folder.join("haproxy.cfg"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("haproxy");
        let mut balancer = Self {
            child,
            folder,
            addr,
        };
        let until = Instant::now() + PATIENCE;
        // It listens at one after the other.
        while TcpStream::connect(addr).is_err()
            || UnixStream::connect(balancer.folder.join("admin")).is_err()
        {
            let ended = balancer.child.try_wait().expect("its state");
            assert!(ended.is_none(), "haproxy ended: {ended:?}");
            assert!(Instant::now() < until, "haproxy is not ready");
            thread::sleep(Duration::from_millis(20));
        }
        balancer
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    fn say(&self, words: &str) -> String {
        let mut socket = UnixStream::connect(self.folder.join("admin")).expect("its socket");
        writeln!(socket, "{words}").expect("a command");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Sends it nothing new, and waits till it has no session.
    pub fn drain(&self, server: &str) {
        self.say(&format!("set server milter/{server} state drain"));
        let until = Instant::now() + PATIENCE;
        while self.field(server, 4) != "0" {
            assert!(Instant::now() < until, "{server} keeps sessions");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Lets it have new sessions, and waits till it is known to be there.
    pub fn ready(&self, server: &str) {
        self.say(&format!("set server milter/{server} state ready"));
        let until = Instant::now() + PATIENCE;
        while self.field(server, 17) != "UP" {
            assert!(
                Instant::now() < until,
                "{server} is not up: {}",
                self.field(server, 17)
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// A column of `show stat`: 4 is the sessions that it has, 17 its state.
    fn field(&self, server: &str, column: usize) -> String {
        let table = self.say("show stat");
        let line = table
            .lines()
            .find(|line| line.starts_with(&format!("milter,{server},")));
        let line = line.unwrap_or_else(|| panic!("{server} is not in\n{table}"));
        line.split(',').nth(column).expect("a column").to_owned()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
