//! The package: lint, hardening, install, start, reload, faults, removal.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::machine::Machine;

const CONFIG: &str = "/etc/amazon-spoof-milter/config.toml";

/// The package as `make deb` makes it, but of the program that is tested.
pub(crate) fn package() -> &'static [u8] {
    static PACKAGE: OnceLock<Vec<u8>> = OnceLock::new();
    PACKAGE.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let output = Command::new("sh")
            .arg(root.join("deploy/debian/build.sh"))
            .arg(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
            .arg(root.join("target/package-of-tests"))
            .arg("--fast")
            .stderr(Stdio::inherit())
            .output()
            .expect("deploy/debian/build.sh");
        assert!(
            output.status.success(),
            "deploy/debian/build.sh failed (above)"
        );
        let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    })
}

/// A property of the unit, such as `NRestarts`.
fn show(machine: &Machine, property: &str) -> String {
    let value = machine.sh(&format!(
        "systemctl show --value --property {property} amazon-spoof-milter"
    ));
    value.trim().to_owned()
}

/// Everything on the disk but what the system itself writes as it goes.
const FILES: &str = "find / -xdev \\( -path /var/lib/dpkg -o -path /var/log -o -path /var/cache \
    -o -path /var/spool/postfix -o -path /root -o -name '*-' \\) -prune -o -print | sort";

#[test]
fn it_has_no_fault_that_lintian_knows() {
    let Some(machine) = Machine::boot() else {
        return;
    };
    machine.put("/root/package.deb", package());
    // That nobody asked Debian for it is no fault of the package.
    let said = machine.run(
        "lintian --allow-root --fail-on error,warning \
         --suppress-tags initial-upload-closes-no-bugs package.deb",
    );
    assert_eq!((said.code, said.text.trim()), (Some(0), ""));
}

#[test]
fn it_lives_and_goes_as_an_operator_expects() {
    let Some(machine) = Machine::boot() else {
        return;
    };
    machine.put("/root/package.deb", package());
    let before = machine.sh(FILES);

    machine.sh("dpkg --install package.deb");
    starts_hardened(&machine);
    reloads(&machine);
    is_not_restarted_with_a_wrong_configuration(&machine);
    is_restarted_after_a_crash(&machine);
    is_restarted_when_it_hangs(&machine);
    listens_in_the_chroot(&machine);

    machine.sh("dpkg --remove amazon-spoof-milter");
    assert_eq!(machine.run("pgrep -f amazon-spoof-milter").text, "");
    machine.sh(&format!("test -f {CONFIG}"));
    machine.sh("echo of-ones-own >/etc/amazon-spoof-milter/amazon.toml");
    machine.sh("dpkg --purge amazon-spoof-milter");
    let left: Vec<String> = {
        let after = machine.sh(FILES);
        let known: Vec<&str> = before.lines().collect();
        after
            .lines()
            .filter(|path| !known.contains(path))
            .map(str::to_owned)
            .collect()
    };
    assert!(left.is_empty(), "the package left these behind: {left:?}");
    machine
        .sh("! getent passwd amazon-spoof-milter && ! ls /var/spool/postfix/amazon-spoof-milter");
}

fn starts_hardened(machine: &Machine) {
    assert_eq!(
        machine.sh("systemctl is-active amazon-spoof-milter").trim(),
        "active"
    );
    assert_eq!(
        machine
            .sh("systemctl is-enabled amazon-spoof-milter")
            .trim(),
        "enabled"
    );
    machine.sh("systemd-analyze security --offline=yes --threshold=15 amazon-spoof-milter.service");
    let user = machine.sh("ps -o user:30= -C amazon-spoof-milter");
    assert_eq!(user.trim(), "amazon-spoof-milter");
    machine.sh("curl --silent --fail http://127.0.0.1:9895/readyz");
    machine.sh("man --where 1 amazon-spoof-milter && man --where 5 amazon-spoof-milter.toml");
    machine.sh("bash -n /usr/share/bash-completion/completions/amazon-spoof-milter");
}

