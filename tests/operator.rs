//! What an operator meets: faults of the configuration and of the environment, reload, stop, health.
//! The commands that need no server are in `operator/commands.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

#[path = "operator/broken.rs"]
mod broken;
#[path = "operator/check.rs"]
mod check;
#[path = "operator/commands.rs"]
mod commands;
#[path = "operator/completions.rs"]
mod completions;
#[path = "operator/files.rs"]
mod files;
#[path = "operator/hostile.rs"]
mod hostile;
#[path = "operator/logs.rs"]
mod logs;
#[path = "operator/reference.rs"]
mod reference;
#[path = "operator/reload.rs"]
mod reload;
#[path = "operator/sockets.rs"]
mod sockets;
#[path = "operator/surroundings.rs"]
mod surroundings;

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use support::dns::ZoneServer;
use support::milter::{Milter, MilterConfig, fresh_folder};
use support::samples::zone;
use support::wire::Wire;

const PATIENCE: Duration = Duration::from_secs(30);

/// A folder for a test's files; it goes with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(fresh_folder())
    }

    /// Writes a file and returns its path.
    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, content).expect("write");
        path.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_amazon-spoof-milter"))
}

/// Runs the program to its end, `input` on its standard input; kills it where it doesn't end.
fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(program())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    // Whoever doesn't read it has ended already, which is what the test looks at.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    // A program that should have refused to start would run for ever.
    let id = child.id();
    let (ended, end) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if end.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let id = i32::try_from(id).ok().and_then(Pid::from_raw);
            let _ = kill_process(id.expect("a process id"), Signal::KILL);
        }
    });
    let output = child.wait_with_output().expect("its end");
    drop(ended);
    watchdog.join().expect("the watchdog");
    output
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Waits till the condition holds.
fn eventually(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A DNS server that never answers: its address is taken, nobody reads.
fn silent_dns() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let addr = socket.local_addr().expect("an address");
    (socket, addr)
}

/// Up to the end of header of a message that claims to be the brand's.
fn begin_claim(wire: &mut Wire) {
    wire.send(b'C', b"mail.bulk-sender.example\x004\x00\x00203.0.113.30\0");
    wire.send(b'H', b"mail.bulk-sender.example\0");
    // Of the brand itself: only DNS can say that the client is not authorised.
    wire.send(b'M', b"<bounces@amazon.com>\0");
    assert_eq!(wire.read().expect("MAIL"), (b'c', vec![]));
    wire.send(b'R', b"<someone@example.test>\0");
    wire.send(b'L', b"From\0 \"Amazon.com\" <account-update@amazon.com>\0");
    wire.send(b'L', b"Subject\0 x\0");
    wire.send(b'N', b"");
    assert_eq!(wire.read().expect("end of header"), (b'c', vec![]));
}

/// The rest of it; the final answer's command and data.
fn end_claim(wire: &mut Wire) -> (u8, Vec<u8>) {
    wire.send(b'B', b"hello\r\n");
    assert_eq!(wire.read().expect("BODY"), (b'c', vec![]));
    wire.send(b'E', b"");
    loop {
        let (command, data) = wire.read().expect("end of message");
        // Header edits come before the answer.
        if !b"hmi".contains(&command) {
            return (command, data);
        }
    }
}

const WRONG: &str = "\
[milter]
listen = \"8895\"
max_conections = 5

[dns]
timeout = 3

[polic]
preset = \"tag\"

[policy]
preset = \"strict\"
";

const WHAT_IS_WRONG: &str = "\
amazon-spoof-milter: the configuration is wrong:
  line 2: milter.listen: \"8895\": the kind, inet: or unix:, is missing; allowed is \"inet:HOST:PORT\", \"inet:PORT@HOST\" or \"unix:/PATH\"
  line 3: milter.max_conections: there is no such key; did you mean milter.max_connections?
  line 6: dns.timeout: the value is no text in quotes; allowed is a duration from \"1ms\" to \"24h\", such as \"10s\"
";

#[test]
fn a_wrong_configuration_is_refused_by_every_command_with_every_error() {
    let folder = Folder::new();
    let file = folder.file("wrong.toml", WRONG);
    let mail = folder.file("a.eml", "From: a@b.example\n\nx\n");
    for arguments in [
        vec!["run"],
        vec!["check", &mail],
        vec!["config", "check"],
        vec!["config", "show"],
        vec!["domains", "list"],
        vec!["domains", "classify", "b.example"],
    ] {
        let arguments = [&arguments, ["--config", &file].as_slice()].concat();
        let output = run(&arguments, b"");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(out(&output), "", "{arguments:?}");
        let said = err(&output);
        assert!(said.starts_with(WHAT_IS_WRONG), "{arguments:?}: {said}");
        // A list of sections and words follows, which may grow.
        assert!(
            said.contains("\n  line 8: [polic]: there is no such section; did you mean [policy]?; allowed is [milter], "),
            "{said}"
        );
        assert!(
            said.ends_with(
                "\n  line 12: policy.preset: \"strict\": this is none of the words; allowed is \
                 \"tag\", \"enforce\" or \"monitor\"\n"
            ),
            "{said}"
        );
    }
}

#[test]
fn a_configuration_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    let missing = folder.0.join("none.toml").display().to_string();
    let output = run(&["run", "--config", &missing], b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        err(&output),
        format!(
            "amazon-spoof-milter: the configuration is wrong:\n  {missing} can't be read: No such \
             file or directory (os error 2)\n"
        )
    );
    let binary = folder.file("binary.toml", b"\xff\xfe\x00");
    let output = run(&["config", "check", "--config", &binary], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("binary.toml can't be read: "));
}

