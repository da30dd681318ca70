#!/bin/sh
# Provides a Postfix for the tests and the demonstration without installing one: installing would
# remove another mail server from this machine and start one on port 25.
#
#   tests/install-postfix.sh [--unpack] [FOLDER]
#
# Where the system has a Postfix, its programs are used (with a configuration of the caller's own).
# Else, or with --unpack, the distribution's package and the libraries that this system lacks are
# unpacked into FOLDER (target/postfix-pkg beside Cargo.toml by default). Nothing outside of it is
# written, and no root is needed here (Postfix itself starts as root only).
# What it does is said on standard error; the last line of standard output is the folder in which
# usr/sbin/postconf is found: "/" or FOLDER.
set -eu

say() { printf 'install-postfix: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

unpack=no
folder=
for argument in "$@"; do
    case $argument in
        --unpack) unpack=yes ;;
        -h | --help) sed -n '2,/^set/{s/^# \{0,1\}//;/^set/d;p;}' "$0"; exit 0 ;;
        -*) die "unknown option $argument; usage: install-postfix.sh [--unpack] [FOLDER]" ;;
        *) folder=$argument ;;
    esac
done
if [ -z "$folder" ]; then
    folder=$(cd "$(dirname "$0")/.." && pwd)/target/postfix-pkg
fi
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# The folders with shared libraries of an unpacked tree, as LD_LIBRARY_PATH.
library_path() {
    find "$1/lib" "$1/usr/lib" -name '*.so*' ! -path '*/postfix/lib/*' 2>/dev/null |
        sed 's,/[^/]*$,,' | sort -u | tr '\n' ':' | sed 's/:$//'
}

works() {
    [ -x "$1/usr/sbin/postconf" ] && [ -x "$1/usr/lib/postfix/sbin/master" ] &&
        LD_LIBRARY_PATH=$(library_path "$1") "$1/usr/sbin/postconf" -dh mail_version >/dev/null 2>&1
}

if [ $unpack = no ] && [ -x /usr/sbin/postconf ] && [ -x /usr/lib/postfix/sbin/master ]; then
    say "using the programs of the system's Postfix $(/usr/sbin/postconf -dh mail_version 2>/dev/null)"
    echo /
    exit 0
fi
if works "$folder"; then
    say "already unpacked in $folder"
    echo "$folder"
    exit 0
fi
for program in apt-get apt-cache dpkg dpkg-query ldd; do
    command -v $program >/dev/null ||
        die "$program is missing; this works on Debian and Ubuntu. Elsewhere install Postfix yourself"
done

# Two test programs may come here at the same time: the second waits and finds the work done.
exec 9>"$folder/.lock"
if command -v flock >/dev/null; then flock 9; fi
if works "$folder"; then
    echo "$folder"
    exit 0
fi

work=$folder/.work
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/deb" "$work/tree"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The system's package index is used as it is; a private one is fetched where that does not do.
private=no
apt() {
    program=$1
    shift
    if [ $private = yes ]; then
        "$program" -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" \
            -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o Acquire::Languages=none "$@"
    else
        "$program" -o APT::Sandbox::User=root "$@"
    fi
}
fetch_index() {
    private=yes
    say "fetching a package index of its own into $work/lists (apt-get update; the system's stays as it is)"
    apt apt-get -q update >&2 || die "the package index could not be fetched; is a mirror reachable?"
}

# What apt would add to this system for Postfix, found by a simulation; of that, Postfix and
# libraries. Never the C library: a second one beside the running loader crashes.
plan() {
    apt apt-get -s -q --no-install-recommends install postfix 2>"$work/plan.err" >"$work/plan" || return 1
    sed -n 's/^Inst \([^ ]*\) .*/\1/p' "$work/plan" | sed 's/:.*//' |
        grep -E '^(postfix|postfix-[a-z]+|lib[^ ]+)$' | grep -Ev '^libc(6|-bin|-dev.*)$' >"$work/packages"
    # Installed, but removed from the disk or never configured: the simulation does not list it.
    grep -qx postfix "$work/packages" || echo postfix >>"$work/packages"
}
download() {
    # Unquoted on purpose: one argument a package; the names were filtered above.
    # shellcheck disable=SC2046
    (cd "$work/deb" && rm -f ./*.deb && apt apt-get -q download $(cat "$work/packages") >&2)
}

apt-cache show --no-all-versions postfix >/dev/null 2>&1 || fetch_index
if ! plan; then
    [ $private = yes ] || { fetch_index; plan; } || {
        cat "$work/plan.err" >&2
        die "apt cannot say what Postfix needs here (above)"
    }
fi
say "no Postfix on this system. Unpacking, not installing, into $folder:"
say "  $(tr '\n' ' ' <"$work/packages")"
if ! download; then
    [ $private = no ] || die "the packages could not be downloaded"
    say "the system's package index seems to be out of date"
    fetch_index
    { plan && download; } || die "the packages could not be downloaded"
fi
for package in "$work"/deb/*.deb; do
    dpkg -x "$package" "$work/tree"
done

missing=$(find "$work/tree/usr/sbin" "$work/tree/usr/lib/postfix/sbin" -type f -perm -100 \
    -exec env LD_LIBRARY_PATH="$(library_path "$work/tree")" ldd {} \; 2>/dev/null |
    sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/\1/p' | sort -u | tr '\n' ' ')
[ -z "$missing" ] || die "libraries are missing for the unpacked Postfix: $missing"
works "$work/tree" || die "the unpacked Postfix does not run on this system"

for top in "$work"/tree/*; do
    rm -rf "${folder:?}/$(basename "$top")"
    mv "$top" "$folder/"
done
say "Postfix $(LD_LIBRARY_PATH=$(library_path "$folder") "$folder/usr/sbin/postconf" -dh mail_version 2>/dev/null) is in $folder"
echo "$folder"
