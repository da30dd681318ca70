#!/bin/sh
# Makes a container image of a program that is built already, without a daemon and without root.
#
#   deploy/image/build.sh [PROGRAM [FOLDER]]
#
# PROGRAM is target/release/amazon-spoof-milter if it isn't told. FOLDER (target/image) gets:
#
#   oci/                                an OCI layout with one image, tagged with the version
#   amazon-spoof-milter-VERSION.tar     the same as one file (`skopeo copy`, `podman load`, `ctr images import`)
#   sbom.spdx.json                      what is in it (SPDX 2.3); it lies in the image, too
#
# There is nothing in it but the program, the libraries that it is linked to, a user and the list of parts: no shell, no
# package manager. The same program makes the same digest: all times are SOURCE_DATE_EPOCH, by default the commit's.
# What is done is said on standard error; the last line of standard output is the digest.
set -eu
umask 022

say() { printf 'image: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

root=$(cd "$(dirname "$0")/../.." && pwd)
program=${1:-$root/target/release/amazon-spoof-milter}
folder=${2:-$root/target/image}
[ -x "$program" ] || die "there is no program $program: make build"
cargo=${CARGO:-cargo}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
revision=${BUILD_REVISION:-$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 0)}
made=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
case $(uname -m) in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) die "no name is known for this processor, $(uname -m)" ;;
esac
tools=$(sh "$root/tests/unpack.sh" image-pkg umoci skopeo runc bubblewrap golang-github-containers-common | tail -n 1)

rm -rf "$folder"
mkdir -p "$folder/tree"
folder=$(cd "$folder" && pwd)
tree=$folder/tree

say "putting the program and its libraries together"
mkdir -p "$tree/usr/bin" "$tree/etc/amazon-spoof-milter" "$tree/usr/share/doc/amazon-spoof-milter" "$tree/run" "$tree/tmp"
strip -o "$tree/usr/bin/amazon-spoof-milter" "$program"
# The loader stands in the program, the others in what it says that it needs.
ldd "$program" | grep -o '/[^ ]*' | sort -u >"$folder/libraries"
while read -r library; do
    mkdir -p "$tree$(dirname "$library")"
    cp -L "$library" "$tree$library"
done <"$folder/libraries"
cp "$root/LICENSE" "$tree/usr/share/doc/amazon-spoof-milter/"
printf 'milter:x:65532:65532::/nonexistent:/nonexistent\n' >"$tree/etc/passwd"
printf 'milter:x:65532:\n' >"$tree/etc/group"
# Names of stores and resolvers are looked up by the C library.
printf 'hosts: files dns\n' >"$tree/etc/nsswitch.conf"

say "listing what is in it"
package() { # NAME VERSION LICENCE PURL
    printf '    {"SPDXID": "SPDXRef-%s", "name": "%s", "versionInfo": "%s", "licenseDeclared": "%s",\n' \
        "$(printf '%s-%s' "$1" "$2" | tr -c 'A-Za-z0-9.\n-' '-')" "$1" "$2" "$3"
    printf '     "licenseConcluded": "NOASSERTION", "downloadLocation": "NOASSERTION", "filesAnalyzed": false,\n'
    printf '     "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "%s"}]}' "$4"
}
{
    cd "$root"
    "$cargo" tree --locked --offline --edges normal --prefix none --format '{p}|{l}' |
        sed 's/ (.*)|/|/; s/ v\([0-9]\)/|\1/; s#/# OR #g' | sort -u | while IFS='|' read -r name number licence; do
        package "$name" "$number" "${licence:-NOASSERTION}" "pkg:cargo/$name@$number"
        printf '\n'
    done
    while read -r library; do
        # A merged /usr has files under a name that the package doesn't know.
        for path in "$library" "$(readlink -f "$library")" "${library#/usr}"; do
            dpkg-query -S "$path" 2>/dev/null && break
        done
    done <"$folder/libraries" | sed 's/:.*//' | sort -u | while read -r name; do
        number=$(dpkg-query -W -f '${Version}' "$name" 2>/dev/null | head -n 1)
        package "$name" "$number" NOASSERTION "pkg:deb/debian/$name@$number"
        printf '\n'
    done
} | awk 'BEGIN { RS = "}]}\n" } NF { printf "%s%s}]}", (NR > 1 ? ",\n" : ""), $0 } END { print "" }' >"$folder/packages"
{
    printf '{\n  "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",\n'
    printf '  "name": "amazon-spoof-milter-%s",\n' "$version"
    printf '  "documentNamespace": "urn:amazon-spoof-milter:%s:%s",\n' "$version" "$revision"
    printf '  "creationInfo": {"created": "%s", "creators": ["Tool: deploy-image-build.sh"]},\n  "packages": [\n' "$made"
    cat "$folder/packages"
    printf '  ]\n}\n'
} >"$folder/sbom.spdx.json"
cp "$folder/sbom.spdx.json" "$tree/usr/share/doc/amazon-spoof-milter/"
rm -f "$folder/packages" "$folder/libraries"

say "making the image"
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=pax \
    --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime -C "$tree" -cf "$folder/layer.tar" .
rm -rf "$tree"
umoci() { "$tools/run" umoci "$@" >&2; }
image=$folder/oci:$version
umoci init --layout "$folder/oci"
umoci new --image "$image"
umoci raw add-layer --image "$image" --history.created "$made" --history.created_by deploy/image/build.sh "$folder/layer.tar"
umoci config --image "$image" --created "$made" --no-history --architecture "$architecture" --os linux \
    --config.user 65532:65532 --config.entrypoint /usr/bin/amazon-spoof-milter --config.cmd run \
    --config.exposedports 8895/tcp --config.exposedports 9895/tcp --config.stopsignal SIGTERM --config.workingdir / \
    --config.label org.opencontainers.image.title=amazon-spoof-milter \
    --config.label org.opencontainers.image.version="$version" \
    --config.label org.opencontainers.image.revision="$revision" \
    --config.label org.opencontainers.image.created="$made" \
    --config.label org.opencontainers.image.licenses=GPL-3.0-or-later \
    --config.label 'org.opencontainers.image.description=Postfix milter that verifies senders who claim to be Amazon'
# What was written on the way is of no use.
umoci gc --layout "$folder/oci"
rm -f "$folder/layer.tar"
archive=$folder/amazon-spoof-milter-$version.tar
"$tools/run" skopeo --insecure-policy copy --quiet "oci:$image" "oci-archive:$archive:$version" >&2
digest=$("$tools/run" skopeo inspect --format '{{.Digest}}' "oci:$image")
octets=$(find "$folder/oci/blobs" -type f -exec cat {} + | wc -c)
say "$octets octets in $folder/oci"
echo "$digest"
