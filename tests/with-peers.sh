#!/bin/sh
# Runs a command where OpenDKIM, OpenDMARC, rspamd and SpamAssassin of the distribution seem to be installed,
# with their own configuration: in namespaces of its own, in which /usr and /etc have their packages
# laid over them, nothing but loopback exists, and 127.0.0.1 is the resolver. Nothing is installed or
# changed here. Needs root, Debian or Ubuntu, and a package mirror the first time.
#
#   tests/with-peers.sh COMMAND [ARGUMENT]...
set -eu

die() { printf 'with-peers: %s\n' "$*" >&2; exit 2; }

[ $# -gt 0 ] || die "usage: tests/with-peers.sh COMMAND [ARGUMENT]..."
[ "$(id -u)" = 0 ] || die "namespaces of its own need root"
for program in unshare ip mount; do
    command -v $program >/dev/null || die "$program is missing"
done
here=$(cd "$(dirname "$0")" && pwd)
# libmail-*: what SpamAssassin recommends for SPF, DKIM and DMARC.
folder=$(sh "$here/unpack.sh" peers-pkg opendkim opendmarc publicsuffix rspamd spamassassin spamd spamc \
    spamass-milter libmail-spf-perl libmail-dkim-perl libmail-dmarc-perl libmilter-dev | tail -n 1)
printf 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n' >"$folder/resolv.conf"
# shellcheck disable=SC2016
exec unshare --mount --net sh -eu -c '
    folder=$1
    shift
    ip link set lo up
    mount -t overlay overlay -o "lowerdir=$folder/usr:/usr" /usr
    mount -t overlay overlay -o "lowerdir=$folder/etc:/etc" /etc
    mount --bind "$folder/resolv.conf" /etc/resolv.conf
    exec "$@"
' sh "$folder" "$@"
