//! Octets in a declared, undeclared or wrongly declared charset.
//!
//! Header fields may carry octets above 127 without saying what they are (RFC 6532 allows UTF-8
//! only, senders write GB2312, Shift_JIS and the rest). Each mail client guesses in its own way, so
//! [`readings`] gives every text that one of them could show, likeliest first.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, ISO_2022_JP, KOI8_R, REPLACEMENT, SHIFT_JIS, UTF_8,
    WINDOWS_1251, WINDOWS_1252,
};
use mail_parser::decoders::charsets::{DecoderFnc, map::charset_decoder};

/// A charset that octets can be read in.
#[derive(Clone, Copy, Debug)]
pub struct Charset(Decoder);

#[derive(Clone, Copy, Debug)]
enum Decoder {
    Standard(&'static Encoding),
    /// HZ (RFC 1843): GB2312 in seven bits between `~{` and `~}`.
    Hz,
    /// ISO-2022-KR (RFC 1557): KS X 1001 in seven bits between SO and SI.
    Iso2022Kr,
    Utf7(DecoderFnc),
    Other(DecoderFnc),
}

impl Charset {
    /// The charset that goes by `label`, also under the names that only mail software uses.
    pub fn named(label: &str) -> Option<Self> {
        let label = label.trim().to_ascii_lowercase();
        // The Encoding Standard lists what browsers meet; these names come from mail software.
        let known = match &*label {
            "cp932" | "shift-jis-2004" | "x-ms-cp932" => "shift_jis",
            "cp936" | "ms936" | "windows-936" | "euc-cn" | "x-euc-cn" => "gbk",
            "cp949" | "ms949" | "uhc" => "euc-kr",
            "cp950" | "ms950" => "big5",
            "cp51932" | "ujis" => "euc-jp",
            "iso-2022-jp-1" | "iso-2022-jp-2" | "iso-2022-jp-ms" | "cp50220" | "cp50221" => {
                "iso-2022-jp"
            }
            "utf-8-mac" | "utf8mb4" | "x-unknown-utf-8" => "utf-8",
            other => other,
        };
        Some(Self(match (Encoding::for_label(known.as_bytes()), known) {
            // The Encoding Standard refuses these two (they can hide markup in a web page), mail
            // clients show them.
            (_, "hz-gb-2312" | "hz") => Decoder::Hz,
            (_, "iso-2022-kr" | "csiso2022kr") => Decoder::Iso2022Kr,
            (_, "utf-7" | "csutf7" | "unicode-1-1-utf-7") => {
                Decoder::Utf7(charset_decoder(b"utf-7")?)
            }
            (Some(encoding), _) if encoding != REPLACEMENT => Decoder::Standard(encoding),
            _ => Decoder::Other(charset_decoder(known.as_bytes())?),
        }))
    }

    /// The text that `octets` are in this charset; what doesn't belong to it becomes U+FFFD.
    pub fn decode(self, octets: &[u8]) -> String {
        match self.0 {
            Decoder::Standard(encoding) => {
                encoding.decode_without_bom_handling(octets).0.into_owned()
            }
            Decoder::Hz => GB18030
                .decode_without_bom_handling(&hz_to_eight_bits(octets))
                .0
                .into_owned(),
            Decoder::Iso2022Kr => EUC_KR
                .decode_without_bom_handling(&iso_2022_kr_to_eight_bits(octets))
                .0
                .into_owned(),
            // The decoder drops a shifted run that nothing ends; the end of the text ends it
            // (RFC 2152).
            Decoder::Utf7(decode) => {
                let text = decode(&[octets, b"-"].concat());
                text.strip_suffix('-').map(str::to_owned).unwrap_or(text)
            }
            Decoder::Other(decode) => decode(octets),
        }
    }

