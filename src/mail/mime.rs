//! The parts of a body, found in one pass over its lines.
//!
//! A parser that looks for the end of each part by itself reads the rest of the body once for each
//! part that has none. Here every line is read once and compared with the boundaries that are open,
//! of which there are at most [`MAX_DEPTH`].

mod embedded;
mod encoded_file;
mod fields;
mod files;

pub(crate) use fields::{Fields, Kind};
pub(crate) use files::{MAX_BODY, attached, draws, holds_picture, texts};

use fields::Machine;
use std::borrow::Cow;

/// Multiparts that may lie in one another. Real mail needs four or five.
const MAX_DEPTH: usize = 16;
/// Parts that are looked into.
const MAX_PARTS: usize = 256;
/// Files whose names are kept.
const MAX_FILES: usize = 64;
/// Multiparts of one body whose boundary is guessed, and octets in which it is looked for.
const MAX_GUESSES: usize = 4;
const MAX_LOOK: usize = 64 * 1024;

/// A part that a reader sees.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) fields: Fields,
    /// Its octets, still encoded for transfer.
    pub(crate) body: Cow<'a, [u8]>,
}

/// What [`walk`] found.
#[derive(Debug, Default)]
pub(crate) struct Walk<'a> {
    pub(crate) parts: Vec<Part<'a>>,
    /// Attached messages, which are shown as the message where it holds nothing else.
    pub(crate) messages: Vec<Part<'a>>,
    /// Parts that another program shows.
    pub(crate) files: Vec<Part<'a>>,
    /// The names of all files.
    pub(crate) file_names: Vec<String>,
    /// Encrypted parts, and files within text, which nobody reads here.
    pub(crate) has_unread: bool,
    /// There were more parts, or deeper ones, than are looked into.
    pub(crate) cut: bool,
}

/// One multipart that is open.
struct Open {
    boundary: Vec<u8>,
    report: Option<usize>,
    is_digest: bool,
}

struct Walker<'a> {
    body: &'a [u8],
    open: Vec<Open>,
    /// The part that is being read: its fields, by each way to read them, and where its body begins.
    current: Option<(Vec<Fields>, usize)>,
    /// For each part found the report that it belongs to.
    in_report: Vec<Option<usize>>,
    /// What makes each multipart/report a real one.
    reports: Vec<Machine>,
    guesses: usize,
    /// A boundary came.
    is_parted: bool,
    walk: Walk<'a>,
}

/// Finds the parts of `body`, whose own header can be read as each of `readings`.
pub(crate) fn walk<'a>(readings: Vec<Fields>, body: &'a [u8]) -> Walk<'a> {
    let multipart = readings.iter().find(|fields| fields.is_multipart).cloned();
    let mut walker = Walker {
        body,
        open: Vec::new(),
        current: None,
        in_report: Vec::new(),
        reports: Vec::new(),
        guesses: 0,
        is_parted: false,
        walk: Walk::default(),
    };
    walker.begin(readings, 0);
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
    match multipart {
        Some(fields) if !walker.is_parted && !walker.walk.cut => without_boundary(fields, body),
        _ => walker.without_reports(),
    }
}

/// A multipart whose boundary never comes. Some mail programs show it as it stands; some decode it as a whole;
/// and what begins as the header of a part does is one.
fn without_boundary(fields: Fields, body: &[u8]) -> Walk<'_> {
    let decoded = fields.encoding.decode(body);
    if let (Cow::Owned(decoded), Some(_)) = (&decoded, &fields.boundary) {
        let inner = walk(
            vec![Fields {
                encoding: Default::default(),
                ..fields.clone()
            }],
            decoded,
        );
        return inner.into_owned();
    }
    let mut walk = Walk::default();
    if embedded::begins_as_header(body) {
        walk = embedded::walk_entity(body, 0);
    }
    walk.parts.push(Part {
        fields: Fields {
            kind: Kind::Plain,
            ..fields
        },
        body: Cow::Borrowed(body),
    });
    walk
}

