#!/bin/sh
# Makes what a release consists of: the Debian package, the list of what is linked into it (SBOM, CycloneDX), and the
# sums of both. The same commit, compiler and release of the distribution give the same octets, whatever the folders
# are called: tests/equal-builds.sh shows it.
#
#   deploy/dist.sh [ARCHIVE...]
#
# ARCHIVE is a file that is to be summed with the others, such as that of an image. All lies in target/dist; what is
# done is said on standard error.
set -eu

say() { printf 'dist: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
cargo=${CARGO:-cargo}
home=${CARGO_HOME:-$HOME/.cargo}
dist=$root/target/dist
build=$root/target/dist-build

[ -z "$(git status --porcelain)" ] || die "there are changes that are not committed: a release is made of a commit"
# The abbreviation that git would choose depends on what else the repository holds.
BUILD_REVISION=$(git rev-parse --short=12 HEAD)
# C code has the time of its compilation in it, packages have that of their files.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
# Messages of a panic name source files, and assertions in C do.
RUSTFLAGS="--remap-path-prefix=$root=. --remap-path-prefix=$home=cargo"
CFLAGS="-ffile-prefix-map=$root=. -ffile-prefix-map=$home=cargo"
export BUILD_REVISION SOURCE_DATE_EPOCH

rm -rf "$dist"
mkdir -p "$dist"
# A folder of its own, since other flags would build everything anew at the next `make build`.
RUSTFLAGS=$RUSTFLAGS CFLAGS=$CFLAGS CARGO_TARGET_DIR=$build "$cargo" build --release --locked >&2
package=$(sh deploy/debian/build.sh "$build/release/amazon-spoof-milter" "$build/package")
cp "$package" "$dist/"

tool=$root/target/cargo-cyclonedx
version=0.5.9
if ! "$tool/bin/cargo-cyclonedx" cyclonedx --version 2>/dev/null | grep -q "$version\$"; then
    say "installing cargo-cyclonedx $version into $tool"
    "$cargo" install cargo-cyclonedx --version "$version" --locked --quiet --debug --root "$tool" \
        --target-dir "$tool/build" >&2
    rm -rf "$tool/build"
fi
name=amazon-spoof-milter-$(dpkg-deb --field "$package" Version)
host=$(rustc -vV | sed -n 's/^host: //p')
"$tool/bin/cargo-cyclonedx" cyclonedx --quiet --format json --spec-version 1.5 --target "$host" \
    --override-filename dist.cdx
# It names this folder.
sed "s,$root,,g" dist.cdx.json >"$dist/$name.cdx.json"
rm dist.cdx.json

for archive; do cp "$archive" "$dist/"; done
cd "$dist"
sha256sum -- * >SHA256SUMS.new
mv SHA256SUMS.new SHA256SUMS
say "made in $dist:"
cat SHA256SUMS
