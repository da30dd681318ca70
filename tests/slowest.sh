#!/usr/bin/env bash
# Runs the command that runs the tests, and prints the ten that took longest. The command has to ask for
# times: `cargo test ... -- -Zunstable-options --report-time`, with RUSTC_BOOTSTRAP set for the programs.
# Exit: that of the command.
set -uo pipefail

log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
awk '
    / +Running / { program = $0; sub(/ *\(.*/, "", program); sub(/^ *Running (unittests )?/, "", program) }
    /^test .* <[0-9.]+s>$/ {
        took = $NF
        gsub(/[<>s]/, "", took)
        printf "%9.1f s  %s  %s\n", took, program, $2
    }' "$log" | sort -rn | head -10 | sed '1i\
the ten slowest tests:'
exit "$status"
