//! The same text in every charset and encoding that mail has, rightly and wrongly labelled.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::Draft;

/// Charsets with the labels that mail programs give them. Some labels are wrong: mail programs write
/// these too, and others read them.
const CHARSETS: [(&str, &[&str]); 24] = [
    (
        "utf-8",
        &["utf-8", "UTF-8", "utf8", "unicode-1-1-utf-8", "us-ascii"],
    ),
    (
        "windows-1252",
        &[
            "windows-1252",
            "iso-8859-1",
            "cp1252",
            "latin1",
            "us-ascii",
            "ISO_8859-1:1987",
        ],
    ),
    ("iso-8859-15", &["iso-8859-15", "latin-9"]),
    ("windows-1250", &["windows-1250", "cp1250"]),
    ("windows-1251", &["windows-1251", "cp1251", "x-cp1251"]),
    ("windows-1253", &["windows-1253", "iso-8859-7"]),
    ("windows-1254", &["windows-1254", "iso-8859-9"]),
    ("windows-1256", &["windows-1256", "cp1256"]),
    ("koi8-r", &["koi8-r", "KOI8", "cskoi8r"]),
    ("iso-8859-5", &["iso-8859-5", "cyrillic"]),
    (
        "shift_jis",
        &["shift_jis", "x-sjis", "cp932", "windows-31j", "MS_Kanji"],
    ),
    ("euc-jp", &["euc-jp", "x-euc-jp", "eucjp"]),
    (
        "iso-2022-jp",
        &["iso-2022-jp", "csISO2022JP", "us-ascii", "utf-8"],
    ),
    ("gbk", &["gb2312", "gbk", "cp936", "x-gbk", "EUC-CN"]),
    ("gb18030", &["gb18030"]),
    ("hz", &["hz-gb-2312", "us-ascii"]),
    ("big5", &["big5", "cp950", "big5-hkscs"]),
    (
        "euc-kr",
        &["euc-kr", "ks_c_5601-1987", "cp949", "ms949", "windows-949"],
    ),
    ("iso-2022-kr", &["iso-2022-kr"]),
    (
        "utf-7",
        &["utf-7", "unicode-1-1-utf-7", "x-unicode-2-0-utf-7"],
    ),
    ("utf-16be", &["utf-16be", "utf-16"]),
    ("utf-16le", &["utf-16le"]),
    ("windows-874", &["tis-620", "windows-874"]),
    ("macintosh", &["macintosh", "x-mac-roman"]),
];

/// Labels of nothing.
const UNKNOWN: [&str; 4] = ["unknown-8bit", "x-unknown", "default", "iso-8859-99"];

/// Octets of a text, and the charset that they are said to be in.
pub struct Written {
    pub octets: Vec<u8>,
    pub label: &'static str,
}

/// The text in one of the charsets that have all of its characters, half the time in UTF-8.
pub fn written(draft: &mut Draft, text: &str) -> Written {
    let utf8 = |label| Written {
        octets: text.as_bytes().to_vec(),
        label,
    };
    if draft.chance.one_in(2) {
        return utf8("utf-8");
    }
    if draft.chance.one_in(20) {
        draft.label("charset-unknown");
        return utf8(draft.chance.pick(&UNKNOWN));
    }
    for _ in 0..8 {
        let (charset, labels) = draft.chance.pick(&CHARSETS);
        if let Some(octets) = encode(charset, text) {
            let label = draft.chance.pick(labels);
            draft.label(&format!("{charset}-as-{}", label.to_lowercase()));
            return Written { octets, label };
        }
    }
    utf8("utf-8")
}

/// None where the charset lacks a character.
fn encode(charset: &str, text: &str) -> Option<Vec<u8>> {
    match charset {
        "utf-7" => Some(utf_7(text)),
        "utf-16be" => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        "utf-16le" => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "hz" => shifted(text, "gbk", (b"~{", b"~}")),
        "iso-2022-kr" => {
            let octets = shifted(text, "euc-kr", (b"\x0e", b"\x0f"))?;
            Some([b"\x1b$)C".as_slice(), &octets].concat())
        }
        _ => {
            let encoding = encoding_rs::Encoding::for_label(charset.as_bytes())?;
            let (octets, _, lacking) = encoding.encode(text);
            (!lacking).then(|| octets.into_owned())
        }
    }
}

