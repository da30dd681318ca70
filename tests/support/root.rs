//! Tests that need root: where there is none they are left out, and say so.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

/// Postfix' master starts as root only.
pub const POSTFIX: &str = "it sends mail through Postfix, whose master starts as root only";
/// What boots a system.
pub const SYSTEM: &str = "it boots a system of its own, for which namespaces and mounts need root";
/// A file goes to a group of one's own only, but for root.
pub const GROUP: &str = "it gives a socket to a group that only root may give it to";

/// Whether the test that calls this is to end at once, since it doesn't run as root. It is then said on
/// standard error which one it is and why; `make test` runs it.
pub fn left_out(why: &str) -> bool {
    if rustix::process::geteuid().is_root() {
        return false;
    }
    say(&format!("{why}. `make test` runs it by sudo"));
    true
}

/// Says once that the test that calls this is left out. Written past the test runner, which would keep it to
/// itself, and at once, so that the lines of other tests stay whole.
pub fn say(why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("a test");
    let line = format!("left out: {name}: {why}\n");
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if said.insert(line.clone()) {
        // A reader who has gone is no reason to fail.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}
