//! A stream on which the edits of a message go out together with its answer.
//!
//! The milter library writes each of them by itself and waits for it. Four writes wake the MTA four
//! times, and over TCP make four packets, though it can do nothing before the answer is there.

use super::packets::Packets;
use crate::metrics::{Metrics, words::Fault};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Octets that are kept; edits of a message are rarely as many.
const MAX_KEPT: usize = 16 * 1024;

/// Edits, behind each of which something else follows (libmilter/mfdef.h).
const EDITS: &[u8] = b"+-2behimq";

/// The stream with what is to be written.
pub(super) struct Gathered<S> {
    stream: S,
    kept: Vec<u8>,
    /// How much of it has been written.
    written: usize,
    packets: Packets,
    /// The last whole packet was an edit.
    edit: bool,
    /// Counts answers that nobody took.
    metrics: Arc<Metrics>,
}

impl<S> Gathered<S> {
    pub(super) fn new(stream: S, metrics: Arc<Metrics>) -> Self {
        Self {
            stream,
            kept: Vec::new(),
            written: 0,
            packets: Packets::default(),
            edit: false,
            metrics,
        }
    }
}

impl<S: AsyncWrite + Unpin> Gathered<S> {
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.kept.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let sent = ready!(self.poll_send_kept(cx));
        self.kept.clear();
        self.written = 0;
        if let Err(error) = &sent {
            tracing::warn!(%error, "the MTA didn't take an edit");
            self.metrics.protocol_error(Fault::Reply);
        }
        Poll::Ready(sent)
    }

    fn poll_send_kept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self
            .kept
            .get(self.written..)
            .filter(|rest| !rest.is_empty())
        {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += sent;
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.kept.len() + octets.len() > MAX_KEPT {
            ready!(this.poll_send(cx))?;
        }
        this.kept.extend_from_slice(octets);
        let edit = &mut this.edit;
        this.packets
            .follow(octets, |command| *edit = EDITS.contains(&command));
        Poll::Ready(Ok(octets.len()))
    }

    /// The library asks for it after each packet.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match this.edit {
            true => Poll::Ready(Ok(())),
            false => this.poll_send(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_send(cx))?;
        Pin::new(&mut this.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    fn gathered<S>(stream: S) -> Gathered<S> {
        Gathered::new(stream, Arc::new(Metrics::new().unwrap()))
    }

    const EDIT: &[u8] = b"\0\0\0\x05iedit";
    const ACCEPT: &[u8] = b"\0\0\0\x01a";

    async fn write(stream: &mut Gathered<DuplexStream>, packet: &[u8]) {
        stream.write_all(packet).await.unwrap();
        stream.flush().await.unwrap();
    }

    #[tokio::test]
    async fn edits_go_out_with_the_answer() {
        let (mut mta, ours) = duplex(100);
        let mut ours = gathered(ours);
        let mut answers = [0; 100];
        for _ in 0..2 {
            write(&mut ours, EDIT).await;
            let read = futures_util::poll!(Box::pin(mta.read(&mut answers)));
            assert!(read.is_pending());
        }
        write(&mut ours, ACCEPT).await;
        let read = mta.read(&mut answers).await.unwrap();
        assert_eq!(answers.get(..read).unwrap(), [EDIT, EDIT, ACCEPT].concat());
    }

    #[tokio::test]
    async fn who_waits_for_a_command_has_said_all() {
        let (mut mta, ours) = duplex(100);
        let mut ours = gathered(ours);
        write(&mut ours, EDIT).await;
        mta.write_all(b"x").await.unwrap();
        ours.read_u8().await.unwrap();
        let mut answers = [0; 100];
        assert_eq!(mta.read(&mut answers).await.unwrap(), EDIT.len());
    }

    #[tokio::test]
    async fn an_end_loses_no_answer() {
        let (mut mta, ours) = duplex(100);
        let mut ours = gathered(ours);
        write(&mut ours, EDIT).await;
        ours.shutdown().await.unwrap();
        let mut answers = Vec::new();
        mta.read_to_end(&mut answers).await.unwrap();
        assert_eq!(answers, EDIT);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_takes_is_counted() {
        let (mta, ours) = duplex(100);
        let mut ours = gathered(ours);
        write(&mut ours, EDIT).await;
        drop(mta);
        ours.read_u8().await.unwrap_err();
        let text = ours.metrics.render();
        assert!(text.contains("amazon_spoof_milter_protocol_errors_total{kind=\"reply\"} 1\n"));
    }

    #[tokio::test]
    async fn no_more_than_a_bound_is_kept() {
        let (mut mta, ours) = duplex(4 * MAX_KEPT);
        let mut ours = gathered(ours);
        for _ in 0..3 {
            ours.write_all(&[b'x'; MAX_KEPT]).await.unwrap();
        }
        assert_eq!(ours.kept.len(), MAX_KEPT);
        let mut answers = vec![0; 4 * MAX_KEPT];
        assert_eq!(mta.read(&mut answers).await.unwrap(), 2 * MAX_KEPT);
    }
}
