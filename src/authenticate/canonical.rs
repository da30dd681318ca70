//! Bodies and header fields in the form in which they were signed (RFC 6376 section 3.4).
//!
//! simple    "ignores all empty lines at the end of the message body"
//! relaxed   "ignores all whitespace at the end of lines", "reduces all sequences of WSP within a line to a
//!           single SP"
//!
//! A body is pushed as it comes, cut anywhere: a gap is held back until text follows it, and nothing else of
//! it is kept. A CR without LF is an octet like any other, as the ABNF of section 2.8 has it. An LF without
//! CR gets one.
//!
//! The library has these forms, too. It is slower over `relaxed` text, it keeps blank lines at the end where
//! they hold blanks (step (b) of section 3.4.4 ignores them, and so do the signers), and it leaves a CR
//! without LF out, and takes it and a form feed for blanks in a header: then a signature would cover what
//! was put in after signing.

use mail_auth::{common::headers::Writer, dkim::Canonicalization};

/// Octets that are looked at together: the compiler makes a few vector instructions of it.
const BLOCK: usize = 32;

/// Ends of lines that are written at once.
const BREAKS: &[u8; 64] = b"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\
                            \r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";

/// A body that is put into its canonical form while it comes.
pub(super) struct CanonicalBody {
    form: Canonicalization,
    gap: Gap,
    /// Whether there was anything but gaps.
    has_text: bool,
}

/// What was read and counts only where text follows it.
#[derive(Default)]
struct Gap {
    /// Ends of lines.
    breaks: usize,
    /// Blanks after the last of them.
    blanks: bool,
    /// A CR after these, of which an LF would make the end of a line.
    cr: bool,
}

impl CanonicalBody {
    /// One of which nothing has come.
    pub(super) fn new(form: Canonicalization) -> Self {
        Self {
            form,
            gap: Gap::default(),
            has_text: false,
        }
    }

    /// Writes what follows, as far as it is known what it comes to.
    pub(super) fn push(&mut self, octets: &[u8], writer: &mut impl Writer) {
        match self.form {
            Canonicalization::Simple => self.push_as::<Simple>(octets, writer),
            Canonicalization::Relaxed => self.push_as::<Relaxed>(octets, writer),
        }
    }

    /// Writes its end.
    pub(super) fn finish(mut self, writer: &mut impl Writer) {
        if self.gap.cr {
            self.begin_text(writer);
            writer.write(b"\r");
        }
        // Without any line `simple` is one empty line, and `relaxed` is nothing.
        if self.has_text || self.form == Canonicalization::Simple {
            writer.write(b"\r\n");
        }
    }

    fn push_as<F: Form>(&mut self, octets: &[u8], writer: &mut impl Writer) {
        let (text, gap) = octets.split_at(text_end::<F>(octets));
        let mut rest = self.skip_gap::<F>(text, writer);
        while let Some((at, octet)) = first_stop::<F>(rest) {
            // Else the octet is text, and the LF after it is not.
            let run = at + usize::from(!F::is_blank(octet));
            let (run, after) = rest.split_at(run);
            writer.write(run);
            rest = after_gap::<F>(after, writer);
        }
        writer.write(rest);
        self.skip_gap::<F>(gap, writer);
    }

    /// Reads a gap at the beginning of `octets`, and writes it where text follows. Returns that text.
    fn skip_gap<'o, F: Form>(&mut self, octets: &'o [u8], writer: &mut impl Writer) -> &'o [u8] {
        let mut rest = octets;
        while let Some((&octet, after)) = rest.split_first() {
            match octet {
                b'\n' => {
                    self.gap = Gap {
                        breaks: self.gap.breaks + 1,
                        ..Gap::default()
                    };
                }
                // The CR before was none of a line's end.
                _ if self.gap.cr => {
                    self.begin_text(writer);
                    writer.write(b"\r");
                    continue;
                }
                b'\r' => self.gap.cr = true,
                _ if F::is_blank(octet) => self.gap.blanks = true,
                _ => {
                    self.begin_text(writer);
                    return rest;
                }
            }
            rest = after;
        }
        rest
    }

    fn begin_text(&mut self, writer: &mut impl Writer) {
        let gap = std::mem::take(&mut self.gap);
        let mut breaks = 2 * gap.breaks;
        while breaks > 0 {
            let some = BREAKS.get(..breaks).unwrap_or(BREAKS);
            writer.write(some);
            breaks -= some.len();
        }
        if gap.blanks {
            writer.write(b" ");
        }
        self.has_text = true;
    }
}

/// Writes what a gap comes to at the beginning of octets that end in text, and returns what follows it. Nothing
/// of it has to be held back.
fn after_gap<'o, F: Form>(octets: &'o [u8], writer: &mut impl Writer) -> &'o [u8] {
    let blanks = octets.iter().take_while(|&&octet| F::is_blank(octet));
    let (_, rest) = octets.split_at(blanks.count());
    let end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        _ => {
            writer.write(b" ");
            return rest;
        }
    };
    writer.write(b"\r\n");
    let (_, mut rest) = rest.split_at(end);
    // Only here nothing is said of what stands before an LF.
    while let Some(after) = rest.strip_prefix(b"\n") {
        writer.write(b"\r\n");
        rest = after;
    }
    rest
}

