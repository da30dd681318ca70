//! Where messages come from: files, folders, Maildirs, mboxes, standard input, one at a time.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

/// A message beyond this is not read.
const MAX_MESSAGE_SIZE: u64 = 256 << 20;

/// A message, or why there is none, under the name that reports give it.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) octets: io::Result<Vec<u8>>,
}

/// The messages of some paths, in the order of the paths and of the names in a folder. No more than
/// one is held at a time.
pub(super) struct Source {
    waiting: Vec<PathBuf>,
    mailbox: Option<Mailbox>,
}

impl Source {
    pub(super) fn new(paths: &[PathBuf]) -> Self {
        Self {
            waiting: paths.iter().rev().cloned().collect(),
            mailbox: None,
        }
    }

    /// Opens a path: a folder is put among what waits, a file begins a mailbox.
    fn open(&mut self, path: &Path) -> io::Result<Option<Mailbox>> {
        if path.as_os_str() == "-" {
            return Mailbox::new("-".to_owned(), Box::new(io::stdin().lock())).map(Some);
        }
        if fs::metadata(path)?.is_dir() {
            let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
            entries.sort_by_key(fs::DirEntry::file_name);
            self.waiting
                .extend(entries.into_iter().rev().map(|entry| entry.path()));
            return Ok(None);
        }
        let name = path.display().to_string();
        Mailbox::new(name, Box::new(BufReader::new(File::open(path)?))).map(Some)
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
            let path = self.waiting.pop()?;
            match self.open(&path) {
                Ok(mailbox) => self.mailbox = mailbox,
                Err(error) => {
                    return Some(Item {
                        name: path.display().to_string(),
                        octets: Err(error),
                    });
                }
            }
        }
    }
}

/// How many files there are below some paths, for a progress bar; a mailbox is one.
pub(super) fn count(paths: &[PathBuf]) -> u64 {
    let mut waiting: Vec<PathBuf> = paths.to_vec();
    let mut files = 0;
    while let Some(path) = waiting.pop() {
        match fs::read_dir(&path) {
            Ok(entries) => waiting.extend(entries.flatten().map(|entry| entry.path())),
            Err(_) => files += 1,
        }
    }
    files
}

/// One file: a message, or the messages of an mbox. There a line that begins with `From ` after an
/// empty one, or at the very beginning, separates.
struct Mailbox {
    name: String,
    reader: Box<dyn BufRead>,
    is_mbox: bool,
    /// The separator line that ended the message before.
    carried: Vec<u8>,
    number: u32,
    ended: bool,
}

impl Mailbox {
    fn new(name: String, mut reader: Box<dyn BufRead>) -> io::Result<Self> {
        let is_mbox = reader.fill_buf()?.starts_with(b"From ");
        Ok(Self {
            name,
            reader,
            is_mbox,
            carried: Vec::new(),
            number: 0,
            ended: false,
        })
    }

    fn next(&mut self) -> Option<Item> {
        if self.ended {
            return None;
        }
        let octets = match self.is_mbox {
            true => self.next_part(),
            false => self.whole(),
        };
        self.ended |= octets.is_err();
        self.number += 1;
        // A single message keeps the name of its file.
        let name = match (self.number, self.ended) {
            (1, true) => self.name.clone(),
            (number, _) => format!("{}:{number}", self.name),
        };
        Some(Item { name, octets })
    }

    fn whole(&mut self) -> io::Result<Vec<u8>> {
        self.ended = true;
        let mut octets = Vec::new();
        (&mut self.reader)
            .take(MAX_MESSAGE_SIZE + 1)
            .read_to_end(&mut octets)?;
        bounded(octets)
    }

    fn next_part(&mut self) -> io::Result<Vec<u8>> {
        let mut octets = std::mem::take(&mut self.carried);
        loop {
            let start = octets.len();
            let left = (MAX_MESSAGE_SIZE + 1).saturating_sub(start as u64);
            if (&mut self.reader)
                .take(left)
                .read_until(b'\n', &mut octets)?
                == 0
            {
                self.ended = true;
                return bounded(octets);
            }
            let (before, line) = octets.split_at(start);
            let blank = before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n");
            if blank && line.starts_with(b"From ") {
                self.carried = octets.split_off(start);
                return bounded(octets);
            }
        }
    }
}

fn bounded(octets: Vec<u8>) -> io::Result<Vec<u8>> {
    match octets.len() as u64 <= MAX_MESSAGE_SIZE {
        true => Ok(octets),
        false => Err(io::Error::other("the message is larger than 256 MiB")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parts(text: &'static [u8]) -> Vec<(String, String)> {
        let mut mailbox = Mailbox::new("m".into(), Box::new(text)).unwrap();
        std::iter::from_fn(|| mailbox.next())
            .map(|item| (item.name, String::from_utf8(item.octets.unwrap()).unwrap()))
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
                ("m:1", "From a\nA: 1\n\n"),
                ("m:2", "From here on\n\n"),
                ("m:3", "From b\nB: 2\n\nx\nFrom c\n"),
            ])
        );
        assert_eq!(parts(b"From a\r\nA: 1\r\n\r\nx\r\n\r\nFrom b\r\n").len(), 2);
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
}
