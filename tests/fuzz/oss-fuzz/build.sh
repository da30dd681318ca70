#!/bin/bash
# Builds every target for OSS-Fuzz: programs, seeds and words into $OUT. It runs outside of it as well:
#
#   OUT=target/oss-fuzz SANITIZER=none tests/fuzz/oss-fuzz/build.sh
#
# from the root of the source, with cargo-fuzz installed.
set -eu

out=${OUT:?where the programs go}
sanitizer=${SANITIZER:-address}
mkdir -p "$out"
# The flags of the fuzzer are unstable ones, which the stable compiler takes so.
RUSTC_BOOTSTRAP=1 cargo fuzz build --fuzz-dir tests/fuzz -O --sanitizer "$sanitizer"
CARGO_MANIFEST_DIR=$PWD rustc --edition 2024 -o "$out/seeds" tests/fuzz/seeds_main.rs
host=$(rustc -vV | sed -n 's/^host: //p')
for file in tests/fuzz/fuzz_targets/*.rs; do
    target=$(basename "$file" .rs)
    cp "tests/fuzz/target/$host/release/$target" "$out/"
    cp tests/fuzz/mail.dict "$out/$target.dict"
    rm -rf "$out/$target"_seeds
    "$out/seeds" "$target" "$out/$target"_seeds
    (cd "$out/$target"_seeds && python3 -m zipfile -c "../$target"_seed_corpus.zip .)
    rm -rf "$out/$target"_seeds
done
rm "$out/seeds"
