#!/usr/bin/env bash
# Changes the core in one place at a time, and looks whether a test notices: a sample, drawn by a seed.
#
#   tests/mutants.sh SEED FROM COUNT [ROOM...]
#
# Of all changes that cargo-mutants knows in the rooms (all of the core), put into an order that SEED gives,
# those from FROM on (0 is the first), COUNT of them. All of them are built into one program, each behind a
# switch (tests/mutants_switched.py), and each is tried with the unit tests and the test programs below. What
# can't be switched, cargo-mutants builds and tries, one after the other (ONE_BY_ONE=no leaves them).
# What came out is added to target/mutants/SEED.tsv, and all that the file holds is summed up; so `FROM` goes
# on where an earlier run stopped. tests/mutants.accepted has those that no test can notice, each with its
# reason.
# Exit 0: nine in ten were noticed. 1: fewer. 2: it could not be tried.
set -euo pipefail

cd "$(dirname "$0")/.."
root=$PWD
cargo=${CARGO:-cargo}
seed=${1:?tests/mutants.sh SEED FROM COUNT [ROOM...]} from=${2:?} count=${3:?}
shift 3
out=${CARGO_TARGET_DIR:-$root/target}/mutants
tests=(claims lookalikes styles content author evasions corpus matrix proof_matrix spf arc authres simulation
    decoding honest_mail audit advice author_properties claim_properties attachments)

die() {
    echo "mutants: $*" >&2
    exit 2
}

"$cargo" mutants --version >/dev/null 2>&1 || die 'cargo-mutants is missing: cargo install cargo-mutants --locked'
mkdir -p "$out/tree"
# It finds expressions in the source.
python=$out/venv/bin/python
[[ -x $python ]] || python3 -m venv "$out/venv" || die "Python has no venv here: apt-get install python3-venv"
"$out/venv/bin/pip" --quiet install tree-sitter==0.26.1 tree-sitter-rust==0.24.2 || die "tree-sitter can't be had"

"$cargo" mutants --list --json >"$out/all.json"
"$python" tests/mutants.py draw "$out/all.json" "$seed" "$from" "$count" "$@" >"$out/drawn"
[[ -s $out/drawn ]] || die 'none is left'
arguments=(--lib)
for name in "${tests[@]}"; do arguments+=("--test=$name"); done

# Optimised, since they run more often than they are built, but the switched code only so far that its build
# takes no more time than all its runs; with the checks of a debug build.
export CARGO_PROFILE_QUICK_DEBUG_ASSERTIONS=true CARGO_PROFILE_QUICK_OVERFLOW_CHECKS=true CARGO_TARGET_DIR=$out/build
"$python" tests/mutants_switched.py build "$out/all.json" "$out/drawn" "$root" "$out/tree" "$out/switched.json" \
    "$cargo" test --profile quick --config 'profile.quick.package.amazon-spoof-milter.opt-level=1' --locked --no-run "${arguments[@]}"
"$python" tests/mutants_switched.py try "$out/switched.json" "$out/tree" "$out/$seed.tsv"

"$python" tests/mutants.py left "$out/drawn" "$out/$seed.tsv" >"$out/left"
if [[ -s $out/left && ${ONE_BY_ONE:-yes} = yes ]]; then
    options=()
    while IFS= read -r pattern; do options+=(--re "$pattern"); done <"$out/left"
    # A missed one is no failure of this run.
    "$cargo" mutants --profile=quick --no-shuffle --baseline=skip --timeout "${TIMEOUT:-300}" --output "$out" "${options[@]}" \
        "${arguments[@]/#/-C=}" || true
    "$python" tests/mutants.py add "$out/mutants.out/outcomes.json" "$out/$seed.tsv"
fi
exec "$python" tests/mutants.py sum "$out/$seed.tsv" tests/mutants.accepted
