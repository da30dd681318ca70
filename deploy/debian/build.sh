#!/bin/sh
# Makes the Debian package of a program that is built already.
#
#   deploy/debian/build.sh [PROGRAM [FOLDER [OPTION OF CARGO-DEB]...]]
#
# PROGRAM is target/release/amazon-spoof-milter if it isn't told. All that is made lies in FOLDER
# (target/package), and cargo-deb, installed if it is missing, in target/cargo-deb. What is done is
# said on standard error; the last line of standard output is the package.
set -eu

say() { printf 'package: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

root=$(cd "$(dirname "$0")/../.." && pwd)
cargo=${CARGO:-cargo}
program=${1:-$root/target/release/amazon-spoof-milter}
folder=${2:-$root/target/package}
shift $(($# < 2 ? $# : 2))
# The version is named so that a package can be made again.
version=3.8.0

tool=$root/target/cargo-deb
mkdir -p "$tool"
exec 9>"$tool/.lock"
if command -v flock >/dev/null; then flock 9; fi
if ! "$tool/bin/cargo-deb" --version 2>/dev/null | grep -qx "cargo-deb $version"; then
    say "installing cargo-deb $version into $tool"
    # It only packs, so it need not be fast; and it needs no compressor of its own.
    "$cargo" install cargo-deb --version "$version" --locked --quiet --debug --no-default-features \
        --root "$tool" --target-dir "$tool/build" >&2
    rm -rf "$tool/build"
fi
exec 9>&-

# cargo-deb looks for what it packs below the folder of the release profile.
rm -rf "$folder"
pages=$folder/release/package
mkdir -p "$pages"
folder=$(cd "$folder" && pwd)
cp "$program" "$folder/release/amazon-spoof-milter"
"$program" man | gzip -9n >"$pages/amazon-spoof-milter.1.gz"
"$program" man configuration | gzip -9n >"$pages/amazon-spoof-milter.toml.5.gz"
for shell in bash zsh fish; do
    "$program" completions "$shell" >"$pages/completions.$shell"
done
gzip -9nc "$root/CHANGELOG.md" >"$pages/changelog.gz"
cd "$root"
"$cargo" tree --locked --edges normal --prefix none --format '{p}: {l}' |
    sed 's/ (.*)//' | sort -u >"$pages/crates.txt"
# cargo-deb asks dpkg-shlibdeps which C library is needed, and does without where it isn't there.
if ! command -v dpkg-shlibdeps >/dev/null; then
    say 'dpkg-shlibdeps is missing: unpacking dpkg-dev'
    tools=$(sh "$root/tests/unpack.sh" dpkg-dev-pkg dpkg-dev | tail -n 1)
    PATH=$PATH:$tools/usr/bin
    PERL5LIB=$(find "$tools/usr/share/perl5" "$tools"/usr/share/perl/5.* "$tools"/usr/lib/*/perl/5.* \
        -maxdepth 0 2>/dev/null | tr '\n' ':')
    export PATH PERL5LIB
fi
# A bare Debian has no xz; what cargo-deb does by itself is slow.
command -v xz >/dev/null || set -- --compress-type gz "$@"
# With a tilde, since 0.2.0-dev comes before 0.2.0 (deb-version(7)).
deb_version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1 | tr - '~')-1
CARGO_TARGET_DIR=$folder "$tool/bin/cargo-deb" --no-build --locked --quiet --deb-version "$deb_version" "$@" >&2
package=$(ls "$folder"/debian/*.deb)
field() { dpkg-deb --field "$package" "$1"; }
case $(field Depends) in
    *'libc6 (>= '*) ;;
    *) die "the package doesn't say which C library it needs: $(field Depends)" ;;
esac
grep -qxF "amazon-spoof-milter ($(field Version)) unstable; urgency=medium" deploy/debian/changelog ||
    die "deploy/debian/changelog has no entry for $(field Version)"
echo "$package"
