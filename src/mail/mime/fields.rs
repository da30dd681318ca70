//! What the header of a part says of it, read as leniently as mail programs read it.

use crate::mail::{
    decode::{
        parameter::{self, WithParameters},
        transfer_encoding::TransferEncoding,
    },
    lines::Lines,
};

/// Names of a part that are looked at; it has one.
const MAX_NAMES: usize = 16;
/// Octets of a field's value that are read.
const MAX_VALUE: usize = 16 * 1024;
/// Octets of a body by which it is told what a part is whose type says nothing.
const MAX_LOOK: usize = 1_024;

/// What a part is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Shown as it stands.
    Plain,
    /// Shown as a page.
    Html,
    /// One of the two, by what stands in it; or a file.
    Unsaid,
    /// A message, shown as one.
    Message,
    /// A page saved with all that belongs to it (RFC 2557), which a browser opens.
    Archive,
    /// A file that takes another program to read.
    File,
    /// A picture, which is shown with the text.
    Picture,
    /// Sounds, signatures, reports of machines: not judged.
    Other,
}

/// What makes a report of a machine a real one (RFC 3464, 8098, 5965).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Machine {
    No,
    /// Of a delivery, or of a reading. Its text is a machine's, and asks for nothing.
    Delivery,
    /// Of abuse. Its text is about somebody else's mail.
    Abuse,
}

/// The fields that say what a part is.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) kind: Kind,
    pub(crate) encoding: TransferEncoding,
    pub(crate) charset: Option<String>,
    /// Where its lines go on.
    pub(crate) lines: Lines,
    /// The name of the file that it is.
    pub(crate) name: Option<String>,
    pub(super) boundary: Option<Vec<u8>>,
    pub(super) is_multipart: bool,
    pub(super) is_report: bool,
    pub(super) is_digest: bool,
    pub(super) is_encrypted: bool,
    pub(super) machine: Machine,
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
        let (main, sub) = media
            .value
            .split_once(['/', '\\'])
            .unwrap_or((&media.value, ""));
        let disposition = disposition.map(parameter::parse).unwrap_or_default();
        let attached = disposition.value == "attachment";
        let names = names(&media, &disposition);
        let boundary = media.get("boundary").filter(|_| main == "multipart");
        let text_of = |name| media.get(name).map(|one| one.text().to_ascii_lowercase());
        Self {
            kind: kind(main, sub, attached, &names),
            encoding: encoding.map(TransferEncoding::parse).unwrap_or_default(),
            charset: media.get("charset").map(|charset| charset.text()),
            lines: match () {
                () if is_calendar(sub, &names) => Lines::Folded,
                () if text_of("delsp").as_deref() == Some("yes") => Lines::Flowed,
                () => Lines::Kept,
            },
            name: names.into_iter().next(),
            boundary: boundary.map(|boundary| boundary.octets.trim_ascii_end().to_vec()),
            is_multipart: main == "multipart",
            is_report: main == "multipart" && sub == "report",
            is_digest: main == "multipart" && sub == "digest",
            is_encrypted: main == "multipart" && sub == "encrypted",
            machine: match (main, sub) {
                (
                    "message",
                    "delivery-status"
                    | "global-delivery-status"
                    | "disposition-notification"
                    | "global-disposition-notification",
                ) => Machine::Delivery,
                ("message", "feedback-report") => Machine::Abuse,
                _ => Machine::No,
            },
        }
    }

    /// Every way to read a header: of two fields with a name some programs go by the first, some by the
    /// last.
    pub(super) fn read(header: &[u8]) -> Vec<Self> {
        let mut values = Values::default();
        let mut open: Option<usize> = None;
        for line in header.split_inclusive(|&b| b == b'\n') {
            if matches!(line.first(), Some(b' ' | b'\t')) {
                if let Some(value) = open.and_then(|at| values.last(at))
                    && value.len() < MAX_VALUE
                {
                    value.extend_from_slice(line);
                }
                continue;
            }
            let (name, value) = match memchr::memchr(b':', line) {
                Some(colon) => line.split_at(colon),
                None => continue,
            };
            open = NAMES
                .iter()
                .position(|known| name.trim_ascii().eq_ignore_ascii_case(known));
            if let Some(at) = open {
                values.add(at, value.get(1..).unwrap_or_default());
            }
        }
        values.readings()
    }

    /// The same as of `message`, whose fields these are.
    pub(crate) fn of<'h>(mut values: impl FnMut(&'static str) -> Vec<&'h [u8]>) -> Vec<Self> {
        let mut all = Values::default();
        let names = [
            "Content-Type",
            "Content-Transfer-Encoding",
            "Content-Disposition",
        ];
        for (at, name) in names.iter().enumerate() {
            for value in values(name) {
                all.add(at, value);
            }
        }
        all.readings()
    }

    /// As it is by what stands in it, where its type says nothing.
    pub(super) fn resolved(mut self, body: &[u8]) -> Self {
        if self.kind == Kind::Unsaid {
            let start = body.get(..MAX_LOOK.min(body.len())).unwrap_or_default();
            self.kind = told(&self.encoding.decode(start));
        }
        self
    }
}

