//! A thread with a runtime of its own for each worker.

use super::{service::Worker, socket::Bound};
use crate::runtime;
use futures_util::future::try_join_all;
use std::{io, num::NonZero, thread::available_parallelism};
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};

/// A runtime for each core. They are made before any other runs, since the library panics where it has no thread
/// for one.
#[derive(Debug)]
pub struct Runtimes(Vec<Runtime>);

impl Runtimes {
    /// Makes them.
    ///
    /// # Errors
    ///
    /// Where the system has no file for one more.
    ///
    /// # Panics
    ///
    /// Where it has no thread.
    pub fn new() -> io::Result<Self> {
        let cores = available_parallelism().map_or(1, NonZero::get);
        // A runtime "of many threads" can give its thread to long work and take another one for it.
        let made = (0..cores)
            .map(|_| runtime::with_blocking_thread(Builder::new_multi_thread().worker_threads(1)));
        made.collect::<io::Result<_>>().map(Self)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// Starts a worker on each, all at the same socket, which is closed when all of them have closed it.
    ///
    /// # Errors
    ///
    /// Where the system has no file for one more.
    pub(super) fn start(&self, workers: Vec<Worker>, listener: Bound) -> io::Result<Workers> {
        let mut running = Vec::new();
        for (runtime, worker) in self.0.iter().zip(workers) {
            let listener = {
                let _here = runtime.enter();
                listener.again()?
            };
            running.push(runtime.spawn(worker.run(listener)));
        }
        Ok(Workers(running))
    }
}

impl Drop for Runtimes {
    /// Connections that would not end in time are not waited for again.
    fn drop(&mut self) {
        for runtime in self.0.drain(..) {
            runtime.shutdown_background();
        }
    }
}

/// Workers that run.
pub(super) struct Workers(Vec<JoinHandle<io::Result<()>>>);

impl Workers {
    /// Completes when all have ended, or when one has failed.
    pub(super) async fn done(self) -> io::Result<()> {
        let ended = self.0.into_iter().map(async |running| running.await?);
        try_join_all(ended).await.map(drop)
    }
}