impl<'a> Walk<'a> {
    /// Adds what was found in something that it holds.
    pub(crate) fn add(&mut self, other: Self) {
        self.parts.extend(other.parts);
        self.messages.extend(other.messages);
        self.files.extend(other.files);
        self.file_names.extend(other.file_names);
        self.has_unread |= other.has_unread;
        self.cut |= other.cut || self.parts.len() > MAX_PARTS;
        self.parts.truncate(MAX_PARTS);
        self.files.truncate(MAX_PARTS);
        self.file_names.truncate(MAX_FILES);
    }

    fn into_owned<'b>(self) -> Walk<'b> {
        let owned = |part: Part<'a>| Part {
            fields: part.fields,
            body: Cow::Owned(part.body.into_owned()),
        };
        Walk {
            parts: self.parts.into_iter().map(owned).collect(),
            messages: self.messages.into_iter().map(owned).collect(),
            files: self.files.into_iter().map(owned).collect(),
            file_names: self.file_names,
            has_unread: self.has_unread,
            cut: self.cut,
        }
    }

    /// Reads the attached messages as part of the message.
    pub(crate) fn open_messages(&mut self) {
        for message in std::mem::take(&mut self.messages) {
            let octets = message.fields.encoding.decode(&message.body);
            let inner = embedded::walk_entity(&octets, 1).into_owned();
            self.add(inner);
        }
    }
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
        self.is_parted = true;
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
    fn header(&mut self, start: usize) -> (Vec<Fields>, usize) {
        let mut at = start;
        while at < self.body.len() {
            let end = line_end(self.body, at);
            let line = self.body.get(at..end).unwrap_or_default();
            if line.trim_ascii().is_empty() {
                let header = self.body.get(start..at).unwrap_or_default();
                return (self.fields(header), end);
            }
            // A part without an empty line has no body; one without a header begins with its text.
            if self.delimiter(line).is_some() {
                break;
            }
            if at == start && !embedded::begins_as_header(line) {
                return (self.fields(b""), start);
            }
            at = end;
        }
        let header = self.body.get(start..at).unwrap_or_default();
        (self.fields(header), at)
    }

    /// Reads the header of a part. In a digest a part that says nothing is a message (RFC 2046 section 5.1.5).
    fn fields(&self, header: &[u8]) -> Vec<Fields> {
        let mut readings = Fields::read(header);
        let says_type = header.split(|&b| b == b'\n').any(|line| {
            line.get(..13)
                .is_some_and(|name| name.eq_ignore_ascii_case(b"content-type:"))
        });
        if self.open.last().is_some_and(|open| open.is_digest) && !says_type {
            for fields in &mut readings {
                fields.kind = Kind::Message;
            }
        }
        readings
    }

    fn begin(&mut self, readings: Vec<Fields>, at: usize) {
        let multipart = readings.iter().find(|fields| fields.is_multipart);
        let outer = self.open.last().and_then(|outer| outer.report);
        let report = match multipart {
            Some(fields) if fields.is_report => {
                self.reports.push(Machine::No);
                Some(self.reports.len() - 1)
            }
            _ => outer,
        };
        self.walk.has_unread |= readings.iter().any(|fields| fields.is_encrypted);
        let boundary = multipart.and_then(|fields| {
            let guess = || self.guess(at);
            fields.boundary.clone().or_else(guess)
        });
        if let (Some(boundary), Some(fields)) = (boundary, multipart) {
            let open = Open {
                boundary,
                report,
                is_digest: fields.is_digest,
            };
            self.guesses += usize::from(fields.boundary.is_none());
            if self.open.len() < MAX_DEPTH {
                self.open.push(open);
            } else {
                self.walk.cut = true;
            }
            return;
        }
        self.current = Some((readings, at));
    }

    /// The boundary of a multipart that doesn't say it: the first line that looks like one, with a header
    /// after it.
    fn guess(&self, at: usize) -> Option<Vec<u8>> {
        if self.guesses >= MAX_GUESSES {
            return None;
        }
        let end = self.body.len().min(at + MAX_LOOK);
        let body = self.body.get(at..end)?;
        let mut from = 0;
        while let Some(start) = next_dashes(body, from) {
            let end = line_end(body, start);
            let line = body.get(start + 2..end)?.trim_ascii_end();
            let after = body.get(end..).unwrap_or_default();
            let names_part = after
                .get(..8)
                .is_some_and(|name| name.eq_ignore_ascii_case(b"content-"));
            if !line.is_empty() && names_part {
                return Some(line.to_vec());
            }
            from = end;
        }
        None
    }

    fn finish(&mut self, end: usize) {
        let Some((readings, start)) = self.current.take() else {
            return;
        };
        let body = self.body.get(start..end).unwrap_or_default();
        let report = self.open.last().and_then(|open| open.report);
        for fields in &readings {
            if let Some(name) = &fields.name
                && self.walk.file_names.len() < MAX_FILES
                && !self.walk.file_names.contains(name)
            {
                self.walk.file_names.push(name.clone());
            }
            if let Some(seen) = report.and_then(|at| self.reports.get_mut(at))
                && embedded::is_machines(fields.machine, body)
            {
                *seen = fields.machine;
            }
        }
        let readings: Vec<Fields> = readings.into_iter().map(|one| one.resolved(body)).collect();
        for (nth, fields) in readings.iter().enumerate() {
            let said =
                |known: &Fields| (known.kind, known.encoding) == (fields.kind, fields.encoding);
            if fields.is_multipart || readings.iter().take(nth).any(said) {
                continue;
            }
            self.part(fields.clone(), body, report);
        }
    }

    fn part(&mut self, fields: Fields, body: &'a [u8], report: Option<usize>) {
        let walk = &self.walk;
        if walk.parts.len() + walk.messages.len() + walk.files.len() >= MAX_PARTS {
            self.walk.cut = true;
            return;
        }
        if let Some(kind) = files::kind(&fields, body) {
            self.walk.files.push(Part {
                fields: Fields {
                    kind,
                    ..fields.clone()
                },
                body: Cow::Borrowed(body),
            });
        }
        match fields.kind {
            Kind::Other | Kind::Unsaid | Kind::File | Kind::Picture => {}
            // What came back, or what is complained about, is somebody else's.
            Kind::Message if report.is_some() => {}
            Kind::Message => self.walk.messages.push(Part {
                fields,
                body: Cow::Borrowed(body),
            }),
            Kind::Archive => {
                let octets = fields.encoding.decode(body);
                let inner = embedded::walk_entity(&octets, 1).into_owned();
                let known = self.walk.parts.len();
                self.walk.add(inner);
                let added = self.walk.parts.len() - known;
                self.in_report.extend(std::iter::repeat_n(None, added));
            }
            Kind::Plain | Kind::Html => {
                if fields.kind == Kind::Plain {
                    let files = encoded_file::names(body);
                    self.walk.has_unread |= !files.is_empty();
                    let room = MAX_FILES.saturating_sub(self.walk.file_names.len());
                    self.walk.file_names.extend(files.into_iter().take(room));
                }
                self.in_report.push(report);
                self.walk.parts.push(Part {
                    fields,
                    body: Cow::Borrowed(body),
                });
            }
        }
    }

    /// Leaves out the text of reports of abuse, which is about somebody else's mail (RFC 5965). A report is one
    /// only with a machine's part in it, and its page is read all the same: anyone can write the type. What a
    /// mail system writes of a delivery asks for nothing, so it is read.
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
            let machine = report.and_then(|at| reports.get(at));
            !(machine == Some(&Machine::Abuse) && part.fields.kind == Kind::Plain)
        });
        walk
    }
}

#[cfg(test)]
mod tests;
