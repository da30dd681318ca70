//! What `config check` finds beside the text: all that would keep the service from starting.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::process::{Command, Output};

use crate::support::milter::{Milter, MilterConfig};
use crate::support::root::{GROUP, left_out};
use crate::{Folder, err, out, program, run};

/// Nobody answers there; nobody is asked in these tests.
const NO_DNS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

fn check(folder: &Folder, text: &str) -> Output {
    let file = folder.file("config.toml", text);
    run(&["config", "check", "--config", &file], b"")
}

/// The faults of a configuration, one a line.
fn faults(folder: &Folder, text: &str) -> Vec<String> {
    let output = check(folder, text);
    let said = err(&output);
    assert_eq!(output.status.code(), Some(2), "{text}: {}", out(&output));
    let lines = said
        .lines()
        .skip(1)
        .map(|line| line.trim_start().to_owned());
    lines.collect()
}

#[test]
fn a_port_of_another_program_is_a_fault_and_our_own_is_none() {
    let folder = Folder::new();
    // This test program is another one.
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("an address");
    let found = faults(
        &folder,
        &format!("[milter]\nlisten = \"inet:{addr}\"\n[http]\nlisten = \"127.0.0.1:0\"\n"),
    );
    assert_eq!(
        found,
        [format!(
            "milter.listen: {addr} can't be listened on: Address already in use (os error 98); \
             another program, or another instance of this one, listens there: stop it, or set \
             another milter.listen"
        )]
    );
    let found = faults(
        &folder,
        &format!("[milter]\nlisten = \"inet:127.0.0.1:0\"\n[http]\nlisten = \"{addr}\"\n"),
    );
    assert!(
        found[0].starts_with(&format!("http.listen: {addr} can't")),
        "{found:?}"
    );

    // The service that runs holds its own.
    let milter = Milter::start(program(), NO_DNS, &MilterConfig::default());
    let text = format!(
        "[milter]\nlisten = \"inet:{}\"\n[http]\nlisten = \"{}\"\n",
        milter.addr(),
        milter.http
    );
    let output = check(&folder, &text);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    // And it takes a configuration over that it couldn't start with as little as a wrong one.
    let usual = milter.config();
    milter.rewrite_config(&text);
    milter.hang_up();
    milter.wait_for_log("the new configuration is in force");
    milter.rewrite_config(
        &usual.replace("listen = \"127.0.0.1:0\"", &format!("listen = \"{addr}\"")),
    );
    milter.hang_up();
    let log = milter.wait_for_log("the old configuration stays in force");
    assert!(log.contains(&format!("http.listen: {addr} can't")), "{log}");
}

#[test]
fn an_address_that_is_not_there_is_a_fault() {
    let folder = Folder::new();
    let found = faults(
        &folder,
        "[milter]\nlisten = \"inet:192.0.2.1:8895\"\n[http]\nlisten = \"\"\n",
    );
    assert_eq!(
        found,
        [
            "milter.listen: 192.0.2.1:8895 can't be listened on: Cannot assign requested address \
             (os error 99); this machine has no such address: set another milter.listen"
        ]
    );
}

#[test]
fn a_path_where_no_socket_can_be_made_is_a_fault() {
    let folder = Folder::new();
    let path = folder.0.join("milter").display().to_string();
    let text = format!("[milter]\nlisten = \"unix:{path}\"\n[http]\nlisten = \"\"\n");
    assert_eq!(check(&folder, &text).status.code(), Some(0));

    // Another program's.
    let other = UnixListener::bind(&path).expect("a socket");
    assert_eq!(
        faults(&folder, &text),
        [format!(
            "milter.listen: {path}: another program answers there"
        )]
    );
    drop(other);
    // What is left of one that is gone will be replaced.
    assert_eq!(check(&folder, &text).status.code(), Some(0));
    fs::remove_file(&path).expect("the socket");
    let milter = Milter::start(
        program(),
        NO_DNS,
        &MilterConfig {
            milter: format!("listen = \"unix:{path}\"\n"),
            ..MilterConfig::default()
        },
    );
    let output = check(&folder, &text);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    milter.stop();
    folder.file("milter", "precious");
    assert_eq!(
        faults(&folder, &text),
        [format!(
            "milter.listen: {path}: there is a file of another kind"
        )]
    );
}

#[test]
fn what_only_root_may_do_is_a_fault_for_others() {
    if left_out(GROUP) {
        return;
    }
    let folder = Folder::new();
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o755)).expect("its mode");
    let sockets = folder.0.join("sockets");
    fs::create_dir(&sockets).expect("a folder");
    fs::set_permissions(&sockets, fs::Permissions::from_mode(0o755)).expect("its mode");
    let path = sockets.join("milter").display().to_string();
    // Group 8 is `mail` on Debian, where the tests are made to run.
    let text = format!(
        "[milter]\nlisten = \"unix:{path}\"\nsocket_group = \"mail\"\n[http]\nlisten = \"\"\n"
    );
    assert_eq!(check(&folder, &text).status.code(), Some(0));
    let file = folder.0.join("config.toml");
    // The program's own folder may be closed to others, so it lies beside the configuration.
    let copy = folder.0.join("amazon-spoof-milter");
    fs::copy(program(), &copy).expect("a copy");
    let by_nobody = |groups: &str| {
        let output = Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", groups])
            .arg(&copy)
            .args(["config", "check", "--config"])
            .arg(&file)
            .output()
            .expect("setpriv, of util-linux");
        err(&output)
    };
    assert_eq!(
        by_nobody("--clear-groups"),
        format!(
            "amazon-spoof-milter: the configuration is wrong:\n  \
             milter.listen: {path}: no socket can be made in {0} by user 65534: Permission denied \
             (os error 13)\n  \
             milter.socket_group: user 65534 is no member of group 8, so that the socket can't be \
             given to it\n",
            sockets.display()
        )
    );
    fs::set_permissions(&sockets, fs::Permissions::from_mode(0o777)).expect("its mode");
    assert_eq!(by_nobody("--groups=8"), "");
}
