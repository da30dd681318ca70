#!/usr/bin/env bash
# What one who edits wants to know soon: format, clippy, the unit tests, the rules about the source and the
# corpus. No root, no Postfix, no download. Each step is named with the time that it took; the first that fails
# ends it. `make check` starts it.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Seconds with a tenth.
now() { date +%s%N; }
since() { local tenths=$((($(now) - $1) / 100000000)); printf '%d.%d s' $((tenths / 10)) $((tenths % 10)); }

step() {
    local name=$1 begun
    shift
    printf '%-30s' "$name"
    begun=$(now)
    if "$@" >"$log" 2>&1; then
        printf '%8s\n' "$(since "$begun")"
    else
        printf '%8s  FAILED\n\n' "$(since "$begun")"
        cat "$log"
        printf '\nmake check: failed at: %s\n' "$name"
        exit 1
    fi
}

begun=$(now)
offline=(--locked --offline)
step 'format' "$cargo" fmt --check
step 'clippy' "$cargo" clippy "${offline[@]}" --all-targets -- -D warnings
step 'build of the tests' "$cargo" test "${offline[@]}" --quiet --lib --test tidy --test corpus --no-run
step 'unit tests' "$cargo" test "${offline[@]}" --quiet --lib
step 'rules about the source' "$cargo" test "${offline[@]}" --quiet --test tidy
step 'corpus' "$cargo" test "${offline[@]}" --quiet --test corpus
printf '%-30s%8s\n' 'all' "$(since "$begun")"
