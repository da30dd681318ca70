//! Draws disguised names of the brand and honest ones, judges each as the From of a mail, and prints
//! how many of the first are claims and how many of the second are strong ones. `make names` starts it;
//! tests/names/README.md has the lists.
//!
//! ```text
//! names [SEED] [--show]
//! ```
//!
//! Exit status 1: fewer than 97 % of the disguised names are claims, or more than 0.5 % of the honest
//! ones are strong.

// A program for measurements: what it can't do ends it, with the reason.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use amazon_spoof_milter::{
    brand::{Brand, Strength},
    claim::claims,
    mail::message::Message,
};
use serde::Deserialize;
use std::{collections::BTreeMap, process::ExitCode};

const EACH: usize = 2_000;

const ALPHABETS: &str = include_str!("../names/alphabets.txt");
const COMPANIES: &str = include_str!("../names/companies.tsv");
const HONEST: &str = include_str!("../names/honest.txt");
const PEOPLE: &str = include_str!("../names/people.tsv");
const TABLE: &str = include_str!("../names/words.toml");
const WORDS: &str = include_str!("../names/words.tsv");

/// The name that is disguised.
const NAME: &str = "Amazon";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seed = arguments.iter().find_map(|word| word.parse().ok());
    let show = arguments.iter().any(|word| word == "--show");
    let mut draw = Draw(seed.unwrap_or(18) | 1);
    let lists = Lists::read();
    let disguised: Vec<_> = (0..EACH)
        .map(|nth| lists.disguised(&mut draw, nth))
        .collect();
    let honest: Vec<_> = (0..EACH).map(|nth| lists.honest(&mut draw, nth)).collect();
    println!("disguised names, claims:");
    let missed = count(&disguised, show, |strength| strength.is_some());
    println!("honest names, no strong claims:");
    let hurt = count(&honest, show, |strength| strength != Some(Strength::Strong));
    println!(
        "{:.1} % of the disguised are claims (at least 97), {:.2} % of the honest are strong (at most 0.5)",
        100.0 - percent(missed),
        percent(hurt)
    );
    ExitCode::from(u8::from(percent(missed) > 3.0 || percent(hurt) > 0.5))
}

fn percent(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("few")) * 100.0
        / f64::from(u32::try_from(EACH).expect("few"))
}

/// Prints for each kind how many are as they should be; how many are not.
fn count(
    drawn: &[(&'static str, String)],
    show: bool,
    good: impl Fn(Option<Strength>) -> bool,
) -> usize {
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (kind, name) in drawn {
        let is_good = good(judged(name));
        let (all, right) = kinds.entry(kind).or_default();
        *all += 1;
        *right += usize::from(is_good);
        if show && !is_good {
            println!("  {kind}: {name} ({})", name.escape_unicode());
        }
    }
    for (kind, (all, right)) in &kinds {
        println!("  {kind:<24} {right:>4} of {all:>4}");
    }
    kinds.values().map(|(all, right)| all - right).sum()
}

/// The strongest claim of a mail from somebody of this name, at a stranger's address.
fn judged(name: &str) -> Option<Strength> {
    let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
    let text =
        format!("From: \"{quoted}\" <k3@mail.example>\r\nSubject: Hello\r\n\r\nGood morning.\r\n");
    let message = Message::parse(text.as_bytes()).expect("a message");
    claims(&message, Brand::embedded()).strongest_if_excused()
}

/// Numbers by chance, the same for the same seed (xorshift64*).
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).expect("31 bits") % end
    }

    fn of<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }
}

#[derive(Deserialize)]
struct Table {
    language: Vec<Language>,
}

#[derive(Deserialize)]
struct Language {
    names: Vec<String>,
    words: Vec<String>,
}

struct Lists {
    alphabets: Vec<Vec<&'static str>>,
    people: Vec<&'static str>,
    companies: Vec<&'static str>,
    words: Vec<&'static str>,
    honest: Vec<&'static str>,
    languages: Vec<Language>,
}

fn second_column(table: &'static str) -> Vec<&'static str> {
    let rows = table.lines().filter_map(|line| line.split_once('\t'));
    rows.map(|(_, text)| text).collect()
}

fn lines(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.starts_with('#'))
}