    fn decode_strict(self, octets: &[u8]) -> Option<String> {
        match self.0 {
            Decoder::Standard(encoding) => strictly(encoding, octets),
            _ => Some(self.decode(octets)).filter(|text| !text.contains('\u{fffd}')),
        }
    }
}

fn strictly(encoding: &'static Encoding, octets: &[u8]) -> Option<String> {
    encoding
        .decode_without_bom_handling_and_without_replacement(octets)
        .map(|text| text.into_owned())
}

/// Every text that a mail client could make of octets which an encoded word doesn't label, likeliest
/// first; at least one, at most [`MAX_READINGS`]. `declared` is the charset of the message's body,
/// which many clients take for its header fields too.
pub fn readings(octets: &[u8], declared: Option<Charset>) -> Vec<String> {
    if octets
        .windows(2)
        .any(|pair| matches!(pair, b"\x1b$" | b"\x1b("))
    {
        // ISO-2022 is seven bits, so it passes for ASCII (RFC 1468).
        let charset = match octets.windows(4).any(|four| four == b"\x1b$)C") {
            true => Charset(Decoder::Iso2022Kr),
            false => Charset(Decoder::Standard(ISO_2022_JP)),
        };
        // A client that knows nothing of it shows what the octets are in ASCII.
        return vec![
            charset.decode(octets),
            String::from_utf8_lossy(octets).into_owned(),
        ];
    }
    if let Ok(text) = std::str::from_utf8(octets) {
        return vec![text.to_owned()];
    }
    let mut texts: Vec<String> = Vec::new();
    let guesses = guesses(octets)
        .into_iter()
        .filter_map(|encoding| strictly(encoding, octets));
    for text in declared
        .and_then(|charset| charset.decode_strict(octets))
        .into_iter()
        .chain(guesses)
    {
        if !texts.contains(&text) && texts.len() < MAX_READINGS {
            texts.push(text);
        }
    }
    // UTF-8 that a filter or a fold broke somewhere: a client that trusts UTF-8 still shows the rest.
    let lossy = String::from_utf8_lossy(octets).into_owned();
    match mostly_utf8(octets) {
        true => texts.insert(0, lossy),
        false if texts.is_empty() => texts.push(lossy),
        false => {}
    }
    texts.truncate(MAX_READINGS);
    texts
}

/// How many texts [`readings`] gives at most.
pub const MAX_READINGS: usize = 6;

/// Charsets in which the octets, which are no UTF-8, could be meant, likeliest first.
fn guesses(octets: &[u8]) -> Vec<&'static Encoding> {
    let mut order: Vec<&'static Encoding> = Vec::new();
    let kana = |encoding| {
        strictly(encoding, octets).is_some_and(|text| {
            let wide = text.chars().filter(|c| !c.is_ascii()).count();
            let kana = text
                .chars()
                .filter(|c| matches!(c, '\u{3041}'..='\u{30ff}'))
                .count();
            kana * 3 > wide
        })
    };
    // Letters with an accent stand alone between ASCII; in the East Asian charsets octets above
    // 127 come in pairs, or start one.
    let lone = high_runs(octets).filter(|run| *run == 1).count();
    let long = high_runs(octets).filter(|run| *run > 1).count();
    if lone > long && !kana(SHIFT_JIS) {
        order.push(WINDOWS_1252);
    }
    if kana(SHIFT_JIS) {
        order.push(SHIFT_JIS);
    }
    if kana(EUC_JP) {
        order.push(EUC_JP);
    }
    order.extend([
        GB18030,
        EUC_KR,
        BIG5,
        SHIFT_JIS,
        WINDOWS_1251,
        KOI8_R,
        WINDOWS_1252,
    ]);
    order
}

/// The lengths of the runs of octets above 127.
fn high_runs(octets: &[u8]) -> impl Iterator<Item = usize> {
    octets
        .split(u8::is_ascii)
        .map(<[u8]>::len)
        .filter(|length| *length > 0)
}

fn mostly_utf8(octets: &[u8]) -> bool {
    let (mut good, mut bad) = (0, 0);
    for chunk in octets.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += chunk.invalid().len();
    }
    good > bad
}

fn hz_to_eight_bits(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut rest = octets;
    let mut wide = false;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after.first()) {
            (b'~', Some(b'{')) => wide = true,
            (b'~', Some(b'}')) => wide = false,
            (b'~', Some(b'~')) if !wide => out.push(b'~'),
            _ => {
                out.push(match wide && (0x21..=0x7e).contains(&first) {
                    true => first | 0x80,
                    false => first,
                });
                continue;
            }
        }
        rest = after.get(1..).unwrap_or_default();
    }
    out
}

