//! The table of inputs: each place that a sender can fill, filled with each unit of text; and what is
//! built against one step of the reading each.

mod built;
mod places;

use super::support::sign::Key;

/// Octets of an input, about. A message may be larger, but no more of a header is kept, nor of a body read.
pub const OCTETS: usize = 1_000_000;

/// One line: a name, and what makes the message.
pub struct Line {
    pub name: String,
    make: Box<dyn Fn() -> Vec<u8>>,
}

impl Line {
    pub fn raw(&self) -> Vec<u8> {
        (self.make)()
    }
}

/// What a place is filled with: its name and the text.
const UNITS: [(&str, &str); 88] = [
    ("a letter", "a"),
    ("a word", "word "),
    ("a short word", "a "),
    ("blanks", "  "),
    ("line ends", "\r\n "),
    ("digits", "1 "),
    ("a digit among letters", "a1a"),
    ("pairs", "rn"),
    ("dots", "."),
    ("commas", "a,"),
    ("at signs", "@"),
    ("addresses", "a@b.cc "),
    ("addresses with commas", "a@b.cc,"),
    ("angles", "<a@b.cc>"),
    ("quotation marks", "\""),
    ("parentheses", "("),
    ("backslashes", "\\"),
    ("colons", "a:"),
    ("semicolons", ";"),
    ("encoded words begun", "=?"),
    ("encoded words", "=?utf-8?q?a?= "),
    ("percent signs", "%41"),
    ("references", "&amp;"),
    ("other references", "&hellip;"),
    ("numbered references", "&#65;"),
    ("references begun", "&"),
    ("references without an end", "&lt"),
    ("references that are none", "&lz;"),
    ("tags begun", "<"),
    ("tags", "<b>"),
    ("end tags", "</b>"),
    ("hosts", "a.bc "),
    ("web addresses", "http://a.bc "),
    ("web addresses in a row", "http://"),
    ("the name", "Amazon "),
    ("the name in disguise", "Аmаzоn "),
    ("the name of others", "amazonas "),
    ("nearly the name", "amazom "),
    ("a weak name", "prime "),
    ("requests", "please confirm your password "),
    ("requests denied", "please do not confirm your password,"),
    ("a ligature of eighteen letters", "\u{fdfa}"),
    ("a square of six letters", "\u{3316}"),
    ("a fraction", "\u{bd}"),
    ("accents", "é"),
    ("marks", "\u{301}"),
    ("Cyrillic", "ж"),
    ("Hangul", "각"),
    ("ideographs", "密"),
    ("rare ideographs", "\u{20000}"),
    ("letters of formulas", "\u{1d5ba}"),
    ("private characters", "\u{100000}"),
    ("invisible characters", "\u{200b}"),
    ("full width", "ａ"),
    ("the name in Korean", "아마존"),
    ("the name in Korean, inflected", "아마존이 "),
    ("the name in Arabic", "أمازون"),
    ("the name in Thai", "อเมซอน"),
    ("the name in Hebrew", "אמזון"),
    ("the name in kana", "アマゾン"),
    ("the name in Chinese", "亚马逊"),
    ("the name glued to itself", "amazon"),
    ("the name glued to a noun", "amazonaccount"),
    ("the name glued to letters", "xamazonx "),
    ("the name behind others", "amazonx1 "),
    ("the name letter by letter", "a m a z o n "),
    ("the name upside down", "uozɐɯ∀ "),
    ("the name misspelt", "amzaon "),
    ("the name with accents", "àmázôñ "),
    ("hosts of the name", "amazon.com "),
    ("hosts like the name's", "amaz0n-login.com "),
    ("accounts that are locked", "your amazon account is locked "),
    ("sentences that speak", "your amazon account is open."),
    ("salutations", "dear amazon customer, "),
    ("lines that sign", "The Amazon Team\r\n"),
    ("copyrights", "© 2026 Amazon "),
    ("a threat", "your account is locked "),
    ("a prize", "you won a free gift card "),
    ("a call", "not you? call +1 888 555 0123 "),
    ("numbers in words", "call one two three four "),
    ("dates", "by Nov. 30 "),
    ("capitals for small letters", "AIlow BiIl "),
    ("words with capitals", "Wood Or Rs Tin "),
    ("Thai", "ก"),
    ("Cyrillic words", "ворст "),
    ("attributions", "On Monday Ann wrote:\r\n"),
    ("rows of a digest", "x@b.cc Your account today\r\n"),
    ("classes", ".a .b.c{color:red}"),
];

/// The five that cost most, by what `make worst` shows.
pub const WORST: [&str; 5] = [
    "Latin-1 fractions",
    "500 hosts like the brand's",
    "text of links: the name of others",
    "name without quotation marks: commas",
    "8 signatures of 20,000 field names",
];

/// The lines of [`WORST`].
pub fn worst() -> impl Iterator<Item = Line> {
    let mut lines = lines();
    WORST.into_iter().filter_map(move |name| {
        let at = lines.iter().position(|line| line.name == name)?;
        Some(lines.swap_remove(at))
    })
}

/// All lines.
pub fn lines() -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let own: Option<String> = std::env::var("UNIT").ok();
    let units: Vec<(String, String)> = match own {
        Some(unit) => vec![("given".to_owned(), unit)],
        None => UNITS
            .map(|(name, unit)| (name.to_owned(), unit.to_owned()))
            .to_vec(),
    };
    for place in places::PLACES {
        for (name, unit) in &units {
            let unit = unit.clone();
            let make = place.make;
            lines.push(Line {
                name: format!("{}: {name}", place.name),
                make: Box::new(move || make(&unit)),
            });
        }
    }
    lines.extend(built::BUILT.map(|(name, make)| Line {
        name: name.to_owned(),
        make: Box::new(make),
    }));
    lines
}

/// The sender's own DNS.
pub fn zone() -> String {
    [
        "$TTL 3600".to_owned(),
        "worst.example. TXT \"v=spf1 ip4:203.0.113.30 -all\"".into(),
        Key::Rsa.record("worst", "worst.example"),
    ]
    .join("\n")
        + "\n"
}
