#!/bin/sh
# Provides programs of the distribution without installing them: installing a server would start it,
# remove another one, or change what this machine does. The packages, and what they need that this
# system lacks, are unpacked into a folder; nothing outside of it is written, and no root is needed.
#
#   tests/unpack.sh FOLDER PACKAGE...
#
# FOLDER is a path, or a plain name for target/FOLDER beside Cargo.toml. What was unpacked before is
# found there again. FOLDER/run PROGRAM ARGUMENT... starts one of the programs (or any other) so that
# it finds the unpacked libraries, programs and Python modules; it becomes that program, so its
# process id is the program's.
# What is done is said on standard error; the last line of standard output is the folder.
set -eu

say() { printf 'unpack: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

[ $# -ge 2 ] || die "usage: tests/unpack.sh FOLDER PACKAGE..."
folder=$1
shift
wanted=$*
case $folder in
    */*) ;;
    *) folder=$(cd "$(dirname "$0")/.." && pwd)/target/$folder ;;
esac
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# A folder that was moved or copied since names the old place in its paths, and is made anew.
mark="$folder $wanted"
complete() { [ "$(cat "$folder/.complete" 2>/dev/null)" = "$mark" ]; }

if complete; then
    echo "$folder"
    exit 0
fi
for program in apt-get apt-cache dpkg; do
    command -v $program >/dev/null ||
        die "$program is missing; this works on Debian and Ubuntu. Elsewhere install these yourself: $wanted"
done

# Two test programs may come here at the same time: the second waits and finds the work done.
exec 9>"$folder/.lock"
if command -v flock >/dev/null; then flock 9; fi
if complete; then
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

# What apt would add to this system, found by a simulation. Never the C library: a second one beside
# the running loader crashes. What is installed already is not listed, but may be gone from the disk.
plan() {
    # Unquoted on purpose, here and below: one argument a package.
    # shellcheck disable=SC2086
    apt apt-get -s -q --no-install-recommends install $wanted 2>"$work/plan.err" >"$work/plan" || return 1
    {
        sed -n 's/^Inst \([^ :]*\).*/\1/p' "$work/plan"
        printf '%s\n' $wanted
    } | grep -Ev '^libc(6|-bin|-dev-bin|6-dev)$' | sort -u >"$work/packages"
}
download() {
    # shellcheck disable=SC2046
    (cd "$work/deb" && rm -f ./*.deb && apt apt-get -q download $(cat "$work/packages") >&2)
}

# shellcheck disable=SC2086
apt-cache show --no-all-versions $wanted >/dev/null 2>&1 || fetch_index
if ! plan; then
    [ $private = yes ] || { fetch_index; plan; } || {
        cat "$work/plan.err" >&2
        die "apt cannot say what these need here (above): $wanted"
    }
fi
say "unpacking, not installing, into $folder:"
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

for top in "$work"/tree/*; do
    rm -rf "${folder:?}/$(basename "$top")"
    mv "$top" "$folder/"
done
# Every folder with a library in it: some packages keep theirs apart (usr/lib/postfix).
libraries=$(find "$folder/lib" "$folder/usr/lib" -name '*.so*' 2>/dev/null |
    sed 's,/[^/]*$,,' | sort -u | tr '\n' ':' | sed 's/:$//')
cat >"$folder/run" <<END
#!/bin/sh
LD_LIBRARY_PATH='$libraries'
PATH='$folder/usr/bin:$folder/usr/sbin:$folder/bin:$folder/sbin:'\$PATH
PYTHONPATH='$folder/usr/lib/python3/dist-packages'
export LD_LIBRARY_PATH PATH PYTHONPATH
exec "\$@"
END
chmod +x "$folder/run"
printf '%s\n' "$mark" >"$folder/.complete"
echo "$folder"
