#!/bin/sh
# Puts this milter's results beside those of OpenDKIM and OpenDMARC, on the 50 messages of
# tests/compare/messages.txt, each through a real Postfix, and writes them into docs/comparison.md.
# A measurement, no part of the tests: it needs root, Debian or Ubuntu, and a package mirror.
#
#   tests/compare-opendkim.sh [-n]        -n: print the table, leave the document as it is
#
# tests/with-peers.sh unpacks OpenDKIM and OpenDMARC, and runs everything in a network of its own.
set -eu

say() { printf 'compare-opendkim: %s\n' "$*" >&2; }
die() { say "$*"; exit 2; }

write=yes
case ${1-} in
    -n) write=no ;;
    '') ;;
    *) die "usage: tests/compare-opendkim.sh [-n]" ;;
esac
cd "$(dirname "$0")/.."
say "building"
cargo build -q --bin amazon-spoof-milter --example compare
tests/install-postfix.sh >/dev/null

say "sending 50 messages twice"
table=$(tests/with-peers.sh target/debug/examples/compare target/debug/amazon-spoof-milter) && code=0 || code=$?

if [ $write = no ]; then
    printf '%s\n' "$table"
elif [ -n "$table" ]; then
    head=$(sed '/^<!-- measured -->$/q' docs/comparison.md)
    printf '%s\n\n%s\n' "$head" "$table" >docs/comparison.md
    say "docs/comparison.md is written"
fi
exit "$code"
