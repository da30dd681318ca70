//! The commands that need no server: `check`, `domains`, `config`, and what documents the program.

use std::os::unix::process::CommandExt;

use serde_json::Value;

use crate::support::dns::ZoneServer;
use crate::support::samples::{samples, zone};
use crate::{Folder, err, out, run, silent_dns};

const ORDINARY: &str = "From: Jane <jane@friend.example>\nSubject: x\n\nhi\n";
const NO_MESSAGE: &str =
    "this is no mail message: it doesn't begin with a header field such as \"From: \"";

/// A configuration whose DNS gives up soon.
const IMPATIENT: &str = "[dns]\ntimeout = \"200ms\"\ndeadline = \"500ms\"\n";

fn sample(name: &str) -> Vec<u8> {
    let mut all = samples().into_iter();
    all.find(|sample| sample.name == name)
        .expect("a sample")
        .message
}

/// Verdict by file, of `check --format json`.
fn verdicts(output: &std::process::Output) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    out(output)
        .lines()
        .map(|line| {
            let object: Value = serde_json::from_str(line).expect("JSON");
            let file = word(&object["file"]);
            let name = file.rsplit('/').next().expect("a name").to_owned();
            (name, word(&object["verdict"]))
        })
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(file, verdict): &(&str, &str)| ((*file).to_owned(), (*verdict).to_owned());
    expected.iter().map(owned).collect()
}

