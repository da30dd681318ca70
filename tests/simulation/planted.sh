#!/usr/bin/env bash
# Plants the faults of tests/simulation/planted into a copy of the tree, one after the other, and lets the
# simulator look for them: seed 1, 2, 3 ... until one of them shows that something is wrong.
#
#   tests/simulation/planted.sh            every fault
#   tests/simulation/planted.sh NAME...    these
#
# One line a fault: how many seeds and messages it took, how long, and by what it was found.
# Exit 0: each was found within a minute. 1: one was not. 2: one could not be tried.
set -euo pipefail
shopt -s inherit_errexit

root=$(cd "$(dirname "$0")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
tree=$target/planted/tree
# A build of its own: else cargo takes what was built here for what was built there.
export CARGO_TARGET_DIR=$target/planted/build CARGO_TERM_COLOR=never RUST_BACKTRACE=0
# Seconds for each, and messages of each seed.
patience=${PATIENCE:-60}
messages=${MESSAGES:-150}
missed=0

die() {
    echo "planted: $*" >&2
    exit 2
}

# The sources as they are; what a build made of them before stays, so that only what differs is built again.
fresh_copy() {
    mkdir -p "$tree"
    rm -rf "$tree/src" "$tree/tests"
    cp -a "$root/Cargo.toml" "$root/Cargo.lock" "$root/src" "$root/tests" "$tree/"
}

# The program of the tests, built.
build() {
    local output=$target/planted/build.log
    (cd "$tree" && cargo test --quiet --locked --test simulation --no-run --message-format=json 2>"$output") |
        sed -nE 's/.*"name":"simulation".*"executable":"([^"]+)".*/\1/p' | tail -1
}

try() {
    local name=$1 program output=$target/planted/$1.log began ended found
    fresh_copy
    (cd "$tree" && patch --quiet -p1 <"$root/tests/simulation/planted/$name.patch") || die "$name can't be planted any more"
    program=$(build) || true
    [[ -x $program ]] || die "$name leaves nothing that builds, see $target/planted/build.log"
    began=$EPOCHREALTIME
    if (cd "$tree" && SEED=1 SEEDS=100000 MESSAGES=$messages timeout "$patience" \
        "$program" --exact --nocapture what_is_right_comes_out_whatever_happens) >"$output" 2>&1; then
        die "$name: 100,000 seeds found nothing"
    fi
    ended=$EPOCHREALTIME
    found=$(sed -nE 's/^seed ([0-9]+), epoch ([0-9]+), after ([0-9]+) messages.*/\1 \3/p' "$output" | tail -1)
    if [[ -z $found ]]; then
        printf '%-26s NOT FOUND within %s s\n' "$name" "$patience"
        missed=1
        return
    fi
    awk -v name="$name" -v found="$found" -v began="$began" -v ended="$ended" -v each="$messages" \
        -v by="$(sed -nE 's/^ +wrong: (.*)/\1/p' "$output" | head -1 | cut -c1-150)" 'BEGIN {
            split(found, at, " ")
            printf "%-26s seed %d, some %d messages, %.1f s: %s\n",
                name, at[1], (at[1] - 1) * each + at[2], ended - began, by
        }'
}

cd "$root"
if [[ $# -eq 0 ]]; then
    for patch in tests/simulation/planted/*.patch; do
        name=${patch##*/}
        set -- "$@" "${name%.patch}"
    done
fi
for name; do
    try "$name"
done
exit "$missed"