const NAMES: [&[u8]; 3] = [
    b"content-type",
    b"content-transfer-encoding",
    b"content-disposition",
];

/// The first and the last value of each field.
#[derive(Default)]
struct Values([FirstAndLast; 3]);

type FirstAndLast = (Option<Vec<u8>>, Option<Vec<u8>>);

impl Values {
    fn add(&mut self, at: usize, value: &[u8]) {
        let value = value.get(..MAX_VALUE).unwrap_or(value).to_vec();
        match self.0.get_mut(at) {
            Some((first @ None, _)) => *first = Some(value),
            Some((_, last)) => *last = Some(value),
            None => {}
        }
    }

    fn last(&mut self, at: usize) -> Option<&mut Vec<u8>> {
        let (first, last) = self.0.get_mut(at)?;
        last.as_mut().or(first.as_mut())
    }

    fn readings(self) -> Vec<Fields> {
        let [types, encodings, dispositions] = self.0;
        let both = |(first, last): FirstAndLast| {
            let last = last.filter(|last| first.as_ref() != Some(last));
            std::iter::once(first)
                .chain(last.map(Some))
                .collect::<Vec<_>>()
        };
        let (types, encodings) = (both(types), both(encodings));
        let disposition = dispositions.0.as_deref();
        let mut out = Vec::new();
        for content_type in &types {
            for encoding in &encodings {
                out.push(Fields::new(
                    content_type.as_deref(),
                    encoding.as_deref(),
                    disposition,
                ));
            }
        }
        out
    }
}

/// The names of the file that a part is, in small letters.
fn names(media: &WithParameters, disposition: &WithParameters) -> Vec<String> {
    let named = disposition.all("filename").chain(media.all("name"));
    let names = named.take(MAX_NAMES).map(|name| name.text());
    names.filter(|name| !name.trim().is_empty()).collect()
}

/// Ends of names of files that a browser opens.
const PAGES: [&str; 10] = [
    "html", "htm", "shtml", "shtm", "xhtml", "xht", "xhtm", "svg", "hta", "htc",
];
const ARCHIVES: [&str; 3] = ["mht", "mhtml", "mhtm"];
/// Ends of names of files that a reader reads as they are.
const TEXTS: [&str; 9] = [
    "txt", "text", "asc", "ics", "ical", "ifb", "vcs", "md", "1st",
];

