//! The architecture as a test: who may import whom, which crate has which door, where the brand may
//! be named, how long a file and a function may be. `docs/ARCHITECTURE.md` says why.

// In a test a panic is the report.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Whom each room of the crate may import, itself aside. The core stands last, below the line.
const ARROWS: [(&str, &[&str]); 31] = [
    ("main", &["cli"]),
    ("lib", &[]),
    (
        "cli",
        &[
            "server",
            "check",
            "domains",
            "config",
            "held",
            "attachments",
            "runtime",
        ],
    ),
    (
        "server",
        &[
            "runtime",
            "milter",
            "session",
            "http",
            "metrics",
            "log",
            "history",
            "fleet",
            "shared",
            "config",
            "verify",
            "authenticate",
            "dns",
            "clock",
            "attachments",
        ],
    ),
    (
        "milter",
        &[
            "session", "shared", "verify", "log", "metrics", "config", "mail", "report", "verdict",
        ],
    ),
    (
        "http",
        &[
            "shared", "history", "fleet", "config", "brand", "mail", "proof", "reason", "report",
            "verdict", "runtime",
        ],
    ),
    (
        "shared",
        &[
            "attachments",
            "clock",
            "config",
            "fleet",
            "history",
            "metrics",
            "report",
            "session",
            "verify",
        ],
    ),
    (
        "fleet",
        &[
            "config", "history", "metrics", "brand", "claim", "mail", "proof", "reason", "report",
            "verdict", "runtime",
        ],
    ),
    (
        "check",
        &[
            "verify",
            "config",
            "session",
            "attachments",
            "brand",
            "mail",
            "proof",
            "reason",
            "report",
            "verdict",
        ],
    ),
    ("domains", &["config", "dns", "brand", "mail"]),
    ("held", &["mail", "report", "verdict", "wants"]),
    (
        "verify",
        &[
            "attachments",
            "authenticate",
            "config",
            "dns",
            "brand",
            "claim",
            "mail",
            "proof",
            "report",
            "verdict",
            "wants",
        ],
    ),
    (
        "authenticate",
        &["clock", "dns", "claim", "mail", "proof", "report"],
    ),
    ("clock", &[]),
    ("runtime", &[]),
    ("attachments", &["mail"]),
    ("dns", &["mail"]),
    ("session", &["authenticate", "mail", "report"]),
    (
        "metrics",
        &[
            "attachments",
            "dns",
            "brand",
            "mail",
            "proof",
            "reason",
            "report",
            "verdict",
        ],
    ),
    ("log", &["config", "mail", "report", "verdict"]),
    ("history", &["dns", "mail", "proof", "report", "verdict"]),
    (
        "config",
        &[
            "authenticate",
            "dns",
            "brand",
            "mail",
            "reason",
            "report",
            "verdict",
            "wants",
        ],
    ),
    // The core.
    (
        "report",
        &["claim", "mail", "proof", "reason", "verdict", "wants"],
    ),
    (
        "verdict",
        &["brand", "claim", "mail", "proof", "reason", "wants"],
    ),
    ("claim", &["brand", "mail", "reason"]),
    ("wants", &["brand", "html", "mail", "reason"]),
    ("html", &["mail"]),
    ("proof", &["mail"]),
    ("brand", &["mail"]),
    ("mail", &[]),
    ("reason", &[]),
];

/// The rooms below the line, where nothing waits.
const CORE: [&str; 9] = [
    "mail", "html", "brand", "claim", "wants", "proof", "verdict", "report", "reason",
];

