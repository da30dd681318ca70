#!/bin/sh
# Puts this milter's results beside those of OpenDKIM and OpenDMARC, on the 50 messages of
# tests/compare/messages.txt, each through a real Postfix, and writes them into docs/comparison.md.
# A measurement, no part of the tests: it needs root, Debian or Ubuntu, and a package mirror.
#
#   tests/compare-opendkim.sh [-n]        -n: print the table, leave the document as it is
#
# OpenDKIM and OpenDMARC are unpacked, not installed, into target/opendkim-pkg. Everything then runs
# in a network of its own (unshare), in which nothing but loopback exists and the DNS server of the
# tests is the resolver.
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
[ "$(id -u)" = 0 ] || die "Postfix and a network of its own need root"
for program in unshare ip mount; do
    command -v $program >/dev/null || die "$program is missing"
done

folder=$(tests/unpack.sh opendkim-pkg opendkim opendmarc publicsuffix)
suffixes=$folder/usr/share/publicsuffix/public_suffix_list.dat
for program in opendkim opendmarc; do
    printf '#!/bin/sh\nexec %s/run %s/usr/sbin/%s "$@"\n' "$folder" "$folder" $program >"$folder/$program"
    chmod +x "$folder/$program"
    say "$("$folder/$program" -V 2>&1 | sed -n 1p)"
done

say "building"
cargo build -q --bin amazon-spoof-milter --example compare
tests/install-postfix.sh >/dev/null

printf 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n' >"$folder/resolv.conf"
say "sending 50 messages twice"
# shellcheck disable=SC2016
table=$(unshare -m -n sh -c '
    ip link set lo up
    mount --bind "$1/resolv.conf" /etc/resolv.conf
    exec target/debug/examples/compare target/debug/amazon-spoof-milter \
        "$1/opendkim" "$1/opendmarc" "$2"
' sh "$folder" "$suffixes") && code=0 || code=$?

if [ $write = no ]; then
    printf '%s\n' "$table"
elif [ -n "$table" ]; then
    head=$(sed '/^<!-- measured -->$/q' docs/comparison.md)
    printf '%s\n\n%s\n' "$head" "$table" >docs/comparison.md
    say "docs/comparison.md is written"
fi
exit "$code"
