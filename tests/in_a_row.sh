#!/usr/bin/env bash
# Runs the test programs that use sockets, processes or time so many times in a row, to see whether one of them
# fails now and then. AT_ONCE runs go on beside each other: each is the load of the others, and all of them want
# the same cores.
#
#   tests/in_a_row.sh RUNS [AT_ONCE] [PROGRAM...]
#
# What each run printed is in target/in-a-row, by its number. It goes on after a failure, so that all are counted.
# Exit 0: none failed. 1: one did, and its file is named. 2: they don't build.
set -euo pipefail

cd "$(dirname "$0")/.."
runs=${1:?tests/in_a_row.sh RUNS [AT_ONCE] [PROGRAM...]} at_once=${2:-2}
shift $(($# < 2 ? $# : 2))
cargo=${CARGO:-cargo}
out=${CARGO_TARGET_DIR:-$PWD/target}/in-a-row
rm -rf "$out"
mkdir -p "$out"

if [[ $# = 0 ]]; then
    # The simulation has neither: its clock is its own.
    mapfile -t files < <(grep -lE '^mod support;|process::Command|time::(Duration, )?Instant' tests/*.rs | grep -vE '/(simulation|tidy)\.rs$')
    set -- "${files[@]##*/}"
    set -- "${@%.rs}"
fi
arguments=("${@/#/--test=}")
# Optimised, so that more runs go into an hour, with the checks of a debug build.
export CARGO_PROFILE_QUICK_DEBUG_ASSERTIONS=true CARGO_PROFILE_QUICK_OVERFLOW_CHECKS=true
"$cargo" test --profile quick --locked --no-run --bins --examples "${arguments[@]}" 2>"$out/build.log" ||
    { cat "$out/build.log" >&2; exit 2; }

one() {
    local began=$SECONDS status=0
    "$cargo" test --profile quick --locked --no-fail-fast "${arguments[@]}" >"$out/$1.log" 2>&1 || status=$?
    awk -v run="$1" -v seconds=$((SECONDS - began)) -v status=$status '
        / +Running / { programs++ }
        /^test result: / { passed += $4; failed += $6 }
        / \.\.\. FAILED$/ { names = names " " $2 }
        END {
            printf "run %d: %d programs, %d tests passed, %d failed, %d s, status %d%s\n",
                run, programs, passed, failed, seconds, status, names
        }' "$out/$1.log" | tee "$out/$1.sum"
}

for ((lane = 1; lane <= at_once; lane++)); do
    for ((run = lane; run <= runs; run += at_once)); do one "$run"; done &
done
wait

echo "of $runs runs $(grep -l 'status 0$' "$out"/*.sum | wc -l) passed; each is in $out"
! grep -L 'status 0$' "$out"/*.sum | grep .
