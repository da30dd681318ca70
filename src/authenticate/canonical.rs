//! Bodies in the form in which they were signed (RFC 6376 sections 3.4.3 and 3.4.4).
//!
//! The library has these forms, too. It looks at a body octet by octet, which takes half as long as
//! hashing it, and it keeps blank lines at the end where they hold blanks: step (b) of section 3.4.4
//! ignores them, and so do the signers. Of line ends that are none it has our opinion: a CR without LF
//! is left out, an LF without CR gets one.

use crate::decision::body::Body;
use mail_auth::{
    common::headers::{Writable, Writer},
    dkim::Canonicalization,
};

/// Octets that are looked at together: the compiler makes a few vector instructions of it.
const BLOCK: usize = 32;

/// A body that is written in its canonical form.
pub(super) struct CanonicalBody<'a> {
    pub(super) form: Canonicalization,
    pub(super) body: &'a Body,
}

impl Writable for CanonicalBody<'_> {
    fn write(self, writer: &mut impl Writer) {
        let length = self.length();
        match self.form {
            Canonicalization::Simple => write_body(self.body, length, is_break, breaks, writer),
            Canonicalization::Relaxed => write_body(self.body, length, is_gap, gaps, writer),
        }
        // An empty body is one line in `simple`, and nothing in `relaxed`.
        if length > 0 || self.form == Canonicalization::Simple {
            writer.write(b"\r\n");
        }
    }
}

impl CanonicalBody<'_> {
    /// The octets up to the end of the last line with something in it, without the end of this line.
    fn length(&self) -> usize {
        let is_gap = match self.form {
            Canonicalization::Simple => is_break,
            Canonicalization::Relaxed => is_gap,
        };
        let mut end = self.body.len();
        for piece in self.body.pieces().rev() {
            if let Some(last) = piece.iter().rposition(|&octet| !is_gap(octet)) {
                return end - piece.len() + last + 1;
            }
            end -= piece.len();
        }
        0
    }
}

#[inline(always)]
fn is_break(octet: u8) -> bool {
    matches!(octet, b'\r' | b'\n')
}

#[inline(always)]
fn is_gap(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether these two neighbours are no text as it is signed in `simple`: half a line end.
#[inline(always)]
fn breaks(octet: u8, next: u8) -> bool {
    (octet == b'\r') ^ (next == b'\n')
}

/// The same of `relaxed`: blanks that aren't one space between words besides. It may be wrong about a
/// space before another control character.
#[inline(always)]
fn gaps(octet: u8, next: u8) -> bool {
    (octet == b'\t') | ((octet == b' ') & (next <= b' ')) | breaks(octet, next)
}

/// Writes the first `length` octets, which end in no gap.
fn write_body(
    body: &Body,
    length: usize,
    is_gap: impl Fn(u8) -> bool,
    stops: impl Fn(u8, u8) -> bool,
    writer: &mut impl Writer,
) {
    let mut left = length;
    // Whether the last octet so far is a blank, which counts only where a word follows.
    let mut blank = false;
    for piece in body.pieces() {
        let piece = piece.get(..left).unwrap_or(piece);
        left -= piece.len();
        let text = piece.iter().rposition(|&octet| !is_gap(octet));
        let (text, gap) = piece.split_at(text.map_or(0, |last| last + 1));
        if !text.is_empty() {
            write_text(text, blank, &is_gap, &stops, writer);
            blank = false;
        }
        blank = write_breaks(gap, blank, writer);
    }
}

/// Writes a text that ends in no gap: what stays as it is in long runs, and the gaps between. `blank`:
/// it stands behind one.
fn write_text(
    text: &[u8],
    blank: bool,
    is_gap: impl Fn(u8) -> bool,
    stops: impl Fn(u8, u8) -> bool,
    writer: &mut impl Writer,
) {
    // Only at the very beginning nothing stands before an LF.
    let mut rest = match text.first() {
        Some(b'\n') => write_gap(text, blank, &is_gap, writer),
        _ if blank => write_gap(text, blank, &is_gap, writer),
        _ => text,
    };
    while !rest.is_empty() {
        let stop = first_stop(rest, &stops);
        // What is left of a gap begins here, or behind the octet before a lone LF.
        let begins = |octet: u8| is_gap(octet) && octet != b'\n';
        let kept = stop.map_or(rest.len(), |(at, octet)| at + usize::from(!begins(octet)));
        let (run, after) = rest.split_at(kept);
        writer.write(run);
        rest = write_gap(after, false, &is_gap, writer);
    }
}

/// Writes the gap at the beginning of a text, and returns what follows.
fn write_gap<'a>(
    text: &'a [u8],
    blank: bool,
    is_gap: impl Fn(u8) -> bool,
    writer: &mut impl Writer,
) -> &'a [u8] {
    let end = text.iter().position(|&octet| !is_gap(octet));
    let (gap, rest) = text.split_at(end.unwrap_or(text.len()));
    if write_breaks(gap, blank, writer) {
        writer.write(b" ");
    }
    rest
}

/// Writes the ends of lines in a gap. Returns whether its last octet is a blank; `blank`: whether the
/// one before it is.
fn write_breaks(gap: &[u8], blank: bool, writer: &mut impl Writer) -> bool {
    for _ in gap.iter().filter(|&&octet| octet == b'\n') {
        writer.write(b"\r\n");
    }
    match gap.last() {
        Some(last) => matches!(last, b' ' | b'\t'),
        None => blank,
    }
}

