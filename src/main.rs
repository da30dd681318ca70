//! Arguments to command to exit code.

use amazon_spoof_milter::cli::Cli;
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    Cli::parse().execute()
}
