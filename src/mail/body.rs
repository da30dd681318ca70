//! A body in the pieces in which it came: a large one is neither copied nor there twice. Of a longer one than
//! is of use only the beginning is there.

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
    /// Octets of them.
    kept: usize,
    /// Octets that came.
    length: usize,
}

/// The canonical forms of a body (RFC 6376 section 3.4) that somebody signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms {
    /// Blank lines at the end don't count.
    pub simple: bool,
    /// Nor do blanks at the end of a line, or more than one elsewhere.
    pub relaxed: bool,
}

impl Forms {
    /// Whether there is any.
    pub fn any(self) -> bool {
        self.simple || self.relaxed
    }

    /// Those that are missing in `others`.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self {
            simple: self.simple && !others.simple,
            relaxed: self.relaxed && !others.relaxed,
        }
    }
}

/// SHA-256 of a whole body in its canonical forms, where it was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BodyHashes {
    /// In the form `simple`.
    pub simple: Option<[u8; 32]>,
    /// In the form `relaxed`.
    pub relaxed: Option<[u8; 32]>,
}

/// What of a body is still of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The forms in which it is to be hashed.
    pub forms: Forms,
    /// Octets of its beginning that are to be kept.
    pub keep: usize,
}

impl Body {
    /// Adds what follows.
    pub fn push(&mut self, piece: Vec<u8>) {
        self.kept += piece.len();
        self.length += piece.len();
        match self.pieces.last_mut() {
            Some(last) if piece.len() < PIECE && last.len() + piece.len() <= FULL => {
                last.extend(piece);
            }
            _ => self.pieces.push(piece),
        }
    }

    /// So many octets follow that are not kept, nor is anything after them.
    pub fn skip(&mut self, octets: usize) {
        self.length += octets;
    }

    /// Keeps no more than so many octets of the beginning.
    pub fn truncate(&mut self, octets: usize) {
        let mut room = octets;
        self.pieces.retain_mut(|piece| {
            if piece.len() > room {
                piece.truncate(room);
                piece.shrink_to_fit();
            }
            room -= piece.len();
            !piece.is_empty()
        });
        self.kept = self.kept.min(octets);
    }

    /// The number of octets that came.
    pub fn len(&self) -> usize {
        self.length
    }

    /// The number of octets that are here.
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// Whether all that came is here.
    pub fn is_whole(&self) -> bool {
        self.kept == self.length
    }

    /// Whether none came.
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

    /// The first `octets` in one piece, or all that are here where these are fewer.
    pub fn beginning(&self, octets: usize) -> Cow<'_, [u8]> {
        let octets = octets.min(self.kept);
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
        self.length == other.length && self.pieces().flatten().eq(other.pieces().flatten())
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

    #[test]
    fn of_its_beginning_as_much_is_kept_as_is_asked() {
        for size in [1, 7, PIECE] {
            let octets: Vec<u8> = (0..=255).cycle().take(2 * PIECE).collect();
            for kept in [0, 1, PIECE, PIECE + 5, 2 * PIECE, 3 * PIECE] {
                let mut body = Body::default();
                octets
                    .chunks(size)
                    .for_each(|piece| body.push(piece.to_vec()));
                body.truncate(kept);
                body.skip(3);
                let kept = kept.min(octets.len());
                assert_eq!((body.kept(), body.len()), (kept, octets.len() + 3));
                assert_eq!(*body.beginning(usize::MAX), octets[..kept]);
                assert!(!body.is_whole());
            }
        }
    }

    #[test]
    fn octets_are_counted_as_they_come_and_as_they_are_kept() {
        let mut body = Body::default();
        assert!(body.is_empty() && body.is_whole());
        for size in [PIECE, 10, PIECE - 1] {
            body.push(vec![b'x'; size]);
        }
        assert_eq!((body.len(), body.kept()), (2 * PIECE + 9, 2 * PIECE + 9));
        assert!(body.is_whole() && !body.is_empty());
        body.truncate(2 * PIECE + 9);
        assert!(body.is_whole());
        body.truncate(PIECE + 1);
        let sizes: Vec<usize> = body.pieces().map(<[u8]>::len).collect();
        assert_eq!(sizes.iter().sum::<usize>(), PIECE + 1);
        body.truncate(PIECE);
        body.truncate(2 * PIECE);
        assert_eq!(
            (body.len(), body.kept(), body.is_whole()),
            (2 * PIECE + 9, PIECE, false)
        );
        assert_eq!(
            body.into_pieces().map(|piece| piece.len()).sum::<usize>(),
            PIECE
        );
        let mut skipped = Body::default();
        skipped.skip(2);
        assert!(!skipped.is_empty() && !skipped.is_whole() && skipped.len() == 2);
    }

    #[test]
    fn pieces_come_together_up_to_a_full_one() {
        let count = |sizes: &[usize]| {
            let mut body = Body::default();
            sizes.iter().for_each(|size| body.push(vec![b'x'; *size]));
            body.pieces().count()
        };
        assert_eq!(count(&[FULL - 1, 1]), 1);
        assert_eq!(count(&[FULL, 1]), 2);
        assert_eq!(count(&[1, PIECE - 1]), 1);
        assert_eq!(count(&[1, PIECE]), 2);
    }

    #[test]
    fn forms_that_are_missing_elsewhere() {
        let forms = |simple, relaxed| Forms { simple, relaxed };
        let both = forms(true, true);
        assert_eq!(both.without(forms(true, false)), forms(false, true));
        assert_eq!(both.without(forms(false, true)), forms(true, false));
        assert_eq!(forms(false, false).without(both), forms(false, false));
        assert!(forms(true, false).any() && forms(false, true).any() && !forms(false, false).any());
    }
}
