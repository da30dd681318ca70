//! Judges the same mail with two builds of the program and reports where their answers differ:
//!
//! ```text
//! compare-versions OLD NEW [--seed N] [--generate N] [--accepted FILE] [--work FOLDER] [--only] [PATH]...
//! ```
//!
//! OLD and NEW are programs. Judged are the corpus, generated messages (20,000 of seed 1 where nothing
//! else is said) and each PATH: a folder of cases, a folder or file of mail, or a list with a message
//! and its options a line (`inputs::list`); `--only` leaves corpus and generated messages out. Compared
//! is what `check --format json` prints, in two settings each. Differences that stand in the file of
//! `--accepted` are counted apart (`accepted.rs`).
//!
//! Exit status: 0 no difference but accepted ones, 1 a difference, 2 it could not be found out.
//! The messages stay in FOLDER (`target/compare-versions`) until the next run.

// A program for measurements: what it can't do ends it, with the reason.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    unreachable_pub
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "compare_versions/accepted.rs"]
mod accepted;
#[path = "compare_versions/difference.rs"]
mod difference;
#[path = "compare_versions/generate/mod.rs"]
mod generate;
#[path = "compare_versions/inputs.rs"]
mod inputs;
#[path = "compare_versions/judge.rs"]
mod judge;
#[path = "compare_versions/report.rs"]
mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Instant;

use inputs::Batch;
use judge::Programs;

const USAGE: &str = "usage: compare-versions OLD NEW [--seed N] [--generate N] [--accepted FILE] [--work FOLDER] \
    [--only] [PATH]...";

/// Stands in the folder of a run, which the next run removes.
const MARK: &str = "made-by-compare-versions";

struct Options {
    programs: Vec<PathBuf>,
    seed: u64,
    generate: u64,
    accepted: Option<PathBuf>,
    work: PathBuf,
    only: bool,
    paths: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("compare-versions: {error}");
            ExitCode::from(2)
        }
    }
}

/// Returns how many differences are not accepted.
fn run() -> Result<usize, String> {
    let options = options(std::env::args().skip(1))?;
    let [old, new] = options.programs.as_slice() else {
        return Err(USAGE.to_owned());
    };
    let accepted = options
        .accepted
        .as_deref()
        .map_or(Ok(Vec::new()), accepted::read)?;
    prepare(&options.work)?;
    let begun = Instant::now();
    let batches = batches(&options)?;
    let programs = Programs {
        old: old.clone(),
        new: new.clone(),
        work: options.work.clone(),
    };
    let judged = programs.judge(&batches)?;
    println!(
        "{} in two settings, in {:.0} s",
        said(&options),
        begun.elapsed().as_secs_f64()
    );
    if judged.equal + judged.differing.len() + judged.unsteady.len() == 0 {
        return Err("there was nothing to judge".to_owned());
    }
    Ok(report::print(&judged, &accepted))
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    let mut options = Options {
        programs: Vec::new(),
        seed: 1,
        generate: 20_000,
        accepted: None,
        work: target.join("compare-versions"),
        only: false,
        paths: Vec::new(),
    };
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .ok_or(format!("{argument} wants a value\n{USAGE}"))
        };
        match argument.as_str() {
            "--seed" => options.seed = number(&value()?)?,
            "--generate" => options.generate = number(&value()?)?,
            "--accepted" => options.accepted = Some(value()?.into()),
            "--work" => options.work = value()?.into(),
            "--only" => options.only = true,
            unknown if unknown.starts_with('-') => {
                return Err(format!("{unknown} is no option\n{USAGE}"));
            }
            _ if options.programs.len() < 2 => options.programs.push(argument.into()),
            _ => options.paths.push(argument.into()),
        }
    }
    Ok(options)
}

fn number(text: &str) -> Result<u64, String> {
    u64::from_str(text).map_err(|_| format!("{text} is no number\n{USAGE}"))
}

/// An empty folder. One that this program didn't make is left alone.
fn prepare(work: &Path) -> Result<(), String> {
    let told = |error| format!("{}: {error}", work.display());
    if work.exists() && !work.join(MARK).exists() {
        return Err(format!(
            "{} is there already, and not of a run of this",
            work.display()
        ));
    }
    if work.exists() {
        fs::remove_dir_all(work).map_err(told)?;
    }
    fs::create_dir_all(work).map_err(told)?;
    fs::write(work.join(MARK), "").map_err(told)
}

fn batches(options: &Options) -> Result<Vec<Batch>, String> {
    let work = &options.work;
    let mut batches = Vec::new();
    if !options.only {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
        // What takes longest begins first.
        batches.extend(inputs::generated(
            options.seed,
            options.generate,
            &work.join("generated"),
        )?);
        batches.extend(inputs::cases(&corpus, &work.join("corpus"))?);
    }
    for (number, path) in options.paths.iter().enumerate() {
        batches.extend(inputs::given(path, &work.join(format!("given-{number}")))?);
    }
    Ok(batches)
}

fn said(options: &Options) -> String {
    let paths = options.paths.iter().map(|path| path.display().to_string());
    let own = match options.only {
        true => Vec::new(),
        false => vec![
            format!(
                "{} generated messages of seed {}",
                options.generate, options.seed
            ),
            "the corpus".to_owned(),
        ],
    };
    own.into_iter().chain(paths).collect::<Vec<_>>().join(", ")
}
