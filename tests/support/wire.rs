//! The milter protocol as bytes, for what no well-behaved client would send: four octets of length
//! (big endian, the command included), one of command, the rest its data.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any answer takes; shorter than the program's own time-outs.
const PATIENCE: Duration = Duration::from_secs(20);

/// What Postfix 3.7 offers: protocol 6, all actions and options that it knows.
pub const OFFER: &[u8] = b"\0\0\0\x06\0\0\x01\xff\0\x1f\xff\xff";

/// One connection.
#[derive(Debug)]
pub struct Wire(TcpStream);

impl Wire {
    pub fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).expect("the milter's port");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        stream
            .set_write_timeout(Some(PATIENCE))
            .expect("a time-out");
        stream.set_nodelay(true).expect("TCP_NODELAY");
        Self(stream)
    }

    /// Connects and negotiates as Postfix does.
    pub fn negotiated(addr: SocketAddr) -> Self {
        let mut wire = Self::connect(addr);
        wire.send(b'O', OFFER);
        let (command, _) = wire.read().expect("an answer to the offer");
        assert_eq!(command, b'O');
        wire
    }

    /// One packet.
    pub fn send(&mut self, command: u8, data: &[u8]) {
        self.raw(&packet(command, data)).expect("send");
    }

    /// Octets as they are.
    pub fn raw(&mut self, octets: &[u8]) -> io::Result<()> {
        self.0.write_all(octets)
    }

    /// The next packet: command and data.
    pub fn read(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).expect("a length");
        let mut packet = vec![0; length];
        self.0.read_exact(&mut packet)?;
        let command = packet.remove(0);
        Ok((command, packet))
    }

    /// Closes the sending half: what is answered can still be read.
    pub fn say_no_more(&mut self) {
        let _ = self.0.shutdown(std::net::Shutdown::Write);
    }

    /// Whether the other side has closed: its end is reached, or the connection reset. What it
    /// sent before is read and dropped. Panics where neither comes.
    pub fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => true,
            Err(error) => panic!("still open: {error}"),
        }
    }
}

/// Length, command, data.
pub fn packet(command: u8, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len() + 1).expect("a length");
    [&length.to_be_bytes(), [command].as_slice(), data].concat()
}
