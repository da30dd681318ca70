#!/usr/bin/env bash
# Which lines of the core the tests run: a table by room, the total, and the lines that none ran.
#
#   tests/coverage.sh            unit tests and the test programs that need no process, socket or root
#   tests/coverage.sh NAME...    unit tests and these test programs
#
# Needs cargo-llvm-cov, and the tools of the LLVM that rustc was built with; on Debian they are unpacked
# from its packages into target/. What no line ran is written to target/coverage/missed.txt.
# Exit 0: 95 % of the core's lines or more. 1: fewer. 2: it could not be measured.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}
cargo=${CARGO:-cargo}
out=$target/coverage

die() {
    echo "coverage: $*" >&2
    exit 2
}

"$cargo" llvm-cov --version >/dev/null 2>&1 || die "cargo-llvm-cov is missing: cargo install cargo-llvm-cov --locked"
if [[ -z ${LLVM_COV:-} ]]; then
    major=$(rustc -vV | sed -nE 's/^LLVM version: ([0-9]+).*/\1/p')
    LLVM_COV=$(command -v "llvm-cov-$major" || true)
    LLVM_PROFDATA=$(command -v "llvm-profdata-$major" || true)
    if [[ -z $LLVM_COV ]]; then
        folder=$(tests/unpack.sh llvm "llvm-$major") || die "llvm-$major can't be had: set LLVM_COV and LLVM_PROFDATA"
        for tool in cov profdata; do
            printf '#!/bin/sh\nexec "%s/run" "llvm-%s-%s" "$@"\n' "$folder" "$tool" "$major" >"$folder/$tool.sh"
            chmod +x "$folder/$tool.sh"
        done
        LLVM_COV=$folder/cov.sh LLVM_PROFDATA=$folder/profdata.sh
    fi
    export LLVM_COV LLVM_PROFDATA
fi
if [[ $# -eq 0 ]]; then
    set -- advice arc author author_properties authres claim_properties claims content corpus decoding domain_list \
        evasions honest_mail invented_brand lookalikes matrix mutations proof_matrix simulation spf visible_text
fi
tests=()
for name; do tests+=(--test "$name"); done
mkdir -p "$out"
"$cargo" llvm-cov --locked --no-fail-fast --ignore-run-fail --lib "${tests[@]}" --json --output-path "$out/all.json" >"$out/log" 2>&1 ||
    die "see $out/log"
exec python3 tests/coverage.py "$out/all.json" "$out/missed.txt"
