#!/usr/bin/env bash
# Which lines of the core the tests run: a table by room, the total, and the lines that none ran.
#
#   tests/coverage.sh            unit tests and the test programs that need no process, socket or root
#   tests/coverage.sh NAME...    unit tests and these test programs
#
# Only this package is built so that it counts; what it depends on stays as it is. The counts are read by the
# tools of the LLVM that rustc was built with: those of `rustup component add llvm-tools`, or of the
# distribution, whose package is unpacked into target/. What no line ran is written to
# target/coverage/missed.txt.
# Exit 0: 95 % of the core's lines or more. 1: fewer. 2: it could not be measured.
set -euo pipefail

# Cargo calls this script in the place of rustc, for this package only.
if [[ ${COUNTING:-} = yes ]]; then
    exec "$@" -C instrument-coverage
fi

script=$(cd "$(dirname "$0")" && pwd)/coverage.sh
root=${script%/tests/*}
cd "$root"
target=${CARGO_TARGET_DIR:-$root/target}
cargo=${CARGO:-cargo}
out=$target/coverage

die() {
    echo "coverage: $*" >&2
    exit 2
}

if [[ -z ${LLVM_COV:-} ]]; then
    host=$(rustc -vV | sed -nE 's/^host: (.*)/\1/p')
    major=$(rustc -vV | sed -nE 's/^LLVM version: ([0-9]+).*/\1/p')
    folder=$(rustc --print sysroot)/lib/rustlib/$host/bin
    if [[ -x $folder/llvm-cov ]]; then
        LLVM_COV=$folder/llvm-cov LLVM_PROFDATA=$folder/llvm-profdata
    elif command -v "llvm-cov-$major" >/dev/null; then
        LLVM_COV=llvm-cov-$major LLVM_PROFDATA=llvm-profdata-$major
    else
        folder=$(tests/unpack.sh llvm "llvm-$major") ||
            die "no llvm-cov of LLVM $major: rustup component add llvm-tools, or set LLVM_COV and LLVM_PROFDATA"
        for tool in cov profdata; do
            printf '#!/bin/sh\nexec "%s/run" "llvm-%s-%s" "$@"\n' "$folder" "$tool" "$major" >"$folder/$tool.sh"
            chmod +x "$folder/$tool.sh"
        done
        LLVM_COV=$folder/cov.sh LLVM_PROFDATA=$folder/profdata.sh
    fi
fi
if [[ $# -eq 0 ]]; then
    set -- advice arc author author_properties authres claim_properties claims content corpus decoding domain_list \
        evasions honest_mail invented_brand lookalikes matrix mutations proof_matrix simulation spf styles visible_text
fi
tests=(--lib)
for name; do tests+=("--test=$name"); done

mkdir -p "$out"
rm -rf "$out/counts"
export CARGO_TARGET_DIR=$out/build LLVM_PROFILE_FILE=$out/counts/%p-%m.profraw
counted() { COUNTING=yes RUSTC_WORKSPACE_WRAPPER=$script "$cargo" test --locked "${tests[@]}" "$@"; }
programs=$(counted --no-run --message-format=json 2>"$out/log" |
    sed -nE 's/.*"profile":\{[^}]*"test":true\}.*"executable":"([^"]+)".*/\1/p') || die "see $out/log"
[[ -n $programs ]] || die "see $out/log"
# A test that fails has counted, too.
counted --no-fail-fast >>"$out/log" 2>&1 || echo "coverage: a test failed, see $out/log" >&2
"$LLVM_PROFDATA" merge --sparse -o "$out/all.profdata" "$out"/counts/*.profraw
objects=()
for program in $programs; do objects+=("--object=$program"); done
"$LLVM_COV" export --instr-profile="$out/all.profdata" --skip-functions "${objects[@]}" >"$out/all.json"
exec python3 tests/coverage.py "$out/all.json" "$out/missed.txt"
