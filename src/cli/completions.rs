//! The completions of a shell.

use clap::Command;
use clap_complete::{Shell, generate};

/// The script that a shell loads.
pub(super) fn script(shell: Shell, command: &mut Command) -> Vec<u8> {
    let name = command.get_name().to_owned();
    // Into memory first: the library panics where the reader has gone.
    let mut script = Vec::new();
    generate(shell, command, &name, &mut script);
    match shell {
        Shell::Bash => with_labels_that_are_set(&script, &name),
        _ => script,
    }
}

/// The script for bash, in which every branch can be reached.
///
/// The library names the state of each command after the program, and in the labels of its branches takes
/// each hyphen of that name for the step to a command below: no branch but the first would ever be taken.
fn with_labels_that_are_set(script: &[u8], name: &str) -> Vec<u8> {
    let set = name.replace('-', "__");
    let labelled = name.replace('-', "__subcmd__");
    let script = String::from_utf8_lossy(script);
    script.replace(&labelled, &set).into_bytes()
}
