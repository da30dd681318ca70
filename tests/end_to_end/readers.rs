//! The rules of docs/headers.md and docs/other-filters.md, run by the programs that they are for, on messages that came through
//! the filter.

use std::fs;
use std::io::Write;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::Site;
use crate::support::milter::{MilterConfig, fresh_folder};
use crate::support::root::{POSTFIX, left_out};
use crate::support::samples::samples;
use crate::support::unpacked::Unpacked;

/// The account that mail is delivered as: Dovecot delivers to none that is root.
const NOBODY: u32 = 65_534;

/// The rules in a document in one language, in their order.
fn rules(document: &str, language: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let text = fs::read_to_string(path).expect(document);
    let blocks: Vec<String> = text
        .split(&format!("\n```{language}"))
        .skip(1)
        .filter_map(|rest| {
            let (_, rest) = rest.split_once('\n')?;
            Some(rest.split_once("```")?.0.to_owned())
        })
        .collect();
    assert!(!blocks.is_empty(), "no rules for {language}");
    blocks
}

/// A folder that [`NOBODY`] may write to; it goes with the value.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        let folder = fresh_folder();
        chown(&folder, Some(NOBODY), Some(NOBODY)).expect("chown");
        Self(folder)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).expect("write");
        path
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Name and octets of each sample as its recipient got it.
fn delivered() -> Vec<(&'static str, Vec<u8>)> {
    let site = Site::start(&MilterConfig::default());
    let all: Vec<_> = samples()
        .iter()
        .map(|sample| {
            assert!(site.send(sample).accepted());
            (sample.name, site.delivered(sample))
        })
        .collect();
    assert_eq!(all.len(), 5);
    all
}

/// Runs a program with a message as its input.
fn feed(mut command: Command, message: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a program");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(message)
        .expect("its input");
    let output = child.wait_with_output().expect("its end");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output
}

