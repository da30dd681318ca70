//! What bash, zsh and fish complete: commands, commands below them, options and their values.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::unpacked::Unpacked;
use crate::{Folder, out, program, run};

/// A line as far as it is typed, and what is offered for its last word.
const LINES: [(&str, &str); 9] = [
    ("ch", "check"),
    ("check --f", "--format"),
    ("check --format js", "json"),
    ("check --only", "--only-spoofs"),
    ("domains cl", "classify"),
    ("domains audit --sn", "--snapshot"),
    ("config check --config-", "--config-dir"),
    ("held rel", "release"),
    ("held digest --t", "--to"),
];

fn script(shell: &str) -> String {
    let output = run(&["completions", shell], b"");
    assert_eq!(output.status.code(), Some(0));
    out(&output)
}

fn said(output: &Output) -> String {
    format!("{}{}", out(output), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn bash_completes_below_the_first_word() {
    let folder = Folder::new();
    let file = folder.file("completions.bash", script("bash"));
    for (line, expected) in LINES {
        // As bash calls it: the program, the word that is being typed, and the one before it.
        let typed = format!(
            "source {file}; COMP_WORDS=(amazon-spoof-milter {line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             function=$(complete -p amazon-spoof-milter | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
             $function amazon-spoof-milter \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let output = Command::new("bash")
            .args(["-c", &typed])
            .output()
            .expect("bash");
        assert_eq!(said(&output), format!("{expected}\n"), "{line}");
    }
}

#[test]
fn fish_completes_below_the_first_word() {
    let fish = Unpacked::packages("fish-pkg", &["fish"]);
    let folder = Folder::new();
    let file = folder.file("completions.fish", script("fish"));
    let functions = fish.0.join("usr/share/fish/functions");
    for (line, expected) in LINES {
        let typed = format!(
            "set fish_function_path {}; source {file}; complete -C 'amazon-spoof-milter {line}'",
            functions.display()
        );
        let mut command = fish.command("fish");
        command
            .args(["--no-config", "-c", &typed])
            .env("HOME", &folder.0);
        let output = command.output().expect("fish");
        let said = said(&output);
        let words: Vec<&str> = said
            .lines()
            .filter_map(|line| line.split('\t').next())
            .collect();
        assert_eq!(words, [expected], "{line}: {said}");
    }
}

/// Typed into a shell on a terminal, since zsh completes nowhere else.
#[test]
fn zsh_completes_below_the_first_word() {
    let zsh = Unpacked::packages("zsh-pkg", &["zsh"]);
    let folder = Folder::new();
    folder.file("functions/_amazon-spoof-milter", script("zsh"));
    // The shell completes commands that it finds.
    let bin = folder.0.join("bin");
    fs::create_dir(&bin).expect("a folder");
    std::os::unix::fs::symlink(program(), bin.join("amazon-spoof-milter")).expect("a link");
    let path = std::env::var("PATH").expect("PATH");
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/operator/complete.zsh");
    let mut command = zsh.command("zsh");
    command
        .arg("-f")
        .arg(driver)
        .arg(&zsh.0)
        .arg(folder.0.join("functions"))
        .args(LINES.map(|(line, _)| format!("amazon-spoof-milter {line}")))
        .env("HOME", &folder.0)
        .env("TERM", "dumb")
        .env("PATH", format!("{}:{path}", bin.display()));
    let output = command.output().expect("zsh");
    let said = said(&output);
    let lines: Vec<&str> = said.split("=== ").skip(1).collect();
    assert_eq!(lines.len(), LINES.len(), "{said}");
    for ((line, expected), shown) in LINES.iter().zip(lines) {
        let (before, _) = line.rsplit_once(' ').unwrap_or(("", line));
        let whole = format!("amazon-spoof-milter {before} {expected}").replace("  ", " ");
        let (_, typed) = shown.split_once('\n').expect("what the terminal got");
        assert!(
            typed.contains(&whole),
            "{line}: {whole:?} is not in {typed:?}"
        );
    }
}
