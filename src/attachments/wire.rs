//! What the program and its reader tell each other, in octets that are checked on both ends.
//!
//! To the reader: of each file its length (four octets, little-endian) and its octets. From it: frames of a
//! mark, a length (four octets) and that many octets.

use crate::mail::file::{FileKind, Outcome, Piece};
use std::io::{self, Read, Write};

/// Octets of one frame.
const MAX_FRAME: usize = 1 << 20;

/// One thing that a reader tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// It is locked in, and waits for files.
    Ready,
    /// It can't be locked in, and why.
    NoJail(String),
    /// The most octets of memory that it held so far.
    Memory(u64),
    /// Something that the file shows.
    Piece(Piece),
    /// The file is done.
    End(FileKind, Outcome),
}

/// What came was no frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Garbled;

impl Frame {
    /// Writes it out.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (mark, octets) = match self {
            Self::Ready => (b'r', Vec::new()),
            Self::NoJail(why) => (b'n', why.clone().into_bytes()),
            Self::Memory(octets) => (b'm', octets.to_le_bytes().to_vec()),
            Self::Piece(Piece::Text(text)) => (b't', text.clone().into_bytes()),
            Self::Piece(Piece::Page(source)) => (b'p', source.clone().into_bytes()),
            Self::Piece(Piece::Code(held)) => (b'c', held.clone().into_bytes()),
            Self::Piece(Piece::Link { target, label }) => {
                let target = target.replace('\0', "");
                (b'l', [target.as_bytes(), b"\0", label.as_bytes()].concat())
            }
            Self::End(kind, outcome) => {
                let places = [*kind as u8, *outcome as u8];
                (b'e', places.to_vec())
            }
        };
        let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
        let frame = [&[mark][..], &length.to_le_bytes(), &octets].concat();
        out.write_all(&frame)?;
        out.flush()
    }

    /// Takes the next one off `octets`; none where it has not come whole.
    pub(super) fn take(octets: &mut &[u8]) -> Result<Option<Self>, Garbled> {
        let Some((head, rest)) = octets.split_at_checked(5) else {
            return Ok(None);
        };
        let (mark, length) = head.split_at(1);
        let length = u32::from_le_bytes(length.try_into().map_err(|_| Garbled)?);
        let length = usize::try_from(length).map_err(|_| Garbled)?;
        if length > MAX_FRAME {
            return Err(Garbled);
        }
        let Some((body, rest)) = rest.split_at_checked(length) else {
            return Ok(None);
        };
        let text = || String::from_utf8(body.to_vec()).map_err(|_| Garbled);
        let frame = match (mark, body) {
            (b"r", []) => Self::Ready,
            (b"n", _) => Self::NoJail(text()?),
            (b"m", _) => Self::Memory(u64::from_le_bytes(body.try_into().map_err(|_| Garbled)?)),
            (b"t", _) => Self::Piece(Piece::Text(text()?)),
            (b"p", _) => Self::Piece(Piece::Page(text()?)),
            (b"c", _) => Self::Piece(Piece::Code(text()?)),
            (b"l", _) => {
                let text = text()?;
                let (target, label) = text.split_once('\0').ok_or(Garbled)?;
                Self::Piece(Piece::Link {
                    target: target.to_owned(),
                    label: label.to_owned(),
                })
            }
            (b"e", [kind, outcome]) => Self::End(
                *FileKind::ALL.get(usize::from(*kind)).ok_or(Garbled)?,
                *Outcome::ALL.get(usize::from(*outcome)).ok_or(Garbled)?,
            ),
            _ => return Err(Garbled),
        };
        *octets = rest;
        Ok(Some(frame))
    }
}

/// A file as it is handed to a reader.
pub(super) fn length(file: &[u8]) -> [u8; 4] {
    u32::try_from(file.len()).unwrap_or(u32::MAX).to_le_bytes()
}

/// The next file; none at the end.
///
/// # Errors
///
/// The other end closed within one, or it is longer than `max`.
pub(super) fn next_file(from: &mut dyn Read, max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > max {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut file = vec![0; length];
    from.read_exact(&mut file)?;
    Ok(Some(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_as_they_were_told() {
        let link = Piece::Link {
            target: "https://a.example/".to_owned(),
            label: "Sign in".to_owned(),
        };
        let frames = [
            Frame::Ready,
            Frame::NoJail("why".to_owned()),
            Frame::Memory(1 << 40),
            Frame::Piece(Piece::Text("H\u{e9}".to_owned())),
            Frame::Piece(Piece::Page("<p>".to_owned())),
            Frame::Piece(Piece::Code("tel:1".to_owned())),
            Frame::Piece(link),
            Frame::End(FileKind::Other, Outcome::Busy),
        ];
        let mut octets = Vec::new();
        for frame in &frames {
            frame.write(&mut octets).unwrap();
        }
        let mut rest = &octets[..];
        for frame in frames {
            assert_eq!(Frame::take(&mut rest), Ok(Some(frame)));
        }
        assert_eq!(Frame::take(&mut rest), Ok(None));
    }

    #[test]
    fn what_is_no_frame_is_none() {
        for octets in [
            &b"x\0\0\0\0"[..],
            b"t\x01\0\0\0\xFF",
            b"t\xFF\xFF\xFF\xFF",
            b"e\x02\0\0\0\x63\0",
            b"e\x02\0\0\0\0\x63",
            b"l\x01\0\0\0a",
            b"r\x01\0\0\0a",
            b"m\x01\0\0\0a",
        ] {
            assert_eq!(Frame::take(&mut &octets[..]), Err(Garbled), "{octets:?}");
        }
        assert_eq!(Frame::take(&mut &b"t\x05\0\0\0ab"[..]), Ok(None));
    }

    #[test]
    fn files_come_as_they_were_handed_over() {
        let mut octets = Vec::new();
        for file in [&b"abc"[..], b"", b"d"] {
            octets.extend(length(file));
            octets.extend(file);
        }
        let mut from = &octets[..];
        let mut next = || next_file(&mut from, 3).unwrap();
        assert_eq!(next().as_deref(), Some(&b"abc"[..]));
        assert_eq!(next().as_deref(), Some(&b""[..]));
        assert_eq!(next().as_deref(), Some(&b"d"[..]));
        assert_eq!(next(), None);
        assert!(next_file(&mut &b"\x04\0\0\0abcd"[..], 3).is_err());
        assert!(next_file(&mut &b"\x03\0\0\0ab"[..], 3).is_err());
    }
}
