#!/bin/sh
# Runs this filter, OpenDKIM with OpenDMARC, rspamd and SpamAssassin over the corpus and
# tests/compare/others.txt, each through a real Postfix, in one run, and writes what each marked into docs/why.md.
# A measurement, no part of the tests: it needs root, Debian or Ubuntu, and a package mirror. Some ten minutes.
#
#   tests/compare-filters.sh [-n] [WORD]...     -n: print the tables, leave the document as it is;
#                                               words: only cases with one of them in their name
#
# tests/with-peers.sh unpacks the others, and runs everything in a network of its own.
set -eu

say() { printf 'compare-filters: %s\n' "$*" >&2; }

write=yes
if [ "${1-}" = -n ]; then
    write=no
    shift
fi
[ $# = 0 ] || write=no
cd "$(dirname "$0")/.."
say "building"
cargo build -q --bin amazon-spoof-milter --example compare-filters
tests/install-postfix.sh >/dev/null
say "sending"
tables=$(tests/with-peers.sh target/debug/examples/compare-filters target/debug/amazon-spoof-milter "$@")
if [ $write = no ]; then
    printf '%s\n' "$tables"
else
    head=$(sed '/^<!-- measured -->$/q' docs/why.md)
    tail=$(sed -n '/^<!-- end of what is measured -->$/,$p' docs/why.md)
    printf '%s\n\n%s\n\n%s\n' "$head" "$tables" "$tail" >docs/why.md
    say "docs/why.md is written"
fi