/// The modules through which each outside crate comes in; whatever is not here may be used anywhere.
const DOORS: &[(&str, &[&str])] = &[
    // The server hands the library its socket.
    ("indymilter", &["milter", "server"]),
    ("mail_auth", &["authenticate"]),
    ("hickory_resolver", &["dns"]),
    ("rustls", &["dns", "fleet/transport"]),
    ("tokio_rustls", &["fleet/transport"]),
    ("rustls_native_certs", &["fleet/transport"]),
    ("redis", &["fleet", "config/history"]),
    ("prometheus", &["metrics"]),
    ("axum", &["http"]),
    ("hyper", &["http"]),
    ("hyper_util", &["http"]),
    ("maud", &["http"]),
    ("form_urlencoded", &["http"]),
    ("ring", &["http", "fleet", "config/fingerprint"]),
    ("clap", &["cli", "main"]),
    ("mimalloc", &["main"]),
    ("anstream", &["check"]),
    ("anstyle", &["check"]),
    ("indicatif", &["check", "domains"]),
    ("clap_mangen", &["cli"]),
    ("clap_complete", &["cli"]),
    ("roff", &["cli/manual", "config/reference"]),
    ("strsim", &["config"]),
    (
        "toml",
        &[
            "config",
            "brand",
            "wants",
            "domains",
            "mail/decode/charset",
            "mail/quoted_reply",
        ],
    ),
    (
        "serde",
        &[
            "brand",
            "wants",
            "domains",
            "mail/decode/charset",
            "mail/quoted_reply",
        ],
    ),
    // One decoder.
    ("encoding_rs", &["mail/decode/charset"]),
    ("chardetng", &["mail/decode/charset"]),
    (
        "any_ascii",
        &["wants/author_name", "claim/own_name", "held/digest"],
    ),
    // Dates.
    ("mail_parser", &["brand", "http", "held"]),
    ("sd_notify", &["server"]),
    (
        "rustix",
        &[
            "server",
            "http",
            "attachments",
            "metrics",
            "fleet",
            "held",
            "config/files",
        ],
    ),
    // What opens files runs in a process of its own.
    ("landlock", &["attachments/jail"]),
    ("seccompiler", &["attachments/jail"]),
    ("libc", &["attachments/jail"]),
    ("hayro_interpret", &["attachments/formats"]),
    ("rxing", &["attachments/formats"]),
    ("quircs", &["attachments/formats"]),
    ("png", &["attachments/formats"]),
    ("zune_jpeg", &["attachments/formats"]),
    ("gif", &["attachments/formats"]),
    ("image_webp", &["attachments/formats"]),
    ("zip", &["attachments/formats"]),
    ("quick_xml", &["attachments/formats"]),
    ("tracing_subscriber", &["log"]),
    ("arc_swap", &["shared", "server"]),
];

/// What the core may use of the outside world: pure crates, and of `std` nothing that does I/O.
const CORE_FORBIDDEN: [&str; 12] = [
    "tokio",
    "tracing",
    "std::fs",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant",
    "async ",
    "println!",
    " rand::",
];

/// Names that are fixed though they hold the brand.
const FIXED_NAMES: [&str; 4] = [
    "amazon-spoof-milter",
    "X-Amazon-Spoof-",
    "amazon_spoof_milter",
    "amazon.toml",
];

const MAX_LINES: usize = 520;
const MAX_FUNCTION: usize = 75;

struct Source {
    /// As `mail/mailbox/lexer`.
    module: String,
    /// The file, tests left out.
    code: String,
    whole: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut waiting = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(source(&root, &path));
        }
    }
    sources.sort_by(|a, b| a.module.cmp(&b.module));
    assert!(sources.len() > 20, "the sources were not found");
    sources
}

fn source(root: &Path, path: &Path) -> Source {
    let whole = fs::read_to_string(path).unwrap();
    let code = without_tests(&whole).to_owned();
    let module: PathBuf = path.strip_prefix(root).unwrap().with_extension("");
    let module = module.to_string_lossy().into_owned();
    Source {
        module,
        code,
        whole,
    }
}

/// The text before the tests that stand in the same file. A test module in a file of its own ends
/// nothing: code follows its declaration.
fn without_tests(whole: &str) -> &str {
    whole
        .match_indices("#[cfg(test)]")
        .map(|(at, _)| whole.split_at(at))
        .find(|(_, rest)| {
            let mut lines = rest.lines().filter(|line| !line.starts_with("#["));
            lines
                .next()
                .is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
        })
        .map_or(whole, |(code, _)| code)
}

/// Whether a line begins a function, whatever stands before the word.
fn begins_function(line: &str) -> bool {
    line.split(' ')
        .find(|word| !matches!(*word, "pub" | "const" | "async") && !word.starts_with("pub("))
        == Some("fn")
}

fn top(module: &str) -> &str {
    module.split('/').next().unwrap()
}

/// Lines without comments.
fn statements(code: &str) -> impl Iterator<Item = &str> {
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
}

/// The modules of this crate that a file names.
fn imports(source: &Source) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let text: String = statements(&source.code).collect::<Vec<_>>().join("\n");
    for (start, _) in text.match_indices("crate::") {
        let rest = &text[start + "crate::".len()..];
        match rest.strip_prefix('{') {
            // A group: its names stand at depth one.
            Some(group) => found.extend(names_of_group(group)),
            None => {
                found.insert(first_word(rest));
            }
        }
    }
    for (start, _) in text.match_indices("amazon_spoof_milter::") {
        found.insert(first_word(&text[start + "amazon_spoof_milter::".len()..]));
    }
    found.remove("");
    found
}

