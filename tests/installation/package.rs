//! The package: lint, hardening, install, start, reload, faults, removal.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::attachments::mail;
use crate::machine::Machine;

const CONFIG: &str = "/etc/amazon-spoof-milter/config.toml";

/// The package as `make deb` makes it, but of the program that is tested.
struct Package {
    /// As `amazon-spoof-milter_VERSION_ARCHITECTURE.deb`.
    name: String,
    octets: Vec<u8>,
}

fn built() -> &'static Package {
    static PACKAGE: OnceLock<Package> = OnceLock::new();
    PACKAGE.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("target/package-of-tests");
        // Two runs of the tests may want the folder at once.
        let lock = File::create(folder.with_extension("lock")).expect("a file to lock");
        lock.lock().expect("the lock");
        let output = Command::new("sh")
            .arg(root.join("deploy/debian/build.sh"))
            .arg(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
            .arg(folder)
            .arg("--fast")
            .stderr(Stdio::inherit())
            .output()
            .expect("deploy/debian/build.sh");
        assert!(
            output.status.success(),
            "deploy/debian/build.sh failed (above)"
        );
        let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        let name = path.file_name().expect("a name").to_string_lossy();
        Package {
            name: name.into_owned(),
            octets: fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        }
    })
}

/// Its octets.
pub(crate) fn package() -> &'static [u8] {
    &built().octets
}

/// Its name.
pub(crate) fn package_name() -> &'static str {
    &built().name
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
    -o -path /var/spool/postfix -o -path /var/lib/postfix -o -path /var/mail -o -path /root -o -name '*-' \\) -prune -o -print | sort";

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
    opens_files(&machine);
    listens_in_the_chroot(&machine);

    machine.sh("dpkg --remove amazon-spoof-milter");
    assert_eq!(machine.run("pgrep -f amazon-spoof-milter").text, "");
    machine.sh(&format!("test -f {CONFIG}"));
    machine.sh("echo of-ones-own >/etc/amazon-spoof-milter/amazon.toml");
    machine.sh("echo >/etc/amazon-spoof-milter/config.d/own.toml");
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
    // A file of the account's would else be the next account's.
    machine.sh("getent passwd amazon-spoof-milter | grep :/usr/sbin/nologin$");
    machine.sh("! ls /var/spool/postfix/amazon-spoof-milter");
}

/// Makes two more packages of the one there: `old.deb` with the whole reference as the configuration file,
/// as 0.1.0 had it, and `next.deb`, which differs by its version alone.
const OTHER_VERSIONS: &str = "\
for version in 0.1.0-1 9.0.0-1; do
    rm -rf tree && dpkg-deb --raw-extract package.deb tree
    sed -i \"s/^Version: .*/Version: $version/\" tree/DEBIAN/control
    case $version in
        0.*) rm -r tree/etc/amazon-spoof-milter/config.d
             sed -i /config.d/d tree/DEBIAN/conffiles
             cp tree/usr/share/doc/amazon-spoof-milter/deploy/config.toml tree/etc/amazon-spoof-milter
             dpkg-deb -Zgzip -z1 --build tree old.deb ;;
        *)   dpkg-deb -Zgzip -z1 --build tree next.deb ;;
    esac
done
rm -r tree";

