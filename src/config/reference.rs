//! The table of keys as people read it: reference page, man page, example file.
//!
//! The files in `docs/` and `deploy/` are these texts; a test compares them.

use super::{DEFAULT_PATH, keys};
use keys::{KEYS, Key};
use roff::{Roff, bold, italic, roman};

/// The width of a line of the example file.
const WIDTH: usize = 96;

/// The list of keys for the reference page, as Markdown.
pub fn markdown() -> String {
    let mut text = String::new();
    for section in keys::sections() {
        text.push_str(&format!("## [{section}]\n\n"));
        for key in of(section) {
            text.push_str(&format!(
                "### {}\n\n{} {}\n\n- Type: {}; default: `{}`\n- Allowed: {}\n- Takes effect: {}\n\n",
                key.path,
                sentence(key.about),
                key.why,
                key.kind.name(),
                key.default,
                key.kind.allowed(),
                takes_effect(key),
            ));
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
        .text([roman("The file "), italic(DEFAULT_PATH), roman(
            ", or the one that --config names, is TOML. Every key is optional. \
             amazon-spoof-milter config check tells everything that is wrong with it, \
             amazon-spoof-milter config show prints what is in force. SIGHUP takes a changed file over \
             for new connections; where it is wrong, what was in force stays. Keys that need a \
             restart say so below.",
        )]);
    for section in keys::sections() {
        page.control("SH", [&*format!("[{section}]")]);
        for key in of(section) {
            page.control("TP", [])
                .text([
                    bold(key.name()),
                    roman(format!(" = {} ({})", key.default, key.kind.name())),
                ])
                .text([roman(format!("{} {}", sentence(key.about), key.why))])
                .text([roman(format!(
                    "Allowed is {}.{}",
                    key.kind.allowed(),
                    match key.reloads {
                        true => "",
                        false => " A change needs a restart.",
                    }
                ))]);
        }
    }
    page.control("SH", ["SEE ALSO"])
        .text([bold("amazon-spoof-milter"), roman("(1)")]);
    page.render()
}

/// The example file: every key with its default, commented out.
pub fn example() -> String {
    let mut text = String::from(
        "# Configuration of amazon-spoof-milter. All keys stand here with their defaults: take the #\n\
         # away in front of those that you change. `amazon-spoof-milter config check` tells everything\n\
         # that is wrong with the file.\n",
    );
    for section in keys::sections() {
        text.push_str(&format!("\n[{section}]\n"));
        for key in of(section) {
            let restart = match key.reloads {
                true => "",
                false => " A change needs a restart.",
            };
            let comment = format!(
                "{} {} Allowed is {}.{restart}",
                sentence(key.about),
                key.why,
                key.kind.allowed()
            );
            text.push('\n');
            for line in wrap(&comment) {
                text.push_str(&format!("# {line}\n"));
            }
            text.push_str(&format!("#{} = {}\n", key.name(), key.default));
        }
    }
    text
}

fn of(section: &str) -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(move |key| key.section() == section)
}

fn takes_effect(key: &Key) -> &'static str {
    match key.reloads {
        true => "at a reload, for new connections",
        false => "at a restart",
    }
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