fn reloads(machine: &Machine) {
    let process = show(machine, "MainPID");
    machine.put(CONFIG, "[policy]\npreset = \"monitor\"\n");
    machine.sh("systemctl reload amazon-spoof-milter");
    machine.wait_for(
        "curl --silent http://127.0.0.1:9895/metrics | \
         grep -x 'amazon_spoof_milter_config_reloads_total{result=\"success\"} 1'",
    );
    machine.put(CONFIG, "[policy]\npreset = \"mild\"\n");
    let said = machine.run("systemctl reload amazon-spoof-milter");
    assert_eq!(said.code, Some(1), "{}", said.text);
    machine.wait_for(
        "curl --silent http://127.0.0.1:9895/metrics | \
         grep -x 'amazon_spoof_milter_config_reloads_total{result=\"failure\"} 1'",
    );
    machine.wait_for(
        "journalctl --unit amazon-spoof-milter | grep 'the old configuration stays in force'",
    );
    assert_eq!(show(machine, "MainPID"), process);
    assert_eq!(
        machine.sh("systemctl is-active amazon-spoof-milter").trim(),
        "active"
    );
}

/// It takes over the wrong configuration that [`reloads`] leaves.
fn is_not_restarted_with_a_wrong_configuration(machine: &Machine) {
    let said = machine.run("systemctl restart amazon-spoof-milter");
    assert_eq!(said.code, Some(1), "{}", said.text);
    // A unit that is to be started again would say `auto-restart`.
    assert_eq!(show(machine, "SubState"), "failed");
    assert_eq!(show(machine, "ExecMainStatus"), "2");
    machine.put(CONFIG, "");
    machine.sh("systemctl start amazon-spoof-milter");
}

fn is_restarted_after_a_crash(machine: &Machine) {
    machine.sh("systemctl kill --kill-whom main --signal KILL amazon-spoof-milter");
    machine.wait_for(
        "test \"$(systemctl show --value --property NRestarts amazon-spoof-milter)\" = 1 && \
         curl --silent --fail http://127.0.0.1:9895/readyz",
    );
}

/// The spans are shorter than the unit's, so that nobody has to wait for them.
fn is_restarted_when_it_hangs(machine: &Machine) {
    let hurry = "/etc/systemd/system/amazon-spoof-milter.service.d/hurry.conf";
    machine.put(hurry, "[Service]\nWatchdogSec=3s\nTimeoutAbortSec=1s\n");
    machine.sh("systemctl daemon-reload && systemctl restart amazon-spoof-milter");
    let hung = show(machine, "MainPID");
    machine.sh(&format!("kill -STOP {hung}"));
    machine.wait_for(&format!(
        "test \"$(systemctl show --value --property MainPID amazon-spoof-milter)\" != {hung} && \
         curl --silent --fail http://127.0.0.1:9895/readyz && ! kill -0 {hung} && \
         journalctl --unit amazon-spoof-milter | grep 'Watchdog timeout (limit 3s)!'"
    ));
    machine.sh(&format!(
        "rm -r $(dirname {hurry}) && systemctl daemon-reload && systemctl restart amazon-spoof-milter"
    ));
    assert_eq!(show(machine, "WatchdogUSec"), "30s");
}

fn listens_in_the_chroot(machine: &Machine) {
    machine.put(
        CONFIG,
        "[milter]\nlisten = \"unix:/var/spool/postfix/amazon-spoof-milter/milter\"\nsocket_mode = \"0660\"\n",
    );
    machine.sh("systemctl restart amazon-spoof-milter");
    let socket =
        machine.sh("stat --format '%A %U %G' /var/spool/postfix/amazon-spoof-milter/milter");
    assert_eq!(socket.trim(), "srw-rw---- amazon-spoof-milter postfix");
    // Postfix finds nothing wrong with the folder in its spool.
    assert_eq!(machine.sh("postfix check"), "");
}
