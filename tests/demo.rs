//! The demonstration itself: what it shows last, and that nothing of it stays behind, however it
//! ends. Its program is built by `cargo test`; for this file alone say `cargo build --examples`.

// In a test a panic is the report.
#![allow(clippy::unwrap_used, clippy::expect_used)]

// It is shared with other tests.
#[allow(dead_code, unreachable_pub, clippy::indexing_slicing)]
#[path = "support/http.rs"]
mod http;

use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const PATIENCE: Duration = Duration::from_secs(60);

fn demo(arguments: &[&str]) -> Command {
    let own = std::env::current_exe().expect("this test's path");
    let folder = own.ancestors().nth(2).expect("the target folder");
    let program: PathBuf = folder.join("examples/demo");
    assert!(program.is_file(), "run `cargo build --examples` first");
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(arguments: &[&str]) -> Output {
    demo(arguments).output().expect("its end")
}

#[test]
fn it_ends_with_both_presets_side_by_side() {
    let output = run(&[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 100),
        "{text}"
    );
    assert!(!text.contains('\u{1b}'), "colours only on a terminal");
    let (before, glance) = text.split_once("\nAt a glance\n").expect("the table");
    assert!(!before.contains("THE SENDER"), "it comes first: {text}");
    let (_, again) = text
        .split_once("\nAgain, at a glance\n")
        .expect("the table again");
    assert!(!again.contains("THE SENDER"), "it comes last, too: {text}");
    let table = |text: &str| {
        text.lines()
            .skip(1)
            .take(7)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(table(again), table(glance));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.matches("warning").count(), 0, "{said}");
    let rows: Vec<Vec<&str>> = glance
        .lines()
        .skip(1)
        .take(7)
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect();
    let expected: [&[&str]; 7] = [
        &["preset \"tag\"", "preset \"enforce\""],
        &["genuine", "delivered, verified", "delivered, verified"],
        &["forged", "delivered, tagged forged", "refused, 550 5.7.26"],
        &[
            "lookalike",
            "delivered, tagged lookalike",
            "refused, 550 5.7.1",
        ],
        &[
            "display-name",
            "delivered, tagged impersonation",
            "delivered, tagged impersonation",
        ],
        &["ordinary", "delivered, untouched", "delivered, untouched"],
        &[
            "unproved",
            "delivered, tagged impersonation",
            "held, impersonation",
        ],
    ];
    assert_eq!(rows, expected, "{glance}");
    assert!(
        text.ends_with("\nEverything that was started is stopped again.\n"),
        "{text}"
    );
}

#[test]
fn what_is_no_message_is_refused_before_anything_starts() {
    let output = run(&["--mail", "/dev/null"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.starts_with("demo: MAIL=/dev/null: this is no message: "),
        "{said}"
    );
}

/// What runs on: SMTP and milter of both presets, and their pages.
struct Kept {
    child: Child,
    addresses: Vec<SocketAddr>,
    pages: Vec<SocketAddr>,
}

/// Starts it with `--keep` and waits till it has told its addresses.
fn kept() -> Kept {
    let mut child = demo(&["--keep"]).spawn().expect("the demonstration");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut addresses = Vec::new();
    let mut pages = Vec::new();
    for line in lines.by_ref() {
        let line = line.expect("a line");
        let mut words = line.split_whitespace();
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("SMTP"), Some(ip), Some("port"), Some(port)) => {
                addresses.push(format!("{ip}:{port}").parse().expect("an address"));
            }
            (Some("milter"), Some(socket), None, None) => {
                let addr = socket.strip_prefix("inet:").expect("an address");
                addresses.push(addr.parse().expect("an address"));
            }
            (Some("page"), Some(url), None, None) => {
                let addr = url
                    .strip_prefix("http://")
                    .and_then(|url| url.strip_suffix('/'));
                pages.push(addr.expect("a URL").parse().expect("an address"));
            }
            _ => {}
        }
        if line.starts_with("What comes of it") {
            break;
        }
    }
    // It goes on writing; a closed pipe would be the end of it.
    std::thread::spawn(move || lines.for_each(drop));
    assert_eq!((addresses.len(), pages.len()), (4, 2));
    assert!(addresses.iter().all(answers));
    Kept {
        child,
        addresses,
        pages,
    }
}

fn answers(addr: &SocketAddr) -> bool {
    TcpStream::connect(addr).is_ok()
}

fn signal(child: &Child, signal: Signal) {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    kill_process(id.expect("a process id"), signal).expect("send a signal");
}

#[test]
fn kept_running_its_pages_show_the_mails_until_ctrl_c_stops_everything() {
    let Kept {
        mut child,
        addresses,
        pages,
    } = kept();
    for (page, refused) in pages.iter().zip([0, 2]) {
        let html = http::get(*page, "/", &[]).body;
        for shown in [
            "v-forged\">forged",
            "v-lookalike\">lookalike",
            "v-impersonation\">impersonation",
            "v-verified\">verified",
            "security-amazon",
            "neither a signature nor the sending server proves the From domain",
        ] {
            assert!(html.contains(shown), "{shown} is not in\n{html}");
        }
        assert_eq!(html.matches(">refused<").count(), refused, "{html}");
    }
    signal(&child, Signal::INT);
    let status = child.wait().expect("its end");
    let mut said = String::new();
    let mut errors = child.stderr.take().expect("a pipe");
    errors.read_to_string(&mut said).expect("its words");
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(!addresses.iter().any(answers));
}

#[test]
fn even_killed_it_leaves_nothing_running() {
    let Kept {
        mut child,
        addresses,
        ..
    } = kept();
    signal(&child, Signal::KILL);
    child.wait().expect("its end");
    let until = Instant::now() + PATIENCE;
    while addresses.iter().any(answers) {
        assert!(Instant::now() < until, "something still listens");
        std::thread::sleep(Duration::from_millis(50));
    }
}
