//! Files that come with a message: what they are, and what was read in them.
//!
//! Nothing here opens a file. A process of its own does that (`attachments`), and what it found comes back
//! as plain data: [`Files`].

/// Octets before the beginning of a PDF that programs pass over.
const JUNK: usize = 1024;

/// What a file is, by what stands in it: its name and its label are the sender's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A PDF, behind other octets too.
    Pdf,
    /// PNG, JPEG, GIF, WebP, BMP.
    Picture,
    /// A document of an office program, of which only the newer kinds are read.
    Office,
    /// A zip archive.
    Archive,
    /// Rich Text Format.
    Rtf,
    /// winmail.dat, in which Outlook sends its files (MS-OXTNEF).
    Winmail,
    /// A page or a drawing that a browser opens.
    Page,
    /// Another message.
    Message,
    /// Text, calendars among it.
    Text,
    /// Anything else.
    Other,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Pdf,
        Self::Picture,
        Self::Office,
        Self::Archive,
        Self::Rtf,
        Self::Winmail,
        Self::Page,
        Self::Message,
        Self::Text,
        Self::Other,
    ];

    /// The word in metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Picture => "picture",
            Self::Office => "office",
            Self::Archive => "archive",
            Self::Rtf => "rtf",
            Self::Winmail => "winmail",
            Self::Page => "page",
            Self::Message => "message",
            Self::Text => "text",
            Self::Other => "other",
        }
    }

    /// What octets begin with that only a program shows: none for text.
    pub fn by_magic(octets: &[u8]) -> Option<Self> {
        const MAGIC: [(&[u8], FileKind); 12] = [
            (b"%PDF-", FileKind::Pdf),
            (b"\x89PNG\r\n\x1A\n", FileKind::Picture),
            (b"\xFF\xD8\xFF", FileKind::Picture),
            (b"GIF87a", FileKind::Picture),
            (b"GIF89a", FileKind::Picture),
            (b"PK\x03\x04", FileKind::Archive),
            (b"PK\x05\x06", FileKind::Archive),
            (b"{\\rtf", FileKind::Rtf),
            (b"\x78\x9F\x3E\x22", FileKind::Winmail),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FileKind::Office),
            (b"7z\xBC\xAF\x27\x1C", FileKind::Other),
            (b"Rar!\x1A\x07", FileKind::Other),
        ];
        let known = MAGIC.iter().find(|(start, _)| octets.starts_with(start));
        let is_webp = octets.starts_with(b"RIFF") && octets.get(8..12) == Some(b"WEBP");
        // The size of the header tells a bitmap from a text that begins with these letters.
        let is_bitmap = octets.starts_with(b"BM") && octets.get(15..18) == Some(&[0, 0, 0]);
        match known {
            Some((_, kind)) => Some(*kind),
            None => (is_webp || is_bitmap).then_some(Self::Picture),
        }
    }

    /// What a whole file is.
    pub fn of(octets: &[u8]) -> Self {
        if let Some(kind) = Self::by_magic(octets) {
            return kind;
        }
        let start = octets.get(..JUNK.min(octets.len())).unwrap_or_default();
        if memchr::memmem::find(start, b"%PDF-").is_some() {
            return Self::Pdf;
        }
        let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFF\xFE", b"\xFE\xFF"];
        let is_wide = marks.iter().skip(1).any(|mark| start.starts_with(mark));
        let is_control =
            |octet: &u8| *octet < b' ' && !octet.is_ascii_whitespace() && *octet != 0x1B;
        if !is_wide && start.iter().any(is_control) {
            return Self::Other;
        }
        let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
        match text.trim_ascii_start().first() {
            Some(b'<') => Self::Page,
            _ => Self::Text,
        }
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was read whole.
    Read,
    /// It asks for a password.
    Encrypted,
    /// It can't be read as what it is.
    Broken,
    /// Something in it lies beyond a bound.
    Limit,
    /// A kind that nobody here reads.
    Unknown,
    /// Its reader ended before it was done.
    Died,
    /// No reader came free in time.
    Busy,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 7] = [
        Self::Read,
        Self::Encrypted,
        Self::Broken,
        Self::Limit,
        Self::Unknown,
        Self::Died,
        Self::Busy,
    ];

    /// The word in metrics.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Encrypted => "encrypted",
            Self::Broken => "broken",
            Self::Limit => "limit",
            Self::Unknown => "unknown",
            Self::Died => "died",
            Self::Busy => "busy",
        }
    }
}

/// Something that a file shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is shown.
    Text(String),
    /// A page as it was written.
    Page(String),
    /// A link.
    Link {
        /// Where it leads.
        target: String,
        /// What is seen of it.
        label: String,
    },
    /// What a QR code holds.
    Code(String),
}

/// A file, and what was read in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// What it is.
    pub kind: FileKind,
    /// What became of it.
    pub outcome: Outcome,
    /// What it shows, as far as it was read.
    pub pieces: Vec<Piece>,
}

impl ReadFile {
    /// One in which nothing was read.
    pub fn unread(kind: FileKind, outcome: Outcome) -> Self {
        Self {
            kind,
            outcome,
            pieces: Vec::new(),
        }
    }
}

/// What is known of the files of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Files {
    /// Nobody opened them. Pictures are seen all the same.
    #[default]
    Closed,
    /// The operator doesn't want to know of them.
    Ignored,
    /// What was read in each.
    Opened(Vec<ReadFile>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_stands_in_it() {
        for (octets, kind) in [
            (&b"%PDF-1.7\n"[..], FileKind::Pdf),
            (b"junk\r\n\x00\x01%PDF-1.4", FileKind::Pdf),
            (b"\x89PNG\r\n\x1A\n", FileKind::Picture),
            (b"RIFF\x00\x00\x00\x00WEBPVP8 ", FileKind::Picture),
            (
                b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
                FileKind::Picture,
            ),
            (b"BMW sends its greetings", FileKind::Text),
            (b"RIFF and WEBP", FileKind::Text),
            (b"xxxx1234WEBP", FileKind::Text),
            (b"xx1234567890123\0\0\0", FileKind::Other),
            (b"\xFF\xD8\xFF\xE0", FileKind::Picture),
            (b"GIF87a", FileKind::Picture),
            (b"GIF89a", FileKind::Picture),
            (b"PK\x05\x06", FileKind::Archive),
            (b"\x78\x9F\x3E\x22", FileKind::Winmail),
            (b"7z\xBC\xAF\x27\x1C", FileKind::Other),
            (b"Rar!\x1A\x07", FileKind::Other),
            (b"\x1B$B\t", FileKind::Text),
            (b"\x1F", FileKind::Other),
            (b"\xFE\xFF\0h\0i", FileKind::Text),
            (b"\xEF\xBB\xBFh\0", FileKind::Other),
            (b" \n<", FileKind::Page),
            (b"a<", FileKind::Text),
            (b"", FileKind::Text),
            (b"PK\x03\x04", FileKind::Archive),
            (b"{\\rtf1", FileKind::Rtf),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FileKind::Office),
            (b"\xEF\xBB\xBF <html>", FileKind::Page),
            (b"BEGIN:VCALENDAR\r\n", FileKind::Text),
            (b"\xFF\xFEh\0i\0", FileKind::Text),
            (b"MZ\x90\x00\x03", FileKind::Other),
        ] {
            assert_eq!(FileKind::of(octets), kind, "{octets:?}");
        }
    }
}