impl Lists {
    fn read() -> Self {
        let table: Table = toml::from_str(TABLE).expect("the table of words");
        Self {
            alphabets: lines(ALPHABETS)
                .map(|line| line.split(' ').collect())
                .collect(),
            people: second_column(PEOPLE),
            companies: second_column(COMPANIES),
            words: second_column(WORDS),
            honest: lines(HONEST).collect(),
            languages: table.language,
        }
    }

    /// A disguised name, perhaps with something beside it.
    fn disguised(&self, draw: &mut Draw, nth: usize) -> (&'static str, String) {
        let letters: Vec<String> = NAME.chars().map(String::from).collect();
        let english = &self.languages[0].words;
        let (kind, name) = match nth % 20 {
            0 | 1 => ("style", draw.of(&self.alphabets).concat()),
            2 => {
                let letters = (0..6).map(|at| draw.of(&self.alphabets)[at]);
                ("styles mixed", letters.collect())
            }
            3 => ("one letter styled", self.one_styled(draw, &letters)),
            4 => ("digits and signs", leet(draw)),
            5 => ("unseen characters", between(draw, &letters, &UNSEEN, 2)),
            6 => ("marks", between(draw, &letters, &MARKS, 2)),
            7 => ("modifier letters", between(draw, &letters, &MODIFIERS, 5)),
            8 => ("spelled apart", {
                let gap = draw.of(&GAPS);
                letters.join(gap)
            }),
            9 => ("cut in two", cut(draw)),
            10 => ("slip", slip(draw)),
            11 => ("reversed", reversed(draw)),
            12 => ("turned", draw.of(&TURNED).to_string()),
            13 => return ("address or host", address(draw)),
            14 => {
                return ("short name", {
                    let word = draw.of(english);
                    format!("{} {word}", draw.of(&["AMZN", "AMZ", "Amzn"]))
                });
            }
            15 => {
                return ("glued", {
                    let word = word_of(draw, &self.languages[..6]);
                    format!("Amazon{}", word.replace(' ', ""))
                });
            }
            16 | 17 => {
                return ("other languages", {
                    let language = draw.of(&self.languages);
                    let (name, word) = (draw.of(&language.names), draw.of(&language.words));
                    match draw.below(2) {
                        0 => format!("{name} {word}"),
                        _ => format!("{word} {name}"),
                    }
                });
            }
            18 => {
                return ("name alone", {
                    let language = draw.of(&self.languages[7..]);
                    draw.of(&language.names).clone()
                });
            }
            _ => {
                return ("logo", {
                    let arrow = draw.of(&ARROWS);
                    format!("{arrow} {}", draw.of(english))
                });
            }
        };
        (kind, self.framed(draw, &name))
    }

    /// What stands beside the name.
    fn framed(&self, draw: &mut Draw, name: &str) -> String {
        let word = word_of(draw, &self.languages[..11]);
        match draw.below(6) {
            0 | 1 => name.to_owned(),
            2 => format!("{name} {word}"),
            3 => format!("{word} {name}"),
            4 => format!("{} {name}", draw.of(&self.words)),
            _ => format!("{} ({name})", draw.of(&self.people)),
        }
    }

    fn one_styled(&self, draw: &mut Draw, letters: &[String]) -> String {
        let at = draw.below(letters.len());
        let mut letters = letters.to_vec();
        letters[at] = draw.of(&self.alphabets)[at].to_owned();
        letters.concat()
    }

    /// A name that says nothing of the brand.
    fn honest(&self, draw: &mut Draw, nth: usize) -> (&'static str, String) {
        match nth % 10 {
            0..3 => ("people", draw.of(&self.people).to_string()),
            3 | 4 => ("companies", draw.of(&self.companies).to_string()),
            5 | 6 => ("two words", {
                format!("{} {}", draw.of(&self.words), draw.of(&self.words))
            }),
            7 => ("people of companies", {
                format!("{} ({})", draw.of(&self.people), draw.of(&self.companies))
            }),
            8 => ("departments", {
                let word = word_of(draw, &self.languages);
                format!("{} {word}", draw.of(&self.companies))
            }),
            _ => ("the same letters", draw.of(&self.honest).to_string()),
        }
    }
}

/// A word that impostors put beside the name.
fn word_of(draw: &mut Draw, languages: &[Language]) -> String {
    let language = draw.of(languages);
    draw.of(&language.words).clone()
}

