//! The same dialogs with a filter on the C library, which MTAs were made for: the answers are the same,
//! packet by packet.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Site;
use crate::nonsense::script;
use crate::support::milter::fresh_folder;
use crate::support::unpacked::Unpacked;
use crate::support::wire::{Wire, packet};

/// The filter on libmilter; dropping it ends it.
struct Other {
    child: Child,
    folder: PathBuf,
    addr: SocketAddr,
}

impl Other {
    fn start(preset: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let Unpacked(library) = Unpacked::packages("milter-c", &["libmilter-dev"]);
        let folder = fresh_folder();
        let program = folder.join("filter");
        let archive = find(&library.join("usr/lib"), "libmilter.a").expect("libmilter.a");
        let built = Command::new("cc")
            .args(["-O1", "-Wall", "-o"])
            .arg(&program)
            .arg("-I")
            .arg(library.join("usr/include"))
            .arg(root.join("tests/differential/filter.c"))
            .arg(archive)
            .arg("-lpthread")
            .status();
        assert!(built.expect("cc").success(), "the filter can't be built");
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = port.local_addr().expect("its address");
        drop(port);
        let child = Command::new(program)
            .arg(format!("inet:{}@127.0.0.1", addr.port()))
            .arg(preset)
            .stdin(Stdio::null())
            .spawn()
            .expect("the filter");
        let until = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(addr).is_err() {
            assert!(Instant::now() < until, "the filter does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self {
            child,
            folder,
            addr,
        }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries
        .flatten()
        .map(|entry| entry.path())
        .find_map(|path| match path.is_dir() {
            true => find(&path, name),
            false => path.ends_with(name).then_some(path),
        })
}

/// Everything that is answered to a dialog, till the other side closes. What a header edit says is the
/// filter's own matter; that there is one is not.
fn answers(addr: SocketAddr, dialog: &[Vec<u8>]) -> Vec<String> {
    let mut wire = Wire::connect(addr);
    for packet in dialog {
        // Closed on us: the answers before it still count.
        if wire.raw(packet).is_err() {
            break;
        }
    }
    wire.say_no_more();
    let mut answers = Vec::new();
    while let Ok((command, data)) = wire.read() {
        let shown = match command {
            b'i' => String::new(),
            b'O' => data[..12].escape_ascii().to_string(),
            _ => data.escape_ascii().to_string(),
        };
        answers.push(format!("{} {shown}", char::from(command)));
    }
    answers
}

/// Each with a name.
fn dialogs() -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let script = script();
    let open = &script[..4];
    let message = &script[4..];
    let friend = packet(b'L', b"From\0 jane@friend.example\0");
    let ordinary: Vec<_> = script[4..9]
        .iter()
        .cloned()
        .chain([friend, packet(b'N', b"")])
        .collect();
    let abort = vec![packet(b'A', b"")];
    let quit = vec![packet(b'Q', b"")];
    let chunk = packet(b'B', &[b'x'; 40_000]);
    let long: Vec<_> = message[..8]
        .iter()
        .cloned()
        .chain([chunk.clone(), chunk.clone(), chunk, packet(b'E', b"")])
        .collect();
    let mut all = vec![
        ("a forged message", [open, message].concat()),
        ("an ordinary one", [open, &ordinary].concat()),
        (
            "both, and QUIT",
            [open, message, &ordinary, message, &quit].concat(),
        ),
        ("a body beyond the limit", [open, &long, message].concat()),
        (
            "another client on the connection",
            [open, message, &script[2..]].concat(),
        ),
        (
            "a new conversation (QUIT_NC)",
            [open, message, &[packet(b'K', b"")], &script[2..]].concat(),
        ),
        (
            "no recipient",
            [open, &message[..2], &message[3..]].concat(),
        ),
        ("no HELO", [&open[..3], message].concat()),
        (
            "no macros",
            [&open[..1], &open[2..], &message[1..3], &message[4..]].concat(),
        ),
        ("no DATA", [open, &message[..4], &message[5..]].concat()),
        (
            "no end of header",
            [open, &message[..7], &message[8..]].concat(),
        ),
        ("no body", [open, &message[..8], &message[9..]].concat()),
        ("QUIT at once", [&open[..1], &quit].concat()),
        ("nothing after the offer", open[..1].to_vec()),
        ("nothing at all", vec![]),
        (
            "MAIL within a message",
            [open, &message[..7], message].concat(),
        ),
        (
            "an end before any message",
            [open, &[packet(b'E', b"")], message].concat(),
        ),
        (
            "a body before any message",
            [open, &[packet(b'B', b"x")], message].concat(),
        ),
        ("ABORT before any message", [open, &abort, message].concat()),
    ];
    for stage in 1..message.len() {
        all.push((
            "ABORT within a message",
            [open, &message[..stage], &abort, message].concat(),
        ));
    }
    all
}

#[test]
fn the_c_library_gives_the_same_answers_to_the_same_dialogs() {
    for preset in ["tag", "enforce"] {
        let site = Site::configured(
            "max_message_size = \"100KiB\"\n",
            &format!("[policy]\npreset = \"{preset}\"\n"),
        );
        let other = Other::start(preset);
        let last = answers(other.addr, &script()).pop().expect("an answer");
        match preset {
            "tag" => assert_eq!(last, "a "),
            _ => assert!(last.starts_with("y 550 5.7.26 Message refused"), "{last}"),
        }
        let dialogs = dialogs();
        assert_eq!(dialogs.len(), 28);
        for (name, dialog) in dialogs {
            let ours = answers(site.milter.addr(), &dialog);
            let theirs = answers(other.addr, &dialog);
            assert_eq!(
                ours, theirs,
                "{preset}: {name} (left ours, right libmilter's)"
            );
        }
    }
}
