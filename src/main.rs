//! Arguments to command to exit code.

use amazon_spoof_milter::cli::Cli;
use clap::Parser;
use mimalloc::MiMalloc;
use std::process::ExitCode;

/// A message is a few hundred small pieces that come and go (docs/decisions/0007-allocator.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    Cli::parse().execute()
}