fn kind(main: &str, sub: &str, attached: bool, names: &[String]) -> Kind {
    let ends = |known: &[&str]| {
        names.iter().any(|name| {
            let name = name.to_ascii_lowercase();
            let end = name.trim_end_matches(['.', ' ']).rsplit_once('.');
            end.is_some_and(|(_, end)| known.contains(&end.trim()))
        })
    };
    let is_plain_type = matches!((main, sub), ("text", "plain" | "calendar") | ("", _));
    match (main, sub) {
        ("multipart", _) => Kind::Other,
        ("text", "rfc822-headers" | "css" | "javascript" | "x-patch" | "x-diff") => Kind::Other,
        ("message", "rfc822" | "global" | "news" | "x-rfc822") => Kind::Message,
        ("message", _) => Kind::Other,
        // A page that is called a file: it opens in a browser at a click.
        _ if ends(&PAGES) => Kind::Html,
        _ if ends(&ARCHIVES) => Kind::Archive,
        ("text" | "application", "html" | "x-html" | "htm" | "xhtml" | "xhtml+xml")
        | ("image", "svg+xml" | "svg")
        | ("html" | "htm", _)
        // What stands between `<` and `>` is no text there (RFC 1896).
        | ("text", "enriched" | "richtext") => Kind::Html,
        ("application", "x-mimearchive" | "x-mht" | "mhtml") => Kind::Archive,
        // Programs and their output, attached, are read by nobody as a letter is.
        _ if is_plain_type && attached && !names.is_empty() && !ends(&TEXTS) => Kind::Other,
        ("text", "rtf") => Kind::File,
        ("text", _) | ("", _) => Kind::Plain,
        ("application", "ics" | "calendar") => Kind::Plain,
        ("image", _) => Kind::Picture,
        ("audio" | "video" | "font", _) => Kind::Other,
        (
            "application",
            "pgp-signature" | "pkcs7-signature" | "x-pkcs7-signature" | "pgp-keys" | "pgp-encrypted",
        ) => Kind::Other,
        _ if ends(&TEXTS) => Kind::Plain,
        _ if ends(&["eml"]) => Kind::Message,
        ("application", "octet-stream" | "binary" | "unknown" | "x-unknown" | "text" | "plain" | "x-download" | "force-download" | "save") | (_, "")
            if names.is_empty() =>
        {
            Kind::Unsaid
        }
        _ => Kind::File,
    }
}