/// RFC 2152: what is not ASCII stands as UTF-16 in Base64, between `+` and `-`.
fn utf_7(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    let is_plain = |c: char| c.is_ascii() && c != '+';
    while !rest.is_empty() {
        let (plain, after) = rest.split_at(rest.find(|c| !is_plain(c)).unwrap_or(rest.len()));
        out.extend_from_slice(plain.as_bytes());
        let (coded, after) = after.split_at(after.find(is_plain).unwrap_or(after.len()));
        if !coded.is_empty() {
            let octets: Vec<u8> = coded.encode_utf16().flat_map(u16::to_be_bytes).collect();
            out.extend_from_slice(format!("+{}-", STANDARD_NO_PAD.encode(octets)).as_bytes());
        }
        rest = after;
    }
    out
}

/// Double octets of an EUC charset without their high bit, between two shifts (RFC 1843, RFC 1557).
fn shifted(text: &str, charset: &str, (begin, end): (&[u8], &[u8])) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut inside = false;
    for character in text.chars() {
        let octets = encode(charset, character.encode_utf8(&mut [0; 4]))?;
        let double = octets.len() == 2;
        if double && octets.iter().any(|octet| *octet < 0xa1) {
            return None;
        }
        if double != inside {
            out.extend_from_slice(if double { begin } else { end });
            inside = double;
        }
        out.extend(octets.iter().map(|octet| octet & 0x7f));
    }
    if inside {
        out.extend_from_slice(end);
    }
    Some(out)
}

/// Text in a header field: as it is, or as encoded words (RFC 2047), well or badly made.
pub fn in_header(draft: &mut Draft, text: &str) -> Vec<u8> {
    if text.is_ascii() && !draft.chance.one_in(4) {
        return text.as_bytes().to_vec();
    }
    let written = written(draft, text);
    if draft.chance.one_in(6) {
        draft.label("raw-8bit");
        return written.octets;
    }
    let (label, octets) = (written.label, &written.octets);
    let base64 = STANDARD.encode(octets);
    let (kind, word) = match draft.chance.below(14) {
        0..=3 => ("b", format!("=?{label}?B?{base64}?=")),
        4 => (
            "b-unpadded",
            format!("=?{label}?b?{}?=", base64.trim_end_matches('=')),
        ),
        5 => (
            "b-stray",
            format!("=?{label}?B?{}?=", inserted(&base64, "!")),
        ),
        6 => (
            "b-blank",
            format!("=?{label}?B?{}?=", inserted(&base64, " ")),
        ),
        7 => ("b-language", format!("=?{label}*en?B?{base64}?=")),
        8 => ("b-unended", format!("=?{label}?B?{base64}")),
        9 => ("split", split(draft, label, octets)),
        10 => (
            "q-lower",
            format!("=?{label}?q?{}?=", q(octets).to_lowercase()),
        ),
        11 => ("q-glued", format!("x=?{label}?Q?{}?=x", q(octets))),
        _ => ("q", format!("=?{label}?Q?{}?=", q(octets))),
    };
    draft.label(kind);
    word.into_bytes()
}

fn inserted(text: &str, piece: &str) -> String {
    let (front, back) = text.split_at(text.len() / 2);
    format!("{front}{piece}{back}")
}

/// Two words, cut anywhere, in the middle of a character too.
fn split(draft: &mut Draft, label: &str, octets: &[u8]) -> String {
    let (front, back) = octets.split_at(draft.chance.below(octets.len() + 1));
    let between = draft.chance.pick(&[" ", "\r\n ", "  ", ""]);
    let word = |part: &[u8]| format!("=?{label}?B?{}?=", STANDARD.encode(part));
    format!("{}{between}{}", word(front), word(back))
}

fn q(octets: &[u8]) -> String {
    let one = |octet: &u8| match octet {
        b' ' => "_".to_owned(),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => char::from(*octet).to_string(),
        _ => format!("={octet:02X}"),
    };
    octets.iter().map(one).collect()
}