fn first_word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect()
}

fn names_of_group(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut names = Vec::new();
    let mut begin = true;
    for (index, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => begin = true,
            c if begin && !c.is_whitespace() => {
                names.push(first_word(&group[index..]));
                begin = false;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn imports_follow_the_arrows() {
    let mut wrong = Vec::new();
    // Unit tests in a file of their own build whole messages.
    for source in sources()
        .iter()
        .filter(|source| !source.module.ends_with("/tests"))
    {
        let own = top(&source.module);
        let Some((_, allowed)) = ARROWS.iter().find(|(module, _)| *module == own) else {
            wrong.push(format!(
                "{}: the module is not in the table of arrows",
                source.module
            ));
            continue;
        };
        for import in imports(source) {
            if import != own && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{} must not import {import}", source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The neighbours in one folder that a file needs: for `mail/mime` and `mail/url` the pair (`mime`,
/// `url`) in `mail`. A file and the folder of its name are one; what a parent and its child take from
/// each other is no matter of neighbours.
fn neighbours(source: &Source, modules: &BTreeSet<String>) -> Vec<(String, String, String)> {
    let own: Vec<&str> = source.module.split('/').collect();
    let text: String = statements(&source.code).collect::<Vec<_>>().join(" ");
    paths(&text)
        .iter()
        .filter_map(|path| {
            let other = (1..=path.len())
                .rev()
                .map(|length| &path[..length])
                .find(|module| modules.contains(&module.join("/")))?;
            let common = own.iter().zip(other).take_while(|(a, b)| a == b).count();
            let folder = own[..common].join("/");
            Some((
                folder,
                (*own.get(common)?).to_owned(),
                other.get(common)?.clone(),
            ))
        })
        .collect()
}

/// Every path that begins with `crate::`, groups opened.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (start, prefix) in text.match_indices("crate::") {
        open_group(&text[start + prefix.len()..], &mut Vec::new(), &mut found);
    }
    found
}

/// Reads one tree of a `use`; returns what stands after it.
fn open_group<'t>(text: &'t str, above: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> &'t str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = open_group(rest, above, found).trim_start();
            match rest.strip_prefix(',') {
                Some(next) if !next.trim_start().starts_with('}') => rest = next,
                Some(next) => return next.trim_start().strip_prefix('}').unwrap_or(next),
                None => return rest.strip_prefix('}').unwrap_or(rest),
            }
        }
    }
    let word = first_word(text);
    let rest = &text[word.len()..];
    if word.is_empty() {
        return rest;
    }
    above.push(word);
    let rest = match rest.strip_prefix("::") {
        Some(rest) => open_group(rest, above, found),
        None => {
            found.push(above.clone());
            rest
        }
    };
    above.pop();
    rest
}

#[test]
fn neighbours_form_no_circle() {
    let sources = sources();
    let modules: BTreeSet<String> = sources.iter().map(|s| s.module.clone()).collect();
    let mut arrows: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for source in &sources {
        for (folder, from, to) in neighbours(source, &modules) {
            arrows.entry((folder, from)).or_default().insert(to);
        }
    }
    assert!(arrows.len() > 50, "the arrows were not found");
    let mut wrong = Vec::new();
    for (folder, start) in arrows.keys() {
        let mut reached = BTreeSet::new();
        let mut waiting = vec![start.clone()];
        while let Some(at) = waiting.pop() {
            for next in arrows.get(&(folder.clone(), at)).into_iter().flatten() {
                if reached.insert(next.clone()) {
                    waiting.push(next.clone());
                }
            }
        }
        if reached.contains(start) {
            wrong.push(format!("{folder}/{start} needs itself"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_room_holds_a_quarter_of_the_house() {
    let sources = sources();
    let lines = |room: &str| -> usize {
        sources
            .iter()
            .filter(|source| room.is_empty() || top(&source.module) == room)
            .map(|source| source.whole.lines().count())
            .sum()
    };
    let house = lines("");
    for (room, _) in ARROWS {
        assert!(
            lines(room) * 4 < house,
            "{room}: {} of {house} lines",
            lines(room)
        );
    }
}

#[test]
fn outside_crates_come_in_by_their_doors() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (name, doors) in DOORS {
            let used = statements(&source.code).any(|line| {
                line.match_indices(name).any(|(start, _)| {
                    let before = line[..start].chars().next_back();
                    line[start + name.len()..].starts_with("::")
                        && !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
                })
            });
            let by_door = doors.iter().any(|door| {
                source.module == *door || source.module.starts_with(&format!("{door}/"))
            });
            if used && !by_door {
                wrong.push(format!("{} must not use {name}", source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| CORE.contains(&top(&source.module)))
    {
        for line in statements(&source.code) {
            for forbidden in CORE_FORBIDDEN {
                if line.contains(forbidden) && !line.contains('"') {
                    wrong.push(format!("{}: {}", source.module, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_brand_is_named_in_its_data_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        for line in source.whole.lines() {
            let mut lower = line.to_lowercase();
            for fixed in FIXED_NAMES {
                lower = lower.replace(&fixed.to_lowercase(), "");
            }
            if ["amazon", "aws", "kindle"].iter().any(|word| {
                lower
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|found| found.starts_with(word))
            }) {
                wrong.push(format!("{}: {}", source.module, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_and_functions_are_short() {
    let mut wrong = Vec::new();
    for source in sources() {
        let lines = source.whole.lines().count();
        if lines > MAX_LINES {
            wrong.push(format!("{}: {lines} lines", source.module));
        }
        let mut begun: Option<(usize, String, String)> = None;
        for (number, line) in source.code.lines().enumerate() {
            let indent: String = line.chars().take_while(|c| *c == ' ').collect();
            let text = line.trim_start();
            if begins_function(text) && begun.is_none() {
                begun = Some((number, indent, text.to_owned()));
            } else if let Some((start, indent_of, name)) = &begun
                && line == format!("{indent_of}}}")
            {
                let length = number - start + 1;
                if length > MAX_FUNCTION {
                    wrong.push(format!("{}: {length} lines: {name}", source.module));
                }
                begun = None;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a file logs: level and text, up to the first value in it.
fn log_messages(code: &str) -> Vec<(String, String)> {
    let mut messages = Vec::new();
    for level in ["error", "warn", "info", "debug", "trace", "event"] {
        for (start, opening) in code.match_indices(&format!("tracing::{level}!(")) {
            let mut depth = 1;
            let mut quoted = false;
            let mut before = ' ';
            let body: String = code[start + opening.len()..]
                .chars()
                .take_while(|&c| {
                    match c {
                        '"' if before != '\\' => quoted = !quoted,
                        '(' if !quoted => depth += 1,
                        ')' if !quoted => depth -= 1,
                        _ => {}
                    }
                    before = c;
                    depth > 0
                })
                .collect();
            let text = body.rsplit('"').nth(1).expect("a text").split('{').next();
            messages.push((level.to_owned(), text.expect("a text").to_owned()));
        }
    }
    messages
}

#[test]
fn every_log_message_has_its_line_in_the_log_reference() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/log.md");
    let reference = fs::read_to_string(reference).unwrap();
    let mut documented: Vec<(String, String)> = reference
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            let level = cells.next()?;
            let message = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
            Some((level.to_owned(), message.to_owned()))
        })
        .collect();
    let mut logged: Vec<(String, String)> = sources()
        .iter()
        .flat_map(|source| log_messages(&source.code))
        // One line a message, which has a chapter of its own.
        .filter(|(level, _)| level != "event")
        .collect();
    assert!(logged.len() > 15, "the messages were not found");
    for list in [&mut documented, &mut logged] {
        list.sort();
        list.dedup();
    }
    assert_eq!(documented, logged);
}

#[test]
fn nothing_is_left_open() {
    let words = [
        "TO\u{44}O",
        "FIX\u{4d}E",
        "unimplemented\u{21}",
        "todo\u{21}(",
    ];
    let mut wrong = Vec::new();
    for source in sources() {
        for line in source.whole.lines() {
            if words.iter().any(|word| line.contains(word)) {
                wrong.push(format!("{}: {}", source.module, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What lies at the top level of the repository: a file that a tool left there is not committed by mistake.
#[test]
fn the_top_level_holds_what_is_meant_to_lie_there() {
    let known = [
        ".ci",
        ".gitignore",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "Makefile",
        "README.md",
        "SECURITY.md",
        "deny.toml",
        "deploy",
        "docs",
        "rustfmt.toml",
        "src",
        "tests",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = std::process::Command::new("git")
        .args(["ls-tree", "--name-only", "HEAD"])
        .current_dir(root)
        .output();
    // Of an archive of the source nothing is asked: only what is committed can stay.
    let Ok(listed) = listed.map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    else {
        return;
    };
    let strange: Vec<&str> = listed
        .lines()
        .filter(|name| !known.contains(name))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
}
