//! The parts of a body, found in one pass over its lines.
//!
//! A parser that looks for the end of each part by itself reads the rest of the body once for each
//! part that has none. Here every line is read once and compared with the boundaries that are open,
//! of which there are at most [`MAX_DEPTH`].

use crate::mail::decode::{
    parameter::{self, WithParameters},
    transfer_encoding::TransferEncoding,
};

/// Multiparts that may lie in one another. Real mail needs four or five.
const MAX_DEPTH: usize = 16;
/// Parts that are looked into.
const MAX_PARTS: usize = 256;
/// Names of a part that are looked at; it has one.
const MAX_NAMES: usize = 16;
/// Octets of one part's header that are read.
const MAX_HEADER: usize = 16 * 1024;

/// What a part is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Shown as it stands.
    Plain,
    /// Shown as a page.
    Html,
    /// Attached messages, reports, pictures, archives: not judged.
    Other,
}

/// The fields that say what a part is.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) kind: Kind,
    pub(crate) encoding: TransferEncoding,
    pub(crate) charset: Option<String>,
    boundary: Option<Vec<u8>>,
    is_multipart: bool,
    is_report: bool,
    /// message/delivery-status and its kin: what makes a multipart/report a real one.
    is_machine_report: bool,
}

/// A part that a reader sees.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) fields: Fields,
    /// Its octets, still encoded for transfer.
    pub(crate) body: &'a [u8],
}

/// What [`walk`] found.
#[derive(Debug, Default)]
pub(crate) struct Walk<'a> {
    pub(crate) parts: Vec<Part<'a>>,
    /// There were more parts, or deeper ones, than are looked into.
    pub(crate) cut: bool,
}

impl Fields {
    /// Reads the values of Content-Type, Content-Transfer-Encoding and Content-Disposition, each as
    /// it stands behind the colon.
    pub(crate) fn new(
        content_type: Option<&[u8]>,
        encoding: Option<&[u8]>,
        disposition: Option<&[u8]>,
    ) -> Self {
        let media = content_type.map(parameter::parse).unwrap_or_default();
        let (main, sub) = media.value.split_once('/').unwrap_or((&media.value, ""));
        let disposition = disposition.map(parameter::parse).unwrap_or_default();
        let attached = disposition.value == "attachment";
        let is_page = is_page(&media, "name") || is_page(&disposition, "filename");
        let kind = match (main, sub) {
            ("text", "html") | ("application", "xhtml+xml") | ("image", "svg+xml") => Kind::Html,
            // A page that is called a file: it opens in a browser at a click.
            ("application" | "text", _) if is_page => Kind::Html,
            ("text", "rfc822-headers") => Kind::Other,
            ("text", "plain" | "enriched" | "calendar") if attached => Kind::Other,
            ("text", _) => Kind::Plain,
            // Without a readable type it is text/plain (RFC 2045 section 5.2).
            ("", _) => Kind::Plain,
            _ => Kind::Other,
        };
        let boundary = media.get("boundary").filter(|_| main == "multipart");
        Self {
            kind,
            encoding: encoding.map(TransferEncoding::parse).unwrap_or_default(),
            charset: media.get("charset").map(|charset| charset.text()),
            boundary: boundary.map(|boundary| boundary.octets.trim_ascii_end().to_vec()),
            is_multipart: main == "multipart",
            is_report: main == "multipart" && sub == "report",
            is_machine_report: main == "message"
                && matches!(
                    sub,
                    "delivery-status"
                        | "global-delivery-status"
                        | "feedback-report"
                        | "disposition-notification"
                        | "global-disposition-notification"
                ),
        }
    }

    fn read(header: &[u8]) -> Self {
        let mut values: [Option<Vec<u8>>; 3] = [None, None, None];
        let names: [&[u8]; 3] = [
            b"content-type",
            b"content-transfer-encoding",
            b"content-disposition",
        ];
        let mut open = None;
        for line in header.split_inclusive(|&b| b == b'\n') {
            if matches!(line.first(), Some(b' ' | b'\t')) {
                if let Some(value) = open.and_then(|at: usize| values.get_mut(at)?.as_mut()) {
                    value.extend_from_slice(line);
                }
                continue;
            }
            let (name, value) = match line.iter().position(|&b| b == b':') {
                Some(colon) => line.split_at(colon),
                None => continue,
            };
            open = names
                .iter()
                .position(|known| name.trim_ascii().eq_ignore_ascii_case(known));
            if let Some(slot) = open.and_then(|at| values.get_mut(at))
                && slot.is_none()
            {
                *slot = Some(value.get(1..).unwrap_or_default().to_vec());
            } else {
                // A second field of the name is another reader's choice, not ours.
                open = None;
            }
        }
        let [content_type, encoding, disposition] = &values;
        Self::new(
            content_type.as_deref(),
            encoding.as_deref(),
            disposition.as_deref(),
        )
    }
}