/// What Pigeonhole says that a script does with a message.
fn sieve(programs: &Unpacked, script: &str, message: &[u8]) -> String {
    let home = Home::new();
    let script = home.file("rules.sieve", script);
    let mail = home.file("message.eml", message);
    let mut command = programs.command("sieve-test");
    // Without a configuration file: these are all that it needs.
    command.arg("-O");
    for setting in [
        format!("mail_uid={NOBODY}"),
        format!("mail_gid={NOBODY}"),
        format!("mail_home={}", home.0.display()),
        format!("mail_location=maildir:{}/mail", home.0.display()),
        "postmaster_address=postmaster@recipient.test".to_owned(),
    ] {
        command.arg("-o").arg(setting);
    }
    command.arg(script).arg(mail);
    let output = feed(command, b"");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn sieve_files_as_the_document_says() {
    if left_out(POSTFIX) {
        return;
    }
    let programs = Unpacked::packages("sieve-pkg", &["dovecot-sieve"]);
    let rules = rules("docs/headers.md", "sieve");
    let [by_verdict, by_reason] = rules.as_slice() else {
        panic!("{rules:?}");
    };
    let unsure = b"X-Amazon-Spoof-Verdict: suspicious; action=tag; reasons=subject,deceptive-link\r\n\r\nx\r\n";
    let mut messages = delivered();
    messages.push(("unsure", unsure.to_vec()));
    let released = b"X-Amazon-Spoof-Verdict: lookalike; action=quarantine; author=evil.example; reasons=lookalike-author-domain\r\n\r\nx\r\n";
    messages.push(("released", released.to_vec()));
    let expected = [
        ("genuine", "INBOX", "Amazon"),
        ("forged", "Junk", "INBOX"),
        ("lookalike", "Junk", "(none)"),
        ("display-name", "Junk", "INBOX"),
        ("ordinary", "INBOX", "INBOX"),
        ("unsure", "INBOX", "INBOX"),
        ("released", "INBOX", "INBOX"),
    ];
    assert_eq!(messages.len(), expected.len());
    for ((name, message), (expected, verdict, reason)) in messages.iter().zip(expected) {
        assert_eq!(*name, expected);
        let done = sieve(&programs, by_verdict, message);
        let stored = |done: &str, folder: &str| match folder {
            "INBOX" => done.contains("store message in folder: INBOX"),
            "(none)" => !done.contains("store message in folder"),
            folder => done.contains(&format!("store message in folder: {folder}\n")),
        };
        assert!(stored(&done, verdict), "{name}: {done}");
        assert_eq!(
            done.contains("$label1"),
            *name == "unsure",
            "{name}: {done}"
        );
        let done = sieve(&programs, by_reason, message);
        assert!(stored(&done, reason), "{name}: {done}");
    }
}

#[test]
fn procmail_files_as_the_document_says() {
    if left_out(POSTFIX) {
        return;
    }
    let programs = Unpacked::packages("procmail-pkg", &["procmail"]);
    let rules = rules("docs/headers.md", "procmail").concat();
    for (name, message) in delivered() {
        let home = Home::new();
        let folder = home.0.display();
        let rules = home.file(
            "rc",
            format!("MAILDIR={folder}\nDEFAULT={folder}/Inbox\n{rules}"),
        );
        let mut command = programs.command("procmail");
        command.arg("-m").arg(rules);
        feed(command, &message);
        let spoof = !matches!(name, "genuine" | "ordinary");
        assert_eq!(home.0.join("Junk").exists(), spoof, "{name}");
        assert_eq!(home.0.join("Inbox").exists(), !spoof, "{name}");
    }
}

#[test]
fn spamassassin_scores_as_the_document_says() {
    if left_out(POSTFIX) {
        return;
    }
    let programs = Unpacked::packages("spamassassin-pkg", &["spamassassin"]);
    let home = Home::new();
    for folder in ["site", "rules"] {
        fs::create_dir(home.0.join(folder)).expect("a folder");
    }
    home.file(
        "site/local.cf",
        rules("docs/other-filters.md", "spamassassin").concat(),
    );
    // No rules but those of the document, so that nothing else scores.
    home.file(
        "rules/only.cf",
        "loadplugin Mail::SpamAssassin::Plugin::Check\nuse_bayes 0\nreport_safe 0\n\
         clear_headers\nadd_header all Status _YESNO_ _TESTS_\n",
    );
    home.file("prefs", "");
    let spamassassin = |more: &[&str]| {
        // Perl in its taint mode, which the program asks for, takes folders as options only.
        let mut command = programs.command("perl");
        command.arg("-T");
        let libraries = programs.0.join("usr/lib");
        let mut folders = vec![programs.0.join("usr/share/perl5")];
        // Where the system has them all there is no such folder.
        let architectures = fs::read_dir(libraries).into_iter().flatten().flatten();
        for architecture in architectures {
            let perl = architecture.path().join("perl5");
            folders.extend(
                fs::read_dir(perl)
                    .into_iter()
                    .flatten()
                    .flatten()
                    .map(|version| version.path()),
            );
        }
        for folder in folders {
            command.arg("-I").arg(folder);
        }
        command.arg(programs.0.join("usr/bin/spamassassin"));
        command.arg("--local");
        for (option, name) in [
            ("--siteconfigpath", "site"),
            ("--configpath", "rules"),
            ("--prefspath", "prefs"),
        ] {
            command.arg(format!("{option}={}", home.0.join(name).display()));
        }
        command.args(more).current_dir(&home.0).env("HOME", &home.0);
        command
    };
    feed(spamassassin(&["--lint"]), b"");
    for (name, message) in delivered() {
        let output = feed(spamassassin(&[]), &message);
        let marked = String::from_utf8_lossy(&output.stdout).into_owned();
        let status = marked
            .lines()
            .find_map(|line| line.strip_prefix("X-Spam-Status: "))
            .unwrap_or_else(|| panic!("{marked}"));
        let expected = match name {
            "genuine" | "ordinary" => "No none",
            _ => "Yes AMAZON_SPOOF",
        };
        assert_eq!(status, expected, "{name}");
    }
}
