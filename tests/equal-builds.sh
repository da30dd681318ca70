#!/bin/sh
# Makes a release twice from the commit that is checked out, in folders and below CARGO_HOMEs of different names, and
# compares the sums. It takes minutes, and the disk twice over.
#
#   tests/equal-builds.sh [FOLDER]
#
# FOLDER (target/equal-builds) has both trees afterwards. Ends with 1 where they differ.
set -eu

say() { printf 'equal-builds: %s\n' "$*" >&2; }

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$root/target/equal-builds}
home=${CARGO_HOME:-$HOME/.cargo}
rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

for tree in one another/and-deeper; do
    say "building in $folder/$tree"
    git clone --quiet "$root" "$folder/$tree"
    # What was downloaded is shared; its path is not.
    mkdir -p "$folder/home-of/$tree"
    for part in registry/index registry/cache config.toml; do
        [ ! -e "$home/$part" ] || (cd "$home" && cp -r --parents "$part" "$folder/home-of/$tree/")
    done
    # Tools that pack are no part of what is packed.
    mkdir "$folder/$tree/target"
    for tool in cargo-deb cargo-cyclonedx; do
        [ ! -d "$root/target/$tool" ] || cp -r "$root/target/$tool" "$folder/$tree/target/"
    done
    CARGO_HOME=$folder/home-of/$tree sh "$folder/$tree/deploy/dist.sh"
done
cmp "$folder/one/target/dist/SHA256SUMS" "$folder/another/and-deeper/target/dist/SHA256SUMS"
say 'both have the same sums'