/// Whether a file of this name opens in a browser.
fn is_page(field: &WithParameters, name: &str) -> bool {
    let ends = [".html", ".htm", ".shtml", ".xhtml", ".svg"];
    field.all(name).take(MAX_NAMES).any(|file| {
        let file = file.text().to_ascii_lowercase();
        ends.iter().any(|end| file.trim_end().ends_with(end))
    })
}

/// One multipart that is open.
struct Open {
    boundary: Vec<u8>,
    report: Option<usize>,
}

struct Walker<'a> {
    body: &'a [u8],
    open: Vec<Open>,
    /// The part that is being read: its fields, where its body begins.
    current: Option<(Fields, usize)>,
    /// For each part found the report that it belongs to.
    in_report: Vec<Option<usize>>,
    /// For each multipart/report whether it holds a machine's part.
    reports: Vec<bool>,
    walk: Walk<'a>,
}

/// Finds the parts of `body`, whose own header says `fields`.
pub(crate) fn walk<'a>(fields: Fields, body: &'a [u8]) -> Walk<'a> {
    let mut walker = Walker {
        body,
        open: Vec::new(),
        current: None,
        in_report: Vec::new(),
        reports: Vec::new(),
        walk: Walk::default(),
    };
    walker.begin(fields.clone(), 0);
    let mut from = 0;
    while let Some(at) = next_dashes(body, from) {
        // Nothing is left that could end.
        if walker.open.is_empty() {
            break;
        }
        let end = line_end(body, at);
        let line = body.get(at..end).unwrap_or_default();
        from = match walker.delimiter(line) {
            Some((depth, closing)) => walker.delimit(depth, closing, at, end),
            None => end,
        };
    }
    walker.finish(body.len());
    // A multipart whose boundary never comes is shown as it stands by some mail programs.
    if walker.walk.parts.is_empty() && fields.is_multipart && !walker.walk.cut {
        walker.walk.parts.push(Part {
            fields: Fields {
                kind: Kind::Plain,
                ..fields
            },
            body,
        });
        walker.in_report.push(None);
    }
    walker.without_reports()
}

/// Where the next line begins that could be a delimiter; `from` is the beginning of a line.
fn next_dashes(body: &[u8], from: usize) -> Option<usize> {
    let rest = body.get(from..)?;
    if rest.starts_with(b"--") {
        return Some(from);
    }
    memchr::memmem::find(rest, b"\n--").map(|at| from + at + 1)
}

fn line_end(body: &[u8], at: usize) -> usize {
    let rest = body.get(at..).unwrap_or_default();
    match memchr::memchr(b'\n', rest) {
        Some(length) => at + length + 1,
        None => body.len(),
    }
}

impl<'a> Walker<'a> {
    /// Whether `line` delimits an open multipart: how many are outside it, and whether it closes it
    /// (RFC 2046 section 5.1.1).
    fn delimiter(&self, line: &[u8]) -> Option<(usize, bool)> {
        let line = line.strip_prefix(b"--")?.trim_ascii_end();
        self.open
            .iter()
            .enumerate()
            .rev()
            .find_map(|(depth, open)| match line.strip_prefix(&*open.boundary)? {
                b"" => Some((depth, false)),
                b"--" => Some((depth, true)),
                _ => None,
            })
    }

    /// Ends the part before the delimiter at `at`, and reads the header of the next one. Returns where
    /// to read on.
    fn delimit(&mut self, depth: usize, closing: bool, at: usize, end: usize) -> usize {
        self.finish(at);
        if closing {
            self.open.truncate(depth);
            return end;
        }
        self.open.truncate(depth + 1);
        let (fields, after) = self.header(end);
        self.begin(fields, after);
        after
    }

    /// Reads a part's header from `start`; returns where its body begins.
    fn header(&mut self, start: usize) -> (Fields, usize) {
        let mut at = start;
        while at < self.body.len() && at - start < MAX_HEADER {
            let end = line_end(self.body, at);
            let line = self.body.get(at..end).unwrap_or_default();
            if line.trim_ascii().is_empty() {
                let header = self.body.get(start..at).unwrap_or_default();
                return (Fields::read(header), end);
            }
            // A part without an empty line has no body.
            if self.delimiter(line).is_some() {
                break;
            }
            at = end;
        }
        let header = self.body.get(start..at).unwrap_or_default();
        (Fields::read(header), at)
    }