/// The first octet that stops with its neighbour, and where it is.
fn first_stop(text: &[u8], stops: impl Fn(u8, u8) -> bool) -> Option<(usize, u8)> {
    let next = text.get(1..).unwrap_or_default();
    let blocks = text.chunks_exact(BLOCK).zip(next.chunks_exact(BLOCK));
    let clean = blocks
        .take_while(|(octets, next)| {
            let pairs = octets.iter().zip(next.iter());
            !pairs.fold(false, |any, (&octet, &next)| any | stops(octet, next))
        })
        .count();
    let mut pairs = text.iter().zip(next).enumerate().skip(clean * BLOCK);
    pairs
        .find(|(_, (octet, next))| stops(**octet, **next))
        .map(|(at, (&octet, _))| (at, octet))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*, sample::Index};

    fn canonical(form: Canonicalization, body: &[u8]) -> String {
        let mut written = Vec::new();
        let body = &Body::from(body.to_vec());
        CanonicalBody { form, body }.write(&mut written);
        String::from_utf8_lossy(&written).into_owned()
    }

    fn simple(body: &str) -> String {
        canonical(Canonicalization::Simple, body.as_bytes())
    }

    fn relaxed(body: &str) -> String {
        canonical(Canonicalization::Relaxed, body.as_bytes())
    }

    #[test]
    fn the_examples_of_the_standard() {
        // RFC 6376 section 3.4.5.
        let body = " C \r\nD \t E\r\n\r\n\r\n";
        assert_eq!(relaxed(body), " C\r\nD E\r\n");
        assert_eq!(simple(body), " C \r\nD \t E\r\n");
        // Sections 3.4.3 and 3.4.4 of what is empty.
        for body in ["", "\r\n", "\r\n\r\n"] {
            assert_eq!(simple(body), "\r\n", "{body:?}");
            assert_eq!(relaxed(body), "", "{body:?}");
        }
        assert_eq!(simple("a"), "a\r\n");
        assert_eq!(relaxed("a"), "a\r\n");
    }

    #[test]
    fn blank_lines_at_the_end_are_ignored_whatever_they_hold() {
        assert_eq!(relaxed("a\r\n \r\n"), "a\r\n");
        assert_eq!(relaxed("a\r\n\t\r\n \r\n\r\n"), "a\r\n");
        assert_eq!(relaxed("a\r\n "), "a\r\n");
        assert_eq!(relaxed(" \r\n"), "");
        assert_eq!(relaxed("a\r\n \r\nb\r\n"), "a\r\n\r\nb\r\n");
        assert_eq!(simple("a\r\n \r\n\r\n"), "a\r\n \r\n");
    }

    #[test]
    fn blanks_and_line_ends_are_found_wherever_they_stand() {
        for before in 0..3 * BLOCK {
            for after in [1, BLOCK] {
                let (head, tail) = ("x".repeat(before), "y".repeat(after));
                for (gap, expected) in [
                    (" ", " "),
                    ("  ", " "),
                    ("\t", " "),
                    (" \r\n", "\r\n"),
                    ("\r\n  ", "\r\n "),
                    ("\r\n\r\n", "\r\n\r\n"),
                    ("\n", "\r\n"),
                    ("\r", ""),
                    (" \u{1}", " \u{1}"),
                ] {
                    let body = format!("{head}{gap}{tail}");
                    assert_eq!(relaxed(&body), format!("{head}{expected}{tail}\r\n"));
                    let kept = gap.replace('\r', "").replace('\n', "\r\n");
                    assert_eq!(simple(&body), format!("{head}{kept}{tail}\r\n"));
                }
            }
        }
    }

    /// Text, gaps and control characters, long and short.
    fn body() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            4 => "[ \t\r\n]{1,3}".prop_map(String::into_bytes),
            2 => Just(b"\r\n".to_vec()),
            4 => "[a-z\u{0}\u{1}\u{ff}]{1,4}".prop_map(String::into_bytes),
            1 => "([a-z]{1,9}[ ,]){1,30}".prop_map(String::into_bytes),
            1 => vec(any::<u8>(), 1..80),
        ];
        vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn where_a_body_is_cut_changes_nothing(body in body(), cuts in vec(any::<Index>(), 1..4)) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
            cuts.sort_unstable();
            let mut pieces = Body::default();
            let ends = cuts.iter().copied().chain([body.len()]);
            ends.fold(0, |start, end| {
                pieces.push_apart(body[start..end].to_vec());
                end
            });
            for form in [Canonicalization::Simple, Canonicalization::Relaxed] {
                let mut written = Vec::new();
                CanonicalBody { form, body: &pieces }.write(&mut written);
                prop_assert_eq!(canonical(form, &body), String::from_utf8_lossy(&written));
            }
        }

        /// But for blank lines with blanks in them at the end, which the library keeps.
        #[test]
        fn it_is_what_the_library_writes(body in body()) {
            for form in [Canonicalization::Simple, Canonicalization::Relaxed] {
                let text = CanonicalBody { form, body: &Body::from(body.clone()) }.length();
                let mut blank = body.iter().skip(text).skip_while(|&&octet| text > 0 && octet != b'\n');
                let end = match blank.any(|octet| b" \t".contains(octet)) {
                    true if form == Canonicalization::Relaxed => text,
                    _ => body.len(),
                };
                let body = body.get(..end).unwrap_or_default();
                let mut written = Vec::new();
                form.canonical_body(body, 0).write(&mut written);
                prop_assert_eq!(canonical(form, body), String::from_utf8_lossy(&written));
            }
        }
    }
}
