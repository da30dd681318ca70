//! UDP sockets that hear of it where their server's port is closed.
//!
//! The kernel reports an ICMP error only to a socket that is connected (udp(7)), and Tokio wakes a reader
//! only for data. Without both a closed port looks like a silent server, and is waited for.

use hickory_resolver::net::runtime::{
    DnsUdpSocket, RuntimeProvider, TokioHandle, TokioRuntimeProvider, TokioTime,
};
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{Interest, ReadBuf},
    net::UdpSocket,
};

/// What the resolver gets its sockets and its clock from.
#[derive(Clone, Default)]
pub(super) struct Connecting(TokioRuntimeProvider);

/// A socket that exchanges packets with one server only.
pub(super) struct Connected {
    socket: UdpSocket,
    server: SocketAddr,
}

type Opening<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

type Received<'f> = Pin<Box<dyn Future<Output = io::Result<(usize, SocketAddr)>> + Send + 'f>>;

impl Connected {
    /// The next packet, or what the kernel reports of the last one that was sent.
    async fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        loop {
            let ready = self
                .socket
                .ready(Interest::READABLE | Interest::ERROR)
                .await?;
            if ready.is_error() {
                if let Some(error) = self.socket.take_error()? {
                    return Err(error);
                }
                // Whoever read the error meanwhile has it; here it is over.
                let over = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
                let _ = self.socket.try_io(Interest::ERROR, over);
            }
            match self.socket.try_recv(buffer) {
                Ok(length) => return Ok((length, self.server)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl RuntimeProvider for Connecting {
    type Handle = TokioHandle;
    type Timer = TokioTime;
    type Udp = Connected;
    type Tcp = <TokioRuntimeProvider as RuntimeProvider>::Tcp;

    fn create_handle(&self) -> Self::Handle {
        self.0.create_handle()
    }

    fn connect_tcp(
        &self,
        server: SocketAddr,
        local: Option<SocketAddr>,
        patience: Option<Duration>,
    ) -> Opening<Self::Tcp> {
        self.0.connect_tcp(server, local, patience)
    }

    fn bind_udp(&self, local: SocketAddr, server: SocketAddr) -> Opening<Self::Udp> {
        Box::pin(async move {
            let socket = UdpSocket::bind(local).await?;
            socket.connect(server).await?;
            Ok(Connected { socket, server })
        })
    }
}

impl DnsUdpSocket for Connected {
    type Time = TokioTime;

    fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        let mut buffer = ReadBuf::new(buffer);
        self.socket
            .poll_recv(cx, &mut buffer)
            .map_ok(|()| (buffer.filled().len(), self.server))
    }

    fn recv_from<'s, 'b, 'f>(&'s self, buffer: &'b mut [u8]) -> Received<'f>
    where
        's: 'f,
        'b: 'f,
    {
        Box::pin(self.receive(buffer))
    }

    fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        packet: &[u8],
        _: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        self.socket.poll_send(cx, packet)
    }
}
