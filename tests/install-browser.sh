#!/bin/sh
# Provides what the test in a real browser needs: Chromium with its WebDriver from the distribution's
# packages, installed where they are missing (no service comes with them), and axe-core, the rules of
# accessibility, in one pinned version from npm, which is put into target/axe.
set -eu

say() { printf 'install-browser: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

version=4.14.1
checksum=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
folder=$(cd "$(dirname "$0")/.." && pwd)/target/axe
script=$folder/axe.min.js

needed=
{ command -v chromium && command -v chromedriver; } >/dev/null || needed='chromium chromium-driver'
genuine() { printf '%s  %s\n' "$checksum" "$1" | sha256sum -c --status - 2>/dev/null; }
genuine "$script" || command -v npm >/dev/null || needed="$needed npm"

if [ -n "$needed" ]; then
    command -v apt-get >/dev/null || die "these are missing, and this system has no apt-get: $needed"
    root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "as root: apt-get install $needed"
        root='sudo '
    fi
    say "installing: ${root}apt-get install --no-install-recommends $needed"
    install() {
        # Unquoted on purpose: several words.
        # shellcheck disable=SC2086
        ${root}env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $needed >&2
    }
    if ! install; then
        say "that failed; is the package index out of date? Fetching it: ${root}apt-get update"
        ${root}apt-get -q update >&2 && install || die "they could not be installed (above)"
    fi
fi

if ! genuine "$script"; then
    say "fetching axe-core $version by npm into $folder"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    (cd "$work" && npm pack --silent "axe-core@$version" >/dev/null) || die "npm could not fetch axe-core"
    tar -xzf "$work/axe-core-$version.tgz" -C "$work" package/axe.min.js
    genuine "$work/package/axe.min.js" || die "this axe-core $version is not the one that was looked at"
    mkdir -p "$folder"
    mv "$work/package/axe.min.js" "$script"
fi
