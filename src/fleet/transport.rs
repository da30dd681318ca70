//! A connection to the store whose replies have a bound, and that waits for nothing longer than [`PATIENCE`].
//!
//! The library reads a reply as a whole, however long it is; a stranger's entry may have megabytes. So the octets
//! are counted below it.

use crate::config::{StoreAddress, StoreConfig, history::password};
use redis::{
    AsyncConnectionConfig, Pipeline, ProtocolVersion, RedisConnectionInfo, RedisError, RedisResult,
    Value, aio::MultiplexedConnection,
};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, UnixStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

/// How long a connection, or a reply, may take.
pub(super) const PATIENCE: Duration = Duration::from_millis(500);

/// Octets of the replies to one turn of commands.
pub(super) const MAX_REPLY: usize = 1 << 20;

/// An open connection; dropping it closes it.
pub(super) struct Connection {
    commands: MultiplexedConnection,
    driver: JoinHandle<()>,
    left: Arc<AtomicUsize>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connection {
    /// Connects and logs in.
    pub(super) async fn open(config: &StoreConfig) -> Result<Self, String> {
        match timeout(PATIENCE, Self::open_patiently(config)).await {
            Ok(opened) => opened,
            Err(_) => Err("it doesn't answer".into()),
        }
    }

    async fn open_patiently(config: &StoreConfig) -> Result<Self, String> {
        let stream = connect(config).await.map_err(|error| error.to_string())?;
        let left = Arc::new(AtomicUsize::new(MAX_REPLY));
        let stream = Bounded {
            stream,
            left: Arc::clone(&left),
        };
        // No CLIENT command: a user with few rights may not.
        let mut login = RedisConnectionInfo::default()
            .set_protocol(ProtocolVersion::RESP2)
            .set_skip_set_lib_name()
            .set_db(config.database);
        if let Some(path) = &config.password_file {
            let secret =
                password(path).map_err(|error| format!("the password can't be read: {error}"))?;
            login = login.set_password(secret);
            if !config.user.is_empty() {
                login = login.set_username(&config.user);
            }
        }
        let settings = AsyncConnectionConfig::new().set_response_timeout(Some(PATIENCE));
        let (commands, driver) = MultiplexedConnection::new_with_config(&login, stream, settings)
            .await
            .map_err(|error| fault(&error))?;
        Ok(Self {
            commands,
            driver: tokio::spawn(driver),
            left,
        })
    }

    /// The reply to each command. An error means that the connection is of no use any more.
    pub(super) async fn ask(
        &mut self,
        commands: &Pipeline,
    ) -> Result<Vec<RedisResult<Value>>, String> {
        self.left.store(MAX_REPLY, Ordering::Relaxed);
        commands
            .query_async(&mut self.commands)
            .await
            .map_err(|error| match self.left.load(Ordering::Relaxed) {
                0 => TOO_LONG.to_owned(),
                _ => fault(&error),
            })
    }
}

/// The fault of a reply beyond [`MAX_REPLY`].
pub(super) const TOO_LONG: &str = "a reply is too long";

/// What is wrong, without anything that an entry could hold.
pub(super) fn fault(error: &RedisError) -> String {
    match error.code() {
        Some(code) => code
            .chars()
            .take(40)
            .filter(char::is_ascii_graphic)
            .collect(),
        None if error.is_timeout() => "it doesn't answer".into(),
        None => error.to_string().chars().take(200).collect(),
    }
}

/// What the store is reached by.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

async fn connect(config: &StoreConfig) -> io::Result<Box<dyn Stream>> {
    Ok(match &config.address {
        StoreAddress::Unix(path) => Box::new(UnixStream::connect(path).await?),
        StoreAddress::Tcp(host, port) => Box::new(connect_tcp(host, *port).await?),
        StoreAddress::Tls(host, port) => {
            let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
            let tls = TlsConnector::from(Arc::new(tls(config)?));
            let stream = connect_tcp(host, *port).await?;
            Box::new(tls.connect(name, stream).await?)
        }
    })
}

async fn connect_tcp(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn tls(config: &StoreConfig) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let certificates = match &config.tls_ca {
        Some(path) => CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        return Err(io::Error::other(
            "there is no authority to check its certificate by",
        ));
    }
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// A stream of which no more is read than is left.
struct Bounded {
    stream: Box<dyn Stream>,
    left: Arc<AtomicUsize>,
}

impl AsyncRead for Bounded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = buffer.filled().len() - before;
        let left = self.left.load(Ordering::Relaxed);
        self.left
            .store(left.saturating_sub(read), Ordering::Relaxed);
        match read >= left && read > 0 {
            true => Poll::Ready(Err(io::Error::other(TOO_LONG))),
            false => polled,
        }
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn no_more_is_read_than_is_left() {
        let (here, mut there) = tokio::io::duplex(64 << 10);
        let left = Arc::new(AtomicUsize::new(100));
        let mut bounded = Bounded {
            stream: Box::new(here),
            left: Arc::clone(&left),
        };
        there.write_all(&[b'x'; 90]).await.unwrap();
        assert_eq!(bounded.read(&mut [0; 1_000]).await.unwrap(), 90);
        there.write_all(&[b'x'; 90]).await.unwrap();
        let error = bounded.read(&mut [0; 1_000]).await.unwrap_err();
        assert_eq!(error.to_string(), TOO_LONG);
        // The next turn of commands has its own.
        left.store(100, Ordering::Relaxed);
        there.write_all(&[b'x'; 90]).await.unwrap();
        assert_eq!(bounded.read(&mut [0; 1_000]).await.unwrap(), 90);
    }
}
