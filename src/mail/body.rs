//! A body in the pieces in which it came: a large one is neither copied nor there twice.

use std::borrow::Cow;

/// Octets of a piece that is kept as it is. Smaller ones are put together, so that a body that comes in
/// single octets takes little more room than they.
const PIECE: usize = 4 << 10;
/// Octets up to which small pieces are added to one.
const FULL: usize = 64 << 10;

/// The octets of a body, lines as they came.
#[derive(Clone, Debug, Default)]
pub struct Body {
    pieces: Vec<Vec<u8>>,
    length: usize,
}

impl Body {
    /// Adds what follows.
    pub fn push(&mut self, piece: Vec<u8>) {
        self.length += piece.len();
        match self.pieces.last_mut() {
            Some(last) if piece.len() < PIECE && last.len() + piece.len() <= FULL => {
                last.extend(piece);
            }
            _ => self.pieces.push(piece),
        }
    }

    /// The same, however small it is.
    #[cfg(test)]
    pub(crate) fn push_apart(&mut self, piece: Vec<u8>) {
        self.length += piece.len();
        self.pieces.push(piece);
    }

    /// The number of octets.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The pieces, one behind the other.
    pub fn pieces(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.pieces.iter().map(Vec::as_slice)
    }

    /// Hands the pieces out.
    pub fn into_pieces(self) -> impl Iterator<Item = Vec<u8>> {
        self.pieces.into_iter()
    }

    /// The first `octets` in one piece, or all where there are fewer.
    pub fn beginning(&self, octets: usize) -> Cow<'_, [u8]> {
        let octets = octets.min(self.length);
        if let Some(whole) = self.pieces.first().and_then(|first| first.get(..octets)) {
            return Cow::Borrowed(whole);
        }
        let mut joined = Vec::with_capacity(octets);
        for piece in self.pieces() {
            let room = octets - joined.len();
            joined.extend_from_slice(piece.get(..room).unwrap_or(piece));
        }
        Cow::Owned(joined)
    }
}

impl From<Vec<u8>> for Body {
    fn from(octets: Vec<u8>) -> Self {
        let mut body = Self::default();
        body.push(octets);
        body
    }
}

/// Of the same octets, however they came.
impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.pieces().flatten().eq(other.pieces().flatten())
    }
}

impl Eq for Body {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_beginning_is_in_one_piece_wherever_it_was_cut() {
        let octets: Vec<u8> = (0..=255).cycle().take(3 * PIECE).collect();
        for size in [1, 7, PIECE - 1, PIECE, PIECE + 1, 4 * PIECE] {
            let mut body = Body::default();
            octets
                .chunks(size)
                .for_each(|piece| body.push(piece.to_vec()));
            assert_eq!(body.len(), octets.len());
            assert_eq!(body, Body::from(octets.clone()));
            for wanted in [0, 1, PIECE, octets.len() - 1, octets.len()] {
                assert_eq!(*body.beginning(wanted), octets[..wanted], "{size}");
            }
            assert_eq!(*body.beginning(usize::MAX), octets);
        }
        assert!(Body::default().beginning(1).is_empty());
    }

    #[test]
    fn large_pieces_stay_where_they_are_and_small_ones_come_together() {
        let mut body = Body::default();
        let pieces = [vec![b'a'; PIECE], vec![b'b'; PIECE]];
        let places: Vec<*const u8> = pieces.iter().map(|piece| piece.as_ptr()).collect();
        for piece in pieces {
            body.push(piece);
        }
        let kept: Vec<*const u8> = body.pieces().map(<[u8]>::as_ptr).collect();
        assert_eq!(kept, places);
        for _ in 0..2 * FULL {
            body.push(b"x".to_vec());
        }
        assert_eq!(body.pieces().count(), 4);
    }
}
