#!/bin/sh
# Messages a second, processor time and memory of this filter, of libmilter's no-op, of OpenDKIM with
# OpenDMARC, and of rspamd: the same messages over the milter protocol, in turn, five rounds, medians. The
# others are the distribution's, with their own configuration (tests/support/peers.rs); all ask the same DNS server, and no other machine.
# A measurement, no part of the tests: it needs root, Debian or Ubuntu, and a package mirror. Nothing else
# should run meanwhile.
#
#   tests/compare-speed.sh [--rounds N] [--seconds S] [--program FILE] [WORD]...
#
# Words: only lines that contain one of them, such as `genuine`. The tables stand on standard output.
set -eu

say() { printf 'compare-speed: %s\n' "$*" >&2; }

cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- 'genuine 8.5 KB' 'forged 10 KB' 'lookalike 10 KB' 'display name 10 KB' 'ordinary 10 KB' 'ordinary 1 MB' 'genuine 1 MB'
cargo=${CARGO:-cargo}
say "building"
"$cargo" bench --quiet --locked --no-run --bench conversation
[ -e /usr/include/libmilter/mfapi.h ] || tests/unpack.sh milter-pkg libmilter-dev >/dev/null
printf '%s\n%s\n\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort | uniq -c | sed 's/^ *\([0-9]*\) /\1 x /')" "$(date -u +%F)"
exec tests/with-peers.sh "$cargo" bench --quiet --locked --offline --bench conversation -- --peers "$@"
