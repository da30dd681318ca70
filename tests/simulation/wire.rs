//! The MTA's side of a connection: packets out, whatever comes back with its time.

use crate::{chance::Chance, site::Site, support::wire::packet};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex, split},
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// Longer than the program may let anybody wait.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came from the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    Packet(u8, Vec<u8>),
    /// It closed the connection, at this time.
    Closed(Duration),
}

/// Why a dialog can't go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The program closed the connection, at this time.
    Closed(Duration),
    /// We did.
    Torn,
}

/// One connection.
pub(crate) struct Wire {
    pub(crate) site: Arc<Site>,
    pub(crate) id: u64,
    pub(crate) chance: Chance,
    writer: WriteHalf<DuplexStream>,
    /// What is to be written.
    out: Vec<u8>,
    came: mpsc::UnboundedReceiver<Came>,
    reader: JoinHandle<()>,
    /// Octets until we tear it.
    tear: Option<usize>,
    /// When MAIL of the message under way was written whole.
    pub(crate) mail_said: Option<Duration>,
    /// Whether it writes in pieces, with pauses between.
    dawdles: bool,
}

impl Drop for Wire {
    fn drop(&mut self) {
        // The other half of the stream goes with it.
        self.reader.abort();
    }
}

impl Wire {
    /// Connects; `None` where nobody takes connections any more.
    pub(crate) async fn open(
        site: &Arc<Site>,
        mut chance: Chance,
        tear: Option<usize>,
    ) -> Option<Self> {
        let most = 1 << chance.below(16);
        let room = 64 + chance.index(most);
        let (ours, theirs) = duplex(room);
        site.connect.send(theirs).await.ok()?;
        let (reader, writer) = split(ours);
        let (tell, came) = mpsc::unbounded_channel();
        let id = site.next_connection();
        let watching = Arc::clone(site);
        Some(Self {
            site: Arc::clone(site),
            id,
            dawdles: chance.percent(20),
            mail_said: None,
            chance,
            writer,
            out: Vec::new(),
            came,
            reader: tokio::spawn(async move { read(reader, &watching, &tell).await }),
            tear,
        })
    }

    /// One packet, written with those that follow.
    pub(crate) fn say(&mut self, command: u8, data: &[u8]) {
        self.out.extend(packet(command, data));
    }

    /// Octets as they are.
    pub(crate) fn raw(&mut self, octets: &[u8]) {
        self.out.extend_from_slice(octets);
    }

    /// Writes what was said.
    pub(crate) async fn flush(&mut self) -> Result<(), End> {
        let out = std::mem::take(&mut self.out);
        let mut rest = &out[..];
        while !rest.is_empty() {
            let most = match self.dawdles {
                true => 1 + self.chance.index(4096),
                false => rest.len(),
            };
            let mut many = most.min(rest.len());
            if let Some(left) = &mut self.tear {
                many = many.min(*left);
                *left -= many;
                if many == 0 {
                    self.site.trace.say(&format!("c{} torn", self.id));
                    return Err(End::Torn);
                }
            }
            let (piece, after) = rest.split_at(many);
            let written = timeout(PATIENCE, self.writer.write_all(piece)).await;
            match written {
                Ok(Ok(())) => {}
                // The reader knows when.
                Ok(Err(_)) => return Err(self.closed().await),
                Err(_) => {
                    self.site
                        .trace
                        .wrong(&format!("c{}: nobody reads", self.id));
                    return Err(End::Torn);
                }
            }
            rest = after;
            if self.dawdles && !rest.is_empty() && self.chance.percent(25) {
                let pause = Duration::from_micros(self.chance.below(300_000));
                sleep(pause).await;
            }
        }
        Ok(())
    }

    async fn closed(&mut self) -> End {
        loop {
            match timeout(PATIENCE, self.came.recv()).await {
                Ok(Some(Came::Packet(..))) => {}
                Ok(Some(Came::Closed(at))) => return End::Closed(at),
                Ok(None) | Err(_) => return End::Closed(self.site.trace.now()),
            }
        }
    }

    /// The next packet.
    pub(crate) async fn hear(&mut self) -> Result<(u8, Vec<u8>), End> {
        self.flush().await?;
        match timeout(PATIENCE, self.came.recv()).await {
            Ok(Some(Came::Packet(command, data))) => Ok((command, data)),
            Ok(Some(Came::Closed(at))) => Err(End::Closed(at)),
            Ok(None) => Err(End::Closed(self.site.trace.now())),
            Err(_) => {
                let id = self.id;
                self.site
                    .trace
                    .wrong(&format!("c{id}: no answer within {PATIENCE:?}"));
                Err(End::Torn)
            }
        }
    }

    /// What came without having been asked for: only an end may.
    pub(crate) fn unasked(&mut self) -> Result<(), End> {
        match self.came.try_recv() {
            Ok(Came::Packet(command, _)) => {
                let (id, command) = (self.id, char::from(command));
                self.site
                    .trace
                    .wrong(&format!("c{id}: {command} came without a question"));
                Err(End::Torn)
            }
            Ok(Came::Closed(at)) => Err(End::Closed(at)),
            Err(_) => Ok(()),
        }
    }

    /// Waits so long for the program to close the connection; when it did.
    pub(crate) async fn wait_for_end(&mut self, most: Duration) -> Option<Duration> {
        let end = async {
            loop {
                match self.came.recv().await {
                    Some(Came::Closed(at)) => return at,
                    Some(Came::Packet(..)) => {}
                    None => return self.site.trace.now(),
                }
            }
        };
        timeout(most, end).await.ok()
    }
}

/// Longer than any answer of the program.
const LONG: usize = 1 << 16;

/// Reads packets until the program closes.
async fn read(mut reader: ReadHalf<DuplexStream>, site: &Site, tell: &mpsc::UnboundedSender<Came>) {
    loop {
        let packet = async {
            let length = reader.read_u32().await?;
            let length = usize::try_from(length).expect("a length");
            if length == 0 || length > LONG {
                site.trace
                    .wrong(&format!("a packet of {length} octets came"));
                return Err(std::io::ErrorKind::InvalidData.into());
            }
            let mut data = vec![0; length];
            reader.read_exact(&mut data).await?;
            std::io::Result::Ok(data)
        };
        let told = match packet.await {
            Ok(mut data) => {
                let command = data.remove(0);
                tell.send(Came::Packet(command, data))
            }
            Err(_) => {
                let _ = tell.send(Came::Closed(site.trace.now()));
                return;
            }
        };
        if told.is_err() {
            return;
        }
    }
}