    fn begin(&mut self, fields: Fields, at: usize) {
        let report = match (fields.is_report, self.open.last()) {
            (true, _) => {
                self.reports.push(false);
                Some(self.reports.len() - 1)
            }
            (false, outer) => outer.and_then(|outer| outer.report),
        };
        if let Some(boundary) = fields.boundary.clone() {
            if self.open.len() < MAX_DEPTH {
                self.open.push(Open { boundary, report });
            } else {
                self.walk.cut = true;
            }
            return;
        }
        if fields.is_machine_report
            && let Some(seen) = report.and_then(|at| self.reports.get_mut(at))
        {
            *seen = true;
        }
        self.current = Some((fields, at));
    }

    fn finish(&mut self, end: usize) {
        let Some((fields, start)) = self.current.take() else {
            return;
        };
        if fields.kind == Kind::Other || fields.is_multipart {
            return;
        }
        if self.walk.parts.len() >= MAX_PARTS {
            self.walk.cut = true;
            return;
        }
        let body = self.body.get(start..end).unwrap_or_default();
        self.in_report
            .push(self.open.last().and_then(|open| open.report));
        self.walk.parts.push(Part { fields, body });
    }

    /// Leaves out the text of delivery and abuse reports (RFC 6522). A report is one only with a
    /// machine's part in it, and its page is read all the same: anyone can write the type.
    fn without_reports(self) -> Walk<'a> {
        let Self {
            mut walk,
            in_report,
            reports,
            ..
        } = self;
        let mut of = in_report.into_iter();
        walk.parts.retain(|part| {
            let report = of.next().flatten();
            let real = report
                .and_then(|at| reports.get(at))
                .copied()
                .unwrap_or(false);
            !(real && part.fields.kind == Kind::Plain)
        });
        walk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(content_type: &str, body: &str) -> (Vec<(Kind, String)>, bool) {
        let fields = Fields::new(Some(content_type.as_bytes()), None, None);
        let walk = walk(fields, body.as_bytes());
        let text = |part: &Part<'_>| String::from_utf8_lossy(part.body).trim().to_owned();
        let found = walk.parts.iter().map(|part| (part.fields.kind, text(part)));
        (found.collect(), walk.cut)
    }

    #[test]
    fn nested_parts_come_in_order() {
        let (found, cut) = parts(
            " multipart/mixed; boundary=\"a b\"",
            "preamble\r\n--a b\r\nContent-Type: multipart/alternative;\r\n boundary=c\r\n\r\n--c\r\n\r\none\r\n\
             --c\r\nContent-Type: text/html\r\n\r\ntwo\r\n--c--\r\n--a b\r\nContent-Type: image/png\r\n\r\nx\r\n\
             --a b\r\nContent-Type: application/octet-stream; name=\"In.HTML\"\r\n\r\nthree\r\n--a b--\r\nafter\r\n",
        );
        let expected = [
            (Kind::Plain, "one"),
            (Kind::Html, "two"),
            (Kind::Html, "three"),
        ];
        assert_eq!(found, expected.map(|(kind, text)| (kind, text.to_owned())));
        assert!(!cut);
    }

    #[test]
    fn attached_messages_and_reports_are_no_parts() {
        let (found, _) = parts(
            "multipart/report; report-type=delivery-status; boundary=r",
            "--r\r\n\r\nnot delivered\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\
             --r\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ninner\r\n--r--\r\n",
        );
        assert_eq!(found, []);
        let (found, _) = parts(
            "multipart/report; boundary=r",
            "--r\r\n\r\nonly called a report\r\n--r--\r\n",
        );
        assert_eq!(found, [(Kind::Plain, "only called a report".to_owned())]);
    }

    #[test]
    fn a_boundary_in_pieces_is_found() {
        let (found, _) = parts(
            "multipart/mixed; boundary*0=ab; boundary*1=cd",
            "--abcd\r\n\r\nx\r\n--abcd--",
        );
        assert_eq!(found, [(Kind::Plain, "x".to_owned())]);
    }

    #[test]
    fn a_multipart_without_its_boundary_is_text() {
        let (found, _) = parts("multipart/mixed; boundary=x", "all there is");
        assert_eq!(found, [(Kind::Plain, "all there is".to_owned())]);
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let mut deep = String::new();
        for level in 0..50 {
            let next = level + 1;
            deep.push_str(&format!(
                "--b{level}\r\nContent-Type: multipart/mixed; boundary=b{next}\r\n\r\n"
            ));
        }
        assert_eq!(parts("multipart/mixed; boundary=b0", &deep), (vec![], true));
        let many = "--b\r\n\r\nx\r\n".repeat(10_000);
        let (found, cut) = parts("multipart/mixed; boundary=b", &many);
        assert_eq!((found.len(), cut), (256, true));
    }
}