const UNSEEN: [&str; 10] = [
    "\u{200B}",
    "\u{200C}",
    "\u{200D}",
    "\u{AD}",
    "\u{2060}",
    "\u{34F}",
    "\u{FE0F}",
    "\u{200E}",
    "\u{61C}",
    "\u{E0061}",
];
const MARKS: [&str; 8] = [
    "\u{301}", "\u{336}", "\u{489}", "\u{20DD}", "\u{35F}", "\u{330}", "\u{20E0}", "\u{305}",
];
const MODIFIERS: [&str; 9] = ["ː", "ʹ", "ˈ", "ˌ", "ʺ", "ʼ", "\u{640}", "ˑ", "ー"];
const GAPS: [&str; 14] = [
    " ", "  ", ".", "-", "_", "·", " . ", "*", "|", "~", "+", "\u{2009}", "\u{3000}", "•",
];
const TURNED: [&str; 6] = ["uozɐɯ∀", "uozɐɯɐ", "NOZⱯWⱯ", "uozɐɯⱯ", "ɐɯɐzou", "∀WⱯZON"];
const ARROWS: [&str; 8] = ["ᵃ⤻ᶻ", "a⤷z", "ᵃ↝ᶻ", "a⤳z", "a‿z", "𝐚⤴𝐳", "a͢z", "ₐ⟿𝓏"];

/// Puts characters of a list behind some letters.
fn between(draw: &mut Draw, letters: &[String], list: &[&str], rarely: usize) -> String {
    let at = draw.below(letters.len() - 1);
    let mut name = String::new();
    for (nth, letter) in letters.iter().enumerate() {
        name.push_str(letter);
        if nth == at || (nth + 1 < letters.len() && draw.below(rarely) == 0) {
            let character: &str = draw.of::<&str>(list);
            name.push_str(character);
        }
    }
    name
}

fn leet(draw: &mut Draw) -> String {
    let letters: [&[&str]; 6] = [
        &["A", "4", "@", "/\\", "Λ"],
        &["m", "M", "rn", "nn"],
        &["a", "4", "@"],
        &["z", "2", "Z"],
        &[
            "o", "0", "()", "[]", "{}", "•", "º", "°", "○", "●", "<>", "*",
        ],
        &["n", "N"],
    ];
    loop {
        let name: String = letters.iter().map(|list| *draw.of(list)).collect();
        if !name.eq_ignore_ascii_case(NAME) {
            return name;
        }
    }
}

fn cut(draw: &mut Draw) -> String {
    let (before, behind) = NAME.split_at(1 + draw.below(NAME.len() - 1));
    let gap = draw.of(&GAPS);
    format!("{before}{gap}{behind}")
}

/// What a reader overlooks: a letter doubled, two swapped, a vowel lost or another.
fn slip(draw: &mut Draw) -> String {
    let mut letters: Vec<char> = NAME.chars().collect();
    let at = 1 + draw.below(4);
    match draw.below(4) {
        0 => letters.insert(at, letters[at]),
        1 => letters.swap(at, at + 1),
        2 => {
            letters.remove(*draw.of(&[2, 4]));
        }
        _ => letters[*draw.of(&[2, 4])] = *draw.of(&['e', 'u', 'i', 'y']),
    }
    letters.into_iter().collect()
}

/// The name as a right-to-left override shows it, all of it or a part.
fn reversed(draw: &mut Draw) -> String {
    let (before, behind) = NAME.split_at(draw.below(4));
    let turned: String = behind.chars().rev().collect();
    let end = draw.of(&["\u{202C}", ""]);
    format!("{before}\u{202E}{turned}{end}")
}

fn address(draw: &mut Draw) -> String {
    let local = draw.of(&["no-reply", "account-update", "auto-confirm", "service"]);
    let host = draw.of(&[
        "amazon.com",
        "amazon.de",
        "amazon.co.jp",
        "amazon..com",
        "ama\u{200D}zon.com",
        "amazon,com",
        "amazons.co.uk",
        "amazon-account.com",
        "news.amzn.com",
        "amazon.con",
        "amazom.com",
        ".amazon.com",
        "amazon.com.",
        "arnazon.com",
        "аmazon.com",
        "amazon。com",
    ]);
    match draw.below(4) {
        0 => host.to_string(),
        1 => format!("{local}[at]{host}"),
        2 => format!("{local} @{host}"),
        _ => format!("{local}@{host}"),
    }
}
