//! What stands in a fence of the documents works: configurations load, commands run, in their order,
//! on a fresh system, and say what the document says that they say.
//!
//! The first word after a fence is the language, and for these tests stands behind it:
//!
//! ```text
//! sh                  a shell script for root; after it nothing waits in Postfix' queue
//! sh exit=N           it ends with N
//! sh not-run="WHY"    it can't be run there
//! toml                a configuration: it is right
//! toml file=PATH      the same, and from here on this file of the system
//! WORD file=PATH      from here on this file of the system, in another program's language
//! text output         stands in what the last script said, line by line; `...` is anything
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::machine::{Machine, Said};
use crate::package::{package, package_name};

/// Documents that begin on a machine without the program: they tell how to install it.
const INSTALLERS: [&str; 2] = ["README.md", "docs/install.md"];

/// Where they say that the package lies.
const PACKAGES: &str = "/root/target/package/debian";

/// Documents that look at mail which came before.
const LOOKING_BACK: [&str; 2] = ["docs/claims.md", "docs/policy.md"];

/// Mail of the past: a forgery by way of a mailing list whose host is proved, and a stranger with the
/// brand's name.
const PAST: &str = r#"
here=$(hostname -I | cut -d' ' -f1)
postconf -e 'smtpd_milters = inet:127.0.0.1:8895' 'milter_default_action = tempfail'
postfix reload
swaks --server "$here" --from bounces@users.lists.example --to root@localhost \
    --header 'From: Jane Doe <jdoe@amazon.com>' --add-header 'List-Id: <users.lists.example>'
swaks --server "$here" --from news@shop.example --to root@localhost \
    --header 'From: "Amazon.com" <news@shop.example>'
for turn in $(seq 100); do
    test "$(grep --count '^From ' /var/mail/root)" = 2 && exit 0
    sleep 0.2
done
exit 1
"#;

/// The document that installs the filters that people have already.
const OTHER_FILTERS: &str = "docs/other-filters.md";

/// The document about mail systems that bring a Postfix of their own, and the shape of the lines that it
/// changes in one of them.
const INTEGRATIONS: &str = "docs/integrations.md";
const GATEWAY: &str = "smtpd pass - - - - 100 smtpd
  -o receive_override_options=no_address_mappings
127.0.0.1:10025 inet n - n - - smtpd
  -o content_filter=
";

/// What is at hand on its machine, and on that of the Ansible role.
pub(crate) const NEIGHBOURS: [&str; 13] = [
    "amavisd-new",
    "ansible-core",
    "ansible-lint",
    "dbconfig-no-thanks",
    "gnupg",
    "opendkim",
    "opendmarc",
    "python3-apt",
    "redis-server",
    "rspamd",
    "spamassassin",
    "spamass-milter",
    "spamd",
];

/// How many scripts of the documents are not run. Each says why.
const NOT_RUN: usize = 21;

#[derive(Debug)]
struct Block {
    /// The file and the line of its fence.
    place: String,
    language: String,
    /// What stands behind the language.
    rest: String,
    text: String,
}

impl Block {
    fn value(&self, name: &str) -> Option<&str> {
        let (_, rest) = self.rest.split_once(&format!("{name}="))?;
        match rest.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next(),
            None => rest.split(' ').next(),
        }
    }

    /// Whether it takes a system to try it.
    fn needs_machine(&self) -> bool {
        match self.language.as_str() {
            "sh" => self.value("not-run").is_none(),
            _ => self.value("file").is_some(),
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let is_document = |path: &PathBuf| path.extension().is_some_and(|one| one == "md");
    let mut found: Vec<PathBuf> = ["", "docs"]
        .iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(is_document)
        .collect();
    found.sort();
    assert!(found.len() > 10, "the documents were not found");
    found
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

fn blocks(path: &Path) -> Vec<Block> {
    let text = fs::read_to_string(path).unwrap();
    let mut found: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        match line.trim_start().strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                open = true;
                let (language, rest) = info.split_once(' ').unwrap_or((info, ""));
                found.push(Block {
                    place: format!("{}:{}", name(path), number + 1),
                    language: language.to_owned(),
                    rest: rest.to_owned(),
                    text: String::new(),
                });
            }
            None if open => {
                let block = found.last_mut().unwrap();
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {}
        }
    }
    found
}

#[test]
fn configurations_load() {
    let folder = crate::support::milter::fresh_folder();
    let mut wrong = String::new();
    let mut loaded = 0;
    for block in documents().iter().flat_map(|path| blocks(path)) {
        if block.language == "toml" && !block.needs_machine() {
            let file = folder.join("config.toml");
            fs::write(&file, &block.text).unwrap();
            let output = Command::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
                // Not `check`: the addresses are those of the machines that the documents are about.
                .args(["config", "show", "--config"])
                .arg(&file)
                .output()
                .unwrap();
            loaded += 1;
            if !output.status.success() {
                wrong += &format!(
                    "{}: {}",
                    block.place,
                    String::from_utf8_lossy(&output.stderr)
                );
            }
        }
    }
    let _ = fs::remove_dir_all(folder);
    assert!(wrong.is_empty(), "{wrong}");
    assert!(loaded >= 3, "{loaded} configurations were found");
}

