//! The table of keys as people read it: reference page, man page, example file.
//!
//! The files in `docs/` and `deploy/` are these texts; a test compares them.

use super::{DEFAULT_FOLDER, DEFAULT_PATH, keys};
use keys::{KEYS, Key, Kind, RULE_KEYS};
use roff::{Roff, bold, italic, roman};

/// The width of a line of the example file.
const WIDTH: usize = 96;

/// Rules as an operator may have them, shown wherever the table of rules is described.
pub const RULES: &str = "\
[[policy.rules]]
reasons = [\"via-list\"]
action = \"accept\"

[[policy.rules]]
recipients = [\"it.example.org\", \"jane@example.org\"]
verdicts = [\"forged\", \"lookalike\"]
action = \"reject\"
";

/// A file of the folder.
const EXAMPLE: &str = "\
# /etc/amazon-spoof-milter/config.d/50-own.toml
[policy]
preset = \"monitor\"

[trust]
allow = [\"partner.example\"]
";

/// The list of keys for the reference page, as Markdown.
pub fn markdown() -> String {
    let mut text = String::new();
    for section in keys::sections() {
        text.push_str(&format!("## [{section}]\n\n"));
        for key in of(section) {
            text.push_str(&format!(
                "### {}\n\n{}\n\n- Type: {}; default: `{}`\n- Allowed: {}\n- Takes effect: {}\n\n",
                key.path,
                said(key),
                key.kind.name(),
                key.default,
                key.kind.allowed(),
                match key.reloads {
                    true => "at a reload, for new connections",
                    false => "at a restart",
                },
            ));
            if key.kind == Kind::Rows {
                text.push_str(&format!("```toml\n{RULES}```\n\n"));
            }
            for part in parts(key) {
                text.push_str(&format!(
                    "#### {}\n\n{}\n\n- Type: {}\n- Allowed: {}\n\n",
                    part.path,
                    said(part),
                    part.kind.name(),
                    part.kind.allowed(),
                ));
            }
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The man page `amazon-spoof-milter.toml.5`, as roff.
pub fn man() -> String {
    let version = concat!("amazon-spoof-milter ", env!("CARGO_PKG_VERSION"));
    let mut page = Roff::new();
    // The library drops an empty date.
    page.control("TH", ["amazon-spoof-milter.toml", "5", " ", version])
        .control("SH", ["NAME"])
        .text([roman(
            "amazon-spoof-milter.toml - configuration of amazon-spoof-milter",
        )])
        .control("SH", ["DESCRIPTION"])
        .text([
            roman("The file "),
            italic(DEFAULT_PATH),
            roman(
                ", or the one that --config names, is TOML. Every key is optional. After it every *.toml of the \
                 folder ",
            ),
            italic(DEFAULT_FOLDER),
            roman(
                " is read, in the order of their names: a later value overrides an earlier one, lists are \
                 replaced, [[policy.rules]] come together. --config-dir names another folder; with --config alone \
                 there is none. What is read there has to be a regular file of root or of the program's user that \
                 nobody else can write. \
                 amazon-spoof-milter config check tells everything that is wrong with it, \
                 amazon-spoof-milter config show prints what is in force. SIGHUP takes a changed \
                 configuration over for new connections; where it is wrong, what was in force stays. Keys \
                 that need a restart say so below.",
            ),
        ]);
    for section in keys::sections() {
        page.control("SH", [&*format!("[{section}]")]);
        for key in of(section) {
            let default = format!(" = {} ({})", key.default, key.kind.name());
            entry(&mut page, key, default);
            for part in parts(key) {
                entry(&mut page, part, format!(" ({})", part.kind.name()));
            }
            if key.kind == Kind::Rows {
                page.control("PP", []).control("EX", []);
                for line in RULES.lines() {
                    page.text([roman(line)]);
                }
                page.control("EE", []);
            }
        }
    }
    page.control("SH", ["EXAMPLES"])
        .text([roman(
            "Decides as with \"enforce\" and applies nothing, and lets a partner name the brand:",
        )])
        .control("EX", []);
    for line in EXAMPLE.lines() {
        page.text([roman(line)]);
    }
    page.control("EE", []);
    page.control("SH", ["SEE ALSO"])
        .text([bold("amazon-spoof-milter"), roman("(1)")]);
    page.render()
}

/// One key of the man page; of a row's key the table stands in front.
fn entry(page: &mut Roff, key: &Key, behind: String) {
    let name = match key.section().split_once('.') {
        Some((_, table)) => format!("{table}.{}", key.name()),
        None => key.name().to_owned(),
    };
    page.control("TP", [])
        .text([bold(name), roman(behind)])
        .text([roman(format!("{} {}", said(key), limits(key)))]);
}

/// The example file: every key with its default, commented out.
pub fn example() -> String {
    let mut text = String::from(
        "# All keys of amazon-spoof-milter with their defaults, commented out. What you change goes, with its\n\
         # section, into a file of /etc/amazon-spoof-milter/config.d whose name ends in .toml, or into\n\
         # /etc/amazon-spoof-milter/config.toml. `amazon-spoof-milter config check` tells everything that is\n\
         # wrong with them.\n",
    );
    for section in keys::sections() {
        text.push_str(&format!("\n[{section}]\n"));
        for key in of(section) {
            text.push('\n');
            text.push_str(&comment(&format!("{} {}", said(key), limits(key))));
            for part in parts(key) {
                let said = said(part);
                text.push_str(&comment(&format!(
                    "{}: {said} {}",
                    part.name(),
                    limits(part)
                )));
            }
            if key.kind == Kind::Rows {
                for line in RULES.lines() {
                    let line = format!("#   {line}");
                    text.push_str(line.trim_end());
                    text.push('\n');
                }
            }
            text.push_str(&format!("#{} = {}\n", key.name(), key.default));
        }
    }
    text
}

fn of(section: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.section() == section)
}

/// The keys of a table's rows.
fn parts(key: &Key) -> impl Iterator<Item = &'static Key> {
    let table = key.path;
    RULE_KEYS.iter().filter(move |part| part.section() == table)
}

/// What it is for, and why so.
fn said(key: &Key) -> String {
    format!("{} {}", sentence(key.about), key.why)
}

/// What is allowed, and when it takes effect.
fn limits(key: &Key) -> String {
    let restart = match key.reloads {
        true => "",
        false => " A change needs a restart.",
    };
    format!("Allowed is {}.{restart}", key.kind.allowed())
}

fn comment(text: &str) -> String {
    wrap(text)
        .iter()
        .map(|line| format!("# {line}\n"))
        .collect()
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).chain(['.']).collect()
}

/// The words in lines of at most [`WIDTH`] characters.
fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
