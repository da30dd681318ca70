//! Bodies in the form in which they were signed (RFC 6376 sections 3.4.3 and 3.4.4).
//!
//! The library has these forms, too. It looks at a body octet by octet, which takes half as long as
//! hashing it, and it keeps blank lines at the end where they hold blanks: step (b) of section 3.4.4
//! ignores them, and so do the signers. Of line ends that are none it has our opinion: a CR without LF
//! is left out, an LF without CR gets one.

use mail_auth::{
    common::headers::{Writable, Writer},
    dkim::Canonicalization,
};

/// Octets that are looked at together: the compiler makes a few vector instructions of it.
const BLOCK: usize = 32;

/// A body that is written in its canonical form.
pub(super) struct CanonicalBody<'a> {
    pub(super) form: Canonicalization,
    pub(super) body: &'a [u8],
}

impl Writable for CanonicalBody<'_> {
    fn write(self, writer: &mut impl Writer) {
        let signed = self.without_end();
        match self.form {
            Canonicalization::Simple => write_lines(signed, is_break, breaks, writer),
            Canonicalization::Relaxed => write_lines(signed, is_gap, gaps, writer),
        }
        // An empty body is one line in `simple`, and nothing in `relaxed`.
        if !signed.is_empty() || self.form == Canonicalization::Simple {
            writer.write(b"\r\n");
        }
    }
}

impl<'a> CanonicalBody<'a> {
    /// The body up to its last line with something in it, without the end of this line.
    fn without_end(&self) -> &'a [u8] {
        let is_gap = match self.form {
            Canonicalization::Simple => is_break,
            Canonicalization::Relaxed => is_gap,
        };
        let last = self.body.iter().rposition(|&octet| !is_gap(octet));
        let end = last.map_or(0, |last| last + 1);
        self.body.get(..end).unwrap_or_default()
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

/// Writes a text that ends in no gap: what stays as it is in long runs, and the gaps between.
fn write_lines(
    text: &[u8],
    is_gap: impl Fn(u8) -> bool,
    stops: impl Fn(u8, u8) -> bool,
    writer: &mut impl Writer,
) {
    // Only at the very beginning nothing stands before an LF.
    let mut rest = match text.first() {
        Some(b'\n') => write_gap(text, &is_gap, writer),
        _ => text,
    };
    while !rest.is_empty() {
        let stop = first_stop(rest, &stops);
        // What is left of a gap begins here, or behind the octet before a lone LF.
        let begins = |octet: u8| is_gap(octet) && octet != b'\n';
        let kept = stop.map_or(rest.len(), |(at, octet)| at + usize::from(!begins(octet)));
        let (run, after) = rest.split_at(kept);
        writer.write(run);
        rest = write_gap(after, &is_gap, writer);
    }
}

/// Writes the gap at the beginning of a text, and returns what follows.
fn write_gap<'a>(
    text: &'a [u8],
    is_gap: impl Fn(u8) -> bool,
    writer: &mut impl Writer,
) -> &'a [u8] {
    let end = text.iter().position(|&octet| !is_gap(octet));
    let (gap, rest) = text.split_at(end.unwrap_or(text.len()));
    for _ in gap.iter().filter(|&&octet| octet == b'\n') {
        writer.write(b"\r\n");
    }
    if matches!(gap.last(), Some(b' ' | b'\t')) {
        writer.write(b" ");
    }
    rest
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(form: Canonicalization, body: &[u8]) -> String {
        let mut written = Vec::new();
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
            1 => proptest::collection::vec(any::<u8>(), 1..80),
        ];
        proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// But for blank lines with blanks in them at the end, which the library keeps.
        #[test]
        fn it_is_what_the_library_writes(body in body()) {
            for form in [Canonicalization::Simple, Canonicalization::Relaxed] {
                let text = CanonicalBody { form, body: &body }.without_end().len();
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