#[test]
fn the_exit_code_says_whether_a_spoof_was_found_or_something_was_unreadable() {
    let dns = ZoneServer::start(&zone());
    let dns = dns.addr.to_string();
    let folder = Folder::new();
    let good = folder.file("good.eml", sample("genuine"));
    let spoof = folder.file("spoof.eml", sample("lookalike"));
    let binary = folder.file("binary.eml", b"\0\x01\x02");
    for (files, code) in [
        (vec![&*good], 0),
        (vec![&*good, &*spoof], 1),
        (vec![&*spoof, &*binary], 2),
        (vec![&*binary, &*good], 2),
    ] {
        let arguments = [["check", "--dns", &dns].as_slice(), &files].concat();
        let output = run(&arguments, b"");
        assert_eq!(
            output.status.code(),
            Some(code),
            "{files:?}: {}",
            out(&output)
        );
    }
    // Wrong use.
    for arguments in [
        vec!["check"],
        vec!["check", "--dns", "ns.example", &*good],
        vec!["check", "--offline", "--dns", &dns, &*good],
        vec!["check", "--client-ip", "here", &*good],
        vec!["frobnicate"],
        vec![],
    ] {
        let output = run(&arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = err(&output);
        assert!(
            said.contains("Usage: ") || said.contains("try '--help'"),
            "{said}"
        );
    }
}

#[test]
fn what_is_no_message_is_told_and_the_others_are_judged() {
    let folder = Folder::new();
    let files = [
        folder.file("binary.eml", b"\0\x01\x02"),
        folder.file("empty.eml", ""),
        folder.file("text.eml", "just some text\nand more\n"),
        folder.0.join("missing.eml").display().to_string(),
        folder.file("ordinary.eml", ORDINARY),
    ];
    let paths: Vec<&str> = files.iter().map(String::as_str).collect();
    let arguments = [["check", "--offline"].as_slice(), &paths].concat();
    let output = run(&arguments, b"");
    assert_eq!(output.status.code(), Some(2));
    let [binary, empty, text, missing, ordinary] = &files;
    assert_eq!(
        out(&output),
        format!(
            "{binary}: error: {NO_MESSAGE}\n{empty}: error: {NO_MESSAGE}\n{text}: error: \
             {NO_MESSAGE}\n{missing}: error: No such file or directory (os error 2)\n{ordinary}: \
             unrelated (accept)\n  This mail does not present itself as Amazon.\n\n5 messages: 1 \
             unrelated, 4 unreadable\n"
        )
    );
    let arguments = [
        ["check", "--offline", "--format", "json"].as_slice(),
        &paths,
    ]
    .concat();
    let output = run(&arguments, b"");
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<Value> = out(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let expected = serde_json::json!({ "file": binary, "error": NO_MESSAGE });
    assert_eq!(lines[0], expected);
    assert_eq!(lines[3]["error"], "No such file or directory (os error 2)");
    assert_eq!(lines[4]["verdict"], "unrelated");
    assert_eq!(lines[4].get("error"), None);
}

#[test]
fn standard_input_and_folders_are_read() {
    let output = run(
        &["check", "--offline", "--format", "json", "-"],
        ORDINARY.as_bytes(),
    );
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(verdicts(&output), pairs(&[("-", "unrelated")]));

    let folder = Folder::new();
    folder.file("b.eml", ORDINARY);
    folder.file("a/inner.eml", ORDINARY);
    folder.file("c.eml", sample("lookalike"));
    let root = folder.0.display().to_string();
    let output = run(&["check", "--offline", "--format", "json", &root], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        verdicts(&output),
        pairs(&[
            ("inner.eml", "unrelated"),
            ("b.eml", "unrelated"),
            ("c.eml", "lookalike"),
        ])
    );
}

#[test]
fn without_network_a_claim_is_unverifiable_and_the_reason_is_told() {
    let folder = Folder::new();
    let genuine = folder.file("genuine.eml", sample("genuine"));
    let output = run(&["check", "--offline", &genuine], b"");
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let said = out(&output);
    assert!(
        said.starts_with(&format!("{genuine}: unverifiable (tag)\n")),
        "{said}"
    );
    assert!(
        said.contains("could not be checked: DNS was not asked."),
        "{said}"
    );

    let (_socket, dead) = silent_dns();
    let config = folder.file("config.toml", IMPATIENT);
    let arguments = [
        "check",
        "--config",
        &config,
        "--dns",
        &dead.to_string(),
        &genuine,
    ];
    let output = run(&arguments, b"");
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let said = out(&output);
    assert!(
        said.starts_with(&format!("{genuine}: unverifiable (tag)\n")),
        "{said}"
    );
    assert!(said.contains("DNS did not answer"), "{said}");
    assert!(said.contains("dns-temporary-failure"), "{said}");
}

#[test]
fn the_envelope_that_is_given_is_what_spf_judges() {
    let dns = ZoneServer::start(&zone());
    let dns = dns.addr.to_string();
    let folder = Folder::new();
    let forged = folder.file("forged.eml", sample("forged"));
    let check = |more: &[&str]| {
        let arguments = ["check", "--format", "json", "--dns", &dns];
        let arguments = [arguments.as_slice(), more, &[&forged]].concat();
        let object: Value = serde_json::from_str(&out(&run(&arguments, b""))).expect("JSON");
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        (
            word(&object["verdict"]),
            word(&object["auth"]["spf"]["result"]),
        )
    };
    let sender = ["--mail-from", "x@amazon.com"];
    let genuine = [["--client-ip", "192.0.2.10"], sender].concat();
    assert_eq!(check(&genuine), ("verified".into(), "pass".into()));
    let elsewhere = [["--client-ip", "203.0.113.30"], sender].concat();
    assert_eq!(check(&elsewhere), ("forged".into(), "fail".into()));
    assert_eq!(check(&[]), ("unverifiable".into(), "none".into()));
}

#[test]
fn hosts_are_classified_from_arguments_or_standard_input() {
    let output = run(
        &[
            "domains",
            "classify",
            "amazon.com",
            "Amazon.CO.UK.",
            "foo.example",
        ],
        b"",
    );
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let classes = |output: &std::process::Output| {
        out(output)
            .lines()
            .map(|line| {
                let fields: Vec<&str> = line.split('\t').collect();
                assert_eq!(fields.len(), 3, "{line}");
                (fields[0].to_owned(), fields[1].to_owned())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        classes(&output),
        pairs(&[
            ("amazon.com", "official"),
            ("Amazon.CO.UK.", "official"),
            ("foo.example", "unrelated"),
        ])
    );
    let input = b"media-amazon.com\n\n  amazon.com.evil.example \r\nevil\x1b[2J\n";
    let output = run(&["domains", "classify"], input);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(
        classes(&output),
        pairs(&[
            ("media-amazon.com", "owned"),
            ("amazon.com.evil.example", "lookalike"),
            ("evil\\u{1b}[2J", "unrelated"),
        ])
    );
}

#[test]
fn the_list_shows_class_and_source_of_each_entry() {
    let output = run(&["domains", "list"], b"");
    assert_eq!(output.status.code(), Some(0));
    let text = out(&output);
    let entries: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert!(entries.iter().all(|entry| entry.len() == 4), "{text}");
    let guidance = entries
        .iter()
        .filter(|entry| entry[2] == "official-guidance");
    assert_eq!(guidance.count(), 21, "{text}");
    let entry = |domain: &str| entries.iter().find(|entry| entry[0] == domain);
    let amazon = entry("amazon.com").expect("amazon.com");
    assert_eq!(amazon[1..3], ["official-sender", "official-guidance"]);
    assert!(amazon[3].split(';').any(|source| source == "SEED"));
    assert_eq!(entry("media-amazon.com").expect("an entry")[1], "owned");
}

#[test]
fn the_configuration_in_force_is_one_that_loads_again() {
    let folder = Folder::new();
    let file = folder.file("config.toml", "[policy]\npreset = \"enforce\"\n");
    let show = |file: &str| {
        let output = run(&["config", "show", "--config", file], b"");
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    };
    let shown = show(&file);
    assert!(
        shown.contains("\n[policy]\npreset = \"enforce\"\n"),
        "{shown}"
    );
    assert!(
        shown.starts_with("[milter]\nlisten = \"inet:127.0.0.1:8895\"\n"),
        "{shown}"
    );
    let again = folder.file("again.toml", &shown);
    assert_eq!(show(&again), shown);
    let output = run(&["config", "check", "--config", &again], b"");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(out(&output), "the configuration is right\n");
}

#[test]
fn the_program_documents_itself() {
    let version = run(&["--version"], b"");
    assert_eq!(version.status.code(), Some(0));
    let expected = format!("amazon-spoof-milter {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(out(&version), expected);

    let help = run(&["--help"], b"");
    assert_eq!(help.status.code(), Some(0));
    for command in [
        "run",
        "check",
        "domains",
        "config",
        "held",
        "man",
        "completions",
    ] {
        assert!(
            out(&help).contains(&format!("\n  {command} ")),
            "{}",
            out(&help)
        );
    }
    let man = run(&["man"], b"");
    assert_eq!(man.status.code(), Some(0));
    assert!(
        out(&man).contains(".TH amazon-spoof-milter 1 "),
        "{}",
        out(&man)
    );
    let completions = run(&["completions", "bash"], b"");
    assert_eq!(completions.status.code(), Some(0));
    assert!(out(&completions).contains(" amazon-spoof-milter\n"));
}

/// Each command is known, with its options; what it does is no matter here.
#[test]
fn the_examples_of_the_manual_page_are_commands_that_there_are() {
    let page = out(&run(&["man"], b""));
    let (_, examples) = page.split_once(".SH EXAMPLES\n").expect("the section");
    let commands: Vec<String> = examples
        .split(".EX\n")
        .skip(1)
        .filter_map(|rest| rest.lines().next())
        .map(|line| line.replace("\\-", "-").replace("\\.", "."))
        .collect();
    assert!(commands.len() >= 5, "{page}");
    for command in commands {
        let (own, _) = command.split_once(" | ").unwrap_or((&command, ""));
        let words: Vec<&str> = own.split(' ').skip(1).chain(["--help"]).collect();
        let output = run(&words, b"");
        assert_eq!(output.status.code(), Some(0), "{command}: {}", err(&output));
        assert!(out(&output).contains("Usage: "), "{command}");
    }
}

#[test]
fn only_root_sees_and_releases_what_is_on_hold() {
    for arguments in [
        ["held", "list"].as_slice(),
        &["held", "show", "4F2A9E1B07C-1795645029"],
        &["held", "release", "4F2A9E1B07C-1795645029"],
        &["held", "delete", "--older-than", "7d"],
        &["held", "digest", "--to", "ops@example.org"],
    ] {
        let mut command = std::process::Command::new(crate::program());
        command.args(arguments);
        if rustix::process::geteuid().is_root() {
            command.uid(65_534);
        }
        let output = command.output().expect("the program");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(out(&output), "", "{arguments:?}");
        assert_eq!(
            err(&output),
            "amazon-spoof-milter: only root may see and release what Postfix holds\n",
            "{arguments:?}"
        );
    }
    for wrong in [
        ["held"].as_slice(),
        &["held", "release"],
        &["held", "release", "ALL"],
        &["held", "release", "-"],
        &[
            "held",
            "delete",
            "--older-than",
            "7d",
            "4F2A9E1B07C-1795645029",
        ],
        &["held", "list", "--older-than", "soon"],
        &["held", "digest", "--to", "-t"],
        &["held", "digest", "--to", "a@b, c@d"],
    ] {
        let output = run(wrong, b"");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(
            !err(&output).contains("only root"),
            "{wrong:?}: {}",
            err(&output)
        );
    }
}

#[test]
fn a_reader_who_goes_away_is_no_fault() {
    for arguments in [
        ["domains", "list"].as_slice(),
        &["config", "show"],
        &["completions", "bash"],
        &["man"],
    ] {
        let mut child = std::process::Command::new(crate::program())
            .args(arguments)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("its end");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{arguments:?}: {}",
            err(&output)
        );
        assert_eq!(err(&output), "", "{arguments:?}");
    }
}
