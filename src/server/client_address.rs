//! A stream on which every CONNECT can be read.
//!
//! The milter library ends the connection, without a word, at an address that it can't read. Postfix sends
//! such a one where it doesn't know its client (after `XCLIENT ADDR=[UNAVAILABLE]`, or where getpeername
//! fails): family `4` with the word `unknown`. Here it becomes the family for unknown clients, so that the
//! message is judged. Sendmail writes `IPv6:` before an address of family `6` (anynet_ntop in its conf.c), which
//! goes.
//!
//! In: packets as the MTA sends them, cut anywhere. Out: the same octets, but for CONNECT. Of a CONNECT
//! at most 1,024 octets are held; a longer one passes as it is.

use super::packets::{HEAD, data_length};
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr},
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Octets of a CONNECT that are held: a host name of 255, a path of 107.
const MAX_CONNECT: usize = 1024;
/// SMFIC_CONNECT of libmilter/mfdef.h.
const CONNECT: u8 = b'C';

/// The stream, and what of it was read but not passed on yet.
pub(super) struct ReadableConnect<S> {
    stream: S,
    place: Place,
    /// What has come of a head, or of the data of a CONNECT.
    held: Vec<u8>,
    /// Octets to pass on, and how many of them were.
    ready: Vec<u8>,
    passed: usize,
}

/// Where in the stream of packets the next octet stands.
enum Place {
    /// Within the length and command.
    Head,
    /// So many octets before the end of a packet that passes as it is.
    Data(usize),
    /// Within a CONNECT that has so many octets of data.
    Connect(usize),
}

impl<S> ReadableConnect<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            place: Place::Head,
            held: Vec::with_capacity(HEAD),
            ready: Vec::new(),
            passed: 0,
        }
    }

    /// How many of these octets pass as they are: all that stand before a CONNECT, or before a head that is cut.
    fn pass(&mut self, octets: &[u8]) -> usize {
        let mut at = 0;
        loop {
            match self.place {
                Place::Data(rest) if rest > octets.len() - at => {
                    self.place = Place::Data(rest - (octets.len() - at));
                    return octets.len();
                }
                Place::Data(rest) => {
                    at += rest;
                    self.place = Place::Head;
                }
                Place::Head if self.held.is_empty() => {
                    let head = octets.get(at..).and_then(<[u8]>::first_chunk);
                    match head.map(behind) {
                        None | Some(Place::Connect(_)) => return at,
                        Some(place) => self.place = place,
                    }
                    at += HEAD;
                }
                Place::Head | Place::Connect(_) => return at,
            }
        }
    }

    /// Takes octets in of which some don't pass as they are.
    fn take(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            let missing = match self.place {
                Place::Head => HEAD - self.held.len(),
                Place::Data(rest) => rest,
                Place::Connect(length) => length - self.held.len(),
            };
            let (part, after) = octets.split_at(missing.min(octets.len()));
            octets = after;
            match &mut self.place {
                Place::Head | Place::Connect(_) => self.held.extend_from_slice(part),
                Place::Data(rest) => {
                    *rest -= part.len();
                    self.ready.extend_from_slice(part);
                }
            }
            self.step();
        }
    }

    /// Goes on where a head or a packet is whole.
    fn step(&mut self) {
        self.place = match (&self.place, self.held.as_slice()) {
            (Place::Head, head) => {
                let Some(place) = head.first_chunk().map(behind) else {
                    return;
                };
                if !matches!(place, Place::Connect(_)) {
                    self.ready.extend_from_slice(&self.held);
                }
                place
            }
            (Place::Data(0), _) => Place::Head,
            (Place::Connect(length), data) if data.len() == *length => {
                let data = readable(data);
                begin_connect(data.len(), &mut self.ready);
                self.ready.extend(data);
                Place::Head
            }
            _ => return,
        };
        self.held.clear();
    }

    /// At the end of the stream: what was held is passed on as it came.
    fn end(&mut self) {
        if let Place::Connect(length) = self.place {
            begin_connect(length, &mut self.ready);
        }
        self.ready.append(&mut self.held);
        self.place = Place::Data(usize::MAX);
    }

    fn pass_on(&mut self, buf: &mut ReadBuf<'_>) -> bool {
        let rest = self.ready.get(self.passed..).unwrap_or_default();
        let part = rest.get(..rest.len().min(buf.remaining())).unwrap_or(rest);
        if part.is_empty() {
            return false;
        }
        buf.put_slice(part);
        self.passed += part.len();
        if self.passed == self.ready.len() {
            self.ready.clear();
            self.passed = 0;
        }
        true
    }
}

/// Where in the stream of packets one stands behind a head.
fn behind(head: &[u8; HEAD]) -> Place {
    let [.., command] = *head;
    match data_length(head) {
        0 => Place::Head,
        data if command == CONNECT && data <= MAX_CONNECT => Place::Connect(data),
        data => Place::Data(data),
    }
}

/// Writes length and command of a CONNECT that has so many octets of data.
fn begin_connect(data: usize, into: &mut Vec<u8>) {
    let length = u32::try_from(data + 1).unwrap_or(u32::MAX);
    into.extend_from_slice(&length.to_be_bytes());
    into.push(CONNECT);
}

