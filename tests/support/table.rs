//! Tables of cases: the files that hold them, and their rows judged several at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// The files of a folder in `tests/` whose names have this ending, sorted.
///
/// # Panics
///
/// Where there are none.
pub fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("a folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == ending))
        .collect();
    assert!(!files.is_empty(), "no case in {}", folder.display());
    files.sort();
    files
}

/// Judges each row with one of `workers` judges and gives what was wrong, sorted. Most of a row's time is
/// spent waiting for servers that are slow on purpose.
pub fn failures<T: Sync, J>(rows: &[T], workers: usize, judge: impl Fn() -> J + Sync) -> Vec<String>
where
    J: FnMut(&T) -> Vec<String>,
{
    let next = AtomicUsize::new(0);
    let run = || {
        let mut judge = judge();
        let mut failures = Vec::new();
        while let Some(row) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
            failures.extend(judge(row));
        }
        failures
    };
    let mut failures: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        let found = workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a worker"));
        found.collect()
    });
    failures.sort();
    failures
}
