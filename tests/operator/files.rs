//! A configuration in several files: which are read, what overrides what, and which are refused.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};

use crate::support::root::{GROUP, left_out};
use crate::{Folder, err, out, run};

/// The answer of `config show` or `config check` over the file and the folder.
fn ask(folder: &Folder, command: &str, main: &str) -> std::process::Output {
    let main = folder.file("config.toml", main);
    let beside = folder.0.join("config.d").display().to_string();
    run(
        &[
            "config",
            command,
            "--config",
            &main,
            "--config-dir",
            &beside,
        ],
        b"",
    )
}

#[test]
fn later_files_override_lists_are_replaced_and_rules_come_together() {
    let folder = Folder::new();
    folder.file(
        "config.d/20-second.toml",
        "[policy]\npreset = \"enforce\"\n[[policy.rules]]\nverdicts = [\"forged\"]\naction = \"tag\"\n",
    );
    folder.file(
        "config.d/10-first.toml",
        "[policy]\npreset = \"monitor\"\n[trust]\nallow = [\"two.example\"]\n\
         [[policy.rules]]\nreasons = [\"via-list\"]\naction = \"accept\"\n",
    );
    // What editors and dpkg leave, and what is no configuration.
    for name in [
        "30-third.toml~",
        ".#20-second.toml",
        "40-fourth.toml.dpkg-dist",
        "README",
    ] {
        folder.file(&format!("config.d/{name}"), "[nonsense]\n");
    }
    let shown = ask(
        &folder,
        "show",
        "[trust]\nallow = [\"one.example\"]\nown_domains = [\"own.example\"]\n\
         [policy]\npreset = \"tag\"\ncontact = \"postmaster@own.example\"\n",
    );
    let shown = out(&shown);
    for line in [
        "preset = \"enforce\"",
        "allow = [\"two.example\"]",
        "own_domains = [\"own.example\"]",
        "contact = \"postmaster@own.example\"",
    ] {
        assert!(shown.lines().any(|one| one == line), "{line}: {shown}");
    }
    let rules = "[[policy.rules]]\nreasons = [\"via-list\"]\naction = \"accept\"\n\n\
                 [[policy.rules]]\nverdicts = [\"forged\"]\naction = \"tag\"\n";
    assert!(shown.contains(rules), "{shown}");
    let said = out(&ask(&folder, "check", ""));
    let here = folder.0.display();
    assert_eq!(
        said,
        format!(
            "the configuration is right\nread: {here}/config.toml\nread: {here}/config.d/10-first.toml\n\
             read: {here}/config.d/20-second.toml\n"
        )
    );
    // Without the folder the file stands alone.
    let main = folder.0.join("config.toml").display().to_string();
    let alone = out(&run(&["config", "show", "--config", &main], b""));
    assert!(
        alone.contains("\npreset = \"tag\"\n") && !alone.contains("rules]]"),
        "{alone}"
    );
}

#[test]
fn errors_name_the_file() {
    let folder = Folder::new();
    folder.file("config.d/10-a.toml", "[dns]\ntimeout = \"20s\"\n");
    folder.file(
        "config.d/20-b.toml",
        "[policy]\npreset = \"mild\"\n[[policy.rules]]\nreasons = [\"via-list\"]\n",
    );
    folder.file("config.d/30-c.toml", "[policy\n");
    let output = ask(&folder, "check", "[milter]\nlisten = 5\n");
    assert_eq!(output.status.code(), Some(2));
    let here = folder.0.display().to_string();
    let found: Vec<String> = err(&output)
        .lines()
        .skip(1)
        .map(|line| line.trim_start().replace(&here, "{folder}"))
        .collect();
    assert_eq!(
        found,
        [
            r#"{folder}/config.toml: line 2: milter.listen: the value is no text in quotes; allowed is "inet:HOST:PORT", "inet:PORT@HOST" or "unix:/PATH""#,
            r#"{folder}/config.d/10-a.toml: line 2: dns.timeout: it is longer than dns.deadline, "10s"; allowed is at most dns.deadline"#,
            r#"{folder}/config.d/20-b.toml: line 2: policy.preset: "mild": this is none of the words; allowed is "tag", "enforce" or "monitor""#,
            r#"{folder}/config.d/20-b.toml: line 3: policy.rules[1].action: it is missing; allowed is "accept", "tag", "quarantine", "defer", "reject" or "discard""#,
            r#"{folder}/config.d/30-c.toml: line 1: this is no TOML: unclosed table, expected `]`"#,
        ]
    );
}

#[test]
fn what_others_could_have_written_is_refused() {
    let folder = Folder::new();
    let good = folder.file("config.d/10-good.toml", "[policy]\npreset = \"enforce\"\n");
    let beside = folder.0.join("config.d");
    assert_eq!(ask(&folder, "check", "").status.code(), Some(0));
    let refused = |what: &str, why: &str| {
        let output = ask(&folder, "check", "");
        assert_eq!(output.status.code(), Some(2), "{what}");
        assert!(err(&output).contains(why), "{what}: {}", err(&output));
    };
    let mode = |path: &str, mode: u32| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("its mode");
    };
    for bits in [0o664, 0o646] {
        mode(&good, bits);
        refused(
            "a file that others write",
            "config.d/10-good.toml can't be read: others than its owner may write it (chmod go-w)",
        );
    }
    mode(&good, 0o644);
    let folder_path = beside.display().to_string();
    mode(&folder_path, 0o777);
    refused(
        "a folder that others write",
        "config.d can't be read: others than its owner may write it (chmod go-w)",
    );
    mode(&folder_path, 0o755);

    let link = beside.join("20-link.toml");
    symlink(&good, &link).expect("a link");
    refused(
        "a link",
        "20-link.toml can't be read: it is no regular file",
    );
    fs::remove_file(&link).expect("the link");
    fs::create_dir(&link).expect("a folder");
    refused(
        "a folder",
        "20-link.toml can't be read: it is no regular file",
    );
    fs::remove_dir(&link).expect("the folder");
    assert_eq!(ask(&folder, "check", "").status.code(), Some(0));

    let nowhere = folder.0.join("nowhere").display().to_string();
    let output = run(&["config", "check", "--config-dir", &nowhere], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("nowhere can't be read: No such file"));

    if !left_out(GROUP) {
        chown(&good, Some(4_242), None).expect("another owner");
        refused(
            "a file of another user",
            "10-good.toml can't be read: it belongs to user 4242, neither to root nor to the user of \
             this program (chown root)",
        );
    }
}
