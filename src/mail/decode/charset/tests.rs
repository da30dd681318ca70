use super::*;

fn first(octets: &[u8]) -> String {
    readings(octets, || None).remove(0)
}

fn decode(label: &str, octets: &[u8]) -> String {
    Charset::named(label).unwrap().decode(octets).into_owned()
}

fn part(octets: &[u8], label: Option<&str>) -> Vec<String> {
    let texts = part_texts(Cow::Borrowed(octets), label, &mut Guesser::default());
    texts.into_iter().map(Cow::into_owned).collect()
}

#[test]
fn utf8_is_read_as_utf8() {
    assert_eq!(
        readings("Büro アマゾン".as_bytes(), || None),
        ["Büro アマゾン"]
    );
}

#[test]
fn legacy_charsets_are_guessed() {
    for (octets, text) in [
        (&b"\xd1\xc7\xc2\xed\xd1\xb7"[..], "亚马逊"),
        // Shift_JIS, whose second octets reach into ASCII
        (b"\x83A\x83}\x83]\x83\x93", "アマゾン"),
        (b"\xa5\xa2\xa5\xde\xa5\xbe\xa5\xf3", "アマゾン"),
        (b"\x1b$B%\"%^%>%s\x1b(B", "アマゾン"),
        (b"\xbe\xc6\xb8\xb6\xc1\xb8", "아마존"),
        (b"\xa8\xc8\xb0\xa8\xbb\xb9", "亞馬遜"),
        (b"\xc0\xec\xe0\xe7\xee\xed", "Амазон"),
        (b"\xe1\xcd\xc1\xda\xcf\xce", "Амазон"),
        (b"M\xfcller", "Müller"),
        (b"gr\xfcn", "grün"),
    ] {
        assert_eq!(first(octets), text);
    }
}

#[test]
fn what_could_be_several_charsets_is_read_in_each() {
    let all = |octets: &[u8]| readings(octets, || None);
    // What the detector takes for Hebrew and for Cyrillic.
    assert!(all(b"\xc3\xe3\xc7\xd2\xe6\xe4").contains(&"أمازون".to_owned()));
    assert!(all(b"\xc1\xec\xe1\xe6\xef\xed").contains(&"Αμαζον".to_owned()));
}

#[test]
fn many_octets_are_read_in_few_charsets() {
    let readings = |length: usize| readings(&b"\xbe\xc6"[..].repeat(length / 2), || None).len();
    assert!(readings(100) > 8);
    assert!(readings(16 << 10) > 8);
    assert_eq!(readings(64 << 10), 3);
}

#[test]
fn the_declared_charset_comes_first() {
    let octets = b"\xbe\xc6\xb8\xb6\xc1\xb8";
    let readings = readings(octets, || Charset::named("windows-1251"));
    assert_eq!(readings[..2], ["ѕЖё¶Бё", "아마존"]);
}

#[test]
fn broken_utf8_stays_readable() {
    assert_eq!(
        first("アマゾ\u{30f3}".as_bytes().split_last().unwrap().1),
        "アマゾ\u{fffd}"
    );
}

#[test]
fn an_escape_sequence_hides_no_eight_bit_text() {
    let octets = b"\x1b(B\xd1\xc7\xc2\xed\xd1\xb7";
    let readings = readings(octets, || None);
    assert!(
        readings.contains(&"\u{1b}(B亚马逊".to_owned()),
        "{readings:?}"
    );
}

