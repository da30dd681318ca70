#!/usr/bin/env bash
# Changes the core in one place at a time, and looks whether a test notices: a sample, drawn by a seed.
#
#   tests/mutants.sh SEED FROM COUNT [ROOM...]
#
# Of all changes that cargo-mutants knows in the rooms (all of the core), put into an order that SEED gives,
# those from FROM on (0 is the first), COUNT of them. Each is tried with the unit tests and the test programs
# below. What came out is added to target/mutants/SEED.tsv, and all that the file holds is summed up; so
# `FROM` goes on where an earlier run stopped. tests/mutants.accepted has those that no test can notice,
# each with its reason.
# Exit 0: nine in ten were noticed. 1: fewer. 2: it could not be tried.
set -euo pipefail

cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
seed=${1:?tests/mutants.sh SEED FROM COUNT [ROOM...]} from=${2:?} count=${3:?}
shift 3
out=${CARGO_TARGET_DIR:-target}/mutants
tests=(claims lookalikes content author evasions corpus matrix proof_matrix spf arc authres simulation)

"$cargo" mutants --version >/dev/null 2>&1 || {
    echo 'mutants: cargo-mutants is missing: cargo install cargo-mutants --locked' >&2
    exit 2
}
mkdir -p "$out"
"$cargo" mutants --list --json >"$out/all.json"
python3 tests/mutants.py draw "$out/all.json" "$seed" "$from" "$count" "$@" >"$out/drawn"
options=()
while IFS= read -r pattern; do options+=(--re "$pattern"); done <"$out/drawn"
[[ ${#options[@]} -gt 0 ]] || { echo 'mutants: none is left' >&2; exit 2; }
arguments=(-C=--lib)
for name in "${tests[@]}"; do arguments+=("-C=--test=$name"); done
# A missed one is no failure of this run.
"$cargo" mutants --no-shuffle --baseline=skip --timeout "${TIMEOUT:-300}" --output "$out" "${options[@]}" "${arguments[@]}" || true
exec python3 tests/mutants.py sum "$out/mutants.out/outcomes.json" "$out/$seed.tsv" tests/mutants.accepted