#[test]
fn an_upgrade_asks_for_what_was_edited_only_and_restarts() {
    let Some(machine) = Machine::boot() else {
        return;
    };
    machine.put("/root/package.deb", package());
    machine.sh(OTHER_VERSIONS);
    let runs_anew = |before: &str| {
        let process = show(&machine, "MainPID");
        assert!(process != before && process != "0", "{before} {process}");
        machine.wait_for("curl --silent --fail http://127.0.0.1:9895/readyz");
        process
    };
    let shown = |line: &str| {
        machine.sh(&format!(
            "amazon-spoof-milter config show | grep -x '{line}'"
        ))
    };

    // An unedited file is replaced without a word.
    machine.sh("dpkg --install old.deb");
    machine.sh(&format!("grep -x '#preset = \"tag\"' {CONFIG}"));
    let old = show(&machine, "MainPID");
    machine.sh("dpkg --install package.deb </dev/null");
    machine.sh(&format!(
        "! grep '^#preset' {CONFIG} && test -f /etc/amazon-spoof-milter/config.d/README"
    ));
    runs_anew(&old);
    machine.sh("dpkg --purge amazon-spoof-milter");

    // An edited one is asked for, and kept where that is the answer.
    machine.sh("dpkg --install old.deb");
    machine.sh(&format!(
        "sed -i 's/^#preset = .*/preset = \"enforce\"/' {CONFIG}"
    ));
    machine.sh("systemctl restart amazon-spoof-milter");
    let old = show(&machine, "MainPID");
    let said = machine.run("echo N | dpkg --install package.deb");
    assert_eq!(said.code, Some(0), "{}", said.text);
    assert!(
        said.text.contains("keep your currently-installed version"),
        "{}",
        said.text
    );
    let new = runs_anew(&old);
    shown("preset = \"enforce\"");

    // As docs/upgrading.md says.
    machine.sh("cd /etc/amazon-spoof-milter\n\
         grep -v '^#' config.toml | cat -s >config.d/own.toml\n\
         mv config.toml.dpkg-dist config.toml\n\
         amazon-spoof-milter config check && systemctl reload amazon-spoof-milter");
    shown("preset = \"enforce\"");
    machine.sh(&format!("echo '# mine' >>{CONFIG}"));

    // From then on nobody is asked, since the shipped file doesn't change.
    machine.put(
        "/etc/amazon-spoof-milter/config.d/own.toml",
        "[policy]\npreset = \"monitor\"\n",
    );
    let said = machine.run("dpkg --install next.deb </dev/null");
    assert_eq!(said.code, Some(0), "{}", said.text);
    let next = runs_anew(&new);
    shown("preset = \"monitor\"");

    // A configuration that the new version doesn't take is named, and apt goes on.
    machine.put(
        "/etc/amazon-spoof-milter/config.d/own.toml",
        "[policy]\npreset = \"mild\"\n",
    );
    let said = machine.run("dpkg --install package.deb </dev/null");
    assert_eq!(said.code, Some(0), "{}", said.text);
    for line in [
        "amazon-spoof-milter: mend that, then: systemctl restart amazon-spoof-milter",
        "config.d/own.toml: line 2: policy.preset: \"mild\"",
    ] {
        assert!(said.text.contains(line), "{line}: {}", said.text);
    }

    // Back: the old version knows no folder.
    machine.sh("rm /etc/amazon-spoof-milter/config.d/own.toml");
    machine.sh("dpkg --force-confold --install old.deb </dev/null");
    runs_anew(&next);
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
    machine
        .sh("dpkg-query --show --showformat '${Depends}' amazon-spoof-milter | grep 'libc6 (>= 2'");
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

/// Within all that the unit forbids, through the distribution's Postfix.
fn opens_files(machine: &Machine) {
    machine.put(CONFIG, "[trust]\nnetworks = [\"::1/128\"]\n");
    machine.put("/root/code.eml", mail::code_in_pdf());
    machine.put("/root/call.eml", mail::invitation());
    machine.sh(
        "systemctl restart amazon-spoof-milter && \
         postconf -e smtpd_milters=inet:127.0.0.1:8895 'mydestination = mail.example.org localhost' && \
         systemctl restart postfix",
    );
    for file in ["code", "call"] {
        machine.wait_for(&format!(
            "swaks --server 127.0.0.1 --from desk@elsewhere.example --to root@mail.example.org --data @/root/{file}.eml"
        ));
    }
    machine.wait_for("grep --count '^X-Amazon-Spoof-Verdict' /var/mail/root | grep -x 2");
    let delivered = machine.sh("cat /var/mail/root").replace("\n ", " ");
    let verdicts: Vec<&str> = delivered
        .lines()
        .filter(|line| line.starts_with("X-Amazon-Spoof-Verdict: suspicious"))
        .collect();
    for word in ["qr-link", "callback-number"] {
        assert!(
            verdicts.iter().any(|line| line.contains(word)),
            "{word}: {verdicts:?}"
        );
    }
    let said = machine.run("journalctl --unit amazon-spoof-milter | grep 'be opened'");
    assert_eq!(said.text, "");
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