/// The octets of a part in a transfer encoding, and what the field says of it.
pub fn transferred(draft: &mut Draft, octets: &[u8]) -> (&'static str, Vec<u8>) {
    let lines = |text: &str| -> Vec<u8> {
        let chunks = text.as_bytes().chunks(76);
        chunks.flat_map(|line| [line, b"\r\n"].concat()).collect()
    };
    let (kind, field, out) = match draft.chance.below(14) {
        0 => ("cte-base64", "base64", lines(&STANDARD.encode(octets))),
        1 => (
            "cte-base64-unpadded",
            "BASE64",
            lines(STANDARD.encode(octets).trim_end_matches('=')),
        ),
        2 => (
            "cte-base64-stray",
            "base64",
            lines(&inserted(&STANDARD.encode(octets), "*- ")),
        ),
        3 => (
            "cte-base64-one-line",
            " base64 ",
            STANDARD.encode(octets).into_bytes(),
        ),
        4 => ("cte-qp", "quoted-printable", quoted_printable(octets, 72)),
        5 => (
            "cte-qp-short",
            "Quoted-Printable",
            quoted_printable(octets, 7),
        ),
        6 => ("cte-qp-bare", "quoted-printable", octets.to_vec()),
        7 => ("cte-uuencode", "x-uuencode", uuencoded(octets)),
        8 => ("cte-unknown", "x-none", octets.to_vec()),
        9 => ("cte-binary", "binary", octets.to_vec()),
        _ => return ("8bit", octets.to_vec()),
    };
    draft.label(kind);
    (field, out)
}

fn quoted_printable(octets: &[u8], width: usize) -> Vec<u8> {
    let (mut out, mut column) = (String::new(), 0);
    for octet in octets {
        if *octet == b'\n' {
            out.push_str("\r\n");
            column = 0;
            continue;
        }
        let plain = (octet.is_ascii_graphic() || *octet == b' ') && *octet != b'=';
        let piece = match (*octet, plain) {
            (b'\r', _) => continue,
            (_, true) => char::from(*octet).to_string(),
            (_, false) => format!("={octet:02X}"),
        };
        if column + piece.len() > width {
            out.push_str("=\r\n");
            column = 0;
        }
        column += piece.len();
        out.push_str(&piece);
    }
    out.into_bytes()
}

fn uuencoded(octets: &[u8]) -> Vec<u8> {
    let sign = |bits: u8| char::from(if bits == 0 { b'`' } else { bits + 32 });
    let mut out = "begin 644 text\r\n".to_owned();
    for line in octets.chunks(45) {
        out.push(sign(line.len() as u8));
        for three in line.chunks(3) {
            let at = |index: usize| three.get(index).copied().unwrap_or(0);
            let [a, b, c] = [at(0), at(1), at(2)];
            let four = [
                a >> 2,
                (a << 4 | b >> 4) & 63,
                (b << 2 | c >> 6) & 63,
                c & 63,
            ];
            out.extend(four.map(sign));
        }
        out.push_str("\r\n");
    }
    out.push_str("`\r\nend\r\n");
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{encode, quoted_printable, uuencoded};

    #[test]
    fn charsets_without_a_library_are_written_as_their_rfcs_have_them() {
        // RFC 2152, RFC 1843 and RFC 1557 have the first of each.
        assert_eq!(
            encode("utf-7", "Hi Mom \u{263a}!").unwrap(),
            b"Hi Mom +Jjo-!"
        );
        assert_eq!(encode("utf-7", "1 + 1").unwrap(), b"1 +ACs- 1");
        assert_eq!(encode("hz", "a\u{5df1}\u{6240}b").unwrap(), b"a~{<:Ky~}b");
        assert_eq!(
            encode("iso-2022-kr", "\u{ac00}").unwrap(),
            b"\x1b$)C\x0e0!\x0f"
        );
        assert_eq!(encode("hz", "\u{f1}"), None);
    }

    #[test]
    fn transfer_encodings_are_written_as_mail_programs_do() {
        assert_eq!(quoted_printable(b"a=b\r\nc", 72), b"a=3Db\r\nc");
        assert_eq!(quoted_printable(b"abcdefgh", 7), b"abcdefg=\r\nh");
        assert_eq!(
            uuencoded(b"Cat"),
            b"begin 644 text\r\n#0V%T\r\n`\r\nend\r\n"
        );
    }
}
