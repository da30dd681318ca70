#!/bin/sh
# Makes a fresh system of this machine's own release (or another one), with systemd, Postfix and what its operator
# would have at hand, as one archive. tests/boot-tree.sh boots it. Needs root; nothing is installed
# here: mmdebstrap is unpacked by tests/unpack.sh.
#
#   [SUITE=trixie] tests/fresh-tree.sh [PACKAGE...]
#
# SUITE is another release than this machine's own. Packages that are named are not installed, but lie
# with all that they need where apt-get finds them, so that `apt-get install` works in the booted system,
# which has no network. An archive made before is found again. What is done is said on standard error;
# the last line of standard output is the archive.
set -eu

say() { printf 'fresh-tree: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

here=$(cd "$(dirname "$0")" && pwd)
# libc6 and libgcc-s1 come along with any of them; swaks sends mail, lintian judges the package.
packages=systemd,postfix,swaks,curl,jq,procps,iproute2,man-db,lintian
folder=${FRESH_TREE:-$here/../target/fresh-tree}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# shellcheck source=/dev/null
suite=${SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-}")}
[ -n "$suite" ] || die "/etc/os-release names no release: this works on Debian and Ubuntu"
at_hand=$*
# One archive of each kind is kept: what was made of other packages is of no use any more.
kind=$suite-plain
[ -z "$at_hand" ] || kind=$suite-apt
archive=$folder/$kind-$(printf %s "$packages $at_hand" | cksum | cut -d' ' -f1).tar

exec 9>"$folder/.lock"
if command -v flock >/dev/null; then flock 9; fi
if [ -f "$archive" ]; then
    echo "$archive"
    exit 0
fi
[ "$(id -u)" = 0 ] || die "a tree is made by root only"
mmdebstrap=$(sh "$here/unpack.sh" mmdebstrap-pkg mmdebstrap | tail -n 1)
say "making a fresh $suite (once; some hundred megabytes from the distribution's mirror)"
rm -f "$folder/$kind"-*.tar "$folder/new"
set --
# Indexes and packages stay; mmdebstrap would remove both.
if [ -n "$at_hand" ]; then
    set -- --skip=cleanup/apt --customize-hook="export APT_CONFIG=\"\$MMDEBSTRAP_APT_CONFIG\"; apt-get clean
        apt-get --quiet --quiet --yes --no-install-recommends --download-only install $at_hand"
fi
# Nothing here has to survive a power cut, and nobody looks up manual pages by keyword.
"$mmdebstrap/run" mmdebstrap --quiet --variant=apt --mode=root --format=tar --include="$packages" \
    --aptopt='Apt::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
    --essential-hook='chroot "$1" dpkg-divert --quiet --local --no-rename /usr/bin/mandb; ln -s true "$1/usr/bin/mandb"' \
    "$@" "$suite" "$folder/new" >&2 || die "no tree could be made (above)"
mv "$folder/new" "$archive"
echo "$archive"
