//! Files within text, as they were sent before MIME. Nobody decodes them here: what they hold is unread.

/// Files of one text that are named.
const MAX_FILES: usize = 16;

/// The names of the files that a text holds, in uuencode (`begin 644 NAME`) and yEnc (`=ybegin ... name=NAME`).
pub(super) fn names(text: &[u8]) -> Vec<String> {
    let begins = lines_with(text, b"begin ").filter_map(uuencoded);
    let begins = begins.chain(lines_with(text, b"=ybegin ").filter_map(|line| {
        let (_, name) = line.split_once("name=")?;
        Some(name.trim().to_owned())
    }));
    begins.take(MAX_FILES).collect()
}

/// The lines that begin so, as far as they are short.
fn lines_with<'t>(text: &'t [u8], start: &'t [u8]) -> impl Iterator<Item = String> + 't {
    const LONGEST: usize = 300;
    memchr::memmem::find_iter(text, start).filter_map(move |at| {
        let begins = at == 0 || text.get(at - 1) == Some(&b'\n');
        let line = text
            .get(at..text.len().min(at + LONGEST))
            .filter(|_| begins)?;
        let end = memchr::memchr(b'\n', line).unwrap_or(line.len());
        Some(
            String::from_utf8_lossy(line.get(..end)?)
                .trim_end()
                .to_owned(),
        )
    })
}

/// `begin 644 report.zip`, `begin-base64 644 report.zip`.
fn uuencoded(line: String) -> Option<String> {
    let mut words = line.splitn(3, ' ').skip(1);
    let mode = words.next()?;
    let is_mode = (3..=4).contains(&mode.len()) && mode.bytes().all(|b| matches!(b, b'0'..=b'7'));
    words
        .next()
        .filter(|_| is_mode)
        .map(|name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_text_are_named() {
        let text = b"Hello\r\nbegin 644 report.zip\r\nM...\r\nend\r\n=ybegin line=128 size=5 name=a b.pdf\r\n";
        assert_eq!(names(text), ["report.zip", "a b.pdf"]);
        assert_eq!(names(b"we begin 644 times\nbegin the day well\n"), [""; 0]);
    }
}
