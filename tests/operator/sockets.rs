//! Addresses and sockets: taken, stale, alive, of another kind; their modes.

use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};

use crate::support::milter::{Milter, MilterConfig};
use crate::support::root::{GROUP, left_out};
use crate::support::wire::Wire;
use crate::{Folder, err, out, program, run};

/// Nobody answers there; nobody is asked in these tests.
const NO_DNS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

#[test]
fn an_address_in_use_is_named_with_its_key_and_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("an address");
    let folder = Folder::new();
    for (key, text) in [
        (
            "milter.listen",
            format!("[milter]\nlisten = \"inet:{addr}\"\n[http]\nlisten = \"127.0.0.1:0\"\n"),
        ),
        (
            "http.listen",
            format!("[milter]\nlisten = \"inet:127.0.0.1:0\"\n[http]\nlisten = \"{addr}\"\n"),
        ),
    ] {
        let file = folder.file("config.toml", text);
        let output = run(&["run", "--config", &file], b"");
        assert_eq!(output.status.code(), Some(1), "{key}");
        assert_eq!(out(&output), "");
        assert_eq!(
            err(&output).lines().last(),
            Some(&*format!(
                "amazon-spoof-milter: {key}: {addr} can't be listened on: Address already in \
                     use (os error 98); another program, or another instance of this one, listens \
                     there: stop it, or set another {key}"
            ))
        );
    }
}

/// As where it starts before the network: systemd tries again (Restart=, RestartSec=).
#[test]
fn an_address_that_is_not_there_ends_the_start_with_the_reason() {
    let folder = Folder::new();
    for (addr, why) in [
        (
            "192.0.2.1:8895",
            "this machine has no such address: set another",
        ),
        (
            "nowhere.invalid:8895",
            "nowhere.invalid:8895 can't be listened on: ",
        ),
    ] {
        for (key, text) in [
            (
                "milter.listen",
                format!("[milter]\nlisten = \"inet:{addr}\"\n[http]\nlisten = \"\"\n"),
            ),
            (
                "http.listen",
                format!(
                    "[milter]\nlisten = \"inet:127.0.0.1:0\"\n[http]\nlisten = \"{addr}\"\n\
                     token_file = \"{}\"\n",
                    secret(&folder)
                ),
            ),
        ] {
            let file = folder.file("config.toml", text);
            let output = run(&["run", "--config", &file], b"");
            assert_eq!(output.status.code(), Some(1), "{key}: {addr}");
            let said = err(&output);
            let last = said.lines().last().expect("a reason");
            let begin = format!("amazon-spoof-milter: {key}: {addr} can't be listened on: ");
            assert!(last.starts_with(&begin) && last.contains(why), "{last}");
        }
    }
}

/// A file with a token.
fn secret(folder: &Folder) -> String {
    let path = folder.file("token", "0123456789abcdef");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
    path
}

#[test]
fn without_file_descriptors_a_connection_waits_and_is_counted() {
    let milter = Milter::start(program(), NO_DNS, &MilterConfig::default());
    let id = milter.id().try_into().expect("a process id");
    let own = getrlimit(Resource::Nofile);
    let none = Rlimit {
        current: Some(0),
        ..own
    };
    prlimit(Pid::from_raw(id), Resource::Nofile, none).expect("a lower limit");
    let addr = milter.addr();
    let client = thread::spawn(move || Wire::negotiated(addr));
    milter.wait_for_log("a connection can't be accepted; trying again");
    prlimit(Pid::from_raw(id), Resource::Nofile, own).expect("the old limit");
    client.join().expect("it is served in the end");
    let failed = milter.metric("amazon_spoof_milter_protocol_errors_total{kind=\"accept\"}");
    assert!(failed >= 1.0, "{failed}");
}

fn unix(path: &str, more: &str) -> MilterConfig {
    MilterConfig {
        milter: format!("listen = \"unix:{path}\"\n{more}"),
        ..MilterConfig::default()
    }
}

fn mode(path: &str) -> u32 {
    fs::metadata(path).expect("the socket").mode() & 0o7777
}

#[test]
fn a_unix_socket_has_its_mode_and_goes_at_the_end() {
    let folder = Folder::new();
    let path = folder.0.join("milter.sock").display().to_string();
    let milter = Milter::start(program(), NO_DNS, &unix(&path, ""));
    assert_eq!(mode(&path), 0o660);
    // It answers: the offer of protocol 6 is met with protocol 6.
    let mut stream = UnixStream::connect(&path).expect("the socket");
    let offer = [b"\0\0\0\x0dO".as_slice(), crate::support::wire::OFFER].concat();
    std::io::Write::write_all(&mut stream, &offer).expect("send");
    let mut answer = [0; 9];
    stream.read_exact(&mut answer).expect("an answer");
    assert_eq!(answer[4..], *b"O\0\0\0\x06");
    drop(stream);
    let (code, log) = milter.stop();
    assert_eq!(code, Some(0), "{log}");
    assert!(!fs::exists(&path).expect("the folder"), "{log}");
}

#[test]
fn a_unix_socket_has_the_mode_and_group_of_the_configuration() {
    if left_out(GROUP) {
        return;
    }
    let folder = Folder::new();
    let path = folder.0.join("milter.sock").display().to_string();
    // Group 8 is `mail` on Debian, where the tests are made to run.
    let more = "socket_mode = \"0606\"\nsocket_group = \"mail\"\n";
    let milter = Milter::start(program(), NO_DNS, &unix(&path, more));
    assert_eq!(mode(&path), 0o606);
    assert_eq!(fs::metadata(&path).expect("the socket").gid(), 8);
    milter.stop();
}

#[test]
fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
    let folder = Folder::new();
    let path = folder.0.join("milter.sock").display().to_string();
    // Closed, but the file stays: what a killed program leaves.
    drop(UnixListener::bind(&path).expect("a socket"));
    assert!(fs::exists(&path).expect("the folder"));
    let milter = Milter::start(program(), NO_DNS, &unix(&path, ""));

    let text = format!("[milter]\nlisten = \"unix:{path}\"\n[http]\nlisten = \"127.0.0.1:0\"\n");
    let file = folder.file("second.toml", text);
    let output = run(&["run", "--config", &file], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        err(&output).lines().last(),
        Some(&*format!(
            "amazon-spoof-milter: milter.listen: {path}: the socket is in use: another \
                 instance answers there"
        ))
    );
    assert!(UnixStream::connect(&path).is_ok());
    milter.stop();
}

#[test]
fn a_file_of_another_kind_is_never_removed() {
    let folder = Folder::new();
    let path = folder.file("milter.sock", "precious");
    let text = format!("[milter]\nlisten = \"unix:{path}\"\n[http]\nlisten = \"127.0.0.1:0\"\n");
    let file = folder.file("config.toml", text);
    let output = run(&["run", "--config", &file], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output)
            .ends_with("milter.sock: the socket is in use: there is a file of another kind\n"),
        "{}",
        err(&output)
    );
    assert_eq!(fs::read(&path).expect("the file"), b"precious");
    assert!(
        !fs::metadata(&path)
            .expect("the file")
            .file_type()
            .is_socket()
    );
}