/// What a form changes within a line.
trait Form {
    /// Whether several of these octets are as good as one, and none of them counts at the end of a line.
    fn is_blank(octet: u8) -> bool;

    /// Whether these two neighbours are no text as it is signed.
    fn stops(octet: u8, next: u8) -> bool;
}

struct Simple;

impl Form for Simple {
    #[inline(always)]
    fn is_blank(_: u8) -> bool {
        false
    }

    /// An LF without CR follows.
    #[inline(always)]
    fn stops(octet: u8, next: u8) -> bool {
        (octet != b'\r') & (next == b'\n')
    }
}

struct Relaxed;

impl Form for Relaxed {
    #[inline(always)]
    fn is_blank(octet: u8) -> bool {
        matches!(octet, b' ' | b'\t')
    }

    /// Blanks that aren't one space between words besides. It may be wrong about a space before another
    /// control character.
    #[inline(always)]
    fn stops(octet: u8, next: u8) -> bool {
        (octet == b'\t') | ((octet == b' ') & (next <= b' ')) | Simple::stops(octet, next)
    }
}

/// Where the gap begins with which these octets end. A CR at the very end may belong to an LF that comes.
fn text_end<F: Form>(octets: &[u8]) -> usize {
    let text = octets.strip_suffix(b"\r").unwrap_or(octets);
    let mut end = text.len();
    let mut after_break = false;
    for &octet in text.iter().rev() {
        match octet {
            b'\n' => after_break = true,
            // Of the CRs before an LF the last one belongs to it.
            b'\r' if after_break => after_break = false,
            _ if F::is_blank(octet) => after_break = false,
            _ => return end,
        }
        end -= 1;
    }
    0
}

/// A header field as it was signed, CRLF at its end where the value has one. `value` is what follows the
/// colon, folds and all.
pub(super) fn write_field(form: Canonicalization, name: &[u8], value: &[u8], to: &mut Vec<u8>) {
    if form == Canonicalization::Simple {
        to.extend_from_slice(name);
        to.push(b':');
        to.extend_from_slice(value);
        return;
    }
    to.extend(name.trim_ascii_end().iter().map(u8::to_ascii_lowercase));
    to.push(b':');
    let start = to.len();
    let (text, end) = match value.strip_suffix(b"\r\n") {
        Some(text) => (text, &b"\r\n"[..]),
        None => (value, &b""[..]),
    };
    let mut rest = text;
    let mut gap = false;
    while let Some((&octet, after)) = rest.split_first() {
        match rest.strip_prefix(b"\r\n") {
            // RFC 6376 section 3.4.2: unfolding takes the CRLF away, whatever stands around it.
            Some(unfolded) => rest = unfolded,
            None if Relaxed::is_blank(octet) => (rest, gap) = (after, true),
            None => {
                if gap && to.len() > start {
                    to.push(b' ');
                }
                to.push(octet);
                (rest, gap) = (after, false);
            }
        }
    }
    to.extend_from_slice(end);
}