/// One label of each kind that is in use: the standard's, IANA's, those of Java, Windows, IBM, DOS, the
/// Macintosh, PHP and Python.
/// The labels of a charset, octets in it, and what they mean.
const CHARSETS: &[(&str, &[u8], &str)] = &[
    (
        "shift_jis cp932 ms932 windows-31j x-sjis sjis-win cswindows31j ibm-943 SHIFT_JIS-2004 x-mac-japanese",
        b"\x83A\x83}\x83]\x83\x93",
        "アマゾン",
    ),
    (
        "euc-jp ujis cp51932 x-euc-jp eucjp-win euc-jis-2004 x-eucjp-open",
        b"\xa5\xa2\xa5\xde\xa5\xbe\xa5\xf3",
        "アマゾン",
    ),
    (
        "gb2312 cp936 ms936 936 euc-cn x-euc-cn gb_2312-80 GB18030-2022 windows-54936",
        b"\xd1\xc7\xc2\xed\xd1\xb7",
        "亚马逊",
    ),
    (
        "big5 cp950 ms950 x-windows-950 big5-hkscs cn-big5",
        b"\xa8\xc8\xb0\xa8\xbb\xb9",
        "亞馬遜",
    ),
    (
        "euc-kr ks_c_5601-1987 cp949 ms949 uhc windows-949 x-windows-949",
        b"\xbe\xc6\xb8\xb6\xc1\xb8",
        "아마존",
    ),
    (
        "windows-1251 cp1251 win-1251 ansi-1251 x-cp1251",
        b"\xc0\xec\xe0\xe7\xee\xed",
        "Амазон",
    ),
    (
        "koi8-r koi8 cskoi8r cp20866 koi8-ru iso-ir-111 ecma-cyrillic koi8-t",
        b"\xe1\xcd\xc1\xda\xcf\xce",
        "Амазон",
    ),
    (
        "cp866 ibm866 dos-866 866",
        b"\x80\xac\xa0\xa7\xae\xad",
        "Амазон",
    ),
    (
        "cp855 IBM-855 csibm855",
        b"\xa1\xd2\xa0\xf3\xd6\xd4",
        "Амазон",
    ),
    (
        "x-mac-cyrillic mac-cyrillic windows-10007",
        b"\x80\xec\xe0\xe7\xee\xed",
        "Амазон",
    ),
    ("cp852 ibm852 852", b"\x9d\xa2d\xab", "Łódź"),
    ("cp437 ibm437 437", b"B\x81ro", "Büro"),
    (
        "x-mac-greek macgreek",
        b"\xb0\xed\xe1\xfa\xef\xee",
        "Αμαζον",
    ),
    (
        "cp037 ibm037 ebcdic-cp-us",
        b"\x82\xa4\x99\x96\x25",
        "buro\n",
    ),
    ("viscii", b"Vi\xaet", "Việt"),
    ("koi-7 iso-ir-37", b"mAGAZIN", "Магазин"),
    (
        "iso-2022-jp iso-2022-jp-ext iso2022jp csiso2022jp cp50221 jis",
        b"\x1b$B%\"%^%>%s\x1b(B!",
        "アマゾン!",
    ),
    (
        "iso-2022-jp-2",
        b"\x1b$A\x51\x47\x42\x6d\x51\x37\x1b(B",
        "亚马逊",
    ),
    ("iso-2022-jp-3", b"\x1b(I121\x1b(B", "ｱｲｱ"),
    (
        "iso-2022-kr csiso2022kr",
        b"\x1b$)C\x0e>F86A8\x0f!",
        "아마존!",
    ),
    ("iso-2022-cn", b"\x1b$)A\x0eQGBmQ7\x0f!", "亚马逊!"),
    ("iso-2022-cn-ext", b"\x1b$)G\x0eKiXkkA\x0f!", "亞馬遜!"),
    ("hz-gb-2312 hz hzgb", b"~{QGBmQ7~}~~!", "亚马逊~!"),
    ("euc-tw cns11643", b"\xcb\xe9\xd8\xeb\xeb\xc1!", "亞馬遜!"),
    ("johab cp1361 ms1361", b"\xb4a\xa0a\xb9\xa5!", "아마존!"),
    ("johab", b"\xde\x32\xde\x4e\xeb\xe1", "アゾ遜"),
    (
        "utf-7 utf7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 cp65000",
        b"a+MKI!+- +AEE-B",
        "aア!+ AB",
    ),
    ("utf-7-imap", b"a&MKI-!&-", "aア!&"),
    ("utf-16 ucs-2", b"\xff\xfea\0b\0", "ab"),
    ("utf-16", b"\0a\0b", "ab"),
    ("ucs-2", b"\x9aNl\x9a\n\x90", "亚马逊"),
    ("cp930", b"\xc1u\xb9", "Amz"),
    ("utf-16", b"\xa20\xde0\xbe0\xf30", "アマゾン"),
    ("utf-16be", b"0\xa20\xde", "アマ"),
    ("utf-32 ucs-4", b"\0\0\0a\0\x01\xf6\0", "a😀"),
    ("utf-32", b"\xff\xfe\0\0a\0\0\0", "a"),
    ("utf-32le", b"a\0\0\0", "a"),
    (
        "us-ascii ansi_x3.4-1968 646 unknown-8bit",
        "Büro".as_bytes(),
        "Büro",
    ),
    ("utf8 cp65001 x-utf-8 UTF8MB4", "Büro".as_bytes(), "Büro"),
];