#[test]
fn a_reload_takes_over_a_good_file_and_refuses_a_bad_one() {
    let dns = ZoneServer::start(&zone());
    let milter = Milter::start(program(), dns.addr, &MilterConfig::default());
    let reloads = |result: &str| {
        milter.metric(&format!(
            "amazon_spoof_milter_config_reloads_total{{result=\"{result}\"}}"
        ))
    };
    let forged = || {
        let mut wire = Wire::negotiated(milter.addr());
        begin_claim(&mut wire);
        char::from(end_claim(&mut wire).0)
    };
    // Tagged and accepted.
    assert_eq!(forged(), 'a');
    // A connection keeps the rules that it began with.
    let mut old = Wire::negotiated(milter.addr());

    let good = format!("{}[policy]\npreset = \"enforce\"\n", milter.config());
    milter.rewrite_config(&good);
    milter.hang_up();
    milter.wait_for_log("the new configuration is in force for new connections");
    assert_eq!((reloads("success"), reloads("failure")), (1.0, 0.0));
    assert_eq!(forged(), 'y');
    begin_claim(&mut old);
    assert_eq!(end_claim(&mut old).0, b'a');

    milter.rewrite_config("[policy]\npreset = \"strict\"\n[milter]\nlisten = 5\n");
    milter.hang_up();
    let log = milter.wait_for_log("the old configuration stays in force");
    eventually("the failure is counted", || reloads("failure") == 1.0);
    assert_eq!(reloads("success"), 1.0);
    for error in [
        "line 2: policy.preset: \"strict\": this is none of the words",
        "line 4: milter.listen: the value is no text in quotes",
    ] {
        assert!(log.contains(error), "{error} is not in\n{log}");
    }
    assert_eq!(forged(), 'y');

    // What can't be applied without a restart is named.
    milter
        .rewrite_config(&good.replace("[http]\nlisten = \"127.0.0.1:0\"", "[http]\nlisten = \"\""));
    milter.hang_up();
    milter.wait_for_log("need a restart");
    milter.wait_for_log("keys=\"http.listen\"");
    assert_eq!(milter.get("/healthz"), (200, "ok\n".to_owned()));
    // And again, as long as nobody restarts it.
    milter.hang_up();
    eventually("the second warning", || {
        milter.log().matches("keys=\"http.listen\"").count() == 2
    });
}

#[test]
fn a_stop_lets_the_message_under_way_end() {
    let dns = ZoneServer::start(&zone());
    let milter = Milter::start(program(), dns.addr, &MilterConfig::preset("enforce"));
    let mut idle = Wire::negotiated(milter.addr());
    let mut busy = Wire::negotiated(milter.addr());
    begin_claim(&mut busy);
    let (addr, log) = (
        milter.addr(),
        "no new connections, messages under way go on",
    );
    let stopping = std::thread::spawn(move || milter.stop());
    // Nobody new gets in ...
    eventually("the socket is closed", || TcpStream::connect(addr).is_err());
    // ... whoever says nothing is let go, and whoever is in the middle of a message is answered.
    let (command, data) = end_claim(&mut busy);
    assert_eq!(char::from(command), 'y');
    assert!(data.starts_with(b"550 5.7.26 "), "{data:?}");
    assert!(idle.is_closed() && busy.is_closed());
    let (code, said) = stopping.join().expect("its end");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(log), "{said}");
    assert!(!said.contains("did not end in time"), "{said}");
}

#[test]
fn without_any_network_it_starts_and_what_it_cannot_check_is_tagged() {
    let (_socket, dns) = silent_dns();
    let config = MilterConfig {
        dns: "timeout = \"100ms\"\ndeadline = \"300ms\"\n".into(),
        ..MilterConfig::default()
    };
    let milter = Milter::start(program(), dns, &config);
    assert_eq!(milter.get("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(milter.get("/readyz"), (200, "ready\n".to_owned()));
    let mut wire = Wire::negotiated(milter.addr());
    begin_claim(&mut wire);
    assert_eq!(end_claim(&mut wire), (b'a', vec![]));
    let log = milter.wait_for_log("verdict=\"unverifiable\" action=\"tag\"");
    assert!(log.contains("dns-temporary-failure"), "{log}");
    let (code, log) = milter.stop();
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn health_and_metrics_are_served_and_nothing_else() {
    let dns = ZoneServer::start(&zone());
    let milter = Milter::start(program(), dns.addr, &MilterConfig::default());
    assert_eq!(milter.get("/healthz"), (200, "ok\n".to_owned()));
    assert_eq!(milter.get("/readyz"), (200, "ready\n".to_owned()));
    assert_eq!(milter.get("/").0, 200);
    assert_eq!(milter.get("/nothing").0, 404);
    let (status, metrics) = milter.get("/metrics");
    assert_eq!(status, 200);
    for line in [
        "# TYPE amazon_spoof_milter_messages_total counter",
        "amazon_spoof_milter_messages_total{action=\"reject\",verdict=\"forged\"} 0",
        "amazon_spoof_milter_config_reloads_total{result=\"failure\"} 0",
        "amazon_spoof_milter_open_connections 0",
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line} is not in\n{metrics}"
        );
    }
    let version = "amazon_spoof_milter_build_info{revision=\"";
    assert!(metrics.contains(version), "{metrics}");
}