#[test]
fn every_command_is_run_or_says_why_not() {
    let mut wrong = Vec::new();
    let mut not_run = Vec::new();
    for path in documents() {
        for block in blocks(&path) {
            match block.value("not-run") {
                Some(reason) if reason.len() < 10 => {
                    wrong.push(format!("{}: no reason", block.place))
                }
                Some(reason) => not_run.push(format!("{}: {reason}", block.place)),
                None => {}
            }
            if matches!(block.language.as_str(), "" | "bash" | "shell" | "console") {
                wrong.push(format!(
                    "{}: `sh` is run; what is no command is `text`",
                    block.place
                ));
            }
        }
        wrong.extend(indented(&path));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        not_run.len(),
        NOT_RUN,
        "these are not run:\n{}",
        not_run.join("\n")
    );
}

/// Code by indentation can't say what it is.
fn indented(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    let (mut fenced, mut list, mut blank) = (false, false, true);
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if !fenced && blank && !list && line.starts_with("    ") {
            wrong.push(format!(
                "{}:{}: a block without a fence",
                name(path),
                number + 1
            ));
        }
        if !line.starts_with(' ') && !line.is_empty() {
            let mark = line.trim_start_matches(|c: char| c.is_ascii_digit());
            list = ["- ", "* ", ". "]
                .iter()
                .any(|start| mark.starts_with(start));
        }
        blank = line.is_empty();
    }
    wrong
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let there = match file {
                "" => path.clone(),
                _ => path.parent().unwrap().join(file),
            };
            let found = match anchor {
                "" => there.exists(),
                _ => anchors(&there).contains(&anchor.to_owned()),
            };
            if !found {
                wrong.push(format!("{}: {target}", name(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names of a document's headings, as GitHub makes them.
fn anchors(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let name = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.collect::<String>().replace(' ', "-")
    };
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(name).collect()
}

#[test]
fn the_way_of_a_newcomer_can_be_gone() {
    for document in INSTALLERS {
        follow(&root().join(document));
    }
}

#[test]
fn the_commands_of_the_guides_run() {
    for path in documents() {
        let name = name(&path);
        if name != OTHER_FILTERS && !INSTALLERS.contains(&name.as_str()) {
            follow(&path);
        }
    }
}

#[test]
fn it_stands_beside_other_filters() {
    follow(&root().join(OTHER_FILTERS));
}

/// Does on a fresh system what a document says.
fn follow(path: &Path) {
    let blocks = blocks(path);
    if !blocks.iter().any(Block::needs_machine) {
        return;
    }
    let at_hand: &[&str] = match name(path) == OTHER_FILTERS {
        true => &NEIGHBOURS,
        false => &[],
    };
    let Some(machine) = Machine::boot_with(at_hand) else {
        return;
    };
    let here = format!("{PACKAGES}/{}", package_name());
    machine.put(&here, package());
    if !INSTALLERS.contains(&name(path).as_str()) {
        machine.sh(&format!("dpkg --install {here}"));
    }
    // As on any server with users, they have an entrance of their own.
    machine.sh("postconf -Me 'submission/inet = submission inet n - y - - smtpd'");
    if LOOKING_BACK.contains(&name(path).as_str()) {
        machine.sh(PAST);
    }
    if name(path) == INTEGRATIONS {
        machine.sh("postconf -Me '127.0.0.1:10025/inet = 127.0.0.1:10025 inet n - n - - smtpd'");
        machine.put("/var/lib/pmg/templates/master.cf.in", GATEWAY);
    }
    let mut said = Said::default();
    for block in &blocks {
        match block.language.as_str() {
            "sh" if block.needs_machine() => {
                said = machine.run(&block.text);
                let expected = block.value("exit").map_or(0, |code| code.parse().unwrap());
                assert!(
                    said.code == Some(expected),
                    "{}:\n{}ended with {:?}:\n{}",
                    block.place,
                    block.text,
                    said.code,
                    said.text
                );
                machine.wait_for(
                    "cd /var/spool/postfix && test -z \"$(find maildrop incoming active -type f)\"",
                );
            }
            "text" if block.rest == "output" => assert_said(block, &said.text),
            language if block.needs_machine() => {
                let file = block.value("file").unwrap();
                machine.put(file, &block.text);
                if language == "toml" {
                    machine.sh("amazon-spoof-milter config check");
                }
            }
            _ => {}
        }
    }
}

/// Each line of the block stands in what was said, in this order.
fn assert_said(block: &Block, said: &str) {
    let mut rest = said;
    for piece in block.text.lines().flat_map(|line| line.split("...")) {
        match rest.split_once(piece.trim()) {
            Some((_, after)) => rest = after,
            None => panic!("{}: {piece:?} doesn't stand in\n{said}", block.place),
        }
    }
}