/// What Sendmail writes before an address of family `6`.
const SENDMAIL_PREFIX: &[u8] = b"IPv6:";

/// The data of a CONNECT, with an unknown client in place of one that can't be read.
fn readable(data: &[u8]) -> Vec<u8> {
    let end = memchr::memchr(0, data).unwrap_or(data.len());
    let (host, rest) = data.split_at(end);
    if rest.get(1..).is_some_and(is_address) {
        return data.to_vec();
    }
    if let Some((before, address)) = rest.split_at_checked(4)
        && before.get(1) == Some(&b'6')
        && let Some((prefix, address)) = address.split_at_checked(SENDMAIL_PREFIX.len())
        && prefix.eq_ignore_ascii_case(SENDMAIL_PREFIX)
        && is_address(&[before.get(1..).unwrap_or_default(), address].concat())
    {
        return [host, before, address].concat();
    }
    tracing::debug!(
        "the MTA gave an address of the client that can't be read; the client counts as unknown"
    );
    [host, b"\0U"].concat()
}

/// Whether the library reads this as the client's address: family, port, text and NUL.
fn is_address(rest: &[u8]) -> bool {
    let Some((family, after)) = rest.split_first() else {
        return false;
    };
    let text = after.get(2..).and_then(|text| text.strip_suffix(b"\0"));
    let text = text.and_then(|text| std::str::from_utf8(text).ok());
    match (family, text) {
        (b'U', _) => true,
        (b'4', Some(text)) => text.parse::<Ipv4Addr>().is_ok(),
        (b'6', Some(text)) => text.parse::<Ipv6Addr>().is_ok(),
        (b'L', Some(text)) => !text.contains('\0'),
        _ => false,
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for ReadableConnect<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            if this.pass_on(buf) || buf.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let before = buf.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buf))?;
            let octets = buf.filled().get(before..).unwrap_or_default();
            if octets.is_empty() {
                this.end();
                this.pass_on(buf);
                return Poll::Ready(Ok(()));
            }
            let passing = this.pass(octets);
            this.take(octets.get(passing..).unwrap_or_default());
            buf.set_filled(before + passing);
            if passing > 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ReadableConnect<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, octets)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt;

    fn packet(command: u8, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len() + 1).unwrap();
        [&length.to_be_bytes(), &[command][..], data].concat()
    }

    #[test]
    fn an_address_that_cannot_be_read_is_an_unknown_one() {
        for known in [
            &b"mx\x004\x01\x02192.0.2.1\0"[..],
            b"mx\x006\x01\x022001:db8::1\0",
            b"mx\0U",
            b"mx\0L\0\0/run/x\0",
        ] {
            assert_eq!(readable(known), known);
        }
        assert_eq!(
            readable(b"mx\x006\x01\x02IPv6:2001:db8::1\0"),
            b"mx\x006\x01\x022001:db8::1\0"
        );
        for unknown in [
            &b"mx\x004\0\0unknown\0"[..],
            b"mx\x004\x00\x00192.0.2.1",
            b"mx\x004\x00\x00192.0.2.1\0x\0",
            b"mx\x006\x00\x00192.0.2.1\0",
            b"mx\x004\0",
            b"mx\x009\x00\x00192.0.2.1\0",
            b"mx\x006\x00\x00IPv6:unknown\0",
            b"mx\x004\x00\x00IPv6:192.0.2.1\0",
            b"mx\0",
            b"mx",
        ] {
            assert_eq!(readable(unknown), b"mx\0U");
        }
    }

    #[tokio::test]
    async fn packets_pass_wherever_the_stream_is_cut() {
        let came = [
            packet(b'O', b"0123"),
            packet(b'C', b"mx\x004\0\0unknown\0"),
            packet(b'B', &[b'x'; 3000]),
            b"\0\0\0\0Q".to_vec(),
            packet(b'C', b"mx\x004\x01\x02192.0.2.1\0"),
            b"\0\0".to_vec(),
        ]
        .concat();
        let wanted = [
            packet(b'O', b"0123"),
            packet(b'C', b"mx\0U"),
            packet(b'B', &[b'x'; 3000]),
            b"\0\0\0\0Q".to_vec(),
            packet(b'C', b"mx\x004\x01\x02192.0.2.1\0"),
            b"\0\0".to_vec(),
        ]
        .concat();
        for size in (1..20).chain([4096]) {
            let pieces = came.chunks(size).map(<[u8]>::to_vec);
            let mut stream = ReadableConnect::new(Pieces(pieces.collect()));
            let mut found = Vec::new();
            stream.read_to_end(&mut found).await.unwrap();
            assert_eq!(found, wanted, "cut every {size}");
        }
    }

    /// A stream that gives a piece at each read.
    struct Pieces(std::collections::VecDeque<Vec<u8>>);

    impl AsyncRead for Pieces {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let this = self.get_mut();
            if let Some(mut piece) = this.0.pop_front() {
                let rest = piece.split_off(piece.len().min(buf.remaining()));
                buf.put_slice(&piece);
                if !rest.is_empty() {
                    this.0.push_front(rest);
                }
            }
            Poll::Ready(Ok(()))
        }
    }
}
