//! Where messages come from: files, folders, Maildirs, mboxes, standard input, one at a time.

use super::incoming::{Incoming, Intake};
use crate::mail::message::{Message, NotAMessage};
use std::{
    fs::{self, DirEntry, File},
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

/// Octets that are looked at for the end of a line; one without an end is taken in pieces.
const PIECE: u64 = 1 << 20;

/// A message, or why there is none, under the name that reports give it.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) content: io::Result<Content>,
    /// What it takes up where it comes from, in octets.
    pub(super) size: u64,
}

/// What was read of a message: of a small one all of it as it stands there, so that whoever judges it takes it
/// in, beside others.
pub(super) struct Content {
    incoming: Incoming,
    /// What follows.
    octets: Vec<u8>,
}

impl Content {
    fn new(intake: &Intake, octets: Vec<u8>) -> Self {
        Self {
            incoming: Incoming::new(intake),
            octets,
        }
    }

    fn push(&mut self, octets: &[u8]) {
        self.octets.extend_from_slice(octets);
        if self.octets.len() as u64 >= PIECE {
            self.incoming.push(&std::mem::take(&mut self.octets));
        }
    }

    /// Octets that it takes up.
    pub(super) fn octets(&self) -> u64 {
        (self.incoming.octets() + self.octets.len()) as u64
    }

    /// The message.
    pub(super) fn message(mut self) -> Result<Message, NotAMessage> {
        self.incoming.push(&self.octets);
        drop(self.octets);
        self.incoming.finish()
    }
}

/// The messages of some paths, in the order of the paths and of the names in a folder. No more than
/// one is held at a time.
pub(super) struct Source {
    waiting: Vec<Waiting>,
    mailbox: Option<Mailbox>,
    intake: Intake,
}

impl Source {
    pub(super) fn new(paths: &[PathBuf], intake: Intake) -> Self {
        Self {
            waiting: paths.iter().rev().cloned().map(Waiting::new).collect(),
            mailbox: None,
            intake,
        }
    }

    /// Opens what waits: what is in a folder is put among it, a file begins a mailbox.
    fn open(&mut self, waiting: &Waiting) -> io::Result<Option<Mailbox>> {
        let path = waiting.path.as_path();
        if path.as_os_str() == "-" {
            let reader = Box::new(BufReader::new(io::stdin()));
            return Mailbox::new("-".to_owned(), reader, &self.intake).map(Some);
        }
        if waiting.is_folder()? {
            self.waiting.extend(entries(path)?.into_iter().rev());
            return Ok(None);
        }
        let name = path.display().to_string();
        let reader = Box::new(BufReader::with_capacity(1 << 16, File::open(path)?));
        Mailbox::new(name, reader, &self.intake).map(Some)
    }
}

impl Iterator for Source {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(mailbox) = &mut self.mailbox {
                if let Some(item) = mailbox.next() {
                    return Some(item);
                }
                self.mailbox = None;
            }
            let waiting = self.waiting.pop()?;
            match self.open(&waiting) {
                Ok(mailbox) => self.mailbox = mailbox,
                Err(error) => {
                    return Some(Item {
                        name: waiting.path.display().to_string(),
                        content: Err(error),
                        size: 0,
                    });
                }
            }
        }
    }
}

/// A file or a folder that is to be read.
struct Waiting {
    path: PathBuf,
    /// What its folder said of it: to ask of each file again would take as long as to open it.
    is_folder: Option<bool>,
}

impl Waiting {
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            is_folder: None,
        }
    }

    fn is_folder(&self) -> io::Result<bool> {
        match self.is_folder {
            Some(is) => Ok(is),
            None => Ok(fs::metadata(&self.path)?.is_dir()),
        }
    }
}

