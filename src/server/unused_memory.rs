//! Memory that nothing uses any more goes back to the system.

use std::{
    hint::black_box,
    thread::{Builder, sleep},
    time::Duration,
};

/// For so long the allocator keeps what was freed.
const KEPT: Duration = Duration::from_secs(1);

/// Gives it back, from now on.
///
/// mimalloc looks for what it has kept long enough where a thread ends (docs/decisions/0007-allocator.md), and none
/// does once the tables are made or a flood of large messages is over. So one ends for this alone. Where the system
/// has no thread for it, the program takes more memory and runs all the same.
pub(super) fn give_back() {
    let work = || loop {
        sleep(KEPT);
        // A thread that took no memory has nothing to do with the allocator.
        let look = Builder::new().spawn(|| drop(black_box(Box::new(0))));
        drop(look.map(|look| look.join()));
    };
    drop(Builder::new().name("memory".into()).spawn(work));
}
