#!/bin/sh
# Provides what building needs beyond Rust: a C compiler and the C library's headers, since rustc
# links with them and the crate `ring` has C in it. They are installed from the distribution's
# packages where they are missing, and this is said first; nothing else is touched.
set -eu

say() { printf 'install-tools: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

cargo=${CARGO:-cargo}
if ! command -v "$cargo" >/dev/null; then
    die "cargo is missing. Install Rust 1.95 or later (https://rustup.rs), open a new shell, and try again"
fi

# A whole program: there are compilers without a C library.
works() {
    command -v cc >/dev/null || return 1
    probe=$(mktemp -d)
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' >"$probe/a.c"
    status=0
    cc -o "$probe/a" "$probe/a.c" 2>/dev/null || status=1
    rm -rf "$probe"
    return $status
}
if works; then
    exit 0
fi

packages='gcc libc6-dev'
command -v apt-get >/dev/null ||
    die "a C compiler (cc) with its headers is missing, and this system has no apt-get: install one yourself"
root=
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
        die "a C compiler is missing. As root: apt-get install $packages"
    root='sudo '
fi
say "no working C compiler. Installing it: ${root}apt-get install --no-install-recommends $packages"
install() {
    # Unquoted on purpose: several words.
    # shellcheck disable=SC2086
    ${root}env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $packages >&2
}
if ! install; then
    say "that failed; is the package index out of date? Fetching it: ${root}apt-get update"
    ${root}apt-get -q update >&2 && install ||
        die "the C compiler could not be installed (above)"
fi
works || die "cc still can't build a program"
