//! A DNS server for tests and trials: a master file in, UDP and TCP out.
//!
//! It holds the whole tree, as a recursive resolver sees it: names that the file does not have do
//! not exist. A value may be a fault instead of data:
//!
//! ```text
//! slow.example.    TXT  TIMEOUT         ; never answered; without a type: for every type
//! sick.example.         SERVFAIL
//! shut.example.    ANY  REFUSED         ; the same as without a type
//! astray.example.       LAME            ; an empty answer that points up the tree
//! cut.example.     TXT  TRUNCATE        ; TC over UDP, connection cut over TCP
//! else.example.    TXT  WRONGNAME       ; the name's records, as those of another name
//! round.example.        CIRCLE          ; an alias of itself
//! late.example.    TXT  DELAY 8000      ; milliseconds; the name's records follow as usual
//! late.example.    TXT  "v=spf1 -all"
//! *.                    SERVFAIL        ; every name that isn't here, as a wildcard's records do
//! ```

mod master;
mod serve;
mod zone;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use hickory_proto::rr::{Name, RecordType};
use tokio::sync::oneshot;

pub use master::{ZoneError, parse};
pub use zone::{Fault, Zone};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Udp,
    Tcp,
}

/// One question that arrived, answered or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Lower case, without the final dot; the root is empty.
    pub name: String,
    pub kind: RecordType,
    pub transport: Transport,
}

/// The log keeps the latest questions only, else a server left running would grow without end.
const LOG_LIMIT: usize = 100_000;

#[derive(Debug, Default)]
struct State {
    zone: Arc<Zone>,
    log: VecDeque<Asked>,
    paused: bool,
}

#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// A test that panicked with the lock held says so itself.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct ZoneServer {
    /// UDP and TCP alike.
    pub addr: SocketAddr,
    shared: Shared,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl ZoneServer {
    /// Serves `zone_text` on 127.0.0.1, on a port that the system chooses. Panics with the line
    /// where the text is wrong.
    pub fn start(zone_text: &str) -> Self {
        let zone = parse(zone_text).unwrap_or_else(|error| panic!("zone: {error}"));
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::start_at(any, zone).unwrap_or_else(|error| panic!("DNS server on {any}: {error}"))
    }

    /// Serves on an address of the caller's choice; port 0 lets the system choose.
    pub fn start_at(addr: SocketAddr, zone: Zone) -> io::Result<Self> {
        let shared = Shared::default();
        shared.lock().zone = Arc::new(zone);
        let (udp, tcp) = bind(addr)?;
        let addr = udp.local_addr()?;
        let running = Some(launch(udp, tcp, shared.clone())?);
        Ok(Self {
            addr,
            shared,
            running,
        })
    }

    /// Puts these records and faults in the place of all that their names held; other names stay.
    /// A client's own cache still has what it was told before.
    pub fn set(&self, zone_text: &str) {
        let change = parse(zone_text).unwrap_or_else(|error| panic!("zone: {error}"));
        Arc::make_mut(&mut self.shared.lock().zone).replace(change);
    }

    /// Puts these records in the place of everything.
    pub fn replace(&self, zone: Zone) {
        self.shared.lock().zone = Arc::new(zone);
    }

    /// The name is no more; names under it stay.
    pub fn remove(&self, name: &str) {
        let name = Name::from_ascii(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        Arc::make_mut(&mut self.shared.lock().zone).remove(&name);
    }

    /// Every question so far in the order of arrival, retries and unanswered ones too.
    pub fn queries(&self) -> Vec<Asked> {
        self.shared.lock().log.iter().cloned().collect()
    }

    /// The same without the probes by which the program finds out whether DNS is alive: random names of
    /// sixteen hexadecimal digits.
    pub fn queries_of_mail(&self) -> Vec<Asked> {
        let is_probe = |asked: &Asked| {
            let label = asked.name.split('.').next().unwrap_or_default();
            label.len() == 16 && label.bytes().all(|octet| octet.is_ascii_hexdigit())
        };
        let mut queries = self.queries();
        queries.retain(|asked| !is_probe(asked));
        queries
    }

    /// Forgets the questions so far.
    pub fn clear_queries(&self) {
        self.shared.lock().log.clear();
    }

    /// From now on nothing is answered: clients run into their time-out. Questions are still logged.
    pub fn pause(&self) {
        self.shared.lock().paused = true;
    }

    pub fn resume(&self) {
        self.shared.lock().paused = false;
    }

    /// Closes the sockets: clients are refused at once (ICMP port unreachable, TCP reset).
    pub fn stop(&mut self) {
        if let Some((end, thread)) = self.running.take() {
            // The receiver is gone only where the thread has ended already.
            let _ = end.send(());
            let _ = thread.join();
        }
    }

    /// Comes back on the same address after [`Self::stop`], with zone and log as they were.
    pub fn restart(&mut self) -> io::Result<()> {
        self.stop();
        let (udp, tcp) = bind(self.addr)?;
        self.running = Some(launch(udp, tcp, self.shared.clone())?);
        Ok(())
    }
}

impl Drop for ZoneServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Binds both sockets to one port. A port that is free for TCP may be taken for UDP: try others.
fn bind(addr: SocketAddr) -> io::Result<(UdpSocket, TcpListener)> {
    let mut attempts = if addr.port() == 0 { 32 } else { 1 };
    loop {
        attempts -= 1;
        let tcp = TcpListener::bind(addr)?;
        match UdpSocket::bind(tcp.local_addr()?) {
            Ok(udp) => return Ok((udp, tcp)),
            Err(error) if attempts == 0 => return Err(error),
            Err(_) => {}
        }
    }
}

fn launch(
    udp: UdpSocket,
    tcp: TcpListener,
    shared: Shared,
) -> io::Result<(oneshot::Sender<()>, JoinHandle<()>)> {
    udp.set_nonblocking(true)?;
    tcp.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (end, ended) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("zone-server".to_owned())
        .spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    outcome = serve::serve(udp, tcp, shared) => {
                        if let Err(error) = outcome {
                            eprintln!("DNS server: {error}");
                        }
                    }
                    _ = ended => {}
                }
            });
        })?;
    Ok((end, thread))
}