/// The first octet that stops with its neighbour, and where it is.
fn first_stop<F: Form>(text: &[u8]) -> Option<(usize, u8)> {
    let next = text.get(1..).unwrap_or_default();
    let blocks = text.chunks_exact(BLOCK).zip(next.chunks_exact(BLOCK));
    let clean = blocks
        .take_while(|(octets, next)| {
            let pairs = octets.iter().zip(next.iter());
            !pairs.fold(false, |any, (&octet, &next)| any | F::stops(octet, next))
        })
        .count();
    let mut pairs = text.iter().zip(next).enumerate().skip(clean * BLOCK);
    pairs
        .find(|(_, (octet, next))| F::stops(**octet, **next))
        .map(|(at, (&octet, _))| (at, octet))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;
    use mail_auth::common::headers::Writable;
    use proptest::{collection::vec, prelude::*, sample::Index};

    fn canonical(form: Canonicalization, body: &[u8]) -> String {
        in_pieces(form, [body])
    }

    fn in_pieces<'b>(form: Canonicalization, pieces: impl IntoIterator<Item = &'b [u8]>) -> String {
        let mut written = Vec::new();
        let mut body = CanonicalBody::new(form);
        for piece in pieces {
            body.push(piece, &mut written);
        }
        body.finish(&mut written);
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
                    ("\r", "\r"),
                    (" \r", " \r"),
                    (" \r\r\n", " \r\r\n"),
                    ("\r \n", "\r\r\n"),
                    ("\n\n", "\r\n\r\n"),
                    (" \u{1}", " \u{1}"),
                ] {
                    let body = format!("{head}{gap}{tail}");
                    assert_eq!(relaxed(&body), format!("{head}{expected}{tail}\r\n"));
                    let kept = gap.replace("\r\n", "\n").replace('\n', "\r\n");
                    assert_eq!(simple(&body), format!("{head}{kept}{tail}\r\n"));
                }
            }
        }
    }

    #[test]
    fn a_cr_alone_is_an_octet() {
        assert_eq!(simple("a\rb\r\n"), "a\rb\r\n");
        assert_eq!(relaxed("a \rb\t\r\r\n"), "a \rb \r\r\n");
        // At the end it is text, so that no line before it is empty.
        for (body, expected) in [
            ("a\r\n\r\r\n\r\n", "a\r\n\r\r\n"),
            ("a\r", "a\r\r\n"),
            ("a\r\n\r\n\r", "a\r\n\r\n\r\r\n"),
            ("\r", "\r\r\n"),
        ] {
            assert_eq!(simple(body), expected, "{body:?}");
            assert_eq!(relaxed(body), expected, "{body:?}");
        }
        assert_eq!(relaxed("a \r \r\n"), "a \r\r\n");
        assert_eq!(relaxed("a \r"), "a \r\r\n");
    }

    #[test]
    fn the_fields_of_the_standard() {
        let field = |form, name: &str, value: &str| {
            let mut to = Vec::new();
            write_field(form, name.as_bytes(), value.as_bytes(), &mut to);
            String::from_utf8_lossy(&to).into_owned()
        };
        let relaxed = |name, value| field(Canonicalization::Relaxed, name, value);
        // RFC 6376 section 3.4.5.
        assert_eq!(relaxed("A", " X\r\n"), "a:X\r\n");
        assert_eq!(relaxed("B ", " Y\t\r\n\tZ  \r\n"), "b:Y Z\r\n");
        assert_eq!(
            field(Canonicalization::Simple, "B ", " Y\t\r\n\tZ  \r\n"),
            "B : Y\t\r\n\tZ  \r\n"
        );
        assert_eq!(relaxed("A", ""), "a:");
        assert_eq!(relaxed("A", " \r\n"), "a:\r\n");
        // Only SP and HTAB are blanks, and only CRLF ends a line.
        assert_eq!(
            relaxed("A", " x\ry\u{c}z \r \u{b}\r\n"),
            "a:x\ry\u{c}z \r \u{b}\r\n"
        );
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

    fn without_lone_cr(body: &[u8]) -> Vec<u8> {
        let next = body.iter().skip(1).map(Some).chain([None]);
        let pairs = body.iter().zip(next);
        let kept = pairs.filter(|&(&octet, next)| octet != b'\r' || next == Some(&b'\n'));
        kept.map(|(&octet, _)| octet).collect()
    }

    /// The same, octet by octet and in one piece.
    fn plainly(form: Canonicalization, body: &[u8]) -> Vec<u8> {
        let mut lines: Vec<Vec<u8>> = Vec::new();
        for line in body.split(|&octet| octet == b'\n') {
            lines.push(line.to_vec());
        }
        let last = lines.len() - 1;
        for line in lines.iter_mut().take(last) {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
        }
        if form == Canonicalization::Relaxed {
            for line in &mut lines {
                let words: Vec<&[u8]> = line.split(|&octet| Relaxed::is_blank(octet)).collect();
                let begins = words.first().is_some_and(|word| word.is_empty());
                let words: Vec<&[u8]> = words.into_iter().filter(|word| !word.is_empty()).collect();
                let joined = words.join(&b' ');
                *line = match begins && !joined.is_empty() {
                    true => [b" ", joined.as_slice()].concat(),
                    false => joined,
                };
            }
        }
        while lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        if lines.is_empty() && form == Canonicalization::Simple {
            lines.push(Vec::new());
        }
        lines
            .into_iter()
            .flat_map(|line| [line, b"\r\n".to_vec()].concat())
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn where_a_body_is_cut_changes_nothing(body in body(), cuts in vec(any::<Index>(), 1..6)) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
            cuts.sort_unstable();
            let starts = [0].into_iter().chain(cuts.iter().copied());
            let ends = cuts.iter().copied().chain([body.len()]);
            let pieces: Vec<&[u8]> = starts.zip(ends).map(|(start, end)| &body[start..end]).collect();
            for form in [Canonicalization::Simple, Canonicalization::Relaxed] {
                let whole = canonical(form, &body);
                prop_assert_eq!(&in_pieces(form, pieces.iter().copied()), &whole);
                prop_assert_eq!(&in_pieces(form, body.chunks(1)), &whole);
            }
        }

        #[test]
        fn it_is_what_the_standard_says_line_by_line(body in body()) {
            for form in [Canonicalization::Simple, Canonicalization::Relaxed] {
                let plain = String::from_utf8_lossy(&plainly(form, &body)).into_owned();
                prop_assert_eq!(canonical(form, &body), plain);
            }
        }

        /// But for blank lines with blanks in them at the end, which the library keeps, and for a CR
        /// alone, which it drops.
        #[test]
        fn it_is_what_the_library_writes(body in body()) {
            let body = without_lone_cr(&body);
            for form in [Canonicalization::Simple, Canonicalization::Relaxed] {
                let text = match form {
                    Canonicalization::Simple => text_end::<Simple>(&body),
                    Canonicalization::Relaxed => text_end::<Relaxed>(&body),
                };
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