#[test]
fn charsets_are_known_by_every_name() {
    for (labels, octets, text) in CHARSETS {
        for label in labels.split(' ') {
            assert_eq!(decode(label, octets), *text, "{label}");
        }
    }
    assert!(Charset::named("no-such-charset").is_none());
    assert!(Charset::named("").is_none());
}

#[test]
fn parts_are_read_as_mail_programs_read_them() {
    assert_eq!(
        part(b"\x83A\x83}\x83]\x83\x93", Some("shift_jis")),
        ["アマゾン"]
    );
    assert_eq!(part("grün".as_bytes(), Some("us-ascii")), ["grün"]);
    assert_eq!(part(b"gr\xfcn", None), ["grün"]);
    assert_eq!(part(b"gr\xfcn", Some("no-such-charset")), ["grün"]);
    assert_eq!(part(b"\xef\xbb\xbfgr\xc3\xbcn", Some("koi8-r")), ["grün"]);
    assert_eq!(part(b"1+1=2 a+b-c", Some("utf-8")), ["1+1=2 a+b-c"]);
}

#[test]
fn a_seven_bit_charset_is_read_beside_the_plain_text() {
    for label in [None, Some("us-ascii"), Some("utf-8")] {
        assert_eq!(
            part(b"\x1b$B%\"%^\x1b(B", label),
            ["\u{1b}$B%\"%^\u{1b}(B", "アマ"]
        );
        assert_eq!(part(b"~{QG~}", label), ["~{QG~}", "亚"]);
        assert_eq!(
            part(b"+ADw-a href+AD0-x+AD4-", label),
            ["+ADw-a href+AD0-x+AD4-", "<a href=x>"]
        );
    }
    // Who knows UTF-7 reads `+Visit-`, who doesn't reads the rest.
    assert_eq!(part(b"a+AEE-", Some("utf-7")), ["aA", "a+AEE-"]);
    assert_eq!(part(b"text", Some("utf-7")), ["text"]);
    assert_eq!(part(b"\x1b$B%\"%^\x1b(B", Some("iso-2022-jp")), ["アマ"]);
}

#[test]
fn a_long_part_is_read_once_to_its_end() {
    let plain = "+AEEAQQ-".repeat(1 << 17);
    let texts = part(plain.as_bytes(), Some("utf-8"));
    assert_eq!(texts[0], plain);
    assert_eq!(texts[1], "AA".repeat(192 * 1024 / 8));
}

#[test]
fn a_page_names_its_charset() {
    let named = |page: &[u8]| in_page(page).unwrap_or_default();
    assert_eq!(named(b"<meta charset='big5'>"), "big5");
    assert_eq!(
        named(b"<meta http-equiv=Content-Type content=\"text/html; charset=koi8-r\">"),
        "koi8-r"
    );
    // A page that can be read octet by octet so far.
    assert_eq!(named(b"<meta charset=utf-16>"), "UTF-8");
    assert_eq!(named(b"<p>"), "");
}

#[test]
fn sets_beside_the_first_are_read() {
    assert_eq!(
        decode("euc-tw", b"\xc4\xa1\x8e\xa2\xa1\xa1\x8e\xa1\xc4\xa1x"),
        "一乂一x"
    );
    // JIS X 0208, then JIS X 0212.
    assert_eq!(decode("iso-2022-jp", b"\x1b$B0l\x1b$(D0!\x1b(B"), "一丂");
}
