//! Sockets: bound, accepted from whatever happens, and removed.

use super::{
    RunError,
    client_address::ReadableConnect,
    connections::{Connections, Watched},
    gathered::Gathered,
};
use crate::{
    config::{MilterConfig, Socket},
    metrics::{Metrics, words::Fault},
};
use indymilter::{EitherStream, Listener};
use std::{
    fmt, fs,
    future::pending,
    io,
    os::{
        fd::AsFd,
        unix::fs::{FileTypeExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::DuplexStream,
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    sync::mpsc,
    time::{Instant, Sleep, sleep},
};

/// How long is waited after a failed accept: with no file descriptor left it fails again at once.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// How often failed accepts are logged at the most.
const LOG_AGAIN: Duration = Duration::from_secs(10);

/// A listener that goes on accepting whatever one accept says.
pub(super) struct Accepting<L: Listener> {
    /// None once it is closed.
    listener: Option<L>,
    connections: Arc<Connections>,
    /// Whose connections they will be.
    worker: usize,
    /// Accepted, but there is no room for it yet.
    waiting: Option<L::Io>,
    /// Whether `waiting` was told that it has to wait.
    waits: bool,
    /// Counts failed accepts.
    metrics: Arc<Metrics>,
    /// Set after a failed accept.
    pause: Option<Pin<Box<Sleep>>>,
    /// When a failed accept was last logged.
    logged: Option<Instant>,
    /// The watchdog's own connections.
    probes: mpsc::Receiver<DuplexStream>,
    /// Completes when it is to be closed.
    stop: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<L> Listener for Accepting<L>
where
    L: Listener + Send + Unpin,
{
    /// A connection, or the watchdog's.
    type Io = EitherStream<ReadableConnect<Watched<Gathered<L::Io>>>, DuplexStream>;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Io>> {
        loop {
            if self.listener.is_some() && self.stop.as_mut().poll(cx).is_ready() {
                self.listener = None;
                self.connections.stop();
                self.waiting = None;
            }
            if let Poll::Ready(Some(probe)) = self.probes.poll_recv(cx) {
                return Poll::Ready(Ok(EitherStream::Unix(probe)));
            }
            if let Some(stream) = self.waiting.take() {
                if self
                    .connections
                    .poll_room(self.worker, cx, &mut self.waits)
                    .is_pending()
                {
                    self.waiting = Some(stream);
                    return Poll::Pending;
                }
                let gathered = Gathered::new(stream, Arc::clone(&self.metrics));
                // It sees octets as they come: what is held of a command is one that isn't over.
                let watched = self.connections.watch(self.worker, gathered);
                let stream = ReadableConnect::new(watched);
                return Poll::Ready(Ok(EitherStream::Tcp(stream)));
            }
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            let Some(listener) = &mut self.listener else {
                return Poll::Pending;
            };
            ready!(self.connections.poll_turn(self.worker, cx));
            match ready!(listener.poll_accept(cx)) {
                Ok(stream) => self.waiting = Some(stream),
                Err(error) => self.failed(&error),
            }
        }
    }
}

impl<L: Listener> Accepting<L> {
    /// Connections of a worker, which it counts among all.
    pub(super) fn new(
        listener: L,
        worker: usize,
        connections: Arc<Connections>,
        metrics: Arc<Metrics>,
    ) -> Self {
        // A sender that is gone sends nothing.
        let (_, probes) = mpsc::channel(1);
        Self {
            listener: Some(listener),
            connections,
            worker,
            waiting: None,
            waits: false,
            metrics,
            pause: None,
            logged: None,
            probes,
            stop: Box::pin(pending()),
        }
    }

    /// Takes in the watchdog's connections, too.
    pub(super) fn with_probes(self, probes: mpsc::Receiver<DuplexStream>) -> Self {
        Self { probes, ..self }
    }

    /// Closes once `stop` completes.
    pub(super) fn until(self, stop: impl Future<Output = ()> + Send + 'static) -> Self {
        Self {
            stop: Box::pin(stop),
            ..self
        }
    }

    /// The library would end the whole service at an error.
    fn failed(&mut self, error: &io::Error) {
        self.metrics.protocol_error(Fault::Accept);
        // With no file descriptor left it fails ten times a second.
        if self.logged.is_none_or(|at| at.elapsed() >= LOG_AGAIN) {
            tracing::warn!(%error, "a connection can't be accepted; trying again");
            self.logged = Some(Instant::now());
        }
        // An idle connection holds what the new one lacks.
        self.connections.make_room();
        self.pause = Some(Box::pin(sleep(ACCEPT_RETRY)));
    }
}

/// A bound socket.
pub(super) enum Bound {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Bound {
    /// The same socket again, for another worker; on the runtime that is entered.
    pub(super) fn again(&self) -> io::Result<Self> {
        match self {
            Self::Tcp(listener) => {
                let again = listener.as_fd().try_clone_to_owned()?;
                TcpListener::from_std(again.into()).map(Self::Tcp)
            }
            Self::Unix(listener) => {
                let again = listener.as_fd().try_clone_to_owned()?;
                UnixListener::from_std(again.into()).map(Self::Unix)
            }
        }
    }
}

/// The same with what is said of it.
pub(super) struct Named {
    pub(super) listener: Bound,
    /// For the log.
    pub(super) name: String,
    /// The file to remove at the end.
    pub(super) path: Option<PathBuf>,
}

impl Listener for Bound {
    type Io = EitherStream<TcpStream, UnixStream>;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Io>> {
        match self {
            Self::Tcp(listener) => {
                TcpListener::poll_accept(listener, cx).map_ok(|(stream, _)| {
                    // A reply that waits for more data waits 40 ms for the other side's delayed
                    // acknowledgement.
                    if let Err(error) = stream.set_nodelay(true) {
                        tracing::debug!(%error, "TCP_NODELAY can't be set");
                    }
                    EitherStream::Tcp(stream)
                })
            }
            Self::Unix(listener) => UnixListener::poll_accept(listener, cx)
                .map_ok(|(stream, _)| EitherStream::Unix(stream)),
        }
    }
}

/// Binds the milter's socket.
pub(super) async fn bind(config: &MilterConfig) -> Result<Named, RunError> {
    let (listener, name, path) = match &config.listen {
        Socket::Inet(host, port) => {
            let (listener, name) = bind_tcp(host, *port, "milter.listen").await?;
            (Bound::Tcp(listener), name, None)
        }
        Socket::Unix(path) => {
            let listener = bind_unix(path, config)?;
            let name = format!("unix:{}", path.display());
            (Bound::Unix(listener), name, Some(path.clone()))
        }
    };
    Ok(Named {
        listener,
        name,
        path,
    })
}

fn bind_unix(path: &Path, config: &MilterConfig) -> Result<UnixListener, RunError> {
    let fault = |what: &str, error: &dyn fmt::Display| {
        RunError::Environment(format!(
            "milter.listen: {}: {what}: {error}",
            path.display()
        ))
    };
    remove_stale(path).map_err(|error| fault("the socket is in use", &error))?;
    let listener =
        UnixListener::bind(path).map_err(|error| fault("the socket can't be made", &error))?;
    fs::set_permissions(path, fs::Permissions::from_mode(config.socket_mode))
        .map_err(|error| fault("its mode can't be set", &error))?;
    if let Some(group) = config.socket_group {
        std::os::unix::fs::chown(path, None, Some(group))
            .map_err(|error| fault("its group can't be set", &error))?;
    }
    Ok(listener)
}

/// What to do about an address that can't be bound; begins with a semicolon.
pub(super) fn hint(error: &io::Error, key: &str) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "; another program, or another instance of this one, listens there: stop it, or \
             set another {key}"
        ),
        io::ErrorKind::AddrNotAvailable => {
            format!("; this machine has no such address: set another {key}")
        }
        io::ErrorKind::PermissionDenied => {
            format!("; ports below 1024 are for root: set another {key}")
        }
        _ => String::new(),
    }
}

/// Binds a TCP port; an error names the key that asked for it.
pub(super) async fn bind_tcp(
    host: &str,
    port: u16,
    key: &str,
) -> Result<(TcpListener, String), RunError> {
    let fault = |error: io::Error| {
        let hint = hint(&error, key);
        RunError::Environment(format!(
            "{key}: {host}:{port} can't be listened on: {error}{hint}"
        ))
    };
    let listener = TcpListener::bind((host, port)).await.map_err(fault)?;
    let name = listener.local_addr().map_err(fault)?.to_string();
    Ok((listener, name))
}

/// Whether something that is no socket lies at the path.
pub(super) fn another_kind(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(metadata) => Ok(!metadata.file_type().is_socket()),
    }
}

/// Removes the socket of an instance that is gone. One that answers is left alone.
fn remove_stale(path: &Path) -> io::Result<()> {
    if another_kind(path)? {
        return Err(io::Error::other("there is a file of another kind"));
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Err(io::Error::other("another instance answers there")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(_) => fs::remove_file(path),
    }
}
