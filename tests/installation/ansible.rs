//! The Ansible role: what it makes of a fresh system, that it makes nothing of it a second time, and that it goes back.

use std::fs;
use std::path::{Path, PathBuf};

use crate::documents::NEIGHBOURS;
use crate::machine::Machine;
use crate::package::package;

const ROLE: &str = "deploy/ansible";

/// How a run is begun: this machine is the one host of the group.
const RUN: &str =
    "cd /root/ansible && ansible-playbook --inventory mail, --connection local playbook.yml";

/// Copies a folder of this source there.
fn put_folder(machine: &Machine, from: &Path, to: &str) {
    for entry in fs::read_dir(from).unwrap().flatten() {
        let path: PathBuf = entry.path();
        let there = format!("{to}/{}", entry.file_name().to_string_lossy());
        match path.is_dir() {
            true => put_folder(machine, &path, &there),
            false => machine.put(&there, fs::read(path).unwrap()),
        }
    }
}

/// How many tasks of a run changed something.
fn changed(said: &str) -> u32 {
    let line = said
        .lines()
        .find(|line| line.contains("changed="))
        .expect(said);
    let (_, rest) = line.split_once("changed=").unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn the_ansible_role_changes_nothing_the_second_time() {
    let Some(machine) = Machine::boot_with(&NEIGHBOURS) else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(ROLE);
    put_folder(&machine, &root, "/root/ansible");
    machine.put("/root/ansible/amazon-spoof-milter.deb", package());
    machine.sh("apt-get install --yes ansible-core ansible-lint python3-apt");
    machine.sh("cd /root/ansible && sed -i 's/hosts: mail/hosts: all/' playbook.yml");
    machine.sh(
        "postconf -e 'smtpd_milters = inet:127.0.0.1:8891, { inet:127.0.0.1:8893, default_action=accept }'
         postconf -Me 'submission/inet = submission inet n - y - - smtpd'",
    );
    let services =
        r#"--extra-vars '{"amazon_spoof_milter_unasked_services": ["submission", "smtps"]}'"#;

    let first = machine.sh(&format!("{RUN} {services}"));
    assert!(changed(&first) >= 6, "{first}");
    assert_eq!(
        machine.sh("postconf -h smtpd_milters").trim(),
        "{ inet:127.0.0.1:8895, default_action=accept, connect_timeout=5s, content_timeout=60s }, \
         inet:127.0.0.1:8891, { inet:127.0.0.1:8893, default_action=accept }"
    );
    assert_eq!(
        machine
            .sh("postconf -P submission/inet/smtpd_milters")
            .trim(),
        "submission/inet/smtpd_milters ="
    );
    let second = machine.sh(&format!("{RUN} {services}"));
    assert_eq!(changed(&second), 0, "{second}");

    // The two others aren't there.
    machine.sh("postconf -e 'milter_default_action = accept'; postfix reload");
    machine.sh(
        "swaks --server 198.51.100.7 --from news@shop.example --to root@localhost \
         --header 'From: account@security-amazon.com'",
    );
    machine.wait_for("grep --text '^X-Amazon-Spoof-Verdict: lookalike; action=tag' /var/mail/root");

    let wrong = r#"{"amazon_spoof_milter_config": "[milter]\nlisten = 1\n"}"#;
    let wrong = machine.run(&format!("{RUN} --extra-vars '{wrong}'"));
    assert!(wrong.text.contains("failed to validate"), "{}", wrong.text);
    machine.sh("amazon-spoof-milter config check");

    let back = machine.sh(&format!(
        "{RUN} --extra-vars '{{\"amazon_spoof_milter_in_postfix\": false}}'"
    ));
    assert_eq!(changed(&back), 2, "{back}");
    assert_eq!(
        machine.sh("postconf -h smtpd_milters").trim(),
        "inet:127.0.0.1:8891, { inet:127.0.0.1:8893, default_action=accept }"
    );

    let lint =
        machine.run("cd /root/ansible && ansible-lint --offline --profile production playbook.yml");
    assert_eq!(lint.code, Some(0), "{}", lint.text);
}
