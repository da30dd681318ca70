//! Runtimes, and threads that have one of their own for what must not keep messages waiting.

use std::{io, sync::mpsc, thread, time::Duration};
use tokio::runtime::{Builder, Runtime};

/// Makes a runtime. One thread for blocking work is there from its beginning and never goes: where no other can be
/// had later, the work waits for it, and without any the library would panic.
///
/// # Errors
///
/// Where the system has no file for it.
pub fn with_blocking_thread(builder: &mut Builder) -> io::Result<Runtime> {
    let runtime = builder
        .enable_all()
        .thread_keep_alive(Duration::MAX)
        .build()?;
    drop(runtime.spawn_blocking(|| ()));
    Ok(runtime)
}

/// Starts a thread with a runtime, in which `work` makes what is to run. Both end with that.
///
/// # Errors
///
/// Where the thread or its runtime can't be had.
pub fn in_own_thread<F: Future<Output = ()>>(
    name: &str,
    work: impl FnOnce() -> F + Send + 'static,
) -> io::Result<()> {
    let (failed, failure) = mpsc::channel();
    // The runtime is made in the thread: where that can't be had, it would be dropped by the caller, who runs
    // in another one, and to drop one there is a panic.
    let run = move || match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            drop(failed);
            runtime.block_on(work());
        }
        Err(error) => {
            let _ = failed.send(error);
        }
    };
    thread::Builder::new().name(name.into()).spawn(run)?;
    failure.recv().map_or(Ok(()), Err)
}
