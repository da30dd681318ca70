//! A thread with a runtime of its own for each worker.

use super::{service::Worker, socket::Bound};
use futures_util::future::try_join_all;
use std::io;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

/// Workers that run.
pub(super) struct Workers {
    runtimes: Vec<Runtime>,
    running: Vec<JoinHandle<io::Result<()>>>,
}

/// Starts each worker at the same socket, which is closed when all of them have closed it.
///
/// # Errors
///
/// Where the system has no thread or no file for one more.
pub(super) fn start(workers: Vec<Worker>, listener: Bound) -> io::Result<Workers> {
    let mut started = Workers {
        runtimes: Vec::new(),
        running: Vec::new(),
    };
    for worker in workers {
        // A runtime "of many threads" can give its thread to long work and take another one for it.
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = {
            let _here = runtime.enter();
            listener.again()?
        };
        started.running.push(runtime.spawn(worker.run(listener)));
        started.runtimes.push(runtime);
    }
    Ok(started)
}

impl Workers {
    /// Completes when all have ended, or when one has failed.
    pub(super) async fn done(&mut self) -> io::Result<()> {
        let ended = self.running.drain(..).map(async |running| running.await?);
        try_join_all(ended).await.map(drop)
    }
}

impl Drop for Workers {
    /// Connections that would not end in time are not waited for again.
    fn drop(&mut self) {
        for runtime in self.runtimes.drain(..) {
            runtime.shutdown_background();
        }
    }
}