fn iso_2022_kr_to_eight_bits(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    let mut rest = octets;
    let mut wide = false;
    while let Some((&first, after)) = rest.split_first() {
        rest = match (first, after) {
            (0x1b, [b'$', b')', b'C', after @ ..]) => after,
            (0x0e, after) => {
                wide = true;
                after
            }
            (0x0f, after) => {
                wide = false;
                after
            }
            (octet, after) => {
                out.push(match wide && (0x21..=0x7e).contains(&octet) {
                    true => octet | 0x80,
                    false => octet,
                });
                after
            }
        };
    }
    out
}

// The decoders of mail-parser are never asked for UTF-8 (the Encoding Standard knows its names), but
// a label that is unknown to both has to end in readings() as well.
pub(super) fn decode_labelled(label: &str, octets: &[u8]) -> String {
    let named = Charset::named(label);
    // "us-ascii" is what software writes that never looked (RFC 2047 section 5 wants the true name):
    // octets above 127 under that label are UTF-8 wherever they can be.
    let ascii = matches!(
        &*label.to_ascii_lowercase(),
        "us-ascii" | "ascii" | "x-unknown"
    );
    match named {
        Some(charset) if !ascii => charset.decode(octets),
        _ => match strictly(UTF_8, octets) {
            Some(text) => text,
            None => readings(octets, None)
                .into_iter()
                .next()
                .unwrap_or_default(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(octets: &[u8]) -> String {
        readings(octets, None).remove(0)
    }

    #[test]
    fn utf8_is_read_as_utf8() {
        assert_eq!(
            readings("Büro アマゾン".as_bytes(), None),
            ["Büro アマゾン"]
        );
    }

    #[test]
    fn legacy_charsets_are_guessed() {
        // 亚马逊 in GB2312
        assert_eq!(first(b"\xd1\xc7\xc2\xed\xd1\xb7"), "亚马逊");
        // アマゾン in Shift_JIS, whose second octets reach into ASCII
        assert_eq!(first(b"\x83A\x83}\x83]\x83\x93"), "アマゾン");
        // アマゾン in ISO-2022-JP
        assert_eq!(first(b"\x1b$B%\"%^%>%s\x1b(B"), "アマゾン");
        assert_eq!(first(b"M\xfcller"), "Müller");
    }

    #[test]
    fn what_could_be_several_charsets_is_read_in_each() {
        // 아마존 in EUC-KR, Амазон in windows-1251
        assert!(readings(b"\xbe\xc6\xb8\xb6\xc1\xb8", None).contains(&"아마존".to_owned()));
        assert!(readings(b"\xc0\xec\xe0\xe7\xee\xed", None).contains(&"Амазон".to_owned()));
    }

    #[test]
    fn the_declared_charset_comes_first() {
        let octets = b"\xbe\xc6\xb8\xb6\xc1\xb8";
        assert_eq!(
            readings(octets, Charset::named("ks_c_5601-1987"))[0],
            "아마존"
        );
    }

    #[test]
    fn broken_utf8_stays_readable() {
        assert_eq!(
            first("アマゾ\u{30f3}".as_bytes().split_last().unwrap().1),
            "アマゾ\u{fffd}"
        );
    }

    #[test]
    fn seven_bit_charsets_are_read() {
        assert_eq!(
            Charset::named("hz-gb-2312").unwrap().decode(b"~{QGBmQ7~}!"),
            "亚马逊!"
        );
        assert_eq!(
            Charset::named("iso-2022-kr")
                .unwrap()
                .decode(b"\x1b$)C\x0e>F86A8\x0f!"),
            "아마존!"
        );
        assert_eq!(Charset::named("utf-7").unwrap().decode(b"a+MKI"), "aア");
        assert_eq!(Charset::named("cp936").unwrap().decode(b"\xd1\xc7"), "亚");
    }
}