fn is_calendar(sub: &str, names: &[String]) -> bool {
    let ends = |name: &String| {
        let name = name.to_ascii_lowercase();
        [".ics", ".vcs", ".ical", ".ifb", ".vcf"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    matches!(sub, "calendar" | "ics" | "vcard" | "x-vcard") || names.iter().any(ends)
}

/// What a part is by its beginning.
fn told(start: &[u8]) -> Kind {
    let is_control = |octet: &u8| *octet < b' ' && !octet.is_ascii_whitespace() && *octet != 0x1B;
    if start.starts_with(b"%PDF") || start.starts_with(b"PK") || start.iter().any(is_control) {
        return Kind::File;
    }
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    match start.trim_ascii_start().first() {
        Some(b'<') => Kind::Html,
        _ => Kind::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(content_type: &str, disposition: &str) -> Kind {
        Fields::new(
            Some(content_type.as_bytes()),
            None,
            Some(disposition.as_bytes()),
        )
        .kind
    }

    #[test]
    fn a_part_is_what_a_reader_gets_of_it() {
        for (content_type, disposition, kind) in [
            ("TEXT/HTML", "", Kind::Html),
            ("text\\html", "", Kind::Html),
            ("text/rtf", "", Kind::File),
            ("text/x-html", "", Kind::Html),
            ("html", "", Kind::Html),
            ("text/enriched", "", Kind::Html),
            ("application/octet-stream; name=a.SHTM", "", Kind::Html),
            ("image/png; name=a.html", "", Kind::Html),
            (
                "application/pdf",
                "attachment; filename=\"a.html. \"",
                Kind::Html,
            ),
            ("application/octet-stream; name=a.mhtml", "", Kind::Archive),
            ("text/plain", "attachment; filename=a.txt", Kind::Plain),
            ("text/plain", "attachment", Kind::Plain),
            ("text/plain", "attachment; filename=a.patch", Kind::Other),
            (
                "application/octet-stream",
                "attachment; filename=a.ics",
                Kind::Plain,
            ),
            (
                "text/calendar; method=REQUEST",
                "attachment; filename=a.ics",
                Kind::Plain,
            ),
            ("application/octet-stream", "", Kind::Unsaid),
            ("application/pdf", "", Kind::File),
            ("application/zip; name=a.zip", "", Kind::File),
            ("image/png; name=a.png", "", Kind::Picture),
            ("application/pgp-signature", "", Kind::Other),
            ("message/rfc822", "", Kind::Message),
            ("", "", Kind::Plain),
            ("nonsense", "", Kind::Unsaid),
            ("multipart/mixed", "", Kind::Other),
            ("text/rfc822-headers", "", Kind::Other),
            ("text/css", "", Kind::Other),
            ("text/javascript", "", Kind::Other),
            ("text/x-patch", "", Kind::Other),
            ("text/x-diff", "", Kind::Other),
            ("text/css; name=a.html", "", Kind::Other),
            ("text/x-other", "", Kind::Plain),
            ("message/global", "", Kind::Message),
            ("message/news", "", Kind::Message),
            ("message/x-rfc822", "", Kind::Message),
            ("message/delivery-status", "", Kind::Other),
            ("message/rfc822; name=a.html", "", Kind::Message),
            ("application/xhtml+xml", "", Kind::Html),
            ("application/html", "", Kind::Html),
            ("image/svg+xml", "", Kind::Html),
            ("image/svg", "", Kind::Html),
            ("htm/x", "", Kind::Html),
            ("text/richtext", "", Kind::Html),
            ("application/x-mimearchive", "", Kind::Archive),
            ("application/x-mht", "", Kind::Archive),
            ("application/mhtml", "", Kind::Archive),
            ("text/plain; name=a.patch", "", Kind::Plain),
            ("text/x-other; name=a.patch", "attachment", Kind::Plain),
            ("text/plain; name=a.md", "attachment", Kind::Plain),
            ("application/ics", "", Kind::Plain),
            ("application/calendar", "", Kind::Plain),
            ("audio/x", "", Kind::Other),
            ("video/x", "", Kind::Other),
            ("font/x", "", Kind::Other),
            ("audio/x; name=a.txt", "", Kind::Other),
            ("image/x; name=a.txt", "", Kind::Picture),
            ("application/pkcs7-signature", "", Kind::Other),
            ("application/x-pkcs7-signature; name=a.txt", "", Kind::Other),
            ("application/pgp-keys", "", Kind::Other),
            ("application/pgp-encrypted", "", Kind::Other),
            ("application/x; name=a.txt", "", Kind::Plain),
            ("application/x; name=\"a.TXT .\"", "", Kind::Plain),
            ("application/x; name=a.txt.exe", "", Kind::File),
            ("application/x; name=txt", "", Kind::File),
            ("application/x; name=a.eml", "", Kind::Message),
            ("application/binary", "", Kind::Unsaid),
            ("application/force-download", "", Kind::Unsaid),
            ("application/octet-stream; name=a.bin", "", Kind::File),
        ] {
            assert_eq!(
                kind_of(content_type, disposition),
                kind,
                "{content_type} {disposition}"
            );
        }
    }

    #[test]
    fn what_says_nothing_is_told_by_its_beginning() {
        assert_eq!(told(b" <!doctype html>"), Kind::Html);
        assert_eq!(told(b"Dear customer"), Kind::Plain);
        assert_eq!(told(b"%PDF-1.7"), Kind::File);
        assert_eq!(told(b"\x00\x01"), Kind::File);
        assert_eq!(told(b"PK"), Kind::File);
        assert_eq!(told(b"\xEF\xBB\xBF <html>"), Kind::Html);
        assert_eq!(told(b"\x1B$B\t\r\n"), Kind::Plain);
        assert_eq!(told(b""), Kind::Plain);
    }
}
