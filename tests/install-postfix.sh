#!/bin/sh
# Provides a Postfix for the tests and the demonstration without installing one: installing would
# remove another mail server from this machine and start one on port 25.
#
# Where the system has a Postfix, its programs are used (with a configuration of the caller's own).
# Else the distribution's package is unpacked into target/postfix-pkg by tests/unpack.sh. No root is
# needed here (Postfix itself starts as root only).
# What it does is said on standard error; the last line of standard output is the folder in which
# usr/sbin/postconf is found: "/" or target/postfix-pkg.
set -eu

say() { printf 'install-postfix: %s\n' "$*" >&2; }

if [ -x /usr/sbin/postconf ] && [ -x /usr/lib/postfix/sbin/master ]; then
    say "using the programs of the system's Postfix $(/usr/sbin/postconf -dh mail_version 2>/dev/null)"
    echo /
    exit 0
fi
folder=$(sh "$(dirname "$0")/unpack.sh" postfix-pkg postfix)
# It warns of much that is no matter here: a machine without a domain in its name, for one.
if ! version=$("$folder/run" "$folder/usr/sbin/postconf" -dh mail_version 2>"$folder/complaint"); then
    cat "$folder/complaint" >&2
    say "the unpacked Postfix does not run on this system; remove $folder to unpack it anew"
    exit 1
fi
say "Postfix $version is in $folder"
echo "$folder"