/// What in a folder is read, in the order of names. Devices and pipes are none of it, nor folders
/// behind a link, which may lead back here.
fn entries(folder: &Path) -> io::Result<Vec<Waiting>> {
    let all = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let is_folder = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    let has = |name: &str| {
        let mut entries = all.iter();
        entries.any(|entry| entry.file_name() == name && is_folder(entry))
    };
    // A Maildir: its messages are in `cur` and `new`, those in `tmp` are not there yet, and beside
    // them lie indexes of the server and further Maildirs (cr.yp.to/proto/maildir.html).
    let maildir = has("cur") && has("new");
    let wanted = |entry: &DirEntry| match entry.file_type() {
        Ok(kind) if maildir => kind.is_dir() && entry.file_name() != "tmp",
        Ok(kind) if kind.is_symlink() => {
            // A link to nothing is told of when it is opened.
            fs::metadata(entry.path()).map_or(true, |target| target.is_file())
        }
        Ok(kind) => kind.is_dir() || kind.is_file(),
        Err(_) => true,
    };
    let wanted = all.iter().filter(|entry| wanted(entry));
    let mut found: Vec<_> = wanted
        .map(|entry| Waiting {
            path: entry.path(),
            // Behind a link is no folder that is read.
            is_folder: entry.file_type().ok().map(|kind| kind.is_dir()),
        })
        .collect();
    found.sort_unstable_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// How many octets there are below some paths, for a progress bar.
pub(super) fn octets(paths: &[PathBuf]) -> u64 {
    let mut waiting: Vec<PathBuf> = paths.to_vec();
    let mut octets = 0;
    while let Some(path) = waiting.pop() {
        match fs::metadata(&path) {
            Ok(found) if found.is_dir() => {
                let within = entries(&path).unwrap_or_default();
                waiting.extend(within.into_iter().map(|within| within.path));
            }
            Ok(found) => octets += found.len(),
            Err(_) => {}
        }
    }
    octets
}

/// One file: a message, or the messages of an mbox. There a line that begins with `From ` after an
/// empty one, or at the very beginning, separates.
struct Mailbox {
    name: String,
    reader: Box<dyn BufRead + Send>,
    is_mbox: bool,
    intake: Intake,
    /// The separator line that ended the message before.
    carried: Vec<u8>,
    number: u32,
    ended: bool,
}

impl Mailbox {
    fn new(name: String, mut reader: Box<dyn BufRead + Send>, intake: &Intake) -> io::Result<Self> {
        let is_mbox = reader.fill_buf()?.starts_with(b"From ");
        Ok(Self {
            name,
            reader,
            is_mbox,
            intake: intake.clone(),
            carried: Vec::new(),
            number: 0,
            ended: false,
        })
    }

    fn next(&mut self) -> Option<Item> {
        if self.ended {
            return None;
        }
        let read = match self.is_mbox {
            true => self.next_part(),
            false => self.whole(),
        };
        self.ended |= read.is_err();
        self.number += 1;
        // A single message keeps the name of its file.
        let name = match (self.number, self.ended) {
            (1, true) => self.name.clone(),
            (number, _) => format!("{}:{number}", self.name),
        };
        let (content, size) = match read {
            Ok((content, size)) => (Ok(content), size),
            Err(error) => (Err(error), 0),
        };
        Some(Item {
            name,
            content,
            size,
        })
    }

    fn whole(&mut self) -> io::Result<(Content, u64)> {
        self.ended = true;
        let mut content = Content::new(&self.intake, Vec::new());
        let mut size = 0;
        loop {
            let piece = self.reader.fill_buf()?;
            let length = piece.len();
            if length == 0 {
                return Ok((content, size));
            }
            content.push(piece);
            size += length as u64;
            self.reader.consume(length);
        }
    }

    /// Whether a line that begins with `From ` separates: it ends in a date (RFC 4155), or a header
    /// field follows. Text begins so, too, and not every program quotes it.
    fn separates(&mut self, line: &[u8]) -> io::Result<bool> {
        let dated = line.windows(5).any(|five| {
            matches!(five, [a, b, b':', c, d] if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()))
        });
        let next = self.reader.fill_buf()?;
        let name = next.split(|&byte| byte == b':').next().unwrap_or_default();
        let field = name.len() < next.len() && name.iter().all(u8::is_ascii_graphic);
        Ok(dated || (field && !name.is_empty()))
    }

    fn next_part(&mut self) -> io::Result<(Content, u64)> {
        let carried = std::mem::take(&mut self.carried);
        let mut size = carried.len() as u64;
        let mut content = Content::new(&self.intake, carried);
        let mut blank = false;
        let mut whole = true;
        let mut line = Vec::new();
        loop {
            line.clear();
            let mut piece = (&mut self.reader).take(PIECE);
            if piece.read_until(b'\n', &mut line)? == 0 {
                self.ended = true;
                return Ok((content, size));
            }
            if blank && line.starts_with(b"From ") && self.separates(&line)? {
                self.carried = line;
                return Ok((content, size));
            }
            blank = whole && matches!(&*line, b"\n" | b"\r\n");
            whole = line.ends_with(b"\n");
            size += line.len() as u64;
            content.push(&line);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{mail::body::Forms, session::Limits};
    use std::sync::Arc;

    fn intake() -> Intake {
        Intake {
            limits: Limits::with_body(10),
            keep: 10,
            forms: Arc::new(|_| Forms::default()),
        }
    }

    fn parts(text: &'static [u8]) -> Vec<(String, String)> {
        let mut mailbox = Mailbox::new("m".into(), Box::new(text), &intake()).unwrap();
        std::iter::from_fn(|| mailbox.next())
            .map(|item| {
                let octets = item.content.unwrap().octets;
                (item.name, String::from_utf8(octets).unwrap())
            })
            .collect()
    }

    fn named(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn an_mbox_is_split_at_separator_lines_only() {
        assert_eq!(
            parts(b"From a\nA: 1\n\nFrom here on\n\nFrom b\nB: 2\n\nx\nFrom c\n"),
            named(&[
                ("m:1", "From a\nA: 1\n\nFrom here on\n\n"),
                ("m:2", "From b\nB: 2\n\nx\nFrom c\n"),
            ])
        );
        let dated =
            b"From a\r\nA: 1\r\n\r\nx\r\n\r\nFrom b Mon Jan  1 00:00:00 2026\r\nno field\r\n";
        assert_eq!(parts(dated).len(), 2);
    }

    #[test]
    fn a_single_message_keeps_its_name() {
        assert_eq!(parts(b"From a\nA: 1\n"), named(&[("m", "From a\nA: 1\n")]));
        assert_eq!(
            parts(b"A: 1\n\nFrom b\n"),
            named(&[("m", "A: 1\n\nFrom b\n")])
        );
        assert_eq!(parts(b""), named(&[("m", "")]));
    }

    #[test]
    fn of_what_is_too_long_little_is_held_and_what_follows_is_read() {
        let long = format!(
            "From a\nA: 1\n\n{}\n\nFrom b\nB: 2\n\n",
            "x\n".repeat(3 << 20)
        );
        let size = 13 + (6 << 20) + 2;
        let mut mailbox =
            Mailbox::new("m".into(), Box::new(io::Cursor::new(long)), &intake()).unwrap();
        for (size, kept, is_whole) in [(size, 10, false), (13, 0, true)] {
            let item = mailbox.next().unwrap();
            let content = item.content.unwrap();
            assert_eq!(item.size, size);
            assert!(content.octets() < PIECE + 20, "{}", content.octets());
            let body = content.message().unwrap().body;
            assert_eq!((body.kept(), body.is_whole()), (kept, is_whole));
        }
        assert!(mailbox.next().is_none());
        let whole = format!("A: 1\n\n{}", "x".repeat(40));
        let mut mailbox =
            Mailbox::new("m".into(), Box::new(io::Cursor::new(whole)), &intake()).unwrap();
        let item = mailbox.next().unwrap();
        assert_eq!(item.size, 46);
        let body = item.content.unwrap().message().unwrap().body;
        assert_eq!((body.kept(), body.len()), (10, 40));
        assert!(mailbox.next().is_none());
    }
}
